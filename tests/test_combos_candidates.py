"""What to try next: what is untried, the six criteria, their order and front, and what is left out."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from inventions import VOCAB, fact, trial
from inventions import known as invented

import kg
from kg.cli import main
from kg.errors import KgError, UnknownName
from kg.store import Store
from kg.synthesis.combos import candidates, criteria, known, partners, relatives
from kg.synthesis.combos.candidates import Candidate, Next, untried
from kg.synthesis.combos.criteria import CRITERIA, weighted
from kg.synthesis.combos.known import ANY, Known, Scope
from kg.synthesis.combos.parts import parts

HELPED = (fact("a-1", "alpha"), fact("b-1", "gamma"), fact("c-1", "delta"))


def names(made: Next) -> set[str]:
    return {one.name for one in made.candidates}


def of(made: Next, name: str) -> Candidate:
    (found,) = (one for one in made.candidates if one.name == name)
    return found


# --- what is untried --------------------------------------------------------------------------------------------------


def test_parts_that_helped_and_share_no_arm_are_a_pair() -> None:
    assert names(untried(invented(*HELPED))) == {"alpha + gamma", "alpha + delta", "delta + gamma"}


def test_what_shared_an_arm_or_a_trial_is_no_pair() -> None:
    made = invented(*HELPED, fact("d-1", "alpha+gamma"), trials=[trial("t", "alpha+delta")])
    assert {one.name for one in untried(made, three=False).candidates} == {"delta + gamma"}


def test_an_arm_of_a_kind_counts_for_its_class() -> None:
    made = invented(*HELPED, arms=["alpha-two+gamma"])
    assert "alpha + gamma" not in names(untried(made))


def test_an_arm_that_names_only_the_class_makes_a_pair_uncertain() -> None:
    made = untried(invented(*HELPED, arms=["alpha+roman"]))
    assert of(made, "alpha + gamma").perhaps
    assert not of(made, "delta + gamma").perhaps


def test_a_therapy_and_a_kind_of_it_are_no_pair() -> None:
    made = untried(invented(fact("a-1", "alpha"), fact("b-1", "alpha-two"), fact("c-1", "gamma")))
    assert "alpha + alpha two" not in names(made)


def test_a_part_that_never_helped_within_the_scope_is_no_part() -> None:
    made = invented(fact("a-1", "alpha"), fact("b-1", "gamma", phase="acute"), fact("c-1", "delta", "no difference"))
    assert not untried(made, Scope.of(VOCAB, phase="chronic")).candidates


def test_probes_and_controls_are_no_parts() -> None:
    made = untried(invented(*HELPED, fact("d-1", "knock-out")))
    assert not [name for name in names(made) if "knock" in name]


@pytest.mark.parametrize(("word", "what"), [("control", "a control"), ("knock-out", "a mechanistic probe")])
def test_nothing_is_proposed_with_what_treats_nobody(word: str, what: str) -> None:
    with pytest.raises(KgError, match=f"is {what}, not a therapy"):
        untried(invented(*HELPED), therapy=word)
    assert not list(partners.partners(invented(*HELPED), word))


def test_a_result_of_a_whole_credits_none_of_its_parts() -> None:
    made = untried(invented(fact("a-1", "alpha+beta"), fact("b-1", "gamma"), fact("c-1", "delta")))
    assert names(made) == {"delta + gamma"}


def test_a_therapy_that_is_asked_for_need_not_have_helped() -> None:
    made = untried(invented(*HELPED[1:], fact("a-1", "alpha", "no difference")), therapy="alpha")
    assert names(made) == {"alpha + gamma", "alpha + delta"}


def test_a_class_stands_for_those_of_it_that_helped() -> None:
    made = untried(invented(*HELPED), therapy="roman")
    assert names(made) == {"alpha + gamma", "alpha + delta"}


def test_a_set_of_three_adds_a_part_to_a_pair_that_was_tried_and_helped() -> None:
    made = untried(invented(*HELPED, fact("d-1", "alpha+gamma", over="alpha")))
    three = of(made, "alpha + delta + gamma")
    assert three.base == {"alpha", "gamma"}
    assert made.triples == 1


def test_a_tried_three_is_not_proposed() -> None:
    made = untried(invented(*HELPED, fact("d-1", "alpha+gamma"), fact("e-1", "alpha+gamma+delta")))
    assert not [one for one in made.candidates if len(one.members) == 3]


def test_what_was_tried_and_failed_is_left_out_with_all_above_it_and_listed() -> None:
    made = untried(invented(*HELPED, fact("d-1", "alpha+gamma"), fact("e-1", "gamma+delta", "no difference")))
    assert [one.name for one in made.failed] == ["delta + gamma"]
    assert names(made) == {"alpha + delta"}


def test_without_the_failure_the_three_is_proposed() -> None:
    assert "alpha + delta + gamma" in names(untried(invented(*HELPED, fact("d-1", "alpha+gamma"))))


def test_nothing_that_helped_is_nothing_to_propose() -> None:
    assert untried(invented(fact("a-1", "alpha", "worsened"))).candidates == ()


@pytest.mark.parametrize("phase", ["acute", "subacute", "chronic"])
@pytest.mark.parametrize("graph", ["tiny", "shipped"])
def test_the_pairs_are_those_of_the_question(graph: str, phase: str, request: pytest.FixtureRequest) -> None:
    store: Store = request.getfixturevalue(graph)
    made = known.read(store)
    ours = untried(made, Scope.of(made.vocab, phase=phase), three=False).candidates
    asked = {
        frozenset((str(row["therapy"]), str(row["partner"]))) for row in kg.query("never-combined", store, phase=phase)
    }
    assert {
        frozenset(made.vocab.label("therapy", id) for id in one.members) for one in ours if not one.perhaps
    } == asked


def test_the_partners_of_a_report_helped_in_the_same_phase(shipped: Store) -> None:
    made = known.read(shipped)
    found = list(partners.partners(made, "ChABC"))
    assert {"chronic", "acute"} <= {one.phase for one in found}
    assert all(one.findings and one.therapy == "chabc" for one in found)
    assert "its class is" in partners.hint(made, "hiPSC-NS/PC")


# --- the criteria -----------------------------------------------------------------------------------------------------


def test_evidence_is_that_of_the_weakest_part_and_of_the_added_part_where_one_is_asked_for() -> None:
    made = invented(*(fact(f"a{n}-1", "alpha") for n in range(5)), fact("b-1", "gamma"))
    strong, weak = 0.025 ** (1 / 5), 0.025
    assert of(untried(made), "alpha + gamma").values["evidence"] == pytest.approx(weak)
    assert of(untried(made, therapy="gamma"), "alpha + gamma").values["evidence"] == pytest.approx(strong)


@given(st.integers(1, 6), st.integers(0, 6))
def test_a_null_study_of_a_part_never_raises_its_evidence(good: int, nulls: int) -> None:
    some = [fact(f"a{n}-1", "alpha") for n in range(good)]
    more = [fact(f"n{n}-1", "alpha", "no difference") for n in range(nulls)]
    before, after = (untried(invented(*facts, *HELPED[1:])) for facts in (some, [*some, *more]))
    assert of(after, "alpha + gamma").values["evidence"] <= of(before, "alpha + gamma").values["evidence"]


def test_barriers_count_what_the_parts_cover_together() -> None:
    scar, myelin = fact("d-1", "alpha", outcome="scar-area"), fact("e-1", "gamma", outcome="myelin")
    one = of(untried(invented(*HELPED, scar)), "alpha + gamma").values["barriers"]
    both = of(untried(invented(*HELPED, scar, myelin)), "alpha + gamma").values["barriers"]
    assert both == pytest.approx(2 * one) == pytest.approx(0.025)


def test_a_barrier_that_as_many_studies_deny_is_not_covered() -> None:
    facts = [fact("d-1", "alpha", outcome="scar-area"), fact("e-1", "alpha", "no difference", outcome="scar-area")]
    assert parts(invented(*facts))["alpha"].covers == {}


def test_timing_tells_days_that_meet_from_days_that_follow_and_from_none() -> None:
    early, late = fact("a-1", "alpha", day=7.0), fact("b-1", "gamma", day=42.0)
    assert of(untried(invented(early, late)), "alpha + gamma").values["timing"] == criteria.FOLLOW
    again = fact("c-1", "alpha", day=60.0)
    assert of(untried(invented(early, late, again)), "alpha + gamma").values["timing"] == criteria.OVERLAP
    assert of(untried(invented(*HELPED)), "alpha + gamma").values["timing"] == criteria.UNKNOWN


def test_a_harm_in_any_scope_lowers_safety_and_more_studies_without_one_raise_it() -> None:
    scope = Scope.of(VOCAB, phase="chronic", domain="motor")
    bare = of(untried(invented(*HELPED), scope), "alpha + gamma").values["safety"]
    harm = fact("z-1", "alpha", "worsened", outcome="pain", phase="acute")
    assert of(untried(invented(*HELPED, harm), scope), "alpha + gamma").values["safety"] < bare
    more = [fact(f"m{n}-1", id) for n in range(9) for id in ("alpha", "gamma")]
    assert of(untried(invented(*HELPED, *more), scope), "alpha + gamma").values["safety"] > bare


def test_readiness_is_how_far_the_least_advanced_part_was_taken() -> None:
    made = invented(*HELPED, fact("p-1", "alpha", species="minipig"), trials=[trial("t", "gamma", "III")])
    assert of(untried(made), "alpha + gamma").values["readiness"] == 3 / 8  # large animal
    assert of(untried(made), "alpha + delta").values["readiness"] == 2 / 8  # chronic rodent


def test_no_popularity_enters_the_order() -> None:
    many = [fact(f"u{n}-1", "alpha", "undetermined") for n in range(30)]
    before, after = (of(untried(invented(*HELPED, *some)), "alpha + gamma") for some in ([], many))
    assert {k: v for k, v in after.values.items() if k != "safety"} == {
        k: v for k, v in before.values.items() if k != "safety"
    }


# --- relatives --------------------------------------------------------------------------------------------------------


def near(made: Known, *pair: str) -> tuple[str, int, int]:
    found = relatives.Family(made, ANY).nearest(pair)
    assert found
    return found.level, found.improved, found.whole


def test_three_votes_of_siblings_are_near_enough() -> None:
    tried = [fact(f"r{n}-1", "beta+gamma", over="beta") for n in range(3)]
    far = [fact(f"f{n}-1", "beta+epsilon", "no difference", over="beta") for n in range(5)]
    assert near(invented(*HELPED, *tried, *far), "alpha", "gamma") == (relatives.LEVELS[0], 3, 3)


def test_fewer_than_three_votes_reach_further_out() -> None:
    tried = [
        fact("r-1", "beta+gamma", over="beta"),
        *(fact(f"f{n}-1", "beta+epsilon", "no difference", over="beta") for n in range(5)),
    ]
    assert near(invented(*HELPED, *tried), "alpha", "gamma") == (relatives.LEVELS[1], 1, 6)


def test_a_set_of_other_classes_is_no_relative() -> None:
    made = invented(*HELPED, fact("r-1", "alpha+beta", over="alpha"))
    assert relatives.Family(made, ANY).nearest(("alpha", "gamma")) is None
    assert of(untried(made), "alpha + gamma").values["relatives"] == 0.0


@pytest.mark.parametrize("words", [{}, {"phase": "chronic"}, {"domain": "motor"}])
def test_the_bound_in_the_order_is_that_of_the_votes_on_the_card(words: dict[str, str], shipped: Store) -> None:
    from kg.synthesis.directions import share

    made = known.read(shipped)
    scope = Scope.of(made.vocab, **words)
    family = relatives.Family(made, scope)
    for one in untried(made, scope, three=False).candidates[:150]:
        found = family.nearest(one.members)
        bound = share(found.improved, found.whole) if found else None
        assert one.values["relatives"] == pytest.approx(bound.low if bound else 0.0), one.name


# --- order and front --------------------------------------------------------------------------------------------------


def test_the_order_is_by_the_weighted_mean_and_the_weights_change_it() -> None:
    facts = [*(fact(f"a{n}-1", "alpha") for n in range(6)), *(fact(f"g{n}-1", "gamma") for n in range(6)),
             fact("d-1", "delta", outcome="scar-area"), fact("e-1", "delta", outcome="myelin", study="e2")]  # fmt: skip
    made = invented(*facts)
    zero = dict.fromkeys(CRITERIA, 0.0)
    assert untried(made, weights=zero | {"evidence": 1.0}).candidates[0].name == "alpha + gamma"
    assert "delta" in untried(made, weights=zero | {"barriers": 1.0}).candidates[0].name
    scores = [one.score for one in untried(made).candidates]
    assert scores == sorted(scores, reverse=True)


@given(st.lists(st.tuples(*[st.integers(0, 3)] * 3), min_size=1, max_size=30))
def test_the_front_is_whom_no_other_dominates(values: list[tuple[int, ...]]) -> None:
    def beaten(one: tuple[int, ...]) -> bool:
        return any(all(a >= b for a, b in zip(other, one, strict=True)) and other != one for other in values)

    assert candidates.undominated(values) == [not beaten(one) for one in values]


def test_the_front_of_the_whole_is_found_though_only_the_best_are_kept(shipped: Store) -> None:
    made = known.read(shipped)
    whole = untried(made, three=False)
    assert whole.pairs > 500
    values = [tuple(one.values.values()) for one in whole.candidates]
    front = {one.name for one, flag in zip(whole.candidates, candidates.undominated(values), strict=True) if flag}
    assert {one.name for one in whole.candidates if one.front} == front


@pytest.mark.parametrize(
    ("told", "error", "said"),
    [
        ("evidnce=2", UnknownName, "Did you mean 'evidence'"),
        ("evidence=much", KgError, "write it as evidence=2"),
        ("evidence=-1", KgError, "a number from 0 on"),
        ("evidence=nan", KgError, "a number from 0 on"),
    ],
)
def test_a_weight_that_is_none_is_refused_in_one_sentence(told: str, error: type[KgError], said: str) -> None:
    with pytest.raises(error, match=said):
        weighted([told])


def test_weights_that_are_all_zero_order_nothing() -> None:
    with pytest.raises(KgError, match="every weight is 0"):
        weighted([f"{name}=0" for name in CRITERIA])


def test_scores_for_the_past_rest_on_the_same_criteria(shipped: Store) -> None:
    made = known.read(shipped)
    scores = candidates.scored(made)
    best = next(one for one in untried(made, three=False).candidates if len(one.members) == 2)
    i, j = (scores.ids.index(id) for id in sorted(best.members))
    assert scores.matrix[i, j] == scores.matrix[j, i] == pytest.approx(best.score)
    bare = candidates.scored(made, without=("evidence",)).matrix[i, j]
    assert bare != pytest.approx(best.score)


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["next", "vehicle"], 1, "'vehicle' is a control, not a therapy"),
        (["tried", "control"], 1, "'control' is a control, not a therapy"),
        (["card", "alpha + AL"], 1, "'alpha + AL' names one therapy, alpha, and nothing beside it"),
        (["contrasts", "alpha + AL"], 1, "'alpha + AL' names one therapy, alpha, and nothing beside it"),
        (["card", "alpha + alpha two"], 1, "'alpha' and 'alpha two' are one above the other: ask for one"),
        (["card", "beta + saline"], 1, "'vehicle' is a control, not a therapy"),
        (
            ["barriers", "beta + beta", "--cover", "all"],
            1,
            "'beta + beta' names one therapy, beta, and nothing beside it",
        ),
        (["card", "beta + bta"], 2, "'bta' is not a therapy. Did you mean 'beta'?"),
    ],
)
def test_what_cannot_be_answered_is_one_sentence(words: list[str], code: int, told: str, built: Path) -> None:
    made = CliRunner().invoke(main, ["--store", str(built), "combos", *words])
    assert (made.exit_code, made.stdout, made.stderr) == (code, "", f"kg: {told}\n")


def test_a_card_of_many_therapies_that_nobody_gave_is_still_a_card(built: Path) -> None:
    for what in ("alpha + delta + gamma", "alpha + beta + delta + gamma"):
        made = CliRunner().invoke(main, ["--store", str(built), "combos", "card", what, "--format", "csv"])
        assert (made.exit_code, made.stderr) == (0, "")
