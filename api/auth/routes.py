"""``/api/session``: who is signed in, signing in by a token, signing out."""

from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool

from api.auth import sign_in
from api.auth.accounts import Accounts
from api.auth.identity import LOCAL, OF_TOKENS, identity_of
from api.auth.permissions import PEOPLE
from api.auth.schemas import Person, SessionState, SignedOut, SignIn, SignInByToken
from api.auth.secrets import Credential
from api.body_limit import StrangersRoute
from api.errors import Forbidden, NotFound, Unauthorized
from api.pages import PageRoute

router = APIRouter(prefix="/api/session", tags=["operations"], route_class=StrangersRoute)


async def _accounts(request: Request) -> Accounts:
    accounts: Accounts = request.app.state.accounts
    return accounts


Here = Annotated[Accounts, Depends(_accounts)]


def install(app: FastAPI) -> None:
    """Add the API's routes, and those that browsers take to the provider and back."""
    app.include_router(router)
    app.router.routes += [
        PageRoute(sign_in.START, sign_in.start),
        PageRoute(sign_in.CALLBACK, sign_in.callback),
    ]


@router.get("")
async def get_session(request: Request, accounts: Here) -> SessionState:
    """Say who is signed in, and how one can."""
    viewer, provider = identity_of(request.scope), accounts.provider
    is_known = accounts.are_on and viewer is not LOCAL
    person = Person(name=viewer.name, roles=sorted(viewer.roles), pages=accounts.pages_of(viewer))
    return SessionState(
        accounts=accounts.are_on,
        person=person if is_known else None,
        sign_in=SignIn(provider=provider is not None, away=bool(provider and provider.is_away)),
    )


@router.post("/sign-in")
async def sign_in_by_token(
    request: Request, response: Response, accounts: Here, body: SignInByToken
) -> SessionState:
    """Begin a session with a person's API token, for when there is no provider, or it is away."""
    if accounts.verifier is None:
        raise NotFound("There are no accounts here.")
    verdict = await accounts.verifier.verdict(Credential("token", body.token), accounts.clock())
    if verdict.identity is None:
        await accounts.refuse_sign_in("token", f"the token is {verdict.refusal}")
        raise Unauthorized("This token lets nobody in.")
    if not verdict.identity.roles & PEOPLE:
        await accounts.refuse_sign_in("token", "the token is a program's")
        raise Forbidden("This token is a program's, not a person's.")
    before = request.cookies.get(accounts.cookies.session)
    async with request.app.state.admission:
        await run_in_threadpool(accounts.begin_session, response, verdict.identity, "token", before)
    accounts.count_sign_in("token", "good")
    request.scope["identity"] = verdict.identity
    return await get_session(request, accounts)


@router.post("/sign-out")
async def sign_out(request: Request, response: Response, accounts: Here) -> SignedOut:
    """End the session: its cookie is worth nothing from now on."""
    secret = request.cookies.get(accounts.cookies.session)
    if secret is not None and accounts.are_on:
        async with request.app.state.admission:
            await run_in_threadpool(accounts.end_session, identity_of(request.scope), secret)
    accounts.cookies.end_session(response)
    by_token = identity_of(request.scope).subject.startswith(OF_TOKENS)
    provider = None if by_token else accounts.provider
    return SignedOut(provider_sign_out=provider.sign_out_url() if provider else None)
