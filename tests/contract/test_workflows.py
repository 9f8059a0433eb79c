"""One request after another, along the document's links and as each role: no answer is a surprise.

An answer's values are the next request's. Whoever asks, no answer is an error of the service's own,
and each is one that the document describes.
"""

import os
from contextlib import suppress
from datetime import timedelta
from typing import Any
from zlib import crc32

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import FlakyStrategyDefinition
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy.orm import Session

from api.app import utc_now
from api.auth import permissions, secrets, service
from api.auth.roles import Role
from api.auth.service import NewToken
from api.links import LINKS
from api.storage.engine import for_writing, open_engine
from tests.contract.service import GUARDED, SETTINGS
from tests.fuzz.tally import trying

Case = schemathesis.Case[Any]
Credentials = dict[str, dict[str, str]]

CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
NOBODY = "none"
ROLES = [*Role, NOBODY]
EXAMPLES = os.environ.get("FUZZ_EXAMPLES")
ROUNDS = 1 if EXAMPLES is None else max(1, int(EXAMPLES) // 100)
SLOWEST_SECONDS = 20.0

schema = schemathesis.openapi.from_dict(GUARDED.openapi())
schema.app = GUARDED
workflow = settings(
    max_examples=2 if EXAMPLES is None else 10,
    stateful_step_count=12,
    deadline=None,
    derandomize=EXAMPLES is None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[*HealthCheck],
)
alone = settings(
    max_examples=4 if EXAMPLES is None else max(1, int(EXAMPLES) // 4),
    # Every constraint of the document, one by one, is tried by test_conformance.py, and here at
    # length only.
    phases=[Phase.generate] if EXAMPLES is None else [Phase.explicit, Phase.generate],
    deadline=timedelta(seconds=SLOWEST_SECONDS),
    derandomize=EXAMPLES is None,
    database=None,
    suppress_health_check=[*HealthCheck],
)


@pytest.fixture(scope="session")
def credentials(_filled_database: None) -> Credentials:
    """What each role sends along."""
    engine, now = open_engine(SETTINGS.database_url), utc_now()
    found: Credentials = {NOBODY: {}}
    with Session(for_writing(engine)) as session, session.begin():
        for role in Role:
            new = NewToken(role, f"the {role}", now + timedelta(days=1), secrets.new_token())
            service.create_token(session, now, "local", new)
            found[role] = {"Authorization": f"Bearer {new.secret}"}
    engine.dispose()
    return found


@pytest.mark.parametrize("role", ROLES)
def test_whoever_follows_the_links_is_answered_as_documented(
    role: Role | str, credentials: Credentials
) -> None:
    failures: list[BaseException] = []

    class Workflow(schema.as_state_machine()):  # type: ignore[misc]  # it is made at run time
        def get_call_kwargs(self, case: Case) -> dict[str, Any]:
            return {"headers": credentials[role]}

        def call(self, case: Case, **kwargs: Any) -> Response:
            with trying(f"requests along links as {role}"):
                response: Response = super().call(case, **kwargs)
            return response

        def validate_response(self, response: Response, case: Case, *_: Any, **kwargs: Any) -> None:
            try:
                check(role, case, response, kwargs)
            except BaseException as failure:
                failures.append(failure)
                raise

    for _ in range(ROUNDS):
        # Which links there are depends on what the service holds by then: an attempt of Hypothesis
        # to do the same once more may fail for that. What an answer had wrong is kept, though.
        with suppress(FlakyStrategyDefinition):
            Workflow.run(settings=workflow)
        assert failures == []


@schema.parametrize()
@alone
def test_whoever_asks_anything_is_answered_as_documented(
    case: Case, credentials: Credentials
) -> None:
    asked = repr((case.path_parameters, case.query, case.headers, case.body))
    role = ROLES[crc32(asked.encode("utf-8", "backslashreplace")) % len(ROLES)]  # in turns
    with trying(f"requests of their own as {role}"):
        response = case.call(headers=credentials[role])
    check(role, case, response, {"headers": credentials[role]})


def check(role: Role | str, case: Case, response: Response, sent: dict[str, Any]) -> None:
    """No surprise; and nobody is let in whom the table does not let in."""
    assert response.elapsed < SLOWEST_SECONDS
    case.validate_response(response, checks=CHECKS, transport_kwargs=sent)
    check_role(role, case, response)


def check_role(role: Role | str, case: Case, response: Response) -> None:
    """Nobody is let in whom the table does not let in, however the request is spelled."""
    rule = permissions.TABLE.get((case.method.upper(), case.path))
    if role == NOBODY and not (rule and rule.is_public):
        assert response.status_code == 401
    elif rule is None:
        assert response.status_code == 405
    elif role != NOBODY and role not in rule.roles:
        assert response.status_code == 403


def test_links_lead_from_and_to_every_operation() -> None:
    names = {
        operation["operationId"]
        for methods in GUARDED.openapi()["paths"].values()
        for operation in methods.values()
    }
    assert names == {*LINKS, *(name for following in LINKS.values() for name in following)}
