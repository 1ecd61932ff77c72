"""What was tried: every set of therapies that was given together, with what was seen, above the sets it adds to.

Only what was observed is a node. Nothing enumerates the subsets of all components; those of one set are looked up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from kg.errors import KgError
from kg.store import Row
from kg.synthesis.combos.known import (
    ANY,
    Fact,
    Known,
    Members,
    Scope,
    counted,
    grouped,
    ordered,
    seen,
    studies,
    worsened,
)  # fmt: skip
from kg.synthesis.directions import Kind

COLUMNS = (
    "state combination size above papers studies arms animals people phases species improved no_difference worsened "
    "mixed undetermined harms trials findings"
).split()
SUMMARY = ("combination", "above", "where", "studies", "animals", "people", "harms", "findings")
_SMALL = 12  # of larger sets the subsets are looked for among the observed ones, not written out


class State(StrEnum):
    """How a set was seen."""

    TRIED = "tried"
    TRIAL = "in a trial only"
    COMPARATOR = "only as what something else was added to"


@dataclass(frozen=True, slots=True)
class Node:
    """A set that was given together; `facts` are the findings of arms that give exactly it, within what is asked.

    `above` are the largest observed sets inside it; `harms` are findings of it that worsened, whatever was asked.
    """

    members: Members
    name: str
    above: tuple[Members, ...]
    facts: tuple[Fact, ...]
    harms: tuple[str, ...]
    trials: tuple[str, ...]

    @property
    def state(self) -> State:
        """Findings first, then trials."""
        return State.TRIED if self.facts else State.TRIAL if self.trials else State.COMPARATOR


def tried(known: Known, therapy: str, scope: Scope = ANY, *, classes: bool = False) -> list[Node]:
    """Every observed set of two or more with the therapy or one below it, the most studied first.

    With `classes` the other members stand for their topmost classes, and those of the therapy for it. Raises
    UnknownName, and KgError for a control and where nothing was given together with it.
    """
    ours, asked = known.ours(therapy), known.therapy(therapy)
    rename = (lambda members: _classes(known, members, ours, asked)) if classes else frozenset[str]
    given = _given(known, scope)
    wanted = {members for members in given if members & ours and len(members) > 1}
    apart: defaultdict[Members, set[Members]] = defaultdict(set)
    for members in given:
        apart[rename(members)].add(members)
    below = covers(apart)
    nodes = [_node(known, one, apart[one] & wanted, below[one], scope) for one in apart if apart[one] & wanted]
    shown = [node for node in nodes if node.facts or not scope.species | scope.domain | scope.outcome]
    if not shown:
        where = f" within {scope.words}" if scope.words else ""
        raise KgError(f"nothing here was given together with {known.vocab.label('therapy', asked)!r}{where}")
    return sorted(shown, key=lambda node: (-studies(node.facts), len(node.members), node.name.casefold()))


def _given(known: Known, scope: Scope) -> set[Members]:
    """Every set that an arm of a finding asked about gives, or a trial that is of no other phases than asked for."""
    arms = {members for fact in known.of(scope) for members in (fact.members, fact.comparator) if members}
    trials = {trial.members for trial in known.trials if not scope.phase or scope.phase & {*trial.phases}}
    return arms | trials


def _classes(known: Known, members: Members, ours: Collection[str], asked: str) -> Members:
    tops = (known.vocab.tops("therapy", id)[:1] if id not in ours else (asked,) for id in members)
    return frozenset(id for some in tops for id in some)


def _node(known: Known, members: Members, sets: Collection[Members], above: Iterable[Members], scope: Scope) -> Node:
    facts = [fact for fact in known.facts if fact.members in sets]
    trials = sorted({trial.id for trial in known.trials if trial.members in sets})
    name = known.named(members) if len(members) > 1 else f"{known.named(members)}, several of it"
    return Node(members, name, tuple(above), tuple(filter(scope.holds, facts)), worsened(facts), tuple(trials))


def covers(sets: Iterable[Members]) -> dict[Members, tuple[Members, ...]]:
    """The largest of these sets that lie inside each of them, themselves in no other one inside it."""
    known = [*sets]
    bits = {id: 1 << place for place, id in enumerate(sorted({id for members in known for id in members}))}
    masks = {sum(bits[id] for id in members): members for members in known}
    singles = sorted(masks)
    return {
        members: tuple(masks[inner] for inner in _largest(_inside(mask, masks, singles)))
        for mask, members in masks.items()
    }


def _inside(mask: int, masks: Mapping[int, Members], ordered: Iterable[int]) -> Iterator[int]:
    """Every observed mask that is a proper, non-empty part of this one."""
    if mask.bit_count() > _SMALL:
        yield from (inner for inner in ordered if inner and inner != mask and inner & mask == inner)
        return
    inner = (mask - 1) & mask
    while inner:
        if inner in masks:
            yield inner
        inner = (inner - 1) & mask


def _largest(found: Iterable[int]) -> list[int]:
    kept: list[int] = []
    for inner in sorted(found, key=lambda one: (-one.bit_count(), one)):
        if not any(inner & other == inner for other in kept):
            kept.append(inner)
    return kept


def row(node: Node, known: Known) -> Row:
    """A node as a row of COLUMNS; subjects are the largest n that each study prints, added up, where one is printed."""
    return {
        "state": node.state.value,
        "combination": node.name,
        "size": len(node.members),
        "above": "; ".join(known.named(one) for one in node.above) or None,
        "papers": len({fact.paper for fact in node.facts}),
        "arms": len({fact.arm for fact in node.facts}),
        "animals": subjects(fact for fact in node.facts if fact.kind is not Kind.PEOPLE),
        "people": subjects(fact for fact in node.facts if fact.kind is Kind.PEOPLE),
        "phases": known.labels("phase", (fact.phase for fact in node.facts)) or None,
        "species": known.labels("species", (fact.species for fact in node.facts)) or None,
        "harms": " ".join(node.harms) or None,
        "trials": " ".join(node.trials) or None,
        "findings": " ".join(ordered(node.facts)) or None,
    } | seen(node.facts)


def subjects(facts: Iterable[Fact]) -> int | None:
    """Animals or people of both sides: the largest number that each study prints, added up; None where none does."""
    found = [max((fact.n for fact in some if fact.n), default=0) for some in grouped(facts, lambda f: f.study).values()]
    return sum(found) or None


def short(row: Row) -> Row:
    """The same in the few columns of SUMMARY: studies by result, nulls named, and harms and trials beside findings."""
    where = "; ".join(str(row[name]) for name in ("phases", "species") if row[name])
    beside = " ".join(str(row[name]) for name in ("findings", "trials") if row[name])
    harms = len(str(row["harms"] or "").split())
    told: Row = {"studies": f"{row['studies']}: {counted(row)}" if row["studies"] else row["state"]}
    told |= {"where": where or None, "findings": beside or None, "harms": f"{harms} worsened" if harms else None}
    return {name: row.get(name) for name in SUMMARY} | told
