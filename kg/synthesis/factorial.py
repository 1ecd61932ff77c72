"""Four arms of one study (C, A, B, AB): whether the combination beats its parts, and whether it is more than their sum.

Every contrast is oriented: above 0 is benefit. That only AB differs from C is not synergy: with effects that only add
up it is the commonest picture (`kg.synthesis.invented` shows how common), so it is told apart and never judged.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from kg.errors import KgError
from kg.model import HigherIs
from kg.synthesis import pooling
from kg.synthesis.effects import correction
from kg.synthesis.pooling import Interval, Pooled

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
    def ci(self) -> Interval:
        """The 95 % interval."""
        return self.low, self.high

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
        why += "; only the combination differed from the control, as it often does where effects just add up"
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


def verdict(additive: Interval, blissful: Interval | None) -> Together:
    """Synergy, or less than additive, only where the additive and the Bliss interval both exclude 0 on that side.

    Where they disagree, the data go with additivity on one scale. Where only the additive interval is known and
    excludes 0, the two cannot be told apart.
    """
    if blissful is None:
        return Together.ADDITIVE if additive[0] <= 0 <= additive[1] else Together.NOT_SEPARABLE
    if additive[0] > 0 > blissful[1]:
        return Together.SYNERGY
    return Together.LESS if additive[1] < 0 < blissful[0] else Together.ADDITIVE


def _together(study: Study, scale: Scale, additive: Contrast | None, blissful: Contrast | None) -> tuple[Together, str]:
    if study.missing:
        return Together.NOT_COMPARED, f"an interaction needs the arms C, A, B and AB; missing: {_listed(study.missing)}"
    if additive is None:
        return Together.NOT_COMPARED, "every standard deviation is 0, so nothing says how sure the means are"
    if blissful is None:
        return verdict(
            additive.ci, None
        ), f"{_no_bliss(study, scale)}, without which more than their sum is never claimed"
    made = verdict(additive.ci, blissful.ci)
    return made, _reason(made, additive.ci, blissful.ci)


def _reason(made: Together, additive: Interval, blissful: Interval) -> str:
    if made is not Together.ADDITIVE:
        return "the additive and the Bliss interval both exclude 0 on this side"
    outside = [name for name, one in (("additive", additive), ("Bliss", blissful)) if not one[0] <= 0 <= one[1]]
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


def _judged(estimate: float, se: float, df: float, law: str = "t") -> Contrast:
    from scipy import special

    tail = math.inf if law == "normal" else df
    half, t = float(special.stdtrit(tail, 1 - ALPHA / 2)) * se, estimate / se
    p, above = 2 * float(special.stdtr(tail, -abs(t))), float(special.stdtr(tail, -t))
    return Contrast(estimate, se, df, estimate - half, estimate + half, p, above, law)


@dataclass(frozen=True, slots=True)
class Summary:
    """One contrast over several studies: `common` supposes one true effect, `random` (REML) that they differ."""

    studies: tuple[str, ...]
    subjects: int
    common: Pooled
    random: Pooled


def pooled(made: Sequence[Answer]) -> dict[str, Summary]:
    """The contrasts `A` and `B` (AB - A, AB - B), `additive`, `smd` and `bliss`, where two or more studies have them.

    `random` is the wider of the normal and the Knapp-Hartung interval, since the latter may shrink to nothing where
    few studies agree by chance (Wiksten, Ruecker & Schwarzer 2016, Stat Med 35:2503).
    """
    contrasts = {part: [(one, one.over[part]) for one in made] for part in ("A", "B")}
    contrasts |= {name: [(one, getattr(one, name)) for one in made] for name in ("additive", "smd", "bliss")}
    known = {name: [(one, c) for one, c in some if c] for name, some in contrasts.items()}
    return {name: _summary(some) for name, some in known.items() if len(some) > 1}


def _summary(some: Sequence[tuple[Answer, Contrast]]) -> Summary:
    yi, vi = [made.estimate for _, made in some], [made.se**2 for _, made in some]
    random = [pooling.pool(yi, vi, method="REML", knha=knha) for knha in (False, True)]
    subjects = sum(group.n for one, _ in some for group in one.study.groups.values())
    wider = max(random, key=lambda one: one.ci[1] - one.ci[0])
    return Summary(tuple(one.study.name for one, _ in some), subjects, pooling.pool(yi, vi, method="EE"), wider)


def pooled_verdict(found: Mapping[str, Summary]) -> tuple[Together, str]:
    """The verdict on the pooled `random` intervals by the rule of one study; both rest on the same studies."""
    if "additive" not in found:
        return Together.NOT_COMPARED, "not pooled: fewer than two studies have all four arms"
    additive, blissful = found["additive"], found.get("bliss")
    if len(additive.studies) < pooling.LEAST_EXPERIMENTS:
        return Together.NOT_COMPARED, f"no pooled verdict below {pooling.LEAST_EXPERIMENTS} experiments"
    if blissful is None or blissful.studies != additive.studies:
        why = "a study has no Bliss interval, without which more than their sum is never claimed"
        return verdict(additive.random.ci, None), why
    made = verdict(additive.random.ci, blissful.random.ci)
    return made, _reason(made, additive.random.ci, blissful.random.ci)
