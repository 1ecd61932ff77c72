"""The pages about combinations in a browser: readable, the same each time, harms on every one, and deaf to attacks."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import accessible
import browser
import pytest
from test_attacks import hostile
from test_page import ATTACKS, Elements

from kg import build
from kg.build import Collected
from kg.store import Store
from kg.synthesis import squares
from kg.synthesis.combos import candidates, contrasts, coverage, covers, evaluate, known, lattice, reasons
from kg.synthesis.combos.known import Known, Scope
from kg.synthesis.combos.topology import popularity
from kg.views.combos import ahead, barriers, card, harms, tried
from kg.views.combos import contrasts as judged
from kg.views.combos import evaluate as evaluated
from kg.views.report import Report

HARM = "aoki2001-04"
IMPACTS = ("minor", "moderate", "serious", "critical")
READY = "document.body.dataset.ready === 'true'"
tab = pytest.fixture(scope="module")(browser.tabs)


def of_contrasts(store: Store, seen: Known, what: str, scope: Scope) -> Report:
    wanted = contrasts.sets(seen, what)
    rows = contrasts.contrasts(seen, squares.squares(store), wanted, scope)
    sums = contrasts.summaries(seen, rows, wanted, scope)
    return judged.page(store, seen, what, rows, sums, scope, ["kg", "combos", "contrasts", what])


def of_covers(store: Store, seen: Known, therapies: tuple[str, ...], scope: Scope, *cover: str) -> Report:
    found = coverage.coverage(seen, therapies, scope)
    made = covers.covers(seen, cover, (), scope) if cover else None
    return barriers.barriers(store, seen, found, scope, ["kg", "combos", "barriers"], made)


def of_next(store: Store, seen: Known, therapy: str, scope: Scope) -> Report:
    made = candidates.untried(seen, scope, therapy)
    cards = reasons.Cards(store, seen, made)
    shown = [cards.of(rank, one) for rank, one in enumerate(made.candidates[:3], 1)]
    return ahead.ahead(store, seen, therapy, made, shown, ["kg", "combos", "next", therapy])


def of_evaluation(store: Store, seen: Known) -> Report:
    made = evaluate.evaluation(seen, draws=100, methods={"popularity": popularity, "random": evaluate.at_random})
    return evaluated.evaluation(store, seen, made, ["kg", "combos", "evaluate"])


def pages(
    store: Store, one: str, both: tuple[str, str], barrier: str, scope: Scope, compared: str = "alpha + beta"
) -> dict[str, Report]:  # fmt: skip
    """Every page about combinations, of one therapy, of a pair, and of one that was compared."""
    seen, members = known.read(store), frozenset(both)
    nodes = lattice.tried(seen, one, scope)
    return {
        "tried": tried.tried(store, seen, one, nodes, scope, ["kg", "combos", "tried", one]),
        "contrasts": of_contrasts(store, seen, one, scope),
        "contrast": of_contrasts(store, seen, compared, known.ANY),
        "barriers": of_covers(store, seen, (one,), scope),
        "covers": of_covers(store, seen, both, scope, barrier),
        "next": of_next(store, seen, one, scope),
        "card": card.card(store, seen, members, scope, command=["kg", "combos", "card", " + ".join(both)]),
    }


@pytest.fixture(scope="module")
def invented(tiny: Store) -> dict[str, Report]:
    """The pages of the invented therapies."""
    made = pages(tiny, "alpha", ("alpha", "beta"), "scar-tissue", known.ANY)
    return made | {"evaluate": of_evaluation(tiny, known.read(tiny))}


@pytest.fixture(scope="module")
def real(shipped: Store) -> dict[str, Report]:
    """The pages of the shipped graph."""
    chronic = Scope.of(known.read(shipped).vocab, phase="chronic")
    cells, pair = "neural-stem-progenitor", ("hipsc-nspc", "treadmill")
    return pages(shipped, cells, pair, "scar", chronic, f"{cells} + treadmill")


@pytest.fixture(scope="module")
def attacked(collected: Collected) -> dict[str, Report]:
    """The same of a graph in which every label, title, place and note is an attack."""
    made = Store.of(hostile(triple, number) for number, triple in enumerate(sorted(collected.triples(), key=str)))
    made.about |= {"version": ATTACKS[0], "data": ATTACKS[1], "date": ATTACKS[2]}
    told = pages(made, "alpha", ("alpha", "beta"), "scar-tissue", known.ANY)
    return told | {"evaluate": of_evaluation(made, known.read(made))}


GRAPHS = ("invented", "real", "attacked")


@pytest.fixture(params=GRAPHS)
def made(request: pytest.FixtureRequest) -> Mapping[str, Report]:
    """Every page of a graph."""
    found: Mapping[str, Report] = request.getfixturevalue(request.param)
    return found


def opened(tab: browser.Browser, report: Report, folder: Path) -> None:
    tab.open(report.save(folder / "page.html"), READY)


def test_every_finding_that_a_sentence_names_is_on_the_page(made: Mapping[str, Report]) -> None:
    for name, report in made.items():
        facts = {fact.finding for fact in report.document.facts}
        for section in report.document.sections:
            for sentence in section.sentences():
                assert {*sentence.findings} <= facts, (name, sentence)
                assert len({*sentence.findings}) == len(sentence.findings), (name, sentence)


@pytest.mark.parametrize("graph", ["invented", "real"])
def test_sentences_end_once_have_no_hole_and_promise_nothing(graph: str, request: pytest.FixtureRequest) -> None:
    for name, report in request.getfixturevalue(graph).items():
        for text in (sentence.text for section in report.document.sections for sentence in section.sentences()):
            assert text.endswith("."), (name, text)
            assert not re.search(r"\bNone\b|\.\.$|: \.|; \.|  |not stated; not stated", text), (name, text)
            assert not re.search(r"\b(treats?|cures?|effective|promising|synergistic)\b", text), (name, text)


def test_pages_work_offline_without_complaint_and_every_receipt_opens_its_findings(
    made: Mapping[str, Report], tab: browser.Browser, tmp_path: Path
) -> None:
    for name, report in made.items():
        opened(tab, report, tmp_path)
        wrong = tab.run(
            """[...document.querySelectorAll('a[data-findings]')].filter(link => {
              link.click();
              return document.getElementById('panel').hidden
                || document.querySelectorAll('#panel code').length < link.dataset.findings.split(' ').length;
            }).map(link => link.outerHTML)"""
        )
        assert wrong == [], name
        shut = tab.run(
            """[...document.querySelectorAll('#picture .mark')].filter(mark => {
              mark.dispatchEvent(new MouseEvent('click', {bubbles: true}));
              const head = document.querySelector('#panel h2');
              return !head || head.textContent !== mark.getAttribute('aria-label');
            }).map(mark => mark.getAttribute('aria-label'))"""
        )
        assert shut == [], name
        ids = "[...document.querySelectorAll('[id]')].map(e => e.id)"
        assert tab.run(f"{ids}.filter((id, i, all) => all.indexOf(id) !== i)") == [], name
        assert tab.run("typeof window.__pwned") == "undefined", name
        assert not [url for url in tab.requests() if not url.startswith("file:")], name
        assert not tab.complaints(), name


@pytest.mark.parametrize("graph", ["invented", "real"])
@pytest.mark.parametrize("dark", [False, True])
def test_nothing_stands_in_the_way_of_a_screen_reader(
    graph: str, dark: bool, tab: browser.Browser, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    found: Mapping[str, Report] = request.getfixturevalue(graph)
    tab.window(1400, 900, dark)
    for name in found if graph == "invented" else ("card", "contrast", "barriers"):
        opened(tab, found[name], tmp_path)
        assert [str(one) for one in accessible.obstacles(tab, IMPACTS)] == [], name
    tab.window(390, 844, dark)
    for name in ("card", "covers"):
        opened(tab, found[name], tmp_path)
        assert tab.run("document.documentElement.scrollWidth") <= 390, name
    tab.window(1400, 900)


def test_an_attack_is_text(attacked: Mapping[str, Report], invented: Mapping[str, Report]) -> None:
    for name, report in attacked.items():
        bad, plain = Elements(report.html).found, Elements(invented[name].html).found
        assert {tag for tag, _ in bad} <= {tag for tag, _ in plain}, name
        assert not [key for _, keys in bad for key in keys if key.startswith("on") or key == "srcdoc"], name
        text = report.content(Path("page.md")).decode()
        bare = "\n".join(re.sub(r"\\.|`+[^`]*`+", "", line) for line in text.splitlines())
        assert "](javascript" not in bare, name
        assert "<script" not in bare, name


# --- harms ------------------------------------------------------------------------------------------------------------


def test_a_harm_stands_in_the_words_of_every_page(invented: Mapping[str, Report]) -> None:
    for name, report in invented.items():
        if name == "evaluate":  # aoki2001 is where alpha and beta were first given together, so that no slice is later
            continue
        said = {id for section in report.document.sections for s in section.sentences() for id in s.findings}
        assert HARM in said, name
        if name != "card":
            assert report.document.sections[0].id == "harms", name


@pytest.mark.parametrize("graph", ["tiny", "shipped"])
def test_the_card_of_every_set_names_the_harms_of_its_parts_first(graph: str, request: pytest.FixtureRequest) -> None:
    store: Store = request.getfixturevalue(graph)
    seen = known.read(store)
    made = candidates.untried(seen, known.ANY)
    cards = reasons.Cards(store, seen, made)
    for one in made.candidates[:5]:
        first = ahead.card_groups(seen, cards.of(1, one))[0].items[0].sentences[0]
        assert {*first.findings} >= {*seen.harms(one.members)}
        assert bool(first.findings) != ("no sign of safety" in first.text)


@pytest.mark.parametrize("words", [{"phase": "acute"}, {"domain": "motor"}, {"species": "rat", "phase": "chronic"}])
def test_no_option_hides_a_harm(words: dict[str, str], tiny: Store) -> None:
    seen = known.read(tiny)
    scope = Scope.of(seen.vocab, **words)
    shown: list[Callable[[], Report]] = [
        lambda: of_contrasts(tiny, seen, "alpha + beta", known.ANY if "phase" in words else scope),
        lambda: of_covers(tiny, seen, ("alpha", "beta"), scope),
        lambda: of_next(tiny, seen, "", scope),
        lambda: card.card(tiny, seen, frozenset({"alpha", "beta"}), scope),
    ]
    for report in (make() for make in shown):
        (section,) = (one for one in report.document.sections if one.id == "harms")
        parts = {id for sentence in section.sentences() for id in sentence.findings}
        assert parts or section.note.endswith("which is no sign of safety.")
    last = card.card(tiny, seen, frozenset({"alpha", "beta"}), scope).document.sections[1]
    assert HARM in {id for sentence in last.sentences() for id in sentence.findings}


def test_without_the_harm_in_the_tables_the_pages_change(sheets: Path, invented: Mapping[str, Report]) -> None:
    file = sheets / "findings" / "aoki.csv"
    kept = [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith(HARM)]
    file.write_text("\n".join(kept) + "\n", encoding="utf-8")
    without = pages(
        Store.of(build.collect(sheets).sound().triples()), "alpha", ("alpha", "beta"), "scar-tissue", known.ANY
    )
    for name, report in without.items():
        assert HARM not in report.html, name
        assert HARM in invented[name].html, name
        assert worsened(invented[name]) > worsened(report), name


def worsened(report: Report) -> int:
    """How often a page speaks of what worsened."""
    said = [s.text for section in report.document.sections for s in section.sentences()]
    return sum(int(count) for text in said for count in re.findall(r"(\d+) findings? of \d+ stud", text))


def test_a_harm_is_told_with_its_outcomes_and_whether_it_was_in_people(tiny: Store) -> None:
    seen = known.read(tiny)
    label = seen.vocab.label("outcome", "pain-score")
    assert harms.worsened(seen, [HARM]).text == f"1 finding of 1 study worsened: {label}."
    assert harms.section(seen, [("alpha", ())], "it").note == harms.none("it")


# --- the same each time -----------------------------------------------------------------------------------------------

COMMANDS = (
    ["tried", "alpha"], ["contrasts"], ["contrasts", "alpha + beta"], ["barriers"],
    ["barriers", "--cover", "scar-tissue"], ["next"], ["card", "alpha + beta"], ["card", "alpha + gamma"],
)  # fmt: skip
_MAKE = """
import hashlib, json, sys
from click.testing import CliRunner
from kg.cli import main
store, *commands = json.loads(sys.argv[1])
for words in commands:
    for form in ("html", "md", "csv"):
        made = CliRunner().invoke(main, ["--store", store, "combos", *words, "--format", form])
        assert made.exit_code == 0, made.output
        print(words, form, hashlib.sha256(made.stdout_bytes).hexdigest())
"""


def test_another_hash_seed_gives_the_same_bytes(built: Path) -> None:
    asked = json.dumps([str(built), *COMMANDS])
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", _MAKE, asked], env=os.environ | {"PYTHONHASHSEED": seed}, stdout=subprocess.PIPE
        )
        for seed in ("1", "2")
    ]
    first, second = (run.communicate()[0].decode() for run in runs)
    assert [run.returncode for run in runs] == [0, 0]
    assert first == second
    assert len(first.splitlines()) == 3 * len(COMMANDS)
