"""Findings projected onto networkx: the whole graph, and the evidence between therapies and outcomes."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from kg import shape
from kg.errors import KgError
from kg.store import Store

if TYPE_CHECKING:
    import networkx as nx

    Graph = nx.MultiDiGraph[str]

_FINDINGS = """
SELECT DISTINCT ?from ?to ?regimen ?finding ?study ?result ?direction ?contrast ?arm ?comparator ?outcome ?domain
  ?measure ?phase ?species ?injury ?day ?measured_day ?n_arm ?n_comparator ?effect ?p ?paper ?year ?doi ?pmid
  ?first_author ?status ?origin ?confidence ?locator ?source_url
WHERE {
  ?f a kg:Finding ; kg:inForce true ; kg:isolates ?from ; kg:regimen ?regimen ; kg:outcome ?to ;
    dcterms:identifier ?finding ; kg:study/rdfs:label ?study ; kg:result ?result ; kg:direction ?direction ;
    kg:contrast ?contrast ;
    kg:arm/rdfs:label ?arm ; kg:comparator/rdfs:label ?comparator ; kg:domain/rdfs:label ?domain ;
    kg:phase/rdfs:label ?phase ; kg:species/rdfs:label ?species ; kg:injury/rdfs:label ?injury ;
    kg:paper ?source ; kg:status ?status ; kg:origin ?origin ; kg:locator ?locator ; kg:sourceUrl ?source_url .
  ?to rdfs:label ?outcome . ?source rdfs:label ?paper .
  OPTIONAL { ?f kg:measure ?measure } OPTIONAL { ?f kg:treatmentDay ?day }
  OPTIONAL { ?f kg:measuredDay ?measured_day } OPTIONAL { ?f kg:nArm ?n_arm }
  OPTIONAL { ?f kg:nComparator ?n_comparator } OPTIONAL { ?f kg:effectText ?effect } OPTIONAL { ?f kg:pValue ?p }
  OPTIONAL { ?f kg:confidence ?confidence } OPTIONAL { ?source kg:year ?year } OPTIONAL { ?source bibo:doi ?doi }
  OPTIONAL { ?source bibo:pmid ?pmid } OPTIONAL { ?source kg:firstAuthor ?first_author }
}
ORDER BY ?finding
"""
_LINKS = {
    "member": "?from kg:member ?to .",
    "measures": "?from kg:measuresBarrier ?to .",
    "tests": "?from a kg:Trial ; kg:regimen ?to .",
}
_NODES = """
SELECT ?id ?label ?class ?domain ?note ?status ?trial_phase ?result ?n ?summary ?url
WHERE {
  VALUES ?Kind { kg:Therapy kg:Combination kg:Outcome kg:Barrier kg:Trial }
  ?id a ?Kind ; rdfs:label ?label .
  OPTIONAL { ?id a kg:Therapy ; kg:class/rdfs:label ?class }
  OPTIONAL { ?id kg:domain/rdfs:label ?domain }
  OPTIONAL { ?id skos:note ?note } OPTIONAL { ?id kg:trialStatus ?status } OPTIONAL { ?id kg:trialPhase ?trial_phase }
  OPTIONAL { ?id kg:result ?result } OPTIONAL { ?id kg:participants ?n } OPTIONAL { ?id kg:summary ?summary }
  OPTIONAL { ?id kg:sourceUrl ?url }
}
ORDER BY ?id ?class
"""


def short(iri: str) -> str:
    """A node of ours as `kind/id`, any other IRI as it is."""
    return iri.removeprefix(shape.BASE)


def whole(store: Store) -> Graph:
    """Every node of the graph: links are edges keyed by property, literals are attributes (several: a sorted list)."""
    import networkx as nx

    graph: Graph = nx.MultiDiGraph()
    literals: dict[str, dict[str, list[str]]] = {}
    for triple in sorted(store.triples(), key=str):
        subject, predicate = short(str(getattr(triple.subject, "value", ""))), _local(triple.predicate.value)
        target = str(getattr(triple.object, "value", ""))
        if hasattr(triple.object, "datatype"):
            literals.setdefault(subject, {}).setdefault(predicate, []).append(target)
        elif predicate == "type":
            literals.setdefault(subject, {}).setdefault("kind", []).append(_local(target))
        else:
            graph.add_edge(subject, short(target), key=predicate, kind=predicate)
    for node, about in literals.items():
        graph.add_node(
            node, **{name: values[0] if len(values) == 1 else sorted(values) for name, values in about.items()}
        )
    return graph


def _local(iri: str) -> str:
    return iri.rsplit("#", 1)[-1].rsplit("/", 1)[-1]


def evidence(
    store: Store, around: Sequence[str] = (), phase: Sequence[str] = (), only: Collection[str] | None = None
) -> Graph:
    """Isolated therapies and combinations against outcomes, one edge a finding, with barriers and trials beside.

    `around` keeps findings whose arm touches these therapies (ids, narrower ones included), `phase` those of a phase,
    `only` those of these ids.
    """
    import networkx as nx

    vocab = store.vocab()
    kept = {id for name in around for id in vocab.narrower(vocab.find("therapy", name))}
    phases = {vocab.find("phase", name).label for name in phase}
    graph: Graph = nx.MultiDiGraph()
    rows = store.select(shape.PROLOGUE + _FINDINGS)
    seen: set[object] = set()
    for row in rows:
        source, target = short(str(row.pop("from"))), short(str(row.pop("to")))
        given = shape.members(str(row.pop("regimen")))
        touches = (not around or kept & given) and (only is None or row["finding"] in only)
        if touches and (not phases or row["phase"] in phases) and row["finding"] not in seen:
            seen.add(row["finding"])
            graph.add_edge(source, target, key=str(row["finding"]), kind="finding", **_tidy(row))
    if rows and not seen and (around or phase):
        asked = " in ".join([" or ".join(words) for words in (around, phase) if words])
        raise KgError(f"there is no finding here around {asked}")
    _link(store, graph)
    _name(store, graph)
    return graph


def _tidy(row: Mapping[str, object]) -> dict[str, object]:
    return {
        name: int(value) if isinstance(value, float) and value.is_integer() else value for name, value in row.items()
    }


def _link(store: Store, graph: Graph) -> None:
    for kind, pattern in _LINKS.items():
        for row in store.select(f"{shape.PROLOGUE}SELECT ?from ?to WHERE {{ {pattern} }} ORDER BY ?from ?to"):
            source, target = short(str(row["from"])), short(str(row["to"]))
            if (target if kind == "tests" else source) in graph:
                graph.add_edge(source, target, key=kind, kind=kind)


def _name(store: Store, graph: Graph) -> None:
    terms = store.vocab().terms
    for row in store.select(shape.PROLOGUE + _NODES):
        node = short(str(row.pop("id")))
        if node in graph:
            kind, _, id = node.partition("/")
            synonyms = terms[kind, id].synonyms if (kind, id) in terms else ()
            graph.nodes[node].update(_tidy(row) | {"kind": kind, "synonyms": "|".join(synonyms)})


def flatten(graph: Graph) -> Graph:
    """A copy that every file format can hold: no None, no lists, no control characters, no reserved names."""
    import networkx as nx

    flat: Graph = nx.MultiDiGraph()
    nodes = {node: _flat(graph.nodes[node]) for node in sorted(graph)}
    edges = {edge: _flat(graph.edges[edge]) for edge in sorted(graph.edges(keys=True))}
    _one_type(list(nodes.values()))
    _one_type(list(edges.values()))
    flat.add_nodes_from((_clean(node), about) for node, about in nodes.items())
    for (u, v, key), about in edges.items():
        flat.add_edge(_clean(u), _clean(v), key=_clean(key), **about)
    return flat


def _one_type(rows: Sequence[dict[str, str | int | float]]) -> None:
    """Give each attribute one type: whole numbers become floats beside floats, anything becomes text beside text."""
    types: dict[str, set[type]] = {}
    for row in rows:
        for name, value in row.items():
            types.setdefault(name, set()).add(type(value))
    wider = {name: str if str in found else float for name, found in types.items() if len(found) > 1}
    for row in rows:
        row.update({name: wider[name](value) for name, value in row.items() if name in wider})


_RESERVED = {"id", "source", "target", "key", "name", "value", "dir"}


def _flat(about: Mapping[str, object]) -> dict[str, str | int | float]:
    flat: dict[str, str | int | float] = {}
    for name, value in sorted(about.items()):
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            continue
        several = "|".join(sorted(map(str, value))) if isinstance(value, list | tuple | set) else value
        plain = several if isinstance(several, int | float) else _clean(str(several))
        flat[f"{name}_" if name in _RESERVED else name] = plain
    return flat


_ILLEGAL = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # in XML 1.0, and C1 controls


def _clean(text: str) -> str:
    return _ILLEGAL.sub("", str(text))
