"""Every answer keeps browsers strict, also those that are refused before they are requests."""

import http.client
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from email.parser import BytesParser
from pathlib import Path

import pytest
from starlette.routing import compile_path

from api.auth import permissions
from api.auth.roles import Role
from api.storage.engine import open_engine
from api.storage.migrate import upgrade
from tests.attacks.asking import ask
from tests.attacks.conftest import PATIENCE
from tests.attacks.test_connections import answer
from tests.faults.process import JSON, Service, serving
from tests.integration.auth.conftest import Clock, Desk, bearer
from tests.integration.auth.expected import lines

ALWAYS = {
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
}
SHOWN = {  # by browsers, which measurements are not
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "x-permitted-cross-domain-policies": "none",
}
EVENTS = "/api/events"
NOBODY = {"Authorization": "Bearer execdash_nobody"}
HEAD = b"GET /api/health HTTP/1.1\r\nHost: 127.0.0.1\r\n"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One that people reach by https, through a proxy that this test stands for."""
    folder: Path = tmp_path_factory.mktemp("https")
    url = f"sqlite:///{folder}/execdash.db"
    engine, clock = open_engine(url), Clock()
    upgrade(engine)
    clock.now = datetime.now(UTC)
    token = Desk(engine, clock).token(Role.ADMIN)
    engine.dispose()
    settings = {
        "EXECDASH_ACCOUNTS": "true",
        "EXECDASH_PUBLIC_URL": "https://kpi.corp",
        "EXECDASH_ALLOWED_HOSTS": "127.0.0.1",
    }
    with serving(url, folder, PATIENCE, port=None, **settings) as running:
        running.headers = bearer(token)
        yield running


def check(path: str, headers: http.client.HTTPMessage) -> None:
    wanted = ALWAYS if path == EVENTS else ALWAYS | SHOWN
    assert {name: headers.get_all(name) for name in wanted} == {
        name: [value] for name, value in wanted.items()
    }, path
    [policy] = headers.get_all("content-security-policy") or []
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "server" not in headers


def test_every_route_whoever_asks(service: Service) -> None:
    asked = set()
    for line in lines():
        path = line.path.format(gm=1, slo=1, revenue=1, uptime=1, payback=1, backlog=1)
        content, media_type = line.body(datetime.now(UTC)) or ("", "text/plain")
        for credentials in ({}, NOBODY):
            kind = {"Content-Type": media_type, "Accept": "text/html"}
            _, headers, _ = ask(service, line.method, path, content.encode(), kind | credentials)
            check(path, headers)
        _, headers, _ = ask(service, "HEAD", path)
        check(f"HEAD {path}", headers)
        asked |= {
            row
            for row in permissions.TABLE
            if row[0] == line.method and compile_path(row[1])[0].match(path.partition("?")[0])
        }
    assert asked == {*permissions.TABLE}


def test_files_and_what_has_not_changed(service: Service) -> None:
    _, _, page = ask(service, "GET", "/sign-in")
    names = [part for part in page.decode().split('"') if part.startswith("/assets/")]
    assert names
    for path in (*names, "/dashboard", "/api/executive-dashboard"):
        status, headers, _ = ask(service, "GET", path)
        assert status == 200
        check(path, headers)
        if headers["ETag"]:
            unchanged = {"If-None-Match": headers["ETag"]}
            status, headers, _ = ask(service, "GET", path, headers=unchanged)
            assert status == 304, path
            check(path, headers)


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        ("GET", "/nowhere", None, {}, 404),
        ("GET", "/api/nowhere", None, {}, 404),
        ("DELETE", "/api/alerts", None, {}, 405),
        ("GET", "/api/slo?window=x", None, {}, 400),
        ("GET", "/dashboard", None, {"Host": "evil.example"}, 400),
        ("POST", EVENTS, b"{}", JSON | {"Host": "evil.example"}, 400),
        ("POST", EVENTS, b"{}", JSON, 400),
        ("POST", EVENTS, b"{}", JSON | NOBODY, 401),
        # Announced, not sent: an answer to a body that is still being sent may be lost on its way.
        ("POST", EVENTS, None, JSON | {"Content-Length": "2000000"}, 413),
        ("POST", "/api/alerts/webhook", b" " * 1_048_577, JSON, 413),
        ("POST", "/api/session/sign-in", b" " * 20_000, JSON, 413),
        ("POST", "/api/imports/orders", b"x", {"Content-Type": "text/plain"}, 415),
        ("POST", "/api/alerts/1/resolve", b"", {"Origin": "https://evil.example"}, 403),
    ],
)
def test_refusals(
    service: Service,
    method: str,
    path: str,
    body: bytes | None,
    headers: dict[str, str],
    status: int,
) -> None:
    got, found, _ = ask(service, method, path, body, headers)
    assert got == status
    check("refused" if "Host" in headers else path, found)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (HEAD + b"Content-Length: x\r\n\r\n", 400),
        (HEAD, 408),
        (b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 414),
        (HEAD + b"X: y\r\n" * 101 + b"\r\n", 431),
        (HEAD + b"X: " + b"y" * 40_000 + b"\r\n\r\n", 431),
    ],
)
def test_what_never_became_a_request(service: Service, sent: bytes, status: int) -> None:
    with service.connect() as connection:
        connection.sendall(sent)
        line, _, rest = answer(connection).partition(b"\r\n")
    assert line.startswith(f"HTTP/1.1 {status} ".encode())
    head, _, body = rest.partition(b"\r\n\r\n")
    headers = BytesParser(http.client.HTTPMessage).parsebytes(head + b"\r\n\r\n")
    check("a head", headers)
    assert headers["cache-control"] == "no-store"
    assert json.loads(body)["status"] == status
