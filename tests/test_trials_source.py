from __future__ import annotations

import copy
import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from kg import document
from kg.document import Document, Harvest, Passage, Section
from kg.errors import KgError, Problem
from kg.model import Trial
from kg.sources import trials
from kg.sources.literature import Read

STUDY: dict[str, Any] = {
    "protocolSection": {
        "identificationModule": {"nctId": "NCT00000001", "briefTitle": "Alpha in the cord", "officialTitle": "A Trial"},
        "statusModule": {
            "overallStatus": "ACTIVE_NOT_RECRUITING",
            "whyStopped": "too few came",
            "startDateStruct": {"date": "2021-03"},
            "studyFirstPostDateStruct": {"date": "2020-05-06"},
            "lastUpdatePostDateStruct": {"date": "2024-02-23"},
        },
        "sponsorCollaboratorsModule": {"leadSponsor": {"name": "Institute of Invention"}},
        "descriptionModule": {"briefSummary": "Alpha is given.", "detailedDescription": "It is given daily."},
        "designModule": {
            "studyType": "INTERVENTIONAL",
            "phases": ["PHASE1", "PHASE2"],
            "enrollmentInfo": {"count": 24, "type": "ESTIMATED"},
        },
        "armsInterventionsModule": {
            "armGroups": [{"label": "Treated", "type": "EXPERIMENTAL", "description": "alpha for 6 weeks"}],
            "interventions": [{"type": "DIETARY_SUPPLEMENT", "name": "alpha", "description": "by mouth"}],
        },
        "outcomesModule": {
            "primaryOutcomes": [{"measure": "Walking score", "description": "0 to 21", "timeFrame": "6 weeks"}],
            "secondaryOutcomes": [{"measure": "Pain"}],
        },
        "eligibilityModule": {"eligibilityCriteria": "Inclusion Criteria:\n\n* AIS A"},
        "referencesModule": {
            "references": [
                {"pmid": "11", "type": "BACKGROUND"},
                {"pmid": "12", "type": "RESULT"},
                {"pmid": "13", "type": "DERIVED"},
            ]
        },
    },
    "resultsSection": {
        "outcomeMeasuresModule": {
            "outcomeMeasures": [
                {
                    "title": "Walking score",
                    "timeFrame": "6 weeks",
                    "dispersionType": "Standard Deviation",
                    "unitOfMeasure": "points",
                    "groups": [
                        {"id": "OG0", "title": "Treated"},
                        {"id": "OG1", "title": "Placebo", "description": "p"},
                    ],
                    "denoms": [{"counts": [{"groupId": "OG0", "value": "12"}]}],
                    "classes": [
                        {
                            "title": "Week 6",
                            "categories": [
                                {
                                    "measurements": [
                                        {"groupId": "OG0", "value": "12.5", "spread": "3.1"},
                                        {"groupId": "OG1", "value": "9", "lowerLimit": "7", "upperLimit": "11"},
                                    ]
                                }
                            ],
                        }
                    ],
                    "analyses": [
                        {
                            "groupIds": ["OG0", "OG1"],
                            "paramType": "Mean Difference",
                            "paramValue": "3.5",
                            "ciPctValue": "95",
                            "ciLowerLimit": "1",
                            "ciUpperLimit": "6",
                            "pValue": "0.03",
                            "statisticalMethod": "ANCOVA",
                        }
                    ],
                }
            ]
        }
    },
}


def study(number: int = 1, **protocol: Any) -> dict[str, Any]:
    """The study under another id, with other modules."""
    made = copy.deepcopy(STUDY)
    made["protocolSection"]["identificationModule"]["nctId"] = f"NCT{number:08}"
    made["protocolSection"] |= protocol
    return made


def read(folder: Path, text: str | bytes, name: str = "studies.json") -> list[Read]:
    place = folder / name
    place.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(trials.read(place))


def one(folder: Path, value: Any) -> Document:
    (found,) = read(folder, json.dumps(value))
    assert isinstance(found, Document)
    return found


def ids(found: list[Read]) -> list[str]:
    return [item.trial.id for item in found if isinstance(item, Document) and item.trial]


def said(found: list[Read]) -> list[str]:
    return [str(item) for item in found if isinstance(item, Problem)]


def test_a_study_is_a_trial_in_the_words_of_the_table(tmp_path: Path) -> None:
    found = one(tmp_path, STUDY)
    assert found.trial == Trial(
        "NCT00000001",
        "Alpha in the cord",
        sponsor="Institute of Invention",
        phase="I/II",
        status="active",
        why_stopped="too few came",
        start_year=2021,
        n=24,
        n_text="24 planned",
        url="https://clinicaltrials.gov/study/NCT00000001",
        note="gives alpha; results PMID 12; results PMID 13",
    )
    assert (found.paper.id, found.paper.year, found.date) == ("text-nct00000001", 2020, "2024-02-23")
    assert found.identifiers == {"trial:NCT00000001"}


def test_its_text_is_told_by_section(tmp_path: Path) -> None:
    assert one(tmp_path, STUDY).passages[:-1] == (
        Passage(Section.TITLE, "Alpha in the cord"),
        Passage(Section.TITLE, "A Trial", "Official title"),
        Passage(Section.ABSTRACT, "Alpha is given.", "Brief summary"),
        Passage(Section.ABSTRACT, "It is given daily.", "Detailed description"),
        Passage(Section.METHODS, "Treated: alpha for 6 weeks", "Arm"),
        Passage(Section.METHODS, "Dietary supplement: alpha: by mouth", "Intervention"),
        Passage(Section.METHODS, "Inclusion Criteria:\n\n* AIS A", "Eligibility"),
        Passage(Section.BODY, "Walking score: 0 to 21 [6 weeks]", "Primary outcome"),
        Passage(Section.BODY, "Pain", "Secondary outcome"),
    )


def test_posted_results_are_lines_with_the_names_of_the_groups(tmp_path: Path) -> None:
    last = one(tmp_path, STUDY).passages[-1]
    assert last.section is Section.RESULTS
    assert last.text.split("\n") == [
        "Walking score [6 weeks]",
        "Treated",
        "Placebo: p",
        "Treated: n = 12",
        "Treated, Week 6: 12.5 (Standard Deviation 3.1) points",
        "Placebo, Week 6: 9 (Standard Deviation 7 to 11) points",
        "Treated against Placebo: Mean Difference 3.5 (95% CI 1 to 6), p = 0.03, ANCOVA",
    ]


@pytest.mark.parametrize(
    ("phases", "written"),
    [
        (["NA"], "not applicable"),
        (["PHASE3"], "III"),
        (["EARLY_PHASE1"], "early I"),
        ([], ""),
        ("PHASE1", ""),
        (None, ""),
    ],
)
def test_a_phase_is_written_as_the_table_writes_it(tmp_path: Path, phases: object, written: str) -> None:
    trial = one(tmp_path, study(designModule={"phases": phases})).trial
    assert trial is not None
    assert trial.phase == written


def test_a_study_that_only_observes_is_read_but_is_no_trial(tmp_path: Path) -> None:
    found = one(tmp_path, study(designModule={"studyType": "OBSERVATIONAL"}))
    assert found.trial is None
    assert found.passages


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"studies": [study(1), study(2)]}),
        json.dumps({"studies": [study(1), study(2)]}, indent=2),
        json.dumps([study(1), study(2)], indent=2),
        json.dumps(study(1)) + "\n" + json.dumps(study(2)) + "\n",
        json.dumps({"studies": [study(1)]}) + "\n\n" + json.dumps({"studies": [study(2)]}),
        "\ufeff" + json.dumps([study(1), study(2)]),
        gzip.compress(json.dumps({"studies": [study(1), study(2)]}).encode()),
    ],
)
def test_pages_lists_and_lines_are_all_read(tmp_path: Path, text: str | bytes) -> None:
    found = read(tmp_path, text)
    assert (ids(found), said(found)) == (["NCT00000001", "NCT00000002"], [])


def test_a_broken_line_does_not_stop_those_after_it(tmp_path: Path) -> None:
    found = read(tmp_path, "\n".join([json.dumps(study(1))[:-9], json.dumps(study(2)), "x"]), "studies.jsonl")
    assert ids(found) == ["NCT00000002"]
    assert [text.split(": ")[0] for text in said(found)] == ["studies.jsonl, row 1", "studies.jsonl, row 3"]


@pytest.mark.parametrize(
    "wrong",
    [1, "x", None, [], {}, {"protocolSection": []}, {"protocolSection": {"identificationModule": {"nctId": "NCT1"}}}],
)
def test_an_entry_that_is_no_study_is_said_and_passed_over(tmp_path: Path, wrong: object) -> None:
    found = read(tmp_path, json.dumps({"studies": [wrong, study(2)]}))
    assert ids(found) == ["NCT00000002"]
    assert len(said(found)) == 1
    assert "is not the id of a study" in said(found)[0]


def test_modules_of_the_wrong_kind_leave_their_cells_empty(tmp_path: Path) -> None:
    modules = [name for name in STUDY["protocolSection"] if name != "identificationModule"]
    for wrong in (
        1,
        "x",
        [1, {"name": 2}],
        {"enrollmentInfo": {"count": True}, "references": 5, "armGroups": {}, "overallStatus": []},
    ):
        found = one(tmp_path, study(1, **dict.fromkeys(modules, wrong)) | {"resultsSection": wrong})
        assert found.trial is not None
        assert (found.trial.n, found.trial.status, found.trial.note) == (None, "", "")
        assert document.of_line(document.line(Harvest(found))).document == found


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"", "is empty"),
        (b"{}x", "is not JSON"),
        (b"<!DOCTYPE html><html></html>", "is an HTML page, not JSON"),
        (b'{"studies": []}', "holds no studies"),
        (b"[" * 100_000, "is not JSON"),
        (b'{"a": "\xff"}', "is not UTF-8"),
        (gzip.compress(json.dumps(STUDY).encode())[:-20], "the gzip file is cut off"),
    ],
)
def test_a_bad_file_is_one_sentence(tmp_path: Path, text: bytes, sentence: str) -> None:
    (problem,) = said(read(tmp_path, text))
    assert sentence in problem


class Registry:
    """Gives the pages of a list, and remembers what it was asked."""

    def __init__(self, *pages: bytes | Mapping[str, Any]) -> None:
        self.pages, self.asked = list(pages), list[dict[str, str]]()

    def get(self, url: str, params: Mapping[str, str]) -> bytes:
        self.asked.append({"url": url, **params})
        page = self.pages[len(self.asked) - 1]
        return page if isinstance(page, bytes) else json.dumps(page).encode()


def test_a_search_goes_through_all_pages() -> None:
    web = Registry({"studies": [study(1)], "nextPageToken": "next"}, {"studies": [study(2)]})
    found = list(trials.search("cord injury", web, "2026-11-01", url="https://example.org/studies"))
    assert ids(found) == ["NCT00000001", "NCT00000002"]
    asked = {"url": "https://example.org/studies", "query.cond": "cord injury", "pageSize": "100", "format": "json"}
    asked["filter.advanced"] = "AREA[LastUpdatePostDate]RANGE[2026-11-01,MAX]"
    assert web.asked == [asked, {**asked, "pageToken": "next"}]


def test_a_page_that_names_itself_as_the_next_ends_the_search() -> None:
    page = {"studies": [study(1)], "nextPageToken": "again"}
    web = Registry(page, page)
    assert len(list(trials.search("cord", web))) == 2


def test_an_answer_that_is_no_json_ends_the_search_with_a_sentence() -> None:
    found = trials.search("cord", Registry({"studies": [study(1)], "nextPageToken": "b"}, b"<html></html>"))
    assert isinstance(next(found), Document)
    with pytest.raises(KgError, match=r"ClinicalTrials\.gov: is an HTML page"):
        next(found)


def test_a_day_that_is_none_is_refused_before_anything_is_asked() -> None:
    web = Registry({})
    with pytest.raises(KgError, match="is not a day"):
        list(trials.search("cord", web, "2026-11-01,MAX] OR AREA[Phase"))
    assert not web.asked
