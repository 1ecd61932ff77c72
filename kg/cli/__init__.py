"""The command line: parse, call, print."""

import os

from kg.cli import ask, combos, draw, evidence, factorial, grade, living, look, network, pool, read, review, tables
from kg.cli.base import main

__all__ = [
    "ask",
    "combos",
    "draw",
    "evidence",
    "factorial",
    "grade",
    "living",
    "look",
    "main",
    "network",
    "pool",
    "read",
    "review",
    "tables",
]

if "_KG_COMPLETE" in os.environ:  # set by the script of a shell, and only then
    from kg.cli import completion

    completion.register()
