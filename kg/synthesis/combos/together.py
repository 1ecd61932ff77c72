"""Who was given together with whom, a kind of a therapy counting for it, and who is a kind of whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from itertools import combinations, permutations, product
from typing import TYPE_CHECKING

from kg.errors import KgError
from kg.synthesis.combos.known import Fact, Known, Members, grouped

if TYPE_CHECKING:
    import numpy as np

    Flags = np.ndarray[tuple[int, int], np.dtype[np.bool_]]

Pair = tuple[str, str]  # the lower id first


class Given(StrEnum):
    """Whether an arm or a trial of this graph gives all of a set, whatever the phase and species."""

    ONE = "one therapy"
    TRIED = "tried together"
    PERHAPS = "perhaps: an arm names only a class"
    NEVER = "never together here"


def given(known: Known, members: Collection[str]) -> Given:
    """Whether all of these, or kinds of them, were given together; perhaps where an arm names only a class of one."""
    if len(members) < 2:
        return Given.ONE
    if any(holds(one, members, known.below) for one in known.together):
        return Given.TRIED
    wider = {id: known.below[id] | known.above[id] for id in members}
    return Given.PERHAPS if any(holds(one, members, wider) for one in known.together) else Given.NEVER


def findings(known: Known, members: Collection[str]) -> list[Fact]:
    """The findings of arms that give all of a set of two or more, or kinds of them, whatever the contrast."""
    arms = grouped((fact for fact in known.facts if len(fact.members) > 1), lambda fact: fact.members)
    whole = [some for one, some in arms.items() if len(members) > 1 and holds(one, members, known.below)]
    return [fact for some in whole for fact in some]


def holds(given: Members, members: Collection[str], kinds: Mapping[str, Members]) -> bool:
    """Whether each of the members has a therapy of its own among those given that counts for it."""
    if len(given) < len(members):
        return False
    return any(
        all(one in kinds[id] for one, id in zip(order, members, strict=True))
        for order in permutations(sorted(given), len(members))
    )


# --- pairs ------------------------------------------------------------------------------------------------------------


def pair(one: str, other: str) -> Pair:
    """Two therapies in the order of pairs."""
    return (one, other) if one < other else (other, one)


def pairs(known: Known, members: Members) -> set[Pair]:
    """Every pair that an arm gives: its members two by two, each by itself or as one of the classes above it."""
    ends = combinations([_line(known, id) for id in sorted(members)], 2)
    return {pair(one, other) for lines in ends for one, other in product(*lines) if one != other}


def _line(known: Known, id: str, *, perhaps: bool = False) -> Members:
    """What counts as given where a therapy is: it and its classes, and perhaps its kinds."""
    below = known.below.get(id, frozenset()) if perhaps else frozenset[str]()
    return known.above.get(id, frozenset({id})) | below


# --- pairs and threes of many parts -----------------------------------------------------------------------------------


def unrelated(known: Known, members: Iterable[str]) -> None:
    """Raises KgError where one of these therapies is a kind of another."""
    for one, other in combinations(sorted(members), 2):
        if are_related(known, one, other):
            raise KgError(f"{known.named([one])!r} and {known.named([other])!r} are one above the other: ask for one")


def are_related(known: Known, one: str, other: str) -> bool:
    """Whether two therapies are one, or one is a kind of the other."""
    return one in known.above[other] or other in known.above[one]


def related(known: Known, parts: Sequence[str]) -> Flags:
    """The same of every two of these therapies (parts x parts)."""
    import numpy as np

    flags: Flags = np.eye(len(parts), dtype=bool)
    place = {id: number for number, id in enumerate(parts)}
    for id in parts:
        line = [place[up] for up in known.above.get(id, ()) if up in place]
        flags[place[id], line] = flags[line, place[id]] = True
    return flags


def shared(known: Known, parts: Sequence[str], *, perhaps: bool = False) -> Flags:
    """Which pairs an arm or a trial gives, or kinds of them (parts x parts).

    With `perhaps` also those of which one was given as a class above it, so that they may have been given together.
    """
    import numpy as np

    flags: Flags = np.zeros((len(parts), len(parts)), dtype=bool)
    place = {id: number for number, id in enumerate(parts)}
    for ends in {two for members in known.together for two in combinations(sorted(members), 2)}:
        lines = [[place[id] for id in _line(known, end, perhaps=perhaps) if id in place] for end in ends]
        flags[np.ix_(*lines)] = True
        flags[np.ix_(*lines[::-1])] = True
    np.fill_diagonal(flags, val=False)
    return flags


def thirds(known: Known, parts: Sequence[str]) -> dict[tuple[int, int], set[int]]:
    """Third parts that were given with a pair, or kinds of all three: places of `parts`, the pair in order."""
    place = {id: number for number, id in enumerate(parts)}
    found: defaultdict[tuple[int, int], set[int]] = defaultdict(set)
    for members in known.together:
        for three in combinations(sorted(members), 3):
            lines = [{place[id] for id in _line(known, end) if id in place} for end in three]
            for third in range(3):
                one, other = (lines[n] for n in range(3) if n != third)
                for i, j in product(one, other):
                    found[min(i, j), max(i, j)] |= lines[third]
    return dict(found)
