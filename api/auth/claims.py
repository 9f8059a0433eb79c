"""Who a signed token says somebody is."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from api.auth.identity import OF_TOKENS, Identity
from api.auth.roles import Role

LATEST = datetime(9999, 1, 1, tzinfo=UTC)
MOST_SUBJECT = 255
NUL = "\0"  # PostgreSQL's texts hold every character but this one


class Roles:
    """Finds roles in the claims of a token.

    ``claim`` names where they are; dots lead into objects. With a mapping, only its names count.
    """

    def __init__(self, claim: str, mapping: Mapping[str, Role]) -> None:
        self._claim = claim
        self._mapping = mapping or {role.value: role for role in Role}

    def of(self, claims: Mapping[str, Any]) -> frozenset[Role]:
        """The roles; names that nobody knows are left out."""
        found = _at(claims, self._claim)
        names = found.split() if isinstance(found, str) else found
        if not isinstance(names, list):
            return frozenset()
        known = (self._mapping.get(name) for name in names if isinstance(name, str))
        return frozenset(role for role in known if role is not None)


def identity(claims: Mapping[str, Any], roles: Roles) -> Identity:
    """The person or program. Raises ``ValueError`` where the subject is none."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= MOST_SUBJECT or NUL in subject:
        raise ValueError("sub")
    if subject.startswith(OF_TOKENS):
        raise ValueError("sub")  # it would pass for an API token's
    names = (claims.get(key) for key in ("name", "preferred_username", "email"))
    name = next((each for each in names if isinstance(each, str) and each.strip()), subject)
    return Identity(
        subject, name.replace(NUL, "")[:120], roles.of(claims), _expiry(claims.get("exp"))
    )


def _expiry(seconds: object) -> datetime:
    if not isinstance(seconds, int | float):
        raise ValueError("exp")  # noqa: TRY004 - what is wrong is the token, not our call
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return LATEST


def _at(claims: Mapping[str, Any], name: str) -> object:
    if name in claims:
        return claims[name]
    found: object = claims
    for part in name.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(part)
    return found
