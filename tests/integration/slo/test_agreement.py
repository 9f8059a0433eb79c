"""The same events through every judge: good and total are the same, event for event."""

import json
import sqlite3
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal
from urllib.error import HTTPError

import pytest
from prometheus_client.parser import text_string_to_metric_families

from api.slo_commands import StoredEvents
from slo.gate import judge_source
from slo.measurements import Source
from slo.objectives import load_objectives
from slo.sources.http import HttpSource
from slo.sources.samples import SamplesSource
from tests.integration.slo.live import (
    Prometheus,
    Service,
    running_prometheus,
    running_service,
)
from tests.program import until

OBJECTIVES = load_objectives()
Counts = dict[str, tuple[int, int]]  # good and total, by objective
Samples = Mapping[tuple[str, str], Sequence[float]]  # by metric and event type

# Around every threshold: just inside, on it, and just outside.
SENT: Samples = {
    ("ttfb_ms", "page_view"): [100.0] * 180 + [299.999] * 10 + [300.0] * 5 + [900.0] * 5,
    ("render_total_ms", "page_view"): [500.5] * 189 + [999.999] * 4 + [1000.0] * 3 + [5e3] * 4,
    ("switch_latency_ms", "switch_range_or_granularity"): [0.0] * 150 + [199.9999] + [200.0] * 60,
    ("alerts_poll_interval_ms", "alerts_poll"): (
        [30_000.0] * 100 + [25_000.0] * 45 + [35_000.0] * 45 + [24_999.999] * 4 + [35_000.001] * 3
    ),
    ("drilldown_clicks", "drilldown"): [1.0] * 500 + [2.0] * 500 + [3.0] * 7,
}
EXPECTED: Counts = {
    "ttfb": (190, 200),
    "render": (193, 200),
    "switch": (151, 211),
    "alerts-poll": (190, 197),
    "drilldown-clicks": (1000, 1007),
}
DASHBOARD_REQUESTS = 12
FAILED_REQUESTS = 3


def events() -> Iterator[dict[str, Any]]:
    """One event a sample, and none of those that objectives leave out."""
    for (metric, event_type), values in SENT.items():
        for value in values:
            yield {
                "event_id": str(uuid.uuid4()),
                "event_type": event_type,
                "meta": {metric: value},
            }


def visit(service: Service, database: Path) -> None:
    """Send the events, most of them twice, and ask for what is answered well and badly."""
    sent = list(events())
    for first in range(0, len(sent), 400):
        service.send(sent[first : first + 400])
    assert service.send(sent[:400])["duplicates"] == 400
    machine = {"event_type": "page_view", "meta": {"ttfb_ms": 9000.0, "synthetic": "true"}}
    service.send([machine] * 10)
    for _ in range(DASHBOARD_REQUESTS):
        service.get("/api/executive-dashboard")
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("ALTER TABLE alerts RENAME TO away")
        for _ in range(FAILED_REQUESTS):
            with pytest.raises(HTTPError, match="HTTP Error 50"):
                service.get("/api/alerts")
        connection.execute("ALTER TABLE away RENAME TO alerts")


def own_answers(service: Service) -> Samples:
    """Samples of the API that are counted like its histogram of requests, bucket by bucket."""
    statuses: list[float] = []
    within: Counter[str] = Counter()
    for family in text_string_to_metric_families(service.get("/metrics").decode()):
        if family.name != "http_request_duration_seconds":
            continue
        for sample in family.samples:
            labels, count = sample.labels, int(sample.value)
            if sample.name.endswith("_count") and labels["route"].startswith("/api/"):
                statuses += [float(labels["status"])] * count
            if (
                sample.name.endswith("_bucket")
                and labels["route"] == "/api/executive-dashboard"
                and labels["method"] == "GET"
            ):
                within[labels["le"]] += count
    fast, every = within["0.1"], within["+Inf"]
    return {
        ("api_status_code", "api_response"): statuses,
        ("api_latency_ms", "api_response"): [1.0] * fast + [999.0] * (every - fast),
    }


def counted(source: Source) -> Counts:
    """What a source counts of the objectives that it can judge."""
    return {
        one.objective.name: (one.good, one.total)
        for one in judge_source(OBJECTIVES, source)
        if one.verdict != "not_applicable"
    }


def counted_of_samples(
    folder: Path, name: Literal["locust", "browser"], samples: Samples
) -> Counts:
    sets = [
        {"metric": metric, "event_type": event_type, "values": list(values)}
        for (metric, event_type), values in samples.items()
    ]
    run = {"format": "execdash-samples/1", "source": name, "valid": True, "samples": sets}
    (folder / "run.json").write_text(json.dumps(run))
    return counted(SamplesSource(name, folder / "run.json"))


def counted_by_prometheus(prometheus: Prometheus) -> Counts:
    """Steps between raw samples, the first from 0: the counters began with this service."""
    steps = {
        (series["metric"]["slo"], series["metric"]["result"]): sum(
            int(after) - int(before)
            for before, after in pairwise(["0", *(count for _, count in series["values"])])
        )
        for series in prometheus.now("slo_events_total[1h]")
    }
    return {
        slo: (steps[slo, "good"], steps[slo, "good"] + steps[slo, "bad"])
        for slo in {slo for slo, _ in steps}
    }


def test_every_judge_counts_the_same_events(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXECDASH_DATABASE_URL", sqlite_url)
    with (
        running_service(sqlite_url, tmp_path) as service,
        running_prometheus(service, tmp_path, Fraction(1, 60)) as prometheus,
    ):
        visit(service, Path(sqlite_url.removeprefix("sqlite:///")))
        stored = StoredEvents(1)

        def all_are_folded() -> bool:
            folded = counted(stored)["api-errors"][1]
            return folded == len(own_answers(service)[("api_status_code", "api_response")])

        # The service counts its own answers every ten seconds.
        until(all_are_folded, "its own answers", 30)
        own = own_answers(service)
        statuses = own[("api_status_code", "api_response")]
        known = time.time()
        scraped = 'timestamp(up{job="execdash"})'
        until(lambda: (prometheus.value(scraped) or 0) > known, "a later scrape")

        rum = counted(stored)
        over_http = counted(HttpSource(service.url, 1))
        by_prometheus = counted_by_prometheus(prometheus)
        locust = counted_of_samples(tmp_path, "locust", {**SENT, **own})
        browser = counted_of_samples(tmp_path, "browser", SENT)

    assert {name: rum[name] for name in EXPECTED} == EXPECTED
    assert rum["api-errors"] == (len(statuses) - FAILED_REQUESTS, len(statuses))
    assert rum["api-latency"][1] == DASHBOARD_REQUESTS
    assert set(rum) == {objective.name for objective in OBJECTIVES}
    assert over_http == rum
    assert by_prometheus == rum
    assert locust == {name: rum[name] for name in able("locust")}
    assert browser == {name: rum[name] for name in able("browser")}


def able(source: str) -> list[str]:
    """The objectives that a source can judge."""
    return [objective.name for objective in OBJECTIVES if source in objective.sources]
