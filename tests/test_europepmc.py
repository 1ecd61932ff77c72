from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from kg.document import Document, Notice, Passage, Section
from kg.errors import KgError, Problem
from kg.model import PaperKind, PaperStatus
from kg.sources import europepmc
from kg.sources.literature import Read

RESULT: dict[str, Any] = {
    "id": "12345678",
    "source": "MED",
    "pmid": "12345678",
    "pmcid": "PMC1234567",
    "doi": "10.5555/alpha.1",
    "title": "Alpha after <i>cord</i> injury &amp; rest.",
    "authorList": {"author": [{"fullName": "Aoki A"}, {"fullName": "Beta B"}, {"collectiveName": "Cord Group"}]},
    "journalInfo": {"journal": {"title": "Journal of Invention"}},
    "pubYear": "2021",
    "firstPublicationDate": "2020-12-05",
    "dateOfRevision": "2024-02-03",
    "language": "eng",
    "pubTypeList": {"pubType": ["research-article", "Journal Article"]},
    "abstractText": "<h4>Background</h4>Cords are hurt. "
    "<h4>Methods </h4><p>10<sup>6</sup> cells, p &lt; 0.05 or p<0.01.</p>"
    "<h4>Conclusions:</h4>It <b>helps</b>.",
}


def answer(*results: Any, **more: Any) -> dict[str, Any]:
    return {"version": "6.9", "hitCount": len(results), "resultList": {"result": list(results)}, **more}


def read(value: Any, folder: Path, name: str = "some.json") -> list[Read]:
    place = folder / name
    place.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
    return list(europepmc.read(place))


def document(value: Any, folder: Path) -> Document:
    (found,) = read(value, folder)
    assert isinstance(found, Document), found
    return found


def said(found: list[Read]) -> list[str]:
    return [str(item) for item in found if isinstance(item, Problem)]


def test_a_result_is_read_with_everything_that_it_tells(tmp_path: Path) -> None:
    found = document(answer(RESULT), tmp_path)
    paper = found.paper
    assert (paper.id, paper.doi, paper.pmcid, paper.year) == ("pmid-12345678", "10.5555/alpha.1", "PMC1234567", 2020)
    assert (paper.title, paper.journal) == ("Alpha after cord injury & rest.", "Journal of Invention")
    assert (paper.first_author, paper.last_author) == ("Aoki A", "Cord Group")
    assert (found.source, found.place, found.date, found.language) == (
        "europepmc",
        "some.json, entry 1",
        "2024-02-03",
        "eng",
    )


def test_an_abstract_is_cut_at_its_headings_and_freed_of_its_tags(tmp_path: Path) -> None:
    assert document(answer(RESULT), tmp_path).passages[1:] == (
        Passage(Section.BACKGROUND, "Cords are hurt.", "Background"),
        Passage(Section.METHODS, "10^6 cells, p < 0.05 or p<0.01.", "Methods"),
        Passage(Section.CONCLUSIONS, "It helps.", "Conclusions"),
    )


def test_an_abstract_without_headings_is_cut_at_its_labels(tmp_path: Path) -> None:
    found = document(RESULT | {"abstractText": "OBJECTIVE: To help. RESULTS: It did."}, tmp_path)
    assert [(part.section, part.text) for part in found.passages[1:]] == [
        (Section.BACKGROUND, "To help."),
        (Section.RESULTS, "It did."),
    ]


@pytest.mark.parametrize(
    "written",
    [
        RESULT,
        [RESULT],
        {"hitCount": 1, "result": RESULT},
        json.dumps(answer(RESULT), indent=1).encode(),
        gzip.compress(json.dumps(RESULT).encode()),
        b"\xef\xbb\xbf" + json.dumps(RESULT).encode() + b"\r\n\r\n",
    ],
)
def test_results_are_read_however_they_are_wrapped(written: Any, tmp_path: Path) -> None:
    assert document(written, tmp_path).paper.pmid == "12345678"


def test_a_broken_line_stops_none_of_the_others(tmp_path: Path) -> None:
    second = RESULT | {"pmid": "2"}
    lines = [json.dumps(RESULT), '{"title": ', "", json.dumps(second), "[]", json.dumps(answer()), '"alpha"']
    found = read("\n".join(lines).encode(), tmp_path, "some.jsonl")
    assert [item.paper.pmid for item in found if isinstance(item, Document)] == ["12345678", "2"]
    assert said(found)[0].startswith("some.jsonl, row 2: is not JSON")
    assert said(found)[1:] == ["some.jsonl, row 4, column title: the result has no title: it is skipped"]


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({}, PaperKind.PRIMARY),
        ({"source": "PPR"}, PaperKind.PREPRINT),
        ({"pubTypeList": {"pubType": ["review-article", "Review"]}}, PaperKind.REVIEW),
        ({"pubTypeList": {"pubType": ["Systematic Review"]}}, PaperKind.META_ANALYSIS),
    ],
)
def test_the_kind_of_a_paper_is_its_type_or_source(changed: dict[str, Any], kind: PaperKind, tmp_path: Path) -> None:
    assert document(RESULT | changed, tmp_path).paper.kind is kind


def linked(*links: tuple[str, str]) -> dict[str, Any]:
    return {"commentCorrectionList": {"commentCorrection": [{"type": t, "id": id, "source": "MED"} for t, id in links]}}


def test_a_paper_with_an_erratum_and_a_retraction_is_retracted(tmp_path: Path) -> None:
    found = document(RESULT | linked(("Comment in", "5"), ("Erratum in", "6"), ("Retraction in", "7")), tmp_path)
    assert found.paper.status is PaperStatus.RETRACTED
    assert found.notices == (
        Notice(PaperStatus.CORRECTED, "10.5555/alpha.1", "12345678", by_pmid="6"),
        Notice(PaperStatus.RETRACTED, "10.5555/alpha.1", "12345678", by_pmid="7"),
    )


def test_a_retracted_publication_is_retracted_though_no_notice_is_linked(tmp_path: Path) -> None:
    types = {"pubTypeList": {"pubType": ["Journal Article", "Retracted Publication"]}}
    assert document(RESULT | types, tmp_path).paper.status is PaperStatus.RETRACTED


def test_a_retraction_is_a_notice_of_another_paper_and_no_document(tmp_path: Path) -> None:
    notice = {"pubTypeList": {"pubType": ["Retraction of Publication"]}, "title": "Retraction", "pmid": "9", "doi": ""}
    assert read(RESULT | notice | linked(("Retraction of", "12345678")), tmp_path) == [
        Notice(PaperStatus.RETRACTED, pmid="12345678", by_pmid="9", date="2024-02-03", note="Retraction")
    ]
    assert said(read(RESULT | notice, tmp_path)) == [
        "some.json, row 1, column commentCorrectionList: this notice names no PubMed id of what it is of; skipped"
    ]


@pytest.mark.parametrize(
    "odd",
    [
        {"authorList": [], "authorString": "Aoki A, Beta B."},
        {"authorList": {"author": "Aoki A"}, "journalInfo": "none", "pubYear": "soon", "pubTypeList": None},
        {"abstractText": None, "commentCorrectionList": {"commentCorrection": ["Erratum in", {"type": 5}]}},
        {"abstractText": "a\x00b\x01c\ud800d", "language": ["eng"], "pmid": 12345678},
    ],
)
def test_fields_of_another_shape_are_passed_over(odd: dict[str, Any], tmp_path: Path) -> None:
    found = document(RESULT | odd, tmp_path)
    assert found.paper.pmid == "12345678"
    assert found.text.encode().isascii()


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "is empty"),
        (b"[]", "holds no results"),
        (answer(), "holds no results"),
        (b"<!doctype html><html>busy</html>", "is an HTML page, not JSON"),
        (b"{", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        ('{"title": "caf\u00e9"}'.encode("latin-1"), "is not UTF-8"),
        ({"errCode": 404, "errMsg": "Not found"}, "the service said: 'Not found'"),
        ({"title": "\0"}, "the result has no title"),
        (gzip.compress(json.dumps(answer(RESULT)).encode())[:-20], "the gzip file is cut off"),
    ],
)
def test_what_cannot_be_read_is_one_clear_sentence(data: Any, problem: str, tmp_path: Path) -> None:
    found = read(data, tmp_path)
    assert len(found) == 1
    assert problem in said(found)[0]


class Web:
    """Answers one after another, and what was asked."""

    def __init__(self, *answers: Any) -> None:
        self.answers, self.asked = list(answers), []  # type: ignore[var-annotated]

    def get(self, url: str, params: Mapping[str, str]) -> bytes:
        self.asked.append((url, dict(params)))
        told = self.answers.pop(0)
        return told if isinstance(told, bytes) else json.dumps(told).encode()


def test_a_search_goes_from_page_to_page_and_ends_with_the_last() -> None:
    pages = [answer(RESULT | {"pmid": str(n)}, nextCursorMark=mark) for n, mark in enumerate("abb")]
    web = Web(*pages)
    found = list(europepmc.search("alpha", web, url="https://example.org/rest"))
    assert [item.paper.pmid for item in found if isinstance(item, Document)] == ["0", "1", "2"]
    assert [item.place for item in found if isinstance(item, Document)][2] == "Europe PMC, entry 3"
    assert [(url, asked["cursorMark"]) for url, asked in web.asked] == [
        ("https://example.org/rest/search", mark) for mark in "*ab"
    ]
    assert web.asked[0][1] | {"cursorMark": ""} == {
        "query": "alpha",
        "resultType": "core",
        "format": "json",
        "pageSize": str(europepmc.PAGE),
        "cursorMark": "",
    }


def test_a_search_asks_for_what_changed_between_two_days() -> None:
    web = Web(answer(nextCursorMark="a"))
    assert list(europepmc.search("alpha OR beta", web, "2026-01-01", "2026-02-01")) == []
    assert web.asked[0][1]["query"] == "(alpha OR beta) AND UPDATE_DATE:[2026-01-01 TO 2026-02-01]"
    with pytest.raises(KgError, match="'soon' is not a day"):
        list(europepmc.search("alpha", web, "soon"))


def test_a_page_that_is_an_error_ends_a_search_with_a_sentence() -> None:
    web = Web(answer(RESULT, nextCursorMark="a"), b"oops")
    found = europepmc.search("alpha", web)
    assert isinstance(next(found), Document)
    with pytest.raises(KgError, match="Europe PMC"):
        next(found)


def test_a_full_text_is_read_by_its_pmc_id() -> None:
    text = b"<article><front><article-meta/></front><body><p>Alpha helped.</p></body></article>"
    web = Web(text)
    (found,) = europepmc.full_text("PMC77", web, "https://example.org/rest")
    assert isinstance(found, Document)
    assert found.text == "Alpha helped."
    assert web.asked == [("https://example.org/rest/PMC77/fullTextXML", {})]
    with pytest.raises(KgError, match="is not a PMC id"):
        list(europepmc.full_text("../77", web))
