"""Flat graphs as the two tables of KGX, the Knowledge Graph Exchange of the Biolink Model.

https://github.com/biolink/kgx/blob/master/docs/kgx_format.md; classes and slots as in Biolink Model 4.4.6. KGX reads
its tables without any quoting, so tabs and line breaks become spaces, and no cell is guarded against spreadsheets.
Findings of the same therapy and outcome are edges of their own; the graph that KGX 2.7 fills in memory keeps the last.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from kg import shape

if TYPE_CHECKING:
    from kg.graph import Graph

Parts = Iterator[tuple[str, bytes]]
_Row = dict[str, object]
_SOURCE = "infores:cordgraph"  # not in the registry of information resources
_CATEGORIES = {  # where Biolink has a class of the same meaning
    "combination": "Treatment",
    "journalarticle": "JournalArticle",
    "paper": "Publication",
    "preprint": "PreprintPublication",
    "species": "OrganismTaxon",
    "study": "Study",
    "therapy": "Treatment",
    "trial": "ClinicalTrial",
}
_PREDICATES = {
    "broadMatch": "biolink:broad_match",
    "closeMatch": "biolink:close_match",
    "exactMatch": "biolink:exact_match",
    "member": "biolink:has_member",
    "narrowMatch": "biolink:narrow_match",
    # of ours; a finding is kg:outcome, no treats and no affects, for it may be a null
    "measures": "kg:measuresBarrier",
    "tests": "kg:regimen",
    # of others
    "broader": "skos:broader",
    "inScheme": "skos:inScheme",
    "relatedMatch": "skos:relatedMatch",
    "subject": "dcterms:subject",
}
_AGENTS = {"curated": "manual_agent", "program": "text_mining_agent"}
_IDS = (
    (re.compile(r"https://doi\.org/(.+)"), "DOI:"),
    (re.compile(r"https://pubmed\.ncbi\.nlm\.nih\.gov/(\d+)/"), "PMID:"),
    (re.compile(r"https://www\.ncbi\.nlm\.nih\.gov/pmc/articles/PMC(\d+)/"), "PMC:"),
    (re.compile(r"http://purl\.obolibrary\.org/obo/([A-Za-z]+_\w+)"), ""),
    (re.compile(r"http://id\.nlm\.nih\.gov/mesh/(\w+)"), "MESH:"),
)
_NODE = ("id", "category", "name", "synonym", "provided_by")
_EDGE = (
    "id",
    "subject",
    "predicate",
    "object",
    "category",
    "knowledge_level",
    "agent_type",
    "primary_knowledge_source",
    "publications",
    "key_",  # `key` would be an argument of the graph that KGX fills
)


def tables(graph: Graph) -> Parts:
    """Nodes and edges; our own attributes stand behind the columns of KGX."""
    yield "_nodes", _tsv(_NODE, [_node(node, about) for node, about in graph.nodes(data=True)])
    yield "_edges", _tsv(_EDGE, [_edge(*edge) for edge in graph.edges(keys=True, data=True)])


def _node(node: str, about: Mapping[str, object]) -> _Row:
    told = {
        "id": curie(node),
        "category": "|".join(_categories(str(about.get("kind", "")))),
        "name": about.get("label"),
        "synonym": about.get("synonyms"),
        "provided_by": _SOURCE,
    }
    return _beside(about, _NODE, ("label", "synonyms")) | told


def _edge(source: str, target: str, key: str, about: Mapping[str, object]) -> _Row:
    kind = str(about.get("kind") or "related")
    finding = kind == "finding" and "finding" in about  # that of a reading is a link to it
    publications = [f"{prefix}:{about[name]}" for name, prefix in (("doi", "DOI"), ("pmid", "PMID")) if name in about]
    told = {
        "id": curie(f"finding/{key}") if finding else f"{curie(source)}--{_escaped(key)}--{curie(target)}",
        "subject": curie(source),
        "predicate": "kg:outcome" if finding else _predicate(kind),
        "object": curie(target),
        "category": "biolink:Association",
        "knowledge_level": "observation" if finding else "knowledge_assertion",
        "agent_type": _agent(about),
        "primary_knowledge_source": _SOURCE,
        "publications": "|".join(publications),
        "key_": key,
    }
    return _beside(about, _EDGE, ()) | told


def _beside(about: Mapping[str, object], taken: Sequence[str], said: Sequence[str]) -> _Row:
    rest = ((name, value) for name, value in about.items() if name not in said)
    return {f"{name}_" if name in taken else name: value for name, value in rest}


def _categories(kind: str) -> Iterator[str]:
    """The Biolink class; where none is exact the widest one and our own."""
    kinds = [word[:1].upper() + word[1:] for word in kind.split("|") if word]
    found = [_CATEGORIES[word.lower()] for word in kinds if word.lower() in _CATEGORIES]
    yield from (f"biolink:{name}" for name in found or ["NamedThing"])
    yield from (f"kg:{word}" for word in kinds if not found and word in shape.words())


def _predicate(kind: str) -> str:
    return _PREDICATES.get(kind) or (f"kg:{kind}" if kind in shape.words() else "biolink:related_to")


def _agent(about: Mapping[str, object]) -> str:
    agent = _AGENTS.get(str(about.get("origin")), "not_provided")
    read = agent == "text_mining_agent" and about.get("status") == "reviewed"
    return "manual_validation_of_automated_agent" if read else agent


def curie(node: str) -> str:
    """A node as a CURIE: one of ours as `cordgraph.therapy:alpha`, others with their usual prefix, else as the IRI is.

    The prefix `cordgraph.therapy` stands for https://w3id.org/cordgraph/therapy/.
    """
    for pattern, prefix in _IDS:
        if found := pattern.fullmatch(node):
            return prefix + (_escaped(found[1]) if prefix else found[1].replace("_", ":", 1))
    scheme, _, id = node.partition("/")
    ours = re.fullmatch(r"[a-z]+", scheme) and id and "://" not in node
    return f"cordgraph.{scheme}:{_escaped(id)}" if ours else _escaped(node if "://" in node else f"cordgraph:{node}")


def _escaped(text: str) -> str:
    """No white space and no bar, and no `%` but those that escape."""
    return re.sub(r"[\s|]|%(?![0-9A-Fa-f]{2})", lambda found: quote(found[0]), text)


def _tsv(first: Sequence[str], rows: Sequence[_Row]) -> bytes:
    columns = [*first, *sorted({name for row in rows for name in row} - set(first))]
    lines = ("\t".join(_cell(row.get(name)) for name in columns) for row in rows)
    return "".join(f"{line}\n" for line in ("\t".join(columns), *lines)).encode()


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else re.sub(r"[\t\n\u2028\u2029]", " ", str(value))
