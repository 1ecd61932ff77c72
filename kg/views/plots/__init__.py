"""Evidence pictures: eleven kinds, each drawn from the evidence graph as SVG, PNG or PDF."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from kg.errors import UnknownName
from kg.views.plots import coverage, facts, forest, harvest, matrix, network, regimens, sankey, timing, trials, upset
from kg.views.plots.asked import Asked
from kg.views.plots.canvas import Mark, Picture

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["KINDS", "QUESTIONS", "Mark", "Picture", "draw"]

_DRAWN: Mapping[str, tuple[str, Callable[[Asked], Picture]]] = {
    "gap-map": ("therapy class by outcome domain and phase, studies by result, gaps marked", matrix.gap_map),
    "lattice": ("components alone, in pairs, in triples: what was tried and which pairs were not", regimens.lattice),
    "upset": ("which components were given together, with studies by result", upset.upset),
    "forest": ("Hedges' g with 95 % interval of each finding that prints its numbers, nothing pooled", forest.forest),
    "network": ("what was compared with what, in how many studies", network.network),
    "harvest": ("a bar for each study by outcome domain and result, taller for more subjects", harvest.harvest),
    "timing": ("day of treatment after injury by result and species", timing.timing),
    "coverage": ("therapy by barrier: studies by result, what is covered, what nobody measured", coverage.coverage),
    "ladder": ("from mouse to people: studies of each therapy by species and result, and its trials", matrix.ladder),
    "trials": ("trials in people by year of start, status and size", trials.trials),
    "sankey": ("from phase of injury through therapy class to outcome domain, by result", sankey.sankey),
}
KINDS: Mapping[str, str] = MappingProxyType({kind: words for kind, (words, _) in _DRAWN.items()})
QUESTIONS: Mapping[str, str] = MappingProxyType({"forest": "numbers", "trials": "trials"})


def draw(
    kind: str, graph: nx.MultiDiGraph[str], about: Mapping[str, Any], title: str = "", width: float = 180.0,
    rows: Sequence[Mapping[str, Any]] = (), subject: str = "",
) -> Picture:  # fmt: skip
    """The picture of a kind, `width` mm wide; `rows` are the answer to the kind's question in QUESTIONS, if it has one.

    `subject` says in short what was selected and stands behind the kind's own title.
    Raises UnknownName for a kind that is none, KgError where nothing in the graph fits the kind.
    """
    if kind not in _DRAWN:
        raise UnknownName("picture", kind, KINDS)
    return _DRAWN[kind][1](Asked(graph, facts.read(graph), about, title, width, rows, subject))
