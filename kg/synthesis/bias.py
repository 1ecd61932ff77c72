"""Could small or missing studies mislead: Egger's, Pustejovsky & Rodgers' and Begg's tests, trim and fill.

None of them is made below 10 studies, where none can tell anything (Sterne et al. 2011, BMJ 343:d4002).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.errors import KgError
from kg.synthesis.pooling import Interval, Pooled, pool

if TYPE_CHECKING:
    from kg.synthesis.tau import Array

LEAST = 10
_ROUNDS = 100


@dataclass(frozen=True, slots=True)
class Asymmetry:
    """A regression test of the funnel: the slope, and the effect that it says a study of endless size would find."""

    slope: float
    se: float
    statistic: float
    df: int
    p: float
    limit: float
    limit_ci: Interval


@dataclass(frozen=True, slots=True)
class Ranks:
    """Kendall's correlation of effects and variances."""

    tau: float
    p: float


@dataclass(frozen=True, slots=True)
class Filled:
    """Trim and fill: how many studies seem to be missing on which side, and what all of them together would say."""

    estimator: str
    missing: int
    missing_se: float
    side: str
    pooled: Pooled


def may_test(k: int) -> str:
    """Why bias cannot be assessed from `k` studies, as a sentence; empty where it can."""
    return (
        ""
        if k >= LEAST
        else f"bias cannot be assessed from {k} stud{'y' if k == 1 else 'ies'}: it takes at least {LEAST}"
    )


def egger(yi: Sequence[float], vi: Sequence[float], level: float = 95) -> Asymmetry:
    """Egger et al. 1997 (BMJ 315:629): effects on their standard errors, weights 1 / vi, t with k - 2.

    Equal to metafor's regtest(model = "lm"). Raises KgError below 10 studies.
    """
    return _regression(yi, vi, [math.sqrt(v) for v in vi], "EE", True, level)


def egger_random(yi: Sequence[float], vi: Sequence[float], method: str = "REML", level: float = 95) -> Asymmetry:
    """Egger's test as a random-effects meta-regression on standard errors, z (Sterne & Egger 2005; metafor regtest)."""
    return _regression(yi, vi, [math.sqrt(v) for v in vi], method, False, level)


def pustejovsky_rodgers(
    yi: Sequence[float], vi: Sequence[float], n1: Sequence[float], n2: Sequence[float], level: float = 95
) -> Asymmetry:
    """Egger's test for standardised mean differences, whose standard error holds the effect itself.

    Effects on sqrt(1/n1 + 1/n2), weights 1 / vi, t with k - 2 (Pustejovsky & Rodgers 2019, Res. Synth. Methods 10:57,
    section 2.3, as R's meta does it). Raises KgError below 10 studies.
    """
    sizes = [math.sqrt(1 / one + 1 / other) for one, other in zip(n1, n2, strict=True)]
    return _regression(yi, vi, sizes, "EE", True, level)


def _regression(
    yi: Sequence[float], vi: Sequence[float], by: Sequence[float], method: str, hartung: bool, level: float
) -> Asymmetry:
    """A weighted regression; errors scaled by the residuals are those of Knapp & Hartung without tau2."""
    _enough(len(yi))
    if len(set(by)) == 1:
        raise KgError("bias cannot be assessed: all studies are of one precision")
    found = pool(yi, vi, {"precision": by}, method, hartung, level)
    limit, slope = found.coefficients
    df = found.df if hartung else 0
    return Asymmetry(slope.estimate, slope.se, slope.statistic, df, slope.p, limit.estimate, limit.ci)


def begg(yi: Sequence[float], vi: Sequence[float]) -> Ranks:
    """Begg & Mazumdar 1994 (Biometrics 50:1088): Kendall's tau of standardised effects and variances.

    The p is exact without ties, else normal without correction for continuity (metafor's ranktest).
    Raises KgError below 10 studies.
    """
    import numpy as np
    from scipy.stats import kendalltau

    from kg.synthesis import tau

    _enough(len(yi))
    y, v, design = tau.arrays(yi, vi, {})
    common = tau.weighted(y, v, design)
    standard = common.residuals / np.sqrt(v - float(common.inverse[0, 0]))
    ties = len(set(standard)) < len(y) or len(set(v)) < len(y)
    found = kendalltau(standard, v, method="asymptotic" if ties else "exact")
    return Ranks(float(found.statistic), float(found.pvalue))


def trim_and_fill(
    yi: Sequence[float], vi: Sequence[float], estimator: str = "L0", method: str = "REML", level: float = 95
) -> Filled:
    """Duval & Tweedie 2000 (JASA 95:89; Biometrics 56:455), estimators L0 and R0, the side by Egger's slope.

    Equal to metafor's trimfill. Raises KgError below 10 studies, or where the trimming does not settle.
    """
    import numpy as np

    _enough(len(yi))
    if estimator not in ("L0", "R0"):
        raise KgError(f"{estimator!r} is no estimator of missing studies; there are L0 and R0")
    slope = pool(yi, vi, {"se": [math.sqrt(v) for v in vi]}, method).coefficients[1].estimate
    side, sign = ("right", -1.0) if slope < 0 else ("left", 1.0)
    order = np.argsort(sign * np.asarray(yi, dtype=float), kind="stable")
    y, v = sign * np.asarray(yi, dtype=float)[order], np.asarray(vi, dtype=float)[order]
    missing, se, centre = _trimmed(y, v, estimator, method)
    mirrored = sign * (2 * centre - y[len(y) - missing :])
    whole = pool([*yi, *mirrored], [*vi, *v[len(y) - missing :]], None, method, level=level)
    return Filled(estimator, missing, se, side, whole)


def _trimmed(y: Array, v: Array, estimator: str, method: str) -> tuple[int, float, float]:
    """How many of the sorted effects have no mirror image, with standard error, and the centre without them."""
    missing = 0
    for _ in range(_ROUNDS):
        before = missing
        left = len(y) - missing
        centre = pool(y[:left].tolist(), v[:left].tolist(), None, method).estimate
        missing, se = _surplus(y - centre, estimator)
        if missing == before:
            return missing, se, centre
    raise KgError("trim and fill does not settle on a number of missing studies here")


def _surplus(apart: Array, estimator: str) -> tuple[int, float]:
    """How many ranks stand alone on the right (Duval & Tweedie 2000, JASA, equations 3 and 4 with their variances)."""
    import numpy as np

    k = len(apart)
    ranks = np.empty(k)
    ranks[np.argsort(np.abs(apart), kind="stable")] = np.arange(1, k + 1)
    if estimator == "R0":
        raw = k - float(ranks[apart < 0].max(initial=0)) - 1
        return max(0, round(raw)), math.sqrt(2 * max(0.0, raw) + 2)
    raw = (4 * float(ranks[apart > 0].sum()) - k * (k + 1)) / (2 * k - 1)
    cubic = 10 * raw**3 + 27 * raw**2 + 17 * raw - 18 * k * raw**2 - 18 * k * raw + 6 * k**2 * raw
    variance = (k * (k + 1) * (2 * k + 1) + cubic) / 24
    return max(0, round(raw)), 4 * math.sqrt(max(0.0, variance)) / (2 * k - 1)


def _enough(k: int) -> None:
    if said := may_test(k):
        raise KgError(said)
