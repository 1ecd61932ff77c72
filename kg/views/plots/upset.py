"""The UpSet picture (Lex et al. 2014): which components were given together, and what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from kg.errors import KgError
from kg.views.plots import facts, letters, regimens, signs
from kg.views.plots.asked import SHARED, Asked, showing, total
from kg.views.plots.canvas import INK, LINE, MARGIN, SHEET, SOFT, Canvas, Picture
from kg.views.plots.letters import SMALL
from kg.views.plots.regimens import Given, Regimen


def upset(asked: Asked) -> Picture:
    """Components by combinations, with the studies of each combination above."""
    arms = regimens.given(asked.facts)
    several = {regimen: found for regimen, found in arms.items() if len(regimen) > 1}
    if not several:
        raise KgError("no arm here gives more than one therapy; ask for another therapy or phase")
    title = "What was given together, and what came of it"
    canvas = asked.canvas("upset", title)
    signs.legend(canvas, signs.blocks(canvas), "Result")
    left = MARGIN + (34 if canvas.narrow else 50)
    most = int((canvas.right - left) // (3.7 if canvas.narrow else 4.2))
    shown = regimens.order(several)[:most]
    parts = _parts(shown)
    _bars(canvas, shown, several, left)
    _dots(canvas, shown, several, parts, left)
    drawn = [fact for regimen in shown for fact in several[regimen]]
    notes = [
        "Columns are what an arm gave, against whatever comparator, bars the studies by result", SHARED,
        "A column speaks of the whole combination and credits none of its parts",
        showing(len(shown), len(several), "combinations", "those with most studies, then those of the commonest parts"),
    ]  # fmt: skip
    return asked.finish(canvas, title, notes, total(drawn))


def _parts(shown: Sequence[Regimen]) -> list[str]:
    often = Counter(part for regimen in shown for part in regimen)
    return sorted(often, key=lambda part: (-often[part], part.casefold(), part))


def _pitch(canvas: Canvas, shown: Sequence[Regimen], left: float) -> float:
    return min((canvas.right - left) / len(shown), 9.0)


def _bars(canvas: Canvas, shown: Sequence[Regimen], arms: Given, left: float) -> None:
    most = max(facts.studies(arms[regimen]) for regimen in shown)
    high, pitch = min(32.0, 11.0 * most), _pitch(canvas, shown, left)
    bottom = canvas.y + high + 4
    step = 1 if most <= 6 else 2 if most <= 12 else 5
    for tick in range(0, most + 1, step):
        y = bottom - high * tick / most
        canvas.line([(left, y), (left + pitch * len(shown), y)], LINE, 0.4)
        canvas.text(left - 1, y, str(tick), SMALL, align="right", color=SOFT)
    canvas.text(left - 6, bottom - high / 2, "studies", SMALL, align="center", color=SOFT, turn=90)
    for place, regimen in enumerate(shown):
        found, n = arms[regimen], facts.studies(arms[regimen])
        with canvas.mark(f"{regimens.name(regimen)}: {facts.counted(found)}", facts.ids(found)):
            x = left + (place + 0.5) * pitch
            signs.column(canvas, found, x - 0.36 * pitch, bottom, 0.72 * pitch, high * n / most)
            canvas.text(x, bottom - high * n / most - 1.6, str(n), SMALL, align="center")
    canvas.y = bottom + 1.5


def _dots(canvas: Canvas, shown: Sequence[Regimen], arms: Given, parts: Sequence[str], left: float) -> None:
    pitch, row = _pitch(canvas, shown, left), 3.5
    for number, part in enumerate(parts):
        y = canvas.y + number * row
        if number % 2 == 0:
            canvas.rect(MARGIN, y, left - MARGIN + pitch * len(shown), row, SHEET)
        canvas.text(left - 1.5, y + row / 2, letters.fit(part, left - MARGIN - 2, SMALL), SMALL, align="right")
    for place, regimen in enumerate(shown):
        x = left + (place + 0.5) * pitch
        rows = [canvas.y + (parts.index(part) + 0.5) * row for part in regimen]
        with canvas.mark(f"{regimens.name(regimen)}: {facts.counted(arms[regimen])}", facts.ids(arms[regimen])):
            canvas.line([(x, min(rows)), (x, max(rows))], INK, 1.2)
            for y in sorted(rows):
                signs.sign(canvas, "circle", x, y, 2.1, INK)
    canvas.y += len(parts) * row
