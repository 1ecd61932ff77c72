"""Two tables of studies split by result: the evidence gap map, and the ladder from mouse to people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from kg.errors import KgError, plural
from kg.views.plots import facts, letters, signs
from kg.views.plots.asked import SHARED, Asked, showing, total
from kg.views.plots.canvas import INK, LINE, MARGIN, SHEET, SOFT, Canvas, Picture
from kg.views.plots.facts import COMBINATION, PHASES, RUNGS, Fact
from kg.views.plots.letters import BODY, SMALL

ROW = 4.7
MOST_ROWS = 40
Cells = Mapping[tuple[str, str], Sequence[Fact]]


def gap_map(asked: Asked) -> Picture:
    """Therapy class by outcome domain, one panel a phase."""
    if not asked.facts:
        raise KgError("there is no finding to map; ask for another therapy or phase")
    title = "Evidence gap map: therapy class, outcome domain and phase of injury"
    canvas = asked.canvas("gap-map", title)
    row, word = _rows(asked.facts)
    rows, known = _most(facts.grouped(asked.facts, row))
    drawn = [fact for fact in asked.facts if row(fact) in rows]
    columns = facts.busiest(facts.grouped(drawn, lambda fact: fact.domain))
    _keys(canvas)
    heads = True
    for phase in PHASES:
        panel = [fact for fact in drawn if fact.phase == phase]
        if panel:
            _panel(canvas, phase, panel, rows, columns, row, heads)
            heads = False
    notes = [
        f"Studies by result; rows are {word}, panels the phase that the paper states", SHARED,
        "A combination credits none of its parts and stands in a row of its own; a ring is a gap",
        showing(len(rows), known, word, "those with most studies"),
    ]  # fmt: skip
    return asked.finish(canvas, title, notes, total(drawn))


def _rows(found: Sequence[Fact]) -> tuple[Callable[[Fact], str], str]:
    """What a row is: a class, or where there are hardly any classes a single therapy."""
    classes = {fact.group for fact in found} - {COMBINATION}
    if len(classes) > 2:
        return lambda fact: _class_row(fact), "therapy classes"
    return lambda fact: _class_row(fact) if fact.group == COMBINATION else fact.therapy, "therapies"


def _class_row(fact: Fact) -> str:
    return "combinations" if fact.group == COMBINATION else fact.group


def _most(groups: Mapping[str, Sequence[Fact]]) -> tuple[list[str], int]:
    rows = facts.busiest(groups)
    return rows[:MOST_ROWS], len(rows)


def _panel(
    canvas: Canvas, phase: str, panel: Sequence[Fact], rows: Sequence[str], columns: Sequence[str],
    row: Callable[[Fact], str], heads: bool,
) -> None:  # fmt: skip
    cells = facts.grouped(panel, lambda fact: (row(fact), fact.domain))
    words = f"Phase not stated ({total(panel)})" if phase == "not stated" else f"{phase.title()} ({total(panel)})"
    _grid(canvas, words, rows, columns, cells, heads)


def _grid(
    canvas: Canvas, title: str, rows: Sequence[str], columns: Sequence[str], cells: Cells, heads: bool,
    extra: Callable[[Canvas, str, float, float], None] | None = None, last: str = "",
) -> None:  # fmt: skip
    """A table of cells under turned column heads; `extra` draws a last column called `last`."""
    size = SMALL if canvas.narrow else BODY
    left = MARGIN + (30 if canvas.narrow else 50 if last else 44)
    count = len(columns) + bool(last)
    wide = min((canvas.right - left) / count, 18)
    if heads:
        _heads(canvas, [*columns, *([last] if last else [])], left, wide)
    canvas.text(MARGIN, canvas.y + 1.7, letters.fit(title, canvas.right - MARGIN, BODY, True), bold=True)
    canvas.y += 4.0
    gaps: list[tuple[float, float]] = []
    for number, row in enumerate(rows):
        y = canvas.y + number * ROW
        if number % 2 == 0:
            canvas.rect(MARGIN, y, left - MARGIN + wide * count, ROW, SHEET)
        canvas.text(left - 1.5, y + ROW / 2, letters.fit(row, left - MARGIN - 1.5, size), size, align="right")
        for place, column in enumerate(columns):
            if (row, column) in cells:
                _cell(
                    canvas, f"{title.split(' (')[0]}, {row}, {column}", cells[row, column], left + place * wide, y, wide
                )
            else:
                gaps.append((left + (place + 0.5) * wide, y + ROW / 2))
        if extra:
            extra(canvas, row, left + len(columns) * wide, y)
    _gaps(canvas, title.split(" (")[0], gaps)
    canvas.y += len(rows) * ROW + 1.5


def _heads(canvas: Canvas, columns: Sequence[str], left: float, wide: float) -> None:
    """Heads of columns: in two lines where all fit, else turned."""
    size = SMALL if canvas.narrow else BODY
    lines = [letters.wrap(column, wide - 0.8, size) for column in columns]
    flat = all(" ".join(split) == letters.drawable(column) for split, column in zip(lines, columns, strict=True))
    room = max(letters.wide(letters.fit(column, 26, size), size) for column in columns)
    canvas.y += 6.0 if flat else room + 1
    for place, column in enumerate(columns):
        x = left + (place + 0.5) * wide
        if flat:
            canvas.lines(x, canvas.y - 2.5, lines[place], size, align="center")
        else:
            canvas.text(x, canvas.y, letters.fit(column, 26, size), size, turn=90)
    canvas.y += 1.0


def _cell(canvas: Canvas, name: str, found: Sequence[Fact], x: float, y: float, wide: float) -> None:
    """The number of studies over a bar of their shares, taller for more studies."""
    n = facts.studies(found)
    high, room = _height(n), min(wide - 0.8, 9.0)
    x += (wide - room) / 2
    with canvas.mark(f"{name}: {facts.counted(found)}", facts.ids(found)):
        canvas.text(x + room / 2, y + 1.35, str(n), SMALL, align="center", color=INK)
        signs.bar(canvas, found, x, y + ROW - 0.4 - high, room, high)


def _height(n: int) -> float:
    return 0.7 if n == 1 else 1.1 if n < 5 else 1.7


def _gaps(canvas: Canvas, title: str, places: Sequence[tuple[float, float]]) -> None:
    if places:
        with canvas.mark(f"{title}: {plural(len(places), 'empty cell')}, {canvas.nothing}"):
            for x, y in places:
                canvas.polygon(signs.corners("hexagon", x, y, 0.9), "none", edge="#7d8791", thick=0.4)


def _keys(canvas: Canvas) -> None:
    signs.legend(canvas, signs.blocks(canvas), "Result")
    sizes = [
        (lambda x, y, n=n: canvas.rect(x, y - _height(n) / 2, 4, _height(n), SOFT), words)
        for n, words in ((1, "1 study"), (2, "2 to 4"), (5, "5 or more"))
    ]
    gap = (
        lambda x, y: canvas.polygon(signs.corners("hexagon", x + 2.2, y, 1.1), "none", edge=SOFT, thick=0.4),
        f"gap: {canvas.nothing}",
    )
    signs.legend(canvas, [*sizes, gap], "Height of bar")


def ladder(asked: Asked) -> Picture:
    """Therapy by species, from mouse to people, with the trials beside."""
    alone = [fact for fact in asked.facts if fact.contrast == "adds" and fact.group != COMBINATION]
    if not alone:
        raise KgError("no finding here adds a single therapy; ask for another therapy or phase, or draw the lattice")
    title = "From mouse to people: studies of single therapies, by species and result"
    canvas = asked.canvas("ladder", title)
    rows, known = _most(facts.grouped(alone, lambda fact: fact.therapy))
    drawn = [fact for fact in alone if fact.therapy in rows]
    columns = [rung for rung in RUNGS if rung != facts.NOT_STATED or any(fact.rung == rung for fact in drawn)]
    _keys(canvas)
    tests = _trials(asked)
    cells = facts.grouped(drawn, lambda fact: (fact.therapy, fact.rung))
    _grid(canvas, "Therapy", rows, columns, cells, True, lambda *where: _trial_cell(tests, *where), "trials in people")
    notes = [
        "Studies whose contrast adds the therapy, alone or on top of others; a ring is a gap", SHARED,
        "Trials: those that test the therapy by itself; a combination credits none of its parts",
        showing(len(rows), known, "therapies", "those with most studies"),
    ]  # fmt: skip
    return asked.finish(canvas, title, notes, total(drawn))


def _trials(asked: Asked) -> dict[str, list[str]]:
    """The trials of each therapy, each with its status."""
    found: dict[str, list[str]] = {}
    tests = [(u, v) for u, v, about in asked.graph.edges(data=True) if about.get("kind") == "tests"]
    for trial, therapy in sorted(tests):
        if not therapy.startswith("combination/"):
            status = asked.graph.nodes[trial].get("status") or "status not stated"
            label = str(asked.graph.nodes[therapy].get("label") or therapy)
            found.setdefault(label, []).append(f"{trial.removeprefix('trial/')} ({status})")
    return found


def _trial_cell(tests: Mapping[str, Sequence[str]], canvas: Canvas, row: str, x: float, y: float) -> None:
    canvas.line([(x, y), (x, y + ROW)], LINE, 0.7)
    known = tests.get(row, ())
    if not known:
        _gaps(canvas, f"{row}, trials", [(x + 3, y + ROW / 2)])
        return
    with canvas.mark(f"{row}: {plural(len(known), 'trial')}: {', '.join(known)}"):
        signs.sign(canvas, "diamond", x + 3, y + ROW / 2, 2.0, "#37698c")
        canvas.text(x + 5, y + ROW / 2, str(len(known)), SMALL)
