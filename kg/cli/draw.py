"""Commands that draw: view, plot, report."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.base import FILE, browse, chosen, completes, main, opened, say, selected, show_page, write
from kg.errors import KgError


def _kinds(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    from kg.views import plots

    return [kind for kind in plots.KINDS if kind.startswith(incomplete)]


@main.command()
@click.option("-o", "--output", type=FILE, default=Path("evidence.html"), show_default=True)
@selected
@click.option("--title", default="Treatment evidence in spinal cord injury", show_default=True)
@click.option("--open", "open_", is_flag=True, help="Show the page in the browser.")
@click.option("--keep-places", is_flag=True, help="Keep where nodes stand beside the data, for pages to come.")
@click.pass_context
def view(
    ctx: click.Context,
    /,
    output: Path,
    around: tuple[str, ...],
    depth: int,
    query: str,
    title: str,
    open_: bool,
    keep_places: bool,
    **conditions: tuple[str, ...],
) -> None:
    """Write the evidence as one HTML page that works offline, for a colleague to open by double-click.

    It draws therapies and combinations against outcomes, barriers or phases, and everything behind them; papers,
    findings and filters stand beside. A CONSTRUCT is drawn as the graph it builds.

    \b
    kg view -o page.html
    kg view --around "hiPSC-NS/PC" --phase chronic -o hipsc.html
    kg view --query "never-combined --phase chronic" --open
    kg view --query 'CONSTRUCT { ?t skos:broader ?c } WHERE { ?t skos:broader ?c }' -o classes.html
    """
    from kg.views import explorer

    if output.suffix.lower() not in (".html", ".htm"):
        raise KgError(f"a page is HTML; name the file .html, not {output.name!r} ('kg plot' draws pictures)")
    store = opened(ctx)
    if keep_places:
        say(f"kept the places of nodes in {explorer.keep(store)}")
    text = explorer.text(store, chosen(around, depth, query, conditions), title)
    (show_page if open_ else write)(text, output)


@main.command()
@click.argument("kind", shell_complete=_kinds)
@click.option("-o", "--output", type=FILE, help="The file: .svg, .png, .pdf, or .html.  [default: KIND.svg]")
@selected
@click.option("--title", default="", help="What stands above it.")
@click.option("--width", type=click.FloatRange(80, 400), default=180.0, show_default=True, help="Millimetres.")
@click.option("--open", "open_", is_flag=True, help="Show it in the browser.")
@click.pass_context
def plot(
    ctx: click.Context,
    /,
    kind: str,
    output: Path | None,
    around: tuple[str, ...],
    depth: int,
    query: str,
    title: str,
    width: float,
    open_: bool,
    **conditions: tuple[str, ...],
) -> None:
    """Draw one evidence picture; the file's suffix is its form, and in a page (.html) each mark opens its findings.

    \b
    gap-map   therapy class x outcome domain x phase, by result, with the gaps
    lattice   single therapies, pairs, triples, and what is missing between them
    upset     which components were given together
    forest    effect sizes of single findings, where numbers are printed
    network   what was compared with what
    harvest   direction of effect by outcome domain, a bar a study
    timing    day of treatment against result, by phase
    coverage  therapies by the barriers of the injured cord that they cover
    ladder    from mouse to people
    trials    trials in people by year, status and size
    sankey    phase to therapy class to outcome domain

    \b
    kg plot gap-map --phase chronic -o gaps.svg
    kg plot forest --around ChABC --domain motor -o chabc.pdf --width 89
    kg plot harvest --query "findings --without cells" -o chronic.html
    """
    from kg.views import figures

    file = output or Path(f"{kind}.html" if open_ else f"{kind}.svg")
    figures.form(file)  # before the work
    made = figures.draw(opened(ctx), kind, chosen(around, depth, query, conditions), title, width)
    write(made.content(file), file)
    if open_:
        browse(file)


@main.command()
@click.argument("what", shell_complete=completes("regimen"))
@click.option("-o", "--output", type=FILE, default=Path("report.html"), show_default=True)
@click.option("--title", default="", help="What stands above it.")
@click.option("--open", "open_", is_flag=True, help="Show it in the browser.")
@click.pass_context
def report(ctx: click.Context, what: str, output: Path, title: str, open_: bool) -> None:
    """Write what is known of a therapy, class, combination or question as one page, nulls and limits first.

    The file's suffix is its form: .html, a page that works offline; .md, the same sentences; .bib, .ris or .csl.json,
    the papers behind them only. Each sentence names the findings it rests on.

    \b
    kg report ChABC
    kg report "cell therapy" -o cells.md
    kg report "ChABC + task-specific rehabilitation" -o together.html --open
    kg report "never-combined --phase chronic --domain motor" -o untried.html
    kg report ChABC -o refs.bib
    """
    from kg.views import report as reports

    reports.form(output)  # before the work
    write(reports.report(what, opened(ctx), title=title).content(output), output)
    if open_:
        browse(output)
