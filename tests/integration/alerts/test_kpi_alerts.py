"""Alerts follow the last complete month's values, once, and remember what people did."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, delete, event
from sqlalchemy.orm import Session

from api.alerts import explanations
from api.alerts.explanations import Explained, explain_alerts
from api.alerts.service import evaluate_alerts
from api.drivers import service as drivers_service
from api.settings import Settings
from api.storage import tables, versions
from api.storage.engine import for_writing
from tests.factories import add, order, retention, target, uptime
from tests.integration.alerts.conftest import Clock
from tests.integration.alerts.test_lifecycle import listed, trail, version
from tests.plain import plain

MONTH_SECONDS = 1_000_000

pytestmark = pytest.mark.usefixtures("asked_each_time")


def judge(engine: Engine, day: str, database_url: str = "sqlite://") -> int:
    now = datetime.fromisoformat(f"{day}T09:00:00+00:00")
    with Session(for_writing(engine)) as session:
        changed = evaluate_alerts(session, Settings(database_url=database_url), now, "schedule")
        session.commit()
    return changed


def explained(engine: Engine, day: str, known: Explained | None = None) -> Explained | None:
    now = datetime.fromisoformat(f"{day}T09:00:00+00:00")
    return explain_alerts(engine, Settings(database_url="sqlite://"), now, "schedule", known)


def given_revenue(engine: Engine, **months: int) -> None:
    """Recognized revenue by month: ``m01=120`` is 120 in January 2026."""
    rows = [
        order(f"2026-{month[1:]}-01", amount, recognized_on=f"2026-{month[1:]}-10")
        for month, amount in months.items()
    ]
    add(engine, "orders", *rows)


def given_lines(engine: Engine, kpi: str, watch: str, act: str, **columns: Any) -> None:
    add(engine, "targets", target(kpi, watch, watch=watch, act=act, **columns))


def actions(engine: Engine, alert_id: int) -> list[str]:
    return [action for action, _, _ in trail(engine, alert_id)]


def test_a_month_below_the_act_line_opens_a_high_alert_in_plain_words(
    client: TestClient, engine: Engine
) -> None:
    add(engine, "uptime", uptime("2026-02", 991_200, MONTH_SECONDS))
    given_lines(engine, "uptime", "0.999", "0.995")
    before = version(engine)
    assert judge(engine, "2026-03-04") == 1
    (alert,) = listed(client)
    assert plain(alert["title"]) == "Uptime below the act line: 99.12 % (line 99.50 %)"
    assert plain(alert["description"]) == (
        "In February 2026: Uptime is 99.12 %. The act line asks for at least 99.50 %."
    )
    assert (alert["severity"], alert["status"], alert["kpi"]) == ("high", "open", "uptime")
    assert alert["drilldown"] == "/operations/uptime"
    assert trail(engine, alert["id"]) == [("opened", "schedule", alert["title"])]
    assert version(engine) == before + 1


def test_judging_again_without_new_data_changes_nothing(engine: Engine) -> None:
    given_revenue(engine, m01=100, m02=50)
    given_lines(engine, "revenue", "90", "70")
    assert judge(engine, "2026-03-04") == 1
    before = version(engine)
    assert judge(engine, "2026-03-05") == 0
    assert version(engine) == before


def test_processes_that_judge_at_once_open_one_alert(client: TestClient, engine: Engine) -> None:
    given_revenue(engine, m01=100, m02=50)
    given_lines(engine, "revenue", "90", "70")
    together = Barrier(4)

    def judge_with_others(_: int) -> int:
        together.wait()
        return judge(engine, "2026-03-04")

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(judge_with_others, range(4))) == [0, 0, 0, 1]
    assert len(listed(client)) == 1


def test_a_value_exactly_on_its_line_is_quiet(client: TestClient, engine: Engine) -> None:
    given_revenue(engine, m02=90)
    given_lines(engine, "revenue", "90", "70")
    assert judge(engine, "2026-03-04") == 0


def test_the_running_month_is_not_judged_and_a_months_own_lines_win(
    client: TestClient, engine: Engine
) -> None:
    given_revenue(engine, m02=80, m03=1)
    given_lines(engine, "revenue", "90", "70")
    given_lines(engine, "revenue", "60", "50", period="2026-02")
    assert judge(engine, "2026-03-31") == 0
    assert judge(engine, "2026-04-01") == 1
    assert "£1 (line £70)" in listed(client)[0]["title"]


def test_where_down_is_good_the_alert_says_above(client: TestClient, engine: Engine) -> None:
    add(engine, "orders", order("2026-02-03", 1500))
    given_lines(engine, "backlog", "1000", "2000")
    judge(engine, "2026-03-04")
    (alert,) = listed(client)
    assert plain(alert["title"]) == "Backlog above the watch line: £1.5k (line £1k)"
    assert alert["description"].startswith("At the end of February 2026: Backlog is £1.5k.")
    assert alert["severity"] == "medium"


def test_a_targets_own_direction_overrides_the_usual_one(
    client: TestClient, engine: Engine
) -> None:
    add(engine, "orders", order("2026-02-03", 1500))
    given_lines(engine, "backlog", "2000", "1000", good_direction="up")
    judge(engine, "2026-03-04")
    assert listed(client)[0]["title"].startswith("Backlog below the watch line")


def test_nrr_is_judged_over_the_twelve_months_that_end_with_the_last_complete_one(
    client: TestClient, engine: Engine
) -> None:
    months = [f"2025-{month:02}" for month in range(3, 13)] + ["2026-01", "2026-02"]
    add(engine, "retention", *(retention(month, 1000, churned=10) for month in months))
    given_lines(engine, "nrr", "0.95", "0.90")
    judge(engine, "2026-03-04")
    (alert,) = listed(client)
    assert plain(alert["title"]) == "NRR below the act line: 88.0 % (line 90.0 %)"
    assert alert["description"].startswith("In the 12 months to February 2026:")


def test_a_forecast_is_about_the_next_month(client: TestClient, engine: Engine) -> None:
    given_revenue(engine, m01=100, m02=100)
    add(engine, "orders", order("2025-12-01", 100, recognized_on="2025-12-05"))
    given_lines(engine, "forecast", "200", "150")
    judge(engine, "2026-03-04")
    (alert,) = listed(client)
    assert plain(alert["title"]) == "Forecast below the act line: £102 (line £150)"
    assert alert["description"].startswith("For March 2026:")


def test_a_value_that_hovers_at_its_line_makes_one_alert_until_it_recovers_by_2_percent(
    client: TestClient, engine: Engine
) -> None:
    given_revenue(engine, m01=99, m02=100, m03=101, m04=102, m05=99)
    given_lines(engine, "revenue", "100", "50")
    judge(engine, "2026-02-01")
    first = listed(client)[0]["id"]
    judge(engine, "2026-03-01")
    judge(engine, "2026-04-01")
    (alert,) = listed(client)
    assert alert["id"] == first
    assert plain(alert["title"]) == (
        "Recognized Revenue has not clearly recovered from the watch line: £101 (line £100)"
    )
    judge(engine, "2026-05-01")
    assert listed(client) == []
    judge(engine, "2026-06-01")
    assert listed(client)[0]["id"] != first
    assert actions(engine, first) == ["opened", "updated", "updated", "recovered"]


def test_an_alert_escalates_wakes_those_who_had_seen_it_and_eases_again(
    client: TestClient, engine: Engine
) -> None:
    given_revenue(engine, m01=90, m02=40, m03=50, m04=80, m05=120)
    given_lines(engine, "revenue", "100", "50")
    judge(engine, "2026-02-01")
    alert_id = listed(client)[0]["id"]
    client.post(f"/api/alerts/{alert_id}/acknowledge")
    judge(engine, "2026-03-01")
    assert [(a["severity"], a["status"]) for a in listed(client)] == [("high", "open")]
    client.post(f"/api/alerts/{alert_id}/acknowledge")
    judge(engine, "2026-04-01")
    assert [(a["severity"], a["status"]) for a in listed(client)] == [("high", "acknowledged")]
    judge(engine, "2026-05-01")
    assert [(a["severity"], a["status"]) for a in listed(client)] == [("medium", "acknowledged")]
    judge(engine, "2026-06-01")
    assert listed(client) == []
    assert actions(engine, alert_id) == [
        "opened",
        "acknowledged",
        "escalated",
        "acknowledged",
        "updated",
        "eased",
        "recovered",
    ]


def test_escalation_ends_a_snooze(client: TestClient, engine: Engine, clock: Clock) -> None:
    given_revenue(engine, m01=90, m02=40)
    given_lines(engine, "revenue", "100", "50")
    judge(engine, "2026-02-01")
    alert_id = listed(client)[0]["id"]
    until = (clock.now + timedelta(days=30)).isoformat()
    client.post(f"/api/alerts/{alert_id}/assign", json={"assignee": "Ada"})
    client.post(f"/api/alerts/{alert_id}/snooze", json={"until": until})
    judge(engine, "2026-03-01")
    (alert,) = listed(client)
    assert (alert["severity"], alert["status"], alert["assignee"]) == ("high", "open", "Ada")
    assert "snoozed_until" not in alert
    action, _, detail = trail(engine, alert_id)[-1]
    assert (action, detail) == ("escalated", f"{alert['title']}; this ended its snooze")


def test_what_a_person_resolved_opens_again_only_after_a_recovery_or_when_it_gets_worse(
    client: TestClient, engine: Engine
) -> None:
    given_revenue(engine, m01=90, m02=90, m03=102, m04=90, m05=90, m06=40)
    given_lines(engine, "revenue", "100", "50")
    judge(engine, "2026-02-01")
    first = listed(client)[0]["id"]
    client.post(f"/api/alerts/{first}/resolve")
    assert judge(engine, "2026-03-01") == 0
    assert listed(client) == []
    judge(engine, "2026-04-01")
    judge(engine, "2026-05-01")
    second = listed(client)[0]["id"]
    assert second != first
    client.post(f"/api/alerts/{second}/resolve")
    assert judge(engine, "2026-06-01") == 0
    judge(engine, "2026-07-01")
    (third,) = listed(client)
    assert (third["id"] == second, third["severity"]) == (False, "high")
    assert actions(engine, first) == ["opened", "resolved", "rearmed"]


def test_a_resolved_act_alert_re_arms_line_by_line(client: TestClient, engine: Engine) -> None:
    given_revenue(engine, m01=40, m02=80, m03=40)
    given_lines(engine, "revenue", "100", "50")
    judge(engine, "2026-02-01")
    client.post(f"/api/alerts/{listed(client)[0]['id']}/resolve")
    judge(engine, "2026-03-01")
    assert listed(client) == []
    judge(engine, "2026-04-01")
    assert [alert["severity"] for alert in listed(client)] == ["high"]


def test_a_month_without_a_value_neither_opens_nor_closes(
    client: TestClient, engine: Engine
) -> None:
    given_revenue(engine, m01=40)
    given_lines(engine, "revenue", "100", "50")
    judge(engine, "2026-02-01")
    assert judge(engine, "2026-03-01") == 0
    assert len(listed(client)) == 1


def test_taking_the_lines_away_closes_the_alert(client: TestClient, engine: Engine) -> None:
    given_revenue(engine, m01=40)
    given_lines(engine, "revenue", "100", "50")
    judge(engine, "2026-02-01")
    with for_writing(engine).begin() as connection:
        connection.execute(delete(tables.targets))
    assert judge(engine, "2026-02-02") == 1
    assert listed(client) == []


@pytest.mark.parametrize(
    ("timezone", "now", "changed"),
    [
        ("UTC", datetime(2026, 2, 1, 0, 30, tzinfo=UTC), 1),
        ("America/New_York", datetime(2026, 2, 1, 0, 30, tzinfo=UTC), 0),
    ],
)
def test_the_reporting_time_zone_decides_when_a_month_is_complete(
    engine: Engine, timezone: str, now: datetime, changed: int
) -> None:
    given_revenue(engine, m01=40)
    add(engine, "orders", order("2025-12-01", 500, recognized_on="2025-12-02"))
    given_lines(engine, "revenue", "100", "50")
    settings = Settings(database_url="sqlite://", timezone=timezone)
    with Session(for_writing(engine)) as session:
        assert evaluate_alerts(session, settings, now, "schedule") == changed


def test_without_data_nothing_is_judged(engine: Engine) -> None:
    add(engine, "targets", *(target(kpi, 1, watch=2, act=3) for kpi in ("revenue", "gm", "arr")))
    assert judge(engine, "2026-03-04") == 0


def test_an_alert_says_what_contributed_to_the_change_since_the_month_before(
    client: TestClient, engine: Engine
) -> None:
    for month, east in (("2026-01", 100), ("2026-02", 40)):
        day = f"{month}-10"
        add(
            engine,
            "orders",
            order(f"{month}-01", east, recognized_on=day, region="East"),
            order(f"{month}-01", 20, recognized_on=day, region="West"),
        )
    given_lines(engine, "revenue", "90", "50")
    judge(engine, "2026-03-04")
    (alert,) = listed(client)
    assert "driver" not in alert
    state = explained(engine, "2026-03-04")
    (alert,) = listed(client)
    assert alert["drilldown"] == "/sales/kpis/revenue"
    assert plain(alert["driver"]) == (
        "Recognized Revenue fell by £60 (-50.0 %) to £60 against January 2026."
        " East contributed -£60 (100 %)."
    )
    # Restated rows change what contributed, and the value not at all.
    with Session(for_writing(engine)) as session:
        session.execute(tables.orders.update().values(region="North"))
        session.commit()
    assert judge(engine, "2026-03-04") == 0
    assert explained(engine, "2026-03-04", state) == state  # nothing was imported since
    explained(engine, "2026-03-04")
    (alert,) = listed(client)
    assert "North contributed" in alert["driver"]
    assert actions(engine, alert["id"]) == ["opened", "explained", "explained"]
    before = version(engine)
    assert explained(engine, "2026-03-04") is not None
    assert version(engine) == before


def test_judging_reads_no_order_so_that_it_holds_up_no_writer(engine: Engine) -> None:
    given_revenue(engine, m01=120, m02=10)
    given_lines(engine, "revenue", "90", "50")
    statements: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    assert judge(engine, "2026-03-04") == 1
    assert [each for each in statements if "FROM orders" in each] == []
    explained(engine, "2026-03-04")
    assert [each for each in statements if "FROM orders" in each] != []


def test_data_that_change_while_an_alert_is_explained_are_explained_anew(
    client: TestClient, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_revenue(engine, m01=120, m02=10)
    given_lines(engine, "revenue", "90", "50")
    judge(engine, "2026-03-04")

    def meanwhile(*arguments: Any) -> Any:
        with Session(for_writing(engine)) as session, session.begin():
            versions.bump(session, datetime(2026, 3, 4, tzinfo=UTC))
        return drivers_service.explain(*arguments)

    monkeypatch.setattr(explanations, "explain", meanwhile)
    assert explained(engine, "2026-03-04") is None
    assert "driver" not in listed(client)[0]
    monkeypatch.undo()
    assert explained(engine, "2026-03-04") is not None
    assert "driver" in listed(client)[0]


def test_without_a_month_before_the_alert_says_that_nothing_can_be_compared(
    client: TestClient, engine: Engine
) -> None:
    given_revenue(engine, m02=10)
    given_lines(engine, "revenue", "90", "50")
    judge(engine, "2026-03-04")
    explained(engine, "2026-03-04")
    (alert,) = listed(client)
    assert alert["driver"].startswith("There is no Recognized Revenue for the window before")
