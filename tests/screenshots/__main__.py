"""Takes pictures of every page, and of what a page alone does not show: ``screenshots FOLDER``.

The service with demo data is at ``EXECDASH_HOST``; others are started where they are needed.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

from api.auth.permissions import PAGES
from loadtests.chromium import FLAGS
from tests.screenshots.states import STATES, State, companies

EVERY = (*PAGES, "/dashboard?kiosk=1", "/sign-in", "/nowhere")
HEIGHTS = {360: 780, 1440: 900, 1920: 1080, 3840: 2160}  # by width
PHONE = 360
STATES_AT = (360, 1920)
PATIENCE_MS = 60_000  # a service that has just begun computes what is fetched ahead
IDLE_MS = 1_500  # charts have been taken over by then

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")


def main() -> None:
    """All that is asked for, one file a page or state, theme and width."""
    asked = _arguments()
    asked.folder.mkdir(parents=True, exist_ok=True)
    some = asked.pages is not None or asked.states is not None
    pages = {_name(path): State("demo", path) for path in asked.pages or (() if some else EVERY)}
    states = {name: STATES[name] for name in asked.states or (() if some else STATES)}
    chromium = os.environ.get("CHROMIUM_PATH") or shutil.which("chromium")
    with sync_playwright() as playwright, companies(os.environ["EXECDASH_HOST"]) as url:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for theme in asked.themes:
            for width in asked.widths:
                shown = pages | (states if asked.states or width in STATES_AT else {})
                for name, state in shown.items():
                    _take(browser, url, state, asked.folder / f"{name}-{theme}-{width}.png")
        browser.close()
    sys.stdout.write(f"screenshots are in {asked.folder}\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="screenshots", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--widths", nargs="+", type=int, choices=HEIGHTS, default=[*HEIGHTS])
    parser.add_argument("--themes", nargs="+", choices=THEMES, default=[*THEMES])
    parser.add_argument("--pages", nargs="+", metavar="PATH", help="these, and no other picture")
    parser.add_argument("--states", nargs="+", choices=STATES, help="these, and no other picture")
    return parser.parse_args()


def _name(path: str) -> str:
    return path.strip("/").replace("/", "-").replace("?", "-").replace("=1", "")


def _take(browser: Browser, url: Callable[[str], str], state: State, file: Path) -> None:
    *_, theme, width = file.stem.split("-")
    page = _page(browser, "dark" if theme == "dark" else "light", int(width))
    state.prepared(page)
    page.goto(f"{url(state.company)}{state.path}")
    page.wait_for_load_state("networkidle", timeout=PATIENCE_MS)
    state.opened(page)
    page.wait_for_timeout(IDLE_MS)
    if int(width) == PHONE and page.get_by_role("dialog").count() == 0:
        _heighten(page)
    page.screenshot(path=file, full_page=PHONE < int(width) < 1920)
    page.context.close()


def _heighten(page: Page) -> None:
    """Make room for all of it: a picture of more than is seen forgets that it is of a phone."""
    height = page.evaluate("document.scrollingElement.scrollHeight")
    page.set_viewport_size({"width": PHONE, "height": height})
    page.wait_for_timeout(IDLE_MS)


def _page(browser: Browser, theme: Theme, width: int) -> Page:
    return browser.new_context(
        viewport={"width": width, "height": HEIGHTS[width]},
        color_scheme=theme,
        locale="en-GB",
        has_touch=width == PHONE,
        is_mobile=width == PHONE,
    ).new_page()


if __name__ == "__main__":
    main()
