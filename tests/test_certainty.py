"""How sure evidence is: the items, their table, and every threshold of the five rules."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from kg import cli, graph
from kg.errors import DataError
from kg.model import Result
from kg.store import Store
from kg.synthesis import certainty, directions, pooling
from kg.synthesis.certainty import ITEMS, KEY_ITEMS, Answer, Body, Concern, Domain, Judgement, Quality, Setting
from kg.synthesis.directions import Kind, LeftOut, Shown, Tally

NOT_SERIOUS, SERIOUS, VERY_SERIOUS, UNCLEAR = Concern
RAT = Setting(frozenset(["rat"]), frozenset(["chronic"]))


def studies(count: int, setting: Setting = RAT) -> dict[str, Setting]:
    return {f"aoki{2000 + n}": setting for n in range(count)}


def voted(n: int | None = None, **votes: int) -> Tally:
    """So many studies of each word, such as `improved=3`; `n` subjects each."""
    words = [Result(word.replace("_", " ")) for word, many in votes.items() for _ in range(many)]
    shown = [Shown(f"f{i}", f"aoki{2000 + i}", "motor", Kind.ANIMALS, word, n) for i, word in enumerate(words)]
    (made,) = directions.tally(shown)
    return made


def judged(domain: Domain, **known: object) -> Judgement:
    about = {"kind": Kind.ANIMALS, "settings": studies(4)} | known
    made = {one.domain: one for one in certainty.statement(Body(**about))}  # type: ignore[arg-type]  # as each test says
    return made[domain]


def answered(*answers: str) -> Quality:
    """One study for each word of three letters, y n u: its key items."""
    letters = {"y": Answer.YES, "n": Answer.NO, "u": Answer.UNCLEAR}
    return {
        f"aoki{2000 + i}": {item: letters[letter] for item, letter in zip(KEY_ITEMS, word, strict=False)}
        for i, word in enumerate(answers)
    }


def test_both_tools_have_ten_items_with_their_source() -> None:
    for tool in (certainty.SYRCLE, certainty.CAMARADES):
        assert sum(item.tool == tool for item in ITEMS) == 10
        assert "doi 10." in certainty.SOURCES[tool]
    assert len({item.id for item in ITEMS}) == 20
    assert {item.bias for item in ITEMS if item.tool == certainty.SYRCLE} == set(
        "selection performance detection attrition reporting other".split()
    )
    assert all(item.bias for item in ITEMS if item.id in KEY_ITEMS)


def table(folder: Path, *rows: str) -> Path:
    (folder / "quality.csv").write_text("\n".join(["study,item,answer", *rows]) + "\n", encoding="utf-8")
    return folder


def test_without_a_table_nothing_is_known(tmp_path: Path) -> None:
    assert certainty.read(tmp_path) == {}
    assert set(certainty.columns("aoki2001", {}).values()) == {""}


def test_answers_become_the_optional_columns_of_their_study(tmp_path: Path) -> None:
    made = certainty.read(table(tmp_path, "aoki2001,sequence,yes", "aoki2001,blinded,unclear", "baba2002,sequence,no"))
    columns = certainty.columns("aoki2001", made)
    assert list(columns) == [item.id for item in ITEMS]
    assert {item: answer for item, answer in columns.items() if answer} == {"sequence": "yes", "blinded": "unclear"}


def test_what_was_not_read_is_counted_apart_from_what_is_unclear(tmp_path: Path) -> None:
    made = certainty.read(table(tmp_path, "aoki2001,sequence,yes", "baba2002,sequence,unclear"))
    first = certainty.counts(["aoki2001", "baba2002", "cato2003"], made)[0]
    assert {name: first[name] for name in ("item", "yes", "no", "unclear", "not_read")} == {
        "item": "sequence", "yes": 1, "no": 0, "unclear": 1, "not_read": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("aoki2001,sequnce,yes", "quality.csv, row 2, column item: 'sequnce' is not an item. Did you mean 'sequence'?"),
        ("aoki2001,sequence,low", "row 2, column answer: 'low' is not an answer; write yes, no or unclear"),
        ("aoki2010,sequence,yes", "column study: 'aoki2010' is not a study here. Did you mean 'aoki2001'?"),
        (",sequence,yes", "column study: is empty"),
        ("aoki2001,sequence", "has 2 cells"),
    ],
)
def test_a_wrong_answer_is_explained(tmp_path: Path, row: str, said: str) -> None:
    with pytest.raises(DataError) as caught:
        certainty.read(table(tmp_path, row), ["aoki2001"])
    assert said in str(caught.value)
    assert len(caught.value.problems) == 1


def test_an_item_is_answered_once(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="aoki2001 has an answer to 'sequence' already"):
        certainty.read(table(tmp_path, "aoki2001,sequence,yes", "aoki2001,sequence,no"))


def test_where_nothing_is_known_every_domain_is_unclear() -> None:
    made = certainty.statement(Body(Kind.ANIMALS, {}))
    assert [one.domain for one in made] == list(Domain)
    assert {one.concern for one in made} == {UNCLEAR}
    assert all(one.rule and one.why and one.numbers for one in made)


@pytest.mark.parametrize(
    ("answers", "concern"),
    [
        ((), UNCLEAR), (("yyy",) * 3, NOT_SERIOUS), (("yyy",) * 2, UNCLEAR), (("yyu",) * 4, UNCLEAR),
        (("yy",) * 4, UNCLEAR), (("nuu",), SERIOUS), (("yyy", "yyy", "yyy", "yyn"), SERIOUS),
        (("n", "un", "uun"), VERY_SERIOUS), (("yyy",) * 4, NOT_SERIOUS),
    ],
)  # fmt: skip
def test_risk_of_bias_by_the_share_of_four_studies(answers: tuple[str, ...], concern: Concern) -> None:
    made = judged(Domain.RISK_OF_BIAS, quality=answered(*answers))
    assert made.concern is concern
    assert made.numbers["studies"] == 4
    assert made.numbers["high"] == sum("n" in word for word in answers)


@pytest.mark.parametrize(
    ("tally", "concern"),
    [
        (voted(improved=2), UNCLEAR), (voted(improved=3), NOT_SERIOUS), (voted(improved=3, worsened=1), NOT_SERIOUS),
        (voted(improved=2, no_difference=1), SERIOUS), (voted(improved=2, worsened=2), SERIOUS),
        (voted(improved=2, worsened=2, no_difference=1), VERY_SERIOUS),
    ],
)  # fmt: skip
def test_inconsistency_by_the_agreement_of_votes(tally: Tally, concern: Concern) -> None:
    made = judged(Domain.INCONSISTENCY, tally=tally)
    assert made.concern is concern
    assert made.numbers["votes"] == len(tally.votes)


def pooled(*effects: float, variance: float = 0.04) -> pooling.Pooled:
    return pooling.pool(effects, [variance] * len(effects))


@pytest.mark.parametrize(
    ("made", "concern"),
    [
        (pooled(1.0, 1.1, 0.9, 1.0), NOT_SERIOUS), (pooled(3.0, 3.8, 3.4, 2.4), SERIOUS),
        (pooled(0.1, 0.2, 0.0, 0.1), SERIOUS), (pooled(2.0, -1.0, 1.0, 0.0), VERY_SERIOUS),
    ],
)  # fmt: skip
def test_inconsistency_by_i2_and_the_prediction_interval(made: pooling.Pooled, concern: Concern) -> None:
    found = judged(Domain.INCONSISTENCY, pooled=made, tally=voted(improved=4))
    assert found.concern is concern
    assert found.numbers["I2"] == made.I2
    assert f"I2 {made.I2:.0f} %" in found.why


def of(*species: str, phase: str = "chronic") -> Setting:
    return Setting(frozenset(species), frozenset([phase]))


@pytest.mark.parametrize(
    ("settings", "concern"),
    [
        ([of("rat")] * 4, VERY_SERIOUS), ([of("rat"), of("mouse")], SERIOUS), ([of("dog")], SERIOUS),
        ([of("rat"), of("mouse"), of("dog")], NOT_SERIOUS),
        ([of("rat", "mouse", "dog", phase="not stated")], VERY_SERIOUS),
        ([of("rat"), of("mouse"), of("guinea pig")], SERIOUS), ([of("not stated")], UNCLEAR),
        ([of("rat"), of("dog", "mouse"), of("rat", phase="not stated")], SERIOUS),
        ([of("rat", "dog", "mouse")] * 3 + [of("rat", phase="not stated")], NOT_SERIOUS),
        ([of("rat", "mouse"), of("rat", phase="not stated")], SERIOUS),
        ([of("rat", "mouse"), *[of("rat", phase="not stated")] * 2], VERY_SERIOUS),
    ],
)  # fmt: skip
def test_indirectness_by_species_and_stated_phases(settings: list[Setting], concern: Concern) -> None:
    made = judged(Domain.INDIRECTNESS, settings={f"aoki{n}": one for n, one in enumerate(settings)})
    assert made.concern is concern
    assert made.numbers["studies"] == len(settings)


def test_people_stand_for_themselves() -> None:
    people = of("human")
    assert judged(Domain.INDIRECTNESS, kind=Kind.PEOPLE, settings={"eda2005": people}).concern is NOT_SERIOUS
    unphased = {"eda2005": of("human", phase="not stated")}
    assert judged(Domain.INDIRECTNESS, kind=Kind.PEOPLE, settings=unphased).concern is SERIOUS


@pytest.mark.parametrize(
    ("known", "concern"),
    [
        ({"pooled": pooled(1.0, 1.1, 0.9), "subjects": 128}, NOT_SERIOUS),
        ({"pooled": pooled(1.0, 1.1, 0.9), "subjects": 127}, SERIOUS),
        ({"pooled": pooled(1.0, 1.1, 0.9), "subjects": None}, UNCLEAR),
        ({"pooled": pooled(0.1, -0.1, 0.0), "subjects": 500}, SERIOUS),
        ({"pooled": pooled(0.1, -0.1, 0.0), "subjects": 20}, VERY_SERIOUS),
        ({"pooled": pooled(0.1, -0.1, 0.0), "subjects": None}, VERY_SERIOUS),
        ({"tally": voted(improved=10), "subjects": 200}, NOT_SERIOUS),
        ({"tally": voted(improved=3), "subjects": 200}, SERIOUS),
        ({"tally": voted(improved=10, no_difference=9), "subjects": 200}, SERIOUS),
        ({"tally": voted(no_difference=9), "subjects": 200}, NOT_SERIOUS),
        ({"subjects": 200}, UNCLEAR),
    ],
)
def test_imprecision_by_the_interval_and_the_subjects(known: dict[str, object], concern: Concern) -> None:
    made = judged(Domain.IMPRECISION, **known)
    assert made.concern is concern
    assert made.numbers["subjects"] == known["subjects"]


@pytest.mark.parametrize(
    ("k", "p", "concern"),
    [(9, 0.01, UNCLEAR), (10, 0.01, SERIOUS), (10, 0.1, NOT_SERIOUS), (10, None, UNCLEAR), (0, 0.01, UNCLEAR)],
)
def test_publication_bias_from_ten_effects_on(k: int, p: float | None, concern: Concern) -> None:
    some = pooled(*[1.0] * k) if k else None
    made = judged(Domain.PUBLICATION_BIAS, pooled=some, egger_p=p)
    assert made.concern is concern
    assert made.numbers["k"] == k


def test_no_domain_reads_another_ones_numbers_into_a_score() -> None:
    made = certainty.fields(certainty.statement(Body(Kind.ANIMALS, studies(3), voted(improved=3))))
    assert [set(one) for one in made] == [{"domain", "concern", "why", "rule", "numbers"}] * 5
    assert "not added up" in certainty.START


def test_the_body_behind_a_tally_of_the_tiny_graph(tiny: Store) -> None:
    evidence = graph.evidence(tiny)
    (tally,) = (
        one for one in directions.tallies(tiny, evidence)
        if one.kind is Kind.ANIMALS and one.domain == "motor function"
    )  # fmt: skip
    made = certainty.body(tally, evidence, answered())
    assert made.settings == {
        "aoki2001": Setting(frozenset(["mouse"]), frozenset(["chronic"])),
        "baba2002": Setting(frozenset(["rat"]), frozenset(["chronic"])),
    }
    assert made.subjects == 20
    concerns = {one.domain: one.concern for one in certainty.statement(made)}
    assert concerns == dict.fromkeys(Domain, UNCLEAR) | {
        Domain.INDIRECTNESS: SERIOUS, Domain.IMPRECISION: VERY_SERIOUS,
    }  # fmt: skip


def test_what_a_vote_leaves_out_makes_no_setting(tiny: Store) -> None:
    (row,) = (one for one in directions.findings(graph.evidence(tiny)) if one.finding == "baba2002-07")
    assert row.sign is LeftOut.CONTRAST  # its phase is acute, that of what is counted chronic
    settings = certainty.settings(graph.evidence(tiny), ["baba2002"], {"baba2002-01", "baba2002-02"})
    assert settings["baba2002"].phases == {"chronic"}


def test_the_large_animals_are_those_of_the_vocabulary(shipped: Store) -> None:
    vocab = shipped.vocab()
    below = [id for name in ("large-animal", "primate") for id in vocab.narrower(vocab.terms["species", name])]
    assert {vocab.label("species", id) for id in below} == certainty.LARGE


def test_every_tally_of_the_shipped_graph_has_its_five_domains(shipped: Store) -> None:
    evidence = graph.evidence(shipped)
    made = [certainty.statement(certainty.body(one, evidence, {})) for one in directions.tallies(shipped, evidence)]
    assert all(len(one) == 5 for one in made)
    assert {one[0].concern for one in made} == {UNCLEAR}  # nobody has read the items yet


def test_the_command_check_says_what_is_wrong_in_quality_csv(sheets: Path) -> None:
    (sheets / "quality.csv").write_text("study,item,answer\naoki2001,blinded,yes\naoki2001,blindd,yes\n", "utf-8")
    ran = CliRunner().invoke(cli.main, ["check", "--data", str(sheets)])
    assert ran.exit_code == 1
    assert "quality.csv, row 3, column item: 'blindd' is not an item" in ran.stderr
