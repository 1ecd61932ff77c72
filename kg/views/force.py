"""Places the nodes of a big graph by forces, in time that grows with the graph: links pull, all nodes push.

PivotMDS (Brandes and Pich 2006) gives the start; then links pull as springs and nodes push as charges. In big
components the push comes from a grid by Fourier transform (particle mesh: Hockney and Eastwood 1988). A hub's links
pull less each, as ForceAtlas2's do when it dissuades hubs (Jacomy et al. 2014), so that clusters part.
Nothing is random, no step asks BLAS for threads, and places are rounded at every step, so that the last bits of a
processor do not grow into another picture.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

Place = tuple[int, int]

LINK = 40.0  # units between a node and its nearest linked neighbour, as a rule
LEAST = 15.0  # units between any two nodes, as a rule
GAP = 40.0  # units between components
STEPS = 120  # of the simulation
PIVOTS = 24
DEEPEST = 250  # levels of a breadth-first search; what is further counts as that far
EXACT = 200  # nodes up to which every pair of a component is looked at
REACH = 12.0  # links beyond which nodes push each other less and less
TICK = 1024.0  # parts of a link to which places are rounded at every step
_SIDES = sorted(part << power for part in (4, 5, 6) for power in range(3, 8))  # of grids: quick to transform
_GOLDEN = 2.399963229728653  # radians: successive points at this angle spread evenly (Vogel 1979)


@dataclass(frozen=True, slots=True)
class Net:
    """A graph as numbers: each link once, `starts[c]` is the first node of component c, and components follow."""

    size: int
    one: Ints
    other: Ints
    starts: Ints

    @property
    def counts(self) -> Ints:
        """How many nodes each component has."""
        import numpy as np

        return np.diff(np.append(self.starts, self.size))


def positions(
    nodes: Sequence[str], edges: Iterable[tuple[int, int]], kept: Mapping[str, Place] = MappingProxyType({})
) -> list[Place]:
    """Where each node stands, (x, y) in whole units, y downwards, the middle at (0, 0); no two stand on one place.

    `edges` holds indices of `nodes`; their order and that of `nodes` change nothing. Nodes with a place in `kept` stay
    exactly there, the others start at the mean of their placed neighbours, and only they move.
    """
    import numpy as np

    if not nodes:
        return []
    order, net = _net(nodes, edges)
    names = [nodes[index] for index in order]
    pinned = np.array([name in kept for name in names])
    if pinned.any():
        fixed = np.array([kept.get(name, (0, 0)) for name in names], dtype=np.float64)
        places = _beside(net, fixed, pinned)
    else:
        places = _free(net)
    return _whole(places, pinned, order)


def _net(nodes: Sequence[str], edges: Iterable[tuple[int, int]]) -> tuple[Ints, Net]:
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


def _free(net: Net) -> Floats:
    """Places where none is given: each component by itself, then side by side."""
    import numpy as np

    places = _start(net)
    pull, mass = _pulls(net), _masses(net)
    for first, last, push in _batches(net, mass):
        inside = slice(*np.searchsorted(net.one, [first, last]))
        links = net.one[inside] - first, net.other[inside] - first
        places[first:last] = _settled(places[first:last], links, pull[inside], push)
    places = _parted(places * _scales(net, places)[:, None], np.ones(net.size, dtype=bool), _marks(net))
    return _packed(places, net)


def _batches(net: Net, mass: Floats) -> Iterator[tuple[int, int, Callable[[Floats], Floats]]]:
    """Runs of nodes that are laid out together, (first, last, push): big components alone, small ones by size."""
    counts = net.counts
    sizes = [(int(count), len([*some])) for count, some in itertools.groupby(counts)]
    first = 0
    for count, number in sizes:
        at_once = 1 if count > EXACT else max(1, 2_000_000 // count**2)
        for begin in range(0, number, at_once):
            last = first + count * min(at_once, number - begin)
            if count > 1:
                yield (
                    first,
                    last,
                    _grid_push(mass[first:last]) if count > EXACT else _pair_push(count, mass[first:last]),
                )
            first = last


def _pulls(net: Net) -> Floats:
    """How hard each link pulls: a node's links share one unit, a hub's share is less; the stronger end counts."""
    import numpy as np

    degree = np.bincount(np.append(net.one, net.other), minlength=net.size)
    share = np.maximum(degree[net.one], degree[net.other]) ** -0.5
    total = np.bincount(np.append(net.one, net.other), np.append(share, share), net.size)
    return np.asarray(share / np.minimum(total[net.one], total[net.other]))


def _masses(net: Net) -> Floats:
    """How hard each node pushes: more the more links it has, so that hubs do not pile up in the middle."""
    import numpy as np

    degree = np.bincount(np.append(net.one, net.other), minlength=net.size)
    return np.sqrt(np.maximum(degree, 1))


def _start(net: Net) -> Floats:
    """PivotMDS of all components at once, a link about one unit long, each at least as wide as its nodes need."""
    import numpy as np

    number = np.repeat(np.arange(len(net.starts)), net.counts)
    far = _to_pivots(net) ** 2
    row = far.mean(axis=1, keepdims=True)
    column = _summed(far, net) / net.counts[:, None]
    square = -0.5 * (far - row - column[number] + column.mean(axis=1)[number, None])
    axes: list[Floats] = []
    for turn in range(2):
        axes.append(_main_axis(square, net, number, axes, turn))
    places = np.stack([(square * axis[number]).sum(axis=1) for axis in axes], axis=1)
    length = np.hypot(*(places[net.one] - places[net.other]).T)
    links = np.bincount(number[net.one], minlength=len(net.starts))
    mean = np.bincount(number[net.one], length, len(net.starts)) / np.maximum(links, 1)
    spread = np.sqrt(_summed(places**2, net).sum(axis=1) / net.counts) + 1e-9
    scale = np.maximum(1 / np.maximum(mean, 1e-9) * (mean > 1e-9), 0.5 * np.sqrt(net.counts) / spread)
    index = np.arange(net.size) - net.starts[number]
    ring = 0.5 * np.sqrt(0.5 + index % 64)[:, None] * np.stack([np.cos(_GOLDEN * index), np.sin(_GOLDEN * index)], 1)
    return _ticked(places * np.minimum(scale, 1e6)[number, None] + ring * 0.5)


def _summed(rows: Floats, net: Net) -> Floats:
    """The sum of the rows of each component."""
    import numpy as np

    return np.add.reduceat(rows, net.starts, axis=0)


def _main_axis(square: Floats, net: Net, number: Ints, before: Sequence[Floats], turn: int) -> Floats:
    """The largest principal axis of each component that is square to those before, by power iteration."""
    import numpy as np

    axis = np.tile(np.cos(_GOLDEN * (np.arange(PIVOTS) + turn)), (len(net.starts), 1))
    for _ in range(16):
        axis = _summed(square * (square * axis[number]).sum(axis=1)[:, None], net)
        for other in before:
            axis -= other * (axis * other).sum(axis=1)[:, None]
        axis /= np.sqrt((axis**2).sum(axis=1) + 1e-18)[:, None]
    return axis


def _to_pivots(net: Net) -> Floats:
    """Steps from each node to the pivots of its component: first its hub, then always what is furthest from all."""
    import numpy as np

    ends = np.append(net.one, net.other)
    targets = np.append(net.other, net.one)[np.argsort(ends, kind="stable")]
    degree = np.bincount(ends, minlength=net.size)
    offsets = np.append(0, np.cumsum(degree))
    far = np.empty((net.size, PIVOTS))
    wanted, index = degree.astype(np.int64), np.arange(net.size)
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


def _settled(
    places: Floats,
    links: tuple[Ints, Ints],
    pull: Floats,
    push: Callable[[Floats], Floats],
    moving: NDArray[np.bool_] | None = None,
) -> Floats:
    """Places after the simulation, in lengths of a link: each step goes where a node's forces end, ever less far."""
    import numpy as np

    size = len(places)
    ends, others, both = np.append(*links), np.append(*links[::-1]), np.append(pull, pull)
    stiff = np.maximum(np.bincount(ends, both, size), 1.0)[:, None]
    for step in range(STEPS):
        lines = (places[others] - places[ends]) * both[:, None]
        force = push(places) + np.stack([np.bincount(ends, lines[:, axis], size) for axis in (0, 1)], axis=1)
        move = 0.6 * force / stiff
        limit = 0.02 + 2.0 * (1 - step / STEPS) ** 1.5
        move *= (limit / np.maximum(np.hypot(*move.T), limit))[:, None]
        places = _ticked(places + (move if moving is None else move * moving[:, None]))
    return places


def _ticked(places: Floats) -> Floats:
    import numpy as np

    return np.asarray(np.rint(places * TICK) / TICK)


def _pair_push(count: int, mass: Floats) -> Callable[[Floats], Floats]:
    """How the nodes of components of so many nodes each push each other, from every pair."""
    import numpy as np

    weight = mass.reshape(-1, count, 1) * mass.reshape(-1, 1, count)

    def push(places: Floats) -> Floats:
        x, y = places.reshape(-1, count, 2).transpose(2, 0, 1)
        dx, dy = x[:, :, None] - x[:, None, :], y[:, :, None] - y[:, None, :]
        square = dx * dx + dy * dy
        factor = weight / (square + 0.01) / (1 + square / REACH**2)
        return np.stack([(dx * factor).sum(axis=2).ravel(), (dy * factor).sum(axis=2).ravel()], axis=1)

    return push


def _grid_push(mass: Floats, reach: float = REACH) -> Callable[[Floats], Floats]:
    """How nodes push each other, from their masses on a grid, folded with the force of one of them."""
    import numpy as np

    side = next(size for size in _SIDES if size >= min(512, 2.5 * np.sqrt(len(mass))))
    steps = np.fft.fftfreq(2 * side, 1 / (2 * side))
    square = steps[:, None] ** 2 + steps[None, :] ** 2

    @functools.lru_cache(maxsize=1)
    def kernels(cell: float) -> tuple[Any, Any]:
        factor = 1 / cell / (square + 0.3 + (0.1 / cell) ** 2) / (1 + square * (cell / reach) ** 2)
        return np.fft.rfft2(factor * steps[:, None]), np.fft.rfft2(factor * steps[None, :])

    def push(places: Floats) -> Floats:
        low = places.min(axis=0)
        cell = _cell(float((places.max(axis=0) - low).max()) / (side - 2))
        spots, shares = _corners((places - low) / cell, side)
        field = np.bincount(spots.ravel(), (shares * mass).ravel(), side * side).reshape(side, side)
        waves = np.fft.rfft2(field, (2 * side, 2 * side))
        force = [np.fft.irfft2(waves * kernel)[:side, :side].ravel() for kernel in kernels(cell)]
        return np.stack([(one[spots] * shares).sum(axis=0) * mass for one in force], axis=1)

    return push


def _cell(least: float) -> float:
    """The width of a grid's squares: a power of 1.05, so that it seldom changes."""
    return float(1.05 ** math.ceil(math.log(max(least, 1e-6), 1.05)))


def _corners(scaled: Floats, side: int) -> tuple[Ints, Floats]:
    """The four grid points about each node, and the share of it that each holds."""
    import numpy as np

    corner = np.minimum(scaled.astype(np.int64), side - 2)
    (column, row), (right, down) = corner.T, (scaled - corner).T
    spots = [(column + a) * side + row + b for a in (0, 1) for b in (0, 1)]
    shares = [(right if a else 1 - right) * (down if b else 1 - down) for a in (0, 1) for b in (0, 1)]
    return np.stack(spots), np.stack(shares)


def _scales(net: Net, places: Floats) -> Floats:
    """Units for one length of the simulation, per node: the nearest linked a LINK apart, more where that is crowded."""
    import numpy as np

    length = np.hypot(*(places[net.one] - places[net.other]).T)
    nearest = np.full(net.size, np.inf)
    np.minimum.at(nearest, net.one, length)
    np.minimum.at(nearest, net.other, length)
    order = np.lexsort((nearest, _marks(net)))
    median = nearest[order[net.starts + (net.counts - 1) // 2]]
    close = np.maximum(np.where(np.isfinite(median), median, 1.0), 0.1)
    return np.repeat(np.maximum(LINK / close, 1.5 * LEAST / np.maximum(_spacing(net, places), 0.1)), net.counts)


def _spacing(net: Net, places: Floats) -> Floats:
    """How far apart the nodes of each component stand, were they spread evenly over an ellipse of their variance."""
    import numpy as np

    counts = net.counts[:, None]
    mean = _summed(places, net) / counts
    x, y = ((_summed((places - np.repeat(mean, net.counts, axis=0)) ** 2, net) / counts) ** 0.25).T
    return np.where(net.counts < 3, LINK, x * y * 2 * np.sqrt(np.pi / net.counts))


def _marks(net: Net) -> Ints:
    import numpy as np

    return np.repeat(np.arange(len(net.starts)), net.counts)


def _parted(places: Floats, moving: NDArray[np.bool_], marks: Ints) -> Floats:
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
        places = _ticked(places)
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


def _packed(places: Floats, net: Net) -> Floats:
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


def _beside(net: Net, fixed: Floats, pinned: NDArray[np.bool_]) -> Floats:
    """Places of the nodes that have none, with all pinned ones where they are; components without any to the right."""
    import numpy as np

    number = _marks(net)
    loose = ~np.logical_or.reduceat(pinned, net.starts)[number]
    places = fixed.copy()
    near = np.flatnonzero(~loose)
    part, moving = _part(net, near), ~pinned[near]
    if moving.any():
        start = _waves(part, fixed[near], ~moving)
        whole = Net(len(near) - moving.sum(), part.one[:0], part.other[:0], part.starts[:1])
        unit = float(np.clip(_spacing(whole, fixed[near][~moving])[0], LEAST, LINK))
        push = _grid_push(np.ones(len(near)), reach=1.5)
        settled = unit * _settled(start / unit, (part.one, part.other), _pulls(part), push, moving)
        places[near] = _parted(np.where(moving[:, None], settled, fixed[near]), moving, np.zeros_like(near))
    if loose.any():
        low, high = places[near].min(axis=0), places[near].max(axis=0)
        others = _free(_part(net, np.flatnonzero(loose)))
        places[loose] = others - others.min(axis=0) + [high[0] + GAP, low[1]]
    return places


def _part(net: Net, wanted: Ints) -> Net:
    """The components of these nodes."""
    import numpy as np

    number = np.full(net.size, -1, dtype=np.int64)
    number[wanted] = np.arange(len(wanted))
    inside = number[net.one] >= 0
    starts = number[net.starts]
    return Net(len(wanted), number[net.one[inside]], number[net.other[inside]], starts[starts >= 0])


def _waves(net: Net, fixed: Floats, known: NDArray[np.bool_]) -> Floats:
    """The mean of its placed neighbours for each node without a place, neighbours of pinned nodes first."""
    import numpy as np

    places, known = fixed.copy(), known.copy()
    ends, others = np.append(net.one, net.other), np.append(net.other, net.one)
    while not known.all():
        held = known[others] & ~known[ends]
        count = np.bincount(ends[held], minlength=net.size)
        new = np.flatnonzero(count)
        for axis in (0, 1):
            total = np.bincount(ends[held], places[others[held], axis], net.size)
            places[new, axis] = total[new] / count[new]
        places[new] += 0.25 * LINK * np.stack([np.cos(_GOLDEN * new), np.sin(_GOLDEN * new)], axis=1)
        known[new] = True
    return places


def _whole(places: Floats, pinned: NDArray[np.bool_], order: Ints) -> list[Place]:
    """Whole places in the caller's order; a node whose place is taken goes to the nearest free one."""
    import numpy as np

    rounded = np.rint(places).astype(np.int64).tolist()
    found: dict[int, Place] = {int(order[i]): (rounded[i][0], rounded[i][1]) for i in np.flatnonzero(pinned)}
    taken = set(found.values())
    for i in np.flatnonzero(~pinned):
        x, y = rounded[i]
        place = next(spot for spot in _around(x, y) if spot not in taken)
        taken.add(place)
        found[int(order[i])] = place
    return [found[index] for index in range(len(order))]


def _around(x: int, y: int) -> Iterator[Place]:
    """A place, then those about it, ring by ring."""
    yield x, y
    for ring in itertools.count(1):
        span = range(-ring, ring + 1)
        yield from ((x + a, y + b) for a in span for b in span if max(abs(a), abs(b)) == ring)
