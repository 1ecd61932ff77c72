"""Many files read by one worker and by two, of this machine and of a Dask cluster, some of them killed; one whole file.

Synthetic files of PubMed, one record in a hundred of the field: in all of PubMed it is about one in three hundred.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import active_children
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from kg import document, harvest, resources, vocab
from kg.harvest import Map, Part
from kg.reading.reader import Reader
from tests.benchmarks import process
from tests.benchmarks.graphs import Figures
from tests.benchmarks.tables import table
from tests.clusters import dask, until

FILES, RECORDS, BASELINE = 24, 5_000, 30_000
_SHARE = 100  # of so many records one is of the field
_WORDS = "the of in and was were cells group after protein study levels increased between with patients rats".split()
_FIELD = (
    "Spinal cord injury leaves people without a cure. Adult rats received methylprednisolone or vehicle 30 min after "
    "contusion at T10. Methylprednisolone significantly improved BBB scores compared with vehicle (p = 0.01, n = 12). "
)
_READ = """
import sys
from pathlib import Path
from kg import harvest, resources, vocab
from kg.reading.reader import Reader
reader = Reader(vocab.load(resources.data() / "vocab")[0])
parts = harvest.harvest([Path(sys.argv[1])], Path(sys.argv[2]), reader)
for one in harvest.merge([part.path for part in parts]):
    pass
"""


def cluster(folder: Path, _: Sequence[int]) -> Figures:
    """Speed-up, bytes and kills, then one file of the size of those of the baseline."""
    reader = Reader(vocab.load(resources.data() / "vocab")[0])
    files = [_file(folder / f"papers{RECORDS}" / f"n{number:04}.xml.gz", RECORDS, number) for number in range(FILES)]
    return {**_workers(files, reader), **_whole(folder / "baseline" / "records.xml.gz")}


def _file(file: Path, records: int, seed: int) -> Path:
    """A file of records of some 5 kB, made once."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        chance = Random(seed)  # noqa: S311  # invented papers keep no secret
        with gzip.open(file, "wt", 6, encoding="utf-8") as packed:  # line by line: a child's peak starts at our size
            packed.write("<PubmedArticleSet>\n")
            packed.writelines(_record(1 + seed * records + number, chance) for number in range(records))
            packed.write("</PubmedArticleSet>\n")
    return file


def _record(pmid: int, chance: Random) -> str:
    abstract = _FIELD * (pmid % _SHARE == 0) + " ".join(chance.choices(_WORDS, k=180))
    authors = "".join(
        f'<Author ValidYN="Y"><LastName>{name}</LastName><ForeName>Ada B</ForeName><Initials>AB</Initials>'
        "<AffiliationInfo><Affiliation>Institute of Invention, Example Town.</Affiliation></AffiliationInfo></Author>"
        for name in chance.choices(["Aoki", "Baba", "Cato", "Eda"], k=6)
    )
    headings = '<MeshHeading><DescriptorName UI="D000818" MajorTopicYN="N">Animals</DescriptorName></MeshHeading>' * 12
    cited = "<Reference><Citation>Invention. 2001;1(1):1-9</Citation></Reference>" * 20
    return (
        f'<PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="1">{pmid}</PMID><DateRevised>'
        "<Year>2026</Year><Month>01</Month><Day>02</Day></DateRevised><Article><Journal><Title>Invention</Title></Journal>"
        f"<ArticleTitle>Study {pmid} of {chance.choice(_WORDS)}</ArticleTitle><Abstract><AbstractText>{abstract}"
        f"</AbstractText></Abstract><AuthorList>{authors}</AuthorList></Article><MeshHeadingList>{headings}"
        f"</MeshHeadingList></MedlineCitation><PubmedData><ReferenceList>{cited}</ReferenceList></PubmedData>"
        "</PubmedArticle>\n"
    )


def _workers(files: Sequence[Path], reader: Reader) -> Figures:
    lines = [("one after another", *_run(files, reader, harvest.serial))]
    lines += [(f"pool, {number}", *_run(files, reader, harvest.processes(number))) for number in (1, 2)]
    lines.append(("pool, 2, one killed", *_run(files, reader, harvest.processes(2), lambda: active_children()[0].pid)))
    for number, kill in ((1, False), (2, False), (2, True)):
        with TemporaryDirectory() as place, dask(Path(place), number) as running:
            victim = (lambda running=running: running.workers[0].pid) if kill else None
            told = f"Dask, {number}" + ", one killed" * kill
            lines.append((told, *_run(files, reader, harvest.cluster(running.address), victim)))
    alone = lines[1][2]
    shown = [(name, parts, seconds, alone / seconds, digest) for name, parts, seconds, digest in lines]
    title = f"{FILES} files of {RECORDS:,} records"
    table(title, ["workers", "parts", "seconds", "speed-up on a pool of one", "merged"], shown)
    return {name: {"parts": parts, "seconds": seconds, "merged": digest} for name, parts, seconds, digest in lines}


def _run(
    files: Sequence[Path], reader: Reader, map: Map, victim: Callable[[], int | None] | None = None
) -> tuple[int, float, str]:
    """How many parts there are after how many seconds, and what they are merged; somebody is killed after five."""
    with TemporaryDirectory() as place:
        began = time.perf_counter()
        parts = [part.path for part in _harvested(files, Path(place), reader, map, victim) if isinstance(part, Part)]
        seconds = time.perf_counter() - began
        merged = hashlib.sha256()
        for one in harvest.merge(parts):
            merged.update(document.line(one).encode())
        return len(parts), seconds, merged.hexdigest()[:12]


def _harvested(
    files: Sequence[Path], place: Path, reader: Reader, map: Map, victim: Callable[[], int | None] | None
) -> Iterator[object]:
    def kill() -> None:
        until(lambda: len(list((place / "parts").glob("*.gz"))) > 4)
        if victim and (pid := victim()):
            os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=kill if victim else lambda: None)
    killer.start()
    yield from harvest.harvest(files, place, reader, map)
    killer.join()


def _whole(file: Path) -> Figures:
    """A file read to its merged end in a process of its own; beside one of a tenth, which shows what grows with it."""
    runs = {}
    for records in (BASELINE // 10, BASELINE):
        one = _file(file.with_name(f"{records}.xml.gz"), records, 0)
        with TemporaryDirectory() as place:
            runs[records] = process.run([sys.executable, "-c", _READ, str(one), place], {})
    lines = [(f"{records:,} records", run.seconds, records / run.cpu, run.peak) for records, run in runs.items()]
    table("One file, start to merged end", ["file", "seconds", "records per CPU second", "peak MiB"], lines)
    small, large = runs.values()
    rate = (BASELINE - BASELINE // 10) / (large.cpu - small.cpu)
    plan = harvest.planned(38_000_000, rate, workers=100, memory=large.peak)
    columns = ["files", "workers", "core-hours", "hours", "MiB of all", "records a second and core"]
    row = (plan.files, plan.workers, plan.core_hours, plan.hours, plan.memory, rate)
    table("All of PubMed, at what the larger file takes beyond the smaller", columns, [row])
    return {"whole": lines, "plan": dict(zip(columns, row, strict=True))}
