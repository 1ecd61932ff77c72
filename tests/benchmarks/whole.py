"""Whole processes: the commands of `kg`, building, loading, and one question asked cold."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median

from kg import library
from tests import servers
from tests.benchmarks import graphs, process
from tests.benchmarks.graphs import KG, MIDDLE, Figures, Graph
from tests.benchmarks.process import Command
from tests.benchmarks.questions import texts
from tests.benchmarks.servers import oxigraph_load
from tests.benchmarks.tables import table

_BY_RDFLIB = ("find", "from-paper", "gap-map")  # others take rdflib up to minutes
_RDFLIB = """
import sys, rdflib
graph = rdflib.Graph().parse(sys.argv[1], format="nt")
print(len(list(graph.query(open(sys.argv[2], encoding="utf-8").read()))))
"""
_LOAD = """
import sys, pathlib, pyoxigraph
from kg import store
store.build(pathlib.Path(sys.argv[2]), (quad.triple for quad in pyoxigraph.parse(path=sys.argv[1])), {})
"""


def commands(folder: Path, _: Sequence[int]) -> Figures:
    """Whole commands on the shipped data."""
    environment = {"KG_STORE": str(folder / "commands")}
    start = {"kg --help": [*KG, "--help"], "import click": [sys.executable, "-c", "import click"]}
    runs = process.paired({"kg build": [*KG, "build"]}, environment, 3) | process.paired(start, environment, 9)
    figures = {name: one.seconds for name, one in runs.items()}
    figures["kg --help / import click"] = figures["kg --help"] / figures["import click"]
    table("Whole commands, shipped data (seconds, ratio)", ["command", "median"], figures.items())
    return figures


def growth(folder: Path, sizes: Sequence[int]) -> Figures:
    """Building graphs of synthetic findings."""
    figures: Figures = {}
    for number in sizes:
        took, graph = graphs.building(folder, number), graphs.invented(folder, number)
        triples = graph.triples
        rates = {"triples": triples, "findings/s": number / took.seconds, "triples/s": triples / took.seconds}
        figures[str(number)] = asdict(took) | rates | {"disk": graph.megabytes}
    columns = ["findings", "seconds", "cpu seconds", "peak MiB", "triples", "findings/s", "triples/s", "disk MiB"]
    table("Building synthetic graphs", columns, ([number, *one.values()] for number, one in figures.items()))
    small, large = (figures[str(number)] for number in (sizes[0], sizes[-1]))
    grown = (f"{key} x {large[key] / small[key]:.2f}" for key in ("triples", "seconds", "cpu", "peak", "disk"))
    print(f"\nFrom {sizes[0]:,} to {sizes[-1]:,} findings: " + ", ".join(grown))
    return figures


def load(folder: Path, _: Sequence[int]) -> Figures:
    """Our store and the Oxigraph server's, from the same N-Triples."""
    graph = graphs.invented(folder, MIDDLE)
    runs: dict[str, list[process.Run]] = {"kg": [], "oxigraph": []}
    for _turn in range(3):
        with tempfile.TemporaryDirectory(dir=folder) as empty:
            ours = [sys.executable, "-c", _LOAD, str(graph.file), f"{empty}/kg"]
            runs["kg"].append(process.run(ours, {}))
            if servers.program("oxigraph"):
                runs["oxigraph"].append(process.run(oxigraph_load(graph.file, Path(empty) / "oxigraph"), {}))
    took = {side: process.middle(some) for side, some in runs.items() if some}
    figures = {side: {"triples/s": graph.triples / one.seconds} | asdict(one) for side, one in took.items()}
    lines = [[side, *one.values()] for side, one in figures.items()]
    if "oxigraph" in took:
        lines.append(["kg / oxigraph", *(figures["kg"][key] / one for key, one in figures["oxigraph"].items())])
    title = f"Loading {graph.triples:,} triples from N-Triples"
    table(title, ["store", "triples/s", "seconds", "cpu seconds", "peak MiB"], lines)
    return figures


def cold(folder: Path, _: Sequence[int]) -> Figures:
    """`kg query` on the shipped graph beside Oxigraph's command line, and rdflib that reads N-Triples first."""
    graph, figures = graphs.shipped(folder), {}
    if servers.program("oxigraph") and not (folder / "oxigraph").exists():
        process.run(oxigraph_load(graph.file, folder / "oxigraph"), {})
    for name, sparql in texts(graph).items():
        runs = process.paired(dict(_sides(graph, name, sparql)), {}, 3)
        figures[name] = {side: one.seconds for side, one in runs.items()}
    sides = ("oxigraph", "rdflib")
    ratios = {name: [one["kg"] / one[side] if side in one else "" for side in sides] for name, one in figures.items()}
    lines = ([name, one["kg"], *(one.get(side, "") for side in sides), *ratios[name]] for name, one in figures.items())
    columns = ["question", "kg", *sides, *(f"kg / {side}" for side in sides)]
    table("One question, whole processes, shipped graph (seconds)", columns, lines)
    for side in sides:
        some = [one["kg"] / one[side] for one in figures.values() if side in one]
        print(f"\nkg / {side}, median: " + (f"{median(some):.2f}" if some else "missing"))
    return figures


def _sides(graph: Graph, name: str, sparql: str) -> Iterator[tuple[str, Command]]:
    """The commands that answer one question."""
    file = graph.place.with_name(f"{name}.rq")
    file.write_text(sparql, encoding="utf-8")
    given = (("--" + key.replace("_", "-"), value) for key, value in library.question(name).example)
    yield "kg", [*KG, "--store", str(graph.place), "query", name, *(text for pair in given for text in pair)]
    if oxigraph := servers.program("oxigraph"):
        place = ["--location", str(graph.place.with_name("oxigraph")), "--query-file", str(file)]
        yield "oxigraph", [oxigraph, "query", *place, "--results-format", "csv"]
    if name in _BY_RDFLIB:
        yield "rdflib", [sys.executable, "-c", _RDFLIB, str(graph.file), str(file)]
