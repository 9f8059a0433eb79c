"""Whatever is asked, the answer is one that the document describes."""

import os
from datetime import UTC, date, datetime, timedelta
from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import CheckFunction
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from tests.contract.service import SERVICE
from tests.fuzz.tally import trying

Case = schemathesis.Case[Any]

# A batch of more events than allowed is "too large", which schemathesis does not expect by itself.
REFUSALS = ["400", "404", "405", "409", "413", "415", "429"]
CONFIG = schemathesis.Config.from_dict(
    {"checks": {"negative_data_rejection": {"expected-statuses": REFUSALS}}}
)

schema = schemathesis.openapi.from_dict(SERVICE.openapi(), config=CONFIG)
schema.app = SERVICE  # started by the first request, when its database is there

EARLIEST = date(1900, 1, 1)
FILTERS = ("region", "segment", "product", "customer", "type", "service", "stage", "deal")
OF_SOME_KPIS = frozenset(("by", "drivers_by", "within", "then", "sort", *FILTERS))


@schema.parametrize()
@settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "40")),
    deadline=timedelta(seconds=20),
    derandomize="FUZZ_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
def test_every_answer_is_as_documented(case: Case) -> None:
    unfair: list[CheckFunction] = []
    if _depends_on_more_than_its_shape(case):
        unfair.append(positive_data_acceptance)
    with trying("requests of their own"):
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
