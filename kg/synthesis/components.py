"""Component network meta-analysis: what the parts of combinations do, added up or with interactions.

Rücker, Petropoulou & Schwarzer 2020 (Biometrical Journal 62:808): effects of treatments are C beta, C telling which
treatment has which component; networks may be in several parts. What the comparisons do not identify has no number.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.errors import KgError, UnknownName
from kg.synthesis.fits import Estimate, Fit, Heterogeneity, Method, fitted
from kg.synthesis.laplacians import TOLERANCE, Contrast, Evidence, evidence, parts

if TYPE_CHECKING:
    from kg.synthesis.laplacians import Floats

_RANK = 1e-9  # singular values of a matrix of small whole numbers below this share of the largest are zero


@dataclass(frozen=True, slots=True)
class Effect:
    """What a component, an interaction or a combination does; `estimate` is None where the data do not identify it.

    `studies` counts the studies with an arm that has it.
    """

    name: str
    studies: int
    estimate: Estimate | None


@dataclass(frozen=True, slots=True, eq=False)
class Additive:
    """Effects of components (a column of `matrix` each, interactions after them) and of the combinations of them.

    A combination's effect is against none of its components, that is the inactive treatment where there is one.
    `basis` (components x r) spans what is identified; `standard` and `difference` are None where the network is in
    several parts.
    """

    evidence: Evidence
    method: Method
    names: tuple[str, ...]
    matrix: Floats
    basis: Floats
    fit: Fit
    parts: int
    standard: Heterogeneity | None

    @property
    def tau2(self) -> float | None:
        """The variance between studies in the additive model; None where nothing is left to estimate it from."""
        return self.fit.tau2

    @property
    def additive(self) -> Heterogeneity:
        """Q of the additive model (common-effect weights)."""
        return self.fit.total

    @property
    def difference(self) -> Heterogeneity | None:
        """Q of the additive less that of the standard model: whether the components add up."""
        return None if self.standard is None else self.additive.minus(self.standard)

    @property
    def components(self) -> tuple[Effect, ...]:
        """The components and interactions."""
        import numpy as np

        held = self._held(self.matrix)
        unit = np.eye(len(self.names))
        return tuple(Effect(name, held[c], self.estimate(unit[c])) for c, name in enumerate(self.names))

    @property
    def interactions(self) -> tuple[str, ...]:
        """The names of the interactions."""
        return tuple(name for name in self.names if "*" in name)

    @property
    def combinations(self) -> tuple[Effect, ...]:
        """Every treatment that has a component, as the sum of what it is made of."""
        import numpy as np

        held = self._held(np.eye(len(self.evidence.treatments)))
        rows = enumerate(self.evidence.treatments)
        return tuple(Effect(name, held[i], self.estimate(self.matrix[i])) for i, name in rows if self.matrix[i].any())

    def versus(self, treat1: str, treat2: str) -> Estimate | None:
        """The effect of one treatment minus that of another, by their components."""
        rows = []
        for name in (treat1, treat2):
            if name not in self.evidence.treatments:
                raise UnknownName("treatment of this network", name, self.evidence.treatments)
            rows.append(self.matrix[self.evidence.treatments.index(name)])
        return self.estimate(rows[0] - rows[1])

    def estimate(self, row: Floats) -> Estimate | None:
        """The estimate of `row` (one number for each component) times the components' effects.

        None where the row is not in the row space of B C: then no weighing of the comparisons gives it.
        """
        import numpy as np

        inside = row @ self.basis
        if np.linalg.norm(row - self.basis @ inside) > _RANK * max(1.0, float(np.linalg.norm(row))):
            return None
        variance = float(inside @ self.fit.covariance @ inside)
        return Estimate(float(inside @ self.fit.coefficients), math.sqrt(variance)) if variance > 0 else None

    def _held(self, matrix: Floats) -> list[int]:
        by_block = [matrix[block.arms].any(axis=1).sum(axis=0).tolist() for block in self.evidence.blocks]
        return [sum(numbers) for numbers in zip(*by_block, strict=True)]


def additive(
    contrasts: Iterable[Contrast] | Evidence,
    inactive: str = "",
    interactions: Sequence[str] = (),
    separator: str = "+",
    method: Method = "DL",
    tolerance: float = TOLERANCE,
) -> Additive:
    """The additive model, with a term for each of `interactions` ("A*B": what A and B do beyond their sum).

    Raises UnknownName where `inactive` or a part of an interaction is no component, KgError where no treatment has an
    interaction or nothing is identified, UnsoundStudy as `evidence` does.
    """
    import numpy as np

    given = contrasts if isinstance(contrasts, Evidence) else evidence(contrasts, tolerance)
    made_of = [_components(name, separator) for name in given.treatments]
    terms = _terms(frozenset[str]().union(*made_of), inactive, interactions)
    matrix = np.array([[float(term <= made) for term in terms.values()] for made in made_of])
    for name, column in zip(terms, matrix.T, strict=True):
        if not column.any():
            raise KgError(f"no treatment has all of {name}, so its interaction cannot be seen")
    basis = _basis(given, matrix)
    whole = list(parts(given))
    standard = fitted(given, "common").total if len(whole) == 1 else None
    return Additive(
        given, method, tuple(terms), matrix, basis, fitted(given, method, matrix @ basis), len(whole), standard
    )


def _components(treatment: str, separator: str) -> frozenset[str]:
    some = [part.strip() for part in treatment.split(separator)]
    if not all(some) or len(set(some)) < len(some):
        raise KgError(
            f"treatment {treatment!r} has an empty or a double component; parts are separated by {separator!r}"
        )
    return frozenset(some)


def _terms(known: frozenset[str], inactive: str, interactions: Sequence[str]) -> dict[str, frozenset[str]]:
    """The components but the inactive one, then the interactions, each with what a treatment must have."""
    if inactive and inactive not in known:
        raise UnknownName("component of this network", inactive, known)
    terms = {name: frozenset((name,)) for name in sorted(known - {inactive})}
    for interaction in interactions:
        some = [part.strip() for part in interaction.split("*")]
        if len(some) < 2 or len(set(some)) < len(some):
            raise KgError(f"interaction {interaction!r} is not two different components; write it as 'A*B'")
        for part in some:
            if part not in known - {inactive}:
                raise UnknownName("active component of this network", part, known - {inactive})
        terms["*".join(some)] = frozenset(some)
    return terms


def _basis(given: Evidence, matrix: Floats) -> Floats:
    """An orthonormal basis (components x r) of the row space of B C, from which comparisons were made at all."""
    import numpy as np

    pairs = np.unique(
        np.concatenate(
            [block.arms[:, [0, other]] for block in given.blocks for other in range(1, block.arms.shape[1])]
        ),
        axis=0,
    )
    _, size, right = np.linalg.svd(matrix[pairs[:, 0]] - matrix[pairs[:, 1]], full_matrices=False)
    if not size[0] > 0:
        raise KgError("no comparison has different components on its two sides; check the separator")
    basis: Floats = right[size > _RANK * size[0]].T
    return basis
