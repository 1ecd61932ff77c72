"""The nearest tried relatives of a pair that nobody tried, and how they did."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from kg.synthesis import directions
from kg.synthesis.combos.known import Fact, Known, Members, Scope, votes
from kg.synthesis.combos.together import Pair

if TYPE_CHECKING:
    import numpy as np

    Matrix = np.ndarray[tuple[int, int], np.dtype[np.float64]]

ENOUGH = 3  # votes; where nearer relatives have fewer, those further away count too
LEVELS = (
    "one part the same, the other a sibling, a class or a kind of it",
    "each part the same, a sibling, a class or a kind",
    "each part of the same class",
)


@dataclass(frozen=True, slots=True)
class Relatives:
    """The nearest tried relatives of a pair: `level` of LEVELS, their pairs, and one vote a study and pair of them."""

    level: str
    pairs: tuple[Pair, ...]
    improved: int
    whole: int
    improving: tuple[str, ...]
    against: tuple[str, ...]


class Family:
    """The tried relatives of pairs within a scope; what they share is looked up once."""

    def __init__(self, known: Known, scope: Scope) -> None:
        self.known = known
        self.near, self.far = kin(known), same_class(known)
        self.facts = _by_pair(known, scope)
        self.tried = {pair: made for pair, facts in self.facts.items() if (made := votes(facts)).whole}

    def lower_bounds(self, parts: Sequence[str]) -> Matrix:
        """The lower bound of the share of votes for benefit among the nearest relatives of each pair; 0 without any.

        The nearest are those of the first of LEVELS that holds ENOUGH votes, else of the last one; each level holds
        those before it. Clopper & Pearson 1934, 95 %, two-sided (parts x parts).
        """
        import numpy as np

        improved, whole = (np.zeros((len(parts), len(parts))) for _ in range(2))
        for level in self._levels(parts):
            few = whole < ENOUGH
            improved[few], whole[few] = level[0][few], level[1][few]
        return _low(improved, whole)

    def _levels(self, parts: Sequence[str]) -> Iterator[tuple[Matrix, Matrix]]:
        """Votes for benefit and all votes of each pair's relatives, a level after the other."""
        counts = {pair: (made.improved, made.whole) for pair, made in self.tried.items()}
        wider = {id: some | {id} for id, some in self.near.items()}
        bare, inner, outer = (_Lines(parts, lines) for lines in (self.near, wider, self.far))
        yield bare.once(counts, 0), bare.once(counts, 1)
        yield inner.both(counts, 0), inner.both(counts, 1)
        by_class = _by_class(counts, self.known)
        yield outer.both(by_class, 0), outer.both(by_class, 1)

    def nearest(self, members: Collection[str]) -> Relatives | None:
        """The nearest tried relatives of a pair, as `lower_bounds` takes them; None without any, or for more parts."""
        if len(members) != 2:
            return None
        i, j = sorted(members)
        for level, told in enumerate(LEVELS):
            ends = self._ends(level, (i, j))
            found = sorted(xy for xy in self.tried if xy != (i, j) and any(_between(xy, *one) for one in ends))
            improved, whole = (sum(getattr(self.tried[xy], name) for xy in found) for name in ("improved", "whole"))
            if whole >= ENOUGH or (whole and level == len(LEVELS) - 1):
                said = votes(fact for xy in found for fact in self.facts[xy])
                return Relatives(told, tuple(found), improved, whole, said.improving, said.against)
        return None

    def lower(self, members: Collection[str]) -> float:
        """The lower bound of one pair; 0 where nothing related was tried, and for more than two."""
        found = self.nearest(members)
        share = directions.share(found.improved, found.whole) if found else None
        return share.low if share else 0.0

    def _ends(self, level: int, pair: Pair) -> list[tuple[Members, Members]]:
        """What the two ends of a relative may be, as pairs of sets."""
        (x, y), near, far = pair, self.near, self.far
        if level == 0:
            return [(frozenset([x]), near[y]), (near[x], frozenset([y]))]
        return [(near[x] | {x}, near[y] | {y}) if level == 1 else (far[x], far[y])]


def _between(pair: Pair, one: Members, other: Members) -> bool:
    x, y = pair
    return (x in one and y in other) or (y in one and x in other)


def _low(improved: Matrix, whole: Matrix) -> Matrix:
    """The lower bounds of these shares: of each two numbers once, which are few."""
    import numpy as np
    from scipy.special import betaincinv

    width = int(whole.max(initial=0)) + 1
    both, at = np.unique(improved.astype(np.int64) * width + whole.astype(np.int64), return_inverse=True)
    k, n = both // width, both % width
    low = np.zeros(len(both))
    low[k > 0] = betaincinv(k[k > 0], n[k > 0] - k[k > 0] + 1, 0.025)
    made: Matrix = low[at.reshape(improved.shape)]
    return made


class _Lines:
    """Which parts are in the line of each therapy (parts x therapies, sparse), and what that makes of tried pairs."""

    def __init__(self, parts: Sequence[str], lines: Mapping[str, Members]) -> None:
        self.lines, self.place = lines, {id: number for number, id in enumerate(parts)}
        self.column = {id: number for number, id in enumerate(lines)}
        self.own = self._matrix([(id, id) for id in parts if id in lines])
        self.held = self._matrix([(end, id) for id, line in lines.items() for end in line if end in self.place])

    def _matrix(self, entries: Sequence[Pair]) -> Any:
        from scipy import sparse

        at = ([self.place[end] for end, _ in entries], [self.column[id] for _, id in entries])
        return sparse.csr_array(([1.0] * len(entries), at), shape=(len(self.place), len(self.column)))

    def _counted(self, counts: Mapping[Pair, tuple[int, int]], layer: int) -> Any:
        """What tried pairs count (therapies x therapies), each in one of its two places."""
        from scipy import sparse

        at = ([self.column[x] for x, _ in counts], [self.column[y] for _, y in counts])
        made = [float(both[layer]) for both in counts.values()]
        return sparse.csr_array((made, at), shape=(len(self.column),) * 2)

    def once(self, counts: Mapping[Pair, tuple[int, int]], layer: int) -> Matrix:
        """Of each pair (parts x parts) what tried pairs count that hold one part itself and one in the other's line."""
        tried = self._counted(counts, layer)
        half: Matrix = (self.own @ (tried + tried.T) @ self.held.T).toarray()
        return half + half.T

    def both(self, counts: Mapping[Pair, tuple[int, int]], layer: int) -> Matrix:
        """The same of tried pairs with an end in each line, each counted once, whichever way round it lies."""
        import numpy as np

        half: Matrix = (self.held @ self._counted(counts, layer) @ self.held.T).toarray()
        made = half + half.T
        for (x, y), told in counts.items():
            if shared := self.lines[x] & self.lines[y]:
                places = [self.place[id] for id in shared if id in self.place]
                made[np.ix_(places, places)] -= told[layer]
        return made


def _by_class(counts: Mapping[Pair, tuple[int, int]], known: Known) -> dict[Pair, tuple[int, int]]:
    """The same counts for one pair of each two classes: relatives of the class do not differ."""
    firsts: dict[tuple[tuple[str, ...], ...], Pair] = {}
    made: Counter[Pair] = Counter()
    whole: Counter[Pair] = Counter()
    for (x, y), (k, n) in counts.items():
        pair = firsts.setdefault(tuple(known.vocab.tops("therapy", id) for id in (x, y)), (x, y))
        made[pair] += k
        whole[pair] += n
    return {pair: (made[pair], whole[pair]) for pair in whole}


def kin(known: Known) -> dict[str, Members]:
    """The siblings, classes and kinds of each therapy one step away, but not itself."""
    terms = {term.id: term for term in known.vocab.scheme("therapy")}
    children: defaultdict[str, set[str]] = defaultdict(set)
    for term in terms.values():
        for up in term.broader:
            children[up].add(term.id)
    return {
        id: frozenset({*term.broader, *children[id], *(child for up in term.broader for child in children[up])} - {id})
        for id, term in terms.items()
    }


def same_class(known: Known) -> dict[str, Members]:
    """The therapies of the same topmost classes, itself among them."""
    tops = {id: known.vocab.tops("therapy", id) for id in known.above}
    classes = {some: frozenset(below for top in some for below in known.below[top]) for some in set(tops.values())}
    return {id: classes[some] for id, some in tops.items()}


def _by_pair(known: Known, scope: Scope) -> dict[Pair, list[Fact]]:
    """Of each pair inside a set that was given: the contrasts that add something to reach that set."""
    found: defaultdict[Pair, list[Fact]] = defaultdict(list)
    for fact in known.of(scope):
        if fact.adds and len(fact.members) > 1:
            for pair in combinations(sorted(fact.members), 2):
                found[pair].append(fact)
    return dict(found)
