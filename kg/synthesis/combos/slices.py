"""What was not yet tried at the end of a year, and what of it was tried after it: by this a ranking is scored."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kg.errors import KgError
from kg.synthesis.combos import together, topology
from kg.synthesis.combos.known import Fact, Known, Members, grouped
from kg.synthesis.combos.together import Pair
from kg.synthesis.combos.verdicts import Verdict, comparators, directed, overall

SLICES = 20  # at most so many where papers and not years are counted


@dataclass(frozen=True, slots=True)
class Slice:
    """The pairs that could have been ranked at the end of `until`, in order, and those of them tested after it.

    A pair is two therapies that were both seen by then, neither a kind of the other, and that no arm and no trial gave
    together: an arm that gives a kind of one with a kind of the other gives the pair. `tried` pairs had been given by
    then; `undated` ones are left out, since only arms without a year give them.
    """

    until: int
    candidates: tuple[Pair, ...]
    tested: frozenset[Pair]
    tried: int
    undated: int


@dataclass(frozen=True, slots=True)
class Dates:
    """In which year each pair was first given together; which were, but in no year that anyone states."""

    first: Mapping[Pair, int]
    undated: frozenset[Pair]
    related: frozenset[Pair]

    @classmethod
    def of(cls, known: Known) -> Dates:
        """The dates of all pairs that any arm or trial gives."""
        related = frozenset(together.pair(id, up) for id, ups in known.above.items() for up in ups if up != id)
        first: dict[Pair, int] = {}
        undated: set[Pair] = set()
        for members, year in _given(known).items():
            for pair in together.pairs(known, members) - related:
                if year is None:
                    undated.add(pair)
                else:
                    first[pair] = min(year, first.get(pair, year))
        return cls(first, frozenset(undated - first.keys()), related)


def _given(known: Known) -> dict[Members, int | None]:
    """Every set of two or more that was given together, with the first year that is stated."""
    told: list[tuple[Members, int | None]] = [(fact.members, fact.year) for fact in known.facts]
    told += [(fact.comparator, fact.year) for fact in known.facts]
    told += [(trial.members, trial.year) for trial in known.trials]
    found: dict[Members, int | None] = {}
    for members, year in told:
        if len(members) > 1:
            years = [one for one in (year, found.get(members)) if one is not None]
            found[members] = min(years, default=None)
    return found


def cut(known: Known, untils: Iterable[int]) -> Iterator[Slice]:
    """The slice of each year, in their order."""
    dates = Dates.of(known)
    for until in untils:
        pairs = set(itertools.combinations(topology.seen(known.before(until)), 2)) - dates.related
        tried = {pair for pair in pairs if dates.first.get(pair, until + 1) <= until}
        open_ = sorted(pairs - tried - dates.undated)
        tested = frozenset(pair for pair in open_ if pair in dates.first)
        yield Slice(until, tuple(open_), tested, len(tried), len(pairs & dates.undated))


def years(known: Known, start: int | None = None, stop: int | None = None) -> list[int]:
    """The years from `start` (2005) to `stop` after which a pair was first tested. Raises KgError for no such year."""
    last = max(Dates.of(known).first.values(), default=0)
    found = list(range(2005 if start is None else start, min(last, last if stop is None else stop + 1)))
    if not found:
        raise KgError(
            f"no slice can be cut there: the last pair of therapies that a dated arm gives is of {last or 'no year'}; "
            "ask for years before it by --from and --to"
        )
    return found


# --- by paper ---------------------------------------------------------------------------------------------------------


def by_paper(known: Known) -> Known:
    """The same findings, the rank of their paper's id (from 1) for a year: an order of documents and not of time.

    Trials, and findings whose paper is not known, have no place in that order and count as undated.
    """
    ranks = {paper: rank for rank, paper in enumerate(sorted({fact.paper for fact in known.facts} - {""}), 1)}
    facts = tuple(replace(fact, year=ranks.get(fact.paper)) for fact in known.facts)
    trials = tuple(replace(trial, year=None) for trial in known.trials)
    return Known(known.vocab, facts, trials, known.withdrawn, known.courses)


def papers(ranked: Known, start: int | None = None, stop: int | None = None) -> list[int]:
    """After how many papers to cut: at most SLICES, evenly. Raises KgError where there is none."""
    last = max((fact.year or 0 for fact in ranked.facts), default=0)
    step = max(1, -(-last // SLICES))
    found = [rank for rank in range(step, last, step) if (start or 0) <= rank <= (last if stop is None else stop)]
    if not found:
        raise KgError(f"no slice can be cut there: there are {last} papers; --from and --to are numbers of papers read")
    return found


# --- what came of it --------------------------------------------------------------------------------------------------


def giving(known: Known) -> dict[Pair, list[Fact]]:
    """The findings on each pair: their arm gives both, or kinds of both, and their comparator does not."""
    found: defaultdict[Pair, list[Fact]] = defaultdict(list)
    for fact in known.facts:
        if len(fact.members) > 1:
            for pair in together.pairs(known, fact.members) - together.pairs(known, fact.comparator):
                found[pair].append(fact)
    return dict(found)


def beat_both(known: Known) -> frozenset[Pair]:
    """The pairs that an arm of exactly two gives and that beat every part in each row that compares one.

    A row is one study, outcome domain, phase and species; the verdict is that of directions alone (`verdicts.RULE`).
    """
    rows = grouped((fact for fact in known.facts if len(fact.members) == 2), lambda fact: (fact.members, fact.place))
    told: defaultdict[Members, list[Verdict]] = defaultdict(list)
    for (members, _), facts in rows.items():
        verdict = directed(members, comparators(facts))
        if verdict not in (Verdict.CONTROL, Verdict.NEVER):
            told[members].append(verdict)
    won = [members for members, verdicts in told.items() if overall(verdicts) is Verdict.EVERY]
    return frozenset(pair for members in won for pair in together.pairs(known, members))


def findings(facts: Mapping[Pair, Sequence[Fact]], pairs: Iterable[Pair]) -> list[Fact]:
    """The findings on some pairs, each once, by id."""
    found = {fact.finding: fact for pair in pairs for fact in facts.get(pair, ())}
    return [found[id] for id in sorted(found)]
