"""The six criteria of sets, each from 0 to 1, side by side, and the weights that make an order of them.

How often a therapy is written about, and where it stands in a graph, are no criterion.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from kg.errors import KgError, UnknownName
from kg.synthesis.combos.known import Known
from kg.synthesis.combos.parts import RUNGS, Part

if TYPE_CHECKING:
    import numpy as np

    Floats = np.ndarray[Any, np.dtype[np.float64]]
    Places = np.ndarray[tuple[int, int], np.dtype[np.int64]]

CRITERIA: Mapping[str, str] = MappingProxyType({
    "evidence": "lower bound of the share of studies in which its weakest added part improved something",
    "barriers": "barriers that its parts cover together, each by the lower bound of its best part, over all barriers",
    "relatives": "lower bound of the share of votes for benefit among the nearest sets that were tried",
    "timing": "1 where the days on which its parts helped overlap, 0.75 where they can follow each other, else 0.5",
    "safety": "1 less the upper bound of the share of studies in which its worst part worsened something",
    "readiness": "how far its least advanced part was taken, from rodents (1/8) to phase III (1)",
})  # fmt: skip
WEIGHTS: Mapping[str, float] = MappingProxyType(
    {"evidence": 3.0, "barriers": 2.0, "relatives": 2.0, "timing": 1.0, "safety": 2.0, "readiness": 1.0}
)
OVERLAP, FOLLOW, UNKNOWN = 1.0, 0.75, 0.5


def weighted(told: Iterable[str]) -> dict[str, float]:
    """The weights that `NAME=NUMBER` change. Raises UnknownName for no criterion, KgError for no number from 0 on."""
    made = dict(WEIGHTS)
    for text in told:
        name, _, number = text.partition("=")
        if name not in CRITERIA:
            raise UnknownName("criterion", name, CRITERIA)
        made[name] = _weight(text, name, number)
    if not any(made.values()):
        raise KgError("every weight is 0, so that nothing orders the sets; give one of them a weight")
    return made


def _weight(text: str, name: str, number: str) -> float:
    try:
        value = float(number)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1e6:
        raise KgError(f"{text!r} is no weight: write it as {name}=2, a number from 0 on")
    return value


class Criteria:
    """What parts bring, as arrays; of sets of them, given by the places of their parts, every criterion."""

    def __init__(self, known: Known, ids: Sequence[str], found: Mapping[str, Part], asked: Collection[str]) -> None:
        import numpy as np

        some = [found.get(id) for id in ids]
        barriers = [term.id for term in known.vocab.scheme("barrier")]
        self.asked = np.array([id in asked for id in ids], dtype=bool)
        self.evidence = np.array([part.votes.lower if part else 0.0 for part in some])
        self.harm = np.array([part.harm if part else 1.0 for part in some])
        self.rung = np.array([part.rung if part else 0 for part in some]) / (len(RUNGS) - 1)
        covers: list[Mapping[str, float]] = [part.covers if part else {} for part in some]
        self.cover = np.array([[one.get(name, 0.0) for name in barriers] for one in covers]).reshape(-1, len(barriers))
        self.days = np.array([(part and part.window) or (np.nan, np.nan) for part in some]).reshape(-1, 2)

    def values(self, places: Places, near: Floats) -> dict[str, Floats]:
        """The criteria of sets; `near` is that of relatives, which sets know and parts do not."""
        import numpy as np

        return {
            "evidence": self._weakest(places),
            "barriers": _over(np.maximum, self.cover, places).sum(axis=1) / max(1, self.cover.shape[1]),
            "relatives": near,
            "timing": self._timing(places),
            "safety": 1 - _over(np.maximum, self.harm, places),
            "readiness": _over(np.minimum, self.rung, places),
        }

    def _weakest(self, places: Places) -> Floats:
        """The weakest part among those that are added to what was asked for."""
        import numpy as np

        added = _over(np.minimum, np.where(self.asked, np.inf, self.evidence), places)
        least: Floats = np.where(np.isinf(added), _over(np.minimum, self.evidence, places), added)
        return least

    def _timing(self, places: Places) -> Floats:
        import numpy as np

        first, last = _over(np.maximum, self.days[:, 0], places), _over(np.minimum, self.days[:, 1], places)
        told: Floats = np.where(np.isnan(first), UNKNOWN, np.where(first <= last, OVERLAP, FOLLOW))
        return told


def _over(least_or_most: Callable[[Floats, Floats], Floats], values: Floats, places: Places) -> Floats:
    """The least or the most among the parts of each set; part by part, far sooner than along an axis."""
    return functools.reduce(least_or_most, (values[places[:, part]] for part in range(places.shape[1])))
