"""Signing in with a real OpenID provider, by HTTP; the browser's part is in tests/e2e."""

import base64
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from api.app import create_app
from api.audit import service as audit
from api.auth.roles import Role
from api.settings import Settings
from api.storage.engine import open_engine
from tests.integration.auth.conftest import Clock, Desk, RunningClock, bearer, cookie
from tests.integration.auth.provider import (
    CLIENT_ID,
    SECRET,
    RunningProvider,
    at_the_provider,
    running_provider,
)

ORIGIN = "http://127.0.0.1"
SCREEN = "/api/executive-dashboard"


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningProvider]:
    with running_provider(ORIGIN, tmp_path_factory.mktemp("provider") / "log") as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return RunningClock()  # the provider's own clock is the real one, however long a test takes


@pytest.fixture
def settings(sqlite_url: str, provider: RunningProvider, tmp_path: Path) -> Settings:
    file = tmp_path / "client-secret"
    file.write_text(SECRET)
    return Settings.model_validate(
        {
            "database_url": sqlite_url,
            "accounts": True,
            "public_url": ORIGIN,
            "oidc_issuer": provider.issuer,
            "oidc_client_id": CLIENT_ID,
            "oidc_client_secret_file": file,
            "roles_claim": "kpi_roles",
        }
    )


def begin(client: TestClient, wanted: str = "/dashboard") -> str:
    """Where the provider is to be asked."""
    answer = client.get("/sign-in/start", params={"next": wanted})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("http")
    return answer.headers["location"]


def come_back(client: TestClient, url: str) -> httpx2.Response:
    parts = urlsplit(url)
    answer: httpx2.Response = client.get(f"{parts.path}?{parts.query}")
    return answer


def sign_in(client: TestClient, login: str, wanted: str = "/dashboard") -> httpx2.Response:
    return come_back(client, at_the_provider(begin(client, wanted), login, ORIGIN))


def test_the_provider_is_asked_for_a_code_with_pkce_state_and_nonce(client: TestClient) -> None:
    query = parse_qs(urlsplit(begin(client)).query)
    assert query["response_type"] == ["code"]
    assert query["code_challenge_method"] == ["S256"]
    assert len(query["code_challenge"][0]) == 43
    assert len(query["state"][0]) >= 32
    assert len(query["nonce"][0]) >= 32
    assert query["redirect_uri"] == [f"{ORIGIN}/sign-in/callback"]


def test_a_person_signs_in_sees_and_signs_out(client: TestClient, desk: Desk) -> None:
    answer = sign_in(client, "ada.executive", "/supply?range=6m")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/supply?range=6m"
    assert client.get(SCREEN).status_code == 200
    state = client.get("/api/session").json()
    assert state["person"]["name"] == "ada <b>of</b> the tests"
    assert state["person"]["roles"] == ["executive"]
    assert "/reliability" in state["person"]["pages"]

    secret = client.cookies["execdash"]
    out = client.post("/api/session/sign-out")
    assert out.status_code == 200
    assert out.json()["provider_sign_out"].endswith(
        "post_logout_redirect_uri=http%3A%2F%2F127.0.0.1%2Fsign-in"
    )
    assert client.get("/sign-in").headers.get("cache-control", "no-store") == "no-store"
    assert "execdash" not in client.cookies
    assert client.get(SCREEN, headers=cookie(secret)).status_code == 401  # a copy is worth nothing
    with Session(desk.engine) as session:
        rows = [(row.action, row.actor, row.detail) for row in audit.trail(session)]
    assert rows == [
        ("signed_in", "ada bof/b the tests <ada.executive>", "executive"),
        ("signed_out", "ada bof/b the tests <ada.executive>", None),
    ]


def test_roles_are_those_of_the_claim_and_nothing_else(client: TestClient) -> None:
    sign_in(client, "eve.head:sales,king")
    assert client.get("/api/session").json()["person"]["roles"] == ["head:sales"]
    assert client.get("/api/kpis/pipeline").status_code == 200
    assert client.get("/api/kpis/gm").status_code == 403


def test_a_person_without_a_role_is_known_and_may_nothing(client: TestClient) -> None:
    sign_in(client, "mallory")
    assert client.get("/api/session").json()["person"]["pages"] == []
    assert client.get(SCREEN).status_code == 403


def test_who_may_not_see_the_first_screen_is_led_to_a_page_of_theirs(client: TestClient) -> None:
    assert sign_in(client, "sam.sre", "/").headers["location"] == "/reliability"
    assert client.get("/").headers["location"] == "/reliability"


def test_the_session_cookie_is_out_of_reach(client: TestClient) -> None:
    set_cookie = sign_in(client, "ada.executive").headers.get_list("set-cookie")
    [session] = [each for each in set_cookie if each.startswith("execdash=")]
    assert "HttpOnly" in session
    assert "SameSite=lax" in session
    assert "Path=/" in session
    assert "Max-Age=43200" in session


def test_beyond_loopback_cookies_are_secure_and_of_one_host(settings: Settings) -> None:
    safe = settings.model_copy(update={"public_url": "https://kpi.corp"})
    with TestClient(create_app(safe), "http://127.0.0.1", follow_redirects=False) as client:
        answer = client.get("/sign-in/start")
        [flow] = answer.headers.get_list("set-cookie")
        assert flow.startswith("__Host-execdash-sign-in=")
        assert "Secure" in flow
        assert "Domain" not in flow


def test_every_sign_in_has_a_session_of_its_own_and_ends_the_one_before(
    client: TestClient,
) -> None:
    client.cookies.set("execdash", "chosen-by-an-attacker", domain="127.0.0.1")
    sign_in(client, "ada.executive")
    first = client.cookies["execdash"]
    assert first != "chosen-by-an-attacker"
    sign_in(client, "ada.executive")
    second = client.cookies["execdash"]
    client.cookies.clear()
    assert client.get(SCREEN, headers=cookie("chosen-by-an-attacker")).status_code == 401
    assert client.get(SCREEN, headers=cookie(first)).status_code == 401
    assert client.get(SCREEN, headers=cookie(second)).status_code == 200


def test_a_session_ends_by_itself(client: TestClient, clock: Clock) -> None:
    sign_in(client, "ada.executive")
    clock.now += timedelta(hours=12, minutes=-1)
    assert client.get(SCREEN).status_code == 200
    clock.now += timedelta(minutes=1)
    assert client.get(SCREEN).status_code == 401


@pytest.mark.parametrize(
    "change",
    [
        "state",
        "code",
        "no cookie",
        "another's cookie",
        "used code",
        "error",
        "iss",
        "code_verifier",
        "nonce",
    ],
)
def test_an_answer_that_was_tampered_with_opens_nothing(client: TestClient, change: str) -> None:
    url = at_the_provider(begin(client), "ada.executive", ORIGIN)
    match change:
        case "state" | "code" | "iss":
            url = re.sub(rf"{change}=[^&]*", f"{change}=forged", url)
        case "no cookie":
            client.cookies.clear()
        case "another's cookie":
            client.cookies.clear()
            begin(client)
        case "used code":
            held = client.cookies["execdash-sign-in"]
            come_back(client, url)
            client.post("/api/session/sign-out")
            client.cookies.set("execdash-sign-in", held)
        case "error":
            url = f"{ORIGIN}/sign-in/callback?error=access_denied"
        case "code_verifier" | "nonce":
            begin_cookie = client.cookies["execdash-sign-in"]
            client.cookies.clear()
            client.cookies.set("execdash-sign-in", _with_another(change, begin_cookie))
    answer = come_back(client, url)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=")
    assert answer.headers["location"].endswith("&problem=refused")
    assert client.cookies.get("execdash") is None
    assert client.get(SCREEN).status_code == 401


def _with_another(part: str, held: str) -> str:
    flow = json.loads(base64.urlsafe_b64decode(held.strip('"')))
    flow[part] = "x" * 64
    return base64.urlsafe_b64encode(json.dumps(flow).encode()).decode()


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/a\nb",
        "",
    ],
)
def test_signing_in_leads_nowhere_else(client: TestClient, wanted: str) -> None:
    assert sign_in(client, "ada.executive", wanted).headers["location"] == "/dashboard"


def test_a_provider_that_is_gone_stops_new_people_only(
    sqlite_url: str, tmp_path: Path, clock: Clock
) -> None:
    with running_provider(ORIGIN, tmp_path / "log") as provider:
        settings = Settings(
            database_url=sqlite_url,
            accounts=True,
            public_url=ORIGIN,
            oidc_issuer=provider.issuer,
            oidc_client_id=CLIENT_ID,
            roles_claim="kpi_roles",
        )
        with TestClient(create_app(settings, clock), ORIGIN, follow_redirects=False) as client:
            engine = open_engine(settings.database_url)
            session = cookie(Desk(engine, clock).session(Role.EXECUTIVE))
            token = bearer(Desk(engine, clock).token(Role.ADMIN))
            engine.dispose()
            provider.stop()
            for _attempt in range(4):
                away = client.get("/sign-in/start?next=/supply")
                assert away.headers["location"] == "/sign-in?next=%2Fsupply&problem=away"
            assert client.get("/api/session").json()["sign_in"] == {"provider": True, "away": True}
            assert client.get(SCREEN, headers=session).status_code == 200
            text = client.get("/metrics", headers=token).text
            assert 'sign_ins_total{method="oidc",outcome="away"} 4.0' in text


def test_a_person_can_sign_in_by_a_token_and_revoking_it_ends_the_session(
    client: TestClient, desk: Desk
) -> None:
    token = desk.token(Role.HEAD_SALES)
    answer = client.post("/api/session/sign-in", json={"token": token})
    assert answer.status_code == 200
    assert answer.json()["person"]["roles"] == ["head:sales"]
    assert client.get("/api/kpis/pipeline").status_code == 200
    refused = client.post("/api/session/sign-in", json={"token": "execdash_" + "x" * 43})
    assert refused.status_code == 401
    assert (
        client.post("/api/session/sign-in", json={"token": desk.token(Role.INGEST)}).status_code
        == 403
    )
    foreign = {"Origin": "https://evil.example"}
    assert (
        client.post("/api/session/sign-in", json={"token": token}, headers=foreign).status_code
        == 403
    )


def test_without_accounts_there_is_nobody_to_sign_in(sqlite_url: str) -> None:
    app = create_app(Settings(database_url=sqlite_url))
    with TestClient(app, ORIGIN, follow_redirects=False) as client:
        assert client.get("/api/session").json() == {
            "accounts": False,
            "person": None,
            "sign_in": {"provider": False, "away": False},
        }
        assert client.post("/api/session/sign-in", json={"token": "x"}).status_code == 404
        assert client.get("/").headers["location"] == "/dashboard"
