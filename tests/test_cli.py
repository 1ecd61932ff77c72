"""The command line: what it prints where, and its exit codes."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kg import resources
from kg.cli import main


@pytest.fixture
def run(shipped_at: Path):
    """Run `kg` on the shipped graph, as a script would."""

    def call(*words: str, text: str | None = None) -> Result:
        return CliRunner().invoke(main, ["--store", str(shipped_at), *words], input=text)

    return call


def one_line(result: Result) -> str:
    """What was said on stderr: a single line that is no traceback."""
    said = result.stderr.strip()
    assert "Traceback" not in said
    assert len(said.splitlines()) == 1, said
    return said


def test_help_names_every_command_and_the_exit_codes(run) -> None:
    said = run("--help").stdout
    assert all(name in said for name in "build check query sparql show find view export combos".split())
    assert "Exit codes: 0 done, 1 the data has a problem" in " ".join(said.split())


@pytest.mark.parametrize("command", "build check query sparql show find view export combos".split())
def test_every_command_explains_itself(run, command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) > 5


def test_query_without_a_name_lists_the_questions(run) -> None:
    assert "never-combined" in run("query").stdout


def test_a_question_takes_names_and_synonyms(run) -> None:
    rows = list(
        csv.DictReader(io.StringIO(run("query", "improved", "--therapy", "hiPSC-NPC", "--phase", "chronic").stdout))
    )
    assert rows
    assert {row["phase"] for row in rows} == {"chronic"}


def test_several_values_mean_any_of_them(run) -> None:
    one = run("query", "improved", "--phase", "acute").stdout.splitlines()
    both = run("query", "improved", "--phase", "acute", "--phase", "chronic").stdout.splitlines()
    assert len(both) > len(one)


@pytest.mark.parametrize("form", ["table", "csv", "tsv", "json", "md"])
def test_every_format_says_the_same_rows(run, form: str) -> None:
    said = run("query", "gap-map", "--format", form)
    assert said.exit_code == 0
    assert said.stdout.count("cell therapy") == run("query", "gap-map").stdout.count("cell therapy")


def test_json_says_whether_it_is_complete(run) -> None:
    assert json.loads(run("query", "gap-map", "--format", "json").stdout)["complete"] is True
    cut = run("query", "gap-map", "--format", "json", "--limit", "2")
    assert json.loads(cut.stdout)["complete"] is False
    assert "showing 2 of" in cut.stderr


def test_output_goes_to_a_file_whose_suffix_names_the_format(run, tmp_path: Path) -> None:
    assert run("query", "gap-map", "-o", str(tmp_path / "map.json")).exit_code == 0
    assert json.loads((tmp_path / "map.json").read_text(encoding="utf-8"))["rows"]


def test_a_file_that_cannot_be_written_is_one_sentence(run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = run("query", "gap-map", "-o", str(tmp_path / "file" / "map.csv"))
    assert result.exit_code == 1
    assert "cannot be written" in one_line(result)


@pytest.mark.parametrize("command", ["export", "view", "build"])
@pytest.mark.parametrize("suffix", ["ttl", "graphml"])
def test_a_folder_in_the_place_of_a_file_is_one_sentence(run, tmp_path: Path, command: str, suffix: str) -> None:
    (tmp_path / f"graph.{suffix}").mkdir()
    result = CliRunner().invoke(main, ["--store", str(tmp_path / "s"), "build"])
    result = CliRunner().invoke(
        main, ["--store", str(tmp_path / "s"), command, "-o", str(tmp_path / f"graph.{suffix}")]
    )
    assert result.exit_code == 1
    assert "Traceback" not in result.stderr
    assert any(said in result.stderr for said in ("cannot be written", "is no RDF format"))


def test_a_place_where_no_graph_can_stand_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = CliRunner().invoke(main, ["--store", str(tmp_path / "file" / "graph"), "build"])
    assert result.exit_code == 1
    assert "no graph can be built at" in one_line(result)


def test_check_says_when_it_reads_another_folder_than_the_one_here(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "papers.csv").write_text("id\n")
    monkeypatch.chdir(tmp_path)
    assert "say --data data" in CliRunner().invoke(main, ["check"]).stderr


def test_a_question_without_rows_says_so(run) -> None:
    assert "no rows" in run("query", "receipt", "--finding", "nope").stderr


def test_yes_and_no_are_json_where_json_is_asked(run) -> None:
    assert json.loads(run("sparql", "-e", "ASK { ?s ?p ?o }", "--format", "json").stdout) == {"boolean": True}


def test_explain_prints_the_query_that_would_run(run) -> None:
    said = run("query", "improved", "--phase", "chronic", "--explain").stdout
    assert "VALUES ?Phase { <https://w3id.org/cordgraph/phase/chronic> }" in said


@pytest.mark.parametrize(
    ("words", "exit_code", "said"),
    [
        (["query", "improvd"], 2, "Did you mean 'improved'"),
        (["query", "improved", "--phase", "cronic"], 2, "Did you mean 'chronic'"),
        (["query", "timing", "--from-day", "soon"], 2, "must be a number"),
        (["query", "../data"], 2, "is not a question"),
        (["query", "receipt"], 2, "is needed"),
        (["show", "tashiro2016-0"], 2, "Did you mean 'tashiro2016-0"),
        (["show", "ChABC + riluzole"], 1, "no arm or trial here gives"),
        (["find", "xyzzyx"], 1, "nothing here is called"),
        (["combos", "hiPSC-NSPX"], 2, "is not a therapy"),
        (["export", "-o", "graph.xyz"], 1, "is no export format"),
        (["sparql", "-e", "SELECT * WHERE { ?s ?p }"], 1, "not a SPARQL query"),
        (["sparql", "-e", "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }"], 4, "SERVICE"),
        (["sparql", "-e", "SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }"], 4, "FROM"),
        (["sparql", "-e", "DELETE WHERE { ?s ?p ?o }"], 4, "DELETE"),
        (["sparql", "-e", "SELECT * { ?s ?p ?o }", "--limit", "3"], 3, "there are more than 3"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_an_honest_exit_code(
    run, words: list[str], exit_code: int, said: str
) -> None:
    result = run(*words)
    assert result.exit_code == exit_code, result.stderr
    assert said in one_line(result)


def test_an_unknown_command_or_option_is_the_command_lines_problem(run) -> None:
    assert run("querry").exit_code == 2
    assert run("query", "improved", "--colour", "red").exit_code == 2


def test_an_endless_query_ends_in_its_limit(run) -> None:
    endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    result = run("sparql", "-e", endless, "--timeout", "1")
    assert result.exit_code == 3
    assert "no answer within 1 seconds" in one_line(result)


def test_free_sparql_answers_from_argument_file_and_standard_input(run, tmp_path: Path) -> None:
    text = "SELECT (COUNT(*) AS ?n) { ?f a <https://w3id.org/cordgraph/ns#Finding> }"
    (tmp_path / "count.rq").write_text(text, encoding="utf-8")
    answers = {
        run("sparql", "-e", text).stdout,
        run("sparql", str(tmp_path / "count.rq")).stdout,
        run("sparql", text=text).stdout,
    }
    assert len(answers) == 1


def test_free_sparql_builds_graphs_and_answers_yes_or_no(run) -> None:
    assert "kg:Finding" in run("sparql", "-e", "DESCRIBE <https://w3id.org/cordgraph/finding/tashiro2016-01>").stdout
    assert run("sparql", "-e", "ASK { ?s ?p ?o }").stdout == "yes\n"
    assert (
        run("sparql", "-e", "CONSTRUCT { ?s a ?o } WHERE { ?s a ?o } LIMIT 2", "--rdf", "nt").stdout.count(" .\n") == 2
    )


@pytest.mark.parametrize(
    ("id", "said"),
    [
        ("tashiro2016-01", "sourceRow"),
        ("tashiro2016", "10.1038/srep30898"),
        ("10.1038/srep30898", "tashiro2016-01"),
        ("hiPSC-NS/PC", "UMIN000035074"),
        ("ChABC + task-specific rehabilitation", "wang2011-01"),
        ("UMIN000035074", "summary"),
        ("BBB", "higherIs"),
        ("combination/chabc--task-specific", "wang2011-01"),
    ],
)
def test_show_prints_the_receipt_of_whatever_an_id_names(run, id: str, said: str) -> None:
    result = run("show", id)
    assert result.exit_code == 0, result.stderr
    assert said in result.stdout


def test_combos_says_why_it_proposes_nothing_and_where_to_look(run) -> None:
    said = run("combos", "hiPSC-NS/PC", "--phase", "chronic")
    assert "its class is 'human pluripotent stem cell-derived NS/PC'" in one_line(said)
    assert run("combos", "ChABC", "--phase", "chronic").stderr == ""


def test_view_writes_one_page_and_says_so(run, tmp_path: Path) -> None:
    result = run("view", "-o", str(tmp_path / "page.html"), "--therapy", "hiPSC-NS/PC")
    assert result.exit_code == 0
    assert f"wrote {tmp_path / 'page.html'}" in one_line(result)
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


@pytest.mark.parametrize("suffix", ["graphml", "gexf", "cyjs", "json", "csv", "ttl", "nq", "jsonld", "nt", "rdf"])
def test_export_writes_every_format(run, tmp_path: Path, suffix: str) -> None:
    assert run("export", "-o", str(tmp_path / f"graph.{suffix}")).exit_code == 0
    written = sorted(tmp_path.iterdir())
    assert len(written) == (2 if suffix == "csv" else 1)
    assert all(path.stat().st_size > 1000 for path in written)


def test_a_store_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["--store", str(tmp_path), "query", "gap-map"])
    assert result.exit_code == 1
    assert "run 'kg build'" in one_line(result)


def test_wrong_rows_stop_the_build_with_all_of_them_and_the_old_graph_answers(tmp_path: Path) -> None:
    data, store = tmp_path / "data", str(tmp_path / "graph")
    shutil.copytree(resources.folder("data"), data)
    assert CliRunner().invoke(main, ["--store", store, "build", "--data", str(data)]).exit_code == 0
    before = CliRunner().invoke(main, ["--store", store, "query", "gap-map"]).stdout
    file = data / "findings" / "carried-over.csv"
    text = file.read_text(encoding="utf-8").replace(",chronic,", ",cronic,")
    file.write_text(text.replace(",improved-nonsense,", ","), encoding="utf-8")
    result = CliRunner().invoke(main, ["--store", store, "build", "--data", str(data)])
    assert result.exit_code == 1
    assert result.stderr.count("'cronic' is not a phase. Did you mean 'chronic'?") > 10
    assert CliRunner().invoke(main, ["--store", store, "check"]).exit_code == 0
    assert CliRunner().invoke(main, ["check", "--data", str(data)]).stderr == result.stderr
    assert CliRunner().invoke(main, ["--store", store, "query", "gap-map"]).stdout == before


def test_check_without_problems_says_how_much_was_read() -> None:
    result = CliRunner().invoke(main, ["check"])
    assert result.exit_code == 0
    assert result.stdout.startswith("no problems: ")


def test_python_dash_m_kg_is_the_same_command() -> None:
    said = subprocess.run([sys.executable, "-m", "kg", "--version"], capture_output=True, text=True, check=True)
    assert said.stdout.startswith("kg, version ")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_names_and_values_complete_in_every_shell(shipped_at: Path, shell: str) -> None:
    words = {
        "bash": ("kg query improved --phase chr", "4"),
        "zsh": ("kg query improved --phase chr", "4"),
        "fish": ("kg query improved --phase chr", "chr"),
    }
    told = {"_KG_COMPLETE": f"{shell}_complete", "COMP_WORDS": words[shell][0], "COMP_CWORD": words[shell][1]}
    code = "from kg.cli import main; main(prog_name='kg')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **told, "KG_STORE": str(shipped_at)},
        capture_output=True,
        text=True,
    )
    assert "chronic" in done.stdout


def test_a_terminal_that_lacks_a_letter_shows_it_escaped(shipped_at: Path) -> None:
    told = {**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    words = [sys.executable, "-m", "kg", "--store", str(shipped_at), "sparql", "-e", "SELECT ('\u03b2' AS ?x) { }"]
    done = subprocess.run(words, env=told, capture_output=True, text=True)
    assert done.stdout.splitlines() == ["x", "\\u03b2"]
