"""The pictures that a graph page holds: which nodes stand where, and what the findings point to in each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kg.graph import against, folded, is_finding
from kg.views.layout import force, ring

if TYPE_CHECKING:
    from kg.graph import Graph

RING = 1_500  # nodes that a ring has room for; more are placed by forces
MOST = 12_000  # nodes of a picture; those of fewest findings are folded into one of their group beyond that
_UNMEASURED = "Findings whose outcome measures no barrier of the injured cord are not in this picture."
_COMMON = frozenset(
    "condition design domain evidence injury level mechanism phase route species".split()
)  # of any finding
Place = tuple[int, int]
Kept = Mapping[str, Any]  # scene -> what `kept` gave


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture: its graph and the place of each node; on a ring also its slots and headings."""

    name: str
    title: str
    graph: Graph
    places: Mapping[str, Place]
    slots: ring.Slots | None = None
    headings: tuple[tuple[str, int, int], ...] = ()
    note: str = ""

    @property
    def hidden(self) -> list[str]:
        """Kinds of nodes hidden at first: what stands outside the ring, and what nearly every finding shares."""
        kinds = {node: str(about.get("kind")) for node, about in self.graph.nodes(data=True)}
        return sorted(
            {kinds[node] for node in self.outer} | ({*kinds.values()} & _COMMON if self.name == "whole" else set())
        )

    @property
    def outer(self) -> list[str]:
        """Nodes outside the ring, hidden at first."""
        return sorted({*self.graph} - {*self.slots[0], *self.slots[1]}) if self.slots else []

    @property
    def kept(self) -> Any:
        """What keeps the picture as it is when the graph grows: slots of a ring, or places."""
        return self.slots or {node: list(self.places[node]) for node in sorted(self.places)}


def of(graph: Graph, whole: Graph | None = None, kept: Kept | None = None, note: str = "") -> Iterator[Scene]:
    """The scenes of an evidence graph, the main one first; of any other graph the only one.

    `whole` adds the graph of everything; `kept` says by scene where nodes stood before, `note` is said of
    the main one.
    """
    kept = kept or {}
    if not any(is_finding(about) for _, _, about in graph.edges(data=True)):
        yield _free("graph", "graph", graph, kept)
        return
    main = _evidence("outcomes", "against outcomes", graph, kept)
    yield replace(main, note=" ".join(part for part in (main.note, note) if part))
    if len(graph) <= RING:
        for name, kind in (("barriers", "barrier"), ("phases", "phase")):
            if turned := against(graph, kind):
                yield _evidence(name, f"against {name}", turned, kept)
    if whole is not None:
        yield _free("whole", "everything", whole, kept)


def _evidence(name: str, title: str, graph: Graph, kept: Kept) -> Scene:
    if len(graph) > RING:
        return _free(name, title, graph, kept)
    stood = kept.get(name)  # places, where it was none before
    slots = ring.slots(graph, None if isinstance(stood, Mapping) else stood)
    places, headings = ring.positions(graph, slots), tuple(ring.headings(graph, slots))
    return Scene(name, title, graph, places, slots, headings, _UNMEASURED if name == "barriers" else "")


def _free(name: str, title: str, graph: Graph, kept: Kept) -> Scene:
    shown, number = folded(graph, MOST)
    told = kept.get(name)  # slots, where it was a ring before it grew
    stood = {node: (x, y) for node, (x, y) in told.items()} if isinstance(told, Mapping) else {}
    places = _given(shown) or _forced(shown, stood, _COMMON if name == "whole" else frozenset())
    return Scene(name, title, shown, places, note=_folded(number, len(graph)) if number else "")


def _forced(graph: Graph, stood: Mapping[str, Place], shared: frozenset[str]) -> dict[str, Place]:
    """Places by forces; nodes of kinds that nearly all share pull nothing together and stand amid their neighbours."""
    common = {node for node, about in graph.nodes(data=True) if about.get("kind") in shared}
    nodes = sorted({*graph} - common)
    numbers = {node: index for index, node in enumerate(nodes)}
    edges = [(numbers[source], numbers[target]) for source, target in graph.edges() if not {source, target} & common]
    places = dict(zip(nodes, force.positions(nodes, edges, stood), strict=True))
    taken = {*places.values()}
    for node in sorted(common):
        x, y = stood.get(node) or _amid(graph, node, places)
        while (x, y) in taken:
            x += 15
        places[node] = (x, y)
        taken.add((x, y))
    return places


def _amid(graph: Graph, node: str, places: Mapping[str, Place]) -> Place:
    near = [places[other] for other in sorted({*graph.successors(node), *graph.predecessors(node)}) if other in places]
    return (round(sum(x for x, _ in near) / len(near)), round(sum(y for _, y in near) / len(near))) if near else (0, 0)


def _given(graph: Graph) -> dict[str, Place]:
    """The places that all nodes bring along as x and y, if they do."""
    found = {node: (about.get("x"), about.get("y")) for node, about in graph.nodes(data=True)}
    if not all(isinstance(x, int | float) and isinstance(y, int | float) for x, y in found.values()):
        return {}
    return {node: (round(x), round(y)) for node, (x, y) in found.items()}  # type: ignore[arg-type]  # as was looked at


def _folded(number: int, total: int) -> str:
    return (
        f"{number:,} of {total:,} nodes, those of the fewest findings, are folded into one node each of their class or "
        "domain; every finding is still here. Look around one of them to see it apart."
    )
