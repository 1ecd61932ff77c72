"""Names and synonyms -> terms."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from kg import tables
from kg.errors import KgError, Problem, UnknownName
from kg.model import HigherIs, Mapping, Outcome, Phase, Term, Therapy

FILES = {
    "barrier": "barriers",
    "condition": "conditions",
    "design": "designs",
    "domain": "domains",
    "evidence": "evidence",
    "injury": "injuries",
    "level": "levels",
    "mechanism": "mechanisms",
    "outcome": "outcomes",
    "phase": "phases",
    "route": "routes",
    "species": "species",
    "therapy": "therapies",
}
_COMMON = ("id", "label", "broader", "synonyms", "note")
_COLUMNS = {
    "outcome": ("id", "label", "domain", "higher_is", "barrier", "mechanism", "synonyms", "note"),
    "phase": ("id", "label", "from_day", "to_day", "human_from_day", "human_to_day", "synonyms", "note"),
}
_MAPPINGS = ("scheme", "term", "predicate", "object", "seen_at")
ONTOLOGIES = "CHEBI CL DRON ECO GO MESH MONDO NCBITaxon NCIT OBI SCIO UBERON".split()
_PREDICATES = ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_CURIE = re.compile(r"[A-Za-z]+:[A-Za-z0-9_.-]+")


def fold(name: str) -> str:
    """A name as it is compared: case, hyphens, slashes and runs of blanks do not matter."""
    return re.sub(r"[\s\u2010-\u2015_/-]+", " ", name.casefold()).strip()


@dataclass(frozen=True)
class Vocab:
    """All terms of all schemes, found by id, label or synonym."""

    terms: dict[tuple[str, str], Term]
    _names: dict[tuple[str, str], tuple[str, ...]] = field(repr=False)

    @classmethod
    def of(cls, terms: Iterable[Term]) -> Vocab:
        """The vocabulary of these terms; where names collide an id wins over a label, a label over a synonym."""
        known = {(term.scheme, term.id): term for term in terms}
        names: dict[tuple[str, str], tuple[str, ...]] = {}
        for rank in (lambda t: t.synonyms, lambda t: (t.label,), lambda t: (t.id,)):
            level: dict[tuple[str, str], set[str]] = defaultdict(set)
            for term in known.values():
                for name in rank(term):
                    level[term.scheme, fold(name)].add(term.id)
            names.update({key: tuple(sorted(ids)) for key, ids in level.items()})
        return cls(known, names)

    def find(self, scheme: str, name: str) -> Term:
        """The term that a name means.

        Raises UnknownName with the nearest known names where it means none, KgError where it means several.
        """
        ids = self._names.get((scheme, fold(name)), ())
        if len(ids) == 1:
            return self.terms[scheme, ids[0]]
        if ids:
            raise KgError(f"{name!r} is several terms: {', '.join(ids)}. Write the one you mean")
        raise UnknownName(scheme, name, self.names(scheme))

    def names(self, scheme: str) -> Iterator[str]:
        """Every id, label and synonym of a scheme."""
        for term in self.scheme(scheme):
            yield from {term.id, term.label, *term.synonyms}

    def scheme(self, scheme: str) -> Iterator[Term]:
        """The terms of one scheme, by id."""
        return iter(self._schemes.get(scheme, ()))

    @functools.cached_property
    def _schemes(self) -> dict[str, list[Term]]:
        found: dict[str, list[Term]] = defaultdict(list)
        for (scheme, _), term in sorted(self.terms.items()):
            found[scheme].append(term)
        return dict(found)

    @functools.cached_property
    def _children(self) -> dict[tuple[str, str], list[str]]:
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for (scheme, id), term in self.terms.items():
            for up in term.broader:
                found[scheme, up].append(id)
        return dict(found)

    def narrower(self, term: Term) -> tuple[str, ...]:
        """The ids of a term and of all terms below it."""
        below, todo = {term.id}, [term.id]
        while todo:
            new = set(self._children.get((term.scheme, todo.pop()), ())) - below
            below |= new
            todo += new
        return tuple(sorted(below))

    def broader(self, term: Term) -> tuple[str, ...]:
        """The ids of a term and of all terms above it."""
        above, todo = {term.id}, [term]
        while todo:
            new = set(todo.pop().broader) - above
            above |= new
            todo += [self.terms[term.scheme, id] for id in new if (term.scheme, id) in self.terms]
        return tuple(sorted(above))

    def tops(self, scheme: str, id: str) -> tuple[str, ...]:
        """The ids of the topmost terms above a term; itself where nothing is above it or it is unknown."""
        term = self.terms.get((scheme, id))
        above = self.broader(term) if term else ()
        tops = (up for up in above if (scheme, up) in self.terms and not self.terms[scheme, up].broader)
        return tuple(tops) or (id,)

    def label(self, scheme: str, id: str) -> str:
        """The label of a term, or its id where there is none."""
        term = self.terms.get((scheme, id))
        return term.label if term else id


def load(folder: Path) -> tuple[Vocab, list[Problem]]:
    """The vocabulary of a data folder, with everything that is wrong in its tables."""
    problems: list[Problem] = []
    terms: dict[tuple[str, str], Term] = {}
    for scheme, file in FILES.items():
        for found in _terms(folder / f"{file}.csv", scheme):
            if isinstance(found, Problem):
                problems.append(found)
            elif (scheme, found.id) in terms:
                problems.append(Problem(f"vocab/{file}.csv", 0, "id", f"{found.id!r} stands twice"))
            else:
                terms[scheme, found.id] = found
    problems += _references(terms)
    for mapped in _mappings(folder / "mappings.csv", terms):
        if isinstance(mapped, Problem):
            problems.append(mapped)
        else:
            key, mapping = mapped
            terms[key] = replace(terms[key], mappings=(*terms[key].mappings, mapping))
    return Vocab.of(terms.values()), problems


def _terms(path: Path, scheme: str) -> Iterator[Term | Problem]:
    columns = _COLUMNS.get(scheme, _COMMON)
    for row in tables.rows(path, f"vocab/{path.name}", columns, columns[:2]):
        if isinstance(row, Problem):
            yield row
        elif not _ID.fullmatch(row["id"]):
            yield row.problem("id", f"{row['id']!r} is not an id. Use lower-case letters, digits and single hyphens")
        elif not row["label"]:
            yield row.problem("label", "is empty")
        else:
            yield _term(scheme, row)


def _term(scheme: str, row: tables.Row) -> Term | Problem:
    id, label, broader, note = row["id"], row["label"], row.values("broader"), row["note"]
    synonyms = row.values("synonyms")
    if scheme == "therapy":
        return Therapy(scheme, id, label, broader, synonyms, note)
    if scheme == "outcome":
        if row["higher_is"] not in set(HigherIs):
            return row.problem("higher_is", f"{row['higher_is']!r} is not one of {', '.join(HigherIs)}")
        polarity, barrier = HigherIs(row["higher_is"]), row.values("barrier")
        return Outcome(
            scheme, id, label, broader, synonyms, note, (), row["domain"], polarity, barrier, row.values("mechanism")
        )
    if scheme == "phase":
        windows = _COLUMNS["phase"][2:6]
        days = [tables.number(row[column]) for column in windows]
        if any(row[column] and day is None for column, day in zip(windows, days, strict=True)):
            return row.problem("from_day", "the windows must be days, as numbers")
        return Phase(scheme, id, label, broader, synonyms, note, (), *days)
    return Term(scheme, id, label, broader, synonyms, note)


def _references(terms: dict[tuple[str, str], Term]) -> Iterator[Problem]:
    vocab = Vocab.of(terms.values())
    for (scheme, id), term in terms.items():
        parents = (terms[scheme, up] for up in term.broader if (scheme, up) in terms)
        if any(id in vocab.broader(parent) for parent in parents):
            yield Problem(f"vocab/{FILES[scheme]}.csv", 0, "broader", f"{id}: the term stands above itself")
        wanted = [("broader", scheme, name) for name in term.broader]
        if isinstance(term, Outcome):
            wanted += [("domain", "domain", term.domain)]
            wanted += [("barrier", "barrier", name) for name in term.barrier]
            wanted += [("mechanism", "mechanism", name) for name in term.mechanism]
        for column, kind, name in wanted:
            if (kind, name) not in terms:
                message = str(UnknownName(kind, name, (known for other, known in terms if other == kind)))
                yield Problem(f"vocab/{FILES[scheme]}.csv", 0, column, f"{id}: {message}")


def _mappings(path: Path, terms: dict[tuple[str, str], Term]) -> Iterator[tuple[tuple[str, str], Mapping] | Problem]:
    for row in tables.rows(path, f"vocab/{path.name}", _MAPPINGS, _MAPPINGS):
        if isinstance(row, Problem):
            yield row
        elif (row["scheme"], row["term"]) not in terms:
            known = (id for scheme, id in terms if scheme == row["scheme"])
            yield row.problem("term", str(UnknownName(row["scheme"] or "scheme", row["term"], known)))
        elif row["predicate"] not in _PREDICATES:
            yield row.problem("predicate", f"{row['predicate']!r} is not one of {', '.join(_PREDICATES)}")
        elif not _CURIE.fullmatch(row["object"]):
            yield row.problem("object", f"{row['object']!r} is not a CURIE such as MESH:D013119")
        elif (prefix := row["object"].split(":")[0]) not in ONTOLOGIES:
            yield row.problem("object", str(UnknownName("prefix of a known ontology", prefix, ONTOLOGIES)))
        else:
            yield (row["scheme"], row["term"]), Mapping(row["predicate"], row["object"], row["seen_at"])
