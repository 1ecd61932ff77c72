"""Flat graphs as files of network programs: GraphML, GEXF, GML, Cytoscape and node-link JSON, DOT.

GEXF holds the key of an edge as the attribute `networkx_key`, DOT as `key`; in the others an edge has a key. GML keeps
its `label` for the id of a node and has the node's own as `label_`, truth as 1 and 0, and numbers beyond 32 bits as
text. https://networkx.org/documentation/stable/reference/readwrite/
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.graph import Graph

Parts = Iterator[tuple[str, bytes]]


def graphml(graph: Graph) -> Parts:
    """GraphML, for Gephi, yEd, igraph and networkx."""
    import networkx as nx

    yield "", _text(nx.generate_graphml(graph))


def gexf(graph: Graph) -> Parts:
    """GEXF 1.2, for Gephi."""
    import networkx as nx

    # networkx writes today's date into the file; the same graph shall give the same bytes
    yield "", re.sub(rb' lastmodifieddate="[^"]*"', b"", _text(nx.generate_gexf(graph)), count=1)


def gml(graph: Graph) -> Parts:
    """GML, for igraph and older programs."""
    import networkx as nx

    made = graph.copy()
    spare = "label_"
    while any(spare in about for _, about in made.nodes(data=True)):
        spare += "_"
    for _, about in made.nodes(data=True):
        if "label" in about:
            about[spare] = about.pop("label")
    yield "", _text(nx.generate_gml(made))


def _text(lines: Iterable[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def cyjs(graph: Graph) -> Parts:
    """JSON of Cytoscape and Cytoscape.js; `name` is the label that is shown."""
    import networkx as nx

    made = nx.cytoscape_data(graph, name="label")
    head = {name: value for name, value in made.items() if name != "elements"}
    elements = ",\n".join(f"{json.dumps(kind)}: {_lines(made['elements'][kind])}" for kind in ("nodes", "edges"))
    yield "", f'{_json(head)[:-1]}, "elements": {{\n{elements}}}}}\n'.encode()


def node_link(graph: Graph) -> Parts:
    """JSON of networkx (`node_link_graph(..., edges="edges")`) and D3."""
    import networkx as nx

    made = nx.node_link_data(graph, edges="edges")
    nodes, edges = _lines(made.pop("nodes")), _lines(made.pop("edges"))
    yield "", f'{_json(made)[:-1]}, "nodes": {nodes},\n"edges": {edges}}}\n'.encode()


def _lines(elements: Iterable[Mapping[str, object]]) -> str:
    """A JSON array of an element a line."""
    return "[\n" + ",\n".join(map(_json, elements)) + "\n]"


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, allow_nan=False)


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
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
