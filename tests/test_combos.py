from __future__ import annotations

from pathlib import Path

import pytest

import kg
from kg import build
from kg.build import Collected
from kg.errors import KgError, UnknownName
from kg.model import Finding, Trial
from kg.store import Row, Store
from kg.synthesis import combos


def pairs(store: Store, therapy: str, **only: str) -> set[tuple[str, str, str]]:
    return {(one.therapy, one.partner, one.phase) for one in combos.untested(store, therapy, **only)}


def line(rows: list[Row], **wanted: object) -> Row:
    (found,) = (row for row in rows if wanted.items() <= row.items())
    return found


def retold(sheets: Path, *changes: tuple[str, str, str]) -> Store:
    """The tiny graph with some text of its tables changed."""
    for table, old, new in changes:
        text = (sheets / table).read_text(encoding="utf-8")
        assert old in text
        (sheets / table).write_text(text.replace(old, new), encoding="utf-8")
    return Store.of(build.collect(sheets).sound().triples())


def test_every_contrast_of_a_combination_is_told_apart(tiny: Store) -> None:
    told = {
        (frozenset(one.members), frozenset(one.isolates), frozenset(one.on_top_of), one.against)
        for one in combos.tried(tiny, "alpha")
    }
    both = frozenset({"alpha", "beta"})
    assert told == {(both, frozenset({"beta"}), frozenset({"alpha"}), "alpha"), (both, both, frozenset(), "vehicle")}


@pytest.mark.parametrize("word", ["beta", "AL", "alpha protein"])
def test_a_combination_is_found_from_each_of_its_members(word: str, tiny: Store) -> None:
    assert {one.members for one in combos.tried(tiny, word)} == {frozenset({"alpha", "beta"})}


def test_two_therapies_that_helped_in_one_phase_and_shared_no_arm_are_untested(tiny: Store) -> None:
    assert ("alpha", "gamma", "chronic") in pairs(tiny, "alpha")
    assert ("gamma", "alpha", "chronic") in pairs(tiny, "gamma")


def test_what_shared_an_arm_is_not_untested(tiny: Store) -> None:
    assert not {("alpha", "beta", "chronic"), ("beta", "alpha", "chronic")} & (
        pairs(tiny, "alpha") | pairs(tiny, "beta")
    )


def test_what_shared_a_trial_is_not_untested(tiny: Store) -> None:
    assert ("beta", "gamma", "chronic") not in pairs(tiny, "beta")


def test_without_the_trial_the_same_two_are_untested(sheets: Path) -> None:
    assert ("beta", "gamma", "chronic") in pairs(retold(sheets, ("trials.csv", "beta|gamma", "beta")), "beta")


def test_a_therapy_and_a_kind_of_it_are_no_pair(tiny: Store) -> None:
    found = pairs(tiny, "alpha") | pairs(tiny, "alpha-two") | pairs(tiny, "gamma")
    assert not {("alpha", "alpha-two"), ("alpha-two", "alpha")} & {pair[:2] for pair in found}


def test_a_class_brings_what_is_below_it(tiny: Store) -> None:
    assert {one for one, _, _ in pairs(tiny, "alpha")} == {"alpha", "alpha-two"}


def test_an_arm_of_a_kind_counts_for_its_class(sheets: Path) -> None:
    made = retold(
        sheets,
        (
            "arms.csv",
            "baba2002,alpha-two,alpha-two",
            "baba2002,alpha-two,gamma,active,,,,,,,,\nbaba2002,alpha-two,alpha-two",
        ),
    )
    assert ("alpha", "gamma", "chronic") not in pairs(made, "alpha")


def test_what_helped_only_in_another_phase_is_no_partner(sheets: Path) -> None:
    made = retold(
        sheets,
        (
            "findings/others.csv",
            "baba2002-01,baba2002,,gamma,none,rat,,,,,,chronic",
            "baba2002-01,baba2002,,gamma,none,rat,,,,,,acute",
        ),
    )
    assert not {pair for pair in pairs(made, "alpha") if "gamma" in pair}


def without(sheets: Path, *ids: str) -> Store:
    """The tiny graph without some findings and their readings."""
    for file in [*(sheets / "findings").iterdir(), sheets / "readings.csv"]:
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        file.write_text("".join(line for line in lines if line.split(",")[0] not in ids), encoding="utf-8")
    return Store.of(build.collect(sheets).sound().triples())


def test_a_null_finding_alone_makes_no_partner(sheets: Path) -> None:
    made = without(sheets, "aoki2001-01", "aoki2001-05")
    assert not {pair for pair in pairs(made, "gamma") if pair[1] == "alpha"}


def test_a_before_and_after_contrast_makes_no_partner(sheets: Path) -> None:
    made = without(sheets, "baba2002-01")
    assert not {pair for pair in pairs(made, "alpha") if pair[1] == "gamma"}


def test_nulls_and_harms_stand_beside_every_benefit(tiny: Store) -> None:
    rows = combos.lines(tiny, "alpha")
    added = line(rows, state="tried", against="alpha")
    assert (added["studies"], added["improved"], added["no_difference"]) == (1, 1, 1)
    assert line(rows, against="vehicle")["worsened"] == 1
    untested = line(rows, combination="alpha + gamma (purified)")
    assert (untested["improved"], untested["no_difference"]) == (2, 1)
    assert "baba2002-02" in str(untested["findings"])


def test_more_findings_of_one_study_count_as_one_study(tiny: Store) -> None:
    row = line(combos.lines(tiny, "alpha"), against="alpha")
    assert (row["studies"], row["findings"]) == (1, "aoki2001-02 aoki2001-03")


@pytest.mark.parametrize("therapy", ["alpha", "beta", "gamma", "alpha-two"])
def test_every_line_names_the_findings_it_rests_on(therapy: str, tiny: Store, collected: Collected) -> None:
    known = {item.id for item in collected.items if isinstance(item, Finding) and item.in_force}
    known |= {item.id for item in collected.items if isinstance(item, Trial)}
    for row in combos.lines(tiny, therapy):
        assert tuple(row) == tuple(combos.COLUMNS)
        assert set(str(row["findings"]).split()) <= known
        assert row["findings"]


def test_retracted_and_withdrawn_findings_are_nowhere(tiny: Store) -> None:
    rows = [row for therapy in ("alpha", "beta", "gamma") for row in combos.lines(tiny, therapy)]
    told = " ".join(map(str, (value for row in rows for value in row.values())))
    assert not [word for word in ("cato2003", "baba2002-06", "delta") if word in told]


def test_a_combination_of_a_retracted_paper_was_not_tried(tiny: Store) -> None:
    assert list(combos.tried(tiny, "delta")) == []


def test_a_finding_no_longer_retracted_is_counted(sheets: Path) -> None:
    made = retold(sheets, ("papers.csv", "primary,retracted", "primary,ok"))
    assert {one.members for one in combos.tried(made, "delta")} == {frozenset({"alpha", "delta"})}


@pytest.mark.parametrize(
    "contrast, state",
    [
        ("baba2002-05", "tried, head to head"),
        ("baba2002-03", "tried, before and after"),
        ("baba2002-04", "seen, no comparator"),
        ("baba2002-07", "tried, given otherwise"),
    ],
)
def test_a_contrast_that_credits_nobody_is_called_what_it_is(contrast: str, state: str, sheets: Path) -> None:
    made = retold(
        sheets,
        ("arms.csv", "baba2002,gamma,gamma,active", "baba2002,gamma,delta,active,,,,,,,,\nbaba2002,gamma,gamma,active"),
        (
            "arms.csv",
            "baba2002,gamma-late,gamma",
            "baba2002,gamma-late,delta,active,,90,,,,,,\nbaba2002,gamma-late,gamma",
        ),
    )
    (row,) = (row for row in combos.lines(made, "gamma") if row["state"] == state)
    assert contrast in str(row["findings"])


def test_a_domain_keeps_only_its_own_findings(tiny: Store) -> None:
    assert {fact.finding for one in combos.tried(tiny, "alpha", domain="pain") for fact in one.facts} == {"aoki2001-04"}
    assert {fact.finding for one in combos.tried(tiny, "alpha", domain="function") for fact in one.facts} == {
        "aoki2001-02",
        "aoki2001-04",
    }


def test_a_phase_without_findings_is_said(tiny: Store) -> None:
    with pytest.raises(KgError, match="nothing here combines 'alpha' in subacute injury"):
        combos.lines(tiny, "alpha", "subacute")


@pytest.mark.parametrize("words", [("alpah", None, None), ("alpha", "chronc", None), ("alpha", None, "motr")])
def test_an_unknown_word_comes_with_the_nearest_one(words: tuple[str, str | None, str | None], tiny: Store) -> None:
    with pytest.raises(UnknownName, match="Did you mean"):
        combos.lines(tiny, *words)


def test_what_was_tried_stands_before_what_was_not_and_the_most_studied_first(tiny: Store) -> None:
    rows = combos.lines(tiny, "alpha")
    tried = [str(row["state"]).startswith(("tried", "seen")) for row in rows]
    assert tried == sorted(tried, reverse=True)
    counts = [int(str(row["studies"])) for row in rows if row["state"] == "never together here"]
    assert counts == sorted(counts, reverse=True)


def test_asking_twice_gives_the_same_lines(tiny: Store, built: Path) -> None:
    assert combos.lines(tiny, "alpha") == combos.lines(Store.open(built), "alpha")


def test_a_combination_given_only_in_a_trial_is_shown(tiny: Store) -> None:
    assert [row["findings"] for row in combos.lines(tiny, "gamma") if row["state"] == "in a trial"] == [
        "beta-gamma-trial"
    ]


def test_an_arm_that_names_only_the_class_makes_a_pair_uncertain(shipped: Store) -> None:
    told = {(one.therapy, one.partner): one.perhaps for one in combos.untested(shipped, "hipsc-nspc")}
    assert told["hipsc-nspc", "treadmill"]  # one study trained them, and says no more than rehabilitation
    assert not told["hipsc-nspc", "chabc"]


def test_the_question_and_the_command_agree_on_what_was_never_combined(shipped: Store) -> None:
    vocab = shipped.vocab()
    pairs = {
        (*sorted((vocab.label("therapy", one.therapy), vocab.label("therapy", one.partner))), one.phase)
        for top in vocab.scheme("therapy")
        if not top.broader
        for therapy in vocab.narrower(top)
        for one in combos.untested(shipped, therapy)
        if not one.perhaps
    }
    asked = kg.query("never-combined", shipped)
    assert {(*sorted((str(row["therapy"]), str(row["partner"]))), row["phase"]) for row in asked} == pairs
