"""Short real runs of Locust against the real service."""

import json
import re
import shutil
import socket
import sqlite3
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.loadtests.running import BIN, SPEC, locust, run
from tests.integration.slo.live import Service, running_service


@dataclass(frozen=True)
class Loaded:
    service: Service
    database: Path


def judged_by(folder: Path, name: str, ttfb_below_ms: float) -> Path:
    """The objectives with another limit for the first byte, and few events enough to judge it."""
    text = SPEC.replace("      value: 300\n", f"      value: {ttfb_below_ms}\n")
    text = text.replace(
        "    execdash/sources", '    execdash/minimum-events: "8"\n    execdash/sources', 1
    )
    path = folder / name
    path.write_text(text)
    return path


@pytest.fixture(scope="module")
def loaded(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    """The service with 9,994 orders and a built page."""
    folder = tmp_path_factory.mktemp("loaded")
    database = folder / "execdash.db"
    shutil.copy(company, database)
    pages = folder / "pages"
    (pages / "assets").mkdir(parents=True)
    (pages / "assets" / "app-1.js").write_text("// nothing to do")
    (pages / "index.html").write_text(
        "<!doctype html><html lang=en><head><title>Executive Dashboard</title>"
        '<script type="module" src="/assets/app-1.js"></script></head>'
        "<body><!--first-data--></body></html>"
    )
    with running_service(f"sqlite:///{database}", folder, EXECDASH_FRONTEND_DIR=str(pages)) as up:
        yield Loaded(up, database)


def test_a_run_judges_itself_and_leaves_a_file_for_the_gate(loaded: Loaded, tmp_path: Path) -> None:
    lenient = judged_by(tmp_path, "lenient.yaml", 25_000)
    strict = judged_by(tmp_path, "strict.yaml", 0.001)
    result = tmp_path / "run.json"

    done = locust(
        loaded.service.url,
        *("--judge", "ttfb", "--objectives-file", lenient, "--result", result),
        *("--junit", tmp_path / "run.xml", "--markdown", tmp_path / "run.md"),
        *("--report", tmp_path / "run.html", "--importers", "1", "--rum-per-second", "20"),
        *("--open-seconds", "0.2"),  # views enough in each second for a chart
        seconds=7,
    )

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "95 % < 25,000 ms" in done.stdout
    assert "Shown and not judged: render, switch, alerts-poll, api-errors" in done.stdout
    _every_path_was_driven(done.stderr + done.stdout)
    _the_file_holds_unrounded_samples(result)
    assert '<testcase classname="slo" name="ttfb"' in (tmp_path / "run.xml").read_text()
    assert (tmp_path / "run.md").read_text().startswith("### Load run: pass\n")
    _the_report_needs_nothing_else((tmp_path / "run.html").read_text())
    _events_are_stored_and_left_out_of_the_objectives(loaded)

    gate = ("slo", "gate", "--source", "locust", "--result", result, "--objectives", "ttfb")
    assert run(BIN / "execdash", *gate, "--file", lenient).returncode == 0
    assert run(BIN / "execdash", *gate, "--file", strict).returncode == 1
    enough = json.loads(result.read_text())["samples"]
    views = next(one for one in enough if one["metric"] == "ttfb_ms")["values"]
    assert run(BIN / "execdash", *gate).returncode == (3 if len(views) < 200 else 0)


def _every_path_was_driven(output: str) -> None:
    failures = output[output.find("Error report") :] if "Error report" in output else ""
    assert failures == ""
    for path in (
        "/dashboard",
        "/reliability",
        "/assets/{file}",
        "/api/executive-dashboard",
        "/api/kpis/{key}",
        "/api/kpis/{key}/rows",
        "/api/drivers/{key}",
        "/api/events",
        "/api/imports/orders",
        "/api/slo",
    ):
        assert f" {path} " in output, path


def _the_report_needs_nothing_else(page: str) -> None:
    assert "<h1>Load run: pass</h1>" in page
    for title in ("ttfb: P95", "api-latency: P95", "Requests", "Processor time", "Waiting"):
        assert f'aria-label="{title}' in page, title
    assert re.findall(r'(?:src|href)="([^"]*)"', page) == ["data:,"]
    assert "@import" not in page
    assert "url(" not in page


def _the_file_holds_unrounded_samples(result: Path) -> None:
    content = json.loads(result.read_text())
    assert content["valid"] is True
    assert content["parameters"]["users"] == 8
    assert content["parameters"]["run_time_seconds"] == 7
    kinds = {(one["metric"], one["event_type"]): one["values"] for one in content["samples"]}
    ttfb = kinds[("ttfb_ms", "page_view")]
    assert len(ttfb) >= 8
    assert any(value != round(value) for value in ttfb)
    assert set(kinds[("api_status_code", "api_response")]) <= {200.0, 304.0}
    assert kinds[("api_latency_ms", "api_response")]


def _events_are_stored_and_left_out_of_the_objectives(loaded: Loaded) -> None:
    with sqlite3.connect(loaded.database) as connection:
        (stored,) = connection.execute("SELECT count(*) FROM user_events").fetchone()
        (judged,) = connection.execute(
            "SELECT count(*) FROM user_events WHERE NOT synthetic"
        ).fetchone()
    connection.close()
    assert stored >= 8
    assert judged == 0
    report = json.loads(loaded.service.get("/api/slo?window=1d"))
    ttfb = next(one for one in report["objectives"] if one["name"] == "ttfb")
    assert ttfb["total"] == 0


def test_a_dead_server_is_unknown_and_never_a_pass(tmp_path: Path) -> None:
    result = tmp_path / "run.json"
    junit = tmp_path / "run.xml"
    done = locust("http://127.0.0.1:1", "--result", result, "--junit", junit, seconds=2)
    assert done.returncode == 3, done.stderr
    assert "the service answered nothing" in done.stdout
    assert junit.read_text().count(": the service answered nothing</error>") == 6
    gate = run(BIN / "execdash", "slo", "gate", "--source", "locust", "--result", result)
    assert gate.returncode == 3
    assert "the service answered nothing" in gate.stderr


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--judge", "drilldown-clicks"], "a load run can judge ttfb, render, switch, alerts-poll"),
        (["--objectives-file", "none.yaml"], "none.yaml:1: cannot be read"),
    ],
)
def test_wrong_use_is_one_clear_line_and_exit_code_two(options: list[str], says: str) -> None:
    done = locust("http://127.0.0.1:1", *options, seconds=1)
    assert done.returncode == 2, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr


SLOW_BODY_SECONDS = 0.6


def test_the_first_byte_is_the_first_and_not_the_last() -> None:
    """A document whose head comes at once and whose body comes late."""
    script = textwrap.dedent(
        """
        import json, sys
        from locust.env import Environment
        from loadtests.browsing import BrowsingUser
        from loadtests.options import defaults
        from loadtests.run import Run

        class Visitor(BrowsingUser):
            host = sys.argv[1]

        BrowsingUser.run_state = Run()
        BrowsingUser.options = defaults()
        body, ttfb_ms = Visitor(Environment()).open_page("/")
        print(json.dumps({"bytes": len(body), "ttfb_ms": ttfb_ms}))
        """
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_answer_slowly, args=(listener,), daemon=True).start()
        done = run(sys.executable, "-c", script, f"http://127.0.0.1:{listener.getsockname()[1]}")
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["bytes"] == 4
    assert 0 < seen["ttfb_ms"] < SLOW_BODY_SECONDS * 1000


def _answer_slowly(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n")
        time.sleep(SLOW_BODY_SECONDS)
        connection.sendall(b"late")
