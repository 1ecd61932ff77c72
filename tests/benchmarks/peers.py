"""The engines by name, ours first: whether each is installed, and how it is opened on a graph.

maplib (Polars) is none of them. Version 0.20 scans a million triples 20 times as fast as ours in memory, and on the
shipped graph it answers 39 of 59 questions as every other engine does, 8 otherwise without a word and 12 not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import jena, servers
from tests.benchmarks.graphs import Graph
from tests.benchmarks.worker import CAP, Ask, worker
from tests.servers import program

_PATIENCE = 5.0  # seconds for rdflib, which takes minutes for many questions and reads its graph again after each


@dataclass(frozen=True, slots=True)
class Engine:
    """One engine; `opened` takes a graph and an empty folder, and yields a way to ask."""

    here: bool
    opened: Callable[[Graph, Path], AbstractContextManager[Ask]]


@contextmanager
def _held(kind: str, target: Path, cap: float = CAP) -> Iterator[Ask]:
    with worker(kind, target, cap) as child:
        yield child.ask


ENGINES = {
    "memory": Engine(True, lambda graph, _: _held("memory", graph.place)),
    "disk": Engine(True, lambda graph, _: _held("disk", graph.place)),
    "oxigraph": Engine(program("oxigraph") is not None, lambda graph, folder: servers.oxigraph(graph.file, folder)),
    "virtuoso": Engine(program("virtuoso-t") is not None, lambda graph, folder: servers.virtuoso(graph.file, folder)),
    "tdb2": Engine(jena.here(), lambda graph, folder: jena.tdb2(graph.file, folder)),
    "rdflib": Engine(True, lambda graph, _: _held("rdflib", graph.place, _PATIENCE)),
}
OURS = ("memory", "disk")
