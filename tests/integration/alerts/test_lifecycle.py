"""What people do with alerts, through the HTTP face."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from api.alerts import queries
from api.alerts.queries import NewAlert
from api.alerts.schemas import Severity
from api.storage import versions
from api.storage.engine import for_writing
from api.storage.tables import alert_events
from tests.integration.alerts.conftest import Clock

AS_JSON = {"content-type": "application/json"}
OPENED = datetime(2026, 3, 1, tzinfo=UTC)


def given_alert(
    engine: Engine, severity: Severity = "high", opened: datetime = OPENED, name: str = "revenue"
) -> int:
    with Session(for_writing(engine)) as session:
        alert = NewAlert("kpi_threshold", name, "revenue", name, "Why.", severity)
        identifier = queries.open_alert(session, alert, opened)
        session.commit()
    return identifier


def version(engine: Engine) -> int:
    with Session(engine) as session:
        return versions.current(session)


def trail(engine: Engine, alert_id: int) -> list[tuple[str, str, str | None]]:
    columns = alert_events.c
    statement = select(columns.action, columns.actor, columns.detail).order_by(columns.id)
    with Session(engine) as session:
        found = session.execute(statement.where(columns.alert_id == alert_id)).all()
    return [(row[0], row[1], row[2]) for row in found]


def listed(client: TestClient) -> list[dict[str, Any]]:
    answer = client.get("/api/alerts")
    assert answer.status_code == 200
    alerts: list[dict[str, Any]] = answer.json()["alerts"]
    return alerts


def test_no_alerts_is_an_empty_list(client: TestClient) -> None:
    assert client.get("/api/alerts").json() == {
        "alerts": [],
        "generated_at": "2026-03-04T05:06:07Z",
    }


def test_alerts_come_by_severity_then_the_newest_first(client: TestClient, engine: Engine) -> None:
    given_alert(engine, "low", OPENED, "low")
    given_alert(engine, "high", OPENED, "old")
    given_alert(engine, "medium", OPENED, "medium")
    given_alert(engine, "high", OPENED + timedelta(days=1), "new")
    assert [alert["title"] for alert in listed(client)] == ["new", "old", "medium", "low"]


def test_an_alert_shows_what_is_known_and_leaves_out_what_is_not(
    client: TestClient, engine: Engine
) -> None:
    alert_id = given_alert(engine)
    (alert,) = listed(client)
    assert alert == {
        "id": alert_id,
        "type": "kpi_threshold",
        "title": "revenue",
        "description": "Why.",
        "severity": "high",
        "status": "open",
        "kpi": "revenue",
        "drilldown": "/sales/kpis/revenue",
        "created_at": "2026-03-01T00:00:00Z",
    }


def asked_again(client: TestClient, path: str, tag: str) -> tuple[int, bytes]:
    answer = client.get(path, headers={"If-None-Match": tag})
    return answer.status_code, answer.content


def test_a_poll_that_finds_nothing_new_is_sent_no_body(
    client: TestClient, engine: Engine, clock: Clock
) -> None:
    alert_id = given_alert(engine)
    first = client.get("/api/alerts")
    tag = first.headers["etag"]
    clock.now += timedelta(seconds=30)
    assert asked_again(client, "/api/alerts", tag) == (304, b"")
    client.post(f"/api/alerts/{alert_id}/acknowledge")
    changed = client.get("/api/alerts", headers={"If-None-Match": tag})
    assert (changed.status_code, changed.json()["alerts"][0]["status"]) == (200, "acknowledged")
    assert changed.json()["generated_at"] == "2026-03-04T05:06:37Z"
    assert changed.headers["etag"] != tag


def test_a_poll_hears_of_what_changes_by_itself(
    client: TestClient, engine: Engine, clock: Clock
) -> None:
    alert_id = given_alert(engine)
    until = clock.now + timedelta(hours=1)
    client.post(f"/api/alerts/{alert_id}/snooze", json={"until": until.isoformat()})
    tag = client.get("/api/alerts").headers["etag"]
    clock.now = until - timedelta(seconds=1)
    assert asked_again(client, "/api/alerts", tag) == (304, b"")
    clock.now = until
    assert asked_again(client, "/api/alerts", tag)[0] == 200


def test_a_history_is_sent_again_only_when_something_was_done(
    client: TestClient, engine: Engine
) -> None:
    alert_id = given_alert(engine)
    path = f"/api/alerts/{alert_id}/history"
    tag = client.get(path).headers["etag"]
    assert asked_again(client, path, tag) == (304, b"")
    client.post(f"/api/alerts/{alert_id}/acknowledge")
    assert asked_again(client, path, tag)[0] == 200


def test_acknowledging_is_audited_and_moves_the_version(client: TestClient, engine: Engine) -> None:
    alert_id = given_alert(engine)
    before = version(engine)
    answer = client.post(f"/api/alerts/{alert_id}/acknowledge")
    assert answer.status_code == 200
    assert answer.json()["status"] == "acknowledged"
    assert listed(client) == [answer.json()]
    assert trail(engine, alert_id) == [("acknowledged", "local", None)]
    assert version(engine) == before + 1


def test_assigning_names_someone_and_keeps_the_status(client: TestClient, engine: Engine) -> None:
    alert_id = given_alert(engine)
    answer = client.post(f"/api/alerts/{alert_id}/assign", json={"assignee": "  Ada L. "})
    assert (answer.json()["assignee"], answer.json()["status"]) == ("Ada L.", "open")
    assert trail(engine, alert_id) == [("assigned", "local", "Ada L.")]


def test_a_snoozed_alert_is_quiet_until_its_time_and_then_open(
    client: TestClient, engine: Engine, clock: Clock
) -> None:
    alert_id = given_alert(engine)
    until = clock.now + timedelta(hours=1)
    answer = client.post(f"/api/alerts/{alert_id}/snooze", json={"until": until.isoformat()})
    assert answer.json()["status"] == "snoozed"
    assert answer.json()["snoozed_until"] == "2026-03-04T06:06:07Z"
    clock.now = until - timedelta(seconds=1)
    assert listed(client)[0]["status"] == "snoozed"
    clock.now = until
    (alert,) = listed(client)
    assert alert["status"] == "open"
    assert "snoozed_until" not in alert


def test_acknowledging_ends_a_snooze(client: TestClient, engine: Engine, clock: Clock) -> None:
    alert_id = given_alert(engine)
    until = clock.now + timedelta(hours=1)
    client.post(f"/api/alerts/{alert_id}/snooze", json={"until": until.isoformat()})
    answer = client.post(f"/api/alerts/{alert_id}/acknowledge").json()
    assert answer["status"] == "acknowledged"
    assert "snoozed_until" not in answer


def test_a_resolved_alert_leaves_the_list_and_takes_no_more_actions(
    client: TestClient, engine: Engine
) -> None:
    alert_id = given_alert(engine)
    answer = client.post(f"/api/alerts/{alert_id}/resolve")
    assert answer.json()["status"] == "resolved"
    assert answer.json()["resolved_at"] == "2026-03-04T05:06:07Z"
    assert listed(client) == []
    before = version(engine)
    bodies: dict[str, dict[str, str]] = {
        "acknowledge": {},
        "assign": {"assignee": "Ada"},
        "snooze": {"until": "2026-03-05T00:00:00Z"},
        "resolve": {},
    }
    for action, body in bodies.items():
        refused = client.post(f"/api/alerts/{alert_id}/{action}", json=body)
        assert refused.status_code == 409, action
        assert refused.headers["content-type"] == "application/problem+json"
    assert trail(engine, alert_id) == [("resolved", "local", None)]
    assert version(engine) == before


@pytest.mark.parametrize("action", ["acknowledge", "resolve", "snooze", "assign"])
def test_an_unknown_alert_is_404(client: TestClient, action: str) -> None:
    body = {"snooze": {"until": "2026-03-05T00:00:00Z"}, "assign": {"assignee": "Ada"}}
    answer = client.post(f"/api/alerts/7/{action}", json=body.get(action))
    assert answer.status_code == 404
    assert answer.json()["detail"] == "There is no alert 7."


@pytest.mark.parametrize(
    ("why", "body"),
    [
        ("in the past", {"until": "2026-03-04T05:06:06Z"}),
        ("now", {"until": "2026-03-04T05:06:07Z"}),
        ("more than 90 days ahead", {"until": "2026-06-02T05:06:08Z"}),
        ("the far future, in another zone", {"until": "9999-12-31T23:59:59-12:00"}),
        ("the far past, in another zone", {"until": "0001-01-01T00:00:00+12:00"}),
        ("without an offset", {"until": "2026-03-05T00:00:00"}),
        ("a number", {"until": 1772900000}),
        ("a number as text", {"until": "1772900000"}),
        ("a day", {"until": "2026-03-05"}),
        ("missing", {}),
        ("with an unknown field", {"until": "2026-03-05T00:00:00Z", "why": "tired"}),
        ("no object", []),
    ],
)
def test_a_bad_snooze_is_400_and_changes_nothing(
    client: TestClient, engine: Engine, why: str, body: object
) -> None:
    alert_id = given_alert(engine)
    before = version(engine)
    answer = client.post(f"/api/alerts/{alert_id}/snooze", json=body)
    assert answer.status_code == 400, why
    assert re.match("until|why|body", answer.json()["detail"])
    assert trail(engine, alert_id) == []
    assert version(engine) == before


def test_exactly_90_days_of_snooze_are_allowed(client: TestClient, engine: Engine) -> None:
    alert_id = given_alert(engine)
    body = {"until": "2026-06-02T05:06:07Z"}
    assert client.post(f"/api/alerts/{alert_id}/snooze", json=body).status_code == 200


@pytest.mark.parametrize(
    "assignee",
    [
        "",
        "   ",
        "\x85",
        "\u2003",
        "x" * 121,
        "a\x00b",
        "a\nb",
        "a\x85b",
        "\ud800",
        5,
        None,
        ["Ada"],
    ],
)
def test_a_bad_assignee_is_400(client: TestClient, engine: Engine, assignee: object) -> None:
    alert_id = given_alert(engine)
    body = json.dumps({"assignee": assignee})
    answer = client.post(f"/api/alerts/{alert_id}/assign", content=body, headers=AS_JSON)
    assert answer.status_code == 400
    assert trail(engine, alert_id) == []


@pytest.mark.parametrize("alert_id", ["0", "-1", "2147483648", "one", "99999999999999999999"])
def test_an_id_that_cannot_be_is_400(client: TestClient, alert_id: str) -> None:
    answer = client.post(f"/api/alerts/{alert_id}/resolve")
    assert answer.status_code == 400
    assert "alert_id" in answer.json()["detail"]


def test_everybody_can_read_who_did_what_and_when(
    client: TestClient, engine: Engine, clock: Clock
) -> None:
    alert_id = given_alert(engine)
    url = f"/api/alerts/{alert_id}"
    client.post(f"{url}/assign", json={"assignee": "Ada"})
    clock.now += timedelta(hours=1)
    client.post(f"{url}/resolve")
    history = client.get(f"{url}/history")
    assert history.status_code == 200
    assert history.json() == {
        "alert_id": alert_id,
        "events": [
            {"at": "2026-03-04T06:06:07Z", "actor": "local", "action": "resolved"},
            {
                "at": "2026-03-04T05:06:07Z",
                "actor": "local",
                "action": "assigned",
                "detail": "Ada",
            },
        ],
    }


def test_an_alert_that_does_not_exist_has_no_history(client: TestClient) -> None:
    answer = client.get("/api/alerts/7/history")
    assert answer.status_code == 404
    assert "There is no alert 7." in answer.text
