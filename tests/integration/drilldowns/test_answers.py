"""Answers are kept until the data change, and a client that has one is not sent it again."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from api.answers import MAKING_AT_ONCE, Answers
from api.storage import versions
from tests.factories import add, order
from tests.integration.drilldowns.conftest import NOW

pytestmark = pytest.mark.usefixtures("asked_each_time")

PATHS = [
    "/api/drivers/revenue",
    "/api/kpis/revenue",
    "/api/kpis/revenue?by=product",
    "/api/kpis/revenue/rows",
]


class Body(BaseModel):
    text: str


def sold(amount: int) -> dict[str, object]:
    return order("2025-05-01", amount, recognized_on="2025-05-02", region="North")


def change(engine: Engine, amount: int) -> None:
    add(engine, "orders", sold(amount))
    with Session(engine) as session, session.begin():
        versions.bump(session, NOW)


@pytest.mark.parametrize("path", PATHS)
def test_the_second_answer_asks_for_nothing_but_the_datas_version(
    client: TestClient, engine: Engine, path: str
) -> None:
    add(engine, "orders", sold(5))
    first = client.get(path)
    statements: list[str] = []
    assert isinstance(client.app, FastAPI)
    event.listen(
        client.app.state.engine, "before_cursor_execute", lambda *a: statements.append(a[2])
    )
    assert client.get(path).text == first.text
    asked = [each for each in statements if "SELECT" in each]
    assert asked
    assert all("data_version" in each for each in asked)


@pytest.mark.parametrize("path", PATHS)
def test_a_client_that_has_the_answer_is_told_so_until_the_data_change(
    client: TestClient, engine: Engine, path: str
) -> None:
    add(engine, "orders", sold(5))
    first = client.get(path)
    assert first.headers["cache-control"] == "private, no-cache"
    known = {"If-None-Match": first.headers["etag"]}
    again = client.get(path, headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    change(engine, 7)
    changed = client.get(path, headers=known)
    assert changed.status_code == 200
    assert changed.text != first.text


def test_every_question_has_its_own_answer(client: TestClient, engine: Engine) -> None:
    add(engine, "orders", sold(5))
    paths = [*PATHS, "/api/kpis/revenue?range=6m", "/api/drivers/revenue?by=customer"]
    paths += ["/api/kpis/revenue/rows?page_size=1", "/api/kpis/revenue/rows?page=2&page_size=1"]
    texts = [client.get(path).text for path in paths]
    assert len({*texts}) == len(paths)
    assert [client.get(path).text for path in paths] == texts


def test_the_least_recently_asked_goes_when_memory_is_full(engine: Engine) -> None:
    answers, made = Answers(most_bytes=250), []
    size = len(Body(text="x" * 89).model_dump_json())
    assert size == 100

    def ask(name: str) -> None:
        def make(_: Session) -> Body:
            made.append(name)
            return Body(text=name * 89)

        with Session(engine) as session:
            answers.answer(session, name, make)

    for name in "abacab":  # c pushes b out, because a was asked for since
        ask(name)
    assert made == ["a", "b", "c", "b"]


def test_however_many_ask_first_the_answer_is_made_once(engine: Engine) -> None:
    answers, made = Answers(), []
    everybody = Barrier(8)

    def make(session: Session) -> Body:
        made.append(versions.current(session))
        time.sleep(0.3)  # long enough for all to ask meanwhile
        return Body(text="made once")

    def ask(_: int) -> bytes:
        everybody.wait()
        with Session(engine) as session:
            return answers.answer(session, "question", make).body

    with ThreadPoolExecutor(8) as threads:
        bodies = set(threads.map(ask, range(8)))
    assert (len(made), bodies) == (1, {b'{"text":"made once"}'})


def test_few_answers_are_made_at_a_time_and_all_of_them_in_the_end(engine: Engine) -> None:
    answers, most = Answers(), 0
    making: set[int] = set()

    def ask(question: int) -> bytes:
        def make(_: Session) -> Body:
            nonlocal most
            making.add(question)
            most = max(most, len(making))
            time.sleep(0.05)  # long enough for all others to begin, if they might
            making.remove(question)
            return Body(text=str(question))

        with Session(engine) as session:
            return answers.answer(session, question, make).body

    with ThreadPoolExecutor(8) as threads:
        bodies = list(threads.map(ask, range(8)))
    assert bodies == [b'{"text":"%d"}' % question for question in range(8)]
    assert most == MAKING_AT_ONCE


def test_a_mistake_is_told_to_everybody_who_makes_it_and_is_not_kept(
    client: TestClient, engine: Engine
) -> None:
    add(engine, "orders", sold(5))
    for _ in range(2):
        answer = client.get("/api/drivers/revenue?by=moon")
        assert (answer.status_code, "by: 'moon' is not allowed" in answer.text) == (400, True)
