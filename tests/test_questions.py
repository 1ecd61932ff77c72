"""Every shipped question, asked of the shipped graph on two engines."""

from __future__ import annotations

import re

import answers
import pytest
import rdflib
from answers import Bag, bag

import kg
from kg import library, resources
from kg.store import Store

QUESTIONS = library.names()


@pytest.fixture(scope="module")
def second(shipped: Store) -> rdflib.Graph:
    return kg.as_rdflib(shipped)


@pytest.fixture(scope="module")
def small(tiny: Store) -> rdflib.Graph:
    return kg.as_rdflib(tiny)


def asked(name: str, shipped: Store) -> str:
    question = library.question(name)
    return library.bind(question, {key: [value] for key, value in question.example}, shipped.vocab())


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_gives_the_same_answer_on_both_engines(name: str, shipped: Store, second: rdflib.Graph) -> None:
    text = asked(name, shipped)
    assert bag(shipped.select(text)) == rdflib_bag(second, text)


def rdflib_bag(graph: rdflib.Graph, text: str) -> Bag:
    rows = (enumerate(row) for row in graph.query(text))  # type: ignore[arg-type]  # a SELECT gives rows
    return bag({str(n): None if term is None else term.toPython() for n, term in row} for row in rows)


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_tiny_graph_gives_the_answer_on_file(name: str, tiny: Store, small: rdflib.Graph) -> None:
    text = answers.asked(name, tiny)
    assert bag(tiny.select(text)) == answers.on_file(name), "read the difference, then: python tests/answers.py"
    assert rdflib_bag(small, text) == answers.on_file(name)


def test_every_answer_on_file_is_of_a_question() -> None:
    assert sorted(file.stem for file in answers.ANSWERS.iterdir()) == QUESTIONS


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_asked_for_anything_gives_what_its_file_gives_as_it_is(name: str, shipped: Store) -> None:
    """What is left out where nothing is given changes no row."""
    question = library.question(name)
    if not any(param.required for param in question.params):
        assert bag(shipped.select(library.bind(question, {}, shipped.vocab()))) == bag(shipped.select(question.sparql))


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_gives_at_least_the_rows_it_expects(name: str, shipped: Store) -> None:
    question = library.question(name)
    assert len(shipped.select(asked(name, shipped))) >= max(question.expect, 1)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_gives_the_columns_it_names(name: str, shipped: Store) -> None:
    rows = shipped.select(asked(name, shipped))
    assert tuple(rows[0]) == library.question(name).columns


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_is_written_in_the_house_style(name: str) -> None:
    text = (resources.folder("queries") / f"{name}.rq").read_text(encoding="utf-8")
    prefixes = re.findall(r"^PREFIX (\w+):", text, re.MULTILINE)
    assert prefixes == sorted(prefixes)
    assert all(text.count(f"{prefix}:") > 1 for prefix in prefixes)
    assert "ORDER BY" in text
    assert "SELECT *" not in text
    assert max(map(len, text.splitlines())) <= 120
    assert library.question(name).summary.endswith("?")


def test_there_are_at_least_forty_five_questions_with_the_six_of_the_design() -> None:
    six = {"improved", "adds", "gap-map", "contradictions", "never-combined", "receipt"}
    assert len(QUESTIONS) >= 45
    assert six <= set(QUESTIONS)


def test_a_synonym_asks_the_same_as_the_label(shipped: Store) -> None:
    assert kg.query("improved", shipped, therapy="ChABC") == kg.query("improved", shipped, therapy="chondroitinase ABC")


def test_a_class_takes_its_members_with_it(shipped: Store) -> None:
    assert len(kg.query("improved", shipped, therapy="cells")) > len(
        kg.query("improved", shipped, therapy="hiPSC-NS/PC")
    )


def test_a_day_window_keeps_what_lies_inside(shipped: Store) -> None:
    days = [row["day"] for row in kg.query("timing", shipped, from_day=7, to_day=14)]
    assert days
    assert all(7 <= float(day or 0) <= 14 for day in days)


def test_nulls_and_harms_are_as_visible_as_the_rows_say(shipped: Store) -> None:
    counted = shipped.select(
        "PREFIX kg: <https://w3id.org/cordgraph/ns#> SELECT ?f WHERE { ?f kg:inForce true ; kg:result ?r "
        'FILTER(?r IN ("no difference", "worsened", "mixed")) }'
    )
    assert len(kg.query("null-or-harm", shipped)) == len(counted)
