"""A load generator that is late: what stands in spite of it, and what is not known."""

import pytest

from loadtests.results import Limits, why_invalid
from loadtests.run import API_LATENCY, API_STATUS, POLL_INTERVAL, RENDER, SWITCH, TTFB, Kind, Run
from slo.objectives import load_objectives

OBJECTIVES = load_objectives()
LIMITS = Limits(lag_ms=20.0)
LATE_MS = 50.0


def measured(
    kind: Kind, good: float, bad: float, bad_share: float = 0.1, lag_ms: float = LATE_MS
) -> Run:
    """A run of two minutes, of which the generator was late in the second one.

    Bad samples come in that minute only; in the first there are as many good ones.
    """
    run = Run()
    run.count(answered=True)
    _at(run, 30.0)
    for _ in range(6000):
        run.add(kind, good)
        run.add_lag(1.0)
    _at(run, 90.0)
    for number in range(6000):
        run.add(kind, bad if number % 100 < 200 * bad_share else good)
        run.add_lag(lag_ms)
    return run


def _at(run: Run, second: float) -> None:
    run.started -= second - run.seconds


def test_a_run_whose_generator_was_on_time_fails_by_what_it_measured() -> None:
    assert why_invalid(measured(API_LATENCY, 10.0, 101.0, lag_ms=20.0), LIMITS, OBJECTIVES) is None


@pytest.mark.parametrize(
    ("what", "run", "unknown"),
    [
        ("what passes passes", measured(API_LATENCY, 10.0, 101.0, bad_share=0.0), None),
        ("lateness alone may be over the line", measured(API_LATENCY, 10.0, 149.0), "api-latency"),
        ("it is far over it", measured(API_LATENCY, 10.0, 151.0), None),
        ("the first byte is timed here, too", measured(TTFB, 10.0, 349.0), "ttfb"),
        ("a page was short of time, too", measured(RENDER, 10.0, 9000.0), "render"),
        ("and when it switched", measured(SWITCH, 10.0, 9000.0), "switch"),
        ("but passed all the same", measured(RENDER, 10.0, 9000.0, bad_share=0.05), None),
        ("a status is no time", measured(API_STATUS, 200.0, 500.0), None),
        ("a poll may have been shorter", measured(POLL_INTERVAL, 3e4, 35_049.0), "alerts-poll"),
        ("or longer", measured(POLL_INTERVAL, 3e4, 24_951.0), "alerts-poll"),
        ("and a good one bad", measured(POLL_INTERVAL, 3e4, 34_951.0), "alerts-poll"),
        ("but not by that much", measured(POLL_INTERVAL, 3e4, 34_949.0), None),
    ],
)
def test_a_late_generator_leaves_unknown_what_it_may_have_decided(
    what: str, run: Run, unknown: str | None
) -> None:
    found = why_invalid(run, LIMITS, OBJECTIVES)
    late = f"the load generator was 50 ms late (P99, allowed 20), which may have decided {unknown};"
    assert (found is None) == (unknown is None), (what, found)
    assert unknown is None or (found or "").startswith(late), what


@pytest.mark.parametrize("kind", [API_LATENCY, RENDER])
def test_lateness_excuses_what_was_measured_meanwhile_and_nothing_else(kind: Kind) -> None:
    run = measured(kind, 10.0, 10.0)
    _at(run, 150.0)
    for _ in range(1000):
        run.add(kind, 1001.0)
    assert why_invalid(run, LIMITS, OBJECTIVES) is None


def test_a_generator_that_is_a_second_late_makes_another_load_than_it_was_told_to() -> None:
    run = measured(API_LATENCY, 10.0, 10.0, lag_ms=1001.0)
    assert "made another load" in (why_invalid(run, LIMITS, OBJECTIVES) or "")
    assert why_invalid(run, Limits(lag_ms=2000.0), OBJECTIVES) is None


def test_what_one_may_be_late_is_asked_of_99_in_100() -> None:
    run = measured(API_LATENCY, 10.0, 149.0, lag_ms=1.0)
    for _ in range(121):
        run.add_lag(LATE_MS)
    assert why_invalid(run, LIMITS, OBJECTIVES) is None
    run.add_lag(LATE_MS)
    assert "50 ms late" in (why_invalid(run, LIMITS, OBJECTIVES) or "")
