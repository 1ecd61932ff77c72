"""One set of therapies on one page: where it stands, harms, its parts, barriers, doubts, and the experiment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from kg.errors import KgError, plural
from kg.store import Row, Store
from kg.synthesis import squares
from kg.synthesis.combos import candidates, contrasts, coverage, lattice, together
from kg.synthesis.combos.contrasts import RULE, Contrast, Summary, Verdict
from kg.synthesis.combos.criteria import WEIGHTS
from kg.synthesis.combos.known import ANY, Fact, Known, Members, Scope, ids, ordered
from kg.synthesis.combos.reasons import Cards
from kg.synthesis.combos.together import Given
from kg.views.combos import ahead, barriers, harms
from kg.views.combos import contrasts as judged
from kg.views.combos.pages import page
from kg.views.combos.tried import drawn_again, saw
from kg.views.report import Report
from kg.views.report.document import Drawing, Group, Item, Section, Sentence
from kg.views.report.facts import capital

COLUMNS = ("section", "about", "text", "findings", "trials")
SHORT = ("section", "about", "sentence", "findings")


class _Set(NamedTuple):
    """What a card is made from."""

    store: Store
    known: Known
    members: Members
    scope: Scope
    rows: list[Contrast]
    summary: Summary | None
    matrix: coverage.Coverage | None


def card(
    store: Store, known: Known, what: Members, scope: Scope = ANY, weights: Mapping[str, float] = WEIGHTS,
    command: Sequence[str] = (),
) -> Report:  # fmt: skip
    """The card of a set of two or more therapies, tried or not. Raises KgError for fewer."""
    if len(what) < 2:
        raise KgError("a card is of two or more therapies: write them as A + B")
    rows = contrasts.contrasts(known, squares.squares(store), [what], scope)
    sums = contrasts.summaries(known, rows, [what])
    summary = next((made for made in sums if made.facts or made.trials), None)
    one = _Set(store, known, what, scope, rows, summary, _matrix(known, what, scope))
    alone, made = candidates.valued(known, what, scope, weights)
    reasons = Cards(store, known, made).of(1, alone)
    groups = ahead.card_groups(known, reasons)
    sections = [_stands(one), _harms(one, reasons.harms), _parts(one)]
    pros = (replace(groups[0], items=groups[0].items[1:], note="Beside the harms above."), groups[1])
    sections += [Section("why", "Reasons and doubts", f"{ahead.NOTE} {_CRITERIA}", pros), *_barriers(one)]
    sections += [Section("refute", "What would refute it, and the experiment", _PLAN, groups[2:])]
    sections += [Section("rule", "How it is judged against its parts", RULE)] if rows else []
    within = f" ({scope.words})" if scope.words else ""
    asked = f"Everything here on {known.named(what)} given together{within}."
    return page(store, capital(known.named(what)), asked, command, sections, _drawings(one, command))


_CRITERIA = "In brackets stands a criterion from 0 to 1, more is better; 'kg combos next' says how each is made."
_PLAN = "A proposal for people who plan experiments in animals; a planning aid and no protocol."


def rows(report: Report) -> list[Row]:
    """Every sentence of a card as a row of COLUMNS, in order."""
    return [
        {
            "section": section.heading,
            "about": ": ".join(part for part in (group.heading, item.lead.rstrip(".")) if part) or None,
            "text": sentence.text,
            "findings": " ".join(sentence.findings) or None,
            "trials": " ".join(sentence.trials) or None,
        }
        for section in report.document.sections
        for group in section.groups
        for item in group.items
        for sentence in item.sentences
    ]


def short(rows: Iterable[Row]) -> Iterator[Row]:
    """The same in the few columns of SHORT: each section named once, findings counted."""
    before = None
    for row in rows:
        found = len(str(row["findings"] or "").split())
        section = row["section"] if row["section"] != before else None
        yield {"section": section, "about": row["about"], "sentence": row["text"], "findings": found or None}
        before = row["section"]


def _stands(one: _Set) -> Section:
    items = [Item("State.", tuple(_state(one))), Item("Against its parts.", (_overall(one),))]
    if lines := tuple(_neighbours(one)):
        items.append(Item("Inside it and around it.", lines))
    return Section("stands", "Where it stands", "", (Group("", tuple(items)),))


def _state(one: _Set) -> Iterator[Sentence]:
    trials = tuple(trial.id for trial in one.known.trials if trial.members == one.members)
    if facts := [fact for fact in one.known.of(one.scope) if fact.members == one.members]:
        yield Sentence("Tried.")
        yield from saw(one.known, facts)
    else:
        yield Sentence("No finding of exactly this set within what is asked.")
        given = together.given(one.known, one.members)
        yield Sentence(f"{_GIVEN[given]}.", ordered(_given(one)))
    if trials:
        yield Sentence(f"Given in {plural(len(trials), 'trial')}.", trials=trials)


_GIVEN = {
    Given.ONE: "It is one therapy",
    Given.TRIED: "An arm or a trial gives all of it, or kinds of it, with something else or outside of what is asked",
    Given.PERHAPS: "Perhaps it was given after all: an arm names only a class of one of its members",
    Given.NEVER: "No arm and no trial here gives all of it, which is no proof that nobody tried",
}


def _given(one: _Set) -> list[Fact]:
    """The findings of arms that give all of it, or kinds of it."""
    return together.findings(one.known, one.members)


def _overall(one: _Set) -> Sentence:
    if one.summary is None:
        return Sentence("No finding of it, so never compared with its parts.")
    missing = ", ".join(one.known.named(arm) for arm in one.summary.missing)
    settle = f"; what would settle it: an arm of {missing}" if missing and one.summary.state is Verdict.NEVER else ""
    return Sentence(f"{capital(one.summary.state.value)}{settle}.", ids(one.summary.facts))


def _neighbours(one: _Set) -> Iterator[Sentence]:
    given = one.known.given
    below = lattice.covers({*given, one.members})
    inside = [one.known.named(some) for some in below[one.members]]
    above = sorted(one.known.named(some) for some in given if one.members in below[some])
    if inside:
        yield Sentence(f"Given without the rest: {'; '.join(inside)}.")
    if above:
        yield Sentence(f"Given with more: {'; '.join(above)}.")


def _harms(one: _Set, of_parts: Sequence[str]) -> Section:
    of_set = one.summary.harms if one.summary else ()
    harmed = (("Of the set", of_set), ("Of its parts, alone or with others", of_parts))
    return harms.section(one.known, harmed, "it or of its parts")


def _parts(one: _Set) -> Section:
    said = tuple(
        Item(f"{judged.where(one.known, row)}: {row.verdict.value}.", tuple(judged.sentences(one.known, row)))
        for row in one.rows
    )
    note = "" if said else "No finding of it within what is asked."
    return Section("parts", "Against its parts, study by study", note, (Group("", said),) if said else ())


def _barriers(one: _Set) -> Iterator[Section]:
    if one.matrix:
        yield barriers.unions(one.known, one.matrix)


def _matrix(known: Known, members: Members, scope: Scope) -> coverage.Coverage | None:
    try:
        return coverage.coverage(known, sorted(members), scope)
    except KgError:  # nothing measures a barrier, or a member is no therapy
        return None


def _drawings(one: _Set, command: Sequence[str]) -> Iterator[Drawing]:
    yield from judged.drawings(one.store, one.known, one.rows, command)
    if one.matrix:
        yield barriers.drawing(one.store, one.known, one.matrix, one.scope, command)
    keys = ids(fact for fact in one.known.of(one.scope) if fact.members & one.members)
    around = [one.known.named([id]) for id in sorted(one.members)]
    yield drawn_again(one.store, "lattice", keys, one.known.named(one.members), around, command)
