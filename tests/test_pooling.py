"""Pooled estimates beside metafor's on public data sets, and what must not change them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import KgError
from kg.synthesis import pooling
from kg.synthesis.pooling import Pooled, pool

BOUNDS = {"REML": 1e-9, "ML": 1e-9, "PM": 1e-9, "EB": 1e-9}  # the issue asks for 1e-7; the others for 1e-8
QUANTITIES = "estimate se p ci tau2 tau2_se Q Q_p I2 H2 pi tau2_ci I2_ci H2_ci".split()
CASES = [(name, method) for name in reference.NAMES for method in reference.ANSWERS[name]["pooled"]]


def differences(ours: Pooled, told: dict[str, Any]) -> dict[str, float]:
    """How far each quantity that R tells is from ours."""
    told = told | {"tau2_se": told.get("se_tau2")}
    return {name: reference.apart(getattr(ours, name), told[name]) for name in QUANTITIES if told.get(name) is not None}


@pytest.mark.parametrize(("name", "method"), CASES)
def test_every_estimator_agrees_with_metafor(name: str, method: str) -> None:
    told = reference.ANSWERS[name]["pooled"][method]
    ours = pool(*reference.sizes(name), method=method)
    assert max(differences(ours, told).values()) < BOUNDS.get(method, 1e-10)
    assert ours.coefficients[0].statistic == pytest.approx(told["statistic"], rel=1e-9)
    if "knha" in told:
        hartung = pool(*reference.sizes(name), method=method, knha=True)
        assert max(differences(hartung, told["knha"]).values()) < 1e-9
        assert hartung.test == "t"


MODS = [(name, label) for name in reference.NAMES for label in reference.ANSWERS[name].get("mods", ())]


@pytest.mark.parametrize(("name", "label"), MODS)
def test_meta_regression_agrees_with_metafor(name: str, label: str) -> None:
    told = reference.ANSWERS[name]["mods"][label]
    ours = pool(*reference.sizes(name), _moderators(name, label), told["method"], told["test"] == "knha")
    rows = ours.coefficients
    found = {
        "beta": [one.estimate for one in rows], "se": [one.se for one in rows], "p": [one.p for one in rows],
        "low": [one.ci[0] for one in rows], "high": [one.ci[1] for one in rows],
    }  # fmt: skip
    found |= {name: getattr(ours, name) for name in "tau2 QM QM_p Q Q_p I2 H2 R2 tau2_ci".split()}
    found["se_tau2"] = ours.tau2_se
    assert {key: value for key, value in found.items() if reference.apart(value, told[key]) > 1e-9} == {}
    assert ours.pi is None


def _moderators(name: str, label: str) -> dict[str, Sequence[float]]:
    if label == "alloc":
        kinds = [row["alloc"] for row in reference.rows(name)]
        return {kind: [float(one == kind) for one in kinds] for kind in sorted(set(kinds))[1:]}
    heads = {"ablat_year": ("ablat", "year"), "weeks": ("weeks",), "length": ("length",)}.get(label, ("ablat",))
    return {head: reference.column(name, head) for head in heads}


def test_each_study_left_out_in_turn_agrees_with_metafor() -> None:
    told = reference.ANSWERS["bcg"]["leave_one_out"]
    ours = pooling.leave_one_out(*reference.sizes("bcg"))
    assert reference.apart([one.estimate for one in ours], told["estimate"]) < 1e-10
    assert reference.apart([one.tau2 for one in ours], told["tau2"]) < 1e-10


def test_subgroups_agree_with_metafor() -> None:
    told = reference.ANSWERS["bcg"]["subgroups"]
    ours = pooling.subgroups(*reference.sizes("bcg"), [row["alloc"] for row in reference.rows("bcg")])
    assert list(ours.groups) == ["alternate", "random", "systematic"]
    for name, group in ours.groups.items():
        assert group.estimate == pytest.approx(told["estimate"][name], abs=1e-10)
        assert group.se == pytest.approx(told["se"][name], abs=1e-10)
    assert ours.Q_between == pytest.approx(told["between"], abs=1e-9)
    assert ours.df == 2


studies = st.lists(st.tuples(st.floats(-3, 3), st.floats(0.05, 2)), min_size=3, max_size=12, unique=True)
methods = st.sampled_from(pooling.METHODS)


@given(rows=studies, method=methods, seed=st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows: list[tuple[float, float]], method: str, seed: Any) -> None:
    mixed = list(rows)
    seed.shuffle(mixed)
    assert _close(pool(*zip(*rows, strict=True), method=method), pool(*zip(*mixed, strict=True), method=method))


@given(rows=studies, method=methods, factor=st.floats(0.1, 50))
def test_another_unit_scales_the_estimate_and_nothing_else(
    rows: list[tuple[float, float]], method: str, factor: float
) -> None:
    plain = pool(*zip(*rows, strict=True), method=method)
    scaled = pool([factor * y for y, _ in rows], [factor**2 * v for _, v in rows], method=method)
    assert scaled.estimate / factor == pytest.approx(plain.estimate, rel=1e-6, abs=1e-6)
    assert scaled.tau2 / factor**2 == pytest.approx(plain.tau2, rel=1e-6, abs=1e-6)
    for ours, theirs in [(scaled.Q, plain.Q), (scaled.I2, plain.I2)]:
        assert ours == pytest.approx(theirs, rel=1e-6, abs=1e-4)


@given(rows=studies, method=methods)
def test_the_other_sign_turns_the_interval_and_the_sign_turned_twice_changes_nothing(
    rows: list[tuple[float, float]], method: str
) -> None:
    y, v = zip(*rows, strict=True)
    plain, turned = pool(y, v, method=method), pool([-one for one in y], v, method=method)
    assert turned.ci == pytest.approx((-plain.ci[1], -plain.ci[0]), abs=1e-9)
    back = [-one for one in [-one for one in y]]
    assert pool(back, v, method=method) == plain


def _close(one: Pooled, other: Pooled) -> bool:
    pairs = [(one.estimate, other.estimate), (one.se, other.se), (one.tau2, other.tau2), (one.Q, other.Q)]
    return all(ours == pytest.approx(theirs, rel=1e-6, abs=1e-8) for ours, theirs in pairs)


def test_studies_that_agree_leave_no_variance_between_them() -> None:
    for method in pooling.METHODS:
        found = pool([0.5, 0.5, 0.5], [0.1, 0.2, 0.3], method=method)
        assert (found.tau2, found.Q, found.I2) == (0, pytest.approx(0, abs=1e-20), 0)
        assert found.estimate == pytest.approx(0.5)


def test_restricted_likelihood_settles_where_plain_scoring_swings_between_two_values() -> None:
    """Found by drawing at random: the score changes sign there, and the unit of measurement must not matter."""
    y, v = [1.9231, 2.0, 2.0, 1.0, 2.3923, 1.0, 2.0], [0.5, 0.5, 1.0, 2.0, 2.0, 0.05, 0.72833]
    plain, scaled = pool(y, v), pool([50 * one for one in y], [2500 * one for one in v])
    assert plain.tau2 == pytest.approx(scaled.tau2 / 2500, abs=1e-10)
    weights = [1 / (one + plain.tau2) for one in v]
    square = sum((w * (one - plain.estimate)) ** 2 for w, one in zip(weights, y, strict=True))
    score = square - sum(weights) + sum(w * w for w in weights) / sum(weights)
    assert score == pytest.approx(0, abs=1e-9)


def test_one_study_is_its_own_estimate() -> None:
    found = pool([0.4], [0.04])
    assert (found.k, found.estimate, found.se, found.tau2, found.df) == (1, 0.4, pytest.approx(0.2), 0, 0)
    assert found.tau2_ci is None


@pytest.mark.parametrize(
    ("y", "v", "told", "said"),
    [([], [], {}, "at least one"), ([1.0], [1.0, 2.0], {}, "as many of both"), ([1.0, 2.0], [1.0, 0.0], {}, "study 2"),
     ([1.0, float("nan")], [1.0, 1.0], {}, "finite"), ([1.0], [1.0], {"knha": True}, "at least 2"),
     ([1.0, 2.0], [1.0, 1.0], {"method": "XX"}, "REML, DL"), ([1.0, 2.0], [1.0, 1.0], {"level": 0}, "such as 95"),
     ([1.0, 2.0], [1.0, 1.0], {"mods": {"day": [1, 2]}}, "at least 3"),
     ([1.0, 2.0, 3.0], [1.0, 1.0, 1.0], {"mods": {"day": [7, 7, 7]}}, "do not vary")],
)  # fmt: skip
def test_numbers_that_cannot_be_pooled_are_refused(
    y: list[float], v: list[float], told: dict[str, Any], said: str
) -> None:
    with pytest.raises(KgError, match=said):
        pool(y, v, **told)


def test_too_few_papers_or_experiments_are_not_pooled_and_it_is_said_why() -> None:
    assert pooling.may_pool(3, 5) == ""
    assert "2 papers and 9 experiments" in pooling.may_pool(2, 9)
    assert "1 paper and 1 experiment," in pooling.may_pool(1, 1)
    assert pooling.may_pool(4, 4)


def test_naming_the_module_loads_neither_numpy_nor_scipy() -> None:
    code = "import sys, kg.synthesis.pooling, kg.synthesis.effects; print({'numpy', 'scipy'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "set()\n"
