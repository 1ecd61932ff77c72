"""kg combos contrasts: verdicts on combinations and their parts, as values, rows, pages, pictures and SPARQL."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from test_squares import WHOLE
from test_squares import row as numbers

import kg
from kg import build
from kg.cli import main
from kg.errors import KgError, UnknownName
from kg.model import Result
from kg.store import Store
from kg.synthesis import squares
from kg.synthesis.combos import contrast_rows, contrasts, known
from kg.synthesis.combos.contrasts import By, Contrast, Summary, Verdict
from kg.synthesis.combos.known import Course, Fact, Known, Scope, Trial
from kg.synthesis.combos.verdicts import lacking
from kg.views.combos.contrasts import page, where
from kg.views.combos.corners import card
from kg.views.plots.square import Card, Corner, Edge, square

BOTH = frozenset({"alpha", "beta"})
THREE = BOTH | {"gamma"}
_WORDS = {"+": "improved", "0": "no difference", "-": "worsened", "~": "mixed", "?": "undetermined"}


def fact(told: str, number: int = 0, **changed: object) -> Fact:
    """`alpha beta > alpha +`: what an arm gives, what its comparator does, and the result."""
    arm, _, rest = told.partition(" > ")
    comparator, _, sign = rest.rpartition(" ")
    given, against = frozenset(arm.split()), frozenset(comparator.split())
    made = Fact(
        finding=f"study-{number}", study="study", year=2020, arm=f"arm/{arm}", against_arm=f"arm/{comparator}",
        members=given, comparator=against, isolates=given - against, contrast="adds", phase="chronic", species="rat",
        outcome="walking", domain="motor", result=Result(_WORDS[sign]), day=None,
    )  # fmt: skip
    return replace(made, **changed)  # type: ignore[arg-type]


@pytest.fixture
def judged(tiny: Store):
    """The rows of these findings, each told as `alpha beta > alpha +` or given."""

    def call(*told: str | Fact, wanted: frozenset[str] = BOTH, scope: Scope = known.ANY) -> list[Contrast]:
        return contrasts.contrasts(seen(tiny, *told), [], [wanted], scope)

    return call


def seen(store: Store, *told: str | Fact, **more: object) -> Known:
    facts = tuple(one if isinstance(one, Fact) else fact(one, number) for number, one in enumerate(told))
    return Known(store.vocab(), facts, **more)  # type: ignore[arg-type]


def summed(made: Known, wanted: frozenset[str] = BOTH) -> Summary:
    (one,) = contrasts.summaries(made, contrasts.contrasts(made, [], [wanted]), [wanted])
    return one


@pytest.mark.parametrize(
    ("told", "verdict"),
    [
        (["alpha beta > alpha +", "alpha beta > beta +"], Verdict.EVERY),
        (["alpha beta > alpha +", "alpha beta > beta 0"], Verdict.SOME),
        (["alpha beta > alpha +"], Verdict.SOME),
        (["alpha beta > alpha 0", "alpha beta >  +"], Verdict.NO_DIFFERENCE),
        (["alpha beta > alpha ~"], Verdict.NO_DIFFERENCE),
        (["alpha beta > alpha +", "alpha beta > alpha 0"], Verdict.NO_DIFFERENCE),  # a tie
        (["alpha beta > alpha +", "alpha beta > beta -"], Verdict.WORSE),
        (["alpha beta >  +"], Verdict.CONTROL),
        (["alpha beta >  0"], Verdict.NEVER),
        (["alpha beta >  -"], Verdict.NEVER),
        (["alpha beta > alpha ?", "alpha beta >  +"], Verdict.CONTROL),
    ],
)
def test_the_verdict_of_directions(told: list[str], verdict: Verdict, judged) -> None:
    (row,) = judged(*told)
    assert (row.verdict, row.by) == (verdict, By.DIRECTIONS)


def test_the_word_of_a_part_is_that_of_most_findings(judged) -> None:
    (row,) = judged("alpha beta > alpha +", "alpha beta > alpha +", "alpha beta > alpha -", "alpha beta > beta +")
    assert row.verdict is Verdict.EVERY
    assert row.parts[0].votes.against == ("study-2",)
    assert row.findings[0] == "study-2"  # what contradicts comes first


def test_three_are_beaten_where_their_beaten_parts_hold_every_member(judged) -> None:
    (row,) = judged("alpha beta gamma > alpha beta +", "alpha beta gamma > gamma +", wanted=THREE)
    assert row.verdict is Verdict.EVERY
    (row,) = judged("alpha beta gamma > alpha beta +", wanted=THREE)
    assert (row.verdict, row.missing) == (Verdict.SOME, ({"gamma"},))


def test_only_what_adds_something_compares(judged) -> None:
    (row,) = judged(
        fact("alpha beta > alpha +", contrast="replaces"), fact("alpha beta >  +", 1, contrast="before-after")
    )
    assert (row.verdict, row.comparators) == (Verdict.NEVER, ())
    assert row.findings == ("study-0", "study-1")


def test_the_missing_arms_are_what_no_compared_part_holds() -> None:
    assert lacking(BOTH, [{"alpha"}]) == ({"beta"},)
    assert lacking(BOTH, []) == ({"alpha"}, {"beta"})
    assert lacking(THREE, []) == ({"alpha", "beta"}, {"alpha", "gamma"}, {"beta", "gamma"})
    assert lacking(THREE, [{"alpha"}, {"beta"}]) == ({"gamma"},)
    assert lacking(THREE, [{"alpha", "beta"}, {"gamma"}]) == ()


def test_an_arm_that_was_measured_but_not_set_against_it_is_not_missing(tiny: Store, judged) -> None:
    told = ("alpha beta >  +", "alpha >  0", "beta >  0")
    (row,) = judged(*told)
    assert (row.verdict, row.missing, row.unset) == (Verdict.CONTROL, (), ({"alpha"}, {"beta"}))
    assert "set it against alpha alone, which was measured there" in contrast_rows.following(seen(tiny, *told), row)


def test_an_arm_that_the_study_measured_elsewhere_only_is_said_to_be(tiny: Store, judged) -> None:
    told = (fact("alpha beta >  +"), fact("alpha >  +", 1, domain="scar", outcome="scar-area"))
    (row,) = judged(*told)
    assert (row.missing, row.had) == (({"alpha"}, {"beta"}), ({"alpha"},))
    said = contrast_rows.following(seen(tiny, *told), row)
    assert said == "add an arm of beta alone; measure alpha alone there too, an arm that the study had"


def test_a_part_whose_result_cannot_be_called_is_neither_compared_nor_missing(tiny: Store, judged) -> None:
    (row,) = judged("alpha beta > alpha ?")
    assert (row.verdict, row.missing) == (Verdict.NEVER, ({"beta"},))
    made = contrast_rows.row(row, seen(tiny, "alpha beta > alpha ?"))
    assert made["against_parts"] == "alpha: cannot be called (0 for, 0 against, 1 cannot be called; walking score)"
    assert "alpha on an outcome whose better side is known" in str(made["next"])


def test_studies_domains_phases_and_species_are_rows_of_their_own(judged) -> None:
    told = [fact("alpha beta > alpha +"), fact("alpha beta > alpha 0", 1, species="human")]
    told += [fact("alpha beta > alpha -", 2, study="other"), fact("alpha beta > alpha +", 3, phase="acute")]
    assert [row.verdict for row in judged(*told)] == [Verdict.WORSE, Verdict.SOME, Verdict.NO_DIFFERENCE, Verdict.SOME]
    assert len(judged(*told, scope=Scope(species=frozenset({"human"})))) == 1


def test_no_filter_hides_a_harm_and_without_it_the_row_changes(judged) -> None:
    told = [fact("alpha beta > alpha +"), fact("alpha beta >  -", 1, species="human", phase="acute", contrast="none")]
    narrow = Scope(phase=frozenset({"chronic"}))
    assert [row.harms for row in judged(*told, scope=narrow)] == [("study-1",)]
    assert [row.harms for row in judged(told[0], scope=narrow)] == [()]


def test_four_arms_of_a_study_are_factorial_whatever_was_set_against_what(judged) -> None:
    told = ["alpha beta > alpha +", "beta >  0"]
    assert judged(*told)[0].factorial is True
    assert judged("alpha beta > alpha +", "alpha >  0")[0].factorial is False
    before = fact("alpha beta >  +", 1, contrast="before-after")
    assert judged("alpha beta > alpha +", before, fact("alpha beta > beta +", 2))[0].factorial is False
    assert judged("alpha beta gamma > alpha +", wanted=THREE)[0].factorial is None


@pytest.mark.parametrize(
    ("alpha", "beta", "order"),
    [
        (Course(1, None, None), Course(2, None, None), "alpha then beta"),
        (Course(None, 28.0, None), Course(None, 7.0, 14.0), "beta then alpha"),
        (Course(None, 28.0, None), Course(None, 28.0, None), "together"),
        (Course(2, 1.0, None), Course(1, 5.0, None), "beta then alpha"),
        (Course(1, None, None), None, ""),
        (Course(1, None, None), Course(None, 3.0, None), ""),
    ],
)
def test_the_order_of_therapies_is_told_where_the_arm_tells_it(
    alpha: Course, beta: Course | None, order: str, tiny: Store
) -> None:
    told = {"alpha": alpha} | ({"beta": beta} if beta else {})
    made = seen(tiny, "alpha beta > alpha +", courses={"arm/alpha beta": told})
    assert contrasts.contrasts(made, [], [BOTH])[0].order == order


def test_a_reported_interaction_stands_as_it_is_reported(tiny: Store, judged) -> None:
    told = fact("alpha beta >  +", interaction="F(1,36) = 4.2, p = 0.04")
    (row,) = judged(told)
    assert row.reported == ("F(1,36) = 4.2, p = 0.04",)
    made = contrast_rows.row(row, seen(tiny, told))
    assert made["reported"] == "F(1,36) = 4.2, p = 0.04"
    assert made.get("together") is None  # what a paper reports is no verdict of ours


@pytest.fixture
def measured(sheets: Path):
    """Known, squares and rows of the tiny tables with these findings with numbers beside them."""

    def call(*rows: str) -> tuple[Known, list[Contrast]]:
        with (sheets / "arms.csv").open("a", encoding="utf-8") as table:
            table.write("aoki2001,beta,beta,active,,28,,,,,,\n")
        head = (
            "id,paper,arm,comparator,species,phase,outcome,measure,direction,measured_day,n_arm,n_comparator,mean_arm"
        )
        head += ",spread_arm,mean_comparator,spread_comparator,spread_kind,unit,locator,source_url,curator,date"
        (sheets / "findings" / "squares.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
        store = Store.of(build.collect(sheets).sound().triples())
        made = known.read(store)
        return made, contrasts.contrasts(made, squares.squares(store), [BOTH])

    return call


def motor(rows: list[Contrast]) -> Contrast:
    (row,) = (row for row in rows if row.domain == "motor")
    return row


def test_numbers_decide_in_place_of_directions(measured) -> None:
    made, rows = measured(*(line.replace(",increased,", ",no difference,") for line in WHOLE))
    row = motor(rows)
    assert (row.verdict, row.by) == (Verdict.EVERY, By.NUMBERS)
    assert row.missing == row.unset == ()
    told = contrast_rows.row(row, made)
    assert told["interaction"] == pytest.approx(15 - 10 - 10.5 + 8)
    assert float(str(told["interaction_low"])) < 2.5 < float(str(told["interaction_high"]))
    assert float(str(told["p_every"])) < 0.001
    assert told["together"] == "not separable"  # the walking score has no stated ceiling
    assert {"aoki2001-91", "aoki2001-92", "aoki2001-93", "aoki2001-02"} <= set(str(told["findings"]).split())


def test_of_several_measurements_the_least_favourable_decides(measured) -> None:
    later = [
        numbers(4, "alpha+beta", "alpha", measured_day="28", mean_arm="8"),
        numbers(5, "alpha+beta", "beta", measured_day="28", mean_arm="8"),
    ]
    _, rows = measured(*WHOLE, *later)
    assert motor(rows).verdict is Verdict.WORSE
    assert [one.square.day for one in motor(rows).measured] == [28, 56]


def test_a_part_that_did_better_in_another_outcome_stays_in_the_verdict(tiny: Store, measured) -> None:
    made, rows = measured(*WHOLE)
    numbered = motor(rows).measured[0].square
    worse = fact("alpha beta > alpha -", study="aoki2001", species="mouse", outcome="grip")
    (row,) = contrasts.contrasts(
        replace(made, facts=(*made.facts, worse)), [numbered], [BOTH], Scope(domain=frozenset({"motor"}))
    )
    assert (row.verdict, row.by) == (Verdict.WORSE, By.DIRECTIONS)


def test_one_compared_part_is_no_verdict_of_numbers(measured) -> None:
    _, rows = measured(numbers(1, "alpha+beta", "alpha"))
    assert (motor(rows).verdict, motor(rows).by, motor(rows).measured) == (Verdict.SOME, By.DIRECTIONS, ())


def test_directions_alone_never_say_synergy(tiny: Store, judged) -> None:
    told = ("alpha beta > alpha +", "alpha beta > beta +", "alpha beta >  +", "alpha >  0", "beta >  0")
    made = contrast_rows.row(judged(*told)[0], seen(tiny, *told))
    assert made["verdict"] == "beats every part"
    assert made.get("together") is None and made.get("interaction") is None


def test_a_therapy_asks_for_all_that_hold_it_or_one_below_it(tiny: Store) -> None:
    made = seen(tiny, "alpha-two beta > beta +", "alpha beta > beta +", "beta gamma > beta +")
    assert contrasts.sets(made, "alpha") == [BOTH, {"alpha-two", "beta"}]
    assert contrasts.sets(made, "alpha-two") == [{"alpha-two", "beta"}]
    assert contrasts.sets(made, "beta + AL") == [BOTH]
    assert len(contrasts.sets(made)) == 3


def test_what_nobody_gave_is_said_in_one_sentence(tiny: Store) -> None:
    made = seen(tiny, "alpha beta > beta +")
    with pytest.raises(KgError, match=r"no arm and no trial here gives exactly beta \+ gamma"):
        contrasts.sets(made, "beta + gamma")
    with pytest.raises(KgError, match="anything together with gamma"):
        contrasts.sets(made, "gamma")
    with pytest.raises(UnknownName, match="Did you mean 'alpha'"):
        contrasts.sets(made, "alpa + beta")


def test_a_combination_of_a_retracted_paper_is_nowhere(tiny: Store) -> None:
    assert all("delta" not in members for members in contrasts.sets(known.read(tiny)))


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ([fact("alpha beta >  +")], Verdict.NEVER),
        ([fact("alpha beta > alpha +"), fact("alpha beta >  0", 1, study="other")], Verdict.SOME),
        ([fact("alpha beta > alpha +"), fact("alpha beta > alpha 0", 1, study="other")], Verdict.SOME),
        ([fact("alpha beta > alpha +"), fact("alpha beta > alpha -", 1, study="other")], Verdict.WORSE),
        ([fact("alpha beta > alpha 0"), fact("alpha beta > beta 0", 1, study="other")], Verdict.NO_DIFFERENCE),
    ],
)
def test_the_state_over_all_rows(told: list[Fact], state: Verdict, tiny: Store) -> None:
    assert summed(seen(tiny, *told)).state is state


def test_a_study_counts_under_every_verdict_that_it_has(tiny: Store) -> None:
    one = summed(seen(tiny, fact("alpha beta > alpha +"), fact("alpha beta > alpha 0", 1, domain="scar")))
    assert (one.studies[Verdict.SOME], one.studies[Verdict.NO_DIFFERENCE]) == (1, 1)
    made = contrast_rows.summary_row(one, seen(tiny, "alpha beta > alpha +"))
    assert tuple(made) == tuple(sorted(made, key=contrast_rows.SUMMARY.index)) or set(made) == set(
        contrast_rows.SUMMARY
    )
    assert (made["studies"], made["studies_beats_some_part"], made["missing"]) == (1, 1, "beta")


def test_what_only_a_trial_gives_is_never_compared(tiny: Store) -> None:
    made = Known(tiny.vocab(), (fact("alpha >  +"),), (Trial("NCT1", BOTH, 2020, "I", "completed", "", ()),))
    one = summed(made)
    assert (one.state, one.trials, one.missing) == (Verdict.NEVER, ("NCT1",), ({"alpha"}, {"beta"}))
    assert contrasts.summaries(made, [], [BOTH], Scope(phase=frozenset({"acute"}))) == []


def test_rows_hold_the_columns_they_name_and_findings_that_exist(shipped: Store) -> None:
    made = known.read(shipped)
    rows = contrasts.contrasts(made, squares.squares(shipped), contrasts.sets(made))
    ids = {one.finding for one in made.facts}
    for row in (contrast_rows.row(one, made) for one in rows):
        assert set(row) <= set(contrast_rows.COLUMNS)
        assert row["findings"] and set(str(row["findings"]).split()) | set(str(row["harms"] or "").split()) <= ids
    assert all(set(contrast_rows.short(one, made)) == set(contrast_rows.SHORT) for one in rows)


# --- the shipped graph ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def every(shipped: Store) -> dict[tuple[str, str], Contrast]:
    """The rows of the shipped graph by study and domain; of several combinations of a study the last one."""
    made = known.read(shipped)
    rows = contrasts.contrasts(made, squares.squares(shipped), contrasts.sets(made))
    return {(row.study, row.domain): row for row in rows}


def test_training_beside_a_graft_is_judged_by_what_the_abstract_sets_against_it(every) -> None:
    tashiro = every["tashiro2016", "motor"]
    assert (tashiro.verdict, tashiro.factorial) == (Verdict.EVERY, True)
    assert {outcome for part in tashiro.parts for outcome in part.outcomes} == {"cpg-activity"}  # locomotion is not
    lu = every["lu2022", "motor"]
    assert (lu.verdict, lu.missing) == (Verdict.CONTROL, ())
    assert lu.unset == ({"intensive-rehabilitation"}, {"neural-stem-progenitor"})
    wang = every["wang2011", "motor"]
    assert (wang.verdict, wang.had, wang.unset) == (Verdict.CONTROL, ({"chabc"},), ({"task-specific"},))
    assert every["suematsu2023", "motor"].verdict is Verdict.EVERY


def test_the_one_square_of_four_arms_is_compatible_with_additivity(every) -> None:
    takami = every["takami2002", "myelin"]
    assert (takami.verdict, takami.by) == (Verdict.NO_DIFFERENCE, By.NUMBERS)
    assert takami.measured[0].answer.together.value == "compatible with additivity"
    assert "takami2002-22" in takami.harms


# --- SPARQL -----------------------------------------------------------------------------------------------------------


def never(store: Store, **words: str) -> set[tuple[object, ...]]:
    """The answer of Python, one row for each member that a missing arm leaves out."""
    made = known.read(store)
    scope = Scope.of(made.vocab, **words)
    wanted = contrasts.sets(made)
    sums = contrasts.summaries(made, contrasts.contrasts(made, squares.squares(store), wanted, scope), wanted, scope)
    found = set()
    for one in sums:
        row = contrast_rows.summary_row(one, made)
        counts = [row[name] for name in ("studies", "improved", "no_difference", "worsened", "mixed")]
        for arm in one.missing if one.facts and one.state is Verdict.NEVER else ():
            (without,) = one.members - arm
            labels = frozenset(made.vocab.label("therapy", id) for id in one.members)
            found.add((labels, made.vocab.label("therapy", without), *counts))
    return found


def asked(store: Store, **words: str) -> set[tuple[object, ...]]:
    rows = kg.query("never-compared", store, **words)
    return {(frozenset(str(row["combination"]).split(" + ")), *list(row.values())[1:]) for row in rows}


@pytest.mark.parametrize("words", [{}, {"phase": "chronic"}, {"species": "rodent", "domain": "motor"}])
def test_the_question_answers_as_python_does(words: dict[str, str], tiny: Store, shipped: Store) -> None:
    assert asked(shipped, **words) == never(shipped, **words) != set()
    assert asked(tiny, **words) == never(tiny, **words)


def test_without_its_contrasts_the_tiny_combination_was_never_compared(sheets: Path) -> None:
    file = sheets / "findings" / "aoki.csv"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text(
        "".join(line for line in lines if line[:11] not in ("aoki2001-02", "aoki2001-03")), encoding="utf-8"
    )
    readings = sheets / "readings.csv"
    kept = readings.read_text(encoding="utf-8").splitlines(keepends=True)
    readings.write_text(
        "".join(line for line in kept if "aoki2001-02" not in line and "aoki2001-03" not in line), encoding="utf-8"
    )
    store = Store.of(build.collect(sheets).sound().triples())
    assert asked(store) == never(store) == {(BOTH, without, 1, 0, 0, 1, 0) for without in BOTH}


# --- page, picture, command -------------------------------------------------------------------------------------------


def paged(store: Store, what: str = "", **words: str):
    made = known.read(store)
    scope, wanted = Scope.of(made.vocab, **words), contrasts.sets(made, what)
    rows = contrasts.contrasts(made, squares.squares(store), wanted, scope)
    sums = contrasts.summaries(made, rows, wanted, scope)
    return page(store, made, what or "any combination", rows, sums, scope, ["kg", "combos", "contrasts"])


def test_the_page_says_harms_first_then_what_was_never_compared(tiny: Store) -> None:
    made = paged(tiny)
    ids = [section.id for section in made.document.sections]
    assert ids == ["harms", "short", "never", "no-difference", "some", "elsewhere", "rule"]
    harms, _, unseen = made.document.sections[:3]
    assert next(harms.sentences()).findings == ("aoki2001-04",)
    assert [sentence.trials for sentence in unseen.sentences() if sentence.trials] == [("beta-gamma-trial",)]
    text = made.content(Path("page.md")).decode()
    assert contrasts.RULE in text and "Next: add an arm of beta alone" in text


def test_a_filter_leaves_the_harms_on_the_page(tiny: Store) -> None:
    made = paged(tiny, "alpha + beta", domain="motor")
    assert [sentence.findings for sentence in made.document.sections[0].sentences()] == [("aoki2001-04",)]


def test_every_row_of_the_shipped_graph_stands_on_the_page_with_its_findings(shipped: Store, every) -> None:
    made = paged(shipped)
    groups = [group for section in made.document.sections for group in section.groups]
    said = {
        (group.heading.casefold(), item.lead): {id for sentence in item.sentences for id in sentence.findings}
        for group in groups
        for item in group.items
    }
    read = known.read(shipped)
    for row in every.values():
        assert said[read.named(row.members).casefold(), f"{where(read, row)}."] == {*row.findings}
    assert [drawing.picture for drawing in made.document.drawings] == [None]
    assert not re.search(r"\b(synerg\w+|treats|effective|promising)\b", " ".join(
        sentence.text for section in made.document.sections for sentence in section.sentences()
    ))  # fmt: skip


def test_one_combination_is_drawn_study_by_study_under_ids_of_their_own(shipped: Store) -> None:
    made = paged(shipped, "neural stem/progenitor cell + treadmill training")
    pictures = [drawing.picture for drawing in made.document.drawings if drawing.picture]
    ids = [mark.id for picture in pictures for mark in picture.marks]
    assert len(pictures) > 1
    assert len(set(ids)) == len(ids)


NAMES = {"C": "control", "A": "alpha", "B": "beta", "AB": "alpha + beta"}
SIGNED = Card(
    "alpha + beta",
    {letter: Corner(name, (f"f-{letter}",)) for letter, name in NAMES.items()}
    | {"B": Corner("beta", (), "not measured")},
    (Edge("A", "AB", "worsened", "0 for, 1 against", ("f-AB",)), Edge("B", "AB")),
    ("Worse than a part.",),
)
MEANS = dict(zip(NAMES, (8.0, 10.0, 11.0, 15.0), strict=True))
NUMBERED = Card(
    "alpha + beta",
    {letter: Corner(NAMES[letter], (f"f-{letter}",), "", m, m - 1, m + 1, 8) for letter, m in MEANS.items()},
    (),
    ("d1, AB over A: 5",),
    "walking, points; higher is better",
    13.0,
)


@pytest.mark.parametrize("width", [89.0, 180.0])
@pytest.mark.parametrize("drawn", [SIGNED, NUMBERED])
def test_a_card_names_the_findings_of_every_mark_and_is_the_same_each_time(drawn: Card, width: float) -> None:
    made = square(drawn, {"version": "0.1.0"}, width)
    assert made == square(drawn, {"version": "0.1.0"}, width)
    assert {id for mark in made.marks for id in mark.findings} >= {"f-A", "f-AB", "f-C"}
    assert f'width="{width:g}mm"' in made.svg
    assert "not medical advice" in made.note


def test_a_missing_arm_is_dashed_and_named_and_a_result_has_a_letter_too() -> None:
    made = square(SIGNED, {})
    assert "not measured" in made.svg and "stroke-dasharray" in made.svg
    assert "\N{MINUS SIGN}</text>" in made.svg
    assert [mark.text for mark in made.marks if mark.text.startswith("AB against A")] == [
        "AB against A: worsened (0 for, 1 against)"
    ]


def test_the_additive_expectation_is_drawn_and_said() -> None:
    made = square(NUMBERED, {})
    assert any(mark.text.startswith("A + B \N{MINUS SIGN} C = 13") for mark in made.marks)
    assert square(replace(NUMBERED, expected=None), {}).note.count("leaves unknown") == 1


def test_a_card_without_its_corners_is_refused() -> None:
    with pytest.raises(KgError, match="four corners"):
        square(replace(SIGNED, corners={"AB": Corner("alpha + beta")}), {})


def test_an_arm_that_nobody_measured_is_drawn_so(tiny: Store) -> None:
    made = known.read(tiny)
    rows = contrasts.contrasts(made, [], [BOTH], Scope.of(made.vocab, domain="motor"))
    drawn = card(made, rows[0])
    assert drawn.corners["B"].state == "not measured"
    assert {(edge.lower, edge.upper): edge.result for edge in drawn.edges}["A", "AB"] == "improved"


def run(built: Path, *words: str):
    made = CliRunner().invoke(main, ["--store", str(built), "combos", "contrasts", *words])
    assert made.exit_code == 0, made.stderr
    return made


def test_the_command_prints_rows_with_harms_and_findings(built: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run(built, "alpha", "--domain", "motor").stdout)))
    assert [row["verdict"] for row in rows] == ["beats some part"]
    assert (rows[0]["missing"], rows[0]["harms"], rows[0]["findings"]) == ("beta", "aoki2001-04", "aoki2001-02")
    assert rows[0]["order"] == "alpha then beta"


def test_the_command_sums_up_and_writes_every_form(built: Path, tmp_path: Path) -> None:
    told = json.loads(run(built, "--summary", "--format", "json").stdout)["rows"]
    assert {row["combination"]: row["state"] for row in told}["alpha + beta"] == "beats some part"
    assert "beats some part (by directions)" in run(built, "alpha + beta", "--format", "table").stdout
    run(built, "alpha + beta", "-o", str(tmp_path / "page.html"))
    assert "against its parts" in (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "## Harms" in run(built, "--format", "md").stdout


def test_a_word_that_names_nothing_is_one_sentence(built: Path) -> None:
    made = CliRunner().invoke(main, ["--store", str(built), "combos", "contrasts", "alfa"])
    assert made.exit_code == 2
    assert made.stderr == "kg: 'alfa' is not a therapy. Did you mean 'alpha' or 'AL'?\n"
