"""News -> the folder of proposals, notices.csv, and the days on which services were asked."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg import build, proposals, tables, vocab
from kg.document import Notice
from kg.errors import KgError, Problem
from kg.sources import sheets
from kg.sources.cells import Cells
from kg.update.asking import Inquiry, asked
from kg.update.sorting import News
from kg.web import clean

TABLE = "notices.csv"


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in the folder of proposals now, how many notices were added to the rows, and what was left out."""

    papers: int
    findings: int
    notices: int
    problems: Sequence[Problem]


def write(place: Path, data: Path, found: News, inquiries: Iterable[Inquiry], day: str) -> Written:
    """Write proposals into `place` and notices into `data`; only then the day, for services that did not fail.

    Raises KgError where one of them cannot be written; no day is written then.
    """
    written = proposals.write(place, found.proposed, day, vocab.load(data / "vocab")[0])
    told = [notice for _, notice in found.notices if not notice.deleted]
    added, problems = apply(data, told)
    failed = {one.source for one in found.failed}
    if answered := [one for one in inquiries if one.source not in failed]:
        asked(place, answered, day)
    return Written(written.papers, written.findings, added, (*written.problems, *problems))


def apply(data: Path, notices: Iterable[Notice]) -> tuple[int, list[Problem]]:
    """Add notices to `notices.csv` of a data folder: how many, and why others would be no sound rows.

    Raises DataError where the rows would not be sound with them, KgError where the folder cannot be written.
    """
    rows, problems = _sound([{name: clean(str(getattr(one, name))) for name in sheets.NOTICES} for one in notices])
    if rows:
        try:
            build.change(data, {TABLE: lambda file: tables.with_row(file, sheets.NOTICES, *rows)})
        except KgError as error:
            if not isinstance(error.__cause__, OSError):
                raise
            raise KgError(f"{error}. Copy the folder of rows, and name the copy with --data or KG_DATA") from error
    return len(rows), problems


def _sound(rows: Sequence[Cells]) -> tuple[list[Cells], list[Problem]]:
    """The rows that can be read back, and what is wrong with the others."""
    with tempfile.TemporaryDirectory() as made:
        (Path(made) / TABLE).write_text(tables.with_row(Path(made) / TABLE, sheets.NOTICES, *rows), "utf-8", newline="")
        wrong = [one for one in sheets.notices(Path(made)) if isinstance(one, Problem)]
    bad = {one.row - 2 for one in wrong}
    named = [
        Problem(_about(rows[one.row - 2]), 0, one.column, f"{one.message}; the notice is left out") for one in wrong
    ]
    return [row for at, row in enumerate(rows) if at not in bad], named


def _about(row: Cells) -> str:
    return f"notice of {row['doi'] or row['pmid']}"
