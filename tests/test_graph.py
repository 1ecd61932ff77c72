from __future__ import annotations

import copy
import math

import networkx as nx
import pytest

from kg import graph
from kg.build import Collected
from kg.model import Finding
from kg.store import Store


def in_force(collected: Collected) -> list[Finding]:
    return [item for item in collected.items if isinstance(item, Finding) and item.in_force]


def findings(made: nx.MultiDiGraph[str]) -> dict[str, tuple[str, str]]:
    return {
        key: (source, target) for source, target, key, kind in made.edges(keys=True, data="kind") if kind == "finding"
    }


def test_every_finding_in_force_is_one_edge_from_what_it_isolates_to_its_outcome(
    tiny: Store, collected: Collected
) -> None:
    made = graph.evidence(tiny)
    wanted = {}
    for one in in_force(collected):
        kind = "combination" if len(one.isolates.members) > 1 else "therapy"
        wanted[one.id] = (f"{kind}/{one.isolates.id}", f"outcome/{one.outcome.id}")
    assert findings(made) == wanted
    assert sum(kind == "finding" for *_, kind in made.edges(data="kind")) == len(wanted)


def test_a_retracted_paper_and_a_withdrawn_row_are_no_evidence(tiny: Store) -> None:
    made = graph.evidence(tiny)
    assert not {"cato2003-01", "cato2003-02", "baba2002-06"} & set(findings(made))
    assert "therapy/delta" not in made


def test_an_edge_says_what_the_finding_says(tiny: Store) -> None:
    about = graph.evidence(tiny).edges["therapy/alpha", "outcome/walking", "aoki2001-01"]
    told = {
        name: about[name]
        for name in ("result", "direction", "contrast", "arm", "comparator", "day", "n_arm", "p", "year", "locator")
    }
    assert told == {
        "result": "improved",
        "direction": "increased",
        "contrast": "adds",
        "arm": "alpha",
        "comparator": "vehicle",
        "day": 28,
        "n_arm": 10,
        "p": "<0.05",
        "year": 2001,
        "locator": "Fig. 3B",
    }


def test_a_null_finding_is_an_edge_like_any_other(tiny: Store) -> None:
    assert graph.evidence(tiny).edges["therapy/alpha", "outcome/walking", "baba2002-02"]["result"] == "no difference"


def test_members_barriers_and_trials_stand_beside_the_findings(tiny: Store) -> None:
    links = {(u, v, kind) for u, v, kind in graph.evidence(tiny).edges(data="kind") if kind != "finding"}
    assert links == {
        ("combination/alpha--beta", "therapy/alpha", "member"),
        ("combination/alpha--beta", "therapy/beta", "member"),
        ("outcome/scar-area", "barrier/scar-tissue", "measures"),
        ("trial/NCT00000001", "therapy/alpha", "tests"),
    }


def test_every_node_of_the_evidence_has_a_kind_and_a_label(tiny: Store) -> None:
    made = graph.evidence(tiny)
    assert {kind for _, kind in made.nodes(data="kind")} == {"therapy", "combination", "outcome", "barrier", "trial"}
    assert made.nodes["therapy/gamma"]["label"] == "gamma (purified)"
    assert made.nodes["combination/alpha--beta"]["label"] == "alpha + beta"
    assert all(label for _, label in made.nodes(data="label"))


def test_the_same_findings_stand_against_barriers_and_phases(tiny: Store) -> None:
    made = graph.evidence(tiny)
    barriers, phases = graph.against(made, "barrier"), graph.against(made, "phase")
    assert {to for _, to in findings(barriers).values()} == {"barrier/scar-tissue"}
    assert set(findings(barriers)) == {key for key, (_, to) in findings(made).items() if to == "outcome/scar-area"}
    assert set(findings(phases)) == set(findings(made))


def test_folding_keeps_the_busiest_nodes_and_every_finding(tiny: Store) -> None:
    made = graph.evidence(tiny)
    few, number = graph.folded(made, 3)
    assert number == len(made) - 3
    assert set(findings(few)) == set(findings(made))
    assert graph.folded(made, len(made)) == (made, 0)
    assert sum(node in made for node in few) == 3


def test_the_context_of_findings_is_what_they_link_to_and_what_that_links_to(tiny: Store) -> None:
    made = graph.context(graph.behind(tiny, {"aoki2001-01"}))
    assert {"finding/aoki2001-01", "study/aoki2001", "therapy/alpha", "outcome/walking"} <= set(made)
    assert [node for node in made if node.startswith("finding/")] == ["finding/aoki2001-01"]
    assert all(
        kind and label for _, about in made.nodes(data=True) for kind, label in [(about["kind"], about["label"])]
    )
    assert len(graph.context(graph.whole(tiny))) > len(made)


def test_an_empty_graph_gives_an_empty_graph() -> None:
    assert len(graph.evidence(Store.of([]))) == len(graph.whole(Store.of([]))) == 0


def test_the_whole_graph_has_every_finding_in_force_or_not(tiny: Store, collected: Collected) -> None:
    made = graph.whole(tiny)
    wanted = {f"finding/{item.id}" for item in collected.items if isinstance(item, Finding)}
    assert {node for node, kind in made.nodes(data="kind") if kind == "Finding"} == wanted
    assert made.has_edge("finding/aoki2001-02", "therapy/beta", "isolates")
    assert made.has_edge("finding/aoki2001-02", "therapy/alpha", "onTopOf")


def test_the_whole_graph_loses_no_triple(tiny: Store) -> None:
    made = graph.whole(tiny)
    values = sum(len(v) if isinstance(v, list) else 1 for _, about in made.nodes(data=True) for v in about.values())
    assert made.number_of_edges() + values == len(tiny)


def test_several_literals_are_a_sorted_list(tiny: Store) -> None:
    assert graph.whole(tiny).nodes["therapy/alpha"]["altLabel"] == ["AL", "alpha protein"]


def odd() -> nx.MultiDiGraph[str]:
    made: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    made.add_node(
        "a",
        none=None,
        nan=math.nan,
        many=["b", "a"],
        text="x\x00y\x1b\x85\ufffe",
        number=1.5,
        id="i",
        name="n",
        key="k",
    )
    made.add_edge("a", "b", key="one", source="s", target="t", none=None, flag=True)
    made.add_edge("a", "b", key="two")
    return made


def test_a_flat_graph_has_only_plain_values_and_no_reserved_names() -> None:
    flat = graph.flatten(odd())
    assert flat.nodes["a"] == {"id_": "i", "key_": "k", "many": "a|b", "name_": "n", "number": 1.5, "text": "xy"}
    assert flat.edges["a", "b", "one"] == {"flag": True, "source_": "s", "target_": "t"}
    assert flat.number_of_edges() == 2


def test_flattening_leaves_the_graph_of_the_caller_alone() -> None:
    made, kept = odd(), odd()
    made.nodes["a"]["nan"] = kept.nodes["a"]["nan"]
    before = copy.deepcopy(dict(made.nodes(data=True))), copy.deepcopy(list(made.edges(keys=True, data=True)))
    graph.flatten(made).nodes["a"]["text"] = "changed"
    assert repr((dict(made.nodes(data=True)), list(made.edges(keys=True, data=True)))) == repr(before)


def test_flattening_twice_is_flattening_once(tiny: Store) -> None:
    once = graph.flatten(graph.whole(tiny))
    assert nx.utils.graphs_equal(graph.flatten(once), once)


@pytest.mark.parametrize(
    "text, clean",
    [
        ("tab\tline\n", "tab\tline\n"),
        ("\ud800", ""),
        ("\uffff", ""),
        ("\U0001f600", "\U0001f600"),
        ("\u202e", "\u202e"),
        ("\x7f", ""),
    ],
)
def test_what_no_file_can_hold_is_left_out_of_text(text: str, clean: str) -> None:
    made: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    made.add_node("a", text=text)
    assert graph.flatten(made).nodes["a"]["text"] == clean


def test_a_shortened_iri_is_ours_and_no_other() -> None:
    assert graph.short("https://w3id.org/cordgraph/therapy/alpha") == "therapy/alpha"
    assert graph.short("https://doi.org/10.1000/a") == "https://doi.org/10.1000/a"
