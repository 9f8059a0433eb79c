"""Entity tags: what an answer is, in a few bytes, so that a client that has it gets a 304."""

import hashlib

from starlette.types import Scope

from telemetry.headers import by_name


def etag_of(content: bytes) -> str:
    """A strong ETag."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def known_to(scope: Scope) -> str | None:
    """A request's ``If-None-Match``: the tags of what its client has."""
    tags = by_name(scope).get(b"if-none-match")
    return None if tags is None else tags.decode("latin-1")


def is_known(etag: str, if_none_match: str | None) -> bool:
    """Whether the client that sent this ``If-None-Match`` has it. Weak comparison: RFC 9110."""
    if if_none_match is None:
        return False
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return "*" in tags or etag.removeprefix("W/") in tags
