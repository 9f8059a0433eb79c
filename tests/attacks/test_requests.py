"""Giant and nested JSON, bombs, floods of labels, tricks with paths and hosts, SQL everywhere."""

import gzip
import json
import zlib
from urllib.parse import quote

import pytest

from tests.attacks.asking import ask
from tests.faults.process import JSON, Service

SQL = ["'", "' OR '1'='1", '"; DROP TABLE orders; --', "%' UNION SELECT 1 --", "\\", "1;SELECT"]


@pytest.mark.parametrize("path", ["/api/events", "/api/alerts/webhook", "/api/alerts/1/assign"])
@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"assignee": ' + b"9" * 500_000 + b"}",
        b'{"alerts": 1e999999, "assignee": "\\ud800"}',
        b'"' + b"\\u0000" * 100_000 + b'"',
        b"\xff\xfe{}",
        b"{" + b",".join(b'"k%d":1' % n for n in range(60_000)) + b"}",
    ],
    ids=["array", "object", "number", "surrogate", "text", "utf-16", "keys"],
)
def test_giant_and_nested_json_is_a_client_error(
    any_service: Service, path: str, body: bytes
) -> None:
    status, headers, content = ask(any_service, "POST", path, body, JSON)
    assert 400 <= status < 500
    assert headers["content-type"] == "application/problem+json"
    assert len(content) < 20_000


@pytest.mark.parametrize("path", ["/api/events", "/api/alerts/webhook", "/api/imports/orders"])
def test_compressed_bombs_do_not_go_off(any_service: Service, path: str) -> None:
    memory = any_service.memory_bytes
    for encoding, packed in (
        ("gzip", gzip.compress(b" " * (64 << 20))),
        ("deflate", zlib.compress(b" " * (64 << 20))),
        ("gzip, gzip", gzip.compress(gzip.compress(b" " * (64 << 20)))),
    ):
        kind = {"Content-Type": "text/csv"} if "imports" in path else JSON
        status, _, _ = ask(
            any_service, "POST", path, packed, {**kind, "Content-Encoding": encoding}
        )
        assert 400 <= status < 500
    assert any_service.memory_bytes - memory < 48 << 20


def series(service: Service) -> int:
    return sum(
        1
        for line in ask(service, "GET", "/metrics")[2].decode().splitlines()
        if line[:1] not in "#"
    )


def test_a_flood_of_names_makes_no_new_series(any_service: Service) -> None:
    flood(any_service, "first")
    before = series(any_service)
    for number in range(200):
        flood(any_service, f"floodname{number}")
    assert b"floodname" not in ask(any_service, "GET", "/metrics")[2]
    assert series(any_service) - before < 60  # a status that a known route had not given yet


def flood(service: Service, name: str) -> None:
    ask(service, "GET", f"/{name}/wp-login.php")
    ask(service, "GET", f"/api/kpis/{name}?by={name}")
    ask(service, "GET", f"/api/slo/{name}", headers={"User-Agent": name, "X-Forwarded-For": name})
    event = {
        "event_type": f"type-{name}",
        "release": name,
        "session_id": name,
        "meta": {f"metric_{name}": 1, "role": name, "kpi": name},
    }
    ask(service, "POST", "/api/events", json.dumps(event).encode(), JSON)
    event["event_type"] = "page_view"
    event["meta"] = {"ttfb_ms": 1, "role": name, "kpi": name}
    ask(service, "POST", "/api/events", json.dumps(event).encode(), JSON)


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../../../etc/passwd",
        "/assets/..%2f..%2f..%2fetc%2fpasswd",
        "/assets/%2e%2e/%2e%2e/pyproject.toml",
        "/assets/..%5c..%5cpyproject.toml",
        "/assets//etc/passwd",
        "/assets/%00",
        "/assets/.vite/manifest.json",
        "/.git/config",
        "/var/execdash.db",
        "/dashboard/../../etc/passwd",
        "/api/kpis/..%2f..%2fmetrics",
        "//evil.example/dashboard",
        "/dashboard%0d%0aSet-Cookie:%20a=b",
    ],
)
def test_paths_lead_nowhere_else(any_service: Service, path: str) -> None:
    status, headers, content = ask(any_service, "GET", path)
    assert status in {400, 404}
    assert b"root:" not in content
    assert b"[project]" not in content
    assert headers["set-cookie"] is None


def test_a_redirect_stays_here(any_service: Service) -> None:
    for path in ("/?next=//evil.example", "/?%0d%0aX: y"):
        status, headers, _ = ask(any_service, "GET", quote(path, safe="/?=%"))
        assert status == 307
        assert headers["location"].startswith("/dashboard?")
        assert headers["X"] is None


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example", "", "localhost:x"]
)
def test_other_host_names_are_refused(any_service: Service, host: str) -> None:
    for forwarded in ({}, {"X-Forwarded-Host": "127.0.0.1"}, {"Forwarded": "host=127.0.0.1"}):
        status, _, content = ask(
            any_service, "GET", "/dashboard", headers={"Host": host, **forwarded}
        )
        assert status == 400
        assert b"evil" not in content


@pytest.mark.parametrize("text", SQL)
def test_sql_is_text_in_every_place(any_service: Service, text: str) -> None:
    coded = quote(text, safe="")
    for path in (
        f"/api/kpis/{coded}",
        f"/api/kpis/revenue?by={coded}",
        f"/api/kpis/revenue/rows?page={coded}",
        f"/api/drivers/{coded}",
        f"/api/slo/{coded}",
        f"/api/executive-dashboard?as_of={coded}",
        f"/api/slo?window={coded}",
    ):
        status, _, _ = ask(any_service, "GET", path)
        assert status in {400, 404}, path
    header = "customer_id,name,industry,segment,region"
    cell = '"' + text.replace('"', '""') + '"'
    row = f"{header}\n{cell},{cell},{cell},{cell},{cell}\n".encode()
    imported = ask(any_service, "POST", "/api/imports/customers", row, {"Content-Type": "text/csv"})
    assert imported[0] == 200
    event = {"event_type": "page_view", "session_id": text, "meta": {"kpi": text, "role": text}}
    assert ask(any_service, "POST", "/api/events", json.dumps(event).encode(), JSON)[0] in {
        200,
        400,
    }
    assigned = json.dumps({"assignee": text}).encode()
    assert ask(any_service, "POST", "/api/alerts/1/assign", assigned, JSON)[0] in {200, 404}
    rows = json.loads(ask(any_service, "GET", "/api/ready")[2])
    assert rows["status"] == "ready"


FILTERED = ("region", "segment", "product", "customer", "type")


@pytest.mark.parametrize("text", [*SQL, "a\0b", "\0"])
def test_what_is_looked_for_is_text_of_any_kind_or_refused(any_service: Service, text: str) -> None:
    coded = quote(text, safe="")
    wanted = {400} if "\0" in text else {200, 404}
    for name in FILTERED:
        for path in ("/api/kpis/revenue", "/api/kpis/revenue/rows", "/api/drivers/revenue"):
            status, _, _ = ask(any_service, "GET", f"{path}?{name}={coded}")
            assert status in wanted, (path, name)
    for path in (
        f"/api/kpis/uptime?service={coded}",
        f"/api/kpis/pipeline?stage={coded}",
        f"/api/kpis/pipeline?deal={coded}",
        f"/api/kpis/revenue/rows.csv?region={coded}",
    ):
        status, _, _ = ask(any_service, "GET", path)
        assert status in wanted, path
    for path in (
        f"/api/drivers/revenue?by=region&within={coded}",
        f"/api/slo/ttfb/releases?release={coded}",
    ):
        status, _, _ = ask(any_service, "GET", path)
        assert status in {200, 400, 404}, path


def test_a_replayed_webhook_changes_nothing_more_and_a_forged_shape_is_refused(
    any_service: Service,
) -> None:
    alert = {
        "status": "firing",
        "labels": {"alertname": "<script>alert(1)</script>", "severity": "page", "slo": "ttfb"},
        "annotations": {"summary": "=cmd|' /C calc'!A0", "description": "d"},
        "startsAt": "2026-01-01T00:00:00Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "fingerprint": "abc123",
    }
    body = json.dumps({"version": "4", "status": "firing", "alerts": [alert]}).encode()
    first = ask(any_service, "POST", "/api/alerts/webhook", body, JSON)
    assert first[0] == 200, first
    listed = json.loads(ask(any_service, "GET", "/api/alerts")[2])["alerts"]
    for _ in range(5):
        assert ask(any_service, "POST", "/api/alerts/webhook", body, JSON)[0] == 200
    assert json.loads(ask(any_service, "GET", "/api/alerts")[2])["alerts"] == listed
    for forged in (b"[]", b"{}", b'{"alerts": [{}]}', b'{"version":"4","alerts":"all"}'):
        assert ask(any_service, "POST", "/api/alerts/webhook", forged, JSON)[0] == 400
    assert json.loads(ask(any_service, "GET", "/api/alerts")[2])["alerts"] == listed
