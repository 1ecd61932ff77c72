"""ClinicalTrials.gov studies (API v2, JSON) as documents, from files or from a search by condition."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.document import Document, Passage, Section, key
from kg.errors import KgError, Problem
from kg.model import Paper, Trial
from kg.sources import entries, files
from kg.sources.entries import at, listed
from kg.sources.entries import word as said
from kg.sources.files import Broken
from kg.sources.literature import Read

if TYPE_CHECKING:
    from kg.web import Web

SOURCE = "trials"
API = "https://clinicaltrials.gov/api/v2/studies"
PAGE = 100  # studies asked for at once; with results a study may have a megabyte, and 1,000 is the most the API gives
_STUDY = "https://clinicaltrials.gov/study/"
_NCT = re.compile(r"NCT[0-9]{8}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PHASES = {"NA": "not applicable", "EARLY_PHASE1": "early I"} | {
    f"PHASE{n}": roman for n, roman in enumerate(("I", "II", "III", "IV"), 1)
}
_STATUS = {"ACTIVE_NOT_RECRUITING": "active"}  # the others are the registry's own words in lower case


def read(place: Path) -> Iterator[Read]:
    """The studies of a file: one study, a page or list of them, or JSON lines of any of these; gzip or not."""
    number = 0
    for value in entries.values(place):
        for study in [value] if isinstance(value, Problem) else _studies(value[1]):
            number += 1
            yield study if isinstance(study, Problem) else _document(study, place.name, number)
    if not number:
        yield Problem(place.name, 0, "", "holds no studies")


def search(condition: str, web: Web, since: str = "", url: str = API) -> Iterator[Read]:
    """The studies of a condition, those changed since a day (2026-11-26) where one is given.

    Raises KgError where the registry does not answer or `since` is no day.
    """
    if since and not _DAY.fullmatch(since):
        raise KgError(f"{since!r} is not a day such as 2026-11-26")
    params = {"query.cond": condition, "pageSize": str(PAGE), "format": "json"}
    if since:
        params["filter.advanced"] = f"AREA[LastUpdatePostDate]RANGE[{since},MAX]"
    tokens = {""}
    while True:
        try:
            page = files.json(web.get(url, params), "ClinicalTrials.gov")
        except Broken as error:
            raise KgError(str(error.problem)) from error
        for number, study in enumerate(_studies(page), 1):
            yield _document(study, "ClinicalTrials.gov", number)
        token = said(page, "nextPageToken")
        if token in tokens:  # the last page has none; one that comes again would go round for ever
            return
        tokens.add(token)
        params = params | {"pageToken": token}


def _studies(value: Any) -> Iterator[Any]:
    if isinstance(value, dict) and "studies" in value:
        value = value["studies"]
    yield from value if isinstance(value, list) else [value]


def _document(study: Any, name: str, number: int) -> Document | Problem:
    told = at(study, "protocolSection")
    nct = said(told, "identificationModule", "nctId")
    if not _NCT.fullmatch(nct):
        return Problem(name, number, "nctId", f"{nct[:40]!r} is not the id of a study, such as NCT01234567; skipped")
    passages = tuple(_passages(study))
    status, url = at(told, "statusModule"), _STUDY + nct
    title = next((passage.text for passage in passages), "")
    year = _year(said(status, "studyFirstPostDateStruct", "date"))
    paper = Paper(key(other=nct), title, year=year, url=url)
    trial = _trial(told, nct, title, url) if said(told, "designModule", "studyType") in _TREATS else None
    changed = said(status, "lastUpdatePostDateStruct", "date")
    return Document(paper, passages, SOURCE, f"{name}, {nct}", changed, "en", trial)


_TREATS = ("INTERVENTIONAL", "")  # a trial is interventional; what observes is read, but is no trial


def _trial(told: Any, nct: str, title: str, url: str) -> Trial:
    status, enrolled = at(told, "statusModule"), at(told, "designModule", "enrollmentInfo")
    overall, count = said(status, "overallStatus"), at(enrolled, "count")
    n = count if isinstance(count, int) and not isinstance(count, bool) and count >= 0 else None
    planned = n is not None and said(enrolled, "type") == "ESTIMATED"
    return Trial(
        nct,
        title,
        sponsor=said(told, "sponsorCollaboratorsModule", "leadSponsor", "name"),
        phase=_phase(at(told, "designModule", "phases")),
        status=_STATUS.get(overall, _plain(overall)),
        why_stopped=said(status, "whyStopped"),
        start_year=_year(said(status, "startDateStruct", "date")),
        n=n,
        n_text=f"{n} planned" if planned else "",
        url=url,
        note="; ".join(_notes(told)),
    )


def _phase(phases: Any) -> str:
    names = [name for name in phases if isinstance(name, str)] if isinstance(phases, list) else []
    return "/".join(_PHASES.get(name, _plain(name)) for name in names)


def _notes(told: Any) -> Iterator[str]:
    names = [said(given, "name") for given in listed(told, "armsInterventionsModule", "interventions")]
    if names:
        yield "gives " + ", ".join(names)
    for linked in listed(told, "referencesModule", "references"):
        if said(linked, "type") in ("RESULT", "DERIVED") and said(linked, "pmid").isdecimal():
            yield f"results PMID {said(linked, 'pmid')}"


def _passages(study: Any) -> Iterator[Passage]:
    told = at(study, "protocolSection")
    for section, heading, text in (*_described(told), *_planned(told)):
        if text:
            yield Passage(section, text, heading)
    for measure in listed(study, "resultsSection", "outcomeMeasuresModule", "outcomeMeasures"):
        yield Passage(Section.RESULTS, "\n".join(_measured(measure)), "Outcome measure")


def _described(told: Any) -> Iterator[tuple[Section, str, str]]:
    names, words = at(told, "identificationModule"), at(told, "descriptionModule")
    brief, official = said(names, "briefTitle"), said(names, "officialTitle")
    yield Section.TITLE, "", brief
    yield Section.TITLE, "Official title", official if official != brief else ""
    yield Section.ABSTRACT, "Brief summary", said(words, "briefSummary")
    yield Section.ABSTRACT, "Detailed description", said(words, "detailedDescription")


def _planned(told: Any) -> Iterator[tuple[Section, str, str]]:
    plan, outcomes = at(told, "armsInterventionsModule"), at(told, "outcomesModule")
    for arm in listed(plan, "armGroups"):
        yield Section.METHODS, "Arm", _joined(said(arm, "label"), said(arm, "description"))
    for given in listed(plan, "interventions"):
        kind = _plain(said(given, "type")).capitalize()
        yield (
            Section.METHODS,
            "Intervention",
            _joined(kind, said(given, "name"), said(given, "description")),
        )
    yield Section.METHODS, "Eligibility", said(told, "eligibilityModule", "eligibilityCriteria")
    for rank in ("primary", "secondary"):
        for outcome in listed(outcomes, f"{rank}Outcomes"):
            words = _joined(said(outcome, "measure"), said(outcome, "description"))
            yield Section.BODY, f"{rank.capitalize()} outcome", words + _within(said(outcome, "timeFrame"))


def _measured(measure: Any) -> Iterator[str]:
    """Title, groups, values and tests of a posted outcome, a line each; groups are written by their names."""
    names = {said(group, "id"): said(group, "title") for group in listed(measure, "groups")}
    yield _joined(said(measure, "title"), said(measure, "description")) + _within(said(measure, "timeFrame"))
    for group in listed(measure, "groups"):
        yield _joined(said(group, "title"), said(group, "description"))
    for denominator in listed(measure, "denoms"):
        for count in listed(denominator, "counts"):
            yield f"{names.get(said(count, 'groupId'), '')}: n = {said(count, 'value')}"
    for part in listed(measure, "classes"):
        for category in listed(part, "categories"):
            for value in listed(category, "measurements"):
                who = (
                    names.get(said(value, "groupId"), ""),
                    said(part, "title"),
                    said(category, "title"),
                )
                yield f"{', '.join(word for word in who if word)}: {_value(measure, value)}"
    for test in listed(measure, "analyses"):
        yield _tested(test, names)


def _value(measure: Any, value: Any) -> str:
    low, high, spread = (
        said(value, "lowerLimit"),
        said(value, "upperLimit"),
        said(value, "spread"),
    )
    kind = said(measure, "dispersionType")
    about = spread or (f"{low} to {high}" if low or high else "")
    words = (
        said(value, "value"),
        f"({kind} {about})".replace("( ", "(") if about else "",
        said(measure, "unitOfMeasure"),
    )
    return " ".join(word for word in words if word)


def _tested(test: Any, names: Mapping[str, str]) -> str:
    ids = at(test, "groupIds")
    who = [names.get(id, "") for id in ids if isinstance(id, str)] if isinstance(ids, list) else []
    low, high = said(test, "ciLowerLimit"), said(test, "ciUpperLimit")
    effect = f"{said(test, 'paramType')} {said(test, 'paramValue')}".strip()
    p = said(test, "pValue")
    words = (
        effect + (f" ({said(test, 'ciPctValue')}% CI {low} to {high})" if low or high else ""),
        (f"p {p}" if p[:1] in "<>=" else f"p = {p}") if p else "",
        said(test, "statisticalMethod"),
    )
    return f"{' against '.join(who)}: {', '.join(word for word in words if word)}"


def _joined(*words: str) -> str:
    return ": ".join(word for word in words if word)


def _within(time: str) -> str:
    return f" [{time}]" if time else ""


def _plain(word: str) -> str:
    return word.replace("_", " ").lower()


def _year(day: str) -> int | None:
    return int(day[:4]) if re.match(r"[12][0-9]{3}\b", day) else None
