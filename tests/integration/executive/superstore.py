"""The Superstore file's order lines as rows of ``orders``, read without the importer."""

import csv
from pathlib import Path

from tests.factories import Row, order

FILE = Path(__file__).parents[2] / "data" / "superstore.csv"


def order_lines() -> list[Row]:
    """A line is booked on its order date and recognized on its ship date."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return [
            order(
                line["Order Date"],
                line["Sales"],
                recognized_on=line["Ship Date"],
                profit=line["Profit"],
                order_id=line["Row ID"],
                customer_id=line["Customer ID"],
                product=line["Sub-Category"],
                segment=line["Segment"],
                region=line["Region"],
            )
            for line in csv.DictReader(file)
        ]
