"""Untested partners of one therapy: what helped in the same phase as it did, and shares no arm with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kg.model import NOT_STATED
from kg.synthesis.combos.candidates import untried
from kg.synthesis.combos.known import Known, Scope


@dataclass(frozen=True, slots=True)
class Partner:
    """Two therapies that each helped in a phase when added, and never shared an arm here.

    `findings` isolate either, those against them first; `perhaps` as in `candidates.Candidate`.
    """

    therapy: str
    partner: str
    phase: str
    perhaps: bool
    findings: tuple[str, ...]


def partners(known: Known, therapy: str) -> Iterator[Partner]:
    """The partners of a therapy or one below it, phase by phase, each in order; none of a control or a probe.

    Raises UnknownName.
    """
    asked = known.vocab.find("therapy", therapy).id
    if asked in known.no_therapy:
        return
    ours = known.below[asked]
    for phase in (term for term in known.vocab.scheme("phase") if term.id != NOT_STATED):
        made = untried(known, Scope(phase=frozenset([phase.id])), therapy, three=False)
        for one in made.candidates:
            parts = [
                made.parts[id] for id in sorted(one.members, key=lambda part: part not in ours) if id in made.parts
            ]
            if len(parts) == len(one.members) and all(part.helped for part in parts):
                findings = tuple(key for part in parts for key in part.votes.findings)
                yield Partner(parts[0].id, parts[1].id, phase.id, one.perhaps, findings)


def hint(known: Known, therapy: str) -> str:
    """Why a therapy has no partner, and which class to ask for instead."""
    term = known.vocab.find("therapy", therapy)
    classes = " or ".join(repr(known.vocab.label("therapy", above)) for above in term.broader)
    wider = f"; its class is {classes}" if classes else ""
    return f"no untested pair for {term.label!r}: no finding of a stated phase shows it helping when added{wider}"
