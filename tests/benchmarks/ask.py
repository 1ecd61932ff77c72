"""A child that holds one engine and answers questions from its standard input: `ask.py KIND TARGET`.

Each line in is a question as JSON. Out come a line of JSON for every turn and then an empty one. `ask.py texts STORE`
prints the library's questions with their example values and ends.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyoxigraph

from kg import library
from kg.api import as_rdflib
from kg.store import Store

Ways = Mapping[str, Callable[[str], Any]]
_TURNS = {"both": (11, 2.0)}  # how many turns at most, and the seconds after which no further one starts
_OTHERS = (4, 1.0)
_SYNTHETIC = {"paper": "s0000000", "finding": "s0000000-01"}


def texts(store: Store) -> dict[str, str]:
    """Every question, bound to its example values; a synthetic graph has papers and findings of its own."""
    synthetic = store.ask(f'ASK {{ ?paper <http://purl.org/dc/terms/identifier> "{_SYNTHETIC["paper"]}" }}')
    swap = _SYNTHETIC if synthetic else {}
    bound = {}
    for name in library.names():
        question = library.question(name)
        given = {key: [swap.get(key, value)] for key, value in question.example}
        bound[name] = library.bind(question, given, store.vocab())
    return bound


def raw(engine: pyoxigraph.Store, sparql: str) -> int:
    """The number of rows, every term's text read."""
    rows = 0
    solutions: Any = engine.query(sparql)
    for solution in solutions:
        for term in solution:
            if term is not None:
                _ = term.value
        rows += 1
    return rows


def disk(target: str) -> Ways:
    """Ours on disk."""
    store = Store.open(Path(target))
    return {"seconds": lambda sparql: len(store.select(sparql))}


def memory(target: str) -> Ways:
    """Ours in memory."""
    store = Store.of(Store.open(Path(target)).triples())
    return {"seconds": lambda sparql: len(store.select(sparql))}


def both(target: str) -> Ways:
    """Ours and the bare engine, which is one and the same for both."""
    revision = Path(target) / (Path(target) / "CURRENT").read_text(encoding="utf-8").strip()
    engine = pyoxigraph.Store.read_only(str(revision / "oxigraph"))
    store = Store(engine)
    return {"kg": lambda sparql: len(store.select(sparql)), "engine": lambda sparql: raw(engine, sparql)}


def rdflib(target: str) -> Ways:
    """rdflib in memory."""
    graph = as_rdflib(Store.open(Path(target)))
    return {"seconds": lambda sparql: len(list(graph.query(sparql)))}


def http(target: str) -> Ways:
    """A SPARQL server, its answer read to the last byte; counting the rows is not timed."""
    import requests

    session = requests.Session()
    session.headers["Accept"] = "application/sparql-results+json"

    def ask(sparql: str) -> Callable[[], int]:
        got = session.post(target, data={"query": sparql}, timeout=600)
        if not got.ok:
            raise OSError(" ".join(got.text.split())[:300])
        return lambda: len(got.json()["results"]["bindings"])

    return {"seconds": ask}


KINDS: dict[str, Callable[[str], Ways]] = {
    "disk": disk,
    "memory": memory,
    "both": both,
    "rdflib": rdflib,
    "http": http,
}


def turn(ways: Ways, sparql: str, number: int) -> dict[str, float]:
    """The seconds each way took, and the rows; who goes first finds a colder cache, so they take turns."""
    figures: dict[str, float] = {}
    rows: Any = 0
    for way, ask in sorted(ways.items(), reverse=number % 2 == 1):
        began = time.perf_counter()
        rows = ask(sparql)
        figures[way] = time.perf_counter() - began
    return figures | {"rows": rows() if callable(rows) else rows}


def answer(kind: str, ways: Ways, sparql: str) -> None:
    """Print what each turn took, or why there is none, and an empty line."""
    most, longest = _TURNS.get(kind, _OTHERS)
    started = time.perf_counter()
    try:
        for number in range(most):
            print(json.dumps(turn(ways, sparql, number)), flush=True)
            if time.perf_counter() - started > longest:
                break
    except Exception as error:  # noqa: BLE001  # an engine may fail in any way of its own; the tables say how
        print(json.dumps({"error": " ".join(str(error).split())[:300] or type(error).__name__}))
    print(flush=True)


def main() -> None:
    """Answer questions until there are no more."""
    kind, target = sys.argv[1:]
    if kind == "texts":
        print(json.dumps(texts(Store.open(Path(target)))))
        return
    ways = KINDS[kind](target)
    print("ready", flush=True)
    for line in sys.stdin:
        answer(kind, ways, json.loads(line))


if __name__ == "__main__":
    main()
