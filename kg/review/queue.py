"""What waits for a reader, the most valuable first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from kg import build, decisions, proposals
from kg.build import Collected
from kg.document import Document, Proposal
from kg.errors import UnknownName
from kg.model import Combination, Finding, Result
from kg.vocab import Vocab

KINDS = {"new combination": 8, "chronic": 4, "human or primate": 2, "null or worse": 1}
_NULLS = (Result.NO_DIFFERENCE, Result.WORSENED)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A proposal in the queue: its kinds, and how many findings of its paper the rows hold already."""

    document: Document
    proposal: Proposal
    kinds: tuple[str, ...]
    known: int = 0

    @property
    def points(self) -> int:
        """What its kinds are worth together: every kind more than all after it."""
        return sum(KINDS[kind] for kind in self.kinds)

    @property
    def score(self) -> str:
        """The parts of its value, as a sentence."""
        told = [f"{kind} {KINDS[kind]}" for kind in self.kinds]
        return ", ".join([*told, f"confidence {self.proposal.confidence:.2f}"])


def queue(folder: Path, rows: Collected, reader: str = "", kind: str = "") -> list[Waiting]:
    """The proposals of a folder that the reader did not decide on, of one kind or all; without a reader all there are.

    `rows` are those that stand already. Raises UnknownName for a kind that is none, KgError for a folder that cannot be
    read.
    """
    if kind and kind not in KINDS:
        raise UnknownName("kind of proposal", kind, KINDS)
    done = {one.finding for one in decisions.read(folder)[0] if one.reader == reader}
    findings = [item for item in rows.items if isinstance(item, Finding)]
    regimens = {finding.arm.regimen for finding in findings}
    papers = Counter(name for finding in findings for name in build.identifiers(finding.paper))
    primates = _primates(rows.vocab)
    found = [
        Waiting(
            harvest.document,
            proposal,
            tuple(_kinds(proposal.finding, regimens, primates)),
            max((papers[name] for name in harvest.document.identifiers), default=0),
        )
        for harvest in proposals.read(folder)
        for proposal in harvest.proposals
        if proposal.finding.id not in done
    ]
    wanted = (one for one in found if not kind or kind in one.kinds)
    return sorted(wanted, key=lambda one: (-one.points, -one.proposal.confidence, one.proposal.finding.id))


def _kinds(finding: Finding, regimens: Collection[Combination], primates: Collection[str]) -> list[str]:
    told = {
        "new combination": len(finding.arm.regimen.members) > 1 and finding.arm.regimen not in regimens,
        "chronic": finding.phase == "chronic",
        "human or primate": finding.species in primates,
        "null or worse": finding.result in _NULLS,
    }
    return [kind for kind in KINDS if told[kind]]


def _primates(words: Vocab) -> set[str]:
    term = words.terms.get(("species", "primate"))
    return {"human", *(words.narrower(term) if term else ())}
