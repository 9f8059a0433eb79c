"""``execdash`` in a process of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tests.ports import free_port

STARTUP_SECONDS = 60
SHUTDOWN_SECONDS = 30


def execdash(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end; nothing but ``environment`` is set for it."""
    return subprocess.run(
        [sys.executable, "-m", "api.cli", *arguments],
        capture_output=True,
        text=True,
        env=_environment(environment),
        timeout=120,
        check=False,
    )


@dataclass
class Running:
    """A service that answers at ``url``; ``output`` and ``log`` are its stdout and stderr."""

    url: str
    process: subprocess.Popen[bytes]
    output: Path
    log: Path

    def get(self, path: str) -> bytes:
        with urlopen(f"{self.url}{path}", timeout=10) as answer:
            body: bytes = answer.read()
            return body

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal, wait for the end, give the exit code."""
        self.process.send_signal(number)
        return self.process.wait(SHUTDOWN_SECONDS)


@contextmanager
def serving(folder: Path, *options: str, **environment: str) -> Iterator[Running]:
    """A service that is up when the block starts, and gone when it ends."""
    port = free_port()
    output, log = folder / f"{port}.out", folder / f"{port}.log"
    with output.open("wb") as out, log.open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "api.cli", "serve", "--port", str(port), *options],
            stdout=out,
            stderr=err,
            env=_environment({"EXECDASH_STATE_DIR": str(folder / "state"), **environment}),
        )
    running = Running(f"http://127.0.0.1:{port}", process, output, log)
    try:
        wait_until_up(running)
        yield running
    finally:
        process.kill()
        process.wait()


def _environment(given: dict[str, str]) -> dict[str, str]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**inherited, "NO_COLOR": "1", "COLUMNS": "100", **given}


def wait_until_up(running: Running) -> None:
    """Return when the service is ready. Raises AssertionError with its log when it never is."""
    deadline = time.monotonic() + STARTUP_SECONDS
    while time.monotonic() < deadline and running.process.poll() is None:
        try:
            running.get("/api/ready")
        except (URLError, OSError):
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"the service did not start:\n{running.log.read_text()[-4000:]}")
