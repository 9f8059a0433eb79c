"""A page's own clock, moved on faster than real time: for what a page does every so often."""

from playwright.sync_api import Page, Request, Response

STEP_MS = 5_000
ANSWER_MS = 20  # of real time: answers take it, however far the page's clock moves
LONGEST_WAIT_S = 120  # several times what lies between two polls


def let_pass(page: Page, seconds: int) -> None:
    """Move the clock on a step at a time: a wait begins only when the answer before it was read."""
    for _ in range(seconds * 1000 // STEP_MS):
        page.clock.run_for(STEP_MS)
        page.wait_for_timeout(ANSWER_MS)


def until_polled(page: Page) -> Response:
    """Move the clock on until the alerts are asked for once more; the answer, wholly arrived."""
    asked: list[Request] = []

    def note(request: Request) -> None:
        if request.url.endswith("/api/alerts"):
            asked.append(request)

    page.on("request", note)
    for _ in range(LONGEST_WAIT_S * 1000 // STEP_MS):
        let_pass(page, STEP_MS // 1000)
        if asked:
            break
    page.remove_listener("request", note)
    assert asked, "the page has stopped to poll"
    answer = asked[0].response()
    assert answer is not None
    answer.finished()
    return answer
