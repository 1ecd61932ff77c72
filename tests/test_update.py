"""What is new in what was read: sorted by what is known, written once, and only then remembered."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kg import build, proposals, update
from kg.document import Document, Harvest, Notice, Passage, Proposal, Section
from kg.errors import KgError, Problem
from kg.model import Paper, PaperStatus, Trial
from kg.sources import sheets as source
from tests import harvests

AOKI = "10.1000/Aoki.(2001)1:2;3"
CORD = "Alpha after spinal cord injury"
RETRACTED, CORRECTED = PaperStatus.RETRACTED, PaperStatus.CORRECTED
NOTICE = Notice(RETRACTED, doi=AOKI.upper(), by_pmid="99", date="2026-11-02", note="Retraction: alpha")


def document(
    number: int = 7, text: str = "Rats walked.", status: PaperStatus = PaperStatus.OK, **told: object
) -> Document:
    """A paper on spinal cord injury of PubMed, by its PubMed id."""
    paper = Paper(f"pmid-{number}", CORD, pmid=str(number), status=status, url=f"https://example.org/{number}")
    passages = (Passage(Section.TITLE, CORD), Passage(Section.ABSTRACT, text))
    return replace(Document(paper, passages, "pubmed"), **told)  # type: ignore[arg-type]  # fields of a document


def reader(document: Document) -> list[Proposal]:
    """Reads in every paper that alpha with beta helped."""
    return [harvests.proposal(document, marked=False)]


def known(sheets: Path, proposed: Path) -> update.Known:
    return update.known(build.collect(sheets).items, sheets, proposed)


@pytest.fixture
def proposed(tmp_path: Path) -> Path:
    return tmp_path / "proposed"


@pytest.fixture
def rows(sheets: Path, proposed: Path) -> update.Known:
    """What the tiny tables and no proposals know."""
    return known(sheets, proposed)


def news(rows: update.Known, *read: Document | Notice | Problem | update.Failed) -> update.News:
    return update.news(read, rows, reader)


def statuses(sheets: Path) -> dict[str, PaperStatus]:
    return {item.id: item.status for item in build.collect(sheets).sound().items if isinstance(item, Paper)}


# --- what is new ------------------------------------------------------------------------------------------------------


def test_a_paper_that_nobody_knows_is_read_and_proposed(rows: update.Known) -> None:
    found = news(rows, document())
    assert [(one.document.paper.id, len(one.proposals)) for one in found.harvests] == [("pmid-7", 1)]
    assert found.read == 1


def test_a_paper_of_the_rows_is_known_whatever_it_is_named(rows: update.Known) -> None:
    found = news(rows, document(paper=Paper("other", doi=AOKI.lower())))
    assert (found.again, found.harvests, found.notices) == (1, [], [])


def test_a_paper_of_another_field_and_one_without_proposals_are_counted(rows: update.Known) -> None:
    tomatoes = Document(Paper("pmid-8", "Alpha in tomatoes", pmid="8"), (), "pubmed")
    found = update.news([document(), tomatoes], rows, lambda _: ())
    assert (found.empty, found.others, found.harvests) == (1, 1, [])


def test_problems_and_failures_are_kept_and_counted_by_reason(rows: update.Known) -> None:
    wrong = [Problem("a.xml", row, "", f"is not well-formed: line {row}") for row in (1, 2)]
    failed = update.Failed("pubmed", "cannot be reached")
    found = news(rows, *wrong, failed, document())
    assert found.skipped == {"is not well-formed": 2}
    assert (found.failed, len(found.harvests), found.read) == ([failed], 1, 1)


def test_a_notice_about_a_paper_of_the_rows_is_news_with_that_papers_names(rows: update.Known) -> None:
    ((paper, notice),) = news(rows, NOTICE).notices
    assert (paper.id, notice.doi, notice.status) == ("aoki2001", AOKI, RETRACTED)


def test_a_notice_about_a_paper_that_nobody_knows_is_none(rows: update.Known) -> None:
    assert news(rows, replace(NOTICE, doi="10.5555/unknown")) == update.News(read=1)


def test_a_known_paper_that_says_itself_that_it_is_retracted_is_news(rows: update.Known) -> None:
    ((paper, notice),) = news(rows, document(20020002, status=RETRACTED, date="2026-11-02")).notices
    assert (paper.id, notice.status, notice.date) == ("baba2002", RETRACTED, "2026-11-02")


def test_a_paper_that_tells_by_what_it_was_retracted_gives_one_notice(rows: update.Known) -> None:
    own = Notice(RETRACTED, pmid="20020002", by_pmid="98")
    other = Notice(RETRACTED, doi="", pmid="20020002", by_doi="10.5555/r", by_pmid="98", date="2026-11-02")
    found = news(rows, document(20020002, status=RETRACTED, notices=(own,)), other)
    assert [notice for _, notice in found.notices] == [other]


@pytest.mark.parametrize("status", [RETRACTED, CORRECTED])
def test_of_a_paper_that_the_rows_call_retracted_nothing_is_new(rows: update.Known, status: PaperStatus) -> None:
    assert news(rows, Notice(status, doi="10.1000/cato.2003", by_pmid="97")).notices == []


def test_a_correction_is_new_once_for_each_notice_of_one(rows: update.Known) -> None:
    first, second = (Notice(CORRECTED, pmid="20020002", by_pmid=pmid) for pmid in ("95", "96"))
    unnamed = Notice(CORRECTED, pmid="20020002")
    assert [notice for _, notice in news(rows, unnamed, first, second, first).notices] == [first, second]


def test_a_correction_that_the_rows_tell_is_not_new_unless_it_is_named(rows: update.Known) -> None:
    corrected = rows.papers["pmid:20020002"]
    told = replace(rows, papers={"pmid:20020002": replace(corrected, status=CORRECTED)})
    assert news(told, Notice(CORRECTED, pmid="20020002")).notices == []
    assert len(news(told, Notice(CORRECTED, pmid="20020002", by_pmid="95")).notices) == 1


def test_a_deleted_entry_of_a_paper_in_the_rows_is_named_only(rows: update.Known, sheets: Path, proposed: Path) -> None:
    found = news(rows, Notice(PaperStatus.OK, pmid="20020002", deleted=True))
    assert [(paper.id, notice.deleted) for paper, notice in found.notices] == [("baba2002", True)]
    written = update.write(proposed, sheets, found, (), "2026-11-26")
    assert (written.notices, written.problems) == (0, ())
    assert not (sheets / "notices.csv").exists()


def test_a_trial_of_the_rows_is_news_where_its_status_is_another(rows: update.Known) -> None:
    stopped = Trial("NCT00000001", status="terminated", why_stopped="no money")
    found = news(rows, document(trial=stopped), document(8, trial=replace(stopped, status="completed")))
    assert [(was.status, now.status) for was, now in found.trials] == [("completed", "terminated")]
    assert (found.again, found.harvests) == (1, [])


# --- papers that are only proposed ------------------------------------------------------------------------------------


@pytest.mark.parametrize("late", [False, True])
def test_a_notice_counts_before_its_paper_and_after_it(rows: update.Known, late: bool) -> None:
    read = [Notice(RETRACTED, pmid="7", by_pmid="99"), document()]
    (one,) = news(rows, *(reversed(read) if late else read)).harvests
    assert (one.document.paper.status, len(one.document.notices)) == (RETRACTED, 1)


def test_a_paper_that_was_read_before_is_known_unless_it_says_something_else(rows: update.Known) -> None:
    told = replace(rows, proposed={"pmid:7": Harvest(document(), reader(document()))})
    same, other = news(told, document()), news(told, document(text="Rats did not walk."))
    assert (same.again, same.proposed) == (1, [])
    assert [one.document.passages[1].text for one in other.retold] == ["Rats did not walk."]


def test_an_abstract_of_another_source_does_not_replace_one_but_a_full_text_does(rows: update.Known) -> None:
    other = document(text="Rats walked well.", source="europepmc")
    full = replace(other, passages=(*other.passages, Passage(Section.BODY, "All of it.")))
    found = news(rows, document(), other)
    assert ([one.document.source for one in found.harvests], found.again) == (["pubmed"], 1)
    assert [one.document for one in news(rows, document(), full, document()).harvests] == [full]


def test_a_retraction_of_a_proposed_paper_goes_with_its_proposals(
    sheets: Path, proposed: Path, rows: update.Known
) -> None:
    update.write(proposed, sheets, news(rows, document()), (), "2026-11-25")
    before = [item for item in proposals.items(proposed, build.collect(sheets).vocab) if isinstance(item, Paper)]
    found = news(known(sheets, proposed), Notice(RETRACTED, pmid="7", by_pmid="99"))
    update.write(proposed, sheets, found, (), "2026-11-26")
    (one,) = proposals.read(proposed)
    (paper,) = (item for item in proposals.items(proposed, build.collect(sheets).vocab) if isinstance(item, Paper))
    assert (before[0].status, paper.status, len(one.proposals)) == (PaperStatus.OK, RETRACTED, 1)
    assert one.proposals[0].finding.paper.status is RETRACTED
    assert news(known(sheets, proposed), Notice(RETRACTED, pmid="7", by_pmid="99")).proposed == []


def test_what_was_proposed_of_a_deleted_entry_goes(sheets: Path, proposed: Path, rows: update.Known) -> None:
    update.write(proposed, sheets, news(rows, document(), document(8)), (), "2026-11-25")
    found = news(known(sheets, proposed), Notice(PaperStatus.OK, pmid="7", deleted=True))
    update.write(proposed, sheets, found, (), "2026-11-26")
    assert [one.document.paper.id for one in proposals.read(proposed)] == ["pmid-8"]


def test_a_deletion_by_pubmed_leaves_what_another_source_gave(rows: update.Known) -> None:
    told = replace(rows, proposed={"pmid:7": Harvest(document(source="europepmc"))})
    assert news(told, Notice(PaperStatus.OK, pmid="7", deleted=True)).deleted == []


# --- what is read -----------------------------------------------------------------------------------------------------


def entry(pmid: int, title: str, link: str = "") -> str:
    about = f'<CommentsCorrections RefType="{link}"><PMID Version="1">20020002</PMID></CommentsCorrections>'
    links = f"<CommentsCorrectionsList>{about}</CommentsCorrectionsList>" if link else ""
    return (
        f'<PubmedArticle><MedlineCitation><PMID Version="1">{pmid}</PMID><Article><ArticleTitle>{title}</ArticleTitle>'
        f"</Article>{links}</MedlineCitation></PubmedArticle>"
    )


def test_of_files_the_field_is_read_and_notices_about_anything(tmp_path: Path) -> None:
    entries = entry(1, CORD) + entry(2, "Tomatoes") + entry(3, "Withdrawn", "RetractionOf")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "n1.xml").write_text(f"<PubmedArticleSet>{entries}</PubmedArticleSet>")
    (tmp_path / "in" / "empty.xml").write_text("")
    (tmp_path / "in" / "z.ris").write_text(f"TY  - JOUR\nTI  - {CORD}\nAN  - 4\nER  - \n")
    read = list(update.read([tmp_path / "in"]))
    assert [str(one) for one in read if isinstance(one, Problem)] == ["empty.xml: is empty"]
    assert [one.pmid for one in read if isinstance(one, Notice)] == ["20020002"]
    assert sorted(one.paper.title for one in read if isinstance(one, Document)) == [CORD, CORD, "Withdrawn"]


def test_of_a_file_that_changed_the_later_entry_counts(tmp_path: Path, rows: update.Known) -> None:
    for name, link in (("n1.xml", ""), ("n2.xml", "RetractionIn")):
        (tmp_path / name).write_text(f"<PubmedArticleSet>{entry(20020002, CORD, link)}</PubmedArticleSet>")
    found = update.news(update.read([tmp_path / "n1.xml", tmp_path / "n2.xml"]), rows, reader)
    assert [(paper.id, notice.status) for paper, notice in found.notices] == [("baba2002", RETRACTED)]


def search(source: str, query: str, since: str) -> Iterator[Document]:
    """Services of which one breaks off behind its first paper."""
    yield document(7 if source == "pubmed" else 8)
    if source == "pubmed":
        raise KgError(f"pubmed cannot be reached from {since or 'the beginning'}")
    yield document(9)


ASKED = [update.Inquiry("pubmed", "alpha", "2026-11-20"), update.Inquiry("trials", "beta")]


def test_a_service_that_fails_costs_only_what_it_did_not_say(sheets: Path, proposed: Path, rows: update.Known) -> None:
    found = update.news(update.answers(ASKED, search), rows, reader)
    assert found.failed == [update.Failed("pubmed", "pubmed cannot be reached from 2026-11-20")]
    update.write(proposed, sheets, found, ASKED, "2026-11-26")
    assert [one.document.paper.pmid for one in proposals.read(proposed)] == ["7", "8", "9"]
    assert update.last(proposed, "pubmed", "alpha") == ""
    assert update.last(proposed, "trials", "beta") == "2026-11-25"


def test_every_question_to_every_service_has_its_own_day(proposed: Path) -> None:
    update.asked(proposed, ASKED, "2026-11-26")
    update.asked(proposed, ASKED[:1], "2026-12-01")
    days = [update.last(proposed, *pair) for pair in (("pubmed", "alpha"), ("trials", "beta"), ("pubmed", "beta"))]
    assert days == ["2026-11-30", "2026-11-25", ""]


@pytest.mark.parametrize("text", ["{", "[]", '{"pubmed: alpha": "yesterday"}', '{"pubmed: alpha": 3}', "\udcff"])
def test_days_that_cannot_be_read_are_one_sentence(proposed: Path, text: str) -> None:
    proposed.mkdir()
    (proposed / "asked.json").write_text(text, errors="surrogateescape")
    with pytest.raises(KgError, match=r"asked\.json cannot be read; delete it"):
        update.last(proposed, "pubmed", "alpha")


# --- what is written --------------------------------------------------------------------------------------------------


def test_a_notice_in_the_rows_makes_the_paper_retracted_and_is_not_news_again(
    sheets: Path, proposed: Path, rows: update.Known
) -> None:
    written = update.write(proposed, sheets, news(rows, NOTICE), (), "2026-11-26")
    assert (written.notices, written.problems) == (1, ())
    assert statuses(sheets)["aoki2001"] is RETRACTED
    assert news(known(sheets, proposed), NOTICE).notices == []
    with (sheets / "notices.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["doi"], row["by_pmid"], row["note"]) == (AOKI, "99", "Retraction: alpha")


def test_a_second_correction_is_added_behind_the_first(sheets: Path, proposed: Path, rows: update.Known) -> None:
    for pmid in ("95", "96"):
        found = news(known(sheets, proposed), Notice(CORRECTED, pmid="20020002", by_pmid=pmid))
        assert update.write(proposed, sheets, found, (), "2026-11-26").notices == 1
    assert list(map(str, source.notices(sheets))) == ["corrected: PMID 95", "corrected: PMID 96"]


def test_a_notice_that_would_be_no_sound_row_is_left_out_and_said(sheets: Path) -> None:
    odd = [replace(NOTICE, by_doi="no DOI"), replace(NOTICE, note="12 Nov 2026"), replace(NOTICE, note="a\0b\n=c")]
    added, problems = update.apply(sheets, odd)
    assert added == 1
    assert [(one.file, one.column) for one in problems] == [
        (f"notice of {AOKI.upper()}", column) for column in ("by_doi", "note")
    ]
    (notice,) = source.notices(sheets)
    assert isinstance(notice, Notice)
    assert notice.note == "a b =c"


def test_where_notices_cannot_be_written_no_day_is_remembered(sheets: Path, proposed: Path, rows: update.Known) -> None:
    (sheets / "notices.csv").write_text("status,doi,pmid\n")
    with pytest.raises(KgError, match=r"notices\.csv has no column by_doi.*; add it to the header$"):
        update.write(proposed, sheets, news(rows, NOTICE, document()), ASKED, "2026-11-26")
    assert len(proposals.read(proposed)) == 1
    assert update.last(proposed, "pubmed", "alpha") == ""


def test_invented_harvests_stay_as_they_are_where_nothing_is_new(sheets: Path, proposed: Path) -> None:
    proposals.write(proposed, [harvests.harvest()], "2026-11-25", build.collect(sheets).vocab)
    before = (proposed / "documents.jsonl").read_bytes()
    update.write(proposed, sheets, update.News(), (), "2026-11-26")
    assert (proposed / "documents.jsonl").read_bytes() == before
