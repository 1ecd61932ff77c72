"""BioC collections (full texts of PMC, PubTator 3 exports) as documents, from JSON, JSON lines or XML.

Annotations of others are not carried: the reading finds concepts itself. The text of a document is what its passages
give, joined; the offsets that BioC tells count other line breaks and are not used. The package `bioc` fails on PubTator
3 exports, so JSON and lxml read them here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from lxml.etree import _Element

from kg.document import Document, Passage, Section, key
from kg.errors import Problem
from kg.model import Paper
from kg.sources import entries, files
from kg.sources.entries import at, listed, word
from kg.sources.files import Broken
from kg.sources.jats import author
from kg.sources.jats_text import rows, tidy
from kg.sources.literature import Read
from kg.sources.plain import kind
from kg.sources.sections import UNTOLD, labelled, section

SOURCE = "bioc"
_LEFT_OUT = "ABBR ACK_FUND APPENDIX AUTH_CONT COMP_INT KEYWORD REF REVIEW_INFO SUPPL".split()
_TYPES = {"front": "TITLE", "title": "TITLE", "abstract": "ABSTRACT"}  # where no section_type is told, as in PubTator 3
_HEADING = re.compile(r"(?:abstract_)?title(?:_([0-9]))?")
_DOI = re.compile(r"\b10\.[0-9]{4,9}/[^\s;]+")


def read(place: Path) -> Iterator[Read]:
    """The documents of a file, gzip or not."""
    row = 0
    for row, told in enumerate(_told(place), 1):
        yield told if isinstance(told, Problem) else _document(told, place.name, row)
    if not row:
        yield Problem(place.name, 0, "", "holds no documents")


def _told(place: Path) -> Iterator[Any]:
    try:
        start = next(files.chunks(place), b"").removeprefix(b"\xef\xbb\xbf").lstrip()
    except Broken as broken:
        yield broken.problem
        return
    yield from _of_xml(place) if start.startswith(b"<") else _of_json(place)


def _of_xml(place: Path) -> Iterator[Any]:
    """Each document as it would be in JSON."""
    for entry in entries.elements(files.chunks(place), place.name, "document"):
        if isinstance(entry, Problem):
            yield entry
        else:
            passages = [_passage(passage) for passage in entry[1].iterfind("passage")]
            yield {"id": entry[1].findtext("id", ""), "infons": _infons(entry[1]), "passages": passages}


def _passage(passage: _Element) -> dict[str, Any]:
    sentences = [{"text": sentence.findtext("text", "")} for sentence in passage.iterfind("sentence")]
    return {"infons": _infons(passage), "text": passage.findtext("text", ""), "sentences": sentences}


def _infons(element: _Element) -> dict[str, str]:
    return {infon.get("key", ""): infon.text or "" for infon in element.iterfind("infon")}


def _of_json(place: Path) -> Iterator[Any]:
    for entry in entries.values(place):
        yield from [entry] if isinstance(entry, Problem) else _documents(entry[1])


def _documents(value: Any) -> Iterator[Any]:
    """The documents of a list of collections, of one, or of a PubTator 3 export; else the value as one."""
    for item in value if isinstance(value, list) else [value]:
        inside = [at(item, name) for name in ("PubTator3", "documents") if isinstance(at(item, name), list)]
        yield from inside[0] if inside else [item]


def _document(told: Any, name: str, row: int) -> Document | Problem:
    passages = listed(told, "passages")
    read = tuple(_read(passages))
    if not read:
        return Problem(name, row, "passages", "the document holds no text; skipped")
    infons: dict[str, Any] = {}
    for holder in (*reversed(passages), told):
        infons |= found if isinstance(found := at(holder, "infons"), dict) else {}
    return Document(_paper(told, infons, read, f"{name} {row}"), read, SOURCE, f"{name}, entry {row}")


def _paper(told: Any, infons: dict[str, Any], read: tuple[Passage, ...], other: str) -> Paper:
    id, pmc = word(told, "id"), word(infons, "article-id_pmc") or word(told, "pmcid")
    number = (pmc or (id if id.startswith("PMC") else "")).removeprefix("PMC")
    pmcid = f"PMC{number}" if number.isdecimal() else ""
    # Files of PMC number their documents by PMC id, with or without its letters, PubTator by PubMed id.
    pmid = word(infons, "article-id_pmid") or word(told, "pmid") or (id if id != number else "")
    pmid = pmid if pmid.isdecimal() else ""
    doi = _DOI.search(word(infons, "article-id_doi") or word(infons, "journal"))
    year = re.match("[12][0-9]{3}", word(infons, "year") or word(told, "date"))
    names = list(_authors(told, infons))
    return Paper(
        key(pmid=pmid, doi=doi[0] if doi else "", pmcid=pmcid, other=id or other),
        next((passage.text for passage in read if passage.section is Section.TITLE), ""),
        doi[0] if doi else "",
        pmid,
        pmcid,
        int(year[0]) if year else None,
        word(told, "journal") or word(infons, "journal").partition(";")[0].strip(),
        names[0] if names else "",
        names[-1] if len(names) > 1 else "",
        kind=kind(read),
    )


def _authors(told: Any, infons: dict[str, Any]) -> Iterator[str]:
    """Authors as PMC numbers them (`name_0`: `surname:Aoki;given-names:Akira`) or as PubTator lists them."""
    for number in count():
        if not (name := word(infons, f"name_{number}")):
            break
        parts = dict(part.partition(":")[::2] for part in name.split(";"))
        yield author(parts.get("surname", ""), parts.get("given-names", ""))
    listing = listed(told, "authors") or word(infons, "authors").split(",")
    yield from (name.strip() for name in listing if isinstance(name, str) and name.strip())


def _read(passages: list[Any]) -> Iterator[Passage]:
    """The passages that are read; one that is a heading opens those after it, up to the next part."""
    before, heading, opened = "", "", Section.BODY
    for passage in passages:
        type = word(passage, "infons", "type").lower()
        part = word(passage, "infons", "section_type").upper() or _TYPES.get(type, "")
        if part != before:
            before, heading = part, ""
            opened = section(part, Section.ABSTRACT if part == "ABSTRACT" else Section.BODY)
        if part in _LEFT_OUT or type == "ref":
            continue
        text = _text(passage, type)
        if (level := _HEADING.fullmatch(type)) and part != "TITLE":
            heading, start = text, Section.ABSTRACT if part == "ABSTRACT" else section(part, Section.BODY)
            opened = section(text, opened if level[1] not in (None, "1") else start) if start in UNTOLD else start
        elif text:
            yield from _placed(passage, type, part, Passage(opened, text, heading))


def _placed(passage: Any, type: str, part: str, read: Passage) -> Iterator[Passage]:
    """A passage as title, caption or table where it is one; an abstract by the labels in it."""
    kinds = {part, *type.upper().split("_")}
    if part == "TITLE":
        yield Passage(Section.TITLE, read.text)
    elif kinds & {"FIG", "TABLE"}:
        yield Passage(Section.CAPTION if "FIG" in kinds else Section.TABLE, read.text, word(passage, "infons", "id"))
    elif read.section is Section.ABSTRACT:
        yield from labelled(read.text, read.section, read.heading)
    else:
        yield read


def _text(passage: Any, type: str) -> str:
    """The words of a passage or of its sentences; of a table its rows, from its XML where it is told."""
    words = word(passage, "text") or " ".join(word(sentence, "text") for sentence in listed(passage, "sentences"))
    if type != "table":
        return tidy(words)
    lines = _rows(word(passage, "infons", "xml")) or [
        " | ".join(map(tidy, line.split("\t"))) for line in words.split("\n")
    ]
    return "\n".join(line for line in lines if line)


def _rows(xml: str) -> list[str]:
    try:
        return list(rows(entries.bare(files.tree(xml.encode(), "")))) if xml else []
    except Broken:
        return []  # then the passage's own text tells the cells
