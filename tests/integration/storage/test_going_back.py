"""``execdash db downgrade``: what an older schema cannot hold is told before it is lost."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, insert, select

from api.cli import main
from api.storage.account_tables import audit_events
from api.storage.engine import for_writing
from api.storage.event_tables import usage_daily
from api.storage.migrate import current_revision, newest_revision, upgrade
from tests.factories import IMPORTED_AT, add, order
from tests.integration.storage.accounts import make_token

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(engine: Engine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command on the test's database: exit code, what it told, and mistakes."""
    url = engine.url.set(drivername=engine.dialect.name).render_as_string(hide_password=False)
    monkeypatch.setenv("EXECDASH_DATABASE_URL", url)

    def downgrade(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["db", "downgrade", *arguments])
        told = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, told.out, told.err

    return downgrade


def fill(engine: Engine) -> None:
    used = {"day": IMPORTED_AT.date(), "kpi": "arr", "role": "sre", "event_type": "feature_use"}
    with for_writing(engine).begin() as connection:
        connection.execute(
            insert(usage_daily),
            [{**used, "feature": each, "events": 1} for each in ("why", "rows")],
        )


def trail(engine: Engine) -> list[tuple[str, ...]]:
    told = audit_events.c
    with engine.connect() as connection:
        rows = connection.execute(select(told.actor, told.action, told.about, told.detail))
        return [tuple(row) for row in rows]


def test_what_would_be_lost_is_told_and_nothing_is_changed(engine: Engine, run: Run) -> None:
    fill(engine)
    make_token(engine, "ETL")
    code, told, _ = run("0003")
    assert code == 0
    assert "would be lost: api_tokens, 1 rows\n" in told
    assert "would be lost: audit_events, 1 rows\n" in told
    assert "Nothing was changed" in told
    assert current_revision(engine) == newest_revision()
    code, told, _ = run("0009")
    assert told.splitlines()[0] == "would be lost: usage_daily.feature, 2 rows"


def test_with_yes_it_is_done_and_the_way_forward_is_open(engine: Engine, run: Run) -> None:
    add(engine, "orders", order("2024-01-05"))
    code, told, _ = run("0009", "--yes")
    assert (code, current_revision(engine)) == (0, "0009")
    assert told == (
        "The older schema holds all that is there.\n"
        "The database's schema is now 0009. Start the older version.\n"
    )
    upgrade(engine)
    assert current_revision(engine) == newest_revision()


def test_the_audit_trail_tells_of_it_where_the_older_schema_has_one(
    engine: Engine, run: Run
) -> None:
    fill(engine)
    run("0009")
    assert trail(engine) == []
    run("0009", "--yes")
    about, detail = f"schema {newest_revision()}", "to 0009; lost: usage_daily.feature (2 rows)"
    assert trail(engine) == [("local", "schema_taken_back", about, detail)]
    run("0003", "--yes")
    upgrade(engine)
    assert trail(engine) == []


@pytest.mark.parametrize("revision", ["0000", "base", "head", newest_revision(), "'; DROP"])
def test_only_to_an_older_schema(engine: Engine, run: Run, revision: str) -> None:
    code, told, mistake = run(revision, "--yes")
    assert (code, told) == (2, "")
    assert "allowed: 0001, 0002" in mistake
    assert len(mistake.splitlines()) == 1
    assert current_revision(engine) == newest_revision()
