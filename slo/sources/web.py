"""Asks another program over HTTP. What does not answer is unreachable, and never a pass."""

import urllib.error
import urllib.request
from http.client import HTTPException
from urllib.parse import urlsplit

from slo.measurements import BadResult, Unreachable

TIMEOUT_SECONDS = 15
MAX_BYTES = 5_000_000


def base_address(url: str) -> str:
    """The address that paths are added to. Raises BadResult for what is no web address."""
    try:
        scheme, place = urlsplit(url)[:2]
    except ValueError:  # a bracket that is not closed
        scheme = place = ""
    if "@" in place:  # nothing would be signed in by it, and reports show addresses
        raise BadResult("the address must hold no user and no password")
    if scheme not in ("http", "https"):
        raise BadResult(f"{url!r} is not an http or https address")
    return url.rstrip("/")


def fetch(url: str, token: str | None = None) -> bytes:
    """The body of an answer in JSON, cut at 5 MB; a token is sent to no other address.

    Raises Unreachable.
    """
    request = urllib.request.Request(url, headers={"Accept": "application/json"})  # noqa: S310 - base_address checked the scheme
    if token is not None:
        request.add_unredirected_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310 - base_address checked the scheme
            body: bytes = response.read(MAX_BYTES)
            return body
    except urllib.error.HTTPError as error:
        raise Unreachable(url, f"answered {error.code}") from error
    except (OSError, HTTPException, UnicodeError) as error:
        reason = getattr(error, "reason", error)
        raise Unreachable(url, f"does not answer: {reason}") from error
