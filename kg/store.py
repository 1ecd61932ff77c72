"""The graph at rest: an embedded Oxigraph on disk, opened for reading only, or whatever a SPARQL endpoint keeps.

A store is a folder with one file, CURRENT, that names the revision to open. Builders fill a new revision
beside it and then replace CURRENT, so that a reader never meets a half-written graph.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg import shape, triples
from kg.errors import KgError
from kg.results import Solution, Term
from kg.vocab import Vocab

if TYPE_CHECKING:
    from kg.endpoint import Endpoint

Triple = ox.Triple
Value = str | int | float | bool | None
Row = dict[str, Value]
_NUMBERS = {"integer": int, "decimal": float, "double": float, "float": float}
_XSD = "http://www.w3.org/2001/XMLSchema#"
_STRING = _XSD + "string"
_DEFAULT = ox.DefaultGraph()
_ALSO = {".owl": ".rdf", ".xml": ".rdf", ".json": ".jsonld"}


@dataclass(frozen=True, slots=True)
class Answer:
    """The solutions of a SELECT: its columns and, read as they are wanted, its rows of terms."""

    columns: tuple[str, ...]
    solutions: Iterator[Solution]

    @property
    def rows(self) -> Iterator[Row]:
        """The rows as plain values by column."""
        return (dict(zip(self.columns, map(plain, row), strict=True)) for row in self.solutions)


class Store:
    """One graph, for asking: embedded, or behind an endpoint."""

    def __init__(
        self, engine: ox.Store | Endpoint, about: Mapping[str, Value] | None = None, place: Path | str = ""
    ) -> None:
        self._engine = engine
        self._vocab: Vocab | None = None
        self.about = dict(about or {})
        self.place = place  # the folder or address that another process finds it at

    @classmethod
    def open(cls, path: Path) -> Store:
        """The graph built at a path.

        Raises KgError where nothing was built there or it cannot be read.
        """
        while True:  # a build may replace the revision between reading its name and opening it
            name = _current(path)
            try:
                about = json.loads((path / name / "about.json").read_text(encoding="utf-8"))
                return cls(ox.Store.read_only(str(path / name / "oxigraph")), about, path)
            except FileNotFoundError as error:
                if name == _current(path):
                    raise KgError(f"there is no graph at {path}; run 'kg build'") from error
            except (OSError, RuntimeError, ValueError) as error:
                if name == _current(path):
                    raise KgError(f"the graph at {path} cannot be read ({_one_line(error)}); run 'kg build'") from error

    @classmethod
    def at(cls, url: str, seconds: float = 60.0) -> Store:
        """The graph behind a SPARQL 1.1 endpoint; nothing is asked yet. Raises KgError where it is no address."""
        from kg.endpoint import Endpoint

        engine = Endpoint(url, seconds)
        return cls(engine, {"endpoint": str(engine)}, url)

    def in_memory(self) -> Store:
        """A copy in memory, which answers some three times sooner than the disk.

        It takes about 8 s and 0.7 GB for a million triples.
        """
        engine = ox.Store()
        engine.bulk_extend(self._engine)
        return Store(engine, self.about, self.place)

    @classmethod
    def of(cls, content: Iterable[ox.Triple]) -> Store:
        """A graph in memory."""
        engine = ox.Store()
        engine.bulk_extend(ox.Quad(t.subject, t.predicate, t.object) for t in content)
        return cls(engine)

    @classmethod
    def read(cls, files: Iterable[Path]) -> Store:
        """What RDF files hold, in memory; named graphs are merged into the one that is asked, and kept beside.

        Raises KgError where a file is none, cannot be read, or would fetch something.
        """
        engine = ox.Store()
        for file in files:
            try:
                engine.bulk_extend(quads_of(file.read_bytes(), file.suffix, file.resolve().as_uri()))
            except OSError as error:
                raise KgError(f"{file} cannot be read: {error.strerror or error}") from error
            except (KgError, SyntaxError) as error:
                raise KgError(f"{file}: {_one_line(error)}") from error
        return cls(engine)

    def answer(self, sparql: str) -> Answer | bool | Iterator[ox.Triple]:
        """The answer of any query: solutions, yes or no, or triples.

        Raises KgError where it is no SPARQL query (an update is none).
        """
        answer = self._query(sparql)
        if isinstance(answer, ox.QueryBoolean):
            return bool(answer)
        if isinstance(answer, ox.QuerySolutions):
            return Answer(tuple(variable.value for variable in answer.variables), _whole(answer))
        return answer

    def ask(self, sparql: str) -> Answer | bool:
        """The answer of a SELECT or an ASK. Raises KgError where the query is neither."""
        answer = self.answer(sparql)
        if isinstance(answer, Answer | bool):
            return answer
        raise KgError("this query builds a graph: use construct()")

    def select(self, sparql: str) -> list[Row]:
        """All solutions of a SELECT, as plain values. Raises KgError where the query is none."""
        answer = self.ask(sparql)
        if isinstance(answer, bool):
            raise KgError("this query answers yes or no: use ask()")
        return list(answer.rows)

    def column(self, sparql: str) -> dict[str, Value]:
        """What a SELECT of two variables says of each first value, in half the time of `select`; the last one counts.

        Raises KgError where the query is none.
        """
        answer = self.ask(sparql)
        if isinstance(answer, bool) or len(answer.columns) != 2:
            raise KgError("a column is the answer of a SELECT of two variables")
        return {node.value: plain(value) for node, value in answer.solutions if node is not None}

    def construct(self, sparql: str) -> Iterator[ox.Triple]:
        """The triples of a CONSTRUCT or DESCRIBE. Raises KgError where the query is neither."""
        answer = self.answer(sparql)
        if isinstance(answer, Answer | bool):
            raise KgError("this query does not build a graph: use ask()")
        return answer

    def vocab(self) -> Vocab:
        """The terms of this graph, by name; read at the first call."""
        if self._vocab is None:
            concepts = "CONSTRUCT { ?s ?p ?o } WHERE { ?s a skos:Concept ; ?p ?o }"
            self._vocab = Vocab.of(triples.terms(self.construct(shape.PROLOGUE + concepts)))
        return self._vocab

    def triples(self) -> Iterator[ox.Triple]:
        """All triples, in the engine's order."""
        return (quad.triple for quad in self._engine)

    def dump(self, file: Path, suffix: str = "") -> None:
        """Write the graph as Turtle, N-Quads, N-Triples, RDF/XML or JSON-LD: whole, sorted, same bytes.

        The format is that of `suffix`, of the file's own where none is given.
        """
        with replacing(file) as beside:
            beside.write_bytes(serialise(self.triples(), suffix or file.suffix))

    def __len__(self) -> int:
        return len(self._engine)

    def __repr__(self) -> str:
        return f"<Store: {', '.join(self._facts()) or 'a graph'}>"

    def _repr_html_(self) -> str:
        """What it holds, for a notebook; `kg.view` shows the graph itself."""
        return f"<p><b>cordgraph</b> {escape(', '.join(self._facts()))}</p>"

    def _facts(self) -> list[str]:
        named = [(f"{value:,}" if isinstance(value, int) else value, name) for name, value in self.about.items()]
        counts = [f"{value} {name}" for value, name in named if name not in ("version", "data", "date", "endpoint")]
        return [
            *counts,
            *(f"{name} {str(self.about[name])[:60]}" for name in ("date", "endpoint") if name in self.about),
        ]

    def _query(self, sparql: str) -> ox.QuerySolutions | ox.QueryBoolean | Iterator[ox.Triple]:
        try:
            return self._engine.query(sparql)
        except SyntaxError as error:
            raise KgError(f"this is not a SPARQL query: {_one_line(error)}") from error
        except OSError as error:
            raise KgError(f"the graph cannot be read: {_one_line(error)}; run 'kg build'") from error


def _whole(solutions: ox.QuerySolutions) -> Iterator[Solution]:
    """The solutions to their end. Raises KgError where an answer from elsewhere breaks off, or the graph's files do."""
    try:
        yield from solutions
    except (SyntaxError, OSError) as error:
        raise KgError(f"the answer breaks off: {_one_line(error)}") from error


def _current(path: Path) -> str:
    """The name of the revision to open. Raises KgError where nothing was built."""
    try:
        return (path / "CURRENT").read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise KgError(f"there is no graph at {path}; run 'kg build'") from error


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]


def plain(term: Term) -> Value:
    """An RDF term as a plain value: IRIs and text as str, XSD numbers as numbers, unbound as None."""
    if type(term) is ox.Literal:
        value, kind = term.value, term.datatype.value
        return value if kind == _STRING else _typed(value, kind)
    return None if term is None else term.value if type(term) is ox.NamedNode else str(term)


def _typed(value: str, kind: str) -> Value:
    kind = kind.removeprefix(_XSD)
    if kind == "boolean":
        return value in ("true", "1")
    try:
        return _NUMBERS[kind](value) if kind in _NUMBERS else value
    except ValueError:  # a literal that belies its type
        return value


def rdf_format(suffix: str) -> ox.RdfFormat:
    """The RDF format that a file's suffix names. Raises KgError where it names none."""
    kind = ox.RdfFormat.from_extension(suffix.removeprefix("."))
    if kind is None:
        raise KgError(f"{suffix or 'a name without a suffix'!r} is no RDF format; use .ttl, .nt, .nq, .jsonld or .rdf")
    return kind


def quads_of(text: bytes, suffix: str, base: str | None = None) -> Iterator[ox.Quad]:
    """The quads of a text of RDF; those of named graphs come a second time as quads of the default graph.

    Raises KgError where the suffix names no RDF format or the text declares entities (a kilobyte of them can grow to
    gigabytes), SyntaxError where it is wrong, names a JSON-LD context elsewhere, or breaks off.
    """
    kind = rdf_format(_ALSO.get(suffix.lower(), suffix))
    if kind == ox.RdfFormat.RDF_XML and re.search(rb"<!\s*(DOCTYPE|ENTITY)", text.replace(b"\0", b""), re.IGNORECASE):
        raise KgError("RDF/XML with a DOCTYPE or entities is not read; convert it to Turtle")
    for quad in ox.parse(text, format=kind, base_iri=base):
        yield quad
        if quad.graph_name != _DEFAULT:
            yield ox.Quad(quad.subject, quad.predicate, quad.object)


def triples_of(text: bytes, suffix: str) -> Iterator[Triple]:
    """The triples of a text of RDF."""
    return (quad.triple for quad in quads_of(text, suffix))


def serialise(content: Iterable[ox.Triple], suffix: str, prefixes: Mapping[str, str] = shape.PREFIXES) -> bytes:
    """Triples as bytes of the format a suffix names, each once, sorted: the same graph gives the same bytes.

    Raises KgError where the suffix names no RDF format.
    """
    kind = rdf_format(suffix)
    once = {(str(t.subject), str(t.predicate), str(t.object)): t for t in content}
    made = ox.serialize((once[key] for key in sorted(once)), format=kind, prefixes=dict(prefixes))
    return made or b""


@contextmanager
def replacing(file: Path) -> Iterator[Path]:
    """A path beside a file to write to; the file is replaced only where writing came to its end."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        os.close(handle)
        beside = Path(name)
        try:
            yield beside
            beside.chmod(0o644)
            beside.replace(file)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise KgError(f"{file} cannot be written: {error.strerror or error}") from error


def build(path: Path, content: Iterable[ox.Triple], about: Mapping[str, Value]) -> Store:
    """Fill a new revision at a path with these triples, make it the current one, and open it.

    Killed at any moment, the former revision still answers.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix="building-", dir=path))
    except OSError as error:
        raise KgError(f"no graph can be built at {path}: {error.strerror or error}") from error
    try:
        _fill(aside, content, about)
        revision = aside.rename(aside.with_name(aside.name.replace("building-", "revision-")))
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    with replacing(path / "CURRENT") as beside:
        beside.write_text(revision.name + "\n", encoding="utf-8")
    _sweep(path, revision)
    return Store.open(path)


def _fill(aside: Path, content: Iterable[ox.Triple], about: Mapping[str, Value]) -> None:
    engine = ox.Store(str(aside / "oxigraph"))
    engine.bulk_extend(ox.Quad(t.subject, t.predicate, t.object) for t in content)
    engine.optimize()  # over a million triples come in several batches; merged, questions run three times as fast
    engine.flush()
    facts = dict(about) | {"triples": len(engine)}
    (aside / "about.json").write_text(json.dumps(facts, indent=1, sort_keys=True), encoding="utf-8")


def _sweep(path: Path, current: Path) -> None:
    """Remove former revisions a minute after they were made, and what a build killed a day ago left behind.

    Until then a reader may be opening one, or another build may be about to name its own as the current one.
    """
    for pattern, seconds in (("revision-*", 60), ("building-*", 86_400)):
        for old in path.glob(pattern):
            if old != current and _age(old) > seconds:
                shutil.rmtree(old, ignore_errors=True)


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
