from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from kg import shape, store
from kg.build import Collected
from kg.errors import KgError
from kg.store import Answer, Store

A, B, C = (ox.NamedNode(f"https://example.org/{name}") for name in "abc")
ONE, TWO = ox.Triple(A, B, C), ox.Triple(A, B, ox.Literal("two"))


def test_a_select_gives_its_columns_and_rows(tiny: Store) -> None:
    answer = tiny.ask("SELECT ?x ?y { VALUES (?x ?y) { (1 'a') (2 UNDEF) } } ORDER BY ?x")
    assert isinstance(answer, Answer)
    assert answer.columns == ("x", "y")
    assert list(answer.rows) == [{"x": 1, "y": "a"}, {"x": 2, "y": None}]


@pytest.mark.parametrize("query, answer", [("ASK { ?s ?p ?o }", True), ("ASK { <x:a> <x:a> <x:a> }", False)])
def test_an_ask_gives_yes_or_no(query: str, answer: bool, tiny: Store) -> None:
    assert tiny.ask(query) is answer


def test_a_construct_gives_triples() -> None:
    assert list(Store.of([ONE]).construct("CONSTRUCT { ?o ?p ?s } WHERE { ?s ?p ?o }")) == [ox.Triple(C, B, A)]


def test_the_length_is_the_number_of_different_triples() -> None:
    assert len(Store.of([ONE, ONE, TWO])) == 2


PLAIN = {
    "42": 42,
    "4.5": 4.5,
    "'text'": "text",
    "'text'@en": "text",
    "true": True,
    "false": False,
    "<x:a>": "x:a",
    "1e3": 1000.0,
    "'2026-11-22'^^<http://www.w3.org/2001/XMLSchema#date>": "2026-11-22",
    "'x'^^<x:unknown>": "x",
    "'7'^^<http://www.w3.org/2001/XMLSchema#integer>": 7,
    "'1'^^<http://www.w3.org/2001/XMLSchema#boolean>": True,
}


@pytest.mark.parametrize("term", PLAIN)
def test_a_term_comes_as_a_plain_value(term: str, tiny: Store) -> None:
    (row,) = tiny.select(f"SELECT ?x {{ VALUES ?x {{ {term} }} }}")
    assert row["x"] == PLAIN[term]
    assert type(row["x"]) is type(PLAIN[term])


@pytest.mark.parametrize(
    "term", ["'many'^^<http://www.w3.org/2001/XMLSchema#integer>", "'1.5x'^^<http://www.w3.org/2001/XMLSchema#decimal>"]
)
def test_a_number_that_is_none_comes_as_its_text(term: str, tiny: Store) -> None:
    (row,) = tiny.select(f"SELECT ?x {{ VALUES ?x {{ {term} }} }}")
    assert row["x"] == term.split("'")[1]


def test_an_unbound_value_is_none(tiny: Store) -> None:
    assert tiny.select("SELECT ?x { }") == [{"x": None}]


@pytest.mark.parametrize(
    "update",
    ["INSERT DATA { <x:a> <x:a> <x:a> }", "DROP ALL", "DELETE WHERE { ?s ?p ?o }", "LOAD <http://127.0.0.1:9/>"],
)
def test_an_update_is_no_query(update: str, tiny: Store) -> None:
    before = len(tiny)
    with pytest.raises(KgError, match="not a SPARQL query"):
        tiny.ask(update)
    assert len(tiny) == before


def test_a_graph_on_disk_is_opened_for_reading_only(built: Path) -> None:
    (revision,) = built.glob("revision-*")
    Store.open(built)
    engine = ox.Store.read_only(str(revision / "oxigraph"))
    with pytest.raises((OSError, RuntimeError), match=r"."):
        engine.add(ox.Quad(A, B, C))


@pytest.mark.parametrize("query", ["", "SELECT", "SELECT * {\n ?s ?p\n", "hello", "ASK { ?s ?p ?o . nope }"])
def test_a_slip_of_syntax_is_one_sentence(query: str, tiny: Store) -> None:
    with pytest.raises(KgError, match=r"^this is not a SPARQL query: ") as told:
        tiny.ask(query)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    "query, method, wanted",
    [
        ("CONSTRUCT WHERE { ?s ?p ?o }", "ask", "construct"),
        ("SELECT * { ?s ?p ?o }", "construct", "ask"),
        ("ASK { ?s ?p ?o }", "construct", "ask"),
        ("ASK { ?s ?p ?o }", "select", "ask"),
    ],
)
def test_the_wrong_way_of_asking_names_the_right_one(query: str, method: str, wanted: str, tiny: Store) -> None:
    with pytest.raises(KgError, match=rf"use {wanted}\(\)"):
        getattr(tiny, method)(query)


def test_the_vocabulary_of_a_graph_is_that_of_its_tables(tiny: Store, collected: Collected) -> None:
    vocab = tiny.vocab()
    assert vocab.find("therapy", "AL").id == "alpha"
    assert set(vocab.terms) == set(collected.vocab.terms)
    assert vocab.narrower(vocab.find("therapy", "alpha")) == ("alpha", "alpha-two")


@pytest.mark.parametrize("content", [None, "", "nothing", "../elsewhere", "building-x"])
def test_a_folder_without_a_graph_says_how_to_make_one(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "CURRENT").write_text(content)
    with pytest.raises(KgError, match=r"there is no graph at .*run 'kg build'"):
        Store.open(tmp_path)


def test_a_spoiled_graph_says_how_to_make_it_anew(tmp_path: Path) -> None:
    store.build(tmp_path, [ONE], {})
    (revision,) = tmp_path.glob("revision-*")
    (revision / "about.json").write_text("{")
    with pytest.raises(KgError, match=r"cannot be read .*run 'kg build'"):
        Store.open(tmp_path)


@pytest.mark.parametrize("part", ["CURRENT", "MANIFEST-*"])
def test_a_graph_with_a_lost_file_says_how_to_make_it_anew(part: str, tmp_path: Path) -> None:
    store.build(tmp_path, [ONE], {})
    (lost,) = tmp_path.glob(f"revision-*/oxigraph/{part}")
    lost.unlink()
    with pytest.raises(KgError, match="run 'kg build'") as told:
        Store.open(tmp_path)
    assert "\n" not in str(told.value)


def test_a_file_is_no_graph(tmp_path: Path) -> None:
    (tmp_path / "graph").write_text("x")
    with pytest.raises(KgError, match="run 'kg build'"):
        Store.open(tmp_path / "graph")


def test_a_build_replaces_the_graph_and_sweeps_old_ones(tmp_path: Path) -> None:
    store.build(tmp_path, [ONE], {"number": 1})
    (first,) = tmp_path.glob("revision-*")
    os.utime(first, (0, 0))
    made = store.build(tmp_path, [ONE, TWO], {"number": 2})
    assert (len(made), made.about) == (2, {"number": 2, "triples": 2})
    assert not first.exists()
    assert not list(tmp_path.glob("building-*"))


def test_a_graph_opened_before_a_build_goes_on_answering(tmp_path: Path) -> None:
    old = store.build(tmp_path, [ONE], {})
    store.build(tmp_path, [ONE, TWO], {})
    assert len(old.select("SELECT * { ?s ?p ?o }")) == 1


def test_a_build_that_fails_leaves_the_old_graph_and_nothing_half_written(tmp_path: Path) -> None:
    def broken() -> Iterator[ox.Triple]:
        yield ONE
        raise RuntimeError("the source broke")

    store.build(tmp_path, [TWO], {})
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(RuntimeError, match="the source broke"):
        store.build(tmp_path, broken(), {})
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert list(Store.open(tmp_path).triples()) == [TWO]


def test_the_graph_opens_at_every_moment_of_many_builds(tmp_path: Path) -> None:
    store.build(tmp_path, [ONE], {})
    done, failures = threading.Event(), []

    def read() -> None:
        while not done.is_set():
            try:
                assert Store.open(tmp_path).ask("ASK { ?s ?p ?o }")
            except Exception as error:  # noqa: BLE001  # whatever it is, it is the failure
                failures.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(12):
        store.build(tmp_path, [ONE], {})
    done.set()
    reader.join()
    assert failures == []


def test_two_builds_at_once_leave_a_graph_that_opens(tmp_path: Path) -> None:
    failures: list[Exception] = []

    def write() -> None:
        try:
            for _ in range(8):
                store.build(tmp_path, [ONE], {})
        except Exception as error:  # noqa: BLE001  # whatever it is, it is the failure
            failures.append(error)

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failures == []
    assert len(Store.open(tmp_path)) == 1


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "new" / "a.txt"
    with store.replacing(file) as beside:
        beside.write_text("first")
    with pytest.raises(RuntimeError), store.replacing(file) as beside:
        beside.write_text("sec")
        raise RuntimeError
    assert file.read_text() == "first"
    assert [path.name for path in file.parent.iterdir()] == ["a.txt"]


RDF = {".ttl": "turtle", ".nt": "nt", ".rdf": "xml"}


@pytest.mark.parametrize("suffix", [*RDF, ".nq", ".trig", ".jsonld"])
def test_a_dump_is_read_back_equal(suffix: str, tiny: Store, tmp_path: Path) -> None:
    file = tmp_path / f"graph{suffix}"
    tiny.dump(file)
    form = ox.RdfFormat.from_extension(suffix[1:])
    assert form is not None
    read = {str(quad.triple) for quad in ox.parse(path=str(file), format=form)}
    assert read == set(map(str, tiny.triples()))


@pytest.mark.parametrize("suffix", RDF)
def test_another_library_reads_a_dump(suffix: str, tiny: Store, tmp_path: Path) -> None:
    tiny.dump(tmp_path / f"graph{suffix}")
    assert len(rdflib.Graph().parse(tmp_path / f"graph{suffix}", format=RDF[suffix])) == len(tiny)


@pytest.mark.parametrize("suffix", [*RDF, ".nq", ".trig", ".jsonld"])
def test_the_order_of_writing_changes_no_byte(suffix: str, tiny: Store) -> None:
    there = list(tiny.triples())
    assert store.serialise(there, suffix) == store.serialise(there[::-1] + there, suffix)


@pytest.mark.parametrize("suffix", [*RDF, ".nq", ".jsonld"])
def test_any_text_survives_a_dump(suffix: str, tmp_path: Path) -> None:
    texts = [
        'a "quote"',
        "a\\b",
        "line\nline",
        "tab\t",
        "<b>&amp;</b>",
        "\u202eRTL",
        "\u0001",
        "\ufffe",
        "\U0001f600",
        "]]>",
        " ends ",
    ]
    graph = Store.of(ox.Triple(A, B, ox.Literal(text)) for text in texts)
    graph.dump(tmp_path / f"a{suffix}")
    form = ox.RdfFormat.from_extension(suffix[1:])
    assert form is not None
    assert sorted(q.object.value for q in ox.parse(path=str(tmp_path / f"a{suffix}"), format=form)) == sorted(texts)


@pytest.mark.parametrize("suffix", [".doc", "", ".csv"])
def test_a_suffix_that_is_no_rdf_is_refused_and_nothing_is_written(suffix: str, tiny: Store, tmp_path: Path) -> None:
    with pytest.raises(KgError, match="is no RDF format; use"):
        tiny.dump(tmp_path / f"graph{suffix}")
    assert list(tmp_path.iterdir()) == []


def test_what_is_known_about_a_graph_is_kept_beside_it(built: Path) -> None:
    about = Store.open(built).about
    (revision,) = built.glob("revision-*")
    assert about == json.loads((revision / "about.json").read_text())
    assert (about["papers"], about["findings"], about["trials"], about["combinations"]) == (5, 16, 2, 2)


def test_the_prefixes_of_turtle_are_the_ones_of_the_graph(tiny: Store) -> None:
    text = store.serialise(tiny.triples(), ".ttl").decode()
    assert f"@prefix kg: <{shape.NS}>" in text
