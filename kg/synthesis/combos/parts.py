"""What one therapy brings into a combination: its evidence, barriers, days, harms, and how far it was taken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kg.model import Result
from kg.synthesis import directions
from kg.synthesis.combos.known import ANY, Fact, Known, Scope, Votes, ids, studies, votes

RUNGS = (
    "not seen", "rodent", "chronic rodent", "large animal", "primate", "people", "phase I", "phase II", "phase III",
)  # fmt: skip
_SPECIES = {"rodent": 1, "large-animal": 3, "primate": 4, "human": 5}
_STAGES = {"I": 6, "I/II": 7, "II": 7, "II/III": 8, "III": 8}


@dataclass(frozen=True, slots=True)
class Part:
    """A therapy as what findings that isolate it (and add it, be it on top of others) say within a scope.

    `barriers` are the votes on each barrier; `window` the first and last day after injury on which it was begun in
    findings that improved. Of every scope: `harms`, findings of it that worsened; `harmed` studies of `seen` that saw
    one; `rung`, the place in RUNGS of the furthest that it was taken, and `trials`, whatever came of it.
    """

    id: str
    votes: Votes
    barriers: Mapping[str, Votes]
    window: tuple[float, float] | None
    harms: tuple[str, ...]
    harmed: int
    seen: int
    rung: int
    trials: tuple[str, ...]

    @property
    def helped(self) -> bool:
        """Whether a finding says that adding it improved something."""
        return bool(self.votes.improving)

    @property
    def covers(self) -> Mapping[str, float]:
        """The barriers that it covers (see `covered`), with the lower bound of the share of studies that improved."""
        return {barrier: made.lower for barrier, made in self.barriers.items() if covered(made)}

    @property
    def harm(self) -> float:
        """The upper bound of the share of its studies that saw something worsen; 1 where none was seen."""
        share = directions.share(self.harmed, self.seen)
        return share.high if share else 1.0


def covered(made: Votes) -> bool:
    """Whether votes cover a barrier, by `coverage.RULE`: more are for benefit than all others together."""
    return made.improved > made.whole - made.improved


def parts(known: Known, scope: Scope = ANY) -> dict[str, Part]:
    """Every therapy that a finding isolates or a trial gives, but controls and probes, by id."""
    single = [fact for fact in known.facts if fact.isolates_one]
    every, within = _by_part(single), _by_part(filter(scope.holds, single))
    trials: defaultdict[str, list[str]] = defaultdict(list)
    stages: defaultdict[str, int] = defaultdict(int)
    for trial in known.trials:
        for id in trial.members:
            trials[id].append(trial.id)
            stages[id] = max(stages[id], _STAGES.get(trial.stage, 5))
    found = sorted({*every, *trials} - known.no_therapy.keys())
    return {
        id: _part(known, id, every.get(id, []), within.get(id, []), tuple(trials.get(id, ())), stages.get(id, 0))
        for id in found
    }


def _by_part(facts: Iterable[Fact]) -> dict[str, list[Fact]]:
    found: defaultdict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        found[next(iter(fact.isolates))].append(fact)
    return found


def _part(known: Known, id: str, every: list[Fact], within: list[Fact], trials: tuple[str, ...], stage: int) -> Part:
    worse = [fact for fact in every if fact.result is Result.WORSENED]
    days = [fact.day for fact in within if fact.result is Result.IMPROVED and fact.day is not None]
    return Part(
        id=id,
        votes=votes(within),
        barriers={barrier: votes(some) for barrier, some in sorted(by_barrier(known, within).items())},
        window=(min(days), max(days)) if days else None,
        harms=ids(worse),
        harmed=studies(worse),
        seen=studies(every),
        rung=max([stage, *(_rung(known, fact) for fact in every)]),
        trials=trials,
    )


def by_barrier(known: Known, facts: Iterable[Fact]) -> dict[str, list[Fact]]:
    """Findings under each barrier that their outcome measures."""
    found: defaultdict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        for barrier in known.barriers.get(fact.outcome, ()):
            found[barrier].append(fact)
    return dict(found)


def _rung(known: Known, fact: Fact) -> int:
    rung = max((_SPECIES.get(top, 0) for top in known.vocab.tops("species", fact.species)), default=0)
    return 2 if rung == 1 and fact.phase == "chronic" else rung
