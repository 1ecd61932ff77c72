from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from kg.document import Document, Passage, Section
from kg.errors import Problem
from kg.model import PaperKind
from kg.sources import plain

MARKDOWN = """# Alpha after *cord* injury ##

**Authors:** Akira Aoki, Beta B, Cora Z. Gamma

DOI: [10.5555/alpha.1](https://doi.org/10.5555/alpha.1) \u00b7 PMID: 12345678 \u00b7 Inventions \u00b7 2020-12-05

Free words before any heading.

## Abstract

**Background:** Cords are hurt. Methods: Rats got
`alpha` (see [the plan](https://example.org/plan_b)).

## 2. Results

### Animals

- _Alpha_ walked.
- Beta
  did not; 3 * 4 and snake_case_name stay.

| Group | Score |
|-------|-------|
| **alpha** | 12 |
| | 7 |

## Other words

More, PMC999.

---

## References

1. Others, doi:10.5555/other

Source: https://example.org/papers/PMC1234567
"""


def read(text: str | bytes, folder: Path, name: str = "some.md") -> Document | Problem:
    place = folder / name
    place.write_bytes(text if isinstance(text, bytes) else text.encode())
    (found,) = plain.read(place)
    assert isinstance(found, Document | Problem)
    return found


def document(text: str | bytes, folder: Path, name: str = "some.md") -> Document:
    found = read(text, folder, name)
    assert isinstance(found, Document), found
    return found


def test_markdown_is_read_with_title_identifiers_and_authors(tmp_path: Path) -> None:
    found = document(MARKDOWN, tmp_path)
    paper = found.paper
    assert (paper.id, paper.doi, paper.pmid, paper.pmcid) == (
        "pmid-12345678",
        "10.5555/alpha.1",
        "12345678",
        "PMC1234567",
    )
    assert (paper.title, paper.year) == ("Alpha after cord injury", 2020)
    assert (paper.first_author, paper.last_author) == ("Aoki A", "Gamma CZ")
    assert (found.source, found.place) == ("text", "some.md")


def test_markdown_is_cut_at_its_headings_and_freed_of_its_marks(tmp_path: Path) -> None:
    assert document(MARKDOWN, tmp_path).passages[1:] == (
        Passage(Section.BODY, "Free words before any heading."),
        Passage(Section.BACKGROUND, "Cords are hurt.", "Background"),
        Passage(Section.METHODS, "Rats got alpha (see the plan).", "Methods"),
        Passage(Section.RESULTS, "Alpha walked.", "Animals"),
        Passage(Section.RESULTS, "Beta did not; 3 * 4 and snake_case_name stay.", "Animals"),
        Passage(Section.TABLE, "Group | Score\nalpha | 12\n | 7", "Animals"),
        Passage(Section.BODY, "More, PMC999.", "Other words"),
    )


def test_plain_text_is_cut_at_lines_that_are_headings(tmp_path: Path) -> None:
    front = "Alpha helps\nhttps://pubmed.ncbi.nlm.nih.gov/123/\n\n"
    text = front + "ABSTRACT\nAlpha *was* given.\n\n1. Methods:\nRats.\n\nREFERENCES\nx"
    found = document(text, tmp_path, "some.txt")
    assert found.paper.pmid == "123"
    assert found.passages == (
        Passage(Section.TITLE, "Alpha helps"),
        Passage(Section.ABSTRACT, "Alpha *was* given.", "ABSTRACT"),
        Passage(Section.METHODS, "Rats.", "1. Methods:"),
    )


def test_headings_may_be_underlined(tmp_path: Path) -> None:
    text = "Alpha helps\n===========\n\nGiving alpha\n---\nRats.\n\nResults\n=======\nBetter.\n"
    assert [(part.section, part.heading) for part in document(text, tmp_path).passages] == [
        (Section.TITLE, ""),
        (Section.BODY, "Giving alpha"),
        (Section.RESULTS, "Results"),
    ]


@pytest.mark.parametrize(
    ("line", "ids"),
    [
        ("doi:10.5555/a(1).b, 2020", ("10.5555/a(1).b", "", "")),
        ("DOI 10.5555/alpha.", ("10.5555/alpha", "", "")),
        ("https://dx.doi.org/10.5555/alpha)", ("10.5555/alpha", "", "")),
        ("PMID: 123", ("", "123", "")),
        ("https://www.ncbi.nlm.nih.gov/pubmed/123", ("", "123", "")),
        ("https://pmc.ncbi.nlm.nih.gov/articles/PMC77/", ("", "", "PMC77")),
        ("the ratio 10.5555/2 is no name", ("", "", "")),
    ],
)
def test_identifiers_are_found_as_they_are_written(line: str, ids: tuple[str, str, str], tmp_path: Path) -> None:
    paper = document(f"Alpha\n\n{line}\n", tmp_path).paper
    assert (paper.doi, paper.pmid, paper.pmcid) == ids


def test_identifiers_far_down_are_those_of_others(tmp_path: Path) -> None:
    found = document("Alpha\n" + "words\n" * 40 + "doi:10.5555/other\n", tmp_path, "my notes.txt")
    assert (found.paper.doi, found.paper.id) == ("", "text-my-notes")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Alpha helps\n\nAbstract\n\nWe gave alpha.", PaperKind.PRIMARY),
        ("Alpha: a review", PaperKind.REVIEW),
        ("Alpha\n\nAbstract\n\nIn this review, we weigh alpha.", PaperKind.REVIEW),
        ("Alpha: systematic review and meta-analysis", PaperKind.META_ANALYSIS),
    ],
)
def test_a_review_is_told_by_its_words(text: str, kind: PaperKind, tmp_path: Path) -> None:
    assert document(text, tmp_path).paper.kind is kind


@pytest.mark.parametrize(
    "data", [b"\xef\xbb\xbf" + MARKDOWN.replace("\n", "\r\n").encode(), gzip.compress(MARKDOWN.encode())]
)
def test_marks_of_order_line_ends_and_packing_change_nothing(data: bytes, tmp_path: Path) -> None:
    assert document(data, tmp_path, "some.md.gz") == document(MARKDOWN, tmp_path, "some.md.gz")


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "is empty"),
        (b" \n\n ", "holds no text"),
        ("caf\u00e9".encode("latin-1"), "is not UTF-8 (byte 3). Save it as UTF-8"),
        ("Alpha".encode("utf-16"), "is not UTF-8"),
        ("Alpha".encode("utf-16-le"), "holds NUL characters"),
        (b"x" * 64_000_001, "is larger than 64 MB"),
        (gzip.compress(MARKDOWN.encode())[:-20], "the gzip file is cut off"),
    ],
)
def test_what_cannot_be_read_is_one_clear_sentence(data: bytes, problem: str, tmp_path: Path) -> None:
    found = read(data, tmp_path)
    assert isinstance(found, Problem)
    assert problem in str(found)


@pytest.mark.parametrize(
    "line", ["# " + " " * 200_000 + "x", "-" * 200_000 + "x", "*a" * 100_000, "[" * 200_000, "| " * 100_000]
)
def test_a_hostile_line_takes_no_longer_than_another(line: str, tmp_path: Path) -> None:
    assert document(f"Alpha\n\n{line}\n", tmp_path).paper.title


def test_the_review_that_seeded_this_is_read(tmp_path: Path) -> None:
    """Its layout, with invented words."""
    text = """# Alpha for cord injury: advances

**Authors:** Akira Aoki, Beta Beta

PMC \u00b7 DOI: 10.5555/alpha/one \u00b7 Inventions \u00b7 2026-01-09

## TL;DR

This paper reviews alpha.

## Abstract

Cords are hurt. In this review, we weigh alpha.

## Linked entities

- **Diseases:** spinal cord injury (MONDO:0043797)

---
Source: https://example.org/paper/PMC77"""
    found = document(text, tmp_path)
    assert (found.paper.id, found.paper.doi, found.paper.year) == ("pmcid-pmc77", "10.5555/alpha/one", 2026)
    assert found.paper.kind is PaperKind.REVIEW
    assert found.passages[1:] == (
        Passage(Section.BODY, "This paper reviews alpha.", "TL;DR"),
        Passage(Section.ABSTRACT, "Cords are hurt. In this review, we weigh alpha.", "Abstract"),
        Passage(Section.BODY, "Diseases: spinal cord injury (MONDO:0043797)", "Linked entities"),
    )
