from __future__ import annotations

import json
from pathlib import Path

import pytest
import test_page
from test_page import data_of, rows_of, scene_of

from kg.errors import KgError
from kg.selection import Selection
from kg.store import Store
from kg.views import explorer, scenes


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of its own, where places are kept."""
    monkeypatch.setenv("KG_DATA", str(tmp_path))
    return tmp_path


def test_the_page_of_a_store_has_the_evidence_and_everything_behind_it(tiny: Store, folder: Path) -> None:
    text = explorer.text(tiny)
    assert [scene["name"] for scene in data_of(text)["scenes"]] == ["outcomes", "barriers", "phases", "whole"]
    kinds = {row["kind"] for row in rows_of(text, "nodes")}
    assert {"finding", "paper", "study", "arm", "laboratory", "species"} <= kinds
    assert "reading" not in kinds


def test_a_selection_shows_its_findings_and_says_itself_in_the_title(tiny: Store, folder: Path) -> None:
    text = explorer.text(tiny, Selection(("alpha + beta",)), "Evidence")
    assert "<title>Evidence: alpha + beta</title>" in text
    found = {row["finding"] for row in rows_of(text, "findings")}
    assert found == Selection(("alpha + beta",)).findings(tiny)
    nodes = rows_of(text, "nodes")
    shown = {nodes[i]["id"] for i in scene_of(text, "whole")["nodes"] if nodes[i]["kind"] == "finding"}
    assert shown == {f"finding/{key}" for key in found}


def test_a_construct_is_drawn_as_the_graph_it_builds(built: Path) -> None:
    query = "CONSTRUCT { ?t skos:broader ?c } WHERE { ?t skos:broader ?c }"
    text = explorer.text(Store.open(built), Selection(query=query))
    (scene,) = data_of(text)["scenes"]
    assert (scene["name"], scene["words"]) == ("graph", ["broader"])
    assert "alpha" in {row["label"] for row in rows_of(text, "nodes")}


def test_a_construct_without_links_is_one_sentence(built: Path) -> None:
    with pytest.raises(KgError, match="nothing to draw"):
        explorer.text(Store.open(built), Selection(query="CONSTRUCT { ?t ?p 'a' } WHERE { ?t kg:nowhere ?p }"))


def test_places_kept_beside_the_data_are_those_of_the_next_page(tiny: Store, folder: Path) -> None:
    file = explorer.keep(tiny)
    assert [path.name for path in folder.iterdir()] == ["layout.json"]
    kept = json.loads(file.read_text(encoding="utf-8"))
    assert set(kept) == {"outcomes", "barriers", "phases", "whole"}
    before = explorer.text(tiny)
    moved = {node: [x + 1000, y] for node, (x, y) in kept["whole"].items()}
    file.write_text(json.dumps(kept | {"whole": moved}), encoding="utf-8")
    after = scene_of(explorer.text(tiny), "whole")
    assert after["x"] == [x + 1000 for x in scene_of(before, "whole")["x"]]


def test_a_graph_that_outgrew_its_ring_is_drawn_without_its_kept_slots(tiny: Store, folder: Path) -> None:
    kept = explorer.page.places(explorer.graph.evidence(tiny))
    big = test_page.large_graph(1_600, 80)
    assert next(scenes.of(big, None, kept)).slots is None
    assert next(scenes.of(explorer.graph.evidence(tiny), None, {"outcomes": {"therapy/alpha": [0, 0]}})).slots


def test_what_is_too_much_to_draw_is_said(tiny: Store, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explorer, "_TRIPLES", 10)
    text = explorer.text(tiny)
    assert "whole" not in [scene["name"] for scene in data_of(text)["scenes"]]
    assert "too much behind this" in scene_of(text, "outcomes")["note"]


def test_a_selection_is_laid_out_for_itself(tiny: Store, folder: Path) -> None:
    before = explorer.text(tiny, Selection(("alpha + beta",)))
    explorer.keep(tiny)
    assert explorer.text(tiny, Selection(("alpha + beta",))) == before


def test_kept_places_that_cannot_be_read_are_one_sentence(tiny: Store, folder: Path) -> None:
    (folder / "layout.json").write_text("{", encoding="utf-8")
    with pytest.raises(KgError, match="--keep-places"):
        explorer.text(tiny)


def test_the_shipped_places_hold_nearly_every_node_of_the_shipped_graph(shipped: Store) -> None:
    from kg.views import page

    kept = explorer.kept()
    now = page.places(explorer.graph.evidence(shipped), explorer.graph.context(explorer.graph.whole(shipped)), kept)
    for scene in ("outcomes", "barriers", "phases"):
        nodes, stood = ({name for side in places[scene] for name in side} for places in (now, kept))
        assert len(nodes - stood) <= 0.05 * len(nodes), f"run 'kg view --keep-places': {scene} has many new nodes"
    assert len(set(now["whole"]) - set(kept["whole"])) <= 0.05 * len(now["whole"])
