"""Every command of the README does what the README says."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.platform.running import Running, serving
from tests.ports import free_port
from tests.program import until_ready

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text()
BIN = Path(sys.executable).parent
BY_CI = {"make test", "make gate"}  # steps of .ci/run
BY_THE_MACHINE_OWNER = {"make loadtest"}  # it needs a quiet machine; test_load_run runs its parts
ORDERS = "order_id,customer_id,booked_on,amount,type\nO-1,C-1,2026-01-02,10.00,one_off\n"


def _commands() -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [" ".join(line.split("#")[0].split()) for line in lines]


COMMANDS = _commands()
DATA = [each for each in COMMANDS if each.startswith(("export ", "execdash db", "execdash import"))]
GATES = [each for each in COMMANDS if each.startswith("execdash slo")]
[LOCUST] = [each for each in COMMANDS if each.startswith("locust ")]
SERVERS = {"make run", "execdash serve"}


def _environment(folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "EXECDASH_DATABASE_URL": f"sqlite:///{folder / 'execdash.db'}",
        "EXECDASH_STATE_DIR": str(folder / "state"),
    }


def _run(command: str, folder: Path, running: Running) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        shlex.split(command.replace("http://127.0.0.1:8000", running.url)),
        capture_output=True,
        text=True,
        env=_environment(folder),
        cwd=ROOT,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("readme")
    with serving(folder, "--demo", EXECDASH_DATABASE_URL=f"sqlite:///{folder}/demo.db") as running:
        yield running


def test_no_command_is_left_out() -> None:
    tried = {*DATA, *GATES, LOCUST, *SERVERS, *BY_CI, *BY_THE_MACHINE_OWNER}
    assert set(COMMANDS) == tried


def test_the_first_screen_of_the_readme_has_the_two_commands() -> None:
    first_lines = README.splitlines()[:10]
    assert any(line.startswith("make run") for line in first_lines)
    assert any(line.startswith("make test") for line in first_lines)


def test_make_run_ends_in_a_dashboard_with_data(tmp_path: Path) -> None:
    port, output = free_port(), tmp_path / "output"
    with output.open("wb") as sink:
        process = subprocess.Popen(
            ["make", "run", f"PORT={port}"],
            cwd=ROOT,
            env=_environment(tmp_path),
            stdout=sink,
            stderr=sink,
            start_new_session=True,
        )
    running = Running(f"http://127.0.0.1:{port}", process, output, output)
    try:
        until_ready(running.url, process, output)
        assert b'id="root"' in running.get("/dashboard")
        assert b'"demo":true' in running.get("/api/executive-dashboard")
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=30)
    assert "Traceback" not in output.read_text()


def test_your_own_data_come_into_an_empty_database(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "orders.csv").write_text(ORDERS)
    port = free_port()
    script = "\n".join(["set -e", *DATA, f"exec execdash serve --port {port}"])
    output = tmp_path / "output"
    with output.open("wb") as sink:
        process = subprocess.Popen(
            ["sh", "-c", script],
            cwd=tmp_path,
            env=_environment(tmp_path),
            stdout=sink,
            stderr=sink,
        )
    running = Running(f"http://127.0.0.1:{port}", process, output, output)
    try:
        until_ready(running.url, process, output)
        assert b'"rows":1' in running.get("/api/executive-dashboard")
    finally:
        process.terminate()
        process.wait(timeout=30)
    assert (tmp_path / "var" / "mine.db").exists()


@pytest.mark.parametrize("command", GATES)
def test_the_commands_of_the_ci_owner_judge(command: str, tmp_path: Path, demo: Running) -> None:
    ended = _run(command, tmp_path, demo)
    # The demonstration data hold a bad release: the gate must see it.
    assert ended.returncode == (1 if "gate" in command else 0), ended.stdout + ended.stderr


def test_the_load_run_ends_with_a_verdict(tmp_path: Path, demo: Running) -> None:
    assert shutil.which("locust", path=str(BIN))
    ended = _run(LOCUST.replace("--run-time 1m", "--run-time 10s"), tmp_path, demo)
    assert "ttfb" in ended.stdout
    # Ten seconds are too short for a pass; a slow machine cannot make it a wrong use.
    assert ended.returncode in {0, 1, 3}, ended.stdout + ended.stderr
