"""One real browser for a load run: it looks on and on, and writes two lines for each view.

Locust's own loop and the browser's cannot share a process. ``loadtests/scenarios/browsers.py``
starts this one, with its settings as JSON on the standard input, and ends it by closing that.
The first is ``{"kind"}``, what is waited for, when it begins. The second is ``{"samples", "error",
"trouble"}``: ``error`` is why it was not drawn, ``trouble`` why that is not the service's fault.
"""

import ctypes
import json
import os
import random
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from loadtests.chromium import Sample, TabCrashed, ViewFailed, Visitors, launched
from loadtests.run import RENDER, SWITCH, Kind

PAUSE_AFTER_FAILURE_SECONDS = 1.0
BEHIND_OTHERS = 10  # as "nice" counts
PR_CAPBSET_DROP, CAP_SYS_NICE = 24, 23  # of Linux


def main() -> None:
    """Look until the one who started this goes away."""
    settings = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _keep_in_line()
    with launched(settings["chromium"]) as browser:
        _keep_sessions_in_line()
        visitors = Visitors(browser, settings["host"], settings["token"])
        while True:
            for kind, look in ((RENDER, visitors.open), (SWITCH, visitors.switch)):
                if not _drawn(kind, look):
                    time.sleep(PAUSE_AFTER_FAILURE_SECONDS)
                    break
                # Browsers that began together do not look together for ever.
                time.sleep(settings["think_seconds"] * random.uniform(0.5, 1.5))  # noqa: S311 - no secret


def _keep_in_line() -> None:
    """Let what starts from here go behind the generator, and a service on the same machine.

    A browser has dozens of threads, and in truth a machine of its own: with an equal share for each
    of them it would hold up whom it is to measure. As root it would even put them first.
    """
    if hasattr(os, "nice"):
        os.nice(BEHIND_OTHERS)
    if sys.platform == "linux":  # of who is not root there is nothing to take away
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_SYS_NICE, 0, 0, 0)


def _keep_sessions_in_line() -> None:
    """Where Linux shares by session (autogroup), a browser counts like all others together."""
    for process in psutil.Process().children(recursive=True):
        with suppress(OSError):  # there is no such sharing, or the process is gone
            if os.getsid(process.pid) != os.getsid(0):  # else it is the generator's own
                Path(f"/proc/{process.pid}/autogroup").write_text(str(BEHIND_OTHERS))


def _drawn(kind: Kind, look: Callable[[], list[Sample]]) -> bool:
    """Tell that it begins, and what came of it."""
    _tell(kind=kind)
    samples, error, trouble = [], None, None
    try:
        samples = look()
    except ViewFailed as failed:
        samples, error = [failed.sample], str(failed)
    except TabCrashed as crashed:
        trouble = f"a browser of the load generator crashed: {crashed}"
    _tell(samples=samples, error=error, trouble=trouble)
    return not (error or trouble)


def _tell(**line: Any) -> None:
    print(json.dumps(line), flush=True)  # noqa: T201 - this is what the process is for


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)  # the browser's driver ends when its pipe does


if __name__ == "__main__":
    main()
