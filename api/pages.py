"""The pages people open: one document for all routes, its assets, and the first screen's data."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Match, Route
from starlette.types import Scope

from api.assets import Asset, Frontend, FrontendFolder
from api.auth.identity import identity_of
from api.auth.permissions import PAGES
from api.document import Documents
from api.errors import NotFound
from api.etags import is_known
from api.first_data import DASHBOARD, FirstData
from api.shell import content_security_policy

SIGN_IN = "/sign-in"
THEME_COOKIE = "execdash-theme"  # the pages write it
THEMES = frozenset(("light", "dark"))
NOT_BUILT = (
    "<!doctype html><html lang=en><title>Executive Dashboard</title>"
    "<h1>The pages have not been built</h1>"
    "<p>Run <code>make run</code>, which builds and serves them, or <code>make build</code>."
)

AskFirstData = Callable[[Request], Awaitable[FirstData | None]]
"""What the first screen's document carries; None when there is no answer to be had."""


class Pages:
    """Answers pages from one built frontend."""

    def __init__(self, folder: FrontendFolder, first_data: AskFirstData) -> None:
        self._folder = folder
        self._documents = Documents()
        self._first_data = first_data

    async def page(self, request: Request) -> Response:
        """The document, for the dashboard with its first data."""
        frontend = self._folder.read()
        if frontend is None:
            return HTMLResponse(NOT_BUILT, HTTPStatus.SERVICE_UNAVAILABLE)
        first = None
        if request.url.path == DASHBOARD:
            first = await self._first_data(request)
        theme = _theme(request)
        document = self._documents.ready(frontend, first, theme)
        if document is None:
            document = await run_in_threadpool(self._documents.make, frontend, first, theme)
        answer = _file(request, document)
        answer.headers["Vary"] = "Accept-Encoding, Accept-Language, Cookie"
        answer.headers["Content-Security-Policy"] = _policy(frontend)
        if request.app.state.accounts.are_on:
            # Going back after signing out must not show what was on the screen.
            answer.headers["Cache-Control"] = "no-store"
        return answer

    async def asset(self, request: Request) -> Response:
        """A file of the frontend, compressed if it was and the client can read that."""
        frontend = self._folder.read()
        asset = frontend.assets.get(request.url.path) if frontend else None
        if asset is None:
            raise NotFound(f"There is no file at {request.url.path[:80]}.")
        return _file(request, asset)

    def not_found(self, request: Request) -> Response:
        """What a person sees under an unknown address."""
        return self._bare(request, HTTPStatus.NOT_FOUND)

    def forbidden(self, request: Request) -> Response:
        """What a person sees under an address that is not for them."""
        return self._bare(request, HTTPStatus.FORBIDDEN)

    def _bare(self, request: Request, status: HTTPStatus) -> Response:
        frontend = self._folder.read()
        if frontend is None:
            return HTMLResponse(NOT_BUILT, status)
        headers = {"Content-Security-Policy": _policy(frontend)}
        return HTMLResponse(frontend.themed(_theme(request)), status, headers)


def install(app: FastAPI, pages: Pages) -> None:
    """Add the routes of pages and assets to ``app``."""
    app.state.pages = pages
    app.router.routes += [
        PageRoute("/", _to_first_page),
        *(PageRoute(path, pages.page) for path in (*PAGES, SIGN_IN)),
        PageRoute("/assets/{file:path}", pages.asset),
    ]


class PageRoute(Route):
    """A route that says which one it is, as the framework's own API routes do; telemetry asks."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match, and name the route."""
        match, child_scope = super().matches(scope)
        if match != Match.NONE:
            child_scope["route"] = self
        return match, child_scope


async def _to_first_page(request: Request) -> Response:
    query = f"?{request.url.query}" if request.url.query else ""
    page = request.app.state.accounts.home(identity_of(request.scope), "/")
    return RedirectResponse(f"{page}{query}", HTTPStatus.TEMPORARY_REDIRECT)


def _theme(request: Request) -> str | None:
    chosen = request.cookies.get(THEME_COOKIE)
    return chosen if chosen in THEMES else None


def _policy(frontend: Frontend) -> str:
    return content_security_policy(*frontend.style_hashes)


def _file(request: Request, asset: Asset) -> Response:
    age = "public, max-age=31536000, immutable" if asset.immutable else "no-cache"
    headers = {"ETag": asset.etag, "Cache-Control": age, "Vary": "Accept-Encoding"}
    if is_known(asset.etag, request.headers.get("if-none-match")):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    accepted = _accepted_encodings(request.headers.get("accept-encoding", ""))
    for encoding, body in asset.encoded.items():
        if encoding in accepted:
            headers["Content-Encoding"] = encoding
            return Response(body, headers=headers, media_type=asset.content_type)
    return Response(asset.body, headers=headers, media_type=asset.content_type)


def _accepted_encodings(header: str) -> set[str]:
    offers = (offer.partition(";") for offer in header.lower().split(","))
    return {
        name.strip()
        for name, _, quality in offers
        if quality.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    }
