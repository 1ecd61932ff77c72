from __future__ import annotations

import gzip
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.document import Document, Notice, Passage, Section
from kg.errors import Problem
from kg.model import PaperKind, PaperStatus
from kg.sources import files, jats
from kg.sources.literature import Read

META = """
<article-id pub-id-type="doi">10.5555/alpha.1</article-id>
<article-id pub-id-type="pmid">12345678</article-id>
<article-id pub-id-type="pmc">1234567</article-id>
<title-group><article-title>Alpha after <italic>cord</italic> injury</article-title></title-group>
"""


def article(front: str = META, body: str = "<body><p>Alpha helped.</p></body>", type: str = "research-article") -> str:
    return (
        f'<article article-type="{type}" xml:lang="en" xmlns:xlink="http://www.w3.org/1999/xlink">'
        "<front><journal-meta><journal-title-group><journal-title>Journal of Invention</journal-title>"
        f"</journal-title-group></journal-meta><article-meta>{front}</article-meta></front>{body}</article>"
    )


def read(text: str | bytes, folder: Path, name: str = "some.xml") -> list[Read]:
    place = folder / name
    place.write_bytes(text.encode() if isinstance(text, str) else text)
    return list(jats.read(place))


def document(text: str, folder: Path) -> Document:
    (found,) = read(text, folder)
    assert isinstance(found, Document), found
    return found


def said(found: list[Read]) -> list[str]:
    return [str(item) for item in found if isinstance(item, Problem)]


def body(text: str, folder: Path) -> tuple[Passage, ...]:
    return document(article(body=f"<body>{text}</body>"), folder).passages[1:]


def test_a_paper_is_read_with_its_identifiers_authors_journal_and_first_year(tmp_path: Path) -> None:
    people = """<contrib-group>
      <contrib contrib-type="author"><name><surname>Aoki</surname><given-names>Akira B.</given-names></name></contrib>
      <contrib contrib-type="author"><collab>Cord Group<contrib-group><contrib><name><surname>Nobody</surname>
        </name></contrib></contrib-group></collab></contrib>
      <contrib contrib-type="editor"><name><surname>Editor</surname><given-names>E</given-names></name></contrib>
      </contrib-group>
      <pub-date pub-type="collection"><year>2021</year></pub-date>
      <pub-date pub-type="epub"><day>5</day><month>12</month><year>2020</year></pub-date>
      <pub-history><event event-type="pmc-last-change"><date iso-8601-date="2024-02-03 00:25:09.0"/></event>
      </pub-history>"""
    found = document(article(META + people), tmp_path)
    paper = found.paper
    assert (paper.id, paper.doi, paper.pmid, paper.pmcid) == (
        "pmid-12345678",
        "10.5555/alpha.1",
        "12345678",
        "PMC1234567",
    )
    assert (paper.title, paper.journal, paper.year) == ("Alpha after cord injury", "Journal of Invention", 2020)
    assert (paper.first_author, paper.last_author) == ("Aoki AB", "Cord Group")
    assert (found.source, found.place, found.language) == ("jats", "some.xml, entry 1", "en")
    assert found.date == "2024-02-03"


@pytest.mark.parametrize(
    "ids",
    [
        '<article-id pub-id-type="pmcid">PMC77</article-id><article-id pub-id-type="pmcaid">77</article-id>',
        '<article-id pub-id-type="pmcaid">77</article-id>',
        '<article-id pub-id-type="pmc">PMC77</article-id>',
    ],
)
def test_newer_and_older_kinds_of_pmc_ids_are_read_alike(ids: str, tmp_path: Path) -> None:
    assert document(article(ids), tmp_path).paper.pmcid == "PMC77"


def test_an_abstract_is_read_by_its_parts(tmp_path: Path) -> None:
    abstract = """<abstract><title>Abstract</title><sec><title>Background</title><p>Cords are hurt.</p></sec>
      <sec><title>Materials and methods</title><p>Rats got alpha.</p></sec>
      <sec><title>Interpretation</title><p>It helps.</p></sec></abstract>
      <abstract abstract-type="teaser"><p>Alpha in short.</p></abstract>"""
    assert document(article(META + abstract, ""), tmp_path).passages[1:] == (
        Passage(Section.BACKGROUND, "Cords are hurt.", "Background"),
        Passage(Section.METHODS, "Rats got alpha.", "Materials and methods"),
        Passage(Section.CONCLUSIONS, "It helps.", "Interpretation"),
        Passage(Section.ABSTRACT, "Alpha in short."),
    )


def test_an_abstract_of_one_paragraph_is_cut_at_its_bold_labels(tmp_path: Path) -> None:
    abstract = (
        "<abstract><p><bold>Background:</bold> Cords. <bold>Methods:</bold> Rats. Score: 3 of 5. "
        "<bold>Results</bold>: Better.</p></abstract>"
    )
    assert document(article(META + abstract, ""), tmp_path).passages[1:] == (
        Passage(Section.BACKGROUND, "Cords.", "Background"),
        Passage(Section.METHODS, "Rats. Score: 3 of 5.", "Methods"),
        Passage(Section.RESULTS, "Better.", "Results"),
    )


def test_paragraphs_are_of_the_section_they_stand_in_however_deep(tmp_path: Path) -> None:
    text = """<sec sec-type="intro"><title>1. What is known</title><p>One.</p></sec>
      <sec><title>2. Experimental Procedures</title><p>Two.</p><sec><title>Results of the score</title><p>Three.</p>
        <sec><title>Rooms</title><list><list-item><p>Four</p></list-item><list-item><p>five.</p></list-item></list></sec>
        </sec></sec>
      <sec sec-type="results|discussion"><title>Results and discussion</title><p>Six.</p></sec>
      <sec><title>Alpha in rats</title><p>Seven.</p></sec>"""
    assert [(part.section, part.text) for part in body(text, tmp_path)] == [
        (Section.BACKGROUND, "One."),
        (Section.METHODS, "Two."),
        (Section.METHODS, "Three."),
        (Section.METHODS, "Four five."),
        (Section.RESULTS, "Six."),
        (Section.BODY, "Seven."),
    ]
    assert body(text, tmp_path)[3].heading == "Rooms"


@pytest.mark.parametrize(
    ("printed", "words"),
    [
        ("rats<sup>{1},{2}</sup>.", "rats."),
        ("rats [{1}, {2}\u2013{3}]. Then", "rats. Then"),
        ("rats [{1} and {2}] got", "rats got"),
        ("rats ({1}) got", "rats got"),
        ("as {Aoki et al., 2001} found", "as Aoki et al., 2001 found"),
        ('see <xref ref-type="fig">Fig. 1</xref> (n = 8)', "see Fig. 1 (n = 8)"),
        ("<bold>al</bold><italic>pha</italic> <sub>2</sub>", "alpha 2"),
        ("10<sup>6</sup> cells, 3 cm<sup>2</sup>", "10^6 cells, 3 cm2"),
        ("10<sup>\u22124</sup> M", "10^\u22124 M"),
        ("in 10<sup>{4}</sup> rats", "in 10 rats"),
        ("p&lt;0.05\u2009and&#160;more", "p<0.05 and more"),
        ("TGF-&beta;1 &ndash; &lt;", "TGF-\u03b21 \u2013 <"),
        ("a<!-- hidden -->b<?page 3?>c", "abc"),
        ("x<inline-formula><mml:math><mml:mi>y</mml:mi></mml:math><tex-math>\\frac</tex-math></inline-formula>", "xy"),
        ("a<break/>b", "a b"),
    ],
)
def test_inline_marks_are_flattened_and_numbers_of_citations_dropped(printed: str, words: str, tmp_path: Path) -> None:
    text = printed.replace("{", '<xref ref-type="bibr" rid="b">').replace("}", "</xref>")
    assert body(f"<p>{text}</p>", tmp_path)[0].text == words


def test_captions_and_tables_follow_the_paragraph_that_holds_them(tmp_path: Path) -> None:
    text = """<sec><title>Results</title><p>Rats walked.<fig><label>Figure 1</label><caption><title>Walking</title>
      <p>Alpha, n = 8.</p></caption><graphic/></fig> They ran.
      <table-wrap><label>Table 1</label><caption><p>Scores</p></caption><table><thead><tr><th>Group</th>
      <th>Score</th></tr></thead>
      <tbody><tr><td>alpha</td><td>12 <sup>a</sup></td></tr><tr><td/><td/></tr><tr><td/><td>7</td></tr></tbody>
      </table><table-wrap-foot><fn><label>a</label><p>p &lt; 0.05</p></fn></table-wrap-foot></table-wrap></p></sec>"""
    assert body(text, tmp_path) == (
        Passage(Section.RESULTS, "Rats walked. They ran.", "Results"),
        Passage(Section.CAPTION, "Walking\nAlpha, n = 8.", "Figure 1"),
        Passage(Section.TABLE, "Scores\nGroup | Score\nalpha | 12 a\n | 7\na p < 0.05", "Table 1"),
    )


def test_floats_at_the_end_of_an_article_are_read(tmp_path: Path) -> None:
    floats = "<body/><floats-group><fig><caption><p>Late.</p></caption></fig></floats-group>"
    assert document(article(body=floats), tmp_path).passages[1:] == (Passage(Section.CAPTION, "Late."),)


def test_supplements_references_back_matter_and_replies_are_left_out(tmp_path: Path) -> None:
    text = """<body><p>Kept.<supplementary-material><caption><p>No.</p></caption>
      <fig><caption><p>No.</p></caption></fig></supplementary-material></p>
      <sec sec-type="supplementary-material"><p>No.</p></sec><ref-list><p>No.</p></ref-list></body>
      <back><ack><p>No.</p></ack><ref-list><ref>No.</ref></ref-list></back>
      <sub-article><front-stub/><body><p>No.</p></body></sub-article>"""
    assert [part.text for part in document(article(body=text), tmp_path).passages[1:]] == ["Kept."]


@pytest.mark.parametrize(
    ("type", "subject", "kind"),
    [
        ("research-article", "Original Article", PaperKind.PRIMARY),
        ("review-article", "Neuroscience", PaperKind.REVIEW),
        ("research-article", "Reviews", PaperKind.REVIEW),
        ("systematic-review", "Review", PaperKind.META_ANALYSIS),
        ("research-article", "Meta-Analysis", PaperKind.META_ANALYSIS),
        ("preprint", "", PaperKind.PREPRINT),
    ],
)
def test_the_kind_of_a_paper_is_its_type_or_its_heading(
    type: str, subject: str, kind: PaperKind, tmp_path: Path
) -> None:
    subjects = (
        f'<article-categories><subj-group subj-group-type="heading"><subject>{subject}</subject></subj-group>'
        "</article-categories>"
    )
    assert document(article(META + subjects, type=type), tmp_path).paper.kind is kind


def related(type: str, link: str, way: str = "doi") -> str:
    return f'<related-article related-article-type="{type}" ext-link-type="{way}" xlink:href="{link}"/>'


def test_a_paper_that_was_corrected_and_then_retracted_is_retracted(tmp_path: Path) -> None:
    links = related("correction-forward", "10.5555/erratum") + related("retraction-forward", "87654321", "pubmed")
    found = document(article(META + links), tmp_path)
    assert found.paper.status is PaperStatus.RETRACTED
    assert found.notices == (
        Notice(PaperStatus.CORRECTED, "10.5555/alpha.1", "12345678", by_doi="10.5555/erratum"),
        Notice(PaperStatus.RETRACTED, "10.5555/alpha.1", "12345678", by_pmid="87654321"),
    )


def test_a_retraction_is_a_notice_of_another_paper_and_no_document(tmp_path: Path) -> None:
    meta = (
        '<article-id pub-id-type="doi">10.5555/notice</article-id><title-group><article-title>Retraction: alpha'
        "</article-title></title-group><pub-date><day>3</day><month>2</month><year>2024</year></pub-date>"
        + related("retracted-article", "https://doi.org/10.5555/alpha.1", "uri")
    )
    assert read(article(meta, type="retraction"), tmp_path) == [
        Notice(
            PaperStatus.RETRACTED,
            doi="10.5555/alpha.1",
            by_doi="10.5555/notice",
            date="2024-02-03",
            note="Retraction: alpha",
        )
    ]


def test_a_correction_that_names_no_paper_is_a_problem(tmp_path: Path) -> None:
    found = read(article(META + related("corrected-article", "PMC5", "pmc"), type="correction"), tmp_path)
    assert said(found) == [
        "some.xml, row 1, column related-article: this correction names no DOI or PubMed id of what it is of; skipped"
    ]


WRAPPERS = {
    "articleset": "<!DOCTYPE pmc-articleset PUBLIC 'x' 'https://example.org/x.dtd'><pmc-articleset>{}</pmc-articleset>",
    "records": "<OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'><ListRecords>{}</ListRecords></OAI-PMH>",
}


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_several_articles_are_read_in_order_and_a_broken_one_stops_none(wrapper: str, tmp_path: Path) -> None:
    good = [article(f'<article-id pub-id-type="doi">10.5555/{n}</article-id>') for n in range(3)]
    namespaced = good[2].replace("<article ", "<article xmlns='https://jats.nlm.nih.gov/ns/archiving/1.4/' ")
    broken = "<article><front><article-meta></front></article>"
    found = read(WRAPPERS[wrapper].format("\n".join([good[0], broken, good[1], namespaced])), tmp_path)
    assert [item.paper.doi for item in found if isinstance(item, Document)] == ["10.5555/0", "10.5555/1", "10.5555/2"]
    assert len(said(found)) == 1
    assert said(found)[0].startswith("some.xml, row 2: is not well-formed XML")


@pytest.mark.parametrize("size", [1, 7, 64])
def test_articles_are_found_wherever_the_bytes_are_cut(size: int) -> None:
    data = ("<pmc-articleset>" + article() * 3 + "</pmc-articleset>").encode()
    cuts = [data[at : at + size] for at in range(0, len(data), size)]
    assert [type(item) for item in jats.articles(cuts, "some.xml")] == [Document] * 3


def test_prefixes_declared_above_the_article_are_known_in_it(tmp_path: Path) -> None:
    text = article(body="<body><p>x<mml:math><mml:mi>y</mml:mi></mml:math></p></body>")
    assert document(f"<a xmlns:mml='http://www.w3.org/1998/Math/MathML'>{text}</a>", tmp_path).passages[1].text == "xy"


def test_a_packed_file_in_another_encoding_is_read(tmp_path: Path) -> None:
    text = "<?xml version='1.0' encoding='ISO-8859-1'?>" + article(body="<body><p>caf\u00e9</p></body>")
    (found,) = read(gzip.compress(text.encode("latin-1")), tmp_path, "some.xml.gz")
    assert isinstance(found, Document)
    assert found.passages[1].text == "caf\u00e9"


BOMB = "<!DOCTYPE article [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'>]>"
CANARY = "<!DOCTYPE article [<!ENTITY a SYSTEM 'file:///etc/hostname'>]>"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (BOMB + article(body="<body><p>&b;</p></body>"), "declares entities of its own"),
        (CANARY + article(body="<body><p>&a;</p></body>"), "declares entities of its own"),
        (article(body="<body><p>&unknown;</p></body>"), "row 1: is not well-formed XML: Entity 'unknown' not defined"),
        ("<!DOCTYPE html><html><article class='x'>Not found</article></html>", "is an HTML page, not XML"),
        ("", "holds no <article>"),
        ("<collection/>", "holds no <article>"),
        ("<article-meta>x</article-meta>", "holds no <article>"),
        (article()[:-20], "row 1: ends inside of its <article>"),
        (article(body="<body><p>a\0b</p></body>"), "row 1: is not well-formed XML"),
        (article(body="<body><p>caf\u00e9</p></body>").encode("latin-1"), "row 1: is not well-formed XML"),
        ("<article><body><p>x</p></body></article>", "row 1, column article-meta: is missing"),
        (article(body="").replace("Alpha after <italic>cord</italic> injury", " "), "row 1: the article holds no text"),
        (article(body="<body>" + "<sec>" * 10_000 + "</sec>" * 10_000 + "</body>"), "Excessive depth"),
        (article(body="<body><p>" + "<italic>" * 10_000 + "</italic>" * 10_000 + "</p></body>"), "Excessive depth"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_clear_sentence(text: str | bytes, problem: str, tmp_path: Path) -> None:
    (message,) = said(found := read(text, tmp_path))
    assert problem in message
    assert len(found) == 1
    assert len(message) < 300


def test_a_cut_off_archive_gives_what_came_before_and_a_problem(tmp_path: Path) -> None:
    long = article(body="<body><p>" + "".join(f"word{n * n} " for n in range(300_000)) + "</p></body>")
    packed = gzip.compress((article() + long).encode())
    found = read(packed[: len(packed) // 2], tmp_path, "some.xml.gz")
    assert [type(item) for item in found] == [Document, Problem]
    assert "the gzip file is cut off" in said(found)[0]


def test_an_article_that_is_too_large_is_passed_over() -> None:
    large = [b"<article>", *[b"x" * 1_000_000] * 65, b"</article>", article().encode()]
    found = list(jats.articles(large, "some.xml"))
    assert said(found) == ["some.xml, row 1: the <article> is larger than 64 MB; skipped"]
    assert [item.place for item in found if isinstance(item, Document)] == ["some.xml, entry 2"]


def test_the_deepest_nesting_that_xml_allows_is_read(tmp_path: Path) -> None:
    depth = 200
    assert files.tree(b"<a>" * 250 + b"</a>" * 250, "deep") is not None
    text = "<sec><title>Methods</title>" + "<sec>" * depth + "<p>Deep.</p>" + "</sec>" * depth + "</sec>"
    assert body(text, tmp_path) == (Passage(Section.METHODS, "Deep.", "Methods"),)


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn", "Zl", "Zp"]), min_size=1)
printed = words.map(lambda text: " ".join(text.split())).filter(bool)


@given(st.lists(st.tuples(st.sampled_from(["Methods", "Results", "Discussion"]), printed), min_size=1, max_size=6))
def test_written_passages_are_read_back_in_order(parts: list[tuple[str, str]]) -> None:
    text = "".join(f"<sec><title>{name}</title><p>{escape(words)}</p></sec>" for name, words in parts)
    data = article(body=f"<body>{text}</body>").encode()
    cuts = [data[at : at + 100] for at in range(0, len(data), 100)]
    (found,) = jats.articles(cuts, "some.xml")
    assert isinstance(found, Document)
    assert [(part.heading, part.text) for part in found.passages[1:]] == parts
    ends = [start + len(part.text) for start, part in zip(found.starts(), found.passages, strict=True)]
    assert [found.text[start:end] for start, end in zip(found.starts(), ends, strict=True)] == [
        part.text for part in found.passages
    ]
