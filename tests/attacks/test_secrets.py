"""What is secret stays out of logs, traces, metrics and answers, also when things go wrong."""

import base64
import gzip
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

import httpx2
import pytest
from sqlalchemy import make_url

from api.auth.roles import Role
from api.auth.secrets import TOKEN_PREFIX
from api.storage.engine import open_engine
from tests.answering import Answering, answering
from tests.faults.process import serving as serving_at
from tests.integration.auth.conftest import Clock, Desk, tampered
from tests.integration.auth.gateway import AUDIENCE, ISSUER, Gateway, running_gateway
from tests.integration.platform.running import execdash, serving
from tests.ports import free_port
from tests.program import until

SECRETS = {
    "password": "pw-Zx81-database",
    "bearer": "tok-Zx82-bearer",
    "cookie": "ck-Zx83-session",
    "query": "qs-Zx84-code",
    "collector": "ot-Zx85-collector",
    "cell": "cell-Zx86-of-a-file",
}
MARK = "Zx8"


# What somebody pastes a token into; some have a route, some have none.
PATHS_TO_ANYTHING = [
    *("/{}", "/api/{}", "/sign-in/{}", "/assets/{}.js", "/sales/kpis/{}", "/api/{}/{}"),
    *("/api/kpis/{}", "/api/kpis/{}.csv", "/api/kpis/{}/rows", "/api/drivers/{}", "/api/slo/{}"),
    *("/api/alerts/{}/acknowledge", "/api/alerts/{}/assign", "/api/imports/{}", "/api/slo/{}/x"),
]


@contextmanager
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """An OTLP receiver that keeps what it is sent, unpacked."""
    received: list[bytes] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            packed = self.headers.get("content-encoding") == "gzip"
            received.append(gzip.decompress(body) if packed else body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", received
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with running_gateway() as running:
        yield running


def ask(url: str, body: bytes | None = None) -> bytes:
    headers = {
        "Authorization": f"Bearer {SECRETS['bearer']}",
        "Cookie": f"session={SECRETS['cookie']}",
        "Content-Type": "text/csv",
    }
    try:
        with urlopen(Request(url, body, headers), timeout=20) as answer:
            content: bytes = answer.read()
    except HTTPError as error:
        content = error.read()
    return content


def test_no_secret_is_told(tmp_path: Path) -> None:
    # The collector's own header is sent as it must be; what is kept here are the bodies.
    with collector() as (endpoint, traces):
        environment = {
            "EXECDASH_DATABASE_URL": f"sqlite:///{tmp_path}/execdash.db?check_same_thread=true",
            "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
            "OTEL_EXPORTER_OTLP_HEADERS": f"authorization={SECRETS['collector']}",
            "OTEL_TRACES_SAMPLER": "always_on",
        }
        with serving(tmp_path, **environment) as running:
            for path in ("/dashboard", "/api/alerts", "/api/kpis/revenue", "/api/nothing"):
                ask(f"{running.url}{path}")
                ask(f"{running.url}{path}?code={SECRETS['query']}")
            ask(f"{running.url}/api/imports/orders", f"amount\n{SECRETS['cell']}\n".encode())
            ask(
                f"{running.url}/api/imports/customers",
                f"customer_id,name\nC,{SECRETS['cell']}\n".encode(),
            )
            told = running.get("/metrics")
            running.stop()
            written = running.log.read_bytes() + running.output.read_bytes()
    assert b"/api/alerts" in b"".join(traces)  # there were traces to look into
    assert MARK.encode() not in written + told
    sent = b"".join(traces)
    found = [name for name, secret in SECRETS.items() if secret.encode() in sent]
    assert found == []


@dataclass
class Visit:
    """What was asked with secrets, which they were, and all that was answered."""

    origin: str
    secrets: dict[str, str] = field(default_factory=dict)
    bodies: list[bytes] = field(default_factory=list)

    def shows(self, what: str, secret: str) -> str:
        assert secret not in self.secrets.values()
        self.secrets[what] = secret
        return secret

    def ask(
        self, path: str, *, json: object = None, method: str = "", **headers: str
    ) -> httpx2.Response:
        asked = method or ("GET" if json is None else "POST")
        with httpx2.Client(base_url=self.origin, timeout=30) as client:
            answer = client.request(asked, path, json=json, headers=headers)
        assert answer.status_code < 500
        self.bodies.append(answer.content)
        return answer

    def misplace(self, secret: str) -> None:
        """Ask with it as a part of addresses, as nobody and as its owner.

        The answers may repeat what was asked for.
        """
        kept = len(self.bodies)
        bearer = {"Authorization": f"Bearer {secret}"}
        for path, method, credential, accept in product(
            PATHS_TO_ANYTHING, ("GET", "POST"), ({}, bearer), ("application/json", "text/html")
        ):
            asked = path.replace("{}", secret)
            answer = self.ask(asked, method=method, accept=accept, **credential)
            assert answer.status_code in {303, 400, 401, 403, 404, 405, 415}, asked
        del self.bodies[kept:]

    def told_in(self, text: bytes) -> list[str]:
        """The secrets that stand in it, whole or in parts that are worth as much."""
        return [
            what
            for what, secret in self.secrets.items()
            for part in (secret, secret.removeprefix(TOKEN_PREFIX), secret.rpartition(".")[2])
            if part and part.encode() in text
        ]


def signs_in(visit: Visit, provider: Answering, signer: Gateway, what: str, **claims: Any) -> None:
    """Somebody comes back from a provider, whose answers are the test's."""
    begun = visit.ask("/sign-in/start")
    query = parse_qs(urlsplit(begun.headers["location"]).query)
    flow = begun.cookies["execdash-sign-in"]
    visit.shows(f"{what}: flow", flow)
    kept = json.loads(base64.urlsafe_b64decode(flow.strip('"')))
    visit.shows(f"{what}: code verifier", kept["code_verifier"])
    known = json.loads(provider.body)
    said = {"iss": provider.url, "nonce": query["nonce"][0], **claims}
    id_token = signer.token("executive", datetime.now(UTC), **said)
    answer = {
        "access_token": visit.shows(f"{what}: access token", f"at-{what}-Zx87"),
        "refresh_token": visit.shows(f"{what}: refresh token", f"rt-{what}-Zx88"),
        "id_token": visit.shows(f"{what}: ID token", id_token),
        "token_type": "Bearer",
    }
    provider.body = json.dumps({**known, **answer}).encode()
    code = visit.shows(f"{what}: code", f"code-{what}-Zx89")
    back = f"/sign-in/callback?state={query['state'][0]}&code={code}"
    ended = visit.ask(back, Cookie=f"execdash-sign-in={flow}")
    provider.body = json.dumps(known).encode()
    if not claims:
        session = visit.shows(f"{what}: session", ended.cookies["execdash"])
        assert visit.ask("/api/alerts", Cookie=f"execdash={session}").status_code == 200
        assert visit.ask("/api/alerts", Cookie=f"execdash={session}x").status_code == 401
        visit.ask("/api/session/sign-out", json={}, Cookie=f"execdash={session}")
        assert visit.ask("/api/alerts", Cookie=f"execdash={session}").status_code == 401


def test_no_credential_is_told_where_there_are_accounts(
    postgresql_url: str, tmp_path: Path, gateway: Gateway
) -> None:
    """Good ones and refused ones of each kind; in logs, traces, metrics, answers and the trail."""
    port, clock = free_port(), Clock()
    clock.now = datetime.now(UTC)
    visit = Visit(f"http://127.0.0.1:{port}")
    engine = open_engine(postgresql_url)
    desk = Desk(engine, clock)
    admin = visit.shows("token", desk.token(Role.ADMIN))
    refused = {
        "revoked token": desk.token(Role.SRE, revoked=True),
        "expired token": desk.token(Role.SRE, days=-1),
        "tampered token": tampered(admin)[:-4] + "Zx81",
        "expired JWT": gateway.token("sre", clock.now - timedelta(hours=1)),
        "JWT for another": gateway.token("sre", clock.now, aud="crm"),
        **gateway.forged("sre", clock.now, sub="forger"),
    }
    (tmp_path / "client").write_text(visit.shows("client secret", "client-secret-Zx82"))
    (tmp_path / "hook").write_text(visit.shows("webhook's token", "execdash_" + "Zx83" * 11))
    password = visit.shows("database's password", "pw-Zx84")
    with (
        collector() as (endpoint, traces),
        answering() as provider,
        serving_at(
            make_url(postgresql_url).set(password=password).render_as_string(hide_password=False),
            tmp_path,
            port=port,
            EXECDASH_ACCOUNTS="true",
            EXECDASH_PUBLIC_URL=visit.origin,
            EXECDASH_OIDC_ISSUER=provider.url,
            EXECDASH_OIDC_CLIENT_ID=AUDIENCE,
            EXECDASH_OIDC_CLIENT_SECRET_FILE=str(tmp_path / "client"),
            EXECDASH_JWT_ISSUER=ISSUER,
            EXECDASH_JWT_AUDIENCE=AUDIENCE,
            EXECDASH_JWT_KEYS_URL=gateway.url,
            EXECDASH_TOKEN_FILES=f"alertmanager={tmp_path / 'hook'}",
            OTEL_EXPORTER_OTLP_ENDPOINT=endpoint,
            OTEL_EXPORTER_OTLP_HEADERS=f"authorization={visit.shows('collector', 'ot-Zx85')}",
            OTEL_TRACES_SAMPLER="always_on",
            OTEL_SEMCONV_STABILITY_OPT_IN="http/dup",  # attributes by their old names and the new
        ) as service,
    ):
        signer = Gateway(provider.url)
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        keys = [key.as_dict(private=False) for key in signer.keys]
        metadata = {"issuer": provider.url, "keys": keys}
        provider.body = json.dumps(
            metadata | {name: f"{provider.url}/{name}" for name in names}
        ).encode()
        good = visit.shows("JWT", gateway.token("executive", clock.now))
        for credential in (admin, good):
            assert visit.ask("/api/alerts", Authorization=f"Bearer {credential}").is_success
            visit.ask(f"/api/alerts?token={credential}", Authorization=f"Bearer {credential}")
        for what, credential in refused.items():
            if len(credential) > 10:
                visit.shows(what, credential)
            for path in ("/api/alerts", "/dashboard", f"/api/nothing?token={credential}"):
                answer = visit.ask(path, Authorization=f"Bearer {credential}")
                assert answer.status_code == 401, what
            visit.ask("/api/events", json={}, Authorization=f"Bearer {credential}")
        visit.misplace(admin)
        signs_in_wrongly(visit, admin, refused["tampered token"])
        session = visit.ask("/api/session/sign-in", json={"token": admin}).cookies["execdash"]
        visit.shows("session by token", session)
        hook = {"version": "4", "alerts": []}
        key = f"Bearer {(tmp_path / 'hook').read_text()}"
        assert visit.ask("/api/alerts/webhook", json=hook, Authorization=key).is_success
        assert visit.ask("/api/alerts", Authorization=key).status_code == 403
        signs_in(visit, provider, signer, "good")
        signs_in(visit, provider, signer, "refused", nonce="another")
        signs_in(visit, provider, signer, "foreign", aud="crm")
        signs_in_in_vain(visit, provider)
        told = visit.ask("/metrics", Authorization=f"Bearer {admin}").content
        trail = visit.ask("/api/audit.csv", Authorization=f"Bearer {admin}").content
        service.terminate()
        until(lambda: service.exit_codes, "the end of the service")
        written = service.log.encode()
    engine.dispose()
    sent = b"".join(traces)
    assert b"/api/alerts" in sent
    assert b"sign_ins_total" in told
    assert b"signed_in" in trail
    assert len(visit.secrets) > 30
    for where, text in {
        "log": written,
        "traces": sent,
        "metrics": told,
        "audit trail": trail,
        "answers": b"".join(visit.bodies),
    }.items():
        assert visit.told_in(text) == [], where
    print(f"{len(visit.secrets)} secrets, {len(visit.bodies)} answers, {len(sent)} bytes of traces")


def signs_in_wrongly(visit: Visit, good: str, bad: str) -> None:
    """With tokens, in bodies that are refused."""
    for body in (
        {"token": bad},
        {"token": [bad]},
        {"tokn": bad},
        {"token": good, "extra": good},
        [good],
        good,
    ):
        assert visit.ask("/api/session/sign-in", json=body).status_code in {400, 401}


def signs_in_in_vain(visit: Visit, provider: Answering) -> None:
    """The provider refuses the code."""
    known, provider.status = provider.body, 200
    begun = visit.ask("/sign-in/start")
    state = parse_qs(urlsplit(begun.headers["location"]).query)["state"][0]
    provider.status = 400
    provider.body = b'{"error": "invalid_grant", "error_description": "code-vain-Zx80 is bad"}'
    code = visit.shows("vain: code", "code-vain-Zx80")
    cookie = f"execdash-sign-in={begun.cookies['execdash-sign-in']}"
    visit.ask(f"/sign-in/callback?state={state}&code={code}", Cookie=cookie)
    provider.body, provider.status = known, 200


@pytest.mark.parametrize("command", [["serve"], ["db", "upgrade"], ["imports", "list"]])
def test_a_database_that_cannot_be_reached_is_named_without_its_password(
    command: list[str], tmp_path: Path
) -> None:
    url = f"postgresql://jo:{SECRETS['password']}@127.0.0.1:{free_port()}/kpi?connect_timeout=2"
    ended = execdash(*command, EXECDASH_DATABASE_URL=url, EXECDASH_STATE_DIR=str(tmp_path))
    assert ended.returncode != 0
    assert "database" in ended.stderr
    assert MARK not in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_url_that_is_none_is_refused_without_its_password() -> None:
    url = f"mysql://jo:{SECRETS['password']}@db/kpi"
    ended = execdash("serve", EXECDASH_DATABASE_URL=url)
    assert ended.returncode == 2
    assert MARK not in ended.stdout + ended.stderr
