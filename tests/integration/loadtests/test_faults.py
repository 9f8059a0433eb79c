"""A service that is slow or wrong on purpose fails the objective that it breaks, and no other.

``make loadtest-faults`` does it with the real thresholds and real numbers of events; in between,
thresholds and faults are twenty times as long, so that a busy machine does not decide.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.conftest import chromium_path
from tests.integration.loadtests.running import (
    AS_IT_IS,
    SCALE,
    faulty_service,
    locust,
    scaled_objectives,
    verdicts,
)

ALL = ("ttfb", "render", "switch", "api-errors", "api-latency")
PROTOCOL = ("ttfb", "api-errors", "api-latency")


@dataclass(frozen=True)
class Case:
    name: str
    faults: tuple[str, ...]
    fails: str | None
    browsers: int = 0


HEALTHY = Case("healthy", (), None, browsers=1)  # the distributed run is one, too
CASES = [
    *([HEALTHY] if AS_IT_IS else []),
    Case("250 ms on the dashboard", ("--screen-ms", f"{250 * SCALE}"), "api-latency"),
    Case("300 ms on switch", ("--switch-ms", f"{300 * SCALE}"), "switch", browsers=1),
    Case("1 % errors", ("--error-share", "0.01"), "api-errors"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_right_objective_fails_and_the_others_pass(
    case: Case, company: Path, tmp_path: Path
) -> None:
    database = tmp_path / "execdash.db"
    shutil.copy(company, database)
    objectives, result = scaled_objectives(tmp_path), tmp_path / "run.json"
    judged = ALL if case.browsers or AS_IT_IS else PROTOCOL
    with faulty_service(database, *case.faults) as (service, _):
        done = locust(
            service.url,
            *("--judge", ",".join(judged), "--until-judged", "--objectives-file", objectives),
            *("--result", result, "--screens-per-second", "10", "--rum-per-second", "40"),
            *("--browsers", f"{1 if AS_IT_IS else case.browsers}", "--browser-think-seconds", "0"),
            *("--chromium", chromium_path()),
            seconds=480 if AS_IT_IS else 60,
        )
    found = verdicts(result, objectives)
    expected = {name: "fail" if name == case.fails else "pass" for name in judged}
    assert {name: found[name] for name in judged} == expected, done.stdout[-6000:]
    assert done.returncode == (1 if case.fails else 0), done.stdout[-6000:]
