"""The service and a Prometheus that scrapes it, each a real process of its own."""

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from slo.objectives import load_objectives
from slo.rules import rules_file
from tests.ports import free_port
from tests.program import EXECDASH, settings, start, until, until_ready

PROMETHEUS = Path(__file__).parents[3] / "deploy" / "prometheus" / "prometheus.yml"
NOBODY = "127.0.0.1:1"
# Labels that tell the series of a panel apart; others are the same for all of them.
TELLING = ("method", "route", "status", "operation", "reason", "slo", "tier", "result")


@contextmanager
def running(command: list[str], log: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that ends with the block; when the block fails, its log is shown."""
    process = start(command, log, {**os.environ, **environment})
    try:
        yield process
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
def running_service(
    database_url: str,
    folder: Path,
    *options: str,
    program: Sequence[str] = EXECDASH,
    **environment: str,
) -> Iterator[Service]:
    """``execdash serve`` on a free port, ready."""
    port = free_port()
    command = [*program, "serve", "--port", str(port), *options]
    service, log = Service(f"http://127.0.0.1:{port}"), folder / "service.log"
    with running(command, log, **settings(folder, database_url) | environment) as process:
        until_ready(service.url, process, log)
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

    def last(self, query: str, seconds: int) -> dict[str, float]:
        """The last number of each series in the last seconds, by its labels' values."""
        end = time.time()
        found = self.ask(
            "query_range", query=query, start=f"{end - seconds}", end=f"{end}", step="1"
        )
        return {
            " ".join(value for name, value in one["metric"].items() if name in TELLING): float(
                one["values"][-1][1]
            )
            for one in found
        }


@contextmanager
def running_prometheus(
    service: Service, folder: Path, scale: Fraction, alertmanager: str | None = None
) -> Iterator[Prometheus]:
    """Prometheus as it is shipped, but faster: a scrape a second, rules at a shortened time."""
    port = free_port()
    (folder / "slo.rules.yml").write_text(rules_file(load_objectives(), scale=scale))
    (folder / "prometheus-token").write_text("execdash_token")
    config = PROMETHEUS.read_text()
    for shipped, here in {
        "/run/secrets/": f"{folder}/",
        "_interval: 15s": "_interval: 1s",
        "scrape_timeout: 10s": "scrape_timeout: 1s",
        "execdash:8000": service.url.removeprefix("http://"),
        "127.0.0.1:9090": f"127.0.0.1:{port}",
        "alertmanager:9093": alertmanager or NOBODY,
        "tempo:3200": NOBODY,
    }.items():
        assert shipped in config
        config = config.replace(shipped, here)
    (folder / "prometheus.yml").write_text(config)
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


@contextmanager
def running_alertmanager(config: str, folder: Path) -> Iterator[str]:
    """Alertmanager with a configuration whose waiting times are shortened; gives its address."""
    config = re.sub(r"group_wait: [1-9]\w+", "group_wait: 1s", config)
    config = re.sub(r"group_interval: \w+", "group_interval: 2s", config)
    (folder / "alertmanager.yml").write_text(config)
    address = f"127.0.0.1:{free_port()}"
    command = [
        "prometheus-alertmanager",
        f"--config.file={folder / 'alertmanager.yml'}",
        f"--storage.path={folder / 'alertmanager'}",
        f"--web.listen-address={address}",
        "--cluster.listen-address=",
    ]
    with running(command, folder / "alertmanager.log"):
        until(lambda: _answers(f"http://{address}/-/ready"), "Alertmanager")
        yield address


def _answers(url: str) -> bool:
    with urlopen(url, timeout=5) as response:
        return bool(response.status == 200)
