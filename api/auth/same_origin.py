"""Refuses changes that a page of another origin makes a browser send (CSRF).

Browsers say where a request comes from: ``Sec-Fetch-Site``, and where that is missing ``Origin``.
Other programs send neither, and carry no cookie that a stranger's page could ride on.
"""

from urllib.parse import urlsplit

from starlette.types import Scope

from telemetry.headers import by_name

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OWN_SITES = frozenset({b"same-origin", b"none"})  # none: the person's own doing


def is_cross_site(scope: Scope) -> bool:
    """Whether a browser sent this for a page that is not ours."""
    headers = by_name(scope)
    site, origin = headers.get(b"sec-fetch-site"), headers.get(b"origin")
    if site is not None:
        return site not in OWN_SITES
    return origin is not None and not _names_host(origin, headers.get(b"host", b""))


def _names_host(origin: bytes, host: bytes) -> bool:
    try:
        return urlsplit(origin.decode("latin-1")).netloc.lower() == host.decode("latin-1").lower()
    except ValueError:
        return False
