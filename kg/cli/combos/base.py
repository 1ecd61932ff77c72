"""What the commands of kg combos share: the group, the options that say what is asked, how answers are written."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.base import Command, completes, main, print_rows, write

if TYPE_CHECKING:
    from kg.store import Row
    from kg.views.report import Report

_CONDITIONS = ("phase", "species", "domain", "outcome")


@main.group()
def combos() -> None:
    """Explore combinations of therapies: what was tried, what it showed, and what should be tried next and why.

    Every count is of studies, nulls and harms beside; every reason names its findings. Nothing here is medical advice.
    """


def scoped(command: Command) -> Command:
    """`--phase`, `--species`, `--domain` and `--outcome`: words of a Scope, several of one joined by or."""
    for name in reversed(_CONDITIONS):
        told = f"Only findings of this {name}."
        command = click.option(f"--{name}", multiple=True, shell_complete=completes(name), help=told)(command)
    return command


def answered(
    rows: Sequence[Row], columns: Sequence[str], short: Sequence[Row], heads: Sequence[str], form: str | None,
    output: Path | None, page: Callable[[], Report],
) -> None:  # fmt: skip
    """Write an answer: its rows as CSV, TSV or JSON, `short` ones as a table, the page as HTML or Markdown.

    The form is the one asked for, else that of the file's suffix, else a table on a terminal and CSV in a pipe.
    """
    chosen = form or _by_suffix(output) or ("table" if sys.stdout.isatty() else "csv")
    if chosen in ("html", "md"):
        write(page().content(Path(f"page.{chosen}")), output)
    elif chosen == "table":
        print_rows(short, heads, chosen, output)
    else:
        print_rows(rows, columns, chosen, output)


def command_line(ctx: click.Context) -> list[str]:
    """The words that ask the same again, but for where the graph is and the form of the answer."""
    words = ["kg", *ctx.command_path.split()[1:]]
    for param in ctx.command.params:
        value = ctx.params.get(param.name or "")
        if param.name in ("form", "output") or value in (None, (), False) or value == param.default:
            continue
        several = value if isinstance(value, tuple) else (value,)
        flag = [] if isinstance(param, click.Argument) else [param.opts[0]]
        words += flag if value is True else [part for one in several for part in (*flag, str(one))]
    return words


def _by_suffix(output: Path | None) -> str | None:
    from kg.views import rows

    return (rows.by_suffix(output) or "table") if output else None
