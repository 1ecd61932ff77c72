"""What is known of combinations: read from a graph, asked within a scope, and as of a year."""

from __future__ import annotations

from pathlib import Path

import pytest
from inventions import VOCAB, fact, trial
from inventions import known as invented

from kg.errors import KgError, UnknownName
from kg.model import Result
from kg.store import Store
from kg.synthesis.combos import contrasts, known, slices
from kg.synthesis.combos.known import Scope, votes


def test_every_finding_in_force_is_read_and_no_other(tiny: Store) -> None:
    ids = {one.finding for one in known.read(tiny).facts}
    assert "aoki2001-02" in ids
    assert not {"baba2002-06", "cato2003-01", "cato2003-02"} & ids  # withdrawn; of a retracted paper


def test_a_finding_says_what_its_arms_gave_and_what_its_contrast_isolates(tiny: Store) -> None:
    (one,) = (one for one in known.read(tiny).facts if one.finding == "aoki2001-02")
    assert (one.members, one.comparator, one.isolates) == ({"alpha", "beta"}, {"alpha"}, {"beta"})
    assert (one.study, one.phase, one.species) == ("aoki2001", "chronic", "mouse")
    assert (one.outcome, one.domain) == ("walking", "motor")
    assert (one.result, one.day, one.n, one.against) == (Result.IMPROVED, 28.0, 20, "alpha")


def test_a_lean_reading_differs_only_in_the_details(tiny: Store) -> None:
    from dataclasses import replace

    bare = {
        "year": None,
        "arm": "",
        "against": "",
        "paper": "",
        "laboratory": "",
        "n": None,
        "tier": "",
        "interaction": "",
    }
    whole, lean = known.read(tiny), known.read(tiny, lean=True)
    assert [replace(one, **bare) for one in whole.facts] == list(lean.facts)
    assert (whole.trials, whole.withdrawn, lean.courses) == (lean.trials, lean.withdrawn, None)


def test_what_an_arm_or_a_trial_gives_is_together(tiny: Store) -> None:
    assert {frozenset({"alpha", "beta"}), frozenset({"beta", "gamma"})} <= known.read(tiny).together


def test_what_only_a_withdrawn_finding_or_a_retracted_paper_gives_is_together_and_nowhere_else(tiny: Store) -> None:
    made = known.read(tiny)
    assert not made.withdrawn & made.given
    assert made.together == {one for one in made.given if len(one) > 1} | made.withdrawn
    gone = invented(fact("a-1", "alpha"), arms=["gamma+delta"])
    assert (len(gone.together), gone.given, gone.before(2020).together) == (1, {frozenset({"alpha"})}, frozenset())
    assert contrasts.sets(gone) == []
    assert slices.Dates.of(gone).undated == frozenset()


def test_a_word_means_one_therapy_or_several_and_never_a_control_or_one_twice() -> None:
    made = invented()
    assert made.members("alpha") == {"alpha"}
    assert made.members("gamma + alpha two") == {"gamma", "alpha-two"}
    with pytest.raises(KgError, match="'alpha \\+ alpha' names one therapy, alpha, and nothing beside it"):
        made.members("alpha + alpha")
    for word in ("control", "alpha + control"):
        with pytest.raises(KgError, match="'control' is a control, not a therapy"):
            made.members(word)
    with pytest.raises(UnknownName, match="'alhpa' is not a therapy"):
        made.members("alhpa + gamma")


def test_harms_are_of_a_therapy_and_its_kinds_alone_or_with_others_in_any_scope_and_contrast() -> None:
    made = invented(
        fact("a-1", "alpha-two", "worsened", phase="acute"), fact("b-1", "alpha+gamma", "worsened", outcome="pain"),
        fact("c-1", "alpha", "worsened", contrast="replaces"), fact("d-1", "gamma+delta", "worsened", over="delta"),
        fact("e-1", "alpha", "no difference"),
    )  # fmt: skip
    assert made.harms(["alpha"]) == ("a-1", "b-1", "c-1")
    assert made.harms(["delta"]) == ()  # it was given to both arms
    assert made.harms(["gamma", "delta"]) == ("b-1", "d-1")


def test_ids_stand_worsened_first_then_mixed_and_null_then_improved_then_uncalled() -> None:
    facts = [
        fact("a-1", "alpha"), fact("b-1", "alpha", "undetermined"), fact("c-1", "alpha", "no difference"),
        fact("d-1", "alpha", "mixed"), fact("e-1", "alpha", "worsened"), fact("a-1", "alpha"),
    ]  # fmt: skip
    assert known.ordered(facts) == ("e-1", "d-1", "c-1", "a-1", "b-1")


def test_counts_in_words_name_nulls_and_harms_always() -> None:
    assert known.counted(known.seen([fact("a-1", "alpha")])) == "1 improved, 0 no difference, 0 worsened"
    told = known.counted(known.seen([fact("a-1", "alpha", "mixed"), fact("b-1", "alpha", "undetermined")]))
    assert told == "0 improved, 0 no difference, 0 worsened, 1 mixed, 1 undetermined"


def test_the_course_of_an_arm_keeps_order_and_days(tiny: Store) -> None:
    (course,) = (told for arm, told in (known.read(tiny).courses or {}).items() if "beta" in arm)
    assert (course["alpha"].order, course["beta"].order) == (1, 2)
    assert (course["beta"].start, course["beta"].end) == (30.5, 44.0)


def test_the_same_graph_is_read_the_same_from_disk(tiny: Store, built: Path) -> None:
    assert known.read(tiny) == known.read(Store.open(built))


def test_a_scope_takes_narrower_terms_with_it_and_joins_conditions_by_and() -> None:
    scope = Scope.of(VOCAB, species="rodent", phase=["chronic", "acute"], outcome=None)
    assert scope.holds(fact("a", "alpha")) and scope.holds(fact("a", "alpha", phase="acute", species="mouse"))
    assert not scope.holds(fact("a", "alpha", species="human"))
    assert not scope.holds(fact("a", "alpha", phase="not-stated"))
    assert scope.words == "rodent, chronic, acute"


def test_a_scope_of_an_unknown_word_names_the_nearest_one() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'chronic'"):
        Scope.of(VOCAB, phase="chronc")


def test_before_a_year_nothing_later_and_nothing_undated_is_known() -> None:
    facts = [fact("a-1", "alpha", year=2009), fact("b-1", "beta", year=2011), fact("c-1", "gamma", year=None)]
    made = invented(
        *facts, trials=[trial("t", "alpha+beta", year=2012), trial("u", "alpha", year=2009)], arms=["gamma+delta"]
    )
    then = made.before(2010)
    assert [one.finding for one in then.facts] == ["a-1"]
    assert [one.id for one in then.trials] == ["u"]
    assert then.together == frozenset()


def test_a_study_has_one_vote_and_a_tie_is_no_benefit() -> None:
    made = votes([
        fact("a-1", "alpha"), fact("a-2", "alpha"), fact("a-3", "alpha", "worsened"),
        fact("b-1", "alpha"), fact("b-2", "alpha", "no difference"), fact("c-1", "alpha", "no difference"),
        fact("d-1", "alpha", "undetermined"),
    ])  # fmt: skip
    assert (made.improved, made.whole, made.tied) == (1, 3, 1)
    assert str(made) == "1 improved, 1 no difference, 0 worsened, 1 tied"


def test_findings_against_a_benefit_stand_first_and_harms_before_nulls() -> None:
    made = votes([fact("a-1", "alpha"), fact("b-1", "alpha", "no difference"), fact("c-1", "alpha", "worsened")])
    assert made.findings == ("c-1", "b-1", "a-1")


def test_the_lower_bound_grows_with_agreeing_studies_and_is_exact() -> None:
    bounds = [votes(fact(f"s{n}-1", "alpha") for n in range(count)).lower for count in (0, 1, 2, 5, 20)]
    assert bounds == sorted(bounds) and bounds[0] == 0.0
    assert bounds[3] == pytest.approx(0.025 ** (1 / 5))  # all of n: the n-th root of 0.025


def test_a_null_finding_never_raises_a_lower_bound() -> None:
    some = [fact("a-1", "alpha"), fact("b-1", "alpha")]
    assert votes([*some, fact("c-1", "alpha", "no difference")]).lower < votes(some).lower


def test_a_column_is_the_answer_of_two_variables(tiny: Store) -> None:
    made = tiny.column("SELECT ?s ?n WHERE { ?s <https://w3id.org/cordgraph/ns#nArm> ?n }")
    assert made["https://w3id.org/cordgraph/finding/aoki2001-01"] == 10
    with pytest.raises(KgError, match="two variables"):
        tiny.column("SELECT ?s WHERE { ?s ?p ?o }")
