"""The pictures of a report, and an honest sentence where one does not fit."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kg.errors import KgError
from kg.store import Row, Store
from kg.views import figures, plots
from kg.views.report.asked import Asked
from kg.views.report.document import Drawing

if TYPE_CHECKING:
    from kg.graph import Graph
    from kg.views.plots import Picture

_HEADINGS = {
    "gap-map": "Gap map: what was looked at in which phase, and what was not",
    "forest": "Effect sizes of single findings",
    "harvest": "Direction of effect, study by study",
    "ladder": "From mouse to people",
    "trials": "Trials in people",
    "lattice": "What was given alone, in pairs and in triples",
}
_CALLED = {name: f"{name} plot" for name in ("forest", "harvest")} | {
    "gap-map": "gap map",
    "ladder": "ladder",
    "trials": "picture of trials",
    "lattice": "lattice",
}
_ABOUT = re.compile(
    r" ?[\d,]+ (?:study|studies|trials?)\b[^.]*; (?:cordgraph|animal) .*$", re.DOTALL
)  # which the report says itself


def drawings(store: Store, graph: Graph, asked: Asked, trials: Collection[Row]) -> Iterator[Drawing]:
    """Gap map, forest or else harvest, ladder, trials, and for therapies the lattice of combinations."""
    draw = _Drawer(store, graph, asked, trials)
    yield draw("gap-map")
    forest = draw("forest")
    yield forest
    if forest.picture is None:
        yield draw("harvest")
    yield draw("ladder")
    yield draw("trials")
    if asked.kind in ("therapy", "combination"):
        yield draw("lattice")


class _Drawer:
    """Draws one kind after the other of the same findings."""

    def __init__(self, store: Store, graph: Graph, asked: Asked, trials: Collection[Row]) -> None:
        self.store, self.graph, self.asked, self.trials = store, graph, asked, trials

    def __call__(self, kind: str) -> Drawing:
        """The picture of a kind, or why there is none."""
        command = shlex.join(["kg", "plot", kind, *self.asked.options, "-o", f"{kind}.svg"])
        made = self._drawn(kind)
        if isinstance(made, str):
            return Drawing(_HEADINGS[kind], None, made, command)
        return Drawing(_HEADINGS[kind], made, _ABOUT.sub("", made.note), command)

    def _drawn(self, kind: str) -> Picture | str:
        try:
            made = plots.draw(kind, self.graph, self.store.about, rows=self._rows(kind), subject=self.asked.name)
        except KgError as error:
            return f"No {_CALLED[kind]}: {str(error).partition(';')[0].rstrip('.')}."
        if kind == "forest" and len({key for mark in made.marks for key in mark.findings}) < 2:
            return "No forest plot: only one finding here prints n, means and spreads of both sides."
        return made

    def _rows(self, kind: str) -> list[Mapping[str, Any]]:
        """What a kind of picture needs beside the graph."""
        return list(self.trials) if kind == "trials" else list(figures.answer(self.store, kind))
