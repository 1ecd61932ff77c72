"""Finding <-> triples: writes what `kg.shape` says and reads it back.

No blank nodes; every node carries an rdfs:label.
"""

from __future__ import annotations

import dataclasses
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TypeVar
from urllib.parse import unquote

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from kg import model
from kg.model import Arm, Combination, Finding, Given, Item, Outcome, Paper, Phase, Reading, Role, Term, Therapy, Trial
from kg.shape import (
    BASE,
    FINDING,
    GIVEN,
    LABEL,
    OUTCOME,
    PAPER,
    PHASE,
    READING,
    TERM,
    TRIAL,
    TYPE,
    Node,
    Slots,
    iri,
    literal,
    local,
    name,
    paper_iri,
    regimen_iri,
)
from kg.vocab import Vocab

T = TypeVar("T")
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
    if isinstance(item, Reading):
        return _write_reading(item)
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
    slots = OUTCOME if isinstance(term, Outcome) else PHASE if isinstance(term, Phase) else TERM
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
    yield from _slots(node, PAPER, paper)
    if paper.laboratory:
        yield Triple(iri("laboratory", paper.laboratory), TYPE, name("kg:Laboratory"))
        yield Triple(iri("laboratory", paper.laboratory), LABEL, Literal(paper.laboratory))


def _write_trial(trial: Trial) -> Iterator[Triple]:
    node = iri("trial", trial.id)
    yield Triple(node, TYPE, name("kg:Trial"))
    yield Triple(node, LABEL, Literal(f"{trial.id}: {trial.title}" if trial.title else trial.id))
    yield Triple(node, name("kg:regimen"), regimen_iri(trial.regimen))
    yield from _slots(node, TRIAL, trial)
    for paper in trial.papers:
        yield Triple(node, name("kg:paper"), paper_iri(paper))
    yield Triple(node, name("kg:region"), iri("level", model.region(trial.level)))


def _write_arm(arm: Arm, vocab: Vocab) -> Iterator[Triple]:
    node = iri("arm", arm.study, arm.id)
    shown = [given.therapy for given in arm.given if given.role in ((Role.ACTIVE,) if arm.active else _INERT)]
    yield Triple(node, TYPE, name("kg:Arm"))
    yield Triple(
        node, LABEL, Literal(" + ".join(vocab.label("therapy", therapy) for therapy in dict.fromkeys(shown)) or arm.id)
    )
    yield Triple(node, name("kg:study"), iri("study", arm.study))
    yield Triple(node, name("kg:regimen"), regimen_iri(arm.regimen))
    for number, given in enumerate(arm.given, start=1):
        part = iri("given", arm.study, arm.id, str(number))
        yield Triple(node, name("kg:given"), part)
        yield Triple(part, TYPE, name("kg:Given"))
        yield Triple(part, LABEL, Literal(vocab.label("therapy", given.therapy)))
        yield from _slots(part, GIVEN, given)


def _write_study(study: str) -> Iterator[Triple]:
    node = iri("study", study)
    yield Triple(node, TYPE, name("kg:Study"))
    yield Triple(node, LABEL, Literal(study))


def _write_finding(finding: Finding) -> Iterator[Triple]:
    node = iri("finding", finding.id)
    yield Triple(node, TYPE, name("kg:Finding"))
    yield Triple(node, LABEL, Literal(finding.id))
    yield from _slots(node, FINDING, finding)
    yield Triple(node, name("kg:paper"), paper_iri(finding.paper))
    yield Triple(node, name("kg:outcome"), iri("outcome", finding.outcome.id))
    for side, arm in (("arm", finding.arm), ("comparator", finding.comparator)):
        yield Triple(node, name("kg:" + side), iri("arm", arm.study, arm.id))
    yield from (Triple(node, name("kg:" + key), value) for key, value in _derived(finding))


def _write_reading(reading: Reading) -> Iterator[Triple]:
    node = iri("reading", *reading.id.split("/"))
    yield Triple(node, TYPE, name("kg:Reading"))
    yield Triple(node, LABEL, Literal(reading.id))
    yield from _slots(node, READING, reading)


def _derived(finding: Finding) -> Iterator[tuple[str, Node]]:
    yield "regimen", regimen_iri(finding.arm.regimen)
    yield "isolates", regimen_iri(finding.isolates)
    yield "contrast", Literal(finding.contrast.value)
    yield "result", Literal(finding.result.value)
    yield "region", iri("level", model.region(finding.level))
    yield "inForce", literal(finding.in_force)
    yield from (("therapy", iri("therapy", id)) for id in sorted(finding.arm.active))
    yield from (("onTopOf", iri("therapy", id)) for id in sorted(finding.on_top_of))
    yield from (("insteadOf", iri("therapy", id)) for id in sorted(finding.instead_of))
    yield from (("domain", iri("domain", id)) for id in [finding.outcome.domain] if id)
    if finding.tier:
        yield "effectTier", Literal(finding.tier.value)
    if finding.paper.laboratory:
        yield "laboratory", iri("laboratory", finding.paper.laboratory)
    if finding.paper.year is not None:
        yield "year", literal(finding.paper.year)


# --- reading ----------------------------------------------------------------------------------------------------------

_About = dict[str, list[str]]


def read(triples: Iterable[Triple]) -> Iterator[Item]:
    """The items that these triples were written from: terms, papers, trials, findings, readings, each sorted by id."""
    nodes: dict[str, _About] = defaultdict(lambda: defaultdict(list))
    for triple in triples:
        if isinstance(triple.subject, NamedNode) and isinstance(triple.object, NamedNode | Literal):
            nodes[triple.subject.value][triple.predicate.value].append(triple.object.value)
    terms = {node: _read_term(node, about) for node, about in _typed(nodes, "skos:Concept")}
    papers = {node: _fill(Paper, PAPER, about) for node, about in _typed(nodes, "kg:Paper")}
    arms = {node: _read_arm(node, about, nodes) for node, about in _typed(nodes, "kg:Arm")}
    yield from terms.values()
    yield from papers.values()
    for _, about in _typed(nodes, "kg:Trial"):
        known = (papers[node] for node in about.get(name("kg:paper").value, ()))
        yield _fill(Trial, TRIAL, about, papers=tuple(sorted(known, key=lambda paper: paper.id)))
    for _, about in _typed(nodes, "kg:Finding"):
        one = {key: about[name("kg:" + key).value][0] for key in ("paper", "arm", "comparator", "outcome")}
        yield _fill(
            Finding,
            FINDING,
            about,
            paper=papers[one["paper"]],
            arm=arms[one["arm"]],
            comparator=arms[one["comparator"]],
            outcome=terms[one["outcome"]],
        )
    yield from (_fill(Reading, READING, about) for _, about in _typed(nodes, "kg:Reading"))


def statements(lines: bytes) -> Iterator[tuple[str, str, str]]:
    """Subject, predicate and object of each statement of N-Triples, as text without its marks.

    Raises SyntaxError with the line where they cannot be read.
    """
    for quad in parse(lines, format=RdfFormat.N_TRIPLES):
        ends = (str(node) if isinstance(node, Triple) else node.value for node in (quad.subject, quad.object))
        subject, object = ends
        yield subject, quad.predicate.value, object


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
    kinds: dict[str, tuple[type[Term], Slots]] = {"outcome": (Outcome, OUTCOME), "phase": (Phase, PHASE)}
    kind, slots = kinds.get(scheme, (Therapy if scheme == "therapy" else Term, TERM))
    broader = tuple(sorted(local(text) for text in about.get(name("skos:broader").value, ())))
    return _fill(kind, slots, about, scheme=scheme, id=unquote(id), broader=broader)


def _read_arm(node: str, about: _About, nodes: dict[str, _About]) -> Arm:
    parts = sorted(about.get(name("kg:given").value, ()), key=lambda part: int(part.rsplit("/", 1)[1]))
    given = tuple(_fill(Given, GIVEN, nodes[part]) for part in parts)
    study, id = node.removeprefix(BASE + "arm/").split("/")
    return Arm(unquote(study), unquote(id), given)
