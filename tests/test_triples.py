from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from decimal import Decimal
from urllib.parse import unquote

import pytest
import rdflib
import strategies
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store, Triple
from strategies import PAPER, SCORE, arm, finding

from kg import shape, triples
from kg.build import Collected
from kg.model import Arm, Combination, Finding, Given, Item, Mapping, Paper, Reading, Term, Trial

LABEL = shape.LABEL


def again(items: Iterable[Item]) -> list[Item]:
    """The items after a stay in a store."""
    store = Store()
    store.bulk_extend(map(quad, triples.write(items)))
    return list(triples.read(one.triple for one in store))


def quad(triple: Triple) -> Quad:
    return Quad(triple.subject, triple.predicate, triple.object)


@given(strategies.terms)
def test_a_term_is_read_as_it_was_written(term: Term) -> None:
    assert again([term]) == [term]


@given(strategies.papers)
def test_a_paper_is_read_as_it_was_written(paper: Paper) -> None:
    assert again([paper]) == [paper]


@given(strategies.trials, strategies.papers)
def test_a_trial_is_read_with_its_papers_as_it_was_written(trial: Trial, paper: Paper) -> None:
    whole = dataclasses.replace(trial, papers=(paper,))
    assert again([paper, whole]) == [paper, whole]


@pytest.mark.parametrize("item", [Paper("a", "", doi="10.1000/a"), Trial("a", "")])
def test_what_has_no_title_yet_is_read_as_it_was_written(item: Item) -> None:
    assert again([item]) == [item]


@given(strategies.findings())
def test_a_finding_is_read_as_it_was_written(made: Finding) -> None:
    (read,) = (item for item in again([made.outcome, made.paper, made]) if isinstance(item, Finding))
    assert read == made
    assert read.row == made.row


@given(strategies.readings)
def test_a_reading_is_read_as_it_was_written(made: Reading) -> None:
    assert again([made]) == [made]


def test_a_whole_folder_is_read_as_it_was_written(collected: Collected) -> None:
    plain = [dataclasses.replace(i, mappings=()) if isinstance(i, Term) else i for i in collected.items]
    assert sorted(triples.read(collected.triples()), key=named) == sorted(plain, key=named)


def named(item: Item) -> tuple[str, str, str]:
    return type(item).__name__, getattr(item, "scheme", ""), item.id


@given(strategies.findings(), strategies.trials, strategies.terms)
def test_nothing_is_a_blank_node(made: Finding, trial: Trial, term: Term) -> None:
    written = triples.write([made.outcome, made.paper, made, trial, term])
    assert not any(isinstance(node, BlankNode) for t in written for node in (t.subject, t.object))


@given(strategies.findings())
def test_the_iris_of_any_name_are_iris_for_other_readers_too(made: Finding) -> None:
    text = "\n".join(f"{t} ." for t in triples.write([made.outcome, made.paper, made]))
    assert len(rdflib.Graph().parse(data=text, format="nt"))


def test_every_node_has_a_label(collected: Collected) -> None:
    written = list(collected.triples())
    labelled = {t.subject for t in written if t.predicate == LABEL}
    ours = {n for t in written for n in (t.subject, t.object) if str(n).startswith(f"<{shape.BASE}")}
    assert {node.value for node in ours - labelled if not node.value.startswith(shape.NS)} == set()


def test_every_subject_has_a_type(collected: Collected) -> None:
    written = list(collected.triples())
    assert {t.subject for t in written} == {t.subject for t in written if t.predicate == shape.TYPE}


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15))
def test_a_number_leaves_the_store_as_it_went_in(number: Decimal) -> None:
    node = NamedNode("https://example.org/a")
    store = Store()
    store.add(Quad(node, node, shape.literal(number)))
    (kept,) = store
    assert kept.object == shape.literal(number)
    assert Decimal(kept.object.value) == number


@pytest.mark.parametrize("printed, canonical", [
    ("42.0", "42"), ("0.50", "0.5"), ("-0.0", "0"), ("1E+3", "1000"), ("1E-3", "0.001"), ("100", "100"), ("0", "0"),
    ("00012.300", "12.3"), ("-7.10", "-7.1"),
])  # fmt: skip
def test_a_decimal_is_written_in_its_canonical_form(printed: str, canonical: str) -> None:
    assert shape.literal(Decimal(printed)).value == canonical


@given(strategies.arm_names, strategies.arm_names)
def test_two_arms_never_share_an_iri(one: str, other: str) -> None:
    assert (shape.iri("arm", "a", one) == shape.iri("arm", "a", other)) == (one == other)


@pytest.mark.parametrize("name", ["a/b", "a b", "<a>", 'a"b', "a#b", "a?b", "a%20b", "ä", "a\u202eb", "../..", "a\\b"])
def test_an_odd_arm_name_stays_one_step_of_its_iri(name: str) -> None:
    node = shape.iri("arm", "study", name)
    assert node.value.removeprefix(shape.BASE).count("/") == 2
    assert rdflib.URIRef(node.value).n3() == str(node)
    (read,) = (i for i in again([SCORE, PAPER, odd(name)]) if isinstance(i, Finding))
    assert read.arm.id == name


def odd(name: str) -> Finding:
    return finding(arm=arm("alpha", id=name))


@pytest.mark.parametrize("doi", [
    "10.1002/(SICI)1096-9861(19960304)366:1<3::AID-CNE2>3.0.CO;2-Y", "10.1000/a;b:c(d)", "10.1000/a#b", "10.1000/a?b",
    "10.1000/a%2Fb", '10.1000/a"b', "10.1000/a[b]", "10.1000/ü",
])  # fmt: skip
def test_an_odd_doi_makes_a_link_that_means_that_doi(doi: str) -> None:
    link = shape.paper_iri(Paper("a", "A", doi=doi)).value
    assert rdflib.URIRef(link).n3() == f"<{link}>"
    assert unquote(link) == "https://doi.org/" + doi.lower()
    assert not set(link) & set('<>"#?[]')


def test_a_paper_without_doi_is_its_pubmed_page_and_without_that_its_pmc_page() -> None:
    assert shape.paper_iri(Paper("a", "A", pmid="12")).value == "https://pubmed.ncbi.nlm.nih.gov/12/"
    assert shape.paper_iri(Paper("a", "A", pmcid="PMC5")).value.endswith("/PMC5/")
    assert shape.paper_iri(Paper("a", "A")) == shape.iri("paper", "a")


def test_a_doi_names_one_paper_in_upper_and_lower_case() -> None:
    assert shape.paper_iri(Paper("a", "A", doi="10.1000/ABC")) == shape.paper_iri(Paper("a", "A", doi="10.1000/abc"))


def test_a_combination_is_one_node_for_both_orders_and_names_its_members() -> None:
    one, other = (finding(arm=arm(*members)) for members in (("alpha", "beta"), ("beta", "alpha")))
    node = shape.regimen_iri(Combination.of(("beta", "alpha")))
    assert node.value == shape.BASE + "combination/alpha--beta"
    for made in (one, other):
        members = {
            t.object for t in triples.write([made]) if t.subject == node and t.predicate.value.endswith("member")
        }
        assert members == {shape.iri("therapy", "alpha"), shape.iri("therapy", "beta")}


def test_a_regimen_of_one_is_that_therapy_and_of_none_the_control() -> None:
    assert shape.regimen_iri(Combination(("alpha",))) == shape.iri("therapy", "alpha")
    assert shape.regimen_iri(Combination(())) == shape.iri("therapy", "control")


def test_what_is_derived_stands_beside_what_was_stated() -> None:
    said = {
        t.predicate.value.removeprefix(shape.NS): t.object
        for t in triples.write([finding(arm=arm("alpha", "beta"), comparator=arm("alpha"))])
        if t.subject == shape.iri("finding", "aoki2001-01")
    }
    assert said["result"] == Literal("improved")
    assert said["isolates"] == shape.iri("therapy", "beta")
    assert said["onTopOf"] == shape.iri("therapy", "alpha")
    assert said["inForce"].value == "true"


def test_a_mapping_is_written_as_the_iri_of_its_curie() -> None:
    mapped = Term("species", "mouse", "mouse", mappings=(Mapping("exactMatch", "NCBITaxon:10090", "page"),))
    objects = {str(t.object) for t in triples.write([mapped])}
    assert "<http://purl.obolibrary.org/obo/NCBITaxon_10090>" in objects


def test_text_that_looks_like_turtle_stays_text() -> None:
    nasty = '" . <https://example.org/a> <https://example.org/b> "\\u0022'
    (read,) = (i for i in again([SCORE, PAPER, finding(note=nasty)]) if isinstance(i, Finding))
    assert read.note == nasty


def test_an_arm_gives_its_parts_in_the_order_of_its_rows() -> None:
    many = Arm("aoki2001", "many", tuple(Given(f"t{number}") for number in range(12)))
    (read,) = (i for i in again([SCORE, PAPER, finding(arm=many)]) if isinstance(i, Finding))
    assert read.arm == many


def test_statements_of_n_triples_come_as_text_and_a_wrong_line_is_named() -> None:
    good = b'<http://a> <http://b> "c \\u00b5"@en .\n<http://a> <http://b> _:d .\n'
    assert next(triples.statements(good)) == ("http://a", "http://b", "c \u00b5")
    with pytest.raises(SyntaxError) as raised:
        list(triples.statements(good + b"<a> .\n"))
    assert raised.value.lineno == 3
