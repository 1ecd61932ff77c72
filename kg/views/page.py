"""The interactive graph page: one HTML file that holds the whole evidence graph and asks the network for nothing.

pyvis is the interface and brings vis-network; what its own pages get wrong (requests to other hosts, labels that run
as script, parallel edges lost, a physics simulation that never rests) is done otherwise in `Offline`.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import importlib.resources
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.errors import KgError
from kg.views import layout

if TYPE_CHECKING:
    import networkx as nx

Value = str | int | float | bool | None

_HERE = Path(__file__).parent
_KINDS = ("therapy", "combination", "outcome", "barrier", "trial")
_RESULTS = ("improved", "no difference", "worsened", "mixed", "undetermined")
_FACETS = {
    "kind": ("Node", _KINDS),
    "result": ("Line: result", _RESULTS),
    "phase": ("Phase of injury", ("acute", "subacute", "chronic")),
    "species": ("Species", ()),
    "domain": ("Outcome domain", ()),
}
_VIS = "templates/lib/vis-9.1.2/vis-network.min.js"


def html(
    graph: nx.MultiDiGraph[str],
    title: str,
    about: Mapping[str, Value],
    positions: Mapping[str, tuple[float, float]] | None = None,
) -> str:
    """The page as text, the same for the same graph in whatever order it was made.

    `about` says what is shown (version, data digest, counts); `positions` replaces the places of `kg.views.layout`.
    """
    page = _network()(heading=title, directed=True, cdn_resources="in_line")
    page.about = {key: about[key] for key in sorted(about)}
    page.headings = [] if positions else layout.headings(graph)
    places = positions or layout.positions(graph)
    titles = _group_titles(graph)
    for node in sorted(graph):
        x, y = places.get(node, (0, 0))
        page.add_node(node, **{**_flat(graph.nodes[node]), "x": round(x), "y": round(y), "group": titles.get(node, "")})
    for source, target, key in sorted(graph.edges(keys=True), key=lambda edge: (*edge[:2], str(edge[2]))):
        page.add_edge(source, target, **{"key": str(key), **_flat(graph.edges[source, target, key])})
    return str(page.generate_html())


class Offline:
    """What the page does otherwise than pyvis.network.Network: nodes and edges are kept as given, text stays text."""

    heading: str
    nodes: list[dict[str, Value]]
    edges: list[dict[str, Value]]
    node_map: dict[str, dict[str, Value]]
    node_ids: list[str]
    about: Mapping[str, Value]
    headings: list[tuple[str, int, int]]

    def add_node(self, n_id: str, /, label: str | None = None, **options: Value) -> None:
        """Add one node; a second one of the same id is an error."""
        if n_id in self.node_map:
            raise ValueError(f"node {n_id!r} is already in the page")
        self.node_map[n_id] = {**options, "id": n_id, "label": label or n_id}
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
        scripts = [_vis_network(), own("page.js")]
        style = own("page.css")
        text: str = template("page.html").render(
            title=self.heading,
            about=_about(self.about),
            cite=_cite(self.about),
            facets=_facets(self.nodes, self.edges),
            policy=policy(scripts, style),
            scripts=scripts,
            style=style,
            data=_json({"nodes": self.nodes, "edges": _columns(self.edges), "headings": self.headings}),
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


def _flat(attributes: Mapping[str, Value]) -> dict[str, Value]:
    """The attributes that say something, sorted."""
    return {key: attributes[key] for key in sorted(attributes) if attributes[key] not in (None, "")}


def _group_titles(graph: nx.MultiDiGraph[str]) -> dict[str, str]:
    return {node: group.title for side in layout.groups(graph) for group in side for node in group.members}


def _columns(edges: list[dict[str, Value]]) -> dict[str, list[Any]]:
    """Edges as names and rows: the names of the fields are written once."""
    names = sorted({name for edge in edges for name in edge})
    return {"names": names, "rows": [[edge.get(name) for name in names] for edge in edges]}


def _facets(
    nodes: Iterable[Mapping[str, Value]], edges: Iterable[Mapping[str, Value]]
) -> list[tuple[str, str, list[str]]]:
    """The filters, (field, title, values): values of a fixed order first, then the most frequent."""
    findings = [edge for edge in edges if edge.get("kind") == "finding"]
    found = {name: Counter(str(finding.get(name) or "not stated") for finding in findings) for name in _FACETS}
    found["kind"] = Counter(str(node.get("kind")) for node in nodes)
    found["result"].update(dict.fromkeys(_RESULTS, 0))
    return [(name, title, _ranked(found[name], fixed)) for name, (title, fixed) in _FACETS.items()]


def _ranked(found: Mapping[str, int], fixed: tuple[str, ...]) -> list[str]:
    return [value for value in fixed if value in found] + sorted(set(found) - {*fixed}, key=lambda v: (-found[v], v))


def _about(about: Mapping[str, Value]) -> list[tuple[str, str]]:
    """What the page says of itself, a digest cut to its first 12 characters."""
    return [(key.replace("_", " "), _short(value)) for key, value in about.items() if value not in (None, "")]


def _short(value: Value) -> str:
    text = f"{value:,}" if type(value) is int else str(value)
    return text[:12] if re.fullmatch("[0-9a-f]{64}", text) else text


def _cite(about: Mapping[str, Value]) -> str:
    """How to cite: the words of `about` where it has them."""
    if about.get("cite"):
        return str(about["cite"])
    digests = [text for _, text in _about(about) if re.fullmatch("[0-9a-f]{12}", text)]
    data = f", data {digests[0]}" if digests else ""
    return f"cordgraph {about.get('version', '')}{data}; and the papers behind each finding you use."


def _json(value: Any) -> str:
    """JSON that is inert inside a script element; U+2028 and U+2029 are escaped as all that is not ASCII."""
    text = json.dumps(value, ensure_ascii=True, sort_keys=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", r"\u003c").replace(">", r"\u003e").replace("&", r"\u0026")


def own(name: str) -> str:
    """The text of a file of this folder."""
    return (_HERE / name).read_text(encoding="utf-8")


def _vis_network() -> str:
    """vis-network from the installed pyvis, licence comment included, without the request for its source map."""
    try:
        text = importlib.resources.files("pyvis").joinpath(_VIS).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise KgError("the installed pyvis has no vis-network 9.1.2; install pyvis 0.3.2") from None
    return text.partition("//# sourceMappingURL")[0]


def policy(scripts: list[str], style: str) -> str:
    """A content security policy under which only these scripts run and nothing is fetched."""
    hashes = " ".join(map(_hash, scripts)) or "'none'"
    return f"default-src 'none'; script-src {hashes}; style-src {_hash(style)}; base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def template(name: str) -> Any:
    """A template of this folder; what it is given is escaped."""
    import jinja2

    loader = jinja2.FileSystemLoader(_HERE)
    return jinja2.Environment(loader=loader, autoescape=True, keep_trailing_newline=True).get_template(name)
