"""The graph as files of other programs: which format is wanted, and its files written whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import KgError, did_you_mean
from kg.graph import evidence, flatten
from kg.store import Store, replacing
from kg.views.exports import kgx, networks, rdf, tables

if TYPE_CHECKING:
    from kg.graph import Graph

Parts = Iterator[tuple[str, bytes]]  # what stands between a file's stem and its suffix, and the content
_Selection = Collection[str] | None

GRAPHS: dict[str, Callable[[Graph], Parts]] = {
    "graphml": networks.graphml,
    "gexf": networks.gexf,
    "gml": networks.gml,
    "cyjs": networks.cyjs,
    "node-link": networks.node_link,
    "dot": networks.dot,
    "csv": tables.csv_pair,
    "neo4j": tables.neo4j,
    "gephi": tables.gephi,
    "parquet": tables.parquet,
    "kgx": kgx.tables,
}
_REFERENCES = ("bib", "ris", "csl")
_NANOPUBS = ("nanopub", "nanopub-draft")
FORMATS = (*GRAPHS, *rdf.FORMS, *_NANOPUBS, *_REFERENCES)
_SUFFIXES = {f".{form}": form for form in FORMATS} | {
    ".csl.json": "csl",
    ".gv": "dot",
    ".json": "node-link",
    ".tsv": "kgx",
}


class UnknownFormat(KgError):
    """A format or a suffix that names none."""

    exit_code = 2

    def __init__(self, word: str) -> None:
        near = did_you_mean(word, [*FORMATS, *_SUFFIXES])
        super().__init__(f"{word[:80]!r} is no export format.{near} Known: {', '.join(FORMATS)}")


def chosen(file: Path, form: str | None = None) -> str:
    """The format that is asked for, by its name or by the file's suffix. Raises UnknownFormat with the nearest."""
    name = file.name.lower()
    suffixes = [f".{form}"] if form else ["".join(Path(name).suffixes[-2:]), Path(name).suffix]
    found = [_SUFFIXES[suffix] for suffix in suffixes if suffix in _SUFFIXES]
    if not found:
        raise UnknownFormat(form or file.suffix or file.name)
    return found[0]


def write(
    store: Store, file: Path, form: str | None = None, graph: Graph | None = None, findings: _Selection = None
) -> list[Path]:
    """Write these findings (all in force where none are told) in any format, and return the files written.

    Network formats and tables hold `graph`, the evidence of the findings where none is given. RDF holds the findings
    and all that they lead to, everything where none are told. Raises UnknownFormat, and KgError where a file cannot be
    written or a format needs a library that is missing.
    """
    name = chosen(file, form)
    if name in GRAPHS:
        return write_graph(evidence(store, findings) if graph is None else graph, file, name)
    if name in rdf.FORMS:
        return _written(file, rdf.parts(store, name, findings))
    if name in _NANOPUBS:
        from kg.views.exports import nanopubs

        return _written(file, nanopubs.parts(store, findings, draft=name == "nanopub-draft"))
    from kg.views.exports import references

    return _written(file, [("", references.text(references.papers(store, findings), name).encode())])


def write_graph(graph: Graph, file: Path, form: str | None = None) -> list[Path]:
    """Write any graph in a network format or as tables, and return the files written. Raises as `write` does."""
    name = chosen(file, form)
    if name not in GRAPHS:
        raise KgError(f"{name} holds findings and no graph; these hold one: {', '.join(GRAPHS)}")
    return _written(file, GRAPHS[name](flatten(graph)))


def _written(file: Path, parts: Iterable[tuple[str, bytes]]) -> list[Path]:
    """Write the parts beside their places first, so that a failure leaves every former file as it was."""
    files = []
    with ExitStack() as beside:
        for part, content in parts:
            files.append(file.with_name(file.stem + part + file.suffix))
            beside.enter_context(replacing(files[-1])).write_bytes(content)
    return files
