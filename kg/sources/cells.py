"""Papers, arms and findings -> the rows of the curated tables: what `sheets` reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from kg.document import Mark
from kg.model import NOT_STATED, Arm, Finding, Given, Paper, Reading
from kg.sources import sheets

Cells = dict[str, str]


def cells(value: Paper | Given | Finding | Reading | Mark, columns: Iterable[str], **others: str) -> Cells:
    """A value as cells of a table, `others` in place of its own."""
    return {name: others[name] if name in others else cell(getattr(value, name)) for name in columns}


def rows(findings: Iterable[Finding], table: str) -> dict[str, list[Cells]]:
    """Findings as the rows of `table`, with those of their papers and arms; every row once."""
    made: dict[str, dict[object, list[Cells]]] = defaultdict(dict)
    for finding in findings:
        made["papers.csv"][finding.paper.id] = [cells(finding.paper, sheets.PAPERS)]
        for arm in (finding.arm, finding.comparator):
            made["arms.csv"][arm.study, arm.id] = of_arm(arm)
        made[table][finding.id] = [of_finding(finding)]
    return {name: [row for some in made[name].values() for row in some] for name in ("papers.csv", "arms.csv", table)}


def of_arm(arm: Arm) -> list[Cells]:
    """The rows of an arm."""
    return [cells(given, sheets.ARMS, study=arm.study, arm=arm.id) for given in arm.given]


def of_finding(finding: Finding) -> Cells:
    """The row of a finding."""
    named = {"paper": finding.paper.id, "arm": finding.arm.id, "comparator": finding.comparator.id}
    named |= {name: "" for name in ("injury", "phase") if getattr(finding, name) == NOT_STATED}
    study = "" if finding.study == finding.paper.id else finding.study
    return cells(finding, sheets.FINDINGS, study=study, outcome=finding.outcome.id, **named)


def cell(value: object) -> str:
    """A value as it stands in a cell: nothing as nothing, several separated by `|`, on one line."""
    if isinstance(value, tuple):
        return "|".join(map(cell, value))
    told = "" if value is None else format(value, "f") if isinstance(value, Decimal) else str(value)
    return " ".join(told.split())
