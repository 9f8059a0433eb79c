"""Bearer JWTs of a gateway, verified by its key set."""

from datetime import datetime

from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError, MissingClaimError
from joserfc.jwt import JWTClaimsRegistry

from api.auth.claims import Roles, identity
from api.auth.keys import Keys
from api.auth.outgoing import Party
from api.auth.verifier import Verdict

LEEWAY_SECONDS = 10
REFUSALS = {"iss": "issuer", "aud": "audience"}


class GatewayJudge:
    """From a JWT to who it names: signature, issuer, audience and time must all be right."""

    def __init__(self, issuer: str, audience: str, keys_url: str, roles: Roles) -> None:
        async def address() -> str:
            return keys_url

        self._issuer = issuer
        self._audience = audience
        self._keys = Keys(Party("the gateway's key set"), address)
        self._roles = roles

    async def __call__(self, secret: str, now: datetime) -> Verdict:
        """Judge one token. Raises ``Away`` while no keys could be had."""
        try:
            token = await self._keys.decode(secret)
        except (JoseError, ValueError):
            return Verdict(None, "signature")
        try:
            self._registry(now).validate(token.claims)
            return Verdict(identity(token.claims, self._roles))
        except ExpiredTokenError:
            return Verdict(None, "expired")
        except (InvalidClaimError, MissingClaimError) as error:
            return Verdict(None, REFUSALS.get(error.claim, "claims"))
        except ValueError:
            return Verdict(None, "claims")

    def _registry(self, now: datetime) -> JWTClaimsRegistry:
        return JWTClaimsRegistry(
            int(now.timestamp()),
            LEEWAY_SECONDS,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._audience},
            sub={"essential": True},
            exp={"essential": True},
        )
