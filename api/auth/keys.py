"""The keys of who signs tokens, fetched from their address and kept; they may be exchanged."""

import logging
from collections.abc import Awaitable, Callable
from time import monotonic

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from api.auth.outgoing import OneAtATime, Party
from api.auth.verifier import Away

logger = logging.getLogger(__name__)

# Asymmetric ones only: a public key must never do as a shared secret.
ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA"),
)
KEPT_SECONDS = 600.0
AT_MOST_EVERY_SECONDS = 30.0
WITHOUT_KEYS_EVERY_SECONDS = 1.0  # strangers do not set the pace, and nobody waits much longer

Address = Callable[[], Awaitable[str]]


class Keys:
    """Key set at an address; ``address`` may have to be found out first."""

    def __init__(self, party: Party, address: Address) -> None:
        self._party = party
        self._address = address
        self._keys: KeySet | None = None
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        self._fetching = OneAtATime(self._fetch)

    async def decode(self, token: str) -> jwt.Token:
        """The token, its signature verified. Raises ``JoseError``, ``ValueError`` or ``Away``.

        It waits for keys only when those that it needs are not known; old ones do meanwhile.
        """
        if self._keys is None:
            await self._fetching.done()
        elif monotonic() > self._fetched_at + KEPT_SECONDS:
            self._fetching.start()
        try:
            return self._decoded(token)
        except InvalidKeyIdError:
            if not await self._fetching.done():
                raise
            return self._decoded(token)

    def _decoded(self, token: str) -> jwt.Token:
        if self._keys is None:
            raise Away
        try:
            return jwt.decode(token, self._keys, algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            raise
        except Exception as error:  # a stranger writes the header, and the library trusts its types
            logger.warning("a token cannot be read: %s", type(error).__name__)
            raise ValueError("token") from None

    async def _fetch(self) -> bool:
        """Fetch the keys, unless that was tried just now; the old ones stay while it fails."""
        pause = WITHOUT_KEYS_EVERY_SECONDS if self._keys is None else AT_MOST_EVERY_SECONDS
        if monotonic() < self._tried_at + pause:
            return False
        self._tried_at = monotonic()
        try:
            found = await self._party.get_json(await self._address())
            self._keys = KeySet.import_key_set(found)  # type: ignore[arg-type]  # whatever came is checked there
        except (Away, JoseError, AttributeError, KeyError, TypeError, ValueError):
            return False
        self._fetched_at = monotonic()
        return True
