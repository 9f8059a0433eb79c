"""Takes pictures of every page: ``screenshots FOLDER``; the service is at ``EXECDASH_HOST``."""

import argparse
import os
import shutil
import sys
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, sync_playwright

from api.auth.permissions import PAGES
from loadtests.chromium import FLAGS

EVERY = (*PAGES, "/dashboard?kiosk=1", "/sign-in", "/nowhere")
HEIGHTS = {360: 780, 1440: 900, 1920: 1080, 3840: 2160}  # by width
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
IDLE_MS = 1_500  # charts have been taken over by then


def main() -> None:
    """All that is asked for, one file a page, theme and width."""
    parser = argparse.ArgumentParser(prog="screenshots", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--widths", nargs="+", type=int, choices=HEIGHTS, default=[*HEIGHTS])
    parser.add_argument("--themes", nargs="+", choices=THEMES, default=[*THEMES])
    parser.add_argument("--pages", nargs="+", default=[*EVERY], metavar="PATH")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    chromium = os.environ.get("CHROMIUM_PATH") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for theme in asked.themes:
            for width in asked.widths:
                _at(browser, asked.pages, asked.folder, theme, width)
        browser.close()
    sys.stdout.write(f"screenshots are in {asked.folder}\n")


def _at(
    browser: Browser,
    paths: list[str],
    folder: Path,
    theme: Literal["light", "dark"],
    width: int,
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHTS[width]}, color_scheme=theme, locale="en-GB"
    )
    page = context.new_page()
    for path in paths:
        page.goto(f"{os.environ['EXECDASH_HOST']}{path}")
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(IDLE_MS)
        name = path.strip("/").replace("/", "-").replace("?", "-").replace("=1", "")
        page.screenshot(path=folder / f"{name}-{theme}-{width}.png", full_page=width < 1920)
    context.close()


if __name__ == "__main__":
    main()
