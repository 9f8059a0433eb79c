"""``POST /api/events`` as clients see it, on each engine."""

import asyncio
import gzip
import json
import threading
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from api.errors import Unavailable
from api.ingest import routes
from api.ingest.body import MAX_BODY_BYTES, Room
from api.storage.engine import for_writing, open_engine
from api.storage.event_store import Step, StoreUnavailable
from api.storage.event_tables import usage_daily
from tests.integration.ingest.conftest import Clock, Start
from tests.integration.ingest.events import NOW, counts, rows, stored

VIEW = {"event_type": "page_view", "meta": {"ttfb_ms": 123, "trace_id": "ab" * 16}}
AN_ID = "019a9f3e-5c1d-7b42-8f10-3a6d5e2b9c47"
JSON_TYPE = {"content-type": "application/json"}


def post(client: TestClient, body: Any, **headers: str) -> Any:
    content = body if isinstance(body, bytes | Iterator) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/api/events", content=content, headers=JSON_TYPE | named)


def ledger(client: TestClient) -> dict[str, float]:
    """The ledger's lines on /metrics."""
    lines = client.get("/metrics").text.splitlines()
    return {
        name: float(value)
        for name, value in (line.rsplit(" ", 1) for line in lines if line.startswith("ingest_"))
    }


def problem(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["status"] == status
    return body


def test_an_event_is_logged_and_on_disk_when_the_answer_comes(
    client: TestClient, engine: Engine
) -> None:
    response = post(client, VIEW)
    assert response.status_code == 200
    assert response.json() == {"status": "logged", "accepted": 1, "duplicates": 0, "rejected": []}
    assert stored(engine) == (1, 2)
    assert counts(engine, "ttfb") == (1, 1)


def test_a_beacon_sends_json_as_text(client: TestClient) -> None:
    assert post(client, VIEW, content_type="text/plain;charset=UTF-8").status_code == 200


def test_an_event_sent_twice_is_stored_once_and_the_first_wins(
    client: TestClient, engine: Engine
) -> None:
    first = {**VIEW, "event_id": AN_ID}
    repeat = {**first, "meta": {"ttfb_ms": 900}}
    assert post(client, first).json()["accepted"] == 1
    assert post(client, repeat).json() == {
        "status": "logged",
        "accepted": 0,
        "duplicates": 1,
        "rejected": [],
    }
    assert post(client, {"events": [repeat, VIEW, repeat]}).json()["duplicates"] == 2
    assert counts(engine, "ttfb") == (2, 2)


def test_an_idempotency_key_stands_for_the_id_of_a_single_event(client: TestClient) -> None:
    assert post(client, VIEW, idempotency_key="view-1").json()["accepted"] == 1
    assert post(client, VIEW, idempotency_key="view-1").json()["duplicates"] == 1
    assert post(client, VIEW, idempotency_key=AN_ID).json()["accepted"] == 1
    assert post(client, {**VIEW, "event_id": AN_ID}).json()["duplicates"] == 1


def test_a_valid_event_is_not_lost_because_its_neighbour_is_bad(
    client: TestClient, engine: Engine
) -> None:
    bad = {"event_type": "page_view", "meta": {"ttfb_ms": "12"}}
    answer = post(client, {"events": [bad, VIEW, {**VIEW, "event_type": "scroll"}]}).json()
    assert (answer["accepted"], answer["duplicates"]) == (1, 0)
    assert [item["index"] for item in answer["rejected"]] == [0, 2]
    assert answer["rejected"][0]["reason"] == "ttfb_ms: must be a number, not text"
    assert stored(engine) == (1, 2)


def test_a_use_of_something_unheard_of_is_rejected_by_name(
    client: TestClient, engine: Engine
) -> None:
    use = {"event_type": "feature_use", "meta": {"feature": "why", "kpi": "arr"}}
    unheard_of = {"event_type": "feature_use", "meta": {"feature": "mind_reading"}}
    answer = post(client, {"events": [use, unheard_of]}).json()
    assert answer["accepted"] == 1
    (rejected,) = answer["rejected"]
    assert rejected["index"] == 1
    assert rejected["reason"].startswith('feature: "mind_reading" is not one of compare, as_of,')
    used = (usage_daily.c.event_type, usage_daily.c.kpi, usage_daily.c.feature)
    assert rows(engine, *used) == [("feature_use", "arr", "why")]


def test_without_one_valid_event_the_request_is_bad(client: TestClient, engine: Engine) -> None:
    bad = {"event_type": "page_view", "meta": {"ttfb_ms": -1}}
    body = problem(post(client, {"events": [bad, bad]}), 400)
    assert [item["index"] for item in body["rejected"]] == [0, 1]
    assert "ttfb_ms" in body["detail"]
    assert "ttfb_ms" in problem(post(client, bad), 400)["detail"]
    assert stored(engine) == (0, 0)


def test_duplicates_are_valid(client: TestClient) -> None:
    known = {**VIEW, "event_id": AN_ID}
    post(client, known)
    bad = {"event_type": "x", "meta": {}}
    answer = post(client, {"events": [known, bad]})
    assert answer.status_code == 200
    assert answer.json()["duplicates"] == 1


@pytest.mark.parametrize(
    ("body", "names"),
    [
        (b"", "not valid JSON"),
        (b"{", "not valid JSON"),
        (b"[]", "must be a JSON object"),
        (b'{"events": []}', "1 to 500"),
        (b'{"events": [{}], "sent_at": 5}', "sent_at"),
    ],
)
def test_bodies_that_hold_no_events_are_bad_requests(
    client: TestClient, body: bytes, names: str
) -> None:
    assert names in problem(post(client, body), 400)["detail"]


def test_more_than_five_hundred_events_are_too_many(client: TestClient, engine: Engine) -> None:
    assert post(client, {"events": [VIEW] * 500}).json()["accepted"] == 500
    assert "501" in problem(post(client, {"events": [VIEW] * 501}), 413)["detail"]
    assert stored(engine)[0] == 500


def test_a_large_body_is_refused_by_its_declared_length(client: TestClient) -> None:
    body = problem(post(client, b" " * (MAX_BODY_BYTES + 1)), 413)
    assert "1,048,576" in body["detail"]


def test_a_large_body_is_refused_while_it_is_read(client: TestClient) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += 1
            yield b" " * 65_536

    response = asyncio.run(_answer_to(client.app, endless(), {}))
    assert response["status"] == 413
    assert sent == MAX_BODY_BYTES // 65_536 + 1


async def _answer_to(app: Any, parts: Iterator[bytes], headers: dict[str, str]) -> dict[str, Any]:
    """Call the application part by part, as a slow client would."""
    messages: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        part = next(parts, None)
        if part is None:
            await asyncio.sleep(3600)
        return {"type": "http.request", "body": part, "more_body": True}

    async def send(message: Any) -> None:
        messages.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": "/api/events",
        "raw_path": b"/api/events",
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "server": ("127.0.0.1", 80),
        "client": ("192.0.2.1", 5000),
        "headers": [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")]
        + [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    await app(scope, receive, send)
    return messages[0]


def test_a_body_that_does_not_arrive_is_given_up(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "BODY_SECONDS", 0.05)
    assert asyncio.run(_answer_to(client.app, iter([b'{"ev']), {}))["status"] == 408


def test_slow_bodies_share_a_bounded_room() -> None:
    async def read_both() -> None:
        room, complete = Room(limit_bytes=100_000), asyncio.Event()
        parts = iter([b"x" * 90_000])

        async def slow() -> dict[str, Any]:
            if part := next(parts, b""):
                return {"type": "http.request", "body": part, "more_body": True}
            await complete.wait()
            return {"type": "http.request", "body": b"", "more_body": False}

        async def quick() -> dict[str, Any]:
            return {"type": "http.request", "body": b"y" * 20_000, "more_body": False}

        waiting = asyncio.create_task(room.read(slow, "", None))
        await asyncio.sleep(0)
        with pytest.raises(Unavailable) as refusal:
            await room.read(quick, "", None)
        assert refusal.value.headers == {"Retry-After": "1"}
        complete.set()
        assert len(await waiting) == 90_000
        assert len(await room.read(quick, "", None)) == 20_000

    asyncio.run(read_both())


@pytest.mark.parametrize(
    ("encoding", "compress"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("GZIP", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda body: zlib.compress(body)[2:-4]),
        ("identity", bytes),
    ],
)
def test_compressed_bodies_are_read(client: TestClient, encoding: str, compress: Any) -> None:
    body = compress(json.dumps({"events": [VIEW] * 3}).encode())
    assert post(client, body, content_encoding=encoding).json()["accepted"] == 3


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_bomb_is_refused_by_its_decompressed_size(client: TestClient, encoding: str) -> None:
    packed = zlib.compressobj(9, wbits=31 if encoding == "gzip" else 15)
    bomb = b"".join(packed.compress(b" " * 1_000_000) for _ in range(200)) + packed.flush()
    assert len(bomb) < MAX_BODY_BYTES
    problem(post(client, bomb, content_encoding=encoding), 413)


@pytest.mark.parametrize(
    "body",
    [
        b"not gzip",
        b"",
        gzip.compress(json.dumps(VIEW).encode())[:-5],
        gzip.compress(json.dumps(VIEW).encode()) * 2,
    ],
    ids=["not gzip", "empty", "cut off", "two streams"],
)
def test_broken_compression_is_a_bad_request(client: TestClient, body: bytes) -> None:
    assert "gzip" in problem(post(client, body, content_encoding="gzip"), 400)["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        {"content_type": "application/xml"},
        {"content_type": ""},
        {"content_type": "application/json; charset=utf-16"},
        {"content_encoding": "br"},
        {"content_encoding": "gzip, gzip"},
    ],
)
def test_other_types_and_encodings_are_unsupported(
    client: TestClient, headers: dict[str, str]
) -> None:
    problem(post(client, VIEW, **headers), 415)


def test_only_post_is_allowed(client: TestClient) -> None:
    response = client.get("/api/events")
    problem(response, 405)
    assert response.headers["allow"] == "POST"


def test_a_client_over_its_rate_is_told_when_to_come_back(start_on: Start, sqlite_url: str) -> None:
    client = start_on(sqlite_url, event_requests_per_second=3)
    answers = [post(client, VIEW) for _ in range(6)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert answers[0].status_code == 200
    assert refused
    problem(refused[0], 429)
    wait = int(refused[0].headers["retry-after"])
    assert 1 <= wait <= 2
    time.sleep(wait)
    assert post(client, VIEW).status_code == 200


def test_the_trace_of_a_request_is_named_in_its_error(client: TestClient) -> None:
    assert len(problem(post(client, b"{"), 400)["trace_id"]) == 32


def test_a_full_queue_turns_requests_away_until_there_is_room(
    start_on: Start, sqlite_url: str
) -> None:
    client = start_on(sqlite_url, event_queue=500)
    blocker = open_engine(sqlite_url)
    batch = {"events": [VIEW] * 400}
    answers: list[Any] = []
    with for_writing(blocker).begin():
        waiting = threading.Thread(target=lambda: answers.append(post(client, batch)))
        waiting.start()
        _until(lambda: ledger(client)["ingest_events_in_flight"] == 400)
        refused = post(client, batch)
        problem(refused, 503)
        assert int(refused.headers["retry-after"]) >= 1
    waiting.join()
    assert answers[0].json()["accepted"] == 400
    assert post(client, batch).json()["accepted"] == 400
    assert ledger(client)['ingest_events_shed_total{reason="queue_full"}'] == 400
    blocker.dispose()


def test_what_else_the_writer_does_may_fail_and_events_are_stored_all_the_same(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest = client.app.state.ingest  # type: ignore[attr-defined]  # Starlette's own state
    begun, over = threading.Event(), threading.Event()

    def fail(failure: Exception, _cells: object) -> None:
        begun.set()
        over.wait(10)
        raise failure

    client.get("/api/alerts")  # an answer to be counted
    assert client.portal is not None
    for failure in (StoreUnavailable("busy"), ValueError("a bug")):
        with monkeypatch.context() as patch, ThreadPoolExecutor() as threads:
            patch.setattr(ingest._store, "fold", partial(fail, failure))
            folding = threads.submit(client.portal.call, ingest.fold_own_samples)
            begun.wait(10)
            answer = threads.submit(post, client, VIEW)
            _until(lambda: ledger(client)["ingest_events_in_flight"] == 1)
            over.set()
            assert answer.result().json()["accepted"] == 1
            folding.result()
        begun.clear()
        over.clear()
    client.portal.call(ingest.fold_own_samples)
    found = client.get("/api/slo").json()["objectives"]
    assert next(one for one in found if one["name"] == "api-errors")["total"] >= 3


def _until(condition: Any) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_store_that_is_away_is_503_and_comes_back_by_itself(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, engine: Engine
) -> None:
    store = client.app.state.ingest._store  # type: ignore[attr-defined]  # Starlette's own state

    def away(_events: object) -> Iterator[object]:
        yield Step.WAITING
        raise StoreUnavailable("away")

    with monkeypatch.context() as patch:
        patch.setattr(store, "steps", away)
        refused = post(client, VIEW)
        problem(refused, 503)
        assert int(refused.headers["retry-after"]) >= 1
    assert post(client, VIEW).status_code == 200
    assert stored(engine) == (1, 2)


def test_who_waits_behind_a_store_that_is_away_is_refused_with_the_first(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest = client.app.state.ingest  # type: ignore[attr-defined]  # Starlette's own state
    tried, given_up = [], threading.Event()

    def away(events: object) -> Iterator[object]:
        yield Step.WAITING
        tried.append(events)
        assert given_up.wait(10)
        raise StoreUnavailable("away")

    monkeypatch.setattr(ingest._store, "steps", away)
    with ThreadPoolExecutor(3) as clients:
        answers = [clients.submit(post, client, VIEW)]
        _until(lambda: tried)
        answers += [clients.submit(post, client, VIEW) for _ in range(2)]
        _until(lambda: ingest._writer.waiting_events == 3)
        given_up.set()
        assert [answer.result(10).status_code for answer in answers] == [503] * 3
    assert len(tried) == 1


def test_the_ledger_accounts_for_every_event(client: TestClient) -> None:
    bad = {"event_type": "page_view", "meta": {"ttfb_ms": "1"}}
    known = {**VIEW, "event_id": AN_ID}
    post(client, {"events": [known, known, VIEW, bad]})
    post(client, bad)
    post(client, b"{")
    post(client, VIEW, content_type="text/html")
    found = ledger(client)
    assert found["ingest_events_received_total"] == 5
    assert found["ingest_events_accepted_total"] == 2
    assert found["ingest_events_duplicates_total"] == 1
    assert found['ingest_events_rejected_total{reason="bad_number"}'] == 2
    assert found["ingest_events_in_flight"] == 0
    assert found['ingest_requests_unparsed_total{reason="invalid_json"}'] == 1
    assert found['ingest_requests_unparsed_total{reason="unsupported_media_type"}'] == 1


def test_judged_events_are_counted_as_the_rollup_counts_them(
    client: TestClient, engine: Engine
) -> None:
    meta = [{"ttfb_ms": value} for value in (10, 299.9, 300, 5000)]
    post(client, {"events": [{"event_type": "page_view", "meta": one} for one in meta]})
    post(client, {**VIEW, "meta": {"ttfb_ms": 1, "synthetic": True}})
    lines = client.get("/metrics").text.splitlines()
    assert 'slo_events_total{result="good",slo="ttfb"} 2.0' in lines
    assert 'slo_events_total{result="bad",slo="ttfb"} 2.0' in lines
    assert 'slo_events_total{result="bad",slo="render"} 0.0' in lines
    assert counts(engine, "ttfb") == (2, 4)


def test_the_services_own_answers_are_folded_in_at_the_latest_when_it_stops(
    start_on: Start, database_url: str, engine: Engine, clock: Clock
) -> None:
    client = start_on(database_url)
    client.get("/api/health")
    client.get("/api/executive-dashboard")
    client.get("/api/nothing-here")
    post(client, b"{")
    client.__exit__()
    good, total = counts(engine, "api-errors")
    assert total == 3
    assert good >= 2
    assert counts(engine, "api-latency").total == 1


def test_old_events_are_deleted_while_the_service_runs(
    start_on: Start, database_url: str, engine: Engine, clock: Clock
) -> None:
    client = start_on(database_url, raw_retention_days=31)
    post(client, {**VIEW, "event_id": AN_ID})
    clock.now = NOW + timedelta(days=33)
    post(client, VIEW)
    ingest = client.app.state.ingest  # type: ignore[attr-defined]  # Starlette's own state
    assert client.portal is not None
    assert client.portal.call(ingest.expire) > 0
    assert stored(engine) == (1, 2)
    assert post(client, {**VIEW, "event_id": AN_ID}).json()["accepted"] == 1
    assert counts(engine, "ttfb", NOW, days=1) == (1, 1)


def test_the_openapi_document_describes_every_answer(client: TestClient) -> None:
    described = client.get("/openapi.json").json()["paths"]["/api/events"]["post"]
    assert set(described["responses"]) >= {"200", "400", "408", "413", "415", "429", "503"}
    bodies = described["requestBody"]["content"]
    assert set(bodies) == {"application/json", "text/plain"}
    for example in bodies["application/json"]["examples"].values():
        assert post(client, example["value"]).status_code == 200
