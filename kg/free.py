r"""Free SPARQL, safely: refused where it reaches outside, else answered by a child process that can be killed.

Refusal works on the lexer's tokens and not on a parser's tree, so that it cannot disagree with the engine about
the grammar. It errs on the safe side: Oxigraph reads `SERVICE:x`, `trueSERVICE<x>` and `ASKFROM<x>` as keywords where
the recommendation's longest match would not, so a keyword glued to others or standing as a prefix is refused as well.
`\uXXXX` is expanded first, as section 19.2 of the recommendation asks of every parser.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg.errors import KgError, LimitHit, Refused
from kg.store import Answer, Row, Store, serialise

_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_TOKEN = re.compile(
    r'''(?P<skip>\#[^\r\n]*|"""(?:"{0,2}(?:[^"\\]|\\[tbnrf"'\\]))*"""|\'\'\'(?:'{0,2}(?:[^'\\]|\\[tbnrf"'\\]))*\'\'\'
    |"(?:[^"\\\r\n]|\\[tbnrf"'\\])*"|'(?:[^'\\\r\n]|\\[tbnrf"'\\])*'|<[^<>"{}|^`\\\x00-\x20]*>|[?$]\w+
    |@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    |(?P<prefix>(?:[^\W\d_][\w.-]*)?):(?:\\.|[^\s;,.{}()\[\]<>"'\#\\])*
    |(?P<word>[A-Za-z]+)|(?P<other>.)''',
    re.VERBOSE | re.DOTALL,
)
_REASONS = {"SERVICE": "service", "FROM": "dataset"}
_UPDATES = ("LOAD", "INSERT", "DELETE", "CLEAR", "DROP", "CREATE", "MOVE", "COPY", "ADD")
_SENTENCES = {
    "update": "would change the graph; this graph is only read",
    "service": "would send a request to another server; copy that data into the graph instead",
    "dataset": "would read another graph or file; the query is asked of this graph only",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """How long (seconds), how much memory (MiB) and how many rows a free query may take."""

    seconds: float = 30.0
    memory: int = 4096
    rows: int = 10_000


@dataclass(frozen=True, slots=True)
class Reply:
    """What a free query gave: a table (`truncated` where more rows were there), a yes or no, or RDF text."""

    columns: tuple[str, ...] = ()
    rows: list[Row] = field(default_factory=list)
    truncated: bool = False
    answer: bool | None = None
    rdf: str | None = None


def expand(sparql: str) -> str:
    r"""The query with its `\uXXXX` escapes replaced, as every conforming parser reads it."""
    return _ESCAPE.sub(lambda found: _character(int(found[1] or found[2], 16)), sparql)


def _character(code: int) -> str:
    if code > sys.maxunicode or 0xD800 <= code <= 0xDFFF:
        raise KgError(f"this is not a SPARQL query: U+{code:04X} is no character")
    return chr(code)


def refuse(sparql: str) -> None:
    """Raise Refused where the query names another server, another dataset or an update."""
    for token in _TOKEN.finditer(sparql):
        word = (token["word"] or token["prefix"] or "").upper()
        for keyword, reason in _REASONS.items():
            if keyword in word:
                raise Refused(f"{keyword} {_SENTENCES[reason]}")
        if token["word"] and word in _UPDATES:
            raise Refused(f"{word} {_SENTENCES['update']}")


def run(place: Path, sparql: str, limits: Limits = Limits(), suffix: str = ".ttl") -> Reply:
    """The answer of a free query on the graph at a place; graphs come as RDF of the format that `suffix` names.

    Raises Refused, KgError where it is no SPARQL, LimitHit where it took too long or too much memory.
    """
    text = expand(sparql)
    refuse(text)
    job = {"place": str(place), "sparql": text, "rows": limits.rows, "memory": limits.memory, "suffix": suffix}
    paths = os.pathsep.join([str(Path(__file__).resolve().parent.parent), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-P", "-m", "kg.free"]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(job).encode(),
            capture_output=True,
            timeout=limits.seconds,
            check=False,
            env=os.environ | {"PYTHONPATH": paths},
        )
    except subprocess.TimeoutExpired as error:
        raise LimitHit(f"no answer within {limits.seconds:g} seconds; narrow the query or raise --timeout") from error
    return _reply(done, limits)


def _reply(done: subprocess.CompletedProcess[bytes], limits: Limits) -> Reply:
    if done.returncode == 0:
        made: dict[str, Any] = json.loads(done.stdout)
        if "error" in made:
            raise KgError(made["error"])
        return Reply(tuple(made.pop("columns", ())), **made)
    if done.returncode < 0 or b"MemoryError" in done.stderr or b"memory" in done.stderr:
        raise LimitHit(f"the query needed more than {limits.memory} MiB of memory; narrow it or raise --memory")
    raise KgError(f"the query's process failed: {done.stderr.decode(errors='replace').strip().splitlines()[-1:]}")


def _child() -> None:
    job = json.load(sys.stdin)
    try:
        store = Store.open(Path(job["place"]))
        _cap(job["memory"], Path(job["place"]))
        answer = _answer(store, job)
    except (KgError, OSError, RuntimeError) as error:
        answer = {"error": " ".join(str(error).split())}
    sys.stdout.write(json.dumps(answer))


def _cap(memory: int, place: Path) -> None:
    """Limit memory, and where the graph is open already allow no further file or socket.

    The latter is a second wall that knows nothing of SPARQL. A graph of millions of triples opens its files as it
    goes, and systems without /proc do not say what is open: there the first wall stands alone.
    """
    try:
        import resource
    except ImportError:  # Windows has no such limits; the wall clock and the first wall still hold
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory * 2**20, memory * 2**20))
    opened = {link.resolve().name for link in Path("/proc/self/fd").glob("*")}
    if opened >= {file.name for file in place.rglob("*.sst")} and opened:
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))


def _answer(store: Store, job: dict[str, Any]) -> dict[str, Any]:
    answer = store.answer(job["sparql"])
    if isinstance(answer, bool):
        return {"answer": answer}
    if isinstance(answer, Answer):
        rows = list(_first(answer.rows, job["rows"] + 1))
        return {"columns": answer.columns, "rows": rows[: job["rows"]], "truncated": len(rows) > job["rows"]}
    triples = list(_first(answer, job["rows"] + 1))
    rdf = serialise(triples[: job["rows"]], job["suffix"]).decode()
    return {"rdf": rdf, "truncated": len(triples) > job["rows"]}


def _first(items: Iterator[Any], count: int) -> Iterator[Any]:
    return (item for _, item in zip(range(count), items, strict=False))


if __name__ == "__main__":
    _child()
