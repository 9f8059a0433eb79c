"""Reads a request's body with every limit enforced while it is read, never after."""

import zlib
from collections.abc import AsyncIterator
from types import CoroutineType
from typing import Protocol

from starlette.types import Message, Receive

from api.errors import BadRequest, TooLarge, Unavailable, UnsupportedType

MAX_BODY_BYTES = 1 << 20  # after decompression; before it too
ROOM_BYTES = 64 << 20  # for the bodies of all requests that are being read
_RAW_DEFLATE, _ZLIB, _GZIP = -zlib.MAX_WBITS, zlib.MAX_WBITS, zlib.MAX_WBITS | 16


class ClientGone(Exception):
    """The client hung up before its body was complete."""


class _Decoder(Protocol):
    def feed(self, chunk: bytes, limit: int) -> bytes:
        """At most ``limit`` bytes and one more of what ``chunk`` adds to the body."""

    def finish(self) -> None:
        """The body is complete. Raises ``BadRequest`` when it is not."""


class _Plain:
    def feed(self, chunk: bytes, limit: int) -> bytes:
        return chunk

    def finish(self) -> None:
        pass


class _Inflating:
    """Undoes gzip and deflate, which means zlib but is sent raw by some."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._head = b""
        self._stream: zlib._Decompress | None = None
        if encoding == "gzip":
            self._stream = zlib.decompressobj(_GZIP)

    def feed(self, chunk: bytes, limit: int) -> bytes:
        if self._stream is None:
            self._head += chunk
            if len(self._head) < 2:
                return b""
            chunk = self._head
            is_zlib = chunk[0] & 0x0F == 8 and int.from_bytes(chunk[:2], "big") % 31 == 0
            self._stream = zlib.decompressobj(_ZLIB if is_zlib else _RAW_DEFLATE)
        try:
            content = self._stream.decompress(chunk, limit + 1)
        except zlib.error:
            raise self._broken() from None
        if self._stream.unused_data:
            raise self._broken()
        return content

    def finish(self) -> None:
        if self._stream is None or not self._stream.eof:
            raise self._broken()

    def _broken(self) -> BadRequest:
        return BadRequest(f"The body is not one complete {self._encoding} stream.")


def whole_body(message: Message | None, encoding: str) -> bytes | None:
    """The body, if ``message`` holds all of it as it is. Raises ``TooLarge``."""
    if message is None or encoding or message.get("more_body") or "body" not in message:
        return None
    body: bytes = message["body"]
    if len(body) > MAX_BODY_BYTES:
        raise _too_large()
    return body


def arrived(receive: Receive) -> Message | None:
    """The next message if it is there already; else None, and nothing is taken.

    Mostly a small body comes with its head, and then no time limit is needed: a timer costs as
    much as reading what the body holds.
    """
    waiting = receive()
    if not isinstance(waiting, CoroutineType):
        return None
    try:
        waiting.send(None)
    except StopIteration as end:
        message: Message = end.value
        return message
    waiting.close()  # as if it was cancelled; whoever needs the message asks again
    return None


class Room:
    """Memory for bodies that arrive slowly, shared by all requests of one event loop."""

    def __init__(self, limit_bytes: int = ROOM_BYTES) -> None:
        self._free_bytes = limit_bytes

    async def read(
        self,
        receive: Receive,
        encoding: str,
        declared_bytes: int | None,
        first: Message | None = None,
    ) -> bytes:
        """The whole body, decompressed; ``first`` is the message that was taken already.

        Raises ``TooLarge``, ``UnsupportedType``, ``BadRequest``, ``Unavailable`` when no room is
        left, and ``ClientGone``.
        """
        if declared_bytes is not None and declared_bytes > MAX_BODY_BYTES:
            raise _too_large()
        parts: list[bytes] = []
        try:
            async for part in _decoded(receive, _decoder(encoding), first):
                parts.append(part)
                self._free_bytes -= len(part)
                if self._free_bytes < 0:
                    raise Unavailable("Too many bodies at once.", headers={"Retry-After": "1"})
        finally:
            self._free_bytes += sum(map(len, parts))
        return parts[0] if len(parts) == 1 else b"".join(parts)


async def _decoded(
    receive: Receive, decoder: _Decoder, first: Message | None
) -> AsyncIterator[bytes]:
    """The body's parts, decompressed. Raises ``TooLarge``, ``BadRequest`` and ``ClientGone``."""
    received = size = 0
    more = True
    while more:
        message, first = first or await receive(), None
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk = message.get("body", b"")
        more = message.get("more_body", False)
        received += len(chunk)
        content = decoder.feed(chunk, MAX_BODY_BYTES - size)
        size += len(content)
        if max(received, size) > MAX_BODY_BYTES:
            raise _too_large()
        yield content
    decoder.finish()


def _decoder(encoding: str) -> _Decoder:
    if encoding in ("", "identity"):
        return _Plain()
    if encoding in ("gzip", "x-gzip", "deflate"):
        return _Inflating(encoding.removeprefix("x-"))
    raise UnsupportedType(
        "Content-Encoding must be gzip, deflate or absent.",
        headers={"Accept-Encoding": "gzip, deflate"},
    )


def _too_large() -> TooLarge:
    # The rest of the body is not wanted: close instead of reading it.
    return TooLarge(
        f"The body may have at most {MAX_BODY_BYTES:,} bytes, after decompression too.",
        headers={"Connection": "close"},
    )
