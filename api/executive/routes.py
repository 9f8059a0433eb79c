"""``GET /api/executive-dashboard``: the whole first screen, from prepared bytes."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import State
from starlette.types import ASGIApp, Scope

from api.answers import NOT_MODIFIED
from api.auth.accounts import Accounts
from api.auth.identity import identity_of
from api.dependencies import IfNoneMatch, Now, Viewer
from api.etags import known_to
from api.executive.prepared import Prepared
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
    viewer: Viewer,
    snapshots: Annotated[Snapshots, Depends(_snapshots)],
    view: RequestedView,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Ten KPIs, the revenue trend, alerts, risks and how fresh they are.

    While the database is away this is the last good answer, with ``freshness.stale`` true.
    """
    served = snapshots.serve(view, now, request.scope["query_string"])
    seen = served.prepared.seen_by(viewer)
    return seen.response(if_none_match, served.database_seconds)


def ready(state: State, scope: Scope) -> ASGIApp | None:
    """The answer to a request, if it is ready before any route is looked for.

    Nothing that a route depends on runs then, the gate neither: whoever it does not know by now
    goes that way.
    """
    accounts: Accounts = state.accounts
    prepared: Prepared | None = state.snapshots.ready(scope["query_string"], state.clock())
    if prepared is None or not accounts.doorkeeper.knows(scope):
        return None  # to the router, past the gate
    return prepared.seen_by(identity_of(scope)).again(known_to(scope))
