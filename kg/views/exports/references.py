"""Papers as a reference list: BibTeX, RIS, CSL JSON.

The data holds the first and the last author of a paper, not those between. BibTeX therefore says `and others` behind
the first one, and every form says in a note who is missing and what became of the paper.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from urllib.parse import quote

from kg import shape
from kg.errors import UnknownName
from kg.store import Row, Store

_PAPERS = """
SELECT DISTINCT ?id ?title ?first_author ?last_author ?journal ?year ?doi ?pmid ?pmcid ?kind ?status ?url ?finding
WHERE {
  ?f a kg:Finding ; kg:inForce ?force ; dcterms:identifier ?finding ; kg:paper ?p .
  ?p dcterms:identifier ?id .
  OPTIONAL { ?p dcterms:title ?title } OPTIONAL { ?p kg:firstAuthor ?first_author }
  OPTIONAL { ?p kg:lastAuthor ?last_author } OPTIONAL { ?p kg:journal ?journal } OPTIONAL { ?p kg:year ?year }
  OPTIONAL { ?p bibo:doi ?doi } OPTIONAL { ?p bibo:pmid ?pmid } OPTIONAL { ?p kg:pmcid ?pmcid }
  OPTIONAL { ?p kg:paperKind ?kind } OPTIONAL { ?p kg:paperStatus ?status } OPTIONAL { ?p kg:sourceUrl ?url }
  FILTER(?force || FORCED)
}
ORDER BY ?id ?finding
"""
_Paper = Mapping[str, object]


def papers(store: Store, findings: Collection[str] | None = None) -> list[Row]:
    """The papers of these findings, of all in force where none are told, by id: one row each."""
    query = shape.PROLOGUE + _PAPERS.replace("FORCED", str(findings is not None).lower())
    found: dict[str, Row] = {}
    for row in store.select(query):
        if findings is None or row["finding"] in findings:
            found.setdefault(str(row["id"]), {name: value for name, value in row.items() if name != "finding"})
    return [found[id] for id in sorted(found)]


def text(papers: Iterable[_Paper], form: str) -> str:
    """The papers as `bib`, `ris` or `csl`, in the order given. Raises UnknownName for another form."""
    if form not in _FORMS:
        raise UnknownName("form of references", form, _FORMS)
    return _FORMS[form](papers)


def _told(paper: _Paper, name: str) -> str:
    """A field as one line of text; empty where it is not known."""
    value = paper.get(name)
    return "" if value is None else " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", str(value)).split())


def _note(paper: _Paper) -> str:
    """What the other fields cannot say."""
    first, last, status = (_told(paper, name) for name in ("first_author", "last_author", "status"))
    known = "first and last author" if first and last else "first author" if first else "last author"
    said = [f"Only the {known} known here" if (first or last) and first != last else ""]
    said += [f"Last author: {last}" if last and last != first else ""]
    said += [status.capitalize() if status not in ("", "ok") else ""]
    return ". ".join(one for one in said if one)


def _name(author: str) -> tuple[str, str]:
    """Family name and initials of an author as PubMed writes them: `de la Torre JC`."""
    found = re.fullmatch(r"(.+?) ([A-Z]{1,3})", author)
    return (found[1], found[2]) if found else (author, "")


def _inverted(author: str) -> str:
    return ", ".join(part for part in _name(author) if part)


# --- BibTeX -----------------------------------------------------------------------------------------------------------

_TEX = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",  # `\{` would be counted as a brace
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{character: f"\\{character}" for character in "$&#%_"},
}
_SPECIAL = re.compile("|".join(map(re.escape, _TEX)))


def _bib(papers: Iterable[_Paper]) -> str:
    return "\n".join(_entry(paper) for paper in papers)


def _entry(paper: _Paper) -> str:
    kind = "misc" if paper.get("kind") == "preprint" else "article"
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in _fields(paper) if value)
    return f"@{kind}{{{_key(paper)},\n{lines}}}\n"


def _fields(paper: _Paper) -> Iterator[tuple[str, str]]:
    title, author = _told(paper, "title"), _author(paper)
    yield "title", f"{{{_tex(title)}}}" if title else ""  # a second pair of braces keeps capitals
    yield "author", author
    yield "journal", _tex(_told(paper, "journal"))
    yield "year", _tex(_told(paper, "year"))
    yield "doi", _verbatim(_told(paper, "doi"))
    yield "pmid", _verbatim(_told(paper, "pmid"))
    yield "url", _verbatim(_told(paper, "url"))
    yield "note", _tex(_note(paper))


def _author(paper: _Paper) -> str:
    first, last = _told(paper, "first_author"), _told(paper, "last_author")
    if not first and not last:
        return ""
    name = _tex(_inverted(first or last))
    name = f"{{{name}}}" if re.search(r"\band\b", name, re.IGNORECASE) else name  # `and` stands between authors
    return name if first == last else f"{name} and others"


def _tex(text: str) -> str:
    return _SPECIAL.sub(lambda found: _TEX[found[0]], text)


def _verbatim(text: str) -> str:
    """An identifier or address, which BibLaTeX takes as it is: only what would end the field is escaped."""
    return re.sub(r"[{}\\\s]", lambda found: quote(found[0]), text)


def _key(paper: _Paper) -> str:
    return re.sub(r"[^A-Za-z0-9:.+/_-]", "-", _told(paper, "id")) or "paper"


# --- RIS --------------------------------------------------------------------------------------------------------------


def _ris(papers: Iterable[_Paper]) -> str:
    return "".join("".join(f"{tag}  - {value}\r\n" for tag, value in _tags(paper)) + "\r\n" for paper in papers)


def _tags(paper: _Paper) -> Iterator[tuple[str, str]]:
    yield "TY", "UNPB" if paper.get("kind") == "preprint" else "JOUR"
    authors = dict.fromkeys(_told(paper, name) for name in ("first_author", "last_author"))
    fields = [("ID", _told(paper, "id")), ("TI", _told(paper, "title"))]
    fields += [("AU", _inverted(author)) for author in authors]
    fields += [("T2", _told(paper, "journal")), ("PY", _told(paper, "year")), ("DO", _told(paper, "doi"))]
    fields += [("AN", _told(paper, "pmid")), ("C2", _told(paper, "pmcid"))]
    fields += [("UR", _told(paper, "url")), ("N1", _note(paper))]
    yield from ((tag, value) for tag, value in fields if value)
    yield "ER", ""


# --- CSL --------------------------------------------------------------------------------------------------------------

_CSL = {"title": "title", "journal": "container-title", "doi": "DOI", "pmid": "PMID", "pmcid": "PMCID", "url": "URL"}


def _csl(papers: Iterable[_Paper]) -> str:
    return json.dumps([_item(paper) for paper in papers], ensure_ascii=False, indent=1) + "\n"


def _item(paper: _Paper) -> dict[str, object]:
    kind = "article" if paper.get("kind") == "preprint" else "article-journal"
    item: dict[str, object] = {"id": _told(paper, "id"), "type": kind}
    item |= {theirs: _told(paper, ours) for ours, theirs in _CSL.items() if _told(paper, ours)}
    authors = dict.fromkeys(_told(paper, name) for name in ("first_author", "last_author"))
    if names := [_person(author) for author in authors if author]:
        item["author"] = names
    if re.fullmatch(r"\d{4}", _told(paper, "year")):
        item["issued"] = {"date-parts": [[int(_told(paper, "year"))]]}
    if note := _note(paper):
        item["note"] = note
    return item


def _person(author: str) -> dict[str, str]:
    family, given = _name(author)
    return {"family": family, "given": given} if given else {"literal": author}


_FORMS: dict[str, Callable[[Iterable[_Paper]], str]] = {"bib": _bib, "ris": _ris, "csl": _csl}
