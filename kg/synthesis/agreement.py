"""How far two readers agree beyond chance: Cohen's kappa."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Agreement:
    """The agreement of two readers: on how many of `n` they say the same, and kappa, which is 1 for always.

    `kappa` is 0 for no more than chance would give, and none where there is nothing to agree on by chance or otherwise:
    no item, or one word for all.
    """

    n: int
    agreed: int
    kappa: float | None


def cohen(pairs: Iterable[tuple[str, str]]) -> Agreement:
    """The agreement of two readers, a pair of words an item (Cohen 1960, Educ Psychol Meas 20:37, equation 1)."""
    counts = Counter(pairs)
    n = counts.total()
    agreed = sum(number for (one, other), number in counts.items() if one == other)
    ones, others = Counter[str](), Counter[str]()
    for (one, other), number in counts.items():
        ones[one] += number
        others[other] += number
    by_chance = sum(ones[word] * others[word] for word in ones)  # of n * n
    if n * n == by_chance:  # that of n = 0 too
        return Agreement(n, agreed, None)
    return Agreement(n, agreed, (agreed * n - by_chance) / (n * n - by_chance))
