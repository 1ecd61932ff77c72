from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.errors import KgError, UnknownName
from kg.synthesis import components, networks
from kg.synthesis.fits import METHODS
from kg.synthesis.laplacians import Contrast
from tests.test_networks import REFERENCE, _cov, adding_up, near, table

LINDE = {
    "linde2016": ((), REFERENCE["components"]["linde2016"]),
    "linde2016 with an interaction": (
        ("SSRI*Face-to-face CBT",),
        REFERENCE["components"]["linde2016 SSRI*Face-to-face CBT"],
    ),
}


def linde(method="DL", interactions=()):
    return components.additive(table("linde2016"), "Placebo", interactions, method=method)


def by_gls(contrasts, names, inactive, tau2):
    """The components once more: least squares on basic contrasts, written for full rank only."""
    studies = {}
    for one in contrasts:
        studies.setdefault(one.study, []).append(one)
    y, x, v = [], [], np.zeros((0, 0))
    for rows in studies.values():
        base, *others = sorted({name for one in rows for name in (one.treat1, one.treat2)})
        said = {(one.treat1, one.treat2): one.te for one in rows} | {(o.treat2, o.treat1): -o.te for o in rows}
        y += [said[other, base] for other in others]
        x += [np.subtract(has(other, names, inactive), has(base, names, inactive)) for other in others]
        cov = _cov(rows, tau2)
        v = np.block([[v, np.zeros((len(v), len(cov)))], [np.zeros((len(cov), len(v))), cov]])
    x, y, w = np.array(x, float), np.array(y), np.linalg.inv(v)
    covariance = np.linalg.inv(x.T @ w @ x)
    effects = covariance @ x.T @ w @ y
    rest = y - x @ effects
    return SimpleNamespace(effects=effects, se=np.sqrt(np.diag(covariance)), Q=float(rest @ w @ rest))


def has(treatment, names, inactive):
    made = {part.strip() for part in treatment.split("+")} - {inactive}
    return [float(set(name.split("*")) <= made) for name in names]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", LINDE)
def test_components_agree_with_least_squares_on_basic_contrasts(name, method):
    rows = adding_up(table("linde2016"))
    model = components.additive(rows, "Placebo", LINDE[name][0], method=method)
    other = by_gls(rows, model.names, "Placebo", model.tau2)
    assert [one.estimate.estimate for one in model.components] == near(other.effects)
    assert [one.estimate.se for one in model.components] == near(other.se)
    if method == "common":
        assert near(other.Q) == model.additive.Q


@pytest.mark.parametrize("method", ["common", "DL"])
@pytest.mark.parametrize("name", LINDE)
def test_components_agree_with_r(name, method):
    interactions, theirs = LINDE[name]
    model = linde(method, interactions)
    assert list(model.names) == theirs["components"]
    assert [one.estimate.estimate for one in model.components] == near(theirs[method]["effects"])
    assert [one.estimate.se for one in model.components] == near(theirs[method]["se"])


@pytest.mark.parametrize("name", LINDE)
def test_combinations_and_q_agree_with_r(name):
    interactions, theirs = LINDE[name]
    model = linde(interactions=interactions)
    assert model.tau2 == near(theirs["tau2"])
    assert (model.additive.Q, model.additive.df) == near((theirs["Q_additive"], theirs["df_additive"]))
    ours = [model.versus(treatment, "Placebo") for treatment in model.evidence.treatments]
    assert [one.estimate if one else 0.0 for one in ours] == near(theirs["combinations"]["effects"])
    assert [one.se if one else 0.0 for one in ours] == near(theirs["combinations"]["se"])


def test_the_difference_to_the_standard_model_is_tested():
    model, standard = linde(), REFERENCE["linde2016"]
    assert (model.standard.Q, model.standard.df) == near((standard["Q"], standard["df"]))
    theirs = REFERENCE["components"]["linde2016"]
    assert near(theirs["Q_additive"] - standard["Q"]) == model.difference.Q
    assert model.difference.df == theirs["df_additive"] - standard["df"] == 3
    assert 0.05 < model.difference.p < 0.1


def test_an_interaction_takes_its_share_of_the_difference():
    plain, more = linde(), linde(interactions=["SSRI*Face-to-face CBT"])
    assert more.additive.df == plain.additive.df - 1
    assert more.difference.Q < plain.difference.Q


def test_without_combinations_the_components_are_the_network():
    model, (network,) = components.additive(table("senn2013"), "placebo"), networks.estimates(table("senn2013"))
    assert model.tau2 == near(network.tau2)
    assert model.difference.df == 0
    for one in model.components:
        ours = network.versus(one.name, "placebo")
        assert (one.estimate.estimate, one.estimate.se) == near((ours.estimate, ours.se))


def factorial(interaction=0.0):
    """alpha does 1, beta 2, both 3 and the interaction, without error."""
    return [
        Contrast("a", "alpha", "control", 1.0, 0.5),
        Contrast("b", "beta", "control", 2.0, 0.5),
        Contrast("c", "alpha + beta", "control", 3.0 + interaction, 0.5),
    ]


def test_an_exact_interaction_is_found():
    model = components.additive(factorial(1.5), "control", ["alpha * beta"])
    assert {one.name: one.estimate.estimate for one in model.components} == near(
        {"alpha": 1.0, "beta": 2.0, "alpha*beta": 1.5}
    )
    assert model.components[-1].estimate.se == near(0.5 * math.sqrt(3))
    assert model.tau2 is None


def test_components_that_are_never_apart_have_no_numbers_but_their_combination_has():
    rows = [Contrast("a", "alpha + beta", "control", 3.0, 0.5), Contrast("b", "gamma", "control", 1.0, 0.5)]
    model = components.additive(rows, "control")
    assert {one.name: one.estimate is None for one in model.components} == {
        "alpha": True,
        "beta": True,
        "gamma": False,
    }
    both, gamma = model.combinations
    assert (both.name, both.studies, both.estimate.estimate) == ("alpha + beta", 1, near(3))
    assert gamma.estimate.estimate == near(1)
    assert model.versus("alpha + beta", "gamma").estimate == near(2)


def test_more_comparisons_that_never_part_two_components_give_them_no_numbers():
    rows = [
        Contrast("a", "alpha + beta", "control", 3.0, 0.5),
        Contrast("b", "gamma", "control", 1.0, 0.5),
        Contrast("c", "alpha + beta + gamma", "control", 4.0, 0.5),
    ]
    model = components.additive(rows, "control")
    assert [one.estimate is None for one in model.components] == [True, True, False]
    assert model.additive.df == 1
    assert model.versus("alpha + beta", "control").estimate == near(3)


def test_without_an_inactive_treatment_only_differences_are_identified():
    model = components.additive([Contrast("a", "alpha", "beta", 1.0, 0.5)])
    assert [one.estimate for one in model.components] == [None, None]
    assert model.versus("alpha", "beta").estimate == near(1)


def test_parts_of_a_network_are_joined_by_the_components_they_share():
    rows = [
        Contrast("a", "alpha", "control", 1.0, 0.5),
        Contrast("b", "alpha + beta", "beta + gamma", 0.4, 0.5),
    ]
    model = components.additive(rows, "control")
    assert (model.parts, model.standard, model.difference) == (2, None, None)
    assert [one.estimate and one.estimate.estimate for one in model.components] == [near(1), None, near(0.6)]
    assert model.versus("beta + gamma", "control") is None
    assert model.versus("alpha + beta", "control") is None


def test_a_study_of_one_and_the_same_component_set_teaches_nothing():
    rows = [*factorial(), Contrast("d", "alpha+beta", "beta + alpha", 0.3, 0.5)]
    model = components.additive(rows, "control")
    assert model.components[0].estimate.estimate == near(1)
    assert model.additive.df == 2


@pytest.mark.parametrize(
    ("inactive", "interactions", "error", "said"),
    [
        ("controll", (), UnknownName, "'controll' is not a component of this network. Did you mean 'control'"),
        ("control", ["alpha*bet"], UnknownName, "Did you mean 'beta'"),
        ("control", ["alpha*control"], UnknownName, "'control' is not an active component"),
        ("control", ["alpha"], KgError, "'alpha' is not two different components"),
        ("control", ["alpha*alpha"], KgError, "not two different components"),
        ("control", ["alpha*gamma"], KgError, "no treatment has all of alpha.gamma"),
    ],
)
def test_what_cannot_be_modelled_is_said(inactive, interactions, error, said):
    rows = [*factorial(), Contrast("d", "gamma", "control", 1.0, 0.5)]
    with pytest.raises(error, match=said):
        components.additive(rows, inactive, interactions)


@pytest.mark.parametrize("treatment", ["alpha +", "alpha + alpha"])
def test_a_treatment_with_an_empty_or_double_component_is_named(treatment):
    with pytest.raises(KgError, match="an empty or a double component"):
        components.additive([Contrast("a", treatment, "control", 1.0, 0.5)], "control")


def test_a_wrong_separator_is_noticed():
    with pytest.raises(KgError, match="no comparison has different components"):
        components.additive([Contrast("a", "alpha + beta", "beta + alpha", 1.0, 0.5)])


@settings(deadline=None, max_examples=25)
@given(st.sampled_from(METHODS), st.floats(1e-3, 1e3), st.randoms(use_true_random=False))
def test_order_names_sides_and_unit_change_nothing(method, unit, dice):
    before = linde(method)
    labels = dice.sample(range(1000), len(before.names))
    new = {old: f"c{label}" for old, label in zip(before.names, labels, strict=True)} | {"Placebo": "none"}
    moved = []
    for one in table("linde2016"):
        sides = ["+".join(new[part.strip()] for part in name.split("+")) for name in (one.treat1, one.treat2)]
        sign = dice.choice((1, -1))
        moved.append(Contrast(f"x{one.study}", *sides[::sign], sign * unit * one.te, unit * one.se))
    dice.shuffle(moved)
    after = components.additive(moved, "none", method=method)
    assert near(before.additive.Q) == after.additive.Q
    effects = {one.name: one.estimate for one in after.components}
    for one in before.components:
        other = effects[new[one.name]]
        assert (other.estimate / unit, other.se / unit) == near((one.estimate.estimate, one.estimate.se))


SETS = st.frozensets(st.sampled_from("abcde"), max_size=3).map(lambda made: " + ".join(sorted(made)) or "none")
ROWS = st.lists(st.tuples(SETS, SETS, st.floats(-3, 3), st.floats(0.1, 2)), min_size=1, max_size=9)


@settings(deadline=None, max_examples=150)
@given(ROWS)
def test_what_is_identified_is_what_the_rank_says_and_has_the_least_squares_answer(rows):
    rows = [row for row in rows if row[0] != row[1]]
    if not rows:
        return
    contrasts = [Contrast(f"s{place}", *row) for place, row in enumerate(rows)]
    inactive = "none" if any("none" in row[:2] for row in rows) else ""
    model = components.additive(contrasts, inactive, method="common")
    x = np.array([np.subtract(*(has(side, model.names, inactive) for side in row[:2])) for row in rows])
    weight = 1 / np.array([row[3] for row in rows])
    rank = np.linalg.matrix_rank(x)
    effects = np.linalg.lstsq(x * weight[:, None], weight * [row[2] for row in rows], rcond=1e-9)[0]
    assert model.additive.df == len(rows) - rank
    for place, one in enumerate(model.components):
        unit = np.eye(len(model.names))[place]
        assert (one.estimate is not None) == (np.linalg.matrix_rank(np.vstack([x, unit])) == rank)
        if one.estimate:
            assert one.estimate.estimate == near(effects[place], 1e-8)
