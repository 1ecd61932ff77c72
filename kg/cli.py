"""The command line: parse, call, print. Data goes to stdout, talk to stderr; KgError is caught here, once."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg import __version__
from kg.errors import KgError, LimitHit

if TYPE_CHECKING:
    from kg.library import Param
    from kg.store import Row, Store

_FORMATS = ("table", "csv", "tsv", "json", "md")
_Command = Callable[..., Any]


class _Mended(click.Group):
    """A group that prints a KgError as one sentence and leaves with its exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what a terminal's encoding lacks is shown escaped."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        try:
            return super().invoke(ctx)
        except KgError as error:
            click.echo(f"kg: {error}", err=True)
            ctx.exit(error.exit_code)


def _say(sentence: str) -> None:
    click.echo(f"kg: {sentence}", err=True)


def _store(ctx: click.Context) -> Store:
    from kg import api

    return api.load(ctx.obj, _say)


def _output(command: _Command) -> _Command:
    """`--format` and `-o` for commands that print rows."""
    file = click.Path(path_type=Path)
    command = click.option("-o", "--output", type=file, help="Write to this file, whole or not at all.")(command)
    return click.option("--format", "form", type=click.Choice(_FORMATS), help="How rows are written.")(command)


def _rows(
    rows: Sequence[Row], columns: Sequence[str], form: str | None, output: Path | None, truncated: bool = False
) -> None:
    from kg.views import rows as view

    chosen = form or view.by_suffix(output) or ("table" if output or sys.stdout.isatty() else "csv")
    text = view.text(rows, columns, chosen, output is None and sys.stdout.isatty(), truncated)
    _write(text, output)


def _write(text: str, output: Path | None) -> None:
    from kg.store import replacing

    if output is None:
        click.echo(text, nl=not text.endswith("\n"))
        return
    with replacing(output) as beside:
        beside.write_text(text, encoding="utf-8", newline="")
    _wrote(output)


def _wrote(file: Path) -> None:
    _say(f"wrote {file} ({file.stat().st_size:,} bytes)")


def _places(command: _Command) -> _Command:
    """`--data` and `--source` for commands that read rows."""
    more = click.option("--source", "more", multiple=True, metavar="NAME:PATH", help="One more place, by its source.")
    folder = click.Path(path_type=Path)
    command = more(command)
    return click.option("--data", type=folder, help="The folder of rows; the shipped one by default.")(command)


@click.group(cls=_Mended, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="kg")
@click.option("--store", type=click.Path(path_type=Path), help="The graph to ask, where it is not the default one.")
@click.pass_context
def main(ctx: click.Context, store: Path | None) -> None:
    """Treatment evidence for spinal cord injury: ask it, look at it, combine.

    Animal and human evidence, with its nulls and harms; not medical advice.

    Exit codes: 0 done, 1 the data has a problem, 2 the command line has one, 3 a limit was hit, 4 refused as unsafe.
    """
    ctx.obj = store


@main.command()
@_places
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), multiple=True, help="Also write .ttl, .nq, .jsonld ..."
)
@click.pass_context
def build(ctx: click.Context, data: Path | None, more: tuple[str, ...], output: tuple[Path, ...]) -> None:
    """Read the rows, check them, and build the graph; the old graph stays where anything is wrong."""
    from kg import build as builder
    from kg import resources, store

    for file in output:
        store.rdf_format(file.suffix)
    _warn_of_another(data)
    collected = builder.collect(data, [_place(one) for one in more]).sound()
    place = ctx.obj or (resources.store() if data is None else None)
    if place is not None:
        made = builder.write(collected, place, _progress)
        _say(f"built {place}: {_counted(made.about)}")
    for file in output:
        with store.replacing(file) as beside:
            beside.write_bytes(store.serialise(collected.triples(), file.suffix))
        _wrote(file)
    if place is None and not output:
        raise click.UsageError("say where the graph of --data shall stand: kg --store DIR build, or -o FILE")


def _warn_of_another(data: Path | None) -> None:
    """Say so where a folder `data` of tables lies here and is not the one that is read."""
    from kg import resources

    here = Path("data")
    if data is None and (here / "papers.csv").exists() and here.resolve() != resources.data().resolve():
        _say(f"reading {resources.data()}, not the folder 'data' here; for that one say --data data")


def _counted(about: Mapping[str, object]) -> str:
    return ", ".join(f"{value:,} {name}" for name, value in about.items() if isinstance(value, int))


def _place(text: str) -> tuple[str, Path]:
    name, colon, path = text.partition(":")
    if not colon:
        raise click.BadParameter(f"{text!r} is not NAME:PATH", param_hint="--source")
    return name, Path(path)


def _progress(items: Sequence[Any]) -> Iterable[Any]:
    if len(items) < 20_000 or not sys.stderr.isatty():
        return items
    return _with_bar(items)


def _with_bar(items: Sequence[Any]) -> Iterator[Any]:
    with click.progressbar(items, label="building", file=sys.stderr) as bar:
        yield from bar


@main.command()
@_places
@click.option("--notes", is_flag=True, help="Also list what weakens a row without being wrong.")
def check(data: Path | None, more: tuple[str, ...], notes: bool) -> None:
    """Say everything that is wrong in the rows, without building."""
    from kg import build as builder
    from kg import check as checks

    _warn_of_another(data)
    collected = builder.collect(data, [_place(one) for one in more])
    for problem in checks.notes(collected.items) if notes else ():
        click.echo(f"note: {problem}")
    collected.sound()
    click.echo(f"no problems: {_counted(collected.counts())}")


class _Tables(click.Group):
    """One subcommand for each table that people write: an option for every column, a question for what is left out."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click passes it
        """The tables by the name of one row."""
        from kg.sources import sheets

        return list(sheets.TABLES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click passes it
        """The table as a command."""
        from kg.sources import sheets

        if cmd_name not in sheets.TABLES:
            return None
        file, columns, _ = sheets.TABLES[cmd_name]
        guide = sheets.guide(file)
        options: list[click.Parameter] = [
            click.Option(
                [f"--{column.replace('_', '-')}", column], metavar="TEXT", help=guide.get(column, "").replace("`", "")
            )
            for column in columns
        ]
        place = click.Path(path_type=Path)
        options.append(
            click.Option(["--data", "folder"], type=place, help="The folder of rows; the shipped one by default.")
        )
        if "*" in file:
            options.append(
                click.Option(["--into"], default="added", show_default=True, metavar="NAME", help="findings/NAME.csv")
            )
        return click.Command(cmd_name, callback=_add, params=options, help=f"Append a row to {file}, if it is sound.")


@click.pass_context
def _add(ctx: click.Context, /, folder: Path | None, into: str = "", **cells: str | None) -> None:
    from kg import build as builder
    from kg import resources
    from kg.errors import DataError
    from kg.sources import sheets

    _warn_of_another(folder)
    file, columns, required = sheets.TABLES[ctx.info_name or ""]
    table = file.replace("*", Path(into).name)
    row = {column: value for column, value in cells.items() if value is not None}
    ask = sys.stdin.isatty()
    asked = [column for column in (required if row else columns) if column not in row] if ask else []
    while True:
        row |= {column: _asked(column, required, row, sheets.guide(file)) for column in asked}
        try:
            builder.append(folder or resources.data(), table, columns, row)
        except DataError as error:
            asked = list(dict.fromkeys(one.column for one in error.problems if one.column in columns))
            if not (ask and asked):
                raise
            _say(str(error))
        else:
            break
    _say(f"added to {table}: {row.get('id') or row.get('arm')}; 'kg build' puts it into the graph")


def _asked(column: str, required: Sequence[str], row: Mapping[str, str], guide: Mapping[str, str]) -> str:
    """One cell from the keyboard; Enter alone keeps what stands there, or leaves it empty where it may be."""
    if text := guide.get(column):
        click.echo(f"  {text}", err=True)
    default = row.get(column, None if column in required else "")
    return str(click.prompt(column, default=default, show_default=bool(default), err=True))


@main.group(cls=_Tables, subcommand_metavar="TABLE [OPTIONS]")
def add() -> None:
    """Append a paper, arm, finding, trial or second reading to the rows, if it is sound; nothing is written otherwise.

    Without options it asks for every column in turn.
    """


class _Questions(click.Group):
    """One subcommand for each question of the library, made from its header when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click passes it
        """The questions by name."""
        from kg import library

        return library.names()

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click passes it
        """The question as a command."""
        from kg import library

        asked = library.question(cmd_name)
        params: list[click.Parameter] = [_option(param) for param in asked.params]
        explain = click.Option(["--explain"], is_flag=True, help="Print the SPARQL that would run, and stop.")
        limit = click.Option(["--limit"], type=click.IntRange(min=1), help="Print at most this many rows.")
        text = "\n\n".join(part for part in (asked.summary, asked.description) if part)
        command = click.Command(cmd_name, callback=_ask, params=[*params, explain, limit], help=text)
        _output(command)
        return command


def _option(param: Param) -> click.Option:
    names = [f"--{param.name.replace('_', '-')}", param.name]
    return click.Option(
        names, multiple=True, metavar=param.type.upper(), help=param.help, shell_complete=_complete(param)
    )


def _complete(param: Param) -> Callable[..., list[str]]:
    def complete(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
        try:
            known = _store(ctx).vocab().names(param.type)
        except KgError:
            return []
        return sorted({name for name in known if name.casefold().startswith(incomplete.casefold())})

    return complete


@main.group(cls=_Questions, invoke_without_command=True, subcommand_metavar="NAME [OPTIONS]")
@click.pass_context
def query(ctx: click.Context) -> None:
    """Ask a question of the library; without a name, list them all."""
    from kg import library

    if ctx.invoked_subcommand is None:
        questions = [library.question(name) for name in library.names()]
        _rows(
            [{"name": q.name, "question": q.summary, "tags": ", ".join(q.tags)} for q in questions], _LISTED, None, None
        )


_LISTED = ("name", "question", "tags")


@click.pass_context
def _ask(
    ctx: click.Context,
    /,
    explain: bool,
    limit: int | None,
    form: str | None,
    output: Path | None,
    **given: tuple[str, ...],
) -> None:
    from kg import library

    asked = library.question(ctx.info_name or "")
    store = _store(ctx)
    sparql = library.bind(asked, given, store.vocab())
    if explain:
        _write(sparql, output)
        return
    rows = store.select(sparql)
    cut = rows[:limit]
    _rows(cut, asked.columns, form, output, len(cut) < len(rows))
    if not rows:
        _say("no rows: the graph holds nothing that fits")
    if len(cut) < len(rows):
        _say(f"showing {len(cut):,} of {len(rows):,}")


@main.command()
@click.argument("file", type=click.File("r", encoding="utf-8"), default="-")
@click.option("-e", "--execute", metavar="SPARQL", help="The query itself, instead of a file.")
@click.option("--timeout", type=click.FloatRange(min=0.1), default=30.0, show_default=True, help="Seconds.")
@click.option("--memory", type=click.IntRange(min=256), default=4096, show_default=True, help="MiB.")
@click.option("--limit", type=click.IntRange(min=1), default=10_000, show_default=True, help="Rows or triples.")
@click.option("--rdf", type=click.Choice(("ttl", "nt", "nq", "jsonld", "rdf")), default="ttl", help="For graphs.")
@_output
@click.pass_context
def sparql(
    ctx: click.Context,
    file: Any,
    execute: str | None,
    timeout: float,
    memory: int,
    limit: int,
    rdf: str,
    form: str | None,
    output: Path | None,
) -> None:
    """Ask free SPARQL (SELECT, ASK, CONSTRUCT, DESCRIBE) of FILE or standard input, read-only and within limits.

    SERVICE, FROM and updates are refused (exit 4); an exceeded limit ends the query (exit 3).
    """
    from kg import free, resources

    _store(ctx)
    got = free.run(ctx.obj or resources.store(), execute or _text(file), free.Limits(timeout, memory, limit), f".{rdf}")
    if got.rdf is not None:
        _write(got.rdf, output)
    elif got.answer is not None:
        _write(json.dumps({"boolean": got.answer}) if form == "json" else "yes" if got.answer else "no", output)
    else:
        _rows(got.rows, got.columns, form, output, got.truncated)
    if got.truncated:
        raise LimitHit(f"there are more than {limit:,}; narrow the query or raise --limit")


def _text(file: Any) -> str:
    try:
        return str(file.read())
    except UnicodeDecodeError as error:
        raise KgError(f"{file.name} is not UTF-8 text") from error


@main.command()
@click.argument("id")
@_output
@click.pass_context
def show(ctx: click.Context, id: str, form: str | None, output: Path | None) -> None:
    """Print the receipt of a finding, paper, trial, therapy or combination: ID is its key, name, DOI, or A + B."""
    from kg.views import receipt

    lines = receipt.lines(_store(ctx), id)
    _rows(lines, receipt.COLUMNS, form, output)


@main.command()
@click.argument("text", nargs=-1, required=True)
@_output
@click.pass_context
def find(ctx: click.Context, text: tuple[str, ...], form: str | None, output: Path | None) -> None:
    """List terms, combinations, papers, trials and findings whose name, synonym or title holds TEXT."""
    from kg import api, library

    rows = api.query("find", _store(ctx), text=" ".join(text))
    if not rows:
        raise KgError(f"nothing here is called {' '.join(text)!r}")
    _rows(rows, library.question("find").columns, form, output)


@main.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), default=Path("evidence.html"), show_default=True)
@click.option("--therapy", multiple=True, help="Only findings around this therapy or class.")
@click.option("--phase", multiple=True, help="Only findings of this phase of injury.")
@click.option("--title", default="Treatment evidence in spinal cord injury", show_default=True)
@click.pass_context
def view(ctx: click.Context, output: Path, therapy: tuple[str, ...], phase: tuple[str, ...], title: str) -> None:
    """Write the evidence as one HTML page that works offline: therapies and combinations against outcomes."""
    from kg import graph
    from kg.views import page

    store = _store(ctx)
    made = graph.evidence(store, therapy, phase)
    chosen = ", ".join([*therapy, *phase])
    _write(page.html(made, f"{title}: {chosen}" if chosen else title, store.about), output)


@main.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True)
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

    store = _store(ctx)
    if suffix := exports.rdf(output, form):
        store.dump(output, suffix)
        _wrote(output)
        return
    made = graph.whole(store) if whole else graph.evidence(store)
    for file in exports.write(made, output, form):
        _wrote(file)


@main.command()
@click.argument("therapy")
@click.option("--phase", help="Only this phase of injury.")
@click.option("--domain", help="Only outcomes of this domain, such as motor.")
@_output
@click.pass_context
def combos(
    ctx: click.Context, therapy: str, phase: str | None, domain: str | None, form: str | None, output: Path | None
) -> None:
    """Show what has been combined with THERAPY, against what, with which results, and what was never tried."""
    from kg.synthesis import combos as made

    store = _store(ctx)
    lines = made.lines(store, therapy, phase, domain)
    short = form in ("table", "md") or (form is None and output is None and sys.stdout.isatty())
    _rows(made.summary(lines) if short else lines, made.SUMMARY if short else made.COLUMNS, form, output)
    if hint := made.hint(store, therapy, phase, domain, lines):
        _say(hint)
