from __future__ import annotations

import importlib
import os
from pathlib import Path
from types import ModuleType

import browser
import pytest


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The benchmark, which `python -m tests.benchmarks` finds in the checkout."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent.parent))
    return importlib.import_module("tests.benchmarks.pages")


@pytest.fixture
def chromium() -> None:
    if not browser.CHROMIUM and os.environ.get("CI") != "true":
        pytest.skip("no Chromium here")


def test_the_invented_graph_has_two_findings_a_node_and_is_the_same_each_time(pages: ModuleType):
    graph = pages.evidence(200)
    assert (len(graph), graph.number_of_edges()) == (200, 400)
    assert min(dict(graph.degree()).values()) >= 1
    assert max(dict(graph.degree()).values()) > 20
    assert list(graph.edges(keys=True, data=True)) == list(pages.evidence(200).edges(keys=True, data=True))


def test_a_page_is_drawn_rests_and_is_dragged_and_zoomed(pages: ModuleType, chromium: None, tmp_path: Path):
    ours = pages.ours(tmp_path, pages.evidence(100))
    assert ours.kilobytes > 100
    turn = pages.turn(ours)
    assert turn.interactive > 0
    assert turn.cpu > 0
    assert turn.pan > 0
    assert turn.zoom > 0


def test_a_page_that_never_comes_to_rest_says_so(pages: ModuleType, chromium: None, tmp_path: Path):
    empty = tmp_path / "empty.html"
    empty.write_text("<!doctype html><title>empty</title>", encoding="utf-8")
    with pytest.raises(pages.TooSlow, match="not at rest in 1 s"):
        pages.turn(pages.Page("empty", 0, empty, "false", 0.0), cap=1.0)
