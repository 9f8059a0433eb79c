"""What the gate tells a running service of itself."""

import json
from typing import Any

import pytest

from slo.measurements import BadResult, Unreachable
from slo.objectives import load_objectives
from slo.sources.http import HttpSource
from tests.answering import answering


@pytest.mark.parametrize(
    ("token", "sent"), [(None, None), ("", None), ("execdash_abc\n", "Bearer execdash_abc")]
)
def test_a_token_is_shown(token: str | None, sent: str | None) -> None:
    with answering(b'{"objectives": []}') as server:
        assert HttpSource(server.url, 7, token).measure([]) == {}
        assert server.authorized == [sent]


@pytest.mark.parametrize("token", ["two\nlines", "schl\u00fcssel"])
def test_what_is_no_token_is_refused_and_not_repeated(token: str) -> None:
    with pytest.raises(BadResult, match="the token must be") as error:
        HttpSource("http://127.0.0.1:1", 7, token)
    assert token not in str(error.value)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"p95": float("nan")}, "did not answer with an SLO report"),
        ({"p99": float("inf")}, "did not answer with an SLO report"),
        ({"total": 10**400}, "is not a count"),
    ],
)
def test_numbers_that_cannot_be_are_a_bad_result(changes: dict[str, Any], says: str) -> None:
    ttfb = next(each for each in load_objectives() if each.name == "ttfb")
    row = {"name": "ttfb", "good": 1, "total": 1, "threshold": {"op": "lt", "value": 300}}
    body = json.dumps({"objectives": [row | changes]}).encode()
    with answering(body) as server, pytest.raises(BadResult, match=says):
        HttpSource(server.url, 7).measure([ttfb])


def test_an_address_with_a_password_is_refused_and_not_repeated() -> None:
    with pytest.raises(BadResult, match="no user and no password") as error:
        HttpSource("http://me:secret@127.0.0.1:1", 7)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/\u00fc", f"http://{'a' * 64}.example"])
def test_an_address_that_no_request_can_hold_does_not_answer(address: str) -> None:
    with pytest.raises(Unreachable, match="does not answer") as error:
        HttpSource(address, 7).measure([])
    assert error.value.where.startswith(address)
