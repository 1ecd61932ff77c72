"""A report as Markdown: the same sentences; what comes from the data stays text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from kg.store import Value
from kg.views import shell
from kg.views.report import receipts
from kg.views.report.document import DISCLAIMER, Answer, Document, Drawing, Section, Sentence
from kg.views.report.facts import Fact

_SPECIAL = re.compile(r"[\\`*_\[\]<>|~#$]")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_COLUMNS = (
    "finding",
    "isolates",
    "arm vs comparator",
    "outcome",
    "result",
    "phase",
    "species",
    "n",
    "p",
    "status",
    "paper",
)


def text(document: Document) -> str:
    """The whole report, a line for each line of the page."""
    lines = _Lines(document)
    parts = [*_head(document)]
    parts += [part for section in document.before for part in lines.section(section)]
    parts += ["## Pictures", *(_drawing(drawing) for drawing in document.drawings)]
    parts += [part for section in document.after for part in lines.section(section)]
    parts += [*_references(document), *_table(document, lines.numbers)]
    return "\n\n".join(part for part in parts if part) + "\n"


def plain(value: object) -> str:
    """Text from elsewhere as text and nothing more, on one line."""
    text = _UNSEEN.sub("\ufffd", " ".join(str(value).split())).replace("&", "&amp;")
    text = _SPECIAL.sub(lambda found: f"\\{found[0]}", text)
    return re.sub(r"^(?:([-+=])|(\d+)([.)]))", lambda m: f"\\{m[1]}" if m[1] else f"{m[2]}\\{m[3]}", text)


def code(value: str) -> str:
    """A command as code, whatever backticks it holds."""
    text = _UNSEEN.sub("\ufffd", " ".join(value.split()))
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    return f"{fence} {text} {fence}" if "`" in text else f"`{text}`"


def _head(document: Document) -> Iterator[str]:
    yield f"# {plain(document.title)}"
    yield f"{plain(document.asked)}"
    yield f"**{DISCLAIMER}**"
    yield f"{plain(shell.cite(document.about))} Made by {code(document.command)}."
    if document.answer:
        yield from _answer(document.answer)


def _answer(answer: Answer) -> Iterator[str]:
    yield "## The answer"
    more = answer.count - len(answer.rows)
    yield f"{answer.count:,} row{'s' * (answer.count != 1)}" + (
        f"; {more:,} more by {code(answer.command)}." if more else "."
    )
    if answer.rows:
        yield _rows(
            [name.replace("_", " ") for name in answer.columns],
            [[*map(row.get, answer.columns)] for row in answer.rows],
        )


def _rows(heads: Sequence[str], rows: Sequence[Sequence[Value]]) -> str:
    lines = [heads, ["---"] * len(heads), *([plain("" if cell is None else cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


class _Lines:
    """Writes sections, with the numbers of papers and the addresses of trials at hand."""

    def __init__(self, document: Document) -> None:
        self.facts = {fact.finding: fact for fact in document.facts}
        self.numbers = {str(paper["id"]): number for number, paper in enumerate(document.papers, 1)}
        self.trials = document.trials

    def section(self, section: Section) -> Iterator[str]:
        """The blocks of a section."""
        yield f"## {section.heading}"
        yield plain(section.note)
        for group in section.groups:
            yield f"{'#' * group.level} {plain(group.heading)}" if group.heading else ""
            yield plain(group.note)
            yield "\n".join(f"- {self._item(item.lead, item.sentences)}" for item in group.items)

    def _item(self, lead: str, sentences: Sequence[Sentence]) -> str:
        return " ".join([f"**{plain(lead)}**" if lead else "", *map(self._said, sentences)]).strip()

    def _said(self, sentence: Sentence) -> str:
        text, stop = sentence.parts
        return f"{plain(text)} {self._receipts(sentence)}".strip() + stop

    def _receipts(self, sentence: Sentence) -> str:
        made = receipts.of(sentence, self.facts, self.numbers)
        links = [f'[[{plain(one.text)}](#ref-{one.number} "{_title(one.command)}")]' for one in made.shown]
        links += [f"and {made.papers_more:,} more in the table"] if made.papers_more else []
        return " ".join([*links, *(self._trial(trial) for trial in sentence.trials)])

    def _trial(self, trial: str) -> str:
        address = receipts.web(self.trials.get(trial, ""))
        return f"[[{plain(trial)}]({address})]" if address else f"({plain(trial)})"


def _title(text: str) -> str:
    return plain(text).replace('"', "&quot;")


def _drawing(drawing: Drawing) -> str:
    drawn = f" Drawn by {code(drawing.command)}." if drawing.picture else ""
    return f"**{drawing.heading}.** {plain(drawing.sentence)}{drawn}"


def _references(document: Document) -> Iterator[str]:
    yield "## References"
    yield (
        f"{code(document.command + ' -o refs.bib')} writes them as BibTeX; name the file `refs.ris` for RIS or "
        "`refs.csl.json` for CSL JSON."
    )
    lines = []
    for number, paper in enumerate(document.papers, 1):
        links = " ".join(f"[{plain(words)}]({address})" for words, address in receipts.addresses(paper))
        lines.append(f'- <a id="ref-{number}"></a>[{number}] {plain(receipts.reference(paper))} {links}'.rstrip())
    yield "\n".join(lines)


def _table(document: Document, numbers: Mapping[str, int]) -> Iterator[str]:
    yield "## All findings"
    yield "`kg show KEY` shows one of them whole; n is the size of arm / comparator."
    yield _rows(_COLUMNS, [_cells(fact, numbers[fact.paper]) for fact in document.facts])


def _cells(fact: Fact, number: int) -> list[Value]:
    sizes = [fact.about.get(name) for name in ("n_arm", "n_comparator")]
    size = " / ".join("?" if n is None else str(n) for n in sizes) if any(n is not None for n in sizes) else ""
    contrast = f"{fact.arm} vs {fact.comparator} ({fact.contrast})"
    said = [fact.finding, fact.isolates, contrast, fact.outcome, fact.result, fact.phase, fact.species]
    return [*said, size, fact.about.get("p"), fact.about.get("status"), f"{number} {fact.locator}"]
