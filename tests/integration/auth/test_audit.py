"""The audit trail: what is in it, that it cannot be changed, and how it leaves the house."""

import csv
from io import StringIO

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from api.app import create_app
from api.audit import service as audit
from api.auth import refusals
from api.auth.identity import Identity
from api.auth.roles import Role
from api.settings import Settings
from api.storage.engine import for_writing, open_engine
from tests.integration.auth.conftest import NOW, Desk, add_alert, bearer, cookie

CSV = {"Content-Type": "text/csv"}


def trail(client: TestClient, desk: Desk) -> list[dict[str, str]]:
    answer = client.get("/api/audit.csv", headers=bearer(desk.token(Role.ADMIN)))
    assert answer.status_code == 200
    rows = csv.DictReader(StringIO(answer.content.decode("utf-8-sig")))
    return [row for row in rows if row["action"] != "token_created"]


def test_people_and_what_they_did_are_in_it(client: TestClient, desk: Desk) -> None:
    alert, person = add_alert(desk.engine, "gm"), cookie(desk.session(Role.HEAD_FINANCE))
    path = f"/api/alerts/{alert}"
    client.post(f"{path}/acknowledge", headers=person)
    client.post(f"{path}/assign", headers=person, json={"assignee": "Ada"})
    client.post(f"{path}/snooze", headers=person, json={"until": "2026-03-05T00:00:00Z"})
    client.post(f"{path}/resolve", headers=person)
    client.post(f"{path}/resolve", headers=cookie(desk.session(Role.HEAD_SALES)))  # refused
    rows = trail(client, desk)
    actions = [row["action"] for row in rows if row["about"] == f"alert {alert}"]
    assert actions == [
        "alert_acknowledged",
        "alert_assigned",
        "alert_snoozed",
        "alert_resolved",
    ]
    who = {row["actor"] for row in rows if row["about"] == f"alert {alert}"}
    assert who == {"The head:finance <sub-head:finance>"}
    assert rows[0]["action"] == "signed_in"
    assert rows[0]["at"] == f"{NOW:%Y-%m-%dT%H:%M:%SZ}"
    assert rows[1]["detail"] == ""
    assert rows[2]["detail"] == "Ada"


def test_imports_and_each_target_that_they_change_are_in_it(client: TestClient, desk: Desk) -> None:
    token = bearer(desk.token(Role.IMPORTER))
    first = b"kpi,period,target\ngm,,0.3\nnrr,,1.1\n"
    second = b"kpi,period,target\ngm,,0.35\nnrr,,1.1\n"
    for body in (first, second):
        done = client.post("/api/imports/targets", headers={**token, **CSV}, content=body)
        assert done.status_code == 200, done.text
    rows = trail(client, desk)
    assert [(row["action"], row["about"]) for row in rows] == [
        ("imported", "import 1"),
        ("target_changed", "gm"),
        ("target_changed", "nrr"),
        ("imported", "import 2"),
        ("target_changed", "gm"),
    ]
    assert rows[0]["actor"].startswith("the importer <token:")
    assert rows[0]["detail"] == "targets from upload: 2 inserted, 0 updated, 0 unchanged"
    assert rows[4]["detail"].startswith("target 0.3, ")
    assert "-> target 0.35, " in rows[4]["detail"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_events SET actor = 'nobody'",
        "DELETE FROM audit_events",
        "DELETE FROM audit_events WHERE id = 1",
    ],
)
def test_rows_are_only_ever_added(engine: Engine, statement: str) -> None:
    _refused(engine, statement)


ROW = "VALUES ({}, CURRENT_TIMESTAMP, 'nobody', 'imported', 'import 1')"


@pytest.mark.parametrize("number", ["1", "'1'", "1.0"])
def test_a_row_cannot_be_replaced_on_sqlite(sqlite_url: str, number: str) -> None:
    engine = open_engine(sqlite_url)
    statement = "INSERT OR REPLACE INTO audit_events (id, at, actor, action, about) "
    _refused(engine, statement + ROW.format(number))
    engine.dispose()


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE audit_events",
        "TRUNCATE audit_events CASCADE",
        "INSERT INTO audit_events (id, at, actor, action, about) "
        f"{ROW.format(1)} ON CONFLICT (id) DO UPDATE SET actor = 'nobody'",
        "MERGE INTO audit_events USING (SELECT 1) AS one ON id = 1"
        " WHEN MATCHED THEN UPDATE SET actor = 'nobody'",
        "MERGE INTO audit_events USING (SELECT 1) AS one ON id = 1 WHEN MATCHED THEN DELETE",
    ],
)
def test_a_row_cannot_be_replaced_on_postgresql(postgresql_url: str, statement: str) -> None:
    engine = open_engine(postgresql_url)
    _refused(engine, statement)
    engine.dispose()


def _refused(engine: Engine, statement: str) -> None:
    with Session(for_writing(engine)) as session, session.begin():
        audit.record(session, NOW, "ada", "imported", "import 1")
    with for_writing(engine).connect() as connection, pytest.raises(DBAPIError) as refused:
        connection.execute(text(statement))
    assert "rows are only ever added" in str(refused.value.orig)
    with Session(for_writing(engine)) as session, session.begin():
        audit.record(session, NOW, "eve", "imported", "import 2")
    with Session(engine) as session:
        assert [row.actor for row in audit.trail(session)] == ["ada", "eve"]


def test_a_formula_in_a_name_is_text_in_the_export(client: TestClient, desk: Desk) -> None:
    with Session(for_writing(desk.engine)) as session, session.begin():
        person = Identity("s", '=HYPERLINK("http://evil.example")', frozenset())
        audit.record(session, NOW, person.label, "signed_in", "by oidc")
    assert trail(client, desk)[0]["actor"].startswith("'=HYPERLINK")


@pytest.mark.parametrize(
    ("subject", "name", "label"),
    [
        ("a1b2", "Ada Lovelace", "Ada Lovelace <a1b2>"),
        ("a1b2", "Eve> <root", "Eve root <a1b2>"),
        ("x" * 65, "Ada", "Ada <sha256:"),
        ("a\nb", "Ada\n2026", "Ada2026 <sha256:"),
        ("a1b2", "N" * 500, "N" * 50 + " <a1b2>"),
    ],
)
def test_a_label_names_one_person_on_one_line_in_120_characters(
    subject: str, name: str, label: str
) -> None:
    shown = Identity(subject, name, frozenset()).label
    assert shown.startswith(label)
    assert len(shown) <= 120
    assert shown.isprintable()


def test_without_accounts_the_actor_is_local(sqlite_url: str) -> None:
    with TestClient(create_app(Settings(database_url=sqlite_url)), "http://127.0.0.1") as client:
        body = b"kpi,period,target\ngm,,0.3\n"
        client.post("/api/imports/targets", headers=CSV, content=body)
        lines = client.get("/api/audit.csv").text.splitlines()
    assert ",local,imported,import 1," in lines[1]


def test_refused_sign_ins_are_in_the_trail_and_strangers_cannot_fill_it(
    client: TestClient, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = [1000.0]
    monkeypatch.setattr(refusals, "monotonic", lambda: time[0])
    for number in range(30):
        body = {"token": f"execdash_{number}"}
        assert client.post("/api/session/sign-in", json=body).status_code == 401
    assert client.get("/sign-in/callback?state=s&code=c").status_code == 303
    time[0] += refusals.EVERY_SECONDS
    revoked = {"token": desk.token(Role.EXECUTIVE, revoked=True)}
    assert client.post("/api/session/sign-in", json=revoked).status_code == 401
    rows = [row for row in trail(client, desk) if row["action"] == "sign_in_refused"]
    assert [(row["actor"], row["about"], row["detail"]) for row in rows] == [
        ("nobody", "by token", "the token is unknown"),
        ("nobody", "by oidc", "no sign-in was begun here"),
        ("nobody", "by token", "the token is revoked; 29 others before"),
    ]
