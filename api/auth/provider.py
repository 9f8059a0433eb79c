"""The OpenID provider: where it sends people, and who it says came back (code flow, PKCE)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any
from urllib.parse import urlencode

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc.errors import JoseError

from api.auth.claims import Roles, identity
from api.auth.identity import Identity
from api.auth.keys import Keys
from api.auth.outgoing import CALL_SECONDS, OneAtATime, Party, authorities
from api.auth.verifier import Away

DISCOVERY = "/.well-known/openid-configuration"
SCOPE = "openid profile email"
KEPT_SECONDS = 3600.0
KEPT_FOR_STRANGERS_SECONDS = 1.0  # so that they cannot make this service call at their pace
LEEWAY_SECONDS = 10


class NotProven(Exception):
    """The provider, or somebody in its name, did not prove who came back."""


@dataclass(frozen=True)
class Flow:
    """What one sign-in was begun with; it stays in the browser's own cookie until the end."""

    state: str
    nonce: str
    code_verifier: str
    wanted: str


@dataclass(frozen=True)
class Client:
    """How the provider knows this service. ``secret`` is None for a public client."""

    issuer: str
    client_id: str
    secret: str | None
    public_url: str
    callback: str


class Provider:
    """One OpenID provider."""

    def __init__(self, client: Client, roles: Roles) -> None:
        self._client = client
        self._roles = roles
        self._party = Party("the OpenID provider")
        self._keys = Keys(self._party, self._keys_address)
        self._known: dict[str, Any] | None = None
        self._known_at = float("-inf")
        self._discovering = OneAtATime(self._discover)

    @property
    def is_away(self) -> bool:
        """Whether it did not answer when it was last asked."""
        return self._party.is_away

    async def authorization_url(self, flow: Flow) -> str:
        """Where the browser goes to sign in. Raises ``Away``: nobody is sent to a dead address."""
        endpoint = await self._address("authorization_endpoint", KEPT_FOR_STRANGERS_SECONDS)
        async with self._oauth() as oauth:
            url, _state = oauth.create_authorization_url(
                endpoint, flow.state, flow.code_verifier, nonce=flow.nonce
            )
        return str(url)

    async def person(self, code: str, flow: Flow, now: datetime) -> Identity:
        """Who came back with a code. Raises ``NotProven`` or ``Away``."""
        endpoint = await self._address("token_endpoint")

        async def exchange() -> Mapping[str, Any]:
            async with self._oauth() as oauth:
                tokens: Mapping[str, Any] = await oauth.fetch_token(
                    endpoint, code=code, code_verifier=flow.code_verifier
                )
                return tokens

        try:
            tokens = await self._party.call(exchange)
            token = await self._keys.decode(str(tokens["id_token"]))
            claims = self._claims(token.claims, token.header, tokens, flow)
            claims.validate(int(now.timestamp()), LEEWAY_SECONDS)
            return identity(claims, self._roles)
        except (AuthlibBaseError, JoseError, KeyError, TypeError, ValueError) as error:
            raise NotProven(type(error).__name__) from None

    def is_issuer(self, issuer: str) -> bool:
        """Whether an answer says that it is this provider's (RFC 9207)."""
        return issuer == self._client.issuer

    def sign_out_url(self) -> str | None:
        """Where a person can end the session with the provider, too; None when there is none."""
        endpoint = (self._known or {}).get("end_session_endpoint")
        if not isinstance(endpoint, str):
            return None
        query = {
            "client_id": self._client.client_id,
            "post_logout_redirect_uri": f"{self._client.public_url}/sign-in",
        }
        return f"{endpoint}?{urlencode(query)}"

    def _claims(
        self, claims: Any, header: Any, tokens: Mapping[str, Any], flow: Flow
    ) -> CodeIDToken:
        must = {
            "iss": {"essential": True, "value": self._client.issuer},
            "aud": {"essential": True, "value": self._client.client_id},
        }
        params = {
            "nonce": flow.nonce,
            "client_id": self._client.client_id,
            "access_token": tokens.get("access_token"),
        }
        return CodeIDToken(claims, header, must, params)

    def _oauth(self) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            client_id=self._client.client_id,
            client_secret=self._client.secret,
            token_endpoint_auth_method="client_secret_basic" if self._client.secret else "none",
            scope=SCOPE,
            redirect_uri=self._client.public_url + self._client.callback,
            code_challenge_method="S256",
            verify=authorities(),
            timeout=CALL_SECONDS,
        )

    async def _keys_address(self) -> str:
        return await self._address("jwks_uri")

    async def _address(self, name: str, kept_seconds: float = KEPT_SECONDS) -> str:
        known = self._known
        if known is None or monotonic() > self._known_at + kept_seconds:
            known = await self._discovering.done()
        address = known and known.get(name)
        if not isinstance(address, str):
            raise Away
        return address

    async def _discover(self) -> dict[str, Any] | None:
        try:
            found = await self._party.get_json(self._client.issuer.rstrip("/") + DISCOVERY)
        except Away:
            return None
        if found.get("issuer") != self._client.issuer:
            return None  # somebody else answers at this address
        self._known, self._known_at = found, monotonic()
        return found
