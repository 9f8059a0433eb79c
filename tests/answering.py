"""A web server that gives one answer to everything, and keeps what it was asked."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Answering(ThreadingHTTPServer):
    """``asked`` are paths, ``sent`` the headers and bodies of POST requests."""

    status = 200
    body = b""
    asked: list[str]
    authorized: list[str | None]
    sent: list[tuple[Message, bytes]]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, Answering)
        server.asked.append(self.path)
        server.authorized.append(self.headers["Authorization"])
        self.send_response(server.status)
        self.end_headers()
        self.wfile.write(server.body)

    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, Answering)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server.sent.append((self.headers, body))
        self.do_GET()

    def log_message(self, *_: Any) -> None:
        """Keep quiet."""


@contextmanager
def answering(body: bytes = b"") -> Iterator[Answering]:
    """Listening on a free port of this machine."""
    with Answering(("127.0.0.1", 0), _Handler) as server:
        server.body = body
        server.asked, server.authorized, server.sent = [], [], []
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
