"""Opens what came from outside: gzip or not, XML without entities, JSON, text; too large or broken is one sentence."""

from __future__ import annotations

import gzip
import io
import json as _json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from isal import igzip
from lxml import etree

from kg.errors import Problem

LARGEST = 64_000_000  # bytes of one entry or of a file that is read whole; the largest known full text has 30 million
_CHUNK = 1 << 20
_HTML = re.compile(rb"\s*(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)


class Broken(Exception):
    """A file or an entry of one that cannot be read; whoever reads it says `problem` and goes on with the next."""

    def __init__(self, name: str, message: str, row: int = 0) -> None:
        super().__init__(message)
        self.problem = Problem(name, row, "", message)


def chunks(place: Path, size: int = _CHUNK) -> Iterator[bytes]:
    """The bytes of a file, unpacked where it is gzip. Raises Broken after what could be read of it."""
    try:
        with place.open("rb") as file, _unpacked(file) as stream:
            while block := stream.read(size):
                yield block
    except (EOFError, zlib.error, gzip.BadGzipFile, OSError) as error:
        raise Broken(place.name, f"cannot be read to its end: {_why(error)}") from error


def _unpacked(file: BinaryIO) -> BinaryIO:
    packed = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    if not packed:
        return file
    return cast(BinaryIO, igzip.open(file, "rb"))  # type: ignore[no-untyped-call]  # isal types half of it


def _why(error: Exception) -> str:
    if isinstance(error, EOFError):
        return "the gzip file is cut off. Fetch it again"
    strerror = error.strerror if isinstance(error, OSError) else None
    return strerror or f"the gzip file is damaged ({' '.join(str(error).split())[:80]}). Fetch it again"


def whole(place: Path, largest: int = LARGEST) -> bytes:
    """All bytes of a file, unpacked. Raises Broken where there are more than `largest`, or none."""
    read = io.BytesIO()
    for chunk in chunks(place):
        read.write(chunk)
        if read.tell() > largest:
            raise Broken(place.name, f"is larger than {largest // 1_000_000} MB; split it")
    if not read.tell():
        raise Broken(place.name, "is empty")
    return read.getvalue()


def text(data: bytes, name: str, row: int = 0) -> str:
    """UTF-8 text, with or without its mark. Raises Broken where it is not."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Broken(name, f"is not UTF-8 (byte {error.start}). Save it as UTF-8", row) from error


def tree(data: bytes, name: str, row: int = 0) -> etree._Element:
    """An XML document or element. Raises Broken for HTML, entities of its own, and what is not well-formed.

    A DOCTYPE may name a DTD; it is not fetched, and named characters that only it defines are left out.
    """
    check(data, name, row)
    try:
        return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except etree.XMLSyntaxError as error:
        raise Broken(name, f"is not well-formed XML: {' '.join(str(error.msg).split())[:160]}", row) from error


def check(data: bytes, name: str, row: int = 0) -> None:
    """Raises Broken for an HTML page, and for XML (or its start) that declares entities of its own."""
    _no_page(data, name, row, "XML")
    if _ENTITY.search(data):
        raise Broken(name, "declares entities of its own, which is refused: they can be made to fill the memory", row)


def _no_page(data: bytes, name: str, row: int, wanted: str) -> None:
    if _HTML.match(data[:4096]):
        told = f"is an HTML page, not {wanted}. A server may have answered with an error page; fetch it again"
        raise Broken(name, told, row)


def json(data: bytes, name: str, row: int = 0) -> Any:
    """A JSON value. Raises Broken where it is none."""
    _no_page(data, name, row, "JSON")
    try:
        return _json.loads(text(data, name, row))
    except (ValueError, RecursionError) as error:
        raise Broken(name, f"is not JSON: {' '.join(str(error).split())[:160]}", row) from error
