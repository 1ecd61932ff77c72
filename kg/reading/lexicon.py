"""The vocabulary as a lexicon: every name of every term in one automaton; matches keep their place in the text.

Folding is one character for one (case, hyphens, slashes, dashes), so offsets never move; plurals, Greek letters written
out, British and American spelling, and hyphens that may be missing are variants in the automaton instead. The automaton
is `ahocorasick_rs`: as fast as the C one, and it counts in characters. What is a name only with its capitals (`PAS`) is
compared with them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from ahocorasick_rs import AhoCorasick, MatchKind

from kg.document import Span
from kg.model import Term

_BLANKS = dict.fromkeys(map(ord, "-/_\u00a0\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\t\n\r"), " ")
_LOWER = {code: low for code in range(0x250) if len(low := chr(code).lower()) == 1 and low != chr(code)}
_FOLD = {**_LOWER, **{code: chr(code).lower() for code in range(0x391, 0x3AA) if code != 0x3A2}, **_BLANKS}
_CODES = np.arange(sys.maxunicode + 1, dtype="<u4")  # what each character becomes; 15 times as fast as str.translate
_CODES[list(_FOLD)] = [ord(letter) for letter in _FOLD.values()]
_CODES[0xD800:0xE000] = 0xFFFD  # halves of characters, which the automaton refuses
_ASCII = bytes(_CODES[:256].tolist())
_GREEK = dict(
    zip("alpha beta gamma delta kappa sigma omega".split(), "\u03b1\u03b2\u03b3\u03b4\u03ba\u03c3\u03c9", strict=True)
)
_SPELLING = (
    ("oedema", "edema"), ("oestr", "estr"), ("haem", "hem"), ("anaesth", "anesth"), ("ischaem", "ischem"),
    ("tumour", "tumor"),
    ("behaviour", "behavior"), ("fibre", "fiber"), ("ised", "ized"), ("isation", "ization"), ("ising", "izing"),
    ("paed", "ped"), ("centre", "center"), ("programme", "program"), ("colour", "color"), ("labour", "labor"),
)  # fmt: skip
_ACRONYM = 5  # letters, up to which a name in capitals is one only in capitals


def folded(text: str) -> str:
    """Text as it is compared: of the same length, in lower case, every hyphen, slash and blank one blank."""
    if text.isascii():
        return text.encode().translate(_ASCII).decode()
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    return _CODES.take(codes).tobytes().decode("utf-32-le")


@dataclass(frozen=True, slots=True)
class Mention:
    """A term named in a text, the place, and the name as it is listed."""

    scheme: str
    id: str
    span: Span
    name: str = ""


@dataclass(frozen=True, slots=True)
class _Entry:
    scheme: str
    id: str
    name: str
    capitals: bool


class Lexicon:
    """The names of some terms, ready to be found in texts."""

    def __init__(self, terms: Iterable[Term]) -> None:
        entries: dict[str, dict[tuple[str, str], _Entry]] = {}
        for term in terms:
            for name in (term.label, *term.synonyms):
                entry = _Entry(term.scheme, term.id, name, _capitals(name))
                for surface in variants(name):
                    entries.setdefault(surface, {}).setdefault((term.scheme, term.id), entry)
        self._surfaces = sorted(entries)
        self._entries = [tuple(entries[surface].values()) for surface in self._surfaces]
        self._automaton = AhoCorasick(self._surfaces, matchkind=MatchKind.Standard)

    def __reduce__(self) -> tuple[object, ...]:
        return _restored, (self._surfaces, self._entries)

    def __len__(self) -> int:
        return len(self._surfaces)

    def mentions(self, text: str) -> list[Mention]:
        """Every longest name, in the order of the text; names that are one word or letter inside another are none."""
        return [
            Mention(entry.scheme, entry.id, Span(start, end), entry.name)
            for start, end, index in self._longest(folded(text))
            for entry in self._entries[index]
            if not entry.capitals or _capitals(text[start:end])
        ]

    def _longest(self, low: str) -> Iterator[tuple[int, int, int]]:
        """Whole words that lie in no longer name, with the number of the name; of two that overlap, the first."""
        edged = low + " "  # before the first character stands the last
        hits = self._automaton.find_matches_as_indexes(low, overlapping=True)
        whole = [
            (start, -end, index)
            for index, start, end in hits
            if not (edged[start - 1].isalnum() or edged[end].isalnum())
        ]
        over = 0
        for start, end, index in sorted(whole):
            if start >= over:
                over = -end
                yield start, over, index


def _restored(surfaces: list[str], entries: list[tuple[_Entry, ...]]) -> Lexicon:
    lexicon = Lexicon(())
    lexicon._surfaces, lexicon._entries = surfaces, entries
    lexicon._automaton = AhoCorasick(surfaces, matchkind=MatchKind.Standard)
    return lexicon


def _capitals(name: str) -> bool:
    """Whether a name is an acronym that would be a word without its capitals."""
    letters = [letter for letter in name if letter.isalpha()]
    upper = sum(letter.isupper() for letter in letters)
    return len(name) <= _ACRONYM and upper >= 2 and upper >= len(letters) - 1


def variants(name: str) -> frozenset[str]:
    """Every spelling of a name that is looked for, folded."""
    low = " ".join(folded(re.sub(r"[()]", "", name)).split())
    found = {low, *_spelt(low)}
    for word, letter in _GREEK.items():
        found |= {form.replace(word, letter) for form in found if re.search(rf"\b{word}\b", form)}
    found |= {_joined(form) for form in found}
    found |= {plural for form in found for plural in _plurals(form)}
    return frozenset(form for form in found if len(form) > 1)


def _spelt(low: str) -> Iterator[str]:
    for british, american in _SPELLING:
        if british in low:
            yield low.replace(british, american)
        elif re.search(rf"\b{american}" if len(american) < 5 else american, low):
            yield low.replace(american, british)


def _joined(low: str) -> str:
    """Letters and digits that a hyphen parts, without it: `nt 3` is also `nt3`."""
    return re.sub(r"(?<=[a-z]) (?=\d+\b)", "", low) if len(low) < 8 else low


def _plurals(low: str) -> Iterator[str]:
    if low.endswith("s") or low[-1:].isdigit():
        return
    if re.search(r"[^aeiou]y$", low):
        yield low[:-1] + "ies"
    else:
        yield low + ("es" if re.search(r"(x|ch|sh|z)$", low) else "s")
