"""Measures, shortens and wraps words in the one font of the pictures, DejaVu Sans as matplotlib brings it.

Lengths are millimetres, sizes of type points.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties

FAMILY = ("DejaVu Sans", "Verdana", "Arial", "sans-serif")
POINT = 25.4 / 72  # one point in millimetres
SMALL, BODY, HEAD = 6.0, 6.5, 9.0
_LONGEST = 400  # letters of one label or sentence that are looked at
_SPACE = re.compile(r"\s+")


def plain(text: object, longest: int = _LONGEST) -> str:
    """Text that every format can hold: one line, no control, direction or unassigned characters, not endless."""
    spaced = _SPACE.sub(" ", str(text)[: 4 * longest]).strip()
    kept = "".join(letter for letter in spaced if unicodedata.category(letter)[0] != "C")
    return kept if len(kept) <= longest else kept[: longest - 1] + "…"


def drawable(text: object) -> str:
    """Plain text with a replacement sign for what the font has not."""
    return "".join(letter if ord(letter) in _charmap() else "\ufffd" for letter in plain(text))


@functools.cache
def font(size: float, bold: bool = False) -> FontProperties:
    """The bundled font, never one that the machine happens to have."""
    import matplotlib
    from matplotlib.font_manager import FontProperties

    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    place = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name
    return FontProperties(fname=place, family=FAMILY[:1], size=size, weight="bold" if bold else "normal")


@functools.cache
def _charmap() -> frozenset[int]:
    from matplotlib.font_manager import get_font

    both = [frozenset(get_font(str(font(BODY, bold).get_file())).get_charmap()) for bold in (False, True)]
    return both[0] & both[1]


@functools.lru_cache(maxsize=20_000)
def wide(text: str, size: float = BODY, bold: bool = False) -> float:
    """The width of a line as it is drawn."""
    from matplotlib.textpath import text_to_path

    return float(text_to_path.get_text_width_height_descent(drawable(text), font(size, bold), ismath=False)[0]) * POINT


def high(size: float = BODY) -> float:
    """The distance between two lines."""
    return size * 1.25 * POINT


def fit(text: object, room: float, size: float = BODY, bold: bool = False) -> str:
    """The text, or as much of it as there is room for, with an ellipsis."""
    words = drawable(text)
    if wide(words, size, bold) <= room:
        return words
    low, top = 0, len(words)
    while low < top:
        middle = (low + top + 1) // 2
        low, top = (middle, top) if wide(words[:middle].rstrip() + "…", size, bold) <= room else (low, middle - 1)
    return words[:low].rstrip() + "…"


def wrap(text: object, room: float, size: float = BODY, lines: int = 2, bold: bool = False) -> list[str]:
    """The text in at most so many lines, the last one shortened where it is too long."""
    words = drawable(text).split(" ")
    found: list[str] = []
    while words and len(found) < lines - 1:
        taken = _taken(words, room, size, bold)
        found.append(fit(" ".join(words[:taken]), room, size, bold))
        words = words[taken:]
    return [*found, fit(" ".join(words), room, size, bold)] if words else found


def _taken(words: list[str], room: float, size: float, bold: bool) -> int:
    """How many words fill the next line: at least one."""
    taken = 1
    while taken < len(words) and wide(" ".join(words[: taken + 1]), size, bold) <= room:
        taken += 1
    return taken
