"""What a load run keeps, and when it says nothing about the service."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import gevent
import pytest

from loadtests import results
from loadtests.results import Conditions, Limits, lag_p99_ms, recorded, why_invalid, write
from loadtests.run import API_LATENCY, API_STATUS, POLL_INTERVAL, TTFB, Kind, Run
from slo.objectives import Objective, load_objectives
from slo.sources.samples import SamplesSource

OBJECTIVES = load_objectives()
LIMITS = Limits(lag_ms=20.0)


def named(*names: str) -> list[Objective]:
    return [objective for objective in OBJECTIVES if objective.name in names]


def answered(run: Run, answers: int = 1) -> Run:
    for _ in range(answers):
        run.count(answered=True)
    return run


def test_the_warm_up_is_left_out() -> None:
    warming = Run()
    warming.begin(warm_up_seconds=60)
    warming.add(TTFB, 1.0)
    warming.add_lag(1.0)
    warming.count("answered 500", answered=True)
    assert warming.samples == {}
    assert (warming.answers, warming.errors) == (0, {})
    assert lag_p99_ms(warming) is None


def test_what_began_in_the_warm_up_is_left_out_however_late_it_was_answered() -> None:
    run = Run()
    begun = time.perf_counter()
    run.begin(warm_up_seconds=0.02)
    gevent.sleep(0.03)
    run.add(TTFB, 30.0, begun)
    run.count("answered 500", answered=True, begun=begun)
    assert (run.samples, run.answers, run.errors) == ({}, 0, {})
    run.add(TTFB, 1.0)
    run.count(answered=True)
    assert (list(run.samples[TTFB].values), run.answers) == ([1.0], 1)


def stopped(run: Run, kind: Kind, waited_seconds: float) -> None:
    """A user who is stopped while it waits for an answer."""

    def wait() -> None:
        with run.under_way(kind, time.perf_counter() - waited_seconds):
            gevent.sleep(60)

    user = gevent.spawn(wait)
    gevent.sleep(0)
    user.kill()


def test_what_is_under_way_at_the_end_counts_when_it_is_late_already() -> None:
    run = answered(Run())
    run.started -= 60
    begun = time.perf_counter()
    stopped(run, TTFB, 0.301)
    stopped(run, TTFB, 0.1)
    stopped(run, POLL_INTERVAL, 35.1)
    stopped(run, POLL_INTERVAL, 1.0)  # below the band, and may come to lie in it
    stopped(run, API_STATUS, 29.0)  # what would have been answered is not known
    took_ms = (time.perf_counter() - begun) * 1000  # of this test, which each wait may be longer by
    worker, master = run, answered(Run())
    master.merge(json.loads(json.dumps(worker.take())))

    results.settle(master, OBJECTIVES)

    late = {kind: series.values[0] for kind, series in master.samples.items()}
    assert set(late) == {TTFB, POLL_INTERVAL}
    assert 301 <= late[TTFB] <= 301 + took_ms
    assert 35_100 <= late[POLL_INTERVAL] <= 35_100 + took_ms
    assert (master.failures, master.left_out) == (2, 3)
    assert recorded(master).left_out == 3


def test_what_is_under_way_in_the_warm_up_is_left_out() -> None:
    run = Run()
    run.begin(warm_up_seconds=60)
    stopped(run, TTFB, 0.5)
    assert run.cut == {}


def test_samples_are_kept_exactly_as_measured() -> None:
    run = Run()
    for value in (299.999_999_9, 300.0, 304.4):
        run.add(TTFB, value)
    assert list(run.samples[TTFB].values) == [299.999_999_9, 300.0, 304.4]


def test_what_workers_took_adds_up_in_their_master() -> None:
    first, second, master = answered(Run()), answered(Run(), 2), Run()
    first.add(TTFB, 1.5)
    first.add_lag(3.0)
    second.add_lag(5.0)
    second.add(TTFB, 2.5)
    second.add(API_LATENCY, 7.0)
    second.count("answered 500", answered=True)
    second.count("no answer: Timeout", answered=False)
    second.trouble = "the load generator's CPU was full"
    for worker in (first, second):
        # Locust's messages turn tuples into lists, as JSON does.
        master.merge(json.loads(json.dumps(worker.take())))
    assert {kind: list(series.values) for kind, series in master.samples.items()} == {
        TTFB: [1.5, 2.5],
        API_LATENCY: [7.0],
    }
    assert all(len(one.at_seconds) == len(one.values) for one in master.samples.values())
    assert (master.answers, master.failures) == (4, 1)
    assert master.errors == {"answered 500": 1, "no answer: Timeout": 1}
    assert master.trouble == "the load generator's CPU was full"
    assert list(master.lags_ms) == [3.0, 5.0]
    assert master.latest_ms(0, 0) == 5.0
    assert first.take()["samples"] == []  # taken once


def test_a_run_is_not_valid_without_an_answer() -> None:
    dead = Run()
    dead.count(answered=False)
    assert why_invalid(dead, LIMITS, OBJECTIVES) == "the service answered nothing"
    dead.trouble = "the load generator's CPU was full"
    assert why_invalid(dead, LIMITS, OBJECTIVES) == "the service answered nothing"


def test_a_service_that_nobody_asked_is_not_dead() -> None:
    unasked = Run(trouble="a worker was lost, and its load with it")
    assert why_invalid(unasked, LIMITS, OBJECTIVES) == "a worker was lost, and its load with it"
    assert why_invalid(Run(), LIMITS, OBJECTIVES) == "the service answered nothing"


def test_lag_is_judged_where_the_strictest_objective_of_time_is() -> None:
    strictest = max(objective.target for objective in OBJECTIVES if objective.unit == "ms")
    assert strictest * 100 == results.LAG_PERCENT


@pytest.mark.parametrize(("refused", "is_valid"), [(100, False), (91, False), (90, True)])
@pytest.mark.parametrize("status", [401.0, 403.0])
def test_a_refused_token_is_no_slow_service(status: float, refused: int, is_valid: bool) -> None:
    run = answered(Run())
    for value in [status] * refused + [200.0] * (100 - refused):
        run.add(API_STATUS, value)
    invalid = why_invalid(run, LIMITS, OBJECTIVES)
    assert (invalid is None) == is_valid
    assert is_valid or "the token is refused" in (invalid or "")


def test_a_run_is_not_valid_when_its_generator_was_in_trouble() -> None:
    run = answered(Run())
    run.trouble = "the load generator's CPU was full"
    assert why_invalid(run, LIMITS, OBJECTIVES) == "the load generator's CPU was full"


@pytest.mark.parametrize(
    ("fast", "slow", "judge", "invalid", "code"),
    [
        (200, 0, ["ttfb"], None, 0),
        (189, 11, ["ttfb"], None, 1),
        (199, 0, ["ttfb"], None, 3),
        (200, 0, ["ttfb", "api-latency"], None, 3),
        (189, 11, ["ttfb", "api-latency"], None, 1),
        (200, 0, ["ttfb"], "late", 3),
    ],
)
def test_the_exit_code_is_that_of_the_judged_objectives(
    fast: int,
    slow: int,
    judge: list[str],
    invalid: str | None,
    code: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = answered(Run())
    for value in [100.0] * fast + [900.0] * slow:
        run.add(TTFB, value)
    found = results.judgements(run, OBJECTIVES)
    told = results.outcome(found, named(*judge), invalid)
    results.show(run, found, told)
    assert told.exit_code == code
    shown = capsys.readouterr().out
    assert "ttfb" in shown
    assert "alerts-poll" in shown  # shown although it is not judged
    assert ("Result not valid" in shown) == (invalid is not None)


def test_the_file_is_what_the_gate_reads(tmp_path: Path) -> None:
    run = answered(Run())
    for value in [100.123_456_789] * 199 + [300.0]:
        run.add(TTFB, value)
    now = datetime(2026, 11, 22, tzinfo=UTC)
    path = tmp_path / "new" / "run.json"
    write(path, recorded(run), Conditions("http://127.0.0.1", now, now, {"users": 5}), None)

    (ttfb,) = named("ttfb")
    measured = SamplesSource("locust", path).measure([ttfb])["ttfb"]

    assert (measured.good, measured.total, measured.p95) == (199, 200, 100.123_456_789)
    assert not list(path.parent.glob("*.new"))
