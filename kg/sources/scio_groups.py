"""The experimental groups of a SCIO paper: animals, injury, and what they were given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from kg.errors import UnknownName
from kg.model import NOT_NAMED, Given, Role, Therapy
from kg.sources import scio_words
from kg.sources.scio_graph import Aside, Graph, only
from kg.vocab import fold

_VEHICLES = ("Albumin", "DMSO", "PBS", "Penicillinase", "Saline", "Vehicle")
_GENERIC = ("Cell", "Conduit", "Matrix", "StemCell", "Substance", "Tissue")  # the label says which one
_UNTREATED = re.compile("injur(y|ed)[ -](only|alone)|no transplant|no treatment|untreated|untrained")
_NUMBERS = "zero one two three four five six seven eight nine ten".split()
_DAYS = {"min": Decimal(1) / 1440, "h": Decimal(1) / 24, "d": Decimal(1), "w": Decimal(7)}
_SINCE = re.compile(
    r"(?:from |starting )?(?:(immediately)|(\w+) (min|h|d|w)(?:utes?|ours?|ays?|eeks?)?)(?: after\b.*)?", re.IGNORECASE
)
_ROUTES = {
    "Intrathecal": "intrathecal",
    "IntraperitonealLocation": "intraperitoneal",
    "SubcutaneousLocation": "subcutaneous",
}
_INTO_CORD = ("SpinalCord", "SpinalGrayMatter", "SpinalLesionSite")


@dataclass(frozen=True, slots=True)
class Group:
    """Animals of one kind with one injury, and everything they were given."""

    id: str
    label: str
    given: tuple[Given, ...]
    species: str
    sex: str
    injury: str
    device: str
    level: str
    size: str
    pooled: tuple[str, ...] = ()

    @property
    def active(self) -> frozenset[str]:
        """The therapies given to treat."""
        return frozenset(given.therapy for given in self.given if given.role is Role.ACTIVE)


def group(graph: Graph, node: str) -> Group:
    """An experimental group, or groups analysed as one. Raises Aside where what was given cannot be read."""
    members = graph.values(node, "hasMember")
    return _pooled(graph, node, members) if members else _group(graph, node)


def _group(graph: Graph, node: str) -> Group:
    label = graph.label(node) or node.rsplit("/", 1)[-1]
    given = [one for part in graph.values(node, "hasTreatmentType") for one in _given(graph, node, part)]
    if not given:
        named = " ".join([label, *graph.values(node, "hasGroupName")]).casefold()
        given = [Given("no-treatment" if _UNTREATED.search(named) else NOT_NAMED, Role.CONTROL, note=label)]
    return Group(
        id=node.rsplit("/", 1)[-1],
        label=label,
        given=tuple(dict.fromkeys(given)),
        species=only(graph.kinds(node, "hasOrganismModel", "hasOrganismSpecies")),
        sex=only(graph.kinds(node, "hasOrganismModel", "hasGender")),
        injury=only(graph.kinds(node, "hasInjuryModel")),
        device=only(graph.kinds(node, "hasInjuryModel", "hasInjuryDevice")),
        level=_level(graph, node),
        size=graph.one(node, "hasNNumber"),
    )


def _level(graph: Graph, node: str) -> str:
    """Where the cord is injured: a vertebra, or the two that it lies between."""
    ways = ("hasInjuryModel", "hasInjuryLocation")
    ends = [only(graph.kinds(node, *ways, name)) for name in ("hasUpperVertebrae", "hasLowerVertebrae")]
    at = only(graph.kinds(node, *ways))
    return "-".join(ends) if all(ends) else "" if at == "VertebralArea" else at


def _pooled(graph: Graph, node: str, members: list[str]) -> Group:
    """Groups analysed as one: what all of them were given; of what differs among them nothing is said."""
    whole, groups = _group(graph, node), [_group(graph, member) for member in members]
    shared = set.intersection(*({(one.therapy, one.role) for one in group.given} for group in groups))
    given = [
        Given(
            *key,
            note="; ".join(sorted({one.note for g in groups for one in g.given if (one.therapy, one.role) == key})),
        )
        for key in sorted(shared)
    ]
    names = ("species", "sex", "injury", "device", "level")
    common = {name: only(getattr(group, name) for group in groups) for name in names}
    return replace(whole, given=tuple(given) or whole.given, pooled=tuple(group.label for group in groups), **common)


def _given(graph: Graph, group: str, treatment: str) -> Iterator[Given]:
    """What one treatment gives: its compounds and what they are supplied in, or the treatment itself."""
    start, route = _start(graph, group, treatment), _route(graph, treatment)
    compounds = graph.values(treatment, "hasCompound")
    if not compounds and graph.kind(treatment) in ("", "CompoundTreatment"):
        message = f"{graph.label(treatment)[:80]!r} names no compound: what was given is not known"
        raise Aside(graph.problem(treatment, "hasCompound", message))
    text = "; ".join(graph.values(treatment, "hasDosage"))
    dose, unit = scio_words.dose(text)
    for compound in compounds or [treatment]:
        therapy, role = _therapy(graph, treatment, compound)
        yield Given(therapy, role, None, start, None, dose, unit, text, route, graph.label(treatment))
    for compound in graph.values(treatment, "hasSuppliedCompositeCompound"):
        yield Given(*_therapy(graph, treatment, compound), start_day=start, route=route, note=graph.label(treatment))


def _therapy(graph: Graph, treatment: str, node: str) -> tuple[str, Role]:
    """The therapy, by our name for it, and why it is given; an unknown one becomes a term of its own."""
    word, label = graph.kind(node), graph.label(treatment)
    if not word:
        message = f"{node[:80]!r} has no class or several: what was given is not known"
        raise Aside(graph.problem(node, "hasCompound", message))
    named = f"{word}/{label}"
    id, above = scio_words.words().get(("therapy", named)) or scio_words.words().get(("therapy", word), ("", ""))
    id = id or _ours(graph, word) or graph.own(_own(word, label, above or "pharmacological"))
    return id, _role(graph, word, label, id)


def _ours(graph: Graph, word: str) -> str:
    try:
        return "" if word in _GENERIC else graph.vocab.find("therapy", word).id
    except UnknownName:
        return ""


def _own(word: str, label: str, above: str) -> Therapy:
    """A therapy of SCIO's own; of a class that says little, the one that the label names."""
    if word not in _GENERIC:
        return scio_words.own_therapy(word, above)
    term = scio_words.own_therapy(f"{word}/{label}", above)
    return replace(term, label=f"{label} ({scio_words.label(word)})")


def _role(graph: Graph, word: str, label: str, id: str) -> Role:
    if word in _VEHICLES:
        return Role.VEHICLE
    term = graph.vocab.terms.get(("therapy", id))
    above = graph.vocab.broader(term) if term else ()
    if id == "surgery":
        return Role.CARE
    if "immunosuppressant" in above:
        return Role.IMMUNOSUPPRESSION
    control = "control" in above or (word in _GENERIC and "control" in fold(label).split())
    return Role.CONTROL if control else Role.ACTIVE


def _start(graph: Graph, group: str, treatment: str) -> Decimal | None:
    """The day after injury, where an interval between the injury and this treatment plainly says it."""
    injuries = set(graph.values(group, "hasInjuryModel"))
    since = [
        interval
        for interval in graph.intervals.get(group, ())
        if treatment in graph.values(interval, "hasEventAfter")
        and injuries.intersection(graph.values(interval, "hasEventBefore"))
    ]
    return _day(only(graph.one(interval, "hasDuration") for interval in since))


def _day(text: str) -> Decimal | None:
    found = _SINCE.fullmatch(text)
    if not found or found[1]:
        return Decimal(0) if found else None
    word = found[2].casefold()
    number = int(word) if re.fullmatch("[0-9]{1,4}", word) else _NUMBERS.index(word) if word in _NUMBERS else None
    return None if number is None else round(number * _DAYS[found[3].casefold()], 12)


def _route(graph: Graph, treatment: str) -> str:
    where = only(graph.kinds(treatment, "hasDeliveryMethod", "hasLocations"))
    injected = "InjectionDelivery" in graph.kinds(treatment, "hasDeliveryMethod")
    return "intraspinal" if injected and where in _INTO_CORD else _ROUTES.get(where, "")
