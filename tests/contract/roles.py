"""What each role sends along, and whom the table of permissions lets in."""

from datetime import timedelta
from typing import Any

import schemathesis
from schemathesis.core.transport import Response
from sqlalchemy.orm import Session

from api.app import utc_now
from api.auth import permissions, secrets, service
from api.auth.roles import DOMAINS, Role
from api.auth.service import NewToken
from api.storage.engine import for_writing, open_engine

Credentials = dict[str, dict[str, str]]

NOBODY = "none"
ROLES = [*Role, NOBODY]
EVERY_METRIC = frozenset().union(*(domain.metrics for domain in DOMAINS.values()))


def handed_out(database_url: str) -> Credentials:
    """A token for each role, and nothing for nobody."""
    engine, now = open_engine(database_url), utc_now()
    found: Credentials = {NOBODY: {}}
    with Session(for_writing(engine)) as session, session.begin():
        for role in Role:
            new = NewToken(role, f"the {role}", now + timedelta(days=1), secrets.new_token())
            service.create_token(session, now, "local", new)
            found[role] = {"Authorization": f"Bearer {new.secret}"}
    engine.dispose()
    return found


def check_role(role: Role | str, case: schemathesis.Case[Any], response: Response) -> None:
    """Nobody is let in whom the table does not let in, however the request is spelled.

    A head is let in to the metrics of the own department, and to no other, known or not.
    """
    access = permissions.TABLE.get((case.method.upper(), case.path))
    if role == NOBODY and not (access and access.is_public):
        assert response.status_code == 401
    elif access is None:
        assert response.status_code == 405
    elif not isinstance(role, Role):
        return
    elif role not in access.roles:
        assert response.status_code == 403
    elif access.metric_in is not None and role in DOMAINS:
        metric = str((case.path_parameters or {})[access.metric_in])
        if metric in EVERY_METRIC:
            assert (response.status_code != 403) == (metric in DOMAINS[role].metrics)
        else:
            assert response.status_code in {400, 403, 404}
