"""One file read into one part, and many files into many parts, each once."""

from __future__ import annotations

import gzip
import hashlib
import pickle
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol, TypeVar

from kg import __version__, store
from kg.document import Document, Harvest, Proposal
from kg.errors import KgError, Problem
from kg.harvest.field import of_field, wanted
from kg.harvest.lines import Entry, Read, line
from kg.harvest.maps import Map, serial
from kg.sources import literature, pubmed
from kg.sources.files import Broken

R = TypeVar("R")
_PARTS = "parts"
_SHARD = re.compile(r"(\d{1,6})/([1-9]\d{0,5})")
_UNKNOWN = "is in no format that is recognised; give it alone with its format, --maker NAME"
_LOST = "was given to several workers and each of them was lost (memory?); nothing of it was read"


class Reader(Protocol):
    """Proposes findings of a document; `digest` changes with anything that changes what it proposes."""

    @property
    def digest(self) -> str:
        """The name of exactly this reader."""
        ...

    def __call__(self, document: Document) -> Sequence[Proposal]:
        """What it proposes; the same document gives the same proposals."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """Where the part of a file stands; `fresh` where this run wrote it."""

    file: Path
    path: Path
    fresh: bool


@dataclass(frozen=True, slots=True)
class _Job:
    file: Path
    maker: str
    key: str


J = TypeVar("J", Path, _Job)


@dataclass(frozen=True, slots=True)
class _Task:
    """What all jobs of a run share; the reader is pickled so that a worker can tell that it has it already."""

    reader: bytes
    digest: str
    folder: Path
    version: str = __version__


def files(places: Iterable[Path]) -> Iterator[Path]:
    """The files of these places, those in folders by name; hidden ones are passed over.

    Raises KgError where a place does not exist.
    """
    for place in places:
        if not place.exists():
            raise KgError(f"{place} does not exist; name a file, or a folder of files")
        inside = sorted(place.rglob("*")) if place.is_dir() else [place]
        shown = (file for file in inside if not any(name.startswith(".") for name in file.relative_to(place).parts))
        yield from (file.resolve() for file in shown if file.is_file())


def shard(files: Iterable[Path], text: str) -> list[Path]:
    """The share `i/N` of some files: those whose index modulo N is i modulo N; shares 0 to N-1 are all, as are 1 to N.

    Raises KgError where the text is no share.
    """
    found = _SHARD.fullmatch(text)
    if not found or int(found[1]) > int(found[2]):
        raise KgError(f"{text!r} is not a share of the files; write 3/8 for the third of eight")
    number, all = int(found[1]), int(found[2])
    return [file for at, file in enumerate(_ordered(files)) if at % all == number % all]


def _ordered(files: Iterable[Path]) -> list[Path]:
    return sorted(set(files), key=lambda file: (file.name, str(file)))


def part(file: Path, maker: str, reader: Reader) -> bytes:
    """What a file says of the field and what is proposed of it, as sorted lines; the same bytes wherever it is read."""
    made = _Lines(file.name, maker, reader)
    return made.of(pubmed.read(file, made.wanted) if maker == "pubmed" else literature.named(maker)(file))


def asked(read: Iterable[literature.Read], name: str, maker: str, place: Path, reader: Reader) -> Part:
    """The part of what a service answered to a question, `name`; the same answer gives the same part."""
    data = _Lines(name, maker, reader).of(read)
    path = place.resolve() / _PARTS / f"{hashlib.sha256(data).hexdigest()}.jsonl.gz"
    return _stands(Path(name), path, data)


class _Lines:
    """The lines of a part, with the number of entries that are not of the field, parsed or not."""

    def __init__(self, name: str, maker: str, reader: Reader) -> None:
        self.name, self.maker, self.reader = name, maker, reader
        self.kept = self.others = 0

    def wanted(self, entry: bytes) -> bool:
        found = wanted(entry)
        self.others += not found
        return found

    def of(self, read: Iterable[literature.Read]) -> bytes:
        lines = sorted(line for item in read for line in self._line(item))
        about = Read(self.name, self.maker, self.kept + self.others, self.kept)
        return b"".join((*lines, _encoded(about, self.name)))

    def _line(self, item: literature.Read) -> Iterator[bytes]:
        if not isinstance(item, Document):
            yield _encoded(item, self.name)
        elif of_field(item):
            self.kept += 1
            yield _encoded(Harvest(item, tuple(self.reader(item))), item.place or self.name)
        else:
            self.others += 1


def _encoded(entry: Entry, place: str) -> bytes:
    try:
        return f"{line(entry)}\n".encode()
    except UnicodeEncodeError:
        return _encoded(Problem(place, 0, "", "holds halves of characters, which are no text; left out"), "")


def harvest(
    files: Iterable[Path], place: Path, reader: Reader, map: Map = serial, maker: str = ""
) -> Iterator[Part | Problem]:
    """Reads files into `parts` below a place; each file gives its part, or the problem why there is none.

    A part is named by what its file holds, its maker, the reader and our version; files that hold the same give one.
    It is written aside and renamed, and not read again where it stands: after a kill, the same call reads the rest.
    """
    task = _Task(pickle.dumps(reader), reader.digest, place.resolve() / _PARTS)
    named: dict[str, _Job] = {}
    found: Iterator[tuple[Path, _Job | Problem | None]] = map(_job, (maker, task.digest), _ordered(files))
    for job in sorted(_answers(found), key=_place):
        if isinstance(job, Problem):
            yield job
        elif first := named.get(job.key):
            yield Problem(job.file.name, 0, "", f"holds the same as {first.file.name}; read once")
        else:
            named[job.key] = job
    missing = [job for job in named.values() if not _path(task, job).exists()]
    yield from (Part(job.file, _path(task, job), fresh=False) for job in named.values() if job not in missing)
    yield from _answers(map(_write, task, missing))


def _path(task: _Task, job: _Job) -> Path:
    return task.folder / f"{job.key}.jsonl.gz"


def _place(job: _Job | Problem) -> tuple[str, str]:
    return (job.file, "") if isinstance(job, Problem) else (job.file.name, str(job.file))


def _answers(answers: Iterable[tuple[J, R | Problem | None]]) -> Iterator[R | Problem]:
    for job, answer in answers:
        name = job.name if isinstance(job, Path) else job.file.name
        yield Problem(name, 0, "", _LOST) if answer is None else answer


def _job(shared: tuple[str, str], file: Path) -> _Job | Problem:
    """What is to be done for a file, named by all that its part depends on."""
    maker, reader = shared
    try:
        maker = maker or literature.recognised(file)
        if not maker:
            return Problem(file.name, 0, "", _UNKNOWN)
        with file.open("rb") as opened:
            content = hashlib.file_digest(opened, "sha256").hexdigest()
    except Broken as error:
        return error.problem
    except OSError as error:
        return Problem(file.name, 0, "", f"cannot be read: {error.strerror}")
    key = hashlib.sha256(f"{content}\n{maker}\n{reader}\n{__version__}".encode()).hexdigest()
    return _Job(file, maker, key)


def _write(task: _Task, job: _Job) -> Part:
    """Read a file and leave its part, whole or not at all."""
    if task.version != __version__:
        told = f"a worker has version {__version__} of cordgraph, this process {task.version}"
        raise KgError(f"{told}; install the same on both")
    return _stands(job.file, _path(task, job), part(job.file, job.maker, _reader(task.reader)))


def _stands(file: Path, path: Path, data: bytes) -> Part:
    with store.replacing(path) as beside:
        beside.write_bytes(gzip.compress(data, mtime=0))
    return Part(file, path, fresh=True)


@lru_cache(maxsize=1)
def _reader(pickled: bytes) -> Reader:
    reader: Reader = pickle.loads(pickled)  # noqa: S301  # what this process or its driver pickled
    return reader
