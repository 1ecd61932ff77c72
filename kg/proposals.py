"""The folder of proposals: what programs read in papers, as rows beside the curated ones, and the texts behind them."""

from __future__ import annotations

import csv
import hashlib
import re
import shutil
import tempfile
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from kg import check, decisions, document, resources, store, vocab
from kg.document import Document, Harvest, Mark, Proposal, Section
from kg.errors import KgError, Problem
from kg.model import Arm, Finding, Given, Item, Origin, Paper, Status, Term
from kg.sources import sheets
from kg.sources.cells import Cells, cell, cells, rows
from kg.vocab import Vocab

HIGH, MODERATE = 0.8, 0.5  # from which confidence on a row says so
MARKS = "finding slot start end term confidence rule".split()
FINDINGS = "findings/proposed.csv"
_DOCUMENTS = "documents.jsonl"
_TABLES: dict[str, list[str]] = {
    "papers.csv": sheets.PAPERS,
    "arms.csv": sheets.ARMS,
    "trials.csv": sheets.TRIALS,
    FINDINGS: sheets.FINDINGS,
    "marks.csv": MARKS,
}
_GIVEN = sheets.ARMS[2:]
_ARM = re.compile(r"[A-Za-z0-9]+(?:[-+._~][A-Za-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in the folder after a write: papers and findings still open, what is decided, what was left out."""

    papers: int
    findings: int
    decided: int
    problems: Sequence[Problem]


def folder() -> Path:
    """The default place of proposals."""
    return resources.proposed()


def write(folder: Path, harvests: Iterable[Harvest], date: str, words: Vocab | None = None) -> Written:
    """Put what was read into a folder of proposals; a paper that is read again has its new proposals only.

    Proposals that somebody decided on stay for other readers, and out of the tables. One that would be no sound row is
    left out and said. Raises KgError where the folder cannot be written or was changed meanwhile.
    """
    words = words or vocab.load(resources.data() / "vocab")[0]
    decided = {decision.finding for decision in decisions.read(folder)[0]}
    before = _stamp(folder)
    problems: list[Problem] = []
    filed = (_filed(harvest, date, problems) for harvest in harvests)
    lines = _merged(chain(_stored(folder), filed), decided)
    with tempfile.TemporaryDirectory() as made:
        aside = Path(made)
        counted = _put(aside, lines, decided)
        if wrong := _wrong(aside, words):
            lines = dict(_without(lines, wrong, decided, problems))
            counted = _put(aside, lines, decided)
        if _stamp(folder) != before:
            raise KgError(f"{folder} was changed by somebody else meanwhile; read again")
        for name in (_DOCUMENTS, *_TABLES):
            with store.replacing(folder / name) as beside:
                shutil.copyfile(aside / name, beside)
    return Written(*counted, tuple(sorted(set(problems))))


def read(folder: Path) -> list[Harvest]:
    """Everything in a folder of proposals, decided or not, by paper; nothing where nobody proposed anything yet.

    Raises KgError where it cannot be read.
    """
    return list(_stored(folder))


def items(folder: Path, words: Vocab) -> Iterator[Item | Problem]:
    """The rows of a folder of proposals that nobody decided on yet: a source of the graph. Raises KgError for none."""
    if not (folder / FINDINGS).exists():
        raise KgError(f"there are no proposals in {folder}; 'kg read' makes them")
    decided = {decision.finding for decision in decisions.read(folder)[0]}
    for item in sheets.read(folder, words):
        if not (isinstance(item, Finding) and item.id in decided):
            yield item


def section(document: Document, at: int) -> Section:
    """The section in which a place of the text lies."""
    return document.passages[bisect_right(document.starts(), at) - 1].section


def checked(tables: Mapping[str, Sequence[Cells]], words: Vocab) -> tuple[list[Item], list[Problem]]:
    """Rows as the items they are in the graph, and everything wrong with them."""
    with tempfile.TemporaryDirectory() as made:
        for name in _TABLES:
            with _table(Path(made), name) as table:
                table.writerows(tables.get(name, ()))
        return _read_back(Path(made), words)


def _stamp(folder: Path) -> tuple[int, int]:
    """What changes when somebody writes here."""
    try:
        about = (folder / _DOCUMENTS).stat()
    except FileNotFoundError:
        return 0, 0
    return about.st_mtime_ns, about.st_ino


def _stored(folder: Path) -> Iterator[Harvest]:
    file = folder / _DOCUMENTS
    try:
        with file.open(encoding="utf-8", newline="\n") as lines:
            for number, text in enumerate(lines, start=1):
                try:
                    yield document.of_line(text)
                except ValueError as error:
                    raise KgError(f"{file}, row {number}: {' '.join(str(error).split())[:200]}") from error
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError) as error:
        raise KgError(f"{file} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}") from error


def _filed(harvest: Harvest, date: str, problems: list[Problem]) -> Harvest:
    """A harvest as it is kept: its findings with their ids, arms, places and words of confidence, each once."""
    about, length = harvest.document, len(harvest.document.text)
    made: dict[str, Proposal] = {}
    arms: dict[str, tuple[Given, ...]] = {}
    for proposal in sorted(harvest.proposals, key=lambda one: (-one.confidence, _hash(one.finding))):
        if not all(0 <= mark.span.start < mark.span.end <= length for mark in proposal.marks):
            problems.append(_about(about, "", f"a proposal by {proposal.rule} has a mark outside the text; left out"))
            continue
        finding = _row(about, proposal, date, arms)
        made.setdefault(finding.id, replace(proposal, finding=finding))
    if "\0" in about.paper.title + about.paper.id or not _encodes(harvest):
        problems.append(_about(about, "", "holds characters that no table can hold; its proposals are left out"))
        return Harvest(replace(about, passages=()))
    return replace(harvest, proposals=tuple(made[id] for id in sorted(made)))


def _encodes(harvest: Harvest) -> bool:
    try:
        text = document.line(harvest).encode()
    except UnicodeEncodeError:
        return False
    return bool(text)


def _about(document: Document, column: str, message: str) -> Problem:
    return Problem(document.place or document.source or "proposals", 0, column, f"{document.paper.id}: {message}")


def _row(about: Document, proposal: Proposal, date: str, arms: dict[str, tuple[Given, ...]]) -> Finding:
    finding, paper = proposal.finding, about.paper
    word = "high" if proposal.confidence >= HIGH else "moderate" if proposal.confidence >= MODERATE else "low"
    return replace(
        finding,
        id=f"{paper.id}-p{_hash(finding)}",
        paper=paper,
        study=paper.id,
        arm=_named(finding.arm, paper.id, arms),
        comparator=_named(finding.comparator, paper.id, arms),
        origin=Origin.PROGRAM,
        status=Status.UNREVIEWED,
        confidence=word,
        confidence_reason=f"{proposal.rule}, {proposal.confidence:.2f}",
        locator=finding.locator or _locator(about, proposal.marks),
        source_url=finding.source_url or _url(paper),
        quote="",
        quote_role="",
        curator=proposal.rule,
        date=date,
    )


def _hash(finding: Finding) -> str:
    """What makes a finding this one: the same text read twice gives the same."""
    sides = (finding.arm.given, finding.comparator.given)
    arms = [sorted(tuple(cells(given, _GIVEN).values()) for given in side) for side in sides]
    told = [finding.outcome.id, finding.direction, finding.phase, finding.species, finding.measured_day]
    return _digest([arms, *map(cell, told)])


def _digest(told: object) -> str:
    return hashlib.sha256(repr(told).encode("utf-8", "backslashreplace")).hexdigest()[:10]


def _named(arm: Arm, study: str, known: dict[str, tuple[Given, ...]]) -> Arm:
    """The arm with a name of its own in the study: what is given differently is named differently."""
    name = arm.id if _ARM.fullmatch(arm.id) else "+".join(given.therapy for given in arm.given)
    if known.setdefault(name, arm.given) != arm.given:
        name += f"~{_digest([cells(given, _GIVEN) for given in arm.given])[:4]}"
        known[name] = arm.given
    return Arm(study, name, arm.given)


def _locator(about: Document, marks: Sequence[Mark]) -> str:
    order = ("direction", "outcome", "arm")
    found = sorted(marks, key=lambda mark: (order.index(mark.slot) if mark.slot in order else len(order), mark.span))
    return section(about, found[0].span.start) if found else Section.ABSTRACT


def _url(paper: Paper) -> str:
    known = {"https://doi.org/": paper.doi, "https://pubmed.ncbi.nlm.nih.gov/": paper.pmid}
    known["https://pmc.ncbi.nlm.nih.gov/articles/"] = paper.pmcid
    return paper.url or next((start + value for start, value in known.items() if value), "")


def _merged(harvests: Iterable[Harvest], decided: Collection[str]) -> dict[str, str]:
    """Each paper once, as a line by its id: what came last of it, and what is decided of what came before."""
    lines: dict[str, str] = {}
    at: dict[str, str] = {}  # an identifier's paper
    for harvest in harvests:
        id = harvest.document.paper.id
        names = _names(harvest)
        for former in {at[name] for name in names if name in at}:
            if text := lines.pop(former):
                before = document.of_line(text)
                harvest, names = _joined(before, harvest, decided), names | _names(before)
        lines[id] = document.line(harvest) if harvest.proposals else ""
        at |= dict.fromkeys(names, id)
    return {id: lines[id] for id in sorted(lines) if lines[id]}


def _names(harvest: Harvest) -> frozenset[str]:
    return harvest.document.identifiers | {harvest.document.paper.id}


def _joined(before: Harvest, now: Harvest, decided: Collection[str]) -> Harvest:
    kept = {_hash(one.finding): one for one in before.proposals if one.finding.id in decided}
    if not kept:
        return now
    old, text = before.document.text, now.document.text
    if not text:
        return replace(before, proposals=tuple(kept.values()))
    made = [one for one in now.proposals if _hash(one.finding) not in kept]
    for one in kept.values():
        spans = ((mark, slice(mark.span.start, mark.span.end)) for mark in one.marks)
        marks = tuple(mark for mark, span in spans if old[span] == text[span])
        made.append(replace(one, marks=marks))
    return replace(now, proposals=tuple(sorted(made, key=lambda one: one.finding.id)))


@contextmanager
def _table(folder: Path, name: str) -> Iterator[csv.DictWriter[str]]:
    """A table to write rows into, behind its header."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as opened:
        made = csv.DictWriter(opened, _TABLES[name], lineterminator="\n")
        made.writeheader()
        yield made


def _put(aside: Path, lines: Mapping[str, str], decided: Collection[str]) -> tuple[int, int, int]:
    """Write the texts and tables; how many papers and findings are open, and how many findings are decided."""
    papers = findings = every = 0
    with ExitStack() as opened:
        documents = opened.enter_context((aside / _DOCUMENTS).open("w", encoding="utf-8", newline="\n"))
        tables = {name: opened.enter_context(_table(aside, name)) for name in _TABLES}
        for line in lines.values():
            documents.write(line + "\n")
            proposals = document.of_line(line).proposals
            open_ = [one for one in proposals if one.finding.id not in decided]
            for name, some in rows((one.finding for one in open_), FINDINGS).items():
                tables[name].writerows(some)
            tables["marks.csv"].writerows(row for one in open_ for row in _marks(one))
            papers, findings, every = papers + bool(open_), findings + len(open_), every + len(proposals)
    return papers, findings, every - findings


def _marks(proposal: Proposal) -> Iterator[Cells]:
    about = {"finding": proposal.finding.id, "confidence": f"{proposal.confidence:.2f}", "rule": proposal.rule}
    for mark in proposal.marks:
        yield cells(mark, MARKS, start=str(mark.span.start), end=str(mark.span.end), **about)


def _read_back(folder: Path, words: Vocab) -> tuple[list[Item], list[Problem]]:
    found = [item for item in sheets.read(folder, words) if not isinstance(item, Term)]
    items: list[Item] = [item for item in found if not isinstance(item, Problem)]
    wrong = [item for item in found if isinstance(item, Problem)]
    return items, wrong + list(check.problems(items))


def _wrong(aside: Path, words: Vocab) -> dict[str, Problem]:
    """What is wrong in the tables, by the paper or finding that it is wrong of."""
    wrong: dict[str, Problem] = {}
    owners: dict[str, list[str]] = {}
    for problem in _read_back(aside, words)[1]:
        if problem.file not in owners:  # a row begins with the id of its paper or finding, or with the study of an arm
            with (aside / problem.file).open(encoding="utf-8", newline="") as file:
                owners[problem.file] = [row[0] for row in csv.reader(file)]
        wrong.setdefault(owners[problem.file][problem.row - 1], problem)
    return wrong


def _without(
    lines: Mapping[str, str], wrong: Mapping[str, Problem], decided: Collection[str], problems: list[Problem]
) -> Iterator[tuple[str, str]]:
    """The lines without what is wrong."""
    for id, line in lines.items():
        harvest = document.of_line(line)
        bad = {key: wrong[key] for key in (id, *(one.finding.id for one in harvest.proposals)) if key in wrong}
        problems += [_about(harvest.document, one.column, f"{one.message}; left out") for one in bad.values()]
        good = decided if id in bad else {one.finding.id for one in harvest.proposals} - bad.keys() | set(decided)
        kept = tuple(one for one in harvest.proposals if one.finding.id in good)
        if kept:
            yield id, document.line(replace(harvest, proposals=kept))
