"""The files that a gate writes and reads."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from api.cli import main


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


def test_reports_that_cannot_be_written_are_one_clear_line(gate: Gate, tmp_path: Path) -> None:
    options = run_file(tmp_path / "run.json", [1.0] * 200)
    done = gate(*options, "--junit", tmp_path / "run.json" / "gate.xml")
    assert done.code == 2
    assert "gate.xml cannot be written" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    same = gate(*options, "--junit", tmp_path / "same", "--markdown", tmp_path / "same")
    assert (same.code, (tmp_path / "same").exists()) == (2, False)
