"""Sentences and clauses of scientific text: where they end, where they do not, and that nothing is lost."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.document import Span
from kg.reading.sentences import clauses, sentences

PROSE = st.text(st.sampled_from("aB1é. !?\n\r;,()[]\"' \t\u00a0-"), max_size=80) | st.text(max_size=80)


def printed(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentences(text)]


def parts(text: str) -> list[str]:
    return [text[span.start : span.end] for span in clauses(text, Span(0, len(text)))]


@pytest.mark.parametrize(
    "sentence",
    [
        "It helped, e.g. in rats, i.e. those of Smith et al. 2001, cf. Fig. 3 and approx. 5 mg vs. 6 mg.",
        "As Smith et al. (2001) saw, S. aureus and E. coli grew.",
        "The work of J. A. Smith at the U.S. Army was of 0.5 mg and P < 0.05.",
        "Alpha was given i.p. or i.v. at T9.",
        "Alpha acted within 5.5 h.",
        "Alpha acted in the temp. lobe of rats.",
        "1. Alpha came first.",
        "Alpha had no. 5 of them.",
    ],
)
def test_a_sentence_is_not_cut_inside(sentence: str) -> None:
    assert printed(sentence) == [sentence]
    assert printed(f"Before. {sentence} After.") == ["Before.", sentence, "After."]


def test_sentences_end_before_what_begins_one() -> None:
    text = (
        "P < 0.05. Cells lived. Was it so? (Two rats.) mRNA rose! 17\u03b2-alpha too. Given i.p. It helped. AIS A. Yes."
    )
    assert printed(text) == [
        "P < 0.05.", "Cells lived.", "Was it so?", "(Two rats.)", "mRNA rose!", "17\u03b2-alpha too.", "Given i.p.",
        "It helped.",
        "AIS A.", "Yes.",
    ]  # fmt: skip


def test_citations_stay_with_their_sentence_and_lines_end_one() -> None:
    assert printed("It rose.[3,4] Then it fell.12,13 We saw it.Nobody else did\nA title\r\n\n Text") == [
        "It rose.[3,4]", "Then it fell.12,13", "We saw it.", "Nobody else did", "A title", "Text",
    ]  # fmt: skip


def test_clauses_are_cut_at_semicolons_and_contrasts() -> None:
    assert parts("Alpha rose, whereas beta (n = 8; P < 0.05) fell; however, gamma did not but delta did.") == [
        "Alpha rose", "whereas beta (n = 8; P < 0.05) fell", "however, gamma did not", "but delta did.",
    ]  # fmt: skip
    assert parts("Although alpha did nothing, beta did.") == ["Although alpha did nothing", "beta did."]


@pytest.mark.parametrize(
    "sentence",
    [
        "Alpha rose compared with beta.",
        "Alpha, but not beta, rose.",
        "It not only rose but also grew.",
        "Rats rested while walking.",
        "Although alpha, beta, and gamma rose, delta fell.",
    ],
)
def test_a_clause_is_not_cut_elsewhere(sentence: str) -> None:
    assert parts(sentence) == [sentence]


@given(PROSE)
def test_sentences_hold_every_sign_that_is_no_blank_once_and_in_order(text: str) -> None:
    found = list(sentences(text))
    assert "".join("".join(text[span.start : span.end].split()) for span in found) == "".join(text.split())
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert all(text[span.start : span.end].strip() == text[span.start : span.end] != "" for span in found)
    assert not any(set("\r\n") & set(text[span.start : span.end]) for span in found)


@given(PROSE)
def test_clauses_lose_only_semicolons_commas_and_blanks(text: str) -> None:
    for span in sentences(text):
        found = list(clauses(text, span))
        assert all(span.start <= one.start < one.end <= span.end for one in found)
        kept = "".join(text[one.start : one.end] for one in found)
        left = [sign for sign in text[span.start : span.end] if not sign.isspace() and sign not in ";,"]
        assert [sign for sign in kept if not sign.isspace() and sign not in ";,"] == left


@pytest.mark.parametrize("sign", [".", ". ", " ", "(", ".)", "(x", "(y)(", "; ", ", ", ".[3,", "A. ", "\r"])
def test_hostile_text_takes_linear_time(sign: str) -> None:
    text = sign * (250_000 // len(sign))
    start = time.process_time()
    for span in [Span(0, len(text)), *sentences(text)]:
        list(clauses(text, span))
    assert time.process_time() - start < 2
