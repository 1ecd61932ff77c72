"""What was tried: the contrasts by what they isolate, each with its studies by species, phase and outcome."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from kg.errors import plural
from kg.model import Result
from kg.views.report.asked import Asked
from kg.views.report.document import Group, Item, Section, Sentence
from kg.views.report.facts import (
    Fact,
    by_population,
    capital,
    counted,
    grouped,
    listed,
    seen,
    seen_apart,
    studies,
)

_IMPROVED = Result.IMPROVED.value
MOST = 8  # contrasts under a heading, those of most studies
_HEADINGS = {
    "alone": "Added alone",
    "on top": "Added on top of something else",
    "whole": "Combinations tested as a whole, which credits none of their parts",
    "head to head": "Head to head: given instead of something else",
    "otherwise": "The same, given differently",
    "uncontrolled": "Without a control group, which cannot tell what the treatment did",
    "beside": "Given to both sides; what is isolated is something else",
}
_SAID = {
    "head to head": "Improved means better than what it was given instead of, not better than nothing.",
    "otherwise": "Improved means better than the other way of giving it, not better than nothing.",
    "uncontrolled": "Improved means better than before; time, training and chance may have done it.",
}
_CONTRASTS = {"replaces": "head to head", "varies": "otherwise", "before-after": "uncontrolled", "none": "uncontrolled"}
_NOTE = (
    "Counts are of studies; one with several results stands under each of them. Animals and people stand apart, line "
    "by line."
)


def way(fact: Fact, asked: Asked) -> str:
    """Under which heading a finding belongs."""
    if fact.contrast != "adds":
        return _CONTRASTS[fact.contrast]
    if asked.ours and not fact.parts & asked.ours:
        return "beside"
    if len(fact.parts) > 1:
        return "whole"
    return "on top" if fact.on_top_of else "alone"


def isolated(facts: Collection[Fact], asked: Asked) -> list[Fact]:
    """The findings whose contrast adds what was asked about and no more; for a question, all that add something."""
    wanted = {"alone", "on top"} if asked.kind == "therapy" else {"alone", "on top", "whole"}
    return [fact for fact in facts if way(fact, asked) in wanted]


def tried(facts: Collection[Fact], asked: Asked) -> Section:
    """Every contrast of these findings by what it isolates; first of all what nothing isolates."""
    apart = grouped(facts, lambda fact: way(fact, asked))
    groups = [Group("", (_unisolated(facts, asked),))] if not isolated(facts, asked) and facts else []
    groups += _together(isolated(facts, asked), asked)
    for name, heading in _HEADINGS.items():
        groups += _contrasts(Group(heading, note=_SAID.get(name, "")), apart.get(name, ()))
    return Section("tried", "What was tried", _NOTE if facts else "Nothing: no finding here.", tuple(groups))


def _unisolated(facts: Collection[Fact], asked: Asked) -> Item:
    arms = grouped(facts, lambda fact: fact.arm)
    lead = f"No contrast here isolates {asked.name}: nothing that follows can be credited to it. It was given in"
    shown = [Sentence.of(f"{arm}: {seen_apart(some)}.", some) for arm, some in list(arms.items())[:MOST]]
    return Item(f"{lead} {plural(len(arms), 'arm')}.", (*shown, *rest(list(arms.values()), MOST, "arm")))


def _together(facts: Collection[Fact], asked: Asked) -> Iterator[Group]:
    """The members of a class side by side in one count."""
    members = {fact.isolates for fact in facts}
    if asked.kind == "therapy" and len(members) > 1:
        note = f"Counts over {len(members)} therapies of the class, nothing pooled; each stands below or in the table."
        yield Group(
            f"{capital(asked.name)} as a class: any of it added alone or on top of others", tuple(_lines(facts)), note
        )


def _contrasts(heading: Group, facts: Sequence[Fact]) -> Iterator[Group]:
    """The heading, then each contrast under one of its own; those that take one line share one.

    Of contrasts with as many studies, those with a null or harm come first: a cut hides them last.
    """
    apart = grouped(facts, lambda fact: (fact.isolates, fact.on_top_of, fact.instead_of)).values()
    groups = sorted(apart, key=lambda some: (-studies(some), all(fact.result == _IMPROVED for fact in some)))
    if groups:
        yield heading
    made = [(some, tuple(_lines(some))) for some in groups[:MOST]]
    long = [(some, lines) for some, lines in made if len(lines) > 1]
    for some, lines in long:
        yield Group(_named(some[0]), lines, _against(some), level=4)
    short = [Item(f"{capital(_named(some[0]))}.", _one(some, *lines)) for some, lines in made if len(lines) == 1]
    if more := rest(groups, MOST, "contrast"):
        short.append(Item("", more))
    yield Group("Others" if long and short else "", tuple(short), level=4)


def _one(facts: Sequence[Fact], line: Item) -> tuple[Sentence, ...]:
    """The line of a contrast that has but one, what it is compared with in front."""
    said = (_against(facts), line.lead)
    return (Sentence(" ".join(part for part in said if part)), *line.sentences)


def _against(facts: Sequence[Fact]) -> str:
    """What stands on the other side, where that is not plain from the name."""
    others = {fact.comparator for fact in facts}
    plain = others == {" + ".join(facts[0].on_top_of or facts[0].instead_of)}
    return "" if plain else f"Against {listed(others)}."


def _named(fact: Fact) -> str:
    base = f" on top of {' + '.join(fact.on_top_of)}" if fact.on_top_of else ""
    other = f" instead of {' + '.join(fact.instead_of)}" if fact.instead_of else ""
    return f"{fact.isolates}{base}{other}"


def _lines(facts: Collection[Fact]) -> Iterator[Item]:
    for some in by_population(facts).values():
        for where, here in grouped(some, lambda fact: fact.where).items():
            domains = grouped(here, lambda fact: fact.domain)
            if studies(here) == 1:
                yield Item(f"{where}, 1 study.", tuple(_of_one(domains)))
                continue
            lead = f"{where}, {seen(here)}." if len(domains) > 1 else f"{where}."
            yield Item(lead, tuple(Sentence.of(f"{capital(d)} in {counted(all)}.", all) for d, all in domains.items()))


def _of_one(domains: Mapping[str, Collection[Fact]]) -> Iterator[Sentence]:
    """What one study saw: the domains of outcome that share their results in one sentence."""
    shared: dict[str, list[str]] = {}
    for domain, some in domains.items():
        shared.setdefault(counted(some).removeprefix("1 study: "), []).append(domain)
    for result, names in shared.items():
        some = [fact for name in names for fact in domains[name]]
        yield Sentence.of(f"{capital(listed(names, len(names)))}: {result}.", some)


def rest(groups: Sequence[Collection[Fact]], most: int, word: str) -> tuple[Sentence, ...]:
    """What is left out beyond the first groups, as one sentence."""
    more = [fact for some in groups[most:] for fact in some]
    told = plural(len(groups) - most, f"more {word}", f"more {word}s")
    return (Sentence.of(f"And {told} in the table at the end.", more),) if more else ()
