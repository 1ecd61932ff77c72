"""Whether combinations beat their parts, as rows: for machines, for a terminal, and a row for each combination."""

from __future__ import annotations

from collections.abc import Iterable

from kg.store import Row
from kg.synthesis.combos.contrasts import Comparator, Contrast, Measured, Summary, Verdict
from kg.synthesis.combos.known import Known, Members, seen
from kg.synthesis.factorial import Contrast as Estimate

COLUMNS = (
    "combination study year domain phase species verdict by against_parts against_control missing not_set_against next "
    "factorial order measured interaction interaction_low interaction_high bliss bliss_low bliss_high p_every together "
    "why reported subjects harms findings"
).split()
SHORT = ("combination", "where", "verdict", "set against", "next", "harms", "findings")
BY_VERDICT = {verdict: verdict.value.replace(" ", "_") for verdict in Verdict}
SUMMARY = (
    "combination members state studies improved no_difference worsened mixed undetermined".split()
    + [f"studies_{word}" for word in BY_VERDICT.values()]
    + "missing trials harms findings".split()
)
SHORT_SUMMARY = ("combination", "state", "studies", "missing", "harms", "findings")


def row(one: Contrast, known: Known) -> Row:
    """A row of COLUMNS; `subjects` are the most that one finding has, `findings` name contradicting ones first.

    `interaction` is AB - A - B + C in the units of the measure, above 0 more than the sum; `bliss` is below 0 where it
    is more than Bliss independence; both of the deciding measurement, plus being benefit.
    """
    vocab = known.vocab
    return {
        "combination": known.named(one.members),
        "study": one.study,
        "year": next((fact.year for fact in one.facts), None),
        "domain": vocab.label("domain", one.domain),
        "phase": vocab.label("phase", one.phase),
        "species": vocab.label("species", one.species),
        "verdict": one.verdict.value,
        "by": one.by.value,
        "against_parts": "; ".join(said(known, part) for part in one.parts) or None,
        "against_control": said(known, one.control) if one.control else None,
        "missing": _arms(known, one.missing),
        "not_set_against": _arms(known, one.unset),
        "next": following(known, one) or None,
        "factorial": None if one.factorial is None else "yes" if one.factorial else "no",
        "order": one.order or None,
        "measured": "; ".join(measurement(known, two) for two in one.measured) or None,
        "reported": "; ".join(one.reported) or None,
        "subjects": max((fact.n for fact in one.facts if fact.n), default=None),
        "harms": " ".join(one.harms) or None,
        "findings": " ".join(one.findings),
    } | _numbers(one.measured[0] if one.measured else None)


def short(one: Contrast, known: Known) -> Row:
    """The same in the few columns of SHORT."""
    made = row(one, known)
    parts = [str(made[name]) for name in ("against_parts", "against_control", "measured") if made[name]]
    return {name: made.get(name) for name in SHORT} | {
        "where": f"{one.study}, {made['domain']}, {made['phase']}, {made['species']}",
        "verdict": f"{one.verdict.value} (by {one.by.value})" if one.compared else one.verdict.value,
        "set against": "; ".join(parts) or "nothing",
    }


def summary_row(one: Summary, known: Known) -> Row:
    """A combination as a row of SUMMARY: studies in all, by result whatever the comparator, and by verdict."""
    by_verdict: Row = {f"studies_{word}": one.studies.get(verdict, 0) for verdict, word in BY_VERDICT.items()}
    told: Row = {
        "combination": known.named(one.members),
        "members": len(one.members),
        "state": one.state.value,
        "missing": _arms(known, one.missing),
        "trials": " ".join(one.trials) or None,
        "harms": " ".join(one.harms) or None,
        "findings": " ".join(dict.fromkeys(id for two in one.contrasts for id in two.findings)) or None,
    }
    return told | seen(one.facts) | by_verdict


def short_summary(one: Summary, known: Known) -> Row:
    """The same in the few columns of SHORT_SUMMARY."""
    made = summary_row(one, known)
    told = [
        f"{made[f'studies_{word}']} {verdict.value}" for verdict, word in BY_VERDICT.items() if one.studies[verdict]
    ]
    return {name: made.get(name) for name in SHORT_SUMMARY} | {
        "studies": f"{made['studies']}: {', '.join(told)}" if told else f"none; in a trial: {made['trials'] or 'no'}"
    }


def said(known: Known, one: Comparator) -> str:
    """What a comparison says: `alpha: improved (1 improved, 1 no difference; walking, scar area)`."""
    name = known.named(one.members) if one.members else "control"
    word = one.word.value if one.word else "tied" if one.called else "cannot be called"
    outcomes = ", ".join(known.vocab.label("outcome", id) for id in one.outcomes)
    return f"{name}: {word} ({counted(one)}; {outcomes})"


def counted(one: Comparator) -> str:
    """How many findings of a comparison are for the combination, and how many are not, in words."""
    against, undetermined = len(one.votes.against), len(one.uncalled)
    words = [f"{len(one.votes.improving)} for", f"{against} against"]
    return ", ".join([*words, *([f"{undetermined} cannot be called"] if undetermined else [])])


def following(known: Known, one: Contrast) -> str:
    """The next experiment: which arms to add, which measured ones to set it against; empty where nothing is open."""
    steps = [f"add an arm of {known.named(arm)} alone" for arm in one.missing if arm not in one.had]
    steps += [f"measure {known.named(arm)} alone there too, an arm that the study had" for arm in one.had]
    steps += [f"set it against {known.named(arm)} alone, which was measured there" for arm in one.unset]
    uncalled = [part.members for part in one.parts if not part.called]
    steps += [f"set it against {known.named(arm)} on an outcome whose better side is known" for arm in uncalled]
    return "; ".join(steps)


def measurement(known: Known, one: Measured) -> str:
    """What numbers say: outcome, measure, day, verdict, AB against both parts and the interaction with intervals."""
    square, answer = one.square, one.answer
    what = dict.fromkeys((known.vocab.label("outcome", square.outcome), square.measure))
    day = f", day {square.day:g}" if square.day is not None else ""
    parts = [f"over {known.named(side | square.base)} {interval(answer.over[letter])}" for letter, side in _sides(one)]
    told = [*parts, f"interaction {interval(answer.additive)}" if answer.additive else "no interaction"]
    return f"{', '.join(filter(None, what))}{day}: {answer.parts.value} ({', '.join(told)}; {answer.together.value})"


def _sides(one: Measured) -> tuple[tuple[str, Members], tuple[str, Members]]:
    return ("A", one.square.a), ("B", one.square.b)


def interval(made: Estimate | None) -> str:
    """An estimate with its 95 % interval."""
    return "unknown" if made is None else f"{made.estimate:.3g} [{made.low:.3g}, {made.high:.3g}]"


def _numbers(one: Measured | None) -> Row:
    """The columns that only numbers fill."""
    if one is None:
        return {}
    made, bliss = one.answer.additive, one.answer.bliss
    told: Row = {"p_every": one.answer.p_every, "together": one.answer.together.value, "why": one.answer.why}
    for name, estimate in (("interaction", made), ("bliss", bliss)):
        if estimate:
            told |= {name: estimate.estimate, f"{name}_low": estimate.low, f"{name}_high": estimate.high}
    return told


def _arms(known: Known, arms: Iterable[Members]) -> str | None:
    return "; ".join(known.named(arm) for arm in arms) or None
