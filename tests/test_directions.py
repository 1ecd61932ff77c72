"""Votes of studies without numbers: on the tiny graph, against scipy, and whatever the order and names of rows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from kg import graph
from kg.model import Result
from kg.store import Store
from kg.synthesis import directions
from kg.synthesis.directions import WORDS, Kind, LeftOut, Shown, Tally

IMPROVED, NO_DIFFERENCE, WORSENED, MIXED = WORDS


def said(*signs: Result | LeftOut, study: str = "aoki2001", **changed: object) -> list[Shown]:
    """Findings of one study on walking, one of each of these signs."""
    about = {"domain": "motor", "kind": Kind.ANIMALS} | changed
    return [Shown(f"{study}-{n:02}", study, sign=sign, **about) for n, sign in enumerate(signs)]  # type: ignore[arg-type]


def only(shown: list[Shown], **laboratories: str) -> Tally:
    (made,) = directions.tally(shown, laboratories)
    return made


def of_tiny(tiny: Store) -> dict[tuple[Kind, str], Tally]:
    return {(one.kind, one.domain): one for one in directions.tallies(tiny, graph.evidence(tiny))}


def test_a_study_has_one_vote_in_a_domain_however_many_contrasts_it_has(tiny: Store) -> None:
    motor = of_tiny(tiny)[Kind.ANIMALS, "motor function"]
    assert [(vote.voter, vote.word) for vote in motor.votes] == [("aoki2001", IMPROVED), ("baba2002", IMPROVED)]
    assert motor.votes[1].counts == {IMPROVED: 2, NO_DIFFERENCE: 1}
    assert motor.votes[0].n == 20


def test_animals_and_people_are_told_apart(tiny: Store) -> None:
    found = of_tiny(tiny)
    assert [vote.voter for vote in found[Kind.PEOPLE, "motor function"].votes] == ["eda2005"]
    assert "eda2005" not in {vote.voter for vote in found[Kind.ANIMALS, "motor function"].votes}


def test_a_direction_counts_whether_it_is_significant_or_not(tiny: Store) -> None:
    """eda2005-01 increased without significance: its result is no difference, its direction is up."""
    (vote,) = of_tiny(tiny)[Kind.PEOPLE, "motor function"].votes
    assert vote.word is IMPROVED


def test_a_tied_study_has_no_vote_and_is_counted_as_tied(tiny: Store) -> None:
    scar = of_tiny(tiny)[Kind.ANIMALS, "scarring"]
    assert scar.votes[0].word is None
    assert (scar.count(None), scar.count(IMPROVED)) == (1, 0)
    assert scar.test.p is None and scar.of_all is None


def test_harm_is_a_vote(tiny: Store) -> None:
    pain = of_tiny(tiny)[Kind.ANIMALS, "pain"]
    assert (pain.count(WORSENED), pain.test.worsened) == (1, 1)


def test_what_adds_nothing_is_shown_and_not_counted(tiny: Store) -> None:
    found = of_tiny(tiny)
    left_out = found[Kind.ANIMALS, "motor function"].left_out[LeftOut.CONTRAST]
    assert left_out == ("baba2002-04", "baba2002-05", "baba2002-07")
    counted = {id for one in found.values() for vote in one.votes for id in vote.findings}
    shown = {id for one in found.values() for ids in one.left_out.values() for id in ids}
    assert counted | shown == {one.finding for one in directions.findings(graph.evidence(tiny))}
    assert not counted & shown


def test_the_laboratories_of_the_graph_vote_once_each(tiny: Store) -> None:
    assert directions.laboratories(tiny) == {
        "aoki2001": "lab-one", "baba2002": "lab-two", "cato2003": "lab-three", "eda2005": "lab-one",
    }  # fmt: skip
    assert of_tiny(tiny)[Kind.ANIMALS, "motor function"].by_laboratory.improved == 2


@pytest.mark.parametrize(
    ("direction", "contrast", "higher_is", "sign"),
    [
        ("increased", "adds", "better", IMPROVED), ("decreased", "adds", "better", WORSENED),
        ("increased", "adds", "worse", WORSENED), ("decreased", "adds", "worse", IMPROVED),
        ("no difference", "adds", "unknown", NO_DIFFERENCE), ("mixed", "adds", "better", MIXED),
        ("increased", "adds", "unknown", LeftOut.POLARITY),
        ("not reported", "adds", "better", LeftOut.SIGNIFICANCE_ONLY),
        ("increased", "replaces", "better", LeftOut.CONTRAST), ("observed", "none", "better", LeftOut.CONTRAST),
    ],
)  # fmt: skip
def test_what_a_direction_means(direction: str, contrast: str, higher_is: str, sign: object) -> None:
    assert directions.sign(direction, contrast, higher_is) is sign


@pytest.mark.parametrize(
    ("species", "kind"), [("human", Kind.PEOPLE), ("rat", Kind.ANIMALS), ("not stated", Kind.NOT_STATED)]
)
def test_whom_a_species_stands_for(species: str, kind: Kind) -> None:
    assert directions.kind(species) is kind


def test_a_row_known_only_by_its_significance_is_shown_and_never_counted() -> None:
    made = only(said(IMPROVED) + said(*[LeftOut.SIGNIFICANCE_ONLY] * 3, study="baba2002"))
    assert [vote.voter for vote in made.votes] == ["aoki2001"]
    assert made.left_out == {LeftOut.SIGNIFICANCE_ONLY: ("baba2002-00", "baba2002-01", "baba2002-02")}


def test_nulls_and_mixed_votes_have_no_sign_and_stay_in_the_share_of_all() -> None:
    rows = [
        *said(IMPROVED), *said(IMPROVED, study="baba2002"), *said(WORSENED, study="cato2003"),
        *said(NO_DIFFERENCE, study="dora2004"), *said(MIXED, study="eda2005"),
    ]  # fmt: skip
    made = only(rows)
    assert (made.test.improved, made.test.worsened) == (2, 1)
    assert made.of_all and (made.of_all.part, made.of_all.whole) == (2, 5)


def test_papers_of_one_laboratory_have_one_vote_in_the_robust_line() -> None:
    rows = [row for n in range(6) for row in said(IMPROVED, study=f"aoki200{n}")] + said(WORSENED, study="baba2002")
    made = only(rows, **{f"aoki200{n}": "lab-one" for n in range(6)})
    assert (made.test.improved, made.test.worsened) == (6, 1)
    assert (made.by_laboratory.improved, made.by_laboratory.worsened, made.stand_ins) == (1, 1, 1)


def test_studies_of_no_known_laboratory_stand_for_one_each() -> None:
    made = only(said(IMPROVED) + said(IMPROVED, study="baba2002"))
    assert (made.by_laboratory.improved, made.stand_ins) == (2, 2)


def test_a_study_on_animals_and_on_people_votes_on_both() -> None:
    made = directions.votes(said(IMPROVED) + said(WORSENED, kind=Kind.PEOPLE))
    assert [(vote.kind, vote.word) for vote in made] == [(Kind.ANIMALS, IMPROVED), (Kind.PEOPLE, WORSENED)]


def test_a_laboratory_that_disagrees_with_itself_has_no_vote() -> None:
    made = only(said(IMPROVED) + said(WORSENED, study="aoki2002"), aoki2001="lab-one", aoki2002="lab-one")
    assert made.by_laboratory.p is None
    assert made.test.p == 1.0


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_sign_test_and_its_interval_are_those_of_scipy(improved: int, worsened: int) -> None:
    made = directions.sign_test(improved, worsened)
    if not improved + worsened:
        assert made.p is None and made.share is None
        return
    known = stats.binomtest(improved, improved + worsened)
    assert made.p == pytest.approx(known.pvalue, rel=1e-10)
    ci = known.proportion_ci(method="exact")
    assert made.share
    assert (made.share.low, made.share.high) == pytest.approx((ci.low, ci.high), rel=1e-8, abs=1e-12)


rows = st.lists(
    st.builds(
        Shown, st.integers(0, 30).map(str), st.sampled_from("abcde"), st.sampled_from(["motor", "pain"]),
        st.sampled_from(Kind), st.sampled_from([*WORDS, *LeftOut]), st.none() | st.integers(1, 40),
        st.integers(0, 8).map(lambda n: (("measure", str(n)),)),
    ),
    max_size=12, unique_by=lambda one: one.finding,
)  # fmt: skip
told = st.dictionaries(st.sampled_from("abcde"), st.sampled_from(["one", "two"]))


def words(made: list[Tally]) -> list[tuple[object, ...]]:
    return [
        (one.kind, one.domain, one.test, one.of_all, one.by_laboratory, [(v.voter, v.word, v.n) for v in one.votes])
        for one in made
    ]


@given(rows, told, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(shown: list[Shown], labs: dict[str, str], random: object) -> None:
    mixed = list(shown)
    random.shuffle(mixed)  # type: ignore[attr-defined]  # a random.Random of Hypothesis
    assert directions.tally(mixed, labs) == directions.tally(shown, labs)


@given(rows, told, st.data())
def test_a_duplicated_row_changes_no_vote(shown: list[Shown], labs: dict[str, str], data: st.DataObject) -> None:
    again = data.draw(st.lists(st.sampled_from(shown), max_size=6)) if shown else []
    copies = [Shown(f"copy-{n}", *list(_fields(one))[1:]) for n, one in enumerate(again)]
    assert words(directions.tally([*shown, *copies], labs)) == words(directions.tally(shown, labs))


def _fields(one: Shown) -> tuple[object, ...]:
    return (one.finding, one.study, one.domain, one.kind, one.sign, one.n, one.content)


@given(rows, told)
def test_the_names_of_studies_change_no_count(shown: list[Shown], labs: dict[str, str]) -> None:
    renamed = [Shown(one.finding, f"z-{ord(one.study) % 7}", *_fields(one)[2:]) for one in shown]  # type: ignore[arg-type]
    other = directions.tally(renamed, {f"z-{ord(name) % 7}": lab for name, lab in labs.items()})
    for one, two in zip(directions.tally(shown, labs), other, strict=True):
        assert (one.test, one.of_all, one.by_laboratory, one.stand_ins) == (
            two.test, two.of_all, two.by_laboratory, two.stand_ins,
        )  # fmt: skip


def test_a_row_stored_twice_in_the_graph_votes_once(tiny: Store) -> None:
    edges = graph.evidence(tiny)
    source, target, about = next(edge for edge in edges.edges(data=True) if edge[2].get("finding") == "aoki2001-03")
    edges.add_edge(source, target, key="copy", **about | {"finding": "copy", "confidence": "low"})
    (scar,) = (one for one in directions.tallies(tiny, edges) if one.domain == "scarring" and one.kind is Kind.ANIMALS)
    assert scar.votes[0].word is None
    assert "copy" in scar.votes[0].findings


def test_the_rows_of_a_harvest_plot_hold_every_finding_once(tiny: Store) -> None:
    made = [row for one in directions.tallies(tiny, graph.evidence(tiny)) for row in directions.bars(one)]
    ids = " ".join(str(row["findings"]) for row in made).split()
    assert sorted(ids) == [one.finding for one in directions.findings(graph.evidence(tiny))]
    assert {"tied", "improved", "worsened"} <= {row["vote"] for row in made}
    assert any(str(row["vote"]).startswith("not counted") for row in made)


def test_the_shipped_graph_is_tallied_whole(shipped: Store) -> None:
    evidence = graph.evidence(shipped)
    made = directions.tallies(shipped, evidence)
    ids = {id for one in made for row in directions.bars(one) for id in str(row["findings"]).split()}
    assert ids == {one.finding for one in directions.findings(evidence)}
    assert max(one.count(NO_DIFFERENCE) for one in made) > 0
