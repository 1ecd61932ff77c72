"""One fit of a network model to all studies: effects, what is left of Q, and the heterogeneity it leaves.

The model of effects (n treatments) is a basis (n x r): all differences free, or sums of components. Everything comes
from sums over studies that are of the size of the network, not of the number of comparisons.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from kg.errors import KgError
from kg.synthesis.laplacians import Evidence, scattered

if TYPE_CHECKING:
    from kg.synthesis.laplacians import Floats

Method = Literal["DL", "REML", "common"]
METHODS: tuple[Method, ...] = ("DL", "REML", "common")
_Z = 1.959963984540054  # the 97.5 % point of the standard normal distribution
_STEPS, _PRECISION = 500, 1e-13


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


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Coefficients (r) of a basis with their covariance (r x r), and the effects (n) and their covariance (n x n).

    Only differences of effects mean anything. `tau2` is None where nothing is left to estimate it from; it then counts
    as 0. `total` is Q of the common-effect model.
    """

    tau2: float | None
    coefficients: Floats
    covariance: Floats
    effects: Floats
    inverse: Floats
    total: Heterogeneity


def fitted(part: Evidence, method: Method, basis: Floats | None = None) -> Fit:
    """The model with the tau2 of a method; without a basis all treatments of a connected network are free."""
    common = at(part, 0.0, basis)
    tau2: float | None = 0.0
    if method != "common":
        tau2 = max(0.0, (common.total.Q - common.total.df) / left(part, common)) if common.total.df else None
    if method == "REML" and tau2 is not None:
        tau2 = _reml(part, tau2, basis)
    fit = at(part, tau2, basis) if tau2 else common
    return Fit(tau2, fit.coefficients, fit.covariance, fit.effects, fit.inverse, common.total)


def at(part: Evidence, tau2: float, basis: Floats | None = None) -> Fit:
    """The weighted least squares fit at a given tau2; `total` is Q with its weights.

    Effects L+ B'Wy with L+ = (L + J/n)^-1 - J/n for a connected graph (Rücker 2012); with a basis K, effects
    K (K'LK)^-1 K'B'Wy (Rücker, Petropoulou & Schwarzer 2020, with B C = X for B K).
    """
    import numpy as np

    sums, n = part.sums(tau2), len(part.treatments)
    scale = np.trace(sums.laplacian) / n
    if basis is None:
        inverse = (np.linalg.inv(sums.laplacian / scale + 1 / n) - 1 / n) / scale
        effects, rank = inverse @ sums.right, n - 1
        return Fit(tau2, effects, inverse, effects, inverse, Heterogeneity(part.q(effects, tau2), part.rank - rank))
    covariance = np.linalg.inv(basis.T @ (sums.laplacian / scale) @ basis) / scale
    coefficients = covariance @ (basis.T @ sums.right)
    effects, total = basis @ coefficients, part.rank - basis.shape[1]
    q = Heterogeneity(part.q(effects, tau2), total)
    return Fit(tau2, coefficients, covariance, effects, basis @ covariance @ basis.T, q)


def left(part: Evidence, common: Fit) -> float:
    """How much of tau2 the expectation of Q - df holds, for the method of moments of DerSimonian and Laird.

    tr((I - H)(BB' o E/2)W) (Jackson et al. 2012; Rücker & Schwarzer 2014), E being 1 within a study: here
    sum tr(L_k)/2 - tr(G sum L_k L_k / 2) with G the covariance of effects, the same number from n x n matrices.
    """
    import numpy as np

    sums = part.sums(0.0)
    return float(sums.trace - np.sum(common.inverse * sums.squares))


def _reml(part: Evidence, start: float, basis: Floats | None) -> float:
    """Tau2 by restricted maximum likelihood with the full covariance of multi-arm studies, by Fisher scoring.

    Harville 1977: the score is (y'PDPy - tr(PD)) / 2, the information tr(PDPD) / 2, with D = BB' o E/2 (a variance of
    tau2 for each contrast, a covariance of tau2/2 for two that share an arm).
    """
    import numpy as np

    size = max(start, len(part.treatments) / float(np.trace(part.sums(0.0).laplacian)))
    tau2 = start
    for _ in range(_STEPS):
        score, information = _score(part, tau2, basis)
        step = max(score / information, -tau2 / 2 if tau2 > _PRECISION * size else -tau2)
        tau2 += step
        if score <= 0 and tau2 < _PRECISION * size:
            return 0.0
        if abs(step) <= _PRECISION * max(tau2, size):
            return tau2
    raise KgError("REML finds no tau2 here; use --method DL")


def _score(part: Evidence, tau2: float, basis: Floats | None) -> tuple[float, float]:
    """The derivative of the restricted log-likelihood by tau2, and its information."""
    import numpy as np

    n, sums, fit = len(part.treatments), part.sums(tau2), at(part, tau2, basis)
    squared, cubes, pulled = 0.0, np.zeros((n, n)), 0.0
    for block in part.blocks:
        each = block.laplacians(tau2)
        pulled += float(((each * block.rest(fit.effects)).sum(axis=2) ** 2).sum()) / 2
        squared += float((each**2).sum()) / 4
        cubes += scattered(block.arms, each @ each @ each, n) / 4
    between = fit.inverse @ sums.squares
    trace = sums.trace - float(np.trace(between))
    information = squared - 2 * float(np.sum(fit.inverse * cubes)) + float(np.sum(between * between.T))
    return (pulled - trace) / 2, information / 2
