"""The graph page in Chromium, beside stock pyvis, vis-network tuned and Cytoscape.js: time to interactive, frames.

Interactive is when all is drawn and then no gap between two frames exceeds 100 ms for 500 ms; frames are counted
while a real mouse drags, and while it turns its wheel, for two seconds each. Ours carries every attribute of every
finding; the others get labels and titles alone. Nothing waits longer than a cap, and what ran into one says so.
"""

from __future__ import annotations

import hashlib
import html
import importlib.resources
import itertools
import json
import random
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import networkx as nx

from kg.views import page
from kg.views.layout import force
from tests import browser
from tests.benchmarks.graphs import LARGE, Figures
from tests.benchmarks.tables import table

NODES = (100, 1_000, 5_000, 10_000, 50_000)
STOCK = 1_000  # nodes up to which stock pyvis is asked; at 5,000 its page does not answer
QUIET, GAP = 500, 100  # milliseconds
SECONDS = 2.0  # of dragging, and of wheeling
CAP, STOCK_CAP = 60.0, 150.0  # seconds until a page counts as one that never came to rest
CYTOSCAPE = "streamlit-cytoscape==0.2.1"  # a package of PyPI whose wheel holds Cytoscape.js 3.34.0
DIGEST = "a21f63214b71f1de72ab00210f401d828f341c8d2c5cc79e2fea61f58c553ab6"
Graph = nx.MultiDiGraph

_PACE = """(() => {
  const pace = window.__pace = {frames: [], ready: null};
  pace.rest = () => {
    if (pace.ready === null) return null;
    let rest = pace.ready;
    for (let i = 1; i < pace.frames.length; i++)
      if (pace.frames[i] - pace.frames[i - 1] > GAP) rest = Math.max(rest, pace.frames[i]);
    return pace.frames.at(-1) - rest >= QUIET ? rest : null;
  };
  pace.rate = (from, to) => 1000 * pace.frames.filter(at => at >= from && at <= to).length / (to - from);
  const drawn = () => { try { return READY } catch { return false } };
  const tick = () => {
    pace.frames.push(performance.now());
    if (pace.ready === null && drawn()) pace.ready = performance.now();
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
})()"""
_FREE = """(() => {
  const canvas = [...document.querySelectorAll('canvas')].sort((a, b) => b.width * b.height - a.width * a.height)[0];
  const {left, top, width, height} = canvas.getBoundingClientRect();
  const box = canvas.parentElement.parentElement;
  for (const [x, y] of [[.05, .95], [.95, .95], [.05, .5], [.5, .95], [.3, .7]]) {
    const found = document.elementFromPoint(left + x * width, top + y * Math.min(height, innerHeight - top));
    if (found && box.contains(found)) return [left + x * width, top + y * Math.min(height, innerHeight - top)];
  }
  return [left + width / 2, top + height / 2];
})()"""
_COUNTS = """(() => {
  const counts = [() => [JSON.parse(document.getElementById('data').textContent).scenes[0].nodes.length, null],
    () => [cy.nodes().length, cy.edges().length],
    () => [network.body.nodeIndices.length, network.body.edgeIndices.length]];
  for (const count of counts) { try { return count() } catch { continue } }
  return [null, null];
})()"""
_DRAWN = "window.__drawn === true"
_STOCK = """((network.__told ||= (network.on('afterDrawing', () => { window.__drawn = true }), true)) && window.__drawn
  && network.body.nodeIndices.length && ((document.getElementById('loadingBar') || {style: {display: 'none'}})
  .style.display === 'none'))"""
_SHELL = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<style>html, body, #graph {{ margin: 0; width: 100%; height: 100vh; overflow: hidden }}</style><div id="graph"></div>
<script>{library}</script><script>const data = {data};</script><script>{script}</script></html>"""
_TUNED = """const options = {physics: {enabled: false}, layout: {improvedLayout: false},
  nodes: {shape: 'dot', size: 8}, edges: {smooth: false, color: {inherit: false}},
  interaction: {hideEdgesOnDrag: true, hideEdgesOnZoom: true}};
const network = new vis.Network(document.getElementById('graph'),
  {nodes: new vis.DataSet(data.nodes), edges: new vis.DataSet(data.edges)}, options);
network.once('afterDrawing', () => requestAnimationFrame(() => { window.__drawn = true }));"""
_CHUNK = """const modules = Object.assign({}, ...self.webpackChunkstreamlit_cytoscape.map(chunk => chunk[1]));
const cache = {};
function need(id) {
  if (!cache[id]) modules[id].call((cache[id] = {exports: {}}).exports, cache[id], cache[id].exports, need);
  return cache[id].exports;
}
need.d = (to, names) => Object.keys(names).forEach(name => Object.defineProperty(to, name, {get: names[name]}));
need.r = () => {}; need.g = self; need.n = module => () => module.default || module;
function made(id) {
  try { return Object.getOwnPropertyNames(need(id)).map(name => need(id)[name]) } catch { return [] }
}
const cytoscape = Object.keys(modules).flatMap(made).find(one => one && one.version && one.stylesheet);"""
_CYTOSCAPE = """const cy = cytoscape({container: document.getElementById('graph'), elements: data,
  layout: {name: 'preset'}, textureOnViewport: true, hideEdgesOnViewport: true, hideLabelsOnViewport: true,
  pixelRatio: 1, motionBlur: false, style: [
    {selector: 'node', style: {label: 'data(label)', width: 16, height: 16, 'font-size': 10,
      'min-zoomed-font-size': 8, 'text-events': 'no'}},
    {selector: 'edge', style: {'curve-style': 'haystack', width: 1, 'target-arrow-shape': 'none', events: 'no'}}]});
cy.ready(() => cy.one('render', () => requestAnimationFrame(() => { window.__drawn = true })));"""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of so many nodes, and when it counts as drawn."""

    name: str
    nodes: int
    file: Path
    ready: str
    build: float  # CPU seconds, layout included
    layout: float | None = None  # CPU seconds of the layout alone

    @property
    def kilobytes(self) -> float:
        """Its size."""
        return self.file.stat().st_size / 1000


@dataclass(frozen=True, slots=True)
class Turn:
    """What one opening of a page took."""

    interactive: float  # seconds since navigation began
    cpu: float  # seconds of the main thread until that was seen
    pan: float  # frames per second
    zoom: float
    nodes: int | None  # that the page holds in its picture; ours folds the least of a very large graph
    lines: int | None  # stock pyvis keeps one edge between two nodes, ours draws its findings as one line


class TooSlow(Exception):
    """A page did not come to rest, or did not answer, before its cap."""


def pages(folder: Path, sizes: Sequence[int]) -> Figures:
    """Every page at every size, in turns; the largest and the slowest are left out where the largest graph is."""
    if not browser.CHROMIUM:
        print("\npages: left out, no Chromium found", flush=True)
        return {}
    whole = max(sizes) >= LARGE
    wanted = [number for number in NODES if whole or number < max(NODES)]
    return compared(folder, wanted, slow=whole)


def compared(folder: Path, numbers: Sequence[int], slow: bool = True) -> Figures:
    """Open the pages of these sizes, print their table, give the figures; `slow` asks stock pyvis at its largest."""
    figures: Figures = {}
    for number in numbers:
        made = [*_pages(folder, number, stock=number < STOCK or (slow and number == STOCK))]
        figures[str(number)] = {one.name: _opened(one) for one in made}
        for one in made:
            one.file.unlink()
    base = figures.get(str(STOCK), {}).get("stock pyvis", {})
    columns = [
        "nodes",
        "page",
        "nodes drawn",
        "lines drawn",
        "KB",
        "build cpu s",
        "layout cpu s",
        "interactive s, best",
        "median",
        "main thread cpu s",
    ]
    columns += ["pan fps", "zoom fps", "stock / it, median", "stock / it, cpu", "note"]
    table("Graph pages, 2 edges a node", columns, _lines(figures, base))
    return figures


def _lines(figures: Figures, base: Figures) -> Iterator[Sequence[Any]]:
    keys = ("nodes", "lines", "kilobytes", "build", "layout", "interactive", "median", "cpu", "pan", "zoom")
    for number, some in figures.items():
        for name, found in some.items():
            there = int(number) == STOCK and "median" in base and "median" in found
            ratios = [base[key] / found[key] if there else None for key in ("median", "cpu")]
            yield [int(number), name, *(found.get(key) for key in keys), *ratios, found.get("note")]


def _opened(one: Page) -> Figures:
    """The best and the median of a page's turns, or why there are none."""
    about: Figures = {"kilobytes": one.kilobytes, "build": one.build, "layout": one.layout}
    turns: list[Turn] = []
    for _ in range(_turns(one)):
        try:
            turns.append(turn(one, STOCK_CAP if one.name == "stock pyvis" else CAP))
        except TooSlow as why:
            about["note"] = str(why)
            break
    if turns:
        about |= {"interactive": min(each.interactive for each in turns), "cpu": min(each.cpu for each in turns)}
        about["median"] = median(each.interactive for each in turns)
        about |= {"nodes": turns[0].nodes, "lines": turns[0].lines}
        about |= {"pan": max(each.pan for each in turns), "zoom": max(each.zoom for each in turns)}
        about["turns"] = [asdict(each) for each in turns]
    print(
        f"{one.name}, {one.nodes:,} nodes: {about.get('interactive', about.get('note'))}", file=sys.stderr, flush=True
    )
    return about


def _turns(one: Page) -> int:
    if one.name == "stock pyvis" and one.nodes == STOCK:
        return 1
    return 3 if one.nodes <= 1_000 or (one.name == "ours" and one.nodes < 50_000) else 2 if one.nodes < 50_000 else 1


# ---- in Chromium ----


def turn(one: Page, cap: float = CAP) -> Turn:
    """Open a page in a fresh Chromium, wait until it rests, drag it, wheel it."""
    import websocket

    with browser.chromium() as tab, closing(tab.socket):
        tab.socket.settimeout(cap)
        try:
            interactive = _rest(tab, one, cap)
            cpu = _cpu(tab)
            left, top = tab.run(_FREE)
            return Turn(interactive, cpu, _rate(tab, _drag(left, top)), _rate(tab, _wheel()), *tab.run(_COUNTS))
        except websocket.WebSocketTimeoutException:
            raise TooSlow(f"no answer in {cap:.0f} s") from None


def _rest(tab: browser.Browser, one: Page, cap: float) -> float:
    """Seconds from navigation to interactive."""
    end = time.monotonic() + cap
    script = _PACE.replace("READY", one.ready).replace("GAP", str(GAP)).replace("QUIET", str(QUIET))
    tab.send("Network.setBlockedURLs", urls=["http://*", "https://*"])  # as fast a failure as there is
    tab.send("Performance.enable", timeDomain="threadTicks")
    tab.send("Page.addScriptToEvaluateOnNewDocument", source=script)
    tab.window(1400, 900)
    tab.send("Page.navigate", url=one.file.resolve().as_uri())
    while (rest := tab.run("window.__pace ? __pace.rest() : null")) is None:
        if time.monotonic() > end:
            raise TooSlow(f"not at rest in {cap:.0f} s")
        time.sleep(0.2)
    return float(rest) / 1000


def _cpu(tab: browser.Browser) -> float:
    """Seconds that the page's main thread has worked."""
    metrics = {one["name"]: one["value"] for one in tab.send("Performance.getMetrics")["metrics"]}
    return float(metrics["TaskDuration"])


def _rate(tab: browser.Browser, moves: Iterator[dict[str, Any]]) -> float:
    """Frames per second while the mouse does these moves; the last of them is its release."""
    begin, end = tab.run("performance.now()"), time.monotonic() + SECONDS
    last = None
    for last in moves:
        if last["type"] == "mouseReleased" or time.monotonic() > end:
            break
        tab.send("Input.dispatchMouseEvent", **last)
    rate = tab.run(f"__pace.rate({begin}, performance.now())")
    if last and last["type"] != "mouseWheel":
        tab.send("Input.dispatchMouseEvent", **last | {"type": "mouseReleased", "button": "left", "clickCount": 1})
    return float(rate)


def _drag(x: float, y: float) -> Iterator[dict[str, Any]]:
    """Press, then to and fro for as long as is asked."""
    yield {"type": "mouseMoved", "x": x, "y": y}
    yield {"type": "mousePressed", "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1}
    away = -1 if x > 700 else 1
    for step in itertools.count(1):
        part = 40 - abs(step % 80 - 40)
        yield {"type": "mouseMoved", "x": x + away * 6 * part, "y": y - 4 * part, "button": "left", "buttons": 1}


def _wheel() -> Iterator[dict[str, Any]]:
    """Ten notches in and ten out, for as long as is asked, at the middle of the window."""
    for step in itertools.count():
        yield {"type": "mouseWheel", "x": 700, "y": 450, "deltaX": 0, "deltaY": -60 if step % 20 < 10 else 60}


# ---- pages ----


def evidence(number: int, seed: int = 0) -> Graph[str]:
    """So many nodes with twice as many findings, a few therapies and outcomes holding most of them."""
    draw = random.Random(seed)  # noqa: S311  # the same graph each time, no secret
    treatments, outcomes = [], []
    graph: Graph[str] = nx.MultiDiGraph()
    for i in range(number):
        kind = ("therapy", "outcome", "therapy", "combination", "outcome")[i % 5]
        more = {"therapy": {"class": f"class {i % 17}"}, "outcome": {"domain": f"domain {i % 11}"}}.get(kind, {})
        graph.add_node(f"{kind}/{i}", kind=kind, label=f"{kind} number {i}", synonyms=f"n{i}|No {i}", **more)
        (outcomes if kind == "outcome" else treatments).append(f"{kind}/{i}")
    for i in range(2 * number):
        source = treatments[i] if i < len(treatments) else _hub(treatments, draw)
        target = outcomes[i - len(treatments)] if 0 <= i - len(treatments) < len(outcomes) else _hub(outcomes, draw)
        graph.add_edge(source, target, key=f"f-{i}", **finding(i, graph.nodes[target]["domain"], draw))
    return graph


def _hub(names: Sequence[str], draw: random.Random) -> str:
    """One of the names, the first ones far more often."""
    return names[int(len(names) * draw.random() ** 3)]


def finding(i: int, domain: str, draw: random.Random) -> dict[str, object]:
    """A finding with all that the page shows of one."""
    return {
        "kind": "finding", "finding": f"f-{i}", "study": f"study{i // 4}", "domain": domain, "contrast": "adds",
        "result": draw.choice(["improved", "improved", "no difference", "worsened", "undetermined"]),
        "direction": draw.choice(["increased", "decreased", "no difference"]), "arm": f"arm {i}",
        "comparator": "vehicle", "measure": f"measure {i % 40}", "injury": "contusion", "day": i % 60,
        "phase": draw.choice(["acute", "subacute", "chronic"]), "species": draw.choice(["rat", "mouse", "human"]),
        "n_arm": 8 + i % 9, "n_comparator": 7 + i % 8, "effect": f"{i % 21} vs {i % 13}", "p": "<0.05",
        "measured_day": None, "pmid": f"{30_000_000 + i // 4}", "year": 1990 + i % 36,
        "paper": f"The effect of treatment {i // 4} on recovery after injury", "doi": f"10.1234/invented.{i // 4}",
        "first_author": "Adams", "status": "unreviewed", "origin": "curated", "confidence": "low",
        "locator": f"Fig. {i % 7}", "source_url": f"https://example.org/{i // 4}",
    }  # fmt: skip


def _pages(folder: Path, number: int, stock: bool) -> Iterator[Page]:
    """The pages of so many nodes, each written when it is asked for."""
    graph = evidence(number)
    order, places, took = _placed(graph)
    yield ours(folder, graph)
    nodes = [
        {"id": i, "label": graph.nodes[node]["label"], "title": node, "x": x, "y": y}
        for i, (node, (x, y)) in enumerate(zip(order, places, strict=True))
    ]
    number_of = {node: i for i, node in enumerate(order)}
    edges = [{"from": number_of[a], "to": number_of[b], "title": key} for a, b, key in graph.edges(keys=True)]
    if stock:
        yield _page(folder, "stock pyvis", number, _STOCK, lambda: _stock(nodes, edges))
    yield _page(folder, "vis-network, tuned", number, _DRAWN, lambda: _tuned(nodes, edges), took)
    if library := cytoscape(folder):
        yield _page(folder, "Cytoscape.js", number, _DRAWN, lambda: _cytoscape(library, nodes, edges), took)


def ours(folder: Path, graph: Graph[str]) -> Page:
    """Our page, which says itself when it is drawn."""
    about = {"version": "0", "data": "0" * 64, "findings": graph.number_of_edges()}
    drawn = "document.body.dataset.ready === 'true'"
    return _page(folder, "ours", len(graph), drawn, lambda: page.html(graph, "Evidence", about))


def _page(
    folder: Path, name: str, number: int, ready: str, text: Callable[[], str], layout: float | None = None
) -> Page:
    began = time.process_time()
    words = text()
    took = time.process_time() - began + (layout or 0)
    file = folder / f"page-{number}-{hashlib.sha256(name.encode()).hexdigest()[:6]}.html"
    file.write_text(words, encoding="utf-8")
    return Page(name, number, file, ready, took, layout)


def _placed(graph: Graph[str]) -> tuple[list[str], list[force.Place], float]:
    """The nodes, their places, and the CPU seconds that these took."""
    order = sorted(graph)
    number = {node: i for i, node in enumerate(order)}
    began = time.process_time()
    places = force.positions(order, [(number[a], number[b]) for a, b in graph.edges()])
    return order, places, time.process_time() - began


def _stock(nodes: Sequence[dict[str, Any]], edges: Sequence[dict[str, Any]]) -> str:
    """pyvis with its defaults but for its scripts within, which it needs here."""
    from pyvis.network import Network

    network = Network(cdn_resources="in_line")
    for node in nodes:
        network.add_node(node["id"], label=node["label"], title=node["title"])
    for edge in edges:
        network.add_edge(edge["from"], edge["to"], title=edge["title"])
    return str(network.generate_html())


def _shell(library: str, data: Any, script: str) -> str:
    text = json.dumps(data, separators=(",", ":")).replace("<", r"\u003c")
    return _SHELL.format(title=html.escape("bench"), library=library, data=text, script=script)


def _tuned(nodes: Sequence[dict[str, Any]], edges: Sequence[dict[str, Any]]) -> str:
    file = importlib.resources.files("pyvis").joinpath("templates/lib/vis-9.1.2/vis-network.min.js")
    return _shell(file.read_text(encoding="utf-8"), {"nodes": nodes, "edges": edges}, _TUNED)


def _cytoscape(library: str, nodes: Sequence[dict[str, Any]], edges: Sequence[dict[str, Any]]) -> str:
    points = [
        {"data": {"id": f"n{one['id']}", "label": one["label"]}, "position": {"x": one["x"], "y": one["y"]}}
        for one in nodes
    ]
    lines = [
        {"data": {"id": f"e{i}", "source": f"n{one['from']}", "target": f"n{one['to']}"}} for i, one in enumerate(edges)
    ]
    return _shell(library + _CHUNK, {"nodes": points, "edges": lines}, _CYTOSCAPE)


def cytoscape(folder: Path) -> str | None:
    """Cytoscape.js, as a package of PyPI holds it; None, with a word about why, where it cannot be had."""
    kept = folder / "cytoscape.js"
    if not kept.exists():
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(folder), CYTOSCAPE]
        subprocess.run(command, timeout=120, check=False, capture_output=True)
        for wheel in folder.glob("streamlit_cytoscape-*.whl"):
            with zipfile.ZipFile(wheel) as held:
                name = next(name for name in held.namelist() if "/cytoscape." in name and name.endswith(".js"))
                kept.write_bytes(held.read(name))
    if kept.exists() and hashlib.sha256(kept.read_bytes()).hexdigest() == DIGEST:
        return kept.read_text(encoding="utf-8")
    print(f"Cytoscape.js is left out: {CYTOSCAPE} cannot be had here", file=sys.stderr, flush=True)
    return None
