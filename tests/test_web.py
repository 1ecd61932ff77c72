"""The web client: how often it asks, when again, what it keeps, and that whatever goes wrong is one sentence."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from replay import Answer, Clock, Service, service

from kg import __version__
from kg.errors import KgError, LimitHit, Refused
from kg.web import Web

Make = Callable[..., tuple[Web, Clock]]
PAGE = b"<!DOCTYPE html>\n<html><head><title>Down\nfor repair</title></head></html>"


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests do not depend on who runs them."""
    for name in ("KG_EMAIL", "NCBI_API_KEY", "KG_CONFIG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def web(tmp_path: Path) -> Make:
    def make(**told: float) -> tuple[Web, Clock]:
        clock = Clock(tick=told.pop("tick", 0.0))
        return Web(tmp_path / "web", clock=clock, sleep=clock.sleep, **told), clock  # type: ignore[arg-type]  # numbers

    return make


def asked(answers: list[Answer], web: Web, path: str = "/x", **params: str) -> tuple[bytes | KgError, Service]:
    """What comes of one question to a service with these answers."""
    with service({path: answers}) as here:
        try:
            return web.get(here.url + path, params), here
        except KgError as error:
            return error, here


def test_a_question_says_who_asks(web: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    _, here = asked([Answer(b"yes")], web()[0])
    assert here.asked[0].headers["User-Agent"] == f"cordgraph/{__version__}"
    monkeypatch.setenv("KG_EMAIL", "alpha@example.org")
    body, here = asked([Answer(b"yes")], web()[0], term="a b&c")
    assert body == b"yes"
    assert here.asked[0].headers["User-Agent"] == f"cordgraph/{__version__} (+alpha@example.org)"
    assert here.asked[0].params == {"term": "a b&c"}


@pytest.mark.parametrize("email", ["alpha", "a@b\r\nX-Evil: 1", "a b@c"])
def test_what_is_no_address_of_mail_is_said_before_anything_is_asked(
    email: str, web: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KG_EMAIL", email)
    with pytest.raises(KgError, match=r"KG_EMAIL is .* no e-mail address"):
        web()


def test_a_host_is_asked_three_times_a_second_and_other_hosts_do_not_wait_for_it(web: Make) -> None:
    client, clock = web(keep=0)
    with service({"/x": [Answer(b"yes")]}) as here:
        for number in range(4):
            client.get(here.url + "/x", {"n": number})
        assert clock.slept == pytest.approx([1 / 3] * 3)
        client.get(here.url.replace("127.0.0.1", "localhost") + "/x")
    assert len(clock.slept) == 3


@pytest.mark.parametrize(
    ("host", "key", "between"),
    [
        ("eutils.ncbi.nlm.nih.gov", "", 1 / 3),
        ("eutils.ncbi.nlm.nih.gov", "k1", 1 / 10),
        ("evil-ncbi.nlm.nih.gov.example.org", "k1", 1 / 3),
    ],
)
def test_a_key_allows_ten_requests_a_second_to_its_own_service_only(
    host: str, key: str, between: float, web: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NCBI_API_KEY", key)
    client, clock = web()
    client._turn(host)
    client._turn(host)
    assert clock.slept == pytest.approx([between])


def test_a_service_that_is_busy_is_asked_again_when_it_says(web: Make) -> None:
    client, clock = web()
    body, here = asked([Answer(b"slow down", 429, {"Retry-After": "7"}), Answer(b"yes")], client)
    assert (body, len(here.asked)) == (b"yes", 2)
    assert clock.slept == [7.0]


@pytest.mark.parametrize(("after", "waits"), [("999999", 60.0), ("soon", 1.0), ("-5", 1.0), ("0", 1.0)])
def test_what_a_service_says_of_when_is_obeyed_within_reason(web: Make, after: str, waits: float) -> None:
    client, clock = web()
    body, _ = asked([Answer(b"", 503, {"Retry-After": after}), Answer(b"yes")], client)
    assert (body, clock.slept) == (b"yes", [waits])


@pytest.mark.parametrize("fault", ["half", "chunks", "reset"])
def test_an_answer_that_breaks_off_is_asked_for_again(web: Make, fault: str) -> None:
    body, here = asked([Answer(b"yes and no", fault=fault), Answer(b"yes and no")], web()[0])
    assert (body, len(here.asked)) == (b"yes and no", 2)


def test_an_answer_that_hangs_is_asked_for_again(web: Make) -> None:
    body, here = asked([Answer(fault="hang"), Answer(b"yes")], web(seconds=0.2)[0])
    assert (body, len(here.asked)) == (b"yes", 2)


def test_every_fault_that_lasts_is_one_sentence_after_four_tries_with_longer_and_longer_pauses(web: Make) -> None:
    client, clock = web()
    said, here = asked([Answer(b"stack\n\x1b[31mtrace", 500)], client, api_key="hush")
    assert isinstance(said, KgError)
    assert str(said) == f"{here.url}/x failed (500): 'stack [31mtrace'"
    assert len(here.asked) == 4
    assert clock.slept == [1.0, 2.0, 4.0]


LASTING: dict[str, tuple[Answer, type[KgError], int, str]] = {
    "half": (Answer(b"yes and no", fault="half"), KgError, 4, "/x broke off in the middle of its answer"),
    "reset": (Answer(fault="reset"), KgError, 4, "/x cannot be reached"),
    "hang": (Answer(fault="hang"), LimitHit, 4, "/x gave no answer within 0.1 seconds"),
    "page": (Answer(PAGE), KgError, 4, "/x gave no data but a web page (Down for repair)"),
    "page-after-a-comment": (Answer(b"<!-- x -->\n<HTML>"), KgError, 4, "/x gave no data but a web page"),
    "busy": (Answer(b"", 429), KgError, 4, "/x is asked too often (429): nothing"),
    "missing": (Answer(PAGE, 404), KgError, 1, "/x has nothing at this address (404): a web page (Down for repair)"),
    "bad-request": (
        Answer(b'{"error": "API key invalid", "api-key": "hush"}', 400),
        KgError,
        1,
        """/x cannot answer this (400): '{"error": "API key invalid", "api-key": "(key)"}'""",
    ),
    "error-as-xml": (
        Answer(b"<e><ERROR>no\nids</ERROR></e>", 400),
        KgError,
        1,
        "(400): '<e><ERROR>no ids</ERROR>",
    ),
    "damaged-gzip": (Answer(b"no gzip", headers={"Content-Encoding": "gzip"}), KgError, 4, "/x broke off"),
    "large": (Answer(b"x" * 2000), LimitHit, 1, "/x gave more than 1,000 bytes"),
    "bomb": (
        Answer(gzip.compress(b"x" * 10**7), headers={"Content-Encoding": "gzip"}),
        LimitHit,
        1,
        "/x gave more than 1,000 bytes",
    ),
}


@pytest.mark.parametrize("specimen", LASTING)
def test_a_wrong_answer_is_a_sentence_with_its_service_and_without_the_key(
    specimen: str, web: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NCBI_API_KEY", "hush")
    answer, kind, tries, sentence = LASTING[specimen]
    client, _ = web(largest=1000, seconds=0.1 if specimen == "hang" else 5)
    said, here = asked([answer], client, api_key=client.key)
    assert type(said) is kind
    assert str(said).startswith(here.url)
    assert sentence in str(said)
    assert str(said).isprintable()
    assert "hush" not in str(said)
    assert said.__suppress_context__ or not said.__context__, "a traceback would show the address with the key"
    assert len(here.asked) == tries
    assert here.asked[0].params == {"api_key": "hush"}


def test_an_answer_that_only_trickles_in_is_given_up(tmp_path: Path) -> None:
    began = time.monotonic()
    said, here = asked([Answer(b"x" * 1000, fault="drip")], Web(tmp_path, seconds=0.2))
    assert isinstance(said, LimitHit)
    assert "gave no whole answer within 0.2 seconds" in str(said)
    assert time.monotonic() - began < 2
    assert len(here.asked) == 1


def test_nobody_at_the_address_is_said(web: Make) -> None:
    with pytest.raises(KgError, match=r"^http://127\.0\.0\.1:9/x cannot be reached$"):
        web()[0].get("http://127.0.0.1:9/x", {"api_key": "hush"})


@pytest.mark.parametrize("url", ["ftp://e/x", "x", "http://", "file:///etc/passwd", "http://[::1", "http://a b/", ""])
def test_what_is_no_address_is_said(url: str, web: Make) -> None:
    with pytest.raises(KgError, match=r"is no address of a web service|cannot be asked|cannot be reached"):
        web()[0].get(url)


def test_credentials_in_an_address_are_not_shown(web: Make) -> None:
    with pytest.raises(KgError, match=r"^http://127\.0\.0\.1:9/x cannot") as told:
        web()[0].get("http://alpha:hush@127.0.0.1:9/x")
    assert "hush" not in str(told.value)


def test_a_redirect_is_followed_at_the_same_pace(web: Make) -> None:
    client, clock = web()
    with service({"/x": [Answer(b"", 302, {"Location": "/y"})], "/y": [Answer(b"yes")]}) as here:
        assert client.get(here.url + "/x") == b"yes"
    assert [one.path for one in here.asked] == ["/x", "/y"]
    assert clock.slept == pytest.approx([1 / 3])


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://e/x?secret=1", "//[::1", "data:text/xml,x"])
def test_a_redirect_to_another_scheme_is_refused(web: Make, target: str) -> None:
    said, here = asked([Answer(b"", 302, {"Location": target})], web()[0])
    assert type(said) is Refused
    assert "secret" not in str(said)
    assert str(said).startswith(f"{here.url}/x sends on to")
    assert len(here.asked) == 1


def test_a_ring_of_redirects_ends(web: Make) -> None:
    said, here = asked([Answer(b"", 302, {"Location": "/x"})], web()[0])
    assert "from one address to the next without end" in str(said)
    assert len(here.asked) == 5


def test_an_error_inside_a_good_answer_is_asked_for_again_and_never_kept(web: Make) -> None:
    def wrong(body: bytes) -> str:
        return "says that it is tired" if b"tired" in body else ""

    with service({"/x": [Answer(b"tired")] * 4 + [Answer(b"tired"), Answer(b"yes")]}) as here:
        client, _ = web()
        with pytest.raises(KgError, match=r"/x says that it is tired$"):
            client.get(here.url + "/x", wrong=wrong)
        assert client.get(here.url + "/x", wrong=wrong) == b"yes"
    assert len(here.asked) == 6


@pytest.fixture
def counted() -> Iterator[Service]:
    odd = b"\xff\x00\xe9 {" + gzip.compress(b"x")
    with service({"/x": [Answer(odd, headers={"Content-Type": "application/json"}), Answer(b"other")]}) as here:
        yield here


def test_a_second_question_makes_no_request_not_even_by_another_client(web: Make, counted: Service) -> None:
    first = web()[0].get(counted.url + "/x", {"id": "1", "api_key": "a"})
    assert first.startswith(b"\xff\x00\xe9 {\x1f\x8b")
    assert web()[0].get(counted.url + "/x", {"api_key": "b", "email": "c@d", "id": "1"}) == first
    assert len(counted.asked) == 1
    assert web()[0].get(counted.url + "/x", {"id": "2"}) == b"other"


def test_nothing_personal_is_kept(web: Make, counted: Service, tmp_path: Path) -> None:
    web()[0].get(counted.url + "/x", {"api_key": "hush", "email": "c@example.org"})
    kept = b"".join(file.read_bytes() for file in (tmp_path / "web").iterdir())
    assert b"hush" not in kept
    assert b"example.org" not in kept


def test_what_is_kept_grows_old(web: Make, counted: Service) -> None:
    client, _ = web(keep=0.001)
    assert client.get(counted.url + "/x") != b"other"
    time.sleep(0.01)
    assert client.get(counted.url + "/x") == b"other"
    time.sleep(0.01)
    assert web()[0].get(counted.url + "/x") == b"other"
    assert len(counted.asked) == 3


def test_who_keeps_nothing_asks_each_time(web: Make, counted: Service, tmp_path: Path) -> None:
    client = web(keep=0)[0]
    assert client.get(counted.url + "/x") != client.get(counted.url + "/x")
    assert not (tmp_path / "web").exists()


def test_a_broken_cache_is_one_sentence(web: Make, counted: Service, tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "answers.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(KgError, match=r"web, where answers are kept, cannot be used: file is not a database\. Delete"):
        web()[0].get(counted.url + "/x")
    (tmp_path / "file").write_text("")
    with pytest.raises(KgError, match=r"where answers are kept, cannot be used: .*[Nn]ot a directory|[Ff]ile exists"):
        Web(tmp_path / "file").get(counted.url + "/x")


def test_a_damaged_entry_of_the_cache_is_fetched_again(web: Make, counted: Service, tmp_path: Path) -> None:
    import sqlite3

    web()[0].get(counted.url + "/x")
    with sqlite3.connect(tmp_path / "web" / "answers.sqlite") as file:
        file.execute("UPDATE responses SET value = '{'")
    file.close()
    assert web()[0].get(counted.url + "/x") == b"other"
