"""The two CSV views of the SCIO results: their rows, and which rows of the two are one result.

Tab-separated, latin-1; AccessDB*.csv and Kwon*.csv show the same rows, in another order and with other words for some.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from kg.errors import Problem
from kg.model import Direction
from kg.tables import Row

Pair = tuple[Row | None, Row | None]
_TARGET, _GIVEN = "->targetExperimentalGroup->", "->targetExperimentalGroup->treatmentTypes->"
_ANIMAL, _LESION = "->targetExperimentalGroup->organismModel", "->targetExperimentalGroup->injuryModel"
_REFERENCE, _VALUE = "->referenceExperimentalGroup->", "observations->numericValue->value"
COLUMNS = {
    "paper": "PubMedID",
    "method": "->investigationMethod",
    "judgement": "->judgement",
    "n_comparator": _REFERENCE + "nNumber",
    "mean_comparator": _REFERENCE + _VALUE,
    "injury": _LESION,
    "device": _LESION + "->injuryDevice",
    "distance": _LESION + "->injuryDevice->distance",
    "force": _LESION + "->injuryDevice->force",
    "device weight": _LESION + "->injuryDevice->weight",
    "n_arm": _TARGET + "nNumber",
    "mean_arm": _TARGET + _VALUE,
    "duration": _TARGET + "observations->temporalIntervals->duration",
    "model": _ANIMAL,
    "age": _ANIMAL + "->ageCategory",
    "sex": _ANIMAL + "->gender",
    "strain": _ANIMAL + "->organismSpecies",
    "animal weight": _ANIMAL + "->weight",
    "treatment": _TARGET + "treatmentTypes",
    "compound": _GIVEN + "compound",
    "route": _GIVEN + "deliveryMethod",
    "dosage": _GIVEN + "dosage",
    "trend": "->trend->observedDifference",
    "level": _LESION + "->hasInjuryLocation",
    "temperature": _GIVEN + "temperature",
}
_OPTIONAL = ("temperature",)
_SHORT = {column: short for short, column in COLUMNS.items()}
_SAME = ("paper", "method", "judgement", "treatment", "compound")
TRENDS = {
    "Higher": Direction.INCREASED,
    "FasterIncrease": Direction.INCREASED,
    "Lower": Direction.DECREASED,
    "FasterDecrease": Direction.DECREASED,
    "None": Direction.NO_DIFFERENCE,
}
LOST = "\ufffd"  # stands for a character that an earlier program could not read


def pairs(place: Path) -> Iterator[Pair | Problem]:
    """The results of a folder as the Kwon view and AccessDB show them; what is wrong with a file comes as Problem."""
    views: dict[str, list[Row]] = {"Kwon": [], "AccessDB": []}
    for view, rows in views.items():
        for file in sorted(place.glob(f"{view}*.csv")):
            for row in _rows(file):
                if isinstance(row, Problem):
                    yield row
                else:
                    rows.append(row)
    if not any(views.values()):
        yield Problem(place.name, 0, "", f"there is no row in {place}/AccessDB*.csv or {place}/Kwon*.csv")
    yield from _paired(views["Kwon"], views["AccessDB"])


def said(row: Row, column: str) -> str:
    """What a cell says, whichever word the view has for it."""
    cell = row[column]
    return TRENDS.get(cell, cell) if column == "trend" else "" if cell == "n = 0" else cell


def _rows(file: Path) -> Iterator[Row | Problem]:
    lines = csv.reader(io.StringIO(file.read_bytes().decode("latin-1"), newline=""), delimiter="\t")
    try:
        header = next(lines, [])
        wrong = list(_header(file.name, header))
        yield from wrong
        for number, cells in enumerate(() if wrong else lines, start=2):
            if len(cells) == len(header):
                yield Row(
                    file.name, number, {_SHORT[h]: _mended(c.strip()) for h, c in zip(header, cells, strict=True)}
                )
            elif cells:
                yield Problem(file.name, number, "", f"has {len(cells)} cells, the header {len(header)}")
    except csv.Error as error:
        yield Problem(file.name, lines.line_num, "", f"cannot be read as CSV ({error})")


def _header(name: str, header: Sequence[str]) -> Iterator[Problem]:
    for column in header:
        if column not in _SHORT:
            yield Problem(name, 1, column, f"{column[:80]!r} is not a column of SCIO's results")
    for short, column in COLUMNS.items():
        if column not in header and short not in _OPTIONAL:
            yield Problem(name, 1, column, "is missing from the header")


def _mended(cell: str) -> str:
    """The cell, and where it was UTF-8 read as latin-1 once before, as it was written."""
    try:
        return cell.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return cell


def _paired(kwon: Iterable[Row], access: Iterable[Row]) -> Iterator[Pair]:
    """Rows of the two views that are one result, in the order of the first; then those that only one view has."""
    theirs: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for rows, into in ((kwon, groups), (access, theirs)):
        for row in rows:
            into[tuple(row[column] for column in _SAME)].append(row)
    for key, ours in groups.items():
        yield from _nearest(ours, theirs.pop(key, []))
    for left in theirs.values():
        yield from ((None, row) for row in left)


def _nearest(kwon: Sequence[Row], access: Sequence[Row]) -> Iterator[Pair]:
    """The pairs of a group, those that share most cells first; of equals the earlier rows."""
    ranked = sorted((-_shared(one, other), one.number, other.number) for one in kwon for other in access)
    partner: dict[int, int] = {}
    for _, one, other in ranked:
        if one not in partner and other not in partner.values():
            partner[one] = other
    by_number = {row.number: row for row in access}
    yield from ((row, by_number.get(partner.get(row.number, 0))) for row in kwon)
    yield from ((None, row) for row in access if row.number not in partner.values())


def _shared(one: Row, other: Row) -> int:
    return sum(said(one, column) == said(other, column) for column in COLUMNS if column != "duration")
