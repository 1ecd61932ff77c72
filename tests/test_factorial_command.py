"""kg factorial: what it prints of a table, and what it says of a bad one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kg.cli import main
from kg.synthesis import factorial
from kg.synthesis.factorial import Group, Scale, Study

HEAD = "study,arm,n,mean,sd\n"
AOKI = "aoki2001,C,8,8.0,1\naoki2001,A,8,9.0,1\naoki2001,B,8,9.123456789012345,1\naoki2001,AB,8,14.0,1\n"
BABA = "baba2002,AB,10,9.5,2\nbaba2002,C,9,8.0,2\nbaba2002,A,8,9.0,2\n"


@pytest.fixture
def run(tmp_path: Path):
    """Run the command on a table of these lines."""

    def call(text: str, *words: str) -> Result:
        (tmp_path / "bbb.csv").write_text(text, encoding="utf-8")
        return CliRunner().invoke(main, ["factorial", str(tmp_path / "bbb.csv"), *words])

    return call


def answer(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_every_number_of_the_answer_is_printed_in_full(run) -> None:
    (study,) = answer(run(HEAD + AOKI, "--ceiling", "21", "--format", "json"))["studies"]
    groups = {"C": Group(8, 8, 1), "A": Group(8, 9, 1), "B": Group(8, 9.123456789012345, 1), "AB": Group(8, 14, 1)}
    made = factorial.answer(Study("aoki2001", groups), Scale(ceiling=21.0))
    assert study["arms"]["B"] == {"n": 8, "mean": 9.123456789012345, "sd": 1.0}
    told = {"additive": made.additive, "equal_variances": made.equal, "smd": made.smd, "bliss": made.bliss}
    for name, contrast in told.items():
        printed = study["interaction"][name]
        assert contrast
        assert printed["ci"] == [contrast.low, contrast.high]
        assert [printed[key] for key in ("estimate", "se", "df", "p", "p_above", "law")] == [
            contrast.estimate, contrast.se, contrast.df, contrast.p, contrast.p_above, contrast.law
        ]  # fmt: skip
    for part, contrast in made.over.items():
        assert contrast and study["against_parts"][part]["estimate"] == contrast.estimate
    for arm, contrast in made.gains.items():
        assert contrast and study["against_control"][arm]["p"] == contrast.p
    assert study["against_parts"]["p"] == made.p_every
    assert study["against_parts"]["best_part"] == "B"


def test_the_verdicts_are_words(run) -> None:
    made = answer(run(HEAD + AOKI + BABA, "--ceiling", "21", "--format", "json"))
    assert made["scale"] == {"higher_is": "better", "ceiling": 21.0}
    aoki, baba = made["studies"]
    assert (aoki["against_parts"]["verdict"], aoki["interaction"]["verdict"]) == ("beats every part", "synergy")
    assert (baba["against_parts"]["verdict"], baba["interaction"]["verdict"]) == ("not compared", "not compared")
    assert baba["interaction"]["why"].endswith("missing: B")
    assert baba["interaction"]["additive"] is None
    assert aoki["only_combination_significant"] is False
    assert baba["only_combination_significant"] is None


def test_without_a_ceiling_no_format_says_synergy_and_both_say_why(run) -> None:
    for form in ("table", "json"):
        said = " ".join(run(HEAD + AOKI, "--format", form).stdout.split())
        assert "no ceiling" in said
        assert "synergy" not in said


def test_a_table_holds_the_verdicts_and_its_subjects(run) -> None:
    result = run(HEAD + AOKI, "--ceiling", "21")
    assert "beats every part" in " ".join(result.stdout.split())
    assert "32" in result.stdout
    assert "above 0 are benefit" in result.stderr


def test_scores_that_are_worse_when_higher_are_turned(run) -> None:
    lesions = "aoki2001,C,8,20,1\naoki2001,A,8,19,1\naoki2001,B,8,19,1\naoki2001,AB,8,8,1\n"
    made = answer(run(HEAD + lesions, "--higher-is", "worse", "--ceiling", "0", "--format", "json"))
    assert made["studies"][0]["interaction"]["verdict"] == "synergy"
    assert made["studies"][0]["against_control"]["AB"]["estimate"] == 12
    made = answer(run(HEAD + lesions, "--format", "json"))
    assert made["studies"][0]["against_parts"]["verdict"] == "worse than a part"


def test_a_file_is_written_in_the_form_of_its_suffix(run, tmp_path: Path) -> None:
    assert run(HEAD + AOKI, "-o", str(tmp_path / "out.json")).exit_code == 0
    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["studies"][0]["study"] == "aoki2001"
    assert run(HEAD + AOKI, "-o", str(tmp_path / "out.txt")).exit_code == 0
    assert "aoki2001" in (tmp_path / "out.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "aoki2001,X,8,8,1\n", "bbb.csv, row 2, column arm: 'X' is not an arm"),
        (HEAD + "aoki2001,A+B,8,8,1\n", "A and B are the parts, AB is both. Did you mean 'AB'?"),
        (HEAD + AOKI + "aoki2001,AB,8,8,1\n", "row 6, column arm: aoki2001 has AB twice"),
        (HEAD + ",AB,8,8,1\n", "row 2, column study: is empty"),
        (HEAD + "aoki2001,AB,1,8,1\n", "row 2, column n: '1' is not a number of subjects"),
        (HEAD + "aoki2001,AB,8.5,8,1\n", "row 2, column n: '8.5' is not a number of subjects"),
        (HEAD + "aoki2001,AB,8,,1\n", "row 2, column mean: '' is not a number"),
        (HEAD + "aoki2001,AB,8,nan,1\n", "row 2, column mean: 'nan' is not a number"),
        (HEAD + "aoki2001,AB,8,1e200,1\n", "row 2, column mean: '1e200' is not a number"),
        (HEAD + "aoki2001,AB,8,8,-1\n", "row 2, column sd: '-1' is below 0"),
        (HEAD + "aoki2001,AB,8,21.5,1\n", "row 2, column mean: '21.5' lies beyond the ceiling 21"),
        (HEAD + "aoki2001,AB,8,8\n", "row 2: has 4 cells, the header 5"),
        (HEAD, "bbb.csv: has a header but no row"),
        ("", "bbb.csv: is empty"),
        ("study,arm,n,mean\naoki2001,A,8,8\n", "row 1, column sd: is missing from the header"),
        ("study;arm;n;mean;sd\n", "is not separated by commas"),
    ],
)  # fmt: skip
def test_a_bad_table_is_explained_in_one_sentence(run, text: str, said: str) -> None:
    result = run(text, "--ceiling", "21")
    assert result.exit_code == 1
    assert said in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert not result.stdout


def test_a_table_that_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["factorial", str(tmp_path / "none.csv")])
    assert result.exit_code == 1
    assert "none.csv: does not exist" in result.stderr


@pytest.mark.parametrize("words", [("--ceiling", "nan"), ("--ceiling", "high"), ("--higher-is", "odd")])
def test_a_wrong_option_leaves_with_2(run, words: tuple[str, str]) -> None:
    result = run(HEAD + AOKI, *words)
    assert result.exit_code == 2
    assert words[0] in result.stderr


def test_two_studies_are_pooled_under_the_names_that_pools_have_everywhere(run) -> None:
    made = answer(run(HEAD + AOKI + AOKI.replace("aoki2001", "cato2003"), "--ceiling", "21", "--format", "json"))
    interaction = made["pooled"]["interaction"]
    assert interaction["verdict"] == "not compared"  # two experiments
    additive = interaction["additive"]
    assert (additive["k"], additive["n"], additive["studies"]) == (2, 64, ["aoki2001", "cato2003"])
    assert additive["common"]["estimate"] == pytest.approx(made["studies"][0]["interaction"]["additive"]["estimate"])
    assert set(additive["random"]) >= set("estimate se ci p tau2 tau2_ci Q df I2 pi k method".split())
    assert made["pooled"]["against_parts"]["A"]["k"] == 2


def test_one_study_is_not_pooled_and_the_answer_says_why(run) -> None:
    interaction = answer(run(HEAD + AOKI + BABA, "--ceiling", "21", "--format", "json"))["pooled"]["interaction"]
    assert interaction["additive"] is None
    assert interaction["why"] == "not pooled: fewer than two studies have all four arms"


def test_the_table_ends_with_what_the_studies_say_together(run) -> None:
    rows = run(HEAD + AOKI + AOKI.replace("aoki2001", "cato2003"), "--ceiling", "21").stdout.splitlines()
    assert rows[-1].startswith("pooled (REML, the wider of normal and Knapp-Hartung)")
    assert "k = 2" in rows[-1]
    assert "pooled" not in run(HEAD + AOKI).stdout
