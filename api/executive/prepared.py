"""One answer as bytes, ready to be sent as often as it is asked for."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import orjson
from fastapi import Response

from api.answers import tagged
from api.auth.identity import Identity
from api.auth.roles import Role
from api.etags import etag_of
from api.executive.schemas import Dashboard


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

    def seen_by(self, viewer: Identity) -> "Prepared":
        """The same answer with those alerts that are the viewer's; made once a department."""
        if viewer.metrics is None:
            return self
        audience = frozenset(viewer.roles)
        known = self._for_audiences.get(audience)
        if known is None:
            body = orjson.loads(self.body)
            body["alerts"] = [it for it in body["alerts"] if viewer.sees_alert(it.get("kpi"))]
            known = self._for_audiences[audience] = self._of(body, self.version, self.valid_until)
        return known

    def response(self, if_none_match: str | None, database_seconds: float = 0.0) -> Response:
        """The answer, or 304 for a client that has it. The database time is of this request."""
        timing = {"server-timing": f"db;dur={database_seconds * 1000:.1f}"}
        return tagged(self.body, self.etag, if_none_match, timing)

    def again(self, if_none_match: str | None) -> Response:
        """The answer when the database need not be asked."""
        return self._from_memory if if_none_match is None else self.response(if_none_match)

    @cached_property
    def _for_audiences(self) -> "dict[frozenset[Role], Prepared]":
        return {}

    @cached_property
    def _from_memory(self) -> Response:
        return self.response(None)

    @classmethod
    def _of(cls, body: dict[str, Any], version: int, valid_until: datetime) -> "Prepared":
        freshness = body["freshness"]
        undated = body | {"freshness": {**freshness, "generated_at": None}}
        return cls(orjson.dumps(body), etag_of(orjson.dumps(undated)), version, valid_until)
