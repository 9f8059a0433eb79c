"""What a run reads of a service's metrics page."""

import os
import socket
import threading
from pathlib import Path

import pytest

from loadtests.watch import Watch, growth, levels, parse, rate

PAGE = """\
# HELP process_cpu_seconds_total Total user and system CPU time spent in seconds.
# TYPE process_cpu_seconds_total counter
process_cpu_seconds_total 12.5
process_resident_memory_bytes 1.2e+08
db_statement_duration_seconds_sum{operation="select"} 1.5
db_statement_duration_seconds_sum{operation="insert"} 0.25
db_statement_duration_seconds_bucket{operation="select",le="0.1"} 7.0
ingest_queue_events 3.0
http_request_duration_seconds_count{method="GET",route="/api/kpis/{key}",status="200"} 500.0
http_request_duration_seconds_count{method="GET",route="/dashboard",status="200"} 7.0
http_request_duration_seconds_count{method="GET",route="a \\"quoted\\" {one}",status="404"} 1.0
something_else 9.0
"""


def test_numbers_are_summed_over_their_labels() -> None:
    assert parse(PAGE) == {
        "cpu_seconds": 12.5,
        "memory_bytes": 1.2e8,
        "database_seconds": 1.75,
        "queued_events": 3.0,
        "requests": 508.0,
    }


def test_a_page_of_something_else_says_nothing() -> None:
    assert parse("<html>not found</html>") == {}


READINGS = [
    {"at_seconds": 2.0, "cpu_seconds": 1.0, "users": 5},
    {"at_seconds": 4.0, "users": 6},  # the service did not answer
    {"at_seconds": 6.0, "cpu_seconds": 3.0, "users": 7},
]


def test_a_missing_reading_is_bridged_and_never_zero() -> None:
    assert rate(READINGS, "cpu_seconds") == [(6.0, 0.5)]
    assert levels(READINGS, "users") == [(2.0, 5), (4.0, 6), (6.0, 7)]
    assert levels(READINGS, "memory_bytes") == []
    assert growth(READINGS, "cpu_seconds") == pytest.approx(0.5)
    assert growth(READINGS[:2], "cpu_seconds") is None


NOWHERE = "http://127.0.0.1:1"


def test_connections_over_a_socket_file_count_too() -> None:
    watch = Watch(NOWHERE, process_id=os.getpid())
    before = watch.read()["connections"]
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert watch.read()["connections"] == before + 2


def test_the_log_of_an_sqlite_file_is_its_size_and_none_when_it_is_gone(tmp_path: Path) -> None:
    watch = Watch(NOWHERE, database=str(tmp_path / "execdash.db"))
    assert watch.read()["wal_bytes"] == 0
    (tmp_path / "execdash.db-wal").write_bytes(b"x" * 300)
    assert watch.read()["wal_bytes"] == 300
    assert "wal_bytes" not in Watch(NOWHERE, database="postgresql://127.0.0.1:1/none").read()


@pytest.mark.parametrize(
    "answer", [b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"]
)
def test_an_answer_that_is_none_is_no_reading_and_no_end(answer: bytes) -> None:
    """The greenlet that reads on and on would die silently."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_answer, args=(listener, answer), daemon=True).start()
        reading = Watch(f"http://127.0.0.1:{listener.getsockname()[1]}").read()
    assert set(reading) == {"machine_busy", "generator_cpu_seconds"}


def _answer(listener: socket.socket, answer: bytes) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(65536)
        connection.sendall(answer)
