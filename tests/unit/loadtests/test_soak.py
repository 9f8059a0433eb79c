"""What grows during a soak, and what does not."""

from loadtests.driven import Driven, Timed
from loadtests.run import API_LATENCY, TTFB
from loadtests.soak import Course, courses
from slo.objectives import load_objectives

OBJECTIVES = load_objectives()
MIB = 2**20


def soaked(memory_mib: list[float], milliseconds: list[float]) -> dict[str, Course]:
    """A run of as many seconds as there are readings; the first tenth is warm-up."""
    readings = [
        {"at_seconds": float(second), "memory_bytes": mib * MIB, "open_files": 40.0}
        for second, mib in enumerate(memory_mib)
    ]
    warm_up = len(memory_mib) / 10
    seconds = [float(second) for second in range(len(milliseconds)) if second >= warm_up]
    timed = Timed(milliseconds[-len(seconds) :], seconds)
    run = Driven({API_LATENCY: timed}, readings, [], {"warm_up_seconds": warm_up}, None)
    return {one.name: one for one in courses(run, OBJECTIVES)}


def test_what_stays_is_flat() -> None:
    found = soaked([150.0] * 300, [20.0] * 300)
    assert not any(one.grows for one in found.values())
    assert found["memory_bytes"].last == 150.0 * MIB
    assert found["api-latency P95"].last == 20.0


def test_memory_that_leaks_grows() -> None:
    found = soaked([150.0 + second / 3 for second in range(300)], [20.0] * 300)
    assert [one.name for one in found.values() if one.grows] == ["memory_bytes"]


def test_memory_that_fills_at_the_start_is_flat() -> None:
    assert not soaked([150.0 + min(second, 90) for second in range(300)], [20.0] * 300)[
        "memory_bytes"
    ].grows


def test_answers_that_become_slower_grow() -> None:
    found = soaked([150.0] * 300, [20.0 + second / 5 for second in range(300)])
    assert [one.name for one in found.values() if one.grows] == ["api-latency P95"]


def test_what_was_not_measured_is_not_known() -> None:
    found = soaked([150.0] * 300, [20.0] * 300)
    assert found["wal_bytes"].last is None
    assert found["ttfb P95"] == Course("ttfb P95", "ms", None, None, grows=False)
    assert TTFB[0] == "ttfb_ms"
