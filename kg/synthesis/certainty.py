"""How sure animal evidence is: answers to SYRCLE and CAMARADES items, and five GRADE domains by written rules.

Nothing is added up: each domain stands with its rule and the numbers that triggered it. What nobody has read is
unclear, never low.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from kg import tables
from kg.errors import DataError, Problem, did_you_mean
from kg.graph import is_finding
from kg.model import Result
from kg.synthesis.directions import WORDS, Kind, Tally

if TYPE_CHECKING:
    from kg.graph import Graph
    from kg.store import Row
    from kg.synthesis.pooling import Pooled

NOT_STATED = "not stated"  # the label, of species and of phases
COLUMNS = ("study", "item", "answer")
SYRCLE, CAMARADES = "SYRCLE", "CAMARADES"
SOURCES = {
    SYRCLE: "Hooijmans et al. 2014, BMC Med Res Methodol 14:43, doi 10.1186/1471-2288-14-43",
    CAMARADES: "Macleod et al. 2004, Stroke 35:1203, doi 10.1161/01.STR.0000125719.25853.20",
}
START = (
    "Certainty of randomised experiments on animals starts high and is lowered by each serious domain (Hooijmans et "
    "al. 2018, PLoS One 13:e0187271). The domains stand side by side; they are not added up."
)


class Answer(StrEnum):
    """What a reader found; `yes` speaks for the study in every item."""

    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Item:
    """One question to a study, asked so that `yes` is good: low risk of bias, or a point of the checklist."""

    id: str
    name: str
    question: str
    tool: str
    bias: str = ""


ITEMS = (
    Item("sequence", "sequence generation", "Was the allocation sequence random?", SYRCLE, "selection"),
    Item("baseline", "baseline characteristics", "Were the groups alike at the start?", SYRCLE, "selection"),
    Item("concealment", "allocation concealment", "Was the allocation concealed?", SYRCLE, "selection"),
    Item("housing", "random housing", "Were the animals housed at random?", SYRCLE, "performance"),
    Item("blind-carers", "blinding of carers", "Did carers not know who was given what?", SYRCLE, "performance"),
    Item(
        "random-assessment", "random assessment", "Were animals picked at random for assessment?", SYRCLE, "detection"
    ),
    Item("blind-assessors", "blinding of assessors", "Did assessors not know the groups?", SYRCLE, "detection"),
    Item("attrition", "incomplete outcome data", "Were missing animals dealt with adequately?", SYRCLE, "attrition"),
    Item("reporting", "selective outcome reporting", "Were all planned outcomes reported?", SYRCLE, "reporting"),
    Item("other", "other sources of bias", "Was the study free of other sources of bias?", SYRCLE, "other"),
    Item("peer-reviewed", "peer-reviewed publication", "Did a peer-reviewed journal publish it?", CAMARADES),
    Item("temperature", "control of temperature", "Does it state that temperature was controlled?", CAMARADES),
    Item("randomised", "random allocation", "Does it state random allocation?", CAMARADES),
    Item("concealed", "allocation concealment", "Does it state concealed allocation?", CAMARADES),
    Item("blinded", "blinded assessment", "Does it state blinded assessment of outcome?", CAMARADES),
    Item("anaesthetic", "anaesthetic", "Was no anaesthetic used that protects nerves itself?", CAMARADES),
    Item("comorbidity", "animals with another disease", "Were aged, diabetic or hypertensive animals used?", CAMARADES),
    Item("sample-size", "sample size calculation", "Does it state a sample size calculation?", CAMARADES),
    Item("welfare", "animal welfare regulations", "Does it state compliance with them?", CAMARADES),
    Item("interests", "conflicts of interest", "Does it state possible conflicts of interest?", CAMARADES),
)
KEY_ITEMS = ("sequence", "concealment", "blind-assessors")  # those that the risk of bias rests on
_BY_ID = {item.id: item for item in ITEMS}
Quality = Mapping[str, Mapping[str, Answer]]  # by study, then by item


def read(folder: Path, studies: Iterable[str] | None = None) -> Quality:
    """The answers of `quality.csv` in a data folder, by study and item; none where it has no such table.

    Its columns are study, item (an id of ITEMS) and answer (yes, no, unclear); what was not read has no row. `studies`
    are those that there are. Raises DataError with everything that is wrong.
    """
    if not (folder / "quality.csv").exists():
        return {}
    known = None if studies is None else set(studies)
    answers: dict[str, dict[str, Answer]] = {}
    problems: list[Problem] = []
    for row in tables.rows(folder / "quality.csv", "quality.csv", COLUMNS, COLUMNS):
        wrong = [row] if isinstance(row, Problem) else [*_problems(row, known, answers)]
        problems += wrong
        if isinstance(row, tables.Row) and not wrong:
            answers.setdefault(row["study"], {})[row["item"]] = Answer(row["answer"])
    if problems:
        raise DataError(problems)
    return answers


def _problems(row: tables.Row, known: set[str] | None, answers: Quality) -> Iterator[Problem]:
    if not row["study"]:
        yield row.problem("study", "is empty; every answer is about a study")
    elif known is not None and row["study"] not in known:
        yield row.problem("study", f"{row['study']!r} is not a study here.{did_you_mean(row['study'], known)}")
    if row["item"] not in _BY_ID:
        yield row.problem("item", f"{row['item']!r} is not an item.{did_you_mean(row['item'], _BY_ID)}")
    elif row["item"] in answers.get(row["study"], {}):
        yield row.problem("item", f"{row['study']} has an answer to {row['item']!r} already")
    if row["answer"] not in set(Answer):
        yield row.problem("answer", f"{row['answer']!r} is not an answer; write yes, no or unclear")


def columns(study: str, answers: Quality) -> dict[str, str]:
    """The optional columns of a study: each item's id with yes, no, unclear, or nothing where it was not read."""
    given = answers.get(study, {})
    return {item.id: given[item.id].value if item.id in given else "" for item in ITEMS}


def counts(studies: Iterable[str], answers: Quality) -> list[Row]:
    """For each item, how many of the studies have it, have it not, are unclear, or were not read."""
    names = sorted(set(studies))
    return [
        {
            "tool": item.tool, "item": item.id, "name": item.name,
            **{answer.value: sum(answers.get(name, {}).get(item.id) is answer for name in names) for answer in Answer},
            "not_read": sum(item.id not in answers.get(name, {}) for name in names),
        }
        for item in ITEMS
    ]  # fmt: skip


class Domain(StrEnum):
    """What GRADE asks about a body of evidence."""

    RISK_OF_BIAS = "risk of bias"
    INCONSISTENCY = "inconsistency"
    INDIRECTNESS = "indirectness"
    IMPRECISION = "imprecision"
    PUBLICATION_BIAS = "publication bias"


class Concern(StrEnum):
    """How much a domain lowers certainty; unclear is what nobody knows, not what is fine."""

    NOT_SERIOUS = "not serious"
    SERIOUS = "serious"
    VERY_SERIOUS = "very serious"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One domain: the concern, the rule it follows from, what triggered it in words, and its numbers."""

    domain: Domain
    concern: Concern
    rule: str
    why: str
    numbers: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Setting:
    """The species and the phases of injury (labels) that a study speaks of."""

    species: frozenset[str]
    phases: frozenset[str]


@dataclass(frozen=True, slots=True)
class Body:
    """What is known of the evidence on one question, on animals or on people.

    `settings` holds every study; `pooled` and `subjects` are None where nothing may be pooled or no study states its
    subjects, `egger_p` where asymmetry was not tested.
    """

    kind: Kind
    settings: Mapping[str, Setting]
    tally: Tally | None = None
    pooled: Pooled | None = None
    subjects: int | None = None
    egger_p: float | None = None
    quality: Quality = field(default_factory=dict)


def body(
    tally: Tally, graph: Graph, quality: Quality, pooled: Pooled | None = None, egger_p: float | None = None
) -> Body:
    """The body of evidence behind a tally of an evidence graph."""
    known = [vote.n for vote in tally.votes if vote.n is not None]
    counted = {id for vote in tally.votes for id in vote.findings}
    found = settings(graph, {vote.voter for vote in tally.votes}, counted)
    return Body(tally.kind, found, tally, pooled, sum(known) if known else None, egger_p, quality)


def settings(graph: Graph, studies: Iterable[str], findings: Collection[str]) -> dict[str, Setting]:
    """The species and phases of each study, as these findings of an evidence graph name them."""
    found: dict[str, tuple[set[str], set[str]]] = {study: (set(), set()) for study in studies}
    for _, _, about in graph.edges(data=True):
        if is_finding(about) and about["finding"] in findings and about.get("study") in found:
            species, phases = found[about["study"]]
            species.add(str(about.get("species") or NOT_STATED))
            phases.add(str(about.get("phase") or NOT_STATED))
    return {study: Setting(frozenset(s), frozenset(p)) for study, (s, p) in sorted(found.items())}


def statement(body: Body) -> tuple[Judgement, ...]:
    """The five domains, each by its own rule; there is no sum of them."""
    rules = (_risk_of_bias, _inconsistency, _indirectness, _imprecision, _publication_bias)
    return tuple(rule(body) for rule in rules)


_BIAS_RULE = (
    "A study is at high risk where sequence generation, allocation concealment or blinding of assessors is answered "
    "no, at low risk where all three are answered yes. Very serious from 75 % of studies at high risk, serious from "
    "25 %, not serious from 75 % at low risk, unclear otherwise."
)


def _risk_of_bias(body: Body) -> Judgement:
    total = len(body.settings)
    given = [[body.quality.get(study, {}).get(item) for item in KEY_ITEMS] for study in body.settings]
    high = sum(Answer.NO in answers for answers in given)
    low = sum(all(answer is Answer.YES for answer in answers) for answers in given)
    why = f"{high} of {total} studies at high risk, {low} at low risk, {total - high - low} unclear"
    numbers = {"studies": total, "high": high, "low": low, "unclear": total - high - low}
    return Judgement(Domain.RISK_OF_BIAS, _bias(high, low, total), _BIAS_RULE, why, numbers)


def _bias(high: int, low: int, total: int) -> Concern:
    if total and high >= 0.75 * total:
        return Concern.VERY_SERIOUS
    if total and high >= 0.25 * total:
        return Concern.SERIOUS
    return Concern.NOT_SERIOUS if total and low >= 0.75 * total else Concern.UNCLEAR


_INCONSISTENCY_RULE = (
    "Where effects were pooled: very serious where I2 is 75 % or more and the prediction interval holds 0, serious "
    "where either is so, not serious otherwise. Where not, of three or more votes: very serious where fewer than 50 % "
    "agree on one direction, serious below 75 %, not serious from 75 %. Unclear below three votes."
)


def _inconsistency(body: Body) -> Judgement:
    concern, why, numbers = _of_pool(body.pooled) if body.pooled else _of_votes(body.tally)
    return Judgement(Domain.INCONSISTENCY, concern, _INCONSISTENCY_RULE, why, numbers)


_Judged = tuple[Concern, str, Mapping[str, float | None]]


def _of_pool(pooled: Pooled) -> _Judged:
    low, high = pooled.pi or (None, None)
    flags = (pooled.I2 >= 75) + (low is not None and high is not None and low <= 0 <= high)
    concern = (Concern.NOT_SERIOUS, Concern.SERIOUS, Concern.VERY_SERIOUS)[flags]
    within = "no prediction interval" if low is None else f"prediction interval {low:.2f} to {high:.2f}"
    return concern, f"I2 {pooled.I2:.0f} %, {within}", {"I2": pooled.I2, "pi_low": low, "pi_high": high, "k": pooled.k}


def _of_votes(tally: Tally | None) -> _Judged:
    counts = Counter(vote.word for vote in tally.votes if vote.word) if tally else Counter[Result]()
    total = counts.total()
    numbers: dict[str, float | None] = {"votes": total, **{word.value: counts[word] for word in WORDS}}
    if total < 3:
        return Concern.UNCLEAR, f"{total} of the three votes that are needed", numbers
    word, most = max(counts.items(), key=lambda item: (item[1], item[0]))
    share = most / total
    concern = Concern.VERY_SERIOUS if share < 0.5 else Concern.SERIOUS if share < 0.75 else Concern.NOT_SERIOUS
    return concern, f"{most} of {total} studies agree on {word.value}", numbers | {"agreement": share}


_ANIMALS = ("large animal", "cat", "dog", "minipig", "rabbit", "sheep")
_PRIMATES = ("non-human primate", "rhesus monkey", "common marmoset", "African green monkey")
LARGE = frozenset((*_ANIMALS, *_PRIMATES))  # the labels of the two classes and of those below them
_INDIRECTNESS_RULE = (
    "Animals stand for people here. Not serious with three or more species, a large animal or primate among them, and "
    "the phase of injury stated by 75 % of studies; very serious with one species, not a large one, or with the phase "
    "stated by fewer than 50 %; serious otherwise. People stand for themselves: not serious where 75 % of studies "
    "state the phase, serious otherwise. Unclear where no study states its species."
)


def _indirectness(body: Body) -> Judgement:
    species = {one for setting in body.settings.values() for one in setting.species} - {NOT_STATED}
    stated = sum(bool(setting.phases - {NOT_STATED}) for setting in body.settings.values())
    total = len(body.settings)
    why = f"{', '.join(sorted(species)) or 'no species stated'}; {stated} of {total} studies state the phase"
    numbers = {"species": len(species), "large": len(species & LARGE), "phase_stated": stated, "studies": total}
    concern = _indirect(body.kind, species, stated / total if total else 0.0)
    return Judgement(Domain.INDIRECTNESS, concern, _INDIRECTNESS_RULE, why, numbers)


def _indirect(of: Kind, species: set[str], stated: float) -> Concern:
    if not species:
        return Concern.UNCLEAR
    if of is Kind.PEOPLE:
        return Concern.NOT_SERIOUS if stated >= 0.75 else Concern.SERIOUS
    if stated < 0.5 or (len(species) == 1 and not species & LARGE):
        return Concern.VERY_SERIOUS
    return Concern.NOT_SERIOUS if len(species) >= 3 and species & LARGE and stated >= 0.75 else Concern.SERIOUS


ENOUGH = 128  # two groups of 64 find half a standard deviation with 80 % power at 0.05 (Cohen 1988, table 2.4.1)
_IMPRECISION_RULE = (
    "Two things are asked: does the 95 % interval exclude no effect (of the pooled effect, or else of the share of all "
    f"studies, nulls included, that vote for better, against one half), and are there {ENOUGH} subjects or more, who "
    "find half a standard deviation with 80 % power? Not serious where both hold, serious where one fails, very "
    "serious where both do. Subjects that no study states count as too few where the interval holds no effect; where "
    "it excludes it they are unclear, as where there is no interval."
)


def _imprecision(body: Body) -> Judgement:
    name, low, high, null = _interval(body)
    numbers = {"subjects": body.subjects, "low": low, "high": high, "no_effect": null}
    told = "subjects not stated" if body.subjects is None else f"{body.subjects} subjects"
    if low is None or high is None:
        return Judgement(Domain.IMPRECISION, Concern.UNCLEAR, _IMPRECISION_RULE, f"{name}; {told}", numbers)
    why = f"{name} {low:.2f} to {high:.2f}, no effect being {null:g}; {told}"
    return Judgement(Domain.IMPRECISION, _precise(low, high, null, body.subjects), _IMPRECISION_RULE, why, numbers)


def _interval(body: Body) -> tuple[str, float | None, float | None, float]:
    if body.pooled:
        return "pooled effect", *body.pooled.ci, 0.0
    share = body.tally.of_all if body.tally else None
    return ("share for better", share.low, share.high, 0.5) if share else ("nothing voted", None, None, 0.5)


def _precise(low: float, high: float, null: float, subjects: int | None) -> Concern:
    holds = low <= null <= high
    if subjects is None:
        return Concern.VERY_SERIOUS if holds else Concern.UNCLEAR
    return (Concern.NOT_SERIOUS, Concern.SERIOUS, Concern.VERY_SERIOUS)[holds + (subjects < ENOUGH)]


_PUBLICATION_RULE = (
    "Assessed from ten pooled effects on, by the test of asymmetry (Egger et al. 1997): serious where its p is below "
    "0.10, not serious otherwise. Unclear below ten, or where nothing was pooled or tested."
)


def _publication_bias(body: Body) -> Judgement:
    k = body.pooled.k if body.pooled else 0
    numbers = {"k": k, "egger_p": body.egger_p}
    if k < 10 or body.egger_p is None:
        why = f"{k} pooled effects" + (", asymmetry not tested" if k >= 10 else ": cannot be assessed")
        return Judgement(Domain.PUBLICATION_BIAS, Concern.UNCLEAR, _PUBLICATION_RULE, why, numbers)
    concern = Concern.SERIOUS if body.egger_p < 0.1 else Concern.NOT_SERIOUS
    why = f"asymmetry of {k} effects, p = {body.egger_p:.3g}"
    return Judgement(Domain.PUBLICATION_BIAS, concern, _PUBLICATION_RULE, why, numbers)


def fields(judgements: Iterable[Judgement]) -> list[dict[str, object]]:
    """The judgements under plain names, for JSON."""
    return [
        {
            "domain": one.domain.value, "concern": one.concern.value, "why": one.why, "rule": one.rule,
            "numbers": dict(one.numbers),
        }
        for one in judgements
    ]  # fmt: skip
