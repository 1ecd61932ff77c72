"""Barriers of the injured cord: on which of them each therapy has measured evidence, and what a set leaves open."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from kg.errors import KgError
from kg.model import Result
from kg.store import Row
from kg.synthesis.combos.known import ANY, NOTHING, Fact, Known, Members, Scope, Votes, grouped, ordered, seen, votes
from kg.synthesis.combos.parts import by_barrier, covered
from kg.synthesis.combos.together import holds
from kg.synthesis.directions import WORDS, most
from kg.synthesis.directions import Kind as Whom

RULE = (
    "A barrier is covered where more studies vote for benefit than say anything else: at least one vote for improved, "
    "and more than for no difference, worsened, mixed and tied together. A study has one vote, the result that most of "
    "its findings on the barrier have. Only contrasts that add the therapy, alone or on top of others, count. One "
    "study can be enough, so read the lower bound of the share of votes for benefit (exact 95 % interval)."
)
EMPTY = "An empty cell means that nobody measured it here, never that there is no effect."
COLUMNS = (
    "kind therapy barrier state direction tier studies improved no_difference worsened mixed undetermined votes lower "
    "species carried_by findings harms"
).split()
_SIGNS = dict(zip(WORDS, ("+", "0:", "-", "±"), strict=True))


class State(StrEnum):
    """What is known of one barrier under one therapy or set."""

    COVERED = "covered"
    MEASURED = "measured, not covered"
    UNCALLED = "measured, no result to call"
    NOBODY = "nobody measured"


class Kind(StrEnum):
    """What a row of the matrix speaks of."""

    THERAPY = "therapy"
    PROBE = "probe, no therapy"
    WHOLE = "the combination itself"
    UNION = "union of the parts"


@dataclass(frozen=True, slots=True)
class Cell:
    """One barrier under one row: its findings, and one vote a study.

    Of a union `votes` are those of the part that carries it best, since nothing is pooled over therapies, and
    `carriers` are the parts that cover it.
    """

    barrier: str
    state: State
    facts: tuple[Fact, ...]
    votes: Votes
    carriers: tuple[str, ...] = ()

    @property
    def covered(self) -> bool:
        """Whether the rule holds."""
        return self.state is State.COVERED

    @property
    def tier(self) -> str | None:
        """The best tier of its findings: T1 to T3 as printed, T4 a direction alone, T5 no direction to call."""
        return min(map(_tier, self.facts), default=None)

    @property
    def direction(self) -> str | None:
        """The result of most votes, mixed where two have as many; None without a vote."""
        counts = {word: self.votes.counts.get(word, 0) for word in WORDS}
        counts[Result.MIXED] += self.votes.tied
        return (most(counts) or Result.MIXED).value if self.votes.whole else None

    @property
    def species(self) -> frozenset[str]:
        """The species that its findings are on, as ids."""
        return frozenset(fact.species for fact in self.facts)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the matrix: a therapy with what is below it if it was asked for, or a set; a cell for each barrier.

    `harms` are findings of any outcome, phase and species that speak of a member, alone or with others, and worsened.
    """

    kind: Kind
    members: Members
    name: str
    cells: Mapping[str, Cell]
    harms: tuple[str, ...]

    @property
    def covered(self) -> tuple[str, ...]:
        """The barriers that it covers."""
        return tuple(id for id, cell in self.cells.items() if cell.covered)

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The findings of all its cells, each once."""
        found = {fact.finding: fact for cell in self.cells.values() for fact in cell.facts}
        return tuple(found[id] for id in sorted(found))


@dataclass(frozen=True, slots=True)
class Coverage:
    """The matrix: rows of single therapies first, then of the sets asked for."""

    barriers: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def mixes_people(self) -> bool:
        """Whether a cell counts animals and people together."""
        cells = [cell for line in self.lines for cell in line.cells.values()]
        return any({Whom.ANIMALS, Whom.PEOPLE} <= {fact.kind for fact in cell.facts} for cell in cells)


def coverage(known: Known, asked: Sequence[str] = (), scope: Scope = ANY) -> Coverage:
    """The barriers of the therapies asked for, with what is below each, or of every therapy by itself.

    `A + B` asks for both parts, for what was measured of the two together, and for their union; so do several words
    for their union. Raises UnknownName, and KgError for a control or where nothing within the scope measures a barrier.
    """
    found = _Found(known, scope)
    sets = [known.members(word) for word in asked]
    parts = dict.fromkeys(id for some in sets for id in sorted(some))
    single = [found.line(id, known.below[id]) for id in parts] if asked else found.every()
    if not single:
        raise KgError(f"no finding {f'of {scope.words} ' if scope.words else ''}here measures a barrier")
    whole = NOTHING.union(*sets)
    unions = dict.fromkeys(some for some in [*sets, whole] if len(some) > 1)
    together = [line for some in unions for line in (*found.whole(some, some in sets), union(known, some, single))]
    return Coverage(found.barriers, (*single, *together))


class _Found:
    """The findings that measure a barrier and add something, by what they isolate."""

    def __init__(self, known: Known, scope: Scope) -> None:
        self.known = known
        self.barriers = tuple(term.id for term in known.vocab.scheme("barrier"))
        facts = [fact for fact in known.of(scope) if fact.adds and fact.outcome in known.barriers]
        self.by_set = grouped(facts, lambda fact: fact.isolates)

    def every(self) -> list[Line]:
        """A line for each term that a finding isolates, without those below it; the most covered first."""
        single = [next(iter(some)) for some in self.by_set if len(some) == 1]
        return sorted((self.line(id, frozenset([id])) for id in single), key=_order)

    def line(self, id: str, ids: Collection[str]) -> Line:
        """The line of a therapy, of the findings that isolate one of these ids."""
        kind = Kind.PROBE if id in self.known.no_therapy else Kind.THERAPY
        facts = [fact for one in sorted(ids) for fact in self.by_set.get(frozenset([one]), ())]
        return self._made(kind, frozenset([id]), facts)

    def whole(self, members: Members, wanted: bool) -> Iterator[Line]:
        """What was measured of a set that was asked for as one: contrasts that add all of it at once."""
        if wanted:
            facts = [fact for some, found in self.by_set.items() if self._is(some, members) for fact in found]
            yield self._made(Kind.WHOLE, members, facts)

    def _is(self, isolated: Members, asked: Members) -> bool:
        """Whether each part is one that was asked for, or below it."""
        return len(isolated) == len(asked) and holds(isolated, asked, self.known.below)

    def _made(self, kind: Kind, members: Members, facts: Sequence[Fact]) -> Line:
        measured = by_barrier(self.known, facts)
        cells = {id: _cell(id, measured.get(id, ())) for id in self.barriers}
        return Line(kind, members, self.known.named(members), cells, self.known.harms(members))


def union(known: Known, members: Members, lines: Iterable[Line]) -> Line:
    """What the lines of single therapies cover together; nothing is pooled over them."""
    parts = [line for line in lines if len(line.members) == 1 and line.members <= members]
    cells = {barrier: _union(barrier, parts) for barrier in (parts[0].cells if parts else ())}
    return Line(Kind.UNION, members, known.named(members), cells, known.harms(members))


def _union(barrier: str, parts: Sequence[Line]) -> Cell:
    cells = [(next(iter(line.members)), line.cells[barrier]) for line in parts]
    best = max((cell for _, cell in cells), key=lambda cell: (cell.covered, cell.votes.lower, cell.votes.whole))
    facts = {fact.finding: fact for _, cell in cells for fact in cell.facts}
    state = next(state for state in State if state in {cell.state for _, cell in cells})
    carriers = tuple(id for id, cell in cells if cell.covered)
    return Cell(barrier, state, tuple(facts[id] for id in sorted(facts)), best.votes, carriers)


def _cell(barrier: str, facts: Sequence[Fact]) -> Cell:
    cast = votes(facts)
    state = State.MEASURED if cast.whole else State.UNCALLED if facts else State.NOBODY
    return Cell(barrier, State.COVERED if covered(cast) else state, tuple(facts), cast)


def _tier(fact: Fact) -> str:
    return fact.tier or ("T5" if fact.result is Result.UNDETERMINED else "T4")


def _order(line: Line) -> tuple[object, ...]:
    return line.kind is Kind.PROBE, -len(line.covered), -len({fact.study for fact in line.facts}), line.name.casefold()


def row(line: Line, cell: Cell, known: Known) -> Row:
    """A cell as a row of COLUMNS: studies under every result they saw; votes and lower bound as RULE counts them."""
    return {
        "kind": line.kind.value,
        "therapy": line.name,
        "barrier": known.vocab.label("barrier", cell.barrier),
        "state": cell.state.value,
        "direction": cell.direction,
        "tier": cell.tier,
        "votes": str(cell.votes) if cell.votes.whole else None,
        "lower": round(cell.votes.lower, 4) if cell.votes.whole else None,
        "species": known.labels("species", cell.species) or None,
        "carried_by": known.labels("therapy", cell.carriers) or None,
        "findings": " ".join(ordered(cell.facts)) or None,
        "harms": " ".join(line.harms) or None,
    } | seen(cell.facts)


def rows(found: Coverage, known: Known) -> list[Row]:
    """Every cell of the matrix, the empty ones too."""
    return [row(line, cell, known) for line in found.lines for cell in line.cells.values()]


def heads(found: Coverage) -> list[str]:
    """The columns of `short` rows: therapy, barriers of which somebody measured something, harms."""
    measured = {id for line in found.lines for id, cell in line.cells.items() if cell.state is not State.NOBODY}
    return ["therapy", *(id.replace("-", " ") for id in found.barriers if id in measured), "harms"]


def short(line: Line) -> Row:
    """A line for a terminal: votes by result (+ improved, 0 no difference, - worsened, ± mixed or tied), * covered."""
    kind = "" if line.kind is Kind.THERAPY else f" ({line.kind.value})"
    signs = {id.replace("-", " "): sign(cell) or None for id, cell in line.cells.items()}
    return {"therapy": f"{line.name}{kind}", **signs, "harms": len(line.harms) or None}


def sign(cell: Cell) -> str:
    """The votes of a cell in signs, nulls and harms beside benefits; empty where nobody measured."""
    counts = {word: cell.votes.counts.get(word, 0) for word in WORDS}
    counts[Result.MIXED] += cell.votes.tied
    said = [f"{mark}{counts[word]}" for word, mark in _SIGNS.items() if counts[word]]
    said += [f"?{seen(cell.facts)['studies']}"] if cell.state is State.UNCALLED else []
    return " ".join(said) + ("*" if cell.covered else "")
