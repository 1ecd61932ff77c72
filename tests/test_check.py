from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from strategies import NOBODY, PAPER, SCORE, arm, finding

from kg import check
from kg.model import (
    Arm,
    Direction,
    Finding,
    Given,
    Item,
    Paper,
    PaperKind,
    Phase,
    Reading,
    Role,
    Significant,
    Status,
    Trial,
)

ALPHA, BOTH = arm("alpha"), arm("alpha", "beta")
ALONE = arm("no-comparator", role=Role.CONTROL)
OTHER = replace(PAPER, id="baba2002", doi="10.1000/baba")


def said(*items: Item) -> list[str]:
    return [str(problem) for problem in check.problems(items)]


def test_a_sound_finding_has_no_problem() -> None:
    assert said(PAPER, finding()) == []


RULES: dict[str, tuple[Finding, str, Finding]] = {
    "an-arm-without-therapy": (
        finding(arm=NOBODY, comparator=ALONE, direction=Direction.OBSERVED),
        "gives no active therapy",
        finding(),
    ),
    "an-arm-against-itself": (finding(comparator=ALPHA), "is the arm itself", finding(comparator=NOBODY)),
    "less-than-its-comparator": (
        finding(comparator=BOTH),
        "gives less than its comparator (beta)",
        finding(arm=BOTH, comparator=ALPHA),
    ),
    "from-a-review": (
        finding(paper=replace(PAPER, kind=PaperKind.REVIEW)),
        "is a review",
        finding(paper=replace(PAPER, kind=PaperKind.PREPRINT)),
    ),
    "from-a-meta-analysis": (
        finding(paper=replace(PAPER, kind=PaperKind.META_ANALYSIS)),
        "is a meta-analysis",
        finding(),
    ),
    "observed-against-something": (
        finding(direction=Direction.OBSERVED),
        "'observed' goes with",
        finding(direction=Direction.OBSERVED, comparator=ALONE),
    ),
    "changed-against-nothing": (
        finding(comparator=ALONE),
        "'observed' goes with",
        finding(comparator=ALONE, direction=Direction.OBSERVED),
    ),
    "a-significant-null": (
        finding(direction=Direction.NO_DIFFERENCE, significant=Significant.YES),
        "is 'yes' beside",
        finding(direction=Direction.NO_DIFFERENCE, significant=Significant.NO),
    ),
    "a-spread-of-its-own": (finding(spread_kind="CI"), "'CI' is not one of SD, SEM", finding(spread_kind="SEM")),
    "a-sex-misspelt": (finding(sex="femal"), "Did you mean 'female'", finding(sex="not reported")),
    "a-confidence-of-its-own": (
        finding(confidence="sure"),
        "not one of high, moderate, low",
        finding(confidence="low"),
    ),
    "measured-before-treated": (
        finding(treatment_day=Decimal(28), measured_day=Decimal("27.5")),
        "27.5 lies before the treatment day 28",
        finding(treatment_day=Decimal(28), measured_day=Decimal(28)),
    ),
    "a-quote-without-role": (finding(quote="walked"), "must be 'result'", finding(quote="walked", quote_role="result")),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_speaks_where_it_is_broken(rule: str) -> None:
    broken, message, _ = RULES[rule]
    (sentence,) = said(PAPER, broken)
    assert sentence.startswith("findings/aoki.csv, row 2, column ")
    assert message in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_silent_where_it_is_kept(rule: str) -> None:
    assert said(PAPER, RULES[rule][2]) == []


def test_a_finding_twice_names_both_places() -> None:
    twice = finding(row="findings/baba.csv, row 9", note="another")
    assert said(PAPER, finding(), twice) == [
        "findings/baba.csv, row 9, column id: 'aoki2001-01' stands twice; first in findings/aoki.csv, row 2"
    ]


@pytest.mark.parametrize(
    "column, twin",
    [
        ("id", replace(OTHER, id="aoki2001")),
        ("doi", replace(OTHER, doi="10.1000/AOKI.2001")),
        ("pmid", replace(OTHER, pmid="7")),
        ("pmcid", replace(OTHER, pmcid="PMC7")),
    ],
)
def test_two_papers_never_share_a_key(column: str, twin: Paper) -> None:
    first = replace(PAPER, pmid="7", pmcid="PMC7")
    assert [f"column {column}: " in sentence and "stands twice" in sentence for sentence in said(first, twin)] == [True]


def test_papers_without_a_key_do_not_share_it() -> None:
    assert said(PAPER, OTHER) == []


def test_a_trial_twice_is_said() -> None:
    assert said(Trial("trial", "one"), Trial("trial", "other")) == ["trials.csv, column id: 'trial' stands twice"]


def test_an_arm_given_otherwise_is_not_the_arm_itself() -> None:
    later = Arm("aoki2001", "later", (Given("alpha", start_day=Decimal(90)),))
    assert said(PAPER, finding(arm=later, comparator=ALPHA)) == []


def test_a_note_is_no_problem() -> None:
    unnamed = finding(comparator=arm("control-not-named", role=Role.CONTROL))
    assert [note.message for note in check.notes([unnamed])] == ["the source does not name the control"]
    assert said(PAPER, unnamed) == []


@pytest.mark.parametrize(
    "share, n, noted", [("40", 22, False), ("13", 26, True), ("4.34", 23, False), ("70.0", 21, True)]
)
def test_a_share_that_no_whole_number_of_subjects_gives_is_noted(share: str, n: int, noted: bool) -> None:
    notes = list(check.notes([finding(unit="% of participants", mean_arm=Decimal(share), n_arm=n)]))
    assert [("no whole number" in note.message) for note in notes] == [True] * noted


def test_a_head_to_head_contrast_is_noted() -> None:
    (note,) = check.notes([finding(comparator=arm("beta")), finding(), SCORE])
    assert "head-to-head" in note.message


def test_every_problem_of_many_findings_comes_in_one_run() -> None:
    assert len(said(PAPER, *(finding(id=f"a-{number}", spread_kind="CI") for number in range(5)))) == 5


READ = Reading("aoki2001-01", "grace", "2026-11-23")


def test_a_row_is_reviewed_only_where_somebody_read_it_again() -> None:
    reviewed = finding(status=Status.REVIEWED)
    assert "readings.csv holds no second reading" in said(PAPER, reviewed)[0]
    assert said(PAPER, reviewed, READ) == []


def test_a_reading_of_a_row_that_is_not_there_is_said_with_the_nearest() -> None:
    (problem,) = said(PAPER, finding(), replace(READ, finding="aoki2001-1"))
    assert "'aoki2001-1' is not a finding. Did you mean 'aoki2001-01'?" in problem


def test_a_cell_is_settled_once_on_a_day() -> None:
    (problem,) = said(PAPER, finding(), replace(READ, column="sex"), replace(READ, column="sex", reader="ada"))
    assert "'aoki2001-01/2026-11-23/sex' stands twice" in problem


@pytest.mark.parametrize("id", [
    "NCT02302157", "UMIN000035074", "ISRCTN12345678", "jRCT1080224764", "jRCTs031190000", "ACTRN12605000566606",
    "ChiCTR2000029918", "ChiCTR-TRC-10001058", "KCT0001234", "EudraCT-2004-001234-12", "tien2019-adsc",
])  # fmt: skip
def test_a_registry_id_or_a_key_of_ours_is_well_formed(id: str) -> None:
    assert said(Trial(id)) == []


@pytest.mark.parametrize("id", ["NCT0230215", "NCT023021577", "UMIN35074", "ISRCTN1", "jRCT1", "ACTRN126", "KCT1"])
def test_a_registry_id_cut_short_is_said(id: str) -> None:
    (problem,) = said(Trial(id))
    assert f"{id!r} has not the form of its registry" in problem


CHRONIC = Phase("phase", "chronic", "chronic", from_day=Decimal(28), human_from_day=Decimal(180))


@pytest.mark.parametrize("day, species, flagged", [
    (28, "mouse", False), (27, "mouse", True), (180, "human", False), (28, "human", True), (None, "mouse", False),
])  # fmt: skip
def test_a_phase_that_disagrees_with_the_day_is_flagged(day: int | None, species: str, flagged: bool) -> None:
    made = finding(treatment_day=None if day is None else Decimal(day), species=species)
    assert [("outside that window" in note.message) for note in check.notes([CHRONIC, made])] == [True] * flagged
