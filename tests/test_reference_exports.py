from __future__ import annotations

import gzip
import hashlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.document import Document, Passage, Section
from kg.errors import Problem
from kg.model import Paper, PaperKind, PaperStatus
from kg.sources import exports, files, literature
from kg.sources.literature import Read

ALPHA = Paper(
    "pmid-123",
    "Alpha in the cord",
    "10.5555/Alpha.1",
    "123",
    "PMC45",
    2021,
    "Journal of Invention",
    "Aoki AB",
    "Zeta Z",
    url="https://example.org/a",
)
ABSTRACT = (
    Passage(Section.TITLE, "Alpha in the cord"),
    Passage(Section.ABSTRACT, "It was given."),
    Passage(Section.RESULTS, "Walking rose by 5%.", "RESULTS"),
)
RIS = """TY  - JOUR
AU  - Aoki, Akira B.
AU  - Beta, B
AU  - Zeta, Z.
TI  - Alpha in the cord
AB  - It was given.RESULTS: Walking
rose by 5%.
DO  - https://doi.org/10.5555/Alpha.1
AN  - 123
DB  - PubMed
C2  - PMC45
T2  - Journal of Invention
PY  - 2021/05/06/
UR  - https://example.org/a
XX  - unknown
ER  -
"""
BIBTEX = r"""@string{inv = "Journal of {I}nvention"}
@article{aoki, author = {Aoki, Akira B. and Beta, B and Zeta, Z.}, title = {{Alpha} in the cord},
  abstract = "It was given. RESULTS: Walking rose by 5\%.", doi = {10.5555/Alpha.1}, journal = inv,
  year = 2021, pmid = {123}, pmcid = {PMC45}, url = {https://example.org/a}, file = {C:\x\{y.pdf} }
}
"""
ENDNOTE = """<?xml version="1.0" encoding="UTF-8"?><xml><records><record><ref-type name="Journal Article">17</ref-type>
<contributors><authors><author><style face="normal">Aoki, Akira B.</style></author><author>Beta, B</author>
<author>Zeta, Z.</author></authors></contributors>
<titles><title><style face="italic">Alpha</style><style face="normal"> in the cord</style></title></titles>
<periodical><full-title><style>Journal of Invention</style></full-title></periodical>
<dates><year><style>2021</style></year></dates><accession-num>123</accession-num><custom2>PMC45</custom2>
<electronic-resource-num>10.5555/Alpha.1</electronic-resource-num>
<abstract><style>It was given. RESULTS: Walking rose by 5%.</style></abstract>
<urls><related-urls><url><style>https://example.org/a</style></url></related-urls></urls>
<remote-database-name>Medline</remote-database-name></record></records></xml>"""
ZOTERO = (
    '"Key","Item Type","Publication Year","Author","Title","Publication Title","DOI","Url","Abstract Note","Date",'
    '"Date Modified","Extra","Manual Tags"\n'
    '"AB","journalArticle","2021","Aoki, Akira B.; Beta, B; Zeta, Z.","Alpha in the cord","Journal of Invention",'
    '"10.5555/Alpha.1","https://example.org/a","It was given. RESULTS: Walking rose by 5%.","5/6/2021",'
    '"2024-02-03 10:00:00","PMID: 123\nPMCID: PMC45",""\n'
)
RAYYAN = (
    "key,title,year,month,day,journal,issn,authors,url,abstract,notes,doi,pubmed_id,pmc_id\n"
    'rayyan-1,Alpha in the cord,2021,5,6,Journal of Invention,,"Aoki AB, Beta B, Zeta Z",https://example.org/a,'
    "It was given. RESULTS: Walking rose by 5%.,,10.5555/Alpha.1,123,PMC45\n"
)
COVIDENCE = (
    "Title,Authors,Abstract,Published Year,Published Month,Journal,DOI,Covidence #,Notes\n"
    'Alpha in the cord,"Aoki, A. B.; Beta, B; Zeta, Z.",It was given. RESULTS: Walking rose by 5%.,2021,May,'
    "Journal of Invention,10.5555/Alpha.1,#7,PMID 123 PMC45\n"
)
Maker = Callable[[Path], Iterator[Read]]


def read(maker: Maker, folder: Path, text: str | bytes) -> list[Read]:
    place = folder / "library"
    place.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(maker(place))


def one(maker: Maker, folder: Path, text: str) -> Document:
    (found,) = read(maker, folder, text)
    assert isinstance(found, Document), found
    return found


def titles(found: list[Read]) -> list[str]:
    return [item.paper.title for item in found if isinstance(item, Document)]


def said(found: list[Read]) -> list[str]:
    return [str(item) for item in found if isinstance(item, Problem)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ris", RIS),
        ("bibtex", BIBTEX),
        ("endnote", ENDNOTE),
        ("csv", ZOTERO),
        ("csv", RAYYAN),
        ("csv", "\ufeff" + COVIDENCE.replace("Published Year", "published year")),
    ],
    ids=["ris", "bibtex", "endnote", "zotero", "rayyan", "covidence"],
)
def test_every_format_gives_the_same_paper(tmp_path: Path, name: str, text: str) -> None:
    found = one(literature.named(name), tmp_path, text)
    paper = found.paper if found.paper.url else replace(found.paper, url=ALPHA.url)  # Covidence has none
    assert (paper, found.passages, found.source) == (ALPHA, ABSTRACT, name)


def test_an_entry_of_another_tool_may_have_one_blank_no_end_and_crlf(tmp_path: Path) -> None:
    text = "\ufeffRecord 1 of 2\r\nTY - JOUR\r\nTI - Alpha\r\nDO - 10.5555/a\r\n\r\nTY - JOUR\r\nTI - Beta\r\n"
    found = read(exports.ris, tmp_path, text)
    assert (titles(found), said(found)) == (["Alpha", "Beta"], [])
    assert [item.place for item in found if isinstance(item, Document)] == ["library, entry 1", "library, entry 2"]


def test_tags_that_rispy_falls_over_do_no_harm(tmp_path: Path) -> None:
    text = "TY  - JOUR\nloose\nUK  - A\nZZ  - a\nZZ  - b\nTI  - Alpha\nAB  - one\nAB  - two\nER  - \n"
    assert one(exports.ris, tmp_path, text).passages[1].text == "one two"


def test_an_entry_in_another_encoding_is_said_and_the_next_is_read(tmp_path: Path) -> None:
    found = read(exports.ris, tmp_path, b"TY  - JOUR\nTI  - caf\xe9\nER  - \nTY  - JOUR\nTI  - Beta\nER  - \n")
    assert titles(found) == ["Beta"]
    assert said(found) == ["library, row 1: is not UTF-8 (byte 20). Save it as UTF-8"]


def test_a_record_that_xml_forbids_is_said_and_the_next_is_read(tmp_path: Path) -> None:
    record = "<record><titles><title>{}</title></titles></record>"
    made = [record.format(title) for title in ("bad \x0b", "Alpha", "&undefined;", "Beta")]
    found = read(exports.endnote, tmp_path, f"<xml><records>{''.join(made)}</records></xml>")
    assert titles(found) == ["Alpha", "Beta"]
    assert ["is not well-formed XML" in text for text in said(found)] == [True, True]


def test_entities_of_the_file_itself_are_never_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("canary")
    text = f'<!DOCTYPE xml [<!ENTITY e SYSTEM "{tmp_path}/secret">]><xml><records>'
    found = read(
        exports.endnote, tmp_path, text + "<record><titles><title>&e;</title></titles></record></records></xml>"
    )
    assert titles(found) == []
    assert "canary" not in "".join(said(found))


def test_a_bibtex_entry_that_is_not_closed_is_said_and_the_others_are_read(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    found = read(
        exports.bibtex, tmp_path, "@article{a, title={Alpha}}\n@article{b, title={no end,\n@misc{c, title={Beta}}"
    )
    assert titles(found) == ["Alpha", "Beta"]
    assert said(found)[0].startswith(
        "library, row 2: the entry that starts here cannot be read: Unexpected block start"
    )
    assert capfd.readouterr() == ("", "")


def test_keys_and_fields_that_stand_twice_are_read_with_their_latex(tmp_path: Path) -> None:
    text = r"@article{a, title={First {K}ey}}" + "\n" + r"@article{a, title={{\"O}del}, year=2020, title={other}}"
    assert titles(read(exports.bibtex, tmp_path, text)) == ["First Key", "Ödel"]


def test_latex_is_text_and_a_bare_percent_cuts_nothing(tmp_path: Path) -> None:
    (tmp_path / "secret.tex").write_text("canary")
    title = rf"Caf{{\'e}} $\alpha$ \& 50% of 5\% with {{{{TNF}}}}-$\beta$ a_b ~ $p < 0.05$ \input{{{tmp_path}/secret}}."
    found = one(exports.bibtex, tmp_path, f"@article{{a, title = {{{title}}}, url = {{https://example.org/~a_b}} }}")
    assert found.paper.title == "Caf\u00e9 \u03b1 & 50% of 5% with TNF-\u03b2 a_b p < 0.05 ."
    assert found.paper.url == "https://example.org/~a_b"


def test_a_date_that_a_spreadsheet_spoiled_does_not_lose_its_row(tmp_path: Path) -> None:
    text = "Title,Date,Publication Year,Access Date\nAlpha,Mar-21,,########\nBeta,5/6/2021,,2021-03-04 00:00:00\n"
    found = read(exports.table, tmp_path, text)
    assert (titles(found), said(found)) == (["Alpha", "Beta"], [])
    assert [item.paper.year for item in found if isinstance(item, Document)] == [None, 2021]


def test_a_row_without_a_title_or_with_too_many_cells_is_said(tmp_path: Path) -> None:
    found = read(exports.table, tmp_path, "Title,DOI\n,10.5555/a\nAlpha,b,c\nBeta,\n")
    assert titles(found) == ["Beta"]
    assert [text.split(": ")[0] for text in said(found)] == ["library, row 2, column title", "library, row 3"]


def test_a_table_of_something_else_is_one_sentence(tmp_path: Path) -> None:
    assert said(read(exports.table, tmp_path, "a,b\n1,2\n3,4\n")) == [
        "library, row 1: has no column Title; is it a table of references?"
    ]


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ("TI  - RETRACTED: Alpha", PaperStatus.RETRACTED),
        ("TI  - Retracted Article: Alpha", PaperStatus.RETRACTED),
        ("TI  - Alpha (Retracted article)", PaperStatus.RETRACTED),
        ("TI  - [Retracted] Alpha", PaperStatus.RETRACTED),
        ("TI  - Alpha\nM3  - Retracted Publication", PaperStatus.RETRACTED),
        ("TI  - Alpha\nKW  - rats\nKW  - Retracted", PaperStatus.RETRACTED),
        ("TI  - Retracted electrodes in the cord", PaperStatus.OK),
        ("TI  - Retraction: Alpha\nM3  - Retraction of Publication", PaperStatus.OK),
    ],
)
def test_a_mark_of_retraction_is_kept(tmp_path: Path, told: str, status: PaperStatus) -> None:
    assert one(exports.ris, tmp_path, f"TY  - JOUR\n{told}\nER  - ").paper.status is status


def test_a_zotero_tag_of_retraction_is_kept(tmp_path: Path) -> None:
    text = "Title,Item Type,Manual Tags\nAlpha,preprint,rats; Retracted\n"
    paper = one(exports.table, tmp_path, text).paper
    assert (paper.status, paper.kind) == (PaperStatus.RETRACTED, PaperKind.PREPRINT)


def test_an_entry_without_abstract_is_its_title(tmp_path: Path) -> None:
    found = one(exports.ris, tmp_path, "TY  - JOUR\nT1  - Alpha\nM3  - Review\nER  - ")
    assert found.passages == (Passage(Section.TITLE, "Alpha"),)
    assert (found.paper.id, found.paper.kind) == ("text-alpha", PaperKind.REVIEW)


def test_markup_and_references_to_characters_are_taken_out_of_the_words(tmp_path: Path) -> None:
    told = "AB  - <p>H<sub>2</sub>O &amp; alpha, p &lt;0.05, 3 < 4 > 2.</p><p><b>Methods:</b> beta\0.</p>"
    found = one(exports.ris, tmp_path, f"TY  - JOUR\nTI  - <i>Alpha</i>\n{told}\nER  - ")
    assert found.passages == (
        Passage(Section.TITLE, "Alpha"),
        Passage(Section.ABSTRACT, "H2O & alpha, p <0.05, 3 < 4 > 2."),
        Passage(Section.METHODS, "beta .", "Methods"),
    )


@pytest.mark.parametrize("maker", [exports.ris, exports.endnote])
def test_a_file_that_is_cut_off_gives_what_was_whole(maker: Maker, tmp_path: Path) -> None:
    entry = (RIS if maker is exports.ris else "<record><titles><title>Alpha</title></titles></record>") + "\n"
    packed = gzip.compress(
        "".join(entry + hashlib.sha256(b"%d" % i).hexdigest() + "\n" for i in range(20_000)).encode(), 1
    )
    found = read(maker, tmp_path, packed[: len(packed) // 2])
    assert len(titles(found)) > 1000
    assert said(found) == ["library: cannot be read to its end: the gzip file is cut off. Fetch it again"]


def test_an_entry_too_large_is_said_and_the_next_is_read(tmp_path: Path) -> None:
    text = b"TY  - JOUR\nTI  - Alpha\nAB  - " + b"a" * (files.LARGEST + 2_000_000)
    found = read(exports.ris, tmp_path, gzip.compress(text + b"\nER  - \nTY  - JOUR\nTI  - Beta\n", 1))
    assert titles(found) == ["Beta"]
    assert said(found) == ["library: an entry has more than 64 MB; skipped"]


@pytest.mark.parametrize("cut", range(6))
def test_an_entry_that_opens_across_two_chunks_is_read(tmp_path: Path, cut: int) -> None:
    first = "TY  - JOUR\nTI  - Alpha\nAB  - "
    text = first + "a" * ((1 << 20) - len(first) - 1 - cut) + "\nTY  - JOUR\nTI  - Beta\n"
    assert titles(read(exports.ris, tmp_path, text)) == ["Alpha", "Beta"]


@pytest.mark.parametrize("maker", [exports.ris, exports.bibtex, exports.endnote, exports.table])
@pytest.mark.parametrize("text", [b"", b"\xff\xfe\x00", b"<!DOCTYPE html><html></html>", b"nothing\n", b"{" * 50_000])
def test_what_is_no_export_is_one_sentence(maker: Maker, text: bytes, tmp_path: Path) -> None:
    found = read(maker, tmp_path, text)
    assert len(said(found)) == len(found) == 1


@given(text=st.text(st.sampled_from('TY -JOURIAB\n\r@{}=,"\\$%~<>/recod tile&;:#'), max_size=200))
def test_nothing_that_a_file_holds_is_an_exception(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("any")
    for maker in (exports.ris, exports.bibtex, exports.endnote, exports.table):
        for start in ("", "TY  - JOUR\nTI  - A\n", "@article{a, title={", "<record>", "title,abstract\n"):
            for item in read(maker, folder, start + text):
                assert isinstance(item, (Document, Problem))


def test_the_parsers_leave_logging_as_it_was() -> None:
    assert logging.getLogger("bibtexparser").level == logging.NOTSET
