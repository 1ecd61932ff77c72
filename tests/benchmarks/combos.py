"""Combinations: a random walk with restart beside networkx's personalised PageRank on the same graph."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.benchmarks import graphs, process
from tests.benchmarks.graphs import KG, Figures
from tests.benchmarks.tables import table

TIMES, THEIRS = 5, 3
NODES, EDGES = 100_000, 500_000
THERAPIES, GROWN = 2_000, (20_000, 60_000, 200_000)  # findings
ARMS, COMPONENTS = 20_000, 80
TOLERANCE = 1e-8  # networkx multiplies its own by the number of nodes


def ahead(folder: Path, _: Sequence[int]) -> Figures:
    """`kg combos next` as a whole process: on the shipped graph, and on 2,000 therapies with more and more findings."""
    places = {"shipped": graphs.shipped(folder)}
    places |= {f"{number:,}": graphs.invented(folder, number, THERAPIES) for number in GROWN}
    figures: Figures = {}
    for name, graph in places.items():
        for asked, more in (("everything", ()), ("chronic", ("--phase", "chronic"))):
            command = [*KG, "--store", str(graph.place), "combos", "next", "--format", "csv", *more]
            took = process.middle([process.run(command, {}) for _ in range(3 if name == "shipped" else 1)])
            figures[f"{name}, {asked}"] = asdict(took)
    columns = ["findings, what is asked", "seconds", "cpu seconds", "peak MiB"]
    table("kg combos next, whole process", columns, ([name, *one.values()] for name, one in figures.items()))
    return figures


def lattice(_: Path, __: Sequence[int]) -> Figures:
    """The covers of 20,000 arms over 80 components; on arms over 12 components they are those of brute force."""
    from kg.synthesis.combos.lattice import covers

    many, few = _arms(ARMS, COMPONENTS), set(_arms(400, 12))
    found, milliseconds = _cpu(lambda: covers(many), TIMES)
    inside = {one: {other for other in few if other < one} for one in few}
    brute = {one: {m for m in some if not any(m < other for other in some)} for one, some in inside.items()}
    same = brute == {one: set(some) for one, some in covers(few).items()}
    figures: Figures = {"arms": ARMS, "sets": len(found), "CPU ms": milliseconds, "equal to brute force": same}
    table("The lattice of what was tried", list(figures), [list(figures.values())])
    return figures


def _arms(number: int, components: int) -> list[frozenset[str]]:
    """Invented arms of one to five components, the first ones given most often."""
    dice = random.Random(1)  # noqa: S311  # invented arms keep no secret
    weights = [1 / (rank + 1) for rank in range(components)]
    sizes = dice.choices((1, 2, 3, 4, 5), (40, 30, 15, 10, 5), k=number)
    return [frozenset(f"c{n}" for n in dice.choices(range(components), weights, k=size)) for size in sizes]


def walk(_: Path, __: Sequence[int]) -> Figures:
    """One seed on 1e5 nodes and 5e5 edges, to the same tolerance; theirs makes its matrix each time, ours is told."""
    import networkx as nx
    import numpy as np
    from scipy import sparse

    from kg.synthesis.combos import topology

    rows, columns = _edges()
    graph = nx.Graph()
    graph.add_nodes_from(range(NODES))
    graph.add_edges_from(zip(rows.tolist(), columns.tolist(), strict=True))

    def matrix() -> Any:
        both = (np.concatenate([rows, columns]), np.concatenate([columns, rows]))
        return sparse.csr_array((np.ones(2 * len(rows)), both), shape=(NODES, NODES))

    told = {"alpha": 0.85, "personalization": {0: 1.0}, "tol": TOLERANCE / NODES, "max_iter": 1000}
    theirs, theirs_ms = _cpu(lambda: nx.pagerank(graph, **told), THEIRS)
    a = matrix()
    ours, ours_ms = _cpu(lambda: topology.walk(a, [0], tol=TOLERANCE)[:, 0], TIMES)
    _, whole_ms = _cpu(lambda: topology.walk(matrix(), [0], tol=TOLERANCE), TIMES)
    apart = float(np.abs(ours - np.array([theirs[node] for node in range(NODES)])).max())
    figures: Figures = {
        "nodes": NODES, "edges": graph.number_of_edges(), "kg ms": ours_ms, "kg ms with its matrix": whole_ms,
        "networkx ms": theirs_ms, "kg / networkx": ours_ms / theirs_ms,
        "kg with its matrix / networkx": whole_ms / theirs_ms, "largest difference": f"{apart:.1e}",
    }  # fmt: skip
    table("Random walk with restart, one seed (CPU milliseconds)", list(figures), [list(figures.values())])
    return figures


def _edges() -> tuple[Any, Any]:
    """Distinct random edges, no loops: their ends, the lower first."""
    import numpy as np

    dice = np.random.default_rng(1)
    ends = np.sort(dice.integers(NODES, size=(EDGES + EDGES // 50, 2)), axis=1)
    distinct = np.unique(ends[ends[:, 0] < ends[:, 1]], axis=0)
    kept = distinct[dice.permutation(len(distinct))[:EDGES]]
    return kept[:, 0].astype(np.int32), kept[:, 1].astype(np.int32)  # as scipy itself would choose


def _cpu(act: Callable[[], Any], times: int) -> tuple[Any, float]:
    """What it makes, and its CPU milliseconds, the best of so many turns; numpy's own threads are counted."""
    made, turns = None, []
    for _ in range(times):
        began = time.process_time()
        made = act()
        turns.append(1000 * (time.process_time() - began))
    return made, min(turns)
