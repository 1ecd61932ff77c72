"""The SCIO source: two views of the same rows become findings, and what cannot be read is said.

The files here are invented. KG_SCIO names the folder of the real ones, which are not ours to keep.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from kg import check, resources, sources, triples, vocab
from kg.errors import Problem
from kg.model import Finding, HigherIs, Paper, Result, Term
from kg.sources import scio
from kg.store import Store

REAL = os.environ.get("KG_SCIO", "")
WORDS = vocab.load(resources.folder("data") / "vocab")[0]
ROW = {
    "paper": "101",
    "method": "BBBTest",
    "judgement": "Positive",
    "n_comparator": "n = 6",
    "mean_comparator": "8.5",
    "injury": "Contusion",
    "device": "NYUImpactor",
    "n_arm": "n = 8",
    "mean_arm": "11",
    "duration": "30 min",
    "model": "RatModel",
    "age": "Adult",
    "sex": "Female",
    "strain": "WistarRat",
    "treatment": "CompoundTreatment",
    "compound": "MinocyclineMC",
    "route": "InjectionDelivery",
    "dosage": "50 mg/kg",
    "trend": "Higher",
    "level": "Thoracic",
}
SHORT = {"trend": "FasterIncrease", "duration": "40320 min"}  # the same row as AccessDB shows it


def write(folder: Path, view: str, *rows: Mapping[str, str]) -> Path:
    """A view with these rows, each said by what differs from ROW."""
    lines = [list(scio.COLUMNS.values()), *([({**ROW, **row}).get(name, "") for name in scio.COLUMNS] for row in rows)]
    text = "".join("\t".join(line) + "\n" for line in lines)
    (folder / f"{view}_cleaned.csv").write_bytes(text.encode("latin-1"))
    return folder


def found(folder: Path) -> list[Finding]:
    return [item for item in scio.read(folder, WORDS) if isinstance(item, Finding)]


def lost(folder: Path) -> list[str]:
    return [str(item) for item in scio.read(folder, WORDS) if isinstance(item, Problem)]


def one(folder: Path, **cells: str) -> Finding:
    """The finding of one row of the Kwon view."""
    (finding,) = found(write(folder, "Kwon", cells))
    return finding


def unread(folder: Path) -> list[str]:
    return [f"{item.column}: {item.message}" for item in scio.unread(folder, WORDS)]


def test_a_row_of_both_views_is_one_finding_with_the_delay_of_one_and_the_time_of_the_other(tmp_path: Path) -> None:
    write(tmp_path, "Kwon", {})
    (finding,) = found(write(tmp_path, "AccessDB", SHORT))
    assert (finding.treatment_day, finding.measured_day) == (Decimal("0.020833333333"), 28)
    assert finding.locator == "Kwon_cleaned.csv, row 2; AccessDB_cleaned.csv, row 2"
    assert "AccessDB says" not in finding.note


def test_a_row_says_therapy_dose_animals_injury_outcome_and_result_in_our_words(tmp_path: Path) -> None:
    finding = one(tmp_path)
    (given,) = finding.arm.given
    assert (given.therapy, given.dose, given.unit) == ("minocycline", 50, "mg/kg")
    assert (finding.species, finding.injury, finding.level, finding.sex) == ("rat", "contusion", "thoracic", "female")
    assert (finding.outcome.id, finding.result) == ("bbb", Result.IMPROVED)
    assert (finding.mean_arm, finding.mean_comparator) == (11, Decimal("8.5"))
    assert (finding.n_arm, finding.n_comparator) == (8, 6)
    assert (finding.phase, finding.paper.pmid) == ("acute", "101")


def test_where_the_views_differ_the_kwon_view_stands_and_the_other_is_noted(tmp_path: Path) -> None:
    write(tmp_path, "Kwon", {})
    (finding,) = found(write(tmp_path, "AccessDB", {**SHORT, "dosage": "40 mg/kg"}))
    assert finding.arm.given[0].dose == 50
    assert "AccessDB says dosage '40 mg/kg'" in finding.note


def test_rows_that_only_one_view_has_become_findings_too(tmp_path: Path) -> None:
    write(tmp_path, "Kwon", {}, {"paper": "102"})
    findings = found(write(tmp_path, "AccessDB", {**SHORT, "paper": "103"}, SHORT))
    assert [finding.id for finding in findings] == ["scio-k2-a3", "scio-k3", "scio-a2"]
    assert findings[-1].treatment_day is None


def test_of_several_rows_alike_those_that_share_most_cells_are_the_same(tmp_path: Path) -> None:
    write(tmp_path, "Kwon", {"mean_arm": "11"}, {"mean_arm": "12"})
    findings = found(write(tmp_path, "AccessDB", {**SHORT, "mean_arm": "12"}, {**SHORT, "mean_arm": "11"}))
    assert [finding.id for finding in findings] == ["scio-k2-a3", "scio-k3-a2"]


def test_treatment_before_injury_is_a_phase_of_its_own_and_not_a_guessed_day(tmp_path: Path) -> None:
    finding = one(tmp_path, duration="prior")
    assert (finding.phase, finding.treatment_day) == ("before-injury", None)
    assert scio.BEFORE in list(scio.read(tmp_path, WORDS))


@pytest.mark.parametrize(
    ("judgement", "trend", "result"),
    [
        ("Positive", "Higher", Result.IMPROVED),
        ("Negative", "FasterDecrease", Result.WORSENED),
        ("Neutral", "None", Result.NO_DIFFERENCE),
        ("Neutral", "Higher", Result.NO_DIFFERENCE),
    ],
)
def test_the_judgement_is_the_result(tmp_path: Path, judgement: str, trend: str, result: Result) -> None:
    assert one(tmp_path, judgement=judgement, trend=trend).result is result


@pytest.mark.parametrize("method", sorted(word for kind, word in scio._words() if kind == "outcome"))
@pytest.mark.parametrize(("judgement", "result"), [("Positive", Result.IMPROVED), ("Negative", Result.WORSENED)])
@pytest.mark.parametrize("trend", ["Higher", "Lower"])
def test_no_method_turns_a_judgement_round(
    tmp_path: Path, method: str, judgement: str, result: Result, trend: str
) -> None:
    assert one(tmp_path, method=method, judgement=judgement, trend=trend).result is result


def test_where_more_is_judged_otherwise_than_here_the_outcome_is_one_of_scio(tmp_path: Path) -> None:
    finding = one(tmp_path, method="ApoptosisTest", trend="Higher")
    assert finding.outcome.id == "apoptosis-test-more-is-better"
    assert (finding.outcome.domain, finding.outcome.higher_is) == ("tissue", HigherIs.BETTER)
    assert finding.outcome in list(scio.read(tmp_path, WORDS))


def test_every_word_on_file_names_a_term_that_is_there() -> None:
    for (kind, word), (term, above) in scio._words().items():
        scheme = {"outcome": "domain"}.get(kind, kind)
        assert not term or (kind, term) in WORDS.terms, word
        assert not above or (scheme, above) in WORDS.terms, word


def test_an_unknown_therapy_becomes_a_term_of_its_own(tmp_path: Path) -> None:
    finding = one(tmp_path, compound="AlphaBetaX12")
    (term,) = (item for item in scio.read(tmp_path, WORDS) if isinstance(item, Term))
    assert (term.id, term.label, term.broader) == ("alpha-beta-x12", "alpha beta X12", ("pharmacological",))
    assert finding.arm.active == {term.id}


@pytest.mark.parametrize(
    ("injury", "device", "known"),
    [
        ("Compression", "AneurysmClip", "clip-compression"),
        ("Compression", "Forceps", "compression"),
        ("Contusion", "Forceps", "contusion"),
        ("AspirationLesion", "", "aspiration-lesion"),
    ],
)
def test_only_a_clip_makes_a_clip_compression(tmp_path: Path, injury: str, device: str, known: str) -> None:
    assert one(tmp_path, injury=injury, device=device).injury == known


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"paper": "1010461440"}, "'1010461440' is not a PubMed id"),
        ({"n_arm": "n = 0"}, "'n = 0' is not the size of a group"),
        ({"mean_arm": "about 11"}, "'about 11' is not a number"),
        ({"duration": "na"}, "'na' is not a delay"),
        ({"dosage": "0 undef"}, "'0 undef' is not a number and a known unit"),
        ({"dosage": "6 \u00ef\u00bf\u00bdl"}, "holds a character that was lost before"),
        ({"sex": "Hen"}, "'Hen' is not one of Female, Male, Mixed, Gender"),
    ],
)
def test_a_cell_that_cannot_be_read_is_reported_and_the_row_still_becomes_a_finding(
    tmp_path: Path, cells: dict[str, str], said: str
) -> None:
    one(tmp_path, **cells)
    assert any(said in line for line in unread(tmp_path))
    assert lost(tmp_path) == []


def test_a_time_of_outcome_before_the_treatment_is_left_out_and_reported(tmp_path: Path) -> None:
    write(tmp_path, "Kwon", {"duration": "4320 min"})
    (finding,) = found(write(tmp_path, "AccessDB", {**SHORT, "duration": "5 min"}))
    assert finding.measured_day is None
    assert any("'5 min' lies before the treatment" in line for line in unread(tmp_path))


def test_a_micro_sign_that_was_read_in_the_wrong_encoding_is_read_as_it_was_written(tmp_path: Path) -> None:
    given = one(tmp_path, dosage="190 \u00c2\u00b5mol/kg").arm.given[0]
    assert (given.dose, given.unit, given.dose_text) == (190, "umol/kg", "190 µmol/kg")


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"method": "BBBTests"}, "'BBBTests' is not a method of SCIO. Did you mean 'BBBTest'"),
        ({"model": "RatModle"}, "'RatModle' is not a species of SCIO. Did you mean 'RatModel'"),
        ({"injury": "Contusio"}, "'Contusio' is not an injury of SCIO. Did you mean 'Contusion'"),
        ({"trend": "Up"}, "'Up' is not one of Higher"),
        ({"judgement": "Good"}, "'Good' is not one of Positive, Neutral, Negative"),
        ({"trend": "None"}, "is None beside the judgement Positive"),
        ({"paper": ""}, "'' names no paper"),
        ({"compound": "", "treatment": ""}, "nothing was given"),
    ],
)
def test_a_row_that_cannot_become_a_finding_is_reported_with_file_row_and_column(
    tmp_path: Path, cells: dict[str, str], said: str
) -> None:
    (problem,) = lost(write(tmp_path, "Kwon", {}, cells))
    assert problem.startswith("Kwon_cleaned.csv, row 3, column ")
    assert said in problem
    assert len(found(tmp_path)) == 1


def test_a_short_line_a_wrong_header_and_an_empty_folder_are_reported(tmp_path: Path) -> None:
    assert "there is no row in" in lost(tmp_path)[0]
    file = write(tmp_path, "Kwon", {}) / "Kwon_cleaned.csv"
    file.write_bytes(file.read_bytes() + b"101\tBBBTest\n")
    assert lost(tmp_path) == [f"Kwon_cleaned.csv, row 3: has 2 cells, the header {len(scio.COLUMNS)}"]
    file.write_bytes(file.read_bytes().replace(b"PubMedID", b"PMID"))
    assert "Kwon_cleaned.csv, row 1, column PMID: 'PMID' is not a column of SCIO's results" in lost(tmp_path)


def test_the_source_is_registered(tmp_path: Path) -> None:
    assert list(sources.named("scio")(write(tmp_path, "Kwon", {}), WORDS)) == list(scio.read(tmp_path, WORDS))


def test_findings_come_back_from_the_graph_as_they_went_in(tmp_path: Path) -> None:
    write(tmp_path, "Kwon", {}, {"duration": "prior", "compound": "Alpha"})
    items = [item for item in scio.read(tmp_path, WORDS) if not isinstance(item, Problem)]
    store = Store.of(triples.write([*WORDS.terms.values(), *items], WORDS))
    back = [item for item in triples.read(store.triples()) if isinstance(item, Finding)]
    assert {(f.id, f.paper, f.arm, f.outcome.id, f.result, f.phase) for f in back} == {
        (f.id, f.paper, f.arm, f.outcome.id, f.result, f.phase) for f in found(tmp_path)
    }


@pytest.mark.skipif(not REAL, reason="KG_SCIO names no folder")
def test_nothing_of_the_144_papers_with_844_and_847_results_is_lost() -> None:
    items = list(scio.read(Path(REAL), WORDS))
    both = [item for item in items if isinstance(item, Finding)]
    findings = [item for item in both if not item.locator.startswith("papers/")]  # those are in test_scio_papers.py
    views = Counter(part.split("_")[0] for finding in findings for part in finding.locator.split("; "))
    assert len({finding.paper for finding in findings}) == 144
    assert len({finding.paper for finding in both}) == sum(isinstance(item, Paper) for item in items) == 144 + 26
    assert views == {"AccessDB": 844, "Kwon": 847}
    assert sum(finding.locator.count(";") for finding in findings) == 839
    assert len(findings) == 844 + 847 - 839
    assert Counter(str(finding.result) for finding in findings) == {
        "improved": 613,
        "no difference": 228,
        "worsened": 11,
    }
    assert not [item for item in items if isinstance(item, Problem)]
    assert not list(check.problems([item for item in items if not isinstance(item, Problem)]))
    assert list(scio.unread(Path(REAL), WORDS))
