"""Questions to and changes of the tables ``alerts`` and ``alert_events``."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import RowMapping, case, func, insert, select, update
from sqlalchemy.orm import Session

from api.alerts.schemas import AlertStatus, Severity
from api.storage.tables import alert_events, alerts, imports

BY_SEVERITY = case({"high": 0, "medium": 1, "low": 2}, value=alerts.c.severity)


@dataclass(frozen=True)
class AlertRow:
    """One row of ``alerts``; instants in UTC."""

    id: int
    type: str
    fingerprint: str
    kpi: str | None
    title: str
    description: str
    severity: Severity
    status: AlertStatus
    assignee: str | None
    snoozed_until: datetime | None
    created_at: datetime
    resolved_at: datetime | None
    driver: str | None
    last_confirmed_at: datetime | None


@dataclass(frozen=True)
class EventRow:
    """One row of the audit trail."""

    at: datetime
    actor: str
    action: str
    detail: str | None


@dataclass(frozen=True)
class NewAlert:
    """What is known of an alert when it opens."""

    type: str
    fingerprint: str
    kpi: str | None
    title: str
    description: str
    severity: Severity


class Imports(NamedTuple):
    """What was imported and undone so far: with it, what explains an alert may change."""

    last: int | None
    last_undone_at: datetime | None


def imports_so_far(session: Session) -> Imports:
    """The newest import and the newest undoing."""
    statement = select(func.max(imports.c.id), func.max(imports.c.undone_at))
    return Imports(*session.execute(statement).one())


def unresolved(session: Session) -> list[AlertRow]:
    """Every alert that is not resolved: the most severe first, then the newest."""
    statement = (
        select(alerts)
        .where(alerts.c.status != "resolved")
        .order_by(BY_SEVERITY, alerts.c.created_at.desc(), alerts.c.id.desc())
    )
    return [_row(mapping) for mapping in session.execute(statement).mappings()]


def by_id(session: Session, alert_id: int) -> AlertRow | None:
    """One alert, or None."""
    found = session.execute(select(alerts).where(alerts.c.id == alert_id)).mappings().first()
    return None if found is None else _row(found)


def latest(session: Session, alert_type: str) -> dict[str, AlertRow]:
    """The newest alert of each fingerprint of one type, resolved ones included."""
    statement = select(alerts).where(alerts.c.type == alert_type).order_by(alerts.c.id)
    rows = (_row(mapping) for mapping in session.execute(statement).mappings())
    return {row.fingerprint: row for row in rows}


def latest_of(session: Session, alert_type: str, fingerprint: str) -> AlertRow | None:
    """The newest alert of one fingerprint, resolved or not."""
    statement = (
        select(alerts)
        .where(alerts.c.type == alert_type, alerts.c.fingerprint == fingerprint)
        .order_by(alerts.c.id.desc())
        .limit(1)
    )
    found = session.execute(statement).mappings().first()
    return None if found is None else _row(found)


def open_alert(session: Session, alert: NewAlert, now: datetime, **values: object) -> int:
    """Insert an alert, open unless ``values`` say otherwise; gives its id."""
    row = {**asdict(alert), "status": "open", "created_at": now, **values}
    identifier: int = session.execute(insert(alerts).returning(alerts.c.id), row).scalar_one()
    return identifier


def change(session: Session, alert_id: int, **values: object) -> None:
    """Set columns of one alert."""
    session.execute(update(alerts).where(alerts.c.id == alert_id).values(**values))


def record(  # the audit row's columns
    session: Session, alert_id: int, action: str, actor: str, now: datetime, detail: str | None
) -> None:
    """Write one audit row."""
    session.execute(
        insert(alert_events).values(
            alert_id=alert_id, action=action, actor=actor, at=now, detail=detail
        )
    )


def events(session: Session, alert_id: int, most: int) -> list[EventRow]:
    """An alert's audit trail, the newest first."""
    columns = alert_events.c
    statement = (
        select(columns.at, columns.actor, columns.action, columns.detail)
        .where(columns.alert_id == alert_id)
        .order_by(columns.id.desc())
        .limit(most)
    )
    return [EventRow(*row) for row in session.execute(statement)]


def last_event(
    session: Session, alert_id: int, actions: Collection[str]
) -> tuple[str, str | None] | None:
    """The newest of the named actions in an alert's audit trail, with its detail."""
    statement = (
        select(alert_events.c.action, alert_events.c.detail)
        .where(alert_events.c.alert_id == alert_id, alert_events.c.action.in_(actions))
        .order_by(alert_events.c.id.desc())
        .limit(1)
    )
    found = session.execute(statement).first()
    return None if found is None else (found.action, found.detail)


def _row(mapping: RowMapping) -> AlertRow:
    return AlertRow(**mapping)
