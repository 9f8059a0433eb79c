"""Draws the first screen as HTML with the pages' own code, in an engine that has no browser."""

import logging
from pathlib import Path

from quickjs import Function, JSException

MOST_BYTES = 64 << 20
MOST_SECONDS = 2.0  # a drawing takes a few hundredths

logger = logging.getLogger(__name__)


class Prerenderer:
    """The script that ``vite.prerender.config.ts`` builds, on a thread of its own."""

    def __init__(self, script: str) -> None:
        self._draw = Function("prerender", script, own_executor=True)
        self._draw.set_memory_limit(MOST_BYTES)
        self._draw.set_time_limit(MOST_SECONDS)

    def html(self, path: str, first: str) -> str | None:
        """The screen at ``path`` with its data, the JSON ``{path, body}``.

        None when it cannot be drawn: the page then draws itself.
        """
        try:
            drawn: str = self._draw(path, first)
        except (JSException, TypeError) as error:  # the latter for what is no text
            logger.warning("the first screen could not be drawn: %s", str(error).splitlines()[0])
            return None
        return drawn


def load_prerenderer(file: Path) -> Prerenderer | None:
    """None where the pages were built without one."""
    if not file.is_file():
        return None
    try:
        return Prerenderer(file.read_text(encoding="utf-8"))
    except JSException as error:
        logger.warning("the first screen is not drawn ahead: %s", str(error).splitlines()[0])
        return None
