"""What is written of SPARQL results: the W3C's own tests, and whatever terms there are."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from rdflib.collection import Collection
from rdflib.namespace import RDF

from kg import results
from kg.results import Solution

SUITES = Path(__file__).parent / "w3c"
MF = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
XSD = "http://www.w3.org/2001/XMLSchema#"
MEDIA = {"srj": results.FORMS["json"], "srx": results.FORMS["xml"], "tsv": "text/tab-separated-values"}
FORMS = {"srj": "json", "srx": "xml", "tsv": "tsv", "csv": "csv"}


@dataclass(frozen=True)
class Case:
    """One entry of a manifest."""

    name: str
    query: Path
    data: Path
    result: Path

    def evaluated(self) -> tuple[list[str], list[Solution]]:
        """What the embedded engine says; rdflib 7.6 fails five of the suite's VALUES tests."""
        store = ox.Store()
        store.bulk_load(path=str(self.data), format=ox.RdfFormat.TURTLE, base_iri="http://example.org/")
        answer = store.query(self.query.read_text(encoding="utf-8"))
        return [variable.value for variable in answer.variables], list(answer)

    def answer(self) -> bool | tuple[list[str], list[Solution]]:
        """What rdflib says of the data as they are written: Oxigraph's store would make -3 an xsd:integer."""
        graph = rdflib.Graph()
        for quad in ox.parse(path=str(self.data), format=ox.RdfFormat.TURTLE, base_iri="http://example.org/"):
            graph.add(tuple(map(theirs, quad.triple)))
        answer = graph.query(self.query.read_text(encoding="utf-8"))
        if answer.type == "ASK":
            return bool(answer.askAnswer)
        return [str(name) for name in answer.vars], [list(map(ours, row)) for row in answer]


def theirs(term: object) -> rdflib.term.Identifier:
    """A term of pyoxigraph as one of rdflib, as it is written."""
    if isinstance(term, ox.Literal):
        kind = None if term.language else rdflib.URIRef(term.datatype.value)
        return rdflib.Literal(term.value, lang=term.language, datatype=kind, normalize=False)
    return (rdflib.URIRef if isinstance(term, ox.NamedNode) else rdflib.BNode)(term.value)


def ours(term: rdflib.term.Identifier | None) -> ox.NamedNode | ox.BlankNode | ox.Literal | None:
    """A term of rdflib as one of pyoxigraph."""
    if isinstance(term, rdflib.Literal):
        kind = None if term.language or term.datatype is None else ox.NamedNode(term.datatype)
        return ox.Literal(str(term), language=term.language, datatype=kind)
    return term and (ox.NamedNode if isinstance(term, rdflib.URIRef) else ox.BlankNode)(str(term))


def cases(suite: str) -> Iterator[Case]:
    """The entries of a suite's manifest, in its order."""
    folder = SUITES / suite
    manifest = rdflib.Graph().parse(folder / "manifest.ttl", publicID="http://w3c/")
    (head,) = manifest.objects(rdflib.URIRef("http://w3c/"), MF.entries)
    for entry in Collection(manifest, head):
        action, result = manifest.value(entry, MF.action), manifest.value(entry, MF.result)
        if (entry, RDF.type, MF.CSVResultFormatTest) in manifest or (
            entry,
            RDF.type,
            MF.QueryEvaluationTest,
        ) in manifest:
            files = [manifest.value(action, QT.query), manifest.value(action, QT.data), result]
            query, data, wanted = (folder / str(file).removeprefix("http://w3c/") for file in files)
            yield Case(str(entry).rsplit("#", 1)[-1], query, data, wanted)


FORMAT_CASES = [case for suite in ("csv-tsv-res", "json-res") for case in cases(suite)]
ENGINE_CASES = [case for suite in ("project-expression", "bindings") for case in cases(suite)]


def test_the_manifests_hold_what_they_are_known_to_hold() -> None:
    assert [case.name for case in FORMAT_CASES] == (
        "csv01 tsv01 csv02 tsv02 csv03 tsv03 jsonres01 jsonres02 jsonres03 jsonres04".split()
    )
    assert len(ENGINE_CASES) >= 15
    assert {case.result.suffix for case in ENGINE_CASES} == {".srx"}


def table(solutions: ox.QuerySolutions) -> Counter[tuple[tuple[str, object], ...]]:
    """The bag of rows, whatever the order of columns; numbers by value: the suite writes 1.0E6 as 1.0e6 too."""
    names = [variable.value for variable in solutions.variables]
    order = sorted(range(len(names)), key=names.__getitem__)
    return Counter(tuple((names[n], value(row[n])) for n in order) for row in map(list, solutions))


def value(term: object) -> object:
    if isinstance(term, ox.BlankNode):
        return "a blank node"
    numbers = [XSD + kind for kind in ("integer", "decimal", "double", "float")]
    if isinstance(term, ox.Literal) and term.datatype.value in numbers:
        return term.datatype.value, Decimal(term.value)
    return str(term)


def written(case: Case, form: str) -> bytes:
    answer = case.answer() if case in FORMAT_CASES else case.evaluated()
    text = results.write_truth(answer, form) if isinstance(answer, bool) else results.write(*answer, form)
    return text.encode()


@pytest.mark.parametrize("case", [case for case in FORMAT_CASES if case.result.suffix != ".csv"], ids=lambda c: c.name)
def test_the_w3c_reads_in_our_json_and_tsv_what_it_expects(case: Case) -> None:
    suffix = case.result.suffix[1:]
    got = results.read(written(case, FORMS[suffix]), MEDIA[suffix])
    wanted = results.read(case.result.read_bytes(), MEDIA[suffix])
    if isinstance(wanted, ox.QueryBoolean):
        assert bool(got) == bool(wanted)
    else:
        assert table(got) == table(wanted)  # type: ignore[arg-type]


@pytest.mark.parametrize("case", [case for case in FORMAT_CASES if case.result.suffix == ".csv"], ids=lambda c: c.name)
def test_the_w3c_reads_in_our_csv_what_it_expects(case: Case) -> None:
    got, wanted = (
        sorted(map(cells, csv.DictReader(io.StringIO(text.decode(), newline=""))))
        for text in (written(case, "csv"), case.result.read_bytes())
    )
    assert got == wanted
    assert written(case, "csv").endswith(b"\r\n")


def cells(row: dict[str, str]) -> list[tuple[str, str]]:
    """The cells of a row, whatever the order of columns; blank nodes have the names their writer gives them."""
    return sorted((name, "_:b" if text.startswith("_:") else text) for name, text in row.items())


@pytest.mark.parametrize("form", ["json", "xml", "tsv"])
@pytest.mark.parametrize("case", ENGINE_CASES, ids=lambda c: c.name)
def test_an_answer_written_in_any_form_is_the_answer_the_w3c_expects(case: Case, form: str) -> None:
    media = {"json": MEDIA["srj"], "xml": MEDIA["srx"], "tsv": MEDIA["tsv"]}[form]
    got, wanted = results.read(written(case, form), media), results.read(case.result.read_bytes(), MEDIA["srx"])
    assert table(got) == table(wanted)  # type: ignore[arg-type]


TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12)
IRIS = st.sampled_from(["http://e/a", "http://e/b?c=d&e=%20", "urn:x:y", "http://e/\u00e9"]).map(ox.NamedNode)
TERMS = st.one_of(
    st.none(),
    IRIS,
    st.sampled_from(["b0", "b1"]).map(ox.BlankNode),
    TEXTS.map(ox.Literal),
    st.builds(lambda text: ox.Literal(text, language="en-GB"), TEXTS),
    st.builds(lambda text, kind: ox.Literal(text, datatype=kind), TEXTS, IRIS),
    st.integers().map(ox.Literal),
    st.floats(allow_nan=False).map(ox.Literal),
    st.booleans().map(ox.Literal),
)
ROWS = st.lists(st.tuples(TERMS, TERMS), max_size=5)


def read_again(rows: list[Solution], form: str, media: str) -> list[list[object]]:
    text = results.write(["a", "b"], rows, form)
    return [list(row) for row in results.read(text.encode(), media)]  # type: ignore[union-attr]


@given(ROWS)
def test_json_and_tsv_give_back_every_term(rows: list[Solution]) -> None:
    wanted = [list(row) for row in rows]
    assert read_again(rows, "json", MEDIA["srj"]) == wanted
    assert read_again(rows, "tsv", MEDIA["tsv"]) == wanted


@given(ROWS)
def test_xml_gives_back_every_term_that_xml_can_say(rows: list[Solution]) -> None:
    root = ElementTree.fromstring(results.write(["a", "b"], rows, "xml"))  # noqa: S314  # our own text
    space = {"s": "http://www.w3.org/2005/sparql-results#"}
    got = [
        {binding.get("name"): (binding[0].tag.split("}")[1], binding[0].text or "") for binding in result}
        for result in root.findall("s:results/s:result", space)
    ]
    said = [
        {name: dict(results._said(term)) for name, term in zip("ab", row, strict=True) if term is not None}
        for row in rows
    ]
    assert got == [{n: (m["type"], results._ILLEGAL.sub("", m["value"])) for n, m in row.items()} for row in said]


@given(ROWS)
def test_rdflib_reads_our_json_and_xml_too(rows: list[Solution]) -> None:
    printable = [row for row in rows if all(str(term).isprintable() for term in row)]
    for form in ("json", "xml"):
        text = results.write(["a", "b"], printable, form).encode()
        assert len(rdflib.query.Result.parse(io.BytesIO(text), format=form)) == len(printable)


def test_a_cut_answer_says_so_in_json_and_xml() -> None:
    row = [ox.Literal("x")]
    assert json.loads(results.write(["a"], [row], "json", complete=False))["complete"] is False
    assert json.loads(results.write(["a"], [row], "json"))["complete"] is True
    assert "<!-- not complete -->" in results.write(["a"], [row], "xml", complete=False)


@pytest.mark.parametrize("text", ["=1+1", "+x", "-x", "@x", "\tx", "\rx"])
def test_a_text_that_would_be_a_formula_is_none_in_csv(text: str) -> None:
    (_, (cell,)) = csv.reader(io.StringIO(results.write(["a"], [[ox.Literal(text)]], "csv"), newline=""))
    assert cell == "'" + text


@pytest.mark.parametrize("number", ["-0.5", "+3", "-1E9"])
def test_a_number_is_no_formula(number: str) -> None:
    decimal = ox.Literal(number, datatype=ox.NamedNode(XSD + "decimal"))
    assert results.write(["a"], [[decimal]], "csv") == f"a\r\n{number}\r\n"


def test_labels_stand_beside_the_iris_that_have_one() -> None:
    rows = [[ox.NamedNode("http://e/a"), ox.Literal("x"), ox.NamedNode("http://e/b")], [None, None, None]]
    columns, shown = results.labelled(["a", "b", "c"], rows, {"http://e/a": "Alpha"})
    assert columns == ["a", "aLabel", "b", "c"]
    assert [list(row) for row in shown] == [[rows[0][0], ox.Literal("Alpha"), *rows[0][1:]], [None] * 4]
    assert results.labelled(["a"], [], {}) == (["a"], [])


def test_what_is_no_result_is_said() -> None:
    with pytest.raises(results.KgError, match="'text/html' is no form of SPARQL results"):
        results.read(b"<html>", "text/html")
