"""Harms as they stand on every page about combinations: how many findings worsened, of how many studies, on what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kg.errors import plural
from kg.synthesis.combos.known import Fact, Known, studies
from kg.synthesis.directions import Kind
from kg.views.report.document import Group, Item, Section, Sentence
from kg.views.report.facts import capital, listed

ANYTHING = "Of every phase, species and outcome, against whatever comparator."
_MOST = 4  # outcomes that are named


def worsened(known: Known, keys: Sequence[str], lead: str = "") -> Sentence:
    """Findings that worsened as a sentence: how many, of how many studies, and on which outcomes."""
    wanted = frozenset(keys)
    facts = [fact for fact in known.facts if fact.finding in wanted]
    count = f"{plural(len(wanted), 'finding')} of {plural(studies(facts), 'study', 'studies')} worsened"
    told = f"{count}{_people(facts)}: {listed((known.vocab.label('outcome', fact.outcome) for fact in facts), _MOST)}"
    return Sentence(f"{lead}{told}.", tuple(keys))


def section(known: Known, harmed: Iterable[tuple[str, Sequence[str]]], of: str, note: str = ANYTHING) -> Section:
    """The harms of whatever has some, by its name; where nothing has, that none is recorded `of` them."""
    items = tuple(Item(f"{capital(name)}.", (worsened(known, keys),)) for name, keys in harmed if keys)
    return Section("harms", "Harms", note if items else none(of), (Group("", items),) if items else ())


def none(of: str) -> str:
    """That no harm is recorded, and what that is not."""
    return f"No finding of {of} is recorded as worsened, which is no sign of safety."


def _people(facts: Iterable[Fact]) -> str:
    """That some or all of them are of people."""
    kinds = {fact.kind for fact in facts}
    return "" if Kind.PEOPLE not in kinds else " in people" if len(kinds) == 1 else ", some in people"
