"""The page of barriers: harms first, then covers and what a set leaves open, the matrix, each barrier's evidence."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence

from kg import graph
from kg.errors import KgError, plural
from kg.store import Store
from kg.synthesis.combos import coverage, covers
from kg.synthesis.combos.coverage import Cell, Coverage, Kind, Line, State
from kg.synthesis.combos.covers import Cover, Covers
from kg.synthesis.combos.known import NOTHING, Known, Scope, Votes, ordered
from kg.synthesis.combos.together import Given
from kg.synthesis.directions import WORDS
from kg.views.combos import harms
from kg.views.combos.pages import page
from kg.views.combos.tried import saw
from kg.views.plots import facts as counting
from kg.views.plots.asked import Asked
from kg.views.plots.coverage import Strip
from kg.views.plots.coverage import coverage as drawn
from kg.views.report import Report
from kg.views.report.document import Drawing, Group, Item, Section, Sentence
from kg.views.report.facts import capital, listed

_TITLE = "Which therapies cover which barriers of the injured cord"
_DIRECTIONS = "Where no printed numbers are named, the papers tell directions only."
_PEOPLE = "Some cells count animals and people together; ask for a species to see them apart."
_HARMED = "Of every phase, species and outcome, of the therapy or one below it, alone or with others."
_TIERS = {
    "T1": "some papers print means, spreads and sizes of groups",
    "T2": "some papers print means and a test",
    "T3": "some papers print means without a spread",
    "T5": "no direction can be called",
}
_UNDER = {
    Kind.PROBE: "Probes, no therapies",
    Kind.WHOLE: "Measured of a combination as a whole",
    Kind.UNION: "Union of the parts, framed where any part covers",
}
_LINES = "therapies and sets"
_SEVERAL = "A study stands under each result it saw."


def barriers(
    store: Store, known: Known, found: Coverage, scope: Scope, command: Sequence[str], made: Covers | None = None,
    notes: Sequence[str] = (),
) -> Report:  # fmt: skip
    """The page of a matrix and, where some were asked for, of covers; `notes` are what has to be said beside them."""
    within = f" ({scope.words})" if scope.words else ""
    lines = plural(len(found.lines), "therapy or set", _LINES)
    asked = f"What was measured of {lines} on {plural(len(found.barriers), 'barrier')}{within}."
    everybody = ((line.name, line.harms) for line in _everybody(found, made))
    before = [harms.section(known, everybody, "these therapies", _HARMED), _rule(found)]
    before += [_covers(known, made, notes)] if made else []
    before += [unions(known, found)] if any(line.kind is Kind.UNION for line in found.lines) else []
    after = [_barrier(known, found, id) for id in (made.barriers if made else found.barriers)]
    return page(store, _TITLE, asked, command, before, [drawing(store, known, found, scope, command)], after)


def told(made: Covers, known: Known, scope: Scope, limit: int, species_least: int = 0, size: int | None = None) -> str:
    """What has to be said beside covers: why there is none, or that there may be more; empty where nothing has."""
    where = f" within {scope.words}" if scope.words else ""
    if made.nobody:
        names = ", ".join(known.vocab.label("barrier", id) for id in made.nobody)
        rest = " ".join(f"--cover {id}" for id in made.barriers if id not in made.nobody)
        return f"no set covers {names}: no therapy here does{where}" + (f"; ask without: {rest}" if rest else "")
    if not made.covers:
        least = f" with improving findings on {species_least} species together" if species_least > 1 else ""
        of = f" of {size}" if size else ""
        return f"no set{of} of unrelated therapies, each of them needed, covers all of these{where}{least}"
    return f"the first {limit} sets; --limit shows more" if len(made.covers) == limit else ""


def _everybody(found: Coverage, made: Covers | None) -> list[Line]:
    """Every single therapy that the page speaks of."""
    lines = {line.name: line for line in found.lines if len(line.members) == 1}
    if made:
        lines |= {made.lines[id].name: made.lines[id] for cover in made.covers for id in cover.members}
    return list(lines.values())


def _rule(found: Coverage) -> Section:
    said = [coverage.RULE, coverage.EMPTY, _DIRECTIONS, *([_PEOPLE] if found.mixes_people else [])]
    return Section("rule", "When a barrier is covered", " ".join(said))


def _covers(known: Known, made: Covers, notes: Sequence[str]) -> Section:
    items = tuple(
        Item(f"{place}. {capital(known.named(cover.members))}.", tuple(_cover(known, made, cover)))
        for place, cover in enumerate(made.covers, start=1)
    )
    asked = listed((known.vocab.label("barrier", id) for id in made.barriers), len(made.barriers))
    note = " ".join([covers.ORDER, *(f"{capital(note)}." for note in notes if note)])
    return Section("covers", f"Sets that cover {asked}", note, (Group("", items),) if items else ())


def _cover(known: Known, made: Covers, cover: Cover) -> Iterator[Sentence]:
    if cover.harms:
        yield harms.worsened(known, cover.harms, "Harms of its members: ")
    for id in made.barriers:
        yield from _carried(known, id, cover.carried[id], made.lines[cover.carried[id]].cells[id])
    if idle := [id for id in cover.members if id not in cover.carried.values()]:
        yield Sentence(f"There for the species: {'; '.join(known.named([id]) for id in idle)}.")
    others = [fact.finding for fact in cover.facts if fact.finding not in _carrying(made, cover)]
    if others:
        some = ordered(fact for fact in cover.facts if fact.finding in others)
        yield Sentence(f"Beside that, {plural(len(some), 'finding')} of its members on these barriers.", some)
    yield Sentence(f"Improving findings on: {known.labels('species', cover.species) or 'no stated species'}.")
    if cover.together is not Given.ONE:
        yield Sentence(f"{_TOGETHER[cover.together]}.", cover.together_findings)


_TOGETHER = {
    Given.TRIED: "All of it was given together",
    Given.PERHAPS: "Perhaps given together: an arm names only a class of a member",
    Given.NEVER: "Never given together here",
}


def _carried(known: Known, barrier: str, id: str, cell: Cell) -> Iterator[Sentence]:
    label = known.vocab.label("barrier", barrier)
    yield Sentence(f"{capital(label)} by {known.named([id])}: {_cast(cell.votes)}.", ordered(cell.facts))


def _carrying(made: Covers, cover: Cover) -> frozenset[str]:
    cells = (made.lines[id].cells[barrier] for barrier, id in cover.carried.items())
    return NOTHING.union(*(frozenset(fact.finding for fact in cell.facts) for cell in cells))


def _cast(votes: Votes) -> str:
    """One vote a study, in words."""
    low = f", lower bound {votes.lower:.0%}" if votes.improved else ""
    return f"{votes.improved} of {plural(votes.whole, 'vote')} for benefit{low}{_against(votes)}"


def _against(votes: Votes) -> str:
    words = {word: votes.counts.get(word, 0) for word in WORDS[1:]}
    told = [f"{n} {word.value}" for word, n in words.items() if n] + ([f"{votes.tied} tied"] if votes.tied else [])
    return f" ({', '.join(told)})" if told else ""


def unions(known: Known, found: Coverage) -> Section:
    """What each set covers by any of its members, and what stays open."""
    sets = [line for line in found.lines if line.kind is Kind.UNION]
    groups = tuple(Group(f"{capital(line.name)}", tuple(_united(known, line, found.barriers))) for line in sets)
    note = "A barrier that any member covers by itself; nothing is pooled, and no set is said to work together by it."
    return Section("union", "What a set covers, and what stays open", note, groups)


def _united(known: Known, line: Line, barriers: Iterable[str]) -> Iterator[Item]:
    """What is covered, then what is open all the same, then what nobody measured, in one line."""
    cells = {known.vocab.label("barrier", id): line.cells[id] for id in barriers}
    for name, cell in sorted(cells.items(), key=lambda pair: not pair[1].covered):
        if cell.facts:
            said = f"covered by {known.named(cell.carriers)}" if cell.covered else f"open: {cell.state.value}"
            yield Item(f"{capital(name)}.", (Sentence(f"{capital(said)}.", ordered(cell.facts)),))
    if unseen := [name for name, cell in cells.items() if not cell.facts]:
        yield Item("Open, nobody measured.", (Sentence(f"{capital(listed(unseen, len(unseen)))}."),))


def _barrier(known: Known, found: Coverage, barrier: str) -> Section:
    """Who has evidence: first where something stands against it, then where only benefit was seen."""
    lines = [line for line in found.lines if line.kind is not Kind.UNION]
    against = [line for line in lines if line.cells[barrier].votes.against or _uncalled(line.cells[barrier])]
    benefit = [line for line in lines if line.cells[barrier].facts and line not in against]
    groups = [
        Group(heading, tuple(Item(f"{_titled(line)}.", tuple(_cell(known, line.cells[barrier]))) for line in some))
        for heading, some in (("With nulls, harms or results that cannot be called", against), ("Improved", benefit))
        if some
    ]
    empty = len(lines) - len(against) - len(benefit)
    unseen = f" Nobody measured it for {empty} of the {plural(len(lines), 'therapy or set', _LINES)} here."
    note = f"{_SEVERAL}{unseen if empty else ''}"
    return Section(f"barrier-{barrier}", capital(known.vocab.label("barrier", barrier)), note, tuple(groups))


def _uncalled(cell: Cell) -> bool:
    return cell.state is State.UNCALLED


def _titled(line: Line) -> str:
    return capital(line.name) + ("" if line.kind is Kind.THERAPY else f" ({line.kind.value})")


def _cell(known: Known, cell: Cell) -> Iterator[Sentence]:
    yield from saw(known, cell.facts)
    cast = f": {_cast(cell.votes)}" if cell.votes.whole else ""
    tier = f"; {_TIERS[cell.tier]}" if cell.tier in _TIERS else ""
    yield Sentence(f"{capital(cell.state.value)}{cast}{tier}.")


def drawing(store: Store, known: Known, found: Coverage, scope: Scope, command: Sequence[str]) -> Drawing:
    """The matrix as a picture."""
    keys = {fact.finding for line in found.lines for fact in line.facts}
    evidence = graph.evidence(store, keys)
    labels = {id: known.vocab.label("barrier", id) for id in found.barriers}
    strips = [
        Strip(
            capital(line.name),
            frozenset(fact.finding for fact in line.facts),
            frozenset(labels[id] for id in line.covered),
            _UNDER.get(line.kind, ""),
        )
        for line in found.lines
        if line.facts
    ]
    asked = Asked(evidence, counting.read(evidence), store.about, subject=scope.words)
    again = shlex.join([*command, "-o", "page.html"])
    try:
        picture = drawn(asked, strips, [*labels.values()])
    except KgError as error:
        return Drawing("Barriers by therapy", None, f"No picture: {error}.", again)
    return Drawing("Barriers by therapy", picture, picture.note, again)
