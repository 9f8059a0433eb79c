"""Every parameter and field of the document, with what databases choke on, on PostgreSQL.

The lists are made from the document. An answer is no error of ours: a DataError would be one.
"""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.imports.kinds import KINDS
from tests.contract.service import SERVICE, SETTINGS

Json = dict[str, Any]
DOCUMENT: Json = json.loads(json.dumps(SERVICE.openapi()))
OPERATIONS = [
    (method, path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
NUL = "%00"
# As they stand in an address; some are no UTF-8.
IN_ADDRESSES = [
    *(NUL, "West%00", f"%C3%A9{NUL}", "%ED%A0%80", "%FF%FE", "%EF%BF%BF", "%E2%80%AE"),
    "%F0%9F%A7%AE" * 40,
    *("", "%20", "%27", "%5C", "x" * 4000, "%0D%0A", "%1B%5B", "%25"),
    *("9" * 400, "-" + "9" * 30, "2147483648", "9223372036854775808", "-1", "0", "1.5", "1e400"),
    *("NaN", "Infinity", "0x10", "%D9%A1%D9%A2", "9999-12-31", "0001-01-01", "true"),
]  # fmt: skip
WORST = [NUL, "%ED%A0%80", "9" * 400]
IN_JSON: list[object] = [
    *("\0", "a\0b", "\ud800", "\U0001f9ee" * 40, "\uffff", "", " ", "x" * 100_000, "\\", "'"),
    *("9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "2026-01-01T00:00:00.123456789Z"),
    *(10**400, -(10**400), 2**31, 2**63, 2**64, -1, 0, 1.5, 1e308, True, None, [], {}, [[]]),
]
IN_CELLS = [
    *(b"\0", b"a\0b", b"\xed\xa0\x80", b"\xff\xfe", b"\xf0\x9f\xa7\xae" * 80, b"x" * 100_000),
    *(b"9" * 400, b"-" + b"9" * 40, b"922337203685477.5807", b"1e400", b"NaN", b"Infinity"),
    *(b"9999-12-31", b"0001-01-01", b"9999-12", b"0000-00", b"'", b"\\", b""),
]
# What a request needs besides, so that the value is looked at and not refused before.
PATHS = {"key": "revenue", "kind": "customers", "alert_id": "1", "name": "ttfb"}
KEYS = {"service": "uptime", "stage": "pipeline", "deal": "pipeline"}
BESIDES = {"within": "by=region", "then": "by=region&within=West"}


def name(operation: Json) -> str:
    found: str = operation["operationId"]
    return found


@pytest.fixture(scope="module")
def client(filled_postgresql: str) -> Iterator[TestClient]:
    settings = SETTINGS.model_copy(update={"database_url": filled_postgresql})
    with TestClient(create_app(settings), raise_server_exceptions=False) as opened:
        yield opened


def address(path: str, values: dict[str, str]) -> str:
    return path.format_map({**PATHS, **values})


def first_of_their_kind() -> set[tuple[str, str]]:
    """Operations, and those of their parameters that no earlier one has just so."""
    firsts: dict[str, tuple[str, str]] = {}
    for _method, _path, operation in OPERATIONS:
        for parameter in operation.get("parameters", []):
            firsts.setdefault(json.dumps(parameter), (name(operation), parameter["name"]))
    return {*firsts.values()}


FIRSTS = first_of_their_kind()


@pytest.mark.parametrize(
    ("method", "path", "operation"), OPERATIONS, ids=[name(each) for _, _, each in OPERATIONS]
)
def test_parameters(client: TestClient, method: str, path: str, operation: Json) -> None:
    tried = 0
    for parameter in operation.get("parameters", []):
        called, where = parameter["name"], parameter["in"]
        assert where in {"path", "query", "header"}
        for value in IN_ADDRESSES if (name(operation), called) in FIRSTS else WORST:
            url = address(path, {"key": KEYS.get(called, PATHS["key"])})
            headers = {}
            if where == "path":
                url = address(path, {called: value})
            elif where == "query":
                url += f"?{BESIDES.get(called, '')}&{called}={value}"
            else:
                headers = {called: value}
            answer = client.request(method, url, headers=headers)
            assert answer.status_code < 500, (called, value[:40], answer.text)
            if NUL in value and where != "header":
                assert answer.status_code in {400, 404, 415}, (called, value)
            tried += 1
    print(f"{name(operation)}: {tried} tried")


@pytest.mark.parametrize("example", ["webhook", "assign", "snooze", "events", "sign-in"])
def test_fields_of_bodies(client: TestClient, example: str) -> None:
    [(path, body)] = [(path, body) for path, body in bodies() if path.endswith(example)]
    tried = 0
    for changed in spoilt(body):
        content = json.dumps(changed).encode()
        answer = client.post(
            address(path, {}), content=content, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code < 500, (content[:200], answer.text)
        tried += 1
    print(f"{path}: {tried} tried")


def test_every_body_is_among_those() -> None:
    ends = ("webhook", "assign", "snooze", "events", "sign-in")
    assert all(path.endswith(ends) for path, _body in bodies())
    assert len(list(bodies())) == len(ends)


@pytest.mark.parametrize("kind", KINDS)
def test_cells_of_files(client: TestClient, kind: str) -> None:
    fields = [field.name for field in KINDS[kind].fields]
    header = ",".join(fields).encode()
    tried = 0
    for place in range(len(fields)):
        for cell in IN_CELLS:
            cells = [b"1"] * len(fields)
            cells[place] = cell
            answer = post_file(client, kind, header + b"\n" + b",".join(cells) + b"\n")
            assert answer.status_code < 500, (fields[place], cell[:40], answer.text)
            tried += 1
    print(f"{kind}: {tried} tried")


@pytest.mark.parametrize("value", ["\0", "a\0b", "\ud800", "x" * 201, "\U0001f9ee", 10**40, 1e300])
def test_constants_of_mappings(client: TestClient, value: object) -> None:
    for kind, described in KINDS.items():
        for field in described.fields:
            mapping = {kind: {"constants": {field.name: value}}}
            others = [each.name for each in described.fields if each is not field]
            row = ",".join(others) + "\n" + ",".join("1" for _ in others) + "\n"
            answer = post_file(client, kind, row.encode(), json.dumps(mapping))
            assert answer.status_code < 500, (kind, field.name, answer.text)


def test_names_that_come_with_a_constant_are_stored_or_refused(client: TestClient) -> None:
    """A row that is good but for the constant."""
    for value, status in (("North", 200), ("N\0rth", 400), ("\ud800", 400)):
        mapping = json.dumps({"customers": {"constants": {"region": value}}})
        answer = post_file(client, "customers", b"customer_id,name\nH1,Ada\n", mapping)
        assert answer.status_code == status, answer.text


def post_file(client: TestClient, kind: str, content: bytes, mapping: str | None = None) -> Any:
    query = "" if mapping is None else f"?mapping={quote(mapping)}"
    headers = {"Content-Type": "text/csv"}
    return client.post(f"/api/imports/{kind}{query}", content=content, headers=headers)


def bodies() -> Iterator[tuple[str, Any]]:
    """The path and the example of every body that is JSON."""
    for _method, path, operation in OPERATIONS:
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None:
            continue
        examples = [content["example"]] if "example" in content else []
        examples += [each["value"] for each in content.get("examples", {}).values()]
        yield path, examples[0] if examples else {"token": "execdash_x"}


def spoilt(body: Any) -> Iterator[Any]:
    """The body with each of its values, and then each of its names, replaced by each odd one."""
    for place in places(body):
        for value in IN_JSON:
            changed, inner = _inside(body, place)
            inner[place[-1]] = value
            yield changed
            if isinstance(value, str) and isinstance(inner, dict):
                changed, inner = _inside(body, place)
                inner[value] = inner.pop(place[-1])
                yield changed


def _inside(body: Any, place: tuple[Any, ...]) -> tuple[Any, Any]:
    """A copy of the body, and what in it holds the value at that place."""
    inner = changed = deepcopy(body)
    for step in place[:-1]:
        inner = inner[step]
    return changed, inner


def places(body: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value of a document."""
    parts: Any = body.items() if isinstance(body, dict) else enumerate(body)
    for step, part in parts if isinstance(body, dict | list) else ():
        yield (*before, step)
        if isinstance(part, dict | list):
            yield from places(part, (*before, step))
