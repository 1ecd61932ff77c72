"""Abbreviations that a text defines itself: both ways round, with their places, and nothing that only looks so."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.reading.abbreviations import definitions


def pairs(text: str) -> list[tuple[str, str]]:
    return [(one.short, one.long) for one in definitions(text)]


@pytest.mark.parametrize(
    ("long", "short"),
    [
        ("neural stem/progenitor cells", "NS/PCs"),
        ("olfactory ensheathing cells", "OECs"),
        ("Basso, Beattie and Bresnahan", "BBB"),
        ("spinal cord injury", "SCI"),
        ("chondroitinase ABC", "ChABC"),
        ("body-weight-supported treadmill training", "BWSTT"),
        ("granulocyte colony-stimulating factor", "G-CSF"),
        ("American Spinal Injury Association", "ASIA"),
        ("transforming growth factor-\u03b2", "TGF-\u03b2"),
        ("interleukin-10", "IL-10"),
        ("neural stem cell", "NSCs"),
        ("days post injury", "dpi"),
    ],
)
def test_a_short_form_is_defined_in_brackets_or_before_them(long: str, short: str) -> None:
    assert pairs(f"After the {long} ({short}) came.") == [(short, long)]
    assert pairs(f"After the {long} [{short}; n = 8] came.") == [(short, long)]
    if " " in long:
        assert pairs(f"After {short} ({long}) came.") == [(short, long)]


def test_nested_brackets_define_too() -> None:
    assert pairs("granulocyte colony-stimulating factor (G-CSF (alpha))") == [
        ("G-CSF", "granulocyte colony-stimulating factor")
    ]
    assert pairs("(after spinal cord injury [SCI])") == [("SCI", "spinal cord injury")]
    assert pairs("human umbilical cord (hUC) mesenchymal stem cells (hUC-MSCs)") == [
        ("hUC", "human umbilical cord"),
        ("hUC-MSCs", "human umbilical cord (hUC) mesenchymal stem cells"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "some rats (n = 8) of all (P < 0.05) at a time (2001)",
        "the treated animals (rats)",
        "serotonin (5-HT)",
        "alpha beta (AB",
        "alpha beta) (AB",
        "alpha\nbeta (AB)",
        "the AB alpha beta c (A)",
        "abcde (ABCDEFGHIJK)",
    ],
)
def test_other_brackets_define_nothing(text: str) -> None:
    assert pairs(text) == []


def test_a_long_form_has_at_most_twice_as_many_words_as_the_short_one_signs() -> None:
    assert pairs("alpha of the beta (AB)") == [("AB", "alpha of the beta")]
    assert pairs("alpha of the one beta (AB)") == []


@given(st.text(st.sampled_from("abAB \n()[]-,;.1\u00dfİ"), max_size=60) | st.text(max_size=60))
def test_both_forms_stand_where_they_are_said_to(text: str) -> None:
    for one in definitions(text):
        assert text[one.short_span.start : one.short_span.end] == one.short
        assert text[one.long_span.start : one.long_span.end] == one.long
        assert 2 <= len(one.short) <= 10 and one.short[0].isalnum() and len(one.long) > len(one.short)
        assert one.long_span.end <= one.short_span.start or one.short_span.end <= one.long_span.start


@pytest.mark.parametrize(
    "text", ["(" * 10_000, "a" * 1_000_000, " " * 1_000_000, "(" * 50_000 + ")" * 50_000, "(AB)" * 25_000]
)
def test_hostile_text_takes_linear_time(text: str) -> None:
    start = time.process_time()
    list(definitions(text))
    assert time.process_time() - start < 2
