"""What a client may send before its request is one, and how long it may take.

uvicorn closes connections that are idle between requests, but waits for ever for a request's head
to be complete, and for a client to take its answer.
"""

import json
from asyncio import BaseTransport, TimerHandle
from collections.abc import Sequence
from http import HTTPStatus

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from api.shell import API_HEADERS, HTTPS_ONLY, NO_STORE, Header

HEAD_SECONDS = 10.0  # from the first byte, or from the connection, to the end of the head
TAKE_SECONDS = 60.0  # for which a client may take nothing of its answer
MAX_URL_BYTES = 8 * 1024
MAX_HEAD_BYTES = 32 * 1024
MAX_HEADERS = 100


class BoundedHeads(HttpToolsProtocol):
    """The protocol of one connection, with limits on heads and on patience."""

    refusal_headers: Sequence[Header] = (*API_HEADERS, NO_STORE)
    _head_since: float | None = None  # since when a head is waited for, by the loop's clock
    _head_timer: TimerHandle | None = None  # looks after that; set anew only when it has run out
    _take_timer: TimerHandle | None = None
    _head_bytes = 0  # of a head that is not complete, without those that came as it began
    _chunk_bytes = 0  # that came last
    _began_in_bytes = 0  # that came as the head began, what was before it among them
    _refused = False
    _running: RequestResponseCycle | None = None  # `cycle` is the newest, which may have to wait

    def connection_made(self, transport: BaseTransport) -> None:
        """Start waiting for the first head."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._head_since = None
        if self._head_timer is not None:
            self._head_timer.cancel()
        self.resume_writing()
        if self._running is not None:
            self._running.disconnected = True  # else its answer would be written to nobody
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless what came is too long for a head."""
        if self._refused:
            return
        if self._head_since is None and not self._is_busy:
            self._wait_for_head()
        self._chunk_bytes = len(data)
        self._head_bytes += self._chunk_bytes
        super().data_received(data)
        if self._head_since is not None and self._head_bytes > MAX_HEAD_BYTES:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, _head_limit())

    def on_message_begin(self) -> None:
        """Another head begins, on a connection that may still be busy."""
        self._wait_for_head()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is there: judge its size, then let the request begin."""
        self._head_since = None
        if len(self.url) > MAX_URL_BYTES:
            detail = f"The address may have at most {MAX_URL_BYTES:,} bytes."
            self._refuse(HTTPStatus.REQUEST_URI_TOO_LONG, detail)
        elif len(self.headers) > MAX_HEADERS or self._is_head_too_large():
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, _head_limit())
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Nobody reads the body of a request that was refused."""
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Nor does its end matter."""
        if not self._refused:
            super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP is refused as everything else is."""
        if not self._refused:
            self._refuse(HTTPStatus.BAD_REQUEST, msg)

    def pause_writing(self) -> None:
        """The client takes nothing: give it time, but not for ever."""
        super().pause_writing()
        if self._take_timer is None:
            self._take_timer = self.loop.call_later(TAKE_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """The client takes its answer again."""
        if self._take_timer is not None:
            self._take_timer.cancel()
            self._take_timer = None
        super().resume_writing()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    @property
    def _is_busy(self) -> bool:
        """Whether a request is being answered."""
        return self._running is not None and not self._running.response_complete

    def _is_head_too_large(self) -> bool:
        """The sum of its parts matters only where all that came since it began is too much."""
        if self._began_in_bytes + self._head_bytes <= MAX_HEAD_BYTES:
            return False
        return _size(self.headers) > MAX_HEAD_BYTES

    def _wait_for_head(self) -> None:
        self._head_since = self.loop.time()
        self._head_bytes, self._began_in_bytes = 0, self._chunk_bytes
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self._look_after_head)

    def _look_after_head(self) -> None:
        self._head_timer = None
        if self._head_since is None:
            return
        left_seconds = self._head_since + HEAD_SECONDS - self.loop.time()
        if left_seconds > 0:
            self._head_timer = self.loop.call_later(left_seconds, self._look_after_head)
        else:
            self._head_is_late()

    def _head_is_late(self) -> None:
        detail = f"The request's head did not arrive within {HEAD_SECONDS:g} seconds."
        self._refuse(HTTPStatus.REQUEST_TIMEOUT, detail)

    def _refuse(self, status: HTTPStatus, detail: str) -> None:
        """Answer with a problem document, and close."""
        self._refused = True
        self._head_since = None
        self._unset_keepalive_if_required()
        if not self._is_busy:  # else this would stand where another answer is due
            self.transport.write(_problem(status, detail, self.refusal_headers))
        self.transport.close()


class BoundedHeadsOverHttps(BoundedHeads):
    """The same where people reach the service by https alone."""

    refusal_headers = (*BoundedHeads.refusal_headers, HTTPS_ONLY)


def _size(headers: list[tuple[bytes, bytes]]) -> int:
    return sum(len(name) + len(value) for name, value in headers)


def _head_limit() -> str:
    return f"A request may have at most {MAX_HEADERS} headers and {MAX_HEAD_BYTES:,} bytes of them."


def _problem(status: HTTPStatus, detail: str, headers: Sequence[Header]) -> bytes:
    body = json.dumps(
        {"type": "about:blank", "title": status.phrase, "status": status, "detail": detail}
    ).encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}",
        "content-type: application/problem+json",
        f"content-length: {len(body)}",
        "connection: close",
        *(f"{name.decode()}: {value.decode()}" for name, value in headers),
    )
    return "\r\n".join((*head, "", "")).encode() + body
