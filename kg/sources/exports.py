"""Reviewers' exports as documents: RIS, BibTeX, EndNote XML, and the tables of Zotero, Rayyan, Covidence and PubMed.

rispy drops an entry without ER, takes only one form of the tags, keeps the first of a tag that stands twice, and
raises TypeError on some unknown ones: it is given one entry at a time, with an end, and every tag as a list.
bibtexparser keeps blocks it cannot read (they become Problems), reads LaTeX's % as the start of a comment (escaped
before) and needs the whole file. EndNote's XML is cut at its records, so that a character XML forbids costs one.
"""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path

import rispy  # type: ignore[import-untyped]  # rispy ships no types
from bibtexparser.exceptions import BlockAbortedException
from bibtexparser.library import Library
from bibtexparser.middlewares import LatexDecodingMiddleware
from bibtexparser.middlewares.parsestack import default_parse_stack
from bibtexparser.model import Block, Entry, ParsingFailedBlock
from bibtexparser.splitter import Splitter
from lxml import etree

from kg import tables
from kg.document import Document, Passage, Section, key
from kg.errors import Problem
from kg.model import Paper, PaperKind, PaperStatus
from kg.sources import files, sections
from kg.sources.files import Broken
from kg.sources.literature import Read

_DOI = re.compile(r"10\.[0-9]{4,9}/[^\s\"{}]*[^\s\"{}.,;\]]")
_PMID = re.compile(r"(?:\bpmid|\bpubmed|pubmed\.ncbi\.nlm\.nih\.gov/|/pubmed/)[\s:]*([0-9]{1,8})\b", re.IGNORECASE)
_PMCID = re.compile(r"\bPMC[0-9]{1,9}\b")
_YEAR = re.compile(r"(?<![0-9])(?:1[89]|20)[0-9]{2}(?![0-9])")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_OF_PUBMED = re.compile(r"pubmed|medline|nlm", re.IGNORECASE)
_BLOCK = re.compile(r"</?(?:p|br|div|h[1-6]|jats:(?:p|sec|title))(?:\s[^<>]{0,200})?/?>", re.IGNORECASE)
_INLINE = re.compile(r"</?(?:i|b|em|strong|sub|sup|u|span|jats:[a-z]+)(?:\s[^<>]{0,200})?/?>", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_WORD = r"retracted(?: (?:article|publication|paper))?"
_RETRACTED = re.compile(rf"\[?{_WORD}[\]:.]|.*[(\[]{_WORD}[)\]]\.?$", re.IGNORECASE | re.DOTALL)
_KINDS = {
    PaperKind.PREPRINT: ("preprint",),
    PaperKind.META_ANALYSIS: ("meta-analysis", "meta analysis", "network meta-analysis"),
    PaperKind.REVIEW: ("review", "review article", "systematic review", "literature review"),
}

for _parser in ("bibtexparser", "pylatexenc"):  # what they would say on stderr is said as a Problem
    logging.getLogger(_parser).addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class _Reference:
    """One entry in the words of its format; `notes` is free text that may name PubMed and PMC ids."""

    title: str
    abstract: str
    doi: str
    pmid: str
    notes: str
    year: str
    journal: str
    authors: Sequence[str]
    url: str
    types: Sequence[str]
    tags: Sequence[str]
    language: str
    changed: str = ""


def _document(told: _Reference, source: str, place: Path, number: int, entry: str = "") -> Document | Problem:
    title = _clean(_plain(told.title))
    if not title:
        return Problem(place.name, number, "title", "is empty: a reference without a title is skipped")
    doi, pmid = _found(_DOI, told.doi, told.url), told.pmid if told.pmid.isdecimal() else ""
    pmid, pmcid = pmid or _found(_PMID, told.pmid, told.notes), _found(_PMCID, told.notes)
    year, names = _found(_YEAR, told.year), [_name(author) for author in told.authors if author.strip()]
    paper = Paper(
        key(pmid=pmid, doi=doi, pmcid=pmcid, other=title),
        title,
        doi,
        pmid,
        pmcid,
        int(year) if year else None,
        _clean(_plain(told.journal)),
        names[0] if names else "",
        names[-1] if len(names) > 1 else "",
        kind=_kind(told.types),
        status=_status(title, (*told.types, *told.tags)),
        url=told.url if re.match("https?://", told.url) else "",
    )
    parts = sections.labelled(_plain(told.abstract), Section.ABSTRACT)
    passages = (Passage(Section.TITLE, title), *(replace(part, text=_clean(part.text)) for part in parts))
    where, changed = f"{place.name}, {entry or f'entry {number}'}", _found(_DAY, told.changed)
    return Document(paper, passages, source, where, changed, told.language.strip().lower())


def _plain(text: str) -> str:
    return _CONTROL.sub(" ", html.unescape(_INLINE.sub("", _BLOCK.sub("\n", text))))


def _clean(text: str) -> str:
    return " ".join(text.split())


def _found(pattern: re.Pattern[str], *texts: str) -> str:
    match = next((match for text in texts if (match := pattern.search(text))), None)
    return match[match.lastindex or 0] if match else ""


def _first(cells: Mapping[str, str], *names: str) -> str:
    """The first of some fields that says something."""
    return next((cells[name] for name in names if cells.get(name)), "")


def _name(author: str) -> str:
    """`Aoki AB` of `Aoki, Akira B.`; as it stands where no comma tells which is which."""
    last, _, given = (_clean(part) for part in _plain(author).partition(","))
    if not re.fullmatch("[A-Z]{1,3}", given):
        given = "".join(word[0] for word in re.split(r"[\s.,-]+", given) if word)
    return f"{last} {given}".strip()


def _kind(types: Sequence[str]) -> PaperKind:
    told = {word.strip().casefold() for word in types}
    return next((kind for kind, words in _KINDS.items() if told.intersection(words)), PaperKind.PRIMARY)


def _status(title: str, marks: Sequence[str]) -> PaperStatus:
    marked = any(re.fullmatch(_WORD, mark.strip(), re.IGNORECASE) for mark in marks)
    return PaperStatus.RETRACTED if marked or _RETRACTED.match(title) else PaperStatus.OK


def ris(place: Path) -> Iterator[Read]:
    """The entries of a RIS file, from one TY to the next."""
    for number, piece in enumerate(_pieces(place, _TY, "entry (a line that starts with TY  -)"), 1):
        if isinstance(piece, Problem):
            yield piece
            continue
        try:
            tags = _tags(files.text(piece, place.name, number))
        except Broken as error:
            yield error.problem
        else:
            yield _document(_of_ris(tags), "ris", place, number)


_TY = re.compile(rb"^(?:\xef\xbb\xbf)?[ \t]*TY {0,2}- ?", re.MULTILINE)
_TAG = re.compile(r"^[ \t]*([A-Z][A-Z0-9]) {0,2}-(?: |$)", re.MULTILINE)
_TAGS = "TY TI T1 T2 AB N2 DO AN DB DP C2 N1 M1 M3 KW PY Y1 DA JF JO J2 JA AU A1 UR LA".split()


def _tags(text: str) -> Mapping[str, Sequence[str]]:
    lines = "\n".join(text.splitlines())
    if not lines.startswith("TY  -"):
        lines = _TAG.sub(r"\1  - ", lines)
    parser = rispy.RisParser(
        mapping={tag: tag for tag in _TAGS}, list_tags=_TAGS, delimiter_tags_mapping={}, skip_unknown_tags=True
    )
    entries = parser.parse(lines + "\nER  - ")
    return entries[0] if entries else {}


def _of_ris(tags: Mapping[str, Sequence[str]]) -> _Reference:
    first = partial(_first, {tag: " ".join(texts).strip() for tag, texts in tags.items()})
    accession, urls = first("AN"), tags.get("UR", ())
    return _Reference(
        first("TI", "T1"),
        first("AB", "N2"),
        first("DO"),
        accession if _OF_PUBMED.search(first("DB", "DP")) else "",
        " ".join((accession, first("C2"), first("N1"), first("M1"), *urls)),
        first("PY", "Y1", "DA"),
        first("JF", "T2", "JO", "J2", "JA"),
        tags.get("AU") or tags.get("A1", ()),
        next(iter(urls), ""),
        (*tags.get("TY", ()), *tags.get("M3", ())),
        tags.get("KW", ()),
        first("LA"),
    )


def endnote(place: Path) -> Iterator[Read]:
    """The records of an EndNote XML file, their style tags left out."""
    for number, piece in enumerate(_pieces(place, re.compile(rb"<record[\s>]"), "<record> of EndNote XML"), 1):
        if isinstance(piece, Problem):
            yield piece
            continue
        end = piece.rfind(b"</record>")
        try:
            record = files.tree(piece[: end + 9] if end >= 0 else piece, place.name, number)
        except Broken as error:
            yield error.problem
        else:
            yield _document(_of_endnote(record), "endnote", place, number)


def _of_endnote(record: etree._Element) -> _Reference:
    def texts(path: str) -> list[str]:
        return [str(element.xpath("string()")).strip() for element in record.iterfind(path)]

    def first(*paths: str) -> str:
        return next((text for path in paths for text in texts(path) if text), "")

    kinds = [element.get("name", "") for element in record.iterfind("ref-type")]
    accession, urls, database = first("accession-num"), texts("urls//url"), first("remote-database-name")
    return _Reference(
        first("titles/title"),
        first("abstract"),
        first("electronic-resource-num"),
        accession if _OF_PUBMED.search(database) else "",
        " ".join((accession, first("custom2"), first("notes"), first("research-notes"), *urls)),
        first("dates/year", "dates/pub-dates/date"),
        first("periodical/full-title", "titles/secondary-title", "periodical/abbr-1"),
        texts("contributors/authors/author"),
        next(iter(urls), ""),
        (*kinds, *texts("work-type")),
        texts("keywords/keyword"),
        first("language"),
    )


def bibtex(place: Path) -> Iterator[Read]:
    """The entries of a BibTeX file, LaTeX decoded; one whose key stands twice is read all the same."""
    try:
        text = files.text(files.whole(place), place.name)
    except Broken as error:
        yield error.problem
        return
    library = _once(Splitter(text).split())
    for middleware in default_parse_stack():
        library = middleware.transform(library)
    blocks = [block for block in library.blocks if isinstance(block, (Entry, ParsingFailedBlock))]
    if not blocks:
        yield Problem(place.name, 0, "", "holds no entry such as @article{...}; is it a BibTeX file?")
    for block in map(_decoded, blocks):
        line = (block.start_line or 0) + 1
        if isinstance(block, Entry):
            yield _document(_of_bibtex(block), "bibtex", place, line, block.key.partition(" ")[2])
        else:
            wrong = block.error
            why = _clean(wrong.abort_reason if isinstance(wrong, BlockAbortedException) else str(wrong))[:160]
            yield Problem(place.name, line, "", f"the entry that starts here cannot be read: {why}")


_LATEX = re.compile(r"[\\${}~^]")
_DECODING = LatexDecodingMiddleware(keep_math_mode=False)


def _decoded(block: Entry | ParsingFailedBlock) -> Entry | ParsingFailedBlock:
    """LaTeX as text; the decoder takes 4 ms for an abstract, so it sees only what has more than an escaped percent."""
    if not isinstance(block, Entry):
        return block
    for field in block.fields:
        field.value = re.sub(r"\\([%&_#])", r"\1", str(field.value))
    latex = [field for field in block.fields if field.key.lower() != "url" and _LATEX.search(field.value)]
    for field in latex:
        field.value = re.sub("[%&_#]", r"\\\g<0>", field.value)
    done = _DECODING.transform_entry(Entry(block.entry_type, block.key, latex, block.start_line), Library())
    return done if isinstance(done, ParsingFailedBlock) else block


_FIELDS = """abstract annote author booktitle date doi entrysubtype eprint journal journaltitle keywords langid language
    note pmc pmcid pmid title type url year""".split()


def _once(library: Library) -> Library:
    """Entries under keys that stand once, each with the first of every field that is read: else none is decoded."""
    blocks: list[Block] = []
    for number, block in enumerate(library.blocks):
        twice = isinstance(block, ParsingFailedBlock) and block.ignore_error_block
        if isinstance(entry := twice or block, Entry):
            fields = {key: field for field in reversed(entry.fields) if (key := field.key.lower()) in _FIELDS}
            block = Entry(entry.entry_type, f"{number} {entry.key}", list(fields.values()), entry.start_line)
        blocks.append(block)
    return Library(blocks)


def _of_bibtex(entry: Entry) -> _Reference:
    first = partial(_first, {field.key.lower(): str(field.value) for field in entry.fields})
    return _Reference(
        first("title"),
        first("abstract"),
        first("doi"),
        first("pmid"),
        " ".join((first("note"), first("annote"), first("pmcid"), first("pmc"), first("eprint"), first("url"))),
        first("year", "date"),
        first("journal", "journaltitle", "booktitle"),
        re.split(r"\s+and\s+", first("author")),
        first("url"),
        (entry.entry_type, first("type"), first("entrysubtype")),
        re.split("[,;]", first("keywords")),
        first("language", "langid"),
    )


def table(place: Path) -> Iterator[Read]:
    """The rows of a CSV table of Zotero, Rayyan, Covidence or PubMed; any other with a column Title, too."""
    found = False
    for row in tables.rows(place, place.name, (), (), others=True):
        found = True
        if isinstance(row, Problem):
            yield row
            continue
        cells = {header.strip().lower(): text for header, text in row.cells.items()}
        if "title" not in cells:
            yield Problem(place.name, 1, "", "has no column Title; is it a table of references?")
            return
        yield _document(_of_row(cells), "csv", place, row.number, f"row {row.number}")
    if not found:
        yield Problem(place.name, 0, "", "holds no rows below its header")


def _of_row(cells: Mapping[str, str]) -> _Reference:
    first = partial(_first, cells)
    return _Reference(
        first("title"),
        first("abstract note", "abstract"),
        first("doi"),
        first("pmid", "pubmed_id", "pubmed id"),
        " ".join((first("extra"), first("notes"), first("pmcid", "pmc_id", "pmc id"), first("url"))),
        first("publication year", "published year", "year", "date"),
        first("publication title", "journal", "journal/book", "journal abbreviation"),
        _authors(first("author", "authors")),
        first("url", "urls", "link"),
        (first("item type"), first("type")),
        re.split("[,;]", ";".join((first("manual tags"), first("automatic tags"), first("keywords"), first("tags")))),
        first("language"),
        first("date modified"),
    )


def _authors(text: str) -> list[str]:
    """`Aoki, A; Beta, B`, `Aoki A and Beta B` or `Aoki A, Beta B`."""
    if ";" in text:
        return text.split(";")
    if " and " in text:
        return re.split(r",?\s+and\s+", text)
    parts = text.split(",")
    return [text] if len(parts) == 2 and " " not in parts[0].strip() else parts


def _pieces(place: Path, opens: re.Pattern[bytes], what: str) -> Iterator[bytes | Problem]:
    """The bytes of a file from one opening to the next; what stands before the first is dropped."""
    rest, found = b"", False
    try:
        for chunk in files.chunks(place):
            old = len(rest)  # searched before, but for an opening that was cut in two
            rest += chunk
            starts = [match.start() for match in opens.finditer(rest, max(old - 32, 0))]
            starts = [0] * bool(opens.match(rest)) + [start for start in starts if start]
            yield from (rest[start:end] for start, end in pairwise(starts))
            rest, found = rest[starts[-1] :] if starts else rest, found or bool(starts)
            if len(rest) > files.LARGEST:
                yield Problem(place.name, 0, "", f"an entry has more than {files.LARGEST // 1_000_000} MB; skipped")
                rest, found = b".", True
        if opens.match(rest):
            yield rest
        elif not found:
            yield Problem(place.name, 0, "", f"holds no {what}")
    except Broken as error:
        yield error.problem
