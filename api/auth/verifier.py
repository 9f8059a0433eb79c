"""Says who a credential belongs to, mostly from memory.

The database is asked again after ``FRESH_SECONDS``: that is how long a credential that was revoked
elsewhere may still be taken. While the database is away, who was known stays known for
``GRACE_SECONDS``, so that the last good answers can be served; nobody new comes in.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Protocol

from api.auth import secrets
from api.auth.identity import Identity
from api.auth.secrets import Credential, Kind

FRESH_SECONDS = 5.0
GRACE_SECONDS = 3600.0
PATIENCE_SECONDS = 1.0  # with a database that does not answer, where an earlier verdict is at hand
LONGEST_WAIT_SECONDS = 10.0
RETRY_SECONDS = 5.0
MOST_KNOWN = 10_000
THREADS = 4

EXPIRED = "expired"


@dataclass(frozen=True)
class Verdict:
    """Who it is, or else in one word why nobody: ``unknown``, ``revoked``, ``expired``, ..."""

    identity: Identity | None
    refusal: str = ""

    def at(self, now: datetime) -> "Verdict":
        """The same verdict, unless it has run out."""
        until = self.identity.expires_at if self.identity else None
        return Verdict(None, EXPIRED) if until is not None and now >= until else self


class Away(Exception):
    """What has to be asked does not answer."""


Lookup = Callable[[str, datetime], Verdict]
"""From a secret to its verdict, in a thread. Raises ``Away``."""


class Judge(Protocol):
    """From a secret to its verdict. Raises ``Away``."""

    async def __call__(self, secret: str, now: datetime) -> Verdict: ...


@dataclass(frozen=True)
class _Known:
    verdict: Verdict
    asked_at: float
    fresh_until: float


class Verifier:
    """The verdicts of one process."""

    def __init__(self, judges: dict[Kind, Judge]) -> None:
        self._judges = judges
        self._known: dict[str, _Known] = {}
        self._refused: dict[str, _Known] = {}  # apart: strangers must not push others out
        self._asking: dict[str, asyncio.Task[Verdict | None]] = {}

    async def verdict(self, credential: Credential, now: datetime) -> Verdict:
        """Who a credential belongs to. Raises ``Away`` when that cannot be found out."""
        recalled = self.recall(credential, now)
        if recalled is not None:
            return recalled
        key = _key(credential)
        verdict = await self._ask(key, credential, now, self._from_memory(key))
        return verdict.at(now)

    def recall(self, credential: Credential, now: datetime) -> Verdict | None:
        """The same from memory alone; None when it has to be asked."""
        known = self._from_memory(_key(credential))
        fresh = known is not None and monotonic() < known.fresh_until
        return known.verdict.at(now) if known is not None and fresh else None

    def forget(self, credential: Credential) -> None:
        """Ask anew: the credential was revoked here."""
        self._drop(_key(credential))

    async def _ask(
        self, key: str, credential: Credential, now: datetime, known: _Known | None
    ) -> Verdict:
        task = self._asking.get(key)
        if task is None:
            task = asyncio.create_task(self._judged(key, credential, now))
            self._asking[key] = task
            task.add_done_callback(lambda _done: self._asking.pop(key, None))
        patience = PATIENCE_SECONDS if known else LONGEST_WAIT_SECONDS
        done, _waiting = await asyncio.wait({task}, timeout=patience)
        verdict = task.result() if done else None
        return verdict or self._from_before(key, known)

    async def _judged(self, key: str, credential: Credential, now: datetime) -> Verdict | None:
        started = monotonic()
        judge = self._judges.get(credential.kind)
        try:
            verdict = await judge(credential.secret, now) if judge else Verdict(None, "unknown")
        except Away:
            return None
        self._keep(key, _Known(verdict, started, started + FRESH_SECONDS))
        return verdict

    def _from_before(self, key: str, known: _Known | None) -> Verdict:
        if known is None or monotonic() > known.asked_at + GRACE_SECONDS:
            raise Away
        # Not every request has to find out again that nobody answers.
        self._keep(key, _Known(known.verdict, known.asked_at, monotonic() + RETRY_SECONDS))
        return known.verdict

    def _keep(self, key: str, known: _Known) -> None:
        self._drop(key)
        kept = self._refused if known.verdict.identity is None else self._known
        kept[key] = known
        if len(kept) > MOST_KNOWN:
            del kept[next(iter(kept))]

    def _from_memory(self, key: str) -> _Known | None:
        return self._known.get(key) or self._refused.get(key)

    def _drop(self, key: str) -> None:
        self._known.pop(key, None)
        self._refused.pop(key, None)


def _key(credential: Credential) -> str:
    return f"{credential.kind} {secrets.hashed(credential.secret)}"


class InThread:
    """A judge that asks the database, in a few threads of its own."""

    def __init__(self, lookup: Lookup, threads: ThreadPoolExecutor) -> None:
        self._lookup = lookup
        self._threads = threads

    async def __call__(self, secret: str, now: datetime) -> Verdict:
        """Ask, without keeping the event loop."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._lookup, secret, now)
