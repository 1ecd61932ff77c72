"""Tests of asymmetry and trim and fill beside metafor's."""

from __future__ import annotations

import pytest
import reference

from kg.errors import KgError
from kg.synthesis import bias

NAMES = [name for name in reference.NAMES if reference.ANSWERS[name]["bias"]]
OF_MEANS = [name for name in NAMES if "pustejovsky" in reference.ANSWERS[name]["bias"]]


@pytest.mark.parametrize("name", NAMES)
def test_egger_agrees_with_metafor(name: str) -> None:
    told = reference.ANSWERS[name]["bias"]
    for ours, theirs in [
        (bias.egger(*reference.sizes(name)), told["egger_lm"]),
        (bias.egger_random(*reference.sizes(name)), told["egger_rma"]),
    ]:
        found = [ours.statistic, ours.p, ours.limit, *ours.limit_ci]
        assert reference.apart(found, [theirs["statistic"], theirs["p"], theirs["limit"], *theirs["ci"]]) < 1e-8


@pytest.mark.parametrize("name", OF_MEANS)
def test_the_form_for_standardised_differences_is_the_weighted_regression_of_r(name: str) -> None:
    told = reference.ANSWERS[name]["bias"]["pustejovsky"]
    sizes = reference.column(name, "n1"), reference.column(name, "n2")
    ours = bias.pustejovsky_rodgers(*reference.sizes(name), *sizes)
    found = [ours.slope, ours.se, ours.statistic, ours.p]
    assert reference.apart(found, [told[key] for key in ("slope", "se", "statistic", "p")]) < 1e-9


@pytest.mark.parametrize("name", NAMES)
def test_begg_agrees_with_metafor(name: str) -> None:
    told, ours = reference.ANSWERS[name]["bias"]["begg"], bias.begg(*reference.sizes(name))
    assert reference.apart([ours.tau, ours.p], [told["tau"], told["p"]]) < 1e-10


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("estimator", ["L0", "R0"])
def test_trim_and_fill_agrees_with_metafor(name: str, estimator: str) -> None:
    told, ours = reference.ANSWERS[name]["bias"][estimator], bias.trim_and_fill(*reference.sizes(name), estimator)
    assert (ours.missing, ours.side) == (told["k0"], told["side"])
    found = [ours.missing_se, ours.pooled.estimate, ours.pooled.se, ours.pooled.tau2]
    assert reference.apart(found, [told[key] for key in ("se_k0", "estimate", "se", "tau2")]) < 1e-9


def test_some_data_set_has_missing_studies() -> None:
    assert any(reference.ANSWERS[name]["bias"]["L0"]["k0"] > 1 for name in NAMES)


def test_below_ten_studies_bias_is_not_assessed_and_it_is_said() -> None:
    nine = [float(one) for one in range(9)], [0.1 + one / 9 for one in range(9)]
    assert bias.may_test(10) == ""
    assert "at least 10" in bias.may_test(9)
    for test in (bias.egger, bias.egger_random, bias.begg, bias.trim_and_fill):
        with pytest.raises(KgError, match="from 9 studies"):
            test(*nine)
    with pytest.raises(KgError, match="from 9 studies"):
        bias.pustejovsky_rodgers(*nine, [8.0] * 9, [8.0] * 9)


def test_studies_of_one_precision_have_no_funnel() -> None:
    with pytest.raises(KgError, match="one precision"):
        bias.egger([float(one) for one in range(10)], [0.1] * 10)
