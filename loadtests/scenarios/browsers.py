"""Real browsers beside the protocol users: what they draw is timed by the page itself."""

import json
import sys
import time
from collections.abc import Iterator
from subprocess import PIPE
from typing import Any

from gevent.subprocess import Popen
from locust import User, task
from locust.env import Environment
from locust.exception import StopUser

from loadtests.arguments import chromium
from loadtests.browsing import BrowsingUser


class BrowserFailed(Exception):
    """A view that was not drawn."""


class BrowserUser(User):
    """A Chromium in a process of its own. What it measures is reported as Locust's requests."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._process: Popen[bytes] | None = None

    @task
    def look(self) -> None:
        """Start the browser, and keep what it measures until the user stops."""
        run = BrowsingUser.run_state
        lines = self._lines()
        for looking in lines:
            metric, event_type = looking["kind"]
            begun = time.perf_counter()
            with run.under_way((metric, event_type), begun):
                seen = next(lines, None)
            if seen is None:
                break
            self._keep(seen, begun)
        run.trouble = "a browser of the load generator ended by itself"
        raise StopUser

    def _keep(self, seen: dict[str, Any], begun: float) -> None:
        """Keep what came of one view."""
        run = BrowsingUser.run_state
        if seen["trouble"]:
            run.trouble = seen["trouble"]
            return
        error = seen["error"]
        run.count(error or "", answered=error is None, begun=begun)
        for (metric, event_type), value in seen["samples"]:
            run.add((metric, event_type), value, begun)
            self.environment.events.request.fire(
                request_type="BROWSER",
                name=metric,
                response_time=value,
                response_length=0,
                exception=BrowserFailed(error) if error else None,
                context={},
            )

    def on_stop(self) -> None:
        """Close the browser."""
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.wait(timeout=10)

    def _lines(self) -> Iterator[dict[str, Any]]:
        options = BrowsingUser.options
        process = self._process = Popen(
            [sys.executable, "-m", "loadtests.browser_stream"], stdin=PIPE, stdout=PIPE
        )
        assert process.stdin is not None
        assert process.stdout is not None
        settings = {
            "host": (self.host or "").rstrip("/"),
            "token": options.token,
            "chromium": chromium(options.chromium),
            "think_seconds": options.browser_think_seconds,
        }
        process.stdin.write(json.dumps(settings).encode() + b"\n")
        process.stdin.flush()
        for line in process.stdout:
            yield json.loads(line)
