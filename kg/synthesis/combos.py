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
SELECT ?finding ?regimen ?isolates ?contrast ?against ?comparator ?phase ?species ?domain ?study ?result
WHERE {
  ?f kg:inForce true ; dcterms:identifier ?finding ; kg:regimen ?regimen ; kg:isolates ?isolates ;
    kg:contrast ?contrast ; kg:phase ?phase ; kg:species/rdfs:label ?species ; kg:domain ?domain ;
    kg:study ?study ; kg:result ?result ; kg:comparator ?Other .
  ?Other rdfs:label ?against ; kg:regimen ?comparator .
}
ORDER BY ?finding
"""
_TRIALS = """
SELECT ?trial ?regimen ?phase WHERE {
  ?t a kg:Trial ; dcterms:identifier ?trial ; kg:regimen ?regimen .
  OPTIONAL { ?t kg:phase/rdfs:label ?phase }
}
ORDER BY ?trial ?phase
"""
_TOGETHER = """
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
    def isolates_one(self) -> bool:
        """Whether it speaks of one therapy that was added, be it on top of others."""
        return self.contrast == "adds" and len(self.isolates) == 1


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
    """Two therapies that each helped in a phase when added (be it on top of others) and never shared an arm here.

    `facts` are the findings that isolate either; `perhaps` says that an arm names a class above one of the two
    together with the other, so that they may have been given together after all.
    """

    therapy: str
    partner: str
    phase: str
    perhaps: bool
    facts: tuple[_Fact, ...]


def tried(store: Store, therapy: str, phase: str | None = None, domain: str | None = None) -> Iterator[Tried]:
    """Every contrast of an arm that gives the therapy (or one below it) together with something else.

    Raises UnknownName for words that name nothing.
    """
    return _tried(_facts(store, phase, domain), _ours(store, therapy))


def _tried(facts: Iterable[_Fact], ours: frozenset[str]) -> Iterator[Tried]:
    groups: dict[tuple[object, ...], list[_Fact]] = defaultdict(list)
    for fact in facts:
        if fact.members & ours and len(fact.members) > 1:
            key = (fact.members, fact.isolates, fact.contrast, fact.against, fact.phase, fact.species)
            groups[key].append(fact)
    for made in groups.values():
        f = made[0]
        on_top_of = (f.members & f.comparator) - f.isolates
        yield Tried(f.members, f.isolates, on_top_of, f.contrast, f.against, f.phase, f.species, tuple(made))


def untested(store: Store, therapy: str, phase: str | None = None, domain: str | None = None) -> Iterator[Untested]:
    """Pairs of the therapy (or one below it) and a partner: each helped when added in the phase, no arm gives both.

    Related terms (one above the other) are no pair. Findings against either side are kept beside those for it.
    """
    return _untested(store, _facts(store, phase, domain), _ours(store, therapy))


def _untested(store: Store, facts: Iterable[_Fact], ours: frozenset[str]) -> Iterator[Untested]:
    vocab = store.vocab()
    added = defaultdict(list)
    for fact in facts:
        if fact.isolates_one and fact.phase != NOT_STATED:
            added[next(iter(fact.isolates)), fact.phase].append(fact)
    helped = sorted(key for key, made in added.items() if any(fact.result == "improved" for fact in made))
    below = {id: set(vocab.narrower(vocab.terms["therapy", id])) for id, _ in helped}
    above = {id: set(vocab.broader(vocab.terms["therapy", id])) for id, _ in helped}
    arms = [shape.members(str(row["regimen"])) for row in store.select(shape.PROLOGUE + _TOGETHER)]
    for one, one_phase in helped:
        for other, other_phase in helped:
            pair = one in ours and other not in ours and one_phase == other_phase and not below[one] & below[other]
            if pair and not _share(arms, below[one], below[other]):
                perhaps = _share(arms, below[one] | above[one], below[other] | above[other])
                yield Untested(one, other, one_phase, perhaps, tuple(added[one, one_phase] + added[other, one_phase]))


def _share(arms: Iterable[frozenset[str]], ours: set[str], theirs: set[str]) -> bool:
    """Whether an arm gives one of ours and, as another therapy, one of theirs."""
    return any(arm & ours and arm & theirs and len(arm & (ours | theirs)) > 1 for arm in arms)


def trials(store: Store, therapy: str, phase: str | None = None) -> Iterator[Row]:
    """Trials whose tested arm gives the therapy together with something else, as rows of COLUMNS."""
    vocab, ours = store.vocab(), _ours(store, therapy)
    wanted = vocab.find("phase", phase).label if phase else None
    found: dict[str, tuple[frozenset[str], set[str]]] = {}
    for row in store.select(shape.PROLOGUE + _TRIALS):
        members, phases = found.setdefault(str(row["trial"]), (shape.members(str(row["regimen"])), set()))
        phases |= {str(row["phase"])} if row["phase"] else set()
    for trial, (members, phases) in sorted(found.items()):
        if members & ours and len(members) > 1 and (wanted is None or wanted in phases):
            told = {"state": "in a trial", "combination": _named(members, vocab), "species": "human", "findings": trial}
            yield dict.fromkeys(COLUMNS) | told | {"phase": ", ".join(sorted(phases)) or "not stated"}


def lines(store: Store, therapy: str, phase: str | None = None, domain: str | None = None) -> list[Row]:
    """All of these as rows for people: tried, the most studied on top, then in trials, then what was not tried.

    Raises KgError where the graph has nothing on the therapy.
    """
    vocab, ours, facts = store.vocab(), _ours(store, therapy), _facts(store, phase, domain)
    done = sorted((_tried_row(one, vocab) for one in _tried(facts, ours)), key=_order)
    open_ = sorted((_untested_row(one, vocab) for one in _untested(store, facts, ours)), key=_order)
    rows = [*done, *trials(store, therapy, phase), *open_]
    if not rows:
        raise KgError(f"nothing here combines {_asked(vocab, therapy, phase, domain)}, and {_unhelped(phase)}")
    return rows


def _unhelped(phase: str | None) -> str:
    return f"no finding of {'that' if phase else 'a stated'} phase shows it helping when added"


def _asked(vocab: Vocab, therapy: str, phase: str | None, domain: str | None) -> str:
    where = f" in {vocab.find('phase', phase).label} injury" if phase else ""
    what = f" on {vocab.find('domain', domain).label}" if domain else ""
    return f"{vocab.find('therapy', therapy).label!r}{where}{what}"


def hint(store: Store, therapy: str, phase: str | None, domain: str | None, rows: Sequence[Row]) -> str:
    """Why no untested pair stands among these rows, and which class to ask for instead; empty where one does."""
    if any(str(row["state"]).startswith(("never", "perhaps")) for row in rows):
        return ""
    vocab = store.vocab()
    classes = " or ".join(repr(vocab.label("therapy", above)) for above in vocab.find("therapy", therapy).broader)
    wider = f"; its class is {classes}" if classes else ""
    return f"no untested pair for {_asked(vocab, therapy, phase, domain)}: {_unhelped(phase)}{wider}"


def summary(rows: Sequence[Row]) -> list[Row]:
    """The same lines in the few columns of SUMMARY, for reading on a terminal: counts are of studies."""
    return [
        {
            "state": row["state"],
            "combination": row["combination"],
            "what the contrast isolates": None if row["against"] is None else _isolated(row),
            "where": f"{row['phase']}, {row['species']}",
            "studies": None if row["studies"] is None else _results(row),
            "findings": row["findings"],
        }
        for row in rows
    ]


def _isolated(row: Row) -> str:
    if row["isolates"] is None:
        return "each part helped when added, alone or on top of others"
    base = f" on top of {row['on_top_of']}" if row["on_top_of"] else ", nothing of its parts"
    part = "the whole" if row["isolates"] == row["combination"] else str(row["isolates"])
    return f"{part}{base if row['on_top_of'] or part == 'the whole' else ''}; against {row['against']}"


def _results(row: Row) -> str:
    words = ("improved", "no_difference", "worsened", "mixed", "undetermined")
    counts = [f"{row[word]} {word.replace('_', ' ')}" for word in words if row[word] or word in words[:3]]
    return f"{row['studies']}: " + ", ".join(counts)


def _ours(store: Store, therapy: str) -> frozenset[str]:
    """The ids of a therapy and of all below it."""
    vocab = store.vocab()
    return frozenset(vocab.narrower(vocab.find("therapy", therapy)))


def _facts(store: Store, phase: str | None, domain: str | None) -> list[_Fact]:
    vocab = store.vocab()
    phases = vocab.narrower(vocab.find("phase", phase)) if phase else ()
    domains = vocab.narrower(vocab.find("domain", domain)) if domain else ()
    facts = sorted((_fact(row) for row in store.select(shape.PROLOGUE + _FACTS)), key=lambda fact: fact.finding)
    return [f for f in facts if (not phases or f.phase in phases) and (not domains or f.domain in domains)]


def _fact(row: Row) -> _Fact:
    sets = {name: shape.members(str(row[name])) for name in ("regimen", "isolates", "comparator")}
    words = {name: str(row[name]) for name in ("finding", "contrast", "against", "species", "study", "result")}
    ids = {name: str(row[name]).rsplit("/", 1)[1] for name in ("phase", "domain")}
    return _Fact(members=sets["regimen"], isolates=sets["isolates"], comparator=sets["comparator"], **words, **ids)


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
        "state": "perhaps together: an arm names only a class" if one.perhaps else "never together here",
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
