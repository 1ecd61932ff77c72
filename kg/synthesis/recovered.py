"""Means and standard deviations that a paper did not print, from what it printed instead; each is marked.

None of these guesses: where a number does not follow, KgError says what is missing.
"""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import NormalDist

from kg.errors import KgError
from kg.synthesis.effects import Sample

_NORMAL = NormalDist()


def from_sem(n: float, mean: float, sem: float) -> Sample:
    """The sample of a mean with its standard error: SD = SEM sqrt(n) (Cochrane Handbook 6.5, section 6.5.2.2)."""
    return Sample(n, mean, sem * math.sqrt(n), ("SD from SEM",))


def from_interval(n: float, mean: float, low: float, high: float, level: float = 95) -> Sample:
    """The sample of a mean with its confidence interval, t with n - 1 degrees of freedom (Handbook 6.5.2.2)."""
    if n < 2 or high < low:
        raise KgError("an interval gives a standard deviation only with 2 subjects or more, and its lower end first")
    sd = (high - low) / (2 * _t(1 - level / 100, n - 1)) * math.sqrt(n)
    return Sample(n, mean, sd, (f"SD from the {level:g} % interval",))


def from_quartiles(n: float, q1: float, median: float, q3: float) -> Sample:
    """Mean by Luo et al. 2018 (Stat. Methods Med. Res. 27:1785, equation 11), SD by Wan et al. 2014, equation 16.

    Wan et al., BMC Med. Res. Methodol. 14:135. Both suppose a normal distribution.
    """
    _ordered(n, q1, median, q3)
    weight = 0.7 + 0.39 / n
    mean = weight * (q1 + q3) / 2 + (1 - weight) * median
    return Sample(n, mean, (q3 - q1) / (2 * _quartile(n)), ("mean and SD from median and quartiles",))


def from_range(n: float, low: float, median: float, high: float) -> Sample:
    """Mean by Luo et al. 2018, equation 7, SD by Wan et al. 2014, equation 9, from median, least and greatest."""
    _ordered(n, low, median, high)
    weight = 4 / (4 + n**0.75)
    mean = weight * (low + high) / 2 + (1 - weight) * median
    return Sample(n, mean, (high - low) / (2 * _extreme(n)), ("mean and SD from median and range",))


def from_five(n: float, low: float, q1: float, median: float, q3: float, high: float) -> Sample:
    """Mean by Luo et al. 2018, equation 15, SD by Wan et al. 2014, equation 13, from all five numbers."""
    _ordered(n, low, q1, median, q3, high)
    ends, middle = 2.2 / (2.2 + n**0.75), 0.7 - 0.72 / n**0.55
    mean = ends * (low + high) / 2 + middle * (q1 + q3) / 2 + (1 - ends - middle) * median
    sd = (high - low) / (4 * _extreme(n)) + (q3 - q1) / (4 * _quartile(n))
    return Sample(n, mean, sd, ("mean and SD from median, quartiles and range",))


def _extreme(n: float) -> float:
    return _NORMAL.inv_cdf((n - 0.375) / (n + 0.25))


def _quartile(n: float) -> float:
    return _NORMAL.inv_cdf((0.75 * n - 0.125) / (n + 0.25))


def _ordered(n: float, *numbers: float) -> None:
    if n < 2 or list(numbers) != sorted(numbers):
        raise KgError("medians, quartiles and ranges need 2 subjects or more, and must not fall from least to greatest")


def from_t(n1: float, mean1: float, n2: float, mean2: float, t: float) -> tuple[Sample, Sample]:
    """Both samples with the one SD that a two-sample t gives: |m1 - m2| / (|t| sqrt(1/n1 + 1/n2)).

    Cochrane Handbook 6.5, section 6.5.2.3. Raises KgError where t or the difference of means is zero.
    """
    return _both(n1, mean1, n2, mean2, t, "SD from t")


def from_f(n1: float, mean1: float, n2: float, mean2: float, f: float) -> tuple[Sample, Sample]:
    """Both samples with the one SD that the F of an analysis of variance of two groups gives: F = t^2."""
    if f < 0:
        raise KgError("F is never negative")
    return _both(n1, mean1, n2, mean2, math.sqrt(f), "SD from F")


def from_p(n1: float, mean1: float, n2: float, mean2: float, p: float) -> tuple[Sample, Sample]:
    """Both samples with the one SD that the exact two-sided p of a two-sample t test gives.

    Raises KgError where p is no probability; a bound such as p < 0.05 is none, and gives no SD.
    """
    if not 0 < p < 1:
        raise KgError("an exact p lies between 0 and 1")
    return _both(n1, mean1, n2, mean2, _t(p, n1 + n2 - 2), "SD from an exact p")


def _both(n1: float, mean1: float, n2: float, mean2: float, t: float, note: str) -> tuple[Sample, Sample]:
    if min(n1, n2) < 1 or n1 + n2 < 3 or t == 0 or mean1 == mean2:
        raise KgError("a test gives a standard deviation only where the means differ and its statistic is not zero")
    sd = abs(mean1 - mean2) / (abs(t) * math.sqrt(1 / n1 + 1 / n2))
    return Sample(n1, mean1, sd, (note,)), Sample(n2, mean2, sd, (note,))


def _t(p: float, df: float) -> float:
    """The t that a two-sided p stands at."""
    from scipy.special import stdtrit

    return float(-stdtrit(df, p / 2))


def change(before: Sample, after: Sample, correlation: float) -> Sample:
    """The sample of changes: SD^2 = SD0^2 + SD1^2 - 2 r SD0 SD1 (Cochrane Handbook 6.5, section 6.5.2.8).

    The correlation is stated by the caller, who has it from a paper that prints all three; it is written into the note.
    """
    if before.n != after.n:
        raise KgError(f"changes need the same subjects before and after, not {before.n:g} and {after.n:g}")
    if not -1 <= correlation <= 1:
        raise KgError(f"{correlation:g} is no correlation")
    variance = before.sd**2 + after.sd**2 - 2 * correlation * before.sd * after.sd
    notes = (*before.notes, *after.notes, f"SD of change by a correlation of {correlation:g}")
    return replace(after, mean=after.mean - before.mean, sd=math.sqrt(max(variance, 0.0)), notes=notes)
