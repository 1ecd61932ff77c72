"""The graph as files of other programs; every format goes through one flatten step."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import KgError, did_you_mean
from kg.graph import flatten
from kg.store import Row, replacing
from kg.views import rows

if TYPE_CHECKING:
    from kg.graph import Graph

_RDF = (".ttl", ".nt", ".nq", ".trig", ".jsonld", ".rdf", ".n3")
_SUFFIXES = {".graphml": "graphml", ".gexf": "gexf", ".cyjs": "cyjs", ".json": "node-link", ".csv": "csv"}


def rdf(file: Path, form: str | None) -> str:
    """The suffix of the RDF format that is wanted; empty where another one is."""
    suffix = f".{form}" if form else file.suffix
    return suffix if suffix in _RDF else ""


def write(graph: Graph, file: Path, form: str | None = None) -> Iterator[Path]:
    """Write the graph and yield the files written. Raises KgError where neither format nor suffix is known."""
    chosen = form or _SUFFIXES.get(file.suffix)
    if chosen not in _WRITERS:
        known = [*_WRITERS, *_SUFFIXES, *_RDF]
        near = did_you_mean(form or file.suffix, known)
        raise KgError(f"{form or file.suffix or file.name!r} is no export format.{near} Known: {', '.join(known)}")
    for suffix, content in _WRITERS[chosen](flatten(graph)):
        target = file.with_name(file.stem + suffix + file.suffix) if suffix else file
        with replacing(target) as beside:
            beside.write_bytes(content)
        yield target


_Parts = Iterator[tuple[str, bytes]]


def _graphml(graph: Graph) -> _Parts:
    import networkx as nx

    yield "", ("\n".join(nx.generate_graphml(graph, named_key_ids=True)) + "\n").encode()


def _gexf(graph: Graph) -> _Parts:
    import networkx as nx

    text = "\n".join(nx.generate_gexf(graph)) + "\n"
    # networkx writes today's date into the file; the same graph shall give the same bytes
    yield "", re.sub(r' lastmodifieddate="[^"]*"', "", text).encode()


def _cyjs(graph: Graph) -> _Parts:
    import networkx as nx

    made = nx.cytoscape_data(graph)
    yield "", _json(made)


def _node_link(graph: Graph) -> _Parts:
    import networkx as nx

    yield "", _json(nx.node_link_data(graph, edges="edges"))


def _json(content: object) -> bytes:
    return (json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False) + "\n").encode()


def _csv(graph: Graph) -> _Parts:
    nodes: list[Row] = [{"id": node, **about} for node, about in graph.nodes(data=True)]
    edges: list[Row] = [
        {"source": u, "target": v, "key": k, **about} for u, v, k, about in graph.edges(keys=True, data=True)
    ]
    yield "-nodes", _tabled(nodes, ("id",))
    yield "-edges", _tabled(edges, ("source", "target", "key"))


def _tabled(table: list[Row], first: tuple[str, ...]) -> bytes:
    columns = [*first, *sorted({name for row in table for name in row} - set(first))]
    return rows.text(table, columns, "csv").encode()


_WRITERS: dict[str, Callable[[Graph], _Parts]] = {
    "graphml": _graphml,
    "gexf": _gexf,
    "cyjs": _cyjs,
    "node-link": _node_link,
    "csv": _csv,
}
