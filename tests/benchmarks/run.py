"""Runs the benchmarks and prints Markdown tables; `-o FILE` keeps the figures as JSON.

Ratios are against a peer in the same run; nothing here fails because a machine is slow or a peer is not installed.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks import graphs
from tests.benchmarks.cluster import cluster
from tests.benchmarks.combos import ahead, lattice, walk
from tests.benchmarks.evidence import evidence
from tests.benchmarks.exports import exports
from tests.benchmarks.graphs import LARGE, MIDDLE, SIZES, SMALL, Figures, Graph
from tests.benchmarks.networks import networks
from tests.benchmarks.pages import pages
from tests.benchmarks.parsing import parsing
from tests.benchmarks.peers import OURS
from tests.benchmarks.pooling import pooling
from tests.benchmarks.questions import Comparison, asked, texts
from tests.benchmarks.reading import reading
from tests.benchmarks.tables import table
from tests.benchmarks.whole import cold, commands, growth, load
from tests.benchmarks.worker import Turn, worker


def overhead(folder: Path, _: Sequence[int]) -> Figures:
    """Store.select against the bare engine on disk, same text, all rows read, in turns."""
    figures = {}
    for graph in (graphs.shipped(folder), graphs.invented(folder, MIDDLE)):
        with worker("both", graph.place) as held:
            turns = {name: held.turns(sparql) for name, sparql in texts(graph).items()}
        lines = {name: _pair(some) for name, some in turns.items()}
        middle = median(line[-1] for line in lines.values() if line[-1])
        title = f"Store.select against the engine, {graph.name}: median ratio {middle:.2f}"
        columns = ["question", "rows", "kg ms", "engine ms", "ratio"]
        table(title, columns, ([name, *line] for name, line in lines.items()))
        figures[graph.name] = {"median": middle} | lines
    return figures


def _pair(turns: Sequence[Turn]) -> Sequence[Any]:
    """Rows, the milliseconds of both ways, and the median ratio of the turns; nothing where no turn ended."""
    turns = [turn for turn in turns if "rows" in turn]
    if not turns:
        return [None] * 4
    milliseconds = [1000 * median(turn[way] for turn in turns) for way in ("kg", "engine")]
    return [turns[0]["rows"], *milliseconds, median(turn["kg"] / turn["engine"] for turn in turns)]


def questions(folder: Path, sizes: Sequence[int]) -> Figures:
    """Every question on synthetic graphs, beside peers; on the largest ours alone."""
    beside = {SMALL: ("oxigraph", "virtuoso", "rdflib"), MIDDLE: ("oxigraph", "virtuoso", "tdb2")}
    return {str(number): _compared(graphs.invented(folder, number), beside.get(number, ())) for number in sizes}


def shipped(folder: Path, _: Sequence[int]) -> Figures:
    """Every question on the shipped graph, beside the servers and rdflib."""
    return _compared(graphs.shipped(folder), ("oxigraph", "virtuoso", "rdflib"))


def _compared(graph: Graph, peers: Sequence[str]) -> Figures:
    engines = [*OURS, *peers]
    compared = Comparison(asked(graph, engines))
    ours = [f"{name} / fastest peer" for name in OURS]
    title = f"Questions, {graph.name}, {graph.triples:,} triples"
    table(f"{title} (milliseconds)", ["question", "rows", *engines, *ours], compared.lines(engines))
    columns = ["engine", "right", "median ms", *(f"{name} / it, medians" for name in OURS)]
    columns += [f"{name} / it, median ratio" for name in OURS]
    table(f"{title}: engines", columns, compared.medians())
    table(f"{title}: slowest of ours", ["question", "memory ms", "fastest engine", "ratio"], compared.slowest())
    table(f"{title}: failures", ["engine", "questions", "the first one"], compared.failures())
    return {engine: {name: asdict(one) for name, one in some.items()} for engine, some in compared.answers.items()}


PARTS: dict[str, Callable[[Path, Sequence[int]], Figures]] = {
    part.__name__: part
    for part in (
        commands,
        growth,
        overhead,
        questions,
        shipped,
        cold,
        load,
        pages,
        exports,
        networks,
        pooling,
        evidence,
        ahead,
        lattice,
        walk,
        parsing,
        reading,
        cluster,
    )
}


def measure(folder: Path, parts: Iterable[str], sizes: Sequence[int]) -> Figures:
    """Measure and print these parts, in the order of PARTS."""
    figures: Figures = {}
    for name in (name for name in PARTS if name in parts):
        began = time.perf_counter()
        figures[name] = PARTS[name](folder, sizes)
        print(f"{name}: {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    return figures


def _parts(text: str) -> list[str]:
    parts = text.split(",")
    if wrong := set(parts) - set(PARTS):
        raise argparse.ArgumentTypeError(f"{', '.join(sorted(wrong))} is none of {', '.join(PARTS)}")
    return parts


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out the largest graph and the slowest pages")
    parser.add_argument("--only", type=_parts, default=list(PARTS), help=f"some of {','.join(PARTS)}")
    parser.add_argument("--sizes", type=int, nargs="+", choices=SIZES, default=SIZES, help="findings of the graphs")
    parser.add_argument("--folder", type=Path, help="keep the graphs in this folder, and use those that it holds")
    parser.add_argument("-o", "--output", type=Path, help="also write the figures to this file, as JSON")
    told = parser.parse_args()
    sizes = [number for number in told.sizes if number < LARGE or not told.quick]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))  # as Control-C does, so that servers end as well
    with tempfile.TemporaryDirectory() as empty:
        folder = told.folder or Path(empty)
        folder.mkdir(parents=True, exist_ok=True)
        figures = measure(folder, told.only, sizes)
    if told.output:
        told.output.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
