"""A web service on this machine that gives the answers of a script, faults among them, and keeps what it was asked."""

from __future__ import annotations

import socket
import struct
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

PATIENCE = 5.0  # seconds that a hanging answer hangs at most


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; `fault` is half (of the body), chunks (half of it, in chunks), drip (for ever), hang or reset."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request."""

    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(slots=True)
class Service:
    """Where it listens, and everything it was asked in order."""

    url: str
    script: Mapping[str, Sequence[Answer]]
    asked: list[Asked] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def answer(self, target: str, headers: Mapping[str, str]) -> Answer:
        """The next answer of the path, or its last one for ever; 404 where the script has none."""
        parts = urlsplit(target)
        before = sum(one.path == parts.path for one in self.asked)
        self.asked.append(Asked(parts.path, dict(parse_qsl(parts.query)), headers))
        answers = self.script.get(parts.path, ())
        return answers[min(before, len(answers) - 1)] if answers else Answer(b"not in the script", 404)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    service: Service

    def do_GET(self) -> None:
        answer = self.service.answer(self.path, dict(self.headers))
        self.close_connection = bool(answer.fault)
        if answer.fault == "hang":
            self.service.ended.wait(PATIENCE)
        elif answer.fault == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            self._send(answer)

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        body, length = answer.body, {"Content-Length": str(len(answer.body))}
        if answer.fault in ("half", "chunks"):
            body = body[: len(body) // 2]
        if answer.fault == "chunks":
            body, length = b"%x\r\n%s\r\n" % (len(body), body), {"Transfer-Encoding": "chunked"}
        for name, value in (length | dict(answer.headers)).items():
            self.send_header(name, value)
        self.end_headers()
        if answer.fault == "drip":
            self._drip(body)
        self.wfile.write(body)

    def _drip(self, body: bytes) -> None:
        for number in range(len(body)):
            self.wfile.write(body[number : number + 1])
            if self.service.ended.wait(0.02):
                break

    def log_message(self, *_: object) -> None: ...


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that left: that is what half of the tests are about."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def service(script: Mapping[str, Sequence[Answer]]) -> Iterator[Service]:
    """A service on a free port of the loopback, with the answers of each path in their order."""
    told = Service("", script)
    with _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"service": told})) as running:
        told.url = f"http://127.0.0.1:{running.server_port}"
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield told
        finally:
            told.ended.set()
            running.shutdown()
            thread.join(PATIENCE)


@dataclass(slots=True)
class Clock:
    """A clock that only sleeping moves, or `tick` seconds each look; `slept` is how long each time."""

    now: float = 0.0
    tick: float = 0.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        self.now += self.tick
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
