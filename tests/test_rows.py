from __future__ import annotations

import csv
import html
import io
import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.store import Row
from kg.views import rows as view

COLUMNS = ("name", "n")
ROWS: list[Row] = [{"name": "alpha", "n": 12}, {"name": None, "n": 0.5}]


@pytest.mark.parametrize(
    "form, text",
    [
        ("csv", "name,n\nalpha,12\n,0.5\n"),
        ("tsv", "name\tn\nalpha\t12\n\t0.5\n"),
        ("table", "name    n\n------  ---\nalpha   12\n        0.5\n"),
        ("md", "| name   | n   |\n|--------|-----|\n| alpha  | 12  |\n|        | 0.5 |\n"),
    ],
)
def test_rows_are_written_in_the_format_asked_for(form: str, text: str) -> None:
    assert view.text(ROWS, COLUMNS, form) == text


@pytest.mark.parametrize("truncated", [True, False])
def test_json_says_whether_it_is_complete(truncated: bool) -> None:
    made = json.loads(view.text(ROWS, COLUMNS, "json", truncated=truncated))
    assert made == {"columns": ["name", "n"], "rows": ROWS, "complete": not truncated}


@pytest.mark.parametrize("number", [-0.5, -3, 0.25, 1e-9])
@pytest.mark.parametrize("form", ["csv", "tsv"])
def test_a_negative_number_is_no_formula(form: str, number: float) -> None:
    (row,) = read(view.text([{"n": number}], ["n"], form), form)
    assert float(row["n"]) == number


@pytest.mark.parametrize("cell", ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1"])
@pytest.mark.parametrize("form", ["csv", "tsv"])
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(form: str, cell: str) -> None:
    (row,) = read(view.text([{"n": cell}], ["n"], form), form)
    assert row["n"].splitlines() == ("'" + cell).splitlines()


@pytest.mark.parametrize("cell", ["alpha", "a=b", "T9-T10", "'quoted'", "<0.05", ""])
def test_harmless_text_is_left_alone(cell: str) -> None:
    assert read(view.text([{"n": cell, "m": "x"}], ["n", "m"], "csv"), "csv") == [{"n": cell, "m": "x"}]


def read(text: str, form: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter="," if form == "csv" else "\t"))


@given(
    st.lists(
        st.fixed_dictionaries({"a": st.none() | st.text() | st.integers() | st.booleans(), "b": st.text()}), max_size=4
    )
)
def test_json_gives_back_any_rows(made: list[Row]) -> None:
    assert json.loads(view.text(made, ["a", "b"], "json"))["rows"] == made


def bare(cell: str) -> str:
    """Without the guard, and with one spelling for the end of a line."""
    return cell.removeprefix("'").replace("\r\n", "\n").replace("\r", "\n")


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), min_size=2, max_size=2))
@pytest.mark.parametrize("form", ["csv", "tsv"])
def test_a_table_of_any_text_has_its_rows_and_cells(form: str, cells: list[str]) -> None:
    (row,) = read(view.text([dict(zip("ab", cells, strict=True))], ["a", "b"], form), form)
    assert [bare(value) for value in row.values()] == [bare(cell) for cell in cells]


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_json_does_not_know_is_not_written_as_one(number: float) -> None:
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    json.loads(view.text([{"n": number}], ["n"], "json"), parse_constant=refuse)


@pytest.mark.parametrize(
    "cell, shown", [("a|b", "a\\|b"), ("<img>", "&lt;img>"), ("a\\b", "a\\\\b"), ("a\nb", "a b"), ("\\|", "\\\\\\|")]
)
def test_markdown_cells_cannot_break_their_table(cell: str, shown: str) -> None:
    assert view.text([{"n": cell}], ["n"], "md").splitlines()[2] == f"| {shown} |"


@pytest.mark.parametrize("form", ["table", "md"])
def test_no_rows_are_said(form: str) -> None:
    assert view.text([], COLUMNS, form) == "no rows\n"


@pytest.mark.parametrize("form, text", [("csv", "name,n\n"), ("tsv", "name\tn\n")])
def test_no_rows_are_still_a_table_with_its_header(form: str, text: str) -> None:
    assert view.text([], COLUMNS, form) == text


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "table", "md"])
def test_only_the_columns_asked_for_are_written_in_their_order(form: str) -> None:
    text = view.text([{"b": "second", "a": "first", "c": "hidden"}], ["a", "b"], form)
    assert "hidden" not in text
    assert text.index("first") < text.index("second")


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "table", "md"])
def test_a_row_without_a_column_has_an_empty_cell(form: str) -> None:
    assert "None" not in view.text([{"a": "x"}], ["a", "b"], form)


def test_a_number_as_printed_is_not_rewritten_in_a_table() -> None:
    assert "007" in view.text([{"n": "007", "m": "1e5"}], ["n", "m"], "table")
    assert "1e5" in view.text([{"n": "007", "m": "1e5"}], ["n", "m"], "table")


def test_a_whole_float_is_shown_without_its_point() -> None:
    assert view.text([{"n": 28.0}], ["n"], "table").split()[-1] == "28"


@pytest.mark.parametrize(
    "name, form",
    [
        ("a.csv", "csv"),
        ("a.tsv", "tsv"),
        ("a.json", "json"),
        ("a.md", "md"),
        ("a.txt", "table"),
        ("a.pdf", None),
        ("a", None),
    ],
)
def test_a_suffix_asks_for_a_format(name: str, form: str | None) -> None:
    assert view.by_suffix(Path(name)) == form


def test_no_file_asks_for_no_format() -> None:
    assert view.by_suffix(None) is None


def test_a_table_that_fits_loses_no_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    long = "a sentence that is far longer than the terminal is wide"
    text = view.text([{"a": long, "b": "short"}], ["a", "b"], "table", True)
    assert max(map(len, text.splitlines())) <= 40
    assert set(long.split()) <= set(text.split())


@pytest.mark.parametrize("form", ["table", "md", "html"])
@pytest.mark.parametrize("text", ["\x1b[31mred", "\x07", "\u202etxet", "\x9b2J"])
def test_text_from_outside_never_steers_a_terminal(form: str, text: str) -> None:
    shown = view.text([{"a": text}], ["a"], form)
    assert "\ufffd" in shown
    assert not set(text) & set("\x1b\x07\u202e\x9b") & set(shown)


def test_a_page_of_rows_runs_no_script_and_fetches_nothing() -> None:
    hostile = "<script>alert(1)</script>"
    page = view.text([{"a": hostile, "b": 'https://e/"x'}], ["a", "b"], "html", title=hostile)
    assert "<script" not in page
    assert "default-src 'none'; script-src 'none'" in html.unescape(page)
    assert "<a " not in page
    assert page == view.text([{"a": hostile, "b": 'https://e/"x'}], ["a", "b"], "html", title=hostile)


def test_a_page_links_addresses_and_sets_numbers_right() -> None:
    page = view.text([{"a": "Alpha (https://doi.org/10.1/a)", "n": 2.0}], ["a", "n"], "html", truncated=True)
    assert '<a href="https://doi.org/10.1/a" rel="noreferrer">Alpha (https://doi.org/10.1/a)</a>' in page
    assert '<td class="number">2</td>' in page
    assert '<th scope="col" class="number">n</th>' in page
    assert "The first 1 row<" in page
