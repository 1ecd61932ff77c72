"""The receipt of one node: everything the graph holds of it, a property a line, and the findings it rests on."""

from __future__ import annotations

from kg import shape
from kg.selection import resolve
from kg.store import Row, Store

COLUMNS = ("about", "property", "value")
_ABOUT = """
SELECT DISTINCT ?property ?value WHERE {{
  {node} ?property ?Object .
  OPTIONAL {{ ?Object rdfs:label ?label }}
  BIND(COALESCE(?label, STR(?Object)) AS ?value)
}}
"""  # sorted here: Virtuoso compares no more than the first few dozen characters of a value
_GIVEN = """
SELECT ?number ?therapy ?role ?order ?start ?end ?dose ?route ?note WHERE {{
  {node} kg:given ?number . ?number kg:therapy/rdfs:label ?therapy ; kg:role ?role .
  OPTIONAL {{ ?number kg:order ?order }} OPTIONAL {{ ?number kg:startDay ?start }}
  OPTIONAL {{ ?number kg:endDay ?end }} OPTIONAL {{ ?number kg:doseText ?dose }}
  OPTIONAL {{ ?number kg:route/rdfs:label ?route }} OPTIONAL {{ ?number skos:note ?note }}
}}
ORDER BY ?number
"""
_READINGS = """
SELECT ?who ?on ?column ?first ?second ?settled ?note WHERE {{
  ?r kg:finding {node} ; kg:reader ?who ; kg:readOn ?on .
  OPTIONAL {{ ?r kg:column ?column }} OPTIONAL {{ ?r kg:firstReading ?first }}
  OPTIONAL {{ ?r kg:secondReading ?second }} OPTIONAL {{ ?r kg:settledAs ?settled }} OPTIONAL {{ ?r skos:note ?note }}
}}
ORDER BY ?on ?who ?column
"""
_FINDINGS = """
SELECT DISTINCT ?finding ?result ?arm ?comparator ?outcome ?species ?phase WHERE {{
  VALUES ?Link {{ kg:paper kg:isolates kg:regimen kg:outcome kg:therapy kg:study }}
  ?f ?Link {node} ; a kg:Finding ; dcterms:identifier ?finding ; kg:result ?result ; kg:arm/rdfs:label ?arm ;
    kg:comparator/rdfs:label ?comparator ; kg:outcome/rdfs:label ?outcome ; kg:species/rdfs:label ?species ;
    kg:phase/rdfs:label ?phase .
}}
ORDER BY ?result ?finding
"""
_TRIALS = """
SELECT DISTINCT ?trial ?name WHERE {{
  {{ ?t kg:therapy {node} }} UNION {{ ?t kg:regimen {node} }}
  ?t a kg:Trial ; dcterms:identifier ?trial ; rdfs:label ?name .
}}
ORDER BY ?trial
"""
_HIDDEN = {"type", "label", "given", "inScheme"}


def lines(store: Store, id: str) -> list[Row]:
    """The receipt of a finding, paper, trial, term or combination, by key, name, DOI, PubMed id or `A + B`.

    Raises UnknownName with the nearest known names.
    """
    node = resolve(store, id)
    about = _about(store, node, "")
    kinds = [str(row["value"]) for row in _ask(store, _ABOUT, node) if str(row["property"]).endswith("#type")]
    if shape.NS + "Finding" in kinds:
        return about + _behind_finding(store, node)
    return about + _findings(store, node) + _trials(store, node)


def _ask(store: Store, query: str, node: str) -> list[Row]:
    return store.select(shape.PROLOGUE + query.format(node=node))


def _about(store: Store, node: str, about: str) -> list[Row]:
    told = sorted(_ask(store, _ABOUT, node), key=lambda row: (str(row["property"]), str(row["value"])))
    rows = [(str(row["property"]).rsplit("#", 1)[-1].rsplit("/", 1)[-1], row["value"]) for row in told]
    return [{"about": about, "property": name, "value": value} for name, value in rows if name not in _HIDDEN]


def _behind_finding(store: Store, node: str) -> list[Row]:
    links = {str(row["p"]): f"<{row['o']}>" for row in _ask(store, "SELECT ?p ?o WHERE {{ {node} ?p ?o }}", node)}
    rows = _about(store, links[shape.NS + "paper"], "paper")
    for side in ("arm", "comparator"):
        for given in _ask(store, _GIVEN, links[shape.NS + side]):
            rows.append({"about": side, "property": "given", "value": _given(given)})  # reads better
    rows += [{"about": "read again", "property": r["on"], "value": _read(r)} for r in _ask(store, _READINGS, node)]
    return rows


def _read(row: Row) -> str:
    if not row["column"]:
        return f"{row['who']}: the same everywhere"
    first, second, settled = (row[name] or "nothing" for name in ("first", "second", "settled"))
    note = f" ({row['note']})" if row["note"] else ""
    return f"{row['who']}, {row['column']}: first {first}, second {second}, settled as {settled}{note}"


def _given(row: Row) -> str:
    days = " to ".join(f"{row[name]:g}" for name in ("start", "end") if isinstance(row[name], int | float))
    parts = [
        row["therapy"],
        row["role"],
        f"order {row['order']}" if row["order"] else "",
        f"day {days}" if days else "",
    ]
    return ", ".join(str(part) for part in [*parts, row["dose"], row["route"], row["note"]] if part)


def _findings(store: Store, node: str) -> list[Row]:
    text = "{finding}: {outcome}, {arm} against {comparator} ({species}, {phase})"
    rows = _ask(store, _FINDINGS, node)
    return [{"about": "finding", "property": row["result"], "value": text.format(**row)} for row in rows]


def _trials(store: Store, node: str) -> list[Row]:
    return [{"about": "trial", "property": row["trial"], "value": row["name"]} for row in _ask(store, _TRIALS, node)]
