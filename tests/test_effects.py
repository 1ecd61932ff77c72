"""The size of one finding's effect, against worked examples from the literature."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import KgError
from kg.model import HigherIs
from kg.synthesis import effects
from kg.synthesis.effects import Counts, Effect, Sample

BORENSTEIN = (Sample(50, 103.0, 5.5), Sample(50, 100.0, 4.5))  # Borenstein, Hedges, Higgins & Rothstein 2009, chapter 4


def row(**changed: object) -> dict[str, object]:
    return {
        "n": 50, "mean": 103.0, "spread": 5.5, "n_comparator": 50, "mean_comparator": 100.0, "spread_comparator": 4.5,
        "spread_kind": "SD", "unit": "points",
    } | changed  # fmt: skip


def test_hedges_g_is_that_of_the_worked_example_of_borenstein_2009() -> None:
    """Their numbers: d = 0.5970, J = 0.9923, g = 0.5924."""
    effect = effects.hedges_g(*BORENSTEIN)
    assert effects.correction(98) == pytest.approx(0.9923, abs=5e-5)
    assert effect.value == pytest.approx(0.5924, abs=5e-5)
    assert effect.n == 100


def test_the_variance_is_its_formula_worked_by_hand() -> None:
    effect = effects.hedges_g(*BORENSTEIN)
    by_hand = 100 / 2500 + 0.5924 * 0.5924 / 200  # 0.04 + 0.0017547
    assert effect.variance == pytest.approx(by_hand, abs=1e-6)
    half = 1.96 * math.sqrt(by_hand)  # 0.4005
    assert (effect.low, effect.high) == pytest.approx((0.5924 - half, 0.5924 + half), abs=1e-4)
    assert effect.weight == pytest.approx(1 / by_hand, rel=1e-4)


def test_a_log_odds_ratio_becomes_d_as_in_borenstein_2009_chapter_7() -> None:
    """Their example: a log odds ratio of 0.9069 with variance 0.0676 is d = 0.5000 with variance 0.0205."""
    effect = effects.from_shares((100, 60.0), (100, 40.0))
    assert effect
    odds = math.log(60 * 60 / (40 * 40))
    j = effects.correction(198)
    assert 0.9069 * math.sqrt(3) / math.pi == pytest.approx(0.5, abs=1e-4)
    assert effect.value == pytest.approx(j * odds * 0.5 / 0.9069, rel=1e-4)
    assert effect.variance == pytest.approx(j**2 * (2 / 60 + 2 / 40) * 0.0205 / 0.0676, rel=3e-3)
    assert effect.shares


def test_a_share_of_none_or_all_stays_finite() -> None:
    effect = effects.from_shares((10, 100.0), (10, 0.0))
    assert effect
    odds = math.log(10.5 * 10.5 / (0.5 * 0.5))
    assert effect.value == pytest.approx(effects.correction(18) * odds * math.sqrt(3) / math.pi)


def test_no_subjects_are_guessed_from_a_share_that_is_none() -> None:
    assert effects.from_shares((10, 33.3), (10, 0.0)) is None
    assert effects.from_shares((10, 130.0), (10, 0.0)) is None
    assert effects.from_shares((0, 0.0), (10, 0.0)) is None
    assert effects.from_shares((19, 57.9), (26, 34.6)) is not None  # 11 of 19 and 9 of 26, as printed


def test_a_standard_error_becomes_a_standard_deviation() -> None:
    errors = row(spread=5.5 / math.sqrt(50), spread_comparator=4.5 / math.sqrt(50), spread_kind="SEM")
    found, known = effects.from_row(errors), effects.from_row(row())
    assert found and known
    assert (found.value, found.variance) == pytest.approx((known.value, known.variance))
    assert (found.notes, known.notes) == (("SD from SEM",), ())


@pytest.mark.parametrize(
    "changed",
    [{"n": None}, {"mean": None}, {"spread": None}, {"spread_kind": None}, {"spread_kind": "IQR"}, {"n": 1},
     {"spread": 0.0, "spread_comparator": 0.0}, {"spread": -1.0}, {"mean": float("nan")}, {"mean": "103"}],
)  # fmt: skip
def test_without_its_numbers_a_finding_has_no_effect(changed: dict[str, object]) -> None:
    assert effects.from_row(row(**changed)) is None


def test_turning_an_effect_turns_its_interval_and_nothing_else() -> None:
    effect = effects.hedges_g(*BORENSTEIN)
    turned = effect.turned(-1)
    assert (turned.low, turned.high) == pytest.approx((-effect.high, -effect.low))
    assert (turned.variance, turned.n) == (effect.variance, effect.n)
    assert effect.turned(1) == effect


MEASURES = [(name, measure) for name in reference.NAMES for measure in reference.ANSWERS[name]["effects"] or ()]


@pytest.mark.parametrize(("name", "measure"), MEASURES)
def test_effects_and_variances_are_those_of_metafor(name: str, measure: str) -> None:
    told = reference.ANSWERS[name]["effects"][measure]
    ours = list(_effects(name, measure))
    assert reference.apart([one.value for one in ours], told["yi"]) < 1e-12
    assert reference.apart([one.variance for one in ours], told["vi"]) < 1e-12


def _effects(name: str, measure: str) -> Iterator[Effect]:
    measure, _, vtype = measure.partition("_")
    heads = "m1 sd1 n1 m2 sd2 n2" if measure in effects.OF_MEANS else "ai bi ci di"
    for a, b, c, *rest in zip(*(reference.column(name, head) for head in heads.split()), strict=True):
        if measure in effects.OF_COUNTS:
            yield effects.OF_COUNTS[measure](Counts(a, b), Counts(c, rest[0]))
            continue
        arm, comparator = Sample(c, a, b), Sample(rest[2], rest[0], rest[1])
        yield effects.hedges_g(arm, comparator, vtype) if vtype else effects.OF_MEANS[measure](arm, comparator)


def test_the_correction_is_smooth_where_its_formula_changes_and_near_one_for_many() -> None:
    for df in (320, 339, 340, 341, 400):
        direct = math.exp(math.lgamma(df / 2) - math.lgamma((df - 1) / 2)) / math.sqrt(df / 2)
        assert effects.correction(df) == pytest.approx(direct, rel=1e-12)
    assert effects.correction(2) == pytest.approx(1 / math.sqrt(math.pi))
    assert 0.999999 < effects.correction(1_000_000) < 1


def test_a_normalised_difference_is_the_share_of_the_deficit_undone() -> None:
    """Sham 21, control 9, treated 12 points: a quarter of the way back; a control of 12 that serves 3 arms counts 4."""
    effect = effects.normalised_difference(Sample(8, 12, 2), Sample(12, 9, 3), normal=21, served=3)
    assert effect.value == pytest.approx(25)
    assert effect.variance == pytest.approx((100 * 3 / 12) ** 2 / 4 + (100 * 2 / 12) ** 2 / 8)
    assert effect.n == 12


def test_a_normalised_difference_is_a_benefit_whichever_way_the_scale_runs() -> None:
    up = effects.normalised_difference(Sample(8, 12, 2), Sample(8, 9, 3), normal=21)
    down = effects.normalised_difference(Sample(8, -12, 2), Sample(8, -9, 3), normal=-21)
    assert down == up == effects.oriented(up, HigherIs.UNKNOWN)


def test_plus_is_benefit_and_what_is_not_known_is_not_oriented() -> None:
    effect = effects.hedges_g(*BORENSTEIN)
    assert effects.oriented(effect, HigherIs.BETTER) == effect
    assert effects.oriented(effect, HigherIs.WORSE) == effect.turned(-1)
    assert effects.oriented(effect, HigherIs.UNKNOWN) is None


@given(value=st.floats(-9, 9), variance=st.floats(0.01, 9))
def test_polarity_turned_twice_changes_nothing(value: float, variance: float) -> None:
    effect = Effect(value, variance, 16)
    assert effect.turned(-1).turned(-1) == effect


@given(mean=st.floats(-9, 9), sd=st.floats(0.5, 9), n=st.integers(2, 30))
def test_swapped_arms_turn_the_effect_and_keep_its_variance(mean: float, sd: float, n: int) -> None:
    one, other = Sample(n, mean, sd), Sample(7, 1.0, 2.0)
    for measure in (effects.hedges_g, effects.mean_difference):
        there, back = measure(one, other), measure(other, one)
        assert (back.value, back.variance) == pytest.approx((-there.value, there.variance))


def test_a_shared_comparator_joins_effects_as_in_gleser_and_olkin_2009() -> None:
    control = Sample(20, 10.0, 4.0)
    arms = [Sample(10, 13.0, 4.0), Sample(12, 15.0, 4.0)]
    standardised = [effects.hedges_g(arm, control) for arm in arms]
    matrix = effects.covariance(standardised, control, total=42)
    assert (
        matrix[0][1] == matrix[1][0] == pytest.approx(1 / 20 + standardised[0].value * standardised[1].value / (2 * 42))
    )
    assert [matrix[0][0], matrix[1][1]] == [one.variance for one in standardised]
    plain = effects.covariance([effects.mean_difference(arm, control) for arm in arms], control)
    assert plain[0][1] == pytest.approx(16 / 20)


@pytest.mark.parametrize(
    ("measure", "shared"), [("RR", 1 / 5 - 1 / 20), ("OR", 1 / 5 + 1 / 15), ("RD", 0.25 * 0.75 / 20)]
)
def test_what_shared_counts_add_is_the_variance_of_their_side(measure: str, shared: float) -> None:
    control = Counts(5, 15)
    made = [effects.OF_COUNTS[measure](Counts(a, 20 - a), control) for a in (8, 11)]
    assert effects.covariance(made, control)[0][1] == pytest.approx(shared)


@pytest.mark.parametrize(
    ("arm", "comparator", "said"),
    [(Sample(1, 1, 1), Sample(8, 1, 1), "2 subjects"), (Sample(8, 1, -1), Sample(8, 1, 1), "negative"),
     (Sample(8, 1, 0), Sample(8, 1, 0), "zero")],
)  # fmt: skip
def test_samples_that_make_no_effect_are_refused_with_their_reason(arm: Sample, comparator: Sample, said: str) -> None:
    for measure in effects.OF_MEANS.values():
        with pytest.raises(KgError, match=said):
            measure(arm, comparator)


def test_measures_that_do_not_exist_here_are_refused() -> None:
    with pytest.raises(KgError, match="LS, LS2 and UB"):
        effects.hedges_g(*BORENSTEIN, vtype="AV")
    with pytest.raises(KgError, match="one sign"):
        effects.log_response_ratio(Sample(8, -1, 1), Sample(8, 1, 1))
    with pytest.raises(KgError, match="no deficit"):
        effects.normalised_difference(Sample(8, 12, 2), Sample(8, 21, 3), normal=21)
    with pytest.raises(KgError, match="negative"):
        effects.log_odds_ratio(Counts(-1, 3), Counts(1, 3))
