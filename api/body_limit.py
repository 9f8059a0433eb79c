"""Refuses a body that is too large or too slow while it is read, with a problem document.

The framework's own limit answers in plain text.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.types import Message, Receive

from api.storage.unit_of_work import TransactionalRoute

MAX_BODY_BYTES = 1_000_000
MAX_STRANGERS_BYTES = 16_384  # of whoever has not shown who they are: many may send at once
BODY_SECONDS = 20.0  # for the whole body to arrive


class BoundedRoute(TransactionalRoute):
    """A transactional route whose body may have at most ``max_bytes``; more is a 413."""

    max_bytes = MAX_BODY_BYTES

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the transaction's handler in the limit."""
        handler = super().get_route_handler()

        async def run(request: Request) -> Response:
            return await handler(Request(request.scope, _counted(request.receive, self.max_bytes)))

        return run


class StrangersRoute(BoundedRoute):
    """The same for routes that are open to everybody, and are sent secrets.

    What is wrong with a body is said without repeating it.
    """

    max_bytes = MAX_STRANGERS_BYTES

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Leave what was sent out of errors."""
        handler = super().get_route_handler()

        async def run(request: Request) -> Response:
            try:
                return await handler(request)
            except RequestValidationError as error:
                found = [{**each, "input": "(not repeated)"} for each in error.errors()]
                raise RequestValidationError(found) from None

        return run


def _counted(receive: Receive, max_bytes: int) -> Receive:
    seen_bytes = 0
    deadline = asyncio.get_running_loop().time() + BODY_SECONDS

    async def count() -> Message:
        nonlocal seen_bytes
        message = await received_by(deadline, receive)
        seen_bytes += len(message.get("body", b""))
        if seen_bytes > max_bytes:
            raise HTTPException(413, f"The body may have at most {max_bytes:,} bytes.")
        return message

    return count


async def received_by(deadline: float, receive: Receive) -> Message:
    """The next part of a body.

    Raises ``HTTPException`` 408 when the deadline has passed, 400 when the client is gone.
    """
    try:
        async with asyncio.timeout_at(deadline):
            message = await receive()
    except TimeoutError:
        detail = "The body did not arrive in time."
        raise HTTPException(408, detail, {"Connection": "close"}) from None
    if message["type"] == "http.disconnect":
        raise HTTPException(400, "The body did not arrive whole.")
    return message
