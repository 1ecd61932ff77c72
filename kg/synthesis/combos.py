"""What has been combined with a therapy, what each contrast isolates, and what was never tried; with its findings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kg import shape
from kg.errors import KgError
from kg.model import NOT_STATED
from kg.store import Row, Store
from kg.vocab import Vocab

COLUMNS = (
    "state combination isolates on_top_of against phase species studies improved no_difference worsened mixed "
    "undetermined findings"
).split()
SUMMARY = ("state", "combination", "what the contrast isolates", "where", "studies", "findings")
_FACTS = """
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX kg: <https://w3id.org/cordgraph/ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?finding ?regimen ?isolates ?contrast ?against ?comparator ?phase ?species ?domain ?study ?result
WHERE {
  ?f kg:inForce true ; dcterms:identifier ?finding ; kg:regimen ?regimen ; kg:isolates ?isolates ;
    kg:contrast ?contrast ; kg:phase ?phase ; kg:species/rdfs:label ?species ; kg:domain ?domain ;
    kg:study ?study ; kg:result ?result ; kg:comparator ?Other .
  ?Other rdfs:label ?against ; kg:regimen ?comparator .
}
ORDER BY ?finding
"""
_TOGETHER = """
PREFIX kg: <https://w3id.org/cordgraph/ns#>
SELECT DISTINCT ?regimen WHERE { ?Node kg:regimen ?regimen } ORDER BY ?regimen
"""


@dataclass(frozen=True, slots=True)
class _Fact:
    finding: str
    members: frozenset[str]
    isolates: frozenset[str]
    comparator: frozenset[str]
    contrast: str
    against: str
    phase: str
    species: str
    domain: str
    study: str
    result: str

    @property
    def helped_alone(self) -> bool:
        """Whether one therapy, added by itself, improved something."""
        return self.contrast == "adds" and len(self.isolates) == 1 and self.result == "improved"


@dataclass(frozen=True, slots=True)
class Tried:
    """One contrast of a combination as often as it was made: ids of therapies, and the findings it rests on."""

    members: frozenset[str]
    isolates: frozenset[str]
    on_top_of: frozenset[str]
    contrast: str
    against: str
    phase: str
    species: str
    facts: tuple[_Fact, ...]


@dataclass(frozen=True, slots=True)
class Untested:
    """Two therapies that each helped in a phase and never shared an arm here, with the findings on either alone."""

    therapy: str
    partner: str
    phase: str
    facts: tuple[_Fact, ...]


def tried(store: Store, therapy: str, phase: str | None = None, domain: str | None = None) -> Iterator[Tried]:
    """Every contrast of an arm that gives the therapy (or one below it) together with something else.

    Raises UnknownName for words that name nothing.
    """
    vocab = store.vocab()
    ours = set(vocab.narrower(vocab.find("therapy", therapy)))
    groups: dict[tuple[object, ...], list[_Fact]] = defaultdict(list)
    for fact in _facts(store, vocab, phase, domain):
        if fact.members & ours and len(fact.members) > 1:
            key = (fact.members, fact.isolates, fact.contrast, fact.against, fact.phase, fact.species)
            groups[key].append(fact)
    for facts in groups.values():
        f = facts[0]
        on_top_of = (f.members & f.comparator) - f.isolates
        yield Tried(f.members, f.isolates, on_top_of, f.contrast, f.against, f.phase, f.species, tuple(facts))


def untested(store: Store, therapy: str, phase: str | None = None, domain: str | None = None) -> Iterator[Untested]:
    """Pairs of the therapy (or one below it) and a partner: each helped alone in the phase, no arm gives both.

    Related terms (one above the other) are no pair. Findings against either side are kept beside those for it.
    """
    vocab = store.vocab()
    ours = set(vocab.narrower(vocab.find("therapy", therapy)))
    facts = [fact for fact in _facts(store, vocab, phase, domain) if fact.phase != NOT_STATED]
    alone = defaultdict(list)
    for fact in facts:
        if fact.contrast == "adds" and len(fact.isolates) == 1:
            alone[next(iter(fact.isolates)), fact.phase].append(fact)
    helped = sorted(key for key, made in alone.items() if any(fact.helped_alone for fact in made))
    below = {id: set(vocab.narrower(vocab.terms["therapy", id])) for id, _ in helped}
    together = [_members(row["regimen"]) for row in store.select(_TOGETHER)]
    for one, one_phase in helped:
        for other, other_phase in helped:
            pair = one in ours and other not in ours and one_phase == other_phase and not below[one] & below[other]
            if pair and not any(arm & below[one] and arm & below[other] for arm in together):
                yield Untested(one, other, one_phase, tuple(alone[one, one_phase] + alone[other, one_phase]))


def lines(store: Store, therapy: str, phase: str | None = None, domain: str | None = None) -> list[Row]:
    """Both as rows for people: what was tried first, the most studied on top, then what was not.

    Raises KgError where the graph has nothing on the therapy.
    """
    vocab = store.vocab()
    done = sorted((_tried_row(one, vocab) for one in tried(store, therapy, phase, domain)), key=_order)
    open_ = sorted((_untested_row(one, vocab) for one in untested(store, therapy, phase, domain)), key=_order)
    if not done and not open_:
        where = f" in the phase {phase!r}" if phase else ""
        label = vocab.find("therapy", therapy).label
        raise KgError(f"nothing has been combined with {label!r}{where} here, and it has no improvement of its own")
    return [*done, *open_]


def hint(store: Store, therapy: str, rows: Sequence[Row]) -> str:
    """Why no untested pair stands among these rows, and which class to ask for instead; empty where one does."""
    if any(row["isolates"] is None for row in rows):
        return ""
    vocab = store.vocab()
    term = vocab.find("therapy", therapy)
    classes = " or ".join(repr(vocab.label("therapy", above)) for above in term.broader)
    wider = f"; its class is {classes}" if classes else ""
    return f"no untested pair: nothing here shows {term.label!r} alone helping in this phase and domain{wider}"


def summary(rows: Sequence[Row]) -> list[Row]:
    """The same lines in the few columns of SUMMARY, for reading on a terminal: counts are of studies."""
    return [
        {
            "state": row["state"],
            "combination": row["combination"],
            "what the contrast isolates": _isolated(row),
            "where": f"{row['phase']}, {row['species']}",
            "studies": _results(row),
            "findings": row["findings"],
        }
        for row in rows
    ]


def _isolated(row: Row) -> str:
    if row["isolates"] is None:
        return "each part helped alone"
    base = f" on top of {row['on_top_of']}" if row["on_top_of"] else ", nothing of its parts"
    part = "the whole" if row["isolates"] == row["combination"] else str(row["isolates"])
    return f"{part}{base if row['on_top_of'] or part == 'the whole' else ''}; against {row['against']}"


def _results(row: Row) -> str:
    words = ("improved", "no_difference", "worsened", "mixed", "undetermined")
    counts = [f"{row[word]} {word.replace('_', ' ')}" for word in words if row[word] or word in words[:3]]
    return f"{row['studies']}: " + ", ".join(counts)


def _facts(store: Store, vocab: Vocab, phase: str | None, domain: str | None) -> list[_Fact]:
    phases = vocab.narrower(vocab.find("phase", phase)) if phase else ()
    domains = vocab.narrower(vocab.find("domain", domain)) if domain else ()
    facts = [_fact(row) for row in store.select(_FACTS)]
    return [f for f in facts if (not phases or f.phase in phases) and (not domains or f.domain in domains)]


def _fact(row: Row) -> _Fact:
    sets = {name: _members(row[name]) for name in ("regimen", "isolates", "comparator")}
    words = {name: str(row[name]) for name in ("finding", "contrast", "against", "species", "study", "result")}
    ids = {name: str(row[name]).rsplit("/", 1)[1] for name in ("phase", "domain")}
    return _Fact(members=sets["regimen"], isolates=sets["isolates"], comparator=sets["comparator"], **words, **ids)


def _members(node: object) -> frozenset[str]:
    return frozenset(str(node).removeprefix(shape.BASE).split("/", 1)[1].split("--"))


def _tried_row(one: Tried, vocab: Vocab) -> Row:
    states = {"adds": "tried", "before-after": "tried, before and after", "none": "seen, no comparator"}
    states |= {"replaces": "tried, head to head", "varies": "tried, given otherwise"}
    return {
        "state": states[one.contrast],
        "combination": _named(one.members, vocab),
        "isolates": _named(one.isolates, vocab),
        "on_top_of": _named(one.on_top_of, vocab),
        "against": one.against,
        "phase": vocab.label("phase", one.phase),
        "species": one.species,
    } | _counted(one.facts)


def _untested_row(one: Untested, vocab: Vocab) -> Row:
    return {
        "state": "never together here",
        "combination": _named({one.therapy, one.partner}, vocab),
        "isolates": None,
        "on_top_of": None,
        "against": "each part's own findings",
        "phase": vocab.label("phase", one.phase),
        "species": ", ".join(sorted({fact.species for fact in one.facts})),
    } | _counted(one.facts)


def _named(ids: Iterable[str], vocab: Vocab) -> str:
    return " + ".join(sorted((vocab.label("therapy", id) for id in ids), key=str.casefold))


def _counted(facts: Sequence[_Fact]) -> Row:
    """Studies in all and by result, nulls beside benefits, and every finding."""
    by_result = {
        result.replace(" ", "_"): len({fact.study for fact in facts if fact.result == result})
        for result in ("improved", "no difference", "worsened", "mixed", "undetermined")
    }
    return {"studies": len({f.study for f in facts}), **by_result, "findings": " ".join(f.finding for f in facts)}


def _order(row: Row) -> tuple[object, ...]:
    return (
        -int(row["studies"] or 0),
        str(row["combination"]),
        str(row["against"]),
        str(row["phase"]),
        str(row["species"]),
    )
