"""An executive's session: open the dashboard, switch, drill down, leave it open and let it poll."""

import random

from locust import task

from loadtests.scenarios.page import PageUser
from loadtests.timetable import met_midway

THINK_SECONDS = (2.0, 8.0)  # between two things that a person does
STEPS = (3, 7)  # things that a person does before turning to something else
LEFT_OPEN = (0.5, 1.5)  # of --open-seconds

RANGES = ("6m", "12m")
GRANULARITIES = ("month", "quarter")
KPIS = ("backlog", "uptime", "nrr", "gm", "payback", "revenue", "arr", "coverage_months")


class Executive(PageUser):
    """One person with one open page."""

    weight = 90

    def on_start(self) -> None:
        """Begin anywhere in a session, so that load is even from the start; in a spike all come."""
        if self.options.shape != "spike":
            self.keep_open()
            self._go_on(met_midway(self._waits, sum(self._longest_waits())))

    @task
    def session(self) -> None:
        """Come to the dashboard, look at a few things, and leave it open."""
        self.open_dashboard()
        self._go_on(self._waits())

    def _go_on(self, waits: list[float]) -> None:
        *thinking, left_open = waits
        for seconds in thinking:
            self.timetable.think(seconds, seconds)
            steps = (self.switch, self.drill_down, self.look_at_alerts)
            (step,) = random.choices(steps, (5, 4, 1))  # noqa: S311 - no secret
            step()
        self.timetable.think(left_open, left_open)

    def _waits(self) -> list[float]:
        """Before each step, and at the end."""
        scale, open_seconds = self.options.think_scale, self.options.open_seconds
        steps = random.randint(*STEPS)  # noqa: S311 - no secret
        thinking = [random.uniform(*THINK_SECONDS) * scale for _ in range(steps)]  # noqa: S311 - no secret
        return [*thinking, random.uniform(*LEFT_OPEN) * open_seconds]  # noqa: S311 - no secret

    def _longest_waits(self) -> tuple[float, float]:
        thinking = max(STEPS) * max(THINK_SECONDS) * self.options.think_scale
        return thinking, max(LEFT_OPEN) * self.options.open_seconds

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


def _other(choices: tuple[str, str], current: str) -> str:
    return choices[1] if current == choices[0] else choices[0]
