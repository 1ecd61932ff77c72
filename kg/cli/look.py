"""Commands that show what the graph holds: show, find, view, export, combos."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from kg.cli.base import FILE, completes, main, opened, output, print_rows, say, write, wrote
from kg.errors import KgError


@main.command()
@click.argument("id", shell_complete=completes("finding"))
@output
@click.pass_context
def show(ctx: click.Context, id: str, form: str | None, output: Path | None) -> None:
    """Print the receipt of a finding, paper, trial, therapy or combination: ID is its key, name, DOI, or A + B."""
    from kg.views import receipt

    lines = receipt.lines(opened(ctx), id)
    print_rows(lines, receipt.COLUMNS, form, output)


@main.command()
@click.argument("text", nargs=-1, required=True)
@output
@click.pass_context
def find(ctx: click.Context, text: tuple[str, ...], form: str | None, output: Path | None) -> None:
    """List terms, combinations, papers, trials and findings whose name, synonym or title holds TEXT."""
    from kg import api, library

    rows = api.query("find", opened(ctx), text=" ".join(text))
    if not rows:
        raise KgError(f"nothing here is called {' '.join(text)!r}")
    print_rows(rows, library.question("find").columns, form, output)


@main.command()
@click.option("-o", "--output", type=FILE, default=Path("evidence.html"), show_default=True)
@click.option(
    "--therapy", multiple=True, shell_complete=completes("therapy"), help="Only findings around this therapy or class."
)
@click.option(
    "--phase", multiple=True, shell_complete=completes("phase"), help="Only findings of this phase of injury."
)
@click.option("--title", default="Treatment evidence in spinal cord injury", show_default=True)
@click.pass_context
def view(ctx: click.Context, output: Path, therapy: tuple[str, ...], phase: tuple[str, ...], title: str) -> None:
    """Write the evidence as one HTML page that works offline: therapies and combinations against outcomes."""
    from kg import graph
    from kg.views import page

    store = opened(ctx)
    made = graph.evidence(store, therapy, phase)
    chosen = ", ".join([*therapy, *phase])
    write(page.html(made, f"{title}: {chosen}" if chosen else title, store.about), output)


@main.command()
@click.option("-o", "--output", type=FILE, required=True)
@click.option(
    "--format",
    "form",
    help="graphml, gexf, cyjs, node-link, csv, or RDF: ttl, nt, nq, jsonld, rdf; by the file's suffix where left out.",
)
@click.option("--whole", is_flag=True, help="Every node of the graph instead of the evidence view.")
@click.pass_context
def export(ctx: click.Context, output: Path, form: str | None, whole: bool) -> None:
    """Write the graph for Gephi (.gexf), Cytoscape (.cyjs), networkx (.graphml, .json), or as two tables (.csv).

    RDF (.ttl, .nq, .jsonld ...) holds everything: kg export -o graph.ttl.
    """
    from kg import graph
    from kg.views import exports

    store = opened(ctx)
    if suffix := exports.rdf(output, form):
        store.dump(output, suffix)
        wrote(output)
        return
    made = graph.whole(store) if whole else graph.evidence(store)
    for file in exports.write(made, output, form):
        wrote(file)


@main.command()
@click.argument("therapy", shell_complete=completes("therapy"))
@click.option("--phase", shell_complete=completes("phase"), help="Only this phase of injury.")
@click.option("--domain", shell_complete=completes("domain"), help="Only outcomes of this domain, such as motor.")
@output
@click.pass_context
def combos(
    ctx: click.Context, therapy: str, phase: str | None, domain: str | None, form: str | None, output: Path | None
) -> None:
    """Show what has been combined with THERAPY, against what, with which results, and what was never tried."""
    from kg.synthesis import combos as made

    store = opened(ctx)
    lines = made.lines(store, therapy, phase, domain)
    short = form in ("table", "md") or (form is None and output is None and sys.stdout.isatty())
    print_rows(made.summary(lines) if short else lines, made.SUMMARY if short else made.COLUMNS, form, output)
    if hint := made.hint(store, therapy, phase, domain, lines):
        say(hint)
