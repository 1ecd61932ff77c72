"""Parts and their merge: each paper once, whatever the order; notices, deletions and problems are kept and counted."""

from __future__ import annotations

import gzip
import itertools
import json
import os
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import hypothesis
import hypothesis.strategies as st
import pytest
from readers import Plain

from kg import harvest
from kg.document import Document, Harvest, Notice, Passage, Section
from kg.errors import KgError, Problem, UnknownName
from kg.harvest import Part, Report, field, lines
from kg.harvest.lines import Read
from kg.model import Paper, PaperStatus
from kg.sources import literature
from kg.web import Web


def paper(pmid: str, *, date: str = "", title: str = "Alpha in spinal cord injury", **cells: str) -> Harvest:
    """A paper of PubMed with one proposal."""
    about = Paper(f"pmid-{pmid}" if pmid else f"doi-{cells['doi']}", title, pmid=pmid, **cells)
    document = Document(about, (Passage(Section.TITLE, title),), "pubmed", f"a.xml, {pmid}", date)
    return Harvest(document, tuple(Plain()(document)))


def full(entry: Harvest) -> Harvest:
    """The same with a body."""
    passages = (*entry.document.passages, Passage(Section.BODY, "Alpha was given to rats."))
    return replace(entry, document=replace(entry.document, passages=passages))


@pytest.fixture
def put(tmp_path: Path) -> Callable[..., Path]:
    """Write a part of these entries, as read from a file of this name."""
    numbers = itertools.count()

    def write(file: str, *entries: lines.Entry, maker: str = "pubmed") -> Path:
        read = Read(file, maker, len(entries), sum(isinstance(entry, Harvest) for entry in entries))
        text = "".join(f"{line}\n" for line in (*sorted(map(lines.line, entries)), lines.line(read)))
        path = tmp_path / f"{next(numbers)}.jsonl.gz"
        path.write_bytes(gzip.compress(text.encode(), mtime=0))
        return path

    return write


def titles(*parts: Path) -> list[str]:
    return [one.document.paper.title for one in harvest.merge(parts)]


def report(*parts: Path) -> Report:
    with harvest.merged(parts) as found:
        return found.report


def test_papers_come_sorted_by_their_id(put) -> None:
    parts = put("b.xml", paper("3", title="c"), paper("1", title="a")), put("a.xml", paper("2", title="b"))
    assert titles(*parts) == ["a", "b", "c"]


def test_of_a_paper_the_newest_entry_is_kept(put) -> None:
    parts = put("b.xml", paper("1", date="2025-01-01", title="old")), put("a.xml", paper("1", date="2026-01-01"))
    assert titles(*parts) == ["Alpha in spinal cord injury"]
    assert report(*parts).duplicates == 1


def test_of_the_same_day_the_update_file_goes_before_the_baseline(put) -> None:
    parts = put("pubmed26n1335.xml.gz", paper("1", title="update")), put("pubmed26n0001.xml.gz", paper("1"))
    assert titles(*parts) == titles(*reversed(parts)) == ["update"]


def test_a_full_text_goes_before_a_newer_abstract(put) -> None:
    parts = (
        put("a.xml", full(paper("1", title="full", pmcid="PMC1")), maker="jats"),
        put("b.xml", paper("1", date="2026-01-01")),
    )
    assert titles(*parts) == ["full"]


def test_entries_that_are_linked_over_a_third_are_one_paper(put) -> None:
    first, second = paper("1", title="first"), paper("", doi="10.5555/x", title="second")
    assert titles(put("a.ris", first), put("b.ris", second)) == ["second", "first"]
    linked = paper("1", doi="10.5555/X", title="both", date="2026-01-01")
    assert titles(put("a.ris", first), put("b.ris", second), put("c.ris", linked)) == ["both"]


def test_a_deletion_removes_what_stands_in_its_file_and_before(put) -> None:
    gone = Notice(PaperStatus.OK, pmid="1", deleted=True)
    before, after = (
        put("n0001.xml", paper("1", title="before"), paper("2", title="other")),
        put("n0003.xml", paper("1")),
    )
    deleted = put("n0002.xml", gone)
    assert titles(before, deleted) == ["other"]
    assert report(before, deleted).deletions == 1
    assert titles(after, deleted) == ["Alpha in spinal cord injury"]


def test_a_deletion_by_one_source_leaves_the_entry_of_another(put) -> None:
    gone = Notice(PaperStatus.OK, pmid="1", deleted=True)
    assert len(titles(put("a.xml", paper("1"), maker="jats"), put("b.xml", gone, paper("1")))) == 1


def test_a_retraction_told_anywhere_stays_with_the_paper_and_its_findings(put) -> None:
    notice = Notice(PaperStatus.RETRACTED, doi="10.5555/A", by_pmid="9")
    parts = (
        put("a.xml", paper("1", doi="10.5555/a"), notice),
        put("b.xml", paper("1", date="2026-01-01", title="newer")),
    )
    (kept,) = harvest.merge(parts)
    assert kept.document.paper.title == "newer"
    assert kept.document.notices == (notice,)
    assert kept.document.paper.status == kept.proposals[0].finding.paper.status == PaperStatus.RETRACTED
    assert report(*parts).retractions == 1


def test_two_papers_under_one_identifier_are_counted_as_a_problem(put) -> None:
    parts = put("a.xml", paper("1", doi="10.5555/a")), put("b.xml", paper("2", doi="10.5555/a"))
    assert report(*parts).problems == {"shares an identifier with a paper of another PubMed id; the newest is kept": 1}


def test_problems_are_counted_by_kind(put) -> None:
    some = [Problem("a.xml", row, "", f"'{row}' is not well-formed XML: line {row}") for row in range(3)]
    parts = put("a.xml", *some, Problem("a.xml", 0, "", "the gzip file is cut off. Fetch it again"))
    with harvest.merged([parts], [Problem("c", 0, "", "is empty")]) as found:
        assert found.report.problems == {
            "is empty": 1,
            "the gzip file is cut off. Fetch it again": 1,
            "… is not well-formed XML": 3,
        }


def test_the_report_counts_what_was_read_and_what_is_left(put) -> None:
    parts = put("a.xml", paper("1"), paper("2")), put("b.xml", paper("2", date="2026-01-01"))
    told = report(*parts)
    assert (told.files, told.entries, told.of_field, told.papers, told.proposals) == (2, 3, 3, 2, 2)


def test_a_damaged_part_is_one_sentence(put) -> None:
    path = put("a.xml", paper("1"))
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(KgError, match=r"0\.jsonl\.gz is damaged .*; delete it and read again"):
        titles(path)
    path.write_bytes(gzip.compress(b'{"document":1}\n'))
    with pytest.raises(KgError, match=r"0\.jsonl\.gz is damaged \(holds no harvest"):
        titles(path)


PAPERS = st.builds(
    lambda pmid, doi, date, title: paper(pmid, doi=doi, date=date, title=title),
    st.sampled_from(["1", "2", "3", "4"]),
    st.sampled_from(["", "10.5555/a", "10.5555/b"]),
    st.sampled_from(["", "2025-01-01", "2026-01-01"]),
    st.text(st.characters(codec="utf-8"), max_size=5),
)


@hypothesis.given(st.lists(st.lists(PAPERS, max_size=4), max_size=4), st.randoms())
@hypothesis.settings(suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
def test_the_order_in_which_parts_arrive_changes_nothing(
    put, entries: list[list[Harvest]], chance: random.Random
) -> None:
    parts = [put(f"{number}.xml", *some) for number, some in enumerate(entries)]
    former = [lines.line(one) for one in harvest.merge(parts)]
    names = [path.read_bytes() for path in parts]
    chance.shuffle(names)
    for path, content in zip(parts, names, strict=True):
        path.write_bytes(content)
    assert [lines.line(one) for one in harvest.merge(parts)] == former


@pytest.mark.parametrize(
    "entry",
    [
        Notice(PaperStatus.RETRACTED, doi="10.5555/a", deleted=True),
        Problem("a.xml", 3, "pmid", "is \u2028 none"),
        Read("a.xml", "pubmed", 3, 2),
        paper("1", title="Line\u2028 and \x85 separators"),
    ],
)
def test_a_line_says_everything_of_its_entry(entry: lines.Entry) -> None:
    assert lines.of_line(lines.line(entry)) == entry


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"odd":{}}', '{"notice":{"odd":1}}', '{"document":1}', '{"read":3}'])
def test_what_is_no_line_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        lines.of_line(text)


RIS = "TY  - JOUR\nTI  - {}\nDO  - 10.5555/{}\nER  - \n\n"


def ris(folder: Path, name: str, *some: str) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text("".join(RIS.format(title, title.casefold().replace(" ", "")) for title in some))
    return file


IN, OUT = "Alpha in spinal cord injury", "Alpha in tomatoes"


def test_a_part_holds_the_papers_of_the_field_and_counts_the_others(tmp_path: Path) -> None:
    data = harvest.part(ris(tmp_path, "a.ris", OUT, IN), "ris", Plain())
    read, counted = map(lines.of_line, data.decode().splitlines())
    assert isinstance(read, Harvest)
    assert (read.document.paper.title, len(read.proposals)) == (IN, 1)
    assert counted == Read("a.ris", "ris", 2, 1)


@pytest.mark.parametrize(
    ("text", "belongs"),
    [
        ("Recovery after spinal cord injury", True),
        ("Contused adult rat spinal cords", True),
        ("A severe thoracic lesion of the mouse spinal cord", True),
        ("Spinal (T10) transection", True),
        ("People with tetraplegia", True),
        ("Degenerative cervical myelopathy", True),
        ("Pain circuits of the dorsal horn", False),
        ("Lesions of the optic nerve", False),
        ("Spinal anaesthesia for hip surgery", False),
    ],
)
def test_what_belongs_to_the_field(text: str, belongs: bool) -> None:
    document = paper("1", title=text).document
    assert field.of_field(document) is belongs
    assert field.wanted(text.encode()) or not belongs


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., list[Part | Problem]]:
    def call(*places: Path, reader: harvest.Reader | None = None, maker: str = "ris") -> list[Part | Problem]:
        return list(harvest.harvest(harvest.files(places), tmp_path / "into", reader or Plain(), maker=maker))

    return call


def fresh(parts: Sequence[Part | Problem]) -> list[bool]:
    return [part.fresh for part in parts if isinstance(part, Part)]


def test_a_part_that_stands_is_not_read_again(run, tmp_path: Path) -> None:
    ris(tmp_path / "in", "a.ris", IN)
    ris(tmp_path / "in", "b.ris", IN, OUT)
    assert fresh(run(tmp_path / "in")) == [True, True]
    assert fresh(run(tmp_path / "in")) == [False, False]
    ris(tmp_path / "in", "b.ris", IN)
    ris(tmp_path / "in", "a.ris", OUT)
    assert fresh(run(tmp_path / "in")) == [False, True]  # b has become what a was
    assert fresh(run(tmp_path / "in", reader=Plain("plain 2"))) == [True, True]


def test_a_part_has_the_same_bytes_wherever_it_is_written(tmp_path: Path) -> None:
    file = ris(tmp_path, "a.ris", IN, OUT)
    made = []
    for name in ("one", "two"):
        (part,) = harvest.harvest([file], tmp_path / name, Plain(), maker="ris")
        assert isinstance(part, Part)
        made.append(part.path.read_bytes())
        os.utime(file, (1, 1))
    assert made[0] == made[1]
    assert made[0][4:8] == bytes(4)  # gzip holds no time


def test_files_that_hold_the_same_give_one_part(run, tmp_path: Path) -> None:
    ris(tmp_path / "in", "a.ris", IN)
    ris(tmp_path / "in", "b.ris", IN)
    problem, part = run(tmp_path / "in")
    assert str(problem) == "b.ris: holds the same as a.ris; read once"
    assert isinstance(part, Part)


def test_a_file_that_nobody_may_read_stops_no_other(run, tmp_path: Path) -> None:
    ris(tmp_path / "in", "a.ris", IN)
    (tmp_path / "in" / "b.ris").symlink_to(tmp_path / "nowhere")
    assert fresh(run(tmp_path / "in")) == [True]


def test_hidden_files_are_passed_over_and_a_missing_place_is_said(tmp_path: Path) -> None:
    ris(tmp_path, ".a.ris", IN)
    ris(tmp_path / ".git", "b.ris", IN)
    file = ris(tmp_path / "more", "c.ris", IN)
    assert list(harvest.files([tmp_path])) == [file]
    with pytest.raises(KgError, match=r"none does not exist; name a file, or a folder of files"):
        list(harvest.files([tmp_path / "none"]))


@pytest.mark.parametrize("numbers", [range(3), range(1, 4)])
def test_shares_are_all_files_and_each_once(numbers: range) -> None:
    every = [Path(f"/papers/{number}.xml") for number in range(10)]
    shares = [harvest.shard(reversed(every), f"{number}/3") for number in numbers]
    assert sorted(file for share in shares for file in share) == every
    assert max(map(len, shares)) - min(map(len, shares)) == 1


@pytest.mark.parametrize("text", ["4/3", "1/0", "1", "-1/3", "1/3/5", "a/b", ""])
def test_what_is_no_share_is_said(text: str) -> None:
    with pytest.raises(KgError, match="is not a share of the files; write 3/8 for the third of eight"):
        harvest.shard([], text)


def test_a_worker_of_another_version_is_refused(tmp_path: Path) -> None:
    from kg.harvest import parts

    job, task = parts._Job(tmp_path, "ris", "key"), parts._Task(b"", "", tmp_path, version="0.0.0")
    with pytest.raises(KgError, match=r"a worker has version .* of cordgraph, this process 0\.0\.0; install the same"):
        parts._write(task, job)


def test_a_plan_counts_files_hours_memory_and_cost() -> None:
    plan = harvest.planned(38_000_000, 3_000, workers=100, memory=200, price=0.05)
    assert (plan.files, plan.memory) == (1267, 20_000)
    assert plan.core_hours == pytest.approx(3.5185, abs=1e-4)
    assert plan.hours == pytest.approx(13 * 10 / 3600)  # thirteen rounds of ten seconds
    assert plan.cost == pytest.approx(3.5185 * 0.05, abs=1e-4)


class Answers:
    """A service that answers one page of one paper to everything."""

    def get(self, _: str, params: dict[str, str]) -> bytes:
        found = {"id": "1", "pmid": "1", "title": IN, "abstractText": "Alpha.", "query": params["query"]}
        page = {"resultList": {"result": [found] if params["cursorMark"] == "*" else []}, "nextCursorMark": "*"}
        return json.dumps(page).encode()


def test_the_answers_of_a_service_are_a_part_of_their_own(tmp_path: Path) -> None:
    def ask() -> Part:
        read = literature.search("europepmc", "alpha", cast(Web, Answers()))
        return harvest.asked(read, "europepmc: alpha", "europepmc", tmp_path, Plain())

    part = ask()
    assert titles(part.path) == [IN]
    assert ask().path == part.path
    with pytest.raises(UnknownName, match=r"'pubmet' is not a service of literature\. Did you mean 'pubmed'"):
        literature.search("pubmet", "alpha", cast(Web, Answers()))
