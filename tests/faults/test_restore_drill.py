"""The drill of docs/operations.md: a backup under load, a lost database, a restore, all checked."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from api.storage.engine import open_engine
from tests.faults.load import (
    EVENTS,
    browsing,
    check_stored,
    wait_for_acknowledgements,
    wait_until_objectives_are_counted,
)
from tests.faults.process import Service, serving
from tests.integration.storage.conftest import NewDatabase

ORDERS = "order_id,customer_id,booked_on,recognized_on,amount,type\n" + "".join(
    f"O{n},C{n % 7},2026-0{1 + n % 9}-05,2026-0{1 + n % 9}-20,{n}.25,one_off\n" for n in range(300)
)


def execdash(engine: Engine, *arguments: object) -> str:
    """A command, in a process of its own, on a database."""
    url = engine.url.render_as_string(hide_password=False)
    ended = subprocess.run(
        [sys.executable, "-m", "api.cli", *map(str, arguments)],
        env={**os.environ, "EXECDASH_DATABASE_URL": url},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def shown(service: Service) -> Any:
    """What the screen shows, without when it was made."""
    answer = json.loads(service.get("/api/executive-dashboard").body)
    return {name: answer[name] for name in ("executiveKpis", "revenueTrend", "risks")}


def test_everything_acknowledged_before_a_backup_is_there_after_a_restore(
    engine: Engine, new_database: NewDatabase, tmp_path: Path
) -> None:
    url = engine.url.render_as_string(hide_password=False)
    orders, backup = tmp_path / "orders.csv", tmp_path / "backup.zip"
    orders.write_text(ORDERS)
    execdash(engine, "import", "orders", orders)
    with serving(url, tmp_path) as service:
        wait_until_objectives_are_counted(engine)
        before = shown(service)
        with browsing(service, 2) as browsers:
            wait_for_acknowledgements(browsers, 4 * EVENTS)
            acknowledged = set().union(*(one.acknowledged.copy() for one in browsers))
            taken = json.loads(execdash(engine, "db", "backup", backup, "--json"))
            wait_for_acknowledgements(browsers, EVENTS)  # it went on meanwhile, and after
            for browser in browsers:
                assert set(browser.statuses) == {200}
        sent = set().union(*(one.sent for one in browsers))
    lost = new_database(engine.dialect.name)
    restored = json.loads(execdash(lost, "db", "restore", backup, "--json"))
    assert restored["tables"] == taken["tables"]
    assert "sound" in execdash(lost, "db", "check")
    number = check_stored(lost, acknowledged, sent)  # each event once, rollups equal to them
    print(f"{number} events restored, {len(acknowledged)} were acknowledged before the backup")
    with serving(lost.url.render_as_string(hide_password=False), tmp_path) as service:
        assert shown(service) == before
        with browsing(service, 2) as browsers:
            wait_for_acknowledgements(browsers, EVENTS)
        acknowledged |= set().union(*(one.acknowledged for one in browsers))
    reopened = open_engine(lost.url.render_as_string(hide_password=False))
    check_stored(reopened, acknowledged)
    reopened.dispose()
