"""Did a combination beat its parts? Within a study: against its parts, against the control, or never compared."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.errors import KgError
from kg.synthesis.combos.known import ANY, NOTHING, Fact, Known, Members, Place, Scope, grouped, ordered, worsened
from kg.synthesis.combos.verdicts import RULE, By, Comparator, Verdict, comparators, directed, lacking, overall
from kg.synthesis.factorial import Answer, Parts
from kg.synthesis.squares import Square

__all__ = ["RULE", "By", "Comparator", "Contrast", "Measured", "Summary", "Verdict", "contrasts", "sets", "summaries"]
_OF_NUMBERS = {
    Parts.WORSE: Verdict.WORSE,
    Parts.NO_DIFFERENCE: Verdict.NO_DIFFERENCE,
    Parts.SOME: Verdict.SOME,
    Parts.EVERY: Verdict.EVERY,
}  # the least favourable first
_SEVERITY = list(_OF_NUMBERS)


@dataclass(frozen=True, slots=True)
class Measured:
    """A two-by-two of this combination whose parts were both compared in numbers."""

    square: Square
    answer: Answer


@dataclass(frozen=True, slots=True)
class Contrast:
    """One combination in one study, outcome domain, phase and species, ids for terms.

    `missing` are the arms that nobody measured there and that would settle it, `had` those of them that the study gave
    all the same; `unset` were measured there and never set against it. `measured` are the numbers, the deciding ones
    first; `factorial` is whether the study had all four arms, None for three or more members. `harms` are findings of
    the combination that worsened, of whatever contrast, study and outcome.
    """

    members: Members
    study: str
    domain: str
    phase: str
    species: str
    comparators: tuple[Comparator, ...]
    verdict: Verdict
    by: By
    missing: tuple[Members, ...]
    had: tuple[Members, ...]
    unset: tuple[Members, ...]
    measured: tuple[Measured, ...]
    factorial: bool | None
    order: str
    reported: tuple[str, ...]
    facts: tuple[Fact, ...]
    harms: tuple[str, ...]

    @property
    def place(self) -> Place:
        """Study, domain, phase and species."""
        return self.study, self.domain, self.phase, self.species

    @property
    def parts(self) -> tuple[Comparator, ...]:
        """The comparators that give some of the members."""
        return tuple(one for one in self.comparators if one.members)

    @property
    def control(self) -> Comparator | None:
        """The comparator that gives nothing."""
        return next((one for one in self.comparators if not one.members), None)

    @property
    def compared(self) -> bool:
        """Whether a part was compared."""
        return self.verdict not in (Verdict.CONTROL, Verdict.NEVER)

    @property
    def findings(self) -> tuple[str, ...]:
        """The findings it rests on, contradicting ones first, those of other arms of a two-by-two last."""
        own = ordered(self.facts)
        others = {id for one in self.measured for id in one.square.findings} - {*own}
        return (*own, *sorted(others))


@dataclass(frozen=True, slots=True)
class Summary:
    """One combination over all that was asked about; `studies` counts a study under every verdict that it has.

    `missing` are the arms that would settle what no study has compared, whether or not a study measured them.
    """

    members: Members
    state: Verdict
    contrasts: tuple[Contrast, ...]
    studies: Mapping[Verdict, int]
    missing: tuple[Members, ...]
    facts: tuple[Fact, ...]
    trials: tuple[str, ...]
    harms: tuple[str, ...]


def sets(known: Known, what: str = "") -> list[Members]:
    """The observed combinations that a therapy (or one below it) is in, or exactly `A + B`, or all of them.

    Only what a finding in force or a trial speaks of. Raises UnknownName for a word that names nothing, KgError where
    nobody gave such a combination.
    """
    found = {one for one in known.given if len(one) > 1}
    if what:
        members = known.members(what)
        exactly = len(members) > 1
        ours = members if exactly else known.below[min(members)]
        found = {one for one in found if (one == members if exactly else one & ours)}
        if not found:
            how = "exactly" if exactly else "anything together with"
            raise KgError(f"no arm and no trial here gives {how} {known.named(members)}; see 'kg combos tried'")
    return sorted(found, key=lambda one: (known.named(one).casefold(), sorted(one)))


def contrasts(
    known: Known, squares: Iterable[Square], wanted: Iterable[Members], scope: Scope = ANY
) -> list[Contrast]:  # fmt: skip
    """The row of each of these combinations in every study, domain, phase and species where an arm gives exactly it."""
    chosen, facts = frozenset(wanted), known.of(scope)
    groups = grouped((fact for fact in facts if fact.members in chosen), lambda fact: (fact.members, fact.place))
    numbers = _measured(squares, {fact.finding: fact for fact in facts})
    keys = {*groups, *(key for key in numbers if key[0] in chosen)}
    about = _About.of(known)
    made = [_contrast(about, *key, groups.get(key, ()), numbers.get(key, ())) for key in keys]
    return sorted(made, key=lambda one: (known.named(one.members).casefold(), one.place))


def summaries(
    known: Known, made: Iterable[Contrast], wanted: Sequence[Members], scope: Scope = ANY
) -> list[Summary]:  # fmt: skip
    """Each of these combinations over its rows; those of a trial or a comparator only stand here where all is asked."""
    rows = defaultdict[Members, list[Contrast]](list)
    for one in made:
        rows[one.members].append(one)
    harmed = _harmed(known.facts)
    return [_summary(known, one, rows[one], harmed.get(one, ())) for one in wanted if rows[one] or scope == ANY]


def _harmed(facts: Iterable[Fact]) -> dict[Members, tuple[str, ...]]:
    """Every finding that worsened, by what its arm gives."""
    return {members: worsened(some) for members, some in grouped(facts, lambda fact: fact.members).items()}


@dataclass(frozen=True, slots=True)
class _About:
    """What a row needs of everything known: arms of a study and of a place, harms, courses."""

    known: Known
    studies: Mapping[str, set[Members]]
    places: Mapping[Place, set[Members]]
    harmed: Mapping[Members, tuple[str, ...]]

    @classmethod
    def of(cls, known: Known) -> _About:
        """Gathered in one pass; an arm that gives nothing counts where something was added to it."""
        studies, places = defaultdict[str, set[Members]](set), defaultdict[Place, set[Members]](set)
        for fact in known.facts:
            seen = {fact.members} | ({fact.comparator} if fact.comparator or fact.adds else set())
            studies[fact.study] |= seen
            places[fact.place] |= seen
        return cls(known, studies, places, _harmed(known.facts))


def _measured(squares: Iterable[Square], facts: Mapping[str, Fact]) -> dict[tuple[Members, Place], list[Measured]]:
    """The two-by-twos that compare both parts, by combination and place, the least favourable first."""
    found: defaultdict[tuple[Members, Place], list[Measured]] = defaultdict(list)
    for square in squares:
        fact = next((facts[id] for id in square.findings if id in facts), None)
        answer = _answer(square) if fact else None
        if fact and answer and answer.parts is not Parts.NOT_COMPARED:
            found[square.members, fact.place].append(Measured(square, answer))
    return {key: sorted(some, key=_decides) for key, some in found.items()}


def _decides(one: Measured) -> tuple[object, ...]:
    square = one.square
    return _SEVERITY.index(one.answer.parts), -(square.day or 0), square.outcome, square.measure, sorted(square.a)


def _answer(square: Square) -> Answer | None:
    try:
        return square.answer()
    except KgError:  # nobody knows what more of this outcome means
        return None


def _contrast(
    about: _About, members: Members, place: Place, facts: Sequence[Fact], measured: Sequence[Measured]
) -> Contrast:  # fmt: skip
    study = place[0]
    against = tuple(comparators(facts))
    verdict, by = _verdict(members, facts, measured)
    called = [one.members for one in against if one.members and one.called]
    met = {one.members for one in against}
    wanted = () if measured else tuple(arm for arm in lacking(members, called) if arm not in met)
    there, arms = about.places[place], about.studies[study]
    single = {frozenset({one}) for one in members}
    return Contrast(
        members, *place, against, verdict, by,
        missing=tuple(one for one in wanted if one not in there),
        had=tuple(one for one in wanted if one in arms - there),
        unset=tuple(one for one in wanted if one in there),
        measured=tuple(measured),
        factorial={NOTHING, members, *single} <= arms if len(members) == 2 else None,
        order="; ".join(sorted({told for fact in facts if (told := _order(about.known, fact.arm, members))})),
        reported=tuple(sorted({fact.interaction for fact in facts if fact.interaction})),
        facts=tuple(facts),
        harms=about.harmed.get(members, ()),
    )  # fmt: skip


def _verdict(members: Members, facts: Sequence[Fact], measured: Sequence[Measured]) -> tuple[Verdict, By]:
    if not measured:
        return directed(members, comparators(facts)), By.DIRECTIONS
    known = {one.square.outcome for one in measured}
    if directed(members, comparators(fact for fact in facts if fact.outcome not in known)) is Verdict.WORSE:
        return Verdict.WORSE, By.DIRECTIONS
    return _OF_NUMBERS[measured[0].answer.parts], By.NUMBERS


def _order(known: Known, arm: str, members: Members) -> str:
    """`together`, or what was given first and then; empty where the arm does not tell it of every member."""
    told = (known.courses or {}).get(arm, {})
    courses = {one: told[one] for one in members if one in told}
    places = {one: course.order for one, course in courses.items() if course.order is not None}
    times: Mapping[str, float] = places if len(places) == len(members) else {
        one: course.start for one, course in courses.items() if course.start is not None
    }  # fmt: skip
    if len(times) < len(members):
        return ""
    steps = [known.named(one for one in times if times[one] == time) for time in sorted({*times.values()})]
    return "together" if len(steps) == 1 else " then ".join(steps)


def _summary(known: Known, members: Members, rows: Sequence[Contrast], harms: tuple[str, ...]) -> Summary:
    by_study = {(one.verdict, one.study) for one in rows}
    compared = [part.members for one in rows for part in one.parts if part.called]
    compared += [members for one in rows if one.measured]
    return Summary(
        members,
        overall([one.verdict for one in rows if one.compared]),
        tuple(rows),
        Counter(verdict for verdict, _ in by_study),
        lacking(members, compared),
        tuple(fact for one in rows for fact in one.facts),
        tuple(sorted({trial.id for trial in known.trials if trial.members == members})),
        harms,
    )
