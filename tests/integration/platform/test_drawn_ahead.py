"""The first screen comes drawn in its document, by the code that the pages themselves run."""

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from api.settings import Settings
from tests.factories import add, order, risk
from tests.integration.platform.conftest import Start

BUILT = Settings.model_fields["frontend_dir"].default
ENGLISH = {"accept-language": "en-GB,en;q=0.9"}
ROOT = re.compile(r'<div id="root">(.*)</div>\s*<noscript>', re.DOTALL)

Open = Callable[..., str]


@pytest.fixture
def drawn(start: Start, database_url: str, engine: Engine) -> Open:
    """The screen in the document at an address, with one order and one risk."""
    add(engine, "orders", order("2024-06-01", 1250, recognized_on="2024-06-02"))
    add(engine, "risks", risk("<b>Fire</b>"))
    client = start(database_url, frontend_dir=BUILT)

    def open_(query: str = "", **headers: str) -> str:
        return _drawn(client, query, ENGLISH | headers)

    return open_


def _drawn(client: TestClient, query: str, headers: dict[str, str]) -> str:
    [screen] = ROOT.findall(client.get(f"/dashboard{query}", headers=headers).text)
    assert isinstance(screen, str)
    return screen


def test_a_reader_of_english_gets_the_screen_drawn(drawn: Open) -> None:
    screen = drawn("?as_of=2024-07-10")
    text = unescape(re.sub("<[^>]*>", "", screen))
    for part in ("Recognized Revenue", "1.25k", "Revenue trend", "<b>Fire</b>", "Alerts"):
        assert part in text
    assert "<rect" in screen
    assert "<b>" not in screen  # what the data say is text


def test_it_has_no_style_that_the_content_security_policy_would_refuse(drawn: Open) -> None:
    screen = drawn("?as_of=2024-07-10")
    assert " style=" not in screen


def test_another_view_is_another_drawing(drawn: Open) -> None:
    screen = drawn("?granularity=quarter&as_of=2024-07-10")
    assert "Q2" in screen
    assert re.search(r'aria-pressed="true"[^>]*>Quarter<', screen)


@pytest.mark.parametrize("language", ["de-DE,de;q=0.9,en;q=0.8", "", "en-ZA"])
def test_a_reader_whose_numbers_are_written_otherwise_draws_them(
    drawn: Open, language: str
) -> None:
    assert drawn(**{"accept-language": language}) == ""


@pytest.mark.parametrize("query", ["?kiosk=1", "?why=arr", "?range=7m"])
def test_what_is_more_than_a_plain_view_is_drawn_by_the_page(drawn: Open, query: str) -> None:
    assert drawn(query) == ""


def test_a_page_that_fails_to_be_drawn_draws_itself(
    start: Start, sqlite_url: str, dist: Path
) -> None:
    (dist / ".server").mkdir()
    (dist / ".server" / "prerender.js").write_text("function prerender() { throw new Error('no') }")
    document = start(sqlite_url).get("/dashboard", headers=ENGLISH).text
    assert "<div id=root></div>" in document
    assert "first-data" in document
