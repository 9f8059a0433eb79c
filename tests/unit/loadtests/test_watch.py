"""What a run reads of a service's metrics page."""

import pytest

from loadtests.watch import growth, levels, parse, rate

PAGE = """\
# HELP process_cpu_seconds_total Total user and system CPU time spent in seconds.
# TYPE process_cpu_seconds_total counter
process_cpu_seconds_total 12.5
process_resident_memory_bytes 1.2e+08
db_statement_duration_seconds_sum{operation="select"} 1.5
db_statement_duration_seconds_sum{operation="insert"} 0.25
db_statement_duration_seconds_bucket{operation="select",le="0.1"} 7.0
ingest_queue_events 3.0
something_else 9.0
"""


def test_numbers_are_summed_over_their_labels() -> None:
    assert parse(PAGE) == {
        "cpu_seconds": 12.5,
        "memory_bytes": 1.2e8,
        "database_seconds": 1.75,
        "queued_events": 3.0,
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
