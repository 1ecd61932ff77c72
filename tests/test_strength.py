from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from strategies import PAPER, arm, finding

from kg import cli, triples
from kg.build import Collected
from kg.errors import KgError, UnknownName
from kg.model import Finding, HigherIs, Outcome, Role, Term
from kg.store import Store
from kg.synthesis import effects, pooling, recovered, strength
from kg.synthesis.directions import Kind
from kg.synthesis.strength import Body, Strength


def of(store: Store, what: str, folder: Path, **conditions: str) -> Strength:
    return strength.strength(store, what, {name: (word,) for name, word in conditions.items()}, folder)


def test_animals_and_people_and_domains_are_never_added_up(tiny: Store, tmp_path: Path) -> None:
    made = of(tiny, "alpha", tmp_path)
    assert len({(body.kind, body.domain) for body in made.bodies}) == len(made.bodies)
    assert sum(len(body.findings) for body in made.bodies) == made.findings


def test_every_number_names_its_findings(tiny: Store, tmp_path: Path) -> None:
    for body in of(tiny, "alpha", tmp_path).bodies:
        voted = {id for vote in body.tally.votes for id in vote.findings}
        left = {id for ids in body.tally.left_out.values() for id in ids}
        assert voted | left == set(body.findings)
        assert sum(body.tiers.values()) == len(body.findings)


def test_harms_stand_in_the_answer_whatever_was_asked(shipped: Store, tmp_path: Path) -> None:
    everything, motor = (of(shipped, "ChABC", tmp_path, **asked) for asked in ({}, {"domain": "motor"}))
    assert motor.findings < everything.findings
    assert motor.harms == everything.harms
    assert {str(row["finding"]) for row in motor.harms} >= {"mountney2013-02", "mountney2013-11"}


def test_a_condition_takes_what_is_below_it(shipped: Store, tmp_path: Path) -> None:
    rodents = of(shipped, "treadmill training", tmp_path, species="rodent")
    assert {body.kind for body in rodents.bodies} == {Kind.ANIMALS}


def test_what_is_missing_is_missing_of_all_and_not_of_what_was_asked_for(shipped: Store, tmp_path: Path) -> None:
    rats = of(shipped, "methylprednisolone", tmp_path, species="rat")
    assert "No finding in people." not in rats.missing
    assert "No finding in people." in of(shipped, "ChABC", tmp_path).missing


def test_a_laboratory_that_is_not_named_is_no_second_one_and_no_first(tiny: Store, tmp_path: Path) -> None:
    for body in of(tiny, "alpha", tmp_path).bodies:
        assert body.replication.unnamed + len(body.replication.laboratories) <= body.replication.studies


def test_too_few_papers_are_not_pooled_and_it_is_said_why(tiny: Store, tmp_path: Path) -> None:
    for body in of(tiny, "alpha", tmp_path).bodies:
        assert body.size.pooled is None
        assert body.size.why_not.startswith("not pooled")


@pytest.mark.parametrize("what, error", [("alpah", UnknownName), ("alpha + epsilonic", KgError)])
def test_a_word_that_names_nothing_is_said(what: str, error: type[KgError], tiny: Store, tmp_path: Path) -> None:
    with pytest.raises(error):
        of(tiny, what, tmp_path)


def test_nothing_that_fits_is_said(tiny: Store, tmp_path: Path) -> None:
    with pytest.raises(KgError, match=r"isolates 'alpha' with acute; see"):
        of(tiny, "alpha", tmp_path, phase="acute")


def sized(number: int, gain: str, study: str = "") -> Finding:
    """A finding that prints numbers, of a study and a paper of its own where no study is named."""
    name = study or f"study{number}"
    return finding(
        id=f"{name}-{number:02}", study=name, paper=replace(PAPER, id=name, doi=f"10.1000/{name}"), n_arm=10,
        arm=arm("alpha", study=name), comparator=arm("no-treatment", role=Role.CONTROL, study=name), n_comparator=10,
        mean_arm=Decimal(10) + Decimal(gain), mean_comparator=Decimal(10), spread_arm=Decimal(2),
        spread_comparator=Decimal(2), spread_kind="SD", unit="points",
    )  # fmt: skip


GAINS = ("0.5", "1", "1.5", "2", "2.5", "1.2")


def body_of(collected: Collected, findings: list[Finding], folder: Path) -> Body:
    terms = [item for item in collected.items if isinstance(item, Term)]
    (body,) = of(Store.of(triples.write([*terms, *findings], collected.vocab)), "alpha", folder).bodies
    return body


def test_enough_experiments_are_pooled_as_the_pooling_room_does(collected: Collected, tmp_path: Path) -> None:
    found = [sized(number, gain) for number, gain in enumerate(GAINS)]
    body = body_of(collected, found, tmp_path)
    ours = [effects.hedges_g(effects.Sample(10, 10 + float(gain), 2), effects.Sample(10, 10, 2)) for gain in GAINS]
    wanted = pooling.pool([one.value for one in ours], [one.variance for one in ours], knha=True)
    assert body.size.pooled == wanted
    assert (body.size.experiments, body.tiers, body.size.model) == (6, {"T1": 6}, "REML, Knapp-Hartung")
    assert len(body.certainty) == 5


def test_several_effects_of_one_study_are_held_together_by_three_levels(collected: Collected, tmp_path: Path) -> None:
    found = [sized(number, gain) for number, gain in enumerate(GAINS)]
    body = body_of(collected, [*found, sized(9, "3", "study1")], tmp_path)
    assert (body.size.experiments, body.size.pooled.k) == (6, 7)
    assert body.size.model == "three-level, REML"


def test_an_exact_p_gives_a_size_that_is_marked_as_converted(collected: Collected, tmp_path: Path) -> None:
    exact = [
        replace(
            sized(number, "1"), mean_arm=None, mean_comparator=None, spread_arm=None, spread_comparator=None, p="0.03"
        )
        for number in range(6)
    ]
    body = body_of(collected, exact, tmp_path)
    assert (body.tiers, body.size.converted, body.size.pooled.k) == ({"T2": 6}, 6, 6)
    arm_, comparator = recovered.from_p(10, 1, 10, 0, 0.03)
    assert body.size.pooled.estimate == pytest.approx(effects.hedges_g(arm_, comparator).value)


def test_a_shared_control_is_a_covariance_and_other_studies_have_none() -> None:
    rows = [
        {"study": "one", "against": "vehicle", "outcomeNode": "bbb", "measured": 42, "n": 10, "n_comparator": 8},
        {"study": "one", "against": "vehicle", "outcomeNode": "bbb", "measured": 42, "n": 12, "n_comparator": 8},
        {"study": "one", "against": "sham", "outcomeNode": "bbb", "measured": 42, "n": 12, "n_comparator": 8},
        {"study": "two", "against": "vehicle", "outcomeNode": "bbb", "measured": 42, "n": 9, "n_comparator": 9},
    ]
    sized = [(row, effects.Effect(0.5 * (i + 1), 0.2, 20)) for i, row in enumerate(rows)]
    made = strength.covariances(sized)
    assert [made[i][i] for i in range(4)] == [0.2] * 4
    assert made[0][1] == made[1][0] == pytest.approx(1 / 8 + 0.5 * 1.0 / (2 * 30))
    assert [made[i][j] for i in range(4) for j in range(4) if i != j and {i, j} != {0, 1}] == [0.0] * 10


def test_fewer_are_not(collected: Collected, tmp_path: Path) -> None:
    body = body_of(collected, [sized(number, gain) for number, gain in enumerate(GAINS[:4])], tmp_path)
    assert (body.size.pooled, "at least 3 and 5" in body.size.why_not) == (None, True)


def test_more_that_is_worse_turns_the_sign(collected: Collected, tmp_path: Path) -> None:
    worse = next(one for one in collected.items if isinstance(one, Outcome) and one.higher_is is HigherIs.WORSE)
    found = [replace(sized(number, gain), outcome=worse) for number, gain in enumerate(GAINS)]
    body = body_of(collected, found, tmp_path)
    assert body.size.pooled.estimate < 0
    assert body.tally.test.worsened == 6


def test_the_command_says_it_in_words_and_as_json(built: Path) -> None:
    asked = ["--store", str(built), "evidence", "alpha"]
    text = CliRunner().invoke(cli.main, asked)
    assert text.exit_code == 0, text.stderr
    for words in ("Animals, ", "not pooled", "certainty    risk of bias unclear", "Harms, ", "not medical advice"):
        assert words in text.stdout
    made = json.loads(CliRunner().invoke(cli.main, [*asked, "--format", "json"]).stdout)
    assert sum(len(body["findings"]) for body in made["bodies"]) == made["findings"]
    assert all(len(body["certainty"]) == 5 for body in made["bodies"])
