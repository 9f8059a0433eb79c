"""What surrounds every answer: the host names allowed, and headers that keep browsers strict."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import problem
from api.ingest.limiter import RateLimiter, address_of

Header = tuple[bytes, bytes]

HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?")


def content_security_policy(*style_hashes: str) -> str:
    """What a page may do. Of styles within it only those with such a hash apply: ``sha256-…``."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            " ".join(("style-src 'self'", *(f"'{each}'" for each in style_hashes))),
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


POLICY = b"content-security-policy"
NO_PAGE = b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
AS_DECLARED = (b"x-content-type-options", b"nosniff")
OWN_PAGES_ONLY = (b"cross-origin-resource-policy", b"same-origin")
SECURITY_HEADERS = (
    AS_DECLARED,
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    OWN_PAGES_ONLY,
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"x-permitted-cross-domain-policies", b"none"),
)
MOST_HOST_HEADERS = 64  # that are remembered
API_HEADERS = (*SECURITY_HEADERS, (POLICY, NO_PAGE))
PAGE_POLICY = (POLICY, content_security_policy().encode())
HTTPS_ONLY = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
NO_STORE = (b"cache-control", b"no-store")
# To measurements, which only scripts send: the others are for what a browser shows.
EVENT_HEADERS = (AS_DECLARED, OWN_PAGES_ONLY, (POLICY, NO_PAGE), NO_STORE)


class SecurityHeaders:
    """Adds the headers to every answer; API answers that say nothing of caching are not kept.

    ``is_https``: people reach the service by https alone, whatever the last proxy speaks to it.
    """

    def __init__(self, app: ASGIApp, *, is_https: bool = False) -> None:
        self._app = app
        self._is_https = is_https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = self._strict(scope, message.get("headers", ()))
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _strict(self, scope: Scope, given: Iterable[Header]) -> list[Header]:
        headers = [*given, *API_HEADERS]
        if not scope["path"].startswith("/api/"):
            headers = [*given, *SECURITY_HEADERS]
            if "content-security-policy" not in Headers(raw=headers):  # a page has its own
                headers.append(PAGE_POLICY)
        elif "cache-control" not in Headers(raw=headers):
            headers.append(NO_STORE)
        if self._is_https or scope["scheme"] == "https":
            headers.append(HTTPS_ONLY)
        return headers


class RateLimit:
    """Refuses requests of a client that asks more often than allowed."""

    def __init__(self, app: ASGIApp, *, requests_per_second: int) -> None:
        self._app = app
        self._limiter = RateLimiter(requests_per_second)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_http = scope["type"] == "http"
        wait = self._limiter.seconds_to_wait(address_of(scope)) if is_http else 0
        if wait:
            detail = "Too many requests from this client."
            await problem(429, detail, {"Retry-After": str(wait)})(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class HostNames:
    """The names under which the service may be reached."""

    def __init__(self, hosts: Sequence[str]) -> None:
        self._names = {host.lower() for host in hosts if not host.startswith("*")}
        self._suffixes = tuple(host[1:].lower() for host in hosts if host.startswith("*"))
        self._is_allowed = lru_cache(MOST_HOST_HEADERS)(self._judge)

    def allow(self, scope: Scope) -> bool:
        """Whether the request's first ``Host`` header is one of them, with any port."""
        for name, value in scope["headers"]:
            if name == b"host":
                return self._is_allowed(value)
        return False

    def _judge(self, header: bytes) -> bool:
        match = HOST.fullmatch(header.decode("latin-1").lower())
        if match is None:
            return False
        name = match["name"]
        return name in self._names or name.endswith(self._suffixes)


class AllowedHosts:
    """Refuses requests for other names: a page elsewhere cannot reach us by a name of its own."""

    def __init__(self, app: ASGIApp, *, hosts: HostNames) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        allowed = scope["type"] != "http" or self._hosts.allow(scope)
        await (self._app if allowed else refuse_host)(scope, receive, send)


async def refuse_host(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request for another name."""
    refusal = problem(400, "This host name is not one of EXECDASH_ALLOWED_HOSTS.")
    await refusal(scope, receive, send)
