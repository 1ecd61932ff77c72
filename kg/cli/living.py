"""Commands that keep the graph alive: update, diff."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli.base import FILE, main, output, place, print_rows, progress, say
from kg.errors import KgError, plural

if TYPE_CHECKING:
    from kg.build import Collected
    from kg.diff import Change
    from kg.model import Paper
    from kg.sources.literature import Read
    from kg.store import Row, Store, Value
    from kg.update import Failed, Inquiry, News, Search, Written


_QUERIES = {
    "pubmed": '"spinal cord injuries"[MeSH Terms] OR "spinal cord injury"[Title/Abstract]',
    "europepmc": 'TITLE_ABS:"spinal cord injury"',
    "trials": "spinal cord injuries",
}
_NEWS = ("news", "key", "title", "findings", "told")
_COLUMNS = ("question", "change", "row", "why")
_REASONS = 20  # shown of why something was skipped
_KEPT = 3600.0  # seconds: a run that broke off goes on from there, a later one hears what is new
_DAY = click.DateTime(["%Y-%m-%d"])


@main.command()
@click.argument("files", nargs=-1, type=FILE)
@click.option("--from", "sources", multiple=True, type=click.Choice(list(_QUERIES)), help="Ask only this service.")
@click.option("--query", metavar="TEXT", help="Ask it this, in its own words; for spinal cord injury by default.")
@click.option("--since", type=_DAY, metavar="YYYY-MM-DD", help="Ask from this day on; from the last run's by default.")
@click.option("--data", type=FILE, help="The folder of rows; the shipped one by default.")
@click.option("--dry-run", is_flag=True, help="Only say what is new; nothing is written.")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, help="Print at most so many rows.")
@output
@click.pass_context
def update(
    ctx: click.Context, /, files: tuple[Path, ...], data: Path | None, dry_run: bool, limit: int, **told: Any
) -> None:
    """Ask the services for what is new since the last run: papers, trials, retractions, corrections.

    With FILES it reads those instead, such as PubMed's daily update files. Findings of new papers wait for 'kg review'.
    A retraction or correction of a paper in the rows goes into notices.csv; the default graph is then built again, and
    it says which questions are answered otherwise. A service that was never asked gives everything it has.
    """
    from kg import build, proposals, resources
    from kg import update as living
    from kg.reading.reader import Reader

    rows, today = data or resources.data(), datetime.now(UTC).date().isoformat()
    collected = build.collect(rows).sound()
    inquiries = [] if files else _inquiries(told, proposals.folder())
    known = living.known(collected.items, rows, proposals.folder())
    found = living.news(
        _counted(living.read(files) if files else living.answers(inquiries, ctx.obj or _search())),
        known,
        Reader(collected.vocab),
    )
    _tell(found)
    new = list(_news(found, collected))
    print_rows(new[:limit], _NEWS, told["form"], told["output"], len(new) > limit, "What is new")
    if len(new) > limit:
        say(f"showing {limit:,} of {len(new):,}; --limit shows more")
    if not dry_run and _written(living.write(proposals.folder(), rows, found, inquiries, today), rows):
        _rebuild(ctx, data, collected)
    if found.failed or (found.problems and not found.read):
        ctx.exit(1)


def _inquiries(told: dict[str, Any], asked: Path) -> list[Inquiry]:
    """What is asked, of which service, from which day on."""
    from kg import update as living

    sources, query, since = told["sources"] or tuple(_QUERIES), told["query"], told["since"]
    if query and len(sources) > 1:
        raise click.UsageError("--query is in the words of one service; name it with --from")
    made = []
    for source in dict.fromkeys(sources):
        words = query or _QUERIES[source]
        day = since.date().isoformat() if since else living.last(asked, source, words)
        say(f"asking {source} for {words!r}, {f'from {day} on' if day else 'everything: it was never asked this'}")
        made.append(living.Inquiry(source, words, day))
    return made


def _search() -> Search:
    """Asks a service; tests have their own, as the object of the context."""
    from kg.sources import literature
    from kg.web import Web

    web = Web(keep=_KEPT)
    return lambda source, query, since: literature.search(source, query, web, since)


def _counted(read: Iterable[Read | Failed]) -> Iterator[Read | Failed]:
    """The entries, with their number on a terminal."""
    hidden, form = not sys.stderr.isatty(), "%(label)s %(info)s"
    bar = click.progressbar(
        read, label="reading", show_pos=True, bar_template=form, update_min_steps=20, file=sys.stderr, hidden=hidden
    )
    with bar:
        yield from bar


def _tell(found: News) -> None:
    proposals = sum(len(one.proposals) for one in found.harvests)
    new = f"{plural(len(found.harvests), 'new paper')} with {plural(proposals, 'proposal')}, {found.empty:,} without"
    say(
        f"read {found.read:,} entries: {new}, {found.again:,} known already, {found.others:,} not of the field; "
        f"{len(found.problems):,} skipped"
    )
    if len(found.problems) <= _REASONS:
        for problem in found.problems:
            say(f"skipped: {problem}")
    else:
        for reason, count in found.skipped.most_common(_REASONS):
            say(f"skipped {count:,}: {reason}")
    for one in found.failed:
        say(f"{one.source} failed, and is asked from the same day on next time: {one.message}")


def _news(found: News, collected: Collected) -> Iterator[Row]:
    """What is new, one row each, the gravest first."""
    from kg.model import Finding

    carried = Counter(item.paper.id for item in collected.items if isinstance(item, Finding))
    for paper, notice in sorted(found.notices, key=lambda pair: pair[1].status, reverse=True):
        what = "deleted by PubMed" if notice.deleted else str(notice.status)
        yield _row(what, paper, carried[paper.id], "" if notice.deleted else str(notice).partition(": ")[2])
    for was, now in found.trials:
        why = f"; {now.why_stopped}" if now.why_stopped else ""
        yield {"news": f"trial {now.status}", "key": was.id, "title": was.title, "told": f"was {was.status}{why}"}
    for what, harvests in (
        ("deleted proposal", found.deleted),
        ("proposed paper", found.retold),
        ("new paper", found.harvests),
    ):
        for one in harvests:
            paper = one.document.paper
            status = "" if paper.status == "ok" else f", {paper.status}"
            yield _row(f"{what}{status}", paper, len(one.proposals), paper.url or paper.doi)


def _row(what: str, paper: Paper, findings: int, told: str) -> Row:
    return {"news": what, "key": paper.id, "title": paper.title, "findings": findings, "told": told}


def _written(written: Written, rows: Path) -> int:
    """Say what was written; how many notices."""
    for problem in written.problems:
        say(f"left out: {problem}")
    say(f"{plural(written.findings, 'finding')} of {plural(written.papers, 'paper')} wait for 'kg review'")
    if written.notices:
        say(f"{plural(written.notices, 'notice')} added to {rows / 'notices.csv'}")
    return written.notices


def _rebuild(ctx: click.Context, data: Path | None, former: Collected) -> None:
    """Build the default graph again and say which answers that changes; say how to where it is another one."""
    from kg import build, resources
    from kg import diff as compare
    from kg.store import Store

    if data or place(ctx) or resources.setting("endpoint"):
        rows = f" --data {data}" if data else ""
        say(f"the graph is as it was; 'kg --store DIR build{rows}' builds one with them")
        return
    new = build.write(build.collect(), resources.store(), partial(progress, "building"))
    old, new = Store.of(former.triples()), new.in_memory()
    bar = partial(progress, "comparing answers")
    changed = compare.changes(old, new, compare.causes(old, new), compare.questions(), bar)
    say(f"built again; {_questions(changed)} answered otherwise")
    for change in changed:
        say(f"{change.question}: {plural(len(change.pairs), 'row')}; {change.why()}")


def _questions(changed: Sequence[Change]) -> str:
    return f"{plural(len(changed), 'question')} {'is' if len(changed) == 1 else 'are'}"


@main.command()
@click.argument("old", type=FILE)
@click.argument("new", type=FILE)
@click.option("--question", "only", multiple=True, metavar="NAME", help="Compare only the answers of this question.")
@click.option("--limit", type=click.IntRange(min=1), default=5, show_default=True, help="Rows shown of each question.")
@output
def diff(old: Path, new: Path, only: tuple[str, ...], limit: int, form: str | None, output: Path | None) -> None:
    """Say which answers of which questions differ between two graphs, and what made them differ.

    OLD and NEW are folders of rows, graphs that 'kg build' made, or RDF files. Questions that need a parameter are left
    out. What is named as the reason was tried: the old graph with that change alone answers otherwise.
    """
    from kg import diff as compare

    asked = compare.questions(only)
    was, now = _graph(old), _graph(new)
    causes = compare.causes(was, now)
    bar = partial(progress, "comparing answers")
    changed = compare.changes(was, now, causes, asked, bar) if causes else []
    rows = [row for change in changed for row in _shown(change, limit)]
    every = sum(len(change.pairs) for change in changed)
    print_rows(rows, _COLUMNS, form, output, len(rows) < every, "What is answered otherwise")
    if not causes:
        say("the two graphs are the same")
        return
    say(compare.told(causes))
    say(f"{_questions(changed)} answered otherwise, of {len(asked)}")
    if len(rows) < every:
        say(f"showing {len(rows):,} of {every:,} rows; --limit shows more of each question")


def _shown(change: Change, limit: int) -> Iterator[Row]:
    for was, now in change.pairs[:limit]:
        told = "changed" if was and now else "new" if now else "gone"
        cells = _changed(was, now) if was and now else _told(now or was or {})
        yield {"question": change.question, "change": told, "row": ", ".join(cells), "why": change.why(was, now)}


def _changed(was: Row, now: Row) -> Iterator[str]:
    """What tells which row it is, and the numbers that are others now."""
    for at, (name, value) in enumerate(now.items()):
        if value != was[name]:
            yield f"{name.replace('_', ' ')} {_cell(was[name])} -> {_cell(value)}"
        elif value not in (None, "") and (at == 0 or isinstance(value, str)):
            yield _cell(value)


def _told(row: Row) -> Iterator[str]:
    """The cells of a row that say something; numbers with their names."""
    for at, (name, value) in enumerate(row.items()):
        if value not in (None, "", 0):
            yield _cell(value) if at == 0 or isinstance(value, str) else f"{name.replace('_', ' ')} {_cell(value)}"


def _cell(value: Value) -> str:
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _graph(place: Path) -> Store:
    """What a folder of rows, a store or an RDF file holds, in memory."""
    from kg import build, store

    if (place / "papers.csv").exists():
        return store.Store.of(build.collect(place).sound().triples(partial(progress, "building")))
    if place.is_dir():
        return store.Store.open(place).in_memory()
    if not place.exists():
        raise KgError(f"{place} does not exist; name a folder of rows, a graph that 'kg build' made, or an RDF file")
    return store.Store.read([place])
