"""The answers on file: what each question says of the tiny graph, read by a person; as a script it writes them anew."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path

from kg import library
from kg.store import Store

TINY = Path(__file__).parent / "tiny"
ANSWERS = TINY / "answers"
# what a question that needs a value is asked of the tiny graph
_NEEDED = {"text": "alpha", "paper": "aoki2001", "finding": "aoki2001-02", "therapy": "alpha", "trial": "NCT00000001"}
# one value of each type that the shipped graph holds, to fill every parameter with
SHIPPED = {
    "design": "controlled",
    "domain": "motor",
    "evidence": "experimental",
    "injury": "contusion",
    "level": "thoracic",
    "outcome": "locomotion",
    "phase": "chronic",
    "route": "intraspinal",
    "species": "rodent",
    "therapy": "cells",
}
Bag = Counter[tuple[str, ...]]


def bag(rows: Iterable[Mapping[str, object]]) -> Bag:
    """The rows as a bag, each value spelt in one way whatever engine gave it."""
    return Counter(tuple(map(plain, row.values())) for row in rows)


def plain(value: object) -> str:
    """One spelling for a value: numbers by value, nothing as the empty text."""
    if value is None:
        return ""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return f"{float(value):g}"
    return str(value)


def asked(name: str, store: Store) -> str:
    """The question as it is asked of the tiny graph: any value wherever none is needed."""
    question = library.question(name)
    given = {param.name: [_NEEDED[param.type]] for param in question.params if param.required}
    return library.bind(question, given, store.vocab())


def on_file(name: str) -> Bag:
    """The answer on file."""
    with (ANSWERS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return Counter(tuple(row) for row in list(csv.reader(file))[1:])


def main() -> None:
    """Write what the embedded engine says today; read the difference before you commit it."""
    from kg import build

    store = Store.of(build.collect(TINY).sound().triples())
    ANSWERS.mkdir(exist_ok=True)
    for name in library.names():
        with (ANSWERS / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(library.question(name).columns)
            writer.writerows(map(plain, row.values()) for row in store.select(asked(name, store)))


if __name__ == "__main__":
    main()
