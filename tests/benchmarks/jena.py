"""Jena TDB2 by its command line, as Debian packages it: one Java process for each question, timed from within."""

from __future__ import annotations

import re
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import servers
from tests.benchmarks.process import Command
from tests.benchmarks.worker import GRACE, Answer, Ask, ended_after, over

_JARS = Path("/usr/share/java")
_NEEDED = (
    "jena-* commons-* dexx.collection gson guava httpclient httpcore jackson-annotations jackson-core jackson-databind "
    "jsonld-java protobuf slf4j-api slf4j-nop thrift titanium-json-ld"
).split()
_MESSAGES = "xerces/impl/xpath/regex/message.properties"
_TURNS, _LONGEST = 4, 1.0  # as many as the others, see ask.py
_PATIENCE = 5.0  # seconds a question may take; TDB2 takes longest for most of them
_COUNT, _TIME = re.compile(r"Count = (\d+)"), re.compile(r"Time: ([\d.]+) sec")


def here() -> bool:
    """Whether Java and Jena are installed."""
    return servers.program("java") is not None and (_JARS / "jena-tdb2.jar").exists()


def _java(folder: Path) -> Command:
    """The start of a command. Debian moved Xerces' classes inside jena-core, and left their messages behind."""
    with zipfile.ZipFile(_JARS / "jena-core.jar") as core:
        messages = folder / _MESSAGES
        messages.parent.mkdir(parents=True, exist_ok=True)
        messages.write_bytes(core.read(f"org/apache/jena/ext/{_MESSAGES}"))
    jars = [str(path) for name in _NEEDED for path in sorted(_JARS.glob(f"{name}.jar"))]
    return [servers.program("java") or "java", "-Xmx4g", "-cp", ":".join([str(folder), *jars])]


@contextmanager
def tdb2(file: Path, folder: Path) -> Iterator[Ask]:
    """A TDB2 database of the file's triples."""
    java, place, question = _java(folder), ["--loc", str(folder / "tdb2")], folder / "question.rq"
    subprocess.run([*java, "tdb2.tdbloader", *place, str(file)], check=True, capture_output=True)
    query = [*java, "tdb2.tdbquery", *place, "--time", f"--repeat={_TURNS}", "--results=count", "--query"]

    def ask(sparql: str) -> Answer:
        question.write_text(sparql, encoding="utf-8")
        return _answer([*query, str(question)])

    yield ask


def _answer(command: Command) -> Answer:
    """Run a query until its turns are done or have taken long enough."""
    pipe, rows, turns, said = subprocess.PIPE, 0, [], ""
    with subprocess.Popen(command, stdout=pipe, stderr=subprocess.STDOUT, text=True) as child:
        with ended_after(child, _PATIENCE + GRACE) as lines:
            for line in lines:
                said = line.strip() or said
                if count := _COUNT.search(line):
                    rows = int(count[1])
                if time := _TIME.match(line):
                    turns.append(float(time[1]))
                if sum(turns) > _LONGEST:
                    break
        child.kill()
    if turns:
        return Answer.of(rows, turns)
    return Answer(said=over(_PATIENCE) if child.returncode < 0 else said)
