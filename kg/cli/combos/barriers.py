"""kg combos barriers: which barriers a therapy has measured evidence on, what a set leaves open, and what covers it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.base import completes, opened, output, say
from kg.cli.combos.base import answered, combos, command_line, scoped

if TYPE_CHECKING:
    from kg.views.report import Report


def _barriers(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The names of barriers, and `all`."""
    every = ["all"] if "all".startswith(incomplete.casefold()) else []
    return [*every, *completes("barrier")(ctx, param, incomplete)]


@combos.command("barriers")
@click.argument("therapies", nargs=-1, metavar="[THERAPY]...", shell_complete=completes("regimen"))
@scoped
@click.option("--cover", multiple=True, shell_complete=_barriers, help="Find sets that cover this barrier, or 'all'.")
@click.option(
    "--species-least",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Covers with improving findings on so many species together.",
)
@click.option("--size", type=click.IntRange(1), help="Only covers of exactly so many therapies, each of them needed.")
@click.option("--limit", type=click.IntRange(1), default=10, show_default=True, help="At most so many covers.")
@output
@click.pass_context
def barriers(
    ctx: click.Context, /, therapies: tuple[str, ...], cover: tuple[str, ...], species_least: int, size: int | None,
    limit: int, form: str | None, output: Path | None, **asked: tuple[str, ...],
) -> None:  # fmt: skip
    """Show which barriers of the injured cord each THERAPY has measured evidence on, or every therapy without one.

    Of several, or of 'A + B', it shows what they cover together and what stays open. With --cover it finds the smallest
    sets that cover the barriers named, the best evidence first, and with a THERAPY what completes it. On a terminal,
    + 0: - and ± count studies that vote for improved, no difference, worsened, and mixed or tied; * is covered; an
    empty cell is what nobody measured. The last column counts findings of any outcome that worsened.

    \b
    kg combos barriers --phase chronic
    kg combos barriers "ChABC + NT-3 gene" -o together.html
    kg combos barriers --cover scar --cover demyelination --species-least 2
    kg combos barriers "hiPSC-NS/PC" --cover scar --cover cavitation --format json
    """
    from kg.synthesis.combos import coverage, covers, known
    from kg.views.combos import barriers as view

    store = opened(ctx)
    seen = known.read(store)
    scope = known.Scope.of(seen.vocab, **asked)
    least = species_least if species_least > 1 else 0
    made = covers.covers(seen, cover, therapies, scope, species_least=least, size=size, limit=limit) if cover else None
    note = view.told(made, seen, scope, limit, least, size) if made else ""
    if note:
        say(note)

    def page() -> Report:
        found = coverage.coverage(seen, therapies, scope)
        return view.barriers(store, seen, found, scope, command_line(ctx), made, [note])

    if made:
        rows = covers.rows(made, seen)
        answered(rows, covers.COLUMNS, [*map(covers.short, rows)], covers.SUMMARY, form, output, page)
        return
    found = coverage.coverage(seen, therapies, scope)
    short = [coverage.short(line) for line in found.lines]
    answered(coverage.rows(found, seen), coverage.COLUMNS, short, coverage.heads(found), form, output, page)
