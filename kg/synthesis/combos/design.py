"""The experiment that would settle a combination: four arms, what to measure, when, and how many subjects an arm."""

from __future__ import annotations

import functools
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg import shape, tables
from kg.errors import KgError
from kg.model import NOT_STATED
from kg.store import Row, Store
from kg.synthesis import invented
from kg.synthesis.combos.known import Fact, Known, Members, Scope, grouped, studies
from kg.synthesis.combos.parts import Part
from kg.synthesis.squares import deviation

POINTS = (1, 2, 3)  # interactions that are planned for, in points of the scale
SCALE = "bbb"
POWER = 0.8
_MEASURES = 4
_UNNAMED = ("control not named", "no comparator", "baseline")
_SPREADS = """
SELECT ?finding ?given ?against ?species ?kind ?n ?spread ?n_comparator ?spread_comparator WHERE {
  ?f kg:outcome <https://w3id.org/cordgraph/outcome/bbb> ; kg:spreadKind ?kind ; kg:inForce true ;
    dcterms:identifier ?finding ; kg:arm ?given ; kg:comparator ?against ; kg:species ?species .
  OPTIONAL { ?f kg:nArm ?n ; kg:spreadArm ?spread }
  OPTIONAL { ?f kg:nComparator ?n_comparator ; kg:spreadComparator ?spread_comparator }
}
ORDER BY ?finding
"""


@dataclass(frozen=True, slots=True)
class Spread:
    """The standard deviation of BBB scores within arms, pooled over `arms`, with the findings that print it."""

    sd: float
    arms: int
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Design:
    """A two-by-two experiment: what each arm gives, the control, measures with the studies that used them, days.

    `n` holds the subjects per arm for an interaction of so many BBB points, two-sided at 0.05 with a power of 0.8, at
    the `spread` that is printed here; empty where none is.
    """

    arms: Mapping[str, str]
    control: str
    measures: tuple[tuple[str, int], ...]
    species: str
    phase: str
    days: str
    spread: Spread | None
    n: Mapping[int, int]

    @property
    def sizes(self) -> str:
        """The subjects per arm as a sentence."""
        if self.spread is None or not self.n:
            return "no arm here prints a spread of BBB scores, so no number of subjects can be planned from this graph"
        told = ", ".join(f"{n} for {points} point{'s' * (points > 1)}" for points, n in self.n.items())
        of = f"observed SD {self.spread.sd:.2g} of {self.spread.arms} arms"
        return f"subjects per arm to find an interaction in BBB (two-sided 0.05, power {POWER:.0%}, {of}): {told}"


def design(
    known: Known, members: Members, base: Members, parts: Mapping[str, Part], scope: Scope, near: Sequence[Fact],
    spread: Spread | None, control: str,
) -> Design:  # fmt: skip
    """The experiment for an untried set; `near` are the findings of its parts and of its nearest tried relatives."""
    first = base or frozenset([min(members)])
    a, b, both = (known.named(some) for some in (first, members - first, members))
    measures = {outcome: studies(some) for outcome, some in grouped(near, lambda fact: fact.outcome).items()}
    ranked = sorted(measures, key=lambda outcome: (-measures[outcome], outcome))[:_MEASURES]
    stated = [fact for fact in near if fact.phase != NOT_STATED and (not scope.phase or fact.phase in scope.phase)]
    return Design(
        arms={"C": f"neither, but {control}", "A": f"{a} alone", "B": f"{b} alone", "AB": both},
        control=control,
        measures=tuple((known.vocab.label("outcome", outcome), measures[outcome]) for outcome in ranked),
        species=known.vocab.label("species", _most(f.species for f in near if f.species != NOT_STATED) or NOT_STATED),
        phase=known.vocab.label("phase", _most(fact.phase for fact in stated) or NOT_STATED),
        days=days(known, [parts[id] for id in sorted(members) if id in parts]),
        spread=spread,
        n=_sizes(spread),
    )


def control(store: Store, near: Sequence[Fact]) -> str:
    """What the controls of these findings got most often, by the graph's label."""
    arms = [(fact.against_arm, fact.against) for fact in near if not fact.comparator]
    nodes = " ".join(sorted({f"<{shape.BASE}{arm}>" for arm, label in arms if not label}))
    query = f"SELECT ?arm ?label WHERE {{ VALUES ?arm {{ {nodes} }} ?arm rdfs:label ?label }}"
    labels = store.column(shape.PROLOGUE + query) if nodes else {}
    told = (label or str(labels.get(shape.BASE + arm, "")) for arm, label in arms)
    return _most(word for word in told if word not in _UNNAMED) or "the control of what is added"


def _most(words: Iterable[str]) -> str:
    """The commonest of these words, the first by name among equals; empty without any."""
    counts = Counter(word for word in words if word)
    return min(counts, key=lambda word: (-counts[word], word), default="")


def days(known: Known, parts: Sequence[Part]) -> str:
    """When the parts helped, and whether they can be begun together or one after the other."""
    told = [(known.vocab.label("therapy", part.id), part.window) for part in parts]
    known_days = sorted((window, label) for label, window in told if window)
    each = [f"{label} on {_span(window)}" for window, label in known_days]
    lacking = [label for label, window in told if not window]
    if lacking:
        each.append(f"day not stated where {' or '.join(lacking)} helped")
        return "; ".join(each)
    first, last = max(window[0] for window, _ in known_days), min(window[1] for window, _ in known_days)
    together = f"both can begin on {_span((first, last))}" if first <= last else "in this order, one after the other"
    return f"{'; '.join(each)}: {together}"


def _span(window: tuple[float, float]) -> str:
    low, high = window
    return f"day {low:g}" if low == high else f"days {low:g} to {high:g}"


def _sizes(spread: Spread | None) -> dict[int, int]:
    try:
        return {points: subjects(points, round(spread.sd, 2)) for points in POINTS} if spread else {}
    except KgError:  # a spread that no scale of 22 points has
        return {}


@functools.lru_cache(maxsize=1000)
def subjects(points: int, sd: float) -> int:
    """Subjects per arm for an interaction of so many points; see `invented.subjects_per_arm`."""
    return invented.subjects_per_arm(points, sd, POWER)


def spreads(store: Store) -> list[Row]:
    """Each arm that prints a spread of BBB scores once: finding, arm, species, n, and its standard deviation."""
    found: dict[tuple[object, ...], Row] = {}
    for row in store.select(shape.PROLOGUE + _SPREADS):
        for arm, n, spread in (("given", "n", "spread"), ("against", "n_comparator", "spread_comparator")):
            subjects, printed = tables.finite(str(row[n])), tables.finite(str(row[spread]))
            sd = deviation(str(row["kind"]), subjects or 0, -1 if printed is None else printed)
            key = (row[arm], row[n], row[spread])
            species = shape.local(str(row["species"]))
            if sd:
                found.setdefault(key, {"finding": row["finding"], "species": species, "n": row[n], "sd": sd})
    return list(found.values())


def spread(rows: Sequence[Row]) -> Spread | None:
    """The standard deviations of arms as one, each weighted by its degrees of freedom; None without any."""
    pairs = [(float(str(row["n"])) - 1, float(str(row["sd"]))) for row in rows]
    df = sum(n for n, _ in pairs)
    if not pairs or df <= 0:
        return None
    sd = math.sqrt(sum(n * one**2 for n, one in pairs) / df)
    return Spread(sd, len(pairs), tuple(sorted({str(row["finding"]) for row in rows})))
