"""The graphs to ask, shipped and synthetic, each with its N-Triples; what a folder holds is not made again."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks import process, synthetic

SMALL, MIDDLE, LARGE = SIZES = (2_000, 19_000, 95_000)  # findings: about 10^5, 10^6 and 5 x 10^6 triples
Figures = dict[str, Any]
KG = (sys.executable, "-m", "kg")
_WRITE = """
import sys, kg, pyoxigraph
triples = kg.load(sys.argv[1]).triples()
pyoxigraph.serialize(triples, sys.argv[2], format=pyoxigraph.RdfFormat.N_TRIPLES)
"""


@dataclass(frozen=True, slots=True)
class Graph:
    """A graph by name, its store at `place`."""

    name: str
    place: Path

    @property
    def file(self) -> Path:
        """Its N-Triples; a child writes them when they are first wanted."""
        path = self.place.with_suffix(".nt")
        if not path.exists():
            subprocess.run([sys.executable, "-c", _WRITE, str(self.place), str(path)], check=True)
        return path

    @property
    def triples(self) -> int:
        """How many triples it has."""
        return int(json.loads(next(self.place.glob("revision-*/about.json")).read_text(encoding="utf-8"))["triples"])

    @property
    def megabytes(self) -> float:
        """Its size on disk, in MiB."""
        return sum(file.stat().st_size for file in self.place.rglob("*") if file.is_file()) / 2**20


def shipped(folder: Path) -> Graph:
    """The graph of the shipped data."""
    graph = Graph("shipped", folder / "shipped")
    if not graph.place.exists():
        process.run([*KG, "--store", str(graph.place), "build"], {})
    return graph


def invented(folder: Path, number: int, therapies: int = 0) -> Graph:
    """The graph of so many synthetic findings, of so many therapies if they are told."""
    building(folder, number, therapies)
    return Graph(f"{number:,} findings", folder / f"graph-{_name(number, therapies)}")


def _name(number: int, therapies: int) -> str:
    return f"{number}-of-{therapies}" if therapies else str(number)


def building(folder: Path, number: int, therapies: int = 0) -> process.Run:
    """What building the graph of so many synthetic findings took, now or when it was built."""
    name = _name(number, therapies)
    place, kept = folder / f"graph-{name}", folder / f"graph-{name}.json"
    if not kept.exists():
        data = folder / f"data-{name}"
        synthetic.write(data, number, therapies=therapies)
        took = process.run([*KG, "--store", str(place), "build", "--data", str(data)], {})
        kept.write_text(json.dumps(asdict(took)), encoding="utf-8")
        shutil.rmtree(data)
    return process.Run(**json.loads(kept.read_text(encoding="utf-8")))
