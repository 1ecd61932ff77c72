"""kg grade: the Kwon scale on the command line."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kg.cli import main
from kg.sources import scio
from kg.synthesis import kwon

REAL = os.environ.get("KG_SCIO", "")
Run = Callable[..., Result]
ROWS = [
    # paper, method, trend, judgement, reference and target value, delay, compound, dosage
    ("101", "BBBTest", "Higher", "Positive", "8", "9", "0 min", "Riluzole", "8 mg/kg"),
    ("101", "CystVolumeTest", "Lower", "Positive", "", "", "0 min", "Riluzole", "8 mg/kg"),
    ("102", "BBBTest", "None", "Neutral", "", "", "120 min", "Riluzole", "6 undef"),
    ("103", "InflammationTest", "Lower", "Positive", "", "", "prior", "Alpha", "1 mg/kg"),
]
CELLS = "paper method trend judgement mean_comparator mean_arm duration compound dosage".split()
SAME = {"injury": "Contusion", "model": "RatModel", "level": "Thoracic", "treatment": "CompoundTreatment"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an invented Kwon view."""
    folder = tmp_path_factory.mktemp("scio")
    rows = [SAME | dict(zip(CELLS, row, strict=True)) for row in ROWS]
    lines = [list(scio.COLUMNS.values()), *([row.get(name, "") for name in scio.COLUMNS] for row in rows)]
    text = "".join("\t".join(line) + "\n" for line in lines)
    (folder / "Kwon_invented.csv").write_text(text, encoding="latin-1", newline="")
    return folder


@pytest.fixture
def run(shipped_at: Path) -> Run:
    """kg grade on the shipped graph."""
    return lambda *words: CliRunner().invoke(main, ["--store", str(shipped_at), "grade", *map(str, words)])


def test_a_source_is_graded_therapy_by_therapy_as_json(run: Run, place: Path) -> None:
    told = json.loads(run("--scale", "kwon", "--source", place, "--format", "json").stdout)
    assert (told["scale"], told["label"]) == ("kwon", kwon.LABEL)
    assert [(one["therapy"], one["total"]) for one in told["therapies"]] == [("riluzole", 13), ("alpha", 0)]
    assert list(told["therapies"][0]["points"]) == ["species", "injury", "window", "clinical", "replication"]
    assert list(told["therapies"][0]["points"].values()) == [4, 3, 2, 4, 0]


def test_json_names_the_findings_papers_and_missing_experiment_of_every_line(run: Run, place: Path) -> None:
    (one,) = json.loads(run("riluzole", "--source", place, "--format", "json").stdout)["therapies"]
    lines = {line["name"]: line for part in one["parts"] for line in part["lines"]}
    assert lines["rat"]["findings"] == ["scio-k2", "scio-k3"]
    assert lines["rat"]["papers"] == ["scio-101"]
    assert lines["primate"]["missing"].startswith("an arm of primate")
    assert one["studies"] == {"positive": ["scio-101"], "neutral": [], "negative": ["scio-102"]}
    assert one["laboratory_note"].startswith("2 of 2 papers name no laboratory")


def test_cells_that_could_not_be_read_are_counted_on_stderr_and_listed_in_json(run: Run, place: Path) -> None:
    done = run("--source", place, "--format", "json")
    assert "1 cells of" in done.stderr
    (cell,) = json.loads(done.stdout)["unread"]
    assert (cell["file"], cell["row"], cell["column"]) == ("Kwon_invented.csv", 4, scio.COLUMNS["dosage"])


def test_the_table_of_one_therapy_opens_with_its_total_and_the_label(run: Run, place: Path) -> None:
    done = run("riluzole", "--source", place)
    assert done.exit_code == 0
    assert done.stdout.startswith(f"riluzole: 13 of 100 points of the Kwon scale, {kwon.LABEL}\n")
    assert "scio-k2, scio-k3" in done.stdout


def test_the_table_of_all_has_the_label_and_the_five_parts(run: Run, place: Path) -> None:
    lines = run("--source", place).stdout.splitlines()
    assert kwon.LABEL in lines[0]
    assert lines[3].split()[:7] == ["therapy", "species", "injury", "window", "clinical", "replication", "total"]


def test_a_folder_of_our_own_rows_is_a_source_too(run: Run, sheets: Path) -> None:
    told = json.loads(run("alpha", "--source", sheets, "--format", "json").stdout)
    assert [one["therapy"] for one in told["therapies"]] == ["alpha"]


def test_a_source_may_be_named(run: Run, place: Path) -> None:
    assert run("--source", f"scio:{place}").stdout == run("--source", place).stdout


def test_the_graph_is_graded_where_no_source_is_named_and_cells_are_told_louder(run: Run) -> None:
    done = run("hiPSC-NS/PC")
    assert done.exit_code == 0
    assert "NOT WHAT THE SCALE WAS MADE FOR: hiPSC-NS/PC is cell therapy" in done.stdout


def test_a_file_is_written_in_the_form_of_its_suffix(run: Run, place: Path, tmp_path: Path) -> None:
    assert run("--source", place, "-o", tmp_path / "grades.json").stdout == ""
    assert json.loads((tmp_path / "grades.json").read_text(encoding="utf-8"))["scale"] == "kwon"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["riluzol"], 2, "kg: 'riluzol' is not a therapy. Did you mean 'riluzole'"),
        (["rat", "--scale", "kwan"], 2, "kwan"),
        (["tizanidine"], 1, "kg: no animal finding here isolates 'tizanidine'"),
        (["riluzole", "--source", "nowhere"], 1, "kg: nowhere is no folder"),
        (["riluzole", "--source", "sico:nowhere"], 2, "kg: 'sico' is not a source. Did you mean 'scio'"),
    ],
)
def test_what_cannot_be_graded_is_one_sentence_and_an_exit_code(
    run: Run, words: list[str], code: int, said: str
) -> None:
    done = run(*words)
    assert done.exit_code == code
    assert said in done.stderr


def test_a_folder_that_no_source_reads_is_told_apart(run: Run, tmp_path: Path) -> None:
    assert "holds neither papers.csv nor AccessDB*.csv or Kwon*.csv" in run("--source", tmp_path).stderr


def test_a_row_that_is_lost_ends_the_command(run: Run, place: Path, tmp_path: Path) -> None:
    text = (place / "Kwon_invented.csv").read_bytes().replace(b"BBBTest", b"BBBTast")
    (tmp_path / "Kwon_invented.csv").write_bytes(text)
    done = run("--source", tmp_path)
    assert done.exit_code == 1
    assert (
        "kg: Kwon_invented.csv, row 2, column ->investigationMethod: 'BBBTast' is not a method of SCIO" in done.stderr
    )


@pytest.mark.skipif(not REAL, reason="KG_SCIO names no folder")
def test_erythropoietin_of_the_scio_rows_gets_28_and_the_paper_34(run: Run) -> None:
    """The rows hold no tissue of a mouse given it (2 points) and no rise with dose in one test (4 points)."""
    (one,) = json.loads(run("erythropoietin", "--source", REAL, "--format", "json").stdout)["therapies"]
    assert list(one["points"].values()) == [4, 6, 5, 8, 5]
