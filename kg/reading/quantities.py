"""Numbers with a meaning: days after injury, doses, group sizes, p values, levels, AIS grades, shares, ages.

Every pattern is linear: repeats are bounded or possessive, none is nested in another without an end. Units of doses
are put together from parts here; `kg.sources.scio_words` has its own small table of those that SCIO prints.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from kg.document import Span

_NAMES = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety"
).split()
_WORTH = {name: Decimal(i + 1 if i < 20 else (i - 17) * 10) for i, name in enumerate(_NAMES)}
_BASES = {
    **dict.fromkeys(("\u00b5g", "\u03bcg", "ug", "mcg"), "ug"), "pg": "pg", "ng": "ng", "mg": "mg", "g": "g",
    **{f"{sign}mol": "umol" for sign in "\u00b5\u03bcu"}, "nmol": "nmol", "mmol": "mmol",
    **{f"{sign}M": "umol/L" for sign in "\u00b5\u03bcu"}, "nM": "nmol/L", "mM": "mmol/L",
    **{f"{sign}{litre}": "uL" for sign in "\u00b5\u03bcu" for litre in "lL"}, "ml": "mL", "mL": "mL",
    "U": "{u}", "units": "{u}", "IU": "[iU]", "cells": "{cells}", "vg": "{vg}",
    "PFU": "[PFU]", "pfu": "[PFU]", "TU": "{TU}",
}  # fmt: skip
_SHARES = {
    "kg": "kg", "g": "g", "ml": "mL", "mL": "mL", "l": "L", "L": "L", "day": "d", "d": "d",
    "h": "h", "hr": "h", "hour": "h", "min": "min", "week": "wk", "wk": "wk",
    **{f"{sign}{litre}": "uL" for sign in "\u00b5\u03bcu" for litre in "lL"},
    **{one: f"{{{one}}}" for one in ("animal", "rat", "mouse", "site", "injection", "kilogram")},
} | {"kilogram": "kg"}  # fmt: skip
_DAYS = {"s": Decimal(1) / 86400, "m": Decimal(1) / 1440, "h": Decimal(1) / 24}
_DAYS |= {"d": Decimal(1), "w": Decimal(7), "o": Decimal(30), "y": Decimal(365)}

_NUMBER = (
    rf"(?:\d{{1,3}}(?:,\d{{3}}){{1,3}}(?!\d)|\d{{1,9}}(?:\.\d{{1,6}})?(?!\d)|"
    rf"(?i:{'|'.join(sorted(_NAMES, key=len)[::-1])})(?:-(?i:{'|'.join(_NAMES[:9])}))?(?!\w))"
)
_ONE = re.compile(_NUMBER)
_START = re.compile(  # the first sign of a number; beginning with a set of signs it is found several times faster
    r"[0-9OoTtFfSsEeNn](?<![\w.].)(?<![A-Za-z]-.)(?:(?<=\d)|(?<=[Oo])ne|(?<=[Tt])(?:w[eo]|h[ir]|en)|(?<=[Ff])(?:o[ru]|i[fv])|"
    r"(?<=[Ss])(?:ix|ev)|(?<=[Ee])(?:ig|le)|(?<=[Nn])in)"
)
_LIST = re.compile(
    rf"{_NUMBER}(?:(?:,\s?{_NUMBER}){{0,6}}+,?\s(?:and|or)\s{_NUMBER}|(?:\s?[-\u2010-\u2014]\s?|\sto\s){_NUMBER})?"
)
_GAP = r"[\s-]{0,2}"
_INJURY = (
    r"(?P<injury>(?:contusion|compression|crush|transection|clip|impact)\s(?:injury|lesion)(?!\w)|(?:t?SCI|injur(?:y|ies)|"
    r"lesion(?:s|ing)?|contusions?|transections?|hemisections?|trauma|compression|crush|insult|damage|axotomy|accident)(?!\w))"
)
_TREATED = (
    r"(?P<treated>(?:transplant|graft|treat|therap|inject|infus|administ|implant|train|rehabilitat|stimulat|interven|deliver|"
    r"dosing|engraft)\w{0,12})"
)
_WORDS = r"(?:(?!(?:for|before|until|followed|and)\b)[\w/'\u2019-]{1,30}+\s){0,6}?(?:[\w/]{1,12}-){0,3}"
_ANCHOR = rf"{_GAP}(?:(?:after|post|following|from|since){_GAP}|(?P<of>of)\s){_WORDS}(?:{_INJURY}|{_TREATED})"
_BEFORE = re.compile(
    rf"(?<!\w)(?:(?P<n>n\s?=\s?)|(?P<aged>aged?\s(?:(?:of|was|between|from)\s)?)|(?:(?:post|after){_GAP}(?:(?:the|spinal|cord)\s)"
    rf"{{0,3}}(?:{_INJURY}|{_TREATED})\s)?(?P<time>days?|weeks?|months?)\s|(?P<pi>d)pi\s)\Z",
    re.IGNORECASE,
)
_ENDINGS = frozenset(("ed", "ge", "of", "as", "en", "om", "ay", "ys", "ek", "ks", "th", "hs", "pi", " =", "n="))
_ANCHORED = re.compile(rf"(?:{_ANCHOR})?", re.IGNORECASE)
_EACH = re.compile(r"(?:\s?(?:/|per|in\seach|each)\s?(?:group|arm)\b)?")
_PER = r"(?:\s?/\s?|\sper\s|\s?\u00b7?\s?(?=\w{1,2}[-\u2212\u207b](?:1|\u00b9)))"
_SHARE = re.compile("|".join(sorted(_SHARES, key=len)[::-1]))
_BODIES = (
    "rats mice dogs cats pigs minipigs rabbits monkeys macaques marmosets primates animals patients subjects "
    "participants individuals people persons volunteers men women children adults controls beagles"
)
_ADJECTIVE = (
    r"(?!(?:groups?|of|in|and|or|to|with|were|was|after|for|per|weeks?|days?|times|mm|cm|hz|ma|injections?|doses?|cells|one|two)\b)"
    r"[A-Za-z][\w'/-]{0,30}+,?\s"
)
_AFTER = re.compile(
    rf"(?:\s?(?:\u00b1|\+/-)\s?\d{{1,6}}(?:\.\d{{1,6}})?)?(?:"
    r"[\s-]{0,2}(?P<time>(?i:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|wks?|months?|mos?|years?|yrs?)|[shdy])(?![\w/])"
    rf"(?i:(?P<old>[\s-]old\b|\sof\sage\b)|(?P<delay>{_GAP}delay(?:ed)?\b)|{_ANCHOR})?"
    r"|\s?(?P<pi>[hdwm])\.?p\.?i(?!\w)"
    r"|(?P<share>\s?(?:%|per\s?cent\b))(?!\s(?:CI\b|confidence))"
    rf"|\s(?P<who>(?i:(?:{_ADJECTIVE}){{0,6}}?(?:{_BODIES.replace(' ', '|')})))\b"
    r"|(?P<power>\s?[x\u00d7*\u00b7]\s?10\s?(?:\^\s?\(?|\()?(?P<ten>\d{1,2}|[\u2070\u00b9\u00b2\u00b3\u2074-\u2079]{1,2})\)?"
    r"|[eE](?P<e>\d{1,2})|\s(?P<million>million)|(?<=10)(?:\^\s?\(?|\()(?P<bare>\d{1,2})\)?)?"
    rf"(?:[\s-]?(?P<unit>{'|'.join(sorted(_BASES.keys() - {'cells'}, key=len)[::-1])})(?![A-Za-z])"
    rf"|\s(?P<cells>(?:{_ADJECTIVE}){{0,5}}?cells)\b)"
    rf"(?P<per>(?:{_PER}(?:{_SHARE.pattern})(?:[-\u2212\u207b](?:1|\u00b9))?(?![A-Za-z])){{0,2}}))"
)
_LEVEL = r"(?:C[1-8]|Th?(?:1[0-3]|[1-9])|L[1-6]|S[1-5])(?!\d)"
_LEVELS = re.compile(
    rf"[CTLS](?<!\w.)(?:(?<=C)[1-8]|(?<=T)h?(?:1[0-3]|[1-9])|(?<=L)[1-6]|(?<=S)[1-5])(?!\d)"
    rf"(?:(?:\s?[-\u2010-\u2014/]\s?|\sto\s)(?:{_LEVEL}|1[0-3]|[1-9](?!\d)))?"
    r"(?!\w|\s?-?\s?(?:weighted|MRI\b|mapping|relax|hyperint|signal|image|scan|glioma|cell|receptor|component))"
)
_REGIONS = re.compile(
    r"[CTLctl](?:(?<=[Cc])ervic(?:al|othoracic)|(?<=[Tt])horac(?:ic|olumbar)|(?<=[Ll])umb(?:ar|osacral))"
    r"(?!\w|\s(?:aort|surg|puncture|cistern|dorsal root|drg))"
)
_PART = re.compile(r"(?<!\w)(?:(?:upper|lower|mid|low|high)[\s-]?)?\Z", re.IGNORECASE)
_AIS = re.compile(
    r"A(?<!\w.)(?:IS|SIA)(?:\s(?i:impairment scale))?(?:\s\(AIS\))?(?:\s(?i:grades?|class|category|levels?))?[\s-]"
    r"(?P<grades>[A-E](?:(?:\s?[-\u2010-\u2014/]\s?|,?\s(?:to|or|and)\s|,\s)[A-E]){0,4})(?!\w)"
)
_P = re.compile(
    r"[Pp](?<!\w.)s?(?:[\s-]?values?)?\s?(?P<sign><=|>=|[<>=\u2264\u2265\u02c2]|of)\s?"
    r"(?P<number>0?[.,]\d{1,9}|1(?:\.0{1,4})?)(?![\d.]\d|\d)"
)
_NOW = re.compile(
    rf"[IiDdSsRrAa](?<!\w.)(?i:(?:(?<=i)mmediately|(?<=d)irectly|(?<=s)hortly|(?<=r)ight){_ANCHOR}"
    rf"|(?<=a)t the (?:time|moment) of (?:(?:an?|the)\s)?(?:spinal\s|cord\s){{0,2}}"
    rf"{_INJURY.replace('<injury>', '<then>')})"
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number read in a text: `value` in `unit`, UCUM, all times in days. `text` as printed.

    Where it is a p value `text` is as the findings table has it (`<0.05`, `0.03`), a level `T9-T10`, a grade `AIS C-D`.
    """

    kind: str
    span: Span
    value: Decimal | None
    unit: str
    text: str


def quantities(text: str) -> Iterator[Quantity]:
    """The quantities of a text by place, none overlapping another; each number of a range or a list is one of its own.

    A time is a `day` where it is told as one after injury, `day-after-treatment` after what was given; after surgery,
    which may be either, and without such words it is a `duration`. A month has 30 days, a year 365.
    """
    found = list(_counted(text))
    for pattern, read in ((_P, _p), (_LEVELS, _level), (_REGIONS, _region), (_AIS, _grade), (_NOW, _now)):
        found.extend(read(match) for match in pattern.finditer(text))
    done = 0
    for one in sorted(found, key=lambda one: (one.span.start, -one.span.end)):
        if one.span.start >= done and one.text:
            done = one.span.end
            yield one


def _counted(text: str) -> Iterator[Quantity]:
    """What begins with a number, or with what a number may stand behind: `n =`, `day`, `aged`."""
    done = 0
    for first in _START.finditer(text):
        start = first.start()
        listed = _LIST.match(text, start) if start >= done else None
        if listed is None:
            continue
        before = _BEFORE.search(text, max(done, start - 45), start) if _may_follow(text, start) else None
        plain = before is None or before["aged"]
        after = (_AFTER if plain else _EACH if before and before["n"] else _ANCHORED).match(text, listed.end())
        if after is not None:
            read = _Number(text, listed, before, after)
            yield from read.quantities()
            done = read.end


def _may_follow(text: str, start: int) -> bool:
    """Whether what stands before a number can be a word that matters: a quick look at its last two letters."""
    return start > 1 and (text[start - 1] == "=" or text[start - 3 : start - 1].lower() in _ENDINGS)


class _Number:
    """A number or a list of numbers with what stands before and after it, and what all that makes of it."""

    __slots__ = ("_after", "_before", "_listed", "_text", "end", "kind", "start")

    def __init__(self, text: str, listed: re.Match[str], before: re.Match[str] | None, after: re.Match[str]) -> None:
        self._text, self._listed = text, listed
        self._before = before.groupdict() if before else {}
        self._after = after.groupdict()
        self.start, self.end = before.start() if before else listed.start(), after.end()
        self.kind = self._kind()
        if self.kind == "duration" and self._after.get("of"):
            self.end = after.end("time") if self._after.get("time") else listed.end()

    def _says(self, name: str) -> str:
        return self._before.get(name) or self._after.get(name) or ""

    def _kind(self) -> str:
        if self._says("n") or self._says("who"):
            return "n"
        if self._says("time") or self._says("pi"):
            return self._time()
        return "share" if self._says("share") else "dose"

    def _time(self) -> str:
        if self._says("old") or self._says("aged"):
            return "age"
        lead = self._text[max(0, self.start - 17) : self.start].rstrip()
        if self._says("of") and not lead.endswith(("within", "within the first")):
            return "duration"
        if self._says("injury") or self._says("delay") or self._says("pi"):
            return "day"
        return "day-after-treatment" if self._says("treated") else "duration"

    def quantities(self) -> Iterator[Quantity]:
        """One for each number: the first has what stands before it as well, the last all that follows."""
        places = list(_ONE.finditer(self._text, self._listed.start(), self._listed.end()))
        times, unit = self._scale()
        for i, one in enumerate(places):
            span = Span(one.start() if i else self.start, self.end if i == len(places) - 1 else one.end())
            value = _worth(one[0]) * times
            if self._likely(value):
                value = _plain(value) if unit == "d" else Decimal(format(value, "f"))
                yield Quantity(self.kind, span, value, unit, self._text[span.start : span.end])

    def _scale(self) -> tuple[Decimal, str]:
        """What the number is to be multiplied by, and its unit."""
        if self.kind in ("n", "share"):
            return Decimal(1), "%" if self.kind == "share" else ""
        if self.kind != "dose":
            unit = (self._says("time") or self._says("pi")).lower()
            return _DAYS["o" if unit.startswith("mo") or (unit == "m" and self._says("pi")) else unit[0]], "d"
        bare = self._says("bare")
        power = self._says("ten") or self._says("e") or bare or ("6" if self._says("million") else "0")
        digits = int("".join(str(unicodedata.digit(sign)) for sign in power))
        per = [_SHARES[share] for share in _SHARE.findall(self._says("per"))]
        return Decimal(10) ** (digits - bool(bare)), "/".join([_BASES[self._says("unit") or "cells"], *per])

    def _likely(self, value: Decimal) -> bool:
        """No weight of an animal, no `two cells`, no year before cells, no half a rat."""
        if self.kind == "n":
            return value == int(value)
        if self._says("unit") == "g":
            return bool(self._says("per"))
        printed = self._says("power") or "," in self._listed[0]
        return not self._says("cells") or bool(printed) or value >= 10_000


def _worth(number: str) -> Decimal:
    if number[0].isdigit():
        return Decimal(number.replace(",", ""))
    return sum((_WORTH[word] for word in number.lower().split("-")), Decimal(0))


def _plain(value: Decimal) -> Decimal:
    """A value without exponent and trailing noughts, to two places, where it is below a hundredth to three."""
    value = round(value, 2 if value >= Decimal("0.01") else 3)
    return Decimal(format(value.normalize(), "f"))


def _now(match: re.Match[str]) -> Quantity:
    kind = "day-after-treatment" if match["treated"] else "day"
    return Quantity(kind, Span(*match.span()), Decimal(0), "d", match[0])


def _p(match: re.Match[str]) -> Quantity:
    number = match["number"].replace(",", ".")
    number = f"0{number}" if number[0] == "." else number
    sign = {"=": "", "of": "", "<=": "\u2264", ">=": "\u2265", "\u02c2": "<"}.get(match["sign"], match["sign"])
    return Quantity("p", Span(*match.span()), Decimal(number), "", f"{sign}{number}")


def _level(match: re.Match[str]) -> Quantity:
    return Quantity("level", Span(*match.span()), None, "", re.sub(r"Th(?=\d)", "T", _ranged(match[0])))


def _region(match: re.Match[str]) -> Quantity:
    part = _PART.search(match.string, max(0, match.start() - 7), match.start())
    span = Span(part.start() if part else match.start(), match.end())
    return Quantity("level", span, None, "", match.string[span.start : span.end] if part else "")


def _grade(match: re.Match[str]) -> Quantity:
    return Quantity("ais", Span(*match.span()), None, "", f"AIS {_ranged(match['grades'])}")


def _ranged(text: str) -> str:
    """A range with a plain hyphen."""
    return re.sub(r"\s?[\u2010-\u2014-]\s?|\sto\s", "-", text)
