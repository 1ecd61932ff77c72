"""How early and how late after injury something was given, and what came of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from kg.errors import KgError, plural
from kg.views.plots import facts, letters, signs
from kg.views.plots.asked import Asked, total
from kg.views.plots.canvas import INK, LINE, MARGIN, PAPER, SHEET, SOFT, Canvas, Picture
from kg.views.plots.facts import RESULTS, Fact
from kg.views.plots.letters import SMALL

_KNEE = 0.02  # days below which the scale is nearly linear, so that day 0 has a place
_TICKS = (
    (0.0, "0"), (1 / 24, "1 h"), (0.25, "6 h"), (1.0, "1 d"), (3.0, "3 d"), (7.0, "1 wk"), (28.0, "4 wk"),
    (90.0, "3 mo"), (365.25, "1 yr"), (1826.0, "5 yr"), (7305.0, "20 yr"),
)  # fmt: skip
_WINDOWS = {  # data/vocab/phases.csv: days after injury in animals and in people
    "people": (("acute", 0.0, 14.0), ("subacute", 14.0, 180.0), ("chronic", 180.0, math.inf)),
    "animals": (("acute", 0.0, 3.0), ("subacute", 3.0, 28.0), ("chronic", 28.0, math.inf)),
}
_SHAPES = {
    "mouse": "circle", "rat": "square", "other rodents": "hexagon", "large animals": "diamond", "primates": "down",
    "people": "star", "not stated": "left",
}  # fmt: skip
_SIZE = 1.7
Dot = tuple[float, float, str, Sequence[Fact]]
Windows = Sequence[tuple[str, float, float]]


def timing(asked: Asked) -> Picture:
    """Studies by day of treatment and result; animals and people apart, each with its own phases."""
    known = [fact for fact in asked.facts if fact.day is not None]
    if not known:
        raise KgError("no finding here states the day of treatment; ask for another therapy or phase")
    title = "When it was given after injury, and what came of it"
    canvas = asked.canvas("timing", title)
    rungs = [rung for rung in _SHAPES if any(fact.rung == rung for fact in known)]
    signs.legend(canvas, [signs.shaped(canvas, _SHAPES[rung], rung) for rung in rungs], "Species")
    scale = _scale(canvas, max(fact.day or 0.0 for fact in known))
    for people in (False, True):
        panel = [fact for fact in known if (fact.rung == "people") is people]
        if panel:
            mixed = any(fact.rung == facts.NOT_STATED for fact in panel)
            words = "People" if people else "Animals, and species not stated" if mixed else "Animals"
            _panel(canvas, words, _WINDOWS["people" if people else "animals"], panel, scale)
    missing = [fact for fact in asked.facts if fact.day is None]
    notes = [
        "A sign is a study at a day of treatment, under each result that it has; shapes are species, rows results",
        "Days on a logarithmic scale that is linear near 0; shaded phases as the vocabulary cuts them",
        f"Left out: {plural(len(missing), 'finding')} whose day is not stated" if missing else "",
    ]  # fmt: skip
    return asked.finish(canvas, title, notes, total(known))


def _scale(canvas: Canvas, most: float) -> Callable[[float], float]:
    """Days to millimetres."""
    left, right = MARGIN + (20 if canvas.narrow else 26), canvas.right - 3
    last = math.log10(1 + max(most * 1.3, 60) / _KNEE)
    return lambda day: left + 2 + (right - left - 2) * min(1.0, math.log10(1 + day / _KNEE) / last)


def _panel(
    canvas: Canvas, title: str, windows: Windows, panel: Sequence[Fact], scale: Callable[[float], float]
) -> None:
    words = letters.fit(f"{title} ({total(panel)})", canvas.right - MARGIN, bold=True)
    canvas.text(MARGIN, canvas.y + 1.5, words, bold=True)
    canvas.y += 4.0
    lanes = {result: _swarm([fact for fact in panel if fact.result == result], scale) for result in RESULTS}
    lanes = {result: dots for result, dots in lanes.items() if dots}
    highs = {result: max(dot[1] for dot in dots) + _SIZE + 1.6 for result, dots in lanes.items()}
    top, bottom = canvas.y + 3.4, canvas.y + 3.4 + sum(max(5.0, high) for high in highs.values())
    _phases(canvas, windows, top, bottom, scale)
    y = top
    for result, dots in lanes.items():
        high = max(5.0, highs[result])
        _lane(canvas, result, dots, y, high)
        y += high
        canvas.line([(MARGIN, y), (canvas.right, y)], LINE)
    canvas.y = y
    _axis(canvas, scale)


def _swarm(found: Sequence[Fact], scale: Callable[[float], float]) -> list[Dot]:
    """Studies at their days, stacked upwards where they would touch: x, height in the stack, rung, findings."""
    points = facts.grouped(found, lambda fact: (fact.day or 0.0, list(_SHAPES).index(fact.rung), fact.study))
    placed: list[Dot] = []
    for (day, rung, _), mine in sorted(points.items(), key=lambda item: item[0]):
        x, height = scale(day), 0.0
        near = sorted(dot[1] for dot in placed if abs(dot[0] - x) < _SIZE)
        for taken in near:
            height = taken + _SIZE if abs(taken - height) < _SIZE - 0.01 else height
        placed.append((x, height, list(_SHAPES)[rung], mine))
    return placed


def _phases(canvas: Canvas, windows: Windows, top: float, bottom: float, scale: Callable[[float], float]) -> None:
    for number, (phase, start, end) in enumerate(windows):
        left = scale(start) - (2 if start == 0 else 0)
        right = min(scale(min(end, 1e6)), canvas.right)
        right = canvas.right if math.isinf(end) else right
        canvas.rect(left, top - 3.4, right - left, bottom - top + 3.4, SHEET if number % 2 == 0 else PAPER)
        words = phase if letters.wide(phase, SMALL) < right - left - 1 else f"{phase[:5]}."
        if letters.wide(words, SMALL) < right - left:
            canvas.text((left + right) / 2, top - 1.7, words, SMALL, align="center", color=SOFT)


def _lane(canvas: Canvas, result: str, dots: Sequence[Dot], y: float, high: float) -> None:
    signs.point(canvas, result, MARGIN + 1.5, y + high / 2, 2.2)
    n = facts.studies(fact for dot in dots for fact in dot[3])
    room = (20 if canvas.narrow else 26) - 5
    words = letters.wrap(result, room, SMALL)
    canvas.lines(MARGIN + 3.6, y + high / 2 - (0 if high < 7.5 else 1.3), words, SMALL)
    if high >= 7.5:
        canvas.text(MARGIN + 3.6, y + high / 2 + 1.5, plural(n, "study", "studies"), SMALL, color=SOFT)
    for x, height, rung, mine in dots:
        with canvas.mark(_said(result, mine), facts.ids(mine)):
            fill, edge = (PAPER, signs.COLOURS[result]) if result == signs.HOLLOW else (signs.COLOURS[result], PAPER)
            signs.sign(canvas, _SHAPES[rung], x, y + high - 0.8 - _SIZE / 2 - height, _SIZE, fill, edge)


def _said(result: str, found: Sequence[Fact]) -> str:
    first = found[0]
    therapies = " / ".join(sorted({fact.therapy for fact in found}))
    return (
        f"{first.study}, day {first.day:g} ({first.phase}), {first.species}: {therapies}: {result} "
        f"({plural(len(found), 'finding')})"
    )


def _axis(canvas: Canvas, scale: Callable[[float], float]) -> None:
    end = 0.0
    for day, words in _TICKS:
        x = scale(day)
        if x > canvas.right - 3.01 and day:
            break
        canvas.line([(x, canvas.y), (x, canvas.y + 0.9)], INK)
        if x - letters.wide(words, SMALL) / 2 > end + 0.8:
            canvas.text(x, canvas.y + 2.4, words, SMALL, align="center")
            end = x + letters.wide(words, SMALL) / 2
    canvas.text(MARGIN, canvas.y + 2.4, "after injury", SMALL, color=SOFT)
    canvas.y += 5.5
