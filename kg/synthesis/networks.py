"""Network meta-analysis: treatments of connected studies compared all with all, and whether the comparisons agree.

Graph-theoretical, frequentist (Rücker 2012, doi 10.1002/jrsm.1058; Rücker & Schwarzer 2014, doi 10.1002/sim.6236).
An effect is always the first treatment minus the second.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from kg.errors import KgError, UnknownName
from kg.synthesis.laplacians import TOLERANCE, Contrast, Evidence, Sums, evidence, parts, scattered

if TYPE_CHECKING:
    from kg.synthesis.laplacians import Floats, Ints

Method = Literal["DL", "REML", "common"]
METHODS: tuple[Method, ...] = ("DL", "REML", "common")
_Z = 1.959963984540054  # the 97.5 % point of the standard normal distribution
_STEPS, _PRECISION = 500, 1e-13
_WHOLE = 1e-9  # a share of direct evidence this near to 1 leaves no indirect evidence


@dataclass(frozen=True, slots=True)
class Estimate:
    """A treatment effect with its standard error; normal approximation."""

    estimate: float
    se: float

    @property
    def ci(self) -> tuple[float, float]:
        """The 95 % confidence interval."""
        return self.estimate - _Z * self.se, self.estimate + _Z * self.se

    @property
    def z(self) -> float:
        """The estimate in standard errors."""
        return self.estimate / self.se

    @property
    def p(self) -> float:
        """The two-sided p value."""
        return math.erfc(abs(self.z) / math.sqrt(2))


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """Cochran's Q with its degrees of freedom."""

    Q: float
    df: int

    @property
    def p(self) -> float | None:
        """The p value of the chi-squared test; None without degrees of freedom."""
        from scipy.special import chdtrc

        return float(chdtrc(self.df, self.Q)) if self.df else None

    @property
    def I2(self) -> float | None:  # noqa: N802  # the name it has in every paper
        """The share of variation that is beyond chance, 0 to 1 (Higgins & Thompson 2002, (Q - df) / Q)."""
        return max(0.0, (self.Q - self.df) / self.Q) if self.df and self.Q else None

    def minus(self, other: Heterogeneity) -> Heterogeneity:
        """The difference of two nested Q; a rounding error below nothing is nothing."""
        return Heterogeneity(max(0.0, self.Q - other.Q) if self.df > other.df else 0.0, self.df - other.df)


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
    """One connected network, pooled. `tau2` is None where nothing is left to estimate it from; it then counts as 0.

    `effects` (n) are relative to their mean, `inverse` (n x n) is the pseudoinverse of the weighted Laplacian.
    """

    evidence: Evidence
    method: Method
    tau2: float | None
    effects: Floats
    inverse: Floats
    total: Heterogeneity
    designs: tuple[Design, ...]

    @property
    def treatments(self) -> tuple[str, ...]:
        """The names of the treatments, in alphabetical order."""
        return self.evidence.treatments

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
        variance = self.inverse[i, i] + self.inverse[j, j] - 2 * self.inverse[i, j]
        return Estimate(float(self.effects[i] - self.effects[j]), math.sqrt(variance))

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

        n = len(self.treatments)
        own = np.diag(self.inverse)
        se = np.sqrt(own[:, None] + own[None, :] - 2 * self.inverse + np.eye(n))
        better = ndtr((1 if small_values == "bad" else -1) * (self.effects[:, None] - self.effects[None, :]) / se)
        scores = (better.sum(axis=1) - 0.5) / (n - 1)
        return dict(zip(self.treatments, scores.tolist(), strict=True))

    def between_random(self) -> tuple[Heterogeneity, float]:
        """Inconsistency between designs allowing for heterogeneity within them, and the tau2 within designs.

        Higgins et al. 2012, full design-by-treatment interaction; tau2 by Jackson et al. 2012, method of moments.
        """
        some = [self.evidence.subset(kept) for kept in _by_design(self.evidence).values()]
        left = sum(_left(one.sums(0.0)) for one in some)
        tau2 = max(0.0, (self.within.Q - self.within.df) / left) if self.within.df else 0.0
        inside = sum(_fit(one, tau2).total.Q for one in some)
        return Heterogeneity(max(0.0, _fit(self.evidence, tau2).total.Q - inside), self.between.df), tau2

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
                left = (network.estimate - share * direct.estimate) / (1 - share)
                indirect = Estimate(left, network.se / math.sqrt(1 - share))
                difference = Estimate(direct.estimate - left, math.hypot(direct.se, indirect.se))
            yield Split(self.treatments[i], self.treatments[j], studies, share, network, direct, indirect, difference)


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    effects: Floats
    inverse: Floats
    total: Heterogeneity


def estimates(
    contrasts: Iterable[Contrast] | Evidence, method: Method = "DL", tolerance: float = TOLERANCE
) -> tuple[Network, ...]:
    """The network meta-analysis of each connected part of the network, the one with most treatments first.

    Raises UnsoundStudy and KgError as `evidence` does.
    """
    given = contrasts if isinstance(contrasts, Evidence) else evidence(contrasts, tolerance)
    return tuple(_network(part, method) for part in parts(given))


def _network(part: Evidence, method: Method) -> Network:
    common = _fit(part, 0.0)
    tau2: float | None = 0.0
    if method != "common":
        tau2 = moments(part.sums(0.0), common.inverse, common.total) if common.total.df else None
    if method == "REML" and tau2 is not None:
        tau2 = _reml(part, tau2)
    fit = _fit(part, tau2) if tau2 else common
    designs = tuple(_design(part, arms, kept) for arms, kept in _by_design(part).items())
    return Network(part, method, tau2, fit.effects, fit.inverse, common.total, designs)


def _fit(part: Evidence, tau2: float) -> _Fit:
    """Effects L+ B'Wy (Rücker 2012), with L+ = (L + J/n)^-1 - J/n for a connected graph."""
    import numpy as np

    sums, n = part.sums(tau2), len(part.treatments)
    scale = np.trace(sums.laplacian) / n
    inverse = (np.linalg.inv(sums.laplacian / scale + 1 / n) - 1 / n) / scale
    effects = inverse @ sums.right
    return _Fit(effects, inverse, Heterogeneity(part.q(effects, tau2), part.rank - n + 1))


def moments(sums: Sums, inverse: Floats, total: Heterogeneity) -> float:
    """Tau2 by the generalised method of moments of DerSimonian and Laird.

    max(0, (Q - df) / tr((I - H)(BB' o E/2)W)) (Jackson et al. 2012; Rücker & Schwarzer 2014);
    the trace is here sum tr(L_k)/2 - tr(L+ sum L_k^2/2), the same number from n x n matrices.
    """
    import numpy as np

    return max(0.0, (total.Q - total.df) / float(sums.trace - np.sum(inverse * sums.squares)))


def _left(sums: Sums) -> float:
    import numpy as np

    return float(sums.trace - np.sum(np.linalg.pinv(sums.laplacian, hermitian=True) * sums.squares))


def _reml(part: Evidence, start: float) -> float:
    """Tau2 by restricted maximum likelihood with the full covariance of multi-arm studies, by Fisher scoring.

    Score and information after Harville 1977, with y'P D P y and tr(P D P D) for D = BB' o E/2 (a
    variance of tau2 for each contrast, a covariance of tau2/2 for two that share an arm).
    """
    import numpy as np

    size = max(start, len(part.treatments) / float(np.trace(part.sums(0.0).laplacian)))
    tau2 = start
    for _ in range(_STEPS):
        score, information = _score(part, tau2)
        step = max(score / information, -tau2 / 2 if tau2 > _PRECISION * size else -tau2)
        tau2 = max(0.0, tau2 + step)
        if abs(step) <= _PRECISION * max(tau2, size) or (tau2 == 0 and score <= 0):
            return tau2
        if tau2 < _PRECISION * size and score <= 0:
            return 0.0
    raise KgError("REML finds no tau2 here; use --method DL")


def _score(part: Evidence, tau2: float) -> tuple[float, float]:
    """The derivative of the restricted log-likelihood by tau2, and its information."""
    import numpy as np

    n, sums, fit = len(part.treatments), part.sums(tau2), _fit(part, tau2)
    fourth, cubes, rest = 0.0, np.zeros((n, n)), 0.0
    for block in part.blocks:
        each = block.laplacians(tau2)
        fitted = fit.effects[block.arms]
        pulled = (-each * (block.te - (fitted[:, :, None] - fitted[:, None, :]))).sum(axis=2)
        rest += float((pulled**2).sum()) / 2
        fourth += float((each**2).sum()) / 4
        cubes += scattered(block.arms, each @ each @ each, n) / 4
    between = fit.inverse @ sums.squares
    trace = float(sums.trace - np.trace(between))
    information = fourth - 2 * float(np.sum(fit.inverse * cubes)) + float(np.sum(between * between.T))
    return (rest - trace) / 2, information / 2


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
    within = _fit(part.subset(kept), 0.0).total if studies > 1 else Heterogeneity(0.0, 0)
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
