"""``/metrics`` for Prometheus: what it says of requests, and in which format."""

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_plain

from tests.integration.telemetry.conftest import Traced

OPENMETRICS = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"


def _requests(traced: Traced) -> dict[tuple[str, str, str], float]:
    """Requests counted so far, by method, route and status."""
    return {
        (sample.labels["method"], sample.labels["route"], sample.labels["status"]): sample.value
        for family in parse_plain(traced.client.get("/metrics").text)
        for sample in family.samples
        if sample.name == "http_request_duration_seconds_count"
    }


@pytest.mark.parametrize(
    ("method", "path", "label"),
    [
        ("GET", "/api/alerts", ("GET", "/api/alerts", "200")),
        ("GET", "/api/executive-dashboard?range=6m", ("GET", "/api/executive-dashboard", "200")),
        ("GET", "/api/executive-dashboard?range=x", ("GET", "/api/executive-dashboard", "400")),
        (
            "POST",
            "/api/alerts/7654/resolve",
            ("POST", "/api/alerts/{alert_id}/resolve", "404"),
        ),
        ("GET", "/assets/nothing-1234.js", ("GET", "/assets/{file:path}", "404")),
        ("GET", "/no/such/page", ("GET", "unmatched", "404")),
        ("BREW", "/api/alerts", ("other", "/api/alerts", "405")),
    ],
)
def test_requests_are_counted_by_the_routes_template(
    traced: Traced, method: str, path: str, label: tuple[str, str, str]
) -> None:
    traced.client.request(method, path)
    assert _requests(traced)[label] == 1


def test_invented_addresses_make_no_series_of_their_own(traced: Traced) -> None:
    for number in range(30):
        traced.client.get(f"/api/secret-{number}")
        traced.client.get(f"/api/kpis/secret-{number}")
        traced.client.get(f"/assets/secret-{number}.js")
    assert "secret" not in traced.client.get("/metrics").text
    assert len(_requests(traced)) <= 4


def test_openmetrics_carries_the_trace_of_a_request(traced: Traced) -> None:
    answer = traced.client.get("/api/alerts")
    page = traced.client.get("/metrics", headers={"accept": OPENMETRICS})
    assert page.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    exemplars = [
        sample.exemplar.labels["trace_id"]
        for family in parse_openmetrics(page.text)  # type: ignore[no-untyped-call]  # has no annotations
        for sample in family.samples
        if sample.exemplar and sample.labels["route"] == "/api/alerts"
    ]
    assert len(exemplars) == 1
    assert exemplars[0] in answer.headers["server-timing"]


def test_plain_text_is_what_everyone_else_gets(traced: Traced) -> None:
    page = traced.client.get("/metrics", headers={"accept": "*/*"})
    assert page.headers["content-type"].startswith("text/plain")
    assert "# {" not in page.text


def test_every_threshold_of_the_objectives_is_a_bucket(traced: Traced) -> None:
    traced.client.get("/api/alerts")
    found: dict[str, set[float]] = {}
    for family in parse_plain(traced.client.get("/metrics").text):
        for sample in family.samples:
            if sample.name.endswith("_bucket"):
                found.setdefault(family.name, set()).add(float(sample.labels["le"]))
    assert 0.1 in found["http_request_duration_seconds"]
    assert 0.3 in found["rum_ttfb_seconds"]
    assert 1.0 in found["rum_render_seconds"]
    assert 0.2 in found["rum_switch_seconds"]
    assert {25.0, 35.0} <= found["rum_alerts_poll_interval_seconds"]
    assert 2.0 in found["rum_drilldown_clicks"]


def test_statements_are_measured_by_kind(traced: Traced) -> None:
    traced.client.get("/api/alerts")
    assert 'db_statement_duration_seconds_count{operation="select"}' in (
        traced.client.get("/metrics").text
    )
