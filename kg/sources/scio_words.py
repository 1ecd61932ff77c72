"""The words of SCIO and what they are here, for the CSV views and for the papers. The table is `scio.csv`."""

from __future__ import annotations

import functools
import re
from decimal import Decimal
from pathlib import Path

from kg import tables
from kg.errors import UnknownName
from kg.model import NOT_STATED, Direction, HigherIs, Outcome, Phase, Therapy
from kg.tables import Row
from kg.vocab import Vocab

SOURCE = "https://github.com/ag-sc/SCIOExtraction"
SEXES = {"Female": "female", "Male": "male", "Mixed": "both", "Gender": "", "": ""}
_UNITS = {
    "mg/kg": "mg/kg",
    "mg": "mg",
    "ml": "mL",
    "ml/kg": "mL/kg",
    "g/l": "g/L",
    "µmol/kg": "umol/kg",
    "iu": "[iU]",
    "u/kg": "{u}/kg",
    "u/ml": "{u}/mL",
    "U": "{u}",
    "mM": "mmol/L",
}
_PHASES = ("acute", "subacute", "chronic")
_DOSE = re.compile(r"([0-9.]+) (\S+)")


@functools.cache
def words() -> dict[tuple[str, str], tuple[str, str]]:
    """What words of SCIO are here: (kind, word) -> id of ours, and what an own term stands below (domain or class)."""
    columns = ("kind", "word", "term", "above")
    rows = tables.rows(Path(__file__).with_name("scio.csv"), "scio.csv", columns, columns)
    return {(row["kind"], row["word"]): (row["term"], row["above"]) for row in rows if isinstance(row, Row)}


def known(kind: str) -> list[str]:
    """The words of one kind."""
    return [word for scheme, word in words() if scheme == kind]


def slug(word: str) -> str:
    """A word of SCIO as an id."""
    return re.sub(r"[^a-z0-9.]+", "-", _parted(word).lower()).strip("-.")


def label(word: str) -> str:
    """A word of SCIO for reading: its parts as words, names in capitals as they are."""
    return " ".join(part if re.search(r"[0-9]|[A-Z]{2}", part) else part.lower() for part in _parted(word).split())


def _parted(word: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z0-9])(?=[A-Z][a-z])", " ", word)


def polarity(judgement: str, direction: Direction) -> HigherIs:
    """What more of the quantity must mean for the judgement to follow from the direction."""
    if judgement == "Neutral":
        return HigherIs.UNKNOWN
    return HigherIs.BETTER if (judgement == "Positive") == (direction is Direction.INCREASED) else HigherIs.WORSE


def outcome(vocab: Vocab, method: str, wanted: HigherIs) -> Outcome:
    """The measured quantity; where more of ours does not mean what was judged, one of SCIO's own with that polarity.

    Raises UnknownName with the nearest methods.
    """
    ours = vocab.terms.get(("outcome", words().get(("outcome", method), ("", ""))[0]))
    if isinstance(ours, Outcome) and wanted in (HigherIs.UNKNOWN, ours.higher_is):
        return ours
    return own_outcome(vocab, method, wanted)


def own_outcome(vocab: Vocab, method: str, more: HigherIs) -> Outcome:
    """The outcome of SCIO's own that a method measures, with this polarity. Raises UnknownName."""
    id, domain = words().get(("outcome", method), ("", ""))
    domain = domain or getattr(vocab.terms.get(("outcome", id)), "domain", "")
    if not domain:
        raise UnknownName("method of SCIO", method, known("outcome"))
    name, text = slug(method), label(method)
    if more is not HigherIs.UNKNOWN:
        name, text = f"{name}-more-is-{more}", f"{text}, more is {more}"
    note = "method of SCIO; polarity as judged there"
    return Outcome("outcome", name, text, note=note, domain=domain, higher_is=more)


def own_therapy(word: str, above: str) -> Therapy:
    """A therapy that is no word of ours, below a class of ours."""
    return Therapy("therapy", slug(word), label(word), (above,), note="as SCIO names it")


def dose(cell: str) -> tuple[Decimal | None, str]:
    """The number and the unit of a dose, where both can be read."""
    found = _DOSE.fullmatch(cell)
    number = tables.number(found[1]) if found else None
    return (number, _UNITS[found[2]]) if found and number is not None and found[2] in _UNITS else (None, "")


def phase(vocab: Vocab, day: Decimal) -> str:
    """The phase that a day after injury is in."""
    phases = (vocab.terms.get(("phase", id)) for id in _PHASES)
    return next((one.id for one in phases if isinstance(one, Phase) and one.holds(day, False)), NOT_STATED)
