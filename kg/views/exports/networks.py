"""Flat graphs as files of network programs: GraphML, GEXF, GML, Cytoscape and node-link JSON, DOT.

GraphML and GEXF hold the key of an edge as the attribute `networkx_key`, for ids of edges are unique in a file there;
DOT holds it as `key`, and in the others an edge has a key. GML keeps its `label` for the id of a node and has the
node's own as `label_`, truth as 1 and 0, and numbers beyond 32 bits as text. For these three the writers of networkx
take two to six times as long, and that of GEXF writes the day.
"""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.graph import Graph

Parts = Iterator[tuple[str, bytes]]
_About = Mapping[str, object]
_TYPES = {str: "string", int: "long", float: "double", bool: "boolean"}  # of GraphML, and of GEXF
_KEY = "networkx_key"  # as networkx names it in GEXF


def _text(lines: Iterable[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def _said(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _types(abouts: Iterable[_About]) -> dict[str, str]:
    """The type of each attribute, by name; flattening left one for each."""
    return dict(sorted({name: _TYPES[type(value)] for about in abouts for name, value in about.items()}.items()))


def _edges(graph: Graph) -> list[tuple[str, str, _About]]:
    """The edges with their keys among their attributes."""
    return [(u, v, {_KEY: key} | about) for u, v, key, about in graph.edges(keys=True, data=True)]


# --- GraphML ----------------------------------------------------------------------------------------------------------

_GRAPHML = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns'
    ' http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">'
)


def graphml(graph: Graph) -> Parts:
    """GraphML, for yEd, igraph, networkx and Gephi; the id of an edge is its key, numbered where others have it too."""
    edges = _edges(graph)
    kinds = {
        "graph": _types([graph.graph]),
        "node": _types(about for _, about in graph.nodes(data=True)),
        "edge": _types(about for *_, about in edges),
    }
    pairs = [(kind, name) for kind, names in kinds.items() for name in names]
    ids = {pair: f"d{number}" for number, pair in enumerate(pairs)}
    declared = (
        f'<key id="{ids[kind, name]}" for="{kind}" attr.name="{name}" attr.type="{kinds[kind][name]}"/>'
        for kind, name in pairs
    )
    nodes = (
        f'<node id="{html.escape(node)}">{_data("node", about, ids)}</node>' for node, about in graph.nodes(data=True)
    )
    names = _unique([str(about[_KEY]) for *_, about in edges])
    links = (
        f'<edge source="{html.escape(u)}" target="{html.escape(v)}" id="{html.escape(id)}">'
        f"{_data('edge', about, ids)}</edge>"
        for (u, v, about), id in zip(edges, names, strict=True)
    )
    head = f'<graph edgedefault="directed">{_data("graph", graph.graph, ids)}'
    yield "", _text([_GRAPHML, *declared, head, *nodes, *links, "</graph>", "</graphml>"])


def _data(kind: str, about: _About, ids: Mapping[tuple[str, str], str]) -> str:
    return "".join(
        f'<data key="{ids[kind, name]}">{html.escape(_said(value), quote=False)}</data>'
        for name, value in about.items()
    )


def _unique(keys: Iterable[str]) -> Iterator[str]:
    keys = list(keys)
    repeated, taken = Counter(keys), set(keys)
    for number, key in enumerate(keys):
        id = key if repeated[key] == 1 else f"{key} {number}"
        while id in taken and id != key:
            id += "_"
        taken.add(id)
        yield id


# --- GEXF -------------------------------------------------------------------------------------------------------------

_GEXF = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2">\n'
    '<graph mode="static" defaultedgetype="directed">'
)


def gexf(graph: Graph) -> Parts:
    """GEXF 1.2, for Gephi."""
    edges = _edges(graph)
    nodes = graph.nodes(data=True)
    lines = [_GEXF, *_declared("node", (about for _, about in nodes)), *_declared("edge", (one[-1] for one in edges))]
    lines += [
        "<nodes>",
        *(
            f'<node id="{_attribute(node)}" label="{_attribute(about.get("label", node))}">{_values(about)}</node>'
            for node, about in nodes
        ),
        "</nodes>",
        "<edges>",
    ]
    for number, (u, v, about) in enumerate(edges):
        label = f' label="{_attribute(about["label"])}"' if "label" in about else ""
        ends = f'source="{_attribute(u)}" target="{_attribute(v)}"'
        lines.append(f'<edge id="{number}" {ends}{label}>{_values(about)}</edge>')
    yield "", _text([*lines, "</edges>", "</graph>", "</gexf>"])


def _declared(kind: str, abouts: Iterable[_About]) -> Iterator[str]:
    """The attributes by name, which is their id too."""
    yield f'<attributes class="{kind}" mode="static">'
    for name, type in _types(abouts).items():
        if name != "label":
            yield f'<attribute id="{name}" title="{name}" type="{type}"/>'
    yield "</attributes>"


def _values(about: _About) -> str:
    told = (f'<attvalue for="{name}" value="{_attribute(value)}"/>' for name, value in about.items() if name != "label")
    return f"<attvalues>{''.join(told)}</attvalues>"


def _attribute(value: object) -> str:
    """A value between quotes of XML, where a bare line break would be read as a space."""
    return html.escape(_said(value)).replace("\n", "&#10;").replace("\t", "&#9;")


# --- GML --------------------------------------------------------------------------------------------------------------


def gml(graph: Graph) -> Parts:
    """GML, for igraph and older programs."""
    spare = "label_"
    while any(spare in about for _, about in graph.nodes(data=True)):
        spare += "_"
    numbers = {node: number for number, node in enumerate(graph)}
    lines = ["graph [", "  directed 1", "  multigraph 1"]
    for node, about in graph.nodes(data=True):
        said = {spare if name == "label" else name: value for name, value in about.items()}
        lines += ["  node [", *_pairs({"id": numbers[node], "label": node} | said), "  ]"]
    for u, v, key, about in graph.edges(keys=True, data=True):
        lines += ["  edge [", *_pairs({"source": numbers[u], "target": numbers[v], "key": key} | about), "  ]"]
    yield "", _text([*lines, "]"])


def _pairs(about: _About) -> Iterator[str]:
    yield from (f"    {name} {_gml(value)}" for name, value in about.items())


def _gml(value: object) -> str:
    if isinstance(value, float):  # a real number has a point there, before its exponent too
        return re.sub(r"^([^.E]*)(E|$)", r"\1.0\2", repr(value).upper())
    if isinstance(value, int) and -(2**31) <= value < 2**31:
        return str(int(value))
    text = str(value)
    if not text.isascii() or not text.isprintable() or "&" in text or '"' in text:
        text = re.sub('[^ -~]|[&"]', lambda found: f"&#{ord(found[0])};", text)
    return f'"{text}"'


# --- JSON -------------------------------------------------------------------------------------------------------------

_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def cyjs(graph: Graph) -> Parts:
    """JSON of Cytoscape and Cytoscape.js; `name` is the label that is shown."""
    nodes = ({"data": {"id": n, "name": about.get("label", n)} | about} for n, about in graph.nodes(data=True))
    edges = (
        {"data": {"source": u, "target": v, "key": key} | about}
        for u, v, key, about in graph.edges(keys=True, data=True)
    )
    elements = f'"elements": {{"nodes": {_lines(nodes)},\n"edges": {_lines(edges)}}}'
    yield "", f'{{"data": {_json(graph.graph)}, "directed": true, "multigraph": true, {elements}}}\n'.encode()


def node_link(graph: Graph) -> Parts:
    """JSON of networkx (`node_link_graph(..., edges="edges")`) and D3."""
    nodes = ({"id": node} | about for node, about in graph.nodes(data=True))
    edges = ({"source": u, "target": v, "key": key} | about for u, v, key, about in graph.edges(keys=True, data=True))
    elements = f'"nodes": {_lines(nodes)},\n"edges": {_lines(edges)}'
    yield "", f'{{"directed": true, "multigraph": true, "graph": {_json(graph.graph)}, {elements}}}\n'.encode()


def _lines(elements: Iterable[_About]) -> str:
    """A JSON array of an element a line."""
    return "[\n" + ",\n".join(map(_json, elements)) + "\n]"


# --- DOT --------------------------------------------------------------------------------------------------------------

_GRAPHVIZ = frozenset(  # attributes that would steer the drawing
    "class color colorscheme constraint fillcolor fixedsize fontcolor fontname fontsize group headlabel headport height"
    " href image layer len margin ordering orientation penwidth peripheries pin pos rank regular samehead sametail"
    " shape sides size skew sortv style taillabel tailport target tooltip url width xlabel z".split()
)


def dot(graph: Graph) -> Parts:
    """DOT, for Graphviz; attributes that Graphviz would take for its own have `_` behind them."""
    nodes = (f"  {_quoted(node)}{_attributes(about)};" for node, about in graph.nodes(data=True))
    edges = (
        f"  {_quoted(u)} -> {_quoted(v)}{_attributes({'key': key} | about)};"
        for u, v, key, about in graph.edges(keys=True, data=True)
    )
    yield "", _text(["digraph {", *nodes, *edges, "}"])


def _attributes(about: Mapping[str, object]) -> str:
    told = (f"{_quoted(_unlike(name))}={_quoted(value)}" for name, value in about.items())
    return f" [{', '.join(told)}]" if about else ""


def _unlike(name: str) -> str:
    return f"{name}_" if name.rstrip("_").lower() in _GRAPHVIZ else name


def _quoted(value: object) -> str:
    """A quoted string, which may hold anything: `ex:1` bare would be port 1 of node ex."""
    return '"' + _said(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
