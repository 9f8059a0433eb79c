"""An executive's session: open the dashboard, switch, drill down, leave it open and let it poll."""

import random

from locust import task

from loadtests.scenarios.page import PageUser

THINK_SECONDS = (2.0, 8.0)  # between two things that a person does
STEPS = (3, 7)  # things that a person does before turning to something else
LEFT_OPEN = (0.5, 1.5)  # of --open-seconds

RANGES = ("6m", "12m")
GRANULARITIES = ("month", "quarter")
KPIS = ("backlog", "uptime", "nrr", "gm", "payback", "revenue", "arr", "coverage_months")


class Executive(PageUser):
    """One person with one open page."""

    weight = 90

    @task
    def session(self) -> None:
        """Come to the dashboard, look at a few things, and leave it open."""
        self.open_dashboard()
        steps = (self.switch, self.drill_down, self.look_at_alerts)
        for step in random.choices(steps, (5, 4, 1), k=random.randint(*STEPS)):  # noqa: S311 - no secret
            self._think()
            step()
        open_seconds = self.options.open_seconds
        self.timetable.think(*(share * open_seconds for share in LEFT_OPEN))

    def switch(self) -> None:
        """Choose another range or granularity."""
        if random.random() < 0.5:  # noqa: S311 - no secret
            self.range = _other(RANGES, self.range)
        else:
            self.granularity = _other(GRANULARITIES, self.granularity)
        self.ask_for_screen()

    def drill_down(self) -> None:
        """Open a KPI: its series, what drives it, and the rows behind it."""
        key = random.choice(KPIS)  # noqa: S311 - no secret
        self.ask(f"/api/kpis/{key}?{self.view}", "/api/kpis/{key}")
        self.ask(f"/api/drivers/{key}?{self.view}", "/api/drivers/{key}")
        self.ask(f"/api/kpis/{key}/rows?{self.view}&page=1&page_size=50", "/api/kpis/{key}/rows")
        self.beacon("drilldown", kpi=key)

    def look_at_alerts(self) -> None:
        """Follow an alert."""
        self.ask("/api/alerts")
        self.beacon("alert_click", to="/finance/kpis/gm")

    def _think(self) -> None:
        scale = self.options.think_scale
        self.timetable.think(*(seconds * scale for seconds in THINK_SECONDS))


def _other(choices: tuple[str, str], current: str) -> str:
    return choices[1] if current == choices[0] else choices[0]
