"""Findings projected onto networkx: the whole graph, and the evidence between therapies and outcomes."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from kg import shape
from kg.store import Store

if TYPE_CHECKING:
    import networkx as nx

    from kg.store import Triple

    Graph = nx.MultiDiGraph[str]

_FINDINGS = """
SELECT DISTINCT ?from ?to ?finding ?study ?result ?direction ?contrast ?arm ?comparator ?outcome ?domain
  ?measure ?phase ?species ?injury ?day ?measured_day ?n_arm ?n_comparator ?effect ?p ?paper ?year ?doi ?pmid
  ?first_author ?status ?origin ?confidence ?locator ?source_url
WHERE {
  ?f a kg:Finding ; kg:inForce true ; kg:isolates ?from ; kg:outcome ?to ;
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
SELECT ?id ?label ?class ?domain ?higher_is ?note ?status ?trial_phase ?result ?n ?summary ?url
WHERE {
  VALUES ?Kind { kg:Therapy kg:Combination kg:Outcome kg:Barrier kg:Trial }
  ?id a ?Kind ; rdfs:label ?label .
  OPTIONAL { ?id a kg:Therapy ; kg:class/rdfs:label ?class }
  OPTIONAL { ?id kg:domain/rdfs:label ?domain } OPTIONAL { ?id kg:higherIs ?higher_is }
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
    return of_triples(store.triples())


def of_triples(triples: Iterable[Triple]) -> Graph:
    """Triples as a graph; `kind` is the name of a node's type, or a list of them."""
    import networkx as nx

    graph: Graph = nx.MultiDiGraph()
    literals: dict[str, dict[str, list[str]]] = {}
    for triple in sorted(triples, key=str):
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


def evidence(store: Store, only: Collection[str] | None = None) -> Graph:
    """Isolated therapies and combinations against outcomes, one edge a finding, with barriers and trials beside.

    `only` keeps the findings of these keys.
    """
    import networkx as nx

    graph: Graph = nx.MultiDiGraph()
    for row in store.select(shape.PROLOGUE + _FINDINGS):
        source, target, key = short(str(row.pop("from"))), short(str(row.pop("to"))), str(row["finding"])
        if (only is None or key in only) and not graph.has_edge(source, target, key):
            graph.add_edge(source, target, key=key, kind="finding", **_tidy(row))
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


def is_finding(edge: Mapping[str, object]) -> bool:
    """Whether these are the attributes of a finding's edge."""
    return edge.get("kind") == "finding" and bool(edge.get("finding"))


def against(graph: Graph, kind: str) -> Graph:
    """The same findings against the barriers that their outcomes measure (`barrier`), or their phases (`phase`)."""
    import networkx as nx

    made: Graph = nx.MultiDiGraph()
    for source, outcome, key, about in graph.edges(keys=True, data=True):
        if not is_finding(about):
            continue
        for target in _targets(graph, outcome, about, kind):
            made.add_node(source, **graph.nodes[source])
            made.add_node(target, **(graph.nodes[target] if target in graph else _phase(str(about["phase"]))))
            made.add_edge(source, target, key=key, **about)
    return made


def _phase(label: str) -> dict[str, object]:
    order = ("acute", "subacute", "chronic")
    return {"kind": "phase", "label": label, "order": order.index(label) if label in order else len(order)}


def _targets(graph: Graph, outcome: str, finding: Mapping[str, object], kind: str) -> list[str]:
    if kind == "phase":
        return [f"phase/{finding['phase']}"]
    return sorted(to for _, to, about in graph.out_edges(outcome, data=True) if about["kind"] == "measures")


def behind(store: Store, findings: Collection[str]) -> Graph:
    """These findings, what they link to, and what that links to, as `whole` has them."""
    ahead = {f"<{shape.iri('finding', key).value}>" for key in findings}
    seen: set[str] = set()
    content: list[Triple] = []
    for _ in range(3):
        seen |= ahead
        found = [triple for some in _batches(ahead) for triple in _said_of(store, some)]
        content += found
        ahead = {str(triple.object) for triple in found if str(triple.object).startswith("<")} - seen
    return of_triples(content)


def _said_of(store: Store, nodes: Iterable[str]) -> Iterable[Triple]:
    query = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ VALUES ?s {{ {' '.join(nodes)} }} ?s ?p ?o }}"
    return store.answer(query)  # type: ignore[return-value]  # what a CONSTRUCT answers


def _batches(nodes: Collection[str], size: int = 500) -> Iterator[Sequence[str]]:
    ordered = sorted(nodes)
    yield from (ordered[start : start + size] for start in range(0, len(ordered), size))


def context(whole: Graph) -> Graph:
    """A whole graph for looking at: nodes of ours by kind and label, without the receipts of readings; links stay."""
    import networkx as nx

    labels = {node: _looked_at(about) for node, about in whole.nodes(data=True)}
    ours = {node for node, about in labels.items() if about["kind"] not in ("", "conceptScheme", "reading")}
    made: Graph = nx.MultiDiGraph()
    made.add_nodes_from((node, labels[node]) for node in sorted(ours))
    for source, target, key, about in whole.edges(keys=True, data=True):
        if source in ours and target in ours:
            made.add_edge(source, target, key=key, **about)
    return made


_SHOWN = {
    "trialStatus": "status",
    "trialPhase": "trial_phase",
    "participants": "n",
    "summary": "summary",
    "sourceUrl": "url",
}


def _looked_at(about: Mapping[str, object]) -> dict[str, str]:
    kinds = about.get("kind") or ""
    several = [kinds] if isinstance(kinds, str) else [str(kind) for kind in kinds if kind != "Concept"]  # type: ignore[attr-defined]
    kind = "Paper" if "Paper" in several else several[0] if several else ""
    names = (about.get(name) for name in ("label", "title", "identifier"))
    label = next((name if isinstance(name, str) else name[0] for name in names if name), kind)  # type: ignore[index]
    said = {
        ours: str(about[name]) for name, ours in _SHOWN.items() if kind == "Trial" and isinstance(about.get(name), str)
    }
    return {"kind": kind[:1].lower() + kind[1:], "label": label} | said


def folded(graph: Graph, limit: int) -> tuple[Graph, int]:
    """The graph with its busiest nodes, others of a kind and group (class or domain) as one node; how many those are.

    Busy are nodes of many findings. Every finding stays: it then starts or ends at the node of its group.
    """
    import networkx as nx

    if len(graph) <= limit:
        return graph, 0
    weight = graph.degree()
    order = sorted(graph, key=lambda node: (-weight[node], node))
    home = {node: _group(node, graph.nodes[node]) for node in order[limit:]}
    made: Graph = nx.MultiDiGraph()
    made.add_nodes_from((node, graph.nodes[node]) for node in order[:limit])
    sizes = Counter(home.values())
    for group in sorted(sizes):
        made.add_node(group.id, kind=group.kind, label=f"{sizes[group]:,} other {group.title}", **group.about)
    for source, target, key, about in graph.edges(keys=True, data=True):
        start, end = (home[end].id if end in home else end for end in (source, target))
        made.add_edge(start, end, key=key, **about)
    return made, len(home)


class _Group(NamedTuple):
    kind: str
    title: str
    field: str

    @property
    def id(self) -> str:
        return f"other/{self.kind}/{self.title}"

    @property
    def about(self) -> dict[str, str]:
        return {self.field: self.title} if self.field else {}


def _group(node: str, about: Mapping[str, object]) -> _Group:
    kind = str(about.get("kind") or node.partition("/")[0])
    field = next((name for name in ("class", "domain") if about.get(name)), "")
    return _Group(kind, str(about[field]) if field else f"{kind}s", field)


def flatten(graph: Graph) -> Graph:
    """A sorted copy that every file format can hold: plain values, one type an attribute, no reserved names.

    None, NaN and infinity are left out, lists and sets joined by `|`, control characters dropped. Nodes, edges or
    attributes that would fall together by that are told apart by `_` behind them. `graph["lists"]` names the
    attributes that may hold several values.
    """
    import networkx as nx

    flat: Graph = nx.MultiDiGraph()
    names = _apart(graph, _named)
    attributes = _apart({name for about in _abouts(graph) for name in about}, _attribute)
    nodes = {names[node]: _flat(about, attributes) for node, about in graph.nodes(data=True)}
    edges = {
        (names[u], names[v], key): _flat(links[old], attributes)
        for u, beside in graph.adjacency()
        for v, links in beside.items()
        for old, key in _apart(links, _named).items()
    }
    _one_type(nodes.values())
    _one_type(edges.values())
    flat.add_nodes_from((node, nodes[node]) for node in sorted(nodes))
    for u, v, key in sorted(edges):
        flat.add_edge(u, v, key=key, **edges[u, v, key])
    if lists := _lists(graph, attributes):
        flat.graph["lists"] = "|".join(lists)
    return flat


def _abouts(graph: Graph) -> Iterator[Mapping[str, object]]:
    yield from (about for _, about in graph.nodes(data=True))
    yield from (about for *_, about in graph.edges(data=True))


def _lists(graph: Graph, attributes: Mapping[str, str]) -> list[str]:
    """The attributes that hold several values: in lists, or joined before, as synonyms are."""
    found = {attributes[name] for about in _abouts(graph) for name in about if isinstance(about[name], _SEVERAL)}
    joined = {*str(graph.graph.get("lists", "")).split("|"), "synonyms"} & {*attributes.values()}
    return sorted(found | joined)


def _apart(names: Iterable[str], rename: Callable[[str], str]) -> dict[str, str]:
    """Each name as it is renamed, with `_` behind it where another one is the same; who keeps a name has it first."""
    renamed = {name: rename(name) for name in names}
    if all(name == new for name, new in renamed.items()):
        return renamed
    made = {name: new for name, new in renamed.items() if name == new}
    taken = set(made)
    for name in sorted(renamed.keys() - made.keys(), key=lambda name: (renamed[name], str(name))):
        new = renamed[name]
        while new in taken:
            new += "_"
        taken.add(new)
        made[name] = new
    return made


def _one_type(rows: Collection[dict[str, str | int | float]]) -> None:
    """Give each attribute one type: whole numbers become floats beside floats, anything becomes text beside text."""
    types: dict[str, set[type]] = {}
    for row in rows:
        for name, value in row.items():
            types.setdefault(name, set()).add(type(value))
    wider = {name: str if str in found else float for name, found in types.items() if len(found) > 1}
    for row in rows if wider else ():
        row.update({name: wider[name](value) for name, value in row.items() if name in wider})


_SEVERAL = (list, tuple, set, frozenset)
_RESERVED = frozenset(
    # words of most formats, of the viz and time of GEXF, of compound nodes and places in Cytoscape
    "id source target key name value dir type weight start end pid viz spells slices parents parent position".split()
)
_LONG = 2**63  # whole numbers beyond 64 bits become text


def _flat(about: Mapping[str, object], attributes: Mapping[str, str]) -> dict[str, str | int | float]:
    flat: dict[str, str | int | float] = {}
    for name in sorted(about, key=attributes.__getitem__):
        value = _value(about[name])
        if value is not None:
            flat[attributes[name]] = str(value) if name == "label" else value
    return flat


def _value(value: object) -> str | int | float | None:
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and -_LONG <= value < _LONG:
        return int(value)
    if isinstance(value, _SEVERAL):
        return "|".join(sorted(_clean(str(one)) for one in value if one is not None))
    return None if value is None else _clean(str(value))


def _attribute(name: str) -> str:
    """A name that every format can hold: letters, digits and `_`, a letter first, no word of a format's own."""
    plain = re.sub(r"[^A-Za-z0-9_]+", "_", str(name))
    plain = plain if plain[:1].isalpha() else f"x{plain}"
    return f"{plain}_" if plain.lower() in _RESERVED or (plain.lower() == "label" != plain) else plain


_ILLEGAL = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # in XML 1.0, and C1 controls


def _named(text: str) -> str:
    """The id of a node or the key of an edge: one line, and not empty, which not every program takes."""
    return re.sub("[\t\n\u2028\u2029]", " ", _clean(text)) or "_"


def _clean(text: str) -> str:
    text = str(text)
    return text if text.isascii() and text.isprintable() else _ILLEGAL.sub("", text)
