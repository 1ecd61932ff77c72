from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import Problem
from kg.tables import Row, rows

COLUMNS, REQUIRED = ("id", "label", "note", "date"), ("id", "label")


def read(path: Path, content: bytes) -> list[Row | Problem]:
    file = path / "words.csv"
    file.write_bytes(content)
    return list(rows(file, "words.csv", COLUMNS, REQUIRED))


def said(path: Path, content: bytes) -> list[str]:
    return [str(found) for found in read(path, content) if isinstance(found, Problem)]


GOOD = b"id,label,note\na,Alpha,\nb,Beta,\n"
SPECIMENS = {
    "empty": (b"", "words.csv: is empty"),
    "only-blanks": (b" \r\n\n", "words.csv: is empty"),
    "latin-1": ("id,label\na,\u00c4lpha\n".encode("latin-1"), "words.csv: is not UTF-8 (byte 11)"),
    "utf-16": (GOOD.decode().encode("utf-16"), "words.csv: is not UTF-8"),
    "utf-16-without-mark": (GOOD.decode().encode("utf-16-le"), "words.csv: holds NUL"),
    "nul": (b"id,label\na,Al\0pha\n", "words.csv: holds NUL"),
    "semicolons": (GOOD.replace(b",", b";"), "row 1: is not separated by commas"),
    "tabs": (GOOD.replace(b",", b"\t"), "row 1: is not separated by commas"),
    "unknown-column": (b"id,label,notes\na,A,\n", "row 1, column notes: 'notes' is not a column. Did you mean 'note'?"),
    "double-column": (b"id,label,label\na,A,A\n", "row 1, column label: stands twice in the header"),
    "missing-column": (b"id,note\na,A\n", "row 1, column label: is missing from the header"),
    "short-row": (b"id,label,note\na,Alpha,\nb,Beta\n", "row 3: has 2 cells, the header 3"),
    "long-row": (b"id,label,note\na,Alpha, or more,\n", "row 2: has 4 cells, the header 3"),
    "open-quote": (b'id,label\na,"Alpha\nb,Beta\n', "cannot be read as CSV"),
    "quote-inside": (b'id,label\na,"Al"pha\n', "cannot be read as CSV"),
    "huge-cell": (b"id,label\na," + b"x" * 200_000 + b"\n", "cannot be read as CSV"),
}


@pytest.mark.parametrize("specimen", SPECIMENS)
def test_a_spoiled_table_is_one_sentence_that_says_where_and_what(specimen: str, tmp_path: Path) -> None:
    content, message = SPECIMENS[specimen]
    (sentence,) = said(tmp_path, content)
    assert message in sentence
    assert "\n" not in sentence


def test_a_missing_table_says_where_it_was_looked_for(tmp_path: Path) -> None:
    (problem,) = rows(tmp_path / "words.csv", "words.csv", COLUMNS, REQUIRED)
    assert "does not exist" in str(problem)
    assert str(tmp_path) in str(problem)


def test_a_folder_is_no_table(tmp_path: Path) -> None:
    (problem,) = rows(tmp_path, "words.csv", COLUMNS, REQUIRED)
    assert "cannot be read" in str(problem)


@pytest.mark.parametrize("content", [
    GOOD, b"\xef\xbb\xbf" + GOOD, GOOD.replace(b"\n", b"\r\n"), GOOD.replace(b"\n", b"\n\n"), GOOD.rstrip(),
    b"id , label,note\n a ,Alpha , \nb,Beta,\n", b'"id","label","note"\n"a","Alpha",""\n"b","Beta",""\n',
    GOOD + b",,\n",
])  # fmt: skip
def test_what_editors_add_without_harm_is_read(content: bytes, tmp_path: Path) -> None:
    found = read(tmp_path, content)
    assert [(row["id"], row["label"], row["note"]) for row in found if isinstance(row, Row)] == [
        ("a", "Alpha", ""), ("b", "Beta", "")
    ]  # fmt: skip
    assert len(found) == 2


DATES = [
    "2-Mar",
    "Mar-2",
    "02-Mar-2012",
    "1/2/2012",
    "01/02/12",
    "2012-03-02",
    "2012-03-02 00:00:00",
    "9-Sep",
    "Sept 2001",
]


@pytest.mark.parametrize("cell", [*DATES, "#####"])
def test_a_cell_that_a_spreadsheet_spoiled_is_named(cell: str, tmp_path: Path) -> None:
    (sentence,) = said(tmp_path, f"id,label\na,{cell}\n".encode())
    assert sentence.startswith("words.csv, row 2, column label")
    assert repr(cell) in sentence


@pytest.mark.parametrize(
    "cell", ["T9-T10", "1.5", "10-12", "2012", "<0.05", "March", "1/2", "II/III", "0-1", "May or not"]
)
def test_a_cell_that_only_resembles_a_date_is_kept(cell: str, tmp_path: Path) -> None:
    assert said(tmp_path, f"id,label\na,{cell}\n".encode()) == []


def test_a_date_is_welcome_in_the_column_for_it(tmp_path: Path) -> None:
    assert said(tmp_path, b"id,label,date\na,A,2026-11-22\n") == []


def test_all_spoiled_rows_come_in_one_run_and_the_good_ones_between_them(tmp_path: Path) -> None:
    found = read(tmp_path, b"id,label\na,1/2/2012\nb,Beta\nc\nd,2-Mar\n")
    assert [one.row if isinstance(one, Problem) else one["id"] for one in found] == [2, "b", 4, 5]


def test_a_row_has_the_number_that_a_spreadsheet_shows(tmp_path: Path) -> None:
    found = read(tmp_path, b'id,label\na,"two\nlines"\n\nc,C\n')
    assert [row.number for row in found if isinstance(row, Row)] == [2, 4]


def test_a_cell_of_several_values_is_split_at_its_bars() -> None:
    assert Row("f", 2, {"note": " a | b||c "}).values("note") == ("a", "b", "c")


def test_a_column_that_is_not_there_is_empty() -> None:
    assert Row("f", 2, {})["note"] == ""


@given(st.binary(max_size=200))
def test_any_bytes_give_rows_or_problems_and_never_an_exception(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    assert all(isinstance(found, Row | Problem) for found in read(tmp_path_factory.getbasetemp(), content))


@given(st.text(max_size=60))
def test_any_text_below_a_header_gives_rows_or_problems(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    content = b"id,label\n" + text.encode("utf-8", "replace")
    assert all(isinstance(found, Row | Problem) for found in read(tmp_path_factory.getbasetemp(), content))
