"""Decisions -> curated rows: what readers accepted moves into the data folder, checked as a whole."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from kg import build, decisions, proposals, tables
from kg.build import Collected
from kg.errors import KgError
from kg.model import Arm, Finding, Paper, Reading, Status
from kg.review.edits import values
from kg.review.verdicts import Settled, settled
from kg.sources import sheets
from kg.sources.cells import Cells, cells, of_arm, of_finding

TABLE = "findings/confirmed.csv"
_ARMS = sheets.ARMS[2:]


@dataclass(frozen=True, slots=True)
class Applied:
    """What an application did: findings added, rows whose status changed, and ids of those it left alone.

    `disputed` are accepted by some readers only, or not alike; `changed_by_hand` say something else since.
    """

    added: int
    restated: int
    disputed: Sequence[str]
    changed_by_hand: Sequence[str]


@dataclass(slots=True)
class _Rows:
    """The rows there are, by what new ones may share with them, and those to be written."""

    papers: dict[str, Paper]
    arms: dict[tuple[str, str], list[Cells]]
    findings: Mapping[str, Finding]
    read_again: set[str]
    added: dict[str, list[Cells]] = field(default_factory=dict)
    restated: dict[str, dict[str, Status]] = field(default_factory=dict)

    def add(self, table: str, *some: Cells) -> None:
        self.added.setdefault(table, []).extend(some)


def apply(folder: Path, data: Path) -> Applied:
    """Move what was accepted in a folder of proposals into a data folder, whole or not at all; again changes nothing.

    Raises DataError with what would be unsound, KgError where a table was changed meanwhile.
    """
    collected = build.collect(data)
    rows = _standing(data, collected)
    disputed, by_hand = [], []
    for one in settled(proposals.read(folder), decisions.read(folder)[0], collected.vocab):
        there = rows.findings.get(one.finding.id)
        if there is None and one.status is Status.DISPUTED:
            disputed.append(one.finding.id)
        elif there is None and one.status is not Status.WITHDRAWN:
            _add(rows, one)
        elif there and one.accepted and values(there) != values(replace(one.finding, note=there.note)):
            by_hand.append(one.finding.id)
        elif there:
            _restate(rows, there, one)
    _write(data, rows)
    proposals.write(folder, (), "", collected.vocab)  # the tables without what is decided
    restated = sum(map(len, rows.restated.values()))
    return Applied(len(rows.added.get(TABLE, ())), restated, tuple(disputed), tuple(by_hand))


def _standing(data: Path, collected: Collected) -> _Rows:
    findings = {item.id: item for item in collected.items if isinstance(item, Finding)}
    papers = {name: item for item in collected.items if isinstance(item, Paper) for name in build.identifiers(item)}
    arms: dict[tuple[str, str], list[Cells]] = {}
    for row in tables.rows(data / "arms.csv", "arms.csv", tuple(sheets.ARMS), ()):
        if isinstance(row, tables.Row):
            arms.setdefault((row["study"], row["arm"]), []).append({name: row[name] for name in sheets.ARMS})
    for finding in findings.values():  # those that are used, with terms by their ids
        arms |= {(arm.study, arm.id): of_arm(arm) for arm in (finding.arm, finding.comparator)}
    readings = {item.finding for item in collected.items if isinstance(item, Reading)}
    return _Rows(papers, arms, findings, readings)


def _add(rows: _Rows, one: Settled) -> None:
    first, paper = one.accepted[0], one.document.paper
    known = next((rows.papers[name] for name in sorted(one.document.identifiers) if name in rows.papers), None)
    if not known:
        rows.add("papers.csv", cells(paper, sheets.PAPERS))
        rows.papers |= dict.fromkeys(build.identifiers(paper), paper)
    paper = known or paper
    told = f"proposed by {one.proposal.rule}, confirmed by {first.reader}"
    finding = replace(
        one.finding,
        paper=paper,
        study=paper.id,
        arm=_arm(rows, one.finding.arm, paper.id),
        comparator=_arm(rows, one.finding.comparator, paper.id),
        status=one.status,
        curator=first.reader,
        date=first.time[:10],
        note="; ".join(filter(None, (one.finding.note, told))),
    )
    rows.add(TABLE, of_finding(finding))
    _read_again(rows, one)


def _arm(rows: _Rows, arm: Arm, study: str) -> Arm:
    """The arm in that study: the one there that is given the same, or a new one with a name that is free."""
    mine = _content(of_arm(arm))
    for owner, name in rows.arms:
        if owner == study and _content(rows.arms[owner, name]) == mine:
            return Arm(study, name, arm.given)
    names = (name for name in _names(arm.id) if (study, name) not in rows.arms)
    made = Arm(study, next(names), arm.given)
    rows.arms[study, made.id] = of_arm(made)
    rows.add("arms.csv", *of_arm(made))
    return made


def _names(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name}~{number}"
        number += 1


def _content(arm: Sequence[Cells]) -> list[tuple[str, ...]]:
    return sorted(tuple(row[name] for name in _ARMS) for row in arm)


def _restate(rows: _Rows, there: Finding, one: Settled) -> None:
    if one.status is not Status.UNREVIEWED and there.status not in (one.status, Status.WITHDRAWN):
        rows.restated.setdefault(there.row.partition(", row ")[0], {})[there.id] = one.status
    _read_again(rows, one)


def _read_again(rows: _Rows, one: Settled) -> None:
    if one.status is Status.REVIEWED and one.finding.id not in rows.read_again:
        second = one.accepted[1]
        note = f"both read the proposal of {one.proposal.rule}; the first was {one.accepted[0].reader}"
        reading = Reading(one.finding.id, second.reader, second.time[:10], note=note)
        rows.add("readings.csv", cells(reading, sheets.READINGS))


def _write(data: Path, rows: _Rows) -> None:
    columns = {"papers.csv": sheets.PAPERS, "arms.csv": sheets.ARMS, "readings.csv": sheets.READINGS}
    first = ("arms.csv", "papers.csv")  # on which findings stand, and readings on them
    wanted = sorted({*rows.added, *rows.restated}, key=lambda name: (name not in first, name))
    makers = {
        name: partial(
            _text,
            columns=columns.get(name, sheets.FINDINGS),
            added=rows.added.get(name, ()),
            restated=rows.restated.get(name, {}),
        )
        for name in wanted
    }
    if makers:
        build.change(data, makers)


def _text(file: Path, columns: Sequence[str], added: Sequence[Cells], restated: Mapping[str, Status]) -> str:
    text = tables.with_row(file, columns, *added)
    if not restated:
        return text
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\r\n" if "\r\n" in text else "\n")
    header, *lines = csv.reader(io.StringIO(text, newline=""))
    if "status" not in header:
        raise KgError(f"{file} has no column status; add it to the header")
    table.writerow(header)
    at, id = header.index("status"), header.index("id")
    for line in lines:
        if line and line[id].strip() in restated:
            line[at] = restated[line[id].strip()]
        table.writerow(line)
    return written.getvalue()
