"""What all commands share: the group, the graph that is asked, and how answers are printed.

Data goes to stdout, talk to stderr; KgError is caught here, once.
"""

from __future__ import annotations

import io
import sys
import tempfile
import time
import webbrowser
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kg import __version__
from kg.errors import KgError

if TYPE_CHECKING:
    from kg.selection import Selection
    from kg.store import Row, Store

FORMATS = ("table", "csv", "tsv", "json", "md", "html")
FILE = click.Path(path_type=Path)
Command = Callable[..., Any]
T = TypeVar("T")
_RESULTS = ("improved", "no difference", "worsened", "mixed", "undetermined")
_PATIENCE = 1.0  # seconds before a bar is shown
_CONDITIONS = ("phase", "domain", "species", "result")  # parameters of the question `findings`


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


def say(sentence: str) -> None:
    """Talk: a sentence on stderr."""
    click.echo(f"kg: {sentence}", err=True)


def place(ctx: click.Context) -> Path | str | None:
    """Where the graph is that the command line names: a folder, the address of an endpoint, or none."""
    told = ctx.find_root().params  # completion calls no command, and so sets no ctx.obj
    store, endpoint = told.get("store"), told.get("endpoint")
    if store and endpoint:
        raise click.UsageError("--store and --endpoint are two graphs; say which one")
    return store or endpoint or None


def opened(ctx: click.Context) -> Store:
    """The graph to ask."""
    from kg import api

    return api.load(place(ctx), say)


def completes(type: str, choices: tuple[str, ...] = ()) -> Callable[..., list[str]]:
    """Offers the values of a kind of parameter, from the graph itself."""

    def complete(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
        from kg.cli import completion
        from kg.library import Param

        try:
            return completion.values(Param(type, type, choices=choices), place(ctx), incomplete)
        except KgError:
            return []

    return complete


def output(command: Command) -> Command:
    """`--format` and `-o` for commands that print rows."""
    command = click.option("-o", "--output", type=FILE, help="Write to this file, whole or not at all.")(command)
    return click.option("--format", "form", type=click.Choice(FORMATS), help="How rows are written.")(command)


def selected(command: Command) -> Command:
    """The options that say what is looked at, which `chosen` makes a Selection of."""
    told = "What a question (with its options) answers, or SPARQL, or a file of it."
    command = click.option("--query", default="", help=told)(command)
    for name in reversed(_CONDITIONS):
        complete = completes(name, _RESULTS if name == "result" else ())
        condition = click.option(
            f"--{name}", multiple=True, shell_complete=complete, help=f"Only findings of this {name}."
        )
        command = condition(command)
    depth = click.option("--depth", type=click.IntRange(1, 9), default=1, help="Go on from what was found, so often.")
    around = click.option(
        "--around",
        multiple=True,
        metavar="WHAT",
        shell_complete=completes("regimen"),
        help="Findings of a therapy, class, combination (A + B), outcome, paper, trial, laboratory, barrier ...",
    )
    return around(depth(command))


def chosen(around: tuple[str, ...], depth: int, query: str, conditions: Mapping[str, tuple[str, ...]]) -> Selection:
    """What the options of `selected` ask for."""
    from kg.selection import Selection

    return Selection.of(around, depth, query, conditions)


def print_rows(
    rows: Sequence[Row],
    columns: Sequence[str],
    form: str | None,
    output: Path | None,
    truncated: bool = False,
    title: str = "",
) -> None:
    """Rows in the format asked for, that of the file's suffix, a table on a terminal, CSV otherwise."""
    from kg.views import rows as view

    chosen = form or view.by_suffix(output) or ("table" if output or sys.stdout.isatty() else "csv")
    write(view.text(rows, columns, chosen, output is None and sys.stdout.isatty(), truncated, title), output)


def write(content: str | bytes, output: Path | None) -> None:
    """Text to stdout, or anything into a file: whole or not at all."""
    from kg.store import replacing

    if output is None:
        click.echo(content, nl=isinstance(content, str) and not content.endswith("\n"))
        return
    with replacing(output) as beside:
        beside.write_bytes(content.encode() if isinstance(content, str) else content)
    wrote(output)


def wrote(file: Path) -> None:
    """Say that a file was written."""
    say(f"wrote {file} ({file.stat().st_size:,} bytes)")


def progress(label: str, items: Sequence[T], /) -> Iterable[T]:
    """The items, with a bar on a terminal once they have taken more than a second."""
    return _with_bar(label, items) if sys.stderr.isatty() else items


def _with_bar(label: str, items: Sequence[T]) -> Iterator[T]:
    began, rest = time.monotonic(), iter(items)
    for done, item in enumerate(rest, 1):
        yield item
        if time.monotonic() - began > _PATIENCE:
            with click.progressbar(rest, length=len(items), label=label, file=sys.stderr) as bar:
                bar.update(done)
                yield from bar


def show_page(text: str, output: Path | None, name: str = "page") -> None:
    """Write a page and show it in the browser."""
    file = output or Path(tempfile.mkdtemp(prefix="kg-")) / f"{name}.html"
    write(text, file)
    browse(file)


def browse(file: Path) -> None:
    """Show a file in the browser."""
    if not webbrowser.open(file.resolve().as_uri()):
        say(f"no browser opens here; the page is {file}")


@click.group(cls=_Mended, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="kg")
@click.option("--store", type=FILE, help="The graph to ask, where it is not the default one.")
@click.option("--endpoint", metavar="URL", help="Ask the graph behind this SPARQL 1.1 endpoint instead.")
def main(store: Path | None, endpoint: str | None) -> None:  # `place` reads them
    """Treatment evidence for spinal cord injury: ask it, look at it, combine.

    Animal and human evidence, with its nulls and harms; not medical advice.

    KG_ENDPOINT, KG_STORE and KG_DATA in the environment, or 'endpoint = "URL"' and the like in config.toml, stand for
    the options that are left out; KG_USER and KG_PASSWORD are the credentials of an endpoint.

    Exit codes: 0 done, 1 the data has a problem, 2 the command line has one, 3 a limit was hit, 4 refused as unsafe.
    """
