"""Does a ranking know anything? Pairs not tried by the end of a year, scored against those first tested after it."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from kg.synthesis import directions
from kg.synthesis.combos import auroc, candidates, slices, topology
from kg.synthesis.combos.auroc import FEWEST, Estimate, Progress, Ranked, silent
from kg.synthesis.combos.criteria import CRITERIA
from kg.synthesis.combos.known import Fact, Known, Votes, votes
from kg.synthesis.combos.leaks import Method, leaking
from kg.synthesis.combos.together import Pair
from kg.synthesis.combos.topology import Scores

CAVEAT = "Tested later is not shown to work: that a pair was tried says what people chose, not that it helps."
RULE = (
    "As of the end of year T a method sees nothing dated after T and nothing undated. Candidates are pairs of "
    "therapies both seen by T, neither a kind of the other, no controls and no probes, that no arm and no trial gave "
    "together by T; an arm that gives a kind of one with a kind of the other gives the pair. Pairs that only arms "
    "without a year give are left out. Tested later are those that a dated finding or trial gives after T. AUROC is "
    "the share of comparisons between a pair tested later and one that was not, within one slice, that are in the "
    "right order, a tie as half; pairs on which a method has no opinion come last. Over all slices the comparisons "
    "are counted together, so that late slices, which have more candidates, weigh more. Intervals are 95 %, by "
    "bootstrap of pairs, those tested later and those not apart; a pair that stands in several slices is drawn for all "
    "of them at once, since slices overlap. Pairs that share a therapy are not independent, nor are a pair and the "
    "classes above it, so that true intervals are wider. Better and worse are said only where the interval of the "
    "difference, both methods on the same samples, excludes 0; nothing is corrected for the number of comparisons. "
    f"With fewer than {FEWEST} pairs tested later only hits are shown. Of pairs that are tied at the end of the first "
    "5, 10 or 20, hits are the mean over all orders. The vocabulary and the choice of papers are of today."
)
BY_PAPER = "Slices follow the ids of papers: an order of documents and not of time, so that nothing here is foresight."
FIRST = (5, 10, 20)
FEWEST_BEATING = 20
_ZERO = 1e-9  # smaller differences are rounding


class By(StrEnum):
    """What slices are cut by."""

    YEAR = "year"
    PAPER = "paper"


class Target(StrEnum):
    """What a ranking is asked to foresee."""

    TESTED = "first tested later"
    BEAT = "first tested later and beat both parts"


class Comparison(StrEnum):
    """The first method against another."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "not told apart"
    FEW = "too few to say"
    ITSELF = ""


@dataclass(frozen=True, slots=True)
class Score:
    """How one method did: None where too few pairs were tested later.

    `difference` is the AUROC of the first method less that of this one. `opinions` are the candidates it has a say on.
    """

    method: str
    auroc: Estimate | None
    opinions: int
    hits: Mapping[int, float]
    difference: Estimate | None
    verdict: Comparison


@dataclass(frozen=True, slots=True)
class Standing:
    """How the methods did in one slice; over all slices where `until` is None: candidates of all are counted together.

    `pairs` are those tested later, `chance` the hits that a random order has on average.
    """

    target: Target
    until: int | None
    candidates: int
    tested: int
    undated: int
    pairs: tuple[Pair, ...]
    chance: Mapping[int, float]
    scores: tuple[Score, ...]
    facts: tuple[Fact, ...]

    @property
    def base_rate(self) -> float:
        """The share of candidates that were tested later."""
        return self.tested / self.candidates if self.candidates else 0.0

    def of_kind(self, kind: directions.Kind) -> tuple[Fact, ...]:
        """The findings on animals, or on people."""
        return tuple(fact for fact in self.facts if fact.kind is kind)

    @property
    def votes(self) -> Votes:
        """What the studies of the pairs tested later say."""
        return votes(self.facts)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All slices, then all of them together; `beat` has no standing where fewer than 20 pairs beat both parts.

    `leaking` are the methods whose scores knew something from after a year, of those of `checked`; `shuffled` is the
    mean AUROC by method on shuffled labels, empty where nobody asked.
    """

    by: By
    first: str
    tested: tuple[Standing, ...]
    beat: tuple[Standing, ...]
    beating: int
    checked: tuple[int, ...]
    leaking: tuple[str, ...]
    shuffled: Mapping[str, float]
    times: int
    draws: int
    seed: int


def at_random(known: Known, seed: int = 0) -> Scores:
    """One random order, by a seed."""
    import numpy as np

    ids = topology.seen(known)
    half = np.triu(np.random.default_rng(seed).random((len(ids), len(ids))), 1)
    return Scores(ids, half + half.T)


METHODS: Mapping[str, Method] = MappingProxyType({
    "ours": candidates.scored,
    **{f"ours without {name}": functools.partial(candidates.scored, without=(name,)) for name in CRITERIA},
    "popularity": topology.popularity,
    "class popularity": topology.class_popularity,
    "Adamic-Adar": topology.by_adamic_adar,
    "common neighbours": topology.by_common,
    "random walk": topology.by_walk,
    "metapaths": topology.by_metapaths,
    "random": at_random,
})  # fmt: skip


def evaluation(
    known: Known, by: By = By.YEAR, start: int | None = None, stop: int | None = None, *, draws: int = 1000,
    shuffles: int = 0, seed: int = 0, methods: Mapping[str, Method] = METHODS, progress: Progress = silent,
) -> Evaluation:  # fmt: skip
    """How well each method foresees which pairs are tested first after each year (or number of papers) asked for.

    The first of `methods` is compared with each other one. `draws` bootstrap samples and `shuffles` of labels are of
    `seed`. Raises KgError where no slice can be cut.
    """
    told = slices.by_paper(known) if by is By.PAPER else known
    untils = (slices.papers if by is By.PAPER else slices.years)(told, start, stop)
    open_ = list(slices.cut(told, untils))
    made = [Ranked.of(one, _scores(told, one.until, methods)) for one in progress("scoring", open_)]
    judge = _Judge(slices.giving(told), draws, seed, progress)
    won = _relabelled(made, slices.beat_both(told))
    beating = len(frozenset[Pair]().union(*(one.slice.tested for one in won)))
    checked = tuple(sorted({untils[0], untils[len(untils) // 2], untils[-1]}))
    leaking = tuple(name for name in progress("leaks", [*methods]) if _leaks(methods[name], told, checked))
    return Evaluation(
        by=by, first=next(iter(methods)), beating=beating, checked=checked, leaking=leaking, draws=draws, seed=seed,
        tested=judge.standings(Target.TESTED, made),
        beat=judge.standings(Target.BEAT, won) if beating >= FEWEST_BEATING else (),
        shuffled=auroc.shuffled(made, shuffles, seed) if shuffles else {}, times=shuffles,
    )  # fmt: skip


def _scores(known: Known, until: int, methods: Mapping[str, Method]) -> dict[str, Scores]:
    now = known.before(until)
    return {name: method(now) for name, method in methods.items()}


def _leaks(method: Method, known: Known, untils: Iterable[int]) -> bool:
    return any(leaking(method, known, until) for until in untils)


def _relabelled(made: Sequence[Ranked], kept: frozenset[Pair]) -> list[Ranked]:
    """The same scores where only these of the pairs tested later count as such."""
    import numpy as np

    found = []
    for one in made:
        cut = replace(one.slice, tested=one.slice.tested & kept)
        found.append(Ranked(cut, np.array([pair in cut.tested for pair in cut.candidates], dtype=bool), one.scores))
    return found


@dataclass(frozen=True, slots=True)
class _Judge:
    """Compares scores with labels; `facts` are the findings on each pair."""

    facts: Mapping[Pair, Sequence[Fact]]
    draws: int
    seed: int
    progress: Progress

    def standings(self, target: Target, made: Sequence[Ranked]) -> tuple[Standing, ...]:
        """Each slice, then all of them."""
        each = [self._standing(target, one.slice.until, [one], silent) for one in self.progress("slices", made)]
        return (*each, self._standing(target, None, made, self.progress))

    def _standing(self, target: Target, until: int | None, some: Sequence[Ranked], progress: Progress) -> Standing:
        pairs = sorted(frozenset[Pair]().union(*(one.slice.tested for one in some)))
        return Standing(
            target=target,
            until=until,
            candidates=sum(len(one.tested) for one in some),
            tested=sum(one.sides[0] for one in some),
            undated=max(one.slice.undated for one in some),
            pairs=tuple(pairs),
            chance={k: sum(_chance(one, k) for one in some) for k in FIRST},
            scores=tuple(self._scores(some, len(pairs), [self.seed, until or 0], progress)),
            facts=tuple(slices.findings(self.facts, pairs)),
        )

    def _scores(
        self, some: Sequence[Ranked], pairs: int, seed: Sequence[int], progress: Progress
    ) -> Iterator[Score]:  # fmt: skip
        """The score of each method, and of the first one less it."""
        import numpy as np

        shown = pairs >= FEWEST and any(all(one.sides) for one in some)
        values = auroc.aurocs(some) if shown else {}
        samples = auroc.resampled(some, self.draws, seed, progress) if shown else {}
        first = next(iter(some[0].scores))
        for name in some[0].scores:
            less = None
            if shown and name != first:
                less = auroc.interval(values[first] - values[name], samples[first] - samples[name])
            yield Score(
                method=name,
                auroc=auroc.interval(values[name], samples[name]) if shown else None,
                opinions=sum(int(np.isfinite(one.scores[name]).sum()) for one in some),
                hits={k: sum(auroc.hits(one.scores[name], one.tested, k) for one in some) for k in FIRST},
                difference=less,
                verdict=Comparison.ITSELF if name == first else _compared(less),
            )


def _chance(one: Ranked, first: int) -> float:
    whole = len(one.tested)
    return min(first, whole) * one.sides[0] / whole if whole else 0.0


def _compared(less: Estimate | None) -> Comparison:
    if less is None:
        return Comparison.FEW
    return Comparison.BETTER if less.low > _ZERO else Comparison.WORSE if less.high < -_ZERO else Comparison.SAME
