"""Migrations end at the schema that the program's tables describe, and go back, with data."""

from collections.abc import Callable
from typing import Any

import pytest
from alembic import op
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, insert, inspect, select, text

from api.storage import account_tables
from api.storage.engine import for_writing
from api.storage.event_tables import usage_daily
from api.storage.migrate import current_revision, downgrade, newest_revision, upgrade
from api.storage.replaced_tables import REPLACED
from api.storage.tables import alerts, metadata
from tests.architecture.source import ROOT
from tests.factories import IMPORTED_AT, add, order, risk, target

MIGRATIONS = ROOT / "api" / "storage" / "migrations"
REVISIONS = sorted(each.revision for each in ScriptDirectory(str(MIGRATIONS)).walk_revisions())
KEPT = ("orders", "risks", "targets", "revenue_trend", "alerts")
ALERT = {
    "type": "kpi_threshold",
    "fingerprint": "kpi:gm",
    "title": "T",
    "description": "D",
    "severity": "high",
    "status": "open",
    "created_at": IMPORTED_AT,
}


def test_migrations_end_at_the_tables_in_the_code(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        tables = set(metadata.tables)
        differences = [
            difference
            for difference in compare_metadata(context, metadata)
            if getattr(difference[1], "name", None) in tables
        ]
    assert differences == []
    assert {table.name for table in REPLACED.values()} <= tables
    assert account_tables.audit_events.name in tables


def test_migrations_go_back_to_an_empty_database_and_forward_again(engine: Engine) -> None:
    assert current_revision(engine) == newest_revision()
    downgrade(engine, "base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    upgrade(engine)
    assert current_revision(engine) == newest_revision()


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_data_survive_the_way_back_and_forward(engine: Engine, revision: str) -> None:
    before = _filled(engine)
    downgrade(engine, revision)
    assert current_revision(engine) == revision
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM orders")).scalar_one() == 1
    upgrade(engine)
    assert _rows(engine) == before


def test_usage_is_added_up_where_features_are_not_told_apart(engine: Engine) -> None:
    used = {"day": IMPORTED_AT.date(), "kpi": "arr", "role": "sre"}
    rows = [
        {**used, "event_type": "feature_use", "feature": "why", "events": 2},
        {**used, "event_type": "feature_use", "feature": "rows", "events": 3},
        {**used, "event_type": "drilldown", "feature": "", "events": 7},
    ]
    with for_writing(engine).begin() as connection:
        connection.execute(insert(usage_daily), rows)
    downgrade(engine, "0009")
    counted = text("SELECT event_type, kpi, role, events FROM usage_daily ORDER BY event_type")
    with engine.connect() as connection:
        before = list(map(tuple, connection.execute(counted)))
    assert before == [("drilldown", "arr", "sre", 7), ("feature_use", "arr", "sre", 5)]
    upgrade(engine)
    with engine.connect() as connection:
        assert list(map(tuple, connection.execute(counted))) == before
        assert set(connection.execute(select(usage_daily.c.feature)).scalars()) == {""}


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_a_migration_that_fails_leaves_nothing_behind(
    engine: Engine, revision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _filled(engine)
    downgrade(engine, revision)
    tables = set(inspect(engine).get_table_names())
    made: list[str] = []
    before_it_fails = 10**6

    def until_it_fails(step: Callable[..., Any]) -> Callable[..., Any]:
        def make(name: str, *columns: Any, **options: Any) -> Any:
            if len(made) == before_it_fails:
                raise OSError("the disk is full")
            made.append(name)
            return step(name, *columns, **options)

        return make

    with monkeypatch.context() as patched:
        for step in ("create_table", "add_column", "create_index", "execute"):
            patched.setattr(op, step, until_it_fails(getattr(op, step)))
        upgrade(engine)
        if not made:
            return  # nothing is to be done on this engine
        before_it_fails = len(made) - 1
        downgrade(engine, revision)
        made.clear()
        with pytest.raises(OSError, match="disk is full"):
            upgrade(engine)
    assert len(made) == before_it_fails
    assert current_revision(engine) == revision
    assert set(inspect(engine).get_table_names()) == tables
    upgrade(engine)
    assert _rows(engine) == before


def _filled(engine: Engine) -> dict[str, list[Any]]:
    add(engine, "orders", order("2024-01-05", "12.34", profit="-1.5", region="Nørd"))
    add(engine, "risks", risk())
    add(engine, "targets", target("gm", "31.25"))
    with for_writing(engine).begin() as connection:
        connection.execute(insert(alerts), [ALERT])
    return _rows(engine)


def _rows(engine: Engine) -> dict[str, list[Any]]:
    with engine.connect() as connection:
        return {
            name: list(map(tuple, connection.execute(select(metadata.tables[name]))))
            for name in KEPT
        }
