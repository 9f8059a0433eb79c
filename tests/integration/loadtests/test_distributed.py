"""Locust's own master and workers, each a process, with a real browser among the users."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.e2e.conftest import chromium_path
from tests.integration.loadtests.running import (
    BIN,
    ROOT,
    faulty_service,
    locust,
    measured,
    scaled_objectives,
    verdicts,
)
from tests.ports import free_port

USERS = 6


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


def _start_worker(port: str) -> "subprocess.Popen[bytes]":
    command = [
        *(str(BIN / "locust"), "-f", str(ROOT / "loadtests" / "locustfile.py")),
        *("--worker", "--master-host", "127.0.0.1", "--master-port", port),
    ]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=sys.stderr)
