"""What a reader sees of a proposal: the text cut at its marks, and the row with where each slot comes from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from kg import proposals
from kg.document import Document, Mark, Span
from kg.reading.sentences import sentences
from kg.review.edits import SCHEMES, SIDES, values
from kg.review.queue import Waiting
from kg.store import Row
from kg.vocab import Vocab

_FIRST = 12  # sentences
Segment = tuple[str, tuple[str, ...]]


def segments(document: Document, marks: Sequence[Mark], span: Span) -> Iterator[Segment]:
    """The text of a place cut where marks begin and end, each piece with the slots that were read in it."""
    text = document.text
    edges = {edge for mark in marks for edge in (mark.span.start, mark.span.end) if span.start < edge < span.end}
    cuts = [span.start, *sorted(edges), span.end]
    for start, end in pairwise(cuts):
        over = (mark.slot for mark in marks if mark.span.start <= start and end <= mark.span.end)
        yield text[start:end], tuple(dict.fromkeys(over))


def read_in(document: Document, marks: Sequence[Mark]) -> list[Span]:
    """The sentences that marks lie in, in the order of the text; the first of all where nothing is marked."""
    every = list(sentences(document.text))
    if not marks:
        return every[:_FIRST]
    return [span for span in every if any(m.span.meets(span) for m in marks)]


def row(waiting: Waiting, words: Vocab) -> list[Row]:
    """The proposed row, a line a column: its value, and the words it was read in or that it was inferred."""
    finding, document = waiting.proposal.finding, waiting.document
    lines: list[Row] = []
    for column, value in values(finding).items():
        seen = [mark for mark in waiting.proposal.marks if mark.slot == column]
        if value:
            lines.append({"column": column, "value": label(column, value, words), "from": _from(document, seen)})
    return lines


def label(column: str, value: str, words: Vocab) -> str:
    """A value as it is read: terms by their labels."""
    if column in SIDES:
        return " + ".join(words.label("therapy", id) for id in value.split(" + "))
    return words.label(SCHEMES[column], value) if column in SCHEMES else value


def _from(document: Document, marks: Sequence[Mark]) -> str:
    told = (
        f'"{document.text[mark.span.start : mark.span.end]}" ({proposals.section(document, mark.span.start)})'
        for mark in marks
    )
    return ", ".join(dict.fromkeys(told)) or "inferred"
