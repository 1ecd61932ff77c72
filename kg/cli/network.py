"""kg network: a table of comparisons, read, pooled as one network or by components, and printed."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

from kg import tables
from kg.cli.base import FILE, main, say, write
from kg.errors import DataError, Problem, UnknownName
from kg.synthesis import networks
from kg.synthesis.components import Additive, Effect, additive
from kg.synthesis.fits import METHODS, Estimate, Heterogeneity, Method
from kg.synthesis.laplacians import Contrast, UnsoundStudy
from kg.synthesis.networks import Network, Split

if TYPE_CHECKING:
    from kg.store import Row

COLUMNS = ("studlab", "treat1", "treat2", "TE", "seTE")
_SMALLEST = 1e-100  # below it squares leave what a double holds
_ESTIMATE = ("estimate", "95 % CI", "z", "p")
_SPLIT = ("comparison", "studies", "share direct", *networks.SIDES, "p of difference")
Answer = TypeVar("Answer")
Fields = dict[str, Any]
Section = tuple[Sequence[str], Sequence["Row"]]
Sections = Iterable[Section]


@main.command("network")
@click.argument("table", type=FILE)
@click.option("--reference", default="", help="What treatments are compared with.  [default: what most studies have]")
@click.option("--method", type=click.Choice(METHODS), default="DL", show_default=True, help="How tau2 is estimated.")
@click.option("--components", is_flag=True, help="Pool by the components of combinations, such as A + B.")
@click.option("--inactive", default="", help="The component that does nothing, such as Placebo.")
@click.option("--sep", "separator", default="+", show_default=True, help="What separates components.")
@click.option("--interactions", multiple=True, metavar="A*B", help="What components do beyond their sum; repeatable.")
@click.option(
    "--small-values",
    type=click.Choice(["good", "bad"]),
    default="good",
    show_default=True,
    help="Whether a small value of the outcome is good; P-scores need it.",
)
@click.option("--split", is_flag=True, help="Direct against indirect evidence for each comparison.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), help="How the answer is written.")
@click.option("-o", "--output", type=FILE, help="Write to this file, whole or not at all.")
def pool(
    table: Path,
    reference: str,
    method: Method,
    components: bool,
    inactive: str,
    separator: str,
    interactions: tuple[str, ...],
    small_values: Literal["good", "bad"],
    split: bool,
    form: str | None,
    output: Path | None,
) -> None:
    """Pool a network of comparisons: every treatment with every other, and whether they agree.

    TABLE is a CSV file with the columns studlab, treat1, treat2, TE (treat1 minus treat2; logarithms of ratios) and
    seTE. A study with three or more arms has a row for each pair. Intervals are 95 %.

    With --components, effects of combinations are sums of those of their components; what the comparisons do not
    identify has no number.

    \b
    kg network diabetes.csv --reference placebo --split
    kg network depression.csv --components --inactive Placebo --interactions "SSRI*Face-to-face CBT"
    kg network diabetes.csv --method REML --format json -o diabetes.json
    """
    if not components and (inactive or interactions):
        raise click.UsageError("--inactive and --interactions belong to --components")
    if components and split:
        raise click.UsageError("--split is of networks without --components")
    if not separator.strip():
        raise click.BadParameter("is a mark such as +", param_hint="--sep")
    contrasts = read(table)
    if components:
        made = _components(table, contrasts, inactive, interactions, separator.strip(), method, reference)
    else:
        made = _networks(table, contrasts, method, reference, small_values, split)
    with_json = (form or ("json" if output and output.suffix == ".json" else "table")) == "json"
    write(_json(made[0]) if with_json else _text(made[1], output is None), output)


def _networks(
    table: Path,
    contrasts: Sequence[Contrast],
    method: Method,
    reference: str,
    small_values: Literal["good", "bad"],
    split: bool,
) -> tuple[Fields, Sections]:
    found = _sound(table, lambda: networks.estimates(contrasts, method))
    known = [name for one in found for name in one.treatments]
    if reference and reference not in known:
        raise UnknownName("treatment of this network", reference, known)
    if len(found) > 1:
        say(f"nothing connects {len(found)} parts of this network; each is pooled for itself, the largest first")
    if any(one.tau2 is None for one in found):
        say("too few comparisons to estimate tau2 from; it is taken as 0")
    made = [(one, reference if reference in one.treatments else usual(one)) for one in found]
    fields = [network_fields(one, other, small_values, split) for one, other in made]
    sections = (s for one, other in made for s in network_sections(one, other, small_values, split))
    return fields[0] | {"other_networks": fields[1:]}, sections


def _components(
    table: Path,
    contrasts: Sequence[Contrast],
    inactive: str,
    interactions: Sequence[str],
    separator: str,
    method: Method,
    reference: str,
) -> tuple[Fields, Sections]:
    model = _sound(table, lambda: additive(contrasts, inactive, interactions, separator, method))
    if reference and reference not in model.evidence.treatments:
        raise UnknownName("treatment of this network", reference, model.evidence.treatments)
    if model.parts > 1:
        say(f"nothing but components connects {model.parts} parts of this network; additivity cannot be tested")
    some = [one.name for one in (*model.components, *model.combinations) if one.estimate is None]
    if some:
        say(f"not identified by these comparisons, and so without a number: {', '.join(dict.fromkeys(some))}")
    return additive_fields(model, inactive, reference), additive_sections(model, inactive, reference)


def read(path: Path) -> list[Contrast]:
    """The comparisons of a table with the columns studlab, treat1, treat2, TE and seTE, in the table's order.

    Raises DataError with everything that is wrong in its cells.
    """
    made: list[Contrast] = []
    problems: list[Problem] = []
    for row in tables.rows(path, str(path), COLUMNS, COLUMNS, others=True):
        wrong = [row] if isinstance(row, Problem) else [*_wrong(row)]
        problems += wrong
        if isinstance(row, tables.Row) and not wrong:
            names = (row["studlab"], row["treat1"], row["treat2"])
            made.append(Contrast(*names, float(row["TE"]), float(row["seTE"])))
    if problems or not made:
        raise DataError(problems or [Problem(str(path), 0, "", "has a header but no row; it needs one a comparison")])
    return made


def _wrong(row: tables.Row) -> Iterator[Problem]:
    for column in ("studlab", "treat1", "treat2"):
        if not row[column]:
            yield row.problem(column, "is empty; every row names its study and two treatments")
    if row["treat1"] and row["treat1"] == row["treat2"]:
        yield row.problem("treat2", f"{row['treat2']!r} is compared with itself")
    for column in ("TE", "seTE"):
        value = tables.finite(row[column])
        if value is None:
            yield row.problem(column, f"{row[column]!r} is not a number; write it with a decimal point")
        elif column == "seTE" and value < _SMALLEST:
            yield row.problem(column, f"{row[column]!r} is no standard error, which is above 0")


def _sound(path: Path, model: Callable[[], Answer]) -> Answer:
    """What the model answers; a study that is unsound is named with the row where it begins."""
    try:
        return model()
    except UnsoundStudy as error:
        rows = (
            row for row in tables.rows(path, str(path), COLUMNS, COLUMNS, others=True) if isinstance(row, tables.Row)
        )
        first = next(row for row in rows if row["studlab"] == error.study)
        raise DataError([first.problem(error.column, f"study {error.study!r} {error.message}")]) from None


def usual(network: Network) -> str:
    """The treatment that most studies have; of several the first by name."""
    held = Counter(name for one in network.designs for name in one.treatments for _ in range(one.studies))
    return min(network.treatments, key=lambda name: (-held[name], name))


def network_fields(
    network: Network, reference: str, small_values: Literal["good", "bad"] = "good", split: bool = False
) -> Fields:
    """A network under plain names, in full precision; I2 is in per cent."""
    scores = network.p_scores(small_values)
    random, tau2 = network.between_random()
    made = {
        "model": "network", "method": network.method, "reference": reference, "small_values": small_values,
        "k": network.evidence.studies, "m": network.evidence.pairs, "n": len(network.treatments),
        "tau2": network.tau2, **_whole(network.total),
        "within_designs": _heterogeneity(network.within), "between_designs": _heterogeneity(network.between),
        "between_designs_random": _heterogeneity(random) | {"tau2_within": tau2},
        "designs": [
            {"treatments": list(one.treatments), "k": one.studies, **_heterogeneity(one.within)}
            for one in network.designs
        ],
        "treatments": [
            {"treatment": name, **_estimate(network.versus(name, reference)), "p_score": scores[name]}
            for name in network.treatments
        ],
        "comparisons": [{"treat1": a, "treat2": b, **_estimate(one)} for a, b, one in network.pairs()],
    }  # fmt: skip
    return made | ({"splits": [_split(one) for one in network.splits()]} if split else {})


def _split(one: Split) -> Fields:
    about = {"treat1": one.treat1, "treat2": one.treat2, "k": one.studies, "share_direct": one.share}
    parts = {name: getattr(one, name) for name in networks.SIDES}
    return about | {name: part and _estimate(part) for name, part in parts.items()}


def additive_fields(model: Additive, inactive: str, reference: str = "") -> Fields:
    """A component model under plain names, in full precision; what is not identified is null."""
    tests = {"additive": model.additive, "standard": model.standard, "diff": model.difference}
    count = len(model.components) - len(model.interactions)
    return {
        "model": "components", "method": model.method, "inactive": inactive or None, "reference": reference or None,
        "k": model.evidence.studies, "m": model.evidence.pairs, "n": len(model.evidence.treatments),
        "networks": model.parts,
        "tau2": model.tau2, **_whole(model.additive),
        **{f"{key}_{test}": value for test, one in tests.items() for key, value in _heterogeneity(one).items()},
        "components": [_effect("component", one) for one in model.components[:count]],
        "interactions": [_effect("interaction", one) for one in model.components[count:]],
        "combinations": [_effect("treatment", one) for one in _against(model, reference)],
    }  # fmt: skip


def _against(model: Additive, reference: str) -> Sequence[Effect]:
    """The combinations, against the reference where there is one."""
    if not reference:
        return model.combinations
    held = {one.name: one.studies for one in model.combinations}
    names = [name for name in model.evidence.treatments if name != reference]
    return [Effect(name, held.get(name, 0), model.versus(name, reference)) for name in names]


def _effect(kind: str, one: Effect) -> Fields:
    return {kind: one.name, "k": one.studies, "identified": one.estimate is not None, **_estimate(one.estimate)}


def _estimate(one: Estimate | None) -> Fields:
    if one is None:
        return dict.fromkeys(("estimate", "se", "ci", "z", "p"))
    tested = one.se > 0  # a treatment against itself has no test
    about = {"estimate": one.estimate, "se": one.se, "ci": list(one.ci)}
    return about | {"z": one.z if tested else None, "p": one.p if tested else None}


def _heterogeneity(one: Heterogeneity | None) -> Fields:
    return {"Q": one.Q, "df": one.df, "p": one.p} if one else dict.fromkeys(("Q", "df", "p"))


def _whole(one: Heterogeneity) -> Fields:
    return {"Q": one.Q, "df": one.df, "Q_p": one.p, "I2": _per_cent(one)}


def _per_cent(one: Heterogeneity) -> float | None:
    return None if one.I2 is None else 100 * one.I2


def network_sections(
    network: Network, reference: str, small_values: Literal["good", "bad"] = "good", split: bool = False
) -> Iterator[Section]:
    """A network as tables for people: treatments from the best, heterogeneity, splits."""
    scores = network.p_scores(small_values)
    ranked = sorted(network.treatments, key=lambda name: (-scores[name], name))
    column, scored = f"against {reference}", f"P-score ({'small' if small_values == 'good' else 'large'} is good)"
    rows: list[Row] = [
        {column: name, **_shown(network.versus(name, reference)), scored: f"{scores[name]:.4f}"} for name in ranked
    ]
    yield (column, *_ESTIMATE, scored), rows
    tests = {"whole network": network.total, "within designs": network.within, "between designs": network.between}
    yield from _tests(tests, network.tau2, network.total)
    if split:
        yield _SPLIT, [_split_row(one) for one in network.splits()]


def additive_sections(model: Additive, inactive: str, reference: str = "") -> Iterator[Section]:
    """A component model as tables for people."""
    none = f"without {inactive}" if inactive else "alone"
    for heading, effects in ((f"component, {none}", model.components), ("combination", _against(model, reference))):
        column = f"combination against {reference}" if reference and heading == "combination" else heading
        rows: list[Row] = [{column: one.name, "studies": one.studies, **_shown(one.estimate)} for one in effects]
        yield (column, "studies", *_ESTIMATE), rows
    tests = {"additive model": model.additive, "standard model": model.standard, "difference": model.difference}
    yield from _tests(tests, model.tau2, model.additive)


def _tests(tests: Mapping[str, Heterogeneity | None], tau2: float | None, whole: Heterogeneity) -> Iterator[Section]:
    rows: list[Row] = [
        {"Q of": name, "Q": f"{one.Q:.2f}", "df": one.df, "p": _p(one.p)} for name, one in tests.items() if one
    ]
    yield ("Q of", "Q", "df", "p"), rows
    share = _per_cent(whole)
    about: Row = {"tau2": None if tau2 is None else f"{tau2:.4g}", "I2": None if share is None else f"{share:.1f} %"}
    yield ("tau2", "I2"), [about]


def _split_row(one: Split) -> Row:
    names = f"{one.treat1} : {one.treat2}"
    row: Row = {"comparison": names, "studies": one.studies, "share direct": f"{one.share:.2f}"}
    sides: dict[str, Estimate | None] = {name: getattr(one, name) for name in networks.SIDES}
    row |= {name: f"{side.estimate:.4f}" for name, side in sides.items() if side}
    return row | {"p of difference": _p(one.difference.p if one.difference else None)}


def _shown(one: Estimate | None) -> Row:
    if one is None:
        return {"estimate": "not identified"}
    if not one.se > 0:
        return {}
    low, high = one.ci
    interval = f"[{low:.4f}, {high:.4f}]"
    return {"estimate": f"{one.estimate:.4f}", "95 % CI": interval, "z": f"{one.z:.2f}", "p": _p(one.p)}


def _p(value: float | None) -> str | None:
    return None if value is None else f"{value:.4f}" if value >= 0.0001 else "< 0.0001"


def _json(made: Fields) -> str:
    return json.dumps(made, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _text(sections: Sections, shown: bool) -> str:
    from kg.views import rows as view

    fit = shown and sys.stdout.isatty()
    return "\n".join(view.text(rows, columns, "table", fit) for columns, rows in sections)
