"""The papers of SCIO: results of N-Triples files become findings, and what is no contrast of two arms is said.

The files here are invented. KG_SCIO names the folder of the real ones, which are not ours to keep.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import combinations
from pathlib import Path

import pytest

from kg import check, resources, triples, vocab
from kg.errors import Problem
from kg.model import Arm, Contrast, Direction, Finding, HigherIs, Paper, Result, Role, Significant, Term
from kg.sources import scio, scio_graph, scio_papers
from kg.store import Store

REAL = os.environ.get("KG_SCIO", "")
WORDS = vocab.load(resources.folder("data") / "vocab")[0]
S, D = "http://psink.de/scio/", "http://scio/data/"
Links = Mapping[str, str | Sequence[str]]
BOTH = {"hasTargetGroup": "Group_1", "hasReferenceGroup": "Group_2"}
GIVEN: dict[str, Links] = {  # a treatment's node -> what it links to
    "alpha": {"type": "s:CompoundTreatment", "label": '"alpha"', "hasCompound": "s:AlphaDrug"},
    "beta": {"type": "s:CompoundTreatment", "label": '"beta"', "hasCompound": "s:BetaDrug"},
    "carrier": {"type": "s:CompoundTreatment", "label": '"carrier"', "hasCompound": "s:Vehicle"},
    "calm": {"type": "s:CompoundTreatment", "label": '"calm"', "hasCompound": "s:CyclosporineA"},
    "operation": {"type": "s:SurgeryTreatment", "label": '"operation"'},
}


def term(text: str) -> str:
    if text.startswith('"'):
        return text
    return f"<{S}{text[2:]}>" if text.startswith("s:") else f"<{D}{text}>"


def lines(nodes: Mapping[str, Links]) -> str:
    """N-Triples of these nodes: `s:X` is a word of SCIO, a quoted value a literal, anything else another node."""
    written = []
    for node, links in nodes.items():
        for name, values in links.items():
            property = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type" if name == "type" else S + name
            several = [values] if isinstance(values, str) else values
            written += [f"{term(node)} <{property}> {term(value)} .\n" for value in several]
    return "".join(written)


def write(folder: Path, text: str | bytes, name: str = "N007.nt") -> Path:
    (folder / "papers").mkdir(exist_ok=True)
    (folder / "papers" / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def view(folder: Path) -> Path:
    """A view with one row."""
    row = {
        "paper": "101",
        "method": "BBBTest",
        "judgement": "Positive",
        "injury": "Contusion",
        "model": "RatModel",
        "treatment": "CompoundTreatment",
        "compound": "AlphaDrug",
        "trend": "Higher",
    }
    text = "\t".join(scio.COLUMNS.values()) + "\n" + "\t".join(row.get(name, "") for name in scio.COLUMNS) + "\n"
    (folder / "Kwon_invented.csv").write_text(text, encoding="latin-1")
    return folder


def group(given: Sequence[str] = (), **links: str | Sequence[str]) -> Links:
    return {
        "hasTreatmentType": list(given),
        "hasInjuryModel": "lesion",
        "hasOrganismModel": "animals",
        "hasNNumber": '"n = 8"',
        **links,
    }


def nodes(
    target: Sequence[str] = ("alpha",), reference: Sequence[str] = (), trend: Links | None = None, **result: object
) -> dict[str, Links]:
    """One result: what its two groups are given, its trend, and the links of the result that differ."""
    links: dict[str, object] = {
        "type": "s:Result",
        "label": '"score, R1"',
        "hasInvestigationMethod": "s:BBBTest",
        "hasTrend": "trend",
        **BOTH,
        **result,
    }
    return {
        **GIVEN,
        "Result_41": {name: value for name, value in links.items() if value},  # type: ignore[misc]  # links alone
        "trend": trend or {"hasDifference": "s:Higher", "hasSignificance": "sure"},
        "sure": {"type": "s:PositiveSignificance", "hasPValue": '"P < 0.05"'},
        "unsure": {"type": "s:ZeroSignificance"},
        "Group_1": group(target),
        "Group_2": group(reference),
        "lesion": {"type": "s:Contusion", "hasInjuryLocation": "s:T10"},
        "animals": {"type": "s:OrganismModel", "hasOrganismSpecies": "s:WistarRat", "hasGender": "s:Female"},
    }


def found(folder: Path) -> list[Finding]:
    return [item for item in scio.read(folder, WORDS) if isinstance(item, Finding)]


def lost(folder: Path) -> list[str]:
    return [str(item) for item in scio.read(folder, WORDS) if isinstance(item, Problem)]


def aside(folder: Path) -> list[str]:
    return [str(item) for item in scio.unread(folder, WORDS)]


def one(folder: Path, about: Mapping[str, Links]) -> Finding:
    (finding,) = found(write(folder, lines(about)))
    return finding


def test_a_result_says_arms_animals_injury_outcome_and_direction_in_our_words(tmp_path: Path) -> None:
    finding = one(tmp_path, nodes(["alpha", "beta"], ["beta"]))
    assert (finding.arm.active, finding.comparator.active) == ({"alpha-drug", "beta-drug"}, {"beta-drug"})
    assert (finding.isolates.id, sorted(finding.on_top_of), finding.contrast) == ("alpha-drug", ["beta-drug"], "adds")
    assert (finding.species, finding.strain, finding.sex) == ("rat", "WistarRat", "female")
    assert (finding.injury, finding.level, finding.n_arm, finding.n_comparator) == ("contusion", "T10", 8, 8)
    assert (finding.outcome.id, finding.direction, finding.significant) == ("bbb", "increased", "yes")
    assert (finding.p, finding.result) == ("<0.05", Result.IMPROVED)


def test_the_paper_and_its_findings_are_known_by_file_and_node(tmp_path: Path) -> None:
    finding = one(tmp_path, nodes())
    assert (finding.id, finding.paper.id, finding.paper.year) == ("scio-n007-41", "scio-n007", None)
    assert finding.paper.url == scio.SOURCE
    assert "names no publication" in finding.paper.note
    assert finding.locator == "papers/N007.nt, score, R1"
    assert (finding.origin, finding.evidence) == ("imported", "experimental")


@pytest.mark.parametrize(
    ("given", "therapy", "role"),
    [
        (["carrier"], "vehicle", Role.VEHICLE),
        (["calm"], "cyclosporin-a", Role.IMMUNOSUPPRESSION),
        (["operation"], "surgery", Role.CARE),
        ([], "control-not-named", Role.CONTROL),
    ],
)
def test_what_is_given_beside_the_therapy_has_its_role_and_is_no_therapy(
    tmp_path: Path, given: list[str], therapy: str, role: Role
) -> None:
    finding = one(tmp_path, nodes(["alpha", *given], given))
    assert [(one.therapy, one.role) for one in finding.comparator.given] == [(therapy, role)]
    assert finding.arm.active == {"alpha-drug"}


def test_a_group_called_untreated_is_given_no_treatment(tmp_path: Path) -> None:
    about = nodes()
    about["Group_2"] = group(label='"untreated rats"')
    assert one(tmp_path, about).comparator.gives("no-treatment")


def test_a_control_that_is_the_target_is_turned_round_with_its_direction(tmp_path: Path) -> None:
    finding = one(tmp_path, nodes(["carrier"], ["alpha"], {"hasDifference": "s:Lower", "hasSignificance": "sure"}))
    assert (finding.arm.active, finding.direction) == ({"alpha-drug"}, Direction.INCREASED)
    assert "turned round" in finding.note


def test_a_turned_direction_of_no_difference_stays(tmp_path: Path) -> None:
    finding = one(tmp_path, nodes([], ["alpha"], {"hasDifference": "s:None", "hasSignificance": "unsure"}))
    assert (finding.direction, finding.significant) == (Direction.NO_DIFFERENCE, Significant.NO)


def test_a_head_to_head_result_stays_as_it_is(tmp_path: Path) -> None:
    finding = one(tmp_path, nodes(["alpha"], ["beta"]))
    assert (finding.contrast, finding.arm.active) == (Contrast.REPLACES, {"alpha-drug"})


def test_two_groups_of_a_pair_are_taken_and_which_one_is_higher_is_not_guessed(tmp_path: Path) -> None:
    pair = {"hasTargetGroup": None, "hasReferenceGroup": None, "hasPairwisedCompareGroups": ["Group_1", "Group_2"]}
    assert one(tmp_path, nodes(**pair)).direction is Direction.NOT_REPORTED
    same = nodes(trend={"hasDifference": "s:None"}, **pair)
    assert one(tmp_path, same).direction is Direction.NO_DIFFERENCE


def test_groups_pooled_for_analysis_are_given_what_all_of_them_were_given(tmp_path: Path) -> None:
    about = nodes()
    about |= {"Group_3": group(["alpha"]), "Group_4": group(["alpha", "beta"])}
    about["Group_1"] = {"hasMember": ["Group_3", "Group_4"], "label": '"all of alpha"'}
    finding = one(tmp_path, about)
    assert (finding.arm.active, finding.n_arm, finding.injury) == ({"alpha-drug"}, None, "contusion")
    assert "'all of alpha' pools" in finding.note


@pytest.mark.parametrize(
    ("judgement", "difference", "more"),
    [("Positive", "Higher", HigherIs.BETTER), ("Negative", "Higher", HigherIs.WORSE), ("", "Lower", HigherIs.UNKNOWN)],
)
def test_the_judgement_gives_an_outcome_of_scio_its_polarity(
    tmp_path: Path, judgement: str, difference: str, more: HigherIs
) -> None:
    trend = {"hasDifference": f"s:{difference}"}
    judged = f"s:{judgement}" if judgement else None
    finding = one(tmp_path, nodes(trend=trend, hasInvestigationMethod="s:LadderRungTest", hasJudgement=judged))
    assert (finding.outcome.domain, finding.outcome.higher_is) == ("motor", more)
    assert finding.outcome in list(scio.read(tmp_path, WORDS))


def test_no_polarity_follows_from_the_judgement_of_a_control(tmp_path: Path) -> None:
    finding = one(tmp_path, nodes([], ["alpha"], hasInvestigationMethod="s:ImagingTest", hasJudgement="s:Positive"))
    assert finding.result is Result.UNDETERMINED


@pytest.mark.parametrize("word", ["ObservedDifference", "UnspecifiedDifference", "Faster", ""])
def test_a_difference_without_its_way_is_not_reported(tmp_path: Path, word: str) -> None:
    trend: Links = {"hasDifference": [f"s:{word}"] if word else []}
    assert one(tmp_path, nodes(trend=trend)).direction is Direction.NOT_REPORTED


@pytest.mark.parametrize(
    ("text", "p"),
    [("P < 0.05", "<0.05"), ("p=0.03", "0.03"), ("***P < .001", "<.001"), ("0.04", "0.04"), ("pb0.01", "")],
)
def test_a_p_is_read_where_it_is_plain_and_kept_in_the_note_where_not(tmp_path: Path, text: str, p: str) -> None:
    about = nodes()
    about["sure"] = {"type": "s:PositiveSignificance", "hasPValue": f'"{text}"'}
    finding = one(tmp_path, about)
    assert finding.p == p
    assert ("p 'pb0.01'" in finding.note) is not p


@pytest.mark.parametrize(
    ("text", "day", "phase"),
    [
        ("Immediately after injury", Decimal(0), "acute"),
        ("Seven days after SCI", Decimal(7), "subacute"),
        ("6 weeks after injury", Decimal(42), "chronic"),
        ("on postinjury days 1, 3", None, "not-stated"),
    ],
)
def test_the_day_of_treatment_is_read_where_it_is_plain(
    tmp_path: Path, text: str, day: Decimal | None, phase: str
) -> None:
    about = nodes()
    about["seen"] = {"belongsTo": "Group_1", "hasTemporalInterval": "since"}
    about["since"] = {"hasEventBefore": "lesion", "hasEventAfter": "alpha", "hasDuration": f'"{text}"'}
    finding = one(tmp_path, about)
    assert (finding.treatment_day, finding.phase) == (day, phase)


def test_dose_and_route_are_read_where_they_are_plain(tmp_path: Path) -> None:
    about = nodes()
    about["alpha"] = {**GIVEN["alpha"], "hasDosage": '"5 mg/kg"', "hasDeliveryMethod": "way"}
    about["way"] = {"type": "s:InjectionDelivery", "hasLocations": "s:SpinalLesionSite"}
    (given,) = one(tmp_path, about).arm.given
    assert (given.dose, given.unit, given.route) == (5, "mg/kg", "intraspinal")


@pytest.mark.parametrize(
    ("compound", "label", "therapy"),
    [
        ("s:OlfactoryEnsheathingGliaCell", "cells", "oec"),
        ("s:Rolipram", "pill", "rolipram"),
        ("s:Matrix", "Matrigel", "matrigel"),
        ("s:Matrix", "gamma gel", "matrix-gamma-gel"),
    ],
)
def test_classes_of_scio_are_words_of_ours_and_a_class_that_says_little_is_named_by_its_label(
    tmp_path: Path, compound: str, label: str, therapy: str
) -> None:
    about = nodes()
    about["alpha"] = {**GIVEN["alpha"], "label": f'"{label}"', "hasCompound": compound}
    assert one(tmp_path, about).arm.active == {therapy}


def test_an_unknown_therapy_becomes_a_term_of_its_own(tmp_path: Path) -> None:
    one(tmp_path, nodes())
    (new,) = (item for item in scio.read(tmp_path, WORDS) if isinstance(item, Term))
    assert (new.id, new.label, new.broader) == ("alpha-drug", "alpha drug", ("pharmacological",))


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ({"hasReferenceGroup": None}, "column hasReferenceGroup: names 1 targets and 0 references"),
        ({"hasInvestigationMethod": None}, "column hasInvestigationMethod: names no method"),
        ({"hasReferenceGroup": "Group_3"}, "column hasInjuryModel: differ in injury (Contusion, none)"),
        ({"hasTargetGroup": "Group_2"}, "column hasTreatmentType: neither group is given an active therapy"),
        ({"hasReferenceGroup": "Group_1"}, "column hasTreatmentType: both groups are given the same"),
        (
            {
                "hasTargetGroup": None,
                "hasReferenceGroup": None,
                "hasPairwisedCompareGroups": ["Group_1", "Group_2", "Group_3"],
            },
            "column hasPairwisedCompareGroups: compares 3 groups at once",
        ),
    ],
)
def test_a_result_that_is_no_contrast_is_set_aside_and_the_paper_says_so(
    tmp_path: Path, result: dict[str, object], said: str
) -> None:
    about = {"Group_3": {"hasOrganismModel": "animals"}, **nodes(), "Result_42": {**nodes()["Result_41"]}}
    about["Result_41"] = nodes(**result)["Result_41"]
    assert one(tmp_path, about).id == "scio-n007-42"
    (problem,) = aside(tmp_path)
    assert problem.startswith("papers/N007.nt, row ")
    assert said in problem
    (paper,) = (item for item in scio.read(tmp_path, WORDS) if isinstance(item, Paper))
    assert "1 of its 2 results are no contrast" in paper.note
    assert lost(tmp_path) == []


@pytest.mark.parametrize(
    ("about", "said"),
    [
        (nodes(hasInvestigationMethod="s:BBBTests"), "'BBBTests' is not a method of SCIO. Did you mean 'BBBTest'"),
        (nodes(trend={"hasDifference": "s:Highest"}), "'Highest' is not a trend of SCIO. Did you mean 'Higher'"),
        ({**nodes(), "lesion": {"type": "s:Contusio"}}, "'Contusio' is not an injury of SCIO"),
        ({**nodes(), "animals": {"hasOrganismSpecies": "s:WistarRta"}}, "'WistarRta' is not a species of SCIO"),
    ],
)
def test_a_word_that_is_not_known_is_a_problem_with_file_line_and_column(
    tmp_path: Path, about: Mapping[str, Links], said: str
) -> None:
    (problem,) = lost(write(tmp_path, lines(about)))
    assert problem.startswith("papers/N007.nt, row ")
    assert said in problem
    assert found(tmp_path) == []


def test_a_problem_names_the_line_where_the_result_stands(tmp_path: Path) -> None:
    text = "# invented\n\n" + lines({"Result_41": {**nodes()["Result_41"], "hasTargetGroup": []}})
    assert "papers/N007.nt, row 3, " in aside(write(tmp_path, text))[0]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("A.nt", b'<http://a> <http://b> "\xff" .\n', "row 1: is no N-Triples: "),
        ("A.nt", b"<http://a> <http://b> .\n", "row 1: is no N-Triples: "),
        ("A.nt", b'<http://a> <http://b> "c" .\n\0\n', "row 2: is no N-Triples: "),
        ("A.nt", b"@prefix a: <http://a> .\n", "row 1: is no N-Triples: "),
        ("A.nt", lines({"Group_1": {"hasMember": "Group_2"}, "Group_2": {"hasMember": "Group_1"}}), "made of groups"),
        ("A.nt", lines({"Group_1": {"hasMember": "Group_1"}}), "made of groups"),
        ("A b.nt", b"", "'A b' names no paper"),
    ],
)
def test_a_hostile_file_is_one_problem_and_the_others_go_on(
    tmp_path: Path, name: str, text: str | bytes, said: str
) -> None:
    write(tmp_path, lines(nodes()))
    (problem,) = lost(write(tmp_path, text, name))
    assert problem.startswith(f"papers/{name}")
    assert said in problem
    assert [finding.id for finding in found(tmp_path)] == ["scio-n007-41"]


def test_a_line_of_500_mb_and_a_folder_named_as_a_file_are_not_read(tmp_path: Path) -> None:
    write(tmp_path, lines(nodes()))
    with (tmp_path / "papers" / "A.nt").open("wb") as file:
        file.truncate(500_000_000)
    (tmp_path / "papers" / "B.nt").mkdir()
    assert lost(tmp_path) == [f"papers/{name}.nt: is no file of up to 10 MB" for name in "AB"]
    assert len(found(tmp_path)) == 1


def test_views_and_papers_are_read_from_one_folder_and_each_alone(tmp_path: Path) -> None:
    alone = found(write(tmp_path, lines(nodes())))
    assert lost(tmp_path) == []
    (tmp_path / "views").mkdir()
    views = found(view(tmp_path / "views"))
    assert found(view(tmp_path)) == [*views, *alone]


def test_a_term_that_views_and_papers_need_is_said_once(tmp_path: Path) -> None:
    write(view(tmp_path), lines(nodes()))
    assert [item.id for item in scio.read(tmp_path, WORDS) if isinstance(item, Term)] == ["alpha-drug"]


def test_findings_come_back_from_the_graph_as_they_went_in(tmp_path: Path) -> None:
    finding = one(tmp_path, nodes(["alpha", "carrier"], ["carrier"]))
    items = [item for item in scio.read(tmp_path, WORDS) if not isinstance(item, Problem)]
    store = Store.of(triples.write([*WORDS.terms.values(), *items], WORDS))
    (back,) = (item for item in triples.read(store.triples()) if isinstance(item, Finding))
    assert replace(back, outcome=finding.outcome) == finding
    assert back.outcome.id == finding.outcome.id


def components(arms: set[Arm]) -> set[str]:
    """Every therapy that a group is given, in any role; a bare control is none."""
    bare = ("control-not-named", "no-treatment")
    return {given.therapy for arm in arms for given in arm.given} - set(bare)


def pairs(arms: set[Arm]) -> set[tuple[str, str]]:
    """Two of them that one group is given."""
    return {pair for arm in arms for pair in combinations(sorted(components({arm})), 2)}


@pytest.mark.skipif(not REAL, reason="KG_SCIO names no folder")
def test_the_26_papers_hold_24_components_and_50_pairs_and_no_result_is_lost() -> None:
    items = list(scio_papers.read(Path(REAL), WORDS))
    findings = [item for item in items if isinstance(item, Finding)]
    left_out = list(scio_papers.aside(Path(REAL), WORDS))
    files = [scio_graph.load(file, WORDS) for file in scio_papers.files(Path(REAL))]
    results = sum(file.kind(node) == "Result" for file in files if not isinstance(file, Problem) for node in file.links)
    assert sum(isinstance(item, Paper) for item in items) == len(files) == 26
    assert (results, len(findings), len(left_out)) == (600, 537, 63)
    assert not [item for item in items if isinstance(item, Problem)]
    arms = {arm for finding in findings for arm in (finding.arm, finding.comparator)}
    assert len(components(arms)) >= 24
    assert len(pairs(arms)) >= 50
    assert sum("turned round" in finding.note for finding in findings) in range(40, 60)
    assert not list(check.problems([item for item in items if not isinstance(item, Problem)]))
