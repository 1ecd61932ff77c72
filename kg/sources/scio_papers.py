"""The papers of ag-sc/SCIOExtraction, one N-Triples file each, `papers/*.nt` -> papers and findings.

SCIO names no publication there: the file is the paper. Where its target is given less than its reference, the two are
turned round, and the direction with them. A result that is no contrast of two arms of injured animals is set aside:
it is a Problem of `aside`, and the paper's note says how many there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from kg.errors import Problem, UnknownName
from kg.model import (
    NOT_STATED,
    Arm,
    Finding,
    HigherIs,
    Item,
    Origin,
    Outcome,
    Paper,
    Significant,
    Term,
)
from kg.sources import scio_graph, scio_results, scio_words
from kg.sources.scio_graph import Aside, Graph, Lost, only
from kg.sources.scio_groups import Group
from kg.sources.scio_results import OTHER_WAY, Said, p_value
from kg.sources.scio_views import TRENDS
from kg.sources.scio_words import SOURCE
from kg.vocab import Vocab

_EITHER = ("FootprintAnalysisTest", "HindpawSensationTest", "ThermalHyperalgesiaTest")  # more may be good or bad


@dataclass(frozen=True, slots=True)
class _Read:
    """What became of a file: its paper, the findings and their terms, what is wrong, what is set aside."""

    paper: Paper
    terms: Sequence[Term] = ()
    findings: Sequence[Finding] = ()
    wrong: Sequence[Problem] = ()
    aside: Sequence[Problem] = ()


def files(place: Path) -> list[Path]:
    """The N-Triples files of a folder, by name."""
    return sorted(place.glob("papers/*.nt"))


def read(place: Path, vocab: Vocab) -> Iterator[Item | Problem]:
    """The papers and findings of `papers/*.nt`; a file or a result that cannot be read is a Problem."""
    written: set[Term] = set()
    for one in _papers(place, vocab):
        if isinstance(one, Problem):
            yield one
            continue
        yield from one.wrong
        yield one.paper
        yield from (term for term in one.terms if term not in written)
        written.update(one.terms)
        yield from one.findings


def aside(place: Path, vocab: Vocab) -> Iterator[Problem]:
    """The results that can be read and are no contrast of two arms, and why."""
    for one in _papers(place, vocab):
        yield from () if isinstance(one, Problem) else one.aside


def _papers(place: Path, vocab: Vocab) -> Iterator[_Read | Problem]:
    for file in files(place):
        graph = scio_graph.load(file, vocab)
        if isinstance(graph, Problem):
            yield graph
        elif re.fullmatch("[A-Za-z0-9]+", file.stem):
            yield _paper(graph, f"scio-{file.stem.lower()}")
        else:
            yield Problem(graph.file, 0, "", f"{file.stem[:80]!r} names no paper; use letters and digits")


def _paper(graph: Graph, id: str) -> _Read:
    results = [node for node in graph.links if graph.kind(node) == "Result"]
    found: dict[type[Lost], list[Problem]] = {Lost: [], Aside: []}
    findings: list[Finding] = []
    for node in results:
        try:
            findings.append(_finding(graph, node, Paper(id)))
        except Lost as error:
            found[type(error)].append(replace(error.problem, row=graph.lines.get(node, 0)))
    note = f"SCIO names no publication of {graph.file}"
    if found[Aside]:
        note += f"; {len(found[Aside])} of its {len(results)} results are no contrast of two arms here, and left out"
    paper = Paper(id, url=SOURCE, note=note)
    cited = [replace(finding, paper=paper) for finding in findings]
    return _Read(paper, tuple(graph.terms.values()), cited, found[Lost], found[Aside])


def _finding(graph: Graph, node: str, paper: Paper) -> Finding:
    said = scio_results.said(graph, node)
    arm, comparator = said.first, said.second
    if turned := arm.active < comparator.active:
        arm, comparator = comparator, arm
    treated = _treated(arm, comparator)
    return Finding(
        id=f"{paper.id}-{_number(graph, node)}",
        paper=paper,
        study=paper.id,
        arm=Arm(paper.id, arm.id, arm.given),
        comparator=Arm(paper.id, comparator.id, comparator.given),
        outcome=_outcome(graph, node, said, turned),
        direction=OTHER_WAY.get(said.direction, said.direction) if turned else said.direction,
        significant=said.significant,
        p=p_value(said.p),
        species=_term(graph, node, "species", arm.species or comparator.species, "hasOrganismSpecies"),
        strain=arm.species if arm.species == comparator.species and not arm.species.endswith("Species") else "",
        sex=scio_words.SEXES.get(only((arm.sex, comparator.sex)), ""),
        injury=_injury(graph, node, arm),
        level=only((arm.level, comparator.level)),
        phase=NOT_STATED if treated is None else scio_words.phase(graph.vocab, treated),
        treatment_day=treated,
        measure=said.measure,
        n_arm=_size(arm),
        n_comparator=_size(comparator),
        evidence="experimental",
        origin=Origin.IMPORTED,
        locator=f"{graph.file}, {graph.label(node) or node}",
        source_url=SOURCE,
        curator="ag-sc",
        note=_note(said, turned),
        row=f"{graph.file}, row {graph.lines.get(node, 0)}",
    )


def _outcome(graph: Graph, node: str, said: Said, turned: bool) -> Outcome:
    """The measured quantity, with the polarity that was judged where one was.

    Where a control is the target, some judgements speak of it and some of the therapy: no polarity follows from them.
    """
    judged = not turned and said.judgement in ("Positive", "Negative") and said.direction in OTHER_WAY
    more = scio_words.polarity(said.judgement, said.direction) if judged else HigherIs.UNKNOWN
    neither = said.judgement == "Neutral" and said.significant is Significant.YES
    find = scio_words.own_outcome if neither or (said.method in _EITHER and not judged) else scio_words.outcome
    try:
        term = find(graph.vocab, said.method, more)
    except UnknownName as error:
        raise Lost(graph.problem(node, "hasInvestigationMethod", str(error))) from error
    graph.own(term)
    return term


def _term(graph: Graph, node: str, scheme: str, word: str, column: str) -> str:
    """The id of the term that a class of SCIO means."""
    words = scio_words.words()
    if not word:
        return NOT_STATED
    if (scheme, word) not in words:
        known = scio_words.known(scheme)
        raise Lost(graph.problem(node, column, str(UnknownName(f"{scheme} of SCIO", word, known))))
    return words[scheme, word][0] or graph.own(Term(scheme, scio_words.slug(word), scio_words.label(word)))


def _injury(graph: Graph, node: str, group: Group) -> str:
    device = f"{group.injury}/{group.device}"
    return scio_words.words().get(("injury", device), ("", ""))[0] or _term(
        graph, node, "injury", group.injury, "hasInjuryModel"
    )


def _treated(arm: Group, comparator: Group) -> Decimal | None:
    """The day of what the arm has more, where it is one."""
    isolated = arm.active - comparator.active or arm.active
    days = {given.start_day for given in arm.given if given.therapy in isolated}
    return days.pop() if len(days) == 1 else None


def _size(group: Group) -> int | None:
    found = re.fullmatch(r"(?:n *= *)?([1-9][0-9]{0,5})", group.size)
    return int(found[1]) if found else None


def _number(graph: Graph, node: str) -> str:
    found = re.fullmatch(r".*_([0-9]{1,12})", node)
    if not found:
        raise Lost(graph.problem(node, "", f"{node[:80]!r} has no number to be known by"))
    return found[1]


def _note(said: Said, turned: bool) -> str:
    """What has no column here: SCIO's words for the groups, the difference and the judgement, and what is not plain."""
    groups = (said.first, said.second)
    parts = [f"SCIO compares {said.first.label!r} with {said.second.label!r}"]
    parts += ["turned round here, as the first is given less"] if turned else []
    parts += [f"{group.label!r} pools {', '.join(group.pooled)}" for group in groups if group.pooled]
    parts += [f"n {group.size!r}" for group in groups if group.size and not _size(group)]
    parts += [f"difference {said.difference}"] if said.difference not in TRENDS else []
    parts += [f"judged {said.judgement}"] if said.judgement else []
    parts += [f"p {said.p!r}"] if said.p and not p_value(said.p) else []
    return "; ".join(parts)
