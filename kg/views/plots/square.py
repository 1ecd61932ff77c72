"""The card of a two-by-two: control, both parts and the combination, as means with intervals or as signs of results."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kg.errors import KgError
from kg.views.plots import letters, signs
from kg.views.plots.asked import ADVICE
from kg.views.plots.canvas import INK, LINE, MARGIN, PAPER, SHEET, SOFT, Canvas, Picture
from kg.views.plots.facts import RESULTS
from kg.views.plots.letters import BODY, SMALL

LETTERS = ("C", "A", "B", "AB")
_DASH = (3.0, 2.0)
_HIGH = 46.0  # of the scale of means
_ROW, _BOX = 27.0, 13.0  # from one row of places to the next, and the height of a place


@dataclass(frozen=True, slots=True)
class Corner:
    """One of the four arms: what it gives, and its mean with a 95 % interval where it is printed.

    `state` says in words why nothing was measured, empty where something was; then its place is drawn dashed.
    """

    name: str
    findings: tuple[str, ...] = ()
    state: str = ""
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """What setting one arm against another said: `result` is one of the five results, empty where nobody did."""

    lower: str
    upper: str
    result: str = ""
    words: str = "not compared"
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """All that is drawn: corners by their letters C, A, B and AB, edges, sentences below; `expected` is A + B - C.

    Means are drawn where the combination has one; `axis` says where and of what, in which unit, and what is better.
    """

    title: str
    corners: Mapping[str, Corner]
    edges: tuple[Edge, ...] = ()
    sentences: tuple[str, ...] = ()
    axis: str = ""
    expected: float | None = None


def square(card: Card, about: Mapping[str, Any], width: float = 180.0, number: int = 1) -> Picture:
    """The picture of a card, `width` mm wide; `number` keeps the marks of several on one page apart.

    Raises KgError where a corner is missing or a result is none.
    """
    if {*card.corners} != {*LETTERS} or any(edge.result not in (*RESULTS, "") for edge in card.edges):
        raise KgError("a card has the four corners C, A, B and AB, and results that the graph knows")
    canvas = Canvas("square" if number == 1 else f"square-{number}", width)
    canvas.head(card.title)
    for line in letters.wrap(card.axis, canvas.right - MARGIN, SMALL, 3):
        canvas.text(MARGIN, canvas.y + 1.0, line, SMALL, color=SOFT)
        canvas.y += letters.high(SMALL)
    canvas.y += 1.0
    numbers = card.corners["AB"].mean is not None
    note = _means(canvas, card) if numbers else _hasse(canvas, card)
    for sentence in card.sentences:
        for line in letters.wrap(sentence, canvas.right - MARGIN, BODY, 4):
            canvas.text(MARGIN, canvas.y + 1.2, line)
            canvas.y += letters.high(BODY)
    source = " ".join(str(about[name])[:12] for name in ("version", "data") if about.get(name))
    found = {id for mark in canvas.marks for id in mark.findings}
    foot = f"{len(found)} finding{'s' * (len(found) != 1)}; {f'cordgraph {source}; ' if source else ''}{ADVICE}."
    canvas.foot([note, foot])
    return canvas.picture(card.title, f"{note} {' '.join(card.sentences)} {foot}")


# --- means with intervals ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where a value stands on the sheet."""

    low: float
    high: float
    top: float

    @classmethod
    def of(cls, values: Iterable[float], top: float) -> _Scale:
        known = sorted(values)
        room = 0.08 * (known[-1] - known[0]) or 1.0
        return cls(known[0] - room, known[-1] + room, top)

    def y(self, value: float) -> float:
        """Millimetres from the top of the sheet."""
        return self.top + _HIGH * (self.high - value) / (self.high - self.low)

    def ticks(self) -> list[float]:
        """Up to five round values inside."""
        rough = (self.high - self.low) / 5
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(s * power for s in (1, 2, 5, 10) if s * power >= rough)
        return [step * n for n in range(math.ceil(self.low / step), math.floor(self.high / step) + 1)]


def _means(canvas: Canvas, card: Card) -> str:
    values = [v for c in card.corners.values() for v in (c.mean, c.low, c.high) if v is not None]
    scale = _Scale.of([*values, *([card.expected] if card.expected is not None else [])], canvas.y + 2)
    left = MARGIN + 12
    for tick in scale.ticks():
        canvas.line([(left, scale.y(tick)), (canvas.right, scale.y(tick))], LINE, 0.4)
        canvas.text(left - 1.5, scale.y(tick), _number(tick), SMALL, align="right", color=SOFT)
    wide = (canvas.right - left) / len(LETTERS)
    if card.expected is not None:
        _expected(canvas, scale, card, left)
    names = {id: letters.wrap(card.corners[id].name, wide - 1.5, SMALL, 4 if canvas.narrow else 2) for id in LETTERS}
    for place, letter in enumerate(LETTERS):
        _column(canvas, scale, letter, card.corners[letter], left + (place + 0.5) * wide, wide)
    for place, letter in enumerate(LETTERS):
        _name(canvas, scale, letter, card.corners[letter], names, left + (place + 0.5) * wide)
    canvas.y = scale.top + _HIGH + 9.5 + letters.high(SMALL) * max(map(len, names.values()))
    return (
        "Dots are means as the paper prints them, bars 95 % intervals of each mean. The dashed line is where AB would "
        "stand if A and B just added up"
        + ("." if card.expected is not None else ", which an arm that is not measured leaves unknown.")
    )


def _column(canvas: Canvas, scale: _Scale, letter: str, corner: Corner, x: float, wide: float) -> None:
    bottom = scale.top + _HIGH
    words = _told(letter, corner)
    with canvas.mark(words, corner.findings):
        if corner.mean is None:
            y = scale.top + _HIGH / 2
            canvas.polygon(signs.corners("circle", x, y, 4.0), "none", edge=SOFT, thick=0.6, dash=_DASH)
            canvas.text(x, y + 4.5, letters.fit(corner.state, wide - 1, SMALL), SMALL, align="center", color=SOFT)
        else:
            _interval(canvas, scale, letter, corner, x)
        canvas.text(x, bottom + 2.2, letter, BODY, align="center", bold=True)


def _name(
    canvas: Canvas, scale: _Scale, letter: str, corner: Corner, names: Mapping[str, Sequence[str]], x: float
) -> None:  # fmt: skip
    """What an arm gives and its size, the sizes of all arms in one line."""
    top, step = scale.top + _HIGH + 5.2, letters.high(SMALL)
    for number, line in enumerate(names[letter]):
        canvas.text(x, top + number * step, line, SMALL, align="center")
    if corner.n is not None:
        below = top + max(map(len, names.values())) * step
        canvas.text(x, below, f"n {corner.n}", SMALL, align="center", color=SOFT)


def _interval(canvas: Canvas, scale: _Scale, letter: str, corner: Corner, x: float) -> None:
    colour = INK if letter == "AB" else SOFT
    if corner.low is not None and corner.high is not None:
        canvas.line([(x, scale.y(corner.low)), (x, scale.y(corner.high))], colour, 1.0)
        for end in (corner.low, corner.high):
            canvas.line([(x - 1.2, scale.y(end)), (x + 1.2, scale.y(end))], colour, 0.8)
    if corner.mean is not None:
        shape = "diamond" if letter == "AB" else "circle"
        signs.sign(canvas, shape, x, scale.y(corner.mean), 2.8, colour)
        words = _number(corner.mean)
        canvas.rect(x + 2.2, scale.y(corner.mean) - 1.3, letters.wide(words, SMALL) + 0.8, 2.6)
        canvas.text(x + 2.6, scale.y(corner.mean), words, SMALL)


def _expected(canvas: Canvas, scale: _Scale, card: Card, left: float) -> None:
    value = card.expected or 0.0
    used = tuple(sorted({id for letter in "CAB" for id in card.corners[letter].findings}))
    with canvas.mark(f"A + B {signs.MINUS} C = {_number(value)}: where AB would stand if A and B just added up", used):
        canvas.line([(left, scale.y(value)), (canvas.right, scale.y(value))], INK, 0.7, _DASH)
        words = f"A + B {signs.MINUS} C = {_number(value)}"
        canvas.rect(left + 0.5, scale.y(value) - 3.4, letters.wide(words, SMALL) + 1, 2.8, PAPER)
        canvas.text(left + 1, scale.y(value) - 2.0, words, SMALL)


# --- signs of results -------------------------------------------------------------------------------------------------


def _hasse(canvas: Canvas, card: Card) -> str:
    signs.legend(canvas, signs.points(canvas), "Result")
    wide = min(52.0, (canvas.right - MARGIN - 6) / 3)
    top, middle = canvas.y + 1, (canvas.right + MARGIN) / 2
    left, right = MARGIN + wide / 2, canvas.right - wide / 2
    if not canvas.narrow:
        left, right = middle - 58, middle + 58
    rows = [top + _BOX / 2 + _ROW * row for row in range(3)]
    places = {"AB": (middle, rows[0]), "A": (left, rows[1]), "B": (right, rows[1]), "C": (middle, rows[2])}
    for edge in card.edges:
        _edge(canvas, edge, places)
    for letter in LETTERS:  # the combination stands alone in its row, so that its long name has room
        _place(canvas, letter, card.corners[letter], places[letter], 1.7 * wide if letter == "AB" else wide)
    canvas.y = rows[2] + _BOX / 2 + 3
    return (
        "Signs say what the upper arm did against the lower one, with findings for and against. A dashed place was "
        "not measured, a dashed line not compared; no numbers here say how much."
    )


def _edge(canvas: Canvas, edge: Edge, places: Mapping[str, tuple[float, float]]) -> None:
    (x1, y1), (x2, y2) = places[edge.lower], places[edge.upper]
    said = f"{edge.upper} against {edge.lower}: {edge.result or 'not compared'}"
    told = f"{said} ({edge.words})" if edge.result else said
    with canvas.mark(told, edge.findings):
        canvas.line([(x1, y1), (x2, y2)], SOFT if edge.result else LINE, 0.8, () if edge.result else _DASH)
        x, y = (x1 + x2) / 2, (y1 + y2) / 2
        room = letters.wide(edge.words, SMALL)
        canvas.rect(x - room / 2 - 0.8, y - 2.2 if edge.result else y - 1.6, room + 1.6, 6.4 if edge.result else 3.2)
        if edge.result:
            signs.point(canvas, edge.result, x - 1.6, y, 3.0)
            canvas.text(x + 0.8, y, signs.LETTERS[edge.result], BODY, bold=True)
        canvas.text(x, y + 2.9 if edge.result else y, edge.words, SMALL, align="center", color=INK)


def _place(canvas: Canvas, letter: str, corner: Corner, at: tuple[float, float], wide: float) -> None:
    x, y = at
    dash: Sequence[float] = _DASH if corner.state else ()
    with canvas.mark(_told(letter, corner), corner.findings):
        fill = PAPER if corner.state else SHEET
        canvas.rect(x - wide / 2, y - _BOX / 2, wide, _BOX, fill, edge=SOFT, thick=0.6, dash=dash)
        words = letters.wrap(corner.name, wide - 2, SMALL, 2 if corner.state else 3)
        words += [letters.fit(corner.state, wide - 2, SMALL)] if corner.state else []
        canvas.text(x, y - 4.4, letter, BODY, align="center", bold=True)
        canvas.lines(x, y + 1.4, words, SMALL, align="center")


def _told(letter: str, corner: Corner) -> str:
    if corner.state:
        return f"{letter}, {corner.name}: {corner.state}"
    if corner.mean is None or corner.low is None or corner.high is None:
        return f"{letter}, {corner.name}"
    spread = f"[{_number(corner.low)}, {_number(corner.high)}]"
    return f"{letter}, {corner.name}: mean {_number(corner.mean)} {spread}{f', n {corner.n}' if corner.n else ''}"


def _number(value: float) -> str:
    return f"{value:.3g}".replace("-", signs.MINUS)
