"""How a virtual user asks: pages with their true time to first byte, the API with its full time."""

import time
from typing import Any, ClassVar

from locust import FastHttpUser
from locust.contrib.fasthttp import FastHttpSession, ResponseContextManager

from loadtests.run import (
    API_LATENCY,
    API_STATUS,
    NO_ANSWER_STATUS,
    TIMEOUT_SECONDS,
    TTFB,
    Run,
)

DASHBOARD_API = "/api/executive-dashboard"
FAILED_MS = TIMEOUT_SECONDS * 1000  # a request that failed is as bad a sample as there can be


class BrowsingUser(FastHttpUser):
    """Measures what objectives speak of. Scenarios say what is asked, and when."""

    abstract = True
    run_state: ClassVar[Run]
    connection_timeout = TIMEOUT_SECONDS
    network_timeout = TIMEOUT_SECONDS

    def open_page(self, path: str) -> tuple[bytes, float]:
        """Load a document over a new connection; give its body and its TTFB in milliseconds.

        The connection counts, as it does in a browser. A page that fails is a bad sample.
        """
        session = self._new_session()
        begun = time.perf_counter()
        with session.get(path, name=path, stream=True, catch_response=True) as response:
            ttfb_ms = (time.perf_counter() - begun) * 1000
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

    def ask(self, path: str, name: str | None = None, headers: dict[str, str] | None = None) -> str:
        """Ask the API; give the answer's ETag, or an empty text."""
        begun = time.perf_counter()
        with self.client.get(
            path, name=name or path, headers=headers, catch_response=True
        ) as response:
            elapsed_ms = (time.perf_counter() - begun) * 1000
            accepted = self._accept(response)
            etag = str((response.headers or {}).get("etag", "")) if accepted else ""
        self._count_api(path, response, elapsed_ms if accepted else FAILED_MS)
        return etag

    def send(self, path: str, body: dict[str, Any]) -> None:
        """Post JSON to the API."""
        with self.client.post(path, name=path, json=body, catch_response=True) as response:
            self._accept(response)
        self._count_api(path, response, None)

    def _new_session(self) -> FastHttpSession:
        return FastHttpSession(
            base_url=self.host,
            request_event=self.environment.events.request,
            user=self,
            connection_timeout=TIMEOUT_SECONDS,
            network_timeout=TIMEOUT_SECONDS,
        )

    def _count_api(
        self, path: str, response: ResponseContextManager, elapsed_ms: float | None
    ) -> None:
        self.run_state.add(API_STATUS, float(response.status_code or NO_ANSWER_STATUS))
        if path.startswith(DASHBOARD_API) and elapsed_ms is not None:
            self.run_state.add(API_LATENCY, elapsed_ms)

    def _accept(self, response: ResponseContextManager) -> bool:
        """Mark an answer for Locust's own table; True for a good one."""
        status = response.status_code or 0
        self.run_state.count(answered=status > 0)
        if 0 < status < 400:
            response.success()
            return True
        reason = f"answered {status}" if status else f"no answer: {_error_of(response)}"
        if status == 429:
            reason += ": raise EXECDASH_EVENT_REQUESTS_PER_SECOND for a load run"
        response.failure(reason)
        return False


def _error_of(response: ResponseContextManager) -> str:
    return type(getattr(response, "error", None)).__name__
