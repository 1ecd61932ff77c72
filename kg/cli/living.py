"""Commands that keep the graph alive: update, diff."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.base import FILE, main, output, print_rows, say
from kg.errors import KgError

if TYPE_CHECKING:
    from kg.diff import Change
    from kg.library import Question
    from kg.sources.literature import Read
    from kg.store import Row, Store
    from kg.update import News

_QUERIES = {
    "pubmed": '"spinal cord injuries"[MeSH Terms] OR "spinal cord injury"[Title/Abstract]',
    "europepmc": 'TITLE_ABS:"spinal cord injury"',
    "trials": "spinal cord injuries",
}
_COLUMNS = ("question", "change", "row", "why")


@main.command()
@click.argument("files", nargs=-1, type=FILE)
@click.option("--from", "sources", multiple=True, type=click.Choice(list(_QUERIES)), help="Ask this source (pubmed).")
@click.option("--query", default="", help="What to ask for, in the source's own words; spinal cord injury by default.")
@click.option("--since", default="", metavar="YYYY-MM-DD", help="Ask from this day on; the last run's by default.")
@click.option("--data", type=FILE, help="The folder of rows; the shipped one by default.")
@click.option("--dry-run", is_flag=True, help="Only say what is new.")
@click.pass_context
def update(
    ctx: click.Context,
    files: tuple[Path, ...],
    sources: tuple[str, ...],
    query: str,
    since: str,
    data: Path | None,
    dry_run: bool,
) -> None:
    """Ask the sources for what is new since the last run: papers, retractions, corrections; then build again.

    With FILES it reads those instead, such as PubMed's daily update files. New findings are proposed, for 'kg review';
    a retraction or correction of a paper in the rows goes into notices.csv and counts at once.
    """
    from kg import build, proposals, resources
    from kg import update as living
    from kg.reading.reader import Reader

    place, folder, today = proposals.folder(), data or resources.data(), _today()
    collected = build.collect(folder).sound()
    reader = Reader(collected.vocab)
    for name, asked, read in _read(files, sources or ("pubmed",), query, since, place):
        found = living.news(_counted(read, name), collected.items, reader)
        _tell(found, name)
        if dry_run:
            continue
        written = living.propose(place, found, today)
        told = living.apply(folder, found.notices)
        if asked:
            living.asked(place, name, asked, today)
        say(f"{written.findings:,} findings of {written.papers:,} papers wait for 'kg review'")
        if told and data is None:
            say(f"{told} notices added to {folder / 'notices.csv'}")
            _rebuild(ctx)


def _today() -> str:
    return datetime.datetime.now(datetime.UTC).date().isoformat()


def _read(
    files: Sequence[Path], sources: Sequence[str], query: str, since: str, place: Path
) -> Iterator[tuple[str, str, Iterable[Read]]]:
    """What to read: its name, the question that was asked of a server, and the documents."""
    from kg import update as living
    from kg.sources import literature
    from kg.web import Web

    if files:
        yield "files", "", literature.once(item for file in files for item in literature.documents(file))
        return
    for name in sources:
        asked = query or _QUERIES[name]
        start = since or living.last(place, name, asked)
        say(f"asking {name} for {asked!r}{f' since {start}' if start else ''}")
        yield name, asked, literature.once(literature.search(name, asked, Web(), start))


def _counted(read: Iterable[Read], name: str) -> Iterator[Read]:
    """The documents, with their number on a terminal."""
    with click.progressbar(read, label=f"reading {name}", show_pos=True, file=sys.stderr, hidden=not _shown()) as bar:
        yield from bar


def _shown() -> bool:
    return sys.stderr.isatty()


def _tell(found: News, name: str) -> None:
    number = sum(len(harvest.proposals) for harvest in found.harvests)
    say(
        f"{name}: {len(found.harvests):,} new papers with {number:,} proposals, {found.empty:,} without, "
        f"{found.again:,} known already, {len(found.problems):,} skipped"
    )
    for problem in found.problems[:20]:
        say(f"skipped: {problem}")
    for notice in found.notices:
        click.echo(f"{notice.status}: {notice.doi or f'PMID {notice.pmid}'} ({notice.date or 'no date'}) {notice.url}")


def _rebuild(ctx: click.Context) -> None:
    from kg import api, build, diff
    from kg.cli.base import place

    if place(ctx):
        say("'kg build' puts them into the graph")
        return
    old = api.load().in_memory()
    from kg import resources

    new = build.write(build.collect(), resources.store())
    changed = list(diff.changes(old, new.in_memory(), diff.causes(old, new)))
    say(f"built again; {len(changed)} questions are answered otherwise: {', '.join(c.question for c in changed)}")


@main.command()
@click.argument("old", type=FILE)
@click.argument("new", type=FILE)
@click.option("--question", "only", multiple=True, help="Only these questions.")
@click.option("--limit", type=click.IntRange(min=1), default=5, show_default=True, help="Rows shown of each question.")
@output
def diff(old: Path, new: Path, only: tuple[str, ...], limit: int, form: str | None, output: Path | None) -> None:
    """Say which answers of which questions changed between two graphs, and what changed them.

    OLD and NEW are folders of rows, graphs that 'kg build' made, or RDF files. Questions that need a parameter are left
    out. The cause is tested: the old graph with that change alone answers otherwise.
    """
    from kg import diff as compare

    was, now = _graph(old), _graph(new)
    causes = compare.causes(was, now)
    if not causes:
        say("the two graphs are the same")
    changed = [c for c in compare.changes(was, now, causes, _bar) if not only or c.question in only]
    for cause in causes:
        say(str(cause))
    rows = [row for change in changed for row in _shown_rows(change, limit)]
    cut = sum(len(change.pairs) for change in changed) > len(rows)
    print_rows(rows, _COLUMNS, form, output, cut, "What changed")
    say(f"{len(changed)} questions are answered otherwise; at most {limit} rows of each are shown")


def _shown_rows(change: Change, limit: int) -> Iterator[Row]:
    why = "; ".join(map(str, change.causes)) + (" (only together)" if change.together else "")
    for was, now in change.pairs[:limit]:
        row, told = now or was or {}, "changed" if was and now else "new" if now else "gone"
        cells = (_cell(name, value, (was or row)[name]) for name, value in row.items() if value not in (None, ""))
        yield {"question": change.question, "change": told, "row": ", ".join(cells), "why": why}


def _cell(name: str, now: object, was: object) -> str:
    """A value, and what it was before, where it was another."""
    return f"{name} {was} -> {now}" if now != was else str(now)


def _graph(place: Path) -> Store:
    """What a folder of rows, a store or an RDF file holds, in memory."""
    from kg import build, store

    if (place / "papers.csv").exists():
        return store.Store.of(build.collect(place).sound().triples())
    if place.is_dir():
        return store.Store.open(place).in_memory()
    if not place.exists():
        raise KgError(f"{place} is not there; name a folder of rows, a graph, or an RDF file")
    return store.Store.read([place])


def _bar(questions: Sequence[Question]) -> Iterable[Question]:
    if not _shown():
        return questions
    return _with_bar(questions)


def _with_bar(questions: Sequence[Question]) -> Iterator[Question]:
    with click.progressbar(questions, label="asking both", file=sys.stderr) as bar:
        yield from bar
