"""Rows as they were before an import changed them, so that the import can be taken back."""

from sqlalchemy import Column, ForeignKey, Table

from api.storage import tables


def _replaced(table: Table) -> Table:
    """``table``'s columns, and the import that replaced the row."""
    return Table(
        f"{table.name}_replaced",
        tables.metadata,
        Column("replaced_by", ForeignKey("imports.id"), primary_key=True, autoincrement=False),
        *(
            Column(
                column.name,
                column.type,
                primary_key=column.primary_key,
                nullable=column.nullable,
                autoincrement=False,
            )
            for column in table.c
        ),
    )


REPLACED = {
    table.name: _replaced(table)
    for table in (
        tables.orders,
        tables.customers,
        tables.expenses,
        tables.revenue_trend,
        tables.retention_nrr,
        tables.pipeline,
        tables.uptime,
        tables.targets,
        tables.risks,
        tables.inventory,
    )
}
