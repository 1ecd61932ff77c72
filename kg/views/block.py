"""The block of data that the scripts of a page read: nodes and findings by column, scenes by number."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kg.graph import is_finding
from kg.views.shell import Value

if TYPE_CHECKING:
    from kg.views.scenes import Scene


def text(value: Any) -> str:
    """JSON that is inert inside a script element; U+2028 and U+2029 are escaped as all that is not ASCII."""
    text = json.dumps(value, ensure_ascii=True, sort_keys=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", r"\u003c").replace(">", r"\u003e").replace("&", r"\u0026")


def of_page(made: Sequence[Scene], nodes: Iterable[Mapping[str, Value]], edges: Sequence[Mapping[str, Value]]) -> Any:
    """What the scripts read: nodes and findings as columns; scenes speak of both by number."""
    about: dict[str, Mapping[str, Value]] = {str(node["id"]): node for node in nodes}
    for scene in made:
        for node in sorted(scene.graph):
            about.setdefault(node, {"id": node, "label": node, **scene.graph.nodes[node]})
    numbers = {node: number for number, node in enumerate(about)}
    keys = [str(number) for number, edge in enumerate(edges) if is_finding(edge)]
    findings = [edges[int(key)] for key in keys]
    rows = [{**finding, **{end: numbers[str(finding[end])] for end in ("from", "to")}} for finding in findings]
    return {
        "nodes": columns(list(about.values())),
        "findings": columns(rows, leave=("kind", "key")),
        "scenes": [_scene(scene, numbers, keys, rows) for scene in made],
    }


def _scene(
    scene: Scene, numbers: Mapping[str, int], keys: Sequence[str], rows: Sequence[Mapping[str, Value]]
) -> dict[str, Any]:
    """A scene in numbers; `from` and `to` say by finding where its line runs, or true where that is its own."""
    nodes = sorted(scene.graph)
    links: dict[tuple[int, int], set[str]] = {}
    ends: dict[str, tuple[int, list[int]]] = {}
    for source, target, key, about in scene.graph.edges(keys=True, data=True):
        start, end = numbers[source], numbers[target]
        if is_finding(about):
            ends.setdefault(key, (start, []))[1].append(end)
        else:
            links.setdefault((start, end), set()).add(str(about.get("kind") or "linked"))
    words = sorted({", ".join(sorted(some)) for some in links.values()})
    number = {word: index for index, word in enumerate(words)}
    spread = [ends.get(key, (-1, [])) for key in keys]
    own = spread == [(row["from"], [row["to"]]) for row in rows]
    return {
        "name": scene.name,
        "title": scene.title,
        "note": scene.note,
        "nodes": [numbers[node] for node in nodes],
        "x": [scene.places[node][0] for node in nodes],
        "y": [scene.places[node][1] for node in nodes],
        "ring": scene.slots is not None,
        "left": [numbers[name] for name in scene.slots[0] if name in numbers] if scene.slots else [],
        "outer": [numbers[node] for node in scene.outer],
        "hidden": scene.hidden,
        "headings": scene.headings,
        "from": (own or [start for start, _ in spread]) if ends else None,
        "to": (own or [to[0] if len(to) == 1 else sorted(to) for _, to in spread]) if ends else None,
        "links": [[*pair, number[", ".join(sorted(links[pair]))]] for pair in sorted(links)],
        "words": words,
    }


def columns(rows: Sequence[Mapping[str, Value]], leave: tuple[str, ...] = ()) -> dict[str, Any]:
    """Rows by column, each in the form that is short: see `_column`."""
    names = sorted({name for row in rows for name in row} - set(leave))
    return {"count": len(rows), "columns": {name: _column([row.get(name) for row in rows]) for name in names}}


def _column(values: Sequence[Value]) -> dict[str, Any]:
    """One value for all rows, few rows with theirs, a list, or words and each row's number of one (-1 for none)."""
    found = Counter(values)
    if len(found) == 1:
        return {"same": values[0]}
    if found[None] > 0.7 * len(values):
        rows = [row for row, value in enumerate(values) if value is not None]
        return {"rows": rows, "values": [values[row] for row in rows]}
    if len(found) > 0.6 * len(values) or not all(isinstance(value, str | None) for value in found):
        return {"list": list(values)}
    words = sorted(str(value) for value in found if value is not None)
    number: dict[Value, int] = {word: index for index, word in enumerate(words)} | {None: -1}
    return {"words": words, "at": [number[value] for value in values]}
