"""The page as those meet it who did not make it: with other means, without a network, as a file by itself."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import accessible
import browser
import hanging
import pytest
import test_page

from kg.views import page

tab = pytest.fixture(scope="module")(browser.tabs)
DRAWN = "document.body.dataset.ready === 'true' || !!document.getElementById('status').textContent"
VIEWS = {
    "graph": lambda tab: tab.run("scrollTo(0, 0)"),
    "panel": lambda tab: _search(tab, "therapy/alpha"),
    "table": lambda tab: tab.run("document.getElementById('view').click()"),
}


def _search(tab: browser.Browser, words: str) -> None:
    tab.press("/")
    tab.type(words)
    tab.press("Enter")
    tab.until("!document.getElementById('panel').hidden")


@pytest.fixture
def alone(tmp_path: Path) -> Path:
    """The page, copied by itself into a folder."""
    folder = tmp_path / "a b ü (1)"
    folder.mkdir()
    file = folder / "page#1.html"
    file.write_bytes(page.html(test_page.small_graph(), test_page.TITLE, test_page.ABOUT).encode())
    return file


@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_no_serious_obstacle_is_in_any_view(tab: browser.Browser, alone: Path, view: str, dark: bool, width: int):
    tab.window(width, 900, dark)
    tab.open(alone, DRAWN)
    VIEWS[view](tab)
    assert not [str(one) for one in accessible.obstacles(tab)]


def test_a_page_with_obstacles_has_them_told(tab: browser.Browser, tmp_path: Path):
    bad = tmp_path / "bad.html"
    bad.write_text("<!doctype html><title>bad</title><img src='data:,'><p style='color: #ccc'>pale", encoding="utf-8")
    tab.window(1400, 900)
    tab.open(bad)
    found = {one.rule: str(one) for one in accessible.obstacles(tab)}
    assert {"image-alt", "html-has-lang", "color-contrast"} <= found.keys()
    assert "color-contrast (serious)" in found["color-contrast"]


def test_a_page_by_itself_is_whole_and_writes_nothing(tab: browser.Browser, alone: Path):
    before = alone.read_bytes()
    tab.window(1400, 900)
    tab.open(alone, DRAWN)
    for change in VIEWS.values():
        change(tab)
    assert [path.name for path in alone.parent.iterdir()] == [alone.name]
    assert alone.read_bytes() == before
    assert not tab.complaints()
    assert not [address for address in tab.requests() if not address.startswith(("file:", "data:", "blob:"))]


@pytest.fixture(scope="module")
def cut_off():
    """A tab whose network takes every request and answers none."""
    if not browser.CHROMIUM and os.environ.get("CI") != "true":
        pytest.skip("no Chromium here")
    with hanging.chromium() as (tab, proxy):
        yield tab, proxy


def test_a_network_that_never_answers_keeps_nothing_back(cut_off: tuple[browser.Browser, hanging.Silence], alone: Path):
    tab, proxy = cut_off
    asked = len(proxy.asked)
    tab.open(alone, DRAWN)
    assert tab.run("performance.now()") < 20_000
    for change in VIEWS.values():
        change(tab)
    assert [line for line in proxy.asked[asked:] if ".google" not in line] == []  # those are Chromium's own
    assert not tab.complaints()


def test_a_page_that_asks_the_network_is_held_up_by_its_silence(
    cut_off: tuple[browser.Browser, hanging.Silence], tmp_path: Path
):
    tab, proxy = cut_off
    bad = tmp_path / "bad.html"
    bad.write_text("<!doctype html><script src='http://cdn.invalid/vis.js'></script>drawn", encoding="utf-8")
    tab.send("Page.navigate", url=bad.as_uri())
    wait(lambda: any("cdn.invalid" in line for line in proxy.asked))
    assert tab.run("document.readyState") == "loading"
    assert "drawn" not in tab.run("document.documentElement.innerText")


def wait(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + browser.PATIENCE
    while not condition():
        assert time.monotonic() < end, "never came true"
        time.sleep(0.02)
