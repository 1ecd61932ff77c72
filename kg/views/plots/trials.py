"""Trials in people: when each therapy was tested, how large the trial was and what became of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kg.errors import KgError, plural
from kg.views.plots import letters, signs
from kg.views.plots.asked import Asked, showing
from kg.views.plots.canvas import LINE, MARGIN, PAPER, SHEET, SOFT, Canvas, Picture
from kg.views.plots.letters import SMALL

_MOST_ROWS, _MOST_NARROW = 45, 36
_STATUS = {  # shape and colour of what became of a trial; hollow where nothing was settled
    "completed": ("circle", "#37698c"),
    "published": ("pentagon", "#37698c"),
    "active": ("right", "#00796b"),
    "recruiting": ("up", "#00796b"),
    "not yet recruiting": ("up", ""),
    "terminated": ("down", "#c43d00"),
    "withdrawn": ("square", "#c43d00"),
    "suspended": ("diamond", "#8a6100"),
    "unknown": ("circle", ""),
}
_OTHER = ("hexagon", "")
_PHASES = {"acute": "A", "subacute": "S", "chronic": "C"}


@dataclass(frozen=True, slots=True)
class _Trial:
    """One trial; `phases` are the letters of the phases of injury that it takes in."""

    id: str
    regimen: str
    status: str
    phases: str
    n: int | None
    start: int | None
    result: str
    said: str


def trials(asked: Asked) -> Picture:
    """A line for each therapy or combination that was tested, its trials at their years of start."""
    known = _trials(asked.rows)
    if not known:
        raise KgError("no trial here tests this; ask for another therapy, or draw the ladder")
    title = "Trials in people: start, status and size"
    by_regimen: dict[str, list[_Trial]] = {}
    for trial in known:
        by_regimen.setdefault(trial.regimen, []).append(trial)
    canvas = asked.canvas("trials", title)
    ranked = sorted(by_regimen, key=lambda name: _rank(by_regimen[name], name))
    shown = sorted(ranked[: _MOST_NARROW if canvas.narrow else _MOST_ROWS], key=_first(by_regimen))
    drawn = [trial for name in shown for trial in by_regimen[name]]
    _keys(canvas, drawn)
    _rows(canvas, shown, by_regimen, drawn)
    notes = [
        "A sign is a trial at its year of start, larger for more participants; A acute, S subacute, C chronic injury",
        "The small sign behind is the published result: none, and none is recorded; undetermined: no control group",
        showing(len(shown), len(by_regimen), "regimens", "those with most trials, then most participants"),
    ]  # fmt: skip
    missing = sum(trial.start is None for trial in drawn)
    counts = plural(len(drawn), "trial") + (f", {missing} without a year" if missing else "")
    return asked.finish(canvas, title, notes, counts)


def _trials(rows: Sequence[Mapping[str, Any]]) -> list[_Trial]:
    """One trial for all of its lines, which differ by phase of injury."""
    by_id: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_id.setdefault(str(row.get("trial") or ""), []).append(row)
    return [_trial(id, mine) for id, mine in sorted(by_id.items())]


def _trial(id: str, rows: Sequence[Mapping[str, Any]]) -> _Trial:
    first = rows[0]
    phases = sorted({str(row.get("injury_phase")) for row in rows} & set(_PHASES))
    n, start = (_whole(first.get(name)) for name in ("n", "start"))
    known = [f"phase {first['trial_phase']}" if first.get("trial_phase") else "", str(first.get("status") or "")]
    known += [f"n = {n}" if n else "n not stated", f"start {start}" if start else "start not stated", ", ".join(phases)]
    known += [str(first.get("result") or ""), str(first.get("why_stopped") or ""), str(first.get("summary") or "")]
    said = f"{id}, {first.get('regimen')}: {'; '.join(part for part in known if part)}"
    return _Trial(
        id, str(first.get("regimen") or "not stated"), str(first.get("status") or ""),
        "".join(_PHASES[phase] for phase in _PHASES if phase in phases), n, start, str(first.get("result") or ""), said,
    )  # fmt: skip


def _whole(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) and 0 < value < 1e6 else None


def _rank(mine: Sequence[_Trial], name: str) -> tuple[int, int, str]:
    return -len(mine), -sum(trial.n or 0 for trial in mine), name


def _first(groups: Mapping[str, Sequence[_Trial]]) -> Any:
    """Rows in the order of their first start, those without a year last."""
    return lambda name: (min((t.start or 9999 for t in groups[name]), default=9999), name.casefold(), name)


def _rows(
    canvas: Canvas, shown: Sequence[str], groups: Mapping[str, Sequence[_Trial]], drawn: Sequence[_Trial]
) -> None:
    left = MARGIN + (31 if canvas.narrow else 62)
    lost = 11.0 if canvas.narrow else 17.0
    years = [trial.start for trial in drawn if trial.start is not None]
    first, last = (min(years), max(years)) if years else (2000, 2000)
    room = canvas.right - lost - left

    def x(year: int | None) -> float:
        if year is None:
            return canvas.right - lost + 2.5
        return left + 3 + (room - 10) * (year - first) / max(1, last - first)

    canvas.y += 1.0
    _years(canvas, first, last, x, len(shown), bool(years))
    for number, name in enumerate(shown):
        mine = sorted(groups[name], key=lambda trial: (trial.start or 9999, trial.id))
        lanes = _lanes(mine, x)
        high = 3.9 * (max(lanes.values()) + 1)
        if number % 2 == 0:
            canvas.rect(MARGIN, canvas.y, canvas.right - MARGIN, high, SHEET)
        canvas.text(MARGIN + 1, canvas.y + high / 2, letters.fit(name, left - MARGIN - 2, SMALL), SMALL)
        for trial in mine:
            _draw(canvas, trial, x(trial.start), canvas.y + 3.9 * (lanes[trial.id] + 0.5))
        canvas.y += high
    canvas.y += 0.5


def _lanes(mine: Sequence[_Trial], x: Any) -> dict[str, int]:
    """The line inside a row of each trial, so that none stands on another."""
    ends: list[float] = []
    lanes = {}
    for trial in mine:
        at = x(trial.start)
        free = [number for number, end in enumerate(ends) if end <= at]
        lane = free[0] if free else len(ends)
        ends[lane : lane + 1] = [at + _wide(trial) + 1.2 + 1.7]
        lanes[trial.id] = lane
    return lanes


def _size(trial: _Trial) -> float:
    return 1.3 if trial.n is None else min(3.4, 1.3 + 0.17 * math.sqrt(trial.n))


def _wide(trial: _Trial) -> float:
    """From the middle of a trial's sign to the end of what stands behind it."""
    return _size(trial) / 2 + 0.5 + letters.wide(trial.phases, SMALL) + (2.5 if trial.result else 0.0)


def _years(canvas: Canvas, first: int, last: int, x: Any, rows: int, known: bool) -> None:
    step = next(step for step in (1, 2, 5, 10, 20, 50, 1000) if (last - first) / step * 8 <= x(last) - x(first) + 8)
    for year in range(first, last + 1):
        if known and (year - first) % step == 0:
            canvas.text(x(year), canvas.y + 1.2, str(year), SMALL, align="center", color=SOFT)
            canvas.line([(x(year), canvas.y + 2.6), (x(year), canvas.y + 3.6)], SOFT)
    words = "?" if canvas.narrow else "no year"
    canvas.text(x(None) - 1.5, canvas.y + 1.2, words, SMALL, color=SOFT)
    canvas.y += 3.8
    canvas.line([(MARGIN, canvas.y), (canvas.right, canvas.y)], LINE if rows else SOFT)


def _draw(canvas: Canvas, trial: _Trial, x: float, y: float) -> None:
    shape, colour = _STATUS.get(trial.status, _OTHER)
    size = _size(trial)
    with canvas.mark(trial.said):
        signs.sign(canvas, shape, x, y, size, colour or PAPER, PAPER if colour else SOFT)
        at = x + size / 2 + 0.5
        canvas.text(at, y, trial.phases, SMALL, color=SOFT)
        if trial.result in signs.COLOURS:
            at += letters.wide(trial.phases, SMALL) + (1.5 if trial.phases else 0.8)
            signs.point(canvas, trial.result, at, y, 1.6)


def _keys(canvas: Canvas, drawn: Sequence[_Trial]) -> None:
    seen = {trial.status for trial in drawn}
    entries = [
        signs.shaped(canvas, shape, status, colour or PAPER, PAPER if colour else SOFT)
        for status, (shape, colour) in _STATUS.items()
        if status in seen
    ]
    if seen - set(_STATUS):
        entries.append(signs.shaped(canvas, _OTHER[0], "not stated", PAPER, SOFT))
    signs.legend(canvas, entries, "Status")
    signs.legend(canvas, signs.points(canvas), "Result")
