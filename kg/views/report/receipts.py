"""References and receipts: the papers behind the sentences by number, and the places each sentence rests on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from kg.store import Row
from kg.views.report.document import Sentence
from kg.views.report.facts import Fact

MOST, FIRST = 5, 3  # papers behind a sentence that are named there; so many of them where there are more
_LONGEST = 40  # letters of a place in a paper
_DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>]+")
_WEB = re.compile(r"https?://[^\s<>\"'\\`]+")


@dataclass(frozen=True, slots=True)
class Receipt:
    """A paper's number, the places in it where they are told, and the keys of the findings that were read there."""

    number: int
    places: str
    findings: tuple[str, ...]

    @property
    def text(self) -> str:
        """As it stands in brackets."""
        return f"{self.number} {self.places}".strip()

    @property
    def command(self) -> str:
        """What shows the findings themselves."""
        return "; ".join(f"kg show {key}" for key in self.findings)


@dataclass(frozen=True, slots=True)
class Receipts:
    """The receipts of one sentence; `more` findings are of papers that are not named there."""

    shown: tuple[Receipt, ...]
    papers_more: int
    more: tuple[str, ...]


def ordered(sentences: Iterable[Sentence], facts: Mapping[str, Fact]) -> list[str]:
    """The ids of papers in the order in which sentences name them, then of those in the table only."""
    named = (facts[key].paper for sentence in sentences for key in sentence.findings)
    return list(dict.fromkeys([*named, *(facts[key].paper for key in sorted(facts))]))


def of(sentence: Sentence, facts: Mapping[str, Fact], numbers: Mapping[str, int]) -> Receipts:
    """The receipts of a sentence, by number of the paper."""
    papers: dict[int, list[Fact]] = {}
    for key in sentence.findings:
        papers.setdefault(numbers[facts[key].paper], []).append(facts[key])
    order = sorted(papers)
    most, places = (MOST, _places) if len(order) <= MOST else (FIRST, _nowhere)
    shown = tuple(Receipt(n, places(papers[n]), tuple(fact.finding for fact in papers[n])) for n in order[:most])
    return Receipts(shown, len(order[most:]), tuple(fact.finding for n in order[most:] for fact in papers[n]))


def _places(facts: Sequence[Fact]) -> str:
    places = list(dict.fromkeys(_short(fact.locator) for fact in facts))
    more = f" and {len(places) - 2} more" if len(places) > 2 else ""
    return ", ".join(places[:2]) + more


def _nowhere(_: Sequence[Fact]) -> str:
    """No places: many papers stand behind the sentence."""
    return ""


def _short(place: str) -> str:
    place = " ".join(place.split())
    return place if len(place) <= _LONGEST else place[: _LONGEST - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"


def reference(paper: Row) -> str:
    """A paper in one line, without its address."""
    said = {name: " ".join(str(value).split()) for name, value in paper.items() if value not in (None, "")}
    first, last = said.get("first_author", ""), said.get("last_author", "")
    authors = f"{first} \N{HORIZONTAL ELLIPSIS} {last}" if first and last and first != last else first or last
    kind = [said[name] for name in ("kind", "status") if said.get(name) not in ("primary", "ok", None)]
    where = " ".join(said[name] for name in ("journal", "year") if name in said)
    return " ".join(f"{part.rstrip('.')}." for part in (authors, said.get("title", said["id"]), where, *kind) if part)


def addresses(paper: Row) -> Iterator[tuple[str, str]]:
    """Where a paper stands, words and address: DOI, else PubMed, else the page that was read."""
    doi, pmid, url = (str(paper.get(name) or "") for name in ("doi", "pmid", "url"))
    if _DOI.fullmatch(doi):
        yield f"doi:{doi}", f"https://doi.org/{quote(doi, safe='/:;.-_~')}"
    elif re.fullmatch(r"\d{1,9}", pmid):
        yield f"PubMed {pmid}", f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/"
    elif address := web(url):
        yield "page that was read", address


def web(url: str) -> str:
    """An address of the web that is safe in a link; empty where it is none."""
    return quote(url, safe="/:;.-_~?&=%#,@!+*") if _WEB.fullmatch(url) else ""
