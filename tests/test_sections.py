from __future__ import annotations

import pytest

from kg.document import Passage, Section
from kg.sources.sections import labelled, section


@pytest.mark.parametrize(
    ("heading", "opened"),
    [
        ("2.1 Materials and methods", Section.METHODS),
        ("materials|methods", Section.METHODS),
        ("MAIN OUTCOME MEASURES", Section.METHODS),
        ("STUDY DESIGN", Section.METHODS),
        ("STAR\u2605Methods", Section.METHODS),
        ("METHODS AND RESULTS", Section.RESULTS),
        ("Results and discussion", Section.RESULTS),
        ("RECENT FINDINGS", Section.RESULTS),
        ("SUMMARY OF BACKGROUND DATA", Section.BACKGROUND),
        ("OBJECTIVE", Section.BACKGROUND),
        ("intro", Section.BACKGROUND),
        ("III. Discussion", Section.DISCUSSION),
        ("Limitations of the study", Section.DISCUSSION),
        ("CONCLUSION/SIGNIFICANCE", Section.CONCLUSIONS),
        ("Discussion of alpha", Section.ABSTRACT),
        ("Alpha improves outcomes", Section.ABSTRACT),
        ("UNLABELLED", Section.ABSTRACT),
        ("Case report", Section.ABSTRACT),
        ("", Section.ABSTRACT),
    ],
)
def test_a_heading_opens_a_section_where_all_its_words_tell_one(heading: str, opened: Section) -> None:
    assert section(heading, Section.ABSTRACT) is opened


def test_a_text_is_cut_at_the_labels_in_it() -> None:
    text = "First. AIM: To help. We note: alpha. Dose: 5 mg. Results: Better. Score of results: 3."
    assert list(labelled(text, Section.ABSTRACT)) == [
        Passage(Section.ABSTRACT, "First."),
        Passage(Section.BACKGROUND, "To help. We note: alpha. Dose: 5 mg.", "AIM"),
        Passage(Section.RESULTS, "Better. Score of results: 3.", "Results"),
    ]
    assert list(labelled(" ", Section.ABSTRACT)) == []
