"""What the first screen's document carries: the answer that the page would ask for first."""

from datetime import date
from urllib.parse import urlencode

from starlette.requests import Request

from api.auth.identity import identity_of
from api.calendar import Granularity, Range
from api.errors import BadRequest, Unavailable
from api.executive.view import View, view

API_PATH = "/api/executive-dashboard"


def first_data(request: Request) -> bytes | None:
    """JSON ``{path, body}`` for the view in the page's address.

    None for an address with values that are not allowed, and when there is no answer to be had:
    the page then asks for itself, and says what is wrong.
    """
    state = request.app.state
    now = state.clock()
    try:
        wanted = _view(request)
        prepared = state.snapshots.serve(wanted, now).prepared
    except (ValueError, BadRequest, Unavailable):
        return None
    body: bytes = prepared.seen_by(identity_of(request.scope)).body
    return b'{"path":"%s","body":%s}' % (_api_path(request).encode(), body)


def _view(request: Request) -> View:
    query, state = request.query_params, request.app.state
    as_of = query.get("as_of")
    return view(
        Range(query.get("range", Range.TWELVE_MONTHS)),
        Granularity(query.get("granularity", Granularity.MONTH)),
        date.fromisoformat(as_of) if as_of else None,
        state.clock(),
        state.settings,
    )


def _api_path(request: Request) -> str:
    # Written anew: an address may hold anything, and this goes into JSON.
    names = ("range", "granularity", "as_of")
    given = {name: request.query_params[name] for name in names if name in request.query_params}
    return f"{API_PATH}?{urlencode(given)}" if given else API_PATH
