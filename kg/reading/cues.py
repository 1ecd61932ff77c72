"""Words that say how something moved, against what, and whether it is told as this study's own result.

Rules of our own: medspaCy and negspacy do negation of findings in clinical notes, on a spaCy pipeline (some five hundred
and eighteen documents a second), and know nothing of comparisons, which is what a result is made of.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kg.document import Span

_ANY = r"(?:\w+[ -]){0,3}?"
_WORDS: dict[str, str] = {
    "safe": r"no (?:serious |severe |significant |major )?(?:adverse|side|complication|toxic|tumou?r|teratoma)\w*|without (?:adverse|side|complication|toxic|tumou?r)\w*|(?:was|were|is|proved) (?:safe|well tolerated)",
    "none": rf"no(?: \w+)? (?:significant(?:ly)? |statistical(?:ly)? (?:significant )?|measurable |apparent |clear |detectable |obvious |further |additional |added |functional |marked |beneficial |between[ -]group )*(?:differen\w+|effects?|improvements?|changes?|benefits?|influence|impact|gains?|recovery|advantage|increases?|decreases?|reductions?|association|evidence|superiority)|not {_ANY}(?:significant\w*|differ\w*|improv\w*|affect\w*|chang\w*|alter\w*|influenc\w*|increas\w*|reduc\w*|decreas\w*|enhanc\w*|promot\w*|superior|effective|better|greater|benefi\w*|depart|modif\w*|attenuat\w*|recover\w*|result|lead|provide|produce|show|reach)|neither|nor (?:was|were|did)|fail\w* to|without {_ANY}(?:effect|improv\w*|differ\w*|chang\w*|affecting|benefit)\w*|unchanged|unaffected|unaltered|ineffective|similar(?:ly)?|comparable|equivalent|equal(?:ly)?|indistinguishable|non-?significan\w*|remained the same|little (?:effect|change|difference)|lack of (?:effect|improvement|efficacy)|no longer differed",
    "better": r"(?:improv|ameliorat|restor|recover|benefi|better|facilitat|rescu|regain|normali[sz]|superior|preserv|spar(?:ed|ing)|protect|optimi)\w*|functional (?:gains?|recovery)|gain(?:s|ed)? (?:in|of)|outperform\w*|good|excellent|best|most effective|efficacious",
    "worse": r"(?:wors|impair|deteriorat|exacerbat|aggravat|detriment|poor|compromis|hinder)\w*|adversely|delayed recovery|declin\w*",
    "up": r"(?:increas|enhanc|higher|greater|more|elevat|up-?regulat|augment|larger?|largest|highest|greatest|longer|faster|stronger|promot|stimulat(?:ed|es)|induc|rais|boost|rise|rose|grew|extend|expand|strengthen|double|accelerat|steeper|elicit|evok)\w*|abundant|numerous|thicker",
    "down": r"(?:decreas|reduc|attenuat|lower|fewer|less|smaller|suppress|inhibit|diminish|alleviat|prevent|mitigat|down-?regulat|minimi|shorten|weaken|declin|lessen|reliev|abolish|block|limit|dampen|shrank|shrunk|reversed|counteract|delay)\w*|fell|dropped|lowest|smallest|least",
    "speculation": r"may|might|could|would|should|potential(?:ly)?|hypothes\w+|(?:aim|purpose|objective|goal)s?|to (?:investigat|evaluat|determin|assess|examin|test|explor|compar|study|clarify|elucidat|analy[sz])\w*|whether|(?:asked|asks|wondered|question)(?: \\(\\d\\))? (?:here )?(?:was )?if|further (?:stud|work|research)\w*|expected|conceivabl\w+|promising|warrant\w*|remains? (?:to be|unclear|unknown|elusive)",
    "not-own": r"previous(?:ly)?(?: \w+)? (?:stud|report|work|show|demonstrat|found|publish)\w*|(?:have|has) (?:been|shown|demonstrated|reported|proved|yielded)|(?:it is|is well) known|earlier (?:stud|report|work)\w*|in the literature|other (?:groups|authors|studies)|showed previously|in vitro|in culture|cultured",
    "significant": r"significan\w+|p\s*(?:<|=|\u2264|\u02c2)\s*0?\.\d+|markedly|substantially",
    "versus": r"(?:as )?(?:compared|comparison) (?:with|to)|than|versus|vs\.?|relative to|as against|in contrast (?:to|with)|against|over (?:that|those|the control)|from (?:that|those|the control)|between(?: the)? groups?|beyond",
    "plus": r"combin\w+|together with|plus|along with|co-?(?:transplant|graft|administ|treat|deliver|inject|implant)\w*|in conjunction with|alongside|in addition to|added to|adjunct\w*|followed by|simultaneous\w*|concomitant\w*|both treatments|(?<=\w)\s*\+\s*(?=\w)",
    "alone": r"alone|monotherapy|either (?:treatment|therapy|intervention|agent|one)|single (?:treatment|therap|agent)\w*|each (?:treatment|therapy|one)|by itself|only",
}  # fmt: skip
_HEDGED = ("speculation", "not-own", "safe", "significant", "versus", "plus", "alone")
_ALL = {kind: re.compile(rf"(?<![\w-])(?:{words})(?!\w)", re.IGNORECASE) for kind, words in _WORDS.items()}
_FALSE = re.compile(
    r"increasing (?:evidence|number)|more than (?:one|two|half|\d+)|not only|at least|less than \d|"
    r"better (?:known|understood)|recovery (?:period|room)|higher (?:doses?|animals|vertebrates)|(?:lower|upper)[ -](?:limbs?|extremit\\w+|motor|thoracic|cervical|lumbar|urinary)|(?:larger?|longer|more) (?:stud|trial|follow|work)\\w*|short-lasting|long-lasting|more (?:severe|likely)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Cue:
    """One such word or phrase, and its place."""

    kind: str
    span: Span


def cues(text: str, span: Span) -> tuple[Cue, ...]:
    """The cues of a sentence or clause, by place; what a negation covers says nothing of its own."""
    part = text[span.start : span.end]
    false = [match.span() for match in _FALSE.finditer(part)]
    taken = list(false)
    found: list[Cue] = []
    for kind, pattern in _ALL.items():
        for match in pattern.finditer(part):
            if any(start < match.end() and match.start() < end for start, end in (false if kind in _HEDGED else taken)):
                continue
            found.append(Cue(kind, Span(span.start + match.start(), span.start + match.end())))
            if kind not in _HEDGED or kind == "safe":
                taken.append(match.span())
    return tuple(sorted(found, key=lambda cue: (cue.span, cue.kind)))
