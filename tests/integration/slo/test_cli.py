"""The commands as people type them."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from slo.objectives import load_objectives
from slo.rollup import Cell, Place, Rollup, fold, hour_number
from tests.integration.slo.commands import Execdash

ROOT = Path(__file__).parents[3]
SPEC = (ROOT / "slo" / "objectives.yaml").read_text()


def run_file(folder: Path, good: int, bad: int) -> Path:
    path = folder / "run.json"
    values = [1.0] * good + [999.0] * bad
    samples = [{"metric": "ttfb_ms", "event_type": "page_view", "values": values}]
    content = {"format": "execdash-samples/1", "source": "locust", "valid": True}
    path.write_text(json.dumps({**content, "samples": samples}))
    return path


def test_validate_lists_the_promises(execdash: Execdash) -> None:
    done = execdash("slo", "validate")
    assert done.returncode == 0, done.stderr
    assert "ttfb               95 % < 300 ms" in done.stdout
    assert "7 objectives, no mistakes" in done.stdout


def test_validate_names_a_mistake_with_file_and_line(execdash: Execdash, tmp_path: Path) -> None:
    wrong = tmp_path / "mine.yaml"
    wrong.write_text(SPEC.replace("      value: 300", "      vale: 300"))
    line = next(n for n, text in enumerate(wrong.read_text().splitlines(), 1) if "vale:" in text)
    done = execdash("slo", "validate", "--file", wrong)
    assert done.returncode == 2
    assert f"{wrong}:{line}: " in done.stderr
    assert "did you mean 'value'?" in done.stderr
    assert "Traceback" not in done.stderr


def test_validate_tells_programs_the_same(execdash: Execdash, tmp_path: Path) -> None:
    wrong = tmp_path / "mine.yaml"
    wrong.write_text(SPEC.replace("op: lt\n", "op: eq\n", 1))
    answer = json.loads(execdash("slo", "validate", "--json", "--file", wrong).stdout)
    assert answer["valid"] is False
    assert answer["problems"][0]["where"] == "spec.objectives.0.op"
    assert json.loads(execdash("slo", "validate", "--json").stdout)["valid"] is True


@pytest.mark.parametrize(
    ("good", "bad", "code", "word"),
    [(190, 10, 0, "pass"), (189, 11, 1, "FAIL"), (199, 0, 3, "too few events (199 of 200)")],
)
def test_the_gate_says_its_verdict_by_its_exit_code(
    execdash: Execdash, tmp_path: Path, good: int, bad: int, code: int, word: str
) -> None:
    result = run_file(tmp_path, good, bad)
    options = ("--source", "locust", "--result", result, "--objectives", "ttfb")
    done = execdash("slo", "gate", *options)
    assert done.returncode == code, done.stderr
    assert word in done.stdout
    answer = json.loads(execdash("slo", "gate", *options, "--json").stdout)
    assert answer["exit_code"] == code
    assert answer["objectives"][0]["good"] == good


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        (["--source", "locust"], 2, "--source locust needs --result FILE"),
        (["--source", "locust", "--result", "none.json"], 3, "none.json cannot be read"),
        (["--source", "http", "--url", "http://127.0.0.1:1"], 3, "does not answer"),
        (["--source", "http", "--url", "ftp://x"], 2, "is not an http or https address"),
        (["--source", "http", "--url", "http://[x"], 2, "is not an http or https address"),
        (["--source", "prometheus", "--url", "http://127.0.0.1:1"], 3, "does not answer"),
        (["--source", "prometheus", "--url", "x"], 2, "is not an http or https address"),
        (["--source", "rum", "--window", "31d"], 2, "allowed: 1d to 30d"),
        (["--source", "http", "--objectives", "tffb"], 2, "did you mean ttfb?"),
        (["--source", "http", "--objectives", ","], 2, "names none"),
        (["--source", "http", "--file", "none.yaml"], 2, "none.yaml:1: cannot be read"),
        (["--source", "guess"], 2, "'guess'"),
        ([], 2, "--source"),
    ],
)
def test_a_mistake_is_one_clear_line(
    execdash: Execdash, options: list[str], code: int, says: str
) -> None:
    done = execdash("slo", "gate", *options)
    assert done.returncode == code
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""


def test_rules_are_written_and_checked(execdash: Execdash, tmp_path: Path) -> None:
    done = execdash("slo", "rules", "--folder", tmp_path)
    assert done.returncode == 0, done.stderr
    assert execdash("slo", "rules", "--folder", tmp_path, "--check").returncode == 0
    (tmp_path / "slo.rules.yml").write_text("groups: []\n")
    stale = execdash("slo", "rules", "--folder", tmp_path, "--check")
    assert stale.returncode == 1
    assert "slo.rules.yml" in stale.stderr
    assert (tmp_path / "slo.rules.yml").read_text() == "groups: []\n"


@pytest.mark.parametrize("scale", ["0", "2", "-1", "1/0", "fast"])
def test_a_scale_that_makes_no_sense_is_refused(
    execdash: Execdash, tmp_path: Path, scale: str
) -> None:
    done = execdash("slo", "rules", "--folder", tmp_path, f"--window-scale={scale}")
    assert done.returncode == 2
    assert "such as 1/60" in done.stderr
    assert not list(tmp_path.iterdir())


def test_rules_that_cannot_be_written_are_one_clear_line(
    execdash: Execdash, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    done = execdash("slo", "rules", "--folder", tmp_path / "file")
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


def store(engine: Engine, hour: int, values: list[float]) -> None:
    objectives = Rollup(load_objectives())
    cells: dict[Place, Cell] = {}
    objectives.add(cells, Place("ttfb_ms", "page_view", hour), values)
    with engine.begin() as connection:
        fold(connection, cells, shard=0)


def test_the_report_counts_stored_events_of_its_window(
    execdash: Execdash, engine: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXECDASH_DATABASE_URL", database_url)
    now = hour_number(datetime.now(UTC))
    store(engine, now - 2, [100.0] * 300 + [900.0] * 3)
    store(engine, now - 24 * 7 - 2, [900.0] * 100)  # older than seven days

    week = json.loads(execdash("slo", "report", "--window", "7d", "--json").stdout)
    month = json.loads(execdash("slo", "report", "--json").stdout)
    gate = execdash("slo", "gate", "--source", "rum", "--window", "7d", "--objectives", "ttfb")

    assert [row["name"] for row in week["objectives"]] == [o.name for o in load_objectives()]
    first = week["objectives"][0]
    assert (first["good"], first["total"], first["verdict"]) == (300, 303, "pass")
    assert first["p95"] == pytest.approx(100, rel=0.01)
    assert (month["objectives"][0]["good"], month["objectives"][0]["verdict"]) == (300, "fail")
    assert week["exit_code"] == 3  # the other objectives have no events
    assert gate.returncode == 0
    assert "99.00 %" in gate.stdout


def test_a_database_that_cannot_be_read_is_unknown_and_never_a_pass(
    execdash: Execdash, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXECDASH_DATABASE_URL", f"sqlite:///{tmp_path / 'empty.db'}")
    done = execdash("slo", "gate", "--source", "rum")
    assert done.returncode == 3
    assert "the stored events cannot be read: no such table" in done.stderr
