"""What is new since the last run: papers to propose findings of, and what became of papers that are known."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kg import build, proposals, store, tables
from kg.document import Document, Harvest, Notice, Proposal
from kg.errors import KgError, Problem
from kg.model import Item, Paper, PaperStatus
from kg.sources import sheets
from kg.sources.literature import Read

Reader = Callable[[Document], Sequence[Proposal]]
_STATE = "asked.json"


@dataclass(slots=True)
class News:
    """What some documents bring: harvests of papers nobody knew, notices about known ones, and what was skipped.

    `again` counts papers that are known and of which nothing is new, `empty` those of which nothing is proposed.
    """

    harvests: list[Harvest] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    again: int = 0
    empty: int = 0


def news(read: Iterable[Read], items: Sequence[Item], reader: Reader) -> News:
    """Sort what was read by what the rows already have. A deleted entry is a notice of its own kind, never a paper."""
    known = {name: item for item in items if isinstance(item, Paper) for name in build.identifiers(item)}
    found = News()
    for item in read:
        if isinstance(item, Problem):
            found.problems.append(item)
        elif isinstance(item, Notice):
            found.notices += _about(item, known)
        else:
            found.notices += [own for notice in item.notices for own in _about(notice, known)]
            _document(item, known, reader, found)
    return found


def _document(document: Document, known: Mapping[str, Paper], reader: Reader, found: News) -> None:
    paper = next((known[name] for name in sorted(document.identifiers) if name in known), None)
    if paper is None:
        made = tuple(reader(document))
        found.empty += not made
        found.harvests += [Harvest(document, made)] if made else []
    elif document.paper.status in (PaperStatus.OK, paper.status) or paper.status is PaperStatus.RETRACTED:
        found.again += 1
    else:
        told = document.paper
        found.notices.append(
            Notice(told.status, paper.doi or told.doi, paper.pmid or told.pmid, date=document.date, url=told.url)
        )


def _about(notice: Notice, known: Mapping[str, Paper]) -> Iterator[Notice]:
    """The notice, where it tells a known paper something new."""
    names = (f"doi:{notice.doi.lower()}", f"pmid:{notice.pmid}")
    paper = next((known[name] for name in names if name in known), None)
    if paper and not notice.deleted and paper.status not in (notice.status, PaperStatus.RETRACTED):
        yield notice


def apply(folder: Path, notices: Iterable[Notice]) -> int:
    """Write notices into `notices.csv` of a data folder, each once; how many are new there.

    Raises DataError where the rows would not be sound with them, KgError where the folder cannot be written.
    """
    rows = [{column: str(getattr(notice, column)) for column in sheets.NOTICES} for notice in notices]
    file = folder / "notices.csv"
    there = (
        row.cells for row in tables.rows(file, file.name, tuple(sheets.NOTICES), ()) if isinstance(row, tables.Row)
    )
    told = {_key(cells) for cells in there}
    made = [cells for key, cells in sorted({_key(cells): cells for cells in rows}.items()) if key not in told]
    if made:
        build.change(folder, {"notices.csv": lambda path: tables.with_row(path, sheets.NOTICES, *made)})
    return len(made)


def _key(cells: Mapping[str, str]) -> tuple[str, str, str]:
    return cells["status"], cells["doi"].lower(), cells["pmid"]


def last(place: Path, source: str, query: str) -> str:
    """The day up to which a source was asked this before; empty where it never was. Raises KgError."""
    return _state(place).get(f"{source}: {query}", "")


def asked(place: Path, source: str, query: str, day: str) -> None:
    """Remember the day up to which a source was asked, once everything it gave is written."""
    state = _state(place) | {f"{source}: {query}": day}
    with store.replacing(place / _STATE) as beside:
        beside.write_text(json.dumps(state, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


def _state(place: Path) -> dict[str, str]:
    file = place / _STATE
    try:
        return {str(key): str(day) for key, day in json.loads(file.read_text(encoding="utf-8")).items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError) as error:
        raise KgError(f"{file} cannot be read; delete it to ask from the beginning") from error


def propose(place: Path, found: News, date: str) -> proposals.Written:
    """Put the proposals of the news beside those that are there. Raises KgError where the folder cannot be written."""
    return proposals.write(place, found.harvests, date)
