"""Sentences of own results -> claims: in this arm, against that, this outcome moved this way."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from kg.document import Document, Section, Span
from kg.model import Direction, HigherIs, Outcome
from kg.reading.cues import Cue, cues
from kg.reading.facts import Facts, Zones
from kg.reading.lexicon import Mention
from kg.reading.sentences import clauses, sentences
from kg.vocab import Vocab

_MOVES = ("up", "down", "better", "worse", "none")
_SKIPS = ("speculation", "not-own")
_PAST = re.compile(
    r"\b(?:was|were|had|did|showed|shown|demonstrated|resulted|revealed|led|found|observed|became|reached|exhibited|"
    r"displayed|tended|(?!need|need\b|speed|feed)\w+ed)\b"
)
_WHOLE = re.compile(
    r"\b(?:combin\w+|co-?(?:treat|administ|transplant)\w+|both treatments|dual|synerg\w+|double)\b", re.IGNORECASE
)
_BEFORE = re.compile(r"\b(?:baseline|pre-?(?:treatment|intervention|training|operative)|before (?:the )?(?:treat|train|interv|stimul|transpl|surg))", re.IGNORECASE)
_REACH = 140  # characters between an outcome and the word that says how it moved


@dataclass(frozen=True, slots=True)
class Claim:
    """One outcome of one arm in one sentence. `arm` and `against` hold therapies, `control` what the comparator got.

    `said` tells whether the sentence names the arm itself; else it is that of the sentence before, or of the document.
    """

    arm: tuple[Mention, ...]
    against: tuple[Mention, ...]
    control: Mention | None
    baseline: bool
    outcome: Mention
    direction: Direction
    cue: Cue
    significant: bool
    said: bool
    section: Section
    sentence: Span


@dataclass(slots=True)
class _Sentence:
    """A sentence, or a clause of one, with what is named in it."""

    span: Span
    therapies: list[Mention]
    controls: list[Mention]
    outcomes: list[Mention]
    cues: tuple[Cue, ...]
    section: Section
    text: str = field(repr=False, default="")

    def of(self, *kinds: str) -> list[Cue]:
        return [cue for cue in self.cues if cue.kind in kinds]


def claims(document: Document, mentions: Sequence[Mention], facts: Facts, vocab: Vocab) -> Iterator[Claim]:
    """Every claim of a document's own results, in its order."""
    text, zones = document.text, Zones(document)
    regimen = _main(text, mentions, facts, zones)
    before = regimen
    for span in sentences(text):
        section = zones.section(span)
        if section in (Section.BACKGROUND, Section.METHODS, Section.TABLE):
            continue
        if not _own(text, span, section):
            continue
        arms: tuple[Mention, ...] = ()
        for part in clauses(text, span):
            clause = _part(text, part, section, mentions, facts)
            found = list(_claims(clause, arms or before, regimen, vocab))
            yield from found
            arms = next((claim.arm for claim in found if claim.said), arms)
        before = arms or before


def _own(text: str, span: Span, section: Section) -> bool:
    """Whether a sentence tells what this study saw."""
    if section is Section.TITLE:
        return True
    return bool(_PAST.search(text, span.start, span.end)) and not any(cue.kind in _SKIPS for cue in cues(text, span))


def _part(text: str, span: Span, section: Section, mentions: Sequence[Mention], facts: Facts) -> _Sentence:
    inside = [m for m in mentions if span.start <= m.span.start and m.span.end <= span.end]
    given, controls = {m.id for m in facts.therapies}, {m.id for m in facts.controls}
    therapies = [m for m in inside if m.scheme == "therapy" and m.id in given]
    return _Sentence(
        span,
        therapies,
        [m for m in inside if m.scheme == "therapy" and m.id in controls],
        [m for m in inside if m.scheme == "outcome"],
        cues(text, span),
        section,
        text[span.start : span.end],
    )


def _claims(
    clause: _Sentence, before: tuple[Mention, ...], regimen: tuple[Mention, ...], vocab: Vocab
) -> Iterator[Claim]:
    moves = clause.of(*_MOVES)
    if not moves or not clause.outcomes:
        return
    arms, against, control, said = _sides(clause, before, regimen)
    for outcome in clause.outcomes:
        cue = _nearest(outcome, moves, clause)
        term = vocab.terms["outcome", outcome.id]
        if cue is None or not isinstance(term, Outcome):
            continue
        for arm in arms:
            yield Claim(
                arm,
                against,
                control,
                bool(_BEFORE.search(clause.text)) and not against and not control,
                outcome,
                _direction(cue, term),
                cue,
                bool(clause.of("significant")),
                said,
                clause.section,
                clause.span,
            )


def _sides(
    clause: _Sentence, before: tuple[Mention, ...], regimen: tuple[Mention, ...]
) -> tuple[list[tuple[Mention, ...]], tuple[Mention, ...], Mention | None, bool]:
    """The arms of a clause, what the other side was given, its control, and whether the clause names the arm itself."""
    versus = next((cue.span.start for cue in clause.of("versus")), clause.span.end)
    ours = [m for m in clause.therapies if m.span.start < versus]
    theirs = [m for m in clause.therapies if m.span.start >= versus]
    control = next((m for m in clause.controls if m.span.start >= versus), None)
    whole = bool(clause.of("plus") or _WHOLE.search(clause.text[: versus - clause.span.start]))
    if not ours:
        arm = regimen if whole and len(regimen) > 1 else before
        return ([arm] if arm else []), tuple(theirs), control, bool(whole and len(regimen) > 1)
    if len({m.id for m in ours}) == 1 and whole and len(regimen) > 1 and ours[0].id in {m.id for m in regimen}:
        return [regimen], tuple(theirs), control, True
    distinct = tuple({m.id: m for m in ours}.values())
    arms = [distinct] if whole or len(distinct) == 1 else [(m,) for m in distinct]
    return arms, tuple({m.id: m for m in theirs}.values()), control, True


def _nearest(outcome: Mention, moves: Sequence[Cue], clause: _Sentence) -> Cue | None:
    """The word of movement that belongs to an outcome: the nearest, one before it rather than one behind."""

    def far(cue: Cue) -> float:
        behind = cue.span.start >= outcome.span.end
        return (cue.span.start - outcome.span.end) * 1.0 if behind else (outcome.span.start - cue.span.end) * 0.9

    cue = min(moves, key=far)
    return cue if far(cue) <= _REACH else None


def _direction(cue: Cue, outcome: Outcome) -> Direction:
    if cue.kind == "none":
        return Direction.NO_DIFFERENCE
    if cue.kind in ("better", "worse"):
        good = (cue.kind == "better") == (outcome.higher_is is not HigherIs.WORSE)
        return Direction.INCREASED if good else Direction.DECREASED
    return Direction.INCREASED if cue.kind == "up" else Direction.DECREASED


def _main(text: str, mentions: Sequence[Mention], facts: Facts, zones: Zones) -> tuple[Mention, ...]:
    """What the study is about: the therapies of the title, else the one named most often."""
    given = {m.id for m in facts.therapies}
    used = [m for m in mentions if m.scheme == "therapy" and m.id in given]
    titled = {m.id: m for m in used if zones.section(m.span) is Section.TITLE}
    if titled:
        return tuple(titled.values())
    often = sorted(facts.therapies, key=lambda m: (-sum(other.id == m.id for other in used), m.span))
    return tuple(often[:1])


def merged(found: Sequence[Claim]) -> Iterator[Claim]:
    """One claim for each arm, comparator and outcome; where sentences disagree it is mixed."""
    groups: dict[tuple[frozenset[str], frozenset[str], str], list[Claim]] = {}
    for claim in found:
        key = frozenset(m.id for m in claim.arm), frozenset(m.id for m in claim.against), claim.outcome.id
        groups.setdefault(key, []).append(claim)
    for group in groups.values():
        best = max(group, key=lambda claim: (claim.section is Section.RESULTS, claim.said, claim.significant))
        mixed = len({claim.direction for claim in group}) > 1
        yield replace(best, direction=Direction.MIXED) if mixed else best
