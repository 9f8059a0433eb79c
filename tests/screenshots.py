"""Takes pictures of every page: ``screenshots FOLDER``; the service is at ``EXECDASH_HOST``."""

import os
import shutil
import sys
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, sync_playwright

from api.auth.permissions import PAGES
from loadtests.chromium import FLAGS

WIDTHS = {360: 780, 1440: 900, 1920: 1080, 3840: 2160}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
IDLE_MS = 1_500  # charts have been taken over by then


def main() -> None:
    """All of them, one file a page, theme and width."""
    folder, host = Path(sys.argv[1]), os.environ["EXECDASH_HOST"]
    folder.mkdir(parents=True, exist_ok=True)
    chromium = os.environ.get("CHROMIUM_PATH") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for theme in THEMES:
            for width, height in WIDTHS.items():
                _at(browser, host, folder, theme, width, height)
        browser.close()
    sys.stdout.write(f"screenshots are in {folder}\n")


def _at(
    browser: Browser,
    host: str,
    folder: Path,
    theme: Literal["light", "dark"],
    width: int,
    height: int,
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=theme, locale="en-GB"
    )
    page = context.new_page()
    for path in (*PAGES, "/dashboard?kiosk=1"):
        page.goto(f"{host}{path}")
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(IDLE_MS)
        name = path.strip("/").replace("/", "-").replace("?", "-").replace("=1", "")
        page.screenshot(path=folder / f"{name}-{theme}-{width}.png", full_page=width < 1920)
    context.close()


if __name__ == "__main__":
    main()
