"""The results of ag-sc/SCIOExtraction: two CSV views of the same rows -> papers and findings.

Tab-separated, latin-1. In AccessDB*.csv the duration is the time of the outcome, in Kwon*.csv the delay of treatment.
Rows of one paper, method, judgement and treatment that share most cells are one finding; where the views differ in a
cell, the Kwon view's stands and the other's is in the note. What SCIO's words are here stands in `scio.csv`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from kg import tables
from kg.errors import Problem, UnknownName
from kg.model import (
    NOT_NAMED,
    NOT_STATED,
    Arm,
    Direction,
    Finding,
    Given,
    HigherIs,
    Item,
    Origin,
    Outcome,
    Paper,
    Phase,
    Role,
    Significant,
    Term,
    Therapy,
)
from kg.sources import scio_views
from kg.sources.scio_views import COLUMNS, LOST, TRENDS, said
from kg.tables import Row
from kg.vocab import Vocab

SOURCE = "https://github.com/ag-sc/SCIOExtraction"
BEFORE = Phase("phase", "before-injury", "before injury", to_day=Decimal(0), note="treatment started before the injury")
_SEXES = {"Female": "female", "Male": "male", "Mixed": "both", "Gender": "", "": ""}
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
_CLASSES = ("AnimalSpecies", "MouseSpecies", "CatSpecies", "DogSpecies", "GuineaPigSpecies")  # no strains
_PHASES = ("acute", "subacute", "chronic")
_DOSE = re.compile(r"([0-9.]+) (\S+)")
_TEXT_ONLY = ("device", "force", "device weight", "distance")


class _Lost(Exception):
    """A row that cannot become a finding."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass(slots=True)
class _Seen:
    """One result as one view shows it, or both; collects the cells that cannot be read, and the terms it needs."""

    kwon: Row | None
    access: Row | None
    vocab: Vocab
    unread: list[Problem] = field(default_factory=list)
    terms: list[Term] = field(default_factory=list)

    def __getitem__(self, column: str) -> str:
        """The Kwon view's cell, or where that is empty or broken the other's."""
        cells = sorted((row[column] for row in self.rows if row[column]), key=lambda cell: LOST in cell)
        return next(iter(cells), "")

    @property
    def rows(self) -> list[Row]:
        return [row for row in (self.kwon, self.access) if row]

    def wrong(self, column: str, message: str) -> None:
        """Report a cell; the finding goes on without it."""
        row = next((row for row in self.rows if row[column] and row[column] == self[column]), self.rows[0])
        self.unread.append(row.problem(COLUMNS[column], message))

    def lost(self, column: str, message: str) -> _Lost:
        """The exception for a row that is nothing without this cell."""
        return _Lost(self.rows[0].problem(COLUMNS[column], message))

    def own(self, term: Term) -> str:
        """The id of a term that may not be in the vocabulary."""
        if (term.scheme, term.id) not in self.vocab.terms:
            self.terms.append(term)
        return term.id


@dataclass(frozen=True, slots=True)
class _Read:
    """What became of one result."""

    finding: Finding | None
    terms: tuple[Term, ...] = ()
    lost: tuple[Problem, ...] = ()
    unread: tuple[Problem, ...] = ()

    @property
    def brings(self) -> tuple[Term | Paper, ...]:
        """What must stand before the finding."""
        return (*self.terms, self.finding.paper) if self.finding else ()


def read(place: Path, vocab: Vocab) -> Iterator[Item | Problem]:
    """The papers and findings of a folder with both views or one; a row that cannot become a finding is a Problem."""
    said: set[Term | Paper] = set()
    for result in _results(place, vocab):
        if isinstance(result, Problem):
            yield result
            continue
        yield from result.lost
        for item in result.brings:
            if item not in said:
                said.add(item)
                yield item
        if result.finding:
            yield result.finding


def unread(place: Path, vocab: Vocab) -> Iterator[Problem]:
    """Every cell that could not be read though its row became a finding, by file, row and column."""
    found = (problem for one in _results(place, vocab) if isinstance(one, _Read) for problem in one.unread)
    yield from sorted(set(found))


def _results(place: Path, vocab: Vocab) -> Iterator[_Read | Problem]:
    for pair in scio_views.pairs(place):
        yield pair if isinstance(pair, Problem) else _result(_Seen(*pair, vocab))


def _result(seen: _Seen) -> _Read:
    broken = [(row, column) for row in seen.rows for column, cell in row.cells.items() if LOST in cell]
    seen.unread += [
        row.problem(COLUMNS[column], "holds a character that was lost before; kept") for row, column in broken
    ]
    try:
        finding = _finding(seen)
    except _Lost as error:
        return _Read(None, lost=(error.problem, *seen.unread))
    return _Read(finding, tuple(seen.terms), unread=tuple(seen.unread))


def _finding(seen: _Seen) -> Finding:
    paper, direction = _paper(seen), _direction(seen)
    treated, phase = _treated(seen)
    control = Given(NOT_NAMED, Role.CONTROL)
    return Finding(
        id="scio" + "".join(f"-{row.file[0].lower()}{row.number}" for row in seen.rows),
        paper=paper,
        study=paper.id,
        arm=_arm(seen, paper.id, treated),
        comparator=Arm(paper.id, NOT_NAMED, (control,)),
        outcome=_outcome(seen, direction),
        direction=direction,
        significant=Significant.NO if seen["judgement"] == "Neutral" else Significant.NOT_STATED,
        species=_term(seen, "species", "model"),
        strain="" if seen["strain"] in _CLASSES else seen["strain"],
        sex=_sex(seen),
        injury=_injury(seen),
        level=seen["level"].lower(),
        severity="; ".join(f"{column} {seen[column]}" for column in _TEXT_ONLY if seen[column]),
        phase=phase,
        treatment_day=treated,
        measured_day=_measured(seen, treated),
        measure=seen["method"],
        n_arm=_count(seen, "n_arm"),
        n_comparator=_count(seen, "n_comparator"),
        mean_arm=_number(seen, "mean_arm"),
        mean_comparator=_number(seen, "mean_comparator"),
        evidence="experimental",
        origin=Origin.IMPORTED,
        locator="; ".join(f"{row.file}, row {row.number}" for row in seen.rows),
        source_url=SOURCE,
        curator="ag-sc",
        note=_note(seen),
        row=f"{seen.rows[0].file}, row {seen.rows[0].number}",
    )


def _paper(seen: _Seen) -> Paper:
    key = seen["paper"]
    if not re.fullmatch(r"[A-Za-z0-9]+", key):
        raise seen.lost("paper", f"{key[:80]!r} names no paper")
    if re.fullmatch(r"[1-9][0-9]{0,7}", key):
        return Paper(f"scio-{key}", pmid=key, url=f"https://pubmed.ncbi.nlm.nih.gov/{key}/")
    seen.wrong("paper", f"{key[:80]!r} is not a PubMed id (up to 8 digits); the paper is known by this key only")
    return Paper(f"scio-{key}", url=SOURCE, note=f"SCIO's key {key} is not a PubMed id")


def _direction(seen: _Seen) -> Direction:
    if seen["trend"] not in TRENDS:
        raise seen.lost("trend", f"{seen['trend'][:80]!r} is not one of {', '.join(TRENDS)}")
    if seen["judgement"] not in ("Positive", "Neutral", "Negative"):
        raise seen.lost("judgement", f"{seen['judgement'][:80]!r} is not one of Positive, Neutral, Negative")
    direction = TRENDS[seen["trend"]]
    if direction is Direction.NO_DIFFERENCE and seen["judgement"] != "Neutral":
        raise seen.lost("trend", f"is None beside the judgement {seen['judgement']}")
    return direction


def _outcome(seen: _Seen, direction: Direction) -> Outcome:
    """The measured quantity; where more of ours does not mean what was judged, one of SCIO's own with that polarity."""
    id, domain = _words().get(("outcome", seen["method"]), ("", ""))
    known = seen.vocab.terms.get(("outcome", id))
    wanted = _polarity(seen["judgement"], direction)
    if isinstance(known, Outcome) and wanted in (HigherIs.UNKNOWN, known.higher_is):
        return known
    if not domain and not known:
        raise seen.lost("method", str(UnknownName("method of SCIO", seen["method"], _known("outcome"))))
    return _own_outcome(seen, domain or getattr(known, "domain", ""), wanted)


def _own_outcome(seen: _Seen, domain: str, more: HigherIs) -> Outcome:
    slug, label = _slug(seen["method"]), _label(seen["method"])
    if more is not HigherIs.UNKNOWN:
        slug, label = f"{slug}-more-is-{more}", f"{label}, more is {more}"
    term = Outcome(
        "outcome", slug, label, note="method of SCIO; polarity as judged there", domain=domain, higher_is=more
    )
    seen.own(term)
    return term


def _polarity(judgement: str, direction: Direction) -> HigherIs:
    """What more of the quantity must mean for the judgement to follow from the direction."""
    if judgement == "Neutral":
        return HigherIs.UNKNOWN
    return HigherIs.BETTER if (judgement == "Positive") == (direction is Direction.INCREASED) else HigherIs.WORSE


def _term(seen: _Seen, scheme: str, column: str) -> str:
    """The id of the term that a cell means."""
    word = seen[column]
    if (scheme, word) not in _words():
        raise seen.lost(column, str(UnknownName(f"{scheme} of SCIO", word, _known(scheme))))
    return _words()[scheme, word][0] or seen.own(Term(scheme, _slug(word), _label(word)))


def _injury(seen: _Seen) -> str:
    device = f"{seen['injury']}/{seen['device']}"
    return _words().get(("injury", device), ("", ""))[0] or _term(seen, "injury", "injury")


def _therapy(seen: _Seen) -> str:
    """The therapy, by our name for it; an unknown one becomes a term of its own."""
    column = "compound" if seen["compound"] else "treatment"
    word = seen[column]
    if not word:
        raise seen.lost("treatment", "is empty, as is the compound: nothing was given")
    id, above = _words().get(("therapy", word), ("", "pharmacological"))
    try:
        return id or seen.vocab.find("therapy", word).id
    except UnknownName:
        return seen.own(Therapy("therapy", _slug(word), _label(word), (above,), note="as SCIO names it"))


def _arm(seen: _Seen, study: str, start: Decimal | None) -> Arm:
    dose, unit, text = _dose(seen)
    routes = {"OralDelivery": "oral"}
    route = seen["route"] if seen["route"] not in (*routes, "DeliveryMethod") else ""
    kwon = seen.kwon["duration"] if seen.kwon else ""
    given = Given(
        therapy=_therapy(seen),
        start_day=start,
        dose=dose,
        unit=unit,
        dose_text=text,
        route=routes.get(seen["route"], ""),
        note="; ".join(part for part in (route, "before injury" if kwon == "prior" else "") if part),
    )
    parts = (given.therapy, seen["dosage"], seen["temperature"], given.route, route, kwon)
    return Arm(study, "_".join(_slug(part) for part in parts if part), (given,))


def _dose(seen: _Seen) -> tuple[Decimal | None, str, str]:
    """Number and unit where both can be read, and what is printed."""
    cell = seen["dosage"]
    text = "; ".join(part for part in (cell, seen["temperature"]) if part)
    found = _DOSE.fullmatch(cell)
    dose = tables.number(found[1]) if found else None
    if found and dose is not None and found[2] in _UNITS:
        return dose, _UNITS[found[2]], text
    if cell:
        seen.wrong("dosage", f"{cell[:80]!r} is not a number and a known unit; kept as text")
    return None, "", text


def _treated(seen: _Seen) -> tuple[Decimal | None, str]:
    """The day of treatment after injury, and the phase that this day is in."""
    cell = seen.kwon["duration"] if seen.kwon else ""
    if cell == "prior":
        seen.own(BEFORE)
        return None, BEFORE.id
    day = _days(cell)
    if day is None:
        if cell:
            seen.wrong("duration", f"{cell[:80]!r} is not a delay such as '30 min' or 'prior'")
        return None, NOT_STATED
    phases = (seen.vocab.terms.get(("phase", id)) for id in _PHASES)
    return day, next((one.id for one in phases if isinstance(one, Phase) and one.holds(day, False)), NOT_STATED)


def _measured(seen: _Seen, treated: Decimal | None) -> Decimal | None:
    cell = seen.access["duration"] if seen.access else ""
    day = _days(cell)
    if seen.access and cell and day is None:
        seen.unread.append(seen.access.problem(COLUMNS["duration"], f"{cell[:80]!r} is not a time such as '1440 min'"))
    if seen.access and day is not None and treated is not None and day < treated:
        message = f"{cell!r} lies before the treatment ({treated:.2f} days after injury); the time is left out"
        seen.unread.append(seen.access.problem(COLUMNS["duration"], message))
        return None
    return day


def _days(cell: str) -> Decimal | None:
    minutes = tables.number(cell.removesuffix(" min")) if cell.endswith(" min") else None
    return None if minutes is None else round(minutes / 1440, 12)


def _count(seen: _Seen, column: str) -> int | None:
    cell = seen[column]
    found = re.fullmatch(r"n = ([1-9][0-9]{0,5})", cell)
    if cell and not found:
        seen.wrong(column, f"{cell[:80]!r} is not the size of a group such as 'n = 8'")
    return int(found[1]) if found else None


def _number(seen: _Seen, column: str) -> Decimal | None:
    value = tables.number(seen[column])
    if seen[column] and value is None:
        seen.wrong(column, f"{seen[column][:80]!r} is not a number")
    return value


def _sex(seen: _Seen) -> str:
    if seen["sex"] not in _SEXES:
        seen.wrong("sex", f"{seen['sex'][:80]!r} is not one of {', '.join(filter(None, _SEXES))}")
    return _SEXES.get(seen["sex"], "")


def _note(seen: _Seen) -> str:
    """What has no column here, and what the other view says otherwise."""
    parts = [f"{column} {seen[column]}" for column in ("age", "animal weight") if seen[column]]
    if seen.kwon and seen.access:
        other, ours = seen.access, seen.kwon
        differ = [c for c in COLUMNS if c != "duration" and other[c] and ours[c] and said(other, c) != said(ours, c)]
        parts += [f"AccessDB says {column} {other[column]!r}" for column in differ]
    return "; ".join(parts)


def _slug(word: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", _parted(word).lower()).strip("-.")


def _label(word: str) -> str:
    """A word of SCIO for reading: its parts as words, names in capitals as they are."""
    return " ".join(part if re.search(r"[0-9]|[A-Z]{2}", part) else part.lower() for part in _parted(word).split())


def _parted(word: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z0-9])(?=[A-Z][a-z])", " ", word)


@functools.cache
def _words() -> dict[tuple[str, str], tuple[str, str]]:
    """What words of SCIO are here: (kind, word) -> id of ours, and what an own term stands below (domain or class)."""
    columns = ("kind", "word", "term", "above")
    rows = tables.rows(Path(__file__).with_name("scio.csv"), "scio.csv", columns, columns)
    return {(row["kind"], row["word"]): (row["term"], row["above"]) for row in rows if isinstance(row, Row)}


def _known(kind: str) -> list[str]:
    return [word for scheme, word in _words() if scheme == kind]
