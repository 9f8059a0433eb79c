"""What a body means, event by event, and what is refused with which reason."""

import json
import math
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.ingest.reader import Batch, Circumstances, TooManyEvents, Unreadable, read
from api.ingest.vocabulary import EVENT_TYPES, FEATURES, METRIC_LIMITS
from api.storage.event_store import Event

NOW = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
RETENTION = timedelta(days=35)
AN_ID = "019a9f3e-5c1d-7b42-8f10-3a6d5e2b9c47"


def reading(body: Any, key: str | None = None) -> Batch:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    return read(content, Circumstances(NOW, RETENTION, key))


def one(event: Any = None, *, key: str | None = None, **fields: Any) -> Event:
    """The only event of a body that must be valid."""
    body = event or {"event_type": "page_view", "meta": {"ttfb_ms": 120}, **fields}
    batch = reading(body, key)
    assert batch.rejections == []
    (found,) = batch.events
    return found


def refused(**fields: Any) -> tuple[str, str]:
    """Code and reason with which one event is refused."""
    body = {"event_type": "page_view", "meta": {"ttfb_ms": 120}, **fields}
    batch = reading(body)
    assert batch.events == []
    (rejection,) = batch.rejections
    return rejection.code, rejection.reason


def test_flat_and_single_meta_mean_the_same() -> None:
    assert one(meta={"ttfb_ms": 123}).numbers == {"ttfb_ms": 123.0}
    assert one(meta={"metric": "ttfb_ms", "v": 123}).numbers == {"ttfb_ms": 123.0}


def test_single_meta_may_have_context_beside_it() -> None:
    found = one(meta={"metric": "ttfb_ms", "v": 1.5, "trace_id": "ab" * 16, "release": "r7"})
    assert found.numbers == {"ttfb_ms": 1.5}
    assert (found.texts, found.release) == ({"trace_id": "ab" * 16}, "r7")


@pytest.mark.parametrize(
    "meta",
    [
        {"metric": "ttfb_ms"},
        {"v": 3},
        {"metric": 7, "v": 3},
        {"metric": "ttfb_ms", "v": 3, "ttfb_ms": 4},
        None,
        [],
        "ttfb_ms",
        {f"text_{n}": "x" for n in range(40)},
    ],
)
def test_meta_of_another_shape_is_refused(meta: Any) -> None:
    code, reason = refused(meta=meta)
    assert code == "bad_shape"
    assert reason.startswith("meta")


@pytest.mark.parametrize("name", METRIC_LIMITS)
def test_numbers_are_taken_up_to_their_bound(name: str) -> None:
    limit = METRIC_LIMITS[name]
    assert one(meta={name: limit}).numbers == {name: limit}
    zero = one(meta={name: -0.0}).numbers[name]
    assert (zero, math.copysign(1, zero)) == (0.0, 1.0)
    for beyond in (limit + 1, -1, 1e300, 2**63, 10**30):
        code, reason = refused(meta={name: beyond}) if beyond != 10**30 else _huge(name)
        assert (code, reason.split(":")[0]) == ("bad_number", name)
        assert f"{limit:g}" in reason


def _huge(name: str) -> tuple[str, str]:
    body = json.dumps({"event_type": "page_view", "meta": {name: 10**30}})
    (rejection,) = reading(body.encode()).rejections
    return rejection.code, rejection.reason


@pytest.mark.parametrize("value", ["123", "", True, False, None, [], {}, "NaN"])
def test_what_is_no_number_is_refused_by_name(value: Any) -> None:
    code, reason = refused(meta={"ttfb_ms": value})
    assert (code, reason.split(":")[0]) == ("bad_number", "ttfb_ms")


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_numbers_that_are_not_finite_are_refused_by_name_and_neighbours_stay(literal: str) -> None:
    good = '{"event_type": "page_view", "meta": {"ttfb_ms": 1}}'
    bad = f'{{"event_type": "page_view", "meta": {{"ttfb_ms": {literal}}}}}'
    batch = reading(f'{{"events": [{good}, {bad}, {good}]}}'.encode())
    assert len(batch.events) == 2
    (rejection,) = batch.rejections
    assert (rejection.index, rejection.code) == (1, "bad_number")
    assert rejection.reason.startswith("ttfb_ms: must be a finite number")


def test_clicks_are_whole() -> None:
    code, reason = refused(event_type="drilldown", meta={"drilldown_clicks": 1.5})
    assert (code, reason) == ("bad_number", "drilldown_clicks: must be a whole number, not 1.5")


@pytest.mark.parametrize("name", ["ttfb", "lcp_ms", "TTFB_MS", "kpi", "trace_id"])
def test_numbers_of_unknown_metrics_are_refused_by_name(name: str) -> None:
    code, reason = refused(meta={"ttfb_ms": 1, name: 5})
    assert code == "unknown_metric"
    assert name in reason
    assert "render_total_ms" in reason


@pytest.mark.parametrize("event_type", ["pageview", "", None, 7, ["page_view"], {}])
def test_other_event_types_are_refused(event_type: Any) -> None:
    code, reason = refused(event_type=event_type)
    assert code == "bad_event_type"
    assert all(known in reason for known in EVENT_TYPES)


@pytest.mark.parametrize("feature", FEATURES)
def test_a_use_tells_its_feature_and_its_kpi(feature: str) -> None:
    found = one(event_type="feature_use", meta={"feature": feature, "kpi": "arr"})
    assert (found.feature, found.kpi, found.numbers) == (feature, "arr", {})
    assert found.texts == {"feature": feature, "kpi": "arr"}


@pytest.mark.parametrize("meta", [{"feature": "unheard_of"}, {"feature": ""}, {"kpi": "arr"}, {}])
def test_a_use_of_what_is_not_known_is_refused(meta: dict[str, str]) -> None:
    code, reason = refused(event_type="feature_use", meta=meta)
    assert code == "bad_feature"
    assert reason.startswith("feature: ")
    assert all(known in reason for known in FEATURES)


def test_a_use_measures_nothing() -> None:
    assert refused(event_type="feature_use", meta={"feature": "theme", "ttfb_ms": 5}) == (
        "bad_number",
        "ttfb_ms: a feature_use carries no metrics",
    )


def test_features_are_told_apart_in_uses_alone() -> None:
    assert one(meta={"ttfb_ms": 5, "feature": "theme"}).feature == ""


def test_unknown_fields_are_refused_by_name() -> None:
    assert refused(event_tiem="2026-11-22T18:00:00Z") == (
        "unknown_field",
        '"event_tiem" is not a field of an event',
    )


@pytest.mark.parametrize("event", [None, 7, "page_view", [], True])
def test_an_event_must_be_an_object(event: Any) -> None:
    (rejection,) = reading({"events": [event]}).rejections
    assert rejection.code == "bad_shape"


def test_texts_are_context_beside_the_numbers() -> None:
    found = one(
        event_type="drilldown",
        session_id="s1",
        meta={"kpi": "arr", "from": "month", "to": "quarter", "drilldown_clicks": 2, "gone": None},
    )
    assert found.texts == {"kpi": "arr", "from": "month", "to": "quarter"}
    assert (found.session_id, found.kpi) == ("s1", "arr")


def test_usage_counts_kpis_that_do_not_exist_under_one_name() -> None:
    assert one(meta={"kpi": "bitcoin"}).kpi == "other"
    assert one(meta={"kpi": "bitcoin"}).texts == {"kpi": "bitcoin"}
    assert one().kpi == ""


@pytest.mark.parametrize(
    "meta",
    [
        {"kpi": "x" * 201},
        {"release": "x" * 81},
        {"kpi": "a\x00b"},
        {"kpi": "line\nbreak"},
        {"kpi": ["arr"]},
        {"kpi": True},
        {"Kpi": "arr"},
        {"k" * 41: "arr"},
        {"a b": "arr"},
        {f"text_{n}": "x" for n in range(17)},
    ],
)
def test_texts_have_bounds(meta: dict[str, Any]) -> None:
    assert refused(meta=meta)[0] == "bad_text"


def test_half_a_surrogate_pair_is_refused_and_its_neighbours_stay() -> None:
    bad = '{"event_type": "page_view", "meta": {"kpi": "\\ud800"}}'
    good = '{"event_type": "page_view", "meta": {"kpi": "\\ud83d\\ude00 é"}}'
    batch = reading(f'{{"events": [{bad}, {good}]}}'.encode())
    assert [rejection.code for rejection in batch.rejections] == ["bad_text"]
    assert batch.events[0].texts == {"kpi": "😀 é"}


@pytest.mark.parametrize(
    ("given_value", "expected"),
    [(True, True), ("true", True), (False, False), ("false", False), (None, False)],
)
def test_synthetic_is_yes_or_no(given_value: Any, expected: bool) -> None:
    found = one(meta={"ttfb_ms": 1, "synthetic": given_value})
    assert found.synthetic is expected
    assert found.texts == {}


@pytest.mark.parametrize("value", [1, 0, "yes", "True", [], {}])
def test_synthetic_that_is_neither_is_refused(value: Any) -> None:
    assert refused(meta={"synthetic": value})[0] == "bad_text"


def test_without_a_time_an_event_happened_when_it_arrived() -> None:
    found = one()
    assert (found.event_time, found.client_time, found.received_at) == (NOW, None, NOW)


def test_a_wrong_clock_is_corrected_by_when_the_batch_was_sent() -> None:
    two_hours_slow = NOW - timedelta(hours=2)
    seen = two_hours_slow - timedelta(minutes=4)
    event = {"event_type": "page_view", "meta": {}, "event_time": seen.isoformat()}
    (found,) = reading({"sent_at": two_hours_slow.isoformat(), "events": [event]}).events
    assert found.event_time == NOW - timedelta(minutes=4)
    assert found.client_time == seen
    assert one({**event, "sent_at": two_hours_slow.isoformat()}).event_time == found.event_time


@pytest.mark.parametrize(
    "text",
    ["2026-11-22T18:30:00Z", "2026-11-22T20:30:00+02:00", "2026-11-22T18:30:00.000000+00:00"],
)
def test_instants_of_any_zone_are_the_same_instant(text: str) -> None:
    assert one(event_time=text).event_time == NOW
    assert one(event_time=text).event_time.tzinfo is UTC


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-22",
        "2026-11-22T18:30:00",
        "yesterday",
        "",
        "2026-11-22T25:00:00Z",
        "0001-01-01T00:00:00+14:00",
        1795372200000,
        True,
        [],
        "2026-11-22T18:30:00Z" + " " * 60,
    ],
)
def test_what_is_no_instant_with_a_zone_is_refused(value: Any) -> None:
    code, reason = refused(event_time=value)
    assert code == "bad_time"
    assert reason.startswith("event_time")


@pytest.mark.parametrize(
    ("offset", "code"),
    [
        (-RETENTION, None),
        (-RETENTION - timedelta(seconds=1), "too_old"),
        (timedelta(minutes=5), None),
        (timedelta(minutes=5, seconds=1), "in_future"),
        (timedelta(days=900), "in_future"),
        (-timedelta(days=9000), "too_old"),
    ],
)
def test_events_from_outside_the_kept_time_are_refused(offset: timedelta, code: str | None) -> None:
    body = {"event_type": "page_view", "meta": {}, "event_time": (NOW + offset).isoformat()}
    assert [rejection.code for rejection in reading(body).rejections] == ([code] if code else [])


def test_a_correction_beyond_the_calendar_is_refused() -> None:
    event = {"event_type": "page_view", "meta": {}, "event_time": "9999-12-31T23:00:00Z"}
    (rejection,) = reading({"sent_at": "0001-01-02T00:00:00Z", "events": [event]}).rejections
    assert rejection.code == "bad_time"


def test_ids_are_kept_in_their_canonical_form() -> None:
    assert one(event_id=AN_ID.upper()).event_id == AN_ID


@pytest.mark.parametrize(
    "value", ["", "1", AN_ID[:-1], AN_ID.replace("-", ""), f" {AN_ID[1:]}", 7, [], f"{AN_ID}\n"]
)
def test_ids_that_are_no_uuid_are_refused(value: Any) -> None:
    assert refused(event_id=value)[0] == "bad_event_id"


def test_events_without_an_id_get_one_that_sorts_by_time() -> None:
    ids = [uuid.UUID(one().event_id) for _ in range(100)]
    assert len(set(ids)) == 100
    assert {made.version for made in ids} == {7}
    assert {made.variant for made in ids} == {uuid.RFC_4122}
    assert {made.int >> 80 for made in ids} == {int(NOW.timestamp() * 1000)}


def test_an_idempotency_key_stands_for_the_id_of_a_single_event() -> None:
    assert one(key=AN_ID).event_id == AN_ID
    assert one(key=f'"{AN_ID}"').event_id == AN_ID
    assert one(key="order-7").event_id == one(key="order-7").event_id
    assert one(key="order-7").event_id != one(key="order-8").event_id
    assert one(key="order-7", event_id=AN_ID).event_id == AN_ID


def test_a_key_gives_each_event_of_a_batch_an_id_of_its_own() -> None:
    batch = {"events": [{"event_type": "page_view", "meta": {}}] * 3}
    ids = [event.event_id for event in reading(batch, "k").events]
    assert len(set(ids)) == 3
    assert ids == [event.event_id for event in reading(batch, "k").events]


@pytest.mark.parametrize("key", ["", " ", '""', '" " "', "x" * 256, "é", "a\x07b"])
def test_keys_that_cannot_be_are_refused(key: str) -> None:
    with pytest.raises(Unreadable, match="Idempotency-Key"):
        one(key=key)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "invalid_json"),
        (b"{", "invalid_json"),
        (b"\xff", "invalid_json"),
        (b"[" * 100_000, "invalid_json"),
        (b'{"a":' * 100_000, "invalid_json"),
        (b"9" * 10_000, "invalid_json"),
        (b"[]", "not_an_object"),
        (b"null", "not_an_object"),
        (b"NaN", "not_an_object"),
        (b'"page_view"', "not_an_object"),
        (b'{"events": []}', "no_events"),
        (b'{"events": {}}', "no_events"),
        (b'{"events": null}', "no_events"),
        (b'{"events": [1], "more": 1}', "unknown_field"),
        (b'{"events": [1], "sent_at": "noon"}', "bad_sent_at"),
    ],
)
def test_bodies_that_cannot_be_taken_apart_are_refused_whole(body: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        reading(body)
    assert refusal.value.reason == reason


def test_a_batch_has_at_most_five_hundred_events() -> None:
    event = {"event_type": "page_view", "meta": {}}
    assert reading({"events": [event] * 500}).received == 500
    with pytest.raises(TooManyEvents, match="at most 500 events, not 501"):
        reading({"events": [event] * 501})


def test_a_bad_event_does_not_cost_its_neighbours() -> None:
    good = {"event_type": "page_view", "meta": {"ttfb_ms": 1}}
    batch = reading({"events": [good, {"event_type": "x"}, good, 7]})
    assert len(batch.events) == 2
    assert [rejection.index for rejection in batch.rejections] == [1, 3]
    assert batch.rejected_by_code == {"bad_event_type": 1, "bad_shape": 1}
    assert batch.received == 4


def test_reasons_repeat_little_of_what_was_sent() -> None:
    for _, reason in (
        refused(event_type="x" * 10_000),
        refused(event_id="y\n" * 10_000),
        refused(event_time="z" * 10_000),
        refused(meta={"q" * 10_000: 5}),
        refused(**{"f" * 10_000: 1}),
        refused(meta={"ttfb_ms": ["w" * 10_000]}),
    ):
        assert len(reason) < 400
        assert reason.isprintable()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda children: (
        st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=10), children, max_size=4)
    ),
    max_leaves=12,
)
names = st.sampled_from(
    [*METRIC_LIMITS, "kpi", "feature", "synthetic", "release", "metric", "v", "session_id"]
)
likely_texts = st.sampled_from(["ttfb_ms", AN_ID, "true", "theme"])
likely_values = json_values | st.floats(0, 600_000) | likely_texts
likely_events = st.fixed_dictionaries(
    {},
    optional={
        "event_type": st.sampled_from(EVENT_TYPES) | json_values,
        "event_time": st.datetimes().map(datetime.isoformat) | json_values,
        "event_id": st.uuids().map(str) | json_values,
        "session_id": json_values,
        "sent_at": json_values,
        "meta": st.dictionaries(names | st.text(max_size=8), likely_values, max_size=6)
        | json_values,
    },
)
likely_bodies = st.one_of(
    json_values,
    likely_events,
    st.fixed_dictionaries({"events": st.lists(likely_events | json_values, max_size=4)}),
).map(lambda body: json.dumps(body).encode())


def _read_or_refused(body: bytes, key: str | None = None) -> Batch | Unreadable:
    try:
        return reading(body, key)
    except Unreadable as refusal:
        return refusal


def _holds(outcome: Batch | Unreadable) -> None:
    """What the store and the answer rely on, whatever was sent."""
    if isinstance(outcome, Unreadable):
        assert outcome.detail.isprintable()
        assert outcome.detail.endswith(".")
        return
    for event in outcome.events:
        assert str(uuid.UUID(event.event_id)) == event.event_id
        assert event.event_type in EVENT_TYPES
        assert NOW - RETENTION <= event.event_time <= NOW + timedelta(minutes=5)
        assert not event.numbers.keys() & event.texts.keys()
        assert (event.feature in FEATURES) == (event.event_type == "feature_use")
        for name, value in event.numbers.items():
            assert type(value) is float
            assert 0 <= value <= METRIC_LIMITS[name]
        for text in (*event.texts, *event.texts.values(), event.release, event.session_id):
            _is_storable(text)
    assert all(rejection.reason.isprintable() for rejection in outcome.rejections)


def _is_storable(text: str | None) -> None:
    if text is not None:
        assert len(text) <= 200
        assert "\x00" not in text
        text.encode()


@settings(max_examples=400)
@given(st.binary(max_size=200) | likely_bodies, st.none() | st.text(max_size=20))
def test_whatever_is_sent_is_read_or_refused_and_nothing_else_happens(
    body: bytes, key: str | None
) -> None:
    _holds(_read_or_refused(body, key))


@settings(max_examples=100)
@given(
    st.lists(st.integers(0, 255), max_size=5),
    st.sampled_from(
        [
            b'{"events": [{"event_type": "page_view", "meta": {"ttfb_ms": 12.5, "kpi": "arr"}}]}',
            b'{"event_type": "page_view", "event_id": "019a9f3e-5c1d-7b42-8f10-3a6d5e2b9c47",'
            b' "event_time": "2026-11-22T18:30:00Z", "meta": {"metric": "ttfb_ms", "v": 1e3}}',
        ]
    ),
    st.randoms(),
)
def test_a_valid_body_with_bytes_changed_is_read_or_refused(
    changes: list[int], body: bytes, source: Any
) -> None:
    changed = bytearray(body)
    for value in changes:
        changed[source.randrange(len(changed))] = value
    _holds(_read_or_refused(bytes(changed)))
