from __future__ import annotations

import base64
import re
from collections.abc import Collection, Iterator

import pytest
import rdflib
from Crypto.PublicKey import RSA
from nanopub import Nanopub, NanopubConf, Profile
from nanopub.utils import MalformedNanopubError
from rdflib import RDF, RDFS, XSD, ConjunctiveGraph, Literal, URIRef

import kg
from kg.store import Store
from kg.views.exports import nanopubs

KG, PROV, DCTERMS = (
    rdflib.Namespace(one)
    for one in ("https://w3id.org/cordgraph/ns#", "http://www.w3.org/ns/prov#", "http://purl.org/dc/terms/")
)
NP = rdflib.Namespace("http://www.nanopub.org/nschema#")


def text(store: Store, findings: Collection[str] | None = None, draft: bool = False) -> str:
    ((_, content),) = nanopubs.parts(store, findings, draft)
    return content.decode()


def one_by_one(trig: str) -> Iterator[ConjunctiveGraph]:
    """Each nanopublication of a file in a graph of its own."""
    prefixes, *made = re.split(r"\n(?=<\S*Head> {)", trig)
    for one in made:
        yield ConjunctiveGraph().parse(data=f"{prefixes}\n{one}", format="trig")


def public(graph: ConjunctiveGraph, conf: NanopubConf | None = None) -> Nanopub:
    return Nanopub(rdf=graph, conf=conf or NanopubConf())


@pytest.fixture(scope="module")
def all_of_tiny(tiny: Store) -> dict[str, Nanopub]:
    made = (public(graph) for graph in one_by_one(text(tiny)))
    return {str(next(one.assertion.objects(None, DCTERMS.identifier))): one for one in made}


def test_every_finding_in_force_is_one_nanopublication(tiny: Store, all_of_tiny: dict[str, Nanopub]) -> None:
    rows = tiny.select(f"SELECT ?id WHERE {{ ?f <{KG.inForce}> true ; <{DCTERMS.identifier}> ?id }}")
    assert set(all_of_tiny) == {row["id"] for row in rows}
    assert len(list(one_by_one(text(tiny)))) == len(rows)


def test_every_nanopublication_passes_the_public_check_and_has_a_right_trusty_uri(
    all_of_tiny: dict[str, Nanopub],
) -> None:
    for one in all_of_tiny.values():
        assert one.is_valid
        assert one.source_uri.startswith("https://w3id.org/cordgraph/np/RA")
        assert one.has_valid_trusty


def test_of_the_shipped_graph_every_thirtieth_passes_too(shipped: Store) -> None:
    for graph in list(one_by_one(text(shipped)))[::30]:
        assert public(graph).is_valid
        assert public(graph).has_valid_trusty


@pytest.mark.parametrize("part", ["assertion", "provenance", "pubinfo"])
def test_the_public_check_finds_a_part_that_is_missing(part: str, tiny: Store) -> None:
    graph = next(one_by_one(text(tiny)))
    graph.remove((None, None, None, graph.get_context(getattr(public(graph).metadata, part))))
    with pytest.raises(MalformedNanopubError):
        assert public(graph).is_valid


def test_a_changed_word_makes_the_trusty_uri_wrong(tiny: Store) -> None:
    made = next(one_by_one(text(tiny).replace('kg:result "improved"', 'kg:result "worsened"', 1)))
    with pytest.raises(MalformedNanopubError, match="Trusty"):
        assert public(made).has_valid_trusty


def test_assertion_and_provenance_hold_every_statement_of_the_finding(
    tiny: Store, all_of_tiny: dict[str, Nanopub]
) -> None:
    graph = kg.as_rdflib(tiny)
    for id, one in all_of_tiny.items():
        finding = URIRef(f"https://w3id.org/cordgraph/finding/{id}")
        told = {(p, o) for part in (one.assertion, one.provenance) for p, o in part.predicate_objects(finding)}
        assert told == set(graph.predicate_objects(finding))


def test_the_assertion_says_who_got_what_by_name(all_of_tiny: dict[str, Nanopub]) -> None:
    assertion = all_of_tiny["aoki2001-01"].assertion
    finding = URIRef("https://w3id.org/cordgraph/finding/aoki2001-01")
    (arm,) = assertion.objects(finding, KG.arm)
    (given,) = assertion.objects(arm, KG.given)
    (therapy,) = assertion.objects(given, KG.therapy)
    assert [str(label) for label in assertion.objects(therapy, RDFS.label)] == ["alpha"]
    assert (finding, KG.status, None) not in assertion


def test_provenance_names_paper_curator_day_and_how_far_the_row_is_trusted(all_of_tiny: dict[str, Nanopub]) -> None:
    one = all_of_tiny["aoki2001-01"]
    about = dict(one.provenance.predicate_objects(one.metadata.assertion))
    assert about[PROV.hadPrimarySource] == about[PROV.wasDerivedFrom]
    assert (about[PROV.hadPrimarySource], KG.paperStatus, Literal("ok")) in one.provenance
    assert (about[PROV.wasAttributedTo], RDFS.label, None) in one.provenance
    assert about[DCTERMS.created].datatype == XSD.date
    for each in all_of_tiny.values():
        (status,), (comment,) = (list(each.provenance.objects(None, word)) for word in (KG.status, RDFS.comment))
        assert f"{status.capitalize()}: " in comment


def test_what_a_program_proposed_is_said_to_be_so(tiny: Store) -> None:
    machine = [
        triple if triple.predicate.value != str(KG.origin) else type(triple)(triple.subject, triple.predicate, program)
        for program in [kg.shape.literal("program")]
        for triple in tiny.triples()
    ]
    for graph in one_by_one(text(Store.of(machine))):
        assert any("not by a person" in str(said) for said in graph.objects(None, RDFS.comment))


def test_publication_information_has_licence_creator_and_the_day_of_the_row(all_of_tiny: dict[str, Nanopub]) -> None:
    one = all_of_tiny["aoki2001-01"]
    about = dict(one.pubinfo.predicate_objects(one.metadata.np_uri))
    assert str(about[DCTERMS.license]) == "https://www.apache.org/licenses/LICENSE-2.0"
    assert about[DCTERMS.creator] in set(one.provenance.objects(one.metadata.assertion, PROV.wasAttributedTo))
    assert {str(day) for day in one.provenance.objects(None, KG.curatedOn)} == {str(about[DCTERMS.created])}


def test_a_finding_asked_for_by_key_comes_even_when_it_is_not_in_force(tiny: Store) -> None:
    (graph,) = one_by_one(text(tiny, {"baba2002-06"}))
    assert public(graph).is_valid
    assert Literal("withdrawn") in set(graph.objects(None, KG.status))


def test_none_is_signed_and_a_draft_can_be_signed_without_a_network(tiny: Store) -> None:
    key = RSA.generate(2048)
    private, public_ = (base64.b64encode(one.export_key("DER")).decode() for one in (key, key.public_key()))
    profile = Profile("https://orcid.org/0000-0000-0000-0000", "Alpha", private, public_)
    (draft,) = one_by_one(text(tiny, {"aoki2001-01"}, draft=True))
    one = public(draft, NanopubConf(profile=profile))
    assert one.metadata.signature is None
    one.sign()
    assert one.has_valid_signature
    assert one.has_valid_trusty
    assert (one.metadata.np_uri, RDF.type, NP.Nanopublication) in one.head


def test_the_order_of_the_store_does_not_matter(tiny: Store) -> None:
    assert text(Store.of(reversed(list(tiny.triples())))) == text(tiny)


@pytest.mark.parametrize("word", ['say "x"', "back\\slash", "two\nlines", "\u00e4 \U0001f9e0", "tab\t{ } . ;", "^^<a>"])
def test_any_text_keeps_a_right_trusty_uri(word: str, tiny: Store) -> None:
    changed = [
        type(triple)(triple.subject, triple.predicate, kg.shape.literal(word))
        if triple.predicate.value == str(KG.measure)
        else triple
        for triple in tiny.triples()
    ]
    made = public(next(one_by_one(text(Store.of(changed)))))
    assert made.is_valid
    assert made.has_valid_trusty
    assert Literal(word) in set(made.assertion.objects(None, KG.measure))
