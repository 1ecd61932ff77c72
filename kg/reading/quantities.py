"""Numbers with a meaning: days after injury, doses, group sizes, p values, levels of the cord, AIS grades, shares."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from kg.document import Span

_NUMBERS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty"
).split()
_WORD = {word: Decimal(index) for index, word in enumerate(_NUMBERS, start=1)} | {
    word: Decimal(value) for word, value in zip("thirty forty fifty sixty".split(), (30, 40, 50, 60), strict=True)
}
_N = rf"(?:\d+(?:[.,]\d+)?|{'|'.join(sorted(_WORD, key=len, reverse=True))})"
_UNIT = r"(?:min(?:ute)?s?|hours?|hrs?|h|days?|d|weeks?|wks?|months?|mo|years?|yrs?)"
_DAYS = {"m": Decimal(1) / 1440, "h": Decimal(1) / 24, "d": Decimal(1), "w": Decimal(7), "o": Decimal(30), "y": Decimal(365)}
_INJURY = (
    r"(?:the )?(?:spinal cord |cord |initial |contusi\w+ |traumatic |spinal )?"
    r"(?:injur\w+|SCI|trauma\w*|contusion|transection|hemisection|compression|lesion\w*|insult|accident|crush)\b"
)
_TREATED = r"(?:the )?(?:cell )?(?:transplant\w*|graft\w*|treatment|implant\w*|injection|surgery|operation)\b"
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("age", rf"\b({_N})[ -]({_UNIT})(?:[ -]old)\b"),
        ("day", rf"\b({_N})(?:[ -]?(?:to|-|\u2013|and|or)[ -]?{_N})?[ -]?({_UNIT})[ -]{{1,2}}(?:after|post|following|from|since|of)[ -](?:\w+ ){{0,2}}{_INJURY}"),
        ("day", rf"\b({_N})(?:[ -]?(?:to|-|\u2013)[ -]?{_N})?[ -]?({_UNIT})[ -](?:post-?injury|postinjury|post-?SCI|after SCI|post-?trauma\w*|post-?contusion|post-?lesion)"),
        ("day", rf"\b({_N})[ -]?(d)pi\b"),
        ("day", rf"\bwithin (?:the first )?({_N})[ -]?({_UNIT}) (?:of|after|following|from) {_INJURY}"),
        ("day", rf"\b(?:on|at) ()(?:the )?(?:post-?(?:injury|operative|traumatic) )?(day|week|month)s? ({_N})\b(?= (?:after|post|following)| ?post)"),
        ("now", rf"\b(?:immediately|directly|shortly|right) (?:after|following|post)[ -](?:\w+ )?{_INJURY}|\bat the (?:time|moment) of (?:an? |the )?(?:\w+ )?{_INJURY}|\bimmediately post-?injury|\bintra-?operatively"),
        ("day-after-treatment", rf"\b({_N})[ -]?({_UNIT})[ -](?:after|post|following)[ -]{_TREATED}"),
        ("dose", rf"\b({_N}(?:,\d{{3}})*(?:\s?[x\u00d7]\s?10\(?\^?\d+\)?)?)\s?(mg/kg(?:/d(?:ay)?)?|\u00b5g/kg|ug/kg|g/kg|mg|\u00b5g|IU/kg|U/kg|IU|U/ml|U|ml/kg|\u00b5M|mM|Hz|mA|cells)\b"),
        ("n", rf"\bn\s?=\s?(\d+)|\b({_N}) (?:\w+ ){{0,3}}(?:rats|mice|rabbits|dogs|cats|pigs|monkeys|animals|patients|participants|subjects|individuals|children|men|women|people)\b"),
        ("p", r"\bp\s?([<=>\u2264\u02c2]\s?0?\.\d+)"),
        ("level", r"\b([CTL]-?\d{1,2}(?:\s?(?:-|\u2013|/|to|and)\s?[CTLS]?-?\d{1,2})?)\b(?!\s?(?:cells?|weighted|MRI|receptor))"),
        ("level", r"\b((?:low|mid|upper|lower)?-?(?:cervical|thoracic|lumbar))\b(?= (?:\w+ )?(?:spinal|cord|level|SCI|injur|contus|hemisect|transect|segment|lesion|vertebra|compress|myelopath|enlarg))"),
        ("ais", r"\b(?:AIS|ASIA|Frankel)(?: impairment scale)?(?: grades?| class\w*)? ([A-E](?:\s?(?:-|\u2013|/|,|to|and|or)\s?[A-E])*)\b"),
        ("share", r"\b(\d+(?:\.\d+)?)\s?%"),
        ("duration", rf"\b({_N})[ -]?({_UNIT})\b"),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number read in a text: `value` in `unit` (`d` for all times), and the text as printed."""

    kind: str
    span: Span
    value: Decimal | None
    unit: str
    text: str


def quantities(text: str) -> Iterator[Quantity]:
    """Every quantity, kind by kind; what one kind has taken no later one takes."""
    taken: list[tuple[int, int]] = []
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            taken.append(match.span())
            yield _quantity(kind, match)


def _quantity(kind: str, match: re.Match[str]) -> Quantity:
    span = Span(*match.span())
    groups = [group or "" for group in match.groups()]
    if kind == "now":
        return Quantity("day", span, Decimal(0), "d", match[0])
    if kind in ("day", "duration", "day-after-treatment", "age"):
        number = groups[0] or (groups[2] if len(groups) > 2 else "")
        return Quantity(kind, span, _days(number, groups[1]), "d", match[0])
    if kind == "dose":
        return Quantity(kind, span, _number(groups[0]), groups[1], match[0])
    if kind in ("n", "share"):
        return Quantity(kind, span, _number(next(filter(None, groups), "")), "%" if kind == "share" else "", match[0])
    return Quantity(kind, span, None, "", re.sub(r"\s+", "", groups[0]) if kind == "p" else groups[0])


def _days(number: str, unit: str) -> Decimal | None:
    value = _number(number)
    low = unit.lower()
    key = "o" if low.startswith("mo") else low[:1]
    return None if value is None else round(value * _DAYS[key], 6)


def _number(text: str) -> Decimal | None:
    low = text.lower()
    if low in _WORD:
        return _WORD[low]
    plain = low.replace(",", "")
    return Decimal(plain) if re.fullmatch(r"\d{1,12}(?:\.\d{1,6})?", plain) else None
