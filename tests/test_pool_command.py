"""kg pool: what it says of tables, and what it refuses with file, row and column."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import reference
from click.testing import CliRunner
from scipy.special import stdtr

from kg.cli import main

DATA = reference.FOLDER / "data"
TOLD = reference.ANSWERS


def run(*told: str, code: int = 0) -> str:
    result = CliRunner().invoke(main, ["pool", *told])
    assert result.exit_code == code, result.output
    return result.output


def answer(name: str, *told: str) -> Any:
    return json.loads(run(str(DATA / f"{name}.csv"), "--format", "json", *told))


@pytest.mark.parametrize("name", [name for name in reference.NAMES if "levels" not in TOLD[name]])
def test_tables_are_pooled_as_metafor_does_in_full_precision(name: str) -> None:
    told = TOLD[name]["pooled"]["REML"]
    found = answer(name, "--measure", TOLD[name]["measure"])
    for field in "estimate se ci p tau2 tau2_ci Q df Q_p I2 pi".split():
        assert reference.apart(found[field], told.get(field, found["k"] - 1)) < 1e-9
    assert found["zval"] == pytest.approx(told["statistic"], rel=1e-9)
    assert found["k"] == len(found["rows"])
    hartung = answer(name, "--measure", TOLD[name]["measure"], "--knha", "--method", "DL")
    told = TOLD[name]["pooled"]["DL"]["knha"]
    assert reference.apart([hartung["tval"], *hartung["pi"]], [told["statistic"], *told["pi"]]) < 1e-9


def test_the_measure_follows_from_the_columns() -> None:
    assert [answer(name)["measure"] for name in ("bcg", "normand1999", "hackshaw1998")] == ["RR", "SMD", "GEN"]


def test_the_variance_of_g_is_taken_by_its_name() -> None:
    found = answer("normand1999", "--vtype", "UB")
    assert reference.apart([row["vi"] for row in found["rows"]], TOLD["normand1999"]["effects"]["SMD_UB"]["vi"]) < 1e-12


def test_moderators_give_coefficients_and_no_pooled_effect() -> None:
    told, found = TOLD["bcg"]["mods"]["alloc"], answer("bcg", "--mods", "alloc")
    assert [one["name"] for one in found["coefficients"]] == ["intercept", "alloc=random", "alloc=systematic"]
    assert reference.apart([one["estimate"] for one in found["coefficients"]], told["beta"]) < 1e-9
    assert reference.apart([found["QM"], found["R2"]], [told["QM"], told["R2"]]) < 1e-9
    assert found["estimate"] is None
    assert found["pi"] is None


def test_a_column_of_clusters_makes_three_levels() -> None:
    told, found = TOLD["konstantopoulos2011"]["levels"]["none"], answer("konstantopoulos2011")
    assert reference.apart(found["sigma2"], told["sigma2"]) < 1e-6
    assert found["se"] == pytest.approx(told["se"][0], abs=1e-6)
    assert found["tau2"] == pytest.approx(sum(found["sigma2"]))
    assert found["clusters"] == 11
    assert found["tau2_ci"] is None


def test_robust_errors_are_those_of_metafor() -> None:
    told = TOLD["assink2016"]["levels"]["none"]
    three, two = answer("assink2016", "--robust", "CR1"), answer("assink2016", "--levels", "2", "--robust", "CR1")
    assert three["se"] == pytest.approx(told["CR1"]["se"][0], abs=1e-6)
    assert two["se"] == pytest.approx(told["flat_CR1"]["se"][0], abs=1e-9)
    assert answer("assink2016", "--levels", "2")["notes"]


def test_subgroups_leaving_out_and_bias_come_when_asked() -> None:
    found = answer("bcg", "--by", "alloc", "--leave-one-out", "--bias")
    assert found["subgroups"]["Q_between"] == pytest.approx(TOLD["bcg"]["subgroups"]["between"])
    assert (
        reference.apart([one["estimate"] for one in found["leave_one_out"]], TOLD["bcg"]["leave_one_out"]["estimate"])
        < 1e-9
    )
    assert found["bias"]["egger"]["p"] == pytest.approx(TOLD["bcg"]["bias"]["egger_lm"]["p"])
    assert found["bias"]["trim_and_fill_L0"]["missing"] == 1
    assert "at least 10" in answer("hart1999", "--bias")["bias"]["refused"]
    assert "pustejovsky_rodgers" in answer("gibson2002", "--bias")["bias"]


def test_the_table_shows_rows_the_pooled_effect_and_its_doubts() -> None:
    text = run(str(DATA / "bcg.csv"), "--leave-one-out", "--bias", "--by", "alloc")
    for said in (
        "pooled: -0.7145 [-1.067, -0.3622]",
        "prediction interval",
        "I2 92.22 %",
        "without 13",
        "Egger",
        "note",
    ):
        assert said in text
    assert "95.2 %" not in run(str(DATA / "konstantopoulos2011.csv"), "--mods", "year")


def test_a_file_is_written_in_the_form_of_its_suffix(tmp_path: Path) -> None:
    run(str(DATA / "bcg.csv"), "-o", str(tmp_path / "bcg.json"))
    assert json.loads((tmp_path / "bcg.json").read_text())["k"] == 13


def test_one_row_is_shown_and_it_is_said_that_nothing_is_pooled(tmp_path: Path) -> None:
    file = tmp_path / "one.csv"
    file.write_text("yi,vi\n0.4,0.04\n")
    found = json.loads(run(str(file), "--format", "json"))
    assert (found["estimate"], found["tau2"], found["k"]) == (0.4, 0, 1)
    assert "nothing is pooled" in found["notes"][0]
    assert "at least 2" in run(str(file), "--knha", code=1)


def test_rows_of_one_study_are_pointed_at(tmp_path: Path) -> None:
    file = tmp_path / "twice.csv"
    file.write_text("study,yi,vi\naoki,0.4,0.04\naoki,0.5,0.05\nbeta,1,0.1\n")
    assert "rows of one study (aoki)" in run(str(file))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("yi,vi\n1,0\n", "bad.csv, row 2, column vi: has a sampling variance of 0"),
        ("yi,vi\n1,-1\n", "bad.csv, row 2, column vi: has a sampling variance of -1"),
        ("yi,vi\n1,1\n2,\n", "bad.csv, row 3, column vi: is empty"),
        ("yi,vi\n1,1\nNA,1\n", "bad.csv, row 3, column yi: is empty"),
        ('yi,vi\n"1,5",1\n', "bad.csv, row 2, column yi: '1,5' is not a number; write it as 12.5"),
        ("yi,vi\n1e99,1\n", "larger than can be computed with"),
        ("yi,vi\ninf,1\n", "'inf' is not a number"),
        ("m1,sd1,n1,m2,sd2,n2\n1,1,1,0,1,8\n", "row 2, column n1: 1 is too few"),
        ("m1,sd1,n1,m2,sd2,n2\n1,-1,8,0,1,8\n", "row 2, column sd1: -1 is negative"),
        ("m1,sd1,n1,m2,sd2,n2\n1,0,8,0,0,8\n", "both standard deviations are zero"),
        ("ai,bi,ci,di\n1,2,-3,4\n", "row 2, column ci: -3 is negative"),
        ("ai,bi,ci,di\n0,0,3,4\n", "each group needs a subject"),
        ("y,vi\n1,1\n", "has none of these sets of columns: yi, vi; or m1"),
        ("yi;vi\n1;1\n", "is not separated by commas"),
        ("yi,vi,yi\n1,1,1\n", "column yi: stands twice"),
        ("yi,vi\n1,1,1\n", "row 2: has 3 cells, the header 2"),
        ("yi,vi\n", "has no row below its header"),
        ("", "is no text table"),
        ('yi,vi\n"1,1\n', "cannot be read as CSV"),
    ],
)
def test_a_bad_table_is_refused_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(text)
    assert said in run(str(file), code=1)


def test_columns_and_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    assert "column ablatt: is missing from the header. Did you mean 'ablat'?" in run(
        str(DATA / "bcg.csv"), "--mods", "ablatt", code=1
    )
    assert "column m1: is missing" in run(str(DATA / "bcg.csv"), "--measure", "SMD", code=1)
    assert "cannot be read" in run(str(tmp_path / "none.csv"), code=1)
    mixed = tmp_path / "mixed.csv"
    mixed.write_text("yi,vi,day\n1,1,7\n2,1,late\n3,1,9\n")
    assert "row 3, column day: 'late' is not a number" in run(str(mixed), "--mods", "day", code=1)


def test_options_that_contradict_each_other_are_refused() -> None:
    assert "need clusters" in run(str(DATA / "bcg.csv"), "--robust", "CR1", code=2)
    assert "estimated by REML" in run(str(DATA / "assink2016.csv"), "--levels", "3", "--method", "DL", code=2)


def test_knha_takes_t_where_clusters_make_three_levels() -> None:
    asked = [str(DATA / "assink2016.csv"), "--format", "json"]
    plain, knha = (json.loads(run(*asked, *more)) for more in ([], ["--knha"]))
    assert (knha["estimate"], knha["se"]) == (plain["estimate"], plain["se"])
    assert knha["p"] == pytest.approx(2 * stdtr(knha["k"] - 1, -abs(knha["tval"])))
    assert knha["ci"][0] < plain["ci"][0]


def test_robust_errors_leave_no_test_of_the_model_behind() -> None:
    made = json.loads(run(str(DATA / "assink2016.csv"), "--robust", "CR1", "--format", "json"))
    assert "zval" not in made
    assert made["tval"] == pytest.approx(made["estimate"] / made["se"])
