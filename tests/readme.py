"""Runs the sessions of README.md in a pseudo terminal; as a script it writes their real output into the file."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import tempfile
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"
_SESSION = re.compile(r"```console\n(.*?)```", re.DOTALL)
COLUMNS = 100


def answered(text: str, store: Path) -> str:
    """The same text with the output of every `$ kg ...` line of its console blocks as it is now."""
    with tempfile.TemporaryDirectory() as folder:
        return _SESSION.sub(lambda block: _block(block[1], store, Path(folder)), text)


def _block(session: str, store: Path, folder: Path) -> str:
    commands = [line[2:] for line in session.splitlines() if line.startswith("$ ")]
    return "```console\n" + "".join(f"$ {command}\n{_run(command, store, folder)}" for command in commands) + "```"


def _run(command: str, store: Path, folder: Path) -> str:
    """What a person sees in a terminal of 100 columns."""
    places = [str(Path(sys.executable).parent), os.environ["PATH"]]
    told = {"COLUMNS": str(COLUMNS), "KG_STORE": str(store), "PATH": os.pathsep.join(places), "TERM": "dumb"}
    reader, writer = pty.openpty()
    child = subprocess.Popen(  # noqa: S602  # README's own commands, as a shell runs them
        command, shell=True, cwd=folder, stdout=writer, stderr=writer, stdin=subprocess.DEVNULL, env=os.environ | told
    )
    os.close(writer)
    seen = b""
    try:
        while chunk := os.read(reader, 65536):
            seen += chunk
    except OSError:  # Linux says EIO where the last writer has closed
        pass
    os.close(reader)
    child.wait()
    lines = seen.decode().replace("\r\n", "\n").splitlines()
    return "".join(line.rstrip() + "\n" for line in lines)


def main() -> None:
    """Write the answers of today into README.md."""
    from kg import build

    with tempfile.TemporaryDirectory() as store:
        build.write(build.collect(), Path(store))
        README.write_text(answered(README.read_text(encoding="utf-8"), Path(store)), encoding="utf-8")


if __name__ == "__main__":
    main()
