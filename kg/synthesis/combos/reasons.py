"""Why a set that nobody tried may be worth trying, and why not: reasons with findings, contradicting ones first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kg.store import Row, Store
from kg.synthesis.combos import design
from kg.synthesis.combos.candidates import Candidate, Failed, Next
from kg.synthesis.combos.design import Design
from kg.synthesis.combos.known import Fact, Known, Members, Votes, votes
from kg.synthesis.combos.parts import RUNGS, Part, covered
from kg.synthesis.combos.relatives import Relatives

COLUMNS = (
    "state rank combination size front score evidence barriers relatives timing safety readiness perhaps base covers "
    "open why harms against refuted_by arm_c arm_a arm_b arm_ab measures species phase days sd n_1 n_2 n_3 findings"
).split()
UNTRIED, FAILED = "untried", "tried and failed, left out"
SUMMARY = ("rank", "combination", "front", "score", "why", "harms", "against")


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason under a criterion of `candidates.CRITERIA`: a sentence, and the findings and trials behind it.

    `against` are findings that contradict it or harmed, `supporting` the others.
    """

    criterion: str
    text: str
    against: tuple[str, ...] = ()
    supporting: tuple[str, ...] = ()
    trials: tuple[str, ...] = ()

    @property
    def findings(self) -> tuple[str, ...]:
        """All of them, contradicting ones first."""
        return tuple(dict.fromkeys([*self.against, *self.supporting]))


@dataclass(frozen=True, slots=True)
class Card:
    """A candidate with its reasons, what would refute it, and the experiment that would."""

    rank: int
    candidate: Candidate
    reasons: tuple[Reason, ...]
    base: str
    covers: tuple[str, ...]
    open: tuple[str, ...]
    harms: tuple[str, ...]
    refuted_by: str
    design: Design

    @property
    def against(self) -> tuple[str, ...]:
        """Every finding that contradicts a reason, harms first."""
        return tuple(dict.fromkeys([*self.harms, *(key for reason in self.reasons for key in reason.against)]))

    @property
    def findings(self) -> tuple[str, ...]:
        """Every finding behind the card, contradicting ones first."""
        return tuple(dict.fromkeys([*self.against, *(key for reason in self.reasons for key in reason.findings)]))


class Cards:
    """Makes cards from one order: what the cards share is looked up once."""

    def __init__(self, store: Store, known: Known, made: Next) -> None:
        self.known, self.made = known, made
        self.store, self.spreads = store, design.spreads(store)
        self.facts = {fact.finding: fact for fact in known.facts}

    def of(self, rank: int, candidate: Candidate) -> Card:
        """The card of one candidate."""
        parts = [self.made.parts[id] for id in sorted(candidate.members) if id in self.made.parts]
        near = self._near(candidate)
        reasons = tuple(self._reasons(candidate.members, parts, near))
        barriers = [term.id for term in self.known.vocab.scheme("barrier")]
        covers = {barrier for part in parts for barrier in part.covers}
        harms = self.known.harms(candidate.members)
        behind = [self.facts[key] for reason in reasons for key in reason.findings]
        made = self._design(candidate, behind)
        return Card(
            rank, candidate, reasons, self.known.named(candidate.base),
            self._labels(b for b in barriers if b in covers),
            self._labels(b for b in barriers if b not in covers), harms,
            self._refuted(candidate, reasons, made, harms), made,
        )  # fmt: skip

    def _labels(self, barriers: Iterable[str]) -> tuple[str, ...]:
        return tuple(self.known.vocab.label("barrier", id) for id in barriers)

    def _label(self, id: str) -> str:
        return self.known.vocab.label("therapy", id)

    def _near(self, candidate: Candidate) -> Relatives | None:
        """The nearest tried relatives; of a set of three, the pair that it adds to."""
        if not candidate.base:
            return self.made.family.nearest(candidate.members)
        own = self.made.tried[candidate.base]
        pair = tuple(sorted(candidate.base))
        return Relatives(
            "the pair that it adds to", ((pair[0], pair[1]),), own.improved, own.whole, own.improving, own.against
        )

    def _reasons(self, members: Members, parts: Sequence[Part], near: Relatives | None) -> Iterator[Reason]:
        yield from (self._evidence(id) for id in sorted(members))
        yield from self._barriers(parts)
        yield self._relatives(near)
        yield Reason("timing", design.days(self.known, parts), supporting=self._timed(parts))
        yield from (self._safety(part) for part in parts)
        yield from (self._readiness(part) for part in parts)

    def _evidence(self, id: str) -> Reason:
        scope, part = self.made.scope.words, self.made.parts.get(id)
        lead = f"{self._label(id)}{f' ({scope})' if scope else ''}"
        if part and part.votes.whole:
            return Reason("evidence", f"{lead}: {_share(part.votes)}", part.votes.against, part.votes.improving)
        kinds = self.known.below.get(id, {id})
        made = votes(fact for fact in self.known.facts if fact.isolates_one and fact.isolates <= kinds)
        wider = f"; it or a kind of it in any scope: {_share(made)}" if made.whole else ""
        return Reason("evidence", f"{lead}: no finding isolates it{wider}", made.against, made.improving)

    def _barriers(self, parts: Sequence[Part]) -> Iterator[Reason]:
        known = {barrier for part in parts for barrier in part.barriers}
        for barrier in sorted(known):
            some = [(part, part.barriers[barrier]) for part in parts if barrier in part.barriers]
            told = "; ".join(
                f"{self._label(part.id)} {'covers' if covered(made) else 'does not cover'} it, {_share(made)}"
                for part, made in some
            )
            against, improving = (
                tuple(key for _, made in some for key in getattr(made, name)) for name in ("against", "improving")
            )
            yield Reason("barriers", f"{self.known.vocab.label('barrier', barrier)}: {told}", against, improving)
        if not known:
            yield Reason("barriers", "no part has a finding on a barrier of the injured cord")

    def _relatives(self, near: Relatives | None) -> Reason:
        if near is None:
            return Reason("relatives", "no relative of the set was tried")
        named = "; ".join(self.known.named(pair) for pair in near.pairs[:3])
        more = f" and {len(near.pairs) - 3} more" if len(near.pairs) > 3 else ""
        told = f"{near.improved} of {near.whole} votes for benefit among {named}{more} ({near.level})"
        return Reason("relatives", told, near.against, near.improving)

    def _timed(self, parts: Sequence[Part]) -> tuple[str, ...]:
        keys = [key for part in parts for key in part.votes.improving]
        return tuple(sorted(key for key in keys if self.facts[key].day is not None))

    def _safety(self, part: Part) -> Reason:
        told = f"{part.harmed} of {part.seen} studies saw something worsen (upper bound {part.harm:.0%})"
        none = "" if part.harmed else "; none recorded is no sign of safety"
        kinds = (
            "; kinds of it, or sets with it, did (see the harms)"
            if {*self.known.harms([part.id])} - {*part.harms}
            else ""
        )
        return Reason("safety", f"{self._label(part.id)} by itself: {told}{none}{kinds}", against=part.harms)

    def _readiness(self, part: Part) -> Reason:
        stopped = [trial.id for trial in self.known.trials if trial.id in part.trials and trial.status in _STOPPED]
        trials = f"; {len(part.trials)} trial{'s' * (len(part.trials) > 1)}" if part.trials else "; no trial here"
        ended = f", {len(stopped)} of them stopped" if stopped else ""
        return Reason("readiness", f"{self._label(part.id)}: {RUNGS[part.rung]}{trials}{ended}", trials=part.trials)

    def _design(self, candidate: Candidate, behind: Sequence[Fact]) -> Design:
        species = {fact.species for fact in behind}
        rows = [row for row in self.spreads if row["species"] in species] or self.spreads
        spread, control = design.spread(rows), design.control(self.store, behind)
        about = (candidate.members, candidate.base, self.made.parts, self.made.scope)
        return design.design(self.known, *about, behind, spread, control)

    def _refuted(self, candidate: Candidate, reasons: Sequence[Reason], made: Design, harms: Sequence[str]) -> str:
        parts = " or ".join(self._label(id) for id in sorted(candidate.members))
        n = f" with {made.n[2]} subjects an arm" if made.n else ""
        against = len({key for reason in reasons for key in reason.against} - {*harms})
        told = f"{against} null, mixed or worse finding{'s' * (against != 1)} of its parts and relatives"
        return (
            f"an experiment of the four arms{n} in which {candidate.name} is no better than {parts} alone, or in which "
            f"it worsens pain, spasticity, tumours or survival{f'; already against it: {told}' if against else ''}"
        )


_STOPPED = ("terminated", "withdrawn", "suspended")


def _share(made: Votes) -> str:
    low = f" (lower bound {made.lower:.0%})" if made.improved else ""
    return f"{made}{low}"


def row(card: Card) -> Row:
    """A card as a row of COLUMNS; criteria from 0 to 1, findings contradicting first."""
    one, plan = card.candidate, card.design
    values: Mapping[str, float] = {name: round(value, 4) for name, value in one.values.items()}
    return {
        "state": UNTRIED,
        "rank": card.rank,
        "combination": one.name,
        "size": len(one.members),
        "front": one.front,
        "score": round(one.score, 4),
        **values,
        "perhaps": one.perhaps,
        "base": card.base or None,
        "covers": "; ".join(card.covers) or None,
        "open": "; ".join(card.open) or None,
        "why": "; ".join(f"{reason.criterion}: {reason.text}" for reason in card.reasons),
        "harms": " ".join(card.harms) or None,
        "against": " ".join(card.against) or None,
        "refuted_by": card.refuted_by,
        **{f"arm_{arm.lower()}": told for arm, told in plan.arms.items()},
        "measures": "; ".join(f"{name} ({n})" for name, n in plan.measures) or None,
        "species": plan.species,
        "phase": plan.phase,
        "days": plan.days,
        "sd": round(plan.spread.sd, 3) if plan.spread else None,
        **{f"n_{points}": plan.n.get(points) for points in design.POINTS},
        "findings": " ".join(card.findings) or None,
    }


def failed(one: Failed) -> Row:
    """A set that was tried and failed as a row of COLUMNS."""
    told: Row = {"state": FAILED, "combination": one.name, "size": len(one.members), "why": str(one.votes)}
    return dict.fromkeys(COLUMNS) | told | {name: " ".join(one.votes.findings) for name in ("against", "findings")}


def short_failed(one: Failed) -> Row:
    """The same in the few columns of SUMMARY."""
    told: Row = {"combination": one.name, "why": f"{FAILED}: {one.votes}", "against": len(one.votes.against)}
    return dict.fromkeys(SUMMARY) | told


def short(card: Card) -> Row:
    """The same in the few columns of SUMMARY."""
    one = card.candidate
    told = [reason.text for reason in card.reasons if reason.criterion in ("evidence", "relatives")]
    told += [f"covers {', '.join(card.covers)}"] if card.covers else []
    return {
        "rank": card.rank,
        "combination": f"{one.name}{' (perhaps together: an arm names only a class)' if one.perhaps else ''}",
        "front": "yes" if one.front else None,
        "score": round(one.score, 3),
        "why": "; ".join(told),
        "harms": f"{len(card.harms)} worsened" if card.harms else "none recorded",
        "against": len(card.against),
    }
