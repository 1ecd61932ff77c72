"""The Kwon scale: a therapy's animal evidence in points.

Table 1 of Kwon et al., J Neurotrauma 2011;28:1525-1543, doi 10.1089/neu.2010.1296. Reads the rows of the question
`kwon-findings`; each point names the findings that earn it, each missing one the experiment that would. Where the table
leaves a choice open, the lower number is given and the docstring says so.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kg import library
from kg.errors import KgError
from kg.store import Row, Store
from kg.vocab import Vocab

LABEL = "made for systemically given, acute neuroprotective therapies"
SPECIES, INJURY, WINDOW = "species", "injury paradigm", "time window"
CLINICAL, REPLICATION = "clinically meaningful efficacy", "independent replication"
MOST = 20  # points of each part: what its lines are worth together
BEFORE, LATE, OTHER = "before injury", "12 h or later", "not behaviour"
_BEHAVIOUR = ("motor", "other behaviour")
_WHOLE_BODY = ("", "intravenous", "intramuscular", "intraperitoneal", "subcutaneous", "oral", "external")
_BBB = ("bbb", "bbb-subscore-test")  # a subscore of the scale is no other test; the latter is a name of kg.sources.scio
_BENEFIT = ((10, 20), (4, 12), (2, 7), (1, 3))  # more laboratories than this, points
_NO_BENEFIT = ((9, 20), (3, 12), (1, 7), (0, 3))
_ACUTE_DRUGS = ("pharmacological", "physical-agent")  # what the scale was made for; antibodies and peptides stand below


@dataclass(frozen=True, slots=True)
class Fact:
    """One finding as the scale reads it; `species` and `injury` hold the ids of the term and of those above it."""

    finding: str
    study: str
    arm: str
    paper: str
    laboratory: str
    species: frozenset[str]
    injury: frozenset[str]
    region: str
    window: str
    kind: str
    outcome: str
    result: str
    mean: float | None = None
    control: float | None = None
    dose: float | None = None
    unit: str = ""
    route: str = ""
    measured_day: float | None = None

    @property
    def setting(self) -> tuple[object, ...]:
        """What a behavioural and another gain must share: arm, species, injury, its level and the delay."""
        return self.study, self.arm, self.species, self.injury, self.region, self.window

    @property
    def improved(self) -> bool:
        """Whether the injured were better off."""
        return self.result == "improved"

    @property
    def behaviour(self) -> bool:
        """Whether a behavioural test was made."""
        return self.kind in _BEHAVIOUR


@dataclass(frozen=True, slots=True)
class Point:
    """One line of the scale: its points of what it is worth, the findings that earn them, what would earn the rest."""

    name: str
    points: int
    worth: int
    findings: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()
    laboratories: tuple[str, ...] = ()
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One of the five parts: between 0 and 20 points."""

    name: str
    points: int
    lines: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Studies:
    """Studies by what they showed: both kinds of outcome improved in one arm, neither anywhere, or in between."""

    positive: tuple[str, ...]
    neutral: tuple[str, ...]
    negative: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grade:
    """A therapy's five parts. `label` always belongs beside the total; `cautions` say why it may not fit."""

    therapy: str
    total: int
    parts: tuple[Part, ...]
    studies: Studies
    papers: tuple[str, ...]
    laboratories: tuple[str, ...]
    findings: int
    laboratory_note: str
    label: str = LABEL
    cautions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Line:
    part: str
    name: str
    worth: int
    holds: Callable[[Fact], bool]
    experiment: str


def _species(name: str, id: str, worth: int, animals: str) -> _Line:
    text = f"an arm of {animals} in which a behavioural and a non-behavioural outcome improve"
    return _Line(SPECIES, name, worth, lambda f: id in f.species, text)


def _injury(region: str, name: str, id: str, worth: int) -> _Line:
    text = f"a {region} {name} in which a behavioural and a non-behavioural outcome improve in one arm"
    return _Line(INJURY, f"{region} {name}", worth, lambda f: f.region == region and id in f.injury, text)


def _window(window: str, worth: int) -> _Line:
    when = window if window == BEFORE else f"first {window} after injury"
    text = f"treatment {when}, with both kinds of outcome improved in that arm"
    return _Line(WINDOW, window, worth, lambda f: f.window == window, text)


def _clinical(region: str, name: str, holds: Callable[[Fact], bool], test: str) -> _Line:
    text = f"{test} after {region} injury treated afterwards, beside a non-behavioural gain in the same arm"
    return _Line(CLINICAL, f"{region}: {name}", 4, lambda f: f.region == region and holds(f), text)


def crosses(fact: Fact) -> bool:
    """Whether BBB, in whole points rounded up, reaches 9 or 14 in the arm and not in its control."""
    if fact.outcome != "bbb" or fact.mean is None or fact.control is None:
        return False
    reached, control = math.ceil(fact.mean), math.ceil(fact.control)
    return any(control < step <= reached for step in (9, 14))


_LINES = (
    _species("primate", "primate", 8, "primates"),
    _species("large animal", "large-animal", 6, "dogs, cats, rabbits, pigs or sheep"),
    _species("rat", "rat", 4, "rats"),
    _species("mouse", "mouse", 2, "mice"),
    *(
        _injury(region, name, id, worth)
        for name, id, points in (
            ("contusion", "contusion", (6, 3)),
            ("clip compression", "clip-compression", (6, 3)),
            ("partial sharp transection", "partial-transection", (1, 1)),
        )
        for region, worth in zip(("cervical", "thoracic"), points, strict=True)
    ),
    _window(LATE, 8),
    _window("4 to 12 h", 6),
    _window("1 to 4 h", 3),
    _window("under 1 h", 2),
    _window(BEFORE, 1),
    _clinical("thoracic", "BBB reaches 9 or 14", crosses, "BBB means that reach 9 or 14 where the controls do not"),
    _clinical(
        "thoracic",
        "another motor or other behavioural test",
        lambda f: f.behaviour and f.outcome not in _BBB,
        "a gain in a behavioural test other than BBB",
    ),
    _clinical("cervical", "motor test", lambda f: f.kind == "motor", "a gain in a motor test"),
    _clinical(
        "cervical", "other behavioural test", lambda f: f.kind == "other behaviour", "a gain in sensation or pain"
    ),
)


def facts(rows: Iterable[Row], vocab: Vocab) -> Iterator[Fact]:
    """The rows of `kwon-findings`, one for each finding."""
    seen = set()
    for row in rows:
        if row["finding"] not in seen:
            seen.add(row["finding"])
            yield _fact(row, vocab)


def _fact(row: Row, vocab: Vocab) -> Fact:
    above = {scheme: vocab.broader(vocab.find(scheme, str(row[scheme]))) for scheme in ("species", "injury")}
    words = ("finding", "study", "arm", "paper", "region", "window", "kind", "result")
    return Fact(
        **{name: str(row[name]) for name in words},
        laboratory=str(row["laboratory"] or ""),
        species=frozenset(above["species"]),
        injury=frozenset(above["injury"]),
        outcome=vocab.find("outcome", str(row["outcome"])).id,
        mean=_number(row, "mean"),
        control=_number(row, "mean_comparator"),
        dose=_number(row, "dose"),
        unit=str(row["unit"] or ""),
        route=str(row["route"] or ""),
        measured_day=_number(row, "measured_day"),
    )


def _number(row: Row, column: str) -> float | None:
    value = row[column]
    return None if value is None else float(value)


def graded(store: Store, therapy: str = "") -> Iterator[Grade]:
    """The grade of a therapy or class, or of every single therapy that animal findings isolate, by label.

    Raises UnknownName, and KgError where no animal finding isolates the therapy.
    """
    vocab, question = store.vocab(), library.question("kwon-findings")
    rows = store.select(library.bind(question, {"isolated": [therapy]} if therapy else {}, vocab))
    if therapy:
        name = vocab.find("therapy", therapy).label
        if not rows:
            raise KgError(
                f"no animal finding here isolates {name!r} against an arm without it; see 'kg query findings'"
            )
        yield grade(name, tuple(facts(rows, vocab)), vocab)
        return
    by_therapy: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_therapy[str(row["isolates"])].append(row)
    yield from (grade(name, tuple(facts(some, vocab)), vocab) for name, some in sorted(by_therapy.items()))


def grade(therapy: str, body: Sequence[Fact], vocab: Vocab) -> Grade:
    """The points of a body of literature on one therapy."""
    studied = studies(body)
    parts = (*_first_four(body), _replication(body, studied))
    return Grade(
        therapy=therapy,
        total=sum(part.points for part in parts),
        parts=parts,
        studies=studied,
        papers=_distinct(fact.paper for fact in body),
        laboratories=_distinct(fact.laboratory for fact in body),
        findings=len(body),
        laboratory_note=_laboratory_note(body),
        cautions=tuple(_cautions(therapy, body, vocab)),
    )


def efficacious(body: Iterable[Fact]) -> dict[tuple[object, ...], tuple[Fact, ...]]:
    """The gains of each setting in which a behavioural and a non-behavioural outcome improved."""
    gains: dict[tuple[object, ...], list[Fact]] = defaultdict(list)
    for fact in body:
        if fact.improved:
            gains[fact.setting].append(fact)
    return {
        setting: tuple(some)
        for setting, some in gains.items()
        if any(fact.behaviour for fact in some) and any(fact.kind == OTHER for fact in some)
    }


def studies(body: Iterable[Fact]) -> Studies:
    """Each study as positive, neutral or negative; gains of both kinds in different arms only are neutral."""
    by_study: dict[str, list[Fact]] = defaultdict(list)
    for fact in body:
        by_study[fact.study].append(fact)
    verdicts: dict[str, list[str]] = {"positive": [], "neutral": [], "negative": []}
    for study, some in sorted(by_study.items()):
        gain = any(fact.improved and fact.kind in (*_BEHAVIOUR, OTHER) for fact in some)
        verdicts["positive" if efficacious(some) else "neutral" if gain else "negative"].append(study)
    return Studies(**{name: tuple(some) for name, some in verdicts.items()})


def _first_four(body: Sequence[Fact]) -> Iterator[Part]:
    arms = efficacious(body)
    for name in (SPECIES, INJURY, WINDOW, CLINICAL):
        lines = [_earned(line, arms) for line in _LINES if line.part == name]
        if name == CLINICAL:
            lines.append(_dose_response(body))
        yield Part(name, sum(line.points for line in lines), tuple(lines))


def _earned(line: _Line, arms: Mapping[tuple[object, ...], tuple[Fact, ...]]) -> Point:
    """The line with the gains that earn it: in the clinical part those that hold, and what improved beside them."""
    found: list[Fact] = []
    for gains in arms.values():
        earning = [fact for fact in gains if line.holds(fact)]
        if line.part == CLINICAL:
            earning = [fact for fact in earning if fact.behaviour and fact.window != BEFORE]
            earning += [fact for fact in gains if earning and fact.kind == OTHER]
        found += earning
    return _point(line.name, line.worth, found, line.experiment)


def _point(name: str, worth: int, found: Sequence[Fact], experiment: str, points: int | None = None) -> Point:
    earned = points if points is not None else worth if found else 0
    return Point(
        name=name,
        points=earned,
        worth=worth,
        findings=_distinct(fact.finding for fact in found),
        papers=_distinct(fact.paper for fact in found),
        laboratories=_distinct(fact.laboratory for fact in found),
        missing="" if earned == worth else experiment,
    )


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names) - {""}))


def _dose_response(body: Iterable[Fact]) -> Point:
    """Two doses or more in one study, same animals, injury, delay, test and time, where more dose does more."""
    series: dict[tuple[object, ...], dict[float, Fact]] = defaultdict(dict)
    for fact in body:
        if fact.dose is not None and fact.window != BEFORE and fact.kind in (*_BEHAVIOUR, OTHER):
            study, _, *animals = fact.setting
            series[study, *animals, fact.unit, fact.outcome, fact.measured_day].setdefault(fact.dose, fact)
    found = [fact for doses in series.values() if rises(_by_dose(doses)) for fact in doses.values()]
    text = "two doses or more in one study, given after injury, of which the higher does more"
    return _point("dose response within one study", 4, found, text)


def _by_dose(doses: Mapping[float, Fact]) -> list[Fact]:
    return [doses[dose] for dose in sorted(doses)]


def rises(doses: Sequence[Fact]) -> bool:
    """Whether the effect grows with dose: from none to a gain without falling back, or in gains that get larger."""
    steps = [fact.improved for fact in doses]
    if len(steps) < 2 or not steps[-1] or any(low and not high for low, high in pairwise(steps)):
        return False
    effects = [abs(f.mean - f.control) for f in doses if f.mean is not None and f.control is not None]
    return not steps[0] or (len(effects) == len(doses) and all(low < high for low, high in pairwise(effects)))


def _replication(body: Sequence[Fact], studied: Studies) -> Part:
    """Laboratories with benefit less laboratories without; one with both counts on both sides. Never below 0."""
    good = [fact for fact in body if fact.study in studied.positive]
    bad = [fact for fact in body if fact.study in studied.negative]
    gains, losses = len(_places(good)), len(_places(bad))
    benefit, failure = _steps(gains, _BENEFIT), -_steps(losses, _NO_BENEFIT)
    more = next((step + 1 - gains for step, _ in reversed(_BENEFIT) if step >= gains), 0)
    text = f"both kinds of outcome improved in one arm by {more} more independent {_plural('laboratory', more)}"
    lines = (
        _point(f"{gains} {_plural('laboratory', gains)} with benefit", MOST, good, text, benefit),
        _point(f"{losses} {_plural('laboratory', losses)} without any benefit", 0, bad, "", failure),
    )
    return Part(REPLICATION, max(0, benefit + failure), lines)


def _steps(count: int, table: Sequence[tuple[int, int]]) -> int:
    return next((points for least, points in table if count > least), 0)


def _plural(word: str, count: int) -> str:
    return word if count == 1 else word[:-1] + "ies" if word.endswith("y") else word + "s"


def _places(some: Iterable[Fact]) -> set[tuple[str, str]]:
    """Laboratories by their key; a paper without one stands in for a laboratory."""
    return {("laboratory", fact.laboratory) if fact.laboratory else ("paper", fact.paper) for fact in some}


def _laboratory_note(body: Sequence[Fact]) -> str:
    papers = {fact.paper for fact in body}
    nameless = {fact.paper for fact in body if not fact.laboratory}
    if not nameless:
        return "laboratories are counted by their keys"
    return f"{len(nameless)} of {len(papers)} papers name no laboratory; each of them stands in for one"


def _cautions(therapy: str, body: Sequence[Fact], vocab: Vocab) -> Iterator[str]:
    """Why the scale may not fit: another kind of therapy, a local route, treatment that is not acute."""
    term = vocab.find("therapy", therapy)
    tops = vocab.tops("therapy", term.id)
    if not set(tops) & set(_ACUTE_DRUGS) and (term.broader or len(vocab.narrower(term)) > 1):
        kinds = ", ".join(vocab.label("therapy", top) for top in tops)
        yield f"NOT WHAT THE SCALE WAS MADE FOR: {therapy} is {kinds}; it was {LABEL}"
    local = [fact.route for fact in body if fact.route not in _WHOLE_BODY]
    if local:
        routes = ", ".join(sorted(set(local)))
        yield f"NOT ALL SYSTEMIC: {len(local)} of {len(body)} findings are of a local route ({routes})"
    late = sum(fact.window == LATE for fact in body)
    if late:
        yield f"NOT ALL ACUTE: {late} of {len(body)} findings are of treatment 12 h after injury or later"
