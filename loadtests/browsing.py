"""How a virtual user asks: pages with their true time to first byte, the API with its full time."""

import time
from argparse import Namespace
from typing import Any, ClassVar

from geventhttpclient.response import HTTPConnectionClosed
from locust import FastHttpUser
from locust.contrib.fasthttp import FastHttpSession, FastResponse, ResponseContextManager
from locust.env import Environment

from loadtests.run import (
    API_LATENCY,
    API_STATUS,
    FAILED_MS,
    NO_ANSWER_STATUS,
    TIMEOUT_SECONDS,
    TTFB,
    Run,
)
from loadtests.timetable import Timetable

SCREEN_API = "/api/executive-dashboard"


CLOSED_BY_SERVER = (HTTPConnectionClosed, ConnectionResetError, BrokenPipeError)


class PackedResponse(FastResponse):
    """An answer that nobody reads is read to its end, and not decompressed."""

    def _content(self) -> bytes:
        return bytes(self._response.read()) if self._response is not None else b""


class BrowsingUser(FastHttpUser):
    """Measures what objectives speak of. Scenarios say what is asked, and when."""

    abstract = True
    run_state: ClassVar[Run]
    options: ClassVar[Namespace]
    connection_timeout = TIMEOUT_SECONDS
    network_timeout = TIMEOUT_SECONDS

    def __init__(self, environment: Environment) -> None:
        token = self.options.token
        self.default_headers = {"Authorization": f"Bearer {token}"} if token else None
        super().__init__(environment)
        vars(self.client.client)["response_type"] = PackedResponse
        self.timetable = Timetable()

    def open_page(self, path: str) -> tuple[bytes, float]:
        """Load a document over a new connection; give its body and its TTFB in milliseconds.

        The connection counts, as it does in a browser. A page that fails is a bad sample.
        """
        session = self._new_session()
        begun = self.timetable.begin()
        with session.get(path, name=path, stream=True, catch_response=True) as response:
            ttfb_ms = self._elapsed_ms(begun, response)
            body = bytes(response.content or b"")
            if not self._accept(response):
                ttfb_ms = FAILED_MS
        session.client.clientpool.close()
        self.run_state.add(TTFB, ttfb_ms)
        return body, ttfb_ms

    def get(self, path: str, name: str | None = None, **options: Any) -> bytes:
        """Ask for something that is no API answer, such as a file of the pages."""
        with self.client.get(path, name=name or path, catch_response=True, **options) as response:
            self._accept(response)
            return bytes(response.content or b"")

    def ask(
        self,
        path: str,
        name: str | None = None,
        headers: dict[str, str] | None = None,
        begun: float | None = None,
    ) -> str:
        """Ask the API; give the answer's ETag, or an empty text. ``begun`` is when it was due."""
        begun = self.timetable.begin() if begun is None else begun
        with self.client.get(
            path, name=name or path, headers=headers, catch_response=True
        ) as response:
            elapsed_ms = self._elapsed_ms(begun, response)
            accepted = self._accept(response)
            etag = str((response.headers or {}).get("etag", "")) if accepted else ""
        self._count_api(response)
        if path.startswith(SCREEN_API):
            self.run_state.add(API_LATENCY, elapsed_ms if accepted else FAILED_MS)
        return etag

    def send(
        self,
        path: str,
        content: str,
        content_type: str = "application/json",
        begun: float | None = None,
    ) -> None:
        """Post to the API. ``begun`` is when it was due."""
        begun = time.perf_counter() if begun is None else begun
        with self._post(path, content, content_type) as response:
            self._elapsed_ms(begun, response)
            self._accept(response)
        self._count_api(response)

    def _post(self, path: str, content: str, content_type: str) -> ResponseContextManager:
        """Post, and once more when the server closed the idle connection just then.

        Browsers do so too, and what is posted here may arrive twice.
        """
        headers = {"Content-Type": content_type}
        for _ in range(2):
            response = self.client.post(
                path, name=path, data=content, headers=headers, catch_response=True
            )
            if not isinstance(_error_of(response), CLOSED_BY_SERVER):
                break
        return response

    def _new_session(self) -> FastHttpSession:
        return FastHttpSession(
            base_url=self.host,
            request_event=self.environment.events.request,
            user=self,
            connection_timeout=TIMEOUT_SECONDS,
            network_timeout=TIMEOUT_SECONDS,
            headers=self.default_headers,
        )

    def _elapsed_ms(self, begun: float, response: ResponseContextManager) -> float:
        """The time since the request was due, in Locust's own table too."""
        elapsed_ms = (time.perf_counter() - begun) * 1000
        response.request_meta["response_time"] = elapsed_ms
        return elapsed_ms

    def _count_api(self, response: ResponseContextManager) -> None:
        self.run_state.add(API_STATUS, float(response.status_code or NO_ANSWER_STATUS))

    def _accept(self, response: ResponseContextManager) -> bool:
        """Mark an answer for Locust's own table; True for a good one."""
        status = response.status_code or 0
        if 0 < status < 400:
            self.run_state.count(answered=True)
            response.success()
            return True
        reason = (
            f"answered {status}" if status else f"no answer: {type(_error_of(response)).__name__}"
        )
        if status == 429:
            reason += ": raise EXECDASH_EVENT_REQUESTS_PER_SECOND for a load run"
        self.run_state.count(reason, answered=status > 0)
        response.failure(reason)
        return False


def _error_of(response: ResponseContextManager) -> BaseException | None:
    """Why there is no answer; the client wraps some errors in one of its own."""
    error: BaseException | None = getattr(response, "error", None)
    return getattr(error, "original", None) or error
