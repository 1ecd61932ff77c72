"""Every page and every format of a graph in which all that can be words is an attack."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import browser
import pyoxigraph as ox
import pytest
from test_page import ATTACKS, Elements

from kg import graph, library
from kg.build import Collected
from kg.store import Store
from kg.views import explorer, exports, figures, page, plots, report, rows

KEPT = {  # what code branches on; everything else may say anything
    "result", "direction", "contrast", "status", "origin", "role", "inForce", "paperStatus", "paperKind", "higherIs",
    "trialStatus", "significant", "effectTier", "spreadKind",
}  # fmt: skip
STRING = "http://www.w3.org/2001/XMLSchema#string"
tab = pytest.fixture(scope="module")(browser.tabs)


def hostile(triple: ox.Triple, number: int) -> ox.Triple:
    """The triple with an attack for its words; a language stays, a number stays a number."""
    value, name = triple.object, re.split("[#/]", triple.predicate.value)[-1]
    if not isinstance(value, ox.Literal) or value.datatype.value not in (
        STRING,
        ox.Literal("", language="en").datatype.value,
    ):
        return triple
    if name in KEPT:
        return triple
    bad = ATTACKS[number % len(ATTACKS)].replace("\x00", "")  # no store takes NUL
    words = f"{bad} {value.value}" if name in ("identifier", "label", "prefLabel") else bad  # keys stay apart
    return ox.Triple(
        triple.subject,
        triple.predicate,
        ox.Literal(words, language=value.language) if value.language else ox.Literal(words),
    )


@pytest.fixture(scope="module")
def attacked(collected: Collected) -> Store:
    """The tiny graph, its words replaced, with a graph's own facts replaced too."""
    made = Store.of(hostile(triple, number) for number, triple in enumerate(sorted(collected.triples(), key=str)))
    made.about |= {"version": ATTACKS[0], "data": ATTACKS[1], "date": ATTACKS[2], ATTACKS[3]: ATTACKS[5], "findings": 5}
    return made


def test_the_fixture_is_hostile(attacked: Store) -> None:
    evidence = graph.evidence(attacked)
    assert (
        sum(
            "__pwned" in str(about.get("label")) or "example" in str(about["label"])
            for _, about in evidence.nodes(data=True)
        )
        > 5
    )
    assert any(about.get("doi", "10.")[:3] != "10." for *_, about in evidence.edges(data=True) if about.get("doi"))


def pages(store: Store) -> Iterator[tuple[str, Callable[[], str]]]:
    """Every page there is, by name."""
    yield "view", lambda: explorer.text(store, title=ATTACKS[0])
    yield "graph", lambda: page.html(graph.whole(store), ATTACKS[1], {ATTACKS[2]: ATTACKS[3]})
    for kind in plots.KINDS:
        yield kind, lambda kind=kind: figures.draw(store, kind, title=ATTACKS[2]).html
    yield "report", lambda: report.report("therapy/alpha", store, title=ATTACKS[0]).html
    for name in ("findings", "papers", "trials", "find"):
        yield name, lambda name=name: answered(store, name)


def answered(store: Store, name: str) -> str:
    question = library.question(name)
    given = {"text": ["a"]} if name == "find" else {}
    return rows.text(
        store.select(library.bind(question, given, store.vocab())), question.columns, "html", title=ATTACKS[0]
    )


KINDS = [kind for kind in plots.KINDS if kind != "forest"]  # no tiny finding prints means; test_figures attacks it
NAMES = ["view", "graph", *KINDS, "report", "findings", "papers", "trials", "find"]
HOVER = [(300, 300), (700, 450), (900, 600)]


@pytest.mark.parametrize("name", NAMES)
def test_no_page_runs_asks_or_shows_markup(name: str, attacked: Store, tab: browser.Browser, tmp_path: Path) -> None:
    text = dict(pages(attacked))[name]()
    found = Elements(text).found
    assert not [name for _, attributes in found for name in attributes if name.startswith("on") or name == "srcdoc"]
    assert not {name for name, _ in found} & {
        "img",
        "iframe",
        "object",
        "embed",
        "form",
        "base",
        "use",
        "foreignobject",
    }
    file = tmp_path / "a b ü (1).html"
    file.write_bytes(text.encode())
    tab.window(1200, 800)
    tab.open(file, "!document.getElementById('data') || document.body.dataset.ready")
    for x, y in HOVER:
        tab.send("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        tab.click(x, y)
    if name in ("view", "graph"):
        poke(tab)
    click = "mark.dispatchEvent(new MouseEvent('click', {bubbles: true}))"
    tab.run(f"document.querySelectorAll('.mark').forEach(mark => {click})")
    tab.run("document.querySelectorAll('button').forEach(button => button.type === 'button' && button.click())")
    tab.run("new Promise(done => setTimeout(done, 200)).then(() => 1)")
    assert tab.run("typeof window.__pwned") == "undefined"
    assert set(tab.run("[...document.querySelectorAll('a:not([href^=\"#\"])')].map(a => a.protocol)")) <= {
        "https:",
        "http:",
        "blob:",
    }
    assert not tab.complaints()
    assert not [address for address in tab.requests() if not address.startswith(("file:", "data:", "blob:"))]


def poke(tab: browser.Browser) -> None:
    """Search, views, table and filters of the graph page."""
    tab.send("Browser.setDownloadBehavior", behavior="deny")
    for words in ("window", "img", "svg", "javascript", "{{", "example", "alpha"):
        tab.press("/")
        tab.type(words)
        tab.press("Enter")
        tab.run("document.querySelectorAll('#panel .link').forEach((link, i) => i < 3 && link.click())")
    for name in tab.run("[...scene.options].map(option => option.value)"):
        tab.run(f"scene.value = {json.dumps(name)}; scene.dispatchEvent(new Event('change'))")
        tab.run("document.querySelectorAll('[data-facet]').forEach((box, i) => i % 3 || box.click())")
        tab.run("document.getElementById('view').click(); document.getElementById('view').click()")
    tab.run("location.hash = '#open=' + encodeURIComponent('<img src=x onerror=window.__pwned=1>')")


@pytest.mark.parametrize("form", exports.FORMATS)
def test_no_format_gives_way(form: str, attacked: Store, tmp_path: Path) -> None:
    file = tmp_path / f"out.{'csl.json' if form == 'csl' else form}"
    for written in exports.write(attacked, file, form):
        content = written.read_bytes()
        if form == "parquet":
            continue
        text = content.decode("utf-8")
        assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", text)
        if form in ("graphml", "gexf", "rdf"):
            root = ElementTree.fromstring(text)  # noqa: S314  # what we wrote
            assert not [element for element in root.iter() if element.tag.endswith(("script", "img"))]
        if form in ("node-link", "cyjs", "csl", "jsonld"):
            json.loads(text)
        if form in ("csv", "neo4j", "gephi"):
            cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
            assert not [cell for cell in cells if cell[:1] in "=+@" and cell]
