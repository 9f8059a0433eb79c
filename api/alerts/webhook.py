"""Turns Alertmanager's notifications into ``slo_burn`` alerts, one an objective.

A notification holds every tier of its objective: Alertmanager is told to group them so. The most
severe that fires is shown, and when none fires any more the alert is resolved.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

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
ORDER: tuple[Severity, ...] = ("high", "medium", "low")
TITLE_LENGTH = 200


def receive(session: Session, now: datetime, payload: AlertmanagerPayload) -> WebhookReceipt:
    """Open, update and resolve alerts. The same notification twice changes nothing twice."""
    versions.lock(session)
    about_slos = [alert for alert in payload.alerts if "slo" in alert.labels]
    by_objective: dict[str, list[FiringAlert]] = {}
    for alert in about_slos:
        by_objective.setdefault(_fingerprint(alert), []).append(alert)
    outcomes = Counter(_apply(session, now, *group) for group in by_objective.items())
    if set(outcomes) - {"unchanged"}:
        versions.bump(session, now)
    return WebhookReceipt(
        opened=outcomes["opened"],
        resolved=outcomes["resolved"],
        updated=outcomes["updated"],
        unchanged=outcomes["unchanged"],
        ignored=len(payload.alerts) - len(about_slos),
    )


def _fingerprint(alert: FiringAlert) -> str:
    """The same for every tier of one objective."""
    named = "\0".join(alert.labels.get(label, "") for label in ("alertname", "service", "slo"))
    return sha256(named.encode()).hexdigest()[:32]


def _apply(session: Session, now: datetime, fingerprint: str, tiers: Sequence[FiringAlert]) -> str:
    known = queries.latest_of(session, TYPE, fingerprint)
    is_open = known is not None and known.status != "resolved"
    firing = [tier for tier in tiers if tier.status == "firing"]
    if not firing:
        return _resolve(session, now, known) if known is not None and is_open else "unchanged"
    described = _described(fingerprint, _worst(firing))
    if known is not None and is_open:
        return _update(session, now, known, described)
    last_start = max(tier.startsAt for tier in firing)
    if known is not None and known.resolved_at is not None and last_start <= known.resolved_at:
        return "unchanged"  # resolved here already: this is the same firing, repeated
    opened = queries.open_alert(session, described, now)
    queries.record(session, opened, "opened", ACTOR, now, None)
    return "opened"


def _worst(firing: Sequence[FiringAlert]) -> FiringAlert:
    """The most severe, and of equals the one that fires longest."""
    return min(firing, key=lambda tier: (ORDER.index(_severity(tier)), tier.startsAt))


def _severity(alert: FiringAlert) -> Severity:
    return SEVERITIES.get(alert.labels.get("severity", ""), "low")


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


def _described(fingerprint: str, alert: FiringAlert) -> NewAlert:
    objective = alert.labels["slo"]
    title = alert.annotations.get("summary") or f"Objective {objective} is at risk"
    description = alert.annotations.get("description") or (
        f"The objective {objective} spends its error budget faster than it may."
    )
    return NewAlert(
        type=TYPE,
        fingerprint=fingerprint,
        kpi=None,
        title=title[:TITLE_LENGTH],
        description=f"{description} See /reliability.",
        severity=_severity(alert),
    )
