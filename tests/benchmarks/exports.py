"""Exports of a synthetic graph: our writers, flattening included, beside networkx alone on a graph that is flat."""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import networkx as nx

from kg import graph
from kg.views import exports as ours
from tests.benchmarks.graphs import Figures
from tests.benchmarks.tables import table

NODES, EDGES, TIMES = 10_000, 20_000, 3
Multi = nx.MultiDiGraph
Write = Callable[[Multi, Path], object]


def _json(data: Callable[[Multi], object]) -> Write:
    return lambda made, file: file.write_text(json.dumps(data(made)), encoding="utf-8")


PEERS: dict[str, Write] = {
    "graphml": nx.write_graphml,
    "gexf": nx.write_gexf,
    "gml": nx.write_gml,
    "cyjs": _json(nx.cytoscape_data),
    "node-link": _json(lambda made: nx.node_link_data(made, edges="edges")),
    "dot": nx.nx_pydot.write_dot,
}


def synthetic(seed: int = 1) -> Multi:
    """Nodes and edges with the attributes of an evidence view, some of them missing, lists among them."""
    dice, made = random.Random(seed), Multi()  # noqa: S311  # invented rows keep no secret
    for number in range(NODES):
        about = {"kind": "therapy", "label": f"therapy {number}", "class": f"class {number % 9}", "note": None}
        made.add_node(f"therapy/t{number}", **about, synonyms=[f"T{number}", f"t-{number}"])
    for number in range(EDGES):
        ends = (f"therapy/t{int(NODES * dice.random() ** 2)}" for _ in range(2))
        about = {"kind": "finding", "finding": f"f-{number}", "result": "improved", "year": 1990 + number % 35}
        about |= {"day": dice.choice((None, 7, 28.5)), "p": dice.choice((None, "<0.05")), "n_arm": number % 20}
        texts = dict.fromkeys(
            "arm comparator outcome paper locator source_url".split(), f"a text of some words {number}"
        )
        made.add_edge(*ends, key=f"f-{number}", **about, **texts)
    return made


def exports(_: Path, __: Sequence[int]) -> Figures:
    """Each format, in turns with networkx; the time of flattening alone is in the first line."""
    made = synthetic()
    flat = graph.flatten(made)
    figures: Figures = {"flatten": {"kg": median(_timed(lambda: graph.flatten(made)) for _ in range(TIMES))}}
    with tempfile.TemporaryDirectory() as folder:
        for form in (*PEERS, *(form for form in ours.GRAPHS if form not in PEERS)):
            figures[form] = _turns(made, flat, form, Path(folder))
    lines = [[form, one["kg"], one.get("networkx"), one.get("ratio"), one.get("MiB")] for form, one in figures.items()]
    title = f"Exports, {NODES:,} nodes, {EDGES:,} edges (seconds; kg flattens first, networkx is given the flat graph)"
    table(title, ["format", "kg", "networkx", "kg / networkx", "MiB of kg"], lines)
    print(f"\nkg / networkx, median: {median(one['ratio'] for one in figures.values() if 'ratio' in one):.2f}")
    return figures


def _turns(made: Multi, flat: Multi, form: str, folder: Path) -> dict[str, float]:
    ways: dict[str, Callable[[], object]] = {"kg": lambda: ours.write_graph(made, folder / "kg", form)}
    if form in PEERS:
        ways["networkx"] = lambda: PEERS[form](flat, folder / "networkx")
    turns = [{way: _timed(act) for way, act in ways.items()} for _ in range(TIMES)]
    figures = {way: median(turn[way] for turn in turns) for way in ways}
    if form in PEERS:
        figures["ratio"] = median(turn["kg"] / turn["networkx"] for turn in turns)
    return figures | {"MiB": sum(file.stat().st_size for file in ours.write_graph(made, folder / "kg", form)) / 2**20}


def _timed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started
