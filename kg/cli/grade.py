"""kg grade: the animal evidence for a therapy in the points of a published scale."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli.base import FILE, completes, main, opened, say, write

if TYPE_CHECKING:
    from kg.errors import Problem
    from kg.model import Item
    from kg.store import Row, Store
    from kg.synthesis.kwon import Grade, Point
    from kg.vocab import Vocab

_PARTS = ("species", "injury", "window", "clinical", "replication")
_ALL = ("therapy", *_PARTS, "total", "papers", "laboratories", "positive", "neutral", "negative")
_ONE = ("part", "line", "points", "of", "papers", "laboratories", "findings", "missing")
_NAMED = 4  # papers, laboratories or findings that a cell of a table names; JSON names all


@main.command()
@click.argument("therapy", default="", shell_complete=completes("therapy"))
@click.option("--scale", type=click.Choice(["kwon"]), default="kwon", show_default=True, help="The scale.")
@click.option("--source", metavar="PATH", help="Grade the rows of this folder, not the graph.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), help="JSON names every finding.")
@click.option("-o", "--output", type=FILE, help="Write to this file, whole or not at all; .json is JSON.")
@click.pass_context
def grade(
    ctx: click.Context, therapy: str, scale: str, source: str | None, form: str | None, output: Path | None
) -> None:
    """Grade the animal evidence for THERAPY, or for each therapy there is, in points that name their findings.

    The Kwon scale (doi 10.1089/neu.2010.1296) has five parts of at most 20 points and was made for systemically given,
    acute neuroprotective therapies. A point that is missing names the experiment that would earn it. The source is a
    folder of rows as 'kg build' reads it, or of the two CSV views of the SCIO results, or NAME:PATH for another source.

    \b
    kg grade erythropoietin
    kg grade "hiPSC-NS/PC" --format json
    kg grade --source scio-results --format json -o grades.json
    """
    from kg.synthesis import kwon

    store, unread = _read(source) if source else (opened(ctx), ())
    grades = sorted(kwon.graded(store, therapy), key=lambda one: (-one.total, one.therapy))
    if unread:
        say(f"{len(unread)} cells of {source} could not be read and are left out: --format json lists them")
    chosen = form or ("json" if output and output.suffix == ".json" else "table")
    write(_json(scale, grades, unread) if chosen == "json" else _text(grades, bool(therapy)), output)


def _read(source: str) -> tuple[Store, Sequence[Problem]]:
    """The rows of a place as a graph in memory, and the cells that could not be read. Raises DataError, KgError."""
    from kg import build, resources, vocab
    from kg.sources import scio

    name, place = _place(source)
    if name == "sheets":
        return _graph(build.collect(place).sound().items), ()
    words, _ = vocab.load(resources.data() / "vocab")
    return _graph(_items(name, place, words)), list(scio.unread(place, words)) if name == "scio" else ()


def _items(name: str, place: Path, words: Vocab) -> list[Item]:
    """What a source brings beside the vocabulary. Raises DataError with every row that is lost."""
    from kg import check, sources
    from kg.errors import DataError, Problem

    read = list(sources.named(name)(place, words))
    items: list[Item] = [*words.terms.values(), *(item for item in read if not isinstance(item, Problem))]
    if wrong := [*(item for item in read if isinstance(item, Problem)), *check.problems(items)]:
        raise DataError(wrong)
    return items


def _graph(items: Iterable[Item]) -> Store:
    from kg import triples
    from kg.model import Term
    from kg.store import Store
    from kg.vocab import Vocab

    read = list(items)
    return Store.of(triples.write(read, Vocab.of(item for item in read if isinstance(item, Term))))


def _place(source: str) -> tuple[str, Path]:
    """The source and the folder that `PATH` or `NAME:PATH` mean. Raises KgError where the folder says nothing."""
    from kg.errors import KgError

    name, colon, path = source.partition(":")
    if colon and not Path(source).exists():
        return name, Path(path)
    place = Path(source)
    if not place.is_dir():
        raise KgError(f"{source} is no folder; --source takes a folder of rows, or NAME:PATH")
    if (place / "papers.csv").exists():
        return "sheets", place
    if any(place.glob("AccessDB*.csv")) or any(place.glob("Kwon*.csv")):
        return "scio", place
    raise KgError(f"{source} holds neither papers.csv nor AccessDB*.csv or Kwon*.csv; for another source say NAME:PATH")


def _json(scale: str, grades: Sequence[Grade], unread: Sequence[Problem]) -> str:
    from kg.synthesis import kwon

    about: dict[str, Any] = {"scale": scale, "label": kwon.LABEL, "therapies": [_about(one) for one in grades]}
    about["unread"] = [asdict(problem) for problem in unread]
    return json.dumps(about, ensure_ascii=False, indent=1) + "\n"


def _about(one: Grade) -> dict[str, Any]:
    return {"therapy": one.therapy, "total": one.total, "points": _points(one)} | asdict(one)


def _points(one: Grade) -> dict[str, int]:
    return {name: part.points for name, part in zip(_PARTS, one.parts, strict=True)}


def _text(grades: Sequence[Grade], alone: bool) -> str:
    from kg.synthesis import kwon

    if alone and len(grades) == 1:
        return _one(grades[0])
    head = (
        f"Points of the Kwon scale, {kwon.LABEL}; * has a caution, see 'kg grade THERAPY'.\n"
        "Papers stand in for laboratories that are not known.\n\n"
    )
    return head + _table([_row(one) for one in grades], _ALL)


def _row(one: Grade) -> Row:
    counted = {name: len(getattr(one.studies, name)) for name in ("positive", "neutral", "negative")}
    name = f"{one.therapy} *" if one.cautions else one.therapy
    papers = {"papers": len(one.papers), "laboratories": len(one.laboratories)}
    return {"therapy": name, **_points(one), "total": one.total, **papers, **counted}


def _one(one: Grade) -> str:
    lines = [f"{one.therapy}: {one.total} of 100 points of the Kwon scale, {one.label}", *one.cautions]
    lines += [f"{one.findings} findings of {len(one.papers)} papers; {one.laboratory_note}", ""]
    rows = [_line(part.name, line) for part in one.parts for line in part.lines]
    totals = ", ".join(f"{part.name} {part.points}" for part in one.parts)
    return "\n".join(lines) + "\n" + _table(rows, _ONE) + f"\n{totals}\n"


def _line(part: str, line: Point) -> Row:
    behind = {name: _some(getattr(line, name)) for name in ("papers", "laboratories", "findings")}
    return {"part": part, "line": line.name, "points": line.points, "of": line.worth, **behind, "missing": line.missing}


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _table(rows: Sequence[Row], columns: Sequence[str]) -> str:
    from kg.views import rows as view

    return view.text(rows, columns, "table", sys.stdout.isatty())
