"""Exact minimum covers: the smallest sets that cover everything, by whole-number programs, in a strict order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kg.errors import KgError

Terms = Mapping[Any, float]  # the weight of each variable, which is named by a tuple
Constraint = tuple[Terms, float, float]


@dataclass(frozen=True, slots=True)
class Instance:
    """What is to be covered: `cells` hold two whole numbers of each covered cell, how well it does and how many say so.

    `names` are the therapies in the order that settles ties. `species` are those that the improving findings of a
    therapy's covered cells are on, `nested` pairs of species of which one is a kind of the other and counts with it as
    one; `apart` are pairs of therapies that no set may hold both of.
    """

    barriers: tuple[str, ...]
    names: tuple[str, ...]
    cells: Mapping[tuple[str, str], tuple[int, int]]
    required: frozenset[str] = frozenset()
    apart: frozenset[frozenset[str]] = frozenset()
    species: Mapping[str, frozenset[str]] | None = None
    nested: frozenset[frozenset[str]] = frozenset()
    species_least: int = 0


class Program:
    """A linear program over variables that are 0 or 1, by name; rows are kept, objectives come and go."""

    def __init__(self) -> None:
        self._places: dict[Any, int] = {}
        self._rows: list[Constraint] = []

    def row(self, terms: Terms, low: float, high: float) -> None:
        """A sum of terms from `low` to `high`."""
        for name in terms:
            self._places.setdefault(name, len(self._places))
        self._rows.append((terms, low, high))

    def least(self, objective: Terms, also: Iterable[Constraint] = ()) -> tuple[int, frozenset[Any]] | None:
        """The least value of an objective of whole numbers, and the variables that are 1 there; None where none fits.

        By HiGHS (Huangfu & Hall 2018), with no gap left between bound and value. Raises KgError where it gives up.
        """
        import numpy as np
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csr_array

        rows, n = [*self._rows, *also], len(self._places)
        cost = np.zeros(n)
        for name, weight in objective.items():
            cost[self._places[name]] = weight
        entries = [(i, self._places[name], w) for i, (terms, _, _) in enumerate(rows) for name, w in terms.items()]
        at, to, weights = zip(*entries, strict=True)
        matrix = csr_array((weights, (at, to)), shape=(len(rows), n))
        within = LinearConstraint(matrix, [low for _, low, _ in rows], [high for _, _, high in rows])
        found = milp(cost, constraints=within, integrality=np.ones(n), bounds=Bounds(0, 1), options={"mip_rel_gap": 0})
        if found.status not in (0, 2):
            raise KgError(f"the solver found no exact cover: {found.message}")
        if found.x is None:
            return None
        return round(found.fun), frozenset(name for name, i in self._places.items() if found.x[i] > 0.5)


def solutions(instance: Instance) -> Iterator[tuple[str, ...]]:
    """Every set that covers all and of which no part does, in order: fewest, best, most studies, first by name.

    Five or so exact solutions a set, each set then excluded with all that holds it.
    """
    program, size = _program(instance), 0
    x = {("x", name): 1.0 for name in instance.names}
    bounds, counts = ({("y", *cell): -ranks[place] for cell, ranks in instance.cells.items()} for place in (0, 1))
    if not {*instance.barriers} <= {barrier for _, barrier in instance.cells}:
        return
    while True:
        best = program.least(bounds, [(x, size, size)])
        if best is None:
            smallest = program.least(x, [(x, size + 1, len(x))])
            if smallest is None:
                return
            size = smallest[0]
            continue
        fixed: list[Constraint] = [(x, size, size), _kept(bounds, best)]
        fixed.append(_kept(counts, program.least(counts, fixed) or best))
        chosen = _first(program, instance.names, size, fixed)
        yield chosen
        program.row({("x", name): 1.0 for name in chosen}, 0, size - 1)


def _kept(objective: Terms, found: tuple[int, object]) -> Constraint:
    """That an objective stays at its least value."""
    return objective, found[0] - 0.5, found[0] + 0.5


def _first(program: Program, names: Sequence[str], size: int, fixed: Sequence[Constraint]) -> tuple[str, ...]:
    """Of the sets that fit, the one that stands first by name: member after member the earliest that is possible."""
    kept, chosen, start = list(fixed), list[str](), 0
    while len(chosen) < size:
        later = {("w", name): float(number) for number, name in enumerate(names) if number >= start}
        found = program.least(later, [*kept, (dict.fromkeys(later, 1.0), 1, 1)])
        place = found[0] if found else start
        chosen.append(names[place])
        kept.append(({("x", names[place]): 1.0}, 1, 1))
        start = place + 1
    return tuple(chosen)


def _program(instance: Instance) -> Program:
    """x: a therapy is in the set; y: it carries a barrier; z: a species has evidence; w: it is the next by name."""
    program = Program()
    for name in instance.names:
        program.row({("x", name): 1.0, ("w", name): -1.0}, 0, 1)
    for name in instance.required:
        program.row({("x", name): 1.0}, 1, 1)
    for pair in instance.apart:
        program.row({("x", name): 1.0 for name in pair}, 0, 1)
    for name, barrier in instance.cells:
        program.row({("x", name): 1.0, ("y", name, barrier): -1.0}, 0, 1)
    for barrier in instance.barriers:
        program.row({("y", *cell): 1.0 for cell in instance.cells if cell[1] == barrier}, 1, 1)
    _species(program, instance)
    return program


def _species(program: Program, instance: Instance) -> None:
    of = instance.species or {}
    every = sorted(frozenset[str]().union(*of.values()))
    if not instance.species_least:
        return
    for one in every:
        program.row({("z", one): -1.0} | {("x", name): 1.0 for name, some in of.items() if one in some}, 0, len(of))
    for pair in instance.nested:
        program.row({("z", one): 1.0 for one in pair}, 0, 1)
    program.row({("z", one): 1.0 for one in every}, instance.species_least, len(every))
