"""Sessions end: by the clock, and when somebody is signed out everywhere."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select

from api.app import create_app
from api.auth import verifier
from api.auth.roles import Role
from api.cli import main
from api.settings import Settings
from api.storage.account_tables import audit_events
from tests.integration.auth.conftest import Clock, Desk, bearer, cookie

SCREEN = "/api/executive-dashboard"


@pytest.fixture
def clock() -> Clock:
    moved = Clock()
    moved.now = datetime.now(UTC)  # as commands have it
    return moved


@pytest.fixture
def desk(engine: Engine, clock: Clock) -> Desk:
    return Desk(engine, clock)


@pytest.fixture
def client(
    database_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TestClient]:
    monkeypatch.setenv("EXECDASH_DATABASE_URL", database_url)
    monkeypatch.setattr(verifier, "FRESH_SECONDS", 0.0)
    settings = Settings(
        database_url=database_url, accounts=True, public_url="http://127.0.0.1", session_hours=2
    )
    with TestClient(create_app(settings, clock), "http://127.0.0.1") as opened:
        yield opened


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main(["sessions", *arguments])
    shown = capsys.readouterr()
    return int(str(ended.value.code)), shown.out + shown.err


def status(client: TestClient, session: str) -> int:
    return client.get(SCREEN, headers=cookie(session)).status_code


def test_a_person_is_signed_out_everywhere_and_nobody_else_is(
    client: TestClient, desk: Desk, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    phone, desktop = desk.session(Role.EXECUTIVE), desk.session(Role.EXECUTIVE)
    other = desk.session(Role.ADMIN)
    assert [status(client, each) for each in (phone, desktop, other)] == [200] * 3
    listed = json.loads(run(capsys, "list", "--json")[1])
    assert [each["subject"] for each in listed].count("sub-executive") == 2
    assert not {phone, desktop} & {*json.dumps(listed).split('"')}
    assert "The executive" in run(capsys, "list")[1]
    assert run(capsys, "end", "sub-executive") == (0, "2 sessions ended.\n")
    assert [status(client, each) for each in (phone, desktop, other)] == [401, 401, 200]
    refused, words = run(capsys, "end", "sub-executive")
    assert refused == 2
    assert "'sub-executive' is not signed in" in words
    assert run(capsys, "end", "--all") == (0, "1 session ended.\n")
    assert status(client, other) == 401
    assert "Nobody is signed in" in run(capsys, "list")[1]
    with engine.connect() as connection:
        rows = connection.execute(select(audit_events.c.action, audit_events.c.about)).all()
    assert [*map(tuple, rows)][-2:] == [
        ("sessions_ended", "sub-executive"),
        ("sessions_ended", "everybody"),
    ]


@pytest.mark.parametrize("arguments", [[], ["somebody", "--all"]])
def test_who_is_meant_must_be_said(
    client: TestClient, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    code, words = run(capsys, "end", *arguments)
    assert code == 2
    assert "name a SUBJECT, or say --all" in words


def test_a_session_ends_by_the_clock_however_much_it_is_used(
    client: TestClient, desk: Desk, clock: Clock
) -> None:
    signed_in = client.post("/api/session/sign-in", json={"token": desk.token(Role.EXECUTIVE)})
    session = signed_in.cookies["execdash"]
    client.cookies.clear()
    began = clock.now
    for minutes in range(0, 120, 10):
        clock.now = began + timedelta(minutes=minutes)
        assert status(client, session) == 200
    clock.now = began + timedelta(hours=2)
    assert status(client, session) == 401
    assert client.get(SCREEN, headers=bearer("x")).status_code == 401
