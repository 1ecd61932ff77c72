"""A graph behind HTTP: what is sent, and how every wrong answer becomes one sentence. Real servers: test_servers.py."""

from __future__ import annotations

import gc
import gzip
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pyoxigraph as ox
import pytest

import kg
from kg.endpoint import Endpoint
from kg.errors import KgError, LimitHit, Refused
from kg.store import Store

JSON = "application/sparql-results+json"
ONE = b'{"head": {"vars": ["x"]}, "results": {"bindings": [{"x": {"type": "literal", "value": "one"}}]}}'
Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Fake:
    """A server that answers what it is told to, one after the other, the last one for ever."""

    url: str = ""
    answers: list[Answer] = field(default_factory=list)
    seen: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    before: Callable[[], object] = lambda: None


@pytest.fixture
def fake() -> Iterator[Fake]:
    """Garbage waits for this thread: an answer of pyoxigraph must not be freed by the server's."""
    gc.disable()
    told = Fake()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            told.seen.append((self.command, self.path, dict(self.headers), body))
            told.before()
            status, headers, answer = told.answers[0] if len(told.answers) == 1 else told.answers.pop(0)
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(answer))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)
            self.close_connection = "Content-Length" in headers

        do_GET = do_PUT = do_POST  # noqa: N815  # the names that http.server looks for

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        told.url = f"http://127.0.0.1:{running.server_port}/sparql"
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield told
        running.shutdown()
    gc.collect()
    gc.enable()


def ok(body: bytes = ONE, kind: str = JSON, **headers: str) -> Answer:
    return 200, {"Content-Type": kind} | headers, body


def test_a_question_is_sent_as_a_form_with_the_parameters_of_the_address(fake: Fake) -> None:
    fake.answers = [ok()]
    store = Store.at(fake.url + "?default-graph-uri=http%3A%2F%2Fe%2Fg")
    assert store.select("SELECT ?x { ?s ?p ?x }") == [{"x": "one"}]
    ((method, path, headers, body),) = fake.seen
    assert (method, path) == ("POST", "/sparql")
    assert parse_qs(body.decode()) == {"default-graph-uri": ["http://e/g"], "query": ["SELECT ?x { ?s ?p ?x }"]}
    assert headers["Accept"].startswith(JSON)
    assert "Authorization" not in headers


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (JSON + "; charset=utf-8", ONE),
        ("application/json", ONE),
        (
            "application/sparql-results+xml",
            b'<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head><variable name="x"/></head><results><result>'
            b'<binding name="x"><literal>one</literal></binding></result></results></sparql>',
        ),
    ],
)
def test_results_are_read_in_json_and_xml(fake: Fake, kind: str, body: bytes) -> None:
    fake.answers = [ok(body, kind)]
    assert Store.at(fake.url).select("SELECT ?x { ?s ?p ?x }") == [{"x": "one"}]


def test_a_packed_answer_is_unpacked(fake: Fake) -> None:
    fake.answers = [ok(gzip.compress(ONE), **{"Content-Encoding": "gzip"})]
    assert Store.at(fake.url).select("SELECT ?x { ?s ?p ?x }") == [{"x": "one"}]


def test_yes_or_no_and_graphs_are_asked_for_as_such(fake: Fake) -> None:
    fake.answers = [ok(b'{"head": {}, "boolean": true}'), ok(b'<x:a> <x:b> "c" .\n', "application/n-triples")]
    store = Store.at(fake.url)
    assert store.ask("ASK { ?s ?p ?o }") is True
    assert list(map(str, store.construct("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"))) == ['<x:a> <x:b> "c"']
    assert fake.seen[1][2]["Accept"].startswith("application/n-triples")


WRONG: dict[str, tuple[Answer, type[KgError], str]] = {
    "bad-request": ((400, {}, b"Parse error:\n\x1b[31mline 1"), KgError, r"\(400\): 'Parse error: \[31mline 1'"),
    "unauthorised": ((401, {}, b""), KgError, "set KG_USER and KG_PASSWORD"),
    "forbidden": ((403, {}, b"no"), KgError, r"does not allow this \(403\): 'no'"),
    "not-found": (
        (404, {"Content-Type": "text/html"}, b"<html><title>Not\n here</title>"),
        KgError,
        r"nothing at this address \(404\): a web page \(Not here\)",
    ),
    "server-error": ((500, {}, b"stack\ntrace"), KgError, r"failed \(500\): 'stack trace'"),
    "a-web-page": (
        ok(b"<!doctype html><title>Welcome</title>", "text/html"),
        KgError,
        r"a web page \(Welcome\); is",
    ),
    "a-page-called-json": (ok(b"<html>"), KgError, "a web page; is this the address"),
    "other-json": (ok(b'{"error": 1}'), KgError, "no SPARQL results but"),
    "plain-text": (ok(b"hello", "text/plain"), KgError, "no SPARQL results but 'hello'"),
    "nothing": (ok(b"", ""), KgError, "no SPARQL results but nothing"),
    "half-a-text": (ok(ONE[:70]), KgError, "breaks off"),
    "a-body-shorter-than-said": (ok(ONE[:50], **{"Content-Length": str(len(ONE))}), KgError, "broke off in the middle"),
    "rows-cut-by-the-server": (ok(**{"X-SPARQL-MaxRows": "10000"}), LimitHit, "cut its answer after 10000 rows"),
    "time-cut-by-the-server": (ok(**{"X-SQL-State": "S1TAT"}), LimitHit, "cut its answer; narrow the query"),
}


@pytest.mark.parametrize("specimen", WRONG)
def test_a_wrong_answer_is_one_sentence_that_names_the_endpoint(fake: Fake, specimen: str) -> None:
    answer, kind, said = WRONG[specimen]
    fake.answers = [answer]
    with pytest.raises(kind, match=said) as told:
        Store.at(fake.url + "?secret=1").select("SELECT ?x { ?s ?p ?x }")
    assert str(told.value).isprintable()
    assert len(str(told.value)) < 400
    assert "secret" not in str(told.value)
    assert "sparql" in str(told.value) or "breaks off" in str(told.value)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_server_that_is_busy_is_asked_again(fake: Fake, status: int) -> None:
    fake.answers = [(status, {"Retry-After": "0"}, b""), (status, {}, b""), ok()]
    assert Store.at(fake.url).select("SELECT ?x { ?s ?p ?x }") == [{"x": "one"}]
    assert len(fake.seen) == 3


def test_a_server_that_stays_busy_is_said_after_four_tries(fake: Fake) -> None:
    fake.answers = [(503, {"Retry-After": "0"}, b"full")]
    with pytest.raises(KgError, match=r"failed \(503\): 'full'"):
        Store.at(fake.url).select("SELECT ?x { ?s ?p ?x }")
    assert len(fake.seen) == 4


def test_a_question_that_ran_into_its_time_is_not_asked_twice(fake: Fake) -> None:
    fake.answers, fake.before = [ok()], lambda: time.sleep(1.5)
    with pytest.raises(LimitHit, match=r"gave no answer within 0\.5 seconds"):
        Store.at(fake.url, 0.5).select("SELECT ?x { ?s ?p ?x }")
    assert len(fake.seen) == 1


def test_nobody_at_the_address_is_said() -> None:
    with pytest.raises(KgError, match=r"http://127\.0\.0\.1:9/sparql cannot be reached"):
        Store.at("http://127.0.0.1:9/sparql").select("SELECT ?x { ?s ?p ?x }")


@pytest.mark.parametrize("url", ["ftp://e/sparql", "sparql", "http://", "file:///etc/passwd", "://x", "http://[::1"])
def test_what_is_no_address_of_http_is_said(url: str) -> None:
    with pytest.raises(KgError, match="is no address of a SPARQL endpoint"):
        Store.at(url)


def test_credentials_in_an_address_are_refused_and_not_shown() -> None:
    with pytest.raises(KgError, match="KG_USER") as told:
        Store.at("https://alpha:hush@example.org/sparql")
    assert "hush" not in str(told.value)


DIGEST = {"WWW-Authenticate": 'Digest realm="SPARQL", nonce="1", qop="auth", algorithm="MD5"'}
BASIC = {"WWW-Authenticate": 'Basic realm="SPARQL"'}


@pytest.mark.parametrize(("challenge", "scheme"), [(BASIC, "Basic "), (DIGEST, "Digest ")])
def test_credentials_come_from_the_environment_and_only_when_asked_for(
    fake: Fake, challenge: dict[str, str], scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KG_USER", "alpha")
    monkeypatch.setenv("KG_PASSWORD", "hush")
    refusals = 1 if challenge is BASIC else 2
    fake.answers = [*[(401, challenge, b"")] * refusals, ok()]
    assert Store.at(fake.url).select("SELECT ?x { ?s ?p ?x }") == [{"x": "one"}]
    assert "Authorization" not in fake.seen[0][2]
    assert fake.seen[-1][2]["Authorization"].startswith(scheme)


def test_a_password_never_leaves_this_machine_in_the_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    from kg import endpoint

    monkeypatch.setenv("KG_USER", "alpha")
    monkeypatch.setenv("KG_PASSWORD", "hush")
    answer = endpoint.requests.Response()
    answer.headers.update(BASIC)
    answer.url = "http://example.org/sparql"
    with pytest.raises(Refused, match="unencrypted"):
        endpoint._auth(answer)
    answer.url = "https://example.org/sparql"
    assert endpoint._auth(answer)


TRIPLES = [ox.Triple(ox.NamedNode(f"x:{n}"), ox.NamedNode("x:p"), ox.Literal("a\n'\"")) for n in range(5)]


@pytest.mark.parametrize(("replace", "methods"), [(False, ["POST"] * 3), (True, ["PUT", "POST", "POST"])])
def test_a_graph_is_put_in_parts_and_only_the_first_replaces(fake: Fake, replace: bool, methods: list[str]) -> None:
    fake.answers = [(204, {}, b"")]
    assert list(Endpoint(fake.url + "?graph=x:g").put(TRIPLES, replace, 2)) == [2, 4, 5]
    assert [seen[0] for seen in fake.seen] == methods
    assert {seen[1] for seen in fake.seen} == {"/sparql?graph=x:g"}
    sent = b"".join(seen[3] for seen in fake.seen)
    assert [quad.triple for quad in ox.parse(sent, format=ox.RdfFormat.TURTLE)] == TRIPLES


@pytest.mark.parametrize(("graph", "emptied"), [("", "CLEAR SILENT DEFAULT"), ("x:g", "CLEAR SILENT GRAPH <x:g>")])
def test_updates_fill_a_graph_too(fake: Fake, graph: str, emptied: str) -> None:
    fake.answers = [(204, {}, b"")]
    assert list(Endpoint(fake.url).update(TRIPLES, graph, replace=True, size=4)) == [4, 5]
    first, *rest = (seen[3].decode() for seen in fake.seen)
    assert first == emptied
    store = ox.Store()
    for text in rest:
        store.update(text)
    assert {quad.triple for quad in store} == set(TRIPLES)


def test_a_graph_name_that_is_none_is_said_before_anything_is_sent(fake: Fake) -> None:
    with pytest.raises(KgError, match="is no IRI"):
        list(Endpoint(fake.url).update(TRIPLES, "> } CLEAR ALL #", replace=False))
    assert fake.seen == []


def test_the_environment_or_the_config_file_names_the_endpoint(fake: Fake, tmp_path, monkeypatch) -> None:
    fake.answers = [ok()]
    (tmp_path / "config.toml").write_text(f'endpoint = "{fake.url}"\n')
    monkeypatch.setenv("KG_CONFIG", str(tmp_path / "config.toml"))
    assert kg.load().select("SELECT ?x { ?s ?p ?x }") == [{"x": "one"}]
    monkeypatch.setenv("KG_ENDPOINT", "http://127.0.0.1:9/")
    with pytest.raises(KgError, match="cannot be reached"):
        kg.load().select("SELECT ?x { ?s ?p ?x }")
