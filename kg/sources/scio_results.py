"""What one result of a SCIO paper says: which two groups differ, in what, which way, and whether significantly."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kg.errors import UnknownName
from kg.model import Direction, Significant
from kg.sources.scio_graph import Aside, Graph, Lost, only
from kg.sources.scio_groups import Group, group
from kg.sources.scio_views import TRENDS

OTHER_WAY = {Direction.INCREASED: Direction.DECREASED, Direction.DECREASED: Direction.INCREASED}
_UNHURT = ("Laminectomy", "ShamOperation")
_OPEN = ("", "Faster", "ObservedDifference", "SlowerDecrease", "UnspecifiedDifference")  # a difference, not which way
_SIGNIFICANT = {"PositiveSignificance": Significant.YES, "ZeroSignificance": Significant.NO}
_P = re.compile(r"\**(?:[Pp] *([=<>≤≥]) *|)(0?\.[0-9]+|1\.0+)")


@dataclass(frozen=True, slots=True)
class Said:
    """What a result says of a contrast in SCIO's own order: how the first group differs from the second."""

    first: Group
    second: Group
    method: str
    measure: str
    difference: str
    direction: Direction
    significant: Significant
    judgement: str
    p: str


def said(graph: Graph, node: str) -> Said:
    """What a result says. Raises Aside where it is no contrast of two arms, Lost where a word is not known."""
    first, second = (group(graph, side) for side in _sides(graph, node))
    _contrast(graph, node, first, second)
    method = graph.one(node, "hasInvestigationMethod")
    if graph.kind(method) in ("", "InvestigationMethod"):
        raise Aside(graph.problem(node, "hasInvestigationMethod", "names no method: what was measured is not known"))
    p = only(graph.ends(node, "hasTrend", "hasSignificance", "hasPValue"))
    difference, direction = _direction(graph, node)
    judgement = only(graph.kinds(node, "hasJudgement"))
    significant = _significant(only(graph.kinds(node, "hasTrend", "hasSignificance")), judgement, p)
    if significant is Significant.YES and direction is Direction.NO_DIFFERENCE:
        raise Aside(graph.problem(node, "hasTrend", "is no difference, and that significantly"))
    measure = graph.label(method) or graph.kind(method)
    return Said(first, second, graph.kind(method), measure, difference, direction, significant, judgement, p)


def _sides(graph: Graph, node: str) -> tuple[str, str]:
    """The two groups of a result: target and reference, or both of a pair."""
    target, reference = graph.values(node, "hasTargetGroup"), graph.values(node, "hasReferenceGroup")
    pair = sorted(graph.values(node, "hasPairwisedCompareGroups"))
    sides = [*target, *reference] if target or reference else pair
    if len(sides) == 2 and len(target) == len(reference):
        return sides[0], sides[1]
    if pair and not (target or reference):
        message = f"compares {len(pair)} groups at once; which two differ is not said"
        raise Aside(graph.problem(node, "hasPairwisedCompareGroups", message))
    column = "hasTargetGroup" if len(target) != 1 else "hasReferenceGroup"
    raise Aside(
        graph.problem(node, column, f"names {len(target)} targets and {len(reference)} references, not one each")
    )


def _contrast(graph: Graph, node: str, first: Group, second: Group) -> None:
    """Raise Aside where two groups are no contrast of what injured animals were given."""
    if first.injury != second.injury:
        message = f"differ in injury ({first.injury or 'none'}, {second.injury or 'none'}); no therapy is isolated"
        raise Aside(graph.problem(node, "hasInjuryModel", message))
    if first.injury in ("", *_UNHURT):
        raise Aside(graph.problem(node, "hasInjuryModel", "names no injury of either group"))
    if not first.active and not second.active:
        raise Aside(graph.problem(node, "hasTreatmentType", "neither group is given an active therapy"))
    if set(first.given) == set(second.given):
        raise Aside(graph.problem(node, "hasTreatmentType", "both groups are given the same, as far as SCIO says"))


def _direction(graph: Graph, node: str) -> tuple[str, Direction]:
    """SCIO's word for the difference, and what the first group did. Of a pair SCIO does not say which is the first."""
    difference = only(graph.kinds(node, "hasTrend", "hasDifference"))
    direction = TRENDS.get(difference, Direction.NOT_REPORTED)
    if difference not in (*TRENDS, *_OPEN):
        raise Lost(graph.problem(node, "hasDifference", str(UnknownName("trend of SCIO", difference, TRENDS))))
    paired = not graph.values(node, "hasTargetGroup")
    return difference, Direction.NOT_REPORTED if paired and direction in OTHER_WAY else direction


def _significant(word: str, judgement: str, p: str) -> Significant:
    """What SCIO says; where it says nothing, a neutral judgement means no, as in its tables, and so does a p above."""
    unsaid = judgement == "Neutral" or p_value(p).startswith((">", "≥"))
    return _SIGNIFICANT.get(word) or (Significant.NO if unsaid else Significant.NOT_STATED)


def p_value(text: str) -> str:
    """A p as the tables write it, where it is plainly one."""
    found = _P.fullmatch(text.strip())
    return (found[1] or "").replace("=", "") + found[2] if found else ""
