"""A report for a person: what was tried of a therapy, combination or question, what was seen, and on what it rests."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg import api, graph
from kg.errors import KgError
from kg.library import BadValue
from kg.store import Row, Store
from kg.synthesis.combos.partners import Partner
from kg.views.exports import references
from kg.views.report import ahead, asked, beside, facts, html, limits, markdown, pictures, receipts, tried
from kg.views.report.asked import Asked
from kg.views.report.document import Document, Section
from kg.views.report.facts import Fact
from kg.views.shell import Shown

_REFERENCES = {".bib": "bib", ".ris": "ris", ".csl.json": "csl"}
FORMS = (".html", ".md", *_REFERENCES)


@dataclass(frozen=True, slots=True)
class Report(Shown):
    """A report as a page, and as the sentences and references it is made of."""

    document: Document

    def content(self, file: Path) -> bytes:
        """The report as HTML or Markdown, or its references, as the file's name asks. Raises BadValue for another."""
        wanted = form(file)
        if wanted in _REFERENCES:
            return references.text(self.document.papers, _REFERENCES[wanted]).encode()
        return self.html.encode() if wanted == ".html" else markdown.text(self.document).encode()


def form(file: Path) -> str:
    """The form that a file's name asks for. Raises BadValue where that is none."""
    for known in FORMS:
        if file.name.casefold().endswith(known):
            return known
    raise BadValue(f"{file.name!r} is no report: name the file {', '.join(FORMS[:-1])} or {FORMS[-1]}")


def report(what: str, store: Store | None = None, *, title: str = "") -> Report:
    """The report on a therapy, class, combination (`A + B`) or question with its options.

    Raises UnknownName with the nearest names where the word names nothing, KgError where nothing is known of it.
    """
    made = document(store or api.load(), what, title)
    return Report(html.text(made), made)


def document(store: Store, what: str, title: str = "") -> Document:
    """The sentences, pictures and references of a report."""
    wanted = asked.understood(store, what)
    keys = _keys(store, wanted)
    drawn = graph.evidence(store, keys)
    trials = ahead.trial_rows(store, wanted, drawn.nodes)
    if not drawn.number_of_edges() and not trials:
        raise KgError(f"there is no finding and no trial here for {wanted.name}")
    own = facts.read(store, drawn)
    pairs = ahead.neighbours(store, wanted)
    every = _with_neighbours(store, own, pairs)
    first = _first(own, wanted, 0 if keys is None else len(keys) - len(own))
    then = (*_then(own, wanted), ahead.trials(trials, wanted), ahead.untested(store, pairs, wanted, every))
    return Document(
        title=title or wanted.title,
        asked=wanted.sentence,
        command=shlex.join(["kg", "report", what]),
        about=store.about,
        answer=wanted.answer,
        before=first,
        drawings=tuple(pictures.drawings(store, drawn, wanted, trials)),
        after=then,
        facts=tuple(every[key] for key in sorted(every)),
        papers=_papers(store, (*first, *then), every),
        trials={str(row["trial"]): str(row["url"] or "") for row in trials},
    )


def _keys(store: Store, wanted: Asked) -> set[str] | None:
    """The keys of the findings; none where all are meant, empty where a therapy has trials only."""
    try:
        return wanted.selection.findings(store)
    except KgError:
        if wanted.kind in ("therapy", "combination"):
            return set()
        raise


def _with_neighbours(store: Store, own: Collection[Fact], pairs: Sequence[Partner]) -> dict[str, Fact]:
    """The findings by key, with those of the parts of untested pairs that are shown."""
    every = {fact.finding: fact for fact in own}
    shown = [pair for some in ahead.shown(pairs).values() for pair in some]
    if more := {key for pair in shown for key in pair.findings} - every.keys():
        every |= {fact.finding: fact for fact in facts.read(store, graph.evidence(store, more))}
    return every


def _first(own: Collection[Fact], wanted: Asked, left_out: int) -> tuple[Section, ...]:
    alone = tried.isolated(own, wanted)
    of = f"contrasts that isolate {wanted.name}" if wanted.kind == "therapy" else "contrasts that add something"
    if not alone:
        of = "all contrasts, since none isolates it" if wanted.kind == "therapy" else "all contrasts"
    return limits.limits(own, left_out), limits.nulls(alone or own, of), tried.tried(own, wanted)


def _then(own: Collection[Fact], wanted: Asked) -> tuple[Section, ...]:
    return beside.contradictions(own, wanted), beside.replication(own, wanted), beside.harms(own)


def _papers(store: Store, sections: Iterable[Section], every: Mapping[str, Fact]) -> tuple[Row, ...]:
    """The papers in the order in which sentences name them."""
    said = (sentence for section in sections for sentence in section.sentences())
    known = {str(paper["id"]): paper for paper in references.papers(store, {*every})}
    return tuple(known[id] for id in receipts.ordered(said, every))
