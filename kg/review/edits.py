"""A proposed finding with other values in some columns, checked as the row that it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from kg import proposals
from kg.errors import DataError, Problem, UnknownName
from kg.model import Arm, Direction, Finding, Given, Role, Significant, control_role
from kg.sources import sheets
from kg.sources.cells import Cells, of_finding, rows
from kg.vocab import Vocab

_KEPT = "id paper study origin status confidence confidence_reason source_url quote quote_role curator date".split()
COLUMNS = tuple(name for name in sheets.FINDINGS if name not in _KEPT)
SIDES = ("arm", "comparator")
SCHEMES = dict.fromkeys(SIDES, "therapy") | {  # the vocabulary of a column
    name: name for name in ("species", "injury", "phase", "outcome", "design", "evidence")
}
_CLOSED: dict[str, type[StrEnum]] = {"direction": Direction, "significant": Significant}


def edited(finding: Finding, changes: Mapping[str, str], words: Vocab) -> Finding:
    """The finding with these values; `arm` and `comparator` are what is given there, `alpha + beta`.

    Raises UnknownName for a column that no reader changes or a therapy that is none, DataError for every other value
    that would make the row unsound.
    """
    for column in changes:
        if column not in COLUMNS:
            raise UnknownName("column that can be changed", column, COLUMNS)
    sides = {side: getattr(finding, side) for side in SIDES}
    sides |= {side: _arm(sides[side], changes[side], words) for side in SIDES if side in changes}
    arm, comparator = sides.values()
    tables = rows([replace(finding, arm=arm, comparator=comparator)], proposals.FINDINGS)
    tables[proposals.FINDINGS][0] |= {column: value for column, value in changes.items() if column not in SIDES}
    items, problems = proposals.checked(tables, words)
    if problems:
        raise DataError(Problem(finding.id, 0, one.column, one.message) for one in problems)
    (made,) = (item for item in items if isinstance(item, Finding))
    return replace(made, row="")


def values(finding: Finding) -> Cells:
    """What a reader can say of a finding, by column; an arm by what is given."""
    told = of_finding(finding) | {side: given(getattr(finding, side)) for side in SIDES}
    return {column: told[column] for column in COLUMNS}


def choices(column: str, words: Vocab) -> list[str]:
    """The words that a column takes where these are known, terms by all their names; none where it takes any text."""
    if column in SCHEMES:
        return sorted(words.names(SCHEMES[column]))
    return [str(word) for word in _CLOSED.get(column, ()) if word]


def given(arm: Arm) -> str:
    """What an arm is given, as it is edited: `alpha + beta`."""
    return " + ".join(sorted(one.therapy for one in arm.given))


def _arm(arm: Arm, given: str, words: Vocab) -> Arm:
    """The arm that gives these: what stays keeps its dose and time, what is new is active or a control."""
    now = {one.therapy: one for one in arm.given}
    terms = [words.find("therapy", name.strip()) for name in given.split(" + ")]
    roles = ((term.id, _role(term.id, "control" in words.broader(term))) for term in terms)
    made = tuple(now.get(id) or Given(id, role) for id, role in roles)
    return arm if set(made) == set(arm.given) else Arm(arm.study, "+".join(one.therapy for one in made), made)


def _role(therapy: str, control: bool) -> Role:
    return control_role(therapy) if control else Role.ACTIVE
