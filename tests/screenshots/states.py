"""What the pages alone do not show: what opens on them, what fails, and strange companies."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, Route, expect

from tests.e2e.clock import let_pass
from tests.e2e.conftest import Service, start_service
from tests.e2e.test_accessible import OPENED
from tests.e2e.test_wall import PAPER
from tests.ports import free_port
from tests.screenshots import odd

STALE_AFTER_S = 130  # the next poll has come by then
AWAY_AFTER_S = 200  # and three tries of it have failed


@dataclass(frozen=True)
class State:
    """``prepared`` is done before the page is opened, ``opened`` after that."""

    company: str
    path: str = "/dashboard"
    prepared: Callable[[Page], None] = lambda _page: None
    opened: Callable[[Page], None] = lambda _page: None


def _stale(page: Page) -> None:
    def answer(route: Route) -> None:
        got = route.fetch()
        body = got.json()
        body["freshness"]["stale"] = True
        route.fulfill(response=got, json=body)

    page.route("**/api/executive-dashboard?*", answer)
    let_pass(page, STALE_AFTER_S)
    page.clock.resume()


def _away(page: Page) -> None:
    page.context.set_offline(True)
    let_pass(page, AWAY_AFTER_S)
    page.clock.resume()


def _refused(page: Page) -> None:
    page.route("**/api/kpis/**", lambda route: route.fulfill(status=500))


def _told(page: Page) -> None:
    expect(page.get_by_role("button", name="Try again").first).to_be_visible(timeout=60_000)


def _on_paper(page: Page) -> None:
    page.set_viewport_size(PAPER)
    page.emulate_media(media="print", color_scheme="light")


def _clocked(page: Page) -> None:
    page.clock.install()


def _unfolded(page: Page) -> None:
    for toggle in page.get_by_role("main").get_by_role("button", name="Details").all()[:2]:
        toggle.click()


STRANGE = (
    "/dashboard",
    "/dashboard?kiosk=1",
    "/supply",
    "/operations/uptime",
    "/finance/kpis/gm",
    "/finance/kpis/payback",
    "/reliability",
)
STATES = {
    **{f"opened-{name}": State("demo", opened=opened) for name, opened in OPENED.items()},
    "opened-objectives": State("demo", "/reliability", opened=_unfolded),
    "stale": State("demo", prepared=_clocked, opened=_stale),
    "stale-kiosk": State("demo", "/dashboard?kiosk=1", prepared=_clocked, opened=_stale),
    "away": State("demo", prepared=_clocked, opened=_away),
    "error": State("demo", "/supply", prepared=_refused, opened=_told),
    "paper": State("demo", opened=_on_paper),
    "paper-supply": State("demo", "/supply", opened=_on_paper),
    "quarters": State("demo", "/dashboard?granularity=quarter&compare=year_ago"),
    "guarded": State("guarded"),
    **{
        f"{company}{path.replace('/', '-').replace('?', '-').replace('=1', '')}": State(
            company, path
        )
        for company in ("empty", "odd")
        for path in STRANGE
    },
}


@contextmanager
def companies(demo_url: str) -> Iterator[Callable[[str], str]]:
    """Gives the address of a company's service, which is started when it is first asked for."""
    urls = {"demo": demo_url}
    with ExitStack() as stack:

        def url(company: str) -> str:
            if company not in urls:
                folder = Path(stack.enter_context(TemporaryDirectory()))
                service = _started(company, folder)
                stack.callback(service.stop)
                urls[company] = service.url
            return urls[company]

        yield url


def _started(company: str, folder: Path) -> Service:
    if company == "odd":
        odd.fill(folder)
    if company != "guarded":
        return start_service(folder)
    port = free_port()
    accounts = {"EXECDASH_ACCOUNTS": "true", "EXECDASH_PUBLIC_URL": f"http://127.0.0.1:{port}"}
    return start_service(folder, port=port, settings=accounts)
