"""Starts the real program as a process of its own, and waits until it answers."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar
from urllib.request import urlopen

EXECDASH = (sys.executable, "-m", "api.cli")
# Sets constants of the program, then runs it as it is.
_CHANGED = """
import json, sys
from importlib import import_module
for place, value in json.loads(sys.argv.pop(1)).items():
    module, _, name = place.rpartition(".")
    assert hasattr(import_module(module), name), place
    setattr(import_module(module), name, value)
from api.cli import main
main(sys.argv[1:])
"""
STARTUP_SECONDS = 60
T = TypeVar("T")


def execdash_with(constants: Mapping[str, float]) -> tuple[str, ...]:
    """The command ``execdash`` with other numbers in the places named, ``module.NAME``.

    So a test need not wait for as long as the service does.
    """
    return (sys.executable, "-c", _CHANGED, json.dumps(constants))


def start(
    command: Sequence[str], log: Path, environment: Mapping[str, str], output: Path | None = None
) -> subprocess.Popen[bytes]:
    """Start a process that writes to the end of ``log``; its stdout to ``output``, if given."""
    with log.open("ab") as errors, (output or log).open("ab") as lines:
        return subprocess.Popen(command, env=environment, stdout=lines, stderr=errors)


def settings(folder: Path, database_url: str | None = None) -> dict[str, str]:
    """This process's environment, and the settings of a service whose files lie in ``folder``."""
    return {
        **os.environ,
        "EXECDASH_DATABASE_URL": database_url or f"sqlite:///{folder / 'execdash.db'}",
        "EXECDASH_STATE_DIR": str(folder / "state"),
    }


def until(
    answer: Callable[[], T | None],
    what: str,
    seconds: float = STARTUP_SECONDS,
    pause_seconds: float = 0.1,
) -> T:
    """Ask until there is an answer; fail with ``what`` was waited for."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if found := answer():
                return found
        except OSError:  # nobody listens yet, or what does is not ready
            pass
        time.sleep(pause_seconds)
    raise AssertionError(f"waited {seconds:.0f} s in vain for {what}")


def until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return when the service at ``url`` is ready; fail with its log when it ends or never is."""

    def is_over_or_ready() -> bool:
        if process.poll() is not None:
            return True
        with urlopen(f"{url}/api/ready", timeout=2):
            return True

    try:
        until(is_over_or_ready, "the service")
        assert process.poll() is None, "the service ended"
    except AssertionError as error:
        process.kill()
        error.add_note(log.read_text(errors="replace")[-4000:])
        raise
