"""Pools effects that are not independent: the three-level model, and errors robust to clusters.

Agrees with metafor's rma.mv(random = ~ 1 | cluster/study) and robust(), and with clubSandwich for CR2.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.errors import KgError
from kg.synthesis.pooling import Coefficient, Interval, critical, moderation, tested

if TYPE_CHECKING:
    from kg.synthesis.tau import Array

KINDS = ("CR0", "CR1", "CR2")
"""Cluster-robust covariances: plain, times n / (n - p), and unbiased under the model with Satterthwaite's t."""

_ROUNDS, _HALVINGS = 500, 40
_CLEAR = 1e-13  # what rounding may do to the likelihood, in its own size


@dataclass(frozen=True, slots=True)
class Marginal:
    """A model of k effects: their covariance (k x k), the design (k x p) and the generalised least squares fit."""

    y: Array
    design: Array
    covariance: Array
    precision: Array
    inverse: Array
    beta: Array
    names: tuple[str, ...]

    @property
    def residuals(self) -> Array:
        """What the coefficients leave."""
        left: Array = self.y - self.design @ self.beta
        return left


@dataclass(frozen=True, slots=True)
class Levels:
    """A three-level model: variances `sigma2` between clusters, and between studies within clusters.

    I2 is the share of both in the variance of effects, per cent, by Higgins & Thompson's typical sampling variance
    (Nakagawa & Santos 2012, Evol. Ecol. 26:1253); `pi` is estimate -+ z sqrt(se^2 + tau2), None with moderators.
    """

    k: int
    clusters: int
    level: float
    coefficients: tuple[Coefficient, ...]
    sigma2: tuple[float, float]
    loglik: float
    Q: float
    df: int
    Q_p: float
    I2: float
    pi: Interval | None
    marginal: Marginal
    QM: float | None = None
    QM_df: int | None = None
    QM_p: float | None = None

    @property
    def tau2(self) -> float:
        """The variance of true effects, of both levels together."""
        return sum(self.sigma2)


def three_level(
    yi: Sequence[float],
    vi: Sequence[float] | Sequence[Sequence[float]],
    clusters: Sequence[Hashable],
    studies: Sequence[Hashable] | None = None,
    mods: Mapping[str, Sequence[float]] | None = None,
    level: float = 95,
    t: bool = False,
) -> Levels:
    """Effects of studies within clusters by REML (Konstantopoulos 2011, Res. Synth. Methods 2:61, equations 5 to 9).

    `yi` has length k; `vi` are k sampling variances, or their k x k covariance where effects share a control. Every row
    is its own study where none are named. Fisher scoring with both variances held at zero or above; Wald tests
    by z, or with `t` by t with k - p degrees of freedom.
    Raises KgError where the numbers cannot be pooled, or there is but one cluster.
    """
    from scipy.special import chdtrc

    y, v, design = _read(yi, vi, mods or {})
    if len(clusters) != len(y) or len(studies or clusters) != len(y):
        raise KgError("every effect needs its cluster, and its study where studies are named")
    if len(set(clusters)) < 2 or len(y) <= design.shape[1]:
        raise KgError("a three-level model needs at least 2 clusters, and more effects than coefficients")
    names = ("intercept", *(mods or {}))
    upper, lower = _members(clusters), _members(list(zip(clusters, studies or range(len(y)), strict=True)))
    sigma2 = _estimated(y, v, design, (upper, lower))
    fit = _fit(y, design, v + sigma2[0] * upper @ upper.T + sigma2[1] * lower @ lower.T, names)
    plain, df = _fit(y, design, v, names), len(y) - design.shape[1]
    q = float(plain.residuals @ plain.precision @ plain.residuals)
    tests = df if t else 0
    coefficients = tuple(tested(names, fit.beta, fit.inverse, tests, level))
    return Levels(
        k=len(y), clusters=len(set(clusters)), level=level, sigma2=sigma2, loglik=_whole(fit), Q=q, df=df,
        Q_p=float(chdtrc(df, q)), coefficients=coefficients, marginal=fit, I2=_share(sum(sigma2), plain, df),
        pi=None if mods else prediction(coefficients[0], sum(sigma2), tests, level),
        **(moderation(fit.beta, fit.inverse, tests) if mods else {}),
    )  # fmt: skip


def prediction(pooled: Coefficient, tau2: float, df: float, level: float) -> Interval:
    """Where the true effect of a new study lies: estimate -+ crit sqrt(se^2 + tau2); z where `df` is 0, else t."""
    half = critical(df, level) * math.sqrt(pooled.se**2 + tau2)
    return pooled.estimate - half, pooled.estimate + half


def _share(tau2: float, plain: Marginal, df: int) -> float:
    """tau2 beside the typical sampling variance, df / trace(P), per cent."""
    import numpy as np

    bread = plain.precision @ plain.design
    trace = float(np.trace(plain.precision) - np.sum((bread @ plain.inverse) * bread))
    return 100 * tau2 / (tau2 + df / trace)


def independent(
    yi: Sequence[float], vi: Sequence[float], tau2: float, mods: Mapping[str, Sequence[float]] | None = None
) -> Marginal:
    """The model of independent studies with this tau2, for errors robust to clusters."""
    import numpy as np

    y, v, design = _read(yi, vi, mods or {})
    return _fit(y, design, v + tau2 * np.eye(len(y)), ("intercept", *(mods or {})))


def robust(
    model: Marginal, clusters: Sequence[Hashable], kind: str = "CR1", level: float = 95
) -> tuple[Coefficient, ...]:
    """The coefficients with errors that hold whatever the dependence within clusters is.

    CR0 is the sandwich of Hedges, Tipton & Johnson 2010 (Res. Synth. Methods 1:39, equation 6); CR1 is n / (n - p)
    times that, with t and n - p degrees of freedom for n clusters (metafor's robust); CR2 is that of Pustejovsky &
    Tipton 2018 (J. Bus. Econ. Stat. 36:672, equations 4, 5 and 11) with Satterthwaite's degrees. Raises KgError
    where clusters are not more than coefficients.
    """
    if kind not in KINDS:
        raise KgError(f"{kind!r} is no robust covariance; there are {', '.join(KINDS)}")
    n, p = len(set(clusters)), model.design.shape[1]
    if n <= p:
        raise KgError(f"robust errors of {p} coefficient{'s' * (p > 1)} need more than {p} clusters, not {n}")
    if kind == "CR2":
        return tuple(_satterthwaite(model, clusters, level))
    bread = model.inverse @ model.design.T @ model.precision
    sums = bread @ (model.residuals[:, None] * _members(clusters))
    scale = n / (n - p) if kind == "CR1" else 1.0
    return tuple(tested(model.names, model.beta, scale * sums @ sums.T, n - p, level))


def _satterthwaite(model: Marginal, clusters: Sequence[Hashable], level: float) -> Sequence[Coefficient]:
    import numpy as np

    k, members = len(model.y), _members(clusters)
    hat = np.eye(k) - model.design @ model.inverse @ model.design.T @ model.precision
    rows = []  # of each cluster p x k: how the effects enter its part of the coefficients
    for one in members.T.astype(bool):
        adjusted = _adjustment(model, one)
        own = model.precision[np.ix_(one, one)] @ model.design[one]
        rows.append(model.inverse @ own.T @ adjusted @ hat[one])
    parts = np.stack(rows)
    sums = parts @ model.y
    spread = np.einsum("apk,kl,bpl->pab", parts, model.covariance, parts)
    degrees = [float(np.trace(one) ** 2 / np.sum(one**2)) for one in spread]
    return tuple(tested(model.names, model.beta, sums.T @ sums, degrees, level))


def _adjustment(model: Marginal, one: Array) -> Array:
    """The matrix that makes a cluster's squared residuals unbiased under the model (their equation 5)."""
    import numpy as np

    design, covariance = model.design[one], model.covariance[np.ix_(one, one)]
    root = np.linalg.cholesky(covariance).T
    inner = root @ (covariance - design @ model.inverse @ design.T) @ root.T
    values, vectors = np.linalg.eigh(inner)
    keep = values > 1e-12 * values.max()
    inverse_root = (vectors[:, keep] * values[keep] ** -0.5) @ vectors[:, keep].T
    adjusted: Array = root.T @ inverse_root @ root
    return adjusted


def _read(
    yi: Sequence[float], vi: Sequence[float] | Sequence[Sequence[float]], mods: Mapping[str, Sequence[float]]
) -> tuple[Array, Array, Array]:
    """Effects, their covariance (k x k) and the design."""
    import numpy as np

    from kg.synthesis import tau

    given = np.asarray(vi, dtype=float)
    variances = np.diag(given) if given.ndim == 2 else given
    y, v, design = tau.arrays(yi, variances.tolist(), mods)
    return y, given if given.ndim == 2 else np.diag(v), design


def _members(groups: Sequence[Hashable]) -> Array:
    """Which effect (row) is in which group (column), as 0 and 1."""
    import numpy as np

    places = {group: place for place, group in enumerate(dict.fromkeys(groups))}
    made = np.zeros((len(groups), len(places)))
    made[np.arange(len(groups)), [places[group] for group in groups]] = 1
    return made


def _fit(y: Array, design: Array, covariance: Array, names: tuple[str, ...]) -> Marginal:
    import numpy as np

    precision: Array = np.linalg.inv(covariance)
    inverse: Array = np.linalg.inv(design.T @ precision @ design)
    return Marginal(y, design, covariance, precision, inverse, inverse @ design.T @ precision @ y, names)


def _loglik(fit: Marginal) -> float:
    """The restricted log-likelihood up to a constant."""
    import numpy as np

    spread = np.linalg.slogdet(fit.covariance)[1] - np.linalg.slogdet(fit.inverse)[1]
    return -0.5 * float(spread + fit.residuals @ fit.precision @ fit.residuals)


def _whole(fit: Marginal) -> float:
    """The restricted log-likelihood with its constants (Harville 1977)."""
    import numpy as np

    k, p = fit.design.shape
    constant = 0.5 * float(np.linalg.slogdet(fit.design.T @ fit.design)[1]) - (k - p) / 2 * math.log(2 * math.pi)
    return float(constant + _loglik(fit))


def _estimated(y: Array, v: Array, design: Array, levels: tuple[Array, Array]) -> tuple[float, float]:
    """Both variances by scoring, then Newton; a step is halved until the likelihood does not fall."""
    import numpy as np

    shares = [one @ one.T for one in levels]

    def at(sigma2: Array) -> Marginal:
        return _fit(y, design, v + sigma2[0] * shares[0] + sigma2[1] * shares[1], ())

    spread, scale = float(np.var(y)), float(np.diag(v).mean())
    sigma2 = np.full(2, max(spread - scale, spread / 10) / 2)
    fit = at(sigma2)
    for _ in range(_ROUNDS):
        step, least = _step(fit, levels, sigma2), _loglik(fit) - _CLEAR * (1 + abs(_loglik(fit)))
        for _ in range(_HALVINGS):
            tried = np.maximum(sigma2 + step, 0.0)
            found = at(tried)
            if _loglik(found) >= least:
                break
            step = step / 2
        moved = float(np.abs(tried - sigma2).max())
        sigma2, fit = tried, found
        if moved <= 1e-11 * (float(sigma2.sum()) + scale):
            break
    return float(sigma2[0]), float(sigma2[1])


def _step(fit: Marginal, levels: tuple[Array, Array], sigma2: Array) -> Array:
    """The step of the variances that may move: those above zero, or that the likelihood would raise.

    Newton's where the observed information is safely positive, else Fisher's (Harville 1977, JASA 72:320, section 5).
    """
    import numpy as np

    bread = fit.precision @ fit.design
    projected = fit.precision - bread @ fit.inverse @ bread.T
    pairs = [[one.T @ projected @ other for other in levels] for one in levels]
    sums = [one.T @ fit.precision @ fit.residuals for one in levels]
    score = np.array([sums[i] @ sums[i] - np.trace(pairs[i][i]) for i in (0, 1)])
    expected = np.array([[np.sum(pair**2) for pair in row] for row in pairs])
    observed = np.array([[2 * sums[i] @ pairs[i][j] @ sums[j] for j in (0, 1)] for i in (0, 1)]) - expected
    free = (sigma2 > 0) | (score > 0)
    step = np.zeros(2)
    if free.any():
        wanted, other = observed[np.ix_(free, free)], expected[np.ix_(free, free)]
        if np.linalg.eigvalsh(wanted).min() <= 0.01 * np.linalg.eigvalsh(other).min():
            wanted = other
        step[free] = np.linalg.lstsq(wanted, score[free], rcond=None)[0]
    return step
