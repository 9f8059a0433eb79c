"""The document itself: nothing a linter would warn of, examples that are true, names that last."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from api import examples
from api.schema import STORABLE
from tests.architecture.source import ROOT

Json = dict[str, Any]
SPECTRAL = ROOT / "tests" / "contract" / "node_modules" / ".bin" / "spectral"


def _operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_a_linter_finds_nothing_to_warn_of(document_file: Path) -> None:
    node = ROOT / ".venv" / "bin"
    ended = subprocess.run(
        [
            str(SPECTRAL),
            "lint",
            str(document_file),
            "--ruleset",
            str(ROOT / ".spectral.yaml"),
            "--fail-severity=hint",
        ],
        capture_output=True,
        text=True,
        env={"PATH": f"{node}:{os.environ['PATH']}", "HOME": str(document_file.parent)},
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "No results" in ended.stdout


def test_examples_are_what_their_schemas_say(document: Json) -> None:
    checked = 0
    for schema, example in _examples(document):
        whole = {**schema, "components": document["components"]}
        validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        validator.validate(example)
        checked += 1
    assert checked > 20


def test_every_example_belongs_to_an_operation(document: Json) -> None:
    names = {operation["operationId"] for _, _, operation in _operations(document)}
    assert {*examples.ANSWERS, *examples.BODIES} <= names


def test_every_error_is_a_problem_document(document: Json) -> None:
    for path, method, operation in _operations(document):
        assert "422" not in operation["responses"], "the service answers 400"
        for status, response in operation["responses"].items():
            if status >= "400":
                assert [*response["content"]] == ["application/problem+json"], (
                    path,
                    method,
                    status,
                )


def test_operations_are_named_for_clients_code(document: Json) -> None:
    names = [operation["operationId"] for _, _, operation in _operations(document)]
    assert len(names) == len({*names})
    assert all(name.isidentifier() and "_" not in name for name in names)


def test_every_parameter_says_what_it_means(document: Json) -> None:
    for path, _, operation in _operations(document):
        for parameter in operation.get("parameters", []):
            assert parameter.get("description"), (path, parameter["name"])


def test_every_text_of_an_address_has_a_limit(document: Json) -> None:
    """Of its own, or by the one form that it may have."""
    for path, _, operation in _operations(document):
        for parameter in operation.get("parameters", []):
            choices = parameter["schema"].get("anyOf", [parameter["schema"]])
            for schema in choices if parameter["in"] != "header" else ():
                has_one_form = {"enum", "format"} & schema.keys() or schema.get("pattern") not in {
                    None,
                    STORABLE,
                }
                if schema.get("type") == "string" and not has_one_form:
                    assert "maxLength" in schema, (path, parameter["name"])


@pytest.mark.parametrize(
    ("name", "values"), [("range", ["6m", "12m"]), ("granularity", ["month", "quarter"])]
)
def test_choices_are_listed(document: Json, name: str, values: list[str]) -> None:
    found = [
        parameter["schema"]
        for _, _, operation in _operations(document)
        for parameter in operation.get("parameters", [])
        if parameter["name"] == name
    ]
    assert len(found) >= 4
    for schema in found:
        chosen = schema
        if reference := schema.get("$ref"):
            chosen = document["components"]["schemas"][reference.rpartition("/")[2]]
        assert chosen["enum"] == values


def test_the_service_hands_the_document_out(client: Any, document: Json) -> None:
    answer = client.get("/openapi.json")
    assert answer.status_code == 200
    assert answer.json() == json.loads(json.dumps(document))


def _examples(node: object) -> Iterator[tuple[Json, object]]:
    """Each example of the document with the schema it must meet."""
    if isinstance(node, dict):
        if isinstance(node.get("examples"), list) and "schema" not in node:
            yield from ((node, example) for example in node["examples"])
        if isinstance(schema := node.get("schema"), dict):
            named = node.get("examples") or {}
            yield from ((schema, each["value"]) for each in named.values())
            if "example" in node:
                yield schema, node["example"]
        for part in node.values():
            yield from _examples(part)
    elif isinstance(node, list):
        for part in node:
            yield from _examples(part)
