"""How a virtual user asks: pages with their true time to first byte, the API with its full time."""

import time
from argparse import Namespace
from typing import Any, ClassVar

from geventhttpclient.response import HTTPConnectionClosed
from locust import FastHttpUser
from locust.contrib.fasthttp import (
    FAILURE_EXCEPTIONS,
    FastHttpSession,
    FastResponse,
    ResponseContextManager,
)
from locust.env import Environment

from loadtests.run import (
    API_LATENCY,
    API_STATUS,
    FAILED_MS,
    NO_ANSWER_STATUS,
    TIMEOUT_SECONDS,
    TTFB,
    Kind,
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
    insecure = False  # a certificate that nobody vouches for is given no token
    connection_timeout = TIMEOUT_SECONDS
    network_timeout = TIMEOUT_SECONDS

    def __init__(self, environment: Environment) -> None:
        token = self.options.token
        self.default_headers = {"Authorization": f"Bearer {token}"} if token else None
        super().__init__(environment)
        _without_cookies(self.client)
        vars(self.client.client)["response_type"] = PackedResponse
        self.timetable = Timetable()

    def open_page(self, path: str) -> tuple[bytes, float]:
        """Load a document over a new connection; give its body and its TTFB in milliseconds.

        The connection counts, as it does in a browser. A page that fails is a bad sample.
        """
        session = self._new_session()
        begun = self.timetable.begin()
        with (
            self.run_state.under_way(TTFB, begun),
            session.get(path, name=path, stream=True, catch_response=True) as response,
        ):
            ttfb_ms = self._elapsed_ms(begun, response)
            body = _body(response)
            if not self._accept(response, begun):
                ttfb_ms = FAILED_MS
        session.client.clientpool.close()
        self.run_state.add(TTFB, ttfb_ms, begun)
        return body, ttfb_ms

    def get(self, path: str, name: str | None = None, **options: Any) -> bytes:
        """Ask for something that is no API answer, such as a file of the pages."""
        begun = time.perf_counter()
        with self.client.get(path, name=name or path, catch_response=True, **options) as response:
            body = _body(response)
            self._accept(response, begun)
        return body

    def ask(
        self,
        path: str,
        name: str | None = None,
        headers: dict[str, str] | None = None,
        begun: float | None = None,
        waiting: tuple[Kind, float] | None = None,
    ) -> str:
        """Ask the API; give the answer's ETag, or an empty text. ``begun`` is when it was due.

        ``waiting`` is what else waits for the answer, and since when.
        """
        begun = self.timetable.begin() if begun is None else begun
        is_screen = path.startswith(SCREEN_API)
        waiting = waiting or (API_LATENCY if is_screen else API_STATUS, begun)
        with (
            self.run_state.under_way(*waiting),
            self.client.get(
                path, name=name or path, headers=headers, catch_response=True
            ) as response,
        ):
            elapsed_ms = self._elapsed_ms(begun, response)
            accepted = self._accept(response, begun)
            etag = str((response.headers or {}).get("etag", "")) if accepted else ""
        self._count_api(response, begun)
        if is_screen:
            self.run_state.add(API_LATENCY, elapsed_ms if accepted else FAILED_MS, begun)
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
        with (
            self.run_state.under_way(API_STATUS, begun),
            self._post(path, content, content_type) as response,
        ):
            self._elapsed_ms(begun, response)
            self._accept(response, begun)
        self._count_api(response, begun)

    def _post(self, path: str, content: str, content_type: str) -> ResponseContextManager:
        """Post, and once more when the server closed the idle connection just then.

        Browsers do so too, and what is posted here may arrive twice.
        """
        headers = {"Content-Type": content_type}
        for _ in range(2):
            response = self.client.post(
                path, name=path, data=content, headers=headers, catch_response=True
            )
            if response.status_code or not isinstance(_error_of(response), CLOSED_BY_SERVER):
                break
        return response

    def _new_session(self) -> FastHttpSession:
        session = FastHttpSession(
            base_url=self.host,
            request_event=self.environment.events.request,
            user=self,
            insecure=self.insecure,
            connection_timeout=TIMEOUT_SECONDS,
            network_timeout=TIMEOUT_SECONDS,
            headers=self.default_headers,
        )
        _without_cookies(session)
        return session

    def _elapsed_ms(self, begun: float, response: ResponseContextManager) -> float:
        """The time since the request was due, in Locust's own table too."""
        elapsed_ms = (time.perf_counter() - begun) * 1000
        response.request_meta["response_time"] = elapsed_ms
        return elapsed_ms

    def _count_api(self, response: ResponseContextManager, begun: float) -> None:
        self.run_state.add(API_STATUS, float(_status(response) or NO_ANSWER_STATUS), begun)

    def _accept(self, response: ResponseContextManager, begun: float) -> bool:
        """Mark an answer for Locust's own table; True for a good one."""
        status = _status(response)
        if 0 < status < 400:
            self.run_state.count(answered=True, begun=begun)
            response.success()
            return True
        reason = (
            f"answered {status}" if status else f"no answer: {type(_error_of(response)).__name__}"
        )
        if status == 429:
            reason += ": raise EXECDASH_EVENT_REQUESTS_PER_SECOND for a load run"
        self.run_state.count(reason, answered=status > 0, begun=begun)
        response.failure(reason)
        return False


def _without_cookies(session: FastHttpSession) -> None:
    """The service sets none for who shows a token, and to look for them costs a fifth of all."""
    session.client.cookiejar = None


def _body(response: ResponseContextManager) -> bytes:
    """The body; why it broke off is kept as the answer's error."""
    try:
        return bytes(response.content or b"")
    except FAILURE_EXCEPTIONS as error:
        response.request_meta["exception"] = error
        return b""


def _status(response: ResponseContextManager) -> int:
    """The status of a whole answer; 0 for none, and for one whose body broke off."""
    status = response.status_code or 0
    return 0 if status < 400 and response.request_meta["exception"] else status


def _error_of(response: ResponseContextManager) -> BaseException | None:
    """Why there is no answer; the client wraps some errors in one of its own."""
    error: BaseException | None = getattr(response, "error", None)
    return getattr(error, "original", None) or error or response.request_meta["exception"]
