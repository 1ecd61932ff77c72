"""The network of comparisons: what was compared with what, in how many studies."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kg.errors import KgError
from kg.views.plots import facts, letters, signs
from kg.views.plots.asked import Asked, showing, total
from kg.views.plots.canvas import MARGIN, SOFT, Canvas, Picture
from kg.views.plots.facts import COMBINATION, Fact
from kg.views.plots.letters import SMALL

_CONTROL = "control"
_LOOKS = {"therapy": ("circle", "#00796b"), COMBINATION: ("diamond", "#5b3fb8"), _CONTROL: ("square", SOFT)}
_ROW = 4.3
_THIN = 0.35
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Node:
    """One thing given: what it is, its class, and the studies that gave it."""

    name: str
    look: str
    group: str
    found: Sequence[Fact]


def network(asked: Asked) -> Picture:
    """Arms and comparators as nodes, comparisons as lines; the busiest ones where they are many."""
    compared = [fact for fact in asked.facts if fact.contrast != "none" and fact.arm != fact.comparator]
    if not compared:
        raise KgError("no finding here compares two arms; ask for another therapy or phase")
    title = "What was compared with what"
    canvas = asked.canvas("network", title)
    pairs = facts.grouped(compared, _pair)
    nodes = _nodes(compared)
    shown = _shown(nodes, pairs, 22 if canvas.narrow else 36)
    kept = {pair: found for pair, found in pairs.items() if set(pair) <= set(shown)}
    drawn = [fact for found in kept.values() for fact in found]
    _keys(canvas)
    _draw(canvas, shown, kept)
    notes = [
        "Area of a node and width of a line: studies; an arm is everything it gave, a control what the paper calls it",
        "A line says that two arms were compared, not which one did better",
        showing(len(shown), len(nodes), "arms", "those with most studies that were compared with one another"),
    ]  # fmt: skip
    return asked.finish(canvas, title, notes, total(drawn))


def _pair(fact: Fact) -> Pair:
    first, second = sorted((fact.arm, fact.comparator))
    return first, second


def _nodes(compared: Sequence[Fact]) -> dict[str, _Node]:
    control = {fact.comparator for fact in compared if fact.controlled}
    active = {fact.arm for fact in compared} | {fact.comparator for fact in compared if not fact.controlled}
    found: dict[str, list[Fact]] = {}
    groups: dict[str, str] = {}
    for fact in compared:
        found.setdefault(fact.arm, []).append(fact)
        found.setdefault(fact.comparator, []).append(fact)
        if fact.therapy == fact.arm:
            groups[fact.arm] = fact.group
    made = {}
    for name, mine in found.items():
        inert = name in control and name not in active
        look = _CONTROL if inert else COMBINATION if " + " in name else "therapy"
        group = look if look != "therapy" else groups.get(name, "other therapies")
        made[name] = _Node(name, look, group, mine)
    return made


def _shown(nodes: Mapping[str, _Node], pairs: Mapping[Pair, Sequence[Fact]], most: int) -> dict[str, _Node]:
    """The busiest nodes, without those that none of the others was compared with; by class, controls first."""
    ranked = sorted(nodes, key=lambda name: (-facts.studies(nodes[name].found), name))[:most]
    linked = {name for pair in pairs if set(pair) <= set(ranked) for name in pair}
    kept = [name for name in ranked if name in linked]
    weight: dict[str, int] = {}
    for name in kept:
        weight[nodes[name].group] = weight.get(nodes[name].group, 0) + facts.studies(nodes[name].found)

    def key(name: str) -> tuple[bool, int, str, int, str]:
        group = nodes[name].group
        return group != _CONTROL, -weight[group], group, -facts.studies(nodes[name].found), name

    return {name: nodes[name] for name in sorted(kept, key=key)}


def _draw(canvas: Canvas, shown: Mapping[str, _Node], pairs: Mapping[Pair, Sequence[Fact]]) -> None:
    places = _ring(canvas, shown)
    most = max(facts.studies(found) for found in pairs.values())
    for pair, found in sorted(pairs.items(), key=lambda item: (facts.studies(item[1]), item[0])):
        with canvas.mark(f"{pair[0]} and {pair[1]}: {facts.counted(found)}", facts.ids(found)):
            thick = _THIN + 3.6 * facts.studies(found) / max(most, 12)
            canvas.line([places[name][:2] for name in pair], "#8a949e", thick)
    largest = max(facts.studies(node.found) for node in shown.values())
    for name, node in shown.items():
        _node(canvas, node, places[name], largest)
    canvas.y = max(y for _, y, _ in places.values()) + 3.5


def _ring(canvas: Canvas, shown: Mapping[str, _Node]) -> dict[str, tuple[float, float, int]]:
    """Places on two bows, controls on the right, with equal steps downwards, so that no two labels meet.

    No straight line between two points of a bow runs through a third. The last number says on which side the label is.
    """
    inert = [name for name in shown if shown[name].look == _CONTROL]
    active = [name for name in shown if name not in inert]
    half = 0 if inert else len(active) // 2
    left, right = active[half:], [*active[:half], *inert]
    high = _ROW * max(len(left), len(right), 3)
    ends = (MARGIN + (33 if canvas.narrow else 62), canvas.right - (29 if canvas.narrow else 46))
    bow = (ends[1] - ends[0]) * 0.4
    places = {}
    for side, mine in ((-1, left), (1, right)):
        for number, name in enumerate(mine):
            down = (number + 0.5) / len(mine) * 2 - 1
            x = (ends[0] if side < 0 else ends[1]) - side * bow * (1 - math.sqrt(1 - down**2))
            places[name] = (x, canvas.y + 2 + high * (down + 1) / 2, side)
    return places


def _node(canvas: Canvas, node: _Node, place: tuple[float, float, int], largest: int) -> None:
    x, y, side = place
    n = facts.studies(node.found)
    size = max(1.3, 6.5 * math.sqrt(n / max(largest, 12)))
    shape, colour = _LOOKS[node.look]
    edge = canvas.width - MARGIN if side > 0 else MARGIN
    room = abs(edge - x) - size / 2 - 1.2
    count = f" ({n})"
    with canvas.mark(f"{node.name} ({node.group}): {facts.counted(node.found)}", facts.ids(node.found)):
        signs.sign(canvas, shape, x, y, size, colour)
        words = letters.fit(node.name, room - letters.wide(count, SMALL), SMALL) + count
        canvas.text(x + side * (size / 2 + 1.2), y, words, SMALL, align="left" if side > 0 else "right")


def _keys(canvas: Canvas) -> None:
    words = {"therapy": "therapy", COMBINATION: "combination", _CONTROL: "control"}
    looks = [signs.shaped(canvas, *(_LOOKS[look][0], words[look], _LOOKS[look][1])) for look in words]

    def line(thick: float) -> signs.Entry:
        return lambda x, y: canvas.line([(x, y), (x + 4, y)], "#8a949e", thick), "1 study" if thick < 1.5 else "more"

    signs.legend(canvas, [*looks, line(0.7), line(2.5)])
