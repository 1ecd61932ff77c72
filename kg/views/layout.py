"""Places the nodes of the graph page on one ring: treatments by class on the left, outcomes by domain on the right.

A ring, because no line then crosses a label: lines run inside, labels point outside. Every group opens with a
slot for its heading. Barriers and trials stand further out, each opposite what it belongs to. Nothing is random.
"""

from __future__ import annotations

import bisect
import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx as nx

    Graph = nx.MultiDiGraph[str]

SLOT = 15.0  # units of ring per label
BAND = 220.0  # units outside the ring kept for labels
SHAPE = 1.4  # width by height of the ring with its labels: a screen's
SMALLEST = 170.0  # lower half-axis of the ring of a small graph
OUTER = ("barrier", "trial")

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Group:
    """Neighbours on the ring under one heading; `members` are node ids, those with most findings first."""

    title: str
    members: tuple[str, ...]


def groups(graph: Graph) -> tuple[list[Group], list[Group]]:
    """Treatments (combinations, then therapies by class) and outcomes by domain, each side busiest group first."""
    therapies = _grouped(graph, "therapy", lambda about: str(about.get("class") or "other therapies"))
    combinations = _grouped(graph, "combination", lambda about: str(about.get("class") or "combinations"))
    outcomes = _grouped(graph, "outcome", lambda about: str(about.get("domain") or "other outcomes"))
    return combinations + therapies, outcomes


def positions(graph: Graph) -> dict[str, Place]:
    """Where each node stands: node id -> (x, y) in whole units, y downwards, the ring's centre at (0, 0)."""
    along = _along(graph)
    ring = _ring(graph)
    places = {name: ring(along[name], 0.0) for name in sorted(along) if name in graph}
    outer = _spread({node: _mean(graph, node, along) for node in sorted(graph) if node not in along})
    return places | {node: ring(place, BAND + 2 * SLOT) for node, place in outer.items()}


def headings(graph: Graph) -> list[tuple[str, int, int]]:
    """Each group's title and the slot it stands in, (title, x, y)."""
    along, ring = _along(graph), _ring(graph)
    titles = [group.title for side in groups(graph) for group in side]
    return [(title, *ring(along[_heading(number)], 0.0)) for number, title in enumerate(titles)]


def _findings(graph: Graph, node: str) -> int:
    edges = [*graph.in_edges(node, data="kind"), *graph.out_edges(node, data="kind")]
    return sum(kind == "finding" for _, _, kind in edges)


def _grouped(graph: Graph, kind: str, title: Callable[[Mapping[str, object]], str]) -> list[Group]:
    """The nodes of a kind under their titles: busiest group first, busiest node first, then by name."""
    about = {node: attributes for node, attributes in graph.nodes(data=True) if attributes.get("kind") == kind}
    weight = {node: _findings(graph, node) for node in about}
    members: defaultdict[str, list[str]] = defaultdict(list)
    for node in sorted(about, key=lambda node: (-weight[node], str(about[node].get("label") or node), node)):
        members[title(about[node])].append(node)
    busy = sorted(members, key=lambda name: (-sum(weight[node] for node in members[name]), name))
    return [Group(name, tuple(members[name])) for name in busy]


def _heading(number: int) -> str:
    return f"\0heading {number}"  # no node id holds a NUL


def _along(graph: Graph) -> dict[str, float]:
    """Distance along the ring, clockwise from its rightmost point, of each ring node and each heading."""
    numbers = itertools.count()
    left, right = (_slots(side, numbers) for side in groups(graph))
    slot = _perimeter(*_axes(graph)) / max(1, len(left) + len(right))
    top = -len(right) * slot / 2
    places = {name: top + (index + 0.5) * slot for index, name in enumerate(right)}
    places |= {name: top - (index + 0.5) * slot for index, name in enumerate(left)}
    places.pop("", None)
    return places


def _slots(side: Iterable[Group], numbers: Iterable[int]) -> list[str]:
    """What stands where, in reading order; an empty slot parts two groups."""
    found: list[str] = []
    for group, number in zip(side, numbers, strict=False):  # in this order no number is lost
        found += [_heading(number), *group.members, ""]
    return found


def _axes(graph: Graph) -> tuple[float, float]:
    """The half-axes of the smallest ellipse of this shape with a slot for each label, by bisection."""
    slots = sum(len(group.members) + 2 for side in groups(graph) for group in side)
    low, high = SMALLEST, SMALLEST + slots * SLOT
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if _perimeter(_wide(middle), middle) < slots * SLOT else (low, middle)
    return _wide(low), low


def _wide(height: float) -> float:
    return SHAPE * (height + BAND) - BAND


def _perimeter(a: float, b: float) -> float:
    """The perimeter of an ellipse (Ramanujan 1914, his second approximation)."""
    h = ((a - b) / (a + b)) ** 2
    return math.pi * (a + b) * (1 + 3 * h / (10 + math.sqrt(4 - 3 * h)))


def _ring(graph: Graph) -> Callable[[float, float], Place]:
    """A function from (distance along the ring, distance outside it) to whole coordinates."""
    a, b = _axes(graph)
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
