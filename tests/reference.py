"""The public data sets of tests/r/data, and what R said of them (tests/r/reference.json)."""

from __future__ import annotations

import csv
import json
import math
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "r"
ANSWERS: dict[str, Any] = json.loads((FOLDER / "reference.json").read_text(encoding="utf-8"))
NAMES = sorted(ANSWERS)


@cache
def rows(name: str) -> list[dict[str, str]]:
    """The rows of a data set."""
    with (FOLDER / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def column(name: str, head: str) -> list[float]:
    """The numbers of a column."""
    return [float(row[head]) for row in rows(name)]


def sizes(name: str) -> tuple[list[float], list[float]]:
    """Effects and variances as R has them."""
    measure = ANSWERS[name]["measure"]
    if measure == "GEN":
        return column(name, "yi"), column(name, "vi")
    told = ANSWERS[name]["effects"][measure]
    return told["yi"], told["vi"]


def apart(ours: Any, theirs: Any) -> float:
    """The largest difference of numbers, or of lists of them, against the larger of 1 and R's number."""
    if isinstance(theirs, list):
        assert len(ours) == len(theirs)
        return max((apart(one, other) for one, other in zip(ours, theirs, strict=True)), default=0.0)
    if theirs is None or ours is None:
        return 0.0 if ours is None or math.isnan(ours) else math.inf
    return abs(ours - theirs) / max(1.0, abs(theirs))
