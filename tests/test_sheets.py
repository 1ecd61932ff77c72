from __future__ import annotations

import csv
import dataclasses
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from kg import build, vocab
from kg.build import Collected
from kg.errors import Problem
from kg.model import Arm, Finding, Given, Outcome, Paper, PaperStatus, Reading, Role, Term, Trial
from kg.sources import sheets as source


def change(folder: Path, table: str, line: int, **cells: str) -> None:
    """Write other cells into one row of a table; the header is line 1."""
    file = folder / table
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    rows[line - 2] |= cells
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def said(folder: Path) -> list[str]:
    return [str(problem) for problem in build.collect(folder).problems]


def test_the_tiny_tables_are_sound(sheets: Path) -> None:
    assert said(sheets) == []


def test_a_paper_is_read_with_all_its_cells(collected: Collected) -> None:
    paper = next(item for item in collected.items if isinstance(item, Paper))
    assert dataclasses.astuple(paper) == (
        "aoki2001",
        'Alpha, "beta" and the cord',
        "10.1000/Aoki.(2001)1:2;3",
        "",
        "",
        2001,
        "Journal of Invention",
        "Aoki A",
        "Zeta Z",
        "lab-one",
        "primary",
        PaperStatus.OK,
        ("barrier:scar-tissue", "condition:cord-injury"),
        "https://example.org/aoki2001",
        "",
    )


def test_a_finding_is_read_with_its_arms_numbers_and_place(collected: Collected) -> None:
    found = {item.id: item for item in collected.items if isinstance(item, Finding)}
    first, second = found["aoki2001-01"], found["aoki2001-02"]
    assert (first.mean_arm, first.n_arm, first.locator, first.row) == (
        Decimal("12.50"),
        10,
        "Fig. 3B",
        "findings/aoki.csv, row 2",
    )
    assert first.comparator == Arm(
        "aoki2001", "vehicle", (Given("vehicle", Role.VEHICLE, start_day=Decimal(28), route="oral"),)
    )
    assert second.arm.given[1] == Given("beta", Role.ACTIVE, 2, Decimal("30.5"), Decimal(44), route="intraspinal")
    assert isinstance(first.outcome, Outcome)


def test_a_finding_that_names_no_phase_is_not_stated(collected: Collected) -> None:
    assert next(i for i in collected.items if i.id == "eda2005-01").phase == "not-stated"  # type: ignore[union-attr]


def test_a_trial_is_read_with_its_papers(collected: Collected) -> None:
    trials = {item.id: item for item in collected.items if isinstance(item, Trial)}
    assert [paper.id for paper in trials["NCT00000001"].papers] == ["aoki2001", "eda2005"]
    assert trials["beta-gamma-trial"].regimen.id == "beta--gamma"
    assert trials["beta-gamma-trial"].result is None


def test_papers_come_before_the_findings_that_cite_them(collected: Collected) -> None:
    kinds = [Term if isinstance(item, Term) else type(item) for item in collected.items]
    assert kinds == sorted(kinds, key=[Term, Paper, Trial, Finding, Reading].index)


def test_a_second_reading_is_read_cell_by_cell(collected: Collected) -> None:
    readings = [item for item in collected.items if isinstance(item, Reading)]
    assert [(one.finding, one.column) for one in readings] == [
        ("aoki2001-01", "sex"),
        ("aoki2001-01", "severity"),
        ("aoki2001-02", ""),
    ]
    assert readings[1] == Reading("aoki2001-01", "grace", "2026-11-23", "severity", "moderate", "severe", "severe")


FINDING, PAPER, ARM, TRIAL = ("findings/aoki.csv", 2), ("papers.csv", 2), ("arms.csv", 2), ("trials.csv", 2)
WRONG = {
    "a-phase-that-is-none": (FINDING, "phase", "subacut", "'subacut' is not a phase. Did you mean 'subacute'"),
    "an-outcome-that-is-none": (FINDING, "outcome", "walkin", "'walkin' is not an outcome. Did you mean 'walking'"),
    "a-reading-of-no-column": (("readings.csv", 2), "column", "sexx", "Did you mean 'sex'"),
    "a-reading-by-nobody": (("readings.csv", 2), "reader", "", "is empty"),
    "no-outcome": (FINDING, "outcome", "", "is empty"),
    "a-species-that-is-none": (FINDING, "species", "muse", "'muse' is not a species. Did you mean 'mouse'"),
    "no-species": (FINDING, "species", "", "is empty"),
    "an-injury-that-is-none": (FINDING, "injury", "contussion", "Did you mean 'contusion'?"),
    "a-direction-that-is-none": (
        FINDING,
        "direction",
        "Increased",
        "'Increased' is not one of 'increased', 'decreased'",
    ),
    "no-direction": (FINDING, "direction", "", "'' is not one of 'increased'"),
    "a-significance-in-words": (FINDING, "significant", "very", "'very' is not one of 'yes', 'no'"),
    "a-status-that-is-none": (FINDING, "status", "reviewd", "Did you mean 'reviewed'"),
    "a-paper-that-is-none": (
        FINDING,
        "paper",
        "aoki2011",
        "'aoki2011' is not a paper of papers.csv. Did you mean 'aoki2001'?",
    ),
    "an-arm-that-is-none": (FINDING, "arm", "alpa", "'alpa' is not an arm of aoki2001. Did you mean 'alpha'"),
    "no-locator": (FINDING, "locator", "", "is empty"),
    "no-source": (FINDING, "source_url", "", "is empty"),
    "a-source-that-is-no-link": (FINDING, "source_url", "javascript:alert(1)", "is not a web address"),
    "a-source-with-markup": (FINDING, "source_url", 'https://e.org/"><script>', "is not a web address"),
    "a-number-in-words": (FINDING, "mean_arm", "twelve", "'twelve' is not a number"),
    "a-number-with-comma": (FINDING, "mean_arm", "12,5", "'12,5' is not a number"),
    "a-number-with-sign-before": (FINDING, "mean_arm", "<0.05", "'<0.05' is not a number"),
    "a-huge-number": (FINDING, "mean_arm", "1" * 40, "is not a number"),
    "a-number-beyond-floats": (FINDING, "mean_arm", "1e400", "'1e400' is not a number"),
    "a-number-that-fills-memory": (FINDING, "mean_arm", "1e999999999999", "is not a number"),
    "a-dose-without-unit": (ARM, "unit", "", "both or neither"),
    "a-unit-without-dose": (ARM, "dose", "", "both or neither"),
    "a-number-too-small-to-be-one": (FINDING, "mean_arm", "1e-400", "'1e-400' is not a number"),
    "not-a-number": (FINDING, "mean_arm", "NaN", "'NaN' is not a number"),
    "a-signalling-nan": (FINDING, "mean_arm", "sNaN", "'sNaN' is not a number"),
    "infinity": (FINDING, "mean_arm", "inf", "'inf' is not a number"),
    "a-number-as-python-writes-it": (FINDING, "mean_arm", "1_000", "'1_000' is not a number"),
    "a-number-in-other-digits": (FINDING, "mean_arm", "\u0661\u0662", "is not a number"),
    "half-an-animal": (FINDING, "n_arm", "10.5", "'10.5' is not a whole number"),
    "fewer-than-no-animals": (FINDING, "n_arm", "-3", "'-3' is not a whole number"),
    "a-count-beyond-floats": (FINDING, "n_arm", "1e400", "'1e400' is not a number"),
    "an-n-made-a-date": (FINDING, "n_arm", "10-Dec", "looks like a date made by a spreadsheet"),
    "a-level-made-a-date": (FINDING, "level", "9-Oct", "looks like a date made by a spreadsheet"),
    "an-id-with-blanks": (FINDING, "id", "aoki 2001", "'aoki 2001' is not a key"),
    "a-doi-that-is-none": (PAPER, "doi", "doi:10.1000/a", "'doi:10.1000/a' is not a DOI such as"),
    "a-doi-with-its-address": (PAPER, "doi", "https://doi.org/10.1000/a", "is not a DOI such as"),
    "a-doi-with-a-blank": (PAPER, "doi", "10.1000/a b", "is not a DOI such as"),
    "a-pubmed-id-in-words": (PAPER, "pmid", "PMID:7", "is not a PubMed id"),
    "a-pubmed-id-in-other-digits": (PAPER, "pmid", "\u0661\u0662", "is not a PubMed id"),
    "a-pmc-id-without-pmc": (PAPER, "pmcid", "5005", "is not a PMC id"),
    "a-kind-that-is-none": (PAPER, "kind", "primry", "Did you mean 'primary'?"),
    "a-retraction-misspelt": (PAPER, "status", "retract", "Did you mean 'retracted'?"),
    "a-subject-that-is-none": (PAPER, "about", "barrier:scar-tisue", "Did you mean 'scar-tissue'"),
    "a-subject-without-scheme": (PAPER, "about", "scar-tissue", "scar-tissue"),
    "a-year-in-words": (PAPER, "year", "MMI", "'MMI' is not a number"),
    "a-therapy-that-is-none": (ARM, "therapy", "alpah", "'alpah' is not a therapy. Did you mean 'alpha'"),
    "a-role-that-is-none": (ARM, "role", "actve", "Did you mean 'active'"),
    "a-route-that-is-none": (ARM, "route", "orall", "'orall' is not a route. Did you mean 'oral'?"),
    "a-dose-with-its-unit": (ARM, "dose", "2.5 mg", "'2.5 mg' is not a number"),
    "a-trial-of-nothing-known": (TRIAL, "therapies", "alpha|epsilon", "'epsilon' is not a therapy."),
    "a-trial-result-that-is-none": (TRIAL, "result", "better", "'better' is not one of 'improved'"),
    "a-trial-paper-that-is-none": (TRIAL, "papers", "aoki2001|baba2020", "Did you mean 'baba2002'?"),
}


@pytest.mark.parametrize("specimen", WRONG)
def test_a_wrong_cell_is_one_sentence_with_file_row_column_and_value(specimen: str, sheets: Path) -> None:
    (table, line), column, value, message = WRONG[specimen]
    change(sheets, table, line, **{column: value})
    told = [sentence for sentence in said(sheets) if sentence.startswith(f"{table}, row {line}, column {column}: ")]
    assert [sentence for sentence in told if message in sentence] == told[:1] != []
    assert "\n" not in told[0]


@pytest.mark.parametrize(
    "doi",
    [
        "10.1000/aoki.2001",
        "10.1002/(SICI)1096-9861(19960304)366:1<3::AID-CNE2>3.0.CO;2-Y",
        "10.1016/S0140-6736(00)1234-5",
    ],
)
def test_a_doi_of_any_form_that_publishers_gave_out_is_accepted(doi: str, sheets: Path) -> None:
    change(sheets, "papers.csv", 2, doi=doi)
    assert said(sheets) == []


@pytest.mark.parametrize(
    "column, word",
    [
        ("phase", "sub-acute"),
        ("phase", "Sub acute"),
        ("outcome", "gait"),
        ("species", "mice"),
        ("species", "MOUSE"),
        ("injury", "weight drop"),
        ("design", "RCT"),
        ("mean_arm", "not reported"),
        ("n_arm", "not reported"),
        ("p", "<0.05"),
        ("mean_arm", "-0.5"),
        ("mean_arm", "1e3"),
        ("n_arm", "12.0"),
        ("phase", "not reported"),
    ],
)
def test_a_synonym_or_a_number_as_printed_is_accepted(column: str, word: str, sheets: Path) -> None:
    change(sheets, "findings/aoki.csv", 2, **{column: word})
    assert said(sheets) == []


def test_not_reported_is_no_number(sheets: Path) -> None:
    change(sheets, "findings/aoki.csv", 2, mean_arm="not reported")
    found = build.collect(sheets).items
    assert next(i for i in found if i.id == "aoki2001-01").mean_arm is None  # type: ignore[union-attr]


def test_a_paper_without_any_key_is_said(sheets: Path) -> None:
    change(sheets, "papers.csv", 2, doi="", url="")
    assert any("a paper needs a DOI" in sentence for sentence in said(sheets))


def test_a_finding_of_an_experiment_with_its_own_key_takes_the_arms_of_that_study(sheets: Path) -> None:
    change(sheets, "findings/others.csv", 12, study="baba2002", arm="alpha", comparator="none")
    assert said(sheets) == []


def test_all_wrong_cells_of_all_tables_come_in_one_run(sheets: Path) -> None:
    change(sheets, "papers.csv", 6, kind="x", year="y")
    change(sheets, "arms.csv", 8, therapy="epsilon")
    change(sheets, "trials.csv", 3, n="many")
    change(sheets, "findings/aoki.csv", 3, phase="x", direction="y", n_arm="z")
    change(sheets, "findings/others.csv", 4, spread_kind="CI", species="")
    (sheets / "readings.csv").unlink()  # the findings it names are spoiled
    places = [sentence.split(":")[0] for sentence in said(sheets)]
    assert {
        "papers.csv, row 6, column kind",
        "papers.csv, row 6, column year",
        "arms.csv, row 8, column therapy",
        "trials.csv, row 3, column n",
        "findings/aoki.csv, row 3, column phase",
        "findings/aoki.csv, row 3, column direction",
        "findings/aoki.csv, row 3, column n_arm",
        "findings/others.csv, row 4, column species",
    } <= set(places)
    assert places == sorted(places, key=lambda place: (place.split(",")[0], int(place.split("row ")[1].split(",")[0])))


def spoil(*old_new: tuple[bytes, bytes]) -> Callable[[bytes], bytes]:
    def spoiled(content: bytes) -> bytes:
        for old, new in old_new:
            content = content.replace(old, new)
        return content

    return spoiled


FILES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda _: b"", "is empty"),
    "latin-1": (spoil((b"alpha", b"\xe4lpha"), (b"Alpha", b"\xc4lpha")), "is not UTF-8"),
    "utf-16": (lambda content: content.decode().encode("utf-16"), "is not UTF-8"),
    "semicolons": (spoil((b",", b";")), "is not separated by commas"),
    "tabs": (spoil((b",", b"\t")), "is not separated by commas"),
    "unknown-column": (spoil((b"note\n", b"notes\n")), "'notes' is not a column. Did you mean 'note'"),
    "double-column": (spoil((b"note\n", b"note,note\n")), "column note: stands twice in the header"),
    "nul": (spoil((b"2001", b"20\x0001")), "holds NUL characters"),
    "open-quote": (lambda content: content + b'"', "cannot be read as CSV"),
}


@pytest.mark.parametrize("table", ["papers.csv", "findings/aoki.csv", "arms.csv"])
@pytest.mark.parametrize("specimen", FILES)
def test_a_spoiled_file_is_said_with_its_name(specimen: str, table: str, sheets: Path) -> None:
    how, message = FILES[specimen]
    (sheets / table).write_bytes(how((sheets / table).read_bytes()))
    assert any(sentence.startswith(table) and message in sentence for sentence in said(sheets))


@pytest.mark.parametrize("table", ["papers.csv", "arms.csv", "trials.csv"])
def test_a_missing_table_is_said(table: str, sheets: Path) -> None:
    (sheets / table).unlink()
    assert any(sentence.startswith(f"{table}: does not exist") for sentence in said(sheets))


def test_a_folder_without_findings_is_said(sheets: Path) -> None:
    for file in (sheets / "findings").iterdir():
        file.unlink()
    assert any("there is no findings/*.csv" in sentence for sentence in said(sheets))


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert any("papers.csv: does not exist" in sentence for sentence in said(tmp_path / "nowhere"))


def test_marks_and_line_ends_of_a_spreadsheet_change_nothing(sheets: Path, collected: Collected) -> None:
    for file in sheets.rglob("*.csv"):
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert build.collect(sheets).items == collected.items


def test_a_source_gives_problems_and_never_raises(sheets: Path) -> None:
    for file in sheets.rglob("*.csv"):
        file.write_bytes(b"\xff\xfe")
    words, _ = vocab.load(sheets / "vocab")
    assert all(isinstance(found, Problem) for found in source.read(sheets, words))


def noticed(folder: Path, *lines: str) -> dict[str, Paper]:
    """The papers of a folder beside notices of status, DOI, PubMed id, the notice's own, date, page and note."""
    (folder / "notices.csv").write_text("\n".join([",".join(source.NOTICES), *lines, ""]))
    return {item.id: item for item in build.collect(folder).items if isinstance(item, Paper)}


def test_a_notice_stands_over_the_status_in_the_row_and_is_told_in_the_note(sheets: Path) -> None:
    papers = noticed(sheets, "retracted,10.1000/AOKI.(2001)1:2;3,,10.5555/r,,2026-11-02,,said the journal")
    assert said(sheets) == []
    assert papers["aoki2001"].status is PaperStatus.RETRACTED
    assert papers["aoki2001"].note == "retracted: 10.5555/r 2026-11-02 said the journal"
    assert papers["baba2002"].status is PaperStatus.OK
    findings = [item for item in build.collect(sheets).items if isinstance(item, Finding)]
    assert {item.in_force for item in findings if item.paper.id == "aoki2001"} == {False}


@pytest.mark.parametrize("order", [1, -1])
def test_of_several_notices_the_gravest_counts_and_all_are_told(sheets: Path, order: int) -> None:
    lines = ["corrected,,20020002,,95,,,", "retracted,,20020002,,96,,,", "corrected,,20020002,,97,,,"]
    paper = noticed(sheets, *lines[::order])["baba2002"]
    assert paper.status is PaperStatus.RETRACTED
    assert sorted(paper.note.split("; ")) == ["corrected: PMID 95", "corrected: PMID 97", "retracted: PMID 96"]


def test_a_notice_that_names_a_paper_twice_is_told_once_and_never_unretracts_it(sheets: Path) -> None:
    change(sheets, "papers.csv", 4, pmid="3")
    paper = noticed(sheets, "corrected,10.1000/cato.2003,3,,95,,,")["cato2003"]
    assert (paper.status, paper.note) == (PaperStatus.RETRACTED, "corrected: PMID 95")


def test_a_notice_about_a_paper_that_is_not_in_the_rows_changes_nothing(sheets: Path, collected: Collected) -> None:
    noticed(sheets, "retracted,10.5555/unknown,,,,,,")
    assert build.collect(sheets).items == collected.items


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("withdrawn,,1,,,,,", "column status: 'withdrawn' is not one of"),
        ("ok,,1,,,,,", "column status: a notice says that a paper is 'corrected' or 'retracted'"),
        ("retracted,,,,1,,,", "column doi: a notice names the paper it is about by DOI or PubMed id"),
        ("retracted,doi.org,,,,,,", "column doi: 'doi.org' is not a DOI"),
        ("retracted,,PMID 1,,,,,", "column pmid: 'PMID 1' is not a PubMed id"),
        ("retracted,,1,,,,nowhere,", "column url: 'nowhere' is not a web address"),
    ],
)
def test_a_notice_that_says_nothing_sound_is_said(sheets: Path, line: str, sentence: str) -> None:
    noticed(sheets, line)
    (found,) = said(sheets)
    assert found.startswith(f"notices.csv, row 2, {sentence}")
