"""Tables as files: CSV, and the smallest workbook that spreadsheet programs open. Source: ECMA-376, part 1, 18.3."""

import csv
import io
from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from polycast.core.files import write_zip

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Cell = str | int | float | None
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_KIND: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")  # what makes a program compute


def workbook(name: str, rows: Iterable[Sequence[Cell]]) -> bytes:
    """One sheet. Text is text whatever it begins with: nothing in it is computed."""
    body = "".join(_row(number, row) for number, row in enumerate(rows, 1))
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name="{_title(name)}" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>{body}</sheetData></worksheet>',
    }
    made = io.BytesIO()
    with write_zip(made) as packed:
        for path, text in parts.items():
            packed.add_bytes(path, f"{_HEAD}{text}".encode())
    return made.getvalue()


def _row(number: int, cells: Sequence[Cell]) -> str:
    found = "".join(_cell(f"{_letters(column)}{number}", value) for column, value in enumerate(cells))
    return f'<row r="{number}">{found}</row>'


def _cell(place: str, value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        plain = "".join(ch for ch in value if ch >= " " or ch in "\t\n")
        return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(plain, quote=False)}</t></is></c>'
    return f'<c r="{place}"><v>{value}</v></c>'


def _letters(column: int) -> str:
    """0 is A, 26 is AA."""
    found = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(65 + rest) + found
    return found


def _title(name: str) -> str:
    """At most 31 characters, none of those that a sheet's name may not hold."""
    plain = "".join("_" if ch in "[]:*?/\\'" else ch for ch in name if ch >= " ")[:31]
    return escape(plain or "Sheet")


def comma_separated(rows: Iterable[Sequence[Cell]]) -> bytes:
    """UTF-8 with a mark, as spreadsheet programs want it; what would be computed is quoted."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\r\n")
    for row in rows:
        writer.writerow([_quoted(value) for value in row])
    return b"\xef\xbb\xbf" + made.getvalue().encode()


def _quoted(value: Cell) -> Cell:
    return f"'{value}" if isinstance(value, str) and value.startswith(_STARTS) else value


def tab_separated(rows: Iterable[Sequence[Cell]]) -> bytes:
    """UTF-8, one line a row; tabs and line ends within a cell become spaces."""
    lines = ["\t".join(" ".join(str("" if one is None else one).split()) for one in row) for row in rows]
    return ("\r\n".join(lines) + "\r\n").encode()
