"""``GET /api/executive-dashboard``: the whole first screen, from prepared bytes."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.routing import APIRoute

from api.dependencies import Now
from api.executive.schemas import Dashboard
from api.executive.snapshot import Snapshots
from api.executive.view import RequestedView


class PreparedRoute(APIRoute):
    """A route that first looks for an answer that is ready, before anything is parsed.

    It has no transaction of its own: what it reads, the snapshots read, in one.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap FastAPI's handler, which parses and checks the query."""
        handler = super().get_route_handler()

        async def run(request: Request) -> Response:
            snapshots = _snapshots(request)
            now = request.app.state.clock()
            prepared = snapshots.ready(request.scope["query_string"], now)
            if prepared is None:
                return await handler(request)
            if_none_match = request.headers.get("if-none-match")
            if if_none_match is None:
                return prepared.ready_response
            return prepared.response(if_none_match)

        return run


def _snapshots(request: Request) -> Snapshots:
    snapshots: Snapshots = request.app.state.snapshots
    return snapshots


router = APIRouter(tags=["executive"], route_class=PreparedRoute)


@router.get(
    "/api/executive-dashboard",
    response_model=Dashboard,
    responses={304: {"description": "The client's copy is current."}},
)
def executive_dashboard(
    request: Request,
    now: Now,
    snapshots: Annotated[Snapshots, Depends(_snapshots)],
    view: RequestedView,
    if_none_match: Annotated[
        str | None, Header(description="An ETag of an earlier answer.")
    ] = None,
) -> Response:
    """Ten KPIs, the revenue trend, alerts, risks and how fresh they are.

    While the database is away this is the last good answer, with ``freshness.stale`` true.
    """
    served = snapshots.serve(view, now, request.scope["query_string"])
    return served.prepared.response(if_none_match, served.database_seconds)
