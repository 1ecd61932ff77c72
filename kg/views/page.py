"""The interactive graph page: one HTML file that holds the whole evidence graph and asks the network for nothing.

pyvis is the interface and brings vis-network; what its own pages get wrong (requests to other hosts, labels that run
as script, parallel edges lost, a physics simulation that never rests) is done otherwise in `Offline`.
"""

from __future__ import annotations

import functools
import importlib.resources
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from kg.errors import KgError
from kg.graph import is_finding
from kg.views import block, scenes, shell
from kg.views.scenes import Scene
from kg.views.shell import Value

if TYPE_CHECKING:
    import networkx as nx

_RESULTS = ("improved", "no difference", "worsened", "mixed", "undetermined")
_KINDS = ("therapy", "combination", "outcome", "barrier", "trial", "phase", "finding", "study", "paper")
_FACETS = {
    "kind": ("Node", _KINDS),
    "result": ("Line: result", _RESULTS),
    "phase": ("Phase of injury", ("acute", "subacute", "chronic")),
    "species": ("Species", ()),
    "domain": ("Outcome domain", ()),
    "status": ("Status of the reading", ()),
}
_VIS = "templates/lib/vis-9.1.2/vis-network.min.js"
_SCRIPTS = ("evidence.js", "picture.js", "page.js")


def html(
    graph: nx.MultiDiGraph[str],
    title: str,
    about: Mapping[str, Value],
    whole: nx.MultiDiGraph[str] | None = None,
    kept: Mapping[str, Any] | None = None,
    note: str = "",
) -> str:
    """The page as text, the same for the same graph in whatever order it was made.

    `about` says what is shown (version, data digest, counts), `whole` is the graph of everything behind it, and `kept`
    (see `places`) where nodes stood before; `note` is said above the picture.
    """
    page = _network()(heading=title, directed=True, cdn_resources="in_line")
    page.about, page.whole, page.kept, page.note = dict(about), whole, kept, note
    for node in sorted(graph):
        page.add_node(node, **_flat(graph.nodes[node]))
    for source, target, key in sorted(graph.edges(keys=True), key=lambda edge: (*edge[:2], str(edge[2]))):
        page.add_edge(source, target, **{"key": str(key), **_flat(graph.edges[source, target, key])})
    return str(page.generate_html())


def places(
    graph: nx.MultiDiGraph[str], whole: nx.MultiDiGraph[str] | None = None, kept: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Where each node stands, by scene, as `html` takes it back: a picture then stays put as the graph grows."""
    return {scene.name: scene.kept for scene in scenes.of(graph, whole, kept)}


class Offline:
    """What the page does otherwise than pyvis.network.Network: nodes and edges are kept as given, text stays text."""

    heading: str
    nodes: list[dict[str, Value]]
    edges: list[dict[str, Value]]
    node_map: dict[str, dict[str, Value]]
    node_ids: list[str]
    about: Mapping[str, Value] = MappingProxyType({})
    whole: nx.MultiDiGraph[str] | None = None
    kept: Mapping[str, Any] | None = None
    note: str = ""

    def add_node(self, n_id: str, /, label: str | None = None, **options: Value) -> None:
        """Add one node; a second one of the same id is an error."""
        if n_id in self.node_map:
            raise ValueError(f"node {n_id!r} is already in the page")
        self.node_map[n_id] = {**options, "id": n_id, "label": str(label or n_id)}
        self.node_ids.append(n_id)
        self.nodes.append(self.node_map[n_id])

    def add_edge(self, source: str, to: str, /, **options: Value) -> None:
        """Add one edge between two nodes of the page; parallel edges are all kept."""
        for end in (source, to):
            if end not in self.node_map:
                raise ValueError(f"an edge names node {end!r}, which is not in the page")
        self.edges.append({**options, "from": source, "to": to})

    def generate_html(self, name: str = "", local: bool = True, notebook: bool = False) -> str:
        """The whole page; the arguments are those of pyvis and change nothing."""
        del name, local, notebook
        made = list(scenes.of(_graph(self.nodes, self.edges), self.whole, self.kept, self.note))
        findings = [edge for edge in self.edges if is_finding(edge)]
        scripts = [_vis_network(), *map(shell.own, _SCRIPTS)]
        style = shell.own("page.css")
        text: str = shell.template("page.html").render(
            title=self.heading or "Graph",
            about=shell.about(self.about),
            cite=shell.cite(self.about),
            scenes=[(scene.name, scene.title) for scene in made],
            facets=_facets(made, findings),
            years=_years(findings),
            policy=shell.policy(scripts, style),
            scripts=scripts,
            style=style,
            data=block.text(block.of_page(made, self.nodes, self.edges)),
        )
        return text

    def write_html(self, name: str, local: bool = True, notebook: bool = False, open_browser: bool = False) -> None:
        """Write the page as UTF-8, whatever the locale; no folder appears beside it, no browser opens."""
        del open_browser
        Path(name).write_bytes(self.generate_html(name, local, notebook).encode())


@functools.cache
def _network() -> Any:
    """pyvis.network.Network with `Offline` before it; imported here because pyvis brings IPython along."""
    from pyvis.network import Network

    return type("Page", (Offline, Network), {})


def _flat(attributes: Mapping[str, Any]) -> dict[str, Value]:
    """The attributes that say something, sorted; several values are one text."""
    said = {key: attributes[key] for key in sorted(attributes) if attributes[key] not in (None, "")}
    return {
        key: value if isinstance(value, str | int | float) else "|".join(map(str, value)) for key, value in said.items()
    }


def _graph(nodes: Iterable[Mapping[str, Value]], edges: Iterable[Mapping[str, Value]]) -> nx.MultiDiGraph[str]:
    import networkx as nx

    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    graph.add_nodes_from((str(node["id"]), dict(node)) for node in nodes)
    for number, edge in enumerate(edges):
        about: dict[str, Any] = {name: value for name, value in edge.items() if name != "key"}
        graph.add_edge(str(edge["from"]), str(edge["to"]), key=str(number), **about)
    return graph


def _facets(made: Sequence[Scene], findings: Sequence[Mapping[str, Value]]) -> list[tuple[str, str, list[str]]]:
    """The filters, (field, title, values): values of a fixed order first, then the most frequent."""
    found = {name: Counter(str(finding.get(name) or "not stated") for finding in findings) for name in _FACETS}
    found["kind"] = Counter(str(kind) for scene in made for _, kind in scene.graph.nodes(data="kind"))
    if findings:
        found["result"].update(dict.fromkeys(_RESULTS, 0))
    return [(name, title, _ranked(found[name], fixed)) for name, (title, fixed) in _FACETS.items() if found[name]]


def _years(findings: Iterable[Mapping[str, Value]]) -> tuple[int, int] | None:
    """The first and the last year of publication, where two are known."""
    years = {year for finding in findings if isinstance(year := finding.get("year"), int)}
    return (min(years), max(years)) if len(years) > 1 else None


def _ranked(found: Mapping[str, int], fixed: tuple[str, ...]) -> list[str]:
    return [value for value in fixed if value in found] + sorted(set(found) - {*fixed}, key=lambda v: (-found[v], v))


def _vis_network() -> str:
    """vis-network from the installed pyvis, licence comment included, without the request for its source map."""
    try:
        text = importlib.resources.files("pyvis").joinpath(_VIS).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise KgError("the installed pyvis has no vis-network 9.1.2; install pyvis 0.3.2") from None
    return text.partition("//# sourceMappingURL")[0]
