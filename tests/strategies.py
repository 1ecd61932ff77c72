"""Invented findings: plain ones for tables of cases, and Hypothesis strategies for all that is written and read."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from kg import model
from kg.model import Arm, Finding, Given, HigherIs, Outcome, Paper, Phase, Role, Term, Therapy, Trial

PAPER = Paper("aoki2001", "Alpha and beta", doi="10.1000/aoki.2001", year=2001)
SCORE = Outcome("outcome", "walking", "walking score", domain="motor", higher_is=HigherIs.BETTER)


def arm(*therapies: str, id: str = "", role: Role = Role.ACTIVE, study: str = "aoki2001") -> Arm:
    """An arm that gives these therapies."""
    return Arm(study, id or "+".join(therapies), tuple(Given(therapy, role) for therapy in therapies))


NOBODY = arm("no-treatment", role=Role.CONTROL)


def finding(**changed: object) -> Finding:
    """Alpha against no treatment, which raised the walking score; `changed` says what is otherwise."""
    plain = Finding(
        id="aoki2001-01", paper=PAPER, study="aoki2001", arm=arm("alpha"), comparator=NOBODY, outcome=SCORE,
        direction=model.Direction.INCREASED, species="mouse", phase="chronic", locator="abstract",
        source_url="https://example.org/aoki2001", row="findings/aoki.csv, row 2",
    )  # fmt: skip
    return replace(plain, **changed)  # type: ignore[arg-type]  # names are checked by replace itself


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
labels = texts.filter(bool)
keys = st.from_regex(r"[A-Za-z0-9]{1,6}(-[A-Za-z0-9]{1,3})?", fullmatch=True)
ids = st.from_regex(r"[a-z0-9]{1,6}(-[a-z0-9]{1,3})?", fullmatch=True)
several = st.lists(ids, max_size=3, unique=True).map(lambda found: tuple(sorted(found)))
words = st.lists(labels, max_size=3, unique=True).map(lambda found: tuple(sorted(found)))
decimals = st.none() | st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15)
counts = st.none() | st.integers(0, 10**9)
arm_names = st.from_regex(r"[A-Za-z0-9]{1,3}([-+._~][A-Za-z0-9]{1,3}){0,2}", fullmatch=True) | labels.filter(
    lambda name: not name.startswith((".", " "))
)
dois = st.text(st.characters(codec="ascii", min_codepoint=33), min_size=1, max_size=12).map(
    lambda end: f"10.1000/{end}"
)


def _common(scheme: str) -> dict[str, st.SearchStrategy[object]]:
    return {"scheme": st.just(scheme), "id": ids, "label": labels, "broader": several, "synonyms": words, "note": texts}


therapies = st.builds(Therapy, **_common("therapy"))
outcomes = st.builds(
    Outcome, **_common("outcome"), domain=ids, higher_is=st.sampled_from(HigherIs), barrier=several, mechanism=several
)
phases = st.builds(
    Phase, **_common("phase"), from_day=decimals, to_day=decimals, human_from_day=decimals, human_to_day=decimals
)
terms = therapies | outcomes | phases | st.builds(Term, **_common("species"))
papers = st.builds(
    Paper, id=keys, title=labels, doi=dois, pmid=st.from_regex(r"(\d{1,8})?", fullmatch=True),
    pmcid=st.from_regex(r"(PMC\d{1,7})?", fullmatch=True), year=counts, journal=texts, first_author=texts,
    last_author=texts, laboratory=ids | st.just(""), kind=st.sampled_from(model.PaperKind),
    status=st.sampled_from(model.PaperStatus), about=several.map(lambda found: tuple(f"barrier:{id}" for id in found)),
    url=texts, note=texts,
)  # fmt: skip
given = st.builds(
    Given, therapy=ids, role=st.sampled_from(Role), order=counts, start_day=decimals, end_day=decimals, dose=decimals,
    unit=texts, dose_text=texts, route=ids | st.just(""), note=texts,
)  # fmt: skip
trials = st.builds(
    Trial, id=keys, title=labels, therapies=several, sponsor=texts, phase=texts, status=texts, why_stopped=texts,
    start_year=counts, injury_phase=several, level=texts, ais=texts, n=counts, n_text=texts,
    result=st.none() | st.sampled_from(model.Result), summary=texts, papers=st.just(()), url=texts, note=texts,
)  # fmt: skip


readings = st.builds(
    model.Reading, finding=keys, reader=labels, date=st.dates().map(str), column=st.sampled_from(["", "phase", "p"]),
    first=texts, second=texts, settled=texts, note=texts,
)  # fmt: skip


_TEXTS = (
    "strain sex level severity measure p spread_kind unit effect_text interaction confidence confidence_reason locator "
    "source_url quote quote_role curator date note row"
).split()
_NUMBERS = "treatment_day measured_day mean_arm spread_arm mean_comparator spread_comparator".split()
_ENUMS = {
    "direction": model.Direction,
    "significant": model.Significant,
    "origin": model.Origin,
    "status": model.Status,
}
_CELLS = {
    **dict.fromkeys(_TEXTS, texts), **dict.fromkeys(_NUMBERS, decimals),
    **dict.fromkeys(["n_arm", "n_comparator"], counts),
    **dict.fromkeys(["species", "injury", "phase", "design", "evidence"], ids),
    **{name: st.sampled_from(kind) for name, kind in _ENUMS.items()},
}  # fmt: skip


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    """A finding of two arms of one study, with anything in up to five of its cells and in those of its arms."""
    one, other = draw(st.lists(arm_names, min_size=2, max_size=2, unique=True))
    arms = st.lists(given, min_size=1, max_size=2).map(tuple)
    study, changed = draw(keys), draw(st.lists(st.sampled_from(sorted(_CELLS)), max_size=5, unique=True))
    return finding(
        id=draw(keys), study=study, paper=draw(papers), outcome=draw(outcomes), arm=Arm(study, one, draw(arms)),
        comparator=Arm(study, other, draw(arms)), **{name: draw(_CELLS[name]) for name in changed},
    )  # fmt: skip
