"""Evidence pictures: what their marks stand for, what they count, and that their files are the same, safe and whole."""

from __future__ import annotations

import hashlib
import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import networkx as nx
import pytest

from kg.errors import KgError, UnknownName
from kg.views import plots
from kg.views.plots import facts, letters, signs
from kg.views.plots.forest import polarity

ABOUT = {"version": "0.1.0", "data": "0123456789abcdef0123", "date": "2026-01-02"}
SVG = "{http://www.w3.org/2000/svg}"
ATTACKS = [
    "</script><script>window.__pwned=1</script>",
    "<img src=x onerror=window.__pwned=1>",
    "\"'><svg onload=window.__pwned=1>",
    "javascript:window.__pwned=1",
    "{{ 7 * 7 }} {% raw %} ${window.__pwned=1} \u2028\u2029 \x00 <!-- ]]> \ud800 \uffff \u202e $\\frac{1}{2}$",
    'https://x.example/" onclick=window.__pwned=1 a="',
    "\U0001f9ea 脊髄損傷 " + "a" * 3000,
    " ",
]
_CELLS = [  # what is isolated, against what, outcome, result, and what is told otherwise
    ("alpha", "vehicle", "bbb", "improved", {}),
    ("alpha", "vehicle", "bbb", "no difference", {"direction": "no difference"}),
    ("alpha", "vehicle", "scar", "improved", {"species": "mouse", "direction": "decreased"}),
    ("beta", "vehicle", "bbb", "worsened", {"phase": "acute", "direction": "decreased", "day": 0}),
    ("beta", "no treatment", "scar", "undetermined", {"day": None, "n_arm": None, "n_comparator": None}),
    ("alpha--beta", "vehicle", "bbb", "improved", {"species": "human", "day": 400}),
    ("alpha--beta", "alpha", "bbb", "no difference", {"phase": "acute", "contrast": "adds"}),
    ("alpha--beta", "vehicle", "scar", "mixed", {}),
    ("gamma", "vehicle", "bbb", "improved", {"phase": "something else", "species": "unicorn"}),
]
TRIALS = [
    {"trial": "NCT1", "regimen": "alpha", "status": "completed", "injury_phase": "acute", "n": 20, "start": 2010},
    {"trial": "NCT1", "regimen": "alpha", "status": "completed", "injury_phase": "chronic", "n": 20, "start": 2010},
    {"trial": "NCT2", "regimen": "alpha", "status": "terminated", "n": None, "start": 2010, "result": "no difference"},
    {"trial": "NCT3", "regimen": "alpha + beta", "status": None, "n": 5, "start": None, "result": "undetermined"},
]
LABELS = {"bbb": ("BBB scale", "motor"), "scar": ("scar area", "scar")}
GROUPS = {"alpha": "cells", "beta": "drugs", "gamma": "surgery"}


def finding(number: int, **changed: object) -> dict[str, object]:
    return {
        "kind": "finding", "finding": f"f-{number}", "study": f"study{number // 2}", "result": "improved",
        "direction": "increased", "contrast": "adds", "arm": "alpha", "comparator": "vehicle", "domain": "motor",
        "outcome": "BBB scale", "phase": "chronic", "species": "rat", "day": 42.0, "n_arm": 12, "n_comparator": 10,
        "measured_day": None, "effect": None, "p": None, "year": 2020,
    } | changed  # fmt: skip


def numbers(id: str, **changed: object) -> dict[str, object]:
    return {
        "finding": id, "mean": 12.0, "spread": 3.0, "n": 12, "mean_comparator": 9.0, "spread_comparator": 3.0,
        "n_comparator": 10, "spread_kind": "SD", "unit": "points", "tier": "T1",
    } | changed  # fmt: skip


NUMBERS = [numbers(f"f-{number}") for number in (0, 1, 2, 3)] + [
    numbers("f-5", unit="% of people", mean=50.0, n=4, mean_comparator=25.0, n_comparator=4)
]


def graph(seed: int = 0) -> nx.MultiDiGraph[str]:
    """Alpha, beta, gamma, and the first two together; nodes and edges in an order of the seed's."""
    nodes = [(f"therapy/{id}", {"kind": "therapy", "label": id, "class": group}) for id, group in GROUPS.items()]
    nodes += [("combination/alpha--beta", {"kind": "combination", "label": "alpha + beta", "class": None})]
    nodes += [(f"outcome/{id}", {"kind": "outcome", "label": name, "domain": d}) for id, (name, d) in LABELS.items()]
    nodes += [("trial/NCT1", {"kind": "trial", "label": "NCT1", "status": "completed"})]
    nodes += [("barrier/scar", {"kind": "barrier", "label": "scar formation"})]
    edges: list[tuple[str, str, str, dict[str, object]]] = []
    for number, (given, against, outcome, result, told) in enumerate(_CELLS):
        kind = "combination" if "--" in given else "therapy"
        words = {
            "arm": given.replace("--", " + "),
            "comparator": against,
            "result": result,
            "outcome": LABELS[outcome][0],
        }
        about = finding(number, domain=LABELS[outcome][1], **words) | told
        edges.append((f"{kind}/{given}", f"outcome/{outcome}", f"f-{number}", about))
    edges.append(("combination/alpha--beta", "therapy/alpha", "member", {"kind": "member"}))
    edges.append(("trial/NCT1", "therapy/alpha", "tests", {"kind": "tests"}))
    edges.append(("outcome/scar", "barrier/scar", "measures", {"kind": "measures"}))
    order = random.Random(seed)  # noqa: S311  # a shuffle, no secret
    order.shuffle(nodes)
    order.shuffle(edges)
    made: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    made.add_nodes_from(nodes)
    made.add_edges_from(edges)
    return made


def attacked() -> nx.MultiDiGraph[str]:
    """Every word of every node and edge is an attack."""
    made: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for number, bad in enumerate(ATTACKS):
        for kind in ("therapy", "combination"):
            made.add_node(f"{kind}/{bad}", label=bad, **{"class": bad})
            plain = {
                "kind": "finding",
                "result": "improved",
                "contrast": "adds",
                "day": 3,
                "finding": f"f-{number}-{kind}",
            }
            words = dict.fromkeys(finding(0), bad) | plain | {"n_arm": bad, "arm": f"{bad} + {kind}"}
            made.add_edge(f"{kind}/{bad}", f"outcome/{bad}", key=f"{number}{kind}", **words)
        made.add_node(f"outcome/{bad}", label=bad, domain=bad)
        made.add_node(f"trial/{bad}", label=bad, status=bad)
        made.add_edge(f"trial/{bad}", f"therapy/{bad}", key="tests", kind="tests")
        made.add_node(f"barrier/{bad}", label=bad)
        made.add_edge(f"outcome/{bad}", f"barrier/{bad}", key="measures", kind="measures")
    return made


def rows(kind: str) -> list[dict[str, object]]:
    return {"numbers": NUMBERS, "trials": TRIALS}.get(plots.QUESTIONS.get(kind, ""), [])


def attacked_rows(kind: str) -> list[dict[str, object]]:
    if kind == "trials":
        return [
            {"trial": bad, "regimen": bad, "status": bad, "start": 2000, "n": bad, "summary": bad} for bad in ATTACKS
        ]
    return [numbers(f"f-{number}-therapy") for number in range(len(ATTACKS))]


def drawn(kind: str, seed: int = 0, width: float = 180.0) -> plots.Picture:
    return plots.draw(kind, graph(seed), ABOUT, width=width, rows=rows(kind))


def parsed(picture: plots.Picture) -> ElementTree.Element:
    return ElementTree.fromstring(picture.svg)  # noqa: S314  # our own text


def words(picture: plots.Picture) -> list[str]:
    return [str(element.text) for element in parsed(picture).iter(f"{SVG}text")]


def marks(picture: plots.Picture, part: str) -> list[plots.Mark]:
    return [mark for mark in picture.marks if part in mark.text]


every_kind = pytest.mark.parametrize("kind", list(plots.KINDS))


# --- what is drawn ----------------------------------------------------------------------------------------------------


@every_kind
def test_every_mark_is_a_group_of_the_picture_with_its_sentence(kind: str) -> None:
    picture = drawn(kind)
    groups = {group.get("id"): group for group in parsed(picture).iter(f"{SVG}g") if group.get("class") == "mark"}
    assert list(groups) == [mark.id for mark in picture.marks]
    for mark in picture.marks:
        title = groups[mark.id][0]
        assert (title.tag, title.text) == (f"{SVG}title", mark.text)
        assert len(groups[mark.id]) > 1


@every_kind
def test_marks_stand_for_findings_of_the_graph_and_for_no_others(kind: str) -> None:
    known = {about["finding"] for *_, about in graph().edges(data=True) if about["kind"] == "finding"}
    covered = {id for mark in drawn(kind).marks for id in mark.findings}
    everything = {f"f-{number}" for number in range(len(_CELLS))}
    left_out = {
        "ladder": {"f-5", "f-6", "f-7"},  # combinations
        "timing": {"f-4"},  # no day
        "forest": everything - {"f-0", "f-1", "f-2", "f-3", "f-5"},  # no numbers
        "upset": everything - {"f-5", "f-6", "f-7"},  # one therapy alone
        "lattice": {"f-8"},  # given with nothing
        "trials": everything,
        "coverage": everything - {"f-2", "f-4"},  # measures no barrier, or is of a combination
    }
    assert covered <= known
    assert covered == everything - left_out.get(kind, set())


def test_a_cell_counts_studies_and_names_its_nulls() -> None:
    (cell,) = marks(drawn("gap-map"), "Chronic, cells, motor")
    assert cell.findings == ("f-0", "f-1")
    assert "1 study: 1 improved, 1 no difference, 0 worsened (2 findings)" in cell.text


def test_a_study_with_two_results_is_shared_between_them() -> None:
    found = [fact for fact in facts.read(graph()) if fact.finding in ("f-0", "f-1")]
    assert facts.shares(found) == {
        "improved": 0.5, "no difference": 0.5, "worsened": 0, "mixed": 0, "undetermined": 0,
    }  # fmt: skip


def test_a_null_is_drawn_as_wide_as_a_benefit() -> None:
    picture = drawn("gap-map")
    (cell,) = marks(picture, "Chronic, cells, motor")
    group = next(group for group in parsed(picture).iter(f"{SVG}g") if group.get("id") == cell.id)
    widths = [wide(str(path.get("d"))) for path in group.iter(f"{SVG}path")]
    assert len(widths) == 2
    assert widths[0] == pytest.approx(widths[1], abs=0.02)


def wide(path: str) -> float:
    found = [float(x) for x in re.findall(r"[ML] (\S+) ", path)]
    return max(found) - min(found)


def test_empty_cells_are_marked() -> None:
    (gaps,) = marks(drawn("gap-map"), "Acute: ")
    assert gaps.text == "Acute: 6 empty cells, no study here"  # 4 rows, 2 domains, and two cells that are not empty
    assert gaps.findings == ()


def test_a_combination_credits_none_of_its_parts() -> None:
    for kind in ("gap-map", "ladder"):
        for mark in drawn(kind).marks:
            alone = not any(word in mark.text for word in ("combinations", "trial"))
            assert not (alone and {"f-5", "f-6", "f-7"} & set(mark.findings))


def test_the_ladder_shows_the_trials_that_test_a_therapy_alone() -> None:
    assert marks(drawn("ladder"), "alpha: 1 trial: NCT1 (completed)")


def test_the_lattice_shows_pairs_that_nobody_tried() -> None:
    made = graph()
    for number, name in enumerate(["alpha", "gamma", "gamma", "alpha"]):
        about = finding(20 + 2 * number, arm=name)
        made.add_edge(f"therapy/{name}", "outcome/bbb", key=f"f-{20 + number}", **about)
    made.add_edge("therapy/gamma", "outcome/bbb", key="f-40", **finding(40, arm="beta + gamma"))
    picture = plots.draw("lattice", made, ABOUT)
    (untested,) = marks(picture, "alpha + gamma")
    assert untested.text == "alpha + gamma: no study here"
    assert not marks(picture, "alpha + beta: no study")


def test_the_network_tells_controls_from_therapies() -> None:
    picture = drawn("network")
    assert marks(picture, "vehicle (control)")
    assert marks(picture, "alpha (cells)")
    assert marks(picture, "alpha + beta (combination)")


def test_a_comparator_that_is_a_part_of_the_arm_is_no_control() -> None:
    by_id = {fact.finding: fact for fact in facts.read(graph())}
    assert not by_id["f-6"].controlled
    assert by_id["f-0"].controlled


def test_timing_leaves_out_what_has_no_day_and_says_so() -> None:
    picture = drawn("timing")
    assert "Left out: 1 finding whose day is not stated" in picture.note


def test_trials_of_several_phases_are_one_trial() -> None:
    picture = drawn("trials")
    assert [mark.text.split(",")[0] for mark in picture.marks] == ["NCT1", "NCT2", "NCT3"]
    assert "3 trials, 1 without a year" in picture.note
    assert "AC" in words(picture)


def test_harvest_draws_a_bar_for_each_study_and_result() -> None:
    bars = [mark for mark in drawn("harvest").marks if mark.findings]
    assert len(bars) == len({(f.study, f.domain, f.result) for f in facts.read(graph())})


def test_sankey_ribbons_of_each_layer_hold_every_finding_once() -> None:
    ribbons = [mark for mark in drawn("sankey").marks if " to " in mark.text]
    phases = [mark for mark in ribbons if mark.text.split(" to ")[0] in facts.PHASES]
    assert sum(len(mark.findings) for mark in phases) == len(_CELLS)
    assert sum(len(mark.findings) for mark in ribbons) == 2 * len(_CELLS)


# --- the forest -------------------------------------------------------------------------------------------------------


def test_the_forest_turns_effects_so_that_right_is_better() -> None:
    by_id = {mark.findings[0]: mark.text for mark in drawn("forest").marks}
    assert "g = 0.96" in by_id["f-0"]  # more is better
    assert "g = −0.96" in by_id["f-2"]  # a scar that is larger by one standard deviation  # noqa: RUF001
    assert "g = 0.96" in by_id["f-1"]  # a null: its outcome's other findings say what is better


def test_the_forest_counts_what_has_no_numbers_and_pools_nothing() -> None:
    picture = drawn("forest")
    assert f"{len(_CELLS) - 5} findings without such numbers left out" in picture.note
    assert "nothing pooled" in picture.title
    assert all(len(mark.findings) == 1 for mark in picture.marks)


def test_without_a_known_polarity_the_raw_sign_stands_and_is_called_so() -> None:
    made = graph()
    for *_, about in made.edges(data=True):
        about["result"] = "undetermined"
    picture = plots.draw("forest", made, ABOUT, rows=NUMBERS)
    assert "5 findings with a dagger" in picture.note
    assert any("†" in text for text in words(picture))
    made.nodes["outcome/bbb"]["higher_is"] = "better"
    assert "1 finding with a dagger" in plots.draw("forest", made, ABOUT, rows=NUMBERS).note


def test_findings_that_disagree_on_what_is_better_give_no_polarity() -> None:
    made = graph()
    made.edges["therapy/alpha", "outcome/bbb", "f-0"]["direction"] = "decreased"
    assert "outcome/bbb" not in polarity(facts.read(made))
    assert polarity(facts.read(graph())) == {"outcome/bbb": 1, "outcome/scar": -1}


def test_a_long_forest_shows_the_largest_and_says_of_how_many() -> None:
    made = graph()
    many = []
    for number in range(100, 170):
        made.add_edge("therapy/alpha", "outcome/bbb", key=f"f-{number}", **finding(number))
        many.append(numbers(f"f-{number}", n=number))
    picture = plots.draw("forest", made, ABOUT, rows=many)
    assert "Showing 60 of 70 findings with numbers: the largest n first" in picture.note
    assert {mark.findings[0] for mark in picture.marks} == {f"f-{number}" for number in range(110, 170)}


# --- the files --------------------------------------------------------------------------------------------------------


def test_the_same_bytes_come_out_whatever_the_order_the_seed_the_clock_and_the_locale(tmp_path: Path) -> None:
    code = (
        "import hashlib, sys; sys.path.insert(0, sys.argv[1]); import test_plots as t\n"
        "for kind in t.plots.KINDS: print(kind, *t.digests(kind, int(sys.argv[2])))"
    )
    here = "".join(f"{kind} {' '.join(digests(kind, 0))}\n" for kind in plots.KINDS)
    env = os.environ | {"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    (tmp_path / "matplotlibrc").write_text("savefig.bbox: tight\nsvg.fonttype: path\nfont.size: 30\n")
    made = subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parent), "1"],
        capture_output=True, text=True, check=True, cwd=tmp_path, env=env, timeout=120,
    )  # fmt: skip
    assert made.stdout == here


def digests(kind: str, seed: int) -> Iterator[str]:
    picture = drawn(kind, seed)
    for form in ("svg", "png", "pdf"):
        yield hashlib.sha256(picture.bytes(form)).hexdigest()


@every_kind
def test_files_are_what_they_are_called(kind: str) -> None:
    picture = drawn(kind)
    assert picture.bytes("png").startswith(b"\x89PNG\r\n\x1a\n")
    assert picture.bytes("pdf").startswith(b"%PDF-")
    assert b"CreationDate" not in picture.bytes("pdf")
    assert picture.bytes("png") == picture.bytes("png")
    assert picture.bytes("svg").decode() == picture.svg
    with pytest.raises(KgError, match="no form of a picture"):
        picture.bytes("gif")


@every_kind
def test_the_drawing_is_measured_in_millimetres_and_described(kind: str) -> None:
    for width in (180.0, 89.0):
        root = parsed(drawn(kind, width=width))
        assert root.get("width") == f"{width:g}mm"
        assert str(root.get("height")).endswith("mm")
        box = [float(part) for part in str(root.get("viewBox")).split()]
        assert box[:2] == [0, 0]
        assert box[2] == pytest.approx(width / 25.4 * 72, abs=0.01)
        assert root.get("role") == "img"
        assert str(root.get("aria-label")).startswith(drawn(kind).title)


@every_kind
def test_nothing_is_smaller_than_six_points_nor_outside_the_sheet(kind: str) -> None:
    for width in (180.0, 89.0):
        picture = drawn(kind, width=width)
        edge = width / 25.4 * 72
        for element in parsed(picture).iter(f"{SVG}text"):
            size = float(str(element.get("font-size")).removesuffix("px"))
            assert size >= 6
            if "rotate" not in element.get("transform", ""):
                left, right = reach(element, size)
                assert left >= 0, element.text
                assert right <= edge, element.text


def reach(element: ElementTree.Element, size: float) -> tuple[float, float]:
    x, room = (
        float(str(element.get("x"))),
        letters.wide(str(element.text or ""), size, element.get("font-weight") == "700"),
    )
    share = {"middle": 0.5, "end": 1.0}.get(str(element.get("text-anchor")), 0.0)
    return x - share * room / letters.POINT, x + (1 - share) * room / letters.POINT


@every_kind
def test_no_two_words_stand_on_one_another(kind: str) -> None:
    for width in (180.0, 89.0):
        boxes = []
        for element in parsed(drawn(kind, width=width)).iter(f"{SVG}text"):
            size = float(str(element.get("font-size")).removesuffix("px"))
            if "rotate" not in element.get("transform", ""):
                y = float(str(element.get("y")))
                boxes.append((*reach(element, size), y - 0.7 * size, y, str(element.text)))
        for number, (left, right, top, bottom, text) in enumerate(boxes):
            for other in boxes[number + 1 :]:
                apart = right <= other[0] or other[1] <= left or bottom <= other[2] or other[3] <= top
                assert apart, (text, other[4])


@every_kind
def test_attacks_stay_text(kind: str) -> None:
    for width in (180.0, 89.0):
        picture = plots.draw(kind, attacked(), dict.fromkeys(ABOUT, ATTACKS[0]), ATTACKS[1], width, attacked_rows(kind))
        root = parsed(picture)
        plain = {"svg", "g", "path", "text", "defs", "pattern", "rect", "clipPath", "title", "desc"}
        assert {element.tag.removeprefix(SVG) for element in root.iter()} <= plain
        for element in root.iter():
            assert not [name for name in element.attrib if name.startswith("on") or name in ("style", "href")]
            assert not any(re.search(r"javascript:|url\((?!#)", element.get(name, "")) for name in ("fill", "stroke"))
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff\uffff]", picture.svg)
        assert picture.bytes("png")
        assert picture.bytes("pdf")


@every_kind
def test_ids_are_unique_and_styles_are_attributes(kind: str) -> None:
    picture = drawn(kind)
    ids = re.findall(r'\sid="([^"]*)"', picture.svg)
    assert len(ids) == len(set(ids))
    assert "<style" not in picture.svg
    assert "<metadata" not in picture.svg
    assert "svg.fonttype" not in picture.svg
    assert set(re.findall(r"url\(#([^)]*)\)", picture.svg)) <= set(ids)


@every_kind
def test_the_small_print_says_how_much_of_which_data(kind: str) -> None:
    picture = drawn(kind)
    printed = " ".join(words(picture))
    assert "cordgraph 0.1.0 data 0123456789ab of 2026-01-02" in printed
    assert "not medical advice" in printed
    assert re.search(r"\d+ (stud|trial)", picture.note)


def test_a_title_of_ones_own_is_printed() -> None:
    picture = plots.draw("upset", graph(), ABOUT, title="Alpha and its friends")
    assert "Alpha and its friends" in words(picture)
    assert picture.title == "Alpha and its friends"


# --- what cannot be drawn ---------------------------------------------------------------------------------------------


@every_kind
def test_an_empty_graph_is_one_clear_sentence(kind: str) -> None:
    with pytest.raises(KgError, match=r"^[a-z][^\n]*;[^\n]*$"):
        plots.draw(kind, nx.MultiDiGraph(), ABOUT)


def test_a_kind_that_is_none_names_the_nearest() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'forest'"):
        plots.draw("forrest", graph(), ABOUT)


@pytest.mark.parametrize("width", [10.0, 1000.0, float("nan")])
def test_a_width_that_no_page_has_is_refused(width: float) -> None:
    with pytest.raises(KgError, match="mm wide"):
        plots.draw("upset", graph(), ABOUT, width=width)


# --- how it is drawn --------------------------------------------------------------------------------------------------


def test_results_are_told_apart_without_colour() -> None:
    for looks in (signs.HATCHES, signs.SHAPES, signs.LETTERS):
        assert list(looks) == ["improved", "no difference", "worsened", "mixed", "undetermined"]
        assert len(set(looks.values())) == len(looks)


def test_results_stand_out_from_paper() -> None:
    """WCAG 2.2, 1.4.11: 3 to 1 against what is beside it."""
    for colour in signs.COLOURS.values():
        assert 1.05 / (luminance(colour) + 0.05) >= 3


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_results_have_the_colours_of_the_page() -> None:
    css = (Path(plots.__file__).parents[1] / "page.css").read_text(encoding="utf-8")
    light = css.split("}")[0]
    for result, colour in signs.COLOURS.items():
        assert f"--{result.replace(' ', '-')}: {colour};" in light


def test_long_words_are_shortened_to_their_room() -> None:
    assert letters.fit("alpha", 100) == "alpha"
    short = letters.fit("alpha " * 60, 20)
    assert short.endswith("…")
    assert letters.wide(short) <= 20
    assert all(letters.wide(line) <= 20 for line in letters.wrap("beta " * 60, 20))


def test_letters_that_the_font_lacks_become_a_sign() -> None:
    assert letters.drawable("脊") == "\ufffd"
    assert letters.drawable("µ ≥ β") == "µ ≥ β"


def test_importing_pictures_brings_no_drawing_library() -> None:
    code = "import sys, kg.views.plots; print({'matplotlib', 'numpy', 'networkx'} & set(sys.modules) or 'none')"
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert made.stdout.strip() == "none"


def test_drawing_needs_no_global_figure() -> None:
    code = "import sys; sys.path.insert(0, sys.argv[1]); import test_plots as t; t.drawn('upset').bytes('png')"
    code += "; print(*sys.modules)"
    told = [sys.executable, "-c", code, str(Path(__file__).parent)]
    made = subprocess.run(told, capture_output=True, text=True, check=True, timeout=60)
    assert "matplotlib.pyplot" not in made.stdout.split()


def test_the_settings_of_the_process_are_left_alone() -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    drawn("upset").bytes("png")
    assert dict(matplotlib.rcParams) == before
