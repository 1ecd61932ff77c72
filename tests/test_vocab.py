from __future__ import annotations

from pathlib import Path

import pytest

from kg import vocab
from kg.build import Collected
from kg.errors import KgError, UnknownName
from kg.model import HigherIs, Mapping, Outcome, Term, Therapy
from kg.vocab import Vocab

WORDS = Vocab.of(
    [
        Therapy("therapy", "alpha", "Alpha protein", synonyms=("AL", "shared")),
        Therapy("therapy", "alpha-two", "Alpha two", broader=("alpha",)),
        Therapy("therapy", "alpha-three", "Alpha three", broader=("alpha-two",)),
        Therapy("therapy", "beta", "Beta", synonyms=("shared", "alpha")),
        Term("species", "mouse", "mouse"),
    ]
)


@pytest.mark.parametrize(
    "name", ["alpha", "Alpha protein", "AL", "al", "ALPHA-PROTEIN", " alpha\u2010protein ", "alpha_protein"]
)
def test_a_term_is_found_by_id_label_or_synonym_whatever_case_and_hyphens(name: str) -> None:
    assert WORDS.find("therapy", name).id == "alpha"


def test_an_id_wins_over_the_synonym_of_another_term() -> None:
    assert WORDS.find("therapy", "alpha").id == "alpha"


def test_a_synonym_of_two_terms_is_refused_with_both_of_them() -> None:
    with pytest.raises(KgError, match="'shared' is several terms: alpha, beta"):
        WORDS.find("therapy", "shared")


def test_an_unknown_word_comes_with_the_nearest_known_ones() -> None:
    with pytest.raises(UnknownName, match=r"'alpa' is not a therapy\. Did you mean 'alpha'"):
        WORDS.find("therapy", "alpa")


def test_a_word_far_from_all_others_comes_without_a_guess() -> None:
    with pytest.raises(UnknownName, match=r"is not a species\.$"):
        WORDS.find("species", "qqqqqq")


def test_a_very_long_word_is_shortened_in_its_message() -> None:
    with pytest.raises(UnknownName) as told:
        WORDS.find("therapy", "x" * 1_000_000)
    assert len(str(told.value)) < 200


def test_a_scheme_nobody_knows_has_no_words() -> None:
    with pytest.raises(UnknownName):
        WORDS.find("colour", "red")


def test_narrower_goes_all_the_way_down_and_only_down() -> None:
    assert WORDS.narrower(WORDS.find("therapy", "alpha")) == ("alpha", "alpha-three", "alpha-two")
    assert WORDS.narrower(WORDS.find("therapy", "alpha-three")) == ("alpha-three",)


def test_a_circle_of_broader_terms_ends() -> None:
    ring = Vocab.of([Term("species", "a", "a", broader=("b",)), Term("species", "b", "b", broader=("a",))])
    assert ring.narrower(ring.find("species", "a")) == ("a", "b")


def test_a_label_falls_back_to_the_id() -> None:
    assert WORDS.label("therapy", "beta") == "Beta"
    assert WORDS.label("therapy", "nobody") == "nobody"


def test_the_tables_become_terms_of_their_kind(collected: Collected) -> None:
    walking = collected.vocab.terms["outcome", "walking"]
    assert isinstance(walking, Outcome)
    assert walking.higher_is is HigherIs.BETTER
    assert collected.vocab.terms["species", "mouse"].mappings == (
        Mapping("exactMatch", "NCBITaxon:10090", "invented page"),
    )


SPOILED = {
    "a-phase-twice": ("phases", "acute,again,0,3,,,,", "'acute' stands twice"),
    "an-id-with-capitals": ("species", "Mouse,a,,,", "'Mouse' is not an id"),
    "an-id-with-two-hyphens": ("therapies", "a--b,a,,,", "'a--b' is not an id"),
    "no-label": ("species", "cat,,,,", "column label: is empty"),
    "a-class-nobody-knows": ("species", "cat,cat,rodnt,,", "cat: 'rodnt' is not a species. Did you mean 'rodent'?"),
    "a-domain-nobody-knows": ("outcomes", "new,new,moto,better,,,,", "'moto' is not a domain. Did you mean 'motor'?"),
    "no-domain": ("outcomes", "new,new,,better,,,,", "is not a domain"),
    "no-polarity": ("outcomes", "new,new,motor,,,,,", "'' is not one of better, worse, unknown"),
    "a-polarity-of-its-own": ("outcomes", "new,new,motor,up,,,,", "'up' is not one of better, worse, unknown"),
    "a-window-in-words": ("phases", "late,late,four weeks,,,,,", "must be days, as numbers"),
    "a-window-without-number": ("phases", "late2,late2,NaN,,,,,", "must be days, as numbers"),
    "a-window-without-end": ("phases", "late2,late2,3,inf,,,,", "must be days, as numbers"),
    "a-mapping-of-nothing": (
        "mappings",
        "species,mous,exactMatch,MESH:D1,page",
        "'mous' is not a species. Did you mean 'mouse'?",
    ),
    "a-mapping-by-another-word": ("mappings", "species,mouse,sameAs,MESH:D1,page", "'sameAs' is not one of exactMatch"),
    "a-mapping-to-an-address": ("mappings", "species,mouse,exactMatch,https://example.org,page", "is not a CURIE"),
    "a-term-above-itself": ("species", "loop,loop,loop,,", "loop: the term stands above itself"),
    "a-mapping-to-a-strange-prefix": ("mappings", "species,mouse,exactMatch,NOWHERE:1,page", "NOWHERE"),
}


@pytest.mark.parametrize("specimen", SPOILED)
def test_a_wrong_word_is_one_sentence_with_its_table(specimen: str, sheets: Path) -> None:
    table, row, message = SPOILED[specimen]
    with (sheets / "vocab" / f"{table}.csv").open("a", encoding="utf-8") as file:
        file.write(row + "\n")
    _, problems = vocab.load(sheets / "vocab")
    assert [message in str(problem) for problem in problems] == [True]
    assert problems[0].file == f"vocab/{table}.csv"


def test_a_missing_vocabulary_is_said_and_the_others_are_read(sheets: Path) -> None:
    (sheets / "vocab" / "routes.csv").unlink()
    words, problems = vocab.load(sheets / "vocab")
    assert "vocab/routes.csv: does not exist" in str(problems[0])
    assert words.find("species", "mouse")
