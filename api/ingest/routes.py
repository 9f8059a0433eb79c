"""``POST /api/events``: plain ASGI, because every page view of every user passes here."""

import asyncio
from functools import lru_cache
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.auth.identity import KEY
from api.errors import ApiError, BadRequest, TooLarge, TooManyRequests, UnsupportedType
from api.ingest.body import ClientGone, Room, arrived, whole_body
from api.ingest.limiter import RateLimiter, client_of
from api.ingest.reader import Batch, TooManyEvents, Unreadable, read
from api.ingest.schemas import ERROR_RESPONSES, IDEMPOTENCY_KEY, REQUEST_BODY, EventsLogged
from api.ingest.service import Ingest
from api.storage.event_store import AppendResult
from telemetry.headers import by_name

PATH = "/api/events"
BODY_SECONDS = 20.0  # for the whole body to arrive
MEDIA_TYPES = frozenset({"application/json", "text/plain"})
CHARSETS = frozenset({"utf-8", "utf8", "us-ascii"})


class RequestTimeout(ApiError):
    """The body did not arrive in time."""

    status = HTTPStatus.REQUEST_TIMEOUT


async def log_events() -> None:
    """Store events of real users' browsers.

    The answer comes when they are on disk. A valid event is not lost because its neighbour in the
    batch is bad; one that was stored before is counted as a duplicate and not stored again.
    """


def install(app: FastAPI, ingest: Ingest, requests_per_second: int) -> ASGIApp:
    """Add the route to ``app``. ``log_events`` describes it, ``EventsEndpoint`` runs it."""
    endpoint = EventsEndpoint(ingest, RateLimiter(requests_per_second))

    class IngestRoute(APIRoute):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.app: ASGIApp = endpoint

    app.router.add_api_route(
        PATH,
        log_events,
        methods=["POST"],
        tags=["events"],
        response_model=EventsLogged,
        response_description="All accepted events are on disk.",
        responses=ERROR_RESPONSES,
        openapi_extra={"parameters": [IDEMPOTENCY_KEY], "requestBody": REQUEST_BODY},
        route_class_override=IngestRoute,
    )
    return endpoint


class EventsEndpoint:
    """Reads a request, has its events stored, answers."""

    def __init__(self, ingest: Ingest, limiter: RateLimiter) -> None:
        self._ingest = ingest
        self._limiter = limiter
        self._room = Room()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            batch = await self._read(scope, receive)
        except ClientGone:
            return  # nobody is there to be answered
        except Unreadable as error:
            self._ingest.unparsed(error.reason)
            raise (TooLarge if isinstance(error, TooManyEvents) else BadRequest)(
                error.detail
            ) from None
        except ApiError as error:
            self._ingest.unparsed(HTTPStatus(error.status).name.lower())
            raise
        result = await self._ingest.accept(batch)
        if not batch.events:
            raise _nothing_valid(batch)
        await _answer(send, batch, result)

    async def _read(self, scope: Scope, receive: Receive) -> Batch:
        if wait := self._limiter.seconds_to_wait(client_of(scope)):
            detail = "Too many requests from this client."
            raise TooManyRequests(detail, headers={"Retry-After": str(wait)})
        headers = by_name(scope)
        _check_type(headers.get(b"content-type", b""))
        encoding = headers.get(b"content-encoding", b"").decode("latin-1").strip().lower()
        message = arrived(receive)
        body = whole_body(message, encoding)
        if body is None:
            declared_bytes = _declared_bytes(headers.get(b"content-length", b""))
            body = await self._read_slowly(receive, encoding, declared_bytes, message)
        key = headers.get(b"idempotency-key")
        return read(
            body,
            self._ingest.circumstances(
                None if key is None else key.decode("latin-1"), scope.get(KEY)
            ),
        )

    async def _read_slowly(
        self,
        receive: Receive,
        encoding: str,
        declared_bytes: int | None,
        first: Message | None,
    ) -> bytes:
        try:
            async with asyncio.timeout(BODY_SECONDS):
                return await self._room.read(receive, encoding, declared_bytes, first)
        except TimeoutError:
            detail = f"The body did not arrive within {BODY_SECONDS:g} seconds."
            raise RequestTimeout(detail, headers={"Connection": "close"}) from None


async def _answer(send: Send, batch: Batch, result: AppendResult) -> None:
    body = b'{"status":"logged","accepted":%d,"duplicates":%d,"rejected":%b}' % (
        result.accepted,
        len(result.duplicates),
        orjson.dumps(_rejected(batch)) if batch.rejections else b"[]",
    )
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [
                (b"content-type", b"application/json"),
                (b"content-length", b"%d" % len(body)),
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})


def _nothing_valid(batch: Batch) -> BadRequest:
    first = batch.rejections[0].reason
    if len(batch.rejections) == 1:
        return BadRequest(f"The event is not valid: {first}.", rejected=_rejected(batch))
    return BadRequest(
        f"None of the {len(batch.rejections)} events is valid. The first: {first}.",
        rejected=_rejected(batch),
    )


def _rejected(batch: Batch) -> list[dict[str, object]]:
    return [{"index": one.index, "reason": one.reason} for one in batch.rejections]


@lru_cache(maxsize=64)
def _check_type(content_type: bytes) -> None:
    media_type, *parameters = content_type.decode("latin-1").lower().split(";")
    charset = next(
        (
            value.strip().strip('"')
            for name, _, value in (parameter.partition("=") for parameter in parameters)
            if name.strip() == "charset"
        ),
        "utf-8",
    )
    if media_type.strip() not in MEDIA_TYPES or charset not in CHARSETS:
        raise UnsupportedType(
            "Content-Type must be application/json or text/plain, in UTF-8.",
            headers={"Accept-Post": ", ".join(sorted(MEDIA_TYPES))},
        )


def _declared_bytes(content_length: bytes) -> int | None:
    return int(content_length) if content_length.isdigit() else None
