"""What is known, or was by the end of a year: findings and what was given together, as plain values.

Everything that explores combinations reads this and nothing else, so that a question of the past (`Known.before`) sees
no row, count or pair from after it.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from kg import library, shape
from kg.errors import KgError, UnknownName
from kg.model import Outcome, Result
from kg.store import Store, Value
from kg.synthesis.combos.facts import ANY, NOTHING, Course, Fact, Members, Place, Scope, Trial
from kg.synthesis.combos.votes import Votes, counted, ids, ordered, seen, studies, votes, worsened
from kg.synthesis.directions import grouped
from kg.vocab import Vocab

__all__ = [
    "ANY", "NOTHING", "Course", "Fact", "Known", "Members", "Place", "Scope", "Trial", "Votes", "counted", "grouped",
    "ids", "ordered", "read", "seen", "studies", "votes", "worsened",
]  # fmt: skip
_CONTROL = frozenset(["control"])  # the regimen of an arm that gives nothing active; see `shape.regimen_iri`
_NO_THERAPY = {"control": "a control", "probe": "a mechanistic probe"}  # topmost classes of what treats nobody
_FACETS = {
    "isolates": "kg:isolates", "members": "kg:regimen", "contrast": "kg:contrast", "phase": "kg:phase",
    "species": "kg:species", "outcome": "kg:outcome", "study": "kg:study", "result": "kg:result",
    "comparator": "kg:comparator", "day": "kg:treatmentDay",
}  # fmt: skip
_DETAILS = {
    "year": "kg:year", "arm": "kg:arm",
    "paper": "kg:paper", "laboratory": "kg:laboratory", "n_arm": "kg:nArm", "n_comparator": "kg:nComparator",
    "tier": "kg:effectTier", "interaction": "kg:reportedInteraction",
}  # fmt: skip
_TRIALS = """
SELECT ?id ?regimen ?year ?stage ?status ?result ?injury WHERE {
  ?t a kg:Trial ; dcterms:identifier ?id ; kg:regimen ?regimen .
  OPTIONAL { ?t kg:year ?year } OPTIONAL { ?t kg:trialPhase ?stage } OPTIONAL { ?t kg:trialStatus ?status }
  OPTIONAL { ?t kg:result ?result } OPTIONAL { ?t kg:phase ?injury }
}
ORDER BY ?id ?injury
"""


@dataclass(frozen=True)
class Known:
    """Findings in force by id, trials, and the course of arms that tell it.

    `withdrawn` are sets that only withdrawn findings and retracted papers give. No answer shows them or counts anything
    of them; they are in `together` alone, so that nobody is told to try what was given already.
    """

    vocab: Vocab
    facts: tuple[Fact, ...]
    trials: tuple[Trial, ...] = ()
    withdrawn: frozenset[Members] = frozenset()
    courses: Mapping[str, Mapping[str, Course]] | None = None

    def before(self, year: int) -> Known:
        """What was known at the end of a year; what names no year is left out."""
        facts = tuple(fact for fact in self.facts if fact.year is not None and fact.year <= year)
        trials = tuple(trial for trial in self.trials if trial.year is not None and trial.year <= year)
        arms = {arm for fact in facts for arm in (fact.arm, fact.against_arm)}
        courses = {arm: told for arm, told in (self.courses or {}).items() if arm in arms}
        return Known(self.vocab, facts, trials, frozenset(), courses)

    def of(self, scope: Scope) -> tuple[Fact, ...]:
        """The findings that are asked about."""
        return tuple(fact for fact in self.facts if scope.holds(fact)) if scope != ANY else self.facts

    # --- what was given -----------------------------------------------------------------------------------------------

    @functools.cached_property
    def given(self) -> frozenset[Members]:
        """Every set, be it of one, that an arm of a finding or a trial gives."""
        arms = {members for fact in self.facts for members in (fact.members, fact.comparator)}
        return frozenset((arms | {trial.members for trial in self.trials}) - {NOTHING})

    @functools.cached_property
    def together(self) -> frozenset[Members]:
        """Every set of two or more that was given, be it withdrawn since."""
        return frozenset(members for members in self.given | self.withdrawn if len(members) > 1)

    def harms(self, therapies: Iterable[str]) -> tuple[str, ...]:
        """Every finding that worsened and speaks of one of these or of a kind of one, alone or with others.

        Whatever its phase, species, outcome and contrast.
        """
        kinds = NOTHING.union(*(self.below.get(id, {id}) for id in therapies))
        return tuple(sorted({key for id in kinds for key in self._worsened.get(id, ())}))

    @functools.cached_property
    def _worsened(self) -> Mapping[str, list[str]]:
        """The findings that worsened by each therapy that they isolate."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for fact in self.facts:
            for id in fact.isolates if fact.result is Result.WORSENED else ():
                found[id].append(fact.finding)
        return dict(found)

    # --- words --------------------------------------------------------------------------------------------------------

    @functools.cached_property
    def above(self) -> Mapping[str, frozenset[str]]:
        """The ids of each therapy and of all above it."""
        return {term.id: frozenset(self.vocab.broader(term)) for term in self.vocab.scheme("therapy")}

    @functools.cached_property
    def below(self) -> Mapping[str, frozenset[str]]:
        """The ids of each therapy and of all below it."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for id, ups in self.above.items():
            for up in ups:
                found[up].add(id)
        return {id: frozenset(downs) for id, downs in found.items()}

    @functools.cached_property
    def no_therapy(self) -> Mapping[str, str]:
        """What each term is that treats nobody: a control or a mechanistic probe."""
        return {id: word for top, word in _NO_THERAPY.items() for id in self.below.get(top, ())}

    @functools.cached_property
    def barriers(self) -> Mapping[str, tuple[str, ...]]:
        """The barriers that each outcome measures."""
        outcomes = self.vocab.scheme("outcome")
        return {term.id: term.barrier for term in outcomes if isinstance(term, Outcome) and term.barrier}

    def named(self, members: Iterable[str]) -> str:
        """Therapies by their labels, joined by a plus."""
        return " + ".join(sorted((self.vocab.label("therapy", id) for id in members), key=str.casefold))

    def labels(self, scheme: str, found: Iterable[str]) -> str:
        """Terms by their labels, each once, joined by commas."""
        return ", ".join(sorted({self.vocab.label(scheme, id) for id in found}, key=str.casefold))

    def therapy(self, word: str) -> str:
        """The id of a therapy or probe. Raises UnknownName, and KgError for a control."""
        term = self.vocab.find("therapy", word)
        if self.no_therapy.get(term.id) == _NO_THERAPY["control"]:
            raise KgError(f"{term.label!r} is a control, not a therapy")
        return term.id

    def ours(self, therapy: str) -> frozenset[str]:
        """The ids of a therapy and of all below it. Raises as `therapy`."""
        return self.below[self.therapy(therapy)]

    def members(self, what: str) -> Members:
        """The therapies that a name or `A + B` means. Raises as `therapy`, and KgError for `A + A`."""
        try:
            return frozenset([self.therapy(what)])
        except UnknownName:  # then it is several, or one of them is the unknown one
            members = shape.members(str(library.regimen(what, self.vocab)).strip("<>"))
        found = frozenset(map(self.therapy, sorted(members)))
        if len(found) == 1:
            raise KgError(f"{what!r} names one therapy, {self.named(found)}, and nothing beside it")
        return found


# --- reading ----------------------------------------------------------------------------------------------------------


def read(store: Store, *, lean: bool = False) -> Known:
    """Everything that a graph knows of what was given, with which result; without details and courses where `lean`.

    A column at a time: at 200,000 findings that takes two thirds of the time of one query for all of them.
    """
    columns = {name: _column(store, told) for name, told in (_FACETS if lean else _FACETS | _DETAILS).items()}
    columns["label"] = {} if lean else _column(store, "rdfs:label", " ; a kg:Arm")
    in_force = _column(store, "kg:inForce true ; dcterms:identifier")
    domains = {term.id: term.domain for term in store.vocab().scheme("outcome") if isinstance(term, Outcome)}
    facts = tuple(
        sorted((_fact(f, str(id), columns, domains) for f, id in in_force.items()), key=lambda fact: fact.finding)
    )
    made = Known(store.vocab(), facts, _trials(store), courses=None if lean else _courses(store))
    every = {_members(str(node)) for node in {*columns["members"].values()}}  # arms come with findings, in force or not
    return replace(made, withdrawn=frozenset(members for members in every - made.given if len(members) > 1))


def _column(store: Store, told: str, also: str = "") -> dict[str, Value]:
    """One property of whatever has it; no node has it twice, so that no order is needed."""
    query = f"{shape.PROLOGUE}SELECT ?f ?value WHERE {{ ?f {told} ?value{also} }}"
    return store.column(query)


def _fact(f: str, id: str, columns: Mapping[str, Mapping[str, Value]], domains: Mapping[str, str]) -> Fact:
    comparator, outcome = str(columns["comparator"][f]), _local(str(columns["outcome"][f]))
    return Fact(
        finding=id,
        study=_local(str(columns["study"][f])),
        against_arm=_arm(comparator),
        members=_members(str(columns["members"][f])),
        comparator=_members(str(columns["members"].get(comparator, "control"))),
        isolates=_members(str(columns["isolates"][f])),
        contrast=str(columns["contrast"][f]),
        phase=_local(str(columns["phase"][f])),
        species=_local(str(columns["species"][f])),
        outcome=outcome,
        domain=domains.get(outcome, ""),
        result=_RESULTS[str(columns["result"][f])],
        day=_number(columns["day"].get(f)),
        **(_details(f, columns) if "paper" in columns else {}),
    )


_RESULTS = {word.value: word for word in Result}


def _details(f: str, columns: Mapping[str, Mapping[str, Value]]) -> dict[str, Any]:
    sides = [int(n) for name in ("n_arm", "n_comparator") if (n := columns[name].get(f)) is not None]
    said = {name: str(columns[name].get(f) or "") for name in ("paper", "laboratory", "tier", "interaction")}
    return said | {
        "year": _whole(columns["year"].get(f)),
        "arm": _arm(str(columns["arm"][f])),
        "laboratory": _local(said["laboratory"]),
        "against": str(columns["label"].get(str(columns["comparator"][f]), "")),
        "n": sum(sides) if sides else None,
    }


def _trials(store: Store) -> tuple[Trial, ...]:
    found: dict[str, Trial] = {}
    for row in store.select(shape.PROLOGUE + _TRIALS):
        id, injury = str(row["id"]), _local(str(row["injury"])) if row["injury"] else ""
        phases = (*(found[id].phases if id in found else ()), *([injury] if injury else []))
        stage, status, result = (str(row[name] or "") for name in ("stage", "status", "result"))
        found[id] = Trial(id, _members(str(row["regimen"])), _whole(row["year"]), stage, status, result, phases)
    return tuple(found.values())


def _courses(store: Store) -> dict[str, dict[str, Course]]:
    """The courses that tell an order or a day, by arm and therapy."""
    start, end, order = (_column(store, told) for told in ("kg:startDay", "kg:endDay", "kg:order"))
    therapies, arms = _column(store, "kg:therapy", " ; a kg:Given"), _column(store, "^kg:given")
    found: defaultdict[str, dict[str, Course]] = defaultdict(dict)
    for given in sorted({*start, *end, *order}):
        course = Course(_whole(order.get(given)), _number(start.get(given)), _number(end.get(given)))
        found[_arm(str(arms[given]))].setdefault(_local(str(therapies[given])), course)
    return dict(found)


def _whole(value: Value) -> int | None:
    return None if value is None else int(value)


def _number(value: Value) -> float | None:
    return None if value is None else float(value)


@functools.lru_cache(maxsize=500_000)
def _members(node: str) -> Members:
    return shape.members(node) - _CONTROL


@functools.lru_cache(maxsize=500_000)
def _local(node: str) -> str:
    return shape.local(node) if node else ""


def _arm(node: str) -> str:
    return node.removeprefix(shape.BASE)
