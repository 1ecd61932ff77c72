"""A data folder of the shipped shape with as many invented findings as wanted: same number and seed, same bytes.

A few therapies, outcomes and laboratories are hubs (Zipf), studies have several arms and a skewed number of findings,
and one finding in five is a null.
"""

from __future__ import annotations

import argparse
import csv
import math
import random
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from kg import resources, vocab
from kg.sources.sheets import ARMS, FINDINGS, PAPERS, TRIALS

Cells = dict[str, object]
_FILE = 25_000  # findings per file, so that no table grows beyond what a spreadsheet opens
_CONTROLS = ("no-treatment", "vehicle", "sham-stimulation", "control-not-named")
_PHASES = (("", 0), ("acute", 0), ("subacute", 9), ("chronic", 42))
_DIRECTIONS = ("increased", "decreased", "no difference", "mixed")


@dataclass(frozen=True, slots=True)
class _Words:
    """The ids of one vocabulary and their cumulated Zipf weights."""

    ids: Sequence[str]
    weights: Sequence[float]

    @classmethod
    def of(cls, ids: Sequence[str]) -> _Words:
        return cls(ids, list(accumulate(1 / (rank + 1) for rank in range(len(ids)))))

    def some(self, dice: random.Random, number: int = 1) -> list[str]:
        """This many different words, hubs first of all."""
        return list(dict.fromkeys(dice.choices(self.ids, cum_weights=self.weights, k=4 * number)))[:number]

    def one(self, dice: random.Random) -> str:
        return self.some(dice)[0]


def words(folder: Path) -> dict[str, _Words]:
    """What may be drawn from each vocabulary of a folder; of the therapies those that are no control."""
    known, _ = vocab.load(folder)
    controls = known.narrower(known.find("therapy", "control"))
    ids = {scheme: [term.id for term in known.scheme(scheme)] for scheme in vocab.FILES}
    ids["therapy"] = [id for id in ids["therapy"] if id not in controls]
    return {scheme: _Words.of(values) for scheme, values in ids.items()}


def study(key: str, drawn: dict[str, _Words], dice: random.Random) -> tuple[list[Cells], list[tuple[str, str]]]:
    """The rows of a study's arms, and its contrasts (arm, comparator): plain, factorial, add-on, rival, or one arm."""
    a, b = drawn["therapy"].some(dice, 2) if dice.random() < 0.6 else (drawn["therapy"].one(dice), "")
    control = "none" if dice.random() < 0.1 else "control"
    arms = {"a": [a], control: ["no-comparator" if control == "none" else dice.choice(_CONTROLS)]}
    contrasts = [("a", control)]
    if b:
        arms |= {"b": [b], "a+b": [a, b]}
        contrasts += [("a+b", control), ("a+b", "a"), ("a+b", "b"), ("b", control), ("a", "b")]
    day = dice.choice((0, 0, 7, 14, 42)) if dice.random() < 0.4 else ""
    return [
        _given(key, arm, one, number, day, drawn, dice)
        for arm, all_ in arms.items()
        for number, one in enumerate(all_, start=1)
    ], contrasts


def _given(
    key: str, arm: str, therapy: str, order: int, day: object, drawn: dict[str, _Words], dice: random.Random
) -> Cells:
    if arm in ("control", "none"):
        role = "vehicle" if therapy == "vehicle" else "control"
        return {"study": key, "arm": arm, "therapy": therapy, "role": role}
    cells: Cells = {"study": key, "arm": arm, "therapy": therapy, "role": "active", "start_day": day}
    if dice.random() < 0.2:
        cells |= {"dose": 10 ** dice.randint(3, 6), "unit": "{cells}", "dose_text": "cells in two sites"}
    return cells | {"order": order if arm == "a+b" else "", "route": drawn["route"].one(dice)}


def paper(key: str, number: int, total: int, dice: random.Random) -> Cells:
    """The row of a study's paper; the laboratories are as skewed as the therapies."""
    laboratory = int(total / 4 * dice.random() ** 3)
    return {
        "id": key,
        "doi": f"10.99999/{key}",
        "title": f"Invented study {number} of recovery after injury of the spinal cord",
        "year": 1995 + number % 30,
        "journal": f"Journal {number % 60}",
        "first_author": f"Alpha {number % 700}",
        "last_author": f"Beta {laboratory}",
        "laboratory": f"lab-{laboratory}",
        "kind": "primary",
        "status": "retracted" if dice.random() < 0.005 else "ok",
        "about": "condition:spinal-cord-injury",
        "url": f"https://example.org/{key}",
    }


def findings(
    key: str, contrasts: Sequence[tuple[str, str]], drawn: dict[str, _Words], dice: random.Random
) -> Iterator[Cells]:
    """The rows of a study: its contrasts on a few outcomes each, one study of ten with many."""
    phase, day = dice.choice(_PHASES)
    people = dice.random() < 0.06
    facets: Cells = {
        "paper": key,
        "species": "human" if people else dice.choice(("rat", "rat", "rat", "mouse", "mouse", "rhesus")),
        "strain": dice.choice(("", "", "Wistar", "Fischer 344")),
        "sex": dice.choice(("", "", "female", "male")),
        "injury": dice.choice(("", drawn["injury"].one(dice))),
        "level": dice.choice(("", "C4", "T9-T10", "thoracic")),
        "phase": phase,
        "treatment_day": day if phase else "",
        "design": "controlled",
        "evidence": "clinical-study" if people else "experimental",
        "source_url": f"https://example.org/{key}",
        "curator": "synthetic",
        "date": "2026-01-01",
    }
    for number in range(1, 2 + min(int(dice.expovariate(1 / 3.2)), 40)):
        arm, comparator = contrasts[(number - 1) % len(contrasts)]
        yield (
            facets
            | {"id": f"{key}-{number:02}", "arm": arm, "comparator": comparator}
            | _seen(comparator, day, drawn, dice)
        )


def _seen(comparator: str, day: int, drawn: dict[str, _Words], dice: random.Random) -> Cells:
    direction = "observed" if comparator == "none" else dice.choices(_DIRECTIONS, (60, 16, 20, 4))[0]
    cells: Cells = {
        "outcome": drawn["outcome"].one(dice),
        "direction": direction,
        "measure": f"test {dice.randint(1, 150)}",
        "measured_day": day + 7 * dice.randint(1, 12) if dice.random() < 0.3 else "",
        "confidence": dice.choice(("high", "moderate", "low")),
        "confidence_reason": "abstract only",
        "locator": dice.choice(("abstract", "Fig. 2", "Table 1")),
    }
    if direction in ("increased", "decreased") and dice.random() < 0.4:
        cells |= {"significant": "yes", "p": "<0.05"}
    if dice.random() < 0.4:
        cells |= {"n_arm": dice.randint(4, 20), "n_comparator": dice.randint(4, 20)}
    if dice.random() < 0.1:
        mean = math.floor(dice.uniform(2, 20) * 10) / 10
        cells |= {"mean_arm": mean, "spread_arm": 1.2, "mean_comparator": 7.5, "spread_comparator": 1.1}
        cells |= {"spread_kind": "SD", "unit": "{score}"}
    return cells


def trial(number: int, drawn: dict[str, _Words], dice: random.Random) -> Cells:
    """The row of one trial."""
    return {
        "id": f"SYN{number:06}",
        "title": f"Invented trial {number}",
        "phase": dice.choice(("I", "I/II", "II")),
        "status": dice.choice(("completed", "recruiting", "terminated")),
        "start_year": 2000 + number % 25,
        "therapies": "|".join(drawn["therapy"].some(dice, 1 + (number % 4 == 0))),
        "injury_phase": dice.choice(("acute", "chronic")),
        "n": dice.randint(5, 80),
        "result": dice.choice(("", "undetermined", "improved", "no difference")),
    }


def write(folder: Path, number: int, seed: int = 1, therapies: int = 0) -> None:
    """Write a data folder with this many findings and the shipped vocabulary, grown to so many therapies."""
    shutil.copytree(resources.data() / "vocab", folder / "vocab")
    _invent(folder / "vocab", therapies)
    (folder / "findings").mkdir()
    drawn, dice = words(folder / "vocab"), random.Random(seed)  # noqa: S311  # invented rows keep no secret
    with ExitStack() as files:
        papers = _table(files, folder / "papers.csv", PAPERS)
        arms = _table(files, folder / "arms.csv", ARMS)
        trials = _table(files, folder / "trials.csv", TRIALS)
        trials.writerows(trial(one, drawn, dice) for one in range(1, number // 100 + 1))
        written = 0
        while written < number:
            key = f"s{written:07}"
            rows, contrasts = study(key, drawn, dice)
            papers.writerow(paper(key, written, number // 4, dice))
            arms.writerows(rows)
            for row in list(findings(key, contrasts, drawn, dice))[: number - written]:
                if written % _FILE == 0:
                    sheet = _table(files, folder / "findings" / f"part-{written // _FILE:02}.csv", FINDINGS)
                sheet.writerow(row)
                written += 1


def _invent(folder: Path, therapies: int) -> None:
    """Add therapies below the shipped classes until there are so many."""
    known, _ = vocab.load(folder)
    classes = sorted({above for term in known.scheme("therapy") for above in term.broader} - {"control", "probe"})
    more = range(therapies - len(list(known.scheme("therapy"))))
    with (folder / "therapies.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            (f"invented-{n}", f"invented therapy {n}", classes[n % len(classes)], "", "") for n in more
        )


def _table(files: ExitStack, path: Path, columns: Sequence[str]) -> csv.DictWriter[str]:
    writer = csv.DictWriter(files.enter_context(path.open("w", encoding="utf-8", newline="")), columns, restval="")
    writer.writeheader()
    return writer


def main() -> None:
    """Write one folder: `python -m tests.benchmarks.synthetic 10000 FOLDER`."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("number", type=int)
    parser.add_argument("folder", type=Path)
    told = parser.parse_args()
    write(told.folder, told.number)


if __name__ == "__main__":
    main()
