"""An ETL job that imports orders while people look: new ones, and changes of earlier ones."""

import csv
import io
import random
import uuid
from datetime import UTC, date, datetime, timedelta

from locust import task

from loadtests.browsing import BrowsingUser

ORDERS_API = "/api/imports/orders"
NEW_ORDERS = 20  # with each import
CHANGED_ORDERS = 80  # of those before
DAYS_BACK = 60
FIELDS = ("order_id", "customer_id", "booked_on", "recognized_on", "amount", "type")


class Importer(BrowsingUser):
    """Writes into the service's own tables: for a service whose numbers nobody needs."""

    def on_start(self) -> None:
        """Take a prefix of its own, so that two importers do not share orders."""
        self._prefix = uuid.uuid4().hex[:8]
        self._orders = 0

    @task
    def import_orders(self) -> None:
        """Import what is new and what changed."""
        first_new, self._orders = self._orders, self._orders + NEW_ORDERS
        changed = random.sample(range(first_new), min(CHANGED_ORDERS, first_new))
        rows = [self._order(number) for number in (*changed, *range(first_new, self._orders))]
        self.send(ORDERS_API, as_csv(rows), "text/csv")
        self.timetable.think(self.options.import_seconds, self.options.import_seconds)

    def _order(self, number: int) -> tuple[object, ...]:
        booked_on = _today() - timedelta(days=1 + number % DAYS_BACK)
        amount = random.randrange(100, 10_000)  # noqa: S311 - no secret
        order_id = f"load-{self._prefix}-{number}"
        return (order_id, f"load-{number % 50}", booked_on, booked_on, amount, "one_off")


def as_csv(rows: list[tuple[object, ...]]) -> str:
    """Rows under their heading."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(FIELDS)
    writer.writerows(rows)
    return text.getvalue()


def _today() -> date:
    return datetime.now(UTC).date()
