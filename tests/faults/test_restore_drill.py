"""The drill of docs/operations.md: a backup under load, a lost database, a restore, all checked."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from api.auth import service as auth
from api.settings import Settings
from api.soundness import faults
from api.storage.engine import open_engine
from api.storage.restore import restore
from tests.factories import add, order
from tests.faults.load import (
    EVENTS,
    browsing,
    check_stored,
    wait_for_acknowledgements,
    wait_until_objectives_are_counted,
)
from tests.faults.process import Service, serving
from tests.integration.storage.accounts import (
    LATER,
    judged,
    make_token,
    revoke,
    sign_in,
    told,
    trail,
)
from tests.integration.storage.conftest import NewDatabase


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
    backup = tmp_path / "backup.zip"
    days = (f"2026-0{1 + number % 9}-05" for number in range(300))
    add(engine, "orders", *(order(day, "1.25", recognized_on=day) for day in days))
    good, stolen = make_token(engine, "good"), make_token(engine, "stolen")
    session = sign_in(engine)
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
    restored = restore(lost, backup, datetime.now(UTC), lambda _table: None, replace=False)
    assert {table.name: table.rows for table in restored.tables} == taken["tables"]
    assert auth.judge_session(lost, session, LATER).refusal == "revoked"
    assert [judged(lost, secret) for secret in (good, stolen)] == ["", ""]
    assert trail(lost)[:-1] == trail(engine)
    assert told(lost)[-1] == ("restored", "backup backup.zip")
    revoke(lost, "stolen")
    kept = trail(lost)
    execdash(lost, "db", "restore", backup, "--replace")
    assert [judged(lost, secret) for secret in (good, stolen)] == ["", "revoked"]
    assert trail(lost)[:-1] == kept
    assert faults(lost, Settings(), datetime.now(UTC)) == []
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
