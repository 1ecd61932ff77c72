"""A graph behind HTTP: asked by the SPARQL 1.1 Protocol, filled by the Graph Store Protocol or by updates.

An answer is read whole before anything of it is used: it is complete, or it is an error of one sentence.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

import pyoxigraph as ox
import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth
from urllib3.util import Retry

from kg import results, sparql, web
from kg.errors import KgError, LimitHit, Refused
from kg.web import clean, shown

_RESULTS = "application/sparql-results+json, application/sparql-results+xml;q=0.8"
_GRAPHS = "application/n-triples, text/turtle;q=0.8, application/rdf+xml;q=0.5"
_LARGEST = 2**31  # bytes of one answer
_AGAIN = Retry(
    total=3,
    read=False,  # a question that ran into its time limit is not asked twice
    status_forcelist=(429, 502, 503, 504),
    allowed_methods=None,  # a POST that asks changes nothing, and a part of a graph put twice is the same graph
    backoff_factor=0.2,
    retry_after_max=10,
    raise_on_status=False,
)
_STATUS = web.STATUS | {401: "wants credentials: set KG_USER and KG_PASSWORD"}


class Endpoint:
    """A SPARQL endpoint; parameters of its address such as `default-graph-uri` go with every question.

    `seconds` is how long a whole answer may take. Raises KgError where the address is none of HTTP.
    """

    def __init__(self, url: str, seconds: float = 60.0) -> None:
        parts = web.split(url, "a SPARQL endpoint")
        if parts.username or parts.password:
            raise KgError("credentials do not belong into the address; set KG_USER and KG_PASSWORD")
        self.url = url
        self.seconds = seconds
        self._form = parse_qsl(parts.query)
        self._place = urlunsplit((*parts[:3], "", ""))
        self._web = requests.Session()
        for scheme in ("http://", "https://"):
            self._web.mount(scheme, HTTPAdapter(max_retries=_AGAIN))

    def query(self, text: str) -> ox.QuerySolutions | ox.QueryBoolean | Iterator[ox.Triple]:
        """The answer of a query, as the embedded engine would give it.

        Raises LimitHit where the endpoint gave no whole answer in time, KgError where it gave none.
        """
        graph = sparql.builds_graph(text)
        form = [*self._form, ("query", text)]
        body, kind = self._send("POST", self._place, form, {"Accept": _GRAPHS if graph else _RESULTS})
        try:
            return _triples(body, kind) if graph else results.read(body, kind)
        except (KgError, SyntaxError) as error:
            raise KgError(f"{self} gave no SPARQL results but {_told(body, kind)}") from error

    def __iter__(self) -> Iterator[ox.Quad]:
        """All triples, as quads of the default graph."""
        for triple in self.query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"):  # type: ignore[union-attr]  # triples
            yield ox.Quad(*triple)

    def __len__(self) -> int:
        rows = self.query("SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }")
        return int(next(iter(rows))[0].value)  # type: ignore[arg-type]  # a SELECT of one number

    def put(self, triples: Iterable[ox.Triple], replace: bool, size: int = 50_000) -> Iterator[int]:
        """Put triples into the graph this address names by the Graph Store Protocol; yields how many are there by then.

        What the graph held is kept unless `replace`. Parts of `size` triples are sent one after the other, and a
        failure leaves the parts before it.
        """
        for number, part in enumerate(_parts(triples, size)):
            method = "PUT" if replace and number == 0 else "POST"
            self._send(method, self.url, _turtle(part), {"Content-Type": "text/turtle"})
            yield number * size + len(part)

    def update(self, triples: Iterable[ox.Triple], graph: str, replace: bool, size: int = 500) -> Iterator[int]:
        """The same by SPARQL updates, into the named graph (the default one where `graph` is empty)."""
        name = _name(graph)
        if replace:
            self._update(f"CLEAR SILENT {f'GRAPH {name}' if name else 'DEFAULT'}")
        for number, part in enumerate(_parts(triples, size)):
            text = "".join(f"{triple} .\n" for triple in part)
            self._update(f"INSERT DATA {{ GRAPH {name} {{ {text} }} }}" if name else f"INSERT DATA {{ {text} }}")
            yield number * size + len(part)

    def __str__(self) -> str:
        return shown(self._place)

    def _update(self, text: str) -> None:
        self._send("POST", self.url, text.encode(), {"Content-Type": "application/sparql-update"})

    def _send(self, method: str, url: str, data: Any, headers: dict[str, str]) -> tuple[bytes, str]:
        """The whole body of the answer and its media type. Raises KgError with one sentence for everything else."""
        try:
            answer = self._answer(method, url, data, headers)
            if answer.status_code == 401 and (auth := _auth(answer)):
                self._web.auth = auth
                answer = self._answer(method, url, data, headers)
            body = web.body(answer, str(self), self.seconds, _LARGEST)
        except requests.Timeout as error:
            raise LimitHit(f"{self} gave no answer within {self.seconds:g} seconds") from error
        except requests.RequestException as error:
            raise KgError(f"{self} {web.why(error)}") from error
        kind = answer.headers.get("Content-Type", "").split(";")[0].strip().lower()
        self._accept(answer, body, kind)
        return body, kind

    def _answer(self, method: str, url: str, data: Any, headers: dict[str, str]) -> requests.Response:
        wait = (min(10.0, self.seconds), self.seconds)
        return self._web.request(method, url, data=data, headers=headers, stream=True, timeout=wait)

    def _accept(self, answer: requests.Response, body: bytes, kind: str) -> None:
        """Raise where the status is an error, or where the endpoint says that it cut its answer."""
        if not answer.ok:
            raise KgError(f"{self} {web.refusal(answer, _STATUS, _told(body, kind))}")
        cut = answer.headers.get("X-SPARQL-MaxRows")  # Virtuoso says so here, and nowhere in the answer
        if cut or answer.headers.get("X-SQL-State", "").startswith("S1TAT"):
            raise LimitHit(f"{self} cut its answer{f' after {clean(cut)} rows' if cut else ''}; narrow the query")


def _triples(body: bytes, kind: str) -> Iterator[ox.Triple]:
    form = ox.RdfFormat.from_media_type(kind)
    if form is None:
        raise KgError(kind)
    return iter([quad.triple for quad in ox.parse(body, format=form)])


def _auth(answer: requests.Response) -> AuthBase | None:
    """What the environment offers to a challenge; a password never goes out in the clear, but to this machine."""
    user, password = os.environ.get("KG_USER"), os.environ.get("KG_PASSWORD")
    if not user or password is None:
        return None
    if "digest" in answer.headers.get("WWW-Authenticate", "").lower():
        return HTTPDigestAuth(user, password)
    parts = urlsplit(answer.url)
    if parts.scheme != "https" and not _here(parts.hostname or ""):
        raise Refused(f"{shown(answer.url)} would get the password unencrypted; use https")
    return HTTPBasicAuth(user, password)


def _here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _name(graph: str) -> str:
    try:
        return str(ox.NamedNode(graph)) if graph else ""
    except ValueError as error:
        raise KgError(f"{clean(graph)!r} is no IRI of a graph") from error


def _parts(triples: Iterable[ox.Triple], size: int) -> Iterator[Sequence[ox.Triple]]:
    rest = iter(triples)
    while part := list(islice(rest, size)):
        yield part


def _turtle(part: Sequence[ox.Triple]) -> bytes:
    return ox.serialize(part, format=ox.RdfFormat.N_TRIPLES) or b""  # every N-Triples document is Turtle


def _told(body: bytes, kind: str) -> str:
    said = web.told(body, kind)
    return f"{said}; is this the address of its query service?" if said.startswith("a web page") else said
