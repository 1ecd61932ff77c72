"""Barriers: what counts as covered, what stays open, and that nulls and harms stand on every row and page."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from test_combos_covers import WORDS, fact, graph, invoked, vocab

import kg
from kg import build
from kg.cli import main
from kg.errors import KgError, UnknownName
from kg.graph import evidence
from kg.selection import Selection
from kg.store import Row, Store
from kg.synthesis.combos import coverage, known
from kg.synthesis.combos.coverage import Cell, Coverage, Kind, Line, State
from kg.synthesis.combos.known import Fact, Known, Scope
from kg.views.combos import barriers as view
from kg.views.plots import Picture, facts
from kg.views.plots.asked import Asked
from kg.views.plots.coverage import Strip
from kg.views.plots.coverage import coverage as drawn

SVG = "{http://www.w3.org/2000/svg}"


def line(made: Coverage, name: str, kind: Kind = Kind.THERAPY) -> Line:
    (found,) = (one for one in made.lines if (one.name, one.kind) == (name, kind))
    return found


def cell(*made: Fact, barrier: str = "scar", therapy: str = "alpha") -> Cell:
    return line(coverage.coverage(graph(*made), [therapy]), therapy.replace("-", " ")).cells[barrier]


def several(results: str) -> list[Fact]:
    """A study for each result."""
    return [fact(number, "alpha", result) for number, result in enumerate(results)]


# --- the rule ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "results, state",
    [
        ("+", State.COVERED),
        ("++0", State.COVERED),
        ("+0", State.MEASURED),
        ("++0-", State.MEASURED),
        ("+±", State.MEASURED),
        ("0", State.MEASURED),
        ("-", State.MEASURED),
        ("?", State.UNCALLED),
        ("+?", State.COVERED),
    ],
)
def test_a_barrier_is_covered_where_more_studies_improved_than_did_anything_else(results: str, state: State) -> None:
    assert cell(*several(results)).state is state


def test_what_nobody_measured_is_neither_null_nor_covered() -> None:
    empty = cell(fact(1, "alpha"), barrier="cavity")
    assert empty.state is State.NOBODY
    assert (empty.tier, empty.direction, empty.facts) == (None, None, ())


def test_a_study_has_one_vote_however_many_findings_it_has() -> None:
    many = [fact(number, "alpha", study="s1") for number in range(5)]
    assert cell(*many, fact(6, "alpha", "0"), fact(7, "alpha", "0")).state is State.MEASURED


def test_a_study_whose_findings_are_tied_is_mixed_and_no_benefit() -> None:
    tied = cell(fact(1, "alpha", study="s"), fact(2, "alpha", "0", study="s"))
    assert (tied.state, tied.direction) == (State.MEASURED, "mixed")


def test_two_results_of_as_many_votes_are_mixed() -> None:
    assert cell(*several("+0")).direction == "mixed"
    assert cell(*several("00+")).direction == "no difference"


@given(st.text(alphabet="+0-±?", max_size=12))
def test_a_null_never_covers_and_a_benefit_never_uncovers(results: str) -> None:
    before = cell(*several(results)).covered
    assert cell(*several(results + "+")).covered >= before
    for result in "0-±":
        assert cell(*several(results + result)).covered <= before
    assert cell(*several(results + "?")).covered == before


@given(st.text(alphabet=list(WORDS), min_size=1, max_size=12))
def test_the_votes_of_a_cell_are_its_studies_but_for_those_that_cannot_be_called(results: str) -> None:
    found = cell(*several(results))
    assert found.votes.whole == len(results) - results.count("?")
    assert 0 <= found.votes.lower <= 1


def test_the_best_tier_is_that_of_the_best_numbers() -> None:
    assert cell(fact(1, "alpha"), fact(2, "alpha", tier="T2"), fact(3, "alpha", tier="T3")).tier == "T2"
    assert cell(fact(1, "alpha")).tier == "T4"
    assert cell(fact(1, "alpha", "?")).tier == "T5"


# --- which findings count ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("contrast", ["replaces", "varies", "before-after", "none"])
def test_a_contrast_that_adds_nothing_covers_nothing(contrast: str) -> None:
    assert cell(fact(1, "alpha", contrast=contrast)).state is State.NOBODY


def test_a_combination_tested_as_a_whole_credits_none_of_its_parts() -> None:
    made = coverage.coverage(graph(fact(1, "alpha + beta")), ["alpha + beta"])
    assert line(made, "alpha").cells["scar"].state is State.NOBODY
    assert line(made, "alpha + beta", Kind.WHOLE).covered == ("scar",)
    assert line(made, "alpha + beta", Kind.UNION).covered == ()


def test_a_class_that_is_asked_for_takes_what_is_below_it() -> None:
    made = graph(fact(1, "alpha-two"), fact(2, "alpha-two + beta", outcome="myelin-area"))
    assert line(coverage.coverage(made, ["alpha"]), "alpha").covered == ("scar",)
    assert [one.name for one in coverage.coverage(made).lines] == ["alpha two"]
    asked = coverage.coverage(made, ["alpha + beta"])
    assert line(asked, "alpha + beta", Kind.WHOLE).covered == ("myelin",)


def test_only_what_was_asked_about_counts_but_every_harm_stays() -> None:
    made = graph(
        fact(1, "alpha", phase="acute"), fact(2, "alpha", "0"), fact(3, "alpha-two", "-", "walking", phase="acute")
    )
    row = line(coverage.coverage(made, ["alpha"], Scope.of(vocab(), phase="chronic")), "alpha")
    assert row.cells["scar"].state is State.MEASURED
    assert row.harms == ("f03",)


def test_without_the_harm_the_rows_and_the_grid_change(sheets: Path) -> None:
    def told() -> tuple[list[Row], list[Row]]:
        read = known.read(Store.of(build.collect(sheets).sound().triples()))
        made = coverage.coverage(read)
        return coverage.rows(made, read), [coverage.short(one) for one in made.lines]

    with_harm = told()
    assert {row["harms"] for row in with_harm[0]} == {"aoki2001-04"}
    assert {row["harms"] for row in with_harm[1]} == {1}
    file = sheets / "findings/aoki.csv"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(one for one in lines if not one.startswith("aoki2001-04")), encoding="utf-8")
    assert {row["harms"] for some in told() for row in some} == {None}


def test_a_probe_is_called_one_and_a_control_is_refused() -> None:
    made = coverage.coverage(graph(fact(1, "delta"), fact(2, "alpha", "0")))
    assert [(one.name, one.kind) for one in made.lines] == [("alpha", Kind.THERAPY), ("delta", Kind.PROBE)]
    with pytest.raises(KgError, match="'control' is a control, not a therapy"):
        coverage.coverage(graph(fact(1, "alpha")), ["control"])


def test_words_that_name_nothing_and_scopes_that_hold_nothing_are_one_sentence() -> None:
    with pytest.raises(UnknownName, match=r"'alpah' is not a therapy\. Did you mean 'alpha'"):
        coverage.coverage(graph(), ["alpah"])
    with pytest.raises(UnknownName, match="'gama' is not a therapy"):
        coverage.coverage(graph(), ["alpha + gama"])
    with pytest.raises(KgError, match="no finding of acute here measures a barrier"):
        coverage.coverage(graph(fact(1, "alpha")), (), Scope.of(vocab(), phase="acute"))


def test_a_therapy_that_nobody_measured_is_an_answer() -> None:
    assert {one.state for one in line(coverage.coverage(graph(), ["gamma"]), "gamma").cells.values()} == {State.NOBODY}


# --- sets -------------------------------------------------------------------------------------------------------------


def test_a_union_names_who_carries_a_barrier_and_pools_nothing() -> None:
    made = coverage.coverage(
        graph(fact(1, "alpha"), fact(2, "beta"), fact(3, "beta", "0", "myelin-area")), ["alpha", "beta"]
    )
    both = line(made, "alpha + beta", Kind.UNION)
    assert both.cells["scar"].carriers == ("alpha", "beta")
    assert both.cells["scar"].votes.whole == 1
    assert {id: one.state for id, one in both.cells.items()} == {
        "scar": State.COVERED, "myelin": State.MEASURED, "cavity": State.NOBODY,
    }  # fmt: skip


def test_nulls_of_two_therapies_do_not_uncover_what_one_of_them_covers() -> None:
    made = coverage.coverage(graph(fact(1, "alpha"), fact(2, "beta", "0"), fact(3, "beta", "-")), ["alpha", "beta"])
    both = line(made, "alpha + beta", Kind.UNION).cells["scar"]
    assert both.carriers == ("alpha",)
    assert coverage.ordered(both.facts) == ("f03", "f02", "f01")


def test_several_therapies_have_a_union_and_one_alone_has_none() -> None:
    made = graph(fact(1, "alpha"))
    assert [one.kind for one in coverage.coverage(made, ["alpha"]).lines] == [Kind.THERAPY]
    kinds = [one.kind for one in coverage.coverage(made, ["alpha + beta", "gamma"]).lines]
    assert kinds == [Kind.THERAPY] * 3 + [Kind.WHOLE, Kind.UNION, Kind.UNION]


# --- rows -------------------------------------------------------------------------------------------------------------


def test_every_cell_is_a_row_and_names_its_findings_contradicting_first() -> None:
    made = graph(fact(1, "alpha"), fact(2, "alpha", "0"), fact(3, "alpha", "-"), fact(4, "alpha", "?"))
    rows = coverage.rows(coverage.coverage(made), made)
    assert [set(row) == set(coverage.COLUMNS) for row in rows] == [True] * 3
    (row,) = (row for row in rows if row["barrier"] == "scar")
    assert row["findings"] == "f03 f02 f01 f04"
    assert (row["studies"], row["improved"], row["worsened"], row["undetermined"]) == (4, 1, 1, 1)
    assert {row["state"] for row in rows} == {"measured, not covered", "nobody measured"}


def test_the_grid_shows_nulls_beside_benefits_and_marks_what_is_covered() -> None:
    made = coverage.coverage(graph(*several("++0-"), fact(9, "alpha", outcome="myelin-area")))
    assert coverage.heads(made) == ["therapy", "myelin", "scar", "harms"]
    (row,) = (coverage.short(one) for one in made.lines)
    assert (row["scar"], row["myelin"], row["cavity"], row["harms"]) == ("+2 0:1 -1", "+1*", None, 1)


def test_the_most_covered_stands_first() -> None:
    made = coverage.coverage(graph(fact(1, "alpha", "0"), fact(2, "beta"), fact(3, "gamma"), fact(4, "gamma")))
    assert [one.name for one in made.lines] == ["gamma", "beta", "alpha"]


def test_animals_and_people_in_one_cell_are_pointed_out() -> None:
    both = graph(fact(1, "alpha"), fact(2, "alpha", species="human"))
    assert coverage.coverage(both).mixes_people
    assert not coverage.coverage(both, (), Scope.of(vocab(), species="human")).mixes_people


# --- the same in SPARQL -----------------------------------------------------------------------------------------------

_COUNTED = ("studies", "improved", "no_difference", "worsened", "mixed")


@pytest.mark.parametrize("which", ["tiny", "shipped"])
def test_the_question_and_the_matrix_count_the_same(which: str, request: pytest.FixtureRequest) -> None:
    store: Store = request.getfixturevalue(which)
    read = known.read(store)
    asked = {
        (row["barrier"], row["isolates"], row["phase"], *(row[name] for name in _COUNTED))
        for row in kg.query("barriers", store)
        if " + " not in str(row["isolates"])
    }
    assert asked == {told for phase in read.vocab.scheme("phase") for told in counted(read, phase.label)}


@pytest.mark.parametrize("which", ["tiny", "shipped"])
def test_the_question_for_chronic_injury_and_the_matrix_count_the_same(
    which: str, request: pytest.FixtureRequest
) -> None:
    store: Store = request.getfixturevalue(which)
    rows = kg.query("barriers", store, phase="chronic")
    asked = {
        (row["barrier"], row["isolates"], row["phase"], *(row[name] for name in _COUNTED))
        for row in rows
        if " + " not in str(row["isolates"])
    }
    assert asked == counted(known.read(store), "chronic")


def counted(read: Known, phase: str) -> set[tuple[object, ...]]:
    try:
        made = coverage.coverage(read, (), Scope.of(read.vocab, phase=phase))
    except KgError:  # nothing measured in that phase
        return set()
    rows = [row for row in coverage.rows(made, read) if row["state"] != State.NOBODY]
    return {(row["barrier"], row["therapy"], phase, *(row[name] for name in _COUNTED)) for row in rows}


def test_every_finding_of_a_single_therapy_on_a_barrier_stands_in_a_cell(shipped: Store) -> None:
    read = known.read(shipped)
    keys = {key for row in coverage.rows(coverage.coverage(read), read) for key in str(row["findings"]).split()}
    assert keys - {"None"} == {f.finding for f in read.facts if f.isolates_one and f.outcome in read.barriers}


# --- page, picture, command -------------------------------------------------------------------------------------------


def test_the_page_has_harms_first_then_the_rule_and_a_section_for_each_barrier(shipped: Store) -> None:
    read = known.read(shipped)
    made = coverage.coverage(read, ["chabc + nt3-gene"])
    document = view.barriers(shipped, read, made, known.ANY, ["kg", "combos", "barriers", "chabc + nt3-gene"]).document
    ids = [section.id for section in document.sections]
    assert ids == ["harms", "rule", "union", *(f"barrier-{id}" for id in made.barriers)]
    notes = {section.id: section.note for section in document.sections}
    assert coverage.RULE in notes["rule"]
    assert coverage.EMPTY in notes["rule"]
    said = {key for sentence in document.sections[0].sentences() for key in sentence.findings}
    assert said == {key for one in made.lines for key in one.harms}


def test_the_page_names_every_finding_of_the_matrix(tiny: Store) -> None:
    read = known.read(tiny)
    made = coverage.coverage(read)
    document = view.barriers(tiny, read, made, known.ANY, ["kg", "combos", "barriers"]).document
    wanted = {fact.finding for one in made.lines for fact in one.facts} | {"aoki2001-04"}
    assert {fact.finding for fact in document.facts} == wanted
    assert {key for section in document.after for one in section.sentences() for key in one.findings} <= wanted


def picture(store: Store, width: float = 180.0, phase: str = "", strips: tuple[Strip, ...] = ()) -> Picture:
    found = Selection.of((), 1, "", {"phase": phase}).evidence(store) if phase else evidence(store)
    return drawn(Asked(found, facts.read(found), store.about, width=width), strips)


def texts(made: Picture) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(made.svg).iter(f"{SVG}text"))  # noqa: S314  # our own text


@pytest.mark.parametrize("phase", ["", "chronic"])
def test_the_picture_frames_what_the_matrix_covers(phase: str, shipped: Store) -> None:
    read = known.read(shipped)
    made = coverage.coverage(read, (), Scope.of(read.vocab, phase=phase or None))
    labels = {id: read.vocab.label("barrier", id) for id in made.barriers}
    state = {f"{one.name}, {labels[id]}": c.covered for one in made.lines for id, c in one.cells.items() if c.facts}
    marks = [mark for mark in picture(shipped, phase=phase).marks if mark.findings]
    for mark in marks:
        assert mark.text.endswith("; covered") == state[mark.text.partition(": ")[0].rstrip()], mark.text
    assert len(marks) == len(state) or len(made.lines) > 40


def test_the_picture_calls_an_empty_cell_what_it_is(shipped: Store) -> None:
    made = picture(shipped, phase="chronic")
    (empty,) = (mark for mark in made.marks if not mark.findings)
    assert re.fullmatch(r"\d+ empty cells: nobody measured here", empty.text)
    assert "Empty means that nobody measured it here, not that there is no effect" in made.note


def test_the_picture_says_how_many_rows_it_leaves_out_and_is_the_same_each_time(shipped: Store) -> None:
    made = picture(shipped)
    assert re.search(r"Showing 40 of \d+ therapies: those that cover most", made.note)
    assert made.svg == picture(shipped).svg


@pytest.mark.parametrize("width", [180.0, 89.0])
def test_no_word_of_the_picture_is_small_or_outside_the_sheet(width: float, shipped: Store) -> None:
    for element in texts(picture(shipped, width, "chronic")):
        assert float(str(element.get("font-size")).removesuffix("px")) >= 6
        assert 0 <= float(str(element.get("x"))) <= width / 25.4 * 72


def test_a_set_is_drawn_as_a_row_of_its_own(tiny: Store) -> None:
    keys = frozenset({"aoki2001-03", "aoki2001-05"})
    made = picture(tiny, strips=(Strip("alpha + beta (union)", keys, frozenset({"scar tissue"})),))
    assert [mark.findings for mark in made.marks] == [("aoki2001-03", "aoki2001-05")]
    assert made.marks[0].text.startswith("alpha + beta (union), scar tissue: 1 study")


def test_a_graph_without_a_barrier_has_no_picture(tiny: Store) -> None:
    found = evidence(tiny, {"aoki2001-01"})
    with pytest.raises(KgError, match="no finding here that adds a single therapy measures a barrier"):
        drawn(Asked(found, facts.read(found), tiny.about))


FORMS: dict[str, Callable[[str], bool]] = {
    "csv": lambda out: out.startswith(",".join(coverage.COLUMNS)),
    "json": lambda out: '"nobody measured"' in out,
    "table": lambda out: "demyelination" in out.splitlines()[0],
    "md": lambda out: out.startswith("# Which therapies cover which barriers"),
    "html": lambda out: out.startswith("<!doctype html>") or "<html" in out[:200],
}


@pytest.mark.parametrize("form", FORMS)
def test_the_command_answers_in_every_form(form: str, shipped_at: Path) -> None:
    out, _, code = invoked(shipped_at, "--phase", "chronic", "--format", form)
    assert code == "0"
    assert FORMS[form](out)


def test_the_command_mends_nothing_silently(shipped_at: Path) -> None:
    result = CliRunner().invoke(main, ["--store", str(shipped_at), "combos", "barriers", "chabcc"])
    assert result.exit_code == 2
    assert "'chabcc' is not a therapy. Did you mean 'ChABC'" in result.stderr
