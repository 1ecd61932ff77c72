"""Plain text and Markdown as one document a file: title, identifiers in its first lines, sections by their headings.

Such a file has no field for the kind of a paper; it is read from title and abstract.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kg.document import Document, Passage, Section, key
from kg.errors import Problem
from kg.model import Paper, PaperKind
from kg.sources import files
from kg.sources.files import Broken
from kg.sources.jats import author
from kg.sources.jats_text import tidy
from kg.sources.literature import Read
from kg.sources.sections import UNTOLD, labelled, section

SOURCE = "text"
MARKDOWN = (".md", ".markdown")
_FIRST = 30  # lines in which the identifiers of a paper are looked for; further down they are those of others
_DOI = re.compile(r"(?:\bdoi\b:?\s*|\bdoi\.org/)(10\.[0-9]{4,9}/[^\s\"<>]*[^\s\"<>.,;)\]])", re.IGNORECASE)
_PMID = re.compile(
    r"(?:\bPMID:?\s*|pubmed\.ncbi\.nlm\.nih\.gov/|ncbi\.nlm\.nih\.gov/pubmed/)([0-9]{1,8})\b", re.IGNORECASE
)
_PMCID = re.compile(r"\bPMC[0-9]{1,9}\b")
_DAY = re.compile(r"\b([12][0-9]{3})-[0-9]{2}-[0-9]{2}\b")
_AUTHORS = re.compile(r"^\W{0,2}authors?:\W{0,3}(.+)", re.IGNORECASE)
_SOURCE = re.compile(r"\W*source:\W*https?://", re.IGNORECASE)
_FRONT = re.compile(
    r"\W*(?:authors?|doi|pmid|pmc(?:id|[0-9]*)|source|journal|year|published|keywords?|https?)\b\W*[:\u00b7/]",
    re.IGNORECASE,
)
_HEADING = re.compile(r"\s{0,3}(#{1,6})\s+(\S.*)")
_UNDERLINE = re.compile(r"={3,}\s*|-{3,}\s*")
_ITEM = re.compile(r"^\s*[-*\u2022]\s+")
_ENDS = re.compile(
    r"\W*(?:references|bibliography|literature cited|acknowledge?ments?|supplementary\b.*)\W*", re.IGNORECASE
)
_ABSTRACT = re.compile(r"\W*(?:abstract|summary)\W*", re.IGNORECASE)
_MARKS = (
    (re.compile(r"!?\[([^\[\]]{0,500})\]\([^()\s]{0,2000}\)"), r"\1"),
    (re.compile(r"(?<![\w*])(\*{1,3})(?=\S)([^*]{1,2000}?)(?<=\S)\1(?![\w*])"), r"\2"),
    (re.compile(r"(?<!\w)(_{1,3})(?=\S)([^_]{1,2000}?)(?<=\S)\1(?!\w)"), r"\2"),
    (re.compile(r"`([^`]{1,500})`"), r"\1"),
)
_META = re.compile(r"\bsystematic review\b|\bmeta-analysis\b", re.IGNORECASE)
_REVIEW = re.compile(r"\bth(?:is|e present) (?:\w+ )?review\b|\bwe (?:here )?review(?:ed)?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Block:
    """A heading, of a level from 1, or a paragraph, an item of a list, the rows of a table."""

    text: str
    level: int = 0
    table: bool = False


def read(place: Path) -> Iterator[Read]:
    """The document of a file; of Markdown (`.md`) without its marks."""
    try:
        words = files.text(files.whole(place), place.name)
    except Broken as broken:
        yield broken.problem
        return
    lines = words.splitlines()
    filled = [number for number, line in enumerate(lines) if line.strip()]
    if "\0" in words:
        yield Problem(place.name, 0, "", "holds NUL characters: it is no text, or not UTF-8. Save it as UTF-8")
    elif not filled:
        yield Problem(place.name, 0, "", "holds no text")
    else:
        yield _document(place, lines, _title(lines, filled))


def _title(lines: list[str], filled: list[int]) -> int:
    """The line that is the title: a heading of the first level near the start that opens no section, or the first."""
    for number in filled[:_FIRST]:
        heading = _HEADING.fullmatch(lines[number])
        if heading and heading[1] == "#" and not _opens(heading[2]):
            return number
    return filled[0]


def _document(place: Path, lines: list[str], titled: int) -> Document:
    clean = _unmarked if any(suffix.lower() in MARKDOWN for suffix in place.suffixes) else tidy
    heading = _HEADING.fullmatch(lines[titled])
    title = clean(heading[2].rstrip("# ") if heading else lines[titled])
    rest = _blocks([*lines[:titled], *lines[titled + 1 :]], clean)
    read = (Passage(Section.TITLE, title), *_passages(rest))
    return Document(_paper(place, list(_front(lines, titled)), title, read), read, SOURCE, place.name)


def _front(lines: list[str], titled: int) -> Iterator[str]:
    """The lines that may tell what the paper is: those before the first section, and those that say so."""
    before = True
    for number, line in enumerate(lines):
        before = before and number < _FIRST and (number == titled or not (_HEADING.fullmatch(line) or _opens(line)))
        if before or (number < _FIRST and _FRONT.match(line)) or _SOURCE.match(line):
            yield line


def _unmarked(words: str) -> str:
    for mark, left in _MARKS:
        words = mark.sub(left, words)
    return tidy(words)


def _blocks(lines: list[str], clean: Callable[[str], str]) -> Iterator[_Block]:
    held: list[str] = []
    for line in [*lines, ""]:
        row, heading = line.lstrip().startswith("|"), _HEADING.fullmatch(line)
        if len(held) == 1 and not row and _UNDERLINE.fullmatch(line):
            yield _Block(clean(held.pop()), 1 if line.startswith("=") else 2)
            continue
        empty = set(line) <= set("-=*_|: \t") and not (row and "-" not in line)
        if held and (heading or (empty and not row) or _ITEM.match(line) or row is not held[0].startswith("|")):
            yield _block(held, clean)
            held = []
        if heading:
            yield _Block(clean(heading[2].rstrip("# ")), len(heading[1]))
        elif not held and not _ITEM.match(line) and _opens(clean(line)):
            yield _Block(clean(line), 2)
        elif not empty:
            held.append(line.strip())


def _block(held: list[str], clean: Callable[[str], str]) -> _Block:
    if not held[0].startswith("|"):
        return _Block(clean(_ITEM.sub("", " ".join(held), count=1)))
    rows = (" | ".join(clean(cell) for cell in row.strip("|").split("|")) for row in held)
    return _Block("\n".join(rows), table=True)


def _opens(line: str) -> bool:
    """Whether a line on its own is a heading though it has no mark: `Methods`, `2. Results`."""
    if len(line) > 60 or line.endswith((".", ",", ";")):
        return False
    return section(line, Section.BODY) is not Section.BODY or bool(_ABSTRACT.fullmatch(line) or _ENDS.fullmatch(line))


def _passages(blocks: Iterable[_Block]) -> Iterator[Passage]:
    """The blocks by section: one below another is of the other's, one that holds references or thanks is left out."""
    opened: dict[int, Section | None] = {}
    part: Section | None = Section.BODY
    heading = ""
    for block in blocks:
        if block.level:
            opened = {level: above for level, above in opened.items() if level < block.level}
            part = opened[block.level] = _part(block.text, opened[max(opened)] if opened else Section.BODY)
            heading = block.text
        elif part and not _SOURCE.match(block.text) and (heading or not _FRONT.match(block.text)):
            told = Section.TABLE if block.table else part
            yield from labelled(block.text, told, heading) if told in UNTOLD else [Passage(told, block.text, heading)]


def _part(heading: str, above: Section | None) -> Section | None:
    if above is None or _ENDS.fullmatch(heading):
        return None
    if above not in UNTOLD:
        return above
    return Section.ABSTRACT if _ABSTRACT.fullmatch(heading) else section(heading, above)


def _paper(place: Path, front: list[str], title: str, read: Iterable[Passage]) -> Paper:
    doi, pmid, pmcid = (_first(pattern, front) for pattern in (_DOI, _PMID, _PMCID))
    year = _first(_DAY, (line for line in front if _FRONT.match(line)))
    named = re.split(r",|;|\band\b", _unmarked(_first(_AUTHORS, front)))
    names = [_name(name.strip()) for name in named if name.strip()]
    return Paper(
        key(pmid=pmid, doi=doi, pmcid=pmcid, other=place.stem),
        title,
        doi,
        pmid,
        pmcid,
        int(year) if year else None,
        first_author=names[0] if names else "",
        last_author=names[-1] if len(names) > 1 else "",
        kind=kind(read),
    )


def _first(pattern: re.Pattern[str], lines: Iterable[str]) -> str:
    match = next((match for line in lines if (match := pattern.search(line))), None)
    return match[match.lastindex or 0] if match else ""


def _name(name: str) -> str:
    """`Aoki A` of `Akira Aoki`; as it stands where it ends in initials."""
    given, _, surname = name.rpartition(" ")
    return name if re.fullmatch("[A-Z]{1,3}", surname) else author(surname, given)


def kind(read: Iterable[Passage]) -> PaperKind:
    """The kind of a paper whose source does not tell it: a review where its title or its abstract says so."""
    words = [passage.text for passage in read if passage.section in (Section.TITLE, Section.ABSTRACT)]
    title = words[0] if words else ""
    if _META.search(title):
        return PaperKind.META_ANALYSIS
    reviews = re.search(r"\breview\b", title, re.IGNORECASE) or any(map(_REVIEW.search, words))
    return PaperKind.REVIEW if reviews else PaperKind.PRIMARY
