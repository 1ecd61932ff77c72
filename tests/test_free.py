from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest
from conftest import Server
from hypothesis import given, settings
from hypothesis import strategies as st

from kg import free, sparql
from kg.build import Collected
from kg.errors import KgError, LimitHit, Refused
from kg.free import Limits
from kg.model import Finding
from kg.store import plain, serialise

QUICK = Limits(seconds=2, memory=1024)
# <HERE> is the address of the counting server; every query that would visit it is to be refused.
VISITS = {
    "alone": "SELECT * { SERVICE <HERE> { ?a ?b ?c } }",
    "lower-case": "SELECT * { service <HERE> { ?a ?b ?c } }",
    "silent": "SELECT * { SERVICE SILENT <HERE> { ?a ?b ?c } }",
    "ask": "ASK { SERVICE <HERE> { ?a ?b ?c } }",
    "construct": "CONSTRUCT { ?a ?b ?c } WHERE { SERVICE <HERE> { ?a ?b ?c } }",
    "describe": "DESCRIBE ?a { SERVICE <HERE> { ?a ?b ?c } }",
    "optional": "SELECT * { ?s ?p ?o OPTIONAL { SERVICE <HERE> { ?a ?b ?c } } }",
    "sub-select": "SELECT * { { SELECT ?a { SERVICE <HERE> { ?a ?b ?c } } } }",
    "exists": "SELECT * { ?s ?p ?o FILTER EXISTS { SERVICE <HERE> { ?a ?b ?c } } }",
    "not-exists": "SELECT * { ?s ?p ?o FILTER NOT EXISTS { SERVICE <HERE> { ?a ?b ?c } } }",
    "bind": "SELECT * { ?s ?p ?o BIND(EXISTS { SERVICE <HERE> { ?a ?b ?c } } AS ?x) }",
    "projection": "SELECT (EXISTS { SERVICE <HERE> { ?a ?b ?c } } AS ?x) { ?s ?p ?o }",
    "having": "SELECT ?s { ?s ?p ?o } GROUP BY ?s HAVING(EXISTS { SERVICE <HERE> { ?a ?b ?c } })",
    "group-by": "SELECT ?x { ?s ?p ?o } GROUP BY (EXISTS { SERVICE <HERE> { ?a ?b ?c } } AS ?x)",
    "order-by": "SELECT ?s { ?s ?p ?o } ORDER BY (EXISTS { SERVICE <HERE> { ?a ?b ?c } })",
    "union": "SELECT * { { ?s ?p ?o } UNION { SERVICE <HERE> { ?a ?b ?c } } }",
    "minus": "SELECT * { ?s ?p ?o MINUS { SERVICE <HERE> { ?s ?b ?c } } }",
    "graph": "SELECT * { ?s ?p ?o OPTIONAL { GRAPH ?g { SERVICE <HERE> { ?a ?b ?c } } } }",
    "by-variable": "SELECT * { VALUES ?x { <HERE> } SERVICE ?x { ?a ?b ?c } }",
    "by-prefixed-name": "PREFIX x: <HERE> SELECT * { SERVICE x:y { ?a ?b ?c } }",
    "by-base": "BASE <HERE> SELECT * { SERVICE <y> { ?a ?b ?c } }",
    "after-a-comment": "SELECT * { # nothing\n SERVICE <HERE> { ?a ?b ?c } }",
    "comment-between": "SELECT * { SERVICE#\n<HERE>{ ?a ?b ?c } }",
    "after-a-string": "SELECT * { VALUES ?x { '#' } SERVICE <HERE> { ?a ?b ?c } }",
    "after-a-long-string": "SELECT * { VALUES ?x { '''a'b\"''' } SERVICE <HERE> { ?a ?b ?c } }",
    "after-an-escaped-quote": "SELECT * { VALUES ?x { 'a\\'' } SERVICE <HERE> { ?a ?b ?c } #' \n }",
    "after-less-than": "SELECT * { FILTER(1<2) SERVICE <HERE> { ?a ?b ?c } FILTER(2>1) }",
    "carriage-return-ends-a-comment": "SELECT * { #\rSERVICE <HERE> { ?a ?b ?c } }",
    "escaped": "SELECT * { \\u0053ERVICE <HERE> { ?a ?b ?c } }",
    "escaped-long": "SELECT * { \\U00000053ERVICE <HERE> { ?a ?b ?c } }",
    "escaped-whole": "SELECT * { " + "".join(f"\\u{ord(c):04X}" for c in "SERVICE") + " <HERE> { ?a ?b ?c } }",
    "escaped-newline-after-hash": "SELECT * { #\\u000ASERVICE <HERE> { ?a ?b ?c } \n }",
    "glued-to-the-brace": "ASK{SERVICE<HERE>{?a ?b ?c}}",
    "glued-to-a-prefix": "PREFIX : <HERE> ASK{SERVICE:x{?a ?b ?c}}",
    "glued-to-a-named-prefix": "PREFIX x: <HERE> ASK{SERVICEx:y{?a ?b ?c}}",
    "glued-silent-to-a-prefix": "PREFIX x: <HERE> ASK{SERVICESILENTx:y{?a ?b ?c}}",
    "glued-to-true": "ASK{VALUES ?x{true}OPTIONAL{?s ?p trueSERVICE<HERE>{?a ?b ?c}}}",
    "glued-to-a-number": "ASK{OPTIONAL{?s ?p 1SERVICE<HERE>{?a ?b ?c}}}",
    "glued-to-an-exponent": "ASK{OPTIONAL{?s ?p 1e1SERVICE<HERE>{?a ?b ?c}}}",
    "glued-to-a-string": "ASK{OPTIONAL{?s ?p 'a'SERVICE<HERE>{?a ?b ?c}}}",
    "glued-to-a-language": "ASK{OPTIONAL{?s ?p 'a'@en SERVICE<HERE>{?a ?b ?c}}}",
    "glued-to-a-direction": "ASK{OPTIONAL{?s ?p 'a'@en--ltr SERVICE<HERE>{?a ?b ?c}}}",
    "glued-to-a-bracket": "ASK{OPTIONAL{[<x:a> <x:b>]SERVICE<HERE>{?a ?b ?c}}}",
    "glued-to-a-name-and-bracket": "PREFIX x: <http://e/> ASK{[x:a x:a]SERVICE<HERE>{?a ?b ?c}}",
    "glued-to-a-bare-prefix-and-dot": "PREFIX x: <http://e/> ASK{OPTIONAL{?s ?p x:.SERVICE<HERE>{?a ?b ?c}}}",
    "glued-to-a-name-and-dots": "PREFIX x: <http://e/> ASK{OPTIONAL{?s ?p x:a.b.SERVICE<HERE>{?a ?b ?c}}}",
    "glued-to-a-variable-and-number": "ASK{OPTIONAL{?s ?p-1e1SERVICE<HERE>{?a ?b ?c}}}",
    "glued-to-a-variable-and-exponent": "ASK{?s ?p-1e1SERVICE<HERE>{}}",
    "name-with-escaped-hash": "PREFIX x: <http://e/>\nASK{OPTIONAL{?s ?p x:a\\#}SERVICE<HERE>{?a ?b ?c}\n}",
    "name-with-escaped-quote": "PREFIX x: <http://e/>\nASK{OPTIONAL{?s ?p x:a\\'}SERVICE<HERE>{?a ?b ?c}#'\n}",
    "string-that-fails-as-a-long-one": 'ASK{VALUES ?x{"""a"}SERVICE<HERE>{?a ?b ?c}}#\\q"""',
    "string-that-fails-as-a-long-one-too": "ASK{VALUES ?x{'''a'}SERVICE<HERE>{?a ?b ?c}}#\\q'''",
}
READS = {
    "from-a-file": "SELECT * FROM <file://CANARY> { ?s ?p ?o }",
    "from-named-a-file": "SELECT * FROM NAMED <file://CANARY> { GRAPH ?g { ?s ?p ?o } }",
    "from-a-server": "SELECT * FROM <HERE> { ?s ?p ?o }",
    "from-glued": "ASKFROM<HERE>{?s ?p ?o}",
    "from-lower": "ask from <HERE> { ?s ?p ?o }",
    "from-escaped": "SELECT * \\u0046ROM <HERE> { ?s ?p ?o }",
    "from-in-a-construct": "CONSTRUCT { ?s ?p ?o } FROM <HERE> WHERE { ?s ?p ?o }",
}
UPDATES = {
    "insert-data": "INSERT DATA { <x:a> <x:a> <x:a> }",
    "delete-data": "DELETE DATA { <x:a> <x:a> <x:a> }",
    "delete-where": "DELETE WHERE { ?s ?p ?o }",
    "delete-insert": "DELETE { ?s ?p ?o } INSERT { ?o ?p ?s } WHERE { ?s ?p ?o }",
    "with": "WITH <x:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    "load": "LOAD <HERE>",
    "load-into": "LOAD SILENT <HERE> INTO GRAPH <x:g>",
    "clear": "CLEAR ALL",
    "drop": "DROP DEFAULT",
    "create": "CREATE GRAPH <x:g>",
    "copy": "COPY DEFAULT TO <x:g>",
    "move": "MOVE DEFAULT TO <x:g>",
    "add": "ADD DEFAULT TO <x:g>",
    "lower-case": "insert data { <x:a> <x:a> <x:a> }",
    "after-a-prefix": "PREFIX x: <x:> INSERT DATA { x:a x:a x:a }",
    "escaped": "\\u0049NSERT DATA { <x:a> <x:a> <x:a> }",
    "second-of-two": "ASK { ?s ?p ?o } ; DROP ALL",
}


@pytest.mark.parametrize("specimen", VISITS)
def test_a_query_that_names_another_server_is_refused_and_nobody_is_visited(
    specimen: str, built: Path, server: Server
) -> None:
    before = len(server.hits)
    with pytest.raises(Refused, match="another server"):
        free.run(built, VISITS[specimen].replace("HERE", server.url), QUICK)
    assert len(server.hits) == before


@pytest.mark.parametrize(
    "specimen", ["alone", "silent", "optional", "exists", "having", "glued-to-the-brace", "by-base"]
)
def test_the_engine_itself_would_visit(specimen: str, server: Server) -> None:
    before = len(server.hits)
    ask_the_engine(VISITS[specimen].replace("HERE", server.url))
    assert len(server.hits) > before


@pytest.mark.parametrize("specimen", READS)
def test_a_query_that_names_another_dataset_is_refused_and_nothing_is_read(
    specimen: str, built: Path, server: Server, tmp_path: Path
) -> None:
    (tmp_path / "canary.ttl").write_text('<x:canary> <x:says> "tweet" .')
    before = len(server.hits)
    text = READS[specimen].replace("CANARY", str(tmp_path / "canary.ttl")).replace("HERE", server.url)
    with pytest.raises(Refused, match="another graph or file"):
        free.run(built, text, QUICK)
    assert len(server.hits) == before


@pytest.mark.parametrize("specimen", UPDATES)
def test_a_query_that_would_change_the_graph_is_refused(specimen: str, built: Path, server: Server) -> None:
    with pytest.raises(Refused, match="would change the graph"):
        free.run(built, UPDATES[specimen].replace("HERE", server.url), QUICK)


def test_a_refusal_is_one_sentence_with_its_own_exit_code() -> None:
    with pytest.raises(Refused) as told:
        sparql.refuse("ASK { SERVICE <x:a> {} }")
    assert told.value.exit_code == 4
    assert "\n" not in str(told.value)


HARMLESS = {
    "in-a-comment": "# SERVICE and FROM, INSERT too\nASK { ?s ?p ?o }",
    "in-a-comment-at-the-end": "ASK { ?s ?p ?o } # SERVICE",
    "in-a-string": "SELECT ?s { ?s ?p ?o FILTER(?o = 'SERVICE FROM INSERT') }",
    "in-a-double-string": 'SELECT ?s { ?s ?p ?o FILTER(?o = "it\\"s SERVICE") }',
    "in-a-long-string": 'SELECT ?s { ?s ?p ?o FILTER(?o = """a "SERVICE" of\nmany""") }',
    "in-an-iri": "ASK { <https://example.org/SERVICE/FROM#INSERT> ?p ?o }",
    "as-a-variable": "SELECT ?service ?from { ?service ?from $insert }",
    "in-a-property": "PREFIX kg: <https://w3id.org/cordgraph/ns#> SELECT ?day { ?phase kg:fromDay ?day }",
    "in-a-string-of-a-regex": "ASK { ?s ?p ?o FILTER(REGEX(STR(?o), '#.*SERVICE')) }",
    "near-words": "PREFIX x: <http://e/> ASK { ?s ?p x:additive }",
    "an-escape-in-a-string": "ASK { ?s ?p ?o FILTER(?o = 'caf\\u00e9') }",
}


@pytest.mark.parametrize("specimen", HARMLESS)
def test_a_keyword_that_is_only_a_word_is_not_refused(specimen: str, built: Path) -> None:
    sparql.refuse(sparql.expand(HARMLESS[specimen]))
    free.run(built, HARMLESS[specimen])


SOUP = [
    " ",
    "\n",
    ".",
    ";",
    "{",
    "}",
    "?s ?p-1e1",
    "[",
    "]",
    "(",
    ")",
    "'",
    '"',
    "'''",
    '"""',
    "\\",
    "#",
    "\\'",
    "\\#",
    "\\q",
    "<",
    ">",
    "?s",
    "?p ?o",
    "x:",
    "x:a",
    "x:a x:a x:a",
    "[x:a x:a]",
    ":",
    "a",
    "1",
    "1.",
    "1e1",
    "true",
    "@en",
    "@en--ltr",
    "-",
    "_:b",
    "^^x:a",
    "%41",
    "\\u0027",
    "\\u005C",
    "\\u0023",
    "VALUES ?x{",
    "OPTIONAL{",
    "OPTIONAL{?s ?p x:a\\'}",
    "FILTER(1<2)",
    "FILTER EXISTS{",
    "UNION{",
    "'a'",
    '""',
    "#'",
    '#"""',
    "#\\q'''",
]
CALLS = [
    "SERVICE<HERE>{?a ?b ?c}",
    "SERVICEx:a{?a ?b ?c}",
    "SERVICE SILENT<HERE>{?a ?b ?c}",
    "serviceSILENTx:a{}",
    "\\u0053ERVICE<HERE>{}",
]
soups = st.lists(st.sampled_from(SOUP), max_size=4).map("".join)


@settings(max_examples=2500)
@given(
    soups,
    st.sampled_from(CALLS),
    soups,
    st.sampled_from(["}", "}}", "}#'", '}#"""', '}#\\q"""', "}#\\q'''", "\n}", "}\n}"]),
)
def test_whatever_is_not_refused_visits_nobody(server: Server, before: str, call: str, after: str, end: str) -> None:
    query = sparql.expand(f"PREFIX x:<{server.url}>ASK{{{before}{call}{after}{end}".replace("HERE", server.url))
    try:
        sparql.refuse(query)
    except Refused:
        return
    hits = len(server.hits)
    ask_the_engine(query)
    assert len(server.hits) == hits


def test_the_child_itself_cannot_reach_anybody(built: Path, server: Server) -> None:
    before = len(server.hits)
    job = {
        "place": str(built),
        "sparql": VISITS["alone"].replace("HERE", server.url),
        "rows": 5,
        "memory": 2048,
        "seconds": 2,
        "labels": False,
        "files": [],
    }
    done = subprocess.run([sys.executable, "-m", "kg.free"], input=json.dumps(job), capture_output=True, text=True)
    assert '"error"' in done.stdout
    assert len(server.hits) == before


HUNDRED = " ".join(map(str, range(100)))
PRODUCT = " ".join(f"VALUES ?v{number} {{ {HUNDRED} }}" for number in range(6))
DOUBLED = " ".join(f"BIND(CONCAT(?v{n}, ?v{n}, ?v{n}, ?v{n}) AS ?v{n + 1})" for n in range(24))
ENDLESS = {
    "cross-join": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n1 ?o . ?p ?q ?r }",
    "cross-product-of-values": f"SELECT (COUNT(*) AS ?n) {{ {PRODUCT} }}",
    "regex-that-backtracks": f"ASK {{ FILTER(REGEX('{'a' * 60}!', '^(a+)+$')) }}",
    "order-of-a-cross-join": "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c ?f ?i",
    "huge-text": "SELECT (GROUP_CONCAT(?c) AS ?all) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }",
    "text-that-doubles": f"SELECT ?v24 {{ BIND('{'x' * 1000}' AS ?v0) {DOUBLED} }}",
    "path-in-circles": "SELECT (COUNT(*) AS ?n) { ?a (!<x:a>|^!<x:a>)* ?b . ?c (!<x:a>|^!<x:a>)* ?d . ?b !<x:a> ?c }",
}


def ask_the_engine(query: str) -> None:
    """Run a query unchecked on a graph of one triple, and read its whole answer."""
    node, engine = ox.NamedNode("http://e/a"), ox.Store()
    engine.add(ox.Quad(node, node, node))
    with contextlib.suppress(SyntaxError, OSError, RuntimeError):
        answer = engine.query(query)
        None if isinstance(answer, ox.QueryBoolean) else list(answer)


def children() -> set[str]:
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


@pytest.mark.parametrize("specimen", ENDLESS)
def test_an_endless_query_ends_in_its_limit_or_an_answer_and_leaves_nothing_behind(specimen: str, built: Path) -> None:
    before = children()
    try:
        free.run(built, ENDLESS[specimen], QUICK)
    except LimitHit as told:
        assert "\n" not in str(told)
        assert told.exit_code == 3
    assert children() <= before
    assert free.run(built, "ASK { ?s ?p ?o }", Limits()).answer is True


def test_a_cross_join_does_hit_its_limit(built: Path) -> None:
    with pytest.raises(LimitHit, match="no answer within 1 seconds"):
        free.run(built, ENDLESS["cross-join"], Limits(seconds=1))


def test_too_much_memory_is_said_as_such(built: Path) -> None:
    with pytest.raises(LimitHit, match="more than 512 MiB of memory"):
        free.run(built, ENDLESS["text-that-doubles"], Limits(seconds=20, memory=512))


def test_a_table_says_where_it_was_cut(built: Path) -> None:
    cut = free.run(built, "SELECT ?s { ?s ?p ?o }", Limits(rows=5))
    assert (len(cut.rows), cut.truncated, cut.columns) == (5, True, ("s",))


def test_a_table_that_just_fits_is_not_called_cut(built: Path) -> None:
    whole = free.run(built, "SELECT ?s { VALUES ?s { 1 2 3 4 5 } }", Limits(rows=5))
    assert ([plain(row[0]) for row in whole.rows], whole.truncated) == ([1, 2, 3, 4, 5], False)
    assert whole.cut() == ""


def test_a_cut_answer_says_how_much_there_is_in_all(built: Path) -> None:
    cut = free.run(built, "SELECT ?v { VALUES ?v { 1 2 3 4 5 6 7 } }", Limits(rows=5))
    assert (cut.cut(), cut.total) == ("showing 5 of 7", 7)


def test_a_cut_answer_too_long_to_count_says_at_least_how_much(built: Path) -> None:
    cut = free.run(built, ENDLESS["cross-join"].replace("(COUNT(*) AS ?n)", "?a"), Limits(seconds=20, rows=5))
    assert cut.cut().startswith("showing 5 of more than ")
    assert cut.least > 100


def test_an_answer_said_before_the_time_ran_out_is_not_lost(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows are found at once; the sixth one, which tells that there are more, never comes."""
    said = b'{"kind": "table", "columns": ["v"], "notes": [], "truncated": true, "size": 74}\n'
    body = b'{"head": {"vars": ["v"]}, "complete": true, "results": {"bindings": [{}]}}'
    reply = free._reply(said + body, Limits(rows=1))
    assert reply is not None
    assert reply.cut() == "showing 1 of more than 1"
    assert free._reply(said + body[:-1], Limits(rows=1)) is None


def test_a_graph_says_where_it_was_cut(built: Path) -> None:
    cut = free.run(built, "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", Limits(rows=5))
    assert cut.truncated
    assert len(cut.triples or ()) == 5
    assert cut.cut().startswith("showing 5 of ")


def test_a_graph_comes_whole(built: Path, collected: Collected) -> None:
    got = free.run(built, "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }").triples
    assert set(map(str, got or ())) == set(map(str, collected.triples()))


def test_a_description_is_a_graph(built: Path) -> None:
    got = free.run(built, "DESCRIBE <https://w3id.org/cordgraph/therapy/alpha>").triples
    assert "alpha protein" in str(got)


def test_the_names_of_iris_come_along_where_they_are_asked_for(built: Path) -> None:
    query = "SELECT ?t { VALUES ?t { <https://w3id.org/cordgraph/therapy/alpha> } ?t a kg:Therapy }"
    assert free.run(built, query).labels == {}
    assert free.run(built, query, labels=True).labels == {"https://w3id.org/cordgraph/therapy/alpha": "alpha"}


def test_a_triple_as_a_term_is_shown_as_its_text(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text("<x:a> <x:says> <<( <x:b> <x:is> <x:c> )>> .")
    query = "SELECT ?o { ?s <x:says> ?o }"
    assert "<x:b> <x:is> <x:c>" in str(free.run("", query, labels=True, files=[tmp_path / "a.ttl"]).rows)


def test_a_word_that_is_none_of_ours_is_answered_with_the_nearest(built: Path) -> None:
    (note,) = free.run(built, "SELECT ?f { ?f kg:isolats ?t }").notes
    assert note.startswith("kg:isolats is no word of this graph. Did you mean 'isolates'")
    (note,) = free.run(built, "ASK { ?f <https://w3id.org/cordgraph/ns#resultt> ?t }").notes
    assert "'result'" in note
    assert not free.run(built, "ASK { ?f kg:reportedInteraction ?t ; a kg:Finding }").notes  # a word no finding has yet


@pytest.mark.parametrize("suffix", [".ttl", ".nt", ".nq", ".trig", ".rdf", ".jsonld", ".owl", ".xml"])
def test_any_rdf_file_can_be_asked(suffix: str, tmp_path: Path, collected: Collected) -> None:
    file = tmp_path / f"graph{suffix}"
    file.write_bytes(serialise(collected.triples(), {".owl": ".rdf", ".xml": ".rdf"}.get(suffix, suffix)))
    (row,) = free.run("", "SELECT (COUNT(?f) AS ?n) { ?f a kg:Finding }", files=[file]).rows
    assert plain(row[0]) == len([item for item in collected.items if isinstance(item, Finding)])


def test_several_files_are_one_graph_and_named_graphs_are_merged(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text("<x:a> <x:p> <here> .")
    (tmp_path / "b.nq").write_text("<x:b> <x:p> <x:o> <x:g> .\n")
    files = [tmp_path / "a.ttl", tmp_path / "b.nq"]
    rows = free.run("", "SELECT ?s ?o { ?s <x:p> ?o } ORDER BY ?s", files=files).rows
    assert [plain(row[0]) for row in rows] == ["x:a", "x:b"]
    assert plain(rows[0][1]) == (tmp_path / "here").as_uri()
    assert len(free.run("", "SELECT ?s { GRAPH <x:g> { ?s ?p ?o } }", files=files).rows) == 1


BOMB = "<!DOCTYPE r [" + "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x" * 100}">' for n in range(9)) + "]>"
RDF = '{}<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="x:a"/></rdf:RDF>'
WRONG_FILES = {
    "bomb.rdf": (RDF.format(BOMB), "with a DOCTYPE or entities is not read"),
    "external.rdf": (RDF.format('<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]>'), "DOCTYPE or entities"),
    "wide.rdf": (RDF.format("<!doctype r>").encode("utf-16").decode("latin-1"), "DOCTYPE or entities"),
    "context.jsonld": ('{"@context": "HERE", "@id": "x:a", "x:b": "c"}', "context.jsonld: "),
    "file-context.jsonld": ('{"@context": "file:///etc/passwd", "@id": "x:a"}', "file-context.jsonld: "),
    "broken.ttl": ("<x:a> <x:b> ", "broken.ttl: "),
    "table.csv": ("a,b", "is no RDF format"),
}


@pytest.mark.parametrize("name", WRONG_FILES)
def test_a_file_that_cannot_be_asked_is_one_sentence_and_fetches_nothing(
    name: str, tmp_path: Path, server: Server
) -> None:
    text, said = WRONG_FILES[name]
    before = len(server.hits)
    (tmp_path / name).write_text(text.replace("HERE", server.url), encoding="latin-1")
    with pytest.raises(KgError, match=said) as told:
        free.run("", "ASK { ?s ?p ?o }", QUICK, files=[tmp_path / name])
    assert "\n" not in str(told.value)
    assert len(server.hits) == before


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(KgError, match=r"none\.ttl cannot be read"):
        free.run("", "ASK { ?s ?p ?o }", files=[tmp_path / "none.ttl"])


@pytest.mark.parametrize(
    "query",
    [
        "# a brace { in a comment\nCONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "CONSTRUCT WHERE { ?s ?p ?o }",
        "construct{?s ?p ?o}where{?s ?p ?o}",
        "PREFIX select: <x:select> CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "CONSTRUCTWHERE{?s ?p ?o}",
    ],
)
def test_a_query_that_builds_a_graph_is_known_however_it_is_written(query: str, built: Path) -> None:
    assert free.run(built, query).triples


@pytest.mark.parametrize(
    "query", ["SELECT ?construct { ?construct ?p ?o }", "# CONSTRUCT\nSELECT ?s { ?s ?p 'DESCRIBE' }"]
)
def test_a_query_that_only_speaks_of_a_graph_gives_a_table(query: str, built: Path) -> None:
    assert free.run(built, query).columns


@pytest.mark.parametrize("query, answer", [("ASK { ?s ?p ?o }", True), ("ASK { <x:a> <x:a> <x:a> }", False)])
def test_a_yes_or_no_is_a_bool(query: str, answer: bool, built: Path) -> None:
    assert free.run(built, query).answer is answer


@pytest.mark.parametrize(
    "query",
    [
        "",
        "SELECT",
        "hello",
        "SELECT * { ?s ?p }",
        "ASK { ?s ?p '\\uD800' }",
        "SELECT * { ?s ?p ?o } }",
        "\0",
        "SELECT ?x { BIND(nosuch(1) AS ?x) }",
    ],
)
def test_what_is_no_query_is_one_sentence(query: str, built: Path) -> None:
    with pytest.raises(KgError) as told:
        free.run(built, query)
    assert "\n" not in str(told.value)
    assert "Traceback" not in str(told.value)
    assert "process failed" not in str(told.value)


def test_a_megabyte_of_query_is_answered_or_refused_in_a_sentence(built: Path) -> None:
    assert free.run(built, "ASK { ?s ?p ?o } #" + "x" * 1_000_000).answer is True
    with pytest.raises(KgError):
        free.run(built, "ASK { " + "{" * 100_000)


def test_a_deeply_nested_query_does_not_take_the_caller_down(built: Path) -> None:
    try:
        free.run(built, "ASK " + "{" * 20_000 + "}" * 20_000, QUICK)
    except KgError as told:
        assert "\n" not in str(told)


def test_a_place_without_a_graph_is_said(tmp_path: Path) -> None:
    with pytest.raises(KgError, match="there is no graph at"):
        free.run(tmp_path, "ASK { ?s ?p ?o }")


def test_numbers_that_are_none_come_through(built: Path) -> None:
    rows = free.run(
        built, "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> SELECT ?x { BIND(xsd:double('INF') AS ?x) }"
    ).rows
    assert [plain(row[0]) for row in rows] == [float("inf")]
