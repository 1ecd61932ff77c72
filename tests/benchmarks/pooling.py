"""Pooling beside R's metafor: CPU time of one call, in one run; R's start-up is left out."""

from __future__ import annotations

import csv
import io
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from kg.synthesis import bias, effects, multilevel
from kg.synthesis.effects import Sample
from kg.synthesis.pooling import pool
from tests.benchmarks.graphs import Figures
from tests.benchmarks.tables import table

_R = Path(__file__).parent.parent / "r"
_LARGE, _LEAST, _TIMES = 1000, 0.1, 5


def pooling(_: Path, __: Sequence[int]) -> Figures:
    """Each task once in each language; ours computes every interval each time, metafor only what is asked."""
    large = _invented()
    ours = {name: 1000 * _best(act) for name, act in _tasks(large).items()}
    theirs = _metafor(large)
    lines = [[name, one, theirs.get(name), _ratio(one, theirs.get(name))] for name, one in ours.items()]
    table("Pooling (CPU milliseconds of one call)", ["task", "kg", "metafor", "kg / metafor"], lines)
    return {str(name): {"kg": one, "metafor": other, "ratio": ratio} for name, one, other, ratio in lines}


def _ratio(one: float, other: float | None) -> float | None:
    return None if other is None else one / other


def _read(name: str) -> list[dict[str, str]]:
    with (_R / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _column(name: str, head: str) -> list[float]:
    return [float(row[head]) for row in _read(name)]


def _invented(seed: int = 1) -> tuple[list[float], list[float]]:
    dice = random.Random(seed)  # noqa: S311  # invented rows keep no secret
    v = [dice.uniform(0.02, 0.5) for _ in range(_LARGE)]
    return [dice.gauss(0.5, (0.1 + one) ** 0.5) for one in v], v


def _tasks(large: tuple[list[float], list[float]]) -> Mapping[str, Callable[[], object]]:
    counts = zip(*(_column("bcg", head) for head in ("ai", "bi", "ci", "di")), strict=True)
    found = [effects.log_risk_ratio(effects.Counts(a, b), effects.Counts(c, d)) for a, b, c, d in counts]
    y, v = [one.value for one in found], [one.variance for one in found]
    ablat = {"ablat": _column("bcg", "ablat")}
    schools = _column("konstantopoulos2011", "yi"), _column("konstantopoulos2011", "vi")
    districts = [row["cluster"] for row in _read("konstantopoulos2011")]
    means = list(zip(*(_column("curtis1998", head) for head in "n1 m1 sd1 n2 m2 sd2".split()), strict=True))
    return {
        "effect sizes, k = 102": lambda: [effects.hedges_g(Sample(*row[:3]), Sample(*row[3:])) for row in means],
        "DL, k = 13": lambda: pool(y, v, method="DL"),
        "REML, k = 13": lambda: pool(y, v),
        "REML with all intervals, k = 13": lambda: pool(y, v),
        "PM, k = 13": lambda: pool(y, v, method="PM"),
        "REML with a moderator, k = 13": lambda: pool(y, v, ablat),
        "Egger, k = 13": lambda: bias.egger(y, v),
        "trim and fill, k = 13": lambda: bias.trim_and_fill(y, v),
        "three levels, k = 56": lambda: multilevel.three_level(*schools, districts),
        "DL, k = 1000": lambda: pool(*large, method="DL"),
        "REML, k = 1000": lambda: pool(*large),
    }


def _best(act: Callable[[], object]) -> float:
    """The CPU seconds of one call: the best of five loops of at least a tenth of a second."""
    act()
    times = 1
    while (spent := _spent(act, times)) < _LEAST:
        times *= 4
    return min(spent, *(_spent(act, times) for _ in range(_TIMES - 1))) / times


def _spent(act: Callable[[], object], times: int) -> float:
    started = time.process_time()
    for _ in range(times):
        act()
    return time.process_time() - started


def _metafor(large: tuple[list[float], list[float]]) -> dict[str, float]:
    """What R says of the same tasks; nothing where there is no R with metafor."""
    if not shutil.which("Rscript"):
        return {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "large.csv"
        rows = [f"{y!r},{v!r}" for y, v in zip(*large, strict=True)]
        file.write_text("\n".join(["yi,vi", *rows]) + "\n", encoding="utf-8")
        told = subprocess.run(["Rscript", str(_R / "timing.R"), str(file)], capture_output=True, text=True)
    return {name: float(spent) for name, spent in csv.reader(io.StringIO(told.stdout))} if not told.returncode else {}
