"""Findings as nanopublications in TriG: what is claimed, where from and by whom, and the publication itself, apart.

Each has a trusty URI, the digest of its content (Kuhn and Dumontier 2014, https://arxiv.org/abs/1401.5775; text form as
in https://trustyuri.net), so the same finding gives the same nanopublication. None is signed. Drafts have temporary
URIs, which the tools that sign and publish (`np sign`, nanopub.Nanopub.sign) replace.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from kg import shape
from kg.store import Store, Triple, triples_of
from kg.views.exports import rdf

_OURS = shape.BASE + "np/"
_DRAFT = "http://purl.org/nanopub/temp/"
_PREFIXES = {name: shape.PREFIXES[name] for name in shape.PREFIXES} | {
    "np": "http://www.nanopub.org/nschema#",
    "npx": "http://purl.org/nanopub/x/",
}
_ABOUT_THE_ROW = (  # on the finding, but of the row and not of what the paper reports
    "confidence confidenceReason curatedOn curator inForce locator origin quote quoteRole sourceRow sourceUrl status"
)
_PROVENANCE = frozenset(shape.NS + word for word in _ABOUT_THE_ROW.split())
_PAPER = frozenset(
    shape.name(word).value for word in "rdf:type rdfs:label dcterms:title bibo:doi bibo:pmid kg:paperStatus".split()
)
_ORIGINS = {
    "curated": "The row was written by a curator from the source.",
    "imported": "The row was imported from another collection.",
    "program": "The row was proposed by a program, not by a person.",
}
_STATUSES = {
    "unreviewed": "Unreviewed: nobody has read it a second time against the source.",
    "reviewed": "Reviewed: a second reader found the same in the source.",
    "disputed": "Disputed: a second reader read the source otherwise.",
    "withdrawn": "Withdrawn: it is kept for the record and no evidence.",
}
_Graph = Mapping[str, list[Triple]]


class _Quad(NamedTuple):
    """IRIs as they are, the object as a term."""

    graph: str
    subject: str
    predicate: str
    object: Any


def parts(store: Store, findings: Collection[str] | None = None, draft: bool = False) -> Iterator[tuple[str, bytes]]:
    """One file of one nanopublication per finding; of all in force where none are told."""
    prefixes = "".join(f"@prefix {name}: <{namespace}> .\n" for name, namespace in sorted(_PREFIXES.items()))
    yield "", (prefixes + "".join(_nanopubs(store, findings, draft))).encode()


def _nanopubs(store: Store, findings: Collection[str] | None, draft: bool) -> Iterator[str]:
    graph: dict[str, list[Triple]] = defaultdict(list)
    for triple in store.triples():
        graph[_iri(triple.subject)].append(triple)
    for row in store.select(shape.PROLOGUE + _FINDINGS):
        id = str(row["id"])
        if row["force"] is True if findings is None else id in findings:
            base = f"{_DRAFT}{id}/" if draft else _OURS
            quads = list(_quads(str(row["f"]), graph, base, "" if draft else " #"))
            yield _trig(quads if draft else _trusty(quads))


_FINDINGS = "SELECT ?f ?id ?force WHERE { ?f a kg:Finding ; dcterms:identifier ?id ; kg:inForce ?force } ORDER BY ?id"


def _quads(finding: str, graph: _Graph, base: str, mark: str) -> Iterator[_Quad]:
    """The four graphs; `mark` stands where the digest will."""
    this = base + mark.rstrip("#")
    head, assertion, provenance, pubinfo = (
        base + mark + name for name in ("Head", "assertion", "provenance", "pubinfo")
    )
    np = _PREFIXES["np"]
    yield _Quad(head, this, shape.TYPE.value, shape.node(np + "Nanopublication"))
    for name, part in (("Assertion", assertion), ("Provenance", provenance), ("PublicationInfo", pubinfo)):
        yield _Quad(head, this, f"{np}has{name}", _Iri(part))
    yield from _placed(assertion, _asserted(finding, graph))
    yield from (_Quad(provenance, *rest) for rest in _provenance(finding, assertion, graph))
    yield from (_Quad(pubinfo, *rest) for rest in _pubinfo(finding, this, graph))


class _Iri(NamedTuple):
    """An IRI that is still to get its digest, and so is none yet."""

    value: str


def _placed(graph: str, triples: Iterable[Triple]) -> Iterator[_Quad]:
    yield from (_Quad(graph, _iri(t.subject), t.predicate.value, t.object) for t in triples)


def _asserted(finding: str, graph: _Graph) -> Iterator[Triple]:
    """What the paper reports: the finding, its two arms with what they were given, and the names of all."""
    said = [triple for triple in graph[finding] if triple.predicate.value not in _PROVENANCE]
    for side in ("arm", "comparator"):
        arm = _of(graph[finding], f"kg:{side}")
        given = [_iri(t.object) for node in arm for t in graph[node] if t.predicate == shape.name("kg:given")]
        said += [triple for node in [*arm, *given] for triple in graph[node]]
    yield from said
    named = {_iri(triple.object) for triple in said if not hasattr(triple.object, "datatype")}
    yield from (label for node in named for label in graph.get(node, ()) if label.predicate == shape.LABEL)


def _name(word: str) -> str:
    return shape.name(word).value


def _of(triples: Iterable[Triple], property: str) -> list[str]:
    return sorted(_iri(triple.object) for triple in triples if triple.predicate == shape.name(property))


_Rest = tuple[str, str, Any]


def _provenance(finding: str, assertion: str, graph: _Graph) -> Iterator[_Rest]:
    """The paper, the curator, the day, how far it is trusted, and the rest of what the row says of itself."""
    about = graph[finding]
    for paper in _of(about, "kg:paper"):
        yield assertion, _name("prov:hadPrimarySource"), shape.node(paper)
        yield assertion, _name("prov:wasDerivedFrom"), shape.node(paper)
        yield from ((paper, t.predicate.value, t.object) for t in graph[paper] if t.predicate.value in _PAPER)
    for agent, label in _curators(about):
        yield assertion, _name("prov:wasAttributedTo"), shape.node(agent)
        yield agent, shape.LABEL.value, shape.literal(label)
    yield from ((assertion, _name("dcterms:created"), day) for day in _days(about))
    trust = [_ORIGINS.get(word, "") for word in _of(about, "kg:origin")]
    trust += [_STATUSES.get(word, "") for word in _of(about, "kg:status")]
    yield assertion, _name("rdfs:comment"), shape.english(" ".join(one for one in trust if one))
    yield from ((finding, t.predicate.value, t.object) for t in about if t.predicate.value in _PROVENANCE)


def _curators(about: Iterable[Triple]) -> Iterator[tuple[str, str]]:
    yield from ((shape.iri("curator", name).value, name) for name in _of(about, "kg:curator"))


def _days(about: Iterable[Triple]) -> Iterator[Any]:
    """The days of curation; one that is no date is left to kg:curatedOn."""
    for day in _of(about, "kg:curatedOn"):
        if re.fullmatch(r"\d{4}-\d\d-\d\d", day):
            typed = f'<x:x> <x:x> "{day}"^^<{shape.PREFIXES["xsd"]}date> .'
            yield from (triple.object for triple in triples_of(typed.encode(), ".nt"))


def _pubinfo(finding: str, this: str, graph: _Graph) -> Iterator[_Rest]:
    about = graph[finding]
    licences = (t.object for t in rdf.ontology() if t.predicate == shape.name("dcterms:license"))
    yield from ((this, _name("dcterms:license"), licence) for licence in licences)
    yield from ((this, _name("dcterms:creator"), shape.node(agent)) for agent, _ in _curators(about))
    yield from ((this, _name("dcterms:created"), day) for day in _days(about))
    yield this, shape.LABEL.value, shape.literal(f"Finding {' '.join(_of(about, 'dcterms:identifier'))}")
    yield this, _PREFIXES["npx"] + "hasNanopubType", shape.name("kg:Finding")


# --- trusty URIs ------------------------------------------------------------------------------------------------------


def _trusty(quads: Iterable[_Quad]) -> list[_Quad]:
    """The same with the digest of all in the place of the mark."""
    lines = sorted({_normal(quad) for quad in quads})
    text = "".join("\n".join([*line[:3], line[-1]]) + "\n" for line in lines)
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
    return [_Quad(*(_marked(part, f"RA{digest}") for part in quad)) for quad in quads]


def _marked(part: Any, digest: str) -> Any:
    """A part of a quad with its digest; a literal and any other IRI as it is."""
    text = part if isinstance(part, str) else part.value if isinstance(part, _Iri) else ""
    made = text.replace(_OURS + " ", _OURS + digest, 1) if text.startswith(_OURS) else text
    return made if isinstance(part, str) else _Iri(made) if text else part


def _normal(quad: _Quad) -> tuple[str, ...]:
    """What is sorted by, and last what the object adds to the text."""
    term, kind = quad.object, getattr(quad.object, "datatype", None)
    if kind is None:
        return *quad[:3], "0", term.value, "", "", term.value
    escaped = term.value.replace("\\", "\\\\").replace("\n", "\\n")
    if term.language:
        return *quad[:3], "1", term.value, "", term.language, f"@{term.language.lower()} {escaped}"
    return *quad[:3], "1", term.value, kind.value, "", f"^{kind.value} {escaped}"


# --- TriG -------------------------------------------------------------------------------------------------------------


def _trig(quads: Iterable[_Quad]) -> str:
    graphs: dict[str, dict[str, set[str]]] = {}
    for quad in quads:
        said = f"{_short(quad.predicate)} {_term(quad.object)}"
        graphs.setdefault(quad.graph, {}).setdefault(_short(quad.subject), set()).add(said)
    return "".join(f"\n<{graph}> {{\n{_statements(about)}}}\n" for graph, about in graphs.items())


def _statements(about: Mapping[str, Collection[str]]) -> str:
    and_so = " ;\n    "
    return "".join(f"  {subject} {and_so.join(sorted(said))} .\n" for subject, said in sorted(about.items()))


def _term(term: Any) -> str:
    return _TYPED.sub(r"^^xsd:\1", str(term)) if hasattr(term, "datatype") else _short(term.value)


_TYPED = re.compile(rf"\^\^<{re.escape(_PREFIXES['xsd'])}(\w+)>$")


def _short(iri: str) -> str:
    for prefix, namespace in _PREFIXES.items():
        if iri.startswith(namespace) and re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", iri.removeprefix(namespace)):
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return f"<{iri}>"


def _iri(term: Any) -> str:
    return str(getattr(term, "value", term))
