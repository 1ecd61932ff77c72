"""Keeps nodes from standing on each other, and sets components side by side."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kg.views.layout.net import TICK, Net, ticked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

LEAST = 15.0  # units between any two nodes, as a rule
GAP = 40.0  # units between components


def parted(places: Floats, moving: NDArray[np.bool_], marks: Ints) -> Floats:
    """Places with at least about LEAST between nodes of one mark: those that stand closer step back from each other."""
    import numpy as np

    for _ in range(20):
        one, other = _close(places, marks)
        apart = places[one] - places[other]
        near = np.flatnonzero(np.hypot(*apart.T) < LEAST - 0.01)
        one, other, apart = one[near], other[near], apart[near]
        same = ~apart.any(axis=1)
        apart[same] = np.stack([np.cos(one[same]), np.sin(one[same])], axis=1) / TICK
        length = np.hypot(*apart.T)
        step = apart * (0.5 * (LEAST - length) / length)[:, None]
        if not len(near):
            break
        for axis in (0, 1):
            back = np.bincount(one, step[:, axis], len(places)) - np.bincount(other, step[:, axis], len(places))
            places[:, axis] += np.where(moving, back, 0)
        places = ticked(places)
    return places


def _close(places: Floats, marks: Ints) -> tuple[Ints, Ints]:
    """Pairs of one mark in the same or in neighbouring squares of LEAST, each once."""
    import numpy as np

    cell = np.floor((places - places.min(axis=0)) / LEAST).astype(np.int64) + 1
    tall = int(cell[:, 1].max()) + 2
    key = (marks * (int(cell[:, 0].max()) + 2) + cell[:, 0]) * tall + cell[:, 1]
    order = np.argsort(key, kind="stable")
    held = key[order]
    found = []
    for beside in (0, 1, tall - 1, tall, tall + 1):
        begin = np.searchsorted(held, held + beside) if beside else np.arange(len(held)) + 1
        lengths = np.searchsorted(held, held + beside, "right") - begin
        shift = np.repeat(begin - np.cumsum(lengths) + lengths, lengths)
        found.append((np.repeat(order, lengths), order[np.arange(len(shift)) + shift]))
    return np.concatenate([one for one, _ in found]), np.concatenate([other for _, other in found])


def packed(places: Floats, net: Net) -> Floats:
    """Components side by side, the biggest first, the whole about as wide as a screen, its middle at (0, 0)."""
    import numpy as np

    low, high = np.minimum.reduceat(places, net.starts), np.maximum.reduceat(places, net.starts)
    corners = np.array([*_shelves((high - low + GAP).tolist())])
    moved = places + np.repeat(corners - low, net.counts, axis=0)
    return np.asarray(moved - (moved.min(axis=0) + moved.max(axis=0)) / 2)


def _shelves(sizes: Sequence[Sequence[float]]) -> Iterator[tuple[float, float]]:
    """A corner for each (width, height): in rows of columns, a row as tall as its first."""
    area = sum(width * height for width, height in sizes)
    widest = max(math.sqrt(1.5 * area), *(width for width, _ in sizes), 0)
    top = left = y = row = column = 0.0
    for width, height in sizes:
        if y + height > top + row or left + width > widest:
            left, y, column = left + column, top, 0.0
        if left + width > widest:
            left, top, row = 0.0, top + row, 0.0
            y = top
        yield left, y
        y, row, column = y + height, max(row, height), max(column, width)
