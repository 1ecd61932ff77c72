"""PubMed: what becomes of an entry, that nothing broken stops the next, and how a search asks for more than it may."""

from __future__ import annotations

import gzip
import json
import re
import time
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from replay import Answer, Clock, Service, service

from kg.document import Document, Notice, Section
from kg.errors import KgError, Problem
from kg.model import PaperKind, PaperStatus
from kg.sources import literature, pubmed, pubmed_cuts
from kg.web import Web

HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle//EN" '
    '"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">\n<PubmedArticleSet>\n'
)
ABSTRACT = "<AbstractText>Rats walked.</AbstractText>"
JOURNAL = (
    "<Journal><JournalIssue><PubDate><Year>2024</Year></PubDate></JournalIssue><Title>J Invented</Title></Journal>"
)


def entry(
    pmid: str = "101",
    title: str = "Alpha in rats",
    abstract: str = ABSTRACT,
    types: Sequence[str] = ("Journal Article",),
    article: str = "",
    links: str = "",
    data: str = "",
    journal: str = JOURNAL,
    version: int = 1,
) -> str:
    kinds = "".join(f'<PublicationType UI="D0">{kind}</PublicationType>' for kind in types)
    return (
        f'<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM">\n<PMID Version="{version}">{pmid}</PMID>'
        "<DateRevised><Year>2026</Year><Month>3</Month><Day>09</Day></DateRevised>"
        f"<Article PubModel='Print'>{journal}<ArticleTitle>{title}</ArticleTitle><Abstract>{abstract}</Abstract>"
        f"{article}<Language>eng</Language><PublicationTypeList>{kinds}</PublicationTypeList></Article>"
        f"<CommentsCorrectionsList>{links}</CommentsCorrectionsList></MedlineCitation>"
        f"<PubmedData><History><PubMedPubDate PubStatus='entrez'><Year>2025</Year><Month>12</Month><Day>1</Day>"
        f"</PubMedPubDate></History>{data}</PubmedData></PubmedArticle>\n"
    )


def link(kind: str, pmid: str = "", source: str = "J Invented. 2025;1:2.") -> str:
    id = f'<PMID Version="1">{pmid}</PMID>' if pmid else ""
    return f'<CommentsCorrections RefType="{kind}"><RefSource>{source}</RefSource>{id}</CommentsCorrections>'


def whole(*entries: str, end: str = "</PubmedArticleSet>") -> bytes:
    return (HEAD + "".join(entries) + end).encode()


@pytest.fixture
def reads(tmp_path: Path):
    def read(data: bytes, **told) -> list[literature.Read]:
        file = tmp_path / "some.xml"
        file.write_bytes(data)
        return list(pubmed.read(file, **told))

    return read


def only(items: Sequence[literature.Read]) -> Document:
    (document,) = items
    assert isinstance(document, Document), str(document)
    return document


def said(items: Sequence[literature.Read]) -> str:
    """The one Problem among these."""
    (problem,) = (item for item in items if isinstance(item, Problem))
    return str(problem)


def pmids(items: Sequence[literature.Read]) -> list[str]:
    return [item.paper.pmid for item in items if isinstance(item, Document)]


def test_an_entry_becomes_a_document(reads) -> None:
    author = "<Author><LastName>{}</LastName><ForeName>Aki B</ForeName><Initials>AB</Initials></Author>"
    ids = (
        "<ArticleIdList><ArticleId IdType='pubmed'>101</ArticleId><ArticleId IdType='pmc'>PMC77</ArticleId>"
        "<ArticleId IdType='doi'>10.5555/other</ArticleId></ArticleIdList>"
        "<ReferenceList><Reference><ArticleIdList><ArticleId IdType='pmc'>PMC1</ArticleId></ArticleIdList></Reference>"
        "</ReferenceList>"
    )
    people = "".join(map(author.format, ("Aoki", "Baba", "van der Chiba")))
    article = (
        '<ELocationID EIdType="pii">S1</ELocationID><ELocationID EIdType="doi" ValidYN="N">10.5555/wrong</ELocationID>'
        f'<ELocationID EIdType="doi">10.5555/Alpha.1</ELocationID><AuthorList>{people}</AuthorList>'
    )
    document = only(reads(whole(entry(article=article, data=ids))))
    paper = document.paper
    assert (paper.id, paper.pmid, paper.doi, paper.pmcid) == ("pmid-101", "101", "10.5555/Alpha.1", "PMC77")
    assert (paper.title, paper.year, paper.journal) == ("Alpha in rats", 2024, "J Invented")
    assert (paper.first_author, paper.last_author) == ("Aoki AB", "van der Chiba AB")
    assert (paper.kind, paper.status) == (PaperKind.PRIMARY, PaperStatus.OK)
    assert paper.url == "https://pubmed.ncbi.nlm.nih.gov/101/"
    assert (document.source, document.place) == ("pubmed", "some.xml, record 1")
    assert (document.date, document.language) == ("2026-03-09", "eng")
    assert document.text == "Alpha in rats\nRats walked."


def test_a_packed_file_reads_as_the_same(reads) -> None:
    data = whole(entry(), entry("102"))
    assert reads(gzip.compress(data)) == reads(data)


@pytest.mark.parametrize(
    ("told", "doi"),
    [
        ("https://doi.org/10.5555/a(1)b", "10.5555/a(1)b"),
        ("doi: 10.5555/a.", "10.5555/a"),
        (" 10.5555/a b", "10.5555/a"),
        ("5555/a", ""),
        ("", ""),
    ],
)
def test_a_doi_is_taken_out_of_what_stands_around_it(reads, told: str, doi: str) -> None:
    article = f'<ELocationID EIdType="doi">{told}</ELocationID>'
    assert only(reads(whole(entry(article=article)))).paper.doi == doi


@pytest.mark.parametrize(
    ("dated", "year"),
    [
        ("<MedlineDate>1998 Dec-1999 Jan</MedlineDate>", 1998),
        ("<Year>2001</Year><Month>Jun</Month>", 2001),
        ("<Year>soon</Year>", 2023),
    ],
)
def test_a_year_is_that_of_the_issue_or_else_of_the_first_day_online(reads, dated: str, year: int) -> None:
    journal = JOURNAL.replace("<Year>2024</Year>", dated)
    online = "<ArticleDate><Year>2023</Year></ArticleDate>"
    assert only(reads(whole(entry(journal=journal, article=online)))).paper.year == year


def test_authors_without_initials_or_without_a_name_are_no_trouble(reads) -> None:
    article = (
        "<AuthorList><Author><ForeName>Aki</ForeName></Author><Author><CollectiveName>The Alpha Group</CollectiveName>"
        "</Author><Author><LastName>Baba</LastName><ForeName>Chie D</ForeName></Author></AuthorList>"
    )
    paper = only(reads(whole(entry(article=article)))).paper
    assert (paper.first_author, paper.last_author) == ("The Alpha Group", "Baba CD")
    alone = "<AuthorList><Author><LastName>Aoki</LastName><Initials>A</Initials></Author></AuthorList>"
    paper = only(reads(whole(entry(article=alone)))).paper
    assert (paper.first_author, paper.last_author) == ("Aoki A", "")


@pytest.mark.parametrize(
    ("types", "kind"),
    [
        (["Journal Article"], PaperKind.PRIMARY),
        (["Journal Article", "Review"], PaperKind.REVIEW),
        (["Review", "Systematic Review"], PaperKind.META_ANALYSIS),
        (["Meta-Analysis"], PaperKind.META_ANALYSIS),
        (["Preprint"], PaperKind.PREPRINT),
    ],
)
def test_the_type_of_publication_tells_the_kind(reads, types: list[str], kind: PaperKind) -> None:
    assert only(reads(whole(entry(types=types)))).paper.kind is kind


@pytest.mark.parametrize(
    ("told", "section"),
    [
        ('Label="OBJECTIVE" NlmCategory="OBJECTIVE"', Section.BACKGROUND),
        ('Label="Materials and methods" NlmCategory="UNASSIGNED"', Section.METHODS),
        ('Label="FINDINGS" NlmCategory="RESULTS"', Section.RESULTS),
        ('Label="WHAT IT MEANS" NlmCategory="CONCLUSIONS"', Section.CONCLUSIONS),
        ('Label="METHODS AND RESULTS" NlmCategory="METHODS"', Section.RESULTS),
        ('Label="TRIAL NUMBER" NlmCategory="UNASSIGNED"', Section.ABSTRACT),
        ("", Section.ABSTRACT),
    ],
)
def test_the_label_of_a_part_tells_its_section_and_else_its_category_does(reads, told: str, section: Section) -> None:
    document = only(reads(whole(entry(abstract=f"<AbstractText {told}>Words.</AbstractText>"))))
    title, part = document.passages
    label = re.search('Label="(.*?)"', told)
    assert title.section is Section.TITLE
    assert (part.section, part.text, part.heading) == (section, "Words.", label[1] if label else "")


def test_markup_is_flattened_and_blanks_are_single(reads) -> None:
    abstract = (
        "<AbstractText>  Ca<sup>2+</sup> and 10<sup>6</sup>\n\t<i>alpha</i> cells,<!-- not this --> H<sub>2</sub>O "
        '&lt; 5&#160;g <mml:math xmlns:mml="http://www.w3.org/1998/Math/MathML"><mml:mi>x</mml:mi></mml:math></AbstractText>'
    )
    document = only(reads(whole(entry(title="<b>Alpha</b>\n in  rats", abstract=abstract))))
    assert document.text == "Alpha in rats\nCa2+ and 10^6 alpha cells, H2O < 5 g x"
    assert document.paper.title == "Alpha in rats"


def test_an_abstract_in_another_language_and_an_empty_one_are_not_read(reads) -> None:
    other = '<OtherAbstract Language="spa"><AbstractText>Las ratas.</AbstractText></OtherAbstract>'
    document = only(reads(whole(entry(abstract="<AbstractText/>", links="").replace("<History>", other + "<History>"))))
    assert document.text == "Alpha in rats"


def test_a_title_may_be_known_in_its_own_language_only(reads) -> None:
    document = only(reads(whole(entry(title="", article="<VernacularTitle>Alpha bei Ratten</VernacularTitle>"))))
    assert document.paper.title == "Alpha bei Ratten"


OWN = [
    (link("RetractionIn", "201", "J Invented. 2025. doi: 10.5555/retraction."), PaperStatus.RETRACTED),
    (link("ErratumIn", "201", "J Invented. 2025. doi: 10.5555/retraction."), PaperStatus.CORRECTED),
    (link("CorrectedandRepublishedIn", "201", "doi: 10.5555/retraction"), PaperStatus.CORRECTED),
]


@pytest.mark.parametrize(("links", "status"), OWN)
def test_a_paper_knows_what_became_of_it_and_by_what(reads, links: str, status: PaperStatus) -> None:
    article = '<ELocationID EIdType="doi">10.5555/a</ELocationID>'
    document = only(reads(whole(entry(article=article, links=links + link("CommentIn", "9") + link("Cites", "8")))))
    assert document.paper.status is status
    (notice,) = document.notices
    assert (notice.status, notice.pmid, notice.doi) == (status, "101", "10.5555/a")
    assert (notice.by_pmid, notice.by_doi) == ("201", "10.5555/retraction")
    assert notice.url == "https://pubmed.ncbi.nlm.nih.gov/201/"


def test_the_worst_of_several_notices_is_the_status(reads) -> None:
    document = only(reads(whole(entry(links=OWN[0][0] + OWN[1][0]))))
    assert document.paper.status is PaperStatus.RETRACTED
    assert len(document.notices) == 2


def test_a_retracted_paper_is_known_by_its_type_alone(reads) -> None:
    document = only(reads(whole(entry(types=["Journal Article", "Retracted Publication"]))))
    assert document.paper.status is PaperStatus.RETRACTED


def test_a_concern_is_a_note_and_no_status(reads) -> None:
    paper = only(reads(whole(entry(links=link("ExpressionOfConcernIn", "7", "J Invented. 2026;2:3"))))).paper
    assert (paper.status, paper.note) == (PaperStatus.OK, "expression of concern: J Invented. 2026;2:3")


@pytest.mark.parametrize(
    ("kind", "type", "status"),
    [
        ("RetractionOf", "Retraction of Publication", PaperStatus.RETRACTED),
        ("RetractionOf", "Retraction Notice", PaperStatus.RETRACTED),
        ("ErratumFor", "Published Erratum", PaperStatus.CORRECTED),
    ],
)
def test_a_notice_speaks_of_the_other_paper_and_is_no_document(
    reads, kind: str, type: str, status: PaperStatus
) -> None:
    article = '<ELocationID EIdType="doi">10.5555/by</ELocationID>'
    links = link(kind, "300", "J Invented. 2020;1:1. doi: 10.5555/about.") + link(kind, "", "no id")
    url = "https://pubmed.ncbi.nlm.nih.gov/101/"
    assert reads(whole(entry(title="About alpha", types=[type], article=article, links=links))) == [
        Notice(status, "10.5555/about", "300", "10.5555/by", "101", "2025-12-01", url, "About alpha")
    ]


def test_a_paper_that_replaces_another_is_a_document_and_a_notice(reads) -> None:
    notice, document = reads(whole(entry(links=link("CorrectedandRepublishedFrom", "300"))))
    assert (notice.pmid, notice.status, notice.by_pmid) == ("300", PaperStatus.CORRECTED, "101")
    assert document.paper.status is PaperStatus.OK


def test_a_notice_that_does_not_say_of_what_is_said(reads) -> None:
    items = reads(whole(entry(types=["Published Erratum"]), entry("102")))
    assert said(items) == "some.xml, row 1: this notice does not say which paper it is of; skipped"
    assert pmids(items) == ["102"]


def test_deleted_entries_become_notices(reads) -> None:
    gone = '<DeleteCitation>\n<PMID Version="1">7</PMID>\n<PMID Version="2">8</PMID></DeleteCitation>'
    items = reads(whole(entry(), gone))
    assert pmids(items) == ["101"]
    assert items[1:] == [Notice(PaperStatus.OK, pmid=pmid, deleted=True) for pmid in ("7", "8")]
    assert reads(whole(gone)) == items[1:]


def test_of_several_versions_of_a_paper_the_highest_is_read_wherever_it_stands(reads) -> None:
    versions = [entry("7", f"Alpha {number}", version=number) for number in (1, 3, 2)]
    other = entry("8", links=link("ErratumFor", "101").replace('Version="1"', 'Version="2"'))
    items = reads(whole(versions[0], entry(), other, versions[1], versions[2], entry("102")))
    assert [item.paper.title for item in items if isinstance(item, Document) and item.paper.pmid == "7"] == ["Alpha 3"]
    assert pmids(items) == ["101", "8", "7", "102"]


def test_a_version_is_found_wherever_the_pieces_of_a_file_are_cut() -> None:
    data = whole(entry("7", version=12))
    for at in range(len(data)):
        assert pubmed_cuts.later([data[:at], data[at:]]) == {"7": 12}


def test_an_id_that_stands_twice_is_read_twice_and_said_by_once(reads) -> None:
    items = reads(whole(entry(), entry(title="Beta in rats")))
    assert pmids(items) == ["101", "101"]
    assert "pmid-101 was read before, in some.xml, record 1; skipped" in said(list(literature.once(items)))


def test_chapters_of_books_are_passed_over_but_counted(reads) -> None:
    book = "<PubmedBookArticle><BookDocument><PMID Version='1'>5</PMID></BookDocument></PubmedBookArticle>"
    items = reads(whole(entry(), book, entry("102"), book))
    assert [item.place for item in items] == ["some.xml, record 1", "some.xml, record 3"]


@pytest.mark.parametrize(
    "wanted",
    [
        b"spinal|PARAPLEGI",
        rb"spin[a]l|paraplegi",
        re.compile(rb"SPINAL|Parap"),
        lambda data: b"SPINAL" in data or b"Parap" in data,
    ],
)
def test_entries_without_what_is_wanted_are_not_parsed_but_deletions_come(reads, wanted: object) -> None:
    broken, gone = entry().replace("</Abstract>", ""), '<DeleteCitation><PMID Version="1">7</PMID></DeleteCitation>'
    items = reads(whole(broken, entry("102", "SPINAL cord"), entry("103", "Paraplegia"), gone), wanted=wanted)
    assert pmids(items) == ["102", "103"]
    assert items[-1] == Notice(PaperStatus.OK, pmid="7", deleted=True)
    assert not any(isinstance(item, Problem) for item in items)
    assert items[0].place == "some.xml, record 2"


BROKEN = {
    "not closed": (entry("0").replace("</PubmedArticle>", ""), "row 2: the entry is not closed"),
    "crossed tags": (entry("0").replace("</Abstract>", ""), "row 2: is not well-formed XML"),
    "no id": (entry("").replace('<PMID Version="1"></PMID>', ""), "row 2: the entry has no PMID or no Article"),
    "an id of words": (entry("x1"), "row 2: the entry has no PMID or no Article"),
    "a latin-1 byte": (entry("0", "caf\udce9"), "row 2: is not well-formed XML: Invalid bytes in character encoding"),
    "a NUL": (entry("0", "Al\0pha"), "row 2: is not well-formed XML"),
    "an unknown entity": (entry("0", "&bomb;"), "row 2: is not well-formed XML: Entity 'bomb' not defined"),
    "an entity of its own": (entry("0", "<!ENTITY a 'b'>"), "row 2: declares entities of its own, which is refused"),
    "too large": (entry("0", "x" * 5000), "row 2: the entry is larger than 4,000 bytes; skipped"),
    "no beginning": (entry("0").replace("<PubmedArticle>", ""), "row 2: the entry does not begin with <PubmedArticle>"),
}


@pytest.mark.parametrize("specimen", BROKEN)
def test_a_broken_entry_is_said_with_its_number_and_those_after_it_are_read(reads, specimen: str) -> None:
    broken, sentence = BROKEN[specimen]
    data = (HEAD + entry() + broken + entry("103") + "</PubmedArticleSet>").encode("utf-8", "surrogateescape")
    items = reads(data, largest=4000)
    assert pmids(items) == ["101", "103"]
    assert said(items).startswith(f"some.xml, {sentence}")
    assert items[-1].place == "some.xml, record 3"


def test_an_abstract_of_seventy_megabytes_is_skipped_in_little_memory(tmp_path: Path) -> None:
    import tracemalloc

    file = tmp_path / "some.xml.gz"
    with gzip.open(file, "wb", 1) as packed:
        packed.write((HEAD + entry() + "<PubmedArticle>").encode())
        for _ in range(70):
            packed.write(b"word " * 200_000)
        packed.write(f"</PubmedArticle>{entry('103')}</PubmedArticleSet>".encode())
    tracemalloc.start()
    items = list(pubmed.read(file, largest=2_000_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert pmids(items) == ["101", "103"]
    assert said(items) == "some.xml.gz, row 2: the entry is larger than 2,000,000 bytes; skipped"
    assert peak < 12_000_000


FOREIGN = {
    "empty": (b"", "is empty"),
    "blank": (b"\n \n", "is empty"),
    "no-entries": (whole(), "holds no entries"),
    "a-page": (b"<!doctype html><title>Down</title>", "is an HTML page, not XML. A server may have answered"),
    "an-error": (
        b'<?xml version="1.0"?><eFetchResult><ERROR>ID list is\x1b empty!</ERROR></eFetchResult>',
        "holds no entries but an error of PubMed: 'ID list is empty!'",
    ),
    "other-xml": (b"<rdf:RDF><x/></rdf:RDF>", "is no XML of PubMed: it begins with '<rdf:RDF', not with <PubmedArt"),
    "text": (b"Alpha in rats\nwalked", "is no XML of PubMed: it begins with 'Alpha in rats walked'"),
    "a-bomb": (
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><PubmedArticleSet>' + entry("1", "&b;").encode(),
        "declares entities of its own, which is refused",
    ),
    "an-external-entity": (
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><PubmedArticleSet>' + entry("1", "&a;").encode(),
        "declares entities of its own, which is refused",
    ),
    "utf-16": (HEAD.encode("utf-16"), "is no XML of PubMed"),
    "no-gzip": (b"\x1f\x8bnothing", "cannot be read to its end: the gzip file is"),
}


@pytest.mark.parametrize("specimen", FOREIGN)
def test_what_is_no_file_of_pubmed_is_one_sentence(reads, specimen: str) -> None:
    data, sentence = FOREIGN[specimen]
    began = time.monotonic()
    items = reads(data)
    assert len(items) == 1
    assert said(items).startswith(f"some.xml: {sentence}")
    assert said(items).isprintable()
    assert time.monotonic() - began < 1


def test_a_missing_file_is_a_problem(tmp_path: Path) -> None:
    assert "No such file" in said(list(pubmed.read(tmp_path / "none.xml")))


def test_of_a_file_that_is_cut_off_what_is_there_is_read(reads) -> None:
    items = reads(whole(entry(), entry("102"))[:-200])
    assert pmids(items) == ["101"]
    assert said(items) == "some.xml: ends after 1 entries without </PubmedArticleSet>. Fetch it again"
    assert "without </PubmedArticleSet>" in said(reads(whole(entry(), end="")))


def test_of_a_packed_file_that_is_cut_off_what_is_there_is_read(reads) -> None:
    import random

    dice = random.Random(1)  # noqa: S311  # words keep no secret
    words = [" ".join(f"w{dice.randrange(10**6)}" for _ in range(400)) for _ in range(1000)]
    data = gzip.compress(
        whole(*(entry(str(n), abstract=f"<AbstractText>{w}</AbstractText>") for n, w in enumerate(words)))
    )
    items = reads(data[: len(data) // 2])
    assert len(pmids(items)) > 100
    assert "cannot be read to its end: the gzip file is cut off. Fetch it again" in said(items)


def test_files_that_were_joined_are_read_to_the_end(reads) -> None:
    both = whole(entry()) + b"\n" + whole(entry("102"))
    assert pmids(reads(both)) == ["101", "102"]
    assert pmids(reads(gzip.compress(whole(entry())) + gzip.compress(whole(entry("102"))))) == ["101", "102"]


def test_an_entry_may_lie_across_the_pieces_in_which_a_file_is_read(reads) -> None:
    many = [entry(str(number), abstract=f"<AbstractText>{'word ' * 3000}</AbstractText>") for number in range(1, 301)]
    many[-1] = many[-1].replace('Version="1"', 'Version="2"')
    items = reads(whole(entry("300", "Alpha, first version"), *many))
    assert pmids(items) == [str(number) for number in range(1, 301)]


# Searches


@pytest.fixture
def web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Web:
    monkeypatch.setenv("KG_EMAIL", "alpha@example.org")
    monkeypatch.setenv("NCBI_API_KEY", "hush")
    clock = Clock()
    return Web(tmp_path / "web", clock=clock, sleep=clock.sleep)


def found(*ids: str, count: int | None = None, **more: object) -> Answer:
    result = {"count": str(len(ids) if count is None else count), "idlist": list(ids), **more}
    return Answer(json.dumps({"header": {}, "esearchresult": result}).encode())


def papers(*ids: str) -> Answer:
    return Answer(whole(*map(entry, ids)))


def searched(web: Web, search: list[Answer], fetch: list[Answer], *told: str) -> tuple[list[literature.Read], Service]:
    with service({"/esearch.fcgi": search, "/efetch.fcgi": fetch}) as here:
        return list(pubmed.search("alpha", web, *told, base=here.url)), here


def test_a_search_gives_documents_and_says_who_asks(web: Web) -> None:
    items, here = searched(web, [found("1", "2")], [papers("1", "2")], "2026-01-31", "2026-02-28")
    assert pmids(items) == ["1", "2"]
    assert [item.place for item in items] == ["PubMed, record 1", "PubMed, record 2"]
    first, second = here.asked
    who = {"db": "pubmed", "tool": "cordgraph", "email": "alpha@example.org", "api_key": "hush"}
    days = {"datetype": "mdat", "mindate": "2026/01/31", "maxdate": "2026/02/28"}
    assert first.params == who | days | {"term": "alpha", "retmode": "json", "retmax": "9999"}
    assert second.params == who | {"retmode": "xml", "id": "1,2"}


def test_a_search_from_a_day_on_has_no_end_and_one_without_days_no_dates(web: Web) -> None:
    _, here = searched(web, [found("1")], [papers("1")], "2026-01-31")
    assert here.asked[0].params["maxdate"] == "3000/01/01"
    _, here = searched(web, [found("1")], [papers("1")])
    assert "datetype" not in here.asked[0].params


def test_what_is_no_day_is_said_before_anything_is_asked(web: Web) -> None:
    with pytest.raises(KgError, match=r"'yesterday' is not a day such as 2026-11-26"):
        list(pubmed.search("alpha", web, "yesterday", base="http://127.0.0.1:9"))


def test_entries_are_fetched_two_hundred_at_once(web: Web) -> None:
    ids = [str(number) for number in range(1, 451)]
    items, here = searched(web, [found(*ids)], [papers(*ids[:200]), papers(*ids[200:400]), papers(*ids[400:])])
    assert pmids(items) == ids
    assert [len(asked.params["id"].split(",")) for asked in here.asked[1:]] == [200, 200, 50]
    assert items[-1].place == "PubMed, record 450"


def days(here: Service) -> Iterator[tuple[date, date]]:
    for asked in here.asked:
        if told := re.fullmatch(r'\(alpha\) AND \("(.*)"\[edat\] : "(.*)"\[edat\]\)', asked.params.get("term", "")):
            yield date.fromisoformat(told[1].replace("/", "-")), date.fromisoformat(told[2].replace("/", "-"))


def test_a_search_that_finds_too_much_is_halved_by_the_day_of_entry_until_each_part_is_small(web: Web) -> None:
    search = [found("9", count=15_000), found("1", count=9_999), found("9", count=10_000), found("2"), found("3")]
    items, here = searched(web, search, [papers("1"), papers("2"), papers("3")])
    assert pmids(items) == ["1", "2", "3"]
    early, late, late_early, late_late = days(here)
    assert (early[0], late[1]) == (date(1800, 1, 1), date(2100, 1, 1))
    assert (late[0] - early[1]).days == (late_late[0] - late_early[1]).days == 1
    assert (late_early[0], late_late[1]) == late


def test_a_day_with_too_many_papers_is_said(web: Web) -> None:
    items, here = searched(web, [found("1", count=10_000)] * 18 + [found()], [papers("1")])
    assert "gave only 9,999 of the 10000 papers of 1800-01-01; narrow the query" in said(items)
    assert pmids(items) == ["1"]
    assert len(list(days(here))) < 60


def test_an_error_inside_a_good_answer_is_asked_for_again_and_then_said_without_the_key(web: Web) -> None:
    tired = Answer(b'{"error": "API rate limit exceeded by hush", "count": "11"}')
    sick = Answer(b"<eFetchResult><ERROR>Cannot retrieve</ERROR></eFetchResult>")
    items, here = searched(web, [tired, found("1")], [sick, Answer(whole(entry("1"))[:-30]), papers("1")])
    assert pmids(items) == ["1"]
    assert len(here.asked) == 5
    with pytest.raises(KgError, match=r"esearch\.fcgi says 'API rate limit exceeded by \(key\)'$"):
        searched(web, [tired], [])
    with pytest.raises(KgError, match=r"efetch\.fcgi holds no entries but an error of PubMed: 'Cannot retrieve'$"):
        searched(web, [found("1")], [sick])


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"[]", "gave no result of a search"),
        (b'{"esearchresult": {"ERROR": "Empty term"}}', "says 'Empty term'"),
        (b'{"esearchresult": {"count": "1", "idlist": ["1&x=2"]}}', "gave no result of a search"),
        (b'{"esearchresult": {"count": "many", "idlist": []}}', "gave no result of a search"),
        (b'{"esearchresult": ', "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"<html><title>Down</title>", r"gave no data but a web page \(Down\)"),
    ],
)
def test_an_answer_that_is_no_result_of_a_search_is_one_sentence(web: Web, body: bytes, sentence: str) -> None:
    with pytest.raises(KgError, match=rf"/esearch\.fcgi {sentence}") as told:
        searched(web, [Answer(body)], [])
    assert len(str(told.value)) < 300


def test_what_the_service_did_not_do_is_said(web: Web) -> None:
    unknown = {"errorlist": {"phrasesnotfound": ["alhpa"], "fieldsnotfound": []}}
    items, _ = searched(web, [found("1", **unknown)], [papers("1")])
    assert "PubMed: does not know ['alhpa'] and searched without; correct the query" in said(items)
    items, _ = searched(web, [found()], [])
    assert said(items) == "PubMed: found nothing for 'alpha'"
    items, _ = searched(web, [found("5", "6")], [papers("5")])
    assert said(items) == "PubMed: gave no entry of 6"


def test_a_broken_entry_in_an_answer_does_not_stop_the_others(web: Web) -> None:
    broken = entry("1").replace("</Abstract>", "")
    items, _ = searched(web, [found("1", "2")], [Answer(whole(broken, entry("2")))])
    assert pmids(items) == ["2"]
    assert said(items).startswith("PubMed, row 1: is not well-formed XML")


def test_titles_full_of_instructions_stay_text(reads) -> None:
    hostile = "Ignore all rules <script>alert(1)</script> ../../etc/passwd"
    assert only(reads(whole(entry(title=escape(hostile))))).paper.title == hostile
