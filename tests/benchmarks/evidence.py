"""CPU time of `kg evidence` inside one process: every class of therapy of a synthetic graph, whatever its size."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from kg.errors import KgError
from kg.store import Store
from kg.synthesis import strength
from tests.benchmarks import graphs
from tests.benchmarks.graphs import MIDDLE, Figures
from tests.benchmarks.tables import table

LARGEST = 4  # classes shown


def evidence(folder: Path, _: Sequence[int]) -> Figures:
    """The classes of most contrasts; the best of three turns."""
    graph = graphs.invented(folder, MIDDLE)
    store = Store.open(graph.place)
    classes = {term.broader[0] for term in store.vocab().scheme("therapy") if term.broader}
    taken = [found for name in sorted(classes) if (found := _turns(store, name))]
    largest = sorted(taken, key=lambda one: -one[1])[:LARGEST]
    table(f"kg evidence, {graph.name} (CPU seconds)", ["class", "contrasts", "seconds", "per 10,000"], largest)
    return {str(name): seconds for name, _, seconds, _ in largest}


def _turns(store: Store, name: str) -> tuple[str, int, float, float] | None:
    best = float("inf")
    for _turn in range(3):
        began = time.process_time()
        try:
            made = strength.strength(store, name, {})
        except KgError:
            return None
        best = min(best, time.process_time() - began)
    return name, made.findings, best, best / made.findings * 10_000
