"""``execdash`` in a process of its own."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from tests import program
from tests.ports import free_port

SHUTDOWN_SECONDS = 30


def execdash(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end; nothing but ``environment`` is set for it."""
    return subprocess.run(
        [*program.EXECDASH, *arguments],
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
    command = [*program.EXECDASH, "serve", "--port", str(port), *options]
    given = _environment({"EXECDASH_STATE_DIR": str(folder / "state"), **environment})
    process = program.start(command, log, given, output)
    running = Running(f"http://127.0.0.1:{port}", process, output, log)
    try:
        program.until_ready(running.url, process, log)
        yield running
    finally:
        process.kill()
        process.wait()


def _environment(given: dict[str, str]) -> dict[str, str]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**inherited, "NO_COLOR": "1", "COLUMNS": "100", **given}
