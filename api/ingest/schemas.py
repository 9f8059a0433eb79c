"""Bodies of ``POST /api/events``. They describe; the reader, which is faster, does the reading."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from api.ingest.vocabulary import (
    FEATURE_USE,
    FEATURES,
    MAX_EVENTS,
    MAX_KEY_CHARACTERS,
    MAX_TEXTS,
    MEASURED_TYPES,
    METRIC_LIMITS,
    TEXT_KEYS,
    WHOLE_NUMBERS,
)
from api.schema import ResponseModel
from api.storage.event_tables import CONTEXT_CHARACTERS, NAME_CHARACTERS, TEXT_CHARACTERS

NonNegative = Annotated[int, Field(ge=0)]


class RejectedEvent(ResponseModel):
    """One event that was refused."""

    index: NonNegative
    reason: str


class EventsLogged(ResponseModel):
    """What became of a request's events. All that were accepted are on disk."""

    status: Literal["logged"]
    accepted: NonNegative
    duplicates: NonNegative
    rejected: list[RejectedEvent]


_PLAIN_TEXT = r"^[^\u0000-\u001f\u007f-\u009f]*$"
_INSTANT = {
    "type": ["string", "null"],
    "format": "date-time",
    "description": "ISO 8601 with a time zone, by the client's clock.",
    "examples": ["2026-03-31T09:30:00Z"],
}


def _text(limit: int) -> dict[str, Any]:
    return {"type": ["string", "null"], "maxLength": limit, "pattern": _PLAIN_TEXT}


def _number(name: str) -> dict[str, Any]:
    kind = "integer" if name in WHOLE_NUMBERS else "number"
    return {"type": kind, "minimum": 0, "maximum": METRIC_LIMITS[name]}


def _meta(title: str, properties: dict[str, Any], required: Sequence[str] = ()) -> dict[str, Any]:
    context = {
        "session_id": _text(CONTEXT_CHARACTERS),
        "release": _text(CONTEXT_CHARACTERS),
        "synthetic": {
            "enum": [True, False, "true", "false", None],
            "description": "true: made by a test; stored, never judged.",
        },
        **{name: _text(TEXT_CHARACTERS) for name in TEXT_KEYS},
    }
    return {
        "title": title,
        "type": "object",
        "properties": {**properties, **context},
        "required": list(required),
        "maxProperties": MAX_TEXTS,
        "propertyNames": {"pattern": f"^[a-z][a-z0-9_]{{0,{NAME_CHARACTERS - 1}}}$"},
        "additionalProperties": _text(TEXT_CHARACTERS),
    }


def _single_meta(name: str) -> dict[str, Any]:
    pair = {"metric": {"const": name}, "v": _number(name)}
    return _meta(f"Only {name}", pair, ["metric", "v"])


_ABSENT: dict[str, Any] = {"not": {}}
_FLAT_META = _meta(
    "Metrics by name",
    {**{name: _number(name) for name in METRIC_LIMITS}, "metric": _ABSENT, "v": _ABSENT},
)
_USED_META = _meta(
    "What was used",
    {
        "feature": {"type": "string", "enum": list(FEATURES)},
        **dict.fromkeys((*METRIC_LIMITS, "metric", "v"), _ABSENT),
    },
    ["feature"],
)


def _event(title: str, event_types: Sequence[str], meta: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": title,
        "type": "object",
        "additionalProperties": False,
        "required": ["event_type", "meta"],
        "properties": {
            "event_type": {"type": "string", "enum": list(event_types)},
            "event_time": _INSTANT,
            "event_id": {
                "type": ["string", "null"],
                "format": "uuid",
                "description": "Sent twice, stored once. A UUIDv7 is best.",
            },
            "session_id": _text(CONTEXT_CHARACTERS),
            "meta": meta,
        },
    }


_EVENTS = [
    _event("Event", MEASURED_TYPES, {"anyOf": [_FLAT_META, *map(_single_meta, METRIC_LIMITS)]}),
    _event("Use of a feature", [FEATURE_USE], _USED_META),
]
_BATCH = {
    "title": "Batch of events",
    "type": "object",
    "additionalProperties": False,
    "required": ["events"],
    "properties": {
        "sent_at": _INSTANT,
        "events": {
            "type": "array",
            "minItems": 1,
            "maxItems": MAX_EVENTS,
            "items": {"anyOf": _EVENTS},
        },
    },
}
_EXAMPLES = {
    "single": {
        "summary": "One event with one metric",
        "value": {"event_type": "page_view", "meta": {"metric": "ttfb_ms", "v": 123}},
    },
    "batch": {
        "summary": "A batch, as the page sends it",
        "value": {
            "events": [
                {
                    "event_type": "page_view",
                    "event_id": "019a9f3e-5c1d-7b42-8f10-3a6d5e2b9c47",
                    "meta": {"ttfb_ms": 123.4, "render_total_ms": 812.5, "release": "2026.11"},
                },
                {
                    "event_type": "drilldown",
                    "event_id": "019a9f3e-6f02-7c11-9d3e-5b7a1c0f2e88",
                    "meta": {"drilldown_clicks": 2, "drilldown_duration_ms": 640, "kpi": "arr"},
                },
            ]
        },
    },
}
_CONTENT = {"schema": {"anyOf": [*_EVENTS, _BATCH]}, "examples": _EXAMPLES}

REQUEST_BODY = {
    "required": True,
    "description": f"One event, or a batch of 1 to {MAX_EVENTS}.",
    "content": {"application/json": _CONTENT, "text/plain": _CONTENT},
}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Stands for the id of an event that has none. A UUID is best.",
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": MAX_KEY_CHARACTERS,
        "pattern": r"^[ -~]*[!#-~][ -~]*$",  # printable ASCII, more than blanks and quotes
    },
}


def _problem(description: str, *, retry: bool = False) -> dict[str, Any]:
    response: dict[str, Any] = {
        "description": description,
        "content": {"application/problem+json": {"schema": _PROBLEM}},
    }
    if retry:
        response["headers"] = {
            "Retry-After": {
                "description": "Seconds after which the same request may be sent again.",
                "schema": {"type": "integer", "minimum": 1},
            }
        }
    return response


_PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "description": "RFC 9457.",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "trace_id": {"type": "string"},
        "rejected": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["index", "reason"],
                "properties": {
                    "index": {"type": "integer", "minimum": 0},
                    "reason": {"type": "string"},
                },
            },
        },
    },
}

ERROR_RESPONSES: dict[int | str, dict[str, Any]] = {
    400: _problem("Not JSON, or not one valid event; `rejected` gives a reason for each."),
    408: _problem("The body did not arrive in time."),
    413: _problem(f"More than {MAX_EVENTS} events, or too many bytes."),
    415: _problem("Another type than JSON or text, or an unknown content encoding."),
    429: _problem("Too many requests from this client.", retry=True),
    503: _problem("The queue is full or the store is away: nothing was stored.", retry=True),
}
