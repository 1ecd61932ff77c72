"""What reading a large collection takes, computed from a measured rate."""

from __future__ import annotations

import math
from dataclasses import dataclass

PER_FILE = 30_000  # records of a file of PubMed's baseline


@dataclass(frozen=True, slots=True)
class Plan:
    """Files, hours of one core, hours on the clock, MB of memory of all workers together, and the price."""

    files: int
    workers: int
    core_hours: float
    hours: float
    memory: float
    cost: float


def planned(
    records: int, rate: float, *, workers: int = 1, memory: float = 0, price: float = 0, per_file: int = PER_FILE
) -> Plan:
    """The plan for so many records at `rate` records a second and core, one core and `memory` MB for each worker.

    A file is read by one worker, so the last round may leave some idle. `price` is that of an hour of one core.
    """
    files = math.ceil(records / per_file)
    core_hours = records / rate / 3600
    hours = core_hours if workers == 1 else math.ceil(files / workers) * per_file / rate / 3600
    return Plan(files, workers, core_hours, hours, memory * workers, core_hours * price)
