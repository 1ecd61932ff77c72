"""Four arms of one study (C, A, B, AB): whether the combination beats its parts, and whether it is more than their sum.

Every contrast is oriented: above 0 is benefit. That only AB differs from C is not synergy: with effects that only add
up it is the commonest picture (`rates` shows how common), so it is told apart and never judged.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, Any

from kg.errors import KgError
from kg.model import HigherIs

if TYPE_CHECKING:
    import numpy as np

ARMS = ("C", "A", "B", "AB")  # the control, each part alone, both together
ALPHA = 0.05
_INTERACTION = {"AB": 1, "A": -1, "B": -1, "C": 1}


class Parts(StrEnum):
    """How the combination did against its parts. Harm is said before benefit."""

    EVERY = "beats every part"
    SOME = "beats some part"
    NO_DIFFERENCE = "no difference from a part"
    WORSE = "worse than a part"
    NOT_COMPARED = "not compared"


class Together(StrEnum):
    """How the combination did against the sum of its parts."""

    SYNERGY = "synergy"
    ADDITIVE = "compatible with additivity"
    LESS = "less than additive"
    NOT_SEPARABLE = "not separable"
    NOT_COMPARED = "not compared"


@dataclass(frozen=True, slots=True)
class Group:
    """What is printed of one arm: subjects (two or more), mean and standard deviation."""

    n: int
    mean: float
    sd: float


@dataclass(frozen=True, slots=True)
class Scale:
    """What a measure's numbers mean; `ceiling` is its best value: BBB 21, BMS 9, or 0 where higher is worse."""

    higher_is: HigherIs = HigherIs.BETTER
    ceiling: float | None = None

    @property
    def sign(self) -> int:
        """1 where more is better, -1 where it is worse. Raises KgError where nobody can say."""
        if self.higher_is is HigherIs.UNKNOWN:
            raise KgError("benefit cannot be judged where nobody says whether higher is better or worse")
        return 1 if self.higher_is is HigherIs.BETTER else -1

    def deficit(self, mean: float) -> float | None:
        """How far a mean is from the best value; None where that is not known."""
        return None if self.ceiling is None else self.sign * (self.ceiling - mean)


@dataclass(frozen=True, slots=True)
class Study:
    """The arms of one study by their letters; those that it had not are left out."""

    name: str
    groups: Mapping[str, Group]

    @property
    def missing(self) -> tuple[str, ...]:
        """The letters of the arms that it had not."""
        return tuple(arm for arm in ARMS if arm not in self.groups)


@dataclass(frozen=True, slots=True)
class Contrast:
    """An estimate with its standard error, 95 % interval, two-sided p, and the one-sided p that it is above 0.

    Interval and p follow Student's t with `df`, or the normal distribution where `law` says so.
    """

    estimate: float
    se: float
    df: float
    low: float
    high: float
    p: float
    p_above: float
    law: str = "t"

    @property
    def p_below(self) -> float:
        """The one-sided p that it is below 0."""
        return 1 - self.p_above


@dataclass(frozen=True, slots=True)
class Answer:
    """What one study says; a contrast is None where an arm is missing, or where no spread gives it an error.

    `over` holds AB - A and AB - B, `gains` A - C, B - C and AB - C. `additive` has unequal variances, `equal` one for
    all arms; `smd` is the interaction in standard deviations; `bliss` that of the log deficits, where below 0 is more
    than Bliss. `only_both` says that AB differed from C and neither part did: a picture, not a verdict.
    """

    study: Study
    over: Mapping[str, Contrast | None]
    gains: Mapping[str, Contrast | None]
    p_every: float | None
    parts: Parts
    additive: Contrast | None
    equal: Contrast | None
    smd: Contrast | None
    bliss: Contrast | None
    together: Together
    why: str
    only_both: bool | None

    @property
    def best_part(self) -> str | None:
        """The part with the better mean: the highest single agent, against which HSA compares the combination."""
        known = {part: made.estimate for part, made in self.over.items() if made}
        return min(known, key=lambda part: (known[part], part)) if len(known) == 2 else None


def answers(studies: Sequence[Study], scale: Scale) -> list[Answer]:
    """What each study says, in their order."""
    return [answer(study, scale) for study in studies]


def answer(study: Study, scale: Scale) -> Answer:
    """All contrasts of a study, and the two verdicts that follow from them."""
    groups = {arm: Group(g.n, scale.sign * g.mean, g.sd) for arm, g in study.groups.items()}
    over = {part: welch({"AB": 1, part: -1}, groups) for part in ("A", "B")}
    gains = {arm: welch({arm: 1, "C": -1}, groups) for arm in ("A", "B", "AB")}
    additive, blissful = welch(_INTERACTION, groups), bliss(study, scale)
    only_both = _only_both(gains)
    together, why = _together(study, scale, additive, blissful)
    if only_both and together is not Together.SYNERGY:
        why += "; that only the combination differed from the control is no synergy"
    return Answer(
        study, over, gains, every(over), against_parts(over), additive, equal(groups), smd(groups), blissful, together,
        why, only_both,
    )  # fmt: skip


def welch(weights: Mapping[str, int], groups: Mapping[str, Group]) -> Contrast | None:
    """A weighted sum of means whose arms have each their own variance; None where an arm or every spread is missing.

    se^2 = sum of w^2 s^2 / n, df = se^4 / sum of (w^2 s^2 / n)^2 / (n - 1) (Welch 1947, Biometrika 34:28;
    Satterthwaite 1946, Biometrics Bulletin 2:110, equation 17). With the weights 1, -1, -1, 1 of AB, A, B, C it is the
    interaction of a two-by-two design (Slinker 1998, J Mol Cell Cardiol 30:723).
    """
    if not groups.keys() >= weights.keys():
        return None
    estimate = sum(w * groups[arm].mean for arm, w in weights.items())
    return _satterthwaite(estimate, [(w**2 * groups[a].sd ** 2 / groups[a].n, groups[a].n) for a, w in weights.items()])


def equal(groups: Mapping[str, Group]) -> Contrast | None:
    """The interaction where all four arms have one variance: se = sp sqrt(sum of 1 / n), df = sum of (n - 1).

    The interaction term of a two-way analysis of variance (Slinker 1998); None where an arm or every spread is missing.
    """
    sp = _spread(groups)
    if not sp:
        return None
    estimate = sum(w * groups[arm].mean for arm, w in _INTERACTION.items())
    return _judged(estimate, sp * math.sqrt(_harmonic(groups)), _df(groups))


def smd(groups: Mapping[str, Group]) -> Contrast | None:
    """The interaction in standard deviations: g = J(df) I / sp, variance sum of 1 / n + g^2 / (2 df), normal interval.

    Hedges 1981 (J Educ Stat 6:107, equations 6e and 8) for a contrast of four means in place of two.
    """
    made = equal(groups)
    if made is None:
        return None
    g = correction(made.df) * made.estimate / _spread(groups)
    return _judged(g, math.sqrt(_harmonic(groups) + g**2 / (2 * made.df)), made.df, "normal")


def bliss(study: Study, scale: Scale) -> Contrast | None:
    """The interaction of the log deficits, L = log dAB - log dA - log dB + log dC with d = ceiling - mean.

    L = 0 is Bliss independence (Bliss 1939, Ann Appl Biol 26:585): fAB = fA + fB - fA fB for the shares of the
    control's deficit made good; below 0 is more. Variance by the delta method, sum of s^2 / (n d^2), df as in `welch`.
    None where an arm or the ceiling is missing, or where a mean reaches it.
    """
    deficits = {arm: scale.deficit(group.mean) for arm, group in study.groups.items()}
    if study.missing or any(deficit is None or deficit <= 0 for deficit in deficits.values()):
        return None
    known = {arm: deficit for arm, deficit in deficits.items() if deficit is not None}
    estimate = sum(w * math.log(known[arm]) for arm, w in _INTERACTION.items())
    return _satterthwaite(estimate, [((g.sd / known[arm]) ** 2 / g.n, g.n) for arm, g in study.groups.items()])


def correction(df: float) -> float:
    """The exact factor against small-sample bias: Gamma(df/2) / (sqrt(df/2) Gamma((df - 1)/2)) (Hedges 1981, 6e)."""
    return math.exp(math.lgamma(df / 2) - math.lgamma((df - 1) / 2)) / math.sqrt(df / 2)


def every(over: Mapping[str, Contrast | None]) -> float | None:
    """The p that AB beats both parts: the larger of the two one-sided p.

    The intersection-union test (Berger 1982, Technometrics 24:295); both must hold, so no correction for two tests is
    due. None where a part was not compared.
    """
    known = [made.p_above for made in over.values() if made]
    return max(known) if len(known) == 2 else None


def against_parts(over: Mapping[str, Contrast | None]) -> Parts:
    """The verdict on the parts, by one-sided tests at 0.05: worse than one, better than both, than one, or neither.

    `beats some part` and `worse than a part` each rest on one of two tests, which is not corrected for.
    """
    known = [made for made in over.values() if made]
    if len(known) < 2:
        return Parts.NOT_COMPARED
    if min(made.p_below for made in known) < ALPHA:
        return Parts.WORSE
    better = sum(made.p_above < ALPHA for made in known)
    return (Parts.NO_DIFFERENCE, Parts.SOME, Parts.EVERY)[better]


def verdict(additive: Contrast, blissful: Contrast | None) -> Together:
    """Synergy, or less than additive, only where the additive and the Bliss interval both exclude 0 on that side.

    Where they disagree, the data go with additivity on one scale. Where only the additive interval is known and
    excludes 0, the two cannot be told apart.
    """
    if blissful is None:
        return Together.ADDITIVE if additive.low <= 0 <= additive.high else Together.NOT_SEPARABLE
    if additive.low > 0 and blissful.high < 0:
        return Together.SYNERGY
    return Together.LESS if additive.high < 0 and blissful.low > 0 else Together.ADDITIVE


def _together(study: Study, scale: Scale, additive: Contrast | None, blissful: Contrast | None) -> tuple[Together, str]:
    if study.missing:
        return Together.NOT_COMPARED, f"an interaction needs the arms C, A, B and AB; missing: {_listed(study.missing)}"
    if additive is None:
        return Together.NOT_COMPARED, "every standard deviation is 0, so nothing says how sure the means are"
    return (made := verdict(additive, blissful)), _reason(made, study, scale, additive, blissful)


def _reason(made: Together, study: Study, scale: Scale, additive: Contrast, blissful: Contrast | None) -> str:
    if blissful is None:
        return f"{_no_bliss(study, scale)}; synergy is claimed only where the additive and Bliss intervals both show it"
    if made is not Together.ADDITIVE:
        return "the additive and the Bliss interval both exclude 0 on this side"
    outside = [name for name, one in (("additive", additive), ("Bliss", blissful)) if not one.low <= 0 <= one.high]
    if not outside:
        return "neither the additive nor the Bliss interval excludes 0"
    if len(outside) == 2:
        return "the additive and the Bliss interval exclude 0 on opposite sides: it depends on the scale"
    return f"only the {outside[0]} interval excludes 0: it depends on the scale"


def _no_bliss(study: Study, scale: Scale) -> str:
    if scale.ceiling is None:
        return "no ceiling of the scale was given, so there is no Bliss interval"
    reached = [arm for arm, group in study.groups.items() if (scale.deficit(group.mean) or 0) <= 0]
    if not reached:
        return "the spreads vanish beside the ceiling, so there is no Bliss interval"
    return f"the mean of {_listed(reached)} reaches the ceiling {scale.ceiling:g}, so there is no Bliss interval"


def _only_both(gains: Mapping[str, Contrast | None]) -> bool | None:
    known = {arm: made.p < ALPHA for arm, made in gains.items() if made}
    return known["AB"] and not known["A"] and not known["B"] if len(known) == 3 else None


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _df(groups: Mapping[str, Group]) -> int:
    return sum(groups[arm].n - 1 for arm in ARMS)


def _harmonic(groups: Mapping[str, Group]) -> float:
    return sum(1 / groups[arm].n for arm in ARMS)


def _spread(groups: Mapping[str, Group]) -> float:
    """The standard deviation of four arms together; 0 where there are not four."""
    if not groups.keys() >= set(ARMS):
        return 0.0
    return math.sqrt(sum((groups[arm].n - 1) * groups[arm].sd ** 2 for arm in ARMS) / _df(groups))


def _satterthwaite(estimate: float, variances: Sequence[tuple[float, int]]) -> Contrast | None:
    total = sum(variance for variance, _ in variances)
    if total <= 0:
        return None
    df = 1 / sum((variance / total) ** 2 / (n - 1) for variance, n in variances)
    return _judged(estimate, math.sqrt(total), df)


def _scipy(part: str) -> Any:
    """A part of scipy, which is heavy and has no types, when it is first needed."""
    return import_module(f"scipy.{part}")


def _judged(estimate: float, se: float, df: float, law: str = "t") -> Contrast:
    special = _scipy("special")
    tail = math.inf if law == "normal" else df
    half, t = float(special.stdtrit(tail, 1 - ALPHA / 2)) * se, estimate / se
    p, above = 2 * float(special.stdtr(tail, -abs(t))), float(special.stdtr(tail, -t))
    return Contrast(estimate, se, df, estimate - half, estimate + half, p, above, law)


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
    scale: Scale = Scale(ceiling=21.0),
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
    stats = _scipy("stats")
    df, ncp = 4 * (n - 1), size * math.sqrt(n) / 2
    edge = stats.t.ppf(1 - ALPHA / 2, df)
    return float(stats.nct.sf(edge, df, ncp) + stats.nct.cdf(-edge, df, ncp))
