"""The tree of errors a client can cause or see, and the one place that renders them.

Bodies are RFC 9457 problem documents. A traceback never leaves the process.
"""

import logging
from collections.abc import Awaitable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from opentelemetry import trace
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)

MAX_ECHO = 80  # characters of a client's value repeated in an error


class ApiError(Exception):
    """An error with a status. ``detail`` is one sentence for a person."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR

    def __init__(
        self, detail: str, *, headers: Mapping[str, str] | None = None, **extra: object
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers = dict(headers or {})
        self.extra = extra


class BadRequest(ApiError):
    """A value is not allowed; ``detail`` says what, where, and what is allowed."""

    status = HTTPStatus.BAD_REQUEST


class Unauthorized(ApiError):
    """No credentials, or none that are good."""

    status = HTTPStatus.UNAUTHORIZED


class Forbidden(ApiError):
    """Known, and not allowed."""

    status = HTTPStatus.FORBIDDEN


class NotFound(ApiError):
    """No such thing."""

    status = HTTPStatus.NOT_FOUND


class Conflict(ApiError):
    """The thing is not in a state that allows this."""

    status = HTTPStatus.CONFLICT


class TooLarge(ApiError):
    """The body is larger than allowed."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class UnsupportedType(ApiError):
    """The body's media type is not one of those allowed."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class TooManyRequests(ApiError):
    """The client is over its rate; ``Retry-After`` says when to come back."""

    status = HTTPStatus.TOO_MANY_REQUESTS


class Unavailable(ApiError):
    """A part that the answer needs is away or full."""

    status = HTTPStatus.SERVICE_UNAVAILABLE


def trace_id() -> str | None:
    """The current trace's id as 32 hex digits, or None outside a trace."""
    context = trace.get_current_span().get_span_context()
    return format(context.trace_id, "032x") if context.is_valid else None


def problem(
    status: int, detail: str, headers: Mapping[str, str] | None = None, **extra: object
) -> JSONResponse:
    """Render one problem document."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **extra,
    }
    if identifier := trace_id():
        body["trace_id"] = identifier
    return JSONResponse(
        body, status, headers=dict(headers or {}), media_type="application/problem+json"
    )


def install(app: FastAPI) -> None:
    """Render every error of ``app`` as a problem document."""
    app.add_exception_handler(ApiError, _api_error)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(OperationalError, _database_away)
    app.add_exception_handler(PoolTimeout, _database_away)
    app.add_exception_handler(Exception, _unexpected)


class Problems:
    """ASGI middleware: the same errors for what FastAPI has no hold of.

    What surrounds it sees an answer like any other, so a 500 has every header, too.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = False

        def send_noted(message: Message) -> Awaitable[None]:
            nonlocal has_begun
            has_begun = True
            return send(message)

        try:
            await self._app(scope, receive, send_noted)
        except Exception as error:
            if has_begun:
                raise  # too late for another answer: the connection ends
            await _answer_to(error)(scope, receive, send)


def _answer_to(error: Exception) -> JSONResponse:
    if isinstance(error, ApiError):
        return _of(error)
    logger.error("unexpected error", exc_info=error)
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong on our side.")


async def _api_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ApiError)
    return _of(error)


def _of(error: ApiError) -> JSONResponse:
    return problem(error.status, error.detail, error.headers, **error.extra)


async def _invalid_request(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    problems = [
        {
            "in": str(item["loc"][0]),
            "name": _echo(".".join(str(part) for part in item["loc"][1:])),
            "reason": item["msg"],
            "value": _echo(item.get("input")),
        }
        for item in error.errors()[:20]
    ]
    detail = "; ".join(f"{p['name'] or p['in']}: {p['reason']}" for p in problems)
    return problem(HTTPStatus.BAD_REQUEST, detail, errors=problems)


def _echo(value: object) -> str:
    """A client's value, short, and without the half characters that UTF-8 cannot carry."""
    return str(value)[:MAX_ECHO].encode("utf-8", "backslashreplace").decode()


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.NOT_FOUND and _is_a_person(request):
        page: Response = request.app.state.pages.not_found(request)
        return page
    return problem(error.status_code, str(error.detail), error.headers)


def _is_a_person(request: Request) -> bool:
    """Someone who followed a link, not a program that asked the API."""
    accepts_html = "text/html" in request.headers.get("accept", "")
    return accepts_html and not request.url.path.startswith("/api/")


async def _database_away(_request: Request, error: Exception) -> JSONResponse:
    reason = error.orig if isinstance(error, OperationalError) else error
    logger.error("database unavailable: %s", type(reason).__name__)
    return problem(
        HTTPStatus.SERVICE_UNAVAILABLE, "The database is unavailable.", {"Retry-After": "5"}
    )


async def _unexpected(_request: Request, error: Exception) -> JSONResponse:
    return _answer_to(error)
