"""Prometheus' rule, Alertmanager's route, the service's webhook, the executives' screen."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from tests.integration.slo.live import (
    Service,
    running,
    running_prometheus,
    running_service,
    until,
)
from tests.ports import free_port

CONFIG = Path(__file__).parents[3] / "deploy" / "alertmanager" / "alertmanager.yml"
SLOW_VIEWS = 20


@contextmanager
def running_alertmanager(service: Service, folder: Path) -> Iterator[str]:
    """Alertmanager with the kept configuration; only addresses and waiting times differ."""
    config = CONFIG.read_text()
    assert "http://execdash:8000/" in config
    config = config.replace("http://execdash:8000/", f"{service.url}/")
    config = config.replace("/run/secrets/", f"{folder}/")
    (folder / "alertmanager-token").write_text("execdash_token")
    config = config.replace("group_wait: 10s", "group_wait: 1s")
    config = config.replace("group_interval: 5m", "group_interval: 2s")
    (folder / "alertmanager.yml").write_text(config)
    port = free_port()
    command = [
        "prometheus-alertmanager",
        f"--config.file={folder / 'alertmanager.yml'}",
        f"--storage.path={folder / 'alertmanager'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    with running(command, folder / "alertmanager.log"):
        until(lambda: _answers(f"http://127.0.0.1:{port}/-/ready"), "Alertmanager")
        yield f"127.0.0.1:{port}"


def _answers(url: str) -> bool:
    with urlopen(url, timeout=5) as response:
        return bool(response.status == 200)


def slow_view() -> dict[str, Any]:
    return {"event_type": "page_view", "meta": {"ttfb_ms": 2000.0}}


def test_slow_pages_reach_the_screen_as_an_alert_and_it_resolves(
    sqlite_url: str, tmp_path: Path
) -> None:
    with (
        running_service(sqlite_url, tmp_path) as service,
        running_alertmanager(service, tmp_path) as alertmanager,
        running_prometheus(service, tmp_path, Fraction(1, 60), alertmanager) as prometheus,
    ):

        def burning() -> list[dict[str, Any]]:
            alerts = json.loads(service.get("/api/alerts"))["alerts"]
            return [alert for alert in alerts if alert["type"] == "slo_burn"]

        assert burning() == []
        for _ in range(4):  # each view is slow: every tier burns
            service.send([slow_view() for _ in range(SLOW_VIEWS)])
            time.sleep(1)
        firing = 'ALERTS{alertname="SloErrorBudgetBurn", alertstate="firing", slo="ttfb"}'
        until(lambda: prometheus.now(firing), "the rule to fire")
        (alert,) = until(burning, "the alert on the screen")  # one, though every tier burns
        assert alert["severity"] == "high"
        assert alert["title"].startswith("Time to first byte")
        # Good views only: the short windows are clean again, the fastest first.
        good = {"event_type": "page_view", "meta": {"ttfb_ms": 50.0}}

        def calm() -> bool:
            service.send([good] * SLOW_VIEWS)
            time.sleep(1)
            return not burning()

        until(calm, "the alert to resolve", seconds=90)
