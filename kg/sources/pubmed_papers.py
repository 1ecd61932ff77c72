"""One entry of PubMed as a document, or as the notice of a retraction or correction that it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from lxml.etree import _Element

from kg.document import Document, Notice, Passage, Section, key
from kg.errors import Problem
from kg.model import Paper, PaperStatus
from kg.sources import files, jats
from kg.sources.files import Broken
from kg.sources.jats_text import text
from kg.sources.literature import Read
from kg.sources.sections import section

SOURCE = "pubmed"
URL = "https://pubmed.ncbi.nlm.nih.gov"
_DOI = re.compile(r"10\.[0-9]{4,9}/[^\s<>\"]+")
_YEAR = re.compile(r"\b[12][0-9]{3}\b")
_OF_THIS = {
    "RetractionIn": PaperStatus.RETRACTED,
    "RetractedandRepublishedIn": PaperStatus.RETRACTED,
    "PartialRetractionIn": PaperStatus.CORRECTED,
    "ErratumIn": PaperStatus.CORRECTED,
    "CorrectedandRepublishedIn": PaperStatus.CORRECTED,
}
_OF_ANOTHER = {
    "RetractionOf": PaperStatus.RETRACTED,
    "RetractedandRepublishedFrom": PaperStatus.RETRACTED,
    "PartialRetractionOf": PaperStatus.CORRECTED,
    "ErratumFor": PaperStatus.CORRECTED,
    "CorrectedandRepublishedFrom": PaperStatus.CORRECTED,
}
_NOTICES = {"retraction of publication", "retraction notice", "published erratum"}
_CONCERN = "expression of concern"  # a note: no status of a paper says it


def parsed(data: bytes, name: str, row: int) -> tuple[_Element, str, int]:
    """A `<PubmedArticle>`, its PubMed id and its version. Raises Broken where it is none."""
    root = files.tree(data, name, row)
    id = _at(root, "MedlineCitation", "PMID")
    pmid = _words(id)
    if id is None or not re.fullmatch("[0-9]{1,9}", pmid) or _at(root, "MedlineCitation", "Article") is None:
        raise Broken(name, "the entry has no PMID or no Article; skipped", row)
    told = id.get("Version", "")
    return root, pmid, int(told) if re.fullmatch("[0-9]{1,4}", told) else 1


def read(root: _Element, pmid: str, name: str, row: int) -> Iterator[Read]:
    """The document of an entry, or the notices that it is; a paper that replaces another one is both."""
    article = _at(root, "MedlineCitation", "Article")
    types = {_words(type).casefold() for type in _all(article, "PublicationTypeList", "PublicationType")}
    links = list(_all(root, "MedlineCitation", "CommentsCorrectionsList", "CommentsCorrections"))
    paper = _paper(root, article, pmid, types)
    about = [notice for link in links if (notice := _of_another(link, paper, root))]
    yield from about
    if types & _NOTICES and not about:
        yield Problem(name, row, "", "this notice does not say which paper it is of; skipped")
    if not types & {*_NOTICES, _CONCERN}:
        own = tuple(notice for link in links if (notice := _of_this(link, paper)))
        concerns = [_words(_at(link, "RefSource")) for link in links if link.get("RefType") == "ExpressionOfConcernIn"]
        gone = [PaperStatus.RETRACTED] if "retracted publication" in types else []
        yield Document(
            replace(
                paper,
                status=PaperStatus.worst((*gone, *(notice.status for notice in own))),
                note="; ".join(f"{_CONCERN}: {source}" for source in concerns),
            ),
            tuple(_passages(article, paper.title)),
            SOURCE,
            f"{name}, record {row}",
            _day(_at(root, "MedlineCitation", "DateRevised")),
            _words(_at(article, "Language")),
            notices=own,
        )


def _paper(root: _Element, article: _Element | None, pmid: str, types: set[str]) -> Paper:
    ids = {id.get("IdType", ""): _words(id) for id in _all(root, "PubmedData", "ArticleIdList", "ArticleId")}
    authors = list(_all(article, "AuthorList", "Author"))
    return Paper(
        key(pmid=pmid),
        _title(article),
        _doi(*(_words(id) for id in _all(article, "ELocationID") if _is_doi(id)), ids.get("doi", "")),
        pmid,
        ids["pmc"] if re.fullmatch("PMC[0-9]{1,9}", ids.get("pmc", "")) else "",
        _year(article),
        _words(_at(article, "Journal", "Title")),
        next(filter(None, map(_author, authors)), ""),
        next(filter(None, map(_author, reversed(authors[1:]))), ""),
        kind=jats.kind(types),
        url=f"{URL}/{pmid}/",
    )


def _title(article: _Element | None) -> str:
    title = _at(article, "ArticleTitle")
    return (_text(title) if title is not None else "") or _words(_at(article, "VernacularTitle"))


def _is_doi(id: _Element) -> bool:
    return id.get("EIdType") == "doi" and id.get("ValidYN") != "N"


def _doi(*told: str) -> str:
    """The first DOI in some texts, without what a sentence or an address puts around it."""
    found = map(_DOI.search, told)
    return next((match[0].rstrip(".,;") for match in found if match), "")


def _year(article: _Element | None) -> int | None:
    """The year of the issue, else of the first day online; of `1998 Dec-1999 Jan` the first."""
    issue = _at(article, "Journal", "JournalIssue", "PubDate")
    told = (_words(_at(issue, "Year")), _words(_at(issue, "MedlineDate")), _words(_at(article, "ArticleDate", "Year")))
    return next((int(year[0]) for year in map(_YEAR.search, told) if year), None)


def _author(author: _Element) -> str:
    surname, initials = _words(_at(author, "LastName")), _words(_at(author, "Initials"))
    if not surname:
        return _words(_at(author, "CollectiveName"))
    return f"{surname} {initials}" if initials else jats.author(surname, _words(_at(author, "ForeName")))


def _passages(article: _Element | None, title: str) -> Iterator[Passage]:
    """The title and the parts of the abstract."""
    if title:
        yield Passage(Section.TITLE, title)
    for part in _all(article, "Abstract", "AbstractText"):
        if words := _text(part):
            label = " ".join(part.get("Label", "").split())
            yield Passage(_section(label, part.get("NlmCategory", "")), words, label)


@lru_cache(1000)
def _section(label: str, category: str) -> Section:
    """What the printed label tells, or else the category that NLM gave the part."""
    return section(label, section(category, Section.ABSTRACT))


def _of_another(link: _Element, paper: Paper, root: _Element) -> Notice | None:
    """That this entry retracts or corrects another paper."""
    status, doi, pmid = _OF_ANOTHER.get(link.get("RefType", "")), _doi(_words(_at(link, "RefSource"))), _linked(link)
    if status is None or not (doi or pmid):
        return None
    return Notice(status, doi, pmid, paper.doi, paper.pmid, _entered(root), paper.url, paper.title)


def _of_this(link: _Element, paper: Paper) -> Notice | None:
    """That the paper was retracted or corrected elsewhere."""
    status, source, by = _OF_THIS.get(link.get("RefType", "")), _words(_at(link, "RefSource")), _linked(link)
    if status is None:
        return None
    return Notice(status, paper.doi, paper.pmid, _doi(source), by, "", f"{URL}/{by}/" if by else "", source)


def _linked(link: _Element) -> str:
    pmid = _words(_at(link, "PMID"))
    return pmid if re.fullmatch("[0-9]{1,9}", pmid) else ""


def _entered(root: _Element) -> str:
    """The day on which the entry came into PubMed."""
    days = _all(root, "PubmedData", "History", "PubMedPubDate")
    return next((_day(day) for day in days if day.get("PubStatus") == "entrez"), "")


def _day(date: _Element | None) -> str:
    year, month, day = (_words(_at(date, part)) for part in ("Year", "Month", "Day"))
    told = f"{year}-{month:0>2}-{day:0>2}"
    return told if re.fullmatch("[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])", told) else ""


def _at(element: _Element | None, *path: str) -> _Element | None:
    """The first element at a path; `find` takes seven times as long for it."""
    for tag in path:
        element = next(element.iterchildren(tag), None) if element is not None else None
    return element


def _all(element: _Element | None, *path: str) -> Iterator[_Element]:
    *way, last = path
    parent = _at(element, *way)
    return parent.iterchildren(last) if parent is not None else iter(())


def _words(element: _Element | None) -> str:
    return " ".join((element.text or "").split()) if element is not None else ""


def _text(element: _Element) -> str:
    """Words on one line, those of italics and powers in them too."""
    return text(element) if len(element) else _words(element)
