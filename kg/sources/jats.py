"""JATS full texts (PMC, Europe PMC, publishers) as documents: one article, an articleset or an OAI-PMH answer.

References, supplements, back matter and replies printed with an article are left out, and TeX where formulas have it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from lxml.etree import _Element

from kg.document import Document, Notice, key
from kg.errors import Problem
from kg.model import Paper, PaperKind, PaperStatus
from kg.sources import entries, files
from kg.sources.jats_text import passages, text
from kg.sources.literature import Read

SOURCE = "jats"
_HREF = "{http://www.w3.org/1999/xlink}href"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_KINDS = (
    (PaperKind.META_ANALYSIS, re.compile(r"\bmeta.?analys[ei]s\b|\bsystematic.?review\b", re.IGNORECASE)),
    (PaperKind.REVIEW, re.compile(r"\breviews?\b", re.IGNORECASE)),
    (PaperKind.PREPRINT, re.compile(r"\bpreprint\b", re.IGNORECASE)),
)
_OF_THIS = {"retraction-forward": PaperStatus.RETRACTED, "correction-forward": PaperStatus.CORRECTED}
_OF_ANOTHER = {"retracted-article": PaperStatus.RETRACTED, "corrected-article": PaperStatus.CORRECTED}
_NOTICES = ("retraction", "correction")  # types of article that are notices themselves


def read(place: Path) -> Iterator[Read]:
    """The articles of a file and the notices among them; gzip or not."""
    yield from articles(files.chunks(place), place.name)


def articles(chunks: Iterable[bytes], name: str) -> Iterator[Read]:
    """The articles in some bytes of XML; `name` is what Problems and places call them."""
    for entry in entries.elements(chunks, name, "article"):
        if isinstance(entry, Problem):
            yield entry
        else:
            yield from _article(entry[1], name, entry[0])


def _article(article: _Element, name: str, row: int) -> Iterator[Read]:
    meta = article.find("front/article-meta")
    if meta is None:
        yield Problem(name, row, "article-meta", "is missing: nothing tells what this article is; skipped")
        return
    kind = article.get("article-type", "")
    paper = _paper(article, meta, f"{name} {row}")
    about = tuple(_notices(meta, paper, kind))
    yield from about
    if kind in _NOTICES:
        if not about:
            yield Problem(
                name, row, "related-article", f"this {kind} names no DOI or PubMed id of what it is of; skipped"
            )
        return
    read, own = tuple(passages(article)), tuple(_own(meta, paper))
    if not any(passage.text for passage in read):
        yield Problem(name, row, "", "the article holds no text; skipped")
        return
    place, language = f"{name}, entry {row}", article.get(_LANGUAGE, "")
    yield Document(
        replace(paper, status=PaperStatus.worst(notice.status for notice in own)),
        read,
        SOURCE,
        place,
        _changed(meta),
        language,
        notices=own,
    )


def _changed(meta: _Element) -> str:
    date = meta.find("pub-history/event[@event-type='pmc-last-change']/date")
    day = re.match("[0-9]{4}-[0-9]{2}-[0-9]{2}", date.get("iso-8601-date", "")) if date is not None else None
    return day[0] if day else ""


def _paper(article: _Element, meta: _Element, other: str) -> Paper:
    doi, pmid, pmcid = _ids(meta)
    names = list(_authors(meta))
    days = _days(meta)
    title = meta.find("title-group/article-title")
    subjects = (
        text(subject) for subject in meta.iterfind("article-categories/subj-group[@subj-group-type='heading']/*")
    )
    return Paper(
        key(pmid=pmid, doi=doi, pmcid=pmcid, other=other),
        text(title) if title is not None else "",
        doi,
        pmid,
        pmcid,
        int(days[0][:4]) if days else None,
        next((text(found) for found in article.iterfind("front/journal-meta//journal-title")), ""),
        names[0] if names else "",
        names[-1] if len(names) > 1 else "",
        kind=kind((article.get("article-type", ""), *subjects)),
    )


def kind(types: Iterable[str]) -> PaperKind:
    """The kind of a paper by the types that its source gives it: `review-article`, `Meta-Analysis`."""
    told = " ; ".join(types)
    return next((kind for kind, words in _KINDS if words.search(told)), PaperKind.PRIMARY)


def _ids(meta: _Element) -> tuple[str, str, str]:
    told = {id.get("pub-id-type", ""): text(id) for id in reversed(meta.findall("article-id"))}
    doi = re.search(r"10\.[0-9]{4,9}/\S+", told.get("doi", ""))
    pmid = told.get("pmid", "")
    number = next((told[name] for name in ("pmcid", "pmc", "pmcaid") if told.get(name)), "").upper().removeprefix("PMC")
    return doi[0] if doi else "", pmid if pmid.isdecimal() else "", f"PMC{number}" if number.isdecimal() else ""


def _days(meta: _Element) -> list[str]:
    """The days of publication, the earliest first, as far as they are told: 2026, 2026-11, 2026-11-26."""
    dates = (
        tuple(date.findtext(part, "").strip() for part in ("year", "month", "day")) for date in meta.iter("pub-date")
    )
    return sorted(_day(*date) for date in dates if re.fullmatch("[12][0-9]{3}", date[0]))


def _day(year: str, month: str, day: str) -> str:
    if not re.fullmatch("0?[1-9]|1[0-2]", month):
        return year
    return f"{year}-{month:0>2}" + (f"-{day:0>2}" if re.fullmatch("0?[1-9]|[12][0-9]|3[01]", day) else "")


def _authors(meta: _Element) -> Iterator[str]:
    for contributor in meta.iterfind("contrib-group/contrib"):
        if contributor.get("contrib-type", "author") != "author":
            continue
        names = (contributor.find(f"{way}name") for way in ("", "name-alternatives/", "string-"))
        name, group = next((name for name in names if name is not None), None), contributor.find("collab")
        if name is not None:
            yield author(name.findtext("surname", ""), name.findtext("given-names", "")) or text(name)
        elif group is not None:
            yield text(group)


def author(surname: str, given: str) -> str:
    """`Aoki AB` of the surname and the given names `Akira B.` or the initials `AB`."""
    given = given.strip()
    if not re.fullmatch("[A-Z]{1,3}", given):
        given = "".join(part[0].upper() for part in re.split(r"[\s.\u2010-]+", given) if part)
    return f"{' '.join(surname.split())} {given}".strip()


def _notices(meta: _Element, paper: Paper, kind: str) -> Iterator[Notice]:
    """What this article says of others."""
    days = _days(meta) if kind in _NOTICES else []
    for related in meta.iterfind("related-article"):
        status, (doi, pmid) = _OF_ANOTHER.get(related.get("related-article-type", "")), _link(related)
        if status and (doi or pmid):
            yield Notice(status, doi, pmid, paper.doi, paper.pmid, days[0] if days else "", note=paper.title)


def _own(meta: _Element, paper: Paper) -> Iterator[Notice]:
    """What others say of this article."""
    for related in meta.iterfind("related-article"):
        status, (doi, pmid) = _OF_THIS.get(related.get("related-article-type", "")), _link(related)
        if status:
            yield Notice(status, paper.doi, paper.pmid, doi, pmid)


def _link(related: _Element) -> tuple[str, str]:
    """DOI and PubMed id of a related article."""
    link, type = related.get(_HREF, "").strip(), related.get("ext-link-type", "")
    doi = re.search(r"10\.[0-9]{4,9}/\S+", link)
    return doi[0] if doi else "", link if type in ("pubmed", "pmid") and link.isdecimal() else ""
