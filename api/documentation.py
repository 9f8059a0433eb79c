"""The OpenAPI document: what the framework writes, and what it cannot know.

Errors are the same everywhere, so each route names only its own; what any route may answer with
is added here, and the framework's own validation answer, which is never sent, is taken out.
"""

from functools import cache
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from api import examples
from api.links import LINKS

DESCRIPTION = """\
Ten KPIs, why they moved, what to do, and how fast people get to see it.

Fields are JSON, instants are UTC (ISO 8601 with `Z`), money is in the reporting currency, rates are
0 to 1. What cannot be computed is `null` with a reason, never 0. Errors are problem documents
(RFC 9457) with the id of the request's trace.
"""
CONTACT = {"name": "Executive Dashboard maintainers"}
LICENSE = {"name": "Apache 2.0", "identifier": "Apache-2.0"}
SERVERS = [{"url": "/", "description": "The service that serves this document."}]
TAGS = [
    {"name": "executive", "description": "The first screen: KPIs, trend, alerts, risks."},
    {"name": "drilldowns", "description": "One KPI in depth, down to the rows behind it."},
    {"name": "drivers", "description": "What contributed to a change."},
    {"name": "alerts", "description": "What needs attention, and what people do about it."},
    {"name": "exports", "description": "Numbers for spreadsheets."},
    {"name": "imports", "description": "Data in, for ETL jobs."},
    {"name": "events", "description": "What browsers measured."},
    {"name": "reliability", "description": "Objectives: good events, budgets, verdicts."},
    {"name": "operations", "description": "For whoever runs the service."},
]
PROBLEM = {
    "title": "Problem",
    "description": "An error, as RFC 9457 has it.",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "Always about:blank: the status says it all."},
        "title": {"type": "string", "description": "The status in words."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong, and what is allowed."},
        "trace_id": {"type": "string", "description": "Leads to the request's trace and logs."},
    },
    "examples": [
        {
            "type": "about:blank",
            "title": "Not Found",
            "status": 404,
            "detail": "There is no alert 77.",
            "trace_id": "0af7651916cd43dd8448eb211c80319c",
        }
    ],
}
PROBLEM_CONTENT = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}

Json = dict[str, Any]


def operation_id(route: APIRoute) -> str:
    """The handler's name as clients' code has it: ``list_alerts`` is ``listAlerts``."""
    first, *others = route.name.split("_")
    return first + "".join(word.capitalize() for word in others)


def install(app: FastAPI) -> None:
    """Let ``app`` answer with the finished document."""
    unfinished = app.openapi

    @cache
    def openapi() -> Json:
        return _finished(unfinished())

    app.openapi = openapi  # type: ignore[method-assign]  # the framework's documented way


def _finished(document: Json) -> Json:
    for path, operations in document["paths"].items():
        for operation in operations.values():
            _complete(path, operation)
    schemas = document["components"]["schemas"]
    _describe_items(schemas)
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = PROBLEM
    return document


def _describe_items(node: object) -> None:
    """Give pairs an ``items``, too: linters and generators know it better than ``prefixItems``."""
    if isinstance(node, dict):
        if "prefixItems" in node:
            node["items"] = node["prefixItems"][0]
        node = [*node.values()]
    if isinstance(node, list):
        for part in node:
            _describe_items(part)


def _complete(path: str, operation: Json) -> None:
    name = operation["operationId"]
    responses: Json = operation["responses"]
    if name in examples.ANSWERS:
        responses["200"]["content"]["application/json"]["example"] = examples.ANSWERS[name]
    if name in examples.BODIES:
        media_type, body = examples.BODIES[name]
        operation["requestBody"]["content"][media_type]["example"] = body
    if name in LINKS:
        responses["200"]["links"] = {
            following: {"operationId": following, "parameters": dict(parameters)}
            for following, parameters in LINKS[name].items()
        }
    responses.pop("422", None)
    for status, words in _errors(path, operation).items():
        responses.setdefault(status, {"description": words, "content": PROBLEM_CONTENT})
    operation["responses"] = dict(sorted(responses.items()))


def _errors(path: str, operation: Json) -> dict[str, str]:
    """What any route of this shape may answer with."""
    errors = {
        "400": "A value or a parameter is not allowed; `detail` says what is.",
        "401": "With accounts: no credentials, or none that are good.",
        "403": "With accounts: the role does not allow it. A page of another origin never may.",
        "429": "More requests than one client may send in a second. `Retry-After` says when.",
    }
    if "{" in path:
        errors["404"] = "There is no such thing."
    if path == "/api/session/sign-in":
        errors["404"] = "There are no accounts."
    if path.startswith("/api/alerts/{"):
        errors["409"] = "The alert was resolved already."
    if "requestBody" in operation:
        errors["408"] = "The body did not arrive in time."
        errors["413"] = "The body is too large."
    if path.startswith("/api/") and path != "/api/health":
        errors["503"] = "The database, or another part that is needed, is away. Try again later."
    return errors
