"""The curated tables of a data folder -> papers, trials, findings."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from kg import resources
from kg.document import Notice
from kg.errors import KgError, Problem, did_you_mean
from kg.model import (
    NOT_STATED,
    Arm,
    Direction,
    Finding,
    Given,
    Item,
    Origin,
    Outcome,
    Paper,
    PaperKind,
    PaperStatus,
    Reading,
    Result,
    Role,
    Significant,
    Status,
    Trial,
)
from kg.tables import Row, number, rows
from kg.vocab import Vocab

PAPERS = ("id doi pmid pmcid title year journal first_author last_author laboratory kind status about url note").split()
ARMS = ("study arm therapy role order start_day end_day dose unit dose_text route note").split()
TRIALS = (
    "id title sponsor phase status why_stopped start_year therapies injury_phase level ais n n_text result "
    "summary papers url note"
).split()
FINDINGS = (
    "id paper study arm comparator species strain sex injury level severity phase treatment_day measured_day "
    "outcome measure direction significant p n_arm n_comparator mean_arm spread_arm mean_comparator "
    "spread_comparator spread_kind unit effect_text interaction design evidence origin status confidence "
    "confidence_reason locator source_url quote quote_role curator date note"
).split()
READINGS = "finding reader date column first second settled note".split()
NOTICES = "status doi pmid by_doi by_pmid date url note".split()
_REQUIRED = ["id", "paper", "arm", "comparator", "species", "outcome", "direction", "locator", "source_url"]
TABLES = {
    "paper": ("papers.csv", PAPERS, ["id", "title", "kind"]),
    "arm": ("arms.csv", ARMS, ["study", "arm", "therapy", "role"]),
    "finding": ("findings/*.csv", FINDINGS, _REQUIRED),
    "trial": ("trials.csv", TRIALS, ["id", "therapies"]),
    "reading": ("readings.csv", READINGS, READINGS[:3]),
    "notice": ("notices.csv", NOTICES, NOTICES[:3]),
}
_DOI = re.compile(r"10\.[0-9]{4,9}/[^\s\"]+")
_PMID = re.compile(r"[0-9]{1,9}")
_URL = re.compile(r"https?://[^\s\"<>]+")
_KEY = re.compile(r"[A-Za-z0-9]+(?:[-.][A-Za-z0-9]+)*")
_ARM = re.compile(r"[A-Za-z0-9]+(?:[-+._~][A-Za-z0-9]+)*")
T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


@dataclass(slots=True)
class _Reader:
    """Reads the cells of one row, collecting what is wrong with them instead of stopping at the first."""

    row: Row
    vocab: Vocab
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, column: str, message: str) -> None:
        self.problems.append(self.row.problem(column, message))

    def text(self, column: str, pattern: re.Pattern[str] | None = None, what: str = "", required: bool = False) -> str:
        value = self.row[column]
        if required and not value:
            self.wrong(column, "is empty")
        elif value and pattern and not pattern.fullmatch(value):
            self.wrong(column, f"{value[:80]!r} is not {what}")
        return value

    def number(self, column: str) -> Decimal | None:
        text = self.row[column]
        if not text or text == "not reported":
            return None
        value = number(text)
        if value is None:
            self.wrong(column, f"{text[:80]!r} is not a number. Put text beside it into a text column or the note")
        return value

    def count(self, column: str) -> int | None:
        value = self.number(column)
        if value is not None and (value != int(value) or value < 0):
            self.wrong(column, f"{self.row[column]!r} is not a whole number")
            return None
        return None if value is None else int(value)

    def term(self, scheme: str, column: str = "", required: bool = False) -> str:
        column = column or scheme
        if not self.row[column]:
            return self.text(column, required=required)
        return next(iter(self.terms(scheme, column, (self.row[column],))), "")

    def terms(self, scheme: str, column: str, names: tuple[str, ...] | None = None) -> tuple[str, ...]:
        found = []
        for name in self.row.values(column) if names is None else names:
            try:
                found.append(self.vocab.find(scheme, name).id)
            except KgError as error:
                self.wrong(column, str(error))
        return tuple(found)

    def choice(self, kind: type[E], column: str, default: E | None = None) -> E:
        text = self.row[column]
        if text in set(kind) and (text or default is None):
            return kind(text)
        if not text and default is not None:
            return default
        choices = ", ".join(repr(str(value)) for value in kind if value)
        self.wrong(column, f"{text[:80]!r} is not one of {choices}.{did_you_mean(text, kind)}")
        return next(iter(kind))


def read(folder: Path, vocab: Vocab) -> Iterator[Item | Problem]:
    """Everything in `papers.csv`, `arms.csv`, `trials.csv` and `findings/*.csv` of a folder; its vocabulary too.

    What `notices.csv` says of a paper stands over the status in its row.
    """
    yield from (term for _, term in sorted(vocab.terms.items()))
    papers: dict[str, Paper] = {}
    told: dict[str, list[Notice]] = defaultdict(list)
    for notice in notices(folder):
        if isinstance(notice, Problem):
            yield notice
        else:
            for name in notice.about:
                told[name].append(notice)
    yield from _rows(folder, *TABLES["paper"], vocab, lambda r: _paper(r, papers, told))
    yield from _rows(folder, *TABLES["trial"], vocab, lambda r: _trial(r, papers))
    arms: dict[tuple[str, str], list[Given]] = defaultdict(list)
    for given in _rows(folder, *TABLES["arm"], vocab, lambda r: _given(r, arms)):
        if isinstance(given, Problem):
            yield given
        else:
            arms[given[0]].append(given[1])
    known = {key: Arm(*key, tuple(given)) for key, given in arms.items()}
    files = sorted((folder / "findings").glob("*.csv"))
    if not files:
        yield Problem("findings", 0, "", f"there is no findings/*.csv in {folder}")
    for file in files:
        name = f"findings/{file.name}"
        yield from _rows(folder, name, FINDINGS, _REQUIRED, vocab, lambda r: _finding(r, papers, known))
    if (folder / "readings.csv").exists():
        yield from _rows(folder, *TABLES["reading"], vocab, _reading)


def notices(folder: Path) -> Iterator[Notice | Problem]:
    """Everything in `notices.csv` of a folder, which need not be there."""
    if (folder / "notices.csv").exists():
        yield from _rows(folder, *TABLES["notice"], Vocab.of(()), _notice)


def guide(file: str) -> dict[str, str]:
    """What the column guide says of each column of a table, such as `arms.csv` or `findings/*.csv`."""
    text = (resources.folder("data") / "README.md").read_text(encoding="utf-8")
    section = text.partition(f"## `{file}`")[2].partition("\n## ")[0]
    lines = [line.strip("| ").split(" | ", 1) for line in section.splitlines() if line.startswith("| ")]
    return {name: line[1] for line in lines if len(line) == 2 for name in line[0].split(", ")}


def _rows(
    folder: Path, name: str, columns: list[str], required: list[str], vocab: Vocab, make: Callable[[_Reader], T]
) -> Iterator[T | Problem]:
    for row in rows(folder / name, name, tuple(columns), tuple(required)):
        if isinstance(row, Problem):
            yield row
            continue
        reader = _Reader(row, vocab)
        made = make(reader)
        if reader.problems:
            yield from reader.problems
        else:
            yield made


def _notice(r: _Reader) -> Notice:
    if not (r.row["doi"] or r.row["pmid"]):
        r.wrong("doi", "a notice names the paper it is about by DOI or PubMed id")
    if r.row["status"] == PaperStatus.OK:
        r.wrong("status", "a notice says that a paper is 'corrected' or 'retracted'; delete the row of one that is not")
    return Notice(
        r.choice(PaperStatus, "status"),
        r.text("doi", _DOI, "a DOI such as 10.1038/nm.4066"),
        r.text("pmid", _PMID, "a PubMed id (digits only)"),
        r.text("by_doi", _DOI, "a DOI such as 10.1038/nm.4066"),
        r.text("by_pmid", _PMID, "a PubMed id (digits only)"),
        r.row["date"],
        r.text("url", _URL, "a web address"),
        r.row["note"],
    )


def _paper(r: _Reader, papers: dict[str, Paper], notices: Mapping[str, list[Notice]]) -> Paper:
    id = r.text("id", _KEY, "a key (letters, digits, hyphens)", required=True)
    if not any(r.row[column] for column in ("doi", "pmid", "pmcid", "url")):
        r.wrong("doi", "a paper needs a DOI, a PubMed id, a PMC id, or at least the page where it was read (url)")
    names = (r.row["doi"].lower(), r.row["pmid"])
    told = dict.fromkeys(notice for name in names if name for notice in notices.get(name, ()))
    status = r.choice(PaperStatus, "status", PaperStatus.OK)
    papers[id] = Paper(
        id=id,
        title=r.text("title"),
        doi=r.text("doi", _DOI, "a DOI such as 10.1038/nm.4066"),
        pmid=r.text("pmid", _PMID, "a PubMed id (digits only)"),
        pmcid=r.text("pmcid", re.compile(r"PMC[0-9]+"), "a PMC id such as PMC4860037"),
        year=r.count("year"),
        journal=r.row["journal"],
        first_author=r.row["first_author"],
        last_author=r.row["last_author"],
        laboratory=r.text("laboratory", _KEY, "a key (letters, digits, hyphens)"),
        kind=r.choice(PaperKind, "kind"),
        status=max((status, *(notice.status for notice in told)), key=list(PaperStatus).index),
        about=tuple(sorted(_about(r, value) for value in r.row.values("about"))),
        url=r.text("url", _URL, "a web address"),
        note="; ".join(part for part in (r.row["note"], *map(str, told)) if part),
    )
    return papers[id]


def _about(r: _Reader, value: str) -> str:
    scheme, _, name = value.partition(":")
    return f"{scheme}:" + next(iter(r.terms(scheme, "about", (name,))), "")


def _trial(r: _Reader, papers: dict[str, Paper]) -> Trial:
    return Trial(
        id=r.text("id", _KEY, "a registry id or key (letters, digits, hyphens)", required=True),
        title=r.row["title"],
        therapies=tuple(sorted(r.terms("therapy", "therapies"))),
        sponsor=r.row["sponsor"],
        phase=r.row["phase"],
        status=r.row["status"],
        why_stopped=r.row["why_stopped"],
        start_year=r.count("start_year"),
        injury_phase=tuple(sorted(r.terms("phase", "injury_phase"))),
        level=r.row["level"],
        ais=r.row["ais"],
        n=r.count("n"),
        n_text=r.row["n_text"],
        result=r.choice(Result, "result") if r.row["result"] else None,
        summary=r.row["summary"],
        papers=tuple(paper for key in sorted(r.row.values("papers")) if (paper := _known(r, "papers", key, papers))),
        url=r.text("url", _URL, "a web address"),
        note=r.row["note"],
    )


def _given(r: _Reader, arms: dict[tuple[str, str], list[Given]]) -> tuple[tuple[str, str], Given]:
    if bool(r.row["dose"]) != bool(r.row["unit"]):
        r.wrong("dose" if r.row["unit"] else "unit", "is empty; a dose is a number and a UCUM unit, both or neither")
    key = r.text("study", _KEY, "a key", True), r.text("arm", _ARM, "an arm's name (letters, digits, + - .)", True)
    arms[key]  # named, even where the row turns out wrong, so that findings on it are not called wrong as well
    return key, Given(
        therapy=r.term("therapy", required=True),
        role=r.choice(Role, "role"),
        order=r.count("order"),
        start_day=r.number("start_day"),
        end_day=r.number("end_day"),
        dose=r.number("dose"),
        unit=r.row["unit"],
        dose_text=r.row["dose_text"],
        route=r.term("route"),
        note=r.row["note"],
    )


def _known(r: _Reader, column: str, key: str, papers: dict[str, Paper]) -> Paper | None:
    if key not in papers:
        r.wrong(column, f"{key[:80]!r} is not a paper of papers.csv.{did_you_mean(key, papers)}")
    return papers.get(key)


def _arm(r: _Reader, column: str, study: str, arms: dict[tuple[str, str], Arm]) -> Arm:
    arm = arms.get((study, r.row[column]))
    if not arm:
        names = [id for owner, id in arms if owner == study]
        listed = f" It has {', '.join(names)}" if names else " It has no arms yet: add rows to arms.csv"
        r.wrong(column, f"{r.row[column][:80]!r} is not an arm of {study}.{did_you_mean(r.row[column], names)}{listed}")
    return arm or Arm(study, r.row[column], ())


def _finding(r: _Reader, papers: dict[str, Paper], arms: dict[tuple[str, str], Arm]) -> Finding:
    study = r.row["study"] or r.row["paper"]
    outcome = r.term("outcome", required=True)
    outcome_term = r.vocab.terms.get(("outcome", outcome))
    return Finding(
        id=r.text("id", _KEY, "a key (letters, digits, hyphens)", required=True),
        paper=_known(r, "paper", r.row["paper"], papers) or Paper("", ""),
        study=study,
        arm=_arm(r, "arm", study, arms),
        comparator=_arm(r, "comparator", study, arms),
        outcome=outcome_term if isinstance(outcome_term, Outcome) else Outcome("outcome", "", ""),
        direction=r.choice(Direction, "direction"),
        significant=r.choice(Significant, "significant"),
        origin=r.choice(Origin, "origin", Origin.CURATED),
        status=r.choice(Status, "status", Status.UNREVIEWED),
        source_url=r.text("source_url", _URL, "a web address", required=True),
        locator=r.text("locator", required=True),
        row=f"{r.row.file}, row {r.row.number}",
        **_facets(r),
        **_numbers(r),
        **_texts(r),
    )


def _reading(r: _Reader) -> Reading:
    if r.row["column"] and r.row["column"] not in FINDINGS:
        r.wrong("column", f"is not a column of the findings.{did_you_mean(r.row['column'], FINDINGS)}")
    wanted = {column: r.text(column, required=column in READINGS[:3]) for column in READINGS}
    return Reading(**wanted)


_PLAIN = (
    "strain sex level severity measure p spread_kind unit effect_text interaction confidence confidence_reason quote "
    "quote_role curator date note"
).split()
_COUNTS = ["n_arm", "n_comparator"]
_DECIMALS = ["treatment_day", "measured_day", "mean_arm", "spread_arm", "mean_comparator", "spread_comparator"]


def _facets(r: _Reader) -> dict[str, Any]:
    stated = {scheme: r.term(scheme) or NOT_STATED for scheme in ("injury", "phase")}
    return stated | {
        "design": r.term("design"),
        "evidence": r.term("evidence"),
        "species": r.term("species", required=True),
    }


def _texts(r: _Reader) -> dict[str, Any]:
    return {column: r.row[column] for column in _PLAIN}


def _numbers(r: _Reader) -> dict[str, Any]:
    return {column: r.count(column) for column in _COUNTS} | {column: r.number(column) for column in _DECIMALS}
