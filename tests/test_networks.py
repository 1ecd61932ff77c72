from __future__ import annotations

import csv
import itertools
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.errors import KgError, UnknownName
from kg.synthesis import networks
from kg.synthesis.fits import METHODS
from kg.synthesis.laplacians import Contrast, UnsoundStudy, evidence

HERE = Path(__file__).parent / "networks"
REFERENCE = json.loads((HERE / "reference.json").read_text())
NAMES = [name for name in REFERENCE if name != "components"]


def table(name: str) -> list[Contrast]:
    with (HERE / f"{name}.csv").open(newline="") as lines:
        return [
            Contrast(row["studlab"], row["treat1"], row["treat2"], float(row["TE"]), float(row["seTE"]))
            for row in csv.DictReader(lines)
        ]


def only(contrasts, method="DL", **more) -> networks.Network:
    (network,) = networks.estimates(contrasts, method, **more)
    return network


def near(value, tolerance=1e-9):
    return pytest.approx(value, rel=tolerance, abs=tolerance)


# --- the second implementation: generalised least squares on p - 1 contrasts of each study ---


def by_gls(contrasts, tau2):
    """Effects against the first treatment and their covariance, from basic contrasts with their full covariance."""
    names = sorted({name for one in contrasts for name in (one.treat1, one.treat2)})
    y, x, blocks = [], [], []
    for _, rows in itertools.groupby(sorted(contrasts, key=lambda one: one.study), key=lambda one: one.study):
        said = {}
        for one in rows:
            said[one.treat1, one.treat2] = one.te, one.se**2 + tau2
            said[one.treat2, one.treat1] = -one.te, one.se**2 + tau2
        base, *others = sorted({name for pair in said for name in pair})
        cov = np.array(
            [
                [
                    said[a, base][1] if a == b else (said[a, base][1] + said[b, base][1] - said[a, b][1]) / 2
                    for b in others
                ]
                for a in others
            ]
        )
        blocks.append(cov)
        y += [said[other, base][0] for other in others]
        x += [[(name == other) - (name == base) for name in names[1:]] for other in others]
    v = np.zeros((len(y), len(y)))
    at = 0
    for cov in blocks:
        v[at : at + len(cov), at : at + len(cov)] = cov
        at += len(cov)
    x, y, w = np.array(x, float), np.array(y), np.linalg.inv(v)
    covariance = np.linalg.inv(x.T @ w @ x)
    effects = covariance @ x.T @ w @ y
    rest = y - x @ effects
    return names, np.append(0, effects), covariance, float(rest @ w @ rest)


def _cov(rows, tau2):
    """The covariance of a study's contrasts with its first arm: (v_ac + v_bc - v_ab) / 2 off the diagonal."""
    v = {frozenset((one.treat1, one.treat2)): one.se**2 + tau2 for one in rows}
    base, *others = sorted({name for pair in v for name in pair})
    return np.array(
        [
            [(v[frozenset((a, base))] + v[frozenset((b, base))] - v.get(frozenset((a, b)), 0.0)) / 2 for b in others]
            for a in others
        ]
    )


def adding_up(contrasts):
    """Multi-arm effects that add up exactly: printed ones are rounded, and least squares on p - 1 of them sees that."""
    first = {}
    for one in contrasts:
        first.setdefault(one.study, one.treat1)
    said = {(one.study, *pair): te for one in contrasts for pair, te in _both_ways(one)}
    level = [said.get((one.study, one.treat1, first[one.study]), 0.0) for one in contrasts]
    other = [said.get((one.study, one.treat2, first[one.study]), 0.0) for one in contrasts]
    return [
        Contrast(one.study, one.treat1, one.treat2, a - b, one.se)
        for one, a, b in zip(contrasts, level, other, strict=True)
    ]


def _both_ways(one):
    return ((one.treat1, one.treat2), one.te), ((one.treat2, one.treat1), -one.te)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", NAMES)
def test_estimates_agree_with_least_squares_on_basic_contrasts(name, method):
    rows = adding_up(table(name))
    network = only(rows, method)
    names, effects, covariance, q = by_gls(rows, network.tau2)
    for treatment, effect, variance in zip(names[1:], effects[1:], np.diag(covariance), strict=True):
        ours = network.versus(treatment, names[0])
        assert (ours.estimate, ours.se) == near((effect, math.sqrt(variance)))
    if method == "common":
        assert near(q) == network.total.Q


@pytest.mark.parametrize("method", ["common", "DL"])
@pytest.mark.parametrize("name", NAMES)
def test_estimates_and_p_scores_agree_with_r(name, method):
    network, theirs = only(table(name), method), REFERENCE[name][method]
    assert list(network.treatments) == REFERENCE[name]["treatments"]
    first, *others = network.treatments
    ours = [network.versus(treatment, first) for treatment in others]
    assert [one.estimate for one in ours] == near(theirs["effects"][1:])
    assert [one.se for one in ours] == near(theirs["se"][1:])
    assert list(network.p_scores("good").values()) == near(theirs["p_scores"])
    assert list(network.p_scores("bad").values()) == near([1 - score for score in theirs["p_scores"]])


@pytest.mark.parametrize("name", NAMES)
def test_heterogeneity_agrees_with_r(name):
    network, theirs = only(table(name)), REFERENCE[name]
    assert network.tau2 == near(theirs["tau2_DL"])
    assert (network.total.Q, network.total.df) == near((theirs["Q"], theirs["df"]))
    assert (network.within.Q, network.within.df) == near((theirs["Q_within"], theirs["df_within"]))
    assert near(max(0.0, theirs["Q"] - theirs["Q_within"]), 1e-8) == network.between.Q


@pytest.mark.parametrize("name", NAMES)
def test_reml_agrees_with_metafor(name):
    network, theirs = only(table(name), "REML"), REFERENCE[name]
    assert network.tau2 == near(theirs["tau2_REML"], 2e-6)  # where metafor's optimiser stops; the next test is sharper
    first, *others = network.treatments
    ours = [network.versus(treatment, first) for treatment in others]
    assert [one.estimate for one in ours] == near(theirs["REML"]["effects"][1:], 1e-6)
    assert [one.se for one in ours] == near(theirs["REML"]["se"][1:], 1e-6)


@pytest.mark.parametrize("name", ["senn2013", "hasselblad1998", "pagliaro1992", "stowe2010", "linde2015"])
def test_reml_is_the_top_of_the_restricted_likelihood(name):
    rows, tau2 = adding_up(table(name)), only(adding_up(table(name)), "REML").tau2
    step = 1e-4 * tau2
    below, here, above = (_restricted(rows, value) for value in (tau2 - step, tau2, tau2 + step))
    newton = (above - below) / 2 * step / (above - 2 * here + below)
    assert abs(newton) < 1e-7 * tau2


def _restricted(contrasts, tau2):
    """Minus twice the restricted log-likelihood, but for a constant; the covariance once more from basic contrasts."""
    _, _, covariance, q = by_gls(contrasts, tau2)
    own = 0.0
    for _, rows in itertools.groupby(sorted(contrasts, key=lambda one: one.study), key=lambda one: one.study):
        own += np.linalg.slogdet(_cov(list(rows), tau2))[1]
    return own - np.linalg.slogdet(covariance)[1] + q


# --- what was printed elsewhere; sources in tests/networks/README.md ---


def test_diabetes_is_decomposed_as_netmeta_prints_it():
    network = only(table("senn2013-netmeta"))
    printed = [(network.total, 96.99, 18), (network.within, 74.46, 11), (network.between, 22.53, 7)]
    for ours, q, df in printed:
        assert (round(ours.Q, 2), ours.df) == (q, df)
    assert round(network.between.p, 4) == 0.0021
    designs = {frozenset(one.treatments): (round(one.within.Q, 2), one.within.df) for one in network.designs}
    for pair, q, df in [
        ("Metformin Placebo", 42.16, 2),
        ("Placebo Rosiglitazone", 21.27, 5),
        ("Benfluorex Placebo", 4.38, 1),
        ("Miglitol Placebo", 6.45, 2),
        ("Metformin Rosiglitazone", 0.19, 1),
    ]:
        assert designs[frozenset(pair.split())] == (q, df)


def test_cognitive_remediation_is_pooled_as_netmeta_prints_it():
    network = only(table("remediation"))
    crt, dcrt = network.versus("CRT", "ACC"), network.versus("DCRT", "ACC")
    assert (round(crt.estimate, 4), round(dcrt.estimate, 4)) == (0.5543, 0.4733)
    assert (*crt.ci, *dcrt.ci) == pytest.approx((0.2328, 0.8759, 0.2338, 0.7128), abs=1.5e-4)  # inputs have 4 digits
    assert [round(one.z, 2) for one in (crt, dcrt)] == [3.38, 3.87]
    assert [round(one.p, 4) for one in (crt, dcrt)] == [0.0007, 0.0001]
    assert (round(network.tau2, 4), round(network.total.I2, 2), len(network.designs)) == (0.0377, 0.28, 4)
    assert pytest.approx((16.66, 15.97), abs=0.015) == (network.total.Q, network.within.Q)


def test_cognitive_remediation_is_split_as_netmeta_prints_it():
    printed = [
        ("ACC", "CRT", 4, 0.86, 0.6039, 0.2584, 0.3455, 0.74, 0.4604),
        ("ACC", "DCRT", 9, 0.93, 0.4459, 0.8279, -0.3821, -0.81, 0.4195),
    ]
    splits = {(one.treat1, one.treat2): one for one in only(table("remediation")).splits()}
    for treat1, treat2, k, share, direct, indirect, difference, z, p in printed:
        one = splits[treat1, treat2]
        assert (one.studies, round(one.share, 2)) == (k, share)
        ours = [-one.direct.estimate, -one.indirect.estimate, -one.difference.estimate]
        assert ours == pytest.approx([direct, indirect, difference], abs=1.5e-4)
        assert (-one.difference.z, one.difference.p) == pytest.approx((z, p), abs=5e-3)


@pytest.mark.parametrize(
    ("method", "printed"),
    [
        ("common", [(0.7885, 0.6627, 0.9382, -2.68, 0.0074), (0.7735, 0.6360, 0.9408, -2.57, 0.0102)]),
        ("DL", [(0.7810, 0.6267, 0.9734, -2.20, 0.0278), (0.7751, 0.6120, 0.9817, -2.11, 0.0346)]),
    ],
)
def test_a_triangle_is_pooled_as_netmeta_prints_it(method, printed):
    network = only(table("triangle"), method)
    for treatment, said in zip(["DrugB", "DrugC"], printed, strict=True):
        one = network.versus(treatment, "DrugA")
        ratios = [round(math.exp(value), 4) for value in (one.estimate, *one.ci)]
        assert (*ratios, round(one.z, 2), round(one.p, 4)) == said
    assert (round(network.between.Q, 2), network.between.df, round(network.between.p, 4)) == (1.44, 1, 0.2308)
    assert round(100 * network.total.I2, 1) == 30.4
    assert round(network.tau2, 4) == (0.0068 if method == "DL" else 0)


# --- what must hold of any network ---


def test_direct_and_indirect_together_are_the_network():
    for one in only(table("senn2013")).splits():
        if one.indirect:
            weights = one.direct.se**-2, one.indirect.se**-2
            mean = np.average([one.direct.estimate, one.indirect.estimate], weights=weights)
            assert (mean, sum(weights) ** -0.5) == near((one.network.estimate, one.network.se))


def test_a_comparison_in_no_loop_has_no_indirect_evidence():
    split = next(one for one in only(table("senn2013")).splits() if "sitagliptin" in (one.treat1, one.treat2))
    assert split.indirect is None
    assert split.difference is None
    assert split.share == near(1)


def test_two_treatments_are_the_pairwise_meta_analysis():
    contrasts = [Contrast("a", "alpha", "beta", 1.0, 0.5), Contrast("b", "alpha", "beta", 3.0, 0.5)]
    network = only(contrasts)
    assert network.versus("alpha", "beta").estimate == near(2)
    assert near(8) == network.total.Q
    assert network.tau2 == near(1.75)  # (Q - 1) / (8 - 32 / 8)


def test_inconsistency_allowing_for_heterogeneity_uses_the_tau2_within_designs():
    between, tau2 = only(table("senn2013")).between_random()
    inside, left = [], 0.0
    for design in only(table("senn2013")).designs:
        pair = set(design.treatments)
        rows = [one for one in table("senn2013") if {one.treat1, one.treat2} == pair and "Willms" not in one.study]
        if design.studies > 1:
            w = np.array([one.se**-2 for one in rows])
            left += w.sum() - (w**2).sum() / w.sum()
            inside.append(rows)
    q, df = REFERENCE["senn2013"]["Q_within"], REFERENCE["senn2013"]["df_within"]
    assert tau2 == near((q - df) / left)
    expected = by_gls(table("senn2013"), tau2)[3] - sum(by_gls(rows, tau2)[3] for rows in inside)
    assert (between.Q, between.df) == near((expected, 7), 1e-8)


def test_parts_that_nothing_connects_are_analysed_each_for_itself():
    other = [Contrast("x", "gamma", "delta", 1.0, 0.2), Contrast("y", "gamma", "delta", 1.2, 0.2)]
    large, small = networks.estimates([*other, *table("senn2013")])
    assert large.tau2 == near(REFERENCE["senn2013"]["tau2_DL"])
    assert small.treatments == ("delta", "gamma")
    assert small.versus("gamma", "delta").estimate == near(1.1)


def test_a_single_study_has_no_tau2():
    network = only([Contrast("a", "alpha", "beta", 1.0, 0.5)])
    assert network.tau2 is None
    assert network.total.p is None
    assert network.versus("alpha", "beta").se == near(0.5)


def test_a_treatment_that_is_not_there_is_named_with_the_nearest_one():
    with pytest.raises(UnknownName, match="Did you mean 'metformin'"):
        only(table("senn2013")).versus("metformine", "placebo")


THREE = [("alpha", "beta", 1.0, 0.5), ("beta", "gamma", 1.0, 0.5), ("alpha", "gamma", 2.0, 0.5)]


@pytest.mark.parametrize(
    ("rows", "column", "said"),
    [
        (THREE[:2], "studlab", "has 3 arms but no comparison of alpha and gamma; write all 3 pairs"),
        ([THREE[0], THREE[0]], "studlab", "compares alpha and beta twice"),
        ([("alpha", "alpha", 1.0, 0.5)], "treat2", "compares 'alpha' with itself"),
        ([("alpha", "beta", 1.0, 0.0)], "seTE", "standard error 0.0; that must be above 0"),
        ([("alpha", "beta", math.nan, 1.0)], "seTE", "effect nan"),
        ([*THREE[:2], ("alpha", "gamma", 2.5, 0.5)], "TE", "do not add up .off by 0.167"),
        ([*THREE[:2], ("alpha", "gamma", 2.0, 0.1)], None, None),
        ([*THREE[:2], ("alpha", "gamma", 2.0, 5.0)], "seTE", "contradict each other"),
    ],
)
def test_an_unsound_study_is_named(rows, column, said):
    contrasts = [Contrast("Doe 1999", *row) for row in rows]
    if said is None:
        assert evidence(contrasts).studies == 1
        return
    with pytest.raises(UnsoundStudy, match=f"study 'Doe 1999' .*{said}") as raised:
        networks.estimates(contrasts)
    assert raised.value.column == column


def test_four_arms_whose_variances_no_covariance_has_are_named():
    pairs = itertools.combinations(["alpha", "beta", "delta", "gamma"], 2)
    apart = {("alpha", "beta"), ("delta", "gamma")}  # each arm has a variance above 0, and yet it cannot be
    contrasts = [Contrast("a", *pair, 0.0, math.sqrt(3.9 if pair in apart else 1.0)) for pair in pairs]
    with pytest.raises(UnsoundStudy, match="contradict each other"):
        evidence(contrasts)


def test_no_comparison_is_no_network():
    with pytest.raises(KgError, match="at least one comparison"):
        networks.estimates([])


# --- invariance ---


def summary(network: networks.Network):
    first = network.treatments[0]
    ours = [network.versus(name, first) for name in network.treatments[1:]]
    return [network.tau2, network.total.Q, network.within.Q, *(v for one in ours for v in (one.estimate, one.se))]


DATA = st.sampled_from(["senn2013", "woods2010", "stowe2010", "franchini2012", "linde2016"])
METHOD = st.sampled_from(METHODS)


@settings(deadline=None, max_examples=25)
@given(DATA, METHOD, st.randoms(use_true_random=False))
def test_order_of_rows_and_names_of_studies_change_nothing(name, method, dice):
    rows = table(name)
    studies = sorted({one.study for one in rows})
    names = dict(zip(studies, dice.sample(range(1000), len(studies)), strict=True))
    moved = [Contrast(f"s{names[one.study]}", one.treat1, one.treat2, one.te, one.se) for one in rows]
    dice.shuffle(moved)
    assert summary(only(moved, method)) == near(summary(only(rows, method)))


@settings(deadline=None, max_examples=25)
@given(DATA, METHOD, st.randoms(use_true_random=False))
def test_a_comparison_turned_round_changes_nothing(name, method, dice):
    turned = [
        Contrast(one.study, one.treat2, one.treat1, -one.te, one.se) if dice.random() < 0.5 else one
        for one in table(name)
    ]
    assert summary(only(turned, method)) == near(summary(only(table(name), method)))


@settings(deadline=None, max_examples=25)
@given(DATA, METHOD, st.randoms(use_true_random=False))
def test_names_of_treatments_change_nothing(name, method, dice):
    rows, before = table(name), only(table(name), method)
    labels = dice.sample(range(1000), len(before.treatments))
    new = {old: f"t{label}" for old, label in zip(before.treatments, labels, strict=True)}
    after = only([Contrast(one.study, new[one.treat1], new[one.treat2], one.te, one.se) for one in rows], method)
    assert (after.tau2, after.total.Q) == near((before.tau2, before.total.Q))
    scores = before.p_scores()
    for treat1, treat2, one in before.pairs():
        other = after.versus(new[treat1], new[treat2])
        assert (other.estimate, other.se) == near((one.estimate, one.se))
        assert after.p_scores()[new[treat1]] == near(scores[treat1])


@settings(deadline=None, max_examples=25)
@given(DATA, METHOD, st.floats(1e-4, 1e4))
def test_another_unit_scales_effects_and_leaves_q(name, method, unit):
    before = only(table(name), method)
    after = only([Contrast(o.study, o.treat1, o.treat2, o.te * unit, o.se * unit) for o in table(name)], method)
    assert near(before.total.Q) == after.total.Q
    assert after.tau2 / unit**2 == near(before.tau2)
    for treat1, treat2, one in before.pairs():
        other = after.versus(treat1, treat2)
        assert (other.estimate / unit, other.se / unit) == near((one.estimate, one.se))
