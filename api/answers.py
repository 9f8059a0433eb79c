"""Answers as bytes: sent with an ETag, and kept until the data change.

What an answer is made of changes with the data's version and with nothing else, so the question
and the version are all that has to be compared.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock, Semaphore
from typing import Any

from fastapi import Response
from pydantic import BaseModel
from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session
from starlette.types import Receive, Scope, Send

from api.errors import Unavailable
from api.etags import etag_of, is_known
from api.single_flight import SingleFlight
from api.storage import versions

CACHE_CONTROL = "private, no-cache"  # confidential; a browser asks again and mostly gets a 304
MOST_BYTES = 32 << 20
LONGEST_WAIT_SECONDS = 60.0
# Each that computes delays everybody's answers, those from memory, too: Python runs one at a time,
# and the one that is to go on is any of those that wait.
MAKING_AT_ONCE = 2
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {
    304: {"description": "The client's copy is current."}
}


class PreparedResponse(Response):
    """A response that can be sent many times: nobody who adds headers changes the next answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, with headers of its own."""
        start = "http.response.start"
        await send({"type": start, "status": self.status_code, "headers": [*self.raw_headers]})
        await send({"type": "http.response.body", "body": self.body})


def tagged(
    body: bytes, etag: str, if_none_match: str | None, headers: dict[str, str] | None = None
) -> Response:
    """The answer, or 304 for a client that has it."""
    headers = {"etag": etag, "cache-control": CACHE_CONTROL, **(headers or {})}
    if is_known(etag, if_none_match):
        return Response(status_code=304, headers=headers)
    return PreparedResponse(body, media_type="application/json", headers=headers)


@dataclass(frozen=True)
class Reusable:
    """An answer that holds while the data are of its version, and until an instant, if any."""

    body: bytes
    etag: str
    version: int
    until: datetime | None = None

    def to(self, if_none_match: str | None) -> Response:
        """The answer, or 304 for a client that has it."""
        return tagged(self.body, self.etag, if_none_match)


def made_now(body: BaseModel, if_none_match: str | None) -> Response:
    """An answer that was made for this request, or 304 for a client that has it but for its time.

    A 304 says that all else is as it was, as of now (the answer's ``Date``).
    """
    return tagged(*timed(body), if_none_match)


def timed(body: BaseModel) -> tuple[bytes, str]:
    """The bytes of what says when it was made, and its ETag.

    ``generated_at`` is no part of the tag, which is a weak one for that.
    """
    content = body.model_dump_json(by_alias=True, exclude={"generated_at"}).encode()
    return body.model_dump_json(by_alias=True).encode(), f"W/{etag_of(content)}"


class Answers:
    """The answers that one process has given, the most recently used ones up to ``MOST_BYTES``."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._version: int | None = None
        self._known: dict[Hashable, bytes] = {}
        self._changing = Lock()
        self._making = SingleFlight[bytes]()
        self._turns = Semaphore(MAKING_AT_ONCE)

    def answer(
        self,
        session: Session,
        question: Hashable,
        make: Callable[[Session], BaseModel],
    ) -> Reusable:
        """The answer to ``question`` at the data's present version, made if it is not known.

        However many ask at once, it is made once, and few are made at a time. Raises
        ``Unavailable`` when that takes too long.
        """
        version = versions.current(session)
        body = self._recall(version, question)
        if body is None:
            engine = session.get_bind()
            session.rollback()  # who waits needs no connection; the one who makes it does
            body = self._made(engine, version, question, make)
        return Reusable(body, etag_of(body), version)

    def _made(
        self,
        engine: Engine | Connection,
        version: int,
        question: Hashable,
        make: Callable[[Session], BaseModel],
    ) -> bytes:
        def work() -> bytes:
            with self._turns, Session(engine) as session:
                read = versions.current(session)  # what is made belongs to this version
                body = make(session).model_dump_json(by_alias=True).encode()
            self._keep(read, question, body)
            return body

        try:
            return self._making.run((version, question), work, LONGEST_WAIT_SECONDS)
        except TimeoutError as error:
            headers = {"Retry-After": "5"}
            raise Unavailable("The answer takes too long to compute.", headers=headers) from error

    def _recall(self, version: int, question: Hashable) -> bytes | None:
        with self._changing:
            if version != self._version:
                return None
            body = self._known.pop(question, None)
            if body is not None:
                self._known[question] = body  # it goes last now
            return body

    def _keep(self, version: int, question: Hashable, body: bytes) -> None:
        with self._changing:
            if self._version is None or version > self._version:
                self._version, self._known, self._bytes = version, {}, 0
            if version < self._version:
                return  # made while the data changed
            self._bytes += len(body) - len(self._known.pop(question, b""))
            self._known[question] = body
            while self._bytes > self._most_bytes:
                self._bytes -= len(self._known.pop(next(iter(self._known))))
