"""Who may come in, put together from the settings; without accounts everybody on this machine."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import BaseRoute

from api.audit import service as audit
from api.auth import permissions, secrets, service
from api.auth.claims import Roles
from api.auth.cookies import Cookies
from api.auth.gate import Doorkeeper
from api.auth.gateway import GatewayJudge
from api.auth.identity import Identity
from api.auth.permissions import PAGES
from api.auth.provider import Client, Provider
from api.auth.refusals import RefusedSignIns
from api.auth.secrets import Credential
from api.auth.verifier import THREADS, InThread, Judge, Verifier
from api.settings import Settings
from api.storage.engine import for_writing
from telemetry.metrics import Metrics

logger = logging.getLogger(__name__)

CALLBACK = "/sign-in/callback"
NOBODY = "nobody"  # who was refused is not known, and is not written down


class Accounts:
    """The accounts of one service."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime], metrics: Metrics) -> None:
        self.clock = clock
        self.cookies = Cookies(settings)
        self.count_sign_in = metrics.count_sign_in
        self.provider = _provider(settings)
        self._refused = RefusedSignIns()
        self._hours = settings.session_hours
        self._engine: Engine | None = None
        self._judges: dict[secrets.Kind, Judge] = {}
        if settings.jwt_issuer and settings.jwt_audience and settings.jwt_keys_url:
            self._judges["jwt"] = GatewayJudge(
                settings.jwt_issuer, settings.jwt_audience, settings.jwt_keys_url, _roles(settings)
            )
        self.verifier = Verifier(self._judges) if settings.accounts else None
        cookie = settings.session_cookie.encode()
        self.doorkeeper = Doorkeeper(self.verifier, cookie, clock, metrics.count_refusal)

    @property
    def are_on(self) -> bool:
        """Whether anybody has to show who they are."""
        return self.verifier is not None

    def use(self, engine: Engine) -> None:
        """Look tokens and sessions up there."""
        self._engine = engine
        threads = ThreadPoolExecutor(THREADS, thread_name_prefix="accounts")
        self._judges["token"] = InThread(partial(service.judge_token, engine), threads)
        self._judges["session"] = InThread(partial(service.judge_session, engine), threads)

    def begin_session(
        self, response: Response, person: Identity, method: str, before: str | None
    ) -> None:
        """Give a person a session of their own; the one that the browser came with ends."""
        now = self.clock()
        with self._writing() as session, session.begin():
            if before is not None:
                service.end_session(session, now, person, before)
            secret, until = service.begin_session(session, now, person, self._hours, method)
        self._forget(before)
        self.cookies.begin_session(response, secret, int((until - now).total_seconds()))

    async def refuse_sign_in(self, method: str, reason: str) -> None:
        """Count it, and tell the audit trail, which matters less than the answer."""
        self.count_sign_in(method, "refused")
        told = self._refused.to_tell(method, reason)
        if told is not None:
            await run_in_threadpool(self._tell_of_refusal, f"by {method}", told)

    def _tell_of_refusal(self, about: str, told: str) -> None:
        try:
            with self._writing() as session, session.begin():
                audit.record(session, self.clock(), NOBODY, "sign_in_refused", about, told)
        except SQLAlchemyError as error:
            logger.warning("a refused sign-in is not in the trail: %s", type(error).__name__)

    def end_session(self, person: Identity, secret: str) -> None:
        """Sign a person out, at once here and within seconds in other processes."""
        with self._writing() as session, session.begin():
            service.end_session(session, self.clock(), person, secret)
        self._forget(secret)

    def pages_of(self, person: Identity) -> list[str]:
        """The pages that a person may open."""
        rules = ((page, permissions.find("GET", page)) for page in PAGES)
        return [page for page, rule in rules if rule is not None and person.may(rule)]

    def home(self, person: Identity, wanted: str) -> str:
        """Where a person goes after signing in: where they wanted to, or to a page of theirs."""
        pages = self.pages_of(person)
        return pages[0] if wanted == "/" and pages else wanted

    def refuse_routes_without_rule(self, routes: Sequence[BaseRoute]) -> None:
        """A route that the table does not know is a mistake of ours: the service does not start."""
        if missing := permissions.operations(routes) - {*permissions.TABLE}:
            names = ", ".join(sorted(" ".join(operation) for operation in missing))
            raise RuntimeError(f"api/auth/permissions.py has no rule for: {names}")

    def _writing(self) -> Session:
        assert self._engine is not None, "accounts are used before the service has started"
        return Session(for_writing(self._engine))

    def _forget(self, secret: str | None) -> None:
        if secret is not None and self.verifier is not None:
            self.verifier.forget(Credential("session", secret))


def _roles(settings: Settings) -> Roles:
    return Roles(settings.roles_claim, settings.role_mapping)


def _provider(settings: Settings) -> Provider | None:
    if not (settings.oidc_issuer and settings.oidc_client_id and settings.public_url):
        return None
    file = settings.oidc_client_secret_file
    secret = file.read_text(encoding="utf-8").strip() if file else None
    client = Client(
        settings.oidc_issuer, settings.oidc_client_id, secret, settings.public_url, CALLBACK
    )
    return Provider(client, _roles(settings))
