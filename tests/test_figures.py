from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import accessible
import browser
import networkx as nx
import pytest
import test_page
import test_plots
from test_page import Elements

import kg
from kg.errors import KgError, UnknownName
from kg.selection import Selection
from kg.store import Store
from kg.views import figures, plots
from kg.views.plots import Picture

tab = pytest.fixture(scope="module")(browser.tabs)
CLICK = "new MouseEvent('click', { bubbles: true })"
PANEL = "document.getElementById('panel').innerText"


def graph_of(kind: str, attacked: bool = False) -> tuple[nx.MultiDiGraph[str], list[dict[str, object]]]:
    if attacked:
        return test_plots.attacked(), test_plots.attacked_rows(kind)
    return test_plots.graph(), {"trials": test_plots.TRIALS, "forest": test_plots.NUMBERS}.get(kind, [])


def picture_of(kind: str, attacked: bool = False) -> Picture:
    graph, rows = graph_of(kind, attacked)
    title = test_plots.ATTACKS[0] if attacked else ""
    return plots.draw(kind, graph, test_plots.ABOUT, title, rows=rows)


def page_of(kind: str, attacked: bool = False) -> str:
    about = dict.fromkeys(test_plots.ABOUT, test_plots.ATTACKS[1]) if attacked else test_plots.ABOUT
    return figures.page(picture_of(kind, attacked), graph_of(kind, attacked)[0], about)


def data_of(text: str) -> dict[str, object]:
    return json.loads(test_page.block_of(text))


def opened(tab: browser.Browser, folder: Path, text: str, dark: bool = False, width: int = 1400) -> browser.Browser:
    (folder / "a b ü (1).html").write_bytes(text.encode())
    tab.window(width, 900, dark)
    tab.open(folder / "a b ü (1).html", "document.body.dataset.ready")
    return tab


@pytest.mark.parametrize("kind", plots.KINDS)
def test_each_mark_of_a_page_leads_to_its_findings(kind: str) -> None:
    data = data_of(page_of(kind))
    rows = test_page.rows_of(page_of(kind), "findings")
    picture = picture_of(kind)
    told = {id: {rows[number]["finding"] for number in numbers} for id, _, numbers in data["marks"]}
    assert told == {mark.id: set(mark.findings) for mark in picture.marks}
    assert set().union(*told.values()) == {row["finding"] for row in rows}


@pytest.mark.parametrize("kind", plots.KINDS)
def test_attack_strings_stay_words_in_the_page_of_a_picture(kind: str, tab: browser.Browser, tmp_path: Path) -> None:
    text = page_of(kind, attacked=True)
    assert sum(name == "script" for name, _ in Elements(text).found) == 3
    assert not [name for _, attributes in Elements(text).found for name in attributes if name.startswith("on")]
    opened(tab, tmp_path, text)
    tab.run(f"document.querySelectorAll('.mark').forEach(mark => mark.dispatchEvent({CLICK}))")
    assert tab.run("typeof window.__pwned") == "undefined"
    assert not tab.complaints()
    assert not [address for address in tab.requests() if not address.startswith(("file:", "data:", "blob:"))]


def test_a_click_on_a_mark_opens_its_findings_and_escape_closes_them(tab: browser.Browser, tmp_path: Path) -> None:
    opened(tab, tmp_path, page_of("harvest"))
    tab.run(f"[...document.querySelectorAll('.mark')].at(-1).dispatchEvent({CLICK})")
    assert "study, " in tab.run(PANEL)
    assert "kg show f-4" in tab.run(PANEL)
    tab.press("Escape")
    assert tab.run("document.getElementById('panel').hidden")
    assert tab.run("document.activeElement.classList.contains('mark')")


def test_marks_are_reached_by_keys(tab: browser.Browser, tmp_path: Path) -> None:
    opened(tab, tmp_path, page_of("gap-map"))
    tab.run("document.querySelector('.mark[tabindex=\"0\"]').focus()")
    first = tab.run("document.activeElement.getAttribute('aria-label')")
    tab.press("ArrowRight")
    second = tab.run("document.activeElement.getAttribute('aria-label')")
    tab.press("Enter")
    assert first != second
    assert tab.run("document.querySelector('#panel h2').textContent") == second


@pytest.mark.parametrize("kind", plots.KINDS)
def test_a_page_of_a_picture_fits_a_telephone_and_is_dark_where_the_system_is(
    kind: str, tab: browser.Browser, tmp_path: Path
) -> None:
    opened(tab, tmp_path, page_of(kind), dark=True, width=390)
    tab.until("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert tab.run("getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 29)"
    inks = "[...document.querySelectorAll('#picture text')].map(text => getComputedStyle(text).fill)"
    assert "rgb(26, 33, 41)" not in tab.run(inks)  # the ink of light pages


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("kind", ["gap-map", "forest", "network"])
def test_no_serious_obstacle_is_in_the_page_of_a_picture(
    kind: str, dark: bool, tab: browser.Browser, tmp_path: Path
) -> None:
    opened(tab, tmp_path, page_of(kind), dark)
    tab.run(f"document.querySelector('.mark').dispatchEvent({CLICK})")
    assert accessible.obstacles(tab) == []


def test_the_saved_picture_keeps_its_own_colours(tab: browser.Browser, tmp_path: Path) -> None:
    opened(tab, tmp_path, page_of("gap-map"), dark=True)
    tab.run(test_page.KEEP)
    tab.run("document.getElementById('save-svg').click()")
    text = tab.run("window.kept[0].text()")
    assert 'class="mark"' in text
    assert "tabindex" not in text
    assert "#1a2129" in text


@pytest.mark.parametrize(
    "form, start", [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("html", b"<!doctype")]
)
def test_the_name_of_the_file_is_the_form(form: str, start: bytes, shipped: Store, tmp_path: Path) -> None:
    drawn = figures.draw(shipped, "harvest", Selection(("ChABC",)))
    file = drawn.save(tmp_path / f"a.{form.upper()}")
    assert file.read_bytes().startswith(start)
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_a_title_says_what_was_selected(shipped: Store) -> None:
    drawn = figures.draw(shipped, "harvest", Selection(("ChABC",), where=(("phase", ("chronic",)),)))
    assert drawn.picture.title.endswith(": ChABC; chronic")


def test_forest_and_trials_take_what_the_graph_has_no_room_for_from_questions(shipped: Store) -> None:
    every = figures.draw(shipped, "trials")
    some = figures.draw(shipped, "trials", Selection(("treadmill training",)))
    assert 0 < len(some.picture.marks) < len(every.picture.marks)
    assert figures.draw(shipped, "forest").picture.marks


@pytest.mark.parametrize("name", ["a.gif", "a", "a.svg.gz"])
def test_another_name_is_refused_with_those_that_are_known(name: str) -> None:
    with pytest.raises(KgError, match=r"\.svg, \.png, \.pdf, \.html"):
        figures.form(Path(name))


def test_an_unknown_kind_comes_with_the_nearest(shipped: Store) -> None:
    with pytest.raises(UnknownName, match="'forest'"):
        kg.plot("forst", shipped)


def test_a_notebook_shows_a_picture_and_the_graph_in_frames_of_their_own(shipped: Store) -> None:
    for shown in (kg.plot("ladder", shipped, around="ChABC"), kg.view(shipped, around="ChABC", phase="chronic")):
        frame = shown._repr_html_()
        assert frame.startswith('<iframe sandbox="allow-scripts')
        assert "<script" not in frame


def test_the_page_of_a_picture_is_the_same_everywhere(tmp_path: Path) -> None:
    script = "import sys, test_figures; sys.stdout.buffer.write(test_figures.page_of('gap-map').encode())"
    paths = os.pathsep.join([str(Path(__file__).parent), str(Path(kg.__file__).parent.parent)])
    told = {"PYTHONHASHSEED": "3", "LC_ALL": "C", "TZ": "Asia/Tokyo", "PYTHONUTF8": "0", "PYTHONPATH": paths}
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=os.environ | told, capture_output=True, check=True
    )
    assert run.stdout == page_of("gap-map").encode()
    assert not list(tmp_path.iterdir())
