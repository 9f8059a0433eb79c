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
from schemathesis.schemas import BaseSchema as Schema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.auth import permissions
from api.auth.roles import Role
from api.links import LINKS
from tests.contract.roles import EVERY_METRIC, ROLES, Credentials, check_role
from tests.contract.service import GUARDED, GUARDED_ON_POSTGRESQL
from tests.fuzz.tally import trying

Case = schemathesis.Case[Any]

CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = os.environ.get("FUZZ_EXAMPLES")
ROUNDS = 1 if EXAMPLES is None else max(1, int(EXAMPLES) // 100)
SLOWEST_SECONDS = 20.0

METRICS = sorted(EVERY_METRIC)
# Whole files of all rows would be most of the time, and are asked for along the links.
WITH_A_METRIC = {
    path
    for (_method, path), access in permissions.TABLE.items()
    if access.metric_in and not path.endswith((".csv", ".xlsx"))
}


def _schema_of(app: object) -> Schema:
    made = schemathesis.openapi.from_dict(GUARDED.openapi())
    made.app = app
    return made


schema, on_postgresql = _schema_of(GUARDED), _schema_of(GUARDED_ON_POSTGRESQL)
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


@pytest.mark.parametrize("role", ROLES)
def test_whoever_follows_the_links_is_answered_as_documented(
    role: Role | str, credentials: Credentials
) -> None:
    follow_links(schema, role, credentials[role], "requests along links")


@pytest.mark.parametrize("role", ROLES if EXAMPLES else [Role.ADMIN])
def test_whoever_follows_the_links_is_answered_as_documented_on_postgresql(
    role: Role | str, credentials_on_postgresql: Credentials
) -> None:
    what = "requests along links, on PostgreSQL"
    follow_links(on_postgresql, role, credentials_on_postgresql[role], what)


def follow_links(asked: Schema, role: Role | str, headers: dict[str, str], what: str) -> None:
    failures: list[BaseException] = []

    class Workflow(asked.as_state_machine()):  # type: ignore[misc]  # it is made at run time
        def get_call_kwargs(self, case: Case) -> dict[str, Any]:
            return {"headers": headers}

        def call(self, case: Case, **kwargs: Any) -> Response:
            with trying(f"{what}, as {role}"):
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
    ask_alone(case, credentials, "requests of their own")


@on_postgresql.parametrize()
@alone
def test_whoever_asks_anything_is_answered_as_documented_on_postgresql(
    case: Case, credentials_on_postgresql: Credentials
) -> None:
    ask_alone(case, credentials_on_postgresql, "requests of their own, on PostgreSQL")


def ask_alone(case: Case, credentials: Credentials, what: str) -> None:
    asked = repr((case.path_parameters, case.query, case.headers, case.body))
    number = crc32(asked.encode("utf-8", "backslashreplace"))
    role = ROLES[number % len(ROLES)]  # in turns
    if case.path in WITH_A_METRIC and number // len(ROLES) % 2:
        case.path_parameters["key"] = METRICS[number % len(METRICS)]  # chance finds none of them
    with trying(f"{what}, as {role}"):
        response = case.call(headers=credentials[role], timeout=SLOWEST_SECONDS)
    check(role, case, response, {"headers": credentials[role]})


def check(role: Role | str, case: Case, response: Response, sent: dict[str, Any]) -> None:
    """No surprise; and nobody is let in whom the table does not let in."""
    assert response.elapsed < SLOWEST_SECONDS
    case.validate_response(response, checks=CHECKS, transport_kwargs=sent)
    check_role(role, case, response)


def test_links_lead_from_and_to_every_operation() -> None:
    names = {
        operation["operationId"]
        for methods in GUARDED.openapi()["paths"].values()
        for operation in methods.values()
    }
    assert names == {*LINKS, *(name for following in LINKS.values() for name in following)}
