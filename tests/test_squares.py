"""Two-by-two experiments among findings: which arms make one, and which must not."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from kg import build
from kg.store import Store
from kg.synthesis import squares
from kg.synthesis.factorial import Group, Parts, Together
from kg.synthesis.squares import Square

HEAD = (
    "id,paper,arm,comparator,species,phase,outcome,measure,direction,measured_day,n_arm,n_comparator,mean_arm,"
    "spread_arm,mean_comparator,spread_comparator,spread_kind,unit,locator,source_url,curator,date"
).split(",")
MEANS = {"vehicle": 8.0, "alpha": 10.0, "beta": 10.5, "alpha+beta": 15.0}
BETA = "aoki2001,beta,beta,active,,28,,,,,,\n"


def row(number: int, arm: str, comparator: str, **changed: str) -> str:
    """A finding of aoki2001: ten animals an arm, SD 1, on the walking score of day 56."""
    cells = {
        "id": f"aoki2001-9{number}", "paper": "aoki2001", "arm": arm, "comparator": comparator, "species": "mouse",
        "phase": "chronic", "outcome": "walking", "measure": "test", "direction": "increased", "measured_day": "56",
        "n_arm": "10", "n_comparator": "10", "mean_arm": f"{MEANS.get(arm, 9.0)}", "spread_arm": "1",
        "mean_comparator": f"{MEANS.get(comparator, 9.0)}", "spread_comparator": "1", "spread_kind": "SD",
        "unit": "points", "locator": "Table 1", "source_url": "https://example.org/aoki2001", "curator": "ada",
        "date": "2026-11-22",
    } | changed  # fmt: skip
    return ",".join(cells[column] for column in HEAD)


@pytest.fixture
def found(sheets: Path):
    """The squares of the tiny tables with these findings and arms beside them."""

    def call(*rows: str, arms: str = BETA) -> list[Square]:
        with (sheets / "arms.csv").open("a", encoding="utf-8") as table:
            table.write(arms)
        text = "\n".join([",".join(HEAD), *rows]) + "\n"
        (sheets / "findings" / "squares.csv").write_text(text, encoding="utf-8")
        return squares.squares(Store.of(build.collect(sheets).sound().triples()))

    return call


WHOLE = (row(1, "alpha+beta", "alpha"), row(2, "alpha+beta", "beta"), row(3, "alpha", "vehicle"))


def test_four_arms_of_one_study_outcome_and_time_are_a_square(found) -> None:
    (square,) = found(*WHOLE)
    assert (square.a, square.b, square.base) == ({"alpha"}, {"beta"}, frozenset())
    assert square.members == {"alpha", "beta"}
    assert square.arms == {
        letter: Group(10, MEANS[arm], 1.0) for letter, arm in zip("C A B AB".split(), MEANS, strict=True)
    }
    assert square.findings == ("aoki2001-91", "aoki2001-92", "aoki2001-93")
    assert (square.study, square.outcome, square.day, square.unit) == ("aoki2001", "walking", 56.0, "points")


def test_a_square_is_judged_by_the_polarity_and_the_ceiling_of_its_outcome(found) -> None:
    (square,) = found(*WHOLE)
    answer = square.answer()
    assert answer.parts is Parts.EVERY
    assert answer.together is Together.NOT_SEPARABLE  # the walking score has no stated ceiling
    assert answer.over["A"] and answer.over["A"].estimate == pytest.approx(5.0)
    turned = found(*(line.replace("walking", "pain-score") for line in WHOLE), arms="")[0].answer()
    assert turned.parts is Parts.WORSE


def test_standard_errors_become_standard_deviations(found) -> None:
    (square,) = found(*(line.replace(",SD,", ",SEM,") for line in WHOLE))
    assert square.arms["AB"].sd == pytest.approx(math.sqrt(10))


@pytest.mark.parametrize(
    "other", [{"measured_day": "28"}, {"outcome": "pain-score"}, {"measure": "another test"}, {"unit": "cm"}]
)
def test_arms_measured_otherwise_make_no_square(found, other: dict[str, str]) -> None:
    made = found(row(1, "alpha+beta", "alpha"), row(2, "beta", "vehicle", **other))
    assert [sorted(one.arms) for one in made] == [["A", "AB"]]
    assert made[0].answer().parts is Parts.NOT_COMPARED


def test_a_combination_beside_one_part_is_kept_as_not_compared_with_the_other(found) -> None:
    (square,) = found(row(1, "alpha+beta", "alpha"))
    assert (square.a, square.b, sorted(square.arms)) == ({"alpha"}, {"beta"}, ["A", "AB"])


def test_a_combination_beside_neither_part_is_no_square(found) -> None:
    assert found(row(1, "alpha+beta", "vehicle")) == []


def test_an_arm_that_is_printed_with_two_sets_of_numbers_is_left_out(found) -> None:
    made = found(*WHOLE, row(4, "beta", "vehicle", mean_arm="11"))
    assert [sorted(one.arms) for one in made] == [["A", "AB", "C"]]


def test_two_arms_that_give_the_same_are_left_out(found) -> None:
    late = BETA + "aoki2001,beta-late,beta,active,,60,,,,,,\n"
    made = found(*WHOLE, row(4, "beta-late", "vehicle"), arms=late)
    assert "B" not in made[0].arms


def test_what_all_arms_give_is_the_base(found) -> None:
    given = {"g": ["gamma"], "g+a": ["gamma", "alpha"], "g+b": ["gamma", "beta"], "g+a+b": ["gamma", "alpha", "beta"]}
    more = "".join(f"aoki2001,{arm},{one},active,,28,,,,,,\n" for arm, therapies in given.items() for one in therapies)
    made = found(row(1, "g+a+b", "g+a"), row(2, "g+b", "g"), arms=more)
    (square,) = (one for one in made if len(one.arms) == 4)
    assert (square.a, square.b, square.base) == ({"alpha"}, {"beta"}, {"gamma"})


def test_two_arms_that_lack_a_part_together_are_no_square_of_the_whole(found) -> None:
    more = BETA + "".join(f"aoki2001,all,{one},active,,28,,,,,,\n" for one in ("alpha", "beta", "gamma"))
    made = found(row(1, "all", "alpha"), row(2, "beta", "vehicle"), arms=more)
    assert all(len(one.members) == 3 and "B" not in one.arms for one in made)
    assert {tuple(sorted(one.a)) for one in made} == {("alpha",), ("beta",)}


def test_shares_of_subjects_are_no_means(found) -> None:
    assert found(*(line.replace("points", "% of animals") for line in WHOLE)) == []


def test_the_shipped_graph_has_squares_and_claims_no_synergy_without_a_ceiling(shipped: Store) -> None:
    made = squares.squares(shipped)
    assert made
    answers = [one.answer() for one in made]
    assert not any(
        answer.together is Together.SYNERGY
        for square, answer in zip(made, answers, strict=True)
        if square.outcome not in squares.CEILINGS
    )
