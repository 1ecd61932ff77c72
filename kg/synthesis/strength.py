"""How strong the evidence of a therapy or combination is: one honest answer, every number with its findings.

Animals and people, and outcome domains, are never added up. Votes come before sizes; sizes are pooled only where enough
papers and experiments print them; harms stand in every answer, whatever was asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kg import resources, shape
from kg.errors import KgError
from kg.model import Direction, HigherIs, Outcome, Result
from kg.selection import narrower, resolve
from kg.store import Row, Store
from kg.synthesis import bias, certainty, directions, effects, multilevel, pooling, recovered, squares
from kg.synthesis.certainty import Judgement
from kg.synthesis.directions import Kind, Tally
from kg.synthesis.effects import Effect

if TYPE_CHECKING:
    from kg.graph import Graph
    from kg.synthesis.pooling import Pooled

RULE = (
    "Only contrasts that add exactly what was asked for count; a combination's result credits none of its parts. Sizes "
    "are Hedges' g, plus being benefit; several effects of one study are held together by a three-level model."
)
_ROWS = """
SELECT ?finding ?study ?paper ?laboratory ?direction ?contrast ?result ?speciesNode ?phaseNode ?outcomeNode ?status ?n
  ?n_comparator ?tier
WHERE {{
  VALUES ?part {{ {nodes} }}
  ?f kg:isolates ?part ; kg:inForce true ; dcterms:identifier ?finding ; kg:study ?study ; kg:direction ?direction ;
    kg:contrast ?contrast ; kg:result ?result ; kg:status ?status ; kg:paper ?paper ; kg:species ?speciesNode ;
    kg:phase ?phaseNode ; kg:outcome ?outcomeNode .
  OPTIONAL {{ ?f kg:laboratory ?laboratory }}
  OPTIONAL {{ ?f kg:nArm ?n }} OPTIONAL {{ ?f kg:nComparator ?n_comparator }} OPTIONAL {{ ?f kg:effectTier ?tier }}
}}
"""
_NUMBERS = """
SELECT ?finding ?against ?measured ?p ?mean ?spread ?mean_comparator ?spread_comparator ?spread_kind ?unit
WHERE {{
  VALUES ?part {{ {nodes} }}
  VALUES ?sized {{ "T1" "T2" }}
  ?f kg:isolates ?part ; kg:effectTier ?sized ; kg:inForce true ; dcterms:identifier ?finding ; kg:comparator ?against .
  OPTIONAL {{ ?f kg:measuredDay ?measured }} OPTIONAL {{ ?f kg:pValue ?p }}
  OPTIONAL {{ ?f kg:meanArm ?mean ; kg:meanComparator ?mean_comparator }}
  OPTIONAL {{ ?f kg:spreadArm ?spread }} OPTIONAL {{ ?f kg:spreadComparator ?spread_comparator }}
  OPTIONAL {{ ?f kg:spreadKind ?spread_kind }} OPTIONAL {{ ?f kg:unit ?unit }}
}}
"""
_HARMS = ("safety", "pain", "spasticity")  # domains in which a null or an improvement is news too


@dataclass(frozen=True, slots=True)
class Size:
    """The pooled size of effect, or why there is none; `experiments` print numbers, `findings` are theirs.

    `converted` is how many effects rest on a standard deviation that was not printed.
    """

    experiments: int
    papers: int
    findings: tuple[str, ...]
    pooled: Pooled | None = None
    why_not: str = ""
    model: str = ""
    converted: int = 0
    egger_p: float | None = None


@dataclass(frozen=True, slots=True)
class Replication:
    """Who saw a benefit: studies whose vote is for better, their named laboratories, and those that name none."""

    studies: int
    laboratories: tuple[str, ...]
    unnamed: int


@dataclass(frozen=True, slots=True)
class Body:
    """What is known in one outcome domain, of animals or of people."""

    kind: Kind
    domain: str
    studies: int
    papers: int
    laboratories: tuple[str, ...]
    replication: Replication
    tally: Tally
    tiers: Mapping[str, int]
    size: Size
    certainty: tuple[Judgement, ...]
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Strength:
    """The answer: bodies of evidence, harms of whatever phase, species and outcome, and what is missing."""

    asked: str
    conditions: Mapping[str, Sequence[str]]
    bodies: tuple[Body, ...]
    beside_parts: tuple[Row, ...]
    harms: tuple[Row, ...]
    missing: tuple[str, ...]
    findings: int


def strength(store: Store, what: str, conditions: Mapping[str, Sequence[str]], folder: Path | None = None) -> Strength:
    """How strong the evidence of a therapy, class or combination is.

    `conditions` are words of `phase`, `species`, `domain` and `outcome`; `folder` holds `quality.csv`, where it is
    known. Raises UnknownName for words that name nothing, KgError where nothing isolates what was asked for.
    """
    every = _rows(store, what)
    asked = _asked(store, conditions)
    rows = [row for row in every if _fits(row, asked)]
    if not rows:
        told = ", ".join(word for words in conditions.values() for word in words)
        raise KgError(f"no contrast here isolates {what!r}{f' with {told}' if told else ''}; see 'kg combos tried'")
    labs = {str(row["study"]): str(row["laboratory"]) for row in rows if row["laboratory"]}
    quality = certainty.read(folder or resources.data())
    tallies = [
        tally for tally in directions.tally(directions.findings(_graph(rows)), labs) if tally.votes or tally.left_out
    ]
    parted: defaultdict[tuple[Kind, str], list[Row]] = defaultdict(list)
    for row in rows:
        parted[directions.kind(str(row["species"])), str(row["domain"])].append(row)
    bodies = tuple(_body(tally, parted[tally.kind, tally.domain], quality) for tally in tallies)
    harms = tuple(row for row in map(_harm, every) if row)
    beside = tuple(_beside_parts(store, what))
    return Strength(what, dict(conditions), bodies, beside, harms, tuple(_missing(every, bodies)), len(rows))


def _beside_parts(store: Store, what: str) -> Iterator[Row]:
    """The verdicts of experiments that measured a combination beside a part of it, of whatever phase and species."""
    members = frozenset().union(*(shape.members(node.strip("<>")) for node in narrower(store, resolve(store, what))))
    whole = "--" in resolve(store, what)
    for square in squares.squares(store):
        if square.members == members if whole else members & (square.a | square.b):
            about: Row = {name: getattr(square, name) for name in ("study", "outcome", "species", "phase")}
            yield about | {"findings": " ".join(square.findings)} | _judged(square)


def _judged(square: squares.Square) -> Row:
    try:
        made = square.answer()
    except KgError as error:
        return {"parts": None, "together": None, "why": str(error)}
    return {"parts": made.parts.value, "together": made.together.value, "why": made.why}


def _rows(store: Store, what: str) -> list[Row]:
    """A row for each finding that isolates it, terms by their labels, with the numbers it prints."""
    nodes = " ".join(narrower(store, resolve(store, what)))
    numbers = {row["finding"]: row for row in store.select(shape.PROLOGUE + _NUMBERS.format(nodes=nodes))}
    named = _names(store)
    found: dict[str, Row] = {}
    for row in store.select(shape.PROLOGUE + _ROWS.format(nodes=nodes)):
        terms = [named.get(str(row[f"{name}Node"]), {}) for name in ("species", "phase", "outcome")]
        told = {name: str(row[name] or "").rpartition("/")[2] for name in ("study", "laboratory")}
        found.setdefault(str(row["finding"]), row | told | numbers.get(row["finding"], {}) | _merged(terms))
    return [found[key] for key in sorted(found)]


def _merged(terms: Iterable[Row]) -> Row:
    return {name: value for term in terms for name, value in term.items()}


def _names(store: Store) -> dict[str, Row]:
    """What the node of a species, phase or outcome is called, and of outcomes the domain and what more means."""
    vocab = store.vocab()
    domains = {term.id: term.label for term in vocab.scheme("domain")}
    named: dict[str, Row] = {
        shape.iri(name, term.id).value: {name: term.label}
        for name in ("species", "phase")
        for term in vocab.scheme(name)
    }
    for term in vocab.scheme("outcome"):
        if isinstance(term, Outcome):
            about: Row = {"outcome": term.label, "higher_is": term.higher_is.value, "domain": domains.get(term.domain)}
            named[shape.iri("outcome", term.id).value] = about | {"domainNode": shape.iri("domain", term.domain).value}
    return named


def _asked(store: Store, conditions: Mapping[str, Sequence[str]]) -> dict[str, set[str]]:
    """The nodes that each condition allows; a term takes those below it with it."""
    vocab = store.vocab()
    return {
        f"{name}Node": {
            shape.iri(name, below).value for word in words for below in vocab.narrower(vocab.find(name, word))
        }
        for name, words in conditions.items()
        if words
    }


def _fits(row: Row, asked: Mapping[str, set[str]]) -> bool:
    return all(row[name] in allowed for name, allowed in asked.items())


def _graph(rows: Iterable[Row]) -> Graph:
    """The rows as an evidence graph, as far as votes and certainty read it."""
    import networkx as nx

    graph: Graph = nx.MultiDiGraph()
    for row in rows:
        outcome = str(row["outcome"])
        graph.add_node(outcome, higher_is=row["higher_is"])
        about = {name: value for name, value in row.items() if not name.endswith("Node")}
        about |= {"kind": "finding", "n_arm": row["n"]}
        graph.add_edge("asked", outcome, key=str(row["finding"]), **about)
    return graph


def _body(tally: Tally, ours: Sequence[Row], quality: certainty.Quality) -> Body:
    size = _size([row for row in ours if row["contrast"] == "adds"])
    tiers: dict[str, int] = defaultdict(int)
    for row in ours:
        tiers[str(row["tier"] or "T4")] += 1
    judged = certainty.statement(certainty.body(tally, _graph(ours), quality, size.pooled, size.egger_p))
    labs = tuple(sorted({str(row["laboratory"]) for row in ours if row["laboratory"]}))
    return Body(
        tally.kind, tally.domain, _count(ours, "study"), _count(ours, "paper"), labs, _replication(tally), tally,
        dict(sorted(tiers.items())), size, judged, tuple(sorted(str(row["finding"]) for row in ours)),
    )  # fmt: skip


def _replication(tally: Tally) -> Replication:
    found = [vote.laboratory for vote in tally.votes if vote.word is Result.IMPROVED]
    return Replication(len(found), tuple(sorted({name for name in found if name})), found.count(""))


def _count(rows: Iterable[Row], name: str) -> int:
    return len({row[name] for row in rows})


def _size(rows: Sequence[Row]) -> Size:
    """The pooled size of what the rows print, where they are enough."""
    sized = [(row, effect) for row in rows if (effect := _effect(row))]
    papers, experiments = _count((row for row, _ in sized), "paper"), _count((row for row, _ in sized), "study")
    findings = tuple(sorted(str(row["finding"]) for row, _ in sized))
    if why_not := pooling.may_pool(papers, experiments):
        return Size(experiments, papers, findings, why_not=why_not)
    yi, vi = [effect.value for _, effect in sized], [effect.variance for _, effect in sized]
    pooled, converted = pooling.pool(yi, vi, knha=True), sum(bool(effect.notes) for _, effect in sized)
    if experiments < len(sized):
        model, pooled, egger = "three-level, REML", _levelled(pooled, sized), None
    else:
        model, egger = "REML, Knapp-Hartung", bias.egger(yi, vi).p if not bias.may_test(len(yi)) else None
    return Size(experiments, papers, findings, pooled, model=model, converted=converted, egger_p=egger)


def _levelled(plain: Pooled, sized: Sequence[tuple[Row, Effect]]) -> Pooled:
    """The pooled effect of a three-level model, with heterogeneity as it sees it; shared controls by covariance."""
    yi, studies = [effect.value for _, effect in sized], [str(row["study"]) for row, _ in sized]
    made = multilevel.three_level(yi, covariances(sized), studies)
    return replace(
        plain, method="REML, three levels", test="z", coefficients=made.coefficients, tau2=made.tau2, tau2_se=None,
        tau2_ci=None, Q=made.Q, df=made.df, Q_p=made.Q_p, I2=made.I2, I2_ci=None, H2_ci=None, pi=made.pi,
    )  # fmt: skip


def covariances(sized: Sequence[tuple[Row, Effect]]) -> list[list[float]]:
    """The covariance of effects, k x k: their variances, and beside them what a shared comparator adds.

    Shared is the comparator of contrasts of one study, outcome and day (Gleser & Olkin 2009, as `effects.covariance`).
    """
    matrix = [[effect.variance if i == j else 0.0 for j in range(len(sized))] for i, (_, effect) in enumerate(sized)]
    sharing: defaultdict[tuple[object, ...], list[int]] = defaultdict(list)
    for place, (row, effect) in enumerate(sized):
        if not effect.shares:
            sharing[tuple(row.get(name) for name in ("study", "against", "outcomeNode", "measured"))].append(place)
    for places in sharing.values():
        control = float(sized[places[0]][0]["n_comparator"] or 0)
        total = control + sum(float(sized[place][0]["n"] or 0) for place in places)
        block = effects.covariance([sized[place][1] for place in places], effects.Sample(control, 0, 1), total)
        for i, one in enumerate(places):
            for j, other in enumerate(places):
                matrix[one][other] = block[i][j]
    return matrix


def _effect(row: Row) -> Effect | None:
    effect = effects.from_row(row) or (_from_p(row) if row["tier"] == "T2" else None)
    return effects.oriented(effect, HigherIs(str(row["higher_is"]))) if effect else None


def _from_p(row: Row) -> Effect | None:
    """Hedges' g by the SD that an exact p gives, marked so; without means only the direction has a sign.

    The standard deviation cancels then: g is t sqrt(1/n1 + 1/n2) J, whatever the means.
    """
    first, second = row.get("mean"), row.get("mean_comparator")
    if first is None or second is None:
        first, second = (1.0 if row["direction"] == Direction.INCREASED else -1.0), 0.0
    try:
        n = float(row["n"] or 0), float(row["n_comparator"] or 0)
        arms = recovered.from_p(n[0], float(first), n[1], float(second), float(str(row["p"]).strip("= ")))
        return effects.hedges_g(*arms)
    except KgError:  # these numbers have no effect
        return None


def _harm(row: Row) -> Row | None:
    """A finding that says worse, or that was looked for in a domain of harms; None where it is neither."""
    if row["result"] != "worsened" and str(row["domainNode"]).rpartition("/")[2] not in _HARMS:
        return None
    return {name: row[name] for name in ("finding", "study", "outcome", "result", "species", "phase", "contrast")}


def _missing(every: Sequence[Row], bodies: Sequence[Body]) -> Iterator[str]:
    """What nobody has shown here yet of it, whatever was asked for: a sentence each."""
    species, phases = ({str(row[name]) for row in every} for name in ("species", "phase"))
    if "human" not in species:
        yield "No finding in people."
    if not species & (certainty.LARGE | {"human"}):
        yield "No finding in a large animal or a primate."
    if "chronic" not in phases:
        yield "No finding in chronic injury."
    yield from _unreplicated(every)
    if not any(body.size.pooled for body in bodies):
        yield "No pooled size of effect: too few experiments print n, means and spreads."
    if not any(row["status"] == "reviewed" for row in every):
        yield "No row was read a second time."
    if not any(row["result"] in ("no difference", "worsened") for row in every):
        yield "No null and no harm is recorded: look for them before trusting the rest."


def _unreplicated(every: Sequence[Row]) -> Iterator[str]:
    named = {str(row["laboratory"]) for row in every if row["laboratory"]}
    unnamed = _count((row for row in every if not row["laboratory"]), "paper")
    if len(named) > 1:
        return
    if unnamed:
        of = _count(every, "paper")
        yield f"Whether a second laboratory saw it cannot be told: {unnamed} of {of} papers name none."
    else:
        yield "Not seen by a second laboratory."
