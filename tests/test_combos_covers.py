"""Covers: equal to brute force over all subsets, honest about what is not covered, never of what is related."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from click.testing import CliRunner

from kg import library
from kg.cli import main
from kg.errors import KgError, UnknownName
from kg.model import Outcome, Phase, Result, Term, Therapy
from kg.store import Row, Store
from kg.synthesis.combos import coverage, covers, known, solver, together
from kg.synthesis.combos.known import Fact, Known, Scope
from kg.synthesis.combos.solver import Instance
from kg.synthesis.combos.together import Given
from kg.vocab import Vocab

_THERAPIES = {"alpha": "", "alpha-two": "alpha", "beta": "", "gamma": "", "probe": "", "delta": "probe", "control": ""}
_SPECIES = {"mouse": "rodent", "rat": "rodent", "rodent": "", "human": "", "not-stated": ""}
WORDS = {"+": Result.IMPROVED, "0": Result.NO_DIFFERENCE, "-": Result.WORSENED, "±": Result.MIXED}
WORDS |= {"?": Result.UNDETERMINED}


def vocab() -> Vocab:
    """Four therapies, a kind of one, a probe; three barriers, each with an outcome; walking measures none."""
    terms: list[Term] = [
        Therapy("therapy", id, id.replace("-", " "), (up,) if up else ()) for id, up in _THERAPIES.items()
    ]
    terms += [Term("species", id, id, (up,) if up else ()) for id, up in _SPECIES.items()]
    terms += [Term("barrier", id, id) for id in ("scar", "myelin", "cavity")]
    terms += [Outcome("outcome", f"{id}-area", f"{id} area", barrier=(id,)) for id in ("scar", "myelin", "cavity")]
    terms += [Outcome("outcome", "walking", "walking"), *(Phase("phase", id, id) for id in ("acute", "chronic"))]
    return Vocab.of(terms)


def fact(number: int, isolates: str, result: str = "+", outcome: str = "scar-area", **more: object) -> Fact:
    """A finding of its own study on mice, in chronic injury, that adds what it isolates to a control."""
    members = frozenset(isolates.split(" + "))
    told: dict[str, object] = {
        "finding": f"f{number:02}", "study": f"s{number}", "year": 2020, "arm": f"a{number}", "against_arm": "c",
        "members": members, "comparator": frozenset(), "isolates": members, "contrast": "adds", "phase": "chronic",
        "species": "mouse", "outcome": outcome, "domain": "", "result": WORDS[result], "day": None,
    }  # fmt: skip
    return Fact(**(told | more))  # type: ignore[arg-type]  # as the fields are called


def graph(*facts: Fact, **more: object) -> Known:
    return Known(vocab(), facts, **more)  # type: ignore[arg-type]  # as the fields are called


def sets(found: covers.Covers) -> list[set[str]]:
    return [set(cover.members) for cover in found.covers]


# --- the solver -------------------------------------------------------------------------------------------------------


def invented(seed: int) -> Instance:
    """A random instance of up to twelve therapies and eight barriers."""
    chance = random.Random(seed)  # noqa: S311  # an instance, no secret
    names = tuple(f"t{number:02}" for number in range(chance.randint(1, 12)))
    barriers = tuple(f"b{number}" for number in range(chance.randint(1, 8)))
    share = chance.choice((0.15, 0.3, 0.6))
    cells = {
        (name, barrier): (chance.choice((250, 250, 1581, 2924)), chance.randint(1, 4))
        for name in names
        for barrier in barriers
        if chance.random() < share
    }
    pairs = [frozenset(pair) for pair in combinations(names, 2)]
    kinds = ("mouse", "rat", "rodent", "human")
    return Instance(
        barriers,
        names,
        cells,
        frozenset(chance.sample(names, min(len(names), chance.choice((0, 0, 1))))),
        frozenset(pair for pair in pairs if chance.random() < 0.1),
        {name: frozenset(chance.sample(kinds, chance.randint(0, 2))) for name in names},
        frozenset({frozenset({"mouse", "rodent"}), frozenset({"rat", "rodent"})}),
        chance.choice((0, 0, 2, 3)),
    )


def apart(instance: Instance, species: frozenset[str]) -> int:
    """The most species of these of which none is a kind of another."""
    sizes = range(len(species), 0, -1)
    some = (set(chosen) for n in sizes for chosen in combinations(sorted(species), n))
    return next((len(chosen) for chosen in some if not any(pair <= chosen for pair in instance.nested)), 0)


def rank(instance: Instance, members: tuple[str, ...]) -> tuple[object, ...]:
    cells = instance.cells
    best = [max(cells[name, barrier] for name in members if (name, barrier) in cells) for barrier in instance.barriers]
    places = [instance.names.index(name) for name in members]
    return len(members), -sum(low for low, _ in best), -sum(n for _, n in best), places


def fits(instance: Instance, members: tuple[str, ...]) -> bool:
    chosen = set(members)
    covered = {barrier for name, barrier in instance.cells if name in chosen}
    species = frozenset[str]().union(*((instance.species or {}).get(name, frozenset()) for name in members))
    return (
        instance.required <= chosen
        and {*instance.barriers} <= covered
        and not any(pair <= chosen for pair in instance.apart)
        and apart(instance, species) >= instance.species_least
    )


def brute(instance: Instance) -> list[tuple[str, ...]]:
    """Every set without a part that does as well, by trying all subsets."""
    kept: list[tuple[str, ...]] = []
    for size in range(1, len(instance.names) + 1):
        smaller = [set(members) for members in kept]
        kept += [
            members
            for members in combinations(instance.names, size)
            if not any(part <= set(members) for part in smaller) and fits(instance, members)
        ]
    return sorted(kept, key=lambda members: rank(instance, members))


@pytest.mark.parametrize("seed", range(60))
def test_the_solver_gives_what_trying_all_subsets_gives(seed: int) -> None:
    instance = invented(seed)
    wanted = brute(instance)
    assert list(itertools.islice(solver.solutions(instance), 6)) == wanted[:6]


@pytest.mark.parametrize("seed", [2, 5, 11])
def test_the_solver_ends_when_every_cover_is_named(seed: int) -> None:
    instance = invented(seed)
    assert list(solver.solutions(instance)) == brute(instance)


def test_the_instances_tried_are_of_every_kind() -> None:
    found = [len(brute(invented(seed))) for seed in range(60)]
    assert found.count(0) < 45
    assert max(found) > 10
    assert {len(invented(seed).names) for seed in range(60)} >= {1, 12}


def test_twelve_therapies_and_eight_barriers_take_the_fewest_and_then_the_best() -> None:
    names, barriers = tuple(f"t{n:02}" for n in range(12)), tuple(f"b{n}" for n in range(8))
    cells = {(name, barrier): (250, 1) for i, name in enumerate(names) for barrier in barriers[i % 4 : i % 4 + 5]}
    cells["t09", "b7"] = (2924, 3)
    instance = Instance(barriers, names, cells)
    assert list(itertools.islice(solver.solutions(instance), 5)) == brute(instance)[:5]


# --- covers of a graph ------------------------------------------------------------------------------------------------


def test_the_smallest_set_stands_first_and_then_the_best_evidence() -> None:
    two = [fact(n, "gamma", study=f"g{n}") for n in (5, 6, 7)]
    made = graph(
        fact(1, "alpha"), fact(2, "beta", outcome="myelin-area"), fact(3, "alpha-two", outcome="myelin-area"), *two
    )
    found = covers.covers(made, ["scar", "myelin"])
    assert sets(found) == [{"gamma", "alpha-two"}, {"gamma", "beta"}, {"alpha", "beta"}]
    assert found.covers[0].carried == {"scar": "gamma", "myelin": "alpha-two"}


def test_related_therapies_are_never_in_one_cover() -> None:
    made = graph(fact(1, "alpha"), fact(2, "alpha-two", outcome="myelin-area"))
    assert sets(covers.covers(made, ["scar", "myelin"])) == []


def test_a_probe_is_no_therapy_and_covers_nothing() -> None:
    found = covers.covers(graph(fact(1, "delta")), ["scar"])
    assert (sets(found), found.nobody) == ([], ("scar",))
    with pytest.raises(KgError, match="'delta' is a mechanistic probe, not a therapy"):
        covers.covers(graph(fact(1, "alpha")), ["scar"], ["delta"])


def test_a_barrier_that_nobody_covers_is_named_and_no_set_is_made_up() -> None:
    found = covers.covers(graph(fact(1, "alpha"), fact(2, "beta", "0", "cavity-area")), ["all"])
    assert (found.nobody, found.covers) == (("cavity", "myelin"), ())


def test_a_therapy_asked_for_is_in_every_set_with_what_is_below_it() -> None:
    made = graph(fact(1, "alpha-two"), fact(2, "beta", outcome="myelin-area"), fact(3, "gamma", outcome="myelin-area"))
    found = covers.covers(made, ["scar", "myelin"], ["alpha"])
    assert sets(found) == [{"alpha", "beta"}, {"alpha", "gamma"}]
    assert [cover.adds for cover in found.covers] == [("beta",), ("gamma",)]


def test_two_therapies_of_which_one_is_a_kind_of_the_other_are_refused() -> None:
    with pytest.raises(KgError, match="'alpha' and 'alpha two' are one above the other"):
        covers.covers(graph(fact(1, "alpha")), ["scar"], ["alpha", "alpha-two"])


def test_species_are_counted_over_the_improving_findings_of_what_is_covered() -> None:
    made = graph(
        fact(1, "alpha"), fact(2, "beta", outcome="myelin-area"),
        fact(3, "gamma", outcome="myelin-area", species="rat"), fact(4, "alpha", "0", "myelin-area", species="rat"),
    )  # fmt: skip
    assert sets(covers.covers(made, ["scar", "myelin"], species_least=2)) == [{"alpha", "gamma"}]


@pytest.mark.parametrize("species", ["rodent", "not-stated"])
def test_a_class_of_species_beside_its_member_is_no_second_species(species: str) -> None:
    made = graph(fact(1, "alpha"), fact(2, "beta", outcome="myelin-area", species=species))
    assert sets(covers.covers(made, ["scar", "myelin"])) == [{"alpha", "beta"}]
    assert sets(covers.covers(made, ["scar", "myelin"], species_least=2)) == []


def test_a_size_that_is_asked_for_brings_sets_of_which_none_can_be_left_out() -> None:
    made = graph(
        fact(1, "alpha"), fact(2, "beta", outcome="myelin-area"), fact(3, "gamma"),
        fact(4, "gamma", outcome="myelin-area"),
    )  # fmt: skip
    assert sets(covers.covers(made, ["scar", "myelin"])) == [{"gamma"}, {"alpha", "beta"}]
    assert sets(covers.covers(made, ["scar", "myelin"], size=2)) == [{"alpha", "beta"}]
    assert sets(covers.covers(made, ["scar", "myelin"], size=3)) == []
    assert sets(covers.covers(made, ["scar", "myelin"], limit=1)) == [{"gamma"}]


@pytest.mark.parametrize(
    "given, state",
    [
        ("alpha + beta", Given.TRIED),
        ("alpha-two + beta", Given.TRIED),
        ("alpha + gamma", Given.NEVER),
        ("alpha + alpha-two", Given.NEVER),
    ],
)
def test_a_set_says_whether_it_was_given_together(given: str, state: Given) -> None:
    made = graph(withdrawn=frozenset({frozenset(given.split(" + "))}))
    assert together.given(made, ("alpha", "beta")) is state
    assert together.given(made, ("alpha",)) is Given.ONE


def test_an_arm_that_names_only_the_class_makes_it_uncertain() -> None:
    made = graph(withdrawn=frozenset({frozenset({"alpha", "beta"})}))
    assert together.given(made, ("alpha-two", "beta")) is Given.PERHAPS


def test_findings_of_a_set_given_together_stand_beside_it_contradicting_first() -> None:
    made = graph(
        fact(1, "alpha"), fact(2, "beta", outcome="myelin-area"), fact(3, "alpha + beta", outcome="walking"),
        fact(4, "alpha + beta", "-", "walking"),
    )  # fmt: skip
    (cover,) = covers.covers(made, ["scar", "myelin"]).covers
    assert cover.together_findings == ("f04", "f03")
    assert cover.harms == ("f04",)


def test_a_harm_of_another_phase_and_outcome_stays_on_the_cover() -> None:
    made = [fact(1, "alpha"), fact(2, "alpha-two", "-", "walking", phase="acute")]
    scope = Scope.of(vocab(), phase="chronic")
    (row,) = covers.rows(covers.covers(graph(*made), ["scar"], scope=scope), graph(*made))
    assert row["harms"] == "f02"
    assert covers.short(row)["harms"] == 1
    (without,) = covers.rows(covers.covers(graph(made[0]), ["scar"], scope=scope), graph(made[0]))
    assert without["harms"] is None


def test_a_row_has_the_columns_and_names_nulls_of_its_members() -> None:
    made = graph(*(fact(n, "alpha", study=f"s{n}") for n in (1, 2)), fact(3, "alpha", "0"))
    (row,) = covers.rows(covers.covers(made, ["scar"]), made)
    assert set(row) == set(covers.COLUMNS)
    assert (row["studies"], row["improved"], row["no_difference"]) == (3, 2, 1)
    assert str(row["findings"]).split()[0] == "f03"


@pytest.mark.parametrize("numbers", [{"limit": 0}, {"species_least": -1}, {"size": 0}])
def test_numbers_below_one_are_refused(numbers: dict[str, int]) -> None:
    with pytest.raises(KgError, match="numbers of 1 and more"):
        covers.covers(graph(fact(1, "alpha")), ["scar"], **numbers)  # type: ignore[arg-type]  # one of three


def test_words_that_name_nothing_come_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match=r"'scra' is not a barrier\. Did you mean 'scar'"):
        covers.covers(graph(fact(1, "alpha")), ["scra"])
    with pytest.raises(KgError, match="say which barriers"):
        covers.covers(graph(fact(1, "alpha")), [])


# --- the shipped graph, and the same in SPARQL ------------------------------------------------------------------------


# What a library question of this would be: the therapies that cover each barrier, by the rule of the matrix.
@pytest.mark.parametrize("phase", ["", "chronic"])
@pytest.mark.parametrize("which", ["tiny", "shipped"])
def test_the_question_and_the_matrix_agree_on_what_is_covered(
    which: str, phase: str, request: pytest.FixtureRequest
) -> None:
    store: Store = request.getfixturevalue(which)
    read = known.read(store)
    made = coverage.coverage(read, (), known.Scope.of(read.vocab, phase=phase or None))
    asked = {(row["isolates"], row["barrier"], row["studies"]) for row in covered(store, phase)}
    assert asked == {
        (line.name, read.vocab.label("barrier", id), line.cells[id].votes.whole)
        for line in made.lines
        for id in line.covered
    }


def covered(store: Store, phase: str = "") -> list[Row]:
    question = library.question("barriers-covered")
    return store.select(library.bind(question, {"phase": (phase,)} if phase else {}, store.vocab()))


def test_the_pairs_that_cover_two_barriers_are_those_that_the_question_joins(shipped: Store) -> None:
    read = known.read(shipped)
    by: dict[str, set[str]] = {"scar formation": set(), "demyelination": set()}
    for row in covered(shipped):
        by.get(str(row["barrier"]), set()).add(read.vocab.find("therapy", str(row["isolates"])).id)
    therapies = {id for some in by.values() for id in some if id not in read.no_therapy}
    one, other = (by[name] & therapies for name in by)
    pairs = {
        frozenset({a, b}) for a in one - other for b in other - one if a not in read.above[b] and b not in read.above[a]
    }
    found = covers.covers(read, ["scar", "demyelination"], limit=1000)
    assert {frozenset(cover.members) for cover in found.covers} == pairs | {frozenset({id}) for id in one & other}


def invoked(store: Path, *words: str) -> Iterator[str]:
    result = CliRunner().invoke(main, ["--store", str(store), "combos", "barriers", *words], catch_exceptions=False)
    yield from (result.stdout, result.stderr, str(result.exit_code))


def test_the_command_gives_covers_in_every_form(shipped_at: Path) -> None:
    asked = ("--cover", "scar", "--cover", "demyelination", "--species-least", "2", "--limit", "3")
    out, said, code = invoked(shipped_at, *asked, "--format", "csv")
    assert (code, out.splitlines()[0]) == ("0", ",".join(covers.COLUMNS))
    assert "the first 3 sets" in said
    page = next(invoked(shipped_at, *asked, "--format", "md"))
    assert page.index("## Harms") < page.index("## Sets that cover")
    assert coverage.RULE in page
    assert "treadmill training" in next(invoked(shipped_at, *asked, "--format", "table"))


def test_the_command_says_which_barrier_nobody_covers(shipped_at: Path) -> None:
    out, said, code = invoked(shipped_at, "--cover", "all", "--phase", "chronic", "--format", "table")
    assert (out, code) == ("no rows\n", "0")
    assert "no set covers" in said
    assert "tumorigenicity" in said
    assert "ask without: --cover" in said
