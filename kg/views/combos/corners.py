"""What a card of a two-by-two shows of one combination in one study: four arms, with numbers or with signs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from kg.model import HigherIs, Result
from kg.synthesis.combos import contrast_rows as told
from kg.synthesis.combos.contrasts import Contrast, Measured
from kg.synthesis.combos.known import NOTHING, Fact, Known, Members, ids
from kg.synthesis.combos.verdicts import Comparator, comparators
from kg.synthesis.factorial import Group
from kg.views.plots.square import LETTERS, Card, Corner, Edge

_EDGES = (("C", "A"), ("C", "B"), ("A", "AB"), ("B", "AB"), ("C", "AB"))
_BETTER = {HigherIs.BETTER: "higher is better", HigherIs.WORSE: "lower is better", HigherIs.UNKNOWN: ""}


def card(known: Known, one: Contrast) -> Card:
    """The card of a row: means where numbers decide, else signs of the directions seen there."""
    return _numbers(known, one, one.measured[0]) if one.measured else _signs(known, one)


def _numbers(known: Known, one: Contrast, measured: Measured) -> Card:
    square, answer = measured.square, measured.answer
    arms = dict(zip(LETTERS, (square.base, square.a | square.base, square.b | square.base, one.members), strict=True))
    from_it = [fact for fact in known.facts if fact.finding in square.findings]
    corners = {
        letter: _mean(known, given, square.arms.get(letter), ids(fact for fact in from_it if _gave(given, fact)))
        for letter, given in arms.items()
    }
    means = {letter: group.mean for letter, group in square.arms.items()}
    expected = means["A"] + means["B"] - means["C"] if len(means) == len(LETTERS) else None
    name = known.vocab.label("outcome", square.outcome)
    words = (name, square.measure if square.measure.casefold() != name.casefold() else "", square.unit)
    day = f"day {square.day:g}" if square.day is not None else ""
    axis = f"{_where(known, one)}; {', '.join(part for part in (*words, day, _BETTER[square.higher_is]) if part)}"
    d1, d2 = (
        f"AB {'over' if made else 'against'} {letter}: {told.interval(made)}" for letter, made in answer.over.items()
    )
    interaction = f"Interaction AB - A - B + C: {told.interval(answer.additive)}"
    bliss = f"; Bliss {told.interval(answer.bliss)}" if answer.bliss else ""
    said = (
        f"{d1}; {d2}; plus is benefit, 95 % intervals. {answer.parts.value.capitalize()}.",
        f"{interaction}{bliss}. {answer.together.value.capitalize()}: {answer.why}.",
    )
    return Card(_title(known, one), corners, (), said, axis, expected)


def _mean(known: Known, given: Members, group: Group | None, findings: tuple[str, ...]) -> Corner:
    """A mean with its interval by Student's t, mean +- t(n - 1) s / sqrt(n)."""
    if group is None:
        return Corner(_named(known, given), (), "not measured")
    from scipy import special

    half = float(special.stdtrit(group.n - 1, 0.975)) * group.sd / math.sqrt(group.n)
    return Corner(_named(known, given), findings, "", group.mean, group.mean - half, group.mean + half, group.n)


def _signs(known: Known, one: Contrast) -> Card:
    a, b = parts(one)
    arms = dict(zip(LETTERS, (NOTHING, a, b, one.members), strict=True))
    study = [fact for fact in known.facts if fact.study == one.study]
    there = [fact for fact in study if fact.place == one.place]
    corners = {letter: _corner(known, given, there, study) for letter, given in arms.items()}
    edges = tuple(_edges(arms, there))
    steps = told.following(known, one)
    said = (f"{one.verdict.value.capitalize()}.", f"Next: {steps}." if steps else "")
    return Card(_title(known, one), corners, edges, tuple(part for part in said if part), _where(known, one))


def parts(one: Contrast) -> tuple[Members, Members]:
    """Two parts that make up the combination: those compared there where they do, else one and what it lacks."""
    seen = sorted((part.members for part in one.parts), key=lambda part: (-len(part), sorted(part)))
    whole = [(a, b) for a in seen for b in seen if a | b == one.members and a != b]
    first = whole[0] if whole else (seen[0], one.members - seen[0]) if seen else None
    if first is None:
        single = frozenset({min(one.members)})
        first = single, one.members - single
    return (first[0], first[1]) if sorted(first[0]) < sorted(first[1]) else (first[1], first[0])


def _corner(known: Known, given: Members, there: Sequence[Fact], study: Sequence[Fact]) -> Corner:
    found = [fact for fact in there if _gave(given, fact)]
    state = "" if found else "not measured here" if any(_gave(given, fact) for fact in study) else "not measured"
    return Corner(_named(known, given), ids(found), state)


def _gave(given: Members, fact: Fact) -> bool:
    """Whether one of a finding's arms gives exactly this; nothing was given where something was added to it."""
    return fact.members == given or (fact.comparator == given and (bool(given) or fact.adds))


def _edges(arms: dict[str, Members], there: Iterable[Fact]) -> Iterator[Edge]:
    known = list(there)
    for lower, upper in _EDGES:
        added = comparators(fact for fact in known if fact.members == arms[upper] and fact.comparator == arms[lower])
        yield next((_edge(lower, upper, one) for one in added), Edge(lower, upper))


def _edge(lower: str, upper: str, one: Comparator) -> Edge:
    """A tie is drawn as mixed, and said to be one."""
    tied = one.called and one.word is None
    word = Result.MIXED if tied else one.word or Result.UNDETERMINED
    findings = (*one.votes.findings, *one.uncalled)
    return Edge(lower, upper, word.value, f"{'tied, ' if tied else ''}{told.counted(one)}", findings)


def _named(known: Known, given: Members) -> str:
    return known.named(given) if given else "control"


def _title(known: Known, one: Contrast) -> str:
    return f"{known.named(one.members)}: {one.study}"


def _where(known: Known, one: Contrast) -> str:
    where = (("domain", one.domain), ("phase", one.phase), ("species", one.species))
    return ", ".join(known.vocab.label(scheme, id) for scheme, id in where)
