"""``GET /api/executive-dashboard``: the whole first screen, from prepared bytes."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.answers import NOT_MODIFIED
from api.dependencies import IfNoneMatch, Now
from api.executive.schemas import Dashboard
from api.executive.snapshot import Snapshots
from api.executive.view import RequestedView

PATH = "/api/executive-dashboard"

router = APIRouter(tags=["executive"])


def _snapshots(request: Request) -> Snapshots:
    snapshots: Snapshots = request.app.state.snapshots
    return snapshots


@router.get(
    PATH,
    response_model=Dashboard,
    responses=NOT_MODIFIED,
)
def executive_dashboard(
    request: Request,
    now: Now,
    snapshots: Annotated[Snapshots, Depends(_snapshots)],
    view: RequestedView,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Ten KPIs, the revenue trend, alerts, risks and how fresh they are.

    While the database is away this is the last good answer, with ``freshness.stale`` true.
    """
    served = snapshots.serve(view, now, request.scope["query_string"])
    return served.prepared.response(if_none_match, served.database_seconds)


class ReadyAnswers:
    """ASGI middleware that sends an answer which is ready, before any route is looked for.

    Nothing that a route depends on runs then: who may ask has to be decided further outside.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or leave it to the route."""
        if scope["type"] == "http" and scope["path"] == PATH and scope["method"] == "GET":
            state = scope["app"].state
            if prepared := state.snapshots.ready(scope["query_string"], state.clock()):
                scope["route"] = router.routes[0]  # what the request is counted under
                await prepared.again(_if_none_match(scope))(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _if_none_match(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"if-none-match":
            tags: str = value.decode("latin-1")
            return tags
    return None
