"""Where findings and papers come from: one module per maker, plugins by the entry point group `kg.sources`."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol

from kg.errors import Problem, UnknownName
from kg.model import Item
from kg.vocab import Vocab

GROUP = "kg.sources"


class Source(Protocol):
    """Reads one place (a folder or a file) into items; what is wrong there comes as Problem, never as an exception."""

    def __call__(self, place: Path, vocab: Vocab) -> Iterator[Item | Problem]:
        """Papers before the findings that cite them."""
        ...


def named(name: str) -> Source:
    """The source registered under a name, built-ins and plugins alike.

    Raises UnknownName with the nearest registered names.
    """
    known = {point.name: point for point in entry_points(group=GROUP)}
    if name not in known:
        raise UnknownName("source", name, known)
    source: Source = known[name].load()
    return source
