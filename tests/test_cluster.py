"""Files read by two worker processes, of this machine and of a Dask cluster on loopback, some of them killed."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from clusters import HERE, PATIENCE, Dask, dask, until
from readers import Caught, Fatal, Plain

from kg.cli import main
from kg.document import line
from kg.errors import KgError, Problem
from kg.harvest import Map, Part, cluster, files, harvest, merge, processes

FILES, ENTRIES = 6, 3


@pytest.fixture
def running(tmp_path: Path, needs_dask: None) -> Iterator[Dask]:
    """A cluster of one test, which may kill anybody."""
    with dask(tmp_path) as started:
        yield started


@pytest.fixture
def needs_dask() -> None:
    """Skips where Dask is not installed, unless this is CI."""
    if importlib.util.find_spec("distributed") is None and not os.environ.get("CI"):
        pytest.skip("dask is not installed: pip install 'dask[distributed]'")


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """Some files of invented papers."""
    folder = tmp_path / "papers"
    folder.mkdir()
    for number in range(FILES):
        entries = (f"TY  - JOUR\nTI  - Alpha {number}.{at} in spinal cord injury\nDO  - 10.5555/{number}.{at}\nER  - \n"
                   for at in range(ENTRIES))  # fmt: skip
        (folder / f"{number}.ris").write_text("\n".join(entries))
    return folder


def read(papers: Path, place: Path, reader: Plain | Caught, *map: Map) -> list[Part]:
    parts = list(harvest(files([papers]), place, reader, *map, maker="ris"))
    assert not [part for part in parts if isinstance(part, Problem)]
    return [part for part in parts if isinstance(part, Part)]


def merged(parts: list[Part]) -> bytes:
    return "\n".join(line(one) for one in merge(part.path for part in parts)).encode()


@pytest.fixture
def alone(papers: Path, tmp_path: Path) -> bytes:
    """What one process without any mishap makes of the papers."""
    made = merged(read(papers, tmp_path / "alone", Plain()))
    assert made.count(b"\n") == FILES * ENTRIES - 1
    return made


def hold(folder: Path) -> None:
    """Whoever reads the second paper of the third file waits there until the hold is taken away."""
    (folder / "hold").write_text("Alpha 2.1 in spinal cord injury")


def held(folder: Path) -> int:
    """The process that waits."""
    until((folder / "held").exists)
    return int((folder / "held").read_text())


def kill_meanwhile(folder: Path, whom: Callable[[], int]) -> threading.Thread:
    """Kill somebody as soon as a reader waits."""

    def kill() -> None:
        held(folder)
        until(lambda: list((folder / "two/parts").glob("*.gz")))
        os.kill(whom(), signal.SIGKILL)

    hold(folder)
    thread = threading.Thread(target=kill)
    thread.start()
    return thread


def times_read(folder: Path) -> Counter[str]:
    """How often each title was read, by its number."""
    return Counter(title.split()[1] for title in (folder / "read").read_text().splitlines())


def survives_the_kill_of_a_worker(papers: Path, folder: Path, map: Map) -> list[Part]:
    def worker() -> int:
        (folder / "hold").unlink()
        return held(folder)

    killer = kill_meanwhile(folder, worker)
    parts = read(papers, folder / "two", Caught(folder), map)
    killer.join()
    assert len(parts) == FILES
    assert times_read(folder)["2.0"] == 2  # its file was given out again
    return parts


def test_two_processes_make_the_bytes_of_one(papers: Path, tmp_path: Path, alone: bytes) -> None:
    assert merged(read(papers, tmp_path / "two", Plain(), processes(2))) == alone


def test_a_killed_process_costs_nothing(papers: Path, tmp_path: Path, alone: bytes) -> None:
    parts = survives_the_kill_of_a_worker(papers, tmp_path, processes(2))
    assert merged(parts) == alone
    one = read(papers, tmp_path / "alone", Plain())
    assert {part.path.name: part.path.read_bytes() for part in one} == {
        part.path.name: part.path.read_bytes() for part in parts
    }


def test_a_killed_worker_of_a_cluster_costs_nothing(running: Dask, papers: Path, tmp_path: Path, alone: bytes) -> None:
    assert merged(survives_the_kill_of_a_worker(papers, tmp_path, cluster(running.address))) == alone


def costs_only_itself(papers: Path, folder: Path, map: Map) -> None:
    """A file that kills whoever reads it."""
    found = list(harvest(files([papers]), folder / "two", Fatal(), map, maker="ris"))
    assert sorted(part.file.name for part in found if isinstance(part, Part)) == [
        f"{number}.ris" for number in range(FILES) if number != 2
    ]
    (problem,) = (one for one in found if isinstance(one, Problem))
    assert str(problem).startswith("2.ris: was given to several workers and each of them was lost (memory?)")


def test_a_file_that_kills_every_process_costs_only_itself(papers: Path, tmp_path: Path) -> None:
    costs_only_itself(papers, tmp_path, processes(2))


def test_a_file_that_kills_workers_of_a_cluster_costs_only_itself(
    needs_dask: None, papers: Path, tmp_path: Path
) -> None:
    with dask(tmp_path, 3, failures=0) as started:
        costs_only_itself(papers, tmp_path, cluster(started.address))


def test_kg_read_asks_a_cluster(running: Dask, papers: Path, tmp_path: Path) -> None:
    told = {"KG_DATA": str(HERE / "tiny")}
    for name, words in {"one": [], "two": ["--cluster", running.address]}.items():
        command = ["read", str(papers), *words, "--into", str(tmp_path / name), "-o", str(tmp_path / f"{name}.jsonl")]
        result = CliRunner().invoke(main, command, env=told)
        assert result.exit_code == 0, result.stderr
        assert f"kept {FILES * ENTRIES} papers" in result.stderr
    assert (tmp_path / "two.jsonl").read_bytes() == (tmp_path / "one.jsonl").read_bytes()


DRIVER = """
import sys
from pathlib import Path
from readers import Caught
from kg.harvest import cluster, files, harvest

if __name__ == "__main__":
    papers, place, folder, address = sys.argv[1:]
    list(harvest(files([Path(papers)]), Path(place), Caught(Path(folder)), cluster(address), maker="ris"))
"""


def only_what_was_missing_is_read(papers: Path, folder: Path, map: Map, alone: bytes) -> None:
    """After a kill of another in mid-run: the same call, with nobody waiting."""
    (folder / "hold").unlink(missing_ok=True)
    stood = {path.name: path.stat().st_mtime_ns for path in (folder / "two/parts").glob("*.gz")}
    (folder / "read").unlink()
    parts = read(papers, folder / "two", Caught(folder), map)
    assert 0 < len(stood) < FILES
    assert {part.path.name for part in parts if not part.fresh} == set(stood)
    assert {name: (folder / "two/parts" / name).stat().st_mtime_ns for name in stood} == stood
    assert set(times_read(folder).values()) == {1}
    assert len(times_read(folder)) == ENTRIES * (FILES - len(stood))
    assert merged(parts) == alone


def test_a_killed_driver_costs_nothing(running: Dask, papers: Path, tmp_path: Path, alone: bytes) -> None:
    hold(tmp_path)
    told = {**os.environ, "PYTHONPATH": str(HERE)}
    words = map(str, (papers, tmp_path / "two", tmp_path, running.address))
    driver = subprocess.Popen([sys.executable, "-c", DRIVER, *words], env=told)
    waiting = held(tmp_path)
    until(lambda: list((tmp_path / "two/parts").glob("*.gz")))
    driver.kill()
    assert driver.wait(PATIENCE) == -signal.SIGKILL
    os.kill(waiting, signal.SIGKILL)  # so that the file it has is not finished
    only_what_was_missing_is_read(papers, tmp_path, cluster(running.address), alone)


def test_a_killed_scheduler_is_one_sentence(running: Dask, papers: Path, tmp_path: Path, alone: bytes, capfd) -> None:
    killer = kill_meanwhile(tmp_path, lambda: running.scheduler.pid)
    with pytest.raises(KgError, match=r"went away: \d of 6 files were done and stay\. Start the cluster") as said:
        read(papers, tmp_path / "two", Caught(tmp_path), cluster(running.address, patience=1))
    killer.join()
    for worker in running.workers:
        worker.kill()
    assert "\n" not in str(said.value)
    assert capfd.readouterr() == ("", "")
    only_what_was_missing_is_read(papers, tmp_path, processes(2), alone)


def test_a_cluster_that_is_not_there_is_said_to_be_so(needs_dask: None) -> None:
    with pytest.raises(KgError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        list(cluster("tcp://127.0.0.1:9", patience=0.5)(max, 1, [1]))
