"""Documents that people read, and how well a reader does on them: precision, recall and F1 for each slot."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.document import Document, Passage, Section, Span
from kg.errors import KgError
from kg.model import Outcome, Paper, Term
from kg.reading.facts import Zones
from kg.reading.lexicon import Lexicon
from kg.reading.reader import Reader
from kg.reading.results import outcomes
from kg.sources.sections import section
from kg.vocab import Vocab

HERE = Path(__file__).parent
_LABEL = re.compile(r"(?:^|(?<=[.\n]))\s*([A-Z][A-Za-z]+(?: (?:and|of|&) [A-Za-z]+| [a-z]+)?):\s+")
SLOTS = ("species", "injury", "level", "phase", "therapies", "outcomes", "direction", "comparator")
PARTS = {"development": "w[1234]*.json", "held out": "w[56]*.json"}
WHOLE = (
    "therapy x outcome x direction",
    "the same, outcome by domain",
    "whole set x outcome x direction",
)
Found = Mapping[str, frozenset[Any]]


@dataclass(frozen=True, slots=True)
class Score:
    """Right, proposed and wanted, summed over documents."""

    right: int
    proposed: int
    wanted: int

    @property
    def precision(self) -> float:
        return self.right / self.proposed if self.proposed else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.wanted if self.wanted else 0.0

    @property
    def f1(self) -> float:
        return 2 * self.right / (self.proposed + self.wanted) if self.proposed + self.wanted else 0.0


def read_twice() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The first and the second reading of the documents that were read twice."""
    second = documents(HERE / "second")
    names = {gold["n"] for gold in second}
    return [gold for gold in documents(HERE / "documents") if gold["n"] in names], second


def documents(folder: Path, glob: str = "*.json") -> list[dict[str, Any]]:
    """The gold documents of a folder, by name."""
    return [json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob(glob))]


def document(gold: Mapping[str, Any]) -> Document:
    """A gold document as a source would give it: title, then the abstract by its labels."""
    passages = [Passage(Section.TITLE, gold["title"])]
    text = gold["text"]
    labels = [m for m in _LABEL.finditer(text) if section(m[1], Section.BODY) is not Section.BODY]
    if len(labels) < 2:
        passages.append(Passage(Section.ABSTRACT, text))
    else:
        ends = [m.start() for m in labels[1:]] + [len(text)]
        for label, end in zip(labels, ends, strict=True):
            passages.append(Passage(section(label[1], Section.ABSTRACT), text[label.end() : end].strip(), label[1]))
    paper = Paper(f"gold-{gold['n']}", title=gold["title"], url=gold.get("url") or "https://example.org/")
    return Document(paper, tuple(passages), "text")


def printed(
    golds: Iterable[Mapping[str, Any]], read: Iterable[Document]
) -> Iterator[tuple[Mapping[str, Any], Document]]:
    """Gold documents with the abstracts that their publishers printed, where those were read too, by identifier."""
    found = {name: document for document in read for name in document.identifiers}
    for gold in golds:
        paper = Paper("", doi=gold["doi"], pmid=gold["pmid"], pmcid=gold["pmcid"])
        names = sorted(Document(paper, (), "").identifiers & found.keys())
        if names:
            yield gold, found[names[0]]


def wanted(gold: Mapping[str, Any], vocab: Vocab) -> Found:
    """What the gold says, as ids; a term that was new then is looked for by its name."""
    found = {
        slot: frozenset(_id(vocab, slot, one) for one in gold[slot])
        for slot in ("species", "injury", "phase", "therapies", "outcomes")
    }
    level = frozenset(_level(one["surface"]) for one in gold["level"])
    findings = [_finding(one, vocab) for one in gold["findings"]]
    return found | {"level": level} | _whole(findings, vocab)


def read(doc: Document, reader: Reader) -> Found:
    """What a reader says of a document."""
    seen = reader.seen(doc)
    facts = seen.facts
    proposals = [proposal.finding for proposal in reader(doc)]
    found = {
        "species": frozenset(m.id for m in facts.species),
        "injury": frozenset(m.id for m in facts.injuries),
        "level": frozenset(_level(q.text) for q in facts.levels),
        "phase": frozenset({facts.phase} - {"not-stated"}),
        "therapies": frozenset(m.id for m in facts.therapies),
        "outcomes": frozenset(m.id for m in outcomes(doc, Zones(doc), seen.mentions)),
    }
    findings = [
        (
            frozenset(f.isolates.members),
            frozenset(f.comparator.active - f.arm.active) or frozenset(g.therapy for g in f.comparator.given),
            f.outcome.id,
            str(f.direction),
        )
        for f in proposals
    ]
    return found | _whole(findings, reader.vocab)


def scores(
    golds: Iterable[Mapping[str, Any]], reader: Reader, texts: Iterable[Document] | None = None
) -> dict[str, Score]:
    """Each slot's score over some documents, read in our words or in `texts`, those of their publishers."""
    both = ((gold, document(gold)) for gold in golds) if texts is None else printed(golds, texts)
    pairs = [(wanted(gold, reader.vocab), read(doc, reader)) for gold, doc in both]
    return {slot: score(pairs, slot) for slot in (*SLOTS, *WHOLE)}


def score(pairs: Sequence[tuple[Found, Found]], slot: str) -> Score:
    """One slot's score over pairs of what was wanted and what was said."""
    return Score(
        sum(len(one[slot] & other[slot]) for one, other in pairs),
        sum(len(other[slot]) for _, other in pairs),
        sum(len(one[slot]) for one, _ in pairs),
    )


def table(found: Mapping[str, Score]) -> str:
    """Scores as lines of text."""
    head = f"{'slot':28} {'P':>5} {'R':>5} {'F1':>5} {'right':>6} {'said':>5} {'gold':>5}"
    rows = [
        f"{slot:28} {s.precision:5.2f} {s.recall:5.2f} {s.f1:5.2f} {s.right:6} {s.proposed:5} {s.wanted:5}"
        for slot, s in found.items()
    ]
    return "\n".join([head, *rows])


def agreement(one: Sequence[Mapping[str, Any]], other: Sequence[Mapping[str, Any]], vocab: Vocab) -> dict[str, Score]:
    """How far two readings of the same documents agree: the score of the second against the first."""
    pairs = [(wanted(a, vocab), wanted(b, vocab)) for a, b in zip(one, other, strict=True)]
    return {slot: score(pairs, slot) for slot in (*SLOTS, *WHOLE)}


def _whole(findings: Sequence[tuple[frozenset[str], frozenset[str], str, str]], vocab: Vocab) -> Found:
    return {
        "direction": frozenset((outcome, direction) for _, _, outcome, direction in findings),
        "comparator": frozenset((isolates, against) for isolates, against, _, _ in findings),
        WHOLE[0]: frozenset(
            (one, outcome, direction) for isolates, _, outcome, direction in findings for one in isolates
        ),
        WHOLE[1]: frozenset(
            (one, _domain(vocab, outcome), _good(vocab, outcome, direction))
            for isolates, _, outcome, direction in findings
            for one in isolates
        ),
        WHOLE[2]: frozenset((isolates, outcome, direction) for isolates, _, outcome, direction in findings),
    }


def _finding(one: Mapping[str, Any], vocab: Vocab) -> tuple[frozenset[str], frozenset[str], str, str]:
    against = [one["comparator"]] if isinstance(one["comparator"], str) else one["comparator"]

    def named(slot: str, ids: Iterable[str]) -> frozenset[str]:
        return frozenset(_id(vocab, slot, {"id": one, "surface": ""}) for one in ids)

    (outcome,) = named("outcomes", [one["outcome"]])
    return named("therapies", one["isolates"]), named("therapies", against), outcome, one["direction"]


def _domain(vocab: Vocab, outcome: str) -> str:
    term = vocab.terms.get(("outcome", outcome))
    return term.domain if isinstance(term, Outcome) else outcome


def _good(vocab: Vocab, outcome: str, direction: str) -> str:
    term = vocab.terms.get(("outcome", outcome))
    if not isinstance(term, Outcome) or direction not in ("increased", "decreased"):
        return direction
    return "improved" if (direction == "increased") == (term.higher_is == "better") else "worsened"


SCHEMES = {
    "species": "species",
    "injury": "injury",
    "level": "level",
    "phase": "phase",
    "therapies": "therapy",
    "outcomes": "outcome",
}


def _id(vocab: Vocab, slot: str, one: Mapping[str, str]) -> str:
    scheme, id = SCHEMES.get(slot, slot), one["id"]
    if not id.startswith("new:"):
        return id
    for name in _names(id, one["surface"]):
        try:
            return vocab.find(scheme, name).id
        except KgError:
            for mention in _lexicon(tuple(vocab.scheme(scheme))).mentions(name):
                if mention.span == Span(0, len(name)):
                    return mention.id
    return id


@functools.lru_cache(maxsize=8)
def _lexicon(names: tuple[Term, ...]) -> Lexicon:
    return Lexicon(names)


def _names(id: str, surface: str) -> Iterator[str]:
    for name in (id.removeprefix("new:"), surface):
        yield name
        yield name.removesuffix("s")


def _level(text: str) -> str:
    parts = [part for part in re.split(r"[\s/\u2010-\u2015-]+|TO|AND", text.upper()) if part]
    joined = "-".join(parts)
    joined = re.sub(r"^([CTLS])-(\d)", r"\1\2", joined)
    return re.sub(r"^([CTL])(\d+)-(\d+)$", r"\1\2-\1\3", joined)
