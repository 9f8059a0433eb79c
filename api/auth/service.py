"""Tokens and sessions: made, judged, ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from api.audit import service as audit
from api.auth import queries, secrets
from api.auth.identity import Identity, known_roles
from api.auth.queries import SessionRow, TokenRow
from api.auth.roles import Role
from api.auth.verifier import Away, Verdict
from api.storage.engine import for_writing

FROM_FILE = timedelta(days=366)
PROLONGED_EVERY = timedelta(days=1)
TOUCHED_EVERY = timedelta(minutes=1)
KEPT_AFTER_EXPIRY = timedelta(days=1)
UNKNOWN = Verdict(None, "unknown")
REVOKED = Verdict(None, "revoked")


@dataclass(frozen=True)
class NewToken:
    """What a token is to be."""

    role: Role
    name: str
    expires_at: datetime
    secret: str


def create_token(session: Session, now: datetime, actor: str, token: NewToken) -> int:
    """Store a token's hash; gives its id. The caller commits, and shows the secret once."""
    digest = secrets.hashed(token.secret)
    token_id = queries.insert_token(session, digest, token.name, token.role, now, token.expires_at)
    detail = f"{token.role}, until {_written(token.expires_at)}"
    audit.record(session, now, actor, "token_created", f"token {token_id} {token.name}", detail)
    return token_id


def revoke_token(session: Session, now: datetime, actor: str, token: TokenRow) -> None:
    """End a token before its time. The caller commits."""
    queries.revoke_token(session, token.id, now)
    queries.end_sessions_of(session, f"token:{token.id}", now)
    audit.record(session, now, actor, "token_revoked", f"token {token.id} {token.name}")


def tokens(session: Session) -> list[TokenRow]:
    """Every token there ever was, the newest first."""
    return queries.all_tokens(session)


def token(session: Session, token_id: int) -> TokenRow | None:
    """One token, or None."""
    return queries.token_by_id(session, token_id)


def make_known(session: Session, now: datetime, role: Role, name: str, secret: str) -> str:
    """A token whose secret was made elsewhere, good for a year from now. The caller commits.

    Gives in words why it stays as it is, where it was revoked or has another role.
    """
    known = queries.token_by_hash(session, secrets.hashed(secret))
    expires_at = now + FROM_FILE
    if known is None:
        create_token(session, now, "local", NewToken(role, name, expires_at, secret))
    elif known.revoked_at is not None:
        return "was revoked"
    elif known.role != role:
        return f"is known with the role {known.role}"
    elif expires_at - known.expires_at > PROLONGED_EVERY:
        queries.prolong_token(session, known.id, expires_at)
        about, detail = f"token {known.id} {known.name}", f"until {_written(expires_at)}"
        audit.record(session, now, "local", "token_prolonged", about, detail)
    return ""


def _written(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"


def judge_token(engine: Engine, secret: str, now: datetime) -> Verdict:
    """Who an API token belongs to. Raises ``Away``."""
    try:
        with Session(engine) as session:
            row = queries.token_by_hash(session, secrets.hashed(secret))
    except (DBAPIError, PoolTimeout) as error:
        raise Away from error
    if row is None:
        return UNKNOWN
    if row.revoked_at is not None:
        return REVOKED
    if now < row.expires_at and (
        row.last_used_at is None or now - row.last_used_at >= TOUCHED_EVERY
    ):
        _touch(engine, row.id, now)
    roles = known_roles({row.role})
    return Verdict(Identity(f"token:{row.id}", row.name, roles, row.expires_at))


def _touch(engine: Engine, token_id: int, now: datetime) -> None:
    """Say that a token is in use. It matters less than the request that used it."""
    try:
        with Session(for_writing(engine)) as session, session.begin():
            queries.touch_token(session, token_id, now)
    except SQLAlchemyError:
        pass


def judge_session(engine: Engine, secret: str, now: datetime) -> Verdict:
    """Who a session belongs to. Raises ``Away``."""
    del now  # a verdict's time is looked at whenever it is used
    try:
        with Session(engine) as session:
            row = queries.session_by_hash(session, secrets.hashed(secret))
    except (DBAPIError, PoolTimeout) as error:
        raise Away from error
    if row is None:
        return UNKNOWN
    if row.ended_at is not None:
        return REVOKED
    roles = known_roles(row.roles.split(","))
    return Verdict(Identity(row.subject, row.name, roles, row.expires_at))


def begin_session(
    session: Session, now: datetime, person: Identity, hours: int, method: str
) -> tuple[str, datetime]:
    """A fresh session for a person who has just shown who they are: its secret and its end.

    It never outlives what the person came with. The caller commits.
    """
    secret = secrets.new_session_id()
    expires_at = now + timedelta(hours=hours)
    if person.expires_at is not None and method == "token":
        expires_at = min(expires_at, person.expires_at)
    row = SessionRow(
        id_hash=secrets.hashed(secret),
        subject=person.subject,
        name=person.name,
        roles=",".join(sorted(person.roles)),
        created_at=now,
        expires_at=expires_at,
        ended_at=None,
    )
    queries.forget_sessions(session, now - KEPT_AFTER_EXPIRY)
    queries.insert_session(session, row)
    roles = ", ".join(sorted(person.roles)) or "no role"
    audit.record(session, now, person.label, "signed_in", f"by {method}", roles)
    return secret, expires_at


def end_session(session: Session, now: datetime, person: Identity, secret: str) -> bool:
    """Sign out: the cookie is worth nothing from now on. The caller commits."""
    ended = queries.end_session(session, secrets.hashed(secret), now)
    if ended:
        audit.record(session, now, person.label, "signed_out", "session")
    return ended


def running_sessions(session: Session, now: datetime) -> list[SessionRow]:
    """Who is signed in, the newest first."""
    return queries.running_sessions(session, now)


def end_sessions(session: Session, now: datetime, actor: str, subject: str | None) -> int:
    """Sign a person out everywhere, or with None everybody; how many sessions ended.

    The caller commits.
    """
    ended = queries.end_sessions_of(session, subject, now)
    if ended:
        about = "everybody" if subject is None else subject
        audit.record(session, now, actor, "sessions_ended", about, f"{ended} sessions")
    return ended
