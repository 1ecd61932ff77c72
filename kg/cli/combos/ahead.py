"""kg combos next: what was not tried together and might be, with reasons, doubts and the experiment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.base import completes, opened, output, say
from kg.cli.combos.base import answered, combos, command_line, scoped

if TYPE_CHECKING:
    from kg.synthesis.combos.candidates import Next
    from kg.views.report import Report


def _criteria(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    from kg.synthesis.combos.criteria import CRITERIA

    return [f"{name}=" for name in CRITERIA if name.startswith(incomplete)]


@combos.command("next")
@click.argument("therapy", required=False, default="", shell_complete=completes("therapy"))
@scoped
@click.option("--weight", multiple=True, metavar="NAME=NUMBER", shell_complete=_criteria, help="Change a criterion.")
@click.option("--pairs", is_flag=True, help="Only sets of two.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many sets.")
@output
@click.pass_context
def ahead(
    ctx: click.Context, /, therapy: str, weight: tuple[str, ...], pairs: bool, limit: int, form: str | None,
    output: Path | None, **asked: tuple[str, ...],
) -> None:  # fmt: skip
    """Propose sets of two and three (with THERAPY, or with anything) that nobody gave together, and say why.

    Six criteria from 0 to 1 stand side by side: evidence of the weakest part, barriers covered together, how the
    nearest tried relatives did, timing, safety, readiness. None is a prediction. 'front' marks sets that no other one
    equals in every criterion and beats in one; the order is their weighted mean, by weights that you may change:
    evidence=3, barriers=2, relatives=2, safety=2, timing=1, readiness=1. Popularity and graph scores stand beside and
    order nothing. Each set names the findings against it first, what would refute it, and the experiment; the page
    (-o next.html) has a card for each. Sets that were tried and failed are left out, and listed below.

    \b
    kg combos next "hiPSC-NS/PC" --phase chronic --domain motor
    kg combos next --phase chronic --weight safety=5 --weight readiness=0
    kg combos next ChABC --limit 10 -o next.html
    """
    from kg.synthesis.combos import candidates, criteria, known, reasons, topology

    store, weights = opened(ctx), criteria.weighted(weight)
    seen = known.read(store, lean=True)
    made = candidates.untried(seen, known.Scope.of(seen.vocab, **asked), therapy, weights, three=not pairs)
    makes = reasons.Cards(store, seen, made)
    cards = [makes.of(rank, one) for rank, one in enumerate(made.candidates[:limit], 1)]
    graph = topology.beside(seen, [card.candidate.members for card in cards])
    rows = [reasons.row(card) | scores for card, scores in zip(cards, graph, strict=True)]

    def page() -> Report:
        from kg.views.combos import ahead as view

        return view.ahead(store, seen, therapy, made, cards, command_line(ctx))

    failed = [one for one in made.failed if not therapy or one.members & seen.ours(therapy)][:limit]
    rows += [reasons.failed(one) | dict.fromkeys(topology.COLUMNS) for one in failed]
    short = [*map(reasons.short, cards), *map(reasons.short_failed, failed)]
    answered(rows, (*reasons.COLUMNS, *topology.COLUMNS), short, reasons.SUMMARY, form, output, page)
    say(_told(made, len(cards)))


def _told(made: Next, shown: int) -> str:
    if not made.pairs + made.triples:
        return "no part within what was asked improved anything when it was added, so that nothing can be proposed"
    return (
        f"showing {shown} of {made.pairs:,} pairs and {made.triples:,} sets of three; {len(made.failed)} tried sets "
        "failed and are left out. Hypotheses, not predictions: 'kg combos evaluate' shows what the order knows"
    )
