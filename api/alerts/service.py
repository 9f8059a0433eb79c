"""Alerts as people see and handle them."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from api.alerts import queries, webhook
from api.alerts.kpi_alerts import evaluate_alerts
from api.alerts.queries import AlertRow
from api.alerts.schemas import Alert, AlertEvent, AlertHistory, AlertList
from api.answers import Reusable, timed
from api.audit import service as audit
from api.auth.identity import Identity
from api.errors import BadRequest, Conflict, Forbidden, NotFound
from api.executive.kpis import SPECS, KpiKey
from api.storage import versions

RELIABILITY_PAGE = "/reliability"
__all__ = ["current_alerts", "evaluate_alerts"]  # for other capabilities

MAX_SNOOZE = timedelta(days=90)
TOLD_TIME_HOLDS = timedelta(seconds=1)  # "as of" is told in minutes
MOST_EVENTS = 200


class Current(NamedTuple):
    """Alerts as they are now, and when that changes by itself, if ever."""

    alerts: list[Alert]
    until: datetime | None


def current_alerts(session: Session, now: datetime) -> Current:
    """What is open, acknowledged or snoozed: the most severe first, then the newest.

    Always current, whatever the view's ``as_of``. A snooze that ran out shows as open.
    """
    rows = queries.unresolved(session)
    ends = (end for row in rows for end in (row.snoozed_until, webhook.confirmed_until(row)))
    until = min((end for end in ends if end is not None and end > now), default=None)
    return Current([_shown(row, now) for row in rows], until)


def list_alerts(session: Session, now: datetime, viewer: Identity) -> Reusable:
    """Answer of ``GET /api/alerts``: those that are the viewer's. It tells its own time."""
    version = versions.current(session)
    found = current_alerts(session, now)
    alerts = [each for each in found.alerts if viewer.sees_alert(each.kpi)]
    body, etag = timed(AlertList(alerts=alerts, generated_at=now))
    until = now + TOLD_TIME_HOLDS
    return Reusable(body, etag, version, min(until, found.until or until))


def history(session: Session, viewer: Identity, alert_id: int) -> AlertHistory:
    """Body of ``GET /api/alerts/{id}/history``: 404 when unknown, 403 when it is not theirs."""
    _known(session, viewer, alert_id)
    events = [
        AlertEvent(at=row.at, actor=row.actor, action=row.action, detail=row.detail)
        for row in queries.events(session, alert_id, MOST_EVENTS)
    ]
    return AlertHistory(alert_id=alert_id, events=events)


def acknowledge(session: Session, now: datetime, actor: Identity, alert_id: int) -> Alert:
    """Someone has seen it. Ends a snooze."""
    _take(session, now, actor, alert_id)
    queries.change(session, alert_id, status="acknowledged", snoozed_until=None)
    return _recorded(session, now, actor, alert_id, "alert_acknowledged")


def assign(session: Session, now: datetime, actor: Identity, alert_id: int, assignee: str) -> Alert:
    """Someone is to handle it."""
    _take(session, now, actor, alert_id)
    queries.change(session, alert_id, assignee=assignee)
    return _recorded(session, now, actor, alert_id, "alert_assigned", assignee)


def snooze(
    session: Session, now: datetime, actor: Identity, alert_id: int, until: datetime
) -> Alert:
    """Quiet until an instant, at most 90 days ahead. Raises ``BadRequest`` for any other."""
    if not now < until <= now + MAX_SNOOZE:
        raise BadRequest(
            f"until: must lie in the future and at most {MAX_SNOOZE.days} days ahead"
            f" (now is {now:%Y-%m-%dT%H:%M:%SZ})"
        )
    _take(session, now, actor, alert_id)
    queries.change(session, alert_id, status="snoozed", snoozed_until=until)
    return _recorded(session, now, actor, alert_id, "alert_snoozed", f"until {until.isoformat()}")


def resolve(session: Session, now: datetime, actor: Identity, alert_id: int) -> Alert:
    """It is dealt with. It opens again only after the value has recovered in between."""
    _take(session, now, actor, alert_id)
    queries.change(session, alert_id, status="resolved", resolved_at=now, snoozed_until=None)
    return _recorded(session, now, actor, alert_id, "alert_resolved")


def _take(session: Session, now: datetime, actor: Identity, alert_id: int) -> None:
    """Hold the alert for a change: 404 when unknown, 403 when it is not theirs, 409 when done."""
    versions.bump(session, now)  # first: it makes concurrent changes wait
    if _known(session, actor, alert_id).status == "resolved":
        raise Conflict(f"Alert {alert_id} is already resolved.")


def _known(session: Session, viewer: Identity, alert_id: int) -> AlertRow:
    row = queries.by_id(session, alert_id)
    if row is None:
        raise NotFound(f"There is no alert {alert_id}.")
    if not viewer.sees_alert(row.kpi):
        raise Forbidden(f"Alert {alert_id} is not of your department.")
    return row


def _recorded(  # an audit row's parts
    session: Session,
    now: datetime,
    actor: Identity,
    alert_id: int,
    action: audit.Action,
    detail: str | None = None,
) -> Alert:
    own_word = action.removeprefix("alert_")
    queries.record(session, alert_id, own_word, actor.label, now, detail)
    audit.record(session, now, actor.label, action, f"alert {alert_id}", detail)
    row = queries.by_id(session, alert_id)
    assert row is not None
    return _shown(row, now)


def _shown(row: AlertRow, now: datetime) -> Alert:
    if row.status == "snoozed" and row.snoozed_until is not None and row.snoozed_until <= now:
        row = replace(row, status="open", snoozed_until=None)
    return Alert(
        id=row.id,
        type=row.type,
        title=row.title,
        description=row.description,
        severity=row.severity,
        status=row.status,
        kpi=row.kpi,
        drilldown=_drilldown(row),
        driver=row.driver,
        created_at=row.created_at,
        assignee=row.assignee,
        snoozed_until=row.snoozed_until,
        resolved_at=row.resolved_at,
        unconfirmed_since=webhook.unconfirmed_since(row, now),
    )


def _drilldown(row: AlertRow) -> str | None:
    if row.kpi is not None:
        return SPECS[KpiKey(row.kpi)].drilldown
    return RELIABILITY_PAGE if row.type == webhook.TYPE else None
