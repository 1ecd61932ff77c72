"""A two-by-two experiment, against scipy, against a regression of raw scores, by hand, and in invented experiments."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from kg.errors import KgError
from kg.model import HigherIs
from kg.synthesis import factorial
from kg.synthesis.factorial import ARMS, Answer, Contrast, Group, Parts, Scale, Study, Together

BBB = Scale(ceiling=21.0)
NAMED = {"C": Group(8, 8.0, 2.5), "A": Group(9, 10.1, 2.2), "B": Group(7, 9.8, 2.9), "AB": Group(10, 12.3, 2.0)}


def study(**means: float) -> Study:
    """Eight animals an arm with SD 1 around these means."""
    return Study("aoki2001", {arm: Group(8, mean, 1.0) for arm, mean in means.items()})


def of(scale: Scale = BBB, **means: float) -> Answer:
    return factorial.answer(study(**means), scale)


def numbers(made: Contrast | None) -> tuple[float, ...]:
    assert made
    return (made.estimate, made.se, made.df, made.low, made.high, made.p, made.p_above)


def test_an_add_on_contrast_is_the_welch_test_of_scipy() -> None:
    answer = factorial.answer(Study("aoki2001", NAMED), BBB)
    for part in ("A", "B"):
        arm, comparator = NAMED["AB"], NAMED[part]
        sides = (arm.mean, arm.sd, arm.n, comparator.mean, comparator.sd, comparator.n)
        both = stats.ttest_ind_from_stats(*sides, equal_var=False)
        above = stats.ttest_ind_from_stats(*sides, equal_var=False, alternative="greater")
        made = answer.over[part]
        assert made
        assert (made.p, made.p_above) == pytest.approx((both.pvalue, above.pvalue), rel=1e-12)
        assert made.p_below == pytest.approx(1 - above.pvalue)
        assert made.estimate == pytest.approx(arm.mean - comparator.mean)


def test_the_equal_variance_interaction_is_that_of_a_regression_on_raw_scores() -> None:
    """lm(score ~ A * B): the coefficient of A:B, its standard error, t with n - 4 degrees of freedom."""
    rng = np.random.default_rng(5)
    raw = {arm: rng.normal(8, 2, size=n) for arm, n in zip(ARMS, (5, 6, 7, 8), strict=True)}
    design = np.array([[1, "A" in arm, "B" in arm, arm == "AB"] for arm in ARMS for _ in raw[arm]], dtype=float)
    scores = np.concatenate([raw[arm] for arm in ARMS])
    coefficients, (rss,), *_ = np.linalg.lstsq(design, scores)
    se = math.sqrt(rss / 22 * np.linalg.inv(design.T @ design)[3, 3])
    groups = {arm: Group(len(x), float(x.mean()), float(x.std(ddof=1))) for arm, x in raw.items()}
    made = factorial.equal(groups)
    assert made and made.df == 22
    assert (made.estimate, made.se) == pytest.approx((coefficients[3], se), rel=1e-10)
    assert made.p == pytest.approx(2 * stats.t.sf(abs(coefficients[3] / se), 22), rel=1e-9)
    assert made.high == pytest.approx(coefficients[3] + stats.t.ppf(0.975, 22) * se, rel=1e-9)


def test_the_welch_interaction_is_its_formula_worked_by_hand() -> None:
    made = factorial.answer(Study("aoki2001", NAMED), BBB).additive
    parts = {"C": 6.25 / 8, "A": 4.84 / 9, "B": 8.41 / 7, "AB": 4.0 / 10}
    df = sum(parts.values()) ** 2 / (parts["C"] ** 2 / 7 + parts["A"] ** 2 / 8 + parts["B"] ** 2 / 6 + 0.16 / 9)
    assert made
    assert (made.estimate, made.se, made.df) == pytest.approx((0.4, math.sqrt(sum(parts.values())), df))
    half = stats.t.ppf(0.975, df) * made.se
    assert (made.low, made.high) == pytest.approx((0.4 - half, 0.4 + half))


def test_the_standardised_interaction_has_the_exact_correction() -> None:
    made = factorial.smd(NAMED)
    sp = math.sqrt((7 * 6.25 + 8 * 4.84 + 6 * 8.41 + 9 * 4.0) / 30)
    g = math.gamma(15) / (math.sqrt(15) * math.gamma(14.5)) * 0.4 / sp
    variance = 1 / 8 + 1 / 9 + 1 / 7 + 1 / 10 + g**2 / 60
    assert made and made.law == "normal"
    assert (made.estimate, made.se, made.df) == pytest.approx((g, math.sqrt(variance), 30), rel=1e-12)
    assert made.low == pytest.approx(g - 1.959963984540054 * math.sqrt(variance))


def test_the_correction_is_that_of_hedges_1981_and_not_its_approximation() -> None:
    assert factorial.correction(2) == pytest.approx(1 / math.sqrt(math.pi), rel=1e-14)  # Gamma(1) / Gamma(1/2)
    assert factorial.correction(10) == pytest.approx(24 / (math.sqrt(5) * math.gamma(4.5)), rel=1e-14)
    assert factorial.correction(2) != pytest.approx(1 - 3 / 7, abs=1e-3)


def test_bliss_is_zero_where_the_shares_made_good_combine_as_independent_chances() -> None:
    control, ceiling = 7.0, 21.0
    share = {"C": 0.0, "A": 0.2, "B": 0.5, "AB": 0.2 + 0.5 - 0.2 * 0.5}
    made = of(**{arm: control + f * (ceiling - control) for arm, f in share.items()}).bliss
    assert made and made.estimate == pytest.approx(0.0, abs=1e-12)


def test_bliss_is_its_formula_worked_by_hand() -> None:
    made = factorial.bliss(Study("aoki2001", NAMED), BBB)
    assert made
    assert made.estimate == pytest.approx(math.log(8.7 * 13.0 / (10.9 * 11.2)))
    parts = [6.25 / (8 * 13**2), 4.84 / (9 * 10.9**2), 8.41 / (7 * 11.2**2), 4.0 / (10 * 8.7**2)]
    df = sum(parts) ** 2 / sum(v**2 / d for v, d in zip(parts, (7, 8, 6, 9), strict=True))
    assert (made.se, made.df) == pytest.approx((math.sqrt(sum(parts)), df))


def test_both_parts_are_beaten_only_by_the_larger_p() -> None:
    answer = of(C=8, A=10, B=11, AB=14)
    assert answer.parts is Parts.EVERY
    assert answer.p_every == max(made.p_above for made in answer.over.values() if made)
    assert answer.best_part == "B"


@pytest.mark.parametrize(
    ("means", "verdict"),
    [
        ({"C": 8, "A": 10, "B": 10, "AB": 13}, Parts.EVERY),
        ({"C": 8, "A": 10, "B": 13, "AB": 13}, Parts.SOME),
        ({"C": 8, "A": 13, "B": 13, "AB": 13}, Parts.NO_DIFFERENCE),
        ({"C": 8, "A": 13, "B": 13, "AB": 10}, Parts.WORSE),
        ({"C": 8, "A": 8, "B": 16, "AB": 13}, Parts.WORSE),  # better than one: the harm is said
        ({"C": 8, "A": 10, "AB": 13}, Parts.NOT_COMPARED),
        ({"C": 8, "A": 10, "B": 10}, Parts.NOT_COMPARED),
        ({"A": 10, "B": 10, "AB": 13}, Parts.EVERY),  # no control is needed
    ],
)
def test_the_verdict_on_the_parts(means: dict[str, float], verdict: Parts) -> None:
    assert of(**means).parts is verdict


def test_synergy_needs_the_additive_and_the_bliss_interval() -> None:
    answer = of(C=8, A=9, B=9, AB=14)
    assert answer.together is Together.SYNERGY
    assert answer.additive and answer.additive.low > 0
    assert answer.bliss and answer.bliss.high < 0


def test_synergy_on_the_additive_scale_alone_is_none() -> None:
    answer = of(C=0, A=10, B=10, AB=15.2)  # less than the sum, and what independent shares give
    assert answer.together is Together.ADDITIVE
    assert "only the additive interval excludes 0" in answer.why
    answer = of(C=8, A=14, B=14, AB=19.8)
    assert answer.together is Together.ADDITIVE
    assert "only the Bliss interval excludes 0" in answer.why


def test_less_than_additive_is_the_mirrored_rule() -> None:
    answer = of(C=8, A=13, B=13, AB=13)
    assert answer.together is Together.LESS
    assert answer.additive and answer.additive.high < 0
    assert answer.bliss and answer.bliss.low > 0


def test_scales_that_contradict_each_other_are_said_to() -> None:
    many = {arm: replace(group, n=80) for arm, group in study(C=0, A=14, B=14, AB=20).groups.items()}
    answer = factorial.answer(Study("aoki2001", many), BBB)  # 8 less than the sum, but a deficit of 1 for Bliss' 2.3
    assert answer.together is Together.ADDITIVE
    assert "on opposite sides" in answer.why


def test_without_a_ceiling_synergy_is_never_printed_and_the_answer_says_why() -> None:
    answer = of(Scale(), C=8, A=9, B=9, AB=20)
    assert answer.together is Together.NOT_SEPARABLE
    assert "no ceiling" in answer.why
    assert of(Scale(), C=8, A=9, B=9, AB=10).together is Together.ADDITIVE
    assert of(Scale(), C=8, A=13, B=13, AB=13).together is Together.NOT_SEPARABLE


def test_a_mean_at_the_ceiling_leaves_no_bliss_interval() -> None:
    answer = of(C=8, A=9, B=9, AB=21)
    assert answer.bliss is None
    assert answer.together is Together.NOT_SEPARABLE
    assert "the mean of AB reaches the ceiling 21" in answer.why


def test_only_the_combination_being_significant_is_its_own_flag_and_no_synergy() -> None:
    answer = of(C=8, A=8.9, B=8.9, AB=9.8)
    assert answer.only_both is True
    assert answer.together is Together.ADDITIVE
    assert "only the combination differed from the control" in answer.why
    assert of(C=8, A=10, B=8.9, AB=10.8).only_both is False
    assert of(A=10, B=8.9, AB=10.8).only_both is None


def test_without_all_four_arms_nothing_is_said_of_an_interaction() -> None:
    answer = of(C=8, B=9, AB=14)
    assert answer.together is Together.NOT_COMPARED
    assert answer.why.endswith("missing: A")
    assert answer.additive is answer.equal is answer.smd is answer.bliss is None
    assert answer.over["B"] is not None and answer.over["A"] is None and answer.best_part is None


def test_arms_without_any_spread_are_not_compared() -> None:
    flat = Study("aoki2001", {arm: Group(8, float(len(arm)), 0.0) for arm in ARMS})
    answer = factorial.answer(flat, BBB)
    assert (answer.parts, answer.together) == (Parts.NOT_COMPARED, Together.NOT_COMPARED)
    assert answer.p_every is answer.only_both is None


def test_one_arm_without_spread_does_not_stop_the_others() -> None:
    """On the BBB scale every control animal may score 0."""
    groups = study(C=0, A=3, B=3, AB=9).groups | {"C": Group(8, 0.0, 0.0)}
    assert factorial.answer(Study("aoki2001", groups), BBB).together is Together.SYNERGY


def test_where_higher_is_worse_the_same_scores_turned_say_the_same() -> None:
    better = factorial.answer(Study("aoki2001", NAMED), BBB)
    turned = {arm: replace(group, mean=21 - group.mean) for arm, group in NAMED.items()}
    worse = factorial.answer(Study("aoki2001", turned), Scale(HigherIs.WORSE, 0.0))
    assert (worse.parts, worse.together, worse.only_both) == (better.parts, better.together, better.only_both)
    for name in ("additive", "equal", "smd", "bliss"):
        assert numbers(getattr(worse, name)) == pytest.approx(numbers(getattr(better, name)))


def test_a_measure_of_which_nobody_knows_what_is_better_is_not_judged() -> None:
    with pytest.raises(KgError, match="whether higher is better or worse"):
        of(Scale(HigherIs.UNKNOWN), C=1, A=2, B=3, AB=4)


groups = st.builds(Group, st.integers(2, 40), st.floats(0, 20), st.floats(0.1, 5))
four = st.fixed_dictionaries(dict.fromkeys(ARMS, groups))


@given(four)
def test_swapping_the_parts_or_the_order_of_arms_changes_no_verdict(arms: dict[str, Group]) -> None:
    one = factorial.answer(Study("aoki2001", arms), BBB)
    swapped = {"AB": arms["AB"], "B": arms["A"], "A": arms["B"], "C": arms["C"]}
    other = factorial.answer(Study("baba2002", swapped), BBB)
    assert (one.parts, one.together, one.only_both) == (other.parts, other.together, other.only_both)
    assert numbers(one.additive) == pytest.approx(numbers(other.additive))
    assert numbers(one.bliss) == pytest.approx(numbers(other.bliss))


@given(four, st.sampled_from([BBB, Scale(), Scale(ceiling=20.5)]))
def test_synergy_is_never_said_without_both_intervals(arms: dict[str, Group], scale: Scale) -> None:
    answer = factorial.answer(Study("aoki2001", arms), scale)
    both = answer.additive and answer.bliss and answer.additive.low > 0 and answer.bliss.high < 0
    assert (answer.together is Together.SYNERGY) == bool(both)


def test_the_rule_for_every_pair_of_intervals() -> None:
    above, across, below = (1.0, 2.0), (-1.0, 1.0), (-2.0, -1.0)
    found = {
        (names[0], names[1]): factorial.verdict(additive, bliss)
        for (names, additive, bliss) in (
            ((one, two), a, b)
            for (one, a), (two, b) in product({"+": above, "0": across, "-": below}.items(), repeat=2)
        )
    }
    assert {pair for pair, made in found.items() if made is Together.SYNERGY} == {("+", "-")}
    assert {pair for pair, made in found.items() if made is Together.LESS} == {("-", "+")}
    assert all(made in Together for made in found.values())


def test_two_studies_are_pooled_as_the_pooling_module_does() -> None:
    made = factorial.answers([Study("aoki2001", NAMED), study(C=8, A=9, B=9, AB=13), study(C=8, A=9, AB=13)], BBB)
    found = factorial.pooled(made)
    assert set(found) == {"A", "B", "additive", "smd", "bliss"}
    assert (len(found["A"].studies), len(found["additive"].studies)) == (3, 2)
    assert found["additive"].subjects == 34 + 32
    for name in ("additive", "smd", "bliss"):
        first, second = (getattr(one, name) for one in made[:2])
        weights = (1 / first.se**2, 1 / second.se**2)
        mean = (weights[0] * first.estimate + weights[1] * second.estimate) / sum(weights)
        assert found[name].common.estimate == pytest.approx(mean)
        assert found[name].common.se == pytest.approx(sum(weights) ** -0.5)
        assert found[name].random.method == "REML"


def test_agreement_by_chance_does_not_shrink_a_pooled_interval_to_nothing() -> None:
    """The Knapp-Hartung interval of two equal studies has no width."""
    found = factorial.pooled(factorial.answers([study(C=8, A=9, B=9, AB=10.2)] * 5, BBB))
    assert found["additive"].random.test == "z"
    assert found["additive"].random.ci == pytest.approx(found["additive"].common.ci)
    assert factorial.pooled_verdict(found)[0] is Together.ADDITIVE


def test_the_pooled_verdict_follows_the_same_rule() -> None:
    strong = [study(C=8, A=9, B=9, AB=mean) for mean in (13.6, 13.8, 13.9, 14.0, 14.2)]
    assert factorial.pooled_verdict(factorial.pooled(factorial.answers(strong, BBB)))[0] is Together.SYNERGY
    verdict, why = factorial.pooled_verdict(factorial.pooled(factorial.answers(strong, Scale())))
    assert (verdict, "never claimed" in why) == (Together.NOT_SEPARABLE, True)
    weak = [study(C=8, A=13, B=13, AB=mean) for mean in (12.8, 12.9, 13.0, 13.1, 13.2)]
    assert factorial.pooled_verdict(factorial.pooled(factorial.answers(weak, BBB)))[0] is Together.LESS


def test_fewer_than_five_experiments_get_no_pooled_verdict() -> None:
    four = [study(C=8, A=9, B=9, AB=mean) for mean in (13.6, 13.8, 14.0, 14.2)]
    verdict, why = factorial.pooled_verdict(factorial.pooled(factorial.answers(four, BBB)))
    assert (verdict, why) == (Together.NOT_COMPARED, "no pooled verdict below 5 experiments")


def test_a_study_without_a_bliss_interval_keeps_the_pool_from_synergy() -> None:
    full = [study(C=8, A=9, B=9, AB=mean) for mean in (13.7, 13.8, 13.9, 14.0, 14.1)]
    made = factorial.answers([*full, Study("at-the-top", study(C=8, A=9, B=9, AB=21).groups)], BBB)
    assert factorial.pooled_verdict(factorial.pooled(made))[0] is not Together.SYNERGY


def test_one_study_is_not_pooled() -> None:
    found = factorial.pooled(factorial.answers([study(C=8, A=9, B=9, AB=13)], BBB))
    assert found == {}
    assert factorial.pooled_verdict(found)[0] is Together.NOT_COMPARED
