"""The graph page of what is selected in a store, and the places that its nodes keep."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg import api, graph, resources, selection
from kg.errors import KgError
from kg.selection import EVERYTHING, Selection
from kg.sparql import builds_graph
from kg.store import Store, replacing
from kg.views import page
from kg.views.shell import Shown

if TYPE_CHECKING:
    import networkx as nx

TITLE = "Treatment evidence in spinal cord injury"
_KEPT = "layout.json"
_TRIPLES, _FINDINGS = 300_000, 5_000  # up to which everything behind the evidence is drawn too


def text(store: Store, selected: Selection = EVERYTHING, title: str = TITLE) -> str:
    """The page of what is selected, or of the graph that a CONSTRUCT builds. Raises KgError where there is nothing."""
    head = f"{title}: {selected.words}" if selected.words else title
    if selected.query and selection.is_sparql(selected.query) and builds_graph(selection.sparql(selected.query)):
        return page.html(_built(store, selected.query), head, store.about)
    found = selected.findings(store)
    evidence, behind = selected.evidence(store, found), _behind(store, found)
    note = (
        "" if behind is not None else "There is too much behind this to draw: look around one thing to see everything."
    )
    note = " ".join(part for part in (note, selection.spoken_of(selected.query)) if part)
    return page.html(evidence, head, store.about, behind, kept() if found is None else {}, note)


def _behind(store: Store, found: set[str] | None) -> nx.MultiDiGraph[str] | None:
    """Everything behind the findings, where that is not too much."""
    if found is None:
        return graph.context(graph.whole(store)) if len(store) <= _TRIPLES else None
    return graph.context(graph.behind(store, found)) if len(found) <= _FINDINGS else None


def view(
    store: Store | None = None,
    *,
    around: Sequence[str] = (),
    depth: int = 1,
    query: str = "",
    title: str = TITLE,
    **conditions: str | Sequence[str],
) -> Shown:
    """The graph page, which a notebook shows and `save` writes; `phase`, `domain`, `species`, `result` are conditions.

    Raises KgError where nothing fits, UnknownName for words that name nothing.
    """
    return Shown(text(store or api.load(), Selection.of(around, depth, query, conditions), title))


def _built(store: Store, query: str) -> nx.MultiDiGraph[str]:
    """The graph that a CONSTRUCT builds, its nodes by the names and kinds that the store knows."""
    made = graph.of_triples(selection.free(store, query).triples or ())
    if not len(made):
        raise KgError("the query builds no link between two nodes, so there is nothing to draw")
    known = graph.context(graph.whole(store))
    for node in made:
        made.nodes[node].update(known.nodes[node] if node in known else {})
    return made


def kept() -> Mapping[str, Any]:
    """Where nodes stood when they were last kept, by scene; nothing where they never were."""
    file = resources.data() / _KEPT
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise KgError(
            f"{file} is not what 'kg view --keep-places' wrote ({error}); delete it or write it again"
        ) from error


def keep(store: Store) -> Path:
    """Write down, beside the data, where the nodes of the whole page stand, so that they stay there as it grows."""
    file = resources.data() / _KEPT
    places = page.places(graph.evidence(store), _behind(store, None), kept())
    with replacing(file) as beside:
        lines = (f"{json.dumps(name)}: {json.dumps(places[name], separators=(',', ':'))}" for name in sorted(places))
        beside.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8", newline="\n")
    return file
