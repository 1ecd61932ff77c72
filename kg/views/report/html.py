"""A report as one page of HTML: marks and receipts open their findings, nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kg.views import block, shell
from kg.views.exports import references
from kg.views.report import receipts
from kg.views.report.document import DISCLAIMER, Document, Sentence
from kg.views.report.facts import Fact

if TYPE_CHECKING:
    from kg.views.plots import Picture

_SCRIPTS = ("evidence.js", "plot.js", "report.js")
_STYLES = ("page.css", "plot.css", "report.css")


def text(document: Document) -> str:
    """The page; the same document gives the same bytes."""
    scripts, style = [*map(shell.own, _SCRIPTS)], "".join(map(shell.own, _STYLES))
    facts = {fact.finding: fact for fact in document.facts}
    places = {key: place for place, key in enumerate(facts)}
    numbers = {str(paper["id"]): number for number, paper in enumerate(document.papers, 1)}

    def behind(sentence: Sentence) -> receipts.Receipts:
        return receipts.of(sentence, facts, numbers)

    def at(keys: tuple[str, ...]) -> str:
        return " ".join(str(places[key]) for key in keys)

    made: str = shell.template("report.html").render(
        title=document.title,
        document=document,
        disclaimer=DISCLAIMER,
        facts=shell.about(document.about),
        cite=shell.cite(document.about),
        behind=behind,
        at=at,
        web=receipts.web,
        inline=_inline,
        papers=[(receipts.reference(paper), list(receipts.addresses(paper))) for paper in document.papers],
        policy=shell.policy(scripts, style),
        scripts=scripts,
        style=style,
        data=block.text(_data(document, places)),
    )
    return made


def _inline(picture: Picture) -> str:
    """The picture without its head; its hatches have names of their own, for others stand on the same page."""
    svg = picture.svg.partition("?>\n")[2]
    return re.sub(r'(\bid="|\burl\(#)(?=h[0-9a-f]{10}\b)', rf"\g<1>{picture.kind}-", svg)


def _data(document: Document, places: Mapping[str, int]) -> dict[str, Any]:
    """What the scripts read: the findings, which of them each mark stands for, and the references as files."""
    nodes = {end: _node(fact, side) for fact in document.facts for side, end in enumerate(fact.ends)}
    order = {node: number for number, node in enumerate(sorted(nodes))}
    rows = [_row(fact, order) for fact in document.facts]
    pictures = [drawing.picture for drawing in document.drawings if drawing.picture]
    return {
        "nodes": block.columns([nodes[node] for node in order]),
        "findings": block.columns(rows, leave=("kind",)),
        "marks": [
            [mark.id, mark.text, [places[key] for key in mark.findings if key in places]]
            for picture in pictures
            for mark in picture.marks
        ],
        "references": {
            form: references.text(document.papers, kind)
            for form, kind in (("bib", "bib"), ("ris", "ris"), ("csl.json", "csl"))
        },
    }


def _node(fact: Fact, side: int) -> dict[str, shell.Value]:
    return {
        "id": fact.ends[side],
        "kind": fact.ends[side].partition("/")[0],
        "label": (fact.isolates, fact.outcome)[side],
    }


def _row(fact: Fact, order: Mapping[str, int]) -> dict[str, shell.Value]:
    said = {name: value for name, value in fact.about.items() if value not in (None, "")}
    return said | {"from": order[fact.ends[0]], "to": order[fact.ends[1]]}
