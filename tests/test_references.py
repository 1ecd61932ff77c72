from __future__ import annotations

import json
import re

import bibtexparser
import jsonschema
import pytest
import rispy
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import UnknownName
from kg.store import Row, Store
from kg.views.exports import references

PAPER: Row = {
    "id": "aoki2001", "title": "Alpha & beta: 50% of {rats} in C_4~6", "first_author": "de la Aoki A",
    "last_author": "Baba BC", "journal": "Spine & Cord", "year": 2001, "doi": "10.1000/a_b<1>", "pmid": "123",
    "pmcid": "PMC9", "status": "retracted", "kind": "primary", "url": "https://example.org/a?b=1&c=%20x_y",
}  # fmt: skip
NASTY = st.text(st.sampled_from("aZ09 \\{}$&#%_^~\"',@=|\n\t\r-\u00e4\u4e2d\U0001f9e0<>"), max_size=12)
PAPERS = st.fixed_dictionaries(
    {name: st.none() | NASTY for name in PAPER if name not in ("id", "year", "kind", "status")}
    | {"id": st.from_regex(r"[a-z]{1,5}[0-9]{4}", fullmatch=True), "year": st.none() | st.integers(1900, 2100)}
    | {"kind": st.sampled_from(["primary", "preprint", "review"]), "status": st.sampled_from(["ok", "corrected"])}
)
TEX = {
    r"\textbackslash{}": "\\", r"\textbraceleft{}": "{", r"\textbraceright{}": "}", r"\textasciitilde{}": "~",
    r"\textasciicircum{}": "^",
} | {f"\\{sign}": sign for sign in "$&#%_"}  # fmt: skip
STRING = {"type": "string"}
CSL = {  # of https://resource.citationstyles.org/schema/latest/input/json/csl-data.json, the fields used
    "type": "array",
    "items": {
        "type": "object",
        "required": ["id", "type"],
        "additionalProperties": False,
        "properties": dict.fromkeys(["id", "title", "container-title", "DOI", "PMID", "PMCID", "URL", "note"], STRING)
        | {"type": {"enum": ["article", "article-journal"]}}
        | {
            "author": {
                "type": "array",
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": dict.fromkeys(["family", "given", "literal"], STRING),
                },
            },
            "issued": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "date-parts": {
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 2,
                        "items": {"type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "integer"}},
                    }
                },
            },
        },
    },
}


def bib(*papers: Row) -> list[bibtexparser.model.Entry]:
    library = bibtexparser.parse_string(references.text(papers, "bib"))
    assert not library.failed_blocks
    return library.entries


def field(entry: bibtexparser.model.Entry, name: str) -> str | None:
    """A field without its braces and escapes."""
    if name not in entry.fields_dict:
        return None
    value = re.sub(r"^\{(.*)\}$", r"\1", entry[name])
    return re.sub("|".join(map(re.escape, TEX)), lambda found: TEX[found[0]], value)


def said(paper: Row, name: str) -> str | None:
    text = "" if paper[name] is None else " ".join(str(paper[name]).split())
    return text or None


def ris(*papers: Row) -> list[dict[str, object]]:
    return rispy.loads(references.text(papers, "ris"))


def csl(*papers: Row) -> list[dict[str, object]]:
    items = json.loads(references.text(papers, "csl"))
    jsonschema.validate(items, CSL)
    return items


def test_a_bibtex_entry_is_read_as_it_was_meant() -> None:
    (entry,) = bib(PAPER)
    assert (entry.entry_type, entry.key) == ("article", "aoki2001")
    told = {name: field(entry, name) for name in ("title", "journal", "year")}
    assert told == {"title": PAPER["title"], "journal": "Spine & Cord", "year": "2001"}
    assert entry["author"] == "de la Aoki, A and others"
    assert (entry["doi"], entry["pmid"], entry["url"]) == (PAPER["doi"], "123", PAPER["url"])
    assert field(entry, "note") == "Only the first and last author known here. Last author: Baba BC. Retracted"


def test_every_form_has_the_same_papers(shipped: Store) -> None:
    papers = references.papers(shipped)
    ids = [paper["id"] for paper in papers]
    assert ids == sorted(set(ids)) != []
    assert [entry.key for entry in bib(*papers)] == ids
    assert [entry["id"] for entry in ris(*papers)] == ids
    assert [item["id"] for item in csl(*papers)] == ids


def test_titles_of_the_shipped_papers_survive_every_form(shipped: Store) -> None:
    papers = references.papers(shipped)
    titles = [said(paper, "title") for paper in papers]
    assert [field(entry, "title") for entry in bib(*papers)] == titles
    assert [entry.get("title") for entry in ris(*papers)] == titles
    assert [item.get("title") for item in csl(*papers)] == titles


def test_ris_is_read_as_it_was_meant() -> None:
    (entry,) = ris(PAPER)
    assert entry["type_of_reference"] == "JOUR"
    assert entry["authors"] == ["de la Aoki, A", "Baba, BC"]
    assert (entry["title"], entry["secondary_title"], entry["year"]) == (PAPER["title"], "Spine & Cord", "2001")
    assert (entry["doi"], entry["accession_number"], entry["id"]) == (PAPER["doi"], "123", "aoki2001")
    assert entry["urls"] == [PAPER["url"]]


def test_ris_lines_end_as_its_specification_says() -> None:
    text = references.text([PAPER, PAPER], "ris")
    lines = text.split("\r\n")
    assert "\n" not in "".join(lines)
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]  - .*", line) for line in lines if line)
    assert text.startswith("TY  - ")
    assert text.count("ER  - \r\n") == 2


def test_csl_is_read_as_it_was_meant() -> None:
    (item,) = csl(PAPER)
    assert item["author"] == [{"family": "de la Aoki", "given": "A"}, {"family": "Baba", "given": "BC"}]
    assert (item["issued"], item["DOI"], item["PMID"]) == ({"date-parts": [[2001]]}, PAPER["doi"], "123")


@pytest.mark.parametrize(
    "first, last, author, note",
    [
        ("Aoki A", "Aoki A", "Aoki, A", ""),
        ("Aoki", None, "Aoki and others", "Only the first author known here"),
        (None, "Baba BC", "Baba, BC and others", "Only the last author known here. Last author: Baba BC"),
        (None, None, None, ""),
        ("Sand and Gravel Group", None, "{Sand and Gravel Group} and others", "Only the first author known here"),
    ],
)
def test_what_is_known_of_the_authors_is_said(first: str, last: str, author: str, note: str) -> None:
    (entry,) = bib(PAPER | {"first_author": first, "last_author": last, "status": "ok"})
    assert (entry.fields_dict["author"].value if "author" in entry.fields_dict else None) == author
    assert (field(entry, "note") or "") == note


def test_a_preprint_is_no_article_of_a_journal() -> None:
    paper = PAPER | {"kind": "preprint"}
    kinds = bib(paper)[0].entry_type, ris(paper)[0]["type_of_reference"], csl(paper)[0]["type"]
    assert kinds == ("misc", "UNPB", "article")


def test_the_papers_are_those_of_the_findings(tiny: Store) -> None:
    assert [row["id"] for row in references.papers(tiny, {"aoki2001-01", "baba2002-02"})] == ["aoki2001", "baba2002"]
    assert references.papers(tiny, set()) == []
    assert set(references.papers(tiny)[0]) == set(PAPER)


def test_a_retracted_paper_is_left_out_unless_its_finding_is_asked_for(tiny: Store) -> None:
    assert "cato2003" not in {row["id"] for row in references.papers(tiny)}
    (row,) = references.papers(tiny, {"cato2003-01"})
    assert "Retracted" in references.text([row], "bib")


def test_an_unknown_form_comes_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'ris'"):
        references.text([PAPER], "riss")


@pytest.mark.parametrize("form, text", [("bib", ""), ("ris", ""), ("csl", "[]\n")])
def test_no_papers_are_an_empty_list(form: str, text: str) -> None:
    assert references.text([], form) == text


@given(PAPERS)
def test_any_text_is_read_as_it_was_written(paper: Row) -> None:
    (entry,), (record,), (item,) = bib(paper), ris(paper), csl(paper)
    title, journal = said(paper, "title"), said(paper, "journal")
    assert (field(entry, "title"), field(entry, "journal")) == (title, journal)
    bare = re.sub("|".join(map(re.escape, TEX)), "", entry["journal"] if journal else "")
    assert not set(bare) & set("\\{}$&#%_^~")
    assert (record.get("title"), record.get("secondary_title")) == (title, journal)
    assert (item.get("title"), item.get("container-title"), item.get("DOI")) == (title, journal, said(paper, "doi"))
