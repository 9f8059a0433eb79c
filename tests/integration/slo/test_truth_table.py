"""One truth table for every judge of the file: the same events, the same verdict and exit code.

Each source is the real one: rows of a database, a service's answer, files, a Prometheus.
"""

import dataclasses
import json
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
from sqlalchemy import Engine

from api.cli import main
from api.storage.engine import open_engine
from slo.evaluation import Verdict
from slo.gate import exit_code, judge_source
from slo.maintenance import Maintenance
from slo.measurements import Measurement, Source
from slo.objective import Objective
from slo.objectives import load_objectives
from slo.rollup import Cell, Place, Rollup, daily, fold, hour_number, hourly, hourly_counts
from slo.sources.http import HttpSource
from slo.sources.prometheus import PrometheusSource
from slo.sources.rum import measure
from slo.sources.samples import SamplesSource
from tests.integration.slo.live import Prometheus, running, running_service
from tests.ports import free_port
from tests.program import until

TTFB = next(objective for objective in load_objectives() if objective.name == "ttfb")
SCRAPE_SECONDS = 5
SCRAPES = 1200  # so many that what increase() adds at the edges is less than half an event
DAY_SECONDS = 86_400


@dataclass(frozen=True)
class Case:
    name: str
    values: list[float]
    good: int
    verdict: Verdict
    code: int


# At least 95 % of at least 200 events under 300 ms.
CASES = [
    Case("no-data", [], 0, "insufficient_data", 3),
    Case("one-event-short", [1.0] * 199, 199, "insufficient_data", 3),
    Case("just-enough", [1.0] * 200, 200, "pass", 0),
    Case("all-bad", [999.0] * 200, 0, "fail", 1),
    Case("at-the-threshold", [300.0] * 200, 0, "fail", 1),
    Case("under-the-threshold", [299.999] * 200, 200, "pass", 0),
    Case("at-the-target", [1.0] * 190 + [999.0] * 10, 190, "pass", 0),
    Case("below-the-target", [1.0] * 189 + [999.0] * 11, 189, "fail", 1),
]
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def expect(case: Case, source: Source, objective: Objective = TTFB) -> None:
    (judged,) = judge_source([objective], source)
    assert (judged.good, judged.total) == (case.good, len(case.values))
    assert judged.verdict == case.verdict
    assert exit_code([judged]) == case.code


@each_case
@pytest.mark.parametrize("name", ["locust", "browser"])
def test_a_run_file_is_judged_by_the_table(
    tmp_path: Path, case: Case, name: Literal["locust", "browser"]
) -> None:
    samples = [{"metric": "ttfb_ms", "event_type": "page_view", "values": case.values}]
    run = {"format": "execdash-samples/1", "source": name, "valid": True, "samples": samples}
    (tmp_path / "run.json").write_text(json.dumps(run))
    expect(case, SamplesSource(name, tmp_path / "run.json"))


class StoredRows:
    """The rollup of an open database."""

    name = "rum"

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def measure(self, objectives: object) -> dict[str, Measurement]:
        with self._engine.connect() as connection:
            return {TTFB.name: measure(connection, TTFB, datetime.now(UTC), 7)}


def replace_rows(engine: Engine, values: list[float]) -> None:
    """The case's events, and as many bad ones that are older than the window."""
    now = hour_number(datetime.now(UTC))
    cells: dict[Place, Cell] = {}
    rollup = Rollup([TTFB])
    if values:
        rollup.add(cells, Place("ttfb_ms", "page_view", now - 1), values)
    rollup.add(cells, Place("ttfb_ms", "page_view", now - 24 * 7 - 1), [999.0] * 300)
    with engine.begin() as connection:
        connection.execute(hourly.delete())
        connection.execute(daily.delete())
        connection.execute(hourly_counts.delete())
        fold(connection, cells, shard=0)


def test_stored_rows_are_judged_by_the_table(engine: Engine) -> None:
    for case in CASES:
        replace_rows(engine, case.values)
        expect(case, StoredRows(engine))


def test_a_running_services_answer_is_judged_by_the_table(sqlite_url: str, tmp_path: Path) -> None:
    engine = open_engine(sqlite_url)
    with running_service(sqlite_url, tmp_path) as service:
        for case in CASES:
            replace_rows(engine, case.values)
            expect(case, HttpSource(service.url, 7))
    engine.dispose()


def counter(slo: str, result: str, events: int, before: int = 0) -> list[str]:
    """A counter that was scraped for 100 minutes, and once more eight days ago."""
    end = time.time() - SCRAPE_SECONDS
    first = end - SCRAPE_SECONDS * (SCRAPES - 1)
    points = [
        (first + SCRAPE_SECONDS * n, before + events * n // (SCRAPES - 1)) for n in range(SCRAPES)
    ]
    if before:
        long_ago = first - 8 * DAY_SECONDS
        points = [(long_ago - SCRAPE_SECONDS, 0), (long_ago, before), *points]
    series = f'slo_events_total{{slo="{slo}",result="{result}",instance="a"}}'
    return [f"{series} {count} {at:.3f}" for at, count in points]


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A Prometheus with a pair of counters for each case that has events, under the case's name."""
    folder = tmp_path_factory.mktemp("prometheus")
    lines = ["# TYPE slo_events counter"]
    for case in CASES[1:]:
        lines += counter(case.name, "good", case.good)
        lines += counter(case.name, "bad", len(case.values) - case.good, before=300)
    lines += counter("nothing-yet", "good", 0) + counter("nothing-yet", "bad", 0)
    lines += counter("half-a-pair", "good", 500)
    lines += counter("ttfb", "good", 190) + counter("ttfb", "bad", 10)
    (folder / "events.txt").write_text("\n".join([*lines, "# EOF\n"]))
    command = ["promtool", "tsdb", "create-blocks-from", "openmetrics", "events.txt", "tsdb"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=60)
    (folder / "prometheus.yml").write_text("{}")
    address = f"127.0.0.1:{free_port()}"
    command = [
        "prometheus",
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address={address}",
        "--log.level=warn",
    ]
    found = Prometheus(f"http://{address}")
    with running(command, folder / "prometheus.log"):
        until(lambda: found.now("vector(1)"), "Prometheus")
        yield found


@each_case
def test_a_prometheus_is_judged_by_the_table(prometheus: Prometheus, case: Case) -> None:
    expect(case, PrometheusSource(prometheus.url, 7), dataclasses.replace(TTFB, name=case.name))


@pytest.mark.parametrize("name", ["nothing-yet", "half-a-pair", "never-heard-of"])
def test_counters_that_tell_nothing_are_no_events(prometheus: Prometheus, name: str) -> None:
    objective = dataclasses.replace(TTFB, name=name)
    expect(CASES[0], PrometheusSource(prometheus.url, 7), objective)


def test_a_prometheus_counts_its_window_only(prometheus: Prometheus) -> None:
    """The 300 bad events of eight days ago, seen by a window of nine days."""
    objective = dataclasses.replace(TTFB, name="just-enough")
    (judged,) = judge_source([objective], PrometheusSource(prometheus.url, 9))
    assert judged.total >= 500
    assert judged.verdict == "fail"


def test_a_prometheus_is_asked_for_the_stretches_between_maintenance(
    prometheus: Prometheus,
) -> None:
    """The counter rises steadily for 100 minutes, so a share of time is a share of events."""
    now = datetime.now(UTC)
    hour = now.replace(minute=0, second=0, microsecond=0)
    window = Maintenance(hour - timedelta(hours=1), hour, "why")
    objective = dataclasses.replace(TTFB, maintenance=(window,))
    (judged,) = judge_source([objective], PrometheusSource(prometheus.url, 7))
    outside = 200 * (1 - timedelta(minutes=60) / timedelta(minutes=100))
    if now - hour > timedelta(minutes=40):  # the counter began within the window
        outside = 200 * ((now - hour) / timedelta(minutes=100))
    assert judged.total == pytest.approx(outside, abs=3)
    assert [each.maintenance for each in judged.left_out] == [window]


def test_the_command_asks_a_prometheus(
    prometheus: Prometheus, capsys: pytest.CaptureFixture[str]
) -> None:
    named = ["--url", prometheus.url, "--window", "7d", "--objectives", "ttfb"]
    with pytest.raises(SystemExit) as ended:
        main(["slo", "gate", "--source", "prometheus", *named, "--json"])
    (row,) = json.loads(capsys.readouterr().out)["objectives"]
    assert (ended.value.code, row["good"], row["total"], row["p95"]) == (0, 190, 200, None)
