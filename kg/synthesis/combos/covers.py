"""Covers: the smallest sets of therapies that cover the barriers asked for, found exactly, the best evidence first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, islice, takewhile

from kg.errors import KgError
from kg.model import NOT_STATED, Result
from kg.store import Row
from kg.synthesis.combos import coverage
from kg.synthesis.combos.coverage import Cell, Kind, Line
from kg.synthesis.combos.known import ANY, NOTHING, Fact, Known, Members, Scope, counted, ordered, seen, studies
from kg.synthesis.combos.solver import Instance, solutions
from kg.synthesis.combos.together import Given, are_related, findings, given, unrelated

ORDER = (
    "A cover is a set of therapies of which none can be left out. The fewest therapies stand first, then the largest "
    "sum over the barriers of the lower bound of whichever member carries it best, then the most studies behind those "
    "cells, then the name. No set holds a therapy beside one above or below it; where several species "
    "are asked for, a member may be there for its species alone. Covering barriers one by one is no evidence that the "
    "set works together."
)
ALL = "all"
COLUMNS = (
    "place size therapies adds carried_by sum_of_lower studies improved no_difference worsened mixed undetermined "
    "species together together_findings findings harms"
).split()
SUMMARY = ("therapies", "carried by (votes, lower bound)", "studies", "species", "together", "harms")
SCALE = 10_000  # lower bounds are compared to four decimals


@dataclass(frozen=True, slots=True)
class Cover:
    """A set that covers everything asked for; `carried` names for each barrier the member that carries it best."""

    members: tuple[str, ...]
    adds: tuple[str, ...]
    carried: Mapping[str, str]
    lower: float
    facts: tuple[Fact, ...]
    species: frozenset[str]
    together: Given
    together_findings: tuple[str, ...]
    harms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Covers:
    """The covers of some barriers, best first; `nobody` are barriers that no therapy covers, so that no set does."""

    barriers: tuple[str, ...]
    covers: tuple[Cover, ...]
    nobody: tuple[str, ...]
    lines: Mapping[str, Line]


def covers(
    known: Known, wanted: Sequence[str], asked: Sequence[str] = (), scope: Scope = ANY, *, species_least: int = 0,
    size: int | None = None, limit: int = 10,
) -> Covers:  # fmt: skip
    """The best sets that cover the barriers wanted (words, or `all`) and hold the therapies asked for.

    `species_least` asks for improving findings of the covered cells on so many species together, `size` for sets of
    exactly so many. Raises UnknownName, and KgError for what is no therapy, for two therapies of which one is a kind
    of the other, and for numbers below 1.
    """
    if limit < 1 or species_least < 0 or (size is not None and size < 1):
        raise KgError("sets are asked for by numbers of 1 and more")
    barriers, required = _barriers(known, wanted), _required(known, asked)
    lines = _lines(known, required, scope, barriers)
    nobody = tuple(barrier for barrier in barriers if not any(line.cells[barrier].covered for line in lines.values()))
    found = [] if nobody else list(_wanted(_instance(known, barriers, lines, required, species_least), size, limit))
    made = tuple(_cover(known, members, barriers, lines, required) for members in found)
    return Covers(barriers, made, nobody, lines)


def _wanted(instance: Instance, size: int | None, limit: int) -> Iterator[tuple[str, ...]]:
    small = takewhile(lambda members: size is None or len(members) <= size, solutions(instance))
    return islice((members for members in small if size in (None, len(members))), limit)


def _barriers(known: Known, wanted: Sequence[str]) -> tuple[str, ...]:
    every = [term.id for term in known.vocab.scheme("barrier")]
    told = [every if word.casefold() == ALL else [known.vocab.find("barrier", word).id] for word in wanted]
    if not told:
        raise KgError("say which barriers are to be covered: their names, or all")
    return tuple(dict.fromkeys(id for some in told for id in some))


def _required(known: Known, asked: Sequence[str]) -> Members:
    """The therapies that every set holds. Raises KgError for what is none, and for two that are related."""
    ids = NOTHING.union(*map(known.members, asked))
    for id in sorted(ids & known.no_therapy.keys()):
        raise KgError(f"{known.named([id])!r} is {known.no_therapy[id]}, not a therapy, and stands in no cover")
    unrelated(known, ids)
    return ids


def _lines(known: Known, required: Members, scope: Scope, barriers: Collection[str]) -> dict[str, Line]:
    """The therapies that may stand in a set, by name: those required, and those that cover some barrier wanted."""
    try:
        every = coverage.coverage(known, (), scope).lines
    except KgError:  # nothing is measured within the scope: then nobody covers anything
        every = ()
    of = coverage.coverage(known, sorted(required), scope).lines if required else ()
    some = [line for line in every if line.kind is Kind.THERAPY and any(line.cells[id].covered for id in barriers)]
    found = {_id(line): line for line in some if not any(are_related(known, _id(line), id) for id in required)}
    found |= {_id(line): line for line in of if line.kind is Kind.THERAPY}
    return dict(sorted(found.items(), key=lambda pair: (pair[1].name.casefold(), pair[0])))


def _id(line: Line) -> str:
    return next(iter(line.members))


def _instance(
    known: Known, barriers: tuple[str, ...], lines: Mapping[str, Line], required: Members, species_least: int
) -> Instance:
    cells = {
        (id, barrier): _rank(line.cells[barrier])
        for id, line in lines.items()
        for barrier in barriers
        if line.cells[barrier].covered
    }
    species = {id: _improving(line, barriers) for id, line in lines.items()}
    every = sorted(frozenset[str]().union(*species.values()))
    kinds = {term.id: frozenset(known.vocab.narrower(term)) for term in known.vocab.scheme("species")}
    nested = (p for p in combinations(every, 2) if p[0] in kinds.get(p[1], ()) or p[1] in kinds.get(p[0], ()))
    apart = frozenset(frozenset(pair) for pair in combinations(lines, 2) if are_related(known, *pair))
    of = frozenset(map(frozenset, nested))
    return Instance(barriers, tuple(lines), cells, required, apart, species, of, species_least)


def _improving(line: Line, barriers: Iterable[str]) -> frozenset[str]:
    """The stated species of the improving findings of what a line covers."""
    facts = (fact for barrier in barriers if line.cells[barrier].covered for fact in line.cells[barrier].facts)
    return frozenset(fact.species for fact in facts if fact.result is Result.IMPROVED) - {"", NOT_STATED}


def _cover(
    known: Known, members: tuple[str, ...], barriers: Sequence[str], lines: Mapping[str, Line], required: Members
) -> Cover:
    carried = {barrier: _best(members, barrier, lines) for barrier in barriers}
    facts = {f.finding: f for id in members for barrier in barriers for f in lines[id].cells[barrier].facts}
    return Cover(
        members,
        tuple(id for id in members if id not in required),
        carried,
        sum(lines[id].cells[barrier].votes.lower for barrier, id in carried.items()),
        tuple(facts[key] for key in sorted(facts)),
        frozenset[str]().union(*(_improving(lines[id], barriers) for id in members)),
        given(known, members),
        ordered(findings(known, members)),
        known.harms(members),
    )


def _rank(cell: Cell) -> tuple[int, int]:
    """How well a cell carries its barrier."""
    return round(cell.votes.lower * SCALE), studies(cell.facts)


def _best(members: Iterable[str], barrier: str, lines: Mapping[str, Line]) -> str:
    ranks = {id: _rank(lines[id].cells[barrier]) for id in members if lines[id].cells[barrier].covered}
    return max(ranks, key=lambda therapy: ranks[therapy])


def rows(found: Covers, known: Known) -> list[Row]:
    """The covers as rows of COLUMNS, studies under every result they saw on these barriers."""
    return [_row(place, cover, found, known) for place, cover in enumerate(found.covers, start=1)]


def _row(place: int, cover: Cover, found: Covers, known: Known) -> Row:
    told: Row = {
        "place": place,
        "size": len(cover.members),
        "therapies": known.named(cover.members),
        "adds": known.named(cover.adds) or None,
        "carried_by": "; ".join(carried(found, cover, known)),
        "sum_of_lower": round(cover.lower, 4),
        "species": known.labels("species", cover.species) or None,
        "together": cover.together.value,
        "together_findings": " ".join(cover.together_findings) or None,
        "findings": " ".join(ordered(cover.facts)),
        "harms": " ".join(cover.harms) or None,
    }
    return {**told, **seen(cover.facts)}


def carried(found: Covers, cover: Cover, known: Known) -> list[str]:
    """For each barrier who carries it best, with the votes for benefit and the lower bound of their share."""
    label = known.vocab.label
    cells = [(barrier, id, found.lines[id].cells[barrier].votes) for barrier, id in cover.carried.items()]
    return [
        f"{label('barrier', barrier)}: {label('therapy', id)} ({cast.improved}/{cast.whole}, {cast.lower:.3f})"
        for barrier, id, cast in cells
    ]


def short(row: Row) -> Row:
    """A row in the few columns of SUMMARY."""
    return {
        "therapies": row["therapies"],
        "carried by (votes, lower bound)": row["carried_by"],
        "studies": f"{row['studies']}: {counted(row)}",
        "species": row["species"],
        "together": row["together"],
        "harms": len(str(row["harms"]).split()) if row["harms"] else None,
    }
