"""Runs what README.md and data/README.md show; as a script it writes the real output into them.

A console block shows what a person sees in a terminal; a `<!-- kg ... -->` comment is followed by a table of the graph,
and a picture by the comment with its command.
"""

from __future__ import annotations

import csv
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "data" / "README.md"]
PAPER = Path(__file__).parent / "pregabalin.md"
IDS = Path(__file__).parent / "ids.txt"
_SESSION = re.compile(r"```console\n(.*?)```", re.DOTALL)
_PICTURE = re.compile(r"\]\((tests/[^)]+\.svg)\)\n<!-- (kg plot .*?) -->")
_TABLE = re.compile(r"(<!-- (kg .*?) -->\n).*?(<!-- end -->)", re.DOTALL)
COLUMNS = 100


def answered(text: str, store: Path) -> str:
    """The same text with the output of every `$ kg ...` line of its console blocks, and every table, as it is now."""
    with tempfile.TemporaryDirectory() as folder:
        text = _TABLE.sub(lambda found: found[1] + _table(found[2], store, Path(folder)) + found[3], text)
        return _SESSION.sub(lambda block: _block(block[1], store, Path(folder)), text)


def pictures(text: str, store: Path) -> dict[Path, str]:
    """The pictures that a page shows, as their commands draw them now."""
    drawn = {}
    for name, command in _PICTURE.findall(text):
        with tempfile.TemporaryDirectory() as folder:
            _run(f"{command} -o picture.svg", store, Path(folder))
            drawn[ROOT / name] = (Path(folder) / "picture.svg").read_text(encoding="utf-8")
    return drawn


def ids() -> set[str]:
    """The id of every finding, paper and trial in the shipped tables."""
    data = ROOT / "data"
    files = [*(data / "findings").glob("*.csv"), data / "papers.csv", data / "trials.csv"]
    return {row["id"] for file in files for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines())}


def _block(session: str, store: Path, folder: Path) -> str:
    commands = [line[2:] for line in session.splitlines() if line.startswith("$ ")]
    return "```console\n" + "".join(f"$ {command}\n{_run(command, store, folder)}" for command in commands) + "```"


def _table(command: str, store: Path, folder: Path) -> str:
    rows = _run(f"{command} --format md", store, folder)
    return re.sub(r" {2,}|-{4,}", lambda run: run[0][:1] * (1 if run[0][0] == " " else 3), rows)


def _run(command: str, store: Path, folder: Path) -> str:
    """What a person sees in a terminal of 100 columns, in a folder with a paper to read and no proposals yet."""
    shutil.copy(PAPER, folder)
    places = [str(Path(sys.executable).parent), os.environ["PATH"]]
    told = {
        "COLUMNS": str(COLUMNS),
        "KG_STORE": str(store),
        "KG_PROPOSED": "proposed",
        "PATH": os.pathsep.join(places),
        "TERM": "dumb",
    }
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
    """Write the answers of today into the pages, and the ids that are new into the list of those ever given."""
    from kg import build

    IDS.write_text("\n".join(sorted(ids() | set(IDS.read_text().split()))) + "\n")
    with tempfile.TemporaryDirectory() as store:
        build.write(build.collect(), Path(store))
        for page in PAGES:
            page.write_text(answered(page.read_text(encoding="utf-8"), Path(store)), encoding="utf-8")
            for file, drawn in pictures(page.read_text(encoding="utf-8"), Path(store)).items():
                file.write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
