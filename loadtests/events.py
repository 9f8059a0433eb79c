"""RUM events as browsers send them, marked synthetic, so that no objective counts them."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

EVENTS_API = "/api/events"
Event = dict[str, Any]


def event(event_type: str, session_id: str, **meta: Any) -> Event:
    """One event of now."""
    return {
        "event_type": event_type,
        "event_id": str(uuid.uuid4()),
        "event_time": _utc_now(),
        "session_id": session_id,
        "meta": {**meta, "synthetic": True},
    }


def batch(events: list[Event]) -> str:
    """The body that carries some events."""
    return json.dumps({"sent_at": _utc_now(), "events": events})


def _utc_now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
