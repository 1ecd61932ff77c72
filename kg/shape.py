"""The shape of the graph: its namespaces and IRIs, and which field is which property.

One table of slots per kind of node; writer and reader both follow it. Numbers take the canonical form of xsd:decimal.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import quote, unquote

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from kg import model, resources
from kg.model import Combination, Paper

BASE = "https://w3id.org/cordgraph/"
NS = BASE + "ns#"
PREFIXES = {
    "bibo": "http://purl.org/ontology/bibo/",
    "dcterms": "http://purl.org/dc/terms/",
    "fabio": "http://purl.org/spar/fabio/",
    "kg": NS,
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
PROLOGUE = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in sorted(PREFIXES.items()))
_FOREIGN = {
    "CHEBI": "http://purl.obolibrary.org/obo/CHEBI_",
    "CL": "http://purl.obolibrary.org/obo/CL_",
    "DRON": "http://purl.obolibrary.org/obo/DRON_",
    "ECO": "http://purl.obolibrary.org/obo/ECO_",
    "GO": "http://purl.obolibrary.org/obo/GO_",
    "MESH": "http://id.nlm.nih.gov/mesh/",
    "MONDO": "http://purl.obolibrary.org/obo/MONDO_",
    "NCBITaxon": "http://purl.obolibrary.org/obo/NCBITaxon_",
    "NCIT": "http://purl.obolibrary.org/obo/NCIT_",
    "OBI": "http://purl.obolibrary.org/obo/OBI_",
    "owl": "http://www.w3.org/2002/07/owl#",
    "SCIO": "http://psink.de/scio/",
    "schema": "https://schema.org/",
    "sh": "http://www.w3.org/ns/shacl#",
    "UBERON": "http://purl.obolibrary.org/obo/UBERON_",
}
Node = NamedNode | Literal
T = TypeVar("T")


@functools.cache
def name(curie: str) -> NamedNode:
    """The IRI of a prefixed name of this graph or of a mapped ontology."""
    prefix, _, local = curie.partition(":")
    return NamedNode((PREFIXES | _FOREIGN)[prefix] + local)


TYPE, LABEL = name("rdf:type"), name("rdfs:label")
_DECIMAL, _INTEGER, _BOOLEAN = name("xsd:decimal"), name("xsd:integer"), name("xsd:boolean")


def literal(value: str | int | Decimal) -> Literal:
    """A value as a literal: text plain, numbers and truth typed."""
    if isinstance(value, str):
        return Literal(value)
    if isinstance(value, bool):
        return Literal(str(value).lower(), datatype=_BOOLEAN)
    return _number(value) if isinstance(value, Decimal) else Literal(str(value), datatype=_INTEGER)


def english(text: str) -> Literal:
    """A text for people, marked as English."""
    return Literal(text, language="en")


def address(text: str) -> Literal:
    """An address as a literal: a namespace names no node."""
    return Literal(text, datatype=name("xsd:anyURI"))


def node(address: str) -> NamedNode:
    """The node of any IRI. Raises ValueError where it is none."""
    return NamedNode(address)


def short(address: str) -> str:
    """An IRI for reading: one of our own nodes as `kind/id`, one of a known namespace as a prefixed name."""
    for prefix, namespace in PREFIXES.items():
        if address.startswith(namespace):
            return f"{prefix}:{address.removeprefix(namespace)}"
    return address.removeprefix(BASE)


@functools.lru_cache(maxsize=100_000)
def iri(scheme: str, *parts: str) -> NamedNode:
    """The IRI of one of our own nodes: `therapy`, `finding`, `arm` ... and its id."""
    return NamedNode(BASE + "/".join([scheme, *(quote(part, safe="+-._~") for part in parts)]))


def paper_iri(paper: Paper) -> NamedNode:
    """The IRI of a publication: its DOI, else its PubMed page, else its PMC page, else one of ours."""
    if paper.doi:
        return NamedNode("https://doi.org/" + quote(paper.doi.lower(), safe="/:;()._-"))
    if paper.pmid:
        return NamedNode(f"https://pubmed.ncbi.nlm.nih.gov/{paper.pmid}/")
    if paper.pmcid:
        return NamedNode(f"https://www.ncbi.nlm.nih.gov/pmc/articles/{paper.pmcid}/")
    return iri("paper", paper.id)


def regimen_iri(value: Combination) -> NamedNode:
    """The node of a regimen: the therapy itself where it is only one."""
    if len(value.members) == 1:
        return iri("therapy", value.members[0])
    return iri("combination", value.id) if value.members else iri("therapy", "control")


@functools.cache
def words() -> frozenset[str]:
    """The local names of every class and property that the ontology declares."""
    ontology = (resources.folder("data") / "ontology" / "cordgraph.ttl").read_bytes()
    subjects = (getattr(quad.subject, "value", "") for quad in parse(ontology, format=RdfFormat.TURTLE))
    return frozenset(subject.removeprefix(NS) for subject in subjects if subject.startswith(NS))


def members(node: str) -> frozenset[str]:
    """The ids of the therapies of a regimen's node: what `regimen_iri` was made from."""
    return frozenset(unquote(node).rsplit("/", 1)[1].split("--"))


# --- values -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kind:
    """How one sort of value is written as an RDF term and read back."""

    write: Callable[[Any], Node]
    read: Callable[[str], Any]


def _number(value: Decimal) -> Literal:
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return Literal("0" if text in ("-0", "") else text, datatype=_DECIMAL)


def local(text: str) -> str:
    """The last part of one of our IRIs: the id."""
    return unquote(text.rsplit("/", 1)[1])


def _term(scheme: str) -> Kind:
    return Kind(lambda value: iri(scheme, value), local)


def _enum(kind: type[StrEnum]) -> Kind:
    return Kind({value: Literal(value.value) for value in kind}.__getitem__, kind)


_TEXT = Kind(Literal, str)
_NUMBER = Kind(_number, Decimal)
_COUNT = Kind(lambda value: Literal(str(value), datatype=_INTEGER), int)
_ABOUT = Kind(lambda value: iri(*value.split(":", 1)), lambda text: ":".join(map(unquote, text.rsplit("/", 2)[1:])))

Slots = dict[str, tuple[NamedNode, Kind]]
TERM: Slots = {
    "label": (name("skos:prefLabel"), _TEXT),
    "synonyms": (name("skos:altLabel"), _TEXT),
    "note": (name("skos:note"), _TEXT),
}
OUTCOME: Slots = TERM | {
    "domain": (name("kg:domain"), _term("domain")),
    "higher_is": (name("kg:higherIs"), _enum(model.HigherIs)),
    "barrier": (name("kg:measuresBarrier"), _term("barrier")),
    "mechanism": (name("kg:indicatesMechanism"), _term("mechanism")),
}
PHASE: Slots = TERM | {
    "from_day": (name("kg:fromDay"), _NUMBER),
    "to_day": (name("kg:toDay"), _NUMBER),
    "human_from_day": (name("kg:humanFromDay"), _NUMBER),
    "human_to_day": (name("kg:humanToDay"), _NUMBER),
}
PAPER: Slots = {
    "id": (name("dcterms:identifier"), _TEXT),
    "title": (name("dcterms:title"), _TEXT),
    "doi": (name("bibo:doi"), _TEXT),
    "pmid": (name("bibo:pmid"), _TEXT),
    "pmcid": (name("kg:pmcid"), _TEXT),
    "year": (name("kg:year"), _COUNT),
    "journal": (name("kg:journal"), _TEXT),
    "first_author": (name("kg:firstAuthor"), _TEXT),
    "last_author": (name("kg:lastAuthor"), _TEXT),
    "laboratory": (name("kg:laboratory"), _term("laboratory")),
    "kind": (name("kg:paperKind"), _enum(model.PaperKind)),
    "status": (name("kg:paperStatus"), _enum(model.PaperStatus)),
    "about": (name("dcterms:subject"), _ABOUT),
    "url": (name("kg:sourceUrl"), _TEXT),
    "note": (name("skos:note"), _TEXT),
}
TRIAL: Slots = {
    "id": (name("dcterms:identifier"), _TEXT),
    "title": (name("dcterms:title"), _TEXT),
    "therapies": (name("kg:therapy"), _term("therapy")),
    "sponsor": (name("kg:sponsor"), _TEXT),
    "phase": (name("kg:trialPhase"), _TEXT),
    "status": (name("kg:trialStatus"), _TEXT),
    "why_stopped": (name("kg:whyStopped"), _TEXT),
    "start_year": (name("kg:year"), _COUNT),
    "injury_phase": (name("kg:phase"), _term("phase")),
    "level": (name("kg:level"), _TEXT),
    "ais": (name("kg:ais"), _TEXT),
    "n": (name("kg:participants"), _COUNT),
    "n_text": (name("kg:participantsText"), _TEXT),
    "result": (name("kg:result"), _enum(model.Result)),
    "summary": (name("kg:summary"), _TEXT),
    "url": (name("kg:sourceUrl"), _TEXT),
    "note": (name("skos:note"), _TEXT),
}
GIVEN: Slots = {
    "therapy": (name("kg:therapy"), _term("therapy")),
    "role": (name("kg:role"), _enum(model.Role)),
    "order": (name("kg:order"), _COUNT),
    "start_day": (name("kg:startDay"), _NUMBER),
    "end_day": (name("kg:endDay"), _NUMBER),
    "dose": (name("kg:dose"), _NUMBER),
    "unit": (name("kg:unit"), _TEXT),
    "dose_text": (name("kg:doseText"), _TEXT),
    "route": (name("kg:route"), _term("route")),
    "note": (name("skos:note"), _TEXT),
}
FINDING: Slots = {
    "id": (name("dcterms:identifier"), _TEXT),
    "study": (name("kg:study"), _term("study")),
    "direction": (name("kg:direction"), _enum(model.Direction)),
    "species": (name("kg:species"), _term("species")),
    "strain": (name("kg:strain"), _TEXT),
    "sex": (name("kg:sex"), _TEXT),
    "injury": (name("kg:injury"), _term("injury")),
    "level": (name("kg:level"), _TEXT),
    "severity": (name("kg:severity"), _TEXT),
    "phase": (name("kg:phase"), _term("phase")),
    "treatment_day": (name("kg:treatmentDay"), _NUMBER),
    "measured_day": (name("kg:measuredDay"), _NUMBER),
    "measure": (name("kg:measure"), _TEXT),
    "significant": (name("kg:significant"), _enum(model.Significant)),
    "p": (name("kg:pValue"), _TEXT),
    "n_arm": (name("kg:nArm"), _COUNT),
    "n_comparator": (name("kg:nComparator"), _COUNT),
    "mean_arm": (name("kg:meanArm"), _NUMBER),
    "spread_arm": (name("kg:spreadArm"), _NUMBER),
    "mean_comparator": (name("kg:meanComparator"), _NUMBER),
    "spread_comparator": (name("kg:spreadComparator"), _NUMBER),
    "spread_kind": (name("kg:spreadKind"), _TEXT),
    "unit": (name("kg:unit"), _TEXT),
    "effect_text": (name("kg:effectText"), _TEXT),
    "interaction": (name("kg:reportedInteraction"), _TEXT),
    "design": (name("kg:design"), _term("design")),
    "evidence": (name("kg:evidence"), _term("evidence")),
    "origin": (name("kg:origin"), _enum(model.Origin)),
    "status": (name("kg:status"), _enum(model.Status)),
    "confidence": (name("kg:confidence"), _TEXT),
    "confidence_reason": (name("kg:confidenceReason"), _TEXT),
    "locator": (name("kg:locator"), _TEXT),
    "source_url": (name("kg:sourceUrl"), _TEXT),
    "quote": (name("kg:quote"), _TEXT),
    "quote_role": (name("kg:quoteRole"), _TEXT),
    "curator": (name("kg:curator"), _TEXT),
    "date": (name("kg:curatedOn"), _TEXT),
    "note": (name("skos:note"), _TEXT),
    "row": (name("kg:sourceRow"), _TEXT),
}
READING: Slots = {
    "finding": (name("kg:finding"), _term("finding")),
    "reader": (name("kg:reader"), _TEXT),
    "date": (name("kg:readOn"), _TEXT),
    "column": (name("kg:column"), _TEXT),
    "first": (name("kg:firstReading"), _TEXT),
    "second": (name("kg:secondReading"), _TEXT),
    "settled": (name("kg:settledAs"), _TEXT),
    "note": (name("skos:note"), _TEXT),
}
