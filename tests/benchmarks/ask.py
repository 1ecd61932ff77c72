"""A child that asks one question of one graph and prints a line of JSON for each run: `ask.py KIND STORE QUESTION`.

`kg` asks through Store.select; `both` beside it the bare engine, in turns; `rdflib` a copy of the graph in memory.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph

from kg import library
from kg.api import as_rdflib
from kg.store import Store

_LONGEST = 4.0  # seconds after which a comparison starts no further turn
_TURNS = {"kg": 3, "both": 15, "rdflib": 1}
_SYNTHETIC = {"paper": "s0000000", "finding": "s0000000-01"}


def bound(name: str, store: Store) -> str:
    """The question with its example values; a synthetic graph has examples of its own."""
    question = library.question(name)
    swap = _SYNTHETIC if store.about["findings"] in (10_000, 100_000) else {}
    given = {key: [swap.get(key, value)] for key, value in question.example}
    return library.bind(question, given, store.vocab())


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


def askers(kind: str, place: Path) -> tuple[Store, dict[str, Callable[[str], Any]]]:
    """The store, and the ways to ask that are to be compared; both sides of a comparison share one engine."""
    revision = place / (place / "CURRENT").read_text(encoding="utf-8").strip()
    engine = pyoxigraph.Store.read_only(str(revision / "oxigraph"))
    store = Store(engine, json.loads((revision / "about.json").read_text(encoding="utf-8")))
    if kind == "rdflib":
        graph = as_rdflib(store)
        return store, {"rdflib": lambda sparql: len(list(graph.query(sparql)))}
    ways: dict[str, Callable[[str], Any]] = {"kg": lambda sparql: len(store.select(sparql))}
    return store, ways | ({"raw": lambda sparql: raw(engine, sparql)} if kind == "both" else {})


def main() -> None:
    """Print what each turn took."""
    kind, place, name = sys.argv[1:]
    store, ways = askers(kind, Path(place))
    sparql = bound(name, store)
    started = time.perf_counter()
    for turn in range(_TURNS[kind]):
        seconds, rows = {}, 0
        for way, ask in sorted(ways.items(), reverse=turn % 2 == 1):  # who goes first finds a colder cache
            began = time.perf_counter()
            rows = ask(sparql)
            seconds[way] = time.perf_counter() - began
        print(json.dumps(seconds | {"rows": rows}), flush=True)
        if kind == "both" and time.perf_counter() - started > _LONGEST:
            return


if __name__ == "__main__":
    main()
