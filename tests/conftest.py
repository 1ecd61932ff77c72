"""What the tests share: the tiny graph of invented therapies, the shipped one, and a server that counts its guests."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import hypothesis
import pytest

from kg import build, resources
from kg.build import Collected
from kg.store import Store

TINY = Path(__file__).parent / "tiny"
PHASES = [hypothesis.Phase.explicit, hypothesis.Phase.generate, hypothesis.Phase.shrink]  # explaining takes a minute
hypothesis.settings.register_profile("kg", deadline=None, database=None, max_examples=50, phases=PHASES)
hypothesis.settings.load_profile("kg")


@pytest.fixture(scope="session")
def collected() -> Collected:
    """Everything the tiny tables say."""
    return build.collect(TINY).sound()


@pytest.fixture(scope="session")
def tiny(collected: Collected) -> Store:
    """The tiny graph, in memory."""
    return Store.of(collected.triples())


@pytest.fixture(scope="session")
def built(collected: Collected, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The place of the tiny graph on disk; only for asking."""
    place = tmp_path_factory.mktemp("graph")
    build.write(collected, place)
    return place


@pytest.fixture(scope="session")
def shipped_at(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The place of the shipped graph, built anew."""
    place = tmp_path_factory.mktemp("shipped")
    build.write(build.collect(resources.folder("data")), place)
    return place


@pytest.fixture(scope="session")
def shipped(shipped_at: Path) -> Store:
    """The shipped graph."""
    return Store.open(shipped_at)


@pytest.fixture
def sheets(tmp_path: Path) -> Path:
    """A copy of the tiny tables, to be spoiled."""
    return Path(shutil.copytree(TINY, tmp_path / "tiny"))


@dataclass
class Server:
    """A web server of this machine that only remembers who asked."""

    url: str
    hits: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server that counts; every test that uses it compares the count before and after."""

    class Count(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.hits.append(self.path)
            self.send_response(500)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_GET  # noqa: N815  # the name that http.server looks for

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Count) as running:
        seen = Server(f"http://127.0.0.1:{running.server_port}/")
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield seen
        running.shutdown()
