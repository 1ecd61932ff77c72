"""One N-Triples file of SCIO as nodes with links, each with the line where it stands."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kg import triples
from kg.errors import Problem
from kg.model import Term
from kg.vocab import Vocab

SCIO = "http://psink.de/scio/"
_MAX_BYTES = 10_000_000  # fifty times the largest that is known


class Lost(Exception):
    """A result that cannot become a finding; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class Aside(Lost):
    """A result that can be read, and is no contrast of two arms here."""


@dataclass(frozen=True, slots=True)
class Graph:
    """The nodes of a file: what each links to by each property, and the line where each first stands."""

    file: str
    vocab: Vocab
    links: dict[str, dict[str, dict[str, None]]]
    lines: dict[str, int]
    intervals: dict[str, list[str]]
    terms: dict[tuple[str, str], Term] = field(default_factory=dict)

    def values(self, node: str, name: str) -> list[str]:
        """What a node links to by a property, in the order of the file."""
        return list(self.links.get(node, {}).get(name, ()))

    def one(self, node: str, name: str) -> str:
        """The only thing a node links to, or nothing."""
        return only(self.values(node, name))

    def kind(self, node: str) -> str:
        """The class of SCIO that a node has or is, or nothing."""
        own = node.removeprefix(SCIO) if node.startswith(SCIO) else ""
        return only(self.values(node, "type")).removeprefix(SCIO) or own

    def ends(self, node: str, *names: str) -> list[str]:
        """What a path of properties leads to."""
        nodes = [node]
        for name in names:
            nodes = [value for one in nodes for value in self.values(one, name)]
        return nodes

    def kinds(self, node: str, *names: str) -> list[str]:
        """The classes of what a path of properties leads to."""
        return [self.kind(one) for one in self.ends(node, *names)]

    def label(self, node: str) -> str:
        """What a node is called."""
        return "; ".join(text.strip() for text in self.values(node, "label"))

    def problem(self, node: str, column: str, message: str) -> Problem:
        """Something wrong with one link of a node."""
        return Problem(self.file, self.lines.get(node, 0), column, message)

    def own(self, term: Term) -> str:
        """The id of a term that may not be in the vocabulary."""
        if (term.scheme, term.id) not in self.vocab.terms:
            self.terms[term.scheme, term.id] = term
        return term.id


def only(values: Iterable[str]) -> str:
    """The one value that all of them are, or nothing."""
    distinct = set(values)
    return distinct.pop() if len(distinct) == 1 else ""


def load(file: Path, vocab: Vocab) -> Graph | Problem:
    """The nodes of a file, or what is wrong with it."""
    name = f"{file.parent.name}/{file.name}"
    try:
        if not file.is_file() or file.stat().st_size > _MAX_BYTES:
            return Problem(name, 0, "", f"is no file of up to {_MAX_BYTES // 1_000_000} MB")
        text = file.read_bytes()
        links = _links(text)
        graph = Graph(name, vocab, links, _lines(text), _intervals(links))
    except OSError as error:
        return Problem(name, 0, "", f"cannot be read: {error.strerror}")
    except SyntaxError as error:
        return Problem(name, error.lineno or 0, "", f"is no N-Triples: {error.msg[:200]}")
    return next(_nested(graph), graph)


def _nested(graph: Graph) -> Iterator[Problem]:
    """Groups made of groups that are made of groups: a cycle is one of these."""
    for node, about in graph.links.items():
        if any(graph.values(member, "hasMember") for member in about.get("hasMember", ())):
            yield graph.problem(node, "hasMember", "has a member that is made of groups itself")


def _links(text: bytes) -> dict[str, dict[str, dict[str, None]]]:
    links: dict[str, dict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
    for subject, predicate, object in triples.statements(text):
        links[subject][re.split(r"[/#]", predicate)[-1]][object] = None
    return links


def _intervals(links: dict[str, dict[str, dict[str, None]]]) -> dict[str, list[str]]:
    """The intervals that the observations of each group speak of."""
    intervals: dict[str, list[str]] = defaultdict(list)
    for about in links.values():
        for group in about.get("belongsTo", ()):
            intervals[group] += about.get("hasTemporalInterval", ())
    return intervals


def _lines(text: bytes) -> dict[str, int]:
    """The first line of each subject, as an editor counts."""
    lines: dict[str, int] = {}
    for number, line in enumerate(text.split(b"\n"), start=1):
        if found := re.match(rb"\s*<([^>]*)>", line):
            lines.setdefault(found[1].decode(), number)
    return lines
