"""kg combos: what was tried together, whether it beat its parts, what it covers, and what should be tried next."""

from kg.cli.combos import ahead, barriers, card, contrasts, evaluate, tried
from kg.cli.combos.base import combos

__all__ = ["ahead", "barriers", "card", "combos", "contrasts", "evaluate", "tried"]
