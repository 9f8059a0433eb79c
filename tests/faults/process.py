"""The real program as a process of its own, and a client that speaks HTTP to it."""

import http.client
import json
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.ports import free_port
from tests.program import execdash_with, settings, start, until

START_SECONDS = 90
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: Any


class Service:
    """Runs ``execdash serve``, and starts it again when it ends, as compose.yaml does."""

    def __init__(
        self,
        database_url: str,
        folder: Path,
        patience: Mapping[str, float],
        environment: Mapping[str, str],
        port: int | None = None,
    ) -> None:
        self.port = port or free_port()
        # What lets in: sent with every request that does not say otherwise.
        self.headers: Mapping[str, str] = {}
        self.starts = 0
        self.exit_codes: list[int] = []
        self._environment = {**settings(folder, database_url), **environment}
        self._command = [*execdash_with(patience), "serve", "--port", str(self.port)]
        self._log = folder / "service.log"
        self._process: subprocess.Popen[bytes]
        self._stopping = False
        # Held while a process is started: what is being started can't be killed yet.
        self._starting = threading.Lock()
        self._keeper = threading.Thread(target=self._keep_running)

    def start(self) -> None:
        self._keeper.start()
        self.wait_until_it_listens()

    def stop(self) -> None:
        with self._starting:
            self._stopping = True
            self.kill()
        self._keeper.join()

    def kill(self) -> None:
        """Without warning."""
        self._process.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """As a container is stopped."""
        self._process.send_signal(signal.SIGTERM)

    @property
    def log(self) -> str:
        return self._log.read_text()

    @property
    def process_id(self) -> int:
        return self._process.pid

    @property
    def memory_bytes(self) -> int:
        """What of the process is in memory."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024

    def wait_until_it_listens(self) -> None:
        """Whether it is ready or not: what it needs may be away."""
        try:
            until(self._listens, "the service to listen", START_SECONDS, pause_seconds=0.02)
        except AssertionError as error:
            error.add_note(self.log[-2000:])
            raise

    def _listens(self) -> bool:
        self.connect(1).close()
        return True

    def connect(self, timeout: float = 60) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout)

    def send(self, events: list[dict[str, Any]], timeout: float = 60) -> Answer:
        """Send a batch over a connection of its own. Raises OSError, HTTPException."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            return exchange(connection, events, self.headers)
        finally:
            connection.close()

    def get(
        self, path: str, timeout: float = 60, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Ask for something else than events."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("GET", path, headers=self.headers if headers is None else headers)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def metric(self, name: str) -> float:
        """The sum of a metric's series."""
        lines = self.get("/metrics").body.decode().splitlines()
        found = [line for line in lines if line.partition("{")[0].partition(" ")[0] == name]
        return sum(float(line.split(" # ")[0].rpartition(" ")[2]) for line in found)

    def _keep_running(self) -> None:
        while True:
            with self._starting:
                if self._stopping:
                    return
                self._process = start(self._command, self._log, self._environment)
                self.starts += 1
            self.exit_codes.append(self._process.wait())


@contextmanager
def serving(
    database_url: str,
    folder: Path,
    patience: Mapping[str, float] | None = None,
    port: int | None = None,
    **environment: str,
) -> Iterator[Service]:
    """The service; gone at the end. ``environment`` are further settings.

    ``patience`` shortens constants of the program, named by their place, so that a test need not
    wait for as long as the service does.
    """
    service = Service(database_url, folder, patience or {}, environment, port)
    try:
        service.start()
        yield service
    finally:
        service.stop()


def exchange(
    connection: http.client.HTTPConnection,
    events: list[dict[str, Any]],
    headers: Mapping[str, str],
) -> Answer:
    body = json.dumps({"events": events}).encode()
    connection.request("POST", "/api/events", body, {**JSON, **headers})
    response = connection.getresponse()
    content = response.read()
    return Answer(response.status, response.headers, json.loads(content))
