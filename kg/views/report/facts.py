"""The findings that a report speaks of, and how their studies are counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from kg import shape
from kg.errors import plural
from kg.graph import is_finding
from kg.model import Result
from kg.store import Store

if TYPE_CHECKING:
    from kg.graph import Graph

RESULTS = tuple(result.value for result in Result)
ANIMALS, PEOPLE, UNKNOWN = POPULATIONS = ("Animals", "People", "Species not stated")
NOT_STATED = "not stated"
_CALLED = dict(zip(RESULTS, RESULTS, strict=True)) | {Result.UNDETERMINED.value: "cannot be called"}
_BESIDE = """
SELECT DISTINCT ?finding ?what ?name WHERE {
  {
    VALUES (?Property ?what) { (kg:onTopOf "on top of") (kg:insteadOf "instead of") (kg:laboratory "laboratory") }
    ?f ?Property ?node .
    ?node rdfs:label ?name .
  } UNION {
    ?f kg:paper/dcterms:identifier ?name .
    BIND("paper" AS ?what)
  }
  ?f a kg:Finding ; kg:inForce true ; dcterms:identifier ?finding .
}
ORDER BY ?finding ?what ?name
"""
_TUMOUR = "barrier/tumour-risk"
K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Fact:
    """One finding; `about` is all that the graph says of it, `parts` are the ids of what its contrast isolates."""

    finding: str
    study: str
    paper: str
    laboratory: str
    result: str
    contrast: str
    isolates: str
    parts: frozenset[str]
    on_top_of: tuple[str, ...]
    instead_of: tuple[str, ...]
    arm: str
    comparator: str
    outcome: str
    domain: str
    phase: str
    species: str
    locator: str
    tumour: bool
    ends: tuple[str, str]
    about: Mapping[str, Any]

    @property
    def population(self) -> str:
        """Animals, people, or a species that is not stated."""
        return {"human": PEOPLE, NOT_STATED: UNKNOWN}.get(self.species, ANIMALS)

    @property
    def where(self) -> str:
        """Species and phase, in words."""
        species = {"human": "people", NOT_STATED: "an unstated species"}.get(self.species, self.species)
        return f"In {species}, {'phase not stated' if self.phase == NOT_STATED else self.phase}"


def read(store: Store, graph: Graph) -> tuple[Fact, ...]:
    """Every finding of an evidence graph, sorted by key."""
    beside = _beside(store)
    edges = (edge for edge in graph.edges(data=True) if is_finding(edge[2]))
    made = (_fact(graph, *edge, beside[str(edge[2]["finding"])]) for edge in edges)
    return tuple(sorted(made, key=lambda fact: fact.finding))


def _beside(store: Store) -> Mapping[str, Mapping[str, list[str]]]:
    found: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in store.select(shape.PROLOGUE + _BESIDE):
        found[str(row["finding"])][str(row["what"])].append(str(row["name"]))
    return found


def _fact(
    graph: Graph, source: str, target: str, about: Mapping[str, Any], beside: Mapping[str, list[str]]
) -> Fact:  # fmt: skip
    words = "finding study result contrast arm comparator outcome domain phase species locator".split()
    measured: Iterable[tuple[str, str, str]] = graph.out_edges(target, data="kind")
    return Fact(
        **{name: str(about[name]) for name in words},
        paper=beside["paper"][0],
        laboratory=next(iter(beside["laboratory"]), ""),
        isolates=str(graph.nodes[source].get("label") or source),
        parts=shape.members(source),
        on_top_of=tuple(sorted(set(beside["on top of"]), key=str.casefold)),
        instead_of=tuple(sorted(set(beside["instead of"]), key=str.casefold)),
        tumour=any(to == _TUMOUR and kind == "measures" for _, to, kind in measured),
        ends=(source, target),
        about=about,
    )


def grouped(facts: Iterable[Fact], key: Callable[[Fact], K]) -> dict[K, list[Fact]]:
    """The facts under each key, those with most studies first, then by key."""
    groups: defaultdict[K, list[Fact]] = defaultdict(list)
    for fact in facts:
        groups[key(fact)].append(fact)
    return dict(sorted(groups.items(), key=lambda group: (-studies(group[1]), str(group[0]).casefold())))


def by_population(facts: Collection[Fact]) -> dict[str, list[Fact]]:
    """The facts of animals, of people and of neither, each where there are any."""
    apart = {name: [fact for fact in facts if fact.population == name] for name in POPULATIONS}
    return {name: some for name, some in apart.items() if some}


def studies(facts: Iterable[Fact]) -> int:
    """How many distinct studies the facts come from."""
    return len({fact.study for fact in facts})


def seen(facts: Iterable[Fact]) -> str:
    """How many studies a sentence speaks of."""
    return plural(studies(facts), "study", "studies")


def seen_apart(facts: Collection[Fact]) -> str:
    """How many studies, those of animals and of people each by themselves."""
    words = {ANIMALS: "in animals", PEOPLE: "in people", UNKNOWN: "in an unstated species"}
    return ", ".join(f"{seen(some)} {words[name]}" for name, some in by_population(facts).items())


def counted(facts: Collection[Fact]) -> str:
    """Studies by result, a study under each result it has; the nulls and harms are named even where there are none."""
    found = {result: studies(fact for fact in facts if fact.result == result) for result in RESULTS}
    known = [_CALLED[result] for result in RESULTS if found[result]]
    if studies(facts) == 1 or known == [_CALLED[Result.UNDETERMINED.value]]:
        return f"{seen(facts)}: {_listed(known)}"
    shown = [f"{n} {_CALLED[result]}" for result, n in found.items() if n or result in RESULTS[:3]]
    several = f" (some {'both' if len(known) == 2 else 'several'})" if sum(found.values()) > studies(facts) else ""
    return f"{seen(facts)}: {', '.join(shown)}{several}"


def listed(words: Iterable[str], most: int = 3) -> str:
    """Distinct words in order, those beyond `most` as a number."""
    known = sorted(set(words), key=str.casefold)
    return _listed([*known[:most], f"{len(known) - most} more"] if len(known) > most + 1 else known)


def _listed(words: list[str]) -> str:
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part) if words else ""


def capital(text: str) -> str:
    """The text with its first letter large, but for a name that is written otherwise (hESC-OPC)."""
    first = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if first.islower() else text
