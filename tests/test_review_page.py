"""The page of proposals in a browser: decided by buttons and keys, kept, saved as lines that the log takes."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import accessible
import browser
import pytest
from click.testing import CliRunner
from harvests import TEXT, arm, document, harvest, paper, proposal

from kg import decisions, proposals
from kg.build import Collected
from kg.cli import main
from kg.document import Harvest
from kg.review.queue import queue
from kg.views import review as view

ATTACKS = [
    "</script><script>window.__pwned=1</script>",
    "<img src=x onerror=window.__pwned=1>",
    "\"'><svg onload=window.__pwned=1>",
    "{{ 7 * 7 }} {% raw %} ${window.__pwned=1} \u2028\u2029 <!--",
    "javascript:window.__pwned=1",
]
TINY = Path(__file__).parent / "tiny"
MARKS = "[...document.querySelectorAll('#paper p:not(.legend) mark')].map(m => [m.title, m.textContent])"
KEYS = {"a": 65, "e": 69, "j": 74, "k": 75, "r": 82}


@pytest.fixture
def tab() -> Iterator[browser.Browser]:
    """A browser of its own for each test: in one for all, what a test before kept may come back late."""
    yield from browser.tabs()


@pytest.fixture
def place(tmp_path: Path, collected: Collected) -> Path:
    """Three papers of two proposals each; the text of one has a sign of two units in a browser's counting."""
    text = TEXT.replace("rarely mends", "\U0001d6fc rarely mends")
    proposals.write(tmp_path / "p", [harvest(7), harvest(8, text=text), harvest(9)], "2026-11-26", collected.vocab)
    return tmp_path / "p"


def page(place: Path, collected: Collected, file: Path) -> Path:
    waiting = queue(place, collected, "ada")
    return view.page(waiting, collected.vocab, "ada", len(waiting)).save(file)


def press(tab: browser.Browser, key: str) -> None:
    for kind in ("keyDown", "keyUp"):
        tab.send("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=KEYS[key])


def opened(tab: browser.Browser, place: Path, collected: Collected, file: Path) -> None:
    tab.window(1400, 900)
    tab.open(page(place, collected, file), "document.querySelector('#row table') !== null")


def said(tab: browser.Browser) -> str:
    return str(tab.run("document.getElementById('said').textContent"))


def test_the_same_queue_gives_the_same_bytes(place: Path, collected: Collected, tmp_path: Path) -> None:
    one, other = (page(place, collected, tmp_path / name).read_bytes() for name in ("a.html", "b.html"))
    assert one == other


def test_the_page_may_run_its_own_script_only_and_fetch_nothing(place: Path, collected: Collected) -> None:
    text = view.page(queue(place, collected), collected.vocab, "ada", 6).html
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy
    assert policy[1].startswith("default-src &#39;none&#39;; script-src &#39;sha256-")
    assert "unsafe" not in policy[1]
    assert not re.search(r"<(link|img|iframe)\b|src=", text)


def test_one_is_accepted_one_rejected_and_the_file_has_two_lines_that_the_log_takes(
    tab: browser.Browser, place: Path, collected: Collected, tmp_path: Path
) -> None:
    opened(tab, place, collected, tmp_path / "page.html")
    press(tab, "a")
    assert said(tab).startswith("Accepted: ")
    press(tab, "r")
    tab.type("3")
    tab.press("Enter")
    tab.until("document.getElementById('said').textContent.startsWith('Rejected')")
    assert tab.run("document.getElementById('count').textContent") == "3 of 6, 2 decided"
    tab.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    tab.run("document.getElementById('save').click()")
    tab.until("document.getElementById('said').textContent.startsWith('Saved')")
    file = tmp_path / "decisions.jsonl"
    while not file.exists():
        tab.run("1")
    made = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [(one["verdict"], one["reason"], one["reader"]) for one in made] == [
        ("accept", "", "ada"), ("reject", "wrong direction", "ada"),
    ]  # fmt: skip
    words = ["review", "take", "--proposed", str(place), "--data", str(TINY), str(file)]
    assert "took 2 new decisions" in CliRunner().invoke(main, words).stderr
    assert len(queue(place, collected, "ada")) == 4
    assert tab.complaints() == []
    assert [one for one in tab.requests() if not one.startswith(("file:", "blob:"))] == []


def test_an_edit_is_checked_against_the_words_of_its_column(
    tab: browser.Browser, place: Path, collected: Collected, tmp_path: Path
) -> None:
    opened(tab, place, collected, tmp_path / "page.html")
    press(tab, "e")
    field = "document.querySelector('#edit input[name={}]')"
    tab.run(f"{field.format('phase')}.value = 'never'; document.querySelector('#edit button').click()")
    assert said(tab) == "phase: 'never' is not one of its words. Choose one from its list."
    tab.run(f"{field.format('phase')}.value = 'acute'; {field.format('arm')}.value = 'alpha + gm'")
    tab.run("document.querySelector('#edit button').click()")
    assert said(tab).startswith("Accepted with changes")
    kept = json.loads(tab.run("localStorage.getItem('cordgraph-review')"))
    assert [one["changes"] for one in kept] == [{"arm": "alpha + gm", "phase": "acute"}]


def test_decisions_outlive_the_page_and_a_rejection_needs_a_reason(
    tab: browser.Browser, place: Path, collected: Collected, tmp_path: Path
) -> None:
    opened(tab, place, collected, tmp_path / "page.html")
    press(tab, "r")
    tab.press("Enter")
    assert "needs a reason" in said(tab)
    tab.press("Escape")
    tab.run("document.getElementById('accept').click()")
    end = time.monotonic() + 10
    count = ""
    while not count.startswith("2") and time.monotonic() < end:  # a browser may hand over its store a moment later
        time.sleep(0.2)
        opened(tab, place, collected, tmp_path / "page.html")
        count = tab.run("document.getElementById('count').textContent")
    assert count == "2 of 6, 1 decided"
    press(tab, "k")
    assert "Accepted" in tab.run("document.getElementById('row').textContent")


def test_j_and_k_go_forth_and_back_and_keys_in_a_field_are_text(
    tab: browser.Browser, place: Path, collected: Collected, tmp_path: Path
) -> None:
    opened(tab, place, collected, tmp_path / "page.html")
    for key, shown in (("j", 2), ("j", 3), ("k", 2)):
        press(tab, key)
        assert tab.run("document.getElementById('count').textContent").startswith(f"{shown} of 6")
    tab.run("document.getElementById('reader').focus()")
    press(tab, "a")
    assert "0 decided" in tab.run("document.getElementById('count').textContent")
    tab.run("document.getElementById('reader').value = ' '; document.getElementById('accept').click()")
    assert "Write your name" in said(tab)


def test_marks_stand_at_their_words_with_a_legend(
    tab: browser.Browser, place: Path, collected: Collected, tmp_path: Path
) -> None:
    opened(tab, place, collected, tmp_path / "page.html")
    for _ in range(4):  # pain of three papers, which has no marks, then walking of papers 7 and 8
        press(tab, "j")
    assert "\U0001d6fc rarely mends" in tab.run("document.getElementById('paper').textContent")
    marks = tab.run(MARKS)
    assert marks == [
        ["arm", "alpha and beta"], ["phase", "chronic"], ["outcome", "walking score"], ["direction", "rose"],
    ]  # fmt: skip
    assert tab.run("[...document.querySelectorAll('.legend mark')].map(m => m.textContent).join()") == (
        "arm,phase,outcome,direction"
    )


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_hostile_paper_runs_no_script(
    tab: browser.Browser, collected: Collected, tmp_path: Path, attack: str
) -> None:
    about = document(paper(title=attack, journal=attack, note=attack), attack, attack + " " + TEXT)
    about = replace(about, passages=tuple(replace(one, heading=attack) for one in about.passages))
    bad = proposal(about, marked=False, measure=attack, level=attack, arm=arm("alpha"))
    proposals.write(tmp_path / "p", [Harvest(about, (bad,))], "2026-11-26", collected.vocab)
    opened(tab, tmp_path / "p", collected, tmp_path / "page.html")
    assert tab.run("typeof window.__pwned") == "undefined"
    assert tab.run("document.querySelector('h2').textContent") == attack
    assert tab.complaints() == []


def test_without_a_store_of_the_browser_decisions_stay_in_memory(
    tab: browser.Browser, place: Path, collected: Collected, tmp_path: Path
) -> None:
    inside = page(place, collected, tmp_path / "page.html").read_text(encoding="utf-8")
    framed = inside.replace("&", "&amp;").replace('"', "&quot;")
    frame = tmp_path / "frame.html"
    frame.write_text(f'<iframe sandbox="allow-scripts" srcdoc="{framed}"></iframe><script>addEventListener</script>')
    tab.open(frame)
    assert not [one for one in tab.complaints() if "exception" in one]


@pytest.mark.parametrize("width", [390, 1400])
@pytest.mark.parametrize("dark", [False, True])
def test_the_page_fits_and_can_be_used_by_all(
    tab: browser.Browser, place: Path, collected: Collected, tmp_path: Path, width: int, dark: bool
) -> None:
    opened(tab, place, collected, tmp_path / "page.html")
    tab.window(width, 900, dark)
    press(tab, "j")
    assert tab.run("document.documentElement.scrollWidth <= innerWidth")
    assert [str(one) for one in accessible.obstacles(tab)] == []
    press(tab, "e")
    assert tab.run("document.documentElement.scrollWidth <= innerWidth")
    assert [str(one) for one in accessible.obstacles(tab)] == []


def test_an_empty_queue_says_so(tab: browser.Browser, collected: Collected, tmp_path: Path) -> None:
    tab.open(view.page([], collected.vocab, "ada", 0).save(tmp_path / "page.html"))
    assert said(tab) == "Nothing waits here."


def test_the_command_writes_the_page(place: Path, tmp_path: Path) -> None:
    words = ["review", "page", "--proposed", str(place), "--data", str(TINY), "--limit", "2", "-o"]
    result = CliRunner().invoke(main, [*words, str(tmp_path / "queue.html")])
    assert "showing 2 of 6" in result.stderr
    assert decisions.read(place) == ([], [])
    assert "2 of 6 proposals" in (tmp_path / "queue.html").read_text(encoding="utf-8")
