"""The passages of a JATS article: title, abstract, body by section, captions and tables, as they are printed.

Numbers of citations are left out, a name that is one stays: `as Aoki et al. found` is part of the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.etree import _Comment, _Element, _ProcessingInstruction

from kg.document import Passage, Section
from kg.sources.sections import UNTOLD, labelled, section

_LEFT_OUT = frozenset(
    """annotation annotation-xml contrib-group fig fig-group fn fn-group graphic inline-graphic
    inline-supplementary-material media object-id ref-list supplementary-material table-wrap
    table-wrap-group tex-math""".split()
)
_UNREAD = _LEFT_OUT - {"fig", "fig-group", "table-wrap", "table-wrap-group"} | {"label", "sec-meta", "title"}
_BLOCKS = frozenset("break def disp-formula disp-quote label list-item p td term th title tr verse-line".split())
_GROUPS = frozenset("boxed-text fig-group sec table-wrap-group".split())
_NOTED = ("aff", "author-notes", "bibr", "corresp", "fn")
CITED, RAISED = "\x02", "\x01"  # stand where a citation stood and where a superscript starts, until the text is tidy
_BETWEEN = r"(?:[\s,;\u2010-\u2015-]|and)*"
# Opened by a bracket or not; both begin with one class of characters: that is faster to look for.
_CITATIONS = re.compile(
    rf"[\[({CITED}](?:(?<=[\[(]){CITED}(?:{_BETWEEN}{CITED})*\s?[\])]|(?<={CITED})(?:[\s,;\u2010-\u2015-]*{CITED})*)"
)
_POWER = re.compile(rf"(?<=10)\s?{RAISED}\s?(?=[-\u2212\u2013+]?[0-9])")
_NAME = re.compile(r"[^\W\d_]{2}")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


def passages(article: _Element) -> Iterator[Passage]:
    """All passages in the order of the article; floats that stand at its end come last."""
    for name in ("article-title", "subtitle"):
        for title in article.iterfind(f"front/article-meta/title-group/{name}"):
            yield Passage(Section.TITLE, text(title))
    for abstract in article.iterfind("front/article-meta/abstract"):
        yield from _parts(abstract, Section.ABSTRACT, "")
    for body in (*article.iterfind("body"), *article.iterfind("floats-group")):
        yield from _parts(body, Section.BODY, "")


def _parts(element: _Element, part: Section, heading: str) -> Iterator[Passage]:
    """What stands in an abstract, a body or a section of one; a section whose heading tells nothing is its parent's."""
    title = element.find("title")
    heading = text(title) if title is not None else heading
    if part in UNTOLD:
        part = section(element.get("sec-type", ""), section(heading, part))
    if element.tag == "fig-group":
        part = Section.CAPTION
    for child in element.iterchildren("*"):
        if child.tag in _UNREAD or "supplementary" in child.get("sec-type", ""):
            continue
        if child.tag in _GROUPS:
            yield from _parts(child, part, heading)
            continue
        if child.tag not in _LEFT_OUT and (words := text(child)):
            yield from labelled(words, part, heading) if part is Section.ABSTRACT else [Passage(part, words, heading)]
        yield from _floats(child)


def _floats(element: _Element) -> Iterator[Passage]:
    """The figures and tables in an element, or the one it is; a caption without words is none."""
    for float in element.iter("fig", "table-wrap"):
        hidden = next(float.iterancestors("supplementary-material"), None) is not None
        label, caption = float.find("label"), float.find("caption")
        lines = list(_lines(caption)) if caption is not None else []
        if float.tag == "table-wrap":
            lines += [*rows(float), *(line for foot in float.iterfind("table-wrap-foot") for line in _notes(foot))]
        if lines and not hidden:
            kind = Section.TABLE if float.tag == "table-wrap" else Section.CAPTION
            yield Passage(kind, "\n".join(lines), text(label) if label is not None else "")


def _lines(caption: _Element) -> Iterator[str]:
    blocks = list(caption.iterchildren("title", "p")) or [caption]
    return (line for block in blocks if (line := text(block)))


def _notes(foot: _Element) -> Iterator[str]:
    return (line for note in (*foot.iterchildren("p"), *foot.iter("fn")) if (line := text(note)))


def rows(table: _Element) -> Iterator[str]:
    """The rows of a table, their cells joined by ` | `; rows without words are left out."""
    for row in table.iter("tr"):
        cells = [text(cell) for cell in row.iterchildren("td", "th")]
        if any(cells):
            yield " | ".join(cells)


def text(element: _Element) -> str:
    """The words of an element on one line; figures, tables, footnotes and numbers of citations in it are left out."""
    return tidy("".join(_pieces(element)))


def _pieces(element: _Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        yield " " if child.tag in _BLOCKS else ""
        if isinstance(child, _Comment | _ProcessingInstruction):
            pass
        elif child.tag == "xref" and child.get("ref-type") in _NOTED and not _NAME.search(_all(child)):
            yield CITED
        elif child.tag not in _LEFT_OUT:
            yield RAISED if child.tag == "sup" else ""
            yield from _pieces(child)
        yield (" " if child.tag in _BLOCKS else "") + (child.tail or "")


def _all(element: _Element) -> str:
    return "".join(str(words) for words in element.itertext())


def tidy(words: str) -> str:
    """Words on one line, without the marks of `CITED`; a power that was raised, 10 RAISED 6, is written 10^6."""
    words = " ".join(words.split())
    if words.isprintable():  # most are, and each of these patterns would look at every character of them
        return words
    if RAISED in words:
        words = _POWER.sub("^", words).replace(RAISED, "")
    if CITED in words:
        words = words.replace(f"[ {CITED}", f"[{CITED}").replace(f"( {CITED}", f"({CITED}")
        words = _CITATIONS.sub(CITED, words).replace(f" {CITED}", "").replace(CITED, "")
    return " ".join(_CONTROL.sub(" ", words).split())
