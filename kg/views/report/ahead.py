"""What is under way and what nobody has tried: trials in people, and pairs of therapies that share no arm."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping

from kg import library, shape
from kg.errors import plural
from kg.model import Result
from kg.store import Row, Store
from kg.synthesis.combos import known, partners
from kg.synthesis.combos.partners import Partner
from kg.views.report.asked import Asked
from kg.views.report.document import Group, Item, Section, Sentence
from kg.views.report.facts import Fact, capital, listed, seen_apart

MOST, FIRST = 10, 5  # trials; pairs of a phase
_IMPROVED, _UNDETERMINED = Result.IMPROVED.value, Result.UNDETERMINED.value
_TRIALS = """
SELECT DISTINCT ?trial ?regimen ?url WHERE {
  ?t a kg:Trial ; dcterms:identifier ?trial ; kg:regimen ?regimen .
  OPTIONAL { ?t kg:sourceUrl ?url }
}
ORDER BY ?trial
"""


def trial_rows(store: Store, asked: Asked, nodes: Collection[str]) -> list[Row]:
    """Trials of what was asked about, or of what the findings isolate (`nodes`): a row for each phase of injury."""
    told = {str(row["trial"]): row for row in store.select(shape.PROLOGUE + _TRIALS)}
    question = library.question("trials")
    rows = store.select(library.bind(question, {}, store.vocab()))
    wanted = {trial for trial, row in told.items() if _wanted(str(row["regimen"]), asked, nodes)}
    return [{**row, "url": told[str(row["trial"])]["url"]} for row in rows if row["trial"] in wanted]


def _wanted(regimen: str, asked: Asked, nodes: Collection[str]) -> bool:
    given = shape.members(regimen)
    if asked.kind == "therapy":
        return bool(given & asked.ours)
    if asked.kind == "combination":
        return given == asked.ours
    return regimen.removeprefix(shape.BASE) in nodes


def trials(rows: Collection[Row], asked: Asked) -> Section:
    """What became of each trial in people, those with a result first, then the latest."""
    apart: dict[str, list[Row]] = {}
    for row in rows:
        apart.setdefault(str(row["trial"]), []).append(row)
    order = sorted(apart, key=lambda trial: (not apart[trial][0]["result"], -int(apart[trial][0]["start"] or 0), trial))
    of = "what the findings isolate" if asked.kind in ("question", "other") else asked.name
    note = f"{plural(len(order), 'trial')} of {of}. A trial without a control group cannot tell what the treatment did."
    note = note if order else f"No trial of {of} stands here."
    items = [Item("", (Sentence(_trial(apart[trial]), trials=(trial,)),)) for trial in order[:MOST]]
    if more := order[MOST:]:
        items.append(Item("", (Sentence(f"And {plural(len(more), 'more trial')}:", trials=tuple(more)),)))
    return Section("trials", "Trials in people", note, (Group("", tuple(items)),) if items else ())


def _trial(rows: Collection[Row]) -> str:
    one = next(iter(rows))
    phases = listed(str(row["injury_phase"]) for row in rows if row["injury_phase"])
    size = plural(int(one["n"]), "person", "people") if one["n"] is not None else "number of people not stated"
    parts = [
        f"phase {one['trial_phase']}" if one["trial_phase"] else "",
        str(one["status"] or "status not stated"),
        size,
    ]
    parts += [f"from {one['start']}" if one["start"] else "", f"{phases} injury" if phases else "", _stopped(one)]
    result = str(one["result"] or "none published here").replace(_UNDETERMINED, "cannot be called")
    said = f" In the words of its record: {one['summary']}" if one["summary"] else ""
    return f"{capital(str(one['regimen']))}: {', '.join(part for part in parts if part)}. Result: {result}.{said}"


def _stopped(row: Row) -> str:
    return f"stopped ({row['why_stopped']})" if row["why_stopped"] else ""


def neighbours(store: Store, asked: Asked) -> list[Partner]:
    """Pairs with the therapy that share no arm, certain ones first; none where none is asked of."""
    if asked.kind != "therapy":
        return []
    return sorted(partners.partners(known.read(store, lean=True), asked.name), key=lambda pair: pair.perhaps)


def shown(pairs: Collection[Partner]) -> dict[str, list[Partner]]:
    """The first pairs of each phase, the chronic phase first."""
    phases = sorted({pair.phase for pair in pairs}, key=lambda phase: (phase != "chronic", phase))
    return {phase: [pair for pair in pairs if pair.phase == phase][:FIRST] for phase in phases}


def untested(store: Store, pairs: Collection[Partner], asked: Asked, facts: Mapping[str, Fact]) -> Section:
    """Hypotheses: what could be tried together, with the findings for and against each part."""
    heading = "Never tried together"
    if asked.kind != "therapy":
        note = "Left out: pairs that were never tried are listed for one therapy or class; ask for one of the parts."
        return Section("untested", heading, note)
    if not pairs:
        return Section("untested", heading, f"{capital(partners.hint(known.read(store, lean=True), asked.name))}.")
    note = (
        f"Hypotheses, not results: {plural(len(pairs), 'pair')} of which each part helped when added in the same "
        "phase, and which share no arm here. The nulls of each part stand beside; nothing says that the two add up. "
        f"The first of each phase are shown; kg combos next {shlex.quote(asked.name)} gives reasons and the rest."
    )
    return Section("untested", heading, note, tuple(_phase(store, some, facts) for some in shown(pairs).values()))


def _phase(store: Store, pairs: Collection[Partner], facts: Mapping[str, Fact]) -> Group:
    """The pairs of one phase, under what each of the therapies asked about showed in it."""
    vocab, items = store.vocab(), list[Item]()
    for therapy in dict.fromkeys(pair.therapy for pair in pairs):
        some = [pair for pair in pairs if pair.therapy == therapy]
        label = vocab.label("therapy", therapy)
        items.append(Item(f"{capital(label)}.", (_added(label, _of(therapy, some[:1], facts)),)))
        for pair in some:
            partner = vocab.label("therapy", pair.partner)
            lead = f"{capital(label)} with {partner}{_doubt(pair)}."
            items.append(Item(lead, (_added(partner, _of(pair.partner, [pair], facts)),)))
    return Group(capital(vocab.label("phase", next(iter(pairs)).phase)), tuple(items))


def _doubt(pair: Partner) -> str:
    return " (an arm names a class of one of them with the other, so they may have met)" if pair.perhaps else ""


def _of(part: str, pairs: Collection[Partner], facts: Mapping[str, Fact]) -> list[Fact]:
    """The findings that isolate one part of the pairs."""
    found = [facts[key] for pair in pairs for key in pair.findings]
    return [fact for fact in found if part in fact.parts]


def _added(name: str, facts: Collection[Fact]) -> Sentence:
    """What the findings of one part say, those against it beside those for it."""
    helped = [fact for fact in facts if fact.result == _IMPROVED]
    other = [fact for fact in facts if fact.result not in (_IMPROVED, _UNDETERMINED)]
    beside = f"no difference, worse or mixed in {seen_apart(other)}" if other else "no null or harm here"
    told = f"Where {name} was added, {listed(fact.domain for fact in helped)} improved in {seen_apart(helped)}"
    return Sentence.of(f"{told}; {beside}.", [*helped, *other])
