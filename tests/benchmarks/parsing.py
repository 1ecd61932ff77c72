"""PubMed files: how many entries a second of processor time become documents, beside pubmed_parser and bare lxml.

Each way runs in a process of its own, `python -m tests.benchmarks.parsing WAY FILE`, which prints its figures as JSON.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.graphs import Figures
from tests.benchmarks.tables import table

RECORDS, TIMES = 30_000, 3
FIELD = b"spinal|paraplegi|tetraplegi|myelopath"
_SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe qui ro su ta ve wi xo zu".split()
_LABELS = ("BACKGROUND", "METHODS", "RESULTS", "CONCLUSIONS")
_HEAD = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle//EN" "https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed.dtd">
<PubmedArticleSet>
"""
_ENTRY = """<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM">
<PMID Version="1">{pmid}</PMID>
<DateRevised><Year>2026</Year><Month>03</Month><Day>09</Day></DateRevised>
<Article PubModel="Print-Electronic"><Journal><ISSN IssnType="Print">0000-0000</ISSN><JournalIssue><Volume>9</Volume>
<PubDate><Year>{year}</Year><Month>Mar</Month></PubDate></JournalIssue><Title>{journal}</Title></Journal>
<ArticleTitle>{title}.</ArticleTitle>
<ELocationID EIdType="doi" ValidYN="Y">10.5555/{pmid}</ELocationID>
<Abstract>{abstract}</Abstract>
<AuthorList CompleteYN="Y">{authors}</AuthorList><Language>eng</Language>
<PublicationTypeList><PublicationType UI="D016428">Journal Article</PublicationType></PublicationTypeList></Article>
<MeshHeadingList>{headings}</MeshHeadingList></MedlineCitation>
<PubmedData><History><PubMedPubDate PubStatus="entrez"><Year>2026</Year><Month>3</Month><Day>1</Day></PubMedPubDate>
</History><PublicationStatus>ppublish</PublicationStatus><ArticleIdList><ArticleId IdType="pubmed">{pmid}</ArticleId>
<ArticleId IdType="doi">10.5555/{pmid}</ArticleId></ArticleIdList></PubmedData></PubmedArticle>
"""


def parsing(folder: Path, _: Sequence[int]) -> Figures:
    """Each way in turns on one file; then ours on a file twice as long, whose peak of memory should be the same."""
    with tempfile.TemporaryDirectory(dir=folder) as empty:
        one, two = (_file(Path(empty) / f"{number}.xml.gz", number) for number in (RECORDS, 2 * RECORDS))
        turns = [{way: _run(way, one) for way in WAYS} for _ in range(TIMES)]
        longer = {way: _run(way, two) for way in WAYS if way.startswith("kg")}
    speeds = {way: median(turn[way].get("per_second", 0) for turn in turns) or None for way in WAYS}
    lines = [
        [way, turns[0][way].get("documents"), speeds[way], _ratio(speeds[way], speeds["pubmed_parser"]),
         turns[0][way].get("peak"), longer.get(way, {}).get("peak")]
        for way in WAYS
    ]  # fmt: skip
    columns = ["way", "documents", "entries a CPU second", "/ pubmed_parser", "peak MiB", "peak MiB of twice as many"]
    table(f"A PubMed file of {RECORDS:,} entries", columns, lines)
    return {"turns": turns, "longer": longer}


def _ratio(ours: float | None, theirs: float | None) -> float | None:
    return ours / theirs if ours and theirs else None


def _run(way: str, file: Path) -> dict[str, Any]:
    """The figures of a way; none where what it needs is not installed."""
    if way == "pubmed_parser" and importlib.util.find_spec(way) is None:
        print("pubmed_parser is not installed: pip install pubmed-parser", file=sys.stderr)
        return {}
    command = [sys.executable, "-m", "tests.benchmarks.parsing", way, str(file)]
    figures: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return figures


def _file(file: Path, number: int) -> Path:
    """So many invented entries, about 3 % of them of the field."""
    dice = random.Random(1)  # noqa: S311  # invented papers keep no secret
    words = ["".join(dice.choices(_SYLLABLES, k=dice.randint(1, 4))) for _ in range(3000)]
    with gzip.open(file, "wt", 1, encoding="utf-8") as packed:
        packed.write(_HEAD)
        for pmid in range(1, number + 1):
            packed.write(_entry(pmid, dice, words))
        packed.write("</PubmedArticleSet>\n")
    return file


def _entry(pmid: int, dice: random.Random, words: Sequence[str]) -> str:
    salad = dice.choices(words, k=220)
    if dice.random() < 0.03:
        salad[dice.randrange(220)] = "after spinal cord injury"
    texts = [" ".join(salad[start : start + 55]) for start in range(0, 220, 55)]
    labelled = zip(_LABELS, texts, strict=True)
    whole = f"<AbstractText>{' '.join(texts)}</AbstractText>"
    parts = "".join(f'<AbstractText Label="{label}" NlmCategory="{label}">{t}</AbstractText>' for label, t in labelled)
    author = "<Author ValidYN='Y'><LastName>{}</LastName><ForeName>{} B</ForeName><Initials>AB</Initials></Author>"
    heading = '<MeshHeading><DescriptorName UI="D1" MajorTopicYN="N">{}</DescriptorName></MeshHeading>'
    return _ENTRY.format(
        pmid=pmid,
        year=1990 + pmid % 36,
        journal="Journal of " + words[pmid % 500],
        title=" ".join(dice.choices(words, k=14)),
        abstract=parts if pmid % 2 else whole,
        authors="".join(author.format(*dice.choices(words, k=2)) for _ in range(5)),
        headings="".join(heading.format(word) for word in dice.choices(words, k=9)),
    )


def _kg(file: Path) -> Iterator[object]:
    from kg.sources import pubmed

    return pubmed.read(file)


def _field(file: Path) -> Iterator[object]:
    from kg.sources import pubmed

    return pubmed.read(file, FIELD)


def _pubmed_parser(file: Path) -> Iterator[object]:
    import pubmed_parser

    yield from pubmed_parser.parse_medline_xml(str(file))


def _lxml(file: Path) -> Iterator[object]:
    """Id, title and abstract only, each entry thrown away behind them."""
    from lxml import etree

    with gzip.open(file) as packed:
        for _, found in etree.iterparse(packed, tag="PubmedArticle"):
            yield found.findtext(".//PMID"), found.findtext(".//ArticleTitle"), found.findall(".//AbstractText")
            found.clear()
            while found.getprevious() is not None:
                del found.getparent()[0]


WAYS: dict[str, Callable[[Path], Iterator[object]]] = {
    "pubmed_parser": _pubmed_parser,
    "lxml iterparse, three fields": _lxml,
    "kg": _kg,
    "kg, of the field": _field,
}


def _measured(way: str, file: Path) -> dict[str, float | None]:
    next(WAYS[way](_file(file.with_name(f"warm-{way[:4]}.xml.gz"), 10)), None)  # imports are not measured
    began = time.process_time()
    documents = sum(1 for _ in WAYS[way](file))
    took = time.process_time() - began
    records = int(file.name.split(".")[0])
    return {"documents": documents, "seconds": took, "per_second": records / took, "peak": _peak()}


def _peak() -> float | None:
    """MiB of memory at most; Linux alone tells it without that of the process which started this one."""
    file = Path("/proc/self/status")
    told = re.search(r"VmHWM:\s*(\d+) kB", file.read_text()) if file.exists() else None
    return int(told[1]) / 1024 if told else None


if __name__ == "__main__":
    print(json.dumps(_measured(sys.argv[1], Path(sys.argv[2]))))
