"""kg read: what it reads, says and leaves, and how it refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kg.cli import main
from kg.document import of_line

TINY = Path(__file__).parent / "tiny"
ABSTRACT = "Rats received alpha or vehicle. Alpha significantly increased the walking score compared with vehicle."


def entry(pmid: int, title: str, text: str = ABSTRACT) -> str:
    return (
        f'<PubmedArticle><MedlineCitation><PMID Version="1">{pmid}</PMID><Article><ArticleTitle>{title}</ArticleTitle>'
        f"<Abstract><AbstractText>{text}</AbstractText></Abstract></Article></MedlineCitation></PubmedArticle>"
    )


def pubmed(file: Path, *entries: str) -> Path:
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"<PubmedArticleSet>{''.join(entries)}</PubmedArticleSet>")
    return file


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """Two files of PubMed: one paper in both, one of another field, one deleted, one broken."""
    folder = tmp_path / "papers"
    gone = "<DeleteCitation><PMID>3</PMID></DeleteCitation>"
    known, other = entry(1, "Alpha in spinal cord injury"), entry(2, "Alpha in tomatoes")
    pubmed(folder / "n0001.xml", known, other, entry(3, "Alpha in spinal cord injury of rats"))
    pubmed(folder / "n0002.xml", known, entry(4, "Alpha in <b>spinal cord injury"), gone)
    return folder


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Result]:
    """Run the command with the tiny vocabulary and a folder of its own."""

    def call(*words: object, into: bool = True) -> Result:
        told = [*map(str, words), *(["--into", str(tmp_path / "into")] if into else [])]
        return CliRunner().invoke(main, ["read", *told], env={"KG_DATA": str(TINY)})

    return call


def said(result: Result) -> list[str]:
    assert result.exit_code == 0, result.stderr
    return [line.removeprefix("kg: ") for line in result.stderr.splitlines()]


def test_every_entry_is_kept_or_skipped_for_a_reason(run, papers: Path, tmp_path: Path) -> None:
    lines = said(run(papers))
    assert lines[0] == "read 4 sound entries in 2 files"
    assert lines[1:4] == [
        "skipped 1: not of the field",
        "skipped 1: of a paper that another entry tells better",
        "skipped 1: deleted by their source",
    ]
    assert lines[4].startswith("skipped 1: is not well-formed XML")
    assert lines[5:] == [
        "kept 1 papers, 0 of them retracted, with 1 proposals",
        f"1 findings of 1 papers wait for 'kg review' in {tmp_path / 'into'}",
    ]


def test_the_findings_stand_in_the_folder_of_proposals(run, papers: Path, tmp_path: Path) -> None:
    said(run(papers))
    (row,) = (tmp_path / "into" / "findings" / "proposed.csv").read_text().splitlines()[1:]
    assert row.startswith("pmid-1-p")
    assert len(list((tmp_path / "into" / "parts").iterdir())) == 2


def test_what_was_read_is_written_as_lines(run, papers: Path, tmp_path: Path) -> None:
    said(run(papers, "-o", tmp_path / "read.jsonl"))
    (line,) = (tmp_path / "read.jsonl").read_text().splitlines()
    assert of_line(line).document.paper.pmid == "1"


@pytest.mark.parametrize("words", [(), ("--workers", "2")])
def test_a_second_run_reads_nothing_again_and_says_the_same(run, papers: Path, tmp_path: Path, words: tuple) -> None:
    first = said(run(papers, *words))
    parts = {file: file.stat().st_mtime_ns for file in (tmp_path / "into" / "parts").iterdir()}
    assert said(run(papers, *words)) == first
    assert {file: file.stat().st_mtime_ns for file in (tmp_path / "into" / "parts").iterdir()} == parts


def test_shares_leave_parts_and_the_last_run_puts_them_together(run, papers: Path, tmp_path: Path) -> None:
    for share in ("1/2", "2/2"):
        assert said(run(papers, "--shard", share))[-1].startswith(f"share {share} stands in")
    assert not (tmp_path / "into" / "findings").exists()
    alone = said(run(papers))
    assert alone[0] == "read 4 sound entries in 2 files"


def test_a_threshold_leaves_out_what_is_less_sure(run, papers: Path) -> None:
    assert said(run(papers, "--threshold", "1"))[-2] == "kept 1 papers, 0 of them retracted, with 0 proposals"


def test_a_format_can_be_named(run, tmp_path: Path) -> None:
    file = tmp_path / "odd.txt"
    file.write_text("TY  - JOUR\nTI  - Alpha in spinal cord injury\nER  - \n")
    assert said(run(file, "--maker", "ris"))[0] == "read 1 sound entries in 1 files"
    result = run(file, "--maker", "riz")
    assert (result.exit_code, result.stderr) == (2, "kg: 'riz' is not a format of literature. Did you mean 'ris'?\n")


def test_a_folder_without_anything_to_read_is_a_problem_of_the_data(run, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.bin").write_bytes(b"\x00\x01")
    result = run(tmp_path / "in")
    assert result.exit_code == 1
    assert result.stderr.startswith("kg: a.bin: is in no format that is recognised")
    (tmp_path / "in" / "a.bin").unlink()
    assert run(tmp_path / "in").stderr == f"kg: {tmp_path / 'in'}: holds no files\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "say what to read"),
        (("papers", "--query", "alpha"), "say what to read"),
        (("--plan",), "a plan needs --rate"),
        (("papers", "--workers", "0"), "--workers"),
        (("papers", "--threshold", "2"), "--threshold"),
        (("--query", "alpha", "--from", "library"), "--from"),
    ],
)
def test_a_wrong_command_line_leaves_with_2(run, words: tuple, told: str) -> None:
    result = run(*words, into=False)
    assert result.exit_code == 2
    assert told in result.stderr


def test_a_share_that_is_none_is_said(run, papers: Path) -> None:
    assert "write 3/8 for the third of eight" in run(papers, "--shard", "9/3").stderr


def test_a_plan_is_a_row_of_numbers(run) -> None:
    result = run("--plan", "--rate", "3000", "--workers", "100", "--memory", "200", "--price", "0.05", into=False)
    assert result.stdout.splitlines() == [
        "files,workers,core_hours,hours,memory,cost",
        "1267,100,3.52,0.04,20000.0,0.18",
    ]
    assert (
        run("--plan", "--records", "60000", "--rate", "3000", into=False).stdout.splitlines()[1]
        == "2,1,0.01,0.01,0.0,0.0"
    )
