"""``/api/alerts``: what is current, what people do about it, and Alertmanager's webhook."""

from typing import Annotated

from fastapi import APIRouter, Path, Response
from starlette.datastructures import State
from starlette.types import ASGIApp, Scope

from api import known_answers
from api.alerts import service, webhook
from api.alerts.schemas import (
    Alert,
    AlertHistory,
    AlertList,
    AlertmanagerPayload,
    Assign,
    Snooze,
    WebhookReceipt,
)
from api.answers import NOT_MODIFIED, made_now
from api.body_limit import BoundedRoute
from api.dependencies import Give, IfNoneMatch, Metrics, Now, Session, Viewer

PATH = "/api/alerts"

router = APIRouter(prefix=PATH, tags=["alerts"], route_class=BoundedRoute)

AlertId = Annotated[int, Path(ge=1, le=2**31 - 1, description="The alert's id.")]


@router.get("", response_model=AlertList, responses=NOT_MODIFIED)
def list_alerts(
    session: Session, now: Now, viewer: Viewer, metrics: Metrics, give: Give
) -> Response:
    """Open, acknowledged and snoozed alerts: the most severe first, then the newest.

    A screen that polls sends its ``ETag`` back: 304 says that nothing has changed until now.
    """
    metrics.alert_polls.inc()
    return give(service.list_alerts(session, now, viewer))


def ready(state: State, scope: Scope) -> ASGIApp | None:
    """The answer to a poll, if it is known before any route is looked for."""
    answer = known_answers.ready(state, scope)
    if answer is not None:
        state.metrics.alert_polls.inc()
    return answer


@router.post("/webhook")
def receive_webhook(session: Session, now: Now, payload: AlertmanagerPayload) -> WebhookReceipt:
    """Take Alertmanager's notifications about objectives (version 4 of its payload)."""
    return webhook.receive(session, now, payload)


@router.get("/{alert_id}/history", response_model=AlertHistory, responses=NOT_MODIFIED)
def alert_history(
    session: Session, viewer: Viewer, alert_id: AlertId, if_none_match: IfNoneMatch = None
) -> Response:
    """The audit trail of one alert: who did what and when, the newest first."""
    return made_now(service.history(session, viewer, alert_id), if_none_match)


@router.post("/{alert_id}/acknowledge")
def acknowledge(session: Session, now: Now, viewer: Viewer, alert_id: AlertId) -> Alert:
    """Say that it has been seen."""
    return service.acknowledge(session, now, viewer, alert_id)


@router.post("/{alert_id}/assign")
def assign(session: Session, now: Now, viewer: Viewer, alert_id: AlertId, body: Assign) -> Alert:
    """Say who handles it."""
    return service.assign(session, now, viewer, alert_id, body.assignee)


@router.post("/{alert_id}/snooze")
def snooze(session: Session, now: Now, viewer: Viewer, alert_id: AlertId, body: Snooze) -> Alert:
    """Keep it quiet until an instant, at most 90 days ahead."""
    return service.snooze(session, now, viewer, alert_id, body.until)


@router.post("/{alert_id}/resolve")
def resolve(session: Session, now: Now, viewer: Viewer, alert_id: AlertId) -> Alert:
    """Close it. It opens again only after a recovery in between."""
    return service.resolve(session, now, viewer, alert_id)
