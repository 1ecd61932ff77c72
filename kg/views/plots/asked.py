"""What was asked for, and the small print that every picture ends with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kg.errors import plural
from kg.views.plots import facts
from kg.views.plots.canvas import Canvas, Picture
from kg.views.plots.facts import Fact

if TYPE_CHECKING:
    import networkx as nx

    Graph = nx.MultiDiGraph[str]

SHARED = "A study with several results is shared evenly between them"
ADVICE = "animal and human evidence, not medical advice"


@dataclass(frozen=True, slots=True)
class Asked:
    """A graph and what is known of it, the rows of a library question where the picture needs them, a width in mm."""

    graph: Graph
    facts: Sequence[Fact]
    about: Mapping[str, Any]
    title: str = ""
    width: float = 180.0
    rows: Sequence[Mapping[str, Any]] = ()
    subject: str = ""

    def titled(self, title: str) -> str:
        """The title that was asked for, or else this one with the subject."""
        return self.title or (f"{title}: {self.subject}" if self.subject else title)

    def canvas(self, kind: str, title: str) -> Canvas:
        """A sheet with its title."""
        canvas = Canvas(kind, self.width)
        if self.subject:
            canvas.nothing = "none in what was selected"
        canvas.head(self.titled(title))
        return canvas

    def finish(self, canvas: Canvas, title: str, notes: Iterable[str], counts: str) -> Picture:
        """The picture, with its notes and where its data come from below it."""
        note = ". ".join(part for part in notes if part) + "."
        source = "; ".join(part for part in (counts, self._source(), ADVICE) if part)
        canvas.foot([note, source[:1].upper() + source[1:] + "."])
        return canvas.picture(self.titled(title), f"{note} {source[:1].upper() + source[1:]}.")

    def _source(self) -> str:
        version, data = (str(self.about.get(name) or "") for name in ("version", "data"))
        said = [f"cordgraph {version}" if version else "", f"data {data[:12]}" if data else ""]
        said += [f"of {self.about['date']}" if self.about.get("date") else ""]
        return " ".join(part for part in said if part)


def total(found: Iterable[Fact]) -> str:
    """How many studies and findings are drawn."""
    known = list(found)
    return f"{plural(facts.studies(known), 'study', 'studies')}, {plural(len(known), 'finding')}"


def showing(shown: int, known: int, things: str, rule: str) -> str:
    """That not everything is shown, and by which rule, where that is so."""
    return f"Showing {shown} of {known} {things}: {rule}" if shown < known else ""
