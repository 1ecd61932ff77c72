"""Readers decide: what waits first, the log that outlives a kill, what becomes of a word, and how far two agree."""

from __future__ import annotations

import csv
import io
import json
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from harvests import PAIN, TEXT, TITLE, arm, document, harvest, paper, proposal
from hypothesis import given
from hypothesis import strategies as st

from kg import build, decisions, proposals
from kg.build import Collected
from kg.cli import main
from kg.decisions import Decision, Verdict
from kg.document import Harvest, Proposal, Span
from kg.errors import DataError, UnknownName
from kg.model import Direction, Finding, Reading, Status
from kg.review import confirmed, shown, verdicts
from kg.review.edits import edited
from kg.review.edits import given as is_given
from kg.review.queue import KINDS, queue
from kg.sources.cells import of_finding
from kg.synthesis.agreement import Agreement, cohen

ADA, BOB = "ada", "bob"


@pytest.fixture
def place(tmp_path: Path, collected: Collected) -> Path:
    """The proposals of one paper: alpha + beta on walking, alpha on pain."""
    proposals.write(tmp_path / "proposed", [harvest()], "2026-11-26", collected.vocab)
    return tmp_path / "proposed"


def made(place: Path) -> dict[str, Proposal]:
    """The proposals of a folder by their outcomes."""
    return {one.finding.outcome.id: one for some in proposals.read(place) for one in some.proposals}


def decide(place: Path, outcome: str, verdict: str, reader: str = ADA, second: int = 0, **changes: str) -> None:
    id = made(place)[outcome].finding.id
    reason = "wrong outcome" if verdict == "reject" else ""
    time = f"2026-11-26T09:00:{second:02}Z"
    decisions.append(place, [Decision(id, reader, time, Verdict(verdict), reason, changes)])


def table(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def content(folder: Path) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}


# --- the queue --------------------------------------------------------------------------------------------------------


def test_the_most_valuable_waits_first_new_combinations_before_all(tmp_path: Path, collected: Collected) -> None:
    about = {number: document(paper(number)) for number in range(1, 7)}
    told = [
        {"phase": "acute", "confidence": 0.95},
        {"phase": "acute", "confidence": 0.6},
        {"phase": "acute", "direction": Direction.NO_DIFFERENCE},
        {"phase": "acute", "species": "human"},
        {"phase": "chronic"},
        {"phase": "acute", "arm": arm("beta", "gamma"), "confidence": 0.1},
    ]
    made = [Harvest(about[n], (proposal(about[n], **more),)) for n, more in enumerate(told, start=1)]
    proposals.write(tmp_path, made, "2026-11-26", collected.vocab)
    waiting = queue(tmp_path, collected)
    assert [one.document.paper.id for one in waiting] == [f"pmid-{n}" for n in (6, 5, 4, 3, 1, 2)]
    assert [one.kinds for one in waiting[:4]] == [(kind,) for kind in KINDS]
    assert waiting[0].score == "new combination 8, confidence 0.10"
    assert [one.document.paper.id for one in queue(tmp_path, collected, kind="chronic")] == ["pmid-5"]


def test_a_worsening_counts_by_the_polarity_of_the_outcome(tmp_path: Path, collected: Collected) -> None:
    about = document()
    worse = proposal(about, phase="acute", outcome=PAIN)  # pain rose
    proposals.write(tmp_path, [Harvest(about, (worse, proposal(about, phase="acute")))], "", collected.vocab)
    assert [one.kinds for one in queue(tmp_path, collected)] == [("null or worse",), ()]


def test_each_reader_has_a_queue_of_what_that_reader_did_not_decide(place: Path, collected: Collected) -> None:
    decide(place, "walking", "reject")
    assert [len(queue(place, collected, reader)) for reader in (ADA, BOB, "")] == [1, 2, 2]


def test_the_queue_says_how_much_the_rows_hold_of_a_paper(tmp_path: Path, collected: Collected) -> None:
    proposals.write(tmp_path, [harvest(20020002)], "2026-11-26", collected.vocab)
    assert {one.known for one in queue(tmp_path, collected)} == {8}


def test_a_kind_that_is_none_is_said(place: Path, collected: Collected) -> None:
    with pytest.raises(UnknownName, match="Did you mean 'chronic'"):
        queue(place, collected, kind="cronic")


# --- what is shown ----------------------------------------------------------------------------------------------------


def test_the_text_is_cut_where_marks_begin_and_end_and_nothing_is_lost(place: Path) -> None:
    about, one = proposals.read(place)[0].document, made(place)["walking"]
    pieces = list(shown.segments(about, one.marks, Span(0, len(about.text))))
    assert "".join(text for text, _ in pieces) == about.text
    assert [piece for piece in pieces if piece[1]] == [
        ("alpha and beta", ("arm",)),
        ("chronic", ("phase",)),
        ("walking score", ("outcome",)),
        ("rose", ("direction",)),
    ]


def test_marks_that_overlap_are_both_told(place: Path) -> None:
    about, one = proposals.read(place)[0].document, made(place)["walking"]
    inner = replace(one.marks[0], slot="comparator", span=Span(one.marks[0].span.start + 6, one.marks[0].span.end))
    pieces = dict(shown.segments(about, (*one.marks, inner), Span(0, len(about.text))))
    assert (pieces["alpha "], pieces["and beta"]) == (("arm",), ("arm", "comparator"))


def test_only_the_sentences_that_were_read_are_shown(place: Path) -> None:
    about, one = proposals.read(place)[0].document, made(place)["walking"]
    assert [about.text[span.start : span.end] for span in shown.read_in(about, one.marks)] == [
        "Rats got alpha and beta in the chronic phase.", "Against untreated rats the walking score rose.",
    ]  # fmt: skip


def test_each_slot_says_where_it_was_read_or_that_it_was_inferred(place: Path, collected: Collected) -> None:
    waiting = next(one for one in queue(place, collected) if one.proposal.finding.outcome.id == "walking")
    rows = {str(line["column"]): (line["value"], line["from"]) for line in shown.row(waiting, collected.vocab)}
    assert rows["outcome"] == ("walking score", '"walking score" (abstract)')
    assert rows["comparator"] == ("no treatment", "inferred")


# --- editing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("changes, said", [
    ({"phase": "sub-acut"}, "'sub-acut' is not a phase. Did you mean 'sub-acute'"),
    ({"direction": "up"}, "'up' is not one of"),
    ({"arm": "alpha + omega"}, "'omega' is not a therapy"),
    ({"arm": ""}, "'' is not a therapy"),
    ({"arm": "alpha", "comparator": "alpha + beta"}, "gives less than its comparator"),
    ({"measured_day": "eight"}, "'eight' is not a number"),
    ({"significant": "yes", "direction": "no difference"}, "is 'yes' beside the direction"),
    ({"status": "reviewed"}, "'status' is not a column that can be changed"),
])  # fmt: skip
def test_a_value_that_is_wrong_is_said(place: Path, collected: Collected, changes: dict[str, str], said: str) -> None:
    with pytest.raises((DataError, UnknownName), match=said.replace("(", r"\(")):
        edited(made(place)["walking"].finding, changes, collected.vocab)


def test_an_edit_takes_any_name_of_a_term_and_keeps_the_rest(place: Path, collected: Collected) -> None:
    before = made(place)["walking"].finding
    after = edited(
        before, {"arm": "GM + alpha", "comparator": "saline", "phase": "late", "n_arm": "8"}, collected.vocab
    )
    assert (is_given(after.arm), is_given(after.comparator), after.n_arm) == ("alpha + gamma", "vehicle", 8)
    assert {one.role for one in after.comparator.given} == {"vehicle"}
    told = dict.fromkeys(("arm", "comparator", "n_arm"))
    assert of_finding(after) | told == of_finding(before) | told


# --- the log ----------------------------------------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(texts, texts.filter(str.strip), st.sampled_from(Verdict), texts, st.dictionaries(texts, texts, max_size=3))
def test_a_decision_is_one_line_and_comes_back(
    finding: str, reader: str, verdict: Verdict, reason: str, changes: dict[str, str]
) -> None:
    one = Decision(finding, reader, "2026-11-26T09:30:00.123Z", verdict, reason, changes)
    assert decisions.of_line(decisions.line(one)) == one
    assert len(decisions.line(one).splitlines()) == 1


def test_a_torn_last_line_is_ignored_with_a_sentence_and_the_next_begins_afresh(place: Path) -> None:
    decide(place, "walking", "accept")
    with (place / decisions.FILE).open("a") as log:
        log.write('{"changes":{},"finding":"pmi')
    assert [str(one) for one in decisions.read(place)[1]] == [
        "decisions.jsonl, row 2: is cut off or no JSON; the line is ignored"
    ]
    decide(place, "pain-score", "accept")
    read, problems = decisions.read(place)
    assert (len(read), [one.row for one in problems]) == (2, [2])


@pytest.mark.parametrize("text", [
    b"[]", b'{"finding":1}', b'{"finding":"f","reader":" ","time":"2026-11-26T09:00Z","verdict":"accept"}', b"\xff",
    b'{"finding":"f","reader":"r","time":"today","verdict":"accept"}', b"[" * 100_000,
    b'{"finding":"f","reader":"r","time":"2026-11-26T09:00Z","verdict":"perhaps"}', b'{"other":""}',
    b'{"finding":"f","reader":"r","time":"2026-11-26T09:00Z","verdict":"edit","changes":{"a":1}}',
])  # fmt: skip
def test_a_line_that_is_no_decision_is_said_and_the_others_are_read(text: bytes) -> None:
    good = decisions.line(Decision("f", ADA, "2026-11-26T09:00Z", Verdict.ACCEPT)).encode()
    read, problems = decisions.of_lines([text, good], "x.jsonl")
    assert (len(read), [one.row for one in problems]) == (1, [1])


CHILD = """
import sys
from pathlib import Path
from kg.decisions import Decision, Verdict, append
for number in range(10 ** 6):
    append(Path(sys.argv[1]), [Decision(f"f-{number}", "ada", "2026-11-26T09:00:00Z", Verdict.REJECT, "other" * 500)])
    print(number, flush=True)
"""


@pytest.mark.parametrize("after", [1, 7, 40])
def test_no_decision_that_was_acknowledged_is_lost_by_a_kill(tmp_path: Path, after: int) -> None:
    with subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path)], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        seen = [int(child.stdout.readline()) for _ in range(after)]
        child.send_signal(signal.SIGKILL)
        seen += [int(line) for line in child.stdout if line.endswith("\n")]
    decisions.append(tmp_path, [Decision("last", BOB, "2026-11-26T10:00:00Z", Verdict.ACCEPT)])
    read = {one.finding for one in decisions.read(tmp_path)[0]}
    assert {f"f-{number}" for number in seen} | {"last"} <= read


def test_the_last_word_of_a_reader_counts() -> None:
    first, second = (Decision("f", ADA, f"2026-11-26T09:0{n}Z", verdict) for n, verdict in enumerate(list(Verdict)[:2]))
    assert decisions.latest([first, second]) == {"f": {ADA: second}}


# --- rows -------------------------------------------------------------------------------------------------------------


def test_what_one_person_accepts_is_an_unreviewed_row_of_a_program(place: Path, sheets: Path) -> None:
    decide(place, "walking", "accept")
    assert confirmed.apply(place, sheets).added == 1
    (row,) = table(sheets / confirmed.TABLE)
    told = {name: row[name] for name in ("origin", "status", "curator", "date", "note", "paper")}
    assert told == {
        "origin": "program", "status": "unreviewed", "curator": "ada", "date": "2026-11-26", "paper": "pmid-7",
        "note": "proposed by rules 1, confirmed by ada",
    }  # fmt: skip
    assert table(sheets / "papers.csv")[-1]["title"] == TITLE
    items = build.collect(sheets, proposed=place).sound().items
    assert len({item.id for item in items if isinstance(item, Finding) and item.study == "pmid-7"}) == 2


def test_applied_again_nothing_changes(place: Path, sheets: Path) -> None:
    decide(place, "walking", "accept")
    decide(place, "pain-score", "edit", phase="acute")
    confirmed.apply(place, sheets)
    before = content(sheets)
    assert confirmed.apply(place, sheets) == confirmed.Applied(0, 0, (), ())
    assert content(sheets) == before


def test_the_rows_that_stood_before_keep_their_bytes(place: Path, sheets: Path) -> None:
    before = content(sheets)
    decide(place, "walking", "accept")
    confirmed.apply(place, sheets)
    after = content(sheets)
    assert all(after[file].startswith(text) for file, text in before.items())
    assert after[sheets / "findings" / "aoki.csv"] == before[sheets / "findings" / "aoki.csv"]


def test_what_two_accept_alike_is_reviewed_with_a_reading_of_the_second(place: Path, sheets: Path) -> None:
    decide(place, "walking", "edit", phase="late")
    decide(place, "walking", "accept", BOB)  # the phase was chronic, which is called late too
    confirmed.apply(place, sheets)
    (row,) = table(sheets / confirmed.TABLE)
    assert (row["status"], row["curator"]) == ("reviewed", "ada")
    reading = table(sheets / "readings.csv")[-1]
    assert (reading["finding"], reading["reader"], reading["column"]) == (row["id"], "bob", "")
    build.collect(sheets).sound()


def test_a_second_reader_who_comes_later_makes_the_row_reviewed(place: Path, sheets: Path) -> None:
    decide(place, "walking", "accept")
    confirmed.apply(place, sheets)
    decide(place, "walking", "accept", BOB)
    assert confirmed.apply(place, sheets) == confirmed.Applied(0, 1, (), ())
    assert [row["status"] for row in table(sheets / confirmed.TABLE)] == ["reviewed"]
    assert isinstance(next(item for item in build.collect(sheets).sound().items[::-1]), Reading)
    before = content(sheets)
    assert confirmed.apply(place, sheets) == confirmed.Applied(0, 0, (), ())
    assert content(sheets) == before


@pytest.mark.parametrize("second", [("reject", {}), ("edit", {"phase": "acute"})])
def test_what_readers_differ_on_waits_and_a_row_of_it_is_disputed(
    place: Path, sheets: Path, second: tuple[str, dict[str, str]]
) -> None:
    decide(place, "walking", "accept")
    decide(place, "walking", second[0], BOB, **second[1])
    id = made(place)["walking"].finding.id
    assert confirmed.apply(place, sheets) == confirmed.Applied(0, 0, (id,), ())
    assert not (sheets / confirmed.TABLE).exists()
    decide(place, "pain-score", "accept")
    confirmed.apply(place, sheets)
    decide(place, "pain-score", second[0], BOB, **second[1])
    assert confirmed.apply(place, sheets).restated == 1
    assert [row["status"] for row in table(sheets / confirmed.TABLE)] == ["disputed"]


def test_readers_who_come_to_agree_settle_it(place: Path, sheets: Path) -> None:
    decide(place, "walking", "accept")
    decide(place, "walking", "reject", BOB)
    decide(place, "walking", "accept", BOB, second=9)
    assert confirmed.apply(place, sheets).added == 1
    assert [row["status"] for row in table(sheets / confirmed.TABLE)] == ["reviewed"]


def test_nothing_that_nobody_accepted_becomes_a_row(place: Path, sheets: Path) -> None:
    before = content(sheets)
    decide(place, "walking", "reject")
    decide(place, "walking", "reject", BOB)
    assert confirmed.apply(place, sheets) == confirmed.Applied(0, 0, (), ())
    assert content(sheets) == before


def test_a_row_that_all_its_readers_take_back_is_withdrawn(place: Path, sheets: Path) -> None:
    decide(place, "walking", "accept")
    confirmed.apply(place, sheets)
    decide(place, "walking", "reject", second=9)
    confirmed.apply(place, sheets)
    assert [row["status"] for row in table(sheets / confirmed.TABLE)] == ["withdrawn"]


def test_a_row_that_was_changed_by_hand_is_left_alone(place: Path, sheets: Path) -> None:
    decide(place, "walking", "accept")
    confirmed.apply(place, sheets)
    file = sheets / confirmed.TABLE
    file.write_text(file.read_text().replace("chronic", "acute"))
    decide(place, "walking", "accept", BOB)
    id = made(place)["walking"].finding.id
    assert confirmed.apply(place, sheets) == confirmed.Applied(0, 0, (), (id,))


def test_a_curated_paper_gets_the_finding_and_its_arms_are_used_where_they_are_the_same(
    tmp_path: Path, sheets: Path, collected: Collected
) -> None:
    about = document(paper(5, pmid="20020002"))
    one = proposal(about, arm=arm("alpha", "beta", id="gamma"), species="rat")
    proposals.write(tmp_path / "p", [Harvest(about, (one,))], "2026-11-26", collected.vocab)
    decide(tmp_path / "p", "walking", "accept")
    before = (sheets / "papers.csv").read_bytes()
    confirmed.apply(tmp_path / "p", sheets)
    (row,) = table(sheets / confirmed.TABLE)
    assert (row["paper"], row["study"], row["arm"], row["comparator"]) == ("baba2002", "", "gamma~2", "none")
    assert (sheets / "papers.csv").read_bytes() == before
    build.collect(sheets).sound()


def test_where_one_row_would_be_unsound_none_is_written(place: Path, sheets: Path) -> None:
    decide(place, "walking", "accept")
    decide(place, "pain-score", "edit", BOB, species="mouse")
    species = sheets / "vocab" / "species.csv"
    species.write_text(species.read_text().replace("rat,rat,rodent,,\n", ""))
    before = content(sheets)
    with pytest.raises(DataError, match="'rat' is not a species"):
        confirmed.apply(place, sheets)
    assert content(sheets) == before


def test_what_was_left_half_done_is_finished(place: Path, sheets: Path) -> None:
    decide(place, "walking", "accept")
    decide(place, "walking", "accept", BOB)
    confirmed.apply(place, sheets)
    whole = content(sheets)
    (sheets / confirmed.TABLE).unlink()  # killed between the arms and the findings
    lines = (sheets / "readings.csv").read_text().splitlines(keepends=True)
    (sheets / "readings.csv").write_text("".join(lines[:-1]))
    confirmed.apply(place, sheets)
    assert content(sheets) == whole


def test_rejected_and_accepted_ones_are_no_proposals_any_more(place: Path, sheets: Path, collected: Collected) -> None:
    decide(place, "walking", "accept")
    decide(place, "pain-score", "reject")
    confirmed.apply(place, sheets)
    assert table(place / "findings" / "proposed.csv") == []
    proposals.write(place, [harvest()], "2026-11-27", collected.vocab)
    assert table(place / "findings" / "proposed.csv") == []
    assert queue(place, collected, ADA) == []


def test_five_hundred_are_applied_in_one_checked_write(tmp_path: Path, sheets: Path, collected: Collected) -> None:
    proposals.write(tmp_path / "p", map(harvest, range(1, 251)), "2026-11-26", collected.vocab)
    every = [one.finding.id for some in proposals.read(tmp_path / "p") for one in some.proposals]
    decisions.append(tmp_path / "p", (Decision(id, ADA, "2026-11-26T09:00Z", Verdict.ACCEPT) for id in every))
    assert confirmed.apply(tmp_path / "p", sheets).added == 500


# --- agreement --------------------------------------------------------------------------------------------------------


def test_kappa_is_that_of_the_textbook() -> None:
    """Two readers on 50 proposals, yes and no: 20 both yes, 5 and 10 apart, 15 both no; agreement .7, by chance .5."""
    pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    assert cohen(pairs) == Agreement(50, 35, pytest.approx(0.4))


def test_kappa_of_opposites_of_one_word_and_of_nothing() -> None:
    assert cohen([("a", "b"), ("b", "a")]).kappa == -1
    assert cohen([("a", "b"), ("a", "a")]).kappa == 0
    assert cohen([("a", "a")] * 3) == Agreement(3, 3, None)
    assert cohen([]) == Agreement(0, 0, None)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1))
def test_kappa_does_not_depend_on_who_is_called_first(pairs: list[tuple[str, str]]) -> None:
    one, other = cohen(pairs), cohen((b, a) for a, b in pairs)
    assert one == other
    assert one.kappa is None or -1 <= one.kappa <= 1


def test_readers_are_compared_on_verdicts_and_on_values_where_both_accept(place: Path, collected: Collected) -> None:
    decide(place, "walking", "accept")
    decide(place, "walking", "edit", BOB, phase="acute")
    decide(place, "pain-score", "reject")
    decide(place, "pain-score", "accept", BOB)
    read = decisions.read(place)[0]
    found = list(verdicts.compared(proposals.read(place), read, collected.vocab))
    assert sorted(one.values for one in found if one.column == "verdict") == [("accept", "edit"), ("reject", "accept")]
    assert [one.values for one in found if one.column == "phase"] == [("chronic", "acute")]
    assert {one.readers for one in found} == {(ADA, BOB)}


# --- at the command line ----------------------------------------------------------------------------------------------


def kg(place: Path, *words: str, typed: str = "", data: Path | None = None) -> Result:
    told = {"KG_PROPOSED": str(place), "KG_READER": ADA}
    given = ["--data", str(data or Path(__file__).parent / "tiny")]
    at = 1 if words[:1] and not words[0].startswith("-") else 0
    return CliRunner().invoke(main, ["review", *words[:at], *given, *words[at:]], input=typed, env=told)


def test_a_session_shows_text_row_and_worth_and_keeps_every_decision(place: Path) -> None:
    result = kg(place, typed="a\nr\n3\n")
    assert result.exit_code == 0
    assert "Rats got alpha and beta in the chronic phase." in result.stdout
    assert "inferred" in result.stdout
    assert "rules 1: chronic 4, confidence 0.72" in result.stdout
    assert "2 decided, 0 wait for ada" in result.stderr
    read = decisions.read(place)[0]
    assert [(one.verdict, one.reason) for one in read] == [("accept", ""), ("reject", "wrong direction")]
    assert "nothing waits for ada" in kg(place).stderr


def test_a_session_that_stops_keeps_what_was_decided(place: Path) -> None:
    for typed in ("s\na\nq\n", "s\na\n"):  # q, and the end of what is typed
        (place / decisions.FILE).unlink(missing_ok=True)
        assert kg(place, typed=typed).exit_code == 0
        assert len(decisions.read(place)[0]) == 1


def test_an_edit_says_what_is_wrong_and_loses_nothing(place: Path) -> None:
    typed = "s\ne\nphse\nphase\nsub-acut\nphase\nacute\narm\nalpha + beta + gmma\nn_arm\n8\nn_arm\n-\n\n"
    result = kg(place, typed=typed)
    assert "'phse' is no column that you can change. Did you mean 'phase'?" in result.stderr
    assert "'sub-acut' is not a phase. Did you mean" in result.stderr
    assert "'gmma' is not a therapy. Did you mean 'gamma'" in result.stderr
    (one,) = decisions.read(place)[0]
    assert (one.verdict, one.changes) == ("edit", {"phase": "acute"})


def test_an_edit_without_a_change_and_an_unknown_key_ask_again(place: Path) -> None:
    result = kg(place, typed="x\ne\n\nq\n")
    assert "it stays in your queue" in result.stderr
    assert decisions.read(place) == ([], [])


def test_a_reason_can_be_in_ones_own_words(place: Path) -> None:
    kg(place, typed="r\nthe rats were mice\nq\n")
    assert decisions.read(place)[0][0].reason == "the rats were mice"


def test_marks_are_coloured_and_without_a_terminal_they_are_not(place: Path) -> None:
    told = {"KG_PROPOSED": str(place), "KG_DATA": str(Path(__file__).parent / "tiny")}
    coloured = CliRunner().invoke(main, ["review"], input="s\ns\n", env=told, color=True).stdout
    assert "\x1b[35m\x1b[1m\x1b[4mrose\x1b[0m" in coloured
    assert "\x1b" not in kg(place, typed="s\ns\n").stdout


def test_a_text_that_would_steer_the_terminal_is_shown_inert(tmp_path: Path, collected: Collected) -> None:
    about = document(paper(title="Red \x1b[31m and \u202e turned"), text="Thin\u2009space \x1b]0;x\x07." + TEXT)
    proposals.write(tmp_path, [Harvest(about, (proposal(about, marked=False),))], "", collected.vocab)
    shown = kg(tmp_path, typed="q\n").stdout
    assert not set("\x1b\x07\u202e") & set(shown)
    assert "Thin space" in shown


def test_a_long_queue_says_how_much_of_it_is_shown(place: Path) -> None:
    assert "showing 1 of 2" in kg(place, "list", "--limit", "1").stderr
    assert "1 of 1 ---" in kg(place, "--limit", "1", typed="s\n").stdout


@pytest.mark.parametrize("form", ["csv", "json", "md", "html", "table", "tsv"])
def test_the_queue_is_listed_in_every_format(place: Path, form: str) -> None:
    result = kg(place, "list", "--format", form)
    assert "alpha + beta" in result.stdout
    assert "chronic, null or worse" in result.stdout


def test_what_was_decided_can_be_looked_at_again(place: Path) -> None:
    kg(place, typed="a\na\n")
    assert len(kg(place, "list").stdout.splitlines()) == 1
    assert len(kg(place, "list", "--again").stdout.splitlines()) == 3


def lines(*some: Decision) -> str:
    return "".join(decisions.line(one) + "\n" for one in some)


def test_decisions_of_a_page_are_taken_once(place: Path, tmp_path: Path) -> None:
    one, other = (made(place)[name].finding.id for name in ("walking", "pain-score"))
    time = "2026-11-26T09:00:00.000Z"
    made_there = lines(Decision(one, BOB, time, Verdict.ACCEPT), Decision(other, BOB, time, Verdict.REJECT, "other"))
    (tmp_path / "d.jsonl").write_text(made_there)
    assert "took 2 new decisions" in kg(place, "take", str(tmp_path / "d.jsonl")).stderr
    assert "took 0 new decisions" in kg(place, "take", str(tmp_path / "d.jsonl")).stderr
    assert [one.reader for one in decisions.read(place)[0]] == [BOB, BOB]


@pytest.mark.parametrize("changed, said", [
    ({"finding": "pmid-9-p0"}, "is no proposal here"),
    ({"verdict": "reject"}, "without a reason"),
    ({"verdict": "edit"}, "without changes"),
    ({"changes": {"phase": "acute"}}, "accepts pmid-7"),
    ({"verdict": "edit", "changes": {"phase": "never"}}, "'never' is not a phase"),
    ({"verdict": "edit", "changes": {"id": "x"}}, "not a column that can be changed"),
    ({"time": "yesterday"}, "has the time 'yesterday'"),
])  # fmt: skip
def test_a_decision_that_is_wrong_is_said_and_none_is_taken(
    place: Path, tmp_path: Path, changed: dict[str, object], said: str
) -> None:
    id = made(place)["walking"].finding.id
    good = json.loads(decisions.line(Decision(id, BOB, "2026-11-26T09:00:00Z", Verdict.ACCEPT)))
    (tmp_path / "d.jsonl").write_text(json.dumps(good) + "\n" + json.dumps(good | changed) + "\n")
    result = kg(place, "take", str(tmp_path / "d.jsonl"))
    assert result.exit_code == 1
    assert said in result.stderr
    assert decisions.read(place) == ([], [])


def test_agreement_and_where_readers_differ_are_listed(place: Path) -> None:
    decide(place, "walking", "accept")
    decide(place, "walking", "edit", BOB, phase="acute")
    decide(place, "pain-score", "reject")
    decide(place, "pain-score", "reject", BOB)
    result = kg(place, "agreement")
    assert "1 proposal read differently" in result.stderr
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert rows[0] == {"reader": ADA, "other": BOB, "column": "verdict", "n": "2", "agreed": "1", "kappa": "0.333"}
    assert {row["column"]: row["agreed"] for row in rows[1:]}["phase"] == "0"
    cases = list(csv.DictReader(io.StringIO(kg(place, "agreement", "--cases").stdout)))
    assert [(row["column"], row["says"], row["says_other"]) for row in cases] == [
        ("verdict", "accept", "edit"), ("phase", "chronic", "acute"),
    ]  # fmt: skip


def test_apply_says_what_it_did(place: Path, sheets: Path) -> None:
    decide(place, "walking", "accept")
    decide(place, "pain-score", "accept")
    decide(place, "pain-score", "reject", BOB)
    result = kg(place, "apply", data=sheets)
    assert result.exit_code == 0
    assert "1 finding added, 0 rows with a new status" in result.stderr
    assert "left out, because readers differ: 1 proposal" in result.stderr
    assert Status.REVIEWED not in {row["status"] for row in table(sheets / confirmed.TABLE)}


def test_a_torn_log_is_said_at_the_command_line(place: Path) -> None:
    (place / decisions.FILE).write_text('{"torn')
    assert "decisions.jsonl, row 1: is cut off" in kg(place, "list").stderr
