"""What the shape of the graph says of a pair, whatever its evidence: neighbours in common, walks, paths, popularity.

None of this is a reason to try a pair. It stands beside the ranking as what the ranking has to beat: how often a
therapy is studied, and where it stands in the graph, say who is fashionable and not who helps.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kg.model import Result
from kg.store import Row
from kg.synthesis.combos.known import Known, Members

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]
    Sparse = Any  # scipy ships no types

COLUMNS = ("popularity", "common_neighbours", "adamic_adar", "random_walk", "metapaths")


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """A score for every pair of therapies (n x n, symmetric, more is sooner); NaN where a method has no opinion."""

    ids: tuple[str, ...]
    matrix: Matrix


def seen(known: Known) -> tuple[str, ...]:
    """The ids of the therapies that an arm or a trial gives or a contrast isolates; no controls and no probes."""
    given = {id for fact in known.facts for id in fact.members | fact.comparator | fact.isolates}
    given |= {id for trial in known.trials for id in trial.members}
    return tuple(sorted(given - known.no_therapy.keys()))


# --- the graph --------------------------------------------------------------------------------------------------------


def shared(known: Known, ids: Sequence[str]) -> Sparse:
    """Which therapies shared an arm: symmetric 0 and 1 (n x n, sparse), nothing on the diagonal."""
    place = {id: number for number, id in enumerate(ids)}
    pairs = {pair for some in known.together for pair in itertools.permutations(sorted(some & place.keys()), 2)}
    return _sparse([(place[one], place[other]) for one, other in pairs], len(ids), len(ids))


def improved(known: Known, ids: Sequence[str]) -> Sparse:
    """Which outcome each therapy improved in a contrast that added it: 0 and 1 (therapies x outcomes, sparse)."""
    place = {id: number for number, id in enumerate(ids)}
    told = {
        (id, fact.outcome)
        for fact in known.facts
        if fact.isolates_one and fact.result is Result.IMPROVED
        for id in fact.isolates & place.keys()
    }
    outcomes = {outcome: number for number, outcome in enumerate(sorted({outcome for _, outcome in told}))}
    return _sparse([(place[id], outcomes[outcome]) for id, outcome in told], len(ids), len(outcomes))


def adjacency(known: Known, ids: Sequence[str]) -> Sparse:
    """Both as one undirected graph: the therapies first, in their order, then the outcomes."""
    from scipy import sparse

    ours, theirs = shared(known, ids), improved(known, ids)
    return sparse.block_array([[ours, theirs], [theirs.T, None]], format="csr") if theirs.shape[1] else ours


def _sparse(places: Iterable[tuple[int, int]], rows: int, columns: int) -> Sparse:
    import numpy as np
    from scipy import sparse

    at = np.array(sorted(places), dtype=np.int64).reshape(-1, 2)
    return sparse.csr_array((np.ones(len(at)), (at[:, 0], at[:, 1])), shape=(rows, columns))


# --- scores of a graph ------------------------------------------------------------------------------------------------


def common(a: Sparse) -> Matrix:
    """How many neighbours two nodes have in common (n x n); `a` is symmetric, of 0 and 1 (Liben-Nowell 2007)."""
    return _apart((a @ a).toarray())


def adamic_adar(a: Sparse) -> Matrix:
    """Neighbours in common, each by 1 / ln(its degree) (n x n); `a` is symmetric (Adamic & Adar 2003).

    A node of degree 1 is nobody's common neighbour, and counts for nothing.
    """
    import numpy as np
    from scipy import sparse

    degree = a.sum(axis=1)
    weight = np.zeros(len(degree))
    weight[degree > 1] = 1 / np.log(degree[degree > 1])
    return _apart((a @ sparse.diags_array(weight) @ a).toarray())


def walk(a: Sparse, seeds: Sequence[int], restart: float = 0.15, tol: float = 1e-8) -> Matrix:
    """Where a walker is found who goes back to his seed with this probability at each step (nodes x seeds).

    `a` is a graph (n x n, sparse, of weights, directed from row to column or symmetric). Columns add up to 1 and are
    within `tol` of the limit in the sum of absolute differences. A walker with no way on goes back to his seed. Each
    is the personalised PageRank of damping 1 - restart (Page et al. 1999; Tong, Faloutsos & Pan 2006, equation 1).
    """
    import numpy as np

    out = np.asarray(a.sum(axis=1), dtype=float).ravel()
    ahead = np.divide(1 - restart, out, out=np.zeros(len(out)), where=out > 0)[:, None]
    lost = np.flatnonzero(out == 0)
    found: Matrix = np.zeros((len(out), len(seeds)))
    found[seeds, np.arange(len(seeds))] = 1.0
    enough = tol * restart / (1 - restart)  # what is left to come is at most the last change * (1 - restart) / restart
    while True:
        back = restart + (1 - restart) * found[lost].sum(axis=0)
        last, found = found, a.T @ (ahead * found)
        found[seeds, np.arange(len(seeds))] += back
        if not len(seeds) or np.abs(found - last).sum(axis=0).max() <= enough:
            return found


def metapaths(m: Sparse, damping: float = 0.4) -> Matrix:
    """Paths therapy - outcome - therapy, each divided by the degrees on it to the power `damping` (n x n).

    `m` is therapies x outcomes. The degree-weighted path count of Himmelstein & Baranzini 2015 (PLoS Comput Biol
    11:e1004259): the degree of each end, and that of the outcome once for each of its two edges.
    """
    import numpy as np
    from scipy import sparse

    def damped(degree: Matrix) -> Sparse:
        degree = np.asarray(degree, dtype=float)
        power = np.power(degree, -damping, out=np.zeros(len(degree)), where=degree > 0)
        return sparse.diags_array(power)

    paths = damped(m.sum(axis=1)) @ m @ damped(m.sum(axis=0))
    return _apart((paths @ paths.T).toarray())


def _apart(scores: Matrix) -> Matrix:
    """The scores without those of a node with itself."""
    import numpy as np

    np.fill_diagonal(scores, 0.0)
    return scores


def product(counts: Sequence[float]) -> Matrix:
    """The product of what two of them count (n x n)."""
    import numpy as np

    return _apart(np.outer(np.asarray(counts, dtype=float), counts))


# --- scores of what is known ------------------------------------------------------------------------------------------


def by_common(known: Known) -> Scores:
    """Neighbours in common, therapies and outcomes alike."""
    ids = seen(known)
    return Scores(ids, common(adjacency(known, ids))[: len(ids), : len(ids)])


def by_adamic_adar(known: Known) -> Scores:
    """The same, rare neighbours before busy ones."""
    ids = seen(known)
    return Scores(ids, adamic_adar(adjacency(known, ids))[: len(ids), : len(ids)])


def by_walk(known: Known) -> Scores:
    """Random walk with restart: how often a walker from either is found at the other, the mean of both ways."""
    ids = seen(known)
    found = walk(adjacency(known, ids), range(len(ids)))[: len(ids)]
    return Scores(ids, _apart((found + found.T) / 2))


def by_metapaths(known: Known) -> Scores:
    """Degree-weighted paths over outcomes that both improved."""
    ids = seen(known)
    return Scores(ids, metapaths(improved(known, ids)))


def popularity(known: Known) -> Scores:
    """The product of the numbers of studies that gave either therapy itself."""
    ids = seen(known)
    studies = _studies(known, {id: frozenset([id]) for id in ids})
    return Scores(ids, product([studies[id] for id in ids]))


def class_popularity(known: Known) -> Scores:
    """The product of the numbers of studies that gave anything of either therapy's topmost class."""
    ids = seen(known)
    tops = {id: frozenset(known.vocab.tops("therapy", id)) for id in {*ids, *known.above}}
    studies = _studies(known, tops)
    of_class = {top: studies[top] for id in ids for top in tops[id]}
    return Scores(ids, product([max(of_class[top] for top in tops[id]) for id in ids]))


def _studies(known: Known, stands_for: Mapping[str, frozenset[str]]) -> dict[str, int]:
    """The number of studies that gave something that stands for each id; what only a trial gave has none."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for fact in known.facts:
        for id in fact.members | fact.comparator:
            for name in stands_for.get(id, ()):
                found[name].add(fact.study)
    names = {name for some in stands_for.values() for name in some}
    return {name: len(found[name]) for name in names}


# --- scores of sets ---------------------------------------------------------------------------------------------------


def beside(known: Known, sets: Sequence[Members]) -> list[Row]:
    """For each set the mean of each score over its pairs, in COLUMNS; None where no pair of it has a score."""
    ids = seen(known)
    place = {id: number for number, id in enumerate(ids)}
    places = [sorted(place[id] for id in members if id in place) for members in sets]
    graph, wanted = adjacency(known, ids), sorted({at for some in places for at in some})
    column = {at: number for number, at in enumerate(wanted)}
    walked = walk(graph, wanted)
    found = {
        "popularity": popularity(known).matrix,
        "common_neighbours": common(graph),
        "adamic_adar": adamic_adar(graph),
        "metapaths": metapaths(improved(known, ids)),
    }
    made: list[Row] = []
    for some in places:
        pairs = list(itertools.combinations(some, 2))
        scores = {name: _mean(matrix[i, j] for i, j in pairs) for name, matrix in found.items()}
        scores["random_walk"] = _mean((walked[i, column[j]] + walked[j, column[i]]) / 2 for i, j in pairs)
        made.append({name: scores[name] for name in COLUMNS})
    return made


def _mean(values: Iterable[float]) -> float | None:
    known = [float(value) for value in values]
    return round(sum(known) / len(known), 6) if known else None
