"""Documents and notices -> what of them is new, by what the rows and the proposals already have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from kg import build, proposals
from kg.document import Document, Harvest, Notice, Proposal
from kg.errors import Problem
from kg.harvest.field import of_field
from kg.model import Item, Paper, PaperStatus, Trial
from kg.sources import sheets
from kg.sources.literature import Read
from kg.update.asking import Failed

Reader = Callable[[Document], Sequence[Proposal]]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Known:
    """What there is already, by identifiers such as `pmid:1`: papers of the rows, their notices, proposed papers.

    `trials` are those of the rows by their ids.
    """

    papers: Mapping[str, Paper]
    notices: Sequence[Notice]
    trials: Mapping[str, Trial]
    proposed: Mapping[str, Harvest]


@dataclass(slots=True)
class News:
    """What is new among entries that were read, and how many of these are not.

    `harvests` are papers nobody knew; `retold` proposed ones that a notice tells of or that say something else now;
    `deleted` proposed ones that their source took back. `notices` are about papers of the rows; `trials` those of the
    rows whose status changed, as they were and are. `again` counts what is known, `empty` papers of which nothing is
    proposed, `others` those not of the field.
    """

    harvests: list[Harvest] = field(default_factory=list)
    retold: list[Harvest] = field(default_factory=list)
    deleted: list[Harvest] = field(default_factory=list)
    notices: list[tuple[Paper, Notice]] = field(default_factory=list)
    trials: list[tuple[Trial, Trial]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)
    read: int = 0
    again: int = 0
    empty: int = 0
    others: int = 0

    @property
    def proposed(self) -> list[Harvest]:
        """Everything that changes the proposals; of a deleted paper there are none."""
        return [*self.harvests, *self.retold, *(replace(one, proposals=()) for one in self.deleted)]

    @property
    def skipped(self) -> Counter[str]:
        """How often something was skipped, by the reason."""
        return Counter(one.reason for one in self.problems)


def known(items: Iterable[Item], data: Path, proposed: Path) -> Known:
    """What `items`, the rows of a data folder, and a folder of proposals have. Raises KgError where that is damaged."""
    items = list(items)
    return Known(
        {name: item for item in items if isinstance(item, Paper) for name in build.identifiers(item)},
        [notice for notice in sheets.notices(data) if isinstance(notice, Notice)],
        {item.id: item for item in items if isinstance(item, Trial)},
        {name: one for one in proposals.read(proposed) for name in one.document.identifiers},
    )


def news(read: Iterable[Read | Failed], known: Known, reader: Reader) -> News:
    """What of everything that was read is new; a notice counts whether it comes before its paper or after it."""
    desk = _Desk(known, reader)
    for item in read:
        desk.found.read += isinstance(item, Document | Notice)
        if isinstance(item, Document):
            desk.document(item)
        elif isinstance(item, Notice):
            desk.notices[item] = None
        elif isinstance(item, Problem):
            desk.found.problems.append(item)
        else:
            desk.found.failed.append(item)
    return desk.settled()


class _Desk:
    """Takes documents as they come, and notices when all have come."""

    def __init__(self, known: Known, reader: Reader) -> None:
        self.known, self.reader, self.found = known, reader, News()
        self.notices: dict[Notice, None] = {}
        self.told = list(known.notices)
        self.made: list[Harvest] = []
        self.at: dict[str, int] = {}  # where in `made` the paper of an identifier stands

    def document(self, read: Document) -> None:
        self.notices |= dict.fromkeys(_notices(read))
        before = self._proposed(read.identifiers)
        if read.trial and (trial := self.known.trials.get(read.trial.id)):
            self._trial(trial, read.trial)
        elif _first(self.known.papers, read.identifiers) or (before and not _better(read, before.document)):
            self.found.again += 1
        elif not of_field(read):
            self.found.others += 1
        elif (proposals := tuple(self.reader(read))) or before:
            self._make(Harvest(read, proposals))
        else:
            self.found.empty += 1

    def settled(self) -> News:
        for notice in sorted(self.notices, key=_silence):
            paper, one = _first(self.known.papers, notice.identifiers), self._proposed(notice.identifiers)
            if paper:
                self._tell(paper, notice)
            elif one and notice.deleted:
                self._delete(one)
            elif one:
                self._retell(one, notice)
        for one in self.made:
            known = _first(self.known.proposed, one.document.identifiers)
            (self.found.retold if known else self.found.harvests).append(one)
        return self.found

    def _proposed(self, names: Iterable[str]) -> Harvest | None:
        at = _first(self.at, names)
        return _first(self.known.proposed, names) if at is None else self.made[at]

    def _make(self, one: Harvest) -> None:
        at = _first(self.at, one.document.identifiers)
        if at is None:
            at = len(self.made)
            self.made.append(one)
        self.made[at] = one
        self.at |= dict.fromkeys(one.document.identifiers, at)

    def _trial(self, was: Trial, now: Trial) -> None:
        changed = now.status not in ("", was.status) and was.status != "published"  # no registry says published
        self.found.trials += [(was, now)] if changed else []
        self.found.again += not changed

    def _tell(self, paper: Paper, notice: Notice) -> None:
        """A notice about a paper of the rows. Of a retracted one nothing is new, of a corrected one another notice."""
        about = replace(notice, doi=paper.doi or notice.doi, pmid=paper.pmid or notice.pmid)
        changes = paper.status is not notice.status or _by(notice) or notice.deleted
        if changes and paper.status is not PaperStatus.RETRACTED and not any(_same(about, one) for one in self.told):
            self.told.append(about)
            self.found.notices.append((paper, about))

    def _retell(self, one: Harvest, notice: Notice) -> None:
        """A notice about a paper that is only proposed."""
        read = one.document
        if not any(_same(notice, told) for told in read.notices):
            paper = replace(read.paper, status=PaperStatus.worst((read.paper.status, notice.status)))
            self._make(replace(one, document=replace(read, paper=paper, notices=(*read.notices, notice))))

    def _delete(self, one: Harvest) -> None:
        """An entry that PubMed took back, where what is proposed was read in it, and not again since."""
        if one.document.source == "pubmed" and _first(self.at, one.document.identifiers) is None:
            self.found.deleted.append(one)


def _first(known: Mapping[str, T], names: Iterable[str]) -> T | None:
    return next((known[name] for name in sorted(names) if name in known), None)


def _notices(read: Document) -> Iterator[Notice]:
    """What a document tells of itself; its status alone where no notice says why."""
    paper = read.paper
    yield from read.notices
    if paper.status not in (PaperStatus.OK, *(notice.status for notice in read.notices)):
        yield Notice(paper.status, paper.doi, paper.pmid, date=read.date, url=paper.url)


def _better(now: Document, before: Document) -> bool:
    """Whether to propose again: of a full text after an abstract, or where the same source says something else."""
    changed = now.source == before.source and now.passages != before.passages
    return now.full > before.full or (now.full == before.full and changed)


def _by(notice: Notice) -> set[str]:
    return {name for name in (notice.by_doi.lower(), notice.by_pmid) if name}


def _same(one: Notice, other: Notice) -> bool:
    """Whether two say the same of the same paper; one that does not name its notice adds nothing to one that does."""
    by, others = _by(one), _by(other)
    alike = (one.status, one.deleted) == (other.status, other.deleted) and set(one.about) & set(other.about)
    return bool(alike and (not by or not others or by & others))


def _silence(notice: Notice) -> int:
    """How many of its fields are empty."""
    return sum(not value for value in astuple(notice))
