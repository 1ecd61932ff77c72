"""Sources -> checked items -> store."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pyoxigraph import Triple

from kg import __version__, check, resources, sources, store, tables, triples, vocab
from kg.errors import DataError, KgError, Problem
from kg.model import Finding, Item, Paper, Term, Trial
from kg.sources import sheets
from kg.vocab import Vocab

Progress = Callable[[Sequence[Item]], Iterable[Item]]


@dataclass(frozen=True, slots=True)
class Collected:
    """What the sources hold: the vocabulary, every item, and everything wrong with them."""

    vocab: Vocab
    items: Sequence[Item]
    problems: Sequence[Problem]
    digest: str

    def sound(self) -> Collected:
        """Itself. Raises DataError with every problem where there is one."""
        if self.problems:
            raise DataError(self.problems)
        return self

    def triples(self, progress: Progress = iter) -> Iterator[Triple]:
        """The triples of all items."""
        return triples.write(progress(self.items), self.vocab)

    def counts(self) -> dict[str, int]:
        """How many papers, findings, combinations, trials and terms."""
        kinds = Counter(type(item) for item in self.items)
        regimens = {value for item in self.items if isinstance(item, Finding) for value in (item.arm.regimen,)}
        return {
            "papers": kinds[Paper],
            "findings": kinds[Finding],
            "combinations": sum(len(value.members) > 1 for value in regimens),
            "trials": kinds[Trial],
            "terms": sum(number for kind, number in kinds.items() if issubclass(kind, Term)),
        }


def collect(folder: Path | None = None, more: Sequence[tuple[str, Path]] = ()) -> Collected:
    """Read a data folder (the shipped one by default) and `more` places, each by the source of that name.

    Nothing is raised for wrong rows: they come back as `problems`. Raises UnknownName for an unknown source.
    """
    folder = folder or resources.data()
    words, problems = vocab.load(folder / "vocab")
    places = [(sheets.read, folder), *((sources.named(name), place) for name, place in more)]
    read = list(_papers_once(list(source(place, words)) for source, place in places))
    words_once = dict.fromkeys(found for found in read if isinstance(found, Term))  # each folder brings the words
    words = Vocab.of(words_once) if more else words  # with the terms that only a source has
    items: list[Item] = [*words_once, *(found for found in read if not isinstance(found, Term | Problem))]
    problems += [found for found in read if isinstance(found, Problem)]
    problems += check.problems(items)
    digest = resources.digest(folder) if folder.is_dir() else ""
    return Collected(words, items, tuple(sorted(set(problems))), digest)


def _papers_once(read: Iterable[Sequence[Item | Problem]]) -> Iterator[Item | Problem]:
    """What the places hold; a paper that an earlier place has by its PubMed id is that one, for its findings too."""
    known: dict[str, Paper] = {}
    for items in read:
        earlier = dict(known)
        for item in items:
            if isinstance(item, Finding) and item.paper.pmid in earlier:
                yield replace(item, paper=earlier[item.paper.pmid])
            elif not (isinstance(item, Paper) and item.pmid in earlier):
                yield item
            if isinstance(item, Paper) and item.pmid:
                known.setdefault(item.pmid, item)


def append(folder: Path, table: str, columns: Sequence[str], cells: Mapping[str, str]) -> None:
    """Put one row at the end of a table of a folder, where all rows stay as sound as they were.

    Raises DataError with what the row makes wrong, KgError where the table changed meanwhile; it then stays as it was.
    """
    before, file = set(collect(folder).problems), folder / table
    bytes_before = file.read_bytes() if file.exists() else b""
    text = tables.with_row(file, columns, cells)
    with tempfile.TemporaryDirectory() as aside:
        copy = Path(shutil.copytree(folder, Path(aside) / "data"))
        (copy / table).write_text(text, encoding="utf-8", newline="")
        if wrong := set(collect(copy).problems) - before:
            raise DataError(wrong)
    with store.replacing(file) as beside:
        beside.write_text(text, encoding="utf-8", newline="")
        if (file.read_bytes() if file.exists() else b"") != bytes_before:
            raise KgError(f"{file} was changed by somebody else meanwhile; add the row again")


def write(collected: Collected, place: Path, progress: Progress = iter) -> store.Store:
    """Build the store at a place from sound items, aside, and swap it in.

    Raises DataError where anything is wrong; the old store then stays as it was.
    """
    newest = max((item.date for item in collected.items if isinstance(item, Finding)), default="")
    facts = {"version": __version__, "data": collected.digest, "date": newest} | collected.sound().counts()
    return store.build(place, collected.triples(progress), facts)
