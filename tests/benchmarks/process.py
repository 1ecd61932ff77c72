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


def paired(commands: Mapping[str, Command], environment: Mapping[str, str], times: int) -> dict[str, float]:
    """The median seconds of each command, run in turns so that a busy moment strikes all of them."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(times):
        for name, command in commands.items():
            seconds[name].append(run(command, environment).seconds)
    return {name: median(values) for name, values in seconds.items()}


def lines(command: Command, cap: float) -> list[str]:
    """The lines a command printed until it ended, or was ended after `cap` seconds.

    Raises CalledProcessError where it failed by itself.
    """
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=cap, check=True)
    except subprocess.TimeoutExpired as late:
        said = late.stdout or b""
        return (said.decode() if isinstance(said, bytes) else said).splitlines()
    return done.stdout.splitlines()
