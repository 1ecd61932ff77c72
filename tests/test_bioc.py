from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.document import Document, Passage, Section
from kg.errors import Problem
from kg.model import PaperKind
from kg.sources import bioc
from kg.sources.literature import Read


def passage(type: str, text: str, section: str = "", **infons: str) -> dict[str, Any]:
    told = {"type": type, **({"section_type": section} if section else {}), **infons}
    return {"offset": 0, "infons": told, "text": text, "sentences": [], "annotations": [{"text": "alpha"}]}


FRONT = passage(
    "front",
    "Alpha after cord injury",
    "TITLE",
    **{
        "article-id_doi": "10.5555/alpha.1",
        "article-id_pmid": "12345678",
        "article-id_pmc": "1234567",
        "name_0": "surname:Aoki;given-names:Akira B.",
        "name_1": "surname:Beta;given-names:C",
        "year": "2020",
    },
)
FULL: dict[str, Any] = {
    "id": "PMC1234567",
    "infons": {"license": "CC BY"},
    "passages": [
        FRONT,
        passage("abstract_title_1", "Methods", "ABSTRACT"),
        passage("abstract", "Rats got alpha.", "ABSTRACT"),
        passage("title", "Introduction", "INTRO"),
        passage("paragraph", "Cords are hurt.", "INTRO"),
        passage("title_1", "Results and more", "RESULTS"),
        passage("title_2", "Animals", "RESULTS"),
        passage("paragraph", "Rats walked.", "RESULTS"),
        passage("fig_title_caption", "Walking, n = 8.", "FIG", id="F1"),
        passage("table_title_caption", "Scores", "TABLE", id="T1"),
        passage(
            "table",
            "Group\tScore\talpha\t12\t",
            "TABLE",
            id="T1",
            xml="<table><tr><th>Group</th><th>Score</th></tr><tr><td>alpha</td><td>12</td></tr></table>",
        ),
        passage("table", "beta\t7\ngamma\t8", "TABLE", id="T2", xml="<table><tr>"),
        passage("title_1", "Alpha in time", "CASE"),
        passage("paragraph", "Later.", "CASE"),
        passage("paragraph", "We thank.", "ACK_FUND"),
        passage("ref", "Others 2001", "REF"),
    ],
}
PUBTATOR: dict[str, Any] = {
    "_id": "12345678|None",
    "id": "12345678",
    "infons": {},
    "pmid": 12345678,
    "pmcid": None,
    "date": "2020-08-01T00:00:00Z",
    "journal": "J Inv",
    "authors": ["Aoki A", "Beta B"],
    "passages": [
        passage("title", "Alpha after cord injury.", journal="J Inv; 2020 Aug;1(2)3. doi: 10.5555/alpha.1"),
        passage("abstract", "BACKGROUND: Cords are hurt. RESULTS: Rats walked."),
    ],
}


def collection(*documents: Any) -> dict[str, Any]:
    return {"source": "PMC", "date": "20260101", "key": "pmc.key", "infons": {}, "documents": list(documents)}


def xml(*documents: dict[str, Any]) -> str:
    def infons(told: dict[str, str]) -> str:
        return "".join(f"<infon key={quoteattr(key)}>{escape(text)}</infon>" for key, text in told.items())

    def written(told: dict[str, Any]) -> str:
        parts = "".join(
            f"<passage>{infons(part['infons'])}<offset>0</offset><text>{escape(part['text'])}</text></passage>"
            for part in told["passages"]
        )
        return f"<document><id>{told['id']}</id>{infons(told['infons'])}{parts}</document>"

    return f"<collection><source>PMC</source><date/><key/>{''.join(map(written, documents))}</collection>"


def read(value: Any, folder: Path, name: str = "some.json") -> list[Read]:
    place = folder / name
    data = value if isinstance(value, str | bytes) else json.dumps(value)
    place.write_bytes(data if isinstance(data, bytes) else data.encode())
    return list(bioc.read(place))


def document(value: Any, folder: Path) -> Document:
    (found,) = read(value, folder)
    assert isinstance(found, Document), found
    return found


def said(found: list[Read]) -> list[str]:
    return [str(item) for item in found if isinstance(item, Problem)]


@pytest.mark.parametrize("written", [[collection(FULL)], collection(FULL), FULL, xml(FULL)])
def test_a_full_text_is_read_from_json_and_xml_alike(written: Any, tmp_path: Path) -> None:
    found = document(written, tmp_path)
    paper = found.paper
    assert (paper.id, paper.doi, paper.pmcid, paper.year) == ("pmid-12345678", "10.5555/alpha.1", "PMC1234567", 2020)
    assert (paper.title, paper.first_author, paper.last_author) == ("Alpha after cord injury", "Aoki AB", "Beta C")
    assert (found.source, found.place) == ("bioc", "some.json, entry 1")
    assert found.passages == (
        Passage(Section.TITLE, "Alpha after cord injury"),
        Passage(Section.METHODS, "Rats got alpha.", "Methods"),
        Passage(Section.BACKGROUND, "Cords are hurt.", "Introduction"),
        Passage(Section.RESULTS, "Rats walked.", "Animals"),
        Passage(Section.CAPTION, "Walking, n = 8.", "F1"),
        Passage(Section.TABLE, "Scores", "T1"),
        Passage(Section.TABLE, "Group | Score\nalpha | 12", "T1"),
        Passage(Section.TABLE, "beta | 7\ngamma | 8", "T2"),
        Passage(Section.BODY, "Later.", "Alpha in time"),
    )


LINE = json.dumps(PUBTATOR)


@pytest.mark.parametrize("written", [{"PubTator3": [PUBTATOR]}, PUBTATOR, f"{LINE}\n\n", gzip.compress(LINE.encode())])
def test_an_export_of_pubtator_is_read_with_its_labelled_abstract(written: Any, tmp_path: Path) -> None:
    found = document(written, tmp_path)
    paper = found.paper
    assert (paper.id, paper.doi, paper.journal, paper.year) == ("pmid-12345678", "10.5555/alpha.1", "J Inv", 2020)
    assert (paper.first_author, paper.last_author) == ("Aoki A", "Beta B")
    assert found.passages == (
        Passage(Section.TITLE, "Alpha after cord injury."),
        Passage(Section.BACKGROUND, "Cords are hurt.", "BACKGROUND"),
        Passage(Section.RESULTS, "Rats walked.", "RESULTS"),
    )


@pytest.mark.parametrize(
    ("id", "infons", "key"),
    [
        ("12345678", {}, "pmid-12345678"),
        ("PMC77", {}, "pmcid-pmc77"),
        ("77", {"article-id_pmc": "77"}, "pmcid-pmc77"),
        ("77", {"article-id_pmc": "PMC77"}, "pmcid-pmc77"),
        ("12345678", {"article-id_pmc": "PMC77"}, "pmid-12345678"),
        ("note a", {}, "text-note-a"),
        ("", {}, "text-some-json-1"),
    ],
)
def test_the_id_of_a_document_is_that_of_pubmed_or_pmc(
    id: str, infons: dict[str, str], key: str, tmp_path: Path
) -> None:
    assert document({"id": id, "passages": [passage("title", "Alpha", **infons)]}, tmp_path).paper.id == key


def test_sentences_are_the_text_where_a_passage_has_none(tmp_path: Path) -> None:
    text = (
        "<collection><document><id>1</id><passage><infon key='type'>title</infon><offset>0</offset>"
        "<sentence><offset>0</offset><text>Alpha.</text></sentence><sentence><text>Beta.</text></sentence>"
        "</passage></document></collection>"
    )
    assert document(text, tmp_path).text == "Alpha. Beta."


def test_a_review_is_told_by_its_abstract(tmp_path: Path) -> None:
    told = {"id": "1", "passages": [passage("title", "Alpha"), passage("abstract", "In this review, we weigh alpha.")]}
    assert document(told, tmp_path).paper.kind is PaperKind.REVIEW


def test_a_broken_document_stops_none_of_the_others(tmp_path: Path) -> None:
    good = [{"id": str(n), "infons": {}, "passages": [passage("title", f"Alpha {n}")]} for n in (1, 2)]
    odd = {"id": "3", "infons": [], "passages": [5, {"text": None, "infons": "none"}, {"infons": {"type": 7}}]}
    found = read({"documents": [good[0], None, odd, {"passages": "none"}, good[1]]}, tmp_path)
    assert [item.paper.pmid for item in found if isinstance(item, Document)] == ["1", "2"]
    assert said(found) == [
        f"some.json, row {row}, column passages: the document holds no text; skipped" for row in (2, 3, 4)
    ]
    broken = xml(*good).replace("Alpha 1", "<b>Alpha")
    found = read(broken, tmp_path)
    assert [item.paper.pmid for item in found if isinstance(item, Document)] == ["2"]
    assert said(found)[0].startswith("some.json, row 1: is not well-formed XML")
    found = read("\n".join([json.dumps(good[0]), '{"id": 5', json.dumps(good[1])]), tmp_path)
    assert [type(item) for item in found] == [Document, Problem, Document]


BOMB = "<!DOCTYPE collection [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'>]>"
CANARY = "<!DOCTYPE collection [<!ENTITY a SYSTEM 'file:///etc/hostname'>]>"
DEEP = "<document><passage><text>" + "<b>" * 10_000 + "</b>" * 10_000 + "</text></passage></document>"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ("", "is empty"),
        ("[]", "holds no documents"),
        ("<collection/>", "holds no <document>"),
        (collection(), "holds no documents"),
        ("alpha", "is not JSON"),
        ('{"a":' * 100_000, "is not JSON"),
        ({"id": "1", "passages": [passage("title", "\0")]}, "holds no text"),
        (BOMB + xml(FULL), "declares entities of its own"),
        (CANARY + xml(FULL), "declares entities of its own"),
        (xml(FULL).replace("Cords", "&lol;"), "is not well-formed XML"),
        (xml(FULL).replace("Cords", "\0"), "is not well-formed XML"),
        (f"<collection>{DEEP}</collection>", "Excessive depth"),
        (xml(FULL)[:-40], "ends inside of its <document>"),
        ("<html><body>busy</body></html>", "is an HTML page, not XML"),
        (gzip.compress(json.dumps(FULL).encode())[:-20], "the gzip file is cut off"),
    ],
)
def test_what_cannot_be_read_is_one_clear_sentence(data: Any, problem: str, tmp_path: Path) -> None:
    found = read(data, tmp_path)
    assert len(found) == 1
    assert problem in said(found)[0]


def test_a_table_with_entities_of_its_own_is_read_from_its_text(tmp_path: Path) -> None:
    hostile = passage("table", "a\tb", "TABLE", xml=BOMB.replace("collection", "table") + "<table><tr>&b;</tr></table>")
    assert document({"id": "1", "passages": [hostile]}, tmp_path).text == "a | b"


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn", "Zl", "Zp"]), min_size=1)
printed = words.map(lambda text: " ".join(text.split())).filter(bool)


@given(st.lists(st.tuples(st.sampled_from(["METHODS", "RESULTS"]), printed), min_size=1, max_size=6), st.booleans())
def test_written_passages_are_read_back_in_order(
    tmp_path_factory: pytest.TempPathFactory, parts: list[tuple[str, str]], marked_up: bool
) -> None:
    told = {"id": "1", "infons": {}, "passages": [passage("paragraph", text, part) for part, text in parts]}
    found = document(xml(told) if marked_up else told, tmp_path_factory.getbasetemp())
    assert [(part.section.upper(), part.text) for part in found.passages] == parts
