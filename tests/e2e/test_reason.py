"""Reason: what moved a number, one level down, and what is missing where nothing can be said."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Service, start_service
from tests.e2e.test_screen import CARDS, HIGHLIGHTS, open_dashboard, open_page


def test_every_kpi_is_explained_in_one_sentence(page: Page, demo_service: Service) -> None:
    open_dashboard(page, demo_service)
    panel = page.get_by_role("region", name="What moved it")
    for label in (*CARDS, *HIGHLIGHTS):
        panel.get_by_label("KPI to explain").select_option(label=label)
        expect(panel).to_contain_text("contributed")
        expect(panel).to_contain_text(
            re.compile(rf"(The f|F)orecast of|{re.escape(label)} (rose|fell)")
        )
        expect(panel).to_contain_text("residual")


@pytest.mark.parametrize("label", HIGHLIGHTS)
def test_a_highlight_leads_to_its_reason_in_two_clicks(
    page: Page, demo_service: Service, label: str
) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    open_dashboard(page, demo_service)
    page.get_by_role("button", name=label, exact=True).click()
    inspector = page.get_by_role("dialog", name=re.compile(f"^{label}"))
    expect(inspector.get_by_role("heading", name="What moved it")).to_be_visible()
    expect(inspector).to_contain_text("contributed")
    said = inspector.get_by_text(re.compile("contributed")).first.inner_text()
    inspector.get_by_role("button", name="All that moved it").click()
    panel = page.get_by_role("region", name="What moved it")
    expect(panel).to_contain_text(said)
    choice = panel.get_by_label("KPI to explain")
    expect(choice).to_be_focused()
    expect(choice).to_be_in_viewport(ratio=1)
    expect(inspector).to_have_count(0)


@pytest.mark.parametrize(
    ("path", "inside"),
    [
        ("/sales/kpis/pipeline", re.compile(r"New deals by stage|\d+ more")),
        ("/supply/kpis/inventory_turns", re.compile("Cost of goods sold by month")),
        ("/finance/kpis/gm", re.compile("by (region|segment|product|customer|type); ")),
    ],
)
def test_a_pages_contribution_is_looked_into(
    page: Page, demo_service: Service, path: str, inside: re.Pattern[str]
) -> None:
    open_page(page, demo_service, path)
    card = page.get_by_role("region", name="What moved it")
    card.get_by_label("Look into").select_option(index=1)
    expect(card.get_by_text(inside).last).to_be_visible()
    expect(card.get_by_text(re.compile(r"residual [+\u2212-]?£?0")).last).to_be_visible()


def test_a_contribution_opens_its_own_contributions(page: Page, demo_service: Service) -> None:
    open_dashboard(page, demo_service, "?why=revenue")
    panel = page.get_by_role("region", name="What moved it")
    by = panel.get_by_label("By", exact=True)
    by.select_option(label="Region")
    expect(by).to_have_value("region")
    opener = panel.locator("button[aria-expanded]").first
    name = opener.get_attribute("title")
    opener.focus()
    page.keyboard.press("Enter")
    expect(opener).to_have_attribute("aria-expanded", "true")
    expect(panel.get_by_text(f"Within {name}, which contributed")).to_be_visible()
    expect(
        panel.get_by_text(re.compile(rf"{name} by (segment|product|customer|type)"))
    ).to_be_visible()
    opener.click()
    expect(panel.get_by_text(f"Within {name}")).to_have_count(0)


def test_a_kpi_without_data_says_what_is_missing(page: Page, superstore_service: Service) -> None:
    open_dashboard(page, superstore_service, "?as_of=2017-12-31&why=nrr")
    panel = page.get_by_role("region", name="What moved it")
    expect(panel).to_contain_text("NRR has no value for this window: there are no data for it.")


def test_risks_name_owner_due_date_and_mitigation_and_mark_what_is_overdue(
    page: Page, demo_service: Service
) -> None:
    open_dashboard(page, demo_service)
    first = page.get_by_role("list", name="Risks").locator("li").first
    expect(first).to_contain_text("Overdue since")
    expect(first).to_contain_text("Qualify a second supplier")
    expect(first).to_contain_text("Priya Raman")


WHOLE = """list => [...list.querySelectorAll('li > p')].every(
  text => text.scrollHeight <= text.clientHeight && text.scrollWidth <= text.clientWidth)"""


LONG = "Qualify a second supplier in another country, and hold eight weeks of stock meanwhile. " * 6


@pytest.fixture
def own_service(tmp_path: Path) -> Iterator[Service]:
    """Demo data of its own, to add to."""
    service = start_service(tmp_path, "--demo")
    yield service
    service.stop()


def test_mitigations_are_read_whole_without_a_pointer(own_service: Service, page: Page) -> None:
    page.set_viewport_size({"width": 1120, "height": 800})
    imported = page.request.post(
        f"{own_service.url}/api/imports/risks",
        headers={"content-type": "text/csv"},
        data=f'title,owner,due,mitigation,status\nOne supplier,Mia,2020-01-01,"{LONG}",open\n',
    )
    assert imported.json()["inserted"] == 1, imported.text()
    open_dashboard(page, own_service)
    risks = page.get_by_role("list", name="Risks")
    expect(risks.get_by_text(LONG.strip())).to_be_visible()
    assert risks.evaluate(WHOLE)
    assert risks.locator("[title]").count() == 0
