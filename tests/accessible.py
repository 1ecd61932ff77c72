"""Asks axe-core what of a page is an obstacle: the same rules that browsers' own audits run."""

from __future__ import annotations

import functools
import importlib.resources
import json
from dataclasses import dataclass

import browser

_RUN = """axe.run(document, {resultTypes: ['violations'], iframes: false}).then(found => JSON.stringify(
  found.violations.map(one => ({rule: one.id, impact: one.impact, says: one.help,
    places: one.nodes.map(node => `${node.target.join(' ')}: ${node.failureSummary}`)}))))"""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One broken rule of axe-core, with the places where it is broken."""

    rule: str
    impact: str
    says: str
    places: tuple[str, ...]

    def __str__(self) -> str:
        more = f" (and {len(self.places) - 5} more)" if len(self.places) > 5 else ""
        return f"{self.rule} ({self.impact}): {self.says}\n  " + "\n  ".join(self.places[:5]) + more


@functools.cache
def _axe() -> str:
    return importlib.resources.files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def obstacles(tab: browser.Browser, impacts: tuple[str, ...] = ("critical", "serious")) -> list[Obstacle]:
    """What axe-core finds in the page as it stands; it is put in from outside, so the page's policy does not matter."""
    if not tab.run("typeof axe === 'object'"):
        tab.run(_axe() + "; 1")
    found = [Obstacle(**one | {"places": tuple(one["places"])}) for one in json.loads(tab.run(_RUN))]
    return [one for one in found if one.impact in impacts]
