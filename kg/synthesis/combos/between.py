"""What each component of combinations does, estimated over studies: observational, and labelled so.

Studies differ in more than what they give, so this stands beside the contrasts within studies and never in their place.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kg.errors import KgError
from kg.model import HigherIs, Outcome
from kg.store import Row, Store
from kg.synthesis import effects
from kg.synthesis.combos.known import ANY, Fact, Known, Members, Scope, worsened
from kg.synthesis.components import Additive, additive
from kg.synthesis.directions import Kind
from kg.synthesis.factorial import Group
from kg.synthesis.fits import Estimate
from kg.synthesis.laplacians import Contrast, UnsoundStudy, evidence
from kg.synthesis.pooling import may_pool
from kg.synthesis.squares import Setting, settings

LABEL = "between studies, observational"
RULE = (
    "Additive component network meta-analysis (Rücker, Petropoulou & Schwarzer 2020) of the arms that print mean, "
    "spread and n: a combination does what its components do, added up. Of a study that measured several times, the "
    "setting with most arms counts, then the latest day. Mean differences where all use one quantity and unit, else "
    " Hedges' g on one standard deviation a study. Above 0 is benefit; 95 % intervals; tau2 by DerSimonian-Laird. "
    "Animals and people apart. What the comparisons do not identify has no number."
)
COLUMNS = (
    "label population outcome measure unit component estimate low high p studies network_studies tau2 why harms "
    "findings"
).split()
SHORT = ("component", "estimate", "population", "studies", "why", "harms", "findings")
_CONTROL = "control"
_ALL, _UNKNOWN = "animals and people", "nobody can say what more of"
_SIGNS = {HigherIs.BETTER: 1.0, HigherIs.WORSE: -1.0}


@dataclass(frozen=True, slots=True)
class Component:
    """One therapy: what it adds, None where the comparisons do not identify it; `studies` have an arm that gives it.

    `harms` are all findings that worsened in arms that give it, whatever was asked.
    """

    therapy: str
    estimate: Estimate | None
    studies: int
    findings: tuple[str, ...]
    harms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """The components over the studies of one population; `why` says why none has a number, empty where some have.

    `measure` is MD in `unit`, or SMD; `studies` print numbers, `left_out` do so in a way that makes no network.
    `harms` are all findings that worsened in arms that give any of what these studies give, whatever was asked.
    """

    population: str
    outcome: str
    measure: str
    unit: str
    studies: tuple[str, ...]
    left_out: tuple[str, ...]
    components: tuple[Component, ...]
    tau2: float | None
    why: str
    findings: tuple[str, ...]
    harms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Measured:
    """The arms of one study that count, oriented: plus is benefit."""

    study: str
    paper: str
    setting: Setting
    arms: Mapping[Members, Group]

    @property
    def findings(self) -> frozenset[str]:
        """The findings that print the numbers of these arms."""
        return frozenset(id for members in self.arms for id in self.setting.arms[members].findings)


def between(store: Store, known: Known, outcome: str, scope: Scope = ANY) -> list[Between]:
    """The components' estimates for an outcome (or those below it), of animals and of people.

    Raises UnknownName for a word that names no outcome.
    """
    vocab = known.vocab
    term = vocab.find("outcome", outcome)
    below = frozenset(vocab.narrower(term))
    facts = {fact.finding: fact for fact in known.of(scope) if fact.outcome in below}
    apart: dict[Kind, list[_Measured]] = {kind: [] for kind in Kind}
    for setting in settings(store):
        fact = next((facts[id] for arm in setting.arms.values() for id in arm.findings if id in facts), None)
        if fact and setting.higher_is in _SIGNS:
            apart[fact.kind].append(_measured(fact, setting))
    made = [_population(known, kind.value, term.label, _best(some)) for kind, some in apart.items() if some]
    scales = {one.higher_is for one in vocab.scheme("outcome") if isinstance(one, Outcome) and one.id in below}
    if not made and not scales & _SIGNS.keys():
        made = [replace(_population(known, _ALL, term.label, ()), why=f"not pooled: {_UNKNOWN} {term.label} means")]
    return made or [_population(known, _ALL, term.label, ())]


def rows(made: Iterable[Between], known: Known) -> list[Row]:
    """A row of COLUMNS for each component, or one that says why there is none."""
    return [row for one in made for row in _rows(one, known)]


def short(row: Row) -> Row:
    """The same in the few columns of SHORT."""
    low, high = row["low"], row["high"]
    told = (
        None
        if row["estimate"] is None
        else f"{row['estimate']:.3g} [{low:.3g}, {high:.3g}] {row['unit'] or row['measure']}"
    )
    return {name: row.get(name) for name in SHORT} | {
        "component": f"{row['component'] or 'no component'} ({row['label']})",
        "estimate": told or "not identified",
    }


def _rows(one: Between, known: Known) -> Iterator[Row]:
    shared: Row = {
        "label": LABEL, "population": one.population, "outcome": one.outcome, "measure": one.measure or None,
        "unit": one.unit or None, "network_studies": len(one.studies), "tau2": one.tau2, "why": one.why or None,
    }  # fmt: skip
    if not one.components:
        yield shared | {"component": None, "estimate": None, "low": None, "high": None, "p": None, "studies": None} | {
            "harms": " ".join(one.harms) or None, "findings": " ".join(one.findings) or None
        }  # fmt: skip
    for component in one.components:
        made = component.estimate
        yield shared | {
            "component": known.vocab.label("therapy", component.therapy),
            "estimate": made.estimate if made else None,
            "low": made.ci[0] if made else None,
            "high": made.ci[1] if made else None,
            "p": made.p if made else None,
            "studies": component.studies,
            "why": one.why or (None if made else "the comparisons do not identify it"),
            "harms": " ".join(component.harms) or None,
            "findings": " ".join(component.findings) or None,
        }


# --- the arms of each study -------------------------------------------------------------------------------------------


def _measured(fact: Fact, setting: Setting) -> _Measured:
    sign = _SIGNS[setting.higher_is]
    arms = {members: arm.group for members, arm in setting.arms.items() if arm.group.sd > 0}
    oriented = {members: replace(arms[members], mean=sign * arms[members].mean) for members in sorted(arms, key=sorted)}
    return _Measured(fact.study, fact.paper, setting, oriented)


def _best(some: Iterable[_Measured]) -> list[_Measured]:
    """The one setting of each study that counts; those of one arm make no comparison."""
    best: dict[str, _Measured] = {}
    for one in sorted(some, key=_rank):
        if len(one.arms) > 1:
            best.setdefault(one.study, one)
    return [best[study] for study in sorted(best)]


def _rank(one: _Measured) -> tuple[object, ...]:
    """Most arms first, then the latest day."""
    of = one.setting
    return -len(one.arms), 1 if of.day is None else -of.day, of.outcome, of.measure, of.unit


# --- the network ------------------------------------------------------------------------------------------------------


def _population(known: Known, population: str, outcome: str, measured: Sequence[_Measured]) -> Between:
    measure, unit = _scale(measured)
    sound = {one.study: (one, made) for one in measured if (made := _sound(one, measure))}
    left_out = tuple(one.study for one in measured if one.study not in sound)
    used = tuple(one for one, _ in sound.values())
    why = may_pool(len({one.paper for one in used}), len(used))
    contrasts = [contrast for _, made in sound.values() for contrast in made]
    names = {name for one in contrasts for name in (one.treat1, one.treat2)}
    model = None
    try:
        model = None if why else additive(contrasts, _CONTROL if _CONTROL in names else "")
    except KgError as error:
        why = f"not estimated: {error}"
    return Between(
        population, outcome, measure if model else "", unit if model else "", tuple(one.study for one in used),
        left_out, tuple(_components(known, model, used)) if model else (), model.tau2 if model else None, why,
        tuple(sorted({id for one in used for id in one.findings})),
        _harms(known, frozenset(id for one in used for members in one.arms for id in members)),
    )  # fmt: skip


def _harms(known: Known, given: Members) -> tuple[str, ...]:
    """Every finding that worsened in an arm that gives any of these."""
    return worsened(fact for fact in known.facts if fact.members & given)


def _scale(measured: Sequence[_Measured]) -> tuple[str, str]:
    """MD and its unit where all studies use one quantity and unit, else SMD."""
    units = {(one.setting.outcome, one.setting.unit) for one in measured}
    (outcome, unit), *others = units or {("", "")}
    return ("MD", unit) if outcome and unit and not others else ("SMD", "")


def _sound(one: _Measured, measure: str) -> list[Contrast]:
    """All pairs of arms of a study with their errors; nothing where these make no network of their own."""
    made = [_pair(one, *two, measure) for two in itertools.combinations(one.arms.items(), 2)]
    try:
        evidence(made)
    except UnsoundStudy:
        return []
    return made


def _pair(of: _Measured, first: tuple[Members, Group], second: tuple[Members, Group], measure: str) -> Contrast:
    """MD with var s1^2/n1 + s2^2/n2, or J(df) times it over the standard deviation of all arms of the study.

    Its variance is 1/n1 + 1/n2 + g^2 / (2 N), N all subjects, so that a study's effects add up (Gleser & Olkin 2009,
    chapter 19).
    """
    (one, a), (other, b), arms = first, second, of.arms.values()
    difference, variance = a.mean - b.mean, a.sd**2 / a.n + b.sd**2 / b.n
    if measure == "SMD":
        df = sum(arm.n - 1 for arm in arms)
        difference *= effects.correction(df) / math.sqrt(sum((arm.n - 1) * arm.sd**2 for arm in arms) / df)
        variance = 1 / a.n + 1 / b.n + difference**2 / (2 * sum(arm.n for arm in arms))
    return Contrast(of.study, _name(one), _name(other), difference, math.sqrt(variance))


def _name(members: Members) -> str:
    return "+".join(sorted(members)) or _CONTROL


def _components(known: Known, model: Additive, used: Sequence[_Measured]) -> Iterator[Component]:
    for one in model.components:
        gave = {s.study: s for s in used if any(one.name in members for members in s.arms)}
        findings = tuple(sorted({id for setting in gave.values() for id in setting.findings}))
        yield Component(one.name, one.estimate, len(gave), findings, _harms(known, frozenset({one.name})))
