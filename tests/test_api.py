"""The graph for Python users, in one call each."""

from __future__ import annotations

from pathlib import Path

import pytest

import kg
from kg import resources
from kg.store import Store


def test_the_graph_is_an_rdflib_graph_in_one_call(shipped: Store) -> None:
    assert len(kg.as_rdflib(shipped)) == len(shipped)


def test_the_graph_is_a_networkx_multigraph_in_one_call(shipped: Store) -> None:
    graph = kg.as_networkx(shipped)
    findings = [node for node, about in graph.nodes(data=True) if about.get("kind") == "Finding"]
    assert graph.is_multigraph()
    assert len(findings) == shipped.about["findings"]


def test_a_question_is_one_call(shipped: Store) -> None:
    assert kg.query("improved", shipped, therapy=["hiPSC-NS/PC", "ChABC"], phase="chronic")


def test_the_default_graph_is_built_at_first_use_and_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KG_STORE", str(tmp_path / "graph"))
    said: list[str] = []
    assert len(kg.load(say=said.append)) == len(kg.load(say=said.append))
    assert said == [f"building the graph from {resources.data()} (once)"]


def test_a_graph_older_than_its_data_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KG_STORE", str(tmp_path / "graph"))
    kg.load()
    about = next((tmp_path / "graph").glob("revision-*/about.json"))
    about.write_text(about.read_text(encoding="utf-8").replace('"data": "', '"data": "0'), encoding="utf-8")
    said: list[str] = []
    kg.load(say=said.append)
    assert said == ["the data changed after this graph was built; run 'kg build'"]


def test_a_place_without_a_graph_is_said(tmp_path: Path) -> None:
    with pytest.raises(kg.KgError, match="there is no graph"):
        kg.load(tmp_path)
