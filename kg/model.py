"""What a paper reports, as frozen values: Finding and everything it is made of.

Dates of injury and treatment are decimal days after injury. What a contrast isolates, what it
stands on and what its result means are derived here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

_EXACT_P = re.compile(r"=? ?0?\.[0-9]+|1(?:\.0+)?")
BASELINE, NO_COMPARATOR, NOT_NAMED = "baseline", "no-comparator", "control-not-named"
NOT_STATED = "not-stated"


class Direction(StrEnum):
    """What the measured quantity did in the arm, against the comparator."""

    INCREASED = "increased"
    DECREASED = "decreased"
    NO_DIFFERENCE = "no difference"
    MIXED = "mixed"
    OBSERVED = "observed"
    NOT_REPORTED = "not reported"


class Result(StrEnum):
    """What that means for the injured: direction x polarity x significance."""

    IMPROVED = "improved"
    NO_DIFFERENCE = "no difference"
    WORSENED = "worsened"
    MIXED = "mixed"
    UNDETERMINED = "undetermined"


class HigherIs(StrEnum):
    """Polarity of a measured quantity."""

    BETTER = "better"
    WORSE = "worse"
    UNKNOWN = "unknown"


class Role(StrEnum):
    """Why an arm is given something."""

    ACTIVE = "active"
    VEHICLE = "vehicle"
    IMMUNOSUPPRESSION = "immunosuppression"
    CARE = "care"
    CONTROL = "control"


class Contrast(StrEnum):
    """How the two arms of a finding differ."""

    ADDS = "adds"
    REPLACES = "replaces"
    VARIES = "varies"
    BEFORE_AFTER = "before-after"
    NONE = "none"


class Significant(StrEnum):
    """Whether the paper calls the difference significant."""

    YES = "yes"
    NO = "no"
    NOT_STATED = ""


class Origin(StrEnum):
    """Who made a row."""

    CURATED = "curated"
    PROGRAM = "program"
    IMPORTED = "imported"


class Status(StrEnum):
    """How far a row is trusted; only a second human reading makes it reviewed."""

    UNREVIEWED = "unreviewed"
    REVIEWED = "reviewed"
    DISPUTED = "disputed"
    WITHDRAWN = "withdrawn"


class Tier(StrEnum):
    """How much of an effect size the printed numbers of a finding give; without a tier only its direction speaks."""

    SPREAD = "T1"
    P_VALUE = "T2"
    MEANS = "T3"


class PaperKind(StrEnum):
    """What sort of publication; only primary ones and preprints carry findings."""

    PRIMARY = "primary"
    REVIEW = "review"
    META_ANALYSIS = "meta-analysis"
    PREPRINT = "preprint"


class PaperStatus(StrEnum):
    """What became of a publication."""

    OK = "ok"
    CORRECTED = "corrected"
    RETRACTED = "retracted"

    @classmethod
    def worst(cls, told: Iterable[PaperStatus]) -> PaperStatus:
        """The gravest of these, the last in the order above; `ok` of none."""
        return max(told, key=list(cls).index, default=cls.OK)


@dataclass(frozen=True, slots=True)
class Mapping:
    """A term's counterpart elsewhere: SKOS predicate, CURIE, and where it was checked."""

    predicate: str
    object: str
    seen_at: str


@dataclass(frozen=True, slots=True)
class Term:
    """A word of one vocabulary (`scheme`), with its synonyms and broader terms (ids of the same scheme)."""

    scheme: str
    id: str
    label: str
    broader: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    note: str = ""
    mappings: tuple[Mapping, ...] = ()


@dataclass(frozen=True, slots=True)
class Therapy(Term):
    """Something given to treat, or a control condition (below the class `control`)."""


@dataclass(frozen=True, slots=True)
class Outcome(Term):
    """A measured quantity; `higher_is` says what more of it means."""

    domain: str = ""
    higher_is: HigherIs = HigherIs.UNKNOWN
    barrier: tuple[str, ...] = ()
    mechanism: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Phase(Term):
    """A phase of injury; windows in days after injury, for animals and for people."""

    from_day: Decimal | None = None
    to_day: Decimal | None = None
    human_from_day: Decimal | None = None
    human_to_day: Decimal | None = None

    def holds(self, day: Decimal, human: bool) -> bool:
        """Whether a day after injury lies in the window, its ends included; without a window every day does."""
        start, end = (self.human_from_day, self.human_to_day) if human else (self.from_day, self.to_day)
        return (start is None or start <= day) and (end is None or day <= end)


@dataclass(frozen=True, slots=True)
class Paper:
    """A publication. `about` holds `scheme:id` of the entities it is linked to."""

    id: str
    title: str = ""
    doi: str = ""
    pmid: str = ""
    pmcid: str = ""
    year: int | None = None
    journal: str = ""
    first_author: str = ""
    last_author: str = ""
    laboratory: str = ""
    kind: PaperKind = PaperKind.PRIMARY
    status: PaperStatus = PaperStatus.OK
    about: tuple[str, ...] = ()
    url: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """An interventional trial; `therapies` is what its tested arm gives."""

    id: str
    title: str = ""
    therapies: tuple[str, ...] = ()
    sponsor: str = ""
    phase: str = ""
    status: str = ""
    why_stopped: str = ""
    start_year: int | None = None
    injury_phase: tuple[str, ...] = ()
    level: str = ""
    ais: str = ""
    n: int | None = None
    n_text: str = ""
    result: Result | None = None
    summary: str = ""
    papers: tuple[Paper, ...] = ()
    url: str = ""
    note: str = ""

    @property
    def regimen(self) -> Combination:
        """What the tested arm gives."""
        return Combination.of(self.therapies)


@dataclass(frozen=True, slots=True)
class Combination:
    """A set of therapies given in one arm; of one member it is simply that therapy, of none a control."""

    members: tuple[str, ...]

    @classmethod
    def of(cls, members: tuple[str, ...] | frozenset[str]) -> Combination:
        """The combination of these therapies, whatever their order."""
        return cls(tuple(sorted(set(members))))

    @property
    def id(self) -> str:
        """The sorted members joined by `--`."""
        return "--".join(self.members)


def control_role(therapy: str) -> Role:
    """Why an arm gets a control condition: as the vehicle of what the other gets, or as a control of another kind."""
    return Role.VEHICLE if therapy in ("penicillinase", "reporter-vector", "vehicle") else Role.CONTROL


@dataclass(frozen=True, slots=True)
class Given:
    """One therapy given in one arm; days after injury, `unit` in UCUM."""

    therapy: str
    role: Role = Role.ACTIVE
    order: int | None = None
    start_day: Decimal | None = None
    end_day: Decimal | None = None
    dose: Decimal | None = None
    unit: str = ""
    dose_text: str = ""
    route: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Arm:
    """A group of animals or people, and everything it was given."""

    study: str
    id: str
    given: tuple[Given, ...]

    @property
    def active(self) -> frozenset[str]:
        """The therapies given to treat."""
        return frozenset(given.therapy for given in self.given if given.role is Role.ACTIVE)

    @property
    def regimen(self) -> Combination:
        """The active therapies as one value."""
        return Combination.of(self.active)

    def gives(self, therapy: str) -> bool:
        """Whether this arm has the therapy, in any role."""
        return any(given.therapy == therapy for given in self.given)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one paper reports of one contrast, on one outcome, at one time.

    `species`, `injury`, `phase`, `design` and `evidence` are ids of their vocabularies, `not-stated` being the
    word for an injury or phase the source does not give. Means and spreads are in `unit`; `interaction` is
    what the paper's own test of one said; `row` is the file and row the finding was read from.
    """

    id: str
    paper: Paper
    arm: Arm
    comparator: Arm
    outcome: Outcome
    direction: Direction
    study: str
    species: str = ""
    strain: str = ""
    sex: str = ""
    injury: str = NOT_STATED
    level: str = ""
    severity: str = ""
    phase: str = NOT_STATED
    treatment_day: Decimal | None = None
    measured_day: Decimal | None = None
    measure: str = ""
    significant: Significant = Significant.NOT_STATED
    p: str = ""
    n_arm: int | None = None
    n_comparator: int | None = None
    mean_arm: Decimal | None = None
    spread_arm: Decimal | None = None
    mean_comparator: Decimal | None = None
    spread_comparator: Decimal | None = None
    spread_kind: str = ""
    unit: str = ""
    effect_text: str = ""
    interaction: str = ""
    design: str = ""
    evidence: str = ""
    origin: Origin = Origin.CURATED
    status: Status = Status.UNREVIEWED
    confidence: str = ""
    confidence_reason: str = ""
    locator: str = ""
    source_url: str = ""
    quote: str = ""
    quote_role: str = ""
    curator: str = ""
    date: str = ""
    note: str = ""
    row: str = field(default="", compare=False)

    @property
    def added(self) -> frozenset[str]:
        """What the arm gives and the comparator does not."""
        return self.arm.active - self.comparator.active

    @property
    def instead_of(self) -> frozenset[str]:
        """What the comparator gives and the arm does not: a head-to-head contrast."""
        return self.comparator.active - self.arm.active

    @property
    def isolates(self) -> Combination:
        """What the contrast speaks of: the added therapies, or where none is added those given differently."""
        return Combination.of(self.added or self._varied or self.arm.active)

    @property
    def on_top_of(self) -> frozenset[str]:
        """What both arms give beside the isolated part."""
        return (self.arm.active & self.comparator.active) - set(self.isolates.members)

    @property
    def _varied(self) -> frozenset[str]:
        ours = {given for given in self.arm.given if given.role is Role.ACTIVE}
        return frozenset(given.therapy for given in ours - set(self.comparator.given))

    @property
    def contrast(self) -> Contrast:
        """How the two arms differ; only `adds` credits the isolated part with the result."""
        if self.comparator.gives(NO_COMPARATOR):
            return Contrast.NONE
        if self.comparator.gives(BASELINE):
            return Contrast.BEFORE_AFTER
        if self.instead_of:
            return Contrast.REPLACES
        return Contrast.ADDS if self.added else Contrast.VARIES

    @property
    def result(self) -> Result:
        """What the direction means, by the outcome's polarity; a difference called not significant is none."""
        if self.direction is Direction.MIXED:
            return Result.MIXED
        if self.direction is Direction.NO_DIFFERENCE:
            return Result.NO_DIFFERENCE
        if self.direction not in (Direction.INCREASED, Direction.DECREASED):
            return Result.UNDETERMINED
        if self.significant is Significant.NO:
            return Result.NO_DIFFERENCE
        if self.outcome.higher_is is HigherIs.UNKNOWN:
            return Result.UNDETERMINED
        up_is_good = self.outcome.higher_is is HigherIs.BETTER
        return Result.IMPROVED if (self.direction is Direction.INCREASED) == up_is_good else Result.WORSENED

    @property
    def tier(self) -> Tier | None:
        """T1: n and mean of both sides with their spreads, or shares of subjects (`unit` starts with `% of`).

        T2: n of both sides, an exact p, and a direction or the means. T3: n and mean of both sides.
        """
        means = None not in (self.mean_arm, self.mean_comparator)
        if None in (self.n_arm, self.n_comparator):
            return None
        spreads = None not in (self.spread_arm, self.spread_comparator) and self.spread_kind
        if means and (spreads or self.unit.startswith("% of")):
            return Tier.SPREAD
        signed = means or self.direction in (Direction.INCREASED, Direction.DECREASED)
        if signed and _EXACT_P.fullmatch(self.p):
            return Tier.P_VALUE
        return Tier.MEANS if means else None

    @property
    def in_force(self) -> bool:
        """Whether it counts by default: its paper not retracted, the row not withdrawn."""
        return self.paper.status is not PaperStatus.RETRACTED and self.status is not Status.WITHDRAWN


def region(level: str) -> str:
    """The region of a level as printed: `C4` and `cervical` are both `cervical`, mixed or unknown is `not-stated`."""
    parts = level.casefold().replace("mid-", "").replace(" and ", "-").replace("/", "-").split("-")
    found = {_region(part.strip()) for part in parts if not part.strip().isdigit()}
    return found.pop() or NOT_STATED if len(found) == 1 else NOT_STATED


def _region(part: str) -> str:
    """`c4`, `c` and `cervical` are cervical; a word that only starts so is none."""
    for name in ("cervical", "thoracic", "lumbar"):
        if part == name or (part[:1] == name[0] and (part[1:].isdigit() or len(part) == 1)):
            return name
    return ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A finding read again by somebody who did not see the first row; one of these per cell that came out otherwise.

    `column` is empty where both readings said the same everywhere. `settled` is what the row says since.
    """

    finding: str
    reader: str
    date: str
    column: str = ""
    first: str = ""
    second: str = ""
    settled: str = ""
    note: str = ""

    @property
    def id(self) -> str:
        """Finding, date and column: no cell of a finding is settled twice on a day."""
        return "/".join(part for part in (self.finding, self.date, self.column) if part)


Item = Term | Paper | Trial | Finding | Reading
