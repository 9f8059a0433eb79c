"""Migrations end at the schema that the program's tables describe, and go back, with data."""

from collections.abc import Callable
from typing import Any

import pytest
from alembic import op
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Engine, insert, inspect, select, text
from sqlalchemy.orm import Session

from api.auth import secrets
from api.auth import service as accounts
from api.auth.identity import Identity
from api.auth.roles import Role
from api.auth.service import NewToken
from api.storage import account_tables, tables
from api.storage.engine import for_writing
from api.storage.event_tables import usage_daily
from api.storage.migrate import current_revision, downgrade, newest_revision, upgrade
from api.storage.replaced_tables import REPLACED
from api.storage.tables import alert_events, alerts, metadata
from tests.architecture.source import ROOT
from tests.factories import (
    IMPORTED_AT,
    add,
    customer,
    deal,
    expense,
    inventory,
    order,
    retention,
    risk,
    target,
    uptime,
)

MIGRATIONS = ROOT / "api" / "storage" / "migrations"
REVISIONS = sorted(each.revision for each in ScriptDirectory(str(MIGRATIONS)).walk_revisions())
OWN = [
    *(tables.imports, tables.orders, tables.customers, tables.expenses, tables.retention_nrr),
    *(tables.revenue_trend, tables.pipeline, tables.uptime, tables.targets, tables.risks),
    *(tables.inventory, tables.alerts, tables.alert_events),
    *(account_tables.api_tokens, account_tables.account_sessions, account_tables.audit_events),
]
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

ALERT_EVENT = {"alert_id": 1, "at": IMPORTED_AT, "actor": "local", "action": "acknowledged"}


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
def test_every_row_that_the_older_schema_can_hold_survives(engine: Engine, revision: str) -> None:
    """In all tables of people's own data; what is computed from them is made anew."""
    _filled(engine)
    add(engine, "customers", customer("C-1", region="Nørd"))
    add(engine, "expenses", expense("2024-01-31"))
    add(engine, "retention", retention("2024-01"))
    add(engine, "pipeline", deal("2024-03-01"))
    add(engine, "uptime", uptime("2024-01", 90, 100))
    add(engine, "inventory", inventory("2024-01"))
    with Session(for_writing(engine)) as session, session.begin():
        new = NewToken(Role.SRE, "t", IMPORTED_AT, secrets.new_token())
        accounts.create_token(session, IMPORTED_AT, "local", new)
        person = Identity("sub", "Ada", frozenset({Role.ADMIN}))
        accounts.begin_session(session, IMPORTED_AT, person, 12, "oidc")
        session.execute(insert(alert_events).values(ALERT_EVENT))
    before = {table.name: _stored(engine, [*table.columns]) for table in OWN}
    assert {name for name, rows in before.items() if not rows} == set()
    downgrade(engine, revision)
    columns = {name: _columns(engine, name) for name in inspect(engine).get_table_names()}
    held = [table for table in OWN if table.name in columns]
    assert {"orders", "customers", "imports"} <= {table.name for table in held}
    upgrade(engine)
    for table in held:
        kept = [column for column in table.columns if column.name in columns[table.name]]
        places = [list(table.columns).index(column) for column in kept]
        assert _stored(engine, kept) == sorted(
            (tuple(row[place] for place in places) for row in before[table.name]), key=repr
        ), table.name


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


def _stored(engine: Engine, columns: list[Column[Any]]) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return sorted(map(tuple, connection.execute(select(*columns))), key=repr)


def _columns(engine: Engine, table: str) -> set[str]:
    return {column["name"] for column in inspect(engine).get_columns(table)}


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
