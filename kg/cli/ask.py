"""Commands that ask: query, sparql; and push, which fills a graph that others ask."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.base import FILE, FORMATS, completes, main, opened, output, print_rows, say, show_page, write
from kg.errors import KgError, LimitHit

if TYPE_CHECKING:
    from kg.free import Reply
    from kg.library import Param, Question
    from kg.store import Row, Store

_LISTED = ("name", "question", "tags")
_READ_FORMS = ("table", "md", "html")
_SPARQL_FORMS = (*_READ_FORMS, "json", "xml", "csv", "tsv")
_RDF_FORMS = ("ttl", "nt", "nq", "jsonld", "rdf")
_SUFFIXES = {"srj": "json", "srx": "xml", "txt": "table"}


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
        params += [
            click.Option(["--explain"], is_flag=True, help="Print the SPARQL that would run, and stop."),
            click.Option(["--open", "open_"], is_flag=True, help="Show the answer as a page in the browser."),
            click.Option(["--limit"], type=click.IntRange(min=1), help="Print at most this many rows."),
        ]
        text = "\n\n".join(part for part in (asked.summary, asked.description, _example(asked)) if part)
        command = click.Command(cmd_name, callback=_ask, params=params, help=text, short_help=asked.summary)
        output(command)
        return command


def _example(asked: Question) -> str:
    given = [f"--{name.replace('_', '-')} {shlex.quote(value)}" for name, value in asked.example]
    return f"For example: kg query {' '.join([asked.name, *given])}" if given else ""


def _option(param: Param) -> click.Option:
    names = [f"--{param.name.replace('_', '-')}", param.name]
    choices = f": {', '.join(param.choices)}" if param.choices else ""
    told = f"{param.help}{choices}{' (needed)' if param.required else ''}"
    return click.Option(
        names, multiple=True, metavar=param.type.upper(), help=told, shell_complete=completes(param.type, param.choices)
    )


@main.group(cls=_Questions, invoke_without_command=True, subcommand_metavar="NAME [OPTIONS]")
@click.option("-o", "--output", type=FILE, help="Write to this file, whole or not at all.")
@click.option(
    "--format", "form", type=click.Choice((*FORMATS, "ttl", "openapi")), help="How the list of questions is written."
)
@click.option("--tag", help="List only questions of this tag.")
@click.pass_context
def query(ctx: click.Context, output: Path | None, form: str | None, tag: str | None) -> None:
    """Ask a question of the library; without a name, list them all.

    For other tools the list is written whole, with its SPARQL: as SHACL (--format ttl, as the SIB's sparql-examples)
    or as an OpenAPI document (--format openapi).
    """
    from kg import library
    from kg.views import catalogue

    if ctx.invoked_subcommand is not None:
        return
    questions = [asked for asked in map(library.question, library.names()) if tag is None or tag in asked.tags]
    suffix = output.suffix.removeprefix(".") if output and form is None else form
    if suffix in ("ttl", "openapi"):
        write(catalogue.turtle(questions) if suffix == "ttl" else catalogue.openapi(questions), output)
        return
    rows: list[Row] = [{"name": q.name, "question": q.summary, "tags": ", ".join(q.tags)} for q in questions]
    print_rows(rows, _LISTED, form, output, title="Questions")


@click.pass_context
def _ask(
    ctx: click.Context,
    /,
    explain: bool,
    open_: bool,
    limit: int | None,
    form: str | None,
    output: Path | None,
    **given: tuple[str, ...],
) -> None:
    from kg import library

    asked = library.question(ctx.info_name or "")
    store = opened(ctx)
    sparql = library.bind(asked, given, store.vocab())
    if explain:
        write(sparql, output)
        return
    rows = store.select(sparql)
    cut = rows[:limit]
    title = " ".join([asked.summary, *(f"{name}: {', '.join(words)}." for name, words in given.items() if words)])
    if open_:
        show_page(_page(asked, store, cut, title, len(cut) < len(rows)), output, asked.name)
    else:
        print_rows(cut, asked.columns, form, output, len(cut) < len(rows), title)
    if not rows:
        say("no rows: the graph holds nothing that fits")
    if len(cut) < len(rows):
        say(f"showing {len(cut):,} of {len(rows):,}")


def _page(asked: Question, store: Store, rows: list[Row], title: str, truncated: bool) -> str:
    """The answer in the view that suits the question: its findings as a graph, else a table."""
    from kg import graph
    from kg.views import page
    from kg.views import rows as table

    found = {str(row["finding"]) for row in rows if row.get("finding")}
    if asked.view == "page" and found:
        return page.html(graph.evidence(store, only=found), title, store.about)
    return table.text(rows, asked.columns, "html", truncated=truncated, title=title)


@main.command()
@click.argument("query", default="-")
@click.option("--data", "files", type=FILE, multiple=True, help="Ask what this RDF file holds instead of the graph.")
@click.option("--timeout", type=click.FloatRange(min=0.1), default=30.0, show_default=True, help="Seconds.")
@click.option("--memory", type=click.IntRange(min=256), default=4096, show_default=True, help="MiB.")
@click.option("--limit", type=click.IntRange(min=1), default=10_000, show_default=True, help="Rows or triples.")
@click.option(
    "--format", "form", type=click.Choice((*_SPARQL_FORMS, *_RDF_FORMS)), help="How the answer is written; see above."
)
@click.option("--labels/--no-labels", default=None, help="Show the names of IRIs; in tables they are shown anyway.")
@click.option("-o", "--output", type=FILE, help="Write to this file, whole or not at all.")
@click.pass_context
def sparql(
    ctx: click.Context,
    query: str,
    files: tuple[Path, ...],
    timeout: float,
    memory: int,
    limit: int,
    form: str | None,
    labels: bool | None,
    output: Path | None,
) -> None:
    """Ask free SPARQL of the graph, read-only and within limits: SELECT, ASK, CONSTRUCT, DESCRIBE.

    QUERY is the query itself, a file that holds it, or - for standard input. Prefixes of the graph (kg, rdfs, skos,
    dcterms ...) need no declaration. With --data the graph is any RDF file, or several of them.

    A table is written as table, md, html, json and xml (SPARQL results), csv or tsv; a yes or no as table, json or xml;
    a graph as ttl, nt, nq, jsonld or rdf. The suffix of -o FILE names the format too.

    SERVICE, FROM and updates are refused (exit 4); an exceeded limit ends the query (exit 3), and nothing goes on
    running.
    """
    from kg import free
    from kg.sparql import builds_graph

    text = _text(query)
    chosen = _form(form, output, _RDF_FORMS if builds_graph(text) else _SPARQL_FORMS)
    target = "" if files else opened(ctx).place
    shown = chosen in _READ_FORMS if labels is None else labels
    got = free.run(target, text, free.Limits(timeout, memory, limit), shown, files)
    for note in got.notes:
        say(note)
    write(_answer(got, chosen, output is None and sys.stdout.isatty()), output)
    if got.truncated:
        raise LimitHit(f"{got.cut()}; narrow the query or raise --limit")


def _answer(got: Reply, form: str, fit: bool) -> str:
    from kg import results, store
    from kg.views import rows

    if got.triples is not None:
        return store.serialise(got.triples, f".{form}").decode()
    if got.answer is not None:
        return results.write_truth(got.answer, form) if form in ("json", "xml") else "yes" if got.answer else "no"
    if form in _READ_FORMS:
        return rows.text(rows.spoken(got), got.columns, form, fit, got.truncated)
    columns, solutions = results.labelled(got.columns, got.rows, got.labels) if got.labels else (got.columns, got.rows)
    return results.write(columns, solutions, form, not got.truncated)


def _text(query: str) -> str:
    """The query that an argument means. Raises UsageError where it is neither a query nor a file."""
    if any(c in query for c in "{<\n") or not query.strip():
        return query
    try:
        return (sys.stdin.buffer.read() if query == "-" else Path(query).read_bytes()).decode("utf-8")
    except UnicodeDecodeError as error:
        raise KgError(f"{query} is not UTF-8 text") from error
    except (OSError, ValueError) as error:
        raise click.UsageError(f"{query[:80]!r} is neither a query nor a file that can be read") from error


def _form(form: str | None, output: Path | None, forms: tuple[str, ...]) -> str:
    """The format to write in. Raises UsageError where the answer has no such form."""
    suffix = output.suffix.removeprefix(".") if output else ""
    chosen = form or _SUFFIXES.get(suffix, suffix)
    if chosen and chosen not in forms and (form or chosen in (*_SPARQL_FORMS, *_RDF_FORMS)):
        raise click.UsageError(f"the answer of this query has no form {chosen!r}; use {', '.join(forms)}")
    if chosen in forms:
        return chosen
    return "ttl" if forms is _RDF_FORMS else "table" if output or sys.stdout.isatty() else "csv"


@main.command()
@click.argument("target", metavar="URL")
@click.option("--update", is_flag=True, help="URL takes SPARQL updates, not the Graph Store Protocol.")
@click.option(
    "--graph", default="", metavar="IRI", help="With --update: the named graph to fill; the default one else."
)
@click.option("--replace", is_flag=True, help="Empty that graph first; without this the triples are added to it.")
@click.option(
    "--timeout", type=click.FloatRange(min=0.1), default=300.0, show_default=True, help="Seconds per request."
)
@click.pass_context
def push(ctx: click.Context, target: str, update: bool, graph: str, replace: bool, timeout: float) -> None:
    """Load the graph into a server, at the address of its Graph Store Protocol or of its updates.

    \b
    kg push 'http://localhost:7878/store?default'
    kg push 'http://localhost:8890/sparql-graph-crud-auth?graph=https://w3id.org/cordgraph/graph'
    kg push --update http://localhost:7878/update

    Credentials come from KG_USER and KG_PASSWORD. Nothing else in this program writes to a server.
    """
    from kg.endpoint import Endpoint

    if graph and not update:
        raise click.UsageError("--graph goes with --update; the Graph Store Protocol names the graph in its address")
    store = opened(ctx)
    server = Endpoint(target, timeout)
    ways = server.update(store.triples(), graph, replace) if update else server.put(store.triples(), replace)
    done, total = 0, len(store)
    try:
        for count in _bar(ways, total):
            done = count
    except KgError as error:
        raise type(error)(f"{error}; {done:,} of {total:,} triples are there: push again with --replace") from error
    say(f"pushed {done:,} triples to {server}")


def _bar(counts: Iterable[int], total: int) -> Iterator[int]:
    """The counts as they come, with a bar on a terminal."""
    if not sys.stderr.isatty():
        yield from counts
        return
    with click.progressbar(length=total, label="pushing", file=sys.stderr) as bar:
        for count in counts:
            bar.update(count - bar.pos)
            yield count
