"""ClinicalTrials.gov studies (API v2, JSON) as documents, from files or from a search by condition."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from kg.document import Document, Passage, Section, key
from kg.errors import KgError, Problem
from kg.model import Paper, Trial
from kg.sources import files
from kg.sources.files import Broken
from kg.sources.literature import Read

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


class Web(Protocol):
    """What fetches; a `kg.web.Web` is one."""

    def get(self, url: str, params: Mapping[str, str]) -> bytes:
        """The body of the answer. Raises KgError where there is none."""
        ...


def read(place: Path) -> Iterator[Read]:
    """The studies of a file: one study, a page or list of them, or JSON lines of any of these; gzip or not."""
    number = 0
    for value in _values(place):
        for study in [value] if isinstance(value, Problem) else _studies(value):
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
        token = _word(page, "nextPageToken")
        if token in tokens:  # the last page has none; one that comes again would go round for ever
            return
        tokens.add(token)
        params = params | {"pageToken": token}


def _values(place: Path) -> Iterator[Any]:
    """JSON values, one a line, or the only one of a file that is laid out over several lines."""
    name = place.name
    try:
        for number, line in enumerate(_lines(place), 1):
            try:
                value = files.json(line, name, number) if line.strip() else []
            except Broken as error:
                if number == 1 and ".jsonl" not in name:
                    break
                value = error.problem
            yield value
        else:
            return
        yield files.json(files.whole(place), name)
    except Broken as error:
        yield error.problem


def _lines(place: Path) -> Iterator[bytes]:
    rest = b""
    for chunk in files.chunks(place):
        *ended, rest = (rest + chunk).split(b"\n")
        yield from ended
        if len(rest) > files.LARGEST:
            raise Broken(place.name, f"has a line of more than {files.LARGEST // 1_000_000} MB; ask for smaller pages")
    yield rest


def _studies(value: Any) -> Iterator[Any]:
    if isinstance(value, dict) and "studies" in value:
        value = value["studies"]
    yield from value if isinstance(value, list) else [value]


def _document(study: Any, name: str, number: int) -> Document | Problem:
    told = _at(study, "protocolSection")
    nct = _word(told, "identificationModule", "nctId")
    if not _NCT.fullmatch(nct):
        return Problem(name, number, "nctId", f"{nct[:40]!r} is not the id of a study, such as NCT01234567; skipped")
    passages = tuple(_passages(study))
    status, url = _at(told, "statusModule"), _STUDY + nct
    title = next((passage.text for passage in passages), "")
    year = _year(_word(status, "studyFirstPostDateStruct", "date"))
    paper = Paper(key(other=nct), title, year=year, url=url)
    trial = _trial(told, nct, title, url) if _word(told, "designModule", "studyType") in _TREATS else None
    changed = _word(status, "lastUpdatePostDateStruct", "date")
    return Document(paper, passages, SOURCE, f"{name}, {nct}", changed, "en", trial)


_TREATS = ("INTERVENTIONAL", "")  # a trial is interventional; what observes is read, but is no trial


def _trial(told: Any, nct: str, title: str, url: str) -> Trial:
    status, enrolled = _at(told, "statusModule"), _at(told, "designModule", "enrollmentInfo")
    overall, count = _word(status, "overallStatus"), _at(enrolled, "count")
    n = count if isinstance(count, int) and not isinstance(count, bool) and count >= 0 else None
    planned = n is not None and _word(enrolled, "type") == "ESTIMATED"
    return Trial(
        nct,
        title,
        sponsor=_word(told, "sponsorCollaboratorsModule", "leadSponsor", "name"),
        phase=_phase(_at(told, "designModule", "phases")),
        status=_STATUS.get(overall, _plain(overall)),
        why_stopped=_word(status, "whyStopped"),
        start_year=_year(_word(status, "startDateStruct", "date")),
        n=n,
        n_text=f"{n} planned" if planned else "",
        url=url,
        note="; ".join(_notes(told)),
    )


def _phase(phases: Any) -> str:
    names = [name for name in phases if isinstance(name, str)] if isinstance(phases, list) else []
    return "/".join(_PHASES.get(name, _plain(name)) for name in names)


def _notes(told: Any) -> Iterator[str]:
    names = [_word(given, "name") for given in _all(told, "armsInterventionsModule", "interventions")]
    if names:
        yield "gives " + ", ".join(names)
    for linked in _all(told, "referencesModule", "references"):
        if _word(linked, "type") in ("RESULT", "DERIVED") and _word(linked, "pmid").isdecimal():
            yield f"results PMID {_word(linked, 'pmid')}"


def _passages(study: Any) -> Iterator[Passage]:
    told = _at(study, "protocolSection")
    for section, heading, text in (*_described(told), *_planned(told)):
        if text:
            yield Passage(section, text, heading)
    for measure in _all(study, "resultsSection", "outcomeMeasuresModule", "outcomeMeasures"):
        yield Passage(Section.RESULTS, "\n".join(_measured(measure)), "Outcome measure")


def _described(told: Any) -> Iterator[tuple[Section, str, str]]:
    names, words = _at(told, "identificationModule"), _at(told, "descriptionModule")
    brief, official = _word(names, "briefTitle"), _word(names, "officialTitle")
    yield Section.TITLE, "", brief
    yield Section.TITLE, "Official title", official if official != brief else ""
    yield Section.ABSTRACT, "Brief summary", _word(words, "briefSummary")
    yield Section.ABSTRACT, "Detailed description", _word(words, "detailedDescription")


def _planned(told: Any) -> Iterator[tuple[Section, str, str]]:
    plan, outcomes = _at(told, "armsInterventionsModule"), _at(told, "outcomesModule")
    for arm in _all(plan, "armGroups"):
        yield Section.METHODS, "Arm", _joined(_word(arm, "label"), _word(arm, "description"))
    for given in _all(plan, "interventions"):
        kind = _plain(_word(given, "type")).capitalize()
        yield Section.METHODS, "Intervention", _joined(kind, _word(given, "name"), _word(given, "description"))
    yield Section.METHODS, "Eligibility", _word(told, "eligibilityModule", "eligibilityCriteria")
    for rank in ("primary", "secondary"):
        for outcome in _all(outcomes, f"{rank}Outcomes"):
            words = _joined(_word(outcome, "measure"), _word(outcome, "description"))
            yield Section.BODY, f"{rank.capitalize()} outcome", words + _within(_word(outcome, "timeFrame"))


def _measured(measure: Any) -> Iterator[str]:
    """Title, groups, values and tests of a posted outcome, a line each; groups are written by their names."""
    names = {_word(group, "id"): _word(group, "title") for group in _all(measure, "groups")}
    yield _joined(_word(measure, "title"), _word(measure, "description")) + _within(_word(measure, "timeFrame"))
    for group in _all(measure, "groups"):
        yield _joined(_word(group, "title"), _word(group, "description"))
    for denominator in _all(measure, "denoms"):
        for count in _all(denominator, "counts"):
            yield f"{names.get(_word(count, 'groupId'), '')}: n = {_word(count, 'value')}"
    for part in _all(measure, "classes"):
        for category in _all(part, "categories"):
            for value in _all(category, "measurements"):
                who = (names.get(_word(value, "groupId"), ""), _word(part, "title"), _word(category, "title"))
                yield f"{', '.join(word for word in who if word)}: {_value(measure, value)}"
    for test in _all(measure, "analyses"):
        yield _tested(test, names)


def _value(measure: Any, value: Any) -> str:
    low, high, spread = _word(value, "lowerLimit"), _word(value, "upperLimit"), _word(value, "spread")
    kind = _word(measure, "dispersionType")
    about = spread or (f"{low} to {high}" if low or high else "")
    words = (
        _word(value, "value"),
        f"({kind} {about})".replace("( ", "(") if about else "",
        _word(measure, "unitOfMeasure"),
    )
    return " ".join(word for word in words if word)


def _tested(test: Any, names: Mapping[str, str]) -> str:
    ids = _at(test, "groupIds")
    who = [names.get(id, "") for id in ids if isinstance(id, str)] if isinstance(ids, list) else []
    low, high = _word(test, "ciLowerLimit"), _word(test, "ciUpperLimit")
    effect = f"{_word(test, 'paramType')} {_word(test, 'paramValue')}".strip()
    p = _word(test, "pValue")
    words = (
        effect + (f" ({_word(test, 'ciPctValue')}% CI {low} to {high})" if low or high else ""),
        (f"p {p}" if p[:1] in "<>=" else f"p = {p}") if p else "",
        _word(test, "statisticalMethod"),
    )
    return f"{' against '.join(who)}: {', '.join(word for word in words if word)}"


def _at(value: Any, *path: str) -> Any:
    """What stands at a path of JSON objects; None where there is no such thing."""
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _all(value: Any, *path: str) -> list[Any]:
    found = _at(value, *path)
    return found if isinstance(found, list) else []


def _word(value: Any, *path: str) -> str:
    found = _at(value, *path)
    return found.strip() if isinstance(found, str) else ""


def _joined(*words: str) -> str:
    return ": ".join(word for word in words if word)


def _within(time: str) -> str:
    return f" [{time}]" if time else ""


def _plain(word: str) -> str:
    return word.replace("_", " ").lower()


def _year(day: str) -> int | None:
    return int(day[:4]) if re.match(r"[12][0-9]{3}\b", day) else None
