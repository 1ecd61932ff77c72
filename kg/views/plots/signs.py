"""How results and other kinds look: colour and hatch and shape and letter, never colour alone; and their legends."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from kg.views.plots import letters
from kg.views.plots.canvas import INK, MARGIN, PAPER, SOFT, Canvas
from kg.views.plots.facts import RESULTS, Fact, shares
from kg.views.plots.letters import SMALL

COLOURS = dict(zip(RESULTS, ("#0b62c4", "#222b36", "#c43d00", "#b0257a", "#727a84"), strict=True))
HATCHES = dict(zip(RESULTS, ("", "||||", "//////", "xxxxxx", "\\\\\\\\\\\\"), strict=True))
MINUS = "\N{MINUS SIGN}"
LETTERS = dict(zip(RESULTS, ("+", "0", MINUS, "±", "?"), strict=True))
SHAPES = dict(zip(RESULTS, ("up", "circle", "down", "diamond", "square"), strict=True))
HOLLOW = RESULTS[-1]
Entry = tuple[Callable[[float, float], None], str]


def corners(shape: str, x: float, y: float, size: float) -> list[tuple[float, float]]:
    """The corners of a shape of this size around a point."""
    r = size / 2
    sides, start, scale = {
        "up": (3, -90, 1.2), "down": (3, 90, 1.2), "left": (3, 180, 1.2), "right": (3, 0, 1.2), "diamond": (4, 0, 1.15),
        "square": (4, 45, 1.2), "hexagon": (6, 0, 1.05), "circle": (24, 0, 1.0), "pentagon": (5, -90, 1.1),
    }.get(shape, (0, 0, 1.3))  # fmt: skip
    if not sides:  # a star
        angles = [math.radians(-90 + 36 * step) for step in range(10)]
        spokes = [1.3 * r * (1 if step % 2 == 0 else 0.5) for step in range(10)]
        return [(x + s * math.cos(a), y + s * math.sin(a)) for a, s in zip(angles, spokes, strict=True)]
    angles = [math.radians(start + 360 / sides * step) for step in range(sides)]
    return [(x + scale * r * math.cos(angle), y + scale * r * math.sin(angle)) for angle in angles]


def sign(canvas: Canvas, shape: str, x: float, y: float, size: float, fill: str, edge: str = PAPER) -> None:
    """One shape around a point."""
    canvas.polygon(corners(shape, x, y, size), fill, edge=edge, thick=0.4 if edge == PAPER else 0.8)


def point(canvas: Canvas, result: str, x: float, y: float, size: float) -> None:
    """The sign of a result around a point: undetermined is hollow."""
    hollow = result == HOLLOW
    fill, edge = (PAPER, COLOURS[result]) if hollow else (COLOURS[result], PAPER)
    sign(canvas, SHAPES[result], x, y, size, fill, edge)


def block(canvas: Canvas, result: str, x: float, y: float, wide: float, high: float) -> None:
    """A rectangle in the colour and hatch of a result."""
    hollow = result == HOLLOW
    colour = COLOURS[result]
    fill, edge = (PAPER, colour) if hollow else (colour, PAPER)
    inset = 0.07 if hollow else 0.0
    canvas.rect(
        x + inset, y + inset, max(wide - 2 * inset, 0.1), max(high - 2 * inset, 0.1), fill, edge=edge,
        thick=0.35, hatch=HATCHES[result],
    )  # fmt: skip


def bar(canvas: Canvas, facts: Iterable[Fact], x: float, y: float, wide: float, high: float) -> None:
    """The shares of the studies by result, side by side."""
    for result, start, share in _spans(facts):
        block(canvas, result, x + start * wide, y, share * wide, high)


def column(canvas: Canvas, facts: Iterable[Fact], x: float, bottom: float, wide: float, high: float) -> None:
    """The shares of the studies by result, one on the other."""
    for result, start, share in _spans(facts):
        block(canvas, result, x, bottom - (start + share) * high, wide, share * high)


def pie(canvas: Canvas, facts: Iterable[Fact], x: float, y: float, size: float) -> None:
    """The shares of the studies by result as slices, from the top clockwise."""
    for result, start, share in _spans(facts):
        turns = [start + share * step / 24 for step in range(25)]
        rim = [(x + size / 2 * math.sin(math.tau * t), y - size / 2 * math.cos(math.tau * t)) for t in turns]
        points = rim if share > 0.999 else [(x, y), *rim]
        hollow = result == HOLLOW
        fill, edge = (PAPER, COLOURS[result]) if hollow else (COLOURS[result], PAPER)
        canvas.polygon(points, fill, edge=edge, thick=0.4, hatch=HATCHES[result])


def _spans(facts: Iterable[Fact]) -> list[tuple[str, float, float]]:
    found = shares(facts)
    total = sum(found.values())
    spans, start = [], 0.0
    for result, share in found.items():
        if share:
            spans.append((result, start, share / total))
            start += share / total
    return spans


def blocks(canvas: Canvas) -> list[Entry]:
    """Legend entries of the results as hatched blocks."""

    def entry(result: str) -> Entry:
        return lambda x, y: block(canvas, result, x, y - 1.1, 4.0, 2.2), result

    return [entry(result) for result in RESULTS]


def points(canvas: Canvas) -> list[Entry]:
    """Legend entries of the results as signs."""

    def entry(result: str) -> Entry:
        return lambda x, y: point(canvas, result, x + 2.2, y, 2.1), result

    return [entry(result) for result in RESULTS]


def shaped(canvas: Canvas, shape: str, words: str, fill: str = SOFT, edge: str = PAPER) -> Entry:
    """A legend entry of one shape."""
    return lambda x, y: sign(canvas, shape, x + 2.2, y, 2.1, fill, edge), words


def legend(canvas: Canvas, entries: Sequence[Entry], title: str = "") -> None:
    """Entries in a row that wraps; the place below them is next."""
    x = MARGIN
    if title:
        canvas.text(x, canvas.y + 1.2, title, SMALL, color=SOFT, bold=True)
        x += letters.wide(title, SMALL, bold=True) + 2.5
    for draw, words in entries:
        shown = letters.fit(words, canvas.right - MARGIN - 6, SMALL)
        room = 5.0 + letters.wide(shown, SMALL)
        if x + room > canvas.right:
            x, canvas.y = MARGIN, canvas.y + 3.4
        draw(x, canvas.y + 1.2)
        canvas.text(x + 5.0, canvas.y + 1.2, shown, SMALL, color=INK)
        x += room + 3.0
    canvas.y += 4.2
