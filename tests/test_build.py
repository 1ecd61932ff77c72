from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import TINY
from strategies import finding

import kg
from kg import build, resources, sources, store, triples
from kg.build import Collected
from kg.errors import DataError, UnknownName
from kg.model import Paper
from kg.sources import sheets as shipped_source
from kg.store import Store

HOME = str(Path(kg.__file__).parent.parent)


def python(program: str, *words: object, **environment: str) -> subprocess.Popen[str]:
    """A program of its own, with this package and perhaps other folders on its path."""
    paths = os.pathsep.join([environment.pop("first", ""), HOME]).strip(os.pathsep)
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program), *map(str, words)],
        env=os.environ | {"PYTHONPATH": paths} | environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def said(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return out.strip()


WRITE = """
    import sys
    from pathlib import Path
    from kg import build, store
    made = build.collect(Path(sys.argv[1])).sound()
    for suffix in ("ttl", "nq", "jsonld", "nt"):
        (Path(sys.argv[2]) / f"graph.{suffix}").write_bytes(store.serialise(made.triples(), "." + suffix))
    built = build.write(made, Path(sys.argv[2]) / "store")
    built.dump(Path(sys.argv[2]) / "stored.ttl")
"""


def test_two_builds_under_two_hash_seeds_give_the_same_bytes(tmp_path: Path) -> None:
    for seed in ("0", "1"):
        (tmp_path / seed).mkdir()
    running = [python(WRITE, TINY, tmp_path / seed, PYTHONHASHSEED=seed) for seed in ("0", "1")]
    assert [said(process) for process in running] == ["", ""]
    names = ["graph.jsonld", "graph.nq", "graph.nt", "graph.ttl", "stored.ttl"]
    assert sorted(path.name for path in (tmp_path / "0").iterdir() if path.is_file()) == names
    for name in names:
        assert (tmp_path / "0" / name).read_bytes() == (tmp_path / "1" / name).read_bytes()
    assert (tmp_path / "0" / "stored.ttl").read_bytes() == (tmp_path / "0" / "graph.ttl").read_bytes()


def spoil(folder: Path) -> None:
    file = folder / "findings" / "aoki.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("chronic", "cronic", 1), encoding="utf-8")


def test_a_wrong_row_leaves_the_old_graph_answering_and_nothing_half_written(sheets: Path, tmp_path: Path) -> None:
    place = tmp_path / "store"
    build.write(build.collect(sheets), place)
    before = sorted(path.relative_to(place) for path in place.rglob("*"))
    spoil(sheets)
    with pytest.raises(DataError, match="Did you mean 'chronic'"):
        build.write(build.collect(sheets), place)
    assert sorted(path.relative_to(place) for path in place.rglob("*")) == before
    assert Store.open(place).ask("ASK { ?s ?p ?o }") is True


def test_a_wrong_row_makes_no_graph_where_none_was(sheets: Path, tmp_path: Path) -> None:
    spoil(sheets)
    with pytest.raises(DataError):
        build.write(build.collect(sheets), tmp_path / "store")
    assert not (tmp_path / "store").exists()


def test_every_problem_of_a_folder_is_in_the_error_sorted_and_once(sheets: Path) -> None:
    for file in sheets.rglob("*.csv"):
        file.write_bytes(file.read_bytes().replace(b"alpha", b"alpa"))
        file.write_bytes(file.read_bytes() + b"short\n")
    with pytest.raises(DataError) as told:
        build.collect(sheets).sound()
    problems = list(told.value.problems)
    assert len(problems) >= 15
    assert problems == sorted(set(problems))
    assert str(told.value).splitlines() == list(map(str, problems))


SLOW = """
    import sys, time
    from pathlib import Path
    from kg import build
    def slowly(items):
        for item in items:
            yield item
        print("nearly", flush=True)
        time.sleep(60)
    build.write(build.collect(Path(sys.argv[1])), Path(sys.argv[2]), slowly)
"""


def test_a_build_that_is_killed_leaves_the_old_graph_answering(collected: Collected, tmp_path: Path) -> None:
    place = tmp_path / "store"
    build.write(collected, place)
    running = python(SLOW, TINY, place)
    assert running.stdout is not None
    assert running.stdout.readline() == "nearly\n"
    assert len(list(place.glob("building-*"))) == 1
    assert len(Store.open(place)) > 100
    running.send_signal(signal.SIGKILL)
    running.communicate()
    assert running.returncode == -signal.SIGKILL
    assert Store.open(place).ask("ASK { ?s ?p ?o }") is True
    assert len(build.write(collected, place)) > 100


def test_what_a_killed_build_left_is_swept_when_it_is_old(collected: Collected, tmp_path: Path) -> None:
    for name in ("building-old", "building-new"):
        (tmp_path / name).mkdir()
    os.utime(tmp_path / "building-old", (0, 0))
    build.write(collected, tmp_path)
    assert [path.name for path in tmp_path.glob("building-*")] == ["building-new"]


def test_progress_sees_every_item(collected: Collected, tmp_path: Path) -> None:
    seen: list[object] = []
    build.write(collected, tmp_path, lambda items: (seen.append(item) or item for item in items))  # type: ignore[func-returns-value]
    assert seen == list(collected.items)


def test_the_counts_are_those_of_the_tables(collected: Collected) -> None:
    assert collected.counts() == {"papers": 5, "findings": 16, "combinations": 2, "trials": 2, "terms": 42}


def test_the_digest_changes_with_any_byte_and_only_with_one(sheets: Path) -> None:
    before = build.collect(sheets).digest
    assert before == resources.digest(TINY)
    (sheets / "note.txt").write_text("not a table")
    assert resources.digest(sheets) == before
    with (sheets / "arms.csv").open("a") as file:
        file.write("\n")
    assert resources.digest(sheets) != before


def test_the_built_in_source_is_found_by_its_name() -> None:
    assert sources.named("sheets") is shipped_source.read


def test_an_unknown_source_comes_with_the_nearest_known_name() -> None:
    with pytest.raises(UnknownName, match=r"'sheet' is not a source\. Did you mean 'sheets'\?"):
        sources.named("sheet")


def test_a_second_folder_may_be_read_beside_the_first(sheets: Path) -> None:
    collected = build.collect(sheets, [("sheets", sheets)])
    assert any("stands twice" in str(problem) for problem in collected.problems)


PLUGIN = """
    from kg.errors import Problem
    from kg.model import Paper
    def read(place, vocab):
        yield Paper("plugged", "From a plugin", doi="10.1000/plugged", note=vocab.find("therapy", "AL").id)
        yield Problem(place.name, 3, "colour", "is not a colour")
"""
ASK_PLUGIN = """
    import sys
    from pathlib import Path
    from kg import build
    made = build.collect(Path(sys.argv[1]), [("invented", Path("place.txt"))])
    print([item.note for item in made.items if item.id == "plugged"], *made.problems)
"""


def test_a_plugin_is_a_source_like_the_built_in_one(tmp_path: Path) -> None:
    (tmp_path / "invented_source.py").write_text(textwrap.dedent(PLUGIN))
    about = tmp_path / "invented_source-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: invented-source\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[kg.sources]\ninvented = invented_source:read\n")
    told = said(python(ASK_PLUGIN, TINY, first=str(tmp_path)))
    assert told == "['alpha'] place.txt, row 3, column colour: is not a colour"


def test_a_trial_or_paper_without_title_is_built_and_read(sheets: Path, tmp_path: Path) -> None:
    for table, title in (("papers.csv", "Gamma against nothing"), ("trials.csv", "Beta with gamma")):
        text = (sheets / table).read_text(encoding="utf-8")
        (sheets / table).write_text(text.replace(title, ""), encoding="utf-8")
    made = build.write(build.collect(sheets), tmp_path / "store")
    assert "baba2002" in {item.id for item in triples.read(made.triples())}


def test_a_paper_that_leaves_its_doi_out_is_still_one_node(sheets: Path, tmp_path: Path) -> None:
    text = (sheets / "papers.csv").read_text(encoding="utf-8").replace("20020002", "")
    (sheets / "papers.csv").write_text(text, encoding="utf-8")
    made = build.write(build.collect(sheets), tmp_path / "store")
    assert made.select("SELECT ?p { ?p <http://purl.org/dc/terms/identifier> 'baba2002' }") == [
        {"p": "https://w3id.org/cordgraph/paper/baba2002"}
    ]


def test_a_store_is_the_same_as_its_triples(collected: Collected, built: Path) -> None:
    opened = Store.open(built)
    assert store.serialise(opened.triples(), ".nt") == store.serialise(collected.triples(), ".nt")


def test_a_paper_of_two_sources_is_one_by_its_pubmed_id_and_no_finding_is_lost() -> None:
    ours = Paper("baba2002", "Gamma", pmid="20020002")
    theirs = replace(ours, id="pmid-20020002", doi="")
    first, second = (replace(finding(), id=f"{paper.id}-01", paper=paper) for paper in (ours, theirs))
    made = list(build._papers_once([[ours, first], [theirs, second]]))
    assert made == [ours, first, replace(second, paper=ours)]
    alike = replace(ours, id="twin")  # twice in one place is that place's own mistake, for the check to say
    assert list(build._papers_once([[ours, alike]])) == [ours, alike]
