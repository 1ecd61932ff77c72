"""Sources -> checked items -> store."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from pyoxigraph import Triple

from kg import __version__, check, proposals, resources, sources, store, tables, triples, vocab
from kg.document import Document
from kg.errors import DataError, KgError, Problem
from kg.model import Arm, Finding, Item, Paper, Term, Trial
from kg.sources import sheets
from kg.vocab import Vocab

Progress = Callable[[Sequence[Item]], Iterable[Item]]
_Reader = Callable[[Path, Vocab], Iterable[Item | Problem]]


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


def collect(
    folder: Path | None = None, more: Sequence[tuple[str, Path]] = (), proposed: Path | None = None
) -> Collected:
    """Read a data folder (the shipped one by default) and `more` places, each by the source of that name.

    With `proposed`, what that folder of proposals holds comes in beside. Nothing is raised for wrong rows: they come
    back as `problems`. Raises UnknownName for an unknown source.
    """
    folder = folder or resources.data()
    words, problems = vocab.load(folder / "vocab")
    places: list[tuple[_Reader, Path]] = [
        (sheets.read, folder),
        *((sources.named(name), place) for name, place in more),
    ]
    places += [(proposals.items, proposed)] if proposed else []
    read = list(_papers_once(list(source(place, words)) for source, place in places))
    words_once = dict.fromkeys(found for found in read if isinstance(found, Term))  # each folder brings the words
    words = Vocab.of(words_once) if more else words  # with the terms that only a source has
    items: list[Item] = [*words_once, *(found for found in read if not isinstance(found, Term | Problem))]
    problems += [found for found in read if isinstance(found, Problem)]
    problems += check.problems(items)
    digest = resources.digest(folder) if folder.is_dir() else ""
    return Collected(words, items, tuple(sorted(set(problems))), digest)


def _papers_once(read: Iterable[Sequence[Item | Problem]]) -> Iterator[Item | Problem]:
    """What the places hold; a paper that an earlier place has by an identifier is that one, for its findings too."""
    known: dict[str, Paper] = {}
    arms: dict[tuple[str, str], Arm] = {}
    for items in read:
        earlier = dict(known)
        for item in items:
            paper = item if isinstance(item, Paper) else item.paper if isinstance(item, Finding) else None
            names = sorted(identifiers(paper)) if paper else ()
            first = next((earlier[name] for name in names if name in earlier), None)
            if isinstance(item, Finding):
                moved = _moved(item, first, arms) if first else item
                arms |= {(arm.study, arm.id): arm for arm in (moved.arm, moved.comparator)}
                yield moved
            elif not first:
                yield item
            if isinstance(item, Paper):
                for name in names:
                    known.setdefault(name, item)


def identifiers(paper: Paper) -> frozenset[str]:
    """Everything a paper is known by; two that share one are the same."""
    return Document(paper, (), "").identifiers


def _moved(finding: Finding, paper: Paper, known: Mapping[tuple[str, str], Arm]) -> Finding:
    """The finding as one of that paper; its study, where that is the paper's own, is the same study as there."""
    if finding.study != finding.paper.id:
        return replace(finding, paper=paper)
    arms = {}
    for side in ("arm", "comparator"):
        arm = replace(getattr(finding, side), study=paper.id)
        there = known.get((paper.id, arm.id), arm)
        arms[side] = arm if there == arm else replace(arm, id=f"{arm.id}~{finding.study}")
    return replace(finding, paper=paper, study=paper.id, **arms)


def append(folder: Path, table: str, columns: Sequence[str], cells: Mapping[str, str]) -> None:
    """Put one row at the end of a table of a folder, where all rows stay as sound as they were.

    Raises DataError with what the row makes wrong, KgError where the table changed meanwhile; it then stays as it was.
    """
    change(folder, {table: lambda file: tables.with_row(file, columns, cells)})


def change(folder: Path, made: Mapping[str, Callable[[Path], str]]) -> None:
    """Replace tables of a folder, each by the text made of it as it is, where all rows stay as sound as they were.

    All stay as they were where DataError says what the texts make wrong, or KgError that a table changed meanwhile.
    """
    before = set(collect(folder).problems)
    former = {table: _bytes(folder / table) for table in made}
    texts = {table: make(folder / table) for table, make in made.items()}
    with tempfile.TemporaryDirectory() as aside:
        copy = Path(shutil.copytree(folder, Path(aside) / "data"))
        for table, text in texts.items():
            (copy / table).write_text(text, encoding="utf-8", newline="")
        if wrong := set(collect(copy).problems) - before:
            raise DataError(wrong)
    with ExitStack() as replaced:
        for table in reversed(texts):  # they are replaced from the last to the first that was entered
            beside = replaced.enter_context(store.replacing(folder / table))
            beside.write_text(texts[table], encoding="utf-8", newline="")
        for table, content in former.items():
            if _bytes(folder / table) != content:
                raise KgError(f"{folder / table} was changed by somebody else meanwhile; add the row again")


def _bytes(file: Path) -> bytes:
    return file.read_bytes() if file.exists() else b""


def write(collected: Collected, place: Path, progress: Progress = iter) -> store.Store:
    """Build the store at a place from sound items, aside, and swap it in.

    Raises DataError where anything is wrong; the old store then stays as it was.
    """
    newest = max((item.date for item in collected.items if isinstance(item, Finding)), default="")
    facts = {"version": __version__, "data": collected.digest, "date": newest} | collected.sound().counts()
    return store.build(place, collected.triples(progress), facts)
