"""Abbreviations that a text defines itself: `spinal cord injury (SCI)` and `SCI (spinal cord injury)`.

The algorithm is that of Schwartz and Hearst 2003, Pac Symp Biocomput 8:451-462; what is added is said where it is done.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kg.document import Span

_WINDOW = 250  # characters before or in a bracket that are looked at: more than 15 words
_EDGE = re.compile(r"[()\[\]\r\n]")
_PAIRS = {")": "(", "]": "["}
_FIRST_PART = re.compile(r"[\"'\u201c\u2018]?([^;,:()\[\]\"'\u201c\u201d\u2019]*)")
_LAST_WORD = re.compile(r"[^\s()\[\]\"'\u201c\u201d,;:]+(?=\s?\Z)")
_LONG_PART = re.compile(r"[^;()\[\]]*")
_LEAD = re.compile(r"(?:(?:the|an?|i\.e\.,?|or|also called|also known as)\s+)?", re.IGNORECASE)
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_LITTLE = frozenset("a an and by for in of on or the to with".split())


@dataclass(frozen=True, slots=True)
class Definition:
    """A short form and what it stands for, each with its place; `(NSCs)` may be defined by `neural stem cell`."""

    short: str
    long: str
    short_span: Span
    long_span: Span


def definitions(text: str) -> Iterator[Definition]:
    """The abbreviations defined in a text, in the order of their closing brackets."""
    opened: list[tuple[str, int]] = []
    line = 0
    for edge in _EDGE.finditer(text):
        sign, at = edge[0], edge.start()
        if sign in "\r\n":
            opened, line = [], at + 1
        elif sign in "([":
            opened.append((sign, at))
        elif opened and opened[-1][0] == _PAIRS[sign]:
            start = opened.pop()[1]
            if found := _defined(text, opened[-1][1] + 1 if opened else line, start, at):
                yield found


def _defined(text: str, floor: int, opening: int, closing: int) -> Definition | None:
    """What the bracket from `opening` to `closing` defines, with the text from `floor` on before it."""
    before, inside = Span(max(floor, opening - _WINDOW), opening), opening + 1
    part = _FIRST_PART.match(text, inside, min(closing, inside + _WINDOW))
    if part and (found := _pair(text, _trimmed(text, *part.span(1)), before)):
        return found
    word = _LAST_WORD.search(text, max(before.start, opening - 12), opening)
    words = _LONG_PART.match(text, inside, min(closing, inside + _WINDOW))
    if word is None or words is None or " " not in words[0].strip():
        return None
    found = _pair(text, Span(*word.span()), Span(*words.span()))
    lead = _LEAD.match(text, inside)
    return found if found and lead and found.long_span.start in (inside, lead.end()) else None


def _pair(text: str, short: Span, within: Span) -> Definition | None:
    """The definition of the short form by words that end where `within` ends."""
    name = text[short.start : short.end]
    if not _is_short(name):
        return None
    within = _trimmed(text, within.start, within.end)
    start = _long_start(text, name, within)
    if start is None and name[-1] == "s" and len(name) > 2 and not name[-2].islower():
        start = _long_start(text, name[:-1], within)  # `(NSCs)` after `neural stem cell`
    if start is None:
        return None
    long = text[start : within.end]
    words = long.split()
    fits = len(long) > len(name) and len(words) <= min(len(name) + 5, 2 * len(name)) and name not in words
    return Definition(name, long, short, Span(start, within.end)) if fits else None


def _is_short(name: str) -> bool:
    """Two to ten characters in at most two words, the first alphanumeric, a letter among them."""
    return 2 <= len(name) <= 10 and name[0].isalnum() and name.count(" ") < 2 and any(map(str.isalpha, name))


def _long_start(text: str, name: str, within: Span) -> int | None:
    """Where the long form starts: its characters are met from right to left, the first at the start of a word.

    Where the short form has no capital, each must start a word: `(rats)` and `(mice)` are seldom abbreviations. Where
    one word would do for capitals (`Association` for `ASIA`), as many words as there are letters go before it.
    """
    words = _searched(text[within.start : within.end])
    signs = [sign for sign in name.lower() if sign.isalnum()]
    at = _met(words, signs, each=name.islower())
    if at >= 0 and len(signs) > 2 and name.isupper() and " " not in words[at:]:
        initials = _met(words, signs, each=True)
        if initials >= 0 and len([word for word in words[initials:].split() if word not in _LITTLE]) == len(signs):
            at = initials
    start = within.start + at
    return None if at < 0 or (start and text[start - 1].isalnum()) else start


def _searched(words: str) -> str:
    """The words in lower case, character for character, with nothing in the brackets among them."""
    low = words.lower()
    low = low if len(low) == len(words) else words  # a letter that becomes two would move every place
    return _BRACKETED.sub(lambda found: "-" * len(found[0]), low) if ")" in low or "]" in low else low


def _met(words: str, signs: list[str], *, each: bool) -> int:
    """Where the first of the signs is when all are sought from the right; -1 where one is not there."""
    at = len(words)
    for place in range(len(signs) - 1, -1, -1):
        at = words.rfind(signs[place], 0, at)
        while at > 0 and (place == 0 or each) and words[at - 1].isalnum():
            at = words.rfind(signs[place], 0, at)
        if at < 0:
            break
    return at


def _trimmed(text: str, start: int, end: int) -> Span:
    """The span without blanks, quotation marks and commas at its ends."""
    part = text[start:end]
    body = part.rstrip(" \t\u00a0,\"'\u201c\u201d\u2018\u2019")
    start += len(body) - len(body.lstrip(" \t\u00a0\"'\u201c\u201d\u2018\u2019"))
    return Span(start, max(start, end - len(part) + len(body)))
