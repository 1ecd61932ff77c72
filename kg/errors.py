"""One family of errors: what a person can mend.

KgError                 exit 1   the data has a problem
 ├─ DataError           exit 1   rows are wrong; carries every Problem of the run
 ├─ UnknownName         exit 2   a word that names nothing; carries the nearest known ones
 ├─ LimitHit            exit 3   time, memory or rows ran out
 └─ Refused             exit 4   a query that is not safe to run
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


class KgError(Exception):
    """Something a person can mend; the command line prints it and leaves with `exit_code`."""

    exit_code = 1


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong in one place, said so that somebody can mend it."""

    file: str
    row: int
    column: str
    message: str

    def __str__(self) -> str:
        where = [self.file]
        where += [f"row {self.row}"] if self.row else []
        where += [f"column {self.column}"] if self.column else []
        return ", ".join(where) + ": " + self.message

    @property
    def reason(self) -> str:
        """The message without what is of one place only: words in quotes, ids, numbers, what stands behind a colon."""
        told = _OF_ONE.sub("…", self.message.partition(": ")[0])
        return " ".join(told.split())[:120]


_OF_ONE = re.compile(r"'[^']*'|\"[^\"]*\"|\b[a-z]+-\d\S*|\d[\d.,]*")


class DataError(KgError):
    """Rows that cannot become findings; `problems` holds all of them, sorted."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: Sequence[Problem] = sorted(set(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UnknownName(KgError):
    """A word that names nothing here."""

    exit_code = 2

    def __init__(self, kind: str, word: str, known: Iterable[str]) -> None:
        article = "an" if kind[:1] in "aeio" else "a"
        super().__init__(f"{word[:80]!r} is not {article} {kind}.{did_you_mean(word, known)}")


class LimitHit(KgError):
    """A limit of time, memory or rows was reached."""

    exit_code = 3


class Refused(KgError):
    """A query that would reach outside or change the graph."""

    exit_code = 4


def plural(n: int, word: str, words: str = "") -> str:
    """A number with its word."""
    return f"{n:,} {word if n == 1 else words or word + 's'}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The nearest known words as a sentence, or nothing where none is near."""
    spelt: dict[str, list[str]] = {}
    for name in sorted(set(known)):
        spelt.setdefault(name.casefold(), []).append(str(name))
    near = difflib.get_close_matches(word[:80].casefold(), spelt, n=3, cutoff=0.6)
    return " Did you mean " + " or ".join(repr(name) for key in near for name in spelt[key]) + "?" if near else ""
