"""The results of ag-sc/SCIOExtraction: two CSV views of the same rows, and papers in N-Triples -> papers and findings.

What `papers/*.nt` hold is read by `scio_papers`; this is how the views are read.
Tab-separated, latin-1. In AccessDB*.csv the duration is the time of the outcome, in Kwon*.csv the delay of treatment.
Rows of one paper, method, judgement and treatment that share most cells are one finding; where the views differ in a
cell, the Kwon view's stands and the other's is in the note. What SCIO's words are here stands in `scio.csv`.
"""

from __future__ import annotations

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
    Item,
    Origin,
    Outcome,
    Paper,
    Phase,
    Role,
    Significant,
    Term,
)
from kg.sources import scio_papers, scio_views, scio_words
from kg.sources.scio_views import COLUMNS, LOST, TRENDS, said
from kg.sources.scio_words import SEXES, SOURCE, known, label, polarity, slug
from kg.sources.scio_words import words as _words
from kg.tables import Row
from kg.vocab import Vocab

BEFORE = Phase("phase", "before-injury", "before injury", to_day=Decimal(0), note="treatment started before the injury")
_CLASSES = ("AnimalSpecies", "MouseSpecies", "CatSpecies", "DogSpecies", "GuineaPigSpecies")  # no strains
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
    """The papers and findings of a folder with both views or one; a row that cannot become a finding is a Problem.

    So are those of `papers/*.nt`, beside the views or alone. A result there that is no contrast of two arms is left out
    here: its paper says how many are, `unread` says which.
    """
    said: set[Item | Problem] = set()
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
    yield from (item for item in scio_papers.read(place, vocab) if not isinstance(item, Term) or item not in said)


def unread(place: Path, vocab: Vocab) -> Iterator[Problem]:
    """Every cell that could not be read though its row became a finding, and every result that is no contrast here.

    By file, row and column.
    """
    found = (problem for one in _results(place, vocab) if isinstance(one, _Read) for problem in one.unread)
    yield from sorted({*found, *scio_papers.aside(place, vocab)})


def _results(place: Path, vocab: Vocab) -> Iterator[_Read | Problem]:
    if scio_papers.files(place) and not any(place.glob("AccessDB*.csv")) and not any(place.glob("Kwon*.csv")):
        return
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
    """The measured quantity, with the polarity that was judged."""
    try:
        term = scio_words.outcome(seen.vocab, seen["method"], polarity(seen["judgement"], direction))
    except UnknownName as error:
        raise seen.lost("method", str(error)) from error
    seen.own(term)
    return term


def _term(seen: _Seen, scheme: str, column: str) -> str:
    """The id of the term that a cell means."""
    word = seen[column]
    if (scheme, word) not in _words():
        raise seen.lost(column, str(UnknownName(f"{scheme} of SCIO", word, known(scheme))))
    return _words()[scheme, word][0] or seen.own(Term(scheme, slug(word), label(word)))


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
        return seen.own(scio_words.own_therapy(word, above))


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
    return Arm(study, "_".join(slug(part) for part in parts if part), (given,))


def _dose(seen: _Seen) -> tuple[Decimal | None, str, str]:
    """Number and unit where both can be read, and what is printed."""
    cell = seen["dosage"]
    text = "; ".join(part for part in (cell, seen["temperature"]) if part)
    dose, unit = scio_words.dose(cell)
    if cell and dose is None:
        seen.wrong("dosage", f"{cell[:80]!r} is not a number and a known unit; kept as text")
    return dose, unit, text


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
    return day, scio_words.phase(seen.vocab, day)


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
    if seen["sex"] not in SEXES:
        seen.wrong("sex", f"{seen['sex'][:80]!r} is not one of {', '.join(filter(None, SEXES))}")
    return SEXES.get(seen["sex"], "")


def _note(seen: _Seen) -> str:
    """What has no column here, and what the other view says otherwise."""
    parts = [f"{column} {seen[column]}" for column in ("age", "animal weight") if seen[column]]
    if seen.kwon and seen.access:
        other, ours = seen.access, seen.kwon
        differ = [c for c in COLUMNS if c != "duration" and other[c] and ours[c] and said(other, c) != said(ours, c)]
        parts += [f"AccessDB says {column} {other[column]!r}" for column in differ]
    return "; ".join(parts)
