"""The run in a real browser that the gate judges: ``python -m loadtests.browser``."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import ROOT, Service, chromium_path

VIEWS = 3


def browse(host: str, result: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(sys.executable, "-m", "loadtests.browser", "--host", host, "--result", str(result)),
            *("--views", str(VIEWS), "--warm-up", "1", "--chromium", chromium_path(), *options),
        ],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
        check=False,
    )


def test_each_view_leaves_its_samples_for_the_gate(demo_service: Service, tmp_path: Path) -> None:
    result = tmp_path / "browser.json"
    ended = browse(demo_service.url, result)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert f"{VIEWS} views drawn and switched, 0 not" in ended.stdout
    content = json.loads(result.read_text())
    samples = {each["metric"]: each["values"] for each in content["samples"]}
    assert {name: len(values) for name, values in samples.items()} == {
        "ttfb_ms": VIEWS,
        "render_total_ms": VIEWS,
        "switch_latency_ms": VIEWS,
    }
    assert all(0 < value < 30_000 for values in samples.values() for value in values)
    judged = subprocess.run(
        [
            *(sys.executable, "-m", "api.cli", "slo", "gate", "--source", "browser"),
            *("--result", str(result), "--objectives", "ttfb,render,switch"),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert judged.returncode == 3, judged.stdout + judged.stderr
    assert f"too few events ({VIEWS} of 200)" in judged.stdout


def test_a_dead_service_is_no_verdict(tmp_path: Path) -> None:
    result = tmp_path / "browser.json"
    ended = browse("http://127.0.0.1:9", result)
    assert ended.returncode == 3
    assert "no page was drawn" in ended.stderr
    assert json.loads(result.read_text())["valid"] is False


@pytest.mark.parametrize("views", ["0", "-1", "many"])
def test_a_wrong_number_of_views_is_refused_in_one_line(tmp_path: Path, views: str) -> None:
    ended = browse("http://127.0.0.1:9", tmp_path / "browser.json", "--views", views)
    assert ended.returncode == 2
    assert "is not a whole number from 1 to 100,000" in ended.stderr
    assert "Traceback" not in ended.stderr
