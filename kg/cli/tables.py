"""Commands that read and write the rows: build, check, add."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.base import FILE, Command, main, place, progress, say, wrote

if TYPE_CHECKING:
    from kg.build import Collected


def _places(command: Command) -> Command:
    """`--data`, `--source` and `--proposed` for commands that read rows."""
    proposed = click.option("--proposed", is_flag=True, help="Also what programs propose and nobody decided on yet.")
    command = proposed(command)
    more = click.option("--source", "more", multiple=True, metavar="NAME:PATH", help="One more place, by its source.")
    command = more(command)
    return click.option("--data", type=FILE, help="The folder of rows; the shipped one by default.")(command)


@main.command()
@_places
@click.option("-o", "--output", type=FILE, multiple=True, help="Also write .ttl, .nq, .jsonld ...")
@click.pass_context
def build(
    ctx: click.Context, data: Path | None, more: tuple[str, ...], proposed: bool, output: tuple[Path, ...]
) -> None:
    """Read the rows, check them, and build the graph; the old graph stays where anything is wrong."""
    from kg import build as builder
    from kg import resources, store

    for file in output:
        store.rdf_format(file.suffix)
    _warn_of_another(data)
    collected = _collected(data, more, proposed).sound()
    target = place(ctx) or (resources.store() if data is None else None)
    if isinstance(target, str):
        raise click.UsageError("a graph behind an endpoint is filled by 'kg push'")
    if target is not None:
        made = builder.write(collected, target, partial(progress, "building"))
        say(f"built {target}: {_counted(made.about)}")
    for file in output:
        with store.replacing(file) as beside:
            beside.write_bytes(store.serialise(collected.triples(), file.suffix))
        wrote(file)
    if target is None and not output:
        raise click.UsageError("say where the graph of --data shall stand: kg --store DIR build, or -o FILE")


def _warn_of_another(data: Path | None) -> None:
    """Say so where a folder `data` of tables lies here and is not the one that is read."""
    from kg import resources

    here = Path("data")
    if data is None and (here / "papers.csv").exists() and here.resolve() != resources.data().resolve():
        say(f"reading {resources.data()}, not the folder 'data' here; for that one say --data data")


def _collected(data: Path | None, more: tuple[str, ...], proposed: bool) -> Collected:
    from kg import build as builder
    from kg import proposals

    return builder.collect(data, [_source(one) for one in more], proposals.folder() if proposed else None)


def _counted(about: Mapping[str, object]) -> str:
    return ", ".join(f"{value:,} {name}" for name, value in about.items() if isinstance(value, int))


def _source(text: str) -> tuple[str, Path]:
    name, colon, path = text.partition(":")
    if not colon:
        raise click.BadParameter(f"{text!r} is not NAME:PATH", param_hint="--source")
    return name, Path(path)


@main.command()
@_places
@click.option("--notes", is_flag=True, help="Also list what weakens a row without being wrong.")
def check(data: Path | None, more: tuple[str, ...], proposed: bool, notes: bool) -> None:
    """Say everything that is wrong in the rows, without building."""
    from kg import check as checks
    from kg import resources
    from kg.model import Finding
    from kg.synthesis import certainty

    _warn_of_another(data)
    collected = _collected(data, more, proposed)
    for problem in checks.notes(collected.items) if notes else ():
        click.echo(f"note: {problem}")
    studies = {item.study for item in collected.sound().items if isinstance(item, Finding)}
    certainty.read(data or resources.data(), studies)
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
        place = FILE
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
            say(str(error))
        else:
            break
    say(f"added to {table}: {_named(row)}; 'kg build' puts it into the graph")


def _named(row: Mapping[str, str]) -> str:
    """What a row is about."""
    return next((row[column] for column in ("id", "arm", "finding", "doi", "pmid") if row.get(column)), "a row")


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
