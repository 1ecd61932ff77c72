"""Whether a ranking knows anything: slices, ranks, leaks, and what is said of them."""

from __future__ import annotations

import functools
import itertools
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from kg import build
from kg.cli import base, main
from kg.errors import KgError
from kg.model import Outcome, Result, Term
from kg.store import Store
from kg.synthesis.combos import auroc, evaluate, evaluate_rows, known, leaks, slices, topology
from kg.synthesis.combos.auroc import Ranked
from kg.synthesis.combos.evaluate import By, Comparison, Evaluation
from kg.synthesis.combos.known import Fact, Known, Trial
from kg.synthesis.combos.leaks import Method
from kg.synthesis.combos.slices import Slice
from kg.synthesis.combos.topology import Scores
from kg.views.combos import evaluate as view
from kg.views.plots import slices as picture
from kg.vocab import Vocab

GREEK = ("alpha", "beta", "gamma", "delta")
TERMS = [
    *(Term("therapy", name, name, ()) for name in (*GREEK, "control")),
    *(Term("therapy", f"{name}-{n}", f"{name} {n}", (name,)) for name in GREEK for n in range(4)),
    Term("therapy", "vehicle", "vehicle", ("control",)),
    Term("barrier", "scar-tissue", "scar tissue"),
    Outcome("outcome", "walking", "walking", domain="motor", barrier=("scar-tissue",)),
]
VOCAB = Vocab.of(TERMS)


def fact(id: str, year: int | None, arm: Iterable[str], against: Iterable[str] = (), **other: object) -> Fact:
    members, comparator = frozenset(arm), frozenset(against)
    made = Fact(
        finding=id, study=id, year=year, arm=f"arm/{id}", against_arm=f"arm/{id}-c", members=members,
        comparator=comparator, isolates=members - comparator, contrast="adds", phase="chronic", species="rat",
        outcome="walking", domain="motor", result=Result.IMPROVED, day=None, paper=id,
    )  # fmt: skip
    return replace(made, **other)


def invented(seed: int = 1, pairs: int = 40) -> Known:
    """Every kind alone in 2000 to 2004, then random pairs of them until 2020."""
    dice = np.random.default_rng(seed)
    kinds = [term.id for term in TERMS if term.broader and term.id != "vehicle"]
    facts = [fact(f"one-{n}", 2000 + n % 5, [id]) for n, id in enumerate(kinds)]
    for n in range(pairs):
        one, other = dice.choice(kinds, 2, replace=False).tolist()
        facts.append(fact(f"two-{n}", int(dice.integers(2005, 2021)), [one, other], [one]))
    return Known(VOCAB, tuple(facts))


@pytest.fixture(scope="module")
def seen(tiny: Store) -> Known:
    return known.read(tiny)


@pytest.fixture(scope="module")
def real(shipped: Store) -> Known:
    return known.read(shipped)


def one(told: Known, until: int) -> Slice:
    (made,) = slices.cut(told, [until])
    return made


# --- slices -----------------------------------------------------------------------------------------------------------


def test_a_pair_first_tested_after_the_year_is_a_positive(seen: Known) -> None:
    cut = one(seen, 2005)
    assert cut.tested == {("beta", "gamma")}
    assert set(cut.candidates) == {
        ("alpha", "gamma"), ("alpha-two", "beta"), ("alpha-two", "gamma"), ("beta", "gamma")
    }  # fmt: skip
    assert cut.tried == 1


def test_a_therapy_nobody_had_seen_by_then_is_in_no_candidate(seen: Known) -> None:
    assert one(seen, 2001).candidates == ()


def test_a_pair_that_only_an_arm_without_a_year_gives_is_left_out_and_counted(seen: Known) -> None:
    undated = replace(seen, trials=tuple(replace(trial, year=None) for trial in seen.trials))
    cut = one(undated, 2005)
    assert ("beta", "gamma") not in cut.candidates
    assert (cut.undated, cut.tested) == (1, frozenset())


def test_a_pair_given_by_an_arm_with_and_one_without_a_year_has_that_year() -> None:
    alone, both = [fact(id, 2000, [id]) for id in ("alpha-1", "beta-1")], ["alpha-1", "beta-1"]
    told = Known(VOCAB, (*alone, fact("a", None, both), fact("b", 2010, both)))
    assert one(told, 2005).tested == {("alpha-1", "beta-1")}
    assert one(told, 2010).candidates == ()


def test_an_arm_of_kinds_gives_the_pair_of_their_classes() -> None:
    alone = [fact(id, 2000, [id]) for id in ("alpha", "beta", "alpha-1", "beta-1")]
    told = Known(VOCAB, (*alone, fact("both", 2010, ["alpha-1", "beta-1"])))
    assert one(told, 2005).tested == {
        ("alpha", "beta"), ("alpha", "beta-1"), ("alpha-1", "beta"), ("alpha-1", "beta-1")
    }  # fmt: skip
    assert one(told, 2010).tried == 4


def test_an_arm_of_classes_does_not_give_the_pair_of_their_kinds() -> None:
    alone = [fact(id, 2000, [id]) for id in ("alpha-1", "beta-1")]
    assert one(Known(VOCAB, (*alone, fact("both", 2010, ["alpha", "beta"]))), 2015).tested == frozenset()


def share(arms: Iterable[frozenset[str]], ours: set[str], theirs: set[str]) -> bool:
    """Whether an arm gives one of ours and, as another therapy, one of theirs."""
    return any(arm & ours and arm & theirs and len(arm & (ours | theirs)) > 1 for arm in arms)


@pytest.mark.parametrize("until", [2005, 2014])
def test_slices_of_the_shipped_graph_are_those_of_the_rule_for_arms_that_share(real: Known, until: int) -> None:
    ids, below = topology.seen(real.before(until)), {id: set(downs) for id, downs in real.below.items()}
    arms = real.before(until).together
    later = {fact.members for fact in real.facts if fact.year} | {fact.comparator for fact in real.facts if fact.year}
    later |= {trial.members for trial in real.trials if trial.year}
    every = [members for members in real.together if members not in later]
    dated = [members for members in later if len(members) > 1]
    cut = one(real, until)
    for pair in itertools.combinations(ids, 2):
        ours, theirs = below[pair[0]], below[pair[1]]
        if pair[0] in real.above[pair[1]] or pair[1] in real.above[pair[0]] or share(arms, ours, theirs):
            assert pair not in cut.candidates
        elif share(dated, ours, theirs):
            assert pair in cut.tested
        else:
            assert (pair in cut.candidates) is not share(every, ours, theirs)


def test_no_control_and_no_probe_is_ever_a_candidate(real: Known) -> None:
    none = real.below["control"] | real.below["probe"]
    assert not none & {id for pair in one(real, 2020).candidates for id in pair}


def test_years_without_a_later_pair_are_refused_in_one_sentence(seen: Known) -> None:
    assert slices.years(seen) == [2005]
    with pytest.raises(KgError, match="the last pair of therapies that a dated arm gives is of 2006"):
        slices.years(seen, 2006)
    with pytest.raises(KgError, match="of no year"):
        slices.years(Known(VOCAB, ()))


def test_a_pair_beats_both_parts_where_each_part_was_beaten_and_nothing_says_otherwise() -> None:
    both = ["alpha-1", "beta-1"]
    over = [fact("a", 2010, both, ["alpha-1"], study="s"), fact("b", 2010, both, ["beta-1"], study="s")]
    assert ("alpha-1", "beta-1") in slices.beat_both(Known(VOCAB, tuple(over)))
    assert not slices.beat_both(Known(VOCAB, (over[0],)))
    assert not slices.beat_both(Known(VOCAB, (over[0], replace(over[1], study="another"))))
    harm = fact("c", 2011, both, ["beta-1"], study="t", result=Result.WORSENED)
    assert not slices.beat_both(Known(VOCAB, (*over, harm)))


# --- by paper ---------------------------------------------------------------------------------------------------------


def test_papers_in_the_order_of_their_ids_stand_for_years() -> None:
    alone = [fact("p1", 2020, ["alpha-1"]), fact("p2", 1990, ["beta-1"]), fact("x", 2000, ["gamma-1"], paper="")]
    trial = Trial("t", frozenset(["beta-1"]), 2000, "", "", "", ())
    ranked = slices.by_paper(Known(VOCAB, (fact("p3", None, ["alpha-1", "beta-1"]), *alone), (trial,)))
    assert {fact.finding: fact.year for fact in ranked.facts} == {"p1": 1, "p2": 2, "p3": 3, "x": None}
    assert ranked.trials[0].year is None
    assert slices.papers(ranked) == [1, 2]
    assert one(ranked, 2).tested == {("alpha-1", "beta-1")}


def test_many_papers_are_cut_into_twenty_slices_at_most() -> None:
    told = slices.by_paper(Known(VOCAB, tuple(fact(f"p{n:03}", None, ["alpha-1"]) for n in range(105))))
    assert slices.papers(told) == list(range(6, 105, 6))
    assert slices.papers(told, 20, 40) == [24, 30, 36]
    with pytest.raises(KgError, match="there are 105 papers"):
        slices.papers(told, 200)


def test_the_page_by_paper_says_that_it_is_no_time(tiny: Store, seen: Known) -> None:
    made = evaluate.evaluation(seen, By.PAPER, draws=100, methods={"popularity": topology.popularity})
    text = view.evaluation(tiny, seen, made, ["kg", "combos", "evaluate"]).content(Path("page.md")).decode()
    assert "an order of documents and not of time" in text
    assert all("an order of documents and not of time" in str(row["caveat"]) for row in evaluate_rows.rows(made))


# --- ranks ------------------------------------------------------------------------------------------------------------

levels = st.sampled_from([-np.inf, 0.0, 0.5, 1.0, 2.0])
labelled = st.lists(st.tuples(levels, st.booleans()), min_size=2, max_size=12).filter(
    lambda some: len({label for _, label in some}) == 2
)


def counted(scores: Sequence[float], tested: Sequence[bool]) -> float:
    """Every comparison, one by one."""
    ours = [score for score, label in zip(scores, tested, strict=True) if label]
    theirs = [score for score, label in zip(scores, tested, strict=True) if not label]
    return sum(1.0 if a > b else 0.5 if a == b else 0.0 for a in ours for b in theirs)


@given(labelled)
def test_concordance_counts_every_comparison_a_tie_as_half(some: list[tuple[float, bool]]) -> None:
    scores, tested = np.array([score for score, _ in some]), np.array([label for _, label in some])
    found = auroc.concordance(scores, tested, np.ones((len(some), 1)))
    assert found[0] == pytest.approx(counted(scores, tested))


@given(labelled, st.integers(0, 2**32))
def test_a_weighted_sample_is_the_same_as_one_with_repeated_pairs(some: list[tuple[float, bool]], seed: int) -> None:
    scores, tested = np.array([score for score, _ in some]), np.array([label for _, label in some])
    weights = np.random.default_rng(seed).integers(0, 4, size=(len(some), 3))
    found = auroc.concordance(scores, tested, weights.astype(float))
    for column in range(3):
        again = np.repeat(np.arange(len(some)), weights[:, column])
        assert found[column] == pytest.approx(counted(scores[again], tested[again]))


@given(labelled, st.integers(1, 12))
def test_hits_among_tied_pairs_are_the_mean_over_all_orders(some: list[tuple[float, bool]], first: int) -> None:
    some = some[:6]
    scores, tested = np.array([score for score, _ in some]), np.array([label for _, label in some])
    orders = [np.array(order) for order in itertools.permutations(range(len(some)))]
    sorted_ = [order for order in orders if all(scores[a] >= scores[b] for a, b in itertools.pairwise(order))]
    assert auroc.hits(scores, tested, first) == pytest.approx(np.mean([tested[o[:first]].sum() for o in sorted_]))


def test_pairs_without_an_opinion_come_last() -> None:
    scores = Scores(("alpha", "beta"), np.array([[np.nan, np.nan], [np.nan, np.nan]]))
    assert auroc.looked_up(scores, [("alpha", "beta"), ("alpha", "gamma")]).tolist() == [-np.inf, -np.inf]
    known_ = Scores(("alpha", "beta"), np.array([[0.0, -3.0], [-3.0, 0.0]]))
    assert auroc.looked_up(known_, [("alpha", "beta"), ("alpha", "gamma")]).tolist() == [-3.0, -np.inf]


def ranked(until: int, scores: Sequence[float], tested: int) -> Ranked:
    """Pairs of which the first ones were tested later."""
    pairs = tuple((f"a{n:02}", "b") for n in range(len(scores)))
    flags = np.arange(len(scores)) < tested
    return Ranked(Slice(until, pairs, frozenset(pairs[:tested]), 0, 0), flags, {"one": np.array(scores)})


def test_over_slices_comparisons_within_each_are_counted_together() -> None:
    some = [ranked(2005, [3, 2, 1], 1), ranked(2006, [1, 1, 9, 0, 0], 2)]
    assert auroc.aurocs(some)["one"] == pytest.approx((2 + 4) / (2 + 6))


def test_the_bootstrap_is_the_same_for_one_seed_and_its_spread_is_that_of_theory() -> None:
    dice = np.random.default_rng(5)
    some = [ranked(2005, [*dice.normal(1, 1, 40), *dice.normal(0, 1, 400)], 40)]
    samples = auroc.resampled(some, 2000, [1])["one"]
    assert (samples == auroc.resampled(some, 2000, [1])["one"]).all()
    value = auroc.aurocs(some)["one"]
    ours, theirs = some[0].scores["one"][:40], some[0].scores["one"][40:]
    placed = (ours[:, None] > theirs[None, :]).astype(float)  # DeLong et al. 1988
    spread = np.sqrt(placed.mean(axis=1).var(ddof=1) / 40 + placed.mean(axis=0).var(ddof=1) / 400)
    assert samples.std() == pytest.approx(spread, rel=0.08)
    assert samples.mean() == pytest.approx(value, abs=0.005)


def test_a_pair_of_several_slices_is_drawn_for_all_of_them_at_once() -> None:
    scores = [0.9, 0.2, 0.6, 0.7, 0.5, 0.4, 0.1, 0.3]
    once = auroc.resampled([ranked(2005, scores, 3)], 300, [1])["one"]
    twice = auroc.resampled([ranked(2005, scores, 3), ranked(2006, scores, 3)], 300, [1])["one"]
    assert twice == pytest.approx(once)


def test_the_blocks_of_samples_add_up_to_all_of_them() -> None:
    told: list[int] = []

    def watched(_: str, sizes: Sequence[int], /) -> Iterable[int]:
        told.extend(sizes)
        return sizes

    samples = auroc.resampled([ranked(2005, [0.9, 0.2, 0.6, 0.7] * 2500, 3)], 450, [1], watched)
    assert told == [200, 200, 50]
    assert len(samples["one"]) == 450


# --- leaks ------------------------------------------------------------------------------------------------------------


def leaky(whole: Known) -> Method:
    """Popularity of the whole graph, of whatever therapies it is asked about."""
    everything = topology.popularity(whole)
    place = {id: number for number, id in enumerate(everything.ids)}

    def method(now: Known) -> Scores:
        ids = topology.seen(now)
        matrix = np.zeros((len(ids), len(ids)))
        for i, j in itertools.product(range(len(ids)), repeat=2):
            if ids[i] in place and ids[j] in place:
                matrix[i, j] = everything.matrix[place[ids[i]], place[ids[j]]]
        return Scores(ids, matrix)

    return method


def planted(told: Known) -> Known:
    return replace(told, facts=(*told.facts, fact("late", 2019, ["alpha", "gamma"], ["alpha"])))


def test_a_method_that_knows_a_row_from_after_the_year_is_caught(seen: Known) -> None:
    assert leaks.leaking(leaky(planted(seen)), planted(seen), 2005)


def test_a_method_that_answers_from_the_whole_graph_whatever_it_is_told_is_caught(seen: Known) -> None:
    made = topology.popularity(planted(seen))
    assert leaks.leaking(lambda _: made, planted(seen), 2005)


def test_a_slice_that_keeps_what_came_later_is_caught(seen: Known) -> None:
    class Careless(Known):
        def before(self, year: int) -> Known:
            now = super().before(year)
            return Known(now.vocab, now.facts, self.trials, self.withdrawn)

    whole = Careless(seen.vocab, seen.facts, seen.trials, seen.withdrawn)
    assert leaks.leaking(topology.by_common, whole, 2005)


@pytest.mark.parametrize("name", evaluate.METHODS)
def test_no_method_of_ours_knows_the_future(name: str, seen: Known, real: Known) -> None:
    assert not leaks.leaking(evaluate.METHODS[name], planted(seen), 2005)
    assert not leaks.leaking(evaluate.METHODS[name], invented(), 2012)
    assert not leaks.leaking(evaluate.METHODS[name], real, 2012)


def test_what_is_altered_after_a_year_would_change_every_score_if_it_were_told(real: Known) -> None:
    told = leaks.altered(real, 2012)
    assert told.before(2012).facts == leaks.removed(real, 2012).facts == real.before(2012).facts
    for name in set(evaluate.METHODS) - {"random"}:
        method = evaluate.METHODS[name]
        now, then = method(real.before(2012)), method(told.before(2030))
        assert now.ids != then.ids or not np.allclose(now.matrix, then.matrix, equal_nan=True)


# --- evaluating -------------------------------------------------------------------------------------------------------


def oracle(whole: Known) -> Method:
    """Who knows which pairs will be tested."""
    first = slices.Dates.of(whole).first

    def method(now: Known) -> Scores:
        ids = topology.seen(now)
        told = [[float((min(a, b), max(a, b)) in first) for b in ids] for a in ids]
        return Scores(ids, np.array(told))

    return method


@pytest.fixture(scope="module")
def judged() -> Evaluation:
    told = invented()
    methods = {"oracle": oracle(told), "the same": oracle(told), "random": evaluate.at_random}
    return evaluate.evaluation(told, draws=300, shuffles=200, methods=methods)


def test_better_is_said_only_where_the_paired_interval_excludes_zero(judged: Evaluation) -> None:
    whole = judged.tested[-1]
    assert [score.verdict for score in whole.scores] == [Comparison.ITSELF, Comparison.SAME, Comparison.BETTER]
    first, same, chance = whole.scores
    assert first.auroc and first.auroc.value == 1.0
    assert same.difference and (same.difference.low, same.difference.high) == (0.0, 0.0)
    assert chance.auroc and chance.auroc.low < 0.5 < chance.auroc.high
    for standing in judged.tested:
        for score in standing.scores[1:]:
            less = score.difference
            assert (score.verdict is Comparison.BETTER) is bool(less and less.low > 0)


def test_random_orders_are_not_told_apart_by_the_value_of_their_difference() -> None:
    methods = {str(seed): functools.partial(evaluate.at_random, seed=seed) for seed in range(6)}
    made = evaluate.evaluation(invented(), draws=300, methods=methods)
    scores = [score for standing in made.tested for score in standing.scores if score.difference]
    verdicts = {score.verdict for score in scores if score.difference and score.difference.value > 0.02}
    assert Comparison.SAME in verdicts
    for score in scores:
        less = score.difference
        assert less and less.low <= less.value <= less.high
        told = Comparison.BETTER if less.low > 0 else Comparison.WORSE if less.high < 0 else Comparison.SAME
        assert score.verdict is told


def test_an_oracle_leaks_and_it_is_said(judged: Evaluation) -> None:
    assert judged.leaking == ("oracle", "the same")
    assert any("know what came later: oracle" in sentence for sentence in evaluate_rows.sentences(judged))


def test_with_few_pairs_tested_later_no_auroc_is_shown(judged: Evaluation) -> None:
    few = [standing for standing in judged.tested if len(standing.pairs) < auroc.FEWEST]
    assert few
    for standing in few:
        assert all(score.auroc is None and score.difference is None for score in standing.scores)
        assert {score.verdict for score in standing.scores[1:]} == {Comparison.FEW}


def test_hits_stand_beside_those_of_chance(judged: Evaluation) -> None:
    for standing in judged.tested[:-1]:
        assert standing.scores[0].hits[5] == min(5, standing.tested)
        assert standing.chance[5] == pytest.approx(5 * standing.base_rate)
    whole = judged.tested[-1]
    assert whole.chance[10] == pytest.approx(sum(standing.chance[10] for standing in judged.tested[:-1]))


def test_shuffled_labels_leave_nothing_to_know(judged: Evaluation) -> None:
    assert set(judged.shuffled) == {"oracle", "the same", "random"}
    assert all(abs(value - 0.5) < 0.02 for value in judged.shuffled.values())


def test_shuffled_labels_leave_nothing_to_know_on_the_shipped_graph(real: Known) -> None:
    cut = slices.cut(real, slices.years(real))
    some = [
        Ranked.of(one, {name: made(real.before(one.until)) for name, made in evaluate.METHODS.items()}) for one in cut
    ]
    found = auroc.shuffled(some, 200, 0)
    assert list(found) == list(evaluate.METHODS)
    assert all(abs(value - 0.5) < 0.02 for value in found.values())


def test_a_second_target_is_scored_only_with_twenty_pairs(judged: Evaluation) -> None:
    assert judged.beating < 20
    assert judged.beat == ()
    told = invented(pairs=60)
    both = [(pair, fact) for fact in told.facts if len(pair := sorted(fact.members)) == 2]
    more = [fact(f"{f.finding}-b", f.year, pair, set(pair) - f.comparator, study=f.study) for pair, f in both]
    made = evaluate.evaluation(
        replace(told, facts=(*told.facts, *more)), draws=100, methods={"random": evaluate.at_random}
    )  # fmt: skip
    assert made.beating >= 20
    assert made.beat[-1].target == "first tested later and beat both parts"
    assert made.beat[-1].candidates == made.tested[-1].candidates


def test_every_row_has_every_column_and_its_findings_contradicting_ones_first(judged: Evaluation) -> None:
    rows = evaluate_rows.rows(judged)
    assert len(rows) == 3 * len(judged.tested)
    assert all(tuple(row) == tuple(evaluate_rows.COLUMNS) for row in rows)
    assert all(row["caveat"] == evaluate.CAVEAT for row in rows)
    assert [row["rule"] for row in rows if row["until"] == "all"] == [evaluate.RULE] * 3
    told = invented()
    bad = replace(told.facts[-1], result=Result.WORSENED)
    made = evaluate.evaluation(
        replace(told, facts=(*told.facts[:-1], bad)), draws=100, methods={"random": evaluate.at_random}
    )  # fmt: skip
    assert str(evaluate_rows.rows(made)[-1]["findings"]).split()[0] == bad.finding


def test_one_seed_gives_the_same_answer(judged: Evaluation) -> None:
    told = invented()
    methods = {"oracle": oracle(told), "the same": oracle(told), "random": evaluate.at_random}
    assert evaluate.evaluation(told, draws=300, shuffles=200, methods=methods) == judged


# --- page, picture, command -------------------------------------------------------------------------------------------


def report(store: Store) -> str:
    told = known.read(store)
    made = evaluate.evaluation(
        told, draws=100, methods={"popularity": topology.popularity, "random": evaluate.at_random}
    )
    return view.evaluation(store, told, made, ["kg", "combos", "evaluate"]).content(Path("page.md")).decode()


def test_the_page_says_its_rule_and_that_tested_later_is_not_shown_to_work(tiny: Store) -> None:
    text = report(tiny)
    assert evaluate.CAVEAT in text
    assert evaluate.RULE[:80] in text
    assert "Too few for an AUROC." in text
    assert "Not asked for; --shuffle 200 does it." in text


def test_harms_of_pairs_tested_later_stand_on_the_page_until_they_are_taken_from_the_input(sheets: Path) -> None:
    def told() -> str:
        return report(Store.of(build.collect(sheets).sound().triples()))

    papers = sheets / "papers.csv"  # alpha and beta were first given together in aoki2001
    papers.write_text(
        re.sub(r"(Aoki|aoki2001)(.*?),2001,", r"\1\2,2012,", papers.read_text(encoding="utf-8")), encoding="utf-8"
    )
    arms = sheets / "arms.csv"
    text = arms.read_text(encoding="utf-8").replace("eda2005,alpha,alpha,", "eda2005,alpha,beta,")
    arms.write_text(text, encoding="utf-8")
    before = told()
    assert "1 worsened" in before
    findings = sheets / "findings" / "aoki.csv"
    kept = [line for line in findings.read_text(encoding="utf-8").splitlines() if not line.startswith("aoki2001-04")]
    findings.write_text("\n".join(kept) + "\n", encoding="utf-8")
    assert "1 worsened" not in told()


@pytest.mark.parametrize("width", [89, 180])
def test_the_picture_shows_a_panel_for_each_method(judged: Evaluation, width: float) -> None:
    rows = [row for row in evaluate_rows.rows(judged) if row["until"] != "all"]
    made = picture.slices(rows, {"version": "0.1.0"}, width)
    assert made.svg.startswith("<?xml")
    for words in ("A: oracle", "B: the same", "C: random", "0.5, the thin line, is chance"):
        assert words in made.svg
    shown = [row for row in rows if row["auroc"] is not None]
    assert len(made.marks) == len(shown) + len(judged.tested) - 1
    assert {id for mark in made.marks for id in mark.findings} == {fact.finding for fact in judged.tested[-1].facts}
    assert made.bytes("svg") == picture.slices(rows, {"version": "0.1.0"}, width).bytes("svg")


def test_a_picture_without_an_auroc_is_refused(seen: Known) -> None:
    made = evaluate.evaluation(seen, draws=100, methods={"popularity": topology.popularity})
    rows = [row for row in evaluate_rows.rows(made) if row["until"] != "all"]
    with pytest.raises(KgError, match="no slice holds enough pairs"):
        picture.slices(rows, {})


@pytest.fixture
def run(built: Path) -> Callable[..., str]:
    def call(*words: str, code: int = 0) -> str:
        result = CliRunner().invoke(main, ["--store", str(built), "combos", "evaluate", "--bootstrap", "100", *words])
        assert result.exit_code == code, result.stderr
        return result.stdout if code == 0 else result.stderr

    return call


def test_the_command_writes_every_method_and_says_the_caveat(run: Callable[..., str]) -> None:
    made = json.loads(run("--format", "json"))
    assert {row["method"] for row in made["rows"]} == set(evaluate.METHODS)
    assert made["rows"][0]["caveat"] == evaluate.CAVEAT
    assert made["rows"][-1]["rule"] == evaluate.RULE
    assert run("--format", "table").splitlines()[0].split()[:2] == ["method", "AUROC"]
    assert "Tested later is not shown to work" in run("--format", "html", "--shuffle", "10")
    assert run("--by", "paper", "--format", "csv").startswith("target,until,method")


def test_years_that_cannot_be_cut_are_a_sentence(run: Callable[..., str]) -> None:
    assert "no slice can be cut there" in run("--from", "2030", code=1)


def test_items_pass_through_a_bar_whole_and_in_order() -> None:
    assert list(base._with_bar("slices", range(5))) == [0, 1, 2, 3, 4]
