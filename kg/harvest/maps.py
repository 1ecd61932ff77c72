"""Where the files are read: one after another, by processes of this machine, or by the workers of a Dask cluster.

Local processes are pebble's. When a worker is killed, by a person or for its memory, `concurrent.futures` gives up
all that is not done and `multiprocessing.Pool` waits for ever; pebble says which file was lost and starts another
worker. It is pure Python without dependencies, and its workers end when the driver is killed.

The cluster is Dask's. Measured beside Ray and Spark, one job of 24 files, two workers, one of them killed: all three
gave all parts with identical bytes, but Dask adds 21 MB and starts in two seconds, Ray 213 MB and 5 s, Spark 478 MB,
Java and 6 s. On SLURM Dask's workers are jobs (`srun dask worker --scheduler-file FILE`, or dask-jobqueue), Ray wants a
script that finds its head node, Spark comes with managers of its own, for YARN and for Kubernetes; all run in clouds.
Dask's workers run what they are sent: let them and the scheduler listen on a private network only, or use its TLS.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from kg.errors import KgError

if TYPE_CHECKING:
    from distributed import Client

TURNS = 3  # how often a file is given out while the workers that have it are lost
S = TypeVar("S")
J = TypeVar("J")
R = TypeVar("R")


class Map(Protocol):
    """Calls `work(shared, job)` for each job, somewhere; work and values can be pickled."""

    def __call__(self, work: Callable[[S, J], R], shared: S, jobs: Sequence[J]) -> Iterator[tuple[J, R | None]]:
        """Each job with its answer as it comes; None where several workers were lost over it."""
        ...


def serial(work: Callable[[S, J], R], shared: S, jobs: Sequence[J]) -> Iterator[tuple[J, R | None]]:
    """One job after another, in this process."""
    for job in jobs:
        yield job, work(shared, job)


def processes(number: int) -> Map:
    """So many processes of this machine; one that is lost is replaced, and its job done again."""

    def run(work: Callable[[S, J], R], shared: S, jobs: Sequence[J]) -> Iterator[tuple[J, R | None]]:
        from pebble import ProcessExpired, ProcessPool

        pool = ProcessPool(max(1, min(number, len(jobs))), context=get_context("spawn"))
        try:
            waiting: dict[Future[R], tuple[J, int]] = {}
            for job in jobs:
                waiting[pool.schedule(work, args=[shared, job])] = job, 1
            while waiting:
                for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                    job, turn = waiting.pop(future)
                    try:
                        yield job, future.result()
                    except ProcessExpired:
                        if turn == TURNS:
                            yield job, None
                        else:
                            waiting[pool.schedule(work, args=[shared, job])] = job, turn + 1
        finally:
            pool.stop()  # type: ignore[no-untyped-call]  # pebble types half of it
            pool.join()

    return run


def cluster(address: str, patience: float = 10) -> Map:
    """The workers of the Dask scheduler at an address, or of a scheduler file; they see the same files as we do.

    `patience` is how many seconds the scheduler has to answer, and to come back after it went away. Raises KgError.
    """

    def run(work: Callable[[S, J], R], shared: S, jobs: Sequence[J]) -> Iterator[tuple[J, R | None]]:
        done = 0
        with _client(address, patience) as client:
            try:
                held = client.submit(_itself, shared, pure=False)  # a task, not scattered: it is made again when lost
                blamed = []
                for job, answer in _answers(client, work, held, jobs):
                    if answer is None:
                        blamed.append(job)
                    else:
                        yield job, answer
                        done += 1
                for job in blamed:  # each alone, as Dask blames all that the lost worker was to do
                    yield from _answers(client, work, held, [job])
            except (CancelledError, OSError, TimeoutError) as error:
                raise KgError(_gone(address, done, len(jobs))) from error

    return run


def _answers(client: Client, work: Callable[[S, J], R], held: Any, jobs: Sequence[J]) -> Iterator[tuple[J, R | None]]:
    from distributed import KilledWorker, as_completed

    waiting = {client.submit(work, held, job, pure=False, retries=TURNS): job for job in jobs}
    for future in as_completed(waiting):  # type: ignore[no-untyped-call]  # distributed types half of it
        try:
            answer = future.result()
        except KilledWorker:
            answer = None
        yield waiting[future], answer


def _itself(value: S) -> S:
    return value


def _gone(address: str, done: int, jobs: int) -> str:
    kept = f"{done} of {jobs} files were done and stay. Start the cluster and run the same command again for the others"
    return f"the Dask cluster at {address} went away: {kept}"


def _client(address: str, patience: float) -> Client:
    try:
        import dask
        from distributed import Client
    except ImportError as error:
        raise KgError("a cluster needs Dask: pip install 'cordgraph[cluster]', on its workers too") from error
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what it would tell is our sentence
    dask.config.set({"distributed.comm.timeouts.connect": patience})
    told: dict[str, Any] = {"scheduler_file": address} if Path(address).is_file() else {"address": address}
    try:
        return Client(**told, timeout=patience)  # type: ignore[no-untyped-call]  # as above
    except (OSError, TimeoutError, ValueError) as error:
        raise KgError(f"no Dask scheduler answers at {address}; start one with: dask scheduler --host HOST") from error
