"""Cue words: each kind where it stands, and what a negation makes of it."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.document import Span
from kg.reading.cues import cues

KINDS = set("up down better worse none speculation significant not-own versus plus alone safe except".split())


def read(text: str) -> list[tuple[str, str]]:
    return [(cue.kind, text[cue.span.start : cue.span.end]) for cue in cues(text, Span(0, len(text)))]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("up", "increased, Enhanced, higher, greater, more, elevated, upregulated, up-regulated, promoted, larger, "
                 "rose"),
        ("down", "decreased, reduced, attenuated, lower, fewer, less, smaller, suppressed, inhibited, diminished, "
                 "alleviated, "
                 "prevented, ameliorated"),
        ("better", "improved, improvement, better, recovered, recovery of, restored, facilitated recovery, "
                 "beneficial, effective, "
                   "promoted functional recovery, ameliorated deficits, greater improvement"),
        ("worse", "worsened, impaired, deteriorated, exacerbated, poorer, detrimental, aggravated, "
                 "impaired motor recovery"),
        ("none", "no significant difference, no significant differences, did not improve, did not differ, "
                 "did not change, not "
                 "significantly, failed to, without effect, without any effect, no effect, comparable, similar, "
                 "unchanged, "
                 "ineffective, no improvement, did not result in any improvement, no additional benefit, "
                 "not superior, did not "
                 "significantly improve, no more effective, without improving, P > 0.05, p = 0.3"),
        ("speculation", "may, might, could, potential, aimed, hypothesized, whether, to investigate, to evaluate, "
                 "to determine, "
                        "expected, further studies"),
        ("significant", "significant, significantly, p < 0.05, P<.001, p = 0.03, P \u2264 0.01"),
        ("not-own", "previous studies, has been, previously reported, it is known"),
        ("versus", "compared with, compared to, than, versus, vs, relative to, in comparison with, as against, "
                 "control group"),
        ("plus", "combined, combination, in conjunction with, together with, plus, co-transplantation, cotransplanted, "
                 "co-administered, followed by"),
        ("alone", "alone, only, monotherapy, either treatment"),
        ("safe", "no adverse effects, without serious complications, did not cause tumor formation, well tolerated, "
                 "safe"),
        ("except", "but not"),
    ],
)  # fmt: skip
def test_a_cue_is_read_whole(kind: str, words: str) -> None:
    for word in words.split(", "):
        assert read(f"beta {word} gamma") == [(kind, word)], word


@pytest.mark.parametrize(
    "text",
    [
        "evoked potential", "in May 2012", "with or without", "injury-reduced", "unimproved", "maybe", "lower limbs",
        "higher doses", "recovery", "effect", "difference", "and", "tumor", "overall", "no treatment",
        "no effective therapy",
    ],
)  # fmt: skip
def test_words_that_only_look_like_cues_are_none(text: str) -> None:
    assert read(f"beta {text} gamma") == []


def test_what_only_looks_like_a_negation_turns_nothing() -> None:
    assert read("alpha not only improved gait") == [("better", "improved")]
    assert read("rats with no treatment showed increased scars") == [("up", "increased")]
    assert read("alpha, but not beta, increased it") == [("except", "but not"), ("up", "increased")]
    assert read("alpha improved gait without causing adverse events") == [
        ("better", "improved"),
        ("safe", "without causing adverse events"),
    ]


def test_a_negation_holds_on_to_the_end_of_what_it_denies() -> None:
    assert read("alpha did not improve gait or reduce pain") == [("none", "did not improve"), ("none", "reduce")]
    assert read("no effect on recovery of gait") == [("none", "no effect on recovery of")]
    assert read("Neither alpha nor beta improved gait, gamma improved it") == [
        ("none", "Neither"),
        ("none", "improved"),
        ("better", "improved"),
    ]
    assert read("no evidence that alpha improved gait")[-1] == ("none", "improved")


def test_a_noun_that_is_denied_after_it_is_none() -> None:
    assert read("the improvement was not significant") == [("none", "improvement was not significant")]
    assert read("it increased but not significantly") == [("none", "increased but not significantly")]


def test_a_result_has_its_cues_by_place() -> None:
    text = "Alpha plus beta significantly reduced pain compared with alpha alone (P < 0.05)."
    assert [kind for kind, _ in read(text)] == ["plus", "significant", "down", "versus", "alone", "significant"]


def test_only_the_span_is_read_and_places_are_of_the_text() -> None:
    text = "It fell. \u0130t rose. It improved."
    assert [(cue.kind, text[cue.span.start : cue.span.end]) for cue in cues(text, Span(9, 17))] == [("up", "rose")]


@given(
    st.lists(
        st.sampled_from(
            "no not did improved neither nor or , ( p < 0.05 İ recovery effect reduced deficits x -".split()
        )
    )
)
def test_cues_lie_inside_in_order_and_never_overlap(words: list[str]) -> None:
    text = " ".join(words)
    found = cues(text, Span(1, len(text))) if text else ()
    assert all(cue.kind in KINDS and 1 <= cue.span.start < cue.span.end <= len(text) for cue in found)
    assert all(one.span.end <= other.span.start for one, other in pairwise(found))


@pytest.mark.parametrize(
    "words", ["no ", "neither ", "nor improve ", "not a ", "improve or ", "p < ", " ", "p", "improve"]
)
def test_hostile_text_takes_linear_time(words: str) -> None:
    text = words * (500_000 // len(words))
    start = time.process_time()
    cues(text, Span(0, len(text)))
    assert time.process_time() - start < 2
