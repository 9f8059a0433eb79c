"""A proxy before the real service that treats ``POST /api/events`` badly, as a test asks."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import urlsplit

from tests.e2e.conftest import Service

Mode = Literal["well", "down", "slow", "deaf", "429", "503"]
HOP_BY_HOP = {"connection", "transfer-encoding", "keep-alive", "date", "server"}
SLOW_SECONDS = 2.0


@dataclass
class Faulty:
    """``url`` behaves as the service does, but for events.

    ``down`` cuts the connection, ``slow`` answers late, ``deaf`` stores and cuts the connection
    before the answer, ``429`` and ``503`` answer that with ``Retry-After: retry_after_seconds``.
    ``sent`` are the ids of each request's events, in the order in which they came, and ``came_at``
    when that was by ``time.monotonic``.
    """

    service: Service
    url: str = ""
    mode: Mode = "well"
    retry_after_seconds: int = 20
    sent: list[list[str]] = field(default_factory=list)
    came_at: list[float] = field(default_factory=list)

    @property
    def ids(self) -> set[str]:
        """Every id that was sent at all."""
        return {one for batch in self.sent for one in batch}


@contextmanager
def faulty(service: Service) -> Iterator[Faulty]:
    """The proxy, for as long as the block lasts."""
    state = Faulty(service)

    class Handler(_Handler):
        faulty = state

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    faulty: Faulty
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._pass_on(b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path != "/api/events":
            self._pass_on(body)
            return
        mode = self.faulty.mode
        self.faulty.came_at.append(time.monotonic())
        self.faulty.sent.append([event["event_id"] for event in json.loads(body)["events"]])
        if mode == "down":
            self._cut()
        elif mode in ("429", "503"):
            self._refuse(int(mode))
        elif mode == "deaf":
            self._ask(body)
            self._cut()
        else:
            if mode == "slow":
                time.sleep(SLOW_SECONDS)
            self._pass_on(body)

    def _refuse(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Retry-After", str(self.faulty.retry_after_seconds))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _cut(self) -> None:
        self.close_connection = True

    def _ask(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
        service = urlsplit(self.faulty.service.url).netloc
        with closing(HTTPConnection(service, timeout=30)) as connection:
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()

    def _pass_on(self, body: bytes) -> None:
        status, headers, content = self._ask(body)
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in {*HOP_BY_HOP, "content-length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        try:
            self.wfile.write(content)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # a closed tab waits for nothing

    def log_message(self, *_: Any) -> None:
        """Nothing: what happened is in ``sent``."""
