"""The scripts around load runs, with every program that they call replaced."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from tests.integration.loadtests.running import ROOT

TOOLS = ROOT / "scripts" / "with-test-tools"
COMPARE = yaml.safe_load((ROOT / ".github" / "workflows" / "loadtest-compare.yml").read_text())
(STEP,) = [one for one in COMPARE["jobs"]["compare"]["steps"] if one.get("name") == "Compare"]
# As Ubuntu: there is no chromium.
APT_GET = """
echo "apt-get $*" >> "$LOG"
[ "$1" = install ] || exit 0
for package; do :; done
[ "$package" != chromium ] || exit 100
for made in "$package" promtool; do cp "$BIN/ls" "$BIN/$made"; done
"""
SUDO = 'echo "sudo $*" >> "$LOG"; [ "$1" = -n ] && shift; exec "$@"'


def replaced(folder: Path, programs: Mapping[str, str], *real: str) -> Path:
    """A folder that holds these programs and a few real ones."""
    folder.mkdir()
    for name, script in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    for name in real:
        path = shutil.which(name)
        assert path
        (folder / name).symlink_to(path)
    return folder


def with_test_tools(tmp_path: Path, user: int, **programs: str) -> tuple[int, str]:
    """The exit code, and what was called."""
    own = {"id": f"echo {user}", "apt-get": APT_GET, "ls": "exit 0"}
    path = replaced(tmp_path / "bin", {**own, **programs}, "sh", "dirname", "env", "cp", "true")
    log = tmp_path / "log"
    log.touch()
    given = {"PATH": str(path), "BIN": str(path), "LOG": str(log), "CHROMIUM_PATH": "/a/browser"}
    done = subprocess.run([TOOLS, "ls"], env=given, check=False, timeout=60, capture_output=True)
    return done.returncode, log.read_text()


def test_root_installs_what_there_is_without_sudo(tmp_path: Path) -> None:
    code, called = with_test_tools(tmp_path, 0, sudo=SUDO)
    assert code == 0
    assert "apt-get install -qq -y --no-install-recommends prometheus-alertmanager" in called
    assert "sudo" not in called


def test_another_user_installs_through_sudo(tmp_path: Path) -> None:
    code, called = with_test_tools(tmp_path, 1000, sudo=SUDO)
    assert code == 0
    assert "sudo -n apt-get update -qq" in called


@pytest.mark.parametrize("sudo", [{}, {"sudo": "exit 1"}])
def test_who_may_not_install_is_told_what_is_missing(
    tmp_path: Path, sudo: Mapping[str, str]
) -> None:
    assert with_test_tools(tmp_path, 1000, **sudo) == (1, "")


@pytest.mark.parametrize(("status", "red"), [(0, 0), (1, 1), (2, 2), (3, 0)])
def test_a_pull_request_is_red_only_when_it_is_worse_or_nothing_ran(
    tmp_path: Path, status: int, red: int
) -> None:
    programs = {"make": "exit 0", "git": "exit 1"}
    path = replaced(tmp_path / "bin", programs)
    tools = replaced(tmp_path / "scripts", {"with-test-tools": f'echo "$@"; exit {status}'})
    summary = tmp_path / "summary"
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEP["run"]],
        cwd=tools.parent,
        env={
            "PATH": f"{path}:{os.environ['PATH']}",
            "BEFORE": "",
            "BASE": "abc",
            "GITHUB_STEP_SUMMARY": str(summary),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == red
    assert ("::warning::" in done.stdout) == (status == 3)
    assert "-m loadtests.compare --before abc --keep" in done.stdout


def test_the_composed_run_goes_on_until_all_that_it_judges_is_known() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    pairs = [one[2:].partition("=") for one in services["loadtest-master"]["command"]]
    given = {name.replace("-", "_"): value or True for name, _, value in pairs}
    assert given["until_judged"]
    assert {"render", "switch", "api-latency"} <= {*str(given["judge"]).split(",")}
    assert int(str(given["browsers"])) > 0
    # One master, which the workers join: a second one would wait for them for ever.
    assert "run --rm loadtest-master" not in (ROOT / "docs" / "loadtests.md").read_text()


@pytest.mark.parametrize(
    ("runs", "verdicts", "code", "measured"),
    [
        ([0], [0], 0, 1),
        ([1], [1], 1, 1),
        ([3, 0], [3, 0], 0, 2),  # nothing was known of the first
        ([3, 3, 0], [3, 3, 0], 3, 2),
        ([2], [], 2, 1),  # and left no file
    ],
)
def test_the_load_gate_measures_again_only_where_too_little_is_known(
    tmp_path: Path, runs: list[int], verdicts: list[int], code: int, measured: int
) -> None:
    result = tmp_path / "load.json"
    answer = 'read -r code rest < "$0.codes"; sed -i 1d "$0.codes"; '
    asked = f"slo gate --source locust --result {result} --objectives ttfb,api-latency"
    programs = {
        "locust": f'{answer}echo run >> "$0.log"; [ "$code" = 2 ] || echo 1 > {result}; exit $code',
        "execdash": f'{answer}[ "$*" = "{asked}" ] || exit 9; exit $code',
    }
    path = replaced(tmp_path / "bin", programs)
    for name, codes in (("locust", runs), ("execdash", verdicts)):
        (path / f"{name}.codes").write_text("".join(f"{each}\n" for each in codes))
    result.write_text("of an earlier run")
    done = subprocess.run(
        [ROOT / "scripts" / "gate-load", path, result],
        env={"PATH": os.environ["PATH"], "EXECDASH_HOST": "http://127.0.0.1:1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, (path / "locust.log").read_text().count("run")) == (code, measured)
    assert ("measured once more" in done.stderr) == (measured == 2)
