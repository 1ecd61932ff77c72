"""The size of one finding's effect from its printed numbers: Hedges' g with its variance and 95 % interval."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeGuard

_Z = 1.959963984540054  # the 97.5 % point of the standard normal distribution


@dataclass(frozen=True, slots=True)
class Effect:
    """A standardised mean difference, arm minus comparator, in standard deviations; `n` is the subjects of both.

    `shares` says that it comes from shares of subjects, not from means.
    """

    g: float
    variance: float
    n: int
    shares: bool = False

    @property
    def low(self) -> float:
        """The lower end of the 95 % confidence interval (normal approximation)."""
        return self.g - _Z * math.sqrt(self.variance)

    @property
    def high(self) -> float:
        """The upper end of the 95 % confidence interval (normal approximation)."""
        return self.g + _Z * math.sqrt(self.variance)

    @property
    def weight(self) -> float:
        """The inverse of the variance."""
        return 1 / self.variance

    def turned(self, sign: float) -> Effect:
        """The same effect with its sign turned where `sign` is negative."""
        return Effect(math.copysign(1.0, sign) * self.g, self.variance, self.n, self.shares)


def correction(df: int) -> float:
    """The factor J that takes the small-sample bias from d: 1 - 3 / (4 df - 1) (Hedges & Olkin 1985)."""
    return 1 - 3 / (4 * df - 1)


def from_means(arm: tuple[int, float, float], comparator: tuple[int, float, float]) -> Effect | None:
    """Hedges' g from (n, mean, standard deviation) of both sides; None where no standard deviation follows.

    d over the pooled standard deviation times J (Hedges & Olkin 1985); variance (n1 + n2) / (n1 n2) +
    g^2 / (2 (n1 + n2)) (Borenstein et al. 2009, chapter 4, with g for d and without the factor J^2).
    """
    (n1, mean1, sd1), (n2, mean2, sd2) = arm, comparator
    if min(n1, n2) < 2 or min(sd1, sd2) < 0 or sd1 == sd2 == 0:
        return None
    df = n1 + n2 - 2
    pooled = math.sqrt(((n1 - 1) * sd1**2 + (n2 - 1) * sd2**2) / df)
    g = correction(df) * (mean1 - mean2) / pooled
    return Effect(g, (n1 + n2) / (n1 * n2) + g**2 / (2 * (n1 + n2)), n1 + n2)


def from_shares(arm: tuple[int, float], comparator: tuple[int, float]) -> Effect | None:
    """Hedges' g from (n, share of subjects in per cent) of both sides; None where a share gives no whole subjects.

    The log odds ratio times sqrt(3) / pi (Hasselblad & Hedges 1995; Borenstein et al. 2009, chapter 7), then J; where
    one of the four counts is zero, one half is added to each.
    """
    (n1, share1), (n2, share2) = arm, comparator
    events1, events2 = _events(n1, share1), _events(n2, share2)
    if events1 is None or events2 is None or n1 + n2 < 4:
        return None
    counts = [events1, n1 - events1, events2, n2 - events2]
    a, b, c, d = (count + 0.5 for count in counts) if 0 in counts else map(float, counts)
    j = correction(n1 + n2 - 2)
    g = j * math.log(a * d / (b * c)) * math.sqrt(3) / math.pi
    return Effect(g, j**2 * (1 / a + 1 / b + 1 / c + 1 / d) * 3 / math.pi**2, n1 + n2, shares=True)


def _events(n: int, share: float) -> int | None:
    """The subjects of whom a printed share speaks; None where it is no share, or no count gives it when rounded."""
    if n < 1 or not 0 <= share <= 100:
        return None
    events = round(share * n / 100)
    return events if abs(100 * events / n - share) <= 0.5 else None


def from_row(row: Mapping[str, object]) -> Effect | None:
    """The effect of a row of the question `numbers`, unoriented; None without n, means and spreads, or shares.

    A spread called SEM becomes a standard deviation by the square root of n.
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
    scale1, scale2 = (math.sqrt(n1), math.sqrt(n2)) if kind == "SEM" else (1.0, 1.0)
    arm = (n1, numbers["mean"], numbers["spread"] * scale1)
    return from_means(arm, (n2, numbers["mean_comparator"], numbers["spread_comparator"] * scale2))


_NEEDED = ("n", "mean", "spread", "n_comparator", "mean_comparator", "spread_comparator")


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
