"""What is looked at: the findings around something, under conditions, or that a query answers, as a graph."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kg import graph, library, shape
from kg.errors import KgError, UnknownName
from kg.sparql import builds_graph
from kg.store import Row, Store
from kg.vocab import FILES, Vocab

if TYPE_CHECKING:
    from kg.free import Reply
    from kg.graph import Graph

_AROUND = """
SELECT DISTINCT ?finding WHERE {{
  VALUES ?node {{ {nodes} }}
  {{ ?f ?Property ?node . FILTER(?Property != kg:insteadOf) }} UNION {{ ?node a kg:Finding . BIND(?node AS ?f) }}
    UNION {{ ?f kg:outcome/kg:measuresBarrier ?node }} UNION {{ ?f kg:outcome/kg:indicatesMechanism ?node }}
    UNION {{ ?node a kg:Trial ; kg:regimen ?regimen . ?f kg:regimen ?regimen }}
  ?f a kg:Finding ; dcterms:identifier ?finding .
}}
ORDER BY ?finding
"""
_TRIALS = """
SELECT DISTINCT ?trial WHERE {{
  VALUES ?node {{ {nodes} }}
  {{ ?t kg:therapy ?node }} UNION {{ ?t kg:regimen ?node }} UNION {{ ?node a kg:Trial . BIND(?node AS ?t) }}
  ?t a kg:Trial ; dcterms:identifier ?trial .
}}
ORDER BY ?trial
"""
_BESIDE = """
SELECT DISTINCT ?node WHERE {{
  VALUES ?finding {{ {findings} }}
  ?f a kg:Finding ; dcterms:identifier ?finding .
  {{ ?f kg:isolates ?node }} UNION {{ ?f kg:outcome ?node }}
}}
ORDER BY ?node
"""
_BY_KEY = """
SELECT DISTINCT ?node WHERE {{
  {{ VALUES ?Key {{ dcterms:identifier bibo:doi bibo:pmid kg:pmcid }} ?node ?Key ?key }}
    UNION {{ ?node a kg:Laboratory ; rdfs:label ?key }}
  FILTER(LCASE(STR(?key)) = LCASE({key}))
}}
ORDER BY ?node
"""
_NAMED = """
SELECT ?finding ?isolates ?regimen ?outcome ?domain ?phase ?species ?laboratory WHERE {
  ?f a kg:Finding ; kg:inForce true ; dcterms:identifier ?finding ; kg:isolates/rdfs:label ?isolates ;
    kg:regimen/rdfs:label ?regimen ; kg:outcome/rdfs:label ?outcome ; kg:domain/rdfs:label ?domain ;
    kg:phase/rdfs:label ?phase ; kg:species/rdfs:label ?species .
  OPTIONAL { ?f kg:laboratory/rdfs:label ?laboratory }
}
ORDER BY ?finding
"""
_GIVEN = ("isolates", "therapy", "partner", "combination", "regimen")  # columns that name what was given
_FACETS = ("outcome", "domain", "phase", "species", "laboratory")
_KEYS = "SELECT DISTINCT ?key WHERE { ?node dcterms:identifier ?key } ORDER BY ?key"


@dataclass(frozen=True, slots=True)
class Selection:
    """What to look at: conditions joined by and, several words of one of them by or; said of nothing, everything.

    `around` names nodes as `resolve` takes them; their findings are 1 link away, with `depth` 2 come the findings of
    the therapies and outcomes that those speak of, and so on. `where` holds conditions of the question `findings`.
    `query` is a question of the library with its options (`"adds --base ChABC"`), SPARQL, or a file of it.
    """

    around: tuple[str, ...] = ()
    depth: int = 1
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    query: str = ""

    @classmethod
    def of(
        cls, around: str | Sequence[str], depth: int, query: str, conditions: Mapping[str, str | Sequence[str]]
    ) -> Selection:
        """What options say: a word alone or several of them, and conditions without words left out."""
        where = tuple((name, _several(words)) for name, words in conditions.items() if words)
        if depth > 1 and not around:
            raise library.BadValue("a depth goes on from what is looked around: say around what")
        return cls(_several(around), depth, where, query)

    @property
    def words(self) -> str:
        """What was asked for, in short; empty where all is."""
        conditions = (", ".join(some) for _, some in self.where)
        further = f", {self.depth} links on" if self.depth > 1 else ""
        parts = [" or ".join(self.around) + further, *conditions, " ".join(self.query.split())[:120]]
        return "; ".join(part for part in parts if part)

    def findings(self, store: Store) -> set[str] | None:
        """The keys of the findings, or none where nothing is asked for. Raises KgError where nothing fits."""
        parts = [_around(store, self.around, self.depth)] if self.around else []
        if self.where:
            parts.append(_answered(store, "findings", dict(self.where)))
        if self.query:
            parts.append(asked(store, self.query))
        if not parts:
            return None
        if found := set.intersection(*parts):
            return found
        raise KgError(f"there is no finding here for {self.words}")

    def trials(self, store: Store) -> list[Row]:
        """The rows of the question `trials` for what is looked around, in the phases that are asked for.

        Raises BadValue where anything else was said: trials have no findings that it could speak of.
        """
        others = [name for name, _ in self.where if name != "phase"]
        if others or self.query or self.depth > 1:
            raise library.BadValue("trials are selected by what they give and by phase: by --around and --phase alone")
        question = library.question("trials")
        rows = list(store.select(library.bind(question, dict(self.where), store.vocab())))
        if not self.around:
            return rows
        nodes = {node for name in self.around for node in narrower(store, resolve(store, name))}
        named = store.select(shape.PROLOGUE + _TRIALS.format(nodes=" ".join(sorted(nodes))))
        wanted = {row["trial"] for row in named}
        return [row for row in rows if row["trial"] in wanted]

    def evidence(self, store: Store, found: Collection[str] | None = None) -> Graph:
        """The evidence view of what is looked at; `found` are its findings, where they are known already.

        Raises KgError where nothing fits, or only what is withdrawn or retracted.
        """
        found = self.findings(store) if found is None else found
        made = graph.evidence(store, found)
        if found is not None and not made.number_of_edges():
            raise KgError(f"what is here for {self.words} was withdrawn, or its paper retracted; see 'kg show'")
        return made


def _several(words: str | Sequence[str]) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else tuple(words)


EVERYTHING = Selection()


def resolve(store: Store, id: str) -> str:
    """The node that a key, name, DOI or `A + B` means, as SPARQL writes it. Raises UnknownName."""
    id = id.encode("utf-8", "replace").decode()  # a shell hands over undecodable bytes as lone surrogates
    literal = str(shape.literal(id.removeprefix("https://doi.org/").strip()))
    for row in store.select(shape.PROLOGUE + _BY_KEY.format(key=literal)):
        return f"<{row['node']}>"
    vocab = store.vocab()
    scheme, _, name = id.removeprefix(shape.BASE).partition("/")
    if (scheme, name) in vocab.terms:
        return str(shape.iri(scheme, name))
    for kind in ("therapy", "outcome", *FILES):
        try:
            return str(shape.iri(kind, vocab.find(kind, id).id))
        except UnknownName:
            continue
    return _combination(store, id.removeprefix("combination/"), vocab)


def _combination(store: Store, id: str, vocab: Vocab) -> str:
    known = [str(row["key"]) for row in store.select(shape.PROLOGUE + _KEYS)]
    names = {name for scheme in ("therapy", "outcome") for name in vocab.names(scheme)}
    if "+" not in id and "--" not in id:
        raise UnknownName("name or key here", id, {*known, *names})
    node = str(library.regimen(id, vocab))
    if not store.select(f"SELECT ?p WHERE {{ {node} ?p ?o }} LIMIT 1"):
        raise KgError(f"no arm or trial here gives {id!r} together; see 'kg combos tried'")
    return node


def _around(store: Store, around: Iterable[str], depth: int) -> set[str]:
    nodes = {wider for name in around for wider in narrower(store, resolve(store, name))}
    found = _keys(store.select(shape.PROLOGUE + _AROUND.format(nodes=" ".join(sorted(nodes)))))
    for _ in range(depth - 1):
        keys = " ".join(str(shape.literal(key)) for key in sorted(found))
        beside = {f"<{row['node']}>" for row in store.select(shape.PROLOGUE + _BESIDE.format(findings=keys))}
        found |= _keys(store.select(shape.PROLOGUE + _AROUND.format(nodes=" ".join(sorted(beside)))))
    return found


def narrower(store: Store, node: str) -> list[str]:
    """The node and, where it is a term, those below it."""
    vocab, (scheme, _, id) = store.vocab(), node.strip("<>").removeprefix(shape.BASE).partition("/")
    if (scheme, id) not in vocab.terms:
        return [node]
    return [str(shape.iri(scheme, below)) for below in sorted(vocab.narrower(vocab.terms[scheme, id]))]


def _keys(rows: Iterable[Row]) -> set[str]:
    return {str(row["finding"]) for row in rows if row.get("finding")}


def asked(store: Store, query: str) -> set[str]:
    """The keys of the findings that a question of the library or a SELECT answers, by its column `finding`."""
    if is_sparql(query):
        if builds_graph(sparql(query)):
            raise library.BadValue("a CONSTRUCT names no findings: 'kg view' draws it, 'kg sparql' writes it as RDF")
        return _selected(free(store, query))
    name, *told = shlex.split(query)
    return _answered(store, name, options(name, told))


def spoken_of(query: str) -> str:
    """A sentence where a question's answer names no findings, so that all that speak of what it names are shown."""
    if not query or is_sparql(query):
        return ""
    name = shlex.split(query)[0]
    if "finding" in library.question(name).columns:
        return ""
    return f"The answers of '{name}' name no findings; here are all that speak of what they name."


def _answered(store: Store, name: str, given: dict[str, tuple[str, ...]]) -> set[str]:
    question = library.question(name)
    named = {*_GIVEN, *_FACETS}.intersection(question.columns)
    if "finding" not in question.columns and not named:
        able = [other for other in library.names() if "finding" in library.question(other).columns]
        raise library.BadValue(
            f"the answers of '{name}' name nothing that findings speak of; these name findings: {', '.join(able)}"
        )
    rows = store.select(library.bind(question, given, store.vocab()))
    return _keys(rows) if "finding" in question.columns else _named(store, rows, question.columns)


def _named(store: Store, rows: Iterable[Row], columns: Sequence[str]) -> set[str]:
    """The findings that speak of what a row names: given what it says, on its outcome, domain, phase, species."""
    facets = [name for name in _FACETS if name in columns]
    given: list[str | None] = [*(name for name in _GIVEN if name in columns)] or [None]
    wanted = {(row[one] if one else None, *(row[name] for name in facets)) for row in rows for one in given}
    found = set()
    for fact in store.select(shape.PROLOGUE + _NAMED):
        ours = (fact["isolates"], fact["regimen"]) if given[0] else (None,)
        if any((one, *(fact[name] for name in facets)) in wanted for one in ours):
            found.add(str(fact["finding"]))
    return found


def options(name: str, told: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """`--name value` pairs. Raises BadValue where they are none."""
    given: dict[str, tuple[str, ...]] = {}
    words = [part for word in told for part in (word.split("=", 1) if word.startswith("--") else [word])]
    for option, value in zip(words[::2], words[1::2], strict=False):
        key = option.removeprefix("--").replace("-", "_")
        given[key] = (*given.get(key, ()), value)
    if len(words) % 2 or not all(option.startswith("--") for option in words[::2]):
        raise library.BadValue(f"{' '.join(told)!r} are no options of '{name}': write them as --name value")
    return given


def is_sparql(query: str) -> bool:
    """Whether this is SPARQL or a file of it, and no name of a question."""
    return any(c in query for c in "{<\n") or query.endswith((".rq", ".sparql"))


def free(store: Store, query: str) -> Reply:
    """The reply of free SPARQL, or of a file of it, within the usual limits; names of IRIs come along."""
    from kg import free

    if not store.place:
        raise KgError("free SPARQL is asked of a graph on disk or behind an endpoint, not of one in memory")
    return free.run(store.place, sparql(query), labels=True)


def sparql(query: str) -> str:
    """The text of a query that is text or a file of it. Raises KgError where the file cannot be read."""
    if any(c in query for c in "{<\n"):
        return query
    try:
        return Path(query).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise KgError(f"{query} cannot be read as a query: {' '.join(str(error).split())}") from error


def _selected(reply: Reply) -> set[str]:
    from kg.store import plain

    if "finding" not in reply.columns:
        raise library.BadValue(
            "a SELECT shows findings by a column ?finding, their keys or IRIs; a CONSTRUCT shows its graph"
        )
    column = reply.columns.index("finding")
    terms = [str(plain(row[column])) for row in reply.rows if row[column] is not None]
    return {graph.short(term).removeprefix("finding/") for term in terms}
