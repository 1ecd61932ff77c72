"""cordgraph: treatment evidence for spinal cord injury as a knowledge graph.

    import kg

    graph = kg.load()                       # the shipped graph, built at first use
    kg.query("improved", phase="chronic")   # rows of a library question
    kg.as_rdflib(), kg.as_networkx()        # the graph for other tools

Importing this package loads no heavy library; each name is fetched when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "Combination": "kg.model",
    "Finding": "kg.model",
    "KgError": "kg.errors",
    "Paper": "kg.model",
    "Store": "kg.store",
    "Trial": "kg.model",
    "as_networkx": "kg.api",
    "as_rdflib": "kg.api",
    "load": "kg.api",
    "plot": "kg.views.figures",
    "query": "kg.api",
    "report": "kg.views.report",
    "view": "kg.views.explorer",
}
__all__ = [*sorted(_HOMES), "__version__"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'kg' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
