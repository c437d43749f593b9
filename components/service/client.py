"""Questions to one address of a scoring service, asked in threads of their own: with an end, one retry, no text kept.

A question may be asked twice since scoring changes nothing. What went wrong is said in our own words: neither an
answer's body nor an exception's message, both of which may hold a visitor's text, goes further than this file.
"""

from __future__ import annotations

import json
import logging
import ssl
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from components.errors import ServiceProblem

if TYPE_CHECKING:
    import httpx2

logger = logging.getLogger("relevance_lab")

TRIES = 2
CONNECT_S = 3.0
IDLE_S = 2.0  # a connection is not used again later: servers close theirs after some 5 s, and then a question is lost
REST_S = 15.0  # so long a service that was down is not asked again where the own model takes over
MOST_BYTES = 64 * 1024 * 1024  # of an answer
PAUSE_S = 0.2  # before the second try


@dataclass(frozen=True)
class Answered:
    """An answer's JSON, and the seconds from the question to it, without waiting for one's turn here."""

    content: Any
    seconds: float


class Down(ServiceProblem):
    """It does not answer at all, or too late, or fails: likely for the next question, too."""


class ServiceClient:
    """One address. ``ask`` returns at once; the answer, or a ``ServiceProblem``, is in the future.

    ``at_once`` questions are under way together, from all visitors; the others wait here, first come first served.
    """

    def __init__(self, address: str, key: str = "", timeout_s: float = 20.0, at_once: int = 4) -> None:
        self._address = address
        self._key = key
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._client: httpx2.Client | None = None
        self._at_once = at_once
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="service")
        self._down = (0.0, "")  # until when it is left alone, and why

    def ask(self, question: dict[str, Any]) -> Future[Answered]:
        """POST a question as JSON."""
        return self._pool.submit(self._ask, question)

    def close(self) -> None:
        """Ask nothing more, and close the connections."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        with self._lock:
            if self._client is not None:
                self._client.close()

    def rest(self, problem: Down) -> None:
        """Leave the service alone for a while."""
        self._down = (time.monotonic() + REST_S, problem.what)

    def resting(self) -> Down | None:
        """Why the service is left alone just now; None where it can be asked."""
        until, what = self._down
        return Down(what) if time.monotonic() < until else None

    def _ask(self, question: dict[str, Any]) -> Answered:
        started = time.monotonic()
        ends = started + self._timeout_s
        content = json.dumps(question).encode()  # lone surrogates go through as escapes
        for attempt in range(1, TRIES + 1):
            try:
                found = self._one_try(content, ends)
                return Answered(found, time.monotonic() - started)
            except Down as problem:
                if attempt == TRIES or time.monotonic() + PAUSE_S >= ends:
                    raise
                logger.warning("scoring service %s: asked once more", problem.what)
            time.sleep(PAUSE_S)
        raise AssertionError("the last try returns or raises")

    def _one_try(self, content: bytes, ends: float) -> Any:
        import httpx2

        left = max(0.1, ends - time.monotonic())
        try:
            timeout = httpx2.Timeout(left, connect=min(CONNECT_S, left))
            with self._opened().stream("POST", self._address, content=content, timeout=timeout) as answer:
                if answer.status_code != 200:
                    raise self._refused(answer.status_code)
                return self._read(answer, ends)
        except (httpx2.ConnectError, httpx2.ConnectTimeout):
            raise Down("cannot be reached") from None
        except httpx2.TimeoutException:
            raise Down(f"took longer than {self._timeout_s:g} s") from None
        except (httpx2.TransportError, httpx2.StreamError):
            raise Down("broke off the connection") from None
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError):
            raise ServiceProblem("gave an answer that cannot be read") from None

    def _read(self, answer: httpx2.Response, ends: float) -> Any:
        """The body as JSON, within the time: a server that sends drop by drop must not hold the thread."""
        body = bytearray()
        for part in answer.iter_bytes():
            body += part
            if time.monotonic() > ends:
                raise Down(f"took longer than {self._timeout_s:g} s")
            if len(body) > MOST_BYTES:
                raise ServiceProblem("gave an answer that is too large")
        return json.loads(bytes(body))

    @staticmethod
    def _refused(status: int) -> ServiceProblem:
        if status >= 500:
            return Down(f"failed with error {status}")
        if status in (401, 403):
            return ServiceProblem(f"did not accept this server's key (error {status})")
        return ServiceProblem(f"refused the question (error {status})")

    def _opened(self) -> httpx2.Client:
        """The client, made at the first question. Straight to the address: no proxy of the environment in between."""
        import httpx2

        with self._lock:
            if self._client is None:
                logging.getLogger("httpx2").setLevel(logging.WARNING)
                headers = {"Content-Type": "application/json", "User-Agent": "relevance-lab"}
                if self._key:
                    headers["Authorization"] = f"Bearer {self._key}"
                self._client = httpx2.Client(
                    headers=headers,
                    verify=ssl.create_default_context() if self._address.startswith("https:") else True,
                    trust_env=False,
                    follow_redirects=False,
                    limits=httpx2.Limits(max_connections=self._at_once, keepalive_expiry=IDLE_S),
                )
            return self._client
