"""Long runs that are stopped in the middle leave nothing behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from loadtests import driven
from loadtests.service import Service
from tests.integration.loadtests.running import BIN, ROOT

# Each ends what it started as gently as it can, and one after the other.
ENOUGH_SECONDS = 90


@contextmanager
def running(*command: str | Path, **environment: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that is killed where the block fails."""
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}) as process:
        try:
            yield process
        finally:
            process.kill()


def started(process: "subprocess.Popen[bytes]", *words: str) -> list[psutil.Process]:
    """One descendant for each word, as soon as it stands in the command line of each."""
    until = time.monotonic() + ENOUGH_SECONDS
    while time.monotonic() < until:
        family = psutil.Process(process.pid).children(recursive=True)
        found = [next((one for one in family if word in line(one)), None) for word in words]
        if all(found):
            return [one for one in found if one]
        time.sleep(0.1)
    raise AssertionError([line(one) for one in family])


def line(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:  # it ended meanwhile
        return ""


def test_a_soak_that_is_stopped_takes_service_and_load_with_it(tmp_path: Path) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    options = ("--minutes", "5", "--users", "1", "--browsers", "0", "--folder", str(tmp_path))
    command = (sys.executable, "-m", "loadtests.soak", *options)
    with running(*command, TMPDIR=str(temporary)) as soak:
        family = started(soak, "locustfile.py", "serve --port")
        soak.terminate()
        assert soak.wait(ENOUGH_SECONDS) == 128 + signal.SIGTERM
    assert psutil.wait_procs(family, timeout=5)[1] == []
    assert [one.name for one in temporary.iterdir() if one.name.startswith("execdash")] == []


def test_a_postgresql_beside_a_command_ends_with_it() -> None:
    waiting = (sys.executable, "-c", "import time; time.sleep(600)")
    with running(ROOT / "scripts" / "with-postgresql", BIN, *waiting) as beside:
        (command,) = started(beside, "--postgresql postgresql://")
        with psycopg.connect(command.cmdline()[-1]) as connection:
            server = psutil.Process(connection.info.backend_pid).parent()
        assert server is not None
        beside.terminate()
        assert beside.wait(ENOUGH_SECONDS) == 128 + signal.SIGTERM
    assert psutil.wait_procs([command, server], timeout=5)[1] == []


def test_a_load_run_that_does_not_end_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driven, "OVERTIME_SECONDS", 1.0)
    hanging = tmp_path / "locust"
    hanging.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/given\nexec sleep 600\n')
    hanging.chmod(0o755)
    monkeypatch.setattr(driven, "LOCUST", hanging)
    service = Service("http://127.0.0.1:1", 0, "")
    begun = time.monotonic()
    with pytest.raises(driven.RunFailed, match="had not ended after 1 s"):
        driven.drive(service, tmp_path / "run.json", {"run-time": "0s", "chromium": ""})
    assert "--chromium" not in (tmp_path / "given").read_text()  # its environment may name it
    assert time.monotonic() - begun < 60
