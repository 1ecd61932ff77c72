"""SPARQL results as the recommendation writes them: JSON, XML, CSV and TSV.

https://www.w3.org/TR/sparql11-results-json/, https://www.w3.org/TR/rdf-sparql-XMLres/ and
https://www.w3.org/TR/sparql11-results-csv-tsv/. pyoxigraph writes whole answers of its own engine only, and none that
was cut or came from elsewhere; reading is left to it.
"""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import pyoxigraph as ox

from kg.errors import KgError

Term = ox.NamedNode | ox.BlankNode | ox.Literal | None
Solution = Sequence[Term]
FORMS = {"json": "application/sparql-results+json", "xml": "application/sparql-results+xml", "csv": "", "tsv": ""}
_XML = "http://www.w3.org/2005/sparql-results#"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_PLAIN = (_XSD + "string", "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString")
_ILLEGAL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 has no way to say
_CR = "\r"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(columns: Sequence[str], rows: Iterable[Solution], form: str, complete: bool = True) -> str:
    """The solutions of a SELECT in one of FORMS; JSON and XML say where they are not complete.

    JSON gets a member `complete` beside `head`, which readers that do not know it pass over; XML a comment.
    """
    if form == "json":
        bindings = [_bound(columns, row) for row in rows]
        made = {"head": {"vars": list(columns)}, "complete": complete, "results": {"bindings": bindings}}
        return json.dumps(made, ensure_ascii=False)
    if form == "xml":
        return _xml(columns, rows, complete)
    return _csv(columns, rows) if form == "csv" else _tsv(columns, rows)


def write_truth(answer: bool, form: str) -> str:
    """The answer of an ASK as `json` or `xml`; CSV and TSV have no form for it."""
    if form == "json":
        return json.dumps({"head": {}, "boolean": answer})
    return _document(f"<head/>\n<boolean>{str(answer).lower()}</boolean>")


def labelled(
    columns: Sequence[str], rows: Sequence[Solution], labels: Mapping[str, str]
) -> tuple[list[str], list[list[Term]]]:
    """The same solutions with a column `nameLabel` behind each column in which an IRI has a label."""
    found = [[labels.get(getattr(term, "value", "")) for term in row] for row in rows]
    wanted = [any(row[number] is not None for row in found) for number in range(len(columns))]
    heads = [head for name, more in zip(columns, wanted, strict=True) for head in (name, f"{name}Label")[: 1 + more]]
    return heads, [_labelled(row, names, wanted) for row, names in zip(rows, found, strict=True)]


def _labelled(row: Solution, names: Sequence[str | None], wanted: Sequence[bool]) -> list[Term]:
    texts = [None if name is None else ox.Literal(name) for name in names]
    cells = zip(row, texts, wanted, strict=True)
    return [cell for term, text, more in cells for cell in ((term, text) if more else (term,))]


def read(text: bytes, media_type: str) -> ox.QuerySolutions | ox.QueryBoolean:
    """The solutions, or yes or no, that a text of this media type holds. Raises KgError where it holds none.

    A text that breaks off is found out when its rows are read: SyntaxError.
    """
    form = ox.QueryResultsFormat.from_media_type(media_type)
    if form is None:
        raise KgError(f"{media_type!r} is no form of SPARQL results")
    return ox.parse_query_results(text, format=form)


def _bound(columns: Sequence[str], row: Solution) -> dict[str, dict[str, str]]:
    return {name: dict(_said(term)) for name, term in zip(columns, row, strict=True) if term is not None}


def _said(term: Term) -> Iterator[tuple[str, str]]:
    """The members of a term in JSON, in the order of the recommendation's examples."""
    if isinstance(term, ox.Literal):
        yield from (("type", "literal"), ("value", term.value))
        if term.language:
            yield "xml:lang", term.language
        elif term.datatype.value not in _PLAIN:
            yield "datatype", term.datatype.value
    elif isinstance(term, ox.NamedNode | ox.BlankNode):
        yield from (("type", "uri" if isinstance(term, ox.NamedNode) else "bnode"), ("value", term.value))
    else:  # a triple term of RDF 1.2, which SPARQL 1.1 results cannot say: its text
        yield from (("type", "literal"), ("value", str(term)))


def _xml(columns: Sequence[str], rows: Iterable[Solution], complete: bool) -> str:
    head = "".join(f'<variable name="{html.escape(name)}"/>' for name in columns)
    results = "".join(f"<result>{_bindings(columns, row)}</result>\n" for row in rows)
    cut = "" if complete else "<!-- not complete -->\n"
    return _document(f"<head>{head}</head>\n{cut}<results>\n{results}</results>")


def _document(content: str) -> str:
    return f'<?xml version="1.0" encoding="utf-8"?>\n<sparql xmlns="{_XML}">\n{content}\n</sparql>\n'


def _bindings(columns: Sequence[str], row: Solution) -> str:
    said = ((name, dict(_said(term))) for name, term in zip(columns, row, strict=True) if term is not None)
    return "".join(f'<binding name="{html.escape(name)}">{_element(**about)}</binding>' for name, about in said)


def _element(type: str, value: str, **about: str) -> str:
    attributes = "".join(f' {name}="{html.escape(text)}"' for name, text in about.items())
    return f"<{type}{attributes}>{html.escape(_ILLEGAL.sub('', value)).replace(_CR, '&#13;')}</{type}>"


def _csv(columns: Sequence[str], rows: Iterable[Solution]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")  # RFC 4180, as the recommendation asks
    writer.writerow(columns)
    writer.writerows([guarded(term) for term in row] for row in rows)
    return out.getvalue()


def guarded(term: Term) -> str:
    """A term as a cell of CSV: text made inert, numbers and IRIs as they are."""
    if term is None:
        return ""
    text = term.value if isinstance(term, ox.NamedNode | ox.Literal) else str(term)
    return inert(text) if isinstance(term, ox.Literal) and term.datatype.value in _PLAIN else text


def inert(text: str) -> str:
    """A text that a spreadsheet takes for no formula: an apostrophe before what begins like one."""
    return f"'{text}" if text[:1] in _FORMULA else text


def _tsv(columns: Sequence[str], rows: Iterable[Solution]) -> str:
    lines = ["\t".join(f"?{name}" for name in columns)]
    lines += ["\t".join("" if term is None else str(term) for term in row) for row in rows]
    return "\n".join(lines) + "\n"
