"""Whole processes, measured: seconds, processor seconds and peak memory of a command."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

Command = Sequence[str]


@dataclass(frozen=True, slots=True)
class Run:
    """What one process took; `peak` is its largest resident memory in MiB."""

    seconds: float
    cpu: float
    peak: float


def run(command: Command, environment: Mapping[str, str]) -> Run:
    """Run a command once. Raises CalledProcessError with what it said where it fails.

    On Linux a child's peak starts at its parent's size, so this process stays small and leaves graphs to children.
    """
    started = time.perf_counter()
    child = subprocess.Popen(
        command, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    said = child.stderr.read() if child.stderr else ""
    _, status, used = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command, stderr=said)
    return Run(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def paired(commands: Mapping[str, Command], environment: Mapping[str, str], times: int) -> dict[str, Run]:
    """The medians of each command, run in turns so that a busy moment strikes all of them."""
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(times):
        for name, command in commands.items():
            runs[name].append(run(command, environment))
    return {name: middle(some) for name, some in runs.items()}


def middle(runs: Sequence[Run]) -> Run:
    """The median of each figure."""
    return Run(median(one.seconds for one in runs), median(one.cpu for one in runs), median(one.peak for one in runs))
