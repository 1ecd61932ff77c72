"""The harvest plot (Ogilvie et al. 2008): a bar for each study, by outcome domain and direction of effect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kg.errors import KgError, plural
from kg.views.plots import facts, letters, signs
from kg.views.plots.asked import Asked, showing, total
from kg.views.plots.canvas import LINE, MARGIN, NARROW, PAPER, SHEET, SOFT, Canvas, Picture
from kg.views.plots.facts import RESULTS, Fact
from kg.views.plots.letters import SMALL

_ORDER = ("worsened", "no difference", "improved", "mixed", "undetermined")
_STEPS = ((50, 4.4, "50 or more"), (20, 3.2, "20 to 49"), (0, 2.0, "under 20"))
_UNKNOWN = 1.2
_LINE = 4.9
_MOST_ROWS = 20
Cells = Mapping[tuple[str, str], Sequence[tuple[str, Sequence[Fact]]]]


def harvest(asked: Asked) -> Picture:
    """Every study as a bar under each result that it has in a domain."""
    if not asked.facts:
        raise KgError("there is no finding to harvest; ask for another therapy or phase")
    title = "Harvest plot: every study, by outcome domain and result"
    canvas = asked.canvas("harvest", title)
    domains = facts.busiest(facts.grouped(asked.facts, lambda fact: fact.domain))
    rows = domains[:_MOST_ROWS]
    drawn = [fact for fact in asked.facts if fact.domain in rows]
    cells = {place: _studies(found) for place, found in facts.grouped(drawn, lambda f: (f.domain, f.result)).items()}
    _keys(canvas)
    _table(canvas, rows, cells)
    notes = [
        "A bar is a study; one with several results in a domain stands under each of them",
        "Height: subjects of both arms, of the largest contrast; most findings do not state them",
        showing(len(rows), len(domains), "outcome domains", "those with most studies"),
    ]  # fmt: skip
    return asked.finish(canvas, title, notes, total(drawn))


def _studies(found: Sequence[Fact]) -> list[tuple[str, list[Fact]]]:
    """The studies of a cell, people after animals, the largest first."""
    by_study = facts.grouped(found, lambda fact: fact.study)
    return sorted(by_study.items(), key=lambda item: (_people(item[1]), -(_size(item[1]) or 0), item[0]))


def _people(found: Sequence[Fact]) -> bool:
    return any(fact.rung == "people" for fact in found)


def _size(found: Sequence[Fact]) -> int | None:
    return max((fact.n for fact in found if fact.n is not None), default=None)


def _high(found: Sequence[Fact]) -> float:
    n = _size(found)
    return _UNKNOWN if n is None else next(high for least, high, _ in _STEPS if n >= least)


def _table(canvas: Canvas, rows: Sequence[str], cells: Cells) -> None:
    left = MARGIN + (22 if canvas.narrow else 34)
    widths = _widths(canvas.right - left, rows, cells)
    _heads(canvas, left, widths)
    for number, row in enumerate(rows):
        high = 1.0 + _LINE * max(
            _lines(cells.get((row, result), ()), widths[result], _pitch(canvas)) for result in _ORDER
        )
        if number % 2 == 0:
            canvas.rect(MARGIN, canvas.y, canvas.right - MARGIN, high, SHEET)
        canvas.lines(left - 1.5, canvas.y + high / 2, letters.wrap(row, left - MARGIN - 2, SMALL), SMALL, align="right")
        x = left
        for result in _ORDER:
            canvas.line([(x, canvas.y), (x, canvas.y + high)], LINE)
            _cell(canvas, row, result, cells.get((row, result), ()), x, widths[result])
            x += widths[result]
        canvas.y += high


def _widths(room: float, rows: Sequence[str], cells: Cells) -> dict[str, float]:
    """Room for each result by the studies of its fullest cell, never less than its head and a few bars need."""
    narrow = room < NARROW / 2 + MARGIN
    most = {result: max(len(cells.get((row, result), ())) for row in rows) for result in _ORDER}
    least = {r: 6.6 if narrow else letters.wide(_head(r), SMALL, bold=True) + 4.5 for r in _ORDER}
    scale = room - sum(least.values())
    weight = {result: most[result] ** (1.0 if narrow else 0.75) for result in _ORDER}
    return {result: least[result] + max(0.0, scale) * weight[result] / sum(weight.values()) for result in _ORDER}


def _head(result: str) -> str:
    return "no diff." if result == "no difference" else "undeterm." if result == "undetermined" else result


def _heads(canvas: Canvas, left: float, widths: Mapping[str, float]) -> None:
    x = left
    for result in _ORDER:
        signs.point(canvas, result, x + 2, canvas.y + 1.5, 2.0)
        if not canvas.narrow:
            whole = letters.wide(result, SMALL, bold=True) + 4.5 <= widths[result]
            canvas.text(x + 3.8, canvas.y + 1.5, result if whole else _head(result), SMALL, bold=True)
        x += widths[result]
    canvas.y += 4.0


def _per_line(wide: float, pitch: float) -> int:
    return max(1, int((wide - 4.6) / pitch))  # the number of studies stands behind the bars


def _lines(found: Sequence[object], wide: float, pitch: float) -> int:
    return max(1, -(-len(found) // _per_line(wide, pitch)))


def _pitch(canvas: Canvas) -> float:
    """From one bar to the next."""
    return 0.66 if canvas.narrow else 1.0


def _cell(
    canvas: Canvas, row: str, result: str, found: Sequence[tuple[str, Sequence[Fact]]], x: float, wide: float
) -> None:
    pitch = _pitch(canvas)
    per_line = _per_line(wide, pitch)
    for number, (study, mine) in enumerate(found):
        bottom = canvas.y + (number // per_line + 1) * _LINE + 0.3
        at = x + 0.8 + (number % per_line) * pitch
        with canvas.mark(f"{study}, {row}: {result} ({_said(mine)})", facts.ids(mine)):
            _bar(canvas, result, at, bottom, _high(mine), _people(mine))
    if found:
        lines = _lines(found, wide, pitch)
        at = x + 1.2 + min(len(found) - (lines - 1) * per_line, per_line) * pitch
        canvas.text(at, canvas.y + lines * _LINE - 0.6, str(len(found)), SMALL, color=SOFT)
    elif not any(result == other for other in RESULTS[3:]):
        canvas.polygon(
            signs.corners("hexagon", x + 1.6, canvas.y + _LINE - 1.0, 0.9), "none", edge="#7d8791", thick=0.4
        )


def _said(found: Sequence[Fact]) -> str:
    n = _size(found)
    species = ", ".join(sorted({fact.species for fact in found}))
    return f"{plural(len(found), 'finding')}; {species}; {f'n = {n}' if n is not None else 'n not stated'}"


def _bar(canvas: Canvas, result: str, x: float, bottom: float, high: float, people: bool) -> None:
    colour, wide = signs.COLOURS[result], 0.75 * _pitch(canvas)
    if people:
        canvas.rect(x + 0.08, bottom - high, wide - 0.1, high, PAPER, edge=colour, thick=0.5)
    else:
        canvas.rect(x, bottom - high, wide, high, colour)


def _keys(canvas: Canvas) -> None:
    steps = [(high, words) for _, high, words in _STEPS] + [(_UNKNOWN, "not stated")]

    def size(high: float, words: str) -> signs.Entry:
        return lambda x, y: _sample(canvas, x, y, high), words

    if canvas.narrow:
        signs.legend(canvas, signs.points(canvas), "Result")
    canvas.y += 0.8
    signs.legend(canvas, [size(*step) for step in steps], "Subjects")
    kinds: list[signs.Entry] = [
        (lambda x, y: canvas.rect(x + 1.8, y - 1.5, 0.75, 3, SOFT), "animals or not stated"),
        (lambda x, y: canvas.rect(x + 1.8, y - 1.5, 0.75, 3, PAPER, edge=SOFT, thick=0.5), "people"),
        (
            lambda x, y: canvas.polygon(signs.corners("hexagon", x + 2, y, 1.1), "none", edge=SOFT, thick=0.4),
            "no study",
        ),
    ]
    signs.legend(canvas, kinds, "Bars")


def _sample(canvas: Canvas, x: float, y: float, high: float) -> None:
    for step in range(3):
        canvas.rect(x + 1 + step, y + 1.3 - high, 0.75, high, SOFT)
