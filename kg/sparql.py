r"""Reads the text of a query by its tokens: its form, what it would do outside, and which of our names it uses.

Refusal works on the lexer's tokens and not on a parser's tree, so that it cannot disagree with the engine about
the grammar. It errs on the safe side: Oxigraph reads `SERVICE:x`, `trueSERVICE<x>` and `ASKFROM<x>` as keywords where
the recommendation's longest match would not, so a keyword glued to others or standing as a prefix is refused as well.
`\uXXXX` is expanded first, as section 19.2 of the recommendation asks of every parser.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from kg.errors import KgError, Refused
from kg.shape import NS, PREFIXES

_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_TOKEN = re.compile(
    r'''(?P<skip>\#[^\r\n]*|"""(?:"{0,2}(?:[^"\\]|\\[tbnrf"'\\]))*"""|\'\'\'(?:'{0,2}(?:[^'\\]|\\[tbnrf"'\\]))*\'\'\'
    |"(?:[^"\\\r\n]|\\[tbnrf"'\\])*"|'(?:[^'\\\r\n]|\\[tbnrf"'\\])*'|[?$]\w+
    |@[A-Za-z]+(?:-[A-Za-z0-9]+)*)|(?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
    |(?P<prefix>(?:[^\W\d_][\w.-]*)?):(?P<local>(?:\\.|[^\s;,.{}()\[\]<>"'\#\\])*)
    |(?P<word>[A-Za-z]+)|(?P<other>.)''',
    re.VERBOSE | re.DOTALL,
)
_REASONS = {"SERVICE": "service", "FROM": "dataset"}
_UPDATES = ("LOAD", "INSERT", "DELETE", "CLEAR", "DROP", "CREATE", "MOVE", "COPY", "ADD")
_SENTENCES = {
    "update": "would change the graph; this graph is only read",
    "service": "would send a request to another server; copy that data into the graph instead",
    "dataset": "would read another graph or file; the query is asked of this graph only",
}
_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")


def expand(sparql: str) -> str:
    r"""The query with its `\uXXXX` escapes replaced, as every conforming parser reads it."""
    return _ESCAPE.sub(lambda found: _character(int(found[1] or found[2], 16)), sparql)


def _character(code: int) -> str:
    if code > sys.maxunicode or 0xD800 <= code <= 0xDFFF:
        raise KgError(f"this is not a SPARQL query: U+{code:04X} is no character")
    return chr(code)


def refuse(sparql: str) -> None:
    """Raise Refused where the query names another server, another dataset or an update."""
    for token in _TOKEN.finditer(sparql):
        word = (token["word"] or token["prefix"] or "").upper()
        for keyword, reason in _REASONS.items():
            if keyword in word:
                raise Refused(f"{keyword} {_SENTENCES[reason]}")
        if token["word"] and word in _UPDATES:
            raise Refused(f"{word} {_SENTENCES['update']}")


def builds_graph(sparql: str) -> bool:
    """Whether the query is a CONSTRUCT or DESCRIBE, which answer with triples."""
    words = (token["word"].upper() for token in _TOKEN.finditer(sparql) if token["word"])
    form = next((form for word in words for form in _FORMS if word.startswith(form)), "")
    return form in ("CONSTRUCT", "DESCRIBE")


def completed(sparql: str) -> str:
    """The query with a declaration for each well-known prefix that it uses and does not declare, on its first line."""
    declared = {name for name, _ in _prefixes(sparql)}
    used = {token["prefix"] for token in _TOKEN.finditer(sparql) if token["prefix"]}
    missing = sorted((used - declared) & set(PREFIXES))
    return "".join(f"PREFIX {name}: <{PREFIXES[name]}> " for name in missing) + sparql


def own_names(sparql: str) -> set[str]:
    """The local names of our namespace that the query uses: `kg:isolates` gives `isolates`."""
    ours = {name for name, space in _prefixes(sparql) if space == NS}
    tokens = list(_TOKEN.finditer(sparql))
    short = {token["local"] for token in tokens if token["local"] and token["prefix"] in ours}
    whole = {token["iri"][1:-1] for token in tokens if token["iri"]}
    return short | {iri.removeprefix(NS) for iri in whole if iri.startswith(NS) and iri != NS}


def _prefixes(sparql: str) -> Iterator[tuple[str, str]]:
    """Every `PREFIX name: <namespace>` of a query."""
    tokens = [token for token in _TOKEN.finditer(sparql) if not (token["other"] or "").isspace() and not token["skip"]]
    for word, name, space in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if (word["word"] or "").upper() == "PREFIX" and name["local"] == "" and space["iri"]:
            yield name["prefix"], space["iri"][1:-1]
