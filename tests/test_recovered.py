"""Standard deviations from what a paper printed instead, against worked numbers and the way back."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import KgError
from kg.synthesis import recovered
from kg.synthesis.effects import Sample, hedges_g


def test_a_standard_error_becomes_a_standard_deviation_and_is_marked() -> None:
    sample = recovered.from_sem(16, 10.0, 0.5)
    assert (sample.n, sample.mean, sample.sd) == (16, 10.0, 2.0)
    assert sample.notes == ("SD from SEM",)


def test_an_interval_gives_back_the_deviation_that_made_it() -> None:
    """Cochrane Handbook 6.5, section 6.5.2.2: 30.0 to 34.2 with 25 subjects, t = 2.0639, SD = 5.09."""
    assert recovered.from_interval(25, 32.1, 30.0, 34.2).sd == pytest.approx(5.09, abs=0.005)


def test_medians_follow_wan_2014_and_luo_2018() -> None:
    """Wan's table 2: at n = 25 the range is 3.931 SD; at n = 41 (Q = 10) the quartiles are 1.302 SD."""
    assert recovered.from_range(25, 0, 1, 3.931).sd == pytest.approx(1, abs=1e-3)
    assert recovered.from_quartiles(41, 0, 1, 1.302).sd == pytest.approx(1, abs=1e-3)
    symmetric = [
        recovered.from_range(20, -3, 0, 3),
        recovered.from_quartiles(20, -1, 0, 1),
        recovered.from_five(20, -3, -1, 0, 1, 3),
    ]
    assert [one.mean for one in symmetric] == [0, 0, 0]
    assert recovered.from_quartiles(39, 2, 3, 6).mean == pytest.approx(0.71 * 4 + 0.29 * 3)
    assert recovered.from_range(16, 2, 3, 6).mean == pytest.approx(4 / 12 * 4 + 8 / 12 * 3)
    ends, middle = 2.2 / (2.2 + 8), 0.7 - 0.72 / 16**0.55
    by_hand = ends * 5 + middle * 4.5 + (1 - ends - middle) * 4
    assert recovered.from_five(16, 1, 3, 4, 6, 9).mean == pytest.approx(by_hand)
    assert all("median" in one.notes[0] for one in symmetric)


def test_five_numbers_of_a_normal_sample_give_back_about_its_deviation() -> None:
    """Expected order statistics of 25 normal numbers: extremes -+ 1.965, quartiles about -+ 0.639."""
    assert recovered.from_five(25, -1.965, -0.639, 0, 0.639, 1.965).sd == pytest.approx(1, abs=0.01)


@given(n1=st.integers(3, 40), n2=st.integers(3, 40), gap=st.floats(0.1, 5), sd=st.floats(0.5, 9))
def test_t_f_and_an_exact_p_give_back_the_deviation_that_made_them(n1: int, n2: int, gap: float, sd: float) -> None:
    from scipy.special import stdtr

    t = gap / (sd * math.sqrt(1 / n1 + 1 / n2))
    found = [recovered.from_t(n1, gap, n2, 0, -t), recovered.from_f(n1, gap, n2, 0, t * t)]
    if (p := 2 * stdtr(n1 + n2 - 2, -t)) > 1e-12:
        found.append(recovered.from_p(n1, gap, n2, 0, p))
    for arm, comparator in found:
        assert arm.sd == comparator.sd == pytest.approx(sd, rel=1e-6)
        assert arm.notes and hedges_g(arm, comparator).notes == arm.notes


def test_the_deviation_of_a_change_follows_from_both_and_their_correlation() -> None:
    """Cochrane Handbook 6.5, section 6.5.2.8: 6.4 and 7.1 with r = 0.78 give a change of SD 4.5."""
    made = recovered.change(Sample(20, 15.2, 6.4), Sample(20, 16.2, 7.1), 0.78)
    assert made.sd == pytest.approx(4.5, abs=0.05)
    assert made.mean == pytest.approx(1.0)
    assert made.notes == ("SD of change by a correlation of 0.78",)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: recovered.from_p(8, 1, 8, 0, 0), lambda: recovered.from_p(8, 1, 8, 0, 1.2),
        lambda: recovered.from_t(8, 1, 8, 1, 2), lambda: recovered.from_t(8, 1, 8, 0, 0),
        lambda: recovered.from_f(8, 1, 8, 0, -1), lambda: recovered.from_quartiles(9, 3, 2, 4),
        lambda: recovered.from_interval(8, 1, 2, 0), lambda: recovered.from_range(1, 0, 1, 2),
        lambda: recovered.change(Sample(8, 1, 1), Sample(9, 1, 1), 0.5),
        lambda: recovered.change(Sample(8, 1, 1), Sample(8, 1, 1), 1.5),
    ],
)  # fmt: skip
def test_what_gives_no_deviation_is_refused(wrong: object) -> None:
    with pytest.raises(KgError):
        wrong()  # type: ignore[operator]  # each is a call without arguments
