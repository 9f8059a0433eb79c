"""Each role signs in at the real provider, in a real browser, and asks for every route.

What must come out is the table that tokens and JWTs are held against, too. The requests are sent by
the browser itself, from a page of the service, with the session's cookie that signing in gave it.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect
from sqlalchemy import Engine, update

from api.auth.permissions import PAGES
from api.auth.verifier import FRESH_SECONDS
from api.storage.account_tables import account_sessions
from api.storage.engine import for_writing, open_engine
from tests.e2e.conftest import PATIENCE_MS
from tests.e2e.house import COOKIE, House, running_house, sign_in
from tests.integration.auth.conftest import NOW, add_alerts, tampered
from tests.integration.auth.expected import ALERTS, ROLES, Line, lines

LINES = lines()
OPENED = [line for line in LINES if line.path in PAGES]
LED_ELSEWHERE = 0  # what a script is told of a redirect that it does not follow
ASK = """async ([accept, lines]) => {
    const statuses = []
    for (const { method, path, body, type } of lines) {
        const headers = { Accept: accept, ...(type === null ? {} : { 'Content-Type': type }) }
        const answer = await fetch(path, { method, body, headers, redirect: 'manual' })
        statuses.push(answer.status)
    }
    return statuses
}"""


@dataclass
class Rooms:
    """The house, what is in its database, and browsers that people have signed in with."""

    house: House
    browser: Browser
    engine: Engine
    alerts: dict[str, int]
    known_at_the_provider: dict[str, StorageState] = field(default_factory=dict)

    @contextmanager
    def entered(self, role: str) -> Iterator[tuple[BrowserContext, Page]]:
        """A browser that the role has just signed in with, on a page of the service."""
        before = self.known_at_the_provider.get(role)
        context = self.browser.new_context(locale="en-GB", storage_state=before)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        if before is None:
            sign_in(page, self.house, f"someone.{role}")
            page.wait_for_url(f"{self.house.url}/dashboard")
            self.known_at_the_provider[role] = context.storage_state()
        else:
            context.clear_cookies(name=COOKIE)
            page.goto(f"{self.house.url}/sign-in/start?next=/dashboard", wait_until="commit")
        self.settle(page)
        yield context, page
        context.close()

    def settle(self, page: Page) -> None:
        """Go to a page that asks for nothing by itself: none of its own scripts run."""
        page.route("**/assets/*.js", lambda route: route.abort())
        page.goto(f"{self.house.url}/sign-in")
        page.unroute("**/assets/*.js")

    def statuses(self, page: Page, asked: Iterable[Line], accept: str = "*/*") -> list[int]:
        """What the page's browser is answered, one request after another."""
        requests = []
        for line in asked:
            body, media_type = line.body(datetime.now(UTC)) or (None, None)
            path = line.path.format_map(self.alerts)
            requests.append({"method": line.method, "path": path, "body": body, "type": media_type})
        answered: list[int] = page.evaluate(ASK, [accept, requests])
        assert max(answered) < 500
        return answered

    def check_admitted(self, page: Page, role: str) -> None:
        """Every route is open to the role or closed to it, as the table says."""
        for line, status in zip(LINES, self.statuses(page, LINES), strict=True):
            where = f"{role}: {line.method} {line.path}: {status}"
            assert status != 401, where
            assert (status != 403) == line.admits(role), where

    def check_nobody(self, page: Page, what: str) -> None:
        """Every route that is not public asks who is there, and every page leads elsewhere."""
        for line, status in zip(LINES, self.statuses(page, LINES), strict=True):
            where = f"{what}: {line.method} {line.path}: {status}"
            assert (status == 401) == (line.roles is not None), where
            assert status != 403, where
        opened = self.statuses(page, OPENED, "text/html")
        assert opened == [LED_ELSEWHERE] * len(PAGES), what


@pytest.fixture(scope="module")
def rooms(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rooms]:
    folder = tmp_path_factory.mktemp("roles")
    with running_house(folder, EXECDASH_REQUESTS_PER_SECOND="1000000") as house:
        engine = open_engine(f"sqlite:///{house.service.database}")
        yield Rooms(house, browser, engine, add_alerts(engine, ALERTS))
        engine.dispose()


def session_of(context: BrowserContext) -> str:
    [cookie] = [each for each in context.cookies() if each["name"] == COOKIE]
    return cookie["value"]


def change_session(context: BrowserContext, house: House, secret: str | None) -> None:
    """Give the browser another cookie, or none."""
    context.clear_cookies(name=COOKIE)
    if secret is not None:
        context.add_cookies([{"name": COOKIE, "value": secret, "url": house.url}])


@pytest.mark.parametrize("role", ROLES)
def test_who_signed_in_comes_in_where_the_role_may_until_they_sign_out(
    rooms: Rooms, role: str
) -> None:
    with rooms.entered(role) as (context, page):
        for line in OPENED:
            answer = page.goto(rooms.house.url + line.path, wait_until="commit")
            assert answer is not None
            assert answer.status == (200 if line.admits(role) else 403), (role, line.path)
            assert answer.headers["content-type"].startswith("text/html")
        rooms.settle(page)
        session = session_of(context)
        change_session(context, rooms.house, tampered(session))
        rooms.check_nobody(page, f"tampered session of {role}")

        change_session(context, rooms.house, session)
        rooms.check_admitted(page, role)  # signing out is the last of its requests
        assert COOKIE not in {cookie["name"] for cookie in context.cookies()}
        rooms.check_nobody(page, f"{role}, signed out")
        change_session(context, rooms.house, session)
        rooms.check_nobody(page, f"a copy of the session that {role} ended")


def test_sessions_that_have_expired_let_nobody_in(rooms: Rooms) -> None:
    sessions = {}
    for role in ROLES:
        with rooms.entered(role) as (context, page):
            assert rooms.statuses(page, [Line("GET", "/openapi.json", None)]) == [200]
            sessions[role] = session_of(context)
    with for_writing(rooms.engine).begin() as connection:
        connection.execute(update(account_sessions).values(expires_at=NOW))
    time.sleep(FRESH_SECONDS)  # for so long the service need not look again
    with rooms.entered("executive") as (context, page):
        for role, session in sessions.items():
            change_session(context, rooms.house, session)
            rooms.check_nobody(page, f"expired session of {role}")


def test_people_are_told_that_a_page_is_not_theirs_or_led_to_sign_in(rooms: Rooms) -> None:
    with rooms.entered("ingest") as (context, page):
        page.goto(f"{rooms.house.url}/dashboard")
        expect(page.get_by_text("Your role does not allow this.").first).to_be_visible()
        page.goto("about:blank")
        change_session(context, rooms.house, None)
        page.goto(f"{rooms.house.url}/dashboard")
        expect(page).to_have_title("Sign in · Executive Dashboard")
