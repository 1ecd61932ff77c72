"""Words that say how something moved, against what, and whether it is told as this study's own result.

Rules of our own, after NegEx (Chapman 2001, J Biomed Inform 34:301-310): cue words are found in one pass, then a
negator turns what follows it with only fillers between. medspaCy and negspacy (18 and 513 documents a second; the
former breaks with current numpy; both want spaCy) negate findings of clinical notes and know nothing of comparisons.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick, Implementation

from kg.document import Span

_VERBS = {
    "up": "increase enhance elevate augment promote upregulate up-regulate accelerate potentiate boost raise "
    "amplify strengthen facilitate extend",
    "down": "decrease reduce attenuate suppress inhibit diminish prevent downregulate down-regulate decline lessen "
    "abolish eliminate block minimize minimise shorten weaken counteract dampen slow limit",
    "ease": "alleviate ameliorate mitigate relieve",
    "better": "improve restore regain rescue preserve protect outperform benefit",
    "worse": "worsen impair deteriorate exacerbate aggravate compromise hinder hamper",
    "neutral": "differ change affect alter influence modify",
}
_WORDS = {
    "up": "higher, highest, greater, greatest, more, larger, largest, longer, faster, stronger, steeper, thicker, "
    "rise, rises, rose, risen, grew, doubled, tripled, abundant, numerous, upregulation, up-regulation, up "
    "regulated, promotion of, enhancement, enhancements, augmentation",
    "down": "lower, lowest, lowered, fewer, less, least, smaller, smallest, fell, fallen, dropped, drops, reverses, "
    "reversed, reversing, shrank, shrunk, reduction, reductions, attenuation, downregulation, "
    "down-regulation, down regulated, suppression of, prevention of",
    "ease": "alleviation, amelioration, relief of",
    "better": "better, best, recover, recovers, recovered, recovering, beneficial, beneficially, effective, "
    "efficacious, superior, superiority, favorable, favourable, protective, neuroprotective, "
    "neuroprotection, restoration of, excellent",
    "worse": "worse, poorer, poor, detrimental, deleterious, adversely, harmful, aggravation, exacerbation, delayed "
    "recovery",
    "gain": "improvement, improvements, recovery of, functional gain, functional gains, gains in, gain in, "
    "advantage, therapeutic effect, therapeutic effects, beneficial effect, beneficial effects",
    "recovery": "recovery",
    "deficit": "deficit, deficits, impairment, impairments, deterioration, worsening",
    "neutral": "difference, differences, different, differently, effect, effects, impact, change, changes, "
    "alteration, alterations, efficacy, significance, influences, association",
    "significant": "significant, significantly",
    "harm": "adverse effect, adverse effects, adverse event, adverse events, adverse reaction, adverse reactions, "
    "adverse, side effect, side effects, side-effects, complication, complications, toxicity, tumor, "
    "tumors, tumour, tumours, tumor formation, tumour formation, tumorigenicity, tumorigenesis, teratoma, "
    "teratomas, teratoma formation, safety concerns, safety issues, harmful effects, deleterious effects, "
    "detrimental effects, untoward effects, harm",
    "safe": "safe, safely, well tolerated, well-tolerated, safety and tolerability",
    "not": "no, not, did not, does not, do not, was not, were not, is not, are not, had not, has not, have not, "
    "could not, can not, cannot, didn't, doesn't, wasn't, weren't, without, lack of, absence of, never, no "
    "longer",
    "failed": "failed to, fail to, fails to, failing to, unable to, not significantly, but not significantly, did "
    "not significantly, was not significantly, were not significantly",
    "none of": "neither, none of, no evidence, no indication, lack of evidence",
    "nor": "nor",
    "except": "but not, except, except for, with the exception of, apart from",
    "none": "unchanged, unaffected, unaltered, ineffective, non-significant, nonsignificant, non-significantly, "
    "insignificant, comparable, similar, equivalent, indistinguishable, equal to, equally effective, "
    "performed similarly, the same as, remained the same, little effect, little or no effect, little "
    "change, little difference, little improvement, minimal effect, minimal effects, negligible, marginal "
    "effect, non-inferior, noninferior",
    "speculation": "may, might, could, would, should, potential, potentially, hypothesis, hypotheses, hypothesize, "
    "hypothesized, hypothesise, hypothesised, hypothetical, whether, whether or not, aim, aims, "
    "aimed, objective, objectives, purpose, goal, sought to, expected, conceivable, conceivably, "
    "possibly, presumably, likely, unlikely, further study, further studies, further research, "
    "further work, further investigation, further investigations, future studies, warrant, warrants, "
    "warranted, promising, asked if, remain unclear, remains unclear, remain unknown, remains "
    "unknown, remain elusive, remains elusive, remain to be, remains to be",
    "not-own": "previous study, previous studies, previous work, previous report, previous reports, previously "
    "reported, previously shown, previously demonstrated, previously found, previously published, "
    "previously described, previously showed, we previously, we have previously, have previously, has "
    "previously, reported previously, shown previously, demonstrated previously, showed previously, "
    "described previously, earlier study, earlier studies, earlier work, earlier reports, prior studies, "
    "prior work, recent studies, recent reports, several studies, many studies, other studies, other "
    "groups, other authors, others have, studies have, has been, have been, have shown, has shown, have "
    "demonstrated, has demonstrated, have reported, has reported, has proved, have proved, it is known, "
    "is known to, are known to, well known, well-known, well established, well-established, in the "
    "literature, in vitro, in culture",
    "versus": "compared with, compared to, in comparison with, in comparison to, comparison with, comparison to, "
    "when compared, than, versus, vs, relative to, as against, as opposed to, in contrast to, in contrast "
    "with, beyond that, control group, control groups, controls, control animals, control rats, control "
    "mice, between groups, between the groups, from that, from those, over control, over controls, over "
    "the control, over vehicle, over the vehicle, over placebo, over sham, over saline, over untreated, "
    "over that, over those, over either, over monotherapy",
    "plus": "combined, combination, combinations, combinatorial, combining, combine, together with, plus, along "
    "with, coupled with, in conjunction with, alongside, in addition to, added to, adjunct, adjunctive, "
    "followed by, simultaneous, simultaneously, concomitant, concomitantly, concurrent, both treatments, "
    "both therapies",
    "alone": "alone, only, monotherapy, monotherapies, either treatment, either therapy, either intervention, "
    "either agent, either one, either alone, single treatment, single treatments, single therapy, single "
    "therapies, single agent, each treatment, each therapy, each one, by itself, individual treatments, "
    "individual therapies, individually",
    "": "lower lumbar, lower motor, lower urinary, larger study, larger studies, larger trial, larger trials, "
    "short-lasting, long-lasting, not only, not just, not merely, not surprisingly, not due to, not because, "
    "with or without, no more than, not more than, no less than, not less than, no later than, more or less, "
    "more than half, more than one, more than two, at least, increasing evidence, increasing number, better "
    "known, better understood, better understanding, recovered from, recovery period, recovery room, higher "
    "dose, higher doses, higher vertebrates, lower dose, lower doses, lower limb, lower limbs, lower extremity, "
    "lower extremities, lower thoracic, lower cervical, action potential, evoked potential, membrane potential, "
    "field potential, in may, from may, since may, until may, between may, effective dose, cost-effective, "
    "similar results, similar manner, similar way, no effective treatment, no effective treatments, no "
    "effective therapy, no effective therapies, in the absence of, poor prognosis, plus or minus",
}
_STUDIED = (
    "investigate evaluate determine assess examine test explore study compare clarify elucidate analyze analyse address"
)
_SHARED = "transplant graft administer treat deliver inject implant"
_TURNED = frozenset("up down ease better worse neutral significant gain recovery deficit none".split())
_CHAINED = _TURNED | {"harm"}
_MADE = {
    **dict.fromkeys([("up", "gain"), ("up", "recovery"), ("better", "gain"), ("better", "recovery")], "better"),
    **dict.fromkeys([("ease", "gain"), ("ease", "recovery"), ("ease", "deficit"), ("down", "deficit")], "better"),
    **dict.fromkeys([("down", "gain"), ("down", "recovery"), ("worse", "gain"), ("worse", "recovery")], "worse"),
    **dict.fromkeys([("up", "deficit"), ("worse", "deficit")], "worse"),
}  # two words that make one cue: `reduced` and `recovery` together are worse
_ALONE = {
    "ease": "down", "gain": "better", "recovery": "", "deficit": "", "neutral": "", "harm": "",
    "not": "", "failed": "none", "none of": "none", "nor": "",
}  # what a sort of word is where nothing joins it; any other sort is a kind itself  # fmt: skip
_NEGATORS = frozenset(("not", "failed", "none of", "nor", "except"))
_FILLERS = frozenset(
    "a an the any all be been being is was were are has had have do did does to in on of or nor either and/or with by "
    "for such further additional added extra clear marked obvious apparent detectable measurable substantial "
    "appreciable evident major minor meaningful real overall long-term short-term functional locomotor motor sensory "
    "neurological neurologic behavioral behavioural clinical histological therapeutic beneficial spontaneous serious "
    "severe statistical hindlimb forelimb show showed shown exhibit exhibited display displayed demonstrate "
    "demonstrated find found observe observed see seen produce produced producing provide provided providing cause "
    "caused causing lead result resulted resulting into yield reach reached achieve achieved confer conferred "
    "associated accompanied translate translated sufficient able evidence group groups between-group patients animals "
    "rats mice participants subjects yet much even way".split()
)
_COPULAS = frozenset(", was were is are did had that which".split())
_FREE = re.compile(r"[^,;:()]*")
_P = re.compile(r"(?<!\w)p(?:[- ]values?)?\s?([<>=\u2264\u02c2])\s?(0?\.\d{1,9})")


@dataclass(frozen=True, slots=True)
class Cue:
    """One such word or phrase, and its place."""

    kind: str
    span: Span


@dataclass(slots=True)
class _Group:
    """Words that stand for one cue: where they are, what the last of them is, what they say, whether that is turned."""

    start: int
    end: int
    sort: str
    kind: str
    negates: bool


def cues(text: str, span: Span) -> tuple[Cue, ...]:
    """The cues of a sentence or clause, by place; none overlaps another.

    What a negator turns is `none` as a whole (`did not significantly improve`), or `safe` where harm is denied.
    Beside the kinds of results there is `except` for `but not` and its like, which says nothing of what it leaves out.
    """
    low = text[span.start : span.end].lower()
    if len(low) != span.end - span.start:  # a letter that becomes two in lower case would move every place
        low = text[span.start : span.end]
    low = low.replace("\u00a0", " ").replace("\u2010", "-").replace("\u2011", "-")
    at = span.start
    return tuple(Cue(group.kind, Span(at + group.start, at + group.end)) for group in _groups(low) if group.kind)


def _groups(low: str) -> list[_Group]:
    """The words of a text joined to cues."""
    groups: list[_Group] = []
    denied = 0  # `neither` and `none of` turn everything up to here
    for start, end, sort in _hits(low):
        last = groups[-1] if groups else None
        gap = low[last.end : start].split() if last and start - last.end < 80 else None
        if last and gap is not None and _joined(last, sort, end, gap):
            pass
        elif sort in _TURNED and (start < denied or (last and gap and last.negates and _goes_on(gap))):
            groups.append(_Group(start, end, sort, "none", True))
        else:
            groups.append(_Group(start, end, sort, _ALONE.get(sort, sort), sort in _NEGATORS))
            if gap is not None and sort in ("not", "failed") and _COPULAS.issuperset(gap):
                _deny(groups)
        if sort in ("none of", "nor") and end > denied and (reach := _FREE.match(low, end)):
            denied = reach.end()
    return groups


def _joined(last: _Group, sort: str, end: int, gap: list[str]) -> bool:
    """Whether a word belongs to the group before it; if so the group takes it up."""
    if last.negates and sort in _CHAINED and _filled(gap):
        last.kind = "safe" if "harm" in (sort, last.sort) else "none"
    elif not last.negates and (last.sort, sort) in _MADE and _filled(gap):
        last.kind = _MADE[last.sort, sort]
        sort = last.kind
    else:
        return False
    last.end, last.sort = end, sort
    return True


def _deny(groups: list[_Group]) -> None:
    """Joins a negator to the noun before it: `the improvement was not significant` is one thing."""
    noun, negator = groups[-2:]
    if noun.sort in _TURNED and not noun.negates:
        groups[-2:] = [_Group(noun.start, negator.end, negator.sort, "none", True)]


def _filled(gap: list[str]) -> bool:
    return len(gap) < 7 and all(word in _FILLERS or word.endswith("ly") for word in gap)


def _goes_on(gap: list[str]) -> bool:
    """Whether a negation holds on over these words: `did not improve gait or reduce pain`."""
    return gap[-1] in ("or", "nor") and len(gap) < 7 and not any(word[-1] in ",;:)" for word in gap)


def _hits(low: str) -> Iterator[tuple[int, int, str]]:
    """The cue words of a text, by place: at each place the longest, only whole words, none within another."""
    found = [(start, -end, number) for number, start, end in _MATCHER.find_matches_as_indexes(low, overlapping=True)]
    hits = [(start, end, _SORTS[number]) for start, end, number in found]
    if "p" in low:
        hits += [(match.start(), -match.end(), _p(match)) for match in _P.finditer(low)]
    done, length = 0, len(low)
    for start, back, sort in sorted(hits):
        end = -back
        if (
            start < done
            or (start and (low[start - 1].isalnum() or low[start - 1] == "-"))
            or (end < length and low[end].isalnum())
        ):
            continue
        done = end
        yield start, end, sort


def _p(match: re.Match[str]) -> str:
    """What a printed p value says; one at or below 0.05 is significant, whatever the paper's own level is."""
    if match[1] == ">" or (match[1] == "=" and float(match[2]) > 0.05):
        return "none"
    return "significant" if float(match[2]) <= 0.05 else ""


def _forms(verb: str) -> Iterator[str]:
    """What a regular verb becomes: increase, increases, increased, increasing."""
    stem = verb[:-1] if verb[-1] in "ey" else verb
    if verb[-1] == "y":
        yield from (verb, f"{stem}ies", f"{stem}ied", f"{verb}ing")
    else:
        yield from (verb, f"{verb}s", f"{stem}ed", f"{stem}ing")


def _vocabulary() -> dict[str, str]:
    """Every cue word in lower case and its sort; where two sorts have one word, the later holds."""
    words = {f"to {verb}": "speculation" for verb in _STUDIED.split()}
    words |= {form: sort for sort, verbs in _VERBS.items() for verb in verbs.split() for form in _forms(verb)}
    for verb in _SHARED.split():
        noun = {"administer": "administration", "treat": "treatment", "deliver": "delivery"}.get(verb, f"{verb}ation")
        words |= {
            f"{co}{form}": "plus" for co in ("co-", "co") for form in (*_forms(verb), noun, f"{noun}s", f"{verb}ion")
        }
    return words | {word.strip(): sort for sort, line in _WORDS.items() for word in line.split(",")}


_WORD_SORTS = _vocabulary()
_SORTS = list(_WORD_SORTS.values())
_MATCHER = AhoCorasick(list(_WORD_SORTS), implementation=Implementation.DFA)
