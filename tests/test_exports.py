from __future__ import annotations

import copy
import csv
import json
import math
from collections.abc import Callable
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg import graph
from kg.errors import KgError
from kg.store import Store
from kg.views import exports

Content = tuple[dict[str, dict[str, object]], dict[tuple[str, str, str], dict[str, object]]]


def content(made: nx.MultiDiGraph[str]) -> Content:
    return dict(made.nodes(data=True)), {(u, v, key): about for u, v, key, about in made.edges(keys=True, data=True)}


def graphml(file: Path) -> Content:
    return content(nx.read_graphml(file, force_multigraph=True))


def gexf(file: Path) -> Content:
    """Gexf has a label for every node, and numbers its edges, whose keys it does not know."""
    nodes, edges = content(nx.MultiDiGraph(nx.read_gexf(file)))
    for node, about in nodes.items():
        if about.get("label") == node:
            del about["label"]
    return ranked((nodes, {edge: rest(about, "id") for edge, about in edges.items()}))


def ranked(made: Content) -> Content:
    """The same with the edges between two nodes told apart by what they say, not by their keys."""
    nodes, edges = made
    told = [((u, v, repr(sorted(spoken_of(about).items()))), about) for (u, v, _), about in edges.items()]
    told.sort(key=lambda edge: edge[0])
    return nodes, {(u, v, f"{number} {text}"): about for number, ((u, v, text), about) in enumerate(told)}


def spoken_of(about: dict[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in about.items() if value != ""}


def cyjs(file: Path) -> Content:
    elements = json.loads(file.read_text(encoding="utf-8"))["elements"]
    nodes = {one["data"]["id"]: rest(one["data"], "id", "value", "name") for one in elements["nodes"]}
    edges = {
        (one["data"]["source"], one["data"]["target"], one["data"]["key"]): rest(one["data"], "source", "target", "key")
        for one in elements["edges"]
    }
    return nodes, edges


def rest(about: dict[str, object], *names: str) -> dict[str, object]:
    return {name: value for name, value in about.items() if name not in names}


def node_link(file: Path) -> Content:
    return content(nx.node_link_graph(json.loads(file.read_text(encoding="utf-8")), edges="edges"))


def tables(file: Path) -> Content:
    nodes, edges = (read(file.with_name(f"{file.stem}-{part}.csv")) for part in ("nodes", "edges"))
    return (
        {str(row.pop("id")): row for row in nodes},
        {(str(row.pop("source")), str(row.pop("target")), str(row.pop("key"))): row for row in edges},
    )


def read(file: Path) -> list[dict[str, object]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return [{name: value for name, value in row.items() if value != ""} for row in csv.DictReader(opened)]


READERS: dict[str, Callable[[Path], Content]] = {
    "graph.graphml": graphml, "graph.gexf": gexf, "graph.cyjs": cyjs, "graph.json": node_link, "graph.csv": tables,
}  # fmt: skip


def spoken(made: Content) -> Content:
    """The same with every value as text, as a table has it, and without what is empty."""
    nodes, edges = made
    return {node: spoken_of(about) for node, about in nodes.items()}, {
        e: spoken_of(about) for e, about in edges.items()
    }


def there_and_back(made: nx.MultiDiGraph[str], folder: Path, name: str) -> tuple[Content, Content]:
    """What was to be written, and what was read."""
    list(exports.write(made, folder / name))
    wanted, got = content(graph.flatten(made)), READERS[name](folder / name)
    if name.endswith(".gexf"):
        return ranked(wanted), got
    return (spoken(wanted), spoken(got)) if name.endswith(".csv") else (wanted, got)


def small(**attributes: object) -> nx.MultiDiGraph[str]:
    made: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    made.add_node("alpha", **attributes)
    made.add_edge("alpha", "walking", key="one", kind="finding")
    made.add_edge("alpha", "walking", key="two", kind="finding")
    made.edges["alpha", "walking", "one"].update(attributes)
    return made


ATTRIBUTES: dict[str, dict[str, object]] = {
    "none": {"day": None, "text": "x"},
    "nan": {"day": math.nan},
    "infinite": {"day": math.inf},
    "control-characters": {"text": "a\x00b\x01c\x1fd\x7fe\x9f"},
    "lines": {"text": "one\ntwo\tthree"},
    "markup": {"text": '<b> & "quoted" \' ]]> <!-- --> </data>'},
    "reserved": {"id": "i", "name": "n", "source": "s", "target": "t", "key": "k", "value": "v"},
    "right-to-left": {"text": "\u202eabc\u2066"},
    "astral": {"text": "\U0001f9e0 \u4e2d\u6587"},
    "surrogate": {"text": "a\ud800b"},
    "not-a-character": {"text": "a\ufffeb\uffffc"},
    "numbers": {"day": 28, "size": -0.5, "tiny": 1e-9, "big": 2**40},
    "lists": {"many": ["b", "a"]},
    "truth": {"flag": True},
    "empty": {"text": ""},
}


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("specimen", ATTRIBUTES)
def test_any_attribute_is_read_as_it_was_written(specimen: str, name: str, tmp_path: Path) -> None:
    wanted, got = there_and_back(small(**ATTRIBUTES[specimen]), tmp_path, name)
    assert got == wanted


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("values", [(28, 0.5), (0.5, 28), (3, "three"), ("three", 3)])
def test_an_attribute_of_two_types_is_read_as_it_was_written(
    values: tuple[object, object], name: str, tmp_path: Path
) -> None:
    made = small()
    for key, value in zip(("one", "two"), values, strict=True):
        made.edges["alpha", "walking", key]["day"] = value
    wanted, got = there_and_back(made, tmp_path, name)
    assert unguarded(got) == unguarded(wanted)


@pytest.mark.parametrize("name", READERS)
def test_an_attribute_of_nodes_and_edges_may_differ_in_type(name: str, tmp_path: Path) -> None:
    made = small()
    made.nodes["alpha"]["n"], made.edges["alpha", "walking", "one"]["n"] = "twelve", 12
    wanted, got = there_and_back(made, tmp_path, name)
    assert unguarded(got) == unguarded(wanted)


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("view", [graph.evidence, graph.whole])
def test_the_tiny_graph_is_read_as_it_was_written(
    view: Callable[[Store], nx.MultiDiGraph[str]], name: str, tiny: Store, tmp_path: Path
) -> None:
    wanted, got = there_and_back(view(tiny), tmp_path, name)
    assert unguarded(got) == unguarded(wanted)


def unguarded(made: Content) -> Content:
    """As text, without the apostrophe that keeps a spreadsheet from reading `-0.5 to 4` as a formula."""
    nodes, edges = ({one: {k: bare(v) for k, v in spoken_of(about).items()} for one, about in p.items()} for p in made)
    return ranked((nodes, edges))  # type: ignore[arg-type]  # one comprehension makes both


def bare(text: str) -> str:
    """A number in one spelling, text without its guard."""
    text = text.lstrip("'")
    try:
        return f"{float(text):g}"
    except ValueError:
        return text


@pytest.mark.parametrize("name", READERS)
def test_the_shipped_evidence_is_read_as_it_was_written(name: str, shipped: Store, tmp_path: Path) -> None:
    wanted, got = there_and_back(graph.evidence(shipped), tmp_path, name)
    assert unguarded(got) == unguarded(wanted)


@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,8}", fullmatch=True),
        st.none() | st.text(max_size=8) | st.integers(-(2**31), 2**31) | st.floats(),
        max_size=3,
    )
)
def test_any_attributes_can_be_written_in_every_format(
    tmp_path_factory: pytest.TempPathFactory, attributes: dict[str, object]
) -> None:
    for name in READERS:
        nodes, edges = there_and_back(small(**attributes), tmp_path_factory.getbasetemp(), name)[1]
        assert (set(nodes), len(edges)) == ({"alpha", "walking"}, 2)


@pytest.mark.parametrize("name", READERS)
def test_writing_twice_gives_the_same_bytes(name: str, tiny: Store, tmp_path: Path) -> None:
    written = [
        [file.read_bytes() for file in exports.write(graph.evidence(tiny), tmp_path / folder / name)]
        for folder in ("a", "b")
    ]
    assert written[0] == written[1] != []


def test_no_format_writes_the_day_of_the_writing(tiny: Store, tmp_path: Path) -> None:
    (file,) = exports.write(graph.evidence(tiny), tmp_path / "a.gexf")
    assert 'lastmodifieddate="2000-01-01"' in file.read_text() or "lastmodifieddate" not in file.read_text()


@pytest.mark.parametrize("name", READERS)
def test_writing_leaves_the_graph_of_the_caller_alone(name: str, tmp_path: Path) -> None:
    made = small(id="i", day=None, text="a\x00", many=["b", "a"])
    before = copy.deepcopy(content(made))
    list(exports.write(made, tmp_path / name))
    assert content(made) == before


def test_a_table_guards_formulas_and_leaves_numbers(tmp_path: Path) -> None:
    made = small(number=-0.5, text="=cmd|' /C calc'!A0", plus="+1", at="@x", dash="-0.5 to 4")
    list(exports.write(made, tmp_path / "a.csv"))
    row = read(tmp_path / "a-nodes.csv")[0]
    assert (row["number"], row["text"], row["plus"], row["at"]) == ("-0.5", "'=cmd|' /C calc'!A0", "'+1", "'@x")


@pytest.mark.parametrize("name, form", [("a.txt", "graphml"), ("a.graphml", "csv"), ("a", "node-link")])
def test_a_format_may_be_named_whatever_the_suffix(name: str, form: str, tmp_path: Path) -> None:
    assert all(file.stat().st_size for file in exports.write(small(), tmp_path / name, form))


@pytest.mark.parametrize("name, form", [("a.xlsx", None), ("a", None), ("a.csv", "graphmal")])
def test_an_unknown_format_lists_the_known_ones_and_writes_nothing(name: str, form: str | None, tmp_path: Path) -> None:
    with pytest.raises(KgError, match=r"is no export format.*Known: graphml, gexf, cyjs"):
        list(exports.write(small(), tmp_path / name, form))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name, form, suffix",
    [
        ("a.ttl", None, ".ttl"),
        ("a.jsonld", None, ".jsonld"),
        ("a.graphml", None, ""),
        ("a.ttl", "csv", ""),
        ("a.txt", "nt", ".nt"),
    ],
)
def test_suffix_or_format_tells_rdf_from_the_other_formats(name: str, form: str | None, suffix: str) -> None:
    assert exports.rdf(Path(name), form) == suffix


def test_an_empty_graph_is_a_file_too(tmp_path: Path) -> None:
    for name in READERS:
        list(exports.write(nx.MultiDiGraph(), tmp_path / name))
        assert READERS[name](tmp_path / name) == ({}, {})
