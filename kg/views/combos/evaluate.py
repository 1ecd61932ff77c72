"""The page on what the ranking knows: slices, methods, what the pairs tested later showed, leaks, limits."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence

from kg.errors import KgError, plural
from kg.store import Row, Store
from kg.synthesis.combos import evaluate_rows, slices
from kg.synthesis.combos.evaluate import (
    FEWEST_BEATING,
    FIRST,
    RULE,
    By,
    Comparison,
    Evaluation,
    Score,
    Standing,
    Target,
)
from kg.synthesis.combos.evaluate_rows import apart, caveat, said, verdict
from kg.synthesis.combos.known import Known, Votes, seen, votes
from kg.synthesis.combos.together import Pair
from kg.views.combos import pages
from kg.views.plots import slices as picture
from kg.views.report import Report
from kg.views.report.document import Drawing, Group, Item, Section, Sentence
from kg.views.report.facts import capital

TITLE = "Does the ranking know anything?"
_CUT = {By.YEAR: "year", By.PAPER: "number of papers read"}


def evaluation(store: Store, known: Known, made: Evaluation, command: Sequence[str]) -> Report:
    """The report on an evaluation; `known` is what it was made of, and `command` what makes it again."""
    told = slices.by_paper(known) if made.by is By.PAPER else known
    asked = f"Pairs of therapies not tried by the end of a {_CUT[made.by]}, ranked, against those first tested later."
    first = [_limits(made), _whole(made), _harm(made, told)]
    then = [_by_slice(made), _beat(made), _leaks(made), _shuffled(made)]
    then.append(Section("rule", "How it is computed", RULE))
    return pages.page(store, TITLE, asked, command, first, [_drawing(store, made, command)], then)


def _drawing(store: Store, made: Evaluation, command: Sequence[str]) -> Drawing:
    """The slices, or why they cannot be drawn."""
    heading, again = "AUROC by slice", shlex.join([*command, "-o", "evaluate.html"])
    rows = [row for row in evaluate_rows.rows(made) if row["target"] == Target.TESTED and row["until"] != "all"]
    try:
        drawn = picture.slices(rows, store.about, axis=_CUT[made.by])
    except KgError as error:
        return Drawing(heading, None, f"{capital(str(error).partition(';')[0])}.", again)
    return Drawing(heading, drawn, drawn.note, again)


def _limits(made: Evaluation) -> Section:
    whole = made.tested[-1]
    told = [
        Sentence(caveat(made.by)),
        Sentence(
            f"{plural(len(made.tested) - 1, 'slice')} hold {plural(whole.candidates, 'candidate')}, of which "
            f"{whole.tested:,} were tested later (base rate {whole.base_rate:.2%}); they are "
            f"{plural(len(whole.pairs), 'distinct pair')}."
        ),
        Sentence(f"Left out: at most {plural(whole.undated, 'pair')} a slice, given only by arms without a year."),
        Sentence(f"Intervals are of {made.draws:,} bootstrap samples, seed {made.seed}."),
    ]  # fmt: skip
    return Section("limits", "Limits first", "", (Group("", tuple(Item("", (one,)) for one in told)),))


def _whole(made: Evaluation) -> Section:
    """Each method over all slices."""
    whole = made.tested[-1]
    note = (
        f"The first method, {made.first}, is compared with each other one on the same bootstrap samples. Hits are "
        f"pairs tested later among the first {_listed(map(str, FIRST))} of each slice, added up; by chance they would "
        f"be {_listed(f'{whole.chance[k]:.2g}' for k in FIRST)}."
    )
    return Section("methods", "Over all slices", note, (Group("", tuple(_method(made, whole))),))


def _number(hits: float) -> str:
    """Hits, whole where no tie shares one."""
    return f"{hits:.1f}".removesuffix(".0")


def _listed(words: Iterable[str]) -> str:
    """Words in their order."""
    *first, last = words
    return f"{', '.join(first)} and {last}"


def _method(made: Evaluation, one: Standing) -> Iterator[Item]:
    for score in one.scores:
        told = [Sentence(f"AUROC {said(score.auroc)}.")]
        if score.difference:
            told.append(Sentence(f"{capital(made.first)} minus it {apart(score.difference)}: {verdict(made, score)}."))
        told.append(Sentence(f"Hits: {_listed(_number(score.hits[k]) for k in FIRST)}."))
        if score.opinions < one.candidates:
            told.append(Sentence(f"No opinion on {1 - score.opinions / one.candidates:.0%} of candidates."))
        yield Item(f"{capital(score.method)}.", tuple(told))


def _harm(made: Evaluation, known: Known) -> Section:
    """What came of the pairs tested later; those of which anything but benefit is known, one by one."""
    whole, facts = made.tested[-1], slices.giving(known)
    told = {pair: votes(facts.get(pair, ())) for pair in whole.pairs}
    lines = [Item("All of them.", (Sentence(f"{capital(evaluate_rows.came(whole))}.", whole.votes.findings),))]
    lines += [_pair(known, pair, one, seen(facts[pair])) for pair, one in told.items() if one.against]
    if rest := [pair for pair, one in told.items() if not one.against]:
        behind = tuple(sorted({key for pair in rest for key in told[pair].findings}))
        names = Sentence(f"{'; '.join(known.named(pair) for pair in rest)}.", behind)
        lines.append(Item(_NO_DOUBT, (names,)))
    note = (
        "Findings whose arm gives the pair and whose comparator does not, whatever they isolate; a pair of classes "
        "stands beside the pair of their kinds. A study counts under every result that it saw."
    )
    return Section(
        "tested", "What the pairs tested later showed, nulls and harms first", note, (Group("", tuple(lines)),)
    )


_NO_DOUBT = "Of the others no null, mixed result or harm is known, which does not mean that there is none."


def _pair(known: Known, pair: Pair, told: Votes, counts: Row) -> Item:
    return Item(
        f"{capital(known.named(pair))}.", (Sentence(f"{capital(evaluate_rows.counted(counts))}.", told.findings),)
    )


def _by_slice(made: Evaluation) -> Section:
    note = f"As of the end of each {_CUT[made.by]}. Slices overlap, so that likeness of two in a row is no repetition."
    return Section("slices", "Slice by slice", note, tuple(_slices(made, made.tested[:-1])))


def _slices(made: Evaluation, standings: Sequence[Standing]) -> Iterator[Group]:
    for one in standings:
        told = f"{one.until}: {one.tested:,} of {one.candidates:,} pairs tested later ({one.base_rate:.2%})"
        yield Group(told, tuple(_told(made, one)))


def _told(made: Evaluation, one: Standing) -> Iterator[Item]:
    if one.scores[0].auroc is None:
        yield Item("", (Sentence("Too few for an AUROC."),))
    else:
        scores = "; ".join(f"{score.method} {said(score.auroc)}" for score in one.scores)
        yield Item("AUROC.", (Sentence(f"{capital(scores)}."), *_verdicts(made, one.scores)))
    last = FIRST[-1]
    hits = "; ".join(f"{score.method} {_number(score.hits[last])}" for score in one.scores)
    yield Item(f"Hits in the first {last}.", (Sentence(f"{capital(hits)}; by chance {one.chance[last]:.2g}."),))


def _verdicts(made: Evaluation, scores: Sequence[Score]) -> Iterator[Sentence]:
    for word in (Comparison.BETTER, Comparison.WORSE):
        if names := [score.method for score in scores if score.verdict is word]:
            yield Sentence(f"{capital(made.first)} {word} than {', '.join(names)}.")


def _beat(made: Evaluation) -> Section:
    """The second target, where enough pairs reached it."""
    heading = "Tested later, and beat both parts"
    if not made.beat:
        note = (
            f"{plural(made.beating, 'pair')} tested later beat both parts; with fewer than {FEWEST_BEATING} "
            "nothing is scored against them."
        )
        return Section("beat", heading, note)
    note = (
        "As above, but only pairs whose arm beat every part by directions count. Who was not tested is not a failure."
    )
    return Section("beat", heading, note, (Group("", tuple(_method(made, made.beat[-1]))),))


def _leaks(made: Evaluation) -> Section:
    """Whether a method knew what came later."""
    when = ", ".join(map(str, made.checked))
    note = (
        f"As of {when}, all that is dated later was removed, and altered (results flipped, pairs and trials planted, "
        "years changed), and every therapy was given another name; the scores of a method must not change by that."
    )
    none = "No method's scores changed."
    text = f"These scores changed and know too much: {', '.join(made.leaking)}." if made.leaking else none
    return Section(
        "leaks", "Does anything leak from after the slice?", note, (Group("", (Item("", (Sentence(text),)),)),)
    )


def _shuffled(made: Evaluation) -> Section:
    if not made.shuffled:
        return Section("shuffled", "Shuffled labels", "Not asked for; --shuffle 200 does it.")
    note = f"Mean AUROC over {made.times:,} shuffles of the labels in each slice; without any knowledge it is 0.5."
    items = tuple(Item("", (Sentence(f"{name}: {value:.3f}."),)) for name, value in made.shuffled.items())
    return Section("shuffled", "Shuffled labels", note, (Group("", items),))
