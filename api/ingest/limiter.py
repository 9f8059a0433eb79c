"""How often one client may call: by subject when it is known, else by address."""

import ipaddress
import math
from functools import lru_cache
from time import monotonic

from starlette.types import Scope
from throttled import per_sec, store
from throttled.rate_limiter.gcra import MemoryLimitAtomicAction

from api.auth.identity import KEY, Identity

CLIENTS = 10_000  # remembered at most; the longest silent is forgotten first
ADVANCE = 20  # calls at most that a client pays for at once
ADVANCES_OF_BURST = 25  # in a burst: an advance is a small part of what may come at once


class RateLimiter:
    """The generic cell rate algorithm, in memory: even pace, bursts of one second's worth.

    A client that calls often pays for a few calls at once and then makes them, whenever that is:
    so it may be that few calls above its pace, and most calls cost next to nothing.
    """

    def __init__(self, requests_per_second: int) -> None:
        quota = per_sec(requests_per_second, burst=requests_per_second)
        self._advance = max(1, min(ADVANCE, requests_per_second // ADVANCES_OF_BURST))
        self._one = [quota.emission_interval, quota.burst, 1]
        self._several = [quota.emission_interval, quota.burst, self._advance]
        self._paid: dict[str, int] = {}  # calls that clients have paid for and not made
        # The algorithm itself: what the library puts around it costs twice as much.
        clients = store.MemoryStore(options={"MAX_SIZE": CLIENTS})
        self._take = clients.make_atomic(MemoryLimitAtomicAction).do

    def seconds_to_wait(self, client: str) -> int:
        """0 when the client may go on, else after how many whole seconds it may."""
        paid = self._paid.get(client, 0)
        if paid:
            self._paid[client] = paid - 1
            return 0
        if self._advance > 1 and not self._take([client], self._several)[0]:
            if len(self._paid) >= CLIENTS:
                self._paid.clear()  # who has paid pays again, which is no matter of many calls
            self._paid[client] = self._advance - 1
            return 0
        limited, _remaining, _reset_after, retry_after = self._take([client], self._one)
        return math.ceil(retry_after) if limited else 0


class Refusals:
    """Tells apart addresses that were refused more often than allowed, until they may try again.

    Whoever is let in costs nothing.
    """

    def __init__(self, refusals_per_second: int) -> None:
        self._limiter = RateLimiter(refusals_per_second)
        self._until: dict[str, float] = {}

    def count(self, scope: Scope) -> None:
        """A request was refused."""
        address = address_of(scope)
        if wait := self._limiter.seconds_to_wait(address):
            if len(self._until) >= CLIENTS:
                self._until.clear()  # who goes on is soon in it again
            self._until[address] = monotonic() + wait

    def seconds_to_wait(self, scope: Scope) -> int:
        """0 when the address may go on, else after how many whole seconds it may."""
        if not self._until:
            return 0
        address = address_of(scope)
        seconds = self._until.get(address, 0.0) - monotonic()
        if seconds <= 0:
            self._until.pop(address, None)
            return 0
        return math.ceil(seconds)


def client_of(scope: Scope) -> str:
    """Who counts as one client: a subject who has shown who they are, else an address."""
    identity: Identity | None = scope.get(KEY)
    if identity is not None:
        return f"subject {identity.subject}"
    return address_of(scope)


def address_of(scope: Scope) -> str:
    """Where a request comes from, as far as it counts."""
    client = scope.get("client")
    return network_of(client[0]) if client else ""


@lru_cache(maxsize=CLIENTS)
def network_of(address: str) -> str:
    """The network that counts as one client: an IPv4 address, or an IPv6 subnet of 64 bits."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    return str(ipaddress.ip_network((int(parsed), 64), strict=False))
