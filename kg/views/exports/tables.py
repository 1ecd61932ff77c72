"""Flat graphs as two tables, nodes and edges: plain CSV, CSV for Neo4j and for Gephi, Parquet.

In CSV, which a spreadsheet opens at a double click, text that it would take for a formula has an apostrophe before it,
and so has text that begins like that but for apostrophes: taking one off `'*[=+-@...` gives back what was there.
Numbers have none. An empty text and no value are both an empty cell. Parquet is exact.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from kg.errors import KgError
from kg.results import inert

if TYPE_CHECKING:
    from kg.graph import Graph

Parts = Iterator[tuple[str, bytes]]
_Rows = list[dict[str, object]]


def csv_pair(graph: Graph) -> Parts:
    """Two plain tables."""
    for part, first, rows in _both(graph):
        yield part, _csv(first, _more(rows, first), rows)


def _both(graph: Graph) -> Iterator[tuple[str, Sequence[str], _Rows]]:
    """Nodes, then edges: what stands behind the file's stem, the columns that come first, the rows."""
    yield "-nodes", ("id",), [{"id": node} | about for node, about in graph.nodes(data=True)]
    edges = graph.edges(keys=True, data=True)
    rows = [{"source": u, "target": v, "key": key} | about for u, v, key, about in edges]
    yield "-edges", ("source", "target", "key"), rows


def _more(rows: _Rows, first: Sequence[str]) -> list[str]:
    return sorted({name for row in rows for name in row} - set(first))


def _csv(first: Sequence[str], more: Sequence[str], rows: _Rows, heads: Mapping[str, str] | None = None) -> bytes:
    out, columns = io.StringIO(), [*first, *more]
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([(heads or {}).get(name, name) for name in columns])
    writer.writerows([_cell(row.get(name)) for name in columns] for row in rows)
    return out.getvalue().encode()


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return value
    bare = value.lstrip("'")
    return value if inert(bare) == bare else f"'{value}"


# --- Neo4j ------------------------------------------------------------------------------------------------------------

_TYPES = {int: ":long", float: ":double", bool: ":boolean"}


def neo4j(graph: Graph) -> Parts:
    """For `neo4j-admin database import`; a line break is a space there.

    `kind` gives the labels and the types of relationships. A column of several values is `string[]` with `;` between
    them, unless one of its values holds a `;` itself.
    https://neo4j.com/docs/operations-manual/current/tools/neo4j-admin/neo4j-admin-import/
    """
    lists = set(str(graph.graph.get("lists", "")).split("|"))
    nodes: _Rows = [{"id": node, ":LABEL": _labels(about)} | about for node, about in graph.nodes(data=True)]
    yield "-nodes", _imported({"id": "id:ID", ":LABEL": ":LABEL"}, nodes, lists)
    ends = (":START_ID", ":END_ID", ":TYPE")
    edges: _Rows = [
        dict(zip(ends, (u, v, _relationship(about)), strict=True)) | {"key": key} | about
        for u, v, key, about in graph.edges(keys=True, data=True)
    ]
    yield "-relationships", _imported({name: name for name in ends}, edges, lists)


def _labels(about: Mapping[str, object]) -> str:
    return ";".join(word[:1].upper() + word[1:] for word in str(about.get("kind") or "Resource").split("|"))


def _relationship(about: Mapping[str, object]) -> str:
    """`onTopOf` as ON_TOP_OF."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|\W+", "_", str(about.get("kind") or "related")).upper()


def _imported(first: Mapping[str, str], rows: _Rows, lists: Collection[str]) -> bytes:
    """A table whose heads say the types."""
    more = _more(rows, list(first))
    kinds = {name: _kind([row[name] for row in rows if name in row], name in lists) for name in more}
    heads = {**first, **{name: name + kind for name, kind in kinds.items()}}
    arrays = {name for name, kind in kinds.items() if kind == ":string[]"}
    lines: _Rows = [{name: _one_line(value, name in arrays) for name, value in row.items()} for row in rows]
    return _csv(list(first), more, lines, heads)


def _kind(values: Sequence[object], several: bool) -> str:
    if several and isinstance(values[0], str):
        return "" if any(";" in str(value) for value in values) else ":string[]"
    return _TYPES.get(type(values[0]), "")


def _one_line(value: object, several: bool) -> object:
    if not isinstance(value, str):
        return value
    return (value.replace("|", ";") if several else value).replace("\n", " ")


# --- Gephi ------------------------------------------------------------------------------------------------------------


def gephi(graph: Graph) -> Parts:
    """For Gephi's import of spreadsheets; choose not to merge edges there, or parallel ones of a kind become one."""
    nodes: _Rows = [{"Id": node, "Label": node} | _labelled(about) for node, about in graph.nodes(data=True)]
    yield "-nodes", _csv(("Id", "Label"), _more(nodes, ("Id", "Label")), nodes)
    first = ("Source", "Target", "Type", "Id", "Label", "key")
    edges: _Rows = [
        {"Source": u, "Target": v, "Type": "Directed", "Id": number, "key": key} | _labelled(about)
        for number, (u, v, key, about) in enumerate(graph.edges(keys=True, data=True))
    ]
    yield "-edges", _csv(first, _more(edges, first), edges)


def _labelled(about: Mapping[str, object]) -> dict[str, object]:
    return {"Label" if name == "label" else name: value for name, value in about.items()}


# --- Parquet ----------------------------------------------------------------------------------------------------------


def parquet(graph: Graph) -> Parts:
    """Two typed tables, for pandas, polars, DuckDB and Spark. Raises KgError where pyarrow is not installed."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise KgError("Parquet needs pyarrow, which is not installed: pip install 'cordgraph[parquet]'") from error

    types = {int: pyarrow.int64(), float: pyarrow.float64(), bool: pyarrow.bool_(), str: pyarrow.string()}
    for part, first, rows in _both(graph):
        columns = {}
        for name in [*first, *_more(rows, first)]:
            cells = [row.get(name) for row in rows]
            kind = next((type(cell) for cell in cells if cell is not None), str)
            columns[name] = pyarrow.array(cells, types[kind])
        sink = io.BytesIO()
        parquet.write_table(pyarrow.table(columns), sink)
        yield part, sink.getvalue()
