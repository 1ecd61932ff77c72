"""Reads anyone's table of contrasts: what is wrong in it is said with file, row and column, and nothing is repaired."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg.errors import DataError, KgError, Problem, did_you_mean
from kg.synthesis.effects import OF_COUNTS, OF_MEANS, Counts, Effect, Sample, hedges_g

MEANS = ("m1", "sd1", "n1", "m2", "sd2", "n2")
COUNTS = ("ai", "bi", "ci", "di")
GENERIC = ("yi", "vi")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_LARGEST = 1e50  # beyond it, powers of weights leave what a double holds


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its number as a spreadsheet shows it, and its cells."""

    file: str
    number: int
    cells: Mapping[str, str]

    def problem(self, column: str, message: str) -> Problem:
        """Something wrong in one cell."""
        return Problem(self.file, self.number, column, message)


@dataclass(frozen=True, slots=True)
class Contrasts:
    """Effects of a table with their variances, and its other columns."""

    measure: str
    lines: Sequence[Line]
    yi: Sequence[float]
    vi: Sequence[float]

    def texts(self, column: str) -> list[str]:
        """The cells of a column; raises DataError where it is missing, or a cell empty."""
        _present(self.lines, (column,))
        _raise(line.problem(column, "is empty") for line in self.lines if not line.cells[column])
        return [line.cells[column] for line in self.lines]

    def numbers(self, column: str) -> list[float]:
        """The numbers of a column; raises DataError where one is none."""
        _present(self.lines, (column,))
        _raise(found for line in self.lines if isinstance(found := _number(line, column), Problem))
        return [float(line.cells[column]) for line in self.lines]

    def has(self, column: str) -> bool:
        """Whether the table has this column."""
        return column in self.lines[0].cells

    def repeated(self) -> str:
        """A study that stands in several rows; empty where none does."""
        names = [line.cells.get("study", "") for line in self.lines]
        return next((name for name in names if name and names.count(name) > 1), "")

    def labels(self) -> list[str]:
        """What each row is called: by its column `study` with its row where that is not enough, or by its row alone."""
        names = [line.cells.get("study", "") for line in self.lines]
        return [
            name if name and names.count(name) == 1 else f"{name} row {line.number}".strip()
            for name, line in zip(names, self.lines, strict=True)
        ]

    def moderators(self, columns: Sequence[str]) -> dict[str, list[float]]:
        """Columns of the design: numbers as they are, words as 0 and 1 for each but the first in the alphabet."""
        design: dict[str, list[float]] = {}
        for column in columns:
            texts = self.texts(column)
            if any(_NUMBER.fullmatch(text) for text in texts):
                design[column] = self.numbers(column)
                continue
            for word in sorted(set(texts))[1:]:
                design[f"{column}={word}"] = [float(text == word) for text in texts]
        return design


def read(path: Path, measure: str = "", vtype: str = "LS") -> Contrasts:
    """The effects of a table: of the columns yi and vi, of means, or of counts, as `measure` says or the columns do.

    Raises DataError with every problem of the table.
    """
    lines = list(_lines(path))
    chosen = measure or _measure(lines)
    needed = MEANS if chosen in OF_MEANS else COUNTS if chosen in OF_COUNTS else GENERIC
    _present(lines, needed)
    made = [_effect(line, chosen, needed, vtype) for line in lines]
    _raise(problem for one in made if isinstance(one, list) for problem in one)
    found = [one for one in made if isinstance(one, Effect)]
    return Contrasts(chosen, lines, [one.value for one in found], [one.variance for one in found])


def _measure(lines: Sequence[Line]) -> str:
    """What the columns of a table allow; effects that are there already are taken before others."""
    for name, needed in (("GEN", GENERIC), ("SMD", MEANS), ("RR", COUNTS)):
        if set(needed) <= set(lines[0].cells):
            return name
    sets = "; or ".join(", ".join(needed) for needed in (GENERIC, MEANS, COUNTS))
    raise DataError([Problem(lines[0].file, 1, "", f"has none of these sets of columns: {sets}")])


def _effect(line: Line, measure: str, needed: Sequence[str], vtype: str) -> Effect | list[Problem]:
    read = {column: _number(line, column) for column in needed}
    if wrong := [found for found in read.values() if isinstance(found, Problem)]:
        return wrong
    numbers = {column: found for column, found in read.items() if isinstance(found, float)}
    if wrong := list(_impossible(line, numbers)):
        return wrong
    try:
        effect = _computed(numbers, measure, vtype)
    except KgError as error:
        return [line.problem(" ".join(needed), str(error))]
    if not 1 / _LARGEST < effect.variance < _LARGEST:
        said = f"has a sampling variance of {effect.variance:g}, so that it has no weight; leave it out, or mend it"
        return [line.problem("vi" if measure == "GEN" else "", said)]
    return effect


def _impossible(line: Line, numbers: Mapping[str, float]) -> Iterator[Problem]:
    for column, value in numbers.items():
        if column in ("n1", "n2") and value < 2:
            yield line.problem(column, f"{value:g} is too few: a group has at least 2 subjects")
        if column in ("sd1", "sd2", *COUNTS) and value < 0:
            yield line.problem(column, f"{value:g} is negative")


def _computed(numbers: Mapping[str, float], measure: str, vtype: str) -> Effect:
    if measure == "GEN":
        return Effect(numbers["yi"], numbers["vi"], 0, "GEN")
    if measure in OF_COUNTS:
        a, b, c, d = (numbers[column] for column in COUNTS)
        return OF_COUNTS[measure](Counts(a, b), Counts(c, d))
    m1, sd1, n1, m2, sd2, n2 = (numbers[column] for column in MEANS)
    arm, comparator = Sample(n1, m1, sd1), Sample(n2, m2, sd2)
    return hedges_g(arm, comparator, vtype) if measure == "SMD" else OF_MEANS[measure](arm, comparator)


def _number(line: Line, column: str) -> float | Problem:
    text = line.cells[column]
    if text in ("", "NA"):
        return line.problem(column, "is empty; leave the row out, or give the number")
    if not _NUMBER.fullmatch(text):
        return line.problem(column, f"{text[:40]!r} is not a number; write it as 12.5 or 1.25e1")
    value = float(text)
    return value if abs(value) < _LARGEST else line.problem(column, f"{text[:40]} is larger than can be computed with")


def _present(lines: Sequence[Line], columns: Sequence[str]) -> None:
    known = lines[0].cells
    _raise(
        Problem(lines[0].file, 1, column, f"is missing from the header.{did_you_mean(column, known)}")
        for column in columns
        if column not in known
    )


def _raise(problems: Iterator[Problem]) -> None:
    if found := list(problems):
        raise DataError(found)


def _lines(path: Path) -> Iterator[Line]:
    """The rows of a CSV table that are not empty; raises DataError where it is none, or holds no row."""
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    seen = False
    try:
        header = [cell.strip() for cell in next(reader)]
        _raise(_doubtful(path.name, header))
        for number, cells in enumerate(reader, start=2):
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                said = f"has {len(cells)} cells, the header {len(header)}. Quote cells with commas"
                raise DataError([Problem(path.name, number, "", said)])
            seen = True
            yield Line(path.name, number, {key: cell.strip() for key, cell in zip(header, cells, strict=True)})
    except csv.Error as error:
        raise DataError([Problem(path.name, reader.line_num, "", f"cannot be read as CSV ({error})")]) from error
    if not seen:
        raise DataError([Problem(path.name, 0, "", "has no row below its header")])


def _doubtful(name: str, header: Sequence[str]) -> Iterator[Problem]:
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        yield Problem(name, 1, "", "is not separated by commas. Save it as 'CSV (comma delimited)'")
    for column in sorted(set(header)):
        if column and header.count(column) > 1:
            yield Problem(name, 1, column, "stands twice in the header")


def _text(path: Path) -> str:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise DataError([Problem(path.name, 0, "", f"cannot be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        said = f"is not UTF-8 (byte {error.start}). Save it as 'CSV UTF-8'"
        raise DataError([Problem(path.name, 0, "", said)]) from error
    if not text.strip() or "\0" in text:
        raise DataError([Problem(path.name, 0, "", "is no text table; it needs at least its header")])
    return text
