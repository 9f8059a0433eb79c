"""Signing in and out in a real browser, with a real OpenID provider in between."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import APIResponse, Browser, BrowserContext, Page, Route, expect

from api.auth.provider import KEPT_FOR_STRANGERS_SECONDS
from tests.e2e.conftest import PATIENCE_MS, Service, until
from tests.e2e.house import COOKIE, House, running_house, sign_in


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with running_house(tmp_path_factory.mktemp("accounts")) as running:
        yield running


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    opened.set_default_timeout(PATIENCE_MS)
    yield opened
    opened.close()


def lose_cookie(page: Page) -> None:
    """As if the session had ended. The page is left first: it would go to sign-in by itself."""
    page.goto("about:blank")
    page.context.clear_cookies(name=COOKIE)


def test_a_person_signs_in_sees_the_numbers_and_signs_out(
    context: BrowserContext, house: House, tmp_path: Path
) -> None:
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    sign_in(page, house, "ada.executive", "/dashboard?range=6m&granularity=month")
    expect(page.get_by_role("link", name="Backlog").first).to_be_visible()
    assert page.url == f"{house.url}/dashboard?range=6m&granularity=month"
    expect(page.get_by_text("ada <b>of</b> the tests")).to_be_visible()
    [cookie] = [each for each in context.cookies() if each["name"] == COOKIE]
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    assert page.evaluate("document.cookie") == ""

    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Yes, sign me out").click()
    expect(page).to_have_title("Sign in · Executive Dashboard")
    for _step in range(4):  # back to where the numbers were
        page.go_back()
    expect(page.get_by_role("link", name="Backlog")).to_have_count(0)
    page.goto(f"{house.url}/dashboard")
    expect(page).to_have_title("Sign in · Executive Dashboard")
    kept = {"Cookie": f"{COOKIE}={cookie['value']}"}  # a copy that somebody made
    assert page.request.get(f"{house.url}/api/alerts", headers=kept).status == 401
    assert complaints == []
    assert uses(house.service)["sign_out", "executive"] == 1


def test_an_answer_that_comes_while_signing_out_leads_nowhere_else(
    context: BrowserContext, house: House
) -> None:
    """The service has ended the session, and the page does not know it yet."""
    page = context.new_page()
    sign_in(page, house, "ada.executive")
    page.wait_for_load_state("networkidle")
    held: list[tuple[Route, APIResponse]] = []
    page.route("**/api/session/sign-out", lambda route: held.append((route, route.fetch())))
    page.get_by_role("button", name="Sign out").click()
    with page.expect_response(lambda answer: answer.status == 401):
        page.get_by_role("button", name="Why: NRR").click()
    until(page, lambda: len(held) == 1)
    [(route, answer)] = held
    route.fulfill(response=answer)
    expect(page.get_by_role("button", name="Yes, sign me out")).to_be_visible()


def uses(service: Service) -> dict[tuple[str, str], int]:
    """How often each role used each feature."""
    with closing(sqlite3.connect(f"file:{service.database}?mode=ro", uri=True)) as connection:
        used = connection.execute(
            "SELECT feature, role, sum(events) FROM usage_daily GROUP BY 1, 2"
        )
        return {(feature, role): events for feature, role, events in used}


def test_a_head_finds_the_own_department_in_the_menu_and_no_other(
    context: BrowserContext, house: House
) -> None:
    page = context.new_page()
    sign_in(page, house, "mia.head:marketing")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.get_by_role("button", name="All pages").click()
    menu = page.locator("#pages-menu")
    expect(menu.get_by_role("link")).to_have_text(["Recognized revenue", "Pipeline", "CAC payback"])
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Commands").click()
    page.get_by_role("combobox", name="Search commands").fill("pages")
    expect(page.get_by_role("dialog").get_by_role("option")).to_have_text(
        [re.compile(name) for name in ("Dashboard", "revenue", "Pipeline", "CAC payback")]
    )
    page.keyboard.press("Escape")
    page.goto(f"{house.url}/finance/kpis/payback")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    answer = page.goto(f"{house.url}/finance/kpis/gm")
    assert answer is not None
    assert answer.status == 403
    expect(page.get_by_text("Your role does not allow this.").first).to_be_visible()


def refused_for_origin(page: Page, house: House) -> float:
    found = re.search(
        r'^access_refused_total\{reason="origin"\} (\S+)$',
        page.request.get(f"{house.url}/metrics").text(),
        re.MULTILINE,
    )
    return float(found[1]) if found else 0.0


def test_another_sites_page_can_neither_change_anything_nor_read(
    context: BrowserContext, house: House
) -> None:
    page = context.new_page()
    sign_in(page, house, "eve.executive,sre")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    alerts = page.request.get(f"{house.url}/api/alerts").json()["alerts"]
    before = refused_for_origin(page, house)
    elsewhere = context.new_page()
    elsewhere.goto(f"{house.provider.issuer}/.well-known/openid-configuration")
    for path in (f"/api/alerts/{alerts[0]['id']}/resolve", "/api/events", "/api/session/sign-out"):
        elsewhere.evaluate(
            """(url) => fetch(url, {
                method: 'POST', mode: 'no-cors', credentials: 'include', body: '{}',
            }).catch(() => undefined)""",
            house.url + path,
        )
    read = elsewhere.evaluate(
        "(url) => fetch(url, {credentials: 'include'}).then(() => 'read', () => 'refused')",
        f"{house.url}/api/alerts",
    )
    assert read == "refused"
    assert refused_for_origin(page, house) == before + 3
    assert page.request.get(f"{house.url}/api/alerts").json()["alerts"] == alerts


def test_a_session_that_was_planted_is_not_the_one_that_signing_in_gives(
    context: BrowserContext, house: House
) -> None:
    context.add_cookies([{"name": COOKIE, "value": "planted", "url": house.url}])
    page = context.new_page()
    sign_in(page, house, "ada.executive")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    [cookie] = [each for each in context.cookies() if each["name"] == COOKIE]
    assert cookie["value"] != "planted"
    answer = page.request.get(f"{house.url}/api/alerts", headers={"Cookie": f"{COOKIE}=planted"})
    assert answer.status == 401


def test_a_session_that_ended_leads_to_the_sign_in_page_and_back(
    context: BrowserContext, house: House
) -> None:
    page = context.new_page()
    sign_in(page, house, "sam.sre", "/reliability")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    lose_cookie(page)
    page.goto(f"{house.url}/reliability")
    expect(page).to_have_title("Sign in · Executive Dashboard")
    page.get_by_role(
        "link", name=re.compile("company.s account")
    ).click()  # the provider still knows them
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    assert page.url == f"{house.url}/reliability"


def test_the_page_says_that_the_provider_is_away(context: BrowserContext, house: House) -> None:
    """The last one: the provider does not come back."""
    page = context.new_page()
    sign_in(page, house, "ada.executive")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    house.provider.stop()
    page.reload()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()  # who is in stays in
    lose_cookie(page)
    page.goto(f"{house.url}/supply")
    page.wait_for_timeout(1000 * KEPT_FOR_STRANGERS_SECONDS)  # where it was is known so long
    page.get_by_role("link", name=re.compile("company.s account")).click()
    expect(page.get_by_role("alert")).to_contain_text("does not answer")
    assert page.url == f"{house.url}/sign-in?next=%2Fsupply&problem=away"
