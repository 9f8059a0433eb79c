"""What users keep of answers that break off or never come, and when executives do what they do."""

import json
import math
import os
import subprocess
import sys
import textwrap
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from subprocess import PIPE
from typing import Any

import psutil
import pytest

from loadtests.browser_stream import BEHIND_OTHERS
from loadtests.chromium import TabCrashed, ViewFailed, Visitors, launched
from loadtests.run import API_LATENCY, RENDER
from slo.objectives import load_objectives
from tests.e2e.conftest import chromium_path
from tests.integration.loadtests.running import (
    BIN,
    ROOT,
    locust,
    measured,
    run,
    scaled_objectives,
    served,
)

SCREEN = "/api/executive-dashboard"


def told_by(script: str, *arguments: str) -> Any:
    """What a script prints: Locust changes the whole process that imports it."""
    done = run(sys.executable, "-c", textwrap.dedent(script), *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


class BreaksOff(BaseHTTPRequestHandler):
    """Promises 5,000 bytes and sends two."""

    def do_GET(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nno")

    def do_POST(self) -> None:
        self.do_GET()


def test_an_answer_that_breaks_off_is_as_bad_as_none() -> None:
    with served(BreaksOff) as host:
        told = told_by(
            f"""
            import json, sys
            from locust.env import Environment
            from loadtests.browsing import BrowsingUser
            from loadtests.options import defaults
            from loadtests.run import Run

            class Visitor(BrowsingUser):
                host = sys.argv[1]

            run = BrowsingUser.run_state = Run()
            BrowsingUser.options = defaults()
            visitor = Visitor(Environment())
            visitor.open_page("/")
            visitor.get("/assets/app.js")
            visitor.ask("{SCREEN}")
            visitor.send("/api/events", "")
            print(json.dumps(run.take()))
            """,
            host,
        )
    samples = {metric: values for metric, _, values, _ in told["samples"]}
    assert samples == {
        "ttfb_ms": [30_000.0],
        "api_latency_ms": [30_000.0],
        "api_status_code": [599.0, 599.0],
    }
    assert told["answers_at"] == []
    assert sum(count for _, count in told["failures_at"]) == 4
    assert all(error.startswith("no answer: ") for error in told["errors"])


ANSWERS_SECONDS = 1.5


class Hangs(BaseHTTPRequestHandler):
    """Answers at once, and after a while never."""

    protocol_version = "HTTP/1.1"
    begun = math.inf

    def do_GET(self) -> None:
        if self.path == SCREEN:
            Hangs.begun = min(Hangs.begun, time.monotonic())
            if time.monotonic() - Hangs.begun > ANSWERS_SECONDS:
                time.sleep(60)
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


def test_a_service_that_hangs_at_the_end_does_not_pass(tmp_path: Path) -> None:
    result, rate, seconds = tmp_path / "run.json", 50, 5
    with served(Hangs) as host:
        done = locust(
            host,
            *("--screens-per-second", f"{rate}", "--mix", "engineer=1", "--result", result),
            seconds=seconds,
            users=1,
        )
    hung = (seconds - 1 - ANSWERS_SECONDS) * rate
    values = measured(result).samples[API_LATENCY].values
    assert sum(value > 1000 for value in values) > hung / 3, sorted(values)[-5:]
    assert " x no answer when the run ended, and too late already" in done.stdout
    content = json.loads(result.read_text())
    assert content["failures"] >= hung / 2
    assert f"not late yet, and left out: {content['left_out']}" in done.stdout or (
        content["left_out"] == 0
    )


def test_a_view_is_one_answer_and_one_that_is_under_way_at_the_end_is_kept() -> None:
    told = told_by(
        """
        import json
        import time
        import gevent
        from locust.env import Environment
        from locust.exception import StopUser
        from loadtests.browsing import BrowsingUser
        from loadtests.run import RENDER, SWITCH, TTFB, Run
        from loadtests.scenarios.browsers import BrowserUser

        class Looking(BrowserUser):
            def _lines(self):
                drawn = {"error": None, "trouble": None}
                yield {"kind": RENDER}
                yield {"samples": [(TTFB, 9.0), (RENDER, 90.0)], **drawn}
                yield {"kind": SWITCH}
                yield {"samples": [(SWITCH, 30000.0)], "error": "Timeout", "trouble": None}
                yield {"kind": RENDER}
                yield {"samples": [], "error": None, "trouble": "it crashed"}
                yield {"kind": RENDER}
                gevent.sleep(60)

        run = BrowsingUser.run_state = Run()
        begun = time.perf_counter()
        user = gevent.spawn(Looking(Environment()).look)
        gevent.sleep(0)  # now it looks
        gevent.sleep(0.2)
        user.kill()
        took_ms = (time.perf_counter() - begun) * 1000
        print(json.dumps(run.take() | {"took_ms": took_ms}))
        """
    )
    samples = {metric: values for metric, _, values, _ in told["samples"]}
    assert samples == {
        "ttfb_ms": [9.0],
        "render_total_ms": [90.0],
        "switch_latency_ms": [30_000.0],
    }
    assert [sum(count for _, count in told[name]) for name in ("answers_at", "failures_at")] == [
        1,
        1,
    ]
    assert told["trouble"] == "it crashed"
    ((metric, event_type, (waited_ms,), _),) = told["cut"]
    assert (metric, event_type) == RENDER
    assert 150 < waited_ms <= told["took_ms"]  # a timer may be a little early


class Crashes(BaseHTTPRequestHandler):
    """A page whose tab dies a little later."""

    def do_GET(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        threading.Timer(0.5, _kill_tabs).start()


def test_a_tab_that_crashed_is_left_and_is_no_sample() -> None:
    with launched(chromium_path()) as browser:
        with served(Crashes) as host:
            visitors = Visitors(browser, host)
            with pytest.raises(TabCrashed, match="crashed"):
                visitors.open()
        with pytest.raises(ViewFailed):  # nobody is there any more, in a tab that works
            visitors.open()


def _kill_tabs() -> None:
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if "--type=renderer" in process.cmdline():
                process.kill()


def test_a_browser_goes_behind_the_generator_and_its_session_too() -> None:
    command = [sys.executable, "-m", "loadtests.browser_stream"]
    with (
        served(AnswersAtOnce) as host,
        subprocess.Popen(command, cwd=ROOT, stdin=PIPE, stdout=PIPE, text=True) as stream,
    ):
        assert stream.stdin is not None
        assert stream.stdout is not None
        settings = {"host": host, "token": "", "chromium": chromium_path(), "think_seconds": 0}
        stream.stdin.write(json.dumps(settings) + "\n")
        stream.stdin.flush()
        assert json.loads(stream.stdout.readline())["kind"] == list(RENDER)  # the browser is there
        family = psutil.Process(stream.pid).children(recursive=True)
        sessions = {_session_nice(one.pid) for one in family if _has_own_session(one.pid)}
        nices = [nice for one in family for nice in _nices(one.pid)]
        stream.stdin.close()
    assert len(nices) > 10  # its processes have many threads
    assert min(nices) >= os.getpriority(os.PRIO_PROCESS, 0) + BEHIND_OTHERS
    if _session_nice(os.getpid()) is not None:  # this machine shares by session
        assert sessions - {None} == {BEHIND_OTHERS}
        assert _session_nice(os.getpid()) != BEHIND_OTHERS


def _has_own_session(process_id: int) -> bool:
    with suppress(OSError):
        return os.getsid(process_id) != os.getsid(0)
    return False


def _session_nice(process_id: int) -> int | None:
    """How much the sessions of others go before a process's own, where Linux shares by session."""
    with suppress(OSError):
        told = Path(f"/proc/{process_id}/autogroup").read_text()  # "/autogroup-24 nice 0"
        if told:  # nothing of a process that is ending
            return int(told.rpartition(" ")[2])
    return None


def _nices(process_id: int) -> list[int]:
    """Of each thread; none of a process that ended meanwhile."""
    with suppress(OSError):
        tasks = Path(f"/proc/{process_id}/task").iterdir()
        return [os.getpriority(os.PRIO_PROCESS, int(task.name)) for task in tasks]
    return []


def test_a_full_processor_counts_after_the_warm_up_only() -> None:
    told = told_by(
        """
        import json
        from locust.env import Environment
        from loadtests.locustfile import _watch_generator
        from loadtests.run import Run
        from loadtests.workers import Receiver

        run = Run(warm_up_seconds=5)
        environment = Environment()
        environment.create_local_runner()
        _watch_generator(environment, run, Receiver(run))
        said = []
        for _ in ("the ten seconds that were full began in the warm-up", "and after it"):
            run.started -= 8
            environment.events.cpu_warning.fire(environment=environment, cpu_usage=99)
            said.append(run.trouble)
        print(json.dumps(said))
        """
    )
    before, after = told
    assert before == ""
    assert after.startswith("the load generator's CPU was full")


class AnswersAtOnce(BaseHTTPRequestHandler):
    """A service that is never slow."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


STUCK = """
import gevent
from gevent.monkey import get_original

def compute():
    while True:
        get_original("time", "sleep")(3)
        gevent.sleep(0.1)

gevent.spawn(compute)
"""


def test_a_generator_that_cannot_keep_up_is_no_slow_service(tmp_path: Path) -> None:
    """The limit is twenty times as long as it is, so that only the generator is over it."""
    result, stuck = tmp_path / "run.json", tmp_path / "stuck.py"
    objectives = scaled_objectives(tmp_path, scale=20)
    stuck.write_text(STUCK)
    with served(AnswersAtOnce) as host:
        done = locust(
            host,
            *("-f", f"{ROOT / 'loadtests' / 'locustfile.py'},{stuck}", "--judge", "api-latency"),
            *("--screens-per-second", "50", "--mix", "engineer=1", "--result", result),
            *("--max-lag-ms", "20", "--objectives-file", objectives),
            seconds=15,
            users=1,
        )
    run_ = measured(result)
    (latency,) = [
        one
        for one in run_.judge(list(load_objectives(objectives)))
        if one.objective.name == "api-latency"
    ]
    assert latency.verdict == "fail"  # as it was measured
    assert done.returncode == 3, done.stdout[-3000:]
    assert (run_.invalid or "").startswith("the load generator was ")
    gate = ("slo", "gate", "--source", "locust", "--result", result, "--file", objectives)
    assert run(BIN / "execdash", *gate, "--objectives", "api-latency").returncode == 3


PEOPLE = 4000
WINDOW_SECONDS = 30


MANY_EXECUTIVES = f"""
import json, random, sys
from collections import Counter
from locust.env import Environment
from loadtests.browsing import BrowsingUser
from loadtests.options import defaults
from loadtests.scenarios.executive import Executive

class Over(Exception):
    pass

class Clock:
    now = 0.0

    def think(self, shortest, longest):
        self.now += random.uniform(shortest, longest)
        if self.now > 600:
            raise Over

class Person(Executive):
    host = "http://127.0.0.1:1"
    opened, stepped = Counter(), Counter()

    def keep_open(self):
        pass

    def open_dashboard(self):
        self.opened[int(self.timetable.now // {WINDOW_SECONDS})] += 1

    def switch(self):
        self.stepped[int(self.timetable.now // {WINDOW_SECONDS})] += 1

    drill_down = look_at_alerts = switch

BrowsingUser.options = defaults()
BrowsingUser.options.shape = sys.argv[1]
random.seed(7)
environment = Environment()
for _ in range({PEOPLE}):
    person = Person(environment)
    person.timetable = Clock()
    try:
        person.on_start()
        while True:
            person.session()
    except Over:
        pass
print(json.dumps([[kind[at] for at in range(600 // {WINDOW_SECONDS})]
                  for kind in (Person.opened, Person.stepped)]))
"""


@pytest.mark.parametrize("shape", ["steady", "spike"])
def test_executives_do_as_much_from_the_start_as_ever_and_come_together_in_a_spike(
    shape: str,
) -> None:
    opened, stepped = told_by(MANY_EXECUTIVES, shape)
    if shape == "spike":
        assert opened[0] == PEOPLE
        return
    # Five steps of five seconds, and 240 seconds left open.
    expected = PEOPLE * WINDOW_SECONDS / 265
    for window in opened:
        assert window == pytest.approx(expected, abs=5 * math.sqrt(expected))
    for window in stepped:  # five come together, so the spread is wider
        assert window == pytest.approx(5 * expected, abs=5 * math.sqrt(5 * 6 * expected))
