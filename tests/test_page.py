from __future__ import annotations

import copy
import csv
import html.parser
import io
import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import browser
import networkx as nx
import pytest

import kg
from kg.views import page, scenes, shell
from kg.views.layout import ring

TITLE = "Evidence of alpha and beta"
ABOUT = {"version": "0.1.0", "data": "ab" * 32, "papers": 3, "findings": 8}
ATTACKS = [
    "</script><script>window.__pwned=1</script>",
    "<img src=x onerror=window.__pwned=1>",
    "\"'><svg onload=window.__pwned=1>",
    "javascript:window.__pwned=1",
    "{{ 7 * 7 }} {% raw %} ${window.__pwned=1} \u2028\u2029 \x00 <!--",
    'https://x.example/" onclick=window.__pwned=1 a="',
]


def finding(number: int, **changed: object) -> dict[str, object]:
    return {
        "kind": "finding", "finding": f"f-{number}", "study": f"study{number // 2}", "result": "improved",
        "direction": "increased", "contrast": "adds", "arm": "alpha arm", "comparator": "vehicle", "domain": "motor",
        "measure": "BBB", "phase": "chronic", "species": "rat", "injury": "contusion", "day": 42.0, "n_arm": 12,
        "measured_day": None, "n_comparator": 10, "effect": "11 vs 8", "p": "<0.05", "year": 2020,
        "paper": f"Paper {number // 2} on alpha", "doi": f"10.1234/alpha.{number // 2}", "pmid": None,
        "first_author": "Adams", "status": "unreviewed", "origin": "curated", "confidence": "low", "locator": "Fig. 1",
        "source_url": "https://example.org/read",
    } | changed  # fmt: skip


def small_graph(seed: int = 0) -> nx.MultiDiGraph[str]:
    """Alpha, beta and both together; nodes and edges in an order of the seed's."""
    nodes = [
        ("therapy/alpha", {"kind": "therapy", "label": "alpha", "class": "cells", "synonyms": "AL|Älpha"}),
        ("therapy/beta", {"kind": "therapy", "label": "beta", "class": "drugs"}),
        ("combination/alpha--beta", {"kind": "combination", "label": "alpha + beta"}),
        ("outcome/bbb", {"kind": "outcome", "label": "BBB scale", "domain": "motor"}),
        ("outcome/scar", {"kind": "outcome", "label": "scar area", "domain": "scar", "note": None}),
        ("barrier/scar", {"kind": "barrier", "label": "scar formation"}),
        ("trial/NCT1", {"kind": "trial", "label": "NCT1", "status": "completed", "url": "https://example.org/nct1"}),
    ]
    edges = [
        ("therapy/alpha", "outcome/bbb", "f-0", finding(0)),
        ("therapy/alpha", "outcome/bbb", "f-1", finding(1, result="no difference", direction="no difference")),
        ("therapy/alpha", "outcome/scar", "f-2", finding(2, domain="scar", species="mouse")),
        ("therapy/beta", "outcome/bbb", "f-3", finding(3, result="worsened", phase="acute", doi=None, pmid="123")),
        ("therapy/beta", "outcome/scar", "f-4", finding(4, result="undetermined", domain="scar")),
        ("combination/alpha--beta", "outcome/bbb", "f-5", finding(5, species="human")),
        ("combination/alpha--beta", "outcome/bbb", "f-6", finding(6, phase="acute")),
        ("combination/alpha--beta", "outcome/scar", "f-7", finding(7, result="mixed", domain="scar")),
        ("combination/alpha--beta", "therapy/alpha", "member", {"kind": "member"}),
        ("combination/alpha--beta", "therapy/beta", "member", {"kind": "member"}),
        ("outcome/scar", "barrier/scar", "measures", {"kind": "measures"}),
        ("trial/NCT1", "therapy/alpha", "tests", {"kind": "tests"}),
    ]
    order = random.Random(seed)  # noqa: S311  # a shuffle, no secret
    order.shuffle(nodes)
    order.shuffle(edges)
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    graph.add_nodes_from(nodes)
    graph.add_edges_from(edges)
    return graph


def large_graph(therapies: int = 120, outcomes: int = 80) -> nx.MultiDiGraph[str]:
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for i in range(therapies):
        graph.add_node(f"therapy/alpha{i}", kind="therapy", label=f"alpha {i}", **{"class": f"class {i % 7}"})
    for i in range(outcomes):
        graph.add_node(f"outcome/o{i}", kind="outcome", label=f"outcome {i}", domain=f"domain {i % 11}")
    for i in range(30):
        graph.add_node(f"trial/t{i}", kind="trial", label=f"trial {i}")
        graph.add_edge(f"trial/t{i}", f"therapy/alpha{i % 4}", key="tests", kind="tests")
    draw = random.Random(1)  # noqa: S311  # a picture, no secret
    for i in range(500):
        ends = f"therapy/alpha{draw.randrange(therapies)}", f"outcome/o{draw.randrange(outcomes)}"
        graph.add_edge(*ends, key=f"f{i}", **finding(i))
    return graph


def attacked_graph() -> nx.MultiDiGraph[str]:
    """Every label, id, DOI and word of every attribute is an attack."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for i, bad in enumerate(ATTACKS):
        graph.add_node("therapy/" + bad, kind="therapy", label=bad, url=bad, note=bad, **{"class": bad, bad: bad})
        graph.add_node("outcome/" + bad, kind="outcome", label=bad, domain=bad, synonyms=bad)
        plain = {"kind": "finding", "result": "improved", "n_arm": 3}
        words = {name: bad for name in finding(0) if name not in plain} | {"doi": "10.1234/" + bad if i % 2 else bad}
        graph.add_edge("therapy/" + bad, "outcome/" + bad, key=bad, **(words | plain))
        graph.add_node("trial/" + bad, kind="trial", label=bad, status=bad, url=bad)
        graph.add_edge("trial/" + bad, "therapy/" + bad, key=bad, kind="tests")
    return graph


def made(graph: nx.MultiDiGraph[str] | None = None) -> str:
    return page.html(small_graph() if graph is None else graph, TITLE, ABOUT)


def block_of(text: str) -> str:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found
    return found[1]


def data_of(text: str) -> dict[str, object]:
    return json.loads(block_of(text))


def column(told: dict[str, object], count: int) -> list[object]:
    """A column of the data block, unfolded."""
    if "same" in told:
        return [told["same"]] * count
    if "list" in told:
        return told["list"]
    if "words" in told:
        return [None if at < 0 else told["words"][at] for at in told["at"]]
    some = dict(zip(told["rows"], told["values"], strict=True))
    return [some.get(i) for i in range(count)]


def rows_of(text: str, name: str) -> list[dict[str, object]]:
    told = data_of(text)[name]
    columns = {name: column(one, told["count"]) for name, one in told["columns"].items()}
    return [{name: columns[name][i] for name in columns} for i in range(told["count"])]


def scene_of(text: str, name: str) -> dict[str, object]:
    return next(scene for scene in data_of(text)["scenes"] if scene["name"] == name)


class Elements(html.parser.HTMLParser):
    """Start tags with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_order_of_insertion_changes_no_byte():
    assert len({made(small_graph(seed)) for seed in range(5)}) == 1
    assert page.html(small_graph(), TITLE, dict(reversed(ABOUT.items()))) == made()


@pytest.mark.parametrize("seed", ["1", "2"])
def test_hash_seed_locale_and_folder_change_no_byte(seed: str, tmp_path: Path):
    script = "import sys, test_page; sys.stdout.buffer.write(test_page.made().encode())"
    paths = os.pathsep.join([str(Path(__file__).parent), str(Path(kg.__file__).parent.parent)])
    env = os.environ | {"PYTHONHASHSEED": seed, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONPATH": paths}
    run = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=env, capture_output=True, check=True)
    assert run.stdout == made().encode()
    assert not list(tmp_path.iterdir())


def test_the_callers_graph_is_unchanged():
    graph = small_graph()
    before = copy.deepcopy((list(graph.nodes(data=True)), list(graph.edges(keys=True, data=True))))
    made(graph)
    assert (list(graph.nodes(data=True)), list(graph.edges(keys=True, data=True))) == before


def test_every_finding_is_in_the_page_exactly_once():
    assert sorted(row["finding"] for row in rows_of(made(), "findings")) == [f"f-{i}" for i in range(8)]
    assert len(scene_of(made(), "outcomes")["links"]) == small_graph().number_of_edges() - 8


def test_parallel_edges_and_duplicate_nodes_are_not_lost_silently():
    network = page._network()(directed=True)
    network.add_node("alpha", kind="therapy")
    with pytest.raises(ValueError, match="already"):
        network.add_node("alpha")
    with pytest.raises(ValueError, match="'beta'"):
        network.add_edge("alpha", "beta")


def test_the_page_is_a_pyvis_network():
    from pyvis.network import Network

    assert issubclass(page._network(), Network)


def test_importing_the_page_imports_neither_pyvis_nor_numpy_nor_networkx():
    script = "import kg.views.page, sys; sys.exit(bool({'pyvis', 'numpy', 'networkx', 'jinja2'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_write_html_writes_utf8_and_nothing_beside(tmp_path: Path):
    network = page._network()(heading="Älpha", directed=True)
    network.write_html(str(tmp_path / "a b.htm"))
    assert [path.name for path in tmp_path.iterdir()] == ["a b.htm"]
    assert "Älpha" in (tmp_path / "a b.htm").read_text(encoding="utf-8")


def test_hostile_words_stay_words():
    plain, attacked = Elements(made()), Elements(page.html(attacked_graph(), ATTACKS[0], {ATTACKS[1]: ATTACKS[2]}))
    assert sum(tag == "script" for tag, _ in attacked.found) == sum(tag == "script" for tag, _ in plain.found) == 5
    assert {tag for tag, _ in attacked.found} <= {tag for tag, _ in plain.found}
    assert not [name for _, attributes in attacked.found for name in attributes if name.startswith("on")]
    assert len(rows_of(made(attacked_graph()), "findings")) == len(ATTACKS)
    assert not set("<>&\u2028\u2029") & set(block_of(made(attacked_graph())))


def test_the_page_names_nothing_to_fetch():
    text = made()
    assert not [a for _, a in Elements(text).found if a.keys() & {"src", "href", "srcset", "action"}]
    assert "@import" not in shell.own("page.css")
    assert "url(" not in shell.own("page.css")
    assert "sourceMappingURL" not in text


def test_the_policy_allows_only_the_scripts_of_the_page():
    policy = next(a["content"] for tag, a in Elements(made()).found if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    assert policy.count("sha256-") == 5


def test_the_page_says_version_data_licence_and_how_to_cite():
    text = made()
    for words in (
        "<dd>abababababab</dd>",
        "Apache-2.0",
        "Cite: cordgraph 0.1.0, data abababababab",
        "not medical advice",
    ):
        assert words in text
    assert "ab" * 7 not in text.replace("abababababab", "")
    assert "@license" in text


def test_numbers_that_json_has_no_word_for_are_refused():
    graph = small_graph()
    graph.add_edge("therapy/alpha", "outcome/bbb", key="nan", **finding(9, day=float("nan")))
    with pytest.raises(ValueError, match="JSON"):
        made(graph)


def test_an_empty_graph_is_a_page():
    assert rows_of(made(nx.MultiDiGraph()), "findings") == []


def test_a_graph_without_findings_is_drawn_where_its_nodes_say():
    network = page._network()(directed=True)
    for name, x, y in (("a", 3.4, -7.6), ("b", 0, 0)):
        network.add_node(name, x=x, y=y)
    network.add_edge("a", "b", kind="near")
    (scene,) = data_of(network.generate_html())["scenes"]
    assert list(zip(scene["x"], scene["y"], strict=True)) == [(3, -8), (0, 0)]
    assert (scene["words"], scene["links"]) == (["near"], [[0, 1, 0]])


def test_the_same_findings_stand_against_outcomes_barriers_and_phases():
    text = made()
    assert [scene["name"] for scene in data_of(text)["scenes"]] == ["outcomes", "barriers", "phases"]
    nodes = rows_of(text, "nodes")
    barriers, phases = scene_of(text, "barriers"), scene_of(text, "phases")
    assert {nodes[i]["label"] for i in barriers["nodes"] if nodes[i]["kind"] == "barrier"} == {"scar formation"}
    assert sum(to != [] for to in barriers["to"]) == 3
    assert {nodes[to]["label"] for to in phases["to"]} == {"acute", "chronic"}


def test_nodes_stay_where_they_stood_when_the_graph_grows():
    graph = large_graph(40, 30)
    kept = page.places(graph)
    before = ring.positions(graph)
    graph.add_node("therapy/new", kind="therapy", label="new", **{"class": "class 3"})
    graph.add_edge("therapy/new", "outcome/o3", key="f-new", **finding(1000))
    after = next(scenes.of(graph, None, json.loads(json.dumps(kept)))).places
    moved = [node for node in before if not node.startswith("trial/") and after[node] != before[node]]
    assert (moved, "therapy/new" in after) == ([], True)


def test_no_two_nodes_or_headings_stand_on_each_other():
    graph = large_graph()
    places = [*ring.positions(graph).values(), *((x, y) for _, x, y in ring.headings(graph))]
    assert len(ring.positions(graph)) == len(graph)
    least = min(abs(complex(*p) - complex(*q)) for i, p in enumerate(places) for q in places[:i])
    assert least > 0.8 * ring.SLOT


def test_groups_stand_together_treatments_left_and_outcomes_right():
    treatments, outcomes = ring.groups(large_graph())
    assert sorted(group.title for group in outcomes) == sorted({f"domain {i}" for i in range(11)})
    places = ring.positions(large_graph())
    assert sum(places[node][0] for group in treatments for node in group.members) < 0
    assert sum(places[node][0] for group in outcomes for node in group.members) > 0


@pytest.mark.parametrize("theme", [":root {", ':root[data-theme="dark"] {'])
def test_colours_stand_out_from_the_page(theme: str):
    block = shell.own("page.css").split(theme)[1].split("}")[0]
    colours = dict(re.findall(r"--([a-z-]+): #([0-9a-f]{6})", block))
    for name in (*page._KINDS, "laboratory", "arm", "species", "other", *page._RESULTS):
        assert contrast(colours[name.replace(" ", "-")], colours["page"]) >= 3, name
    for name in ("ink", "soft", "accent"):
        assert min(contrast(colours[name], colours[paper]) for paper in ("page", "sheet")) >= 4.5, name


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2.2."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


# ---- in Chromium ----

tab = pytest.fixture(scope="module")(browser.tabs)
STATUS = "document.getElementById('status').textContent"
PANEL = "document.getElementById('panel').innerText"
HEAD = "['.kind', 'h2'].map(name => document.querySelector('#panel ' + name).textContent)"
FRAME = """(({left, top, width, height}) => [left, top, width, height])(
  document.getElementById('graph').getBoundingClientRect())"""
COLOURED = """(() => {{ const canvas = document.querySelector('canvas');
  const bytes = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  return new Uint32Array(bytes.buffer).some(pixel => (pixel & 0xffffff) === {}) }})()"""
COLOURS = """(() => { const canvas = document.querySelector('canvas');
  const bytes = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  return new Set(new Uint32Array(bytes.buffer)).size })()"""


@pytest.fixture
def shown(tab: browser.Browser, tmp_path: Path):
    """Opens a graph's page, copied alone into a folder with an awkward name, and finds no complaint at the end."""

    def show(
        graph: nx.MultiDiGraph[str] | None = None, title: str = TITLE, whole: nx.MultiDiGraph[str] | None = None
    ) -> browser.Browser:
        folder = tmp_path / "a b ü (1)"
        folder.mkdir()
        text = page.html(small_graph() if graph is None else graph, title, ABOUT, whole)
        (folder / "page#1.html").write_bytes(text.encode())
        tab.open(folder / "page#1.html", wait=STATUS)
        return tab

    tab.window(1400, 900)
    yield show
    assert not tab.complaints()
    assert not [address for address in tab.requests() if not address.startswith(("file:", "data:", "blob:"))]


def box(facet: str, value: str) -> str:
    return f"""document.querySelector('[data-facet="{facet}"][data-value="{value}"]')"""


def counts(tab: browser.Browser) -> list[str]:
    return tab.run("[...document.querySelectorAll('label .count')].map(count => count.textContent)")


def search(tab: browser.Browser, words: str) -> str:
    tab.press("/")
    tab.type(words)
    tab.press("Enter")
    return tab.run(PANEL)


def test_the_picture_is_drawn(shown):
    assert shown(large_graph()).run(COLOURS) > 50


def test_the_picture_is_the_same_twice(shown, tab: browser.Browser):
    first = shown().picture()
    tab.send("Page.reload")
    tab.until(f"document.readyState === 'complete' && {STATUS}")
    assert tab.picture() == first


def test_slash_then_words_then_enter_open_the_panel(shown):
    tab = shown()
    search(tab, "alpha")
    assert tab.run(HEAD) == ["therapy", "alpha"]


def test_a_search_that_finds_nothing_says_so_and_one_of_another_view_goes_there(shown, tab: browser.Browser):
    shown(whole=whole_graph())
    tab.press("/")
    tab.type("qqq")
    assert tab.run("found.textContent") == "Nothing here is called qqq."
    tab.press("Escape")
    tab.run("document.getElementById('search').blur()")
    search(tab, "study one")
    assert (tab.run("scene.value"), tab.run(HEAD)) == ("whole", ["study", "study one"])


def test_what_is_seen_is_found_before_what_is_hidden(shown, tab: browser.Browser):
    shown()
    tab.press("/")
    tab.type("scar")
    assert tab.run("found.firstChild.textContent").startswith("scar area")  # the barrier of that name is hidden


def test_a_saved_picture_says_counts_and_no_keys(shown, tab: browser.Browser):
    shown()
    tab.run("graph.focus()")
    tab.press("ArrowRight")
    assert "Enter opens it" in tab.run(STATUS)
    assert "Showing 8 of 8 findings" in saved(tab, "svg")
    tab.press("Escape")
    assert tab.run(STATUS).startswith("Showing 8 of 8")


def test_nothing_left_says_how_to_get_it_back(shown, tab: browser.Browser):
    shown()
    tab.run("document.querySelectorAll('[data-facet=result]').forEach(box => box.click())")
    assert "'Show everything as at first' brings it back" in tab.run(STATUS)


def test_search_folds_accents_and_knows_synonyms(shown):
    assert "\nalpha\n" in search(shown(), "ÄLPHA")


def test_search_finds_a_paper_and_a_finding(shown):
    assert "Paper 1 on alpha" in search(shown(), "f-3")


def test_the_panel_shows_nulls_beside_benefits_and_the_receipt(shown):
    text = search(shown(), "therapy/alpha")
    for words in (
        "improved\t2\t2", "no difference\t1\t1", "2 studies, 3 findings", "alpha arm vs vehicle", "treated day 42",
        "12 in the arm, 10 in the comparator", "11 vs 8", "<0.05", "adds (given on top", "Adams 2020. Paper 0 on alpha",
        "Fig. 1", "unreviewed", "f-1",
    ):  # fmt: skip
        assert words in text


def test_a_paper_is_linked_by_its_doi_else_by_pubmed(shown, tab: browser.Browser):
    links = []
    shown()
    for words in ("f-2", "f-3"):
        search(tab, words)
        links += tab.run("[...document.querySelectorAll('#panel a')].map(a => [a.href, a.rel])")
    assert ["https://doi.org/10.1234/alpha.1", "noopener noreferrer"] in links
    assert ["https://pubmed.ncbi.nlm.nih.gov/123/", "noopener noreferrer"] in links
    assert {rel for _, rel in links} == {"noopener noreferrer"}


@pytest.mark.parametrize("doi", ["10.12/alpha", "alpha 10.1234/x", '10.1234/a"b', "10.1234/a<b", "javascript:alert(1)"])
def test_what_is_no_doi_is_no_link(shown, tab: browser.Browser, doi: str):
    graph = small_graph()
    graph.edges["therapy/beta", "outcome/bbb", "f-3"].update(doi=doi, pmid="12 3", source_url="ftp://example.org")
    search(shown(graph), "f-3")
    assert tab.run("document.querySelectorAll('#panel article a').length") == 0


def test_a_filter_changes_the_counts_and_gives_them_back(shown, tab: browser.Browser):
    shown()
    before = counts(tab)
    assert tab.run(STATUS) == "Showing 8 of 8 findings from 4 of 4 studies."
    tab.run(box("phase", "acute") + ".click()")
    assert tab.run(STATUS) == "Showing 6 of 8 findings from 4 of 4 studies."
    assert counts(tab) != before
    tab.run(box("phase", "acute") + ".click()")
    assert counts(tab) == before


def test_the_count_beside_a_box_is_what_the_box_adds(shown, tab: browser.Browser):
    shown()
    assert tab.run(box("species", "rat") + ".parentElement.lastElementChild.textContent") == "6"
    tab.run(box("species", "rat") + ".click()")
    assert tab.run(STATUS).startswith("Showing 2 of 8 findings")


def test_the_slider_keeps_the_years_between_its_ends(shown, tab: browser.Browser):
    shown(aged_graph())
    assert tab.run("[from.min, to.max]") == ["2020", "2027"]
    move(tab, "from", 2024)
    assert tab.run(STATUS).startswith("Showing 4 of 8 findings")
    move(tab, "to", 2021)
    assert tab.run("[from.value, to.value, years.textContent]") == ["2021", "2021", "2021 to 2021"]
    assert tab.run(STATUS).startswith("Showing 1 of 8 findings")
    tab.run("reset.click()")
    assert tab.run(STATUS).startswith("Showing 8 of 8 findings")


def aged_graph() -> nx.MultiDiGraph[str]:
    graph = small_graph()
    for _, _, about in graph.edges(data=True):
        if about["kind"] == "finding":
            about["year"] = 2020 + int(about["finding"].removeprefix("f-"))
    return graph


def move(tab: browser.Browser, end: str, year: int) -> None:
    tab.run(f"{end}.value = {year}; document.getElementById('{end}').dispatchEvent(new Event('input'))")


def test_what_is_looked_at_is_in_the_address_and_comes_back_from_it(shown, tab: browser.Browser):
    shown(aged_graph())
    tab.run(box("phase", "acute") + ".click()")
    tab.run(box("kind", "trial") + ".click()")
    move(tab, "from", 2021)
    look(tab, "phases")
    search(tab, "therapy/alpha")
    hash = "#view=phases&not-phase=acute&from=2021&open=therapy%2Falpha"
    tab.until(f"location.hash === {json.dumps(hash)}")
    status, panel = tab.run(STATUS), tab.run(PANEL)
    tab.run("location.hash = ''")
    tab.until(f"{STATUS}.startsWith('Showing 8 of 8')")
    assert tab.run("panel.hidden")
    tab.run(f"location.hash = {json.dumps(hash)}")
    tab.until(f"{STATUS} === {json.dumps(status)}")
    assert tab.run(PANEL) == panel
    assert tab.run("scene.value") == "phases"


def look(tab: browser.Browser, name: str) -> None:
    tab.run(f"scene.value = '{name}'; scene.dispatchEvent(new Event('change'))")


def test_an_address_of_nonsense_shows_the_page_as_at_first(shown, tab: browser.Browser):
    shown()
    tab.run("location.hash = '#view=nowhere&not-phase=%3Cimg%3E&from=2030&to=x&open=%22%3E&hide=%00'")
    tab.until(f"{STATUS}.startsWith('Showing 8 of 8')")


def test_arrow_keys_walk_round_the_neighbours_and_enter_goes_there(shown, tab: browser.Browser):
    shown()
    search(tab, "therapy/beta")
    tab.run("graph.focus()")
    seen = set()
    for _ in range(3):
        tab.press("ArrowRight")
        seen.add(tab.run(STATUS).split(":")[0])
    assert seen == {"outcome BBB scale", "outcome scar area", "combination alpha + beta"}
    tab.press("Enter")
    assert " ".join(tab.run(HEAD)) in seen


@pytest.mark.parametrize("view", ["outcomes", "barriers", "phases", "whole"])
def test_every_view_is_drawn_and_tells_what_it_shows(shown, tab: browser.Browser, view: str):
    shown(whole=whole_graph())
    look(tab, view)
    assert tab.run(COLOURS) > 20
    told = {
        "outcomes": "Showing 8 of 8",
        "barriers": "Showing 3 of 8",
        "phases": "Showing 8 of 8",
        "whole": "10 nodes of 11",
    }
    assert tab.run(STATUS).startswith(told[view])
    assert tab.run("note.hidden") == (view != "barriers")


def whole_graph() -> nx.MultiDiGraph[str]:
    """Findings, a study and what they share behind the small graph."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    graph.add_node("study/one", kind="study", label="study one")
    graph.add_node("therapy/alpha", kind="therapy", label="alpha")
    graph.add_node("species/rat", kind="species", label="rat")
    for number in range(8):
        graph.add_node(f"finding/f-{number}", kind="finding", label=f"f-{number}")
        for kind, target in (("study", "study/one"), ("isolates", "therapy/alpha"), ("species", "species/rat")):
            graph.add_edge(f"finding/f-{number}", target, key=kind, kind=kind)
    return graph


def test_in_the_graph_of_everything_a_filter_takes_the_findings_and_what_only_they_hold(shown, tab: browser.Browser):
    shown(whole=whole_graph())
    look(tab, "whole")
    assert tab.run(STATUS).startswith("10 nodes of 11")
    tab.run(box("phase", "acute") + ".click()")
    assert tab.run(STATUS).startswith("8 nodes of 11")
    assert "alpha arm vs vehicle" in search(tab, "f-0")


KEEP = """(() => { const was = URL.createObjectURL; window.kept = [];
  URL.createObjectURL = blob => { window.kept.push(blob); return was.call(URL, blob) } })()"""


def saved(tab: browser.Browser, form: str) -> str:
    tab.send("Browser.setDownloadBehavior", behavior="deny")
    tab.run(KEEP)
    tab.run(f"document.querySelector('[data-save={form}]').click()")
    tab.until("window.kept.length")
    return tab.run("window.kept[0].text()" if form != "png" else "window.kept[0].size")


def test_the_picture_is_saved_as_png(shown, tab: browser.Browser):
    shown()
    assert saved(tab, "png") > 10_000


@pytest.mark.parametrize("attacked", [False, True])
def test_the_picture_is_saved_as_svg_that_only_draws(shown, tab: browser.Browser, attacked: bool):
    shown(attacked_graph() if attacked else None, ATTACKS[0] if attacked else TITLE)
    root = ElementTree.fromstring(saved(tab, "svg"))  # noqa: S314  # our own text
    assert {element.tag.removeprefix("{http://www.w3.org/2000/svg}") for element in root.iter()} <= {
        "svg", "g", "path", "text",
    }  # fmt: skip
    names = {name for element in root.iter() for name in element.attrib}
    assert not {name for name in names if name.startswith("on") or name.endswith("href")}
    words = {element.text for element in root.iter() if element.tag.endswith("text")}
    if not attacked:
        assert {"alpha", "BBB scale", "improved", f"{TITLE} (against outcomes)"} <= words


def test_the_findings_shown_are_saved_as_csv_without_formulas(shown, tab: browser.Browser):
    graph = small_graph()
    graph.edges["therapy/beta", "outcome/bbb", "f-3"].update(effect="=1+1", paper="a, b")
    shown(graph)
    tab.run(box("result", "improved") + ".click()")
    text = saved(tab, "csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    first = "window.kept[0].slice(0, 3).arrayBuffer().then(bytes => [...new Uint8Array(bytes)])"
    assert tab.run(first) == [0xEF, 0xBB, 0xBF]  # so that spreadsheets read UTF-8
    assert [row["finding"] for row in rows] == ["f-7", "f-1", "f-3", "f-4"]
    assert (rows[2]["effect"], rows[2]["paper"], rows[2]["isolates"]) == ("'=1+1", "a, b", "beta")


def test_a_page_shows_itself_in_a_frame_of_a_notebook(tab: browser.Browser, tmp_path: Path):
    frame = shell.Shown(made())._repr_html_()
    (tmp_path / "notebook.html").write_text(f"<!doctype html><title>n</title>{frame}", encoding="utf-8")
    tab.open(tmp_path / "notebook.html")
    tab.run("new Promise(done => setTimeout(done, 1500))")
    assert not tab.complaints()
    assert "allow-same-origin" not in frame
    assert len(tab.picture()) > 30_000  # drawn, not blank


def test_barriers_and_trials_wait_until_they_are_asked_for(shown, tab: browser.Browser):
    shown()
    assert tab.run(box("kind", "trial") + ".checked") is False
    assert "NCT1" not in search(tab, "therapy/alpha")
    tab.run(box("kind", "trial") + ".click()")
    assert "NCT1" in tab.run(PANEL)


def test_a_click_on_a_node_opens_its_panel_and_escape_closes_it(shown, tab: browser.Browser):
    graph = nx.MultiDiGraph(small_graph().subgraph(["therapy/alpha", "outcome/bbb"]))
    shown(graph)
    left, top, _, height = tab.run(FRAME)
    places = ring.positions(graph)
    assert places["therapy/alpha"][0] < places["outcome/bbb"][0]
    target = next(x for x in range(10, 500, 5) if pointed(tab, left + x, top + height / 2))
    tab.click(left + target, top + height / 2)
    tab.until("!document.getElementById('panel').hidden")
    assert tab.run(HEAD) == ["therapy", "alpha"]
    tab.press("Escape")
    assert tab.run("document.getElementById('panel').hidden")


def pointed(tab: browser.Browser, x: float, y: float) -> bool:
    tab.send("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
    return tab.run("document.getElementById('graph').classList.contains('pointed')")


def test_a_click_on_a_line_opens_its_findings(shown, tab: browser.Browser):
    shown(nx.MultiDiGraph(small_graph().subgraph(["therapy/alpha", "outcome/bbb"])))
    left, top, width, height = tab.run(FRAME)
    target = next(y for y in range(4, int(height), 4) if pointed(tab, left + width / 2, top + y))
    tab.click(left + width / 2, top + target)
    tab.until("!document.getElementById('panel').hidden")
    assert tab.run(HEAD) == ["findings", "alpha on BBB scale"]
    assert tab.run(COLOURED.format(0x7A25B0))  # #b0257a: one finding says improved, the other no difference


def test_the_table_holds_the_same_findings(shown, tab: browser.Browser):
    shown()
    tab.run("document.getElementById('view').click()")
    rows = "[...document.querySelectorAll('#table table:first-child tbody tr')].map(row => row.lastChild.textContent)"
    rows = tab.run(rows)
    assert sorted(rows) == [f"f-{i}" for i in range(8)]


def test_attacks_in_every_field_do_nothing(shown, tab: browser.Browser):
    shown(attacked_graph(), ATTACKS[1])
    for kind in ("barrier", "trial"):
        tab.run(f"{box('kind', kind)}?.click()")
    for words in ("window", "img", "svg", "javascript", "{{", "example"):
        search(tab, words)
        tab.run("document.querySelectorAll('#panel .link').forEach((link, i) => i < 3 && link.click())")
    tab.run("document.getElementById('view').click()")
    assert tab.run("typeof window.__pwned") == "undefined"
    assert tab.run("document.querySelectorAll('img, iframe, object, embed, form').length") == 0
    assert tab.run("document.scripts.length") == 5
    links = tab.run("[...document.querySelectorAll('a')].map(a => a.protocol)")
    assert set(links) <= {"https:", "http:"}


@pytest.mark.parametrize("view", ["graph", "table", "panel"])
def test_a_telephone_needs_no_sideways_scroll(shown, tab: browser.Browser, view: str):
    tab.window(390, 844)
    shown()
    if view == "table":
        tab.run("document.getElementById('view').click()")
    if view == "panel":
        search(tab, "therapy/alpha")
    tab.until("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_page_is_dark_where_the_system_is(shown, tab: browser.Browser):
    tab.window(1400, 900, dark=True)
    shown()
    ground = "getComputedStyle(document.body).backgroundColor"
    assert tab.run(ground) == "rgb(20, 24, 29)"
    tab.run("document.getElementById('theme').click()")
    assert tab.run(ground) == "rgb(255, 255, 255)"


def test_the_page_prints_its_table(shown, tab: browser.Browser):
    shown()
    assert len(tab.send("Page.printToPDF")["data"]) > 10_000
    assert tab.run("document.querySelectorAll('#table tbody tr').length") >= 8
