"""Quantities of each kind: value, unit and place, and what is none of them."""

from __future__ import annotations

import time
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.reading.quantities import Quantity, quantities


def only(text: str) -> Quantity:
    (found,) = quantities(f"Here {text}, and there.")
    return found


def values(text: str, kind: str) -> list[str]:
    return [str(one.value) for one in quantities(text) if one.kind == kind]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2 weeks after injury", "14"), ("9 days post-injury", "9"), ("28 dpi", "28"), ("six weeks post-SCI", "42"),
        ("24 h after SCI", "1"), ("immediately after injury", "0"), ("8-week delay", "56"), ("day 7 post-injury", "7"),
        ("post-injury day 14", "14"), ("DPI 7", "7"), ("1 month after a T9 contusion injury", "30"), ("4 wpi", "28"),
        ("2 years after complete spinal cord injury", "730"), ("30 min post-trauma", "0.02"), ("5 min after injury",
        "0.003"),
        ("at the time of injury", "0"), ("1.5 h after the lesion", "0.06"),
    ],
)  # fmt: skip
def test_a_time_after_injury_is_a_day(text: str, day: str) -> None:
    assert only(text) == Quantity("day", only(text).span, Decimal(day), "d", text)
    assert str(only(text).value) == day


def test_each_number_of_a_list_or_range_is_its_own() -> None:
    assert values("1, 3 and 7 days after injury", "day") == ["1", "3", "7"]
    assert values("2-4 weeks after SCI", "day") == ["14", "28"]
    assert [one.text for one in quantities("days 3 to 5 after SCI")] == ["days 3", "5 after SCI"]
    assert values("1, 5, or 10 mg/kg", "dose") == ["1", "5", "10"]
    assert values("on day 3, 10 mg/kg", "dose") == ["10"]


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        ("duration", "6 weeks; 2 weeks after surgery; 3 months before injury; day 10; 6 weeks of training"),
        (
            "day-after-treatment",
            "2 weeks after transplantation; 24 h after the start of treatment; day 3 post-transplantation",
        ),
        ("age", "8-week-old; 10 weeks of age; 25 years old; aged 8 weeks"),
    ],
)
def test_other_times_are_no_days(kind: str, texts: str) -> None:
    for text in texts.split("; "):
        assert [one.kind for one in quantities(text)] == [kind], text


def test_within_hours_of_injury_is_a_day() -> None:
    assert values("within 8 hours of injury", "day") == ["0.33"]
    assert values("8 hours of injury", "day") == []


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("10 mg/kg", "10", "mg/kg"), ("5 U/ml", "5", "{u}/mL"), ("1 x 10^6 cells", "1000000", "{cells}"),
        ("1x10(6) neural stem cells", "1000000", "{cells}"), ("100,000 cells", "100000", "{cells}"),
        ("30 mg/kg/day", "30", "mg/kg/d"), ("2 \u00d7 10\u2075 cells/\u00b5l", "200000", "{cells}/uL"),
        ("10 \u03bcg/kg per day", "10", "ug/kg/d"), ("500 IU/kg", "500", "[iU]/kg"), ("10(6) cells", "1000000",
        "{cells}"),
        ("2 million cells", "2000000", "{cells}"), ("5 mg kg-1", "5", "mg/kg"), ("20 \u00b5M", "20", "umol/L"),
        ("0.5 g/kg", "0.5", "g/kg"),
    ],
)  # fmt: skip
def test_a_dose_has_its_value_and_unit(text: str, value: str, unit: str) -> None:
    found = only(text)
    assert (found.kind, str(found.value), found.unit, found.text) == ("dose", value, unit, text)


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("n = 8", "8"), ("n=10 per group", "10"), ("forty rats", "40"), ("32 patients", "32"), ("n = 8/group", "8"),
        ("Thirty-two adult female Wistar rats", "32"), ("8 rats", "8"),
    ],
)  # fmt: skip
def test_a_number_of_subjects_is_n(text: str, n: str) -> None:
    assert (only(text).kind, str(only(text).value), only(text).text) == ("n", n, text)


@pytest.mark.parametrize(
    ("text", "p"),
    [
        ("p < 0.05", "<0.05"), ("P=0.03", "0.03"), ("P = .043", "0.043"), ("p-value of 0.2", "0.2"), ("P > 0.05",
        ">0.05"),
        ("P \u2264 0.01", "\u22640.01"), ("p<0,05", "<0.05"),
    ],
)  # fmt: skip
def test_a_p_value_is_written_as_in_the_findings(text: str, p: str) -> None:
    assert (only(text).kind, only(text).text) == ("p", p)


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("T9-T10", "level", "T9-T10"), ("C5", "level", "C5"), ("thoracic level", "level", "thoracic"), ("L1",
        "level", "L1"),
        ("Th9\u2013Th10", "level", "T9-T10"), ("C5/6", "level", "C5/6"), ("mid-thoracic", "level", "mid-thoracic"),
        ("AIS A", "ais", "AIS A"), ("ASIA B", "ais", "AIS B"), ("AIS C\u2013D", "ais", "AIS C-D"),
        ("AIS grade C or D", "ais", "AIS C or D"), ("45%", "share", "45%"), ("12.5 percent", "share", "12.5 percent"),
    ],
)  # fmt: skip
def test_levels_grades_and_shares_are_read(text: str, kind: str, said: str) -> None:
    assert (only(text).kind, only(text).text) == (kind, said)


@pytest.mark.parametrize(
    "text",
    "IL-10 mice; T2-weighted; C57BL/6; C6 glioma; thoracic aorta; 95% CI; a 250 g rat; two cells; 2001; P45; "
    "AIS scale; T99; "
    "two groups of rats; once".split("; "),
)
def test_what_only_looks_like_a_quantity_is_none(text: str) -> None:
    assert list(quantities(text)) == []


PIECES = (
    "1 2.5 10,000 one twenty-two , "
    "- and to x 10^6 mg/kg cells weeks days after injury post- SCI n = p < 0.05 T9 -T10 AIS A % "
    "rats old dpi treatment of within h \u00b5g immediately thoracic ( )"
).split()


@given(st.lists(st.sampled_from(PIECES), max_size=20).map(" ".join) | st.text(max_size=60))
def test_quantities_lie_inside_in_order_and_say_what_is_printed(text: str) -> None:
    found = list(quantities(text))
    assert all(0 <= one.span.start < one.span.end <= len(text) for one in found)
    assert all(one.span.end <= other.span.start for one, other in pairwise(found))
    for one in found:
        printed = text[one.span.start : one.span.end]
        assert printed == one.text or one.kind in ("p", "level", "ais")
        assert printed == printed.strip() and (one.value is None) == (one.kind in ("level", "ais"))


@pytest.mark.parametrize(
    "sign", ["1", "one ", " ", "1 ", "1,", "1-", "1 week after ", "n=1", "day 1 ", "T9-", "1 a b c d e "]
)
def test_hostile_text_takes_linear_time(sign: str) -> None:
    text = sign * (200_000 // len(sign))
    start = time.process_time()
    list(quantities(text))
    assert time.process_time() - start < 2
