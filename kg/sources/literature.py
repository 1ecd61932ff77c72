"""Papers and trials as documents to read: makers by name, recognised by content, each document once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol

from kg.document import Document, Notice
from kg.errors import Problem, UnknownName

GROUP = "kg.literature"
Read = Document | Notice | Problem


class Maker(Protocol):
    """Reads one file into documents and notices, streaming; what is wrong comes as Problem, never as an exception."""

    def __call__(self, place: Path) -> Iterator[Read]:
        """Entries in the order of the file; one that is broken does not stop those after it."""
        ...


def named(name: str) -> Maker:
    """The maker registered under a name, built-ins and plugins alike. Raises UnknownName."""
    known = {point.name: point for point in entry_points(group=GROUP)}
    if name not in known:
        raise UnknownName("format of literature", name, known)
    maker: Maker = known[name].load()
    return maker


def once(read: Iterable[Read]) -> Iterator[Read]:
    """Each document once, by DOI, PubMed, PMC or registry id; of a later one of the same paper a Problem says so."""
    seen: dict[str, str] = {}
    for item in read:
        if isinstance(item, Document):
            first = next((seen[name] for name in sorted(item.identifiers) if name in seen), "")
            seen |= {name: seen.get(name, item.place or item.paper.id) for name in item.identifiers}
            if first:
                yield Problem(item.place or item.source, 0, "", f"{item.paper.id} was read before, in {first}; skipped")
                continue
        yield item
