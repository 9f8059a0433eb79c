"""The keys of who signs tokens, fetched from their address and kept; they may be exchanged."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from api.auth.outgoing import Party
from api.auth.verifier import Away

# Asymmetric ones only: a public key must never do as a shared secret.
ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA"),
)
KEPT_SECONDS = 600.0
AT_MOST_EVERY_SECONDS = 30.0

Address = Callable[[], Awaitable[str]]


class Keys:
    """Key set at an address; ``address`` may have to be found out first."""

    def __init__(self, party: Party, address: Address) -> None:
        self._party = party
        self._address = address
        self._keys: KeySet | None = None
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        self._fetching = asyncio.Lock()

    async def decode(self, token: str) -> jwt.Token:
        """The token, its signature verified. Raises ``JoseError``, ``ValueError`` or ``Away``."""
        if monotonic() > self._fetched_at + KEPT_SECONDS:
            await self._fetch()
        try:
            return self._decoded(token)
        except InvalidKeyIdError:
            if not await self._fetch():
                raise
            return self._decoded(token)

    def _decoded(self, token: str) -> jwt.Token:
        if self._keys is None:
            raise Away
        return jwt.decode(token, self._keys, algorithms=ALGORITHMS)

    async def _fetch(self) -> bool:
        """Fetch the keys, unless that was tried just now; the old ones stay while it fails."""
        async with self._fetching:
            if self._keys is not None and monotonic() < self._tried_at + AT_MOST_EVERY_SECONDS:
                return False
            self._tried_at = monotonic()
            try:
                found = await self._party.get_json(await self._address())
                self._keys = KeySet.import_key_set(found)  # type: ignore[arg-type]
            except (Away, JoseError, KeyError, TypeError, ValueError):
                return False
            self._fetched_at = monotonic()
            return True
