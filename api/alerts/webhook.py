"""Turns Alertmanager's notifications into ``slo_burn`` alerts, one per fingerprint."""

from collections import Counter
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from api.alerts import queries
from api.alerts.queries import AlertRow, NewAlert
from api.alerts.schemas import AlertmanagerPayload, FiringAlert, Severity, WebhookReceipt
from api.storage import versions

ACTOR = "alertmanager"
TYPE = "slo_burn"
SEVERITIES: dict[str, Severity] = {
    "page": "high",
    "critical": "high",
    "ticket": "medium",
    "warning": "medium",
}
TITLE_LENGTH = 200


def receive(session: Session, now: datetime, payload: AlertmanagerPayload) -> WebhookReceipt:
    """Open, update and resolve alerts. The same notification twice changes nothing twice."""
    versions.lock(session)
    about_slos = [alert for alert in payload.alerts if "slo" in alert.labels]
    outcomes = Counter(_apply(session, now, alert) for alert in about_slos)
    if set(outcomes) - {"unchanged"}:
        versions.bump(session, now)
    return WebhookReceipt(
        opened=outcomes["opened"],
        resolved=outcomes["resolved"],
        updated=outcomes["updated"],
        unchanged=outcomes["unchanged"],
        ignored=len(payload.alerts) - len(about_slos),
    )


def _apply(session: Session, now: datetime, alert: FiringAlert) -> str:
    known = queries.latest_of(session, TYPE, alert.fingerprint)
    is_open = known is not None and known.status != "resolved"
    if alert.status == "resolved":
        return _resolve(session, now, known) if known is not None and is_open else "unchanged"
    if known is not None and is_open:
        return _update(session, now, known, _described(alert))
    if known is not None and known.resolved_at is not None and alert.startsAt <= known.resolved_at:
        return "unchanged"  # resolved here already: this is the same firing, repeated
    opened = queries.open_alert(session, _described(alert), now)
    queries.record(session, opened, "opened", ACTOR, now, None)
    return "opened"


def _resolve(session: Session, now: datetime, known: AlertRow) -> str:
    queries.change(session, known.id, status="resolved", resolved_at=now, snoozed_until=None)
    queries.record(session, known.id, "resolved", ACTOR, now, None)
    return "resolved"


def _update(session: Session, now: datetime, known: AlertRow, alert: NewAlert) -> str:
    changed = replace(
        known, title=alert.title, description=alert.description, severity=alert.severity
    )
    if changed == known:
        return "unchanged"
    queries.change(
        session,
        known.id,
        title=alert.title,
        description=alert.description,
        severity=alert.severity,
    )
    queries.record(session, known.id, "updated", ACTOR, now, None)
    return "updated"


def _described(alert: FiringAlert) -> NewAlert:
    objective = alert.labels["slo"]
    title = alert.annotations.get("summary") or f"Objective {objective} is at risk"
    description = alert.annotations.get("description") or (
        f"The objective {objective} spends its error budget faster than it may."
    )
    return NewAlert(
        type=TYPE,
        fingerprint=alert.fingerprint,
        kpi=None,
        title=title[:TITLE_LENGTH],
        description=f"{description} See /reliability.",
        severity=SEVERITIES.get(alert.labels.get("severity", ""), "low"),
    )
