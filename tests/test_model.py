from __future__ import annotations

import dataclasses
import itertools
import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import NOBODY, PAPER, SCORE, arm, finding

from kg import model
from kg.model import (
    Arm,
    Combination,
    Contrast,
    Direction,
    Given,
    HigherIs,
    PaperStatus,
    Result,
    Role,
    Significant,
    Status,
)

UP, DOWN = Direction.INCREASED, Direction.DECREASED
YES, NO, SILENT = Significant.YES, Significant.NO, Significant.NOT_STATED
GOOD, BAD, UNKNOWN = HigherIs.BETTER, HigherIs.WORSE, HigherIs.UNKNOWN
MEANT = {
    (UP, GOOD): Result.IMPROVED,
    (UP, BAD): Result.WORSENED,
    (UP, UNKNOWN): Result.UNDETERMINED,
    (DOWN, GOOD): Result.WORSENED,
    (DOWN, BAD): Result.IMPROVED,
    (DOWN, UNKNOWN): Result.UNDETERMINED,
}
SAID = {
    Direction.NO_DIFFERENCE: Result.NO_DIFFERENCE,
    Direction.MIXED: Result.MIXED,
    Direction.OBSERVED: Result.UNDETERMINED,
    Direction.NOT_REPORTED: Result.UNDETERMINED,
}


def meant(direction: Direction, higher: HigherIs, significant: Significant) -> Result:
    return finding(
        direction=direction, significant=significant, outcome=dataclasses.replace(SCORE, higher_is=higher)
    ).result


@pytest.mark.parametrize("direction, higher", MEANT)
@pytest.mark.parametrize("significant", [YES, SILENT])
def test_a_change_means_what_its_polarity_makes_of_it(
    direction: Direction, higher: HigherIs, significant: Significant
) -> None:
    assert meant(direction, higher, significant) is MEANT[direction, higher]


@pytest.mark.parametrize("direction, higher", MEANT)
def test_a_change_called_not_significant_is_no_difference(direction: Direction, higher: HigherIs) -> None:
    assert meant(direction, higher, NO) is Result.NO_DIFFERENCE


@pytest.mark.parametrize("direction, higher, significant", [*itertools.product(SAID, HigherIs, Significant)])
def test_a_null_a_mixture_and_silence_mean_the_same_whatever_the_polarity(
    direction: Direction, higher: HigherIs, significant: Significant
) -> None:
    assert meant(direction, higher, significant) is SAID[direction]


def test_every_direction_is_in_the_tables_of_these_tests() -> None:
    assert {direction for direction, _ in MEANT} | set(SAID) == set(Direction)


ALPHA, BETA, BOTH = arm("alpha"), arm("beta"), arm("alpha", "beta")
LATER = Arm("aoki2001", "later", (Given("alpha", start_day=Decimal(90)),))
CONTRASTS = [
    (ALPHA, NOBODY, "alpha", "", "", Contrast.ADDS),
    (BOTH, NOBODY, "alpha--beta", "", "", Contrast.ADDS),
    (BOTH, ALPHA, "beta", "alpha", "", Contrast.ADDS),
    (arm("alpha", "beta", "gamma"), ALPHA, "beta--gamma", "alpha", "", Contrast.ADDS),
    (arm("alpha", "beta", "gamma"), BOTH, "gamma", "alpha beta", "", Contrast.ADDS),
    (ALPHA, BETA, "alpha", "", "beta", Contrast.REPLACES),
    (BOTH, arm("alpha", "gamma"), "beta", "alpha", "gamma", Contrast.REPLACES),
    (LATER, ALPHA, "alpha", "", "", Contrast.VARIES),
    (ALPHA, arm("baseline", role=Role.CONTROL), "alpha", "", "", Contrast.BEFORE_AFTER),
    (BOTH, arm("baseline", role=Role.CONTROL), "alpha--beta", "", "", Contrast.BEFORE_AFTER),
    (ALPHA, arm("no-comparator", role=Role.CONTROL), "alpha", "", "", Contrast.NONE),
    (ALPHA, arm("vehicle", role=Role.VEHICLE), "alpha", "", "", Contrast.ADDS),
]


@pytest.mark.parametrize("one, other, isolates, on_top_of, instead_of, contrast", CONTRASTS)
def test_a_contrast_isolates_what_the_arm_gives_beyond_its_comparator(
    one: Arm, other: Arm, isolates: str, on_top_of: str, instead_of: str, contrast: Contrast
) -> None:
    made = finding(arm=one, comparator=other)
    assert made.isolates.id == isolates
    assert made.on_top_of == set(on_top_of.split())
    assert made.instead_of == set(instead_of.split())
    assert made.contrast is contrast


def test_a_dose_given_otherwise_on_a_common_base_isolates_only_what_differs() -> None:
    low, high = (Arm("a", id, (Given("alpha", dose=Decimal(id)), Given("beta"))) for id in ("1", "2"))
    made = finding(arm=high, comparator=low)
    assert (made.contrast, made.isolates.id, made.on_top_of) == (Contrast.VARIES, "alpha", {"beta"})


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ACTIVE])
def test_only_what_is_given_to_treat_is_part_of_a_regimen(role: Role) -> None:
    mixed = Arm("a", "a", (Given("alpha"), Given("beta", role)))
    assert mixed.regimen == Combination(("alpha",))
    assert mixed.gives("beta")


@given(st.lists(st.sampled_from(["alpha", "beta", "gamma", "delta"])), st.randoms())
def test_a_combination_is_the_same_whatever_the_order_of_its_members(members: list[str], chance: random.Random) -> None:
    shuffled = chance.sample(members, len(members))
    assert Combination.of(tuple(members)) == Combination.of(tuple(shuffled))
    assert Combination.of(tuple(members)).id == "--".join(sorted(set(members)))


@pytest.mark.parametrize("paper, status, counts", [
    (PaperStatus.OK, Status.UNREVIEWED, True),
    (PaperStatus.CORRECTED, Status.REVIEWED, True),
    (PaperStatus.OK, Status.DISPUTED, True),
    (PaperStatus.RETRACTED, Status.REVIEWED, False),
    (PaperStatus.OK, Status.WITHDRAWN, False),
])  # fmt: skip
def test_only_a_retraction_or_a_withdrawal_takes_a_finding_out_of_force(
    paper: PaperStatus, status: Status, counts: bool
) -> None:
    assert finding(paper=dataclasses.replace(PAPER, status=paper), status=status).in_force is counts


REGIONS = {
    "C4": "cervical", "c5-C6": "cervical", "cervical": "cervical", "mid-cervical": "cervical", "T9-T10": "thoracic",
    "T3 and T4": "thoracic", "mid-thoracic": "thoracic", "L2": "lumbar", "lumbar": "lumbar", "C7-T1": "not-stated",
    "": "not-stated", "mixed": "not-stated", "not reported": "not-stated", "T10 - T11": "thoracic",
}  # fmt: skip


@pytest.mark.parametrize("level", REGIONS)
def test_a_level_as_printed_lies_in_one_region_or_in_none(level: str) -> None:
    assert model.region(level) == REGIONS[level]


def test_a_level_that_starts_like_another_word_is_no_region() -> None:
    assert model.region("complete") == model.region("total") == model.region("low") == "not-stated"


VALUES = [cls for cls in vars(model).values() if dataclasses.is_dataclass(cls)]


@pytest.mark.parametrize("value", VALUES)
def test_a_value_is_frozen_and_slotted(value: type) -> None:
    assert value.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert "__slots__" in vars(value)
    assert not hasattr(object.__new__(value), "__dict__")


def test_a_value_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        PAPER.title = "another"  # type: ignore[misc]


MEANS = {"mean_arm": Decimal(12), "mean_comparator": Decimal(8)}
SPREADS = {"spread_arm": Decimal(1), "spread_comparator": Decimal(2), "spread_kind": "SEM"}
SIZES = {"n_arm": 10, "n_comparator": 9}


@pytest.mark.parametrize("cells, tier", [
    (SIZES | MEANS | SPREADS, "T1"), (SIZES | MEANS | SPREADS | {"spread_kind": ""}, "T3"), (MEANS | SPREADS, None),
    (SIZES | MEANS | {"unit": "% of animals"}, "T1"), (SIZES | MEANS, "T3"), (SIZES | MEANS | {"p": "0.03"}, "T2"),
    (SIZES | {"p": "0.03"}, "T2"), (SIZES | {"p": "<0.05"}, None), (SIZES | MEANS | {"p": "<0.05"}, "T3"),
    (SIZES | {"p": "0.3", "direction": Direction.NO_DIFFERENCE}, None), ({}, None), (SIZES, None),
])  # fmt: skip
def test_the_tier_says_what_the_printed_numbers_give(cells: dict[str, object], tier: str | None) -> None:
    assert finding(**cells).tier == tier
