"""What comes first: how weak the evidence is, and where it saw no difference or a worsening."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from kg.errors import plural
from kg.model import Result
from kg.views.report.document import Group, Item, Section, Sentence
from kg.views.report.facts import NOT_STATED, Fact, by_population, capital, grouped, listed, seen, studies

_NULL, _WORSE = Result.NO_DIFFERENCE.value, Result.WORSENED.value
_ALSO = {
    _NULL: "saw no difference in an outcome",
    _WORSE: "saw a worsening",
    Result.MIXED.value: "saw mixed results",
    Result.UNDETERMINED.value: "saw something that cannot be called better or worse",
    Result.IMPROVED.value: "saw an improvement in an outcome",
}
_Test = Callable[[Fact], bool]
_WEAK: Mapping[tuple[str, str], _Test] = {
    ("states no phase of injury", "state no phase of injury"): lambda fact: fact.phase == NOT_STATED,
    ("states no size of a group", "state no size of a group"): lambda fact: _unsized(fact),
    ("prints no p value", "print no p value"): lambda fact: fact.about.get("p") in (None, ""),
    ("has no comparator at all", "have no comparator at all"): lambda fact: fact.contrast == "none",
    ("compares only with the time before", "compare only with the time before"): lambda f: f.contrast == "before-after",
}
_READ: Mapping[tuple[str, str], _Test] = {
    ("was read in an abstract", "were read in an abstract"): lambda fact: _short(fact),
    ("waits for a second reader", "wait for a second reader"): lambda fact: fact.about.get("status") == "unreviewed",
    ("is disputed", "are disputed"): lambda fact: fact.about.get("status") == "disputed",
    ("was taken over, not curated", "were taken over, not curated"): lambda fact: fact.about.get("origin") != "curated",
}


def limits(facts: Collection[Fact], left_out: int) -> Section:
    """How many findings and studies there are and what they do not tell, animals and people apart."""
    gone = f"{plural(left_out, 'finding')} withdrawn or of a retracted paper {_is(left_out)} left out."
    note = "Read this before any result." + (f" {gone}" if left_out else "")
    groups = [Group(name, tuple(_limits(some))) for name, some in _apart(facts)]
    return Section("limits", "Limits first", note, tuple(groups))


def _apart(facts: Collection[Fact]) -> list[tuple[str, list[Fact]]]:
    return list(by_population(facts).items())


def _is(n: int) -> str:
    return "is" if n == 1 else "are"


def _limits(facts: Collection[Fact]) -> Iterator[Item]:
    yield Item("", (Sentence.of(_size(facts), facts),))
    apart = [(words, [fact for fact in facts if fact.result == result]) for result, words in _ALSO.items()]
    told = (Sentence.of(f"{studies(some):,} of {seen(facts)} {words}.", some) for words, some in apart if some)
    yield Item("Results, whatever the contrast isolates.", tuple(told))
    for lead, tests in (("What they do not say.", _WEAK), ("How they were read.", _READ)):
        if sentences := tuple(_weak(facts, tests)):
            yield Item(lead, sentences)


def _weak(facts: Collection[Fact], tests: Mapping[tuple[str, str], _Test]) -> Iterator[Sentence]:
    for (one, many), weak in tests.items():
        if some := [fact for fact in facts if weak(fact)]:
            yield Sentence.of(f"{_of(some, facts)} {one if len(some) == 1 else many}.", some)


def _short(fact: Fact) -> bool:
    return fact.locator.casefold().startswith("abstract")


def _of(some: Collection[Fact], facts: Collection[Fact]) -> str:
    return f"{len(some):,} of {plural(len(facts), 'finding')}"


def _size(facts: Collection[Fact]) -> str:
    papers, laboratories = {fact.paper for fact in facts}, {fact.laboratory for fact in facts} - {""}
    told = f"{plural(len(facts), 'finding')} of {seen(facts)} in {plural(len(papers), 'paper')}"
    nameless = studies(fact for fact in facts if not fact.laboratory)
    if not laboratories:
        return f"{told}; no laboratory is named here, so independent replication cannot be told."
    rest = f"; {plural(nameless, 'study names', 'studies name')} none here" if nameless else ""
    return f"{told}, from {plural(len(laboratories), 'named laboratory', 'named laboratories')}{rest}."


def _unsized(fact: Fact) -> bool:
    sizes = (fact.about.get("n_arm"), fact.about.get("n_comparator"))
    return sizes[0] is None or (sizes[1] is None and fact.contrast != "none")


def nulls(facts: Collection[Fact], of: str) -> Section:
    """Where no difference or a worsening was seen, by domain of outcome and species; `of` says in which findings."""
    against = [fact for fact in facts if fact.result in (_NULL, _WORSE)]
    note = f"In {of}. A study that saw both a null and a benefit stands here and below."
    if not against:
        note = f"In {of}: no finding of no difference and none of a worsening. Nulls are published less often."
    groups = [Group(name, tuple(_nulls(some))) for name, some in _apart(against)]
    return Section("nulls", "No difference, or worse", note, tuple(groups))


def _nulls(facts: Collection[Fact]) -> Iterator[Item]:
    for domain, some in grouped(facts, lambda fact: fact.domain).items():
        made = [_null(species, all) for species, all in grouped(some, lambda fact: fact.species).items()]
        yield Item(f"{capital(domain)}.", tuple(sentence for sentences in made for sentence in sentences))


def _null(species: str, facts: Collection[Fact]) -> Iterator[Sentence]:
    for result, words in ((_WORSE, "a worsening of"), (_NULL, "no difference in")):
        if some := [fact for fact in facts if fact.result == result]:
            outcomes = listed(fact.outcome for fact in some)
            yield Sentence.of(f"{capital(species)}: {seen(some)} saw {words} {outcomes}.", some)
