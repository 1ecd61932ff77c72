"""Readers for tests, which other processes import: one proposal for each document, and a place to be caught at."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kg.document import Document, Mark, Proposal, Span
from kg.model import Arm, Direction, Finding, Given, Origin, Outcome, Role


@dataclass(frozen=True)
class Plain:
    """Proposes that alpha improved walking in every document."""

    digest: str = "plain 1"

    def __call__(self, document: Document) -> Sequence[Proposal]:
        paper = document.paper
        finding = Finding(
            id=f"{paper.id}-p1",
            paper=paper,
            study=paper.id,
            arm=Arm(paper.id, "alpha", (Given("alpha"),)),
            comparator=Arm(paper.id, "vehicle", (Given("vehicle", Role.VEHICLE),)),
            outcome=Outcome("outcome", "walking", "walking"),
            direction=Direction.INCREASED,
            origin=Origin.PROGRAM,
        )
        return [Proposal(finding, (Mark("arm", Span(0, 5), "alpha"),), 0.9, self.digest)]


@dataclass(frozen=True)
class Caught:
    """Reads as Plain does; where `folder/hold` is, it leaves its process id there and waits until that is gone.

    Each title that it reads becomes a line of `folder/read`.
    """

    folder: Path
    digest: str = "plain 1"

    def __call__(self, document: Document) -> Sequence[Proposal]:
        with (self.folder / "read").open("a") as file:
            file.write(document.paper.title + "\n")
        hold = self.folder / "hold"
        if hold.exists() and document.paper.title in hold.read_text():
            aside = self.folder / f"aside{os.getpid()}"
            aside.write_text(str(os.getpid()))
            aside.rename(self.folder / "held")
            while hold.exists():
                time.sleep(0.02)
        return Plain()(document)


@dataclass(frozen=True)
class Fatal:
    """Reads as Plain does; whoever reads the second paper of the third file dies of it."""

    digest: str = "plain 1"

    def __call__(self, document: Document) -> Sequence[Proposal]:
        if "2.1" in document.paper.title:
            os.kill(os.getpid(), signal.SIGKILL)
        return Plain()(document)
