"""SPARQL servers of our own, for tests and benchmarks: on free loopback ports, ended by their own process id."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

GRAPH = "https://w3id.org/cordgraph/graph"
_PACKAGES = {"oxigraph": "pip install oxigraph", "virtuoso-t": "apt-get install virtuoso-opensource-7-bin"}
_INI = """[Database]
DatabaseFile = graph.db
ErrorLogFile = graph.log
LockFile = graph.lck
TransactionFile = graph.trx
xa_persistent_file = graph.pxa
FileExtend = 200
MaxCheckpointRemap = 2000
[TempDatabase]
DatabaseFile = temporary.db
TransactionFile = temporary.trx
MaxCheckpointRemap = 2000
[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
ServerThreads = 8
CheckpointInterval = 0
NumberOfBuffers = {buffers}
MaxDirtyBuffers = {dirty}
O_DIRECT = 0
CaseMode = 2
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = .
MaxClientConnections = 8
ServerThreads = 8
[SPARQL]
ResultSetMaxRows = {rows}
MaxQueryExecutionTime = {seconds:.0f}
"""


def program(name: str) -> str | None:
    """The path of a program: beside this Python, else on the PATH."""
    return shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)


def missing() -> list[str]:
    """What a person has to install before both servers run here."""
    return [how for name, how in _PACKAGES.items() if program(name) is None]


class Server:
    """A server process in a folder; one that a question brought down is started again by `up`."""

    def __init__(self, command: Sequence[str], folder: Path, port: int) -> None:
        self._command, self._folder, self._port = command, folder, port
        self._child: subprocess.Popen[bytes] | None = None

    def up(self) -> None:
        """See that it listens. Raises OSError where it ended or does not within five minutes."""
        if self._child and self._child.poll() is None:
            return
        quiet = subprocess.DEVNULL
        self._child = subprocess.Popen(self._command, cwd=self._folder, stdout=quiet, stderr=quiet)
        for _ in range(3000):
            try:
                socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
            except OSError:
                if self._child.poll() is not None:
                    break
                time.sleep(0.1)
            else:
                return
        raise OSError(f"{self._command[0]} does not listen")

    def stop(self) -> None:
        """End it."""
        if self._child:
            self._child.terminate()
            self._child.wait()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._port}"


@contextmanager
def oxigraph(folder: Path, seconds: float = 60) -> Iterator[Server]:
    """`oxigraph serve` of the graph in a folder: questions at /query, updates at /update, graphs at /store."""
    port = _free_port()
    place = ["--location", str(folder), "--bind", f"127.0.0.1:{port}", "--timeout-s", f"{seconds:.0f}"]
    with _running(Server([program("oxigraph") or "oxigraph", "serve", *place], folder, port)) as server:
        yield server


@contextmanager
def virtuoso(folder: Path, seconds: float = 60, rows: int = 10_000_000, buffers: int = 100_000) -> Iterator[Server]:
    """Virtuoso in an empty folder: questions at /sparql, graphs at /sparql-graph-crud-auth (dba, dba: it is new)."""
    port = _free_port()
    told = {"sql": _free_port(), "http": port, "rows": rows, "seconds": seconds}
    (folder / "virtuoso.ini").write_text(_INI.format(buffers=buffers, dirty=buffers * 3 // 4, **told), encoding="utf-8")
    command = [program("virtuoso-t") or "virtuoso-t", "+foreground", "+configfile", "virtuoso.ini"]
    with _running(Server(command, folder, port)) as server:
        yield server


@contextmanager
def _running(server: Server) -> Iterator[Server]:
    try:
        server.up()
        yield server
    finally:
        server.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
