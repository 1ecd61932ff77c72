"""The forest plot: Hedges' g of every finding that prints its numbers. Nothing is pooled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kg.errors import KgError, plural
from kg.model import Result
from kg.synthesis import effects
from kg.synthesis.effects import Effect
from kg.views.plots import facts, letters, signs
from kg.views.plots.asked import Asked, showing, total
from kg.views.plots.canvas import INK, MARGIN, PAPER, SHEET, SOFT, Canvas, Picture
from kg.views.plots.facts import Fact
from kg.views.plots.letters import BODY, SMALL

_STUDY = 19.0  # millimetres for the name of a study
_MOST = 60
_WIDEST = 5.0  # standard deviations shown to either side
_SIGNS = {Result.IMPROVED.value: 1, Result.WORSENED.value: -1}
_TURNS = {"increased": 1, "decreased": -1}


@dataclass(frozen=True, slots=True)
class _Row:
    """One finding with its effect, right for better where `known`, else with its raw sign."""

    fact: Fact
    effect: Effect
    known: bool
    sides: str


def forest(asked: Asked) -> Picture:
    """Every finding with printed means and spreads, or shares of subjects, by domain and species."""
    rows = list(_rows(asked))
    if not rows:
        raise KgError(
            "no finding here prints n, means and spreads of both sides; ask for more, or draw the harvest plot"
        )
    title = "Forest plot: size of effect of single findings, nothing pooled"
    shown = sorted(rows, key=lambda row: (-row.effect.n, row.fact.finding))[:_MOST]
    canvas = asked.canvas("forest", title)
    _keys(canvas)
    frame = _Frame.of(canvas, shown)
    _body(canvas, frame, shown)
    _axis(canvas, frame)
    raw = sum(not row.known for row in shown)
    notes = [
        "Hedges' g with 95 % interval, right is better for the injured; area of a square is its weight (1 / variance)",
        "Hollow: from shares of subjects by the log odds ratio" if any(row.effect.shares for row in shown) else "",
        f"{plural(raw, 'finding')} with a dagger: what is better is not known, raw sign" if raw else "",
        "Findings of one study share animals and are not independent; animals and people are never pooled",
        showing(len(shown), len(rows), "findings with numbers", "the largest n first"),
        f"{plural(len(asked.facts) - len(rows), 'finding')} without such numbers left out",
    ]  # fmt: skip
    return asked.finish(canvas, title, notes, total(row.fact for row in shown))


def _rows(asked: Asked) -> Iterable[_Row]:
    by_id = {str(row.get("finding")): row for row in asked.rows}
    better = polarity(asked.facts) | _stated(asked)
    for fact in asked.facts:
        row = by_id.get(fact.finding)
        effect = effects.from_row(row) if row and row.get("tier") in (None, "T1") else None
        if row and effect:
            sign = better.get(fact.outcome_node)
            sides = f"{row['n']} / {row['n_comparator']}"
            yield _Row(fact, effect.turned(sign or 1), sign is not None, sides)


def polarity(found: Iterable[Fact]) -> dict[str, int]:
    """Whether more of an outcome is better (1) or worse (-1), as directions and results of its findings show."""
    seen: dict[str, set[int]] = {}
    for fact in found:
        sign = _SIGNS.get(fact.result, 0) * _TURNS.get(fact.direction, 0)
        if sign:
            seen.setdefault(fact.outcome_node, set()).add(sign)
    return {outcome: next(iter(found)) for outcome, found in seen.items() if len(found) == 1}


def _stated(asked: Asked) -> dict[str, int]:
    """What the outcomes themselves say, where the graph holds it."""
    said = {node: str(word) for node, word in asked.graph.nodes(data="higher_is") if word}
    return {node: 1 if word == "better" else -1 for node, word in said.items() if word in ("better", "worse")}


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where the columns stand and how wide the scale is."""

    name: float
    n: float
    left: float
    right: float
    number: float
    limit: float
    most: float

    @classmethod
    def of(cls, canvas: Canvas, rows: Sequence[_Row]) -> _Frame:
        """The columns of a sheet for these rows."""
        ends = [abs(end) for row in rows for end in (row.effect.low, row.effect.high)]
        limit = min(_WIDEST, max(1.0, *ends))
        most = max(row.effect.weight for row in rows)
        if canvas.narrow:
            return cls(MARGIN, 0.0, MARGIN + 35, canvas.right - 20, canvas.right, limit, most)
        return cls(MARGIN, MARGIN + 82, MARGIN + 86, canvas.right - 27, canvas.right, limit, most)

    def x(self, g: float) -> float:
        """Millimetres of an effect, inside the scale."""
        inside = max(-self.limit, min(self.limit, g))
        return (self.left + self.right) / 2 + (self.right - self.left - 4) / 2 * inside / self.limit


def _body(canvas: Canvas, frame: _Frame, rows: Sequence[_Row]) -> None:
    groups: dict[tuple[str, str], list[_Row]] = {}
    order = sorted(rows, key=lambda row: (row.fact.domain, _place(row.fact), row.fact.species, row.fact.finding))
    for row in order:
        groups.setdefault((row.fact.domain, row.fact.species), []).append(row)
    _heads(canvas, frame)
    top = canvas.y
    for (domain, species), mine in groups.items():
        canvas.rect(MARGIN, canvas.y, canvas.right - MARGIN, 4.0, SHEET)
        words = letters.fit(f"{domain}, {species}", canvas.right - MARGIN - 2, BODY, True)
        canvas.text(MARGIN + 1, canvas.y + 2.0, words, bold=True)
        canvas.y += 4.4
        for row in mine:
            _draw(canvas, frame, row)
        canvas.y += 0.8
    canvas.line([(frame.x(0), top), (frame.x(0), canvas.y)], INK, 0.5)


def _place(fact: Fact) -> int:
    return facts.RUNGS.index(fact.rung)


def _heads(canvas: Canvas, frame: _Frame) -> None:
    y = canvas.y + 1.5
    canvas.text(frame.name + 1, y, "Study", SMALL, color=SOFT, bold=True)
    if not canvas.narrow:
        canvas.text(frame.name + 1 + _STUDY, y, "Contrast and outcome", SMALL, color=SOFT, bold=True)
    if not canvas.narrow:
        canvas.text(frame.n, y, "n / n", SMALL, align="right", color=SOFT, bold=True)
    canvas.text(frame.number, y, "g [95 % CI]", SMALL, align="right", color=SOFT, bold=True)
    canvas.y += 3.8


def _draw(canvas: Canvas, frame: _Frame, row: _Row) -> None:
    fact, effect = row.fact, row.effect
    versus = f"{fact.therapy} v {fact.comparator}"
    said = f"g = {_number(effect.value)} [{_number(effect.low)}, {_number(effect.high)}]"
    words = f"{fact.study}: {versus}, {fact.outcome}: {said}, n = {row.sides}, {fact.result}"
    high = 5.8 if canvas.narrow else 3.7
    with canvas.mark(words, (fact.finding,)):
        y = canvas.y + high / 2
        if canvas.narrow:
            room = frame.left - frame.name - 2
            n = f", n {row.sides}"
            outcome = letters.fit(fact.outcome, room - letters.wide(n, SMALL), SMALL) + n
            canvas.text(frame.name + 1, y - 1.3, letters.fit(f"{fact.study}: {fact.therapy}", room, SMALL), SMALL)
            canvas.text(frame.name + 1, y + 1.3, outcome, SMALL, color=SOFT)
        else:
            room = frame.n - frame.name - 11 - _STUDY
            outcome = letters.fit(f": {fact.outcome}", room / 2, SMALL)
            short = letters.fit(versus, room - letters.wide(outcome, SMALL), SMALL)
            canvas.text(frame.name + 1, y, letters.fit(fact.study, _STUDY - 1.5, SMALL), SMALL)
            canvas.text(frame.name + 1 + _STUDY, y, short + outcome, SMALL)
            canvas.text(frame.n, y, row.sides, SMALL, align="right")
        _square(canvas, frame, row, y)
        _numbers(canvas, frame, row, y)
    canvas.y += high


def _numbers(canvas: Canvas, frame: _Frame, row: _Row, y: float) -> None:
    effect, dagger = row.effect, "" if row.known else "†"
    if canvas.narrow:
        canvas.text(frame.number, y - 1.3, f"{_number(effect.value)}{dagger} {_letter(row)}", SMALL, align="right")
        canvas.text(
            frame.number, y + 1.3, f"[{_number(effect.low)}, {_number(effect.high)}]", SMALL, align="right", color=SOFT
        )
    else:
        words = f"{_number(effect.value)}{dagger} [{_number(effect.low)}, {_number(effect.high)}] {_letter(row)}"
        canvas.text(frame.number, y, words, SMALL, align="right")


def _letter(row: _Row) -> str:
    return signs.LETTERS[row.fact.result]


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", signs.MINUS)


def _square(canvas: Canvas, frame: _Frame, row: _Row, y: float) -> None:
    effect, colour = row.effect, signs.COLOURS[row.fact.result]
    canvas.line([(frame.x(effect.low), y), (frame.x(effect.high), y)], colour, 0.8)
    for end, turn in ((effect.low, -1), (effect.high, 1)):
        if abs(end) > frame.limit and end * turn > 0:
            x = frame.x(end)
            canvas.polygon([(x + turn * 0.9, y), (x - turn * 0.5, y - 0.7), (x - turn * 0.5, y + 0.7)], colour)
    if abs(effect.value) <= frame.limit:
        side = max(0.9, 2.9 * (effect.weight / frame.most) ** 0.5)
        fill = PAPER if effect.shares else colour
        canvas.rect(frame.x(effect.value) - side / 2, y - side / 2, side, side, fill, edge=colour, thick=0.8)


def _axis(canvas: Canvas, frame: _Frame) -> None:
    y = canvas.y + 0.5
    canvas.line([(frame.x(-frame.limit), y), (frame.x(frame.limit), y)], INK)
    step = 2 if frame.limit > 3 else 1
    most = int(frame.limit // step * step)
    for g in range(-most, most + 1, step):
        canvas.line([(frame.x(g), y), (frame.x(g), y + 0.9)], INK)
        canvas.text(frame.x(g), y + 2.4, str(g).replace("-", signs.MINUS), SMALL, align="center")
    worse, better = ("worse", "better") if canvas.narrow else ("worse for the injured", "better for the injured")
    canvas.text(frame.x(0) - 1.5, y + 5.4, f"← {worse}", SMALL, align="right", color=SOFT)
    canvas.text(frame.x(0) + 1.5, y + 5.4, f"{better} →", SMALL, color=SOFT)
    canvas.y = y + 7.0


def _keys(canvas: Canvas) -> None:
    def entry(result: str) -> signs.Entry:
        colour = signs.COLOURS[result]
        return lambda x, y: canvas.rect(x + 1, y - 1, 2, 2, colour), f"{signs.LETTERS[result]} {result}"

    hollow: signs.Entry = (
        lambda x, y: canvas.rect(x + 1, y - 1, 2, 2, PAPER, edge=SOFT, thick=0.8),
        "hollow: from shares of subjects",
    )
    arrow: signs.Entry = (
        lambda x, y: canvas.polygon([(x + 1, y - 0.8), (x + 1, y + 0.8), (x + 2.6, y)], SOFT),
        "off the scale",
    )
    signs.legend(canvas, [*(entry(result) for result in facts.RESULTS), hollow, arrow], "As the paper calls it")
