"""Rows as a table, CSV, TSV, JSON, Markdown, or a page of HTML that works offline."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import shutil
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kg import __version__, results, shape
from kg.store import Row, Value, plain

if TYPE_CHECKING:
    from kg.free import Reply

_LONG_WORD = 30  # a web address may be broken
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # would steer a terminal
_RESULTS = ("improved", "worsened", "mixed")  # those that have a colour
_SUFFIXES = {".csv": "csv", ".tsv": "tsv", ".json": "json", ".md": "md", ".txt": "table", ".html": "html"}


def by_suffix(file: Path | None) -> str | None:
    """The format that a file's suffix asks for."""
    return _SUFFIXES.get(file.suffix) if file else None


def text(
    rows: Sequence[Row],
    columns: Sequence[str],
    form: str,
    fit: bool = False,
    truncated: bool = False,
    title: str = "",
) -> str:
    """The rows in one format; `fit` wraps a table to the terminal, `truncated` is said in JSON and HTML."""
    if form == "json":
        about = {"columns": list(columns), "rows": [{c: _finite(row.get(c)) for c in columns} for row in rows]}
        return json.dumps(about | {"complete": not truncated}, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
    if form in ("csv", "tsv"):
        return _separated(rows, columns, "," if form == "csv" else "\t")
    if form == "html":
        return _html(rows, columns, truncated, title or "Answer")
    return _table(rows, columns, form, fit)


def _finite(value: Value) -> Value:
    """JSON knows neither NaN nor infinity: they become text."""
    return value if not isinstance(value, float) or math.isfinite(value) else str(value)


def _separated(rows: Sequence[Row], columns: Sequence[str], separator: str) -> str:
    cells = ([_cell(row.get(column)) for column in columns] for row in rows)
    return _line(columns, separator) + "".join(_line(line, separator) for line in cells)


def _line(cells: Sequence[Value], separator: str) -> str:
    """One line; the csv module quotes a lone carriage return only where that ends its lines."""
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\r\n").writerow(cells)
    return out.getvalue()[:-2] + "\n"


def _cell(value: Value) -> Value:
    """Text made inert for spreadsheets; numbers stay as they are."""
    return results.inert(value) if isinstance(value, str) else value


def spoken(reply: Reply) -> list[Row]:
    """The rows of a free query for reading: the name of an IRI first, the IRI in short behind it."""
    return [
        {column: _spoken(str(term), plain(term), reply.labels) for column, term in zip(reply.columns, row, strict=True)}
        for row in reply.rows
    ]


def _spoken(term: str, value: Value, labels: Mapping[str, str]) -> Value:
    if not term.startswith("<"):
        return value
    short, label = shape.short(str(value)), labels.get(str(value))
    return short if label is None or short.endswith(f"/{label}") else f"{label} ({short})"


def _html(rows: Sequence[Row], columns: Sequence[str], truncated: bool, title: str) -> str:
    """A page without script: the same rows give the same bytes."""
    from kg.views import shell

    style = shell.own("rows.css")
    told: str = shell.template("rows.html").render(
        title=title,
        style=style,
        policy=shell.policy([], style),
        count=f"{'The first ' if truncated else ''}{len(rows):,} row{'s' * (len(rows) != 1)}",
        heads=[(_kind([row.get(name) for row in rows]), name.replace("_", " ")) for name in columns],
        lines=[[_marked_up(row.get(name)) for name in columns] for row in rows],
        version=__version__,
    )
    return told


def _marked_up(value: Value) -> tuple[str, str, str]:
    """The class, text and link of a cell."""
    shown = _shown(value)
    link = re.fullmatch(r"https?://[^\s<>\"]+", shown) or re.search(r"(?<= \()https?://[^\s<>\"]+(?=\)$)", shown)
    return _kind([value]) or (shown if shown in _RESULTS else ""), shown, link[0] if link else ""


def _kind(values: Sequence[Value]) -> str:
    """`number` where all of these are numbers."""
    numbers = (isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    return "number" if values and all(numbers) else ""


def _table(rows: Sequence[Row], columns: Sequence[str], form: str, fit: bool) -> str:
    from tabulate import tabulate

    if not rows:
        return "no rows\n"
    names = [name for name in columns if not fit or any(row.get(name) is not None for row in rows)]
    cells = [[_shown(row.get(name)) for name in names] for row in rows]
    heads = [name.replace("_", " ") for name in names]
    if form == "md":
        cells = [[_marked(cell) for cell in line] for line in cells]
        return tabulate(cells, heads, tablefmt="github", disable_numparse=True) + "\n"
    padded = [f"{head}__" for head in heads]  # tabulate keeps two blanks more for a heading
    widths = _widths([padded, *cells]) if fit else None
    if widths is not None and not widths:
        return _records(cells, heads)
    made = tabulate(cells, heads, disable_numparse=True, maxcolwidths=widths, maxheadercolwidths=widths)
    return "\n".join(line.rstrip() for line in made.splitlines()) + "\n"


def _marked(cell: str) -> str:
    return cell.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


def _shown(value: Value) -> str:
    if value is None:
        return ""
    number = int(value) if isinstance(value, float) and value.is_integer() else value
    text = " ".join(str(number).split())
    return text if text.isprintable() else _UNSEEN.sub("\ufffd", text)


def _widths(lines: Sequence[Sequence[str]]) -> list[int]:
    """Column widths that fit the terminal without breaking a word, the widest giving way first; none where none do."""
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    words = [
        max(len(word) for cell in column for word in (cell.split() or [""])) for column in zip(*lines, strict=True)
    ]
    least = [min(word, _LONG_WORD) for word in words]
    room = _room() - 2 * (len(widths) - 1)
    if sum(least) > room:
        return []
    while sum(widths) > room:
        spare = [width if width > low else 0 for width, low in zip(widths, least, strict=True)]
        widths[spare.index(max(spare))] -= 1
    return widths


def _room() -> int:
    return shutil.get_terminal_size((120, 24)).columns


def _records(cells: Sequence[Sequence[str]], heads: Sequence[str]) -> str:
    """One block a row, one line a column: for tables wider than the terminal."""
    margin = max(len(head) for head in heads) + 2
    blocks = []
    for line in cells:
        pairs = [(head, cell) for head, cell in zip(heads, line, strict=True) if cell]
        wrapped = (textwrap.wrap(cell, max(_room() - margin, 20), break_long_words=False) for _, cell in pairs)
        shown = (f"\n{'':{margin}}".join(parts) for parts in wrapped)
        blocks.append("".join(f"{head:{margin}}{text}\n" for (head, _), text in zip(pairs, shown, strict=True)))
    return "\n".join(blocks)
