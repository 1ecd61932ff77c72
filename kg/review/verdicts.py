"""What readers made of proposals together: agreed, disputed or rejected, and where they differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from kg import decisions
from kg.decisions import Decision, Verdict
from kg.document import Document, Harvest, Proposal
from kg.errors import DataError, KgError, Problem
from kg.model import Finding, Status
from kg.review.edits import COLUMNS, edited, values
from kg.sources import files
from kg.vocab import Vocab

_VERDICT = "verdict"


@dataclass(frozen=True, slots=True)
class Settled:
    """A proposal that somebody decided on: the finding as its first reader accepts it, and what that makes of it.

    `unreviewed` where one reader accepts it, `reviewed` where two accept it alike, `disputed` where they differ,
    `withdrawn` where nobody accepts it.
    """

    document: Document
    proposal: Proposal
    finding: Finding
    status: Status
    accepted: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """What two readers say of one proposal: their verdicts, or their values in a column where both accept it."""

    finding: str
    readers: tuple[str, str]
    column: str
    values: tuple[str, str]


def settled(harvests: Iterable[Harvest], decided: Iterable[Decision], words: Vocab) -> Iterator[Settled]:
    """What became of each proposal that somebody decided on. Raises KgError where a change is none any more."""
    for document, proposal, read in _read(harvests, decided):
        accepted = tuple(one for one in read if one.verdict is not Verdict.REJECT)
        made = [accept(proposal.finding, one, words) for one in accepted]
        alike = all(values(finding) == values(made[0]) for finding in made)
        if not accepted:
            status = Status.WITHDRAWN
        elif len(accepted) < len(read) or not alike:
            status = Status.DISPUTED
        else:
            status = Status.REVIEWED if len(read) > 1 else Status.UNREVIEWED
        yield Settled(document, proposal, made[0] if made else proposal.finding, status, accepted)


def _read(
    harvests: Iterable[Harvest], decided: Iterable[Decision]
) -> Iterator[tuple[Document, Proposal, Sequence[Decision]]]:
    """The proposals that somebody decided on, each with the last word of each reader."""
    last = decisions.latest(decided)
    for harvest in harvests:
        for proposal in harvest.proposals:
            if read := last.get(proposal.finding.id):
                yield harvest.document, proposal, tuple(read.values())


def accept(finding: Finding, decision: Decision, words: Vocab) -> Finding:
    """The finding as a reader accepts it."""
    return edited(finding, decision.changes, words) if decision.changes else finding


def compared(harvests: Iterable[Harvest], decided: Iterable[Decision], words: Vocab) -> Iterator[Compared]:
    """Every pair of readers of every proposal: their verdicts, and their values where both accept it."""
    for _, proposal, read in _read(harvests, decided):
        for pair in combinations(sorted(read, key=lambda one: one.reader), 2):
            one, other = pair
            readers, id = (one.reader, other.reader), proposal.finding.id
            yield Compared(id, readers, _VERDICT, (one.verdict, other.verdict))
            if Verdict.REJECT not in (one.verdict, other.verdict):
                mine, theirs = (values(accept(proposal.finding, decision, words)) for decision in pair)
                for column in COLUMNS:
                    if mine[column] or theirs[column]:
                        yield Compared(id, readers, column, (mine[column], theirs[column]))


def wrong(decision: Decision, findings: Mapping[str, Finding], words: Vocab) -> str:
    """What is wrong with a decision, as a sentence; nothing where it can be kept."""
    if decision.finding not in findings:
        return f"{decision.finding[:80]!r} is no proposal here; it was made of other proposals"
    if decision.verdict is Verdict.REJECT and not decision.reason.strip():
        return f"rejects {decision.finding} without a reason"
    if (decision.verdict is Verdict.EDIT) != bool(decision.changes):
        return f"{decision.verdict}s {decision.finding} {'with' if decision.changes else 'without'} changes"
    try:
        accept(findings[decision.finding], decision, words)
    except KgError as error:
        return str(error)
    return ""


def taken(folder: Path, file: Path, words: Vocab, findings: Mapping[str, Finding]) -> int:
    """Append the decisions in a file to the log of a folder, those that are new; all, or none where one is wrong.

    Raises DataError with every problem.
    """
    try:
        lines = files.whole(file).split(b"\n")
    except files.Broken as error:
        raise DataError([error.problem]) from error
    read, problems = decisions.of_lines(lines, file.name)
    said = ((number, wrong(one, findings, words)) for number, one in enumerate(read, start=1))
    problems += [Problem(file.name, 0, "", f"decision {number}: {message}") for number, message in said if message]
    if problems:
        raise DataError(problems)
    added = list(decisions.new(read, decisions.read(folder)[0]))
    if added:
        decisions.append(folder, added)
    return len(added)
