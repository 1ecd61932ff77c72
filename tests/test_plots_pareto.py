"""The picture of untried sets: what each row and sign stands for, that harms are on all, and that nothing is cut."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import dist
from xml.etree import ElementTree

import pytest

from kg.errors import KgError
from kg.store import Store
from kg.synthesis.combos import candidates, known, reasons
from kg.synthesis.combos.candidates import CRITERIA, Candidate
from kg.synthesis.combos.design import Design
from kg.synthesis.combos.reasons import Card, Reason
from kg.views.plots import letters, pareto
from kg.views.plots.canvas import Picture
from kg.views.plots.signs import COLOURS

ABOUT = {"version": "0.1.0", "data": "0123456789abcdef0123", "date": "2026-01-02"}
SVG = "{http://www.w3.org/2000/svg}"
RED = COLOURS["worsened"]
MIDDLE = dict.fromkeys(CRITERIA, 0.5)
PLAN = Design({"C": "vehicle"}, "vehicle", (), "rat", "chronic", "", None, {})
both_widths = pytest.mark.parametrize("width", [180.0, 89.0])


def card(rank: int, name: str = "alpha + beta", *, front: bool = False, perhaps: bool = False,
         values: Mapping[str, float] = MIDDLE, harms: Sequence[str] = ()) -> Card:  # fmt: skip
    one = Candidate(frozenset(name.split(" + ")), name, frozenset(), values, 0.5, front, perhaps)
    reason = Reason("evidence", "alpha: 1 improved", (f"null-{rank}",), (f"a-{rank}", f"b-{rank}"))
    return Card(rank, one, (reason,), "", (), (), tuple(harms), "an experiment in which it is no better", PLAN)


def some(count: int = 12) -> list[Card]:
    """Cards of which every third is on the front, every second harmed, every fourth perhaps given, some coinciding."""
    return [
        card(
            number + 1, f"alpha {number} + beta + gamma", front=number % 3 == 0, perhaps=number % 4 == 0,
            values=MIDDLE | {"evidence": number % 5 / 5, "relatives": number % 2 / 3, "safety": number / count},
            harms=[f"harm-{number + 1}-{n}" for n in range(number % 2 * number)],
        )
        for number in range(count)
    ]  # fmt: skip


def drawn(cards: Sequence[Card], width: float = 180.0, **told: int) -> Picture:
    return pareto.pareto(cards, CRITERIA, ABOUT, width=width, **told)


def groups(picture: Picture) -> list[ElementTree.Element]:
    root = ElementTree.fromstring(picture.svg)  # noqa: S314  # our own text
    return [group for group in root.iter(f"{SVG}g") if group.get("class") == "mark"]


def rows(picture: Picture) -> list[ElementTree.Element]:
    found = groups(picture)
    return found[len(found) // 2 :]


def words(element: ElementTree.Element) -> list[str]:
    return [str(text.text) for text in element.iter(f"{SVG}text")]


def printed(picture: Picture) -> str:
    root = ElementTree.fromstring(picture.svg)  # noqa: S314  # our own text
    return " ".join(words(root))


# --- what is drawn ----------------------------------------------------------------------------------------------------


@both_widths
def test_each_set_is_a_sign_above_and_a_row_below_and_both_bring_its_findings(width: float) -> None:
    cards = some(8)
    picture = drawn(cards, width)
    assert [mark.findings for mark in picture.marks] == [card.findings for card in cards] * 2
    assert picture.marks[1].findings[0] == "harm-2-0"
    assert [group.get("id") for group in groups(picture)] == [mark.id for mark in picture.marks]


@both_widths
def test_every_row_tells_its_harms_and_how_much_speaks_against_it(width: float) -> None:
    cards = some(10)
    for card, row in zip(cards, rows(drawn(cards, width)), strict=True):
        told = f"{len(card.harms)} worsened" if card.harms else "none recorded"
        assert told in words(row)
        assert [text for text in words(row) if text.endswith(f"{len(card.against)} against")]
        assert any("url(#" in path.get("fill", "") for path in row.iter(f"{SVG}path")) == bool(card.harms)


def test_a_harm_is_hatched_and_marks_its_sign_above_too() -> None:
    above_safe, above_harmed, _, harmed = groups(drawn([card(1), card(2, harms=["h"])]))
    assert not any(path.get("fill") == RED for path in above_safe.iter(f"{SVG}path"))
    assert any(path.get("fill") == RED for path in above_harmed.iter(f"{SVG}path"))
    assert any("url(#" in path.get("fill", "") for path in harmed.iter(f"{SVG}path"))


def test_without_its_harms_a_card_is_drawn_otherwise() -> None:
    harmed = card(1, harms=["h-1", "h-2"])
    picture, without = drawn([harmed]), drawn([replace(harmed, harms=())])
    assert "harms: 2 worsened, 3 findings against in all" in picture.marks[0].text
    assert "harms: none recorded, 1 finding against in all" in without.marks[0].text
    assert picture.svg != without.svg
    assert "none recorded is no sign of safety" in printed(without)


def test_the_sentence_tells_harms_before_what_speaks_for_a_set() -> None:
    (mark, _) = drawn([card(3, harms=["h"], front=True)]).marks
    assert mark.text.startswith("3. alpha + beta: harms: 1 worsened")
    assert mark.text.index("harms") < mark.text.index("on the Pareto front") < mark.text.index("evidence 0.50")
    assert mark.text.endswith("What would refute it: an experiment in which it is no better")


def test_the_front_is_told_by_a_word_and_a_filled_sign() -> None:
    front, behind = rows(drawn([card(1, front=True), card(2)]))
    assert "front" in words(front)
    assert "front" not in words(behind)
    assert filled(front) == len(CRITERIA) + 1  # and the number
    assert filled(behind) == 0


def filled(row: ElementTree.Element) -> int:
    return sum(path.get("fill") == "#1a2129" for path in row.iter(f"{SVG}path"))


@both_widths
def test_a_set_that_was_perhaps_given_is_marked_in_its_row_and_explained(width: float) -> None:
    perhaps, never = rows(picture := drawn([card(1, perhaps=True), card(2)], width))
    assert "perhaps together" in " ".join(words(perhaps))
    assert "perhaps together" not in " ".join(words(never))
    assert "perhaps together: an arm names only a class" in picture.marks[0].text.replace("(", "")
    assert "may have been given after all" in printed(picture)
    assert "perhaps together" not in printed(drawn([card(1)], width))


def test_a_row_tells_the_value_of_the_criterion_in_which_it_leads() -> None:
    cards = [card(1, values=MIDDLE | {"safety": 0.9}), card(2, values=MIDDLE | {"evidence": 0.7})]
    assert [pareto.best(one, cards) for one in cards] == ["safety", "evidence"]
    first, second = rows(drawn(cards))
    assert "0.90" in words(first)
    assert "0.70" in words(second)


def test_a_set_that_leads_in_nothing_gets_no_such_mark() -> None:
    cards = [card(1), card(2, values=MIDDLE | {"safety": 0.9})]
    assert pareto.best(cards[0], cards) == ""
    assert pareto.best(cards[0], cards[:1]) == ""
    assert "furthest above the mean" not in printed(drawn(cards[:1]))


def test_the_two_criteria_that_differ_most_stand_above() -> None:
    cards = [card(n, values=MIDDLE | {"safety": n / 10, "barriers": n / 5, "timing": n / 20}) for n in range(1, 5)]
    assert pareto.spread(cards, CRITERIA) == ("barriers", "safety")
    assert pareto.spread([card(1)], CRITERIA) == ("evidence", "barriers")
    assert "barriers and safety" in drawn(cards).note


@both_widths
def test_what_is_left_out_is_counted(width: float) -> None:
    shown = pareto.ROWS if width == 180 else pareto.NARROW_ROWS
    picture = drawn(some(20), width)
    assert len(picture.marks) == 2 * shown
    assert f"Showing {shown} of 20 sets: the first in this order; the rest is in the table" in picture.note
    assert f"Showing {shown} of 486 sets" in drawn(some(20), width, of=486).note
    assert "Showing" not in drawn(some(2), width).note


def test_the_small_print_counts_findings_once_and_promises_nothing() -> None:
    picture = drawn([card(1, harms=["h-1", "shared"]), card(2, harms=["shared"])])
    assert "2 sets, 8 findings behind them, 2 worsened" in picture.note
    assert "that a set is tested later does not show that it works" in picture.note
    assert "cordgraph 0.1.0 data 0123456789ab of 2026-01-02" in picture.note
    assert "not medical advice" in picture.note


def test_every_criterion_is_explained() -> None:
    for width in (180.0, 89.0):
        told = printed(drawn(some(), width))
        assert all(f"{name}: {meaning}" in told for name, meaning in CRITERIA.items())


# --- the sheet --------------------------------------------------------------------------------------------------------

LONG = " + ".join(["alpha" * 40, "a carrier of beta that is named with all it is made of and how " * 5, "gamma"])


@both_widths
@pytest.mark.parametrize(
    "cards", [some(), [card(1, LONG, perhaps=True, front=True, harms=[f"h-{n}" for n in range(900)]), card(200)]]
)
def test_words_stay_on_the_sheet_and_off_one_another(cards: list[Card], width: float) -> None:
    sound(drawn(cards, width), width)


def sound(picture: Picture, width: float) -> None:
    boxes = []
    for element in ElementTree.fromstring(picture.svg).iter(f"{SVG}text"):  # noqa: S314  # our own text
        size = float(str(element.get("font-size")).removesuffix("px"))
        assert size >= letters.SMALL
        if "rotate" not in element.get("transform", ""):
            left, right = reach(element, size)
            y = float(str(element.get("y")))
            assert left >= 0, element.text
            assert right <= width / letters.POINT, element.text
            boxes.append((left, right, y - 0.7 * size, y, str(element.text)))
    for number, (left, right, top, bottom, text) in enumerate(boxes):
        for other in boxes[number + 1 :]:
            apart = right <= other[0] or other[1] <= left or bottom <= other[2] or other[3] <= top
            assert apart, (text, other[4])


def reach(element: ElementTree.Element, size: float) -> tuple[float, float]:
    wide = letters.wide(str(element.text or ""), size, element.get("font-weight") == "700") / letters.POINT
    share = {"middle": 0.5, "end": 1.0}.get(str(element.get("text-anchor")), 0.0)
    x = float(str(element.get("x")))
    return x - share * wide, x + (1 - share) * wide


def test_a_long_name_takes_more_lines_and_what_is_perhaps_stays_said() -> None:
    row, _ = rows(drawn([card(1, LONG, perhaps=True, harms=["h"]), card(2)]))
    assert sum("…" in text for text in words(row)) == 2  # one word too long for a line, and a fourth line
    assert "perhaps together" in words(row)
    assert "1 worsened" in words(row)


@both_widths
def test_the_small_print_is_not_cut(width: float) -> None:
    long = dict.fromkeys(["readiness one", "readiness two"], 0.5)
    cards = [card(n, values=long | {"readiness one": n / 99, "readiness two": n / 98}) for n in range(1, 30)]
    picture = pareto.pareto(cards, dict.fromkeys(long, "what it measures"), ABOUT, width=width, of=12_345_678)
    assert "the rest is in the table. 1" in printed(picture)
    assert "…" not in printed(picture)


@both_widths
def test_all_values_of_a_criterion_have_their_place(width: float) -> None:
    ends = [dict.fromkeys(CRITERIA, 0.0), dict.fromkeys(CRITERIA, 1.0)]
    for cards in ([card(1, values=ends[0])], [card(1, values=ends[1])], [card(n, values=ends[n]) for n in (0, 1)]):
        sound(drawn(cards, width), width)


def test_the_same_cards_give_the_same_bytes() -> None:
    for form in ("svg", "png", "pdf"):
        assert drawn(some()).bytes(form) == drawn(some()).bytes(form)


def test_ids_are_unique_though_sets_coincide() -> None:
    picture = drawn([card(n, front=n % 2 == 0) for n in range(1, 10)])
    ids = re.findall(r'\sid="([^"]*)"', picture.svg)
    assert len(ids) == len(set(ids))


def test_names_that_attack_stay_text() -> None:
    bad = "</script><script>window.__pwned=1</script> + \"'><svg onload=x> + \x00\u202e脊"
    picture = pareto.pareto([card(1, bad, harms=["h"])], CRITERIA, dict.fromkeys(ABOUT, bad), bad)
    tags = {element.tag.removeprefix(SVG) for element in ElementTree.fromstring(picture.svg).iter()}  # noqa: S314
    assert tags <= {"svg", "g", "path", "text", "defs", "pattern", "rect", "clipPath", "title", "desc"}
    assert picture.bytes("png")


def test_without_a_card_the_error_is_one_clear_sentence() -> None:
    with pytest.raises(KgError, match=r"^[a-z][^\n]*;[^\n]*$"):
        drawn([])


@pytest.mark.parametrize("width", [10.0, 1000.0, float("nan")])
def test_a_width_that_no_page_has_is_refused(width: float) -> None:
    with pytest.raises(KgError, match="mm wide"):
        drawn(some(), width)


# --- numbers beside their points --------------------------------------------------------------------------------------


def test_numbers_stand_apart_though_their_points_coincide() -> None:
    points = [(40.0, 25.0)] * 8 + [(1.0, 1.0), (79.0, 49.0), (41.0, 25.0), (40.5, 26.0)]
    spots = pareto.apart(points, 2.0, (0.0, 0.0, 80.0, 50.0))
    assert len(spots) == len(points)
    assert all(dist(one, other) > 4 for number, one in enumerate(spots) for other in spots[number + 1 :])
    assert all(dist(spot, point) > 2 for spot in spots for point in points)
    assert all(2 <= x <= 78 and 2 <= y <= 48 for x, y in spots)


def test_no_line_to_a_number_runs_below_another_number() -> None:
    points = [(40.0 + n % 3, 25.0) for n in range(12)]
    spots = pareto.apart(points, 2.0, (0.0, 0.0, 80.0, 50.0))
    for point, spot in zip(points, spots, strict=True):
        along = [
            (point[0] + n / 50 * (spot[0] - point[0]), point[1] + n / 50 * (spot[1] - point[1])) for n in range(51)
        ]
        assert all(dist(place, other) > 2 for place in along for other in spots if other != spot)


def test_a_number_that_finds_no_free_place_stands_beside_its_point() -> None:
    points = [(5.0, 5.0)] * 6
    spots = pareto.apart(points, 2.0, (0.0, 0.0, 10.0, 10.0))
    assert all(0 < dist(spot, point) < 8 for spot, point in zip(spots, points, strict=True))
    assert pareto.apart([(1.0, 1.0)], 2.0, (0.0, 0.0, 1.0, 1.0)) == [(1.0, 1.0)]


# --- real cards -------------------------------------------------------------------------------------------------------


@both_widths
def test_the_cards_of_a_graph_are_drawn(tiny: Store, width: float) -> None:
    cards = made(tiny)
    picture = drawn(cards, width)
    assert [mark.findings for mark in picture.marks] == [card.findings for card in cards] * 2
    sound(picture, width)


def made(store: Store, therapy: str = "", **scope: str) -> list[Card]:
    facts = known.read(store)
    order = candidates.untried(facts, known.Scope.of(facts.vocab, **scope), therapy)
    shared = reasons.Cards(store, facts, order)
    return [shared.of(rank, one) for rank, one in enumerate(order.candidates[: pareto.ROWS], 1)]


@both_widths
def test_the_cards_of_the_shipped_graph_are_drawn(shipped: Store, width: float) -> None:
    for cards in (made(shipped), made(shipped, "hiPSC-NS/PC", phase="chronic")):
        sound(drawn(cards, width), width)
