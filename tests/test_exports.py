"""Every format is read back by a reader that is not ours, and compared with the flattened graph."""

from __future__ import annotations

import copy
import csv
import hashlib
import json
import math
import os
import re
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from decimal import Decimal
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote
from xml.etree import ElementTree

import networkx as nx
import pydot
import pytest
import rdflib
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from kg import graph, shape
from kg.cli import main
from kg.errors import KgError
from kg.store import Store, Triple, serialise, triples_of
from kg.views import exports
from kg.views.exports import kgx, networks, rdf

Multi = nx.MultiDiGraph
Content = tuple[dict[str, dict[str, Any]], dict[tuple[str, str, str], dict[str, Any]]]


def content(made: Multi) -> Content:
    return dict(made.nodes(data=True)), {(u, v, key): about for u, v, key, about in made.edges(keys=True, data=True)}


def rest(about: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in about.items() if name not in names}


# --- readers ----------------------------------------------------------------------------------------------------------


def graphml(file: Path) -> Content:
    nodes, edges = content(nx.read_graphml(file, edge_key_type=str, force_multigraph=True))
    assert len({id for *_, id in edges}) == len(edges)
    return nodes, {(u, v, about["networkx_key"]): rest(about, "networkx_key") for (u, v, _), about in edges.items()}


def gexf(file: Path) -> Content:
    """Networkx reads all but the keys, for which it wants parallel edges; every node has a label."""
    made = nx.MultiDiGraph(nx.read_gexf(file))
    space = {"g": "http://www.gexf.net/1.2draft"}
    root = ElementTree.parse(file).getroot()  # noqa: S314  # our own file
    ids = [one.get("id") for one in root.iterfind(".//g:attribute", space) if one.get("title") == "networkx_key"]
    keys = {
        edge.get("id"): one.get("value", "")
        for edge in root.iterfind(".//g:edge", space)
        for one in edge.iterfind(".//g:attvalue", space)
        if one.get("for") in ids
    }
    return dict(made.nodes(data=True)), {
        (u, v, keys[about["id"]]): rest(about, "id") for u, v, about in made.edges(data=True)
    }


def gml(file: Path) -> Content:
    return content(nx.MultiDiGraph(nx.read_gml(file)))


def cyjs(file: Path) -> Content:
    elements = json.loads(file.read_text(encoding="utf-8"))["elements"]
    nodes, edges = ([one["data"] for one in elements[kind]] for kind in ("nodes", "edges"))
    return (
        {one["id"]: rest(one, "id", "value", "name") for one in nodes},
        {(one["source"], one["target"], one["key"]): rest(one, "source", "target", "key") for one in edges},
    )


def node_link(file: Path) -> Content:
    return content(nx.node_link_graph(json.loads(file.read_text(encoding="utf-8")), edges="edges"))


def dot(file: Path) -> Content:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # pydot 4 calls pyparsing by its old names
        (made,) = pydot.graph_from_dot_data(file.read_text(encoding="utf-8"))
    nodes = {unquoted(one.get_name()): unquoted_all(one.get_attributes()) for one in made.get_nodes()}
    edges = [
        (unquoted(e.get_source()), unquoted(e.get_destination()), unquoted_all(e.get_attributes()))
        for e in made.get_edges()
    ]
    return nodes, {(u, v, about["key"]): rest(about, "key") for u, v, about in edges}


def unquoted_all(about: dict[str, str]) -> dict[str, str]:
    return {unquoted(name): unquoted(value) for name, value in about.items()}


def unquoted(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: {"n": "\n"}.get(found[1], found[1]), text[1:-1])


def table(file: Path, part: str) -> list[dict[str, Any]]:
    with file.with_name(f"{file.stem}-{part}.csv").open(encoding="utf-8", newline="") as opened:
        return [{name: unguarded(value) for name, value in row.items() if value} for row in csv.DictReader(opened)]


def unguarded(cell: str) -> str:
    """A cell without the apostrophe that keeps a spreadsheet from reading `-0.5 to 4` as a formula."""
    return cell[1:] if re.match(r"'+[=+\-@\t\r]", cell) else cell


def tables(file: Path) -> Content:
    edges = table(file, "edges")
    return (
        {row.get("id", ""): rest(row, "id") for row in table(file, "nodes")},
        {(row["source"], row["target"], row["key"]): rest(row, "source", "target", "key") for row in edges},
    )


def neo4j(file: Path) -> Content:
    nodes, edges = ([dict(imported(row)) for row in table(file, part)] for part in ("nodes", "relationships"))
    assert all(row[":LABEL"] for row in nodes)
    assert all(re.fullmatch(r"\w+", row[":TYPE"]) for row in edges)
    return (
        {row["id"]: rest(row, "id", ":LABEL") for row in nodes},
        {(e[":START_ID"], e[":END_ID"], e["key"]): rest(e, ":START_ID", ":END_ID", ":TYPE", "key") for e in edges},
    )


def imported(row: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The cells of a row as the importer reads them."""
    for head, value in row.items():
        name, _, kind = head.partition(":")
        assert "\n" not in value
        assert kind in ("", "ID", "long", "double", "boolean", "string[]") or not name
        {"long": int, "double": float}.get(kind, str)(value)
        yield name or head, value.replace(";", "|") if kind == "string[]" else value


def gephi(file: Path) -> Content:
    nodes, edges = table(file, "nodes"), table(file, "edges")
    assert {row["Type"] for row in edges} <= {"Directed"}
    assert len({row["Id"] for row in edges}) == len(edges)
    return (
        {row["Id"]: rest(row, "Id", "Label") | {"label": row.get("Label", "")} for row in nodes},
        {
            (r["Source"], r["Target"], r["key"]): rest(r, "Source", "Target", "Type", "Id", "Label", "key")
            | ({"label": r["Label"]} if "Label" in r else {})
            for r in edges
        },
    )


def parquets(file: Path) -> Content:
    nodes, edges = (
        parquet.read_table(file.with_name(f"{file.stem}-{p}.parquet")).to_pylist() for p in ("nodes", "edges")
    )
    return (
        {row["id"]: given_of(rest(row, "id")) for row in nodes},
        {(row["source"], row["target"], row["key"]): given_of(rest(row, "source", "target", "key")) for row in edges},
    )


def given_of(about: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in about.items() if value is not None}


def tsv(file: Path, part: str) -> list[dict[str, str]]:
    """As KGX reads it: without any quoting, empty cells left out."""
    text = file.with_name(f"{file.stem}_{part}.tsv").read_text(encoding="utf-8")
    assert text.endswith("\n")
    heads, *lines = [line.split("\t") for line in text[:-1].split("\n")]
    rows = [dict(zip(heads, line, strict=True)) for line in lines]
    return [{name: value for name, value in row.items() if value} for row in rows]


def kgx_pair(file: Path) -> Content:
    nodes, edges = tsv(file, "nodes"), tsv(file, "edges")
    names = {"name": "label", "synonym": "synonyms"}
    return (
        {r["id"]: {names.get(k, k): v for k, v in rest(r, "id", "category", "provided_by").items()} for r in nodes},
        {(r["subject"], r["object"], r["key_"]): rest(r, *kgx._EDGE) for r in edges},
    )


# --- what is to be read -----------------------------------------------------------------------------------------------


def exact(flat: Content) -> Content:
    return flat


def spoken(flat: Content) -> Content:
    """Every value as text, and none that is empty."""
    nodes, edges = flat
    return {node: text_of(about) for node, about in nodes.items()}, {e: text_of(about) for e, about in edges.items()}


def text_of(about: dict[str, Any]) -> dict[str, str]:
    return {name: text(value) for name, value in about.items() if value != ""}


def text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def labelled(flat: Content) -> Content:
    """Every node has a label, its id where it has no other."""
    return {node: {"label": node} | about for node, about in flat[0].items()}, flat[1]


def in_dot(flat: Content) -> Content:
    """As `spoken`, and no name is one of Graphviz."""
    nodes, edges = ({one: renamed(about) for one, about in part.items()} for part in spoken(flat))
    return nodes, edges


def renamed(about: dict[str, Any]) -> dict[str, Any]:
    return {networks._unlike(name): value for name, value in about.items()}


def in_lines(flat: Content) -> Content:
    """As `spoken`, a line break a space."""
    return changed(spoken(flat), lambda value: value.replace("\n", " "))


def changed(made: Content, change: Callable[[str], str]) -> Content:
    nodes, edges = made
    return (
        {node: {name: change(value) for name, value in about.items()} for node, about in nodes.items()},
        {edge: {name: change(value) for name, value in about.items()} for edge, about in edges.items()},
    )


def in_cells(flat: Content) -> Content:
    """As KGX has it: ids as CURIEs, tabs and line breaks as spaces, its own names apart."""
    nodes, edges = changed(spoken(flat), cell)
    return (
        {kgx.curie(node): apart(about, kgx._NODE) for node, about in nodes.items()},
        {(kgx.curie(u), kgx.curie(v), key): apart(about, kgx._EDGE) for (u, v, key), about in edges.items()},
    )


def apart(about: dict[str, Any], taken: tuple[str, ...]) -> dict[str, Any]:
    return {f"{name}_" if name in taken else name: value for name, value in about.items()}


def cell(value: str) -> str:
    return re.sub("[\t\n\u2028\u2029]", " ", value)


def in_gml(flat: Content) -> Content:
    """The label of a node is its id; truth is 1 and 0, a number beyond 32 bits is text."""
    nodes, edges = ({one: {k: number(v) for k, v in about.items()} for one, about in part.items()} for part in flat)
    return {
        node: {"label_" if k == "label" else k: v for k, v in about.items()} for node, about in nodes.items()
    }, edges


def number(value: object) -> object:
    return (int(value) if abs(value) < 2**31 else str(value)) if isinstance(value, int) else value


class Specimen(NamedTuple):
    """A file name, the format where the name does not tell, the reader, and what it is to read."""

    file: str
    form: str | None
    read: Callable[[Path], Content]
    wanted: Callable[[Content], Content] = spoken


SPECIMENS = {
    "graphml": Specimen("graph.graphml", None, graphml, exact),
    "gexf": Specimen("graph.gexf", None, gexf, labelled),
    "gml": Specimen("graph.gml", None, gml, in_gml),
    "cyjs": Specimen("graph.cyjs", None, cyjs, exact),
    "node-link": Specimen("graph.json", None, node_link, exact),
    "dot": Specimen("graph.dot", None, dot, in_dot),
    "csv": Specimen("graph.csv", None, tables),
    "neo4j": Specimen("graph.csv", "neo4j", neo4j, in_lines),
    "gephi": Specimen("graph.csv", "gephi", gephi, lambda flat: spoken(labelled(flat))),
    "parquet": Specimen("graph.parquet", None, parquets, exact),
    "kgx": Specimen("graph.tsv", None, kgx_pair, in_cells),
}
each_format = pytest.mark.parametrize("name", SPECIMENS)


def there_and_back(made: Multi, folder: Path, name: str) -> tuple[Content, Content]:
    """What was to be read, and what was."""
    one = SPECIMENS[name]
    exports.write_graph(made, folder / one.file, one.form)
    wanted, got = one.wanted(content(graph.flatten(made))), one.read(folder / one.file)
    if one.wanted in (exact, labelled, in_gml):
        return without_empty(wanted), without_empty(got)
    return wanted, spoken(got)


def without_empty(made: Content) -> Content:
    """GEXF has no empty text."""
    nodes, edges = ({one: {k: v for k, v in about.items() if v != ""} for one, about in part.items()} for part in made)
    return nodes, edges


def small(**attributes: object) -> Multi:
    made: Multi = nx.MultiDiGraph()
    made.add_node("alpha", **attributes)
    made.add_edge("alpha", "walking", key="one", kind="finding")
    made.add_edge("alpha", "walking", key="two", kind="finding")
    made.edges["alpha", "walking", "one"].update(attributes)
    return made


class Half(float):
    """As numpy's numbers are floats of a kind."""


ATTRIBUTES: dict[str, dict[str, Any]] = {
    "none": {"day": None, "text": "x"},
    "nan": {"day": math.nan},
    "infinite": {"day": math.inf},
    "control-characters": {"text": "a\x00b\x01c\x1fd\x7fe\x9f"},
    "lines": {"text": "one\ntwo\tthree\u2028four"},
    "markup": {"text": '<b> & "quoted" \' ]]> <!-- --> </data>'},
    "backslash": {"text": 'a\\n b\\ \\" \\'},
    "reserved": {word: word[0] for word in "id name source target key value type dir weight start end label".split()},
    "reserved-in-capitals": {"ID": "i", "Label": "x", "label": "l", "Type": "t"},
    "of-kgx": {"subject": "s", "predicate": "p", "object": "o", "category": "c", "publications": "x", "synonym": "y"},
    "of-graphviz": {"shape": "s", "style": "t", "pos": "1,1", "class": "c", "url": "u"},
    "odd-names": {"a b": 1, "a_b": 2, "": 3, "1x": 4, "n:long": 5, "\u00e4": 6, "</b>": 7},
    "right-to-left": {"text": "\u202eabc\u2066"},
    "astral": {"text": "\U0001f9e0 \u4e2d\u6587"},
    "surrogate": {"text": "a\ud800b"},
    "not-a-character": {"text": "a\ufffeb\uffffc"},
    "numbers": {"day": 28, "size": -0.5, "tiny": 1e-9, "large": 1e22, "big": 2**40},
    "huge": {"n": 2**70},
    "kinds-of-numbers": {"f": Half(0.5), "e": HTTPStatus.OK, "d": Decimal("1.50")},
    "lists": {"many": ["b", "a"], "synonyms": "x|y"},
    "lists-with-semicolons": {"many": ["b;c", "a"]},
    "sets": {"many": {"b", "a"}, "none": [None]},
    "truth": {"flag": True},
    "empty": {"text": ""},
    "formulas": {
        "text": "=cmd|' /C calc'!A0",
        "plus": "+1",
        "minus": "-0.5 to 4",
        "at": "@x",
        "quoted": "'=x",
        "q": "'",
    },
}
ATTACKS = [
    "</script><script>window.__pwned=1</script>",
    "<img src=x onerror=window.__pwned=1>",
    "\"'><svg onload=window.__pwned=1>",
    "javascript:window.__pwned=1",
    "{{ 7 * 7 }} {% raw %} ${window.__pwned=1} \u2028\u2029 \x00 <!--",
    'https://x.example/" onclick=window.__pwned=1 a="',
]


@each_format
@pytest.mark.parametrize("specimen", ATTRIBUTES)
def test_any_attribute_is_read_as_it_was_written(specimen: str, name: str, tmp_path: Path) -> None:
    wanted, got = there_and_back(small(**ATTRIBUTES[specimen]), tmp_path, name)
    assert got == wanted


@each_format
@pytest.mark.parametrize("values", [(28, 0.5), (0.5, 28), (3, "three"), ("three", 3), (True, "x"), ([1], 2)])
def test_an_attribute_of_two_types_is_read_as_it_was_written(
    values: tuple[object, object], name: str, tmp_path: Path
) -> None:
    made = small()
    for key, value in zip(("one", "two"), values, strict=True):
        made.edges["alpha", "walking", key]["day"] = value
    wanted, got = there_and_back(made, tmp_path, name)
    assert got == wanted


@each_format
def test_an_attribute_of_nodes_and_edges_may_differ_in_type(name: str, tmp_path: Path) -> None:
    made = small()
    made.nodes["alpha"]["n"], made.edges["alpha", "walking", "one"]["n"] = "twelve", 12
    wanted, got = there_and_back(made, tmp_path, name)
    assert got == wanted


@each_format
def test_attack_strings_are_text_everywhere(name: str, tmp_path: Path) -> None:
    made: Multi = nx.MultiDiGraph()
    for number_, bad in enumerate(ATTACKS):
        made.add_node(bad, kind="therapy", label=bad, note=bad, **{bad: bad})
        made.add_edge(bad, ATTACKS[number_ - 1], key=bad, kind=bad, text=bad, **{bad: bad})
    wanted, got = there_and_back(made, tmp_path, name)
    assert got == wanted
    assert len(got[1]) == len(ATTACKS)


@each_format
@pytest.mark.parametrize("view", [graph.evidence, graph.whole])
def test_the_tiny_graph_is_read_as_it_was_written(
    view: Callable[[Store], Multi], name: str, tiny: Store, tmp_path: Path
) -> None:
    wanted, got = there_and_back(view(tiny), tmp_path, name)
    assert got == wanted


@pytest.mark.parametrize("name", sorted(SPECIMENS.keys() - {"dot"}))  # pydot takes minutes to read that much
def test_the_shipped_evidence_is_read_as_it_was_written(name: str, shipped: Store, tmp_path: Path) -> None:
    wanted, got = there_and_back(graph.evidence(shipped), tmp_path, name)
    assert got == wanted


NASTY = st.text(st.sampled_from("aZ1 :;|,=+-@'\"\\\n\t<>&{}[]()%#/_\u00e4\u4e2d\U0001f9e0\u202e\x00\u2028"), max_size=6)
IDS = st.sampled_from(["ex:1", "therapy/a", "https://doi.org/10.1/a%2Fb", "node", "graph", "1", "-1", "=1"]) | NASTY
VALUES = st.none() | NASTY | st.integers(-(2**65), 2**65) | st.floats() | st.booleans() | st.lists(NASTY, max_size=3)
ABOUT = st.dictionaries(st.sampled_from(["kind", "label", "id", "n", "text"]) | NASTY, VALUES, max_size=3)


@st.composite
def graphs(draw: st.DrawFn) -> Multi:
    made: Multi = nx.MultiDiGraph()
    nodes = draw(st.lists(IDS, min_size=1, max_size=4, unique=True))
    for node in nodes:
        made.add_node(node)
        made.nodes[node].update(draw(ABOUT))
    for _ in range(draw(st.integers(0, 4))):
        u, v, key = draw(st.sampled_from(nodes)), draw(st.sampled_from(nodes)), draw(IDS)
        made.add_edge(u, v, key=key)
        made.edges[u, v, key].update(draw(ABOUT))
    return made


PECULIAR = {"gml": r"\[\]|\(\)"}  # networkx reads these texts as lists


@each_format
@given(made=graphs())
@settings(max_examples=60)
def test_any_graph_is_read_as_it_was_written(name: str, made: Multi, tmp_path_factory: pytest.TempPathFactory) -> None:
    flat = graph.flatten(made)
    texts = [*flat, *(v for about in graph._abouts(flat) for v in about.values())]
    if name in PECULIAR and any(re.fullmatch(PECULIAR[name], str(one)) for one in texts):
        return
    wanted, got = there_and_back(made, tmp_path_factory.getbasetemp(), name)
    assert got == wanted
    assert len(got[1]) == made.number_of_edges()


@given(made=graphs())
def test_a_flat_graph_is_sorted_plain_and_flat_once_and_for_all(made: Multi) -> None:
    flat = graph.flatten(made)
    assert (len(flat), flat.number_of_edges()) == (len(made), made.number_of_edges())
    assert list(flat) == sorted(flat)
    assert nx.utils.graphs_equal(graph.flatten(flat), flat)
    for rows in ([about for _, about in flat.nodes(data=True)], [about for *_, about in flat.edges(data=True)]):
        types: dict[str, set[type]] = {}
        for name, value in ((name, value) for about in rows for name, value in about.items()):
            assert re.fullmatch("[A-Za-z][A-Za-z0-9_]*", name)
            types.setdefault(name, set()).add(type(value))
        assert all(len(found) == 1 and found < {str, int, float, bool} for found in types.values())


def test_what_would_fall_together_is_told_apart() -> None:
    made: Multi = nx.MultiDiGraph()
    made.add_node("a\x00", id=1, id_=2)
    made.add_node("a", **{"a b": 1, "a-b": 2})
    made.add_edge("a", "a\x00", key="k\x01")
    made.add_edge("a", "a\x00", key="k")
    flat = graph.flatten(made)
    assert dict(flat.nodes(data=True)) == {"a": {"a_b": 1, "a_b_": 2}, "a_": {"id_": 2, "id__": 1}}
    assert set(flat.edges(keys=True)) == {("a", "a_", "k"), ("a", "a_", "k_")}


# --- one format at a time ---------------------------------------------------------------------------------------------


def test_an_edge_key_survives_gexf_without_parallel_edges(tmp_path: Path) -> None:
    made: Multi = nx.MultiDiGraph([("a", "b", "only")])
    exports.write_graph(made, tmp_path / "a.gexf")
    assert set(gexf(tmp_path / "a.gexf")[1]) == {("a", "b", "only")}


def test_a_table_guards_formulas_and_leaves_numbers(tmp_path: Path) -> None:
    exports.write_graph(small(number=-0.5, text="=1+1", quoted="'=x", plain="'x"), tmp_path / "a.csv")
    with (tmp_path / "a-nodes.csv").open(encoding="utf-8", newline="") as opened:
        row = next(csv.DictReader(opened))
    assert (row["number"], row["text"], row["quoted"], row["plain"]) == ("-0.5", "'=1+1", "''=x", "'x")


def test_neo4j_gets_types_labels_and_lists(tmp_path: Path) -> None:
    made = small(n=1, size=0.5, flag=True, many=["b", "a"], odd=["a;b", "c"], kind="therapy")
    made.edges["alpha", "walking", "two"]["kind"] = "onTopOf"
    exports.write_graph(made, tmp_path / "a.csv", "neo4j")
    heads, first = (tmp_path / "a-nodes.csv").read_text().splitlines()[:2]
    assert heads == "id:ID,:LABEL,flag:boolean,kind,many:string[],n:long,odd,size:double"
    assert first == "alpha,Therapy,true,therapy,a;b,1,a;b|c,0.5"
    types = [row[":TYPE"] for row in table(tmp_path / "a.csv", "relationships")]
    assert types == ["THERAPY", "ON_TOP_OF"]


BIOLINK = {  # of Biolink Model 4.4.6
    "NamedThing", "Treatment", "ClinicalTrial", "Publication", "JournalArticle", "PreprintPublication", "OrganismTaxon",
    "Study", "Association", "has_member", "related_to", "exact_match", "close_match", "broad_match", "narrow_match",
}  # fmt: skip
LEVELS = {"observation", "knowledge_assertion"}
AGENTS = {"manual_agent", "text_mining_agent", "manual_validation_of_automated_agent", "not_provided"}


@pytest.mark.parametrize("view", [graph.evidence, graph.whole])
def test_kgx_keeps_the_rules_of_its_specification(
    view: Callable[[Store], Multi], shipped: Store, tmp_path: Path
) -> None:
    exports.write_graph(view(shipped), tmp_path / "a.tsv")
    nodes, edges = tsv(tmp_path / "a.tsv", "nodes"), tsv(tmp_path / "a.tsv", "edges")
    ids = {row["id"] for row in nodes}
    assert len(ids) == len(nodes)
    assert len({row["id"] for row in edges}) == len(edges)
    assert {row["subject"] for row in edges} | {row["object"] for row in edges} <= ids
    assert all(re.fullmatch(r"[A-Za-z][\w.]*:[^\s|]+", id) for id in ids | {row["id"] for row in edges})
    categories = [row["category"].split("|") for row in nodes]
    assert all(some[0].startswith("biolink:") for some in categories)
    words = {word for some in categories for word in some} | {row["predicate"] for row in edges}
    assert {word.removeprefix("biolink:") for word in words if word.startswith("biolink:")} <= BIOLINK
    assert {word.removeprefix("kg:") for word in words if word.startswith("kg:")} <= shape.words()
    assert {row["knowledge_level"] for row in edges} <= LEVELS
    assert {row["agent_type"] for row in edges} <= AGENTS
    assert {row["primary_knowledge_source"] for row in edges} == {"infores:cordgraph"}


def test_no_finding_becomes_a_treats_in_kgx(tiny: Store, tmp_path: Path) -> None:
    exports.write_graph(graph.evidence(tiny), tmp_path / "a.tsv")
    rows = [row for row in tsv(tmp_path / "a.tsv", "edges") if row["kind"] == "finding"]
    assert {row["predicate"] for row in rows} == {"kg:outcome"}
    assert all(re.match(r"(DOI|PMID):", row["publications"]) for row in rows if "doi" in row)


@pytest.mark.parametrize(
    "origin, status, agent",
    [
        ("curated", "unreviewed", "manual_agent"),
        ("program", "unreviewed", "text_mining_agent"),
        ("program", "reviewed", "manual_validation_of_automated_agent"),
        ("imported", "reviewed", "not_provided"),
    ],
)
def test_kgx_says_who_made_a_finding(origin: str, status: str, agent: str, tmp_path: Path) -> None:
    exports.write_graph(small(origin=origin, status=status), tmp_path / "a.tsv")
    assert tsv(tmp_path / "a.tsv", "edges")[0]["agent_type"] == agent


@pytest.mark.parametrize(
    "node, id",
    [
        ("therapy/alpha", "cordgraph.therapy:alpha"),
        ("arm/aoki2001/a", "cordgraph.arm:aoki2001/a"),
        ("https://doi.org/10.1000/a", "DOI:10.1000/a"),
        ("https://pubmed.ncbi.nlm.nih.gov/12/", "PMID:12"),
        ("https://www.ncbi.nlm.nih.gov/pmc/articles/PMC12/", "PMC:12"),
        ("http://purl.obolibrary.org/obo/NCBITaxon_10116", "NCBITaxon:10116"),
        ("http://id.nlm.nih.gov/mesh/D013119", "MESH:D013119"),
        ("http://psink.de/scio/Rat", "http://psink.de/scio/Rat"),
        ("a b|c%", "cordgraph:a%20b%7Cc%25"),
    ],
)
def test_a_node_is_a_curie_in_kgx(node: str, id: str) -> None:
    assert kgx.curie(node) == id
    assert unquote(re.sub(r"^cordgraph\.(\w+):", r"\1/", id).removeprefix("cordgraph:")) == node or ":" in node


def test_without_pyarrow_parquet_names_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(KgError, match=r"pip install 'cordgraph\[parquet\]'"):
        exports.write_graph(small(), tmp_path / "a.parquet")
    assert list(tmp_path.iterdir()) == []


# --- RDF --------------------------------------------------------------------------------------------------------------

PARSERS = {"ttl": "turtle", "nt": "nt", "nq": "nquads", "trig": "trig", "jsonld": "json-ld", "rdf": "xml"}


def by_rdflib(file: Path, form: str) -> set[tuple[rdflib.term.Node, ...]]:
    made = rdflib.Dataset(default_union=True)
    made.parse(file, format=PARSERS[form])
    return {(s, p, o) for s, p, o, _ in made.quads()}


@pytest.mark.parametrize("form", rdf.FORMS)
def test_rdf_is_read_by_rdflib_as_it_was_written(form: str, tiny: Store, tmp_path: Path) -> None:
    (file,) = exports.write(tiny, tmp_path / f"a.{form}")
    wanted = rdflib.Graph().parse(data=serialise(tiny.triples(), ".nt"), format="nt")
    assert by_rdflib(file, form) == set(wanted)


def test_json_ld_has_our_context_and_compact_names(tiny: Store, tmp_path: Path) -> None:
    exports.write(tiny, tmp_path / "a.jsonld")
    made = json.loads((tmp_path / "a.jsonld").read_text(encoding="utf-8"))
    assert made["@context"]["treatmentDay"] == {"@id": "kg:treatmentDay", "@type": "xsd:decimal"}
    one = next(node for node in made["@graph"] if node["id"] == "finding/aoki2001-01")
    told = {name: one[name] for name in ("type", "result", "isolates", "nArm", "inForce", "treatmentDay")}
    assert told == {
        "type": "kg:Finding", "result": "improved", "isolates": "therapy/alpha", "nArm": 10, "inForce": True,
        "treatmentDay": "28",
    }  # fmt: skip
    assert {name for node in made["@graph"] for name in node} <= set(made["@context"])


LITERALS = st.builds(
    shape.literal, NASTY | st.integers() | st.booleans() | st.decimals(allow_nan=False, allow_infinity=False)
)
LITERALS |= st.builds(shape.english, NASTY) | st.builds(shape.address, NASTY)
NODES = st.sampled_from(
    ["therapy/alpha", "finding/a%3Ab", "a//b", "../x", "./", "", "ns#Finding", "study/x:y", "kg:x", "a/.b", "A/b"]
).map(lambda text: shape.node(shape.BASE + text)) | st.sampled_from(
    ["https://doi.org/10.1/a(b)", "urn:x:y", "http://psink.de/scio/Rat"]
).map(shape.node)
WORDS = st.sampled_from(
    "rdfs:label kg:treatmentDay kg:nArm kg:inForce kg:paper skos:note prov:used rdf:type".split()
).map(shape.name)


@given(st.lists(st.builds(Triple, NODES, WORDS, LITERALS | NODES), max_size=6))
def test_any_triples_are_read_from_json_ld_as_they_were_written(triples: list[Triple]) -> None:
    made = [t for t in triples if t.predicate != shape.TYPE or not hasattr(t.object, "datatype")]
    assert set(triples_of(rdf.jsonld(made), ".jsonld")) == set(made)


def test_rdf_of_some_findings_holds_them_and_all_they_lead_to(tiny: Store, tmp_path: Path) -> None:
    (file,) = exports.write(tiny, tmp_path / "a.ttl", findings={"aoki2001-01"})
    some = set(Store.read([file]).triples())
    subjects = {str(triple.subject) for triple in some}
    assert some < set(tiny.triples())
    assert {one for one in subjects if "/finding/" in one} == {str(shape.iri("finding", "aoki2001-01"))}
    assert str(shape.iri("therapy", "alpha")) in subjects
    known = {str(triple.subject) for triple in tiny.triples()}
    assert {str(triple.object) for triple in some} & known <= subjects


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, form, wanted",
    [
        ("a.ttl", None, "ttl"),
        ("a.TTL", None, "ttl"),
        ("a.gv", None, "dot"),
        ("a.csl.json", None, "csl"),
        ("a.b.json", None, "node-link"),
        ("a.ttl", "csv", "csv"),
        ("a.txt", "nt", "nt"),
        ("a.trig", "nanopub", "nanopub"),
        ("a", "json", "node-link"),
    ],
)
def test_a_format_is_chosen_by_name_or_by_suffix(name: str, form: str | None, wanted: str) -> None:
    assert exports.chosen(Path(name), form) == wanted


@pytest.mark.parametrize(
    "name, form, near",
    [("a.xlsx", None, ""), ("a", None, ""), ("a.csv", "graphmal", "Did you mean 'graphml'"), ("a.gexv", None, "gexf")],
)
def test_an_unknown_format_comes_with_the_nearest_and_writes_nothing(
    name: str, form: str | None, near: str, tmp_path: Path, tiny: Store
) -> None:
    with pytest.raises(KgError, match=rf"is no export format.*{near}.*Known: graphml, gexf") as caught:
        exports.write(tiny, tmp_path / name, form)
    assert caught.value.exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_references_hold_no_graph(tmp_path: Path) -> None:
    with pytest.raises(KgError, match="bib holds findings and no graph"):
        exports.write_graph(small(), tmp_path / "a.bib")


@pytest.mark.parametrize("form", exports.FORMATS)
def test_every_format_holds_the_findings_that_are_asked_for(form: str, tiny: Store, tmp_path: Path) -> None:
    files = exports.write(tiny, tmp_path / "a.x", form, findings={"aoki2001-01"})
    if form != "parquet":
        found = "".join(file.read_text(encoding="utf-8") for file in files)
        assert "aoki2001" in found
        assert "baba2002" not in found


@each_format
def test_an_empty_graph_is_a_file_too(name: str, tmp_path: Path) -> None:
    assert there_and_back(nx.MultiDiGraph(), tmp_path, name)[1] == ({}, {})


def test_a_failure_leaves_every_former_file_as_it_was(tmp_path: Path) -> None:
    def parts() -> Iterator[tuple[str, bytes]]:
        yield "-nodes", b"new"
        raise KgError("no room")

    (tmp_path / "a-nodes.csv").write_bytes(b"old")
    with pytest.raises(KgError, match="no room"):
        exports._written(tmp_path / "a.csv", parts())
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {"a-nodes.csv": b"old"}


@each_format
def test_the_graph_of_the_caller_stays_as_it_is(name: str, tmp_path: Path) -> None:
    made = small(id="i", label="l", many=["b", "a"], none=None)
    before = copy.deepcopy(content(made))
    there_and_back(made, tmp_path, name)
    assert content(made) == before


def test_no_format_writes_the_day_of_the_writing(tiny: Store, tmp_path: Path) -> None:
    (file,) = exports.write(tiny, tmp_path / "a.gexf")
    assert "lastmodifieddate" not in file.read_text()


WRITE_ALL = """
import random, sys
from pathlib import Path
import networkx as nx
from kg import build, graph
from kg.store import Store
from kg.views import exports
triples = list(build.collect(Path(sys.argv[1])).sound().triples())
random.Random(int(sys.argv[3])).shuffle(triples)
store, folder = Store.of(triples), Path(sys.argv[2])
edges = list(graph.evidence(store).edges(keys=True, data=True))
random.Random(int(sys.argv[3])).shuffle(edges)
made = nx.MultiDiGraph(edges)
made.add_node("alpha", many={"b", "a", "c"})
for form in exports.FORMATS:
    exports.write(store, folder / f"a.{form}", form, made)
"""


def test_order_hash_seed_time_zone_and_locale_do_not_change_a_byte(tmp_path: Path) -> None:
    written = []
    for number_, zone, locale in (("1", "UTC", "C"), ("2", "Pacific/Kiritimati", "C.UTF-8")):
        folder = tmp_path / number_
        folder.mkdir()
        around = os.environ | {"PYTHONHASHSEED": number_, "TZ": zone, "LC_ALL": locale}
        place = Path(__file__).parent / "tiny"
        subprocess.run([sys.executable, "-c", WRITE_ALL, str(place), str(folder), number_], env=around, check=True)
        written.append({one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in folder.iterdir()})
    assert len(written[0]) == len(exports.FORMATS) + 5
    assert written[0] == written[1]


# --- the command ------------------------------------------------------------------------------------------------------


def run(built: Path, *words: object) -> tuple[int, str]:
    told = CliRunner().invoke(main, ["--store", str(built), "export", *map(str, words)])
    return told.exit_code, told.output


def test_the_command_writes_by_suffix_and_says_what(built: Path, tmp_path: Path) -> None:
    code, said = run(built, "-o", tmp_path / "a.csv")
    assert code == 0
    assert said.count("wrote") == 2
    assert {file.name for file in tmp_path.iterdir()} == {"a-nodes.csv", "a-edges.csv"}


def test_the_whole_graph_has_more_nodes_than_the_evidence(built: Path, tmp_path: Path) -> None:
    run(built, "-o", tmp_path / "a.json")
    run(built, "-o", tmp_path / "b.json", "--whole")
    assert len(node_link(tmp_path / "a.json")[0]) < len(node_link(tmp_path / "b.json")[0])


def test_the_command_answers_an_unknown_format_with_the_nearest(built: Path, tmp_path: Path) -> None:
    code, said = run(built, "-o", tmp_path / "a.x", "--format", "gexv")
    assert code == 2
    assert "Did you mean 'gexf'" in said


def test_the_help_names_every_format() -> None:
    told = CliRunner().invoke(main, ["export", "--help"]).output
    assert {form for form in exports.FORMATS if not re.search(rf"\b{form}\b", told)} == set()
