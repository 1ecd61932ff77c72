from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st

import kg
from kg import library, shape
from kg.errors import KgError, UnknownName
from kg.library import BadValue, Question
from kg.store import Store
from kg.vocab import FILES

NAMES = library.names()
HEADER = """#+ summary: Which?
#+ params:
#+   - {name: phase, type: phase, help: a phase}
#+ columns: [s]
"""
BODY = "SELECT ?s\nWHERE {\n  VALUES ?Phase { UNDEF }  # param phase\n  ?s ?p ?Phase .\n}\nORDER BY ?s\n"


@pytest.mark.parametrize("name", NAMES)
def test_the_header_of_a_question_is_read(name: str) -> None:
    question = library.question(name)
    assert (question.name, question.summary[-1]) == (name, "?")
    assert question.columns
    known = {*FILES, *library.NODES, "regimen", "paper", "integer", "number", "text"}
    assert {param.type for param in question.params} <= known


@pytest.mark.parametrize("name", NAMES)
def test_the_slots_of_a_question_are_its_params(name: str, tiny: Store) -> None:
    question = library.question(name)
    assert {slot[3] for slot in library._SLOT.finditer(question.text)} == {param.name for param in question.params}


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_of_a_question_are_of_its_params(name: str) -> None:
    question = library.question(name)
    assert {key for key, _ in question.example} <= {param.name for param in question.params}
    assert {param.name for param in question.params if param.required} <= {key for key, _ in question.example}


WRONG_HEADERS = {
    "not-yaml": "#+ summary: [\n" + BODY,
    "a-list": "#+ - summary\n" + BODY,
    "an-unknown-word": HEADER + "#+ colour: red\n" + BODY,
    "no-summary": HEADER.replace("summary", "description") + BODY,
    "a-param-without-type": HEADER.replace("type: phase, ", "") + BODY,
    "a-param-without-slot": HEADER + BODY.replace("# param phase", ""),
    "a-slot-without-param": HEADER + BODY.replace("  ?s ?p", "  VALUES ?Other { UNDEF }  # param other\n  ?s ?p"),
    "a-param-twice": HEADER.replace("#+ columns", "#+   - {name: phase, type: phase, help: again}\n#+ columns") + BODY,
    "an-example-in-words": HEADER + "#+ example: chronic\n" + BODY,
}


@pytest.mark.parametrize("specimen", WRONG_HEADERS)
def test_a_wrong_header_is_one_sentence_with_the_file(specimen: str) -> None:
    with pytest.raises(KgError, match=rf"^{specimen}\.rq: ") as told:
        library.parse(specimen, WRONG_HEADERS[specimen])
    assert "\n" not in str(told.value)


def test_a_question_of_ones_own_folder_is_read(tmp_path: Path, tiny: Store) -> None:
    (tmp_path / "mine.rq").write_text(HEADER + BODY)
    question = library.question("mine", tmp_path)
    assert library.names(tmp_path) == ["mine"]
    assert tiny.select(library.bind(question, {"phase": ["acute"]}, tiny.vocab()))


PATHS = [
    "../improved",
    "..\\improved",
    "%2e%2e/improved",
    "/etc/passwd",
    "./improved",
    "improved.rq",
    "improved\0",
    "",
    ".",
    "..",
    "~",
    "*",
    "IMPROVED",
    "improved/",
]


@pytest.mark.parametrize("name", PATHS)
def test_a_path_is_no_name_of_a_question(name: str) -> None:
    with pytest.raises(UnknownName):
        library.question(name)


def test_an_unknown_question_comes_with_the_nearest_name() -> None:
    with pytest.raises(UnknownName, match=r"'improvd' is not a question\. Did you mean 'improved'"):
        library.question("improvd")


def asked(type: str, required: bool = False, exact: bool = False) -> Question:
    """A question with one parameter of a type."""
    about = f"{{name: one, type: {type}, required: {str(required).lower()}, exact: {str(exact).lower()}}}"
    return library.parse(
        "x", f"#+ summary: Which?\n#+ params:\n#+   - {about}\nSELECT ?x {{ VALUES ?x {{ UNDEF }}  # param one\n}}"
    )


def bound(store: Store, type: str, *values: str, **more: bool) -> list[object]:
    return [row["x"] for row in store.select(library.bind(asked(type, **more), {"one": values}, store.vocab()))]


BASE = "https://w3id.org/cordgraph/"


def test_a_class_takes_its_narrower_terms_with_it(tiny: Store) -> None:
    assert bound(tiny, "therapy", "alpha") == [BASE + "therapy/alpha", BASE + "therapy/alpha-two"]


def test_an_exact_parameter_takes_the_term_alone(tiny: Store) -> None:
    assert bound(tiny, "therapy", "alpha", exact=True) == [BASE + "therapy/alpha"]


def test_several_values_are_all_meant_and_each_once(tiny: Store) -> None:
    ids = [str(value).rsplit("/", 1)[1] for value in bound(tiny, "species", "mouse", "rodent", "mice", "human")]
    assert ids == ["mouse", "rat", "rodent", "human"]


def test_no_value_or_an_empty_one_means_any(tiny: Store) -> None:
    assert bound(tiny, "therapy") == bound(tiny, "therapy", "") == [None]


def test_a_needed_value_that_is_missing_is_said(tiny: Store) -> None:
    with pytest.raises(BadValue, match="'one' is needed"):
        bound(tiny, "therapy", "", required=True)


def test_a_slot_that_means_any_is_left_out_of_what_runs(tiny: Store) -> None:
    """Joining it changes nothing, and engines plan around it."""
    question = library.parse("x", HEADER + BODY)
    assert "VALUES" not in library.bind(question, {}, tiny.vocab())
    assert tiny.select(library.bind(question, {}, tiny.vocab())) == tiny.select(question.sparql)


def test_a_pattern_that_serves_a_slot_alone_goes_with_it(tiny: Store) -> None:
    body = "SELECT ?f\nWHERE {\n  VALUES ?p { UNDEF }  # param phase\n  ?f kg:inForce true ;\n"
    body += "    kg:phase ?p ;  # param phase\n    kg:study ?s .\n}\nORDER BY ?f\n"
    question = library.parse("x", HEADER + shape.PROLOGUE + body)
    assert "kg:phase" not in library.bind(question, {}, tiny.vocab())
    assert "kg:phase ?p ;" in library.bind(question, {"phase": ["acute"]}, tiny.vocab())
    assert tiny.select(library.bind(question, {}, tiny.vocab())) == tiny.select(question.sparql)


def test_a_slot_of_what_is_left_out_names_nothing_until_it_is_filled(tiny: Store) -> None:
    body = "SELECT ?s WHERE {\n ?s a kg:Phase .\n MINUS {\n VALUES ?s { rdf:nil }  # param phase\n }\n}\nORDER BY ?s\n"
    question = library.parse("x", HEADER + shape.PROLOGUE + body)
    everything = tiny.select(library.bind(question, {}, tiny.vocab()))
    assert len(everything) == 4
    assert len(tiny.select(library.bind(question, {"phase": ["acute", "chronic"]}, tiny.vocab()))) == 2
    assert len(list(kg.as_rdflib(tiny).query(library.bind(question, {}, tiny.vocab())))) == 4


def test_a_text_of_a_few_is_one_of_them(tiny: Store) -> None:
    text = "#+ summary: Which?\n#+ params:\n#+   - {name: one, type: text, choices: [improved, worsened]}\n"
    question = library.parse("x", text + "SELECT ?x { VALUES ?x { UNDEF }  # param one\n}")
    assert tiny.select(library.bind(question, {"one": ["improved"]}, tiny.vocab())) == [{"x": "improved"}]
    with pytest.raises(UnknownName, match=r"'improvd' is not an? one\. Did you mean 'improved'"):
        library.bind(question, {"one": ["improvd"]}, tiny.vocab())


@pytest.mark.parametrize(
    ("type", "start", "offered"),
    [
        ("phase", "CHR", ["chronic"]),
        ("therapy", "gamma (", ["gamma (purified)"]),
        (
            "regimen",
            "beta + al",
            ["beta + AL", "beta + alpha", "beta + alpha protein", "beta + alpha two", "beta + alpha-two"],
        ),
        ("finding", "aoki2001-0", [f"aoki2001-0{n}" for n in range(1, 6)]),
        ("paper", "e", ["eda2005"]),
        ("trial", "nct", ["NCT00000001"]),
        ("laboratory", "lab-t", ["lab-three", "lab-two"]),
        ("study", "c", ["cato2003"]),
        ("number", "", []),
        ("text", "a", []),
    ],
)
def test_values_are_offered_from_the_graph_itself(type: str, start: str, offered: list[str], tiny: Store) -> None:
    assert library.known(library.Param("one", type), tiny, start) == offered
    assert library.known(library.Param("one", "text", choices=("improved", "mixed")), tiny, "i") == ["improved"]


def test_an_unknown_parameter_comes_with_the_nearest_name(tiny: Store) -> None:
    with pytest.raises(UnknownName, match=r"'phas' is not a parameter of improved. Did you mean 'phase'"):
        library.bind(library.question("improved"), {"phas": ["acute"]}, tiny.vocab())


def test_an_unknown_term_comes_with_the_nearest_word(tiny: Store) -> None:
    with pytest.raises(UnknownName, match=r"'chronc' is not a phase. Did you mean 'chronic'"):
        bound(tiny, "phase", "chronc")


@pytest.mark.parametrize("value", ["beta + alpha", "alpha--beta", "AL | beta", "  beta  +  alpha protein "])
def test_a_regimen_is_named_in_any_order(value: str, tiny: Store) -> None:
    assert bound(tiny, "regimen", value) == [BASE + "combination/alpha--beta"]


def test_a_regimen_of_one_is_that_therapy(tiny: Store) -> None:
    assert bound(tiny, "regimen", "GM") == [BASE + "therapy/gamma"]


@pytest.mark.parametrize(
    "type, value, number",
    [
        ("integer", "7", 7),
        ("integer", "7.0", 7),
        ("integer", "-3", -3),
        ("number", "0.5", 0.5),
        ("number", "28", 28.0),
        ("number", "1e3", 1000.0),
    ],
)
def test_a_number_is_taken_as_one(type: str, value: str, number: float, tiny: Store) -> None:
    assert bound(tiny, type, value) == [number]


@pytest.mark.parametrize(
    "type, value",
    [
        ("integer", "7.5"),
        ("integer", "many"),
        ("integer", "1e5000"),
        ("integer", "NaN"),
        ("integer", "inf"),
        ("number", "-inf"),
        ("number", "sNaN"),
        ("number", "1,5"),
        ("number", "0x10"),
        ("number", "1e400"),
        ("number", "1) } #"),
        ("number", "\u0661"),
        ("number", "1_000"),
    ],
)
def test_what_is_no_number_is_refused(type: str, value: str, tiny: Store) -> None:
    with pytest.raises(BadValue, match="'one' must be a "):
        bound(tiny, type, value)


HOSTILE = {
    "double-quote": 'x" } ?s ?p ?o . { "',
    "single-quote": "x' } ?s ?p ?o . { '",
    "long-quote": 'x""" } { """',
    "brace": "} ?s ?p ?o {",
    "closing-iri": "x> } ?s ?p ?o . { <x:y",
    "hash": "x # } everything after",
    "newline": "x\n} ?s ?p ?o {",
    "carriage-return": "x\r} ?s ?p ?o {",
    "escaped-quote": 'x\\" } ?s ?p ?o . { \\"',
    "unicode-quote": "x\\u0022 } ?s ?p ?o . { \\u0022",
    "unicode-quote-long": "x\\U00000022 } ?s ?p ?o",
    "unicode-brace": "x\\u007D ?s ?p ?o \\u007B",
    "backslash-at-the-end": "x\\",
    "nul": "x\0y",
    "megabyte": "x" * 1_000_000,
    "right-to-left": "\u202ex\u2066y\u2069",
    "marks": "\u200ex\u200f",
    "next-line": "x\u0085y",
    "line-separator": "x\u2028} ?s ?p ?o {",
    "lone-surrogate": "x\ud800y",
    "undecoded-byte": "x\udcff",
    "percent": "x%22%20%7D",
    "question-mark": "?s",
    "undef": "UNDEF",
    "service": "x } SERVICE <http://127.0.0.1:9/> { ?s ?p ?o",
    "slot": "VALUES ?x { UNDEF }  # param one",
    "group-reference": r"\g<0>",
    "dots": "../../../etc/passwd",
}
PLACES = [(name, param.name) for name in NAMES for param in library.question(name).params]


@pytest.fixture(scope="module")
def engines(tiny: Store) -> list[Callable[[str], int]]:
    """Two engines that count the solutions of a query on the tiny graph."""
    other = kg.as_rdflib(tiny)
    return [lambda text: len(tiny.select(text)), lambda text: len(list(other.query(text)))]


def harmless(question: Question, name: str) -> dict[str, list[str]]:
    needed = {
        key: [value] for key, value in question.example if any(p.name == key and p.required for p in question.params)
    }
    return needed | {name: []}


@pytest.mark.parametrize("specimen", HOSTILE)
def test_a_hostile_value_is_refused_or_finds_nothing_in_any_question(
    specimen: str, tiny: Store, engines: list[Callable[[str], int]]
) -> None:
    vocab = tiny.vocab()
    for name, param in PLACES:
        question = library.question(name)
        try:
            text = library.bind(question, harmless(question, param) | {param: [HOSTILE[specimen]]}, vocab)
        except (BadValue, UnknownName) as told:
            assert len(str(told)) < 400
            assert "\n" not in str(told)
        else:
            assert [count(text) for count in engines] == [0, 0]
            assert raw(specimen) not in text.replace(str(shape.literal(HOSTILE[specimen])), "")


def raw(specimen: str) -> str:
    return HOSTILE[specimen] if len(HOSTILE[specimen].strip()) > 2 and specimen not in ("undef", "slot") else "\0"


@pytest.mark.parametrize("specimen", HOSTILE)
@pytest.mark.parametrize("type", ["text", "finding", "regimen", "therapy", "integer", "number", "trial"])
def test_a_hostile_value_stays_one_term_whatever_the_type(specimen: str, type: str, tiny: Store) -> None:
    try:
        text = library.bind(asked(type), {"one": [HOSTILE[specimen]]}, tiny.vocab())
    except (BadValue, UnknownName):
        return
    (row,) = tiny.select(text)
    assert row["x"] == HOSTILE[specimen] or str(row["x"]).startswith(BASE)


@given(st.text(max_size=40))
def test_any_text_is_refused_or_comes_back_as_it_went_in(value: str) -> None:
    store = Store.of([])
    try:
        text = library.bind(asked("text", required=True), {"one": [value]}, store.vocab())
    except BadValue:
        return
    assert store.select(text) == [{"x": value}]
    (row,) = rdflib.Graph().query(text)
    assert str(row[0]) == value  # type: ignore[index]


def numbers() -> Iterator[str]:
    yield from ("7", "0.50", "-12.25", "1E+2")


@pytest.mark.parametrize("value", [*numbers()])
def test_both_engines_read_a_number_alike(value: str, tiny: Store) -> None:
    text = library.bind(asked("number"), {"one": [value]}, tiny.vocab())
    (row,) = rdflib.Graph().query(text)
    assert Decimal(str(row[0])) == Decimal(value) == Decimal(str(tiny.select(text)[0]["x"]))  # type: ignore[index]
