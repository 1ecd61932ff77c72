"""What the arms gave, components alone, in pairs, in triples: the lattice of what was tried."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kg.errors import KgError
from kg.views.plots import facts, letters, signs
from kg.views.plots.asked import SHARED, Asked, showing, total
from kg.views.plots.canvas import MARGIN, PAPER, SOFT, Canvas, Picture
from kg.views.plots.facts import Fact
from kg.views.plots.letters import SMALL

Regimen = frozenset[str]
Given = Mapping[Regimen, Sequence[Fact]]
_COLUMNS = ("Alone", "Pairs", "Triples", "4 or more")


def given(found: Sequence[Fact]) -> dict[Regimen, list[Fact]]:
    """The findings of the arms that gave each regimen."""
    return facts.grouped(found, lambda fact: fact.parts)


def name(regimen: Regimen) -> str:
    """A regimen by its parts."""
    return " + ".join(sorted(regimen, key=str.casefold))


def order(arms: Given) -> list[Regimen]:
    """Regimens, those with most studies first, then those whose parts are given most often, then by name."""
    often = Counter(part for regimen in arms for part in regimen)
    return sorted(arms, key=lambda r: (-facts.studies(arms[r]), -sum(often[part] for part in r) / len(r), name(r)))


@dataclass(frozen=True, slots=True)
class _Plan:
    """The regimens of each column from top to bottom; `untested` are pairs that no arm gave."""

    columns: tuple[tuple[Regimen, ...], ...]
    untested: frozenset[Regimen]
    known: int


def lattice(asked: Asked) -> Picture:
    """Components alone, pairs, triples: what was tried, and which pairs of well tested parts were not."""
    arms = given(asked.facts)
    plan = _plan(arms)
    if sum(len(column) for column in plan.columns[1:]) == 0:
        raise KgError("no arm here gives more than one therapy; ask for another therapy or phase")
    title = "What was tried alone, in pairs and in triples"
    canvas = asked.canvas("lattice", title)
    signs.legend(canvas, signs.blocks(canvas), "Result")
    untried = (
        lambda x, y: _hollow(canvas, x + 2, y, 2.4),
        f"{canvas.nothing}: alone, or a pair of parts with 2 or more",
    )
    size = (lambda x, y: signs.sign(canvas, "circle", x + 2, y, 3.0, SOFT), "area: studies")
    signs.legend(canvas, [size, untried])
    codes = dict(zip(_singles(plan), _codes(), strict=False))
    _draw_lattice(canvas, plan, arms, codes)
    shown = [regimen for column in plan.columns for regimen in column if regimen in arms]
    drawn = [fact for regimen in shown for fact in arms[regimen]]
    notes = [
        "A node is what an arm gave, against whatever comparator; a line adds one part", SHARED,
        "Letters stand for the parts named in the first column" if canvas.narrow else "",
        showing(len(shown), plan.known, "regimens", "those of the parts that were combined most"),
    ]  # fmt: skip
    return asked.finish(canvas, title, notes, total(drawn))


def _singles(plan: _Plan) -> list[str]:
    return [next(iter(regimen)) for regimen in plan.columns[0]]


def _codes() -> list[str]:
    return [chr(ord("A") + number) for number in range(26)]


def _plan(arms: Given) -> _Plan:
    """The parts that were combined in most studies, as many as there is room for, and all that was made of them."""
    several = {regimen: found for regimen, found in arms.items() if len(regimen) > 1}
    weight: Counter[str] = Counter()
    for regimen, found in several.items():
        weight.update(dict.fromkeys(regimen, facts.studies(found)))
    ranked = sorted(weight, key=lambda part: (-weight[part], part))
    kept = _as_many_as_fit(ranked, several)
    inside = [regimen for regimen in order(several) if regimen <= kept]
    used = {part for regimen in inside for part in regimen}
    alone = [frozenset({part}) for part in ranked if part in used]
    untested = _untested(alone, arms)
    sized = [[r for r in inside if len(r) == n] for n in (2, 3)] + [[r for r in inside if len(r) > 3]]
    columns: list[Sequence[Regimen]] = [alone, [*sized[0], *untested], *sized[1:]]
    return _Plan(_sorted(columns), frozenset(untested), len(arms))


def _as_many_as_fit(ranked: Sequence[str], several: Given, most: int = 18) -> frozenset[str]:
    """Parts in order of rank as long as no column holds more than so many regimens."""
    kept: set[str] = set()
    for part in ranked[:18]:
        trial = kept | {part}
        sizes = Counter(min(len(regimen), 4) for regimen in several if regimen <= trial)
        if max(sizes.values(), default=0) > most:
            break
        kept = trial
    return frozenset(kept)


def _untested(alone: Sequence[Regimen], arms: Given, most: int = 6) -> list[Regimen]:
    """Pairs of parts with two or more studies each that no arm gave, not even with others."""
    n = {regimen: facts.studies(arms[regimen]) for regimen in alone if regimen in arms}
    tested = [regimen for regimen, studies in n.items() if studies > 1]
    pairs = [one | other for one, other in itertools.combinations(tested, 2)]
    never = [pair for pair in pairs if not any(pair <= regimen for regimen in arms)]
    return sorted(never, key=lambda pair: (-min(n[frozenset({part})] for part in pair), name(pair)))[:most]


def _sorted(columns: Sequence[Sequence[Regimen]]) -> tuple[tuple[Regimen, ...], ...]:
    """Each column in the order of the mean place of its parts in the column before, so that fewer lines cross."""
    done: list[tuple[Regimen, ...]] = [tuple(columns[0])]
    for column in columns[1:]:
        places = {regimen: number / max(1, len(done[-1])) for number, regimen in enumerate(done[-1])}
        singles = {part: number / max(1, len(done[0])) for number, single in enumerate(done[0]) for part in single}

        def key(
            regimen: Regimen, places: Mapping[Regimen, float] = places, singles: Mapping[str, float] = singles
        ) -> tuple[float, str]:
            below = [place for other, place in places.items() if other < regimen]
            below = below or [singles[part] for part in sorted(regimen) if part in singles]
            return sum(below) / max(1, len(below)), name(regimen)

        done.append(tuple(sorted(column, key=key)))
    return tuple(column for column in done if column)


def _draw_lattice(canvas: Canvas, plan: _Plan, arms: Given, codes: Mapping[str, str]) -> None:
    high = max(len(column) * _deep(canvas, column) for column in plan.columns)
    places = _places(canvas, plan, high)
    _column_heads(canvas, plan, places)
    for one, other in _covers(plan):
        start, end = places[one], places[other]
        dashed = other in plan.untested
        points = [(start[0] + start[2], start[1]), (end[0] - 3.6, end[1])]
        canvas.line(points, "#8a949e" if dashed else SOFT, 0.4 if dashed else 0.5, (3, 2) if dashed else ())
    most = max(facts.studies(found) for regimen, found in arms.items() if regimen in places)
    for regimen in itertools.chain(*plan.columns):
        _node(canvas, regimen, places[regimen], arms.get(regimen, ()), most, codes)
    canvas.y += high + 3


def _deep(canvas: Canvas, column: Sequence[Regimen]) -> float:
    """How high a row of this column is: a line for each part."""
    return 6.2 if canvas.narrow else 1.0 + letters.high(SMALL) * min(5, max(2, *map(len, column), 2))


def _places(canvas: Canvas, plan: _Plan, high: float) -> dict[Regimen, tuple[float, float, float]]:
    """Middle of each node and the width of the box to its right that its label takes."""
    count = len(plan.columns)
    gap = (5.5 if canvas.narrow else 11.0) if count > 1 else 0
    first = 30.0 if canvas.narrow else 40.0
    rest = min(62.0, (canvas.right - MARGIN - first - gap * (count - 1)) / max(1, count - 1))
    places, x = {}, MARGIN + 3.5
    for number, column in enumerate(plan.columns):
        box = (first if number == 0 else rest) - 3.5
        for place, regimen in enumerate(column):
            places[regimen] = (x, canvas.y + 4 + (place + 0.5) * high / len(column), box)
        x += (first if number == 0 else rest) + gap
    return places


def _column_heads(canvas: Canvas, plan: _Plan, places: Mapping[Regimen, tuple[float, float, float]]) -> None:
    for column in plan.columns:
        words = _COLUMNS[min(len(column[0]), 4) - 1]
        canvas.text(places[column[0]][0] - 3, canvas.y + 1, words, SMALL, bold=True, color=SOFT)


def _covers(plan: _Plan) -> list[tuple[Regimen, Regimen]]:
    """Pairs of neighbours, the second having one part more."""
    pairs = ((one, other) for left, right in itertools.pairwise(plan.columns) for one in left for other in right)
    return [(one, other) for one, other in pairs if one < other and len(other) == len(one) + 1]


def _node(
    canvas: Canvas, regimen: Regimen, place: tuple[float, float, float], found: Sequence[Fact], most: int,
    codes: Mapping[str, str],
) -> None:  # fmt: skip
    x, y, box = place
    words = f"{name(regimen)}: {facts.counted(found) if found else canvas.nothing}"
    with canvas.mark(words, facts.ids(found)):
        if found:
            signs.pie(
                canvas, found, x, y, max(1.8, (4.6 if canvas.narrow else 6.0) * (facts.studies(found) / most) ** 0.5)
            )
        else:
            _hollow(canvas, x, y, 2.4)
        single = len(regimen) == 1 or not canvas.narrow
        count = f" ({facts.studies(found)})" if found and single else ""
        near = 2.8 if canvas.narrow else 3.6
        canvas.lines(x + near, y, _label(regimen, codes, canvas.narrow, box - near, count), SMALL)


def _label(regimen: Regimen, codes: Mapping[str, str], narrow: bool, room: float, count: str) -> list[str]:
    """A line for each part; in one column of a journal letters, each with its name where it stands alone."""
    parts = sorted(regimen, key=lambda part: (codes.get(part, "?"), part))
    less = room - letters.wide(count, SMALL) - 0.8
    if len(parts) == 1:
        code = f"{codes.get(parts[0], '?')} " if narrow else ""
        lines = letters.wrap(code + parts[0], less, SMALL)
        return [*lines[:-1], lines[-1] + count]
    if narrow:
        return [letters.fit("".join(codes.get(part, "?") for part in parts), room, SMALL)]
    signed = [parts[0], *(f"+ {part}" for part in parts[1:5])]
    return [letters.fit(part, room, SMALL) for part in signed[:-1]] + [letters.fit(signed[-1], less, SMALL) + count]


def _hollow(canvas: Canvas, x: float, y: float, size: float) -> None:
    canvas.polygon(signs.corners("circle", x, y, size), PAPER, edge=SOFT, thick=0.7, dash=(1.5, 1))
