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

_MOVES = ("up", "down", "better", "worse", "none", "safe")
_DENIALS = ("none", "safe")
_SKIPS = ("speculation", "not-own")
_PAST = re.compile(
    r"\b(?:was|were|had|did|showed|shown|demonstrated|resulted|revealed|led|found|observed|became|reached|exhibited|"
    r"displayed|tended|rose|fell|went|grew|gave|brought|became|left|kept|held|came|stood|began|made|took|underwent|lay|"
    r"(?!need|need\b|speed|feed)\w+ed)\b"
)
_WHOLE = re.compile(
    r"\b(?:combin\w+|co-?(?:treat|administ|transplant)\w+|both treatments|dual|synerg\w+|double)\b", re.IGNORECASE
)
_BEFORE = re.compile(
    r"\b(?:baseline|pre-?(?:treatment|intervention|training|operative)|"
    r"before (?:the )?(?:treat|train|interv|stimul|transpl|surg))",
    re.IGNORECASE,
)
_EACH = re.compile(
    r"\b(?:both|all|each|every|either|neither|any|the two|the three|no) (?:\w+ ){0,2}?(?:groups?|treatments?|therap\w+|"
    r"interventions?|arms?|drugs?|agents?|treated|transplant\w*|graft\w*)\b",
    re.IGNORECASE,
)
_JOINS = re.compile(
    r"[\s)\]]*(?:\+|plus|/|combined with|in combination with|together with|along with|followed by|on top of|with)"
    r"[\s(]*(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)
_ANDS = re.compile(r"[\s)\]]*(?:and|with|,)\s*(?:\w+\s+){0,2}$", re.IGNORECASE)
_MEASURES = re.compile(
    r"\b(?:was|were|been) (?:\w+ )?(?:evaluated|assessed|measured|recorded|examined|tested|performed|determined|"
    r"quantified|"
    r"scored|monitored|used|analy[sz]ed|investigated|studied|carried out|collected|obtained|compared|followed|traced)\b"
)
_SUMMARIES = (Section.TITLE, Section.CONCLUSIONS, Section.DISCUSSION)
_SCALES = ("bbb", "bms")
_NOUN = re.compile(
    r"(?:reduction|improvement|increase|decrease|recovery|loss|inhibition|enhancement|attenuation|restoration|"
    r"suppression|"
    r"preservation|alleviation|elevation|promotion)s?",
    re.IGNORECASE,
)
_LOSS = re.compile(
    r"(?:knock-?(?:down|out)|inhibition|silencing|deletion|depletion|blockade|blocking|antagoni\w+|lack|absence|loss|"
    r"inhibitors?) (?:of )?(?:\w+ )?$",
    re.IGNORECASE,
)
_HEALTHY = re.compile(
    r"\b(?:than|against|with|versus|vs\.?|relative to|to|after|in) (?:the |those of |in )*(?:sham|healthy|intact|"
    r"uninjured|normal|non-?injured)\b",
    re.IGNORECASE,
)
_CONTRARY = re.compile(
    r"\b(?:damage|injury|loss|deficits?|death|degenerat\w+|dysfunction|atrophy|overactivity|retention|residual|"
    r"incontinence|constipation|latency|latencies|changes)\b",
    re.IGNORECASE,
)
_SCORES = re.compile(r"\b(?:behaviou?ral (?:tests?|scores?)|scores?|functionally|in function)\b", re.IGNORECASE)
_UNNAMED = ("locomotion", "sensation", "adverse-events")  # outcomes that are told in general words
_ASIDE = re.compile(
    r"\b(?:in vitro|BV-?2|PC-?12|cell lines?|(?:in|of) culture|cultured|LPS|OGD|correlat\w*|"
    r"(?:SCI|injury|trauma) (?:significantly )?"
    r"(?:led|caused|lowered|raised|increased|decreased|reduced|induced|resulted|produced|brought))\b",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"\W*(?:in|among|of) (?:the )?(?:untreated|control|vehicle|saline|sham|uninjured)\b", re.IGNORECASE
)
_SUMS_UP = re.compile(
    r"\s*(?:in conclusion|conclusions?|thus|therefore|hence|taken together|collectively|overall|in summary|together,|"
    r"(?:these|our|the present|the) (?:results?|findings?|data|study|observations?) (?:\w+ )?(?:suggest|indicat|show|"
    r"demonstrat|"
    r"support|provid|reveal|impl)\w*|we conclude|it (?:is|was) concluded|it would appear|it seems)",
    re.IGNORECASE,
)
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


@dataclass(frozen=True, slots=True)
class _Sides:
    """The arms of a clause, what the other side was given, its control, and whether the clause names the arm itself."""

    arms: tuple[tuple[Mention, ...], ...] = ()
    against: tuple[Mention, ...] = ()
    control: Mention | None = None
    said: bool = False


def claims(
    document: Document, zones: Zones, mentions: Sequence[Mention], facts: Facts, vocab: Vocab
) -> Iterator[Claim]:
    """Every claim of a document's own results, in its order."""
    text = document.text
    regimen = _main(mentions, facts, zones)
    scales = _scales(mentions, zones)
    mentions = [*_named(mentions, scales)]
    before = regimen
    for span in sentences(text):
        section = zones.section(span)
        section = Section.CONCLUSIONS if _SUMS_UP.match(text, span.start) else section
        if section in (Section.BACKGROUND, Section.METHODS, Section.TABLE):
            continue
        if not _own(text, span, section):
            continue
        arms: tuple[Mention, ...] = ()
        for part in clauses(text, span):
            clause = _part(text, part, section, mentions, facts)
            if not clause.outcomes and len(scales) == 1 and (score := _SCORES.search(text, part.start, part.end)):
                clause.outcomes.append(Mention("outcome", scales[0], Span(*score.span())))
            sides = _sides(clause, arms or before, regimen)
            yield from _claims(clause, sides, vocab)
            arms = sides.arms[0] if sides.said and sides.arms else arms
        before = arms or before


def outcomes(document: Document, zones: Zones, mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    """The outcomes that a document tells something of as its own, each at the first place, as a claim or not."""
    text = document.text
    scales = _scales(mentions, zones)
    told = [span for span in sentences(text) if zones.section(span) not in (Section.BACKGROUND, Section.METHODS)]
    past = [s for s in told if zones.section(s) is Section.TITLE or _PAST.search(text, s.start, s.end)]
    named = (m for m in _named(mentions, scales) if m.scheme == "outcome")
    first: dict[str, Mention] = {}
    for mention in named:
        if any(span.start <= mention.span.start < span.end for span in past):
            first.setdefault(mention.id, mention)
    return tuple(first.values())


def _scales(mentions: Sequence[Mention], zones: Zones) -> list[str]:
    """The locomotor scales that the study names as its own."""
    return [*{m.id for m in mentions if m.id in _SCALES and zones.own(m.span)}]


def _own(text: str, span: Span, section: Section) -> bool:
    """Whether a sentence tells what this study saw."""
    if section is Section.TITLE:
        return True
    told = {cue.kind for cue in cues(text, span)}
    if _ASIDE.search(text, span.start, span.end) or _OTHERS.match(text, span.start, span.end):
        return False
    if _MEASURES.search(text, span.start, span.end) and not told & {"significant", "none", "versus"}:
        return False
    hedged = told & set(_SKIPS) and not {"none", "significant"} <= told
    return bool(_PAST.search(text, span.start, span.end)) and not hedged


def _part(text: str, span: Span, section: Section, mentions: Sequence[Mention], facts: Facts) -> _Sentence:
    inside = [m for m in mentions if span.start <= m.span.start and m.span.end <= span.end]
    given, controls = {m.id for m in facts.therapies}, {m.id for m in facts.controls}
    therapies = [m for m in inside if m.scheme == "therapy" and m.id in given]
    return _Sentence(
        span,
        therapies,
        [m for m in inside if m.scheme == "therapy" and m.id in controls],
        [m for m in inside if m.scheme == "outcome"],
        tuple(cue for cue in cues(text, span) if cue.kind in _DENIALS or _free(cue, inside)),
        section,
        text[span.start : span.end],
    )


def _claims(clause: _Sentence, sides: _Sides, vocab: Vocab) -> Iterator[Claim]:
    moves = clause.of(*_MOVES)
    if not moves or not clause.outcomes:
        return
    if not sides.said and _HEALTHY.search(clause.text):
        return  # what the injury did, not a therapy
    for outcome in clause.outcomes:
        cue = _nearest(outcome, [move for move in moves if not _bound(move, outcome, clause)])
        term = vocab.terms["outcome", outcome.id]
        if cue is None or not isinstance(term, Outcome) or (cue.kind == "safe" and term.domain != "safety"):
            continue
        for arm in sides.arms:
            yield Claim(
                arm,
                sides.against,
                sides.control,
                bool(_BEFORE.search(clause.text)) and not sides.against and not sides.control,
                outcome,
                _direction(cue, term, outcome.name),
                cue,
                bool(clause.of("significant")),
                sides.said,
                clause.section,
                clause.span,
            )


def _sides(clause: _Sentence, before: tuple[Mention, ...], regimen: tuple[Mention, ...]) -> _Sides:
    """Who is compared with whom in a clause that follows on the arm `before`."""
    versus = next((cue.span.start for cue in clause.of("versus")), clause.span.end)
    first = min((cue.span.start for cue in clause.of(*_MOVES)), default=versus)
    if any(m.span.start < first for m in clause.controls) and not any(m.span.start < first for m in clause.therapies):
        return _Sides()  # what is told of the control
    lost = [m for m in clause.therapies if _LOSS.search(clause.text[: m.span.start - clause.span.start])]
    ours = [m for m in clause.therapies if m.span.start < versus and m not in lost]
    if lost and not ours:
        return _Sides()
    theirs = [m for m in clause.therapies if m.span.start >= versus]
    control = next((m for m in clause.controls if m.span.start >= versus), None)
    text = clause.text[: versus - clause.span.start]
    against = tuple({m.id: m for m in theirs}.values())
    if not ours and theirs and not text.strip():  # `compared with alpha, beta improved`
        ours, against = theirs[1:], tuple(theirs[:1])
    if ours:
        return _Sides(tuple(_groups(ours, clause, regimen)), against, control, True)
    if len(regimen) > 1 and _WHOLE.search(text):
        return _Sides((regimen,), against, control, True)
    if len(regimen) > 1 and _EACH.search(text):
        return _Sides(tuple((m,) for m in regimen), against, control, True)
    return _Sides((before,) if before else (), against, control)


def _groups(ours: Sequence[Mention], clause: _Sentence, regimen: tuple[Mention, ...]) -> Iterator[tuple[Mention, ...]]:
    """The arms that a row of therapies stands for: what is joined by a plus or a `with` is one arm."""
    whole = bool(_WHOLE.search(clause.text[: ours[0].span.start - clause.span.start]))
    joins = (_JOINS, _ANDS) if whole else (_JOINS,)
    groups: list[list[Mention]] = []
    for mention in ours:
        between = clause.text[: mention.span.start - clause.span.start]
        last = groups[-1][-1].span.end - clause.span.start if groups else 0
        joined = groups and len(between) - last < 60 and any(join.match(between[last:]) for join in joins)
        if joined:
            groups[-1].append(mention)
        else:
            groups.append([mention])
    distinct = {tuple(sorted({m.id for m in group})): tuple({m.id: m for m in group}.values()) for group in groups}
    if whole and len(distinct) == 1 and len(next(iter(distinct))) == 1 and len(regimen) > 1:
        yield regimen if ours[0].id in {m.id for m in regimen} else next(iter(distinct.values()))
    else:
        yield from distinct.values()


def _bound(cue: Cue, outcome: Mention, clause: _Sentence) -> bool:
    """Whether a noun belongs to another outcome that it stands right behind: `scar reduction` in a list of effects."""
    word = clause.text[cue.span.start - clause.span.start : cue.span.end - clause.span.start]
    behind = (m for m in clause.outcomes if m != outcome and 0 <= cue.span.start - m.span.end <= 1)
    return bool(_NOUN.fullmatch(word)) and any(True for _ in behind)


def _nearest(outcome: Mention, moves: Sequence[Cue]) -> Cue | None:
    """The word of movement that belongs to an outcome: the nearest, one before it rather than one behind.

    A word of no difference holds for the whole clause, unless another stands between it and the outcome.
    """

    def far(cue: Cue) -> float:
        behind = cue.span.start >= outcome.span.end
        return (cue.span.start - outcome.span.end) * 1.0 if behind else (outcome.span.start - cue.span.end) * 0.9

    if not moves:
        return None
    nearest = min(moves, key=far)
    for denial in (cue for cue in moves if cue.kind in _DENIALS):
        low, high = sorted((denial.span.start, outcome.span.start))
        if not any(low < cue.span.start < high for cue in moves if cue.kind not in _DENIALS):
            nearest = denial
    return nearest if nearest.kind in _DENIALS or far(nearest) <= _REACH else None


def _direction(cue: Cue, outcome: Outcome, name: str) -> Direction:
    """How the measured quantity moved; a name of its contrary, `tissue damage`, moves the other way."""
    if cue.kind in _DENIALS:
        return Direction.NO_DIFFERENCE
    if cue.kind in ("better", "worse"):
        good = (cue.kind == "better") == (outcome.higher_is is not HigherIs.WORSE)
        return Direction.INCREASED if good else Direction.DECREASED
    contrary = outcome.higher_is is HigherIs.BETTER and bool(_CONTRARY.search(name))
    return Direction.INCREASED if (cue.kind == "up") != contrary else Direction.DECREASED


def _free(cue: Cue, inside: Sequence[Mention]) -> bool:
    """Whether a word says something by itself: it is no part of a name, such as `evoked` of a potential."""
    return not any(cue.span.meets(mention.span) for mention in inside)


def _main(mentions: Sequence[Mention], facts: Facts, zones: Zones) -> tuple[Mention, ...]:
    """What the study is about: the therapies of the title, else the one named most often."""
    given = {m.id for m in facts.therapies}
    used = [m for m in mentions if m.scheme == "therapy" and m.id in given]
    titled = {m.id: m for m in used if zones.section(m.span) is Section.TITLE}
    if titled:
        return tuple(titled.values())
    often = sorted(facts.therapies, key=lambda m: (-sum(other.id == m.id for other in used), m.span))
    return tuple(often[:1])


def merged(found: Sequence[Claim], vocab: Vocab) -> Iterator[Claim]:
    """One claim for each arm, comparator and outcome: the best told one; of a title or conclusion only without results.

    `Locomotion improved` says nothing beside a named test of it in the same arm.
    """
    results = [claim for claim in found if claim.section not in _SUMMARIES] or list(found)
    groups: dict[tuple[frozenset[str], str], list[Claim]] = {}
    for claim in results:
        groups.setdefault((frozenset(m.id for m in claim.arm), claim.outcome.id), []).append(claim)
    named = {(arm, _domain(vocab, outcome)) for arm, outcome in groups if outcome not in _UNNAMED}
    for (arm, outcome), group in groups.items():
        if outcome in _UNNAMED and (arm, _domain(vocab, outcome)) in named:
            continue
        yield max(group, key=lambda claim: (claim.said, claim.significant, bool(claim.control or claim.against)))


def _named(mentions: Sequence[Mention], scales: Sequence[str]) -> Iterator[Mention]:
    """The mentions, with `locomotion` as the one locomotor scale that the study names, where it names one."""
    for mention in mentions:
        general = mention.scheme == "outcome" and mention.id == "locomotion" and len(scales) == 1
        yield replace(mention, id=scales[0]) if general else mention


def _domain(vocab: Vocab, outcome: str) -> str:
    term = vocab.terms["outcome", outcome]
    return term.domain if isinstance(term, Outcome) else ""
