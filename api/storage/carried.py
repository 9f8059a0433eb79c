"""What a restore must not undo: tokens that were revoked, sessions that ended, the audit trail."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import Connection, insert, inspect, select, update

from api.storage.account_tables import account_sessions, api_tokens, audit_events
from api.storage.trail import tell

_TOLD = [column for column in audit_events.c if column.name != "id"]

AuditRow = tuple[object, ...]


@dataclass(frozen=True)
class Carried:
    """What the database that is replaced knows, and its backup perhaps not."""

    revoked: Sequence[Mapping[str, Any]]
    trail: Sequence[AuditRow]

    @classmethod
    def out_of(cls, connection: Connection) -> Self:
        """Read it; nothing of a database that is empty, or older than accounts."""
        if not inspect(connection).has_table(audit_events.name):
            return cls([], [])
        columns = [column for column in api_tokens.c if column.name != "id"]
        revoked = select(*columns).where(api_tokens.c.revoked_at.is_not(None))
        rows = [{**row} for row in connection.execute(revoked).mappings()]
        return cls(rows, _trail(connection))

    def into(self, connection: Connection, source: str, taken_at: datetime, now: datetime) -> None:
        """Add it to what was restored from ``source``, and tell the audit trail."""
        for token in self.revoked:
            _revoke(connection, token)
        lasting = update(account_sessions).where(account_sessions.c.ended_at.is_(None))
        ended = connection.execute(lasting.values(ended_at=now))
        # Without numbers: those that a backup lacks come after all that it has.
        lacking = list((Counter(self.trail) - Counter(_trail(connection))).elements())
        detail = (
            f"taken {taken_at:%Y-%m-%dT%H:%M:%SZ}; {ended.rowcount} sessions ended; of the"
            f" replaced database: {len(self.revoked)} revoked tokens, {len(lacking)} audit rows"
        )
        printable = source.encode("utf-8", "replace").decode()
        names = [column.name for column in _TOLD]
        if rows := [dict(zip(names, row, strict=True)) for row in lacking]:
            connection.execute(insert(audit_events), rows)
        tell(connection, now, "restored", f"backup {printable}", detail)


def _trail(connection: Connection) -> list[AuditRow]:
    rows = connection.execute(select(*_TOLD).order_by(audit_events.c.id))
    return [tuple(row) for row in rows]


def _revoke(connection: Connection, token: Mapping[str, Any]) -> None:
    """A token that came after the backup is kept too, or its file would make it known again."""
    same = api_tokens.c.token_hash == token["token_hash"]
    revoked = update(api_tokens).where(same).values(revoked_at=token["revoked_at"])
    if connection.execute(revoked).rowcount == 0:
        connection.execute(insert(api_tokens).values(**token))
