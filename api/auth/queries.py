"""Questions to and changes of ``api_tokens`` and ``account_sessions``."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from api.storage.account_tables import account_sessions, api_tokens


@dataclass(frozen=True)
class TokenRow:
    """One row of ``api_tokens``; instants in UTC."""

    id: int
    token_hash: str
    name: str
    role: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True)
class SessionRow:
    """One row of ``account_sessions``; instants in UTC."""

    id_hash: str
    subject: str
    name: str
    roles: str
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None


def insert_token(
    session: Session, token_hash: str, name: str, role: str, now: datetime, expires_at: datetime
) -> int:
    """Add a token; gives its id."""
    values = {"token_hash": token_hash, "name": name, "role": role}
    statement = insert(api_tokens).values(created_at=now, expires_at=expires_at, **values)
    identifier: int = session.execute(statement.returning(api_tokens.c.id)).scalar_one()
    return identifier


def token_by_hash(session: Session, token_hash: str) -> TokenRow | None:
    """The token of a secret, or None."""
    found = session.execute(select(api_tokens).where(api_tokens.c.token_hash == token_hash))
    row = found.mappings().first()
    return None if row is None else TokenRow(**row)


def token_by_id(session: Session, token_id: int) -> TokenRow | None:
    """One token, or None."""
    found = session.execute(select(api_tokens).where(api_tokens.c.id == token_id))
    row = found.mappings().first()
    return None if row is None else TokenRow(**row)


def all_tokens(session: Session) -> list[TokenRow]:
    """Every token, the newest first."""
    rows = session.execute(select(api_tokens).order_by(api_tokens.c.id.desc())).mappings()
    return [TokenRow(**row) for row in rows]


def prolong_token(session: Session, token_id: int, expires_at: datetime) -> None:
    """Let a token last longer."""
    row = update(api_tokens).where(api_tokens.c.id == token_id)
    session.execute(row.values(expires_at=expires_at))


def revoke_token(session: Session, token_id: int, now: datetime) -> None:
    """Say that a token is good no more."""
    session.execute(update(api_tokens).where(api_tokens.c.id == token_id).values(revoked_at=now))


def touch_token(session: Session, token_id: int, now: datetime) -> None:
    """Say when a token was last used."""
    session.execute(update(api_tokens).where(api_tokens.c.id == token_id).values(last_used_at=now))


def insert_session(session: Session, row: SessionRow) -> None:
    """Begin a session."""
    session.execute(insert(account_sessions).values(**row.__dict__))


def session_by_hash(session: Session, id_hash: str) -> SessionRow | None:
    """The session of a secret, or None."""
    found = session.execute(select(account_sessions).where(account_sessions.c.id_hash == id_hash))
    row = found.mappings().first()
    return None if row is None else SessionRow(**row)


def end_session(session: Session, id_hash: str, now: datetime) -> bool:
    """End a session that lasts; True when it did."""
    running = (account_sessions.c.id_hash == id_hash) & account_sessions.c.ended_at.is_(None)
    ended = session.execute(
        update(account_sessions)
        .where(running)
        .values(ended_at=now)
        .returning(account_sessions.c.id_hash)
    )
    return ended.first() is not None


def running_sessions(session: Session, now: datetime) -> list[SessionRow]:
    """Sessions that were neither ended nor have expired, the newest first."""
    lasts = account_sessions.c.ended_at.is_(None) & (account_sessions.c.expires_at > now)
    newest = account_sessions.c.created_at.desc()
    found = session.execute(select(account_sessions).where(lasts).order_by(newest))
    return [SessionRow(**row) for row in found.mappings()]


def end_sessions_of(session: Session, subject: str | None, now: datetime) -> int:
    """End every session of one person or token, or with None of all; how many lasted."""
    running = account_sessions.c.ended_at.is_(None) & (account_sessions.c.expires_at > now)
    if subject is not None:
        running &= account_sessions.c.subject == subject
    ended = update(account_sessions).where(running).values(ended_at=now)
    return len(session.execute(ended.returning(account_sessions.c.id_hash)).all())


def forget_sessions(session: Session, expired_before: datetime) -> None:
    """Remove sessions that expired long ago."""
    session.execute(delete(account_sessions).where(account_sessions.c.expires_at < expired_before))
