"""Finding <-> triples: the only module that knows the shape of the graph.

One table of slots per kind of node says which field is which property; writer and reader both follow it.
No blank nodes; every node carries an rdfs:label; numbers are written in the canonical form of xsd:decimal.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import quote, unquote

from pyoxigraph import Literal, NamedNode, Triple

from kg import model
from kg.model import Arm, Combination, Finding, Given, Item, Outcome, Paper, Phase, Role, Term, Therapy, Trial
from kg.vocab import Vocab

BASE = "https://w3id.org/cordgraph/"
NS = BASE + "ns#"
PREFIXES = {
    "bibo": "http://purl.org/ontology/bibo/",
    "dcterms": "http://purl.org/dc/terms/",
    "fabio": "http://purl.org/spar/fabio/",
    "kg": NS,
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_FOREIGN = {
    "CHEBI": "http://purl.obolibrary.org/obo/CHEBI_",
    "CL": "http://purl.obolibrary.org/obo/CL_",
    "DRON": "http://purl.obolibrary.org/obo/DRON_",
    "ECO": "http://purl.obolibrary.org/obo/ECO_",
    "GO": "http://purl.obolibrary.org/obo/GO_",
    "MESH": "http://id.nlm.nih.gov/mesh/",
    "MONDO": "http://purl.obolibrary.org/obo/MONDO_",
    "NCBITaxon": "http://purl.obolibrary.org/obo/NCBITaxon_",
    "NCIT": "http://purl.obolibrary.org/obo/NCIT_",
    "OBI": "http://purl.obolibrary.org/obo/OBI_",
    "SCIO": "http://psink.de/scio/",
    "UBERON": "http://purl.obolibrary.org/obo/UBERON_",
}
Node = NamedNode | Literal
T = TypeVar("T")


@functools.cache
def name(curie: str) -> NamedNode:
    """The IRI of a prefixed name of this graph or of a mapped ontology."""
    prefix, _, local = curie.partition(":")
    return NamedNode((PREFIXES | _FOREIGN)[prefix] + local)


TYPE, LABEL = name("rdf:type"), name("rdfs:label")
_DECIMAL, _INTEGER, _BOOLEAN = name("xsd:decimal"), name("xsd:integer"), name("xsd:boolean")


def literal(value: str | int | Decimal) -> Literal:
    """A value as a literal: text plain, numbers typed."""
    if isinstance(value, str):
        return Literal(value)
    return _number(value) if isinstance(value, Decimal) else Literal(str(value), datatype=_INTEGER)


@functools.lru_cache(maxsize=100_000)
def iri(scheme: str, *parts: str) -> NamedNode:
    """The IRI of one of our own nodes: `therapy`, `finding`, `arm` ... and its id."""
    return NamedNode(BASE + "/".join([scheme, *(quote(part, safe="+-._~") for part in parts)]))


def paper_iri(paper: Paper) -> NamedNode:
    """The IRI of a publication: its DOI, else its PubMed page, else its PMC page, else one of ours."""
    if paper.doi:
        return NamedNode("https://doi.org/" + quote(paper.doi.lower(), safe="/:;()._-"))
    if paper.pmid:
        return NamedNode(f"https://pubmed.ncbi.nlm.nih.gov/{paper.pmid}/")
    if paper.pmcid:
        return NamedNode(f"https://www.ncbi.nlm.nih.gov/pmc/articles/{paper.pmcid}/")
    return iri("paper", paper.id)


# --- values -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Kind:
    """How one sort of value is written as an RDF term and read back."""

    write: Callable[[Any], Node]
    read: Callable[[str], Any]


def _number(value: Decimal) -> Literal:
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return Literal("0" if text in ("-0", "") else text, datatype=_DECIMAL)


def _last(text: str) -> str:
    return unquote(text.rsplit("/", 1)[1])


def _term(scheme: str) -> _Kind:
    return _Kind(lambda value: iri(scheme, value), _last)


def _enum(kind: type[StrEnum]) -> _Kind:
    return _Kind({value: Literal(value.value) for value in kind}.__getitem__, kind)


_TEXT = _Kind(Literal, str)
_NUMBER = _Kind(_number, Decimal)
_COUNT = _Kind(lambda value: Literal(str(value), datatype=_INTEGER), int)
_ABOUT = _Kind(lambda value: iri(*value.split(":", 1)), lambda text: ":".join(map(unquote, text.rsplit("/", 2)[1:])))

Slots = dict[str, tuple[NamedNode, _Kind]]
_TERM: Slots = {
    "label": (name("skos:prefLabel"), _TEXT),
    "synonyms": (name("skos:altLabel"), _TEXT),
    "note": (name("skos:note"), _TEXT),
}
_OUTCOME: Slots = _TERM | {
    "domain": (name("kg:domain"), _term("domain")),
    "higher_is": (name("kg:higherIs"), _enum(model.HigherIs)),
    "barrier": (name("kg:measuresBarrier"), _term("barrier")),
    "mechanism": (name("kg:indicatesMechanism"), _term("mechanism")),
}
_PHASE: Slots = _TERM | {
    "from_day": (name("kg:fromDay"), _NUMBER),
    "to_day": (name("kg:toDay"), _NUMBER),
    "human_from_day": (name("kg:humanFromDay"), _NUMBER),
    "human_to_day": (name("kg:humanToDay"), _NUMBER),
}
_PAPER: Slots = {
    "id": (name("dcterms:identifier"), _TEXT),
    "title": (name("dcterms:title"), _TEXT),
    "doi": (name("bibo:doi"), _TEXT),
    "pmid": (name("bibo:pmid"), _TEXT),
    "pmcid": (name("kg:pmcid"), _TEXT),
    "year": (name("kg:year"), _COUNT),
    "journal": (name("kg:journal"), _TEXT),
    "first_author": (name("kg:firstAuthor"), _TEXT),
    "last_author": (name("kg:lastAuthor"), _TEXT),
    "laboratory": (name("kg:laboratory"), _term("laboratory")),
    "kind": (name("kg:paperKind"), _enum(model.PaperKind)),
    "status": (name("kg:paperStatus"), _enum(model.PaperStatus)),
    "about": (name("dcterms:subject"), _ABOUT),
    "url": (name("kg:sourceUrl"), _TEXT),
    "note": (name("skos:note"), _TEXT),
}
_TRIAL: Slots = {
    "id": (name("dcterms:identifier"), _TEXT),
    "title": (name("dcterms:title"), _TEXT),
    "therapies": (name("kg:therapy"), _term("therapy")),
    "sponsor": (name("kg:sponsor"), _TEXT),
    "phase": (name("kg:trialPhase"), _TEXT),
    "status": (name("kg:trialStatus"), _TEXT),
    "why_stopped": (name("kg:whyStopped"), _TEXT),
    "start_year": (name("kg:year"), _COUNT),
    "injury_phase": (name("kg:phase"), _term("phase")),
    "level": (name("kg:level"), _TEXT),
    "ais": (name("kg:ais"), _TEXT),
    "n": (name("kg:participants"), _COUNT),
    "n_text": (name("kg:participantsText"), _TEXT),
    "result": (name("kg:result"), _enum(model.Result)),
    "summary": (name("kg:summary"), _TEXT),
    "url": (name("kg:sourceUrl"), _TEXT),
    "note": (name("skos:note"), _TEXT),
}
_GIVEN: Slots = {
    "therapy": (name("kg:therapy"), _term("therapy")),
    "role": (name("kg:role"), _enum(model.Role)),
    "order": (name("kg:order"), _COUNT),
    "start_day": (name("kg:startDay"), _NUMBER),
    "end_day": (name("kg:endDay"), _NUMBER),
    "dose": (name("kg:dose"), _NUMBER),
    "unit": (name("kg:unit"), _TEXT),
    "dose_text": (name("kg:doseText"), _TEXT),
    "route": (name("kg:route"), _term("route")),
    "note": (name("skos:note"), _TEXT),
}
_FINDING: Slots = {
    "id": (name("dcterms:identifier"), _TEXT),
    "study": (name("kg:study"), _term("study")),
    "direction": (name("kg:direction"), _enum(model.Direction)),
    "species": (name("kg:species"), _term("species")),
    "strain": (name("kg:strain"), _TEXT),
    "sex": (name("kg:sex"), _TEXT),
    "injury": (name("kg:injury"), _term("injury")),
    "level": (name("kg:level"), _TEXT),
    "severity": (name("kg:severity"), _TEXT),
    "phase": (name("kg:phase"), _term("phase")),
    "treatment_day": (name("kg:treatmentDay"), _NUMBER),
    "measured_day": (name("kg:measuredDay"), _NUMBER),
    "measure": (name("kg:measure"), _TEXT),
    "significant": (name("kg:significant"), _enum(model.Significant)),
    "p": (name("kg:pValue"), _TEXT),
    "n_arm": (name("kg:nArm"), _COUNT),
    "n_comparator": (name("kg:nComparator"), _COUNT),
    "mean_arm": (name("kg:meanArm"), _NUMBER),
    "spread_arm": (name("kg:spreadArm"), _NUMBER),
    "mean_comparator": (name("kg:meanComparator"), _NUMBER),
    "spread_comparator": (name("kg:spreadComparator"), _NUMBER),
    "spread_kind": (name("kg:spreadKind"), _TEXT),
    "unit": (name("kg:unit"), _TEXT),
    "effect_text": (name("kg:effectText"), _TEXT),
    "design": (name("kg:design"), _term("design")),
    "evidence": (name("kg:evidence"), _term("evidence")),
    "origin": (name("kg:origin"), _enum(model.Origin)),
    "status": (name("kg:status"), _enum(model.Status)),
    "confidence": (name("kg:confidence"), _TEXT),
    "confidence_reason": (name("kg:confidenceReason"), _TEXT),
    "locator": (name("kg:locator"), _TEXT),
    "source_url": (name("kg:sourceUrl"), _TEXT),
    "quote": (name("kg:quote"), _TEXT),
    "quote_role": (name("kg:quoteRole"), _TEXT),
    "curator": (name("kg:curator"), _TEXT),
    "date": (name("kg:curatedOn"), _TEXT),
    "note": (name("skos:note"), _TEXT),
    "row": (name("kg:sourceRow"), _TEXT),
}
_INERT = (Role.VEHICLE, Role.CONTROL)
_CLASSES = {"therapy": "Therapy", "outcome": "Outcome", "phase": "Phase"}
_PAPER_CLASSES = {"primary": "fabio:JournalArticle", "preprint": "fabio:Preprint"}

# --- writing ----------------------------------------------------------------------------------------------------------


def write(items: Iterable[Item], vocab: Vocab | None = None) -> Iterator[Triple]:
    """The triples of these items; what several items share (study, arm, combination) is written once.

    `vocab` gives therapies their labels and classes; without it a label is the id.
    """
    vocab = vocab or Vocab.of(())
    written: set[Arm | Combination | str] = set()
    for item in items:
        yield from _write_item(item, vocab)
        for part in _parts(item):
            if part not in written:
                written.add(part)
                yield from _write_part(part, vocab)


def _write_item(item: Item, vocab: Vocab) -> Iterator[Triple]:
    if isinstance(item, Term):
        return _write_term(item, vocab)
    if isinstance(item, Paper):
        return _write_paper(item)
    return _write_trial(item) if isinstance(item, Trial) else _write_finding(item)


def _parts(item: Item) -> Iterable[Arm | Combination | str]:
    """What other items may share with this one; a study is its key."""
    if isinstance(item, Trial):
        return (item.regimen,)
    if not isinstance(item, Finding):
        return ()
    arms = (item.arm, item.comparator)
    return (item.study, *arms, *(arm.regimen for arm in arms), item.isolates)


def _write_part(part: Arm | Combination | str, vocab: Vocab) -> Iterator[Triple]:
    if isinstance(part, Arm):
        return _write_arm(part, vocab)
    return _write_combination(part, vocab) if isinstance(part, Combination) else _write_study(part)


def _write_combination(value: Combination, vocab: Vocab) -> Iterator[Triple]:
    if len(value.members) > 1:
        node = iri("combination", value.id)
        labels = sorted(vocab.label("therapy", member) for member in value.members)
        classes = sorted({top for member in value.members for top in vocab.tops("therapy", member)})
        yield Triple(node, TYPE, name("kg:Combination"))
        yield Triple(node, LABEL, Literal(" + ".join(labels)))
        yield from (Triple(node, name("kg:member"), iri("therapy", member)) for member in value.members)
        yield from (Triple(node, name("kg:class"), iri("therapy", top)) for top in classes)


def regimen_iri(value: Combination) -> NamedNode:
    """The node of a regimen: the therapy itself where it is only one."""
    if len(value.members) == 1:
        return iri("therapy", value.members[0])
    return iri("combination", value.id) if value.members else iri("therapy", "control")


def _slots(node: NamedNode, slots: Slots, value: object) -> Iterator[Triple]:
    for field, (predicate, kind) in slots.items():
        content = getattr(value, field)
        if content is None or content == "":
            continue
        for one in content if isinstance(content, tuple) else (content,):
            if one != "":
                yield Triple(node, predicate, kind.write(one))


def _write_term(term: Term, vocab: Vocab) -> Iterator[Triple]:
    node = iri(term.scheme, term.id)
    slots = _OUTCOME if isinstance(term, Outcome) else _PHASE if isinstance(term, Phase) else _TERM
    yield Triple(node, TYPE, name("skos:Concept"))
    yield Triple(node, TYPE, name("kg:" + _CLASSES.get(term.scheme, term.scheme.capitalize())))
    yield Triple(node, LABEL, Literal(term.label))
    yield Triple(node, name("skos:inScheme"), iri("scheme", term.scheme))
    yield Triple(iri("scheme", term.scheme), TYPE, name("skos:ConceptScheme"))
    yield Triple(iri("scheme", term.scheme), LABEL, Literal(term.scheme))
    yield from _slots(node, slots, term)
    for broader in term.broader:
        yield Triple(node, name("skos:broader"), iri(term.scheme, broader))
    if isinstance(term, Therapy):
        yield from (Triple(node, name("kg:class"), iri("therapy", top)) for top in vocab.tops("therapy", term.id))
    for mapping in term.mappings:
        yield Triple(node, name("skos:" + mapping.predicate), name(mapping.object))


def _write_paper(paper: Paper) -> Iterator[Triple]:
    node = paper_iri(paper)
    yield Triple(node, TYPE, name("kg:Paper"))
    yield Triple(node, TYPE, name(_PAPER_CLASSES.get(paper.kind, "fabio:ReviewArticle")))
    yield Triple(node, LABEL, Literal(paper.title or paper.id))
    yield from _slots(node, _PAPER, paper)
    if paper.laboratory:
        yield Triple(iri("laboratory", paper.laboratory), TYPE, name("kg:Laboratory"))
        yield Triple(iri("laboratory", paper.laboratory), LABEL, Literal(paper.laboratory))


def _write_trial(trial: Trial) -> Iterator[Triple]:
    node = iri("trial", trial.id)
    yield Triple(node, TYPE, name("kg:Trial"))
    yield Triple(node, LABEL, Literal(f"{trial.id}: {trial.title}" if trial.title else trial.id))
    yield Triple(node, name("kg:regimen"), regimen_iri(trial.regimen))
    yield from _slots(node, _TRIAL, trial)
    for paper in trial.papers:
        yield Triple(node, name("kg:paper"), paper_iri(paper))
    yield Triple(node, name("kg:region"), iri("level", model.region(trial.level)))


def _write_arm(arm: Arm, vocab: Vocab) -> Iterator[Triple]:
    node = iri("arm", arm.study, arm.id)
    shown = [given.therapy for given in arm.given if given.role in ((Role.ACTIVE,) if arm.active else _INERT)]
    yield Triple(node, TYPE, name("kg:Arm"))
    yield Triple(node, LABEL, Literal(" + ".join(vocab.label("therapy", therapy) for therapy in shown) or arm.id))
    yield Triple(node, name("kg:study"), iri("study", arm.study))
    yield Triple(node, name("kg:regimen"), regimen_iri(arm.regimen))
    for number, given in enumerate(arm.given, start=1):
        part = iri("given", arm.study, arm.id, str(number))
        yield Triple(node, name("kg:given"), part)
        yield Triple(part, TYPE, name("kg:Given"))
        yield Triple(part, LABEL, Literal(vocab.label("therapy", given.therapy)))
        yield from _slots(part, _GIVEN, given)


def _write_study(study: str) -> Iterator[Triple]:
    node = iri("study", study)
    yield Triple(node, TYPE, name("kg:Study"))
    yield Triple(node, LABEL, Literal(study))


def _write_finding(finding: Finding) -> Iterator[Triple]:
    node = iri("finding", finding.id)
    yield Triple(node, TYPE, name("kg:Finding"))
    yield Triple(node, LABEL, Literal(finding.id))
    yield from _slots(node, _FINDING, finding)
    yield Triple(node, name("kg:paper"), paper_iri(finding.paper))
    yield Triple(node, name("kg:outcome"), iri("outcome", finding.outcome.id))
    for side, arm in (("arm", finding.arm), ("comparator", finding.comparator)):
        yield Triple(node, name("kg:" + side), iri("arm", arm.study, arm.id))
    yield from (Triple(node, name("kg:" + key), value) for key, value in _derived(finding))


def _derived(finding: Finding) -> Iterator[tuple[str, Node]]:
    yield "regimen", regimen_iri(finding.arm.regimen)
    yield "isolates", regimen_iri(finding.isolates)
    yield "contrast", Literal(finding.contrast.value)
    yield "result", Literal(finding.result.value)
    yield "region", iri("level", model.region(finding.level))
    yield "inForce", Literal("true" if finding.in_force else "false", datatype=_BOOLEAN)
    yield from (("therapy", iri("therapy", id)) for id in sorted(finding.arm.active))
    yield from (("onTopOf", iri("therapy", id)) for id in sorted(finding.on_top_of))
    yield from (("insteadOf", iri("therapy", id)) for id in sorted(finding.instead_of))
    yield from (("domain", iri("domain", id)) for id in [finding.outcome.domain] if id)
    if finding.paper.laboratory:
        yield "laboratory", iri("laboratory", finding.paper.laboratory)
    if finding.paper.year is not None:
        yield "year", Literal(str(finding.paper.year), datatype=_INTEGER)


# --- reading ----------------------------------------------------------------------------------------------------------

_About = dict[str, list[str]]


def read(triples: Iterable[Triple]) -> Iterator[Item]:
    """The items that these triples were written from: terms, papers, trials, findings, each sorted by id."""
    nodes: dict[str, _About] = defaultdict(lambda: defaultdict(list))
    for triple in triples:
        if isinstance(triple.subject, NamedNode) and isinstance(triple.object, NamedNode | Literal):
            nodes[triple.subject.value][triple.predicate.value].append(triple.object.value)
    terms = {node: _read_term(node, about) for node, about in _typed(nodes, "skos:Concept")}
    papers = {node: _fill(Paper, _PAPER, about) for node, about in _typed(nodes, "kg:Paper")}
    arms = {node: _read_arm(node, about, nodes) for node, about in _typed(nodes, "kg:Arm")}
    yield from terms.values()
    yield from papers.values()
    for _, about in _typed(nodes, "kg:Trial"):
        known = (papers[node] for node in about.get(name("kg:paper").value, ()))
        yield _fill(Trial, _TRIAL, about, papers=tuple(sorted(known, key=lambda paper: paper.id)))
    for _, about in _typed(nodes, "kg:Finding"):
        one = {key: about[name("kg:" + key).value][0] for key in ("paper", "arm", "comparator", "outcome")}
        yield _fill(
            Finding,
            _FINDING,
            about,
            paper=papers[one["paper"]],
            arm=arms[one["arm"]],
            comparator=arms[one["comparator"]],
            outcome=terms[one["outcome"]],
        )


def terms(triples: Iterable[Triple]) -> Iterator[Term]:
    """The terms alone, as `read` gives them."""
    return (item for item in read(triples) if isinstance(item, Term))


def _typed(nodes: dict[str, _About], kind: str) -> list[tuple[str, _About]]:
    return sorted((node, about) for node, about in nodes.items() if name(kind).value in about.get(TYPE.value, ()))


def _fill(kind: type[T], slots: Slots, about: _About, **more: object) -> T:
    values: dict[str, object] = dict(more)
    types = {field.name: str(field.type) for field in dataclasses.fields(kind)}  # type: ignore[arg-type]  # always one
    for field, (predicate, how) in slots.items():
        found = [how.read(text) for text in about.get(predicate.value, ())]
        if found:
            values[field] = tuple(sorted(found)) if types[field].startswith("tuple") else found[0]
    return kind(**values)


def _read_term(node: str, about: _About) -> Term:
    scheme, id = re.fullmatch(r".*/([^/]+)/([^/]+)", node).groups()  # type: ignore[union-attr]  # our own IRIs match
    kinds: dict[str, tuple[type[Term], Slots]] = {"outcome": (Outcome, _OUTCOME), "phase": (Phase, _PHASE)}
    kind, slots = kinds.get(scheme, (Therapy if scheme == "therapy" else Term, _TERM))
    broader = tuple(sorted(_last(text) for text in about.get(name("skos:broader").value, ())))
    return _fill(kind, slots, about, scheme=scheme, id=unquote(id), broader=broader)


def _read_arm(node: str, about: _About, nodes: dict[str, _About]) -> Arm:
    parts = sorted(about.get(name("kg:given").value, ()), key=lambda part: int(part.rsplit("/", 1)[1]))
    given = tuple(_fill(Given, _GIVEN, nodes[part]) for part in parts)
    study, id = node.removeprefix(BASE + "arm/").split("/")
    return Arm(unquote(study), unquote(id), given)
