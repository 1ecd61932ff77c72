"""Free SPARQL, safely: refused where it reaches outside, else answered by a child process that can be killed.

The child says its answer before it names IRIs and counts what it left out, so that slowness there loses no answer. It
writes a line of JSON that says what follows, the answer as SPARQL JSON or as N-Triples, and a line with the rest.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from kg import results, shape, sparql
from kg.errors import KgError, LimitHit, did_you_mean
from kg.results import Solution
from kg.store import Answer, Store, Triple, serialise, triples_of

_COUNTING = 1.0  # seconds spent on counting what is not shown
_LABELS = """
SELECT ?node (MIN(?name) AS ?label) WHERE {{
  VALUES ?node {{ {nodes} }}
  VALUES ?property {{ rdfs:label skos:prefLabel dcterms:title }}
  ?node ?property ?name .
}}
GROUP BY ?node
ORDER BY ?node
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long (seconds), how much memory (MiB) and how many rows a free query may take."""

    seconds: float = 30.0
    memory: int = 4096
    rows: int = 10_000


@dataclass(frozen=True, slots=True)
class Reply:
    """What a free query gave: a table of terms, a yes or no, or triples; and what is to be said with it.

    Where it was cut (`truncated`), `total` is how many rows there are, `least` how many there are at least.
    """

    columns: tuple[str, ...] = ()
    rows: Sequence[Solution] = ()
    truncated: bool = False
    answer: bool | None = None
    triples: Sequence[Triple] | None = None
    labels: dict[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()
    total: int | None = None
    least: int = 0

    def cut(self) -> str:
        """How much is shown, as a sentence; empty where all is."""
        if not self.truncated:
            return ""
        shown = len(self.rows if self.triples is None else self.triples)
        return f"showing {shown:,} of {f'{self.total:,}' if self.total else f'more than {self.least - 1:,}'}"


def run(
    place: Path | str,
    query: str,
    limits: Limits = Limits(),
    labels: bool = False,
    files: Sequence[Path] = (),
) -> Reply:
    """The answer of a free query on the graph at a place (a folder, or the address of an endpoint).

    With `files` the graph is what these RDF files hold instead; with `labels` the names of the IRIs shown come along.
    Raises Refused, KgError where it is no SPARQL, LimitHit where it took too long or too much memory.
    """
    text = sparql.completed(sparql.expand(query))
    sparql.refuse(text)
    job = {"place": str(place), "sparql": text, "rows": limits.rows, "memory": limits.memory, "seconds": limits.seconds}
    job |= {"labels": labels, "files": [str(file) for file in files]}
    paths = os.pathsep.join([str(Path(__file__).resolve().parent.parent), os.environ.get("PYTHONPATH", "")])
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "kg.free"],
            input=json.dumps(job).encode(),
            capture_output=True,
            timeout=limits.seconds,
            check=False,
            env=os.environ | {"PYTHONPATH": paths},
        )
    except subprocess.TimeoutExpired as late:
        if reply := _reply(late.stdout or b"", limits):
            return reply
        raise LimitHit(f"no answer within {limits.seconds:g} seconds; narrow the query or raise --timeout") from late
    if reply := _reply(done.stdout, limits):
        return reply
    if done.returncode < 0 or b"memory" in done.stderr.lower():
        raise LimitHit(f"the query needed more than {limits.memory} MiB of memory; narrow it or raise --memory")
    raise KgError(f"the query's process failed: {done.stderr.decode(errors='replace').strip().splitlines()[-1:]}")


def _reply(said: bytes, limits: Limits) -> Reply | None:
    """The reply in what the child said, once it said an answer whole."""
    line, _, rest = said.partition(b"\n")
    head: dict[str, Any] = json.loads(line) if rest else {}
    if "error" in head:
        raise (LimitHit if head["limit"] else KgError)(head["error"])
    if not head or len(rest) < head["size"]:
        return None
    body, count = rest[: head["size"]], rest[head["size"] :]
    counted = json.loads(count) if count.endswith(b"\n") else {"total": None, "least": limits.rows + 1}
    about = {name: head[name] for name in ("notes", "truncated")} | counted
    if head["kind"] == "graph":
        return Reply(triples=list(triples_of(body, ".nt")), **about)
    answer = results.read(body, results.FORMS["json"])
    if head["kind"] == "truth":
        return Reply(answer=bool(answer), **about)
    return Reply(tuple(head["columns"]), list(answer), **about)  # type: ignore[arg-type]  # its rows are sequences


# --- the child --------------------------------------------------------------------------------------------------------


def _child() -> None:
    job = json.load(sys.stdin)
    shape.words()  # read before no file may be opened any more
    try:
        _speak(_opened(job), job)
    except (KgError, OSError, RuntimeError) as error:
        told = {"error": " ".join(str(error).split()), "limit": isinstance(error, LimitHit)}
        sys.stdout.buffer.write(json.dumps(told).encode() + b"\n\n")


def _opened(job: dict[str, Any]) -> Store:
    """The graph to ask, and no more memory or files than that takes."""
    if job["files"]:
        _cap(job["memory"])
        store = Store.read(map(Path, job["files"]))
        _close(())
    elif "://" in job["place"]:
        _cap(job["memory"])
        return Store.at(job["place"], job["seconds"])
    else:
        store = Store.open(Path(job["place"]))
        _cap(job["memory"])
        _close(file.name for file in Path(job["place"]).rglob("*.sst"))
    return store


def _cap(memory: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits; the wall clock and the refusal of what reaches outside still hold
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory * 2**20, memory * 2**20))


def _close(needed: Iterator[str] | tuple[()]) -> None:
    """Allow no further file or socket where the graph's files are open already.

    This is a second wall that knows nothing of SPARQL. A graph of millions of triples opens its files as it goes, and
    systems without /proc do not say what is open: there the first wall stands alone.
    """
    opened = {link.resolve().name for link in Path("/proc/self/fd").glob("*")}
    if opened and opened >= set(needed):
        import resource

        resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))


def _speak(store: Store, job: dict[str, Any]) -> None:
    notes = list(_strangers(store, job["sparql"]))
    answer = store.answer(job["sparql"])
    if isinstance(answer, bool):
        body = results.write_truth(answer, "json").encode()
        _say({"kind": "truth", "notes": notes, "truncated": False}, body)
        return
    rest: Iterator[Any] = answer.solutions if isinstance(answer, Answer) else answer
    first = list(islice(rest, job["rows"] + 1))
    shown, about = first[: job["rows"]], {"notes": notes, "truncated": len(first) > job["rows"]}
    if isinstance(answer, Answer):
        body = results.write(answer.columns, shown, "json").encode()
        _say(about | {"kind": "table", "columns": answer.columns}, body)
        labels = _named(store, shown) if job["labels"] else {}
    else:
        _say(about | {"kind": "graph"}, serialise(shown, ".nt"))
        labels = {}
    sys.stdout.write(json.dumps(_counted(rest, len(first)) | {"labels": labels}) + "\n")


def _say(head: dict[str, Any], body: bytes) -> None:
    sys.stdout.buffer.write(json.dumps(head | {"size": len(body)}).encode() + b"\n" + body)
    sys.stdout.buffer.flush()


def _counted(rest: Iterator[Any], seen: int) -> dict[str, int | None]:
    """How many rows there are in all, or at least, where counting them takes too long."""
    ends = time.monotonic() + _COUNTING
    for _ in rest:
        seen += 1
        if seen % 256 == 0 and time.monotonic() > ends:
            return {"total": None, "least": seen}
    return {"total": seen, "least": seen}


def _named(store: Store, rows: Sequence[Solution]) -> dict[str, str]:
    """The name of every IRI of these rows that has one."""
    nodes = sorted({str(term) for row in rows for term in row if str(term)[:1] == "<" != str(term)[1:2]})
    asked = (shape.PROLOGUE + _LABELS.format(nodes=" ".join(nodes[n : n + 500])) for n in range(0, len(nodes), 500))
    return {str(row["node"]): str(row["label"]) for text in asked for row in store.select(text)}


def _strangers(store: Store, text: str) -> Iterator[str]:
    """A sentence for each name of our namespace that is neither a word of ours nor in this graph."""
    for word in sorted(sparql.own_names(text) - shape.words()):
        name = shape.NS + word
        if not store.ask(f"ASK {{ {{ ?s <{name}> ?o }} UNION {{ ?s ?p <{name}> }} }}"):
            yield f"kg:{word} is no word of this graph.{did_you_mean(word, shape.words())}"


if __name__ == "__main__":
    _child()
