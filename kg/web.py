"""Asks web services by HTTP: at their pace, again where they are busy; an answer is whole, within limits, and kept."""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qsl, urljoin, urlsplit, urlunsplit

import platformdirs
import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from kg import __version__, resources
from kg.errors import KgError, LimitHit, Refused

if TYPE_CHECKING:
    from requests_cache.backends.sqlite import SQLiteCache

STATUS = {
    401: "wants credentials",
    403: "does not allow this",
    404: "has nothing at this address",
    405: "does not take this kind of request here",
    406: "cannot give this kind of answer",
    413: "takes no request of this size",
    429: "is asked too often",
}
_BUSY = (429, 500, 502, 503, 504)
_PAUSES = (1.0, 2.0, 4.0)  # seconds before the second, third and fourth try
_LONGEST = 60.0  # seconds that a server's Retry-After is obeyed
_PIECE = 2**18
_HOPS = 5
_PERSONAL = ("api_key", "email", "tool")  # who asks changes no answer, and is not written to the disk
_PAGE = re.compile(r"\s*(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_EMAIL = re.compile(r"[^\s@()<>]+@[^\s@()<>]+")


class Web:
    """Web services, asked over one session by one thread.

    KG_EMAIL is said to each of them; NCBI_API_KEY allows ten requests a second to NCBI instead of three. An answer
    may take `seconds` and have `largest` bytes. It is kept for `keep` seconds in `folder`, by default the user's cache;
    0 keeps none.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        seconds: float = 60.0,
        largest: int = 64_000_000,
        keep: float = 86_400.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.email, self.key = resources.setting("email"), os.environ.get("NCBI_API_KEY", "")
        if self.email and not _EMAIL.fullmatch(self.email):
            raise KgError(f"KG_EMAIL is {clean(self.email)!r}, which is no e-mail address")
        self._seconds, self._largest, self._clock, self._sleep = seconds, largest, clock, sleep
        self._kept = _Kept(folder or Path(platformdirs.user_cache_dir("cordgraph")) / "web", keep) if keep else None
        self._secrets: set[str] = set()  # keys of posts, which no sentence may show
        self._free: dict[str, float] = {}  # when each host may be asked again
        self._web = _Session()
        self._web.headers["User-Agent"] = f"cordgraph/{__version__}" + (f" (+{self.email})" if self.email else "")
        for scheme in ("http://", "https://"):
            self._web.mount(scheme, HTTPAdapter(max_retries=0))

    def get(
        self, url: str, params: Mapping[str, str | int] | None = None, wrong: Callable[[bytes], str] = lambda _: ""
    ) -> bytes:
        """The whole body of an answer with status 200 that is no web page.

        `wrong` says in a few words what is wrong with a body nevertheless (`says that ...`), or nothing. Such an answer
        is asked for again, as one is that broke off or says that its server is busy, and it is never kept. Raises
        LimitHit where none came within time and size, KgError where none is to be had, each with one sentence.
        """
        address = self._address(url, params)
        if self._kept and (kept := self._kept.get(address)) is not None:
            return kept
        body = self._patient(self._answer, address, wrong, _PAUSES)
        if self._kept:
            self._kept.put(address, body)
        return body

    def post(self, url: str, sent: object, key: str = "") -> bytes:
        """The whole body of the answer to a JSON value: never kept, never sent on to another address.

        `key` is the bearer's, and no sentence shows it. Raises as `get` does.
        """
        self._secrets.add(key)
        return self._patient(
            lambda address: self._sent(address, sent, key), self._address(url, None), lambda _: "", _PAUSES
        )

    def _sent(self, url: str, sent: object, key: str) -> requests.Response:
        self._turn(urlsplit(url).hostname or "")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        wait = (min(10.0, self._seconds), self._seconds)
        answer = self._web.post(url, json=sent, headers=headers, stream=True, timeout=wait)
        if answer.is_redirect:
            answer.close()
            raise self._error(url, "sends on to another address, where nothing is sent")
        return answer

    def _address(self, url: str, params: Mapping[str, str | int] | None) -> str:
        split(url, "a web service")
        try:
            return requests.Request("GET", url, params=params).prepare().url or url
        except requests.RequestException as error:
            raise self._error(url, why(error)) from None

    def _patient(self, ask: _Ask, url: str, wrong: Callable[[bytes], str], pauses: tuple[float, ...]) -> bytes:
        try:
            return self._once(ask, url, wrong)
        except _Again as again:
            if not pauses:
                raise again.error from None
            self._sleep(min(max(pauses[0], again.after), _LONGEST))
        return self._patient(ask, url, wrong, pauses[1:])

    def _once(self, ask: _Ask, url: str, wrong: Callable[[bytes], str]) -> bytes:
        try:
            with ask(url) as answer:
                read = body(answer, shown(answer.url), self._seconds, self._largest, self._clock)
        except requests.Timeout:
            raise _Again(LimitHit(f"{shown(url)} gave no answer within {self._seconds:g} seconds")) from None
        except requests.RequestException as error:  # its own text shows the address with the key
            failed = self._error(url, why(error))
            raise (failed if isinstance(error, _LASTING) else _Again(failed)) from None
        if not answer.ok:
            kind = answer.headers.get("Content-Type", "").lower()
            refused = self._error(answer.url, refusal(answer, STATUS, told(read, kind)))
            raise _Again(refused, _after(answer)) if answer.status_code in _BUSY else refused
        if said := f"gave no data but {told(read)}" if _PAGE.match(_start(read)) else wrong(read):
            raise _Again(self._error(answer.url, said))
        return read

    def _answer(self, url: str) -> requests.Response:
        """The answer at the end of all redirects, its body not yet read."""
        wait = (min(10.0, self._seconds), self._seconds)
        for _ in range(_HOPS):
            self._turn(urlsplit(url).hostname or "")
            answer = self._web.get(url, stream=True, timeout=wait)
            if not answer.is_redirect:
                return answer
            answer.close()
            url = _onward(url, answer.headers["Location"])
        raise self._error(url, "sends from one address to the next without end")

    def _turn(self, host: str) -> None:
        """Wait until the host may be asked."""
        now = self._clock()
        turn = max(now, self._free.get(host, now))
        mine = self.key and f".{host}".endswith(".ncbi.nlm.nih.gov")
        self._free[host] = turn + (1 / 10 if mine else 1 / 3)
        if turn > now:
            self._sleep(turn - now)

    def _error(self, url: str, said: str) -> KgError:
        sentence = f"{shown(url)} {said}"
        for secret in filter(None, (self.key, *self._secrets)):
            sentence = sentence.replace(secret, "(key)")
        return KgError(sentence)


class _Session(requests.Session):
    """Follows no redirects; requests reads all of their bodies otherwise, even where it is told not to follow."""

    def get_redirect_target(self, _: requests.Response) -> None:
        return None


_Ask = Callable[[str], requests.Response]


class _Again(Exception):
    """No answer yet; `error` is what to say where there is none in the end, `after` the seconds the server asks for."""

    def __init__(self, error: KgError, after: float = 0.0) -> None:
        super().__init__(str(error))
        self.error, self.after = error, after


class _Kept:
    """Bodies of answers on disk, without anything personal; as JSON, since a pickle would run what it says."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self._folder, self._seconds = folder, seconds
        self._cache: SQLiteCache | None = None

    def get(self, url: str) -> bytes | None:
        try:
            kept = self._opened().get_response(_key(url))
        except sqlite3.Error as error:
            raise self._broken(error) from error
        return None if kept is None or kept.is_expired else kept.content

    def put(self, url: str, body: bytes) -> None:
        from requests_cache.models.response import CachedResponse

        ends = datetime.now(UTC) + timedelta(seconds=self._seconds)
        try:
            self._opened().responses[_key(url)] = CachedResponse(content=body, status_code=200, expires=ends)
        except sqlite3.Error as error:
            raise self._broken(error) from error

    def _opened(self) -> SQLiteCache:
        if self._cache is None:
            from requests_cache.backends.sqlite import SQLiteCache  # slow to import, and endpoint has no use for it

            file = self._folder / "answers.sqlite"
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                file.open("ab").close()  # SQLiteCache would wait for ever for a file that it may not write
                self._cache = SQLiteCache(str(file), serializer="json")
            except OSError as error:
                raise self._broken(error) from error
            self._cache.delete(expired=True, vacuum=False)
        return self._cache

    def _broken(self, error: Exception) -> KgError:
        return KgError(f"{self._folder}, where answers are kept, cannot be used: {clean(str(error))}. Delete it")


_LASTING = (
    requests.exceptions.SSLError,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidHeader,
    requests.exceptions.InvalidSchema,
)


def _key(url: str) -> str:
    *place, query, _ = urlsplit(url)
    params = sorted(pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] not in _PERSONAL)
    return hashlib.sha256(repr((place, params)).encode()).hexdigest()


def _after(answer: requests.Response) -> float:
    try:
        return Retry().get_retry_after(answer.raw) or 0.0
    except urllib3.exceptions.InvalidHeader:
        return 0.0


def _onward(url: str, target: str) -> str:
    """Where a redirect leads. Raises Refused where that is neither https nor what the address itself is."""
    try:
        onward = urljoin(url, target)
        if urlsplit(onward).scheme in ("https", urlsplit(url).scheme):
            return onward
    except ValueError:
        pass
    raise Refused(f"{shown(url)} sends on to {clean(target).split('?')[0]!r}, which is refused: it is not https")


def split(url: str, what: str) -> SplitResult:
    """The parts of an address of HTTP. Raises KgError where it is none, and no address of `what`."""
    try:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname:
            return parts
    except ValueError:
        pass
    raise KgError(f"{clean(url)!r} is no address of {what}; it starts with http:// or https://")


def body(
    answer: requests.Response, name: str, seconds: float, largest: int, clock: Callable[[], float] = time.monotonic
) -> bytes:
    """The whole body of a streamed answer, unpacked. Raises LimitHit where it takes too long or is too large."""
    read, ends = bytearray(), clock() + seconds
    for piece in _pieces(answer):
        read += piece
        if clock() > ends:
            raise LimitHit(f"{name} gave no whole answer within {seconds:g} seconds")
        if len(read) > largest:
            raise LimitHit(f"{name} gave more than {largest:,} bytes")
    return bytes(read)


def _pieces(answer: requests.Response) -> Iterator[bytes]:
    """What has arrived, as it arrives: requests' own iter_content waits for a whole piece, however slow that is."""
    try:
        while piece := answer.raw.read1(_PIECE, decode_content=True):
            yield piece
    except urllib3.exceptions.ReadTimeoutError as error:
        raise requests.ReadTimeout(error) from error
    except urllib3.exceptions.HTTPError as error:
        raise requests.exceptions.ChunkedEncodingError(error) from error


def refusal(answer: requests.Response, reasons: Mapping[int, str], said: str) -> str:
    """What a status that is an error means, and what came with it."""
    reason = reasons.get(answer.status_code, "failed" if answer.status_code >= 500 else "cannot answer this")
    return f"{reason} ({answer.status_code}): {said}"


def why(error: requests.RequestException) -> str:
    """What went wrong on the way."""
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "broke off in the middle of its answer"
    if isinstance(error, requests.exceptions.SSLError):
        return "has no certificate that this machine trusts"
    if isinstance(error, requests.ConnectionError):
        return "cannot be reached"
    return f"cannot be asked: {clean(str(error))}"


def told(body: bytes, kind: str = "") -> str:
    """What a body says, for one sentence: the title of a web page, else how it begins."""
    text = _start(body)
    if "html" in kind or _PAGE.match(text):
        title = re.search(r"<title[^>]*>(.*?)</title>", text, re.IGNORECASE | re.DOTALL)
        return f"a web page{f' ({clean(title[1])})' if title else ''}"
    return repr(clean(text)) if text.strip() else "nothing"


def _start(body: bytes) -> str:
    return body[:4096].decode("utf-8", "replace")


def clean(text: str) -> str:
    """Somebody else's text for a terminal: one line, no control characters, not long."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:200]


def shown(url: str) -> str:
    """An address without its parameters and credentials, which may hold a key."""
    scheme, host, path, *_ = urlsplit(url)
    return clean(urlunsplit((scheme, host.rpartition("@")[2], path, "", "")))
