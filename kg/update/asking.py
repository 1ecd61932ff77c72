"""Files and services -> documents and notices; and the days up to which services were asked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from kg import harvest, store
from kg.errors import KgError
from kg.harvest import field
from kg.sources import literature, pubmed
from kg.sources.files import Broken
from kg.sources.literature import Read

Search = Callable[[str, str, str], Iterable[Read]]  # service, query, day
_STATE = "asked.json"
_LINKED = re.compile(rb"Retract|Erratum|Republished")  # stands in every entry of PubMed that is or has a notice


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What a service is asked in its own words; `since` a day (2026-11-26), empty for everything it has."""

    source: str
    query: str
    since: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """That a service gave no answer, or none to its end."""

    source: str
    message: str


def read(places: Iterable[Path]) -> Iterator[Read]:
    """What files, and those in folders, hold; of PubMed's entries only those of the field, and all notices.

    Raises KgError where a place does not exist.
    """
    for file in harvest.files(places):
        try:
            maker = literature.recognised(file)
        except Broken as broken:
            yield broken.problem
            continue
        yield from pubmed.read(file, _wanted) if maker == "pubmed" else literature.documents(file, maker)


def _wanted(entry: bytes) -> bool:
    return field.wanted(entry) or bool(_LINKED.search(entry))


def answers(inquiries: Iterable[Inquiry], search: Search) -> Iterator[Read | Failed]:
    """What services answer; of one that fails what came before it did so, and then that it failed."""
    for one in inquiries:
        try:
            yield from search(one.source, one.query, one.since)
        except KgError as error:
            yield Failed(one.source, str(error))


def last(place: Path, source: str, query: str) -> str:
    """From which day on a service is to be asked this again; empty where it never was.

    That is the day before it was asked last, since a service's day may begin later than ours. Raises KgError.
    """
    day = _state(place).get(_name(source, query))
    return (day - timedelta(days=1)).isoformat() if day else ""


def asked(place: Path, inquiries: Iterable[Inquiry], day: str) -> None:
    """Remember the day on which services were asked, once everything they gave is written. Raises KgError."""
    days = _state(place) | {_name(one.source, one.query): date.fromisoformat(day) for one in inquiries}
    told = {name: day.isoformat() for name, day in days.items()}
    with store.replacing(place / _STATE) as beside:
        beside.write_text(json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


def _name(source: str, query: str) -> str:
    return f"{source}: {query}"


def _state(place: Path) -> dict[str, date]:
    file = place / _STATE
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        return {str(name): date.fromisoformat(day) for name, day in told.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise KgError(f"{file} cannot be read; delete it, and say from which day to ask with --since") from error
