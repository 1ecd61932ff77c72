"""What is read, and what is proposed of it: papers and trials as passages of text, findings with their places there."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

import cattrs

from kg.model import Finding, Paper, PaperStatus, Trial

_JSON = cattrs.Converter(detailed_validation=False, omit_if_default=True)
_JSON.register_unstructure_hook(Decimal, str)
_JSON.register_structure_hook(Decimal, lambda value, _: Decimal(value))


class Section(StrEnum):
    """What part of a paper a passage is; `abstract` and `body` are text whose part is not told."""

    TITLE = "title"
    ABSTRACT = "abstract"
    BACKGROUND = "background"
    METHODS = "methods"
    RESULTS = "results"
    DISCUSSION = "discussion"
    CONCLUSIONS = "conclusions"
    BODY = "body"
    CAPTION = "caption"
    TABLE = "table"


_FULL = (Section.BODY, Section.CAPTION, Section.TABLE)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a document's text: characters from `start` up to, not including, `end`."""

    start: int
    end: int

    def meets(self, other: Span) -> bool:
        """Whether the two share a character."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Passage:
    """Some text of one section; `heading` as printed, or the label of a figure or table."""

    section: Section
    text: str
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """What was published of a paper after it: that it is retracted or corrected, or that its entry is deleted.

    `doi` or `pmid` name the paper it is about, `by_doi` or `by_pmid` the notice itself.
    """

    status: PaperStatus
    doi: str = ""
    pmid: str = ""
    by_doi: str = ""
    by_pmid: str = ""
    date: str = ""
    url: str = ""
    note: str = ""
    deleted: bool = False

    @property
    def about(self) -> tuple[str, ...]:
        """The paper it is about: DOI in lower case, PubMed id, those that are told."""
        return tuple(name for name in (self.doi.lower(), self.pmid) if name)

    @property
    def identifiers(self) -> frozenset[str]:
        """The paper it is about, as `Document.identifiers` names it."""
        return _identifiers(doi=self.doi, pmid=self.pmid)

    def __str__(self) -> str:
        by = self.by_doi or (f"PMID {self.by_pmid}" if self.by_pmid else "") or self.url
        return " ".join(part for part in (f"{self.status}:", by, self.date, self.note) if part)


@dataclass(frozen=True, slots=True)
class Document:
    """A paper or trial that can be read. `source` is its maker's name, `place` the file and the entry in it.

    `paper.id` is made by `key`; `date` is the day of the last change of the entry (2026-11-26), where it is told.
    """

    paper: Paper
    passages: tuple[Passage, ...]
    source: str
    place: str = ""
    date: str = ""
    language: str = ""
    trial: Trial | None = None
    notices: tuple[Notice, ...] = ()

    @property
    def text(self) -> str:
        """All passages, a line break between each two; every offset counts characters of this."""
        return "\n".join(passage.text for passage in self.passages)

    def starts(self) -> tuple[int, ...]:
        """Where in `text` each passage starts."""
        places, at = [], 0
        for passage in self.passages:
            places.append(at)
            at += len(passage.text) + 1
        return tuple(places)

    @property
    def identifiers(self) -> frozenset[str]:
        """Everything it is known by, `doi:10.1/x` in lower case; two documents that share one are the same."""
        paper, trial = self.paper, self.trial
        return _identifiers(doi=paper.doi, pmid=paper.pmid, pmcid=paper.pmcid, trial=trial.id if trial else "")

    @property
    def full(self) -> bool:
        """Whether it is a full text: more than title and abstract."""
        return any(passage.section in _FULL for passage in self.passages)


@dataclass(frozen=True, slots=True)
class Mark:
    """Where in the text a slot of a proposal was read: `slot` is a column of the findings table, `term` what it became.

    Where a slot was inferred and stands nowhere, there is no mark of it.
    """

    slot: str
    span: Span
    term: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A finding that a program reads in a document; `finding.origin` is program, `finding.status` unreviewed.

    `confidence` is from 0 to 1, `rule` the name of what made it, with its version: `rules 1`, `llm MODEL`.
    """

    finding: Finding
    marks: tuple[Mark, ...]
    confidence: float
    rule: str


@dataclass(frozen=True, slots=True)
class Harvest:
    """A document and everything proposed of it."""

    document: Document
    proposals: tuple[Proposal, ...] = ()


def _identifiers(*, doi: str, **others: str) -> frozenset[str]:
    named = {"doi": doi.lower(), **others}
    return frozenset(f"{kind}:{value}" for kind, value in named.items() if value)


def key(*, pmid: str = "", doi: str = "", pmcid: str = "", other: str = "") -> str:
    """The id of a paper that nobody named: `pmid-12345678`, else by PMC id, DOI or any other name."""
    kind, value = next((pair for pair in (("pmid", pmid), ("pmcid", pmcid), ("doi", doi)) if pair[1]), ("text", other))
    return f"{kind}-" + re.sub(r"[^A-Za-z0-9]+", "-", value).strip("-").lower()[:120]


def line(harvest: Harvest) -> str:
    """A harvest as one line of JSON, always the same for the same value."""
    return json.dumps(_JSON.unstructure(harvest), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def of_line(text: str) -> Harvest:
    """The harvest that `line` wrote. Raises ValueError where it is none."""
    try:
        return _JSON.structure(json.loads(text), Harvest)
    except (KeyError, TypeError, ArithmeticError) as error:
        raise ValueError(f"holds no harvest: {error!r}") from error
