"""Tokens, sessions and the audit trail of a database, for tests of restores."""

from datetime import timedelta

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api.audit import service as audit
from api.audit.queries import AuditRow
from api.auth import service
from api.auth.identity import Identity
from api.auth.roles import Role
from api.auth.service import NewToken
from api.storage.engine import for_writing
from tests.integration.ingest.events import NOW

LATER = NOW + timedelta(hours=1)
ADA = Identity("ada", "Ada", frozenset({Role.EXECUTIVE}))


def make_token(engine: Engine, name: str) -> str:
    secret = f"execdash_{name:a<43}"
    with Session(for_writing(engine)) as session, session.begin():
        token = NewToken(Role.SRE, name, NOW + timedelta(days=90), secret)
        service.create_token(session, NOW, "local", token)
    return secret


def revoke(engine: Engine, name: str) -> None:
    with Session(for_writing(engine)) as session, session.begin():
        [token] = [each for each in service.tokens(session) if each.name == name]
        service.revoke_token(session, LATER, "local", token)


def sign_in(engine: Engine) -> str:
    with Session(for_writing(engine)) as session, session.begin():
        secret, _ = service.begin_session(session, NOW, ADA, 12, "oidc")
    return secret


def judged(engine: Engine, secret: str) -> str:
    return service.judge_token(engine, secret, LATER).refusal


def trail(engine: Engine) -> list[AuditRow]:
    with Session(engine) as session:
        return list(audit.trail(session))


def told(engine: Engine) -> list[tuple[str, str]]:
    return [(row.action, row.about) for row in trail(engine)]
