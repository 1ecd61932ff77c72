"""The terms that a text names: the lexicon's, abbreviations as the text defines them, ambiguous names by context."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kg.document import Span
from kg.model import Term
from kg.reading.abbreviations import Definition, definitions
from kg.reading.lexicon import Lexicon, Mention, folded
from kg.vocab import Vocab

SCHEMES = ("therapy", "outcome", "injury", "species", "phase", "route")
_TOO_GENERAL = frozenset(
    "pharmacological small-molecule enzyme antibody peptide growth-factor immunosuppressant surgery control probe "
    "physical-agent engineering stimulation not-stated large-animal rodent".split()
)  # ids whose bare label says nothing of what was given, or to whom


_VECTOR = re.compile(r"AAV|lenti|adeno|\bgene\b|transduc|transfect|vector|plasmid|overexpress", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Context:
    """What speaks for and against a short name meaning its term, where the text does not define it."""

    needs: re.Pattern[str] | None
    against: re.Pattern[str] | None


def _context(needs: str, against: str) -> _Context:
    made = [re.compile(words, re.IGNORECASE) if words else None for words in (needs, against)]
    return _Context(*made)


_BRIEF = 4  # letters, up to which an abbreviation may well stand for something else
_AMBIGUOUS: Mapping[str, _Context] = {
    "BBB": _context("scor|scale|rating|locomot|basso|hind ?limb", r"\bBBB (permeab|disrupt|integr|break)|blood.brain"),
    "MP": _context(r"methylprednisolone|mg/kg", "motor performance"),
    "MT": _context("melatonin", ""),
    "NPC": _context("neural|progenitor|stem", "nasopharyngeal|niemann"),
    "NSC": _context("neural|stem|graft|transplant", ""),
    "SC": _context("schwann", ""),
    "EA": _context("acupunct", ""),
    "PAS": _context("associative|stimulat", "schiff"),
    "PEG": _context("polyethylene|fusogen|axolemma", "gastrostomy"),
    "AIH": _context("hypoxia", "hepatitis"),
    "EPO": _context("erythropoietin|u/kg|iu/kg", ""),
    "HGF": _context("hepatocyte|growth factor", ""),
    "PNS": _context("stimulat", "peripheral nervous system"),
    "balance": _context("", r"balance (?:between|of|in favou?r)|imbalance"),
    "HAL": _context("limb|exoskeleton|robot|gait", ""),
}


class Concepts:
    """What a vocabulary can recognise in texts. Can be pickled."""

    def __init__(self, vocab: Vocab) -> None:
        self.vocab = vocab
        self.lexicon = Lexicon(term for scheme in SCHEMES for term in vocab.scheme(scheme))
        self._genes = _genes(vocab)

    def mentions(self, text: str) -> list[Mention]:
        """Every term that a text names, in its order. A short name that the text defines means what it defines."""
        defined = list(definitions(text))
        found = [m for m in self.lexicon.mentions(text) if m.id not in _TOO_GENERAL]
        found = [m for m in found if _meant(m, text, defined, self.vocab)]
        named = {_as_gene(m, text, self._genes) for m in (*found, *_defined(found, defined, text))}
        return sorted(named, key=lambda one: (one.span, one.scheme, one.id))


def _genes(vocab: Vocab) -> dict[str, str]:
    """The gene of each factor that has one in the vocabulary, `bdnf` to `bdnf-gene`."""
    ids = {term.label: term.id for term in vocab.scheme("therapy")}
    return {id: ids[f"{label} gene"] for label, id in ids.items() if f"{label} gene" in ids}


def _as_gene(mention: Mention, text: str, genes: Mapping[str, str]) -> Mention:
    """The gene of a factor, where a vector stands beside it."""
    near = text[max(0, mention.span.start - 20) : mention.span.end + 15]
    given = mention.scheme == "therapy" and mention.id in genes and _VECTOR.search(near)
    return replace(mention, id=genes[mention.id]) if given else mention


def _meant(mention: Mention, text: str, defined: Sequence[Definition], vocab: Vocab) -> bool:
    short = _singular(text[mention.span.start : mention.span.end])
    long = next((one.long for one in defined if _singular(one.short) == short), "")
    term = vocab.terms[mention.scheme, mention.id]
    if long and (len(short) <= _BRIEF or short in _AMBIGUOUS):
        return _kin(long, term)
    context = _AMBIGUOUS.get(short)
    if not context:
        return True
    denied = context.against and context.against.search(text)
    return not denied and (not context.needs or bool(context.needs.search(text)))


def _kin(long: str, term: Term) -> bool:
    """Whether a long form and a term share a word: two ways to write one thing, not two things of one abbreviation."""
    ours = {stem for name in (term.label, *term.synonyms) for stem in _stems(name)}
    return bool(ours & set(_stems(long)))


def _stems(name: str) -> Iterator[str]:
    return (word[:5] for word in re.findall(r"\w{4,}", folded(name)))


def _defined(found: Iterable[Mention], defined: Sequence[Definition], text: str) -> Iterator[Mention]:
    """The mentions of short names that stand for a long form with a term, wherever they stand in the text."""
    longs = list(found)
    for one in defined:
        inside = [m for m in longs if one.long_span.start <= m.span.start and m.span.end <= one.long_span.end]
        last = max(inside, key=lambda m: (m.span.end, m.span.end - m.span.start), default=None)
        if last is None or last.span.end != one.long_span.end:
            continue  # the long form is about something else, of which the term is a part
        for place in re.finditer(rf"(?<!\w){re.escape(_singular(one.short))}s?(?!\w)", text):
            if not any(m.scheme == last.scheme and m.span.meets(Span(*place.span())) for m in longs):
                yield Mention(last.scheme, last.id, Span(*place.span()), one.short)


def _singular(short: str) -> str:
    return short[:-1] if len(short) > 2 and short[-1] == "s" and short[-2].isupper() else short
