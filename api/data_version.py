"""The data's version as far as one process knows it without asking the database.

It is trusted for ``CHECK_SECONDS`` after it was last checked. While somebody asks now and then it
is checked again before that time is over, so that requests need not.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread
from time import monotonic

from opentelemetry.instrumentation.utils import suppress_instrumentation
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from api.storage import versions

CHECK_SECONDS = 1.0
AHEAD_SECONDS = 0.8  # before the last check is too old, with some time for the next one
AUDIENCE_SECONDS = 600.0  # an open dashboard asks every two minutes


class DataVersion:
    """What is known of it in this process."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._changing = Lock()
        self._version: int | None = None
        self._checked_at = math.nan
        self._changed_at = -math.inf  # by this process
        self._trusted_until = 0.0
        self._asked_for_at = -math.inf

    def trusted(self) -> int | None:
        """The version, if it was checked just now; somebody wants to know it, too."""
        now = self._asked_for_at = monotonic()
        return self._version if now < self._trusted_until else None

    def age_seconds(self) -> float:
        """How long ago it was checked; not a number before the first time."""
        return monotonic() - self._checked_at

    def follow(self, version: int, asked_at: float) -> None:
        """Trust a version for a while; the database was asked for it at ``asked_at``."""
        with self._changing:
            if asked_at < self._checked_at or asked_at < self._changed_at:
                return  # somebody who asked later was faster, or it may be from before a change
            self._version = version
            self._checked_at = asked_at
            self._trusted_until = asked_at + CHECK_SECONDS

    def distrust(self) -> None:
        """Ask again: this process has changed the data, and its own readers are to see that."""
        with self._changing:
            self._changed_at = monotonic()
            self._trusted_until = 0.0

    @contextmanager
    def checked_ahead(self) -> Iterator[None]:
        """While this lasts, the version is checked before a request has to."""
        ended = Event()
        Thread(target=self._check_ahead, args=(ended,), daemon=True, name="data-version").start()
        try:
            yield
        finally:
            ended.set()

    def _check_ahead(self, ended: Event) -> None:
        while not ended.wait(AHEAD_SECONDS):
            asked_at = monotonic()
            if asked_at - self._asked_for_at > AUDIENCE_SECONDS:
                continue
            try:
                with suppress_instrumentation(), Session(self._engine) as session:
                    version = versions.current(session)
            except SQLAlchemyError:
                continue  # the next request finds out, and what it is answered says so
            self.follow(version, asked_at)
