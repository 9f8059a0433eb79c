"""The reusable workflow: GitHub's schema accepts it, and its script does what it says.

The project calls it for its own browser and load results.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
WORKFLOWS = ROOT / ".github" / "workflows"
FILE = WORKFLOWS / "slo-gate.yml"
OWN = WORKFLOWS / "objectives.yml"
BIN = Path(sys.executable).parent
WORKFLOW: dict[Any, Any] = yaml.safe_load(FILE.read_text())
STEPS: list[dict[str, Any]] = WORKFLOW["jobs"]["gate"]["steps"]
JUDGE = next(step for step in STEPS if step.get("name") == "Judge")
INPUTS: dict[str, Any] = WORKFLOW[True]["workflow_call"]["inputs"]  # YAML 1.1 reads `on` as true


@pytest.mark.parametrize(
    "schema", ["vendor.github-workflows", "custom.github-workflows-require-timeout"]
)
def test_the_schema_accepts_the_workflows(schema: str) -> None:
    files = map(str, (FILE, OWN))
    command = [str(BIN / "check-jsonschema"), "--builtin-schema", schema, *files]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def judge(folder: Path, **inputs: str) -> tuple[int, str, str]:
    """Run the step's own script as GitHub does: exit code, summary, standard error."""
    values = {name: given.get("default", "") for name, given in INPUTS.items()} | inputs
    environment = {
        name: values[expression.removeprefix("${{ inputs.").removesuffix(" }}")]
        for name, expression in JUDGE["env"].items()
        if expression != "${{ secrets.token }}"
    }
    summary = folder / "summary"
    summary.touch()
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", JUDGE["run"]],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={
            **os.environ,
            **environment,
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "GITHUB_STEP_SUMMARY": str(summary),
        },
    )
    return done.returncode, summary.read_text(), done.stderr


def keep_run(folder: Path, good: int, bad: int) -> None:
    values = [1.0] * good + [999.0] * bad
    samples = [{"metric": "ttfb_ms", "event_type": "page_view", "values": values}]
    run = {"format": "execdash-samples/1", "source": "locust", "valid": True, "samples": samples}
    (folder / "slo-gate-run").mkdir(exist_ok=True)
    (folder / "slo-gate-run" / "run.json").write_text(json.dumps(run))


@pytest.mark.parametrize(
    ("good", "bad", "code", "word"),
    [(189, 11, 1, "FAIL"), (199, 0, 3, "not known")],
)
def test_the_verdict_is_the_exit_code_and_stands_in_the_summary(
    tmp_path: Path, good: int, bad: int, code: int, word: str
) -> None:
    keep_run(tmp_path, good, bad)
    status, summary, _ = judge(tmp_path, source="locust", result="run.json", objectives="ttfb")
    assert status == code
    assert summary.startswith(f"### Gate: locust: {word}\n")
    kept = sorted(path.name for path in (tmp_path / "slo-gate").iterdir())
    assert kept == ["junit.xml", "summary.md"]  # and no baseline


def test_what_a_run_kept_is_the_baseline_of_the_next(tmp_path: Path) -> None:
    named = {"source": "locust", "result": "run.json", "objectives": "ttfb"}
    keep_run(tmp_path, 400, 0)
    assert judge(tmp_path, **named)[0] == 0
    (tmp_path / "slo-gate" / "baseline.json").rename(tmp_path / "accepted.json")
    keep_run(tmp_path, 380, 20)
    status, summary, _ = judge(tmp_path, **named, baseline="accepted.json")
    assert (status, "WORSE than 400 of 400" in summary) == (1, True)


def test_wrong_use_is_seen_in_the_summary(tmp_path: Path) -> None:
    status, summary, error = judge(tmp_path, source="$(touch pwned)")
    assert status == 2
    assert summary.startswith("The gate did not run:")
    assert "$(touch pwned)" in error
    assert not (tmp_path / "pwned").exists()


def test_inputs_reach_a_script_as_variables_only() -> None:
    for step in STEPS:
        assert "${{" not in step.get("run", "")


@pytest.mark.parametrize(("job", "script"), [("browser", "gate"), ("load", "loadtest")])
def test_the_gate_judges_what_the_project_measures_of_itself(job: str, script: str) -> None:
    jobs = yaml.safe_load(OWN.read_text())["jobs"]
    given = jobs[job]["with"]
    assert WORKFLOWS / Path(jobs[job]["uses"]).name == FILE
    assert given.keys() <= INPUTS.keys()
    assert given["artifact"] == f"run-{script}"
    assert script in jobs["measure"]["strategy"]["matrix"]["run"]
    measured = (ROOT / "scripts" / script).read_text()
    assert f" {given['objectives']}" in measured
    [line] = [
        line
        for line in (ROOT / "Makefile").read_text().splitlines()
        if f"scripts/{script} $(BIN)" in line
    ]
    assert f"test-results/{given['result']}" in line
