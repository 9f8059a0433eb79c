"""From a request's bytes to valid events, and a reason for each event that is not.

A bad event never costs its neighbours; only what cannot be taken apart into events is refused
as a whole.
"""

import json
import math
import re
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from os import urandom
from typing import Any, NamedTuple

import orjson

from api.ingest.vocabulary import (
    EVENT_TYPES,
    FEATURE_USE,
    FEATURES,
    KNOWN_KPIS,
    MAX_AHEAD,
    MAX_EVENTS,
    MAX_KEY_CHARACTERS,
    MAX_META_KEYS,
    MAX_TEXTS,
    METRIC_LIMITS,
    OTHER_KPI,
    TEXT_NAME,
    UNFIT_TEXT,
    WHOLE_NUMBERS,
)
from api.storage.event_store import Event
from api.storage.event_tables import CONTEXT_CHARACTERS, TEXT_CHARACTERS

MAX_ECHO = 60  # characters of a client's value repeated in a reason

_NUMBERS = frozenset({int, float})  # not bool
_EVENT_TYPES = frozenset(EVENT_TYPES)
_EVENT_FIELDS = frozenset({"event_type", "event_time", "event_id", "session_id", "meta"})
_SINGLE_FIELDS = _EVENT_FIELDS | {"sent_at"}
_BATCH_FIELDS = frozenset({"sent_at", "events"})
_is_uuid = re.compile(
    "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII
).fullmatch
_KEY_IDS = uuid.UUID("8f2c6d5e-3b1a-5c4d-9e7f-0a1b2c3d4e5f")  # namespace of ids made from keys


class Unreadable(Exception):
    """The body as a whole is refused. ``reason`` is one of a few words, for counting."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class TooManyEvents(Unreadable):
    """A batch of more than ``MAX_EVENTS``."""


@dataclass(frozen=True)
class Rejection:
    """One event that is refused: its place in the batch, why, and the same in one word."""

    index: int
    code: str
    reason: str


@dataclass
class Batch:
    """What a request holds."""

    events: list[Event] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)

    @property
    def received(self) -> int:
        """How many events there are, good and bad."""
        return len(self.events) + len(self.rejections)

    @property
    def rejected_by_code(self) -> Counter[str]:
        """How many events are refused for each reason."""
        return Counter(rejection.code for rejection in self.rejections)


class Circumstances(NamedTuple):
    """What the reader must know beside the body."""

    now: datetime
    retention: timedelta  # older events are refused
    idempotency_key: str | None = None
    role: str = ""


class _Bad(Exception):
    """This event is refused."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def read(body: bytes, circumstances: Circumstances) -> Batch:
    """Read one event or a batch. Raises ``Unreadable`` and nothing else."""
    document = _parse(body)
    if not isinstance(document, dict):
        raise Unreadable("not_an_object", f"The body must be a JSON object, not {_kind(document)}.")
    is_batch = "events" in document
    items = _items(document) if is_batch else [document]
    reading = _Reading(circumstances, _correction(document, circumstances.now), is_batch=is_batch)
    batch = Batch()
    for index, item in enumerate(items):
        try:
            batch.events.append(reading.event(item, index))
        except _Bad as bad:
            batch.rejections.append(Rejection(index, bad.code, bad.reason))
    return batch


def _parse(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        detail = f"The body is not valid JSON: {error}."
    try:
        # Python's own parser takes NaN and Infinity, which some clients write: then the numbers
        # can be refused by name, and their neighbours kept.
        return json.loads(body.decode())
    except (ValueError, RecursionError):
        raise Unreadable("invalid_json", detail) from None


def _items(document: Mapping[str, Any]) -> list[Any]:
    for name in document.keys() - _BATCH_FIELDS:
        raise Unreadable(
            "unknown_field",
            f"{_shown(name)} is not a field of a batch: allowed are sent_at, events.",
        )
    items = document["events"]
    if not isinstance(items, list) or not items:
        raise Unreadable("no_events", f"events must be a list of 1 to {MAX_EVENTS} events.")
    if len(items) > MAX_EVENTS:
        raise TooManyEvents(
            "too_many_events", f"A batch has at most {MAX_EVENTS} events, not {len(items)}."
        )
    return items


def _correction(document: Mapping[str, Any], now: datetime) -> timedelta:
    """How far the client's clock is behind ours."""
    sent_at = document.get("sent_at")
    if sent_at is None:
        return timedelta()
    try:
        return now - _instant("sent_at", sent_at)
    except _Bad as bad:
        raise Unreadable("bad_sent_at", f"{bad.reason}.") from None


class _Reading:
    """Reads the events of one request."""

    def __init__(
        self, circumstances: Circumstances, correction: timedelta, *, is_batch: bool
    ) -> None:
        self._now = circumstances.now
        self._oldest = self._now - circumstances.retention
        self._newest = self._now + MAX_AHEAD
        self._correction = correction
        self._role = circumstances.role
        self._key = _checked_key(circumstances.idempotency_key)
        self._fields = _EVENT_FIELDS if is_batch else _SINGLE_FIELDS
        self._is_batch = is_batch

    def event(self, item: Any, index: int) -> Event:
        """Read one event. Raises ``_Bad``."""
        if type(item) is not dict:
            raise _Bad("bad_shape", f"an event must be an object, not {_kind(item)}")
        if not item.keys() <= self._fields:
            unknown = _shown(min(item.keys() - self._fields))
            raise _Bad("unknown_field", f"{unknown} is not a field of an event")
        event_type = item.get("event_type")
        if type(event_type) is not str or event_type not in _EVENT_TYPES:
            allowed = ", ".join(EVENT_TYPES)
            raise _Bad(
                "bad_event_type", f"event_type: {_shown(event_type)} is not one of {allowed}"
            )
        numbers, texts = _meta(item.get("meta"))
        feature = _feature(numbers, texts) if event_type == FEATURE_USE else ""
        client_time, event_time = self._times(item.get("event_time"))
        event_id = self._event_id(item.get("event_id"), index)
        session_id = _context("session_id", item.get("session_id"))
        if not texts:
            return Event(
                event_id,
                event_type,
                event_time,
                client_time,
                self._now,
                session_id,
                None,
                False,
                numbers,
                texts,
                "",
                self._role,
            )
        kpi = texts.get("kpi", "")
        session_in_meta = _context("session_id", texts.pop("session_id", None))
        return Event(
            event_id,
            event_type,
            event_time,
            client_time,
            self._now,
            session_id or session_in_meta,
            _context("release", texts.pop("release", None)),
            texts.pop("synthetic", "") == "true",
            numbers,
            texts,
            kpi if kpi in KNOWN_KPIS or not kpi else OTHER_KPI,
            self._role,
            feature,
        )

    def _times(self, given: Any) -> tuple[datetime | None, datetime]:
        """The time of an event by the client's clock, and corrected."""
        if given is None:
            return None, self._now
        client_time = _instant("event_time", given)
        try:
            event_time = client_time + self._correction
        except OverflowError:
            raise _Bad("bad_time", f"event_time: {_shown(given)} is out of range") from None
        if event_time < self._oldest:
            oldest = self._oldest.isoformat(timespec="seconds")
            raise _Bad("too_old", f"event_time: {_shown(given)} is before {oldest}")
        if event_time > self._newest:
            raise _Bad("in_future", f"event_time: {_shown(given)} is over 5 minutes ahead")
        return client_time, event_time

    def _event_id(self, given: Any, index: int) -> str:
        if given is not None:
            event_id = given.lower() if type(given) is str else ""
            if not _is_uuid(event_id):
                raise _Bad("bad_event_id", f"event_id: {_shown(given)} is not a UUID")
            return event_id
        if self._key is None:
            return _new_id(self._now)
        if self._is_batch:
            return str(uuid.uuid5(_KEY_IDS, f"{self._key}:{index}"))
        is_uuid = _is_uuid(self._key.lower())
        return self._key.lower() if is_uuid else str(uuid.uuid5(_KEY_IDS, self._key))


def _meta(meta: Any) -> tuple[dict[str, float], dict[str, str]]:
    """The numbers and texts of an event."""
    if type(meta) is not dict or len(meta) > MAX_META_KEYS:
        raise _Bad("bad_shape", f"meta must be an object of at most {MAX_META_KEYS} keys")
    if "metric" in meta or "v" in meta:
        meta = _flattened(meta)
    numbers: dict[str, float] = {}
    texts: dict[str, str] = {}
    for name, value in meta.items():
        limit = METRIC_LIMITS.get(name)
        if limit is None:
            _take_text(name, value, texts)
        elif type(value) in _NUMBERS and 0 <= value <= limit:
            numbers[name] = value + 0.0  # a float, and never -0.0
        else:
            raise _Bad("bad_number", _number_reason(name, value))
    for name in WHOLE_NUMBERS & numbers.keys():
        if not numbers[name].is_integer():
            raise _Bad("bad_number", f"{name}: must be a whole number, not {numbers[name]}")
    if len(texts) > MAX_TEXTS:
        raise _Bad("bad_text", f"meta has {len(texts)} texts: allowed are {MAX_TEXTS}")
    return numbers, texts


def _feature(numbers: Mapping[str, float], texts: Mapping[str, str]) -> str:
    """What a ``feature_use`` says was used."""
    feature = texts.get("feature")
    if feature not in FEATURES:
        allowed = ", ".join(FEATURES)
        raise _Bad("bad_feature", f"feature: {_shown(feature)} is not one of {allowed}")
    for name in numbers:
        raise _Bad("bad_number", f"{name}: a {FEATURE_USE} carries no metrics")
    return feature


def _flattened(meta: Mapping[str, Any]) -> dict[str, Any]:
    """Turn ``{"metric": "ttfb_ms", "v": 123}`` into ``{"ttfb_ms": 123}``."""
    flat = dict(meta)
    name, missing = flat.pop("metric", None), object()
    value = flat.pop("v", missing)
    if type(name) is not str or value is missing or name in flat:
        raise _Bad("bad_shape", "meta: metric (a name not used beside it) and v go together")
    return {name: value, **flat}


def _take_text(name: str, value: Any, texts: dict[str, str]) -> None:
    if name == "synthetic":
        if value not in ("true", "false", None) and type(value) is not bool:
            raise _Bad("bad_text", f"synthetic: must be true or false, not {_shown(value)}")
        texts[name] = str(value).lower()
    elif type(value) is str:
        if not TEXT_NAME.fullmatch(name):
            raise _Bad("bad_text", f"{_shown(name)} is not a name such as trace_id")
        texts[name] = _text(name, value, TEXT_CHARACTERS)
    elif type(value) in (int, float):
        known = ", ".join(METRIC_LIMITS)
        raise _Bad("unknown_metric", f"{_shown(name)} is not a metric: known are {known}")
    elif value is not None:
        raise _Bad("bad_text", f"{_shown(name)}: must be text, not {_kind(value)}")


def _number_reason(name: str, value: Any) -> str:
    if type(value) is float and not math.isfinite(value):
        return f"{name}: must be a finite number, not {value}"
    if type(value) in (int, float):
        return f"{name}: {_shown(value)} is not from 0 to {METRIC_LIMITS[name]:g}"
    return f"{name}: must be a number, not {_kind(value)}"


def _text(name: str, value: str, limit: int) -> str:
    if len(value) > limit:
        raise _Bad("bad_text", f"{name}: {len(value)} characters, allowed are {limit}")
    if not value.isprintable() and UNFIT_TEXT.search(value):  # the first is the faster one
        raise _Bad("bad_text", f"{name}: holds control characters")
    return value


def _context(name: str, value: Any) -> str | None:
    if value is None:
        return None
    if type(value) is not str:
        raise _Bad("bad_text", f"{name}: must be text, not {_kind(value)}")
    return _text(name, value, CONTEXT_CHARACTERS)


def _instant(name: str, value: Any) -> datetime:
    if type(value) is str and len(value) <= MAX_ECHO:
        try:
            instant = datetime.fromisoformat(value)
            if instant.tzinfo is UTC:
                return instant
            if instant.tzinfo is not None:
                return instant.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    example = "2026-03-31T09:30:00Z"
    raise _Bad("bad_time", f"{name}: {_shown(value)} is not an instant with zone such as {example}")


def _checked_key(key: str | None) -> str | None:
    if key is None:
        return None
    given = key.strip()
    key = given.strip('" ')
    if not key or len(given) > MAX_KEY_CHARACTERS or not key.isascii() or not key.isprintable():
        detail = f"Idempotency-Key must have 1 to {MAX_KEY_CHARACTERS} printable ASCII characters."
        raise Unreadable("bad_key", detail)
    return key


def _new_id(now: datetime) -> str:
    """A UUIDv7 (RFC 9562): milliseconds first, so that ids of one time lie together on disk."""
    time, noise = f"{int(now.timestamp() * 1000):012x}", urandom(10).hex()
    variant = "89ab"[int(noise[3], 16) & 3]
    return f"{time[:8]}-{time[8:]}-7{noise[:3]}-{variant}{noise[4:7]}-{noise[7:19]}"


def _shown(value: Any) -> str:
    """A client's value as it may stand in a message: short, on one line, and plain."""
    if not isinstance(value, str | int | float):
        return _kind(value)
    text = value if isinstance(value, str) else str(value)
    shown = json.dumps(text[:MAX_ECHO])
    return shown if len(text) <= MAX_ECHO else f"{shown}..."


def _kind(value: Any) -> str:
    """What JSON calls a value."""
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false"}
    return "null" if value is None else names.get(type(value), "a number")
