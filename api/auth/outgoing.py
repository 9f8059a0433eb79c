"""Calls to another party: each has a time limit, and none is made while the party is away."""

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable, Coroutine
from functools import cache
from typing import Any, Generic, TypeVar

import httpx2
import orjson
from circuitbreaker import CircuitBreaker

from api.auth.verifier import Away

logger = logging.getLogger(__name__)

CALL_SECONDS = 10.0
FAILURES = 3  # in a row, and it counts as away
RECOVERY_SECONDS = 15
MOST_BYTES = 1_000_000

Answer = TypeVar("Answer")


class Party:
    """One other party. ``client`` is made anew for each call: they are few."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._breaker = CircuitBreaker(
            FAILURES, RECOVERY_SECONDS, (httpx2.HTTPError, OSError, TimeoutError), name
        )

    @property
    def is_away(self) -> bool:
        """Whether the last calls failed."""
        away: bool = self._breaker.opened
        return away

    async def call(self, work: Callable[[], Awaitable[Answer]]) -> Answer:
        """Do something with the party. Raises ``Away``; a wrong answer is the caller's to judge."""
        if self._breaker.opened:
            raise Away
        try:
            with self._breaker:
                async with asyncio.timeout(CALL_SECONDS):
                    return await work()
        except (httpx2.HTTPError, OSError, TimeoutError) as error:
            logger.warning("%s is away: %s", self._name, type(error).__name__)
            raise Away from None

    async def get_json(self, url: str) -> dict[str, Any]:
        """The JSON object at an address. Raises ``Away``."""
        return await self.call(lambda: _get_json(url))


class OneAtATime(Generic[Answer]):
    """Work that is under way once at most; who comes meanwhile waits for the same."""

    def __init__(self, work: Callable[[], Coroutine[Any, Any, Answer]]) -> None:
        self._work = work
        self._task: asyncio.Task[Answer] | None = None

    def start(self) -> asyncio.Task[Answer]:
        """Begin, or join. It goes on when nobody waits for it any more."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())
        return self._task

    async def done(self) -> Answer:
        """The same, and wait for its end."""
        return await asyncio.shield(self.start())


@cache
def authorities() -> ssl.SSLContext:
    """Who vouches for other parties. Read once: it takes longer than most calls."""
    return httpx2.create_ssl_context()


async def _get_json(url: str) -> dict[str, Any]:
    async with (
        httpx2.AsyncClient(verify=authorities(), timeout=CALL_SECONDS) as client,
        client.stream("GET", url, headers={"Accept": "application/json"}) as answer,
    ):
        answer.raise_for_status()
        body = b""
        async for chunk in answer.aiter_bytes():
            body += chunk
            if len(body) > MOST_BYTES:
                raise httpx2.DecodingError("the answer is too large")
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise httpx2.DecodingError("the answer is no JSON object")
    return found
