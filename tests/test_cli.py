"""The command line: what it prints where, and its exit codes."""

from __future__ import annotations

import csv
import io
import json
import os
import re
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


@pytest.mark.parametrize(
    "command, suffix", [("export", "ttl"), ("export", "graphml"), ("view", "html"), ("build", "ttl"), ("build", "x")]
)
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
    assert json.loads(run("sparql", "ASK { ?s ?p ?o }", "--format", "json").stdout)["boolean"] is True


def test_explain_prints_the_query_that_would_run(run) -> None:
    said = run("query", "improved", "--phase", "chronic", "--explain").stdout
    assert "VALUES ?phaseNode { <https://w3id.org/cordgraph/phase/chronic> }" in said


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
        (["combos", "tried", "hiPSC-NSPX"], 2, "is not a therapy"),
        (["combos", "next", "--weight", "evidnce=2"], 2, "Did you mean 'evidence'"),
        (["combos", "next", "--weight", "evidence=much"], 1, "write it as evidence=2"),
        (["combos", "card", "ChABC"], 1, "write them as A + B"),
        (["combos", "card", "ChABC + alpah"], 2, "is not a therapy"),
        (["export", "-o", "graph.xyz"], 2, "is no export format"),
        (["plot", "ladder", "-o", "picture.gif"], 2, "name the file .svg"),
        (["view", "-o", "page.svg"], 1, "a page is HTML"),
        (["view", "--depth", "2"], 2, "say around what"),
        (["export", "-o", "a.ttl", "--query", "CONSTRUCT WHERE { ?s ?p ?o }"], 2, "a CONSTRUCT names no findings"),
        (["plot", "trials", "--species", "rat"], 2, "by --around and --phase alone"),
        (["plot", "lader"], 2, "Did you mean 'ladder'"),
        (["plot", "forest", "--around", "hiPSC-NS/PC"], 1, "draw the harvest plot"),
        (["view", "--around", "chondroitinas"], 2, "Did you mean"),
        (["view", "--query", "identifiers"], 2, "name nothing that findings speak of"),
        (["sparql", "SELECT * WHERE { ?s ?p }"], 1, "not a SPARQL query"),
        (["sparql", "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }"], 4, "SERVICE"),
        (["sparql", "SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }"], 4, "FROM"),
        (["sparql", "DELETE WHERE { ?s ?p ?o }"], 4, "DELETE"),
        (["sparql", "SELECT * { ?s ?p ?o }", "--limit", "3"], 3, "showing 3 of "),
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
    result = run("sparql", endless, "--timeout", "1")
    assert result.exit_code == 3
    assert "no answer within 1 seconds" in one_line(result)


def test_free_sparql_answers_from_argument_file_and_standard_input(run, tmp_path: Path) -> None:
    text = "SELECT (COUNT(*) AS ?n) { ?f a <https://w3id.org/cordgraph/ns#Finding> }"
    (tmp_path / "count.rq").write_text(text, encoding="utf-8")
    answers = {
        run("sparql", text).stdout,
        run("sparql", str(tmp_path / "count.rq")).stdout,
        run("sparql", text=text).stdout,
    }
    assert len(answers) == 1


def test_free_sparql_builds_graphs_and_answers_yes_or_no(run) -> None:
    assert "kg:Finding" in run("sparql", "DESCRIBE <https://w3id.org/cordgraph/finding/tashiro2016-01>").stdout
    assert run("sparql", "ASK { ?s ?p ?o }").stdout == "yes\n"
    assert run("sparql", "CONSTRUCT { ?s a ?o } WHERE { ?s a ?o } LIMIT 2", "--format", "nt").stdout.count(" .\n") == 2


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


COMBOS = [
    ["tried", "ChABC"], ["tried", "cells", "--classes"], ["contrasts", "ChABC", "--summary"],
    ["barriers", "--cover", "scar", "--cover", "demyelination"], ["next", "hiPSC-NS/PC", "--phase", "chronic"],
    ["card", "hiPSC-NS/PC + treadmill"],
]  # fmt: skip


@pytest.mark.parametrize("words", COMBOS, ids=" ".join)
@pytest.mark.parametrize("form", ["table", "csv", "tsv", "json", "md", "html"])
def test_every_answer_on_combinations_comes_in_every_form(run, words: list[str], form: str) -> None:
    result = run("combos", *words, "--format", form)
    assert result.exit_code == 0, result.stderr
    assert len(result.stdout) > 300
    assert "harm" in result.stdout.casefold()
    if form == "json":
        assert json.loads(result.stdout)["complete"]


def test_what_nothing_can_be_proposed_from_is_said(run) -> None:
    said = run("combos", "next", "--phase", "chronic", "--outcome", "bladder function", "--species", "mouse")
    assert "no part within what was asked improved anything" in one_line(said)


def test_a_limit_says_what_it_cut(run) -> None:
    said = one_line(run("combos", "next", "--phase", "chronic", "--limit", "2"))
    assert re.search(r"showing 2 of [\d,]+ pairs and [\d,]+ sets of three", said)
    assert "not predictions" in said


def test_plot_draws_what_is_selected_in_the_form_of_the_files_name(run, tmp_path: Path) -> None:
    for name, start in (("a.svg", b"<?xml"), ("a.png", b"\x89PNG"), ("a.html", b"<!doctype html>")):
        result = run("plot", "ladder", "--around", "ChABC", "-o", str(tmp_path / name))
        assert result.exit_code == 0, result.stderr
        assert (tmp_path / name).read_bytes().startswith(start)
    assert "a.html" in result.stderr


def test_the_help_of_plot_says_every_kind(run) -> None:
    from kg.views import plots

    text = run("plot", "--help").stdout
    assert [kind for kind in plots.KINDS if f"  {kind}  " not in text] == []


def test_an_export_takes_the_selection_of_a_page(run, tmp_path: Path) -> None:
    assert run("export", "-o", str(tmp_path / "a.bib"), "--around", "keirstead2005").exit_code == 0
    assert (tmp_path / "a.bib").read_text(encoding="utf-8").count("@") == 1
    assert run("export", "-o", str(tmp_path / "a.json"), "--whole", "--around", "keirstead2005-03").exit_code == 0
    nodes = {node["id"] for node in json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["nodes"]}
    assert {"finding/keirstead2005-03", "study/keirstead2005"} <= nodes


def test_view_writes_one_page_and_says_so(run, tmp_path: Path) -> None:
    result = run("view", "-o", str(tmp_path / "page.html"), "--around", "hiPSC-NS/PC")
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
    words = [sys.executable, "-m", "kg", "--store", str(shipped_at), "sparql", "SELECT ('\u03b2' AS ?x) { }"]
    done = subprocess.run(words, env=told, capture_output=True, text=True)
    assert done.stdout.splitlines() == ["x", "\\u03b2"]


def test_free_sparql_takes_any_rdf_file_instead_of_the_graph(run, tmp_path: Path) -> None:
    file = tmp_path / "a.ttl"
    file.write_text('<x:a> <http://www.w3.org/2000/01/rdf-schema#label> "Alpha" . <x:b> <x:knows> <x:a> .')
    said = run("sparql", "SELECT ?o { ?s <x:knows> ?o }", "--data", str(file), "--format", "table")
    assert "Alpha (x:a)" in said.stdout


FORMS = {
    "json": '"bindings"',
    "xml": "<sparql xmlns=",
    "csv": "f,r\r\n",
    "tsv": "?f\t?r\n",
    "md": "| improved |",
    "table": "improved",
    "html": "<table>",
}


@pytest.mark.parametrize("form", FORMS)
def test_free_sparql_writes_every_form_of_a_table(run, form: str, tmp_path: Path) -> None:
    query = 'SELECT ?f ?r { ?f kg:result ?r FILTER(?r = "improved") } ORDER BY ?f LIMIT 2'
    said = run("sparql", query, "--format", form)
    assert said.exit_code == 0
    assert FORMS[form].encode() in said.stdout_bytes
    run("sparql", query, "-o", str(tmp_path / f"a.{form}"))
    if form not in ("table", "html"):
        assert FORMS[form] in (tmp_path / f"a.{form}").read_bytes().decode()


@pytest.mark.parametrize("form", ["ttl", "nt", "nq", "jsonld", "rdf"])
def test_free_sparql_writes_every_form_of_a_graph(run, form: str, tmp_path: Path) -> None:
    query = "DESCRIBE <https://w3id.org/cordgraph/therapy/chabc>"
    assert "chondroitinase" in run("sparql", query, "--format", form).stdout
    assert run("sparql", query, "-o", str(tmp_path / f"a.{form}")).exit_code == 0
    assert (tmp_path / f"a.{form}").read_text().rstrip() == run("sparql", query, "--format", form).stdout.rstrip()


@pytest.mark.parametrize(
    ("query", "form", "said"),
    [
        ("DESCRIBE <x:a>", "csv", "the answer of this query has no form 'csv'; use ttl, nt"),
        ("SELECT ?s { ?s ?p ?o }", "ttl", "has no form 'ttl'; use table"),
        ("no-such-file.rq", "csv", "is neither a query nor a file"),
    ],
)
def test_a_form_that_an_answer_has_not_is_the_command_lines_problem(run, query: str, form: str, said: str) -> None:
    result = run("sparql", query, "--format", form)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())


def test_a_cut_answer_is_whole_json_that_says_it_is_not_complete(run) -> None:
    result = run("sparql", "SELECT ?f { ?f a kg:Finding }", "--limit", "2", "--format", "json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["complete"], len(told["results"]["bindings"])) == (3, False, 2)
    assert "showing 2 of 1,325; narrow the query or raise --limit" in one_line(result)


def test_labels_come_in_columns_of_their_own_where_they_are_asked_for(run) -> None:
    query = "SELECT ?t { ?t a kg:Therapy FILTER(?t = <https://w3id.org/cordgraph/therapy/chabc>) }"
    assert run("sparql", query, "--format", "csv", "--labels").stdout.splitlines() == [
        "t,tLabel",
        "https://w3id.org/cordgraph/therapy/chabc,chondroitinase ABC",
    ]
    assert "chondroitinase" not in run("sparql", query, "--format", "table", "--no-labels").stdout


@pytest.mark.parametrize(("question", "page"), [("improved", "vis-network"), ("gap-map", "<table>")])
def test_open_shows_the_answer_in_the_view_that_suits_it(
    run, question: str, page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda url: opened.append(url) or True)
    file = tmp_path / "answer.html"
    assert run("query", question, "--phase", "chronic", "--open", "-o", str(file)).exit_code == 0
    assert opened == [file.as_uri()]
    assert page in file.read_text(encoding="utf-8")
    assert "phase: chronic." in file.read_text(encoding="utf-8")


def test_open_says_where_the_page_is_when_no_browser_opens(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webbrowser.open", lambda _: False)
    said = run("query", "gap-map", "--open").stderr
    assert "no browser opens here; the page is " in said
    assert Path(said.rsplit("the page is ", 1)[1].strip()).read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_list_of_questions_can_be_cut_to_a_tag_and_written_for_other_tools(run, tmp_path: Path) -> None:
    assert "gap-map" not in run("query", "--tag", "safety").stdout
    assert "safety" in run("query", "--tag", "safety").stdout
    assert "sh:SPARQLSelectExecutable" in run("query", "--format", "ttl").stdout
    assert run("query", "-o", str(tmp_path / "library.ttl")).exit_code == 0
    assert (tmp_path / "library.ttl").read_text() == run("query", "--format", "ttl").stdout
    assert json.loads(run("query", "--format", "openapi").stdout)["openapi"] == "3.1.0"


def test_two_graphs_at_once_are_the_command_lines_problem(run) -> None:
    result = run("--endpoint", "http://127.0.0.1:9/", "query", "gap-map")
    assert result.exit_code == 2
    assert "two graphs" in result.stderr


@pytest.mark.parametrize("words", [["query", "gap-map"], ["sparql", "ASK { ?s ?p ?o }"], ["view", "-o", "x.html"]])
def test_an_endpoint_that_nobody_answers_at_is_one_sentence(words: list[str], tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["--endpoint", "http://127.0.0.1:9/sparql", *words])
    assert result.exit_code == 1
    assert "http://127.0.0.1:9/sparql cannot be reached" in one_line(result)
    assert list(tmp_path.iterdir()) == []


def test_push_takes_a_graph_name_only_with_updates(run) -> None:
    result = run("push", "http://127.0.0.1:9/store?default", "--graph", "x:g")
    assert result.exit_code == 2
    assert "--graph goes with --update" in " ".join(result.stderr.split())


def test_push_that_fails_says_how_much_is_there(run) -> None:
    result = run("push", "http://127.0.0.1:9/store?default")
    assert result.exit_code == 1
    assert "cannot be reached; 0 of " in one_line(result)


def test_a_config_file_with_an_unknown_word_is_one_sentence(run, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "config.toml").write_text('endpont = "http://127.0.0.1:9/"\n')
    monkeypatch.setenv("KG_CONFIG", str(tmp_path / "config.toml"))
    assert "'endpont' is no setting of text. Did you mean 'endpoint'?" in one_line(
        CliRunner().invoke(main, ["query", "gap-map"])
    )
