"""``/sign-in/start`` and ``/sign-in/callback``: to the OpenID provider, and back with a session."""

import secrets
from http import HTTPStatus
from urllib.parse import urlencode

from authlib.common.security import generate_token
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.auth.accounts import CALLBACK, Accounts
from api.auth.cookies import local_path
from api.auth.identity import Identity
from api.auth.provider import Flow, NotProven
from api.auth.verifier import Away

__all__ = ["CALLBACK", "START", "callback", "start"]

START = "/sign-in/start"
PAGE = "/sign-in"


async def start(request: Request) -> Response:
    """Send a person to the provider."""
    accounts: Accounts = request.app.state.accounts
    wanted = local_path(request.query_params.get("next", "")) or "/"
    if accounts.provider is None:
        return _back(wanted, "unavailable")
    flow = Flow(generate_token(32), generate_token(32), generate_token(64), wanted)
    try:
        url = await accounts.provider.authorization_url(flow)
    except Away:
        accounts.count_sign_in("oidc", "away")
        return _back(wanted, "away")
    response = RedirectResponse(url, HTTPStatus.SEE_OTHER)
    accounts.cookies.begin_flow(response, flow)
    return response


async def callback(request: Request) -> Response:
    """Take what the provider sent along; a session only for somebody it has proven."""
    accounts: Accounts = request.app.state.accounts
    flow = accounts.cookies.flow(request)
    wanted = (local_path(flow.wanted) if flow else None) or "/"
    try:
        person = await _proven(accounts, request, flow)
        response = await _session(accounts, request, person, wanted)
        accounts.count_sign_in("oidc", "good")
    except NotProven as error:
        await accounts.refuse_sign_in("oidc", str(error))
        response = _back(wanted, "refused")
    except (Away, DBAPIError, PoolTimeout):
        accounts.count_sign_in("oidc", "away")
        response = _back(wanted, "away")
    accounts.cookies.end_flow(response)
    return response


async def _proven(accounts: Accounts, request: Request, flow: Flow | None) -> Identity:
    query = request.query_params
    if accounts.provider is None or flow is None:
        raise NotProven("no sign-in was begun here")
    if not secrets.compare_digest(query.get("state", "").encode(), flow.state.encode()):
        raise NotProven("state")
    if "iss" in query and not accounts.provider.is_issuer(query["iss"]):
        raise NotProven("iss")
    if "code" not in query:
        raise NotProven("the provider refused")
    return await accounts.provider.person(query["code"], flow, accounts.clock())


async def _session(accounts: Accounts, request: Request, person: Identity, wanted: str) -> Response:
    """A session of its own for every sign-in: one that the browser brought along is ended."""
    response = RedirectResponse(accounts.home(person, wanted), HTTPStatus.SEE_OTHER)
    before = request.cookies.get(accounts.cookies.session)
    await run_in_threadpool(accounts.begin_session, response, person, "oidc", before)
    return response


def _back(wanted: str, problem: str) -> Response:
    query = urlencode({"next": wanted, "problem": problem})
    return RedirectResponse(f"{PAGE}?{query}", HTTPStatus.SEE_OTHER)
