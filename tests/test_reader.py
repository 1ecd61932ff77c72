"""From a document to proposed findings, by the shipped vocabulary; the texts are invented, the therapies are not."""

from __future__ import annotations

import pickle

import pytest

from kg import resources, vocab
from kg.document import Document, Passage, Proposal, Section
from kg.model import Origin, Paper, PaperKind, Status
from kg.reading.reader import Reader, of_field

TITLE = "Minocycline after spinal cord contusion in rats"


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(vocab.load(resources.data() / "vocab")[0])


def document(results: str, title: str = TITLE, methods: str = "", **about: object) -> Document:
    passages = [Passage(Section.TITLE, title), Passage(Section.METHODS, methods), Passage(Section.RESULTS, results)]
    paper = Paper("pmid-1", title, pmid="1", url="https://example.org/", **about)  # type: ignore[arg-type]
    return Document(paper, tuple(passages), "text")


def told(reader: Reader, results: str, title: str = TITLE, methods: str = "") -> set[tuple[str, str, str, str]]:
    """Arm, comparator, outcome and direction of what is proposed."""
    found = (proposal.finding for proposal in reader(document(results, title, methods)))
    return {(f.arm.id, f.comparator.id, f.outcome.id, str(f.direction)) for f in found}


@pytest.mark.parametrize(
    ("results", "outcome", "direction"),
    [
        ("BBB scores were significantly higher with minocycline than with vehicle.", "bbb", "increased"),
        ("Minocycline significantly reduced the lesion volume compared with vehicle.", "lesion-volume", "decreased"),
        ("Minocycline significantly improved the BBB score compared with vehicle.", "bbb", "increased"),
        ("Minocycline significantly relieved neuropathic pain compared with vehicle.", "pain", "decreased"),
        ("BBB scores did not differ significantly between minocycline and vehicle.", "bbb", "no difference"),
        ("Minocycline failed to improve BBB scores compared with vehicle.", "bbb", "no difference"),
        ("Minocycline significantly reduced tissue damage compared with vehicle.", "tissue-sparing", "increased"),
        ("Minocycline significantly worsened the BBB score compared with vehicle.", "bbb", "decreased"),
    ],
)
def test_a_sentence_of_results_becomes_a_finding(reader: Reader, results: str, outcome: str, direction: str) -> None:
    assert ("minocycline", outcome, direction) in {(arm, *rest) for arm, _, *rest in told(reader, results)}


def test_what_stands_behind_than_is_the_comparator(reader: Reader) -> None:
    found = told(reader, "BBB scores were significantly higher with minocycline than with methylprednisolone.")
    assert found == {("minocycline", "methylprednisolone", "bbb", "increased")}


def test_what_is_joined_by_a_plus_is_one_arm(reader: Reader) -> None:
    title = "Minocycline and rolipram after spinal cord contusion in rats"
    found = told(
        reader, "BBB scores were significantly higher with minocycline plus rolipram than with vehicle.", title
    )
    assert ("minocycline+rolipram", "bbb", "increased") in {(arm, *rest) for arm, _, *rest in found}


@pytest.mark.parametrize(
    "results",
    [
        "Minocycline may improve BBB scores.",
        "Previous studies showed that minocycline improved BBB scores.",
        "We aimed to investigate whether minocycline improved BBB scores.",
        "In cultured neurons minocycline significantly reduced apoptosis.",
        "Vehicle-treated rats had significantly more apoptosis.",
        "BBB scores were recorded weekly in rats that had received minocycline.",
        "BBB scores were significantly lower than in sham-operated rats.",
        "SCI significantly increased apoptosis.",
    ],
)
def test_what_is_no_own_result_of_the_treated_is_no_finding(reader: Reader, results: str) -> None:
    assert told(reader, results) == set()


def test_background_of_a_labelled_abstract_is_not_read_for_results(reader: Reader) -> None:
    passages = (
        Passage(Section.TITLE, TITLE),
        Passage(Section.BACKGROUND, "Minocycline significantly improved BBB scores compared with vehicle."),
    )
    assert not reader(Document(Paper("pmid-1", TITLE, url="https://example.org/"), passages, "text"))


def test_every_proposal_is_a_programs_unreviewed_and_marked_in_the_text(reader: Reader) -> None:
    text = document(
        "BBB scores were significantly higher with minocycline than with vehicle (p < 0.01).",
        methods="Adult rats got a contusion at T9-T10. Minocycline was given 5 weeks after injury.",
    )
    (proposal,) = reader(text)
    finding = proposal.finding
    assert (finding.origin, finding.status) == (Origin.PROGRAM, Status.UNREVIEWED)
    assert (finding.species, finding.injury, finding.level) == ("rat", "contusion", "T9-T10")
    assert (finding.phase, finding.treatment_day, finding.p) == ("chronic", 35, "<0.01")
    assert marked(text, proposal) >= {
        ("arm", "minocycline"),
        ("comparator", "vehicle"),
        ("direction", "higher"),
        ("outcome", "BBB scores"),
        ("p", "p < 0.01"),
    }


def marked(text: Document, proposal: Proposal) -> set[tuple[str, str]]:
    return {(mark.slot, text.text[mark.span.start : mark.span.end]) for mark in proposal.marks}


def test_an_abbreviation_means_what_the_text_defines(reader: Reader) -> None:
    methods = "Rats got rolipram (ROL). The blood-brain barrier (BBB) was examined."
    found = told(reader, "ROL significantly reduced the lesion volume. BBB was higher with ROL.", methods=methods)
    assert {(arm, outcome) for arm, _, outcome, _ in found} == {("rolipram", "lesion-volume")}


def test_cells_of_a_species_are_no_subjects(reader: Reader) -> None:
    seen = reader.seen(document("", "Mouse embryonic stem cells after spinal cord contusion in rats"))
    assert [mention.id for mention in seen.facts.species] == ["rat"]


@pytest.mark.parametrize(
    ("title", "kind", "expected"),
    [
        (TITLE, PaperKind.PRIMARY, True),
        ("Minocycline for spinal cord injury: a systematic review", PaperKind.PRIMARY, False),
        (TITLE, PaperKind.REVIEW, False),
        ("Minocycline after sciatic nerve crush in rats", PaperKind.PRIMARY, False),
    ],
)
def test_only_primary_reports_of_the_field_are_read(title: str, kind: PaperKind, expected: bool) -> None:
    assert of_field(document("", title, kind=kind)) is expected


def test_the_same_document_gives_the_same_proposals_in_another_process(reader: Reader) -> None:
    text = document("BBB scores were significantly higher with minocycline than with vehicle.")
    assert pickle.loads(pickle.dumps(reader))(text) == reader(text)  # noqa: S301


def test_a_digest_changes_with_the_threshold_and_the_vocabulary(reader: Reader) -> None:
    other = Reader(vocab.Vocab.of(list(reader.vocab.terms.values())[1:]))
    digests = {reader.digest, Reader(reader.vocab, 0.9).digest, other.digest}
    assert len(digests) == 3 and Reader(reader.vocab).digest == reader.digest


def test_a_higher_threshold_proposes_less(reader: Reader) -> None:
    text = document("BBB scores were significantly higher with minocycline than with vehicle.")
    assert reader(text) and not Reader(reader.vocab, 1.0)(text)
