"""The library as other tools load it."""

from __future__ import annotations

import json

import pytest
import rdflib
from openapi_spec_validator import validate
from rdflib.namespace import RDF, RDFS

from kg import library
from kg.store import Store
from kg.views import catalogue

SH = rdflib.Namespace("http://www.w3.org/ns/shacl#")
SCHEMA = rdflib.Namespace("https://schema.org/")
QUESTIONS = [library.question(name) for name in library.names()]


@pytest.fixture(scope="module")
def shacl() -> rdflib.Graph:
    return rdflib.Graph().parse(data=catalogue.turtle(QUESTIONS, "https://example.org/sparql"), format="turtle")


def node(name: str) -> rdflib.URIRef:
    return rdflib.URIRef(f"https://w3id.org/cordgraph/question/{name}")


def test_every_question_is_an_executable_with_its_comment_keywords_and_target(shacl: rdflib.Graph) -> None:
    assert len(set(shacl.subjects(RDF.type, SH.SPARQLSelectExecutable))) == len(QUESTIONS)
    for question in QUESTIONS:
        assert str(shacl.value(node(question.name), RDFS.comment)).startswith(question.summary)
        assert {str(word) for word in shacl.objects(node(question.name), SCHEMA.keywords)} == set(question.tags)
        assert shacl.value(node(question.name), SCHEMA.target) == rdflib.URIRef("https://example.org/sparql")


def test_every_query_in_it_runs_as_it_is_and_gives_the_same_answer(shacl: rdflib.Graph, tiny: Store) -> None:
    for question in QUESTIONS:
        if not any(param.required for param in question.params):
            text = str(shacl.value(node(question.name), SH.select))
            assert tiny.select(text) == tiny.select(library.bind(question, {}, tiny.vocab()))


def test_the_prefixes_are_declared_once_for_all(shacl: rdflib.Graph) -> None:
    declared = {str(shacl.value(one, SH.prefix)) for one in shacl.objects(node("prefixes"), SH.declare)}
    assert {"kg", "rdfs", "dcterms"} <= declared
    assert {type(shacl.value(one, SH.namespace).value) for one in shacl.objects(node("prefixes"), SH.declare)} == {str}


def test_there_is_no_blank_node_and_the_same_library_gives_the_same_bytes() -> None:
    text = catalogue.turtle(QUESTIONS)
    assert "_:" not in text.replace("rdf:nil", "")
    assert catalogue.turtle(list(reversed(QUESTIONS))) == text
    assert "schema:target" not in text


def test_the_json_index_is_a_valid_openapi_document_of_every_question() -> None:
    made = json.loads(catalogue.openapi(QUESTIONS))
    validate(made)
    assert list(made["paths"]) == [f"/questions/{question.name}" for question in QUESTIONS]
    for question in QUESTIONS:
        operation = made["paths"][f"/questions/{question.name}"]["get"]
        assert operation["x-sparql"] == question.sparql
        assert {param["name"]: param["required"] for param in operation["parameters"]} == {
            param.name: param.required for param in question.params
        }
