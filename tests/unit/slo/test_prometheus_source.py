"""What the gate makes of a Prometheus' answers, right and wrong ones."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from slo.maintenance import Maintenance
from slo.measurements import BadResult, Measurement, Unreachable
from slo.objectives import load_objectives
from slo.sources.prometheus import PrometheusSource
from tests.answering import Answering, answering

OBJECTIVES = [each for each in load_objectives() if each.name in ("ttfb", "render")]


@pytest.fixture
def server() -> Iterator[Answering]:
    with answering() as listening:
        yield listening


Ask = Callable[..., Any]


@pytest.fixture
def ask(server: Answering) -> Ask:
    def run(body: object, status: int = 200) -> Any:
        server.status = status
        server.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        source = PrometheusSource(f"{server.url}/", 7)
        return source.measure(OBJECTIVES)

    return run


def vector(*series: tuple[str, str, str], **more: Any) -> dict[str, Any]:
    result = [
        {"metric": {"slo": slo, "result": result}, "value": [1_790_000_000.123, number]}
        for slo, result, number in series
    ]
    return {"status": "success", "data": {"resultType": "vector", "result": result}, **more}


def test_one_question_gives_whole_events_of_both_results(server: Answering, ask: Ask) -> None:
    answer = vector(("ttfb", "good", "190.0321"), ("ttfb", "bad", "9.9983"))
    assert ask(answer) == {"ttfb": Measurement(190, 200)}  # nothing of render: no events
    (asked,) = server.asked
    assert urlsplit(asked).path == "/api/v1/query"
    assert parse_qs(urlsplit(asked).query) == {
        "query": ['sum by (slo, result) (increase(slo_events_total{slo=~"ttfb|render"}[7d]))']
    }


@pytest.mark.parametrize("lonely", ["good", "bad"])
def test_one_counter_without_the_other_is_no_events(ask: Ask, lonely: str) -> None:
    assert ask(vector(("ttfb", lonely, "500"))) == {}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"<html>", "did not answer as Prometheus does"),
        ({"status": "error", "error": "no"}, "did not answer as Prometheus does"),
        (vector(("ttfb", "ugly", "1")), "did not answer as Prometheus does"),
        (vector(("ttfb", "good", "NaN"), ("ttfb", "bad", "1")), "nan good events is not a count"),
        (vector(("ttfb", "good", "1"), ("ttfb", "bad", "+Inf")), "inf bad events is not a count"),
        (vector(("ttfb", "good", "1"), ("ttfb", "bad", "-1")), "-1.0 bad events is not a count"),
        (vector(("ttfb", "good", "1"), ("ttfb", "bad", "1e300")), "1e.300 bad events is not a"),
    ],
)
def test_an_answer_without_counts_is_a_bad_result(ask: Ask, body: object, says: str) -> None:
    with pytest.raises(BadResult, match=says):
        ask(body)


@pytest.mark.parametrize("time", ["NaN", "+Inf", "-1", "1e18"])
def test_a_time_that_no_calendar_holds_is_a_bad_result(server: Answering, time: str) -> None:
    answer = {"data": {"resultType": "scalar", "result": [1_790_000_000.123, time]}}
    server.body = json.dumps(answer).encode()
    hour = datetime(2026, 11, 20, 22, tzinfo=UTC)
    window = Maintenance(hour, hour + timedelta(hours=1), "why")
    with pytest.raises(BadResult, match="did not answer as Prometheus does"):
        PrometheusSource(server.url, 7).measure([replace(OBJECTIVES[0], maintenance=(window,))])


def test_a_refused_question_and_half_an_answer_are_unreachable(ask: Ask) -> None:
    with pytest.raises(Unreachable, match="answered 503"):
        ask(b"", status=503)
    with pytest.raises(Unreachable, match="answered in part: a store is gone"):
        ask(vector(("ttfb", "good", "500"), ("ttfb", "bad", "0"), warnings=["a store is gone"]))
