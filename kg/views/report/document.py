"""What a report is made of: sections of sentences, each with the findings it rests on, and pictures between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.store import Row

if TYPE_CHECKING:
    from kg.views.plots import Picture
    from kg.views.report.facts import Fact

DISCLAIMER = (
    "Animal and human evidence, not medical advice. Animals and people are never added up, and counts are of studies "
    "unless they say findings."
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """Something said, and the keys of the findings and trials it rests on."""

    text: str
    findings: tuple[str, ...] = ()
    trials: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[str, str]:
        """The text without its full stop, and that, so that receipts can stand between."""
        return (self.text[:-1], ".") if self.text.endswith(".") else (self.text, "")

    @classmethod
    def of(cls, text: str, facts: Iterable[Fact]) -> Sentence:
        """A sentence that rests on these findings."""
        return cls(text, tuple(sorted({fact.finding for fact in facts})))


@dataclass(frozen=True, slots=True)
class Item:
    """One line: words that its sentences share, then these."""

    lead: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Lines under a heading of their own, or under the one before where it is empty; `level` 4 is below 3."""

    heading: str
    items: tuple[Item, ...] = ()
    note: str = ""
    level: int = 3


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter; `note` says how to read it, or why nothing stands in it."""

    id: str
    heading: str
    note: str
    groups: tuple[Group, ...] = ()

    def sentences(self) -> Iterator[Sentence]:
        """Every sentence, in order."""
        yield from (sentence for group in self.groups for item in group.items for sentence in item.sentences)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture, or the sentence that says why there is none; `command` draws it again."""

    heading: str
    picture: Picture | None
    sentence: str
    command: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of a question that names no findings, cut to `rows` of `count`; `command` asks it again."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    count: int
    command: str


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report: `before` stands before the pictures, `after` behind them."""

    title: str
    asked: str
    command: str
    about: Mapping[str, str | int | float | bool | None]
    answer: Answer | None
    before: tuple[Section, ...]
    drawings: tuple[Drawing, ...]
    after: tuple[Section, ...]
    facts: tuple[Fact, ...]
    papers: tuple[Row, ...]
    trials: Mapping[str, str]

    @property
    def sections(self) -> tuple[Section, ...]:
        """All sections in order."""
        return self.before + self.after
