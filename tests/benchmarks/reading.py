"""Reading: the lexicon beside other matchers, what the rules take, and a PubMed file from its bytes to proposals.

On an invented file and, where `KG_PUBMED` names one, on a real one, cut or repeated to as many entries. Each figure is
made in a process of its own, `python -m tests.benchmarks.reading WHAT FILE`, which prints it as JSON.
"""

from __future__ import annotations

import cProfile
import gzip
import importlib.util
import json
import os
import pstats
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, cycle, islice
from pathlib import Path
from statistics import median
from typing import Any

from kg import vocab
from kg.document import Document
from kg.harvest import part
from kg.harvest.field import of_field, wanted
from kg.model import Term
from kg.reading import concepts
from kg.reading.lexicon import Lexicon, folded, variants
from kg.reading.reader import Reader
from kg.sources import files, pubmed, pubmed_cuts
from tests.benchmarks import parsing
from tests.benchmarks.graphs import Figures
from tests.benchmarks.tables import table

RECORDS, TIMES, TEXTS, SIZE = 30_000, 5, 3_000, 2_000
BARE, OURS = "ahocorasick_rs, bare", "Lexicon.mentions"
_VOCAB = Path(__file__).parents[2] / "data" / "vocab"
Match = Callable[[str], Sequence[object]]


def reading(folder: Path, _: Sequence[int]) -> Figures:
    """Matching and reading of the texts of a file, and the whole file beside one twice as long."""
    real = os.environ.get("KG_PUBMED")
    figures = {"invented": _figures("invented", _invented(), folder)}
    return figures | ({"real": _figures("real", _real(Path(real)), folder)} if real else {})


def _figures(kind: str, entries: Iterator[bytes], folder: Path) -> Figures:
    with tempfile.TemporaryDirectory(dir=folder) as empty:
        one, two = _files(entries, Path(empty))
        figures = {"match": _run("match", one), "read": _run("read", one)}
        ends = {"kg": _run("kg", one), "kg, twice as many entries": _run("kg", two)}
        peers = [peer for peer in _PEERS if _here("pubmed_parser", peer)]
        ends |= {f"pubmed_parser, then {peer} on all": _run(peer, one) for peer in peers}
    _print(kind, **figures, ends=ends)
    return figures | {"ends": ends}


def _print(kind: str, match: Figures, read: Figures, ends: Figures) -> None:
    for lexicon, ways in match.items():
        columns = ["way", "documents a CPU second", "time / bare automaton", "found a document"]
        table(f"Matching, {kind} abstracts, {lexicon}", columns, ([way, *line] for way, line in ways.items()))
    title = f"Reader, {kind} documents of the field: {read['per_second']:,.0f} a CPU second"
    table(title, ["module", "% of the time"], read["shares"].items())
    ours = ends["kg"]["per_second"]
    columns = ["way", "entries a CPU second", "/ kg", "entries kept", "proposals", "peak MiB"]
    lines = (
        [way, one["per_second"], one["per_second"] / ours, one["kept"], one["proposals"], one["peak"]]
        for way, one in ends.items()
    )
    table(f"From a file of {RECORDS:,} {kind} entries to proposals", columns, lines)


def _run(what: str, file: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.reading", what, str(file)]
    figures: dict[str, Any] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return figures


def _here(*peers: str) -> bool:
    missing = [peer for peer in peers if importlib.util.find_spec(peer) is None]
    for peer in missing:
        print(f"{peer} is not installed", file=sys.stderr)
    return not missing


def _files(entries: Iterator[bytes], folder: Path) -> tuple[Path, Path]:
    """A file of RECORDS entries, and one that begins alike and goes on to twice as many."""
    one, two = (folder / f"{number}.xml.gz" for number in (RECORDS, 2 * RECORDS))
    with gzip.open(one, "wb", 1) as short, gzip.open(two, "wb", 1) as long:
        for number, piece in enumerate(chain([parsing._HEAD.encode()], islice(entries, 2 * RECORDS))):
            long.write(piece)
            short.write(piece if number <= RECORDS else b"")
        for packed in (short, long):
            packed.write(b"</PubmedArticleSet>\n")
    return one, two


def _real(place: Path) -> Iterator[bytes]:
    while True:
        for entry in pubmed_cuts.cut(files.chunks(place), place.name):
            if isinstance(entry, tuple):
                yield entry[1] + b"\n"


def _invented() -> Iterator[bytes]:
    """Entries of invented words that name terms and results as often as real ones do; 3 in 100 are of the field."""
    dice = random.Random(1)  # noqa: S311  # invented papers keep no secret
    plain = [term for term in _terms() if not any(sign in term.label for sign in "&<>")]
    plain = [term for term in plain if not wanted(term.label.encode())]
    labels = {scheme: [term.label for term in plain if term.scheme == scheme] for scheme in ("therapy", "outcome")}
    salad = ["".join(dice.choices(parsing._SYLLABLES, k=dice.randint(1, 4))) for _ in range(3000)]
    pairs = zip(dice.choices(labels["therapy"], k=18), cycle(("improved", "reduced")))
    told = [
        f"{salad[0]}. In rats with SCI, treatment with {therapy} significantly {verb} {dice.choice(labels['outcome'])} "
        "compared with vehicle (p = 0.01). The"
        for therapy, verb in pairs
    ]
    words = [*salad, *dice.choices([term.label for term in plain], k=55), *told]
    words += [f"{word}. The" for word in salad[:150]] + ["5 \u00b1 2 \u03b2"] * 6
    return (parsing._entry(pmid, dice, words).encode() for pmid in range(1, 2 * RECORDS + 1))


def _terms() -> list[Term]:
    known, _ = vocab.load(_VOCAB)
    return [term for scheme in concepts.SCHEMES for term in known.scheme(scheme)]


def _lexicons() -> Iterator[tuple[str, list[Term]]]:
    """The vocabulary cut to SIZE names, and filled to SIZE terms with invented ones."""
    terms = _terms()
    dice = random.Random(1)  # noqa: S311  # as above
    names, some = 0, []
    for term in dice.sample(terms, len(terms)):
        some.append(replace(term, synonyms=term.synonyms[: SIZE - names - 1]))
        names += 1 + len(some[-1].synonyms)
        if names == SIZE:
            break
    yield f"a lexicon of {names:,} names", some
    words = ["".join(dice.choices(parsing._SYLLABLES, k=3)) for _ in range(2 * SIZE)]
    more = [Term("therapy", f"invented-{i}", f"{words[i]} {words[-i]}") for i in range(len(terms), SIZE)]
    yield f"a lexicon of {len(terms) + len(more):,} terms", [*terms, *more]


def _matched(file: Path) -> dict[str, Any]:
    """Each way in turns on the same texts: speed, time beside that of the bare automaton, what it finds."""
    texts = list(islice((text for text in _texts(file) if len(text) > 400), TEXTS))
    figures = {}
    for name, terms in _lexicons():
        ways = _ways(terms)
        given = {way: texts if way == OURS else [folded(text) for text in texts] for way in ways}
        turns = [{way: _seconds(ways[way], given[way]) for way in ways} for _ in range(TIMES)]
        found = {way: sum(len(ways[way](text)) for text in given[way]) / len(texts) for way in ways}
        figures[name] = {
            way: [
                len(texts) / median(turn[way] for turn in turns),
                median(turn[way] / turn[BARE] for turn in turns),
                found[way],
            ]
            for way in ways
        }
    return figures


def _texts(file: Path) -> Iterator[str]:
    return (item.text for item in pubmed.read(file) if isinstance(item, Document))


def _seconds(match: Match, texts: Iterable[str]) -> float:
    began = time.process_time()
    for text in texts:
        match(text)
    return time.process_time() - began


def _ways(terms: Sequence[Term]) -> dict[str, Match]:
    """Ours, and the ways that are installed: all get our surfaces, and texts that are folded already."""
    from ahocorasick_rs import AhoCorasick, MatchKind

    surfaces = _surfaces(terms)
    bare = AhoCorasick(surfaces, matchkind=MatchKind.Standard)
    ours: dict[str, Match] = {
        BARE: lambda text: bare.find_matches_as_indexes(text, overlapping=True),
        OURS: Lexicon(terms).mentions,
    }
    return ours | {name: made(surfaces) for name, made in _MATCHERS.items() if _here(name)}


def _pyahocorasick(surfaces: Sequence[str]) -> Match:
    import ahocorasick

    automaton = ahocorasick.Automaton()
    for number, surface in enumerate(surfaces):
        automaton.add_word(surface, number)
    automaton.make_automaton()
    return lambda text: list(automaton.iter(text))


def _flashtext(surfaces: Sequence[str]) -> Match:
    from flashtext import KeywordProcessor

    processor = KeywordProcessor()
    processor.add_keywords_from_list(list(surfaces))
    return lambda text: processor.extract_keywords(text, span_info=True)


def _spacy(surfaces: Sequence[str]) -> Match:
    import spacy
    from spacy.matcher import PhraseMatcher

    blank = spacy.blank("en")
    matcher = PhraseMatcher(blank.vocab, attr="LOWER")
    matcher.add("name", [blank.make_doc(surface) for surface in surfaces])
    return lambda text: matcher(blank.make_doc(text))


_PEERS = {"flashtext": _flashtext, "spacy": _spacy}
_MATCHERS = {"ahocorasick": _pyahocorasick, **_PEERS}


def _read(file: Path) -> dict[str, Any]:
    """How many documents of the field are read in a second, and which module takes what share of it."""
    reader = _reader()
    read = (item for item in pubmed.read(file, wanted) if isinstance(item, Document) and of_field(item))
    documents = list(islice(read, 500))
    reader(documents[0])
    began = time.process_time()
    for document in documents * TIMES:
        reader(document)
    took = time.process_time() - began
    profile = cProfile.Profile()
    for document in documents:
        profile.runcall(reader, document)
    per_second = len(documents) * TIMES / took
    return {"documents": len(documents), "per_second": per_second, "shares": _shares(profile)}


def _shares(profile: cProfile.Profile) -> dict[str, float]:
    """Per cent of the time in each of our modules; what is built in counts where it is called."""
    took: Counter[str] = Counter()
    for (file, _, _), (_, _, own, _, callers) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        if file == "~" and callers:
            took.update({_module(caller[0]): 0.0 for caller in callers})
            for caller, (_, _, part_of_it, _) in callers.items():
                took[_module(caller[0])] += part_of_it
        else:
            took[_module(file)] += own
    whole = sum(took.values())
    return {name: 100 * seconds / whole for name, seconds in took.most_common() if seconds / whole > 0.005}


def _module(file: str) -> str:
    return Path(file).stem if f"{os.sep}kg{os.sep}" in file else "other"


def _reader() -> Reader:
    return Reader(vocab.load(_VOCAB)[0])


def _kg(file: Path) -> dict[str, Any]:
    reader = _reader()
    began = time.process_time()
    lines = part(file, "pubmed", reader)
    took = time.process_time() - began
    told = {"kept": lines.count(b'{"document":'), "proposals": lines.count(b'"rule":"'), "peak": parsing._peak()}
    return told | {"per_second": _entries(file) / took}


def _peer(file: Path, made: Callable[[Sequence[str]], Match]) -> dict[str, Any]:
    """Every entry parsed and its title and abstract matched; nothing is filtered, read or proposed."""
    import pubmed_parser

    match = made(_surfaces(_terms()))
    began = time.process_time()
    entries = pubmed_parser.parse_medline_xml(str(file))
    kept = sum(1 for entry in entries if match(f"{entry['title']}\n{entry['abstract']}"))
    took = time.process_time() - began
    return {"kept": kept, "proposals": None, "peak": None, "per_second": _entries(file) / took}


def _surfaces(terms: Iterable[Term]) -> list[str]:
    return sorted({form for term in terms for name in (term.label, *term.synonyms) for form in variants(name)})


def _entries(file: Path) -> int:
    return int(file.name.split(".")[0])


def _measured(what: str, file: Path) -> dict[str, Any]:
    kinds = {"match": _matched, "read": _read, "kg": _kg}
    return kinds[what](file) if what in kinds else _peer(file, _PEERS[what])


if __name__ == "__main__":
    print(json.dumps(_measured(sys.argv[1], Path(sys.argv[2]))))
