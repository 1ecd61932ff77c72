"""All parts merged: each paper once, the newest of it, without those that were deleted, sorted by its id.

The lines go through a database that SQLite keeps in a file without a name: memory stays flat, a kill leaves nothing.
"""

from __future__ import annotations

import dataclasses
import gzip
import sqlite3
import zlib
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from kg import document
from kg.document import Document, Harvest, Notice, Proposal
from kg.errors import KgError, Problem
from kg.harvest.lines import Entry, Read, line, of_line
from kg.model import Paper, PaperStatus

_TABLES = """
CREATE TABLE entry (id INTEGER PRIMARY KEY, kin INTEGER, best INTEGER DEFAULT 0, paper TEXT, maker TEXT, file TEXT,
                    full INTEGER, date TEXT, proposals INTEGER, retracted INTEGER, line TEXT);
CREATE TABLE name (name TEXT, entry INTEGER);
CREATE TABLE notice (name TEXT, maker TEXT, file TEXT, deleted INTEGER, line TEXT);
"""
_INDEXES = "CREATE INDEX named ON name (name, entry); CREATE INDEX names ON name (entry);"
_DELETED = """
DELETE FROM entry WHERE id IN (
  SELECT entry.id FROM notice JOIN name USING (name) JOIN entry ON entry.id = name.entry
  WHERE notice.deleted AND notice.maker = entry.maker AND notice.file >= entry.file)
"""
_BEST = """
UPDATE entry SET best = 1 WHERE id IN (SELECT id FROM (
  SELECT id, row_number() OVER (PARTITION BY kin ORDER BY full DESC, date DESC, file DESC, line DESC) AS place
  FROM entry
) WHERE place = 1)
"""
_TOLD = """
SELECT kin FROM entry GROUP BY kin HAVING count(*) > 1 UNION
SELECT entry.kin FROM notice JOIN name USING (name) JOIN entry ON entry.id = name.entry WHERE NOT notice.deleted
"""
_NOTICES = """
SELECT DISTINCT notice.line FROM entry JOIN name ON entry.id = name.entry JOIN notice USING (name)
WHERE entry.kin = ? AND NOT notice.deleted
"""
_SEVERAL = """
SELECT count(*) FROM (SELECT kin FROM entry JOIN name ON entry.id = name.entry WHERE name LIKE 'pmid:%'
                      GROUP BY kin HAVING count(DISTINCT name) > 1)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was read: files, sound entries in them, those of the field, papers and proposals left after the merge.

    `duplicates` are entries of papers that stand in another one, `deletions` entries that their source deleted,
    `retractions` papers that are retracted; `problems` says how often what was skipped, and why.
    """

    files: int
    entries: int
    of_field: int
    papers: int
    proposals: int
    duplicates: int
    deletions: int
    retractions: int
    problems: Mapping[str, int]


def merge(parts: Iterable[Path]) -> Iterator[Harvest]:
    """What `merged` finds in parts, by the id of the paper; the same values whatever the order of the parts."""
    with merged(parts) as found:
        yield from found.harvests()


@contextmanager
def merged(parts: Iterable[Path], problems: Iterable[Problem] = ()) -> Iterator[Merged]:
    """All parts as one, and what is to be said of them, beside problems met before.

    Entries that share an identifier are one paper. Of a paper a full text goes before an abstract, then the later date,
    then the file later by name (PubMed numbers its update files after its baseline). A deletion holds for its maker's
    entries in its own file and those before. Notices and the worst status of all entries stay with the paper.
    Raises KgError where a part is damaged.
    """
    with closing(sqlite3.connect("")) as database:
        yield Merged(database, parts, problems)


class Merged:
    """Parts in a database, each paper once."""

    def __init__(self, database: sqlite3.Connection, parts: Iterable[Path], problems: Iterable[Problem]) -> None:
        self._base, self._counts = database, Counter[str]()
        self._problems = Counter(problem.reason for problem in problems)
        self._base.executescript(_TABLES)
        for part in sorted(set(parts)):
            self._load(part)
        self._base.executescript(_INDEXES)
        self._counts["deletions"] = self._base.execute(_DELETED).rowcount
        self._base.execute("DELETE FROM name WHERE entry NOT IN (SELECT id FROM entry)")
        self._join()
        self._base.execute(_BEST)
        for (kin,) in self._base.execute(_TOLD).fetchall():
            self._settle(kin)

    def harvests(self) -> Iterator[Harvest]:
        """Each paper with its proposals."""
        for (text,) in self._base.execute("SELECT line FROM entry WHERE best ORDER BY paper, line"):
            yield document.of_line(text)

    @property
    def report(self) -> Report:
        """What was read and what became of it."""
        papers, proposals, retracted = self._base.execute(
            "SELECT count(*), total(proposals), total(retracted) FROM entry WHERE best"
        ).fetchone()
        (entries,) = self._base.execute("SELECT count(*) FROM entry").fetchone()
        (several,) = self._base.execute(_SEVERAL).fetchone()
        shared = Counter({"shares an identifier with a paper of another PubMed id; the newest is kept": several})
        return Report(
            files=self._counts["files"],
            entries=self._counts["entries"],
            of_field=self._counts["of_field"],
            papers=papers,
            proposals=int(proposals),
            duplicates=entries - papers,
            deletions=self._counts["deletions"],
            retractions=int(retracted),
            problems=dict(sorted((+(self._problems + shared)).items())),
        )

    def _load(self, part: Path) -> None:
        about, entries = _content(part)
        self._counts.update(files=1, entries=about.entries, of_field=about.of_field)
        for text, entry in entries:
            if isinstance(entry, Harvest):
                self._enter(about, entry, text)
            elif isinstance(entry, Notice):
                row = (about.maker, about.file, entry.deleted, text)
                named = ((name, *row) for name in entry.identifiers)
                self._base.executemany("INSERT INTO notice VALUES (?, ?, ?, ?, ?)", named)
            elif isinstance(entry, Problem):
                self._problems[entry.reason] += 1

    def _enter(self, about: Read, harvest: Harvest, text: str) -> None:
        read = harvest.document
        row = (read.paper.id, about.maker, about.file, read.full, read.date, *_counted(harvest), text)
        columns = "paper, maker, file, full, date, proposals, retracted, line"
        made = self._base.execute(f"INSERT INTO entry ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)  # noqa: S608
        names = ((name, made.lastrowid) for name in {*read.identifiers, f"id:{read.paper.id}"})
        self._base.executemany("INSERT INTO name VALUES (?, ?)", names)

    def _join(self) -> None:
        """Give entries that are linked by names, directly or over others, the same kin."""
        (last,) = self._base.execute("SELECT ifnull(max(id), 0) FROM entry").fetchone()
        kin = array("q", range(last + 1))

        def root(at: int) -> int:
            while kin[at] != at:
                kin[at] = at = kin[kin[at]]
            return at

        before, first = "", 0
        for name, entry in self._base.execute("SELECT name, entry FROM name ORDER BY name, entry"):
            if name == before:
                kin[root(entry)] = root(first)
            before, first = name, entry
        self._base.executemany("UPDATE entry SET kin = ? WHERE id = ?", ((root(at), at) for at in range(1, last + 1)))
        self._base.execute("CREATE INDEX kin ON entry (kin)")

    def _settle(self, kin: int) -> None:
        """Put what the other entries and the notices say of a paper into its best entry."""
        rows = self._base.execute("SELECT id, line FROM entry WHERE kin = ? ORDER BY best DESC", (kin,)).fetchall()
        told = self._base.execute(_NOTICES, (kin,)).fetchall()
        best, *others = (document.of_line(text) for _, text in rows)
        notices = [notice for (text,) in told if isinstance(notice := of_line(text), Notice)]
        made = _settled(best, [other.document for other in others], notices)
        row = (*_counted(made), line(made), rows[0][0])
        self._base.execute("UPDATE entry SET proposals = ?, retracted = ?, line = ? WHERE id = ?", row)


def _content(part: Path) -> tuple[Read, list[tuple[str, Entry]]]:
    """What a part is of, and its other lines with what they say."""
    try:
        lines = gzip.decompress(part.read_bytes()).decode().split("\n")[:-1]
        *entries, (_, about) = [(text, of_line(text)) for text in lines]
        if not isinstance(about, Read):
            raise ValueError("its last line does not say what it is of")
    except (OSError, EOFError, zlib.error, ValueError) as error:
        told = " ".join(str(error).split())[:160]
        raise KgError(f"{part} is damaged ({told}); delete it and read again") from error
    return about, entries


def _counted(harvest: Harvest) -> tuple[int, bool]:
    return len(harvest.proposals), harvest.document.paper.status is PaperStatus.RETRACTED


def _settled(best: Harvest, others: Iterable[Document], notices: Iterable[Notice]) -> Harvest:
    every = (best.document, *others)
    told = {*notices, *(notice for one in every for notice in one.notices)}
    worst = PaperStatus.worst((*(one.paper.status for one in every), *(notice.status for notice in told)))
    paper = replace(best.document.paper, status=worst)
    ordered = tuple(sorted(told, key=dataclasses.astuple))
    about = replace(best.document, paper=paper, notices=ordered)
    return Harvest(about, tuple(_of_paper(proposal, paper) for proposal in best.proposals))


def _of_paper(proposal: Proposal, paper: Paper) -> Proposal:
    return replace(proposal, finding=replace(proposal.finding, paper=paper))
