"""The queue of proposals as one HTML page: the text with its marks, the row, and a word on each, kept for a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kg.decisions import REASONS
from kg.document import Span
from kg.review import shown
from kg.review.edits import COLUMNS, SCHEMES, choices, values
from kg.review.queue import Waiting
from kg.views import block, shell
from kg.views.shell import Shown
from kg.vocab import Vocab

SLOTS = ("arm", "comparator", "outcome", "direction", "species", "injury", "phase")  # with colours; others share one


def page(waiting: Sequence[Waiting], words: Vocab, reader: str, of: int) -> Shown:
    """The page of what waits for a reader, of so many in all; the same queue gives the same bytes."""
    data = {
        "items": [_item(one, words) for one in waiting],
        "choices": {column: found for column in COLUMNS if (found := choices(column, words))},
        "sides": [column for column, scheme in SCHEMES.items() if scheme == "therapy"],
        "columns": COLUMNS,
        "slots": SLOTS,
        "reasons": REASONS,
        "reader": reader,
    }
    style, scripts = shell.own("review.css"), [shell.own("review.js")]
    made: str = shell.template("review.html").render(
        title="Proposals to review",
        count=f"{len(waiting):,} of {of:,} proposals" if of > len(waiting) else f"{of:,} proposals",
        style=style,
        policy=shell.policy(scripts, style),
        data=block.text(data),
        scripts=scripts,
    )
    return Shown(made)


def _item(one: Waiting, words: Vocab) -> dict[str, Any]:
    document, proposal = one.document, one.proposal
    starts = zip(document.passages, document.starts(), strict=True)
    return {
        "id": proposal.finding.id,
        "title": document.paper.title,
        "names": sorted(document.identifiers),
        "url": proposal.finding.source_url,
        "known": one.known,
        "score": one.score,
        "rule": proposal.rule,
        "row": shown.row(one, words),
        "values": values(proposal.finding),
        "passages": [
            {
                "heading": passage.heading or passage.section,
                "text": list(shown.segments(document, proposal.marks, Span(start, start + len(passage.text)))),
            }
            for passage, start in starts
            if passage.text
        ],
    }
