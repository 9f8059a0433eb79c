"""Bodies that are too slow or too large cost the service little, and other clients nothing.

``make faults`` waits for as long as the service really does.
"""

import gzip
import os
import socket
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from api.imports.routes import MAX_UPLOAD_BYTES, UPLOADS_AT_ONCE
from tests.faults.load import page_views
from tests.faults.process import Service, serving

AS_IT_IS = "FAULTS_AS_IT_IS" in os.environ
BODY_SECONDS = 20.0 if AS_IT_IS else 3.0
PATIENCE = {
    "api.imports.routes.UPLOAD_SECONDS": BODY_SECONDS,  # in truth 10 minutes
    **(
        {}
        if AS_IT_IS
        else {
            "api.ingest.routes.BODY_SECONDS": BODY_SECONDS,
            "api.body_limit.BODY_SECONDS": BODY_SECONDS,
        }
    ),
}
SLOW_CLIENTS = 200
GIGABYTE = 1 << 30
MEGABYTE = 1 << 20
HEAD = b"POST /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
SIGN_IN = HEAD.replace(b"events", b"session/sign-in")
IMPORT = HEAD.replace(b"events", b"imports/orders").replace(b"application/json", b"text/csv")


def status_of(connection: socket.socket) -> int:
    """The status of the answer; 0 when the connection was closed without one."""
    first = connection.recv(4096)
    return int(first.split()[1]) if first else 0


@pytest.mark.parametrize(
    ("head", "clients"),
    [(HEAD, SLOW_CLIENTS), (SIGN_IN, SLOW_CLIENTS), (IMPORT, UPLOADS_AT_ONCE)],
    ids=["events", "sign-in", "imports"],
)
def test_many_slow_clients_are_sent_away_and_others_are_served_meanwhile(
    sqlite_url: str, tmp_path: Path, head: bytes, clients: int
) -> None:
    with serving(sqlite_url, tmp_path, PATIENCE) as service, ExitStack() as open_ones:
        assert service.send(page_views(1)).status == 200
        memory = service.memory_bytes
        slow = [open_ones.enter_context(service.connect()) for _ in range(clients)]
        began = time.monotonic()
        for one in slow:
            one.sendall(head + b"Content-Length: 100000\r\n\r\n" + b'{"events": [' + b" " * 1000)
        served = []
        while time.monotonic() - began < 0.8 * BODY_SECONDS:
            started = time.monotonic()
            assert service.send(page_views(20)).status == 200
            assert service.get("/api/alerts").status == 200
            served.append(time.monotonic() - started)
            for one in slow:
                one.sendall(b" ")
        assert {status_of(one) for one in slow} == {408}
        waited = time.monotonic() - began
        grown = service.memory_bytes - memory
        print(
            f"{clients} slow clients refused after {waited:.1f} s, {grown / MEGABYTE:.1f} MB;"
            f" others served in {max(served) * 1000:.0f} ms at most"
        )
        assert BODY_SECONDS <= waited < BODY_SECONDS + 5
        assert max(served) < 2
        assert grown < 64 * MEGABYTE
        assert service.send(page_views(1)).status == 200
        unparsed = clients if head is HEAD else 0
        assert service.metric("ingest_requests_unparsed_total") == unparsed
        assert "Traceback" not in service.log


def test_the_limits_are_those_that_are_promised(sqlite_url: str, tmp_path: Path) -> None:
    """Nothing is shortened here, but that nobody waits ten minutes for an upload."""
    with serving(sqlite_url, tmp_path) as service, ExitStack() as open_ones:
        memory = service.memory_bytes
        began = time.monotonic()
        silent, slow = (open_ones.enter_context(service.connect()) for _ in range(2))
        silent.sendall(HEAD)
        slow.sendall(HEAD + b"Content-Length: 100\r\n\r\n{")
        assert uploaded(service, MAX_UPLOAD_BYTES + 1) == 413
        grown = service.memory_bytes - memory
        assert status_of(silent) == 408
        head_seconds = time.monotonic() - began
        assert service.send(page_views(1)).status == 200
        assert status_of(slow) == 408
        body_seconds = time.monotonic() - began
        print(
            f"a head refused after {head_seconds:.1f} s, a body after {body_seconds:.1f} s,"
            f" an upload after {MAX_UPLOAD_BYTES / MEGABYTE:.0f} MB with {grown / MEGABYTE:.1f} MB"
            " of memory"
        )
        assert head_seconds >= 10
        assert 20 <= body_seconds < 30
        assert grown < 64 * MEGABYTE


def uploaded(service: Service, size: int) -> int:
    """Send a file of so many bytes; the status."""
    with service.connect() as connection:
        connection.sendall(IMPORT + b"Content-Length: %d\r\n\r\n" % size)
        with suppress(OSError):  # refused at its end
            for _ in range(size // MEGABYTE):
                connection.sendall(b" " * MEGABYTE)
            connection.sendall(b" " * (size % MEGABYTE))
        return status_of(connection)


def test_a_body_of_a_gigabyte_is_refused_early_in_little_memory(
    sqlite_url: str, tmp_path: Path
) -> None:
    with serving(sqlite_url, tmp_path) as service:
        assert service.send(page_views(1)).status == 200
        memory = service.memory_bytes
        assert declared(service) == 413
        sent = [streamed(service) for _ in range(10)]
        assert MEGABYTE < slowly(service) < 2 * MEGABYTE
        assert bomb(service) == 413
        grown = service.memory_bytes - memory
        print(
            f"refused after {max(sent) / MEGABYTE:.1f} MB at most, {grown / MEGABYTE:.1f} MB used"
        )
        assert max(sent) < 16 * MEGABYTE  # 1 MB is read, the rest waits in the kernel's buffers
        assert grown < 32 * MEGABYTE
        assert service.send(page_views(1)).status == 200


def slowly(service: Service) -> int:
    """Send a gigabyte bit by bit, looking for an answer in between; how much was taken."""
    with service.connect() as connection:
        connection.settimeout(0.02)
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        piece = b"8000\r\n" + b" " * 32_768 + b"\r\n"
        for number in range(1, GIGABYTE // 32_768):
            connection.sendall(piece)
            with suppress(TimeoutError):
                assert status_of(connection) == 413
                return number * 32_768
    raise AssertionError("a gigabyte was taken")


def declared(service: Service) -> int:
    """Say that a gigabyte comes, and send nothing of it."""
    with service.connect() as connection:
        connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % GIGABYTE)
        return status_of(connection)


def streamed(service: Service) -> int:
    """Send a gigabyte as fast as it is taken, without saying so; how much was taken."""
    sent, piece = 0, b"40000\r\n" + b" " * (1 << 18) + b"\r\n"
    with service.connect() as connection:
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        with suppress(OSError):  # nobody listens any more
            while sent < GIGABYTE:
                connection.sendall(piece)
                sent += 1 << 18
        return sent


def bomb(service: Service) -> int:
    """A hundred megabytes of spaces, which are a hundred kilobytes compressed."""
    packed = gzip.compress(b" " * (100 * MEGABYTE))
    with service.connect() as connection:
        connection.sendall(
            HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
        )
        with suppress(OSError):  # refused before its end
            connection.sendall(packed)
        return status_of(connection)
