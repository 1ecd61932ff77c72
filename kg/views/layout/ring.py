"""Places the nodes of the graph page on one ring: treatments by class on the left, outcomes by domain on the right.

A ring, because no line then crosses a label: lines run inside, labels point outside. Every group opens with a
slot for its heading. Barriers and trials stand further out, each opposite what it belongs to. Nothing is random.
"""

from __future__ import annotations

import bisect
import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.graph import is_finding

if TYPE_CHECKING:
    import networkx as nx

    Graph = nx.MultiDiGraph[str]

SLOT = 15.0  # units of ring per label
BAND = 220.0  # units outside the ring kept for labels
SHAPE = 1.4  # width by height of the ring with its labels: a screen's
SPARE = 12  # nodes of a group for which one more slot is left free
SMALLEST = 170.0  # lower half-axis of the ring of a small graph

Place = tuple[int, int]
Slots = tuple[Sequence[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Group:
    """Neighbours on the ring under one heading; `members` are node ids, those with most findings first."""

    title: str
    members: tuple[str, ...]


def groups(graph: Graph) -> tuple[list[Group], list[Group]]:
    """Treatments (combinations, then therapies by class) and what was measured by domain, each busiest group first."""
    therapies = _grouped(graph, _of_kind(graph, "therapy"), "class", "other therapies")
    combinations = _grouped(graph, _of_kind(graph, "combination"), "class", "combinations")
    return combinations + therapies, _grouped(graph, _measured(graph), "domain", "other outcomes")


def slots(graph: Graph, kept: Slots | None = None) -> Slots:
    """What stands in each slot of the ring, treatments and outcomes in reading order: `#heading`, node id or nothing.

    With `kept`, an earlier answer, whatever stood there stays; new nodes take the free slots of their group, and only
    where there is none the ring grows.
    """
    left, right = (_filled(side, old) for side, old in zip(groups(graph), kept or ([], []), strict=True))
    return left, right


def positions(graph: Graph, kept: Slots | None = None) -> dict[str, Place]:
    """Where each node stands: node id -> (x, y) in whole units, y downwards, the ring's centre at (0, 0)."""
    sides = slots(graph, kept)
    along, ring = _along(sides), _ring(sides)
    places = {name: ring(along[name], 0.0) for name in sorted(along) if name in graph}
    outer = _spread({node: _mean(graph, node, along) for node in sorted(graph) if node not in along})
    return places | {node: ring(place, BAND + 2 * SLOT) for node, place in outer.items()}


def headings(graph: Graph, kept: Slots | None = None) -> list[tuple[str, int, int]]:
    """Each group's title and the slot it stands in, (title, x, y)."""
    sides = slots(graph, kept)
    ring = _ring(sides)
    return [(name.partition("#")[2], *ring(place, 0.0)) for name, place in _along(sides).items() if "#" in name[:2]]


def _of_kind(graph: Graph, kind: str) -> list[str]:
    return [node for node, about in graph.nodes(data=True) if about.get("kind") == kind]


def _measured(graph: Graph) -> list[str]:
    """Outcomes, and whatever else findings point to."""
    found = {to for _, to, about in graph.edges(data=True) if is_finding(about)}
    return sorted(
        found.union(_of_kind(graph, "outcome")) - {*_of_kind(graph, "therapy"), *_of_kind(graph, "combination")}
    )


def _filled(side: Iterable[Group], old: Sequence[str]) -> list[str]:
    """The slots of a side, group after group; free slots part them."""
    sections = _sections(old)
    made: list[str] = []
    for group in sorted(side, key=lambda group: [*sections, group.title].index(group.title)):
        before = sections.pop(group.title, [])
        new = [node for node in group.members if node not in before]
        stays = [node if node in group.members else new.pop(0) if new else "" for node in before] or [*new]
        room = [] if before and not new else [""] * (1 + len(group.members) // SPARE)
        made += [f"#{group.title}", *stays, *(new if before else []), *room]
    return made


def _sections(old: Sequence[str]) -> dict[str, list[str]]:
    """Heading -> the slots below it, free ones included."""
    found: dict[str, list[str]] = {}
    for name in old:
        if name.startswith("#"):
            found[name[1:]] = []
        elif found:
            found[[*found][-1]].append(name)
    return found


def _findings(graph: Graph, node: str) -> int:
    edges = [*graph.in_edges(node, data="kind"), *graph.out_edges(node, data="kind")]
    return sum(kind == "finding" for _, _, kind in edges)


def _grouped(graph: Graph, nodes: Iterable[str], field: str, others: str) -> list[Group]:
    """The nodes under the title that a field gives: busiest group first, busiest node first, then by name."""
    about = {node: graph.nodes[node] for node in nodes}
    weight = {node: _findings(graph, node) for node in about}
    members: defaultdict[str, list[str]] = defaultdict(list)
    for node in sorted(
        about, key=lambda node: (about[node].get("order", 0), -weight[node], _called(about[node], node))
    ):
        plain = about[node].get("kind") in ("therapy", "combination", "outcome")
        members[str(about[node].get(field) or (others if plain else f"{about[node].get('kind')}s"))].append(node)
    busy = sorted(members, key=lambda name: (-sum(weight[node] for node in members[name]), name))
    return [Group(name, tuple(members[name])) for name in busy]


def _called(about: Mapping[str, object], node: str) -> tuple[str, str]:
    return str(about.get("label") or node), node


def _along(sides: Slots) -> dict[str, float]:
    """Distance along the ring, clockwise from its rightmost point, of each node; of headings too, by side and title."""
    (left, right), share, around = sides, _share(sides), _perimeter(*_axes(sides))
    top, slot, other = (
        -share * around / 2,
        share * around / max(1, len(right)),
        (1 - share) * around / max(1, len(left)),
    )
    places = {_key(name, "r"): top + (index + 0.5) * slot for index, name in enumerate(right)}
    places |= {_key(name, "l"): top - (index + 0.5) * other for index, name in enumerate(left)}
    places.pop("", None)
    return places


def _key(name: str, side: str) -> str:
    return side + name if name.startswith("#") else name


def _share(sides: Slots) -> float:
    """The part of the ring for outcomes: that of their slots, but a third at least where treatments are many."""
    left, right = map(len, sides)
    return max(right / max(1, left + right), 1 / 3 if left and right else 0)


def _axes(sides: Slots) -> tuple[float, float]:
    """The half-axes of the smallest ellipse of this shape with a slot for each label, by bisection."""
    left, share = len(sides[0]), _share(sides)
    number = left / (1 - share) if share < 1 else len(sides[1])
    low, high = SMALLEST, SMALLEST + number * SLOT
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if _perimeter(_wide(middle), middle) < number * SLOT else (low, middle)
    return _wide(low), low


def _wide(height: float) -> float:
    return SHAPE * (height + BAND) - BAND


def _perimeter(a: float, b: float) -> float:
    """The perimeter of an ellipse (Ramanujan 1914, his second approximation)."""
    h = ((a - b) / (a + b)) ** 2
    return math.pi * (a + b) * (1 + 3 * h / (10 + math.sqrt(4 - 3 * h)))


def _ring(sides: Slots) -> Callable[[float, float], Place]:
    """A function from (distance along the ring, distance outside it) to whole coordinates."""
    a, b = _axes(sides)
    angles = [2 * math.pi * step / 3600 for step in range(3601)]
    points = [(a * math.cos(angle), b * math.sin(angle)) for angle in angles]
    lengths = list(itertools.accumulate((math.dist(*pair) for pair in itertools.pairwise(points)), initial=0.0))

    def place(along: float, outside: float) -> Place:
        goal = along % _perimeter(a, b)
        x, y = points[min(bisect.bisect_left(lengths, goal), 3600)]
        outwards = math.atan2(y / b**2, x / a**2)
        return round(x + outside * math.cos(outwards)), round(y + outside * math.sin(outwards))

    return place


def _mean(graph: Graph, node: str, along: Mapping[str, float]) -> float:
    """The mean place of a node's neighbours on the ring."""
    near = [along[other] for other in sorted({*graph.successors(node), *graph.predecessors(node)}) if other in along]
    return sum(near) / len(near) if near else 0.0


def _spread(wanted: Mapping[str, float]) -> dict[str, float]:
    """The nearest places, in least squares, at least 1.5 slots apart (pool adjacent violators)."""
    order = sorted(wanted, key=lambda node: (wanted[node], node))
    step = 1.5 * SLOT
    pools: list[list[float]] = []
    for index, node in enumerate(order):
        pools.append([wanted[node] - index * step])
        while len(pools) > 1 and _average(pools[-2]) > _average(pools[-1]):
            last = pools.pop()
            pools[-1] += last
    flat = [_average(pool) for pool in pools for _ in pool]
    return {node: value + index * step for index, (node, value) in enumerate(zip(order, flat, strict=True))}


def _average(values: list[float]) -> float:
    return sum(values) / len(values)
