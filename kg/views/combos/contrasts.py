"""The page of combinations against their parts: harms first, then what was never compared, then what was."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from kg.errors import plural
from kg.store import Row, Store
from kg.synthesis.combos import between as components
from kg.synthesis.combos import contrast_rows as told
from kg.synthesis.combos.between import Between
from kg.synthesis.combos.contrasts import RULE, Contrast, Summary, Verdict
from kg.synthesis.combos.known import Known, Scope
from kg.views.combos import harms
from kg.views.combos.corners import card
from kg.views.combos.pages import page as made
from kg.views.plots.square import square
from kg.views.report import Report
from kg.views.report.document import Drawing, Group, Item, Section, Sentence
from kg.views.report.facts import capital

MOST = 4  # pictures on a page
_HEADINGS = {
    Verdict.WORSE: ("worse", "Worse than a part"),
    Verdict.NO_DIFFERENCE: ("no-difference", "No difference from its parts"),
    Verdict.SOME: ("some", "Beats some part"),
    Verdict.EVERY: ("every", "Beats every part"),
}
_NEVER = (
    "No study here set these against an arm that gives some of their members. That they did better than a control, "
    "where they did, says nothing of what the parts do together."
)
_ELSEWHERE = "Compared with a part in another study or outcome domain, but not in these."
_PLACES = "by study, outcome domain, phase and species"


def page(
    store: Store, known: Known, title: str, rows: Sequence[Contrast], sums: Sequence[Summary], scope: Scope,
    command: Sequence[str], between: Sequence[Between] = (),
) -> Report:  # fmt: skip
    """The page of these rows, with the pictures of the two-by-twos where only one combination is asked about."""
    alone = len(sums) == 1
    within = f" ({scope.words})" if scope.words else ""
    name = capital(known.named(sums[0].members)) if alone else f"Combinations with {title}"
    asked = f"{plural(len(sums), 'combination')}{within}, judged {plural(len(rows), 'time')}: {_PLACES}."
    harmed = harms.section(known, ((known.named(one.members), one.harms) for one in sums), "these combinations")
    sections = [_verdict(known, verdict, rows, alone) for verdict in _HEADINGS]
    after = [section for section in (*sections, _elsewhere(known, sums, alone)) if section.groups]
    after += [_between(known, between)] if between else []
    after += [Section("rule", "How this is judged", RULE)]
    drawn = [*drawings(store, known, rows, command)] if alone else [_undrawn(sums)]
    parts = "its parts" if alone else "their parts"
    before = [harmed, _short(rows, sums), *(one for one in [_never(known, sums)] if one.groups)]
    return made(store, f"{name} against {parts}", asked, command, before, drawn, after)


def drawings(store: Store, known: Known, rows: Sequence[Contrast], command: Sequence[str]) -> Iterator[Drawing]:
    """The two-by-two of each study: the row with numbers, else with most comparisons; the first MOST of them."""
    best: dict[str, Contrast] = {}
    for one in sorted(rows, key=lambda row: (not row.measured, -len(row.comparators), -len(row.facts), row.domain)):
        best.setdefault(one.study, one)
    again = shlex.join([*command, "-o", "page.html"])
    for number, one in enumerate(list(best.values())[:MOST], 1):
        drawn = square(card(known, one), store.about, number=number)
        more = f" Showing {MOST} of {len(best)} studies." if number == MOST < len(best) else ""
        yield Drawing(f"{one.study}: control, parts and combination", drawn, drawn.note + more, again)


def _undrawn(sums: Sequence[Summary]) -> Drawing:
    told = "Ask for one combination, as A + B, and its studies are drawn one by one." if sums else "Nothing to draw."
    return Drawing("Control, parts and combination", None, told, "")


def where(known: Known, one: Contrast) -> str:
    """The place of a row in words: `aoki2001, motor function (chronic, rat)`."""
    labels = {name: known.vocab.label(name, id) for name, id in (("phase", one.phase), ("species", one.species))}
    told = ", ".join(f"{name} not stated" if label == "not stated" else label for name, label in labels.items())
    return f"{one.study}, {known.vocab.label('domain', one.domain)} ({told})"


def sentences(known: Known, one: Contrast, *, arms: bool = True) -> Iterator[Sentence]:
    """What a row says, a comparison at a time, then numbers, order and the next experiment.

    Without `arms` the next experiment does not name the arms that nobody has: they are said elsewhere.
    """
    row = told.row(one, known)
    against = (*one.parts, *([one.control] if one.control else []))
    for part in against:
        yield Sentence(f"Against {told.said(known, part)}.", (*part.votes.findings, *part.uncalled))
    shown = {id for part in against for id in (*part.votes.findings, *part.uncalled)}
    if rest := tuple(id for id in one.findings if id not in shown):
        more = "more " if shown else ""
        yield Sentence(f"{plural(len(rest), f'{more}finding')} that set it against no part and no control.", rest)
    if row["measured"]:
        behind = tuple(dict.fromkeys(id for two in one.measured for id in two.square.findings))
        yield Sentence(f"By numbers, {row['measured']}.", behind)
    if one.factorial:
        yield Sentence("This study has all four arms: control, both parts and the combination.")
    if row["order"]:
        yield Sentence(f"Given {row['order']}.")
    if row["reported"]:
        yield Sentence(f"Interaction as reported: {row['reported']}.")
    if steps := told.following(known, one if arms else replace(one, missing=())):
        yield Sentence(f"Next: {steps}.")


def _short(rows: Sequence[Contrast], sums: Sequence[Summary]) -> Section:
    """How many combinations and rows have each verdict, what speaks against them first."""
    order = (*_HEADINGS, Verdict.CONTROL, Verdict.NEVER)
    by_row = Counter(one.verdict for one in rows)
    items = [Item(f"Judged {plural(len(rows), 'time')}.", (Sentence(f"{_verdicts(by_row, order)}."),))]
    if len(sums) == 1:
        items.insert(0, Item("Over all of it.", (Sentence(f"{capital(sums[0].state.value)}."),)))
    elif sums:
        states = _verdicts(Counter(one.state for one in sums), [one for one in order if one is not Verdict.CONTROL])
        items.insert(0, Item(f"{plural(len(sums), 'combination')}.", (Sentence(f"{states}."),)))
    return Section("short", "In short", "", _group(tuple(items)))


def _verdicts(counts: Mapping[Verdict, int], order: Iterable[Verdict]) -> str:
    return "; ".join(f"{verdict.value}: {counts.get(verdict, 0)}" for verdict in order).capitalize()


def _never(known: Known, sums: Sequence[Summary]) -> Section:
    never = [one for one in sums if one.state is Verdict.NEVER]
    groups = tuple(_open(known, one, len(sums) == 1) for one in never)
    return Section("never", "Never compared with its parts", _NEVER, groups)


def _open(known: Known, one: Summary, alone: bool) -> Group:
    """What is known of a combination that no study set against a part, under the experiment that would."""
    arms = " and ".join(f"against {known.named(arm)}" for arm in one.missing)
    items = [Item(f"{where(known, two)}.", tuple(sentences(known, two, arms=False))) for two in one.contrasts]
    if one.trials:
        items.append(
            Item("In people.", (Sentence(f"Given in {plural(len(one.trials), 'trial')}.", trials=one.trials),))
        )
    if not items:
        items.append(Item("", (Sentence("Given as what something else was added to, itself compared with nothing."),)))
    heading = "" if alone else capital(known.named(one.members))
    return Group(heading, tuple(items), f"Next: set it {arms}." if arms else "")


def _verdict(known: Known, verdict: Verdict, rows: Sequence[Contrast], alone: bool) -> Section:
    id, heading = _HEADINGS[verdict]
    return Section(id, heading, "", _by_combination(known, (one for one in rows if one.verdict is verdict), alone))


def _elsewhere(known: Known, sums: Sequence[Summary], alone: bool) -> Section:
    rows = [two for one in sums if one.state is not Verdict.NEVER for two in one.contrasts if not two.compared]
    return Section("elsewhere", "Not compared there", _ELSEWHERE, _by_combination(known, rows, alone))


def _by_combination(known: Known, rows: Iterable[Contrast], alone: bool) -> tuple[Group, ...]:
    apart: dict[str, list[Item]] = {}
    for one in rows:
        item = Item(f"{where(known, one)}.", tuple(sentences(known, one)))
        apart.setdefault("" if alone else capital(known.named(one.members)), []).append(item)
    return tuple(Group(name, tuple(items)) for name, items in apart.items())


def _between(known: Known, between: Sequence[Between]) -> Section:
    rows = components.rows(between, known)
    items = tuple(_estimate(known, row) for row in rows)
    heading = f"Components of {between[0].outcome}: {components.LABEL}"
    return Section("between", heading, components.RULE, _group(items))


def _estimate(known: Known, row: Row) -> Item:
    short = components.short(row)
    harmed = tuple(str(row["harms"] or "").split())
    said = f"{short['estimate']}, {row['studies'] or 0} of {row['network_studies']} studies, {row['population']}"
    why = f"; {row['why']}" if row["why"] else ""
    lines = [Sentence(f"{capital(said)}{why}.", tuple(str(row["findings"] or "").split()))]
    lines += [harms.worsened(known, harmed, "Of arms with it, ")] if harmed else []
    return Item(f"{capital(str(short['component']))}.", tuple(lines))


def _group(items: tuple[Item, ...]) -> tuple[Group, ...]:
    return (Group("", items),) if items else ()
