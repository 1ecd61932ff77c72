"""The graph as RDF; JSON-LD with a context of our words, made from the ontology, and nothing to fetch."""

from __future__ import annotations

import functools
import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from kg import resources, shape
from kg.store import Store, Triple, serialise, triples_of

FORMS = ("ttl", "nt", "nq", "trig", "jsonld", "rdf")
_LINK = {"@type": "@id"}
_REUSED: dict[str, str | dict[str, str]] = {
    "altLabel": "skos:altLabel",
    "doi": "bibo:doi",
    "identifier": "dcterms:identifier",
    "label": "rdfs:label",
    "note": "skos:note",
    "pmid": "bibo:pmid",
    "prefLabel": "skos:prefLabel",
    "title": "dcterms:title",
    "subject": {"@id": "dcterms:subject"} | _LINK,
    **{
        name: {"@id": f"skos:{name}"} | _LINK
        for name in "broadMatch broader closeMatch exactMatch inScheme narrowMatch relatedMatch".split()
    },
}


def parts(store: Store, form: str, findings: Collection[str] | None = None) -> Iterator[tuple[str, bytes]]:
    """Everything, or these findings with all they lead to and what second readers saw."""
    content = store.triples() if findings is None else around(store.triples(), findings)
    yield "", jsonld(content) if form == "jsonld" else serialise(content, f".{form}")


def around(content: Iterable[Triple], findings: Collection[str]) -> Iterator[Triple]:
    """The triples of these findings and of their readings, and of every node that a path leads to from there."""
    about: dict[str, list[Triple]] = defaultdict(list)
    for triple in content:
        about[str(triple.subject)].append(triple)
    links = {str(shape.iri("finding", key)) for key in findings}
    reading = str(shape.name("kg:finding"))
    readings = {
        str(triple.subject)
        for some in about.values()
        for triple in some
        if str(triple.predicate) == reading and str(triple.object) in links
    }
    seen: set[str] = set()
    ahead = sorted(links | readings)
    while ahead:
        node = ahead.pop()
        if node not in seen:
            seen.add(node)
            yield from about.get(node, ())
            ahead += [str(triple.object) for triple in about.get(node, ())]


@functools.cache
def ontology() -> tuple[Triple, ...]:
    """The triples of the shipped ontology."""
    file = resources.folder("data") / "ontology" / "cordgraph.ttl"
    return tuple(triples_of(file.read_bytes(), ".ttl"))


# --- JSON-LD ----------------------------------------------------------------------------------------------------------


@functools.cache
def context() -> dict[str, Any]:
    """Every property by its last name, with the type of its values; ids are relative to our base."""
    ranges = {_iri(t.subject): _iri(t.object) for t in ontology() if t.predicate == shape.name("rdfs:range")}
    kinds = {_iri(t.subject): _iri(t.object) for t in ontology() if t.predicate == shape.TYPE}
    terms = {
        prefixed.partition(":")[2]: _term(prefixed, kinds[property], ranges.get(property, ""))
        for property, prefixed in ((one, _prefixed(one)) for one in kinds if kinds[one].endswith("Property"))
    }
    words: dict[str, Any] = {"@base": shape.BASE, "id": "@id", "type": "@type"}
    return words | dict(sorted((shape.PREFIXES | _REUSED | terms).items()))


def _term(prefixed: str, kind: str, range: str) -> str | dict[str, str]:
    if kind.endswith("ObjectProperty"):
        return {"@id": prefixed} | _LINK
    plain = not range or range == _XSD + "string"
    return prefixed if plain else {"@id": prefixed, "@type": _prefixed(range)}


def _iri(term: object) -> str:
    return str(getattr(term, "value", term))


_XSD = shape.PREFIXES["xsd"]


def jsonld(content: Iterable[Triple]) -> bytes:
    """One node a line, sorted, under our context."""
    words = {name: term for name, term in context().items() if name not in {*shape.PREFIXES, "@base", "id", "type"}}
    names = {_expanded(term): name for name, term in words.items()}
    nodes: dict[str, dict[str, set[Any]]] = defaultdict(lambda: defaultdict(set))
    for triple in content:
        nodes[_id(triple.subject)][_iri(triple.predicate)].add(triple.object)
    lines = ",\n".join(_node(id, about, names) for id, about in sorted(nodes.items()))
    head = json.dumps(context(), ensure_ascii=False, indent=1)
    return f'{{"@context": {head},\n"@graph": [\n{lines}\n]}}\n'.encode()


def _expanded(term: str | dict[str, str]) -> str:
    prefixed = term if isinstance(term, str) else term["@id"]
    prefix, _, name = prefixed.partition(":")
    return shape.PREFIXES.get(prefix, f"{prefix}:") + name


def _node(id: str, about: dict[str, set[Any]], names: dict[str, str]) -> str:
    made: dict[str, Any] = {"id": id}
    for property, found in sorted(about.items()):
        objects = sorted(found, key=str)
        if property == _iri(shape.TYPE):
            made["type"] = [_prefixed(_iri(one)) for one in objects]
        else:
            name = names.get(property, property)
            made[name] = [_value(one, context().get(name)) for one in objects]
    return json.dumps(
        {name: value[0] if len(value) == 1 else value for name, value in made.items()}, ensure_ascii=False
    )


def _prefixed(iri: str) -> str:
    for prefix, namespace in shape.PREFIXES.items():
        if iri.startswith(namespace) and not iri.startswith(namespace + "//"):
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return iri


def _id(node: Any) -> str:
    """Relative to our base where that reads back as the same, a blank node as it is."""
    if not hasattr(node, "value") or str(node).startswith("_:"):
        return str(node)
    local = str(node.value).removeprefix(shape.BASE)
    return local if re.fullmatch(r"[a-z]+/[^/.:?#][^/:?#]*(/[^/.:?#][^/:?#]*)*", local) else str(node.value)


def _value(term: Any, how: str | dict[str, str] | None) -> Any:
    """The shortest form that reads back as the same under what the context says of the property."""
    coerced = how.get("@type", "") if isinstance(how, dict) else ""
    if not hasattr(term, "datatype"):
        return _id(term) if coerced == "@id" else {"@id": _id(term)}
    if term.language:
        return {"@value": term.value, "@language": term.language}
    kind = _prefixed(term.datatype.value)
    if kind == "xsd:integer" and re.fullmatch(r"0|-?[1-9]\d{0,14}", term.value):
        return int(term.value) if coerced in ("", kind) else {"@value": int(term.value)}
    if kind == "xsd:boolean" and term.value in ("true", "false"):
        return (term.value == "true") if coerced in ("", kind) else {"@value": term.value == "true"}
    if kind == (coerced or "xsd:string"):
        return term.value
    return {"@value": term.value} if kind == "xsd:string" else {"@value": term.value, "@type": term.datatype.value}
