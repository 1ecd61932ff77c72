"""What a graph says of combinations, as plain values: findings, trials, the course of arms, and what is asked about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kg.model import Contrast, Result
from kg.synthesis import directions
from kg.vocab import Vocab

Members = frozenset[str]
NOTHING: Members = frozenset()
Place = tuple[str, str, str, str]  # study, domain, phase, species


@dataclass(frozen=True, slots=True)
class Fact:
    """One finding in force, ids for terms: `members` is what its arm gives, `comparator` what its comparator does.

    That is nothing where the comparator is a control. What stands below `day` is empty where a graph was read `lean`:
    year, arm, what the comparator is called, paper, laboratory, subjects of both sides, tier of the numbers, reported
    interaction.
    """

    finding: str
    study: str
    against_arm: str
    members: Members
    comparator: Members
    isolates: Members
    contrast: str
    phase: str
    species: str
    outcome: str
    domain: str
    result: Result
    day: float | None
    year: int | None = None
    arm: str = ""
    against: str = ""
    paper: str = ""
    laboratory: str = ""
    n: int | None = None
    tier: str = ""
    interaction: str = ""

    @property
    def adds(self) -> bool:
        """Whether the contrast credits what it isolates with the result."""
        return self.contrast == Contrast.ADDS

    @property
    def isolates_one(self) -> bool:
        """Whether it speaks of one therapy that was added, be it on top of others."""
        return self.adds and len(self.isolates) == 1

    @property
    def place(self) -> Place:
        """Study, domain, phase and species: where a combination can meet its parts."""
        return self.study, self.domain, self.phase, self.species

    @property
    def kind(self) -> directions.Kind:
        """Whether it is of animals or of people."""
        return directions.kind(self.species)


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial in people: what its tested arm gives, its phase (`I/II`), status, result, and phases of injury."""

    id: str
    members: Members
    year: int | None
    stage: str
    status: str
    result: str
    phases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """When an arm was given a therapy: place in an order, first and last day after injury."""

    order: int | None
    start: float | None
    end: float | None


@dataclass(frozen=True, slots=True)
class Scope:
    """The phases, species, domains and outcomes that are asked about, narrower terms included; empty means any."""

    phase: frozenset[str] = frozenset()
    species: frozenset[str] = frozenset()
    domain: frozenset[str] = frozenset()
    outcome: frozenset[str] = frozenset()
    words: str = ""

    @classmethod
    def of(cls, vocab: Vocab, **asked: Sequence[str] | str | None) -> Scope:
        """What words ask for. Raises UnknownName for a word that names nothing."""
        told = {name: (words,) if isinstance(words, str) else tuple(words or ()) for name, words in asked.items()}
        terms = {name: [vocab.find(name, word) for word in words] for name, words in told.items()}
        ids = {name: frozenset(id for term in some for id in vocab.narrower(term)) for name, some in terms.items()}
        return cls(**ids, words=", ".join(term.label for some in terms.values() for term in some))

    def holds(self, fact: Fact) -> bool:
        """Whether a finding is asked about."""
        return (
            (not self.phase or fact.phase in self.phase)
            and (not self.species or fact.species in self.species)
            and (not self.domain or fact.domain in self.domain)
            and (not self.outcome or fact.outcome in self.outcome)
        )


ANY = Scope()
