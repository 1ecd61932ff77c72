"""Two-by-two experiments among the findings of a graph: arms of one study, outcome and time, read as C, A, B and AB."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from kg import shape
from kg.model import HigherIs
from kg.store import Row, Store
from kg.synthesis import factorial
from kg.synthesis.factorial import Answer, Group, Scale, Study

CEILINGS = {"bbb": 21.0, "bms": 9.0}  # the best values of scales that have one, by outcome
_NUMBERS = """
SELECT ?finding ?study ?given ?against ?regimen ?comparator ?outcome ?higher ?measure ?day ?unit ?species ?phase
  ?spreads ?n ?mean ?spread ?n_comparator ?mean_comparator ?spread_comparator
WHERE {
  ?f kg:effectTier "T1" ; kg:inForce true ; dcterms:identifier ?finding ; kg:study/rdfs:label ?study ; kg:arm ?given ;
    kg:comparator ?against ; kg:regimen ?regimen ; kg:outcome ?outcome ; kg:species/rdfs:label ?species ;
    kg:phase/rdfs:label ?phase ; kg:nArm ?n ; kg:meanArm ?mean ; kg:spreadArm ?spread ; kg:nComparator ?n_comparator ;
    kg:meanComparator ?mean_comparator ; kg:spreadComparator ?spread_comparator ; kg:spreadKind ?spreads .
  ?against kg:regimen ?comparator .
  ?outcome kg:higherIs ?higher .
  OPTIONAL { ?f kg:measure ?measure } OPTIONAL { ?f kg:measuredDay ?day } OPTIONAL { ?f kg:unit ?unit }
}
ORDER BY ?finding
"""
_NOTHING = frozenset(["control"])  # the regimen of an arm that gives nothing active; see `shape.regimen_iri`
_SETTING = ("study", "outcome", "measure", "day", "unit", "species", "phase")
Members = frozenset[str]


@dataclass(frozen=True, slots=True)
class Where:
    """One outcome of one study, measured at one time in one way; study, species and phase by their labels."""

    study: str
    outcome: str
    measure: str
    day: float | None
    unit: str
    species: str
    phase: str
    higher_is: HigherIs


@dataclass(frozen=True, slots=True)
class Square(Where):
    """Arms that give `base` (C), `base` with `a` (A), with `b` (B), and with both (AB); ids of therapies.

    An arm that the study had not, or whose numbers it does not print, is left out of `arms`; `a` and `b` are known then
    all the same. `findings` are those that the numbers come from.
    """

    a: Members
    b: Members
    base: Members
    arms: Mapping[str, Group]
    findings: tuple[str, ...]

    @property
    def members(self) -> Members:
        """What AB gives."""
        return self.base | self.a | self.b

    def answer(self) -> Answer:
        """What it says. Raises KgError where nobody knows what more of the outcome means."""
        return factorial.answer(Study(self.study, self.arms), Scale(self.higher_is, CEILINGS.get(self.outcome)))


@dataclass(frozen=True, slots=True)
class Arm:
    """The numbers of one arm, and the findings that print them."""

    group: Group
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Setting(Where):
    """The arms of one study that print numbers of one outcome, measured at one time in one way, by what they give.

    What two arms give, or one arm with two sets of numbers, is left out, and
    so are numbers that give no standard deviation, and shares of subjects.
    """

    arms: Mapping[Members, Arm]


def settings(store: Store) -> list[Setting]:
    """Every setting of the findings in force that print means, spreads and numbers of subjects of both arms."""
    apart: defaultdict[tuple[object, ...], list[Row]] = defaultdict(list)
    for row in store.select(shape.PROLOGUE + _NUMBERS):
        apart[tuple(str(row.get(name)) for name in _SETTING)].append(row)
    return [_setting(apart[key]) for key in sorted(apart, key=str)]


def squares(store: Store) -> list[Square]:
    """Every combination that a study measured beside one of its parts, with means, spreads and numbers of subjects."""
    return [square for setting in settings(store) for square in _squares(setting)]


def _squares(setting: Setting) -> Iterator[Square]:
    arms = setting.arms
    for both in sorted(arms, key=sorted):
        for a, b in _parts(both, arms):
            base = a & b
            chosen = {"C": arms.get(base), "A": arms.get(a), "B": arms.get(b), "AB": arms[both]}
            yield _square(setting, a - base, b - base, base, {arm: one for arm, one in chosen.items() if one})


def _setting(rows: Sequence[Row]) -> Setting:
    row = rows[0]
    day = row.get("day")
    return Setting(
        study=str(row["study"]),
        outcome=shape.local(str(row["outcome"])),
        measure=str(row.get("measure") or ""),
        day=None if day is None else float(day),
        unit=str(row.get("unit") or ""),
        species=str(row["species"]),
        phase=str(row["phase"]),
        higher_is=HigherIs(str(row["higher"])),
        arms=_arms(rows),
    )


def _square(of: Setting, a: Members, b: Members, base: Members, arms: Mapping[str, Arm]) -> Square:
    return Square(
        **{field.name: getattr(of, field.name) for field in fields(Where)},
        a=a,
        b=b,
        base=base,
        arms={arm: one.group for arm, one in arms.items()},
        findings=tuple(sorted({id for one in arms.values() for id in one.findings})),
    )


def _parts(both: Members, arms: Mapping[Members, Arm]) -> Iterator[tuple[Members, Members]]:
    """The parts of a combination as two arms that together give it, each pair once; what only one arm gives, last.

    Where only one part was measured, the other is what it lacks, on top of nothing.
    """
    below = sorted((one for one in arms if one and one < both), key=sorted)
    pairs = [(a, b) for n, a in enumerate(below) for b in below[n + 1 :] if a | b == both and not a < b and not b < a]
    yield from pairs
    for alone in below:
        if not any(alone in pair for pair in pairs):
            yield alone, both - alone


def _arms(rows: Iterable[Row]) -> dict[Members, Arm]:
    found: defaultdict[Members, dict[tuple[str, Group], list[str]]] = defaultdict(dict)
    for row in rows:
        for node, members, suffix in (("given", "regimen", ""), ("against", "comparator", "_comparator")):
            if group := _group(row, suffix):
                key = str(row[node]), group
                found[shape.members(str(row[members])) - _NOTHING].setdefault(key, []).append(str(row["finding"]))
    return {
        members: Arm(key[1], tuple(ids))
        for members, some in found.items()
        if len(some) == 1
        for key, ids in some.items()
    }


def _group(row: Row, suffix: str) -> Group | None:
    """One side of a finding."""
    n, mean, spread = (float(str(row[name + suffix])) for name in ("n", "mean", "spread"))
    sd = deviation(str(row["spreads"]), n, spread)
    return None if sd is None or str(row.get("unit") or "").startswith("% of") else Group(int(n), mean, sd)


def deviation(kind: str, n: float, spread: float) -> float | None:
    """The standard deviation that a printed SD or SEM of n subjects means: SEM times the root of n.

    None for any other spread, one below 0, and fewer than two subjects (Cochrane Handbook 6.5, section 6.5.2.2).
    """
    if kind not in ("SD", "SEM") or n < 2 or spread < 0:
        return None
    return spread * math.sqrt(n) if kind == "SEM" else spread
