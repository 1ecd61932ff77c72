"""Invented two-by-two experiments: how often each verdict and picture comes, and how many subjects are needed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.errors import KgError
from kg.synthesis.factorial import ALPHA, ARMS, Group, Parts, Scale, Study, Together, answers

if TYPE_CHECKING:
    import numpy as np

BBB = Scale(ceiling=21.0)  # the Basso-Beattie-Bresnahan scale


@dataclass(frozen=True, slots=True)
class Rates:
    """Of so many invented experiments, the share with each picture."""

    experiments: int
    synergy: float
    less: float
    only_both: float
    beats_every: float

    def __str__(self) -> str:
        """The shares as a sentence."""
        return (
            f"{self.experiments:,} experiments: 'synergy' by the rule in {self.synergy:.1%}, 'less than additive' in "
            f"{self.less:.1%}; only the combination significant in {self.only_both:.1%}; the combination beats both "
            f"parts in {self.beats_every:.1%}"
        )


def rates(
    rng: np.random.Generator,
    n: int = 8,
    interaction: float = 0.0,
    experiments: int = 2000,
    means: tuple[float, float, float] = (8.0, 10.0, 10.0),
    sd: float = 2.5,
    scale: Scale = BBB,
) -> Rates:
    """How often each picture appears in invented experiments of `n` subjects an arm, with normal scores.

    `means` are those of C, A and B; that of AB adds their gains up, and `interaction`.
    """
    import numpy as np

    control, a, b = means
    draws = rng.normal(np.array([control, a, b, a + b - control + interaction])[:, None], sd, (experiments, 4, n))
    printed = np.stack([draws.mean(axis=2), draws.std(axis=2, ddof=1)], axis=2).tolist()
    made = answers([_invented(n, arms) for arms in printed], scale)
    return Rates(
        experiments,
        synergy=sum(one.together is Together.SYNERGY for one in made) / experiments,
        less=sum(one.together is Together.LESS for one in made) / experiments,
        only_both=sum(bool(one.only_both) for one in made) / experiments,
        beats_every=sum(one.parts is Parts.EVERY for one in made) / experiments,
    )


def _invented(n: int, arms: Sequence[Sequence[float]]) -> Study:
    return Study("", {arm: Group(n, mean, sd) for arm, (mean, sd) in zip(ARMS, arms, strict=True)})


def subjects_per_arm(interaction: float, sd: float, power: float = 0.8) -> int:
    """The least subjects in each of four arms whose additive test finds an interaction with this power, at 0.05.

    Noncentral t with ncp = I / sqrt(4 sd^2 / n) and df = 4 (n - 1), two-sided. Raises KgError where over a million are.
    """
    low, high = 1, 2
    while _power(abs(interaction) / sd, high) < power:
        low, high = high, 2 * high
        if high > 1_000_000:
            raise KgError("no experiment of a size that could be done would find so small an interaction")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _power(abs(interaction) / sd, middle) >= power else (middle, high)
    return high


def _power(size: float, n: int) -> float:
    from scipy import stats

    df, ncp = 4 * (n - 1), size * math.sqrt(n) / 2
    edge = stats.t.ppf(1 - ALPHA / 2, df)
    return float(stats.nct.sf(edge, df, ncp) + stats.nct.cdf(-edge, df, ncp))
