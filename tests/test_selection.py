from __future__ import annotations

from pathlib import Path

import pytest

from kg import library
from kg.build import Collected
from kg.errors import KgError, UnknownName
from kg.model import Finding
from kg.selection import Selection, resolve
from kg.store import Store


def in_force(collected: Collected) -> list[Finding]:
    return [item for item in collected.items if isinstance(item, Finding) and item.in_force]


def chosen(store: Store, *around: str, depth: int = 1, query: str = "", **where: str) -> set[str]:
    told = tuple((name, (word,)) for name, word in where.items())
    found = Selection(around, depth, told, query).evidence(store)
    return {key for *_, key, kind in found.edges(keys=True, data="kind") if kind == "finding"}


def test_nothing_said_selects_everything(tiny: Store, collected: Collected) -> None:
    assert Selection().findings(tiny) is None
    assert chosen(tiny) == {one.id for one in in_force(collected)}


def test_around_a_therapy_keeps_the_findings_of_arms_that_give_it_or_one_below_it(
    tiny: Store, collected: Collected
) -> None:
    wanted = {one.id for one in in_force(collected) if one.arm.active & {"alpha", "alpha-two"}}
    assert chosen(tiny, "AL") == wanted


@pytest.mark.parametrize(
    "what",
    ["walking", "aoki2001", "10.1000/aoki.(2001)1:2;3", "alpha + beta", "NCT00000001", "scar-tissue", "lab-one", "rat"],
)
def test_around_takes_whatever_has_a_receipt(what: str, tiny: Store) -> None:
    assert chosen(tiny, what)


def test_around_a_finding_is_that_finding(tiny: Store) -> None:
    assert chosen(tiny, "aoki2001-01") == {"aoki2001-01"}


def test_with_more_depth_come_the_findings_of_the_therapies_and_outcomes_found(tiny: Store) -> None:
    one, two = chosen(tiny, "scar area"), chosen(tiny, "scar area", depth=2)
    assert one < two


def test_conditions_are_joined_by_and(tiny: Store) -> None:
    assert chosen(tiny, phase="acute") == {"baba2002-07"}
    both = chosen(tiny, "AL", result="no difference")
    assert both == chosen(tiny, "AL") & chosen(tiny, result="no difference") != set()


def test_a_question_with_its_options_selects_the_findings_of_its_answer(tiny: Store) -> None:
    assert chosen(tiny, query="improved --phase=chronic") <= chosen(tiny, phase="chronic")
    assert chosen(tiny, query="findings --result 'no difference'") == chosen(tiny, result="no difference")


def test_a_question_of_counts_selects_the_findings_that_speak_of_what_its_rows_name(tiny: Store) -> None:
    rows = tiny.select(library.bind(library.question("by-outcome"), {}, tiny.vocab()))
    assert {row["domain"] for row in rows}
    assert chosen(tiny, query="by-outcome --domain motor") == chosen(tiny, domain="motor") != set()
    assert chosen(tiny, query="never-combined") <= chosen(tiny)


def test_a_select_selects_the_findings_in_its_column_finding(built: Path) -> None:
    store = Store.open(built)
    query = "SELECT ?finding { ?finding a kg:Finding ; kg:result 'no difference' }"
    assert chosen(store, query=query) == chosen(store, result="no difference")


@pytest.mark.parametrize(
    "selection, error, said",
    [
        (Selection(("alpah",)), UnknownName, "Did you mean"),
        (Selection(where=(("phase", ("chronc",)),)), UnknownName, "Did you mean"),
        (Selection(("beta",), where=(("phase", ("acute",)),)), KgError, "no finding here for beta; acute"),
        (Selection(query="identifiers"), KgError, "name nothing .*: .*findings"),
        (Selection(query="findings chronic"), KgError, "write them as --name value"),
        (Selection(query="fndings"), UnknownName, "Did you mean"),
        (Selection(query="SELECT ?finding { ?finding ?p ?o }"), KgError, "on disk or behind an endpoint"),
    ],
)
def test_what_cannot_be_selected_is_said(selection: Selection, error: type[KgError], said: str, tiny: Store) -> None:
    with pytest.raises(error, match=said):
        selection.findings(tiny)


def test_what_is_retracted_is_not_shown_and_it_is_said(tiny: Store) -> None:
    assert Selection(("cato2003",)).findings(tiny) == {"cato2003-01", "cato2003-02"}
    with pytest.raises(KgError, match="cato2003 was withdrawn, or its paper retracted"):
        Selection(("cato2003",)).evidence(tiny)


def test_a_file_of_sparql_is_read_and_one_that_cannot_be_is_named(built: Path, tmp_path: Path) -> None:
    file = tmp_path / "nulls.rq"
    file.write_text("SELECT ?finding { ?finding kg:result 'no difference' }", encoding="utf-8")
    assert chosen(Store.open(built), query=str(file)) == chosen(Store.open(built), result="no difference")
    with pytest.raises(KgError, match=r"none\.rq cannot be read"):
        chosen(Store.open(built), query=str(tmp_path / "none.rq"))


def test_trials_are_those_that_give_it_or_the_one_of_that_number(shipped: Store) -> None:
    asked = library.bind(library.question("trials"), {"therapy": ["cell therapy"]}, shipped.vocab())
    wanted = {row["trial"] for row in shipped.select(asked)}
    assert {row["trial"] for row in Selection(("cell therapy",)).trials(shipped)} == wanted
    assert {row["trial"] for row in Selection(("NCT03935724",)).trials(shipped)} == {"NCT03935724"}
    every = {row["trial"] for row in Selection().trials(shipped)}
    assert wanted < every


def test_how_far_a_selection_goes_is_in_its_words() -> None:
    assert Selection(("alpha",), 2).words == "alpha, 2 links on"


def test_a_key_a_name_and_a_doi_name_the_same_node(tiny: Store) -> None:
    assert resolve(tiny, "AL") == resolve(tiny, "alpha") == resolve(tiny, "therapy/alpha")
