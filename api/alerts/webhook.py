"""Turns Alertmanager's notifications into ``slo_burn`` alerts, one an objective.

A notification holds every tier of its objective: Alertmanager is told to group them so. The most
severe that fires is shown, and when none fires any more the alert is resolved.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy.orm import Session

from api.alerts import queries
from api.alerts.queries import AlertRow, NewAlert
from api.alerts.schemas import AlertmanagerPayload, FiringAlert, Severity, WebhookReceipt
from api.alerts.writer import WORST_FIRST, Writer, is_worse
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
# Alertmanager repeats to the screen each hour: two repeats and a margin.
CONFIRMED_FOR = timedelta(hours=2, minutes=15)


def receive(session: Session, now: datetime, payload: AlertmanagerPayload) -> WebhookReceipt:
    """Open, update and resolve alerts. The same notification twice changes nothing twice."""
    versions.lock(session)
    about_slos = [alert for alert in payload.alerts if alert.labels.get("slo")]
    by_objective: dict[str, list[FiringAlert]] = {}
    for alert in about_slos:
        by_objective.setdefault(_fingerprint(alert), []).append(alert)
    writer, is_whole = Writer(session, now, ACTOR), payload.truncatedAlerts == 0
    outcomes = Counter(_apply(writer, *group, is_whole) for group in by_objective.items())
    if set(outcomes) - {"unchanged"}:
        versions.bump(session, now)
    return WebhookReceipt(
        opened=outcomes["opened"],
        resolved=outcomes["resolved"],
        updated=outcomes["updated"],
        unchanged=outcomes["unchanged"],
        ignored=len(payload.alerts) - len(about_slos),
    )


def confirmed_until(alert: AlertRow) -> datetime | None:
    """When its silence becomes too long. None where nobody confirms: KPIs, and what is resolved."""
    if alert.type != TYPE or alert.status == "resolved":
        return None
    return _last_confirmed(alert) + CONFIRMED_FOR


def unconfirmed_since(alert: AlertRow, now: datetime) -> datetime | None:
    """When Alertmanager last said that it fires, once it has been silent for too long."""
    until = confirmed_until(alert)
    return None if until is None or now < until else _last_confirmed(alert)


def _last_confirmed(alert: AlertRow) -> datetime:
    """What was not repeated yet was said when it opened."""
    return alert.last_confirmed_at or alert.created_at


def _fingerprint(alert: FiringAlert) -> str:
    """The same for every tier of one objective."""
    named = "\0".join(alert.labels.get(label, "") for label in ("alertname", "service", "slo"))
    return sha256(named.encode()).hexdigest()[:32]


def _apply(writer: Writer, fingerprint: str, tiers: Sequence[FiringAlert], is_whole: bool) -> str:
    known = queries.latest_of(writer.session, TYPE, fingerprint)
    firing = [tier for tier in tiers if tier.status == "firing"]
    if not firing:
        # What was cut off may still fire.
        return _end(writer, fingerprint, tiers, known) if is_whole else "unchanged"
    described = _described(fingerprint, _worst(firing))
    if known is None or _is_another(known, described, firing):
        opened = queries.open_alert(writer.session, described, writer.now)
        writer.change(opened, "opened", None)
        return "opened"
    if known.status == "resolved":
        return "unchanged"  # the same firing, repeated
    return _confirm(writer, known, described, is_whole)


def _is_another(known: AlertRow, described: NewAlert, firing: Sequence[FiringAlert]) -> bool:
    """Whether this began after the known one was resolved, or is worse than what was resolved."""
    if known.status != "resolved" or known.resolved_at is None:
        return False
    last_start = max(tier.startsAt for tier in firing)
    return last_start > known.resolved_at or is_worse(described.severity, known.severity)


def _worst(firing: Sequence[FiringAlert]) -> FiringAlert:
    """The most severe, and of equals the one that fires longest."""
    return min(firing, key=lambda tier: (WORST_FIRST.index(_severity(tier)), tier.startsAt))


def _severity(alert: FiringAlert) -> Severity:
    return SEVERITIES.get(alert.labels.get("severity", ""), "low")


def _end(
    writer: Writer, fingerprint: str, tiers: Sequence[FiringAlert], known: AlertRow | None
) -> str:
    """Resolve it, and remember when it ended: its firing may come late, and is then over."""
    if known is None:
        over = {"status": "resolved", "resolved_at": writer.now}
        described = _described(fingerprint, _worst(tiers))
        late = queries.open_alert(writer.session, described, writer.now, **over)
        writer.change(late, "resolved", "nothing was heard of its firing")
        return "unchanged"
    ended = _ended_at(tiers, known, writer.now)
    if known.status != "resolved":
        over = {"status": "resolved", "resolved_at": ended, "snoozed_until": None}
        writer.change(known.id, "resolved", None, **over)
        return "resolved"
    if known.resolved_at is not None and ended > known.resolved_at:
        writer.change(known.id, "ended", None, resolved_at=ended)
    return "unchanged"


def _ended_at(tiers: Sequence[FiringAlert], known: AlertRow, now: datetime) -> datetime:
    """By the clock that says when the next one starts; by ours where that cannot be."""
    ended = max(tier.endsAt or now for tier in tiers)
    return ended if known.created_at <= ended <= now else now


def _confirm(writer: Writer, known: AlertRow, described: NewAlert, is_whole: bool) -> str:
    """It still fires: say so, and how badly."""
    was_silent = unconfirmed_since(known, writer.now) is not None
    queries.change(writer.session, known.id, last_confirmed_at=writer.now)
    if was_silent:
        writer.change(known.id, "confirmed", None)
    # Of a list that was cut only the worse is news: what is missing may be as bad as before.
    is_news = is_whole or is_worse(described.severity, known.severity)
    said = described.severity, described.title, described.description
    changed = is_news and writer.restate(known, *said)
    return "updated" if changed or was_silent else "unchanged"


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
