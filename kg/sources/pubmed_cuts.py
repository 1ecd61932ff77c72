"""PubMed's XML, cut into its entries where they end without being parsed: what is not wanted costs next to nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from kg.document import Notice
from kg.errors import Problem
from kg.model import PaperStatus
from kg.sources import entries, files
from kg.sources.files import Broken
from kg.web import clean

Wanted = bytes | re.Pattern[bytes] | Callable[[bytes], object]
Cut = tuple[int, bytes] | Notice | Problem
_START, _END, _CLOSED, _BOOK = b"<PubmedArticle>", b"</PubmedArticle>", b"</PubmedArticleSet>", b"<PubmedBookArticle>"
_SET = re.compile(rb"<PubmedArticleSet\b[^>]*>")
_ROOT = re.compile(rb"<([A-Za-z][\w.:-]{0,80})")
_ERROR = re.compile(rb"<ERROR>(.{0,400}?)</ERROR>", re.DOTALL)
_DELETED = re.compile(rb"<DeleteCitation>(.*?)</DeleteCitation>", re.DOTALL)
_PMID = re.compile(rb"<PMID\b[^>]*>\s*([0-9]{1,9})\s*<")
_OWN = re.compile(rb"<(?:MedlineCitation|BookDocument)\b[^>]*>\s*<PMID\b[^>]*>\s*([0-9]{1,9})\s*<")
_LATER = re.compile(rb'<MedlineCitation\b[^>]*>\s*<PMID Version="(?!1")([0-9]{1,4})">\s*([0-9]{1,9})\s*<')
_HEAD = 1000  # bytes that a match of that may have


def cut(chunks: Iterable[bytes], name: str, largest: int = files.LARGEST, before: int = 0) -> Iterator[Cut]:
    """Each `<PubmedArticle>` with its number, counted on from those `before`; deletions; what is wrong with a file."""
    row, some = before, False
    try:
        for piece in entries.pieces(_checked(iter(chunks), name), _END, largest):
            other, start, entry = (piece or b"").rpartition(_START)
            other = other if start else entry
            for notice in _deletions(other):
                some = True
                yield notice
            for _ in range(other.count(_START)):
                row += 1
                yield Problem(name, row, "", "the entry is not closed; skipped")
            row += other.count(_BOOK)
            if piece is None or entry.endswith(_END):
                row += 1
                yield _entry(start + entry if piece else None, name, row, largest)
            elif _CLOSED not in entry:
                raise Broken(name, f"ends after {row:,} entries without {_CLOSED.decode()}. Fetch it again")
        if row == before and not some:
            raise Broken(name, "holds no entries")
    except Broken as broken:
        yield broken.problem


def _entry(entry: bytes | None, name: str, row: int, largest: int) -> Cut:
    if entry is None or len(entry) > largest:
        return Problem(name, row, "", f"the entry is larger than {largest:,} bytes; skipped")
    if not entry.startswith(_START):
        return Problem(name, row, "", f"the entry does not begin with {_START.decode()}; skipped")
    return row, entry


def _checked(chunks: Iterator[bytes], name: str) -> Iterator[bytes]:
    """The same chunks. Raises Broken where the first does not begin a set of entries."""
    first = next(chunks, b"")
    _check(first, name)
    yield from chain([first], chunks)


def _check(first: bytes, name: str) -> None:
    start, error, root = _SET.search(first), _ERROR.search(first), _ROOT.search(first)
    if start:
        files.tree(first[: start.end()] + _CLOSED, name)
    elif not first.strip():
        raise Broken(name, "is empty")
    elif error:
        raise Broken(name, f"holds no entries but an error of PubMed: {clean(error[1].decode('utf-8', 'replace'))!r}")
    else:
        files.check(first, name)
        begins = root[0] if root else first[:40]
        told = clean(begins.decode("utf-8", "replace"))
        raise Broken(name, f"is no XML of PubMed: it begins with {told!r}, not with <PubmedArticleSet>")


def wrong(body: bytes) -> str:
    """What is wrong with an answer of efetch, or nothing; errors of PubMed come with a good status."""
    try:
        _check(body, "")
    except Broken as broken:
        return str(broken)
    return "" if _CLOSED in body[-1000:] else "broke off in the middle of its answer"


def pmids(body: bytes) -> set[str]:
    """The ids of the entries in an answer."""
    return {pmid.decode() for pmid in _OWN.findall(body)}


def _deletions(piece: bytes) -> Iterator[Notice]:
    for block in _DELETED.findall(piece):
        for pmid in _PMID.findall(block):
            yield Notice(PaperStatus.OK, pmid=pmid.decode(), deleted=True)


def later(chunks: Iterable[bytes]) -> dict[str, int]:
    """The highest version of each paper that has one beyond the first."""
    found: dict[str, int] = {}
    held = b""
    try:
        for chunk in chunks:
            held += chunk
            for version, pmid in _LATER.findall(held):
                found[pmid.decode()] = max(int(version), found.get(pmid.decode(), 0))
            held = held[-_HEAD:]
    except Broken:  # is said where the entries are read
        pass
    return found


def seeks(wanted: Wanted | None) -> Callable[[bytes], object]:
    """Whether an entry holds what is wanted, in any case unless the pattern is compiled."""
    if wanted is None:
        return bool
    if isinstance(wanted, re.Pattern):
        return wanted.search
    if callable(wanted):
        return wanted
    if not re.fullmatch(rb"[\w -]+(\|[\w -]+)*", wanted):
        return re.compile(wanted, re.IGNORECASE).search
    words = wanted.lower().split(b"|")  # 14 times as fast as the pattern

    def holds(entry: bytes) -> bool:
        lower = entry.lower()
        return any(word in lower for word in words)

    return holds
