"""The run in a real browser that the gate judges: ``python -m loadtests.browser``."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import ROOT, Service, chromium_path, start_service
from tests.integration.platform.running import execdash
from tests.ports import free_port

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


@pytest.mark.parametrize("text", ["two words", "b\u00e9"])
def test_a_token_that_is_none_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "token").write_text(text)
    ended = browse("http://127.0.0.1:9", tmp_path / "b.json", "--token-file", f"{tmp_path}/token")
    assert ended.returncode == 2
    assert "ASCII" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_gate_judges_a_service_with_accounts_by_a_token(tmp_path: Path) -> None:
    port = free_port()
    accounts = {"EXECDASH_ACCOUNTS": "true", "EXECDASH_PUBLIC_URL": f"http://127.0.0.1:{port}"}
    service = start_service(tmp_path, "--demo", port=port, settings=accounts)
    try:
        database = {"EXECDASH_DATABASE_URL": f"sqlite:///{service.database}"}
        made = execdash("token", "create", "--role", "executive", **database)
        token = made.stdout.strip()
        let_in = gate(service, tmp_path / "in.json", token)
        assert f"{VIEWS} views drawn and switched, 0 not" in let_in.stdout, let_in.stderr
        assert f"too few events ({VIEWS} of 200)" in let_in.stdout
        assert token not in let_in.stdout + let_in.stderr + (tmp_path / "in.json").read_text()
    finally:
        service.stop()


def gate(service: Service, result: Path, token: str) -> subprocess.CompletedProcess[str]:
    """What ``make gate`` runs against a service elsewhere."""
    return subprocess.run(
        [
            *("scripts/with-demo-service", Path(sys.executable).parent),
            *("scripts/gate", Path(sys.executable).parent, result),
            *("--views", str(VIEWS), "--warm-up", "1"),
        ],
        env={
            **os.environ,
            "EXECDASH_HOST": service.url,
            "EXECDASH_TOKEN": token,
            "CHROMIUM_PATH": chromium_path(),
        },
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
        check=False,
    )
