"""What findings say together: one vote a study, studies by result, and the ids, contradicting ones first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kg.model import Result
from kg.store import Row, Value
from kg.synthesis import directions
from kg.synthesis.combos.facts import Fact
from kg.synthesis.directions import WORDS, grouped, most

_ORDER = (Result.WORSENED, Result.MIXED, Result.NO_DIFFERENCE, Result.IMPROVED, Result.UNDETERMINED)
_RANK = {result: rank for rank, result in enumerate(_ORDER)}


@dataclass(frozen=True, slots=True)
class Votes:
    """What findings say, one vote a study: the result that more of its findings have than any other, or a tie.

    `against` are the findings that are no benefit, contradicting ones first, `improving` those that are.
    """

    counts: Mapping[Result, int]
    tied: int
    improving: tuple[str, ...]
    against: tuple[str, ...]

    @property
    def whole(self) -> int:
        """All votes; a tie is one, and is none for benefit."""
        return sum(self.counts.values()) + self.tied

    @property
    def improved(self) -> int:
        """Votes for benefit."""
        return self.counts.get(Result.IMPROVED, 0)

    @property
    def share(self) -> directions.Share | None:
        """The share of votes for benefit with its exact 95 % interval; None without a vote."""
        return directions.share(self.improved, self.whole)

    @property
    def lower(self) -> float:
        """The lower bound of that share, 0 without a vote (Clopper & Pearson 1934)."""
        return self.share.low if self.share else 0.0

    @property
    def findings(self) -> tuple[str, ...]:
        """All findings that have a say, those against benefit first."""
        return self.against + self.improving

    def __str__(self) -> str:
        """The votes as words, nulls and harms always named."""
        return counted({_column(word): self.counts.get(word, 0) for word in WORDS} | {"tied": self.tied})


def votes(facts: Iterable[Fact]) -> Votes:
    """One vote for each study that has a finding whose result is known."""
    known = [fact for fact in facts if fact.result is not Result.UNDETERMINED]
    apart = grouped(known, lambda fact: fact.study).values()
    made = [most(Counter(fact.result for fact in some)) for some in apart]
    return Votes(
        Counter(word for word in made if word),
        made.count(None),
        ids(fact for fact in known if fact.result is Result.IMPROVED),
        ordered(fact for fact in known if fact.result is not Result.IMPROVED),
    )


# --- counts of studies ------------------------------------------------------------------------------------------------


def seen(facts: Iterable[Fact]) -> Row:
    """Studies in all and those that saw each result, a study under every result it saw, as columns."""
    known = list(facts)
    by_result = {_column(word): studies(fact for fact in known if fact.result is word) for word in Result}
    return {"studies": studies(known), **by_result}


def counted(counts: Mapping[str, Value]) -> str:
    """The results of such columns in words; nulls and harms are always named, other results where there are any."""
    always = [f"{counts[_column(word)]:,} {word.value}" for word in WORDS[:3]]
    others = [f"{counts[name]:,} {name}" for name in ("mixed", "undetermined", "tied") if counts.get(name)]
    return ", ".join([*always, *others])


def _column(word: Result) -> str:
    return word.value.replace(" ", "_")


def studies(facts: Iterable[Fact]) -> int:
    """How many studies findings come from."""
    return len({fact.study for fact in facts})


# --- ids --------------------------------------------------------------------------------------------------------------


def ids(facts: Iterable[Fact]) -> tuple[str, ...]:
    """The ids of findings, sorted."""
    return tuple(sorted({fact.finding for fact in facts}))


def ordered(facts: Iterable[Fact]) -> tuple[str, ...]:
    """The ids of findings, contradicting ones first, then improving ones, then those that cannot be called."""
    return tuple(finding for _, finding in sorted({(_RANK[fact.result], fact.finding) for fact in facts}))


def worsened(facts: Iterable[Fact]) -> tuple[str, ...]:
    """The ids of the findings that worsened."""
    return ids(fact for fact in facts if fact.result is Result.WORSENED)
