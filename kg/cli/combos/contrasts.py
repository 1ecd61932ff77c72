"""kg combos contrasts: whether combinations beat their parts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.base import completes, opened, output, say
from kg.cli.combos.base import answered, combos, command_line, scoped

if TYPE_CHECKING:
    from kg.views.report import Report


@combos.command("contrasts")
@click.argument("what", required=False, default="", metavar="[THERAPY or A + B]", shell_complete=completes("regimen"))
@scoped
@click.option("--summary", is_flag=True, help="A row for each combination, over its studies.")
@click.option(
    "--between",
    metavar="OUTCOME",
    default="",
    shell_complete=completes("outcome"),
    help="Instead, what each component does over all studies of this outcome; observational. A page has both.",
)
@output
@click.pass_context
def contrasts(
    ctx: click.Context, /, what: str, summary: bool, between: str, form: str | None, output: Path | None,
    **asked: tuple[str, ...],
) -> None:  # fmt: skip
    """Say whether combinations beat their parts, within each study that gave them.

    THERAPY asks for every combination with it (or with one below it), A + B for exactly that one, nothing for all. A
    row is one combination in one study, outcome domain, phase and species: its verdict, what it was set against with
    findings for and against, the interaction where numbers allow, the arms that nobody measured there - the next
    experiment - and every finding of the combination that worsened, whatever was asked.

    \b
    kg combos contrasts "neural stem/progenitor cell + treadmill training"
    kg combos contrasts ChABC --phase chronic --summary
    kg combos contrasts --domain motor --between "BBB scale" -o contrasts.html
    """
    from kg.synthesis import squares
    from kg.synthesis.combos import between as components
    from kg.synthesis.combos import contrast_rows, known
    from kg.synthesis.combos import contrasts as judged

    store = opened(ctx)
    seen = known.read(store)
    scope = known.Scope.of(seen.vocab, **asked)
    wanted = judged.sets(seen, what)
    made = judged.contrasts(seen, squares.squares(store), wanted, scope)
    sums = judged.summaries(seen, made, wanted, scope)
    estimates = components.between(store, seen, between, scope) if between else []

    def page() -> Report:
        from kg.views.combos import contrasts as view

        title = what or "any combination"
        return view.page(store, seen, title, made, sums, scope, command_line(ctx), estimates)

    columns: Sequence[str]
    heads: Sequence[str]
    if between:
        rows = components.rows(estimates, seen)
        short, columns, heads = [components.short(row) for row in rows], components.COLUMNS, components.SHORT
        say(f"{components.LABEL}: studies differ in more than what they gave")
    elif summary:
        rows = [contrast_rows.summary_row(one, seen) for one in sums]
        short = [contrast_rows.short_summary(one, seen) for one in sums]
        columns, heads = contrast_rows.SUMMARY, contrast_rows.SHORT_SUMMARY
    else:
        rows = [contrast_rows.row(one, seen) for one in made]
        short = [contrast_rows.short(one, seen) for one in made]
        columns, heads = contrast_rows.COLUMNS, contrast_rows.SHORT
    answered(rows, columns, short, heads, form, output, page)
