"""The variance between studies, tau2, by nine estimators, and its Q-profile interval.

All formulas are those of Viechtbauer 2005 (J. Educ. Behav. Stat. 30:261) and Veroniki et al. 2016 (Res. Synth. Methods
7:55), for any design of full rank: P = W - W X (X'WX)^-1 X'W, without ever holding a matrix of k x k.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kg.errors import KgError

Array = NDArray[np.floating[Any]]
_ROUNDS = 10_000
_TINY = 1e-13  # of the scale of the variances: where an iteration stands


@dataclass(frozen=True, slots=True)
class Fit:
    """A weighted least squares fit of y by a design: coefficients, (X'WX)^-1, residuals and weights, 1 / variances."""

    y: Array
    variances: Array
    beta: Array
    inverse: Array
    residuals: Array
    weights: Array
    design: Array

    @property
    def df(self) -> int:
        """Residual degrees of freedom, k - p."""
        return len(self.y) - int(self.design.shape[1])

    @property
    def rss(self) -> float:
        """The weighted sum of squared residuals, Y'PY."""
        return float(self.weights @ self.residuals**2)

    @property
    def trace(self) -> float:
        """The trace of P."""
        return float(self.weights.sum() - np.sum(self.inverse * self._weighed(self.weights**2)))

    def double(self, one: Array | float = 1.0, other: Array | float = 1.0) -> float:
        """The trace of P D P E, with diagonal D and E."""
        w, a = self.weights, self.inverse
        cross = a @ self._weighed(w**3 * one * other)
        last = a @ self._weighed(w**2 * one) @ a @ self._weighed(w**2 * other)
        return float(np.sum(w**2 * one * other) - 2 * np.trace(cross) + np.trace(last))

    def single(self, one: Array) -> float:
        """The trace of P D, with diagonal D."""
        w = self.weights
        return float(w @ one - np.sum(self.inverse * self._weighed(w**2 * one)))

    def _weighed(self, by: Array) -> Array:
        weighed: Array = (self.design.T * by) @ self.design
        return weighed


@dataclass(frozen=True, slots=True)
class Between:
    """tau2 with its standard error, beside the fit without it."""

    tau2: float
    se: float | None
    plain: Fit


def arrays(yi: Sequence[float], vi: Sequence[float], mods: Mapping[str, Sequence[float]]) -> tuple[Array, Array, Array]:
    """Effects (k), variances (k) and the design (k x p), the intercept first; KgError where they cannot be used."""
    y, v = np.asarray(yi, dtype=float), np.asarray(vi, dtype=float)
    if not len(y) or len(y) != len(v):
        raise KgError(f"{len(y)} effects and {len(v)} variances: there must be as many of both, and at least one")
    if not (np.isfinite(y).all() and np.isfinite(v).all()):
        raise KgError("every effect and every variance must be a finite number")
    if (v <= 0).any():
        raise KgError(f"study {int(np.argmax(v <= 0)) + 1} has no sampling variance above zero, so it has no weight")
    design = np.column_stack([np.ones(len(y)), *(np.asarray(one, dtype=float) for one in mods.values())])
    if mods and np.linalg.matrix_rank(design / np.abs(design).max(axis=0).clip(1e-300)) < design.shape[1]:
        raise KgError(f"the moderators {', '.join(mods)} do not vary apart from each other here; leave one out")
    return y, v, design


def intercept(k: int) -> Array:
    """The design of an intercept alone."""
    return np.ones((k, 1))


def weighted(y: Array, variances: Array, design: Array) -> Fit:
    """The fit with weights 1 / variances."""
    w = 1 / variances
    if design.shape[1] == 1:
        total = w.sum()
        beta = np.array([w @ y / total])
        return Fit(y, variances, beta, np.array([[1 / total]]), y - beta[0], w, design)
    q, r = np.linalg.qr(np.sqrt(w)[:, None] * design)
    back = np.linalg.inv(r)
    beta = back @ (q.T @ (np.sqrt(w) * y))
    return Fit(y, variances, beta, back @ back.T, y - design @ beta, w, design)


def basis(design: Array) -> Array:
    """An orthonormal basis of what the columns of the design span: all that P depends on."""
    made: Array = np.linalg.qr(design)[0] if design.shape[1] > 1 else design
    return made


def _projected(y: Array, variances: Array, basis: Array) -> Fit:
    """The fit in an orthonormal basis, whose normal equations are sound, and twice as quick."""
    if basis.shape[1] == 1:
        return weighted(y, variances, basis)
    w = 1 / variances
    scaled = basis.T * w
    inverse = np.linalg.inv(scaled @ basis)
    beta = inverse @ (scaled @ y)
    return Fit(y, variances, beta, inverse, y - basis @ beta, w, basis)


def between(y: Array, v: Array, design: Array, method: str) -> Between:
    """tau2 by `method`, never below zero; `plain` is told in an orthonormal basis of the design."""
    plain = _projected(y, v, basis(design))
    if method == "EE" or not plain.df:
        return Between(0.0, None, plain)
    tau2, se = _ESTIMATORS[method](plain)
    return Between(tau2, se, plain)


Estimate = tuple[float, float]


def _dersimonian_laird(plain: Fit) -> Estimate:
    """DerSimonian & Laird 1986 (Control. Clin. Trials 7:177), equation 8; with moderators Raudenbush 2009."""
    trace = plain.trace
    tau2 = max(0.0, (plain.rss - plain.df) / trace)
    return tau2, math.sqrt(2 * plain.df + 4 * tau2 * trace + 2 * tau2**2 * plain.double()) / trace


def _hunter_schmidt(plain: Fit) -> Estimate:
    """Hunter & Schmidt 1990; Viechtbauer 2005, equation 6: (Q - k) / sum w."""
    total = float(plain.weights.sum())
    tau2 = max(0.0, (plain.rss - len(plain.y)) / total)
    return tau2, math.sqrt(2 * plain.df + 4 * tau2 * plain.trace + 2 * tau2**2 * plain.double()) / total


def _hedges(plain: Fit) -> Estimate:
    """Hedges & Olkin 1985, chapter 9, equation 9: the variance of the effects less the mean sampling variance."""
    v, df = plain.variances, plain.df
    even = _projected(plain.y, np.ones(len(v)), plain.design)
    trace = even.single(v)
    tau2 = max(0.0, (even.rss - trace) / df)
    return tau2, math.sqrt(2 * even.double(v, v) + 4 * tau2 * trace + 2 * tau2**2 * df) / df


def _sidik_jonkman(plain: Fit) -> Estimate:
    """Sidik & Jonkman 2005 (Appl. Stat. 54:367), equation 3, started at the variance of the effects."""
    v, first = plain.variances, float(np.var(plain.y))
    if first == 0:
        return 0.0, 0.0
    fit = _projected(plain.y, v + first, plain.design)
    tau2 = first * fit.rss / plain.df
    inner = 2 * fit.double(v, v) + 4 * tau2 * fit.double(v) + 2 * tau2**2 * fit.double()
    return tau2, first / plain.df * math.sqrt(inner)


def _paule_mandel(plain: Fit) -> Estimate:
    """Paule & Mandel 1982 (J. Res. NBS 87:377): the tau2 at which Q is its degrees of freedom.

    The empirical Bayes estimate (Morris 1983, JASA 78:47) solves the same equation.
    """
    v, df = plain.variances, plain.df
    tau2 = _where(plain.y, v, plain.design, df)
    return tau2, math.sqrt(2 * len(v) ** 2 / df) / float((1 / (v + tau2)).sum())


def _likelihood(restricted: bool) -> Callable[[Fit], Estimate]:
    """Maximum likelihood, or restricted, by Fisher scoring from HE (Viechtbauer 2005, equations 10 and 13)."""

    def estimate(plain: Fit) -> Estimate:
        tau2 = _scored(plain, _hedges(plain)[0], restricted)
        if tau2 and _loglik(plain, restricted) > _loglik(_with(plain, tau2), restricted):
            tau2 = 0.0  # a local maximum
        fit = _with(plain, tau2)
        return tau2, math.sqrt(2 / (fit.double() if restricted else float((fit.weights**2).sum())))

    return estimate


def _with(plain: Fit, tau2: float) -> Fit:
    return _projected(plain.y, plain.variances + tau2, plain.design)


def _scored(plain: Fit, tau2: float, restricted: bool) -> float:
    """Where the score is zero, or 0 where it falls from there; where scoring swings, the bracket is halved."""
    scale, low, high, last = float(plain.variances.mean()), 0.0, math.inf, 0.0
    for _ in range(_ROUNDS):
        step = _step(_with(plain, tau2), restricted)
        low, high = (tau2, high) if step > 0 else (low, tau2)
        if tau2 + step < 0 and _step(plain, restricted) <= 0:
            return 0.0
        swings = step * last < 0 and 2 * abs(step) > abs(last)
        new = (low + high) / 2 if math.isfinite(high) and (swings or not low <= tau2 + step <= high) else tau2 + step
        last, tau2 = new - tau2, new
        if min(abs(step), abs(last)) <= _TINY * (tau2 + scale):
            break
    return tau2


def _step(fit: Fit, restricted: bool) -> float:
    """The score over the information."""
    square = float(np.sum((fit.weights * fit.residuals) ** 2))
    if restricted:
        return (square - fit.trace) / fit.double()
    return float((square - fit.weights.sum()) / (fit.weights**2).sum())


def _loglik(fit: Fit, restricted: bool) -> float:
    """The log-likelihood up to a constant (Viechtbauer 2005, equations 8 and 11)."""
    last = float(np.linalg.slogdet(fit.inverse)[1]) if restricted else 0.0
    return 0.5 * (float(np.log(fit.weights).sum()) + last - fit.rss)


def profile(y: Array, v: Array, design: Array, level: float) -> tuple[float, float]:
    """The Q-profile interval of tau2: where Q(tau2) is the quantiles of chi-squared (Viechtbauer 2007, equation 13)."""
    from scipy.special import chdtri

    df, tail, span = len(y) - design.shape[1], (1 - level / 100) / 2, basis(design)
    return _where(y, v, span, float(chdtri(df, tail))), _where(y, v, span, float(chdtri(df, 1 - tail)))


def _where(y: Array, v: Array, design: Array, target: float) -> float:
    """The tau2 at which Q(tau2) falls to `target`, 0 where it starts below.

    Q is convex and falls, so that Newton's steps from 0 never overshoot.
    """
    tau2 = 0.0
    for _ in range(_ROUNDS):
        fit = _projected(y, v + tau2, design)
        over = fit.rss - target
        slope = float(np.sum((fit.weights * fit.residuals) ** 2))
        if over <= 0 or slope == 0:
            break
        step = over / slope
        tau2 += step
        if step <= 1e-15 * tau2:
            break
    return tau2


_ESTIMATORS: dict[str, Callable[[Fit], Estimate]] = {
    "REML": _likelihood(restricted=True),
    "ML": _likelihood(restricted=False),
    "DL": _dersimonian_laird,
    "HE": _hedges,
    "HS": _hunter_schmidt,
    "SJ": _sidik_jonkman,
    "PM": _paule_mandel,
    "EB": _paule_mandel,
}
