"""The questions of `queries/`, by name, with typed parameters.

A question is plain SPARQL 1.1 with a YAML header in `#+` comments. A parameter is a slot
`VALUES ?node { UNDEF }  # param name`; it is filled with checked RDF terms, never with pasted text. What stands between
the braces holds where nothing is given: UNDEF for any, `rdf:nil` where the slot names what is to be left out, or terms.
A pattern that only the slot needs ends with `# param name` too and is left out where nothing is given: every finding
has its facet exactly once, so nothing but time is lost with it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg import resources, shape
from kg.errors import KgError, UnknownName
from kg.model import Combination
from kg.store import Store
from kg.tables import number
from kg.vocab import FILES, Vocab

_SLOT = re.compile(r"VALUES (\?\w+) \{ ([^{}]+) \}[ \t]*# param (\w+)")
_ONLY = re.compile(r"^[^#\n]*[ \t]# param (\w+)\n", re.MULTILINE)
_OPEN = re.compile(r"^[ \t]*VALUES \?\w+ \{ UNDEF \}[ \t]*\n", re.MULTILINE)
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\\\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LONGEST = 500
NODES = ("finding", "trial", "study", "laboratory")


class BadValue(KgError):
    """A parameter value that cannot be used."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter: `type` is a vocabulary, one of NODES, `paper` (its key), `regimen`, `integer`, `number` or `text`.

    `choices` are the only texts it takes, where it has them.
    """

    name: str
    type: str
    help: str = ""
    required: bool = False
    exact: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """One shipped question; `expect` is the least number of rows on the shipped data, `view` what shows it best."""

    name: str
    summary: str
    text: str
    description: str = ""
    tags: tuple[str, ...] = ()
    params: tuple[Param, ...] = ()
    columns: tuple[str, ...] = ()
    expect: int = 0
    view: str = "table"
    example: tuple[tuple[str, str], ...] = ()

    @property
    def sparql(self) -> str:
        """The query without its header, as it stands in its file: it runs as it is."""
        return "".join(line for line in self.text.splitlines(keepends=True) if not line.startswith("#+"))


def names(folder: Path | None = None) -> list[str]:
    """The names of all questions."""
    return sorted(path.stem for path in (folder or resources.folder("queries")).glob("*.rq"))


def question(name: str, folder: Path | None = None) -> Question:
    """The question of a name. Raises UnknownName with the nearest names; a path is no name."""
    folder = folder or resources.folder("queries")
    if name not in (known := names(folder)):
        raise UnknownName("question", name, known)
    text = (folder / f"{name}.rq").read_text(encoding="utf-8")
    return parse(name, text)


@functools.cache
def parse(name: str, text: str) -> Question:
    """A question from the text of its file. Raises KgError where the header is wrong or does not fit the query."""
    import yaml

    header = "\n".join(line[2:].removeprefix(" ") for line in text.splitlines() if line.startswith("#+"))
    try:
        about: dict[str, Any] = yaml.safe_load(header) or {}
        params = tuple(
            Param(**param | {"choices": tuple(param.get("choices", ()))}) for param in about.pop("params", None) or ()
        )
        example = tuple((key, str(value)) for key, value in about.pop("example", {}).items())
        about |= {key: tuple(about.get(key, ())) for key in ("tags", "columns")}
        made = Question(name, text=text, params=params, example=example, **about)
    except (yaml.YAMLError, TypeError, AttributeError) as error:
        raise KgError(f"{name}.rq: the header cannot be read ({' '.join(str(error).split())})") from error
    if len({param.name for param in params}) < len(params):
        raise KgError(f"{name}.rq: a param stands twice in the header")
    served = {line[1] for line in _ONLY.finditer(_SLOT.sub("", text))}
    if {param.name for param in params} != served | {slot[3] for slot in _SLOT.finditer(text)}:
        raise KgError(f"{name}.rq: the header's params and the query's VALUES slots differ")
    return made


def bind(question: Question, values: Mapping[str, Sequence[str]], vocab: Vocab) -> str:
    """The SPARQL that runs: every slot filled with the terms that the values name; an empty one means any.

    A therapy, species or other class takes its narrower terms with it. Slots that mean any are left out, and with them
    the patterns that serve nothing else: joining them changes no row. Raises BadValue or UnknownName.
    """
    known = [param.name for param in question.params]
    for name in values:
        if name not in known:
            raise UnknownName(f"parameter of {question.name}", name, known)
    filled = {param.name: _slot(param, values.get(param.name, ()), vocab) for param in question.params}
    text = _SLOT.sub(lambda slot: f"VALUES {slot[1]} {{ {filled[slot[3]] or slot[2]} }}", question.sparql)
    return _ONLY.sub(lambda line: line[0] if filled[line[1]] else "", _OPEN.sub("", text))


def _slot(param: Param, values: Sequence[str], vocab: Vocab) -> str:
    terms = [term for value in values if value for term in _terms(param, value, vocab)]
    if param.required and not terms:
        raise BadValue(f"'{param.name}' is needed: {param.help}")
    return " ".join(dict.fromkeys(terms))


def _terms(param: Param, value: str, vocab: Vocab) -> Iterable[str]:
    if len(value) > _LONGEST or _UNSAFE.search(value):
        raise BadValue(f"'{param.name}' holds control characters, a backslash, or more than {_LONGEST} characters")
    if param.choices and value not in param.choices:
        raise UnknownName(param.name, value, param.choices)
    if param.type in FILES:
        term = vocab.find(param.type, value)
        ids = (term.id,) if param.exact else vocab.narrower(term)
        return (str(shape.iri(param.type, id)) for id in ids)
    if param.type == "regimen":
        return (str(regimen(value, vocab)),)
    if param.type in NODES:
        return (str(shape.iri(param.type, value)),)
    return (str(_literal(param, value)),)


def regimen(value: str, vocab: Vocab) -> object:
    """The node of `A + B` (or of one therapy): names or synonyms, in any order. Raises UnknownName."""
    parts = re.split(r"\s*--\s*|\s+\+\s+|\s*\|\s*", value.strip())
    members = [vocab.find("therapy", part).id for part in parts]
    return shape.regimen_iri(Combination.of(tuple(members)))


def _literal(param: Param, value: str) -> object:
    if param.type in ("text", "paper"):
        return shape.literal(value)
    whole = param.type == "integer"
    read = number(value)
    if read is None or (whole and read % 1):
        raise BadValue(f"'{param.name}' must be a {'whole ' if whole else ''}number, not {value[:40]!r}")
    return shape.literal(int(read) if whole else read)


_IDS = "SELECT DISTINCT ?id WHERE {{ ?node a kg:{kind} ; {key} ?id }} ORDER BY ?id"


def known(param: Param, store: Store, start: str) -> list[str]:
    """The values of a parameter that begin with a text, upper or lower case, for completion."""
    names = _known(param, store, start)
    return sorted({name for name in names if name.casefold().startswith(start.casefold())})


def _known(param: Param, store: Store, start: str) -> Iterable[str]:
    if param.choices:
        return param.choices
    if param.type in FILES:
        return store.vocab().names(param.type)
    if param.type == "regimen":  # the part behind the last plus
        before = "".join(start.rpartition(" + ")[:2])
        return (before + name for name in store.vocab().names("therapy"))
    if param.type in (*NODES, "paper"):
        key = "rdfs:label" if param.type in ("study", "laboratory") else "dcterms:identifier"
        rows = store.select(shape.PROLOGUE + _IDS.format(kind=param.type.capitalize(), key=key))
        return (str(row["id"]) for row in rows)
    return ()
