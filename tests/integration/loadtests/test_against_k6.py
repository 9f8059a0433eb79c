"""The same arrivals, measured by this load test and by k6 in one run: the same percentiles.

Every fifth screen is slow by a known time, so that a busy machine does not decide;
``make loadtest-faults`` compares on the service as it is.
"""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from loadtests.results import nearest_rank
from tests.integration.loadtests.running import AS_IT_IS, BIN, faulty_service, locust, measured

K6 = BIN / "k6"
SECONDS = 60 if AS_IT_IS else 6
RATE = 40
SLOW_MS = 1000
SCRIPT = f"""
import http from "k6/http"
export const options = {{
  discardResponseBodies: true,
  summaryTrendStats: ["count", "p(50)", "p(95)"],
  scenarios: {{ screens: {{
    executor: "constant-arrival-rate", rate: {RATE}, timeUnit: "1s", duration: "{SECONDS}s",
    preAllocatedVUs: 200, maxVUs: 400,
  }} }},
}}
export default () => http.get(`${{__ENV.HOST}}/api/executive-dashboard`)
"""


def test_both_find_the_same_percentiles(company: Path, tmp_path: Path) -> None:
    database, result, script = (tmp_path / name for name in ("execdash.db", "run.json", "k6.js"))
    shutil.copy(company, database)
    script.write_text(SCRIPT)
    faults = () if AS_IT_IS else ("--every-fifth-ms", f"{SLOW_MS}")
    with faulty_service(database, *faults) as (service, _):
        other = _start_k6(script, service.url)
        locust(
            service.url,
            *("--screens-per-second", f"{RATE}", "--mix", "engineer=1", "--result", result),
            seconds=SECONDS,
            users=1,
        )
        _, said = other.communicate(timeout=60)
    assert other.returncode == 0, said
    theirs = json.loads((tmp_path / "k6.json").read_text())["metrics"]["http_req_duration"]
    ours = sorted(measured(result).samples[("api_latency_ms", "api_response")].values)
    found = {
        percent: (nearest_rank(ours, percent), theirs[f"p({percent})"]) for percent in (50, 95)
    }
    print(f"ours and k6's: {found}, of {len(ours)} and {RATE * SECONDS} requests")
    for mine, its in found.values():
        assert mine == pytest.approx(its, rel=0.1, abs=5)
    if not AS_IT_IS:
        assert found[50][1] < SLOW_MS <= found[95][1]


def _start_k6(script: Path, host: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [
            *(str(K6), "run", "--no-usage-report", "--quiet", "--env", f"HOST={host}"),
            *("--summary-export", str(script.with_name("k6.json")), str(script)),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
