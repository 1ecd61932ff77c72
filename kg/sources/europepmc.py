"""Europe PMC results (JSON of `resultType=core`) as documents, from files or a search; full texts by PMC id."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from kg.document import Document, Notice, Passage, Section, key
from kg.errors import KgError, Problem
from kg.model import Paper, PaperKind, PaperStatus
from kg.sources import entries, files, jats
from kg.sources.entries import at, listed, word
from kg.sources.files import Broken
from kg.sources.jats_text import RAISED, tidy
from kg.sources.literature import Read
from kg.sources.sections import labelled, section

SOURCE = "europepmc"
API = "https://www.ebi.ac.uk/europepmc/webservices/rest"
PAGE = 500  # results asked for at once; 1,000 is the most that the service gives
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_HEADING = re.compile(r"<h[1-6](?:\s[^<>]{0,200})?>([^<>]{0,200})</h[1-6]>", re.IGNORECASE)
_RAISED = re.compile(r"<sup(?:\s[^<>]{0,200})?>", re.IGNORECASE)
_BLOCK = re.compile(r"</?(?:p|br|div|li|ul|ol|h[1-6]|sec|title)(?:\s[^<>]{0,200})?/?>", re.IGNORECASE)
_INLINE = re.compile(r"</?(?:i|b|u|em|strong|sub|sup|span|a|sc|italic|bold)(?:\s[^<>]{0,200})?/?>", re.IGNORECASE)
_OF_THIS = {
    "retraction in": PaperStatus.RETRACTED,
    "partial retraction in": PaperStatus.CORRECTED,
    "erratum in": PaperStatus.CORRECTED,
    "corrected and republished in": PaperStatus.CORRECTED,
}
_OF_ANOTHER = {
    "retraction of": PaperStatus.RETRACTED,
    "partial retraction of": PaperStatus.CORRECTED,
    "erratum for": PaperStatus.CORRECTED,
    "corrected and republished from": PaperStatus.CORRECTED,
}
_NOTICES = {"retraction of publication", "retraction", "published erratum", "correction", "erratum"}


class Web(Protocol):
    """What fetches; a `kg.web.Web` is one."""

    def get(self, url: str, params: dict[str, str]) -> bytes:
        """The body of the answer. Raises KgError where there is none."""
        ...


def read(place: Path) -> Iterator[Read]:
    """The results of a file: an answer of the service, a result, a list of them, or JSON lines of any of these."""
    row = 0
    for entry in entries.values(place):
        for result in [entry] if isinstance(entry, Problem) else _results(entry[1]):
            row += 1
            if isinstance(result, Problem):
                yield result
            else:
                yield from _result(result, place.name, row)
    if not row:
        yield Problem(place.name, 0, "", "holds no results")


def search(query: str, web: Web, since: str = "", until: str = "", url: str = API) -> Iterator[Read]:
    """The results of a query in Europe PMC's language; those entered or changed from one day to another, if given.

    Raises KgError where the service does not answer, or a day is none.
    """
    for day in (since, until):
        if day and not _DAY.fullmatch(day):
            raise KgError(f"{day!r} is not a day such as 2026-11-26")
    if since or until:
        query = f"({query}) AND UPDATE_DATE:[{since or '1900-01-01'} TO {until or '3000-01-01'}]"
    params = {"query": query, "resultType": "core", "format": "json", "pageSize": str(PAGE)}
    before, mark, marks = 0, "*", {""}
    while mark not in marks:
        marks.add(mark)
        try:
            page = files.json(web.get(f"{url}/search", params | {"cursorMark": mark}), "Europe PMC")
        except Broken as broken:
            raise KgError(str(broken.problem)) from broken
        results = list(_results(page))
        for row, result in enumerate(results, before + 1):
            yield from _result(result, "Europe PMC", row)
        before += len(results)
        mark = word(page, "nextCursorMark") if results else ""


def full_text(pmcid: str, web: Web, url: str = API) -> Iterator[Read]:
    """The full text of a paper of the open-access part. Raises KgError where there is none."""
    if not re.fullmatch("PMC[0-9]{1,9}", pmcid):
        raise KgError(f"{pmcid!r} is not a PMC id such as PMC1234567")
    yield from jats.articles([web.get(f"{url}/{pmcid}/fullTextXML", {})], f"Europe PMC {pmcid}")


def _results(value: Any) -> Iterator[Any]:
    """The results in an answer; one that holds an error of the service is itself one, and wrong."""
    found = at(value, "resultList", "result")
    found = at(value, "result") if found is None else found
    found = value if found is None else found
    yield from found if isinstance(found, list) else [found]


def _result(told: Any, name: str, row: int) -> Iterator[Read]:
    title = _plain(word(told, "title"))
    if not title:
        said = word(told, "errMsg")
        message = f"the service said: {said[:160]!r}" if said else "the result has no title: it is skipped"
        yield Problem(name, row, "title", message)
        return
    paper = _paper(told, title)
    links = [link for link in listed(told, "commentCorrectionList", "commentCorrection") if isinstance(link, dict)]
    about = [notice for link in links if (notice := _of_another(link, paper, _day(told)))]
    yield from about
    if _NOTICES & {type.casefold() for type in _types(told)}:
        if not about:
            yield Problem(
                name, row, "commentCorrectionList", "this notice names no PubMed id of what it is of; skipped"
            )
        return
    own = tuple(notice for link in links if (notice := _of_this(link, paper)))
    gone = any("retracted publication" in type.casefold() for type in _types(told))
    paper = replace(paper, status=PaperStatus.RETRACTED if gone else PaperStatus.worst(notice.status for notice in own))
    read = (Passage(Section.TITLE, title), *_abstract(word(told, "abstractText")))
    yield Document(paper, read, SOURCE, f"{name}, entry {row}", _day(told), word(told, "language"), notices=own)


def _paper(told: Any, title: str) -> Paper:
    pmid = word(told, "pmid") or (word(told, "id") if word(told, "source") == "MED" else "")
    doi, pmcid = word(told, "doi"), word(told, "pmcid")
    journal = word(told, "journalInfo", "journal", "title") or word(told, "bookOrReportDetails", "publisher")
    years = (word(told, "firstPublicationDate")[:4], word(told, "pubYear"))
    names = [name for author in listed(told, "authorList", "author") if (name := _name(author))]
    names = names or [name.strip(" .") for name in word(told, "authorString").split(",") if name.strip(" .")]
    return Paper(
        key(pmid=pmid, doi=doi, pmcid=pmcid, other=f"{word(told, 'source')} {word(told, 'id')}".strip() or title),
        title,
        doi,
        pmid,
        pmcid,
        min((int(year) for year in years if re.fullmatch("[12][0-9]{3}", year)), default=None),
        journal,
        names[0] if names else "",
        names[-1] if len(names) > 1 else "",
        kind=PaperKind.PREPRINT if word(told, "source") == "PPR" else jats.kind(_types(told)),
    )


def _name(author: Any) -> str:
    return word(author, "fullName") or word(author, "collectiveName")


def _types(told: Any) -> list[str]:
    return [type for type in listed(told, "pubTypeList", "pubType") if isinstance(type, str)]


def _day(told: Any) -> str:
    days = (word(told, name) for name in ("dateOfRevision", "dateOfCreation", "firstIndexDate"))
    return next((day for day in days if _DAY.fullmatch(day)), "")


def _abstract(words: str) -> Iterator[Passage]:
    """The parts of an abstract by their headings or labels; a piece before the first is `abstract`."""
    first, *others = _HEADING.split(words)
    for heading, part in [("", first), *zip(others[::2], others[1::2], strict=True)]:
        name = _plain(heading).rstrip(": ")
        opened = section(name, Section.ABSTRACT)
        text = _plain(part)
        if opened is Section.ABSTRACT:
            yield from labelled(text, opened, name)
        elif text:
            yield Passage(opened, text, name)


def _plain(words: str) -> str:
    words = _RAISED.sub(RAISED, words)
    return tidy(html.unescape(_INLINE.sub("", _BLOCK.sub(" ", words))))


def _of_this(link: dict[str, Any], paper: Paper) -> Notice | None:
    status = _OF_THIS.get(word(link, "type").casefold())
    note = word(link, "reference")
    return Notice(status, paper.doi, paper.pmid, by_pmid=_linked(link), note=note) if status else None


def _of_another(link: dict[str, Any], paper: Paper, day: str) -> Notice | None:
    status, pmid = _OF_ANOTHER.get(word(link, "type").casefold()), _linked(link)
    return Notice(status, "", pmid, paper.doi, paper.pmid, day, note=paper.title) if status and pmid else None


def _linked(link: dict[str, Any]) -> str:
    id = word(link, "id")
    return id if word(link, "source") in ("MED", "") and id.isdecimal() else ""
