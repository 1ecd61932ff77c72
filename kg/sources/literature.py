"""Papers and trials as documents to read: makers by name, recognised by content, each document once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from kg.document import Document, Notice
from kg.errors import Problem, UnknownName
from kg.sources import files
from kg.sources.files import Broken

if TYPE_CHECKING:
    from kg.web import Web

GROUP = "kg.literature"
SERVICES = ("pubmed", "europepmc", "trials")
Read = Document | Notice | Problem
_HEAD = 65_536  # bytes of a file that tell what it is
_XML = {
    "pubmed": rb"<(?:!DOCTYPE\s+)?(?:PubmedArticleSet|PubmedArticle|DeleteCitation)\b",
    "endnote": rb"<xml>\s*<records>",
    "bioc": rb"<collection>\s*<(?:source|date|key|infon|document)\b",
    "jats": rb"<(?:!DOCTYPE\s+)?(?:pmc-articleset|article)[\s>]",
}
_JSON = {
    "trials": rb'"(?:protocolSection|studies)"\s*:',
    "bioc": rb'"(?:passages|PubTator3)"\s*:',
    "europepmc": rb'"(?:resultList|abstractText|authorString|pubYear)"\s*:',
}
_LINES = {"ris": rb"(?m)^\s{0,3}TY  ?-", "bibtex": rb"(?mi)^\s{0,3}@[a-z]{3,20}\s{0,3}[{(]"}
_SUFFIXES = {
    ".bib": "bibtex",
    ".csv": "csv",
    ".md": "text",
    ".nxml": "jats",
    ".ris": "ris",
    ".text": "text",
    ".txt": "text",
}


class Maker(Protocol):
    """Reads one file into documents and notices, streaming; what is wrong comes as Problem, never as an exception."""

    def __call__(self, place: Path) -> Iterator[Read]:
        """Entries in the order of the file; one that is broken does not stop those after it."""
        ...


def named(name: str) -> Maker:
    """The maker registered under a name, built-ins and plugins alike. Raises UnknownName."""
    known = {point.name: point for point in entry_points(group=GROUP)}
    if name not in known:
        raise UnknownName("format of literature", name, known)
    maker: Maker = known[name].load()
    return maker


def once(read: Iterable[Read]) -> Iterator[Read]:
    """Each document once, by DOI, PubMed, PMC or registry id; of a later one of the same paper a Problem says so."""
    seen: dict[str, str] = {}
    for item in read:
        if isinstance(item, Document):
            first = next((seen[name] for name in sorted(item.identifiers) if name in seen), "")
            seen |= {name: seen.get(name, item.place or item.paper.id) for name in item.identifiers}
            if first:
                yield Problem(item.place or item.source, 0, "", f"{item.paper.id} was read before, in {first}; skipped")
                continue
        yield item


def documents(place: Path, name: str = "") -> Iterator[Read]:
    """What a file holds, or every file of a folder and of those in it in the order of their names, each document once.

    Files are read by the maker of that name, or else by the one that recognises them. Raises UnknownName.
    """
    inside = sorted(file for file in place.rglob("*") if file.is_file() and not file.name.startswith("."))
    if place.is_dir() and not inside:
        yield Problem(place.name, 0, "", "is a folder without files")
    yield from once(item for file in (inside if place.is_dir() else [place]) for item in _documents(file, name))


def _documents(file: Path, name: str) -> Iterator[Read]:
    try:
        name = name or recognised(file)
    except Broken as broken:
        yield broken.problem
        return
    if name:
        yield from named(name)(file)
    else:
        known = ", ".join(sorted(point.name for point in entry_points(group=GROUP)))
        yield Problem(
            file.name, 0, "", f"is in none of the formats that are recognised: {known}. Name the format it has"
        )


def recognised(place: Path) -> str:
    """The name of the maker that reads a file, by how it starts and how its name ends; empty where none does.

    Raises Broken where it cannot be opened, is empty, a web page, or XML with entities of its own.
    """
    head = next(files.chunks(place, _HEAD), b"").removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head:
        raise Broken(place.name, "is empty")
    if head.startswith(b"<"):
        files.check(head, place.name)
    kinds = _XML if head.startswith(b"<") else _JSON if head.startswith((b"{", b"[")) else _LINES
    found = next((name for name, pattern in kinds.items() if re.search(pattern, head)), "")
    if found or kinds is not _LINES:
        return found
    columns = {column.strip(b' "\t\r').lower() for column in head.split(b"\n", 1)[0].split(b",")}
    table = "csv" if b"title" in columns and len(columns) > 1 else ""
    return next((kind for end in place.suffixes if (kind := _SUFFIXES.get(end.lower()))), table)


def search(service: str, query: str, web: Web, since: str = "") -> Iterator[Read]:
    """What a service answers to a query in its own words; what changed since a day, where one is given.

    Raises UnknownName where it is none of SERVICES, KgError where it does not answer.
    """
    if service not in SERVICES:
        raise UnknownName("service of literature", service, SERVICES)
    answers: Iterator[Read] = import_module(f"kg.sources.{service}").search(query, web, since)
    return answers
