"""What to try next: sets of two and three that nobody gave together, by `criteria`, none of them a prediction.

A Pareto front over the criteria, and an order by weights that the reader may change.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kg.errors import KgError
from kg.synthesis.combos import relatives, together
from kg.synthesis.combos.criteria import CRITERIA, WEIGHTS, Criteria, weighted
from kg.synthesis.combos.known import ANY, Known, Members, Scope, Votes, grouped, votes
from kg.synthesis.combos.parts import Part, parts
from kg.synthesis.combos.topology import Scores

if TYPE_CHECKING:
    from kg.synthesis.combos.criteria import Floats, Places

    Batch = tuple[Places, Floats]  # sets by the places of their parts, and the lower bound of their nearest relatives

KEPT = 2000  # best of the order; whoever dominates one of them has a higher score, and so is among them
_BATCH = 200_000
_Kept = tuple[float, tuple[int, ...], tuple[float, ...]]  # score, places of the parts, criteria


@dataclass(frozen=True, slots=True)
class Candidate:
    """A set that no arm and no trial gives: `values` by criterion, `score` their weighted mean, `front` undominated.

    `base` is the tried pair that a set of three adds to. `perhaps` says that an arm names a class of one part together
    with another part, so that they may have been given together after all.
    """

    members: Members
    name: str
    base: Members
    values: Mapping[str, float]
    score: float
    front: bool
    perhaps: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """A set that was tried and of which no finding of what is asked improved: excluded, with the sets above it."""

    members: Members
    name: str
    votes: Votes


@dataclass(frozen=True, slots=True)
class Next:
    """The best of `pairs` + `triples` candidates in order, what each part brings, and what failed."""

    candidates: tuple[Candidate, ...]
    parts: Mapping[str, Part]
    failed: tuple[Failed, ...]
    pairs: int
    triples: int
    weights: Mapping[str, float]
    scope: Scope
    family: relatives.Family
    tried: Mapping[Members, Votes]  # what the tried sets of two or more show


def untried(
    known: Known, scope: Scope = ANY, therapy: str = "", weights: Mapping[str, float] = WEIGHTS, *, three: bool = True
) -> Next:
    """The sets of two and three (with the therapy or one below it) that were not tried, the best first.

    A part must have improved something within the scope when it was added; a therapy that is asked for need not. A set
    of three is a pair that was tried, not in vain, and one part more. Raises UnknownName for a word that names nothing,
    KgError for a control and for a probe.
    """
    found = parts(known, scope)
    helped = (id for id, part in found.items() if part.helped)
    field = _Field(known, scope, found, _asked(known, found, therapy), helped)
    best = _Best(field, weights)
    pairs = best.add(field.pairs())
    triples = best.add(field.triples()) if three else 0
    return best.told(best.ordered(), found, pairs, triples)


def valued(
    known: Known, members: Members, scope: Scope = ANY, weights: Mapping[str, float] = WEIGHTS
) -> tuple[Candidate, Next]:
    """One set, tried or not, with its criteria, and what its parts bring; it is on no front, being alone.

    The base of a set of three or more is the tried pair inside it that has the highest lower bound, where one helped.
    """
    import numpy as np

    found = parts(known, scope)
    field = _Field(known, scope, found, frozenset(), members)
    tried = [
        (made.lower, pair) for pair, made in field.tried.items() if len(pair) == 2 and pair < members and made.improving
    ]
    low, base = max(tried, key=lambda one: (one[0], sorted(one[1])), default=(0.0, frozenset[str]()))
    rest = sorted(members - base)
    places = np.array([[field.place[id] for id in (*sorted(base), *rest)]])
    best = _Best(field, weights)
    best.add([(places, np.array([low if base else field.family.lower(members)]))])
    (one,) = best.ordered()
    alone = replace(one, front=False, base=base)
    return alone, best.told([alone], found)


def scored(known: Known, scope: Scope = ANY, without: Collection[str] = ()) -> Scores:
    """The weighted mean of the criteria of every pair of therapies that were seen alone or in a trial, tried or not.

    `without` are criteria whose weight is then 0. Raises KgError where none is left.
    """
    import numpy as np

    weights = weighted(f"{name}=0" for name in without)
    found = parts(known, scope)
    field = _Field(known, scope, found, frozenset(), tuple(found))
    matrix = np.full((len(found), len(found)), np.nan)
    places = np.argwhere(np.triu(np.ones_like(matrix, dtype=bool), 1))
    near = field.family.lower_bounds(field.ids)[places[:, 0], places[:, 1]]
    values = field.criteria.values(places, near)
    matrix[places[:, 0], places[:, 1]] = sum(weights[name] * values[name] for name in CRITERIA) / sum(weights.values())
    return Scores(tuple(field.ids), np.where(np.isnan(matrix), matrix.T, matrix))


def _asked(known: Known, found: Mapping[str, Part], therapy: str) -> frozenset[str]:
    """The parts that a therapy stands for: it and those below it that helped, else itself; none where none is asked."""
    if not therapy:
        return frozenset()
    asked = known.therapy(therapy)
    if what := known.no_therapy.get(asked):
        raise KgError(f"{known.named([asked])!r} is {what}, not a therapy, and nothing is proposed with it")
    helped = frozenset(id for id in known.below[asked] if id in found and found[id].helped)
    return helped or frozenset([asked])


class _Field:
    """The sets that may be made of parts, in batches, and what was tried of them."""

    def __init__(
        self, known: Known, scope: Scope, found: Mapping[str, Part], asked: frozenset[str], only: Iterable[str]
    ) -> None:
        self.known, self.scope, self.family = known, scope, relatives.Family(known, scope)
        self.ids = sorted({*only, *asked})
        self.place = {id: place for place, id in enumerate(self.ids)}
        self.criteria = Criteria(known, self.ids, found, asked)
        self.asked = self.criteria.asked

    @functools.cached_property
    def tried(self) -> dict[Members, Votes]:
        """What each set of two or more showed in the contrasts of the scope that add something to reach it."""
        adding = (fact for fact in self.known.of(self.scope) if fact.adds and len(fact.members) > 1)
        apart = grouped(adding, lambda fact: fact.members)
        return {members: votes(apart[members]) for members in sorted(apart, key=sorted)}

    @functools.cached_property
    def failed(self) -> list[Failed]:
        """Tried sets without any improvement, and with something else."""
        bad = {members: made for members, made in self.tried.items() if made.whole and not made.improving}
        return [Failed(members, self.known.named(members), made) for members, made in bad.items()]

    @functools.cached_property
    def related(self) -> together.Flags:
        """Which parts are one above the other."""
        return together.related(self.known, self.ids)

    @functools.cached_property
    def perhaps(self) -> together.Flags:
        """Which pairs may have been given together."""
        return together.shared(self.known, self.ids, perhaps=True)

    def pairs(self) -> Iterator[Batch]:
        """Every pair that is not related and was not given together; one of it was asked for, where anything was."""
        import numpy as np

        allowed = ~self.related & ~together.shared(self.known, self.ids)
        allowed &= (self.asked[:, None] != self.asked) if self.asked.any() else True
        places = np.argwhere(np.triu(allowed, 1))
        near = self.family.lower_bounds(self.ids)
        for start in range(0, len(places), _BATCH):
            some = places[start : start + _BATCH]
            yield some, near[some[:, 0], some[:, 1]]

    def triples(self) -> Iterator[Batch]:
        """A tried pair and a part more, by the pair; its nearest relative is that pair."""
        import numpy as np

        thirds, failing = together.thirds(self.known, self.ids), self._failing()
        for members, made in self.tried.items():
            if len(members) != 2 or not made.improving or not members <= self.place.keys():
                continue
            i, j = sorted(self.place[id] for id in members)
            allowed = ~(self.related[i] | self.related[j])
            allowed[[*thirds.get((i, j), ()), *failing.get(i, ()), *failing.get(j, ())]] = False
            allowed &= self.asked if self.asked.any() and not self.asked[[i, j]].any() else True
            others = np.flatnonzero(allowed)
            yield (
                np.column_stack([np.full_like(others, i), np.full_like(others, j), others]),
                np.full(len(others), made.lower),
            )

    def _failing(self) -> dict[int, set[int]]:
        """The parts that each part failed with."""
        found: defaultdict[int, set[int]] = defaultdict(set)
        for failed in self.failed:
            if len(failed.members) == 2 and failed.members <= self.place.keys():
                i, j = (self.place[id] for id in failed.members)
                found[i].add(j)
                found[j].add(i)
        return found


class _Best:
    """The best sets of all batches by a weighted mean."""

    def __init__(self, field: _Field, weights: Mapping[str, float]) -> None:
        self.field, self.weights = field, weights
        self.kept: list[_Kept] = []

    def add(self, batches: Iterable[Batch]) -> int:
        """Take in some batches; how many sets they hold."""
        import numpy as np

        count = 0
        for places, near in _gathered(batches):
            count += len(places)
            values = np.column_stack([*self.field.criteria.values(places, near).values()])
            scores = values @ np.array([self.weights[name] for name in CRITERIA]) / sum(self.weights.values())
            least = self.kept[-1][0] if len(self.kept) >= 3 * KEPT else -1.0  # a set of three comes up to three times
            some = np.flatnonzero(scores >= least)
            some = some[np.argsort(-scores[some], kind="stable")][: 3 * KEPT]
            rows = ((float(scores[n]), tuple(places[n].tolist()), tuple(values[n].tolist())) for n in some)
            self.kept = sorted([*self.kept, *rows], key=lambda one: (-one[0], len(one[1]), one[1]))[: 3 * KEPT]
        return count

    def ordered(self) -> Iterator[Candidate]:
        """The best sets, each once: a set of three may have several tried pairs, and is told by the best of them."""
        once: dict[frozenset[int], _Kept] = {}
        for one in self.kept:
            once.setdefault(frozenset(one[1]), one)
        best = [*once.values()][:KEPT]
        for one, front in zip(best, undominated([values for *_, values in best]), strict=True):
            yield self._candidate(*one, front)

    def told(
        self, candidates: Iterable[Candidate], found: Mapping[str, Part], pairs: int = 0, triples: int = 0
    ) -> Next:
        """These candidates with what they were made from."""
        field = self.field
        return Next(
            tuple(candidates), found, tuple(field.failed), pairs, triples, dict(self.weights), field.scope,
            field.family, field.tried,
        )  # fmt: skip

    def _candidate(self, score: float, places: tuple[int, ...], values: tuple[float, ...], front: bool) -> Candidate:
        members = frozenset(self.field.ids[place] for place in places)
        base = frozenset(self.field.ids[place] for place in places[:2]) if len(places) > 2 else frozenset[str]()
        perhaps = any(
            self.field.perhaps[i, j]
            for i in places
            for j in places
            if i != j and not base >= {self.field.ids[i], self.field.ids[j]}
        )
        told = dict(zip(CRITERIA, values, strict=True))
        return Candidate(members, self.field.known.named(members), base, told, score, front, perhaps)


def _gathered(batches: Iterable[Batch]) -> Iterator[Batch]:
    """The same sets in few large batches."""
    import numpy as np

    waiting: list[Batch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(len(near) for _, near in waiting) >= _BATCH:
            yield np.concatenate([places for places, _ in waiting]), np.concatenate([near for _, near in waiting])
            waiting = []
    if waiting:
        yield np.concatenate([places for places, _ in waiting]), np.concatenate([near for _, near in waiting])


def undominated(values: Sequence[Sequence[float]]) -> list[bool]:
    """Which of these no other one dominates: is as good in everything and better in something (a Pareto front)."""
    import numpy as np

    table = np.array(values)
    flags = []
    for row in table:
        as_good = (table >= row).all(axis=1)
        flags.append(not bool((as_good & (table > row).any(axis=1)).any()))
    return flags
