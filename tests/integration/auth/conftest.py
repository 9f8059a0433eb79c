"""A service with accounts, and what people and programs show to be let in."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, insert
from sqlalchemy.orm import Session

from api.app import create_app
from api.auth import secrets, service
from api.auth.identity import Identity
from api.auth.roles import Role
from api.auth.service import NewToken
from api.settings import Settings
from api.storage.engine import for_writing, open_engine
from api.storage.tables import alerts
from tests.integration.auth.gateway import AUDIENCE, ISSUER, Gateway, running_gateway

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
COOKIE = "execdash"


class Clock:
    """Says what the test says."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class RunningClock(Clock):
    """Real time, as another program beside the service has it, and what the test adds to it."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    @now.setter
    def now(self, wanted: datetime) -> None:
        self._ahead = wanted - datetime.now(UTC)


class Desk:
    """Hands out credentials, past the command line."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine = engine
        self._clock = clock

    def token(self, role: Role, *, days: int = 30, revoked: bool = False) -> str:
        now = self._clock()
        new = NewToken(role, f"the {role}", now + timedelta(days=days), secrets.new_token())
        with Session(for_writing(self.engine)) as session, session.begin():
            token_id = service.create_token(session, now, "local", new)
            made = service.token(session, token_id)
            assert made is not None
            if revoked:
                service.revoke_token(session, now, "local", made)
        return new.secret

    def session(self, role: Role, *, hours: int = 12, ended: bool = False) -> str:
        now = self._clock()
        person = Identity(f"sub-{role}", f"The {role}", frozenset({role}))
        with Session(for_writing(self.engine)) as session, session.begin():
            secret, _until = service.begin_session(session, now, person, hours, "oidc")
            if ended:
                assert service.end_session(session, now, person, secret)
        return secret


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def cookie(session: str) -> dict[str, str]:
    return {"Cookie": f"{COOKIE}={session}"}


def tampered(secret: str) -> str:
    """The same but for its last character."""
    return secret[:-1] + ("A" if secret[-1] != "A" else "B")


def add_alerts(engine: Engine, kpis: Iterable[str]) -> dict[str, int]:
    """Ids of open alerts about these KPIs; about an objective for ``slo``."""
    return {kpi: add_alert(engine, None if kpi == "slo" else kpi) for kpi in kpis}


def add_alert(engine: Engine, kpi: str | None) -> int:
    """An open alert about a KPI, or about an objective."""
    with for_writing(engine).begin() as connection:
        values = {
            "type": "slo_burn" if kpi is None else "kpi_threshold",
            "fingerprint": kpi or "slo",
            "kpi": kpi,
            "title": f"About {kpi}",
            "description": "D",
            "severity": "high",
            "status": "open",
            "created_at": NOW,
        }
        found = connection.execute(insert(alerts).values(**values).returning(alerts.c.id))
        identifier: int = found.scalar_one()
        return identifier


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with running_gateway() as running:
        yield running


@pytest.fixture
def settings(sqlite_url: str, gateway: Gateway) -> Settings:
    return Settings(
        database_url=sqlite_url,
        accounts=True,
        public_url="http://127.0.0.1",
        jwt_issuer=ISSUER,
        jwt_audience=AUDIENCE,
        jwt_keys_url=gateway.url,
        requests_per_second=1_000_000,  # a fast machine sends the whole matrix in seconds
    )


@pytest.fixture
def desk(settings: Settings, clock: Clock) -> Iterator[Desk]:
    engine = open_engine(settings.database_url)
    yield Desk(engine, clock)
    engine.dispose()


@pytest.fixture
def app(settings: Settings, clock: Clock) -> FastAPI:
    return create_app(settings, clock)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, "http://127.0.0.1", follow_redirects=False) as opened:
        yield opened
