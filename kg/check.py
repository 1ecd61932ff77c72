"""Problems that only show when rows meet: one sentence each, with the file and row where it can be mended."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from kg.errors import Problem, did_you_mean
from kg.model import (
    Contrast,
    Direction,
    Finding,
    Item,
    Paper,
    PaperKind,
    Phase,
    Reading,
    Significant,
    Status,
    Trial,
)

_WORDS = {
    "interaction": ("more than additive", "additive", "less than additive", "no difference"),
    "confidence": ("high", "moderate", "low"),
    "quote_role": ("result", "method", "background"),
    "sex": ("female", "male", "both", "not reported"),
    "spread_kind": ("SD", "SEM"),
}
_REGISTRIES = {
    "ACTRN": r"ACTRN[0-9]{14}",
    "ChiCTR": r"ChiCTR[0-9A-Z-]*[0-9]{8,10}",
    "EudraCT": r"EudraCT-[0-9]{4}-[0-9]{6}-[0-9]{2}",
    "ISRCTN": r"ISRCTN[0-9]{8}",
    "jRCT": r"jRCTs?[0-9]{9,10}",
    "KCT": r"KCT[0-9]{7}",
    "NCT": r"NCT[0-9]{8}",
    "UMIN": r"UMIN[0-9]{9}",
}
_SECONDARY = (PaperKind.REVIEW, PaperKind.META_ANALYSIS)


def problems(items: Sequence[Item]) -> Iterator[Problem]:
    """Everything wrong between these items."""
    yield from _twice("papers.csv", "id", (item.id for item in items if isinstance(item, Paper)))
    for key in ("doi", "pmid", "pmcid"):
        known = (getattr(item, key).lower() for item in items if isinstance(item, Paper))
        yield from _twice("papers.csv", key, (value for value in known if value))
    yield from _twice("trials.csv", "id", (item.id for item in items if isinstance(item, Trial)))
    yield from (_registry(item) for item in items if isinstance(item, Trial) and not _registered(item.id))
    findings = [item for item in items if isinstance(item, Finding)]
    seen: dict[str, Finding] = {}
    for finding in findings:
        first = seen.setdefault(finding.id, finding)
        if first is not finding:
            yield _at(finding, "id", f"{finding.id!r} stands twice; first in {first.row}")
        yield from _finding(finding)
    yield from _readings(seen, [item for item in items if isinstance(item, Reading)])


def _readings(findings: Mapping[str, Finding], readings: Sequence[Reading]) -> Iterator[Problem]:
    """A row says `reviewed` only where somebody read it again; a reading speaks of a row that is there, once."""
    read = {reading.finding for reading in readings}
    yield from _twice("readings.csv", "finding", (reading.id for reading in readings))
    for id in sorted(read - set(findings)):
        yield Problem("readings.csv", 0, "finding", f"{id!r} is not a finding.{did_you_mean(id, findings)}")
    for finding in findings.values():
        if finding.status is Status.REVIEWED and finding.id not in read:
            yield _at(finding, "status", "is 'reviewed', but readings.csv holds no second reading of it")


def _registered(id: str) -> bool:
    """Whether an id that starts as a registry's do has their form; a key of ours starts otherwise."""
    return all(re.fullmatch(form, id) for start, form in _REGISTRIES.items() if id.startswith(start))


def _registry(trial: Trial) -> Problem:
    return Problem("trials.csv", 0, "id", f"{trial.id!r} has not the form of its registry, such as NCT02302157")


def notes(items: Sequence[Item]) -> Iterator[Problem]:
    """What is not wrong but weakens a row: a paper without identifier, a control not named, a head-to-head contrast.

    And what papers differ in: a phase of injury named so outside its window of days.
    """
    phases = {item.id: item for item in items if isinstance(item, Phase)}
    for item in items:
        if isinstance(item, Paper) and not (item.doi or item.pmid or item.pmcid):
            yield Problem(
                "papers.csv", 0, "doi", f"{item.id!r} has no DOI, PubMed or PMC id; it is known by its page only"
            )
        if isinstance(item, Finding):
            yield from _notes(item)
            yield from _window(item, phases.get(item.phase))


def _twice(file: str, column: str, values: Iterable[str]) -> Iterator[Problem]:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            yield Problem(file, 0, column, f"{value!r} stands twice")
        seen.add(value)


def _at(finding: Finding, column: str, message: str) -> Problem:
    file, _, number = finding.row.partition(", row ")
    return Problem(file or finding.id, int(number or 0), column, message)


def _finding(f: Finding) -> Iterator[Problem]:
    if not f.arm.active and f.arm.given:
        yield _at(f, "arm", f"the arm {f.arm.id!r} gives no active therapy. Compare a treated arm with its control")
    if f.arm == f.comparator and f.arm.given:
        yield _at(f, "comparator", "is the arm itself")
    elif f.instead_of and not f.added:
        missing = ", ".join(sorted(f.instead_of))
        yield _at(f, "arm", f"gives less than its comparator ({missing}). Swap the two and turn the direction")
    if f.paper.kind in _SECONDARY:
        yield _at(f, "paper", f"{f.paper.id!r} is a {f.paper.kind}; cite the paper that reports the finding itself")
    if (f.direction is Direction.OBSERVED) != (f.contrast is Contrast.NONE):
        yield _at(f, "direction", "'observed' goes with the comparator 'no-comparator', and only with it")
    if f.significant is Significant.YES and f.direction is Direction.NO_DIFFERENCE:
        yield _at(f, "significant", "is 'yes' beside the direction 'no difference'")
    if f.measured_day is not None and f.treatment_day is not None and f.measured_day < f.treatment_day:
        yield _at(f, "measured_day", f"{f.measured_day} lies before the treatment day {f.treatment_day}")
    if f.quote and not f.quote_role:
        yield _at(f, "quote_role", "must be 'result', 'method' or 'background' where a quote stands")
    yield from _words(f)


def _words(f: Finding) -> Iterator[Problem]:
    for column, known in _WORDS.items():
        if (word := getattr(f, column)) and word not in known:
            yield _at(f, column, f"{word[:80]!r} is not one of {', '.join(known)}.{did_you_mean(word, known)}")


def _notes(f: Finding) -> Iterator[Problem]:
    if f.contrast is Contrast.REPLACES:
        yield _at(f, "comparator", "a head-to-head contrast: it credits neither side against no treatment")
    if f.comparator.gives("control-not-named"):
        yield _at(f, "comparator", "the source does not name the control")
    if f.unit.startswith("% of"):
        yield from _shares(f)


def _shares(f: Finding) -> Iterator[Problem]:
    """Shares of subjects that no whole number of n gives, as far as they are printed: n may be another group's."""
    for column, share, n in (("mean_arm", f.mean_arm, f.n_arm), ("mean_comparator", f.mean_comparator, f.n_comparator)):
        if share is None or not n:
            continue
        step = Decimal(10) ** min(int(share.normalize().as_tuple().exponent), 0)
        nearest = round(share * n / 100) * 100 / Decimal(n)
        if not -step / 2 <= nearest - share < step:  # rounded, or cut off
            yield _at(f, column, f"{share} % is no whole number of {n} subjects; n may be those of another group")


def _window(f: Finding, phase: Phase | None) -> Iterator[Problem]:
    if phase and f.treatment_day is not None and not phase.holds(f.treatment_day, f.species == "human"):
        yield _at(f, "phase", f"the paper says {phase.id!r}, day {f.treatment_day} lies outside that window here")
