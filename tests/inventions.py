"""Invented findings for what explores combinations: alpha and beta are of one class, gamma and delta of another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kg.model import Outcome, Phase, Result, Term, Therapy
from kg.synthesis.combos.known import Fact, Known, Trial
from kg.vocab import Vocab

CLASSES = {
    "greek": (), "alpha": ("greek",), "alpha-two": ("alpha",), "beta": ("greek",),
    "roman": (), "gamma": ("roman",), "delta": ("roman",), "epsilon": ("roman",), "probe": (), "knock-out": ("probe",),
    "control": (),
}  # fmt: skip
TERMS = (
    *(Therapy("therapy", id, id.replace("-", " "), above) for id, above in CLASSES.items()),
    Outcome("outcome", "walking", "walking", domain="motor"),
    Outcome("outcome", "bbb", "BBB scale", domain="motor"),
    Outcome("outcome", "scar-area", "scar area", domain="scar", barrier=("scar",)),
    Outcome("outcome", "myelin", "myelin", domain="myelin", barrier=("demyelination",)),
    Outcome("outcome", "pain", "pain", domain="pain"),
    *(Term("domain", id, id) for id in ("motor", "scar", "myelin", "pain")),
    *(Term("barrier", id, id) for id in ("scar", "demyelination")),
    *(Phase("phase", id, id.replace("-", " ")) for id in ("acute", "chronic", "not-stated")),
    Term("species", "rodent", "rodent"), Term("species", "rat", "rat", ("rodent",)),
    Term("species", "mouse", "mouse", ("rodent",)), Term("species", "large-animal", "large animal"),
    Term("species", "minipig", "minipig", ("large-animal",)), Term("species", "human", "human"),
)  # fmt: skip
VOCAB = Vocab.of(TERMS)


def fact(finding: str, gives: str, result: str = "improved", over: str = "", **more: Any) -> Fact:
    """A finding of a study named like it (up to the dash): an arm gives `gives`, its comparator `over`, words by +."""
    study = more.pop("study", finding.rpartition("-")[0] or finding)
    members, comparator = (frozenset(filter(None, words.split("+"))) for words in (gives, over))
    told = {
        "study": study, "year": 2010, "arm": f"arm/{study}/{gives}", "against_arm": f"arm/{study}/{over or 'control'}",
        "isolates": members - comparator or members, "contrast": "adds", "phase": "chronic", "species": "rat",
        "outcome": "walking", "domain": "motor", "day": None, "against": over or "vehicle", "paper": study,
    } | more  # fmt: skip
    term = VOCAB.terms["outcome", str(told["outcome"])]
    told |= {"domain": term.domain} if isinstance(term, Outcome) else {}
    return Fact(finding=finding, members=members, comparator=comparator, result=Result(result), **told)


def known(*facts: Fact, trials: Iterable[Trial] = (), arms: Iterable[str] = (), **more: Any) -> Known:
    """What these findings say, with trials and arms that have no finding."""
    others = frozenset(frozenset(words.split("+")) for words in arms)
    return Known(VOCAB, tuple(sorted(facts, key=lambda one: one.finding)), tuple(trials), others, **more)


def trial(id: str, gives: str, stage: str = "", year: int | None = 2015, status: str = "", result: str = "") -> Trial:
    """A trial whose tested arm gives this."""
    return Trial(id, frozenset(gives.split("+")), year, stage, status, result, ("chronic",))
