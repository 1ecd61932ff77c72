"""The lattice of what was tried: observed sets only, each above the largest sets inside it."""

from __future__ import annotations

import random
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inventions import VOCAB, fact, trial
from inventions import known as invented

import kg
from kg.errors import KgError
from kg.store import Store
from kg.synthesis.combos import known, lattice
from kg.synthesis.combos.known import Members, Scope, grouped, seen

SETS = st.frozensets(st.sampled_from("abcdefghijkl"), min_size=1, max_size=12)


def brute(sets: set[Members]) -> dict[Members, set[Members]]:
    """The covers by trying all pairs."""
    inside = {one: {other for other in sets if other < one} for one in sets}
    return {one: {m for m in some if not any(m < other for other in some)} for one, some in inside.items()}


@given(st.sets(SETS, max_size=40))
def test_covers_are_those_of_brute_force(sets: set[Members]) -> None:
    assert {one: set(some) for one, some in lattice.covers(sets).items()} == brute(sets)


def test_covers_of_sets_too_large_to_take_apart_are_those_of_brute_force() -> None:
    dice = random.Random(1)  # noqa: S311  # invented sets keep no secret
    sets = {frozenset(dice.sample(range(30), dice.randint(1, 29))) for _ in range(60)}
    sets |= {frozenset(pair) for pair in combinations(range(30), 2)}
    named = {frozenset(str(n) for n in one) for one in sets}
    assert {one: set(some) for one, some in lattice.covers(named).items()} == brute(named)


def test_only_what_was_given_together_stands_in_the_lattice() -> None:
    made = invented(
        fact("a-1", "alpha+gamma"), fact("b-1", "alpha+gamma+delta"), fact("c-1", "alpha"), fact("d-1", "delta")
    )
    nodes = {node.name: node for node in lattice.tried(made, "alpha")}
    assert set(nodes) == {"alpha + gamma", "alpha + delta + gamma"}
    assert nodes["alpha + gamma"].above == (frozenset({"alpha"}),)
    assert set(nodes["alpha + delta + gamma"].above) == {frozenset({"alpha", "gamma"}), frozenset({"delta"})}


def test_a_kind_of_the_therapy_counts_for_it() -> None:
    made = invented(fact("a-1", "alpha-two+gamma"))
    assert [node.name for node in lattice.tried(made, "greek")] == ["alpha two + gamma"]


def test_classes_stand_for_the_other_members_when_asked() -> None:
    made = invented(
        fact("a-1", "alpha+gamma"), fact("b-1", "alpha+delta", "no difference"), fact("c-1", "alpha-two+beta")
    )
    nodes = {node.name: node for node in lattice.tried(made, "alpha", classes=True)}
    assert set(nodes) == {"alpha + roman", "alpha + greek"}
    assert {one.finding for one in nodes["alpha + roman"].facts} == {"a-1", "b-1"}
    (both,) = lattice.tried(made, "greek", classes=True)[-1:]
    assert both.name == "greek, several of it"


def test_a_row_counts_studies_arms_animals_and_people_apart_and_keeps_nulls() -> None:
    made = invented(
        fact("a-1", "alpha+gamma", n=20), fact("a-2", "alpha+gamma", "no difference", over="alpha", n=16),
        fact("b-1", "alpha+gamma", "worsened", species="human", n=7, phase="acute"),
    )  # fmt: skip
    (node,) = lattice.tried(made, "alpha")
    row = lattice.row(node, made)
    assert (row["studies"], row["papers"], row["arms"], row["animals"], row["people"]) == (2, 2, 2, 20, 7)
    assert (row["improved"], row["no_difference"], row["worsened"]) == (1, 1, 1)
    assert (row["phases"], row["species"], row["harms"]) == ("acute, chronic", "human, rat", "b-1")
    assert tuple(sorted(row)) == tuple(sorted(lattice.COLUMNS))


def test_no_scope_hides_a_harm() -> None:
    made = invented(fact("a-1", "alpha+gamma"), fact("b-1", "alpha+gamma", "worsened", outcome="pain", phase="acute"))
    (node,) = lattice.tried(made, "alpha", Scope.of(VOCAB, phase="chronic", domain="motor"))
    assert ([one.finding for one in node.facts], node.harms) == (["a-1"], ("b-1",))


def test_without_the_harm_the_row_changes() -> None:
    (node,) = lattice.tried(invented(fact("a-1", "alpha+gamma")), "alpha")
    assert node.harms == ()


def test_a_set_of_a_trial_or_of_a_comparator_is_called_so_and_a_withdrawn_one_is_not_shown() -> None:
    over = fact("a-1", "alpha+beta+epsilon", over="alpha+beta")
    made = invented(over, trials=[trial("t", "alpha+gamma")], arms=["alpha+delta"])
    states = {node.name: node.state.value for node in lattice.tried(made, "alpha")}
    assert states == {
        "alpha + beta + epsilon": "tried", "alpha + gamma": "in a trial only",
        "alpha + beta": "only as what something else was added to",
    }  # fmt: skip


def test_what_nobody_combined_is_one_sentence() -> None:
    with pytest.raises(KgError, match="nothing here was given together with 'beta' within acute"):
        lattice.tried(invented(fact("a-1", "beta+gamma")), "beta", Scope.of(VOCAB, phase="acute"))


@pytest.mark.parametrize("graph", ["tiny", "shipped"])
def test_the_counts_are_those_of_the_question(graph: str, request: pytest.FixtureRequest) -> None:
    store: Store = request.getfixturevalue(graph)
    made = known.read(store)
    facts = [one for one in made.facts if len(one.members) > 1]
    ours = {}
    for (members, phase, species), some in grouped(facts, lambda f: (f.members, f.phase, f.species)).items():
        labels = (made.named(members), made.vocab.label("phase", phase), made.vocab.label("species", species))
        counts = seen(some)
        ours[labels] = tuple(counts[name] for name in ("studies", "improved", "no_difference", "worsened", "mixed"))
    asked = {}
    for row in kg.query("combined-with", store):
        name = " + ".join(sorted(str(row["combination"]).split(" + "), key=str.casefold))
        counts = tuple(row[name] for name in ("studies", "improved", "no_difference", "worsened", "mixed"))
        asked[name, row["phase"], row["species"]] = counts
    assert ours == asked
