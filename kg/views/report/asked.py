"""What a report is asked about: a therapy or class, a combination, a question, or anything else that has findings."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from kg import library, selection, shape
from kg.errors import KgError, UnknownName
from kg.selection import Selection
from kg.store import Store
from kg.views.report.document import Answer
from kg.vocab import FILES, Vocab

_MOST = 25  # rows of an answer that is no findings


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked; `kind` is therapy, combination, question or other, `ours` are the ids of its therapies."""

    kind: str
    name: str
    sentence: str
    options: tuple[str, ...]
    selection: Selection
    ours: frozenset[str] = frozenset()
    answer: Answer | None = None
    heading: str = ""

    @property
    def title(self) -> str:
        """What stands above the report."""
        return self.heading or f"Evidence on {self.name}"


def understood(store: Store, what: str) -> Asked:
    """What these words ask for. Raises UnknownName with the nearest names, KgError where nothing can be asked."""
    what = " ".join(what.split()) if not selection.is_sparql(what) else what
    if not what.strip():
        raise KgError("say what the report is about: a therapy, a class, a combination (A + B) or a question")
    if selection.is_sparql(what):
        chosen = Selection(query=what)
        return Asked(
            "question", "a SPARQL query", "Every finding that a SPARQL query selects.", ("--query", what), chosen
        )
    if what.split()[0] in library.names() or re.search(r"\s--[a-z]", what):
        return _question(store, what)
    return _node(store, what)


def _node(store: Store, what: str) -> Asked:
    node, vocab = _resolved(store, what), store.vocab()
    kind, _, id = node.strip("<>").removeprefix(shape.BASE).partition("/")
    chosen, options = Selection(around=(what,)), ("--around", what)
    if kind == "combination":
        ours = shape.members(node.strip("<>"))
        name = " + ".join(sorted((vocab.label("therapy", id) for id in ours), key=str.casefold))
        told = f"Arms that give {name} and nothing else active, and contrasts that isolate the two together."
        return Asked(
            kind, name, told if len(ours) == 2 else told.replace(" the two", " all of it"), options, chosen, ours
        )
    if kind == "therapy":
        return Asked(kind, vocab.label(kind, id), _therapy(vocab, id), options, chosen, _below(vocab, id))
    name = vocab.label(kind, id) if (kind, id) in vocab.terms else what
    return Asked("other", name, f"Every finding that is linked to {name} ({kind}).", options, chosen)


def _therapy(vocab: Vocab, id: str) -> str:
    below = len(_below(vocab, id)) - 1
    told = f" or one of the {below:,} below it" if below > 1 else " or the one below it" if below else ""
    return f"Every finding of an arm that gives {vocab.label('therapy', id)}{told}, alone or with others."


def _below(vocab: Vocab, id: str) -> frozenset[str]:
    return frozenset(vocab.narrower(vocab.terms["therapy", id]))


def _resolved(store: Store, what: str) -> str:
    try:
        return selection.resolve(store, what)
    except UnknownName:
        if "+" in what or "--" in what:
            raise
        vocab = store.vocab()
        known = {name for scheme in FILES for name in vocab.names(scheme)}
        raise UnknownName("therapy, combination or question here", what, known | {*library.names()}) from None


def _question(store: Store, what: str) -> Asked:
    name, *told = _words(what)
    question, given = library.question(name), selection.options(name, told)
    sentence = f"Every finding that kg query {what} answers with."
    if "finding" in question.columns:
        chosen = Selection(query=what)
        return Asked("question", what, sentence, ("--query", what), chosen, heading=question.summary)
    rows = store.select(library.bind(question, given, store.vocab()))
    answer = Answer(question.columns, tuple(rows[:_MOST]), len(rows), f"kg query {what}")
    known = {param.name for param in library.question("findings").params}
    shared = {name: words for name, words in given.items() if name in known}
    about = ", ".join(word for words in shared.values() for word in words)
    below = f"all findings for {about}" if about else "all findings"
    sentence = f"The answer of kg query {what}. It names no findings; below it stand {below}."
    options = ("--query", " ".join(["findings", *_pairs(shared)]))
    chosen = Selection(where=tuple(shared.items()))
    return Asked("question", what, sentence, options, chosen, answer=answer, heading=question.summary)


def _words(what: str) -> Sequence[str]:
    try:
        return shlex.split(what)
    except ValueError as error:
        raise KgError(f"{what[:80]!r} cannot be read as a question and its options: {error}") from error


def _pairs(given: dict[str, tuple[str, ...]]) -> list[str]:
    return [shlex.quote(word) for name, words in given.items() for one in words for word in (f"--{name}", one)]
