"""kg evidence: how strong the evidence of a therapy or combination is, in one honest answer."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli.base import FILE, completes, main, opened, write

if TYPE_CHECKING:
    from kg.store import Row
    from kg.synthesis.directions import Share, SignTest, Tally
    from kg.synthesis.strength import Body, Replication, Size, Strength

_LISTED = 12  # harms that a terminal lists; JSON lists all


@main.command()
@click.argument("what", metavar="THERAPY", shell_complete=completes("regimen"))
@click.option("--outcome", multiple=True, shell_complete=completes("outcome"), help="Only this measured quantity.")
@click.option("--domain", multiple=True, shell_complete=completes("domain"), help="Only outcomes of this domain.")
@click.option("--phase", multiple=True, shell_complete=completes("phase"), help="Only this phase of injury.")
@click.option("--species", multiple=True, shell_complete=completes("species"), help="Only this species or class.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), help="JSON names every finding.")
@click.option("-o", "--output", type=FILE, help="Write to this file, whole or not at all; .json is JSON.")
@click.pass_context
def evidence(ctx: click.Context, /, what: str, form: str | None, output: Path | None, **asked: tuple[str, ...]) -> None:
    """Say how strong the evidence of THERAPY is: a therapy, a class, or a combination (A + B).

    For animals and for people, and for each domain of outcomes: studies, directions with nulls beside them, the sign
    test, a pooled size of effect where enough papers print numbers and why not where they do not, heterogeneity,
    replication, certainty with its reasons. Harms always, whatever was asked; and what nobody has shown yet.

    \b
    kg evidence ChABC --domain motor
    kg evidence "treadmill training" --phase chronic --species rodent
    kg evidence "ChABC + task-specific rehabilitation" --format json -o both.json

    Animal and human evidence, not medical advice.
    """
    from kg.synthesis import strength

    made = strength.strength(opened(ctx), what, asked)
    chosen = form or ("json" if output and output.suffix == ".json" else "text")
    write(_json(made) if chosen == "json" else "\n".join(map(_wrapped, _lines(made))) + "\n", output)


def _wrapped(line: str) -> str:
    """A line of at most 100 characters, what follows below where its words began."""
    indent = " " * 15 if line.startswith("  ") else ""
    return textwrap.fill(line, 100, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _lines(made: Strength) -> Iterator[str]:
    from kg.synthesis.strength import RULE

    told = ", ".join(word for words in made.conditions.values() for word in words)
    yield f"{made.asked}{f' ({told})' if told else ''}: {_count(made.findings, 'finding')}. {RULE}"
    for body in made.bodies:
        yield ""
        yield from _body(body)
    yield ""
    yield from _beside(made.beside_parts)
    yield from _harms(made.harms)
    yield ""
    yield "Missing: " + (" ".join(made.missing) or "nothing that this program looks for.")
    yield "Animal and human evidence, not medical advice."


def _body(body: Body) -> Iterator[str]:
    seen = [_count(body.studies, "study", "studies"), _count(body.papers, "paper")]
    named = [
        f"{_count(len(body.laboratories), 'laboratory', 'laboratories')} named",
        _count(len(body.findings), "finding"),
    ]
    yield f"{body.kind.value.capitalize()}, {body.domain}"
    yield f"  seen in      {', '.join([*seen, *named])}"
    yield f"  direction    {_votes(body.tally)}"
    yield f"  replication  {_replicated(body.replication)}"
    yield f"  sign test    {_signs(body.tally.test)}; by laboratory {_signs(body.tally.by_laboratory)}"
    yield f"  size         {_size(body.size)}"
    yield f"  numbers      {', '.join(f'{tier}: {count}' for tier, count in body.tiers.items())}"
    for number, judged in enumerate(body.certainty):
        name = "" if number else "certainty"
        yield f"  {name:12} {judged.domain.value} {judged.concern.value} ({judged.why})"


def _replicated(seen: Replication) -> str:
    if not seen.studies:
        return "no study's vote is for better"
    named = _count(len(seen.laboratories), "named laboratory", "named laboratories")
    unnamed = f", {seen.unnamed} that name none" if seen.unnamed else ""
    return f"{_count(seen.studies, 'study', 'studies')} for better, of {named}{unnamed}"


def _count(number: int, word: str, plural: str = "") -> str:
    return f"{number} {word if number == 1 else plural or word + 's'}"


def _votes(tally: Tally) -> str:
    from kg.synthesis.directions import WORDS

    said = [f"{tally.count(word)} {word.value}" for word in WORDS]
    tied = [f"{tally.count(None)} tied"] if tally.count(None) else []
    left = [f"not counted {len(ids)}: {why.value}" for why, ids in tally.left_out.items()]
    better = [f"better in {_share(tally.of_all)} of votes that are not tied"] if tally.of_all else []
    return "; ".join([", ".join([*said, *tied]), *better, *left])


def _signs(test: SignTest) -> str:
    if test.p is None:
        return "no vote has a sign"
    return f"{test.improved} to {test.worsened}, p = {test.p:.2g}, better in {_share(test.share)}"


def _share(share: Share | None) -> str:
    return "" if share is None else f"{100 * share.estimate:.0f} % [{100 * share.low:.0f}, {100 * share.high:.0f}]"


def _size(size: Size) -> str:
    if size.pooled is None:
        return size.why_not
    pooled = size.pooled
    low, high = pooled.ci
    within = f", prediction interval [{pooled.pi[0]:.2f}, {pooled.pi[1]:.2f}]" if pooled.pi else ""
    spread = f"tau2 {pooled.tau2:.2f}, I2 {pooled.I2:.0f} %, Q {pooled.Q:.1f} (df {pooled.df})"
    return (
        f"g = {pooled.estimate:.2f} [{low:.2f}, {high:.2f}], p = {pooled.p:.2g}{within}; {spread}; "
        f"{pooled.k} effects of {size.experiments} experiments ({size.model}; {size.converted} converted)"
    )


def _beside(experiments: Sequence[Row]) -> Iterator[str]:
    """Experiments that measured a combination beside a part; those whose parts were not measured are counted."""
    told = [row for row in experiments if row["parts"] not in (None, "not compared")]
    less = len(experiments) - len(told)
    left = f"; {less} more lack the arms or numbers that a comparison needs" if less else ""
    yield f"Beside its parts: {_count(len(told), 'experiment')} compared a combination of it with a part{left}"
    for row in told:
        yield f"  {row['study']}, {row['outcome']} ({row['species']}, {row['phase']})"
        yield f"  {'':12} {row['parts']}; {row['together']}: {row['why']}"


def _harms(harms: Sequence[Row]) -> Iterator[str]:
    counts = Counter(str(row["result"]) for row in harms)
    told = ", ".join(f"{number} {result}" for result, number in counts.most_common())
    yield f"Harms, of every phase, species and outcome: {told or 'none is recorded, which is no sign of safety'}"
    worse = [row for row in harms if row["result"] == "worsened"]
    for row in worse[:_LISTED]:
        yield f"  {row['finding']}: {row['outcome']} worsened ({row['species']}, {row['phase']}, {row['contrast']})"
    if len(worse) > _LISTED:
        yield f"  and {len(worse) - _LISTED} more (--format json)"


def _json(made: Strength) -> str:
    about: dict[str, Any] = {
        "asked": made.asked,
        "conditions": {name: list(words) for name, words in made.conditions.items() if words},
        "findings": made.findings,
        "bodies": [_fields(body) for body in made.bodies],
        "beside_parts": list(made.beside_parts),
        "harms": list(made.harms),
        "missing": list(made.missing),
        "note": "Animal and human evidence, not medical advice.",
    }
    return json.dumps(about, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _fields(body: Body) -> dict[str, Any]:
    from kg.synthesis import certainty
    from kg.synthesis.directions import WORDS

    tally = body.tally
    return {
        "kind": body.kind.value,
        "domain": body.domain,
        "studies": body.studies,
        "papers": body.papers,
        "laboratories": list(body.laboratories),
        "replication": asdict(body.replication),
        "directions": {word.value: tally.count(word) for word in WORDS} | {"tied": tally.count(None)},
        "not_counted": {why.value: list(ids) for why, ids in tally.left_out.items()},
        "better_of_all": asdict(tally.of_all) if tally.of_all else None,
        "sign_test": asdict(tally.test),
        "by_laboratory": asdict(tally.by_laboratory),
        "tiers": dict(body.tiers),
        "size": _sized(body.size),
        "certainty": certainty.fields(body.certainty),
        "findings": list(body.findings),
    }


def _sized(size: Size) -> dict[str, Any]:
    about: dict[str, Any] = {"experiments": size.experiments, "papers": size.papers, "findings": list(size.findings)}
    if size.pooled is None:
        return about | {"why_not_pooled": size.why_not}
    pooled = size.pooled
    names = ("estimate", "se", "ci", "p", "tau2", "tau2_ci", "Q", "df", "Q_p", "I2", "pi", "k", "method")
    return (
        about
        | {name: _plain(getattr(pooled, name)) for name in names}
        | {"model": size.model, "converted": size.converted, "egger_p": size.egger_p}
    )


def _plain(value: object) -> object:
    return list(value) if isinstance(value, Iterable) and not isinstance(value, str) else value
