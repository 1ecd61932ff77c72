"""kg combos card: everything about one set on one page."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.base import completes, opened, output
from kg.cli.combos.base import answered, combos, command_line, scoped


@combos.command("card")
@click.argument("what", metavar="A + B", shell_complete=completes("regimen"))
@scoped
@click.option("--weight", multiple=True, metavar="NAME=NUMBER", help="Change a criterion, as in 'kg combos next'.")
@output
@click.pass_context
def card(
    ctx: click.Context, /, what: str, weight: tuple[str, ...], form: str | None, output: Path | None,
    **asked: tuple[str, ...],
) -> None:  # fmt: skip
    """Put everything on one set of therapies, tried or not, on one page: A + B, or A + B + C.

    Where it stands in the lattice, harms of it and of its parts, whether it beat them study by study, reasons and
    doubts by criterion with their findings, barriers covered and open, what would refute it, and the experiment: four
    arms, days, measures, and subjects an arm. On a terminal and in CSV and JSON a row is a sentence with its findings.

    \b
    kg combos card "hiPSC-NS/PC + treadmill training" --phase chronic
    kg combos card "ChABC + task-specific rehabilitation" -o card.html
    """
    from kg.synthesis.combos import criteria, known, together
    from kg.views.combos import card as view

    store, weights = opened(ctx), criteria.weighted(weight)
    seen = known.read(store)
    scope = known.Scope.of(seen.vocab, **asked)
    members = seen.members(what)
    if members not in seen.given:
        together.unrelated(seen, members)
    made = view.card(store, seen, members, scope, weights, command_line(ctx))
    rows = view.rows(made)
    answered(rows, view.COLUMNS, [*view.short(rows)], view.SHORT, form, output, lambda: made)
