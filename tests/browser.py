"""A small driver of headless Chromium over the DevTools protocol: opens one page, presses keys, reads what happened."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync "
    "--no-first-run --disable-dev-shm-usage --remote-debugging-port=0 --remote-allow-origins=* --window-size=1400,900"
).split()
PATIENCE = 60.0  # seconds until a hung browser fails a test; nothing waits that long on a good day


class Browser:
    """One tab: commands go out, events come in and are kept in `events`."""

    def __init__(self, address: str) -> None:
        import websocket

        self.socket = websocket.create_connection(address, timeout=PATIENCE)
        self.events: list[dict[str, Any]] = []
        self.last = 0
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **parameters: Any) -> Any:
        """One command and its answer."""
        self.last += 1
        self.socket.send(json.dumps({"id": self.last, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == self.last:
                assert "error" not in message, message["error"]
                return message["result"]
            self.events.append(message)

    def open(self, path: Path, wait: str = "true") -> None:
        """Open a file with an empty record of events, and wait until it is loaded and a script's condition holds."""
        self.events.clear()
        self.send("Page.navigate", url=path.resolve().as_uri())
        self.until(f"document.readyState === 'complete' && ({wait})")

    def run(self, script: str) -> Any:
        """The value of a script."""
        answer = self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def until(self, condition: str) -> None:
        """Wait until a script's condition holds and the next frame is drawn."""
        end = time.monotonic() + PATIENCE
        while not self.run(condition):
            assert time.monotonic() < end, f"never came true: {condition}"
            time.sleep(0.02)
        self.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))).then(() => 1)")

    def type(self, text: str) -> None:
        """Type text where the focus is."""
        self.send("Input.insertText", text=text)

    def press(self, key: str) -> None:
        """Press one key, by its DOM name."""
        codes = {"Enter": 13, "Escape": 27, "Tab": 9, "ArrowRight": 39, "ArrowDown": 40, "/": 191}
        texts = {"Enter": "\r", "/": "/"}
        parameters = {"key": key, "windowsVirtualKeyCode": codes[key], **({"text": texts[key]} if key in texts else {})}
        self.send("Input.dispatchKeyEvent", type="keyDown", **parameters)
        self.send("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=codes[key])

    def click(self, x: float, y: float) -> None:
        """A real click at a point of the window."""
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            pressed = 0 if kind == "mouseMoved" else 1
            button = "none" if kind == "mouseMoved" else "left"
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button=button, clickCount=pressed)

    def window(self, width: int, height: int, dark: bool = False) -> None:
        """The window's size in CSS pixels, and the colour scheme the system asks for."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", features=[scheme])

    def picture(self) -> bytes:
        """A screenshot as PNG, once two in a row are alike: the page has come to rest."""
        end, before, now = time.monotonic() + PATIENCE, b"", self._shot()
        while now != before:
            assert time.monotonic() < end, "the page never came to rest"
            time.sleep(0.1)
            before, now = now, self._shot()
        return now

    def _shot(self) -> bytes:
        return base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"])

    def requests(self) -> list[str]:
        """Every address asked for since the page was opened."""
        return [e["params"]["request"]["url"] for e in self.events if e["method"] == "Network.requestWillBeSent"]

    def complaints(self) -> list[str]:
        """Console errors, exceptions, log entries and dialogs since the page was opened."""
        bad = ("Runtime.exceptionThrown", "Log.entryAdded", "Page.javascriptDialogOpening", "Runtime.consoleAPICalled")
        return [json.dumps(event["params"])[:600] for event in self.events if event["method"] in bad]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A fresh Chromium with a profile of its own, ended at the end."""
    assert CHROMIUM, "no Chromium found"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [CHROMIUM, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            tab = Browser(_address(Path(profile)))
            yield tab
            tab.socket.close()
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _address(profile: Path) -> str:
    """The tab's websocket address, once Chromium has written its port down."""
    end, port = time.monotonic() + PATIENCE, profile / "DevToolsActivePort"
    while time.monotonic() < end:
        lines = port.read_text().split() if port.exists() else []
        if lines:
            with urllib.request.urlopen(f"http://127.0.0.1:{lines[0]}/json/list", timeout=PATIENCE) as answer:
                tabs = [tab for tab in json.load(answer) if tab["type"] == "page"]
            if tabs:
                return str(tabs[0]["webSocketDebuggerUrl"])
        time.sleep(0.05)
    raise AssertionError("Chromium did not start")


def tabs() -> Iterator[Browser]:
    """A tab for a fixture; skipped only where there is no Chromium and this is not CI."""
    if not CHROMIUM and os.environ.get("CI") != "true":
        pytest.skip("no Chromium here")
    with chromium() as tab:
        yield tab
