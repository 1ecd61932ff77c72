"""The log of what readers decide on proposals: one line a decision, only ever appended to."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from kg.errors import KgError, Problem

FILE = "decisions.jsonl"
REASONS = (
    "wrong therapy",
    "wrong outcome",
    "wrong direction",
    "wrong comparator",
    "not a result of this paper",
    "duplicate",
    "other",
)
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?", re.ASCII)
_TEXTS = ("finding", "reader", "time", "verdict", "reason")


class Verdict(StrEnum):
    """What a reader makes of a proposal; `edit` accepts it with other values in some columns."""

    ACCEPT = "accept"
    EDIT = "edit"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Decision:
    """One reader's word on one proposal, by the id of its finding; `changes` are new values by column.

    `time` is ISO 8601, `2026-11-26T09:30:00Z`. A later decision of the same reader replaces an earlier one.
    """

    finding: str
    reader: str
    time: str
    verdict: Verdict
    reason: str = ""
    changes: Mapping[str, str] = field(default_factory=dict)


def line(decision: Decision) -> str:
    """A decision as one line of JSON, without the line's end."""
    told = {name: getattr(decision, name) for name in _TEXTS} | {"changes": dict(decision.changes)}
    return json.dumps(told, ensure_ascii=True, sort_keys=True, separators=(",", ":"))


def of_line(text: str) -> Decision:
    """The decision that `line` wrote. Raises ValueError that says what is wrong where it is none."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError("is cut off or no JSON") from error
    if not isinstance(told, dict) or set(told) - {*_TEXTS, "changes"}:
        raise ValueError(f"is no decision; it has {', '.join(_TEXTS)} and changes")
    changes = told.get("changes", {})
    texts = {name: told.get(name, "") for name in _TEXTS}
    return Decision(**_checked(texts), changes=_words(changes))


def _checked(told: dict[str, Any]) -> dict[str, Any]:
    _words(told)
    if not told["finding"] or not told["reader"].strip():
        raise ValueError("names no finding or no reader")
    if not _TIME.fullmatch(told["time"]):
        raise ValueError(f"has the time {told['time'][:40]!r}, which is not like 2026-11-26T09:30:00Z")
    if told["verdict"] not in set(Verdict):
        raise ValueError(f"has the verdict {told['verdict'][:40]!r}, which is not one of {', '.join(Verdict)}")
    return told | {"verdict": Verdict(told["verdict"])}


def _words(told: Any) -> dict[str, str]:
    if not isinstance(told, dict) or not all(isinstance(value, str) for value in told.values()):
        raise ValueError("holds something that is no text")
    return told


def read(folder: Path) -> tuple[list[Decision], list[Problem]]:
    """The decisions in the log of a folder, in its order, and a sentence on each line that cannot be read."""
    try:
        lines = (folder / FILE).read_bytes().split(b"\n")
    except FileNotFoundError:
        return [], []
    except OSError as error:
        raise KgError(f"{folder / FILE} cannot be read: {error.strerror or error}") from error
    return of_lines(lines, FILE)


def of_lines(lines: Iterable[bytes], name: str) -> tuple[list[Decision], list[Problem]]:
    """The decisions that lines of a file hold, and a sentence on each that cannot be read."""
    found: list[Decision] = []
    problems: list[Problem] = []
    for number, text in enumerate(lines, start=1):
        try:
            found += [of_line(text.decode())] if text.strip() else []
        except ValueError as error:  # UnicodeDecodeError is one
            said = "is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
            problems.append(Problem(name, number, "", f"{said}; the line is ignored"))
    return found, problems


def append(folder: Path, decided: Iterable[Decision]) -> None:
    """Write decisions behind those that are there; when it returns they are on the disk.

    A line that a kill cut off stays as it is, and a new one is begun. Raises KgError where it cannot be written.
    """
    text = "".join(f"{line(decision)}\n" for decision in decided).encode()
    file = folder / FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
        try:
            whole = (b"" if _ends_well(handle) else b"\n") + text
            if os.write(handle, whole) != len(whole):  # one write, so that those of two processes do not mix
                raise KgError(f"{file} cannot be written to its end: the disk is full")
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise KgError(f"{file} cannot be written: {error.strerror or error}") from error


def _ends_well(handle: int) -> bool:
    size = os.lseek(handle, 0, os.SEEK_END)
    if not size:
        return True
    os.lseek(handle, size - 1, os.SEEK_SET)
    return os.read(handle, 1) == b"\n"


def latest(decided: Iterable[Decision]) -> dict[str, dict[str, Decision]]:
    """The last decision of each reader on each finding, readers in the order in which they first decided."""
    known: dict[str, dict[str, Decision]] = {}
    for decision in decided:
        known.setdefault(decision.finding, {})[decision.reader] = decision
    return known


def new(decided: Iterable[Decision], known: Iterable[Decision]) -> Iterator[Decision]:
    """Those that are not known yet, each once: the same finding, reader and time are the same decision."""
    seen = {(one.finding, one.reader, one.time) for one in known}
    for one in decided:
        if (one.finding, one.reader, one.time) not in seen:
            seen.add((one.finding, one.reader, one.time))
            yield one
