"""The files that a gate writes and reads."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from api.cli import main
from tests.answering import answering


@dataclass(frozen=True)
class Done:
    code: int
    stdout: str
    stderr: str


Gate = Callable[..., Done]


@pytest.fixture
def gate(capsys: pytest.CaptureFixture[str]) -> Gate:
    """Run ``execdash slo gate`` in this process: starting a new one each time takes seconds."""

    def run(*arguments: str | Path) -> Done:
        with pytest.raises(SystemExit) as ended:
            main(["slo", "gate", *map(str, arguments)])
        written = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Done(ended.value.code, written.out, written.err)

    return run


def run_file(path: Path, values: list[float], source: str = "locust") -> tuple[str | Path, ...]:
    """Samples of ``ttfb``, and the options that judge them."""
    samples = [{"metric": "ttfb_ms", "event_type": "page_view", "values": values}]
    content: dict[str, Any] = {"format": "execdash-samples/1", "source": source, "valid": True}
    path.write_text(json.dumps({**content, "samples": samples}))
    return ("--source", source, "--result", path, "--objectives", "ttfb")


def test_reports_say_what_the_exit_code_says(gate: Gate, tmp_path: Path) -> None:
    options = run_file(tmp_path / "run.json", [1.0] * 189 + [999.0] * 11)
    junit, markdown = tmp_path / "reports" / "gate.xml", tmp_path / "reports" / "gate.md"
    done = gate(*options, "--junit", junit, "--markdown", markdown)
    assert done.code == 1
    assert [one.tag for one in Xml.parse(junit).iter("failure")] == ["failure"]
    assert markdown.read_text().startswith("### Gate: locust: FAIL\n")
    assert sorted(path.name for path in (tmp_path / "reports").iterdir()) == ["gate.md", "gate.xml"]


def test_an_unreachable_source_is_an_error_in_the_reports(gate: Gate, tmp_path: Path) -> None:
    junit, markdown = tmp_path / "gate.xml", tmp_path / "gate.md"
    address = ("--source", "http", "--url", "http://127.0.0.1:1")
    done = gate(*address, "--junit", junit, "--markdown", markdown)
    assert done.code == 3
    assert "does not answer" in done.stderr
    assert len(list(Xml.parse(junit).iter("error"))) == 7
    assert "does not answer" in markdown.read_text()


def test_an_unreachable_source_is_told_to_programs_too(gate: Gate, tmp_path: Path) -> None:
    junit, markdown = tmp_path / "gate.xml", tmp_path / "gate.md"
    files = ("--junit", junit, "--markdown", markdown)
    done = gate("--source", "http", "--url", "http://127.0.0.1:1", "--json", *files)
    answer = json.loads(done.stdout)
    why = answer["error"].pop("why")
    assert answer == {
        "source": "http",
        "window": "28d",
        "exit_code": 3,
        "error": {
            "what": "the source could not be read",
            "where": "http://127.0.0.1:1/api/slo?window=28d",
        },
        "objectives": [],
    }
    assert why.startswith("does not answer: ")
    assert (done.code, done.stderr.count("\n")) == (3, 1)
    assert why in markdown.read_text()
    assert all(why in error.attrib["message"] for error in Xml.parse(junit).iter("error"))


def test_a_run_that_is_not_valid_is_told_to_programs_too(gate: Gate, tmp_path: Path) -> None:
    options = run_file(tmp_path / "run.json", [1.0] * 200)
    content = json.loads((tmp_path / "run.json").read_text())
    content |= {"valid": False, "invalid_reason": "the generator was late"}
    (tmp_path / "run.json").write_text(json.dumps(content))
    done = gate(*options, "--json")
    answer = json.loads(done.stdout)
    assert (done.code, answer["exit_code"], answer["window"]) == (3, 3, None)
    assert answer["error"]["where"] == str(tmp_path / "run.json")
    assert answer["error"]["why"] == "holds a run that is not valid: the generator was late"


def test_a_name_that_is_no_text_breaks_no_answer(gate: Gate, tmp_path: Path) -> None:
    away = tmp_path / os.fsdecode(b"\xff.json")
    done = gate("--source", "locust", "--result", away, "--json")
    assert (done.code, json.loads(done.stdout)["error"]["where"]) == (3, f"{tmp_path}/?.json")


def test_what_a_source_says_stays_in_its_line(gate: Gate, tmp_path: Path) -> None:
    warning = "\x1b[31m|x|<b>\nnext `line`"
    answer = {"status": "success", "data": {"resultType": "vector", "result": []}}
    markdown = tmp_path / "gate.md"
    with answering(json.dumps({**answer, "warnings": [warning]}).encode()) as server:
        address = ("--source", "prometheus", "--url", server.url)
        done = gate(*address, "--json", "--markdown", markdown)
    said = "answered in part: ?[31m|x|<b> next `line`"
    assert (done.code, json.loads(done.stdout)["error"]["why"]) == (3, said)
    assert done.stderr == f"execdash: {server.url} {said}\n"
    assert markdown.read_text().splitlines()[2].endswith(f"`` {server.url} {said} ``")


def test_reports_that_cannot_be_written_are_one_clear_line(gate: Gate, tmp_path: Path) -> None:
    options = run_file(tmp_path / "run.json", [1.0] * 200)
    done = gate(*options, "--junit", tmp_path / "run.json" / "gate.xml")
    assert done.code == 2
    assert "gate.xml cannot be written" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    same = gate(*options, "--junit", tmp_path / "same", "--markdown", tmp_path / "same")
    assert (same.code, (tmp_path / "same").exists()) == (2, False)


FAST = [40 + n / 10 for n in range(220)]
SLOW = [2 * value for value in FAST]


@pytest.fixture
def accepted(gate: Gate, tmp_path: Path) -> Path:
    """A baseline of a fast run."""
    options = run_file(tmp_path / "before.json", FAST)
    assert gate(*options, "--save", tmp_path / "baseline.json").code == 0
    return tmp_path / "baseline.json"


def test_a_run_like_its_baseline_passes(gate: Gate, tmp_path: Path, accepted: Path) -> None:
    options = run_file(tmp_path / "run.json", FAST)
    done = gate(*options, "--baseline", accepted)
    assert (done.code, "no worse than 220 of 220" in done.stdout) == (0, True)


def test_a_worse_run_fails_though_it_keeps_its_promise(
    gate: Gate, tmp_path: Path, accepted: Path
) -> None:
    options = run_file(tmp_path / "run.json", SLOW)
    junit = tmp_path / "gate.xml"
    done = gate(*options, "--baseline", accepted, "--json", "--junit", junit)
    answer = json.loads(done.stdout)
    (row,) = answer["objectives"]
    assert (done.code, answer["exit_code"], row["verdict"]) == (1, 1, "pass")
    assert row["baseline"]["is_worse"]
    assert row["baseline"]["p_counts"] == 1
    assert row["baseline"]["p_samples"] < 1e-9
    assert len(list(Xml.parse(junit).iter("failure"))) == 1
    assert gate(*options).code == 0


def test_a_worse_run_of_too_few_events_fails(gate: Gate, tmp_path: Path, accepted: Path) -> None:
    options = run_file(tmp_path / "run.json", SLOW[-100:])
    assert gate(*options).code == 3
    assert gate(*options, "--baseline", accepted).code == 1


@pytest.mark.parametrize(
    ("values", "code", "why"),
    [
        ([1.0] * 189 + [999.0] * 11, 1, "Exit code 1: at least one objective fails"),
        ([1.0] * 199, 3, "Exit code 3: too few events"),
        (SLOW, 1, "or is worse than its baseline"),
        (None, 3, "Exit code 3: the source could not be read"),
    ],
)
def test_a_run_that_does_not_pass_becomes_no_baseline(
    gate: Gate, tmp_path: Path, accepted: Path, values: list[float] | None, code: int, why: str
) -> None:
    options = run_file(tmp_path / "run.json", values or [])
    if values is None:
        (tmp_path / "run.json").unlink()
    before = accepted.read_text()
    for kept in (accepted, tmp_path / "new.json"):
        done = gate(*options, "--baseline", accepted, "--save", kept)
        assert done.code == code
        assert f"{kept} is not written: only a run that passes is a baseline. " in done.stderr
        assert why in done.stderr
    assert accepted.read_text() == before
    assert not (tmp_path / "new.json").exists()


def test_one_objective_of_too_few_events_keeps_a_run_from_being_a_baseline(
    gate: Gate, tmp_path: Path
) -> None:
    options = run_file(tmp_path / "run.json", FAST)
    save = ("--save", tmp_path / "new.json")
    assert gate(*options[:-2], "--objectives", "ttfb,alerts-poll", *save).code == 3
    assert not (tmp_path / "new.json").exists()
    assert gate(*options, *save).code == 0
    assert (tmp_path / "new.json").exists()


def test_what_was_printed_of_a_run_that_fails_is_no_baseline(gate: Gate, tmp_path: Path) -> None:
    options = run_file(tmp_path / "run.json", [999.0] * 220)
    (tmp_path / "printed.json").write_text(gate(*options, "--json").stdout)
    done = gate(*options, "--baseline", tmp_path / "printed.json")
    assert (done.code, "printed.json is of a run that ended with 1, no pass" in done.stderr) == (
        2,
        True,
    )


def test_what_the_gate_prints_for_programs_is_a_baseline_of_counts(
    gate: Gate, tmp_path: Path
) -> None:
    printed = gate(*run_file(tmp_path / "before.json", [1.0] * 220), "--json").stdout
    (tmp_path / "printed.json").write_text(printed)
    options = run_file(tmp_path / "run.json", [1.0] * 209 + [999.0] * 11)
    done = gate(*options, "--baseline", tmp_path / "printed.json", "--json")
    (row,) = json.loads(done.stdout)["objectives"]
    assert (done.code, row["verdict"]) == (1, "pass")  # exactly at the target, and it was not
    assert (row["baseline"]["p_samples"], row["baseline"]["is_worse"]) == (None, True)


def test_an_objective_that_is_new_is_not_compared(
    gate: Gate, tmp_path: Path, accepted: Path
) -> None:
    options = run_file(tmp_path / "run.json", FAST)[:-2]
    done = gate(*options, "--objectives", "ttfb,alerts-poll", "--baseline", accepted, "--json")
    rows = {row["name"]: row for row in json.loads(done.stdout)["objectives"]}
    assert rows["alerts-poll"]["baseline"] is None
    assert rows["ttfb"]["baseline"]["is_worse"] is False


def changed(baseline: Path, **changes: Any) -> None:
    content = json.loads(baseline.read_text())
    row = content["objectives"][0]
    for key, value in changes.items():
        (content if key in content else row)[key] = value
    baseline.write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"source": "browser"}, "is of browser, and this run of locust"),
        ({"threshold": {"op": "lt", "value": 400.0}}, "ttfb: the baseline counts by another"),
        ({"metric": "render_total_ms"}, "ttfb: the baseline counts by another"),
        ({"name": "render"}, "holds no events of the objectives that are judged here"),
        ({"good": 0, "total": 0}, "holds no events of the objectives that are judged here"),
        ({"good": 221}, "ttfb: 221 of 220 is not a count"),
        ({"samples": [1.0]}, "ttfb: 1 samples of 220 events"),
        ({"samples": [float("nan")] * 220}, "is not a baseline: objectives.0.samples.0"),
        ({"total": 10**400}, "is not a count"),
        ({"source": "a\nb\x1b"}, "is of a b?, and this run of locust"),
        ({"good": "many"}, "is not a baseline: objectives.0.good"),
        ({"objectives": None}, "is not a baseline: objectives"),
    ],
)
def test_an_unlike_baseline_is_one_clear_line(
    gate: Gate, tmp_path: Path, accepted: Path, changes: dict[str, Any], says: str
) -> None:
    changed(accepted, **changes)
    done = gate(*run_file(tmp_path / "run.json", FAST), "--baseline", accepted)
    assert done.code == 2
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


def test_a_baseline_of_another_window_is_refused(
    gate: Gate, tmp_path: Path, accepted: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXECDASH_DATABASE_URL", database_url)
    changed(accepted, source="rum", window="7d")
    baseline = ("--baseline", accepted)
    done = gate("--source", "rum", "--window", "28d", *baseline)
    assert (done.code, "is of 7d, and this run of 28d" in done.stderr) == (2, True)
    # No events in this run: nothing to compare, and no pass.
    assert gate("--source", "rum", "--window", "7d", *baseline).code == 3


def test_a_baseline_that_is_not_there_is_one_clear_line(gate: Gate, tmp_path: Path) -> None:
    options = run_file(tmp_path / "run.json", FAST)
    done = gate(*options, "--baseline", tmp_path / "none.json")
    assert (done.code, "none.json cannot be read: No such file" in done.stderr) == (2, True)


def test_a_report_into_a_pipe_leaves_the_pipe(gate: Gate, tmp_path: Path) -> None:
    options = run_file(tmp_path / "run.json", FAST)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert gate(*options, "--markdown", pipe).code == 0
        assert os.read(reader, 65536).startswith(b"### Gate: locust: pass")
    finally:
        os.close(reader)
    assert pipe.is_fifo()
