"""A fresh service with demo data, for runs that compare and search."""

import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from loadtests.databases import is_address

HERE = Path(__file__).parents[1]
STARTUP_SECONDS = 120
SHUTDOWN_SECONDS = 30
DATABASE = "execdash_loadtest"


class ServiceFailed(Exception):
    """The service did not start. The message ends with what it logged."""


@dataclass(frozen=True)
class Service:
    """One that runs. ``database`` is its SQLite file, or its address on PostgreSQL."""

    url: str
    process_id: int
    database: str


def end_on_sigterm() -> None:
    """Let SIGTERM end this program as an error does, so that all it started ends too."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


@contextmanager
def fresh_service(checkout: Path = HERE, postgresql: str = "") -> Iterator[Service]:
    """Start what is built in ``checkout``, on a new database with demo data.

    ``postgresql`` is the address of a server on which a database may be made and dropped; without
    it the database is an SQLite file. Raises ServiceFailed.
    """
    with tempfile.TemporaryDirectory(prefix="execdash-load-") as name:
        folder = Path(name)
        database = _new_database(postgresql) or str(folder / "execdash.db")
        address = database if is_address(database) else f"sqlite:///{database}"
        program = [
            "env",
            f"EXECDASH_DATABASE_URL={address}",
            f"EXECDASH_STATE_DIR={folder / 'state'}",
            "EXECDASH_EVENT_REQUESTS_PER_SECOND=100000",  # a load run is one address
            str(checkout / ".venv" / "bin" / "execdash"),
        ]
        log = folder / "service.log"
        _run([*program, "demo"], checkout)
        port = _free_port()
        with log.open("wb") as sink:
            process = subprocess.Popen(  # noqa: S603 - our own program
                [*program, "serve", "--port", str(port)], cwd=checkout, stdout=sink, stderr=sink
            )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_until_ready(url, process, log)
            yield Service(url, process.pid, database)
        finally:
            end(process)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _new_database(server: str) -> str:
    if not server:
        return ""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {DATABASE}")
    scheme, _, rest = server.partition("://")
    place, _, options = rest.partition("?")
    return f"{scheme}://{place.rpartition('/')[0]}/{DATABASE}" + (f"?{options}" if options else "")


def end(process: "subprocess.Popen[Any]") -> None:
    """Let a process end as it does when it is asked to, or kill it when that takes too long."""
    process.terminate()
    try:
        process.wait(SHUTDOWN_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _run(command: list[str], checkout: Path) -> None:
    done = subprocess.run(  # noqa: S603 - our own program
        command, cwd=checkout, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ServiceFailed(f"{' '.join(command)} failed: {done.stderr[-2000:]}")


def _wait_until_ready(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + STARTUP_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/api/ready", timeout=5):  # noqa: S310 - our own service
                return
        except (OSError, urllib.error.URLError):
            time.sleep(0.2)
    raise ServiceFailed(f"the service did not start: {log.read_text(errors='replace')[-2000:]}")
