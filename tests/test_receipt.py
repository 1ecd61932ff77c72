from __future__ import annotations

import pytest

from kg.errors import KgError, UnknownName
from kg.store import Store
from kg.views import receipt


def told(store: Store, id: str) -> list[tuple[str, str, str]]:
    return [(str(row["about"]), str(row["property"]), str(row["value"])) for row in receipt.lines(store, id)]


def test_the_receipt_of_a_finding_says_what_was_seen_where_and_by_whom(tiny: Store) -> None:
    lines = told(tiny, "aoki2001-01")
    assert {
        ("", "result", "improved"),
        ("", "direction", "increased"),
        ("", "locator", "Fig. 3B"),
        ("", "pValue", "<0.05"),
        ("", "quote", "alpha walked further"),
        ("", "curator", "ada"),
        ("", "status", "reviewed"),
        ("", "treatmentDay", "28.0"),
        ("paper", "title", 'Alpha, "beta" and the cord'),
        ("paper", "doi", "10.1000/Aoki.(2001)1:2;3"),
        ("", "sourceRow", "findings/aoki.csv, row 2"),
    } <= {(about, name, value if name != "treatmentDay" else f"{float(value):.1f}") for about, name, value in lines}


def test_the_receipt_of_a_finding_has_a_line_for_everything_given(tiny: Store) -> None:
    given = [(about, value) for about, name, value in told(tiny, "aoki2001-02") if name == "given"]
    assert given == [
        ("arm", "alpha, active, order 1, day 28, 2.50 mg per kg, oral"),
        ("arm", "beta, active, order 2, day 30.5 to 44, intraspinal"),
        ("comparator", "alpha, active, day 28, 2.50 mg per kg, oral"),
    ]


def test_the_receipt_of_a_finding_out_of_force_is_still_there_and_says_so(tiny: Store) -> None:
    assert ("paper", "paperStatus", "retracted") in told(tiny, "cato2003-01")
    assert ("", "inForce", "false") in told(tiny, "cato2003-01")


@pytest.mark.parametrize(
    "key",
    ["aoki2001", "10.1000/Aoki.(2001)1:2;3", "10.1000/AOKI.(2001)1:2;3", "https://doi.org/10.1000/aoki.(2001)1:2;3"],
)
def test_a_paper_is_found_by_key_or_doi_in_any_case(key: str, tiny: Store) -> None:
    assert sum(about == "finding" for about, _, _ in told(tiny, key)) == 5


@pytest.mark.parametrize("key, paper", [("20020002", "baba2002"), ("PMC5005", "eda2005"), ("pmc5005", "eda2005")])
def test_a_paper_is_found_by_its_pubmed_or_pmc_id(key: str, paper: str, tiny: Store) -> None:
    assert ("", "identifier", paper) in told(tiny, key)


@pytest.mark.parametrize(
    "word", ["alpha", "AL", "Alpha Protein", "therapy/alpha", "https://w3id.org/cordgraph/therapy/alpha"]
)
def test_a_therapy_is_found_by_its_names_with_its_findings_and_trials(word: str, tiny: Store) -> None:
    lines = told(tiny, word)
    assert ("trial", "NCT00000001", "NCT00000001: Alpha for the chronic cord") in lines
    assert any(
        name == "no difference" and value.startswith("baba2002-02: ")
        for about, name, value in lines
        if about == "finding"
    )


@pytest.mark.parametrize("word", ["alpha + beta", "beta + AL", "alpha--beta", "combination/alpha--beta"])
def test_a_combination_is_found_in_any_order(word: str, tiny: Store) -> None:
    results = sorted(name for about, name, _ in told(tiny, word) if about == "finding")
    assert results == ["improved", "no difference", "worsened"]


def test_a_trial_is_found_by_its_registry_id(tiny: Store) -> None:
    assert {("", "trialPhase", "I/II"), ("", "result", "improved"), ("", "summary", "walked further")} <= set(
        told(tiny, "NCT00000001")
    )


@pytest.mark.parametrize("word", ["mouse", "walking score", "chronic", "scar tissue", "contusion"])
def test_any_term_has_a_receipt(word: str, tiny: Store) -> None:
    assert told(tiny, word)


def test_a_combination_that_nobody_gave_is_said(tiny: Store) -> None:
    with pytest.raises(KgError, match="no arm or trial here gives 'alpha \\+ gamma' together"):
        receipt.lines(tiny, "alpha + gamma")


def test_an_unknown_key_comes_with_the_nearest_one(tiny: Store) -> None:
    with pytest.raises(UnknownName, match=r"'aoki2011' is not a .* Did you mean 'aoki2001'"):
        receipt.lines(tiny, "aoki2011")


HOSTILE = [
    'x" } #',
    "x' } #",
    "x> } #",
    "x\\",
    'x\\" } #',
    "x\\u0022 } #",
    "x\n} #",
    "x\0",
    "x" * 1_000_000,
    "\u202ex",
    "{node}",
    "{",
    "%s",
    "",
    " ",
    "x\ud800",
    "../../etc/passwd",
    "therapy/../finding",
    "a + b + ",
    "--",
    "<x:a>",
    "?node",
    "therapy/",
    "x\\u0041",
]


@pytest.mark.parametrize("id", HOSTILE, ids=lambda key: repr(key[:12]))
def test_a_hostile_key_is_an_unknown_one(id: str, tiny: Store) -> None:
    with pytest.raises(UnknownName) as told:
        receipt.lines(tiny, id)
    assert len(str(told.value)) < 400
    assert "\n" not in str(told.value)


def test_the_receipt_of_a_finding_says_what_a_second_reader_saw(tiny: Store) -> None:
    assert ("read again", "2026-11-23", "grace, severity: first moderate, second severe, settled as severe") in told(
        tiny, "aoki2001-01"
    )
    assert ("read again", "2026-11-23", "grace: the same everywhere") in told(tiny, "aoki2001-02")
