"""How well scores put the pairs that were tested later before those that were not: AUROC, hits, and their intervals."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from kg.synthesis.combos.slices import Slice
from kg.synthesis.combos.together import Pair
from kg.synthesis.combos.topology import Scores

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

T = TypeVar("T")
FEWEST = 5  # distinct pairs tested later, below which neither an AUROC nor an interval is shown
_BLOCK = 2_000_000  # multiplicities that are held at once


class Progress(Protocol):
    """Passes items on, one by one, and may show how far it is."""

    def __call__(self, label: str, items: Sequence[T], /) -> Iterable[T]:
        """The items, in their order."""
        ...


def silent(_: str, items: Sequence[T], /) -> Iterable[T]:
    """Shows nothing."""
    return items


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Ranked:
    """A slice and the score of each candidate by method (n each); where a method has no opinion, minus infinity."""

    slice: Slice
    tested: Flags
    scores: Mapping[str, Floats]

    @classmethod
    def of(cls, one: Slice, made: Mapping[str, Scores]) -> Ranked:
        """The scores of these methods, looked up for every candidate."""
        import numpy as np

        tested = np.array([pair in one.tested for pair in one.candidates], dtype=bool)
        return cls(one, tested, {name: looked_up(scores, one.candidates) for name, scores in made.items()})

    @functools.cached_property
    def sides(self) -> tuple[int, int]:
        """How many candidates were tested later, and how many were not."""
        return int(self.tested.sum()), int((~self.tested).sum())


def looked_up(scores: Scores, pairs: Sequence[Pair]) -> Floats:
    """The scores of pairs; minus infinity where there is none, so that they come last, all tied."""
    import numpy as np

    place = {id: number for number, id in enumerate(scores.ids)}
    ends = np.array([[place.get(one, -1), place.get(other, -1)] for one, other in pairs], dtype=int).reshape(-1, 2)
    known = (ends >= 0).all(axis=1)
    found: Floats = np.full(len(pairs), -np.inf)
    found[known] = scores.matrix[ends[known, 0], ends[known, 1]]
    found[np.isnan(found)] = -np.inf
    return found


def concordance(scores: Floats, tested: Flags, weights: Floats) -> Floats:
    """How often a tested pair comes before one that is not, a tie as half (Mann & Whitney 1947); one for each column.

    `weights` (n x k) says how often each candidate counts. Divided by the number of such comparisons it is the AUROC.
    """
    import numpy as np

    ours, theirs = np.flatnonzero(tested), np.flatnonzero(~tested)
    levels, at = np.unique(scores[ours], return_inverse=True)
    bins = np.searchsorted(levels, scores[theirs], "left") + np.searchsorted(levels, scores[theirs], "right")
    below = _summed(bins, theirs, 2 * len(levels) + 1, weights)  # even: between two levels, odd: tied with one
    ahead = np.cumsum(below, axis=0)[0::2][:-1] + np.cumsum(below, axis=0)[1::2]
    found: Floats = (_summed(at, ours, len(levels), weights) * ahead / 2).sum(axis=0)
    return found


def _summed(bins: Any, rows: Any, count: int, weights: Floats) -> Floats:
    """The sums of some rows of `weights` that fall into each bin (count x k)."""
    import numpy as np
    from scipy import sparse

    which = (np.ones(len(rows)), (bins, rows))
    made: Floats = sparse.csr_array(which, shape=(count, len(weights))) @ weights
    return made


def hits(scores: Floats, tested: Flags, first: int) -> float:
    """How many of the `first` ones were tested later; of pairs tied at the end the share that a random order gives."""
    import numpy as np

    if first >= len(scores):
        return float(tested.sum())
    last = np.partition(scores, -first)[-first]
    before, tied = scores > last, scores == last
    room = first - int(before.sum())
    return float(tested[before].sum() + room * tested[tied].mean())


# --- over slices ------------------------------------------------------------------------------------------------------


def aurocs(some: Sequence[Ranked]) -> dict[str, float]:
    """The AUROC of each method over these slices: of all comparisons within one of them, the share in the right order.

    Raises ZeroDivisionError where there is none.
    """
    import numpy as np

    whole = sum(one.sides[0] * one.sides[1] for one in some)
    return {
        name: sum(
            float(concordance(one.scores[name], one.tested, np.ones((len(one.tested), 1)))[0])
            for one in some
            if all(one.sides)
        )
        / whole
        for name in some[0].scores
    }


def resampled(
    some: Sequence[Ranked], draws: int, seed: Sequence[int], progress: Progress = silent
) -> dict[str, Floats]:  # fmt: skip
    """The AUROCs of so many bootstrap samples by method; a sample is the same for all methods, and so is paired.

    Pairs are drawn, not candidates of a slice: one that stands in several slices is in or out of all of them. Those
    tested later and those not are drawn apart (stratified), as many as there are (Efron & Tibshirani 1993). NaN where
    a sample over several slices holds no comparison.
    """
    import numpy as np

    place = {pair: n for n, pair in enumerate(dict.fromkeys(pair for one in some for pair in one.slice.candidates))}
    rows = [np.array([place[pair] for pair in one.slice.candidates], dtype=int) for one in some]
    tested = np.zeros(len(place), dtype=bool)
    for one, row in zip(some, rows, strict=True):
        tested[row] |= one.tested
    dice, size = np.random.default_rng(seed), max(1, _BLOCK // max(1, len(place)))
    sizes = [min(size, draws - start) for start in range(0, draws, size)]
    blocks = [_sampled(some, rows, _multiplicities(tested, k, dice)) for k in progress("bootstrap", sizes)]
    return {name: np.concatenate([block[name] for block in blocks]) for name in some[0].scores}


def _multiplicities(tested: Flags, draws: int, dice: np.random.Generator) -> Floats:
    """How often each pair is drawn (pairs x draws), those tested later and those not apart."""
    import numpy as np

    sides = [np.flatnonzero(tested), np.flatnonzero(~tested)]
    times: Floats = np.zeros((len(tested), draws))
    for column in range(draws):
        for side in sides:
            times[side, column] = np.bincount(dice.integers(len(side), size=len(side)), minlength=len(side))
    return times


def _sampled(some: Sequence[Ranked], rows: Sequence[NDArray[np.int64]], times: Floats) -> dict[str, Floats]:
    """The AUROCs of some samples, one for each column of `times` (pairs x samples)."""
    import numpy as np

    right = {name: np.zeros(times.shape[1]) for name in some[0].scores}
    whole = np.zeros(times.shape[1])
    for one, row in zip(some, rows, strict=True):
        if all(one.sides):
            weights = times[row]
            whole += weights[one.tested].sum(axis=0) * weights[~one.tested].sum(axis=0)
            for name, scores in one.scores.items():
                right[name] += concordance(scores, one.tested, weights)
    none = np.full(len(whole), np.nan)
    return {name: np.divide(found, whole, out=none.copy(), where=whole > 0) for name, found in right.items()}


def interval(value: float, samples: Floats) -> Estimate:
    """A value with the 2.5 % and 97.5 % quantiles of its bootstrap samples."""
    import numpy as np

    low, high = np.nanquantile(samples, [0.025, 0.975])
    return Estimate(value, float(low), float(high))


def shuffled(some: Sequence[Ranked], times: int, seed: int) -> dict[str, float]:
    """The mean AUROC of each method over these slices where the labels of each are shuffled so many times.

    By ranks (Mann & Whitney 1947). One half is what a method without any knowledge of the labels has.
    """
    import numpy as np
    from scipy import stats

    told = [one for one in some if all(one.sides)]
    dice = np.random.default_rng(seed)
    right: dict[str, float] = dict.fromkeys(some[0].scores, 0.0)
    for one in told:
        m, _ = one.sides
        drawn = np.array([dice.permutation(len(one.tested))[:m] for _ in range(times)])
        for name, scores in one.scores.items():
            ranks: Any = stats.rankdata(scores)
            right[name] += float(ranks[drawn].sum(axis=1).mean()) - m * (m + 1) / 2
    whole = sum(one.sides[0] * one.sides[1] for one in told)
    return {name: found / whole for name, found in right.items()}
