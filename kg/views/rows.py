"""Rows as a table, CSV, TSV, JSON or Markdown."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from kg.store import Row, Value

_SUFFIXES = {".csv": "csv", ".tsv": "tsv", ".json": "json", ".md": "md", ".txt": "table"}
_NARROWEST = 12


def by_suffix(file: Path | None) -> str | None:
    """The format that a file's suffix asks for."""
    return _SUFFIXES.get(file.suffix) if file else None


def text(
    rows: Sequence[Row], columns: Sequence[str], form: str, fit: bool | None = None, truncated: bool = False
) -> str:
    """The rows in one format; `fit` wraps a table to the terminal, `truncated` is said in JSON."""
    if form == "json":
        about = {"columns": list(columns), "rows": [{c: row.get(c) for c in columns} for row in rows]}
        return json.dumps(about | {"complete": not truncated}, ensure_ascii=False, indent=1) + "\n"
    if form in ("csv", "tsv"):
        return _separated(rows, columns, "," if form == "csv" else "\t")
    return _table(rows, columns, form, bool(fit))


def _separated(rows: Sequence[Row], columns: Sequence[str], separator: str) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row.get(column)) for column in columns] for row in rows)
    return out.getvalue()


def _cell(value: Value) -> Value:
    """Text that a spreadsheet would take for a formula gets an apostrophe; numbers stay as they are."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _table(rows: Sequence[Row], columns: Sequence[str], form: str, fit: bool) -> str:
    from tabulate import tabulate

    if not rows:
        return "no rows\n"
    cells = [[_shown(row.get(column)) for column in columns] for row in rows]
    markdown = form == "md"
    if markdown:
        cells = [
            [cell.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;") for cell in line] for line in cells
        ]
    widths = _widths(cells, columns) if fit and not markdown else None
    style = "github" if markdown else "simple"
    return tabulate(cells, columns, tablefmt=style, disable_numparse=True, maxcolwidths=widths) + "\n"


def _shown(value: Value) -> str:
    if value is None:
        return ""
    number = int(value) if isinstance(value, float) and value.is_integer() else value
    return " ".join(str(number).split())


def _widths(cells: Sequence[Sequence[str]], columns: Sequence[str]) -> list[int]:
    """Column widths that fit the terminal: the widest columns give way first."""
    widths = [max([len(name), *(len(line[i]) for line in cells)]) for i, name in enumerate(columns)]
    room = shutil.get_terminal_size((120, 24)).columns - 2 * (len(columns) - 1)
    while sum(widths) > room and max(widths) > _NARROWEST:
        widths[widths.index(max(widths))] -= 1
    return widths
