"""Prints how far two readings agree, and how a reader does: `python -m tests.gold [--texts FILE] [--threshold 0.45]`.

With `--texts` (PubMed XML, a folder ...) it also reads the abstracts as they were printed, found by their identifiers.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from kg import resources, vocab
from kg.document import Document
from kg.reading.reader import THRESHOLD, Reader
from kg.sources import literature
from tests import gold


def main(out: Callable[[str], object]) -> None:
    """Print the tables."""
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument("--texts", type=Path, default=None)
    told.add_argument("--threshold", type=float, default=THRESHOLD)
    options = told.parse_args()
    words = vocab.load(resources.data() / "vocab")[0]
    reader = Reader(words, options.threshold)
    first, second = gold.read_twice()
    agreed = gold.table(gold.agreement(first, second, words))
    out(f"second reading against the first, {len(first)} documents\n{agreed}\n\n")
    for name, pattern in gold.PARTS.items():
        some = gold.documents(gold.HERE / "documents", pattern)
        out(f"{name}, {len(some)} documents\n{gold.table(gold.scores(some, reader))}\n\n")
        if options.texts:
            texts = [item for item in literature.documents(options.texts) if isinstance(item, Document)]
            out(f"{name}, as printed\n{gold.table(gold.scores(some, reader, texts))}\n\n")


if __name__ == "__main__":
    main(sys.stdout.write)
