from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from kg.document import Document, Notice
from kg.errors import Problem, UnknownName
from kg.model import Paper, PaperStatus
from kg.sources import literature
from kg.sources.files import Broken

ARTICLE = """<article><front><article-meta><article-id pub-id-type="doi">10.5555/{}</article-id></article-meta></front>
<body><p>Alpha helped.</p></body></article>"""
FORMATS = "bibtex, bioc, csv, endnote, europepmc, jats, pubmed, ris, text, trials"
STARTS = {
    "pubmed": [
        "<?xml version='1.0'?>\n<!DOCTYPE PubmedArticleSet PUBLIC 'x' 'https://example.org/x.dtd'><PubmedArticleSet>",
        "<PubmedArticle>",
        "<PubmedArticleSet><DeleteCitation>",
    ],
    "jats": [
        ARTICLE,
        "<!DOCTYPE article PUBLIC 'x' 'x.dtd'>\n<article>",
        "<pmc-articleset><!-- many --><article>",
        "<OAI-PMH><ListRecords><record><header/><metadata><article xmlns='x'>",
    ],
    "bioc": [
        "<?xml version='1.0'?><!DOCTYPE collection SYSTEM 'BioC.dtd'><collection><source>PMC</source>",
        "<collection>\n <document>",
        '[{"source": "PMC", "documents": [{"id": "1", "infons": {}, "passages": [',
        '{"PubTator3": []}',
    ],
    "europepmc": ['{"version": "6.9", "resultList": {"result": []}}', '[{"id": "1", "abstractText" : "Alpha"}]'],
    "trials": ['{"protocolSection": {"identificationModule": {}}}', '{"studies": []}'],
    "endnote": ["<?xml version='1.0'?><xml><records><record>"],
    "ris": ["TY  - JOUR\r\nTI  - Alpha", "Provider: example\n\nTY  - JOUR"],
    "bibtex": ["% mine\n@article{alpha,\n title = {Alpha}}", "@Misc {a,}"],
    "csv": ['"Key","Title","Abstract Note"\r\n1,Alpha,', "title,abstract\n"],
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in STARTS.items() for text in texts])
def test_a_format_is_recognised_by_how_a_file_starts(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "a").write_text(text)
    (tmp_path / "b.gz").write_bytes(gzip.compress(b"\xef\xbb\xbf\n" + text.encode()))
    assert literature.recognised(tmp_path / "a") == name
    assert literature.recognised(tmp_path / "b.gz") == name


@pytest.mark.parametrize(
    ("file", "text", "name"),
    [
        ("a.md", "# Alpha", "text"),
        ("a.TXT", "Alpha helps", "text"),
        ("a.txt.gz", "Alpha helps", "text"),
        ("a.txt", "Title, abstract, alpha", "text"),
        ("a.csv", "Key;Name", "csv"),
        ("a.ris", "AU  - Aoki A", "ris"),
        ("a.txt", "TY  - JOUR", "ris"),
        ("a.nxml", "alpha", "jats"),
        ("a", "Alpha helps", ""),
        ("a.txt", "<note>alpha</note>", ""),
        ("a.json", '{"alpha": 1}', ""),
        ("a.pdf", "%PDF-1.7", ""),
        ("a", "an e-mail to me@article{", ""),
    ],
)
def test_a_file_that_tells_nothing_is_recognised_by_its_name(file: str, text: str, name: str, tmp_path: Path) -> None:
    place = tmp_path / file
    place.write_text(text)
    assert literature.recognised(place) == name


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html><article class='x'>", "is an HTML page"),
        (b"<!DOCTYPE article [<!ENTITY a 'b'>]><article>", "declares entities"),
        (gzip.compress(b"<article>", mtime=0)[:-10], "the gzip file is cut off"),
    ],
)
def test_what_cannot_be_read_at_all_is_said_at_once(data: bytes, problem: str, tmp_path: Path) -> None:
    place = tmp_path / "a.xml"
    place.write_bytes(data)
    with pytest.raises(Broken, match=problem):
        literature.recognised(place)
    (found,) = literature.documents(place)
    assert isinstance(found, Problem)
    assert problem in found.message


def test_a_folder_is_read_in_the_order_of_its_names_each_document_once(tmp_path: Path) -> None:
    (tmp_path / "c.md").write_text("# Alpha again\n\ndoi:10.5555/ONE\n")
    (tmp_path / "a.xml").write_text(ARTICLE.format("one"))
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "b.xml").write_text(ARTICLE.format("two"))
    (tmp_path / ".hidden.xml").write_text("hidden")
    (tmp_path / "d.pdf").write_text("%PDF")
    found = list(literature.documents(tmp_path))
    assert [item.paper.doi for item in found if isinstance(item, Document)] == ["10.5555/one", "10.5555/two"]
    assert [str(item) for item in found if isinstance(item, Problem)] == [
        "c.md: doi-10-5555-one was read before, in a.xml, entry 1; skipped",
        f"d.pdf: is in none of the formats that are recognised: {FORMATS}. Name the format it has",
    ]


def test_files_are_read_by_name_however_they_came_into_the_folder(tmp_path: Path) -> None:
    for number in (7, 3, 9, 1, 8, 2, 6, 4, 5, 0):
        (tmp_path / f"{number}.txt").write_text(f"Alpha {number}")
    read = [item.text for item in literature.documents(tmp_path) if isinstance(item, Document)]
    assert read == [f"Alpha {number}" for number in range(10)]


def test_a_file_is_read_by_the_maker_that_is_named(tmp_path: Path) -> None:
    place = tmp_path / "notes"
    place.write_text("Alpha helps")
    (found,) = literature.documents(place, "text")
    assert isinstance(found, Document)
    with pytest.raises(UnknownName, match="Did you mean 'text'"):
        list(literature.documents(place, "texts"))


def test_a_folder_without_files_and_a_file_that_is_not_there_are_problems(tmp_path: Path) -> None:
    assert [str(item) for item in literature.documents(tmp_path)] == [f"{tmp_path.name}: is a folder without files"]
    (found,) = literature.documents(tmp_path / "none.xml")
    assert str(found) == "none.xml: cannot be read to its end: No such file or directory"


def test_documents_that_share_any_identifier_are_one() -> None:
    papers = [
        Paper("a", pmid="1", doi="10.5555/A"),
        Paper("b", doi="10.5555/a", pmcid="PMC3"),
        Paper("c", pmcid="PMC3"),
        Paper("d"),
        Paper("d"),
    ]
    notice = Notice(PaperStatus.RETRACTED, doi="10.5555/a")
    read = literature.once([*(Document(paper, (), "x", f"{paper.id}.xml") for paper in papers), notice])
    assert [item.paper.id if isinstance(item, Document) else type(item) for item in read] == [
        "a",
        Problem,
        Problem,
        "d",
        "d",
        Notice,
    ]


@pytest.mark.parametrize("name", FORMATS.split(", "))
def test_every_maker_that_is_registered_can_be_had(name: str) -> None:
    assert callable(literature.named(name))
