"""Alerts as the API shows them, and the bodies of the alert actions."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from api.schema import Count, RequestModel, ResponseModel

Severity = Literal["high", "medium", "low"]
AlertStatus = Literal["open", "acknowledged", "snoozed", "resolved"]


class Alert(ResponseModel):
    """One alert. ``kpi`` is absent for alerts that are not about a KPI (a burning SLO, say).

    ``driver`` says in one sentence what contributed to the KPI's change, ``drilldown`` is the page
    to look at. ``unconfirmed_since`` is there once Alertmanager has been silent for too long about
    a burning SLO: when it last said so.
    """

    absent_when_none: ClassVar[frozenset[str]] = frozenset(
        {
            "kpi",
            "drilldown",
            "driver",
            "assignee",
            "snoozed_until",
            "resolved_at",
            "unconfirmed_since",
        }
    )

    id: int
    type: str
    title: str
    description: str
    severity: Severity
    status: AlertStatus
    kpi: str | None = None
    drilldown: str | None = None
    driver: str | None = None
    created_at: datetime
    assignee: str | None = None
    snoozed_until: datetime | None = None
    resolved_at: datetime | None = None
    unconfirmed_since: datetime | None = None


class AlertEvent(ResponseModel):
    """One entry of the audit trail: who did what and when."""

    absent_when_none: ClassVar[frozenset[str]] = frozenset({"detail"})

    at: datetime
    actor: str
    action: str
    detail: str | None = None


class AlertHistory(ResponseModel):
    """Body of ``GET /api/alerts/{id}/history``: the newest entry first, at most 200."""

    alert_id: int
    events: list[AlertEvent]


class AlertList(ResponseModel):
    """Body of ``GET /api/alerts``."""

    alerts: list[Alert]
    generated_at: datetime


def _iso_8601(value: object) -> object:
    """Only text with a date and a time: a bare number would be taken for seconds since 1970."""
    if not isinstance(value, str) or "T" not in value.upper():
        raise ValueError("must be an ISO 8601 instant such as 2026-01-31T09:00:00Z")
    return value


def _storable(value: str) -> str:
    """No NUL characters: PostgreSQL's text cannot hold them."""
    if "\0" in value:
        raise ValueError("must not hold NUL characters")
    return value


Instant = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_iso_8601)]
# Something other than space, and no control characters.
NAME = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
Assignee = Annotated[
    str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True, pattern=NAME)
]
_STORABLE = Field(json_schema_extra={"not": {"pattern": r"\u0000"}})
ShortText = Annotated[str, StringConstraints(max_length=200), AfterValidator(_storable), _STORABLE]
LongText = Annotated[str, StringConstraints(max_length=4096), AfterValidator(_storable), _STORABLE]


class Assign(RequestModel):
    """Body of ``POST /api/alerts/{id}/assign``."""

    assignee: Assignee


class Snooze(RequestModel):
    """Body of ``POST /api/alerts/{id}/snooze``: an ISO 8601 instant with its offset."""

    until: Instant


class FiringAlert(RequestModel):
    """One alert of Alertmanager's payload; what is not named here is ignored."""

    model_config = ConfigDict(extra="ignore")

    status: Literal["firing", "resolved"]
    labels: Annotated[dict[ShortText, LongText], Field(max_length=64)]
    annotations: Annotated[dict[ShortText, LongText], Field(max_length=64)]
    startsAt: Instant
    endsAt: Instant | None = None
    fingerprint: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{1,64}$")]


class AlertmanagerPayload(RequestModel):
    """Body of ``POST /api/alerts/webhook``: version 4 of Alertmanager's webhook payload.

    ``truncatedAlerts`` counts those that its ``max_alerts`` left out.
    """

    model_config = ConfigDict(extra="ignore")

    version: Literal["4"]
    alerts: Annotated[list[FiringAlert], Field(max_length=500)]
    truncatedAlerts: Count = 0


class WebhookReceipt(ResponseModel):
    """What a payload did. ``ignored`` counts alerts without an ``slo`` label, heartbeats say."""

    opened: int
    resolved: int
    updated: int
    unchanged: int
    ignored: int
