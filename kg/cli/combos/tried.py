"""kg combos tried: the lattice of what was given together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.base import completes, opened, output
from kg.cli.combos.base import answered, combos, command_line, scoped

if TYPE_CHECKING:
    from kg.views.report import Report


@combos.command("tried")
@click.argument("therapy", shell_complete=completes("therapy"))
@scoped
@click.option("--classes", is_flag=True, help="The other members as their classes: cells + rehabilitation.")
@output
@click.pass_context
def tried(
    ctx: click.Context, /, therapy: str, classes: bool, form: str | None, output: Path | None, **asked: tuple[str, ...]
) -> None:
    """Show every set of therapies that was given together with THERAPY (or with one below it), and what was seen.

    A row is a set that an arm or a trial gives: studies by result with nulls beside, arms, animals, people, phases,
    species, harms, and the largest sets inside it that were given too. Only what was observed stands here.

    \b
    kg combos tried "hiPSC-NS/PC"
    kg combos tried "cell therapy" --phase chronic --classes
    kg combos tried ChABC -o tried.html
    """
    from kg.synthesis.combos import known, lattice

    store = opened(ctx)
    seen = known.read(store)
    scope = known.Scope.of(seen.vocab, **asked)
    nodes = lattice.tried(seen, therapy, scope, classes=classes)
    rows = [lattice.row(node, seen) for node in nodes]

    def page() -> Report:
        from kg.views.combos import tried as view

        return view.tried(store, seen, therapy, nodes, scope, command_line(ctx))

    answered(rows, lattice.COLUMNS, [lattice.short(row) for row in rows], lattice.SUMMARY, form, output, page)
