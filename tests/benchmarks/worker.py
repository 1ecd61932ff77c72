"""Asks an engine that a child process holds, each question within a cap of seconds."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from threading import Timer
from typing import IO, Any

from tests.benchmarks.process import Command

CAP = 20.0  # seconds a question may take
GRACE = 2.0  # seconds more, in which a server may end a question by itself
Turn = dict[str, Any]


def over(cap: float = CAP) -> str:
    """What is said of a question that ran into its cap."""
    return f"over {cap:.0f} s"


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of a question and the median seconds of its turns, or what was `said` instead of an answer."""

    rows: int | None = None
    seconds: float | None = None
    said: str = ""

    @property
    def late(self) -> bool:
        """Whether it ran into its cap."""
        return self.said.startswith("over ")

    @classmethod
    def of(cls, rows: int, turns: Sequence[float]) -> Answer:
        """The first turn warms the engine: it counts only where it is the only one."""
        return cls(rows, median(turns[1:] or turns)) if turns[0] <= CAP else cls(said=over())


Ask = Callable[[str], Answer]


@contextmanager
def ended_after(child: subprocess.Popen[str], seconds: float) -> Iterator[IO[str]]:
    """What a child prints, until it is killed after so many seconds."""
    timer = Timer(seconds, child.kill)
    timer.start()
    try:
        if child.stdout is None:
            raise ValueError("the child must print into a pipe")
        yield child.stdout
    finally:
        timer.cancel()


class Worker:
    """A child of `ask.py`; one that a question ended, or that was killed over it, starts again at the next."""

    def __init__(self, kind: str, target: object, cap: float = CAP) -> None:
        self._cap = cap
        self._command: Command = [sys.executable, "-m", "tests.benchmarks.ask", kind, str(target)]
        self._child: subprocess.Popen[str] | None = None

    def turns(self, sparql: str) -> list[Turn]:
        """What each turn of a question took, of as many as ended within the cap."""
        child = self._child = self._child or self._started()
        turns: list[Turn] = []
        print(json.dumps(sparql), file=child.stdin, flush=True)
        with ended_after(child, self._cap + GRACE) as lines:
            for line in lines:
                if not line.strip():
                    return turns
                turns.append(json.loads(line))
        self.stop()
        return turns

    def ask(self, sparql: str) -> Answer:
        """The answer in one way."""
        began = time.perf_counter()
        turns = self.turns(sparql)
        done = [turn for turn in turns if "rows" in turn]
        if done:
            return Answer.of(done[0]["rows"], [turn["seconds"] for turn in done])
        if time.perf_counter() - began >= self._cap:
            return Answer(said=over(self._cap))
        return Answer(said=turns[0]["error"] if turns else "the process died")

    def stop(self) -> None:
        """End the child."""
        if self._child:
            self._child.kill()
            self._child.communicate()
            self._child = None

    def _started(self) -> subprocess.Popen[str]:
        """A new child, once it has read its graph. Raises CalledProcessError where it does not start."""
        pipe = subprocess.PIPE
        child = subprocess.Popen(self._command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True)
        if child.stdout is None or not child.stdout.readline():
            raise subprocess.CalledProcessError(child.wait(), self._command)
        return child


@contextmanager
def worker(kind: str, target: object, cap: float = CAP) -> Iterator[Worker]:
    """A worker, stopped at the end."""
    made = Worker(kind, target, cap)
    try:
        yield made
    finally:
        made.stop()
