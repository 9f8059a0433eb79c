"""What grows during a soak, and what does not."""

import random
from dataclasses import replace

import pytest

from loadtests.driven import Driven, Timed
from loadtests.run import API_LATENCY, RENDER, SWITCH, TTFB
from loadtests.soak import Course, applicable, courses, exit_code, slope
from slo import evaluation
from slo.objectives import load_objectives

OBJECTIVES = load_objectives()
MIB = 2**20
MINUTES = 27  # of half an hour, after the warm-up
FLAT = {
    "memory_bytes": 150.0 * MIB,
    "open_files": 40.0,
    "connections": 60.0,
    "wal_bytes": 4.0 * MIB,
    "queued_events": 3.0,
}


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
    return {one.name: one for one in courses(run, OBJECTIVES, "sqlite")}


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


@pytest.mark.parametrize(("last", "grows"), [(24.0, False), (26.0, True)])
def test_answers_that_all_take_the_same_may_take_five_milliseconds_more(
    last: float, grows: bool
) -> None:
    found = soaked([150.0] * 300, [20.0] * 210 + [last] * 90)
    assert found["api-latency P95"].grows is grows


def cold(share: float, seconds: int, milliseconds: float = 60.0) -> list[float]:
    """Warm answers of some milliseconds, and cold ones."""
    random_ = random.Random(3)
    return [
        random_.uniform(0.5, 1.5) * (milliseconds if random_.random() < share else 4.0)
        for _ in range(seconds)
    ]


def test_a_percentile_at_the_edge_between_warm_and_cold_answers_is_flat() -> None:
    times = cold(0.045, 1400) + cold(0.055, 600)
    found = soaked([150.0] * 2000, times)["api-latency P95"]
    assert found.middle is not None
    assert found.last is not None
    assert found.last > 3 * found.middle  # by chance, and because one in twenty is slow
    assert not found.grows


def test_cold_answers_that_become_more_or_slower_grow() -> None:
    more = cold(0.05, 1400) + cold(0.15, 600)
    assert soaked([150.0] * 2000, more)["api-latency P95"].grows
    slower = cold(0.07, 1400) + cold(0.07, 600, milliseconds=180.0)
    assert soaked([150.0] * 2000, slower)["api-latency P95"].grows


def test_what_was_not_measured_is_not_known() -> None:
    found = soaked([150.0] * 300, [20.0] * 300)
    assert found["wal_bytes"].last is None
    assert found["ttfb P95"] == Course("ttfb P95", "ms", None, None, None, grows=False)
    assert TTFB[0] == "ttfb_ms"


def half_an_hour(leak: str = "", a_minute: float = 0.0) -> Driven:
    """Readings as a busy service gives them, each with some noise; one may leak."""
    random_ = random.Random(7)
    readings = [
        {"at_seconds": float(second)}
        | {
            name: level * random_.uniform(0.9, 1.1)
            + (a_minute * second / 60 if name == leak else 0.0)
            for name, level in FLAT.items()
        }
        for second in range(0, MINUTES * 60, 2)
    ]
    return Driven({}, readings, [], {"warm_up_seconds": 0, "browsers": 1}, None)


@pytest.mark.parametrize(
    ("leak", "a_minute"),
    [("memory_bytes", 2.7 * MIB), ("open_files", 1.0), ("connections", 1.0), ("wal_bytes", MIB)],
)
def test_a_slow_leak_grows_and_nothing_else_does(leak: str, a_minute: float) -> None:
    found = courses(half_an_hour(leak, a_minute), OBJECTIVES, "sqlite")
    assert [one.name for one in found if one.grows] == [leak]
    (leaking,) = [one for one in found if one.grows]
    assert leaking.per_hour == pytest.approx(a_minute * 60, rel=0.3)


def test_noise_is_flat() -> None:
    found = courses(half_an_hour(), OBJECTIVES, "sqlite")
    assert not any(one.grows for one in found)


def test_a_slope_is_that_of_most() -> None:
    line = [(float(at), 3.0 * at) for at in range(1000)]
    assert slope(line) == pytest.approx(3.0)
    peak = [(at, value + (1e6 if 100 <= at < 200 else 0.0)) for at, value in line]
    assert slope(peak) == pytest.approx(3.0, rel=0.05)
    assert slope([(1.0, 5.0)]) == 0.0


def ended(run: Driven) -> int:
    objectives = applicable(run, OBJECTIVES)
    return exit_code(run, courses(run, OBJECTIVES, "sqlite"), run.judge(objectives))


def served(milliseconds: float = 1.0, **parameters: int) -> Driven:
    """Half an hour with events enough of everything, each objective's own good ones but times."""
    run = half_an_hour()
    seconds = [number * MINUTES * 60 / 12_000 for number in range(12_000)]
    for objective in applicable(run, OBJECTIVES):
        good = {"api_status_code": 200.0, "alerts_poll_interval_ms": 30_000.0}
        value = good.get(objective.metric, milliseconds)
        for event_type in objective.event_types:
            run.samples[(objective.metric, event_type)] = Timed([value] * 12_000, seconds)
    run.parameters.update(parameters)
    return run


def test_all_flat_and_all_passed_is_a_pass() -> None:
    assert ended(served()) == evaluation.EXIT_PASS


def test_answers_that_are_all_too_slow_fail_though_nothing_grows() -> None:
    assert ended(served(milliseconds=29_000.0)) == evaluation.EXIT_FAIL


def test_what_is_not_known_is_no_pass() -> None:
    run = served()
    for reading in run.readings:
        del reading["wal_bytes"]
    assert ended(run) == evaluation.EXIT_UNKNOWN
    assert ended(half_an_hour()) == evaluation.EXIT_UNKNOWN  # nothing was asked


def test_times_that_a_late_generator_told_are_not_known_to_be_flat() -> None:
    late = replace(served(), lag_p99_ms=20.1)
    known = {one.name: one.is_known for one in courses(late, OBJECTIVES, "sqlite")}
    times = [name for name in known if name.endswith("P95")]
    assert {name for name, is_known in known.items() if not is_known} == {*times}
    assert ended(late) == evaluation.EXIT_UNKNOWN
    assert ended(replace(late, lag_p99_ms=20.0)) == evaluation.EXIT_PASS


def test_what_only_browsers_measure_does_not_apply_without_them() -> None:
    run = served(browsers=0)
    del run.samples[RENDER], run.samples[SWITCH]
    assert ended(run) == evaluation.EXIT_PASS
    run.parameters["browsers"] = 1
    assert ended(run) == evaluation.EXIT_UNKNOWN
