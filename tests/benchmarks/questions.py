"""Every question on one graph, asked of ours and of its peers, with rows and times side by side."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.benchmarks.graphs import Graph
from tests.benchmarks.peers import ENGINES, OURS
from tests.benchmarks.worker import CAP, Answer

Answers = dict[str, Answer]  # by question


def texts(graph: Graph) -> dict[str, str]:
    """The SPARQL of every question, bound by a child."""
    child = [sys.executable, "-m", "tests.benchmarks.ask", "texts", str(graph.place)]
    bound: dict[str, str] = json.loads(subprocess.run(child, check=True, stdout=subprocess.PIPE).stdout)
    return bound


def asked(graph: Graph, engines: Iterable[str]) -> dict[str, Answers]:
    """The answers of each engine that is installed; all are asked one question before the next comes."""
    answers: dict[str, Answers] = {name: {} for name in engines if ENGINES[name].here}
    with ExitStack() as stack:
        asks = {}
        for name in answers:
            print(f"opening {graph.name} with {name}", file=sys.stderr, flush=True)
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            asks[name] = stack.enter_context(ENGINES[name].opened(graph, folder))
        for question, sparql in texts(graph).items():
            for name, ask in asks.items():
                answers[name][question] = ask(sparql)
    return answers


@dataclass(frozen=True, slots=True)
class Comparison:
    """The answers of several engines to one set of questions; an answer is right where its rows are as many as ours."""

    answers: Mapping[str, Answers]

    def questions(self) -> Sequence[str]:
        """The questions, those first that take ours in memory longest."""
        first = self.answers["memory"]
        return sorted(first, key=lambda question: -(first[question].seconds or CAP * first[question].late))

    def rows(self, question: str) -> int | None:
        """How many rows ours gives; none where it runs over the cap."""
        return next((rows for ours in OURS if (rows := self.answers[ours][question].rows) is not None), None)

    def times(self, question: str) -> dict[str, float]:
        """The seconds of every engine with a right answer."""
        rows = self.rows(question)
        answers = {engine: answers[question] for engine, answers in self.answers.items()}
        return {
            engine: answer.seconds
            for engine, answer in answers.items()
            if answer.seconds is not None and rows in (None, answer.rows)
        }

    def cell(self, engine: str, question: str) -> object:
        """Milliseconds, or why there are none."""
        if engine not in self.answers:
            return "missing"
        answer = self.answers[engine][question]
        if answer.said:
            return answer.said if answer.late else "error"
        took = self.times(question).get(engine)
        return f"{answer.rows:,} rows" if took is None else 1000 * took

    def lines(self, engines: Sequence[str]) -> Iterator[Sequence[object]]:
        """For each question: rows, milliseconds of each engine, ours over the fastest peer."""
        for question in self.questions():
            times = self.times(question)
            fastest = min((took for engine, took in times.items() if engine not in OURS), default=None)
            ratios = [_ratio(times.get(ours), fastest) for ours in OURS]
            yield [
                question,
                self.rows(question),
                *(self.cell(engine, question) for engine in engines),
                *ratios,
            ]

    def medians(self) -> Iterator[Sequence[object]]:
        """For each engine: how many it answers rightly, their median milliseconds, and ours on the same questions."""
        times = {question: self.times(question) for question in self.questions()}
        for engine in self.answers:
            right = [one for one in times.values() if engine in one]
            middle = median([one[engine] for one in right] or [CAP])
            ours = [median([one.get(name, CAP) for one in right] or [CAP]) for name in OURS]
            ratios = [median([one.get(name, CAP) / one[engine] for one in right] or [1.0]) for name in OURS]
            yield [engine, f"{len(right)} of {len(times)}", 1000 * middle, *(one / middle for one in ours), *ratios]

    def slowest(self) -> Iterator[Sequence[object]]:
        """The five questions on which ours in memory is slowest, and the fastest engine."""
        for question in self.questions()[:5]:
            times = self.times(question)
            fastest = min(times, key=times.__getitem__, default="memory")
            yield [question, self.cell("memory", question), fastest, _ratio(times.get("memory"), times.get(fastest))]

    def failures(self) -> Iterator[Sequence[object]]:
        """For each engine that fails on questions: which, and what it said first."""
        for engine, answers in self.answers.items():
            said = {question: answer.said for question, answer in answers.items() if answer.said and not answer.late}
            if said:
                yield [engine, ", ".join(said), next(iter(said.values()))[:150].replace("|", "/")]


def _ratio(ours: float | None, fastest: float | None) -> object:
    if fastest is None:
        return ""
    return f"over {CAP / fastest:.3g}" if ours is None else ours / fastest
