"""Excel workbooks: numbers are numbers, all else is text, and nothing is ever a formula."""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from errno import EIO
from itertools import chain
from typing import IO

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from api.csv_files import Cell, Number
from api.errors import BadRequest

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 1_048_575  # what a sheet holds, without its header
LONGEST_TEXT = 32_767  # what a cell holds
WIDEST, NARROWEST = 40, 10
# Rows leave memory as they are written; text is never taken for a formula or an address.
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def write_xlsx(file: IO[bytes], header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write a table, each row when it comes. Raises ``BadRequest`` for more than a sheet holds.

    Raises ``OSError`` where there is no room.
    """
    try:
        with xlsxwriter.Workbook(file, OPTIONS) as workbook:
            _fill(workbook, header, rows)
    except FileCreateError as error:  # the library's name for any of them, and no OSError
        raise OSError(EIO, str(error)) from error


def _fill(
    workbook: xlsxwriter.Workbook, header: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> None:
    sheet = workbook.add_worksheet()
    bold = workbook.add_format({"bold": True})
    sheet.freeze_panes(1, 0)
    ahead, lines = _sample(rows)
    for column, name in enumerate(header):
        texts = [name, *(str(row[column] or "") for row in ahead)]
        width = min(max(NARROWEST, *map(len, texts)), WIDEST)
        sheet.set_column(column, column, width + 1)
    sheet.write_row(0, 0, header, bold)
    for number, line in enumerate(lines, start=1):
        if number > MOST_ROWS:
            raise BadRequest(f"A sheet holds {MOST_ROWS:,} rows and there are more: take CSV.")
        for column, value in enumerate(line):
            _write_cell(sheet, number, column, value)


def _sample(
    rows: Iterable[Sequence[Cell]],
) -> tuple[list[Sequence[Cell]], Iterator[Sequence[Cell]]]:
    """The first rows, of which columns get their width, and all of them."""
    lines = iter(rows)
    ahead = [line for line, _ in zip(lines, range(100), strict=False)]
    return ahead, chain(ahead, lines)


def _write_cell(sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, value: Cell) -> None:
    if value is None:
        return
    if isinstance(value, str) and not isinstance(value, Number):
        sheet.write_string(row, column, NOT_IN_XML.sub("", value)[:LONGEST_TEXT])
    else:
        sheet.write_number(row, column, float(Decimal(value)))
