"""The SPARQL servers of `tests.servers`, filled with a graph and asked over HTTP by a worker."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import requests
from requests.auth import HTTPDigestAuth

from tests import servers
from tests.benchmarks.process import Command
from tests.benchmarks.worker import CAP, Answer, Ask, worker

_PART = 100_000  # lines of N-Triples that Virtuoso is sent at once


@contextmanager
def _served(server: servers.Server, address: str) -> Iterator[Ask]:
    with worker("http", server.url + address) as client:

        def ask(sparql: str) -> Answer:
            server.up()
            return client.ask(sparql)

        yield ask


def oxigraph_load(file: Path, place: Path) -> Command:
    """The command that loads a file into a new folder for the Oxigraph server and command line."""
    return [servers.program("oxigraph") or "oxigraph", "load", "--location", str(place), "--file", str(file)]


@contextmanager
def oxigraph(file: Path, folder: Path) -> Iterator[Ask]:
    """`oxigraph serve` of the file's triples, on disk."""
    subprocess.run(oxigraph_load(file, folder), check=True, capture_output=True)
    with servers.oxigraph(folder, CAP) as server, _served(server, "/query") as ask:
        yield ask


@contextmanager
def virtuoso(file: Path, folder: Path) -> Iterator[Ask]:
    """Virtuoso, with the file's triples in one graph and up to 1.6 GB of them in memory."""
    with servers.virtuoso(folder, CAP, buffers=200_000) as server:
        _send(file, f"{server.url}/sparql-graph-crud-auth")
        with _served(server, "/sparql?default-graph-uri=urn:graph") as ask:
            yield ask


def _send(file: Path, url: str) -> None:
    """Load a file into Virtuoso's `urn:graph` in parts: a whole one would be a single transaction in memory."""
    with file.open("rb") as lines, requests.Session() as session:
        session.auth = HTTPDigestAuth("dba", "dba")  # what every new Virtuoso starts with; it listens on loopback
        session.headers["Content-Type"] = "text/turtle"
        while part := b"".join(islice(lines, _PART)):
            session.post(url, params={"graph-uri": "urn:graph"}, data=part, timeout=600).raise_for_status()
