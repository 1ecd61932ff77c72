"""A Dask cluster of our own, for tests and benchmarks: on loopback, ended by its own process ids."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
PATIENCE = 20.0


def until(true: Callable[[], object]) -> None:
    """Wait for something that happens soon."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.02)


@dataclass
class Dask:
    """A scheduler and workers with one thread each; `address` is the scheduler file."""

    address: str
    scheduler: subprocess.Popen[str]
    workers: list[subprocess.Popen[str]]


@contextmanager
def dask(folder: Path, number: int = 2, failures: int = 3) -> Iterator[Dask]:
    """Started in a folder; the workers come as soon as they can. A job that cost more than `failures` is given up."""
    path = os.pathsep.join((str(HERE), str(HERE.parent)))
    told = {**os.environ, "PYTHONPATH": path, "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": str(failures)}
    place, started = folder / "scheduler.json", list[subprocess.Popen[str]]()

    def start(kind: str, *words: str) -> subprocess.Popen[str]:
        common = ("--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(place))
        command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", *common, *words]
        started.append(subprocess.Popen(command, env=told, cwd=folder, stderr=subprocess.DEVNULL, text=True))
        return started[-1]

    try:
        scheduler = start("scheduler", "--port", "0")
        worker = ("--no-nanny", "--nthreads", "1", "--death-timeout", str(PATIENCE))
        workers = [start("worker", *worker) for _ in range(number)]
        until(place.exists)
        yield Dask(str(place), scheduler, workers)
    finally:
        for process in started:
            process.kill()
            process.wait(PATIENCE)
