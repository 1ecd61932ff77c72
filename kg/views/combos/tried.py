"""The page of what was tried together: harms first, then the sets by size, with the lattice and the UpSet picture."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise

from kg import graph
from kg.errors import KgError, plural
from kg.model import NOT_STATED
from kg.store import Store
from kg.synthesis.combos import lattice
from kg.synthesis.combos.known import Fact, Known, Scope, counted, ids, ordered, seen
from kg.synthesis.combos.lattice import Node
from kg.synthesis.directions import Kind
from kg.views import plots
from kg.views.combos import harms
from kg.views.combos.pages import page
from kg.views.report import Report
from kg.views.report.document import Drawing, Group, Item, Section, Sentence
from kg.views.report.facts import capital, listed

_HEADINGS = {2: "Sets of two", 3: "Sets of three"}
_NOTE = (
    "Studies by result, whatever the comparator was: a result of a set credits none of its parts. A study stands under "
    "each result it saw."
)
_PICTURES = {"lattice": "What was given alone, in pairs and in triples", "upset": "What was given together"}
_PLOTTED = ("--phase", "--species", "--domain")  # what both commands understand


def tried(
    store: Store, known: Known, therapy: str, nodes: Sequence[Node], scope: Scope, command: Sequence[str]
) -> Report:  # fmt: skip
    """The page of the sets that were given together with a therapy."""
    label = known.vocab.find("therapy", therapy).label
    within = f" ({scope.words})" if scope.words else ""
    sizes = sorted({_size(node) for node in nodes})
    harmed = harms.section(known, ((node.name, node.harms) for node in nodes), "these sets")
    sections = [harmed, *(_sized(known, size, nodes, _NOTE if size == sizes[0] else "") for size in sizes)]
    asked = f"{plural(len(nodes), 'set')} of therapies that an arm or a trial gives together with {label}{within}."
    keys = ids(fact for fact in known.of(scope) if fact.members & known.ours(therapy))
    drawn = [drawn_again(store, kind, keys, label, [label], command) for kind in _PICTURES]
    return page(store, f"What was combined with {label}", asked, command, sections, drawn)


def _size(node: Node) -> int:
    return min(len(node.members), 4)


def _sized(known: Known, size: int, nodes: Sequence[Node], note: str) -> Section:
    items = tuple(
        Item(f"{capital(node.name)}.", tuple(_sentences(known, node))) for node in nodes if _size(node) == size
    )
    return Section(f"sets-{size}", _HEADINGS.get(size, "Sets of four or more"), note, (Group("", items),))


def _sentences(known: Known, node: Node) -> Iterator[Sentence]:
    yield from saw(known, node.facts)
    if node.facts and node.trials:
        yield Sentence(f"Given in {plural(len(node.trials), 'trial')}.", trials=node.trials)
    if not node.facts:
        yield Sentence(f"{capital(node.state.value)}.", trials=node.trials)
    if node.above:
        yield Sentence(f"Also given without the rest: {'; '.join(map(known.named, node.above))}.")


def saw(known: Known, facts: Collection[Fact]) -> Iterator[Sentence]:
    """What studies saw, animals and people in a sentence each: species, phases, studies by result, subjects."""
    for kind, words in _SUBJECTS.items():
        if some := [fact for fact in facts if fact.kind is kind]:
            counts = seen(some)
            studies = plural(int(str(counts["studies"])), "study", "studies")
            n = lattice.subjects(some)
            told = f"{counted(counts)}{f'; {plural(n, *words)}' if n else ''}"
            yield Sentence(f"{where(known, some)}; {studies}: {told}.", ordered(some))


_SUBJECTS = {
    Kind.ANIMALS: ("animal", "animals"), Kind.PEOPLE: ("person", "people"), Kind.NOT_STATED: ("subject", "subjects"),
}  # fmt: skip


def where(known: Known, facts: Iterable[Fact]) -> str:
    """Species and phases of findings in words; what is not stated says what it is that is not."""
    some = list(facts)
    told = []
    for scheme, found in (("species", {fact.species for fact in some}), ("phase", {fact.phase for fact in some})):
        names = [known.vocab.label(scheme, id) for id in sorted(found - {NOT_STATED})]
        missing = f"{scheme} not stated" if NOT_STATED in found else ""
        told.append(" or ".join(part for part in (listed(names, len(names)), missing) if part))
    return capital("; ".join(told))


def drawn_again(
    store: Store, kind: str, keys: Collection[str], subject: str, around: Iterable[str], command: Sequence[str]
) -> Drawing:  # fmt: skip
    """A picture of these findings, and the command that draws it by itself, within what `command` asks for."""
    options = [part for flag, word in pairwise(command) if flag in _PLOTTED for part in (flag, word)]
    words = ["kg", "plot", kind, *(part for name in around for part in ("--around", name)), *options]
    again = shlex.join([*words, "-o", f"{kind}.svg"])
    try:
        picture = plots.draw(kind, graph.evidence(store, keys), store.about, subject=subject)
    except KgError as error:
        return Drawing(_PICTURES[kind], None, f"No picture: {error}.", again)
    return Drawing(_PICTURES[kind], picture, picture.note, again)
