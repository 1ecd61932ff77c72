"""A page of any sections and pictures: it gathers the findings and papers that they speak of, as a report does."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence

from kg import graph, shape
from kg.store import Store
from kg.views.exports import references
from kg.views.report import Report, facts, html, receipts
from kg.views.report.document import Document, Drawing, Section

_TRIALS = """
SELECT ?trial ?url WHERE { ?t a kg:Trial ; dcterms:identifier ?trial . OPTIONAL { ?t kg:sourceUrl ?url } }
ORDER BY ?trial ?url
"""


def page(
    store: Store, title: str, asked: str, command: Sequence[str], before: Sequence[Section],
    drawings: Iterable[Drawing] = (), after: Sequence[Section] = (),
) -> Report:  # fmt: skip
    """The report that these make; `command` is what makes it again."""
    drawn, sections = tuple(drawings), (*before, *after)
    sentences = [sentence for section in sections for sentence in section.sentences()]
    used = {key for sentence in sentences for key in sentence.findings}
    used |= {key for one in drawn if one.picture for mark in one.picture.marks for key in mark.findings}
    known = {fact.finding: fact for fact in facts.read(store, graph.evidence(store, used))} if used else {}
    papers = {str(paper["id"]): paper for paper in references.papers(store, set(known))}
    made = Document(
        title=title,
        asked=asked,
        command=shlex.join(command),
        about=store.about,
        answer=None,
        before=tuple(before),
        drawings=drawn,
        after=tuple(after),
        facts=tuple(known[key] for key in sorted(known)),
        papers=tuple(papers[id] for id in receipts.ordered(sentences, known)),
        trials={id: url for id, url in _trials(store).items() if any(id in sentence.trials for sentence in sentences)},
    )
    return Report(html.text(made), made)


def _trials(store: Store) -> dict[str, str]:
    """The address of every trial's record."""
    return {str(row["trial"]): str(row["url"] or "") for row in store.select(shape.PROLOGUE + _TRIALS)}
