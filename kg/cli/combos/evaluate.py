"""kg combos evaluate: whether the ranking of untried pairs knows anything."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.base import opened, output, progress, say
from kg.cli.combos.base import answered, combos, command_line

if TYPE_CHECKING:
    from kg.views.report import Report


@combos.command("evaluate")
@click.option("--from", "start", type=click.IntRange(0), help="The first year, or number of papers.  [default: 2005]")
@click.option("--to", "stop", type=click.IntRange(0), help="The last one.  [default: while a pair is tested after it]")
@click.option(
    "--by", type=click.Choice(["year", "paper"]), default="year", show_default=True, help="What slices follow."
)
@click.option("--bootstrap", type=click.IntRange(100), default=1000, show_default=True, help="Samples of an interval.")
@click.option(
    "--shuffle", type=click.IntRange(0), default=0, metavar="N", help="Also shuffle the labels so many times."
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of samples and shuffles.")
@output
@click.pass_context
def evaluate(
    ctx: click.Context, start: int | None, stop: int | None, by: str, bootstrap: int, shuffle: int, seed: int,
    form: str | None, output: Path | None,
) -> None:  # fmt: skip
    """Ask whether the ranking knows anything: rank the pairs not tried by a year, and see which were tested after it.

    For each year: how many pairs were open and how many of them were tested later, AUROC with 95 % interval and hits
    in the first 5, 10 and 20, of our ranking, of it without each criterion, of popularity, graph scores and chance.
    Tested later is not shown to work. The table is of all slices together; CSV, JSON and the page hold each.

    --by paper follows the ids of papers where these name no year: an order of documents and not of time.

    \b
    kg combos evaluate
    kg combos evaluate --from 2010 --to 2018 --shuffle 200 -o evaluation.html
    kg combos evaluate --by paper --format json
    """
    from kg.synthesis.combos import evaluate as made
    from kg.synthesis.combos import evaluate_rows, known

    store = opened(ctx)
    seen = known.read(store)
    found = made.evaluation(
        seen, made.By(by), start, stop, draws=bootstrap, shuffles=shuffle, seed=seed, progress=progress
    )  # fmt: skip

    def page() -> Report:
        from kg.views.combos import evaluate as view

        return view.evaluation(store, seen, found, command_line(ctx))

    short = evaluate_rows.short(found)
    answered(evaluate_rows.rows(found), evaluate_rows.COLUMNS, short, evaluate_rows.SUMMARY, form, output, page)
    for sentence in evaluate_rows.sentences(found):
        say(sentence)
