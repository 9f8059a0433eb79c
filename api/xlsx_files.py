"""Excel workbooks of one sheet: numbers are numbers, all else is text, and nothing is a formula.

Written here and not by a library: a sheet is lines of text, and those that write any workbook
take four times as long, in which a process answers nobody else (``tests/unit/test_xlsx_files.py``).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from io import TextIOWrapper
from itertools import chain, islice
from typing import IO
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from api.csv_files import Cell, Number
from api.errors import BadRequest

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 1_048_575  # what a sheet holds, without its header
LONGEST_TEXT = 32_767  # what a cell holds
WIDEST, NARROWEST = 40, 10
ROWS_MEASURED = 100  # of which columns get their width
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
READ_AS_A_CHARACTER = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # "_x0041_" would be shown as "A"

BOLD = ' s="1"'

_SHEET = "xl/worksheets/sheet1.xml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org"
_MAIN = f'xmlns="{_OFFICE}/spreadsheetml/2006/main"'
_LINKS = f'xmlns="{_OFFICE}/package/2006/relationships"'
_LINK = f"{_OFFICE}/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
# What every workbook of one sheet needs beside it; its second style is bold.
_AROUND = {
    "[Content_Types].xml": f'<Types xmlns="{_OFFICE}/package/2006/content-types">'
    '<Default Extension="rels"'
    ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/{_SHEET}" ContentType="{_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>',
    "_rels/.rels": f'<Relationships {_LINKS}><Relationship Id="rId1"'
    f' Type="{_LINK}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="{_LINK}">'
    "<bookViews><workbookView/></bookViews>"
    '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f"<Relationships {_LINKS}>"
    f'<Relationship Id="rId1" Type="{_LINK}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_LINK}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f"<styleSheet {_MAIN}>"
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>",
}
# The header stays in sight.
_VIEW = (
    '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2"'
    ' activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
)


def write_xlsx(file: IO[bytes], header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write a table, each row when it comes. Raises ``BadRequest`` for more than a sheet holds."""
    with ZipFile(file, "w", ZIP_DEFLATED) as book:
        for name, content in _AROUND.items():
            book.writestr(name, f"{_XML}{content}")
        with (
            book.open(_SHEET, "w", force_zip64=True) as part,
            TextIOWrapper(part, "utf-8", newline="") as sheet,
        ):
            sheet.writelines(_sheet(header, rows))


def _sheet(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    lines = iter(rows)
    ahead = list(islice(lines, ROWS_MEASURED))
    columns = [_letters(number) for number in range(1, len(header) + 1)]
    yield f"{_XML}<worksheet {_MAIN}>{_VIEW}<cols>"
    for number, name in enumerate(header, start=1):
        texts = [name, *(str(row[number - 1] or "") for row in ahead)]
        width = min(max(NARROWEST, *map(len, texts)), WIDEST) + 1
        yield f'<col min="{number}" max="{number}" width="{width}" customWidth="1"/>'
    yield f"</cols><sheetData>{_row(columns, 1, header, BOLD)}"
    for number, line in enumerate(chain(ahead, lines), start=2):
        if number > MOST_ROWS + 1:
            raise BadRequest(f"A sheet holds {MOST_ROWS:,} rows and there are more: take CSV.")
        yield _row(columns, number, line)
    yield "</sheetData></worksheet>"


def _row(columns: Sequence[str], number: int, line: Sequence[Cell], style: str = "") -> str:
    cells = [
        _cell(f'r="{column}{number}"{style}', value)
        for column, value in zip(columns, line, strict=True)
        if value is not None
    ]
    return f'<row r="{number}">{"".join(cells)}</row>'


def _cell(place: str, value: str | float) -> str:
    if isinstance(value, str) and not isinstance(value, Number):
        return f'<c {place} t="inlineStr"><is><t xml:space="preserve">{_text(value)}</t></is></c>'
    return f"<c {place}><v>{value}</v></c>"


def _text(value: str) -> str:
    kept = READ_AS_A_CHARACTER.sub("_x005F_", NOT_IN_XML.sub("", value)[:LONGEST_TEXT])
    return escape(kept, {"\r": "_x000D_"})


def _letters(number: int) -> str:
    """The name of a column: A to Z, then AA."""
    before, last = divmod(number - 1, 26)
    return (_letters(before) if before else "") + chr(ord("A") + last)
