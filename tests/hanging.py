"""A Chromium behind a proxy that takes every request and never answers, as a hospital's firewall may."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import browser


@dataclass(slots=True)
class Silence:
    """A proxy on this machine; `asked` holds the first line of each request that it let wait."""

    listener: socket.socket
    asked: list[str] = field(default_factory=list)
    held: list[socket.socket] = field(default_factory=list)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.listener.getsockname()[1])

    def listen(self) -> None:
        """Take connections until the listener closes."""
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                connection.settimeout(browser.PATIENCE)
                self.held.append(connection)
                threading.Thread(target=self._hear, args=(connection,), daemon=True).start()

    def _hear(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if heard := connection.recv(4096):
                self.asked.append(heard.split(b"\r\n")[0].decode(errors="replace"))

    def close(self) -> None:
        """Hang up."""
        for one in (self.listener, *self.held):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


@contextmanager
def silence() -> Iterator[Silence]:
    """The proxy, listening in a thread of its own."""
    proxy = Silence(socket.create_server(("127.0.0.1", 0)))
    thread = threading.Thread(target=proxy.listen, daemon=True)
    thread.start()
    with closing(proxy):
        yield proxy
    thread.join(browser.PATIENCE)


@contextmanager
def chromium() -> Iterator[tuple[browser.Browser, Silence]]:
    """A fresh Chromium whose every request but for files goes to the proxy, and hangs there."""
    assert browser.CHROMIUM, "no Chromium found"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile, silence() as proxy:
        flags = [f"--user-data-dir={profile}", f"--proxy-server=http://127.0.0.1:{proxy.port}", "about:blank"]
        command = [browser.CHROMIUM, *browser.FLAGS, *flags]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            tab = browser.Browser(browser._address(Path(profile)))
            with closing(tab.socket):
                yield tab, proxy
        finally:
            process.terminate()
            process.wait(browser.PATIENCE)
