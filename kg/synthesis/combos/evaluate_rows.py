"""An evaluation as rows: for machines, short ones for a terminal, and the sentences beside them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kg.synthesis import directions
from kg.synthesis.combos.auroc import Estimate
from kg.synthesis.combos.evaluate import BY_PAPER, CAVEAT, FIRST, RULE, By, Comparison, Evaluation, Score, Standing
from kg.synthesis.combos.known import counted as results
from kg.synthesis.combos.known import ordered, seen

if TYPE_CHECKING:
    from kg.store import Row

COLUMNS = (
    "target until method candidates undated tested_later distinct_pairs base_rate auroc auroc_low auroc_high opinions "
    "hits_5 chance_5 hits_10 chance_10 hits_20 chance_20 compared difference difference_low difference_high verdict "
    "leaks shuffled_auroc studies improved no_difference worsened mixed undetermined findings caveat rule"
).split()
SUMMARY = ("method", "AUROC", "first less it", "verdict", "hits@5", "hits@10", "hits@20", "leaks")


def rows(made: Evaluation) -> list[Row]:
    """A row of COLUMNS for each method in each slice and over all; `findings` are those on the pairs tested later."""
    return [row for standing in (*made.tested, *made.beat) for row in _rows(made, standing)]


def _rows(made: Evaluation, one: Standing) -> Iterator[Row]:
    whole = one.until is None
    shared = {name: count for name, count in seen(one.facts).items() if name in COLUMNS} | {
        "target": one.target.value,
        "until": "all" if whole else one.until,
        "candidates": one.candidates,
        "undated": one.undated,
        "tested_later": one.tested,
        "distinct_pairs": len(one.pairs),
        "base_rate": one.base_rate,
        "findings": " ".join(ordered(one.facts)),
        "caveat": caveat(made.by),
        "rule": RULE if whole else None,
        **{f"chance_{k}": one.chance[k] for k in FIRST},
    }
    for score in one.scores:
        yield (
            dict.fromkeys(COLUMNS)
            | shared
            | {
                "method": score.method,
                "opinions": score.opinions,
                "compared": f"{made.first} less {score.method}" if score.difference else None,
                "verdict": verdict(made, score),
                "leaks": score.method in made.leaking,
                "shuffled_auroc": made.shuffled.get(score.method),
                **_bounds("auroc", score.auroc),
                **_bounds("difference", score.difference),
                **{f"hits_{k}": score.hits[k] for k in FIRST},
            }
        )


def caveat(by: By) -> str:
    """What stands on every row and page."""
    return f"{BY_PAPER} {CAVEAT}" if by is By.PAPER else CAVEAT


def _bounds(name: str, told: Estimate | None) -> Row:
    return {name: told.value, f"{name}_low": told.low, f"{name}_high": told.high} if told else {}


def verdict(made: Evaluation, score: Score) -> str:
    """The first method against another in words: `ours better`."""
    named = score.verdict in (Comparison.BETTER, Comparison.WORSE)
    return f"{made.first} {score.verdict}" if named else score.verdict.value


def short(made: Evaluation) -> list[Row]:
    """A row of SUMMARY for each method over all slices, for reading on a terminal."""
    whole = made.tested[-1]
    return [
        {
            "method": score.method,
            "AUROC": said(score.auroc),
            "first less it": apart(score.difference) if score.difference else None,
            "verdict": verdict(made, score),
            **{f"hits@{k}": f"{score.hits[k]:.1f} ({whole.chance[k]:.1f} by chance)" for k in FIRST},
            "leaks": "LEAKS" if score.method in made.leaking else "no",
        }
        for score in whole.scores
    ]


def said(told: Estimate | None) -> str:
    """A value with its interval, or that there are too few pairs for one."""
    return f"{told.value:.2f} [{told.low:.2f}, {told.high:.2f}]" if told else "too few"


def apart(told: Estimate) -> str:
    """A difference with its interval."""
    return f"{told.value:+.3f} [{told.low:+.3f}, {told.high:+.3f}]"


def came(one: Standing) -> str:
    """What the studies of the pairs tested later saw, harms included; animals and people are named apart."""
    apart = (one.of_kind(kind) for kind in directions.Kind)
    told = [
        f"{kind.value}: {counted(seen(facts))}" for kind, facts in zip(directions.Kind, apart, strict=True) if facts
    ]
    return "; ".join([*told, f"one vote a study: {one.votes}"])


def counted(counts: Row) -> str:
    """Studies by result, one with several results under each of them; nulls and harms are always named."""
    return f"{counts['studies']:,} {'study' if counts['studies'] == 1 else 'studies'} saw: {results(counts)}"


def sentences(made: Evaluation) -> Iterator[str]:
    """What is to be said beside the table, harm and leaks included."""
    whole = made.tested[-1]
    yield (
        f"{len(made.tested) - 1} slices, {whole.candidates:,} candidates, {whole.tested:,} tested later "
        f"(distinct pairs: {len(whole.pairs):,}; base rate {whole.base_rate:.2%})"
    )
    yield f"the pairs tested later: {came(whole)}"
    told = (
        f"these scores know what came later: {', '.join(made.leaking)}" if made.leaking else "no method's scores leak"
    )
    yield f"{told} (checked as of {', '.join(map(str, made.checked))})"
    if made.shuffled:
        low, high = min(made.shuffled.values()), max(made.shuffled.values())
        yield f"on labels shuffled {made.times} times the mean AUROC of a method is {low:.3f} to {high:.3f}"
    yield caveat(made.by)
