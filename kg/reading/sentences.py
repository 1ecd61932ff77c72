"""Sentences and clauses of scientific text, each as a place in it.

Rules of our own, measured against what is kept: syntok 1.4 (1,061 abstracts a second) gives tokens without places of
sentences and misses `P < 0.05. Cells`; pysbd 0.3 (204, no release since 2021) cuts after `cf.` and `approx.`; spaCy's
sentencizer (5,700, some 200 MB) cuts after `et al.`, `Fig.` and `approx.`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.document import Span

_LINE = re.compile(r"[^\r\n]+")
_CITED = r"(?:\[\d[\d,\u2013 -]{0,20}\]|(?<=[a-z)]\.)\d{1,3}(?:[,\u2013-]\d{1,3}){0,5}(?=\s+[A-Z]))?"
_STOP = re.compile(
    rf"[.!?](?<![.!?][.!?])[.!?]*+[\"'\u201d\u2019)\]]*+{_CITED}(?:\s++(?=\S)|(?<=[a-z][a-z]\.)(?=[A-Z][a-z]* ))"
)
_OPENS = re.compile(r"[\"'\u201c\u2018(\[]*(?:[^\Wa-z_]|[a-z]{1,3}-?[A-Z0-9])")  # `Rats`, `5`, `mRNA`, `iPSCs`, `p38`
_STARTERS = re.compile(
    r"(?:A(?!\.)|After|All|Although|An|At|Both|By|Conclusions?|During|Each|Finally|For|From|Furthermore|Here|However|If|In|It|Its|"
    r"Moreover|Methods?|Neither|No|None|On|Only|Our|Results|Rats|Mice|Animals|Patients|She|He|Since|Such|That|The|Their|"
    r"Then|There|These|They|This|Those|Thus|Treatment|Two|Three|To|Using|We|When|Whereas|While|With)\b"
)
_NEVER_LAST = frozenset("e.g i.e eg ie cf vs viz fig figs eq eqs ref refs approx ca dr prof st mr mrs ms resp".split())
_SELDOM_LAST = frozenset(
    "al etc i.p i.v i.m s.c i.t i.c.v p.o b.i.d inc ltd co corp no nos vol pp p sec sp spp subsp var ver dept".split()
)
_GRADED = frozenset("ais asia grade group vitamin type class arm schedule hepatitis scale protein layer".split())
_BRACKETED = r"\((?:[^()]++|\([^()]*+\))*+\)|\[[^\[\]]*+\]"
_JOINT = re.compile(
    rf"{_BRACKETED}|(?P<cut>;|,\s++(?=(?:whereas|while|but(?!\s(?:not|also|rather)\b)|although|though|however|yet)\b)"
    r"|(?<=\S)\s++(?=(?:whereas|although|but(?!\s(?:not|also|rather)\b))\s))"
)
_JOINTS = (";", "whereas", "while", "but", "though", "however", "yet")  # one of them stands at each joint
_CONCESSION = re.compile(r"(?:Although|Though|While|Whereas)\b")
_COMMA = re.compile(rf"{_BRACKETED}|(?P<cut>,\s++)")


def sentences(text: str) -> Iterator[Span]:
    """The sentences of a text in their order, blanks at their ends left out; none crosses a line break."""
    for line in _LINE.finditer(text):
        start = line.start()
        for stop in _STOP.finditer(text, start, line.end()):
            if _ends(text, start, stop):
                yield from _stripped(text, start, stop.end())
                start = stop.end()
        yield from _stripped(text, start, line.end())


def _ends(text: str, start: int, stop: re.Match[str]) -> bool:
    """Whether a sentence that began at `start` is over here: what stands after and what stands before can say no."""
    if not _OPENS.match(text, stop.end()):
        return False
    if text[stop.start()] != "." or stop[0].startswith(".."):
        return True
    before = text[max(start, stop.start() - 30) : stop.start()].split()
    if not before:
        return False
    word = before[-1].lstrip("([\"'\u201c")
    if word.lower() in _NEVER_LAST or (len(before) == 1 and word.isdigit() and len(word) < 3):
        return False
    initial = len(word) == 1 and word.isupper() and not (len(before) > 1 and before[-2].lower() in _GRADED)
    if initial or word.lower() in _SELDOM_LAST or re.fullmatch(r"(?:[A-Z]\.)+[A-Z]", word):
        return _STARTERS.match(text, stop.end()) is not None
    return True


def clauses(text: str, span: Span) -> Iterator[Span]:
    """The parts of one sentence: cut at `;` and before `whereas`, `but`, `although` and their like, never in brackets.

    `but not`, `not only ... but also` and `compared with` stay inside. A sentence that begins with `Although` or its
    like and has a single comma is cut there too.
    """
    start, part = span.start, text[span.start : span.end]
    joined = any(word in part for word in _JOINTS)  # a quick look: most sentences are one clause
    cuts = [found for found in _JOINT.finditer(text, start, span.end) if found["cut"]] if joined else []
    if not cuts and _CONCESSION.match(text, span.start):
        commas = [found for found in _COMMA.finditer(text, span.start, span.end) if found["cut"]]
        cuts = commas if len(commas) == 1 else []
    for cut in cuts:
        yield from _stripped(text, start, cut.start())
        start = cut.end()
    yield from _stripped(text, start, span.end)


def _stripped(text: str, start: int, end: int) -> Iterator[Span]:
    part = text[start:end]
    if body := part.strip():
        start += len(part) - len(part.lstrip())
        yield Span(start, start + len(body))
