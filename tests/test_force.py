from __future__ import annotations

import itertools
import math
import os
import random
import statistics
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.views.layout import force


def clusters(number: int = 6, size: int = 60) -> tuple[list[str], list[tuple[int, int]]]:
    """So many hubs in a ring, each with leaves and some links among the leaves."""
    draw = random.Random(1)  # noqa: S311  # a picture, no secret
    nodes = [f"therapy/{cluster}-{node:03}" for cluster in range(number) for node in range(size)]
    edges = [(c * size, c * size + node) for c in range(number) for node in range(1, size)]
    edges += [(c * size, (c + 1) % number * size) for c in range(number)]
    edges += [(c * size + draw.randrange(size), c * size + draw.randrange(size)) for c in range(number)]
    return nodes, edges


def lengths(edges: list[tuple[int, int]], places: list[force.Place]) -> list[float]:
    return [math.dist(places[one], places[other]) for one, other in edges if one != other]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[str], list[tuple[int, int]]]:
    nodes = draw(st.lists(st.text(min_size=1, max_size=3), max_size=40, unique=True))
    ends = st.integers(0, max(0, len(nodes) - 1))
    return nodes, draw(st.lists(st.tuples(ends, ends), max_size=80 if nodes else 0))


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_every_node_has_a_place_of_its_own(graph: tuple[list[str], list[tuple[int, int]]]):
    places = force.positions(*graph)
    assert len(places) == len(graph[0]) == len(set(places))
    assert all(type(x) is int and type(y) is int for x, y in places)


@settings(max_examples=30, deadline=None)
@given(graphs(), st.randoms(use_true_random=False))
def test_the_order_of_nodes_and_edges_changes_nothing(
    graph: tuple[list[str], list[tuple[int, int]]], draw: random.Random
):
    nodes, edges = graph
    order = draw.sample(range(len(nodes)), len(nodes))
    number = {old: new for new, old in enumerate(order)}
    turned = [(number[other], number[one]) for one, other in draw.sample(edges, len(edges))]
    places = force.positions([nodes[old] for old in order], turned)
    assert [places[number[old]] for old in range(len(nodes))] == force.positions(nodes, edges)


@pytest.mark.parametrize("seed", ["1", "2"])
def test_hash_seed_and_threads_change_no_place(seed: str):
    script = "import test_force; print(test_force.force.positions(*test_force.clusters()))"
    env = os.environ | {"PYTHONHASHSEED": seed, "OMP_NUM_THREADS": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, check=True, text=True)
    assert run.stdout.strip() == str(force.positions(*clusters()))


def test_importing_the_layout_imports_no_numpy():
    script = "import kg.views.layout.force, sys; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_an_empty_graph_and_a_single_node_have_their_places():
    assert force.positions([], []) == []
    assert force.positions(["alpha"], []) == [(0, 0)]
    assert force.positions(["alpha"], [(0, 0)]) == [(0, 0)]


def test_loops_and_parallel_edges_change_nothing():
    nodes, edges = clusters()
    assert force.positions(nodes, [*edges, (3, 3), *edges]) == force.positions(nodes, edges)


def test_two_linked_nodes_stand_a_link_apart():
    assert lengths([(0, 1)], force.positions(["alpha", "beta"], [(0, 1)])) == [pytest.approx(force.LINK, abs=1)]


def test_linked_neighbours_stand_about_a_link_apart():
    nodes, edges = clusters()
    near = dict.fromkeys(range(len(nodes)), math.inf)
    for (one, other), length in zip(edges, lengths(edges, force.positions(nodes, edges)), strict=False):
        near[one], near[other] = min(near[one], length), min(near[other], length)
    assert 0.7 * force.LINK < statistics.median(near.values()) < 2.5 * force.LINK


def test_the_middle_of_the_picture_is_at_zero():
    for axis in zip(*force.positions(*clusters()), strict=True):
        assert abs(min(axis) + max(axis)) <= 2


def test_nodes_of_a_cluster_stand_nearer_to_each_other_than_to_the_rest():
    nodes, edges = clusters()
    places = force.positions(nodes, edges)
    hubs = range(0, len(nodes), 60)
    right = [min(hubs, key=lambda hub: math.dist(places[hub], places[node])) == node // 60 * 60 for node in range(360)]
    assert sum(right) > 0.95 * len(nodes)


def test_hubs_and_leaves_do_not_pile_up():
    nodes, edges = clusters(3, 150)
    places = force.positions(nodes, edges)
    near = [min(math.dist(place, other) for other in places if other != place) for place in places]
    assert min(near) > 0.4 * force.LEAST
    assert statistics.median(near) > 0.9 * force.LEAST


def test_a_path_is_laid_out_without_folding_onto_itself():
    places = force.positions([f"{node:03}" for node in range(60)], [*itertools.pairwise(range(60))])
    assert math.dist(places[0], places[-1]) > 10 * force.LINK


def test_components_stand_side_by_side_and_not_far_apart():
    nodes = [f"{part}/{node}" for part in range(40) for node in range(4)]
    edges = [(4 * part, 4 * part + node) for part in range(40) for node in (1, 2, 3)]
    places = force.positions(nodes, edges)
    boxes = [[*zip(*places[4 * part : 4 * part + 4], strict=True)] for part in range(40)]
    for one, other in itertools.combinations(boxes, 2):
        assert any(max(one[axis]) < min(other[axis]) or max(other[axis]) < min(one[axis]) for axis in (0, 1))
    assert max(max(map(abs, place)) for place in places) < 40 * force.LINK


def test_nodes_without_links_are_packed():
    places = force.positions([f"{node}" for node in range(100)], [])
    assert max(max(map(abs, place)) for place in places) < 15 * force.GAP


def test_kept_places_stay_exactly_and_new_nodes_come_to_their_neighbours():
    nodes, edges = clusters()
    before = dict(zip(nodes, force.positions(nodes, edges), strict=True))
    more = [*nodes, "therapy/new", "therapy/newer", "therapy/far", "therapy/farther"]
    edges = [*edges, (60, 360), (360, 361), (362, 363)]
    after = dict(zip(more, force.positions(more, edges, before), strict=True))
    assert {node: after[node] for node in nodes} == before
    assert math.dist(after["therapy/new"], before["therapy/1-000"]) < 8 * force.LINK
    assert math.dist(after["therapy/newer"], after["therapy/new"]) < 4 * force.LINK
    assert after["therapy/far"][0] > max(x for x, _ in before.values())
    assert len(set(after.values())) == len(more)


def test_kept_places_of_all_nodes_and_of_nodes_that_are_gone_are_taken_as_they_are():
    kept = {"alpha": (7, 7), "beta": (900, -3), "gone": (1, 1)}
    assert force.positions(["beta", "alpha"], [(0, 1)], kept) == [(900, -3), (7, 7)]


def test_what_rounds_to_a_taken_place_goes_beside_it():
    places = np.array([[0.2, 0.1], [0.0, 0.0], [-0.4, 0.3]])
    found = force._whole(places, np.array([False, True, False]), np.array([0, 1, 2]))
    assert found[1] == (0, 0)
    assert len(set(found)) == 3
    assert max(max(map(abs, place)) for place in found) == 1
