"""What a whole document says of its study: who was treated, which injury, where, when, with what."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kg.document import Document, Section, Span
from kg.model import NOT_STATED, Phase
from kg.reading.lexicon import Mention
from kg.reading.quantities import Quantity
from kg.reading.sentences import sentences
from kg.vocab import Vocab

_CELL_OF = re.compile(
    r"[\s-]*(?:\w+[\s-]+){0,3}?(?:cells?|stem|antibod\w+|serum|collagen|albumin|igg|monoclonal|embryo\w*|fet\w+|"
    r"derived|"
    r"neurons?|astrocytes?|fibroblasts?|macrophages?|plasma|recombinant|umbilical|brain|dura|skin|tissue)\b",
    re.IGNORECASE,
)
_SUBJECTS = re.compile(
    r"(?:\b(?:male|female|adult|injured|treated|transplanted|anaesthetized|anesthetized|participants?|\d+|"
    + "|".join("two three four five six seven eight nine ten twelve twenty thirty forty fifty sixty".split())
    + r")[\s-]+(?:\w+[\s-]+){0,3})$",
    re.IGNORECASE,
)
_GIVEN = re.compile(
    r"\b(?:transplant|graft|inject|administ|treat|receiv|given|implant|deliver|infus|assigned|allocat|randomi|train|"
    r"underw|appl|stimulat|started|began|initiat|combin|inoculat|dos(?:e|ing)|therap|intervention|supplement|exposed|group|"
    r"(?:than|compared) with\b)\w*",
    re.IGNORECASE,
)
_ENDOGENOUS = re.compile(
    r"\s*(?:\(\w+\)\s*)?(?:m?rna\b|expression|levels?|concentrations?|production|secretion|immunoreactiv\w+|"
    r"protein levels?|content|positive|release|receptors?|signal\w*|pathway)",
    re.IGNORECASE,
)
_GIVING = re.compile(
    r"(?:treat(?:ment|ed) with|administ\w+(?: of| with)?|recombinant(?: human)?|inject\w+(?: of| with)?|"
    r"deliver\w+(?: of)?|"
    r"exogenous|infus\w+(?: of| with)?|loaded with|releas\w+(?: of)?|combin\w+ (?:of|with)|received|given|plus|"
    r"modified (?:with|to)|secret\w+|transduced|transfect\w+|overexpress\w+)\s*(?:\w+ )?$",
    re.IGNORECASE,
)
_AS_GIVEN = re.compile(
    r"[\s-]*(?:treat|administ|therap|inject|infus|gene|releas|loaded|deliver|transduc|express|secret|modified|group|"
    r"alone|and NT|supplement|/)\w*",
    re.IGNORECASE,
)
_ELECTRODE = re.compile(r"stimulat|electrode|coil|applied|overlying|placed over|between the spinous", re.IGNORECASE)
_SECRETED = re.compile(
    r"[\s-]*(?:\([\w-]+\)[\s-]*)?(?:derived[\s-]+)?(?:exosom|exos\b|extracellular vesic|EVs?\b|conditioned|secretom|"
    r"apoptotic bod|microvesic|CM\b)",
    re.IGNORECASE,
)
_MEASURED = re.compile(
    r"sacrific|kill|euthan|examin|assess|evaluat|\brated|\bscor|perfused|histolog|analy[sz]|measured|follow-?up",
    re.IGNORECASE,
)
_UNITS = {"d": Decimal(1), "w": Decimal(7), "m": Decimal(30), "y": Decimal(365)}
_DURATION = re.compile(
    r"(?:injur(?:y|ed)|SCI|paraplegia|tetraplegia|duration)\b[^.;0-9]{0,25}?"
    r"(?P<below>less than |under |< ?)?(?P<number>\d{1,3}) ?"
    r"(?P<unit>d(?:ays?)?|w(?:ee)?ks?|mo(?:nths?)?|y(?:ea)?rs?)\b",
    re.IGNORECASE,
)
_PROBE = re.compile(r"(?:inhibitor|antagonist|blocker|agonist),? $", re.IGNORECASE)
_CAUSES = ("traumatic", "non-traumatic")
_PHASE_OF = re.compile(
    r"[\s,)]*(?:\([^)]{0,30}\)[\s,]*)?(?:[\w-]+[\s,(]+){0,3}?(?:sci\b|spinal|injur|phase|stage|parapleg|tetrapleg|"
    r"quadripleg|lesion|transect|"
    r"contus|"
    r"patients|rats|mice|animals|setting|period|model|motor|incomplete|complete|cervical|thoracic)",
    re.IGNORECASE,
)
_OPENS = re.compile(
    r"\b(?:we|our|here|herein|this (?:study|work|paper|report|trial|experiment|pilot)|the (?:present|current|aims?|"
    r"purpose|"
    r"objective|question|hypothesis)|present (?:study|work)|aims?|was to|were (?:randomly|divided|assigned|allocated|"
    r"subjected|injured|treated|given)|(?:\w+ )?(?:rats|mice|rabbits|dogs|cats|pigs|monkeys|macaques|patients|"
    r"participants|"
    r"subjects|individuals|people|animals|men|women|children) (?:were|with|underwent|received|had))\b",
    re.IGNORECASE,
)
_OWN = frozenset((Section.TITLE, Section.METHODS, Section.RESULTS, Section.ABSTRACT, Section.CAPTION, Section.TABLE))


@dataclass(frozen=True, slots=True)
class Facts:
    """What holds for all findings of a document; of each the first place that says so, where one does."""

    species: tuple[Mention, ...] = ()
    injuries: tuple[Mention, ...] = ()
    levels: tuple[Quantity, ...] = ()
    phase: str = NOT_STATED
    phase_span: Span | None = None
    treatment_day: Decimal | None = None
    therapies: tuple[Mention, ...] = ()
    controls: tuple[Mention, ...] = ()


def facts(
    document: Document, zones: Zones, mentions: Sequence[Mention], quantities: Sequence[Quantity], vocab: Vocab
) -> Facts:
    """The facts of a document, from what is named and counted in it."""
    text = document.text
    species = _species(text, zones, [m for m in mentions if m.scheme == "species"], vocab)
    therapies = [m for m in mentions if m.scheme == "therapy"]
    controls = _below(vocab, "control")
    measured = frozenset(m.span for m in mentions if m.scheme == "outcome")
    given = _given(text, zones, [m for m in therapies if m.id not in controls], measured, vocab)
    given = _narrowest(given, vocab)
    given = _told(given, len(document.passages[0].text) if document.passages else 0, vocab)
    human = any(m.id == "human" for m in species)
    day = _treatment_day(text, quantities, given, human)
    phase, span = _phase(text, zones, mentions, day, human, vocab)
    return Facts(
        species,
        _injuries([m for m in mentions if m.scheme == "injury" and zones.own(m.span)], human, vocab),
        _levels(text, [q for q in quantities if q.kind == "level" and zones.own(q.span)]),
        phase,
        span,
        day.value if day else None,
        given,
        _firsts(m for m in therapies if m.id in controls),
    )


class Zones:
    """Which section each place of a document lies in; what opens an abstract without labels is its background."""

    def __init__(self, document: Document) -> None:
        self._starts: list[int] = []
        self._sections: list[Section] = []
        for start, passage in zip(document.starts(), document.passages, strict=True):
            opening = _opening(passage.text) if passage.section is Section.ABSTRACT else 0
            if opening:
                self._starts.append(start)
                self._sections.append(Section.BACKGROUND)
            self._starts.append(start + opening)
            self._sections.append(passage.section)

    def section(self, span: Span) -> Section:
        """The section that a place lies in."""
        index = max((i for i, start in enumerate(self._starts) if start <= span.start), default=0)
        return self._sections[index]

    def own(self, span: Span) -> bool:
        """Whether a place tells of this study: not its background, discussion or references to others."""
        return self.section(span) in _OWN


def _opening(text: str) -> int:
    """Where an abstract begins to speak of its own study."""
    opening = next((span.start for span in sentences(text) if _OPENS.search(text, span.start, span.end)), 0)
    return opening if opening * 5 < len(text) * 2 else 0


def _firsts(mentions: Iterable[Mention]) -> tuple[Mention, ...]:
    first: dict[str, Mention] = {}
    for mention in mentions:
        first.setdefault(mention.id, mention)
    return tuple(first.values())


def _narrowest(mentions: Sequence[Mention], vocab: Vocab) -> tuple[Mention, ...]:
    """Without the classes of what is there too."""
    above = {id for m in mentions for id in vocab.broader(vocab.terms[m.scheme, m.id]) if id != m.id}
    return tuple(m for m in mentions if m.id not in above)


def _told(given: Sequence[Mention], title: int, vocab: Vocab) -> tuple[Mention, ...]:
    """Without words for any therapy of a class (`electrical stimulation`) where a therapy is named.

    Such a word in the title, which ends at `title`, is left out only beside a therapy of the same class.
    """

    def tops(mention: Mention) -> set[str]:
        return set(vocab.tops("therapy", mention.id))

    kinds = [m for m in given if not _general(vocab, m)]
    named = {top for m in kinds for top in tops(m)}
    labels = {m.id: vocab.label("therapy", m.id) for m in given}
    told = [m for m in given if m in kinds or not (tops(m) & named or (kinds and m.span.start > title))]
    return tuple(m for m in told if f"{labels[m.id]} gene" not in labels.values())


def _general(vocab: Vocab, mention: Mention) -> bool:
    note = vocab.terms["therapy", mention.id].note
    return note.startswith("class") or "not told" in note


def _species(text: str, zones: Zones, named: Sequence[Mention], vocab: Vocab) -> tuple[Mention, ...]:
    """Those who were treated: not where cells or antibodies come from, nor the patients of an opening sentence."""
    subjects = [m for m in named if not _CELL_OF.match(text, m.span.end) and zones.own(m.span)]
    animals = [m for m in subjects if m.id != "human"]
    counted = [
        m for m in subjects if m.id == "human" and _SUBJECTS.search(text[max(0, m.span.start - 60) : m.span.start])
    ]
    people = [m for m in subjects if m.id == "human"] if not animals else counted
    strong = animals if animals and len(animals) >= len(counted) else [*people, *animals]
    common = Counter(m.id for m in strong)
    often = [m for m in strong if common[m.id] * 4 >= max(common.values())]
    return _narrowest(_firsts(often), vocab)


def _injuries(named: Sequence[Mention], human: bool, vocab: Vocab) -> tuple[Mention, ...]:
    """The models of injury; `traumatic` is one of people, where nothing more is told."""
    models = _narrowest(_firsts(m for m in named if m.id not in _CAUSES), vocab)
    return models or (_firsts(m for m in named if m.id in _CAUSES) if human else ())


def _levels(text: str, named: Sequence[Quantity]) -> tuple[Quantity, ...]:
    """Where the cord is injured: not where it is stimulated; a region only where no segment is told."""
    injured = [q for q in named if not _ELECTRODE.search(text[max(0, q.span.start - 50) : q.span.end + 25])]
    segments = [q for q in injured if any(map(str.isdigit, q.text))]
    return tuple({q.text.upper(): q for q in reversed(segments or injured)}.values())


def _given(
    text: str, zones: Zones, named: Sequence[Mention], measured: frozenset[Span], vocab: Vocab
) -> tuple[Mention, ...]:
    """The therapies that were given: named in the title or where something is given, and not measured as a molecule."""
    factors = _below(vocab, "growth-factor") | _below(vocab, "peptide")
    factors |= {m.id for m in named if "marker" in vocab.terms["therapy", m.id].note or m.span in measured}
    used = [m for m in named if not (m.id in factors and _ENDOGENOUS.match(text, m.span.end))]
    used = [m for m in used if not (_SECRETED.match(text, m.span.end) or _PROBE.search(text[: m.span.start][-30:]))]
    often = Counter(m.id for m in used)
    made = [m for m in used if m.id not in factors or _exogenous(text, zones, m, m.span in measured)]
    return _firsts(m for m in made if _gives(text, zones, m, often[m.id], m.id in factors))


def _exogenous(text: str, zones: Zones, mention: Mention, measured: bool) -> bool:
    """Whether a substance that the body has too is given here, not measured."""
    before, after = text[max(0, mention.span.start - 45) : mention.span.start], text[mention.span.end :][:40]
    titled = zones.section(mention.span) is Section.TITLE and not measured
    return titled or bool(_GIVING.search(before) or _AS_GIVEN.match(after))


def _gives(text: str, zones: Zones, mention: Mention, often: int, factor: bool) -> bool:
    section = zones.section(mention.span)
    if section is Section.TITLE:
        return True
    if not zones.own(mention.span):
        return False
    near = text[max(0, mention.span.start - 90) : mention.span.end + 60]
    return bool(_GIVEN.search(near)) or (often > 1 and not factor)


def _below(vocab: Vocab, id: str) -> frozenset[str]:
    return frozenset(vocab.narrower(vocab.terms["therapy", id])) if ("therapy", id) in vocab.terms else frozenset()


def _treatment_day(text: str, quantities: Sequence[Quantity], given: Sequence[Mention], human: bool) -> Quantity | None:
    """The day after injury that stands nearest to a therapy being given; of people, how long ago their injury was."""
    days = [q for q in quantities if q.kind == "day" and q.value is not None]
    days = [q for q in days if not _MEASURED.search(_around(text, q.span))]
    days += _since(text) if human else []
    near = [q for q in days if human or _GIVEN.search(text[max(0, q.span.start - 100) : q.span.end + 60])]
    distance = {q: min((abs(q.span.start - m.span.start) for m in given), default=0) for q in near}
    return min(near, key=lambda q: (q.span.start > 0 and distance[q] > 200, q.span.start), default=None)


def _around(text: str, span: Span) -> str:
    """The words around a place, no further than its sentence."""
    before = re.split(r"[.;]\s|\n", text[max(0, span.start - 40) : span.start])[-1]
    return before + re.split(r"[.;]\s|\n", text[span.start : span.end + 45])[0]


def _since(text: str) -> list[Quantity]:
    """How long ago people were injured, where it is told as a duration: `injury for 10 years or more`."""
    found = []
    for match in _DURATION.finditer(text):
        days = Decimal(match["number"]) * _UNITS[match["unit"][0].lower()]
        below = match["below"] is not None
        found.append(Quantity("day", Span(*match.span()), days - below, "d", match[0]))
    return found


def _phase(
    text: str, zones: Zones, mentions: Sequence[Mention], day: Quantity | None, human: bool, vocab: Vocab
) -> tuple[str, Span | None]:
    """The phase of injury at treatment: by its day where told, else the word that most places say."""
    words = [m for m in mentions if m.scheme == "phase" and m.id != NOT_STATED and _PHASE_OF.match(text, m.span.end)]
    own = [m for m in words if zones.own(m.span)]
    words = own or (words if human else [])
    titled = [m for m in words if zones.section(m.span) is Section.TITLE]
    if day is not None and day.value is not None and not titled and not (human and words):
        windows = (term for term in vocab.scheme("phase") if isinstance(term, Phase) and term.from_day is not None)
        held = next((t.id for t in windows if t.holds(day.value, human)), "")
        return (held, day.span) if held else (NOT_STATED, None)
    said = Counter(m.id for m in titled or words)
    if not said:
        return NOT_STATED, None
    most = said.most_common(1)[0][0]
    return most, next(m.span for m in titled or words if m.id == most)
