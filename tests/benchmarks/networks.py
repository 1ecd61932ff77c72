"""Networks and components: CPU time beside netmeta's, which is not in Debian and so was timed elsewhere."""

from __future__ import annotations

import csv
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from kg.synthesis import components
from kg.synthesis import networks as ours
from kg.synthesis.laplacians import Contrast
from tests.benchmarks.graphs import Figures
from tests.benchmarks.tables import table

TIMES = 5
TABLES = Path(__file__).parents[1] / "networks"
# CPU milliseconds of netmeta 3.3 in R on two shared cores: section 5 of the reference page synthesis.md that issue 6
# names. netmeta also computes splits and contributions; "with splits" is ours with its share of that.
NETMETA = {"Senn 2013": 5_274.0, "Linde 2016": 18_117.0}
NETCOMB = {"Linde 2016": 157.0}


def synthetic(studies: int, treatments: int, seed: int = 1) -> list[Contrast]:
    """Two-arm studies of random pairs out of treatments that are sums of five components."""
    dice = random.Random(seed)  # noqa: S311  # invented rows keep no secret
    names = ["control", "a", "b", "c", "d", "e"]
    names += [f"a + t{number}" if number % 2 else f"t{number}" for number in range(treatments - len(names))]
    effect = {name: dice.gauss(0, 1) for name in names}
    made = []
    for number in range(studies):
        one, other = (names[number % treatments], "control") if 0 < number < treatments else dice.sample(names, 2)
        se = dice.uniform(0.1, 0.6)
        made.append(Contrast(f"s{number}", one, other, effect[one] - effect[other] + dice.gauss(0, se + 0.1), se))
    return made


def _read(name: str) -> list[Contrast]:
    with (TABLES / f"{name}.csv").open(newline="", encoding="utf-8") as lines:
        rows = csv.DictReader(lines)
        return [Contrast(r["studlab"], r["treat1"], r["treat2"], float(r["TE"]), float(r["seTE"])) for r in rows]


def networks(_: Path, __: Sequence[int]) -> Figures:
    """Each network by DL, REML, with everything that is told of it, and by components; best of five."""
    data = {"Senn 2013": (_read("senn2013"), "placebo"), "Linde 2016": (_read("linde2016"), "Placebo")}
    data |= {f"{k:,} x {n}": (synthetic(k, n), "control") for k, n in ((1_000, 30), (10_000, 60))}
    figures = {name: _times(name, *one) for name, one in data.items()}
    columns = ["DL", "REML", "with splits", "netmeta", "kg / netmeta", "components", "netcomb", "kg / netcomb"]
    lines = [[name, *(one.get(column) for column in columns)] for name, one in figures.items()]
    table("Networks (CPU milliseconds; studies x treatments)", ["network", *columns], lines)
    return figures


def _times(name: str, contrasts: Sequence[Contrast], inactive: str) -> dict[str, float]:
    made = {
        "DL": _cpu(lambda: ours.estimates(contrasts)),
        "REML": _cpu(lambda: ours.estimates(contrasts, "REML")),
        "with splits": _cpu(lambda: _everything(contrasts)),
        "components": _cpu(lambda: components.additive(contrasts, inactive).components),
    }
    for theirs, times, mine in (("netmeta", NETMETA, "with splits"), ("netcomb", NETCOMB, "components")):
        if name in times:
            made |= {theirs: times[name], f"kg / {theirs}": made[mine] / times[name]}
    return made


def _everything(contrasts: Sequence[Contrast]) -> None:
    for network in ours.estimates(contrasts):
        network.p_scores()
        network.between_random()
        list(network.splits())
        list(network.pairs())


def _cpu(act: Callable[[], object]) -> float:
    """CPU milliseconds, best of TIMES; numpy's own threads are counted."""
    turns = []
    for _ in range(TIMES):
        began = time.process_time()
        act()
        turns.append(1000 * (time.process_time() - began))
    return min(turns)
