"""A document -> proposed findings, by rules over the terms that it names."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kg.document import Document, Mark, Proposal, Section, Span
from kg.model import (
    NOT_NAMED,
    NOT_STATED,
    Arm,
    Direction,
    Finding,
    Given,
    Origin,
    Outcome,
    PaperKind,
    Role,
    Significant,
    control_role,
)
from kg.reading import results
from kg.reading.concepts import Concepts
from kg.reading.facts import Facts, Zones, facts
from kg.reading.lexicon import Mention
from kg.reading.quantities import Quantity, quantities
from kg.reading.results import Claim
from kg.vocab import Vocab

VERSION = "rules 1"
THRESHOLD = 0.4  # from here on seven in ten proposals are right, on the development texts
_BASELINE = "baseline"
_BASE = -0.83
FEATURES = {  # a logistic regression, L2-penalised, on the 281 claims of the development texts of tests/gold
    "arm named": 0.93,
    "significant": 0.78,
    "cue beside": 0.16,
    "cue near": 0.15,
    "results": 0.44,
    "summary": -0.62,
    "one therapy": 0.36,
    "several given": 1.13,
    "control named": -0.32,
    "no difference": 0.88,
    "better or worse": 0.75,
}
_SECONDARY = (PaperKind.REVIEW, PaperKind.META_ANALYSIS)
_FIELD = re.compile(
    r"spinal[ -](?:cord[ -])?(?!nerve|root|anest|anaest|fusion)(?:\w+[ -])?(?:injur|lesion|contus|transect|compress|"
    r"hemisect|trauma|ischa?em|damage)|"
    r"\bsci\b|"
    r"thoracolumbar (?:intervertebral )?dis[ck]|intervertebral dis[ck] (?:disease|herniation)|spinal[ -]injured|"
    r"(?:injured|contused|transected|lesioned) (?:\w+ ){0,2}spinal cord|para(?:plegi|lyz|lys)|tetraplegi|quadriplegi|"
    r"spinal(?:ized| transect)|"
    r"(?:contusi|transecti|hemisecti)\w+ (?:of the |in the )?(?:\w+ )?(?:spinal )?cord|cord (?:contusi|transecti|"
    r"hemisecti|injur)",
)  # of text in lower case: three times as fast as without regard to case
_REVIEW = re.compile(
    r"\b(?:(?:this|the present|our) (?:systematic |narrative |scoping )?review|we (?:systematically )?review|"
    r"are reviewed|"
    r"(?:systematic review|meta-analys[ei]s) (?:was|were|of)|review of the literature|studies were (?:included|"
    r"identified))\b",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"\b(?:brain|cerebral|stroke|sciatic|peripheral nerve|spinal nerve|optic nerve|facial nerve|TBI|"
    r"multiple sclerosis|ALS|"
    r"amyotrophic|cell lines?|in vitro|nerve regeneration|parkinson\w*|cardiac)\b",
    re.IGNORECASE,
)
_REVIEWED = re.compile(r"\b(?:review|meta-analys[ei]s|guidelines?|overview|protocol)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything that was recognised in one document."""

    mentions: tuple[Mention, ...]
    quantities: tuple[Quantity, ...]
    facts: Facts
    claims: tuple[Claim, ...]


class Reader:
    """Reads documents with one vocabulary; the same document always gives the same proposals. Can be pickled."""

    def __init__(self, vocab: Vocab, threshold: float = THRESHOLD) -> None:
        self.vocab = vocab
        self.threshold = threshold
        self.concepts = Concepts(vocab)

    @property
    def digest(self) -> str:
        """Changes where the same document may be read otherwise: with the vocabulary, the rules, the threshold."""
        terms = "\n".join(repr(term) for _, term in sorted(self.vocab.terms.items()))
        return hashlib.sha256(f"{VERSION}\n{self.threshold}\n{terms}".encode()).hexdigest()

    def seen(self, document: Document) -> Seen:
        """What is recognised in a document, before anything is proposed of it."""
        text = document.text
        if not of_field(document):
            return Seen((), (), Facts(), ())
        named = self.concepts.mentions(text)
        counted = tuple(quantities(text))
        zones = Zones(document)
        known = facts(document, zones, named, counted, self.vocab)
        claims = list(results.claims(document, zones, named, known, self.vocab))
        return Seen(tuple(named), counted, known, tuple(results.merged(claims, self.vocab)))

    def __call__(self, document: Document) -> Sequence[Proposal]:
        """The findings that a document reports, each of at least the threshold's confidence."""
        seen = self.seen(document)
        made = {p.finding.id: p for p in self._proposals(document, seen) if p.confidence >= self.threshold}
        return [made[id] for id in sorted(made)]

    def _proposals(self, document: Document, seen: Seen) -> Iterator[Proposal]:
        for claim in seen.claims:
            confidence = round(_confidence(claim, seen.facts), 2)
            p = _p_value(claim, seen.quantities)
            finding = replace(self._finding(document, seen.facts, claim), p=p.text if p else "")
            if finding.arm.active != finding.comparator.active and finding.isolates.members:
                marks = [*_marks(claim, seen.facts), *([Mark("p", p.span, p.text)] if p else [])]
                yield Proposal(finding, tuple(sorted(marks, key=_by_place)), confidence, VERSION)

    def _finding(self, document: Document, known: Facts, claim: Claim) -> Finding:
        paper, comparator = document.paper, _comparator(document.paper.id, claim)
        outcome = self.vocab.terms["outcome", claim.outcome.id]
        assert isinstance(outcome, Outcome)  # noqa: S101  # the lexicon holds terms of the vocabulary
        arm = _arm(paper.id, [m.id for m in claim.arm])
        species = known.species[0].id if known.species else NOT_STATED
        return Finding(
            id=_key(paper.id, arm.id, comparator.id, outcome.id, claim.direction, known.phase, species),
            paper=paper,
            study=paper.id,
            arm=arm,
            comparator=comparator,
            outcome=outcome,
            direction=claim.direction,
            significant=_significant(claim),
            species=species,
            injury=known.injuries[0].id if known.injuries else NOT_STATED,
            level="-".join(known.levels[0].text.split()) if known.levels else "",
            phase=known.phase,
            treatment_day=known.treatment_day,
            evidence="clinical-study" if species == "human" else "experimental",
            origin=Origin.PROGRAM,
            locator=_place(claim.section),
        )


def of_field(document: Document) -> bool:
    """Whether a document is a primary report on injury of the spinal cord."""
    text, title = document.text, document.paper.title
    secondary = document.paper.kind in _SECONDARY or _REVIEWED.search(title) or _REVIEW.search(text)
    named = len(_FIELD.findall(text.lower()))
    told = _FIELD.search(title.lower()) or named > 1 or (named and not _ELSEWHERE.search(title))
    return bool(told) and not secondary


def _arm(study: str, therapies: Sequence[str], role: Role = Role.ACTIVE) -> Arm:
    ids = sorted(set(therapies))
    return Arm(study, "+".join(ids), tuple(Given(id, role) for id in ids))


def _comparator(study: str, claim: Claim) -> Arm:
    if claim.against:
        return _arm(study, [m.id for m in claim.against])
    control = _BASELINE if claim.baseline else claim.control.id if claim.control else NOT_NAMED
    return _arm(study, [control], control_role(control))


def _significant(claim: Claim) -> Significant:
    if claim.direction is Direction.NO_DIFFERENCE:
        return Significant.NO
    return Significant.YES if claim.significant else Significant.NOT_STATED


def _key(paper: str, *parts: str) -> str:
    return f"{paper}-p{hashlib.sha256(' '.join(parts).encode()).hexdigest()[:10]}"


def _place(section: Section) -> str:
    return "abstract" if section in (Section.TITLE, Section.ABSTRACT, Section.CONCLUSIONS) else str(section)


def features(claim: Claim, known: Facts) -> tuple[bool, ...]:
    """What speaks for and against a claim, in the order of FEATURES."""
    gap = max(claim.cue.span.start - claim.outcome.span.end, claim.outcome.span.start - claim.cue.span.end)
    return (
        claim.said,
        claim.significant,
        gap < 12,
        gap < 40,
        claim.section is Section.RESULTS,
        claim.section in (Section.TITLE, Section.CONCLUSIONS),
        len(known.therapies) == 1,
        len(claim.arm) > 1,
        bool(claim.control or claim.against),
        claim.direction is Direction.NO_DIFFERENCE,
        claim.cue.kind in ("better", "worse"),
    )


def _confidence(claim: Claim, known: Facts) -> float:
    """How likely a claim is right, from 0 to 1."""
    score = _BASE + sum(
        weight for weight, holds in zip(FEATURES.values(), features(claim, known), strict=True) if holds
    )
    return 1 / (1 + math.exp(-score))


def _marks(claim: Claim, known: Facts) -> tuple[Mark, ...]:
    marks = [Mark("arm", m.span, m.id) for m in claim.arm]
    marks += [Mark("comparator", m.span, m.id) for m in claim.against or ((claim.control,) if claim.control else ())]
    marks += [Mark("outcome", claim.outcome.span, claim.outcome.id), Mark("direction", claim.cue.span, claim.direction)]
    marks += [Mark("species", m.span, m.id) for m in known.species[:1]]
    marks += [Mark("injury", m.span, m.id) for m in known.injuries[:1]]
    marks += [Mark("level", q.span, q.text) for q in known.levels[:1]]
    if known.phase_span:
        marks.append(Mark("phase", known.phase_span, known.phase))
    return tuple(marks)


def _by_place(mark: Mark) -> tuple[Span, str]:
    return mark.span, mark.slot


def _p_value(claim: Claim, quantities: Sequence[Quantity]) -> Quantity | None:
    """The p value of a claim, where its clause prints one and no other."""
    inside = [q for q in quantities if q.kind == "p" and claim.sentence.start <= q.span.start < claim.sentence.end]
    return inside[0] if len(inside) == 1 else None
