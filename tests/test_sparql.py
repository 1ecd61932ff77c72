"""What the tokens of a query tell; what is refused is tested with what runs, in test_free.py."""

from __future__ import annotations

import pytest

from kg import sparql

NS = "https://w3id.org/cordgraph/ns#"


@pytest.mark.parametrize(
    ("query", "builds"),
    [
        ("SELECT ?s { ?s ?p ?o }", False),
        ("ask{?s ?p ?o}", False),
        ("PREFIX construct: <x:> SELECT ?construct { ?construct construct:describe 'CONSTRUCT' } # DESCRIBE", False),
        ("# SELECT\nCONSTRUCT { ?s ?p ?o } WHERE { { SELECT ?s { ?s ?p ?o } } }", True),
        ("BASE <x:> DESCRIBE <SELECT>", True),
        ("CONSTRUCTWHERE{?s ?p ?o}", True),
        ("", False),
    ],
)
def test_the_form_of_a_query_is_known_before_it_is_asked(query: str, builds: bool) -> None:
    assert sparql.builds_graph(query) is builds


def test_a_well_known_prefix_need_not_be_declared() -> None:
    assert sparql.completed("ASK { ?s kg:result ?o }") == f"PREFIX kg: <{NS}> ASK {{ ?s kg:result ?o }}"
    assert sparql.completed("ASK { ?s x:result 'kg:x' } # kg:y") == "ASK { ?s x:result 'kg:x' } # kg:y"
    declared = "prefix kg: <http://e/>\nASK { ?s kg:result rdfs:label }"
    assert sparql.completed(declared).startswith("PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> prefix kg:")


def test_a_declaration_is_added_to_the_first_line_so_that_errors_keep_their_lines() -> None:
    assert sparql.completed("ASK {\n ?s kg:a skos:b }").count("\n") == 1


def test_our_names_are_found_however_they_are_written() -> None:
    query = f"PREFIX : <{NS}> PREFIX k:<{NS}> PREFIX kg: <http://e/> ASK {{ ?s :a k:b ; kg:c <{NS}d> , 'k:e' }} # k:f"
    assert sparql.own_names(query) == {"a", "b", "d"}
    assert sparql.own_names("ASK { ?s ?p ?o }") == set()
