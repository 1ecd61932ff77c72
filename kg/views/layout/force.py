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
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from kg.views.layout import net as nets
from kg.views.layout import pivots
from kg.views.layout.apart import GAP, LEAST, packed, parted
from kg.views.layout.net import Net, ticked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

Place = tuple[int, int]

LINK = 40.0  # units between a node and its nearest linked neighbour, as a rule
STEPS = 120  # of the simulation
EXACT = 200  # nodes up to which every pair of a component is looked at
REACH = 12.0  # links beyond which nodes push each other less and less
_SIDES = sorted(part << power for part in (4, 5, 6) for power in range(3, 8))  # of grids: quick to transform


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
    order, net = nets.of(nodes, edges)
    names = [nodes[index] for index in order]
    pinned = np.array([name in kept for name in names])
    if pinned.any():
        fixed = np.array([kept.get(name, (0, 0)) for name in names], dtype=np.float64)
        places = _beside(net, fixed, pinned)
    else:
        places = _free(net)
    return _whole(places, pinned, order)


def _free(net: Net) -> Floats:
    """Places where none is given: each component by itself, then side by side."""
    import numpy as np

    places = pivots.places(net)
    pull, mass = _pulls(net), _masses(net)
    for first, last, push in _batches(net, mass):
        inside = slice(*np.searchsorted(net.one, [first, last]))
        links = net.one[inside] - first, net.other[inside] - first
        places[first:last] = _settled(places[first:last], links, pull[inside], push)
    places = parted(places * _scales(net, places)[:, None], np.ones(net.size, dtype=bool), net.marks)
    return packed(places, net)


def _batches(net: Net, mass: Floats) -> Iterator[tuple[int, int, Callable[[Floats], Floats]]]:
    """Runs of nodes that are laid out together, (first, last, push): big components alone, small ones by size."""
    first = 0
    for count, some in itertools.groupby(net.counts.tolist()):
        number = len([*some])
        at_once = 1 if count > EXACT else max(1, 2_000_000 // count**2)
        for begin in range(0, number, at_once):
            last = first + count * min(at_once, number - begin)
            here = mass[first:last]
            if count > 1:
                yield first, last, _grid_push(here) if count > EXACT else _pair_push(count, here)
            first = last


def _pulls(net: Net) -> Floats:
    """How hard each link pulls: a node's links share one unit, a hub's share is less; the stronger end counts."""
    import numpy as np

    share = np.maximum(net.degrees[net.one], net.degrees[net.other]) ** -0.5
    total = np.bincount(np.append(net.one, net.other), np.append(share, share), net.size)
    return np.asarray(share / np.minimum(total[net.one], total[net.other]))


def _masses(net: Net) -> Floats:
    """How hard each node pushes: more the more links it has, so that hubs do not pile up in the middle."""
    import numpy as np

    return np.sqrt(np.maximum(net.degrees, 1))


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
        places = ticked(places + (move if moving is None else move * moving[:, None]))
    return places


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

    length = net.lengths(places)
    nearest = np.full(net.size, np.inf)
    np.minimum.at(nearest, net.one, length)
    np.minimum.at(nearest, net.other, length)
    order = np.lexsort((nearest, net.marks))
    median = nearest[order[net.starts + (net.counts - 1) // 2]]
    close = np.maximum(np.where(np.isfinite(median), median, 1.0), 0.1)
    return np.repeat(np.maximum(LINK / close, 1.5 * LEAST / np.maximum(_spacing(net, places), 0.1)), net.counts)


def _spacing(net: Net, places: Floats) -> Floats:
    """How far apart the nodes of each component stand, were they spread evenly over an ellipse of their variance."""
    import numpy as np

    counts = net.counts[:, None]
    mean = net.summed(places) / counts
    x, y = ((net.summed((places - np.repeat(mean, net.counts, axis=0)) ** 2) / counts) ** 0.25).T
    return np.where(net.counts < 3, LINK, x * y * 2 * np.sqrt(np.pi / net.counts))


def _beside(net: Net, fixed: Floats, pinned: NDArray[np.bool_]) -> Floats:
    """Places of the nodes that have none, with all pinned ones where they are; components without any to the right."""
    import numpy as np

    number = net.marks
    loose = ~np.logical_or.reduceat(pinned, net.starts)[number]
    places = fixed.copy()
    near = np.flatnonzero(~loose)
    part, moving = net.part(near), ~pinned[near]
    if moving.any():
        start = _waves(part, fixed[near], ~moving)
        whole = Net(len(near) - moving.sum(), part.one[:0], part.other[:0], part.starts[:1])
        unit = float(np.clip(_spacing(whole, fixed[near][~moving])[0], LEAST, LINK))
        push = _grid_push(np.ones(len(near)), reach=1.5)
        settled = unit * _settled(start / unit, (part.one, part.other), _pulls(part), push, moving)
        places[near] = parted(np.where(moving[:, None], settled, fixed[near]), moving, np.zeros_like(near))
    if loose.any():
        low, high = places[near].min(axis=0), places[near].max(axis=0)
        others = _free(net.part(np.flatnonzero(loose)))
        places[loose] = others - others.min(axis=0) + [high[0] + GAP, low[1]]
    return places


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
        places[new] += 0.25 * LINK * np.stack([np.cos(pivots.GOLDEN * new), np.sin(pivots.GOLDEN * new)], axis=1)
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
