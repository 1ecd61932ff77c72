"""Graph scores, each against networkx or by hand on small graphs."""

from __future__ import annotations

from collections.abc import Callable

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from kg.store import Store
from kg.synthesis.combos import known, topology
from kg.synthesis.combos.known import Known
from kg.synthesis.combos.topology import Scores


@st.composite
def graphs(draw: st.DrawFn) -> nx.Graph:
    """Undirected graphs, with isolated nodes and several components."""
    n = draw(st.integers(1, 12))
    pairs = [(i, j) for i in range(n) for j in range(i)]
    made = nx.Graph()
    made.add_nodes_from(range(n))
    made.add_edges_from(draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else [])
    return made


def matrix(graph: nx.Graph) -> sparse.csr_array:
    return sparse.csr_array(nx.to_scipy_sparse_array(graph, nodelist=sorted(graph), dtype=float, format="csr"))


def pagerank(graph: nx.Graph, seed: int, restart: float = 0.15) -> list[float]:
    told = nx.pagerank(graph, alpha=1 - restart, personalization={seed: 1.0}, tol=1e-13, max_iter=10_000)
    return [told[node] for node in sorted(graph)]


@pytest.fixture(scope="module")
def seen(tiny: Store) -> Known:
    return known.read(tiny)


@given(graphs(), st.sampled_from([0.05, 0.15, 0.5]))
def test_a_walk_from_every_node_at_once_is_the_personalised_pagerank_of_each(graph: nx.Graph, restart: float) -> None:
    found = topology.walk(matrix(graph), sorted(graph), restart, tol=1e-10)
    for seed in graph:
        assert found[:, seed] == pytest.approx(pagerank(graph, seed, restart), abs=1e-8)


@given(graphs(), st.integers(0, 2**32))
def test_a_walk_that_ends_in_a_dead_end_goes_back_to_its_seed(graph: nx.Graph, dice: int) -> None:
    rng = np.random.default_rng(dice)
    directed = nx.DiGraph()
    directed.add_nodes_from(graph)
    directed.add_weighted_edges_from((i, j, rng.uniform(0.5, 2)) for i, j in graph.edges)
    found = topology.walk(matrix(directed), sorted(directed), tol=1e-10)
    for seed in directed:
        assert found[:, seed] == pytest.approx(pagerank(directed, seed), abs=1e-8)


def test_the_default_walk_is_within_its_tolerance_of_pagerank() -> None:
    graph = nx.gnm_random_graph(500, 1500, seed=1)
    found = topology.walk(matrix(graph), [3, 3, 77])
    assert found[:, 0] == pytest.approx(pagerank(graph, 3), abs=1e-8)
    assert found[:, 2] == pytest.approx(pagerank(graph, 77), abs=1e-8)
    assert (found[:, 0] == found[:, 1]).all()


@given(graphs())
def test_walks_are_shares_of_one(graph: nx.Graph) -> None:
    assert topology.walk(matrix(graph), sorted(graph)).sum(axis=0) == pytest.approx(np.ones(len(graph)))


def test_an_isolated_seed_keeps_its_walker_and_no_seed_is_no_walk() -> None:
    graph = nx.Graph([(0, 1)])
    graph.add_node(2)
    assert topology.walk(matrix(graph), [2])[:, 0].tolist() == pytest.approx([0, 0, 1])
    assert topology.walk(matrix(graph), []).shape == (3, 0)


@given(graphs())
def test_neighbours_in_common_are_those_of_networkx(graph: nx.Graph) -> None:
    found, weighted = topology.common(matrix(graph)), topology.adamic_adar(matrix(graph))
    pairs = [(i, j) for i in graph for j in graph if i != j]
    for i, j in pairs:
        assert found[i, j] == len(set(nx.common_neighbors(graph, i, j)))
    for i, j, score in nx.adamic_adar_index(graph, pairs):
        assert weighted[i, j] == pytest.approx(score)
    assert not found.diagonal().any() and not weighted.diagonal().any()


def test_a_path_counts_less_over_a_busy_outcome_and_from_a_busy_therapy() -> None:
    m = sparse.csr_array(np.array([[1.0, 1.0, 0.0], [1.0, 0.0, 0.0], [1.0, 0.0, 1.0], [0.0, 0.0, 1.0]]))
    found = topology.metapaths(m, 0.4)
    assert found[0, 1] == pytest.approx(2**-0.4 * 3**-0.4 * 3**-0.4 * 1**-0.4)
    assert found[2, 3] == pytest.approx(2**-0.4 * 2**-0.4 * 2**-0.4 * 1**-0.4)
    assert found[1, 3] == 0
    assert topology.metapaths(m, 0.0)[0, 2] == 1
    assert (found == found.T).all()


def test_a_therapy_that_improved_nothing_has_no_path() -> None:
    assert not topology.metapaths(sparse.csr_array((3, 0))).any()
    assert topology.metapaths(sparse.csr_array(np.array([[0.0], [1.0]])))[0, 1] == 0


def test_therapies_are_seen_where_an_arm_or_a_trial_gives_them_but_no_control(seen: Known) -> None:
    assert topology.seen(seen) == ("alpha", "alpha-two", "beta", "gamma")
    assert topology.seen(seen.before(2001)) == ("alpha", "beta")


def test_the_graph_holds_shared_arms_and_improved_outcomes(seen: Known) -> None:
    ids = topology.seen(seen)
    together = topology.shared(seen, ids).toarray()
    assert {(ids[i], ids[j]) for i, j in zip(*together.nonzero(), strict=True)} == {
        ("alpha", "beta"), ("beta", "alpha"), ("beta", "gamma"), ("gamma", "beta")
    }  # fmt: skip
    helped = topology.improved(seen, ids).toarray().sum(axis=1)
    assert dict(zip(ids, helped, strict=True)) == {"alpha": 2, "alpha-two": 1, "beta": 1, "gamma": 1}
    whole = topology.adjacency(seen, ids).toarray()
    assert whole.shape == (6, 6) and (whole == whole.T).all()


def test_popularity_is_a_product_of_studies(seen: Known) -> None:
    made = topology.popularity(seen)
    at = {id: place for place, id in enumerate(made.ids)}
    assert made.matrix[at["alpha"], at["gamma"]] == 3 * 1
    assert made.matrix[at["alpha"], at["beta"]] == 3 * 1
    classes = topology.class_popularity(seen)
    assert classes.matrix[at["alpha-two"], at["gamma"]] == 3 * 1


METHODS: tuple[Callable[[Known], Scores], ...] = (
    topology.by_common, topology.by_adamic_adar, topology.by_walk, topology.by_metapaths, topology.popularity,
    topology.class_popularity,
)  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
def test_every_score_is_symmetric_and_works_on_nothing(
    method: Callable[[Known], Scores], seen: Known, shipped: Store
) -> None:
    for one in (seen, known.read(shipped), Known(seen.vocab, ())):
        made = method(one)
        assert made.matrix.shape == (len(made.ids), len(made.ids))
        assert made.matrix == pytest.approx(made.matrix.T)
        assert np.isfinite(made.matrix).all()
