"""One answer as bytes, ready to be sent as often as it is asked for."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import orjson
from fastapi import Response
from starlette.types import Receive, Scope, Send

from api.executive.schemas import Dashboard

CACHE_CONTROL = "private, no-cache"  # confidential; a browser asks again and mostly gets a 304


class PreparedResponse(Response):
    """A response that can be sent many times: nobody who adds headers changes the next answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, with headers of its own."""
        start = "http.response.start"
        await send({"type": start, "status": self.status_code, "headers": [*self.raw_headers]})
        await send({"type": "http.response.body", "body": self.body})


@dataclass(frozen=True)
class Prepared:
    """The body of one view, its strong ETag, and how long it may be served.

    ``version`` is the data's; after ``valid_until`` the day or an alert has changed by itself.
    """

    body: bytes
    etag: str
    version: int
    valid_until: datetime

    @classmethod
    def of(cls, dashboard: Dashboard, version: int, valid_until: datetime) -> "Prepared":
        """Write the body once."""
        return cls._of(dashboard.model_dump(mode="json"), version, valid_until)

    @cached_property
    def stale(self) -> "Prepared":
        """The same answer, marked as the last good one."""
        body = orjson.loads(self.body)
        body["freshness"]["stale"] = True
        return self._of(body, self.version, self.valid_until)

    def response(self, if_none_match: str | None, database_seconds: float = 0.0) -> Response:
        """The answer, or 304 for a client that has it. The database time is of this request."""
        headers = {
            "etag": self.etag,
            "cache-control": CACHE_CONTROL,
            "server-timing": f"db;dur={database_seconds * 1000:.1f}",
        }
        if if_none_match is not None and self._is_known_to(if_none_match):
            return Response(status_code=304, headers=headers)
        return PreparedResponse(self.body, media_type="application/json", headers=headers)

    def again(self, if_none_match: str | None) -> Response:
        """The answer when the database need not be asked."""
        return self._from_memory if if_none_match is None else self.response(if_none_match)

    @cached_property
    def _from_memory(self) -> Response:
        return self.response(None)

    def _is_known_to(self, if_none_match: str) -> bool:
        """Weak comparison, as RFC 9110 has it for this header."""
        tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
        return "*" in tags or self.etag in tags

    @classmethod
    def _of(cls, body: dict[str, Any], version: int, valid_until: datetime) -> "Prepared":
        freshness = body["freshness"]
        undated = body | {"freshness": {**freshness, "generated_at": None}}
        digest = hashlib.sha256(orjson.dumps(undated)).hexdigest()
        return cls(orjson.dumps(body), f'"{digest[:32]}"', version, valid_until)
