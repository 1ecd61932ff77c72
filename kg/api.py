"""What Python users call: the graph, its questions, and its forms for other libraries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kg import graph, library, resources
from kg.store import Row, Store

if TYPE_CHECKING:
    import networkx as nx
    import rdflib


def load(
    place: Path | str | None = None, say: Callable[[str], object] = lambda _: None, *, memory: bool = False
) -> Store:
    """The graph at a place: a folder, or the address of a SPARQL 1.1 endpoint.

    Without a place it is the endpoint or the store that the environment or config.toml names, else the default graph,
    built from the data folder where it is not there yet. `memory` copies it into memory, for sessions of many
    questions. `say` receives a sentence where something is built or where the data changed after the graph was built.
    Raises KgError where a given place holds no graph, DataError where the data cannot be built.
    """
    store = _opened(place or resources.setting("endpoint"), say)
    return store.in_memory() if memory else store


def _opened(place: Path | str, say: Callable[[str], object]) -> Store:
    if place:
        return Store.at(place) if isinstance(place, str) and "://" in place else Store.open(Path(place))
    default = resources.store()
    if not (default / "CURRENT").exists():
        from kg import build  # imported where it is needed: it brings the sources along

        say(f"building the graph from {resources.data()} (once)")
        return build.write(build.collect(), default)
    store = Store.open(default)
    if store.about.get("data") != resources.digest(resources.data()):
        say("the data changed after this graph was built; run 'kg build'")
    return store


def query(name: str, store: Store | None = None, **values: str | float | Sequence[str]) -> list[Row]:
    """The rows of a library question; a value may be a name, a synonym, or several of them in a list.

    Raises UnknownName for a question, parameter or term that is not known, BadValue for an unusable value.
    """
    store = store or load()
    question = library.question(name)
    given = {
        key: [str(value)] if isinstance(value, str | int | float) else list(value) for key, value in values.items()
    }
    return store.select(library.bind(question, given, store.vocab()))


def as_rdflib(store: Store | None = None) -> rdflib.Graph:
    """The whole graph as an `rdflib.Graph`."""
    import rdflib

    from kg.store import serialise

    copy = rdflib.Graph()
    return copy.parse(data=serialise((store or load()).triples(), ".nt"), format="nt")


def as_networkx(store: Store | None = None) -> nx.MultiDiGraph[str]:
    """The whole graph as a `networkx.MultiDiGraph`; see `kg.graph` for the evidence view."""
    return graph.whole(store or load())
