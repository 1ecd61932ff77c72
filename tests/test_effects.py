"""The size of one finding's effect, against worked examples from the literature."""

from __future__ import annotations

import math

import pytest

from kg.synthesis import effects

BORENSTEIN = ((50, 103.0, 5.5), (50, 100.0, 4.5))  # Borenstein, Hedges, Higgins & Rothstein 2009, chapter 4


def row(**changed: object) -> dict[str, object]:
    return {
        "n": 50, "mean": 103.0, "spread": 5.5, "n_comparator": 50, "mean_comparator": 100.0, "spread_comparator": 4.5,
        "spread_kind": "SD", "unit": "points",
    } | changed  # fmt: skip


def test_hedges_g_is_that_of_the_worked_example_of_borenstein_2009() -> None:
    """Their numbers: d = 0.5970, J = 0.9923, g = 0.5924."""
    effect = effects.from_means(*BORENSTEIN)
    assert effect
    assert effects.correction(98) == pytest.approx(0.9923, abs=5e-5)
    assert effect.g == pytest.approx(0.5924, abs=5e-5)
    assert effect.n == 100


def test_the_variance_is_its_formula_worked_by_hand() -> None:
    effect = effects.from_means(*BORENSTEIN)
    assert effect
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
    assert effect.g == pytest.approx(j * odds * 0.5 / 0.9069, rel=1e-4)
    assert effect.variance == pytest.approx(j**2 * (2 / 60 + 2 / 40) * 0.0205 / 0.0676, rel=3e-3)
    assert effect.shares


def test_a_share_of_none_or_all_stays_finite() -> None:
    effect = effects.from_shares((10, 100.0), (10, 0.0))
    assert effect
    odds = math.log(10.5 * 10.5 / (0.5 * 0.5))
    assert effect.g == pytest.approx(effects.correction(18) * odds * math.sqrt(3) / math.pi)


def test_no_subjects_are_guessed_from_a_share_that_is_none() -> None:
    assert effects.from_shares((10, 33.3), (10, 0.0)) is None
    assert effects.from_shares((10, 130.0), (10, 0.0)) is None
    assert effects.from_shares((0, 0.0), (10, 0.0)) is None
    assert effects.from_shares((19, 57.9), (26, 34.6)) is not None  # 11 of 19 and 9 of 26, as printed


def test_a_standard_error_becomes_a_standard_deviation() -> None:
    errors = row(spread=5.5 / math.sqrt(50), spread_comparator=4.5 / math.sqrt(50), spread_kind="SEM")
    found, known = effects.from_row(errors), effects.from_row(row())
    assert found and known
    assert (found.g, found.variance) == pytest.approx((known.g, known.variance))


@pytest.mark.parametrize(
    "changed",
    [{"n": None}, {"mean": None}, {"spread": None}, {"spread_kind": None}, {"spread_kind": "IQR"}, {"n": 1},
     {"spread": 0.0, "spread_comparator": 0.0}, {"spread": -1.0}, {"mean": float("nan")}, {"mean": "103"}],
)  # fmt: skip
def test_without_its_numbers_a_finding_has_no_effect(changed: dict[str, object]) -> None:
    assert effects.from_row(row(**changed)) is None


def test_turning_an_effect_turns_its_interval_and_nothing_else() -> None:
    effect = effects.from_means(*BORENSTEIN)
    assert effect
    turned = effect.turned(-1)
    assert (turned.low, turned.high) == pytest.approx((-effect.high, -effect.low))
    assert (turned.variance, turned.n) == (effect.variance, effect.n)
    assert effect.turned(1) == effect
