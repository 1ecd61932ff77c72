"""Which answers of which questions differ between two graphs, and what made each differ.

What changed is told by its owner: a paper with its findings and arms, a trial, or the vocabulary. A question's answer
differs because of an owner where the old graph, with that owner's change alone, answers otherwise than before.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Protocol, TypeVar

from kg import library, shape
from kg.library import Question
from kg.store import Row, Store, Triple, Value
from kg.vocab import Vocab

T = TypeVar("T")
_MANY = 30  # causes, beyond which those of one kind are tried together
_SHOWN = 5  # names of one kind
_VOCABULARY = ("vocabulary", "")
_OWNERS = """SELECT DISTINCT ?node ?kind ?id ?status WHERE {
  {
    ?paper kg:paperStatus ?status ; dcterms:identifier ?id .
    { ?paper a kg:Paper BIND (?paper AS ?node) } UNION { ?node a kg:Finding ; kg:paper ?paper }
    UNION { ?finding kg:paper ?paper ; kg:study|kg:arm|kg:comparator|((kg:arm|kg:comparator)/kg:given) ?node }
    UNION { ?finding kg:paper ?paper . ?node a kg:Reading ; kg:finding ?finding }
    BIND ("paper" AS ?kind)
  } UNION { ?node a kg:Trial ; dcterms:identifier ?id BIND ("trial" AS ?kind) }
} ORDER BY ?node ?kind ?id"""
_OF_WORDS = {shape.LABEL, shape.name("kg:result"), shape.name("kg:domain")}  # of a row's node, made of the vocabulary
_ROW = shape.FINDING["row"][0]  # moves with every row that comes before it
Owner = tuple[str, str]  # kind and id
_NO_WORDS = Vocab.of(())  # questions without parameters name none
_Answer = Counter[tuple[tuple[str, Value], ...]]


class Progress(Protocol):
    """The same steps, one after the other, as somebody is told of them."""

    def __call__(self, steps: Sequence[T], /) -> Iterable[T]:
        """Go through the steps."""
        ...


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that changed: `what` is `new paper`, `paper retracted`, `rows changed`, `vocabulary changed` and so on.

    `names` are the keys of its papers or trials.
    """

    what: str
    names: tuple[str, ...]
    lost: frozenset[Triple]
    gained: frozenset[Triple]


@dataclass(frozen=True, slots=True)
class Effect:
    """What a cause alone does to an answer: rows that it takes away and rows that it brings."""

    cause: Cause
    lost: _Answer
    gained: _Answer


@dataclass(frozen=True, slots=True)
class Change:
    """A question that is answered otherwise: the rows that only one of the graphs gives, and what made the difference.

    `effects` are those of the causes that alone change the answer; where none does, all of them do so together.
    """

    question: str
    summary: str
    lost: tuple[Row, ...]
    gained: tuple[Row, ...]
    effects: tuple[Effect, ...]
    every: tuple[Cause, ...]

    @property
    def pairs(self) -> list[tuple[Row | None, Row | None]]:
        """Row by row what was and what is: rows that differ only in numbers behind the first column are a pair."""
        former: dict[tuple[Value, ...], list[Row]] = defaultdict(list)
        for row in self.lost:
            former[_words(row)].append(row)
        now = [(former[_words(row)].pop(0) if former[_words(row)] else None, row) for row in self.gained]
        return [*now, *((row, None) for rows in former.values() for row in rows)]

    def why(self, was: Row | None = None, now: Row | None = None) -> str:
        """The causes of one row, or of everything, as text."""
        found = [one.cause for one in self.effects if _does(one, was, now)]
        if found or len(self.every) == 1:
            return told(found or self.every)
        return f"only together: {told(one.cause for one in self.effects) or told(self.every)}"


def _does(one: Effect, was: Row | None, now: Row | None) -> bool:
    """Whether a cause alone takes a row away, or brings one that was not there; whether it does anything, of no row."""
    if was:
        return tuple(was.items()) in one.lost
    return not now or tuple(now.items()) in one.gained


def _words(row: Row) -> tuple[Value, ...]:
    first, *others = row.values()
    return first, *(None if isinstance(value, int | float) else value for value in others)


def told(causes: Iterable[Cause]) -> str:
    """Causes as text, by what they are, with the first few names of each."""
    names: dict[str, list[str]] = defaultdict(list)
    for cause in causes:
        names[cause.what] += cause.names
    return "; ".join(": ".join(filter(None, (what, _listed(some)))) for what, some in names.items())


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def questions(names: Iterable[str] = ()) -> list[Question]:
    """The questions of these names, or all that need no parameter.

    Raises UnknownName where a name is none, BadValue where a question needs a parameter.
    """
    found = [library.question(name) for name in names or library.names()]
    free = [one for one in found if not any(param.required for param in one.params)]
    for one in found if names else ():
        if one not in free:
            raise library.BadValue(f"{one.name!r} needs a parameter, and so is not compared; ask it of both graphs")
    return free


def causes(old: Store, new: Store) -> list[Cause]:
    """Everything that changed between two graphs, by owner; over 30 changes are put together by what they are.

    Row numbers alone, which move with the rows before, are no change.
    """
    before, after = frozenset(old.triples()), frozenset(new.triples())
    lost, gained = before - after, after - before
    owners = _Owners(old, new)
    parts = owners.parts(lost | gained)
    found = [
        Cause(owners.what(owner), (owner[1],) if owner[1] else (), lost & part, gained & part)
        for owner, part in sorted(parts.items())
    ]
    return found if len(found) <= _MANY else list(_by_kind(found))


def changes(
    old: Store, new: Store, found: Sequence[Cause], asked: Sequence[Question], progress: Progress = iter
) -> list[Change]:
    """The questions that two graphs answer otherwise, each with those of the causes that alone change its answer."""
    answers = {one.name: (_answer(old, one), _answer(new, one)) for one in progress(asked)}
    differ = {one.name: one for one in asked if answers[one.name][0] != answers[one.name][1]}
    effects: dict[str, list[Effect]] = defaultdict(list)
    for cause, world in _worlds(old, new, progress(found) if differ else ()):
        for name, one in differ.items():
            was, then = answers[name][0], answers[name][1] if world is new else _answer(world, one)
            effects[name] += [Effect(cause, was - then, then - was)] if was != then else []
    return [_change(one, *answers[name], effects[name], found) for name, one in differ.items()]


def _worlds(old: Store, new: Store, found: Iterable[Cause]) -> Iterator[tuple[Cause, Store]]:
    """The old graph with each cause alone; with the only one it is the new graph."""
    before, after = frozenset(old.triples()), frozenset(new.triples())
    for cause in found:
        changed = (before - cause.lost) | cause.gained
        yield cause, new if changed == after else Store.of(changed)


def _change(asked: Question, was: _Answer, now: _Answer, why: Sequence[Effect], found: Sequence[Cause]) -> Change:
    lost, gained = (tuple(dict(row) for row in (one - other).elements()) for one, other in ((was, now), (now, was)))
    return Change(asked.name, asked.summary, lost, gained, tuple(why), tuple(found))


def _answer(store: Store, question: Question) -> _Answer:
    return Counter(tuple(row.items()) for row in store.select(library.bind(question, {}, _NO_WORDS)))


class _Owners:
    """Whose the nodes of two graphs are."""

    def __init__(self, old: Store, new: Store) -> None:
        self._of: dict[str, set[Owner]] = defaultdict(set)
        self._status: tuple[dict[Owner, str], dict[Owner, str]] = {}, {}
        for store, status in zip((old, new), self._status, strict=True):
            for row in store.select(shape.PROLOGUE + _OWNERS):
                owner = str(row["kind"]), str(row["id"])
                self._of[str(row["node"])].add(owner)
                status[owner] = str(row["status"] or "")

    def parts(self, changed: Iterable[Triple]) -> dict[Owner, frozenset[Triple]]:
        """The changed triples of each owner, with those of shared nodes that these lead to."""
        nodes: dict[str, set[Triple]] = defaultdict(set)
        for triple in changed:
            nodes[_text(triple.subject)].add(triple)
        own: dict[Owner, set[Triple]] = defaultdict(set)
        shared: dict[str, set[Triple]] = {}
        for node, triples in nodes.items():
            if kinds := {triple.predicate for triple in triples} - {_ROW}:
                owner = _VOCABULARY if kinds <= _OF_WORDS else self._owner(node)
                if owner:
                    own[owner] |= triples
                else:
                    shared[node] = triples
        reached = {owner: _reached(triples, shared) for owner, triples in own.items()}
        for node in shared.keys() - set().union(*reached.values()):
            own[min(self._of.get(node, [_VOCABULARY]))] |= shared[node]
        return {
            owner: frozenset(triples.union(*(shared[node] for node in reached.get(owner, ()))))
            for owner, triples in own.items()
        }

    def what(self, owner: Owner) -> str:
        """What happened to it."""
        if owner == _VOCABULARY:
            return "vocabulary changed"
        was, now = (status.get(owner) for status in self._status)
        if was is None or now is None:
            return f"new {owner[0]}" if was is None else f"{owner[0]} gone"
        if was != now:
            return "paper no longer retracted or corrected" if now == "ok" else f"paper {now}"
        return "rows changed" if owner[0] == "paper" else "trial changed"

    def _owner(self, node: str) -> Owner | None:
        """The only owner of a node, `_VOCABULARY` of terms; none where several share it."""
        if owners := self._of.get(node):
            return next(iter(owners)) if len(owners) == 1 else None
        return None if shape.short(node).startswith(("combination/", "laboratory/")) else _VOCABULARY


def _reached(triples: Iterable[Triple], shared: Mapping[str, set[Triple]]) -> set[str]:
    """The shared nodes that triples name, and those that these name."""
    found: set[str] = set()
    ahead = {_text(triple.object) for triple in triples} & shared.keys()
    while ahead:
        found |= ahead
        further = chain.from_iterable(shared[node] for node in ahead)
        ahead = ({_text(triple.object) for triple in further} & shared.keys()) - found
    return found


def _text(node: object) -> str:
    """The address of a node, or the text of a literal or of anything else."""
    return str(getattr(node, "value", node))


def _by_kind(found: Iterable[Cause]) -> Iterator[Cause]:
    kinds: dict[str, list[Cause]] = defaultdict(list)
    for cause in found:
        kinds[cause.what].append(cause)
    for what, some in sorted(kinds.items()):
        lost = frozenset().union(*(cause.lost for cause in some))
        gained = frozenset().union(*(cause.gained for cause in some))
        yield Cause(what, tuple(name for cause in some for name in cause.names), lost, gained)
