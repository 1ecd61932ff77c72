"""A pooled answer as text: each effect with its interval and a bar, then what they say together."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_WIDE = 41  # characters of a bar
_FURTHER = {
    "egger": "Egger",
    "egger_random": "Egger, random effects",
    "pustejovsky_rodgers": "Pustejovsky & Rodgers",
    "begg": "Begg",
}


def text(about: Mapping[str, Any]) -> str:
    """The answer of `kg pool` for reading; numbers are rounded to four digits."""
    return "\n".join(line.rstrip() for line in _lines(about)) + "\n"


def _lines(about: Mapping[str, Any]) -> Iterator[str]:
    yield f"{about['measure']}, {_model(about)}, {about['k']} row{'s' * (about['k'] != 1)}"
    yield ""
    yield from _bars(about)
    yield ""
    yield from _coefficients(about)
    yield from _heterogeneity(about)
    yield from _subgroups(about.get("subgroups"))
    yield from _left_out(about.get("leave_one_out", ()))
    yield from _bias(about.get("bias"))
    yield from (f"note: {note}" for note in about["notes"])


def _model(about: Mapping[str, Any]) -> str:
    name = "common effect" if about["method"] == "EE" else f"random effects by {about['method']}"
    if "sigma2" in about:
        name = f"three levels by {about['method']}, {about['clusters']} clusters ({about['cluster']})"
    if "robust" in about:
        return f"{name}, {about['robust']} errors by {about['cluster']}"
    return f"{name}, Knapp-Hartung" if about["test"] == "t" else name


def _bars(about: Mapping[str, Any]) -> Iterator[str]:
    from tabulate import tabulate

    from kg.synthesis.pooling import critical

    half = critical(0, about["level"])
    rows = [(r["study"], r["yi"], half * math.sqrt(r["vi"])) for r in about["rows"]]
    ends = [(name, middle, middle - reach, middle + reach) for name, middle, reach in rows]
    if about["estimate"] is not None:
        ends.append(("pooled", about["estimate"], *about["ci"]))
    low, high = min(0.0, *(end[2] for end in ends)), max(0.0, *(end[3] for end in ends))
    cells = [[name, number(y), _interval((a, b)), _bar(y, a, b, low, high)] for name, y, a, b in ends]
    heads = ["study", "effect", f"{about['level']:g} % interval", f"{number(low)} to {number(high)}"]
    yield from tabulate(cells, heads, disable_numparse=True, colalign=("left", "right", "left", "left")).splitlines()


def _bar(middle: float, low: float, high: float, least: float, most: float) -> str:
    def place(value: float) -> int:
        return round((value - least) / (most - least or 1) * (_WIDE - 1))

    bar = [" "] * _WIDE
    bar[place(0.0)] = "|"
    for one in range(place(low), place(high) + 1):
        bar[one] = "-"
    bar[place(middle)] = "o"
    return "".join(bar)


def _coefficients(about: Mapping[str, Any]) -> Iterator[str]:
    for one in about["coefficients"]:
        name = "pooled" if about["estimate"] is not None else one["name"]
        yield f"{name}: {number(one['estimate'])} {_interval(one['ci'])}, {_p(one['p'])}"
    if about.get("QM") is not None:
        explained = about.get("R2")
        said = "" if explained is None else f", R2 {number(explained)} %"
        yield f"moderators: QM {number(about['QM'])} (df {about['QM_df']}), {_p(about['QM_p'])}{said}"
    if about.get("pi"):
        yield f"prediction interval of a new study: {_interval(about['pi'])}"


def _heterogeneity(about: Mapping[str, Any]) -> Iterator[str]:
    yield f"Q {number(about['Q'])} (df {about['df']}), {_p(about['Q_p'])}; I2 {number(about['I2'])} %"
    if about["method"] != "EE":
        interval = about.get("tau2_ci")
        yield f"tau2 {number(about['tau2'])}" + (f" {_interval(interval)}" if interval else "")
    if "sigma2" in about:
        between, within = about["sigma2"]
        yield f"variance between clusters {number(between)}, within {number(within)}"


def _subgroups(found: Mapping[str, Any] | None) -> Iterator[str]:
    if not found:
        return
    for name, one in found["groups"].items():
        yield f"{name}: {number(one['estimate'])} {_interval(one['ci'])}, {one['k']} rows"
    yield f"between subgroups: Q {number(found['Q_between'])} (df {found['df']}), {_p(found['p'])}"


def _left_out(found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for one in found:
        yield f"without {one['without']}: {number(one['estimate'])} {_interval(one['ci'])}"


def _bias(found: Mapping[str, Any] | None) -> Iterator[str]:
    if not found:
        return
    if "refused" in found:
        yield str(found["refused"])
    for key, name in _FURTHER.items():
        if key in found:
            yield f"{name}: {_p(found[key]['p'])}"
    for estimator in ("L0", "R0"):
        if one := found.get(f"trim_and_fill_{estimator}"):
            filled = f"{number(one['estimate'])} {_interval(one['ci'])}"
            yield f"trim and fill {estimator}: {one['missing']} missing on the {one['side']}; with them {filled}"


def number(value: float) -> str:
    """Four digits of a number."""
    return f"{value:.4g}"


def _interval(ends: Sequence[float]) -> str:
    return f"[{number(ends[0])}, {number(ends[1])}]"


def _p(value: float) -> str:
    return "p < 0.0001" if value < 0.0001 else f"p = {value:.4f}"
