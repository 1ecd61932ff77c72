"""Network meta-analysis: treatments of connected studies compared all with all, and whether the comparisons agree.

Graph-theoretical, frequentist (Rücker 2012, doi 10.1002/jrsm.1058; Rücker & Schwarzer 2014, doi 10.1002/sim.6236).
An effect is always the first treatment minus the second.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from kg.errors import UnknownName
from kg.synthesis.fits import Estimate, Fit, Heterogeneity, Method, at, fitted, left
from kg.synthesis.laplacians import TOLERANCE, Contrast, Evidence, evidence, parts, scattered

if TYPE_CHECKING:
    from kg.synthesis.laplacians import Ints

_WHOLE = 1e-9  # a share of direct evidence this near to 1 leaves no indirect evidence
SIDES = ("network", "direct", "indirect", "difference")  # the estimates of a Split


@dataclass(frozen=True, slots=True)
class Split:
    """Direct against indirect evidence for one comparison; `indirect` and `difference` are None where there is none.

    `share` is the share of direct evidence, `studies` the number of studies that compare the two.
    """

    treat1: str
    treat2: str
    studies: int
    share: float
    network: Estimate
    direct: Estimate
    indirect: Estimate | None
    difference: Estimate | None


@dataclass(frozen=True, slots=True)
class Design:
    """Studies of the same treatments, with the heterogeneity among them."""

    treatments: tuple[str, ...]
    studies: int
    within: Heterogeneity


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """One connected network, pooled."""

    evidence: Evidence
    method: Method
    fit: Fit
    designs: tuple[Design, ...]

    @property
    def treatments(self) -> tuple[str, ...]:
        """The names of the treatments, in alphabetical order."""
        return self.evidence.treatments

    @property
    def tau2(self) -> float | None:
        """The variance between studies; None where nothing is left to estimate it from (it then counts as 0)."""
        return self.fit.tau2

    @property
    def total(self) -> Heterogeneity:
        """Q of the whole network, with the weights of the common-effect model."""
        return self.fit.total

    @property
    def within(self) -> Heterogeneity:
        """Heterogeneity between studies of the same design: the sum over designs (Krahn et al. 2013, Q het)."""
        return Heterogeneity(sum(one.within.Q for one in self.designs), sum(one.within.df for one in self.designs))

    @property
    def between(self) -> Heterogeneity:
        """Inconsistency between designs, the design-by-treatment interaction: Q - Q het (Krahn et al. 2013)."""
        return self.total.minus(self.within)

    def versus(self, treat1: str, treat2: str) -> Estimate:
        """The network's estimate of `treat1` minus `treat2`.

        Its variance is the resistance between the two, L+_ii + L+_jj - 2 L+_ij (Rücker 2012).
        """
        return self._estimate(self._place(treat1), self._place(treat2))

    def _place(self, name: str) -> int:
        if name not in self.treatments:
            raise UnknownName("treatment of this network", name, self.treatments)
        return self.treatments.index(name)

    def _estimate(self, i: int, j: int) -> Estimate:
        effects, inverse = self.fit.effects, self.fit.inverse
        variance = inverse[i, i] + inverse[j, j] - 2 * inverse[i, j]
        return Estimate(float(effects[i] - effects[j]), math.sqrt(variance))

    def pairs(self) -> Iterator[tuple[str, str, Estimate]]:
        """All pairs of treatments with their estimates."""
        for i, treat1 in enumerate(self.treatments):
            for j in range(i + 1, len(self.treatments)):
                yield treat1, self.treatments[j], self._estimate(i, j)

    def p_scores(self, small_values: Literal["good", "bad"] = "good") -> Mapping[str, float]:
        """How certainly each treatment beats another one, on average, 0 to 1 (Rücker & Schwarzer 2015, P-score).

        The mean over the others of Phi((effect_i - effect_j) / se_ij), or of its complement where small is good.
        """
        import numpy as np
        from scipy.special import ndtr

        n, effects, own = len(self.treatments), self.fit.effects, np.diag(self.fit.inverse)
        se = np.sqrt(own[:, None] + own[None, :] - 2 * self.fit.inverse + np.eye(n))
        better = ndtr((1 if small_values == "bad" else -1) * (effects[:, None] - effects[None, :]) / se)
        scores = (better.sum(axis=1) - 0.5) / (n - 1)
        return dict(zip(self.treatments, scores.tolist(), strict=True))

    def between_random(self) -> tuple[Heterogeneity, float]:
        """Inconsistency between designs allowing for heterogeneity within them, and the tau2 within designs.

        Higgins et al. 2012, full design-by-treatment interaction; tau2 by Jackson et al. 2012, method of moments.
        """
        some = [self.evidence.subset(kept) for kept in _by_design(self.evidence).values()]
        whole = sum(left(one, at(one, 0.0)) for one in some)
        tau2 = max(0.0, (self.within.Q - self.within.df) / whole) if self.within.df else 0.0
        inside = Heterogeneity(sum(at(one, tau2).total.Q for one in some), self.within.df)
        return at(self.evidence, tau2).total.minus(inside), tau2

    def splits(self) -> Iterator[Split]:
        """Direct and indirect evidence for each comparison that was made.

        Back-calculation (Dias et al. 2010; the share is var network / var direct, König et al. 2013): direct is the
        pairwise model with the network's tau2, indirect what is left of the network's estimate.
        """
        for (i, j), direct, studies in _direct(self.evidence, self.tau2 or 0.0):
            network = self._estimate(i, j)
            share = min(1.0, (network.se / direct.se) ** 2)
            indirect = difference = None
            if share < 1 - _WHOLE:
                rest = (network.estimate - share * direct.estimate) / (1 - share)
                indirect = Estimate(rest, network.se / math.sqrt(1 - share))
                difference = Estimate(direct.estimate - rest, math.hypot(direct.se, indirect.se))
            yield Split(self.treatments[i], self.treatments[j], studies, share, network, direct, indirect, difference)


def estimates(
    contrasts: Iterable[Contrast] | Evidence, method: Method = "DL", tolerance: float = TOLERANCE
) -> tuple[Network, ...]:
    """The network meta-analysis of each connected part of the network, the one with most treatments first.

    Raises UnsoundStudy and KgError as `evidence` does.
    """
    given = contrasts if isinstance(contrasts, Evidence) else evidence(contrasts, tolerance)
    return tuple(_network(part, method) for part in parts(given))


def _network(part: Evidence, method: Method) -> Network:
    designs = tuple(_design(part, arms, kept) for arms, kept in _by_design(part).items())
    return Network(part, method, fitted(part, method), designs)


def _by_design(part: Evidence) -> dict[tuple[str, ...], list[Ints]]:
    """The studies of each set of treatments, as places in the blocks."""
    import numpy as np

    found: dict[tuple[str, ...], list[Ints]] = {}
    for place, block in enumerate(part.blocks):
        designs, which = np.unique(np.sort(block.arms, axis=1), axis=0, return_inverse=True)
        order = np.argsort(which.ravel(), kind="stable")
        groups = np.split(order, np.cumsum(np.bincount(which.ravel()))[:-1])
        for design, group in zip(designs, groups, strict=True):
            kept = [group if other == place else group[:0] for other in range(len(part.blocks))]
            found[tuple(part.treatments[i] for i in design)] = kept
    return dict(sorted(found.items()))


def _design(part: Evidence, treatments: tuple[str, ...], kept: Sequence[Ints]) -> Design:
    studies = sum(len(places) for places in kept)
    within = at(part.subset(kept), 0.0).total if studies > 1 else Heterogeneity(0.0, 0)
    return Design(treatments, studies, within)


def _direct(part: Evidence, tau2: float) -> Iterator[tuple[tuple[int, int], Estimate, int]]:
    """The inverse-variance mean of each comparison's own contrasts, each with `tau2` added."""
    import numpy as np

    n = len(part.treatments)
    weight, pull, count = np.zeros((n, n)), np.zeros((n, n)), np.zeros((n, n))
    for block in part.blocks:
        off = 1 - np.eye(block.arms.shape[1])
        each = off / (block.variance + tau2 + np.eye(len(off)))
        weight += scattered(block.arms, each, n)
        pull += scattered(block.arms, each * block.te, n)
        count += scattered(block.arms, np.broadcast_to(off, each.shape), n)
    for i, j in zip(*np.nonzero(np.triu(count)), strict=True):
        direct = Estimate(float(pull[i, j] / weight[i, j]), float(weight[i, j]) ** -0.5)
        yield (int(i), int(j)), direct, int(count[i, j])
