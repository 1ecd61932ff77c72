"""Three-level models and cluster-robust errors beside metafor and clubSandwich."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import KgError
from kg.synthesis import effects, multilevel
from kg.synthesis.effects import Sample
from kg.synthesis.multilevel import Levels, three_level
from kg.synthesis.pooling import Coefficient, pool

CASES = [(name, label) for name in reference.NAMES for label in reference.ANSWERS[name].get("levels", ())]


def table(name: str, label: str) -> tuple[Sequence[float], Sequence[float], list[str], dict[str, Sequence[float]]]:
    mods = {} if label == "none" else {label: reference.column(name, label)}
    clusters = [row["cluster"] for row in reference.rows(name)]
    return *reference.sizes(name), clusters, mods


def fitted(name: str, label: str) -> Levels:
    y, v, clusters, mods = table(name, label)
    return three_level(y, v, clusters, [row["study"] for row in reference.rows(name)], mods)


def differences(ours: Sequence[Coefficient], told: dict[str, Any]) -> dict[str, float]:
    found = {
        "beta": [one.estimate for one in ours], "se": [one.se for one in ours], "p": [one.p for one in ours],
        "low": [one.ci[0] for one in ours], "high": [one.ci[1] for one in ours],
    }  # fmt: skip
    return {key: reference.apart(value, told[key]) for key, value in found.items() if key in told}


@pytest.mark.parametrize(("name", "label"), CASES)
def test_the_three_level_model_agrees_with_metafor(name: str, label: str) -> None:
    told, ours = reference.ANSWERS[name]["levels"][label], fitted(name, label)
    assert max(differences(ours.coefficients, told).values()) < 1e-6
    assert reference.apart(list(ours.sigma2), told["sigma2"]) < 1e-6
    assert reference.apart([ours.loglik, ours.Q, ours.Q_p], [told["loglik"], told["Q"], told["Q_p"]]) < 1e-9
    assert ours.QM is None or reference.apart(ours.QM, told["QM"]) < 1e-6
    assert (ours.QM is None) == (label == "none") == (ours.pi is not None)


def test_the_share_of_variance_is_that_of_metafors_page_on_konstantopoulos_2011() -> None:
    """Its author gives I2 for multilevel models there: 95.19 %, of which 63.32 % between districts."""
    ours = fitted("konstantopoulos2011", "none")
    whole, between = ours.I2, ours.I2 * ours.sigma2[0] / ours.tau2
    assert (whole, between) == pytest.approx((95.19, 63.32), abs=0.005)


@pytest.mark.parametrize(("name", "label"), CASES)
@pytest.mark.parametrize("kind", ["CR0", "CR1", "CR2"])
def test_robust_errors_agree_with_metafor_and_clubsandwich(name: str, label: str, kind: str) -> None:
    clusters = table(name, label)[2]
    ours = multilevel.robust(fitted(name, label).marginal, clusters, kind)
    assert max(differences(ours, reference.ANSWERS[name]["levels"][label][kind]).values()) < 1e-6


@pytest.mark.parametrize(("name", "label"), CASES)
def test_robust_errors_of_independent_studies_agree_with_metafor(name: str, label: str) -> None:
    y, v, clusters, mods = table(name, label)
    model = multilevel.independent(y, v, pool(y, v, mods).tau2, mods)
    told = reference.ANSWERS[name]["levels"][label]["flat_CR1"]
    assert max(differences(multilevel.robust(model, clusters), told).values()) < 1e-9


rows = st.lists(
    st.tuples(st.floats(-3, 3).map(lambda one: round(one, 3)), st.floats(0.05, 2), st.sampled_from("abcd")),
    min_size=6, max_size=14, unique_by=lambda row: row[0],
).filter(lambda found: len({row[2] for row in found}) > 2)  # fmt: skip


@given(rows=rows, seed=st.randoms(use_true_random=False))
def test_order_of_rows_and_names_of_clusters_change_nothing(rows: list[tuple[float, float, str]], seed: Any) -> None:
    mixed = list(rows)
    seed.shuffle(mixed)
    ours, theirs = three_level(*zip(*rows, strict=True)), three_level(*zip(*mixed, strict=True))
    renamed = three_level([y for y, _, _ in rows], [v for _, v, _ in rows], [f"z{name}" for *_, name in rows])
    assert renamed.sigma2 == ours.sigma2
    assert theirs.loglik == pytest.approx(ours.loglik, abs=1e-8)
    assert theirs.coefficients[0].estimate == pytest.approx(ours.coefficients[0].estimate, abs=1e-7)


def test_clusters_that_add_nothing_leave_the_two_level_model() -> None:
    y, v = reference.sizes("bcg")
    ours = three_level(y, v, [str(one) for one in range(len(y))])
    plain = pool(y, v)
    assert ours.coefficients[0].estimate == pytest.approx(plain.estimate, abs=1e-8)
    assert ours.tau2 == pytest.approx(plain.tau2, abs=1e-8)


def test_shared_controls_come_in_by_their_covariance() -> None:
    control = Sample(20, 10.0, 4.0)
    made = [effects.mean_difference(Sample(10, mean, 4.0), control) for mean in (13.0, 15.0, 12.0)]
    matrix = effects.covariance(made, control)
    apart = [[one if i == j else 0.0 for j, one in enumerate(row)] for i, row in enumerate(matrix)]
    y, clusters = [one.value for one in made], ["a", "a", "b"]
    joined, alone = three_level(y, matrix, clusters), three_level(y, apart, clusters)
    assert joined.coefficients[0].se > alone.coefficients[0].se
    assert alone.coefficients == three_level(y, [one.variance for one in made], clusters).coefficients


def test_what_cannot_be_clustered_is_refused() -> None:
    with pytest.raises(KgError, match="2 clusters"):
        three_level([1.0, 2.0], [1.0, 1.0], ["a", "a"])
    with pytest.raises(KgError, match="its cluster"):
        three_level([1.0, 2.0], [1.0, 1.0], ["a"])
    model = multilevel.independent([1.0, 2.0, 3.0], [1.0, 1.0, 1.0], 0.0)
    with pytest.raises(KgError, match="more than 1 clusters"):
        multilevel.robust(model, ["a", "a", "a"])
    with pytest.raises(KgError, match="CR0, CR1, CR2"):
        multilevel.robust(model, ["a", "b", "c"], "CR9")
