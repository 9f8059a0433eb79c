"""The service and a Prometheus that scrapes it, each a real process of its own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from slo.objectives import load_objectives
from slo.rules import rules_file
from tests.ports import free_port

STARTUP_SECONDS = 60
T = TypeVar("T")


def until(answer: Callable[[], T | None], what: str, seconds: float = STARTUP_SECONDS) -> T:
    """Ask until there is an answer; fail with ``what`` was waited for."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if found := answer():
                return found
        except (URLError, OSError):
            pass
        time.sleep(0.2)
    raise AssertionError(f"waited {seconds:.0f} s in vain for {what}")


@contextmanager
def running(command: list[str], log: Path, **environment: str) -> Iterator[None]:
    """A process that ends with the block; when the block fails, its log is shown."""
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=sink, stderr=sink
        )
    try:
        yield
    except AssertionError as error:
        error.add_note(log.read_text(errors="replace")[-3000:])
        raise
    finally:
        process.terminate()
        process.wait(timeout=30)


@dataclass(frozen=True)
class Service:
    url: str

    def get(self, path: str) -> bytes:
        with urlopen(self.url + path, timeout=10) as response:
            body: bytes = response.read()
            return body

    def send(self, events: list[dict[str, Any]]) -> dict[str, Any]:
        body = json.dumps({"events": events}).encode()
        request = Request(
            f"{self.url}/api/events", body, {"Content-Type": "application/json"}, method="POST"
        )
        with urlopen(request, timeout=10) as response:
            answer: dict[str, Any] = json.load(response)
            return answer


@contextmanager
def running_service(database_url: str, folder: Path, **environment: str) -> Iterator[Service]:
    """``execdash serve`` on a free port, ready."""
    port = free_port()
    command = [sys.executable, "-m", "api.cli", "serve", "--port", str(port)]
    service = Service(f"http://127.0.0.1:{port}")
    with running(
        command,
        folder / "service.log",
        EXECDASH_DATABASE_URL=database_url,
        EXECDASH_STATE_DIR=str(folder / "state"),
        **environment,
    ):
        until(lambda: service.get("/api/ready"), "the service")
        yield service


@dataclass(frozen=True)
class Prometheus:
    url: str

    def ask(self, path: str, **parameters: str) -> list[dict[str, Any]]:
        with urlopen(f"{self.url}/api/v1/{path}?{urlencode(parameters)}", timeout=10) as response:
            result: list[dict[str, Any]] = json.load(response)["data"]["result"]
            return result

    def now(self, query: str) -> list[dict[str, Any]]:
        return self.ask("query", query=query)

    def value(self, query: str) -> float | None:
        found = self.now(query)
        return float(found[0]["value"][1]) if found else None

    def lately(self, query: str, seconds: int) -> list[list[float]]:
        """The numbers of each series in the last seconds, one a second; NaN left out."""
        end = time.time()
        found = self.ask(
            "query_range", query=query, start=f"{end - seconds}", end=f"{end}", step="1"
        )
        series = [[float(text) for _, text in one["values"] if text != "NaN"] for one in found]
        return [numbers for numbers in series if numbers]


@contextmanager
def running_prometheus(
    service: Service, folder: Path, scale: Fraction, alertmanager: str | None = None
) -> Iterator[Prometheus]:
    """Prometheus scraping every second, with the generated rules at a shortened time."""
    (folder / "slo.rules.yml").write_text(rules_file(load_objectives(), scale=scale))
    (folder / "prometheus.yml").write_text(
        f"""
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [slo.rules.yml]
alerting: {{alertmanagers: [{{static_configs: [{{targets: [{alertmanager or ""}]}}]}}]}}
scrape_configs:
  - job_name: execdash
    static_configs: [{{targets: ["{service.url.removeprefix("http://")}"]}}]
"""
    )
    port = free_port()
    command = [
        "prometheus",
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--enable-feature=exemplar-storage",
        "--rules.alert.resend-delay=1s",
        "--log.level=warn",
    ]
    prometheus = Prometheus(f"http://127.0.0.1:{port}")
    with running(command, folder / "prometheus.log"):
        until(lambda: prometheus.now('up{job="execdash"} == 1'), "the first scrape")
        yield prometheus
