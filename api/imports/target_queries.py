"""What the targets are, in words, so that the audit trail can say what became another."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.storage.tables import targets

Goals = dict[str, str]
"""From ``gm 2026-01`` or, for the default, ``gm`` to the row in words."""


def goals(session: Session) -> Goals:
    """Every target there is."""
    rows = session.execute(select(targets).order_by(targets.c.kpi, targets.c.period))
    return {
        f"{row.kpi} {row.period}".strip(): f"target {row.target}, watch {row.watch},"
        f" act {row.act}, good direction {row.good_direction}"
        for row in rows
    }
