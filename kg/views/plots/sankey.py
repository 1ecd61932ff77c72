"""Flows of findings from phase of injury through therapy class to outcome domain, in the colour of the result.

matplotlib.sankey draws one process with arrows, not layers of nodes, so the ribbons are Bezier patches of our own.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from kg.errors import KgError, plural
from kg.views.plots import facts, letters, signs
from kg.views.plots.asked import Asked, total
from kg.views.plots.canvas import MARGIN, PAPER, SHEET, SOFT, Canvas, Picture
from kg.views.plots.facts import PHASES, RESULTS, Fact
from kg.views.plots.letters import SMALL

_HIGH = 150.0
_LEAST = 2.9  # a node is never lower than its label
_MOST = 12  # classes, and domains, that are named
_REST = "others"


@dataclass(frozen=True, slots=True)
class _Layer:
    """Nodes from top to bottom with the findings of each; x of the two ends between which its labels stand."""

    names: Sequence[str]
    of: Callable[[Fact], str]
    left: float
    right: float


def sankey(asked: Asked) -> Picture:
    """Phase, class, domain: the width of a ribbon is its number of findings."""
    if not asked.facts:
        raise KgError("there is no finding to follow; ask for another therapy or phase")
    title = "From phase of injury through therapy class to outcome domain"
    canvas = asked.canvas("sankey", title)
    signs.legend(canvas, signs.blocks(canvas), "Result")
    layers = _layers(canvas, asked.facts)
    high = _HIGH if len(asked.facts) > 60 else 90.0
    _heads(canvas, layers)
    spans = [_spans(canvas.y, layer, asked.facts, high) for layer in layers]
    for number, (one, other) in enumerate(itertools.pairwise(layers)):
        _ribbons(canvas, one, other, spans[number], spans[number + 1], asked.facts)
    for layer, mine in zip(layers, spans, strict=True):
        _nodes(canvas, layer, mine, asked.facts)
    canvas.y = max(end for mine in spans for _, end in mine.values())
    notes = [
        "Width: findings, so that all that enters a node leaves it; the numbers are studies (findings)",
        "Many findings of one study make a wide ribbon; read the studies before the width",
        f"{_REST}: those beyond the {_MOST} busiest" if any(_REST in layer.names for layer in layers) else "",
        "A combination is a class of its own and credits none of its parts",
    ]  # fmt: skip
    return asked.finish(canvas, title, notes, total(asked.facts))


def _layers(canvas: Canvas, found: Sequence[Fact]) -> list[_Layer]:
    classes, domains = _named(found, lambda fact: fact.group), _named(found, lambda fact: fact.domain)
    side, band = (15.0, 21.0) if canvas.narrow else (24.0, 44.0)
    last = 22.0 if canvas.narrow else 40.0
    middle = (MARGIN + side + canvas.right - last) / 2
    phases = [phase for phase in PHASES if any(fact.phase == phase for fact in found)]
    return [
        _Layer(phases, lambda fact: fact.phase, MARGIN, MARGIN + side),
        _Layer(*classes, middle - band / 2, middle + band / 2),
        _Layer(*domains, canvas.right - last, canvas.right),
    ]


def _named(found: Sequence[Fact], of: Callable[[Fact], str]) -> tuple[list[str], Callable[[Fact], str]]:
    """The busiest names, the rest under one; and which one a fact has."""
    groups = facts.grouped(found, of)
    names = facts.busiest(groups)
    if len(names) <= _MOST + 6:
        return names, of
    kept = set(names[:_MOST])
    return [*names[:_MOST], _REST], lambda fact: of(fact) if of(fact) in kept else _REST


def _spans(top: float, layer: _Layer, found: Sequence[Fact], high: float) -> dict[str, tuple[float, float]]:
    """Top and bottom of each node: as high as its findings, with room for its label at least."""
    counts = {name: sum(layer.of(fact) == name for fact in found) for name in layer.names}
    unit = high / len(found)
    extra = sum(max(0.0, _LEAST - count * unit) for count in counts.values())
    gap = max(1.0, (high * 0.35 - extra) / max(1, len(layer.names) - 1)) if len(layer.names) > 1 else 0.0
    gap = min(gap, 6.0)
    spans, y = {}, top
    for name, count in counts.items():
        spans[name] = (y, y + max(_LEAST, count * unit))
        y += max(_LEAST, count * unit) + gap
    return _centred(spans, top, high)


def _centred(spans: Mapping[str, tuple[float, float]], top: float, high: float) -> dict[str, tuple[float, float]]:
    most = high * 1.35
    used = max(end for _, end in spans.values()) - top
    shift = max(0.0, (most - used) / 2)
    return {name: (start + shift, end + shift) for name, (start, end) in spans.items()}


def _key(fact: Fact) -> int:
    return RESULTS.index(fact.result)


def _ribbons(
    canvas: Canvas, one: _Layer, other: _Layer, starts: Mapping[str, tuple[float, float]],
    ends: Mapping[str, tuple[float, float]], found: Sequence[Fact],
) -> None:  # fmt: skip
    """Ribbons sorted by result at both ends, so that each node shows its share of nulls and harms."""
    unit = _unit(found)
    flows = facts.grouped(
        found, lambda fact: (_key(fact), one.names.index(one.of(fact)), other.names.index(other.of(fact)))
    )
    out = {name: _inner(starts[name], sum(one.of(f) == name for f in found) * unit) for name in one.names}
    into = {name: _inner(ends[name], sum(other.of(f) == name for f in found) * unit) for name in other.names}
    placed = []
    for flow in sorted(flows):
        source, high = one.names[flow[1]], len(flows[flow]) * unit
        placed.append((flow, out[source], high))
        out[source] += high
    tops = {}
    for flow in sorted(flows, key=lambda flow: (flow[0], flow[2], flow[1])):
        target = other.names[flow[2]]
        tops[flow] = into[target]
        into[target] += len(flows[flow]) * unit
    for flow, y, high in placed:
        result, source, target = RESULTS[flow[0]], one.names[flow[1]], other.names[flow[2]]
        with canvas.mark(f"{source} to {target}, {result}: {_said(flows[flow])}", facts.ids(flows[flow])):
            _ribbon(canvas, result, (one.right + 1.4, y), (other.left - 1.4, tops[flow]), high)


def _unit(found: Sequence[Fact]) -> float:
    return (_HIGH if len(found) > 60 else 90.0) / len(found)


def _inner(span: tuple[float, float], used: float) -> float:
    """Where ribbons begin in a node that may be higher than they are."""
    return (span[0] + span[1] - used) / 2


def _said(found: Sequence[Fact]) -> str:
    return f"{plural(facts.studies(found), 'study', 'studies')}, {plural(len(found), 'finding')}"


def _ribbon(canvas: Canvas, result: str, start: tuple[float, float], end: tuple[float, float], high: float) -> None:
    from matplotlib.path import Path

    (x1, y1), (x2, y2) = start, end
    middle = (x1 + x2) / 2
    points = [
        (x1, y1), (middle, y1), (middle, y2), (x2, y2),
        (x2, y2 + high), (middle, y2 + high), (middle, y1 + high), (x1, y1 + high), (x1, y1),
    ]  # fmt: skip
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    hollow = result == signs.HOLLOW
    colour = signs.COLOURS[result]
    canvas.shape(
        Path(points, codes), PAPER if hollow else colour, edge=colour if hollow else PAPER,
        thick=0.2, hatch=signs.HATCHES[result],
    )  # fmt: skip


def _nodes(canvas: Canvas, layer: _Layer, spans: Mapping[str, tuple[float, float]], found: Sequence[Fact]) -> None:
    groups = facts.grouped(found, layer.of)
    wide = layer.right - layer.left
    for name, (top, bottom) in spans.items():
        mine = groups[name]
        count = f"{facts.studies(mine)} ({len(mine)})"
        with canvas.mark(f"{name}: {facts.counted(mine)}", facts.ids(mine)):
            canvas.rect(layer.left, top, wide, bottom - top, SHEET, edge=SOFT, thick=0.4)
            _label(canvas, name, count, layer.left + 1, (top + bottom) / 2, wide - 2, bottom - top)


def _label(canvas: Canvas, name: str, count: str, x: float, y: float, room: float, high: float) -> None:
    """Name and count on one line, or below one another where there is room for it."""
    if letters.wide(f"{name} {count}", SMALL) <= room:
        canvas.text(x, y, f"{name} {count}", SMALL)
    elif high > 3 * letters.high(SMALL):
        canvas.lines(x, y, [*letters.wrap(name, room, SMALL), count], SMALL)
    else:
        short = letters.fit(name, room - letters.wide(f" {count}", SMALL), SMALL)
        canvas.text(x, y, f"{short} {count}", SMALL)


def _heads(canvas: Canvas, layers: Sequence[_Layer]) -> None:
    for layer, words in zip(layers, ("Phase", "Class", "Domain"), strict=True):
        canvas.text(layer.left, canvas.y + 1.2, words, SMALL, bold=True, color=SOFT)
    canvas.y += 3.6
