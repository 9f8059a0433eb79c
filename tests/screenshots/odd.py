"""A company that strains the screen: huge and negative amounts, and names as long as allowed."""

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from tests.e2e.conftest import execdash

TODAY = datetime.now(UTC).date()
MONTHS = 26
LONG = "Gesellschaft für außerordentlich verlässliche Tiefdruckgebietsbeobachtung mbH & Co. KG"
UNBROKEN = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
SEGMENTS = (LONG, UNBROKEN, "SMB")
Row = dict[str, object]


def _months() -> list[date]:
    """The first days of the last months, this one included."""
    first = TODAY.replace(day=1)
    days = [first]
    while len(days) < MONTHS:
        days.append((days[-1] - timedelta(days=1)).replace(day=1))
    return days[::-1]


def _orders() -> list[Row]:
    return [
        {
            "order_id": f"ORDER-{month:%Y-%m}-{place}-OF-A-VERY-LONG-SERIES",
            "customer_id": f"C-{place}",
            "booked_on": month,
            "recognized_on": "" if place == 2 else month,
            "amount": amount * (1 + number),
            "profit": -amount * (1 + number),
            "type": "subscription" if place == 1 else "one_off",
            "product": UNBROKEN,
            "segment": SEGMENTS[place],
            "region": SEGMENTS[-1 - place],
        }
        for number, month in enumerate(_months())
        for place, amount in enumerate((-31_234_567_890, 987_654_321, 12_345_678_901))
    ]


def _files() -> dict[str, list[Row]]:
    months = _months()
    names = [LONG, UNBROKEN, "C"]
    return {
        "orders": _orders(),
        "customers": [{"customer_id": f"C-{i}", "name": name} for i, name in enumerate(names)],
        "expenses": [
            {
                "expense_id": f"E-{month}",
                "incurred_on": month,
                "category": "sales_marketing",
                "amount": 98_765_432_109,
            }
            for month in months
        ],
        "retention": [
            {
                "period": f"{month:%Y-%m}",
                "opening_mrr": 1_000_000,
                "churned_mrr": 1_234_567 + 10_000 * number,
                "expansion_mrr": 0,
                "new_mrr": 1,
            }
            for number, month in enumerate(months)
        ],
        "uptime": [
            {
                "service": service,
                "period": f"{month:%Y-%m}",
                "up_seconds": 1_300_000 + 40_000 * number,
                "observed_seconds": 2_400_000,
            }
            for number, month in enumerate(months[:-1])
            for service in (LONG, UNBROKEN)
        ],
        "targets": [
            {"kpi": kpi, "target": 99_999_999_999, "watch": watch, "act": act}
            for kpi, watch, act in (("backlog", 1, 2), ("revenue", 1_000_000, 0))
        ],
        "risks": [
            {
                "title": f"{name}: {number}",
                "owner": LONG,
                "due": TODAY + timedelta(days=number - 2),
                "mitigation": " ".join([LONG, UNBROKEN] * 5),
                "status": "mitigating",
            }
            for number, name in enumerate([LONG, UNBROKEN] * 4)
        ],
    }


def fill(folder: Path) -> None:
    """Import all of it into the database in ``folder``."""
    execdash(folder, "db", "upgrade")
    for kind, rows in _files().items():
        path = folder / f"{kind}.csv"
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        execdash(folder, "import", kind, str(path))
