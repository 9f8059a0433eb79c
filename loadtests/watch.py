"""What the service says of itself during a run, read from its own metrics page.

Each reading is a plain dictionary; a number that is not known is absent.
"""

import re
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from itertools import pairwise
from pathlib import Path

import gevent
import psutil

from loadtests import databases

BEAT_SECONDS = 2.0
TIMEOUT_SECONDS = 10.0
LABELS = r'\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\}'  # a value may hold braces, as a route does
LINE = re.compile(rf"^([a-z_]+)(?:{LABELS})? ([0-9.e+-]+)", re.MULTILINE)
# Sums over all labels: what the page calls it, and what a reading does.
SUMMED = {
    "process_cpu_seconds_total": "cpu_seconds",
    "process_resident_memory_bytes": "memory_bytes",
    "process_open_fds": "open_files",
    "db_statement_duration_seconds_sum": "database_seconds",
    "ingest_commit_duration_seconds_sum": "commit_seconds",
    "ingest_queue_events": "queued_events",
    "http_requests_in_flight": "requests_in_flight",
    "http_request_duration_seconds_count": "requests",
}
Reading = dict[str, float]


@dataclass
class Watch:
    """Readings of one run. ``process_id`` and ``database`` are known when the service is local.

    ``database`` is an SQLite file, or a PostgreSQL server's address.
    """

    host: str
    token: str = ""
    process_id: int = 0
    database: str = ""
    readings: list[Reading] = field(default_factory=list)

    def run(self, seconds: Callable[[], float], users: Callable[[], int]) -> None:
        """Read on and on. ``seconds`` tells the time of the run, ``users`` how many there are."""
        psutil.cpu_percent()  # the first answer is of no time at all
        while True:
            gevent.sleep(BEAT_SECONDS)
            self.readings.append({"at_seconds": seconds(), "users": users(), **self.read()})

    def read(self) -> Reading:
        """One reading, as far as the service answers."""
        found = {"machine_busy": psutil.cpu_percent() / 100, "generator_cpu_seconds": _own_cpu()}
        return {**found, **self._metrics(), **self._process(), **databases.read(self.database)}

    def _metrics(self) -> Reading:
        request = urllib.request.Request(f"{self.host}/metrics")  # noqa: S310 - the host is the user's own choice
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - as above
                return parse(answer.read().decode())
        except (OSError, ValueError, HTTPException):
            return {}

    def _process(self) -> Reading:
        if not self.process_id:
            return {}
        try:
            files = list(Path(f"/proc/{self.process_id}/fd").iterdir())
        except OSError:  # it has ended, or there is no /proc
            return {}
        return {"connections": sum(map(_is_socket, files))}


def _is_socket(file: Path) -> bool:
    try:
        return str(file.readlink()).startswith("socket:")
    except OSError:  # closed meanwhile
        return False


def parse(page: str) -> Reading:
    """The numbers of a metrics page that a reading keeps, each summed over its labels."""
    found: Reading = {}
    for name, value in LINE.findall(page):
        if kept := SUMMED.get(name):
            found[kept] = found.get(kept, 0.0) + float(value)
    return found


def rate(readings: list[Reading], counter: str) -> list[tuple[float, float]]:
    """How fast a counter grew, at each reading, as pairs of time and rate a second."""
    known = [one for one in readings if counter in one]
    return [
        (now["at_seconds"], (now[counter] - before[counter]) / passed)
        for before, now in pairwise(known)
        if (passed := now["at_seconds"] - before["at_seconds"]) > 0
    ]


def levels(readings: list[Reading], gauge: str) -> list[tuple[float, float]]:
    """The values of a gauge, as pairs of time and value."""
    return [(one["at_seconds"], one[gauge]) for one in readings if gauge in one]


def growth(readings: list[Mapping[str, float]] | list[Reading], counter: str) -> float | None:
    """How much a counter grew a second over all readings; None when it is not known."""
    known = [one for one in readings if counter in one]
    if len(known) < 2:
        return None
    first, last = known[0], known[-1]
    return (last[counter] - first[counter]) / (last["at_seconds"] - first["at_seconds"])


def _own_cpu() -> float:
    return time.process_time()
