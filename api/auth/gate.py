"""The one place where requests are let in: who sends them, and whether the table allows it."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from api.auth import permissions, secrets
from api.auth.identity import KEY, Identity
from api.auth.permissions import Rule
from api.auth.same_origin import SAFE_METHODS, is_cross_site
from api.auth.verifier import Away, Verifier
from api.errors import TooManyRequests, problem
from api.ingest.limiter import Refusals

SIGN_IN_PAGE = "/sign-in"
REALM = 'Bearer realm="execdash"'
REFUSALS = {
    "none": "Sign in, or send a token: Authorization: Bearer TOKEN.",
    "unknown": "This token or session is not known here.",
    "revoked": "This token or session was ended.",
    "expired": "This token or session has expired.",
    "issuer": "The token is of another issuer.",
    "audience": "The token is meant for another audience.",
    "signature": "The token's signature is not that of its issuer.",
    "claims": "The token does not say who it is for, or is not good yet.",
}

Refused = Callable[[str], None]
"""Called with the reason of each refusal: a word of ``REFUSALS``, ``role`` or ``origin``."""


class Doorkeeper:
    """Knows who may come in. Without a verifier there are no accounts.

    Who was let in stands in the scope as ``identity``.
    """

    def __init__(
        self,
        verifier: Verifier | None,
        cookie: bytes,
        clock: Callable[[], datetime],
        refused: Refused,
    ) -> None:
        self._verifier = verifier
        self._cookie = cookie
        self._clock = clock
        self._refused = refused

    def knows(self, scope: Scope) -> bool:
        """Whether a request may come in for all that memory says, without asking anybody."""
        if self._verifier is None:
            return True
        credential = secrets.shown(scope, self._cookie)
        verdict = credential and self._verifier.recall(credential, self._clock())
        rule = permissions.find(scope["method"], scope["path"])
        if not verdict or verdict.identity is None or rule is None:
            return False
        scope[KEY] = verdict.identity
        return verdict.identity.may(rule)

    async def judge(self, scope: Scope) -> Response | None:
        """None to let a request in, else what it is answered."""
        if scope["method"] not in SAFE_METHODS and is_cross_site(scope):
            self._refused("origin")
            detail = "A page of another origin may not do this."
            return problem(HTTPStatus.FORBIDDEN, detail)
        if self._verifier is None:
            return None
        rule = permissions.find(scope["method"], scope["path"])
        if rule is not None:
            scope["route"] = rule  # what the request is counted under, should it be refused
        credential = secrets.shown(scope, self._cookie)
        if credential is None:
            is_open = rule is not None and rule.access.is_public
            return None if is_open else self._unauthorized(scope, "none")
        try:
            verdict = await self._verifier.verdict(credential, self._clock())
        except Away:
            return self._unknown_for_now(rule)
        if verdict.identity is None:
            is_open = rule is not None and rule.access.is_public
            return None if is_open else self._unauthorized(scope, verdict.refusal)
        scope[KEY] = verdict.identity
        return self._allowed(scope, rule, verdict.identity)

    def _allowed(self, scope: Scope, rule: Rule | None, identity: Identity) -> Response | None:
        if rule is None:
            return self._forbidden(scope) if _has_route(scope) else None  # it gets its 404 or 405
        if rule.access.is_public or identity.may(rule):
            return None
        return self._forbidden(scope)

    def _unauthorized(self, scope: Scope, reason: str) -> Response:
        self._refused(reason)
        if _is_a_person(scope):
            return RedirectResponse(_sign_in(scope), HTTPStatus.SEE_OTHER)
        challenge = REALM if reason == "none" else f'{REALM}, error="invalid_token"'
        headers = {"WWW-Authenticate": challenge, "Cache-Control": "no-store"}
        return problem(HTTPStatus.UNAUTHORIZED, REFUSALS[reason], headers)

    def _forbidden(self, scope: Scope) -> Response:
        self._refused("role")
        if _is_a_person(scope):
            page: Response = scope["app"].state.pages.forbidden(Request(scope))
            return page
        return problem(HTTPStatus.FORBIDDEN, "Your role does not allow this.")

    def _unknown_for_now(self, rule: Rule | None) -> Response | None:
        if rule is not None and rule.access.is_public:
            return None
        self._refused("away")
        detail = "Who you are cannot be checked now: what has to be asked is away."
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, {"Retry-After": "5"})


class Gate:
    """ASGI middleware: lets a request in, or answers it."""

    def __init__(self, app: ASGIApp, *, doorkeeper: Doorkeeper) -> None:
        self._app = app
        self._doorkeeper = doorkeeper

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await self._doorkeeper.judge(scope) if scope["type"] == "http" else None
        await (answer or self._app)(scope, receive, send)


class LimitedGate:
    """The same for a door past ``RateLimit``: who is refused too often at one address waits.

    Whoever is known from memory comes in all the same.
    """

    def __init__(self, app: ASGIApp, *, doorkeeper: Doorkeeper, refusals: Refusals) -> None:
        self._app = app
        self._doorkeeper = doorkeeper
        self._refusals = refusals

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wait = self._refusals.seconds_to_wait(scope)
        if wait and not self._doorkeeper.knows(scope):
            raise TooManyRequests(
                "Too many requests from this address were refused.",
                headers={"Retry-After": str(wait)},
            )
        answer = await self._doorkeeper.judge(scope)
        if answer is not None:
            self._refusals.count(scope)
        await (answer or self._app)(scope, receive, send)


def _has_route(scope: Scope) -> bool:
    """Whether the application would answer: such a route without a row in the table is closed."""
    return any(route.matches(scope)[0] == Match.FULL for route in scope["app"].routes)


def _is_a_person(scope: Scope) -> bool:
    """Someone who opens a page, not a program that asks the API."""
    if scope["method"] not in SAFE_METHODS or scope["path"].startswith("/api/"):
        return False
    return "text/html" in Headers(scope=scope).get("accept", "")


def _sign_in(scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    wanted = scope["path"] + (f"?{query}" if query else "")
    return f"{SIGN_IN_PAGE}?next={quote(wanted, safe='/')}"
