"""Slow, endless and broken requests: each ends in time, in little memory, with a clear answer."""

import json
import socket
import time
from contextlib import ExitStack, suppress

import pytest

from tests.attacks.conftest import BODY_SECONDS, HEAD_SECONDS
from tests.faults.process import Service

MEGABYTE = 1 << 20
GET = b"GET /api/health HTTP/1.1\r\nHost: 127.0.0.1\r\n"


def answer(connection: socket.socket) -> bytes:
    """All that comes until the connection is closed."""
    received = b""
    with suppress(ConnectionError):
        while part := connection.recv(65_536):
            received += part
    return received


def status_of(received: bytes) -> int:
    """Of the last answer; each is a problem document."""
    head, _, body = received.rpartition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head
    status: int = json.loads(body)["status"]
    assert f"HTTP/1.1 {status} ".encode() in head
    return status


def test_heads_that_never_end_are_ended_and_others_are_served_meanwhile(service: Service) -> None:
    with ExitStack() as opened:
        slow = [opened.enter_context(service.connect()) for _ in range(100)]
        began = time.monotonic()
        for one in slow[:50]:
            one.sendall(GET)
        while time.monotonic() - began < 0.8 * HEAD_SECONDS:
            for one in slow[:50]:
                one.sendall(b"X-A: b\r\n")
            started = time.monotonic()
            assert service.get("/api/executive-dashboard").status == 200
            assert time.monotonic() - started < 2
            time.sleep(0.1)
        assert {status_of(answer(one)) for one in slow} == {408}  # half of them sent nothing
        assert HEAD_SECONDS <= time.monotonic() - began < HEAD_SECONDS + 5


def test_a_connection_that_was_served_before_gets_no_longer(service: Service) -> None:
    with service.connect() as connection:
        connection.sendall(GET + b"\r\n")
        time.sleep(0.2)
        began = time.monotonic()
        connection.sendall(GET)
        assert status_of(answer(connection)) == 408
        assert HEAD_SECONDS <= time.monotonic() - began + 0.1 < HEAD_SECONDS + 5


def test_empty_lines_do_not_keep_a_connection(service: Service) -> None:
    with service.connect() as connection, suppress(ConnectionError):
        began = time.monotonic()
        while time.monotonic() - began < 3 * HEAD_SECONDS:
            connection.sendall(b"\r\n")
            time.sleep(0.1)
        raise AssertionError("it was kept")


def test_a_slow_body_is_refused_in_time(service: Service) -> None:
    with service.connect() as connection:
        began = time.monotonic()
        connection.sendall(
            b"POST /api/alerts/1/assign HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
        )
        assert status_of(answer(connection)) == 408
        assert BODY_SECONDS <= time.monotonic() - began < BODY_SECONDS + 5


def test_a_body_that_breaks_off_is_no_error_of_ours(service: Service) -> None:
    for path, kind in (("imports/orders", "text/csv"), ("session/sign-in", "application/json")):
        with service.connect() as connection:
            head = f"POST /api/{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\n"
            connection.sendall(f"{head}Content-Length: 100\r\n\r\n".encode() + b"{")
            time.sleep(0.2)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 414),
        (b"GET /api/health?" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 414),
        (GET + b"X-A: " + b"a" * 40_000 + b"\r\n\r\n", 431),
        (GET + b"X-A: b\r\n" * 200 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost : 127.0.0.1\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"GET /\xff\xfe HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 400),
        (
            b"POST /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /admin HTTP/1.1\r\n\r\n",
            400,
        ),
        (GET + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (GET + b"Content-Length: -1\r\n\r\n", 400),
    ],
)
def test_what_is_no_decent_request_is_refused_and_the_connection_closed(
    service: Service, sent: bytes, status: int
) -> None:
    with service.connect() as connection:
        with suppress(ConnectionError):
            connection.sendall(sent)
        assert status_of(answer(connection)) == status


@pytest.mark.parametrize("start", [GET + b"X-A: ", b"GET /"])
def test_an_endless_head_is_ended_in_little_memory(service: Service, start: bytes) -> None:
    memory, sent = service.memory_bytes, 0
    with service.connect() as connection:
        connection.sendall(start)
        with suppress(ConnectionError):
            while sent < 256 * MEGABYTE:
                connection.sendall(b"a" * 65_536)
                sent += 65_536
    assert sent < 16 * MEGABYTE  # the rest of what was sent waited in the kernel
    assert service.memory_bytes - memory < 16 * MEGABYTE


def test_a_client_that_takes_nothing_of_its_answer_holds_no_thread(service: Service) -> None:
    with ExitStack() as opened:
        for _ in range(60):  # more than there are threads
            one = opened.enter_context(service.connect())
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            one.sendall(b"GET /api/export.csv HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 20)
        started = time.monotonic()
        assert service.get("/api/ready").status == 200
        assert time.monotonic() - started < 5
