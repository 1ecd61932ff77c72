"""The vocabulary as a lexicon: what is found, under which spelling, and where."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.model import Term
from kg.reading.lexicon import Lexicon, folded, variants


def term(label: str, *synonyms: str, id: str = "x", scheme: str = "therapy") -> Term:
    return Term(scheme, id, label, synonyms=synonyms)


def found(lexicon: Lexicon, text: str) -> list[str]:
    return [text[m.span.start : m.span.end] for m in lexicon.mentions(text)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("alpha cell", "two Alpha-cells were"),
        ("beta-factor", "the \u03b2 factor of"),
        ("oedema", "less edema than"),
        ("tumor", "no tumours grew"),
        ("NT-3", "with NT3 or"),
        ("NT-3", "with NT\u20113 or"),
        ("alpha body", "alpha bodies were"),
        ("alpha crush", "both alpha crushes"),
        ("randomised alpha", "a randomized alpha"),
    ],
)
def test_a_name_is_found_in_every_spelling(name: str, text: str) -> None:
    assert len(found(Lexicon([term(name)]), text)) == 1


def test_a_name_inside_a_word_is_none() -> None:
    assert found(Lexicon([term("alpha")]), "alphabet, xalpha, alpha2") == []


def test_of_two_names_the_longer_is_meant() -> None:
    lexicon = Lexicon([term("alpha cell", id="a"), term("alpha cell graft", id="b")])
    assert found(lexicon, "an alpha cell graft and alpha cells") == ["alpha cell graft", "alpha cells"]


def test_an_acronym_needs_its_capitals_and_may_be_plural() -> None:
    lexicon = Lexicon([term("alpha beta", "ALB")])
    assert found(lexicon, "alb ALB Alb ALBs") == ["ALB", "ALBs"]


def test_one_name_of_two_schemes_is_both() -> None:
    lexicon = Lexicon([term("alpha"), term("alpha", scheme="outcome")])
    assert {m.scheme for m in lexicon.mentions("alpha")} == {"therapy", "outcome"}


def test_a_lexicon_is_the_same_after_it_was_sent_to_another_process() -> None:
    lexicon = Lexicon([term("alpha cell", "PAS")])
    text = "PAS and alpha cells"
    assert pickle.loads(pickle.dumps(lexicon)).mentions(text) == lexicon.mentions(text)  # noqa: S301


@given(st.text())
def test_folding_never_moves_a_place(text: str) -> None:
    assert len(folded(text)) == len(text)


@given(st.text(alphabet="\u0130\u00dfAa-/\u03a3 alph", max_size=40))
def test_every_place_found_is_inside_the_text(text: str) -> None:
    for mention in Lexicon([term("alpha", "A-A")]).mentions(text):
        assert folded(text[mention.span.start : mention.span.end]) in variants("alpha") | variants("A-A")
