"""Commands that show what the graph holds: show, find, export, combos."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.base import FILE, chosen, completes, main, opened, output, print_rows, selected, wrote
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
@click.option("-o", "--output", type=FILE, required=True)
@click.option("--format", "form", metavar="FORMAT", help="One of the names above; by the file's suffix where left out.")
@click.option("--whole", is_flag=True, help="Every node behind them instead of the evidence view.")
@selected
@click.pass_context
def export(
    ctx: click.Context,
    /,
    output: Path,
    form: str | None,
    whole: bool,
    around: tuple[str, ...],
    depth: int,
    query: str,
    **conditions: tuple[str, ...],
) -> None:
    """Write the graph for other programs; the file's suffix says which format.

    \b
    Networks    graphml, gexf (Gephi), gml, cyjs (Cytoscape),
                node-link (.json; networkx, D3), dot (.gv; Graphviz)
    Tables      csv, neo4j, gephi, kgx (.tsv; Biolink), parquet: two files
    RDF         ttl, nt, nq, trig, jsonld, rdf
    Claims      nanopub, nanopub-draft (to be signed): one per finding
    References  bib (BibTeX), ris, csl (.csl.json): the papers

    \b
    kg export -o graph.graphml
    kg export -o tables.csv --format neo4j
    kg export -o claims.trig --format nanopub --around ChABC
    kg export -o chronic.bib --phase chronic

    Networks and tables show the evidence, or with --whole every node; RDF holds everything that is said of it.
    """
    from kg import graph
    from kg.views import exports

    exports.chosen(output, form)
    store = opened(ctx)
    found = chosen(around, depth, query, conditions).findings(store)
    made = None if not whole else graph.whole(store) if found is None else graph.behind(store, found)
    for file in exports.write(store, output, form, made, found):
        wrote(file)
