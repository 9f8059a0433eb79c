"""Alerts as the API shows them, and the bodies of the alert actions."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from api.schema import RequestModel, ResponseModel

Severity = Literal["high", "medium", "low"]
AlertStatus = Literal["open", "acknowledged", "snoozed", "resolved"]


class Alert(ResponseModel):
    """One alert. ``kpi`` is absent for alerts that are not about a KPI (a burning SLO, say)."""

    absent_when_none: ClassVar[frozenset[str]] = frozenset(
        {"kpi", "drilldown", "assignee", "snoozed_until", "resolved_at"}
    )

    id: int
    type: str
    title: str
    description: str
    severity: Severity
    status: AlertStatus
    kpi: str | None = None
    drilldown: str | None = None
    created_at: datetime
    assignee: str | None = None
    snoozed_until: datetime | None = None
    resolved_at: datetime | None = None


class AlertList(ResponseModel):
    """Body of ``GET /api/alerts``."""

    alerts: list[Alert]
    generated_at: datetime


class Assign(RequestModel):
    """Body of ``POST /api/alerts/{id}/assign``."""

    assignee: Annotated[str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True)]


class Snooze(RequestModel):
    """Body of ``POST /api/alerts/{id}/snooze``: an ISO 8601 instant with its offset."""

    until: Annotated[AwareDatetime, Field(strict=False)]
