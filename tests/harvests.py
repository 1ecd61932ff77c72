"""Invented harvests: papers on alpha and beta with what a program would propose of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from kg.document import Document, Harvest, Mark, Passage, Proposal, Section, Span
from kg.model import Arm, Direction, Finding, Given, HigherIs, Outcome, Paper, Role

WALKING = Outcome("outcome", "walking", "walking score", domain="motor", higher_is=HigherIs.BETTER)
PAIN = Outcome("outcome", "pain-score", "pain score", domain="pain", higher_is=HigherIs.WORSE)
TITLE = "Alpha with beta in the late cord"
TEXT = (
    "The cord rarely mends. Rats got alpha and beta in the chronic phase. "
    "Against untreated rats the walking score rose. The pain score did not differ."
)
RULE = "rules 1"


def arm(*therapies: str, role: Role = Role.ACTIVE, id: str = "", study: str = "pmid-7") -> Arm:
    """An arm that gives these."""
    return Arm(study, id or "+".join(therapies), tuple(Given(therapy, role) for therapy in therapies))


NOBODY = arm("no-treatment", role=Role.CONTROL)


def paper(number: int = 7, **changed: Any) -> Paper:
    """The paper with this PubMed id."""
    told: dict[str, Any] = {
        "id": f"pmid-{number}", "title": TITLE, "pmid": str(number), "doi": f"10.5555/late.{number}", "year": 2020,
        "url": f"https://pubmed.ncbi.nlm.nih.gov/{number}/",
    }  # fmt: skip
    return Paper(**(told | changed))


def document(of: Paper | None = None, title: str = TITLE, text: str = TEXT) -> Document:
    """A paper of title and abstract."""
    of = of or paper()
    return Document(of, (Passage(Section.TITLE, title), Passage(Section.ABSTRACT, text)), "invented", "invented.xml")


def mark(about: Document, slot: str, words: str, term: str = "") -> Mark:
    """The first place of these words below the title."""
    at = about.text.index(words, len(about.passages[0].text))
    return Mark(slot, Span(at, at + len(words)), term or words)


def proposal(about: Document, confidence: float = 0.72, marked: bool = True, **changed: Any) -> Proposal:
    """Alpha with beta against nothing raised the walking score of rats in the chronic phase."""
    told: dict[str, Any] = {
        "id": "", "paper": about.paper, "study": about.paper.id, "arm": arm("alpha", "beta"), "comparator": NOBODY,
        "outcome": WALKING, "direction": Direction.INCREASED, "species": "rat", "phase": "chronic",
    }  # fmt: skip
    marks = [("arm", "alpha and beta"), ("phase", "chronic"), ("outcome", "walking score"), ("direction", "rose")]
    found = tuple(mark(about, *one) for one in marks) if marked else ()
    return Proposal(Finding(**(told | changed)), found, confidence, RULE)


def harvest(number: int = 7, *proposals: Proposal, text: str = TEXT, **changed: Any) -> Harvest:
    """A paper with these proposals; with one on walking and one on pain where none are given."""
    about = document(paper(number, **changed), changed.get("title", TITLE), text)
    null = {"outcome": PAIN, "direction": Direction.NO_DIFFERENCE, "arm": arm("alpha"), "measured_day": Decimal(56)}
    return Harvest(about, proposals or (proposal(about), proposal(about, 0.4, marked=False, **null)))
