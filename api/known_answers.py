"""Answers that were given before, for whoever asks the same: no route and no database is asked.

The question is the request's own bytes and the roles of who asks, so nothing has to be understood
to know the answer again. It holds while the data's version does, and until the day ends, for many
questions mean "until yesterday".
"""

from collections.abc import Callable
from datetime import datetime
from threading import Lock

from fastapi import Response
from starlette.datastructures import State
from starlette.types import ASGIApp, Scope

from api import calendar
from api.answers import Reusable
from api.auth.accounts import Accounts
from api.auth.identity import identity_of
from api.auth.roles import Role
from api.data_version import DataVersion
from api.etags import known_to

MOST_BYTES = 16 << 20

Question = tuple[str, bytes, frozenset[Role]]


class KnownAnswers:
    """Those of one process, up to ``MOST_BYTES``."""

    def __init__(self, data: DataVersion, clock: Callable[[], datetime], timezone: str) -> None:
        self._data = data
        self._clock = clock
        self._timezone = timezone
        self._known: dict[Question, tuple[Reusable, datetime]] = {}
        self._bytes = 0
        self._changing = Lock()

    def give(
        self, scope: Scope, now: datetime, if_none_match: str | None, answer: Reusable
    ) -> Response:
        """Answer a request of ``now``, and know the answer to the same one until its day ends."""
        until = calendar.next_midnight(now, self._timezone)
        if answer.until is not None:
            until = min(until, answer.until)
        with self._changing:
            if self._bytes + len(answer.body) > MOST_BYTES:
                self._known, self._bytes = {}, 0
            replaced = self._known.get(_question(scope))
            self._known[_question(scope)] = (answer, until)
            self._bytes += len(answer.body) - (len(replaced[0].body) if replaced else 0)
        return answer.to(if_none_match)

    def find(self, scope: Scope) -> Reusable | None:
        """The answer to a request, if it is known to hold now."""
        answer, until = self._known.get(_question(scope), (None, None))
        version = self._data.trusted()
        if answer is None or until is None or version is None:
            return None
        return answer if answer.version == version and self._clock() < until else None


def ready(state: State, scope: Scope) -> ASGIApp | None:
    """The answer to a request, if it is known before any route is looked for.

    Nothing that a route depends on runs then, the gate neither: whoever it does not know by now
    goes that way.
    """
    accounts: Accounts = state.accounts
    known: KnownAnswers = state.known_answers
    if not accounts.doorkeeper.knows(scope):
        return None
    answer = known.find(scope)
    return None if answer is None else answer.to(known_to(scope))


def _question(scope: Scope) -> Question:
    return scope["path"], scope["query_string"], identity_of(scope).roles
