"""The Kwon scale: the paper's worked example and floor case, and the rules that decide cases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import kg
from kg import resources, triples, vocab
from kg.errors import KgError, Problem, UnknownName
from kg.model import Therapy
from kg.sources import sheets
from kg.store import Store
from kg.synthesis import kwon
from kg.synthesis.kwon import Fact, Grade, Point
from kg.vocab import Vocab

TYPED = Path(__file__).parent / "kwon"
WORDS = Vocab.of(
    [*vocab.load(resources.folder("data") / "vocab")[0].terms.values(), Therapy("therapy", "alpha", "alpha")]
)
NAMES = (kwon.SPECIES, kwon.INJURY, kwon.WINDOW, kwon.CLINICAL, kwon.REPLICATION)
MOTOR = Fact(
    finding="walks",
    study="one",
    arm="one/alpha",
    paper="one",
    laboratory="lab-one",
    species=frozenset({"rat", "rodent"}),
    injury=frozenset({"contusion"}),
    region="thoracic",
    window="under 1 h",
    kind="motor",
    outcome="inclined-plane",
    result="improved",
)
TISSUE = replace(MOTOR, finding="spared", kind="not behaviour", outcome="lesion-volume")
BOTH = (MOTOR, TISSUE)


@pytest.fixture(scope="module")
def typed() -> Store:
    """The rows typed after the paper, in memory."""
    items = list(sheets.read(TYPED, WORDS))
    assert not [item for item in items if isinstance(item, Problem)]
    return Store.of(triples.write((item for item in items if not isinstance(item, Problem)), WORDS))


def points(grade: Grade) -> list[int]:
    return [part.points for part in grade.parts]


def graded(*body: Fact) -> dict[str, int]:
    return {part.name: part.points for part in kwon.grade("alpha", body, WORDS).parts}


def lines(grade: Grade) -> Iterator[Point]:
    return (line for part in grade.parts for line in part.lines)


def moved(some: tuple[Fact, ...], **changes: object) -> tuple[Fact, ...]:
    return tuple(replace(fact, **changes) for fact in some)  # type: ignore[arg-type]  # names of fields


def test_erythropoietin_gets_the_34_points_of_the_paper(typed: Store) -> None:
    """Rows after Table 2 as the reference states it: its points, and the least rows that they need.

    What is not stated there is chosen as small as it can be: five laboratories with benefit and two without, BBB 9
    against 8, doses 1 and 2. No figure here is a figure of the paper.
    """
    (grade,) = kwon.graded(typed, "EPO")
    assert [part.name for part in grade.parts] == list(NAMES)
    assert points(grade) == [6, 6, 5, 12, 5]
    assert grade.total == 34


def test_the_floor_case_of_the_text_gets_13_points(typed: Store) -> None:
    """One laboratory, rat, thoracic contusion, treated at injury, BBB 9 against 8: a threshold is crossed."""
    (grade,) = kwon.graded(typed, "alpha")
    assert points(grade) == [4, 3, 2, 4, 0]
    assert grade.total == 13


def test_every_point_opens_findings_and_every_missing_one_names_an_experiment(typed: Store) -> None:
    for grade in kwon.graded(typed):
        for line in lines(grade):
            assert line.findings or not line.points
            assert bool(line.missing) == (0 <= line.points < line.worth)


def test_the_label_stands_on_every_grade_and_cells_are_told_louder(typed: Store) -> None:
    assert {grade.label for grade in kwon.graded(typed)} == {kwon.LABEL}
    assert not kwon.grade("erythropoietin", BOTH, WORDS).cautions
    (loud,) = kwon.grade("hiPSC-NS/PC", BOTH, WORDS).cautions
    assert loud.startswith("NOT WHAT THE SCALE WAS MADE FOR: hiPSC-NS/PC is cell therapy")


@pytest.mark.parametrize(
    ("change", "said"),
    [({"window": "12 h or later"}, "NOT ALL ACUTE: 1"), ({"route": "intrathecal"}, "NOT ALL SYSTEMIC: 1")],
)
def test_late_and_local_treatment_is_said(change: dict[str, str], said: str) -> None:
    (caution,) = kwon.grade("erythropoietin", (MOTOR, *moved((TISSUE,), **change)), WORDS).cautions
    assert caution.startswith(f"{said} of 2 findings")


@pytest.mark.parametrize(
    "change",
    [
        {"arm": "one/other"},
        {"study": "two"},
        {"species": frozenset({"mouse"})},
        {"injury": frozenset({"partial-transection"})},
        {"region": "cervical"},
        {"window": "1 to 4 h"},
        {"result": "no difference"},
        {"result": "worsened"},
        {"kind": "neither"},
    ],
)
def test_gains_that_do_not_share_the_arm_the_animals_the_injury_and_the_delay_earn_nothing(change: object) -> None:
    body = (MOTOR, *moved((TISSUE,), **change))  # type: ignore[arg-type]  # a dict each
    assert set(graded(*body).values()) == {0}


def test_a_delayed_arm_that_failed_earns_no_window() -> None:
    late = moved(BOTH, arm="one/late", window="4 to 12 h")
    failed = (late[0], replace(late[1], result="no difference"))
    assert graded(*BOTH, *failed)[kwon.WINDOW] == 2
    assert graded(*BOTH, *late)[kwon.WINDOW] == 8


def test_treatment_before_injury_earns_one_point_of_time_and_nothing_clinical() -> None:
    before = moved(BOTH, window="before injury")
    assert [graded(*before)[name] for name in NAMES] == [4, 3, 1, 0, 0]


@pytest.mark.parametrize(
    ("arm", "control", "crossed"),
    [(13.9, 9.5, True), (13, 9, False), (9, 8, True), (8.1, 8, True), (9, 8.1, False), (21, 14, False), (8, 2, False)],
)
def test_bbb_is_rounded_up_and_a_threshold_counts_where_controls_do_not_reach_it(
    arm: float, control: float, crossed: bool
) -> None:
    bbb = replace(MOTOR, outcome="bbb", mean=arm, control=control)
    assert kwon.crosses(bbb) is crossed
    assert graded(bbb, TISSUE)[kwon.CLINICAL] == (4 if crossed else 0)


def test_bbb_without_numbers_crosses_nothing() -> None:
    assert graded(replace(MOTOR, outcome="bbb"), TISSUE)[kwon.CLINICAL] == 0


def test_cervical_injury_has_its_own_clinical_points() -> None:
    cervical = moved(
        (*BOTH, replace(MOTOR, finding="feels", kind="other behaviour", outcome="pain")), region="cervical"
    )
    assert graded(*cervical)[kwon.CLINICAL] == 8
    assert graded(*cervical)[kwon.INJURY] == 6


def test_the_lines_of_each_part_are_worth_20_together(typed: Store) -> None:
    (grade,) = kwon.graded(typed, "alpha")
    assert [sum(line.worth for line in part.lines) for part in grade.parts] == [20] * 5


def test_the_animals_of_all_arms_add_up() -> None:
    others = ("primate", "large-animal", "mouse")
    body = [fact for name in others for fact in moved(BOTH, arm=name, species=frozenset({name}))]
    assert graded(*BOTH, *body)[kwon.SPECIES] == 20


def dosed(dose: float, result: str, mean: float | None = None, unit: str = "mg/kg") -> Fact:
    return replace(
        MOTOR, finding=f"at {dose}", arm=f"at {dose}", dose=dose, unit=unit, result=result, mean=mean, control=5
    )


@pytest.mark.parametrize(
    ("doses", "rises"),
    [
        ((dosed(1, "no difference"), dosed(2, "improved")), True),
        ((dosed(2, "improved"), dosed(1, "no difference")), True),
        ((dosed(1, "improved"), dosed(2, "improved")), False),
        ((dosed(1, "no difference"), dosed(2, "no difference")), False),
        ((dosed(1, "improved", 7), dosed(2, "improved", 9)), True),
        ((dosed(1, "improved", 9), dosed(2, "improved", 7)), False),
        ((dosed(1, "no difference"), dosed(2, "improved"), dosed(3, "no difference")), False),
        ((dosed(1, "no difference"), dosed(2, "improved", unit="g")), False),
        ((dosed(1, "no difference"), replace(dosed(2, "improved"), study="two")), False),
        (moved((dosed(1, "no difference"), dosed(2, "improved")), window="before injury"), False),
        ((dosed(2, "improved"),), False),
    ],
)
def test_a_dose_response_needs_a_higher_dose_that_does_more_in_one_study(doses: tuple[Fact, ...], rises: bool) -> None:
    (line,) = (one for one in lines(kwon.grade("alpha", doses, WORDS)) if one.name.startswith("dose"))
    assert line.points == (4 if rises else 0)


def laboratories(good: int, bad: int) -> list[Fact]:
    gains = [fact for n in range(good) for fact in moved(BOTH, study=f"g{n}", paper=f"g{n}", laboratory=f"g{n}")]
    nulls = moved(BOTH, result="no difference")
    return gains + [fact for n in range(bad) for fact in moved(nulls, study=f"b{n}", paper=f"b{n}", laboratory=f"b{n}")]


@pytest.mark.parametrize(
    ("good", "bad", "expected"),
    [
        *[(1, 0, 0), (2, 0, 3), (3, 0, 7), (4, 0, 7), (5, 0, 12), (10, 0, 12), (11, 0, 20)],
        *[(11, 1, 17), (11, 2, 13), (11, 3, 13), (11, 4, 8), (11, 9, 8), (11, 10, 0), (5, 2, 5), (1, 2, 0)],
    ],
)
def test_laboratories_with_benefit_count_less_those_without_any(good: int, bad: int, expected: int) -> None:
    assert graded(*laboratories(good, bad))[kwon.REPLICATION] == expected


def test_several_papers_of_one_laboratory_are_one_report() -> None:
    same = moved(tuple(laboratories(3, 0)), laboratory="lab-one")
    assert graded(*same)[kwon.REPLICATION] == 0


def test_papers_stand_in_for_laboratories_that_are_not_known_and_that_is_said() -> None:
    grade = kwon.grade("alpha", moved(tuple(laboratories(3, 0)), laboratory=""), WORDS)
    assert grade.parts[-1].points == 7
    assert grade.laboratory_note == "3 of 3 papers name no laboratory; each of them stands in for one"


def test_a_study_with_one_kind_of_gain_is_neutral_and_counts_on_neither_side() -> None:
    body = [*laboratories(2, 0), *moved((MOTOR,), study="half", paper="half", laboratory="half")]
    assert kwon.studies(body) == kwon.Studies(("g0", "g1"), ("half",), ())
    assert graded(*body)[kwon.REPLICATION] == 3


def test_the_questions_and_the_grades_say_the_same(typed: Store, shipped: Store) -> None:
    for store in (typed, shipped):
        rows = kg.query("kwon-replication", store)
        for grade in kwon.graded(store):
            told = {row["study"]: row["verdict"] for row in rows if row["isolates"] == grade.therapy}
            for verdict in ("positive", "neutral", "negative"):
                assert {study for study in told if told[study] == verdict} == set(getattr(grade.studies, verdict))


def test_the_arms_of_the_question_on_efficacy_are_those_that_earn(shipped: Store) -> None:
    rows = kg.query("kwon-efficacy", shipped)
    asked = {(row["isolates"], row["arm"]) for row in rows if row["behaviour_improved"] and row["other_improved"]}
    words, facts = shipped.vocab(), kg.query("kwon-findings", shipped)
    by_therapy = {str(row["isolates"]): [one for one in facts if one["isolates"] == row["isolates"]] for row in facts}
    earned = {
        (name, gains[0].arm)
        for name, some in by_therapy.items()
        for gains in kwon.efficacious(kwon.facts(some, words)).values()
    }
    assert asked == earned


def test_a_class_is_graded_with_its_members(shipped: Store) -> None:
    (cells,) = kwon.graded(shipped, "cells")
    (one,) = kwon.graded(shipped, "hiPSC-NS/PC")
    assert cells.findings > one.findings


def test_a_therapy_that_nobody_isolated_in_animals_is_an_error_in_one_sentence(typed: Store) -> None:
    with pytest.raises(KgError, match="no animal finding here isolates 'riluzole'"):
        list(kwon.graded(typed, "riluzole"))
    with pytest.raises(UnknownName, match="'riluzol' is not a therapy"):
        list(kwon.graded(typed, "riluzol"))
