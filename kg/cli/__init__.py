"""The command line: parse, call, print."""

import os

from kg.cli import ask, combos, draw, evidence, factorial, grade, look, network, pool, tables
from kg.cli.base import main

__all__ = ["ask", "combos", "draw", "evidence", "factorial", "grade", "look", "main", "network", "pool", "tables"]

if "_KG_COMPLETE" in os.environ:  # set by the script of a shell, and only then
    from kg.cli import completion

    completion.register()
