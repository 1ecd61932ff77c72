"""The size of one contrast's effect, with its variance, from the numbers that a paper printed.

Means give a difference, Hedges' g, a log response ratio or a normalised difference; counts give a log risk ratio, a log
odds ratio or a risk difference. Everything is the arm against its comparator, until `oriented` makes plus a benefit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeGuard

from kg.errors import KgError
from kg.model import HigherIs

RULES = {
    "polarity": "Plus is benefit, by what is better of the measured quantity; unknown, it is not pooled.",
    "shared control": "Contrasts that share a comparator are pooled with their covariance, never as independent.",
    "one study": "Several outcomes or times of one study never count as independent: one is chosen by a stated rule, "
    "or a three-level model or cluster-robust errors hold them together.",
    "zero cells": "Where one of the four counts is zero, one half is added to each of them.",
    "converted": "A mean or SD that was not printed but follows from a SEM, an interval, quartiles, an exact p, t or F "
    "is marked with its source.",
}
"""The rules behind the numbers, as sentences to print beside them."""

_Z = 1.959963984540054  # the 97.5 % point of the standard normal distribution
_LARGE = 340  # degrees of freedom above which gamma functions overflow


@dataclass(frozen=True, slots=True)
class Sample:
    """One side of a contrast: subjects, mean and standard deviation; `notes` say what of it was not printed so.

    `n` is a fraction where a control serves several arms.
    """

    n: float
    mean: float
    sd: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """One side of a contrast: subjects with the event, and without."""

    events: float
    without: float

    @property
    def n(self) -> float:
        """All subjects."""
        return self.events + self.without


@dataclass(frozen=True, slots=True)
class Effect:
    """An effect with its sampling variance; `n` is the subjects of both sides.

    `measure` is one of MD, SMD, ROM, NMD, RR, OR, RD; RR, OR and ROM are natural logarithms, NMD is in per cent.
    """

    value: float
    variance: float
    n: float
    measure: str = "SMD"
    notes: tuple[str, ...] = ()

    @property
    def low(self) -> float:
        """The lower end of the 95 % confidence interval (normal approximation)."""
        return self.value - _Z * math.sqrt(self.variance)

    @property
    def high(self) -> float:
        """The upper end of the 95 % confidence interval (normal approximation)."""
        return self.value + _Z * math.sqrt(self.variance)

    @property
    def weight(self) -> float:
        """The inverse of the variance."""
        return 1 / self.variance

    @property
    def shares(self) -> bool:
        """Whether it comes from shares of subjects, not from means."""
        return _SHARES in self.notes

    def turned(self, sign: float) -> Effect:
        """The same effect with its sign turned where `sign` is negative."""
        return replace(self, value=math.copysign(1.0, sign) * self.value)


_SHARES = "from shares of subjects"


def oriented(effect: Effect, higher_is: HigherIs) -> Effect | None:
    """The effect with plus for benefit; None where it is not known what is better, so that it is not pooled.

    A normalised difference is a benefit already: it counts the way back to normal.
    """
    if effect.measure == "NMD":
        return effect
    signs = {HigherIs.BETTER: 1, HigherIs.WORSE: -1}
    return effect.turned(signs[higher_is]) if higher_is in signs else None


def correction(df: float) -> float:
    """The factor J(df) = Gamma(df/2) / (sqrt(df/2) Gamma((df-1)/2)) that takes the small-sample bias from d.

    Exact (Hedges 1981, J. Educ. Stat. 6:107, equation 6e); above 340 degrees of freedom by the expansion of
    Gamma(z + 1/2) / Gamma(z) in 1/z, whose error is under 1e-13 there. Raises KgError below 2 degrees of freedom.
    """
    if df < 2:
        raise KgError("Hedges' g needs at least 2 degrees of freedom, that is 4 subjects in both groups together")
    if df <= _LARGE:
        return math.gamma(df / 2) / (math.sqrt(df / 2) * math.gamma((df - 1) / 2))
    z = (df - 1) / 2
    return math.sqrt((df - 1) / df) * (1 - 1 / (8 * z) + 1 / (128 * z**2) + 5 / (1024 * z**3) - 21 / (32768 * z**4))


def mean_difference(arm: Sample, comparator: Sample) -> Effect:
    """The difference of means, variance s1^2/n1 + s2^2/n2 (Borenstein et al. 2009, equation 4.6; metafor MD).

    Raises KgError where a standard deviation or a size makes no variance.
    """
    _sound(arm, comparator)
    variance = arm.sd**2 / arm.n + comparator.sd**2 / comparator.n
    return _effect("MD", arm.mean - comparator.mean, variance, arm, comparator)


def hedges_g(arm: Sample, comparator: Sample, vtype: str = "LS") -> Effect:
    """The standardised mean difference J d over the pooled standard deviation (Hedges 1981; metafor SMD).

    `vtype` names the variance, with m = n1 + n2 - 2:
    LS   1/n1 + 1/n2 + g^2 / (2 (n1 + n2)), large samples (Hedges & Olkin 1985, chapter 5, equation 14);
    LS2  J^2 (1/n1 + 1/n2 + d^2 / (2 (n1 + n2))) (Borenstein et al. 2009, equations 4.20 and 4.24);
    UB   1/n1 + 1/n2 + (1 - (m - 2) / (m J^2)) g^2, unbiased (Hedges 1983, Psychol. Bull. 93:388, equation 10).
    Raises KgError where no standard deviation follows.
    """
    _sound(arm, comparator)
    m = arm.n + comparator.n - 2
    j = correction(m)
    d = (arm.mean - comparator.mean) / math.sqrt(_pooled(arm, comparator))
    return _effect("SMD", j * d, _g_variance(arm.n, comparator.n, d, j, vtype), arm, comparator)


def _g_variance(n1: float, n2: float, d: float, j: float, vtype: str) -> float:
    least, m = 1 / n1 + 1 / n2, n1 + n2 - 2
    match vtype:
        case "LS":
            return least + (j * d) ** 2 / (2 * (n1 + n2))
        case "LS2":
            return j**2 * (least + d**2 / (2 * (n1 + n2)))
        case "UB":
            return least + (1 - (m - 2) / (m * j**2)) * (j * d) ** 2
    raise KgError(f"{vtype!r} is no variance of Hedges' g; there are LS, LS2 and UB")


def log_response_ratio(arm: Sample, comparator: Sample) -> Effect:
    """ln(mean1 / mean2), variance s1^2/(n1 mean1^2) + s2^2/(n2 mean2^2) (Hedges et al. 1999, Ecology 80:1150, eq. 1).

    Raises KgError where the means are zero or of different sign.
    """
    _sound(arm, comparator)
    if arm.mean * comparator.mean <= 0:
        raise KgError("a log response ratio needs two means of one sign, none of them zero")
    variance = (arm.sd / arm.mean) ** 2 / arm.n + (comparator.sd / comparator.mean) ** 2 / comparator.n
    return _effect("ROM", math.log(arm.mean / comparator.mean), variance, arm, comparator)


def normalised_difference(arm: Sample, comparator: Sample, normal: float, served: int = 1) -> Effect:
    """How much of the deficit the arm undid, per cent: 100 ((xc - xs) - (xt - xs)) / (xc - xs) (NMD).

    Vesterinen et al. 2014 (J. Neurosci. Methods 221:92, on normalised mean differences): `normal` is xs, the mean of
    sham animals or the ceiling of the scale; standard deviations become SD* = 100 SD / |xc - xs|; a control that
    serves several arms counts n'c = nc / served; variance SDc*^2/n'c + SDt*^2/nt, the deficit being taken as known.
    100 is normal, 0 is the comparator, whichever way the scale runs. The paper has an erratum (2016, 259:156), not seen
    when this was written. Raises KgError where the comparator has no deficit.
    """
    _sound(arm, comparator)
    deficit = comparator.mean - normal
    if deficit == 0:
        raise KgError("the comparator is at the normal value: there is no deficit to normalise by")
    if served < 1:
        raise KgError("a control serves at least one arm")
    control = replace(comparator, n=comparator.n / served)
    scale = 100 / abs(deficit)
    variance = (scale * control.sd) ** 2 / control.n + (scale * arm.sd) ** 2 / arm.n
    return _effect("NMD", 100 * (comparator.mean - arm.mean) / deficit, variance, arm, control)


def log_risk_ratio(arm: Counts, comparator: Counts) -> Effect:
    """ln(p1 / p2), variance 1/a - 1/n1 + 1/c - 1/n2 (Borenstein et al. 2009, equations 5.2 and 5.3; metafor RR)."""
    one, other = _without_zeros(arm, comparator)
    variance = 1 / one.events - 1 / one.n + 1 / other.events - 1 / other.n
    value = math.log(one.events / one.n) - math.log(other.events / other.n)
    return Effect(value, variance, arm.n + comparator.n, "RR")


def log_odds_ratio(arm: Counts, comparator: Counts) -> Effect:
    """ln(ad / bc), variance 1/a + 1/b + 1/c + 1/d (Borenstein et al. 2009, equations 5.8 and 5.10; metafor OR)."""
    one, other = _without_zeros(arm, comparator)
    variance = 1 / one.events + 1 / one.without + 1 / other.events + 1 / other.without
    value = math.log(one.events / one.without) - math.log(other.events / other.without)
    return Effect(value, variance, arm.n + comparator.n, "OR")


def risk_difference(arm: Counts, comparator: Counts) -> Effect:
    """p1 - p2, variance p1 (1 - p1) / n1 + p2 (1 - p2) / n2 (Borenstein et al. 2009, equation 5.15; metafor RD)."""
    one, other = _without_zeros(arm, comparator)
    variance = one.events * one.without / one.n**3 + other.events * other.without / other.n**3
    return Effect(one.events / one.n - other.events / other.n, variance, arm.n + comparator.n, "RD")


OF_MEANS: Mapping[str, Callable[[Sample, Sample], Effect]] = {
    "SMD": hedges_g,
    "MD": mean_difference,
    "ROM": log_response_ratio,
}
"""What two samples give, by metafor's name of it."""

OF_COUNTS: Mapping[str, Callable[[Counts, Counts], Effect]] = {
    "RR": log_risk_ratio,
    "OR": log_odds_ratio,
    "RD": risk_difference,
}
"""What four counts give, by metafor's name of it."""


def covariance(effects: Sequence[Effect], comparator: Sample | Counts, total: float = 0) -> list[list[float]]:
    """The covariance matrix of effects that share one comparator: their variances, and beside them what it adds to all.

    MD s2^2/n2; ROM s2^2/(n2 mean2^2) (Lajeunesse 2011, Ecology 92:2049, equation 8); SMD 1/n2 + g_i g_j / (2 N) with N
    the subjects of all arms and the comparator, given as `total` (Gleser & Olkin 2009, equation 19.19); RR 1/c - 1/n2,
    OR 1/c + 1/d, RD p2 (1 - p2) / n2 (their equations 19.9 to 19.13). Counts are taken as they are, none may be zero.
    Raises KgError where the effects are of several measures, or it is not known what they share.
    """
    measures = {effect.measure for effect in effects}
    if len(measures) != 1:
        raise KgError(f"effects that share a comparator must be of one measure, not {', '.join(sorted(measures))}")
    common = _common(measures.pop(), comparator)
    values = [effect.value for effect in effects]
    half = 1 / (2 * total) if total and effects[0].measure == "SMD" else 0.0
    return [
        [effect.variance if i == j else common + half * values[i] * values[j] for j in range(len(values))]
        for i, effect in enumerate(effects)
    ]


def _common(measure: str, side: Sample | Counts) -> float:
    match measure, side:
        case "MD", Sample():
            return side.sd**2 / side.n
        case "ROM", Sample():
            return (side.sd / side.mean) ** 2 / side.n
        case "SMD", Sample():
            return 1 / side.n
        case "RR", Counts():
            return 1 / side.events - 1 / side.n
        case "OR", Counts():
            return 1 / side.events + 1 / side.without
        case "RD", Counts():
            return side.events * side.without / side.n**3
    raise KgError(f"it is not known what a shared comparator adds to {measure}")


def _effect(measure: str, value: float, variance: float, arm: Sample, comparator: Sample) -> Effect:
    notes = tuple(dict.fromkeys((*arm.notes, *comparator.notes)))
    return Effect(value, variance, arm.n + comparator.n, measure, notes)


def _pooled(arm: Sample, comparator: Sample) -> float:
    """The pooled variance (Borenstein et al. 2009, equation 4.19, squared)."""
    within = (arm.n - 1) * arm.sd**2 + (comparator.n - 1) * comparator.sd**2
    return within / (arm.n + comparator.n - 2)


def _sound(arm: Sample, comparator: Sample) -> None:
    if min(arm.n, comparator.n) < 2:
        raise KgError("each group needs at least 2 subjects, or it has no standard deviation")
    if min(arm.sd, comparator.sd) < 0:
        raise KgError("a standard deviation is negative")
    if arm.sd == comparator.sd == 0:
        raise KgError("both standard deviations are zero, so that the effect has no variance")


def _without_zeros(arm: Counts, comparator: Counts) -> tuple[Counts, Counts]:
    """The counts, each half a subject larger where one of them is zero (metafor: add 1/2 to only0)."""
    counts = (arm.events, arm.without, comparator.events, comparator.without)
    if min(counts) < 0 or not arm.n or not comparator.n:
        raise KgError("counts must not be negative, and each group needs a subject")
    if 0 not in counts:
        return arm, comparator
    return Counts(arm.events + 0.5, arm.without + 0.5), Counts(comparator.events + 0.5, comparator.without + 0.5)


def from_shares(arm: tuple[int, float], comparator: tuple[int, float]) -> Effect | None:
    """Hedges' g from (n, share of subjects in per cent) of both sides; None where a share gives no whole subjects.

    The log odds ratio times sqrt(3) / pi (Hasselblad & Hedges 1995; Borenstein et al. 2009, chapter 7), then J.
    """
    (n1, share1), (n2, share2) = arm, comparator
    events1, events2 = _events(n1, share1), _events(n2, share2)
    if events1 is None or events2 is None or n1 + n2 < 4:
        return None
    odds = log_odds_ratio(Counts(events1, n1 - events1), Counts(events2, n2 - events2))
    scale = correction(n1 + n2 - 2) * math.sqrt(3) / math.pi
    return Effect(scale * odds.value, scale**2 * odds.variance, n1 + n2, notes=(_SHARES,))


def _events(n: int, share: float) -> int | None:
    """The subjects of whom a printed share speaks; None where it is no share, or no count gives it when rounded."""
    if n < 1 or not 0 <= share <= 100:
        return None
    events = round(share * n / 100)
    return events if abs(100 * events / n - share) <= 0.5 else None


def from_row(row: Mapping[str, object]) -> Effect | None:
    """The effect of a row of the question `numbers`, unoriented; None without n, means and spreads, or shares.

    A spread called SEM becomes a standard deviation by the square root of n, and is marked.
    """
    given = {name: row.get(name) for name in _NEEDED}
    numbers = {name: float(value) for name, value in given.items() if _is_number(value)}
    if not {"n", "mean", "n_comparator", "mean_comparator"} <= set(numbers):
        return None
    n1, n2 = int(numbers["n"]), int(numbers["n_comparator"])
    if str(row.get("unit") or "").startswith("% of"):
        return from_shares((n1, numbers["mean"]), (n2, numbers["mean_comparator"]))
    kind = row.get("spread_kind")
    if kind not in ("SD", "SEM") or not {"spread", "spread_comparator"} <= set(numbers):
        return None
    try:
        arm = _sample(n1, numbers["mean"], numbers["spread"], kind == "SEM")
        return hedges_g(arm, _sample(n2, numbers["mean_comparator"], numbers["spread_comparator"], kind == "SEM"))
    except KgError:  # these numbers have no effect
        return None


def _sample(n: int, mean: float, spread: float, error: bool) -> Sample:
    return Sample(n, mean, spread * math.sqrt(n), ("SD from SEM",)) if error and n > 0 else Sample(n, mean, spread)


_NEEDED = ("n", "mean", "spread", "n_comparator", "mean_comparator", "spread_comparator")


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
