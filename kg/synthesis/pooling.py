"""Pools effects of independent studies: common and random effects, heterogeneity, subgroups, meta-regression.

Numbers agree with R's metafor 3.8 (Viechtbauer 2010, J. Stat. Softw. 36(3)), whose defaults are kept.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kg.errors import KgError

if TYPE_CHECKING:
    from kg.synthesis.tau import Array, Between

LEAST_PAPERS, LEAST_EXPERIMENTS = 3, 5
METHODS = ("REML", "DL", "PM", "ML", "SJ", "HE", "HS", "EB", "EE")
"""Estimators of the variance between studies; EE supposes none (common effect)."""

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One estimated number: with its standard error, test and confidence interval."""

    name: str
    estimate: float
    se: float
    statistic: float
    p: float
    ci: Interval


@dataclass(frozen=True, slots=True)
class Pooled:
    """What `k` effects say together; the first coefficient is the pooled effect, or the intercept with moderators.

    Q, its degrees of freedom and p are those of residual heterogeneity where there are moderators; I2 is in per cent.
    `pi` is the prediction interval of a new study's true effect; it, the intervals of heterogeneity and what speaks of
    moderators are None where they do not exist.
    """

    k: int
    method: str
    test: str
    level: float
    coefficients: tuple[Coefficient, ...]
    tau2: float
    tau2_se: float | None
    tau2_ci: Interval | None
    Q: float
    df: int
    Q_p: float
    I2: float
    I2_ci: Interval | None
    H2: float
    H2_ci: Interval | None
    pi: Interval | None
    QM: float | None = None
    QM_df: int | None = None
    QM_p: float | None = None
    R2: float | None = None

    @property
    def estimate(self) -> float:
        """The pooled effect."""
        return self.coefficients[0].estimate

    @property
    def se(self) -> float:
        """The standard error of the pooled effect."""
        return self.coefficients[0].se

    @property
    def ci(self) -> Interval:
        """The confidence interval of the pooled effect."""
        return self.coefficients[0].ci

    @property
    def p(self) -> float:
        """The p of no pooled effect."""
        return self.coefficients[0].p


def may_pool(papers: int, experiments: int) -> str:
    """Why an answer from the graph must not be pooled, as a sentence; empty where it may be."""
    if papers >= LEAST_PAPERS and experiments >= LEAST_EXPERIMENTS:
        return ""
    return (
        f"not pooled: {papers} paper{'s' * (papers != 1)} and {experiments} experiment{'s' * (experiments != 1)}, "
        f"where at least {LEAST_PAPERS} and {LEAST_EXPERIMENTS} are asked for"
    )


def pool(
    yi: Sequence[float],
    vi: Sequence[float],
    mods: Mapping[str, Sequence[float]] | None = None,
    method: str = "REML",
    knha: bool = False,
    level: float = 95,
) -> Pooled:
    """The pooled effect of independent studies, effects `yi` with sampling variances `vi`, both of length k.

    Weights 1 / (vi + tau2). `mods` are columns of moderators beside the intercept. `knha` takes the standard errors of
    Knapp & Hartung 2003 (Stat. Med. 22:2693) and t with k - p degrees of freedom. The prediction interval is
    estimate -+ crit sqrt(se^2 + tau2) with the quantile of the test: normal, or t with k - p (metafor's default; Riley
    et al. 2011, BMJ 342:d549, take t with k - p - 1). I2 and H2 are those of Higgins & Thompson 2002 (Stat. Med.
    21:1539), from tau2 by the typical variance of their equation 9. Raises KgError where the numbers cannot be pooled.
    """
    from kg.synthesis import tau

    y, v, design = tau.arrays(yi, vi, mods or {})
    _poolable(method, knha, len(y), design.shape[1], level)
    between = tau.between(y, v, design, method)
    fit = tau.weighted(y, v + between.tau2, design)
    scale = _knapp_hartung(fit.rss, len(y) - design.shape[1]) if knha else 1.0
    df = len(y) - design.shape[1] if knha else 0
    covariance = scale * fit.inverse
    names = ["intercept", *(mods or {})] if mods else ["estimate"]
    coefficients = tuple(tested(names, fit.beta, covariance, df, level))
    said = moderation(fit.beta, covariance, df) if mods else {}
    if mods and method != "EE":
        said["R2"] = _explained(y, v, method, between.tau2)
    return Pooled(
        **_heterogeneity(y, v, design, between, method, level), k=len(y), method=method, test="t" if knha else "z",
        level=level, coefficients=coefficients, pi=_prediction(coefficients, between.tau2, df, level, method), **said,
    )  # fmt: skip


def _poolable(method: str, knha: bool, k: int, p: int, level: float) -> None:
    if method not in METHODS:
        raise KgError(f"{method!r} is no estimator; there are {', '.join(METHODS)}")
    if not 0 < level < 100:
        raise KgError(f"a level of {level:g} is none; it lies between 0 and 100, such as 95")
    if k < p or (k == p and (p > 1 or knha)):
        what = "Knapp-Hartung standard errors" if knha and p == 1 else f"{p} coefficients"
        raise KgError(f"{what} cannot be had from {k} stud{'y' if k == 1 else 'ies'}; at least {p + 1} are needed")


def _knapp_hartung(rss: float, df: int) -> float:
    """The factor of the covariance (Knapp & Hartung 2003, equation 3)."""
    return rss / df if rss > 2.2e-16 else 0.0


def critical(df: float, level: float) -> float:
    """The two-sided critical value at `level` per cent: of t, or of the normal distribution where `df` is 0."""
    from scipy.special import ndtri, stdtrit

    tail = (1 - level / 100) / 2
    return float(-stdtrit(df, tail)) if df else float(-ndtri(tail))


def p_value(statistic: float, df: float) -> float:
    """The two-sided p of a t with `df` degrees of freedom, or of a z where `df` is 0."""
    from scipy.special import ndtr, stdtr

    return float(2 * (stdtr(df, -abs(statistic)) if df else ndtr(-abs(statistic))))


def tested(
    names: Iterable[str], beta: Array, covariance: Array, df: float | Sequence[float], level: float
) -> Iterator[Coefficient]:
    """Each coefficient of length p with its Wald test, from a covariance p x p; `df` is 0 for z, or one of each."""
    degrees = df if isinstance(df, Sequence) else [df] * len(beta)
    for i, (name, one) in enumerate(zip(names, degrees, strict=True)):
        estimate, se = float(beta[i]), math.sqrt(max(float(covariance[i, i]), 0.0))
        statistic = estimate / se if se else math.copysign(math.inf, estimate) if estimate else math.nan
        half = critical(one, level) * se
        yield Coefficient(name, estimate, se, statistic, p_value(statistic, one), (estimate - half, estimate + half))


def _prediction(
    coefficients: Sequence[Coefficient], tau2: float, df: int, level: float, method: str
) -> Interval | None:
    if len(coefficients) > 1 or method == "EE":
        return None
    half = critical(df, level) * math.sqrt(coefficients[0].se ** 2 + tau2)
    return coefficients[0].estimate - half, coefficients[0].estimate + half


def _heterogeneity(y: Array, v: Array, design: Array, between: Between, method: str, level: float) -> dict[str, Any]:
    """Q, I2, H2 and the Q-profile intervals (Viechtbauer 2007, Stat. Med. 26:37)."""
    from scipy.special import chdtrc

    from kg.synthesis import tau

    df = len(y) - design.shape[1]
    plain = between.plain
    about: dict[str, Any] = {"tau2": between.tau2, "tau2_se": between.se, "df": df}
    if not df:
        return about | {"Q": 0.0, "Q_p": 1.0, "I2": 0.0, "H2": 1.0, "tau2_ci": None, "I2_ci": None, "H2_ci": None}
    typical = df / plain.trace
    about |= {"Q": plain.rss, "Q_p": float(chdtrc(df, plain.rss))}
    if method == "EE":
        i2 = max(0.0, 100 * (plain.rss - df) / plain.rss) if plain.rss else 0.0
        return about | {"I2": i2, "H2": plain.rss / df, "tau2_ci": None, "I2_ci": None, "H2_ci": None}
    ends = tau.profile(y, v, design, level)
    shares = [100 * one / (typical + one) for one in (between.tau2, *ends)]
    ratios = [one / typical + 1 for one in (between.tau2, *ends)]
    about |= {"tau2_ci": ends, "I2": shares[0], "I2_ci": (shares[1], shares[2])}
    return about | {"H2": ratios[0], "H2_ci": (ratios[1], ratios[2])}


def moderation(beta: Array, covariance: Array, df: int) -> dict[str, Any]:
    """QM, the omnibus test of all coefficients but the intercept: chi-squared, or F where `df` is not 0."""
    import numpy as np
    from scipy.special import chdtrc, fdtrc

    m = len(beta) - 1
    wald = float(beta[1:] @ np.linalg.solve(covariance[1:, 1:], beta[1:]))
    if df:
        return {"QM": wald / m, "QM_df": m, "QM_p": float(fdtrc(m, df, wald / m))}
    return {"QM": wald, "QM_df": m, "QM_p": float(chdtrc(m, wald))}


def _explained(y: Array, v: Array, method: str, tau2: float) -> float | None:
    """The share of the variance between studies that moderators take away, per cent (Raudenbush 2009; metafor R2)."""
    from kg.synthesis import tau

    alone = tau.between(y, v, tau.intercept(len(y)), method).tau2
    return max(0.0, 100 * (alone - tau2) / alone) if alone > 0 else None


def leave_one_out(
    yi: Sequence[float], vi: Sequence[float], method: str = "REML", knha: bool = False, level: float = 95
) -> list[Pooled]:
    """What the others say without each study in turn, in the order of the studies. Raises KgError below 2 studies."""
    if len(yi) < 2:
        raise KgError("leaving one study out needs at least 2 studies")
    rest = [[j for j in range(len(yi)) if j != i] for i in range(len(yi))]
    return [pool([yi[j] for j in some], [vi[j] for j in some], None, method, knha, level) for some in rest]


@dataclass(frozen=True, slots=True)
class Subgroups:
    """The pooled effect of each subgroup, and the test of their difference."""

    groups: Mapping[str, Pooled]
    Q_between: float
    df: int
    p: float


def subgroups(
    yi: Sequence[float],
    vi: Sequence[float],
    names: Sequence[str],
    method: str = "REML",
    knha: bool = False,
    level: float = 95,
) -> Subgroups:
    """Each subgroup pooled with its own tau2; their difference by Q = sum (estimate - mean)^2 / se^2.

    Borenstein et al. 2009, chapter 19, equation 19.7 and computational model "separate estimates of tau2".
    """
    from scipy.special import chdtrc

    groups = {}
    for name in sorted(set(names)):
        some = [i for i, one in enumerate(names) if one == name]
        groups[name] = pool([yi[i] for i in some], [vi[i] for i in some], None, method, knha and len(some) > 1, level)
    weights = {name: group.se**-2 for name, group in groups.items()}
    mean = sum(weights[name] * group.estimate for name, group in groups.items()) / sum(weights.values())
    between = sum(weights[name] * (group.estimate - mean) ** 2 for name, group in groups.items())
    df = len(groups) - 1
    return Subgroups(groups, between, df, float(chdtrc(df, between)) if df else 1.0)
