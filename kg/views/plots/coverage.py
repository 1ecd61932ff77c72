"""Therapies by barriers of the injured cord: who has measured evidence on which, what covers it, and what is empty."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.errors import KgError, plural
from kg.model import Contrast, Result
from kg.synthesis.combos import known
from kg.synthesis.combos.parts import covered
from kg.views.plots import facts, letters, signs
from kg.views.plots.asked import SHARED, Asked, showing, total
from kg.views.plots.canvas import INK, LINE, MARGIN, PAPER, SHEET, SOFT, Canvas, Picture
from kg.views.plots.facts import COMBINATION, Fact
from kg.views.plots.letters import BODY, SMALL

if TYPE_CHECKING:
    from kg.graph import Graph

ROW = 4.7
MOST_ROWS = 40
HEAD = 28.0
CELL = 8.0  # millimetres
TITLE = "Measured evidence on barriers of the injured cord"
COVERED = "Framed is covered: more studies vote for benefit than say anything else, one vote a study"
EMPTY = "Empty means that nobody measured it here, not that there is no effect"


@dataclass(frozen=True, slots=True)
class Strip:
    """A row to draw: its findings, the barriers (by label) that it covers, and the heading that it stands under."""

    name: str
    findings: frozenset[str]
    covers: frozenset[str]
    group: str = ""


def coverage(asked: Asked, strips: Sequence[Strip] = (), barriers: Sequence[str] = ()) -> Picture:
    """Therapy by barrier; of single therapies by class where no rows are given. `barriers` are labels of columns.

    Raises KgError where no finding that adds a single therapy measures a barrier.
    """
    measured = _measured(asked.graph)
    found = [fact for fact in asked.facts if fact.contrast == Contrast.ADDS and fact.outcome_node in measured]
    rows = list(strips) or _strips([fact for fact in found if fact.group != COMBINATION], measured)
    if not rows:
        raise KgError("no finding here that adds a single therapy measures a barrier; ask for another therapy or phase")
    shown = list(strips[:MOST_ROWS]) or _by_class(rows[:MOST_ROWS])
    drawn = [fact for fact in found if any(fact.finding in strip.findings for strip in shown)]
    columns = list(barriers) or sorted({label for fact in drawn for label in measured[fact.outcome_node]})
    canvas = asked.canvas("coverage", TITLE)
    _keys(canvas)
    _table(canvas, shown, columns, drawn, measured)
    notes = [
        showing(len(shown), len(rows), "therapies", "those that cover most"),
        "Studies by result; only contrasts that add the therapy count", SHARED, COVERED, EMPTY,
        "" if barriers else "What has no column was measured by nobody here",
    ]  # fmt: skip
    return asked.finish(canvas, TITLE, notes, total(drawn))


def _measured(graph: Graph) -> dict[str, tuple[str, ...]]:
    """The labels of the barriers that each outcome measures."""
    found: dict[str, list[str]] = {}
    for outcome, barrier, about in graph.edges(data=True):
        if about.get("kind") == "measures":
            found.setdefault(outcome, []).append(str(graph.nodes[barrier].get("label") or barrier))
    return {outcome: tuple(sorted(labels)) for outcome, labels in found.items()}


def _strips(found: Iterable[Fact], measured: Mapping[str, Sequence[str]]) -> list[Strip]:
    """A row for each therapy, those that cover most first, then those with most studies."""
    groups = facts.grouped(found, lambda fact: fact.therapy)
    made = [
        Strip(name, frozenset(facts.ids(some)), frozenset(_covers(some, measured)), some[0].group)
        for name, some in groups.items()
    ]
    return sorted(made, key=lambda strip: (-len(strip.covers), -facts.studies(groups[strip.name]), strip.name))


def _covers(found: Sequence[Fact], measured: Mapping[str, Sequence[str]]) -> set[str]:
    labels = {label for fact in found for label in measured[fact.outcome_node]}
    return {
        label
        for label in labels
        if covered(known.votes(_voting(fact) for fact in found if label in measured[fact.outcome_node]))
    }


def _voting(fact: Fact) -> known.Fact:
    """A finding as votes see it: its study and its result."""
    nothing, result = known.NOTHING, Result(fact.result)
    return known.Fact(
        finding=fact.finding, study=fact.study, result=result, against_arm=fact.comparator, members=nothing,
        comparator=nothing, isolates=nothing, contrast=fact.contrast, phase=fact.phase, species=fact.species,
        outcome=fact.outcome_node, domain=fact.domain, day=fact.day,
    )  # fmt: skip


def _by_class(strips: Sequence[Strip]) -> list[Strip]:
    """The rows of a class one below the other, classes in the order of their first rows."""
    groups = list(dict.fromkeys(strip.group for strip in strips))
    return sorted(strips, key=lambda strip: groups.index(strip.group))


def _table(
    canvas: Canvas, strips: Sequence[Strip], columns: Sequence[str], found: Sequence[Fact],
    measured: Mapping[str, Sequence[str]],
) -> None:  # fmt: skip
    room = canvas.right - MARGIN - CELL * len(columns)  # for the names: what the narrowest good cells leave
    left = MARGIN + (min(max(30.0, room), 56.0) if canvas.narrow else 56.0)
    wide = min((canvas.right - left) / len(columns), 15.0)
    _heads(canvas, columns, left, wide)
    group, gaps = "", list[tuple[float, float]]()
    for number, strip in enumerate(strips):
        if strip.group != group:
            group = strip.group
            canvas.text(
                MARGIN, canvas.y + 2.2, letters.fit(group, canvas.right - MARGIN, SMALL, True), SMALL, bold=True
            )
            canvas.y += 4.0
        _row(canvas, number, strip, left, wide * len(columns))
        for place, column in enumerate(columns):
            x = left + place * wide
            some = [f for f in found if f.finding in strip.findings and column in measured[f.outcome_node]]
            if some:
                _cell(canvas, strip, column, some, x, wide)
            else:
                gaps.append((x, canvas.y))
        canvas.y += ROW
    _gaps(canvas, gaps, wide)
    canvas.y += 1.5


def _heads(canvas: Canvas, columns: Sequence[str], left: float, wide: float) -> None:
    size = SMALL if canvas.narrow else BODY
    canvas.y += max(letters.wide(letters.fit(column, HEAD, size), size) for column in columns) + 1
    for place, column in enumerate(columns):
        canvas.text(left + (place + 0.5) * wide, canvas.y, letters.fit(column, HEAD, size), size, turn=90)
    canvas.y += 1.0


def _row(canvas: Canvas, number: int, strip: Strip, left: float, wide: float) -> None:
    size = SMALL if canvas.narrow else BODY
    if number % 2 == 0:
        canvas.rect(MARGIN, canvas.y, left - MARGIN + wide, ROW, SHEET)
    words = letters.fit(strip.name, left - MARGIN - 1.5, size)
    canvas.text(left - 1.5, canvas.y + ROW / 2, words, size, align="right")


def _cell(canvas: Canvas, strip: Strip, column: str, found: Sequence[Fact], x: float, wide: float) -> None:
    """The number of studies over a bar of their shares; framed where the barrier is covered."""
    room, y = min(wide - 0.8, 9.0), canvas.y
    x += (wide - room) / 2
    said = "; covered" if column in strip.covers else "; not covered"
    with canvas.mark(f"{strip.name}, {column}: {facts.counted(found)}{said}", facts.ids(found)):
        if column in strip.covers:
            canvas.rect(x - 0.25, y + 0.15, room + 0.5, ROW - 0.3, PAPER, edge=INK, thick=0.7)
        canvas.text(x + room / 2, y + 1.4, str(facts.studies(found)), SMALL, align="center")
        signs.bar(canvas, found, x + 0.3, y + ROW - 1.95, room - 0.6, 1.4)


def _gaps(canvas: Canvas, places: Sequence[tuple[float, float]], wide: float) -> None:
    """Empty cells: plain paper with a thin edge."""
    room = min(wide - 0.8, 9.0)
    if places:
        with canvas.mark(f"{plural(len(places), 'empty cell')}: nobody measured here"):
            for x, y in places:
                canvas.rect(x + (wide - room) / 2, y + 0.5, room, ROW - 1, PAPER, edge=LINE, thick=0.3)


def _keys(canvas: Canvas) -> None:
    signs.legend(canvas, signs.blocks(canvas), "Result")
    framed, empty = (_key(canvas, *look) for look in ((INK, 0.7), (SOFT, 0.3)))
    signs.legend(canvas, [(framed, "covered"), (empty, "nobody measured")], "Number of studies over their results")


def _key(canvas: Canvas, edge: str, thick: float) -> Callable[[float, float], None]:
    return lambda x, y: canvas.rect(x, y - 1.2, 4, 2.4, PAPER, edge=edge, thick=thick)
