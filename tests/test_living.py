"""kg update and kg diff: what they say, write and leave alone."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kg import build, store
from kg.cli import main
from kg.document import Document, Passage, Section
from kg.errors import KgError
from kg.model import Paper
from tests.test_diff import notice, rewrite
from tests.test_read_command import ABSTRACT, entry, pubmed

Run = Callable[..., Result]
RETRACTION = (
    '<PubmedArticle><MedlineCitation><PMID Version="1">99</PMID><Article><ArticleTitle>Retraction: gamma</ArticleTitle>'
    "<PublicationTypeList><PublicationType>Retraction of Publication</PublicationType></PublicationTypeList></Article>"
    '<CommentsCorrectionsList><CommentsCorrections RefType="RetractionOf"><PMID Version="1">20020002</PMID>'
    "</CommentsCorrections></CommentsCorrectionsList></MedlineCitation></PubmedArticle>"
)


@pytest.fixture
def env(tmp_path: Path, sheets: Path) -> dict[str, str]:
    """The tiny tables as the default ones, and places of their own for everything else."""
    names = ("proposed", "store")
    return {"KG_DATA": str(sheets)} | {f"KG_{name.upper()}": str(tmp_path / name) for name in names}


@pytest.fixture
def run(env: dict[str, str]) -> Run:
    def call(*words: object, obj: object = None, **others: str) -> Result:
        return CliRunner().invoke(main, list(map(str, words)), env=env | others, obj=obj)

    return call


@pytest.fixture
def today(tmp_path: Path) -> Path:
    """A day of PubMed: a new paper, a broken entry, the retraction of a paper in the tables."""
    broken = entry(4, "Alpha in <b>spinal cord injury")
    return pubmed(tmp_path / "in" / "n0001.xml", entry(3, "Alpha in spinal cord injury"), broken, RETRACTION)


def rows(result: Result) -> list[dict[str, str]]:
    assert result.exit_code == 0, result.stderr
    return list(csv.DictReader(result.stdout.splitlines()))


def said(result: Result) -> list[str]:
    return [line.removeprefix("kg: ") for line in result.stderr.splitlines()]


def test_an_update_shows_what_is_new_and_builds_again(run: Run, today: Path, sheets: Path) -> None:
    result = run("update", today)
    assert rows(result) == [
        {
            "news": "retracted",
            "key": "baba2002",
            "title": "Gamma against nothing",
            "findings": "8",
            "told": "PMID 99 Retraction: gamma",
        },
        {
            "news": "new paper",
            "key": "pmid-3",
            "title": "Alpha in spinal cord injury",
            "findings": "1",
            "told": "https://pubmed.ncbi.nlm.nih.gov/3/",
        },
    ]
    lines = said(result)
    assert (
        lines[0]
        == "read 2 entries: 1 new paper with 1 proposal, 0 without, 0 known already, 0 not of the field; 1 skipped"
    )
    assert lines[1].startswith("skipped: n0001.xml, row 2: is not well-formed XML")
    assert lines[2:4] == [
        "1 finding of 1 paper wait for 'kg review'",
        f"1 notice added to {sheets / 'notices.csv'}",
    ]
    assert lines[4].startswith("built again; ")
    assert "retracted: 1 row; paper retracted: baba2002" in lines


def test_a_retraction_reaches_the_graph_and_takes_the_findings_out_of_the_counts(run: Run, today: Path) -> None:
    before = rows(run("query", "by-year"))
    run("update", today)
    (one,) = (row for row in rows(run("query", "retracted")) if row["paper"] == "baba2002")
    assert (one["status"], one["findings"], one["in_force"]) == ("retracted", "8", "0")
    assert "retracted: PMID 99 Retraction: gamma" in one["note"]
    assert [row for row in before if row["year"] == "2002"]
    assert not [row for row in rows(run("query", "by-year")) if row["year"] == "2002"]


def test_a_second_update_finds_nothing_new_and_writes_nothing(run: Run, today: Path, sheets: Path) -> None:
    run("update", today)
    before = (sheets / "notices.csv").read_bytes()
    result = run("update", today)
    assert rows(result) == []
    assert "built again" not in result.stderr
    assert (sheets / "notices.csv").read_bytes() == before


def test_a_dry_run_says_the_same_and_writes_nothing(run: Run, today: Path, sheets: Path, tmp_path: Path) -> None:
    result = run("update", "--dry-run", today)
    assert [row["news"] for row in rows(result)] == ["retracted", "new paper"]
    assert not (sheets / "notices.csv").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "tiny"]


def test_proposals_of_a_retracted_paper_keep_that_status_in_the_graph(run: Run, today: Path, tmp_path: Path) -> None:
    run("update", today)
    later = RETRACTION.replace("20020002", "3").replace(">99<", ">98<")
    result = run("update", pubmed(tmp_path / "in" / "n0002.xml", later))
    assert [(row["news"], row["key"], row["findings"]) for row in rows(result)] == [
        ("proposed paper, retracted", "pmid-3", "1")
    ]
    run("build", "--proposed")
    (one,) = (row for row in rows(run("query", "retracted")) if row["paper"] == "pmid-3")
    assert (one["status"], one["findings"], one["in_force"]) == ("retracted", "1", "0")


@pytest.mark.parametrize(
    ("words", "others", "told"),
    [
        ((), {"KG_ENDPOINT": "http://127.0.0.1:1/query"}, "'kg --store DIR build' builds one"),
        (("--data",), {}, "'kg --store DIR build --data"),
    ],
)
def test_another_graph_stays_as_it_was_and_how_to_build_it_is_said(
    run: Run, today: Path, sheets: Path, tmp_path: Path, words: tuple[str, ...], others: dict[str, str], told: str
) -> None:
    result = run("update", today, *words, *([sheets] if words else []), **others)
    assert told in said(result)[-1]
    assert (sheets / "notices.csv").exists()
    assert not (tmp_path / "store").exists()


def search(source: str, query: str, since: str) -> Iterator[Document]:
    """Services of which one is down."""
    if source == "europepmc":
        raise KgError(f"europepmc cannot be reached since {since or 'ever'}")
    paper = Paper(f"{source}-1", f"Alpha in spinal cord injury, {query[:3]}", doi=f"10.5555/{source}{since}")
    yield Document(paper, (Passage(Section.TITLE, paper.title), Passage(Section.ABSTRACT, ABSTRACT)), source)


def test_a_service_that_fails_is_one_sentence_and_only_its_day_is_not_moved_on(run: Run, tmp_path: Path) -> None:
    result = run("update", obj=search)
    assert result.exit_code == 1
    assert [row["key"] for row in csv.DictReader(result.stdout.splitlines())] == ["pubmed-1", "trials-1"]
    lines = said(result)
    assert lines[2] == "asking trials for 'spinal cord injuries', everything: it was never asked this"
    assert [line for line in lines if "failed" in line] == [
        "europepmc failed, and is asked from the same day on next time: europepmc cannot be reached since ever"
    ]
    asked = json.loads((tmp_path / "proposed" / "asked.json").read_text())
    assert sorted(name.partition(":")[0] for name in asked) == ["pubmed", "trials"]


def test_the_next_run_asks_from_the_day_before_the_last_one(run: Run) -> None:
    run("update", obj=search)
    day = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    result = run("update", "--from", "trials", obj=search)
    assert said(result)[0] == f"asking trials for 'spinal cord injuries', from {day} on"
    assert [row["key"] for row in rows(result)] == ["trials-1"]
    other = run("update", "--from", "trials", "--query", "cord", "--since", "2026-11-20", "--dry-run", obj=search)
    assert said(other)[0] == "asking trials for 'cord', from 2026-11-20 on"


def test_a_dry_run_moves_no_day_on(run: Run, tmp_path: Path) -> None:
    assert len(rows(run("update", "--from", "pubmed", "--dry-run", obj=search))) == 1
    assert not (tmp_path / "proposed").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--query", "alpha"), "name it with --from"),
        (("--from", "library"), "--from"),
        (("--since", "yesterday"), "--since"),
        (("--limit", "0"), "--limit"),
    ],
)
def test_a_wrong_command_line_leaves_with_2(run: Run, words: tuple[str, ...], told: str) -> None:
    result = run("update", *words)
    assert result.exit_code == 2
    assert told in result.stderr


def test_files_of_which_nothing_can_be_read_are_a_problem(run: Run, tmp_path: Path) -> None:
    (tmp_path / "page.xml").write_text("<html>busy</html>")
    result = run("update", "--dry-run", tmp_path / "page.xml")
    assert result.exit_code == 1
    assert said(result)[1].startswith("skipped: page.xml: is an HTML page, not XML")
    assert "does not exist; name a file" in run("update", tmp_path / "nothing").stderr


def test_many_problems_are_counted_by_reason(run: Run, tmp_path: Path) -> None:
    file = pubmed(tmp_path / "in" / "n1.xml", *(entry(n, f"Spinal <b>{n}") for n in range(1, 30)))
    lines = said(run("update", "--dry-run", file))
    assert lines[1] == "skipped 29: is not well-formed XML"


def test_more_rows_than_the_limit_are_cut_and_said(run: Run, today: Path) -> None:
    result = run("update", "--dry-run", "--limit", "1", today)
    assert [row["news"] for row in rows(result)] == ["retracted"]
    assert said(result)[-1] == "showing 1 of 2; --limit shows more"


def test_where_the_rows_cannot_be_written_it_is_said_and_the_proposals_stand(
    run: Run, today: Path, sheets: Path, tmp_path: Path
) -> None:
    (sheets / "notices.csv").write_text("status,doi,pmid\n")
    result = run("update", today)
    assert result.exit_code == 1
    assert said(result)[-1].startswith(f"{sheets / 'notices.csv'} has no column by_doi")
    assert (tmp_path / "proposed" / "findings" / "proposed.csv").exists()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_nobody_may_write_is_one_sentence(run: Run, today: Path, sheets: Path) -> None:
    sheets.chmod(0o555)
    result = run("update", today)
    sheets.chmod(0o755)
    assert said(result)[-1].endswith("Copy the folder of rows, and name the copy with --data or KG_DATA")


# --- kg diff ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def old(built: Path) -> Path:
    return built


@pytest.fixture
def changed(sheets: Path) -> Path:
    """The tiny tables, one paper retracted and one called otherwise."""
    notice(sheets, "20020002")
    rewrite(sheets / "papers.csv", lambda some: [some[0] | {"year": "2000"}, *some[1:]])
    return sheets


def test_a_difference_is_a_row_with_its_reason(run: Run, old: Path, changed: Path) -> None:
    result = run("diff", old, changed)
    found = {(row["question"], row["change"], row["row"], row["why"]) for row in rows(result)}
    gone = "2002, studies 1, findings 7, improved 2, no difference 1, worsened 1, mixed 1, open 2"
    assert ("by-year", "gone", gone, "paper retracted: baba2002") in found
    assert [row for row in found if row[0] == "by-year" and row[1] == "new" and row[3] == "rows changed: aoki2001"]
    lines = said(result)
    assert lines[0] == "rows changed: aoki2001; paper retracted: baba2002"
    assert " questions are answered otherwise, of " in lines[1]


def test_a_number_that_changed_is_shown_with_what_it_was(run: Run, old: Path, sheets: Path) -> None:
    notice(sheets, "10.1000/Aoki.(2001)1:2;3")
    found = {(row["change"], row["row"]) for row in rows(run("diff", old, sheets, "--question", "gap-map"))}
    assert ("changed", "alpha, alone, chronic, studies 2 -> 1, improved 2 -> 1") in found
    assert "latest 2001 -> none" in rows(run("diff", old, sheets, "--question", "trial-support"))[0]["row"]


@pytest.mark.parametrize("form", ["rows", "store", "ttl"])
def test_rows_a_graph_and_a_file_are_the_same_graph(
    run: Run, old: Path, sheets: Path, tmp_path: Path, form: str
) -> None:
    store.Store.open(old).dump(tmp_path / "tiny.ttl")
    other = {"rows": sheets, "store": old, "ttl": tmp_path / "tiny.ttl"}[form]
    result = run("diff", other, sheets)
    assert (rows(result), said(result)) == ([], ["the two graphs are the same"])


def test_a_change_that_no_answer_shows_is_said(run: Run, sheets: Path, tmp_path: Path) -> None:
    store.Store.of(build.collect(sheets).triples()).dump(tmp_path / "old.nt")
    rewrite(sheets / "trials.csv", lambda some: [some[0] | {"sponsor": "Somebody else"}, *some[1:]])
    result = run("diff", tmp_path / "old.nt", sheets, "--question", "by-year")
    assert rows(result) == []
    assert said(result) == ["trial changed: NCT00000001", "0 questions are answered otherwise, of 1"]


def test_only_the_questions_named_are_asked(run: Run, old: Path, changed: Path) -> None:
    result = run("diff", old, changed, "--question", "retracted", "--question", "by-year")
    assert {row["question"] for row in rows(result)} == {"retracted", "by-year"}
    assert said(result)[1] == "2 questions are answered otherwise, of 2"
    for name, told in (("retraced", "Did you mean 'retracted'?"), ("receipt", "needs a parameter")):
        wrong = run("diff", old, changed, "--question", name)
        assert (wrong.exit_code, told in wrong.stderr) == (2, True)


def test_what_is_cut_is_said_and_a_file_is_written_whole(run: Run, old: Path, changed: Path, tmp_path: Path) -> None:
    result = run("diff", old, changed, "--limit", "1", "--question", "findings", "-o", tmp_path / "diff.json")
    assert result.exit_code == 0
    answer = json.loads((tmp_path / "diff.json").read_text())
    assert (len(answer["rows"]), answer["complete"]) == (1, False)
    assert said(result)[-1].startswith("showing 1 of ")
    table = run("diff", old, changed, "--question", "retracted", "--format", "table")
    assert table.stdout.splitlines()[0].split() == ["question", "change", "row", "why"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nothing", "does not exist; name a folder of rows"),
        ("in", "there is no graph at"),
        ("a.odt", "is no RDF format"),
    ],
)
def test_what_is_no_graph_is_one_sentence(run: Run, sheets: Path, tmp_path: Path, name: str, told: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "a.odt").write_text("")
    result = run("diff", tmp_path / name, sheets)
    assert (result.exit_code, told in result.stderr, len(said(result))) == (1, True, 1)
