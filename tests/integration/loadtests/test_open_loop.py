"""A service that stands still for two seconds, and what a run makes of it."""

import os
import shutil
import signal
import threading
import time
from pathlib import Path

from loadtests.results import nearest_rank
from tests.integration.loadtests.running import faulty_service, locust, measured

SECONDS = 8
RATE = 100
STALL_SECONDS = 2.0
SETTLING_SECONDS = 6.0  # Locust takes its time to start, too


def test_a_stall_is_in_the_percentile_as_open_loop_arithmetic_predicts(
    company: Path, tmp_path: Path
) -> None:
    """Arrivals do not wait, so of a stall of S in T seconds a share (S - x) / T waits over x."""
    database, result = tmp_path / "execdash.db", tmp_path / "run.json"
    shutil.copy(company, database)
    stalled: list[float] = []
    with faulty_service(database) as (service, process_id):
        stalling = threading.Thread(target=_stall, args=(process_id, stalled))
        stalling.start()
        locust(
            service.url,
            *("--screens-per-second", f"{RATE}", "--mix", "engineer=1", "--result", result),
            seconds=SECONDS,
            users=1,
        )
        stalling.join()
    waits = sorted(measured(result).samples[("api_latency_ms", "api_response")].values)
    (stall_seconds,) = stalled
    predicted_ms = (stall_seconds - 0.05 * SECONDS) * 1000
    p95 = nearest_rank(waits, 95)
    print(f"P95 {p95:.0f} ms, predicted {predicted_ms:.0f} ms, of {len(waits)} arrivals")
    # Answering all that came meanwhile takes its time, too, so more is possible. Less comes from
    # chance alone: a quarter less is over four standard deviations of a Poisson process.
    # Users who wait for their answer would measure the stall once each: a P95 of some ms.
    assert p95 >= 0.75 * predicted_ms
    assert nearest_rank(waits, 50) < predicted_ms
    assert waits[-1] >= 0.9 * stall_seconds * 1000


def _stall(process_id: int, stalled: list[float]) -> None:
    time.sleep(SETTLING_SECONDS)
    begun = time.monotonic()
    os.kill(process_id, signal.SIGSTOP)
    try:
        time.sleep(STALL_SECONDS)
    finally:
        os.kill(process_id, signal.SIGCONT)
        stalled.append(time.monotonic() - begun)
