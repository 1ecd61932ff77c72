"""`kg add`: a row is written where it is sound, and nothing is where it is not."""

from __future__ import annotations

import csv
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kg import build, tables
from kg.cli import main
from kg.errors import DataError, KgError
from kg.sources import sheets as source

ROW = {"study": "aoki2001", "arm": "late", "therapy": "alpha", "role": "active", "start_day": "40"}


def add(table: str, folder: Path, **cells: str) -> Result:
    words = [word for name, cell in cells.items() for word in (f"--{name.replace('_', '-')}", cell)]
    return CliRunner().invoke(main, ["add", table, "--data", str(folder), *words])


def last(file: Path) -> dict[str, str]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))[-1]


def test_a_sound_row_is_appended_and_the_rest_keeps_its_bytes(sheets: Path) -> None:
    before = (sheets / "arms.csv").read_bytes()
    assert add("arm", sheets, **ROW).exit_code == 0
    assert (sheets / "arms.csv").read_bytes().startswith(before)
    assert {name: cell for name, cell in last(sheets / "arms.csv").items() if cell} == ROW
    build.collect(sheets).sound()


@pytest.mark.parametrize("table, cells, said", [
    ("arm", ROW | {"therapy": "alpa"}, "'alpa' is not a therapy. Did you mean 'alpha'"),
    ("paper", {"id": "new2020", "title": "New", "kind": "primary"}, "a paper needs a DOI"),
    ("paper", {"id": "aoki2001", "title": "T", "kind": "primary", "url": "https://example.org/"}, "stands twice"),
    ("trial", {"id": "NCT123", "therapies": "alpha"}, "has not the form of its registry"),
    ("reading", {"finding": "nobody-01", "reader": "ada", "date": "2026-11-24"}, "is not a finding"),
    ("finding", {"id": "a-9", "paper": "aoki2001", "arm": "alfa"}, "'alfa' is not an arm of aoki2001. Did you mean"),
])  # fmt: skip
def test_a_wrong_row_is_said_and_nothing_is_written(sheets: Path, table: str, cells: dict[str, str], said: str) -> None:
    before = {file: file.read_bytes() for file in sheets.rglob("*.csv")}
    result = add(table, sheets, **cells)
    assert result.exit_code == 1
    assert said in result.stderr
    assert {file: file.read_bytes() for file in sheets.rglob("*.csv")} == before


def test_a_paper_with_arms_and_findings_is_added_in_four_commands(sheets: Path) -> None:
    assert not add("paper", sheets, id="new2020", title="New", kind="primary", doi="10.1000/new").exit_code
    assert not add("arm", sheets, study="new2020", arm="alpha", therapy="alpha", role="active").exit_code
    assert not add("arm", sheets, study="new2020", arm="none", therapy="no-treatment", role="control").exit_code
    cells = {"id": "new2020-01", "paper": "new2020", "arm": "alpha", "comparator": "none", "species": "rat"}
    cells |= {
        "outcome": "walking",
        "direction": "increased",
        "locator": "Table 1",
        "source_url": "https://example.org/",
    }
    result = add("finding", sheets, **cells, into="mine")
    assert "added to findings/mine.csv: new2020-01" in result.stderr
    assert build.collect(sheets).sound().counts()["findings"] == 17


def test_a_name_given_to_into_stays_within_the_findings(sheets: Path) -> None:
    add("finding", sheets, id="x", into="../../outside")
    assert not (sheets.parent / "outside.csv").exists()


def test_old_problems_of_other_rows_do_not_stand_in_the_way(sheets: Path) -> None:
    with (sheets / "papers.csv").open("a", encoding="utf-8") as file:
        file.write("broken,,,,,,,,,,,,,,\n")
    assert add("arm", sheets, **ROW).exit_code == 0


def test_a_row_of_somebody_else_written_meanwhile_is_not_lost(sheets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_row, arms = tables.with_row, sheets / "arms.csv"

    def slow(*given: object) -> str:
        text = with_row(*given)  # type: ignore[arg-type]
        arms.write_text(arms.read_text() + "aoki2001,other,alpha,active,,,,,,,,\n")
        return text

    monkeypatch.setattr(tables, "with_row", slow)
    with pytest.raises(KgError, match="changed by somebody else"):
        build.append(sheets, "arms.csv", source.ARMS, ROW)
    assert last(arms)["arm"] == "other"


def test_a_column_that_the_table_lacks_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id\n1\n")
    with pytest.raises(KgError, match="has no column note"):
        tables.with_row(tmp_path / "a.csv", ["id", "note"], {"id": "2", "note": "x"})


def test_a_missing_line_end_and_those_of_a_spreadsheet_are_kept(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"id,note\r\n1,")
    assert tables.with_row(tmp_path / "a.csv", ["id"], {"id": "2"}).endswith("1,\r\n2,\r\n")


def test_every_column_that_can_be_added_is_explained_by_the_guide() -> None:
    for file, columns, required in source.TABLES.values():
        assert set(required) <= set(columns)
        assert [column for column in columns if column not in source.guide(file)] == []


def test_a_person_is_asked_for_each_column_and_again_for_what_is_wrong(sheets: Path) -> None:
    answers = ["aoki2001", "late", "alpa", "active", *[""] * 8, "alpha"]
    reader, writer = pty.openpty()
    command = [sys.executable, "-m", "kg", "add", "arm", "--data", str(sheets)]
    with subprocess.Popen(command, stdin=writer, stderr=subprocess.PIPE, text=True) as asking:
        os.write(reader, "".join(f"{answer}\n" for answer in answers).encode())
        said = asking.communicate(timeout=60)[1]
    os.close(reader)
    os.close(writer)
    assert "'alpa' is not a therapy. Did you mean 'alpha'" in said
    assert last(sheets / "arms.csv")["therapy"] == "alpha"


def test_data_error_names_the_row_that_would_be_written(sheets: Path) -> None:
    with pytest.raises(DataError, match=r"arms.csv, row \d+, column role"):
        build.append(sheets, "arms.csv", source.ARMS, ROW | {"role": "actor"})
