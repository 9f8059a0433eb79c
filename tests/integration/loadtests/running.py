"""Load runs and services with faults, each a process of its own."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from loadtests.driven import Driven, read
from slo.objectives import load_objectives
from tests.integration.slo.live import Service, running
from tests.ports import free_port
from tests.program import until_ready

ROOT = Path(__file__).parents[3]
BIN = Path(sys.executable).parent
SPEC = (ROOT / "slo" / "objectives.yaml").read_text()

# As it is: the real thresholds, and as many events as they need. Else nothing hangs on time.
AS_IT_IS = "LOAD_FAULTS_AS_IT_IS" in os.environ
SCALE = 1 if AS_IT_IS else 20


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(map(str, command)),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        cwd=ROOT,
        env={**os.environ, **environment},
    )


def locust(
    host: str, *options: str | Path, seconds: int, users: int = 8
) -> subprocess.CompletedProcess[str]:
    return run(
        *(BIN / "locust", "-f", ROOT / "loadtests" / "locustfile.py", "--headless"),
        *("--host", host, "--users", str(users), "--spawn-rate", "8"),
        # The machine that runs tests is busy: how late the generator is, is not the point here.
        *("--run-time", f"{seconds}s", "--warm-up", "0", "--max-lag-ms", "5000"),
        *("--think-scale", "0.05", "--open-seconds", "1"),
        *("--mix", "executive=6,kiosk=1,engineer=1", *options),
    )


def scaled_objectives(folder: Path, scale: int = SCALE) -> Path:
    """The objectives with their times multiplied, and few events enough to judge them."""
    path = folder / "scaled.yaml"
    text = SPEC
    if scale != 1:
        text = re.sub(
            r"(unit: ms\n.*?\n      value: )(\d+)",
            lambda found: f"{found[1]}{int(found[2]) * scale}",
            text,
            flags=re.DOTALL,
        )
        slos = text.split("  name: ")
        text = "  name: ".join([slos[0], *map(_with_few_events, slos[1:])])
    path.write_text(text)
    return path


def _with_few_events(slo: str) -> str:
    fewest = 200 if slo.startswith("api-errors") else 1  # one event in a hundred is an error
    return slo.replace(
        "    execdash/sources", f'    execdash/minimum-events: "{fewest}"\n    execdash/sources'
    )


def verdicts(result: Path, objectives: Path) -> dict[str, str]:
    return {
        one.objective.name: one.verdict
        for one in measured(result).judge(list(load_objectives(objectives)))
    }


def measured(result: Path) -> Driven:
    return read(result)


@contextmanager
def served(answer: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), answer) as server:
        server.daemon_threads, server.block_on_close = True, False
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def faulty_service(database: Path, *faults: str) -> Iterator[tuple[Service, int]]:
    """The service with faults in front of it, and its process id."""
    port = free_port()
    service = Service(f"http://127.0.0.1:{port}")
    command = [sys.executable, "-m", "tests.integration.loadtests.faulty_service"]
    pid_file = database.with_suffix(".pid")
    log = database.with_suffix(".log")
    with running(
        [*command, "--port", str(port), "--pid-file", str(pid_file), *faults],
        log,
        EXECDASH_DATABASE_URL=f"sqlite:///{database}",
        EXECDASH_STATE_DIR=str(database.parent / "state"),
        EXECDASH_FRONTEND_DIR=str(ROOT / "frontend" / "dist"),
    ) as process:
        until_ready(service.url, process, log)
        yield service, int(pid_file.read_text())
