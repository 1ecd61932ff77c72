"""The verdicts on a combination and its parts: the closed set of words, and the rule by which directions give them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from kg.model import Result
from kg.synthesis.combos.known import NOTHING, Fact, Members, Votes, grouped, ids, votes

RULE = (
    "A row is one combination in one study, outcome domain, phase and species. A part is an arm that gives some of its "
    "members and nothing else; a comparator has the result that more of its findings there show than any other, a tie "
    "has none, and what cannot be called has no say. Worse than a part: any part did better. Beats every part: all "
    "parts compared are beaten and every member is in one of them. Beats some part: at least one is beaten otherwise. "
    "No difference: parts were compared and none is beaten, a mixed result or a tie included, which is no proof that "
    "they are equal. Where no part was compared: beats control only, or never compared with its parts. Where all arms "
    "of the comparison print mean, spread and n, one-sided tests at 0.05 decide in place of directions, of several "
    "measurements the least favourable one; a part that did better in another outcome stays in the verdict. Only such "
    "numbers can say synergy: the additive and the Bliss interval must both exclude 0. Over several rows a combination "
    "is worse than a part if any row is, beats every part or makes no difference if all rows that compare a part do, "
    "and beats some part otherwise. Members may be mechanistic probes, which are no treatment."
)


class Verdict(StrEnum):
    """How a combination did against its parts, in one row or over all of them."""

    EVERY = "beats every part"
    SOME = "beats some part"
    NO_DIFFERENCE = "no difference"
    WORSE = "worse than a part"
    CONTROL = "beats control only"
    NEVER = "never compared with its parts"


class By(StrEnum):
    """What a verdict rests on."""

    NUMBERS = "numbers"
    DIRECTIONS = "directions"


@dataclass(frozen=True, slots=True)
class Comparator:
    """What a combination was set against in one place; `members` is nothing for the control."""

    members: Members
    votes: Votes
    uncalled: tuple[str, ...]
    outcomes: tuple[str, ...]

    @property
    def called(self) -> bool:
        """Whether any of its findings has a result that can be called."""
        return self.votes.whole > 0

    @property
    def word(self) -> Result | None:
        """The result that more of its findings have than any other; None for a tie, or where none can be called."""
        return next(iter(self.votes.counts), None)


def comparators(facts: Iterable[Fact]) -> Iterator[Comparator]:
    """What something was added to, the parts by name before the control."""
    apart = grouped((fact for fact in facts if fact.adds), lambda fact: fact.comparator)
    for members in sorted(apart, key=lambda one: (not one, sorted(one))):
        some = apart[members]
        uncalled = ids(fact for fact in some if fact.result is Result.UNDETERMINED)
        yield Comparator(members, votes(some), uncalled, tuple(sorted({fact.outcome for fact in some})))


def directed(members: Members, against: Iterable[Comparator]) -> Verdict:
    """The verdict of directions alone, by RULE."""
    words = {one.members: one.word for one in against if one.called}
    parts = {part: word for part, word in words.items() if part}
    beaten = [part for part, word in parts.items() if word is Result.IMPROVED]
    if Result.WORSENED in parts.values():
        return Verdict.WORSE
    if not parts:
        return Verdict.CONTROL if words.get(NOTHING) is Result.IMPROVED else Verdict.NEVER
    if len(beaten) == len(parts) and frozenset[str]().union(*beaten) == members:
        return Verdict.EVERY
    return Verdict.SOME if beaten else Verdict.NO_DIFFERENCE


def overall(verdicts: Collection[Verdict]) -> Verdict:
    """One word for all rows that compare a part."""
    if not verdicts:
        return Verdict.NEVER
    if Verdict.WORSE in verdicts:
        return Verdict.WORSE
    return next(iter(verdicts)) if len({*verdicts}) == 1 else Verdict.SOME


def lacking(members: Members, compared: Iterable[Members]) -> tuple[Members, ...]:
    """The arms that would settle it beside these parts: what no part holds, or all but one where there is none."""
    rest = members - frozenset[str]().union(*compared)
    if rest == members:
        return tuple(sorted((members - {one} for one in members), key=sorted))
    return (rest,) if rest else ()
