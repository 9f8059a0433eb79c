"""Whatever is asked, the answer is one that the document describes."""

import os
from datetime import UTC, date, datetime, timedelta
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import CheckFunction
from schemathesis.schemas import BaseSchema as Schema
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from tests.contract.service import SERVICE, SERVICE_ON_POSTGRESQL
from tests.fuzz.tally import trying

Case = schemathesis.Case[Any]

# A batch of more events than allowed is "too large", which schemathesis does not expect by itself.
REFUSALS = ["400", "404", "405", "409", "413", "415", "429"]
CONFIG = schemathesis.Config.from_dict(
    {"checks": {"negative_data_rejection": {"expected-statuses": REFUSALS}}}
)

EXAMPLES = os.environ.get("FUZZ_EXAMPLES")


def _schema_of(app: object) -> Schema:
    made = schemathesis.openapi.from_dict(SERVICE.openapi(), config=CONFIG)
    made.app = app  # started by the first request, when its database is there
    return made


schema, on_postgresql = _schema_of(SERVICE), _schema_of(SERVICE_ON_POSTGRESQL)


def _tries(few: int, *, has_each_constraint: bool) -> settings:
    """So many of each operation, and every constraint of the document one by one."""
    return settings(
        max_examples=int(EXAMPLES or few),
        deadline=timedelta(seconds=20),
        derandomize=EXAMPLES is None,
        phases=[*Phase] if EXAMPLES or has_each_constraint else [Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )


EARLIEST = date(1900, 1, 1)
FILTERS = ("region", "segment", "product", "customer", "type", "service", "stage", "deal")
OF_SOME_KPIS = frozenset(("by", "drivers_by", "within", "then", "sort", *FILTERS))


@schema.parametrize()
@_tries(40, has_each_constraint=True)
def test_every_answer_is_as_documented(case: Case) -> None:
    with trying("requests of their own"):
        check(case)


@on_postgresql.parametrize()
@_tries(8, has_each_constraint=False)
def test_every_answer_is_as_documented_on_postgresql(case: Case, filled_postgresql: str) -> None:
    with trying("requests of their own, on PostgreSQL"):
        check(case)


def check(case: Case) -> None:
    unfair: list[CheckFunction] = []
    if _depends_on_more_than_its_shape(case):
        unfair.append(positive_data_acceptance)
    answer = case.call()
    if _names_what_it_refused(case, answer):
        unfair.append(negative_data_rejection)
    case.validate_response(answer, excluded_checks=unfair)


def _names_what_it_refused(case: Case, answer: schemathesis.Response) -> bool:
    """Whether a batch was taken but for those of its events that were wrong."""
    return (
        case.path == "/api/events" and answer.status_code == 200 and bool(answer.json()["rejected"])
    )


def _depends_on_more_than_its_shape(case: Case) -> bool:
    """Whether a request may be refused for what JSON Schema cannot say.

    That is the day, the CSV within, or what the KPI asked for cannot be split, filtered or its rows
    be sorted by.
    """
    if case.path == "/api/imports/{kind}":
        return True
    if "{key}" in case.path and not OF_SOME_KPIS.isdisjoint(case.query or {}):
        return True
    if case.path in {"/api/events", "/api/alerts/{alert_id}/snooze"}:
        return _holds_an_instant(case.body)
    return "as_of" in (case.query or {}) and not _is_in_history(str(case.query["as_of"]))


def _holds_an_instant(body: object) -> bool:
    if isinstance(body, dict):
        return any(name in body for name in ("event_time", "sent_at", "until")) or any(
            _holds_an_instant(part) for part in body.values()
        )
    return isinstance(body, list) and any(_holds_an_instant(part) for part in body)


def _is_in_history(text: str) -> bool:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return True  # it is for the document to say that this is no date
    return EARLIEST <= day <= datetime.now(UTC).date()
