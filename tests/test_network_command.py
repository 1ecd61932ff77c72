"""kg network: what it prints of a table, and what it says of a bad one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kg.cli import main
from kg.synthesis import components, networks
from tests.test_networks import HERE, table

HEAD = "studlab,treat1,treat2,TE,seTE\n"
TWO = "a,alpha,control,1.0,0.5\nb,beta,control,2.0,0.5\nc,alpha,beta,-0.5,0.25\n"


@pytest.fixture
def run(tmp_path: Path):
    """Run the command on a table of these lines."""

    def call(text: str, *words: str) -> Result:
        (tmp_path / "table.csv").write_text(text, encoding="utf-8")
        return CliRunner().invoke(main, ["network", str(tmp_path / "table.csv"), *words])

    return call


def of(name: str, *words: str) -> dict[str, Any]:
    result = CliRunner().invoke(main, ["network", str(HERE / f"{name}.csv"), "--format", "json", *words])
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


@pytest.mark.parametrize("method", ["DL", "REML", "common"])
def test_every_number_of_a_network_is_printed_in_full(method) -> None:
    made = of("senn2013", "--method", method, "--split")
    (network,) = networks.estimates(table("senn2013"), method)
    assert (made["method"], made["reference"]) == (method, "placebo")
    assert (made["k"], made["m"], made["n"], len(made["designs"])) == (26, 28, 10, 15)
    assert (made["tau2"], made["Q"], made["df"]) == (network.tau2, network.total.Q, 18)
    assert made["I2"] == 100 * network.total.I2
    assert made["between_designs"] == {"Q": network.between.Q, "df": 7, "p": network.between.p}
    scores = network.p_scores("good")
    for row in made["treatments"]:
        one = network.versus(row["treatment"], "placebo")
        assert (row["estimate"], row["se"], row["ci"]) == (one.estimate, one.se, list(one.ci))
        assert row["p_score"] == scores[row["treatment"]]
    assert len(made["comparisons"]) == 45
    assert len(made["splits"]) == 15
    assert made["other_networks"] == []


def test_every_number_of_the_components_is_printed_in_full() -> None:
    made = of("linde2016", "--components", "--inactive", "Placebo", "--interactions", "SSRI * Face-to-face CBT")
    model = components.additive(table("linde2016"), "Placebo", ["SSRI*Face-to-face CBT"])
    assert made["tau2"] == model.tau2
    assert (made["Q"], made["Q_additive"], made["df_additive"]) == (model.additive.Q, model.additive.Q, 89)
    assert (made["Q_diff"], made["df_diff"], made["p_diff"]) == (model.difference.Q, 2, model.difference.p)
    for row, one in zip([*made["components"], *made["interactions"]], model.components, strict=True):
        assert (row["estimate"], row["se"], row["k"]) == (one.estimate.estimate, one.estimate.se, one.studies)
    assert [row["interaction"] for row in made["interactions"]] == ["SSRI*Face-to-face CBT"]
    assert {row["treatment"] for row in made["combinations"]} == {*model.evidence.treatments} - {"Placebo"}


def test_another_reference_turns_the_estimates() -> None:
    made = {row["treatment"]: row for row in of("senn2013", "--reference", "metformin")["treatments"]}
    (network,) = networks.estimates(table("senn2013"))
    assert made["placebo"]["estimate"] == network.versus("placebo", "metformin").estimate
    assert (made["metformin"]["estimate"], made["metformin"]["p"]) == (0, None)
    against = of("linde2016", "--components", "--inactive", "Placebo", "--reference", "SSRI")
    (row,) = (row for row in against["combinations"] if row["treatment"] == "Placebo")
    assert row["estimate"] == pytest.approx(
        -next(c["estimate"] for c in against["components"] if c["component"] == "SSRI")
    )


def test_small_values_that_are_bad_turn_the_p_scores() -> None:
    good, bad = of("senn2013"), of("senn2013", "--small-values", "bad")
    pairs = zip(good["treatments"], bad["treatments"], strict=True)
    assert all(one["p_score"] == pytest.approx(1 - other["p_score"]) for one, other in pairs)


def test_a_person_reads_a_table_with_the_best_first(run) -> None:
    result = run(HEAD + TWO, "--small-values", "bad", "--split")
    lines = result.stdout.splitlines()
    assert lines[0].split()[:2] == ["against", "alpha"]
    assert [line.split()[0] for line in lines[2:5]] == ["beta", "alpha", "control"]
    assert "between designs" in result.stdout
    assert "alpha : beta" in result.stdout


def test_components_are_a_table_too(run) -> None:
    result = run(HEAD + TWO.replace("c,alpha", "c,alpha + beta"), "--components", "--inactive", "control")
    assert "component, without control" in result.stdout
    assert "alpha + beta" in result.stdout
    assert "additive model" in result.stdout


def test_what_is_not_identified_is_said_and_has_no_number(run) -> None:
    text = HEAD + "a,alpha + beta,control,1.0,0.5\n"
    result = run(text, "--components", "--inactive", "control", "--format", "json")
    made = json.loads(result.stdout)
    assert [(row["identified"], row["estimate"]) for row in made["components"]] == [(False, None)] * 2
    assert made["combinations"][0]["estimate"] == 1
    assert "without a number: alpha, beta" in result.stderr
    assert "not identified" in run(text, "--components", "--inactive", "control").stdout


def test_parts_that_nothing_connects_are_said(run) -> None:
    text = HEAD + TWO + "x,gamma,delta,1.0,0.5\n"
    result = run(text, "--format", "json")
    made = json.loads(result.stdout)
    assert made["n"] == 3
    assert [row["treatment"] for row in made["other_networks"][0]["treatments"]] == ["delta", "gamma"]
    assert "nothing connects 2 parts" in result.stderr
    assert "it is taken as 0" in result.stderr
    assert made["other_networks"][0]["tau2"] is None


def test_an_answer_is_written_to_a_file(run, tmp_path: Path) -> None:
    result = run(HEAD + TWO, "-o", str(tmp_path / "answer.json"))
    assert result.stdout == ""
    assert json.loads((tmp_path / "answer.json").read_text())["k"] == 3


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("a,alpha,control,1.0,0", "row 2, column seTE: '0' is no standard error, which is above 0"),
        ("a,alpha,control,1.0,-1", "row 2, column seTE"),
        ('a,alpha,control,"1,5",1', "row 2, column TE: '1,5' is not a number; write it with a decimal point"),
        ("a,alpha,control,nan,1", "row 2, column TE: 'nan' is not a number"),
        ("a,alpha,control,inf,1", "row 2, column TE: 'inf' is not a number"),
        (",alpha,control,1,1", "row 2, column studlab: is empty"),
        ("a,alpha,alpha,1,1", "row 2, column treat2: 'alpha' is compared with itself"),
        ("x,y,z,1,1\na,d,b,1,1\na,d,c,1,1", "row 3, column studlab: study 'a' has 3 arms but no comparison of b and c"),
        ("a,d,b,1,1\na,d,c,1,1\na,b,c,3,1", "row 2, column TE: study 'a' has 3 arms whose effects do not add up"),
        ("a,alpha,b,1,1\na,alpha,c,1,1\na,b,c,0,9", "row 2, column seTE: study 'a' has 3 arms whose standard errors"),
        ("", "has a header but no row"),
    ],
)  # fmt: skip
def test_a_bad_row_is_named_with_file_row_and_column(run, row, said) -> None:
    result = run(HEAD + row + "\n")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "table.csv" in result.stderr
    assert said in result.stderr


def test_all_bad_cells_are_named_at_once(run) -> None:
    said = run(HEAD + "a,,control,x,0\n").stderr
    assert [word in said for word in ("column treat1", "column TE", "column seTE")] == [True] * 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--reference", "controll"], "Did you mean 'control'"),
        (["--inactive", "control"], "belong to --components"),
        (["--interactions", "alpha*beta"], "belong to --components"),
        (["--components", "--split"], "without --components"),
        (["--components", "--sep", " "], "is a mark such as +"),
        (["--components", "--inactive", "controll"], "Did you mean 'control'"),
        (["--components", "--reference", "controll"], "Did you mean 'control'"),
        (["--method", "ML"], "Invalid value for '--method'"),
    ],
)
def test_a_command_line_that_says_nothing_sound_is_refused(run, words, said) -> None:
    result = run(HEAD + TWO, *words)
    assert result.exit_code == 2
    assert said in result.stderr
