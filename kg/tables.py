"""Reads a CSV table strictly: what a spreadsheet or an editor spoiled is said, never repaired."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from kg.errors import KgError, Problem, did_you_mean

_MAX_BYTES = 200_000_000
_MONTH = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    "nov(?:ember)?|dec(?:ember)?)"
)
_DATE = re.compile(
    rf"\d{{1,2}}[-/. ]{_MONTH}(?:[-/. ]\d{{2,4}})?|{_MONTH}[-/. ]\d{{1,4}}"
    r"|\d{1,2}/\d{1,2}/\d{2,4}|\d{4}-\d{2}-\d{2}(?:[ T]00:00:00)?|#{3,}",
    re.IGNORECASE,
)


_NUMBER = re.compile(r"[-+]?[0-9]{1,15}(?:\.[0-9]{1,12})?(?:[eE][-+]?[0-9]{1,2})?")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: the file's short name, the row's number as a spreadsheet shows it, its cells."""

    file: str
    number: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def values(self, column: str) -> tuple[str, ...]:
        """The values of a cell that holds several, separated by `|`."""
        return tuple(part.strip() for part in self[column].split("|") if part.strip())

    def problem(self, column: str, message: str) -> Problem:
        """Something wrong in one cell of this row."""
        return Problem(self.file, self.number, column, message)


def number(text: str) -> Decimal | None:
    """The number that a text is, where every engine can hold it: up to 15 digits before the point, 12 behind it."""
    value = Decimal(text) if _NUMBER.fullmatch(text) else Decimal("NaN")
    exponent = value.as_tuple().exponent
    return value if isinstance(exponent, int) and exponent >= -12 and (not value or value.adjusted() < 15) else None


def with_row(path: Path, columns: Sequence[str], *added: Mapping[str, str]) -> str:
    """The text of a table with a row, or several, more; a new table gets `columns` as its header.

    Raises KgError where the table has no column for a cell.
    """
    text = path.read_bytes().decode("utf-8-sig") if path.exists() else ""
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\r\n" if "\r\n" in text else "\n")
    if not text.strip():
        text = ""
        table.writerow(columns)
    header = [cell.strip() for cell in next(csv.reader(io.StringIO(text)), columns)]
    if missing := list(dict.fromkeys(column for cells in added for column in cells if column not in header)):
        raise KgError(f"{path} has no column {', '.join(missing)}; add it to the header")
    table.writerows([cells.get(column, "") for column in header] for cells in added)
    gap = "" if not text or text.endswith("\n") else table.dialect.lineterminator
    return text + gap + written.getvalue()


def rows(
    path: Path, name: str, columns: tuple[str, ...], required: tuple[str, ...], others: bool = False
) -> Iterator[Row | Problem]:
    """The rows of a table whose header may hold `columns` and must hold `required`; problems come between them.

    With `others` the table is somebody else's, and its other columns are passed over.
    """
    text = _text(path, name)
    if isinstance(text, Problem):
        yield text
        return
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(lines)]
        wrong = list(_header(name, header, (*columns, *header) if others else columns, required))
        yield from wrong
        if not wrong:
            yield from _body(lines, name, header, columns)
    except csv.Error as error:
        yield Problem(name, lines.line_num, "", f"cannot be read as CSV ({error}). Look for a stray quotation mark")


def _text(path: Path, name: str) -> str | Problem:
    try:
        if path.stat().st_size > _MAX_BYTES:
            return Problem(name, 0, "", f"is larger than {_MAX_BYTES // 1_000_000} MB. Split it into several files")
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return Problem(name, 0, "", f"does not exist (looked in {path.parent})")
    except OSError as error:
        return Problem(name, 0, "", f"cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        return Problem(name, 0, "", f"is not UTF-8 (byte {error.start}). Save it as 'CSV UTF-8'")
    if not text.strip():
        return Problem(name, 0, "", "is empty; it needs at least its header")
    if "\0" in text:
        return Problem(name, 0, "", "holds NUL characters; it is no text table")
    return text


def _header(name: str, header: list[str], columns: tuple[str, ...], required: tuple[str, ...]) -> Iterator[Problem]:
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        yield Problem(name, 1, "", "is not separated by commas. Save it as 'CSV (comma delimited)'")
        return
    for column in header:
        if column not in columns:
            yield Problem(name, 1, column, f"{column!r} is not a column.{did_you_mean(column, columns)}")
    for column in sorted(set(header)):
        if header.count(column) > 1:
            yield Problem(name, 1, column, "stands twice in the header")
    for column in required:
        if column not in header:
            yield Problem(name, 1, column, "is missing from the header")


def _body(
    lines: Iterator[list[str]], name: str, header: list[str], columns: tuple[str, ...]
) -> Iterator[Row | Problem]:
    for number, cells in enumerate(lines, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            yield Problem(
                name, number, "", f"has {len(cells)} cells, the header {len(header)}. Quote cells with commas"
            )
            continue
        row = Row(name, number, {column: cell.strip() for column, cell in zip(header, cells, strict=True)})
        spoiled = [column for column in columns if column != "date" and _DATE.fullmatch(row.cells.get(column, ""))]
        for column in spoiled:
            message = (
                f"{row[column]!r} looks like a date made by a spreadsheet. Format the column as text, type it again"
            )
            yield row.problem(column, message)
        if not spoiled:
            yield row


def finite(text: str) -> float | None:
    """A number that may be squared, else None. Tables of other programs have more digits than ours may have."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) <= _LARGEST and "_" not in text else None


_LARGEST = 1e100  # beyond it squares leave what a double holds
