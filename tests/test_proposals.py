"""What a program proposes stands as rows in a folder of its own, the same for the same text, and never as reviewed."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from harvests import NOBODY, PAIN, TEXT, arm, document, harvest, paper, proposal

from kg import build, decisions, proposals, vocab
from kg.cli import main
from kg.decisions import Decision, Verdict
from kg.document import Harvest, Mark, Section, Span
from kg.errors import KgError
from kg.model import Direction, Finding, Given, Origin, Paper, Status
from kg.proposals import Written
from kg.store import Store
from kg.vocab import Vocab

TINY = Path(__file__).parent / "tiny"
DATE = "2026-11-26"


@pytest.fixture(scope="module")
def words() -> Vocab:
    return vocab.load(TINY / "vocab")[0]


@pytest.fixture
def place(tmp_path: Path, words: Vocab) -> Path:
    """A folder with the two proposals of one paper."""
    proposals.write(tmp_path / "proposed", [harvest()], DATE, words)
    return tmp_path / "proposed"


def table(place: Path, name: str = "findings/proposed.csv") -> list[dict[str, str]]:
    with (place / name).open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def content(place: Path) -> dict[str, bytes]:
    return {file.relative_to(place).as_posix(): file.read_bytes() for file in place.rglob("*") if file.is_file()}


def decide(place: Path, finding: str, verdict: Verdict = Verdict.REJECT, reader: str = "ada") -> None:
    decisions.append(place, [Decision(finding, reader, "2026-11-26T09:00:00Z", verdict, "other")])


def of(place: Path, outcome: str) -> str:
    """The id of the finding on an outcome."""
    made = [one.finding for some in proposals.read(place) for one in some.proposals]
    return next(one.id for one in made if one.outcome.id == outcome)


# --- the rows ---------------------------------------------------------------------------------------------------------


def test_a_proposal_is_an_unreviewed_row_of_a_program_that_says_by_what_rule_and_where(place: Path) -> None:
    row = next(row for row in table(place) if row["outcome"] == "walking")
    told = {name: row[name] for name in ("origin", "status", "confidence", "confidence_reason", "locator", "curator")}
    assert told == {
        "origin": "program", "status": "unreviewed", "confidence": "moderate",
        "confidence_reason": "rules 1, 0.72", "locator": "abstract", "curator": "rules 1",
    }  # fmt: skip
    assert (row["source_url"], row["date"], row["quote"]) == ("https://pubmed.ncbi.nlm.nih.gov/7/", DATE, "")


def test_the_folder_is_read_as_a_folder_of_rows(place: Path) -> None:
    result = CliRunner().invoke(main, ["check", "--data", str(TINY), "--source", f"sheets:{place}"])
    assert (result.exit_code, result.output[:12]) == (0, "no problems:")


def test_marks_have_a_row_each_and_an_inferred_slot_has_none(place: Path) -> None:
    marks = table(place, "marks.csv")
    assert [row["slot"] for row in marks] == ["arm", "phase", "outcome", "direction"]
    text = harvest().document.text
    assert text[int(marks[2]["start"]) : int(marks[2]["end"])] == "walking score"
    assert {(row["confidence"], row["rule"]) for row in marks} == {("0.72", "rules 1")}


def test_no_sentence_of_the_paper_stands_in_the_tables(place: Path) -> None:
    tables = [file for file in place.rglob("*.csv") if file.name != "papers.csv"]
    assert not any("rarely mends" in file.read_text() or "untreated rats" in file.read_text() for file in tables)


@pytest.mark.parametrize(
    "confidence, word", [(0.8, "high"), (0.79, "moderate"), (0.5, "moderate"), (0.49, "low"), (1, "high")]
)
def test_a_number_of_confidence_is_a_word_in_the_row(
    tmp_path: Path, words: Vocab, confidence: float, word: str
) -> None:
    proposals.write(tmp_path, [harvest(7, proposal(document(), confidence))], DATE, words)
    assert [row["confidence"] for row in table(tmp_path)] == [word]


def test_what_is_written_is_read_back(place: Path) -> None:
    (made,) = proposals.read(place)
    assert made.document == harvest().document
    assert {one.finding.status for one in made.proposals} == {Status.UNREVIEWED}
    assert {one.finding.origin for one in made.proposals} == {Origin.PROGRAM}


def test_nobody_proposed_anything_yet(tmp_path: Path) -> None:
    assert proposals.read(tmp_path / "none") == []


# --- read again -------------------------------------------------------------------------------------------------------


def test_the_same_papers_in_any_order_and_twice_give_the_same_bytes(tmp_path: Path, words: Vocab) -> None:
    many = [harvest(number) for number in (7, 8, 9)]
    proposals.write(tmp_path / "a", many, DATE, words)
    proposals.write(tmp_path / "b", reversed(many), DATE, words)
    before = content(tmp_path / "a")
    assert before == content(tmp_path / "b")
    proposals.write(tmp_path / "a", many[:2], DATE, words)
    assert content(tmp_path / "a") == before


def test_a_paper_read_again_has_its_new_proposals_only(place: Path, words: Vocab) -> None:
    about = document()
    again = Harvest(about, (proposal(about, direction=Direction.DECREASED),))
    assert proposals.write(place, [again], DATE, words) == Written(1, 1, 0, ())
    assert [row["direction"] for row in table(place)] == ["decreased"]


def test_a_paper_is_the_same_by_any_identifier(place: Path, words: Vocab) -> None:
    other = harvest(7, id="doi-10-5555-late-7", pmid="", doi="10.5555/LATE.7")
    assert proposals.write(place, [other], DATE, words).papers == 1
    assert [row["id"] for row in table(place, "papers.csv")] == ["doi-10-5555-late-7"]


def test_a_paper_of_which_nothing_is_proposed_any_more_is_gone(place: Path, words: Vocab) -> None:
    proposals.write(place, [Harvest(document())], DATE, words)
    assert (table(place), proposals.read(place)) == ([], [])


def test_what_is_rejected_is_not_proposed_again_and_stays_for_other_readers(place: Path, words: Vocab) -> None:
    rejected = of(place, "walking")
    decide(place, rejected)
    assert proposals.write(place, [harvest()], DATE, words) == Written(1, 1, 1, ())
    assert [row["outcome"] for row in table(place)] == ["pain-score"]
    assert rejected in {one.finding.id for one in proposals.read(place)[0].proposals}


def test_what_is_decided_outlives_a_reading_that_finds_it_no_more(place: Path, words: Vocab) -> None:
    accepted = of(place, "walking")
    decide(place, accepted, Verdict.ACCEPT)
    moved = TEXT.replace("walking score", "score of walking")
    proposals.write(place, [Harvest(document(text=moved))], DATE, words)
    ((kept,),) = [one.proposals for one in proposals.read(place)]
    assert kept.finding.id == accepted
    assert [mark.slot for mark in kept.marks] == ["arm", "phase"]  # the text before them is the same


def test_what_is_decided_is_known_where_the_paper_got_another_key(place: Path, words: Vocab) -> None:
    decide(place, of(place, "walking"))
    other = harvest(7, id="pmcid-pmc7", pmcid="PMC7")
    proposals.write(place, [other], DATE, words)
    assert [row["outcome"] for row in table(place)] == ["pain-score"]


def test_two_writers_do_not_undo_each_other(place: Path, words: Vocab) -> None:
    def slow():  # type: ignore[no-untyped-def]  # a generator that writes meanwhile
        yield harvest(8)
        proposals.write(place, [harvest(9)], DATE, words)

    with pytest.raises(KgError, match="changed by somebody else"):
        proposals.write(place, slow(), DATE, words)
    assert [row["id"] for row in table(place, "papers.csv")] == ["pmid-7", "pmid-9"]


def test_a_broken_line_of_texts_is_said_with_its_place(place: Path) -> None:
    (place / "documents.jsonl").write_text("{}\n")
    with pytest.raises(KgError, match=r"documents.jsonl, row 1: holds no harvest"):
        proposals.read(place)


# --- ids and arms -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("changed", [
    {"direction": Direction.DECREASED}, {"phase": "acute"}, {"species": "mouse"}, {"outcome": PAIN},
    {"arm": arm("alpha")}, {"comparator": arm("alpha")},
])  # fmt: skip
def test_another_contrast_is_another_finding(tmp_path: Path, words: Vocab, changed: dict[str, object]) -> None:
    about = document()
    proposals.write(tmp_path, [Harvest(about, (proposal(about), proposal(about, **changed)))], DATE, words)
    assert len({row["id"] for row in table(tmp_path)}) == 2


def test_the_same_finding_seen_twice_is_one_of_the_higher_confidence(tmp_path: Path, words: Vocab) -> None:
    about = document()
    twice = Harvest(about, (proposal(about, 0.3), proposal(about, 0.9, arm=arm("beta", "alpha", id="both"))))
    proposals.write(tmp_path, [twice], DATE, words)
    assert [(row["arm"], row["confidence"]) for row in table(tmp_path)] == [("both", "high")]


def test_arms_of_one_name_that_are_given_differently_get_names_of_their_own(tmp_path: Path, words: Vocab) -> None:
    about = document()
    low, high = (replace(arm("alpha"), given=(Given("alpha", dose_text=dose),)) for dose in ("low", "high"))
    both = Harvest(about, (proposal(about, arm=low), proposal(about, arm=high)))
    assert not proposals.write(tmp_path, [both], DATE, words).problems
    names = [row["arm"] for row in table(tmp_path)]
    assert sorted(name.partition("~")[0] for name in names) == ["alpha", "alpha"]
    assert len(set(names)) == 2


def test_a_name_that_no_arm_can_have_becomes_that_of_its_therapies(tmp_path: Path, words: Vocab) -> None:
    about = document()
    named = proposal(about, arm=arm("alpha", "beta", id="the alpha & beta rats"))
    proposals.write(tmp_path, [Harvest(about, (named,))], DATE, words)
    assert [row["arm"] for row in table(tmp_path)] == ["alpha+beta"]


# --- what is left out -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("changed, said", [
    ({"species": "dragon"}, "'dragon' is not a species"),
    ({"arm": NOBODY, "comparator": arm("alpha")}, "gives no active therapy"),
    ({"arm": arm("omega")}, "'omega' is not a therapy"),
    ({"arm": arm()}, "is not an arm"),
])  # fmt: skip
def test_a_proposal_that_is_no_sound_row_is_left_out_and_said(
    tmp_path: Path, words: Vocab, changed: dict[str, object], said: str
) -> None:
    about = document(paper(8))
    bad = Harvest(about, (proposal(about, **changed),))
    made = proposals.write(tmp_path, [harvest(), bad], DATE, words)
    assert (made.papers, made.findings) == (1, 2)
    assert any(said in str(one) and "pmid-8" in str(one) and "left out" in str(one) for one in made.problems)
    assert build.collect(TINY, [("sheets", tmp_path)]).problems == ()


def test_a_paper_with_an_identifier_that_is_none_is_left_out_and_said(tmp_path: Path, words: Vocab) -> None:
    made = proposals.write(tmp_path, [harvest(7, doi="see page 5"), harvest(8)], DATE, words)
    assert [row["id"] for row in table(tmp_path, "papers.csv")] == ["pmid-8"]
    assert [str(one) for one in made.problems] == [
        "invented.xml, column doi: pmid-7: 'see page 5' is not a DOI such as 10.1038/nm.4066; left out"
    ]


@pytest.mark.parametrize("title", ["a\0b", "a\ud800b"])
def test_characters_that_no_table_holds_stop_only_their_paper(tmp_path: Path, words: Vocab, title: str) -> None:
    made = proposals.write(tmp_path, [harvest(7, title=title), harvest(8)], DATE, words)
    assert (made.papers, len(made.problems)) == (1, 1)


def test_a_title_of_several_lines_quotes_and_commas_is_one_cell(tmp_path: Path, words: Vocab) -> None:
    proposals.write(tmp_path, [harvest(7, title='Alpha,\r\n"beta"\rand\ttime')], DATE, words)
    assert [row["title"] for row in table(tmp_path, "papers.csv")] == ['Alpha, "beta" and time']
    assert build.collect(TINY, [("sheets", tmp_path)]).problems == ()


def test_a_mark_outside_the_text_is_said(tmp_path: Path, words: Vocab) -> None:
    about = document()
    bad = replace(proposal(about), marks=(Mark("arm", Span(0, 10_000)),))
    made = proposals.write(tmp_path, [Harvest(about, (bad,))], DATE, words)
    assert "mark outside the text" in str(made.problems[0])


def test_the_section_of_a_place_is_that_of_its_passage() -> None:
    about = document(title="Ten signs.", text="Abstract.")
    assert [proposals.section(about, at) for at in (0, 10, 11)] == [Section.TITLE, Section.TITLE, Section.ABSTRACT]


# --- beside the curated rows ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("changed", [
    {"pmid": "20020002"}, {"pmid": "7", "pmcid": "PMC5005"}, {"pmid": "7", "doi": "10.1000/CATO.2003"},
])  # fmt: skip
def test_a_curated_paper_is_one_paper_by_any_identifier(tmp_path: Path, words: Vocab, changed: dict[str, str]) -> None:
    proposals.write(tmp_path, [harvest(7, **changed)], DATE, words)
    made = build.collect(TINY, proposed=tmp_path).sound()
    papers = [item for item in made.items if isinstance(item, Paper)]
    assert len(papers) == 5
    mine = [item for item in made.items if isinstance(item, Finding) and item.origin is Origin.PROGRAM]
    assert {one.paper for one in mine} <= set(papers)
    assert {one.study for one in mine} == {one.paper.id for one in mine}  # no second study of one paper


def test_an_arm_that_is_named_as_a_curated_one_of_the_paper_is_not_mixed_with_it(tmp_path: Path, words: Vocab) -> None:
    about = document(paper(20020002))
    mine = proposal(about, arm=replace(arm("gamma"), given=(Given("gamma"), Given("beta"))))
    proposals.write(tmp_path, [Harvest(about, (mine,))], DATE, words)
    made = build.collect(TINY, proposed=tmp_path).sound()
    arms = {item.arm for item in made.items if isinstance(item, Finding) and item.arm.study == "baba2002"}
    assert {one.id: len(one.given) for one in arms} | {"gamma": 1, "gamma~pmid-20020002": 2} == {
        one.id: len(one.given) for one in arms
    }


def kg(*words: str, proposed: Path, place: Path) -> str:
    told = {"KG_PROPOSED": str(proposed), "KG_STORE": str(place), "KG_DATA": str(TINY)}
    result = CliRunner().invoke(main, words, env=told)
    assert result.exit_code == 0, result.output
    return result.output


def test_the_graph_holds_proposals_only_where_they_are_asked_for_and_shows_what_they_are(
    place: Path, tmp_path: Path
) -> None:
    at = {"proposed": place, "place": tmp_path / "graph"}
    kg("build", **at)
    assert not Store.open(tmp_path / "graph").ask("ASK { ?f <https://w3id.org/cordgraph/ns#origin> 'program' }")
    kg("build", "--proposed", **at)
    shown = kg("show", of(place, "walking"), **at)
    assert "origin,program" in shown
    assert "status,unreviewed" in shown
    assert "rules 1, 0.72" in shown
    assert of(place, "walking") in kg("query", "unreviewed", **at)
    assert "unreviewed,15" in kg("query", "by-status", **at)


def test_what_somebody_decided_on_is_no_proposal_even_before_it_is_written_again(place: Path) -> None:
    decide(place, of(place, "walking"))
    made = build.collect(TINY, proposed=place).sound()
    assert {item.outcome.id for item in made.items if isinstance(item, Finding) and item.study == "pmid-7"} == {
        "pain-score"
    }


def test_a_build_with_proposals_says_where_there_are_none(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["check", "--proposed"], env={"KG_PROPOSED": str(tmp_path / "none")})
    assert result.exit_code == 1
    assert "there are no proposals in" in result.stderr
