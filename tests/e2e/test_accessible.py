"""Every page, in both themes, as axe and a keyboard see it."""

import re
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Service
from tests.e2e.test_screen import DRILLDOWNS, open_dashboard, open_page

AXE = Path(__file__).parents[2] / "frontend/node_modules/axe-core/axe.min.js"


def violations(page: Page) -> list[str]:
    """What axe finds, one line a rule with the first element that breaks it."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run()")["violations"]
    return [f"{v['impact']} {v['id']}: {v['nodes'][0]['html'][:160]}" for v in found]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/dashboard", *DRILLDOWNS])
def test_axe_finds_nothing(
    page: Page, demo_service: Service, path: str, theme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    open_page(page, demo_service, path)
    # What is fetched ahead has come, too, which a service that has just begun has to compute.
    page.wait_for_load_state("networkidle", timeout=60_000)
    assert violations(page) == []


@pytest.mark.parametrize("width", [360, 768, 1440, 3840])
@pytest.mark.parametrize("path", ["/dashboard", "/supply", "/finance/kpis/gm", "/reliability"])
def test_nothing_is_wider_than_the_window(
    page: Page, demo_service: Service, path: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    open_page(page, demo_service, path)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width


def test_a_card_is_opened_by_keyboard(page: Page, demo_service: Service) -> None:
    open_dashboard(page, demo_service)
    page.get_by_role("link", name="Backlog", exact=True).first.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/supply"))
