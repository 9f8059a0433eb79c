"""Secrets that a caller shows, and what is kept of them: a hash, because each has 256 bits."""

import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from starlette.types import Scope

TOKEN_PREFIX = "execdash_"  # noqa: S105 - scanners of sources know a lost token by it
SECRET_BYTES = 32
MOST_CHARACTERS = 8192  # of a JWT; ours are far shorter

Kind = Literal["token", "jwt", "session"]


@dataclass(frozen=True)
class Credential:
    """What a request came with."""

    kind: Kind
    secret: str


def new_token() -> str:
    """A fresh API token."""
    return TOKEN_PREFIX + secrets.token_urlsafe(SECRET_BYTES)


def new_session_id() -> str:
    """A fresh session's id."""
    return secrets.token_urlsafe(SECRET_BYTES)


def hashed(secret: str) -> str:
    """What is stored and looked up: 64 hex digits."""
    return sha256(secret.encode()).hexdigest()


def shown(scope: Scope, cookie: bytes) -> Credential | None:
    """The credential of a request: its bearer token, else the session in its cookie."""
    session = None
    for name, value in scope["headers"]:
        if name == b"authorization":
            return _bearer(value)
        if name == b"cookie" and session is None:
            session = _cookie(value, cookie)
    return None if session is None else Credential("session", session)


def _bearer(header: bytes) -> Credential | None:
    scheme, _, token = header[: MOST_CHARACTERS + 8].decode("latin-1").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not 0 < len(token) <= MOST_CHARACTERS:
        return None
    return Credential("jwt" if token.count(".") == 2 else "token", token)


def _cookie(header: bytes, wanted: bytes) -> str | None:
    for part in header.split(b";"):
        name, found, value = part.strip().partition(b"=")
        if found and name == wanted and value:
            return value.decode("latin-1")
    return None
