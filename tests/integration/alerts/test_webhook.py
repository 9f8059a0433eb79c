"""Alertmanager's notifications become alerts on the screen, once each."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from api.alerts.webhook import ACTOR
from tests.integration.alerts.conftest import Clock
from tests.integration.alerts.test_lifecycle import AS_JSON, listed, trail, version

ALERT: dict[str, Any] = {
    "status": "firing",
    "labels": {"alertname": "SloBurn", "slo": "ttfb", "severity": "page", "tier": "1"},
    "annotations": {
        "summary": "First byte is late for too many views",
        "description": "67 % of page views in the last hour waited longer than 300 ms.",
    },
    "startsAt": "2026-03-04T05:00:00.739266876+02:00",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "http://prometheus.example/graph",
    "fingerprint": "1a30ba71cca2921f",
}


def payload(*alerts: dict[str, Any]) -> dict[str, Any]:
    """A notification as Alertmanager sends it; each alert overrides parts of ``ALERT``."""
    return {
        "version": "4",
        "groupKey": '{}:{alertname="SloBurn"}',
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "execdash",
        "groupLabels": {"alertname": "SloBurn"},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": "http://alertmanager.example",
        "alerts": [{**ALERT, **alert} for alert in alerts],
    }


def send(client: TestClient, *alerts: dict[str, Any]) -> dict[str, int]:
    return posted(client, payload(*alerts))


def posted(client: TestClient, body: dict[str, Any]) -> dict[str, int]:
    answer = client.post("/api/alerts/webhook", json=body)
    assert answer.status_code == 200, answer.text
    counts: dict[str, int] = answer.json()
    return {name: count for name, count in counts.items() if count}


def test_a_firing_objective_opens_one_alert_however_often_it_is_sent(
    client: TestClient, engine: Engine
) -> None:
    before = version(engine)
    assert send(client, {}) == {"opened": 1}
    assert send(client, {}) == {"unchanged": 1}
    (alert,) = listed(client)
    assert alert["type"] == "slo_burn"
    assert alert["title"] == "First byte is late for too many views"
    assert alert["description"].startswith("67 % of page views")
    assert alert["drilldown"] == "/reliability"
    assert (alert["severity"], alert["status"]) == ("high", "open")
    assert "kpi" not in alert
    assert trail(engine, alert["id"]) == [("opened", "alertmanager", None)]
    assert version(engine) == before + 1


def test_a_resolved_notification_closes_it_and_the_next_firing_opens_another(
    client: TestClient, clock: Clock
) -> None:
    send(client, {})
    assert send(client, {"status": "resolved"}) == {"resolved": 1}
    assert listed(client) == []
    assert send(client, {"status": "resolved"}) == {"unchanged": 1}
    assert send(client, {"startsAt": clock.now.isoformat()}) == {"unchanged": 1}
    assert send(client, {"startsAt": "2026-03-04T05:06:08Z"}) == {"opened": 1}


def tier(severity: str, status: str = "firing", start: str = "2026-03-04T03:00:00Z") -> Any:
    labels = {**ALERT["labels"], "severity": severity, "tier": severity}
    annotations = {**ALERT["annotations"], "summary": f"A {severity} of this objective"}
    fingerprint = f"{severity}0123"
    return {
        "status": status,
        "labels": labels,
        "annotations": annotations,
        "startsAt": start,
        "fingerprint": fingerprint,
    }


def test_all_tiers_of_an_objective_are_one_alert_as_severe_as_the_worst(
    client: TestClient,
) -> None:
    def shown() -> tuple[str, str]:
        (alert,) = listed(client)
        return alert["severity"], alert["title"]

    assert send(client, tier("ticket")) == {"opened": 1}
    assert shown() == ("medium", "A ticket of this objective")
    assert send(client, tier("ticket"), tier("page")) == {"updated": 1}
    assert shown() == ("high", "A page of this objective")
    assert send(client, tier("page", "resolved"), tier("ticket")) == {"updated": 1}
    assert shown() == ("medium", "A ticket of this objective")
    assert send(client, tier("page", "resolved"), tier("ticket", "resolved")) == {"resolved": 1}
    assert listed(client) == []


def test_of_equally_severe_tiers_the_first_keeps_its_words(client: TestClient) -> None:
    send(client, {**tier("page"), "annotations": {"summary": "The fast one"}})
    slow = {
        **tier("page", start="2026-03-04T04:00:00Z"),
        "annotations": {"summary": "The slow one"},
    }
    fast = {**tier("page"), "annotations": {"summary": "The fast one"}}
    send(client, slow, fast)
    assert [alert["title"] for alert in listed(client)] == ["The fast one"]


def test_a_worse_tier_that_starts_after_a_person_resolved_it_opens_another(
    client: TestClient,
) -> None:
    send(client, tier("ticket"))
    client.post(f"/api/alerts/{listed(client)[0]['id']}/resolve")
    assert send(client, tier("ticket")) == {"unchanged": 1}
    assert send(client, tier("ticket"), tier("page", start="2026-03-04T09:00:00Z")) == {"opened": 1}


def test_objectives_in_one_notification_are_alerts_of_their_own(client: TestClient) -> None:
    other = {**tier("page"), "labels": {**ALERT["labels"], "slo": "render"}}
    assert send(client, tier("page"), other) == {"opened": 2}
    assert send(client, {**other, "status": "resolved"}) == {"resolved": 1}
    assert len(listed(client)) == 1


def test_what_a_person_resolved_stays_resolved_while_the_same_firing_repeats(
    client: TestClient,
) -> None:
    send(client, {})
    client.post(f"/api/alerts/{listed(client)[0]['id']}/resolve")
    assert send(client, {}) == {"unchanged": 1}
    assert listed(client) == []


def test_a_change_of_words_or_severity_updates_and_keeps_what_people_did(
    client: TestClient,
) -> None:
    send(client, {})
    alert_id = listed(client)[0]["id"]
    client.post(f"/api/alerts/{alert_id}/acknowledge")
    changed = {"labels": {**ALERT["labels"], "severity": "ticket"}}
    assert send(client, changed) == {"updated": 1}
    (alert,) = listed(client)
    assert (alert["severity"], alert["status"]) == ("medium", "acknowledged")


def test_a_ticket_that_becomes_a_page_ends_its_snooze_and_nothing_else(
    client: TestClient, engine: Engine
) -> None:
    send(client, tier("ticket"))
    alert_id = listed(client)[0]["id"]
    client.post(f"/api/alerts/{alert_id}/assign", json={"assignee": "Ada"})
    until = {"until": "2026-03-05T00:00:00Z"}
    client.post(f"/api/alerts/{alert_id}/snooze", json=until)
    assert send(client, {**tier("ticket"), "annotations": {"summary": "Said anew"}})
    assert listed(client)[0]["status"] == "snoozed"
    assert send(client, tier("ticket"), tier("page")) == {"updated": 1}
    (alert,) = listed(client)
    assert (alert["severity"], alert["status"], alert["assignee"]) == ("high", "open", "Ada")
    assert "snoozed_until" not in alert
    client.post(f"/api/alerts/{alert_id}/snooze", json=until)
    assert send(client, tier("ticket"), tier("page", "resolved")) == {"updated": 1}
    assert listed(client)[0]["status"] == "snoozed"
    assert [(row[0], row[2]) for row in trail(engine, alert_id) if row[1] == ACTOR] == [
        ("opened", None),
        ("updated", "Said anew"),
        ("escalated", "A page of this objective; this ended its snooze"),
        ("eased", "A ticket of this objective"),
    ]


def test_an_escalation_after_a_snooze_ran_out_ended_no_snooze(
    client: TestClient, engine: Engine, clock: Clock
) -> None:
    send(client, tier("ticket"))
    alert_id = listed(client)[0]["id"]
    until = {"until": "2026-03-04T06:00:00Z"}
    client.post(f"/api/alerts/{alert_id}/snooze", json=until)
    clock.now += timedelta(hours=1)
    send(client, tier("page"))
    assert trail(engine, alert_id)[-1] == ("escalated", ACTOR, "A page of this objective")


def test_a_page_that_began_before_a_person_resolved_the_ticket_is_seen(client: TestClient) -> None:
    send(client, tier("ticket"))
    client.post(f"/api/alerts/{listed(client)[0]['id']}/resolve")
    # Prometheus fired it before, but Alertmanager tells of it only now.
    assert send(client, tier("ticket"), tier("page", start="2026-03-04T05:06:00Z")) == {"opened": 1}
    assert [alert["severity"] for alert in listed(client)] == ["high"]


def test_alerts_that_are_not_about_an_objective_are_left_out(client: TestClient) -> None:
    heartbeat = {"labels": {"alertname": "Watchdog", "severity": "none"}, "fingerprint": "a1"}
    assert send(client, heartbeat, {}) == {"ignored": 1, "opened": 1}
    nameless = {"labels": {"alertname": "SloBurn", "slo": ""}}
    assert send(client, nameless) == {"ignored": 1}


def test_words_that_are_missing_are_made_from_the_objectives_name(client: TestClient) -> None:
    send(client, {"annotations": {}, "labels": {"slo": "render"}})
    (alert,) = listed(client)
    assert alert["title"] == "Objective render is at risk"
    assert alert["severity"] == "low"


def test_long_words_are_cut_to_what_fits(client: TestClient) -> None:
    send(client, {"annotations": {"summary": "x" * 4096, "description": "y" * 4096}})
    assert len(listed(client)[0]["title"]) == 200


def broken(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    body = payload({"labels": dict(ALERT["labels"])})
    change(body)
    return body


def test_a_whole_number_may_be_written_with_a_point(client: TestClient) -> None:
    body = broken(lambda body: body.update(truncatedAlerts=2.0))
    assert client.post("/api/alerts/webhook", json=body).status_code == 200


@pytest.mark.parametrize(
    ("why", "change"),
    [
        ("another version", lambda body: body.update(version="3")),
        ("no version", lambda body: body.pop("version")),
        ("no alerts", lambda body: body.pop("alerts")),
        ("alerts that are no list", lambda body: body.update(alerts={})),
        ("fewer than no alerts left out", lambda body: body.update(truncatedAlerts=-1)),
        ("half an alert left out", lambda body: body.update(truncatedAlerts=0.5)),
        ("a bad end", lambda body: body["alerts"][0].update(endsAt="soon")),
        ("501 alerts", lambda body: body.update(alerts=body["alerts"] * 501)),
        ("an unknown status", lambda body: body["alerts"][0].update(status="pending")),
        ("a bad instant", lambda body: body["alerts"][0].update(startsAt="yesterday")),
        ("no fingerprint", lambda body: body["alerts"][0].pop("fingerprint")),
        ("an empty fingerprint", lambda body: body["alerts"][0].update(fingerprint="")),
        ("a long fingerprint", lambda body: body["alerts"][0].update(fingerprint="a" * 65)),
        ("a label that is no text", lambda body: body["alerts"][0]["labels"].update(slo=5)),
        ("a long label", lambda body: body["alerts"][0]["labels"].update(slo="x" * 4097)),
        ("a NUL in a label", lambda body: body["alerts"][0]["labels"].update(slo="a\x00b")),
        ("half a character", lambda body: body["alerts"][0]["labels"].update(slo="\ud800")),
        (
            "65 labels",
            lambda body: body["alerts"][0]["labels"].update({f"l{i}": "x" for i in range(65)}),
        ),
    ],
)
def test_a_payload_that_is_not_alertmanagers_is_400_and_opens_nothing(
    client: TestClient, why: str, change: Callable[[dict[str, Any]], object]
) -> None:
    answer = client.post("/api/alerts/webhook", content=json.dumps(broken(change)), headers=AS_JSON)
    assert answer.status_code == 400, why
    assert listed(client) == []


@pytest.mark.parametrize("chunked", [True, False])
def test_a_body_over_the_limit_is_413_before_it_is_parsed(
    client: TestClient, chunked: bool
) -> None:
    body = b" " * 1_000_001
    content = iter([body[:500_000], body[500_000:]]) if chunked else body
    answer = client.post("/api/alerts/webhook", content=content, headers=AS_JSON)
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
