"""Rows as a table, CSV, TSV, JSON or Markdown."""

from __future__ import annotations

import csv
import io
import json
import math
import shutil
import textwrap
from collections.abc import Sequence
from pathlib import Path

from kg.store import Row, Value

_LONG_WORD = 30  # a web address may be broken
_SUFFIXES = {".csv": "csv", ".tsv": "tsv", ".json": "json", ".md": "md", ".txt": "table"}


def by_suffix(file: Path | None) -> str | None:
    """The format that a file's suffix asks for."""
    return _SUFFIXES.get(file.suffix) if file else None


def text(rows: Sequence[Row], columns: Sequence[str], form: str, fit: bool = False, truncated: bool = False) -> str:
    """The rows in one format; `fit` wraps a table to the terminal, `truncated` is said in JSON."""
    if form == "json":
        about = {"columns": list(columns), "rows": [{c: _finite(row.get(c)) for c in columns} for row in rows]}
        return json.dumps(about | {"complete": not truncated}, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
    if form in ("csv", "tsv"):
        return _separated(rows, columns, "," if form == "csv" else "\t")
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
    """Text that a spreadsheet would take for a formula gets an apostrophe; numbers stay as they are."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


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
    widths = _widths([heads, *cells]) if fit else None
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
    return " ".join(str(number).split())


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
