"""What studies without numbers say: one vote per study and outcome domain, an exact sign test, rows for a harvest plot.

Direction and significance are two things. A vote rests on what the measured quantity did, significant or not; a row of
which only the significance is known is shown and never counted. Size is not addressed.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from kg import shape
from kg.graph import is_finding
from kg.model import NOT_STATED, Contrast, Direction, HigherIs, Result

if TYPE_CHECKING:
    from kg.graph import Graph
    from kg.store import Row, Store

RULE = (
    "A study has one vote in an outcome domain: the direction that more of its contrasts show than any other, be it "
    "significant or not; papers of one experiment vote together, a duplicated row counts once, and a study whose "
    "directions are tied has no vote. Only contrasts that add something count. The sign test asks whether as many "
    "studies improved as worsened; votes for no difference and for mixed results have no sign, so read it beside the "
    "share of all votes. It says nothing of size. Where only the significance is known (tier T5), a row is shown and "
    "not counted."
)
WORDS = (Result.IMPROVED, Result.NO_DIFFERENCE, Result.WORSENED, Result.MIXED)
_LABORATORIES = """
SELECT DISTINCT ?study ?laboratory WHERE {
  ?f a kg:Finding ; kg:study/rdfs:label ?study ; kg:laboratory/rdfs:label ?laboratory .
}
ORDER BY ?study ?laboratory
"""
T = TypeVar("T")
K = TypeVar("K")
_OF_THE_ROW = ("finding", "status", "origin", "confidence")  # what a duplicated row may say otherwise


class Kind(StrEnum):
    """Whom a study was done on; never counted together."""

    ANIMALS = "animals"
    PEOPLE = "people"
    NOT_STATED = "not stated"


class LeftOut(StrEnum):
    """Why a finding has no part in a vote."""

    SIGNIFICANCE_ONLY = "only its significance is known (T5)"
    POLARITY = "nobody can say what more of the outcome means"
    CONTRAST = "its contrast adds nothing to the comparator, or has none"


@dataclass(frozen=True, slots=True)
class Shown:
    """One finding as votes see it: its `sign` is one of WORDS, or why it is left out.

    `content` is all that it says but for its own id; two rows of one content are one.
    """

    finding: str
    study: str
    domain: str
    kind: Kind
    sign: Result | LeftOut
    n: int | None = None
    content: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Vote:
    """What one study (or laboratory) says in one domain: `word` is None where its directions are tied."""

    voter: str
    domain: str
    kind: Kind
    word: Result | None
    counts: Mapping[Result, int]
    findings: tuple[str, ...]
    n: int | None = None
    laboratory: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of `whole` studies, as a share with its exact 95 % interval."""

    part: int
    whole: int
    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class SignTest:
    """Votes for better and for worse, the p of as many for each, and the share for better; None without any."""

    improved: int
    worsened: int
    p: float | None
    share: Share | None


@dataclass(frozen=True, slots=True)
class Tally:
    """All votes of one domain on animals or on people, and what was not counted.

    `of_all` is the share of better among all votes, nulls and mixed ones included. `by_laboratory` is the sign test of
    one vote per laboratory, `stand_ins` the studies of no known laboratory that stand for one each.
    """

    kind: Kind
    domain: str
    votes: tuple[Vote, ...]
    test: SignTest
    of_all: Share | None
    by_laboratory: SignTest
    stand_ins: int
    left_out: Mapping[LeftOut, tuple[str, ...]]

    def count(self, word: Result | None) -> int:
        """How many studies vote so; None asks for the tied ones."""
        return sum(vote.word is word for vote in self.votes)


def tallies(store: Store, graph: Graph) -> list[Tally]:
    """The tallies of an evidence graph of this store, by kind and domain."""
    return tally(findings(graph), laboratories(store))


def laboratories(store: Store) -> dict[str, str]:
    """The laboratory of each study whose papers name one; of several, the first by name."""
    rows = store.select(shape.PROLOGUE + _LABORATORIES)
    return {str(row["study"]): str(row["laboratory"]) for row in reversed(rows)}


def findings(graph: Graph) -> list[Shown]:
    """Every finding of an evidence graph once, by its id."""
    edges = ((target, about) for _, target, about in graph.edges(data=True) if is_finding(about))
    found = {str(about["finding"]): _shown(about, graph.nodes[target]) for target, about in edges}
    return [found[id] for id in sorted(found)]


def _shown(about: Mapping[str, Any], outcome: Mapping[str, Any]) -> Shown:
    said = tuple(sorted((name, str(value)) for name, value in about.items() if name not in _OF_THE_ROW))
    sides = [about.get(name) for name in ("n_arm", "n_comparator")]
    return Shown(
        finding=str(about["finding"]),
        study=str(about.get("study") or about["finding"]),
        domain=str(about.get("domain") or ""),
        kind=kind(str(about.get("species") or "")),
        sign=sign(str(about.get("direction")), str(about.get("contrast")), str(outcome.get("higher_is"))),
        n=sum(int(side) for side in sides if side is not None) if any(side is not None for side in sides) else None,
        content=said,
    )


def kind(species: str) -> Kind:
    """Whether a species (its label) is an animal, people, or not stated."""
    if species == "human":
        return Kind.PEOPLE
    return Kind.NOT_STATED if species in ("", NOT_STATED, "not stated") else Kind.ANIMALS


def sign(direction: str, contrast: str, higher_is: str) -> Result | LeftOut:
    """What a direction means for the injured, whatever its significance; or why it cannot be counted."""
    if contrast != Contrast.ADDS or direction == Direction.OBSERVED:
        return LeftOut.CONTRAST
    if direction == Direction.MIXED:
        return Result.MIXED
    if direction == Direction.NO_DIFFERENCE:
        return Result.NO_DIFFERENCE
    if direction not in (Direction.INCREASED, Direction.DECREASED):
        return LeftOut.SIGNIFICANCE_ONLY
    if higher_is not in (HigherIs.BETTER, HigherIs.WORSE):
        return LeftOut.POLARITY
    up_is_good = higher_is == HigherIs.BETTER
    return Result.IMPROVED if (direction == Direction.INCREASED) == up_is_good else Result.WORSENED


def tally(shown: Iterable[Shown], laboratory_of: Mapping[str, str] | None = None) -> list[Tally]:
    """One tally for each kind and domain, animals first. `laboratory_of` holds that of a study, by its key."""
    groups = grouped(shown, lambda one: (list(Kind).index(one.kind), one.domain))
    return [_tally(groups[key], laboratory_of or {}) for key in sorted(groups)]


def _tally(shown: Sequence[Shown], laboratory_of: Mapping[str, str]) -> Tally:
    made = votes(shown, laboratory_of)
    labs = _laboratory_votes(made)
    words, of_labs = (Counter(vote.word for vote in some) for some in (made, labs))
    left_out = grouped((one for one in shown if isinstance(one.sign, LeftOut)), lambda one: one.sign)
    improved, worsened = words[Result.IMPROVED], words[Result.WORSENED]
    return Tally(
        shown[0].kind,
        shown[0].domain,
        tuple(made),
        sign_test(improved, worsened),
        share(improved, sum(words[word] for word in WORDS)),
        sign_test(of_labs[Result.IMPROVED], of_labs[Result.WORSENED]),
        sum(not vote.laboratory for vote in made),
        {why: tuple(sorted({one.finding for one in left_out[why]})) for why in LeftOut if why in left_out},
    )


def votes(shown: Iterable[Shown], laboratory_of: Mapping[str, str] | None = None) -> list[Vote]:
    """One vote for each study, domain and kind that has a finding to count, in their order."""
    counted = [one for one in shown if isinstance(one.sign, Result)]
    groups = grouped(counted, lambda one: (one.study, one.domain, one.kind))
    return [_vote(groups[key], (laboratory_of or {}).get(key[0], "")) for key in sorted(groups)]


def _vote(shown: Sequence[Shown], laboratory: str) -> Vote:
    distinct = {(one.content or one.finding, one.sign) for one in shown}
    counts = Counter(sign for _, sign in distinct if isinstance(sign, Result))
    ids = tuple(sorted({one.finding for one in shown}))
    n = max((one.n for one in shown if one.n is not None), default=None)
    return Vote(shown[0].study, shown[0].domain, shown[0].kind, most(counts), counts, ids, n, laboratory)


def _laboratory_votes(made: Sequence[Vote]) -> list[Vote]:
    """One vote for each laboratory: what most of its studies vote for; a study of no known one stands for itself."""
    groups = grouped(
        (vote for vote in made if vote.word), lambda vote: (vote.laboratory, vote.laboratory or vote.voter)
    )
    return [_of_laboratory(groups[key]) for key in sorted(groups)]


def _of_laboratory(made: Sequence[Vote]) -> Vote:
    counts = Counter(vote.word for vote in made if vote.word)
    first = made[0]
    ids = tuple(sorted(id for vote in made for id in vote.findings))
    return Vote(first.laboratory or first.voter, first.domain, first.kind, most(counts), counts, ids)


def most(counts: Mapping[Result, int]) -> Result | None:
    """The one word that was said more often than any other; None where several were."""
    top = max(counts.values())
    first = [word for word in WORDS if counts.get(word, 0) == top]
    return first[0] if len(first) == 1 else None


def sign_test(improved: int, worsened: int) -> SignTest:
    """The exact two-sided sign test of as many for better as for worse.

    p = min(1, 2 P(X <= min)) with X binomial(n, 1/2), in whole numbers (Conover 1999, Practical Nonparametric
    Statistics, section 3.4).
    """
    n = improved + worsened
    if not n:
        return SignTest(0, 0, None, None)
    below = sum(math.comb(n, k) for k in range(min(improved, worsened) + 1))
    return SignTest(improved, worsened, min(1.0, 2 * below / 2**n), share(improved, n))


def share(part: int, whole: int) -> Share | None:
    """A share with its exact interval, by quantiles of the beta distribution (Clopper & Pearson 1934)."""
    if not whole:
        return None
    from scipy.special import betaincinv

    low = float(betaincinv(part, whole - part + 1, 0.025)) if part else 0.0
    high = float(betaincinv(part + 1, whole - part, 0.975)) if part < whole else 1.0
    return Share(part, whole, part / whole, low, high)


def bars(tally: Tally) -> list[Row]:
    """The rows of a harvest plot (Ogilvie et al. 2008): each study's vote and subjects, then what is not counted."""
    rows: list[Row] = [
        {
            "kind": vote.kind.value, "domain": vote.domain, "study": vote.voter, "laboratory": vote.laboratory or None,
            "vote": vote.word.value if vote.word else "tied", "n": vote.n, "findings": " ".join(vote.findings),
        }
        for vote in tally.votes
    ]  # fmt: skip
    rows += [
        {
            "kind": tally.kind.value, "domain": tally.domain, "study": None, "laboratory": None,
            "vote": f"not counted: {why.value}", "n": None, "findings": " ".join(ids),
        }
        for why, ids in tally.left_out.items()
    ]  # fmt: skip
    return rows


def grouped(shown: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    """Things under each key, in their order."""
    groups: defaultdict[K, list[T]] = defaultdict(list)
    for one in shown:
        groups[key(one)].append(one)
    return dict(groups)
