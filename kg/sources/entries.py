"""The entries of a file, one at a time and each on its own: elements of XML, values of JSON and what is in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html.entities import html5
from pathlib import Path
from typing import Any

from lxml import etree

from kg.errors import Problem
from kg.sources import files
from kg.sources.files import Broken

_ENCODING = re.compile(rb"\s*<\?xml[^>]*\bencoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_CHARACTER = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,31};)")
_UNPRINTED = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
_BOM = b"\xef\xbb\xbf"
_OF_XML = ("amp;", "lt;", "gt;", "quot;", "apos;")
# An element that is cut out of its file may use prefixes which the file declares further up.
_ROOT = b"<x " + b" ".join(
    b'xmlns:%s="%s"' % pair
    for pair in (
        (b"ali", b"http://www.niso.org/schemas/ali/1.0/"),
        (b"mml", b"http://www.w3.org/1998/Math/MathML"),
        (b"xlink", b"http://www.w3.org/1999/xlink"),
        (b"xsi", b"http://www.w3.org/2001/XMLSchema-instance"),
    )
)


def elements(chunks: Iterable[bytes], name: str, tag: str) -> Iterator[tuple[int, etree._Element] | Problem]:
    """Every element of a tag, which does not stand inside itself, with its number; names without namespaces.

    Characters that a DTD names (`&alpha;`) are written out, since no DTD is read. One element may have 64 MB.
    """
    opening, row, encoding = re.compile(rb"<%s(?=[\s>])" % tag.encode()), 0, b"utf-8"
    try:
        for piece in pieces(chunks, b"</%s>" % tag.encode()):
            if piece is not None:
                start = opening.search(piece)
                told = _ENCODING.match(piece.removeprefix(_BOM))
                encoding = told[1] if told else encoding
                files.check(piece[: start.start()] if start else piece, name)
                if not start:
                    continue
                piece = piece[start.start() :]
            row += 1
            yield _entry(piece, encoding, tag, name, row)
        if not row:
            raise Broken(name, f"holds no <{tag}>")
    except Broken as broken:
        yield broken.problem


def _entry(data: bytes | None, encoding: bytes, tag: str, name: str, row: int) -> tuple[int, etree._Element] | Problem:
    try:
        return row, _element(_sized(data, f"the <{tag}>", name, row), encoding, tag, name, row)
    except Broken as broken:
        return broken.problem


def _element(data: bytes, encoding: bytes, tag: str, name: str, row: int) -> etree._Element:
    if not data.endswith(b"</%s>" % tag.encode()):
        raise Broken(name, f"ends inside of its <{tag}>. Fetch it again", row)
    declared = b'<?xml version="1.0" encoding="%s"?>%s>' % (encoding, _ROOT)
    return bare(files.tree(declared + _CHARACTER.sub(_number, data) + b"</x>", name, row)[0])


def bare(found: etree._Element) -> etree._Element:
    """An element without namespaces, comments and instructions for programs, in it and below."""
    etree.strip_tags(found, etree.Comment, etree.ProcessingInstruction, etree.Entity)
    for element in found.iter():
        element.tag = etree.QName(element).localname
    return found


def _number(match: re.Match[bytes]) -> bytes:
    name = match[1].decode()
    return match[0] if name in _OF_XML or name not in html5 else b"".join(b"&#%d;" % ord(c) for c in html5[name])


def values(place: Path) -> Iterator[tuple[int, Any] | Problem]:
    """The values of a JSON file: of JSON lines each with the number of its line, else the only one with 0.

    Lines are told by the suffix `.jsonl`, or by a first line that is an object.
    """
    name = place.name
    try:
        for row, line in enumerate(pieces(files.chunks(place), b"\n"), 1):
            if row == 1 and ".jsonl" not in name and not _is_object(line):
                yield 0, files.json(files.whole(place), name)
                return
            if line is None or line.strip():
                yield _line(line, name, row)
    except Broken as broken:
        yield broken.problem


def _is_object(line: bytes | None) -> bool:
    bare = (line or b"").removeprefix(_BOM).strip()
    return bare.startswith(b"{") and bare.endswith(b"}")


def _line(line: bytes | None, name: str, row: int) -> tuple[int, Any] | Problem:
    try:
        return row, files.json(_sized(line, "the line", name, row), name, row)
    except Broken as broken:
        return broken.problem


def at(value: Any, *path: str) -> Any:
    """What stands at a path of JSON objects; None where there is no such thing."""
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def listed(value: Any, *path: str) -> list[Any]:
    """The list at a path; empty where there is none."""
    found = at(value, *path)
    return found if isinstance(found, list) else []


def word(value: Any, *path: str) -> str:
    """The text or whole number at a path, without characters that cannot be printed; empty where there is none."""
    found = at(value, *path)
    told = isinstance(found, str | int) and not isinstance(found, bool)
    return _UNPRINTED.sub(" ", str(found)).strip() if told else ""


def _sized(data: bytes | None, what: str, name: str, row: int) -> bytes:
    if data is None:
        raise Broken(name, f"{what} is larger than {files.LARGEST // 1_000_000} MB; skipped", row)
    return data


def pieces(chunks: Iterable[bytes], end: bytes, largest: int = files.LARGEST) -> Iterator[bytes | None]:
    """What stands up to each end, its end included, and what stands after the last; None for one too large."""
    held, searched, too_large = bytearray(), 0, False
    for chunk in chunks:
        held += chunk
        while (found := held.find(end, searched)) >= 0:
            yield None if too_large else bytes(held[: found + len(end)])
            del held[: found + len(end)]
            searched, too_large = 0, False
        if len(held) > largest:
            too_large = True
            del held[: -len(end)]
        searched = max(0, len(held) - len(end) + 1)
    yield None if too_large else bytes(held)
