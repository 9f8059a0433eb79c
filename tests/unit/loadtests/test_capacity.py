"""The search for the highest load, and what is said of its limit."""

from collections.abc import Callable
from typing import Any

import pytest

from loadtests.capacity import Level, conclusion, measured, search
from loadtests.driven import Driven, Timed
from loadtests.limits import Breach, breaches, limiting, resources, spent_at
from loadtests.run import API_LATENCY, TTFB, Kind
from slo.objectives import load_objectives

OBJECTIVES = load_objectives()
TTFB_OBJECTIVE = next(one for one in OBJECTIVES if one.name == "ttfb")


def level(users: int, outcome: str, **more: Any) -> Level:
    given = {"reason": "", "broke_first": None, "limiting": None, "resources": {}, **more}
    return Level(users, users / 4, users / 2, outcome, objectives=[], **given)


def holding(limit: int, beyond: str = "fail") -> Callable[[int], Level]:
    return lambda users: level(users, "pass" if users <= limit else beyond)


@pytest.mark.parametrize(
    ("limit", "tried"),
    [
        (1300, [250, 500, 1000, 2000, 1500, 1250, 1375]),
        (100, [250, 125, 62, 93, 109, 101]),
        (9000, [250, 500, 1000, 2000, 4000]),
        (0, [250, 125, 62, 31]),  # not a load worth asking about
    ],
)
def test_it_doubles_until_one_breaks_then_halves_the_gap(limit: int, tried: list[int]) -> None:
    assert [one.users for one in search(holding(limit), 250, 4000, 0.1)] == tried


def test_a_generator_that_cannot_keep_up_is_a_limit_and_no_pass() -> None:
    levels = list(search(holding(600, beyond="generator"), 250, 4000, 0.2))
    best = max(one.users for one in levels if one.outcome == "pass")
    assert 500 <= best <= 600


def test_too_few_events_end_the_search() -> None:
    assert [one.users for one in search(holding(0, beyond="unknown"), 250, 4000, 0.1)] == [250]


def test_the_highest_level_is_never_exceeded() -> None:
    assert [one.users for one in search(holding(9000), 300, 1000, 0.1)] == [300, 600, 1000]


@pytest.mark.parametrize(
    ("levels", "says"),
    [
        (
            [level(500, "pass"), level(600, "fail", broke_first="ttfb", limiting="processor")],
            "All objectives pass with 500 users, 250 requests/s and 125 RUM events/s."
            " With 600 users ttfb breaks first: processor.",
        ),
        ([level(500, "pass")], "Higher loads were not tried."),
        ([level(9, "generator", reason="too late")], "No level passed. With 9 nothing can be said"),
        ([level(9, "fail", broke_first="ttfb")], "no resource was full"),
    ],
)
def test_the_conclusion_is_a_sentence(levels: list[Level], says: str) -> None:
    assert says in conclusion(levels)


def run_of(samples: dict[Kind, Timed]) -> Driven:
    return Driven(samples, [], [], {"warm_up_seconds": 0}, None)


def test_the_first_to_break_is_the_first_whose_budget_was_spent() -> None:
    seconds = [float(second) for second in range(200)]
    # 10 of 200 views may be slow: the eleventh slow one comes in second 150.
    late = Timed([900.0 if second >= 140 else 1.0 for second in seconds], seconds)
    assert spent_at(TTFB_OBJECTIVE, late) == 150
    thousand = [second / 5 for second in range(1000)]
    # 10 of 1,000 answers may be slow: from second 100 on all are, so it is spent 2 seconds later.
    slow = Timed([1.0 if second < 100 else 500.0 for second in thousand], thousand)
    run = run_of({TTFB: late, API_LATENCY: slow})
    assert breaches(run, OBJECTIVES) == [Breach("api-latency", 102.0), Breach("ttfb", 150.0)]


def test_what_passes_broke_nothing() -> None:
    fine = Timed([1.0] * 200, [float(second) for second in range(200)])
    assert breaches(run_of({TTFB: fine}), OBJECTIVES) == []
    with pytest.raises(ValueError, match="ttfb did not fail"):
        spent_at(TTFB_OBJECTIVE, fine)


def test_the_fullest_resource_limits_when_it_is_full() -> None:
    readings = [
        {"at_seconds": 0.0, "cpu_seconds": 10.0, "machine_busy": 0.7, "queued_events": 10.0},
        {"at_seconds": 10.0, "cpu_seconds": 19.5, "machine_busy": 0.9, "queued_events": 500.0},
    ]
    shares = resources(readings)
    assert shares["processor of the service (one interpreter, one core)"] == pytest.approx(0.95)
    assert shares["queue of events"] == pytest.approx(0.025)
    assert "database: commits of events" not in shares  # not known, not zero
    assert limiting(shares) == "processor of the service (one interpreter, one core)"
    assert limiting({"queue of events": 0.5}) is None
    assert limiting({}) is None


def test_the_database_can_be_what_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 4)
    first = {"at_seconds": 0.0, "database_seconds": 0.0, "database_cpu_seconds": 0.0}
    last = {"at_seconds": 10.0, "database_seconds": 135.0, "database_cpu_seconds": 34.0}
    shares = resources([first, last])
    assert shares == {
        "database: connections that run a statement": pytest.approx(0.9),
        "database: processors of the machine that PostgreSQL uses": pytest.approx(0.85),
    }
    assert limiting(shares) == "database: connections that run a statement"


@pytest.mark.parametrize(
    ("generator", "service", "outcome"),
    [(0.95, 0.7, "generator"), (0.95, 0.97, "fail"), (0.7, 0.6, "fail")],
)
def test_a_failure_while_the_generator_was_fullest_is_its_own(
    generator: float, service: float, outcome: str
) -> None:
    seconds = [float(second) for second in range(200)]
    run = run_of({TTFB: Timed([29_000.0] * 200, seconds)})
    run.readings.extend(
        {"at_seconds": at, "generator_cpu_seconds": at * generator, "cpu_seconds": at * service}
        for at in seconds
    )
    found = measured(100, 25.0, run)
    assert found.outcome == outcome
    assert (found.broke_first is None) == (outcome == "generator")
    if outcome == "generator":
        assert found.reason == "the processor of the load generator was full"
