"""AUROC slice by slice with intervals: a panel for each method, the first one drawn in all of them to compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kg.errors import KgError
from kg.views.plots import letters, signs
from kg.views.plots.asked import Asked
from kg.views.plots.canvas import INK, LINE, MARGIN, SHEET, SOFT, Canvas, Picture
from kg.views.plots.letters import SMALL

if TYPE_CHECKING:
    from collections.abc import Iterator

Rows = Sequence[Mapping[str, Any]]
FIRST, OTHER = "#0b62c4", "#c43d00"
HIGH, GAP, HEAD = 17.0, 6.0, 4.0
_DASH = (3.0, 1.5)


def slices(rows: Rows, about: Mapping[str, Any], width: float = 180.0, axis: str = "year") -> Picture:
    """The picture of rows that name method, until, auroc with its bounds, candidates, tested_later and findings.

    `axis` says what a slice is cut by. Raises KgError where no row has an AUROC.
    """
    import networkx as nx

    shown = [row for row in rows if row["auroc"] is not None]
    if not shown:
        raise KgError("no slice holds enough pairs tested later for an AUROC; ask for earlier slices")
    asked = Asked(nx.MultiDiGraph(), (), about, width=width)
    title = f"Does the ranking know anything? AUROC by {axis} with 95 % intervals"
    canvas = asked.canvas("slices", title)
    names = list(dict.fromkeys(str(row["method"]) for row in rows))
    _keys(canvas, names)
    for line in _lines(names, 2 if canvas.narrow else 4):
        _panels(canvas, line, names, shown, _places(rows), 2 if canvas.narrow else 4)
    _counts(canvas, rows, names[0], axis)
    notes = [
        f"A: {names[0]}, dashed in every panel; 0.5, the thin line, is chance. Upright lines are intervals",
        f"A sign is a slice, as of the end of that {axis}; where it is missing, too few pairs were tested later",
        "Slices overlap and are no repetitions. Tested later is not shown to work",
    ]
    return asked.finish(canvas, title, notes, f"{len(names)} methods, {len(_places(rows))} slices")


def _lines(names: Sequence[str], across: int) -> Iterator[Sequence[str]]:
    return (names[start : start + across] for start in range(0, len(names), across))


def _places(rows: Rows) -> dict[int, float]:
    """Where each slice stands from left to right, 0 to 1."""
    untils = sorted({int(row["until"]) for row in rows})
    span = max(1, untils[-1] - untils[0])
    return {until: 0.5 if len(untils) == 1 else (until - untils[0]) / span for until in untils}


def _keys(canvas: Canvas, names: Sequence[str]) -> None:
    def dashed(x: float, y: float) -> None:
        canvas.line([(x, y), (x + 4.4, y)], FIRST, 0.8, _DASH)

    other = signs.shaped(canvas, "diamond", "the method of the panel", OTHER)
    signs.legend(
        canvas,
        [(dashed, f"A, {names[0]}, in the other panels"), signs.shaped(canvas, "circle", f"{names[0]}", FIRST), other],
    )


def _panels(
    canvas: Canvas, line: Sequence[str], names: Sequence[str], shown: Rows, places: Mapping[int, float], across: int
) -> None:  # fmt: skip
    room = (canvas.right - MARGIN) / across
    for number, name in enumerate(line):
        left = MARGIN + number * room + 5.0
        wide = room - 7.0
        letter = chr(ord("A") + names.index(name)) if len(names) <= 26 else str(names.index(name) + 1)
        canvas.text(left, canvas.y + 1.6, letters.fit(f"{letter}: {name}", wide, SMALL, True), SMALL, bold=True)
        _frame(canvas, left, wide, places)
        if name != names[0]:
            own = [row for row in shown if row["method"] == names[0]]
            canvas.line([_point(canvas, row, places, left, wide) for row in own], FIRST, 0.8, _DASH)
        _series(canvas, [row for row in shown if row["method"] == name], places, left, wide, name == names[0])
    canvas.y += HEAD + HIGH + GAP


def _frame(canvas: Canvas, left: float, wide: float, places: Mapping[int, float]) -> None:
    top = canvas.y + HEAD
    canvas.rect(left, top, wide, HIGH, SHEET)
    for value in (0.0, 0.5, 1.0):
        y = top + HIGH * (1 - value)
        canvas.line([(left, y), (left + wide, y)], SOFT if value == 0.5 else LINE, 0.5)
        canvas.text(left - 0.8, y, f"{value:g}", SMALL, align="right", color=SOFT)
    for until in sorted({min(places), max(places)}):
        x = left + 2.0 + (wide - 4.0) * places[until]
        canvas.text(x, top + HIGH + 1.6, str(until), SMALL, align="center", color=SOFT)


def _point(
    canvas: Canvas, row: Mapping[str, Any], places: Mapping[int, float], left: float, wide: float, of: str = "auroc"
) -> tuple[float, float]:  # fmt: skip
    x = left + 2.0 + (wide - 4.0) * places[int(row["until"])]
    return x, canvas.y + HEAD + HIGH * (1 - float(row[of]))


def _series(
    canvas: Canvas, own: Rows, places: Mapping[int, float], left: float, wide: float, first: bool
) -> None:  # fmt: skip
    colour, shape = (FIRST, "circle") if first else (OTHER, "diamond")
    for row in own:
        x, y = _point(canvas, row, places, left, wide)
        with canvas.mark(_said(row)):
            ends = [_point(canvas, row, places, left, wide, f"auroc_{end}") for end in ("low", "high")]
            canvas.line(ends, colour, 0.7)
            signs.sign(canvas, shape, x, y, 1.5, colour)


def _said(row: Mapping[str, Any]) -> str:
    bounds = f"{row['auroc']:.2f} [{row['auroc_low']:.2f}, {row['auroc_high']:.2f}]"
    return f"{row['method']}, {row['until']}: AUROC {bounds}; {_pairs(row)}"


def _pairs(row: Mapping[str, Any]) -> str:
    return f"{row['tested_later']:,} of {row['candidates']:,} pairs first tested later"


def _counts(canvas: Canvas, rows: Rows, first: str, axis: str) -> None:
    """How many pairs each slice was scored by, a bar each: these open the findings on the pairs."""
    own = [row for row in rows if row["method"] == first]
    most = max(1, *(int(row["tested_later"]) for row in own))
    canvas.text(MARGIN, canvas.y + 1.2, f"Pairs first tested after each {axis}", SMALL, bold=True)
    canvas.y += 3.5
    high, pitch, left = 12.0, min(8.0, (canvas.right - MARGIN - 2) / len(own)), MARGIN + 2
    bottom = canvas.y + 2.5 + high
    step = -(-len(own) * 7 // int(canvas.right - left)) or 1
    for number, row in enumerate(own):
        x, tall = left + number * pitch, high * int(row["tested_later"]) / most
        with canvas.mark(f"{row['until']}: {_pairs(row)}", tuple(str(row["findings"] or "").split())):
            canvas.rect(x + 0.15 * pitch, bottom - tall, 0.7 * pitch, max(tall, 0.2), SOFT)
            canvas.text(x + pitch / 2, bottom - tall - 1.4, str(row["tested_later"]), SMALL, align="center")
        if number % step == 0:
            canvas.text(x + pitch / 2, bottom + 1.8, str(row["until"]), SMALL, align="center", color=INK)
    canvas.y = bottom + 3.5
