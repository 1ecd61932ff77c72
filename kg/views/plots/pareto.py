"""Untried sets by their criteria: a dot for each criterion of each set, and two criteria against each other."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kg.errors import KgError, plural
from kg.model import Result
from kg.views.plots import letters, signs
from kg.views.plots.asked import Asked, showing
from kg.views.plots.canvas import INK, LINE, MARGIN, PAPER, SHEET, SOFT, Canvas, Picture, Point
from kg.views.plots.letters import SMALL

if TYPE_CHECKING:
    from kg.synthesis.combos.reasons import Card

KIND = "pareto"
ROWS, NARROW_ROWS = 12, 10  # sets that are drawn, on a sheet of two columns of a journal and of one
_TITLE = "Sets not tried yet, by what speaks for and against each"
_PERHAPS = "perhaps together"
_FILLED, _HOLLOW, _BEST = 1.9, 2.5, 2.7  # millimetres; so that of two signs in one place both are seen
_INSET = 5.0  # millimetres between the frame of the scatter and its outermost value
_LEAST = 0.005  # a lead that is seen in two decimals
_HARM = Result.WORSENED.value


def pareto(
    cards: Sequence[Card], criteria: Mapping[str, str], about: Mapping[str, Any], title: str = "",
    width: float = 180.0, of: int = 0,
) -> Picture:  # fmt: skip
    """The first cards, a row each, below the two criteria in which they differ most; `width` in millimetres.

    `criteria` are what each criterion is called and what it measures, from 0 to 1; `of` says how many sets there are
    where the cards are only the first of them. Raises KgError without a card, and for a width that no page has.
    """
    if not cards:
        raise KgError("no set is left to be tried here; ask for another therapy, phase or species")
    import networkx as nx

    asked = Asked(nx.MultiDiGraph(), (), about, title, width)
    canvas = asked.canvas(KIND, _TITLE)
    shown = cards[: NARROW_ROWS if canvas.narrow else ROWS]
    axes = spread(shown, criteria)
    signs.legend(canvas, list(_keys(canvas, shown)))
    _upper(canvas, shown, axes, [*(f"{name}: {meaning}" for name, meaning in criteria.items()), *_words(shown)])
    _rows(canvas, _Frame.of(canvas, tuple(criteria), _size(shown)), shown)
    behind = {key for card in shown for key in card.findings}
    harms = {key for card in shown for key in card.harms}
    counts = f"{plural(len(shown), 'set')}, {plural(len(behind | harms), 'finding')} behind them, {len(harms)} worsened"
    return asked.finish(canvas, _TITLE, _notes(shown, axes, max(of, len(cards))), counts)


def _keys(canvas: Canvas, shown: Sequence[Card]) -> Iterator[signs.Entry]:
    yield lambda x, y: _dot(canvas, x + 2.2, y, front=True), "on the Pareto front"
    yield lambda x, y: _dot(canvas, x + 2.2, y, front=False), "not on it"
    if any(best(card, shown) for card in shown):
        yield lambda x, y: _dot(canvas, x + 2.2, y, front=True, best=True), "furthest above the mean of the rows"
    yield lambda x, y: signs.block(canvas, _HARM, x, y - 1.1, 4.0, 2.2), "findings that worsened"
    yield lambda x, y: signs.point(canvas, _HARM, x + 2.2, y, 1.7), "a set with such findings"


def _words(shown: Sequence[Card]) -> Iterator[str]:
    """What the words of the rows mean."""
    yield "front: on the Pareto front, no other set, shown or not, is as good in all criteria and better in one"
    yield (
        "harms: findings of the parts that worsened, of every phase, species and outcome; none recorded is no sign of "
        "safety"
    )
    yield "against: findings of parts and relatives that worsened, are mixed or show no difference"
    if any(card.candidate.perhaps for card in shown):
        yield f"{_PERHAPS}: an arm names only a class of one part, so that the set may have been given after all"


def _notes(shown: Sequence[Card], axes: Sequence[str], known: int) -> list[str]:
    """In all no more than is printed of one line of small print."""
    return [
        "A row is a set that no arm and no trial here gives, by the weighted mean of its criteria, each from 0 to 1, "
        f"more is better; above, the two that differ most here, {axes[0]} and {axes[1]}",
        "None is a prediction: that a set is tested later does not show that it works",
        showing(len(shown), known, "sets", "the first in this order; the rest is in the table"),
    ]  # fmt: skip


def spread(cards: Sequence[Card], criteria: Iterable[str]) -> tuple[str, str]:
    """The two criteria in which these sets differ most, by standard deviation, in the order of the criteria."""
    named = list(criteria)
    most = sorted(named, key=lambda name: -statistics.pstdev(card.candidate.values[name] for card in cards))[:2]
    first, second = sorted(most, key=named.index)
    return first, second


def best(card: Card, cards: Sequence[Card]) -> str:
    """The criterion in which a card is furthest above the mean of the cards; empty where it is so in none."""
    means = {name: statistics.fmean(one.candidate.values[name] for one in cards) for name in card.candidate.values}
    lead = {name: value - means[name] for name, value in card.candidate.values.items()}
    named = max(lead, key=lambda name: lead[name])
    return named if lead[named] >= _LEAST else ""


def _said(card: Card) -> str:
    """The sentence of a card: its harms before what speaks for it."""
    one = card.candidate
    values = ", ".join(f"{name} {value:.2f}" for name, value in one.values.items())
    perhaps = f" ({_PERHAPS}: an arm names only a class)" if one.perhaps else ""
    front = "on the Pareto front" if one.front else "not on the Pareto front"
    against = f"{plural(len(card.against), 'finding')} against in all"
    return (
        f"{card.rank}. {one.name}{perhaps}: harms: {_harms(card)}, {against}; {front}; {values}. "
        f"What would refute it: {card.refuted_by}"
    )


def _harms(card: Card) -> str:
    return f"{len(card.harms)} worsened" if card.harms else "none recorded"


def _dot(canvas: Canvas, x: float, y: float, *, front: bool, best: bool = False) -> None:
    size = _BEST if best else _FILLED if front else _HOLLOW
    fill, edge = (INK, PAPER) if front else ("none", INK)
    signs.sign(canvas, "diamond" if best else "circle", x, y, size, fill, edge)


def _badge(canvas: Canvas, card: Card, x: float, y: float, size: float) -> None:
    """The number of a row, on ink where it is on the front."""
    front = card.candidate.front
    canvas.polygon(signs.corners("circle", x, y, size), INK if front else PAPER, edge=INK, thick=0.6)
    canvas.text(x, y, card.rank, SMALL, align="center", color=PAPER if front else INK)


def _size(cards: Iterable[Card]) -> float:
    """How wide badges must be to hold their numbers."""
    return max(letters.wide(str(card.rank), SMALL) for card in cards) + 1.2


# --- two criteria against each other ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Axis:
    """A criterion on the paper: from `low` to `high` tenths between two places."""

    name: str
    low: int
    high: int
    start: float
    end: float

    @classmethod
    def of(cls, cards: Sequence[Card], name: str, start: float, end: float) -> _Axis:
        """The axis that holds these cards, at least two tenths long."""
        values = [round(10 * card.candidate.values[name], 6) for card in cards]
        low = min(math.floor(min(values)), 8)
        return cls(name, low, max(math.ceil(max(values)), low + 2), start, end)

    def at(self, value: float) -> float:
        """Where a value stands."""
        share = (10 * value - self.low) / (self.high - self.low)
        inset = _INSET if self.end > self.start else -_INSET
        return self.start + inset + (self.end - self.start - 2 * inset) * share

    def ticks(self) -> list[int]:
        """The tenths that are written: every one, or on a long axis every second."""
        step = 1 if self.high - self.low <= 5 else 2
        return [tenth for tenth in range(self.low, self.high + 1) if tenth % step == 0]


def _upper(canvas: Canvas, shown: Sequence[Card], axes: tuple[str, str], meanings: Sequence[str]) -> None:
    """The scatter, and beside it, or below it on a narrow sheet, what the words on the sheet mean."""
    left, top, high = MARGIN + 9.0, canvas.y, 44.0 if canvas.narrow else 58.0
    right = canvas.right if canvas.narrow else left + 0.5 * (canvas.right - left)
    across, up = _Axis.of(shown, axes[0], left, right), _Axis.of(shown, axes[1], top + high, top)
    _grid(canvas, across, up)
    _scatter(canvas, shown, across, up)
    bottom = top + high + 8.0
    canvas.y, start = (bottom, MARGIN) if canvas.narrow else (top, right + 5.0)
    for meaning in meanings:
        for line in letters.wrap(meaning, canvas.right - start, SMALL, 4):
            canvas.text(start, canvas.y + 1.2, line, SMALL)
            canvas.y += letters.high(SMALL)
        canvas.y += 0.6
    canvas.y = max(bottom, canvas.y + 1.0)


def _scatter(canvas: Canvas, shown: Sequence[Card], across: _Axis, up: _Axis) -> None:
    size = _size(shown)
    values = [card.candidate.values for card in shown]
    points = [(across.at(told[across.name]), up.at(told[up.name])) for told in values]
    spots = apart(points, size / 2, (across.start + 0.6, up.end + 0.6, across.end - 0.6, up.start - 0.6))
    for card, point, spot in zip(shown, points, spots, strict=True):
        with canvas.mark(_said(card), card.findings):
            canvas.line([point, spot], INK, 0.5)
            _dot(canvas, *point, front=card.candidate.front)
            _badge(canvas, card, *spot, size)
            if card.harms:
                signs.point(canvas, _HARM, spot[0] + 0.42 * size, spot[1] + 0.42 * size, 1.7)


def _grid(canvas: Canvas, across: _Axis, up: _Axis) -> None:
    canvas.rect(across.start, up.end, across.end - across.start, up.start - up.end, PAPER, edge=LINE)
    for tick in across.ticks():
        x = across.at(tick / 10)
        canvas.line([(x, up.end), (x, up.start)], LINE, 0.4)
        canvas.text(x, up.start + 2.0, f"{tick / 10:.1f}", SMALL, align="center", color=SOFT)
    for tick in up.ticks():
        y = up.at(tick / 10)
        canvas.line([(across.start, y), (across.end, y)], LINE, 0.4)
        canvas.text(across.start - 1.0, y, f"{tick / 10:.1f}", SMALL, align="right", color=SOFT)
    canvas.text((across.start + across.end) / 2, up.start + 5.0, across.name, align="center", bold=True)
    canvas.text(MARGIN + 1.2, (up.start + up.end) / 2, up.name, align="center", bold=True, turn=90)


def apart(points: Sequence[Point], radius: float, box: tuple[float, float, float, float]) -> list[Point]:
    """A place near each point for a circle of this radius, that is free of other circles, points and lines.

    The nearest such place inside the box, from the upper right clockwise; where none is left one that is only free of
    other circles, or else beside its point.
    """
    spots: list[Point] = []
    for point in points:
        room = [spot for spot in _around(point, radius) if _inside(spot, radius, box)]
        off = [spot for spot in room if all(math.dist(spot, other) >= 2 * radius + 1.5 for other in spots)]
        free = (spot for spot in off if _is_free(point, spot, points, spots, radius))
        spots.append(next(free, (off or room or [point])[0]))
    return spots


def _around(point: Point, radius: float) -> list[Point]:
    rings = [radius + 2.2 + 0.8 * step for step in range(40)]
    turns = [math.tau * step / 48 - math.pi / 4 for step in range(48)]
    return [(point[0] + r * math.cos(turn), point[1] + r * math.sin(turn)) for r in rings for turn in turns]


def _inside(spot: Point, radius: float, box: tuple[float, float, float, float]) -> bool:
    x, y = spot
    return box[0] + radius <= x <= box[2] - radius and box[1] + radius <= y <= box[3] - radius


def _is_free(point: Point, spot: Point, points: Sequence[Point], spots: Sequence[Point], radius: float) -> bool:
    clear, near = radius + 0.3, radius + 2.0
    return (
        all(math.dist(spot, other) >= near for other in points)
        and all(_off(other, point, spot) >= clear for other in spots)
        and all(_off(spot, start, end) >= clear for start, end in zip(points, spots, strict=False))
    )


def _off(point: Point, start: Point, end: Point) -> float:
    """The distance of a point from a line between two."""
    along = (end[0] - start[0], end[1] - start[1])
    length = along[0] ** 2 + along[1] ** 2
    share = ((point[0] - start[0]) * along[0] + (point[1] - start[1]) * along[1]) / length if length else 0.0
    share = max(0.0, min(1.0, share))
    return math.dist(point, (start[0] + share * along[0], start[1] + share * along[1]))


# --- a row for each set -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where the columns of the rows stand; on a narrow sheet the name stands above its dots."""

    criteria: tuple[str, ...]
    badge: float
    name: float
    room: float
    front: float
    left: float
    pitch: float
    harms: float

    @classmethod
    def of(cls, canvas: Canvas, criteria: tuple[str, ...], badge: float) -> _Frame:
        """The columns of a sheet."""
        name = MARGIN + badge + 1.7
        harms = canvas.right - (20.0 if canvas.narrow else 21.0)
        front = canvas.right if canvas.narrow else name + 54.0
        left = name if canvas.narrow else front + 2.0
        return cls(criteria, badge, name, front - name - 9.0, front, left, (harms - 1.5 - left) / len(criteria), harms)

    def at(self, number: int, value: float) -> float:
        """Where a value stands in the strip of a criterion."""
        return self.left + number * self.pitch + 1.5 + (self.pitch - 3.0) * value

    def beside(self, number: int, value: float) -> float:
        """The middle of the words that tell a value, where they stay in the column."""
        half = letters.wide("0.00", SMALL, bold=True) / 2
        return max(self.at(number, 0) - 1.3 + half, min(self.at(number, 1) + 1.3 - half, self.at(number, value)))


def _rows(canvas: Canvas, frame: _Frame, shown: Sequence[Card]) -> None:
    _heads(canvas, frame)
    for number, card in enumerate(shown):
        lines = _name(card, frame.room)
        names = letters.high(SMALL) * len(lines)
        high = names + 8.2 if canvas.narrow else max(names, 6.4) + 1.6
        if number % 2 == 0:
            canvas.rect(MARGIN, canvas.y, canvas.right - MARGIN, high, SHEET)
        with canvas.mark(_said(card), card.findings):
            middle = canvas.y + 0.8 + names / 2 if canvas.narrow else canvas.y + high / 2
            _named(canvas, frame, card, lines, middle)
            _dots(canvas, frame, card, best(card, shown), canvas.y + high - 2.4 if canvas.narrow else middle)
            _harmed(canvas, frame, card, canvas.y + high - 3.6 if canvas.narrow else middle)
        canvas.y += high
    for number, end in itertools.product(range(len(frame.criteria)), (0, 1)):
        canvas.text(frame.at(number, end), canvas.y + 1.6, str(end), SMALL, align="center", color=SOFT)
    canvas.y += 2.5


def _heads(canvas: Canvas, frame: _Frame) -> None:
    """What the columns are; on two levels where they are too narrow for one."""
    low = canvas.y + (4.2 if canvas.narrow else 1.5)
    for number, name in enumerate(frame.criteria):
        y = low - letters.high(SMALL) * (number % 2) if canvas.narrow else low
        room = (2 if canvas.narrow else 1) * frame.pitch - 0.6
        words = letters.fit(name, room, SMALL, bold=True)
        canvas.text(frame.at(number, 0.5), y, words, SMALL, align="center", color=SOFT, bold=True)
    canvas.text(frame.harms, low, "harms", SMALL, color=SOFT, bold=True)
    if not canvas.narrow:
        canvas.text(frame.name, low, "set", SMALL, color=SOFT, bold=True)
    canvas.y = low + 2.2


def _name(card: Card, room: float) -> list[str]:
    lines = letters.wrap(card.candidate.name, room, SMALL, 3)
    if not card.candidate.perhaps:
        return lines
    last = f"{lines[-1]}, {_PERHAPS}"
    return [*lines[:-1], last] if letters.wide(last, SMALL) <= room else [*lines, _PERHAPS]


def _named(canvas: Canvas, frame: _Frame, card: Card, lines: Sequence[str], y: float) -> None:
    _badge(canvas, card, MARGIN + 0.5 + frame.badge / 2, y, frame.badge)
    canvas.lines(frame.name, y, lines, SMALL)
    if card.candidate.front:
        canvas.text(frame.front - 0.5, y, "front", SMALL, align="right", bold=True)


def _dots(canvas: Canvas, frame: _Frame, card: Card, best: str, y: float) -> None:
    for number, name in enumerate(frame.criteria):
        value, ends = card.candidate.values[name], (frame.at(number, 0), frame.at(number, 1))
        canvas.line([(ends[0], y), (ends[1], y)], LINE, 0.5)
        for end in ends:
            canvas.line([(end, y - 0.9), (end, y + 0.9)], LINE, 0.5)
        _dot(canvas, frame.at(number, value), y, front=card.candidate.front, best=name == best)
        if name == best:
            canvas.text(frame.beside(number, value), y - 2.7, f"{value:.2f}", SMALL, align="center", bold=True)


def _harmed(canvas: Canvas, frame: _Frame, card: Card, y: float) -> None:
    """How many findings worsened, and all that speak against it."""
    above, below = y - 0.5 * letters.high(SMALL), y + 0.5 * letters.high(SMALL)
    x = frame.harms
    if card.harms:
        signs.block(canvas, _HARM, x, above - 1.1, 3.2, 2.2)
        x += 4.0
    canvas.text(x, above, letters.fit(_harms(card), canvas.right - x, SMALL), SMALL, color=INK)
    words = f"{'of ' if card.harms else ''}{len(card.against)} against"
    canvas.text(frame.harms, below, letters.fit(words, canvas.right - frame.harms, SMALL), SMALL, color=SOFT)
