"""Contrasts of two-arm and multi-arm studies as weighted graphs: the sums that every network model is made of.

A study with p arms is a graph on its arms. Its weights are such that the Moore-Penrose inverse of its Laplacian has the
variances of its contrasts: L+ = -1/2 P V P with P = I - J/p and V the variances (p x p) of the pairwise contrasts, and
the weight of a pair is -L_ij (Rücker 2012; Rücker & Schwarzer 2014, "Reduce dimension or reduce weights?"). The
covariance of the contrasts of a multi-arm study is right by that, with no contrast left out.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.errors import KgError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_SINGULAR = 1e-12
TOLERANCE = 0.01  # how far a multi-arm study's contrasts may be from adding up, in standard errors (rounded prints)


@dataclass(frozen=True, slots=True)
class Contrast:
    """One printed comparison of a study: the effect of `treat1` minus that of `treat2`, with its standard error."""

    study: str
    treat1: str
    treat2: str
    te: float
    se: float


class UnsoundStudy(KgError):
    """A study whose contrasts cannot be right together; `study` and `column` say where."""

    def __init__(self, study: str, column: str, message: str) -> None:
        super().__init__(f"study {study!r} {message}")
        self.study, self.column, self.message = study, column, message


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Studies with the same number of arms p: their treatments (k x p), effects and variances (k x p x p).

    `te[s, i, j]` is arm i minus arm j of study s, `variance[s, i, j]` its sampling variance, 0 on the diagonal.
    """

    arms: Ints
    te: Floats
    variance: Floats

    def laplacians(self, tau2: float) -> Floats:
        """The Laplacian of each study (k x p x p) with `tau2` added to the variance of every contrast.

        Rücker & Schwarzer 2014: one tau2 for all contrasts is a covariance of tau2 / 2 between two
        contrasts that share an arm.
        """
        import numpy as np

        p = self.arms.shape[1]
        if p == 2:
            return np.array([[1.0, -1.0], [-1.0, 1.0]]) / (self.variance[:, :1, 1:] + tau2)
        mean = np.full((p, p), 1 / p)
        centre = np.eye(p) - mean
        variance = self.variance + tau2 * (1 - np.eye(p))
        scale = variance.mean(axis=(1, 2))[:, None, None]  # keeps the two summands of one size
        inverse: Floats = (np.linalg.inv(-0.5 * centre @ (variance / scale) @ centre + mean) - mean) / scale
        return inverse

    def rest(self, effects: Floats) -> Floats:
        """The studies' effects less those that `effects` (n) of the treatments make of them (k x p x p)."""
        fitted = effects[self.arms]
        return self.te - (fitted[:, :, None] - fitted[:, None, :])


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """What a model needs of all studies at one tau2: `laplacian` (n x n), `right` = B'Wy (n), `trace` and `squares`.

    `trace` is half the sum of the traces of the studies' Laplacians L_k, `squares` half the sum of L_k L_k (n x n).
    """

    laplacian: Floats
    right: Floats
    trace: float
    squares: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """All studies of a network: the names of its n treatments, its studies by number of arms."""

    treatments: tuple[str, ...]
    blocks: tuple[Block, ...]

    @property
    def studies(self) -> int:
        """The number of studies."""
        return sum(len(block.arms) for block in self.blocks)

    @property
    def pairs(self) -> int:
        """The number of pairwise comparisons, those of multi-arm studies included."""
        return sum(len(block.arms) * math.comb(block.arms.shape[1], 2) for block in self.blocks)

    @property
    def rank(self) -> int:
        """The number of independent comparisons: arms minus one, summed over studies."""
        return sum(len(block.arms) * (block.arms.shape[1] - 1) for block in self.blocks)

    def sums(self, tau2: float) -> Sums:
        """The sums over studies at this tau2."""
        import numpy as np

        n = len(self.treatments)
        laplacian, squares, right, trace = np.zeros((n, n)), np.zeros((n, n)), np.zeros(n), 0.0
        for block in self.blocks:
            each = block.laplacians(tau2)
            laplacian += scattered(block.arms, each, n)
            squares += scattered(block.arms, each @ each, n) / 2
            right += np.bincount(block.arms.ravel(), (-each * block.te).sum(axis=2).ravel(), n)
            trace += float(np.trace(each, axis1=1, axis2=2).sum()) / 2
        return Sums(laplacian, right, trace, squares)

    def q(self, effects: Floats, tau2: float) -> float:
        """The weighted squared distance of the contrasts from `effects` (n), each pair counted once."""
        total = 0.0
        for block in self.blocks:
            total += float((-block.laplacians(tau2) * block.rest(effects) ** 2).sum()) / 2
        return total

    def subset(self, kept: Sequence[Ints]) -> Evidence:
        """The studies at these places of each block, with the treatments they have."""
        import numpy as np

        blocks = [(b.arms[i], b.te[i], b.variance[i]) for b, i in zip(self.blocks, kept, strict=True) if len(i)]
        held = np.unique(np.concatenate([arms.ravel() for arms, _, _ in blocks]))
        names = tuple(self.treatments[i] for i in held)
        return Evidence(names, tuple(Block(np.searchsorted(held, arms), te, v) for arms, te, v in blocks))


def scattered(arms: Ints, each: Floats, n: int) -> Floats:
    """Matrices of studies (k x p x p) added into one of all treatments (n x n)."""
    import numpy as np

    places = arms[:, :, None] * n + arms[:, None, :]
    added: Floats = np.bincount(places.ravel(), each.ravel(), n * n).astype(np.float64).reshape(n, n)
    return added


def evidence(contrasts: Iterable[Contrast], tolerance: float = TOLERANCE) -> Evidence:
    """The studies that contrasts belong to, checked one by one.

    Raises UnsoundStudy where a study's contrasts are incomplete, double or contradict each other by more than
    `tolerance` standard errors, and KgError where there is none at all.
    """
    by_study: dict[str, list[Contrast]] = {}
    for contrast in contrasts:
        by_study.setdefault(contrast.study, []).append(contrast)
    if not by_study:
        raise KgError("a network needs at least one comparison of two treatments")
    treatments = sorted({name for some in by_study.values() for one in some for name in (one.treat1, one.treat2)})
    index = {name: place for place, name in enumerate(treatments)}
    by_arms: dict[int, list[Sequence[Contrast]]] = {}
    for study, some in by_study.items():
        by_arms.setdefault(_arms(study, some), []).append(some)
    return Evidence(tuple(treatments), tuple(_block(by_arms[p], p, index, tolerance) for p in sorted(by_arms)))


def _arms(study: str, some: Sequence[Contrast]) -> int:
    """How many arms a study has; raises UnsoundStudy where its rows are not all pairs of them."""
    for one in some:
        if one.treat1 == one.treat2:
            raise UnsoundStudy(study, "treat2", f"compares {one.treat1!r} with itself")
        if not (math.isfinite(one.te) and math.isfinite(one.se) and one.se > 0):
            raise UnsoundStudy(
                study, "seTE", f"has an effect {one.te} with standard error {one.se}; that must be above 0"
            )
    if len(some) == 1:
        return 2
    pairs = [frozenset((one.treat1, one.treat2)) for one in some]
    names = sorted(frozenset().union(*pairs))
    twice = sorted(" and ".join(sorted(pair)) for pair in set(pairs) if pairs.count(pair) > 1)
    if twice:
        raise UnsoundStudy(study, "studlab", f"compares {twice[0]} twice; two studies need two names")
    missing = [f"{a} and {b}" for a, b in itertools.combinations(names, 2) if frozenset((a, b)) not in pairs]
    if missing:
        message = f"has {len(names)} arms but no comparison of {missing[0]}; write all {math.comb(len(names), 2)} pairs"
        raise UnsoundStudy(study, "studlab", message)
    return len(names)


def _block(studies: Sequence[Sequence[Contrast]], p: int, index: Mapping[str, int], tolerance: float) -> Block:
    import numpy as np

    if p == 2:
        return _two_arms([some[0] for some in studies], index)
    arms = np.array([sorted({index[n] for one in some for n in (one.treat1, one.treat2)}) for some in studies])
    te, variance = np.zeros((len(studies), p, p)), np.zeros((len(studies), p, p))
    for s, some in enumerate(studies):
        for one in some:
            i, j = np.searchsorted(arms[s], (index[one.treat1], index[one.treat2]))
            te[s, i, j], te[s, j, i] = one.te, -one.te
            variance[s, i, j] = variance[s, j, i] = one.se**2
    for some, effects, variances in zip(studies, te, variance, strict=True):
        _check(some[0].study, effects, variances, tolerance)
    return Block(arms, te, variance)


def _two_arms(contrasts: Sequence[Contrast], index: Mapping[str, int]) -> Block:
    import numpy as np

    arms = np.array([(index[one.treat1], index[one.treat2]) for one in contrasts])
    te = np.array([one.te for one in contrasts])[:, None, None] * np.array([[0.0, 1.0], [-1.0, 0.0]])
    variance = np.array([one.se**2 for one in contrasts])[:, None, None] * np.array([[0.0, 1.0], [1.0, 0.0]])
    return Block(arms, te, variance)


def _check(study: str, te: Floats, variance: Floats, tolerance: float) -> None:
    """Raises UnsoundStudy where a multi-arm study's effects do not add up or its variances are none of any arms."""
    import numpy as np

    p = len(te)
    effect = te.mean(axis=1)
    off = float(np.abs(te - (effect[:, None] - effect[None, :])).max())
    if off > tolerance * math.sqrt(variance[variance > 0].min()):
        raise UnsoundStudy(
            study, "TE", f"has {p} arms whose effects do not add up (off by {off:.3g} in one comparison)"
        )
    arm = (variance.sum(axis=1) - variance.sum() / (2 * (p - 1))) / (p - 2)  # least squares of v_ij = a_i + a_j
    centre = np.eye(p) - 1 / p
    lowest = np.linalg.eigvalsh(1 / p - centre @ variance @ centre / variance.max())[0]  # J/p lifts the zero there is
    if arm.min() <= 0 or lowest <= _SINGULAR:
        message = f"has {p} arms whose standard errors contradict each other: no arms have such variances"
        raise UnsoundStudy(study, "seTE", message)


def parts(evidence: Evidence) -> Iterator[Evidence]:
    """The connected parts of a network, the one with most treatments first."""
    import numpy as np

    label = np.arange(len(evidence.treatments))
    changed = True
    while changed:  # every study pulls its arms to their lowest label
        before = label.copy()
        for block in evidence.blocks:
            np.minimum.at(label, block.arms, label[block.arms].min(axis=1)[:, None])
        label = label[label]
        changed = bool((label != before).any())
    for part in sorted(set(label.tolist()), key=lambda part: (-(label == part).sum(), part)):
        yield evidence.subset([np.flatnonzero(label[block.arms[:, 0]] == part) for block in evidence.blocks])
