"""Which answers two graphs give differently, whose change it was, and that a cause is tried alone."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

import pytest

from kg import build, diff, library
from kg.errors import UnknownName
from kg.sources import sheets as source
from kg.store import Store

T = TypeVar("T")
FEW = ("by-year", "papers", "replicated", "retracted", "trials")


def graph(folder: Path) -> Store:
    return Store.of(build.collect(folder).sound().triples())


def rewrite(file: Path, change: Callable[[list[dict[str, str]]], Iterable[dict[str, str]]]) -> None:
    """Put other rows into a table."""
    with file.open(encoding="utf-8", newline="") as opened:
        header, *_ = csv.reader(opened)
        opened.seek(0)
        rows = list(csv.DictReader(opened))
    with file.open("w", encoding="utf-8", newline="") as opened:
        table = csv.DictWriter(opened, header)
        table.writeheader()
        table.writerows(change(rows))


def notice(folder: Path, *names: str, status: str = "retracted") -> None:
    """Say of papers, by DOI or PubMed id, that they are retracted."""
    for name in names:
        cells = {"status": status, "doi" if "/" in name else "pmid": name, "date": "2026-11-02"}
        build.append(folder, "notices.csv", source.NOTICES, cells)


def paper(folder: Path, id: str, arm: str = "beta+gamma", study: str = "", top: bool = False) -> None:
    """A paper in which an arm walked better than one without treatment."""
    url = f"https://example.org/{id}"
    about = {"id": id, "title": id.title(), "year": "2010", "kind": "primary", "url": url}
    finding = {
        "id": f"{id}-01", "paper": id, "study": study, "arm": arm, "comparator": "none", "species": "rat",
        "outcome": "walking", "direction": "increased", "locator": "abstract", "source_url": url,
    }  # fmt: skip
    given = [(therapy, "active") for therapy in arm.split("+")]
    arms = [{"study": id, "arm": arm, "therapy": therapy, "role": role} for therapy, role in given]
    arms.append({"study": id, "arm": "none", "therapy": "no-treatment", "role": "control"})
    rewrite(folder / "papers.csv", lambda rows: [*rows, about])
    rewrite(folder / "arms.csv", lambda rows: [*rows, *([] if study else arms)])
    rewrite(folder / "findings" / "others.csv", lambda rows: [finding, *rows] if top else [*rows, finding])


def compared(old: Store, new: Store, *names: str) -> dict[str, diff.Change]:
    found = diff.changes(old, new, diff.causes(old, new), diff.questions(names or FEW))
    return {change.question: change for change in found}


def named(old: Store, new: Store) -> list[tuple[str, tuple[str, ...]]]:
    return [(cause.what, cause.names) for cause in diff.causes(old, new)]


def test_between_a_graph_and_itself_nothing_changed(tiny: Store) -> None:
    assert diff.causes(tiny, Store.of(tiny.triples())) == []
    assert compared(tiny, tiny) == {}


def test_a_retraction_is_named_with_what_it_takes_from_the_answers(tiny: Store, sheets: Path) -> None:
    notice(sheets, "20020002")
    new = graph(sheets)
    assert named(tiny, new) == [("paper retracted", ("baba2002",))]
    found = compared(tiny, new)
    assert sorted(found) == ["by-year", "retracted"]
    (row,) = found["retracted"].gained
    assert (row["paper"], row["status"], row["findings"], row["in_force"]) == ("baba2002", "retracted", 8, 0)
    assert [(row["year"], row["findings"]) for row in found["by-year"].lost] == [(2002, 7)]
    assert found["by-year"].gained == ()


def test_every_cause_is_tried_alone_and_every_row_has_its_own(tiny: Store, sheets: Path) -> None:
    notice(sheets, "20020002", "10.1000/Aoki.(2001)1:2;3")
    rewrite(sheets / "trials.csv", lambda rows: [rows[0] | {"status": "stopped"}, rows[1]])
    new = graph(sheets)
    found = compared(tiny, new)
    why = {row["paper"]: found["retracted"].why(None, row) for row in found["retracted"].gained}
    assert why == {"aoki2001": "paper retracted: aoki2001", "baba2002": "paper retracted: baba2002"}
    assert found["retracted"].why() == "paper retracted: aoki2001, baba2002"
    assert found["trials"].why() == "trial changed: NCT00000001"


def test_a_number_that_two_papers_lower_has_both_as_its_reason(sheets: Path) -> None:
    for id in ("fuji2010", "goto2010", "hara2010"):
        paper(sheets, id)
    old = graph(sheets)
    rewrite(
        sheets / "papers.csv",
        lambda rows: [row | {"status": "retracted" if row["id"][0] in "fg" else row["status"]} for row in rows],
    )
    change = compared(old, graph(sheets), "by-year")["by-year"]
    ((was, now),) = change.pairs
    assert was and now
    assert (was["year"], was["studies"], now["studies"]) == (2010, 3, 1)
    assert change.why(was, now) == "paper retracted: fuji2010, goto2010"


def test_what_only_several_causes_do_is_said_to_be_done_together(tiny: Store, sheets: Path) -> None:
    paper(sheets, "fuji2010")
    paper(sheets, "goto2010")
    change = compared(tiny, graph(sheets), "replicated")["replicated"]
    assert change.effects == ()
    assert change.why(None, change.gained[0]) == "only together: new paper: fuji2010, goto2010"


def test_a_new_paper_brings_its_arms_and_combination_along(tiny: Store, sheets: Path) -> None:
    paper(sheets, "fuji2010", arm="delta+gamma")
    notice(sheets, "20020002")
    new = graph(sheets)
    (fuji,) = (cause for cause in diff.causes(tiny, new) if cause.what == "new paper")
    assert any("combination/delta--gamma" in str(triple.subject) for triple in fuji.gained)
    findings = compared(tiny, new, "findings")["findings"]
    assert [row["isolates"] for row in findings.gained] == ["delta + gamma (purified)"]
    assert findings.why(None, findings.gained[0]) == "new paper: fuji2010"
    gone = compared(new, tiny, "papers")["papers"]
    assert {gone.why(was, now) for was, now in gone.pairs if was and was["paper"] == "fuji2010"} == {
        "paper gone: fuji2010"
    }


def test_rows_that_only_moved_changed_nothing(tiny: Store, sheets: Path) -> None:
    paper(sheets, "fuji2010", top=True)
    assert named(tiny, graph(sheets)) == [("new paper", ("fuji2010",))]
    rewrite(sheets / "findings" / "others.csv", lambda rows: rows[::-1])
    rewrite(sheets / "findings" / "others.csv", lambda rows: [row for row in rows if row["paper"] != "fuji2010"])
    rewrite(sheets / "papers.csv", lambda rows: rows[:-1])
    assert named(tiny, graph(sheets)) == []


@pytest.mark.parametrize("table", ["arms.csv", "readings.csv", "findings/aoki.csv", "papers.csv"])
def test_whatever_row_of_a_paper_changed_the_paper_is_named(tiny: Store, sheets: Path, table: str) -> None:
    rewrite(sheets / table, lambda rows: [rows[0] | {"note": "seen again"}, *rows[1:]])
    assert named(tiny, graph(sheets)) == [("rows changed", ("aoki2001",))]


def test_an_arm_that_two_new_papers_share_goes_with_each_of_them(tiny: Store, sheets: Path) -> None:
    paper(sheets, "fuji2010")
    paper(sheets, "goto2010", study="fuji2010")
    for cause in diff.causes(tiny, graph(sheets)):
        assert {"arm/fuji2010/beta+gamma", "given/fuji2010/beta+gamma/1"} <= {
            str(triple.subject).strip("<>").removeprefix("https://w3id.org/cordgraph/") for triple in cause.gained
        }


def test_an_arm_that_two_papers_share_goes_with_the_one_that_changed(sheets: Path) -> None:
    paper(sheets, "fuji2010")
    old = graph(sheets)
    paper(sheets, "goto2010", study="fuji2010")
    new = graph(sheets)
    assert named(old, new) == [("new paper", ("goto2010",))]
    rewrite(sheets / "arms.csv", lambda rows: [row | {"note": "both"} for row in rows])
    every = dict(diff.told([cause]).split(": ")[::-1] for cause in diff.causes(new, graph(sheets)))
    assert every["fuji2010"] == "rows changed"
    assert "goto2010" not in every


@pytest.mark.parametrize(
    ("was", "now", "what"),
    [
        ("ok", "corrected", "paper corrected"),
        ("corrected", "retracted", "paper retracted"),
        ("retracted", "ok", "paper no longer retracted or corrected"),
    ],
)
def test_the_status_of_a_paper_is_told_in_words(sheets: Path, was: str, now: str, what: str) -> None:
    graphs = []
    for status in (was, now):
        rewrite(sheets / "papers.csv", lambda rows, status=status: [rows[0] | {"status": status}, *rows[1:]])
        graphs.append(graph(sheets))
    assert named(*graphs) == [(what, ("aoki2001",))]


def test_a_word_that_is_called_otherwise_is_a_change_of_the_vocabulary(tiny: Store, sheets: Path) -> None:
    therapies = sheets / "vocab" / "therapies.csv"
    rewrite(therapies, lambda rows: [row | {"label": row["label"].replace("beta", "beta prime")} for row in rows])
    (cause,) = diff.causes(tiny, graph(sheets))
    assert (cause.what, cause.names, diff.told([cause])) == ("vocabulary changed", (), "vocabulary changed")
    assert any("alpha + beta prime" in str(triple.object) for triple in cause.gained)


def test_a_quantity_of_which_less_is_better_since_is_a_change_of_the_vocabulary(tiny: Store, sheets: Path) -> None:
    rewrite(sheets / "vocab" / "outcomes.csv", lambda rows: [rows[0] | {"higher_is": "worse"}, *rows[1:]])
    paper(sheets, "fuji2010")
    new = graph(sheets)
    assert named(tiny, new) == [("new paper", ("fuji2010",)), ("vocabulary changed", ())]
    change = compared(tiny, new, "by-species")["by-species"]
    assert {change.why(was, now) for was, now in change.pairs} == {
        "new paper: fuji2010; vocabulary changed",
        "vocabulary changed",
    }


def test_a_trial_that_is_new_or_gone_is_named(tiny: Store, sheets: Path) -> None:
    rewrite(sheets / "trials.csv", lambda rows: [rows[0] | {"id": "NCT00000002"}])
    assert named(tiny, graph(sheets)) == [
        ("trial gone", ("NCT00000001",)),
        ("new trial", ("NCT00000002",)),
        ("trial gone", ("beta-gamma-trial",)),
    ]


def test_over_thirty_causes_are_put_together_by_what_they_are(tiny: Store, sheets: Path) -> None:
    for number in range(31):
        paper(sheets, f"fuji{number:02}", arm="beta")
    notice(sheets, "20020002")
    found = diff.causes(tiny, graph(sheets))
    assert [(cause.what, len(cause.names)) for cause in found] == [("new paper", 31), ("paper retracted", 1)]
    assert diff.told(found[:1]) == "new paper: fuji00, fuji01, fuji02, fuji03, fuji04 and 26 more"


def test_all_causes_together_make_the_new_graph_of_the_old_one(tiny: Store, sheets: Path) -> None:
    paper(sheets, "fuji2010")
    notice(sheets, "20020002", "10.1000/Aoki.(2001)1:2;3")
    rewrite(sheets / "trials.csv", lambda rows: rows[1:])
    new = graph(sheets)
    made = set(tiny.triples())
    for cause in diff.causes(tiny, new):
        made = (made - cause.lost) | cause.gained
    assert made == set(new.triples())


def test_rows_that_differ_in_numbers_only_are_one_pair_but_the_first_column_names_the_row() -> None:
    lost = ({"year": 2001, "what": "a", "n": 1}, {"year": 2002, "what": "a", "n": 1})
    gained = ({"year": 2002, "what": "a", "n": 5}, {"year": 2002, "what": "b", "n": 1})
    change = diff.Change("q", "", lost, gained, (), ())
    assert change.pairs == [(lost[1], gained[0]), (None, gained[1]), (lost[0], None)]


def test_only_questions_that_need_nothing_are_compared() -> None:
    every = {one.name for one in diff.questions()}
    assert "retracted" in every
    assert "receipt" not in every
    assert [one.name for one in diff.questions(["papers"])] == ["papers"]
    with pytest.raises(UnknownName, match="Did you mean 'retracted'"):
        diff.questions(["retraced"])
    with pytest.raises(library.BadValue, match="'receipt' needs a parameter"):
        diff.questions(["receipt"])


def test_somebody_is_told_of_every_question_and_every_cause(tiny: Store, sheets: Path) -> None:
    steps: list[int] = []

    def told(some: Sequence[T], /) -> Iterable[T]:
        steps.append(len(some))
        return some

    notice(sheets, "20020002", "10.1000/Aoki.(2001)1:2;3")
    new = graph(sheets)
    diff.changes(tiny, new, diff.causes(tiny, new), diff.questions(FEW), told)
    assert steps == [5, 2]


def test_a_graph_of_somebody_else_is_compared_as_well(tiny: Store, tmp_path: Path) -> None:
    (tmp_path / "other.ttl").write_text("[] <https://example.org/says> [] .")
    other = Store.read([tmp_path / "other.ttl"])
    assert ("vocabulary changed", ()) in named(tiny, other)
    assert "papers" in compared(tiny, other)
