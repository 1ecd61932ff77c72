"""What stands beside the results: where papers disagree, who else saw it, and which harms were looked for."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from kg.errors import plural
from kg.model import Result
from kg.views.report.asked import Asked
from kg.views.report.document import Group, Item, Section, Sentence
from kg.views.report.facts import RESULTS, Fact, by_population, capital, counted, grouped, listed, seen, studies
from kg.views.report.tried import isolated, rest

MOST = 10  # lines of a list; the rest is in the table
_IMPROVED, _UNDETERMINED = Result.IMPROVED.value, Result.UNDETERMINED.value
_OTHERWISE = {
    "replaces": "head to head",
    "varies": "given differently",
    "before-after": "against the time before",
    "none": "without a comparator",
}
_HARMS = ("safety", "pain", "spasticity")
_SAW = dict(zip(RESULTS, ("improved", "no difference", "worsened", "mixed", "cannot be called"), strict=True))


def contradictions(facts: Collection[Fact], asked: Asked) -> Section:
    """Where papers disagree about what is isolated, in the same phase and domain of outcome."""
    groups = grouped(isolated(facts, asked), lambda fact: (fact.isolates, fact.domain, fact.phase))
    found = [some for some in groups.values() if _disagree(some)]
    items = tuple(Item("", (_contradiction(some),)) for some in found[:MOST])
    more = rest(found, MOST, "contradiction")
    note = (
        "Two papers isolate the same thing in the same phase and domain of outcome, and one of them saw an "
        "improvement, the other none. Models, doses and measures may differ: read them side by side."
    )
    if not found:
        note = "No two papers here disagree about the same contrast, phase and domain of outcome; most stand alone."
    return Section("contradictions", "Where papers disagree", note, (Group("", (*items, *_items(more))),))


def _items(sentences: Collection[Sentence]) -> tuple[Item, ...]:
    return tuple(Item("", (sentence,)) for sentence in sentences)


def _disagree(facts: Collection[Fact]) -> bool:
    good = {fact.paper for fact in facts if fact.result == _IMPROVED}
    other = {fact.paper for fact in facts if fact.result not in (_IMPROVED, _UNDETERMINED)}
    return bool(good and other and len(good | other) > 1)


def _contradiction(facts: Collection[Fact]) -> Sentence:
    one = next(iter(facts))
    called = [fact for fact in facts if fact.result != _UNDETERMINED]
    order = [*RESULTS[1:4], RESULTS[0]]
    by_result = [(result, [fact for fact in called if fact.result == result]) for result in order]
    told = [f"{_SAW[result]} in {_by_species(some)}" for result, some in by_result if some]
    return Sentence.of(f"{capital(one.isolates)}, {one.domain}, {one.phase}: {'; '.join(told)}.", called)


def _by_species(facts: Collection[Fact]) -> str:
    return ", ".join(f"{seen(some)} ({name})" for name, some in grouped(facts, lambda fact: fact.species).items())


def replication(facts: Collection[Fact], asked: Asked) -> Section:
    """What more than one named laboratory looked at in the same species and domain."""
    groups = grouped(isolated(facts, asked), lambda fact: (fact.isolates, fact.domain, fact.species))
    found = [some for some in groups.values() if len(_laboratories(some)) > 1]
    single = sum(studies(some) == 1 for some in groups.values())
    note = "The same contrast, species and domain of outcome from more than one named laboratory. "
    note += f"{single:,} of {plural(len(groups), 'set')} of contrast, species and domain "
    note += f"{'rests' if single == 1 else 'rest'} on a single study."
    if not found:
        note = (
            "Nothing here was looked at by two laboratories that are named. A laboratory is known for some papers only."
        )
    items = tuple(Item("", (_replicated(some),)) for some in found[:MOST])
    more = _items(rest(found, MOST, "line"))
    return Section("replication", "Seen by more than one laboratory", note, (Group("", (*items, *more)),))


def _laboratories(facts: Collection[Fact]) -> set[str]:
    return {fact.laboratory for fact in facts} - {""}


def _replicated(facts: Collection[Fact]) -> Sentence:
    one, laboratories = next(iter(facts)), len(_laboratories(facts))
    told = f"{capital(one.isolates)}, {one.domain}, {one.species}, {laboratories} laboratories, {counted(facts)}."
    return Sentence.of(told, facts)


def harms(facts: Collection[Fact]) -> Section:
    """Outcomes of safety, pain and spasticity and those that measure tumour risk, harms seen first."""
    looked = [fact for fact in facts if fact.domain in _HARMS or fact.tumour]
    note = (
        "Safety, pain, spasticity and tumour risk, by what the contrast isolates; what a combination showed is "
        "charged to none of its parts. A harm not listed stands in no finding here, which does not make it absent."
    )
    if not looked:
        note = "No finding here looked for a harm (safety, pain, spasticity, tumours). That does not make it safe."
    groups = [Group(name, tuple(_harms(some))) for name, some in by_population(looked).items()]
    return Section("harms", "Harms that were looked for", note, tuple(groups))


def _harms(facts: Collection[Fact]) -> Iterator[Item]:
    groups = grouped(facts, lambda fact: (fact.outcome, fact.species, fact.isolates, _judged(fact)))
    order = sorted(groups.values(), key=lambda some: not any(_harmed(fact) for fact in some))
    for some in order[:MOST]:
        yield Item("", (_harm(some),))
    yield from _items(rest(order, MOST, "line"))


def _harmed(fact: Fact) -> bool:
    return fact.result == Result.WORSENED.value


def _judged(fact: Fact) -> bool:
    return fact.contrast == "adds"


def _harm(facts: Collection[Fact]) -> Sentence:
    one = next(iter(facts))
    how = "" if _judged(one) else f" ({listed(_OTHERWISE[fact.contrast] for fact in facts)})"
    return Sentence.of(f"{capital(one.outcome)}, {one.species}, {one.isolates}{how}, {counted(facts)}.", facts)
