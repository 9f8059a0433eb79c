"""``execdash serve`` from its first start to its end."""

import json
import signal
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.integration.platform.running import Running, execdash, serving

EVENT_ID = "01936b3e-0d5a-7c3e-8f1a-2b3c4d5e6f70"


def _dashboard(running: Running) -> dict[str, object]:
    answer: dict[str, object] = json.loads(running.get("/api/executive-dashboard"))
    return answer


def _send_event(running: Running) -> dict[str, object]:
    event = {"event_type": "page_view", "event_id": EVENT_ID, "meta": {"ttfb_ms": 12}}
    request = Request(
        f"{running.url}/api/events",
        json.dumps(event).encode(),
        {"content-type": "application/json"},
    )
    with urlopen(request, timeout=30) as answer:
        body: dict[str, object] = json.loads(answer.read())
        return body


def _stored_events(database: Path) -> int:
    with closing(sqlite3.connect(database)) as connection:
        count: int = connection.execute("SELECT count(*) FROM user_events").fetchone()[0]
        return count


def test_demo_data_come_into_an_empty_database_once(tmp_path: Path) -> None:
    database = tmp_path / "new" / "execdash.db"
    url = f"sqlite:///{database}"
    with serving(tmp_path, "--demo", EXECDASH_DATABASE_URL=url) as first:
        shown = _dashboard(first)
        assert "demonstration data" in first.output.read_text()
        assert f"{first.url}/dashboard" in first.output.read_text()
        assert first.stop() == 0
    freshness = shown["freshness"]
    assert isinstance(freshness, dict)
    assert freshness["demo"] is True
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE customers SET name = 'Mine'")
    connection.close()
    with serving(tmp_path, "--demo", EXECDASH_DATABASE_URL=url) as second:
        assert "demonstration data" not in second.output.read_text()
        assert _dashboard(second)["executiveKpis"] == shown["executiveKpis"]
    with sqlite3.connect(database) as connection:
        names = connection.execute("SELECT DISTINCT name FROM customers").fetchall()
    connection.close()
    assert names == [("Mine",)]


def test_demo_never_touches_a_users_data(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/mine.db"
    risks = tmp_path / "risks.csv"
    risks.write_text("title,owner,due,mitigation,status\nT,O,2026-01-01,M,open\n")
    assert execdash("import", "risks", str(risks), EXECDASH_DATABASE_URL=url).returncode == 0
    with serving(tmp_path, "--demo", EXECDASH_DATABASE_URL=url) as running:
        shown = _dashboard(running)
    assert isinstance(shown["risks"], list)
    assert [risk["title"] for risk in shown["risks"]] == ["T"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order_with_events_written(
    tmp_path: Path, number: signal.Signals
) -> None:
    database = tmp_path / "execdash.db"
    with serving(tmp_path, EXECDASH_DATABASE_URL=f"sqlite:///{database}") as running:
        assert _send_event(running)["accepted"] == 1
        assert running.stop(number) == 0
        log = running.log.read_text()
    assert _stored_events(database) == 1
    assert "Traceback" not in log


def test_what_waits_is_written_and_answered_before_it_ends(tmp_path: Path) -> None:
    database = tmp_path / "execdash.db"
    with serving(tmp_path, EXECDASH_DATABASE_URL=f"sqlite:///{database}") as running:
        blocker = sqlite3.connect(database, isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")  # the writer has to wait
        with ThreadPoolExecutor(1) as client:
            answer = client.submit(_send_event, running)
            while b"\ningest_events_in_flight 1.0" not in running.get("/metrics"):
                time.sleep(0.02)
            running.process.send_signal(signal.SIGTERM)
            with pytest.raises(TimeoutError):
                answer.result(timeout=0.5)
            blocker.execute("ROLLBACK")
            assert answer.result(timeout=20)["accepted"] == 1
        blocker.close()
        assert running.process.wait(20) == 0
    assert _stored_events(database) == 1


def test_every_line_of_the_log_is_json_and_names_nobody(tmp_path: Path) -> None:
    with serving(tmp_path, EXECDASH_DATABASE_URL=f"sqlite:///{tmp_path}/e.db") as running:
        request = Request(f"{running.url}/api/alerts", headers={"User-Agent": "Jane Doe"})
        urlopen(request, timeout=10).close()
        running.stop()
        lines = [json.loads(line) for line in running.log.read_text().splitlines()]
    assert {"time", "level", "logger", "message"} <= set(lines[0])
    assert "Jane" not in running.log.read_text()
    assert "127.0.0.1" not in running.log.read_text()
