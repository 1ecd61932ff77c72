"""Invented experiments: the additive null must rarely be called synergy, however often it looks like it."""

from __future__ import annotations

import numpy as np
import pytest

from kg.errors import KgError
from kg.synthesis import invented


def test_added_effects_are_rarely_called_synergy_and_often_look_like_it() -> None:
    """The additive null: 2 + 2 BBB points from 8, SD 2.5, 8 an arm; about 40 % show that picture."""
    rates = invented.rates(np.random.default_rng(2026), experiments=4000)
    assert rates.experiments == 4000
    assert rates.synergy <= 0.06
    assert rates.only_both >= 0.35
    assert "only the combination significant in 4" in str(rates) or "significant in 3" in str(rates)


def test_the_same_seed_gives_the_same_rates() -> None:
    one, other = (invented.rates(np.random.default_rng(7), experiments=100) for _ in range(2))
    assert one == other != invented.rates(np.random.default_rng(8), experiments=100)


def test_a_true_interaction_of_two_points_is_found_by_fifty_animals_an_arm_and_not_by_eight() -> None:
    """Additive and Bliss together: about 18 % of experiments with 8 animals an arm, 80 % with 50."""
    few = invented.rates(np.random.default_rng(1), n=8, interaction=2.0)
    many = invented.rates(np.random.default_rng(1), n=50, interaction=2.0)
    assert 0.1 < few.synergy < 0.3
    assert 0.75 < many.synergy < 0.85
    assert few.only_both > 0.4  # the picture is there all the same


@pytest.mark.parametrize(("interaction", "animals"), [(1.0, 197), (2.0, 50), (-2.0, 50), (3.0, 23)])
def test_the_animals_that_an_interaction_needs(interaction: float, animals: int) -> None:
    assert invented.subjects_per_arm(interaction, sd=2.5) == animals


def test_no_size_is_named_where_none_would_do() -> None:
    with pytest.raises(KgError, match="no experiment of a size"):
        invented.subjects_per_arm(0.001, sd=2.5)
