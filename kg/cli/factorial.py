"""kg factorial: a table of two-by-two experiments, read, judged and printed."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg import tables
from kg.cli.base import FILE, main, print_rows, say, write
from kg.errors import DataError, Problem
from kg.model import HigherIs
from kg.synthesis.factorial import (
    ARMS,
    Answer,
    Contrast,
    Group,
    Scale,
    Study,
    Summary,
    answers,
    pooled,
    pooled_verdict,
)  # fmt: skip

if TYPE_CHECKING:
    from kg.store import Row
    from kg.synthesis.pooling import Pooled

COLUMNS = ("study", "arm", "n", "mean", "sd")
SHOWN = ("study", "n", "AB - A", "AB - B", "p of both", "against its parts", "interaction", "Bliss", "together", "why")
_INTERACTIONS = ("additive", "smd", "bliss")


@main.command("factorial")
@click.argument("table", type=FILE)
@click.option("--ceiling", type=float, help="The best value of the scale, such as 21 for BBB; synergy needs it.")
@click.option(
    "--higher-is",
    type=click.Choice(["better", "worse"]),
    default="better",
    show_default=True,
    help="What more of the score means; where worse, the ceiling is its lowest value.",
)
@click.option("--format", "form", type=click.Choice(["table", "json"]), help="How the answer is written.")
@click.option("-o", "--output", type=FILE, help="Write to this file, whole or not at all.")
def judge(table: Path, ceiling: float | None, higher_is: str, form: str | None, output: Path | None) -> None:
    """Judge experiments with arms C, A, B and AB: whether AB beats its parts, and whether it is more than their sum.

    TABLE is a CSV file with the columns study, arm, n, mean and sd, one row an arm; C is the control.
    Differences above 0 are benefit, a Bliss value below 0 is more than Bliss; intervals are 95 %.

    AB beats every part where it is better than A and than B (both one-sided p below 0.05). It is synergy only where
    the additive and the Bliss interval both exclude 0 on that side. That only AB differed from C is no synergy.

    \b
    kg factorial bbb.csv --ceiling 21
    kg factorial lesions.csv --higher-is worse --ceiling 0 --format json -o lesions.json
    """
    if ceiling is not None and not math.isfinite(ceiling):
        raise click.BadParameter("is a number, the best value of the scale", param_hint="--ceiling")
    scale = Scale(HigherIs(higher_is), ceiling)
    made = answers(read(table, scale), scale)
    if (form or ("json" if output and output.suffix == ".json" else "table")) == "json":
        write(json.dumps(fields(made, scale), ensure_ascii=False, allow_nan=False, indent=1) + "\n", output)
        return
    print_rows(shown(made), SHOWN, "table", output)
    say("differences above 0 are benefit, Bliss below 0 is more than Bliss; intervals are 95 %")


def fields(made: Sequence[Answer], scale: Scale) -> dict[str, object]:
    """The answers and what they say together, under plain names, in full precision."""
    about = {"higher_is": scale.higher_is.value, "ceiling": scale.ceiling}
    return {"scale": about, "studies": [_study(one) for one in made], "pooled": _together(pooled(made))}


def _together(found: Mapping[str, Summary]) -> dict[str, object]:
    verdict, why = pooled_verdict(found)
    some = {name: _summary(one) for name, one in found.items()}
    interaction = {"verdict": verdict.value, "why": why, **{name: some.get(name) for name in _INTERACTIONS}}
    return {"against_parts": {part: some.get(part) for part in ("A", "B")}, "interaction": interaction}


def _summary(one: Summary) -> dict[str, object]:
    about = {"k": len(one.studies), "n": one.subjects, "studies": list(one.studies)}
    return about | {"common": _pool(one.common), "random": _pool(one.random)}


def _pool(one: Pooled) -> dict[str, object]:
    names = "estimate se ci p k method test tau2 tau2_ci Q df Q_p I2 pi".split()
    return {name: getattr(one, name) for name in names}


def _study(one: Answer) -> dict[str, object]:
    over, gains = ({arm: _contrast(c) for arm, c in some.items()} for some in (one.over, one.gains))
    return {
        "study": one.study.name,
        "arms": {arm: {"n": g.n, "mean": g.mean, "sd": g.sd} for arm, g in _arms(one)},
        "against_parts": {"verdict": one.parts.value, "p": one.p_every, "best_part": one.best_part, **over},
        "against_control": gains,
        "interaction": {
            "verdict": one.together.value,
            "why": one.why,
            "additive": _contrast(one.additive),
            "equal_variances": _contrast(one.equal),
            "smd": _contrast(one.smd),
            "bliss": _contrast(one.bliss),
        },
        "only_combination_significant": one.only_both,
    }


def _contrast(made: Contrast | None) -> dict[str, object] | None:
    if made is None:
        return None
    about = {"estimate": made.estimate, "se": made.se, "df": made.df, "ci": [made.low, made.high], "p": made.p}
    return about | {"p_above": made.p_above, "law": made.law}


def shown(made: Sequence[Answer]) -> list[Row]:
    """Each study as a row of SHOWN, and below them what two or more say together."""
    found = pooled(made)
    return [*(_row(one) for one in made), *([_pooled_row(found)] if found else [])]


def _pooled_row(found: Mapping[str, Summary]) -> Row:
    verdict, why = pooled_verdict(found)
    intervals = {name: f"{_interval(one.random)}, k = {len(one.studies)}" for name, one in found.items()}
    return {
        "study": "pooled (REML, the wider of normal and Knapp-Hartung)",
        "n": max(one.subjects for one in found.values()),
        "AB - A": intervals.get("A"),
        "AB - B": intervals.get("B"),
        "interaction": intervals.get("additive"),
        "Bliss": intervals.get("bliss"),
        "together": verdict.value,
        "why": why,
    }


def _row(one: Answer) -> Row:
    return {
        "study": one.study.name,
        "n": sum(group.n for _, group in _arms(one)),
        "AB - A": _interval(one.over["A"]),
        "AB - B": _interval(one.over["B"]),
        "p of both": None if one.p_every is None else f"{one.p_every:.3g}",
        "against its parts": one.parts.value,
        "interaction": _interval(one.additive),
        "Bliss": _interval(one.bliss),
        "together": one.together.value,
        "why": one.why,
    }


def _arms(one: Answer) -> list[tuple[str, Group]]:
    return [(arm, one.study.groups[arm]) for arm in ARMS if arm in one.study.groups]


def _interval(made: Contrast | Pooled | None) -> str | None:
    return None if made is None else f"{made.estimate:.3g} [{made.ci[0]:.3g}, {made.ci[1]:.3g}]"


def read(path: Path, scale: Scale) -> list[Study]:
    """The studies of a table with the columns study, arm, n, mean and sd, in the table's order.

    Raises DataError with everything that is wrong in it.
    """
    groups: dict[str, dict[str, Group]] = {}
    problems: list[Problem] = []
    for row in tables.rows(path, str(path), COLUMNS, COLUMNS, others=True):
        wrong = [row] if isinstance(row, Problem) else [*_problems(row, scale, groups)]
        problems += wrong
        if isinstance(row, tables.Row) and not wrong:
            made = Group(int(float(row["n"])), float(row["mean"]), float(row["sd"]))
            groups.setdefault(row["study"], {})[row["arm"]] = made
    if problems or not groups:
        raise DataError(problems or [Problem(str(path), 0, "", "has a header but no row; it needs one for each arm")])
    return [Study(name, arms) for name, arms in groups.items()]


def _problems(row: tables.Row, scale: Scale, groups: Mapping[str, Mapping[str, Group]]) -> Iterator[Problem]:
    if not row["study"]:
        yield row.problem("study", "is empty; every row names its study")
    if row["arm"] not in ARMS:
        told = f"{row['arm']!r} is not an arm: C is the control, A and B are the parts, AB is both.{_meant(row['arm'])}"
        yield row.problem("arm", told)
    elif row["arm"] in groups.get(row["study"], {}):
        yield row.problem("arm", f"{row['study']} has {row['arm']} twice; one row is one arm of a study")
    yield from _wrong_numbers(row, scale)


def _wrong_numbers(row: tables.Row, scale: Scale) -> Iterator[Problem]:
    numbers = {column: tables.finite(row[column]) for column in ("n", "mean", "sd")}
    for column, value in numbers.items():
        if value is None:
            yield row.problem(column, f"{row[column]!r} is not a number; write it with a decimal point")
    n, mean, sd = numbers.values()
    if n is not None and (n < 2 or not n.is_integer()):
        yield row.problem("n", f"{row['n']!r} is not a number of subjects in an arm: a whole one, 2 or more")
    if sd is not None and sd < 0:
        yield row.problem("sd", f"{row['sd']!r} is below 0, which no standard deviation is")
    if mean is not None and (scale.deficit(mean) or 0) < 0:
        yield row.problem("mean", f"{row['mean']!r} lies beyond the ceiling {scale.ceiling:g}")


def _meant(arm: str) -> str:
    letters = "".join(sorted(set(arm.upper()) & {"A", "B", "C"}))
    return f" Did you mean {letters!r}?" if letters in ARMS else ""
