"""The page of what to try next: a picture of the criteria, a card for each set, and what was tried and failed."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from kg.errors import KgError, plural
from kg.store import Store
from kg.synthesis.combos import evaluate, evaluate_rows, known
from kg.synthesis.combos.candidates import Next
from kg.synthesis.combos.criteria import CRITERIA
from kg.synthesis.combos.known import Known
from kg.synthesis.combos.reasons import Card, Reason
from kg.views.combos import harms
from kg.views.combos.pages import page
from kg.views.plots import pareto
from kg.views.report import Report
from kg.views.report.document import Drawing, Group, Item, Section, Sentence
from kg.views.report.facts import capital

NOTE = (
    "Hypotheses, not results and not predictions: nothing says that parts add up, and that a set is tested later does "
    "not show that it works. Bounds are of exact 95 % intervals, so that few studies give low evidence and low "
    "safety: a part without a recorded harm may be one that hardly anybody looked at. What speaks against a set "
    "stands first."
)
_SLICED = 5_000  # studies of parts, beyond which slices of years take too long for a page
_WORDS = {
    "evidence": "Evidence of each part", "barriers": "Barriers", "relatives": "Nearest tried relatives",
    "timing": "Timing", "safety": "Safety", "readiness": "Readiness",
}  # fmt: skip


def ahead(
    store: Store, known: Known, therapy: str, made: Next, cards: Sequence[Card], command: Sequence[str]
) -> Report:
    """The page of the first sets of an order."""
    label = known.vocab.find("therapy", therapy).label if therapy else "any therapy"
    within = f" ({made.scope.words})" if made.scope.words else ""
    count = f"{plural(made.pairs, 'pair')} and {plural(made.triples, 'set')} of three"
    asked = f"Sets with {label}{within} that no arm and no trial here gives: the first {len(cards)} of {count}."
    sections = [_failed(made), *(card_section(known, card) for card in cards)]
    before = [_harms(known, cards), _how(made), _foresight(store, made)]
    drawn = [_drawing(store, made, cards, command)]
    return page(store, f"What to try next with {label}", asked, command, before, drawn, sections)


def _harms(known: Known, cards: Sequence[Card]) -> Section:
    """The harms of every part of the sets that are shown."""
    shown = {id for card in cards for id in card.candidate.members}
    harmed = ((known.named([id]), known.harms([id])) for id in shown)
    return harms.section(known, sorted(harmed, key=lambda one: one[0].casefold()), "the parts of these sets", _HARMED)


_HARMED = (
    "Of the parts of the sets shown and of kinds of them, alone or with others, of every phase, species and outcome."
)


def _how(made: Next) -> Section:
    items = tuple(
        Item(f"{capital(name)} (weight {made.weights[name]:g}).", (Sentence(f"{capital(told)}."),))
        for name, told in CRITERIA.items()
    )
    return Section("how", "How they are ordered", NOTE, (Group("", items),))


def _drawing(store: Store, made: Next, cards: Sequence[Card], command: Sequence[str]) -> Drawing:
    heading = "The criteria side by side"
    try:
        picture = pareto.pareto(cards, CRITERIA, store.about, of=made.pairs + made.triples)
    except KgError as error:
        return Drawing(heading, None, f"No picture: {error}.", "")
    return Drawing(heading, picture, picture.note, shlex.join([*command, "-o", "next.html"]))


def card_section(known: Known, card: Card) -> Section:
    """One card: harms, reasons by criterion, what would refute it, and the experiment."""
    one = card.candidate
    front = "on the Pareto front: no other set is as good in everything and better in something" if one.front else ""
    base = "adds a part to a pair that was tried" if one.base else ""
    perhaps = "perhaps given together: an arm names only a class of one part with another part" if one.perhaps else ""
    told = [f"weighted mean {one.score:.2f}", front, base, perhaps]
    note = f"{capital('; '.join(part for part in told if part))}."
    return Section(f"set-{card.rank}", f"{card.rank}. {one.name}", note, card_groups(known, card))


def card_groups(known: Known, card: Card) -> tuple[Group, ...]:
    """What stands on a card, what is against the set first."""
    return (
        Group("Against it", tuple(_against(known, card))),
        Group("For it, with what contradicts it", tuple(_reasons(card))),
        Group("What would refute it", (Item("", (Sentence(f"{capital(card.refuted_by)}."),)),)),
        Group("The experiment", tuple(_experiment(card))),
    )


def _against(known: Known, card: Card) -> Iterator[Item]:
    harmed = harms.worsened(known, card.harms) if card.harms else Sentence(harms.none("its parts"))
    yield Item("Harms of its parts.", (harmed,))
    if doubts := tuple(key for key in card.against if key not in card.harms):
        told = f"{plural(len(doubts), 'finding')} of its parts and relatives that saw no benefit."
        yield Item("Doubts.", (Sentence(told, doubts),))
    if card.open:
        yield Item("Barriers that stay open.", (Sentence(f"{capital(', '.join(card.open))}."),))


def _reasons(card: Card) -> Iterator[Item]:
    for name, words in _WORDS.items():
        some = [reason for reason in card.reasons if reason.criterion == name]
        value = card.candidate.values[name]
        yield Item(f"{words} ({value:.2f}).", tuple(map(_sentence, some)))


def _sentence(reason: Reason) -> Sentence:
    return Sentence(f"{capital(reason.text)}.", reason.findings, reason.trials)


def _experiment(card: Card) -> Iterator[Item]:
    plan = card.design
    arms = {**plan.arms, "C": plan.control}
    told = "; ".join(f"{arm}{', the control' if arm == 'C' else ''}: {arms[arm]}" for arm in plan.arms)
    yield Item("Arms.", (Sentence(f"{told}."),))
    where = ", ".join(word for word in (plan.species, plan.phase) if word != "not stated")
    yield Item("Species and phase.", (Sentence(f"{capital(where or 'not stated here')}."),))
    yield Item("When.", (Sentence(f"{capital(plan.days)}."),))
    measures = ", ".join(f"{name} ({plural(n, 'study', 'studies')})" for name, n in plan.measures)
    yield Item("Measures of its relatives.", (Sentence(f"{capital(measures) or 'None here'}."),))
    yield Item("Size.", (Sentence(f"{capital(plan.sizes)}.", plan.spread.findings if plan.spread else ()),))


def _foresight(store: Store, made: Next) -> Section:
    """What such an order knew in the past, with its interval, beside popularity."""
    heading, command = "What such an order knows", "'kg combos evaluate' compares it with every other method."
    if sum(part.seen for part in made.parts.values()) > _SLICED:
        return Section("foresight", heading, f"Not computed for a graph of this size. {command}")
    methods = {name: evaluate.METHODS[name] for name in ("ours", "popularity")}
    try:
        found = evaluate.evaluation(known.read(store), draws=200, methods=methods)
    except KgError as error:
        return Section("foresight", heading, f"{capital(str(error))}. {command}")
    whole = next((one for one in found.tested if one.until is None), None)
    named = {"ours": "this order"}
    told = (
        [f"{named.get(score.method, score.method)} {evaluate_rows.said(score.auroc)}" for score in whole.scores]
        if whole
        else []
    )
    counts = f"{whole.candidates:,} open pairs, {whole.tested:,} of them tested later" if whole else "nothing to score"
    said = f"Ranked as of each year from 2005 on, by the shipped weights and for any phase, with {counts}: AUROC "
    note = f"{said}{'; '.join(told) or 'not known'} (0.5 is chance). {evaluate.CAVEAT} {command}"
    return Section("foresight", heading, note)


def _failed(made: Next) -> Section:
    items = tuple(
        Item(f"{capital(one.name)}.", (Sentence(f"One vote a study: {one.votes}.", one.votes.findings),))
        for one in made.failed
    )
    note = (
        "Sets of which no finding within what is asked improved: they and every set above them are left out."
        if items
        else "No set."
    )
    return Section("failed", "Tried and failed", note, (Group("", items),) if items else ())
