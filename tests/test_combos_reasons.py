"""Why, and why not: every reason with its findings, harms on every card, and the experiment that would settle it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from inventions import VOCAB, fact, known, trial

from kg.model import Result
from kg.store import Store
from kg.synthesis import invented
from kg.synthesis.combos import design, reasons
from kg.synthesis.combos import known as reading
from kg.synthesis.combos.candidates import untried, valued
from kg.synthesis.combos.design import Spread
from kg.synthesis.combos.known import ANY, Known, Scope
from kg.synthesis.combos.parts import parts
from kg.synthesis.combos.reasons import Card, Cards

EMPTY = Store.of([])
HARM = fact("h-1", "alpha", "worsened", outcome="pain", phase="acute")
KNOWN = (
    fact("a-1", "alpha", day=7.0), fact("a2-1", "alpha", "no difference"), fact("b-1", "gamma", outcome="scar-area"),
    fact("r-1", "beta+gamma", over="beta"), fact("r2-1", "beta+gamma", "no difference", over="beta"),
    fact("r3-1", "beta+gamma", over="beta", against="beta"),
)  # fmt: skip


def card(made: Known, name: str = "alpha + gamma", scope: Scope = ANY, store: Store = EMPTY) -> Card:
    order = untried(made, scope)
    (one,) = (one for one in order.candidates if one.name == name)
    return Cards(store, made, order).of(1, one)


def test_every_finding_that_a_card_names_is_known_and_every_criterion_has_a_reason() -> None:
    made = known(*KNOWN, HARM, trials=[trial("t", "alpha", "I/II", status="terminated")])
    found = card(made)
    assert set(found.findings) <= {one.finding for one in made.facts}
    assert {reason.criterion for reason in found.reasons} == set(found.candidate.values)
    assert any(reason.trials == ("t",) and "1 of them stopped" in reason.text for reason in found.reasons)


def test_what_contradicts_stands_first_and_harms_before_all() -> None:
    found = card(known(*KNOWN, HARM))
    assert found.findings[0] == "h-1"
    assert set(found.findings[: len(found.against)]) == {"h-1", "a2-1", "r2-1"}


def test_no_scope_hides_a_harm_and_without_it_the_card_changes() -> None:
    scope = Scope.of(VOCAB, phase="chronic", domain=["motor", "scar"])
    with_harm, without = card(known(*KNOWN, HARM), scope=scope), card(known(*KNOWN), scope=scope)
    assert (with_harm.harms, without.harms) == (("h-1",), ())
    assert reasons.short(with_harm)["harms"] == "1 worsened"
    assert reasons.short(without)["harms"] == "none recorded"
    assert with_harm.candidate.score < without.candidate.score


def test_a_harm_of_a_kind_of_a_part_and_one_of_several_parts_at_once_stand_on_the_card() -> None:
    of_kind = fact("k-1", "alpha-two", "worsened", outcome="pain")
    of_both = fact("o-1", "gamma+delta", "worsened", outcome="pain")
    replaced = fact("v-1", "gamma", "worsened", contrast="replaces")
    found = card(known(*KNOWN, of_kind, of_both, replaced))
    assert found.harms == ("k-1", "o-1", "v-1")
    assert found.findings[:3] == found.harms


def test_a_class_that_is_asked_for_and_that_nothing_isolates_says_what_its_kinds_did() -> None:
    made = known(*KNOWN[:2], fact("d-1", "delta", "no difference"), fact("e-1", "epsilon", "worsened"))
    order = untried(made, therapy="roman")
    found = Cards(EMPTY, made, order).of(1, order.candidates[0])
    (told,) = (reason for reason in found.reasons if reason.text.startswith("roman: no finding isolates it"))
    assert told.against == ("e-1", "d-1")
    assert found.harms == ("e-1",)


def test_a_card_of_three_of_which_no_two_were_tried_has_no_relatives() -> None:
    made = known(*KNOWN, fact("d-1", "delta"))
    one, order = valued(made, frozenset({"alpha", "gamma", "delta"}))
    found = Cards(EMPTY, made, order).of(1, one)
    assert one.base == frozenset()
    assert "no relative of the set was tried" in [reason.text for reason in found.reasons]


def test_a_pair_that_failed_is_no_base_of_a_set_of_three() -> None:
    failed = fact("d-1", "alpha+gamma", "no difference", over="alpha")
    one, _ = valued(known(*KNOWN, failed), frozenset({"alpha", "gamma", "delta"}))
    assert one.base == frozenset()


def test_a_card_says_which_barriers_are_covered_and_which_stay_open() -> None:
    found = card(known(*KNOWN))
    assert (found.covers, found.open) == (("scar",), ("demyelination",))


def test_a_part_without_evidence_in_the_scope_says_so_and_what_is_known_elsewhere() -> None:
    made = known(*KNOWN[2:], fact("a-1", "alpha", phase="acute"))
    scope = Scope.of(VOCAB, phase="chronic")
    order = untried(made, scope, "alpha")
    found = Cards(EMPTY, made, order).of(1, order.candidates[0])
    (told,) = (reason for reason in found.reasons if "no finding isolates it" in reason.text)
    assert "in any scope: 1 improved" in told.text
    assert told.findings == ("a-1",)


def test_what_would_refute_it_names_the_parts_and_the_doubts() -> None:
    told = card(known(*KNOWN)).refuted_by
    assert "alpha + gamma is no better than alpha or gamma alone" in told
    assert "already against it: 2 null, mixed or worse findings of its parts and relatives" in told


def test_a_row_has_every_column_and_a_short_row_too() -> None:
    found = card(known(*KNOWN))
    assert set(reasons.row(found)) == set(reasons.COLUMNS)
    assert tuple(reasons.short(found)) == reasons.SUMMARY


def test_a_set_that_failed_has_the_same_columns_and_says_what_it_showed() -> None:
    made = known(*KNOWN, fact("d-1", "delta"), fact("e-1", "alpha+delta", "no difference"))
    (one,) = untried(made).failed
    row = reasons.failed(one)
    assert set(row) == set(reasons.COLUMNS)
    assert (row["state"], row["combination"], row["findings"]) == (reasons.FAILED, "alpha + delta", "e-1")
    assert tuple(reasons.short_failed(one)) == reasons.SUMMARY


def test_the_experiment_has_four_arms_and_the_measures_of_the_relatives() -> None:
    plan = card(known(*KNOWN)).design
    assert list(plan.arms) == ["C", "A", "B", "AB"]
    assert plan.arms["AB"] == "alpha + gamma"
    assert plan.control == "vehicle"
    assert dict(plan.measures)["walking"] == 5
    assert (plan.species, plan.phase) == ("rat", "chronic")


def test_a_set_of_three_is_planned_as_the_tried_pair_and_the_part_that_is_new() -> None:
    made = known(*KNOWN, fact("d-1", "delta"), fact("e-1", "alpha+gamma", over="alpha"))
    plan = card(made, "alpha + delta + gamma").design
    assert {plan.arms["A"], plan.arms["B"]} == {"alpha + gamma alone", "delta alone"}


def test_the_days_say_whether_the_parts_can_begin_together() -> None:
    facts = [fact("a-1", "alpha", day=7.0), fact("a2-1", "alpha", day=28.0), fact("b-1", "gamma", day=14.0)]
    found = parts(known(*facts))
    both = [found["alpha"], found["gamma"]]
    assert design.days(known(*facts), both).endswith("both can begin on day 14")
    late = [replace(found["alpha"], window=(1.0, 3.0)), found["gamma"]]
    assert design.days(known(*facts), late).endswith("in this order, one after the other")
    assert "day not stated where gamma helped" in design.days(
        known(*facts), [found["alpha"], replace(found["gamma"], window=None)]
    )


@pytest.mark.parametrize(("points", "n"), [(1, 197), (2, 50), (3, 23)])
def test_the_size_of_the_experiment_is_that_of_the_power_calculation(points: int, n: int) -> None:
    assert design.subjects(points, 2.5) == n == invented.subjects_per_arm(points, 2.5)


def test_without_a_printed_spread_no_size_is_invented() -> None:
    plan = card(known(*KNOWN)).design
    assert (plan.spread, plan.n) == (None, {})
    assert "no number of subjects can be planned" in plan.sizes


def test_the_spread_is_that_of_arms_each_once_by_their_degrees_of_freedom(shipped: Store) -> None:
    rows = design.spreads(shipped)
    assert len({(row["n"], row["sd"], row["species"]) for row in rows}) == len(rows)
    made = design.spread([{"finding": "a", "n": 5, "sd": 1.0}, {"finding": "b", "n": 9, "sd": 2.0}])
    assert made == Spread(pytest.approx((4 * 1 + 8 * 4) ** 0.5 / 12**0.5), 2, ("a", "b"))
    assert design.spread([]) is None


def test_a_spread_that_no_scale_has_plans_nothing() -> None:
    from kg.synthesis.combos.design import _sizes

    assert _sizes(Spread(1e6, 2, ())) == {}


def test_the_cards_of_the_shipped_graph_stand_on_findings_in_force(shipped: Store) -> None:
    made = reading.read(shipped)
    order = untried(made, Scope.of(made.vocab, phase="chronic"), "hiPSC-NS/PC")
    makes, ids = Cards(shipped, made, order), {one.finding: one for one in made.facts}
    for rank, one in enumerate(order.candidates[:20], 1):
        found = makes.of(rank, one)
        assert set(found.findings) <= ids.keys()
        kinds = {id for part in one.members for id in made.below[part]}
        assert set(found.harms) == {
            key for key, told in ids.items() if told.result is Result.WORSENED and told.isolates & kinds
        }  # fmt: skip
