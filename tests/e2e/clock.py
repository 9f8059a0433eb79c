"""A page's own clock, moved on faster than real time: for what a page does every so often."""

from playwright.sync_api import Page, Request, Response

STEP_MS = 5_000
ANSWER_MS = 20  # of real time: answers take it, however far the page's clock moves
LONGEST_WAIT_S = 120  # several times what lies between two polls


def let_pass(page: Page, seconds: int) -> None:
    """Move the clock on a step at a time: a wait begins only when the answer before it was read."""
    for _ in range(seconds * 1000 // STEP_MS):
        _step(page, STEP_MS)


def until_polled(page: Page) -> Response:
    """Move the clock on until the alerts are asked for once more; the answer, wholly arrived."""
    return until_next_poll(page, STEP_MS)[0]


def until_next_poll(page: Page, step_ms: int) -> tuple[Response, int]:
    """The same, and how far the clock moved until then, in milliseconds.

    The clock stands while the service answers: that takes real time, and no page time.
    """
    asked: list[Request] = []

    def note(request: Request) -> None:
        if request.url.endswith("/api/alerts"):
            asked.append(request)

    page.on("request", note)
    moved_ms = 0
    while not asked and moved_ms < LONGEST_WAIT_S * 1000:
        _step(page, step_ms)
        moved_ms += step_ms
    page.remove_listener("request", note)
    assert asked, "the page has stopped to poll"
    answer = asked[0].response()
    assert answer is not None
    answer.finished()
    page.wait_for_timeout(ANSWER_MS)  # in which the page reads it
    return answer, moved_ms


def _step(page: Page, step_ms: int) -> None:
    page.clock.run_for(step_ms)
    page.wait_for_timeout(ANSWER_MS)
