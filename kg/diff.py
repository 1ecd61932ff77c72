"""Which answers of which questions differ between two graphs, and what made each differ.

What changed is told by its owner: a paper with its findings and arms, a trial, or the vocabulary. A question's answer
differs because of an owner where the old graph, with that owner's change alone, answers otherwise than before.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from kg import library, shape
from kg.library import Question
from kg.store import Row, Store, Triple

_OWN = ("finding", "arm", "given", "study", "reading", "paper")
_MANY = 30  # owners, beyond which those of one kind are tried together
_ABOUT = """SELECT ?node ?paper ?id ?status WHERE {
  { ?node a kg:Finding ; kg:paper ?paper } UNION { ?node kg:paperKind ?kind BIND (?node AS ?paper) }
  ?paper dcterms:identifier ?id ; kg:paperStatus ?status
} ORDER BY ?node"""
Progress = Callable[[Sequence[Question]], Iterable[Question]]


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that changed: `what` is `new paper`, `paper retracted`, `rows changed`, `vocabulary` and so on."""

    what: str
    names: tuple[str, ...]
    lost: frozenset[Triple]
    gained: frozenset[Triple]

    def __str__(self) -> str:
        listed = ", ".join(self.names[:5]) + (f" and {len(self.names) - 5} more" if len(self.names) > 5 else "")
        return f"{self.what}: {listed}" if listed else self.what


@dataclass(frozen=True, slots=True)
class Change:
    """A question that is answered otherwise: the rows that only one of the graphs gives, and what made the difference.

    `together` tells that no cause alone changes the answer, but all of them do.
    """

    question: str
    summary: str
    lost: tuple[Row, ...]
    gained: tuple[Row, ...]
    causes: tuple[Cause, ...]
    together: bool = False

    @property
    def pairs(self) -> list[tuple[Row | None, Row | None]]:
        """Row by row what was and what is: rows that say the same but for their numbers are one pair."""
        former: dict[tuple[object, ...], list[Row]] = defaultdict(list)
        for row in self.lost:
            former[_words(row)].append(row)
        now = [(former[_words(row)].pop(0) if former[_words(row)] else None, row) for row in self.gained]
        return [*now, *((row, None) for rows in former.values() for row in rows)]


def _words(row: Row) -> tuple[object, ...]:
    return tuple(None if isinstance(value, int | float) else value for value in row.values())


def causes(old: Store, new: Store) -> list[Cause]:
    """Everything that changed between two graphs, by owner."""
    before, after = frozenset(old.triples()), frozenset(new.triples())
    papers = _papers(old) | _papers(new)
    lost, gained = _owned(before - after, papers), _owned(after - before, papers)
    shared = lost.pop("", []), gained.pop("", [])
    statuses = _statuses(old), _statuses(new)
    found = [
        Cause(
            _what(owner, *statuses),
            () if owner == "vocabulary" else (owner,),
            frozenset([*lost[owner], *shared[0]]),
            frozenset([*gained[owner], *shared[1]]),
        )
        for owner in sorted({*lost, *gained})
    ]
    return found if len(found) <= _MANY else list(_by_kind(found))


def changes(old: Store, new: Store, found: Sequence[Cause], progress: Progress = iter) -> Iterator[Change]:
    """The questions that need no parameter and are answered otherwise, by name."""
    asked = [question for name in library.names() if not _needs(question := library.question(name))]
    worlds: dict[int, Store] = {}
    for question in progress(asked):
        was, now = _rows(old, question), _rows(new, question)
        if was != now:
            why = tuple(c for i, c in enumerate(found) if _rows(_world(old, c, i, worlds), question) != was)
            lost, gained = (tuple(map(dict, (one - other).elements())) for one, other in ((was, now), (now, was)))
            yield Change(question.name, question.summary, lost, gained, why or tuple(found), not why)


def _world(old: Store, cause: Cause, index: int, worlds: dict[int, Store]) -> Store:
    """The old graph with the change of one cause alone."""
    if index not in worlds:
        worlds[index] = Store.of((set(old.triples()) - cause.lost) | cause.gained)
    return worlds[index]


def _needs(question: Question) -> bool:
    return any(param.required for param in question.params)


def _rows(store: Store, question: Question) -> Counter[tuple[tuple[str, object], ...]]:
    return Counter(tuple(row.items()) for row in store.select(library.bind(question, {}, store.vocab())))


def _papers(store: Store) -> dict[str, str]:
    """The paper's key of each finding and paper, by address."""
    rows = store.select(shape.PROLOGUE + _ABOUT)
    return {str(row["node"]): str(row["id"]) for row in rows}


def _statuses(store: Store) -> dict[str, str]:
    rows = store.select(shape.PROLOGUE + _ABOUT)
    return {str(row["id"]): str(row["status"]).rsplit("/", 1)[-1].rsplit("#", 1)[-1] for row in rows}


def _owned(changed: Iterable[Triple], papers: Mapping[str, str]) -> dict[str, list[Triple]]:
    owned: dict[str, list[Triple]] = defaultdict(list)
    for triple in changed:
        owned[_owner(triple.subject.value, papers)].append(triple)
    return owned


def _owner(address: str, papers: Mapping[str, str]) -> str:
    """The key of a paper, study or trial; `vocabulary` for terms; empty for a combination, which many share."""
    if address in papers:
        return papers[address]
    kind, _, rest = address.removeprefix(shape.BASE).partition("/")
    if kind == "combination":
        return ""
    return unquote(rest.split("/")[0]) if kind in (*_OWN, "trial") else "vocabulary"


def _what(owner: str, old: Mapping[str, str], new: Mapping[str, str]) -> str:
    if owner == "vocabulary":
        return "vocabulary changed"
    if owner in old and owner in new:
        return f"paper {new[owner]}" if old[owner] != new[owner] else "rows changed"
    if owner in new or owner in old:
        return "new paper" if owner in new else "paper gone"
    return "trial or study changed"


def _by_kind(found: Iterable[Cause]) -> Iterator[Cause]:
    kinds: dict[str, list[Cause]] = defaultdict(list)
    for cause in found:
        kinds[cause.what].append(cause)
    for what, group in sorted(kinds.items()):
        yield Cause(
            what,
            tuple(name for cause in group for name in cause.names),
            frozenset().union(*(cause.lost for cause in group)),
            frozenset().union(*(cause.gained for cause in group)),
        )
