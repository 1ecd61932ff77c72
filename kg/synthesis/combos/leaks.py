"""Whether a ranking as of a year knows anything from after it: its scores must not move when the future does."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace

from kg.model import Contrast, Result
from kg.synthesis.combos.known import Fact, Known, Trial
from kg.synthesis.combos.topology import Scores, seen
from kg.vocab import Vocab

Method = Callable[[Known], Scores]
_RENAMED = "renamed-"  # one prefix for all, so that their order stays
_FLIPPED = {
    Result.IMPROVED: Result.WORSENED, Result.WORSENED: Result.IMPROVED, Result.NO_DIFFERENCE: Result.IMPROVED,
    Result.MIXED: Result.NO_DIFFERENCE, Result.UNDETERMINED: Result.IMPROVED,
}  # fmt: skip


def leaking(method: Method, known: Known, year: int) -> bool:
    """Whether the scores as of a year change with what came after it, or rest on anything but what they are told.

    What came after is (a) removed and (b) altered before the slice is cut: results flipped, pairs and trials planted,
    years changed. And (c) every therapy is given another name: a method that was told the whole graph beforehand knows
    the old names only.
    """
    made = method(known.before(year))
    others = [method(told(known, year).before(year)) for told in (removed, altered)]
    named = Scores(tuple(map(_namer(known), made.ids)), made.matrix)
    return not (all(_same(made, one) for one in others) and _same(named, method(renamed(known).before(year))))


def _same(one: Scores, other: Scores) -> bool:
    """Whether two give the same scores, but for the rounding of sums in another order."""
    import numpy as np

    if {*one.ids} != {*other.ids}:
        return False
    order = [other.ids.index(id) for id in one.ids]
    return np.allclose(one.matrix, other.matrix[np.ix_(order, order)], rtol=1e-9, atol=1e-12, equal_nan=True)


def removed(known: Known, year: int) -> Known:
    """Only what is dated, and not after the year."""
    facts = tuple(fact for fact in known.facts if _by(fact, year))
    return Known(known.vocab, facts, tuple(one for one in known.trials if _by(one, year)), courses=known.courses)


def altered(known: Known, year: int) -> Known:
    """All that is not dated by the year told otherwise, and pairs, results and trials planted after it."""
    kept = removed(known, year)
    ids = seen(kept)
    changed = (_flipped(fact, year, ids) for fact in known.facts if not _by(fact, year))
    trials = (replace(one, year=year + 2, stage="III") for one in known.trials if not _by(one, year))
    planted, more = tuple(_planted(known, year, ids)), tuple(_trials(year, ids))
    arms = frozenset(map(frozenset, itertools.pairwise(ids))) | known.withdrawn
    return Known(known.vocab, (*kept.facts, *changed, *planted), (*kept.trials, *trials, *more), arms, known.courses)


def _by(one: Fact | Trial, year: int) -> bool:
    return one.year is not None and one.year <= year


def _flipped(fact: Fact, year: int, ids: tuple[str, ...]) -> Fact:
    """The opposite result, of an arm that also gives what was known by the year, after it or in no year."""
    later = None if fact.year is None else year + 1 + fact.year % 3
    return replace(fact, year=later, result=_FLIPPED[fact.result], members=fact.members | frozenset(ids[:2]))


def _planted(known: Known, year: int, ids: tuple[str, ...]) -> Iterator[Fact]:
    """Neighbours in the order of ids given together, the second one isolated, each once after the year and undated."""
    for number, (one, other) in enumerate(itertools.pairwise(ids) if known.facts else ()):
        told = replace(
            known.facts[number % len(known.facts)], finding=f"planted-{number}", study=f"planted-{number}",
            members=frozenset([one, other]), comparator=frozenset([one]), isolates=frozenset([other]),
            contrast=Contrast.ADDS.value, result=Result.IMPROVED,
        )  # fmt: skip
        yield replace(told, year=year + 1)
        yield replace(told, finding=f"planted-{number}-undated", year=None)


def _trials(year: int, ids: tuple[str, ...]) -> Iterator[Trial]:
    for pair in itertools.pairwise(ids):
        yield Trial(f"planted-{'-'.join(pair)}", frozenset(pair), year + 1, "III", "completed", "improved", ())


def _namer(known: Known) -> Callable[[str], str]:
    """The other name of each therapy; controls and probes keep theirs, which code may know."""
    return lambda therapy: therapy if therapy in known.no_therapy else f"{_RENAMED}{therapy}"


def renamed(known: Known) -> Known:
    """The same under other names: every therapy but controls and probes, in the vocabulary too; labels stay."""
    named = _namer(known)

    def all_named(ids: frozenset[str]) -> frozenset[str]:
        return frozenset(map(named, ids))

    terms = [
        replace(term, id=named(term.id), broader=tuple(map(named, term.broader))) if scheme == "therapy" else term
        for (scheme, _), term in known.vocab.terms.items()
    ]
    return Known(
        Vocab.of(terms),
        tuple(
            replace(
                fact, members=all_named(fact.members), comparator=all_named(fact.comparator),
                isolates=all_named(fact.isolates),
            )
            for fact in known.facts
        ),
        tuple(replace(one, members=all_named(one.members)) for one in known.trials),
        frozenset(map(all_named, known.withdrawn)),
        {arm: {named(id): one for id, one in told.items()} for arm, told in (known.courses or {}).items()},
    )  # fmt: skip
