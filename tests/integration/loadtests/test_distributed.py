"""Locust's own master and workers, each a process, with a real browser among the users."""

import json
import shutil
import signal
import subprocess
import sys
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from tests.e2e.conftest import chromium_path
from tests.integration.loadtests.running import (
    BIN,
    ROOT,
    faulty_service,
    locust,
    measured,
    scaled_objectives,
    served,
    verdicts,
)
from tests.ports import free_port

USERS = 6
LOST = "a worker was lost, and its load with it"


def test_workers_measure_and_their_master_judges(company: Path, tmp_path: Path) -> None:
    """Only the master is told what to do; it tells its workers, the token included."""
    database, result, objectives = (
        tmp_path / "execdash.db",
        tmp_path / "run.json",
        scaled_objectives(tmp_path, scale=100),
    )
    shutil.copy(company, database)
    port = str(free_port())
    judged = "ttfb,render,switch,api-errors,api-latency"
    with faulty_service(database, "--token", "for-load-runs") as (service, _):
        workers = [_start_worker(port) for _ in range(2)]
        done = locust(
            service.url,
            *("--master", "--master-bind-port", port, "--expect-workers", "2"),
            *("--browsers", "1", "--browser-think-seconds", "0", "--chromium", chromium_path()),
            *(
                "--rum-per-second",
                "20",
                "--screens-per-second",
                "5",
                "--result",
                result,
                "--token",
                "for-load-runs",
            ),
            *("--judge", judged, "--objectives-file", objectives, "--until-judged"),
            seconds=60,
            users=USERS,
        )
        assert [worker.wait(30) for worker in workers] == [0, 0]
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    found = verdicts(result, objectives)
    assert {found[name] for name in judged.split(",")} == {"pass"}
    assert "0 none" in done.stdout  # none without an answer
    assert " x answered" not in done.stdout  # none refused for want of the token
    # A browser and two streams beside the people.
    assert max(reading["users"] for reading in measured(result).readings) >= USERS + 3


class Counts(BaseHTTPRequestHandler):
    """Answers everything, and ends a worker meanwhile."""

    answers = 0
    worker: "subprocess.Popen[bytes]"

    def do_GET(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        Counts.answers += 1
        if Counts.answers == 40:
            self.worker.kill()


def test_a_worker_that_is_lost_is_noticed(tmp_path: Path) -> None:
    port, result = str(free_port()), tmp_path / "run.json"
    workers = [_start_worker(port) for _ in range(2)]
    Counts.worker = workers[0]
    with served(Counts) as host:
        done = locust(
            host,
            *("--master", "--master-bind-port", port, "--expect-workers", "2"),
            *("--screens-per-second", "20", "--mix", "engineer=1", "--result", result),
            seconds=10,
            users=1,
        )
    assert [worker.wait(30) for worker in workers] == [-signal.SIGKILL, 0]
    assert json.loads(result.read_text())["invalid_reason"] == LOST, done.stdout[-3000:]
    assert done.returncode == 3


def _start_worker(port: str) -> "subprocess.Popen[bytes]":
    command = [
        *(str(BIN / "locust"), "-f", str(ROOT / "loadtests" / "locustfile.py")),
        *("--worker", "--master-host", "127.0.0.1", "--master-port", port),
    ]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=sys.stderr)
