"""Every route x every role x every state of a credential, against ``expected.TABLE``."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.routing import compile_path

from api.app import create_app
from api.auth import permissions
from api.auth.roles import Role
from api.settings import Settings
from tests.integration.auth.conftest import NOW, Desk, add_alerts, bearer, cookie, tampered
from tests.integration.auth.expected import ALERTS, ROLES, Line, lines
from tests.integration.auth.gateway import Gateway

LINES = lines()
ROUTES = [(method, path, compile_path(path)[0]) for method, path in sorted(permissions.TABLE)]


@dataclass
class House:
    """A running service and a finger for every doorbell."""

    client: TestClient
    desk: Desk
    alerts: dict[str, int]
    gateway: Gateway

    def ask(self, line: Line, headers: dict[str, str]) -> int:
        content, media_type = line.body(NOW) or (None, None)
        given = {"Content-Type": media_type} if media_type else {}
        path = line.path.format_map(self.alerts)
        answer = self.client.request(
            line.method, path, content=content, headers={**given, **headers}
        )
        is_not_built = answer.status_code == 503 and line.path == "/dashboard"
        assert answer.status_code < 500 or is_not_built, answer.text
        return answer.status_code


@pytest.fixture
def house(client: TestClient, desk: Desk, gateway: Gateway) -> House:
    return House(client, desk, add_alerts(desk.engine, ALERTS), gateway)


def test_the_expectations_name_every_route_and_every_role(app: FastAPI) -> None:
    named = {
        (line.method, template)
        for line in LINES
        for method, template, pattern in ROUTES
        if method == line.method and pattern.match(line.path.partition("?")[0])
    }
    assert named == permissions.operations(app.routes)
    assert {*ROLES} == {role.value for role in Role}


def test_the_service_does_not_start_with_a_route_that_has_no_rule(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = {key: value for key, value in permissions.TABLE.items() if "/metrics" not in key}
    monkeypatch.setattr(permissions, "TABLE", table)
    with pytest.raises(RuntimeError, match="no rule for: GET /metrics"):
        create_app(settings)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_comes_in_where_it_may_and_nowhere_else(house: House, role: str) -> None:
    for headers in (
        bearer(house.desk.token(Role(role))),
        cookie(house.desk.session(Role(role))),
        bearer(house.gateway.token(role, NOW)),
    ):
        for line in LINES:
            status = house.ask(line, headers)
            where = f"{role}: {line.method} {line.path}: {status}"
            assert status != 401, where
            assert (status != 403) == line.admits(role), where


@pytest.mark.parametrize("role", ROLES)
def test_a_credential_that_is_no_good_lets_nobody_in(house: House, role: str) -> None:
    desk, name = house.desk, Role(role)
    token, session = desk.token(name), desk.session(name)
    for what, headers in {
        "expired token": bearer(desk.token(name, days=-1)),
        "revoked token": bearer(desk.token(name, revoked=True)),
        "tampered token": bearer(tampered(token)),
        "expired session": cookie(desk.session(name, hours=0)),
        "ended session": cookie(desk.session(name, ended=True)),
        "tampered session": cookie(tampered(session)),
        "a token as a session": cookie(token),
        "a session as a token": bearer(session),
        "a good session beside a bad token": bearer("x") | cookie(session),
        "expired JWT": bearer(house.gateway.token(role, NOW - timedelta(hours=1))),
        "JWT for another audience": bearer(house.gateway.token(role, NOW, aud="crm")),
        "JWT of another issuer": bearer(house.gateway.token(role, NOW, iss="https://evil")),
        "tampered JWT": bearer(house.gateway.forged(role, NOW)["changed claims"]),
        "another scheme": {"Authorization": f"Basic {token}"},
        "nothing": {},
    }.items():
        for line in LINES:
            status = house.ask(line, headers)
            where = f"{what} of {role}: {line.method} {line.path}: {status}"
            assert (status == 401) == (line.roles is not None), where
            assert status != 403, where
