"""The session as the pages see it."""

from typing import Annotated

from pydantic import StringConstraints

from api.schema import RequestModel, ResponseModel


class Person(ResponseModel):
    """Who is signed in, and which pages are theirs."""

    name: str
    roles: list[str]
    pages: list[str]


class SignIn(ResponseModel):
    """How one can sign in. ``away``: the provider did not answer lately."""

    provider: bool
    away: bool


class SessionState(ResponseModel):
    """Body of ``GET /api/session``. Without accounts there is nobody to sign in."""

    accounts: bool
    person: Person | None
    sign_in: SignIn


class SignInByToken(RequestModel):
    """Body of ``POST /api/session/sign-in``."""

    token: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class SignedOut(ResponseModel):
    """Body of ``POST /api/session/sign-out``: where the provider's own session can be ended."""

    provider_sign_out: str | None
