"""A graph as numbers, for layouts: every link once, components one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

TICK = 1024.0  # parts of a unit to which places are rounded


@dataclass(frozen=True, slots=True)
class Net:
    """`one[i]` and `other[i]` are the ends of link i, one < other; `starts[c]` is the first node of component c."""

    size: int
    one: Ints
    other: Ints
    starts: Ints

    @property
    def counts(self) -> Ints:
        """How many nodes each component has."""
        import numpy as np

        return np.diff(np.append(self.starts, self.size))

    @property
    def marks(self) -> Ints:
        """The number of each node's component."""
        import numpy as np

        return np.repeat(np.arange(len(self.starts)), self.counts)

    @property
    def degrees(self) -> Ints:
        """How many links each node has."""
        import numpy as np

        return np.bincount(np.append(self.one, self.other), minlength=self.size)

    def summed(self, rows: Floats) -> Floats:
        """The sum of the rows of each component."""
        import numpy as np

        return np.add.reduceat(rows, self.starts, axis=0)

    def lengths(self, places: Floats) -> Floats:
        """How long each link is."""
        import numpy as np

        return np.asarray(np.hypot(*(places[self.one] - places[self.other]).T))

    def part(self, wanted: Ints) -> Net:
        """The components of these nodes."""
        import numpy as np

        number = np.full(self.size, -1, dtype=np.int64)
        number[wanted] = np.arange(len(wanted))
        inside, starts = number[self.one] >= 0, number[self.starts]
        return Net(len(wanted), number[self.one[inside]], number[self.other[inside]], starts[starts >= 0])


def of(nodes: Sequence[str], edges: Iterable[tuple[int, int]]) -> tuple[Ints, Net]:
    """Which node stands at each number, and the graph: components by size, then nodes by id."""
    import numpy as np

    size = len(nodes)
    pairs = np.array(sorted({(min(pair), max(pair)) for pair in edges if pair[0] != pair[1]}), dtype=np.int64)
    one, other = pairs.reshape(-1, 2).T
    rank = np.empty(size, dtype=np.int64)
    rank[sorted(range(size), key=nodes.__getitem__)] = np.arange(size)
    label = _components(size, rank[one], rank[other])[rank]
    order = np.lexsort((rank, label, -np.bincount(label, minlength=size)[label]))
    number = np.empty(size, dtype=np.int64)
    number[order] = np.arange(size)
    pairs = np.sort(np.stack([number[one], number[other]], axis=1), axis=1)
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    starts = np.flatnonzero(np.diff(label[order], prepend=-1))
    return order, Net(size, pairs[:, 0], pairs[:, 1], starts)


def _components(size: int, one: Ints, other: Ints) -> Ints:
    """Each node's least fellow: labels sink along links, then along labels, until nothing changes."""
    import numpy as np

    label, before = np.arange(size), np.empty(0, dtype=np.int64)
    while not np.array_equal(label, before):
        before = label.copy()
        least = np.minimum(label[one], label[other])
        np.minimum.at(label, before[one], least)
        np.minimum.at(label, before[other], least)
        label = label[label]
    return label


def ticked(places: Floats) -> Floats:
    """Places rounded, so that the last bits of a processor do not grow into another picture."""
    import numpy as np

    return np.asarray(np.rint(places * TICK) / TICK)
