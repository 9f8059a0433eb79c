"""`make bench` still works: the whole of it, with as few events as it takes."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_benchmark_prints_its_table_and_keeps_every_figure(tmp_path: Path) -> None:
    result = tmp_path / "bench.json"
    options = ["--engines", "sqlite", "--rounds", "1", "--effort", "0.001", "--rows", "600", "6e3"]
    run = subprocess.run(
        [sys.executable, "-m", "tests.performance", *options, "--result", result],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    kept = json.loads(result.read_text())
    measures = [line["measure"] for line in kept["table"]]
    assert len(measures) == len(set(measures)) == 11  # three batch sizes twice, memory, four P95s
    assert all(measure in run.stdout for measure in measures)
    batches = kept["engines"]["sqlite"]["ingest"]["throughput"]
    for rates in (rate for batch in batches for rate in (batch["service"], batch["bare"])):
        assert len(rates) == 1
        assert rates[0] > 0
    assert [*tmp_path.iterdir()] == [result]  # its databases are gone


def test_the_benchmark_of_telemetry_prints_its_lines_and_keeps_every_figure(tmp_path: Path) -> None:
    result = tmp_path / "bench.json"
    options = ["--starts", "1", "--rounds", "1", "--effort", "0.01", "--result", str(result)]
    run = subprocess.run(
        [sys.executable, "-m", "tests.performance.telemetry", *options],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    kept = json.loads(result.read_text())
    assert kept["result"] == run.stdout.splitlines()
    assert len(kept["result"]) == 3  # what each of two routes loses, and one beside a bare one
    assert [*tmp_path.iterdir()] == [result]
