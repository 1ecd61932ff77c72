"""What the pictures draw: the findings of an evidence graph as sorted values, and how they are counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from kg.errors import plural
from kg.graph import is_finding
from kg.model import Result

if TYPE_CHECKING:
    import networkx as nx

    Graph = nx.MultiDiGraph[str]

RESULTS = tuple(result.value for result in Result)
PHASES = ("acute", "subacute", "chronic", "not stated")
COMBINATION, NOT_STATED = "combination", "not stated"
SPECIES = {  # the rungs from mouse to people; a species that is none of these stands under "not stated"
    "mouse": "mouse",
    "rat": "rat",
    "guinea pig": "other rodents",
    "rodent": "other rodents",
    "rabbit": "large animals",
    "cat": "large animals",
    "dog": "large animals",
    "hamster": "other rodents",
    "minipig": "large animals",
    "sheep": "large animals",
    "large animal": "large animals",
    "common marmoset": "primates",
    "rhesus monkey": "primates",
    "African green monkey": "primates",
    "non-human primate": "primates",
    "human": "people",
}
RUNGS = ("mouse", "rat", "other rodents", "large animals", "primates", "people", "not stated")
K = TypeVar("K")


@dataclass(frozen=True, slots=True, order=True)
class Fact:
    """One finding as the graph holds it; `group` is the class of what it isolates, `n` the subjects of both arms."""

    finding: str
    study: str
    result: str
    direction: str
    contrast: str
    therapy: str
    group: str
    node: str
    arm: str
    comparator: str
    outcome: str
    outcome_node: str
    domain: str
    phase: str
    rung: str
    species: str
    day: float | None
    n: int | None

    @property
    def parts(self) -> frozenset[str]:
        """The therapies of the arm, by label."""
        return frozenset(self.arm.split(" + "))

    @property
    def against(self) -> frozenset[str]:
        """The therapies, or the inert things, of the comparator, by label."""
        return frozenset(self.comparator.split(" + "))

    @property
    def controlled(self) -> bool:
        """Whether the comparator gives nothing active: what differs is only added, and not to a part of the arm."""
        inert = self.contrast == "adds" and not self.against <= self.parts
        return inert or self.contrast in ("before-after", "none")


def read(graph: Graph) -> list[Fact]:
    """Every finding of the graph, sorted by its id."""
    edges = (edge for edge in graph.edges(data=True) if is_finding(edge[2]))
    return sorted((_fact(graph, *edge) for edge in edges), key=lambda fact: (fact.finding, fact.node, fact.outcome))


def _fact(graph: Graph, source: str, target: str, about: Mapping[str, Any]) -> Fact:
    given, outcome = graph.nodes[source], graph.nodes[target]
    combined = source.startswith("combination/")
    species = _word(about, "species", NOT_STATED)
    return Fact(
        finding=_word(about, "finding"),
        study=_word(about, "study") or _word(about, "finding"),
        result=_known(_word(about, "result"), RESULTS, Result.UNDETERMINED.value),
        direction=_word(about, "direction"),
        contrast=_word(about, "contrast"),
        therapy=_word(given, "label", source),
        group=COMBINATION if combined else _word(given, "class", "other therapies"),
        node=source,
        arm=_word(about, "arm", _word(given, "label", source)),
        comparator=_word(about, "comparator", NOT_STATED),
        outcome=_word(about, "outcome", _word(outcome, "label", target)),
        outcome_node=target,
        domain=_word(about, "domain", "other outcomes"),
        phase=_known(_word(about, "phase"), PHASES, NOT_STATED),
        rung=SPECIES.get(species, NOT_STATED),
        species=species,
        day=_number(about.get("day")),
        n=_subjects(about),
    )


def _word(about: Mapping[str, Any], name: str, otherwise: str = "") -> str:
    return str(about.get(name) or otherwise)


def _known(word: str, words: Iterable[str], otherwise: str) -> str:
    return word if word in words else otherwise


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and 0 <= value < 1e6 else None


def _subjects(about: Mapping[str, Any]) -> int | None:
    sides = [_number(about.get(name)) for name in ("n_arm", "n_comparator")]
    known = [int(side) for side in sides if side is not None]
    return sum(known) if known else None


def grouped(facts: Iterable[Fact], key: Callable[[Fact], K]) -> dict[K, list[Fact]]:
    """The facts under each key, both in the order in which they come."""
    groups: defaultdict[K, list[Fact]] = defaultdict(list)
    for fact in facts:
        groups[key(fact)].append(fact)
    return dict(groups)


def studies(facts: Iterable[Fact]) -> int:
    """How many distinct studies the facts come from."""
    return len({fact.study for fact in facts})


def busiest(groups: Mapping[str, Sequence[Fact]]) -> list[str]:
    """The keys, those with most studies first, then by name."""
    return sorted(groups, key=lambda key: (-studies(groups[key]), -len(groups[key]), key))


def shares(facts: Iterable[Fact]) -> dict[str, float]:
    """Studies by result: a study with several results is shared evenly between them, so that all add up to studies."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for fact in facts:
        found[fact.study].add(fact.result)
    return {result: sum(1 / len(mine) for mine in found.values() if result in mine) for result in RESULTS}


def counted(facts: Iterable[Fact]) -> str:
    """The counts as a sentence: studies, each under every result it has, then findings; nulls always named."""
    known = list(facts)
    by_result = {result: studies(fact for fact in known if fact.result == result) for result in RESULTS}
    shown = [f"{n} {result}" for result, n in by_result.items() if n or result in RESULTS[:3]]
    return f"{plural(studies(known), 'study', 'studies')}: {', '.join(shown)} ({plural(len(known), 'finding')})"


def ids(facts: Iterable[Fact]) -> tuple[str, ...]:
    """The ids of the findings, sorted."""
    return tuple(sorted({fact.finding for fact in facts}))
