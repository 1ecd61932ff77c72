"""kg pool: the effects of anyone's table, pooled."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.base import FILE, Command, main, write

if TYPE_CHECKING:
    from kg.cli.contrasts import Contrasts
    from kg.synthesis.pooling import Coefficient

_MEASURES = ("SMD", "MD", "ROM", "RR", "OR", "RD", "GEN")
_LOGS = ("ROM", "RR", "OR")
_METHODS = ("REML", "DL", "PM", "ML", "SJ", "HE", "HS", "EB", "EE")
_LEVELS = "sigma2 tau2 loglik Q df Q_p I2 pi QM QM_df QM_p".split()
_POOLED = "tau2 tau2_se tau2_ci Q df Q_p I2 I2_ci H2 H2_ci pi QM QM_df QM_p R2".split()


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the command line asks for."""

    method: str
    knha: bool
    level: float
    mods: tuple[str, ...]
    cluster: str
    robust: str
    levels: str
    by: str
    leave_one_out: bool
    bias: bool


def _ways(command: Command) -> Command:
    """The options that say how is pooled."""
    options = [
        click.option("--measure", type=click.Choice(_MEASURES), help="What is computed.  [default: by the columns]"),
        click.option("--vtype", type=click.Choice(["LS", "LS2", "UB"]), default="LS", help="The variance of an SMD."),
        click.option("--method", type=click.Choice(_METHODS), default="REML", show_default=True, help="Of tau2."),
        click.option("--knha", is_flag=True, help="Knapp-Hartung standard errors and t."),
        click.option("--level", type=click.FloatRange(0, 100, True, True), default=95.0, show_default=True),
        click.option("--mods", default="", metavar="COLUMN,...", help="Moderators: columns of numbers or words."),
        click.option("--cluster", default="", metavar="COLUMN", help="What rows are nested in.  [default: cluster]"),
        click.option("--levels", type=click.Choice(["2", "3"]), help="3: cluster/study. [default: 3 with a cluster]"),
        click.option("--robust", type=click.Choice(["CR0", "CR1", "CR2"]), help="Errors robust to clusters."),
        click.option("--by", default="", metavar="COLUMN", help="Also each subgroup, and the test between them."),
        click.option("--leave-one-out", is_flag=True, help="Also without each row in turn."),
        click.option("--bias", is_flag=True, help="Also Egger, Begg, trim and fill; not below 10 rows."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@main.command("pool")
@click.argument("table", type=FILE)
@_ways
@click.option("--format", "form", type=click.Choice(["table", "json"]), help="How the answer is written.")
@click.option("-o", "--output", type=FILE, help="Write to this file, whole or not at all.")
def pool_table(
    table: Path,
    measure: str | None,
    vtype: str,
    mods: str,
    levels: str | None,
    robust: str | None,
    form: str | None,
    output: Path | None,
    **told: object,
) -> None:
    """Pool the effects of a table, as R's metafor does.

    TABLE is a CSV file with the columns yi,vi; or m1,sd1,n1,m2,sd2,n2; or ai,bi,ci,di; optional are study, cluster and
    moderators. RR, OR and ROM are natural logarithms, of group 1 against group 2.

    Rows that share a cluster are not independent: with a column of clusters the model has three levels.

    \b
    kg pool trials.csv --measure RR
    kg pool animals.csv --measure SMD --knha --mods day,species --format json
    kg pool animals.csv --cluster paper --robust CR2 -o pooled.json
    """
    from kg.cli import contrasts
    from kg.views import pooled

    read = contrasts.read(table, measure or "", vtype)
    columns = tuple(part.strip() for part in mods.split(",") if part.strip())
    about = answer(read, _asked(read, columns, levels, robust, told))
    if (form or ("json" if output and output.suffix == ".json" else "table")) == "json":
        write(json.dumps(_finite(about), ensure_ascii=False, allow_nan=False, indent=1) + "\n", output)
        return
    write(pooled.text(about), output)


def _asked(
    read: Contrasts, mods: tuple[str, ...], levels: str | None, robust: str | None, told: Mapping[str, object]
) -> _Asked:
    cluster = str(told["cluster"]) or ("cluster" if read.has("cluster") else "")
    asked = _Asked(
        method=str(told["method"]), knha=bool(told["knha"]), level=float(str(told["level"])), mods=mods,
        cluster=cluster, robust=robust or "", levels=levels or ("3" if cluster and told["method"] == "REML" else "2"),
        by=str(told["by"]), leave_one_out=bool(told["leave_one_out"]), bias=bool(told["bias"]),
    )  # fmt: skip
    if (asked.robust or asked.levels == "3") and not cluster:
        raise click.UsageError("three levels and robust errors need clusters; name their column by --cluster")
    if asked.levels == "3" and asked.method != "REML":
        raise click.UsageError("three levels are estimated by REML; leave --method out, or say --levels 2")
    return asked


def answer(read: Contrasts, asked: _Asked) -> dict[str, object]:
    """What the table says under plain names, in full precision."""
    about: dict[str, object] = {"measure": read.measure, "k": len(read.yi), "level": asked.level}
    about |= _nested(read, asked) if asked.levels == "3" or asked.robust else _flat(read, asked)
    about |= _further(read, asked)
    named = zip(read.labels(), read.yi, read.vi, strict=True)
    about["rows"] = [{"study": name, "yi": y, "vi": v} for name, y, v in named]
    about["notes"] = _notes(read, asked)
    return about


def _notes(read: Contrasts, asked: _Asked) -> Sequence[str]:
    """What a reader must know of how rows were taken."""
    notes = []
    if len(read.yi) == 1:
        notes.append("one row: nothing is pooled, its own effect is shown")
    if asked.cluster and asked.levels == "2" and not asked.robust:
        notes.append(f"rows are taken as independent, though the table has clusters ({asked.cluster})")
    elif asked.cluster and (asked.by or asked.leave_one_out or asked.bias):
        notes.append("subgroups, leaving out and bias take rows as independent")
    if not asked.cluster and (twice := read.repeated()):
        notes.append(f"rows of one study ({twice}) are taken as independent, which they are not; name their --cluster")
    if read.measure in _LOGS:
        notes.append("effects are natural logarithms")
    return notes


def _flat(read: Contrasts, asked: _Asked) -> dict[str, object]:
    from kg.synthesis import pooling

    mods = read.moderators(asked.mods)
    found = pooling.pool(read.yi, read.vi, mods, asked.method, asked.knha, asked.level)
    about = _estimates(found.coefficients, found.test, bool(mods))
    return about | {"method": found.method} | {name: getattr(found, name) for name in _POOLED}


def _nested(read: Contrasts, asked: _Asked) -> dict[str, object]:
    """Three levels, or errors robust to clusters, or both."""
    from kg.synthesis import multilevel, pooling

    clusters, mods = read.texts(asked.cluster), read.moderators(asked.mods)
    if asked.levels == "3":
        studies = read.texts("study") if read.has("study") else None
        three = multilevel.three_level(read.yi, read.vi, clusters, studies, mods, asked.level, t=asked.knha)
        about = _estimates(three.coefficients, "t" if asked.knha else "z", bool(mods)) | dict.fromkeys(_POOLED)
        about |= {name: getattr(three, name) for name in _LEVELS}
        model = three.marginal
    else:
        two = pooling.pool(read.yi, read.vi, mods, asked.method, False, asked.level)
        about = _estimates(two.coefficients, "z", bool(mods)) | {name: getattr(two, name) for name in _POOLED}
        model = multilevel.independent(read.yi, read.vi, two.tau2, mods)
    about |= {"method": asked.method, "cluster": asked.cluster, "clusters": len(set(clusters))}
    if asked.robust:
        errors = multilevel.robust(model, clusters, asked.robust, asked.level)
        about.pop("zval", None)
        about |= _estimates(errors, "t", bool(mods)) | {"robust": asked.robust, "QM": None, "QM_p": None}
        about["pi"] = None  # robust errors say nothing of it
    return about


def _estimates(coefficients: Sequence[Coefficient], test: str, moderated: bool) -> dict[str, object]:
    """The pooled effect; with moderators there is none, but coefficients."""
    first = None if moderated else _coefficient(coefficients[0], test)
    about = {name: (first or {}).get(name) for name in ("estimate", "se", f"{test}val", "p", "ci")}
    return about | {"test": test, "coefficients": [_coefficient(one, test) for one in coefficients]}


def _coefficient(one: Coefficient, test: str) -> dict[str, object]:
    return {
        "name": one.name, "estimate": one.estimate, "se": one.se, f"{test}val": one.statistic, "p": one.p, "ci": one.ci,
    }  # fmt: skip


def _further(read: Contrasts, asked: _Asked) -> dict[str, object]:
    """Subgroups, leave-one-out and bias, each of rows taken as independent."""
    from kg.synthesis import pooling

    further: dict[str, object] = {}
    if asked.by:
        names = read.texts(asked.by)
        found = pooling.subgroups(read.yi, read.vi, names, asked.method, asked.knha, asked.level)
        groups = {name: _brief(one) for name, one in found.groups.items()}
        further["subgroups"] = {"groups": groups, "Q_between": found.Q_between, "df": found.df, "p": found.p}
    if asked.leave_one_out:
        each = pooling.leave_one_out(read.yi, read.vi, asked.method, asked.knha, asked.level)
        left = zip(read.labels(), each, strict=True)
        further["leave_one_out"] = [{"without": name, **_brief(one)} for name, one in left]
    if asked.bias:
        further["bias"] = _bias(read, asked)
    return further


def _brief(one: object) -> dict[str, object]:
    names = "k estimate se ci p tau2 Q df Q_p I2".split()
    return {name: getattr(one, name) for name in names}


def _bias(read: Contrasts, asked: _Asked) -> dict[str, object]:
    from kg.synthesis import bias

    if said := bias.may_test(len(read.yi)):
        return {"refused": said}
    y, v = read.yi, read.vi
    about: dict[str, object] = {"egger": _fields(bias.egger(y, v, asked.level))}
    about["egger_random"] = _fields(bias.egger_random(y, v, asked.method, asked.level))
    if read.measure == "SMD":
        sizes = read.numbers("n1"), read.numbers("n2")
        about["pustejovsky_rodgers"] = _fields(bias.pustejovsky_rodgers(y, v, *sizes, asked.level))
    about["begg"] = _fields(bias.begg(y, v))
    for estimator in ("L0", "R0"):
        found = bias.trim_and_fill(y, v, estimator, asked.method, asked.level)
        counted = {"missing": found.missing, "missing_se": found.missing_se, "side": found.side}
        about[f"trim_and_fill_{estimator}"] = counted | _brief(found.pooled)
    return about


def _fields(one: object) -> dict[str, object]:
    return {name: getattr(one, name) for name in type(one).__dataclass_fields__}  # type: ignore[attr-defined]  # all are


def _finite(value: object) -> object:
    """JSON knows neither NaN nor infinity: they become null."""
    if isinstance(value, Mapping):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
