"""The ontology names every word the graph uses, and the shipped graph satisfies the shapes."""

from __future__ import annotations

import pyshacl
import pytest
import rdflib
from rdflib import RDF

import kg
from kg import resources
from kg.store import Store

NS = "https://w3id.org/cordgraph/ns#"


@pytest.fixture(scope="module")
def graph(shipped: Store) -> rdflib.Graph:
    return kg.as_rdflib(shipped)


def shapes() -> str:
    return str(resources.folder("data") / "ontology" / "shapes.ttl")


def test_every_word_of_the_graph_is_declared(graph: rdflib.Graph) -> None:
    ontology = rdflib.Graph().parse(resources.folder("data") / "ontology" / "cordgraph.ttl")
    used = {str(p) for p in graph.predicates()} | {str(kind) for kind in graph.objects(None, RDF.type)}
    assert {word for word in used if word.startswith(NS)} <= {str(word) for word in ontology.subjects()}


def test_the_shipped_graph_satisfies_the_shapes(graph: rdflib.Graph) -> None:
    conforms, _, text = pyshacl.validate(graph, shacl_graph=shapes())
    assert conforms, text


def test_a_finding_without_comparator_does_not_satisfy_them(graph: rdflib.Graph) -> None:
    spoiled = rdflib.Graph()
    for triple in graph:
        spoiled.add(triple)
    finding = next(spoiled.subjects(RDF.type, rdflib.URIRef(NS + "Finding")))
    spoiled.remove((finding, rdflib.URIRef(NS + "comparator"), None))
    assert not pyshacl.validate(spoiled, shacl_graph=shapes())[0]


def test_no_node_is_blank(graph: rdflib.Graph) -> None:
    assert not [node for triple in graph for node in triple if isinstance(node, rdflib.BNode)]
