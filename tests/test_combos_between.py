"""Components between studies: what is estimated, what is not identified, and that it never passes for more."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from click.testing import CliRunner

from kg import build
from kg.cli import main
from kg.errors import UnknownName
from kg.store import Store
from kg.synthesis import pooling
from kg.synthesis.combos import between, known
from kg.synthesis.combos.between import Between, Component
from kg.synthesis.combos.known import Scope
from kg.synthesis.effects import Sample, hedges_g

HEAD = (
    "id,paper,arm,comparator,species,phase,outcome,direction,measured_day,n_arm,n_comparator,mean_arm,spread_arm,"
    "mean_comparator,spread_comparator,spread_kind,unit,locator,source_url,curator,date"
).split(",")
EFFECTS = {"alpha": 2.0, "beta": 3.0, "gamma": 1.0, "delta": 1.5}
NO_MICE = Scope(species=frozenset({"rat", "human"}))  # the tiny graph prints numbers of a study on mice
URL = "https://example.org/study"


def study(name: str, arm: str, comparator: str = "", **changed: str) -> dict[str, str]:
    """A finding of ten animals an arm, SD 2; the means are 8 and what the parts add."""
    means = {side: 8 + sum(EFFECTS[part] for part in side.split("+") if part) for side in (arm, comparator)}
    other = comparator or "none"
    return {
        "id": f"{name}-{arm}-{other}".replace("+", "-"), "paper": name, "arm": arm, "comparator": other,
        "species": "rat", "phase": "chronic", "outcome": "walking", "direction": "increased", "measured_day": "56",
        "n_arm": "10", "n_comparator": "10", "mean_arm": f"{means[arm]:g}", "spread_arm": "2",
        "mean_comparator": f"{means[comparator]:g}", "spread_comparator": "2", "spread_kind": "SD", "unit": "points",
        "locator": "Table 1", "source_url": URL, "curator": "ada", "date": "2026-11-22",
    } | changed  # fmt: skip


@pytest.fixture
def told(sheets: Path):
    """The tiny graph with these findings, papers and arms beside its own; the place of its tables."""

    def call(*rows: dict[str, str]) -> Store:
        papers = sorted({row["paper"] for row in rows})
        with (sheets / "papers.csv").open("a", encoding="utf-8") as table:
            table.write("".join(f"{one},,,,A study,2010,,A A,,,primary,ok,,{URL},\n" for one in papers))
        given = sorted({(row["paper"], row[side]) for row in rows for side in ("arm", "comparator")})
        with (sheets / "arms.csv").open("a", encoding="utf-8") as table:
            for paper, arm in given:
                for part in arm.split("+") if arm != "none" else ["no-treatment"]:
                    role = "control" if arm == "none" else "active"
                    table.write(f"{paper},{arm},{part},{role},,,,,,,,\n")
        lines = [",".join(HEAD), *(",".join(row[column] for column in HEAD) for row in rows)]
        (sheets / "findings" / "sized.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return Store.of(build.collect(sheets).sound().triples())

    return call


def estimated(store: Store, outcome: str = "walking", scope: Scope = NO_MICE) -> list[Between]:
    return between.between(store, known.read(store), outcome, scope)


def parts(one: Between) -> dict[str, Component]:
    return {component.therapy: component for component in one.components}


FIVE = [
    study("p1", "alpha"), study("p2", "beta"), study("p3", "alpha+beta"), study("p4", "alpha+beta", "alpha"),
    study("p5", "gamma+delta"),
]  # fmt: skip


def test_components_that_add_up_are_found_as_they_are(told) -> None:
    (one,) = estimated(told(*FIVE))
    assert (one.population, one.measure, one.unit, one.why) == ("animals", "MD", "points", "")
    for therapy in ("alpha", "beta"):
        made = parts(one)[therapy].estimate
        assert made and made.estimate == pytest.approx(EFFECTS[therapy])
        assert made.ci[0] < EFFECTS[therapy] < made.ci[1]
    assert (parts(one)["alpha"].studies, parts(one)["beta"].studies) == (3, 3)
    assert "p4-alpha-beta-alpha" in parts(one)["beta"].findings


def test_what_the_comparisons_do_not_identify_has_no_number_and_a_reason(told) -> None:
    store = told(*FIVE)
    (one,) = estimated(store)
    assert parts(one)["gamma"].estimate is None
    rows = {row["component"]: row for row in between.rows([one], known.read(store))}
    assert rows["gamma (purified)"]["estimate"] is None
    assert rows["gamma (purified)"]["why"] == "the comparisons do not identify it"
    assert between.short(rows["delta"])["estimate"] == "not identified"


def test_every_row_is_labelled_and_names_harms_and_findings(told) -> None:
    store = told(*FIVE)
    rows = between.rows(estimated(store), known.read(store))
    assert all(tuple(sorted(row)) == tuple(sorted(between.COLUMNS)) for row in rows)
    assert {row["label"] for row in rows} == {"between studies, observational"}
    assert all(row["findings"] for row in rows)
    assert {row["component"]: row["harms"] for row in rows}["beta"] == "aoki2001-04"
    assert all("observational" in str(between.short(row)["component"]) for row in rows)


def test_too_few_studies_give_one_sentence_and_no_number(told) -> None:
    (one,) = estimated(told(*FIVE[:3]))
    assert one.components == ()
    assert one.why == "not pooled: 3 papers and 3 experiments, where at least 3 and 5 are asked for"
    assert one.harms == ("aoki2001-04",)


def test_an_outcome_without_numbers_says_so(tiny: Store) -> None:
    (one,) = estimated(tiny, "scar-area")
    assert one.why.startswith("not pooled: 0 papers")
    with pytest.raises(UnknownName, match="'wolking' is not an outcome"):
        estimated(tiny, "wolking")


def test_several_units_make_it_hedges_g(told) -> None:
    changed = [study("p1", "alpha", unit="per cent"), *FIVE[1:]]
    (one,) = estimated(told(*changed))
    assert (one.measure, one.unit) == ("SMD", "")
    g = hedges_g(Sample(10, 11.0, 2.0), Sample(10, 8.0, 2.0)).value
    made = parts(one)["beta"].estimate
    assert made and made.estimate == pytest.approx(g, abs=0.2)


def test_less_of_what_is_worse_is_benefit(told) -> None:
    (one,) = estimated(told(*({**row, "outcome": "pain-score"} for row in FIVE)), "pain-score")
    made = parts(one)["beta"].estimate
    assert made and made.estimate == pytest.approx(-3.0)


def test_an_outcome_of_which_nobody_knows_what_is_better_is_not_estimated(told) -> None:
    (one,) = estimated(told(*({**row, "outcome": "marker"} for row in FIVE)), "marker")
    assert (one.components, one.why) == ((), "not pooled: nobody can say what more of marker means")


def test_animals_and_people_stand_apart(told) -> None:
    people = [study(f"h{n}", arm, species="human") for n, arm in enumerate(["alpha", "alpha", "beta"])]
    made = {one.population: one for one in estimated(told(*FIVE, *people))}
    assert made["animals"].components
    assert made["people"].why.startswith("not pooled: 3 papers and 3 experiments")
    assert not {"h0", "h1", "h2"} & {*made["animals"].studies}


def test_one_setting_of_a_study_counts_the_one_with_most_arms_then_the_latest(told) -> None:
    rows = [*FIVE, study("p1", "alpha", measured_day="90", mean_arm="12", id="p1-late"), study("p3", "beta", id="p3-b")]
    (one,) = estimated(told(*rows))
    assert "p1-late" in parts(one)["alpha"].findings
    assert "p1-alpha-none" not in parts(one)["alpha"].findings
    assert {"p3-b", "p3-alpha-beta-none"} <= {*parts(one)["beta"].findings}


def test_one_therapy_against_nothing_is_the_pooled_mean_difference(told) -> None:
    rows = [study(f"p{n}", "alpha", mean_arm=f"{mean}") for n, mean in enumerate((9, 10, 12, 13, 11.5))]
    store = told(*rows)
    (one,) = estimated(store)
    pooled = pooling.pool([1, 2, 4, 5, 3.5], [0.8] * 5, method="DL")
    made = parts(one)["alpha"].estimate
    assert made and made.estimate == pytest.approx(pooled.estimate)
    assert made.se == pytest.approx(pooled.se)
    assert one.tau2 == pytest.approx(pooled.tau2)


def test_shares_of_animals_are_no_means(told) -> None:
    (one,) = estimated(told(*({**row, "unit": "% of animals"} for row in FIVE)))
    assert one.components == ()


def test_the_shipped_graph_prints_too_few_numbers(shipped: Store) -> None:
    (one,) = estimated(shipped, "BBB scale", known.ANY)
    assert one.components == ()
    assert one.why.startswith("not pooled: 1 paper and 1 experiment")
    assert one.harms


def test_the_command_gives_components_instead_and_a_page_both(told, tmp_path: Path) -> None:
    told(*FIVE)
    build.write(build.collect(tmp_path / "tiny").sound(), tmp_path / "graph")
    words = ["--store", str(tmp_path / "graph"), "combos", "contrasts", "--between", "walking"]
    made = CliRunner().invoke(main, words)
    assert made.exit_code == 0, made.stderr
    rows = list(csv.DictReader(io.StringIO(made.stdout)))
    assert {row["label"] for row in rows} == {"between studies, observational"}
    assert "studies differ in more than what they gave" in made.stderr
    page = CliRunner().invoke(main, [*words, "--format", "md"]).stdout
    assert "## Components of walking score: between studies, observational" in page
    assert "## Never compared with its parts" in page
