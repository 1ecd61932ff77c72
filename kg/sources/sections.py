"""The section that a heading opens, by its words: headings as printed, labels of abstracts, values of `sec-type`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.document import Passage, Section

_FILLERS = """a adds an and case cases clinical data description detailed directions following for future general
    i ii iii in iv key main of on online or our overall primary recent report review secondary short specific star
    statement study the their this to trial v vi vii with""".split()
# The first of these that a heading names is its section: "Methods and results" tells results.
_WORDS = {
    Section.RESULTS: "finding findings observation observations presentation result results",
    Section.METHODS: """analyses analysis animal animals approach approaches design designs eligibility experimental
        experiments extraction intervention interventions material materials measure measurement measurements measures
        method methodology methods outcome outcomes participant participants patient patients population procedure
        procedures protocol protocols sample search selection setting settings source sources statistical statistics
        strategy subject subjects synthesis techniques""",
    Section.BACKGROUND: """aim aims background context hypotheses hypothesis intro introduction object objective
        objectives purpose purposes question questions rationale""",
    Section.DISCUSSION: "comment comments discuss discussion discussions limitation limitations strengths",
    Section.CONCLUSIONS: """concl concluding conclusion conclusions implication implications interpretation
        interpretations outlook perspective perspectives relevance remarks significance summary""",
}
_SECTION = {word: section for section, words in _WORDS.items() for word in words.split()}
_RANK = list(_WORDS)
_LABEL = re.compile(r"(?:^|(?<=[.!?;)\]])\s*|\n\s*)([A-Z][A-Za-z ,/&-]{2,60}):\s+(?=\S)")
UNTOLD = (Section.ABSTRACT, Section.BODY)


def section(heading: str, default: Section) -> Section:
    """The section that a heading opens, `2.1 Materials and methods` methods; the default where a word tells nothing."""
    words = [word for word in re.findall(r"[^\W\d_]+", heading.casefold()) if word not in _FILLERS]
    if not words or any(word not in _SECTION for word in words):
        return default
    return min((_SECTION[word] for word in words), key=_RANK.index)


def labelled(text: str, default: Section, heading: str = "") -> Iterator[Passage]:
    """A text cut at the labels printed in it, `METHODS: `, which become headings; up to the first it is the default."""
    opened, start = default, 0
    for label in _LABEL.finditer(text):
        if (told := section(label[1], default)) is not default:
            yield from _passage(opened, text[start : label.start()], heading)
            opened, heading, start = told, label[1], label.end()
    yield from _passage(opened, text[start:], heading)


def _passage(opened: Section, text: str, heading: str) -> Iterator[Passage]:
    if text.strip():
        yield Passage(opened, text.strip(), heading)
