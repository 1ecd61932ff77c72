"""kg read: files, folders or the answers of a service, read here or on a cluster, into proposals."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli.base import FILE, Command, main, print_rows, say, wrote
from kg.errors import DataError, Problem

if TYPE_CHECKING:
    from kg.harvest import Map, Merged, Part, Reader, Report

_SERVICES = ("pubmed", "europepmc", "trials")
_COUNT, _AMOUNT = click.IntRange(min=1), click.FloatRange(min=0)
_RECORDS = 38_000_000  # of PubMed, in 2026


def _plans(command: Command) -> Command:
    """`--plan` and what it is computed from."""
    price = click.option("--price", type=_AMOUNT, default=0, help="For --plan: of an hour of a core.")(command)
    memory = click.option("--memory", type=_AMOUNT, default=0, help="For --plan: MB that a worker takes.")(price)
    rate = click.option("--rate", type=_AMOUNT, default=0, help="For --plan: records a second, measured on one core.")
    told = "For --plan: how many; all of PubMed by default."
    records = click.option("--records", type=_COUNT, default=_RECORDS, help=told)
    told = "Only say what so many records take: files, hours, memory, cost."
    return click.option("--plan", is_flag=True, help=told)(records(rate(memory)))


@main.command()
@click.argument("places", nargs=-1, type=FILE, metavar="[PLACE]...")
@click.option("--maker", default="", metavar="NAME", help="The format of the files; recognised by default.")
@click.option("--query", default="", metavar="TEXT", help="Ask a service this instead, in its own words.")
@click.option("--from", "service", type=click.Choice(_SERVICES), default=_SERVICES[0], show_default=True, help="Which.")
@click.option("--workers", type=_COUNT, default=1, show_default=True, help="Processes of this machine that read.")
@click.option("--cluster", "address", metavar="ADDRESS", help="A Dask scheduler, or its scheduler file: its workers.")
@click.option("--shard", metavar="I/N", help="Only this share of the files, and only as parts: for an array of jobs.")
@click.option("--into", type=FILE, metavar="DIR", help="The folder of parts and proposals; the default of 'kg review'.")
@click.option("--threshold", type=click.FloatRange(0, 1), help="Propose nothing of less confidence than this.")
@click.option(
    "--llm", is_flag=True, help="Let the model of KG_LLM_URL and KG_LLM_MODEL propose too: texts are sent there."
)
@click.option("-o", "--output", type=FILE, help="Also write what was read and proposed: JSON, one line for each paper.")
@_plans
def read(places: tuple[Path, ...], **told: Any) -> None:
    """Read papers and trials, and propose findings for 'kg review'.

    PLACE is a file or folder in any of the known formats: PubMed XML, PMC full texts, Europe PMC, BioC, trials of
    ClinicalTrials.gov, RIS, BibTeX, EndNote, CSV, text. Only what is of the field is read closely. Each file becomes a
    part below the folder, and is not read again while its part stands: after a kill, say the same again.
    """
    if told["plan"]:
        _plan(told)
    elif bool(places) == bool(told["query"]):
        raise click.UsageError("say what to read: files and folders, or a --query")
    else:
        _read(places, told)


def _plan(told: dict[str, Any]) -> None:
    from kg import harvest

    if not told["rate"]:
        raise click.UsageError("a plan needs --rate, the records that one core reads in a second")
    plan = asdict(
        harvest.planned(
            told["records"], told["rate"], workers=told["workers"], memory=told["memory"], price=told["price"]
        )
    )
    print_rows([{name: round(value, 2) for name, value in plan.items()}], list(plan), None, told["output"])


def _read(places: tuple[Path, ...], told: dict[str, Any]) -> None:
    from kg import harvest, proposals

    into = told["into"] or proposals.folder()
    found = list(_parts(places, into, _reader(told["threshold"], told["llm"]), told))
    problems = [one for one in found if isinstance(one, Problem)]
    if len(problems) == len(found):
        raise DataError(problems or [Problem(str(places[0]), 0, "", "holds no files")])
    with harvest.merged((one.path for one in found if not isinstance(one, Problem)), problems) as merged:
        _tell(merged.report)
        if told["shard"]:
            say(f"share {told['shard']} stands in {into}; when all do, say the same without --shard")
        else:
            _propose(merged, into)
        if told["output"]:
            _save(merged, told["output"])


def _reader(threshold: float | None, model: bool) -> Reader:
    from kg import resources, vocab
    from kg.reading import llm, reader

    words, problems = vocab.load(resources.data() / "vocab")
    if problems:
        raise DataError(problems)
    rules = reader.Reader(words, reader.THRESHOLD if threshold is None else threshold)
    if not model:
        return rules
    if not (endpoint := llm.endpoint()):
        raise click.UsageError("--llm needs KG_LLM_URL and KG_LLM_MODEL")
    return llm.Beside(rules, endpoint)


def _parts(places: tuple[Path, ...], into: Path, reader: Reader, told: dict[str, Any]) -> Iterator[Part | Problem]:
    from kg import harvest
    from kg.sources import literature
    from kg.web import Web

    if query := told["query"]:
        answers = literature.search(told["service"], query, Web(), "")
        yield harvest.asked(answers, f"{told['service']}: {query}", told["service"], into, reader)
        return
    files = list(harvest.files(places))
    if told["shard"]:
        files = harvest.shard(files, told["shard"])
    parts = harvest.harvest(files, into, reader, _map(told), told["maker"])
    yield from _with_bar(parts, len(files))


def _map(told: dict[str, Any]) -> Map:
    from kg import harvest

    if told["address"]:
        return harvest.cluster(told["address"])
    return harvest.processes(told["workers"]) if told["workers"] > 1 else harvest.serial


def _with_bar(parts: Iterator[Part | Problem], files: int) -> Iterator[Part | Problem]:
    """The parts, with a bar on a terminal."""
    hidden = not sys.stderr.isatty() or files < 2
    with click.progressbar(parts, files, "reading", file=sys.stderr, hidden=hidden, show_pos=True) as bar:
        yield from bar


def _tell(report: Report) -> None:
    say(f"read {report.entries:,} sound entries in {report.files:,} files")
    skipped = {
        "not of the field": report.entries - report.of_field,
        "of a paper that another entry tells better": report.duplicates,
        "deleted by their source": report.deletions,
    }
    for why, number in (*skipped.items(), *report.problems.items()):
        if number:
            say(f"skipped {number:,}: {why}")
    say(f"kept {report.papers:,} papers, {report.retractions:,} of them retracted, with {report.proposals:,} proposals")


def _propose(merged: Merged, into: Path) -> None:
    from kg import proposals

    written = proposals.write(into, merged.harvests(), datetime.now(UTC).date().isoformat())
    for problem in written.problems:
        say(f"left out: {problem}")
    say(f"{written.findings:,} findings of {written.papers:,} papers wait for 'kg review' in {into}")


def _save(merged: Merged, output: Path) -> None:
    from kg import document, store

    with store.replacing(output) as beside, beside.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{document.line(one)}\n" for one in merged.harvests())
    wrote(output)
