"""PubMed: the papers in its baseline and update files and in answers of efetch, and those that a search finds.

Chapters of books are passed over. `pubmed_cuts` cuts a file into entries, `pubmed_papers` reads one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from kg.errors import KgError, Problem
from kg.sources import files, pubmed_cuts, pubmed_papers
from kg.sources.entries import at
from kg.sources.files import Broken
from kg.sources.literature import Read
from kg.sources.pubmed_cuts import Cut, Wanted
from kg.web import Web, clean

API = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils"
MOST = 9_999  # entries that the service gives of one search
BATCH = 200  # entries fetched at once
_NAME = "PubMed"
_DAYS = date(1800, 1, 1), date(2100, 1, 1)  # no entry came into PubMed before or after


def read(place: Path, wanted: Wanted | None = None, largest: int = files.LARGEST) -> Iterator[Read]:
    """The papers of a file, gzip or not, and notices of papers that were retracted, corrected or deleted.

    Entries without what is `wanted` are not parsed: a pattern in any case (`spinal|paraplegi`, fastest as plain words
    like these), a compiled one as it is, or a function of their bytes. Of the versions of a paper in a file the highest
    is read; they stand far apart, so a file is first looked through for their numbers. An entry may have `largest`
    bytes.
    """
    later, seeks = pubmed_cuts.later(files.chunks(place)), pubmed_cuts.seeks(wanted)
    entries = pubmed_cuts.cut(files.chunks(place), place.name, largest)
    return _papers((entry for entry in entries if not isinstance(entry, tuple) or seeks(entry[1])), place.name, later)


def _papers(entries: Iterable[Cut], name: str, later: Mapping[str, int]) -> Iterator[Read]:
    for entry in entries:
        if not isinstance(entry, tuple):
            yield entry
            continue
        row, data = entry
        try:
            root, pmid, version = pubmed_papers.parsed(data, name, row)
        except Broken as broken:
            yield broken.problem
            continue
        if version >= later.get(pmid, 0):
            yield from pubmed_papers.read(root, pmid, name, row)


def search(query: str, web: Web, since: str = "", until: str = "", base: str = API) -> Iterator[Read]:
    """The papers of a query in PubMed's language; those entered or changed from one day to another, if given.

    Where there are more than the service gives at once, the search is halved by the day on which they came into
    PubMed. Raises KgError where the service does not answer, or a day is none.
    """
    asked = {"term": query, **_changed(since, until)}
    row = 0
    for ids in _found(web, base, asked, *_DAYS):
        if isinstance(ids, Problem):
            yield ids
            continue
        for start in range(0, len(ids), BATCH):
            batch = ids[start : start + BATCH]
            body = web.get(
                f"{base}/efetch.fcgi", _who(web) | {"retmode": "xml", "id": ",".join(batch)}, pubmed_cuts.wrong
            )
            yield from _papers(pubmed_cuts.cut([body], _NAME, before=row), _NAME, {})
            row += len(batch)
            if missing := sorted(set(batch) - pubmed_cuts.pmids(body)):
                yield Problem(_NAME, 0, "", f"gave no entry of {', '.join(missing[:5])}{' ...' * (len(missing) > 5)}")


def _found(web: Web, base: str, asked: Mapping[str, str], first: date, last: date) -> Iterator[list[str] | Problem]:
    """The ids of all entries that came into PubMed between two days, in lists that the service gives at once."""
    days = f'"{first:%Y/%m/%d}"[edat] : "{last:%Y/%m/%d}"[edat]'
    term = asked["term"] if (first, last) == _DAYS else f"({asked['term']}) AND ({days})"
    told = _who(web) | dict(asked) | {"term": term, "retmode": "json", "retmax": str(MOST)}
    found = files.json(web.get(f"{base}/esearch.fcgi", told, _no_search), _NAME)["esearchresult"]
    if (first, last) == _DAYS:
        yield from _doubts(found, asked["term"])
    if int(found["count"]) <= MOST:
        yield found["idlist"]
    elif first == last:
        yield found["idlist"]
        yield Problem(_NAME, 0, "", f"gave only {MOST:,} of the {found['count']} papers of {first}; narrow the query")
    else:
        middle = first + (last - first) // 2
        yield from _found(web, base, asked, first, middle)
        yield from _found(web, base, asked, middle + timedelta(days=1), last)


def _changed(since: str, until: str) -> dict[str, str]:
    if not since and not until:
        return {}
    days = [_day(since or "1800-01-01"), _day(until or "3000-01-01")]
    return {"datetype": "mdat", "mindate": days[0], "maxdate": days[1]}


def _day(told: str) -> str:
    try:
        return f"{date.fromisoformat(told):%Y/%m/%d}"
    except ValueError:
        raise KgError(f"{clean(told)!r} is not a day such as 2026-11-26") from None


def _who(web: Web) -> dict[str, str]:
    told = {"db": "pubmed", "tool": "cordgraph", "email": web.email, "api_key": web.key}
    return {name: value for name, value in told.items() if value}


def _doubts(found: Any, query: str) -> Iterator[Problem]:
    """What the service says of a search that it did not do as it was asked, or that found nothing."""
    unknown = at(found, "errorlist", "phrasesnotfound") or at(found, "warninglist", "quotedphrasesnotfound")
    if unknown:
        yield Problem(_NAME, 0, "", f"does not know {clean(str(unknown))} and searched without; correct the query")
    if int(found["count"]) == 0:
        yield Problem(_NAME, 0, "", f"found nothing for {clean(query)!r}")


def _no_search(body: bytes) -> str:
    """What is wrong with an answer of esearch; errors of PubMed come with a good status."""
    try:
        told = files.json(body, _NAME)
    except Broken as broken:
        return str(broken)
    found = at(told, "esearchresult")
    if error := at(told, "error") or at(found, "ERROR"):
        return f"says {clean(str(error))!r}"
    ids = at(found, "idlist")
    counted = str(at(found, "count")).isdecimal()
    whole = counted and isinstance(ids, list) and all(isinstance(id, str) and id.isdecimal() for id in ids)
    return "" if whole else "gave no result of a search"
