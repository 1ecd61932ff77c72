"""Where the simulation of `force` starts: PivotMDS of all components at once (Brandes and Pich 2006)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kg.views.layout.net import Net, ticked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

PIVOTS = 24
DEEPEST = 250  # levels of a breadth-first search; what is further counts as that far
GOLDEN = 2.399963229728653  # radians: successive points at this angle spread evenly (Vogel 1979)


def places(net: Net) -> Floats:
    """A place for each node: a link is about one unit long, a component at least as wide as its nodes need."""
    import numpy as np

    flat = _flat(net)
    links = np.bincount(net.marks[net.one], minlength=len(net.starts))
    mean = np.bincount(net.marks[net.one], net.lengths(flat), len(net.starts)) / np.maximum(links, 1)
    spread = np.sqrt(net.summed(flat**2).sum(axis=1) / net.counts) + 1e-9
    scale = np.maximum(1 / np.maximum(mean, 1e-9) * (mean > 1e-9), 0.5 * np.sqrt(net.counts) / spread)
    return ticked(flat * np.minimum(scale, 1e6)[net.marks, None] + _rings(net))


def _flat(net: Net) -> Floats:
    """The two main axes of the squared steps to the pivots, doubly centred."""
    import numpy as np

    number = net.marks
    far = _to_pivots(net) ** 2
    column = net.summed(far) / net.counts[:, None]
    square = -0.5 * (far - far.mean(axis=1, keepdims=True) - column[number] + column.mean(axis=1)[number, None])
    axes: list[Floats] = []
    for turn in range(2):
        axes.append(_main_axis(square, net, axes, turn))
    return np.stack([(square * axis[number]).sum(axis=1) for axis in axes], axis=1)


def _rings(net: Net) -> Floats:
    """A small step for each node of a component, each another, so that nodes alike do not start as one."""
    import numpy as np

    index = np.arange(net.size) - net.starts[net.marks]
    turns = np.stack([np.cos(GOLDEN * index), np.sin(GOLDEN * index)], axis=1)
    return np.asarray(0.25 * np.sqrt(0.5 + index % 64)[:, None] * turns)


def _main_axis(square: Floats, net: Net, before: Sequence[Floats], turn: int) -> Floats:
    """The largest principal axis of each component that is square to those before, by power iteration."""
    import numpy as np

    number = net.marks
    axis = np.tile(np.cos(GOLDEN * (np.arange(PIVOTS) + turn)), (len(net.starts), 1))
    for _ in range(16):
        axis = net.summed(square * (square * axis[number]).sum(axis=1)[:, None])
        for other in before:
            axis -= other * (axis * other).sum(axis=1)[:, None]
        axis /= np.sqrt((axis**2).sum(axis=1) + 1e-18)[:, None]
    return axis


def _to_pivots(net: Net) -> Floats:
    """Steps from each node to the pivots of its component: first its hub, then always what is furthest from all."""
    import numpy as np

    ends = np.append(net.one, net.other)
    targets = np.append(net.other, net.one)[np.argsort(ends, kind="stable")]
    offsets = np.append(0, np.cumsum(net.degrees))
    far = np.empty((net.size, PIVOTS))
    wanted, index = net.degrees, np.arange(net.size)
    for pivot in range(PIVOTS):
        best = np.maximum.reduceat(wanted * net.size + net.size - 1 - index, net.starts)
        steps = _steps(net.size - 1 - best % net.size, offsets, targets)
        far[:, pivot] = steps
        wanted = np.minimum(wanted, steps) if pivot else steps
    return far


def _steps(sources: Ints, offsets: Ints, targets: Ints) -> Ints:
    """Steps from each node to the nearest source, by breadth-first search."""
    import numpy as np

    steps = np.full(len(offsets) - 1, DEEPEST, dtype=np.int64)
    steps[sources] = 0
    front = sources
    for level in range(1, DEEPEST):
        lengths = offsets[front + 1] - offsets[front]
        shift = np.repeat(offsets[front] - np.cumsum(lengths) + lengths, lengths)
        near = targets[np.arange(len(shift)) + shift]
        front = np.unique(near[steps[near] == DEEPEST])
        if not len(front):
            break
        steps[front] = level
    return steps
