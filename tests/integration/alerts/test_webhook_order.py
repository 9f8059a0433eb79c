"""Notifications that are late, cut off, repeated or no longer come."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from api.alerts.webhook import ACTOR, CONFIRMED_FOR
from slo.alertmanager import People, Screen, alertmanager_file
from slo.objectives import load_objectives
from tests.integration.alerts.conftest import Clock
from tests.integration.alerts.test_lifecycle import given_alert, listed, trail, version
from tests.integration.alerts.test_webhook import payload, posted, send, tier

HEARD = "2026-03-04T05:06:07Z"


def cut(client: TestClient, *tiers: Any) -> dict[str, int]:
    """A notification of which ``max_alerts`` left one out."""
    return posted(client, {**payload(*tiers), "truncatedAlerts": 1})


def ends(client: TestClient, at: str | None, severity: str = "page") -> dict[str, int]:
    return send(client, {**tier(severity, "resolved"), "endsAt": at})


def test_two_repeats_may_be_missed_before_a_firing_is_unconfirmed() -> None:
    written = alertmanager_file(load_objectives(), Screen(), People())
    (repeat,) = (
        route["repeat_interval"]
        for route in yaml.safe_load(written)["route"]["routes"]
        if route["receiver"] == "screen"
    )
    assert repeat == "1h"
    assert timedelta(hours=2) < CONFIRMED_FOR < timedelta(hours=3)


def test_a_firing_that_is_no_longer_repeated_is_unconfirmed_and_stays(
    client: TestClient, engine: Engine, clock: Clock
) -> None:
    send(client, tier("page"))
    heard = clock.now
    clock.now = heard + CONFIRMED_FOR - timedelta(seconds=1)
    assert "unconfirmed_since" not in listed(client)[0]
    clock.now = heard + CONFIRMED_FOR
    (alert,) = listed(client)
    assert (alert["status"], alert["severity"]) == ("open", "high")
    assert alert["unconfirmed_since"] == HEARD
    assert (
        client.post(f"/api/alerts/{alert['id']}/acknowledge").json()["unconfirmed_since"] == HEARD
    )
    answer = client.post(f"/api/alerts/{alert['id']}/resolve").json()
    assert "unconfirmed_since" not in answer


def test_each_repeat_confirms_and_changes_nothing_that_is_shown(
    client: TestClient, engine: Engine, clock: Clock
) -> None:
    send(client, tier("page"))
    shown, before = listed(client), version(engine)
    for _ in range(5):
        clock.now += timedelta(hours=1)
        assert send(client, tier("page")) == {"unchanged": 1}
        assert listed(client) == shown
    assert version(engine) == before
    assert len(trail(engine, shown[0]["id"])) == 1


def test_what_is_heard_of_again_is_confirmed_and_the_trail_says_so(
    client: TestClient, engine: Engine, clock: Clock
) -> None:
    send(client, tier("page"))
    clock.now += timedelta(days=1)
    (alert,) = listed(client)
    before = version(engine)
    assert send(client, tier("page")) == {"updated": 1}
    assert "unconfirmed_since" not in listed(client)[0]
    assert version(engine) == before + 1
    assert trail(engine, alert["id"])[-1] == ("confirmed", ACTOR, None)


def test_nobody_confirms_alerts_about_kpis(
    client: TestClient, engine: Engine, clock: Clock
) -> None:
    given_alert(engine)
    clock.now += timedelta(days=30)
    assert "unconfirmed_since" not in listed(client)[0]


def test_the_first_screen_says_so_too_without_any_import(client: TestClient, clock: Clock) -> None:
    def shown() -> dict[str, Any]:
        (alert,) = client.get("/api/executive-dashboard").json()["alerts"]
        return dict(alert)

    clock.now = datetime(2026, 3, 4, 5, tzinfo=UTC)
    send(client, tier("page"))
    clock.now += timedelta(hours=1)
    send(client, tier("page"))
    assert "unconfirmed_since" not in shown()
    clock.now += CONFIRMED_FOR
    assert shown()["unconfirmed_since"] == "2026-03-04T06:00:00Z"


@pytest.mark.parametrize("end", ["2026-03-04T05:05:00Z", "0001-01-01T00:00:00Z"])
def test_a_firing_that_comes_after_its_end_opens_nothing(
    client: TestClient, engine: Engine, end: str
) -> None:
    before = version(engine)
    assert ends(client, end) == {"unchanged": 1}
    assert send(client, tier("page")) == {"unchanged": 1}
    assert listed(client) == []
    assert version(engine) == before
    assert trail(engine, 1) == [("resolved", ACTOR, "nothing was heard of its firing")]
    assert send(client, tier("page", start="2026-03-04T05:07:00Z")) == {"opened": 1}


def test_the_second_firing_too_opens_nothing_when_it_comes_after_its_end(
    client: TestClient, engine: Engine, clock: Clock
) -> None:
    send(client, tier("page"))
    ends(client, HEARD)
    clock.now += timedelta(hours=2)
    assert ends(client, "2026-03-04T07:00:00Z") == {"unchanged": 1}
    assert ends(client, "2026-03-04T07:00:00Z") == {"unchanged": 1}
    assert send(client, tier("page", start="2026-03-04T06:30:00Z")) == {"unchanged": 1}
    assert [row[0] for row in trail(engine, 1)] == ["opened", "resolved", "ended"]
    assert send(client, tier("page", start="2026-03-04T07:01:00Z")) == {"opened": 1}


def test_one_that_starts_before_the_last_end_was_heard_of_is_opened(
    client: TestClient, clock: Clock
) -> None:
    send(client, tier("page"))
    clock.now += timedelta(hours=1)
    assert ends(client, "2026-03-04T06:05:37Z") == {"resolved": 1}
    assert send(client, tier("page", start="2026-03-04T06:05:52Z")) == {"opened": 1}


@pytest.mark.parametrize(
    "end",
    ["2026-03-04T09:00:00Z", "0001-01-01T00:00:00+12:00", "9999-12-31T23:59:59-12:00", None],
)
def test_an_end_that_cannot_be_is_now(client: TestClient, clock: Clock, end: str | None) -> None:
    send(client, tier("page"))
    clock.now += timedelta(hours=1)
    assert ends(client, end) == {"resolved": 1}
    assert send(client, tier("page", start="2026-03-04T06:06:07Z")) == {"unchanged": 1}
    assert send(client, tier("page", start="2026-03-04T06:06:08Z")) == {"opened": 1}


def test_what_fires_with_an_end_in_the_past_fires(client: TestClient) -> None:
    assert send(client, {**tier("page"), "endsAt": "2026-03-04T04:00:00Z"}) == {"opened": 1}


def test_of_a_list_that_was_cut_nothing_is_resolved_or_eased(
    client: TestClient, clock: Clock
) -> None:
    send(client, tier("page"), tier("ticket"))
    clock.now += timedelta(hours=2)
    assert cut(client, tier("ticket")) == {"unchanged": 1}  # and yet it confirms
    assert cut(client, tier("ticket", "resolved")) == {"unchanged": 1}
    clock.now += timedelta(hours=1)
    (alert,) = listed(client)
    assert (alert["severity"], alert["title"]) == ("high", "A page of this objective")
    assert "unconfirmed_since" not in alert


def test_of_a_list_that_was_cut_what_is_new_or_worse_is_shown(client: TestClient) -> None:
    assert cut(client, tier("ticket")) == {"opened": 1}
    assert cut(client, tier("page")) == {"updated": 1}
    assert [alert["severity"] for alert in listed(client)] == ["high"]


def test_an_objective_that_the_file_does_not_name_is_shown(client: TestClient) -> None:
    unknown = {**tier("page"), "labels": {"slo": "of-another-team", "severity": "page"}}
    assert send(client, unknown) == {"opened": 1}
    assert listed(client)[0]["drilldown"] == "/reliability"


def test_as_many_objectives_as_a_notification_may_hold_are_taken(client: TestClient) -> None:
    many = [
        {**tier("page"), "labels": {"slo": f"slo-{place}", "severity": "page"}}
        for place in range(500)
    ]
    assert send(client, *many) == {"opened": 500}
    assert send(client, *many) == {"unchanged": 500}
    over = [{**each, "status": "resolved"} for each in many]
    assert send(client, *over) == {"resolved": 500}
