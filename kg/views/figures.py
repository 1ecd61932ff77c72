"""Evidence pictures of what is selected: as files, and as a page on which each mark opens its findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg import api, library
from kg.selection import EVERYTHING, Selection
from kg.store import Store
from kg.views import block, plots, shell
from kg.views.plots import Picture
from kg.views.shell import Shown

if TYPE_CHECKING:
    from kg.graph import Graph
    from kg.views.shell import Value

FORMS = ("svg", "png", "pdf", "html")
_SCRIPTS = ("evidence.js", "plot.js")
_STYLES = ("page.css", "plot.css")


@dataclass(frozen=True, slots=True)
class Plot(Shown):
    """An evidence picture, and the page of it."""

    picture: Picture

    def content(self, file: Path) -> bytes:
        """The picture in the form that the file's name asks for. Raises BadValue where it asks for none."""
        wanted = form(file)
        return self.html.encode() if wanted == "html" else self.picture.bytes(wanted)


def plot(
    kind: str,
    store: Store | None = None,
    *,
    around: Sequence[str] = (),
    depth: int = 1,
    query: str = "",
    title: str = "",
    width: float = 180.0,
    **conditions: str | Sequence[str],
) -> Plot:
    """An evidence picture, `width` mm wide, of what `around`, `query` and conditions such as `phase` select.

    Raises UnknownName for a kind or word that is none, KgError where nothing fits.
    """
    return draw(store or api.load(), kind, Selection.of(around, depth, query, conditions), title, width)


def draw(store: Store, kind: str, selected: Selection = EVERYTHING, title: str = "", width: float = 180.0) -> Plot:
    """The picture of a kind of what is selected. Raises KgError where nothing fits it."""
    import networkx as nx

    graph: Graph = nx.MultiDiGraph() if kind == "trials" else selected.evidence(store)
    rows = selected.trials(store) if kind == "trials" else answer(store, kind)
    picture = plots.draw(kind, graph, store.about, title, width, rows, selected.words)
    return Plot(page(picture, graph, store.about), picture)


def answer(store: Store, kind: str) -> list[dict[str, Any]]:
    """The answer to the question that a kind of picture needs beside the graph."""
    if kind not in plots.QUESTIONS:
        return []
    return list(store.select(library.bind(library.question(plots.QUESTIONS[kind]), {}, store.vocab())))


def form(file: Path) -> str:
    """The form that a file's name asks for. Raises BadValue where that is none."""
    found = file.suffix.lower().removeprefix(".")
    if found not in FORMS:
        raise library.BadValue(f"{found or file.name!r} is no form of a picture; name the file .{', .'.join(FORMS)}")
    return found


def page(picture: Picture, graph: Graph, about: Mapping[str, Value]) -> str:
    """The picture as a page without network: each mark opens its findings; they stand below it as a table too."""
    scripts, style = [*map(shell.own, _SCRIPTS)], "".join(map(shell.own, _STYLES))
    text: str = shell.template("plot.html").render(
        title=picture.title,
        note=picture.note,
        picture=picture.svg.partition("?>\n")[2],
        about=shell.about(about),
        cite=shell.cite(about),
        policy=shell.policy(scripts, style),
        scripts=scripts,
        style=style,
        data=block.text(_data(picture, graph)),
    )
    return text


def _data(picture: Picture, graph: Graph) -> dict[str, Any]:
    """The findings that the picture stands for, and which of them each mark does."""
    used = {key for mark in picture.marks for key in mark.findings}
    rows = sorted(_findings(graph, used), key=lambda row: str(row["finding"]))
    numbers = {str(row["finding"]): number for number, row in enumerate(rows)}
    nodes = sorted({str(row[end]) for row in rows for end in ("from", "to")})
    places = {node: number for number, node in enumerate(nodes)}
    found = [{**row, "from": places[str(row["from"])], "to": places[str(row["to"])]} for row in rows]
    return {
        "nodes": block.columns([{"id": node, **_named(graph, node)} for node in nodes]),
        "findings": block.columns(found, leave=("kind",)),
        "marks": [
            [mark.id, mark.text, [numbers[key] for key in mark.findings if key in numbers]] for mark in picture.marks
        ],
    }


def _findings(graph: Graph, keys: set[str]) -> Iterator[dict[str, Value]]:
    for source, target, about in graph.edges(data=True):
        if about.get("finding") in keys:
            said: dict[str, Value] = {name: value for name, value in about.items() if value not in (None, "")}
            yield said | {"from": source, "to": target}


def _named(graph: Graph, node: str) -> dict[str, Value]:
    return {name: str(graph.nodes[node].get(name) or node) for name in ("kind", "label")}
