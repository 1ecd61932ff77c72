"""Runs every benchmark and prints one Markdown table for each; `-o FILE` keeps the figures as JSON.

Ratios are against a peer in the same run, in turns; nothing here fails because a machine is slow.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from kg import library
from tests.benchmarks import process, synthetic

CAP = 60.0  # seconds a question may take
_TIMES = 9
Figures = dict[str, Any]


def command(place: Path) -> Figures:
    """The seconds of whole commands on the shipped data; the graph is built at `place` first."""
    kg = [sys.executable, "-m", "kg"]
    environment = {"KG_STORE": str(place)}
    built = process.paired({"build": [*kg, "build"]}, environment, 3)
    start = {"kg --help": [*kg, "--help"], "import click": [sys.executable, "-c", "import click"]}
    asks = {f"kg query {name}": [*kg, "query", name] for name in ("gap-map", "improved")}
    seconds = process.paired(start, environment, _TIMES) | process.paired(asks, environment, _TIMES)
    ratio = seconds["kg --help"] / seconds["import click"]
    return {"kg build": built["build"], **seconds, "kg --help / import click": ratio}


def growth(folder: Path, numbers: Iterable[int]) -> dict[int, Figures]:
    """What building graphs of so many synthetic findings takes; the graphs stay in `folder`."""
    figures = {}
    for number in numbers:
        data, place = folder / f"data-{number}", folder / f"graph-{number}"
        synthetic.write(data, number)
        took = process.run([sys.executable, "-m", "kg", "--store", str(place), "build", "--data", str(data)], {})
        about = json.loads(next(place.glob("revision-*/about.json")).read_text(encoding="utf-8"))
        figures[number] = {
            "seconds": took.seconds,
            "cpu seconds": took.cpu,
            "findings/s": number / took.seconds,
            "triples": about["triples"],
            "triples/s": about["triples"] / took.seconds,
            "peak MiB": took.peak,
            "disk MiB": sum(file.stat().st_size for file in place.rglob("*") if file.is_file()) / 2**20,
        }
    return figures


def turns(kind: str, place: Path, name: str) -> list[Figures]:
    """What each turn of a question took, of as many as ended within the cap."""
    child = [sys.executable, "-m", "tests.benchmarks.ask", kind, str(place), name]
    return [json.loads(line) for line in process.lines(child, CAP)]


def overhead(place: Path) -> dict[str, Figures]:
    """For each question the milliseconds of Store.select and of the bare engine, and the median ratio of the turns."""
    figures = {}
    for name in library.names():
        seen = turns("both", place, name)
        figures[name] = {
            "rows": seen[0]["rows"] if seen else None,
            "kg ms": 1000 * median(turn["kg"] for turn in seen) if seen else None,
            "engine ms": 1000 * median(turn["raw"] for turn in seen) if seen else None,
            "ratio": median(turn["kg"] / turn["raw"] for turn in seen) if seen else None,
        }
    return figures


def seconds(kind: str, place: Path) -> dict[str, float | None]:
    """The median seconds of each question asked one way; none where it ran into the cap."""
    taken = {name: [turn[kind] for turn in turns(kind, place, name)] for name in library.names()}
    return {name: median(values) if values else None for name, values in taken.items()}


def table(title: str, columns: Sequence[str], lines: Iterable[Sequence[object]]) -> None:
    """Print a Markdown table."""
    print(f"\n### {title}\n\n| " + " | ".join(columns) + " |\n" + "|---" * len(columns) + "|")
    for line in lines:
        print("| " + " | ".join(_shown(cell) for cell in line) + " |", flush=True)


def _shown(cell: object) -> str:
    if cell is None:
        return f"over {CAP:.0f} s"
    if isinstance(cell, float):
        return f"{cell:,.0f}" if cell >= 100 else f"{cell:.3g}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def _overhead(title: str, figures: dict[str, Figures]) -> None:
    rows = [[name, *one.values()] for name, one in figures.items()]
    middle = median(one["ratio"] for one in figures.values() if one["ratio"])
    table(f"{title}: median ratio {middle:.2f}", ["question", "rows", "kg ms", "engine ms", "ratio"], rows)


def measure(folder: Path, numbers: Sequence[int]) -> Figures:
    """Measure and print everything."""
    figures: Figures = {}
    shipped = folder / "shipped"
    figures["command"] = command(shipped)
    table("Whole commands, shipped data (seconds, ratio)", ["command", "median"], figures["command"].items())
    figures["growth"] = built = growth(folder, numbers)
    table("Building", ["findings", *built[numbers[0]]], ([number, *one.values()] for number, one in built.items()))
    if len(numbers) > 1:
        small, large = built.values()
        grown = {key: large[key] / small[key] for key in ("seconds", "cpu seconds", "peak MiB", "disk MiB")}
        print("\nGrowth: " + ", ".join(f"{key} x {value:.2f}" for key, value in grown.items()))
    synthetic_graph = folder / f"graph-{numbers[0]}"
    figures["overhead"] = {"shipped": overhead(shipped), "synthetic": overhead(synthetic_graph)}
    _overhead("Store.select against the engine, shipped graph", figures["overhead"]["shipped"])
    _overhead(f"Store.select against the engine, {numbers[0]:,} findings", figures["overhead"]["synthetic"])
    figures["seconds"] = {number: seconds("kg", folder / f"graph-{number}") for number in numbers}
    columns = ["question", *(f"{number:,} findings" for number in numbers)]
    asked = ([name, *(one[name] for one in figures["seconds"].values())] for name in library.names())
    table("Questions on synthetic graphs (seconds)", columns, asked)
    figures["rdflib"] = slow = seconds("rdflib", shipped)
    engine = {name: one["engine ms"] for name, one in figures["overhead"]["shipped"].items()}
    ratios = ([name, took and engine[name] and 1000 * took / engine[name]] for name, took in slow.items())
    table("rdflib in memory against the engine, shipped graph", ["question", "ratio"], ratios)
    return figures


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out the graph of 100,000 findings")
    parser.add_argument("-o", "--output", type=Path, help="also write the figures to this file, as JSON")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), [10_000] if told.quick else [10_000, 100_000])
    if told.output:
        told.output.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
