"""What the first screen's document carries: the answer that the page would ask for first."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.auth.identity import identity_of
from api.calendar import Compare, Granularity, Range
from api.errors import BadRequest, Unavailable
from api.executive.prepared import Prepared
from api.executive.snapshot import Snapshots
from api.executive.view import View, view

API_PATH = "/api/executive-dashboard"
DASHBOARD = "/dashboard"
PARAMETERS = ("range", "granularity", "as_of", "compare")
# Readers whose numbers are written as the server draws them; `separators.ts` has the same.
ENGLISH = re.compile(r"en(-(AU|CA|GB|IE|NZ|US))?", re.IGNORECASE)


@dataclass(frozen=True)
class FirstData:
    """An answer and where the page would have asked for it."""

    path: str
    prepared: Prepared
    is_drawn: bool = False
    """Whether the screen itself is in the document, too."""

    def json(self) -> bytes:
        """``{path, body}``."""
        return b'{"path":"%s","body":%s}' % (self.path.encode(), self.prepared.body)


async def first_data(request: Request) -> FirstData | None:
    """The answer for the view in the page's address, from memory when it is ready there.

    None for an address with values that are not allowed, and when there is no answer to be had:
    the page then asks for itself, and says what is wrong.
    """
    state = request.app.state
    snapshots: Snapshots = state.snapshots
    query = _api_query(request)
    path = f"{API_PATH}?{query}" if query else API_PATH
    ready = snapshots.ready(query.encode(), state.clock())
    prepared = ready or await run_in_threadpool(_ask, request, snapshots, query.encode())
    if prepared is None:
        return None
    seen = prepared.seen_by(identity_of(request.scope))
    return FirstData(path, seen, _can_be_drawn(request) and b'"stale":true' not in seen.body)


def _can_be_drawn(request: Request) -> bool:
    """Whether the server knows all that the screen shows: a plain view, written in English."""
    languages = request.headers.get("accept-language", "")
    first = re.split("[,;]", languages, maxsplit=1)[0].strip()
    return ENGLISH.fullmatch(first) is not None and {*request.query_params} <= {*PARAMETERS}


def _ask(request: Request, snapshots: Snapshots, query: bytes) -> Prepared | None:
    now = request.app.state.clock()
    try:
        return snapshots.serve(_view(request, now), now, query).prepared
    except (ValueError, BadRequest, Unavailable):
        return None


def _view(request: Request, now: datetime) -> View:
    query = request.query_params
    as_of = query.get("as_of")
    return view(
        Range(query.get("range", Range.TWELVE_MONTHS)),
        Granularity(query.get("granularity", Granularity.MONTH)),
        date.fromisoformat(as_of) if as_of else None,
        now,
        request.app.state.settings,
        Compare(query.get("compare", Compare.PREVIOUS)),
    )


def _api_query(request: Request) -> str:
    # Written anew: an address may hold anything, and this goes into JSON.
    asked = request.query_params
    return urlencode({name: asked[name] for name in PARAMETERS if name in asked})
