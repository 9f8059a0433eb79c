"""What a load run keeps, and when it says nothing about the service."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from loadtests import results
from loadtests.results import Conditions, Limits, lag_p95_ms, recorded, why_invalid, write
from loadtests.run import API_LATENCY, TTFB, Run
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
    assert warming.samples == {}
    assert lag_p95_ms(warming) is None


def test_samples_are_kept_exactly_as_measured() -> None:
    run = Run()
    for value in (299.999_999_9, 300.0, 304.4):
        run.add(TTFB, value)
    assert list(run.samples[TTFB].values) == [299.999_999_9, 300.0, 304.4]


def test_what_workers_took_adds_up_in_their_master() -> None:
    first, second, master = answered(Run()), answered(Run(), 2), Run()
    first.add(TTFB, 1.5)
    first.add_lag(3.0)
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
    assert list(master.lags_ms) == [3.0]
    assert first.take()["samples"] == []  # taken once


def test_a_run_is_not_valid_without_an_answer() -> None:
    dead = Run()
    dead.count(answered=False)
    assert why_invalid(dead, LIMITS) == "the service answered nothing"


def test_a_run_is_not_valid_when_its_generator_was_late() -> None:
    run = answered(Run())
    for lag_ms in [1.0] * 95 + [50.0] * 5:
        run.add_lag(lag_ms)
    assert why_invalid(run, LIMITS) is None
    run.add_lag(50.0)
    assert "50 ms late" in (why_invalid(run, LIMITS) or "")


def test_a_run_is_not_valid_when_its_generator_was_in_trouble() -> None:
    run = answered(Run())
    run.trouble = "the load generator's CPU was full"
    assert why_invalid(run, LIMITS) == "the load generator's CPU was full"


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
