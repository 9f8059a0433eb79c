"""Buckets stand at every threshold; labels stay few; exemplars are real trace ids."""

import random
from threading import Thread

import pytest
from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.exposition import choose_encoder

from telemetry.metrics import RUM_INSTRUMENTS, Metrics

TRACE_ID = "0123456789abcdef0123456789abcdef"


def _openmetrics(metrics: Metrics) -> str:
    encode, _content_type = choose_encoder("application/openmetrics-text")
    return encode(metrics.registry).decode()


def _bounds(metrics: Metrics, family: str) -> set[float]:
    found = {
        float(sample.labels["le"])
        for collected in metrics.registry.collect()
        if collected.name == family
        for sample in collected.samples
        if sample.name.endswith("_bucket")
    }
    assert found
    return found


def test_an_objectives_threshold_is_a_bucket_of_the_http_histogram() -> None:
    metrics = Metrics("1", http_bounds_seconds=[0.123])
    metrics.http_series("/api/alerts", "GET", 200).add(0.05)
    assert {0.1, 0.123, 0.25} <= _bounds(metrics, "http_request_duration_seconds")


@pytest.mark.parametrize("metric", sorted(RUM_INSTRUMENTS))
def test_an_objectives_threshold_is_a_bucket_of_the_browser_histogram(metric: str) -> None:
    instrument = RUM_INSTRUMENTS[metric]
    metrics = Metrics("1", rum_bounds={metric: [1234.0, 77.0]})
    expected = {1234.0 / instrument.divisor, 77.0 / instrument.divisor}
    assert expected <= _bounds(metrics, instrument.name)


@pytest.mark.parametrize(
    ("metric", "value", "seconds"),
    [("ttfb_ms", 250.0, 0.25), ("drilldown_clicks", 2.0, 2.0)],
)
def test_browser_measurements_are_shown_in_the_instruments_unit(
    metric: str, value: float, seconds: float
) -> None:
    metrics = Metrics("1")
    metrics.observe_rum(metric, [value])
    name = RUM_INSTRUMENTS[metric].name
    assert metrics.registry.get_sample_value(f"{name}_sum") == seconds
    assert metrics.registry.get_sample_value(f"{name}_count") == 1


def test_invented_methods_share_one_label() -> None:
    metrics = Metrics("1")
    for number in range(50):
        metrics.http_series("unmatched", f"METHOD{number}", 405).add(0.01)
    labels = {"method": "other", "route": "unmatched", "status": "405"}
    assert metrics.registry.get_sample_value("http_request_duration_seconds_count", labels) == 50


@pytest.mark.parametrize("trace_id", ["", "x" * 500, 'a"b', TRACE_ID.upper(), TRACE_ID + "0"])
def test_what_is_no_trace_id_is_no_exemplar(trace_id: str) -> None:
    metrics = Metrics("1")
    metrics.observe_rum("ttfb_ms", [100.0], [(100.0, trace_id)])
    assert "# {" not in _openmetrics(metrics)


def test_a_trace_id_becomes_the_exemplar_of_its_bucket() -> None:
    metrics = Metrics("1")
    metrics.observe_rum("ttfb_ms", [100.0], [(100.0, TRACE_ID)])
    lines = _openmetrics(metrics).splitlines()
    [line] = [line for line in lines if "# {" in line]
    assert line.startswith(
        f'rum_ttfb_seconds_bucket{{le="0.1"}} 1.0 # {{trace_id="{TRACE_ID}"}} 0.1'
    )


def test_objectives_events_are_counted_by_result() -> None:
    metrics = Metrics("1")
    metrics.count_slo_events("ttfb", good=3, bad=1)
    metrics.count_slo_events("ttfb", good=2)
    value = metrics.registry.get_sample_value
    assert value("slo_events_total", {"slo": "ttfb", "result": "good"}) == 5
    assert value("slo_events_total", {"slo": "ttfb", "result": "bad"}) == 1


def test_the_build_says_what_runs() -> None:
    [info] = [
        sample
        for family in Metrics("9.8.7").registry.collect()
        for sample in family.samples
        if sample.name == "execdash_build_info"
    ]
    assert info.labels["version"] == "9.8.7"
    assert info.value == 1


def test_browser_measurements_fall_into_the_same_buckets_as_one_by_one() -> None:
    source = random.Random(7)
    bounds = RUM_INSTRUMENTS["ttfb_ms"].bounds
    values = [source.lognormvariate(5, 2) for _ in range(2000)] + [b * 1000 for b in bounds]
    registry = CollectorRegistry()
    each = Histogram("each", "One by one.", buckets=bounds, registry=registry)
    for value in values:
        each.observe(value / 1000)
    metrics = Metrics("1")
    for start in range(0, len(values), 300):
        metrics.observe_rum("ttfb_ms", values[start : start + 300])
    for bound in (*map(str, bounds), "+Inf"):
        labels = {"le": bound}
        expected = registry.get_sample_value("each_bucket", labels)
        assert metrics.registry.get_sample_value("rum_ttfb_seconds_bucket", labels) == expected
    total = metrics.registry.get_sample_value("rum_ttfb_seconds_sum")
    assert total == pytest.approx(registry.get_sample_value("each_sum"))


def test_every_scrape_counts_all_requests_so_far() -> None:
    metrics = Metrics("1")
    labels = {"method": "GET", "route": "/api/alerts", "status": "200"}
    for number in range(1, 5001):
        metrics.http_series("/api/alerts", "GET", 200).add(0.25)
        if number % 500 == 0:
            value = metrics.registry.get_sample_value
            assert value("http_request_duration_seconds_count", labels) == number
            assert value("http_request_duration_seconds_sum", labels) == number * 0.25


def test_no_request_is_lost_between_a_scrape_and_others() -> None:
    metrics = Metrics("1")

    def answer() -> None:
        for _ in range(20_000):
            metrics.http_series("/api/alerts", "GET", 200).add(0.25)

    threads = [Thread(target=answer) for _ in range(3)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        list(metrics.registry.collect())
    labels = {"method": "GET", "route": "/api/alerts", "status": "200"}
    count = metrics.registry.get_sample_value("http_request_duration_seconds_count", labels)
    assert count == 60_000


def test_a_kept_trace_is_the_exemplar_of_its_requests_bucket() -> None:
    metrics = Metrics("1")
    metrics.http_series("/api/alerts", "GET", 200).add(0.06, TRACE_ID)
    [line] = [line for line in _openmetrics(metrics).splitlines() if "# {" in line]
    assert 'le="0.1"' in line
    assert f'# {{trace_id="{TRACE_ID}"}} 0.06' in line
