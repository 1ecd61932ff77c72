from __future__ import annotations

import csv
import html.parser
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import accessible
import bibtexparser
import browser
import pytest
import rispy
from click.testing import CliRunner

import kg
from kg import build, library
from kg.cli import main
from kg.errors import KgError, UnknownName
from kg.store import Store
from kg.views.report import facts, form, markdown, receipts, report
from kg.views.report.document import Document, Sentence

ATTACKS = [
    "</script><script>window.__pwned=1</script>",
    "<img src=x onerror=window.__pwned=1>",
    "\"'><svg onload=window.__pwned=1>",
    "javascript:window.__pwned=1",
    "{{ 7 * 7 }} {% raw %} ${window.__pwned=1} \u2028 <!--",
    'https://x.example/" onclick=window.__pwned=1 a="',
    "[click](javascript:window.__pwned=1) `code` | cell | # head *b* _i_ ![x](y) ~~s~~ &lt;",
    "# head",
    "1. item",
    "- item",
]
PROMISES = re.compile(
    r"\b(effective|efficacy|works?|treats?|promising|signific\w+|cures?|proven|beneficial)\b", re.IGNORECASE
)


@pytest.fixture(scope="module")
def alpha(tiny):
    return report("alpha", tiny)


@pytest.fixture(scope="module")
def tab():
    yield from browser.tabs()


def lines(made, section):
    """The lines of one section of the Markdown, receipts without their addresses."""
    text = re.sub(r"\]\(#ref-\d+ \"[^\"]*\"\)", "]", made.content(Path(".md")).decode())
    return [line for line in text.split(f"\n## {section}\n")[1].split("\n## ")[0].splitlines() if line]


def sentences(document: Document):
    return [sentence for section in document.sections for sentence in section.sentences()]


# --- what it says -----------------------------------------------------------------------------------------------------


def test_limits_say_what_findings_do_not_state_animals_and_people_apart(alpha):
    animals, people = "\n".join(lines(alpha, "Limits first")).split("### People")
    assert "1 finding withdrawn or of a retracted paper is left out." in animals
    assert (
        "7 findings of 2 studies in 2 papers, from 2 named laboratories [[1 Fig. 3B, abstract]] [[2 abstract]]."
        in animals
    )
    assert "6 of 7 findings were read in an abstract" in animals
    assert "5 of 7 findings state no size of a group" in animals
    assert "no phase" not in animals
    assert "1 of 1 finding states no phase of injury [[3 abstract]]." in people
    assert "1 of 1 finding is disputed [[3 abstract]]." in people


def test_limits_and_nulls_stand_before_anything_that_improved(alpha):
    for text in (alpha.html, alpha.content(Path(".md")).decode()):
        places = [text.index(words) for words in ("Limits first", "No difference, or worse", "What was tried")]
        assert places == sorted(places)
        assert places[0] < text.index("saw no difference in an outcome") < text.index("saw an improvement")


def test_nulls_and_harms_are_told_by_domain_and_species(alpha):
    assert lines(alpha, "No difference, or worse") == [
        "In contrasts that isolate alpha. A study that saw both a null and a benefit stands here and below.",
        "### Animals",
        "- **Motor function.** Rat: 1 study saw no difference in walking score [[2 abstract]].",
        "### People",
        "- **Motor function.** Human: 1 study saw no difference in walking score [[3 abstract]].",
    ]


def test_what_was_tried_is_told_by_what_the_contrast_isolates(alpha):
    told = lines(alpha, "What was tried")
    assert told[told.index("### Added alone") :] == [
        "### Added alone",
        "#### alpha",
        "Against control not named, no treatment and vehicle.",
        "- **In mouse, chronic, 1 study.** Motor function and scarring: improved [[1 Fig. 3B, abstract]].",
        "- **In rat, chronic, 1 study.** Motor function: no difference [[2 abstract]].",
        "- **In people, phase not stated, 1 study.** Motor function: no difference [[3 abstract]].",
        "#### Others",
        "- **Alpha two.** Against no treatment. In rat, chronic, 1 study. Motor function: improved [[2 abstract]].",
        "### Combinations tested as a whole, which credits none of their parts",
        "- **Alpha + beta.** Against vehicle. In mouse, chronic, 1 study. Pain: worsened [[1 abstract]].",
        "### Given to both sides; what is isolated is something else",
        "- **Beta on top of alpha.** In mouse, chronic, 1 study. Motor function: improved [[1 abstract]]. "
        "Scarring: no difference [[1 abstract]].",
    ]


def test_counts_name_nulls_and_harms_even_where_there_are_none(shipped):
    told = [one.text for one in sentences(report("ChABC", shipped).document) if re.search(r"[2-9] studies: ", one.text)]
    assert "Motor function in 2 studies: 2 improved, 0 no difference, 0 worsened." in told
    assert all("no difference" in text and "worsened" in text for text in told if "improved" in text)


def test_what_nothing_isolates_is_said_with_the_arms_that_gave_it(sheets):
    rows = read(sheets / "findings" / "aoki.csv")
    write(sheets / "findings" / "aoki.csv", [row for row in rows if row["id"] == "aoki2001-04"])
    made = report("beta", Store.of(build.collect(sheets).triples()))
    assert lines(made, "What was tried")[1] == (
        "- **No contrast here isolates beta: nothing that follows can be credited to it. It was given in 1 arm.** "
        "alpha + beta: 1 study in animals [[1 abstract]]."
    )
    assert "In all contrasts, since none isolates it." in lines(made, "No difference, or worse")[0]


def test_a_combination_is_told_as_a_whole_and_by_part(tiny):
    made = report("beta + alpha", tiny)
    assert made.document.title == "Evidence on alpha + beta"
    assert [line for line in lines(made, "What was tried") if line.startswith("- ")] == [
        "- **Beta on top of alpha.** In mouse, chronic, 1 study. Motor function: improved [[1 abstract]]. "
        "Scarring: no difference [[1 abstract]].",
        "- **Alpha + beta.** Against vehicle. In mouse, chronic, 1 study. Pain: worsened [[1 abstract]].",
    ]


def test_a_question_is_told_by_the_findings_it_answers_with(tiny):
    made = report("adds --base alpha", tiny)
    assert made.document.title == library.question("adds").summary
    assert {fact.finding for fact in made.document.facts} == {
        str(row["finding"]) for row in kg.query("adds", tiny, base="alpha")
    }


def test_a_question_that_names_no_findings_shows_its_answer_and_the_findings_of_its_conditions(tiny):
    made = report("never-combined --phase chronic", tiny)
    assert made.document.answer.count == len(kg.query("never-combined", tiny, phase="chronic"))
    assert {fact.phase for fact in made.document.facts} == {"chronic"}
    assert "names no findings; below it stand all findings for chronic." in made.html


def test_contradictions_are_those_of_the_question(shipped):
    for word in ("chondroitinase ABC", "olfactory ensheathing cell"):
        made = report(word, shipped).document
        (section,) = (section for section in made.after if section.id == "contradictions")
        facts_of = {fact.finding: fact for fact in made.facts}
        told = {
            (fact.isolates, fact.domain, fact.phase)
            for sentence in section.sentences()
            for fact in (facts_of[key] for key in sentence.findings)
        }
        asked = kg.query("contradictions", shipped, isolated=word)
        assert told == {(row["isolates"], row["domain"], row["phase"]) for row in asked}


def test_harms_that_were_looked_for_are_those_of_the_question(shipped):
    made = report("hiPSC-NS/PC", shipped).document
    (section,) = (section for section in made.after if section.id == "harms")
    told = {key for sentence in section.sentences() for key in sentence.findings}
    asked = kg.query("safety", shipped, therapy="hiPSC-NS/PC") + kg.query("tumours", shipped, therapy="hiPSC-NS/PC")
    assert told == {row["finding"] for row in asked}


def test_trials_of_a_therapy_are_those_of_the_question(shipped):
    (section,) = (section for section in report("cells", shipped).document.after if section.id == "trials")
    told = {trial for sentence in section.sentences() for trial in sentence.trials}
    assert told == {row["trial"] for row in kg.query("trials", shipped, therapy="cells")}


def test_untested_pairs_are_called_hypotheses_and_give_findings_for_and_against(alpha):
    told = lines(alpha, "Never tried together")
    assert told[0].startswith("Hypotheses, not results: 3 pairs")
    assert told[1:4] == [
        "### Chronic",
        "- **Alpha.** Where alpha was added, motor function and scarring improved in 1 study in animals; "
        "no difference, worse or mixed in 1 study in animals [[1 Fig. 3B, abstract]] [[2 abstract]].",
        "- **Alpha with gamma (purified).** Where gamma (purified) was added, motor function improved in 1 study in "
        "animals; no null or harm here [[2 abstract]].",
    ]


def test_no_sentence_promises_anything(shipped):
    for what in ("hiPSC-NS/PC", "ChABC", "cell therapy"):
        made = report(what, shipped).document
        said = [sentence.text for sentence in sentences(made) if not sentence.trials]
        said += [section.note for section in made.sections] + [group.note for s in made.sections for group in s.groups]
        assert not [text for text in said if PROMISES.search(text)]


# --- what it rests on -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["ChABC", "hiPSC-NS/PC", "cell therapy", "never-combined --phase chronic"])
def test_every_sentence_rests_on_findings_that_exist(shipped, what):
    made = report(what, shipped).document
    keys = {fact.finding for fact in made.facts}
    for sentence in sentences(made):
        spoken = sentence.findings or sentence.trials or sentence.text.startswith(("Against", "In "))
        assert spoken, sentence.text
        assert keys >= {*sentence.findings}
        assert made.trials.keys() >= {*sentence.trials}


@pytest.mark.parametrize("what", ["ChABC", "cell therapy", "findings --phase chronic"])
def test_counts_can_be_counted_again_from_the_findings(shipped, what):
    made = report(what, shipped).document
    known = {fact.finding: fact for fact in made.facts}
    counted = 0
    for sentence in sentences(made):
        found = [known[key] for key in sentence.findings]
        results = re.search(r"in (\d+) stud(?:y|ies): (.*?)\.$", sentence.text)
        if not results:
            continue
        counted += 1
        assert int(results[1]) == len({fact.study for fact in found})
        for number, result in re.findall(r"(\d+) (improved|no difference|worsened|mixed|cannot be called)", results[2]):
            name = result.replace("cannot be called", "undetermined")
            assert int(number) == len({fact.study for fact in found if fact.result == name})
    assert counted > 5


def test_numbers_of_limits_can_be_counted_again(shipped):
    made = report("ChABC", shipped).document
    known = {fact.finding: fact for fact in made.facts}
    for sentence in made.before[0].sentences():
        number, unit = re.match(r"([\d,]+) (?:of [\d,]+ )?(finding|stud)", sentence.text).groups()
        found = [known[key] for key in sentence.findings]
        assert int(number) == (len(found) if unit == "finding" else len({fact.study for fact in found}))


def test_animals_and_people_are_never_in_one_count(shipped):
    made = report("cell therapy", shipped).document
    known = {fact.finding: fact for fact in made.facts}
    for section in made.sections[:3]:
        for sentence in section.sentences():
            found = {known[key].population for key in sentence.findings}
            apart = len(found) < 2 or "more contrast" in sentence.text or "in animals" in sentence.text
            assert apart, sentence.text


def test_references_are_numbered_as_sentences_name_them_and_hold_every_paper(alpha):
    made = alpha.document
    assert [paper["id"] for paper in made.papers] == ["aoki2001", "baba2002", "eda2005"]
    assert {fact.paper for fact in made.facts} == {paper["id"] for paper in made.papers}
    assert (
        "[doi:10.1000/Aoki.(2001)1:2;3](https://doi.org/10.1000/Aoki.%282001%291:2;3)"
        in alpha.content(Path(".md")).decode()
    )
    assert 'href="https://doi.org/10.1000/Aoki.%282001%291:2;3"' in alpha.html


def test_a_receipt_links_to_the_reference_and_names_the_finding(alpha):
    found = re.findall(r'<a href="#ref-(\d+)" data-findings="[\d ]+" title="([^"]*)">(\d+)[^<]*</a>', alpha.html)
    assert len(found) > 20
    assert all(number == shown and title.startswith("kg show ") for number, title, shown in found)
    assert re.search(r'\[\[1 Fig\. 3B\]\(#ref-1 "kg show aoki2001-01"\)\]', alpha.content(Path(".md")).decode())


def test_a_sentence_on_many_papers_names_some_and_counts_the_rest(shipped):
    made = report("cell therapy", shipped).document
    numbers = {str(paper["id"]): number for number, paper in enumerate(made.papers, 1)}
    first = next(iter(made.before[0].sentences()))
    behind = receipts.of(first, {fact.finding: fact for fact in made.facts}, numbers)
    assert len(behind.shown) == receipts.FIRST
    assert {*first.findings} == {key for one in behind.shown for key in one.findings} | {*behind.more}


# --- its forms --------------------------------------------------------------------------------------------------------


def test_the_same_graph_gives_the_same_bytes(alpha, collected):
    again = report("alpha", Store.of(reversed(list(collected.triples()))))
    for known in (".html", ".md", ".bib", ".ris", ".csl.json"):
        assert again.content(Path(known)) == alpha.content(Path(known))


_HASHED = """
import hashlib, sys
from pathlib import Path
from kg import api
from kg.views.report import report

made = report("alpha", api.load(sys.argv[1]))
print(hashlib.sha256(made.html.encode() + made.content(Path(".md"))).hexdigest())
"""


def test_the_same_bytes_under_another_hash_seed(built):
    command = [sys.executable, "-c", _HASHED, str(built)]
    seeds = [os.environ | {"PYTHONHASHSEED": seed} for seed in ("1", "2")]
    one, other = (subprocess.check_output(command, env=seed, timeout=60) for seed in seeds)
    assert one == other


def test_the_references_can_be_read_by_others(alpha):
    papers = [paper["id"] for paper in alpha.document.papers]
    bib = bibtexparser.parse_string(alpha.content(Path(".bib")).decode())
    assert [entry.key for entry in bib.entries] == papers
    assert [entry["id"] for entry in rispy.loads(alpha.content(Path(".ris")).decode())] == papers
    assert [item["id"] for item in json.loads(alpha.content(Path(".csl.json")))] == papers


def test_the_page_holds_the_references_as_files(alpha):
    data = json.loads(re.search(r'id="data">(.*?)</script>', alpha.html, re.DOTALL)[1])
    assert {name: text.encode() for name, text in data["references"].items()} == {
        name: alpha.content(Path(f".{name}")) for name in ("bib", "ris", "csl.json")
    }


def test_markdown_and_page_say_the_same_sentences(alpha):
    page = re.sub(r"\s+", " ", Text.of(alpha.html))
    for sentence in sentences(alpha.document):
        assert sentence.parts[0] in page
        assert markdown.plain(sentence.parts[0]) in alpha.content(Path(".md")).decode()


def test_a_file_is_named_for_its_form(tmp_path, alpha):
    assert alpha.save(tmp_path / "a.MD").read_bytes() == alpha.content(Path(".md"))
    assert form(Path("refs.csl.json")) == ".csl.json"
    with pytest.raises(
        KgError, match=r"'a\.pdf' is no report: name the file \.html, \.md, \.bib, \.ris or \.csl\.json"
    ):
        form(Path("a.pdf"))


def test_a_picture_that_does_not_fit_is_a_sentence(tiny):
    made = report("gamma", tiny)
    assert "No forest plot: no finding here prints n, means and spreads of both sides." in made.html
    assert "No forest plot: only one finding here prints n, means and spreads" in report("alpha", tiny).html


# --- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("alhpa", r"'alhpa' is not a therapy, combination or question here\. Did you mean 'alpha'"),
        ("alpha + bta", r"'bta' is not a therapy\. Did you mean 'beta'"),
        ("ads --base alpha", r"'ads' is not a question\. Did you mean 'adds'"),
        ("adds --bse alpha", r"Did you mean 'base'"),
    ],
)
def test_an_unknown_word_is_refused_with_the_nearest(tiny, word, said):
    with pytest.raises(UnknownName, match=said):
        report(word, tiny)


@pytest.mark.parametrize(
    "word", ["", "adds --base 'alpha", "alpha + gamma", "adds --base", "findings --phase acute --domain pain"]
)
def test_what_cannot_be_told_is_one_sentence(tiny, word):
    with pytest.raises(KgError) as error:
        report(word, tiny)
    assert "\n" not in str(error.value)


def test_the_command_writes_the_form_that_is_asked_for(built, tmp_path):
    for name, start in [("r.html", b"<!doctype html>"), ("r.md", b"# Alpha, told"), ("r.bib", b"@article{aoki2001")]:
        ran = CliRunner().invoke(
            main, ["--store", str(built), "report", "alpha", "--title", "Alpha, told", "-o", str(tmp_path / name)]
        )
        assert ran.exit_code == 0, ran.output
        assert (tmp_path / name).read_bytes().startswith(start)
    assert CliRunner().invoke(main, ["--store", str(built), "report", "alpha", "-o", "x.pdf"]).exit_code == 2
    assert CliRunner().invoke(main, ["--store", str(built), "report", "alhpa", "-o", str(tmp_path / "x")]).exit_code


def test_python_users_call_it(tiny):
    assert kg.report("alpha", tiny).html.startswith("<!doctype html>")


# --- hostile data -----------------------------------------------------------------------------------------------------


def read(file: Path):
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def write(file: Path, rows):
    with file.open("w", encoding="utf-8", newline="") as lines:
        made = csv.DictWriter(lines, list(rows[0]))
        made.writeheader()
        made.writerows(rows)


class Text(html.parser.HTMLParser):
    """The text of a page, its tags, and its links."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.parts, self.tags, self.attributes, self.silent = [], set(), [], False
        self.feed(page)

    @classmethod
    def of(cls, page: str) -> str:
        return "".join(cls(page).parts)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes += attributes
        self.silent = tag in ("script", "style")

    def handle_endtag(self, tag):  # noqa: ARG002  # the parser's own signature
        self.silent = False

    def handle_data(self, data):
        if not self.silent:
            self.parts.append(data)


@pytest.fixture(scope="module")
def attacked(tmp_path_factory):
    """The report on a therapy of a graph whose every label, title, place, note and trial is an attack."""
    folder = Path(shutil.copytree(Path(__file__).parent / "tiny", tmp_path_factory.mktemp("bad") / "tiny"))
    findings = ("measure", "locator", "effect_text")
    spoil = {
        "vocab/therapies.csv": ("label", "note"),
        "vocab/outcomes.csv": ("label", "note"),
        "vocab/domains.csv": ("label",),
        "papers.csv": ("title", "journal", "first_author", "note"),
        "trials.csv": ("sponsor", "summary", "why_stopped", "phase", "note"),
        "findings/aoki.csv": findings,
        "findings/others.csv": findings,
    }
    number = 0
    for file, columns in spoil.items():
        rows = read(folder / file)
        for row in rows:
            for column in columns:
                attack = ATTACKS[number % len(ATTACKS)]
                row[column] = f"{attack} {number}" if column == "label" else attack
                number += 1
        write(folder / file, rows)
    return report("alpha", Store.of(build.collect(folder).triples()))


def test_attacks_stay_text_on_the_page(alpha, attacked):
    plain, bad = Text(alpha.html), Text(attacked.html)
    assert bad.tags <= plain.tags
    assert not [name for name, _ in bad.attributes if name.startswith("on")]
    links = [value for name, value in bad.attributes if name in ("href", "src")]
    assert links
    assert all(re.match(r"#[\w-]+$|https://[^\"<>\s]+$", link) for link in links)
    assert sum(attack in "".join(bad.parts) for attack in ATTACKS) > 6
    assert not set("<>&\u2028\u2029") & set(re.search(r'id="data">(.*?)</script>', attacked.html, re.DOTALL)[1])


def test_attacks_stay_text_in_markdown(attacked):
    text = attacked.content(Path(".md")).decode()
    for line in text.splitlines():
        bare = re.sub(r"\\.|`+[^`]*`+", "", line)
        assert "](javascript" not in bare
        assert not re.search(r"<(?!a id=\"ref-\d+\"></a>)", bare.replace("</a>", "")) or "<a id=" in line
        assert "![" not in bare
        targets = re.findall(r"\]\(([^)]*)\)", bare)
        assert all(re.match(r"#ref-\d+ \"|https?://[^\s\"]+$", target) for target in targets), targets
    heads = [line for line in text.splitlines() if line.startswith("#")]
    assert not [head for head in heads if re.match(r"#+ head", head)]
    table = text.split("## All findings")[1].strip().splitlines()[2:]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {12}


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("a [b](javascript:x) <i> | `c` # d", r"a \[b\](javascript:x) \<i\> \| \`c\` \# d"),
        ("# head\n- item", r"\# head - item"),
        ("- item", r"\- item"),
        ("12. item", r"12\. item"),
        ("a\\`b &amp; c\x00", "a\\\\\\`b &amp;amp; c\ufffd"),
    ],
)
def test_text_from_elsewhere_is_escaped_in_markdown(text, made):
    assert markdown.plain(text) == made


def test_a_command_stays_code_whatever_it_holds():
    assert markdown.code("kg report a") == "`kg report a`"
    assert markdown.code("kg report 'a ``b`'") == "``` kg report 'a ``b`' ```"


@pytest.mark.parametrize(
    "bad", ["javascript:alert(1)", "data:text/html,x", "https://x.example/ onclick=x", 'https://x/"', "ftp://x", ""]
)
def test_only_addresses_of_the_web_are_linked(bad):
    assert receipts.web(bad) == ""


def test_attacks_do_nothing_in_a_browser(attacked, tab, tmp_path):
    file = attacked.save(tmp_path / "bad.html")
    tab.open(file, "document.body.dataset.ready === 'true'")
    for link in range(3):
        tab.run(f"document.querySelectorAll('a[data-findings]')[{link}].click()")
    assert tab.run("window.__pwned") is None
    assert not [address for address in tab.requests() if not address.startswith("file:")]
    assert not tab.complaints()


# --- in a browser -----------------------------------------------------------------------------------------------------


def test_a_mark_and_a_receipt_open_their_findings_and_escape_closes_them(alpha, tab, tmp_path):
    tab.open(alpha.save(tmp_path / "alpha.html"), "document.body.dataset.ready === 'true'")
    for picture in range(tab.run("document.querySelectorAll('#picture svg').length")):
        mark = f"document.querySelectorAll('#picture svg')[{picture}].querySelector('.mark')"
        tab.run(f"{mark}.dispatchEvent(new MouseEvent('click', {{ bubbles: true }}))")
        assert tab.run("document.getElementById('panel').hidden") is False
        assert tab.run(f"document.querySelector('#panel h2').textContent === {mark}.getAttribute('aria-label')")
        tab.press("Escape")
        assert tab.run("document.getElementById('panel').hidden") is True
    tab.run("document.querySelector('#nulls a[data-findings]').click()")
    assert tab.run("document.querySelector('#panel code').textContent") == "kg show baba2002-02"
    assert not tab.complaints()


def test_arrow_keys_walk_the_marks_of_one_picture(alpha, tab, tmp_path):
    tab.open(alpha.save(tmp_path / "alpha.html"), "document.body.dataset.ready === 'true'")
    tab.run("document.querySelectorAll('#picture svg')[1].querySelector('.mark').focus()")
    tab.press("ArrowDown")
    second = "document.querySelectorAll('#picture svg')[1].querySelectorAll('.mark')[1]"
    assert tab.run(f"document.activeElement === {second}")
    reached = "svg => svg.querySelectorAll('.mark[tabindex=\"0\"]').length === 1"
    assert tab.run(f"[...document.querySelectorAll('#picture svg')].every({reached})")


def test_ids_stand_once_on_the_page(alpha, tab, tmp_path):
    tab.open(alpha.save(tmp_path / "alpha.html"), "document.body.dataset.ready === 'true'")
    assert (
        tab.run("[...document.querySelectorAll('[id]')].map(e => e.id).filter((id, i, all) => all.indexOf(id) !== i)")
        == []
    )


@pytest.mark.parametrize("dark", [False, True])
def test_nothing_is_wider_than_a_phone(alpha, tab, tmp_path, dark):
    tab.window(390, 844, dark)
    tab.open(alpha.save(tmp_path / "alpha.html"), "document.body.dataset.ready === 'true'")
    assert tab.run("document.documentElement.scrollWidth") <= 390
    tab.window(1400, 900)


@pytest.mark.parametrize("dark", [False, True])
def test_nothing_stands_in_the_way_of_a_screen_reader(alpha, tab, tmp_path, dark):
    tab.window(1400, 900, dark)
    tab.open(alpha.save(tmp_path / "alpha.html"), "document.body.dataset.ready === 'true'")
    assert not [str(one) for one in accessible.obstacles(tab)]
    tab.run("document.querySelector('#nulls a[data-findings]').click()")
    assert not [str(one) for one in accessible.obstacles(tab)]
    tab.window(1400, 900)


def test_the_sentence_without_a_stop_has_none():
    assert Sentence("And 3 more:").parts == ("And 3 more:", "")


def test_words_are_listed_with_an_and():
    assert facts.listed(["b", "a"]) == "a and b"
    assert facts.listed("abcdef") == "a, b, c and 3 more"
    assert facts.capital("hESC-OPC on top") == "hESC-OPC on top"
