"""A client that costs little: whole requests over open connections, one at a time on each."""

import asyncio
import re
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from time import perf_counter
from typing import Any, TypeVar, cast

from uvicorn.loops.auto import auto_loop_factory

T = TypeVar("T")

_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)")


class WrongAnswer(Exception):
    """The server did not answer as it had to, such as that it acknowledged every event."""


def acknowledging(batch: int) -> bytes:
    """What an answer must hold that acknowledges so many events."""
    return b'"accepted":%d,' % batch


def flood(port: int, requests: Sequence[bytes], expected: bytes, connections: int) -> float:
    """Send as fast as the answers come, each with ``expected``; the seconds until the last one."""
    latencies, seconds = _run(_Run(port, expected, connections).send(requests, 0.0))
    assert len(latencies) == len(requests)
    return seconds


def pace(
    port: int, requests: Sequence[bytes], expected: bytes, connections: int, per_second: float
) -> list[float]:
    """Send at an even rate, whatever the answers; seconds from when each was due to its answer."""
    latencies, _ = _run(_Run(port, expected, connections).send(requests, 1 / per_second))
    return sorted(latencies)


def _run(sending: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:  # the servers' own loop
        return runner.run(sending)


class _Connection(asyncio.Protocol):
    """Sends a request, and says when its answer is complete."""

    def __init__(self, answered: "Callable[[_Connection, bytes], None]") -> None:
        self._answered = answered
        self._received = b""
        self._transport: asyncio.Transport
        self.due = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def send(self, request: bytes, due: float) -> None:
        self.due = due
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head_end = self._received.find(b"\r\n\r\n")
        if head_end < 0:
            return
        length = _LENGTH.search(self._received, 0, head_end)
        if length is not None and len(self._received) < head_end + 4 + int(length[1]):
            return
        answer, self._received = self._received, b""
        self._answered(self, answer)

    def close(self) -> None:
        self._transport.close()


class _Run:
    """One measurement."""

    def __init__(self, port: int, expected: bytes, connections: int) -> None:
        self._port = port
        self._expected = expected
        self._number = connections
        self._idle: list[_Connection] = []
        self._waiting: deque[tuple[bytes, float]] = deque()
        self._latencies: list[float] = []
        self._awaited = 0
        self._done: asyncio.Future[None]

    async def send(self, requests: Sequence[bytes], gap: float) -> tuple[list[float], float]:
        """Send one request each ``gap`` seconds; each answer's latency, and how long all took."""
        loop = asyncio.get_running_loop()
        self._done = loop.create_future()
        self._awaited = len(requests)
        connections = [await self._connect(loop) for _ in range(self._number)]
        self._idle = list(connections)
        started = perf_counter()
        for number, request in enumerate(requests):
            due = started + number * gap
            if (early := due - perf_counter()) > 0:
                await asyncio.sleep(early)
            self._waiting.append((request, due))
            self._send_waiting()
        await self._done
        seconds = perf_counter() - started
        for connection in connections:
            connection.close()
        return self._latencies, seconds

    async def _connect(self, loop: asyncio.AbstractEventLoop) -> _Connection:
        _, connection = await loop.create_connection(
            lambda: _Connection(self._answered), "127.0.0.1", self._port
        )
        return connection

    def _send_waiting(self) -> None:
        while self._idle and self._waiting:
            self._idle.pop().send(*self._waiting.popleft())

    def _answered(self, connection: _Connection, answer: bytes) -> None:
        self._latencies.append(perf_counter() - connection.due)
        self._idle.append(connection)
        if self._done.done():
            return
        if not answer.startswith(b"HTTP/1.1 200") or self._expected not in answer:
            self._done.set_exception(WrongAnswer(answer[-500:].decode(errors="replace")))
        elif len(self._latencies) == self._awaited:
            self._done.set_result(None)
        else:
            self._send_waiting()
