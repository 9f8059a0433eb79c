"""``/api/slo`` and ``/api/quality-gates`` tell what the stored events say, and never more."""

import random
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, delete, update

from slo import rollup
from slo.rollup_distributions import distribution
from tests.exact import exact_counts, exact_percentile
from tests.integration.ingest.events import NOW, OBJECTIVES, event
from tests.integration.reliability.conftest import Append, Clock


def views(*, good: int = 0, bad: int = 0, ago: timedelta = timedelta()) -> list[Any]:
    """Page views whose time to first byte is good or bad."""
    samples = [100.0] * good + [900.0] * bad
    return [event(event_time=NOW - ago, numbers={"ttfb_ms": value}) for value in samples]


def objective(client: TestClient, name: str, window: str = "7d") -> dict[str, Any]:
    report = client.get("/api/slo", params={"window": window})
    assert report.status_code == 200, report.text
    return next(one for one in report.json()["objectives"] if one["name"] == name)


def test_without_events_nothing_is_known(client: TestClient) -> None:
    report = client.get("/api/slo").json()
    assert report["window"] == "7d"
    assert report["generated_at"] == "2026-11-22T18:30:00Z"
    assert [one["name"] for one in report["objectives"]] == list(OBJECTIVES)
    for one in report["objectives"]:
        assert (one["good"], one["total"], one["verdict"]) == (0, 0, "insufficient_data")
        assert one["p95"] is one["budget_remaining"] is one["good_ratio"] is None
        assert set(one["burn_rates"].values()) == {None}
        assert {"1h", "6h", "1d", "3d"} <= one["burn_rates"].keys()
        assert "interval" not in one


@pytest.mark.parametrize("path", ["/api/slo", "/api/slo/ttfb", "/api/slo/ttfb/releases"])
def test_verdicts_are_sent_again_only_when_events_came_in(
    client: TestClient, append: Append, clock: Clock, path: str
) -> None:
    append(views(good=190, bad=10))
    first = client.get(path)
    clock.now += timedelta(minutes=1)
    known = {"If-None-Match": first.headers["etag"]}
    again = client.get(path, headers=known)
    assert (again.status_code, again.content) == (304, b"")
    append(views(bad=1))
    changed = client.get(path, headers=known)
    assert changed.status_code == 200
    assert changed.json()["generated_at"] == "2026-11-22T18:31:00Z"


def test_exactly_at_the_target_passes(client: TestClient, append: Append) -> None:
    append(views(good=190, bad=10))
    found = objective(client, "ttfb")
    assert (found["good"], found["total"], found["verdict"]) == (190, 200, "pass")
    assert (found["good_ratio"], found["budget_remaining"]) == (0.95, 0.0)
    assert found["p95"] < 300
    assert found["burn_rates"]["1h"] == 1.0
    low, high = found["interval"]
    assert low < 0.95 < high


def test_one_event_short_of_the_minimum_is_not_enough(client: TestClient, append: Append) -> None:
    append(views(good=199))
    found = objective(client, "ttfb")
    assert (found["total"], found["minimum_events"]) == (199, 200)
    assert found["verdict"] == "insufficient_data"
    assert (found["budget_remaining"], found["good_ratio"]) == (1.0, 1.0)


def test_one_bad_event_too_many_fails(client: TestClient, append: Append) -> None:
    append(views(good=189, bad=11))
    found = objective(client, "ttfb")
    assert found["verdict"] == "fail"
    assert found["budget_remaining"] == pytest.approx(-0.1)
    assert found["p95"] >= 300
    assert found["threshold"] == {"metric": "ttfb_ms", "unit": "ms", "op": "lt", "value": 300.0}


@pytest.mark.parametrize(("edge", "verdict"), [(299.999, "pass"), (300.0, "fail")])
def test_a_percentile_never_contradicts_the_verdict(
    client: TestClient, append: Append, edge: float, verdict: str
) -> None:
    append([event(numbers={"ttfb_ms": edge}) for _ in range(300)])
    found = objective(client, "ttfb")
    assert found["verdict"] == verdict
    assert (found["p95"] < 300) == (verdict == "pass")


def test_a_percentile_of_equal_samples_is_that_sample(client: TestClient, append: Append) -> None:
    append([event(numbers={"ttfb_ms": 123.0}) for _ in range(10)])
    assert objective(client, "ttfb")["p95"] == 123.0


def test_objectives_of_99_percent_show_their_99th_percentile(
    client: TestClient, append: Append
) -> None:
    clicks = [1.0] * 950 + [2.0] * 40 + [5.0] * 10
    append([event(event_type="drilldown", numbers={"drilldown_clicks": n}) for n in clicks])
    found = objective(client, "drilldown-clicks")
    assert (found["good"], found["total"], found["verdict"]) == (990, 1000, "pass")
    assert (found["p95"], found["p99"]) == (1.0, 2.0)
    assert "p99" not in objective(client, "ttfb")


def test_a_band_is_good_between_its_ends(client: TestClient, append: Append) -> None:
    intervals = [24_999.0, 25_000.0, 30_000.0, 35_000.0, 35_001.0]
    append(
        [event(event_type="alerts_poll", numbers={"alerts_poll_interval_ms": n}) for n in intervals]
    )
    found = objective(client, "alerts-poll")
    assert (found["good"], found["total"]) == (3, 5)
    assert (found["threshold"]["low"], found["threshold"]["high"]) == (25_000, 35_000)


def test_only_the_events_of_its_own_type_count(client: TestClient, append: Append) -> None:
    append([event(event_type="alert_click", numbers={"ttfb_ms": 5.0})])
    assert objective(client, "ttfb")["total"] == 0


@pytest.mark.parametrize(
    ("ago", "window", "inside"),
    [
        (timedelta(days=7, minutes=29), "7d", True),
        (timedelta(days=7, minutes=31), "7d", False),
        (timedelta(days=7, minutes=31), "8d", True),
        (timedelta(days=29), "30d", True),
        (timedelta(minutes=-4), "1d", True),
    ],
)
def test_a_window_starts_whole_days_before_the_current_hour(
    client: TestClient,
    append: Append,
    ago: timedelta,
    window: str,
    inside: bool,
) -> None:
    append(views(good=1, ago=ago))
    assert objective(client, "ttfb", window)["total"] == int(inside)


def test_burn_rates_look_at_their_own_windows(client: TestClient, append: Append) -> None:
    append(views(bad=50, good=50) + views(good=900, ago=timedelta(hours=20)))
    rates = objective(client, "ttfb")["burn_rates"]
    assert rates["1h"] == pytest.approx(10)
    assert rates["1d"] == pytest.approx(1)
    assert list(rates) == ["1h", "2h", "6h", "1d", "3d", "7d", "28d"]


@pytest.mark.parametrize("window", ["0d", "31d", "7", "7h", "", "-1d", "abc", "7d "])
def test_other_windows_are_refused_with_what_is_allowed(client: TestClient, window: str) -> None:
    for path in ("/api/slo", "/api/slo/ttfb"):
        response = client.get(path, params={"window": window})
        assert response.status_code == 400
        assert "1d to 30d" in response.json()["detail"]


@pytest.mark.parametrize("days", ["0", "31", "x", "-1", "1.5"])
def test_other_numbers_of_days_are_refused(client: TestClient, days: str) -> None:
    assert client.get("/api/quality-gates", params={"days": days}).status_code == 400


def test_one_objective_has_windows_days_and_its_slowest_samples(
    client: TestClient, append: Append
) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    slow = event(
        event_time=NOW - timedelta(days=2),
        numbers={"ttfb_ms": 5000.0},
        texts={"trace_id": trace, "kpi": "arr"},
        release="bad",
    )
    hidden = event(numbers={"ttfb_ms": 9000.0}, synthetic=True)
    append([slow, hidden, *views(good=20), *views(bad=3, ago=timedelta(days=20))])
    found = client.get("/api/slo/ttfb", params={"window": "7d"}).json()
    assert (found["name"], found["window"], found["total"]) == ("ttfb", "7d", 21)
    assert [(one["window"], one["total"]) for one in found["windows"]] == [
        ("1d", 20),
        ("7d", 21),
        ("28d", 24),
        ("30d", 24),
    ]
    assert [day["day"] for day in found["daily"]][::7] == ["2026-11-15", "2026-11-22"]
    assert [(day["good"], day["total"]) for day in found["daily"]][4:] == [
        (0, 0),
        (0, 1),
        (0, 0),
        (20, 20),
    ]
    assert found["daily"][4]["p95"] is None
    assert len(found["slowest"]) == 10
    assert found["slowest"][0] == {
        "value": 5000.0,
        "event_time": "2026-11-20T18:30:00Z",
        "event_type": "page_view",
        "trace_id": trace,
        "release": "bad",
    }
    assert {one["value"] for one in found["slowest"][1:]} == {100.0}


def test_the_slowest_samples_are_found_in_whatever_hour_they_are(
    client: TestClient, append: Append
) -> None:
    source = random.Random(3)
    many = [
        event(
            event_time=NOW - timedelta(minutes=source.randrange(6 * 24 * 60)),
            numbers={"ttfb_ms": source.lognormvariate(5, 1)},
        )
        for _ in range(3000)
    ]
    append(many)
    slowest = client.get("/api/slo/ttfb").json()["slowest"]
    largest = sorted((one.numbers["ttfb_ms"] for one in many), reverse=True)
    assert [one["value"] for one in slowest] == largest[:10]


def test_an_unknown_objective_is_not_found(client: TestClient) -> None:
    response = client.get("/api/slo/speed")
    assert response.status_code == 404
    assert "ttfb" in response.json()["detail"]


def test_quality_gates_say_the_same_by_metric(client: TestClient, append: Append) -> None:
    append(views(good=190, bad=10))
    gates = client.get("/api/quality-gates").json()
    assert gates["window_days"] == 7
    assert gates["status"]["ttfb_ms"] == "pass"
    assert gates["status"]["render_total_ms"] == "insufficient_data"
    assert gates["counts"]["ttfb_ms"] == {"good": 190, "total": 200}
    assert gates["p95"]["ttfb_ms"] == objective(client, "ttfb")["p95"]
    assert gates["p95"]["render_total_ms"] is None
    assert gates["targets"]["ttfb_ms"] == {"threshold": 300.0, "target": 0.95}
    assert gates["targets"]["alerts_poll_interval_ms"] == {
        "low": 25_000.0,
        "high": 35_000.0,
        "target": 0.95,
    }
    metrics = {one.metric for one in OBJECTIVES.values()}
    assert gates["status"].keys() == gates["p95"].keys() == gates["counts"].keys() == metrics


def test_the_services_own_answers_are_judged(client: TestClient, clock: Clock) -> None:
    for _ in range(3):
        client.get("/api/executive-dashboard")
    ingest = client.app.state.ingest  # type: ignore[attr-defined]  # Starlette's own state
    assert client.portal is not None
    client.portal.call(ingest.fold_own_samples)
    errors, latency = objective(client, "api-errors"), objective(client, "api-latency")
    assert (errors["total"], latency["total"]) == (3, 3)
    assert errors["p95"] is None
    assert latency["p95"] > 0
    assert client.get("/api/slo/api-latency").json()["slowest"] == []


@pytest.mark.parametrize("seed", range(3))
def test_the_rollup_says_what_the_samples_say(
    append: Append, engine: Engine, client: TestClient, seed: int
) -> None:
    source = random.Random(seed)
    many = []
    for _ in range(4000):
        metrics = {
            "ttfb_ms": source.choice([299.999, 300.0, source.lognormvariate(5, 1)]),
            "render_total_ms": source.paretovariate(1.2) * 200,
        }
        many.append(
            event(
                event_time=NOW - timedelta(hours=source.expovariate(1 / 60)),
                received_at=NOW,
                numbers={name: min(value, 600_000) for name, value in metrics.items()},
                synthetic=source.random() < 0.1,
            )
        )
    repeats = source.sample(many, 200)
    everything = many + repeats
    source.shuffle(everything)
    append(everything)
    last = rollup.hour_number(NOW)
    until = rollup.hour_start(last + 1)
    with engine.connect() as connection:
        for name in ("ttfb", "render"):
            one = OBJECTIVES[name]
            for days in (1, 7, 30):
                first = last - 24 * days
                since = rollup.hour_start(first)
                exact = exact_counts(connection, one, since, until)
                assert rollup.counts_since(connection, one, [first], last) == [exact]
                estimate = distribution(connection, one, first, last).percentile(95)
                truth = exact_percentile(connection, one, since, until, 95)
                assert estimate == pytest.approx(truth, rel=0.0101)
                samples = sorted(
                    each.numbers[one.metric]
                    for each in many
                    if not each.synthetic and since <= each.event_time < until
                )
                good = sum(map(one.threshold.is_good, samples))
                assert exact == (good, len(samples))
                assert truth == samples[-(-len(samples) * 95 // 100) - 1]


def test_an_objective_younger_than_its_window_says_since_when_it_counts(
    client: TestClient, engine: Engine
) -> None:
    assert "counted_since" not in objective(client, "ttfb")
    with engine.begin() as connection:
        connection.execute(
            update(rollup.conditions)
            .where(rollup.conditions.c.metric == "ttfb_ms")
            .values(known_from_hour=rollup.hour_number(NOW - timedelta(days=3)))
        )
    assert objective(client, "ttfb", "7d")["counted_since"] == "2026-11-19T18:00:00Z"
    assert "counted_since" not in objective(client, "ttfb", "2d")


def test_what_was_there_before_an_objective_is_not_counted_until_it_is(
    client: TestClient, engine: Engine
) -> None:
    with engine.begin() as connection:
        connection.execute(delete(rollup.conditions).where(rollup.conditions.c.metric == "ttfb_ms"))
    assert objective(client, "ttfb", "7d")["counted_since"] == "2026-11-22T18:30:00Z"
