"""Every page and what opens on it, in both themes, as axe and a keyboard see it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.clock import let_pass
from tests.e2e.conftest import Service, start_service
from tests.e2e.test_screen import DRILLDOWNS, open_dashboard, open_page
from tests.ports import free_port
from tests.screenshots import odd

AXE = Path(__file__).parents[2] / "frontend/node_modules/axe-core/axe.min.js"
Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
LOOKS = [("light", 360), ("dark", 360), ("light", 1920), ("dark", 1920)]


def violations(page: Page) -> list[str]:
    """What axe finds, one line a rule with the first element that breaks it."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run()")["violations"]
    return [
        f"{v['impact']} {v['id']}: {v['nodes'][0]['html'][:160]}: {v['nodes'][0]['failureSummary']}"
        for v in found
    ]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("path", ["/dashboard", *DRILLDOWNS])
def test_axe_finds_nothing(page: Page, demo_service: Service, path: str, theme: Theme) -> None:
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    open_page(page, demo_service, path)
    # What is fetched ahead has come, too, which a service that has just begun has to compute.
    page.wait_for_load_state("networkidle", timeout=60_000)
    assert violations(page) == []


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_where_there_is_no_page(
    browser: Browser, demo_service: Service, theme: Theme
) -> None:
    page = browser.new_context(locale="en-GB", color_scheme=theme).new_page()
    page.goto(f"{demo_service.url}/sales/nowhere")
    expect(page.get_by_text("There is no such page")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert violations(page) == []
    page.context.close()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("path", ["/dashboard", "/finance/kpis/gm", "/supply", "/reliability"])
def test_axe_finds_nothing_where_there_are_no_data(
    page: Page, empty_service: Service, path: str, theme: Theme
) -> None:
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.goto(f"{empty_service.url}{path}")
    expect(page.get_by_role("main").get_by_role("heading").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert violations(page) == []


@pytest.fixture(scope="module")
def guarded_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service with accounts: strangers come to its sign-in page."""
    port = free_port()
    settings = {"EXECDASH_ACCOUNTS": "true", "EXECDASH_PUBLIC_URL": f"http://127.0.0.1:{port}"}
    service = start_service(tmp_path_factory.mktemp("guarded"), port=port, settings=settings)
    yield service
    service.stop()


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_on_the_sign_in_page(
    page: Page, guarded_service: Service, theme: Theme
) -> None:
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.goto(f"{guarded_service.url}/dashboard")
    expect(page.get_by_label("Access token")).to_be_visible()
    assert violations(page) == []


def an_alert_is_opened(name: str) -> Callable[[Page], None]:
    """Press ``name`` of the first alert."""

    def opened(page: Page) -> None:
        alerts = page.get_by_role("list", name="Alerts")
        alerts.get_by_role("button", name=re.compile(f"^{name}")).first.click()
        expect(alerts.locator("[aria-expanded=true]")).to_have_count(1)

    return opened


def a_chart_is_a_table(page: Page) -> None:
    page.get_by_role("button", name="View as table: Revenue trend").click()
    expect(page.get_by_role("link", name="Download as CSV: Revenue trend")).to_be_visible()


def a_definition_is_open(page: Page) -> None:
    page.get_by_role("button", name="Uptime", exact=True).click()
    expect(page.get_by_role("dialog").get_by_role("table")).to_be_visible()


def the_palette_is_open(page: Page) -> None:
    page.get_by_role("button", name="Commands").click()
    page.get_by_role("combobox", name="Search commands").fill("a")
    expect(page.get_by_role("dialog").get_by_role("option").first).to_be_visible()


def the_keys_are_listed(page: Page) -> None:
    the_palette_is_open(page)
    page.get_by_role("combobox", name="Search commands").fill("keyboard short")
    page.keyboard.press("Enter")
    expect(page.get_by_role("checkbox")).to_be_visible()


def all_pages_are_listed(page: Page) -> None:
    page.get_by_role("button", name="All pages").click()
    expect(page.get_by_role("group", name="Finance")).to_be_visible()


def a_driver_is_open(page: Page) -> None:
    page.get_by_role("region", name="What moved it").locator("button[aria-expanded]").first.click()
    expect(page.get_by_text(re.compile("^Within ")).first).to_be_visible()


OPENED: dict[str, Callable[[Page], None]] = {
    "assigning": an_alert_is_opened("Assign"),
    "snoozing": an_alert_is_opened("Snooze"),
    "details": an_alert_is_opened("Details"),
    "table": a_chart_is_a_table,
    "driver": a_driver_is_open,
    "definition": a_definition_is_open,
    "palette": the_palette_is_open,
    "keys": the_keys_are_listed,
    "pages": all_pages_are_listed,
}


@pytest.mark.parametrize(("theme", "width"), LOOKS)
@pytest.mark.parametrize("what", OPENED)
def test_axe_finds_nothing_in_what_opens(
    page: Page, demo_service: Service, what: str, theme: Theme, width: int
) -> None:
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 1080})
    open_dashboard(page, demo_service)
    OPENED[what](page)
    page.wait_for_load_state("networkidle")
    assert violations(page) == []


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_axe_finds_nothing_while_the_numbers_are_stale(
    page: Page, demo_service: Service, theme: Theme, width: int
) -> None:
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")

    def stale(route: Route) -> None:
        got = route.fetch()
        body = got.json()
        body["freshness"]["stale"] = True
        route.fulfill(response=got, json=body)

    page.set_viewport_size({"width": width, "height": 1080})
    page.clock.install()
    open_dashboard(page, demo_service)
    page.route("**/api/executive-dashboard?*", stale)
    let_pass(page, 130)
    expect(page.get_by_text("Not current.")).to_be_visible()
    page.clock.resume()
    assert violations(page) == []


@pytest.mark.parametrize("path", ["/dashboard", "/supply", "/operations/uptime", "/reliability"])
@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_on_a_wall(
    page: Page, demo_service: Service, path: str, theme: Theme
) -> None:
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    open_page(page, demo_service, f"{path}?kiosk=1")
    expect(page.locator("html")).to_have_attribute("data-kiosk", "")
    assert violations(page) == []


@pytest.mark.parametrize("width", [360, 768, 1440, 3840])
@pytest.mark.parametrize("path", ["/dashboard", "/supply", "/finance/kpis/gm", "/reliability"])
def test_nothing_is_wider_than_the_window(
    page: Page, demo_service: Service, path: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    open_page(page, demo_service, path)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width


@pytest.fixture(scope="module")
def odd_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A company with names of one long word, and with huge and negative numbers."""
    folder = tmp_path_factory.mktemp("odd")
    odd.fill(folder)
    service = start_service(folder)
    yield service
    service.stop()


@pytest.mark.parametrize("path", ["/dashboard", "/supply", "/operations/uptime"])
def test_no_name_and_no_number_is_wider_than_a_phone(
    page: Page, odd_service: Service, path: str
) -> None:
    page.set_viewport_size({"width": 360, "height": 780})
    open_page(page, odd_service, path)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 360


def test_the_four_actions_of_an_alert_stand_in_one_row_of_a_phone(
    page: Page, demo_service: Service
) -> None:
    page.set_viewport_size({"width": 360, "height": 780})
    open_dashboard(page, demo_service)
    page.evaluate("document.documentElement.style.setProperty('--font-sans', 'DejaVu Sans')")
    alert = page.get_by_role("list", name="Alerts").locator("> li").first
    names = ("Acknowledge", "Assign", "Snooze", "Resolve")
    boxes = [
        alert.get_by_role("button", name=re.compile(f"^{name}")).bounding_box() for name in names
    ]
    assert len({box["y"] for box in boxes if box is not None}) == 1
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 360


def test_a_card_is_opened_by_keyboard(page: Page, demo_service: Service) -> None:
    open_dashboard(page, demo_service)
    page.get_by_role("link", name="Backlog", exact=True).first.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/supply"))
